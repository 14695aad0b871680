"""Reads a list of units: XLSX, ODS, XLS or CSV → grids; used by the run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from toolkit.batch.finding_codes import finding, some
from toolkit.batch.grids import Grid, Merged, typed_cell
from toolkit.batch.rows import BOOKS, TEXTS, read_error, tables_beside
from toolkit.core.cells import separator
from toolkit.core.findings import FindingsError, Place, has_errors
from toolkit.core.outside import opened
from toolkit.core.spreadsheet import ROWS_MAX, Choice, Page, pages
from toolkit.core.yaml_read import read_text
from toolkit.core.zips import XLSX, PackageError, TooLarge

#: Limit of a list: bytes of the file.
_FILE_MAX = 200_000_000
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\3\4"
#: Text of an OpenDocument spreadsheet after the first 30 bytes (OpenDocument 1.3, part 2, 3.3).
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
#: Visible sheets; those whose names begin with _ hold lists for data validation.
HELPER = "_"


class _VisibleSheets:
    """Wants the visible sheets of a workbook; ``hidden`` are the titles of the others."""

    def __init__(self) -> None:
        self.hidden: list[str] = []

    def wants(self, _number: int, title: str, visible: bool) -> bool:
        """Return whether a sheet is to be read."""
        is_helper = title.startswith(HELPER)
        if not visible and not is_helper and title not in self.hidden:
            self.hidden.append(title)
        return visible and not is_helper

    def tell(self, grids: list[Grid], path: Path) -> list[Grid]:
        """Add what is to be said of hidden sheets to the first of the grids, which are returned. FindingsError: there is none."""
        named, hint = some([f"“{title}”" for title in self.hidden]), "要读取的，请取消隐藏；不用的可以不管"
        if not grids:
            what = f"工作表{named}都是隐藏的" if self.hidden else "里面没有工作表"
            raise _bad(
                path, f"{what}，没有可以读取的名单", "请取消隐藏，再保存一次" if self.hidden else "请用有名单的文件"
            )
        if self.hidden:
            grids[0].findings.append(
                finding("hidden_sheet", f"工作表{named}是隐藏的，没有读取", Place(str(path)), hint)
            )
        return grids


def read(path: Path) -> list[Grid]:
    """Return the grids of a list of units, that of the units first.

    Raises FindingsError for a file that is no such list, FileError for one that cannot be opened.
    """
    suffix = path.suffix.lower()
    try:
        with opened(path) as stream:
            start = stream.read(8)
        size = path.stat().st_size
    except OSError as error:
        raise read_error(path, error) from error
    if size > _FILE_MAX:
        raise _bad(path, "文件太大，不像是单位名单", "只保留需要的表")
    beside = [_csv_grid(other, other.stem.removeprefix(path.stem + ".")) for other in tables_beside(path)]
    if suffix in TEXTS:
        return [_csv_grid(path, path.stem), *beside]
    if suffix not in BOOKS:
        formats = "单位名单应当是 .xlsx、.xls、.et、.ods、.csv，或者放着各单位档案的文件夹"
        what = f"；{suffix} 读不了" if suffix else "；这个文件没有后缀"
        raise _bad(path, formats + what, "用 WPS 或者 Excel 打开，点“文件—另存为”，文件类型选“Excel 文件(*.xlsx)”")
    if start.startswith(_OLE):  # by any name; an .xlsx with a password is one too
        return [*_xls_grids(path), *beside]
    if start.startswith(_ZIP):
        return [*_book_grids(path), *beside]
    raise _bad(path, "不是表格文件的内容（可能是网页或文本，只是改了后缀）", "请用表格软件打开，另存为 .xlsx")


def _bad(path: Path, message: str, hint: str, code: str = "bad_list") -> FindingsError:
    return FindingsError([finding(code, message, Place(str(path)), hint)])


def _csv_grid(path: Path, title: str) -> Grid:
    text, found = read_text(path, _FILE_MAX)
    if has_errors(found):
        raise FindingsError(found)
    text = text.removesuffix("\x1a")  # the end of a file of DOS
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text), strict=True)
    grid = Grid(str(path), title, str(path), findings=found)
    line = 1
    try:
        for cells in reader:
            given = {number: cell for number, cell in enumerate(cells, 1) if cell.strip()}
            if given:
                grid.take(line, {number: typed_cell(cell) for number, cell in given.items()})
            else:
                grid.empty.append(range(line, line + 1))
            line = reader.line_num + 1
            if line > ROWS_MAX:
                raise _bad(path, f"超过 {ROWS_MAX} 行，不像是单位名单", "只保留有单位的行")
        grid.end = reader.line_num
    except csv.Error:
        message, hint = f"第 {line} 行无法读取", "多半是引号没有配对，或者一格里内容太多；也可以另存为 .xlsx 再试"
        raise FindingsError([finding("bad_list", message, grid.place(line), hint)]) from None
    return grid


def _book_grids(path: Path) -> list[Grid]:
    from toolkit.batch import books

    data, sheets = path.read_bytes(), _VisibleSheets()
    choice = Choice(sheets.wants)
    try:
        read = books.ods_pages(data, choice) if data.startswith(_ODS, 30) else pages(data, XLSX, choice)
        return sheets.tell(_grids(read, path), path)
    except TooLarge as error:
        raise _bad(path, "解压后太大，不像是单位名单", "只保留需要的表") from error
    except PackageError as error:
        raise _bad(path, f"无法读取（{error.reason}）", error.hint) from error


def _xls_grids(path: Path) -> list[Grid]:
    from toolkit.batch import books

    data, sheets = path.read_bytes(), _VisibleSheets()
    try:
        grids = _grids(books.xls_pages(data, Choice(sheets.wants)), path)
    except books.xls_faults() as error:
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data or "encrypted" in str(error):
            message, hint = "这个文件设了密码，读不了", "请打开它，去掉密码，再保存一次"
            raise _bad(path, message, hint, "password") from error
        hint = "请用表格软件打开，另存为 .xlsx（不设密码）再试"
        raise _bad(path, f"无法读取（{type(error).__name__}）", hint) from error
    if grids:
        hint = "可以照常使用；建议在表格软件中另存为 .xlsx"
        what = f"这是旧的 {'.et' if path.suffix.lower() in ('.et', '.ett') else '.xls'} 文件，已经读取"
        grids[0].findings.append(finding("old_xls", what, Place(str(path)), hint))
    return sheets.tell(grids, path)


def _grids(sheets: list[Page], path: Path) -> list[Grid]:
    grids = []
    for page in sheets:
        label = f"{path} [{page.title}]" if len(sheets) > 1 else str(path)
        grid = Grid(str(path), page.title, label, hidden=page.hidden, struck=page.struck)
        grid.hidden_columns, grid.looks = page.hidden_columns, page.looks
        grid.merged = [Merged(*area) for area in page.merged]
        last = 0
        for line, row in page.rows:
            cells = {n: value for n, value in row.items() if not isinstance(value, str) or value.strip()}
            if cells:
                grid.take(line, cells)
                if line > last + 1:
                    grid.empty.append(range(last + 1, line))
                last = line
        grids.append(grid)
    return grids
