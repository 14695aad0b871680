"""The light set of the village: the requirements of the full set, met and guarded, in less paper; and the way there and back."""

from __future__ import annotations

import shutil
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
from tinyset import write

from toolkit.app import make, prepare
from toolkit.core.data_folders import Where
from toolkit.core.findings import Severity
from toolkit.coverage import matrix
from toolkit.minutes.register.matching import DONE, LATE
from toolkit.minutes.register.register import register
from toolkit.minutes.unit import Unit
from toolkit.numbering.labels import document_text, number_set

LIGHT = EXAMPLES / "village_light.yaml"


# --- the same requirements ---------------------------------------------------------------------------------------------------


def test_the_requirements_are_those_of_the_full_set_and_none_is_open() -> None:
    same_requirements("village")


def test_where_each_requirement_is_met_is_on_record(accept: bool) -> None:
    """The table of the light set: read it against the full one where it changes (``--accept``)."""
    places_on_record("village", accept)


def test_a_requirement_shows_where_it_is_met() -> None:
    rows = {row.id: row for row in matrix(unit("village_light")).requirements}
    appeal = rows["mechanism_accountability#appeal"]
    assert appeal.state == "met" and appeal.paper.title.endswith("责任追究机制")
    assert appeal.reason.startswith("精简规模：见01《") and appeal.reason.endswith("条")
    assert [hit.clause for hit in appeal.hits] == ["acct_appeal"]
    listed = rows["mechanism_supervision#rectify"]
    assert {hit.paper.id for hit in listed.hits} == {"regulation", "list_responsibility"}


def test_no_frequency_is_below_its_floor_and_no_clause_of_the_list_is_without_its_duty() -> None:
    assert not unit("village_light").findings
    list_has_all_duties("village")


@pytest.mark.parametrize(
    "name", ["village_three_members", "village_general_branch", "village_party_committee", "village_minimal"]
)
def test_villages_of_all_forms_can_take_it(tmp_path: Path, name: str) -> None:
    made = light_version(tmp_path, "村", name)
    assert made.preset.size == "light" and {one.code for one in made.findings} <= {
        "unknown_group",  # its people are in groups that only the full set has
        "load_ceiling",  # its profile asks for more sittings than must be
    }


def test_a_draft_has_no_notice_and_lacks_nothing(tmp_path: Path) -> None:
    """What the notice says in this size is not asked of a unit for which the preset makes none."""
    text = LIGHT.read_text(encoding="utf-8")
    assert text.count("\n文件:\n") == 1
    (tmp_path / "unit.yaml").write_text(text.replace("\n文件:\n", "\n文件:\n  状态: 审议稿\n"), encoding="utf-8")
    made = prepare(tmp_path / "unit.yaml")
    assert "notice_issue" not in {one.id for one in made.built.set.documents}
    assert [one.code for one in made.findings if one.severity is Severity.ERROR] == []


# --- the exam: every required clause, wherever it is met ------------------------------------------------------------------


ALWAYS = (
    ("list_responsibility", "periodic"),
    ("regulation", "acct_appeal"),
    ("record_incident", "grade"),
    ("register_accounts", "instructions"),
    ("regulation", "purpose_text"),
)


@pytest.mark.parametrize(("document", "block"), sampled("village", ALWAYS))
def test_what_is_deleted_is_missed_by_each_clause_that_it_meets(tmp_path: Path, document: str, block: str) -> None:
    deletion_is_missed(tmp_path, "village", document, block)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("{acct_authority}的决定送达当事人。 {#acct_service}", {"acct_service", "service"}),
        ("当事人不服的，可以提出意见。 {#acct_appeal_text}", {"acct_appeal", "appeal"}),
        ("略。 {#content_limits}", {"limits", "content_limits"}),
    ],
)
def test_what_is_emptied_is_judged_by_the_contract_of_each_clause(
    tmp_path: Path, text: str, subjects: set[str]
) -> None:
    write(tmp_path, {"documents/regulation.md": f"---\nid: regulation\n---\n{text}\n"})
    found = prepare(LIGHT, Where(layers=(tmp_path,))).findings
    assert subjects & {one.subject for one in found if one.code in ("clause_lacks", "hollow_clause")}


