"""The register as JSON and as an iCalendar file."""

from __future__ import annotations

from toolkit.formats import ics
from toolkit.minutes.register.matching import DONE, LATE, OVERDUE, STATE_NAMES, Evidence, Status
from toolkit.minutes.register.register import Register
from toolkit.minutes.register.rows import lines
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
        "files": {"read": scan.read, "blank": scan.blank, "other": scan.other},
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
            {"date": due.date.isoformat(), "state": due.state, "evidence": _evidence(due.evidence)}
            for due in status.dues
        ],
        "further": [_evidence(one) for one in status.occasions],
    }


def _evidence(one: Evidence | None) -> dict | None:
    return {"date": one.date, "file": one.file, "how": one.how, "remark": one.remark} if one else None


def write_ics(register: Register) -> bytes:
    """Return the due dates as calendar events: the UIDs of the generated calendar, so that they are updated."""
    notes = {
        (line.status.duty.id, line.due.number): (
            _MARKS.get(line.state, ""),
            STATE_NAMES[line.state] + (f"（{line.evidence.date}，{line.evidence.file}）" if line.evidence else ""),
        )
        for line in lines(register)
        if line.due is not None
    }
    duties = [status.duty for status in register.statuses]
    return ics.calendar(duties, register.year, register.unit, issued=register.today.isoformat(), notes=notes)
