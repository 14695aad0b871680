"""Plans the pages of a form, so that none ends in a blank row or two: rows to write in become a little lower or higher.

Heights are estimated by counting characters, which all are as wide as they are high; no font is opened. So the plan is the same
for DOCX and PDF and leaves a margin for differences between word processors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, zip_longest
from typing import NamedTuple

from toolkit.core.classes import dataclass
from toolkit.core.memo import identity, remembered
from toolkit.core.patterns import lazy
from toolkit.language.titles import label_lines, text_width, title_lines
from toolkit.model.tree import Block, Cell, Column, Document, FormField, Inlines, Provision, Row, Table, Text, walk
from toolkit.page import measures
from toolkit.page.flow import FORM, keeps_last_row, leads_in, scheme_of
from toolkit.page.grids import (
    LABEL_STYLES,
    LEAST_PART_PT,
    RULED_FROM,
    TALL,
    WHOLE_LINES,
    Look,
    Merges,
    cell_style,
    columns_of,
    edges,
    heads,
    kept_rows,
    look,
    places,
)
from toolkit.page.grids import Place as CellPlace
from toolkit.page.placeholders import is_lone_field, placeholder

#: A last page is planned to be filled by at least this share (30 % and a margin for the estimate), and at most by that.
_LEAST_FILL, _MOST_FILL = 0.38, 0.96
#: Programs and fonts break some lines elsewhere: a plan holds, if it can, where a page has room for a line less or more, and then
#: fills the last one by this share at least. Lines → how much it counts that the plan holds then.
_DOUBTS, _DOUBTED_FILL = {0.0: 8.0, -0.5: 2.0, 0.5: 2.0, -1.0: 1.0, 1.0: 1.0}, 0.32
_SURE = sum(_DOUBTS.values())
#: White around the text of a cell, and between a table and its neighbours.
PADDING_PT, _GAP_PT = 3.0, 6.0
#: Characters that a reference prints, about: with the title of a document, and without.
_TITLED, _UNTITLED = 16, 5
#: Kinds of fields that take one line of a cell where they are empty.
_SHORT = frozenset({"text", "longtext", "number", "signature", "check"})
_MARKS = "，。、；：！？）》”"
#: Characters that stay on one line, those with white beside them, how much in all, and how far a closing mark may hang out.
_UNIT = lazy(f"[（《“]*(?:[0-9A-Za-z.%]+[年月日时分次个天项条人份]?|.)[{_MARKS}]*")
_FIGURE = lazy("[0-9A-Za-z]")
_FIGURE_GAP, _HANGS = 0.25, 0.5
#: How far rows are changed: lines to write on that a box loses and gains, points that blank and other rows gain.
_FEWER, _MORE, _BLANK_PT, _PRINTED_PT = 2, 16, 20.0, 12.0
#: A box without lines grows so many times as much as a printed row.
_BOX_SHARE = 8
#: A box without lines loses at most this share of its height, in so many steps of half a line.
_LOWER, _LOWER_STEPS = 0.25, 3
#: Steps of a search in points.
_STEP_PT = 0.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """The type area in points, and its tables' type size and pitch."""

    width: float
    height: float
    size: float
    pitch: float


@remembered(8)
def sheet_of(body_width_mm: float, body_height_mm: float) -> Sheet:
    """Return the sheet with such a type area."""
    size, pitch = measures.cell_size_pt(body_width_mm), measures.table_line_pt(body_width_mm)
    return Sheet(measures.mm_pt(body_width_mm), measures.mm_pt(body_height_mm), size, pitch)


def fitted(document: Document, body_width_mm: float) -> Document:
    """Return a form whose rows are as high as its pages ask; another document as it is."""
    if scheme_of(document) != FORM or not document.body:
        return document
    height = (
        measures.TYPE_AREA_HEIGHT_MM
        if body_width_mm <= measures.TYPE_AREA_WIDTH_MM + 1
        else measures.TYPE_AREA_WIDTH_MM
    )
    lines = len(title_lines(document.title, unbreakable=document.unbreakable)) + bool(document.subtitle)
    body = _fitted(document.body, lines + bool(document.note), sheet_of(round(body_width_mm, 1), height))
    return document if body is document.body else replace(document, body=body)


@remembered(2_000, key=identity)
def _fitted(body: tuple[Block, ...], lines_above: int, sheet: Sheet) -> tuple[Block, ...]:
    """Return the body below so many lines with the heights that its last page asks for."""
    plan = _Plan(body, (lines_above + 0.5) * measures.LINE_PITCH_PT, sheet)
    best: Heights = {}
    most = plan.worth(plan.unchanged)
    for heights in chain(plan.shorter(), plan.higher() if most < _SURE else ()):
        if (worth := plan.worth(plan.outcomes(heights))) > most:
            best, most = heights, worth
        if worth >= _SURE:
            break
    return plan.with_heights(best) if best else body


