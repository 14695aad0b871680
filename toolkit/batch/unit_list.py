"""The list → units: columns and sheets are named, cells become texts, names are looked up, doublets are found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from toolkit.batch.cells import Reading
from toolkit.batch.finding_codes import cell_name, finding, some
from toolkit.batch.grids import Grid
from toolkit.batch.overlay import find_param, table_of
from toolkit.batch.rows import Cells, File, Head, Lister, Row, profiles_in
from toolkit.core.findings import Finding, Place, has_errors
from toolkit.core.spreadsheet import Formula
from toolkit.output import safe_name
from toolkit.output.names_and_seals import same_name
from toolkit.presets import Preset
from toolkit.presets.markup import Placeholder
from toolkit.presets.params import Param
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import RESERVED, reserved_key

#: The first column of a sheet of records: the unit that a row belongs to.
UNIT = "单位"
#: So many names that are not in the list are told one by one.
_STRANGERS = 100
#: Columns that clerks keep for themselves.
_PASSED_OVER = ("序号", "编号", "备注", "说明")


@dataclass(slots=True)
class Unit:
    """A unit of the list: its name, its output's name, what it is made from, and what is wrong with its rows.

    ``checked`` is what validating it found, if that was done already.
    """

    name: str
    target: str
    source: Row | File
    findings: list[Finding] = field(default_factory=list)
    checked: list[Finding] | None = None


@dataclass(slots=True)
class Listed:
    """A list as read. ``findings`` concern the list as a whole."""

    units: list[Unit]
    lister: Lister
    findings: list[Finding]


def identity_key(preset: Preset) -> str:
    """Return the parameter that names a unit of this kind, or ""."""
    parts = preset.identity.get("unit", ())
    named = [part.path for part in parts if isinstance(part, Placeholder) and part.path in preset.params.params]
    return (
        named[0] if named else next((p.key for p in preset.params.params.values() if p.needed and p.type == "text"), "")
    )


def units_of(grids: Sequence[Grid], presets: Sequence[Preset], base: Any = None) -> Listed:
    """Return the units of a table. ``presets`` are those of the kinds that occur; the first rules what a cell means."""
    reader = _ListReader(grids, presets)
    main = grids[0]
    columns = reader.columns(main)
    others = [(grid, table) for grid in grids[1:] if (table := reader.table(grid))]
    for grid in (main, *(grid for grid, _ in others)):
        reader.findings += grid.findings
    names = reader.name_columns(columns)
    units = list(reader.units(columns, names))
    sheets = [(grid, reader.record_columns(grid, table)) for grid, table in others]
    reader.attach(units, names, sheets)
    heads = [Head(main.label, main.title, {n: main.head[n] for n in columns})]
    heads += [Head(grid.label, grid.title, {n: grid.head[n] for n in known}) for grid, known in sheets]
    _doublets(units, main)
    reader.findings += [one for reading in reader.readings for one in reading.findings()]
    if not units and not has_errors(reader.findings):
        reader.findings.append(finding("bad_list", "名单里没有单位", main.place(2), "从第二行起每个单位一行"))
    return Listed(units, Lister(tuple(heads), base), reader.findings)


class _ListReader:
    """Reads the sheets of one list and collects what there is to say."""

    def __init__(self, grids: Sequence[Grid], presets: Sequence[Preset]) -> None:
        self.main = grids[0]
        self.schemas = [preset.params for preset in presets]
        self.identities = list(dict.fromkeys(identity_key(preset) for preset in presets))
        self.findings: list[Finding] = []
        self.readings: list[Reading] = []

    def columns(self, grid: Grid) -> dict[int, Param | None]:
        """Return the parameter of each column that is used; a reserved name (单位类型) has none."""
        found: dict[int, Param | None] = {}
        seen: dict[str, int] = {}
        for number, name in grid.head.items():
            param = next((p for schema in self.schemas if (p := find_param(name, schema))), None)
            key = param.key if param else reserved_key(name)
            if key is None:
                self._unknown(grid, number, name, self._names())
            elif key in seen:
                message = f"{cell_name(1, number)}“{name}”和 {cell_name(1, seen[key])}“{grid.head[seen[key]]}”是同一项"
                self.findings.append(
                    finding("duplicate_column", message, grid.place(1, number, name), "请删去其中一列")
                )
            else:
                seen[key] = number
                found[number] = param
        return found

    def _names(self) -> list[str]:
        params = [param for schema in self.schemas for param in schema.params.values()]
        return [name for param in params for name in (param.label, param.labels[-1], param.key)] + list(
            RESERVED.values()
        )

    def _unknown(self, grid: Grid, number: int, name: str, names: Iterable[str]) -> None:
        place = grid.place(1, number, name)
        if name in _PASSED_OVER or name.startswith("#"):
            self.findings.append(finding("ignored_column", f"“{name}”列不会用到", place))
            return
        labels = dict.fromkeys(names)
        close = [one for one in labels if one.endswith(f".{name}")] or get_close_matches(name, labels, 2, 0.5)
        hint = f"是不是“{'”或“'.join(close)}”？" if close else "toolkit presets 加类型名称可列出全部参数；"
        message = f"{cell_name(1, number)}“{name}”不是参数"
        self.findings.append(finding("unknown_column", message, place, f"{hint}不用的列，列名以 # 开头"))

    def table(self, grid: Grid) -> Param | None:
        """Return the table parameter that a sheet is named by."""
        known = next((t for schema in self.schemas if (t := table_of(grid.title, schema))), None)
        if known:
            return known[1]
        titles = [PEOPLE.label, *(p.labels[-1] for s in self.schemas for p in s.params.values() if p.type == "table")]
        close = get_close_matches(grid.title, dict.fromkeys(titles), 1, 0.5)
        message = f"工作表“{grid.title}”不会用到"
        hint = f"是不是“{close[0]}”？" if close else ""
        self.findings.append(finding("ignored_sheet", message, grid.place(1), hint, grid.title))
        return None

    def record_columns(self, grid: Grid, table: Param) -> dict[int, Param | None]:
        """Return the columns of a sheet of records; the unit's column is not among them."""
        names = {name: column for column in table.columns for name in (column.key, column.label)}
        found: dict[int, Param | None] = {}
        for number, name in grid.head.items():
            if name in names:
                found[number] = names[name]
            elif name != UNIT:
                self._unknown(grid, number, name, [*names, UNIT])
        return found

    def name_columns(self, columns: Mapping[int, Param | None]) -> list[int]:
        """Return the column of the units' names and, if there is one, that of their short names."""
        by_key = {param.key: number for number, param in columns.items() if param}
        found = [by_key[key] for key in self.identities if key in by_key]
        if not found:
            label = next((p.label for s in self.schemas for k in self.identities if (p := s.params.get(k))), "")
            message = f"没有“{label}”这一列，不知道每一行是哪个单位"
            self.findings.append(
                finding("no_name_column", message, self.main.place(1), "第一行写列名，下面每个单位一行")
            )
            return []
        short = self.identities[0].rpartition(".")[0] + ".short_name"
        return found[:1] + [number for key, number in by_key.items() if key == short]

    def units(self, columns: Mapping[int, Param | None], names: Sequence[int]) -> Iterator[Unit]:
        """Yield the units; the rows of the grid are given up on the way."""
        grid, reading = self.main, Reading(self.main)
        self.readings.append(reading)
        rows, merged = grid.rows, _merged(grid, columns)
        empty, end = [], rows[-1][0] if rows else 0
        for number, (line, cells) in enumerate(rows):
            rows[number] = (line, {})
            texts, found = _read(reading, line, cells, columns)
            if not found and not any(
                columns[number] for number, _ in texts
            ):  # numbers or kinds that wait for units to come
                empty.append(line)
                continue
            name = dict(texts).get(names[0], "") if names else ""
            found += merged.get(line, ())
            if not name and names:
                place = grid.place(line, names[0], grid.head[names[0]])
                message = f"第 {line} 行没有填“{grid.head[names[0]]}”"
                found.append(finding("nameless_unit", message, place, "补上单位名称；不用的行请整行删去"))
            name = name or f"第{line}行"
            unusable = tuple(
                param.key for n, cell in cells.items() if isinstance(cell, Formula) and (param := columns.get(n))
            )
            yield Unit(name, safe_name(name), Row(line, texts, (), unusable), found)
        if empty := sorted([*empty, *(line for line in grid.empty if line < end)]):
            lines = some([f"第 {line} 行" for line in empty])
            self.findings.append(finding("empty_rows", f"{lines}没有内容，已跳过", grid.place(empty[0])))
        if any(one.first <= 1 for one in grid.merged):
            ranges = some([str(one) for one in grid.merged if one.first <= 1])
            message, hint = f"列名所在的第一行有合并单元格 {ranges}", "第一行只写列名，不要大标题，不要合并"
            self.findings.append(finding("merged_cells", message, grid.place(1), hint))

    def attach(
        self, units: list[Unit], names: Sequence[int], sheets: Sequence[tuple[Grid, dict[int, Param | None]]]
    ) -> None:
        """Give the rows of the other sheets to their units."""
        by_name = _by_name(units, names)
        tables: dict[int, dict[int, list[tuple[int, Cells]]]] = {}
        for sheet, (grid, columns) in enumerate(sheets, 1):
            reading = Reading(grid)
            self.readings.append(reading)
            owner = next((number for number, name in grid.head.items() if name == UNIT), None)
            if owner is None:
                message = f"工作表“{grid.title}”没有“{UNIT}”列，不知道各行属于哪个单位"
                self.findings.append(finding("no_name_column", message, grid.place(1, 1), f"第一列的列名写“{UNIT}”"))
                continue
            merged = _merged(grid, {owner, *columns})
            nobodys: dict[str, list[int]] = {}
            for line, cells in grid.rows:
                name, wrong = reading.text(line, owner, cells.get(owner, ""), None)
                texts, found = _read(reading, line, cells, columns)
                if wrong is not None:
                    self.findings.append(wrong)
                elif len(meant := by_name.get(name, [])) == 1:
                    meant[0].findings += [*found, *merged.get(line, ())]
                    tables.setdefault(id(meant[0]), {}).setdefault(sheet, []).append((line, texts))
                elif texts or found or name:
                    nobodys.setdefault(name, []).append(line)
            grid.rows.clear()
            self.findings += _nobodys(grid, owner, nobodys, by_name)
        for unit in units:
            if own := tables.get(id(unit)):
                assert isinstance(unit.source, Row)
                rows = tuple((sheet, tuple(lines)) for sheet, lines in own.items())
                unit.source = replace(unit.source, tables=rows)


