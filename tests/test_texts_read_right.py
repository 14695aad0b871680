"""What a careful reader found in sets without a committee and in others: told as rules over the printed text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

from toolkit import app
from toolkit.numbering.labels import document_text, number_set

SMALL = [
    "examples/village_three_members.yaml",
    "examples/village_joint_branch.yaml",
    "examples/school_three_members.yaml",
    "examples/railway_depot_six_members.yaml",
    "tests/data/profiles/depot_three.yaml",
]
#: A noun that is joined to itself, or passes something on to itself.
_TWICE = re.compile(
    r"([\u4e00-\u9fff]{3,14})(?:和|或者|、)\1(?![\u4e00-\u9fff])|移送([\u4e00-\u9fff]{4,14})转送\2|将.{2,12}移送\1"
)


@cache
def texts(name: str) -> dict[str, str]:
    """The running text of each standing document of a profile."""
    made = app.prepare(Path(ROOT / name)).judged
    labels = number_set(made.built.set)
    return {
        document.id: "\n".join(text for _, text in document_text(document, labels))
        for document in made.built.set.documents
    }


def line_of(document: str, words: str, name: str = "examples/village.yaml") -> str:
    """The line of a document that has the words."""
    return next(line for line in texts(name)[document].splitlines() if words in line)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", SMALL)
def test_nobody_outside_keeps_the_units_papers(name: str) -> None:
    """Without a committee the supervising organ is the superior's: the unit's registrar keeps, passes on and answers."""
    resolved = app.prepare(Path(ROOT / name)).judged.resolved
    outside, registrar = resolved.org["discipline"].name, resolved.org["acct_registrar"].name
    assert outside != registrar
    for document, text in texts(name).items():
        for line in text.splitlines():
            assert f"由{outside}单独" not in line and f"{outside}应当如实转递" not in line, (document, line)
            assert f"{outside}应当将有关材料移送{outside}" not in line, (document, line)
    assert f"责任事项的反映由{registrar}受理" in texts(name)["regulation"]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", SMALL)
def test_the_secretary_reports_once(name: str) -> None:
    """With nobody else in the leadership there is one report of duties, to the superior, and no second one to the branch."""
    resolved = app.prepare(Path(ROOT / name)).judged.resolved
    alone = resolved.org["party_others"].name == resolved.org["secretary"].name
    assert ("duty_report" in resolved.duties) != alone
    assert ("提交述职报告" in texts(name)["regulation"]) != alone


@pytest.mark.parametrize("name", SMALL)
def test_who_stands_in(name: str) -> None:
    resolved = app.prepare(Path(ROOT / name)).judged.resolved
    line = next(line for line in texts(name)["regulation"].splitlines() if "不能参加的" in line)
    assert "委托" not in line or resolved.values["party.vice"], line


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "name", [*SMALL, "examples/village.yaml", "examples/railway_depot.yaml", "examples/school.yaml"]
)
def test_no_noun_is_joined_to_itself(name: str) -> None:
    for document, text in texts(name).items():
        for line in text.splitlines():
            assert not _TWICE.search(line) or "的纪检机构" in line, (document, line)


def test_the_four_steps_begin_with_the_branch() -> None:
    text = texts("examples/village_three_members.yaml")["mechanism_risk"]
    steps = text.partition("后一步的日期不得早于前一步")[2].splitlines()[1:4]
    assert "村党支部提出" in steps[0] and "联席会议" in steps[1] and "党员大会审议" in steps[2]


@pytest.mark.slow
def test_party_groups_have_no_secretaries() -> None:
    small = texts("examples/railway_depot_six_members.yaml")
    assert "专职书记" not in small["regulation"] and "党小组组长考核表" in small["mechanism_supervision"]
    assert "各党小组和段内" not in small["regulation"]
    assert not [name for name, text in small.items() if "兼职书记" in text or "书记配备" in text]
    assert "专职书记" in texts("examples/railway_depot.yaml")["regulation"]


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("examples/village.yaml", "村党支部"),
        ("examples/school_three_members.yaml", "学校党支部"),
        ("examples/railway_depot.yaml", "段纪委"),
    ],
)
def test_a_seal_is_that_of_a_body(name: str, sender: str) -> None:
    """Members of a committee and offices have no seal: what is handed over bears that of the party organisation."""
    for document in ("record_transfer", "record_handover"):
        assert f"{sender}\n（盖章处）" in texts(name)[document]


@pytest.mark.parametrize("name", ["examples/village.yaml", "examples/village_three_members.yaml"])
def test_the_notice_of_groups_is_right_with_and_without_names(name: str) -> None:
    """Who has the post is a member, whether or not a list is printed; the whole regulation is the basis of all groups."""
    text = texts(name)["notice_groups"]
    assert "担任上述职务的都是组成人员，名单由村党群服务中心登记和更新" in text and "没有列入名单" not in text
    assert re.search("根据《[^》]+责任制实施办法》，经", text)


def test_a_board_of_a_private_school_sets_up_no_group_of_the_party() -> None:
    made = texts("examples/school_private.yaml")
    assert "董事会" not in made["notice_groups"] and "董事会通过" in made["notice_issue"]


@pytest.mark.parametrize(
    "name", ["examples/village.yaml", "examples/school.yaml", "examples/village_three_members.yaml"]
)
def test_recusal_of_those_who_verify_is_decided_by_one_organ(name: str) -> None:
    made = texts(name)
    (decided,) = re.findall("核实人员的回避由(.+?)决定", made["regulation"])
    assert re.findall("可以申请回避，由(.+?)决定", made["mechanism_accountability"]) == [decided]


@pytest.mark.parametrize("name", ["examples/village.yaml", "examples/school.yaml", "examples/railway_depot.yaml"])
def test_the_list_of_duties_has_one_name(name: str) -> None:
    text = "".join(texts(name).values())
    assert "责任清单" in text and "职责清单" not in text


@pytest.mark.parametrize(
    "name", ["examples/village_three_members.yaml", "examples/school.yaml", "examples/railway_depot.yaml"]
)
def test_the_secretary_corrects_what_is_found_in_his_own_work(name: str) -> None:
    resolved = app.prepare(Path(ROOT / name)).judged.resolved
    actor, secretary = resolved.org[resolved.duties["rectify"].actor].name, resolved.org["secretary"].name
    assert actor.startswith(secretary) and f"{actor}应当在收到检查反馈后" in texts(name)["regulation"]


def test_what_the_meeting_of_members_hears_stands_in_its_agenda() -> None:
    """The regulation lets the secretary report there as first responsible: agenda, list and mechanism say so."""
    said = "报告意识形态工作和本人履行第一责任人职责的情况"
    assert "述职，并在前款规定的党员大会上一并报告" in texts("examples/village.yaml")["regulation"]
    assert all(said in texts("examples/village.yaml")[one] for one in ("minutes_members", "mechanism_circulation"))


@pytest.mark.parametrize("name", ["examples/village.yaml", "examples/railway_depot.yaml"])
def test_the_leading_group_meets_on_a_day_of_the_study_and_before_the_report(name: str) -> None:
    """Most of its people sit in both: one day serves, each says its part, and the report counts both."""
    resolved = app.prepare(Path(ROOT / name)).judged.resolved
    days = {duty.id: {due.day for due in dates} for duty, dates in resolved.dues(2026)}
    assert days["lead_group_meeting"] <= days["topical_study"]
    assert max(days["lead_group_meeting"]) < max(days["report_up"])
    assert "分别记录；只参加意识形态工作领导小组的人员，不参加" in texts(name)["regulation"]


def test_one_sitting_studies_and_assesses() -> None:
    """The office's report is handed in before the study that hears it, and no sitting is held for it alone."""
    resolved = app.prepare(Path(ROOT / "examples/railway_depot.yaml")).judged.resolved
    held = {due.day for duty, dates in resolved.dues(2026) for due in dates if duty.meeting == "topical_study"}
    assert len(held) == 4
    assert "听取党委办公室的季度报告和分析研判" in texts("examples/railway_depot.yaml")["minutes_topical_study"]


