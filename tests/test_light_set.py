"""The light sets: the requirements of the full set, met and guarded, in less paper; and the way there and back."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
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

from toolkit.app import Prepared, make, prepare
from toolkit.checks.contracts import find_block, text_of
from toolkit.core.data_folders import Where
from toolkit.core.findings import Severity
from toolkit.coverage import matrix
from toolkit.coverage.load import load_of_size
from toolkit.forms import to_yaml
from toolkit.minutes.register.matching import DONE, LATE
from toolkit.minutes.register.register import register
from toolkit.minutes.unit import Unit
from toolkit.model.tree import walk
from toolkit.numbering.labels import document_text, number_set

LIGHT = EXAMPLES / "village_light.yaml"
#: Kinds with a light size: how many legal and organisational requirements each has at least, and its 单位类型.
KINDS = {"village": (140, 380, "村"), "school": (170, 440, "学校")}
#: Places of required clauses of each kind that are always tried.
ALWAYS = {
    "village": {
        ("list_responsibility", "periodic"),
        ("regulation", "acct_appeal"),
        ("record_incident", "grade"),
        ("register_accounts", "instructions"),
        ("regulation", "purpose_text"),
    },
    "school": {
        ("regulation", "pupil_consent"),
        ("regulation", "acct_verify"),  # a sentence that stays refers to it
        ("regulation", "complaint_process"),
        ("minutes_admin", "decision_rule"),
    },
}


def _light(name: str, folder: Path) -> Prepared:
    """Return a shipped example of a full set, made in the light size."""
    return light_version(folder, KINDS[name.partition("_")[0]][2], name)


# --- the same requirements ---------------------------------------------------------------------------------------------------


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", KINDS)
def test_the_requirements_are_those_of_the_full_set_and_none_is_open(kind: str) -> None:
    legal, organisational, _ = KINDS[kind]
    same_requirements(kind, legal, organisational)


@pytest.mark.parametrize("kind", KINDS)
def test_where_each_requirement_is_met_is_on_record(kind: str, accept: bool) -> None:
    """The table of the light set: read it against the full one where it changes (``--accept``)."""
    places_on_record(kind, accept)


#: Where a paper takes the place of a clause without a word of its name; each was read.
_OTHER_WORDS = {
    ("mechanism_analysis", "operations_analysis"),
    ("mechanism_circulation", "circulation_content"),
    ("paper_analysis_report", "advice"),
    ("paper_annual_summary", "next_steps"),
    ("paper_training_plan", "opening"),
    ("paper_training_plan", "support"),
    ("register_team", "instructions"),
}


@pytest.mark.parametrize("kind", [*KINDS, "railway_depot"])
def test_a_clause_without_a_contract_is_met_where_its_matter_is_named(kind: str) -> None:
    made = unit(f"{kind}_light")
    papers = {one.id: one for one in made.built.set.documents}
    for (document, clause), places in made.preset.met.items():
        required = made.preset.required.get(document, {}).get(clause)
        blocks = [find_block(papers[home].body, name) for home, name in places if home in papers]
        if required is None or required.quotes or required.says or required.keeps or None in blocks or not blocks:
            continue
        text = "".join(f"{getattr(block, 'caption', '')}{text_of(block)}" for block in blocks if block is not None)
        words = re.split("[和与、，的由及（）]", required.what)
        pairs = {word[at : at + 2] for word in words for at in range(len(word) - 1)}
        assert any(pair in text for pair in pairs) or (document, clause) in _OTHER_WORDS, (document, clause)


def test_a_requirement_shows_where_it_is_met() -> None:
    rows = {row.id: row for row in matrix(unit("village_light")).requirements}
    appeal = rows["mechanism_accountability#appeal"]
    assert appeal.state == "met" and appeal.paper.title.endswith("责任追究机制")
    assert appeal.reason.startswith("精简规模：见01《") and appeal.reason.endswith("条")
    assert [hit.clause for hit in appeal.hits] == ["acct_appeal"]
    listed = rows["mechanism_supervision#rectify"]
    assert {hit.paper.id for hit in listed.hits} == {"regulation", "list_responsibility"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_frequency_is_below_its_floor_and_no_clause_of_the_list_is_without_its_duty(kind: str) -> None:
    assert not unit(f"{kind}_light").findings
    list_has_all_duties(kind)


@pytest.mark.sampled(12)
@pytest.mark.parametrize(
    "name",
    [
        "village_three_members",
        "village_general_branch",
        "village_party_committee",
        "village_minimal",
        "school_three_members",
        "school_general_branch",
        "school_committee",
        "school_private",
        "school_small",
        "school_draft",
    ],
)
def test_units_of_all_forms_can_take_it(tmp_path: Path, name: str) -> None:
    made = _light(name, tmp_path)
    assert made.preset.size == "light" and {one.code for one in made.findings} <= {
        "unknown_group",  # its people are in groups that only the full set has
        "load_ceiling",  # its profile asks for more sittings than must be
        "unused_value",  # 分别印发: there is one text
    }


@pytest.mark.parametrize(
    ("name", "leadership", "board"),
    [
        ("school_light", "leadership_party", False),
        ("school_general_branch", "leadership_same", False),
        ("school_small", "leadership_head", False),
        ("school_private", "leadership_board", True),
    ],
)
def test_a_school_of_each_leadership_says_its_own_and_keeps_its_bodies(
    tmp_path: Path, name: str, leadership: str, board: bool
) -> None:
    made = unit(name) if name == "school_light" else _light(name, tmp_path)
    papers = {one.id: one for one in made.built.set.documents}
    ids = {block.id for block in walk(papers["regulation"].body)}
    assert {one for one in ids if one.startswith("leadership_") and "meeting" not in one} == (
        {leadership, "leadership_board_matters"} if board else {leadership}
    )
    assert ("minutes_board" in papers, "board_meeting" in made.resolved.duties) == (board, board)
    study, admin = (made.resolved.meetings[one].quorum for one in ("topical_study", "admin_meeting"))
    by_party = leadership in ("leadership_party", "leadership_same")
    assert ("班子" in study["to_meet"], "意见（试行）" in study["basis"], admin["tag"] == "V") == (by_party,) * 3
    for form in ("minutes_topical_study", "minutes_admin", "minutes_congress", *(["minutes_board"] if board else [])):
        meeting = made.resolved.meetings[papers[form].meeting]
        text = "".join(text for _, text in document_text(papers[form], number_set(made.built.set)))
        assert meeting.quorum["to_meet"] in text and meeting.quorum["to_pass"] in text


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("school_light", "  寄宿: 是\n  教职工大会形式: 教职工代表大会\n"),
        ("school_light", '  学生宣传载体: ""\n'),
        pytest.param("school", '  学生宣传载体: ""\n', marks=pytest.mark.slow),
    ],
)
def test_a_school_with_or_without_what_is_optional_has_no_finding(tmp_path: Path, name: str, more: str) -> None:
    """Boarders and a congress of delegates keep the ceilings; without a radio of its own pupils are guided all the same."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    (tmp_path / "unit.yaml").write_text(text.replace("学校:\n", f"学校:\n{more}", 1), encoding="utf-8")
    assert prepare(tmp_path / "unit.yaml").findings == ()


