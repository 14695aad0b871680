"""Reading a list of units: XLSX or CSV → grids of cells, as they stand there. What they mean is for ``units``."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from toolkit.batch.codes import finding
from toolkit.batch.rows import TEXTS, tables_beside
from toolkit.errors import FileError, Finding, FindingsError, Place, explain, has_errors
from toolkit.rawyaml import read_text

#: Limits of a list: bytes of the file, bytes unpacked, columns, rows.
_FILE_MAX = 200_000_000
_UNPACKED_MAX = 2_000_000_000
_COLUMNS_MAX = 500
ROWS_MAX = 200_000
_OLE = b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_CHUNK = 1 << 20
#: Sheets whose names begin so hold lists for data validation.
HELPER = "_"

Cell = str | int | float | bool | date | time


class Formula(NamedTuple):
    """A cell that cannot be used: a formula, or an error value."""

    text: str
    code: str


@dataclass(slots=True)
class Grid:
    """One sheet: ``label`` is its name in places (the file, with the sheet's title if there are several).

    ``head`` are the names of the first line by column number (from 1), ``rows`` line numbers with the cells that hold
    something by column number.
    """

    file: str
    title: str
    label: str
    head: dict[int, str]
    rows: list[tuple[int, dict[int, Any]]] = field(default_factory=list)
    merged: list[tuple[int, int, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def place(self, line: int, column: int = 0, key: str = "") -> Place:
        """Return a place in this sheet."""
        return Place(self.label, line, column, key)


def read(path: Path) -> list[Grid]:
    """Return the grids of a list of units, that of the units first.

    Raises FindingsError for what is no such list, FileError for what cannot be opened.
    """
    suffix = path.suffix.lower()
    try:
        with open(path, "rb") as stream:
            start = stream.read(8)
        size = path.stat().st_size
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"无法读取 {path}：{reason}", hint, "file_unreadable") from error
    if size > _FILE_MAX:
        raise _bad(path, "文件太大，不像是单位名单", "只保留需要的表")
    if suffix == ".xls" or start.startswith(_OLE):
        message = "这是旧的 .xls 文件，或者设了密码，读不了"
        raise FindingsError([finding("old_xls", message, Place(str(path)), "请用表格软件打开，另存为 .xlsx（不设密码）")])
    if suffix in TEXTS:
        return _csv_grids(path)
    if suffix in (".xlsx", ".xlsm"):
        return _xlsx_grids(path)
    raise _bad(path, "单位名单应当是 .xlsx、.csv，或者放着各单位档案的文件夹", "请在表格软件中另存为 .xlsx")


def _bad(path: Path, message: str, hint: str) -> FindingsError:
    return FindingsError([finding("bad_list", message, Place(str(path)), hint)])


def _csv_grids(path: Path) -> list[Grid]:
    """Read the list, and tables beside it: ``units.人员.csv`` beside ``units.csv``."""
    grids = [_csv_grid(path, path.stem)]
    for other in tables_beside(path):
        grids.append(_csv_grid(other, other.stem.removeprefix(path.stem + ".")))
    return grids


def _csv_grid(path: Path, title: str) -> Grid:
    text, found = read_text(path, _FILE_MAX)
    if has_errors(found):
        raise FindingsError(found)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;，", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    grid = Grid(str(path), title, str(path), {}, findings=found)
    line = 1
    try:
        for cells in reader:
            given = {number: cell for number, cell in enumerate(cells[:_COLUMNS_MAX], 1) if cell.strip()}
            _take(grid, path, line, {n: Formula(c, "formula") if c.lstrip().startswith("=") else c for n, c in given.items()})
            line = reader.line_num + 1
    except csv.Error:
        message, hint = f"第 {line} 行无法读取", "多半是引号没有配对，或者一格里内容太多；也可以另存为 .xlsx 再试"
        raise FindingsError([finding("bad_list", message, Place(str(path), line), hint)]) from None
    return grid


def _take(grid: Grid, path: Path, line: int, cells: dict[int, Any]) -> None:
    """Add a line to a grid: the first is the head."""
    if line == 1:
        grid.head.update({number: _title(cell) for number, cell in cells.items()})
    elif cells:
        if len(grid.rows) >= ROWS_MAX:
            raise _bad(path, f"超过 {ROWS_MAX} 行", "请分成几个文件，或者用 --shard")
        grid.rows.append((line, cells))


def _title(cell: Any) -> str:
    return "".join(str(cell[0] if isinstance(cell, Formula) else cell).split())


def _xlsx_grids(path: Path) -> list[Grid]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _UNPACKED_MAX:
                raise _bad(path, "解压后太大，不像是单位名单", "只保留需要的表")
        book = load_workbook(path, read_only=True)
        try:
            wanted = [s for s in book.worksheets if s.sheet_state == "visible" and not s.title.startswith(HELPER)]
            several = len(wanted) > 1
            return [_xlsx_grid(book, sheet, path, several) for sheet in wanted]
        finally:
            book.close()
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, ParseError, IndexError) as error:
        # What openpyxl raises for a damaged or foreign file is not documented; these are what it does.
        raise _bad(path, f"无法读取（{type(error).__name__}）", "请用表格软件打开，另存为 .xlsx（不设密码）再试") from error


def _xlsx_grid(book: Any, sheet: Any, path: Path, several: bool) -> Grid:
    grid = Grid(str(path), sheet.title, f"{path} [{sheet.title}]" if several else str(path), {})
    sheet.reset_dimensions()  # other programs write wrong ones
    for line, row in enumerate(sheet.iter_rows(), 1):
        given = [(cell, value) for cell in row if cell.value is not None and (value := _value(cell)) is not None]
        cells = {cell.column: value for cell, value in given if cell.column <= _COLUMNS_MAX}
        if cells or line == 1:
            _take(grid, path, line, cells)
    grid.merged = list(_merged(book._archive, sheet._worksheet_path))
    return grid


def _value(cell: Any) -> Any:
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    kind = cell.data_type
    if kind == "f":
        return Formula(str(value), "formula")
    if kind == "e":
        return Formula(str(value), "cell_error")
    return value.date() if isinstance(value, datetime) and value.time() == time() else value


def _merged(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[int, int, str]]:
    """Yield first line, last line and name of each merged range; openpyxl does not tell when it only reads."""
    kept = b""
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            text = kept + chunk
            end = 0
            for match in _MERGED.finditer(text):
                end = match.end()
                yield int(match[2]), int(match[4]), b":".join((match[1] + match[2], match[3] + match[4])).decode()
            kept = text[max(end, len(text) - 200) :]
