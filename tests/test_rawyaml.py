"""Raw YAML: strings as written, places, and findings that a clerk understands."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.core import yaml_read
from toolkit.core.findings import FileError, Severity, has_errors

#: One text for each code that :func:`toolkit.core.yaml_read.load` can give.
TRIGGERS = {
    "duplicate_key": "a: 1\nb: 2\na: 3\n",
    "yaml_alias": "a: &x 1\nb: *x\n",
    "yaml_tag": "a: !!int 3\n",
    "yaml_depth": "[" * 30,
    "yaml_size": "a" * (yaml_read.SIZE_MAX + 1),
    "yaml_syntax": "a: [1\n",
    "control_character": "a: x\0y\n",
    "fullwidth_colon": "a:\n  全称: 柳\n    简称：x\n",
}
BYTES = {
    "encoding_gb18030": "单位: 柳河村\n".encode("gb18030"),
    "encoding_utf16": "单位: 柳河村\n".encode("utf-16"),
    "encoding_unknown": b"\xff\xfeA",
}


@pytest.fixture(params=["c", "python"])
def loader(request, monkeypatch):
    """Run a test with libyaml and with PyYAML's own parser."""
    if request.param == "python":
        monkeypatch.delattr(yaml, "CLoader")
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    return request.param


def load(text):
    return yaml_read.load(text, "unit.yaml")


def test_scalars_stay_as_written(loader):
    text = "time: 9:30\ncode: 0471\nanswer: no\nquoted: '~'\nempty:\ntilde: ~\nlist: [1.0, {x: 2026-01-05}]\n"
    document = load(text)
    assert document.findings == ()
    assert document.data == {
        "time": "9:30",
        "code": "0471",
        "answer": "no",
        "quoted": "~",
        "empty": "",
        "tilde": "",
        "list": ["1.0", {"x": "2026-01-05"}],
    }


def test_places(loader):
    document = load("\ufeff单位:\n  全称: 柳河村\n人员:\n  - 姓名: 甲\n  - 姓名: 乙\n")
    assert document.places[("单位", "全称")] == (2, 7)
    assert document.key_places[("单位", "全称")] == (2, 3)
    place = document.place(("人员", 1, "姓名"))
    assert (place.line, place.column, place.key) == (5, 9, "人员[2].姓名")
    assert document.place(("人员", 1, "职务")).line == 5
    assert document.place(("没有",)).line == 1


@pytest.mark.parametrize("code", sorted(TRIGGERS))
def test_codes(code, loader):
    found = [finding for finding in load(TRIGGERS[code]).findings if finding.code == code]
    assert found and all(yaml_read.CODES[code].startswith(finding.severity.value) for finding in found)
    assert all(finding.where.file == "unit.yaml" for finding in found)


@pytest.mark.parametrize("code", sorted(BYTES))
def test_encoding_codes(code, tmp_path):
    path = tmp_path / "unit.yaml"
    path.write_bytes(BYTES[code])
    text, findings = yaml_read.read_text(path)
    assert [finding.code for finding in findings] == [code]
    assert text == ("" if code == "encoding_unknown" else "单位: 柳河村\n")


def test_all_codes_have_a_trigger():
    assert set(TRIGGERS) | set(BYTES) == set(yaml_read.CODES)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n\t- 2\n", 2, 1, "制表符"),
        ("a: 1\n\tb: 2\n", 2, 1, "制表符"),
        ("a: b: c\n", 1, 5, "两个冒号"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "缩进"),
        ("a: 'x\nb: 1\n", 1, 4, "引号没有配对"),
        ("a: [1, 2\nb: 1\n", 2, 2, "方括号"),
        ("a: {x: 1\n", 2, 1, "花括号"),
        ("a: @x\n", 1, 4, "@"),
        ("a: **x\n", 1, 5, r"\*"),
        ("a: - b\n", 1, 4, "另起一行"),
        ("- a\nb: 1\n", 2, 1, "“- ”"),
        ("a: ]\n", 1, 4, "]"),
        ("a: 1\n---\nb: 2\n", 2, 1, "---"),
        ("? [a]\n: 1\n", 1, 3, "名称"),
    ],
)
def test_syntax_messages(text, line, column, words, loader):
    (finding,) = load(text).findings
    assert (finding.code, finding.where.line, finding.where.column) == ("yaml_syntax", line, column)
    assert f"第 {line} 行第 {column} 列" in finding.message and words.strip("\\") in finding.message


