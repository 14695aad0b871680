"""Tables and form grids as XML: fixed widths, header rows that repeat, merged cells; used by ``body`` and redlines."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from itertools import pairwise

from toolkit.core.classes import dataclass
from toolkit.core.memo import remembered
from toolkit.docx.writing.fragments import Writing
from toolkit.docx.writing.inlines import Scope, cited, inlines
from toolkit.docx.writing.markup import paragraph
from toolkit.language.titles import label_fill
from toolkit.model.tree import Cell, Column, FormField, Inlines, Row, Table, Text, plain
from toolkit.page import measures
from toolkit.page.fitting import PADDING_PT, row_height, sheet_of
from toolkit.page.grids import (
    LABEL_STYLES,
    WHOLE_LINES,
    Merges,
    Place,
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
from toolkit.page.placeholders import is_lone_field, ruled_cell

_KEEP_NEXT = "<w:keepNext/>"
#: The room of a row's borders beside its lines, and a little more.
_BORDERS_PT = 1.0
_WHOLE, _TORN = "<w:cantSplit/>", '<w:cantSplit w:val="off"/>'
_HAND_LINES = f'<w:spacing w:line="{measures.pt_twips(measures.HAND_LINE_PT)}" w:lineRule="exact"/>'


def separator(keep: bool = False, last: bool = False, content: str = "") -> str:
    """Return the small paragraph that separates a table from its neighbours and ends a body whose last block is a table.

    ``keep``: it stays on the page of the table below it. ``last``: nothing follows; it is as low as possible, or a table
    that fills its page would leave a blank one behind. ``content``: runs, where it must not be empty.
    """
    line = f'<w:spacing w:line="{20 if last else 120}" w:lineRule="exact"/>'
    return paragraph("TableCell", content, (_KEEP_NEXT if keep else "") + line)


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """The measures of a table, one object for all tables of the same columns and width.

    ``widths`` in twips, ``line_pt`` the line pitch.
    """

    widths: tuple[int, ...]
    aligns: tuple[str, ...]
    chars_per_mm: float
    line_pt: float


@remembered(1024)
def _shape_of(columns: tuple[Column, ...], body_width_mm: float) -> _Shape:
    """Return the shape of a table in a type area."""
    return _Shape(
        grid_widths(columns, body_width_mm),
        tuple(column.align for column in columns),
        72 / measures.MM_PER_INCH / measures.cell_size_pt(body_width_mm),
        measures.table_line_pt(body_width_mm),
    )


def grid_widths(columns: tuple[Column, ...], body_width_mm: float) -> tuple[int, ...]:
    """Return column widths in twips that add up to the type area, by weight."""
    reached = map(round, edges(columns, measures.twips(body_width_mm)))
    return tuple(after - before for before, after in pairwise(reached))


def table(scope: Scope, block: Table, body_width_mm: float, bookmark: tuple[str, str], keep_last: bool = False) -> str:
    """Write a table into the scope's draft and return the text of all its cells.

    ``bookmark``: its start and end, for the caption or else the first cell. ``keep_last``: the last row stays on the page of
    the next block.
    """
    columns = columns_of(block, measures.mm_pt(body_width_mm), measures.cell_size_pt(body_width_mm))
    out, shape = scope.draft.out, _shape_of(columns, body_width_mm)
    writer = _Rows(scope, block.id, shape)
    start, end = bookmark
    if block.caption:
        caption, text = inlines(scope, block.id, block.caption)
        writer.texts.append(text)
        out.append(paragraph("TableCaption", start + caption + end, _KEEP_NEXT).encode())
    out.append(_opening(shape).encode())
    first = len(out)
    below_head = False
    if not block.rows:  # no program opens a table without rows
        block = replace(block, rows=(Row(()),))
    for row, head, kept in zip(block.rows, heads(block), kept_rows(block, keep_last), strict=True):
        writer.keep = _KEEP_NEXT if kept else ""
        writer.height = _full_height(row, columns, body_width_mm) if below_head and not head else 0.0
        writer.add(row, head)
        below_head = head
    if not block.caption:
        out[first] = out[first].replace(b"</w:pPr>", f"</w:pPr>{start}{end}".encode(), 1)
    out.append(b"</w:tbl>")
    return "\n".join(writer.texts)


def _full_height(row: Row, columns: tuple[Column, ...], body_width_mm: float) -> float:
    """Return the least height in points of the row below a repeated head, which keeps it whole; 0 for one that may break.

    Where head and row end less than a point below the page, LibreOffice 7.4 prints no further row if ``w:cantSplit`` is in the
    row. It tears no row of a least height either, and takes none from the style of a table, where Word finds ``w:cantSplit``.
    """
    own = look(row)
    if own.merged or own.breaks:
        return 0.0
    sheet = sheet_of(round(body_width_mm, 1), measures.TYPE_AREA_HEIGHT_MM)
    return row_height(row, columns, sheet) - PADDING_PT + _BORDERS_PT


@remembered(1024)
def _opening(shape: _Shape) -> str:
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="{sum(shape.widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" '
        'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>'
        + "".join(f'<w:gridCol w:w="{width}"/>' for width in shape.widths)
        + "</w:tblGrid>"
    )


def _row_key(row: Row, scope: Scope, table_id: str, shape: _Shape, header: bool, keep: str, height: float) -> Hashable:
    """Return the inputs of a row; None in a redline, whose marks are numbered through the file."""
    if scope.revisions is not None:
        return None
    return (id(row), shape, header, keep, height, scope.enclosure, cited(scope, row, table_id))


@remembered(key=_row_key, after=1, effects=Writing())
def _row(row: Row, scope: Scope, table_id: str, shape: _Shape, header: bool, keep: str, height: float) -> list[str]:
    """Write a row without merged cells and return its texts.

    ``keep``: XML that keeps it on the page of the next row. ``height``: the least height that keeps it whole, 0 if not needed.
    """
    writer = _Rows(scope, table_id, shape)
    writer.keep, writer.height = keep, height
    writer.write(row, header)
    return writer.texts


class _Rows:
    """Writes the rows of one table from top to bottom into the scope's draft, their texts into ``texts``."""

    def __init__(self, scope: Scope, table_id: str, shape: _Shape) -> None:
        self.scope = scope
        self.table_id = table_id
        self.shape = shape
        self.widths = shape.widths
        self.texts: list[str] = []
        self.merges: Merges = {}
        self.keep, self.height = "", 0.0
        self.extents: dict[tuple[int, int], tuple[int, float]] = {}

    def add(self, row: Row, header: bool) -> None:
        """Add the next row. Cells that reach down tie rows together; any other row is a fragment."""
        if self.merges or look(row).merged:
            self.write(row, header)
        else:
            self.texts += _row(row, self.scope, self.table_id, self.shape, header, self.keep, self.height)

    def write(self, row: Row, header: bool) -> None:
        """Write the next row."""
        cells: list[str] = []
        cells_here, self.merges = places(row, len(self.widths), self.merges)
        for place in cells_here:
            if place.cell is None:
                cells.append(_blank(self._extent(place.column, place.span)[0], place.span, place.covered))
            else:
                cells.append(self._cell(place.cell, row, place, header))
        repeat = "<w:tblHeader/>" if header else ""
        long = self._long(row)
        whole = _TORN if long else "" if self.height else _WHOLE
        xml = f"<w:tr><w:trPr>{whole}{self._height(row, 0.0 if long else self.height)}{repeat}</w:trPr>{''.join(cells)}</w:tr>"
        self.scope.draft.out.append(xml.encode())

    def _long(self, row: Row) -> bool:
        """Whether a cell has so many lines that the row must break over pages: LibreOffice cuts off taller rows."""
        if look(row).breaks:
            return True
        column = 0
        for cell in row.cells:
            most = 0  # most cells are short: their exact length is not asked for
            for line in cell.content:
                for part in line:
                    most += len(
                        part.text if isinstance(part, Text) else part.value if isinstance(part, FormField) else ""
                    )
            length = sum(len(plain(line)) for line in cell.content) if most > WHOLE_LINES else most
            if length > WHOLE_LINES or len(cell.content) > WHOLE_LINES:
                room = max(self._extent(column, cell.colspan)[1], 1)
                if sum(1 + len(plain(line)) // room for line in cell.content) > WHOLE_LINES:
                    return True
            column += cell.colspan
        return False

    def _cell(self, cell: Cell, row: Row, place: Place, header: bool) -> str:
        width, room = self._extent(place.column, place.span)
        style, align = cell_style(cell, header, self.shape.aligns[place.column])
        ruled = ruled_cell(ruled_lines(cell, row), room)
        own_look = _HAND_LINES if ruled else f'<w:jc w:val="{align}"/>' if align else ""
        lines = []
        for line in cell.content or ((),):
            own = room if is_lone_field(line) else 0
            narrowed = self._narrowed(line, room) if style in LABEL_STYLES else ""
            xml, text = inlines(self.scope, self.table_id, line, row.key, own, ruled)
            if text:
                self.texts.append(text)
            lines.append(paragraph(style, xml, self.keep + narrowed + own_look))
        vertical = "" if look(row).at_top and has_fields(cell) else '<w:vAlign w:val="center"/>'
        start = '<w:vMerge w:val="restart"/>' if cell.rowspan > 1 else ""
        return f"<w:tc>{_cell_properties(width, place.span, start, vertical)}{''.join(lines)}</w:tc>"

    def _narrowed(self, line: Inlines, room: float) -> str:
        """Return indents that break a label by sense: no program that opens the file knows its words."""
        if self.scope.revisions is not None or len(line) != 1 or not isinstance(line[0], Text):
            return ""
        fill = label_fill(line[0].text, room)
        if fill.room == room and not fill.indent:
            return ""
        longer = max(0.0, -fill.indent)
        either, hanging, first = (
            measures.twips(chars / self.shape.chars_per_mm)
            for chars in ((room - fill.room - longer) / 2, longer, max(0.0, fill.indent))
        )
        indent = f' w:hanging="{hanging}"' if hanging else f' w:firstLine="{first}"' if first else ""
        return f'<w:ind w:left="{either + hanging}" w:right="{either}"{indent}/>'

    def _extent(self, column: int, colspan: int) -> tuple[int, float]:
        """Return a cell's width in twips and the characters that fit into it."""
        known = self.extents.get((column, colspan))
        if known is None:
            width = sum(self.widths[column : column + colspan])
            inside = max(width / 1440 * measures.MM_PER_INCH - 2 * measures.TABLE_CELL_MARGIN_MM, 1)
            known = self.extents[column, colspan] = (width, inside * self.shape.chars_per_mm)
        return known

    def _height(self, row: Row, least: float) -> str:
        own = look(row)
        if own.breaks:  # its lines make it as high; LibreOffice 7.4 splits no row that must have a height
            return ""
        height = measures.pt_twips(max(own.least_pt(self.shape.line_pt), least))
        return f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else ""


def _cell_properties(width: int, colspan: int, merge: str, vertical: str) -> str:
    span = f'<w:gridSpan w:val="{colspan}"/>' if colspan > 1 else ""
    return f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}{vertical}</w:tcPr>'


def _blank(width: int, colspan: int, merged: bool = False) -> str:
    properties = _cell_properties(width, colspan, "<w:vMerge/>" if merged else "", "")
    return f"<w:tc>{properties}{paragraph('TableCell', '')}</w:tc>"
