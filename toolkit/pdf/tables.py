"""Tables and form grids: header rows repeat, rows stay whole unless they are taller than a page, cells may be merged."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, takewhile
from typing import Any

from toolkit.core.memo import remembered
from toolkit.language.titles import label_lines
from toolkit.model.tree import Cell, Inlines, Row, Table, Text
from toolkit.numbering.citations import references_in
from toolkit.page import measures
from toolkit.page.grids import (
    LABEL_STYLES,
    LEAST_PART_PT,
    Merges,
    cell_style,
    columns_of,
    edges,
    has_fields,
    heads,
    kept_rows,
    look,
    places,
    ruled_lines,
)
from toolkit.page.placeholders import Ruled, is_lone_field, ruled_cell, stays_whole
from toolkit.pdf.flowables import FUZZ, Block
from toolkit.pdf.line_breaking import TextLine
from toolkit.pdf.paragraphs import Scope, Setting, TextPiece, block_mark, paint, pieces, set_text
from toolkit.pdf.template_measures import PT_PER_MM

_MARGIN = measures.TABLE_CELL_MARGIN_MM * PT_PER_MM
#: White above and below the text of a cell.
_PADDING = 1.5
#: So many characters are kept free at the end of the lines of a label.
_LABEL_SLACK = 0.05


@dataclass(slots=True)
class Box:
    """A cell in its place: ``x`` and ``width`` in the table, how many ``rows`` it covers, its text in lines."""

    x: float
    width: float
    rows: int
    parts: tuple[tuple[Setting, Sequence[TextLine]], ...]
    centred: bool

    def text_height(self) -> float:
        return sum(len(lines) * setting.style.pitch for setting, lines in self.parts) + 2 * _PADDING

    def placed(self, top: float, height: float) -> Iterator[tuple[Setting, Sequence[TextLine], float]]:
        """Yield each text of the cell and its vertical position, in a cell of this height whose top is at ``top``."""
        y = top - _PADDING
        if self.centred:
            y -= max(0.0, (height - self.text_height()) / 2)
        for setting, lines in self.parts:
            yield setting, lines, y
            y -= len(lines) * setting.style.pitch

    def cut(self, height: float) -> tuple[Box, Box]:
        """Return the cell with the lines that fit into ``height``, and the rest."""
        room = height - 2 * _PADDING + FUZZ
        above: list[tuple[Setting, Sequence[TextLine]]] = []
        below: list[tuple[Setting, Sequence[TextLine]]] = []
        for setting, lines in self.parts:
            fits = len(lines) if not below else 0
            fits = max(0, min(fits, int(room / setting.style.pitch)))
            if fits:
                above.append((setting, lines[:fits]))
            if fits < len(lines):
                below.append((setting, lines[fits:]))
            room -= fits * setting.style.pitch
        return replace(self, parts=tuple(above), centred=False), replace(self, parts=tuple(below), centred=False)


@dataclass(slots=True)
class Band:
    """A row: its height and the cells that start in it. Rows are shared by tables and files and never changed.

    ``breaks``: may go on over the page. ``kept``: operators that draw the row from its top left corner, and what they
    show, for a row without merged cells.
    """

    height: float
    boxes: list[Box] = field(default_factory=list)
    breaks: bool = False
    kept: tuple[str, list[Setting]] | None = None

    def drawn(self) -> tuple[str, list[Setting]] | None:
        """Return the operators that draw the row; None if it depends on other rows or contains links."""
        if self.kept is None and all(box.rows == 1 for box in self.boxes):
            rules, texts, shown = [], [], []
            for box in self.boxes:
                rules.append(f"{box.x:.2f} {-self.height:.2f} {box.width:.2f} {self.height:.2f} re")
                for setting, lines, y in box.placed(0.0, self.height):
                    drawn = setting.drawn(lines)
                    if drawn.links:
                        return None
                    shown.append(setting)
                    texts.append(f"q 1 0 0 1 {box.x + _MARGIN:.2f} {y:.2f} cm\n{drawn.code}\nQ")
            self.kept = ("\n".join([f"{measures.TABLE_BORDER_PT} w", *rules, "S", *texts]), shown)
        return self.kept


def _height(bands: list[Band]) -> float:
    return sum(band.height for band in bands)


class Grid(Block):
    """A table, or the rows of one that stand on a page. ``heads`` repeat at the top of every further part.

    ``ties``: for each row whether it stays on the page of the next.
    """

    splits = True

    def __init__(
        self,
        bands: list[Band],
        header: int,
        whole: bool,
        ties: list[bool],
        heads: list[Band] | None = None,
        total: float | None = None,
    ) -> None:
        self.bands = bands
        self.ties = ties
        self.header = header
        self.whole = whole
        self.heads = heads or []
        self.head_height = _height(self.heads)
        #: Height of the rows; given where it is known, so that a long table is not added up again on every page.
        self.total = _height(bands) if total is None else total

    def own_height(self) -> float:
        return self.head_height + self.total

    def least(self) -> tuple[float, bool]:
        """A heading stays with the header rows, the first row and the rows kept with it, or with the whole of a short grid."""
        if self.whole:
            return self.own_height(), True
        count = min(self.header + 1, len(self.bands))
        while count < len(self.bands) and self.ties[count - 1]:
            count += 1
        rows = self.bands[:count]
        height = self.head_height + _height(rows)
        if rows and rows[-1].breaks:
            return height - max(0.0, rows[-1].height - LEAST_PART_PT), False
        return height, len(rows) == len(self.bands)

    def split(self, width: float, room: float) -> list[Any]:
        """Return the rows that fit and the rest under repeated header rows."""
        at_top = self.opens or room >= self.full - FUZZ
        if self.whole and not at_top:
            return []
        space = room - self.white(room) - self.head_height + FUZZ
        feet = accumulate(band.height for band in self.bands)
        rows = self._last_cut(sum(1 for _ in takewhile(lambda foot: foot <= space, feet)), at_top)
        if rows < len(self.bands) and self.bands[rows].breaks and space - _height(self.bands[:rows]) >= LEAST_PART_PT:
            return self._cut(rows, space)
        if self.kept and rows >= len(self.bands):
            rows = self._last_cut(len(self.bands) - 1, at_top)
        if rows <= self.header or rows >= len(self.bands):
            if not at_top:
                return []
            return self._force(space)
        return self._parts(self.bands[:rows], self.bands[rows:])

    def _last_cut(self, rows: int, at_top: bool) -> int:
        """Return the last index up to ``rows`` that no merged cell crosses (``rows`` itself if there is none).

        Rows that stay together are not cut apart but at the top of a page, where the table must go on.
        """
        tied = 0
        best = apart = 0
        for index in range(max(0, rows - 200), min(rows, len(self.bands))):
            tied = max([tied, *(index + box.rows for box in self.bands[index].boxes)])
            if tied <= index + 1:
                best = index + 1
                apart = apart if self.ties[index] else best
        if best <= self.header:
            return rows
        return apart if apart > self.header else best if at_top else self.header

    def _force(self, space: float) -> list[Block]:
        """Split where no row fits into a page: inside the first row, so that every page takes something."""
        index = min(self.header, len(self.bands) - 1)
        if (
            space - _height(self.bands[:index]) < self.full / 4
        ):  # the header rows leave no room: they are rows like others
            index = 0
        return self._cut(index, space)

    def _cut(self, index: int, space: float) -> list[Block]:
        """Split inside a row."""
        band, room = self.bands[index], space - FUZZ - _height(self.bands[:index])
        if band.breaks:  # whole lines, and not too few of them on either page
            room = min(room, max(band.height - LEAST_PART_PT, measures.HAND_LINE_PT + 2 * _PADDING))
        pairs = [box.cut(room) for box in band.boxes]
        rest = max([band.height - room, *(below.text_height() for _, below in pairs if below.parts)])
        if band.height <= room:
            return self._parts(self.bands[: index + 1], self.bands[index + 1 :])
        # A merged cell ends here and goes on below: cut as such once more, it would be there twice, then four times, and so on.
        first = Band(room, [replace(above, rows=1) for above, _ in pairs])
        second = Band(rest, [below for _, below in pairs], band.breaks)
        below = [second, *self.bands[index + 1 :]]
        return self._parts([*self.bands[:index], first], below, index >= self.header, room + rest - band.height)

    def _parts(self, above: list[Band], below: list[Band], repeat: bool = True, grown: float = 0.0) -> list[Block]:
        """Return the table in two; ``grown``: height that a cut row has gained."""
        heads = self.heads or (_cut_merged(self.bands[: self.header], [])[0] if repeat else [])
        if _height(heads) > self.full / 2:
            heads = []
        above, below = _cut_merged(above, below)
        first = Grid(above, self.header, self.whole, self.ties[: len(above)], self.heads)
        ties = self.ties[len(self.ties) - len(below) :]  # a row that is cut is in both parts
        rest = Grid(below, 0, self.whole, ties, heads, self.total + grown - first.total) if below else None
        return self.divided(first, rest)

    def paint(self, canvas: Any, x: float, top: float) -> None:
        y = top
        for bands in (self.heads, self.bands):
            for index, band in enumerate(bands):
                drawn = band.drawn()
                if drawn is None:
                    _paint_merged(canvas, bands, index, x, y)
                else:
                    canvas.addLiteral(f"q 1 0 0 1 {x:.2f} {y:.2f} cm\n{drawn[0]}\nQ")
                    canvas.shown.update(drawn[1])
                y -= band.height


def _paint_merged(canvas: Any, bands: list[Band], index: int, x: float, top: float) -> None:
    """Draw a row that has cells which cover several rows, or links."""
    boxes = [(box, _height(bands[index : index + box.rows])) for box in bands[index].boxes]
    rules = [f"{x + box.x:.2f} {top - height:.2f} {box.width:.2f} {height:.2f} re" for box, height in boxes]
    canvas.addLiteral("\n".join([f"{measures.TABLE_BORDER_PT} w", *rules, "S"]))
    for box, height in boxes:
        for setting, lines, y in box.placed(top, height):
            paint(canvas, setting, lines, x + box.x + _MARGIN, y)


def _cut_merged(above: list[Band], below: list[Band]) -> tuple[list[Band], list[Band]]:
    """Return the rows above and below a cut: merged cells end at it and go on in the first row below."""
    out: list[Band] = []
    carried: list[Box] = []
    for index, band in enumerate(above):
        rows, boxes = len(above) - index, band.boxes
        if any(box.rows > rows for box in boxes):
            boxes = list(boxes)
            for number, box in enumerate(boxes):
                if box.rows > rows:
                    ends, goes_on = box.cut(_height(above[index:]))
                    boxes[number] = replace(ends, rows=rows)
                    carried.append(replace(goes_on, rows=box.rows - rows))
            band = Band(band.height, boxes)
        out.append(band)
    if carried and below:
        first = Band(below[0].height, sorted([*below[0].boxes, *carried], key=lambda box: box.x))
        below = [first, *below[1:]]
    return out, below


# --- from the tree ---------------------------------------------------------------------------------------------


def grid(scope: Scope, block: Table, signed_below: bool = False) -> Grid:
    """Return a table of the tree on the whole width of the type area. ``signed_below``: its last rows stay with signatures."""
    builder = _Builder(scope, block)
    bands = [_band(row, builder, head) for row, head in zip(block.rows, heads(block), strict=True)]
    for index, band in enumerate(bands):
        for box in band.boxes:
            if box.rows > 1:  # the last row that a merged cell covers is tall enough for the cell's text
                box.rows = min(box.rows, len(bands) - index)
                last = index + box.rows - 1
                lacks = box.text_height() - _height(bands[index : last + 1])
                if lacks > 0:
                    bands[last] = Band(bands[last].height + lacks, bands[last].boxes)
    ties = list(kept_rows(block, signed_below))
    return Grid(bands, min(block.header_rows, len(bands)), stays_whole(block), ties)


class _Builder:
    """Makes the rows of one table from top to bottom."""

    def __init__(self, scope: Scope, block: Table) -> None:
        self.scope = scope
        self.block = block
        sheet = scope.sheet
        columns = columns_of(block, sheet.body_width, sheet.styles["TableCell"].size)
        self.edges = edges(columns, sheet.body_width)
        self.tallest = sheet.body_height * 0.9
        self.line = sheet.styles["TableCell"].pitch
        self.merges: Merges = {}
        self.right = replace(sheet.styles["TableCell"], align="right")
        self.ruled = replace(sheet.styles["TableCell"], pitch=measures.HAND_LINE_PT)
        #: The inputs of a row's look besides the row itself.
        self.columns = (self.edges, tuple([column.align for column in block.columns]), sheet, scope.fonts)

    def band(self, row: Row, header: bool) -> Band:
        """Return one row; a row that lacks cells is filled up with an empty one."""
        boxes: list[Box] = []
        cells, self.merges = places(row, len(self.edges) - 1, self.merges)
        for cell, column, span, covered in cells:
            x = self.edges[column]
            if cell is not None:
                boxes.append(self._box(cell, row, column, span, header))
            elif not covered:
                boxes.append(Box(x, self.edges[column + span] - x, 1, (), False))
        height = max([self._least(row), *(box.text_height() for box in boxes if box.rows == 1)])
        return Band(height, boxes, look(row).breaks)

    def _least(self, row: Row) -> float:
        """Return the least height: as the row asks, and room to write or to sign."""
        own = look(row)
        least = own.least_pt(self.line)
        return max(least if own.breaks else min(least, self.tallest), self.line + 2 * _PADDING)

    def _box(self, cell: Cell, row: Row, column: int, span: int, header: bool) -> Box:
        x, width = self.edges[column], self.edges[column + span] - self.edges[column]
        columns = self.block.columns
        name, align = cell_style(cell, header, columns[column].align if column < len(columns) else "left")
        inside = max(width - 2 * _MARGIN, self.line)
        mark = block_mark(self.block.mark or row.mark)
        ruled = ruled_cell(ruled_lines(cell, row), inside / self.scope.sheet.styles[name].size)
        settings = (self._set(line, name, align, inside, mark, ruled) for line in cell.content)
        parts = tuple((setting, setting.broken.lines) for setting in settings if setting is not None)
        return Box(x, width, max(cell.rowspan, 1), parts, not (look(row).at_top and has_fields(cell)))

    def _set(
        self, line: Inlines, name: str, align: str, inside: float, mark: str, ruled: Ruled | None
    ) -> Setting | None:
        """Set one line of a cell; None if it says nothing."""
        style = self.scope.sheet.styles[name]
        if len(line) == 1 and type(line[0]) is Text and not line[0].mark and not mark:
            text = line[0].text
            if name in LABEL_STYLES:
                text = "\n".join(label_lines(text, inside / style.size - _LABEL_SLACK))
            content = [TextPiece(text)] if text else []
        else:
            room = inside / style.size if is_lone_field(line) else 0.0
            content = pieces(self.scope, self.block.id, line, room, ruled, mark)
        if not content:
            return None
        own = self.ruled if ruled else self.right if align else style
        return set_text(self.scope.fonts, tuple(content), own, inside)


def _row_key(row: Row, builder: _Builder, header: bool) -> Hashable:
    """Return the inputs of a row's look; None where it has merged cells, marks, or references that may be links."""
    if builder.merges or builder.block.mark or row.mark or look(row).merged:
        return None
    scope, refs = builder.scope, [ref for _, ref in references_in(row)]
    if any(ref.document in ("", scope.document.id) for ref in refs):
        return None
    cited = tuple([scope.labels.reference(scope.document.id, builder.block.id, ref) for ref in refs])
    return id(row), header, builder.columns, cited


@remembered(4096, key=_row_key)
def _band(row: Row, builder: _Builder, header: bool) -> Band:
    return builder.band(row, header)
