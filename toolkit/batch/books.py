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

from toolkit.batch.grids import COLUMNS_MAX
from toolkit.core import cells, zips
from toolkit.core.spreadsheet import PARTLY_STRUCK, ROWS_MAX, UNSEEN, Choice, Formula, Page, plain_date

_BOUND = zips.XLSX._replace(label="ODS")
#: Cells that a sheet may repeat (a row or a cell is written once, with a count).
_REPEATED_MAX = 200_000
_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _TABLE, _TEXT, _STYLE = (_SPACE % name for name in ("office", "table", "text", "style"))
_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_MANIFEST = "META-INF/manifest.xml"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_WHITE, _FLAT = "#ffffff", re.compile(r"0(?:\.0*)?(?:cm|mm|in|pt)$")
_TIME = re.compile(r"PT([0-9]+)H([0-9]+)M([0-9]+)(?:[.,][0-9]+)?S")
#: Records of a sheet's stream ([MS-XLS] 2.3): begin and end of a substream, a formula's cell.
_BOF, _EOF, _FORMULA = (0x0809, 0x0409, 0x0209, 0x0009), 0x000A, (0x0006, 0x0206, 0x0406)
_RECORD, _CELL = struct.Struct("<HH"), struct.Struct("<HH")
#: Where the tokens of a formula's record begin; the token of a text (length, flags, characters).
_TOKENS, _TEXT_TOKEN = 22, 0x17


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


class _Reading:
    """An OpenDocument table as it is read: the page, its next line, names of styles that hide tables or strike text out."""

    def __init__(self) -> None:
        self.page, self.line, self.is_wanted = Page(""), 1, False
        self.column, self.repeated = 1, 0
        self.hidden: set[str] = set()
        self.flat: set[str] = set()  # of rows without height
        self.struck: set[str] = set()
        self.unseen: set[str] = set()

    def style(self, element: etree._Element) -> None:
        """Take a style."""
        name = element.get(f"{_STYLE}name", "")
        if element.find(f"{_STYLE}table-properties[@{_TABLE}display='false']") is not None:
            self.hidden.add(name)
        text = element.find(f"{_STYLE}text-properties")
        if text is not None and text.get(f"{_STYLE}text-line-through-style", "none") != "none":
            self.struck.add(name)
        row, cell = element.find(f"{_STYLE}table-row-properties"), element.find(f"{_STYLE}table-cell-properties")
        if row is not None and _FLAT.match(row.get(f"{_STYLE}row-height", "")):
            self.flat.add(name)
        paper = "transparent" if cell is None else cell.get(f"{_FO}background-color", "transparent")
        if (
            text is not None
            and text.get(f"{_FO}color", "").lower() == _WHITE
            and paper.lower() in (_WHITE, "transparent")
        ):
            self.unseen.add(name)

    def begin(self, element: etree._Element, order: int, choice: Choice) -> None:
        """Begin a table, the ``order``-th of the file."""
        self.page, self.line = Page(element.get(f"{_TABLE}name", "")), 1
        is_visible = element.get(f"{_TABLE}style-name", "") not in self.hidden
        self.is_wanted, self.column = choice.is_wanted(order, self.page.title, is_visible), 1

    def columns(self, element: etree._Element) -> None:
        """Take the description of columns that follow one another."""
        count = min(_count(element, "number-columns-repeated"), COLUMNS_MAX)
        if element.get(f"{_TABLE}visibility", "visible") != "visible":
            self.page.hidden_columns.update(range(self.column, self.column + count))
        self.column += count

    def row(self, row: etree._Element) -> None:
        """Take a row as often as it is repeated; empty ones fill a sheet to its end."""
        found: dict[int, Any] = {}
        struck: set[int] = set()
        looks: dict[int, str] = {}
        column, written = 1, 0
        for cell in row.iterchildren(*_CELLS):
            count = _count(cell, "number-columns-repeated")
            value = _ods_value(cell)
            if value is not None:
                written += 1
                columns = range(column, min(column + count, COLUMNS_MAX + 2))
                found.update(dict.fromkeys(columns, value))
                if self.struck and (is_struck := self.is_struck(cell, row)) is not None:
                    if is_struck:
                        struck.update(columns)
                    else:
                        looks.update(dict.fromkeys(columns, PARTLY_STRUCK))
                if self.unseen and self.style_of(cell, row) in self.unseen:
                    looks.update(dict.fromkeys(columns, UNSEEN))
            wide, high = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
            if wide > 1 or high > 1:
                self.page.merged.append((self.line, self.line + high - 1, column, column + wide - 1))
            column += count
        count = _count(row, "number-rows-repeated")
        if found:
            self.repeated += count * len(found) - written
            if self.repeated > _REPEATED_MAX or self.line + count - 1 > ROWS_MAX:
                raise zips.PackageError(_BOUND, f"到第 {self.line} 行，重复的格子太多")
            lines = range(self.line, self.line + count)
            self.page.rows.extend((line, found) for line in lines)
            self.page.looks.update({(line, column): look for line in lines for column, look in looks.items()})
            is_flat = row.get(f"{_TABLE}style-name", "") in self.flat
            if is_flat or row.get(f"{_TABLE}visibility", "visible") != "visible":
                self.page.hidden.update(lines)
            if struck:
                self.page.struck.update(dict.fromkeys(lines, struck))
        self.line += count

    def style_of(self, cell: etree._Element, row: etree._Element) -> str:
        """Return the name of a cell's style."""
        return cell.get(f"{_TABLE}style-name") or row.get(f"{_TABLE}default-cell-style-name") or ""

    def is_struck(self, cell: etree._Element, row: etree._Element) -> bool | None:
        """Return whether all of a cell's text is struck out, by its style, the row's or those of its pieces; None: nothing is."""
        if self.style_of(cell, row) in self.struck:
            return True
        texts = list(cell.iterchildren(f"{_TEXT}p"))
        spans = [span for text in texts for span in text.iterchildren(f"{_TEXT}span")]
        marks = [span.get(f"{_TEXT}style-name") in self.struck for span in spans]
        if not any(marks):
            return None
        return all(marks) and not any(text.text for text in texts) and not any(span.tail for span in spans)