def test_a_special_report_names_who_can_be_called() -> None:
    text = texts("examples/village.yaml")["paper_special_report"]
    assert "本专报的联络人是，联络电话" in text and "联络人由" not in text


def test_what_is_not_due_yet_costs_no_points() -> None:
    """The yearly check is done before some duties of the year are due."""
    for name in ("examples/village.yaml", "examples/railway_depot.yaml", "examples/school.yaml"):
        assert "没有到期或者没有发生启动条件的选“不计分”" in texts(name)["checklist_inspection"]


@pytest.mark.parametrize("name", SMALL)
def test_a_meeting_is_held_by_the_branch_and_not_by_itself(name: str) -> None:
    assert "党员大会应当召开会议" not in texts(name)["regulation"]


@pytest.mark.parametrize("name", ["examples/village.yaml", "examples/school.yaml", "examples/railway_depot.yaml"])
def test_two_texts_give_one_rule(name: str) -> None:
    """Who may put off a correction, and what is done about a stolen account, is said in two texts of the set."""
    group = app.prepare(Path(ROOT / name)).judged.resolved.org["lead_group"].name
    assert f"由{group}确定新的完成日期" in texts(name)["regulation"]
    assert f"由{group}确定新的时限" in texts(name)["mechanism_supervision"]
    for document in ("position_management", "mechanism_online"):
        line = line_of(document, "账号被盗用的", name)
        assert "2小时内修改口令" in line and "当日" not in line, line


