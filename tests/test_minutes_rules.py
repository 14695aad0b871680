"""The rules of minutes: a meeting that breaks none, and for each code a meeting that gives just that."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from minutes_samples import GOOD, VILLAGE, applying, good, parse, village, with_row

from toolkit import app, forms
from toolkit.forms import FormData, FormRow
from toolkit.language import person_names
from toolkit.minutes import files, making, masking, reading
from toolkit.minutes import register as register_room
from toolkit.minutes import rules as minutes
from toolkit.minutes.masking import reduced, without_names, without_numbers
from toolkit.minutes.register import across
from toolkit.minutes.register.across import Sitting, Task
from toolkit.minutes.rules import quorum
from toolkit.minutes.unit import READING, Unit
from toolkit.model.tree import Provision, plain, walk


def found(data: FormData, unit: Unit | None = None):
    unit = unit or village()
    return files.check(unit, reading.of_unit(unit, data, "x"), "x")


def codes(data: FormData, unit: Unit | None = None) -> set[str]:
    return {one.code for one in found(data, unit)}


def test_the_good_meeting_gives_nothing():
    assert found(GOOD) == ()


A, V, R, P = "attendance", "votes", "resolutions", "previous"
BROKEN = {
    "required_empty": good(place=""),
    "count_mismatch": good(expected="6", expected_voting=""),
    "roll_mismatch": with_row(A, 2, good(present="4"), status="缺席", absent_for="出差"),
    "voting_count": good(present_voting="4"),
    "absence_reason": with_row(A, 4, absent_for=""),
    "person_twice": good(observers="甲某（宣传委员）"),
    "unknown_person": with_row(A, 2, name="王某"),
    "quorum_missed": good(present="1", present_voting="1"),
    "quorum_stated": good(quorum_met="没有达到"),
    "chair_not_allowed": good(chair="辰某（镇干部）"),
    "partly_present": with_row("partly", 1, partly_name="己某", came_at="9时50分"),
    "vote_absence": with_row(V, 1, agree="2", away="己某"),
    "vote_sum": with_row(V, 1, agree="2"),
    "vote_result": with_row(V, 1, passed="没有通过"),
    "resolution_owner": with_row(R, 1, duty_post=""),
    "boundary": with_row(R, 1, decided="由信息员掌握职工朋友圈的内容，每周报办公室。"),
    "resolution_deadline": with_row(R, 1, finish_by="2026-03-04"),
    "previous_state": with_row(P, 1, past="核对账号", past_post="宣传委员"),
    "time_order": good(adjourned="9时00分"),
    "result_empty": with_row("agenda", 2, result=""),
    "late_minutes": good(written_on="2026-03-09"),
    "signature_missing": good(chair_sign=""),
    "vague_phrase": good(discussion="会上大家一致认为工作扎实。"),
    "empty_discussion": good(discussion="略"),
    "bad_date": good(held_on="2026年2月30日"),
    "bad_time": good(started="25:00"),
    "bad_number": good(present="若干"),
    "bad_choice": good(quorum_met="大概"),
}


#: Codes that an own rule of the unit gives, not a meeting.
OWN = {"rule_unread"}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("code", BROKEN)
def test_each_code_is_given_where_it_should(code):
    given = found(BROKEN[code])
    assert code in {one.code for one in given}
    assert all(one.message and one.where.file for one in given)


@pytest.mark.parametrize(
    "data",
    [
        good(observers="王某（来宾）"),
        good(discussion="甲某、戊某一致认为应当核对账号。"),
        good(written_on="2026-03-06"),
        with_row(R, 1, finish_by="2026-03-05"),
        with_row(R, 1, duty_post="甲某"),
        good(observers="无"),
        good(chair="党支部书记 丁某"),
        with_row(P, 1, past="无"),
        with_row(R, 1, decided="不得记录村民在群里的发言，由村文书向管理员说明。"),
        with_row(R, 1, decided="汇总村民对村务公开的意见建议，逐项答复办理结果。"),
    ],
)
def test_what_is_right_is_left_alone(data):
    assert not codes(data)


def test_the_list_is_that_of_the_profile():
    away = replace(
        GOOD, tables={**GOOD.tables, A: tuple(row for row in GOOD.tables[A] if row.values["name"] != "戊某")}
    )
    assert "戊某按单位档案应当到会" in " ".join(one.message for one in found(away))
    assert "单位档案写的是没有表决权" in " ".join(one.message for one in found(with_row(A, 5, voting="有")))


def test_the_chair_came_and_may_chair():
    absent = with_row(A, 1, good(chair="甲某（宣传委员）"), status="请假", absent_for="公出")
    absent = with_row(A, 4, absent, status="到会", absent_for="")
    assert "chair_not_allowed" not in codes(absent)  # the secretary is away: a member of the committee may
    assert "chair_not_allowed" in codes(with_row(A, 1, absent, status="到会", absent_for=""))  # the secretary came
    assert "主持人己某没有到会" in " ".join(one.message for one in found(good(chair="己某")))
    assert "不能主持" in " ".join(one.message for one in found(good(chair="庚某（村文书）")))


def test_half_or_more_and_more_than_half():
    half, over = parse("半数以上委员到会", meeting=True)[0], parse("超过应到会委员半数赞成")[0]
    assert half.holds(2, 4) and not half.holds(1, 4) and half.least(5) == 3
    assert not over.holds(2, 4) and over.holds(3, 4) and over.least(4) == 3 and over.least(5) == 3
    two_thirds = parse("三分之二以上组成人员到会", meeting=True)[0]
    assert (two_thirds.part, two_thirds.inclusive, two_thirds.least(9)) == (Fraction(2, 3), True, 6)
    assert parse("超过五分之四有选举权的党员到会", meeting=True)[0] == quorum.Rule(
        Fraction(4, 5), False, "expected", True
    )


def test_denominators_are_told_apart():
    assert parse("到会人员过半数同意")[0].base == "present"
    assert parse("赞成人数超过应到会有表决权党员的半数")[0].base == "expected"
    assert (
        parse("过半数赞成", "到会人员")[0].base == "present" and parse("过半数赞成", "应到会委员")[0].base == "expected"
    )
    assert parse("不进行表决") == [] and parse("主持人综合会商意见决定") == []


def test_what_can_be_counted_in_two_ways_is_not_counted():
    assert parse("十八周岁以上的过半数或者三分之二以上的户的代表到会", meeting=True) == []


def test_a_condition_makes_the_rule_stricter():
    rules = tuple(parse("半数以上委员到会，讨论干部事项时三分之二以上委员到会", meeting=True))
    assert applying(rules, "年度安排").part == Fraction(1, 2)
    assert applying(rules, "干部任免").part == Fraction(2, 3)


@pytest.mark.slow
def test_every_rule_of_every_preset_is_counted_or_counts_nothing():
    from toolkit import presets
    from toolkit.core import data_folders

    uncounted = {
        "会商人员到会（可以电话参加）",
        "会商人员到会（可以电话参加），不能到会的写明原因",
        "能够到会的会商人员到会（可以电话参加）",
        "会商人员到会，当班人员可以用电话参加",
        "不进行表决",
        "主持人综合会商意见决定",
    }
    for name in ("village", "school", "railway_depot"):
        profile = ROOT / "examples" / f"{name}.yaml"
        for meeting in Unit(profile).resolved.meetings.values():
            rule = quorum.read(meeting.quorum)
            for words, counted in (
                (meeting.quorum["to_meet"], rule.to_meet),
                (meeting.quorum["to_pass"], rule.to_pass),
            ):
                assert counted or words in uncounted or "听取到会成员意见后作出决定" in words, words
    assert presets.kinds(data_folders.presets_folders())


def test_a_recalled_rule_warns_until_the_profile_names_its_basis(tmp_path):
    few = good(present="1", present_voting="1")
    missed = next(one for one in found(few) if one.code == "quorum_missed")
    assert missed.severity == "warning" and "待核" in missed.hint
    profile = tmp_path / "unit.yaml"
    rule = "会议规则:\n  - {会议: 意识形态工作专题研究会议, 依据: 《中国共产党支部工作条例（试行）》第十二条}\n"
    profile.write_text(VILLAGE.read_text(encoding="utf-8") + rule, encoding="utf-8")
    missed = next(one for one in found(few, Unit(profile)) if one.code == "quorum_missed")
    assert missed.severity == "error" and "第十二条" in missed.basis


def test_a_units_own_rule_is_printed_and_counted(tmp_path):
    profile = tmp_path / "unit.yaml"
    rule = (
        "会议规则:\n  - {会议: 意识形态工作专题研究会议, 到会: 全体委员的三分之二以上到会, "
        "通过: 到会委员过半数赞成, 依据: 本村议事规则}\n"
    )
    profile.write_text(VILLAGE.read_text(encoding="utf-8") + rule, encoding="utf-8")
    unit = Unit(profile)
    assert "三分之二以上" in str(unit.documents["minutes_topical_study"])
    assert not codes(GOOD, unit)  # 3 of 4 came; 3 of 3 agreed
    data = with_row(A, 2, good(present="3", present_voting="2"), status="请假", absent_for="公出")
    assert {"quorum_missed", "quorum_stated"} <= codes(data, unit)


def test_a_rule_that_cannot_be_counted_is_said_with_every_meeting(tmp_path):
    profile = tmp_path / "unit.yaml"
    rule = "会议规则:\n  - {会议: 意识形态工作专题研究会议, 到会: 大部分成员到会, 依据: 本村议事规则}\n"
    profile.write_text(VILLAGE.read_text(encoding="utf-8") + rule, encoding="utf-8")
    (unread,) = (one for one in found(GOOD, Unit(profile)) if one.code == "rule_unread")
    assert "大部分成员到会" in unread.message and unread.where.line and "三分之二以上" in unread.hint
    whole = Unit(profile).prepared  # where records are only read, this is all that is asked of the checks
    read = app.prepare_with(whole.profile, whole.preset, codes=READING)
    assert found(GOOD, Unit(read)) == found(GOOD, Unit(profile)) and {one.code for one in read.findings} == READING


def test_a_vote_without_a_quorum_does_not_pass():
    data = with_row(V, 1, good(present_voting="3", quorum_met="没有达到"))
    assert "vote_result" in codes(data)


def messages(data: FormData, unit: Unit | None = None) -> str:
    return " ".join(one.message for one in found(data, unit))


# --- votes of those who are in the room ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ({}, {"agree": "2", "recused": "戊某"}),
        ({}, {"agree": "2", "recused": "戊　某（组织委员）"}),
        ({}, {"agree": "2", "recused": "1人"}),
        ({}, {"agree": "2", "against": "0", "invalid": "1", "way": "无记名投票", "passed": "没有通过"}),
        ({}, {"recused": "庚某"}),  # who may not vote is not missed
        ({}, {"recused": "无", "away": "无", "invalid": "0"}),
    ],
)
def test_who_does_not_vote_is_counted_out(values, row):
    given = with_row(V, 1, good(**values), **row)
    assert "vote_sum" not in codes(given) and "vote_absence" not in codes(given)


def test_who_left_is_counted_out_and_the_quorum_is_looked_at_again():
    left = with_row("partly", 1, partly_name="戊某", left_at="10时00分")
    for away in ("戊某 10:00离会", "戊某　中途离会", "戊某 因事请假"):
        assert codes(with_row(V, 1, left, agree="2", away=away, passed="没有通过")) == set(), away
    right = with_row(V, 1, left, agree="2", away="戊某", passed="没有通过")
    assert codes(right) == set()
    (wrong,) = (one for one in found(with_row(V, 1, left, agree="2")) if one.code == "vote_sum")
    assert "戊某" in wrong.hint and "不在场" in wrong.hint
    few = with_row("partly", 2, right, partly_name="甲某", left_at="10时10分")
    few = with_row(V, 1, few, agree="1", away="戊某、甲某")
    (missed,) = (one for one in found(few) if one.code == "quorum_missed")
    assert "在场1人，至少要2人" in missed.message and missed.severity == "warning"


def test_a_result_that_only_the_counting_of_the_recused_decides_is_left_alone(tmp_path):
    profile = tmp_path / "unit.yaml"
    rule = "会议规则:\n  - {会议: 意识形态工作专题研究会议, 通过: 到会委员三分之二以上同意, 依据: 本村议事规则}\n"
    profile.write_text(VILLAGE.read_text(encoding="utf-8") + rule, encoding="utf-8")
    unit = Unit(profile)
    for result, agree, told in (("通过", "2", False), ("没有通过", "1", False), ("通过", "1", True)):
        row = {"agree": agree, "against": str(2 - int(agree)), "recused": "戊某", "passed": result}
        given = codes(with_row(V, 1, **row), unit)
        assert ("vote_result" in given) is told and "vote_sum" not in given, (result, agree)


def test_invalid_votes_need_a_ballot_and_times_that_of_the_meeting():
    assert "不会有废票" in messages(with_row(V, 1, agree="2", invalid="1"))
    assert "早于开始" in messages(with_row("partly", 1, partly_name="戊某", came_at="9时00分"))
    assert "晚于散会" in messages(with_row("partly", 1, partly_name="戊某", left_at="11时30分"))
    assert "又写了" in messages(with_row("partly", 1, partly_name="己某", came_at="9时40分"))
    assert "没有写什么时间" in messages(with_row("partly", 1, partly_name="戊某"))


def test_the_rule_of_a_matter_is_not_that_of_another(tmp_path):
    profile = tmp_path / "unit.yaml"
    rule = (
        "会议规则:\n  - {会议: 意识形态工作专题研究会议, 通过: 一般事项应到会委员过半数同意，重大事项全体委员同意, "
        "依据: 本村议事规则}\n"
    )
    profile.write_text(VILLAGE.read_text(encoding="utf-8") + rule, encoding="utf-8")
    unit = Unit(profile)
    topics = good(topics="一、年度安排\n二、重大事项：活动室搬迁")
    assert not codes(topics, unit)
    assert "vote_result" in codes(with_row(V, 1, topics, matter="活动室搬迁"), unit)
    assert "vote_result" in codes(with_row(V, 1, good(topics="重大事项"), matter="活动室搬迁"), unit)


# --- counts -------------------------------------------------------------------------------------------------------


def test_counts_that_the_lists_tell_are_filled_in_and_judged():

    counts = ("expected", "expected_voting", "present", "present_voting", "quorum_met")
    bare = good(**dict.fromkeys(counts, ""))
    made = files.fill(village(), bare)
    back = forms.Form(made.document).data()
    assert [back.get(name) for name in counts] == ["5", "4", "4", "3", "达到"]
    missing = found(bare)
    assert {(one.code, one.severity.value) for one in missing} == {("required_empty", "warning")} and len(missing) == 5
    few = bare
    for number in (2, 3):
        few = with_row(A, number, few, status="缺席", absent_for="公出")
    few = with_row(A, 1, few, status="请假", absent_for="公出")
    assert forms.Form(files.fill(village(), few).document).data().get("quorum_met") == "没有达到"
    assert "quorum_missed" in codes(few)
    given = files.fill(village(), good(present="3"))  # what the officer wrote stays
    assert forms.Form(given.document).data().get("present") == "3"
    assert making.fill(village(), bare).document  # filling alone adds nothing
    big = FormData(
        "minutes_members",
        values={"held_on": "2026-03-05", "topics": "通报"},
        tables={"absentees": (FormRow({"absentee": "子某、丑某", "absence": "请假", "absent_for": "公出"}),)},
    )
    back = forms.Form(files.fill(village(), big).document).data()
    assert [back.get(name) for name in counts] == ["32", "32", "30", "30", "达到"]
    listed = FormData(
        GOOD.document, values={"held_on": "2026-03-05"}
    )  # the list of the profile is printed, and counted
    back = forms.Form(files.fill(village(), listed).document).data()
    assert (back.get("expected"), back.get("expected_voting"), back.get("present")) == ("4", "4", "")
    nobody = replace(big, tables={"absentees": (FormRow({"absentee": "无"}),)})
    assert forms.Form(files.fill(village(), nobody).document).data().get("present") == "32"


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("张三 李四 王五", ["张三", "李四", "王五"]),
        ("张三　李四", ["张三", "李四"]),
        ("王　明、李 强", ["王明", "李强"]),
        ("王　明 李　强", ["王明", "李强"]),
        ("张三，李四;王五/赵六\n钱七", ["张三", "李四", "王五", "赵六", "钱七"]),
        ("甲某（村文书） 乙某", ["甲某", "乙某"]),
        ("村党支部书记 丁某", ["丁某"]),
        ("镇党委委员丁某、王小明同志", ["丁某", "王小明"]),
        ("张三 书记 李四 委员", ["张三", "李四"]),
        ("子某和丑某", ["子某", "丑某"]),
        ("欧阳 明", ["欧阳明"]),
        ("阿卜杜拉•买买提、阿卜杜拉・买买提", ["阿卜杜拉·买买提", "阿卜杜拉·买买提"]),
        ("阿卜杜拉 · 买买提 李四", ["阿卜杜拉·买买提", "李四"]),
        ("阿卜杜拉.买买提，阿卜杜拉．买买提", ["阿卜杜拉·买买提", "阿卜杜拉·买买提"]),
        ("辛某（第一村民小组组长、党员）", ["辛某"]),
        ("宣传委员", ["宣传委员"]),
        ("谢　峰同志、许　霞同志", ["谢峰", "许霞"]),
        ("金英长、何国师（镇干部）", ["金英长", "何国师"]),
        ("无", []),
    ],
)
def test_a_cell_names_people_however_they_are_kept_apart(typed, names):
    assert [person_names.bare(name) for name in person_names.listed(typed)] == names


def roster(tmp_path, people: str) -> Unit:
    profile = tmp_path / "unit.yaml"
    text = VILLAGE.read_text(encoding="utf-8")
    start = text.index("人员:")
    profile.write_text(text[:start] + "人员:\n" + people, encoding="utf-8")
    return Unit(profile)


PEOPLE = """\
  - {姓名: 丁　某, 职务: 党支部书记、村民委员会主任}
  - {姓名: 甲某, 职务: 宣传委员}
  - {姓名: 甲某, 职务: 组织委员}
  - {姓名: 阿卜杜拉·买买提, 职务: 纪检委员}
  - {姓名: 庚某, 职务: 村文书, 表决权: 否}
