"""Writes texts into cells of a list that stays its owner's file: every other cell, sheet, style and note stays unchanged.

A workbook is not loaded and saved by a library, which would lose parts unknown to it: only the XML of the cells is
replaced (ECMA-376 part 1, 18.3.1). Of a text file the lines that change are written anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toolkit.batch import sheet
from toolkit.batch.finding_codes import cell_name, letter
from toolkit.batch.grids import COLUMNS_MAX, Grid
from toolkit.core import zips
from toolkit.core.cells import separator
from toolkit.core.findings import UsageError
from toolkit.core.spreadsheet import column_number, sheet_parts, xml_of
from toolkit.core.text_encoding import decoded_as, mark_of
from toolkit.reports.xlsx import text as cell_text

if TYPE_CHECKING:
    from lxml import etree

#: Formats of numbers that show an integer as it is: General and 0 (ECMA-376 part 1, 18.8.30).
_PLAIN_FORMATS = ("0", "1")
#: Digits of a number that is written as a number; longer ones are numbers of telephones or documents.
_DIGITS_MOST = 6


class Correction(NamedTuple):
    """A new text of a cell; ``sheet`` is ``Place.file`` of findings on it.

    ``column`` is 0 for a new column, whose ``name`` is written into the line of names (``head``).
    """

    sheet: str
    line: int
    column: int
    text: str
    name: str = ""
    head: int = 0


def corrected(source: Path, corrections: Sequence[Correction]) -> dict[Path, bytes]:
    """Return the files of a list that corrections change, with their new content; nothing is written.

    Raises UsageError for a cell that cannot be written (a formula, a format other than XLSX and CSV), FindingsError, FileError.
    """
    grids = {grid.label: grid for grid in sheet.read(source)}
    wanted: dict[str, list[Correction]] = {}
    for correction in corrections:
        if correction.sheet not in grids or correction.line < 1 or not 0 <= correction.column <= COLUMNS_MAX:
            raise UsageError("名单里没有这一格", "名单可能刚刚换过；刷新这一页再改", "no_cell")
        wanted.setdefault(correction.sheet, []).append(correction)
    by_file: dict[str, dict[str, list[Correction]]] = {}
    for label, cells in wanted.items():
        grid = grids[label]
        by_file.setdefault(grid.file, {})[grid.title] = _with_new_columns(grid, cells)
    found: dict[Path, bytes] = {}
    for file, sheets in by_file.items():
        data = Path(file).read_bytes()
        if any(grid.is_text for grid in grids.values() if grid.file == file):
            found[Path(file)] = _text_corrected(data, [cell for cells in sheets.values() for cell in cells])
        elif data.startswith(b"PK\3\4") and Path(file).suffix.lower() in (".xlsx", ".xlsm"):
            found[Path(file)] = _book_corrected(data, sheets)
        else:
            raise UsageError("这种表格只能读，不能写回", "在表格软件里打开，另存为 .xlsx，再交一次", "not_writable")
    return found


def emptied(source: Path, label: str, line: int) -> list[Correction]:
    """Return the corrections that empty a line, which is passed over then. Raises FindingsError, FileError."""
    grid = next((grid for grid in sheet.read(source) if grid.label == label), None)
    cells = next((cells for number, cells in grid.rows if number == line), {}) if grid else {}
    return [Correction(label, line, column, "") for column in cells]


def _with_new_columns(grid: Grid, cells: Iterable[Correction]) -> list[Correction]:
    """Give corrections without a column the next free one; its name is written into the line of names."""
    found: list[Correction] = []
    new: dict[str, int] = {}
    last = max((max(row, default=0) for _, row in grid.rows), default=0)
    for cell in cells:
        if cell.column:
            found.append(cell)
            continue
        if not cell.name or cell.head < 1:
            raise UsageError("名单里没有这一列", "在表格软件里加一列，再交一次", "no_cell")
        if cell.name not in new:
            new[cell.name] = last + len(new) + 1
            found.append(Correction(cell.sheet, cell.head, new[cell.name], cell.name))
        found.append(cell._replace(column=new[cell.name]))
    return found


# --- text ---


def _text_corrected(data: bytes, cells: Sequence[Correction]) -> bytes:
    """Return a text file with cells written; encoding, separator, line ends and all other lines stay."""
    found = decoded_as(data)
    if found is None:
        raise UsageError("名单不是文字文件，没有改", "请用表格软件另存为 .xlsx", "bad_list")
    text, encoding = found
    delimiter = separator(text)
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    by_line: dict[int, dict[int, str]] = {}
    for cell in cells:
        by_line.setdefault(cell.line, {})[cell.column] = cell.text
    out, start = [], 0
    for row in reader:
        end = reader.line_num
        changed = by_line.get(start + 1)
        if changed:
            values = [*row, *[""] * (max(changed) - len(row))]
            for column, value in changed.items():
                values[column - 1] = cell_text(value)
            raw = "".join(lines[start:end])
            ending = raw[len(raw.rstrip("\r\n")) :]
            out.append(_csv_line(values, delimiter) + ending)
        else:
            out += lines[start:end]
        start = end
    out += _new_lines(by_line, start, delimiter, lines[-1] if lines else "\n")
    return mark_of(data) + "".join(out).encode(encoding)


def _new_lines(by_line: Mapping[int, Mapping[int, str]], end: int, delimiter: str, last: str) -> Iterator[str]:
    """Yield the lines below line ``end``, the last one of a text, up to the lowest that has cells."""
    ending = last[len(last.rstrip("\r\n")) :]
    if (lowest := max(by_line, default=0)) > end and not ending:
        ending = "\r\n"
        yield ending
    for line in range(end + 1, lowest + 1):
        cells = by_line.get(line, {})
        values = [cell_text(cells.get(column, "")) for column in range(1, max(cells, default=0) + 1)]
        yield _csv_line(values, delimiter) + ending


def _csv_line(values: Sequence[str], delimiter: str) -> str:
    if not any(values):
        return ""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="").writerow(values)
    return stream.getvalue()


# --- a workbook ---


def _book_corrected(data: bytes, sheets: Mapping[str, Sequence[Correction]]) -> bytes:
    """Return a workbook with cells written; all other parts keep their bytes. Raises UsageError, PackageError."""
    from lxml import etree

    parts = zips.unpack(data, zips.XLSX)
    titles = sheet_parts(data, zips.directory(data, zips.XLSX), zips.XLSX)
    plain = _plain_styles(parts.get("xl/styles.xml", b""))
    for title, cells in sheets.items():
        root = xml_of(parts[titles[title]])
        writer = _SheetWriter(root, plain)
        for cell in cells:
            writer.put(cell.line, cell.column, cell_text(cell.text))
        parts[titles[title]] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return zips.assemble(zips.entry(name, parts[name]) for name in sorted(parts, key=zips.order))


def _plain_styles(xml: bytes) -> frozenset[str]:
    """Return the numbers of the styles in which an integer is shown as it is."""
    if not xml:
        return frozenset("0")
    styles = enumerate(xml_of(xml).iterfind("{*}cellXfs/{*}xf"))
    return frozenset(str(number) for number, style in styles if style.get("numFmtId", "0") in _PLAIN_FORMATS)


class _SheetWriter:
    """Writes cells into the XML of one sheet; lines and cells without an address follow the one before (18.3.1.4, 18.3.1.73)."""

    def __init__(self, root: etree._Element, plain: frozenset[str]) -> None:
        self.root, self.plain = root, plain
        self.space = str(root.tag).partition("}")[0] + "}"
        found = root.find(self.space + "sheetData")
        if found is None:
            raise UsageError("这张工作表写不进去", "在表格软件里另存为 .xlsx，再交一次", "not_writable")
        self.data = found
        self.rows: dict[int, etree._Element] = {}
        line = 0
        for row in self.data:
            line = int(row.get("r") or line + 1)
            self.rows[line] = row
        for extent in root.findall(self.space + "dimension"):  # may be too small now; it is only a hint
            root.remove(extent)

    def put(self, line: int, column: int, value: str) -> None:
        """Write a cell; its style stays. Raises UsageError for a formula."""
        cell = self._cell(self._row(line), line, column)
        if cell.find(self.space + "f") is not None:
            raise UsageError(f"{cell_name(line, column)} 是公式", "在表格软件里改这一格，再交一次", "formula")
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", "")
        if not value:
            return
        is_number = value.isascii() and value.isdecimal() and str(int(value)) == value and len(value) <= _DIGITS_MOST
        if is_number and cell.get("s", "0") in self.plain:
            self._child(cell, "v").text = value
            return
        cell.set("t", "inlineStr")
        inner = self._child(self._child(cell, "is"), "t")
        inner.text = value
        inner.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _child(self, parent: etree._Element, name: str) -> etree._Element:
        from lxml import etree

        return etree.SubElement(parent, self.space + name)

    def _row(self, line: int) -> etree._Element:
        row = self.rows.get(line)
        if row is None:
            row = self._child(self.data, "row")
            row.set("r", str(line))
            before = sum(number < line for number in self.rows)
            self.data.insert(before, row)
            self.rows[line] = row
        row.attrib.pop("spans", "")  # a hint too
        return row

    def _cell(self, row: etree._Element, line: int, column: int) -> etree._Element:
        number, index = 0, 0
        for index, cell in enumerate(row):  # noqa: B007 - where a new cell belongs
            address = cell.get("r", "")
            number = column_number(address.rstrip("0123456789").encode()) if address else number + 1
            if number == column:
                return cell
            if number > column:
                break
        else:
            index = len(row)
        new = self._child(row, "c")
        new.set("r", f"{letter(column)}{line}")
        row.insert(index, new)
        return new
