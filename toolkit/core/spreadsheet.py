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
from dataclasses import dataclass, field
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
#: A row that is hidden or less than a point high, and the number of a row.
_HIDDEN = lazy(rb"<row\b[^>]*\s(?:hidden=[\"'](?:1|true)|ht=[\"']0(?:\.[0-9]*)?)[\"'][^>]*>")
#: Columns that are hidden or narrower than a character, and the first and last of them.
_COLUMNS = lazy(rb"<(?:\w+:)?col\b[^>]*\s(?:hidden=[\"'](?:1|true)|width=[\"']0(?:\.[0-9]*)?)[\"'][^>]*>")
_FIRST, _LAST = lazy(rb"\smin=[\"'](\d{1,5})[\"']"), lazy(rb"\smax=[\"'](\d{1,5})[\"']")
#: A cell with a shared text, and one with a text of its own.
_SHARED_CELL = lazy(rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*\st="s"[^>]*><(?:\w+:)?v>([0-9]{1,9})<')
_OWN_CELL = lazy(
    rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*\st="inlineStr"[^>]*>(<(?:\w+:)?is>.{1,40000}?</(?:\w+:)?is>)',
    re.DOTALL,
)
_RUN = lazy(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_STRUCK_RUN = lazy(rb"<(?:\w+:)?strike(?:/| val=[\"'](?:1|true))")
_TEXT = lazy(rb"<(?:\w+:)?t(?: [^>]*)?>[^<]*\S[^<]*</")
_ITEM = lazy(rb"<(?:\w+:)?si(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
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
_WORKBOOK, _SHARED = "xl/workbook.xml", "xl/sharedStrings.xml"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Starts of XML in two bytes a character, in which the patterns find nothing.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
#: Namespaces of Strict Open XML (ISO/IEC 29500-1) and, for each, that of the ordinary kind (29500-4), which both libraries read.
_STRICT = b"http://purl.oclc.org/ooxml/"
_ORDINARY = b"http://schemas.openxmlformats.org/"
_STRICT_NAMES = lazy(_STRICT + rb"(\w+)/(?=\w)")
#: The exceptions that openpyxl raises for a damaged or foreign file; undocumented (XML errors are SyntaxErrors).
_FAULTS = (OSError, KeyError, ValueError, TypeError, AttributeError, SyntaxError, IndexError)


#: A part of a cell's text is struck through; its text is white on white, or shown by a format of nothing.
PARTLY_STRUCK, UNSEEN = "partly_struck", "unseen_cells"


class Formula(NamedTuple):
    """A cell that cannot be used: ``code`` is ``formula``, or ``cell_error`` for an error value; ``text`` its content."""

    text: str
    code: str


@dataclass(slots=True)
class Page:
    """A sheet: the lines that hold something, each with its cells by column (from 1); merged ranges (first and last row, column).

    ``hidden`` are lines that are hidden, filtered out or of no height, ``hidden_columns`` columns, ``struck`` the columns of
    struck-through cells by line. ``looks`` says by line and column what else of a cell its reader cannot see as it is read:
    :data:`PARTLY_STRUCK`, :data:`UNSEEN`.
    """

    title: str
    rows: list[tuple[int, dict[int, Any]]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    struck: dict[int, set[int]] = field(default_factory=dict)
    hidden_columns: set[int] = field(default_factory=set)
    looks: dict[tuple[int, int], str] = field(default_factory=dict)


class Choice(NamedTuple):
    """Which sheets to read: ``is_wanted`` gets number (from 0), title and whether it is visible; ``rows`` is the last line.

    ``formulas``: return formulas as :class:`Formula`; else as their last values.
    """

    is_wanted: Callable[[int, str, bool], bool]
    formulas: bool = True
    rows: int | None = None


class _Styles(NamedTuple):
    """What the styles of cells say, by number: formats that show other texts than the number, struck fonts, unseen texts."""

    layouts: Mapping[int, cells.Layout]
    struck: frozenset[int]
    unseen: frozenset[int] = frozenset()

    @property
    def marked(self) -> list[int]:
        """The styles that say anything."""
        return sorted({*self.layouts, *self.struck, *self.unseen})


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
        is_plain, may_differ = _survey(data, records, bound, choice)
        if is_plain and len(styles.marked) <= _MARKED_MAX:
            from python_calamine import CalamineError

            try:
                found = list(_quick_pages(data, choice))
                if may_differ or styles.marked:
                    _mark(found, data, records, bound, styles, choice)
                return found
            except (CalamineError, KeyError):
                pass  # openpyxl reads it, or reports the fault
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on what it would lose in writing
            return list(_full_pages(data, choice, styles, _struck_texts(_part(data, records, _SHARED, bound))))
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
    empty = {entry.get("numFmtId") for entry in root.iter("{*}numFmt") if entry.get("formatCode") == ";;;"}
    fonts = [(_is_struck(font), _is_white(font)) for font in root.iterfind("{*}fonts/{*}font")]
    blank = [_is_blank(fill) for fill in root.iterfind("{*}fills/{*}fill")]
    layouts, struck, unseen = {}, set(), set()
    for number, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
        form, font, fill = (style.get(name, "0") for name in ("numFmtId", "fontId", "fillId"))
        if pieces := formats.get(form):
            layouts[number] = pieces
        is_struck, is_white = fonts[int(font)] if int(font) < len(fonts) else (False, False)
        if is_struck:
            struck.add(number)
        if form in empty or (is_white and (int(fill) >= len(blank) or blank[int(fill)])):
            unseen.add(number)
    return _Styles(layouts, frozenset(struck), frozenset(unseen))


def _is_struck(font: etree._Element) -> bool:
    mark = font.find("{*}strike")
    return mark is not None and mark.get("val", "1") in ("1", "true", "on")


def _is_white(part: etree._Element) -> bool:
    """Whether the colour of a font, or of a fill's pattern, is white (18.8.3: theme colour 0 is the paper's)."""
    colour = part.find("{*}color") if part.tag.endswith("}font") else part.find("{*}fgColor")
    if colour is None:
        return False
    is_plain = float(colour.get("tint", "0")) == 0
    return is_plain and (colour.get("rgb", "")[-6:].upper() == "FFFFFF" or colour.get("theme") == "0")


def _is_blank(fill: etree._Element) -> bool:
    pattern = fill.find("{*}patternFill")
    kind = "none" if pattern is None else pattern.get("patternType", "none")
    is_gradient = fill.find("{*}gradientFill") is not None
    return not is_gradient and (kind == "none" or (pattern is not None and kind == "solid" and _is_white(pattern)))


def _survey(data: bytes, records: Mapping[str, zips.Record], bound: zips.Bound, choice: Choice) -> tuple[bool, bool]:
    """Return whether calamine reads the cells of a workbook without loss, and whether any row may be hidden or text struck.

    Raises :class:`toolkit.core.zips.TooLarge` for more texts than cells.
    """
    has_hidden = False
    is_plain, count, texts = True, 0, 0
    for record in records.values():
        part = zips.part(data, record, bound)
        if b"sheetData" not in part:
            is_plain = is_plain and not part.startswith(_WIDE)
            texts += part.count(b"<si") + part.count(b":si")
            has_hidden = has_hidden or (b"<si" in part and b"strike" in part)
            continue
        width, height, here = _extent(part)
        count += here
        has_hidden = has_hidden or _may_hide(part) or b"strike" in part
        is_plain = is_plain and width * height <= max(_AREA_MAX, _AREA_PER_CELL * here) and _is_plain(part, choice)
    if texts > count + _SPARE_TEXTS:
        raise zips.TooLarge(bound)
    return is_plain, has_hidden


def _may_hide(part: bytes) -> bool:
    return any(mark in part for mark in (b"hidden=", b' ht="0', b' width="0'))


def _is_plain(part: bytes, choice: Choice) -> bool:
    """Whether a sheet has nothing that calamine does not tell."""
    if any(mark in part for mark in _NOT_PLAIN) or _PREFIXED.search(part) or _LONG.search(part):
        return False
    if _may_hide(part) and not all(map(_LINE.search, _HIDDEN.findall(part))):
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
            yield Page(about.name, rows, merged)


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
    texts = _struck_texts(_part(data, records, _SHARED, bound))
    for page in found:
        parts = parts or sheet_parts(data, records, bound)
        xml = zips.part(data, records[parts[page.title]], bound)
        _mark_runs(page, xml, texts)
        if _may_hide(xml):
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
    if style in styles.unseen:
        page.looks[line, column] = UNSEEN


def _struck_texts(xml: bytes) -> dict[int, bool]:
    """Return the shared texts (18.4) with struck runs by number, and whether all of each is struck."""
    if b"strike" not in xml:
        return {}
    items = ((number, _struck_of(match[1] or b"")) for number, match in enumerate(_ITEM.finditer(xml)))
    return {number: is_whole for number, is_whole in items if is_whole is not None}


def _struck_of(item: bytes) -> bool | None:
    """Return whether all runs of a text are struck through, None if none is."""
    if b"strike" not in item:
        return None
    runs = [_STRUCK_RUN.search(run) is not None for run in _RUN.findall(item) if _TEXT.search(run)]
    return all(runs) if any(runs) else None


def _mark_runs(page: Page, xml: bytes, texts: Mapping[int, bool]) -> None:
    """Note the cells of which a run is struck through: each text may have several looks (18.4.4)."""
    marks: list[tuple[bytes, bytes, bool | None]] = []
    if texts:
        found = _SHARED_CELL.findall(xml)
        marks += [(column, line, texts[int(item)]) for column, line, item in found if int(item) in texts]
    if b"strike" in xml:
        marks += [(column, line, _struck_of(item)) for column, line, item in _OWN_CELL.findall(xml)]
    for column, line, is_whole in marks:
        if is_whole:
            page.struck.setdefault(int(line), set()).add(column_number(column))
        elif is_whole is not None:
            page.looks[int(line), column_number(column)] = PARTLY_STRUCK


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


def _full_pages(data: bytes, choice: Choice, styles: _Styles, texts: Mapping[int, bool]) -> Iterator[Page]:
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
        page = Page(sheet.title, merged=list(_merged(xml)))
        for line, row in parser.parse():
            if choice.rows is not None and line > choice.rows:
                break
            _take_row(page, line, row, styles)
        page.rows.sort(key=lambda row: row[0])
        page.hidden.update(_hidden(parser.row_dimensions))
        page.hidden_columns.update(_hidden_columns(xml))
        _mark_runs(page, xml, texts)
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
        if attributes.get("hidden") in ("1", "true") or float(attributes.get("ht", 15)) < 1:
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
