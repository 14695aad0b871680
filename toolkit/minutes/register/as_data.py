"""The register as JSON and as an iCalendar file."""

from __future__ import annotations

from toolkit.formats import ics
from toolkit.minutes.register.matching import DONE, LATE, OVERDUE, STATE_NAMES, Evidence, Status
from toolkit.minutes.register.register import Register
from toolkit.minutes.register.rows import REPORT, Line, lines, overview
from toolkit.reports.report import as_json

_MARKS = {DONE: "✓ ", LATE: "✓ ", OVERDUE: "！"}


def write_json(register: Register) -> str:
    """Return the register as JSON; states and codes are stable English words."""
    scan = register.scan
    data = {
        "unit": register.unit,
        "year": register.year,
        "today": register.today.isoformat(),
        "duties": [_duty(status) for status in register.statuses],
        "occasions": [
            {
                "date": occasion.day.isoformat(),
                "name": occasion.name,
                "state": occasion.state,
                "duties": [duty.id for duty, _ in occasion.dues],
                "open": [duty.id for duty in occasion.waiting],
            }
            for occasion in overview(register)
        ],
        "files": {"read": scan.read, "blank": scan.blank, "other": scan.other},
        "unread": scan.unread,
        "findings": [finding.as_dict() for finding in register.findings],
    }
    return as_json(data)


def _duty(status: Status) -> dict:
    duty = status.duty
    return {
        "id": duty.id,
        "label": duty.label,
        "actor": duty.actor_name,
        "frequency": duty.frequency,
        "deadline": duty.deadline,
        "trigger": duty.trigger,
        "record": duty.record,
        "due": [
            {
                "date": due.due.day.isoformat(),
                **({"stated": due.due.stated.isoformat(), "day_off": due.due.off} if due.due.off else {}),
                "state": due.state,
                "evidence": _evidence(due.evidence),
                "reports": [{"unit": report.reporter, **(_evidence(report) or {})} for report in due.reports],
                "missing": list(due.missing),
            }
            for due in status.dues
        ],
        "further": [_evidence(occasion) for occasion in status.occasions],
        "no_quorum": [_evidence(proof) for proof in status.void],
    }


def _evidence(proof: Evidence | None) -> dict | None:
    return {"date": proof.date, "file": proof.file, "how": proof.how, "remark": proof.remark} if proof else None


def _proof(line: Line) -> str:
    """Return the evidence of a due date, in brackets; for a duty of several units, who is missing."""
    if line.due is not None and line.due.reports and line.due.share:
        return f"（{line.due.share}）"
    return f"（{line.evidence.date}，{line.evidence.file}）" if line.evidence else ""


def write_ics(register: Register) -> bytes:
    """Return the due dates as calendar events: the UIDs of the generated calendar, so that they are updated."""
    notes = {
        (line.status.duty.id, line.due.due.number): (
            _MARKS.get(line.state, ""),
            STATE_NAMES[line.state] + _proof(line),
            line.state not in (DONE, LATE),
        )
        for line in lines(register)
        if line.due is not None and line.state != REPORT
    }
    dues = [(status.duty, [due.due for due in status.dues]) for status in register.statuses]
    return ics.calendar(dues, register.year, register.unit, issued=register.today.isoformat(), notes=notes)
