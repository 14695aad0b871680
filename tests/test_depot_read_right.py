"""What a careful reader found in the texts of depots, told as rules over what several units print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from test_depot_traffic import depot
from test_texts_read_right import line_of, texts

from toolkit import app
from toolkit.compose.resolve import Resolved
from toolkit.model.tree import FormField, Table, inlines_of
from toolkit.model.tree_json import to_text

FREIGHT, BRANCH = "examples/railway_depot_freight.yaml", "examples/railway_depot_general_branch.yaml"
BOTH, OTHER, SMALL = (f"examples/railway_depot{one}.yaml" for one in ("", "_other_bureau", "_six_members"))
EVERY = (FREIGHT, BRANCH, BOTH, OTHER, SMALL)


def resolved(name: str) -> Resolved:
    return app.prepare(Path(ROOT / name)).judged.resolved


def options(name: str, document: str, field: str) -> tuple[str, ...]:
    """The options of a choice, of whichever of its fields the form has."""
    made = app.prepare(Path(ROOT / name)).judged.built.set
    (form,) = [one for one in made.documents if one.id == document]
    parts = [part for block in form.body for part in inlines_of(block) if isinstance(part, FormField)]
    return next(part.options for part in parts if part.label == field)


def rows(name: str, document: str, table: str) -> list[str]:
    """The rows of a form's table, each as one text."""
    made = app.prepare(Path(ROOT / name)).judged.built.set
    (form,) = [one for one in made.documents if one.id == document]
    (found,) = [block for block in form.body if isinstance(block, Table) and block.id == table]
    return [to_text(row) for row in found.rows]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", EVERY)
def test_who_shares_the_leadership_sits_in_the_leading_group(name: str) -> None:
    """The regulation lets party and administration answer together, so the head of the depot is a member by his post."""
    head = resolved(name).org["admin_head"].name
    assert re.search(f"成员为(?:党.{{1,2}}委员、)?{head}、副段长、", line_of("regulation", "组长由", name))
    assert "同一人担任两项以上所列职务的，按一人计算" in texts(name)["notice_groups"]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", EVERY)
def test_each_is_sent_to_the_item_that_receives_him(name: str) -> None:
    """Clients and staff complain in two ways, and no item is named for somebody whom it leaves out."""
    clients = resolved(name).values["terms.clients"]
    for document, other in (("mechanism_accountability", "职工"), ("mechanism_incident", "其他人员和单位")):
        line = line_of(document, "是本机制的追究对象" if other == "职工" else "普通的询问", name)
        named = re.findall(r"(?:的意见和投诉|提出的，)依照(《[^》]+》第.部分第（.）项)", line)
        assert len(named) == len(set(named)) == 2, line
    online = texts(name)["mechanism_online"]
    assert f"）答复{resolved(name).values['terms.clients_and']}" in online and clients in online


@pytest.mark.parametrize("name", EVERY)
def test_one_complaint_has_one_deadline(name: str) -> None:
    """A complaint that is graded higher is due sooner; each text that gives the usual deadline says so."""
    desk = resolved(name).org["service_desk"].name
    for document in ("regulation", "mechanism_online"):
        (line,) = [one for one in texts(name)[document].splitlines() if f"{desk}应当在3个工作日内答复" in one]
        assert "规定的处理时限更短的，从其规定" in line
    assert "规定的处理时限更短的，从其规定" in line_of("record_passenger_reply", "填写说明", name)


def test_the_staff_is_heard_where_it_has_no_congress() -> None:
    freight = texts(FREIGHT)
    assert "职工代表" not in "".join(freight.values()) and "提案" not in freight["mechanism_analysis"]
    assert "经全体职工讨论、同段工会平等协商的，段党总支委员会的决定不能代替" in freight["mechanism_risk"]
    assert "向职工报告" not in freight["mechanism_report"] and "）任期工作报告" in freight["mechanism_report"]
    branch = texts(BRANCH)
    assert "由职工代表大会审议或者通过的，段党总支委员会的决定不能代替" in branch["mechanism_risk"]
    assert "职工代表大会提案的办理结果" in branch["mechanism_analysis"]
    assert "）向职工报告" in branch["mechanism_report"]


@pytest.mark.parametrize("name", EVERY)
def test_a_level_that_a_depot_has_not_is_named_nowhere(name: str) -> None:
    levels = resolved(name).values["depot.units"]
    assert f"段领导人员和{levels}的管理人员" in texts(name)["mechanism_accountability"]
    assert ("车间" in "".join(texts(name).values())) == ("车间" in levels)


def test_no_paper_and_place_is_asked_for_that_a_unit_has_not() -> None:
    """Without positions there are no ledger, check of them and keeper; without accounts none of these either."""
    freight, forms = texts(FREIGHT), ("checklist_inspection", "assessment_secretary", "record_subunit_report")
    said = {one: freight[one] for one in ("mechanism_supervision", *forms, "record_office_report")}
    words = ("阵地台账", "核对登记表", "进货凭证", "账号和群组", "阵地核对", "查验阵地", "兼职")
    assert not [(name, word) for name, text in said.items() for word in words if word in text]
    assert "按照台账" not in freight["position_management"] and "看管站内" not in freight["regulation"]
    assert "账号和铁路客户" not in freight["mechanism_online"]
    assert options(FREIGHT, "record_passenger_reply", "渠道") == ("当面", "电话", "来信", "转来")
    both = texts(BOTH)
    assert "阵地台账" in both["checklist_inspection"] and "账号和铁路客户" in both["mechanism_online"]
    assert "账号" in options(BOTH, "record_passenger_reply", "渠道")
    assert "专职书记和兼职书记" in both["mechanism_supervision"]
    assert len(rows(FREIGHT, "checklist_inspection", "station")) < len(rows(BOTH, "checklist_inspection", "station"))


