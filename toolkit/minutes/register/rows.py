"""The lines of a register, as every output prints them, and the document that has them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

from toolkit.compose.entries import when_due
from toolkit.language.periods import print_date, print_typed_date
from toolkit.minutes.register.matching import DONE, LATE, LATER, NEXT, OVERDUE, STATE_NAMES, Due, Evidence, Status
from toolkit.minutes.register.register import Register
from toolkit.model.tree import Cell, Column, Document, Duty, Provision, Row, Table, Text

HEADINGS = ("职责", "责任主体", "频次和时限", "到期日", "状态", "完成日期", "证明", "文件", "留存记录")
#: Columns of dates, and of the file, from 0.
DATES = frozenset({3, 5})
FILE = 7
#: Widths of the columns that a document prints: the record's name is left out, the sheet is full.
_WIDTHS = (7.5, 7.5, 9.5, 8, 5, 8, 6.5, 8)
#: States of lines without a due date: a record of a triggered duty, a further one, and a duty that was not triggered.
OCCASION, FURTHER, NOT_YET = "occasion", "further", "not_yet"
#: States of lines beside those of due dates: one unit's report of several, and a meeting that proves nothing.
REPORT, NO_QUORUM = "report", "no_quorum"
NAMES = {
    **STATE_NAMES,
    OCCASION: "已办理",
    FURTHER: "另有记录",
    NOT_YET: "没有发生",
    REPORT: "已报送",
    NO_QUORUM: "召开，但未达到法定人数",
}
#: The tones of states: red, amber, green, grey.
TONES = {
    OVERDUE: "bad",
    LATE: "warn",
    NEXT: "warn",
    DONE: "good",
    OCCASION: "good",
    FURTHER: "good",
    REPORT: "good",
    NO_QUORUM: "bad",
    LATER: "",
    NOT_YET: "",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a due date of a duty, or a record of one."""

    status: Status
    state: str
    due: Due | None = None
    evidence: Evidence | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the texts under :data:`HEADINGS`; dates are ISO."""
        duty, proof = self.status.duty, self.evidence
        said = f"{proof.how}：{proof.remark}" if proof and proof.remark else proof.how if proof else ""
        if proof and proof.reporter:
            said = f"{said}：{proof.reporter}"
        if self.due and self.state != REPORT and self.due.reports:
            said = self.due.share or f"{len(self.due.reports)}个都已报送"
        return (
            duty.label,
            duty.actor_name,
            when_due(duty) + (f"（{self.due.due.moved}）" if self.due and self.due.due.moved else ""),
            self.due.due.day.isoformat() if self.due else "",
            NAMES[self.state],
            proof.date if proof else "",
            said,
            proof.file if proof and not (self.due and self.state != REPORT and self.due.reports) else "",
            duty.record,
        )


def lines(register: Register) -> Iterator[Line]:
    """Yield every due date and every record, duty by duty."""
    for status in register.statuses:
        for due in status.dues:
            yield Line(status, due.state, due, due.evidence)
            for report in due.reports:
                yield Line(status, REPORT, due, report)
        for proof in status.void:
            yield Line(status, NO_QUORUM, None, proof)
        more = [proof for proof in status.occasions if not proof.line]
        for proof in more:
            yield Line(status, FURTHER if status.dues else OCCASION, None, proof)
        if not status.dues and not more and not status.void:
            yield Line(status, NOT_YET)


#: States of an occasion by attention: it has the first one of those of its due dates.
_GRAVEST = (OVERDUE, NEXT, LATER, LATE, DONE)


@dataclass(frozen=True, slots=True)
class Together:
    """The duties that one meeting or one form settles on one day: a line of the overview. ``dues``: with their due dates."""

    day: date
    name: str
    dues: tuple[tuple[Duty, Due], ...]

    @property
    def opens(self) -> str:
        """The id of the meeting, else of the form, that settles it; empty where a duty has neither."""
        first = self.dues[0][0]
        return first.meeting or first.form

    @property
    def state(self) -> str:
        """The state that needs most attention."""
        return next(state for state in _GRAVEST if any(due.state == state for _, due in self.dues))

    @property
    def waiting(self) -> list[Duty]:
        """The duties that are not done."""
        return [duty for duty, due in self.dues if due.state not in (DONE, LATE)]

    @property
    def overdue(self) -> list[Duty]:
        """The duties that are overdue."""
        return [duty for duty, due in self.dues if due.state == OVERDUE]

    def cells(self) -> tuple[str, ...]:
        """Return day (ISO), meeting or form, duties, state, how many are done, and which are not where some are."""
        waiting, number = [duty.label for duty in self.waiting], len(self.dues)
        missing = "、".join(waiting) if len(waiting) < number else ""
        labels = "、".join(duty.label for duty, _ in self.dues)
        return self.day.isoformat(), self.name, labels, NAMES[self.state], f"{number - len(waiting)}/{number}", missing


def overview(register: Register) -> list[Together]:
    """Return the occasions of the year, by day."""
    unit = register.source
    dues = {(status.duty.id, due.due.number): due for status in register.statuses for due in status.dues}
    return [
        Together(document.day, document.name, tuple((duty, dues[duty.id, due.number]) for duty, due in document.points))
        for document in unit.resolved.occasions(register.year, unit.set.documents)
    ]


def document(register: Register, short_name: str, beside: Path | None = None) -> Document:
    """Return the register as a document in the landscape layout, for the writers to print; ``beside`` as in :func:`targets`."""
    to = targets(register, beside)
    head = Row(tuple(_cell(name, head=True) for name in HEADINGS[: len(_WIDTHS)]))
    rows = (_row(line.cells(), to) for line in lines(register) if line.state not in (LATER, NOT_YET))
    left_out = "没有到期的（除下一次外）和没有发生启动条件的职责不列出。"
    note = f"截至{print_date(register.today.isoformat())}。{register.sums}{left_out}"
    body = (
        Provision("paragraph", "summary", content=(Text(note),)),
        Table("duties", tuple(map(Column, _WIDTHS)), (head, *rows), 1),
    )
    title = f"{short_name}{register.year}年度履责台账"
    return Document("register", 1, title, title, "register", "register", "none", body)


def targets(register: Register, beside: Path | None) -> str:
    """Return the way from the folder of a report (``beside``) to that of the records: empty, or a path with / at its end.

    None for ``beside`` is the folder of the records.
    """
    folder = register.scan.folder
    if beside is None:
        return ""
    try:
        way = os.path.relpath(folder, beside)
    except ValueError:  # on another drive of Windows
        return f"{folder.resolve().as_uri()}/"
    return "" if way == os.curdir else quote(f"{Path(way).as_posix()}/")


def target(file: str, to: str) -> str:
    """Return the address of a file from where :func:`targets` leads."""
    return to + quote(file)


def _row(cells: tuple[str, ...], to: str) -> Row:
    return Row(
        tuple(
            _cell(print_typed_date(text) if place in DATES else text, to=to if place == FILE else None)
            for place, text in enumerate(cells[: len(_WIDTHS)])
        )
    )


def _cell(text: str, head: bool = False, to: str | None = None) -> Cell:
    content = (Text(text, link=target(text, to) if to is not None else ""),) if text else ()
    return Cell((content,), head=head, align="center" if head else "")
