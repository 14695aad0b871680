"""Single values of a profile: what is wrong about them is found once, and sensible ones are left alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from checking import check, findings
from conftest import ROOT

from toolkit.app import Prepared, prepare
from toolkit.core.findings import Severity

NUMBER = "机关代字: 柳党字"
WRONG_NUMBERS = {
    "柳党字[2026]1号": "六角括号",
    "柳党字（2026）1号": "六角括号",
    "柳党字【2026】1号": "六角括号",
    "柳党字〔2026〕第1号": "不写“第”",
    "柳党字〔2026〕01号": "不补零",
    "柳党字〔2026〕1": "缺“号”",
    "柳党字〔２０２６〕１号": "半角",
    "柳党字〔2026〕 1号": "空格",
    "柳党字2026年1号": "六角括号里的年份",
    "柳党字〔26〕1号": "四位",
    "柳党字〔2026年〕1号": "四位",
    "〔2026〕1号": "代字",
}
PHONES = {
    "0471-0000000": True,
    "0471-4901234": True,
    "010-62345678": True,
    "0471-4901234转12": True,
    "13800138000": True,
    "400-800-1234": True,
    "62345": True,
    "119": True,
    "12345678901": False,
    "1380013800": False,
    "0471-12": False,
    "000000000000000": False,
}


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("number", "reason"), WRONG_NUMBERS.items())
def test_a_document_number_of_another_shape(number: str, reason: str) -> None:
    (found,) = findings("number_shape", changes={NUMBER: f"发文字号: {number}"})
    assert reason in found.message and found.where.line and found.severity is Severity.WARNING


@pytest.mark.parametrize(
    "number", ["柳党字〔2026〕1号", "江车党〔2026〕16号", "中共柳村支〔2026〕123号", "柳党发〔2026〕7号"]
)
def test_a_document_number_as_it_should_be(number: str) -> None:
    made = check(changes={NUMBER: f"发文字号: {number}"})
    assert [str(finding.as_dict()) for finding in made.findings] == []


def test_the_numbers_of_a_history() -> None:
    entry = "{事项: 制定, 通过机关: 党员大会, 通过日期: 2026-01-04, 印发日期: 2026-01-05, 文号: 柳党字〔2025〕第1号}"
    changes = {"文件:": f"沿革:\n  - {entry}\n文件:", "成文日期: 2026-01-05": "主送: 各组"}
    assert [finding.subject for finding in findings("number_shape", changes=changes)] == ["history[1].number"]
    right = {**changes, "文件:": changes["文件:"].replace("第1号", "1号")}
    assert [finding.subject for finding in findings("number_year", changes=right)] == ["history[1].number"]


@pytest.mark.parametrize(("phone", "right"), PHONES.items())
def test_telephones(phone: str, right: bool) -> None:
    found = findings("telephone", changes={"电话: 0471-0000000": f'电话: "{phone}"'})
    assert [finding.subject for finding in found] == ([] if right else ["contact.phone"])


@pytest.mark.parametrize("names", ["5", "5个", "共3个", "三个村民小组", "十二"])
def test_a_number_in_place_of_names(names: str) -> None:
    (found,) = findings("count_of_names", changes={"村民小组: 一组、二组": f'村民小组: "{names}"'})
    assert found.subject == "village.subunits" and found.severity is Severity.ERROR


@pytest.mark.parametrize("names", ["一组", "一组、二组", "5组、6组", "三道沟组"])
def test_names_are_no_number(names: str) -> None:
    assert not findings("count_of_names", changes={"村民小组: 一组、二组": f"村民小组: {names}"})


@pytest.mark.parametrize(
    "changes",
    [
        {"党组织: 柳溪镇党委": "党组织: 柳溪街道党工委"},
        {"政府: 柳溪镇人民政府": "政府: 青禾县人民政府"},
        {"简称: 柳河村": "简称: 柳河"},
        {"中共柳溪镇柳河村支部委员会": "中国共产党青禾县柳溪镇柳河村支部委员会"},
    ],
)
def test_names_of_the_same_place(changes: dict[str, str]) -> None:
    assert not findings("other_place", changes=changes) and not findings("own_superior", changes=changes)


@pytest.mark.parametrize(
    "name", ["柳河村", "柳河村党支部", "村党支部", "中共柳溪镇柳河村支部委员会", "青禾县柳溪镇柳河村"]
)
def test_a_unit_above_itself(name: str) -> None:
    (found,) = findings("own_superior", changes={"党组织: 柳溪镇党委": f"党组织: {name}"})
    assert found.subject == "superior.party" and found.severity is Severity.ERROR


@pytest.mark.parametrize("members", ["118户", "很多", '""'])
@pytest.mark.parametrize("form", ["党支部", "党委"])
def test_a_value_that_failed_has_no_follow_up(members: str, form: str) -> None:
    """The example in its place (32 members) is judged by nobody."""
    name = {"党支部": "支部委员会", "党委": "委员会"}[form]
    changes = {
        "党员人数: 32": f"党员人数: {members}",
        "形式: 党支部": f"形式: {form}",
        "柳河村支部委员会": f"柳河村{name}",
    }
    found = [finding for finding in check(changes=changes).findings if finding.severity is Severity.ERROR]
    assert len(found) == 1 and found[0].where.key in ("党组织.党员人数", "party.members"), [f.message for f in found]
    assert "现为" not in found[0].message


def test_a_missing_name_has_no_follow_up() -> None:
    found = check(changes={"  全称: 青禾县柳溪镇柳河村\n": "", "中共柳溪镇柳河村支部": "中共石桥镇白山村支部"}).findings
    assert [finding.code for finding in found] == ["missing_value"]


@pytest.mark.slow
def test_defaults_are_judged_like_prose() -> None:
    layer = {"params.yaml": "topics:\n  training_target: {default: 党员和有关部门的人员}\n"}
    assert [finding.subject for finding in findings("vague_word", layer)] == ["有关部门"]


@pytest.mark.slow
def test_the_deadlines_of_a_kind_can_be_set() -> None:
    """What the hint of a parameter promises holds: the duty follows it."""
    for kind, key, name, duty in (
        ("school", "分析研判完成", "deadline.analysis_due", "analysis"),
        ("school", "检查完成", "deadline.inspect_due", "inspect"),
        ("railway_depot", "检查完成", "deadline.inspect_due", "inspect"),
    ):
        text = (ROOT / "examples" / f"{kind}.yaml").read_text(encoding="utf-8")
        assert "时限:" not in text
        day = "每年12月1日前" if (kind, duty) == ("school", "inspect") else "每半年末月8日前"
        made = _prepared(text + f"时限:\n  {key}: {day}\n")
        assert made.resolved is not None and made.preset is not None
        assert made.resolved.duties[duty].deadline == made.resolved.values[name] == day
        assert made.preset.unread == ()


def _prepared(text: str) -> Prepared:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unit.yaml"
        path.write_text(text, encoding="utf-8")
        return prepare(path)


def test_a_blank_number_is_printed_with_the_code_of_the_organ() -> None:
    made = check()
    assert made.built is not None
    (notice,) = [document for document in made.built.set.documents if document.id == "notice_issue"]
    assert notice.doc_number == "柳党字〔2026〕　号"


def test_what_is_numbered_later_has_the_code_of_the_number_that_is_given() -> None:
    made = check({}, {"  机关代字: 柳党字": "  发文字号: 柳党字〔2026〕1号\n  通过日期: 2026-01-04"})
    assert made.built is not None
    numbers = {document.id: document.doc_number for document in made.built.set.documents}
    assert numbers["notice_issue"] == "柳党字〔2026〕1号"
    assert numbers["notice_groups"] == numbers["record_topical_report"] == "柳党字〔2026〕　号"


PEOPLE = """\
人员:
  - {姓名: 甲某, 职务: 宣传委员}
  - {姓名: 乙某, 职务: 党支部书记、村民委员会主任}
  - {姓名: 丙某, 职务: 组织委员、村文书}
  - {姓名: 丁某, 职务: 村党支部纪检委员}
  - {姓名: 戊某, 职务: 党支部副书记}