#: A row: the place of its table in the body, and its own in the table.
Place = tuple[int, int]
Heights = dict[Place, float]


class _Group(NamedTuple):
    """A part that stays on one page: its height, the white above it, and the repeated head rows and white above it on a new page.

    ``breaks``: a row of lines to write on, which goes on over the page.
    """

    height: float
    white: float
    top: float
    breaks: bool


class _Plan:
    """The groups of a body from top to bottom, and the rows that may change."""

    def __init__(self, body: tuple[Block, ...], above: float, sheet: Sheet) -> None:
        self.body = body
        self.above = above
        self.sheet = sheet
        self.groups: list[_Group] = []
        #: Height, white and top of a group whose last step is still to come.
        self.open: tuple[float, float, float] | None = None
        #: Boxes with lines to write on and without, blank rows, printed rows, with their heights; the group of each.
        self.boxes: Heights = {}
        self.plain: Heights = {}
        self.blanks: Heights = {}
        self.printed: Heights = {}
        self.group_of: dict[Place, int] = {}
        self.blocks = [block for block in walk(body) if isinstance(block, Table) or block.content]
        below_table = False
        for index, (block, following) in enumerate(zip_longest(self.blocks, self.blocks[1:])):
            if isinstance(block, Table):
                self._table(index, block, following)
            else:
                self._paragraph(block, following, _GAP_PT if below_table else 0.0)
            below_table = isinstance(block, Table)
        self._add(0.0)
        self.height_of = self.boxes | self.plain | self.blanks | self.printed
        self.unchanged = self.outcomes({})

    def _add(
        self, height: float, white: float = 0.0, top: float = 0.0, tied: bool = False, breaks: bool = False
    ) -> None:
        """Add a step; ``tied``: it stays on the page of the next."""
        if self.open:
            height += white
        before, white, top = self.open or (0.0, white, top)
        self.open = (before + height, white, top) if tied else None
        if not tied:
            self.groups.append(_Group(before + height, white, top, breaks and not before))

    def _paragraph(self, block: Provision, following: Block | None, white: float) -> None:
        text = printed_text(block.content, 0)
        wide = (2 + text_width(text)) * measures.SIZE_SMALL_4
        height = math.ceil(wide / self.sheet.width) * measures.FORM_NOTE_LINE_PT
        self._add(height, white, tied=isinstance(following, Table) and leads_in(following, len(text)))

    def _table(self, index: int, block: Table, following: Block | None) -> None:
        is_head = list(heads(block))
        sizes = row_heights(block, is_head, self.sheet)
        head = sum(size for size, is_one in zip(sizes, is_head, strict=True) if is_one)
        white, kept = 0.0 if block.caption else _GAP_PT, kept_rows(block, keeps_last_row(following))
        if block.caption:
            before, after, line = measures.TABLE_CAPTION_SPACING_PT
            wide = text_width(printed_text(block.caption, 0)) * measures.SIZE_4
            self._add(math.ceil(wide / self.sheet.width) * line + after, before, before, tied=True)
        for number, (row, size, is_one, tied) in enumerate(zip(block.rows, sizes, is_head, kept, strict=True)):
            own, place = look(row), (index, number)
            if not is_one and not own.merged:
                self.group_of[place] = len(self.groups)
                self._sort(own, place, size)
            self._add(size, 0.0 if number else white, 0.0 if is_one else head, tied, own.breaks)

    def _sort(self, own: Look, place: Place, size: float) -> None:
        if own.ruled:
            self.boxes[place] = size
        elif own.at_top:
            self.plain[place] = size
        elif own.blank:
            self.blanks[place] = size
        elif not own.fillable or size < (TALL - 0.6) * self.sheet.pitch:  # a taller one would begin at its top
            self.printed[place] = size

    def outcomes(self, heights: Heights) -> list[tuple[int, float]]:
        """Return, in each of the doubts, the pages and the share of the last that is filled with some heights changed."""
        sizes = self._sizes(heights)
        return [self._laid(sizes, doubt) for doubt in _DOUBTS]

    def worth(self, outcomes: list[tuple[int, float]]) -> float:
        """Return the sum of the doubts in which the last page is neither nearly empty nor so full that it may run over.

        A page less than without new heights counts twice, a page more half; where there is one more without any doubt: -1.
        """
        total = 0.0
        if outcomes[0][0] > self.unchanged[0][0]:
            return -1.0
        for (doubt, weight), (pages, fill), (before, _) in zip(_DOUBTS.items(), outcomes, self.unchanged, strict=True):
            least, most = (_DOUBTED_FILL, 1.0) if doubt else (_LEAST_FILL, _MOST_FILL)
            if fill <= most and (pages == 1 or fill >= least):
                total += weight * (2 if pages < before else 1 if pages == before else 0.5)
        return total

    def shorter(self) -> Iterator[Heights]:
        """Yield heights to try: fewer lines to write on, then boxes without lines that are a little lower."""
        line = measures.HAND_LINE_PT
        small = {place: size for place, size in self.boxes.items() if size <= (WHOLE_LINES + 0.5) * line}
        fewest: Heights = {}
        for fewer in range(1, _FEWER + 1) if small else ():
            fewest = {place: max(RULED_FROM * line + PADDING_PT, size - fewer * line) for place, size in small.items()}
            yield fewest
        least = {place: self._least(place) for place in self.plain}
        for step in range(1, _LOWER_STEPS + 1) if least else ():
            lower = step * self.sheet.pitch / 2
            lowered = {place: max(least[place], size - lower) for place, size in self.plain.items()}
            yield lowered
            if small:
                yield fewest | lowered

    def _least(self, place: Place) -> float:
        """Return the least height of a box without lines: it keeps its words, and writing begins at its top."""
        index, number = place
        block = self.blocks[index]
        assert isinstance(block, Table)
        columns = columns_of(block, self.sheet.width, self.sheet.size)
        low = row_height(replace(block.rows[number], height=TALL), columns, self.sheet)
        return min(self.plain[place], max(low, (1 - _LOWER) * self.plain[place]))

    def higher(self) -> Iterator[Heights]:
        """Yield heights to try, those that change least first: more lines to write on, higher rows."""
        fill, line = min(fill for _, fill in self.unchanged), measures.HAND_LINE_PT
        if self.boxes:
            largest = max(self.boxes, key=self.boxes.__getitem__)
            for more in range(1, _MORE + 1):
                yield {largest: self.boxes[largest] + more * line}
        lacks = max(0.0, _LEAST_FILL - fill) * self.sheet.height / 2
        ways: tuple[tuple[Heights, Heights, float], ...] = (
            (self.blanks, {}, _BLANK_PT),
            ({**self.blanks, **self.printed}, self.plain, _PRINTED_PT),
        )
        for rows, boxes, most in ways:
            least = lacks / max(1, len(rows) + _BOX_SHARE * len(boxes))
            for step in range(1 + int(least / _STEP_PT), round(most / _STEP_PT) + 1) if rows else ():
                higher = step * _STEP_PT
                grown = {place: size + _BOX_SHARE * higher for place, size in boxes.items()}
                yield {place: size + higher for place, size in rows.items()} | grown

    def _sizes(self, heights: Heights) -> list[float]:
        """Return the heights of the groups with some heights of rows changed."""
        sizes = [group.height for group in self.groups]
        for place, size in heights.items():
            sizes[self.group_of[place]] += size - self.height_of[place]
        return sizes

    def _laid(self, sizes: list[float], doubt: float) -> tuple[int, float]:
        """Return the pages and the share of the last; ``doubt``: lines that a page holds beyond those that are counted."""
        full, y, pages = self.sheet.height + doubt * self.sheet.pitch, self.above, 1
        for (_, white, top, breaks), size in zip(self.groups, sizes, strict=True):
            if y + white + (LEAST_PART_PT if breaks else size) > full and y > top:
                pages, y = pages + 1, top
            else:
                y += white
            left = size
            while breaks and y + left > full:
                pages, y, left = pages + 1, top, _rest(left, full - y)
            y += left
        return pages, min(1.0, y / full)

    def with_heights(self, heights: Heights) -> tuple[Block, ...]:
        """Return the body with these heights."""
        changed: dict[int, Table] = {}
        for (index, number), size in heights.items():
            block = self.blocks[index]
            table = changed.get(id(block), block)
            assert isinstance(table, Table)
            row = table.rows[number]
            height = round(size / (measures.HAND_LINE_PT if look(row).ruled else self.sheet.pitch), 3)
            own = replace(row, height=round(height) if look(row).ruled else height)
            changed[id(block)] = replace(table, rows=(*table.rows[:number], own, *table.rows[number + 1 :]))
        return _replaced(self.body, changed)