def test_who_keeps_a_board_of_a_station_stands_in_the_station() -> None:
    """Heads of stations look after what is there; an office of the depot is not named as keeper of a board in all of them."""
    for name in (BRANCH, BOTH):
        boards = [one for one in resolved(name).values["positions"] if one["kind"] == "宣传栏"]
        assert boards and all("站长" in one["owner"] for one in boards if "各车站" in one["place"])


@pytest.mark.parametrize("name", [FREIGHT, BRANCH])
def test_members_of_a_general_branch_review_themselves_in_their_own_branch(name: str) -> None:
    """The meeting of party life is held by branches, not by the committee of a general branch (支部工作条例, 17)."""
    made = texts(name)
    assert "所在党支部组织生活会上对照检查" in made["regulation"]
    assert "会议由所在党支部书记主持" in made["minutes_org_life"] and "三分之二" not in made["minutes_org_life"]
    assert "总支委员会扩大会议" not in made["minutes_members"].replace("党总支委员会扩大会议", "")
    assert "民主生活会上" in texts(BOTH)["regulation"] and "三分之二以上" in texts(BOTH)["minutes_org_life"]


@pytest.mark.parametrize("name", EVERY)
def test_every_leader_of_the_depot_reports_somewhere(name: str) -> None:
    """One who is a party member and no member of the committee neither reviews himself in it nor is forgotten."""
    short = resolved(name).values["party.short"]
    assert f"不是党员，或者不是{short}班子成员的，不适用前款规定" in line_of("regulation", "行政会议上报告", name)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_not_due_is_no_ground_of_an_assessment(name: str) -> None:
    for document in ("regulation", "mechanism_supervision"):
        assert "已经到期的整改结果" in line_of(document, "考核", name) or "已经到期的整改结果" in texts(name)[document]
    assert "没有到期的整改不作为“没有完成”" in texts(name)["assessment_secretary"]


def test_the_deciding_organ_is_named_in_one_place() -> None:
    """A sentence that has the same body decide twice is broken; the mechanism refers to the article."""
    for name in EVERY:
        line = line_of("mechanism_accountability", "决定是否启动、怎样处理", name)
        assert "均为" not in line and "决定机关按照干部管理权限，依照" in line
        assert "干部管理权限确定：" in texts(name)["regulation"]


def test_a_report_of_an_office_is_signed_by_its_head() -> None:
    for name in EVERY:
        made = app.prepare(Path(ROOT / name)).judged.built.set
        (report,) = [one for one in made.documents if one.id == "record_office_report"]
        assert not report.doc_number and not report.approver
        assert "办公室负责人签发" in texts(name)["mechanism_report"]


def test_a_risk_form_has_room_for_those_who_are_to_be_asked() -> None:
    said = texts(FREIGHT)["record_risk"]
    assert all(one in said for one in ("安全科确认", "段工会征求的职工意见", "货运科意见（货主托运）"))


# --- freight and passengers ---------------------------------------------------------------------------------------------------


def test_both_trades_have_their_posts() -> None:
    """A depot of both kinds lets each trade answer, report and announce by those who do it."""
    made, values = texts(BRANCH), resolved(BRANCH).values
    assert "货运科" in values["depot.sections"]
    assert "旅客服务台、货运营业室应当在3个工作日内答复" in made["regulation"]
    assert "报客运科、货运科；" in made["regulation"]
    assert "货主和货运的事项由承办货运业务的机构履行" in made["regulation"]
    assert "列车时刻、货物受理、票务、货运收费和停运信息有差错的" in made["mechanism_online"]
    assert "多名旅客、货主就同一事项" in made["regulation"] and "乘车、托运记录" in made["record_passenger_reply"]
    assert "影响旅客出行或者货物运输的施工" in made["regulation"] and "客货服务措施和收费项目" in made["regulation"]
    assert "旅客滞留和安置" in made["record_incident"] and "货物滞留和保管" in made["record_incident"]


@pytest.mark.parametrize("carries", ["客运", "货运"])
def test_one_trade_has_one_post(tmp_path: Path, carries: str) -> None:
    made = depot(tmp_path, carries)
    desk, section = made.resolved.org["service_desk"].name, made.resolved.org["passenger_section"].name
    assert (desk, section) == {"客运": ("旅客服务台", "客运科"), "货运": ("货运营业室", "货运科")}[carries]
    said = to_text(made.built.set)
    assert ("列车晚点" in said) == (carries == "客运") and ("货场拍摄" in said) == (carries == "货运")
    assert "客服岗位" not in said and "分别履行" in said
