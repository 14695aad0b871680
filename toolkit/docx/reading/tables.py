"""Reads a table of any DOCX: merged cells, header rows, tracked rows as accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from toolkit.docx.reading.inlines import Left, WordsReader
from toolkit.docx.reading.package import tag
from toolkit.model.tree import Cell, Column, Inlines, Row, Table

_VAL = tag("val")
_ALIGNS = {"center": "center", "right": "right", "end": "right"}
_INSIDE = {tag("sdt"), tag("sdtContent"), tag("ins"), tag("moveTo")}
_HEAD_STYLES = frozenset(("表格标签",))
_LONGEST_SPAN = 200


def read_table(
    element: etree._Element, words: WordsReader, style_of: Callable[[etree._Element | None], str], left: Left
) -> tuple[Table, list[str]]:
    """Return the table (without id and caption) and the bookmarks that begin in it."""
    starts: list[str] = []
    rows: list[list[tuple[int, Cell]]] = []
    header = 0
    above: dict[int, tuple[int, int]] = {}
    for one in _children(element, "tr"):
        properties = one.find(tag("trPr"))
        if properties is not None and properties.find(tag("ins")) is not None:
            left.tracked += 1
        if properties is not None and properties.find(tag("del")) is not None:
            left.tracked += 1
            continue
        if properties is not None and properties.find(tag("tblHeader")) is not None and header == len(rows):
            header += 1
        cells: list[tuple[int, Cell]] = []
        column = 0
        for cell in _children(one, "tc"):
            column += _cell(cell, column, len(rows), cells, rows, above, (words, style_of, left, starts))
        rows.append(cells)
    widths = [int(one.get(tag("w"), "0") or 0) for one in element.findall(f"{tag('tblGrid')}/{tag('gridCol')}")]
    smallest = min((one for one in widths if one > 0), default=1)
    columns = tuple(Column(round(max(one, 1) / smallest, 1)) for one in widths) or (Column(),)
    made = tuple(Row(tuple(cell for _, cell in cells)) for cells in rows)
    return Table("", columns, made, header), starts


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    found = []
    for child in element:
        if child.tag == tag(name):
            found.append(child)
        elif child.tag in _INSIDE:
            found.extend(_children(child, name))
    return found


def _cell(
    element: etree._Element,
    column: int,
    row: int,
    cells: list[tuple[int, Cell]],
    rows: list[list[tuple[int, Cell]]],
    above: dict[int, tuple[int, int]],
    tools: tuple,
) -> int:
    """Read a cell into ``cells``, or make the one that covers it longer; return how many columns it takes."""
    properties = element.find(tag("tcPr"))
    span, merge = 1, None
    if properties is not None:
        grid = properties.find(tag("gridSpan"))
        span = (
            min(_LONGEST_SPAN, max(1, int(grid.get(_VAL, "1"))))
            if grid is not None and grid.get(_VAL, "1").isdigit()
            else 1
        )
        merge = properties.find(tag("vMerge"))
    if merge is not None and merge.get(_VAL) != "restart" and column in above:
        at, place = above[column]
        first, cell = rows[at][place]
        rows[at][place] = (first, replace(cell, rowspan=row - at + 1))
        return span
    content, head, align = _content(element, *tools)
    if merge is not None:
        above[column] = (row, len(cells))
    else:
        above.pop(column, None)
    cells.append((column, Cell(content, span, 1, head, align)))
    return span


def _content(
    element: etree._Element, words: WordsReader, style_of: Callable, left: Left, starts: list[str]
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
        found = words.read(child)
        starts.extend(found.starts)
        lines.append(tuple(found.parts))
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return tuple(lines) or ((),), head, align


def _paragraphs(element: etree._Element, left: Left) -> list[etree._Element]:
    found = []
    for child in element:
        if child.tag == tag("p"):
            found.append(child)
        elif child.tag == tag("tbl"):
            left.add("表格中的表格")
            for row in _children(child, "tr"):
                for cell in _children(row, "tc"):
                    found.extend(_paragraphs(cell, left))
        elif child.tag in _INSIDE:
            found.extend(_paragraphs(child, left))
    return found
