"""Reads the cells of an OpenDocument spreadsheet (WPS, LibreOffice) for lists of units, as those of the same table in XLSX.

python-calamine reads values only: no formulas, error values or merged cells (OpenDocument 1.3, part 3, 9.1 and 19.6).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from lxml import etree

from toolkit.batch.grids import COLUMNS_MAX, ROWS_MAX
from toolkit.core import zips
from toolkit.core.spreadsheet import Choice, Formula, Page, plain_date

_BOUND = zips.XLSX._replace(label="ODS")
_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _TABLE, _TEXT, _STYLE = (_SPACE % name for name in ("office", "table", "text", "style"))
_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_MANIFEST = "META-INF/manifest.xml"
_TIME = re.compile(r"PT([0-9]+)H([0-9]+)M([0-9]+)(?:[.,][0-9]+)?S")


def pages(data: bytes, choice: Choice) -> list[Page]:
    """Return the wanted sheets. Raises :class:`toolkit.core.zips.PackageError`."""
    parts = zips.directory(data, _BOUND)
    if b"encryption-data" in (zips.part(data, parts[_MANIFEST], _BOUND) if _MANIFEST in parts else b""):
        raise zips.PackageError(_BOUND, "设了密码")
    try:
        return list(_pages(io.BytesIO(zips.part(data, parts["content.xml"], _BOUND)), choice))
    except (KeyError, ValueError, OverflowError, etree.XMLSyntaxError) as error:
        raise zips.PackageError(_BOUND, type(error).__name__) from error


def _pages(stream: io.BytesIO, choice: Choice) -> Iterator[Page]:
    hidden: set[str] = set()
    page, order, is_wanted = Page("", [], []), 0, False
    tags = [f"{_STYLE}style", f"{_TABLE}table", f"{_TABLE}table-row"]
    for event, element in etree.iterparse(
        stream, ("start", "end"), tag=tags, resolve_entities=False, no_network=True, huge_tree=False
    ):
        if element.getroottree().docinfo.doctype:
            raise ValueError("a document type")
        if element.tag == tags[0]:
            if element.find(f"{_STYLE}table-properties[@{_TABLE}display='false']") is not None:
                hidden.add(element.get(f"{_STYLE}name", ""))
        elif element.tag == tags[1] and event == "start":
            page = Page(element.get(f"{_TABLE}name", ""), [], [])
            is_visible = element.get(f"{_TABLE}style-name", "") not in hidden
            is_wanted = choice.is_wanted(order, page.title, is_visible)
            order += 1
        elif element.tag == tags[1]:
            if is_wanted:
                while page.rows and not page.rows[-1]:
                    page.rows.pop()
                yield page
        elif event == "end":
            if is_wanted:
                _take_row(element, page)
            element.clear()


def _take_row(row: etree._Element, page: Page) -> None:
    """Add a row as often as it is repeated; the empty ones that fill a sheet to its end are cut off above the limit."""
    cells: dict[int, Any] = {}
    column, line = 1, len(page.rows) + 1
    for cell in row.iterchildren(*_CELLS):
        count = _count(cell, "number-columns-repeated")
        value = _value(cell)
        if value is not None:
            cells.update(dict.fromkeys(range(column, min(column + count, COLUMNS_MAX + 2)), value))
        wide, high = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
        if wide > 1 or high > 1:
            page.merged.append((line, line + high - 1, column, column + wide - 1))
        column += count
    page.rows.extend([cells] * min(_count(row, "number-rows-repeated"), ROWS_MAX + 2 - len(page.rows)))


def _count(element: etree._Element, name: str) -> int:
    return max(1, int(element.get(_TABLE + name, "1")))


def _value(cell: etree._Element) -> Any:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if formula := cell.get(f"{_TABLE}formula"):
        return Formula("=" + formula.partition("=")[2], "formula")
    if cell.get(_ERROR) == "error":
        return Formula(_text(cell), "cell_error")
    if kind in ("float", "percentage", "currency"):
        number = float(cell.get(f"{_OFFICE}value", ""))
        return int(number) if number.is_integer() else number
    if kind == "date":
        return plain_date(datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", "")))
    if kind == "time":
        return _time(cell.get(f"{_OFFICE}time-value", ""))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    return cell.get(f"{_OFFICE}string-value") or _text(cell) or None


def _time(text: str) -> time | str:
    """Return a time of day; a span of a day or more stays as it is written."""
    match = _TIME.fullmatch(text)
    hours, minutes, seconds = map(int, match.groups()) if match else (24, 0, 0)
    return time(hours, minutes, seconds) if hours < 24 else text


def _text(cell: etree._Element) -> str:
    """Return the paragraphs of a cell as lines, without its comment; spaces and breaks are elements."""
    return "\n".join(_line(paragraph) for paragraph in cell.iterchildren(f"{_TEXT}p"))


def _line(paragraph: etree._Element) -> str:
    pieces = [paragraph.text or ""]
    for element in paragraph.iterdescendants("*"):
        if element.tag == f"{_TEXT}s":
            pieces.append(" " * min(int(element.get(f"{_TEXT}c", "1")), 1000))
        else:
            pieces.append({f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}.get(element.tag, element.text or ""))
        pieces.append(element.tail or "")
    return "".join(pieces)
