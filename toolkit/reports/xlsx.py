"""A report as a workbook: a sheet for each section, coloured by tone. Same report, same bytes on one installation."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.formats import xlsx
from toolkit.reports.report import Report, Table

#: Fills (RGB) of rows by tone, and of rows by the text of a cell (rules of the workbook).
_FILLS = {"head": "FFE7E6E6", "bad": "FFFFD9D2", "warn": "", "good": "", "off": "FFF2F2F2", "": ""}
_RULES = {"bad": "FFFFC7CE", "warn": "FFFFEB9C", "good": "FFC6EFCE"}


def write(report: Report) -> bytes:
    """Return the bytes of an XLSX file with fixed timestamps."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = f"toolkit {report.program}"
    if report.title:
        book.properties.title = xlsx.text(report.title)
    for section in report.sections:
        for table in section.blocks:
            if isinstance(table, Table):
                names, widths = [column.name for column in table.columns], [column.width for column in table.columns]
                rows = (("" if table.marks else row.tone, row.cells) for row in table.rows)
                xlsx.add_sheet(book, section.heading, names, rows, widths, _FILLS, table.grid, _rules(table))
    return xlsx.saved(book)


def _rules(table: Table) -> Iterator[tuple[int, str, str]]:
    if table.marks is not None:
        column, tones = table.marks
        yield from ((column, text, colour) for tone, colour in _RULES.items() for text in tones if tones[text] == tone)