def test_a_draft_has_no_notice_and_lacks_nothing(tmp_path: Path) -> None:
    """What the notice says in this size is not asked of a unit for which the preset makes none."""
    text = LIGHT.read_text(encoding="utf-8")
    assert text.count("\n文件:\n") == 1
    (tmp_path / "unit.yaml").write_text(text.replace("\n文件:\n", "\n文件:\n  状态: 审议稿\n"), encoding="utf-8")
    made = prepare(tmp_path / "unit.yaml")
    assert "notice_issue" not in {one.id for one in made.built.set.documents}
    assert [one.code for one in made.findings if one.severity is Severity.ERROR] == []


# --- the exam: every required clause, wherever it is met ------------------------------------------------------------------


@pytest.mark.sampled(24)
@pytest.mark.parametrize(
    ("kind", "document", "block"), [place for kind, always in ALWAYS.items() for place in sampled(kind, always, 6)]
)
def test_what_is_deleted_is_missed_by_each_clause_that_it_meets(
    tmp_path: Path, kind: str, document: str, block: str
) -> None:
    deletion_is_missed(tmp_path, kind, document, block)


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("kind", "text", "subjects"),
    [
        ("village", "{acct_authority}的决定送达当事人。 {#acct_service}", {"acct_service", "service"}),
        ("village", "当事人不服的，可以提出意见。 {#acct_appeal_text}", {"acct_appeal", "appeal"}),
        ("village", "略。 {#content_limits}", {"limits", "content_limits"}),
        ("school", "发布学生影像的，由班主任核对。 {#pupil_consent}", {"pupil_consent", "pupil_images"}),
        ("school", "投诉属实的，作出处理。 {#complaint_process}", {"complaint_process"}),
        (
            "school",
            "申请举办宗教活动的，登记申请人的宗教信仰。 {#no_religion_limit}",
            {"no_religion_limit", "use_religion"},
        ),
    ],
)
def test_what_is_emptied_is_judged_by_the_contract_of_each_clause(
    tmp_path: Path, kind: str, text: str, subjects: set[str]
) -> None:
    write(tmp_path, {"documents/regulation.md": f"---\nid: regulation\n---\n{text}\n"})
    found = prepare(EXAMPLES / f"{kind}_light.yaml", Where(layers=(tmp_path,))).findings
    assert subjects & {one.subject for one in found if one.code in ("clause_lacks", "hollow_clause")}


