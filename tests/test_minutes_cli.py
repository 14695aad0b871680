"""The commands: minutes, register, template; their files, words and exit codes."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from docx import Document
from minutes_samples import GOOD, VILLAGE, content, good, read_back, village, with_row, written

from toolkit.core.findings import EXIT_FILES, EXIT_FINDINGS, EXIT_OK, EXIT_USAGE
from toolkit.docx.reading import filled_forms as reader
from toolkit.forms import to_yaml

RECORDS = ROOT / "examples/records"


def data_file(data=GOOD, name: str = "data.yaml") -> Path:
    path = Path(name)
    path.write_text(to_yaml(data), encoding="utf-8")
    return path


def test_new_fill_read_check_summary(run):
    code, out, _ = run(
        "minutes",
        "new",
        VILLAGE,
        "--meeting",
        "topical_study",
        "--records",
        RECORDS,
        "--date",
        "2026年12月2日",
        "-o",
        "new.docx",
    )
    assert code == EXIT_OK and "已写入 new.docx" in out
    assert reader.read(Path("new.docx").read_bytes()).get("ordinal") == "4"
    code, out, _ = run("minutes", "fill", VILLAGE, data_file(), "-o", "a.docx")
    assert code == EXIT_OK and content(read_back(Path("a.docx").read_bytes())) == content(GOOD)
    before = Path("a.docx").read_bytes()
    assert run("minutes", "read", "a.docx", "-o", "b.yaml")[0] == EXIT_OK
    assert (
        run("minutes", "fill", VILLAGE, "b.yaml", "-o", "b.docx")[0] == EXIT_OK
        and Path("b.docx").read_bytes() == before
    )
    code, out, _ = run("minutes", "check", VILLAGE, "a.docx", "b.yaml")
    assert code == EXIT_OK and "没有发现问题" in out
    code, out, _ = run("minutes", "summary", VILLAGE, "a.docx", "-o", "c.docx")
    assert code == EXIT_OK
    text = "".join(zipfile.ZipFile("c.docx").read("word/document.xml").decode())
    assert "议决定" in text and "甲某：宣传栏" not in text and "NameLabel" in text


def test_a_new_form_in_every_format(run):
    """The suffix names the format, or the option does; what the two disagree on and what is unknown is refused."""
    new = ("minutes", "new", VILLAGE, "--meeting", "topical_study", "-o")
    code, out, _ = run(*new, "a.pdf")
    assert code == EXIT_OK and Path("a.pdf").read_bytes().startswith(b"%PDF") and "下一步" not in out
    assert run(*new, "a.txt", "--format", "txt")[0] == EXIT_OK and "会议日期" in Path("a.txt").read_text("utf-8")
    assert (
        run(*new, "a.docx")[0] == EXIT_OK
        and reader.read(Path("a.docx").read_bytes()).document == "minutes_topical_study"
    )
    for words in (("a.odt",), ("a.txt", "--format", "docx"), ("a.txt", "--format", "odt")):
        code, _, err = run(*new, *words)
        assert code == EXIT_USAGE and "错误" in err, words


def test_a_meeting_is_found_by_its_name_and_corrected(run):
    assert run("minutes", "new", VILLAGE, "--meeting", "党员大会", "-o", "a.docx")[0] == EXIT_OK
    code, _, err = run("minutes", "new", VILLAGE, "--meeting", "topical_stud", "-o", "b.docx")
    assert code == EXIT_USAGE and "是不是“topical_study”" in err
    other = ("minutes", "new", VILLAGE, "--meeting", "checklist_quarterly", "-o", "b.docx")
    code, _, err = run(*other, "--notice", "n.docx")
    assert code == EXIT_USAGE and "不是会议记录" in err and not Path("b.docx").exists()
    assert run(*other)[0] == EXIT_OK


def test_pdf_and_names_of_files(run):
    data_file()
    assert run("minutes", "fill", VILLAGE, "data.yaml", "--format", "pdf", "-o", "a.pdf")[0] == EXIT_OK
    assert Path("a.pdf").read_bytes().startswith(b"%PDF")
    assert run("minutes", "fill", VILLAGE, "data.yaml", "--format", "pdf", "-o", "a.docx")[0] == EXIT_USAGE
    code, _, err = run("minutes", "fill", VILLAGE, "data.yaml", "-o", "a.odt")
    assert code == EXIT_USAGE and "扩展名" in err


def test_nothing_is_overwritten_without_force(run):
    data_file()
    Path("a.docx").write_bytes(b"mine")
    code, _, err = run("minutes", "fill", VILLAGE, "data.yaml", "-o", "a.docx")
    assert code == EXIT_FINDINGS and "不会覆盖" in err and Path("a.docx").read_bytes() == b"mine"
    assert run("minutes", "fill", VILLAGE, "data.yaml", "-o", "a.docx", "--force")[0] == EXIT_OK


def test_errors_have_their_exit_codes(run):
    data_file(good(held_on="2026年2月30日"))
    code, _, err = run("minutes", "fill", VILLAGE, "data.yaml", "-o", "a.docx")
    assert code == EXIT_FINDINGS and "bad_date" in err and Path("a.docx").is_file()
    assert run("minutes", "check", VILLAGE, "missing.docx")[0] == EXIT_FILES
    Path("x.docx").write_bytes(b"x")
    assert run("minutes", "read", "x.docx")[0] == EXIT_FILES
    code, out, _ = run("minutes", "check", VILLAGE, "a.docx", "--json")
    data = json.loads(out)
    assert code == EXIT_FINDINGS and data["errors"] == 1 and data["findings"][0]["code"] == "bad_date"
    assert run("minutes", "nothing")[0] == EXIT_USAGE


@pytest.mark.parametrize(
    "text",
    [
        "填写:\n  会议日起: 2026-03-05\n",
        "表格:\n  votes:\n  - {表决事顶: 年度安排}\n",
        "表格:\n  没有的表:\n  - {甲: 乙}\n",
        "填写: 甲\n",
    ],
)
def test_data_without_a_place_are_refused_and_nothing_is_written(run, text):
    """What the form has no place for would be lost: exit code as for errors, no file, an old one untouched."""
    Path("data.yaml").write_text("表单: minutes_topical_study\n" + text, encoding="utf-8")
    code, out, err = run("minutes", "fill", VILLAGE, "data.yaml", "-o", "a.docx")
    assert code == EXIT_FINDINGS and not Path("a.docx").exists() and "已写入" not in out
    assert "unknown_field" in err or "form_shape" in err
    Path("a.docx").write_bytes(b"mine")
    assert run("minutes", "fill", VILLAGE, "data.yaml", "-o", "a.docx", "--force")[0] == EXIT_FINDINGS
    assert Path("a.docx").read_bytes() == b"mine"


@pytest.mark.slow
def test_a_day_that_does_not_exist_is_told_and_printed_as_typed(run):
    Path("records").mkdir()
    minutes = with_row("resolutions", 2, good(held_on="2026-02-30", written_on="2026-02-31"), finish_by="2026-02-30")
    path = data_file(minutes, "records/a.yaml")
    for args in (
        ("check", VILLAGE, path),
        ("summary", VILLAGE, path, "-o", "s.docx"),
        ("fill", VILLAGE, path, "-o", "f.docx"),
    ):
        code, out, err = run("minutes", *args)
        assert code == EXIT_FINDINGS and "“2026-02-30”这一天不存在" in out + err
    year = ("register", VILLAGE, "records", "--year", 2026, "--today", "2026-11-15")
    for suffix in ("xlsx", "docx", "pdf", "json", "ics"):
        assert run(*year, "-o", f"a.{suffix}")[0] == EXIT_FINDINGS and Path(f"a.{suffix}").is_file()
    new = run(
        "minutes",
        "new",
        VILLAGE,
        "--meeting",
        "topical_study",
        "--records",
        "records",
        "--date",
        "2026-12-02",
        "-o",
        "n.docx",
    )
    assert new[0] == EXIT_OK
    previous = reader.read(Path("n.docx").read_bytes()).rows("previous")
    assert any(row.values.get("past_note", "").startswith("2026-02-30议定") for row in previous)


def test_reading_several_prints_them_all(run):
    for name in ("a.docx", "b.docx"):
        Path(name).write_bytes(written())
    code, out, _ = run("minutes", "read", "a.docx", "b.docx")
    assert code == EXIT_OK and out.count("表单: minutes_topical_study") == 2 and "---\n# b.docx" in out
    assert run("minutes", "read", "a.docx", "b.docx", "-o", "c.yaml")[0] == EXIT_USAGE


def test_answers_at_the_terminal(run, monkeypatch):
    """Every question in order; a bad answer is asked again."""
    from toolkit.cli import console

    asked: list[str] = []
    given = {
        "会议日期（例：2026-01-05）": ["昨天", "2026年3月5日"],
        "地点": ["会议室"],
        "议定事项": ["", "核对账号"],
        "责任岗位": ["村文书"],
    }

    def prompt(question, default="", **_):
        asked.append(question)
        answers = given.get(question, [])
        return answers.pop(0) if answers else default

    monkeypatch.setattr(console, "at_terminal", lambda: True)
    monkeypatch.setattr(console.click, "prompt", prompt)
    code, _, err = run("minutes", "fill", VILLAGE, "--meeting", "topical_study", "-o", "a.docx")
    assert code == EXIT_OK and "不是日期" in err
    back = read_back(Path("a.docx").read_bytes())
    assert back.get("held_on") == "2026-03-05" and back.get("place") == "会议室" and back.get("expected") == "4"
    assert [dict(row.values) for row in back.tables["resolutions"]] == [{"decided": "核对账号", "duty_post": "村文书"}]
    assert len(back.tables["attendance"]) == 4 and "表决结果（通过、没有通过）" not in asked


def test_without_a_terminal_data_are_needed(run):
    code, _, err = run("minutes", "fill", VILLAGE, "--meeting", "topical_study", "-o", "a.docx")
    assert code == EXIT_USAGE and "缺少数据文件" in err


def test_the_summary_masks_and_the_public_one_reduces(run, tmp_path):
    profile = tmp_path / "unit.yaml"
    profile.write_text(
        VILLAGE.read_text(encoding="utf-8").replace("丁某", "丁小明").replace("甲某", "欧阳小明"), encoding="utf-8"
    )
    data = good(topics="一、值班电话 13812345678", chair="丁小明（党支部书记）")
    data = with_row("attendance", 1, with_row("attendance", 2, data, name="欧阳小明"), name="丁小明")
    data_file(data)
    assert run("minutes", "fill", profile, "data.yaml", "-o", "a.docx")[0] == EXIT_OK
    texts = {}
    for name, more in (("own.docx", ()), ("public.docx", ("--public",))):
        run("minutes", "summary", profile, "a.docx", "-o", name, *more)
        xml = zipfile.ZipFile(name).read("word/document.xml").decode()
        assert "13812345678" not in xml and "138****5678" in xml
        texts[name] = xml
    assert "丁小明" in texts["own.docx"] and "丁小明" not in texts["public.docx"] and "丁某某" in texts["public.docx"]
    assert "欧阳某某" in texts["public.docx"]
    code, _, err = run("minutes", "summary", profile, VILLAGE, "-o", "x.docx")
    assert code == EXIT_FINDINGS and "not_a_form" in err


def test_register_at_the_terminal_and_as_files(run):
    code, out, err = run("register", VILLAGE, RECORDS, "--today", "2026-11-25")
    assert code == EXIT_OK and "履责台账" in out and "duty_overdue" in err and "3/4" in out
    for name in ("r.xlsx", "r.docx", "r.pdf", "r.json", "r.ics"):
        code, out, _ = run("register", VILLAGE, RECORDS, "--today", "2026-11-25", "--year", "2026", "-o", name)
        assert code == EXIT_OK and f"已写入 {name}" in out and Path(name).stat().st_size > 500
    assert run("register", VILLAGE, RECORDS, "-o", "r.csv")[0] == EXIT_USAGE
    assert run("register", VILLAGE, "nowhere")[0] == EXIT_FILES
    code, out, _ = run("register", VILLAGE, RECORDS, "--today", "2027-11-25", "--year", "2027")
    assert code == EXIT_OK and "2027年度" in out


def test_register_says_what_is_wrong_between_files(run):
    Path("R").mkdir()
    for name in ("a.docx", "b.docx"):
        Path("R", name).write_bytes(written(good(place=name)))
    code, _, err = run("register", VILLAGE, "R", "--today", "2026-03-10")
    assert code == EXIT_FINDINGS and "meeting_twice" in err


# --- templates of one's own -------------------------------------------------------------------------------------


def template(name: str, *lines: str) -> Path:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(name)
    return Path(name)


@pytest.mark.slow
def test_template_check_lists_paths_types_and_places(run):
    path = template(
        "own.docx",
        "{{ unit.full_name }}{{ meeting.quorum.to_meet }}",
        "{% for p in attendance %}{{ p.name }}{% endfor %}",
        "{% if discussion %}{{ discussion }}{% endif %}",
    )
    code, out, _ = run("template", "check", path)
    assert code == EXIT_OK
    assert "attendance[].name" in out and "列表" in out and "多行文字" in out and "正文 第2段" in out
    code, out, _ = run("template", "check", path, "--json")
    data = json.loads(out)
    assert {one["path"]: one["type"] for one in data["variables"]}["meeting.quorum.to_meet"] == "文字" and not data[
        "findings"
    ]


def test_template_check_tells_everything_at_once(run):
    document = Document()
    document.add_paragraph("{{ unit.leader.name2 }} {{ helt_on }}")
    document.add_paragraph("{% for r in resolutions %}{{ r.decidet }}{% endfor %}")
    document.add_paragraph("{{ unit.full_name }").runs[0].font.name = "x"
    document.add_paragraph("{% if a %}{{ held_on }}")
    document.paragraphs[0]._p.get_or_add_pPr().get_or_add_pStyle().val = "NoSuchStyle"
    document.save("own.docx")
    code, out, _ = run("template", "check", "own.docx", "--json")
    found = {(one["code"], one.get("subject", "")): one for one in json.loads(out)["findings"]}
    assert code == EXIT_FINDINGS
    assert ("template_unknown_variable", "unit.leader.name2") in found
    assert "held_on" in found["template_unknown_variable", "helt_on"]["hint"]
    assert "resolutions[].decided" in found["template_unknown_variable", "resolutions[].decidet"]["hint"]
    assert "正文 第2段" in found["template_unknown_variable", "resolutions[].decidet"]["message"]
    assert {"template_syntax", "template_missing_style"} <= {code for code, _ in found}
    assert any("没有配对" in one["message"] for one in found.values()) and any(
        "没有结束" in one["message"] for one in found.values()
    )


def test_template_check_of_what_is_no_template(run):
    Path("x.docx").write_bytes(b"x")
    code, out, _ = run("template", "check", "x.docx")
    assert code == EXIT_FINDINGS and "template_not_docx" in out
    assert run("template", "check", "missing.docx")[0] == EXIT_FILES
    assert run("template", "check", template("a.docx", "x"), "--kind", "villag")[0] == EXIT_USAGE


def test_an_own_template_is_filled(run):
    path = template(
        "own.docx",
        "{{ unit.full_name }} {{ held_on }}",
        "{% for p in attendance %}{{ p.name }}、{% endfor %}",
        "{{ place }}",
    )
    data_file(good(place="R&D <会议室> {{ 1/0 }}"))
    assert run("minutes", "fill", VILLAGE, "data.yaml", "--template", path, "-o", "a.docx")[0] == EXIT_OK
    lines = [line.text for line in Document("a.docx").paragraphs]
    assert lines == [f"{village().set.unit} 2026年3月5日", "丁某、甲某、戊某、己某、庚某、", "R&D <会议室> {{ 1/0 }}"]
    before = Path("a.docx").read_bytes()
    assert (
        run("minutes", "fill", VILLAGE, "data.yaml", "--template", path, "-o", "a.docx")[0] == EXIT_OK
        and Path("a.docx").read_bytes() == before
    )
    bad = template("bad.docx", "{{ ''.__class__.__mro__ }}", "{{ helt_on }}")
    code, _, err = run("minutes", "fill", VILLAGE, "data.yaml", "--template", bad, "-o", "b.docx")
    assert code == EXIT_FINDINGS and "helt_on" in err and not Path("b.docx").exists()


def test_the_sandbox_holds(run):
    path = template("own.docx", "{{ place.__class__.__mro__ }}")
    data_file()
    code, _, err = run("minutes", "fill", VILLAGE, "data.yaml", "--template", path, "-o", "a.docx")
    assert code == EXIT_FINDINGS and not Path("a.docx").exists() and err


def test_a_meeting_that_lists_nobody_says_how_many_came(run):
    assert run("minutes", "summary", VILLAGE, RECORDS / "09-党员大会第1次.yaml", "-o", "a.docx")[0] == EXIT_OK
    assert "28人（应到32人）" in zipfile.ZipFile("a.docx").read("word/document.xml").decode()


def test_filling_with_another_units_data_is_said(run):
    Path("a.yaml").write_text(
        to_yaml(good()).replace("单位类型: village", "单位: 某某村\n单位类型: village"), encoding="utf-8"
    )
    code, _, err = run("minutes", "fill", VILLAGE, "a.yaml", "-o", "a.docx")
    assert code == EXIT_OK and "other_unit" in err


def test_a_file_without_fields_is_an_error_that_says_how_much_it_holds(run):
    document = Document()
    document.add_paragraph("会议开过了，大家都到了。")
    document.save("plain.docx")
    code, out, err = run("minutes", "read", "plain.docx")
    assert code == EXIT_FINDINGS and "找不到填写项，12 个字都没有读" in err
    code, out, _ = run("minutes", "check", VILLAGE, "plain.docx")
    assert code == EXIT_FINDINGS and "找不到填写项" in out


def test_text_that_is_in_no_field_is_quoted(run):
    document = Document(io.BytesIO(written()))
    document.add_paragraph("另有一件事没有记在表里。")
    document.save("a.docx")
    code, out, err = run("minutes", "read", "a.docx")
    assert code == EXIT_OK and "另有一件事没有记在表里。" in err
    assert "另有一件事没有记在表里。" in run("minutes", "check", VILLAGE, "a.docx")[1]
