"""Tables and form grids: fixed widths on the template's type area, header rows that repeat, merged cells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from toolkit import layout
from toolkit.docx.inline import Scope, inlines, is_lone_field
from toolkit.docx.markup import paragraph
from toolkit.model import Cell, Column, FormField, Row, Table

#: Least height of a row with room to write by hand.
FIELD_ROW_MM = 8.0
#: From this many lines on, what is written starts at the top of the cell.
_TALL = 3
#: A table's paragraphs are smaller than 3号: characters of small 4号 that fit into a millimetre.
_CHARS_PER_MM = 1 / (layout.SIZE_SMALL_4 * layout.MM_PER_INCH / 72)
#: What keeps two tables apart and ends a body that ends in a table.
SEPARATOR = '<w:p><w:pPr><w:pStyle w:val="TableCell"/><w:spacing w:line="120" w:lineRule="exact"/></w:pPr></w:p>'


@dataclass(slots=True)
class _Merge:
    """A cell that reaches down: ``rows`` more rows."""

    rows: int
    colspan: int


def grid_widths(columns: tuple[Column, ...], body_width_mm: float) -> list[int]:
    """Return column widths in twips that add up to the type area, by weight."""
    total = layout.twips(body_width_mm)
    weights = [max(column.width, 0.01) for column in columns]
    scale = total / sum(weights)
    edges, reached = [0], 0.0
    for weight in weights:
        reached += weight
        edges.append(round(reached * scale))
    return [after - before for before, after in pairwise(edges)]


def table(scope: Scope, block: Table, body_width_mm: float) -> tuple[str, str, str]:
    """Return (caption paragraph or ``""``, table, text of all cells). The caption's bookmark is the caller's."""
    caption = ""
    texts: list[str] = []
    if block.caption:
        caption, text = inlines(scope, block.id, block.caption)
        texts.append(text)
    widths = grid_widths(block.columns, body_width_mm)
    xml = [
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" '
        'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>'
        + "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
        + "</w:tblGrid>"
    ]
    writer = _Rows(scope, block, widths, texts)
    xml.extend(writer.row(row, place < block.header_rows) for place, row in enumerate(block.rows))
    xml.append("</w:tbl>")
    return caption, "".join(xml), "\n".join(texts)


class _Rows:
    """Writes the rows of one table from top to bottom."""

    def __init__(self, scope: Scope, block: Table, widths: list[int], texts: list[str]) -> None:
        self.scope = scope
        self.block = block
        self.widths = widths
        self.texts = texts
        self.merges: dict[int, _Merge] = {}

    def row(self, row: Row, header: bool) -> str:
        cells: list[str] = []
        column = 0
        for cell in row.cells:
            column = self._covered(cells, column)
            cells.append(self._cell(cell, row, column, header))
            if cell.rowspan > 1:
                self.merges[column] = _Merge(cell.rowspan - 1, cell.colspan)
            column += cell.colspan
        column = self._covered(cells, column)
        if column < len(self.widths):
            cells.append(_blank(sum(self.widths[column:]), len(self.widths) - column))
        repeat = "<w:tblHeader/>" if header else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{_height(row)}{repeat}</w:trPr>{''.join(cells)}</w:tr>"

    def _covered(self, cells: list[str], column: int) -> int:
        """Add the cells that a cell above covers; return the next free column."""
        while column in self.merges:
            merge = self.merges[column]
            width = sum(self.widths[column : column + merge.colspan])
            cells.append(_blank(width, merge.colspan, merged=True))
            merge.rows -= 1
            if not merge.rows:
                del self.merges[column]
            column += merge.colspan
        return column

    def _cell(self, cell: Cell, row: Row, column: int, header: bool) -> str:
        width = sum(self.widths[column : column + cell.colspan])
        align = cell.align or (self.block.columns[column].align if column < len(self.widths) else "left")
        style, justify = _style(cell, header, align)
        room = max(width / 1440 * layout.MM_PER_INCH - 2 * layout.TABLE_CELL_MARGIN_MM, 1) * _CHARS_PER_MM
        lines = []
        for line in cell.content or ((),):
            xml, text = inlines(self.scope, self.block.id, line, row.key, room if is_lone_field(line) else 0)
            if text:
                self.texts.append(text)
            lines.append(paragraph(style, xml, justify))
        tall = row.height >= _TALL and any(isinstance(part, FormField) for line in cell.content for part in line)
        place = "" if tall else '<w:vAlign w:val="center"/>'
        start = '<w:vMerge w:val="restart"/>' if cell.rowspan > 1 else ""
        return f"<w:tc>{_cell_properties(width, cell.colspan, start, place)}{''.join(lines)}</w:tc>"


def _style(cell: Cell, header: bool, align: str) -> tuple[str, str]:
    if header:
        return "TableHead", ""
    if cell.head:
        return "TableLabel", ""
    if align == "center":
        return "TableCellCenter", ""
    return "TableCell", '<w:jc w:val="right"/>' if align == "right" else ""


def _height(row: Row) -> str:
    height = layout.pt_twips(row.height * layout.TABLE_LINE_PT)
    if any(isinstance(part, FormField) for cell in row.cells for line in cell.content for part in line):
        height = max(height, layout.twips(FIELD_ROW_MM))
    return f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else ""


def _cell_properties(width: int, colspan: int, merge: str, place: str) -> str:
    span = f'<w:gridSpan w:val="{colspan}"/>' if colspan > 1 else ""
    return f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}{place}</w:tcPr>'


def _blank(width: int, colspan: int, merged: bool = False) -> str:
    properties = _cell_properties(width, colspan, "<w:vMerge/>" if merged else "", "")
    return f"<w:tc>{properties}{paragraph('TableCell', '')}</w:tc>"


def caption_paragraph(caption: str) -> str:
    """Return the caption's paragraph; it stays with the table."""
    return paragraph("TableCaption", caption, "<w:keepNext/>")


__all__ = ["SEPARATOR", "caption_paragraph", "grid_widths", "table"]
