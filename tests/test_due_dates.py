"""Due dates: days off, the day of effect, and one rule for the calendar, the register and agendas."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from checking import PROFILE, write_layer
from hypothesis import given
from hypothesis import strategies as st
from test_lifecycle import MADE, REVISED
from test_lifecycle import prepared as lifecycle

from toolkit import app, presets
from toolkit.compose.due_dates import DueRule, recurs, stated_dates
from toolkit.core.data_folders import Where, presets_folders
from toolkit.language.workdays import Workdays, YearDays, parse_days
from toolkit.minutes import making
from toolkit.minutes.register import as_data, register, rows
from toolkit.minutes.register.matching import DONE, LATE, NEXT, OVERDUE, RECORD, Evidence, statuses
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Duty, Table, plain

MONTH = Duty("m", "核对", "a", "文书", "核对", frequency="每月一次", deadline="每月底前", record="记录")
LEDGER = Duty("l", "登记", "a", "文书", "登记", frequency="每月一次", deadline="每月5日前", record="台账")
QUARTER = Duty("q", "研判", "a", "小组", "开会", frequency="每季度一次", deadline="每季度末月20日前", record="记录")
WEEK = Duty("w", "开放", "a", "中心", "开放", frequency="每周一次", record="登记")
YEAR = Duty("y", "名单", "a", "委员", "核对", frequency="每年一次", deadline="每年1月31日前", record="名单")
DUTIES = (MONTH, LEDGER, QUARTER, WEEK, YEAR)
DAYS = presets.load("village", presets_folders()).workdays


def days(duty: Duty, since: str = "", year: int = 2026, workdays: Workdays = DAYS) -> list[str]:
    rule = DueRule(workdays, date.fromisoformat(since) if since else None)
    return [f"{due.day:%m%d}" for due in rule.dates(duty, year)]


# Days off ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-01-04", ""),  # Sunday, worked
        ("2026-02-14", ""),
        ("2026-02-17", "春节"),
        ("2026-10-07", "国庆节"),
        ("2026-10-08", ""),
        ("2026-10-10", ""),
        ("2026-10-11", "星期日"),
        ("2031-10-03", "国庆节"),  # a year without a notice: fixed festivals and weekends
        ("2031-10-06", ""),
        ("2031-05-02", "劳动节"),
        ("2031-02-08", "星期六"),
    ],
)
def test_days_off(day: str, why: str) -> None:
    assert DAYS.day_off(date.fromisoformat(day)) == why


def test_the_notice_of_the_year_is_read_whole() -> None:
    known = DAYS.years[2026]
    assert len(known.off) == 3 + 9 + 3 + 5 + 3 + 3 + 7 and len(known.work) == 6
    assert DAYS.source(2026).startswith("国务院办公厅") and DAYS.source(2031) == ""
    assert all(date(2026, *day).weekday() >= 5 for day in known.work), "only weekends are worked in exchange"


def test_dates_are_moved_to_a_workday() -> None:
    assert days(MONTH)[:6] == ["0130", "0228", "0331", "0430", "0529", "0630"]  # 28 February is worked
    assert days(QUARTER) == ["0320", "0618", "0920", "1218"]  # 端午节; 20 September is a worked Sunday
    january = DueRule(DAYS).dates(MONTH, 2026)[0]
    assert (
        january.moved == "1月31日是星期六" and january.stated == date(2026, 1, 31) and january.limit == january.stated
    )


def test_a_date_is_not_moved_into_the_period_that_it_is_about() -> None:
    """The ledger of April is due on 5 May, in the days off: it cannot be finished in April."""
    may = DueRule(DAYS).dates(LEDGER, 2026)[4]
    assert (may.stated, may.day, may.limit) == (date(2026, 5, 5), date(2026, 5, 6), date(2026, 5, 6))
    assert may.moved == "5月5日劳动节放假"


@pytest.mark.parametrize(("text", "count"), [("1月4日", 1), ("2月15日至2月23日", 9), ("2月28日至3月1日", 3)])
def test_days_of_a_notice(text: str, count: int) -> None:
    assert len(parse_days(text)) == count


@pytest.mark.parametrize("text", ["", "1月", "2月30日", "1月3日至1月1日", "1月1日至3日", "12月31日至1月2日", "元旦"])
def test_days_that_no_notice_has(text: str) -> None:
    with pytest.raises(ValueError):
        parse_days(text)


_ANY_DAYS = st.builds(
    lambda off, work: Workdays({2026: YearDays(dict.fromkeys(off, "节"), frozenset(work - off))}),
    st.frozensets(st.tuples(st.integers(1, 12), st.integers(1, 28)), max_size=40),
    st.frozensets(st.tuples(st.integers(1, 12), st.integers(1, 28)), max_size=40),
)


@given(st.sampled_from(DUTIES), _ANY_DAYS, st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_whatever_the_days_off_are(duty: Duty, workdays: Workdays, since: date) -> None:
    """Every due date is a workday, in order, not before the day of effect, and never a new limit before the words' own."""
    every, bound = DueRule(workdays).dates(duty, 2026), DueRule(workdays, since).dates(duty, 2026)
    assert [due.stated for due in every] == [due.stated for due in stated_dates(duty, 2026)]
    for due in every:
        assert not workdays.day_off(due.day) and due.limit >= due.stated
        assert bool(due.off) == (due.day != due.stated)
    assert [due.day for due in every] == sorted(due.day for due in every)
    assert bound == tuple(due for due in every if due.day > since and due.last >= since)