def _by_name(units: Sequence[Unit], names: Sequence[int]) -> dict[str, list[Unit]]:
    """Return the units by name: one that has it as its full name, else all that have it as their short one."""
    found: dict[str, list[Unit]] = {}
    for number in names:  # that of full names comes first
        here: dict[str, list[Unit]] = {}
        for unit in units:
            if isinstance(unit.source, Row) and (text := dict(unit.source.cells).get(number)):
                here.setdefault(text, []).append(unit)
        # A full name that stands twice is told as a doublet.
        found = {**(here if found else {name: group[:1] for name, group in here.items()}), **found}
    return found


def _nobodys(
    grid: Grid, column: int, lines: Mapping[str, list[int]], by_name: Mapping[str, list[Unit]]
) -> Iterator[Finding]:
    """Yield what there is to say about rows that belong to nobody; rows of one of several units stop all of those."""
    for number, (name, where) in enumerate(lines.items()):
        cells, place = some([cell_name(line, column) for line in where]), grid.place(where[0], column, UNIT)
        if meant := by_name.get(name):
            message = f"{cells}“{name}”是几个单位的简称：{some([_where(unit) for unit in meant])}"
            for unit in meant:
                unit.findings.append(finding("ambiguous_unit", message, place, "填单位的全称", name))
        elif not name:
            yield finding("unknown_unit", f"{cells} 没有写是哪个单位", place, "填单位的全称或简称")
        elif number < _STRANGERS:
            close = extractOne(name, by_name.keys(), scorer=ratio, score_cutoff=60)
            hint = f"是不是“{close[0]}”？" if close else "填名单中单位的全称或简称"
            yield finding("unknown_unit", f"{cells}“{name}”不在名单中", place, hint, name)
    if len(lines) > _STRANGERS:
        last = list(lines.values())[_STRANGERS][0]
        message = f"从第 {last} 行起还有 {len(lines) - _STRANGERS} 个名称不在名单中，没有一一列出"
        yield finding("unknown_unit", message, grid.place(last, column, UNIT), "填名单中单位的全称或简称")


