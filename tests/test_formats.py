"""Output formats are rows of one table: what it takes to add one, unknown names, and plain text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from conftest import ROOT
from docx_samples import FORM, NOTICE, REGULATION, SET, UNIT, doc, inline, para, row, setof
from hypothesis import given
from hypothesis import strategies as st

from toolkit import api, formats
from toolkit.cli import cli
from toolkit.core.findings import UsageError
from toolkit.formats.txt import width, wrap
from toolkit.minutes import making
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Cell, Column, FormField, Table, Text
from toolkit.numbering.labels import number_set

RECORDS = ROOT / "examples/records"


def run(*args: object):
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def text_of(document, whole=SET) -> str:
    writer = formats.named("txt").open(formats.Setting())
    return writer.write(document, number_set(whole))[0].decode()


# --- the table -------------------------------------------------------------------------------------------------------


def test_the_table_is_read_without_any_writer():
    code = "import sys, toolkit.formats; print([name for name in sys.modules if name.startswith('toolkit.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "['toolkit.core', 'toolkit.core.classes', 'toolkit.core.findings', 'toolkit.formats']"


def test_an_unknown_format_is_told_with_the_known_ones(village_profile, tmp_path):
    """No format is made in silence instead of another one (once an unknown name of a form meant DOCX)."""
    unit = Unit(village_profile)
    form = unit.named("topical_study")
    minutes = sorted(RECORDS.glob("*专题研究*"))[0]
    register = api.register(village_profile, RECORDS, today="2026-07-01")
    calls = [
        lambda: making.write(unit, form, "odt"),
        lambda: api.make(village_profile, formats=["docx", "odt"]),
        lambda: api.check(village_profile, formats=["odt"]),
        lambda: api.generate(village_profile, tmp_path / "out", formats=["odt"]),
        lambda: api.batch("units.csv", tmp_path / "batch", formats=["odt"]),
        lambda: api.minutes_fill(village_profile, minutes, format="odt"),
        lambda: api.minutes_summary(village_profile, minutes, format="odt"),
        lambda: api.register_report(register, "odt"),
    ]
    for call in calls:
        with pytest.raises(UsageError, match="没有“odt”这种格式") as caught:
            call()
        assert caught.value.code == "unknown_format"
        assert all(name in caught.value.hint for name in ("docx", "pdf", "txt")), caught.value.hint
    with pytest.raises(UsageError, match="没有写明格式"):
        api.make(village_profile, formats=[])


def test_a_format_that_is_added_works_everywhere(monkeypatch, village_profile, tmp_path):
    """The worked example of docs/extending.md: a module and a row."""
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    section = page.partition("## An output format")[2].partition("\n## ")[0]
    (module, line) = re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    added = ModuleType("toolkit.formats.md")
    exec(compile(module, "docs/extending.md", "exec"), added.__dict__)
    monkeypatch.setitem(sys.modules, "toolkit.formats.md", added)
    (row,) = eval(line, vars(formats))
    monkeypatch.setitem(formats.FORMATS, "md", row)
    made = api.make(village_profile, only=["regulation"], formats=["md", "docx"]).files
    assert [Path(name).suffix for name in made][:2] == [".docx", ".md"]
    regulation = made["01-意识形态工作责任制实施办法.md"].decode()
    assert regulation.startswith("# 青禾县柳溪镇柳河村") and "\n\n第一条　" in regulation
    minutes = sorted(RECORDS.glob("*专题研究*"))[0]
    assert api.minutes_fill(village_profile, minutes, format="md").data.startswith(b"# ")
    api.generate(village_profile, tmp_path / "out", formats=["md"])
    assert len(list((tmp_path / "out").glob("*.md"))) > 30


# --- plain text ------------------------------------------------------------------------------------------------------


def test_text_of_a_regulation_is_one_line_a_paragraph():
    lines = text_of(REGULATION).split("\n")
    assert lines[:3] == [REGULATION.title, "（2026年1月5日通过）", ""]
    assert lines[3] == "第一章　总则" and lines[4].startswith("　　第一条　为了明确“责任”")
    assert "　　1.来源；" in lines and "　　（二）办理的情况：" in lines
    assert (
        "　　本办法适用于各村民小组 R&D <甲>。" not in lines
        and "　　第二条　本办法适用于各村民小组 R&D <甲>。" in lines
    )
    assert lines[-1] == "" and lines[-2] != "" and "\r" not in "".join(lines)


def test_every_document_of_the_examples_is_written(village_profile):
    made = api.make(village_profile, formats=["txt"])
    texts = {name: data.decode() for name, data in made.files.items() if name.endswith(".txt")}
    assert len(texts) == len(made.documents) and not any(name.endswith(".docx") for name in made.files)
    for document in made.documents:
        (text,) = (text for name, text in texts.items() if name.startswith(f"{document.number:02d}-"))
        assert document.title in text and text.endswith("\n") and not re.search(r"\n\n\n\n|\t|[ ]\n", text)
        for line in text.split("\n"):
            assert " | " not in line or width(line) <= 110


def test_columns_of_a_table_are_aligned():
    cells = [
        Cell((inline("检查评分、自查和整改结果"),), rowspan=2),
        Cell((inline("甲“乙”"), inline("R&D 2026")), colspan=2, align="right"),
    ]
    table = Table("t", (Column(), Column(), Column()), (row(*cells), row("丙", "丁"), row("一", "二", "三")), 1)
    lines = text_of(doc(body=(table,)), setof(doc(body=(table,)))).split("\n")[2:-1]
    assert lines == [
        "检查评分、自查和整改结果 | 甲“乙”",
        "                         | R&D 2026",
        "-------------------------+----+----",
        "                         | 丙 | 丁",
        "-------------------------+----+----",
        "一                       | 二 | 三",
    ]


def test_a_field_is_a_blank_a_value_or_boxes():
    fields = [
        ("地点：", FormField("a", "text", "地点"), "________________"),
        ("日期：", FormField("b", "date", "日期"), "________年____月____日"),
        ("结果：", FormField("c", "choice", "结果", options=("是", "否")), "□是　□否"),
        ("已办", FormField("d", "check", "已办", value="是"), "☑"),
        ("日期：", FormField("e", "date", "日期", value="2026-03-05"), "2026年3月5日"),
        ("第", FormField("f", "number", "次数", value="2"), "2"),
    ]
    body = tuple(para(f"p{number}", label, field) for number, (label, field, _) in enumerate(fields))
    lines = text_of(doc("form", "none", body), setof(doc("form", "none", body))).split("\n")
    assert [line for line in lines if line.startswith("　　")] == [f"　　{label}{shown}" for label, _, shown in fields]
    assert "议题" in text_of(FORM) and "主持人" in text_of(FORM)


def test_what_is_around_the_body_and_an_enclosure():
    text = text_of(NOTICE)
    assert NOTICE.title in text and (not NOTICE.doc_number or NOTICE.doc_number in text)
    if NOTICE.enclosure is not None:
        assert text.index(NOTICE.title) < text.rindex(NOTICE.enclosure.title)
    signed = doc(
        "n", "none", (para("p", "正文。"),), issuer=UNIT, doc_date="2026-01-05", conclusions=True, copy_to="甲。"
    )
    signed = replace(signed, attachments=("登记表", "名单"), participants=(("出席", "张三"),), printing_office="办公室")
    lines = text_of(signed, setof(signed)).split("\n")
    assert "　　附件：1.登记表" in lines and "　　　　　2.名单" in lines and "　　出席：张三" in lines
    assert "抄送：甲。" in lines and "办公室　印发" in lines
    issuer, date = (next(line for line in lines if line.strip("　") == text) for text in (UNIT, "2026年1月5日"))
    assert abs((width(issuer) + width(issuer) - width(UNIT)) - (width(date) + width(date) - width("2026年1月5日"))) <= 4


def test_marks_of_a_redline_are_refused():
    for body in ((para("p", Text("新", "ins")),), (replace(para("p", "旧"), mark="del"),)):
        with pytest.raises(ValueError, match="修订标记"):
            text_of(doc(body=body), setof(doc(body=body)))


@given(st.text("甲乙，。（）“”ab12 -/", max_size=60), st.integers(4, 30))
def test_wrapping_loses_nothing_and_stays_in_its_bounds(text, columns):
    lines = wrap(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= columns for line in lines)


def test_a_closing_mark_does_not_begin_a_line_nor_an_opening_one_end_it():
    assert wrap("答复记录，记事项", 8) == ["答复记", "录，记事", "项"]
    assert wrap("答复记（记事项）", 8) == ["答复记", "（记事", "项）"]


# --- the command line ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_generate_beside_what_is_there(village_profile, tmp_path):
    out = tmp_path / "out"
    assert run("generate", village_profile, "-o", out).exit_code == 0
    assert run("generate", village_profile, "-o", out, "--format", "txt", "--format", "docx").exit_code == 0
    listed = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    stems = {Path(name).stem for name in listed if name.endswith(".docx")}
    assert stems == {Path(name).stem for name in listed if name.endswith(".txt")}
    changed = out / "01-意识形态工作责任制实施办法.txt"
    assert not changed.read_bytes().startswith(b"\xef\xbb\xbf")
    changed.write_text("改过", encoding="utf-8")
    assert "01-意识形态工作责任制实施办法.txt：改过" in run("status", out).stdout
    result = run("generate", village_profile, "-o", out, "--format", "txt")
    assert result.exit_code == 1 and changed.read_text(encoding="utf-8") == "改过"


def test_text_where_the_suffix_asks_for_it(village_profile, tmp_path):
    minutes = sorted(RECORDS.glob("*专题研究*"))[0]
    for command in (
        ("minutes", "fill", village_profile, minutes, "-o", tmp_path / "form.txt"),
        ("minutes", "summary", village_profile, minutes, "-o", tmp_path / "summary.txt"),
        ("register", village_profile, RECORDS, "--today", "2026-07-01", "-o", tmp_path / "register.txt"),
    ):
        result = run(*command)
        assert result.exit_code in (0, 1) and "已写入" in result.stdout, result.output
    texts = [(tmp_path / f"{name}.txt").read_text(encoding="utf-8") for name in ("form", "summary", "register")]
    assert "专题研究会议记录" in texts[0] and "纪要" in texts[1] and " | " in texts[2]
    assert run("minutes", "summary", village_profile, minutes, "-o", tmp_path / "a.odt").exit_code == 2


def test_a_table_of_changes_as_text(village_profile, tmp_path):
    """Once a file that ends in .txt got the bytes of a DOCX."""
    changed = tmp_path / "new.yaml"
    changed.write_text(village_profile.read_text(encoding="utf-8") + "频次.专题研究: 每季度至少1次\n", encoding="utf-8")
    out = tmp_path / "table.txt"
    result = run("diff", village_profile, changed, "--only", "regulation", "-f", "table", "-o", out)
    assert result.exit_code == 1, result.output
    assert " | " in out.read_text(encoding="utf-8")
