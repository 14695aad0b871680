"""Papers that go out: dated when they are filled in, prefilled from the records of their period, without instructions."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from toolkit import api
from toolkit.forms import Form
from toolkit.minutes.register.counts import span
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Duty
from toolkit.numbering.labels import document_text, number_set
from toolkit.presets.counts import Count, read

VILLAGE, RECORDS = ROOT / "examples" / "village.yaml", ROOT / "examples" / "records"
KINDS = {kind: ROOT / "examples" / f"{kind}.yaml" for kind in ("village", "school", "railway_depot")}


@pytest.fixture(scope="module")
def units() -> dict[str, Unit]:
    return {kind: Unit(path) for kind, path in KINDS.items()}


def printed(unit: Unit, name: str) -> str:
    return "\n".join(text for _, text in document_text(unit.documents[name], number_set(unit.set)))


# --- what a report takes from the records ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("count(analysis)", Count("count", ("analysis",))),
        ("count(self_check, inspect)", Count("count", ("self_check", "inspect"))),
        ("rows(a.b)", Count("rows", ("a",), ("b",))),
        ("rows(a.b.c=完成)", Count("rows", ("a",), ("b", "c"), "完成")),
        ("sum(a.b)", Count("sum", ("a",), ("b",))),
        ("due()", Count("due")),
        *(
            (wrong, None)
            for wrong in ("", "count", "count()", "due(a)", "sum(a)", "list(a.b.c.d)", "most(a)", "rows(a,b)")
        ),
    ],
)
def test_a_count_is_read_or_refused(text: str, count: Count | None) -> None:
    assert read(text) == count


@pytest.mark.parametrize(
    ("frequency", "deadline", "day", "first", "last"),
    [
        ("每半年一次", "每半年末月28日前", "2026-06-28", "2026-01-01", "2026-06-28"),
        ("每半年一次", "每半年末月28日前", "2026-08-01", "2026-07-01", "2026-08-01"),
        ("每季度一次", "每季度末月15日前", "2026-03-15", "2026-01-01", "2026-03-15"),
        ("每月一次", "次月10日前", "2026-01-09", "2025-12-01", "2025-12-31"),
        ("每年一次", "每年12月20日前", "2026-12-20", "2026-01-01", "2026-12-20"),
    ],
)
def test_a_report_is_about_the_period_of_its_duty(
    frequency: str, deadline: str, day: str, first: str, last: str
) -> None:
    from datetime import date

    duty = Duty("d", "报告", "a", "甲", "报告", frequency=frequency, deadline=deadline)
    found = span(duty, date.fromisoformat(day))
    assert (found.first, found.last) == (first, last)


def test_a_report_takes_what_the_records_of_its_period_know() -> None:
    made = api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS, date="2026-06-28")
    values = Form(made.document).data().values
    assert (values["from_on"], values["to_on"]) == ("2026-01-01", "2026-06-28")
    assert (values["studies"], values["analyses"], values["self_checks"]) == ("2", "2", "2")
    assert values["tasks"].startswith("1月14日会议议定：") and "6月10日会议议定：" in values["tasks"]
    assert "sent_on" not in values and "plan" not in values
    later = Form(api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS, date="2026-12-28").document).data()
    assert (later.values["studies"], later.values["inspections"]) == ("1", "1")
    assert [one.code for one in made.findings if one.code == "prefilled"] == ["prefilled"]


def test_records_without_a_date_tell_no_period() -> None:
    with pytest.raises(api.UsageError, match="写明日期"):
        api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS)


def test_a_paper_that_is_only_prefilled_proves_nothing(tmp_path: Path) -> None:
    made = api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS, date="2026-06-28")
    (tmp_path / "报告.docx").write_bytes(made.data)
    scan = api.register(VILLAGE, tmp_path, year=2026, today="2026-07-01").scan
    assert (scan.blank, scan.read, scan.evidence) == (1, 0, [])


def test_a_filled_report_is_read_back_with_its_date(tmp_path: Path) -> None:
    given = next(RECORDS.glob("07-*.yaml"))
    made = api.minutes_fill(VILLAGE, given)
    path = tmp_path / "报告.docx"
    path.write_bytes(made.data)
    assert api.minutes_read(path).values["sent_on"] == "2026-06-18"
    assert [one.code for one in api.minutes_check(VILLAGE, path)] == []
    evidence = api.register(VILLAGE, tmp_path, year=2026, today="2026-07-01").scan.evidence
    assert [(one.duty, one.date) for one in evidence] == [("report_up", "2026-06-18")]


# --- papers print no instructions -----------------------------------------------------------------------------------------


OUTGOING = {
    "record_topical_report": "特此报告。",
    "record_circular": "特此通报。",
    "record_office_report": "特此报告。",
}


@pytest.mark.parametrize("kind", KINDS)
def test_papers_that_go_out_have_the_parts_of_one(units: dict[str, Unit], kind: str) -> None:
    unit = units[kind]
    for name in (name for name in OUTGOING if name in unit.documents):
        document, text = unit.documents[name], printed(unit, name)
        assert document.addressee and document.issuer and document.issuer_mark and document.conclusions
        assert [part.kind for part in document.dated] == ["date"]
        assert OUTGOING[name] in text and "填写说明" not in text and "写“无”" not in text
        assert "关于" in document.title and document.title.endswith(("报告", "通报"))
    report = unit.documents["record_topical_report"]
    assert report.approver.strip() == "" and report.approver and report.attachments
