"""Hostile input: every way to end is a Chinese finding or error with its exit code; nothing is lost or half-written.

Values that look like markup or template expressions come out as they were written. Slow ones are marked.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from docx import Document
from docx_samples import art, para, regulations, setof
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from toolkit import app, docx
from toolkit.batch import sheet
from toolkit.cli import cli
from toolkit.core import zips
from toolkit.core.data_folders import Where
from toolkit.core.findings import FileError, FindingsError, has_errors
from toolkit.core.yaml_read import read_text
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.filled_forms import read_file
from toolkit.docx.reading.lint import lint
from toolkit.minutes import own_template
from toolkit.model.tree import Provision
from toolkit.numbering.labels import number_set

EXAMPLE = (ROOT / "examples/village.yaml").read_text(encoding="utf-8")
TEMPLATES = ROOT / "templates"
PROGRAM = [sys.executable, "-m", "toolkit"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell and signals")
LATIN = re.compile(r"Traceback|Error:|No such file|Is a directory|Permission denied|not found", re.I)
#: Documents that print the values tried here; one of each of four templates.
SOME = ("regulation", "minutes_incident", "record_incident", "notice_issue", "contact_sheet")


def run(*args: object, **more):
    return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="toolkit", **more)


def program(*args: object, cwd: Path, **env: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run([*PROGRAM, *map(str, args)], capture_output=True, cwd=cwd, env=env)


def with_value(label: str, value: str) -> str:
    """Return the example with one value replaced, written so that YAML reads exactly ``value``."""
    quoted = json.dumps(value, ensure_ascii=False)
    text, count = re.subn(rf"^(\s*{label}: ).*$", lambda match: match[1] + quoted, EXAMPLE, count=1, flags=re.MULTILINE)
    assert count == 1
    return text


def write(folder: Path, content: str | bytes, name: str = "unit.yaml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def words(data: bytes) -> str:
    """The text of a document, runs and lines joined."""
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    return "".join(node.text or "" for node in root.iter(f"{space}t"))


def assert_sound(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        assert lint(data) == [], name
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert package.testzip() is None
            for part in package.namelist():
                if part.endswith((".xml", ".rels")):
                    etree.fromstring(package.read(part))


def refused(tmp_path: Path, result, code: int, words_of_it: str = "") -> None:
    """The run ended with ``code``, a Chinese sentence and nothing written."""
    assert result.exit_code == code, result.output
    assert words_of_it in result.stderr, result.stderr
    assert not LATIN.search(result.stderr) and "程序内部错误" not in result.stderr
    assert not (tmp_path / "out").exists()


# --- values ----------------------------------------------------------------------------------------------------------

LITERAL = [
    "甲&乙<丙>‹丁›",
    "{{ 7*7 }}",
    "{% for x in y %}{% endfor %}",
    "{# c #}",
    "{{ unit.full_name }}",
    "{unit.full_name}",
    "{?a:text! b}",
    "[](#purpose)",
    "**粗** `c` <b>x</b> {#id}",
    "&amp;&#38;",
    "]]><!--x-->",
    "\\n\\0",
    "𠮷㙍䶮村",
    "'\"",
    "../../etc",
    "a/b\\c:d",
    "CON",
    "NUL.docx",
    "...",
    "村 .",
    "=1+1",
    "x" * 300,
    "__body__",
    "{{p body }}",
    "%}{%",
]


@pytest.mark.sampled(24)
@pytest.mark.parametrize("value", LITERAL, ids=lambda value: ascii(value)[:30])
def test_a_value_is_printed_as_it_was_written(tmp_path, value):
    prepared = app.prepare(write(tmp_path, with_value("姓名职务", value)))
    files = app.render(prepared, SOME)
    assert_sound(files)
    texts = [words(data) for data in files.values()]
    assert value in texts[4] and value not in texts[0]
    assert not any("49" in text for text in texts)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("value", ["{{ 7*7 }}", "甲&<乙>", "../..", "CON", "aux.", "x" * 300, "名\u3000称"])
def test_a_units_name_is_text_only(tmp_path, value):
    path = write(tmp_path, with_value("全称", value))
    assert run("generate", path, "-o", tmp_path / "out").exit_code == 0
    names = {child.name for child in (tmp_path / "out").iterdir()}
    assert names == set(json.loads((tmp_path / "out/manifest.json").read_bytes())["files"]) | {
        "manifest.json",
        ".toolkit",
    }
    text = words(next((tmp_path / "out").glob("01-*.docx")).read_bytes())
    assert value.replace("\u3000", "") in text.replace("\u3000", "") and "49" not in text


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("\x00", "control_character"),
        ("甲\x1b[31m", "control_character"),
        ("甲\ufeff", "control_character"),
        ("甲\n乙", "bad_value"),
        (" \u3000 ", "missing_value"),
        ("村" * 10_001, "value_too_long"),
        ("村😀", "character_font"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_value_that_cannot_be_printed_is_refused(tmp_path, value, code):
    result = run("generate", write(tmp_path, with_value("全称", value)), "-o", tmp_path / "out")
    refused(tmp_path, result, 1, code)


@pytest.mark.slow
def test_ten_thousand_characters_take_seconds(tmp_path):
    start = time.process_time()
    path = write(tmp_path, with_value("全称", "村" * 10_000))
    files = app.render(app.prepare(path), SOME)
    assert time.process_time() - start < 20
    assert_sound(files)
    assert "村" * 10_000 in words(next(iter(files.values())))


def test_messages_cannot_steer_the_terminal(tmp_path):
    (tmp_path / "人员.csv").write_text("姓名,职务\n甲\x1b[31m,乙\n甲\x1b[31m,乙\n", encoding="utf-8")
    path = write(tmp_path, re.sub("人员:.*", "人员: 人员.csv\n", EXAMPLE, flags=re.DOTALL))
    result = run("check", path)
    assert result.exit_code == 1 and "\x1b" not in result.stdout and "〈U+001B〉" in result.stdout


def test_a_message_with_a_long_value_stays_short(tmp_path):
    result = run("check", write(tmp_path, with_value("姓名职务", "x" * 9000)))
    assert max(map(len, result.stdout.splitlines())) < 1500


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("value", "code"), [("0", "party_size"), ("-5", "bad_value")])
def test_nought_is_an_answer_and_no_stand_in_takes_its_place(tmp_path, value, code):
    result = run("generate", write(tmp_path, with_value("党员人数", value)), "-o", tmp_path / "out")
    refused(tmp_path, result, 1, code)


# --- profiles --------------------------------------------------------------------------------------------------------

TAIL = "  成文日期: 2026-01-05\n"
FILES = {
    "empty": (b"", "profile_empty"),
    "bom_only": (b"\xef\xbb\xbf", "profile_empty"),
    "utf16_cut": (EXAMPLE.encode("utf-16")[:-1], "encoding_unknown"),
    "every_byte": (bytes(range(256)), "encoding_unknown"),
    "zeros": (bytes(5000), "control_character"),
    "list": ("- a\n", "profile_shape"),
    "text": ("hello", "profile_shape"),
    "tab": ("单位类型: 村\n单位:\n\t全称: x\n", "yaml_syntax"),
    "twice": (EXAMPLE + "单位类型: 村\n", "duplicate_key"),
    "twice_in_two_languages": (EXAMPLE + "unit.full_name: 甲\n", "duplicate_key"),
    "bomb": ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "yaml_alias"),
    "tag": ('单位类型: !!python/object/apply:os.system ["exit 1"]\n', "yaml_tag"),
    "merge": (EXAMPLE + "<<: {a: 1}\n", "unknown_key"),
    "deep": ("a: " + "[" * 500, "yaml_depth"),
    "open_bracket": ("a: [", "yaml_syntax"),
    "two_documents": (EXAMPLE + "---\n" + EXAMPLE, "yaml_syntax"),
    "huge": ("a: " + "x" * 3_000_000, "yaml_size"),
    "odd_key": ("? [a, b]\n: c\n" + EXAMPLE, "yaml_syntax"),
    "group_as_value": ("单位类型: 村\n单位: 柳河村\n", "wrong_type"),
    "list_for_scalar": (with_value("党员人数", "x").replace('"x"', "[1, 2]"), "wrong_type"),
    "wrong_number": (with_value("党员人数", "9" * 5000), "bad_value"),
    "date_9999": (with_value("成文日期", "9999-12-31"), "bad_value"),
    "date_0001": (with_value("成文日期", "0001-01-01"), "bad_value"),
    "year_12": (EXAMPLE.replace(TAIL, TAIL + "  日历年度: 12\n"), "bad_year"),
    "year_99999": (EXAMPLE.replace(TAIL, TAIL + "  日历年度: 99999\n"), "bad_year"),
    "layer_outside": (EXAMPLE + "自有条款: /etc\n", "bad_path"),
    "layer_above": (EXAMPLE + "自有条款: ../..\n", "bad_path"),
    "people_outside": (re.sub("人员:.*", "人员: /etc/passwd\n", EXAMPLE, flags=re.DOTALL), "bad_path"),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", FILES)
def test_a_bad_profile_is_a_finding(tmp_path, name):
    content, code = FILES[name]
    refused(tmp_path, run("generate", write(tmp_path, content), "-o", tmp_path / "out"), 1, code)


@pytest.mark.parametrize(
    "content", [EXAMPLE.encode("gb18030"), b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode()]
)
def test_what_notepad_writes_is_read(tmp_path, content):
    assert run("check", write(tmp_path, content)).exit_code == 0


@POSIX
def test_a_profile_that_is_no_file(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    out = tmp_path / "out"
    for name, sentence in {
        ".": "是文件夹",
        "loop": "绕成了圈",
        "dangling": "找不到",
        "none.yaml": "找不到",
        "x" * 300: "太长",
    }.items():
        refused(tmp_path, run("generate", tmp_path / name, "-o", out), 3, sentence)
    refused(tmp_path, run("generate", "", "-o", out), 2, "路径是空的")
    refused(tmp_path, run("generate", write(tmp_path, EXAMPLE), "-o", ""), 2, "路径是空的")


@pytest.mark.parametrize(
    "name, rows",
    [
        ("=HYPERLINK(1)", "姓名,职务,会议\n=HYPERLINK(1),+cmd,重大事件会商会议\n"),
        ("{{ 7*7 }}", "姓名,职务,会议\n{{ 7*7 }},{% x %},重大事件会商会议\n"),
        ("甲", "姓名,职务,会议\r甲,乙,重大事件会商会议\r"),
    ],
)
def test_people_are_text_only(tmp_path, name, rows):
    (tmp_path / "人员.csv").write_text(rows, encoding="gb18030", newline="")
    path = write(tmp_path, re.sub("人员:.*", "人员: 人员.csv\n", EXAMPLE, flags=re.DOTALL))
    files = app.render(app.prepare(path), ["minutes_incident"])
    assert_sound(files)
    assert name in words(next(iter(files.values())))


# --- init ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings_given",
    [
        ["单位.全称=\x1b[31m"],
        ["单位.全称=\udcff"],
        ["单位.全称=" + "甲" * 10_001],
        ["单位.全称=甲\n单位.简称: 乙"],
        ["新媒体账号=甲"],
        ["依据.主要依据=《甲"],
        ["unit.full_name=甲", "单位.全称=乙"],
        ["文件.成文日期=2026-02-30"],
        ["=x"],
        [""],
        ["单位=x"],
        ["kind=x"],
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_setting_that_no_profile_can_have_is_refused(tmp_path, settings_given):
    args = [word for text in settings_given for word in ("--set", text)]
    result = run("init", "village", "-o", tmp_path / "unit.yaml", *args)
    assert result.exit_code == 2 and result.stderr.startswith("错误：") and not (tmp_path / "unit.yaml").exists()
    assert not LATIN.search(result.stderr)


def test_settings_that_look_like_yaml_read_back(tmp_path):
    value = "- a: [b, {c}] # d & *e !f"
    path = tmp_path / "unit.yaml"
    assert run("init", "village", "-o", path, "--set", f"单位.全称={value}", "--set", "人员=人员.csv").exit_code == 1
    assert app.prepare(path).judged.resolved.values["unit.full_name"] == value


def test_the_number_of_open_answers_is_that_of_the_check(tmp_path):
    path = tmp_path / "unit.yaml"
    said = run("init", "village", "-o", path)
    found = json.loads(run("check", path, "--json").stdout)["findings"]
    missing = [finding for finding in found if finding["code"] == "missing_value"]
    assert f"还有 {len(missing)} 项必须填写" in said.stderr


# --- templates -------------------------------------------------------------------------------------------------------


def changed_template(change, part: str = "word/document.xml") -> bytes:
    """Return regulation.docx with one part changed (None: without it)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(TEMPLATES / "regulation.docx") as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                content = change(content.decode()).encode() if change else None
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


