"""The matrix as a workbook: all lines, the reverse view, counts. Same input, same bytes on one installation."""

from __future__ import annotations

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
from toolkit.formats.xlsx import add_sheet, saved, text

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
    add_sheet(book, "要求和条款", HEADINGS, rows, _WIDTHS, _FILLS)
    add_sheet(
        book,
        "没有要求对应的条款",
        UNASKED_HEADINGS,
        (("met", row) for row in unasked_cells(matrix)),
        _UNASKED_WIDTHS,
        _FILLS,
    )
    papers = (("open" if row[2] else "met", row) for row in summary_cells(matrix))
    add_sheet(book, "各份文件", SUMMARY_HEADINGS, papers, _SUMMARY_WIDTHS, _FILLS)
    totals = (("open" if row[1] and number else "met", row) for number, row in enumerate(counts(matrix)))
    add_sheet(book, "合计", (subheading(matrix), "未落实", "已落实", "不适用"), totals, (60, 10, 10, 10), _FILLS)
    return saved(book)