def test_a_reminder_talk_is_not_kept_as_long_as_a_case() -> None:
    line = line_of("record_talk", "保管要求")
    assert "用于提醒谈话的，保管期限为10年" in line and "用于听取陈述申辩的，保管期限为永久" in line


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("sheet_publication", "展示地点"),
        ("sheet_event", "审批说明"),
        ("record_risk", "不同意见"),
        ("record_talk", "没有签名的原因"),
        ("record_training", "岗位培训移交人签名"),
    ],
)
def test_a_form_has_room_for_what_the_articles_order(document: str, field: str) -> None:
    assert field in texts("examples/village.yaml")[document]


def test_party_matters_go_to_members_and_notices_to_bodies_by_rank() -> None:
    village = app.prepare(Path(ROOT / "examples/village.yaml")).judged.built.set
    addressees = {one.id: "".join(part.text for part in one.addressee) for one in village.documents}
    assert addressees["record_circular"] == "全体党员："
    assert addressees["notice_issue"] == "村民委员会、村务监督委员会、各村民小组："


def test_the_branch_that_each_belongs_to_holds_the_meeting_of_self_review() -> None:
    line = line_of("minutes_org_life", "填写说明", "examples/village_party_committee.yaml")
    assert "由所在党支部书记主持" in line
    assert "由村党支部书记主持" in line_of("minutes_org_life", "填写说明")


def test_an_organ_that_is_concerned_takes_no_part_in_the_matter() -> None:
    """The article that sends matters about the verifier past it does not let it register and pass them on all the same."""
    depot = texts("examples/railway_depot.yaml")
    for document in ("regulation", "mechanism_accountability"):
        (line,) = [line for line in depot[document].splitlines() if "段党委或者段纪委的，由" in line]
        assert "段纪委不参加核实" in line and "登记" not in line
    assert "核实的事项涉及" not in texts("examples/railway_depot_six_members.yaml")["regulation"]


def test_minutes_name_the_members_of_the_group_that_meets() -> None:
    depot = texts("examples/railway_depot.yaml")
    assert "甲某" in depot["minutes_analysis"] and "丁某" not in depot["minutes_analysis"]
    assert "丁某" in depot["minutes_leading_group"]


def test_the_articles_tell_the_deadlines_of_the_list() -> None:
    for name in ("examples/village.yaml", "examples/railway_depot.yaml", "examples/school.yaml"):
        rules = texts(name)["position_management"]
        assert re.search("在[^，。]+前将阵地检查记录报", rules) and re.search("在[^，。]+前将账号检查记录报", rules)


