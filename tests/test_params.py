"""Parameters: layers, names, faults of a preset, typed values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from toolkit.core.yaml_read import load
from toolkit.presets.params import CODES, EXAMPLES, Param, load_params, split_list, typed

BASE = """\
unit:
  label: 单位
  full_name: {label: 全称, type: text, required: true, ask: 单位全称是什么？, example: 柳河村}
freq:
  label: 频次
  analysis: {label: 分析研判, type: frequency, default: 每季度至少1次, floor: 每年至少2次, tag: V2}
accounts:
  label: 新媒体账号
  type: table
  columns: {name: {label: 名称, required: yes}, platform: {label: 平台, type: text}}
"""
BAD = {
    "param_shape": "a: x\n",
    "param_key": "a: {label: 甲, type: text, colour: red}\n",
    "param_label": "a: {label: 甲, type: text}\nb: {label: 甲, type: text}\n",
    "param_also": "a: {label: 甲, also: [丙], type: text}\nb: {label: 乙, also: [丙], type: text}\n",
    "param_type": "a: {label: 甲, type: money}\n",
    "param_default": "a: {label: 甲, type: frequency, default: 定期}\n",
    "param_floor": "a: {label: 甲, type: text, floor: 每年一次}\n",
    "param_tag": "a: {label: 甲, type: text, tag: Q}\n",
    "param_example": "a: {label: 甲, type: integer, example: 很多}\n",
}


def schema(*texts):
    return load_params([load(text, f"layer{number}.yaml") for number, text in enumerate(texts)])


def test_a_schema():
    found = schema(BASE)
    assert found.findings == ()
    assert list(found.params) == ["unit.full_name", "freq.analysis", "accounts"]
    assert found.params["unit.full_name"].required and found.params["unit.full_name"].label == "单位.全称"
    assert found.groups == {"unit": "单位", "freq": "频次"}
    assert [(c.key, c.label, c.required) for c in found.params["accounts"].columns] == [
        ("name", "名称", True),
        ("platform", "平台", False),
    ]


@pytest.mark.parametrize("path", ["unit.full_name", "单位.全称", "单位.full_name", "unit.全称", "unit . 全称"])
def test_find(path):
    assert schema(BASE).find(path).key == "unit.full_name"


@pytest.mark.parametrize("path", ["", "unit", "全称", "unit.full_name.x", "单位."])
def test_find_nothing(path):
    assert schema(BASE).find(path) is None


def test_layers_override_single_keys():
    found = schema(
        BASE, "freq:\n  analysis: {default: 每月1次}\naccounts: {columns: {platform: , admin: {label: 管理员}}}\n"
    )
    assert found.findings == ()
    analysis = found.params["freq.analysis"]
    assert (analysis.default, analysis.floor, analysis.labels) == ("每月1次", "每年至少2次", ("频次", "分析研判"))
    assert [column.key for column in found.params["accounts"].columns] == ["name", "admin"]


def test_layers_remove():
    found = schema(BASE, "accounts:\nfreq: {analysis: }\n")
    assert list(found.params) == ["unit.full_name"]


@pytest.mark.parametrize("code", sorted(BAD))
def test_faults(code):
    (finding,) = schema(BAD[code]).findings
    assert finding.code == code and CODES[code].startswith(finding.severity.value)
    assert finding.where.file == "layer0.yaml" or code == "param_shape"


#: A slip in one line of a parameter → what is said of it there.
SLIPS = {
    "help: [甲]": "“help”应当是一段文字",
    "tag: {V: 甲}": "“tag”应当是一段文字",
    "type: [text]": "“type”应当是一段文字",
    "required: {是: 是}": "“required”应当是一段文字",
    "required: 也许": "“required”应当是 是 或者 否",
    "options: 甲": "“options”应当是一个列表",
    "columns: 甲": "“columns”应当是“名称: 值”的形式",
    "defalt: 甲": "“defalt”没有这一项",
    "default: [甲]": "默认值应当是一段文字",
    "default: {by: unit.full_name == '甲', 是: [[甲]]}": "默认值应当是一段文字",
    "default: {by: [甲], 是: 乙}": "by 应当是一段文字",
    "default: {bi: unit.size, 大: 甲}": "没有“bi”这一项",
    "default: {by: unit.label, 甲: 乙, esle: 丙}": "“esle”不是“unit.label”的值",
    "default: {by: unit.label, 甲: 乙}": "没有写“unit.label”是其他值时用什么（else）",
    "default: {by: unit.full_name == '甲', 对: 甲}": "“对”不是“unit.full_name == '甲'”的值",
    "default: {by: unit.size, 大: {by: unit.size, 小小: 甲}}": "“小小”不是“unit.size”的值",
}


def test_a_slip_at_any_depth_is_told_at_its_line():
    """Values of another type were taken for none, a list as the type of a column ended in a TypeError."""
    size = "unit:\n  label: 单位\n  size: {label: 规模, type: choice, options: [大, 小]}\n"
    for slip, said in SLIPS.items():
        text = f"{size}  full_name:\n    label: 全称\n    type: text\n    {slip}\n".replace(
            "    type: text\n    type", "    type"
        )
        (fault,) = schema(text).findings
        assert said in fault.message and fault.where.line == text.count("\n"), (slip, fault)
    (fault,) = schema(BASE.replace("type: text}}", "type: [text]}}")).findings
    assert (fault.code, fault.where.line) == ("param_shape", 10)
    rows = "more: {label: 甲, type: table, columns: {a: {label: 乙}}, default: [{a: '{x}'}, {b: 丙}]}\n"
    assert [one.code for one in schema(rows).findings] == ["param_default"]


def test_every_code_has_a_case():
    assert set(BAD) == set(CODES)


def test_defaults_by_case_and_with_placeholders():
    text = (
        "a: {label: 甲, type: frequency, default: {by: b, 村: 每年1次, else: '%s'}}\n"
        "b: {label: 乙, type: text, default: '{x}'}\n"
    )
    assert schema(text % "{c}").findings == ()
    assert [finding.code for finding in schema(text % "常常").findings] == ["param_default"]


def param(kind, **more):
    return Param("a", ("甲",), kind, **more)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", " 柳河村 ", "柳河村"),
        ("longtext", "一\n二", "一\n二"),
        ("integer", "３２", 32),
        ("integer", "十二", 12),
        ("boolean", "是", True),
        ("boolean", "No", False),
        ("date", "2026年1月5日", "2026-01-05"),
        ("choice", "甲", "甲"),
        ("list", "一组、二组", ("一组", "二组")),
        ("list", ["一组 ", "", "二组"], ("一组", "二组")),
        ("list", "", ()),
        ("frequency", "每季度1次", "每季度一次"),
        ("duration", "五个工作日", "5个工作日"),
        ("deadline", "12月20日前", "每年12月20日前"),
        ("phone", "（0471）1234567、13800000000", "0471-1234567、13800000000"),
        ("phone", "110", "110"),
        ("integer", "", ""),
        ("document", "《问责条例》", {"title": "问责条例", "issuer": "", "number": "", "date": ""}),
        (
            "document",
            "中共中央《甲〈乙〉》（中发〔2015〕1号）",
            {"title": "甲〈乙〉", "issuer": "中共中央", "number": "中发〔2015〕1号", "date": ""},
        ),
        (
            "document",
            {"title": "《甲》", "date": "2019/9/1"},
            {"title": "甲", "issuer": "", "number": "", "date": "2019-09-01"},
        ),
        ("document", "", {}),
        ("table", "", ()),
    ],
)
def test_typed(kind, raw, value):
    assert typed(param(kind, options=("甲", "乙")), raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", ["x"]),
        ("text", "一\n二"),
        ("integer", "很多"),
        ("integer", "9" * 5000),
        ("integer", "1.5"),
        ("boolean", "也许"),
        ("date", "2026-02-30"),
        ("choice", "丙"),
        ("list", [{"a": "b"}]),
        ("list", {"a": "b"}),
        ("frequency", "定期"),
        ("duration", "尽快"),
        ("deadline", "及时"),
        ("phone", "打电话"),
        ("document", "《甲"),
        ("document", ["甲"]),
        ("document", {"issuer": "甲"}),
        ("table", "x"),
        ("table", [{"z": "1"}]),
        ("table", [{"b": "1"}]),
    ],
)
def test_not_typed(kind, raw):
    columns = (Param("a", ("名称",), required=True), Param("b", ("数",), "integer"))
    with pytest.raises(ValueError, match="[\u4e00-\u9fff]"):
        typed(param(kind, options=("甲", "乙"), columns=columns), raw)


def test_table_fills_columns():
    columns = (
        Param("name", ("名称",), required=True),
        Param("times", ("次数",), "integer"),
        Param("often", ("频次",), "frequency", default="每年1次"),
        Param("who", ("谁",), default="{secretary}"),
    )
    (row,) = typed(param("table", columns=columns), [{"name": "甲"}])
    assert row == {"name": "甲", "times": "", "often": "每年一次", "who": "{secretary}"}


def test_examples_fit_their_types():
    for kind, example in EXAMPLES.items():
        if example:
            assert typed(param(kind), example) not in ("", ())


def test_split_list():
    assert split_list("一、二；三\n四;五、") == ("一", "二", "三", "四", "五")


#: What clerks type, by the kind of the question (tests/data/typed.yaml).
TYPED = yaml.load((Path(__file__).parent / "data/typed.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
QUESTIONS = {
    "integer": Param("members", ("党员人数",), "integer", ask="现有正式党员多少名", example="32"),
    "year": Param("year", ("日历年度",), "integer", example="2026"),
}


def test_what_clerks_type_is_read_or_they_are_told_what_to_write():
    for kind, cases in TYPED.items():
        question = QUESTIONS.get(kind) or Param("x", ("名称",), kind)
        for text, value in cases["reads"].items():
            assert typed(question, text) == value, text
        for text, words in cases["says"].items():
            with pytest.raises(ValueError, match=re.escape(words)):
                typed(question, text)
    assert sum(len(cases["reads"]) + len(cases["says"]) for cases in TYPED.values()) >= 100
