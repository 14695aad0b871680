"""A sheet of a list as lines of cells, whatever its file's format, and its cells as a clerk would have typed them.

Filled by :mod:`toolkit.batch.sheet`, read by :mod:`toolkit.batch.unit_list`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from toolkit.batch.finding_codes import cell_name, finding, letter, some
from toolkit.batch.rows import TEXTS
from toolkit.core.cells import Shown, plain_text, quoted
from toolkit.core.findings import Finding, FindingsError, Place
from toolkit.core.spreadsheet import ROWS_MAX, Formula
from toolkit.language.numerals import PEOPLE_MEASURES, counted
from toolkit.presets.params import Param

#: Characters of a sign in place of a content.
_SHORT = 4
#: Columns of a list.
COLUMNS_MAX = 500
#: Bare numbers that are read as days in a column of dates: 1954 to 2119.
_DAYS = (20_000, 80_000)
_DAY_ZERO = date(1899, 12, 30)
#: A number or a star before the name of a unit, as lists number their rows: 1、 2. （三） ④.
_NUMBERED = re.compile(
    r"(?:[0-9０-９]{1,4}[、.．)）]|[（(](?:[0-9]{1,4}|[一二三四五六七八九十]{1,3})[)）]|[①-⑳]"
    r"|[一二三四五六七八九十]{1,3}、|[*＊★])[ \u3000]*"
)
#: Signs that people draw in empty cells, and words for the same as above.
_DASHES, _DITTO = re.compile(r"[-—–―－/／\\]{1,4}"), frozenset({"同上", "同前", "同左", "〃", "″", "〃〃", '"', "''"})
#: The first number of more digits than a spreadsheet keeps.
_DIGITS_END = 10**15
_LINE_ENDS = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_NUMBER = re.compile(r"[0-9]+(?:\.0+)?")
#: A telephone number without the 0 before its area code (YD/T: 10, 2x, 3xx to 9xx); 400 and 800 have none.
_LOST_ZERO = re.compile(r"(?!400|800)(?:10[0-9]{8}|[2-9][0-9]{8,10})")
#: Remarks on the cells of a column: code → message, hint.
_REMARKS = {
    "blanks_cut": ("“{column}”列 {cells} 首尾有空格，已去掉", ""),
    "blanks_inside": ("“{column}”列 {cells} 的文字中间有空格或者看不见的字符，已去掉", ""),
    "number_cut": ("“{column}”列 {cells} 的名称前面有序号，已去掉", ""),
    "dash_as_empty": ("“{column}”列 {cells} 只有横线，当作没有填", ""),
    "unit_cut": ("“{column}”列 {cells} 的数字后面有“人”“个”之类的字，只取数字", ""),
    "struck_cells": ("“{column}”列 {cells} 划了删除线，照样读取", "不要的内容请删去"),
    "partly_struck": ("“{column}”列 {cells} 有一部分文字划了删除线，连同这一部分照样读取", "划掉的文字不要的，请删去"),
    "unseen_cells": ("“{column}”列 {cells} 的内容看不见（白色的字，或者格式设成不显示），照样读取", "不要的内容请删去"),
    "number_long": ("“{column}”列 {cells} 是 15 位以上的数字，表格软件只存前 15 位", "把这一列设为文本格式，再填一次"),
    "number_as_text": ("“{column}”列 {cells} 是以文本形式存储的数字，照数字读取", ""),
    "number_as_phone": ("“{column}”列 {cells} 存成了数字，开头的 0 可能已经丢失", "把这一列设为文本格式，再填一次号码"),
    "date_as_number": (
        "“{column}”列 {cells} 是没有设成日期的数字，按日期读取",
        "把这一列设为日期格式，可以看清是哪一天",
    ),
    "column_without_name": ("{letter} 列没有列名，{cells} 的内容不会用到", "给这一列写上列名；不用的列，列名以 # 开头"),
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

    ``rows`` are line numbers with the cells that hold something by column number; ``empty`` are the lines between them.
    :meth:`set_head` takes the line of column names (``head_line``), and those above it, out of ``rows``: ``head`` are the
    names by column number (from 1). ``end`` is the last line in use; ``hidden`` are hidden or filtered lines,
    ``hidden_columns`` columns, ``struck`` the struck-through columns by line, ``looks`` as in a :class:`Page`.
    """

    file: str
    title: str
    label: str
    head: dict[int, str] = field(default_factory=dict)
    head_line: int = 1
    rows: list[tuple[int, dict[int, Any]]] = field(default_factory=list)
    empty: list[range] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    hidden: Collection[int] = frozenset()
    struck: dict[int, set[int]] = field(default_factory=dict)
    hidden_columns: Collection[int] = frozenset()
    looks: dict[tuple[int, int], str] = field(default_factory=dict)
    end: int = 0

    def place(self, line: int, column: int = 0, key: str = "") -> Place:
        """Return a place in this sheet."""
        return Place(self.label, line, column, key)

    def head_place(self, column: int = 0, key: str = "") -> Place:
        """Return the place of a column's name."""
        return self.place(self.head_line, column, key)

    def take(self, line: int, cells: dict[int, Any]) -> None:
        """Add a line that holds something. Raises FindingsError above the limits."""
        if (last := max(cells)) > COLUMNS_MAX:
            message = f"{cell_name(line, last)} 有内容，超过 {COLUMNS_MAX} 列，不像是单位名单"
            raise FindingsError([finding("bad_list", message, self.place(line, last), "只保留需要的列")])
        if line > ROWS_MAX:
            message, hint = f"超过 {ROWS_MAX} 行", "请分成几个文件"
            raise FindingsError([finding("bad_list", message, self.place(line), hint)])
        self.rows.append((line, cells))
        self.end = line

    def set_head(self, index: int, names: dict[int, str]) -> list[tuple[int, dict[int, Any]]]:
        """Make row ``index`` that of the columns' names; return the rows above it."""
        above, self.head_line, self.head = self.rows[:index], self.rows[index][0], names
        del self.rows[: index + 1]
        self.empty = [lines for lines in self.empty if lines.start > self.head_line]
        return above

    @property
    def is_text(self) -> bool:
        """Whether the list is a text file: its cells have no types, its lines may have more cells than columns."""
        return self.file.lower().endswith(TEXTS)