NO_ACCOUNTS = [
    "examples/village_three_members.yaml",
    "examples/school_small.yaml",
    "examples/railway_depot_freight.yaml",
]
NO_COMMITTEE = ["examples/village_three_members.yaml", "tests/data/profiles/village_three_vice.yaml"]
KINDS = ["examples/village.yaml", "examples/school.yaml", "examples/railway_depot.yaml"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", NO_ACCOUNTS)
def test_without_accounts_somebody_corrects_and_nobody_keeps_accounts(name: str) -> None:
    """The office corrects what hangs on boards and is broadcast; a list names no posts that do not exist."""
    made = texts(name)
    office = app.prepare(Path(ROOT / name)).judged.resolved.org["office"].name
    for document in ("regulation", "position_management", "mechanism_online"):
        line = line_of(document, "公布、展示和播放的差错信息", name)
        assert f"{office}应当在" in line and "2小时内更正" in line
    for document in ("list_responsibility", "register_duties"):
        assert "信息更正" in made[document]
    assert "账号管理员" not in line_of("regulation", "名单，安排接替人员", name)
    assert "应当使用列入清单的新媒体账号" not in made["regulation"] and "没有开设新媒体账号" in made["regulation"]
    assert "新媒体账号开设、变更和停用先经审批" not in made["position_management"]
    assert "账号管理员应当在确认" in line_of("regulation", "信息有差错后")


@pytest.mark.parametrize("name", ["examples/railway_depot_freight.yaml", "examples/railway_depot_general_branch.yaml"])
def test_no_group_is_set_up_for_accounts_that_do_not_exist(name: str) -> None:
    assert "信息发布和网络安全管理小组" not in "".join(texts(name).values())
    assert "信息发布和网络安全管理小组" in texts("examples/railway_depot.yaml")["notice_groups"]


def test_without_positions_none_are_listed() -> None:
    rules = texts("examples/railway_depot_freight.yaml")["position_management"]
    assert "阵地列入" not in rules and "需要设立阵地的，先经段党总支批准" in rules
    assert "阵地列入台账" in texts("examples/village.yaml")["position_management"]


@pytest.mark.parametrize("name", NO_COMMITTEE)
def test_a_branch_without_a_committee_has_no_other_members_of_it(name: str) -> None:
    """Besides the secretary there is at most his deputy; the members of the villagers' committee are elected."""
    made = texts(name)
    vice = "村党支部副书记和" if app.prepare(Path(ROOT / name)).judged.resolved.values["party.vice"] else ""
    assert line_of("regulation", "实行一岗双责", name).endswith(
        f"{vice}村民委员会成员实行一岗双责，对分工范围内的意识形态工作承担领导责任，履行下列职责："
    )
    assert not [document for document, text in made.items() if "村党支部和村民委员会班子其他成员" in text]
    assert "由最近一次党员大会审定或者听取" in made["regulation"]
    assert f"村党支部书记召集{vice}村民委员会成员召开联席会议商议" in made["mechanism_risk"]
    assert ("事先指定，载明于" in made["mechanism_report"]) != bool(vice)
    assert "意识形态工作领导小组要求专门研判" not in made["mechanism_analysis"]


@pytest.mark.parametrize(
    "name", [*NO_COMMITTEE, "examples/village_party_committee.yaml", "examples/village_light_six_members.yaml"]
)
def test_a_branch_assesses_no_elected_members_of_the_villagers_committee(name: str) -> None:
    made = texts(name)
    full = "mechanism_supervision" in made
    for document in ("regulation", "mechanism_supervision") if full else ("list_responsibility",):
        assert "只提出意见" in made[document], document
        assert not re.search("(?<!不由|不是)(?:班子成员|村民委员会成员)和工作人员年度考核", made[document])
    where = "regulation" if full else "list_responsibility"
    assert "聘用的村级工作人员年度考核的内容" in made[where]


@pytest.mark.parametrize("name", [*KINDS, *NO_COMMITTEE])
def test_nobody_talks_with_himself(name: str) -> None:
    """What concerns the secretary goes to his superior: a talk, and a matter of accountability, in every text that tells it."""
    org = app.prepare(Path(ROOT / name)).judged.resolved.org
    secretary, office, superior = (org[one].name for one in ("secretary", "office", "superior_party"))
    said = f"问题涉及{secretary}的，由{office}在同一时限内报{superior}，由其安排谈话"
    assert all(said in texts(name)[document] for document in ("regulation", "mechanism_supervision"))


@pytest.mark.parametrize("name", ["examples/village.yaml", "examples/school.yaml", *NO_COMMITTEE])
def test_what_concerns_the_secretary_passes_his_superior_by_in_both_texts(name: str) -> None:
    org = app.prepare(Path(ROOT / name)).judged.resolved.org
    secretary, verifier = org["secretary"].name, org["acct_verifier"].name
    for document in ("regulation", "mechanism_accountability"):
        assert re.search(f"涉及.{{0,20}}{secretary}.{{0,20}}的，.{{0,30}}直接移送{verifier}", texts(name)[document]), (
            document
        )


@pytest.mark.parametrize("name", [*KINDS, "examples/railway_depot_freight.yaml"])
def test_who_consults_on_an_incident_is_said(name: str) -> None:
    line = line_of("mechanism_incident", "会商人员是", name)
    assert "意识形态工作领导小组成员和处置所涉及岗位的人员" in line and "不能召集的" in line


@pytest.mark.parametrize("name", [*KINDS, *NO_ACCOUNTS])
def test_one_time_to_count_from_and_one_deadline(name: str) -> None:
    """A grade's shorter time to handle goes before the general one of replies; days off move dates one way."""
    made = texts(name)
    for document in ("regulation", "mechanism_online"):
        assert "处理时限从知悉时起算，应当立即报告的从报告时起算：" in made[document]
    for document in ("regulation", "mechanism_analysis", "mechanism_online"):
        assert re.search("规定的处理时限更短的，?从其规定", made[document]), document
    assert (
        "提前到前一个工作日办理；登记上一期间情况的，推后" in made["regulation"]
        and "临近的工作日" not in made["regulation"]
    )
    assert (
        "突发事件发生后2小时内" not in made["list_responsibility"] and "知悉突发事件后" in made["list_responsibility"]
    )


@pytest.mark.parametrize("name", [*KINDS, NO_ACCOUNTS[0], NO_ACCOUNTS[2]])
def test_the_first_lists_come_soon_after_the_day_of_effect(name: str) -> None:
    """The yearly check asks for the list of staff: it is not left to the January after."""
    assert "施行后的第一份，在施行之日起1个月内提出" in texts(name)["regulation"]
    resolved = app.prepare(Path(ROOT / name)).judged.resolved
    assert {duty.id: dates for duty, dates in resolved.dues(resolved.year)}["team"]


def test_the_members_of_a_party_committee_review_themselves_in_their_branches() -> None:
    name = "examples/village_party_committee.yaml"
    for document in ("regulation", "mechanism_supervision"):
        assert "在所在党支部的组织生活会上对照检查" in texts(name)[document]
    assert "各党支部在村党委领导下组织党员学习" in texts(name)["regulation"]
    assert "各党支部" not in texts("examples/village.yaml")["regulation"]
    assert "管理员不核对本人管理的账号" in texts(name)["position_management"]


@pytest.mark.parametrize("name", [*NO_COMMITTEE, "examples/village_party_committee.yaml"])
def test_errors_in_what_a_village_publishes(name: str) -> None:
    """What can be checked in two hours is corrected by then; accounts are marked first. Notices have a form within a day."""
    line = line_of("regulation", "村务公开的内容有差错的", name)
    assert "在确认后2小时内" in line and "先注明“正在核对”" in line
    assert "事后补填" not in texts(name)["position_management"]
    assert texts(name)["position_management"].count("后1个工作日内补填信息发布审核单") == 2
    assert "村务公开栏由村文书看管" in texts(name)["position_management"]


@pytest.mark.parametrize("name", KINDS)
def test_a_review_needs_no_meeting_and_no_checker(name: str) -> None:
    assert (
        "复核可以不召开会议，由意识形态工作领导小组组长指定没有参加检查的成员办理"
        in texts(name)["mechanism_supervision"]
    )
    assert "已经到期的整改结果" in texts(name)["regulation"]
    assert "各级审核由不同的人承担" in texts(name)["position_management"]
    assert "可以使用同一文本，在先到期的时限内分别送达" in texts(name)["regulation"]
    assert "可以使用同一文本，在先到期的时限内分别送达" in texts(name)["mechanism_incident"]
    assert "是本" in line_of("mechanism_press", "内部要求", name)


@pytest.mark.parametrize(
    "name", ["examples/village.yaml", "examples/school.yaml", "examples/railway_depot_freight.yaml"]
)
def test_a_unit_repeats_the_rule_for_its_superior_and_gives_no_orders(name: str) -> None:
    line = line_of("regulation", "本章写明的", name)
    assert "由其依照规定行使" in line and "登记、移送、协助、送达和转递的事务" in line
