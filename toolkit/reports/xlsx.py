"""Workbooks: a report as one (a sheet for each section, coloured by tone), and safe cells for those that ``batch`` fills.

No text is taken for a formula; same input, same bytes on one installation.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from toolkit.core.xml_characters import without_illegal
from toolkit.reports.report import Link, Report, Table

if TYPE_CHECKING:
    from openpyxl import Workbook

#: Fills (RGB) of rows by tone, and of rows by the text of a cell (rules of the workbook).
_FILLS = {"head": "FFE7E6E6", "bad": "FFFFD9D2", "warn": "", "good": "", "off": "FFF2F2F2", "": ""}
_RULES = {"bad": "FFFFC7CE", "warn": "FFFFEB9C", "good": "FFC6EFCE"}
#: A text that begins so is a formula to a spreadsheet program.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A cell holds at most this many characters.
_CELL_MAX = 32767
_STAMP = "2000-01-01T00:00:00Z"


def write(report: Report) -> bytes:
    """Return the bytes of an XLSX file with fixed timestamps."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = f"toolkit {report.program}"
    if report.title:
        book.properties.title = text(report.title)
    for section in report.sections:
        for table in section.blocks:
            if isinstance(table, Table):
                _add_sheet(book, section.heading, table)
    return saved(book)


def _add_sheet(book: Workbook, title: str, table: Table) -> None:
    """Add a table as a sheet: heading that stays in sight and on every page, filter, landscape on A4."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.hyperlink import Hyperlink

    sheet = book.create_sheet(title)
    letters = [get_column_letter(number) for number in range(1, len(table.columns) + 1)]
    for letter, column in zip(letters, table.columns, strict=True):
        sheet.column_dimensions[letter].width = column.width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    styled = cells(sheet, _FILLS)
    sheet.append(row(styled["head"], [column.name for column in table.columns]))
    count = 1
    for line in table.rows:
        values = [str(cell) if isinstance(cell, Link) else cell for cell in line.cells]
        sheet.append(row(styled["" if table.marks else line.tone], values, table.grid))
        count += 1
        for letter, cell in zip(letters, line.cells, strict=False):
            if isinstance(cell, Link):  # a write-only cell does not know where it is, so the sheet gets the link
                sheet._hyperlinks.append(Hyperlink(ref=f"{letter}{count}", target=cell.target))
    sheet.auto_filter.ref = f"A1:{letters[-1]}{count}"
    if table.marks is None:
        return
    number, tones = table.marks
    for tone, colour in _RULES.items():
        for said in (said for said in tones if tones[said] == tone):
            fill = PatternFill("solid", start_color=colour, end_color=colour)
            rule = FormulaRule(formula=[f'${letters[number]}2="{said}"'], fill=fill)
            sheet.conditional_formatting.add(f"A2:{letters[-1]}{max(count, 2)}", rule)


def cells(sheet: Any, fills: Mapping[str, str]) -> dict[str, tuple[Any, Any, Any]]:
    """Return three cells per state, filled anew for each value: a new styled cell for each costs most of the time.

    ``fills`` gives each state's colour (RGB, "" for none); ``head`` is the heading. The second cell is for texts that look
    like formulas, the third for dates.
    """
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    thin = Side("thin", color="FFBFBFBF")
    states = {}
    for state, fill in fills.items():
        styled = WriteOnlyCell(sheet), WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        for cell in styled:
            cell.alignment = Alignment(vertical="center" if state == "head" else "top", wrap_text=True)
            cell.border = Border(thin, thin, thin, thin)
            cell.font = Font(name="宋体", size=10, bold=state == "head")
            if fill:
                cell.fill = PatternFill("solid", fgColor=fill)
        styled[1].number_format = "@"
        styled[1].quotePrefix = True
        styled[2].number_format = "yyyy-mm-dd"
        states[state] = styled
    return states


def row(styled: tuple[Any, Any, Any], values: Sequence[Any], grid: bool = False) -> Iterator[Any]:
    """Yield the cells of a row; strings stay strings. ``grid``: an empty cell has its borders, too."""
    skipped = not grid and styled[0].fill.fill_type is None
    for value in values:
        if value == "" and skipped:
            yield None  # no cell at all: a third of the time
            continue
        if isinstance(value, str):
            value = text(value)
            cell = styled[value.startswith(FORMULA)]
            cell.value = value
            cell.data_type = "s"  # openpyxl takes a leading = for a formula, #N/A for an error
        else:
            cell = styled[2 if isinstance(value, date) else 0]
            cell.value = value
        yield cell


def put_text(cell: Any, value: str) -> None:
    """Write a text into a cell of an ordinary sheet: never a formula, also after somebody edits it."""
    cell.value = text(value)
    cell.data_type = "s"
    if value.startswith(FORMULA):
        cell.number_format, cell.quotePrefix = "@", True


def text(value: str) -> str:
    """Return a text that a cell can hold."""
    return (value if value.isprintable() else without_illegal(value, "\ufffd"))[:_CELL_MAX]


def saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook; the moments of writing in it are replaced by fixed ones."""
    from toolkit.core.zips import XLSX, assemble, entry, order, unpack

    stream = io.BytesIO()
    book.save(stream)
    parts = unpack(stream.getvalue(), XLSX)
    name = "docProps/core.xml"
    moment = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
    parts[name] = moment.sub(rb"\g<1>" + _STAMP.encode(), parts[name])
    return assemble(entry(part, parts[part]) for part in sorted(parts, key=order))
