"""Tables and form grids as both writers draw them: which cell stands where, in which style, how tall its row is.

GB/T 9704-2012 says nothing of tables but that they are turned on landscape sheets (8); the rest is practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from toolkit.core.memo import identity, remembered
from toolkit.model.tree import CAME, GONE, Cell, Column, FormField, Row, Table
from toolkit.page.placeholders import FIELD_ROW_MM, SIGNATURE_ROW_MM

#: From this many lines on, what is written starts at the top of the cell.
_TALL = 3
#: Cells that a row above still covers, by their first column: (rows, columns).
Merges = dict[int, tuple[int, int]]


class Place(NamedTuple):
    """A cell in its row. ``cell`` is None where the row lacks cells, and where a cell above reaches down (``covered``)."""

    cell: Cell | None
    column: int
    span: int
    covered: bool = False


def places(row: Row, columns: int, above: Merges) -> tuple[list[Place], Merges]:
    """Return the cells of a row of so many columns from left to right, and what they cover in the rows below."""
    out: list[Place] = []
    below: Merges = {}
    cells, column = iter(row.cells), 0
    while column < columns:
        if column in above:
            rows, span = above[column]
            out.append(Place(None, column, span, covered=True))
            if rows > 1:
                below[column] = (rows - 1, span)
        else:
            cell = next(cells, None)
            span = columns - column if cell is None else min(max(cell.colspan, 1), columns - column)
            out.append(Place(cell, column, span))
            if cell is not None and cell.rowspan > 1:
                below[column] = (cell.rowspan - 1, span)
        column += max(span, 1)
    return out, below


def is_merged(row: Row) -> bool:
    """Whether a cell of the row reaches down into others."""
    return any(cell.rowspan > 1 for cell in row.cells)


def edges(columns: tuple[Column, ...], width: float) -> tuple[float, ...]:
    """Return the left edges of columns that share ``width`` by weight, and the right edge of the last."""
    weights = [max(column.width, 0.01) for column in columns] or [1.0]
    scale = width / sum(weights)
    return (0.0, *(reach * scale for reach in accumulate(weights)))


def cell_style(cell: Cell, header: bool, align: str) -> tuple[str, str]:
    """Return the style of what a cell says, and ``right`` or nothing. ``align`` is that of its column."""
    if header:
        return "TableHead", ""
    if cell.head:
        return "TableLabel", ""
    align = cell.align or align
    return ("TableCellCenter", "") if align == "center" else ("TableCell", "right" if align == "right" else "")


def starts_at_top(cell: Cell, row: Row) -> bool:
    """Whether what is written in a cell starts at its top: one with much room to write."""
    return row.height >= _TALL and any(isinstance(part, FormField) for line in cell.content for part in line)


@remembered(key=identity)
def hand_height_mm(row: Row) -> float:
    """Return the least height of a row in which people write or sign, 0 for others."""
    parts = (part for cell in row.cells for line in cell.content for part in line)
    kinds = {part.kind for part in parts if isinstance(part, FormField)}
    return (SIGNATURE_ROW_MM if "signature" in kinds else FIELD_ROW_MM) if kinds else 0.0


def heads(block: Table) -> Iterator[bool]:
    """Yield for each row whether it repeats on each page; in a redline it is one of the first of its own text."""
    old = new = 0
    for row in block.rows:
        yield (old if row.mark in GONE else new) < block.header_rows
        old += row.mark not in CAME
        new += row.mark not in GONE
