"""The light set of the depot: the requirements of the full set, met and guarded, in less paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from light_sets import (
    EXAMPLES,
    deletion_is_missed,
    figures_within_ceilings,
    light_version,
    list_has_all_duties,
    places_on_record,
    same_requirements,
    sampled,
    unit,
)
from test_minutes_evidence import record
from tinyset import write

from toolkit.app import make, prepare
from toolkit.core.data_folders import Where
from toolkit.forms import FormData, FormRow, to_yaml
from toolkit.minutes.register.matching import DONE, LATE
from toolkit.minutes.register.register import register
from toolkit.minutes.unit import Unit
from toolkit.numbering.labels import document_text, number_set

KIND = "railway_depot"
ALWAYS = (
    ("list_responsibility", "station"),
    ("minutes_topical_study", "research"),
    ("regulation", "dispatch_report"),
    ("regulation", "duty_room_relay"),
    ("regulation", "major_report"),  # another paragraph refers to it
    ("regulation", "newsstand_illegal"),
    ("regulation", "persons_excluded"),
)


# --- the same requirements ---------------------------------------------------------------------------------------------------


def test_the_requirements_are_those_of_the_full_set_and_none_is_open() -> None:
    same_requirements(KIND, 140, 380)


def test_where_each_requirement_is_met_is_on_record(accept: bool) -> None:
    """The table of the light set: read it against the full one where it changes (``--accept``)."""
    places_on_record(KIND, accept)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", ["railway_depot_light", "railway_depot_light_six_members"])
def test_the_examples_have_no_findings(name: str) -> None:
    assert not unit(name).findings


def test_every_duty_is_in_the_list() -> None:
    list_has_all_duties(KIND)


@pytest.mark.parametrize("name", ["general_branch", "freight", "other_bureau", "six_members"])
def test_depots_of_all_forms_can_take_it(tmp_path: Path, name: str) -> None:
    made = light_version(tmp_path, "车务段", f"{KIND}_{name}")
    assert made.preset.size == "light" and not made.findings


def test_each_form_of_depot_names_who_decides_and_who_verifies() -> None:
    texts = {}
    for name in ("railway_depot_light", "railway_depot_light_six_members"):
        made = unit(name)
        (regulation,) = [one for one in made.built.set.documents if one.id == "regulation"]
        texts[name] = "".join(text for _, text in document_text(regulation, number_set(made.built.set)))
    committee, branch = texts.values()
    assert "涉及段纪委、段党委书记的，由党委办公室直接移送青原铁路局纪委" in committee
    assert "理论学习中心组" in committee and "由段纪委派出两名以上人员核实" in committee
    assert "党员大会" in branch and "由北岭地方铁路公司纪委派出两名以上人员核实" in branch
    assert "理论学习中心组" not in branch and "党小组组长" in branch and "专职书记" not in branch


#: What the full set orders in its mechanisms and forms, by the document of the light set that says it.
KEPT = {
    "regulation": (
        "向负责人转交客户和职工的询问、投诉",
        "客户指旅客和货主，业务科室指客运科和货运科，受理岗位指旅客服务台和货运营业室",
        "客户投诉由业务科室提供分类和答复情况",
        "党委办公室同样列入段党委理论学习中心组",
        "需要班组改正的由其负责人在班前会上布置；张贴的由党委办公室另行制作文本",
        "客户投诉由业务科室归纳",
        "不受审核的限制",
        "不接未经批准的设备",
        "承办科室在合同中写明",
        "内容由业务科室统一提供",
        "对检查人员的意见向其提出",
        "由段长依照劳动制度处理的",
        "启动前不得自行核实",
        "段党委可以就事实和责任提出意见",
    ),
    "list_responsibility": (
        "会同安全科、客运科、货运科、劳动人事科",
        "不占用行车岗位作业时间",
        "传达专题研究的结果",
        "由党委办公室提交段长安排",
        "代表的意见由段工会汇总",
        "由车站核实",
        "由业务科室转送",
        "转告宣传干事",
        "新任党总支书记、党支部书记参加",
    ),
    "register_station_media": ("审核完成日期",),
    "record_talk": ("不得要求当事人和知情人作虚假说明",),
    "record_risk": ("不因意见没有被采纳而承担责任",),
    "minutes_topical_study": ("任何人不得要求删改",),
    "sheet_dispatch": ("段党委书记不能签发的，由其委托副书记或者委员签发",),
}


def test_what_the_mechanisms_of_the_full_set_order_is_not_lost_with_them() -> None:
    made = unit(f"{KIND}_light").built.set
    labels = number_set(made)
    said = {one.id: "".join(text for _, text in document_text(one, labels)) for one in made.documents}
    assert not [(name, words) for name, kept in KEPT.items() for words in kept if words not in said[name]]
    assert "审核单编号" not in said["register_station_media"]  # a paper that the light set has not


def test_nobody_is_to_send_a_paper_to_himself() -> None:
    duties = unit(f"{KIND}_light").resolved.duties.values()
    assert duties and not [one.id for one in duties if one.recipient_name == one.actor_name]
    assert {one.id for one in duties if one.recipient and not one.recipient_name} == {"annual_plan"}


# --- the exam: every required clause, wherever it is met ------------------------------------------------------------------


@pytest.mark.sampled(16)
@pytest.mark.parametrize(("kind", "document", "block"), sampled(KIND, ALWAYS, 8))
def test_what_is_deleted_is_missed_by_each_clause_that_it_meets(
    tmp_path: Path, kind: str, document: str, block: str
) -> None:
    deletion_is_missed(tmp_path, kind, document, block)


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("{duty_room}报告负责人。 {#duty_room_relay}", {"duty_room_relay", "dispatch_report", "dispatch_channel"}),
        ("没有职责的职工可以追究。 {#persons_excluded}", {"persons_excluded"}),
        ("旅客在站车拍摄的，车站可以劝阻。 {#no_takedown}", {"no_takedown"}),
        ("{acct_authority}决定送达当事人。 {#acct_service}", {"acct_service", "service"}),
    ],
)
def test_what_is_emptied_is_judged_by_the_contract_of_each_clause(
    tmp_path: Path, text: str, subjects: set[str]
) -> None:
    write(tmp_path, {"documents/regulation.md": f"---\nid: regulation\n---\n{text}\n"})
    found = prepare(EXAMPLES / f"{KIND}_light.yaml", Where(layers=(tmp_path,))).findings
    assert subjects & {one.subject for one in found if one.code in ("clause_lacks", "hollow_clause")}


# --- what it asks for --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_figures_are_within_the_ceilings_and_stand_beside_those_of_the_full_set() -> None:
    measured = figures_within_ceilings(KIND)
    assert dict(measured.ceilings) == {
        "documents": 15,
        "pages_once": 58,
        "characters": 9000,
        "tasks": 58,
        "occasions": 40,
    }


def test_the_two_checks_of_a_station_are_one_event_a_month() -> None:
    files = make(unit(f"{KIND}_light")).files
    calendar = files["年度工作日历.ics"].decode().replace("\r\n ", "")
    assert calendar.count("SUMMARY:站内展播内容核对、书报亭查验") == 12
    assert "SUMMARY:专题研究、分析研判、下级党组织汇报、办事机构报告" in calendar


# --- records -----------------------------------------------------------------------------------------------------------------


def _done(folder: Path, *records: FormData) -> dict[str, int]:
    """How often each duty of the light set is done, by these records."""
    write(folder, {f"{number}.yaml": to_yaml(data) for number, data in enumerate(records)})
    held = register(Unit(EXAMPLES / f"{KIND}_light.yaml"), folder, 2026, date(2026, 7, 20))
    return {one.duty.id: one.count(DONE) + one.count(LATE) for one in held.statuses}


def test_a_list_proves_the_check_of_the_rooms_only_by_its_own_line(tmp_path: Path) -> None:
    of = Unit(EXAMPLES / f"{KIND}_light.yaml")
    filled = {"year": "2026", "checked_on": "2026-06-12"}
    plain = _done(tmp_path / "a", record("list_responsibility", of, **filled))
    signed = _done(tmp_path / "b", record("list_responsibility", of, rooms_on="2026-06-12", **filled))
    assert (plain["self_check"], plain["room_check"]) == (1, 0)
    assert (signed["self_check"], signed["room_check"]) == (1, 1)


def test_records_of_the_full_size_count_in_the_light_one(tmp_path: Path) -> None:
    of = Unit(EXAMPLES / f"{KIND}.yaml")
    report = record("record_office_report", of, year="2026", quarter="二", sent_on="2026-06-12")
    line = {"device": "广播", "what": "提示", "sheet": "1", "same": "一致", "checker": "无", "checked_on": "2026-06-24"}
    month = {"station": "江城站", "year": "2026", "month": "6", "sent_on": "2026-06-24"}
    station = record("register_station_media", of, rows={"content": (FormRow(line),)}, **month)
    done = _done(tmp_path, report, station)
    assert (done["office_report"], done["content_check"], done["newsstand_check"]) == (1, 1, 0)