def test_syntax_error_gives_no_data(loader):
    assert load("a: 1\nb: [\n").data is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("单位类型: 村\n全称：柳河村\nx: 1\n", "第 2 行“全称”后面用了全角冒号"),
        ("单位：\n  全称: x\n", "第 1 行“单位”后面用了全角冒号"),
        ("a:1\nb: 2\n", "第 1 行冒号后面少了一个空格"),
    ],
)
def test_colon_hints(text, hint, loader):
    (finding,) = load(text).findings
    assert hint in finding.hint
    assert f"第 {finding.where.line} 行" in finding.hint and f"第 {finding.where.line} 行" in finding.message


def test_a_colon_in_prose_above_another_fault_keeps_its_place(loader):
    (finding,) = load("a: 1\n注意：\n\tb: 2\n").findings
    assert finding.where.line == 3


def test_duplicate_names_both_lines_and_keeps_the_first(loader):
    document = load("a: 1\nb:\n  x: 1\n  x: {y: 2}\n")
    (finding,) = document.findings
    assert "第 3 行" in finding.message and finding.where.line == 4 and finding.subject == "b.x"
    assert document.data == {"a": "1", "b": {"x": "1"}}


def test_billion_laughs_is_refused(loader):
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    document = load("\n".join(lines))
    assert {finding.code for finding in document.findings} == {"yaml_alias"}
    assert len(document.findings) <= 20


def test_control_characters_have_places(loader):
    document = load("a: 1\nb: 甲\x07乙\n" + 'c: "\\a"\n')
    assert [(finding.code, finding.where.line) for finding in document.findings] == [
        ("control_character", 2),
        ("control_character", 3),
    ]
    assert document.data == {"a": "1", "b": "甲乙", "c": ""}
    assert load("a: \ufffd甲\x07\n").data == {"a": "\ufffd甲\ufffd"}  # a file that was damaged before


def test_lone_surrogate_is_no_traceback(loader):
    assert load("a: \ud800\n").findings[0].code == "control_character"


def test_read_text(tmp_path):
    path = tmp_path / "unit.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + "单位: 村\n".encode())
    assert yaml_read.read_text(path) == ("单位: 村\n", [])
    path.write_bytes("单位: 柳河村民委员会\n".encode() + b"\xe5\xad\n")
    text, (finding,) = yaml_read.read_text(path)
    assert (text, finding.code, finding.where.line) == ("", "encoding_unknown", 2)
    path.write_bytes(b"x" * (yaml_read.SIZE_MAX + 10))
    assert yaml_read.read_text(path)[1][0].code == "yaml_size"
    with pytest.raises(FileError, match="找不到"):
        yaml_read.read_text(tmp_path / "none.yaml")
    with pytest.raises(FileError):
        yaml_read.read_text(tmp_path)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_data_or_findings(text):
    document = load(text)
    if document.data is None and not has_errors(document.findings):
        lines = re.split(r"[\r\n]", text.removeprefix("\ufeff"))
        assert all(not line.strip() or line.lstrip()[0] in "#-.%" for line in lines)
    for finding in document.findings:
        assert finding.code in yaml_read.CODES and isinstance(finding.severity, Severity)


_values = st.recursive(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc甲乙", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(_values)
def test_round_trip_of_quoted_values(value):
    text = yaml.dump(value, allow_unicode=True, default_style="'", width=10_000)
    document = load(text.replace("!!null ", ""))
    assert document.data == value
