"""Reads the cells of an XLSX workbook; used by lists of units and by files of people.

Two libraries share the work. python-calamine takes a seventh of openpyxl's time, but returns an error value as an empty cell
and a formula as its last value, keeps 15 digits of a number, and allocates every cell between the first and the last. So it
reads a workbook whose XML, after one scan, has none of these; openpyxl reads all others. Neither tells hidden rows, struck text
and the text that a number format shows: they are found in the XML.
"""

from __future__ import annotations

import functools
import io
import posixpath
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.core import cells, zips
from toolkit.core.patterns import lazy

if TYPE_CHECKING:
    from lxml import etree

#: The size of a sheet in every program that writes XLSX.
ROWS_MAX, COLUMNS_MAX = 1_048_576, 16_384
#: A cell, with its address where that comes first, as every program writes it.
_CELL = lazy(rb'<c(?: r="([A-Z]{1,3})([0-9]{1,7})"|[\s/>])')
_FAR = lazy(rb'<(?:\w+:)?c\b[^>]*\sr="([A-Z]{4,}[0-9]*|[A-Z]+[0-9]{8,})"')
_FORMULA = lazy(rb"<f[\s/>]")
#: Error values; comments, entities and UTF-16, in which these patterns find nothing.
_NOT_PLAIN = (b'"e"', b"'e'", b"<!", b"\0")
_PREFIXED = lazy(rb":(?:[cf]|sheetData)[\s/>]")
#: A number of more digits than calamine keeps.
_LONG = lazy(rb"<v>-?[0-9]{16}")
#: A hidden row, and the number of a row.
_HIDDEN = lazy(rb"<row\b[^>]*\shidden=[\"'](?:1|true)[\"'][^>]*>")
#: Hidden columns, and the first and last of them.
_COLUMNS = lazy(rb"<(?:\w+:)?col\b[^>]*\shidden=[\"'](?:1|true)[\"'][^>]*>")
_FIRST, _LAST = lazy(rb"\smin=[\"'](\d{1,5})[\"']"), lazy(rb"\smax=[\"'](\d{1,5})[\"']")
_LINE = lazy(rb'\sr="([0-9]{1,7})"')
#: So many styles are looked for by one pattern.
_MARKED_MAX = 50
_MERGED = lazy(rb'<(?:[A-Za-z]\w*:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
#: calamine allocates every cell of the rectangle: a sheet of mostly empty cells is left to openpyxl.
_AREA_MAX, _AREA_PER_CELL = 1_000_000, 6
#: Shared texts that a workbook may have beyond one for each of its cells.
_SPARE_TEXTS = 100_000
#: Bytes that are searched for cells at a time.
_CHUNK = 1 << 20
#: Tags between the begins of two rows, and merged ranges, that are read cell by cell.
_TAGS_PER_ROW, _MERGES_MAX = 200_000, 100_000
_ROW = lazy(rb"<(?:\w+:)?row\b|</(?:\w+:)?sheetData>")
_WORKBOOK = "xl/workbook.xml"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Starts of XML in two bytes a character, in which the patterns find nothing.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
#: Namespaces of Strict Open XML (ISO/IEC 29500-1) and, for each, that of the ordinary kind (29500-4), which both libraries read.
_STRICT = b"http://purl.oclc.org/ooxml/"
_ORDINARY = b"http://schemas.openxmlformats.org/"
_STRICT_NAMES = lazy(_STRICT + rb"(\w+)/(?=\w)")
#: The exceptions that openpyxl raises for a damaged or foreign file; undocumented (XML errors are SyntaxErrors).
_FAULTS = (OSError, KeyError, ValueError, TypeError, AttributeError, SyntaxError, IndexError)


class Formula(NamedTuple):
    """A cell that cannot be used: ``code`` is ``formula``, or ``cell_error`` for an error value; ``text`` its content."""

    text: str
    code: str


class Page(NamedTuple):
    """A sheet: the lines that hold something, each with its cells by column (from 1); merged ranges (first and last row, column).

    ``hidden`` are lines that are hidden or filtered out, ``hidden_columns`` columns, ``struck`` the columns of struck-through
    cells by line.
    """

    title: str
    rows: list[tuple[int, dict[int, Any]]]
    merged: list[tuple[int, int, int, int]]
    hidden: set[int]
    struck: dict[int, set[int]]
    hidden_columns: set[int]


class Choice(NamedTuple):
    """Which sheets to read: ``is_wanted`` gets number (from 0), title and whether it is visible; ``rows`` is the last line.

    ``formulas``: return formulas as :class:`Formula`; else as their last values.
    """

    is_wanted: Callable[[int, str, bool], bool]
    formulas: bool = True
    rows: int | None = None


class _Styles(NamedTuple):
    """The styles of cells, by number: formats that show other texts than the number, struck fonts."""

    layouts: Mapping[int, cells.Layout]
    struck: frozenset[int]

    @property
    def marked(self) -> list[int]:
        """The styles that say anything."""
        return sorted({*self.layouts, *self.struck})


def pages(data: bytes, bound: zips.Bound, choice: Choice) -> list[Page]:
    """Return the wanted sheets of an XLSX workbook. Raises :class:`toolkit.core.zips.PackageError`.

    Values are text, numbers, :class:`toolkit.core.cells.Shown`, booleans, dates (at midnight), moments, times, time spans
    and :class:`Formula`.
    """
    records = zips.verify(data, bound)
    try:
        if b"purl.oclc.org" in _part(data, records, _WORKBOOK, bound):
            data = _ordinary(data, bound)
            records = zips.directory(data, bound)
        styles = _styles(_part(data, records, "xl/styles.xml", bound))
        is_plain, has_hidden = _survey(data, records, bound, choice)
        if is_plain and len(styles.marked) <= _MARKED_MAX:
            from python_calamine import CalamineError

            try:
                found = list(_quick_pages(data, choice))
                if has_hidden or styles.marked:
                    _mark(found, data, records, bound, styles, choice)
                return found
            except (CalamineError, KeyError):
                pass  # openpyxl reads it, or reports the fault
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on parts that it would lose in writing
            return list(_full_pages(data, choice, styles))
    except _FAULTS as error:
        raise zips.PackageError(bound, type(error).__name__) from error
    except _Outside as error:
        raise zips.PackageError(bound, str(error)) from error


class _Outside(Exception):
    """A cell outside of any sheet; the message is Chinese."""


def _part(data: bytes, records: Mapping[str, zips.Record], name: str, bound: zips.Bound) -> bytes:
    return zips.part(data, records[name], bound) if name in records else b""


def _ordinary(data: bytes, bound: zips.Bound) -> bytes:
    """Return a workbook of Strict Open XML as an ordinary one; their parts differ in namespaces (29500-4, annex A)."""

    def name(match: re.Match[bytes]) -> bytes:
        return _ORDINARY + match[1] + b"/2006/"

    parts = zips.unpack(data, bound)
    return zips.assemble(zips.stored(key, _STRICT_NAMES.sub(name, part)) for key, part in parts.items())


def _styles(xml: bytes) -> _Styles:
    """Read the styles of cells from their part (ECMA-376 part 1, 18.8). Raises XMLSyntaxError, ValueError."""
    if not xml:
        return _Styles({}, frozenset())
    root = xml_of(xml)
    formats = {entry.get("numFmtId"): cells.layout(entry.get("formatCode", "")) for entry in root.iter("{*}numFmt")}
    fonts = [_is_struck(font) for font in root.iterfind("{*}fonts/{*}font")]
    layouts, struck = {}, set()
    for number, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
        if pieces := formats.get(style.get("numFmtId")):
            layouts[number] = pieces
        font = int(style.get("fontId", "0"))
        if font < len(fonts) and fonts[font]:
            struck.add(number)
    return _Styles(layouts, frozenset(struck))


def _is_struck(font: etree._Element) -> bool:
    mark = font.find("{*}strike")
    return mark is not None and mark.get("val", "1") in ("1", "true", "on")


def _survey(data: bytes, records: Mapping[str, zips.Record], bound: zips.Bound, choice: Choice) -> tuple[bool, bool]:
    """Return whether calamine reads the cells of a workbook without loss, and whether any row may be hidden.

    Raises :class:`toolkit.core.zips.TooLarge` for more texts than cells.
    """
    has_hidden = False
    is_plain, count, texts = True, 0, 0
    for record in records.values():
        part = zips.part(data, record, bound)
        if b"sheetData" not in part:
            is_plain = is_plain and not part.startswith(_WIDE)
            texts += part.count(b"<si") + part.count(b":si")
            continue
        width, height, here = _extent(part)
        count += here
        has_hidden = has_hidden or b"hidden=" in part
        is_plain = is_plain and width * height <= max(_AREA_MAX, _AREA_PER_CELL * here) and _is_plain(part, choice)
    if texts > count + _SPARE_TEXTS:
        raise zips.TooLarge(bound)
    return is_plain, has_hidden


def _is_plain(part: bytes, choice: Choice) -> bool:
    """Whether a sheet has nothing that calamine does not tell."""
    if any(mark in part for mark in _NOT_PLAIN) or _PREFIXED.search(part) or _LONG.search(part):
        return False
    if b"hidden=" in part and not all(map(_LINE.search, _HIDDEN.findall(part))):
        return False
    return not (choice.formulas and _FORMULA.search(part))


def _extent(part: bytes) -> tuple[int, int, int]:
    """Return the last column and line of a sheet and its count of cells; both are infinite for cells without an address."""
    columns: set[bytes] = set()
    height, count, start = 0, 0, 0
    while start < len(part):
        end = part.rfind(b"<c", start + 1, start + _CHUNK) if start + _CHUNK < len(part) else len(part)
        end = end if end > start else min(start + _CHUNK, len(part))
        addresses = _CELL.findall(part, start, end)
        lines = {line for _, line in addresses}
        if b"" in lines:
            if far := _FAR.search(part):
                raise _Outside(f"{far[1][:20].decode()} 超出了工作表的范围")
            return COLUMNS_MAX, ROWS_MAX, part.count(b"<c ") + part.count(b"<c>")
        columns |= {column for column, _ in addresses}
        height = max(height, max(map(int, lines), default=0))
        count, start = count + len(addresses), end
    return max(map(column_number, columns), default=0), height, count


def column_number(column: bytes) -> int:
    """Return the number of a column (``AB`` is 28)."""
    return functools.reduce(lambda number, char: number * 26 + char - 64, column, 0)


def _quick_pages(data: bytes, choice: Choice) -> Iterator[Page]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    with load_workbook(io.BytesIO(data)) as book:
        sheets = [
            (number, sheet) for number, sheet in enumerate(book.sheets_metadata) if sheet.typ == SheetTypeEnum.WorkSheet
        ]
        for order, (number, about) in enumerate(sheets):
            if not choice.is_wanted(order, about.name, about.visible == SheetVisibleEnum.Visible):
                continue
            sheet = book.get_sheet_by_index(number)
            rows = [
                (line, found)
                for line, row in enumerate(sheet.to_python(skip_empty_area=False, nrows=choice.rows), 1)
                if (found := {column: _whole(value) for column, value in enumerate(row, 1) if value != ""})
            ]
            merged = [
                (top + 1, bottom + 1, left + 1, right + 1)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
            ]
            yield Page(about.name, rows, merged, set(), {}, set())


def _mark(
    found: list[Page],
    data: bytes,
    records: Mapping[str, zips.Record],
    bound: zips.Bound,
    styles: _Styles,
    choice: Choice,
) -> None:
    """Add to pages the properties that calamine does not return. Raises KeyError for a sheet whose part is not found."""
    parts: dict[str, str] = {}
    for page in found:
        parts = parts or sheet_parts(data, records, bound)
        xml = zips.part(data, records[parts[page.title]], bound)
        if b"hidden=" in xml:
            lines = (int(match[1]) for row in _HIDDEN.findall(xml) if (match := _LINE.search(row)))
            page.hidden.update(line for line in lines if choice.rows is None or line <= choice.rows)
            page.hidden_columns.update(_hidden_columns(xml))
        if not styles.marked:
            continue
        numbers = b"|".join(b"%d" % number for number in styles.marked)
        rows = dict(page.rows)
        for column, line, style in re.findall(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*\ss="(%s)"' % numbers, xml):
            _mark_cell(page, rows.get(int(line), {}), int(line), column_number(column), int(style), styles)


def _mark_cell(page: Page, row: dict[int, Any], line: int, column: int, style: int, styles: _Styles) -> None:
    if column not in row:
        return
    if style in styles.layouts:
        row[column] = cells.shown(row[column], styles.layouts[style])
    if style in styles.struck:
        page.struck.setdefault(line, set()).add(column)


def sheet_parts(data: bytes, records: Mapping[str, zips.Record], bound: zips.Bound) -> dict[str, str]:
    """Return the part of each sheet by its title."""
    book = xml_of(_part(data, records, _WORKBOOK, bound))
    relations = xml_of(_part(data, records, "xl/_rels/workbook.xml.rels", bound))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    return {
        sheet.get("name", ""): posixpath.normpath(posixpath.join("/xl", targets[sheet.get(_ID)]))[1:]
        for sheet in book.iterfind("{*}sheets/{*}sheet")
    }


def xml_of(part: bytes) -> etree._Element:
    """Return the root of a part, read without entities or network. Raises XMLSyntaxError."""
    from lxml import etree

    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _whole(value: Any) -> Any:
    """Return a value with whole floats as integers and midnights as dates: calamine reads all numbers as floats."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return plain_date(value) if isinstance(value, datetime) else value


def _full_pages(data: bytes, choice: Choice, styles: _Styles) -> Iterator[Page]:
    from openpyxl import load_workbook
    from openpyxl.worksheet._reader import WorkSheetParser

    book: Any = load_workbook(io.BytesIO(data), read_only=True, data_only=not choice.formulas)
    for order, sheet in enumerate(book.worksheets):
        if not choice.is_wanted(order, sheet.title, sheet.sheet_state == "visible"):
            continue
        xml = book._archive.read(sheet._worksheet_path)
        _refuse_floods(xml)
        # The rows of a read-only sheet are as many as the number of its last, however few there are.
        parser: Any = WorkSheetParser(
            io.BytesIO(xml),
            sheet._shared_strings,
            data_only=book.data_only,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        page = Page(sheet.title, [], list(_merged(xml)), set(), {}, set())
        for line, row in parser.parse():
            if choice.rows is not None and line > choice.rows:
                break
            _take_row(page, line, row, styles)
        page.rows.sort(key=lambda row: row[0])
        page.hidden.update(_hidden(parser.row_dimensions))
        page.hidden_columns.update(_hidden_columns(xml))
        yield page


def _refuse_floods(xml: bytes) -> None:
    """Raise for a sheet whose rows hold more than any program writes: openpyxl takes each row, and all merges, as one tree."""
    if xml.count(b"mergeCell ") > _MERGES_MAX:
        raise _Outside("合并单元格太多")
    start = 0
    for match in _ROW.finditer(xml):
        if xml.count(b"<", start, match.start()) > _TAGS_PER_ROW:
            raise _Outside("一行里的内容太多")
        start = match.start()


def _take_row(page: Page, line: int, row: list[dict[str, Any]], styles: _Styles) -> None:
    found = {}
    for cell in row:
        if cell["value"] is None:
            continue
        column, style = cell["column"], cell["style_id"]
        if line > ROWS_MAX or column > COLUMNS_MAX:
            raise _Outside(f"第 {line} 行第 {column} 列超出了工作表的范围")
        value = _value(cell["value"], cell["data_type"])
        found[column] = value
        _mark_cell(page, found, line, column, style, styles)
    if found:
        page.rows.append((line, found))


def _hidden(dimensions: Mapping[str, Mapping[str, str]]) -> Iterator[int]:
    for line, attributes in dimensions.items():
        if attributes.get("hidden") in ("1", "true"):
            yield int(line)


def _hidden_columns(xml: bytes) -> Iterator[int]:
    """Yield the hidden columns of a sheet, of those that it can have."""
    for match in _COLUMNS.findall(xml.partition(b"<sheetData")[0]):
        first, last = (int(found[1]) if (found := edge.search(match)) else 0 for edge in (_FIRST, _LAST))
        yield from range(max(first, 1), min(last, COLUMNS_MAX) + 1)


def _value(value: Any, kind: str) -> Any:
    if kind == "f":
        text = str(getattr(value, "text", value))  # an array formula is an object
        return Formula(text, "formula") if (known := cells.quoted(text)) is None else known
    if kind == "e":
        return Formula(str(value), "cell_error")
    return plain_date(value) if isinstance(value, datetime) else value


def _merged(xml: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the merged ranges of a sheet, which openpyxl leaves out in its read-only mode."""
    for match in _MERGED.finditer(xml):
        yield int(match[2]), int(match[4]), column_number(match[1]), column_number(match[3])


def plain_date(moment: datetime) -> Any:
    """Return a moment that is midnight as its day."""
    return moment.date() if moment.time() == time() else moment