"""


def test_the_own_form_passes_the_own_check(tmp_path):
    """A name of two characters with a full-width blank, namesakes with different posts, points of any kind."""

    unit = roster(tmp_path, PEOPLE)
    new = forms.Form(making.new(unit, "topical_study", "2026-03-05").document).data()
    rows = tuple(replace(row, values={**row.values, "status": "到会"}) for row in new.tables[A])
    for chair in ("丁某（党支部书记）", "丁 某（党支部书记）", "丁　某　党支部书记", "党支部书记丁某"):
        data = good(
            chair=chair, expected="4", present="4", present_voting="4", topics="年度安排", observers="辛某（组长）"
        )
        data = replace(data, tables={**GOOD.tables, A: rows})
        assert codes(with_row(V, 1, data, agree="4"), unit) == set(), chair
    points = with_row(A, 4, replace(data, tables={**GOOD.tables, A: rows}), name="阿卜杜拉•买买提")
    assert codes(with_row(V, 1, points, agree="4"), unit) == set()
    twice = with_row(A, 3, with_row(V, 1, data, agree="4"), post="宣传委员")
    assert {"person_twice"} <= codes(twice, unit)


@pytest.mark.parametrize(
    ("meeting", "names"),
    [
        ("leading_group", "丁甲戊"),
        ("analysis", "甲戊"),
        ("incident_consultation", "丁甲戊"),
        ("topical_study", "丁甲戊己"),
    ],
)
def test_a_meeting_calls_those_whom_its_form_lists(meeting, names):
    """The minutes of a group list its members: one who is in another group only is neither listed nor missed."""
    unit = Unit(VILLAGE)
    form = forms.Form(making.new(unit, meeting, "2026-03-05").document).data()
    assert [row.values["name"] for row in form.tables[A]] == [f"{name}某" for name in names]
    assert form.values["expected"] == str(len(names)) and "应当到会" not in messages(form, unit)


def test_what_people_call_a_post_is_the_post(tmp_path):
    unit = roster(tmp_path, PEOPLE.replace("党支部书记、村民委员会主任", "村支书、村主任"))
    assert unit.roster.same_post("村主任", "村民委员会主任") and unit.roster.same_post("党支部书记", "丁某（村支书）")
    assert not unit.roster.same_post("村主任助理、文书", "村民委员会主任") and not unit.roster.same_post(
        "村支书", "宣传委员"
    )
    rows = tuple(
        FormRow({"name": name, "post": post, "voting": "有", "status": "到会"})
        for name, post in (("丁某", "村支书、村主任"), ("甲某", "宣传委员"), ("戊某", "组织委员"))
    )
    data = replace(GOOD, tables={**GOOD.tables, A: rows})
    for chair, told in (("丁某（村支书）", False), ("丁某（党支部书记）", False), ("甲某（宣传委员）", True)):
        given = codes(replace(data, values={**data.values, "chair": chair}), unit)
        assert ("chair_not_allowed" in given) is told, chair


def test_namesakes_are_one_person_where_the_profile_has_one(tmp_path):
    assert "person_twice" in codes(good(observers="甲　某（宣传委员）"))
    unit = roster(tmp_path, PEOPLE)
    away = with_row(A, 2, name="甲某", post="宣传委员", status="到会")
    assert "甲某按单位档案应当到会" in messages(away, unit)  # the other one of that name is missing


def test_the_chair_among_namesakes_is_the_one_whose_post_is_written(tmp_path):
    unit = roster(tmp_path, PEOPLE.replace("丁　某", "甲某"))
    rows = tuple(
        FormRow({"name": "甲某", "post": post, "voting": "有", "status": "到会"})
        for post in ("党支部书记、村民委员会主任", "宣传委员", "组织委员")
    )
    data = replace(GOOD, tables={**GOOD.tables, A: rows})
    chaired = {"甲某（党支部书记）": False, "甲某（宣传委员）": True, "组织委员 甲某": True}
    for chair, told in chaired.items():
        given = codes(replace(data, values={**data.values, "chair": chair}), unit)
        assert ("chair_not_allowed" in given) is told and "person_twice" not in given, chair


def test_namesakes_who_recuse_are_two(tmp_path):
    unit = roster(tmp_path, PEOPLE)
    people = ("党支部书记、村民委员会主任", "宣传委员", "组织委员", "纪检委员", "村文书")
    names = ("丁某", "甲某", "甲某", "阿卜杜拉·买买提", "庚某")
    rows = tuple(
        FormRow({"name": name, "post": post, "voting": "无" if name == "庚某" else "有", "status": "到会"})
        for name, post in zip(names, people, strict=True)
    )
    data = replace(good(present="5", present_voting="4"), tables={**GOOD.tables, A: rows})
    both = with_row(V, 1, data, agree="2", recused="甲某（宣传委员）、甲某（组织委员）", passed="没有通过")
    assert "vote_sum" not in codes(both, unit)
    assert "vote_sum" in codes(with_row(V, 1, both, recused="甲某（宣传委员）"), unit)


def test_two_absentees_in_one_cell_are_two():
    members = FormData(
        "minutes_members",
        "village",
        values={"expected": "32", "present": "30", "held_on": "2026-03-05"},
        tables={"absentees": (FormRow({"absentee": "子某 丑某", "absence": "请假", "absent_for": "外出务工"}),)},
    )
    assert "count_mismatch" not in codes(members)
    assert "count_mismatch" in codes(replace(members, values={**members.values, "present": "31"}))
    for cell, present in (("子某等3人", "29"), ("2人", "30"), ("子某、丑某等2人", "30"), ("子某\n丑某/寅某", "29")):
        row = FormRow({"absentee": cell, "absence": "请假", "absent_for": "外出务工"})
        counted = replace(members, values={**members.values, "present": present}, tables={"absentees": (row,)})
        assert "count_mismatch" not in codes(counted), cell


def test_a_meeting_may_go_on_over_midnight():
    for end in ("次日0时30分", "0时30分", "24时00分", "晚上12点", "次日0:30"):
        assert "time_order" not in codes(good(started="20时00分", adjourned=end)), end
    assert "time_order" in codes(good(started="9时30分", adjourned="9时00分"))
    back = with_row("partly", 1, partly_name="戊某", left_at="10时00分", came_at="10时30分")  # left and came back
    assert "time_order" not in codes(back)
    late = with_row("partly", 1, good(started="22时00分", adjourned="0时30分"), partly_name="戊某", left_at="0时10分")
    assert "time_order" not in codes(late)


def test_a_form_without_the_column_is_not_asked_for_reasons():
    unit = village()
    data = FormData("minutes_members", tables={"absentees": (FormRow({"absentee": "子某", "absence": "请假"}),)})
    assert "absence_reason" in codes(data, unit)
    from toolkit.minutes.rules import presence

    context = unit.context(reading.of_unit(unit, data, "x"), "x")
    table = replace(context.form.tables["absentees"].table)
    bare = forms.FormTable(table)
    bare.__dict__["fields"] = {name: part for name, part in bare.fields.items() if name != "absent_for"}
    form = forms.Form(context.form.document)
    form.tables["absentees"] = bare
    assert not list(presence.absences(replace(context, form=form)))


# --- across meetings -------------------------------------------------------------------------------------------


def sitting(**more) -> Sitting:
    values = {
        "file": "a",
        "meeting": "m",
        "name": "会",
        "date": "2026-03-05",
        "year": "2026",
        "ordinal": "1",
        "start": 540,
        "end": 600,
        "present": ("甲某",),
        "tasks": (),
        "closed": frozenset(),
        "carried": frozenset(),
        "carries": True,
        **more,
    }
    return Sitting(**values)


TASK = Task("核对账号。", "宣传委员", "2026-04-30", "2026-03-05")


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ([sitting(file="b", date="2026-03-06")], "meeting_twice"),
        ([sitting(file="b", ordinal="2")], "meeting_twice"),
        ([sitting(file="b", meeting="n", start=570)], "person_in_two_meetings"),
        ([sitting(file="b", ordinal="3", date="2026-04-05")], "ordinal_order"),
        ([sitting(file="b", meeting="big", date="2026-03-04")], "meeting_order"),
        ([sitting(file="b", ordinal="2", date="2026-03-20")], "resolution_dropped"),
        ([], "resolution_overdue"),
    ],
)
def test_each_rule_across_meetings(others, code):
    first = sitting(tasks=(TASK,) if code.startswith("resolution") else ())
    given = {one.code for one in across.check([first, *others], {"big": "m"}, {"m": "支委会"}, "2026-05-01")}
    assert code in given, given


def test_a_year_in_order_gives_nothing():
    year = [
        sitting(tasks=(TASK,)),
        sitting(file="b", meeting="n", start=600, end=660),
        sitting(file="c", meeting="big", date="2026-03-06"),
        sitting(
            file="d",
            ordinal="2",
            date="2026-04-20",
            carried=frozenset({across.same("核对账号")}),
            closed=frozenset({across.same("核对账号")}),
        ),
    ]
    assert list(across.check(year, {"big": "m"}, {}, "2026-05-01")) == []
    assert across.open_tasks(year, "m") == [] and across.open_tasks(year[:1], "m") == [TASK]


def test_numbers_and_names_are_masked():
    assert (
        without_numbers("电话13812345678，座机0471-1234567，证件150102199001011234。")
        == "电话138****5678，座机0471-****567，证件150102********1234。"
    )
    assert [reduced(name) for name in ("王小明", "王明", "欧阳小明", "甲某")] == ["王某某", "王某", "欧阳某某", "甲某"]
    assert without_names("王小明和王明到会", ["王明", "王小明"]) == "王某某和王某到会"


def public(data: FormData) -> tuple[str, dict[str, str]]:
    """Return the words of the public 纪要 and the likely names that are said."""
    checked, given = files.check_data(village(), data, "x")
    made = files.summary(village(), checked, given, public=True)
    words = "\n".join(
        plain(block.content) for block in walk(made.document.body) if isinstance(block, Provision) and block.content
    )
    people = "\n".join(f"{label}：{names}" for label, names in made.document.participants)
    likely = {one.message.split("”")[0][1:]: one.message for one in made.findings if one.code == "likely_name"}
    return f"{words}\n{people}", likely


NAMES = ["赵小红", "钱大伟", "孙丽", "周强", "吴明", "郑海燕", "陈大力", "阿卜杜拉·买买提", "欧阳春晓", "冯小刚"]


@pytest.mark.parametrize("gap", ["、", " ", "　", "，", ",", "；", ";", "/", "\n", "和"])
def test_the_public_version_reduces_every_name_of_a_list(gap):
    names = ["孙　丽" if name == "孙丽" and gap not in " 　" else name for name in NAMES]
    if gap == "和":
        names = ["赵小红和钱大伟"]
    for field in ("observers", "recorder_sign"):
        text = "、".join(name.replace("·", "•") for name in NAMES)
        data = with_row(R, 1, good(**{field: gap.join(names)}), decided=f"由{text}核对账号，孙 丽复核")
        shown, _ = public(data)
        for name in NAMES[:2] if gap == "和" else NAMES:
            assert name not in shown and name.replace("·", "•") not in shown, name
        assert gap == "和" or ("孙 丽" not in shown and "欧阳某某" in shown)


FAMILY = "王李张刘陈杨黄赵吴周徐孙朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华文建国红梅志玉兰春波辉鹏飞雪峰海燕鑫宇晨欣怡佳豪梓涵子轩"


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(FAMILY), st.text(GIVEN, min_size=1, max_size=2)), min_size=1, max_size=6),
    st.sampled_from(["、", "，", ",", "；", ";", "/", "\n", " ", "　", "、 "]),
    st.sampled_from(["", "同志", "（镇干部）"]),
    st.booleans(),
)
def test_no_name_of_a_list_is_missed(names, gap, behind, wide):
    wide = wide and gap not in (" ", "　")
    shown = [f"{family}　{given}" if wide and len(given) == 1 else family + given for family, given in names]
    data = good(observers=gap.join(name + behind for name in shown))
    missed = {family + given for family, given in names} - masking.listed_names(village(), data)
    assert not missed, data.get("observers")


def test_the_public_version_reduces_the_names_of_every_other_list():
    rows = {
        "partly": {"partly_name": "赵小红", "left_at": "10时00分"},
        V: {"recused": "钱大伟 周强", "away": "吴明"},
        A: {"name": "郑海燕"},
    }
    data = good(discussion="陈大力：同意。\n冯小刚（村民代表）：没有意见。", chair="党支部书记 孙　丽")
    for table, values in rows.items():
        data = with_row(table, 1, data, **values)
    said = "赵小红、钱大伟、周强、吴明、郑海燕、陈大力、冯小刚、孙丽"
    shown, likely = public(with_row(R, 1, data, decided=f"由{said}负责"))
    assert not [name for name in said.split("、") if name in shown] and not likely


def test_a_name_that_is_a_usual_word_does_not_break_other_words():
    text = "文明负责精神文明建设，高明请假；由文明、高明同志提高明显，文明村镇创建"
    assert without_names(text, ["文明", "高明"]).startswith("文某负责精神文明建设，高某请假；由文某、高某同志提")


def test_what_else_may_be_a_name_is_listed_for_a_person_to_look_at():
    data = with_row(R, 1, decided="卫小宝同志配合，请沈大海负责联系，方案报村民蒋小雨、杨大明；高度重视安全生产")
    data = with_row(R, 2, data, decided="提醒欧阳春晓整改，古丽娜·艾山参加", duty_post="韩梅梅")
    shown, likely = public(data)
    assert set(likely) >= {"卫小宝", "沈大海", "蒋小雨", "杨大明", "欧阳春晓", "韩梅梅"} and "古丽娜·艾山" in "".join(
        likely
    )
    assert "卫小宝" in shown and "同志" in likely["卫小宝"] and not {"高度", "高度重"} & set(likely)
    assert not public(GOOD)[1]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("长期坚持", "负责，长期坚持"),
        ("立即", "负责，立即"),
        ("2026-06-30", "2026年6月30日前完成"),
        ("6月底", "6月底前完成"),
        ("6月底前", "6月底前完成"),
        ("会后三日内", "会后三日内完成"),
        ("每季度末", "每季度末前完成"),
    ],
)
def test_a_time_limit_that_is_no_date_is_printed_as_it_is_meant(typed, printed):
    data = with_row(R, 1, finish_by=typed)
    shown, _ = public(data)
    assert printed in shown and "坚持前" not in shown and "前前" not in shown
    assert not [one for one in found(data) if one.severity == "error"]


def test_the_codes_are_those_of_the_documentation():
    """docs/minutes.md lists each code with its severity and meaning."""
    text = (ROOT / "docs/minutes.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", text, re.MULTILINE))
    codes = {**forms.CODES, **minutes.CODES, **register_room.CODES}
    wanted = {code: meaning.replace(": ", " | ", 1) for code, meaning in codes.items()}
    assert table == wanted


def test_every_code_of_the_table_is_tried():
    told = {code for _, given in minutes.CHECKS for code in given}
    assert told <= set(minutes.CODES) | set(forms.CODES) and told <= set(BROKEN) | OWN
    assert set(GOOD.tables) <= set(village().form(GOOD.document).tables)
    assert replace(GOOD, values={}) != GOOD and FormRow({}) == FormRow({})


@pytest.mark.slow
def test_the_sign_in_sheet_asks_for_name_post_and_signature_only():
    """个人信息保护法 第六条, 第十九条: no more than needed, and how long it is kept."""
    for name in ("village", "school", "railway_depot"):
        unit = Unit(ROOT / f"examples/{name}.yaml")
        form = unit.form("sheet_sign_in")
        assert form.tables["sign"].heads == ("序号", "姓名", "职务", "签名")
        assert "keep_until" in form.fields and "自会议之日起" in str(unit.documents["sheet_sign_in"])


GARBAGE = [
    "",
    "无",
    "=1+1",
    "２０２６年２月３０日",
    "三票",
    "☑有 □无",
    "甲" * 5000,
    "<w:p/>",
    "{{ x }}",
    "（（",
    "2026-13-01",
    "25：61",
    "，；。",
    "\u200b",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["village", "school", "railway_depot"])
def test_no_text_in_any_field_stops_a_check(name):
    """Whatever is typed: findings, never an exception; and what was typed is still there."""
    import random

    unit, dice = Unit(ROOT / f"examples/{name}.yaml"), random.Random(5)
    for document in unit.set.documents:
        if not unit.is_form(document.id):
            continue
        form = unit.form(document.id)
        values = {field: dice.choice(GARBAGE) for field in form.fields}
        tables = {
            table.id: tuple(
                FormRow(
                    {field: dice.choice(GARBAGE) for field in table.fields}, dice.choice(["", "topical_study", "x"])
                )
                for _ in range(4)
            )
            for table in form.tables.values()
        }
        data = FormData(document.id, values=values, tables=tables)
        found(data, unit)
        making.write(unit, making.fill(unit, data).document, "docx")


@pytest.mark.parametrize(
    ("document", "field", "says"),
    [
        ("record_subunit_report", "group", "全称"),
        ("minutes_topical_study", "place", "在哪里"),
        ("minutes_topical_study", "chair", "姓名"),
        ("minutes_topical_study", "topics", "不能空着"),
        ("minutes_topical_study", "dissent", "写“无”"),
        ("minutes_topical_study", "expected", "写 0"),
        ("sheet_event", "event_name", "全称"),
    ],
)
def test_the_hint_about_an_empty_field_fits_the_field(document, field, says):
    findings = files.check(village(), replace(GOOD, document=document, values={}, tables={}), "a.yaml")
    (one,) = (one for one in findings if one.code == "required_empty" and one.subject == field)
    assert says in one.hint and (says == "写“无”") == ("“无”" in one.hint)


# --- what clerks write in words -------------------------------------------------------------------------------------


def judged(data):
    kept, findings = files.check_data(village(), data, "a.yaml")
    return kept, {one.code: one for one in findings}


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        ("3票同意，0票反对，0票弃权", ("3", "0", "0")),
        ("同意3票、反对0票、弃权0票", ("3", "0", "0")),
        ("同意：三票；不同意：无；弃权：无", ("3", "0", "0")),
        ("赞成2人 反对1人 弃权0人", ("2", "1", "0")),
    ],
)
def test_counts_in_words_in_one_cell_go_to_their_columns(written, counts):
    kept, found = judged(with_row("votes", 1, agree=written, against="", abstain=""))
    row = kept.tables["votes"][0].values
    assert (row["agree"], row["against"], row["abstain"]) == counts and "bad_number" not in found


@pytest.mark.parametrize("written", ["3票同意，1票其他", "3票同意，2票同意", "同意3票、弃权5票"])
def test_counts_that_fit_no_column_stay_as_they_are(written):
    kept, found = judged(with_row("votes", 1, agree=written))
    assert kept.tables["votes"][0].values["agree"] == written and "bad_number" in found


def test_a_count_in_words_without_a_number_says_what_to_write():
    for written in ("全票通过", "全票", "全部同意", "一致通过"):
        _, found = judged(with_row("votes", 1, agree=written))
        assert "没有写是几" in found["bad_number"].message and "vote_sum" not in found
    for none in ("/", "—", "无", "０"):
        assert not judged(with_row("votes", 1, abstain=none))[1]
    assert not judged(good(present_voting="叁"))[1]


@pytest.mark.parametrize(
    ("field", "written", "kept"),
    [
        ("quorum_met", "是", "达到"),
        ("quorum_met", "已达到", "达到"),
        ("quorum_met", "未达到", "没有达到"),
        ("quorum_met", "否", "没有达到"),
    ],
)
def test_an_option_in_other_words_is_that_option(field, written, kept):
    assert judged(good(**{field: written}))[0].get(field) == kept


def test_a_result_in_other_words_is_read_or_named_once():
    assert judged(with_row("votes", 1, passed="已通过"))[0].tables["votes"][0].values["passed"] == "通过"
    assert judged(with_row("votes", 1, passed="未通过"))[0].tables["votes"][0].values["passed"] == "没有通过"
    _, found = judged(with_row("votes", 1, passed="通过（全票）"))
    assert found.keys() == {"bad_choice"} and "只写“通过”" in found["bad_choice"].hint
    _, found = judged(good(quorum_met="差不多"))
    assert found.keys() == {"bad_choice"}  # not taken for a meeting below its quorum


#: Kinds of field that not every word fits.
JUDGED = frozenset({"choice", "date", "time", "number"})


def whole_meeting() -> FormData:
    """Return the good meeting with a row in each list."""
    data = with_row(P, 1, past="核对账号", past_post="宣传委员", past_state="已办结")
    data = with_row("partly", 1, data, partly_name="甲某", came_at="9时50分", left_at="10时30分")
    return with_row(V, 1, data, invalid="0", recused="庚某")


def refusable() -> list[tuple[str, int, str]]:
    """Return (table, row, field) of all filled fields of the whole meeting that not every word fits."""
    data, form = whole_meeting(), village().form(GOOD.document)
    cells = [("", 0, name) for name, part in form.fields.items() if part.kind in JUDGED and data.get(name)]
    for table, part in form.tables.items():
        for number, row in enumerate(data.rows(table), 1):
            cells += [(table, number, name) for name in row.values if part.fields[name].kind in JUDGED]
    return cells


@pytest.mark.parametrize(("table", "row", "field"), refusable())
def test_nothing_is_concluded_from_a_refused_value(table, row, field):
    """Neither from the word, nor from the counts that the list would have told."""
    data = whole_meeting()
    assert codes(data) == set()
    typed = {field: "迟到"}
    broken = with_row(table, row, data, **typed) if table else replace(data, values={**data.values, **typed})
    assert [one.code[:4] for one in found(broken)] == ["bad_"]
    counts = ("present", "present_voting", "expected", "expected_voting", "quorum_met")
    kept = {name: value for name, value in broken.values.items() if name not in counts or name == field}
    left = codes(replace(broken, values=kept))
    assert {code for code in left if not code.startswith("bad_")} <= {"required_empty"}


def test_an_absence_of_no_kind_is_not_counted():
    rows = [{"absentee": "子某", "absence": "请假", "absent_for": "公出"}, {"absentee": "丑某", "absence": "外出"}]
    given = {"expected": "50", "present": "48"}
    members = FormData("minutes_members", values=given, tables={"absentees": tuple(map(FormRow, rows))})
    assert "count_mismatch" not in codes(members)
    assert "count_mismatch" in codes(replace(members, values={**given, "present": "47"}))
    without = replace(members, values={"expected": "50"})
    assert not making.counted(village(), without).get("present")


@pytest.mark.parametrize(
    ("written", "says"),
    [("2026年3月5日 上午", "除了日期还有“上午”"), ("3月5日", "没有写年份"), ("2026年3月5日、2026年3月6日", "2个日期")],
)
def test_a_date_with_more_or_less_says_which(written, says):
    assert says in judged(good(held_on=written))[1]["bad_date"].message


@pytest.mark.parametrize("written", ["镇党委委员李 四", "镇党委委员李四", "“李四”", '"李四"', "李　四（镇党委委员）"])
def test_a_name_behind_its_post_with_a_blank_or_in_quotes_is_reduced(written):
    text, _ = public(good(observers=f"辛某（第一村民小组组长）、{written}"))
    assert "李某" in text and "四" not in text.partition("列席")[2]


@pytest.mark.parametrize(
    "written",
    [
        "听取张三丰关于宣传栏的汇报",
        "接收张三丰为预备党员",
        "研究张三丰同志入党问题",
        "讨论张三丰入党申请",
        "选举张三丰为组织委员",
    ],
)
def test_what_people_are_decided_on_is_listed_as_a_likely_name(written):
    for data in (
        good(topics=written),
        with_row("votes", 1, matter=written),
        with_row("resolutions", 1, decided=written),
    ):
        text, likely = public(data)
        assert "张三丰" in text and "张三丰" in likely


@pytest.mark.parametrize(
    "written", ["研究安全生产工作", "审议年度计划", "讨论方案的修改", "通报上月情况", "同意按计划执行", "听取有关汇报"]
)
def test_usual_words_are_no_likely_names(written):
    assert public(with_row("votes", 1, matter=written))[1] == {}


def test_several_lines_of_a_resolution_are_one_sentence():
    text, _ = public(with_row("resolutions", 1, decided="1.每月核对一次账号；\n2.补齐活动审批表。"))
    assert "会议决定：1.每月核对一次账号；2.补齐活动审批表。由宣传委员负责" in text


@pytest.mark.parametrize("written", ["2026年6月30日前", "2026年6月30日之前完成", "2026-06-30前办结。", "2026.6.30"])
def test_a_time_limit_may_say_that_it_is_one(written):
    kept, found = judged(with_row("resolutions", 1, finish_by=written))
    assert kept.tables["resolutions"][0].values["finish_by"] == "2026-06-30" and not found
    assert "除了日期还有“前”" in judged(good(held_on="2026年3月5日前"))[1]["bad_date"].message


@pytest.mark.parametrize(
    ("field", "written", "kept"),
    [("present", "实到4人", "4"), ("expected", "共5人", "5"), ("expected", "应到五人", "5")],
)
def test_a_count_may_have_its_label_before_it(field, written, kept):
    assert judged(good(**{field: written}))[0].get(field) == kept


def test_a_way_to_vote_may_have_its_verb_behind_it():
    for written in ("举手表决", "举手方式", "举手"):
        assert judged(with_row("votes", 1, way=written))[0].tables["votes"][0].values["way"] == "举手"


def test_a_time_with_a_date_says_so():
    assert "里有日期" in judged(good(started="2026年3月5日上午9时30分"))[1]["bad_time"].message


def test_why_someone_recused_may_be_written_behind_the_name():
    data = with_row("votes", 1, recused="甲某因与议题有利害关系回避", agree="2")
    assert "vote_absence" not in judged(data)[1]
    assert (
        "不在到会人员的名单上"
        in judged(with_row("votes", 1, recused="寅某因故回避", agree="2"))[1]["vote_absence"].message
    )