def _rest(size: float, room: float) -> float:
    """Return the height of the part on the next page, of a row of lines to write on that has ``room`` on this one."""
    room = min(room, size - LEAST_PART_PT)
    line = measures.HAND_LINE_PT
    lines = math.floor((room - PADDING_PT) / line + 0.01)
    # Head rows that fill a page leave no room below them: a line goes there all the same, for a page that takes none has no end.
    return size - max(line, min(room, lines * line))


def _replaced(blocks: tuple[Block, ...], changed: dict[int, Table]) -> tuple[Block, ...]:
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, Table):
            out.append(changed.get(id(block), block))
        else:
            out.append(replace(block, children=_replaced(block.children, changed)) if block.children else block)
    return tuple(out)


# --- heights -----------------------------------------------------------------------------------------------------


def row_heights(block: Table, is_head: list[bool], sheet: Sheet) -> list[float]:
    """Return the heights of the rows of a table."""
    widened = columns_of(block, sheet.width, sheet.size)
    columns = edges(widened, sheet.width)
    aligns = tuple([column.align for column in widened])
    if not any(look(row).merged for row in block.rows):
        return [_row_height(row, columns, aligns, sheet, head) for row, head in zip(block.rows, is_head, strict=True)]
    above: Merges = {}
    out = []
    for row, head in zip(block.rows, is_head, strict=True):
        cells, above = places(row, len(columns) - 1, above)
        out.append(_height(row, cells, columns, aligns, sheet, head))
    return out