class CellReader:
    """Reads the cells of one grid; a remark that many cells of a column share is made once.

    ``names`` are the columns of names of units and persons, which have no blanks between Han characters.
    """

    def __init__(self, grid: Grid, names: Collection[int] = ()) -> None:
        self.grid, self.names, self.struck = grid, frozenset(names), grid.struck
        self.is_text = grid.is_text
        self.remarks: dict[tuple[str, int], list[int]] = {}

    def text(self, line: int, column: int, value: Any, param: Param | None) -> tuple[str, Finding | None]:
        """Return a cell's text, or the finding on a cell that cannot be used."""
        if self.struck and column in self.struck.get(line, ()):
            self._remark("struck_cells", line, column)
        if self.grid.looks and (look := self.grid.looks.get((line, column))):
            self._remark(look, line, column)
        kind = param.type if param is not None else ""
        if isinstance(value, str):
            text = value.strip()
            if len(text) < len(value):
                self._remark("blanks_cut", line, column)
            if len(text) <= _SHORT and (text in _DITTO or _DASHES.fullmatch(text)):
                return "", self._sign(line, column, text)
            if column in self.names and (numbered := _NUMBERED.match(text)):
                self._remark("number_cut", line, column)
                text = text[numbered.end() :]
            if (
                (kind == "integer" and not (self.is_text and text.isdecimal()))
                or not text.isprintable()
                or (column in self.names and " " in text)
            ):
                text = self._plain(line, column, text, kind)
            return text, None
        if isinstance(value, Formula):
            return "", self._unusable(line, column, value)
        if isinstance(value, bool):
            return "是" if value else "否", None
        if isinstance(value, Shown):
            return str(value.value) if kind in ("integer", "date", "boolean") else value.text, None
        if isinstance(value, int | float):
            return self._number(line, column, value, kind), None
        if kind not in ("date", "document"):
            self._remark("date_as_text", line, column)
        return _date_text(value), None

    def _sign(self, line: int, column: int, text: str) -> Finding | None:
        """Note a dash, which says that there is nothing; the sign for the cell above is an error."""
        if text not in _DITTO:
            self._remark("dash_as_empty", line, column)
            return None
        name = cell_name(line, column)
        place = self.grid.place(line, column, self.grid.head.get(column, ""))
        return finding("ditto", f"{name}“{text}”不是内容", place, "把上面一格的内容抄过来")

    def _plain(self, line: int, column: int, text: str, kind: str) -> str:
        if kind == "text":  # a cell breaks its lines where it is narrow
            text = _LINE_ENDS.sub("\u3000", text)
        if kind != "longtext" and (plain := plain_text(text, column in self.names)) != text:
            self._remark("blanks_inside", line, column)
            text = plain
        if kind == "integer":
            if number := counted(text, PEOPLE_MEASURES):
                self._remark("unit_cut", line, column)
                return number
            if not self.is_text and _NUMBER.fullmatch(text):
                self._remark("number_as_text", line, column)
        return text

    def _number(self, line: int, column: int, value: float, kind: str) -> str:
        if kind == "date" and _DAYS[0] <= value <= _DAYS[1]:
            self._remark("date_as_number", line, column)
            return (_DAY_ZERO + timedelta(days=int(value))).isoformat()
        if abs(value) >= _DIGITS_END:
            self._remark("number_long", line, column)
        text = str(int(value)) if float(value).is_integer() else f"{value:.15g}"
        if kind == "phone" and _LOST_ZERO.fullmatch(text):
            self._remark("number_as_phone", line, column)
        return text

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


def typed_cell(text: str) -> str | Formula:
    """Return a cell of a list that is text: ="0533…" is a text, other formulas are formulas."""
    if not text.lstrip().startswith("="):
        return text
    return Formula(text, "formula") if (known := quoted(text)) is None else known
