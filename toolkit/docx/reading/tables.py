"""Makes a table of the tree from one of a DOCX, with merged cells and header rows; used by ``document``."""

from __future__ import annotations

from dataclasses import replace

from toolkit.docx.reading.identity import Identity
from toolkit.docx.reading.inlines import Unread, joined, read_inlines
from toolkit.docx.reading.package import tag
from toolkit.docx.reading.story import TableCell, WordTable, paragraphs_of
from toolkit.model.tree import Cell, Column, Inlines, Row, Table

_ALIGNS = {"center": "center", "right": "right", "end": "right"}
_HEAD_STYLES = frozenset(("表格标签",))
#: A kind of :class:`Unread`: words in a cell that continues the one above, which no program shows.
UNDER_MERGED = "合并单元格下面不显示的文字"


def read_table(source: WordTable, identity: Identity, unread: Unread) -> Table:
    """Return the table without id and caption.

    A row may have more cells than the grid has columns: other programs write such, and no cell is lost.
    """
    rows: list[list[Cell]] = []
    header = widest = 0
    above: dict[int, tuple[int, int]] = {}
    for line in source.rows:
        header += line.header and header == len(rows)
        cells = [Cell(((),), line.before)] if line.before else []
        column = line.before
        for cell in line.cells:
            if cell.merged and column in above:
                row, index = above[column]
                rows[row][index] = replace(rows[row][index], rowspan=len(rows) - row + 1)
                if cell.text.strip():
                    unread.add(UNDER_MERGED, cell.text.strip())
            else:
                above.pop(column, None)
                if cell.begins or cell.merged:
                    above[column] = (len(rows), len(cells))
                content, head, align = _content(cell, identity, unread)
                cells.append(Cell(content, cell.span, 1, head, align))
            column += cell.span
        rows.append(cells)
        widest = max(widest, column)
    smallest = min((width for width in source.widths if width > 0), default=1)
    widths = (*source.widths, *[smallest] * (widest - len(source.widths)))
    columns = tuple(Column(round(max(width, 1) / smallest, 1)) for width in widths) or (Column(),)
    return Table("", columns, tuple(Row(tuple(cells)) for cells in rows), header)


def _content(cell: TableCell, identity: Identity, unread: Unread) -> tuple[tuple[Inlines, ...], bool, str]:
    """Return the lines of a cell, whether it is a head, and its alignment. Nested tables become lines."""
    lines: list[Inlines] = []
    head, align, goes_on = False, "", False
    for _ in (block for block in cell.blocks if isinstance(block, WordTable)):
        unread.add("表格中的表格")
    for paragraph in paragraphs_of(cell.blocks):
        head = head or paragraph.style in _HEAD_STYLES
        justified = paragraph.properties.find(tag("jc")) if paragraph.properties is not None else None
        if justified is not None:
            align = _ALIGNS.get(justified.get(tag("val"), ""), "")
        elif paragraph.style == "表格文字居中":
            align = "center"
        unread.add_of(paragraph)
        line = read_inlines(paragraph, identity)
        if goes_on:
            lines[-1] = joined(lines[-1], line)
        else:
            lines.append(line)
        goes_on = paragraph.joins
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return tuple(lines) or ((),), head, align