def titled(expression: str) -> bytes:
    return changed_template(lambda xml: xml.replace("title }}", f"{expression} }}}}", 1))


def bomb() -> bytes:
    buffer = io.BytesIO(changed_template(str))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as package, package.open("word/x.bin", "w") as stream:
        for _ in range(110):
            stream.write(bytes(1_000_000))
    return buffer.getvalue()


BROKEN_TEMPLATES = {
    "garbage": (lambda: b"not a docx", "template_not_docx"),
    "nothing": (lambda: b"", "template_not_docx"),
    "no_slot": (lambda: changed_template(lambda xml: re.sub(r"\{\{p\s*body\s*\}\}", "", xml)), "template_no_slot"),
    "open_tag": (lambda: changed_template(lambda xml: xml.replace("title }}", "title }", 1)), "template_syntax"),
    "unknown_name": (lambda: titled("titel"), "template_unknown_variable"),
    "unknown_filter": (lambda: titled("title | nothing"), "template_syntax"),
    "dunder": (lambda: titled("title.__class__.__mro__"), "template_render"),
    "division": (lambda: titled("1/0"), "template_render"),
    "call": (lambda: titled("title()"), "template_render"),
    "sum": (lambda: titled("title + 1"), "template_render"),
    "range": (lambda: titled("range(999999999) | list"), "template_render"),
    "no_body": (
        lambda: changed_template(lambda xml: re.sub("<w:body>.*</w:body>", "", xml, flags=re.DOTALL)),
        "template_not_docx",
    ),
    "broken_xml": (lambda: changed_template(lambda xml: xml[:-50]), "template_not_docx"),
    "empty_styles": (lambda: changed_template(lambda xml: "<a/>", "word/styles.xml"), "template_not_docx"),
    "no_types": (lambda: changed_template(None, "[Content_Types].xml"), "template_not_docx"),
    "bomb": (bomb, "template_not_docx"),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", BROKEN_TEMPLATES)
def test_a_broken_template_is_a_finding(tmp_path, village_profile, name):
    make, code = BROKEN_TEMPLATES[name]
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "regulation.docx").write_bytes(make())
    refused(tmp_path, run("generate", village_profile, "-o", tmp_path / "out", "--templates", folder), 1, code)