文件:"""


def test_people_who_hold_every_post() -> None:
    assert [str(finding.as_dict()) for finding in check(changes={"文件:": PEOPLE}).findings] == []


def test_a_former_holder_is_no_second_one() -> None:
    text = PEOPLE.replace("戊某, 职务: 党支部副书记", "戊某, 职务: 宣传委员, 起止: 2020年1月1日至2024年12月31日")
    assert [str(finding.as_dict()) for finding in check(changes={"文件:": text}).findings] == []


@pytest.mark.slow
def test_a_deputy_secretary_named_in_the_singular() -> None:
    text = (ROOT / "examples" / "railway_depot.yaml").read_text(encoding="utf-8")
    both = text.replace("职务: 段长、党委委员", "职务: 段长、党委副书记")
    assert [(f.code, f.subject) for f in _prepared(both).findings] == [("post_shared", "deputy")]
    one = text.replace("职务: 党委副书记", "职务: 党委副书记、纪委书记").replace(
        "职务: 纪委书记、党委委员", "职务: 党委委员"
    )
    assert [(f.code, f.subject) for f in _prepared(one).findings] == [("post_conflict", "deputy:discipline")]


#: How the people of a village are called: the roles that nobody holds then, of 书记 and 主任.
CALLED = {
    "村支书": ["admin_head"],
    "支书": ["admin_head"],
    "书记": ["admin_head"],
    "村支部书记": ["admin_head"],
    "村委会主任": ["secretary"],
    "村主任": ["secretary"],
    "主任": ["secretary"],
    "村支书兼村委会主任": [],
    "书记、主任": [],
    **dict.fromkeys(["副书记", "副主任", "妇女主任", "会计", "文书", "监委会主任"], ["secretary", "admin_head"]),
}


@pytest.mark.slow
def test_posts_as_people_in_villages_write_them():
    people = "人员:\n  - {{姓名: 甲某, 职务: 宣传委员}}\n  - {{姓名: 己某, 职务: 纪检委员}}\n  - {{姓名: 庚某, 职务: 组织委员}}\n"
    for post, vacant in CALLED.items():
        listed = people.format() + f"  - {{姓名: 丁某, 职务: {post}}}\n文件:"
        found = [one for one in check(None, {"文件:": listed}).findings if one.code.startswith("post_")]
        assert [(one.code, one.subject) for one in found] == [("post_vacant", role) for role in vacant], post
        assert not any("是不是" in one.hint for one in found), post
    asked = findings("post_vacant", None, {"文件:": people.format() + "  - {姓名: 丁某, 职务: 村民委主任}\n文件:"})
    assert [one.hint for one in asked if "是不是" in one.hint] == [
        "是不是“村民委主任”（丁某）？是的话，把职务写成“村民委员会主任”。"
    ]