# The day of effect -------------------------------------------------------------------------------


def test_what_was_due_before_the_day_of_effect_is_not_due() -> None:
    assert days(YEAR, "2026-02-01") == [] and days(YEAR, "2026-01-20") == ["0130"]
    assert days(YEAR, "2026-01-30") == [], "nobody can do it on the day of effect"
    assert days(QUARTER, "2026-03-10") == ["0320", "0618", "0920", "1218"], "a period that has begun counts"
    assert days(QUARTER, "2026-03-21") == ["0618", "0920", "1218"]
    assert days(LEDGER, "2026-03-02")[0] == "0403", "the ledger of March, not that of February"
    assert days(WEEK, "2026-12-30") == [] and days(MONTH, "2027-01-01") == []


@pytest.mark.parametrize(
    ("first", "since", "due"),
    [
        ("1个月内", "2026-03-09", ["0409"]),
        ("1个月内", "2026-01-05", ["0130"]),  # that of the year comes first
        ("1个月内", "2026-01-31", ["0228"]),
        ("1个月内", "2026-05-03", ["0603"]),
        ("10个工作日内", "2026-09-24", ["1015"]),  # ten days of festivals, a worked Saturday
        ("1个月内", "2025-12-20", ["0120", "0130"]),
        ("1个月内", "2024-03-09", ["0130"]),
        ("", "2026-03-09", []),
    ],
)
def test_a_yearly_list_is_due_soon_after_the_day_of_effect(first: str, since: str, due: list[str]) -> None:
    duty = replace(YEAR, first=first)
    assert days(duty, since) == due
    assert days(duty, "") == ["0130"], "no day of effect, nothing to count from"


def test_a_first_list_is_registered_like_the_yearly_ones() -> None:
    def states(*listed: str) -> list[str]:
        proofs = [Evidence("y", day, f"{day}.docx", RECORD) for day in listed]
        rule = DueRule(DAYS, date(2026, 3, 9))
        made = [
            statuses([replace(YEAR, first="1个月内")], proofs, year, date(2027, 2, 1), rule=rule)
            for year in (2026, 2027)
        ]
        return [due.state for (status,) in made for due in status.dues]

    assert states() == [OVERDUE, OVERDUE]
    assert states("2026-04-02") == [DONE, OVERDUE]
    assert states("2026-04-02", "2027-01-20") == [DONE, DONE]


def test_numbers_of_due_dates_stay_when_earlier_ones_fall_away() -> None:
    assert [due.number for due in DueRule(since=date(2026, 5, 1)).dates(QUARTER, 2026)] == [2, 3, 4]