def test_a_template_with_an_unknown_name_is_not_passed_over(tmp_path, village_profile):
    (tmp_path / "regulations.docx").write_bytes((TEMPLATES / "regulation.docx").read_bytes())
    result = run("check", village_profile, "--templates", tmp_path)
    assert result.exit_code == 0 and "unused_template" in result.stdout and "是不是“regulation.docx”？" in result.stdout


# --- presets ---------------------------------------------------------------------------------------------------------

HEAD = "id: mine\nlabel: 我\nextends: village\nversion: 1.0.0\n"
FRONT = (
    "---\nid: extra\nnumber: 50\nfile: 甲\ntitle: 乙\nfamily: notice\n"
    "layout: regulation\nnumbering: articles\nself: 本办法\n---\n"
    "# 总则 {#general}\n## 目的 {#aim}\n"
)
BROKEN_PRESETS = {
    "broken_head": ({"preset.yaml": "id: [\n"}, "yaml_syntax"),
    "list_head": ({"preset.yaml": "- a\n"}, "label"),
    "wrong_types": ({"preset.yaml": "id: mine\nlabel: [我]\nextends: village\n"}, "label"),
    "itself": ({"preset.yaml": HEAD.replace("village", "mine")}, "extends_cycle"),
    "no_base": ({"preset.yaml": HEAD.replace("village", "../../etc")}, "missing_base"),
    "html": ({"documents/50.md": FRONT + "<script>x</script>\n"}, "unsupported_markup"),
    "markdown": ({"documents/50.md": FRONT + "**a** [l](http://x)\n\n> b\n\n|a|b|\n|-|-|\n"}, "unsupported_markup"),
    "control": ({"documents/50.md": FRONT + "甲\x0b乙\ufffe丙。\n"}, "control_character"),
    "expression": (
        {"documents/50.md": FRONT + '{unit.__class__} {unit.full_name!r} {__import__("os")}。\n'},
        "bad_placeholder",
    ),
    "deep_condition": ({"documents/50.md": FRONT + f'甲。 {{when="{"(" * 3000}a{")" * 3000}"}}\n'}, "bad_condition"),
    "long_condition": (
        {"documents/50.md": FRONT + f'甲。 {{when="{"accounts and " * 1200}accounts"}}\n'},
        "bad_condition",
    ),
    "itself_enclosed": ({"documents/50.md": FRONT.replace("self: 本办法", "encloses: extra") + "甲。\n"}, "unknown_id"),
    "path_as_id": ({"documents/50.md": FRONT.replace("id: extra", "id: ../../evil") + "甲。\n"}, "bad_id"),
    "layout_path": (
        {"documents/50.md": FRONT.replace("layout: regulation", "layout: ../x") + "甲。\n"},
        "preset_choice",
    ),
    "bytes": ({"documents/50.md": bytes(range(256))}, "encoding_unknown"),
    "huge_table": (
        {
            "documents/50.yaml": "id: extra\nnumber: 50\nfile: 甲\ntitle: 乙\nfamily: list\n"
            "layout: form\nnumbering: none\nbody:\n"
            "  - table: t\n    columns: [{head: a, cell: '{row}'}]\n    blank: 99999999\n"
        },
        "preset_type",
    ),
    "default_circle": ({"params.yaml": "x: {label: 甲, type: text, default: '{x}'}\n"}, "default_cycle"),
    "doubling_defaults": (
        {
            "params.yaml": "".join(
                f"x{number}: {{label: 甲{number}, type: text, default: '{{x{number + 1}}}{{x{number + 1}}}'}}\n"
                for number in range(40)
            )
            + "x40: {label: 末, type: text, default: 甲}\n"
        },
        "bad_default",
    ),
    "countless_times": (
        {"duties.yaml": "d: {label: 甲, actor: secretary, act: 乙, frequency: 每年999999999次, record: 丙}\n"},
        "orphan_duty",
    ),
    "duty_number": ({"duties.yaml": "d: 5\n"}, "preset_type"),
    "words_number": ({"words.yaml": "5\n"}, "preset_type"),
}


