"""台账: the duties of a year, due, done and overdue, month by month; the matrix of requirements and the load of a year."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from toolkit import api
from toolkit.web import current
from toolkit.web.guard import SANDBOX
from toolkit.web.views.documents import PDF_POLICY, file_answer, wrong

if TYPE_CHECKING:
    from toolkit.minutes.register.matching import Due
    from toolkit.minutes.register.register import Register
    from toolkit.model.tree import Duty
    from toolkit.web.unit import Unit

#: States of a due date: shape, the page's word, and the order in a month of the strip.
_STATES = {
    "overdue": ("err", "逾期"),
    "late": ("done", "晚做了"),
    "done": ("done", "已做"),
    "next": ("due", "待办"),
    "later": ("later", "未到"),
}
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
}


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("register", __name__)
    made.add_url_rule("/u/<unit>/register", "page", page)
    made.add_url_rule("/u/<unit>/register.<kind>", "export", export)
    made.add_url_rule("/u/<unit>/record/<name>", "record", record)
    made.add_url_rule("/u/<unit>/coverage", "coverage", coverage)
    made.add_url_rule("/u/<unit>/coverage.<kind>", "coverage_file", coverage_file)
    made.add_url_rule("/u/<unit>/load", "load", load)
    made.add_url_rule("/u/<unit>/load.<kind>", "load_file", load_file)
    return made


@dataclass(frozen=True)
class Row:
    """One due date of a duty as the page shows it; ``files`` are (id, name) of the records that prove it.

    ``opens``: the meeting or form that would prove it, empty if it has none.
    """

    duty: Duty
    due: Due
    files: list[tuple[str, str]]
    opens: str

    @property
    def day(self) -> date:
        """When it is due."""
        return self.due.due.day

    @property
    def state(self) -> tuple[str, str]:
        """Shape and word of its state."""
        return _STATES[self.due.state]


@dataclass
class Year:
    """The register of a year, by month."""

    register: Register
    rows: list[Row]
    month: int

    @property
    def overdue(self) -> list[Row]:
        """The overdue dates, the oldest first."""
        return [row for row in self.rows if row.due.state == "overdue"]

    @property
    def shown(self) -> list[Row]:
        """The rows of the month that is shown."""
        return [row for row in self.rows if (row.day.year, row.day.month) == (self.register.year, self.month)]

    @property
    def months(self) -> list[tuple[int, list[tuple[str, str, int]]]]:
        """Each month with how many due dates are in which state: shape, word, count."""
        counts: dict[int, Counter[str]] = {month: Counter() for month in range(1, 13)}
        for row in self.rows:
            if row.day.year == self.register.year:
                counts[row.day.month][row.due.state] += 1
        return [
            (month, [(*_STATES[state], count[state]) for state in _STATES if count[state]])
            for month, count in counts.items()
        ]

    @property
    def elsewhere(self) -> list[Row]:
        """Due dates in another year: the ledger of December is due in January."""
        return [row for row in self.rows if row.day.year != self.register.year]

    def count(self, *states: str) -> int:
        """Return how many due dates are in one of the states."""
        return sum(row.due.state in states for row in self.rows)

    @property
    def occasional(self) -> list[tuple[Duty, list[tuple[str, str]]]]:
        """The duties without due dates, each with the records of the year."""
        found = [status for status in self.register.statuses if not status.dues]
        return [(status.duty, [_file(evidence.file) for evidence in status.occasions]) for status in found]


def _register(opened: Unit) -> Register:
    today, asked = current.desk().now().date(), request.args.get("year", 0, int)
    year = asked if 1900 < asked < 2200 else 0
    return api.register(opened.prepared(), opened.kept_records, today=today, year=year)


def _file(name: str) -> tuple[str, str]:
    """Return the id and the name of a record: a path never comes from the browser."""
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:16], Path(name).name


def _year(register: Register) -> Year:
    opens = {
        (duty.id, due.due): occasion.opens
        for occasion in api.register_occasions(register)
        for duty, due in occasion.dues
    }
    rows = []
    for status in register.statuses:
        for due in status.dues:
            evidence = [due.evidence] if due.evidence is not None else []
            files = dict.fromkeys(report.file for report in (*evidence, *due.reports))
            rows.append(
                Row(status.duty, due, [_file(name) for name in files], opens.get((status.duty.id, due.due), ""))
            )
    rows.sort(key=lambda row: row.day)
    asked = request.args.get("month", 0, int)
    return Year(register, rows, asked if 1 <= asked <= 12 else _first_month(register, rows))


def _first_month(register: Register, rows: list[Row]) -> int:
    """Return the month that is shown first: the next one in which something is to be done."""
    coming = (row.day.month for row in rows if row.due.state == "next" and row.day.year == register.year)
    return next(coming, register.today.month if register.today.year == register.year else 1)


def page(unit: str) -> str:
    """Show the year: overdue duties, the months, those due in the shown month."""
    opened = current.unit(unit)
    if opened.prepared().built is None or api.has_errors(opened.prepared().findings):
        return current.page("documents_none.html", opened, "register.page", title="台账", wrong=wrong(opened))
    register = _register(opened)
    return current.page("register.html", opened, "register.page", year=_year(register), register=register)


def export(unit: str, kind: str) -> Response:
    """Return the register as workbook or calendar, or for printing as PDF or DOCX."""
    opened = current.unit(unit)
    if kind not in ("xlsx", "ics", "pdf", "docx"):
        abort(404)
    register = _register(opened)
    data = api.register_report(register, kind)
    answer = file_answer(f"{register.year}年度履责台账.{kind}", data, _TYPES[kind], shown="show" in request.args)
    if kind == "pdf":
        answer.headers["Content-Security-Policy"] = PDF_POLICY
    return answer


def record(unit: str, name: str) -> Response:
    """Return a record by its id."""
    opened = current.unit(unit)
    found = api.register_files(opened.records) if opened.records.is_dir() else []
    ids = {_file(path.relative_to(opened.records).as_posix())[0]: path for path in found}
    if name not in ids:
        abort(404)
    path = ids[name]
    return file_answer(path.name, path.read_bytes(), "application/octet-stream")


# --- reports ----------------------------------------------------------------------------------------------------------


def coverage(unit: str) -> str:
    """Show the matrix of requirements and clauses."""
    opened = current.unit(unit)
    return current.page("register_report.html", opened, "register.page", title="条款对照表", name="coverage")


def load(unit: str) -> str:
    """Show the load of the set in a year."""
    opened = current.unit(unit)
    return current.page("register_report.html", opened, "register.page", title="一年的工作量", name="load")


def coverage_file(unit: str, kind: str) -> AnyResponse:
    """Return the matrix as a page (for a frame that may do nothing) or as a workbook."""
    opened = current.unit(unit)
    if kind not in ("html", "xlsx"):
        abort(404)
    return _report("条款对照表", api.coverage_report(api.coverage(opened.prepared()), kind), kind)


def load_file(unit: str, kind: str) -> AnyResponse:
    """Return the load as a page (for a frame that may do nothing) or as a workbook."""
    opened = current.unit(unit)
    if kind not in ("html", "xlsx"):
        abort(404)
    turns = current.desk().turns
    found = api.load(opened.prepared(), tell=lambda _: turns.give_way())  # pages of all documents of both sizes
    return _report("一年的工作量", api.load_report(found, kind), kind)


def _report(name: str, data: bytes, kind: str) -> Response:
    answer = file_answer(f"{name}.{kind}", data, _TYPES[kind], shown=kind == "html")
    if kind == "html":
        answer.headers["Content-Security-Policy"] = SANDBOX
    return answer
