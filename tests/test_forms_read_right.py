"""What careful readers found in the forms of small and of large units: told as rules over what is printed."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT
from test_texts_read_right import line_of, texts

from toolkit import app
from toolkit.compose.due_dates import DueRule
from toolkit.language import periods
from toolkit.language.numerals import chinese_numeral
from toolkit.minutes import meeting_papers
from toolkit.minutes.making import new
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document, Duty, FormField, Table, plain, walk

VILLAGE, SCHOOL, DEPOT = (f"examples/{kind}.yaml" for kind in ("village", "school", "railway_depot"))
KINDS = [VILLAGE, SCHOOL, DEPOT]
#: Units without accounts or positions, and of the short size.
BARE = [
    "examples/village_three_members.yaml",
    "examples/school_small.yaml",
    "examples/railway_depot_freight.yaml",
    "examples/railway_depot_general_branch.yaml",
    "examples/village_light_small.yaml",
]


@cache
def forms(name: str) -> dict[str, Document]:
    """The documents of a profile's set."""
    return {one.id: one for one in app.prepare(Path(ROOT / name)).judged.built.set.documents}


def table(name: str, document: str, block: str) -> Table:
    return next(one for one in forms(name)[document].body if isinstance(one, Table) and one.id == block)


def field(name: str, document: str, identifier: str) -> FormField | None:
    """A field of a document outside of rows, None if it has none of this id."""
    parts = (part for block in forms(name)[document].body for part in _parts(block))
    return next((part for part in parts if isinstance(part, FormField) and part.id == identifier), None)


def _parts(block):
    for one in walk((block,)):
        for row in one.rows if isinstance(one, Table) else ():
            yield from (part for cell in row.cells for line in cell.content for part in line)
        yield from getattr(one, "content", ())


def column(one: Table, number: int) -> list[str]:
    """What a column prints, with what its fields start with."""
    cells = (row.cells[number] for row in one.rows[one.header_rows :])
    return ["".join(getattr(p, "text", "") or getattr(p, "value", "") for p in cell.content[0]) for cell in cells]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", [*KINDS, *BARE])
def test_captions_count_the_parts_that_are_printed(name: str) -> None:
    """A part that a unit does not have leaves no gap: 一、 is followed by 二、 in every form."""
    for document in forms(name).values():
        captions = [plain(one.caption) for one in document.body if isinstance(one, Table) and one.caption]
        numbers = [found[1] for one in captions if (found := re.match("([一二三四五六七八九十]+)、", one))]
        assert numbers == [chinese_numeral(number) for number in range(1, len(numbers) + 1)], document.id


@pytest.mark.parametrize("name", KINDS)
def test_nobody_votes_at_a_consultation(name: str) -> None:
    text = texts(name)["minutes_incident"]
    assert "表决权" not in text and "上次会议" not in text
    assert re.search("会商人员是.+成员和处置所涉及岗位的人员", text)


@pytest.mark.parametrize("name", KINDS)
def test_who_called_a_meeting_is_written_by_the_clerk(name: str) -> None:
    """Another may call a meeting than he who does so as a rule; the rule is what the cell starts with."""
    meetings = app.prepare(Path(ROOT / name)).judged.resolved.meetings
    for number in ("topical_study", "analysis", "leading_group", "incident", "members", "org_life"):
        document = forms(name)[f"minutes_{number}"]
        called = field(name, document.id, "convener")
        assert called is not None and called.value == meetings[document.meeting].convener_name


def test_minutes_have_rows_for_those_who_come_where_nobody_is_listed() -> None:
    name = "examples/village_party_committee.yaml"
    rows = {
        document: len(table(name, document, "attendance").rows) - 1
        for document in ("minutes_topical_study", "minutes_leading_group", "minutes_incident")
    }
    assert rows == {"minutes_topical_study": 5, "minutes_leading_group": 7, "minutes_incident": 9}
    assert len(table(VILLAGE, "minutes_topical_study", "attendance").rows) - 1 == 4 + 2


