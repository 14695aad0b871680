"""Reads the cells of XLS (BIFF) and OpenDocument spreadsheets for lists, as those of the same table in XLSX; used by ``sheet``.

Both formats are other libraries' in part only. python-calamine reads an ODS without formulas, error values and merged cells
(OpenDocument 1.3, part 3, 9.1 and 19.6). It reads an XLS in a tenth of xlrd's time, but a formula as its last value and an
error value as an empty cell, and an XLS has no XML in which the two could be found.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Literal

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
#: Records of a sheet's stream ([MS-XLS] 2.3): begin and end of a substream, a formula's cell.
_BOF, _EOF, _FORMULA = (0x0809, 0x0409, 0x0209, 0x0009), 0x000A, (0x0006, 0x0206, 0x0406)
_RECORD, _CELL = struct.Struct("<HH"), struct.Struct("<HH")


# --- OpenDocument ------------------------------------------------------------------------------------------------


def ods_pages(data: bytes, choice: Choice) -> list[Page]:
    """Return the wanted sheets of an ODS. Raises :class:`toolkit.core.zips.PackageError`."""
    parts = zips.directory(data, _BOUND)
    if b"encryption-data" in (zips.part(data, parts[_MANIFEST], _BOUND) if _MANIFEST in parts else b""):
        raise zips.PackageError(_BOUND, "设了密码")
    try:
        return list(_ods_pages(io.BytesIO(zips.part(data, parts["content.xml"], _BOUND)), choice))
    except (KeyError, ValueError, OverflowError, etree.XMLSyntaxError) as error:
        raise zips.PackageError(_BOUND, type(error).__name__) from error


def _ods_pages(stream: io.BytesIO, choice: Choice) -> Iterator[Page]:
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
        value = _ods_value(cell)
        if value is not None:
            cells.update(dict.fromkeys(range(column, min(column + count, COLUMNS_MAX + 2)), value))
        wide, high = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
        if wide > 1 or high > 1:
            page.merged.append((line, line + high - 1, column, column + wide - 1))
        column += count
    page.rows.extend([cells] * min(_count(row, "number-rows-repeated"), ROWS_MAX + 2 - len(page.rows)))


def _count(element: etree._Element, name: str) -> int:
    return max(1, int(element.get(_TABLE + name, "1")))


def _ods_value(cell: etree._Element) -> Any:
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


# --- XLS ---------------------------------------------------------------------------------------------------------


def xls_faults() -> tuple[type[Exception], ...]:
    """Return the exceptions of xlrd for damaged files, which are not documented (like openpyxl's): those that it raises."""
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    standard = ValueError, LookupError, TypeError, AttributeError, AssertionError, OverflowError
    return (XLRDError, CompDocError, struct.error, *standard)


def xls_pages(data: bytes, choice: Choice) -> list[Page]:
    """Return the wanted sheets of an XLS. Raises any of :func:`xls_faults`."""
    try:
        book = _opened(data)
    except UnicodeDecodeError:
        book = _opened(data, "gb18030")
    sheets = [book.sheet_by_index(number) for number in range(book.nsheets)]
    return [
        _xls_page(book, number)
        for number, sheet in enumerate(sheets)
        if choice.is_wanted(number, sheet.name, not sheet.visibility)
    ]


def _opened(data: bytes, encoding: str | None = None) -> Any:
    import xlrd

    # xlrd reports merged cells only with formats, keeps the stream only on demand, and prints its messages without a file.
    return xlrd.open_workbook(
        file_contents=data,
        formatting_info=True,
        on_demand=True,
        ragged_rows=True,
        encoding_override=encoding,
        logfile=io.StringIO(),
    )


def _xls_page(book: Any, number: int) -> Page:
    sheet, formulas = book.sheet_by_index(number), set(_formulas(book, number))
    rows = []
    for line in range(sheet.nrows):
        cells = {}
        for column, cell in enumerate(sheet.row(line)):
            value = Formula("=", "formula") if (line, column) in formulas else _xls_value(book, cell)
            if value is not None:
                cells[column + 1] = value
        rows.append(cells)
    merged = [
        (first + 1, last, left + 1, right) for first, last, left, right in sheet.merged_cells
    ]  # ends are one behind
    return Page(sheet.name, rows, merged)


def _xls_value(book: Any, cell: Any) -> Any:
    import xlrd

    value = cell.value
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return value
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _date(value, book.datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Formula(xlrd.error_text_from_code.get(value, "#N/A"), "cell_error")
    return value if cell.ctype == xlrd.XL_CELL_NUMBER else None


def _date(value: float, mode: Literal[0, 1]) -> date | datetime | time | float:
    """Return the day or time of a number in a format of dates; a number out of range stays one."""
    import xlrd

    try:
        moment = xlrd.xldate_as_datetime(value, mode)
    except (ValueError, OverflowError):
        return value
    return moment.time() if 0 <= value < 1 else plain_date(moment)


def _formulas(book: Any, number: int) -> Iterator[tuple[int, int]]:
    """Yield the cells (from 0) of a sheet that hold formulas; xlrd returns their last values as if they had been typed."""
    data, at, depth = book.mem, book._sh_abs_posn[number], 0
    while at + _RECORD.size <= len(data):
        code, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        if code in _BOF:
            depth += 1
        elif code == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif code in _FORMULA and depth == 1 and length >= _CELL.size:
            yield _CELL.unpack_from(data, at)
        at += length