def _read(
    reading: Reading, line: int, cells: Mapping[int, Any], columns: Mapping[int, Param | None]
) -> tuple[Cells, list[Finding]]:
    texts, found = [], []
    for number, value in cells.items():
        if number in columns:
            text, wrong = reading.text(line, number, value, columns[number])
            if wrong is not None:
                found.append(wrong)
            elif text:
                texts.append((number, text))
        elif number not in reading.grid.head and (wrong := reading.without_column(line, number)):
            found.append(wrong)
    return tuple(texts), found


def _merged(grid: Grid, columns: Collection[int]) -> dict[int, list[Finding]]:
    """Return what there is to say about merged cells by line, save those of columns not used: 序号 and 备注 are often merged."""
    found: dict[int, list[Finding]] = {}
    last = grid.rows[-1][0] if grid.rows else 0
    for one in grid.merged:
        if any(one.left <= column <= one.right for column in columns):
            what = "列" if one.first == one.last else "行"
            for line in range(max(one.first, 2), min(one.last, last) + 1):
                message = f"第 {line} 行有合并单元格 {one}，看不出内容属于哪一{what}"
                found.setdefault(line, []).append(
                    finding("merged_cells", message, grid.place(line), "取消合并，把内容填到每一格", str(one))
                )
    return found


