"""The register as a workbook: auto-filter, frozen header, conditional colour, no formula from a text of the user's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from toolkit.core.findings import Finding, Severity
from toolkit.formats.xlsx import put_text, saved
from toolkit.minutes.register.register import Register
from toolkit.minutes.register.rows import HEADINGS, NAMES, TONES, lines, summary

_WIDTHS = (20, 24, 28, 12, 12, 12, 24, 40, 24)
_FINDING_HEADS, _FINDING_WIDTHS = ("文件", "栏目", "程度", "编号", "问题", "提示"), (40, 18, 8, 22, 60, 40)
_SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提醒"}
#: Fills (RGB) by tone.
_FILLS = {"bad": "FFFFC7CE", "warn": "FFFFEB9C", "good": "FFC6EFCE"}
_STATE_COLUMN = "E"


def write(register: Register) -> bytes:
    """Return the bytes of an XLSX file with fixed timestamps: same register, same bytes on one installation."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "toolkit register"
    book.properties.title = f"{register.unit}{register.year}年度履责台账"
    sheet = book.worksheets[0]
    sheet.title = "履责台账"
    count = _fill(sheet, HEADINGS, (line.cells() for line in lines(register)), _WIDTHS, dates=(3, 5))
    _colour(sheet, f"A2:I{max(count, 2)}")
    sheet = book.create_sheet("问题")
    _fill(sheet, _FINDING_HEADS, (_finding(one) for one in register.findings), _FINDING_WIDTHS)
    sheet = book.create_sheet("合计")
    _fill(sheet, ("截至", "合计"), [(register.today.isoformat(), summary(register))], (14, 100), dates=(0,))
    return saved(book)


def _finding(one: Finding) -> tuple[str, ...]:
    return one.where.file, one.where.key, _SEVERITIES[one.severity], one.code, one.message, one.hint


def _fill(
    sheet: Any, heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float], dates: Sequence[int] = ()
) -> int:
    """Fill a sheet; columns numbered in ``dates`` (from 0) hold dates. Returns the number of its rows."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    thin = Side("thin", color="FFBFBFBF")
    border, top = Border(thin, thin, thin, thin), Alignment(vertical="top", wrap_text=True)
    for number, (head, width) in enumerate(zip(heads, widths, strict=True), 1):
        cell = sheet.cell(1, number)
        put_text(cell, head)
        cell.font, cell.fill = Font(name="宋体", size=10, bold=True), PatternFill("solid", fgColor="FFE7E6E6")
        cell.alignment, cell.border = Alignment(vertical="center", wrap_text=True), border
        sheet.column_dimensions[get_column_letter(number)].width = width
    plain, count = Font(name="宋体", size=10), 1
    for count, row in enumerate(rows, 2):
        for number, value in enumerate(row, 1):
            cell = sheet.cell(count, number)
            cell.font, cell.alignment, cell.border = plain, top, border
            _put(cell, value, number - 1 in dates)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{count}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return count


def _put(cell: Any, value: str, is_date: bool) -> None:
    if is_date and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        cell.value, cell.number_format = date.fromisoformat(value), "yyyy-mm-dd"
        return
    put_text(cell, value)


def _colour(sheet: Any, area: str) -> None:
    """Colour lines by their state: rules of the workbook, so that a changed state changes the colour."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    for tone, colour in _FILLS.items():
        for state in (state for state, one in TONES.items() if one == tone):
            fill = PatternFill("solid", start_color=colour, end_color=colour)
            sheet.conditional_formatting.add(
                area, FormulaRule(formula=[f'${_STATE_COLUMN}2="{NAMES[state]}"'], fill=fill)
            )