def test_the_study_is_told_what_is_submitted_to_it() -> None:
    for name, papers in {
        VILLAGE: ("年度学习培训计划", "工作人员名单", "制度评估意见"),
        SCHOOL: ("行政工作落实情况材料", "课外读物推荐目录和审核登记表", "学年学习培训计划"),
        DEPOT: ("季度报告", "监督意见", "制度评估意见"),
    }.items():
        text = texts(name)["minutes_topical_study"]
        listed = text.partition("报本会审定或者听取\n")[2].partition("\n")[0]
        assert all(paper in listed for paper in papers), listed


def test_who_stands_in_at_the_analysis_is_named() -> None:
    assert "由其委托的意识形态领域情况分析研判小组成员主持" in line_of("minutes_analysis", "填写说明")


def test_a_sign_in_sheet_names_those_who_are_called_and_nobody_else() -> None:
    """The sheet of the set is for every meeting: names on it would have to be crossed out at most of them."""
    assert not any(column(table(SCHOOL, "sheet_sign_in", "sign"), 1))
    unit = Unit(app.prepare(ROOT / VILLAGE))
    sheet = meeting_papers.sign_in(meeting_papers.Call(unit, new(unit, "leading_group", "2026-06-25").document))
    assert sheet is not None
    signed = next(one for one in sheet.body if isinstance(one, Table) and one.id == "sign")
    assert "丁某" in column(signed, 1)


def test_the_sign_in_sheet_is_kept_apart_from_what_it_belongs_to() -> None:
    for name in KINDS:
        made = texts(name)["record_training"]
        assert "另行保存" in made and "附在本记录之后" not in made


@pytest.mark.parametrize("name", KINDS)
def test_what_is_filed_by_a_duty_has_no_second_deadline(name: str) -> None:
    assert not [one for one, text in texts(name).items() if "整理完毕并归档" in text]


@pytest.mark.parametrize("name", KINDS)
def test_the_ledger_that_goes_out_says_nothing_of_cases(name: str) -> None:
    assert "事项和姓名写在案卷中；随报告报送的摘要只取报告期内到期的各行，不附这些行" in texts(name)["register_duties"]
    assert forms(name)["record_topical_report"].attachments[0].endswith("履责台账摘要")


@pytest.mark.parametrize("name", ["examples/village_three_members.yaml", "examples/railway_depot_freight.yaml"])
def test_nothing_is_due_before_the_text_is_with_those_who_carry_it_out(name: str) -> None:
    resolved = app.prepare(Path(ROOT / name)).judged.resolved
    rule, issued = resolved.due_rule, date.fromisoformat(resolved.date)
    received = rule.workdays.later(issued, periods.parse_duration("5个工作日"))
    days = [due.day for _, dates in resolved.dues(resolved.year) for due in dates]
    assert min(days) > received >= rule.received
    assert "和制度印发后5个工作日内到期的" in texts(name)["calendar_year"]


def test_the_day_on_which_a_text_has_arrived_is_no_period() -> None:
    """A quarter that ended after the day of effect counts, though its text was still on its way."""
    quarter = Duty("q", "研判", "a", "小组", "开会", frequency="每季度一次", deadline="每季度末月20日前", record="记录")
    since, received = date(2026, 3, 16), date(2026, 3, 23)
    assert [due.number for due in DueRule(since=since).dates(quarter, 2026)] == [1, 2, 3, 4]
    assert [due.number for due in DueRule(since=since, received=received).dates(quarter, 2026)] == [2, 3, 4]


def test_a_unit_that_says_from_when_it_counts_is_left_no_further_time() -> None:
    given = app.prepare(ROOT / "examples/village_revised.yaml").judged.resolved
    assert given.due_rule.since is not None and given.due_rule.received is None


