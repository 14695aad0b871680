"""Profiles: reading, validation with places, people, starter file, settings."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from list_shapes import PEOPLE_FILES

from toolkit.core.findings import FileError, UsageError, has_errors
from toolkit.core.yaml_read import load
from toolkit.presets.params import load_params
from toolkit.profile import CODES, parse_setting, read_profile, starter, validate
from toolkit.profile.people import parse_term

SCHEMA = load_params(
    [
        load(
            """\
unit:
  label: 单位
  full_name: {label: 全称, type: text, required: true, ask: 单位全称是什么？, example: 青禾县柳溪镇柳河村}
  self: {label: 自称, type: text, default: 本村}
  members: {label: 人数, type: integer, required: true, example: "32"}
party:
  label: 党组织
  form: {label: 形式, type: choice, options: [党支部, 党总支, 党委], required: true}
  name: {label: 简称, type: text, default: "{unit.self}{party.form}"}
freq:
  label: 频次
  analysis: {label: 分析研判, type: frequency, default: 每季度至少1次, help: 分析研判会议}
groups: {label: 小组, type: list}
open: {label: 公开, type: boolean, default: 是}
phone: {label: 电话, type: phone}
issued: {label: 成文日期, type: date}
basis: {label: 依据, type: document}
notes: {label: 说明, type: longtext}
accounts:
  label: 账号
  type: table
  columns:
    name: {label: 名称, type: text, required: true, example: 柳河村公众号}
    platform: {label: 平台, type: choice, options: [微信, 微博]}
    times: {label: 次数, type: integer}
