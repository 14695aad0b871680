"""Workbooks without surprises: no text is taken for a formula, same input, same bytes on one installation."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook

#: A text that begins so is a formula to a spreadsheet program.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Control characters that XML 1.0 does not have, and lone surrogates.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: A cell holds at most this many characters.
_CELL_MAX = 32767
_STAMP = "2000-01-01T00:00:00Z"


def cells(sheet: Any, fills: Mapping[str, str]) -> dict[str, tuple[Any, Any, Any]]:
    """Return three cells per state, filled anew for each value: a new styled cell for each costs most of the time.

    ``fills`` gives each state's colour (RGB, "" for none); ``head`` is the heading. The second cell is for texts that look
    like formulas, the third for dates.
    """
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    thin = Side("thin", color="FFBFBFBF")
    made = {}
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
        made[state] = styled
    return made


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
    return (value if value.isprintable() else _ILLEGAL.sub("\ufffd", value))[:_CELL_MAX]


def add_sheet(
    book: Workbook,
    title: str,
    head: Sequence[str],
    rows: Iterable[tuple[str, Sequence[Any]]],
    widths: Sequence[float],
    fills: Mapping[str, str],
    grid: bool = False,
    rules: Iterable[tuple[int, str, str]] = (),
) -> None:
    """Add a table as a sheet: heading that stays in sight and on every page, filter, landscape on A4.

    ``rows`` are (state, values), ``widths`` those of the columns in characters; ``fills`` as :func:`cells` takes them,
    ``grid`` as :func:`row`. ``rules`` (column from 0, text, RGB) colour the rows that have such a text there, also after
    somebody edits it.
    """
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    styled = cells(sheet, fills)
    sheet.append(row(styled["head"], head))
    count = 1
    for state, values in rows:
        sheet.append(row(styled[state], values, grid))
        count += 1
    last = get_column_letter(len(head))
    sheet.auto_filter.ref = f"A1:{last}{count}"
    for column, said, colour in rules:
        rule = FormulaRule(
            formula=[f'${get_column_letter(column + 1)}2="{said}"'],
            fill=PatternFill("solid", start_color=colour, end_color=colour),
        )
        sheet.conditional_formatting.add(f"A2:{last}{max(count, 2)}", rule)


def saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook with fixed timestamps."""
    stream = io.BytesIO()
    book.save(stream)
    return steady(stream.getvalue())


def steady(data: bytes) -> bytes:
    """Replace the moment of writing, in the archive and in the core properties, by fixed ones."""
    from toolkit.core.zips import XLSX, assemble, entry, order, unpack

    parts = unpack(data, XLSX)
    name = "docProps/core.xml"
    moment = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
    parts[name] = moment.sub(rb"\g<1>" + _STAMP.encode(), parts[name])
    return assemble(entry(part, parts[part]) for part in sorted(parts, key=order))
