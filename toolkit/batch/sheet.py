"""Reading a list of units: XLSX, ODS, XLS or CSV → grids."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from toolkit.batch import sheet_xls
from toolkit.batch.finding_codes import finding
from toolkit.batch.grids import HELPER, Grid, Merged, bad, label_of
from toolkit.batch.rows import TEXTS, tables_beside
from toolkit.core.findings import FileError, FindingsError, Place, explain, has_errors
from toolkit.core.spreadsheet import Choice, Formula, Page, pages
from toolkit.core.yaml_read import read_text
from toolkit.core.zips import XLSX, PackageError, TooLarge

#: Limit of a list: bytes of the file.
_FILE_MAX = 200_000_000
_BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\3\4"
#: What an OpenDocument spreadsheet says after the first 30 bytes (OpenDocument 1.3, part 2, 3.3).
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


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
        raise bad(
            path, "单位名单应当是 .xlsx、.xls、.ods、.csv，或者放着各单位档案的文件夹", "请在表格软件中另存为 .xlsx"
        )
    if start.startswith(_OLE):  # whatever it is called; an .xlsx with a password is one too
        return sheet_xls.read(path)
    if start.startswith(_ZIP):
        return _book_grids(path)
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


def _book_grids(path: Path) -> list[Grid]:
    data = path.read_bytes()
    choice = Choice(lambda _, title, visible: visible and not title.startswith(HELPER))
    try:
        if data.startswith(_ODS, 30):
            from toolkit.batch import sheet_ods

            found = sheet_ods.pages(data, choice)
        else:
            found = pages(data, XLSX, choice)
    except TooLarge as error:
        raise bad(path, "解压后太大，不像是单位名单", "只保留需要的表") from error
    except PackageError as error:
        raise bad(path, f"无法读取（{error.reason}）", error.hint) from error
    return [_grid(page, path, len(found) > 1) for page in found]


def _grid(page: Page, path: Path, several: bool) -> Grid:
    grid = Grid(str(path), page.title, label_of(path, page.title, several), {})
    for line, row in enumerate(page.rows, 1):
        grid.take(line, {column: value for column, value in row.items() if not isinstance(value, str) or value.strip()})
    grid.merged = [Merged(*place) for place in page.merged]
    return grid
