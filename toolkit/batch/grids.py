"""A sheet of a list as lines of cells, whatever its file's format, and its cells as a clerk would have typed them.

Filled by :mod:`toolkit.batch.sheet`, read by :mod:`toolkit.batch.unit_list`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from toolkit.batch.finding_codes import cell_name, finding, letter, some
from toolkit.batch.rows import TEXTS
from toolkit.core.findings import Finding, FindingsError, Place
from toolkit.core.spreadsheet import Formula
from toolkit.presets.params import Param

#: Limits of a list.
COLUMNS_MAX = 500
ROWS_MAX = 1_048_576
#: Bare numbers that are read as days in a column of dates: 1954 to 2119.
_DAYS = (20_000, 80_000)
_DAY_ZERO = date(1899, 12, 30)
_NUMBER = re.compile(r"[0-9]+(?:\.0+)?")
#: Remarks on the cells of a column: code → message, hint.
_REMARKS = {
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


class Merged(NamedTuple):
    """A range of merged cells: its first and last line and column."""

    first: int
    last: int
    left: int
    right: int

    def __str__(self) -> str:
        return f"{cell_name(self.first, self.left)}:{cell_name(self.last, self.right)}"


@dataclass(slots=True)
class Grid:
    """One sheet: ``label`` is its name in places (the file, with the sheet's title if there are several).

    ``head`` are the names of the first line by column number (from 1), ``rows`` line numbers with the cells that hold
    something by column number, ``empty`` the lines without such cells.
    """

    file: str
    title: str
    label: str
    head: dict[int, str] = field(default_factory=dict)
    rows: list[tuple[int, dict[int, Any]]] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def place(self, line: int, column: int = 0, key: str = "") -> Place:
        """Return a place in this sheet."""
        return Place(self.label, line, column, key)

    def take(self, line: int, cells: dict[int, Any]) -> None:
        """Add a line: the first is the head, one without cells is empty. Raises FindingsError above the limits."""
        if cells and (last := max(cells)) > COLUMNS_MAX:
            message = f"{cell_name(line, last)} 有内容，超过 {COLUMNS_MAX} 列，不像是单位名单"
            raise FindingsError([finding("bad_list", message, self.place(line, last), "只保留需要的列")])
        if line == 1:
            for number, cell in cells.items():
                self.head[number] = "".join(str(cell.text if isinstance(cell, Formula) else cell).split())
        elif cells:
            if len(self.rows) >= ROWS_MAX:
                message, hint = f"超过 {ROWS_MAX} 行", "请分成几个文件"
                raise FindingsError([finding("bad_list", message, self.place(line), hint)])
            self.rows.append((line, cells))
        else:
            self.empty.append(line)

    @property
    def is_text(self) -> bool:
        """Whether the list is a text file: its cells have no types, its lines may have more cells than columns."""
        return self.file.lower().endswith(TEXTS)


class CellReader:
    """Reads the cells of one grid; a remark that many cells of a column share is made once."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.remarks: dict[tuple[str, int], list[int]] = {}

    def text(self, line: int, column: int, value: Any, param: Param | None) -> tuple[str, Finding | None]:
        """Return a cell's text, or the finding on a cell that cannot be used."""
        if isinstance(value, Formula):
            return "", self._unusable(line, column, value)
        kind = param.type if param is not None else "text"
        if isinstance(value, str):
            text = value.strip()
            if len(text) < len(value):
                self._remark("blanks_cut", line, column)
            if kind == "integer" and not self.grid.is_text and _NUMBER.fullmatch(text):
                self._remark("number_as_text", line, column)
            return text, None
        if isinstance(value, bool):
            return "是" if value else "否", None
        if isinstance(value, int | float):
            return self._number(line, column, value, kind), None
        if kind not in ("date", "document"):
            self._remark("date_as_text", line, column)
        return _date_text(value), None

    def _number(self, line: int, column: int, value: float, kind: str) -> str:
        if kind == "date" and _DAYS[0] <= value <= _DAYS[1]:
            self._remark("date_as_number", line, column)
            return (_DAY_ZERO + timedelta(days=int(value))).isoformat()
        if kind == "phone":
            self._remark("number_as_phone", line, column)
        return str(int(value)) if float(value).is_integer() else f"{value:.15g}"

    def without_column(self, line: int, column: int) -> Finding | None:
        """Note a cell whose column has no name; in a text it is an error, for cells before it may have slipped."""
        if not self.grid.is_text:
            self._remark("column_without_name", line, column)
            return None
        message = f"第 {line} 行比列名多出内容（{cell_name(line, column)}）"
        hint = "内容里有逗号的，整格要加半角双引号；多余的内容请删去"
        return finding("too_many_cells", message, self.grid.place(line, column), hint)

    def _remark(self, code: str, line: int, column: int) -> None:
        self.remarks.setdefault((code, column), []).append(line)

    def _unusable(self, line: int, column: int, value: Formula) -> Finding:
        name = cell_name(line, column)
        if value.code == "formula":
            message, hint = f"{name} 是公式，不能用作单位的内容", "复制这一列，用“选择性粘贴—数值”粘贴到原处"
        else:
            message, hint = f"{name} 是错误值 {value.text[:20]}", "请改成正确的内容"
        return finding(value.code, message, self.grid.place(line, column, self.grid.head.get(column, "")), hint)

    def findings(self) -> Iterator[Finding]:
        """Yield the remarks, a finding for each column."""
        for (code, column), lines in self.remarks.items():
            message, hint = _REMARKS[code]
            head = self.grid.head.get(column, "")
            cells = some([cell_name(line, column) for line in lines])
            message = message.format(column=head, cells=cells, letter=letter(column))
            yield finding(code, message, self.grid.place(lines[0], column, head), hint)


def _date_text(value: Any) -> str:
    if isinstance(value, time):
        return f"{value.hour}:{value.minute:02}"
    if isinstance(value, timedelta):
        return str(value)
    return (value.date() if isinstance(value, datetime) else value).isoformat()
