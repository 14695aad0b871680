"""Reads a table of any DOCX with merged cells and header rows, tracked rows as accepted; used by ``document``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from toolkit.docx.reading.inlines import Unread, WordsReader
from toolkit.docx.reading.package import tag
from toolkit.model.tree import Cell, Column, Inlines, Row, Table

_VAL = tag("val")
_ALIGNS = {"center": "center", "right": "right", "end": "right"}
_INSIDE = {tag("sdt"), tag("sdtContent"), tag("ins"), tag("moveTo")}
_HEAD_STYLES = frozenset(("表格标签",))
_LONGEST_SPAN = 200


def read_table(
    element: etree._Element, words: WordsReader, style_of: Callable[[etree._Element | None], str], left: Unread
) -> tuple[Table, list[str]]:
    """Return the table (without id and caption) and the bookmarks that begin in it."""
    starts: list[str] = []
    rows: list[list[Cell]] = []
    header = 0
    above: dict[int, tuple[int, int]] = {}
    for line in _children(element, "tr"):
        properties = line.find(tag("trPr"))
        if properties is not None and properties.find(tag("ins")) is not None:
            left.tracked += 1
        if properties is not None and properties.find(tag("del")) is not None:
            left.tracked += 1
            continue
        if properties is not None and properties.find(tag("tblHeader")) is not None and header == len(rows):
            header += 1
        cells: list[Cell] = []
        column = 0
        for cell in _children(line, "tc"):
            column += _cell(cell, column, cells, rows, above, (words, style_of, left, starts))
        rows.append(cells)
    grid = element.findall(f"{tag('tblGrid')}/{tag('gridCol')}")
    widths = [int(column.get(tag("w"), "0") or 0) for column in grid]
    smallest = min((width for width in widths if width > 0), default=1)
    columns = tuple(Column(round(max(width, 1) / smallest, 1)) for width in widths) or (Column(),)
    return Table("", columns, tuple(Row(tuple(cells)) for cells in rows), header), starts


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    children = []
    for child in element:
        if child.tag == tag(name):
            children.append(child)
        elif child.tag in _INSIDE:
            children.extend(_children(child, name))
    return children


def _cell(
    element: etree._Element,
    column: int,
    cells: list[Cell],
    rows: list[list[Cell]],
    above: dict[int, tuple[int, int]],
    tools: tuple,
) -> int:
    """Read a cell into ``cells``, or extend the merged cell above it; returns the number of columns it takes."""
    properties = element.find(tag("tcPr"))
    span, merge = 1, None
    if properties is not None:
        grid = properties.find(tag("gridSpan"))
        if grid is not None and grid.get(_VAL, "1").isdigit():
            span = min(_LONGEST_SPAN, max(1, int(grid.get(_VAL, "1"))))
        merge = properties.find(tag("vMerge"))
    if merge is not None and merge.get(_VAL) != "restart" and column in above:
        row, index = above[column]
        rows[row][index] = replace(rows[row][index], rowspan=len(rows) - row + 1)
        return span
    content, head, align = _content(element, *tools)
    if merge is not None:
        above[column] = (len(rows), len(cells))
    else:
        above.pop(column, None)
    cells.append(Cell(content, span, 1, head, align))
    return span


def _content(
    element: etree._Element, words: WordsReader, style_of: Callable, left: Unread, starts: list[str]
) -> tuple[tuple[Inlines, ...], bool, str]:
    lines: list[Inlines] = []
    head, align = False, ""
    for child in _paragraphs(element, left):
        properties = child.find(tag("pPr"))
        style = style_of(properties)
        head = head or style in _HEAD_STYLES
        justified = properties.find(tag("jc")) if properties is not None else None
        if justified is not None:
            align = _ALIGNS.get(justified.get(_VAL, ""), "")
        elif style == "表格文字居中":
            align = "center"
        read = words.read(child)
        starts.extend(read.starts)
        lines.append(tuple(read.parts))
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return tuple(lines) or ((),), head, align


def _paragraphs(element: etree._Element, left: Unread) -> list[etree._Element]:
    paragraphs = []
    for child in element:
        if child.tag == tag("p"):
            paragraphs.append(child)
        elif child.tag == tag("tbl"):
            left.add("表格中的表格")
            for row in _children(child, "tr"):
                for cell in _children(row, "tc"):
                    paragraphs.extend(_paragraphs(cell, left))
        elif child.tag in _INSIDE:
            paragraphs.extend(_paragraphs(child, left))
    return paragraphs
