"""The matrix as a workbook: all lines, the reverse view, counts. Same input, same bytes on one installation."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.coverage.rows import Matrix
from toolkit.coverage.wording import (
    HEADINGS,
    SUMMARY_HEADINGS,
    UNASKED_HEADINGS,
    counts,
    heading,
    lines,
    subheading,
    summary_cells,
    unasked_cells,
)

if TYPE_CHECKING:
    from openpyxl import Workbook

#: Column widths in characters of the default font, in the order of the headings.
_WIDTHS = (9, 10, 26, 26, 10, 30, 34, 30, 34, 18, 20, 16, 20, 20, 24, 18, 22, 26, 34)
_UNASKED_WIDTHS = (30, 34, 20, 22, 20, 70, 10)
_SUMMARY_WIDTHS = (34, 44, 9, 9, 9, 9, 12)
#: Fills (RGB) of the heading, of open rows and of what does not apply.
_FILLS = {"head": "FFE7E6E6", "open": "FFFFD9D2", "not_applicable": "FFF2F2F2"}
#: A text that begins so is a formula to a spreadsheet program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Control characters that XML 1.0 does not have, and lone surrogates.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: A cell holds at most this many characters.
_CELL_MAX = 32767
_STAMP = "2000-01-01T00:00:00Z"


def write(matrix: Matrix) -> bytes:
    """Return the bytes of an XLSX file with fixed timestamps."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "toolkit coverage"
    book.properties.title = _text(heading(matrix))
    rows = [(line.row.state, line.cells()) for row in matrix.requirements for line in lines(row)]
    _sheet(book, "要求和条款", HEADINGS, rows, _WIDTHS)
    _sheet(book, "没有要求对应的条款", UNASKED_HEADINGS, (("met", row) for row in unasked_cells(matrix)), _UNASKED_WIDTHS)
    papers = (("open" if row[2] else "met", row) for row in summary_cells(matrix))
    _sheet(book, "各份文件", SUMMARY_HEADINGS, papers, _SUMMARY_WIDTHS)
    totals = (("open" if row[1] and number else "met", row) for number, row in enumerate(counts(matrix)))
    _sheet(book, "合计", (subheading(matrix), "未落实", "已落实", "不适用"), totals, (60, 10, 10, 10))
    stream = io.BytesIO()
    book.save(stream)
    return steady(stream.getvalue())


def _sheet(
    book: Workbook, title: str, head: Sequence[str], rows: Iterable[tuple[str, Sequence[Any]]],
    widths: Sequence[float],
) -> None:  # fmt: skip
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    cells = _cells(sheet)
    sheet.append(_row(cells["head"], head))
    count = 1
    for state, row in rows:
        sheet.append(_row(cells[state], row))
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{count}"


def _cells(sheet: Any) -> dict[str, tuple[Any, Any]]:
    """Two cells per state, filled anew for each value: a new styled cell for each costs most of the time.

    The second is for texts that look like formulas.
    """
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    thin = Side("thin", color="FFBFBFBF")
    made = {}
    for state in ("head", "open", "met", "not_applicable"):
        pair = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        for cell in pair:
            cell.alignment = Alignment(vertical="center" if state == "head" else "top", wrap_text=True)
            cell.border = Border(thin, thin, thin, thin)
            cell.font = Font(name="宋体", size=10, bold=state == "head")
            if state in _FILLS:
                cell.fill = PatternFill("solid", fgColor=_FILLS[state])
        pair[1].number_format = "@"
        pair[1].quotePrefix = True
        made[state] = pair
    return made


def _row(cells: tuple[Any, Any], values: Sequence[Any]) -> Iterator[Any]:
    coloured = cells[0].fill.fill_type is not None
    for value in values:
        if value == "" and not coloured:
            yield None  # no cell at all: a third of the time
            continue
        if isinstance(value, str):
            value = _text(value)
            cell = cells[value.startswith(_FORMULA)]
            cell.value = value
            if cell is cells[1]:
                cell.data_type = "s"  # openpyxl takes a leading = for a formula
        else:
            cell = cells[0]
            cell.value = value
        yield cell


def _text(value: str) -> str:
    return (value if value.isprintable() else _ILLEGAL.sub("\ufffd", value))[:_CELL_MAX]


def steady(data: bytes) -> bytes:
    """Replace the moment of writing, in the archive and in the core properties, by fixed ones."""
    from toolkit.stylesheet.package import assemble, entry, order, unpack

    parts = unpack(data)
    name = "docProps/core.xml"
    moment = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
    parts[name] = moment.sub(rb"\g<1>" + _STAMP.encode(), parts[name])
    return assemble(entry(part, parts[part]) for part in sorted(parts, key=order))