def _doublets(units: Sequence[Unit], grid: Grid) -> None:
    """Report units that stand twice or would be written to one place: all of them, for nobody knows which is meant."""
    groups: dict[str, list[Unit]] = {}
    for unit in units:
        groups.setdefault(same_name(unit.target), []).append(unit)
    for group in groups.values():
        if len(group) < 2:
            continue
        where = some([_where(unit) for unit in group])
        for unit in group:
            same = sum(other.name == unit.name for other in group) > 1
            message = (
                f"“{unit.name}”出现了几次：{where}" if same else f"“{unit.name}”和别的单位会写到同一个文件夹：{where}"
            )
            code = "duplicate_unit" if same else "same_output"
            line = unit.source.line if isinstance(unit.source, Row) else 0
            place = grid.place(line) if line else Place(getattr(unit.source, "path", ""))
            hint = "每个单位只写一次，名称要能区分" if line else "每个单位只留一份档案，名称要能区分"
            unit.findings.append(finding(code, message, place, hint, unit.name))


def _where(unit: Unit) -> str:
    return f"第 {unit.source.line} 行" if isinstance(unit.source, Row) else Path(unit.source.path).name


def folder_units(folder: Path, unit_of: Callable[[File], Unit]) -> Listed:
    """Return the units of a folder of profiles, as ``unit_of`` names them."""
    units = [unit_of(File(str(path))) for path in profiles_in(folder)]
    found = []
    if not units:
        found.append(finding("bad_list", "文件夹里没有单位档案（.yaml）", Place(str(folder)), "每个单位一份档案"))
    _doublets([unit for unit in units if not has_errors(unit.checked or ())], Grid(str(folder), "", str(folder), {}))
    return Listed(units, Lister(), found)