def _ods_pages(stream: io.BytesIO, choice: Choice) -> Iterator[Page]:
    reading, order = _Reading(), 0
    tags = [f"{_STYLE}style", f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-column"]
    for event, element in etree.iterparse(
        stream, ("start", "end"), tag=tags, resolve_entities=False, no_network=True, huge_tree=False
    ):
        if element.getroottree().docinfo.doctype:
            raise ValueError("a document type")
        if element.tag == tags[0] and event == "end":
            reading.style(element)
        elif element.tag == tags[1] and event == "start":
            reading.begin(element, order, choice)
            order += 1
        elif element.tag == tags[1]:
            if reading.is_wanted:
                yield reading.page
        elif element.tag == tags[3] and event == "end":
            reading.columns(element)
        elif element.tag == tags[2] and event == "end":
            if reading.is_wanted:
                reading.row(element)
            element.clear()


def _count(element: etree._Element, name: str) -> int:
    return max(1, int(element.get(_TABLE + name, "1")))


def _ods_value(cell: etree._Element) -> Any:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if formula := cell.get(f"{_TABLE}formula"):
        text = "=" + formula.partition("=")[2]
        return Formula(text, "formula") if (known := cells.quoted(text)) is None else known
    if cell.get(_ERROR) == "error":
        return Formula(_text(cell), "cell_error")
    if kind in ("float", "percentage", "currency"):
        number = float(cell.get(f"{_OFFICE}value", ""))
        return cells.as_shown(int(number), _text(cell)) if number.is_integer() else number
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
    sheet, formulas = book.sheet_by_index(number), dict(_formulas(book, number))
    layouts = {key: pieces for key, form in book.format_map.items() if (pieces := cells.layout(form.format_str or ""))}
    page = Page(sheet.name)
    for line in range(sheet.nrows):
        found = {}
        for column, cell in enumerate(sheet.row(line)):
            is_formula = not formulas.get((line, column), True)
            value = Formula("=", "formula") if is_formula else _xls_value(book, cell)
            if value is None:
                continue
            style = book.xf_list[cell.xf_index]
            pieces = layouts.get(style.format_key)
            found[column + 1] = cells.shown(value, pieces) if pieces else value
            _mark_xls(page, book, sheet, (line, column), style)
        if found:
            page.rows.append((line + 1, found))
    page.hidden.update(line + 1 for line, row in sheet.rowinfo_map.items() if row.hidden or row.height == 0)
    columns = ((column + 1, about) for column, about in sheet.colinfo_map.items())
    page.hidden_columns.update(column for column, about in columns if about.hidden or about.width == 0)
    page.merged.extend((first + 1, last, left + 1, right) for first, last, left, right in sheet.merged_cells)
    return page  # the ends of merged ranges are one behind


def _mark_xls(page: Page, book: Any, sheet: Any, at: tuple[int, int], style: Any) -> None:
    """Note the looks of a cell: its own font, and those of the runs that begin inside its text."""
    place, font = (at[0] + 1, at[1] + 1), book.font_list[style.font_index]
    runs = [book.font_list[number].struck_out for _, number in sheet.rich_text_runlist_map.get(at, ())]
    starts_struck = font.struck_out if not runs or sheet.rich_text_runlist_map[at][0][0] > 0 else runs[0]
    marks = [bool(starts_struck), *map(bool, runs)]
    if all(marks):
        page.struck.setdefault(place[0], set()).add(place[1])
    elif any(marks):
        page.looks[place] = PARTLY_STRUCK
    if book.colour_map.get(font.colour_index) == (255, 255, 255) and not style.background.fill_pattern:
        page.looks[place] = UNSEEN


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
    if cell.ctype != xlrd.XL_CELL_NUMBER:
        return None
    return int(value) if value.is_integer() else value


def _date(value: float, mode: Literal[0, 1]) -> date | datetime | time | float:
    """Return the day or time of a number in a format of dates; a number out of range stays one."""
    import xlrd

    try:
        moment = xlrd.xldate_as_datetime(value, mode)
    except (ValueError, OverflowError):
        return value
    return moment.time() if 0 <= value < 1 else plain_date(moment)


def _formulas(book: Any, number: int) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield the cells (from 0) of a sheet that hold formulas, and whether one is nothing but a text in quotes.

    xlrd returns their last values as if they had been typed.
    """
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
            yield _CELL.unpack_from(data, at), _is_text(data[at : at + length])
        at += length


def _is_text(record: bytes) -> bool:
    """Whether a formula's record (BIFF8, [MS-XLS] 2.4.127) holds one token, a text."""
    tokens = record[_TOKENS:]
    if len(tokens) < 3 or tokens[0] != _TEXT_TOKEN:
        return False
    size = tokens[1] * (2 if tokens[2] & 1 else 1)
    return len(tokens) == size + 3
