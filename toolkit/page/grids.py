"""Tables and form grids as both writers draw them: which cell stands where, in which style, how tall its row is.

GB/T 9704-2012 says nothing of tables but that they are turned on landscape sheets (8); the rest is practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from toolkit.core.memo import identity, remembered
from toolkit.language.names import DOT, DOTTED_NAME
from toolkit.model.tree import CAME, GONE, Cell, Column, FormField, Row, Table, Text
from toolkit.page import measures
from toolkit.page.placeholders import FIELD_ROW_MM, SIGNATURE_ROW_MM, is_lone_field, stays_whole

#: From this many lines on, writing starts at the top of the cell.
TALL = 3
#: From this many lines on, the cell prints lines to write on.
RULED_FROM = 5
#: A row of more lines than this may break over pages; half of a landscape sheet.
WHOLE_LINES = 14
#: So many rows of a table stay with the signatures below it.
LAST_ROWS = 2
#: A row with so many printed characters at most, and no box to write in, is not alone on a page.
LOW_CHARS = 40
#: Least part of a row with lines to write on that stands on a page.
LEAST_PART_PT = 4 * measures.HAND_LINE_PT + 3.0
#: Characters that a column keeps beside the longest part of a name, and the least of one that gives.
_SPARE, _LEAST_COLUMN = 0.2, 4
#: Styles whose lines are broken by sense.
LABEL_STYLES = ("TableHead", "TableLabel")
#: Cells that a row above still covers, by their first column: (rows, columns).
Merges = dict[int, tuple[int, int]]


class Place(NamedTuple):
    """A cell in its row. ``cell`` is None where the row lacks cells, and where a cell above reaches down (``covered``)."""

    cell: Cell | None
    column: int
    span: int
    covered: bool = False


def places(row: Row, columns: int, above: Merges) -> tuple[list[Place], Merges]:
    """Return the cells of a row of so many columns from left to right, and the places that they cover in the rows below."""
    if not above and not look(row).merged:
        return _plain_places(row, columns), {}
    return _places(row, columns, above)


@remembered(key=identity)
def _plain_places(row: Row, columns: int) -> list[Place]:
    """Return the cells of a row that no other row covers: both writers and the plan of the pages ask for them."""
    return _places(row, columns, {})[0]


def _places(row: Row, columns: int, above: Merges) -> tuple[list[Place], Merges]:
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


def edges(columns: tuple[Column, ...], width: float) -> tuple[float, ...]:
    """Return the left edges of columns that share ``width`` by weight, and the right edge of the last."""
    weights = [max(column.width, 0.01) for column in columns] or [1.0]
    scale = width / sum(weights)
    return (0.0, *(reach * scale for reach in accumulate(weights)))


@remembered(key=identity)
def columns_of(block: Table, width_pt: float, size_pt: float) -> tuple[Column, ...]:
    """Return the columns of a table ``width_pt`` wide, wide enough for the parts of names with a dot in type of ``size_pt``.

    The other columns give up their spare width. A table without columns has one.
    """
    if not block.columns or not any(look(row).dotted for row in block.rows):
        return block.columns or (Column(1.0),)
    reached = edges(block.columns, width_pt)
    widths = [end - start for start, end in pairwise(reached)]
    needed = [0.0] * len(widths)
    for row in block.rows:
        for cell, column, span, _ in places(row, len(widths), {})[0]:
            if cell is not None and span == 1 and not look(row).merged:
                longest = max(map(len, _name_parts(cell)), default=0)
                margins = 2 * measures.mm_pt(measures.TABLE_CELL_MARGIN_MM)
                needed[column] = max(needed[column], (longest + _SPARE) * size_pt + margins if longest else 0.0)
    lacks = [max(0.0, most - width) for most, width in zip(needed, widths, strict=True)]
    spare = [
        0.0 if lack else max(0.0, width - max(most, _LEAST_COLUMN * size_pt)) / 2
        for lack, most, width in zip(lacks, needed, widths, strict=True)
    ]
    share = min(1.0, sum(spare) / (sum(lacks) or 1.0))
    taken = sum(lacks) * share / (sum(spare) or 1.0)
    return tuple(
        replace(column, width=width + lack * share - own * taken)
        for column, width, lack, own in zip(block.columns, widths, lacks, spare, strict=True)
    )


def _name_parts(cell: Cell) -> Iterator[str]:
    """Yield the parts of names with a dot, each with the dot that ends it."""
    for line in cell.content:
        for part in line:
            text = part.text if isinstance(part, Text) else part.value if isinstance(part, FormField) else ""
            for name in DOTTED_NAME.finditer(text) if DOT in text else ():
                yield from name[0].replace(DOT, f"{DOT}\n").split("\n")


def cell_style(cell: Cell, header: bool, align: str) -> tuple[str, str]:
    """Return the style of a cell's text, and ``right`` or nothing. ``align`` is that of its column."""
    if header:
        return "TableHead", ""
    if cell.head:
        return "TableLabel", ""
    align = cell.align or align
    return ("TableCellCenter", "") if align == "center" else ("TableCell", "right" if align == "right" else "")


