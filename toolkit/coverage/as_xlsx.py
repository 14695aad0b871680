"""The matrix as a workbook: all lines, the reverse view, counts. Same input, same bytes on one installation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from toolkit.workbook import cells, row, saved, text

if TYPE_CHECKING:
    from openpyxl import Workbook

#: Column widths in characters of the default font, in the order of the headings.
_WIDTHS = (9, 10, 26, 26, 10, 30, 34, 30, 34, 18, 20, 16, 20, 20, 24, 18, 22, 26, 34)
_UNASKED_WIDTHS = (30, 34, 20, 22, 20, 70, 10)
_SUMMARY_WIDTHS = (34, 44, 9, 9, 9, 9, 12)
#: Fills (RGB) of the heading, of open rows and of what does not apply.
_FILLS = {"head": "FFE7E6E6", "open": "FFFFD9D2", "met": "", "not_applicable": "FFF2F2F2"}


def write(matrix: Matrix) -> bytes:
    """Return the bytes of an XLSX file with fixed timestamps."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "toolkit coverage"
    book.properties.title = text(heading(matrix))
    rows = [(line.row.state, line.cells()) for row in matrix.requirements for line in lines(row)]
    _sheet(book, "要求和条款", HEADINGS, rows, _WIDTHS)
    _sheet(book, "没有要求对应的条款", UNASKED_HEADINGS, (("met", row) for row in unasked_cells(matrix)), _UNASKED_WIDTHS)
    papers = (("open" if row[2] else "met", row) for row in summary_cells(matrix))
    _sheet(book, "各份文件", SUMMARY_HEADINGS, papers, _SUMMARY_WIDTHS)
    totals = (("open" if row[1] and number else "met", row) for number, row in enumerate(counts(matrix)))
    _sheet(book, "合计", (subheading(matrix), "未落实", "已落实", "不适用"), totals, (60, 10, 10, 10))
    return saved(book)


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
    made = cells(sheet, _FILLS)
    sheet.append(row(made["head"], head))
    count = 1
    for state, values in rows:
        sheet.append(row(made[state], values))
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{count}"