def test_the_report_tells_the_circulars_and_only_checks_of_what_there_is() -> None:
    assert all(field(name, "record_topical_report", "circulars") for name in KINDS)
    assert "检查阵地" in texts(VILLAGE)["record_topical_report"]
    for name in ("examples/school_small.yaml", "examples/railway_depot_freight.yaml"):
        assert "检查阵地" not in texts(name)["record_topical_report"]
        assert "账号检查" not in texts(name)["minutes_analysis"]


def test_a_talk_is_held_by_two_and_never_by_him_whom_it_is_about() -> None:
    text = texts(VILLAGE)["record_talk"]
    assert "谈话人（两人以上）" in text and "涉及村党支部书记的由柳溪镇党委安排" in text
    assert "除本人外，只供" in line_of("record_talk", "保管要求")


@pytest.mark.parametrize("name", KINDS)
def test_the_assessment_has_the_matters_and_the_voices_of_the_mechanism(name: str) -> None:
    assert "认为应当评估的其他事项" in line_of("record_risk", "填写说明", name)
    text = texts(name)["record_risk"]
    assert "会签人签名" in text or "签名和日期" in text


@pytest.mark.parametrize("name", [*KINDS, *BARE])
def test_an_incident_sheet_names_no_person_and_no_account_that_a_unit_may_lack(name: str) -> None:
    """Who takes the call changes, the sheet does not; who grades an incident says why, signs and writes the time."""
    text, person = texts(name)["record_incident"], app.prepare(Path(ROOT / name)).judged.resolved.values["contact.name"]
    assert person not in text and "联络人和值班电话见《" in text
    options = field(name, "record_incident", "source").options
    assert "现场发现" in options and not [option for option in options if "账号" in option]
    assert field(name, "record_incident", "grade_reason") and field(name, "record_incident", "grade_by")


def test_a_notice_that_has_no_number_leaves_room_for_one() -> None:
    for name in ("examples/school_small.yaml", "examples/village_minimal.yaml"):
        assert re.search("〔.+〕　号", forms(name)["notice_issue"].doc_number), name


@pytest.mark.parametrize("name", [*KINDS, "examples/village_three_members.yaml"])
def test_the_notice_of_groups_is_filed_under_its_title(name: str) -> None:
    notice = forms(name)["notice_groups"]
    assert notice.title.endswith(notice.file_name)


@pytest.mark.parametrize("name", KINDS)
def test_each_text_that_is_issued_has_its_row_of_assessment(name: str) -> None:
    issued = len(forms(name)["notice_issue"].attachments)
    assert issued and len(list(filter(None, column(table(name, "register_issue", "review"), 1)))) == issued


def test_the_contact_sheet_lists_posts_with_their_holders_and_those_that_nobody_has() -> None:
    small = column(table("examples/village_three_members.yaml", "contact_sheet", "posts"), 2)
    assert "党员" not in small and "村信息员" in small
    bare = column(table("examples/school_small.yaml", "contact_sheet", "posts"), 2)
    assert "校长" in bare and "学校信息员" in bare and len(bare) == len(set(bare))
    assert column(table(VILLAGE, "contact_sheet", "posts"), 2).count("村文书") == 1


def test_small_words_of_the_checklists() -> None:
    assert "本清单列明各项职责的责任主体" in texts(VILLAGE)["list_responsibility"]
    assert "核定日期" not in texts(VILLAGE)["list_responsibility"]
    assert "检查人签名" in texts(VILLAGE)["checklist_quarterly"]
    assert "被检查单位" not in texts(SCHOOL)["checklist_inspection"]
    assert "岗位培训接任人签名" in texts(VILLAGE)["record_training"]


def test_what_a_village_may_publish_at_once_is_marked_and_made_up_for() -> None:
    line = line_of("sheet_publication", "填写说明")
    assert "在发布后1个工作日内补填本单" in line and field(VILLAGE, "sheet_publication", "beforehand")


def test_a_date_inside_days_off_is_not_called_the_festival() -> None:
    moved = re.findall("（(6月20日[^）]+)）", texts(VILLAGE)["calendar_year"])
    assert moved and set(moved) == {"6月20日端午节放假"}