@pytest.mark.parametrize(
    ("history", "doc", "since", "year"),
    [
        ("", "  成文日期: 2026-03-10\n", "2026-03-10", 2026),
        ("", "  成文日期: 2026-03-10\n  施行日期: 2026年4月1日\n", "2026-04-01", 2026),
        ("", "  成文日期: 2026-12-20\n  施行日期: 2027年1月1日\n", "2027-01-01", 2027),
        ("", "  成文日期: 2026-03-10\n  施行日期: 通过之日\n", "2026-03-10", 2026),
        ("", "  成文日期: 2026-03-10\n  起算日: 2026-07-01\n", "2026-07-01", 2026),
        ("", "  主送: 各村民小组\n", "", 0),
        ("", "  状态: 审议稿\n", "", 0),
        ("", "  状态: 审议稿\n  施行日期: 2027年1月1日\n", "2027-01-01", 2027),
        (MADE, "  状态: 审议稿\n", "2021-03-05", 0),
        (MADE + REVISED, "  主送: 各村民小组\n", "2021-03-05", 2026),
    ],
)
def test_from_which_day_duties_bind(tmp_path: Path, history: str, doc: str, since: str, year: int) -> None:
    resolved = lifecycle(tmp_path, history, doc).resolved
    assert (resolved.due_rule.since.isoformat() if resolved.due_rule.since else "", resolved.year) == (since, year)


def unit(folder: Path, issued: str = "2026-03-10") -> Unit:
    path = folder / "unit.yaml"
    path.write_text(PROFILE.replace("2026-01-05", issued), encoding="utf-8")
    return Unit(app.prepare(path))


def test_calendar_register_and_file_have_the_same_dates(tmp_path: Path) -> None:
    """In the printed calendar and register, in the calendar file, in the register as table, as data and as calendar file."""
    made = unit(tmp_path)
    (tmp_path / "records").mkdir()
    due = sorted(one.day for _, those in made.resolved.dues(2026) for one in those)
    assert due[0] > date(2026, 3, 10)

    held = [one.day for one in made.resolved.occasions(2026, made.set.documents)]
    for name, table_id, column in (("calendar_year", "calendar", 0), ("register_duties", "regular", 1)):
        table = next(block for block in made.documents[name].body if block.id == table_id)
        cells = [plain(row.cells[column].content[0]).partition("前") for row in table.rows[1:] if row.key]
        assert [day for day, _, rest in cells if "不到期" not in rest] == [f"{day.month}月{day.day}日" for day in held]

    book = register.register(made, tmp_path / "records", 2026, date(2026, 3, 11))
    lines = sorted(line.cells()[3] for line in rows.lines(book) if line.due)
    assert lines == [day.isoformat() for day in due]
    events = sorted(line for line in as_data.write_ics(book).decode().splitlines() if line.startswith("DTSTART"))
    assert events == [f"DTSTART;VALUE=DATE:{day:%Y%m%d}" for day in held] and set(held) == set(due)
    files = app.make(made.prepared, formats=("txt",)).files
    ics = next(data.decode() for name, data in files.items() if name.endswith(".ics"))
    assert sorted(line for line in ics.splitlines() if line.startswith("DTSTART")) == events
    assert {line for line in ics.splitlines() if line.startswith("UID")} == {
        line for line in as_data.write_ics(book).decode().splitlines() if line.startswith("UID")
    }


def test_a_moved_date_says_so(tmp_path: Path) -> None:
    made = unit(tmp_path)
    table = next(block for block in made.documents["calendar_year"].body if isinstance(block, Table))
    printed = [plain(row.cells[0].content[0]) for row in table.rows[1:]]
    assert "6月18日前（6月20日端午节放假）" in printed
    (tmp_path / "records").mkdir()
    book = register.register(made, tmp_path / "records", 2026, date(2026, 3, 11))
    assert any("6月20日端午节放假" in line.cells()[2] for line in rows.lines(book))
    assert '"stated": "2026-06-20"' in as_data.write_json(book)


def test_a_row_of_the_calendar_and_the_register_is_an_occasion_with_all_its_duties(tmp_path: Path) -> None:
    made = unit(tmp_path)
    occasions = made.resolved.occasions(2026, made.set.documents)
    joint = next(one for one in occasions if len(one.points) > 1)
    labels = "、".join(duty.label for duty, _ in joint.points)
    for name, table_id in (("calendar_year", "calendar"), ("register_duties", "regular")):
        table = next(block for block in made.documents[name].body if block.id == table_id)
        assert any(plain(cell.content[0]) == labels for row in table.rows for cell in row.cells)
        quoted = {one.duty for one in made.prepared.built.quotes if (one.document, one.provision) == (name, table_id)}
        assert {duty.id for one in occasions for duty, _ in one.points} <= quoted