def row_height(row: Row, columns: tuple[Column, ...], sheet: Sheet) -> float:
    """Return the height in points of a row without merged cells, below the head of a table with these columns."""
    return _row_height(row, edges(columns, sheet.width), tuple([column.align for column in columns]), sheet, False)


@remembered(key=identity)
def _row_height(row: Row, columns: tuple[float, ...], aligns: tuple[str, ...], sheet: Sheet, head: bool) -> float:
    """Return the height of a row without merged cells."""
    return _height(row, places(row, len(columns) - 1, {})[0], columns, aligns, sheet, head)


def _height(
    row: Row, cells: list[CellPlace], columns: tuple[float, ...], aligns: tuple[str, ...], sheet: Sheet, head: bool
) -> float:
    """Return the height of a row; a cell that reaches down counts for rows below it."""
    most = 1
    for cell, column, span, _ in cells:
        if cell is not None and cell.rowspan < 2:
            across = columns[column + span] - columns[column]
            most = max(most, _cell_lines(cell, across, aligns[column], sheet, head))
    own = look(row)
    return max(own.least_pt(sheet.pitch) + (PADDING_PT if own.ruled else 0.0), most * sheet.pitch + PADDING_PT)


def _cell_lines(cell: Cell, across: float, align: str, sheet: Sheet, head: bool) -> int:
    """Return how many lines a cell takes."""
    room = max(1.0, (across - 2 * measures.mm_pt(measures.TABLE_CELL_MARGIN_MM)) / sheet.size)
    if len(cell.content) == 1 and len(cell.content[0]) == 1:  # most cells say a word or two
        (only,) = cell.content[0]
        if isinstance(only, Text):
            if len(only.text) < room and "\n" not in only.text:
                return 1
        elif isinstance(only, FormField) and only.kind in _SHORT and len(only.value) < room:
            return 1
    style, _ = cell_style(cell, head, align)
    total = 0
    for line in cell.content:
        text = printed_text(line, room if is_lone_field(line) else 0)
        if len(line) == 1 and isinstance(line[0], FormField) and line[0].kind == "choice" and not line[0].value:
            total += 1 + text.count("\n")  # its lines are broken already
        elif style in LABEL_STYLES:
            total += len(label_lines(text, room - 0.05))
        else:
            total += sum(lines_of(part, room) for part in text.split("\n"))
    return total


@remembered(8_000)
def lines_of(text: str, room: float) -> int:
    """Return how many lines a text takes: figures stay with their unit, marks with the character before or after them."""
    if len(text) + _FIGURE_GAP * 2 <= room or (text_width(text) <= room and not _FIGURE.search(text)):
        return 1
    lines, used = 1, 0.0
    for match in _UNIT.finditer(text):
        unit = match[0]
        size = text_width(unit) + (_FIGURE_GAP if _FIGURE.search(unit) else 0.0)
        if used and used + size > room + (_HANGS if unit[-1] in _MARKS else 0.0):
            lines, used = lines + 1, 0.0
        used += size
    return lines


def printed_text(parts: Inlines, room: float) -> str:
    """Return the printed text of inlines, a reference as so many characters."""
    return "".join(
        part.text
        if isinstance(part, Text)
        else (part.value or placeholder(part, room) if part.kind != "check" else "□")
        if isinstance(part, FormField)
        else "某" * (_TITLED if part.document and not part.untitled else _UNTITLED)
        for part in parts
    )