@pytest.mark.sampled(24)
@pytest.mark.parametrize("name", BROKEN_PRESETS)
def test_a_broken_preset_is_a_finding(tmp_path, name):
    files, code = BROKEN_PRESETS[name]
    for path, content in {"preset.yaml": HEAD, **files}.items():
        target = tmp_path / "presets/mine" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    profile = write(tmp_path, EXAMPLE.replace("单位类型: 村", "单位类型: mine"))
    result = run("generate", profile, "-o", tmp_path / "out", "--presets", tmp_path / "presets")
    refused(tmp_path, result, 1, code)
    if "preset.yaml" in files:
        shown = run("presets", "mine", "--presets", tmp_path / "presets")
        assert shown.exit_code == 1 and code in shown.stderr


#: What is no whole number; the second ones are no number at all.
NO_WHOLE = ("1.5", "1.0")
NO_NUMBER = ("1_0", "1e2", "nan", "inf", "0x10", "１２", "-1", "99999", "9" * 5000, "true", "五", "[1]", "{a: 1}")
FORM_FRONT = "id: extra\nnumber: 50\nfile: 甲\ntitle: 乙\nfamily: list\nlayout: form\nnumbering: none\nbody:\n"
#: Where a preset has numbers: the file with N in the place of one, and whether it is a whole one.
NUMBERS = {
    "documents/50.md": (FRONT.replace("number: 50", "number: N") + "甲。\n", True),
    "documents/51.yaml": (FORM_FRONT.replace("number: 50", "number: N") + "  - line: 甲\n", True),
    "documents/52.yaml": (FORM_FRONT + "  - table: t\n    columns: [{head: a, cell: '{?x 甲}'}]\n    blank: N\n", True),
    "documents/53.yaml": (
        FORM_FRONT + "  - table: t\n    columns: [{head: a, width: N, cell: '{?x 甲}'}]\n    blank: 2\n",
        False,
    ),
    "documents/54.yaml": (FORM_FRONT + "  - grid: g\n    columns: [N, 1]\n    rows: [[甲, 乙]]\n", False),
    "documents/55.yaml": (FORM_FRONT + "  - grid: g\n    columns: [1, 1]\n    rows: [[{text: 甲, span: N}]]\n", True),
    "documents/56.yaml": (
        FORM_FRONT + "  - grid: g\n    columns: [1, 1]\n    rows: [[甲, {text: '{?x:longtext! 乙}', lines: N}]]\n",
        False,
    ),
    "preset.yaml": (HEAD + "sizes: {light: {label: 精, ceilings: {documents: N}}}\n", True),
}


@pytest.mark.sampled(9)
@pytest.mark.parametrize("path", NUMBERS)
def test_what_is_no_number_in_a_preset_is_told_with_its_place(tmp_path, path):
    content, whole = NUMBERS[path]
    profile = write(tmp_path, EXAMPLE.replace("单位类型: 村", "单位类型: mine"))
    wrong = []
    for value in (
        *NO_WHOLE[: 2 * whole],
        *(NO_NUMBER if path == next(iter(NUMBERS)) else ("1_0", "nan", "9" * 5000, "[1]")),
    ):
        presets = tmp_path / f"presets-{value[:8]}"
        for name, text in {"preset.yaml": HEAD, path: content.replace("N", value)}.items():
            target = presets / "mine" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target.parent, text, target.name)
        result = run("check", profile, "--presets", presets)
        said = result.output + result.stderr
        if result.exit_code != 1 or f"{path}:" not in said or len(said) > 4000 or LATIN.search(said):
            wrong.append((value[:9], result.exit_code, said[:300]))
    assert wrong == []


def test_a_folder_of_presets_that_is_not_there_is_an_error(tmp_path):
    for args in (["presets"], ["presets", "village"], ["init", "village", "-o", tmp_path / "unit.yaml"]):
        result = run(*args, "--presets", tmp_path / "none")
        assert result.exit_code == 3 and "none" in result.stderr
    assert not (tmp_path / "unit.yaml").exists()


@pytest.mark.slow
def test_a_file_name_of_a_preset_stays_in_the_folder(tmp_path):
    folder = tmp_path / "layer/documents"
    folder.mkdir(parents=True)
    text = FRONT.replace("file: 甲", "file: ../../CON:evil\\x") + "甲乙丙。\n"
    (folder / "50.md").write_text(text, encoding="utf-8")
    prepared = app.prepare(write(tmp_path, EXAMPLE), Where(layers=(tmp_path / "layer",)))
    (name,) = app.render(prepared, ["extra"])
    assert not re.search(r"[/\\:]", name) and name.startswith("50-") and name.endswith(".docx")


# --- outputs ---------------------------------------------------------------------------------------------------------


def test_foreign_and_lock_files_are_left_alone(tmp_path, village_profile):
    out = tmp_path / "out"
    out.mkdir()
    name = next(iter(app.render(app.prepare(village_profile), ["regulation"])))
    mine = {
        name: b"mine",
        "resolved.yaml": b"mine",
        f"~${name}": b"lock",
        f".~lock.{name}#": b"lock",
        "笔记.txt": b"note",
    }
    for file, content in mine.items():
        (out / file).write_bytes(content)
    result = run("generate", village_profile, "-o", out)
    assert result.exit_code == 1 and name in result.stderr and "resolved.yaml" in result.stderr
    left = tree(out)
    assert left == mine
    assert run("generate", village_profile, "-o", out, "--force").exit_code == 0
    after = tree(out)
    assert {file: after[file] for file in list(mine)[2:]} == {file: mine[file] for file in list(mine)[2:]}
    assert after[f".toolkit/旧/{name}"] == after[".toolkit/旧/resolved.yaml"] == b"mine"


