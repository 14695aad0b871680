"""From a cell to the text that a clerk would have typed into a profile, with what there is to say about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from toolkit.batch.finding_codes import cell_name, finding, letter, some
from toolkit.batch.grids import Grid
from toolkit.core.findings import Finding
from toolkit.core.spreadsheet import Formula
from toolkit.presets.params import Param

#: Days that a bare number in a column of dates may stand for: 1954 to 2119.
_DAYS = (20_000, 80_000)
_DAY_ZERO = date(1899, 12, 30)
_NUMBER = re.compile(r"[0-9]+(?:\.0+)?")

_NOTES = {
    "blanks_cut": ("“{column}”列 {cells} 首尾有空格，已去掉", ""),
    "number_as_text": ("“{column}”列 {cells} 是以文本形式存储的数字，照数字读取", ""),
    "number_as_phone": ("“{column}”列 {cells} 存成了数字，开头的 0 可能已经丢失", "把这一列设为文本格式，再填一次号码"),
    "date_as_number": (
        "“{column}”列 {cells} 是没有设成日期的数字，按日期读取",
        "把这一列设为日期格式，可以看清是哪一天",
    ),
    "column_without_name": ("{letter} 列没有列名，{cells} 的内容不会用到", "在第一行写上列名；不用的列，列名以 # 开头"),
    "date_as_text": (
        "“{column}”列 {cells} 被表格软件存成了日期",
        "如果原来写的不是日期，请把这一列设为文本格式，再填一次",
    ),
}


class Reading:
    """Reads the cells of one grid; what many cells have in common is said once for each column."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.noted: dict[tuple[str, int], list[int]] = {}

    def text(self, line: int, column: int, value: Any, param: Param | None) -> tuple[str, Finding | None]:
        """Return a cell's text, or what is wrong with it."""
        if isinstance(value, Formula):
            return "", self._unusable(line, column, value)
        kind = param.type if param is not None else "text"
        if isinstance(value, str):
            text = value.strip()
            if len(text) < len(value):
                self._note("blanks_cut", line, column)
            if kind == "integer" and not self.grid.is_text and _NUMBER.fullmatch(text):
                self._note("number_as_text", line, column)
            return text, None
        if isinstance(value, bool):
            return "是" if value else "否", None
        if isinstance(value, int | float):
            return self._number(line, column, value, kind), None
        if kind not in ("date", "document"):
            self._note("date_as_text", line, column)
        return _date_text(value), None

    def _number(self, line: int, column: int, value: float, kind: str) -> str:
        if kind == "date" and _DAYS[0] <= value <= _DAYS[1]:
            self._note("date_as_number", line, column)
            return (_DAY_ZERO + timedelta(days=int(value))).isoformat()
        if kind == "phone":
            self._note("number_as_phone", line, column)
        return str(int(value)) if float(value).is_integer() else f"{value:.15g}"

    def without_column(self, line: int, column: int) -> Finding | None:
        """Note a cell whose column has no name; in a text it is an error, for cells before it may have slipped."""
        if not self.grid.is_text:
            self._note("column_without_name", line, column)
            return None
        message, hint = (
            f"第 {line} 行比列名多出内容（{cell_name(line, column)}）",
            "内容里有逗号的，整格要加半角双引号；多余的内容请删去",
        )
        return finding("too_many_cells", message, self.grid.place(line, column), hint)

    def _note(self, code: str, line: int, column: int) -> None:
        self.noted.setdefault((code, column), []).append(line)

    def _unusable(self, line: int, column: int, value: Formula) -> Finding:
        name, head = cell_name(line, column), self.grid.head.get(column, "")
        place = self.grid.place(line, column, head)
        if value.code == "formula":
            message, hint = f"{name} 是公式，不能用作单位的内容", "复制这一列，用“选择性粘贴—数值”粘贴到原处"
        else:
            message, hint = f"{name} 是错误值 {value.text[:20]}", "请改成正确的内容"
        return finding(value.code, message, place, hint)

    def findings(self) -> Iterator[Finding]:
        """Yield what was noted, a finding for each column."""
        for (code, column), lines in self.noted.items():
            message, hint = _NOTES[code]
            head = self.grid.head.get(column, "")
            cells = some([cell_name(line, column) for line in lines])
            yield finding(
                code,
                message.format(column=head, cells=cells, letter=letter(column)),
                self.grid.place(lines[0], column, head),
                hint,
            )


def _date_text(value: Any) -> str:
    if isinstance(value, time):
        return f"{value.hour}:{value.minute:02}"
    if isinstance(value, timedelta):
        return str(value)
    return (value.date() if isinstance(value, datetime) else value).isoformat()
