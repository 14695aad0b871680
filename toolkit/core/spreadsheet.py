"""Reads the cells of an XLSX workbook; used by lists of units and by files of people.

Two libraries share the work. python-calamine takes a seventh of openpyxl's time, but returns an error value as an empty cell
and a formula as its last value, keeps 15 digits of a number, and allocates every cell between the first and the last. So it
reads a workbook whose XML, after one scan, has none of these; openpyxl reads all others.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import Any, NamedTuple

from toolkit.core import zips
from toolkit.core.patterns import lazy

#: A cell, with its address where that comes first, as every program writes it.
_CELL = lazy(rb'<c(?: r="([A-Z]{1,3})([0-9]{1,7})"|[\s/>])')
_FORMULA = lazy(rb"<f[\s/>]")
#: Error values; comments, entities and UTF-16, in which these patterns find nothing.
_NOT_PLAIN = (b'"e"', b"'e'", b"<!", b"\0")
_PREFIXED = lazy(rb":(?:[cf]|sheetData)[\s/>]")
#: A number of more digits than calamine keeps.
_LONG = lazy(rb"<v>-?[0-9]{16}")
_MERGED = lazy(rb'<(?:[A-Za-z]\w*:)?mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
#: calamine allocates every cell of the rectangle: a sheet with a cell far down is left to openpyxl.
_AREA_MAX = 5_000_000
#: Starts of XML in two bytes a character, in which the patterns find nothing.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
#: The exceptions that openpyxl raises for a damaged or foreign file; undocumented (XML errors are SyntaxErrors).
_FAULTS = (OSError, KeyError, ValueError, TypeError, AttributeError, SyntaxError, IndexError)


class Formula(NamedTuple):
    """A cell that cannot be used: ``code`` is ``formula``, or ``cell_error`` for an error value; ``text`` its content."""

    text: str
    code: str


class Page(NamedTuple):
    """A sheet: each row as its cells that hold something, by column (from 1); merged ranges as first and last row, column."""

    title: str
    rows: list[dict[int, Any]]
    merged: list[tuple[int, int, int, int]]


class Choice(NamedTuple):
    """Which sheets to read: ``is_wanted`` gets number (from 0), title and whether it is visible; ``rows`` cuts long ones.

    ``formulas``: return formulas as :class:`Formula`; else as their last values.
    """

    is_wanted: Callable[[int, str, bool], bool]
    formulas: bool = True
    rows: int | None = None


def pages(data: bytes, bound: zips.Bound, choice: Choice) -> list[Page]:
    """Return the wanted sheets of an XLSX workbook. Raises :class:`toolkit.core.zips.PackageError`.

    Values are text, numbers, booleans, dates (at midnight), moments, times, time spans and :class:`Formula`.
    """
    records = zips.verify(data, bound)
    if all(_is_plain(zips.part(data, record, bound), choice.formulas) for record in records.values()):
        from python_calamine import CalamineError

        try:
            return list(_quick_pages(data, choice))
        except CalamineError:
            pass  # openpyxl reads it, or reports the fault
    try:
        return list(_full_pages(data, choice))
    except _FAULTS as error:
        raise zips.PackageError(bound, type(error).__name__) from error


def _is_plain(part: bytes, formulas: bool) -> bool:
    """Whether calamine reads a part without loss; parts without cells are plain."""
    if b"sheetData" not in part:
        return not part.startswith(_WIDE)
    if any(mark in part for mark in _NOT_PLAIN) or _PREFIXED.search(part) or _LONG.search(part):
        return False
    if formulas and _FORMULA.search(part):
        return False
    addresses = _CELL.findall(part)
    if (b"", b"") in addresses:
        return False
    width = max(map(_number, {column for column, _ in addresses}), default=0)
    return width * max(map(int, {row for _, row in addresses}), default=0) <= _AREA_MAX


def _number(column: bytes) -> int:
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
                {column: _whole(value) for column, value in enumerate(row, 1) if value != ""}
                for row in sheet.to_python(skip_empty_area=False, nrows=choice.rows)
            ]
            merged = [
                (top + 1, bottom + 1, left + 1, right + 1)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
            ]
            yield Page(about.name, rows, merged)


def _whole(value: Any) -> Any:
    """Return a value with whole floats as integers and midnights as dates: calamine reads all numbers as floats."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return plain_date(value) if isinstance(value, datetime) else value


def _full_pages(data: bytes, choice: Choice) -> Iterator[Page]:
    from openpyxl import load_workbook

    book: Any = load_workbook(io.BytesIO(data), read_only=True, data_only=not choice.formulas)
    for order, sheet in enumerate(book.worksheets):
        if not choice.is_wanted(order, sheet.title, sheet.sheet_state == "visible"):
            continue
        sheet.reset_dimensions()  # other programs write wrong ones
        rows = [
            {cell.column: _value(cell) for cell in row if cell.value is not None}
            for row in sheet.iter_rows(max_row=choice.rows)
        ]
        yield Page(sheet.title, rows, list(_merged(book._archive.read(sheet._worksheet_path))))


def _value(cell: Any) -> Any:
    if cell.data_type == "f":
        return Formula(str(cell.value), "formula")
    if cell.data_type == "e":
        return Formula(str(cell.value), "cell_error")
    return plain_date(cell.value) if isinstance(cell.value, datetime) else cell.value


def _merged(xml: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the merged ranges of a sheet, which openpyxl leaves out in its read-only mode."""
    for match in _MERGED.finditer(xml):
        yield int(match[2]), int(match[4]), _number(match[1]), _number(match[3])


def plain_date(moment: datetime) -> Any:
    """Return a moment that is midnight as its day."""
    return moment.date() if moment.time() == time() else moment