STATES = {
    "deep_manifest": ("manifest.json", "[" * 100_000, 1),
    "foreign_manifest": ("manifest.json", "{}", 1),
    "cut_journal": (".toolkit/journal.json", "{", 3),
    "number_journal": (".toolkit/journal.json", '{"steps": [{"source": 1, "target": "y"}]}', 3),
    "outside_journal": (".toolkit/journal.json", '{"steps": [{"source": "../x", "target": "y"}]}', 3),
    "endless_journal": (
        ".toolkit/journal.json",
        json.dumps({"steps": [{"source": "a", "target": "b", "was": "", "move": False}] * 20_000}),
        3,
    ),
    "deep_journal": (".toolkit/journal.json", "[" * 100_000, 3),
    "stage_file": (".toolkit/stage", "x", 3),
    "state_file": (".toolkit", "x", 3),
    "odd_lock": (".toolkit/lock", "[1]", 0),
    "deep_lock": (".toolkit/lock", "[" * 100_000, 0),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", STATES)
def test_a_damaged_state_is_said(tmp_path, village_profile, name):
    file, content, code = STATES[name]
    path = tmp_path / "folder" / file
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    result = run("generate", village_profile, "-o", tmp_path / "folder", "--only", "regulation")
    assert result.exit_code == code, result.output
    assert "程序内部错误" not in result.stderr and not LATIN.search(result.stderr)
    if code:
        assert path.read_text(encoding="utf-8") == content and len(tree(tmp_path / "folder")) == 1


@POSIX
def test_a_folder_that_cannot_be_one(tmp_path, village_profile):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    (tmp_path / "full/manifest.json").mkdir(parents=True)
    for name in ("file", "file/below", "dangling", "full", "x" * 300):
        result = run("generate", village_profile, "-o", tmp_path / name, "--only", "regulation")
        assert result.exit_code == 3 and not LATIN.search(result.stderr) and "恢复" not in result.stderr, name
    assert sorted(child.name for child in tmp_path.iterdir()) == ["dangling", "file", "full"]


def test_a_name_that_the_disk_refuses_changes_nothing(tmp_path, monkeypatch):
    from toolkit.output import transaction

    long = {"甲" * 120 + ".docx": b"x"}
    short = {"甲.docx": b"x", "乙.docx": b"y"}
    transaction.commit(tmp_path / "out", short, {"files": {name: {} for name in short}})
    before = tree(tmp_path / "out")
    changed = {"甲.docx": b"z", **long}
    with pytest.raises(FileError, match="太长"):
        transaction.commit(tmp_path / "out", changed, {"files": {name: {} for name in changed}})
    assert tree(tmp_path / "out") == before


def test_an_only_that_is_not_there_says_where_the_ids_are(tmp_path, village_profile):
    result = run("generate", village_profile, "-o", tmp_path / "out", "--only", "第一份")
    refused(tmp_path, result, 2, "toolkit presets village")


def test_older_files_are_one_finding(tmp_path, village_profile):
    assert run("generate", village_profile, "-o", tmp_path / "out").exit_code == 0
    result = run("generate", village_profile, "-o", tmp_path / "out", "--only", "regulation", "--date", "2026-03-01")
    assert result.exit_code == 0 and result.stderr.count("older_input") == 1 and "不带 --only" in result.stderr


# --- the console -----------------------------------------------------------------------------------------------------


@pytest.mark.sampled(8)
@POSIX
@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["presets", "village"], 0),
        (["--help"], 0),
        (["presets", "--help"], 0),
        (["check", "unit.yaml"], 0),
        (["check", "bad.yaml"], 1),
        (["check", "bad.yaml", "--json"], 1),
        (["check", "none.yaml"], 3),
        (["generat"], 2),
    ],
)
def test_a_closed_pipe_keeps_the_exit_code(tmp_path, args, code):
    write(tmp_path, EXAMPLE)
    write(tmp_path, EXAMPLE + "不认识: 1\n", "bad.yaml")
    reading, writing = os.pipe()
    os.close(reading)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run([*PROGRAM, *args], stdout=writing, stderr=writing, cwd=tmp_path, env=env)
    finally:
        os.close(writing)
    assert done.returncode == code