def test_a_list_without_a_column_lacks_what_the_clauses_quote(tmp_path: Path) -> None:
    table = (
        "id: list_responsibility\nbody:\n  - table: periodic\n    each: duties\n    where: frequency\n    columns:\n"
        "      - {head: 责任主体, width: 6, cell: '{actor}'}\n      - {head: 职责, width: 6, cell: '{label}：{act}'}\n"
    )
    write(tmp_path, {"documents/list.yaml": table})
    found = [one for one in prepare(LIGHT, Where(layers=(tmp_path,))).findings if one.code == "clause_lacks"]
    assert {"report_up", "self_check", "subunit_report"} <= {one.subject for one in found}


# --- what it asks for --------------------------------------------------------------------------------------------------------


def test_the_figures_are_within_the_ceilings_and_stand_beside_those_of_the_full_set() -> None:
    measured = figures_within_ceilings("village")
    assert dict(measured.ceilings) == {
        "documents": 12,
        "pages_once": 42,
        "characters": 6500,
        "tasks": 28,
        "occasions": 17,
    }
    (full,) = measured.beside.values()
    assert full["tasks"] > 2 * measured.figures["tasks"]


def test_the_calendar_file_belongs_to_the_set_and_has_one_event_an_occasion() -> None:
    files = make(unit("village_light")).files
    (name,) = [name for name in files if name.endswith(".ics")]
    calendar = files[name].decode().replace("\r\n ", "")
    days = load_days(calendar)
    assert name == "年度工作日历.ics" and calendar.count("BEGIN:VEVENT") == len(set(days)) == 16
    assert "SUMMARY:专题研究、分析研判、村民小组汇报" in calendar and "SUMMARY:公开事项发布、财务公开" in calendar


def load_days(calendar: str) -> list[str]:
    events = calendar.split("BEGIN:VEVENT")[1:]
    lines = [[line for line in event.split("\r\n") if line.startswith(("DTSTART", "SUMMARY"))] for event in events]
    return ["".join(one) for one in lines]


def test_a_kind_without_a_light_size_says_so(tmp_path: Path) -> None:
    text = (
        (EXAMPLES / "school.yaml")
        .read_text(encoding="utf-8")
        .replace("单位类型: 学校\n", "单位类型: 学校\n规模: 精简\n")
    )
    (tmp_path / "unit.yaml").write_text(text, encoding="utf-8")
    (found,) = [one for one in prepare(tmp_path / "unit.yaml").findings if one.code == "unknown_size"]
    assert found.message == "学校没有“精简”这种规模，目前只有完整规模" and found.severity is Severity.ERROR


# --- there and back ----------------------------------------------------------------------------------------------------------


def _done(name: str, folder: Path) -> dict[str, int]:
    held = register(Unit(EXAMPLES / f"{name}.yaml"), folder, 2026, date(2026, 7, 20))
    return {one.duty.id: one.count(DONE) + one.count(LATE) for one in held.statuses}


def test_records_of_the_full_size_count_in_the_light_one_and_the_other_way_round(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "records", tmp_path / "records")
    full, light = _done("village", tmp_path / "records"), _done("village_light", tmp_path / "records")
    assert full["analysis"] == 2 and light["analysis"] == 1  # two due dates a year, of which one has come
    assert light["report_up"] == full["report_up"] == 1 and light["training"] == 1
    write(
        tmp_path / "records", {"14-要点.yaml": "表单: paper_annual_plan\n报送日期: 2026-01-20\n印发日期: 2026-01-20\n"}
    )
    back = _done("village", tmp_path / "records")
    assert all(back[duty] >= count for duty, count in full.items())


def test_the_notice_of_a_change_lists_the_rules_that_fall_away() -> None:
    made = unit("village_light_small")
    (notice,) = [one for one in made.built.set.documents if one.id == "notice_issue"]
    text = "".join(text for _, text in document_text(notice, number_set(made.built.set)))
    assert "定期报告机制》" in text and "涉本村网络信息处置机制》同时废止，其规定并入《" in text
    (first,) = [one for one in unit("village_light").built.set.documents if one.id == "notice_issue"]
    assert "同时废止" not in "".join(
        text for _, text in document_text(first, number_set(unit("village_light").built.set))
    )
