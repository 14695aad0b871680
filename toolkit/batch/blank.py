"""Writes the empty list of a kind (``toolkit batch --sheet``): a workbook to be filled in, with choices and notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toolkit.batch.finding_codes import letter
from toolkit.batch.heads import UNIT, identity_key
from toolkit.batch.sheet import HELPER
from toolkit.presets import Preset
from toolkit.presets.params import Param
from toolkit.profile import printable
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import RESERVED
from toolkit.reports.xlsx import put_text, saved, text

#: Rows that are offered choices.
_ROWS = 5_000
#: Longest list that a rule itself holds (Excel's limit is 255).
_INLINE = 250
_NEEDED, _OPTIONAL = "FFFFF2CC", "FFE7E6E6"
_TYPES = {
    "list": "几项用顿号隔开，或者每项一行",
    "date": "例如 2026-01-05",
    "boolean": "是或否",
    "integer": "整数",
    "frequency": "例如 每季度至少一次",
    "duration": "例如 5个工作日",
    "deadline": "例如 每季度末月25日前",
    "phone": "例如 0471-1234567",
    "document": "例如 《文件标题》（文号）",
}


def workbook(preset: Preset, names: dict[str, str] | None = None) -> bytes:
    """Return the empty workbook of a kind: a sheet of units, and one for each table parameter and the people.

    ``names`` says how defaults print names that are no parameters.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "toolkit batch"
    params = [param for param in preset.params.params.values() if param.key != PEOPLE.key]
    single = [param for param in params if param.type != "table"]
    identity = identity_key(preset)
    single.sort(key=lambda param: (param.key != identity, not param.needed))
    sheet = book.worksheets[0]
    sheet.title = "单位名单"
    choices = _Choices(book)
    _heading(sheet, 1, RESERVED["kind"], True, f"写“{preset.label}”；--base 的档案里写明了的，可以不填")
    choices.offer(sheet, 1, (preset.label,))
    for number, param in enumerate(single, 2):
        _heading(sheet, number, param.label, param.needed, _note(param, preset, names or {}))
        choices.offer(sheet, number, _options(param))
    for table in (PEOPLE, *(param for param in params if param.type == "table")):
        sheet = book.create_sheet("".join(char for char in table.label if char not in "[]:*?/\\")[:31])
        _heading(sheet, 1, UNIT, True, "单位的全称或简称，和单位名单里的一样")
        for number, column in enumerate(table.columns, 2):
            _heading(sheet, number, column.label, column.required, _about(column))
            choices.offer(sheet, number, _options(column))
    choices.finish()
    return saved(book)


def _options(param: Param) -> Sequence[str]:
    return ("是", "否") if param.type == "boolean" else param.options


def _heading(sheet: Any, number: int, name: str, needed: bool, note: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = sheet.cell(1, number)
    put_text(cell, name)
    cell.font = Font(name="宋体", size=11, bold=True)
    cell.fill = PatternFill("solid", fgColor=_NEEDED if needed else _OPTIONAL)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    if note:
        cell.comment = Comment(text(note), "toolkit", height=140, width=320)
    column = sheet.column_dimensions[letter(number)]
    column.width = max(12, min(40, 2.2 * len(name)))
    column.number_format = "@"  # dates, numbers and texts that begin with = stay as typed
    sheet.freeze_panes = "B2"


def _note(param: Param, preset: Preset, names: dict[str, str]) -> str:
    default = param.default
    shown = printable(default, preset.params, names) if default not in (None, "", [], {}) else None
    known = f"不填就用默认值：{shown}" if isinstance(shown, str) else ""
    if isinstance(shown, list) and all(isinstance(item, str) for item in shown):
        known = f"不填就用默认值：{'、'.join(shown)}"
    return "\n".join(part for part in (_about(param), known, f"英文键：{param.key}") if part)


def _about(param: Param) -> str:
    needed = "必填" if param.required and param.default in (None, "") else ""
    example = f"例如 {param.example}" if param.example else _TYPES.get(param.type, "")
    parts = (needed, param.ask or param.help, param.help if param.ask else "", example)
    return "\n".join(part for part in parts if part)


class _Choices:
    """Rules that offer choices; long lists are in a hidden sheet."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.lists: list[Sequence[str]] = []

    def offer(self, sheet: Any, number: int, options: Sequence[str]) -> None:
        """Offer ``options`` in a column."""
        from openpyxl.worksheet.datavalidation import DataValidation

        if not options:
            return
        joined = ",".join(options)
        if len(joined) <= _INLINE and not any(char in option for option in options for char in ',"'):
            formula = f'"{joined}"'
        else:
            self.lists.append(options)
            column = letter(len(self.lists))
            formula = f"'{HELPER}选项'!${column}$1:${column}${len(options)}"
        rule = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = "不能这样填", "请从下拉列表里选一个"
        rule.add(f"{letter(number)}2:{letter(number)}{_ROWS}")
        sheet.add_data_validation(rule)

    def finish(self) -> None:
        """Write the lists that are too long for a rule."""
        if not self.lists:
            return
        sheet = self.book.create_sheet(f"{HELPER}选项")
        sheet.sheet_state = "hidden"
        for column, options in enumerate(self.lists, 1):
            for line, option in enumerate(options, 1):
                put_text(sheet.cell(line, column), option)