""",
            "params.yaml",
        )
    ]
)
assert not SCHEMA.findings
GOOD = "单位类型: 村\n单位.全称: 柳河村\n单位.人数: 32\n党组织.形式: 党支部\n"


@pytest.fixture
def check(tmp_path):
    """Return a function: profile text (or bytes) -> (values, findings, Validated)."""

    def run(text, name="unit.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        profile = read_profile(path)
        validated = validate(profile, SCHEMA)
        return validated.values, [*profile.findings, *validated.findings], validated

    return run


def codes(findings):
    return [finding.code for finding in findings]


def test_good_profile(check):
    values, findings, validated = check(
        GOOD + "频次:\n  analysis: 每月１次\ngroups: 一组、二组\n公开: 否\n"
        "电话: 0471-1234567\n成文日期: 2026年1月5日\n"
        "依据: 《甲》（乙〔2020〕1号）\n说明: |\n  第一行\n  第二行\n"
        "账号:\n  - 名称: 柳河\n    platform: 微信\n    次数: 3\n  - name: 溪\n"
    )
    assert findings == []
    assert values == {
        "unit.full_name": "柳河村",
        "unit.members": 32,
        "party.form": "党支部",
        "freq.analysis": "每月一次",
        "groups": ("一组", "二组"),
        "open": False,
        "phone": "0471-1234567",
        "issued": "2026-01-05",
        "basis": {"title": "甲", "issuer": "", "number": "乙〔2020〕1号", "date": ""},
        "notes": "第一行\n第二行",
        "accounts": ({"name": "柳河", "platform": "微信", "times": 3}, {"name": "溪", "platform": "", "times": ""}),
    }
    place = validated.places["freq.analysis"]
    assert (place.line, place.column, place.key) == (6, 13, "频次.分析研判")


@pytest.mark.parametrize("encode", [lambda t: b"\xef\xbb\xbf" + t.encode(), lambda t: t.replace("\n", "\r\n").encode()])
def test_bom_and_crlf(check, encode):
    values, findings, _ = check(encode(GOOD))
    assert findings == [] and values["unit.full_name"] == "柳河村"


def test_gb18030_is_a_notice(check):
    values, findings, _ = check(GOOD.encode("gb18030"))
    assert codes(findings) == ["encoding_gb18030"] and values["unit.full_name"] == "柳河村"


def test_kind_and_layers(tmp_path):
    (tmp_path / "条款").mkdir()
    path = tmp_path / "unit.yaml"
    path.write_text("kind: village\n自有条款: [条款]\n", encoding="utf-8")
    profile = read_profile(path)
    assert (profile.kind, profile.layers, profile.findings) == ("village", (tmp_path / "条款",), ())


#: For each code, what to add to the good profile (or a whole file, marked with ``=``).
TRIGGERS = {
    "profile_empty": "=# 空\n",
    "profile_shape": "=- 甲\n",
    "missing_kind": "=" + GOOD.partition("\n")[2],
    "duplicate_key": "unit.full_name: 柳溪村\n",
    "unknown_key": "单位.全程: 柳河村\n",
    "missing_value": "=单位类型: 村\n单位.全称: 柳河村\n单位.人数: 3\n",
    "wrong_type": "频次.分析研判: [甲]\n",
    "bad_choice": "账号: [{名称: 甲, 平台: 抖音}]\n",
    "bad_value": "频次.分析研判: 定期\n",
    "empty_value": "频次.分析研判:\n",
    "private_use_character": "单位.自称: 本\ue000村\n",
    "unassigned_character": "单位.自称: 本\U000e0fff村\n",
    "invisible_character": "单位.自称: 本\u200b村\n",
    "wide_blank": "单位.自称: 本　村\n",
    "value_too_long": "说明: " + "长" * 10_001 + "\n",
    "list_commas": "小组: 一组，二组,三组\n",
    "placeholder_value": "单位.自称: ××村\n",
    "bad_path": "自有条款: ../别处\n",
    "missing_file": "人员: 没有.csv\n",
    "bad_table_file": "人员: 人员.doc\n",
    "missing_column": "人员: 无姓名.csv\n",
    "ignored_column": "人员: 多一列.csv\n",
    "synonym_column": "人员: 别名.csv\n",
    "other_rows": "人员: 合计.csv\n",
    "title_rows": "人员: 标题.csv\n",
    "chosen_sheet": "人员: 第二张.xlsx\n",
    "hidden_rows": "人员: 隐藏.xlsx\n",
    "hidden_columns": "人员: 隐藏列.xlsx\n",
    "struck_rows": "人员: 划掉.xlsx\n",
    "blanks_inside": "人员: 空格.csv\n",
    "duplicate_person": "人员: [{姓名: 甲, 职务: 书记}, {姓名: 甲, 职务: 书记}]\n",
    "several_persons": "人员: [{姓名: 李四/张七, 职务: 委员}]\n",
    "perhaps_several_persons": "人员: [{姓名: 李四 张七, 职务: 委员}]\n",
    "control_character": "人员: 控制.csv\n",
}
FILES = {
    "人员.doc": b"x",
    "无姓名.csv": "职务\n书记\n".encode(),
    "多一列.csv": "姓名,性别\n甲,女\n".encode(),
    "控制.csv": "姓名\n甲\x07\n".encode(),
    "合计.csv": "姓名\n甲\n合计\n".encode(),
    "别名.csv": "名字\n甲\n".encode(),
    "标题.csv": "班子名单\n姓名\n甲\n".encode(),
    "空格.csv": "姓名\n张　三\n".encode(),
}
#: Workbooks among them, by code: the shape and the name.
WORKBOOKS = {
    "chosen_sheet": ("cover", "第二张"),
    "hidden_rows": ("hidden", "隐藏"),
    "hidden_columns": ("hidden_columns", "隐藏列"),
    "struck_rows": ("struck", "划掉"),
}


@pytest.mark.parametrize("code", sorted(TRIGGERS))
def test_codes(code, check, tmp_path):
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    if code in WORKBOOKS:
        PEOPLE_FILES[WORKBOOKS[code][0]].make(tmp_path / WORKBOOKS[code][1])
    text = TRIGGERS[code]
    _, findings, _ = check(text[1:] if text.startswith("=") else GOOD + text)
    assert codes(findings) == [code]
    (finding,) = findings
    assert CODES[code].startswith(finding.severity.value)
    assert finding.where.file.startswith(str(tmp_path)) and finding.message
    assert finding.where.line or code in ("missing_value", "missing_kind")


def test_every_code_has_a_trigger():
    assert set(TRIGGERS) == set(CODES)


def test_all_errors_at_once_with_places(check):
    _, findings, _ = check(
        "单位类型: 村\n单位:\n  全称: 柳河村\n  全程: x\n频次.分析研判: 定期\nfreq:\n  analysis: 每年1次\n"
        "账号:\n  - 名称：甲\n  - 平台: 抖音\n全称: y\n"
    )
    assert [(f.code, f.where.line, f.where.column) for f in findings] == [
        ("unknown_key", 4, 3),
        ("bad_value", 5, 10),
        ("duplicate_key", 7, 3),
        ("wrong_type", 9, 5),
        ("missing_value", 10, 5),
        ("bad_choice", 10, 9),
        ("unknown_key", 11, 1),
        ("missing_value", 0, 0),
        ("missing_value", 0, 0),
    ]
    assert "“全称”" in findings[0].hint and "单位.全称" in findings[6].hint
    assert "第 5 行" in findings[2].message and "半角" in findings[3].hint
    assert [finding.subject for finding in findings[-2:]] == ["unit.members", "party.form"]


@pytest.mark.parametrize(
    ("key", "line"), [("单位类形: 村", 2), ("单位 类型: 村", 2), ("类型: 村", 2), ("kinds: 村", 2), ("性质: 村", 0)]
)
def test_a_misspelt_kind_is_named_with_its_line(key, line, check):
    _, (finding, *_), _ = check(f"# 档案\n{key}\n" + GOOD.partition("\n")[2])
    assert (finding.code, finding.where.line) == ("missing_kind", line)
    assert (f"“{key.partition(':')[0]}”是不是“单位类型”" in finding.hint) == bool(line)


@pytest.mark.parametrize(
    "line", ["小组: 一组（甲，乙）、二组", "小组: 第1,000组", "小组: [甲，乙, 丙]", "单位.自称: 甲，乙"]
)
def test_commas_that_part_no_items(line, check):
    assert check(GOOD + line + "\n")[1] == []


def test_a_count_is_not_negative(check):
    values, (finding,), _ = check(GOOD.replace("人数: 32", "人数: -3"))
    assert finding.code == "bad_value" and "负数" in finding.message and "unit.members" not in values


@pytest.mark.parametrize("value", ['"本\\x07村"', "本\x07村", '"本\x07村"'])
def test_a_control_character_is_one_finding_and_leaves_nothing(value, check):
    values, findings, _ = check(GOOD + f"单位.自称: {value}\n")
    assert codes(findings) == ["control_character"] and values["unit.self"] == "本村"


def test_missing_value_says_what_it_is_for(check):
    _, (finding, *_), _ = check("单位类型: 村\n单位.全称:\n单位.人数: 3\n党组织.形式: 党委\n")
    assert (finding.code, finding.where.line) == ("missing_value", 2)
    assert "单位.全称" in finding.message and "单位全称是什么" in finding.hint and "柳溪镇" in finding.hint


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("单位: 柳河村", "wrong_type"),
        ("小组: {甲: 乙}", "wrong_type"),
        ("账号: 微信", "wrong_type"),
        ("账号: {名称: 甲}", "wrong_type"),
        ("依据: [甲]", "wrong_type"),
        ("依据: {文号: 1}", "missing_value"),
        ("依据: {标题: , 日期: 2026-01-05}", "missing_value"),
        ("依据: {标题: }", "missing_value"),
        ("依据: {标题: 甲, 日期: 去年}", "bad_value"),
        ("依据: {标题: 甲, 单位: 乙}", "unknown_key"),
        ("账号: [{名称: 甲, 次数: 多}]", "bad_value"),
        ("公开: 大概", "bad_value"),
        ("账号: [{名称: 甲, name: 乙}]", "duplicate_key"),
        ("账号: [{名称: [甲]}]", "wrong_type"),
        ("小组: [[甲]]", "wrong_type"),
        ("成文日期: 2026-02-30", "bad_value"),
        ("自有条款: [{甲: 乙}]", "wrong_type"),
        ("自有条款: C:\\x", "bad_path"),
        ("人员: /etc/passwd.csv", "bad_path"),
        ("人员: 甲\\..\\..\\x.csv", "bad_path"),
        ("人员: {姓名: 甲}", "wrong_type"),
        ("人员: [{姓名: 甲, 起止: 很久}]", "bad_value"),
        ("人员: [{姓名: 甲, 表决权: 也许}]", "bad_value"),
        ("people.x: 1", "unknown_key"),
        ("小组: [一组，二组]", "list_commas"),
        ("人员: [{姓名: 甲, 会议: 支委会，党员大会}]", "list_commas"),
        ("账号: [{名称: 甲, 次数: -3}]", "bad_value"),
    ],
)
def test_one_fault_one_finding(line, code, check):
    _, findings, _ = check(GOOD + line + "\n")
    assert codes(findings) == [code]
    assert findings[0].where.line == 5


def test_cleared_values(check):
    values, findings, _ = check(GOOD + "单位.自称:\n小组:\n账号: []\n依据:\n成文日期:\n")
    assert findings == []
    assert [values[key] for key in ("unit.self", "groups", "accounts", "basis", "issued")] == ["", (), (), {}, ""]


def test_yaml_errors_are_not_followed_by_others(check):
    _, findings, _ = check(GOOD + "a: [\n")
    assert codes(findings) == ["yaml_syntax"]


def test_link_out_of_the_folder(check, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside.csv"
    outside.write_text("姓名\n甲\n", encoding="utf-8")
    try:
        (tmp_path / "人员.csv").symlink_to(outside)
    except OSError:
        pytest.skip("no symbolic links here")
    _, findings, _ = check(GOOD + "人员: 人员.csv\n")
    assert codes(findings) == ["bad_path"]


PEOPLE = (
    {
        "name": "张三",
        "post": "书记",
        "phone": "",
        "meetings": ("支委会", "党员大会"),
        "groups": (),
        "voting": True,
        "member": True,
        "from": "2026-01-01",
        "until": "2028-12-31",
    },
    {
        "name": "李四",
        "post": "文书",
        "phone": "",
        "meetings": (),
        "groups": (),
        "voting": False,
        "member": True,
        "from": "",
        "until": "",
    },
)
CSV = "姓名,职务,会议,表决权,起止\n张三,书记,支委会、党员大会,,2026年1月至2028-12-31\n\n李四,文书,,否,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_people_csv(encoding, delimiter, check, tmp_path):
    (tmp_path / "人员.csv").write_bytes(CSV.replace(",", delimiter).encode(encoding))
    values, findings, _ = check(GOOD + "人员: 人员.csv\n")
    assert values["people"] == PEOPLE
    assert codes(findings) == (["encoding_gb18030"] if encoding == "gb18030" else [])


def test_people_inline_equals_file(check):
    values, findings, _ = check(
        GOOD + "people:\n  - {name: 张三, 职务: 书记, 会议: [支委会, 党员大会], 起止: 2026年1月1日至2028年12月}\n"
        "  - {姓名: 李四, post: 文书, voting: 否}\n"
    )
    assert findings == [] and values["people"] == PEOPLE


def test_people_xlsx(check, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    for row in (
        ["姓名", "post", "会议", "表决权", "起止"],
        ["张三", "书记", "支委会、党员大会", True, "2026年至2028年"],
        [],
    ):
        book.active.append(row)
    book.active.append(["李四", "文书", None, False, None])
    book.active.append([None, "委员", None, "也许", None])
    book.save(tmp_path / "人员.xlsx")
    _, findings, _ = check(GOOD + "人员: 人员.xlsx\n")
    assert [(f.code, f.where.line, f.where.column) for f in findings] == [("missing_value", 5, 1), ("bad_value", 5, 4)]
    assert all(f.where.file.endswith("人员.xlsx") for f in findings)
    book.active.delete_rows(5)
    book.save(tmp_path / "人员.xlsx")
    values, findings, _ = check(GOOD + "人员: 人员.xlsx\n")
    assert findings == [] and values["people"] == PEOPLE


@pytest.mark.parametrize("name", ["坏.xlsx", "空.csv", "坏.csv", "空zip.xlsx"])
def test_bad_people_files(name, check, tmp_path):
    import zipfile

    (tmp_path / "坏.xlsx").write_bytes(b"PK not a zip")
    (tmp_path / "空.csv").write_bytes(b"\n\n")
    (tmp_path / "坏.csv").write_bytes('姓名\n"甲'.encode() + b"x" * 200_000)
    zipfile.ZipFile(tmp_path / "空zip.xlsx", "w").close()
    _, findings, _ = check(GOOD + f"人员: {name}\n")
    assert codes(findings) == ["bad_table_file"]


def test_an_empty_people_file_says_what_to_write(check, tmp_path):
    (tmp_path / "空.csv").write_bytes(b"")
    _, (finding,), _ = check(GOOD + "人员: 空.csv\n")
    assert finding.where.line == 1 and "姓名、职务" in finding.hint


def test_terms_are_judged_beside_other_faults(check, tmp_path):
    (tmp_path / "人员.csv").write_text("姓名,职务,起止\n甲,,2026-02-30至2025-01-01\n,委员,昨天\n", encoding="utf-8")
    _, findings, _ = check(GOOD + "人员: 人员.csv\n")
    assert [(f.code, f.where.line, f.where.column) for f in findings] == [
        ("bad_value", 2, 3),
        ("missing_value", 3, 1),
        ("bad_value", 3, 3),
    ]
    assert "不存在" in findings[0].message and "至2028年" in findings[0].hint + findings[2].message


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("", ("", "")),
        ("2026-01-05至2028-01-04", ("2026-01-05", "2028-01-04")),
        ("2026年3月起", ("2026-03-01", "")),
        ("2024.03-2027.02", ("2024-03-01", "2027-02-28")),
        ("2024年—2026年", ("2024-01-01", "2026-12-31")),
        ("2024年1月5日至今", ("2024-01-05", "")),
        ("至2026年6月", ("", "2026-06-30")),
        ("2024/1/5 ~ 2024/2/5", ("2024-01-05", "2024-02-05")),
    ],
)
def test_terms(text, term):
    assert parse_term(text) == term


@pytest.mark.parametrize("text", ["很久", "2026年2月30日起", "2026至2025", "2026年13月起", "至0000年"])
def test_bad_terms(text):
    with pytest.raises(ValueError):
        parse_term(text)


def test_starter_lists_everything_once():
    text = starter(SCHEMA, "村", {"unit.members": "32"})
    lines = text.splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        "单位类型: 村",
        "单位.全称:",
        "单位.人数: 32",
        "党组织.形式:",
    ]
    for param in SCHEMA.params.values():
        assert sum(line.lstrip("#").startswith(param.label + ":") for line in lines) == 1
    assert "单位全称是什么？" in text and "#频次.分析研判: 每季度至少1次" in text and "{" not in text


def test_starter_filled_in_gives_no_finding(check):
    answers = {"unit.full_name": "柳河村", "unit.members": "32", "party.form": "党支部"}
    values, findings, _ = check(starter(SCHEMA, "村", answers))
    assert findings == [] and values == {"unit.full_name": "柳河村", "unit.members": 32, "party.form": "党支部"}


def test_starter_with_everything_switched_on(check):
    answers = {"unit.full_name": "柳河村", "unit.members": "32", "party.form": "党支部"}
    lines = starter(SCHEMA, "村", answers).splitlines()
    text = "\n".join(line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in lines)
    _, findings, _ = check(text)
    assert set(codes(findings)) == {"placeholder_value", "missing_file"}


_text = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(_text, st.lists(_text, max_size=3), st.lists(st.fixed_dictionaries({"name": _text}), max_size=3), _text)
def test_starter_values_read_back(check, name, groups, accounts, notes):
    answers = {"unit.full_name": name, "unit.members": 3, "party.form": "党委", "groups": groups, "accounts": accounts}
    values, findings, _ = check(starter(SCHEMA, "村", {**answers, "notes": notes + "\n" + notes, "open": True}))
    assert not has_errors(findings) and not {"yaml_syntax", "fullwidth_colon"} & set(codes(findings))
    assert values["unit.full_name"] == name and values["notes"] == notes + "\n" + notes and values["open"] is True
    assert [row["name"] for row in values["accounts"]] == [row["name"] for row in accounts]


def test_settings():
    assert parse_setting("单位.全称=甲=乙", SCHEMA) == ("unit.full_name", "甲=乙")
    assert parse_setting("freq.analysis ＝ 每年1次", SCHEMA) == ("freq.analysis", "每年1次")
    assert parse_setting("人员=人员.csv", SCHEMA) == ("people", "人员.csv")
    for text in ("单位.全称", "=x", "单位类型=村", "单位=x"):
        with pytest.raises(UsageError):
            parse_setting(text, SCHEMA)
    with pytest.raises(UsageError) as error:
        parse_setting("单位.全程=x", SCHEMA)
    assert "单位.全称" in error.value.hint


@pytest.mark.slow
def test_a_profile_without_faults_needs_no_cerberus(village_profile):
    code = f"import sys; from toolkit import api\nprint(api.check({str(village_profile)!r}), 'cerberus' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "() False\n"


def test_missing_profile(tmp_path):
    with pytest.raises(FileError):
        read_profile(tmp_path / "none.yaml")


_junk = st.recursive(
    st.text(max_size=12) | st.sampled_from(["村", "每年1次", "", "是", "{{x}}", "{% y %}", "&<>‹", "../x", "人员.csv"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*SCHEMA.children(""), "单位类型", "人员", "自有条款", "单位.全称", "name", "姓名", "标题", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(_junk)
def test_random_profiles_give_findings_only(check, junk):
    values, findings, validated = check(json.dumps(junk).encode())
    lost = validated.places.keys() - values.keys()  # given, but not to be read: a finding says why
    assert lost <= {finding.subject for finding in findings}
    assert findings and {f.code for f in findings} <= set(CODES) | {"yaml_syntax", "control_character"}
    assert values.keys() <= SCHEMA.params.keys() | {"people"}


def test_findings_have_a_fixed_order(check):
    text = "单位类型: 村\n"
    first = check(text)[1]
    assert [finding.subject for finding in first] == ["unit.full_name", "unit.members", "party.form"]
    assert check(text)[1] == first


def test_speed(tmp_path):
    """A profile of 40 lines takes about 2 ms warm; the bound leaves room for a slow machine."""
    path = tmp_path / "unit.yaml"
    accounts = "账号:\n" + "  - {名称: 甲, 平台: 微信, 次数: 3}\n" * 20
    groups = "小组:\n" + "  - 一组\n" * 14
    path.write_text(GOOD + accounts + groups, encoding="utf-8")
    assert validate(read_profile(path), SCHEMA).findings == ()
    times = []
    for _ in range(15):
        start = time.process_time()
        validate(read_profile(path), SCHEMA)
        times.append(time.process_time() - start)
    assert min(times) < 0.015
