"""The lines of a register, as every output prints them, and the document that has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.compose.entries import when_due
from toolkit.language.periods import print_date, print_typed_date
from toolkit.minutes.register.matching import DONE, LATE, LATER, NEXT, OVERDUE, STATE_NAMES, Due, Evidence, Status
from toolkit.minutes.register.register import Register
from toolkit.model.tree import Cell, Column, Document, Provision, Row, Table, Text

HEADINGS = ("职责", "责任主体", "频次和时限", "到期日", "状态", "完成日期", "证明", "文件", "留存记录")
#: Columns of dates, from 0.
DATES = frozenset({3, 5})
#: Widths of the columns that a document prints: the record's name is left out, the sheet is full.
_WIDTHS = (7.5, 7.5, 9.5, 8, 5, 8, 6.5, 8)
#: States of lines without a due date: a record of a triggered duty, a further one, and a duty that was not triggered.
OCCASION, FURTHER, NOT_YET = "occasion", "further", "not_yet"
NAMES = {**STATE_NAMES, OCCASION: "已办理", FURTHER: "另有记录", NOT_YET: "没有发生"}
#: What states look like: red, amber, green, grey.
TONES = {
    OVERDUE: "bad",
    LATE: "warn",
    NEXT: "warn",
    DONE: "good",
    OCCASION: "good",
    FURTHER: "good",
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
        return (
            duty.label,
            duty.actor_name,
            when_due(duty),
            self.due.date.isoformat() if self.due else "",
            NAMES[self.state],
            proof.date if proof else "",
            f"{proof.how}：{proof.remark}" if proof and proof.remark else proof.how if proof else "",
            proof.file if proof else "",
            duty.record,
        )


def lines(register: Register) -> Iterator[Line]:
    """Yield every due date and every record, duty by duty."""
    for status in register.statuses:
        for due in status.dues:
            yield Line(status, due.state, due, due.evidence)
        more = [one for one in status.occasions if not one.line]
        for one in more:
            yield Line(status, FURTHER if status.dues else OCCASION, None, one)
        if not status.dues and not more:
            yield Line(status, NOT_YET)


def document(register: Register, short_name: str) -> Document:
    """Return the register as a document in the landscape layout, for the writers to print."""
    head = Row(tuple(_cell(name, head=True) for name in HEADINGS[: len(_WIDTHS)]))
    rows = (_row(line.cells()) for line in lines(register) if line.state not in (LATER, NOT_YET))
    left_out = "没有到期的（除下一次外）和没有发生启动条件的职责不列出。"
    note = f"截至{print_date(register.today.isoformat())}。{register.sums}{left_out}"
    body = (
        Provision("paragraph", "summary", content=(Text(note),)),
        Table("duties", tuple(map(Column, _WIDTHS)), (head, *rows), 1),
    )
    title = f"{short_name}{register.year}年度履责台账"
    return Document("register", 1, title, title, "register", "register", "none", body)


def _row(cells: tuple[str, ...]) -> Row:
    shown = enumerate(cells[: len(_WIDTHS)])
    return Row(tuple(_cell(print_typed_date(text) if place in DATES else text) for place, text in shown))


def _cell(text: str, head: bool = False) -> Cell:
    return Cell(((Text(text),),) if text else ((),), head=head, align="center" if head else "")