@pytest.mark.slow
@POSIX
def test_closed_streams(tmp_path):
    write(tmp_path, EXAMPLE)
    command = f"exec {sys.executable} -m toolkit"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for line, code in (
        ("generate unit.yaml -o out --only regulation >&- 2>&- <&-", 0),
        ("init village -o new.yaml <&-", 1),
        ("check none.yaml 2>&-", 3),
    ):
        done = subprocess.run(["sh", "-c", f"{command} {line}"], cwd=tmp_path, env=env, capture_output=True)
        assert done.returncode == code, (line, done.stderr.decode())
    assert (tmp_path / "new.yaml").exists() and (tmp_path / "out/manifest.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_stdout_is_3(tmp_path, unbuffered):
    """Also when the output is written only at the end."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*PROGRAM, "presets"], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, env=env)
    assert done.returncode == 3 and "磁盘已满" in done.stderr.decode()


@pytest.mark.slow
@POSIX
def test_a_locale_without_chinese_says_what_to_do(tmp_path):
    write(tmp_path, EXAMPLE)
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert program("check", "unit.yaml", cwd=tmp_path, **plain).returncode == 0
    done = program("generate", "unit.yaml", "-o", "out", cwd=tmp_path, **plain, PYTHONIOENCODING="utf-8")
    assert done.returncode == 3 and "PYTHONUTF8=1" in done.stderr.decode() and not (tmp_path / "out").exists()
    for encoding in ("gbk", "ascii"):
        assert program("presets", "village", cwd=tmp_path, PYTHONIOENCODING=encoding).returncode == 0


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_stopped_at_any_moment_the_next_run_ends_the_same(tmp_path, number):
    write(tmp_path, EXAMPLE)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    # A shell that starts jobs in the background lets them ignore SIGINT.
    awake = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code = awake + "runpy.run_module('toolkit', run_name='__main__')"
    for turn in range(16):
        command = [
            sys.executable,
            "-c",
            code,
            "generate",
            "unit.yaml",
            "-o",
            "out",
            "--date",
            f"2026-0{turn % 8 + 1}-11",
        ]
        child = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE)
        time.sleep(0.3 + 0.06 * turn)
        child.send_signal(number)
        _, said = child.communicate(timeout=60)
        assert child.returncode in (0, 130, -number), said.decode()
        # Python itself tells of a signal that reaches a callback of its import locks; nothing of ours can catch it.
        own = re.sub(
            rb"Exception ignored in: <function _get_module_lock.*?KeyboardInterrupt: ?\n", b"", said, flags=re.S
        )
        assert b"Traceback" not in own
        assert_sound({path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.docx")})
    for folder in ("out", "fresh"):
        assert run("generate", tmp_path / "unit.yaml", "-o", tmp_path / folder).exit_code == 0
    written = tree(tmp_path / "out")
    kept = {name: data for name, data in written.items() if not name.startswith(".toolkit/旧")}
    assert kept == tree(tmp_path / "fresh")


# --- properties ------------------------------------------------------------------------------------------------------

TOKENS = [
    "甲",
    "乙村",
    "会议",
    "{{",
    "}}",
    "{%",
    "%}",
    "{",
    "}",
    "{{ 7*7 }}",
    "{unit.full_name}",
    "&",
    "<",
    ">",
    "&amp;",
    "‹",
    "›",
    "]]>",
    "<w:p/>",
    '"',
    "'",
    "\\",
    "/",
    "..",
    ":",
    "#",
    "*",
    "_",
    "`",
    "[](#a)",
    "%",
    "$",
    "|",
    "~",
    "^",
    "=",
    "+",
    "-",
    "@",
    "!",
    "。",
    "，",
    "“",
    "”",
    "（",
    "）",
    "《",
    "》",
    "……",
    "——",
    " ",
    "\u3000",
    "\u00a0",
    "\u200b",
    "\u202e",
    "é",
    "\u0301",
    "𠮷",
    "䶮",
    "㙍",
    "Ω",
    "1",
    "\x07",
    "\ufffe",
    "\ue000",
    "😀",
    "\n",
    "\t",
]
HOSTILE = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=6).map("".join)
#: A parameter that every kind of text comes from, and a document that prints it.
KEYS = {
    "unit.full_name": "regulation",
    "unit.self": "regulation",
    "contact.name": "contact_sheet",
    "party.name": "regulation",
    "superior.party": "regulation",
    "office.name": "regulation",
    "doc.number": "notice_issue",
    "village.recorder": "minutes_incident",
    "lead_group.members": "regulation",
    "lead_group.name": "regulation",
}


def profile_with(values: dict) -> str:
    """Return the example with ``values`` put over it, by English dotted key."""
    from toolkit.core import yaml_read

    data = yaml_read.load(EXAMPLE, "").data
    labels = {
        "unit.full_name": ("单位", "全称"),
        "contact.name": ("联络人", "姓名职务"),
        "party.name": ("党组织", "全称"),
        "superior.party": ("上级", "党组织"),
        "doc.number": ("文件", "发文字号"),
    }
    for key, value in values.items():
        if key in labels:
            del data[labels[key][0]][labels[key][1]]
        data[key] = value
    return json.dumps(data, ensure_ascii=False)


def one_line(value: str) -> str:
    return " ".join(value.split("\n")).strip()


def check_random_profile(folder: Path, values: dict, only: tuple[str, ...]) -> None:
    path = write(folder, profile_with(values).encode("utf-8", "surrogatepass"))
    prepared = app.prepare(path)
    if has_errors(app.check(prepared)):
        with pytest.raises(FindingsError):
            app.render(prepared, only)
        return
    files = app.render(prepared, only)
    assert_sound(files)
    numbers = {document.id: document.number for document in prepared.built.set.documents}
    for key, value in values.items():
        if KEYS[key] in only and key != "lead_group.members":
            name = next(name for name in files if name.startswith(f"{numbers[KEYS[key]]:02d}-"))
            squeezed = re.sub(r"\s+", "", words(files[name]))
            assert re.sub(r"\s+", "", one_line(value)) in squeezed, (key, value)


@pytest.mark.slow
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(values=st.dictionaries(st.sampled_from(sorted(KEYS)), HOSTILE, min_size=1, max_size=3))
def test_random_profiles_give_findings_or_sound_documents(tmp_path_factory, values):
    check_random_profile(tmp_path_factory.mktemp("random"), values, SOME)


@pytest.mark.slow
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(values=st.dictionaries(st.sampled_from(sorted(KEYS)), HOSTILE, min_size=1, max_size=6))
def test_random_profiles_whole_set(tmp_path_factory, values):
    check_random_profile(tmp_path_factory.mktemp("random"), values, SOME)
    assert_sound({} if has_errors(_all_findings(tmp_path_factory, values)) else _whole(tmp_path_factory, values))


def _all_findings(factory, values):
    return app.check(app.prepare(write(factory.mktemp("again"), profile_with(values))))


def _whole(factory, values):
    return app.render(app.prepare(write(factory.mktemp("whole"), profile_with(values))))


JUNK = st.recursive(
    HOSTILE | st.just(""),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=st.dictionaries(
        st.sampled_from(
            [
                "单位",
                "党组织.形式",
                "党组织.党员人数",
                "频次",
                "时限.整改",
                "新媒体账号",
                "阵地",
                "依据.主要依据",
                "人员",
                "自有条款",
                "文件.成文日期",
                "文件.日历年度",
                "单位类型",
                "字体.正文",
                "村情.村民小组",
            ]
        ),
        JUNK,
        max_size=4,
    )
)
def test_any_shape_of_any_value_gives_findings_or_documents(tmp_path_factory, values):
    from toolkit.core import yaml_read

    data = {**yaml_read.load(EXAMPLE, "").data, **values}
    folder = tmp_path_factory.mktemp("shapes")
    result = run(
        "generate", write(folder, json.dumps(data, ensure_ascii=False)), "-o", folder / "out", "--only", "regulation"
    )
    assert result.exit_code in (0, 1) and "程序内部错误" not in result.stderr, result.stderr
    assert (folder / "out").exists() == (result.exit_code == 0)


def hostile_copy(block, draw):
    """Return a provision with hostile text before its own."""
    from toolkit.model.tree import Text

    children = tuple(hostile_copy(child, draw) for child in block.children)
    if not block.content:
        return Provision(block.level, block.id, block.heading, block.content, children)
    text = "".join(char for char in draw(HOSTILE) if char not in "\x07\ufffe\n\t") or "甲"
    return Provision(block.level, block.id, block.heading, (Text(text), *block.content), children)


def check_random_tree(data):
    """A regulation with hostile texts is a sound file that prints them."""
    document, _ = data.draw(regulations())
    from dataclasses import replace

    document = replace(document, body=tuple(hostile_copy(block, data.draw) for block in document.body))
    sheet = template.load(TEMPLATES / "regulation.docx")
    written = docx.write(document, number_set(setof(document)), sheet)
    assert_sound({"x": written})
    for block in document.body:
        for part in block.content:
            assert part.text in words(written)


@pytest.mark.slow
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_trees_give_sound_documents(data):
    check_random_tree(data)


@pytest.mark.slow
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_many_random_trees_give_sound_documents(data):
    check_random_tree(data)


def test_a_tree_with_a_character_that_xml_has_not_is_refused():
    from toolkit.core.findings import ToolkitError

    document, *_ = [_document("甲\x07")]
    with pytest.raises((ToolkitError, ValueError)):
        docx.write(document, number_set(setof(document)), template.load(TEMPLATES / "regulation.docx"))


def _document(text: str):
    from docx_samples import doc

    return doc(body=(art("a", para("a__1", text)),))


# --- folders that lead elsewhere -------------------------------------------------------------------------------------


def _linked_state(out: Path, other: Path) -> None:
    (out / ".toolkit").symlink_to(other)


def _linked_old(out: Path, other: Path) -> None:
    (out / ".toolkit").mkdir()
    (out / ".toolkit/旧").symlink_to(other)


def _linked_base(out: Path, other: Path) -> None:
    (out / ".toolkit").mkdir()
    (out / ".toolkit/base").symlink_to(other)


def _linked_file(out: Path, other: Path) -> None:
    (out / "resolved.yaml").symlink_to(other / "mine.txt")


def _linked_manifest(out: Path, other: Path) -> None:
    (out / "manifest.json").symlink_to(other / "mine.txt")


def _journal_through_a_link(out: Path, other: Path) -> None:
    (out / ".toolkit").mkdir()
    (out / "sub").symlink_to(other)
    step = {"source": "sub/mine.txt", "target": "x.docx", "was": "", "move": False}
    (out / ".toolkit/journal.json").write_text(json.dumps({"steps": [step]}))


def _linked_lock(out: Path, other: Path) -> None:
    (out / ".toolkit").mkdir()
    (out / ".toolkit/lock").symlink_to(other / "mine.txt")


def _journal_with_nul(out: Path, other: Path) -> None:
    (out / ".toolkit").mkdir()
    step = {"source": "a\0b", "target": "x.docx", "was": "", "move": False}
    (out / ".toolkit/journal.json").write_text(json.dumps({"steps": [step]}))


def _manifest_with(**changed):
    def make(out: Path, other: Path) -> None:
        entry = {"seal": "sha256:0", "document": "regulation"}
        content = {"preset": {"kind": "village", "version": "1"}, "unit": "甲村", "files": {"a.docx": entry}, **changed}
        (out / "manifest.json").write_text(json.dumps(content))

    return make


ELSEWHERE = {
    "state": _linked_state,
    "old": _linked_old,
    "base": _linked_base,
    "file": _linked_file,
    "manifest": _linked_manifest,
    "journal": _journal_through_a_link,
    "lock": _linked_lock,
    "nul_journal": _journal_with_nul,
    "nul_name": _manifest_with(files={"a\0.docx": {"seal": "x", "document": "regulation"}}),
    "outside_name": _manifest_with(files={"../mine.txt": {"seal": "x", "document": "regulation"}}),
    "seal_is_a_list": _manifest_with(files={"a.docx": {"seal": ["x"], "document": "regulation"}}),
    "document_is_a_number": _manifest_with(files={"a.docx": {"seal": "x", "document": 5}}),
    "preset_is_a_list": _manifest_with(preset=[1]),
    "unit_is_a_number": _manifest_with(unit=7),
    "files_are_a_list": _manifest_with(files=["a.docx"]),
}


@pytest.mark.sampled(16)
@POSIX
@pytest.mark.parametrize("name", ELSEWHERE)
def test_nothing_outside_the_folder_is_read_written_or_deleted(tmp_path, village_profile, name):
    out, other = tmp_path / "out", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    (other / "mine.txt").write_text("mine", encoding="utf-8")
    ELSEWHERE[name](out, other)
    before = tree(other)
    inside = sorted(str(path.relative_to(out)) for path in out.rglob("*"))
    for args in (
        ("status", out),
        ("merge", village_profile, out, "-o", tmp_path / "new"),
        ("generate", village_profile, "-o", out, "--only", "regulation"),
        ("generate", village_profile, "-o", out, "--only", "regulation", "--force"),
    ):
        result = run(*args)
        assert result.exit_code in ((0, 3) if "--force" in args or name == "lock" else (1, 3)), args
        assert "程序内部错误" not in result.output and not LATIN.search(result.stderr), args
        assert tree(other) == before and "mine" not in result.output.replace("mine.txt", ""), args
        if "--force" not in args:
            assert sorted(str(path.relative_to(out)) for path in out.rglob("*")) == inside, args


@POSIX
def test_a_folder_may_itself_be_a_link(tmp_path, village_profile):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    assert run("generate", village_profile, "-o", tmp_path / "out", "--only", "regulation").exit_code == 0
    assert (tmp_path / "real/manifest.json").is_file()


@pytest.mark.slow
@POSIX
def test_a_batch_writes_into_no_folder_through_a_link(tmp_path):
    from batch_lists import workbook

    listed = workbook(tmp_path / "list.xlsx", 2)
    assert run("batch", listed, "-o", tmp_path / "out").exit_code == 0
    first = next(path for path in sorted((tmp_path / "out").iterdir()) if path.is_dir() and path.name[0] != ".")
    other = tmp_path / "other"
    os.rename(first, other)
    first.symlink_to(other)
    next(other.glob("*.docx")).unlink()
    before = tree(other)
    result = run("batch", listed, "-o", tmp_path / "out", "--force")
    assert result.exit_code == 3 and "链接" in result.output and tree(other) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path):
    """Opening one waits for a writer: each command that met one in a folder hung for ever."""
    pipe = tmp_path / "a.yaml"
    os.mkfifo(pipe)
    for read in (read_text, read_file, template.stylesheet.load, own_template.load):
        with pytest.raises(FileError, match="是管道"):
            read(pipe)
    with pytest.raises(FileError, match="是管道"):
        sheet.read(pipe.rename(tmp_path / "a.xlsx"))


@pytest.mark.sampled(8)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize(
    "name", ["manifest.json", ".toolkit", ".toolkit/journal.json", ".toolkit/lock", ".toolkit/put_aside.json"]
)
def test_a_named_pipe_in_an_output_folder_is_not_waited_for(tmp_path, village_profile, name):
    """Each of these hung for ever: what a folder says of itself was opened as it stood there."""
    pipe = tmp_path / "out" / name
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    for args in (
        ("status", "out"),
        ("generate", village_profile, "-o", "out", "--only", "regulation"),
        ("restore", "out"),
    ):
        done = subprocess.run(
            [*PROGRAM, *map(str, args)],
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
        assert done.returncode in (0, 1, 3) and b"Traceback" not in done.stderr, (args, done.stderr.decode())


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", ["documents", "holidays"])
def test_a_file_in_the_place_of_a_folder_of_a_layer_is_named(tmp_path, village_profile, name):
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / name).write_text("x", encoding="utf-8")
    result = run("check", village_profile, "--layer", tmp_path / "layer")
    assert "unknown_file" in result.output and f"“{name}”应当是文件夹" in result.output


# --- padded files ------------------------------------------------------------------------------------------------------

#: Name → (what is put into the body, how often, what is said).
PADDED = {
    "paragraphs": ("<w:p><w:r><w:t>甲</w:t></w:r></w:p>", 300_000, "超过 20000 段"),
    "empty_paragraphs": ("<w:p/>", 400_000, "超过 20000 段"),
    "rows": ("<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>", 100_000, "超过 20000 段"),
    "runs": ("<w:r/>", 600_000, "排版的标记超过 500000 个"),
    "bytes": (f"<!--{'x' * 1000}-->", 31_000, "文字和格式超过 30 MB"),
}
#: What opens a file from outside: arguments of the command, with F for the file and G for a sound one.
OPENED_BY = (
    "check F --kind village",
    "diff F G",
    "diff G F",
    "minutes read F",
    "minutes check P F",
    "template check F",
    "minutes fill P Y --template F --out O",
    "register P R",
)


def padded(name: str, encoding: str = "utf-8") -> bytes:
    """Return a file whose directory states nothing unusual: its parts are stored, so that no ratio of sizes tells."""
    content, count, _ = PADDED[name]
    inside = f"<w:p>{content * count}</w:p>" if name == "runs" else content * count
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{space}"><w:body>{inside}<w:sectPr/></w:body></w:document>'
    main = f'<?xml version="1.0" encoding="{encoding}"?>{body}'.encode(encoding, "replace")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_with("甲。"))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            new.writestr(part, main if part == "word/document.xml" else old.read(part))
    return out.getvalue()


def docx_with(text: str) -> bytes:
    out, document = io.BytesIO(), Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", PADDED)
def test_a_padded_file_is_refused_by_each_command_in_time(tmp_path, monkeypatch, village_profile, name):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, padded(name), "F.docx")
    write(tmp_path, docx_with("第一条　甲。"), "G.docx")
    write(tmp_path, village_profile.read_bytes(), "P.yaml")
    write(tmp_path, "document: minutes_topical_study\n", "Y.yaml")
    (tmp_path / "R").mkdir()
    write(tmp_path / "R", padded(name), "会议记录.docx")
    files = {"F": "F.docx", "G": "G.docx", "P": "P.yaml", "Y": "Y.yaml", "R": "R", "O": "O.docx"}
    wrong = []
    for command in OPENED_BY:
        start = time.process_time()
        result = run(*(files.get(word, word) for word in command.split()))
        took = time.process_time() - start
        said = result.output + result.stderr
        template = "--template" in command or command.startswith("template")
        if PADDED[name][2] not in said and not (template and "模板太大" in said):
            wrong.append(f"{command}: {said[:300]}")
        if took > 4 or LATIN.search(said) or result.exit_code not in (1, 2, 3):
            wrong.append(f"{command}: {took:.1f} s, exit code {result.exit_code}: {said[:300]}")
    assert wrong == [] and not (tmp_path / "O.docx").exists()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp037"])
def test_another_encoding_hides_no_padding(encoding):
    with pytest.raises(FileError) as caught:
        read_document(padded("paragraphs", encoding))
    assert caught.value.code == ("docx_too_large" if encoding == "utf-16" else "docx_broken")


@pytest.mark.slow
def test_a_book_is_read():
    """Twice as long as a book of 500 pages by its paragraphs: none of them is missing."""
    parts = zips.unpack(padded("paragraphs"))
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        "<w:p><w:r><w:t>甲</w:t></w:r></w:p>".encode(), b"", 281_000
    )
    assert len(read_document(zips.pack(parts)).document.body) == 19_000