class Look(NamedTuple):
    """The look of a row, as both writers and the plan of its pages need it.

    ``merged``: a cell reaches down into other rows; ``dotted``: a name with a dot (阿依古丽·买买提) is in it. ``fillable``: there
    is something to fill in; ``blank``: and nothing else is printed but a number. ``hand``: the least height in points by what is
    written into it. ``ruled``: lines to write on that it prints; so many that it ``breaks`` over the page. ``lines``: the least
    height in lines of the table otherwise.
    """

    merged: bool
    fillable: bool
    blank: bool
    hand: float
    ruled: int
    lines: float
    dotted: bool = False

    @property
    def breaks(self) -> bool:
        return self.ruled > WHOLE_LINES

    @property
    def at_top(self) -> bool:
        """Whether writing in its cells starts at their top."""
        return self.fillable and (self.lines >= TALL or self.ruled > 0)

    def least_pt(self, line_pt: float) -> float:
        """Return the least height in points, with a line pitch of ``line_pt``."""
        return max(self.hand, self.lines * line_pt)


@remembered(key=identity)
def look(row: Row) -> Look:
    """Return the look of a row. A long text that is filled in is as high as its words."""
    merged, fields, texts, dotted = False, [], False, False
    for cell in row.cells:
        merged = merged or cell.rowspan > 1
        for line in cell.content:
            for part in line:
                if isinstance(part, FormField):
                    fields.append(part)
                    dotted = dotted or DOT in part.value
                elif not isinstance(part, Text):
                    texts = True
                elif not (part.text.isspace() or part.text.isdecimal()):
                    texts, dotted = True, dotted or DOT in part.text
    if not fields:
        return Look(merged, False, False, 0.0, 0, row.height, dotted)
    signed = any(field.kind == "signature" for field in fields)
    hand = measures.mm_pt(SIGNATURE_ROW_MM if signed else FIELD_ROW_MM)
    blank = not texts and not any(field.value for field in fields)
    if row.height < TALL:
        return Look(merged, True, blank, hand, 0, row.height, dotted)
    if ruled := max(ruled_lines(cell, row) for cell in row.cells):
        return Look(merged, True, blank, max(hand, ruled * measures.HAND_LINE_PT), ruled, 0.0, dotted)
    long = [field for field in fields if field.kind == "longtext"]
    filled = bool(long) and all(field.value for field in long)
    return Look(merged, True, blank, hand, 0, 0.0 if filled else row.height, dotted)


def ruled_lines(cell: Cell, row: Row) -> int:
    """Return how many lines to write on a cell prints: an empty long text in a tall row has them."""
    if row.height < RULED_FROM or len(cell.content) != 1 or not is_lone_field(cell.content[0]):
        return 0
    field = next(part for part in cell.content[0] if isinstance(part, FormField))
    return round(row.height) if field.kind == "longtext" and not field.value else 0


def has_fields(cell: Cell) -> bool:
    """Whether there is something to fill in in a cell."""
    return any(isinstance(part, FormField) for line in cell.content for part in line)


def heads(block: Table) -> Iterator[bool]:
    """Yield for each row whether it repeats on each page; in a redline it is one of the first of its own text."""
    old = new = 0
    for row in block.rows:
        yield (old if row.mark in GONE else new) < block.header_rows
        old += row.mark not in CAME
        new += row.mark not in GONE


def kept_rows(block: Table, signed_below: bool) -> Iterator[bool]:
    """Yield for each row whether it stays on the page of the next.

    So does each of a short table, a head, the last ones above signatures below the table, and pairs by :func:`_paired`.
    """
    whole, last, is_head = stays_whole(block), len(block.rows) - 1, list(heads(block))
    first = next((index for index, head in enumerate(is_head) if not head), last)
    for index, head in enumerate(is_head):
        kept = index < last and (whole or head)
        if index < last and index in (first, last - 1):
            kept = kept or _paired(block.rows[index], block.rows[index + 1])
        yield kept or (signed_below and index > last - LAST_ROWS)


def _paired(row: Row, following: Row) -> bool:
    """Whether the first or last two rows below the heads stay together: no low one is alone at a foot or below a head."""
    return _is_low(row) and _is_low(following)


@remembered(key=identity)
def _is_low(row: Row) -> bool:
    """Whether a row that is alone on a page looks left over: it says little and is no box to write in."""
    said = sum(len(part.text) for cell in row.cells for line in cell.content for part in line if isinstance(part, Text))
    return said <= LOW_CHARS and not look(row).at_top