@pytest.mark.slow
def test_a_list_without_a_column_lacks_what_the_clauses_quote(tmp_path: Path) -> None:
    table = (
        "id: list_responsibility\nbody:\n  - table: periodic\n    each: duties\n    where: frequency\n    columns:\n"
        "      - {head: 责任主体, width: 6, cell: '{actor}'}\n      - {head: 职责, width: 6, cell: '{label}：{act}'}\n"
    )
    write(tmp_path, {"documents/list.yaml": table})
    found = [one for one in prepare(LIGHT, Where(layers=(tmp_path,))).findings if one.code == "clause_lacks"]
    assert {"report_up", "self_check", "subunit_report"} <= {one.subject for one in found}


# --- what it asks for --------------------------------------------------------------------------------------------------------


CEILINGS = {
    "village": {"documents": 12, "pages_once": 42, "characters": 6500, "tasks": 28, "occasions": 17},
    "school": {"documents": 15, "pages_once": 58, "characters": 9000, "tasks": 38, "occasions": 25},
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_are_within_the_ceilings_and_stand_beside_those_of_the_full_set(kind: str) -> None:
    measured = figures_within_ceilings(kind)
    assert dict(measured.ceilings) == CEILINGS[kind]
    (full,) = measured.beside.values()
    assert full["tasks"] > 1.9 * measured.figures["tasks"]


@pytest.mark.parametrize("pages", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_what_only_a_private_school_needs_is_added_to_its_ceilings(pages: bool) -> None:
    made = unit("school_light_six_members")
    assert not made.findings and "minutes_board" in {one.id for one in made.built.set.documents}
    measured = load_of_size(made, paged=pages)
    added = {name: most - CEILINGS["school"][name] for name, most in measured.ceilings.items()}
    assert {name: more for name, more in added.items() if more} == {"pages_once": 5, "characters": 120}
    assert not measured.over and measured.figures["documents"] == 14


def test_the_calendar_file_belongs_to_the_set_and_has_one_event_an_occasion() -> None:
    files = make(unit("village_light")).files
    (name,) = [name for name in files if name.endswith(".ics")]
    calendar = files[name].decode().replace("\r\n ", "")
    days = load_days(calendar)
    assert name == "年度工作日历.ics" and calendar.count("BEGIN:VEVENT") == len(set(days)) == 16
    assert "SUMMARY:专题研究、分析研判、村民小组汇报" in calendar and "SUMMARY:公开事项发布、财务公开" in calendar


@pytest.mark.parametrize("name", [*KINDS, "railway_depot"])
def test_a_form_of_the_full_set_is_due_on_one_day_of_a_month(name: str) -> None:
    """One sheet for several duties is filled in once, not on the days of each. (The list of the light set is filled in by two:
    who checks himself, and on another day who inspects.)"""
    days = defaultdict(set)
    for duty, dues in unit(name).resolved.dues(2026):
        for due in dues if duty.form and not duty.meeting else ():
            days[duty.form, due.day.month].add(due.day.day)
    assert {form: held for form, held in days.items() if len(held) > 1} == {}


def load_days(calendar: str) -> list[str]:
    events = calendar.split("BEGIN:VEVENT")[1:]
    lines = [[line for line in event.split("\r\n") if line.startswith(("DTSTART", "SUMMARY"))] for event in events]
    return ["".join(one) for one in lines]


@pytest.mark.slow
def test_a_kind_without_a_light_size_says_so(tmp_path: Path) -> None:
    text = (
        (EXAMPLES / "railway_depot.yaml")
        .read_text(encoding="utf-8")
        .replace("单位类型: 车务段\n", "单位类型: 车务段\n规模: 精简\n")
    )
    (tmp_path / "unit.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "presets/railway_depot", tmp_path / "presets/railway_depot")
    shutil.rmtree(tmp_path / "presets/railway_depot/sizes")
    head = tmp_path / "presets/railway_depot/preset.yaml"
    head.write_text(re.sub(r"(?m)^sizes:.*\n(?:[ #].*\n)*", "", head.read_text(encoding="utf-8")), encoding="utf-8")
    found_all = prepare(tmp_path / "unit.yaml", Where(presets=(tmp_path / "presets",))).findings
    (found,) = [one for one in found_all if one.code == "unknown_size"]
    assert found.message == "车务段没有“精简”这种规模，目前只有完整规模" and found.severity is Severity.ERROR


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


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("kind", "least"), [("school", 11), ("railway_depot", 12)])
def test_half_a_year_of_records_loses_no_completion_on_the_way_there_and_back(
    tmp_path: Path, kind: str, least: int
) -> None:
    """A record of each form of the full size; in the light one a plan is made; the full one has all that it had."""
    full_unit = Unit(EXAMPLES / f"{kind}.yaml")
    for document in full_unit.documents.values():
        if document.record_of:
            year = {"year": "2026"} if "year" in full_unit.form(document.id).fields else {}
            write(tmp_path, {f"{document.id}.yaml": to_yaml(record(document.id, full_unit, **year))})
    full = _done(kind, tmp_path)
    assert sum(map(bool, full.values())) >= least
    light = _done(f"{kind}_light", tmp_path)
    kept = {duty: count for duty, count in full.items() if count and duty in light}
    assert len(kept) > least / 2 and {duty: light[duty] for duty in kept} == kept
    write(tmp_path, {"14-要点.yaml": "表单: paper_annual_plan\n报送日期: 2026-01-20\n印发日期: 2026-01-20\n"})
    back = _done(kind, tmp_path)
    assert {duty: back[duty] for duty in full if back[duty] < full[duty]} == {}


def test_what_a_text_says_of_those_that_it_repeals_is_not_counted(tmp_path: Path) -> None:
    """A unit that has changed over keeps the ceilings: each revision adds a sentence that is none of its rules."""
    entry = "{{事项: {}, 通过机关: 支部委员会会议, 通过日期: 2026-0{}-04, 印发日期: 2026-0{}-05, 文号: 柳党字〔2026〕{}号{}}}"
    entries = [entry.format("制定", 1, 1, 1, ""), entry.format("修订", 7, 7, 9, ", 规模: 精简")]
    text = re.sub(r"(?m)^  (发文字号|成文日期|通过日期): .*\n", "", LIGHT.read_text(encoding="utf-8"))
    (tmp_path / "unit.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "unit.history.yaml").write_text("".join(f"- {one}\n" for one in entries), encoding="utf-8")
    made = prepare(tmp_path / "unit.yaml")
    (regulation,) = [one for one in made.built.set.documents if one.id == "regulation"]
    printed = "".join(text for _, text in document_text(regulation, number_set(made.built.set)))
    assert "（柳党字〔2026〕1号）同时废止。" in printed and not made.findings
    measured, before = (load_of_size(one, paged=False).figures for one in (made, unit("village_light")))
    assert measured["characters"] == before["characters"]


def test_the_notice_of_a_change_lists_the_rules_that_fall_away() -> None:
    made = unit("village_light_small")
    (notice,) = [one for one in made.built.set.documents if one.id == "notice_issue"]
    text = "".join(text for _, text in document_text(notice, number_set(made.built.set)))
    assert "定期报告机制》" in text and "涉本村网络信息处置机制》同时废止，其规定并入《" in text
    assert "其他工作小组同时撤销，其任务由意识形态工作领导小组承担。" in text
    (first,) = [one for one in unit("village_light").built.set.documents if one.id == "notice_issue"]
    assert "同时废止" not in "".join(
        text for _, text in document_text(first, number_set(unit("village_light").built.set))
    )
