"""Codes of the findings about a list of units with severity and meaning, and the names of cells in their messages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from toolkit.core.findings import Finding, Place, Severity

CODES: dict[str, str] = {
    "bad_list": "error: the list of units cannot be read, or has no units",
    "old_xls": "notice: an .xls file was read",
    "password": "error: a workbook with a password",
    "encoding_gb18030": "notice: the CSV is GB18030, not UTF-8",
    "encoding_utf16": "notice: the CSV is UTF-16, not UTF-8",
    "no_name_column": "error: no column holds the names of the units",
    "unknown_column": "error: a column is no parameter",
    "ignored_column": "notice: a column is passed over",
    "ignored_sheet": "notice: a sheet is no table parameter and is passed over",
    "second_list": "warning: another sheet holds names of units too and is passed over",
    "chosen_sheet": "notice: the units are in a sheet that is not the first",
    "title_rows": "notice: lines above the names of the columns are passed over",
    "synonym_column": "notice: a column has another name of a parameter",
    "hidden_rows": "warning: rows that are hidden or filtered out were read",
    "struck_rows": "warning: rows that are struck through were read",
    "hidden_columns": "warning: columns that are hidden were read",
    "skipped_rows": "notice: hidden, filtered and struck rows were skipped (--visible)",
    "other_rows": "notice: rows of no unit were skipped: column names that come again, sums, signatures, notes",
    "hidden_sheet": "notice: a hidden sheet is not read",
    "partly_struck": "warning: cells were read of whose text a part is struck through",
    "unseen_cells": "warning: cells were read whose text is white on white or in a format that shows nothing",
    "number_long": "warning: a number has more than the 15 digits that a spreadsheet keeps",
    "struck_cells": "notice: struck-through cells of other rows were read",
    "column_without_name": "warning: cells in a column without a name are passed over",
    "too_many_cells": "error: a line of a CSV has more cells than there are columns",
    "duplicate_column": "error: two columns are the same parameter",
    "formula": "error: a cell holds a formula",
    "cell_error": "error: a cell holds an error value (#REF!)",
    "merged_cells": "error: merged cells",
    "empty_rows": "notice: empty rows between units were passed over",
    "blanks_cut": "notice: blanks at the ends of cells were cut",
    "blanks_inside": "notice: wide or invisible blanks inside texts were taken out",
    "number_cut": "notice: a number before the name of a unit was cut (1、青禾县柳河村)",
    "dash_as_empty": "notice: cells with a dash only were read as empty",
    "ditto": "error: a cell says that it is like the one above (同上)",
    "bare_row": "warning: a row has the name of a unit only, where others have more: it may be a heading",
    "unit_cut": "notice: a number was read without the word behind it (25人)",
    "number_as_text": "notice: numbers stored as text were read as numbers",
    "number_as_phone": "warning: a phone number is stored as a number: a leading 0 is lost",
    "date_as_number": "notice: dates stored as bare numbers were read as dates",
    "date_as_text": "warning: a cell that is no date is stored as a date",
    "nameless_unit": "error: a row without the unit's name",
    "duplicate_unit": "error: a unit occurs in the list twice",
    "same_output": "error: two units have the same output name",
    "ambiguous_unit": "error: a row of another sheet is of a short name that several units have",
    "unknown_unit": "error: a row of another sheet names a unit that is not in the list",
    "bad_base_section": "error: a section of the shared profile names no kind of unit, or holds nothing",
    "bad_life": "error: 曾用名, 并入 or 撤销日期 of a unit cannot be right",
    "former_folder": "notice: the folder of a unit's earlier name became that of its name",
    "worker_lost": "error: the process that made this unit was killed twice",
    "unit_crashed": "error: an internal error while this unit was made",
}
#: So many cells are named in one finding.
_NAMED = 5


def finding(code: str, message: str, where: Place, hint: str = "", subject: str = "") -> Finding:
    """Return a finding with the severity that :data:`CODES` states."""
    return Finding(code, Severity(CODES[code].partition(":")[0]), message, where, hint, subject=subject or where.key)


def some(names: Sequence[str], count: int = 0) -> str:
    """Return the first few names, and how many there are (``count``, if ``names`` are not all)."""
    shown, count = "、".join(names[:_NAMED]), count or len(names)
    return f"{shown} 等 {count} 处" if count > _NAMED else shown


def letter(column: int) -> str:
    """Return the letters of a column (from 1): A, B … AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell_name(line: int, column: int) -> str:
    """Return the name of a cell: ``B3``."""
    return f"{letter(column)}{line}"


def short_place(where: Place) -> str:
    """Return a place for people: sheet and cell of a list, name and line of a profile, name of another file; no folders.

    Texts of presets have none: their findings say which clause is meant.
    """
    name = PurePath(where.file.partition(" [")[0]).name
    sheet = f"“{where.file.rpartition(' [')[2].rstrip(']')}”" if where.file.endswith("]") else ""
    if not name or name.endswith(".md"):
        return ""
    if name.endswith((".yaml", ".yml")):
        return f"{name} 第 {where.line} 行" if where.line else name
    if not where.line:
        return sheet or name
    cell = cell_name(where.line, where.column) if where.column else f"第 {where.line} 行"
    return f"{sheet} {cell}".strip()