def test_a_duty_that_falls_due_in_another_year_has_a_row_in_the_register(tmp_path: Path) -> None:
    made = unit(tmp_path, "2026-12-20")
    due = {duty.id for one in made.resolved.occasions(2026, made.set.documents) for duty, _ in one.points}
    later = {duty.id for duty in made.resolved.duties.values() if recurs(duty)} - due
    table = next(block for block in made.documents["register_duties"].body if block.id == "regular")
    shown = {row.key: plain(row.cells[1].content[0]) for row in table.rows[1:] if row.key}
    assert later and later <= shown.keys()
    assert all(shown[key].endswith("（本年度不到期）") for key in later)
    assert "orphan_duty" not in {finding.code for finding in made.prepared.findings}


def test_what_is_done_by_the_stated_date_is_in_time() -> None:
    """30 January is the workday for Saturday the 31st."""

    def state(day: str, today: str) -> str:
        proof = [Evidence("m", day, "a.docx", RECORD)] if day else []
        return statuses([MONTH], proof, 2026, date.fromisoformat(today), rule=DueRule(DAYS))[0].dues[0].state

    assert state("2026-01-31", "2026-02-20") == DONE
    assert state("2026-02-01", "2026-02-20") == OVERDUE, "that is February's"
    assert state("", "2026-01-31") == NEXT and state("", "2026-02-01") == OVERDUE
    late = statuses(
        [LEDGER], [Evidence("l", "2026-05-07", "a.docx", RECORD)], 2026, date(2026, 6, 1), rule=DueRule(DAYS)
    )
    assert late[0].dues[4].state == LATE


def test_an_agenda_has_nothing_that_was_due_before_the_day_of_effect(tmp_path: Path) -> None:
    def agenda(issued: str, day: str) -> list[str]:
        made = making.new(unit(tmp_path, issued), "topical_study", day)
        table = next(block for block in made.document.body if isinstance(block, Table) and block.id == "agenda")
        return [plain(row.cells[1].content[0]) for row in table.rows[1:]]

    assert "专题研究" in agenda("2026-06-10", "2026-06-18")
    assert "专题研究" not in agenda("2026-06-26", "2026-06-28")


# Days off as data --------------------------------------------------------------------------------

NEXT_YEAR = (
    "source: 2027年放假通知\ndate: 2026-11-05\noff: {元旦: 1月1日至1月3日, 春节: 2月5日至2月12日}\nwork: [2月13日]\n"
)


@pytest.mark.slow
def test_a_unit_adds_the_days_off_of_a_year(tmp_path: Path) -> None:
    path = tmp_path / "unit.yaml"
    path.write_text(PROFILE.replace("2026-01-05", "2027-01-04"), encoding="utf-8")
    layer = write_layer(tmp_path, {"holidays/2027.yaml": NEXT_YEAR})
    without, with_layer = app.prepare(path), app.prepare(path, Where(layers=(layer,)))

    calendars = {}
    for name, made in (("without", without), ("with", with_layer)):
        document = next(one for one in made.built.set.documents if one.id == "calendar_year")
        text = "".join(plain(block.content) for block in document.body if not isinstance(block, Table))
        calendars[name] = text, made.resolved.due_rule.workdays.day_off(date(2027, 2, 8))
    assert "放假安排没有登记" in calendars["without"][0] and calendars["without"][1] == ""
    assert "《2027年放假通知》" in calendars["with"][0] and calendars["with"][1] == "春节"
    assert not with_layer.resolved.due_rule.workdays.day_off(date(2027, 2, 13))
    assert DueRule(DAYS).workdays.source(2026), "the years of the preset stay"


def test_moved_days_of_a_year_that_begins_on_a_day_off() -> None:
    first = Duty("f", "报告", "a", "文书", "报告", deadline="每年1月1日前")
    due = DueRule(DAYS).dates(first, 2026)[0]
    assert due.day == date(2025, 12, 31) and due.limit - due.day == timedelta(days=1)
