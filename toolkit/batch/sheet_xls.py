"""Reads an old list: XLS (BIFF) → grids, with the same cells as :mod:`toolkit.batch.sheet` reads from the same table as XLSX.

xlrd stays: python-calamine takes a tenth of its time, but reads a formula as its last value and an error value as an empty
cell, and an XLS has no XML in which the two could be found.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

from toolkit.batch.finding_codes import finding
from toolkit.batch.grids import HELPER, Grid, Merged, bad, label_of
from toolkit.core.findings import FindingsError, Place
from toolkit.core.spreadsheet import Formula, plain_date

#: Records of a sheet's stream ([MS-XLS] 2.3): begin and end of a substream, a formula's cell.
_BOF, _EOF, _FORMULA = (0x0809, 0x0409, 0x0209, 0x0009), 0x000A, (0x0006, 0x0206, 0x0406)
_RECORD, _CELL = struct.Struct("<HH"), struct.Struct("<HH")


def read(path: Path) -> list[Grid]:
    """Return the grids of the visible sheets; the first says that the file is an old one. Raises FindingsError, OSError."""
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    data = path.read_bytes()
    try:
        try:
            book = _opened(data)
        except UnicodeDecodeError:
            book = _opened(data, "gb18030")
        sheets = [book.sheet_by_index(number) for number in range(book.nsheets)]
        wanted = [
            (n, sheet) for n, sheet in enumerate(sheets) if not sheet.visibility and not sheet.name.startswith(HELPER)
        ]
        grids = [_grid(book, sheet, set(_formulas(book, number)), path, len(wanted) > 1) for number, sheet in wanted]
    except (
        XLRDError,
        CompDocError,
        struct.error,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
        OverflowError,
    ) as error:
        # Like openpyxl's, the errors of xlrd for damaged files are not documented; these are what it raises.
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data or "encrypted" in str(error):
            message, hint = "这个文件设了密码，读不了", "请打开它，去掉密码，再保存一次"
            raise FindingsError([finding("password", message, Place(str(path)), hint)]) from error
        raise bad(
            path, f"无法读取（{type(error).__name__}）", "请用表格软件打开，另存为 .xlsx（不设密码）再试"
        ) from error
    if grids:
        hint = "可以照常使用；建议在表格软件中另存为 .xlsx"
        grids[0].findings.append(finding("old_xls", "这是旧的 .xls 文件，已经读取", Place(str(path)), hint))
    return grids


def _opened(data: bytes, encoding: str | None = None) -> Any:
    import xlrd

    # Merged cells are told only with formats, the stream is kept only on demand, what there is to say would be printed.
    return xlrd.open_workbook(
        file_contents=data,
        formatting_info=True,
        on_demand=True,
        ragged_rows=True,
        encoding_override=encoding,
        logfile=io.StringIO(),
    )


def _grid(book: Any, sheet: Any, formulas: set[tuple[int, int]], path: Path, several: bool) -> Grid:
    grid = Grid(str(path), sheet.name, label_of(path, sheet.name, several), {})
    for number in range(sheet.nrows):
        cells = {}
        for column, cell in enumerate(sheet.row(number)):
            value = Formula("=", "formula") if (number, column) in formulas else _value(book, cell)
            if value is not None:
                cells[column + 1] = value
        grid.take(number + 1, cells)
    for first, last, left, right in sheet.merged_cells:  # ends are one behind
        grid.merged.append(Merged(first + 1, last, left + 1, right))
    return grid


def _value(book: Any, cell: Any) -> Any:
    import xlrd

    value = cell.value
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return value if value.strip() else None
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _date(value, book.datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Formula(xlrd.error_text_from_code.get(value, "#N/A"), "cell_error")
    return value if cell.ctype == xlrd.XL_CELL_NUMBER else None


def _date(value: float, mode: Literal[0, 1]) -> date | datetime | time | float:
    """Return what a number in a format of dates stands for; one that is no date stays a number."""
    import xlrd

    try:
        moment = xlrd.xldate_as_datetime(value, mode)
    except (ValueError, OverflowError):
        return value
    return moment.time() if 0 <= value < 1 else plain_date(moment)


def _formulas(book: Any, number: int) -> Iterator[tuple[int, int]]:
    """Yield the cells (from 0) of a sheet that hold formulas; xlrd gives their last values as if they had been typed."""
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
