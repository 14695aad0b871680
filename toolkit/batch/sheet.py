"""Reading a list of units: XLSX, XLS or CSV → grids."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from toolkit.batch import sheet_xls
from toolkit.batch.finding_codes import finding
from toolkit.batch.grids import HELPER, Formula, Grid, Merged, bad, label_of, plain_date
from toolkit.batch.rows import TEXTS, tables_beside
from toolkit.core.findings import FileError, FindingsError, Place, explain, has_errors
from toolkit.core.yaml_read import read_text

#: Limits of a list: bytes of the file, bytes unpacked.
_FILE_MAX = 200_000_000
_UNPACKED_MAX = 1_000_000_000
_BOOKS = (".xlsx", ".xlsm", ".xls")
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\3\4"
_MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_CHUNK = 1 << 20


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
        raise bad(path, "文件太大，不像是单位名单", "只保留需要的表")
    if suffix in TEXTS:
        return _csv_grids(path)
    if suffix not in _BOOKS:
        raise bad(path, "单位名单应当是 .xlsx、.xls、.csv，或者放着各单位档案的文件夹", "请在表格软件中另存为 .xlsx")
    if start.startswith(_OLE):  # whatever it is called; an .xlsx with a password is one too
        return sheet_xls.read(path)
    if start.startswith(_ZIP):
        return _xlsx_grids(path)
    raise bad(path, "不是表格文件的内容（可能是网页或文本，只是改了后缀）", "请用表格软件打开，另存为 .xlsx")


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
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    grid = Grid(str(path), title, str(path), {}, findings=found)
    line = 1
    try:
        for cells in reader:
            given = {number: cell for number, cell in enumerate(cells, 1) if cell.strip()}
            grid.take(line, {n: Formula(c, "formula") if c.lstrip().startswith("=") else c for n, c in given.items()})
            line = reader.line_num + 1
    except csv.Error:
        message, hint = f"第 {line} 行无法读取", "多半是引号没有配对，或者一格里内容太多；也可以另存为 .xlsx 再试"
        raise FindingsError([finding("bad_list", message, Place(str(path), line), hint)]) from None
    return grid


def _xlsx_grids(path: Path) -> list[Grid]:
    from openpyxl import load_workbook

    try:
        with open(path, "rb") as stream:  # by its content: openpyxl refuses a path that ends in .xls
            with zipfile.ZipFile(stream) as archive:
                if sum(info.file_size for info in archive.infolist()) > _UNPACKED_MAX:
                    raise bad(path, "解压后太大，不像是单位名单", "只保留需要的表")
            book = load_workbook(stream, read_only=True)
            wanted = [s for s in book.worksheets if s.sheet_state == "visible" and not s.title.startswith(HELPER)]
            return [_xlsx_grid(book, sheet, path, len(wanted) > 1) for sheet in wanted]
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        ParseError,
        IndexError,
    ) as error:
        # What openpyxl raises for a damaged or foreign file is not documented; these are what it does.
        raise bad(
            path, f"无法读取（{type(error).__name__}）", "请用表格软件打开，另存为 .xlsx（不设密码）再试"
        ) from error


def _xlsx_grid(book: Any, sheet: Any, path: Path, several: bool) -> Grid:
    grid = Grid(str(path), sheet.title, label_of(path, sheet.title, several), {})
    sheet.reset_dimensions()  # other programs write wrong ones
    for line, row in enumerate(sheet.iter_rows(), 1):
        given = [(cell, value) for cell in row if cell.value is not None and (value := _value(cell)) is not None]
        grid.take(line, {cell.column: value for cell, value in given})
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
    return plain_date(value) if isinstance(value, datetime) else value


def _merged(archive: zipfile.ZipFile, name: str) -> Iterator[Merged]:
    """Yield the merged ranges; openpyxl does not tell them when it only reads."""
    from openpyxl.utils import column_index_from_string

    kept = b""
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            text = kept + chunk
            end = 0
            for match in _MERGED.finditer(text):
                end = match.end()
                left, right = (column_index_from_string(name.decode()) for name in (match[1], match[3]))
                yield Merged(int(match[2]), int(match[4]), left, right)
            kept = text[max(end, len(text) - 200) :]
