"""Rows of a list that are not read like the others: hidden, struck through, or of no unit; used by ``unit_list``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.batch.finding_codes import finding, some
from toolkit.batch.grids import Grid
from toolkit.core.cells import head_name
from toolkit.core.findings import Finding
from toolkit.core.patterns import lazy
from toolkit.presets.params import Param

_SUM = lazy(
    r".{0,12}(?:合计|总计|小计|共计)(?:[（(]?共?[0-9]+[个人户村家][^）)]{0,4}[）)]?)?[:：]?|平均值?|其中[:：].{0,12}"
)
#: Lines below a table for those who made it, and notes: no name of a unit has a colon.
_SIGNED = lazy(
    r"(?s)(?:(?:填表|制表|填报|填写|统计|审核|审批|复核|经办|负责|联系)(?:人员?|单位|部门|日期|时间)(?:[（(][盖签]?[章字名][）)])?|审核|审批|复核|经办|注|备注|说明|附注|示例|样例|例如)[:：].*"
)
#: A page, a date or a place for a seal alone.
_ASIDE = lazy(
    r"第[0-9]+页(?:[,，/]?共[0-9]+页)?|[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?|[（(](?:盖章|公章|签字|必填|选填|可不填|示例|样例)[）)]"
)


class MarkedRows:
    """Collects the rows of a sheet that are hidden, filtered out or struck through; the column ``key`` names a row's subject."""

    def __init__(self, grid: Grid, key: int, visible: bool) -> None:
        self.grid, self.key, self.visible, self.any = grid, key, visible, bool(grid.hidden or grid.struck)
        self.hidden: list[int] = []
        self.struck: list[int] = []
        self._struck: set[int] = set()

    def is_skipped(self, line: int, cells: Mapping[int, Any], columns: Mapping[int, Param | None]) -> bool:
        """Return whether a row is not to be read. A row is struck through if its name is, or all of its cells are."""
        struck = self.grid.struck.get(line)
        if struck and (self.key in struck if self.key in cells else struck >= cells.keys()):
            self._struck.add(line)
            del self.grid.struck[line]  # told once, not cell by cell
        if not self.visible or not (line in self.grid.hidden or line in self._struck):
            return False
        if any(columns.get(column) for column in cells):
            self.note(line)
        return True

    def note(self, line: int) -> None:
        """Note a row that holds something."""
        if line in self.grid.hidden:
            self.hidden.append(line)
        elif line in self._struck:
            self.struck.append(line)

    def findings(self) -> Iterator[Finding]:
        """Yield what is to be said of the rows."""
        for code, lines, what in (
            ("hidden_rows", self.hidden, "隐藏或者筛选掉了"),
            ("struck_rows", self.struck, "划了删除线"),
        ):
            if lines:
                named = some([f"第 {line} 行" for line in lines])
                message = f"{named}{what}，共 {len(lines)} 行"
                place, title = self.grid.place(lines[0]), self.grid.title
                if self.visible:
                    yield finding("skipped_rows", f"{message}，已跳过", place, subject=title)
                else:
                    yield finding(code, f"{message}，照样读取", place, "要跳过这些行，加 --visible", title)


class OtherRows:
    """Collects the rows that name no unit: column names that come again, sums, lines for signatures and notes.

    ``names`` are the columns of the units' names.
    """

    def __init__(self, grid: Grid, names: Sequence[int]) -> None:
        self.grid, self.name = grid, names[0] if names else 0
        self.head = grid.head.get(self.name, "")
        self.rows: list[tuple[int, str]] = []
        self._bare: list[tuple[int, str]] = []
        self._full = 0

    def note(self, line: int, name: str, count: int) -> None:
        """Note the row of a unit that has so many texts: one with its name only may be a heading of others (柳溪镇)."""
        if count > 1:
            self._full += 1
        elif name:
            self._bare.append((line, name[:20]))

    def is_one(self, line: int, cells: Mapping[int, Any]) -> bool:
        """Return whether a row is none of a unit, and note it."""
        given = cells.get(self.name)
        texts = [given] if given is not None else cells.values()
        for text in ("".join(value.split()) for value in texts if isinstance(value, str)):
            is_head = given is not None and head_name(text) == self.head and self._repeats(cells)
            is_aside = len(cells) == 1 and _ASIDE.fullmatch(text)
            if self.name and (is_head or _SUM.fullmatch(text) or _SIGNED.fullmatch(text) or is_aside):
                self.rows.append((line, text[:20]))
                return True
        return False

    def _repeats(self, cells: Mapping[int, Any]) -> bool:
        return all(head_name(value) == self.grid.head.get(column) for column, value in cells.items())

    def findings(self) -> Iterator[Finding]:
        """Yield what is to be said of the rows."""
        if self.rows:
            lines = some([f"第 {line} 行“{text}”" for line, text in self.rows])
            hint = "是单位的，请改单位名称；这里只认单位，不认合计、签名和说明"
            yield finding(
                "other_rows", f"{lines}不是单位，已跳过", self.grid.place(self.rows[0][0]), hint, self.grid.title
            )
        if self._bare and self._full > len(self._bare):
            lines = some([f"第 {line} 行“{text}”" for line, text in self._bare])
            message = f"{lines}只有名称，别的内容都没有，照单位读取"
            hint = "是小标题（乡镇、片区的名称）的，请删去这一行"
            yield finding("bare_row", message, self.grid.place(self._bare[0][0]), hint, self.grid.title)
