"""The register as a document of the tree, for the writers to print."""

from __future__ import annotations

from toolkit.language.periods import print_date
from toolkit.minutes.register.matching import LATER
from toolkit.minutes.register.register import Register
from toolkit.minutes.register.rows import HEADINGS, NOT_YET, Line, lines, summary
from toolkit.model.tree import Cell, Column, Document, Provision, Row, Table, Text

_WIDTHS = (7.5, 7.5, 9.5, 8, 5, 8, 6.5, 8)
#: Columns of :data:`HEADINGS` that are printed: the record's name is left out, the sheet is full.
_SHOWN = range(8)
_DATES = frozenset({3, 5})


def write(register: Register, short_name: str) -> Document:
    """Return the register as a document in the landscape layout."""
    head = Row(tuple(_cell(HEADINGS[place], True) for place in _SHOWN))
    rows = tuple(_row(line) for line in lines(register) if line.state not in (LATER, NOT_YET))
    left_out = "没有到期的（除下一次外）和没有发生启动条件的职责不列出。"
    note = f"截至{print_date(register.today.isoformat())}。{summary(register)}{left_out}"
    body = (
        Provision("paragraph", "summary", content=(Text(note),)),
        Table("duties", tuple(Column(width) for width in _WIDTHS), (head, *rows), 1),
    )
    title = f"{short_name}{register.year}年度履责台账"
    return Document("register", 1, title, title, "register", "register", "none", body)


def _row(line: Line) -> Row:
    cells = line.cells()
    return Row(
        tuple(_cell(print_date(cells[place]) if place in _DATES and cells[place] else cells[place]) for place in _SHOWN)
    )


def _cell(text: str, head: bool = False) -> Cell:
    return Cell(((Text(text),),) if text else ((),), head=head, align="center" if head else "")
