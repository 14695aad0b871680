"""The register: a year of the example village, due dates against evidence, all outputs, many files."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from minutes_samples import GOOD, VILLAGE, good, read_back, village, with_row, written

from toolkit.docx.reading.lint import lint
from toolkit.formats.ics import calendar
from toolkit.minutes import making
from toolkit.minutes.register import as_data, register, report, rows
from toolkit.minutes.register.matching import (
    DONE,
    LATE,
    LATER,
    LINE,
    MINUTES,
    NEXT,
    OVERDUE,
    RECORD,
    Evidence,
    statuses,
)
from toolkit.model.tree import Duty

RECORDS = ROOT / "examples/records"
TODAY = date(2026, 11, 25)
QUARTER = Duty("q", "研判", "a", "小组", "开会", frequency="每季度至少一次", deadline="每季度末月25日前", record="记录")
HALF = Duty("h", "研究", "a", "支部", "开会", frequency="每半年至少一次", record="记录")
AFTER = Duty("n", "登记", "a", "文书", "登记", frequency="每月一次", deadline="次月5日前", record="台账")
TWICE = Duty("t", "研究", "a", "支部", "开会", frequency="每年两次", record="记录")
YEAR = Duty("y", "考核", "a", "支部", "考核", frequency="每年一次", deadline="每年3月31日前", record="记录")
EVENT = Duty("e", "报告", "a", "书记", "报告", trigger="发生后", deadline="2小时内", record="专报")


def year():
    return register.register(village(), RECORDS, 2026, TODAY)


def states(duty: Duty, days: list[str], today: date = TODAY, how: str = MINUTES) -> list[str]:
    proofs = [Evidence(duty.id, day, f"{day}.docx", how) for day in days]
    return [due.state for due in statuses([duty], proofs, 2026, today)[0].dues]


@pytest.mark.parametrize(
    ("duty", "days", "wanted"),
    [
        (QUARTER, [], [OVERDUE, OVERDUE, OVERDUE, NEXT]),
        (QUARTER, ["2026-03-25", "2026-06-01", "2026-09-25"], [DONE, DONE, DONE, NEXT]),
        (QUARTER, ["2026-03-28"], [LATE, OVERDUE, OVERDUE, NEXT]),
        (QUARTER, ["2026-04-05"], [OVERDUE, DONE, OVERDUE, NEXT]),
        (QUARTER, ["2026-04-05", "2026-06-20"], [OVERDUE, DONE, OVERDUE, NEXT]),  # each proves the period of its day
        (TWICE, ["2026-03-05", "2026-03-20"], [DONE, DONE]),
        (TWICE, ["2026-08-20"], [LATE, NEXT]),
        (YEAR, ["2026-01-14"], [DONE]),
        (YEAR, ["2027-01-14"], [OVERDUE]),
        (QUARTER, ["2025-12-28"], [OVERDUE, OVERDUE, OVERDUE, NEXT]),
        (QUARTER, ["2026-01-02", "2026-12-01"], [DONE, OVERDUE, OVERDUE, DONE]),
        (HALF, ["2026-06-30"], [DONE, NEXT]),
        (HALF, [], [OVERDUE, NEXT]),
        (AFTER, ["2026-01-03"], [DONE, *[OVERDUE] * 10, NEXT]),
        (AFTER, ["2026-01-06"], [OVERDUE, DONE, *[OVERDUE] * 9, NEXT]),
        (EVENT, ["2026-02-02"], []),
    ],
)
def test_due_dates_meet_their_evidence(duty, days, wanted):
    assert states(duty, days) == wanted


def test_later_dates_wait_and_lines_of_checklists_come_second():
    assert states(QUARTER, [], date(2026, 1, 1)) == [NEXT, LATER, LATER, LATER]
    both = [
        Evidence("q", "2026-03-01", "检查表.docx", LINE, "记录1号"),
        Evidence("q", "2026-03-20", "记录.docx", MINUTES),
    ]
    first = statuses([QUARTER], both, 2026, TODAY)[0].dues[0]
    assert first.evidence.file == "记录.docx"
    assert states(QUARTER, ["2026-03-01"], how=LINE)[0] == DONE


def test_every_due_date_has_a_window_that_ends_on_it():
    rule = village().resolved.due_rule
    for duty in village().set.duties:
        spans = rule.windows(duty, 2026)
        assert [last for _, last in spans] == [due.limit for due in rule.dates(duty, 2026)]
        assert all(first <= last for first, last in spans)
        assert all(before < first for (_, before), (first, _) in zip(spans, spans[1:], strict=False))


# --- the example ------------------------------------------------------------------------------------------------


def test_the_example_is_what_its_script_writes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    import make_records

    monkeypatch.setattr(make_records, "FOLDER", tmp_path)
    make_records.main()
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text(encoding="utf-8") for path in RECORDS.iterdir()}
    sys.modules.pop("make_records")


def test_the_year_of_the_example():
    found = year()
    by_duty = {status.duty.id: status for status in found.statuses}
    assert [due.state for due in by_duty["topical_study"].dues] == [DONE, DONE]
    assert [due.state for due in by_duty["analysis"].dues] == [DONE, DONE, DONE, NEXT]
    assert [due.state for due in by_duty["circulation"].dues] == [OVERDUE, DONE]
    assert [due.state for due in by_duty["report_up"].dues] == [DONE, NEXT]
    assert by_duty["annual_plan"].dues[0].evidence.how == LINE
    assert by_duty["report_up"].dues[0].evidence.how == RECORD
    assert by_duty["implement_superior"].occasions[0].date == "2026-06-10"
    assert found.scan.read == 13 and not found.scan.other
    assert {one.code for one in found.findings} == {"duty_overdue", "resolution_overdue"}


def test_reading_docx_gives_the_same_register(tmp_path):
    unit = village()
    from toolkit.minutes import reading

    for path in RECORDS.iterdir():
        made = making.fill(unit, reading.read(path))
        assert not made.findings
        (tmp_path / f"{path.stem}.docx").write_bytes(making.write(unit, made.document, "docx"))
    there = register.register(unit, tmp_path, 2026, TODAY)
    assert as_data.write_json(there) == as_data.write_json(year()).replace(".yaml", ".docx")


def test_the_workbook():
    from openpyxl import load_workbook

    data = report.write(year(), "xlsx")
    assert data == report.write(year(), "xlsx")
    book = load_workbook(io.BytesIO(data))
    sheet = book["履责台账"]
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:I") and sheet.max_row > 50
    assert {rule.formula[0] for area in sheet.conditional_formatting for rule in area.rules} >= {
        '$E2="逾期未完成"',
        '$E2="已完成"',
    }
    assert isinstance(sheet["D2"].value, object) and sheet["D2"].number_format == "yyyy-mm-dd"
    assert [one.value for one in book["问题"][1]][0] == "文件"


def test_no_text_of_the_user_becomes_a_formula(tmp_path):
    name = "=cmd|' !A0.docx"
    (tmp_path / name).write_bytes(written())
    from openpyxl import load_workbook

    found = register.register(village(), tmp_path, 2026, TODAY)
    book = load_workbook(io.BytesIO(report.write(found, "xlsx")))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)]
    assert any(cell.value == name for cell in cells) and all(cell.data_type == "s" for cell in cells)


def test_the_calendar_updates_the_generated_one():
    found = year()
    made = as_data.write_ics(found).decode()
    plain = calendar(village().resolved.dues(2026), 2026, found.unit).decode()
    uids = re.findall(r"^UID:(.*)\r$", made, re.MULTILINE)
    assert uids == re.findall(r"^UID:(.*)\r$", plain, re.MULTILINE) and len(set(uids)) == len(uids)
    later = as_data.write_ics(register.register(village(), RECORDS, 2026, date(2026, 12, 1))).decode()
    numbers = [int(re.search(r"^SEQUENCE:(\d+)\r$", text, re.MULTILINE)[1]) for text in (made, later)]
    assert numbers[1] == numbers[0] + 6 and "✓ 分析研判" in made and "SEQUENCE" not in plain
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))


def test_document_json_and_table():
    found = year()
    document = rows.document(found, "柳河村")
    assert lint(making.write(village(), document, "docx")) == []
    data = json.loads(as_data.write_json(found))
    assert (
        data["unit"] == found.unit
        and len(data["duties"]) == 53
        and data["files"] == {"read": 13, "blank": 0, "other": 0}
    )
    text = report.as_text(found, 100)
    assert "分析研判" in text and "3/4" in text and found.sums in text
    assert max(sum(2 if ord(char) > 0x2E7F else 1 for char in line) for line in text.splitlines()[2:-2]) <= 102


def test_the_page():
    made = report.write(year(), "html").decode()
    assert made == report.write(year(), "html").decode() and "2026年度履责台账</h1>" in made
    overdue = sum(row.count("overdue") for row in year().statuses)
    assert (
        made.count('<tr data-tone="bad">') == overdue + sum(one.state == OVERDUE for one in rows.overview(year())) > 0
    )
    assert "default-src 'none'" in made and "<script" not in made


def test_what_is_settled_together_is_one_line_of_the_overview():
    """Each due date stands in one occasion; one of which a part is done says what is missing."""
    found = year()
    held = rows.overview(found)
    assert sorted((duty.id, due.due.number) for one in held for duty, due in one.dues) == sorted(
        (status.duty.id, due.due.number) for status in found.statuses for due in status.dues
    )
    assert len({(one.day, one.name) for one in held}) == len(held) < sum(len(one.dues) for one in held)
    parts = [one for one in held if 0 < len(one.waiting) < len(one.dues)]
    for one in parts:
        *_, done, missing = one.cells()
        assert done == f"{len(one.dues) - len(one.waiting)}/{len(one.dues)}"
        assert missing == "、".join(duty.label for duty in one.waiting) and one.state not in (DONE, LATE)
    assert parts and not any(one.cells()[-1] for one in held if one not in parts)
    said = json.loads(as_data.write_json(found))["occasions"]
    assert [(one["date"], one["state"]) for one in said] == [(one.day.isoformat(), one.state) for one in held]
    text = report.as_text(found, 300)
    waiting = [one for one in held if one.state in (OVERDUE, NEXT)]
    assert [line[:10] for line in text.splitlines() if line.startswith("2026-")] == [str(one.day) for one in waiting]


def test_a_wide_blank_of_a_file_name_is_no_question_mark(tmp_path):
    (tmp_path / "研判　一.docx").write_bytes(written())
    text = report.as_text(register.register(village(), tmp_path, 2026, TODAY), 200)
    assert "研判　一.docx" in text and "?" not in text


# --- folders ----------------------------------------------------------------------------------------------------


def test_two_files_of_one_meeting_and_other_files(tmp_path):
    (tmp_path / "a.docx").write_bytes(written())
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.docx").write_bytes(written(good(place="别处")))
    (tmp_path / "blank.docx").write_bytes(making.write(village(), village().documents["minutes_analysis"], "docx"))
    (tmp_path / "new.docx").write_bytes(
        making.write(village(), making.new(village(), "analysis", "2026-12-01").document, "docx")
    )
    (tmp_path / "rule.docx").write_bytes(making.write(village(), village().documents["regulation"], "docx"))
    (tmp_path / "broken.docx").write_bytes(b"x")
    (tmp_path / "~$a.docx").write_bytes(b"lock")
    (tmp_path / "unit.yaml").write_text(VILLAGE.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    found = register.register(village(), tmp_path, 2026, TODAY)
    assert (found.scan.read, found.scan.blank, found.scan.other) == (2, 2, 2)
    twice = next(one for one in found.findings if one.code == "meeting_twice")
    assert twice.where.file == "sub/b.docx" and "a.docx" in twice.message
    assert "docx_broken" in {one.code for one in found.findings}


def test_a_form_kept_as_docx_and_as_yaml_counts_once(tmp_path):
    from toolkit.docx.reading import filled_forms as reader
    from toolkit.forms import to_yaml

    (tmp_path / "a.docx").write_bytes(written())
    (tmp_path / "a.yaml").write_text(to_yaml(reader.read(written())), encoding="utf-8")
    found = register.register(village(), tmp_path, 2026, TODAY)
    assert [one.severity for one in found.findings if one.code == "meeting_twice"] == ["notice"]
    assert len(found.scan.sittings) == 1 and len(found.scan.evidence) == 1


def test_a_bad_date_is_told_and_proves_nothing(tmp_path):
    (tmp_path / "a.docx").write_bytes(written(good(held_on="2026年2月30日")))
    found = register.register(village(), tmp_path, 2026, TODAY)
    assert "bad_date" in {one.code for one in found.findings} and not found.scan.evidence


def test_a_missing_folder_is_an_error():
    from toolkit.core.findings import FileError

    with pytest.raises(FileError, match="找不到文件夹"):
        register.register(village(), Path("nowhere"), 2026, TODAY)


@pytest.mark.slow
def test_memory_hardly_grows_with_the_files(tmp_path):
    """Of each file only a few names and dates are kept: below 4 KB."""
    for number in range(120):
        (tmp_path / f"{number:03}.docx").write_bytes(written(good(ordinal=str(number + 1))))
    register.scan(village(), tmp_path)  # what is made once is made
    tracemalloc.start()
    found = register.scan(village(), tmp_path)
    size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.read == 120 and size / 120 < 4_000, size / 120
    assert peak < size + 3_000_000


# --- new --------------------------------------------------------------------------------------------------------


def test_a_new_form_carries_what_is_known(tmp_path):
    unit = village()
    held = register.scan(unit, RECORDS)
    made = making.new(unit, "topical_study", "2026-12-02", 0, held.sittings, held.evidence)
    back = read_back(making.write(unit, made.document, "docx"))
    assert back.get("ordinal") == "4" and back.get("held_on") == "2026-12-02" and back.get("expected") == "4"
    assert back.get("expected_voting") == "4"
    assert [row.values["voting"] for row in back.tables["attendance"]] == ["有"] * 4  # the clerk sits in no committee
    carried = [row.values["past"] for row in back.tables["previous"]]
    assert carried == ["安排下半年党员教育培训", "拟定明年的学习培训计划"]
    assert "topical_study" not in {row.key for row in back.tables["agenda"]}  # done in October, due by December
    assert "assessment" in {row.key for row in back.tables["agenda"]}


def test_the_agenda_holds_what_falls_due():
    unit = village()
    held = register.scan(unit, RECORDS)
    early = making.new(unit, "analysis", "2026-12-10", 0, held.sittings, held.evidence)
    back = read_back(making.write(unit, early.document, "docx"))
    assert [row.key for row in back.tables["agenda"]] == ["analysis"] and back.get("ordinal") == "4"


def test_terms_of_office_count(tmp_path):
    from toolkit.minutes.unit import Unit

    profile = tmp_path / "unit.yaml"
    text = VILLAGE.read_text(encoding="utf-8").replace(
        "职务: 纪检委员, ", "职务: 纪检委员, 起止: 2026年1月1日至2026年6月30日, "
    )
    profile.write_text(text, encoding="utf-8")
    unit = Unit(profile)
    for day, count in (("2026-06-30", "4"), ("2026-07-01", "3")):
        back = read_back(making.write(unit, making.new(unit, "topical_study", day).document, "docx"), unit)
        assert back.get("expected") == count and len(back.tables["attendance"]) == int(count)


@pytest.mark.slow
def test_every_meeting_of_every_kind_has_a_new_form():
    from toolkit.minutes.unit import Unit

    for name in ("village", "school", "railway_depot"):
        unit = Unit(ROOT / f"examples/{name}.yaml")
        for meeting in unit.resolved.meetings:
            made = making.new(unit, meeting, "2026-03-05", 2)
            data = making.write(unit, made.document, "docx")
            assert lint(data) == [] and not made.findings
            assert read_back(data, unit).get("ordinal") == "2"


def test_a_resolution_is_closed_only_by_saying_so(tmp_path):
    shutil.copy(RECORDS / "01-学习培训计划.yaml", tmp_path)
    (tmp_path / "b.docx").write_bytes(written(good(ordinal="2", held_on="2026-03-05")))
    found = register.register(village(), tmp_path, 2026, TODAY)
    assert "resolution_dropped" in {one.code for one in found.findings}
    listed = with_row(
        "previous", 1, good(ordinal="2"), past="补齐活动审批表并归档", past_post="村文书", past_state="已办结"
    )
    (tmp_path / "b.docx").write_bytes(written(listed))
    found = register.register(village(), tmp_path, 2026, TODAY)
    assert "resolution_dropped" not in {one.code for one in found.findings}
    assert GOOD.document == "minutes_topical_study"
