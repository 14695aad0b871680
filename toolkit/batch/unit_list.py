"""Makes units of a list: columns and sheets are named, cells become texts, doublets are reported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from toolkit.batch.finding_codes import cell_name, finding, some
from toolkit.batch.grids import CellReader, Grid
from toolkit.batch.rows import Cells, File, Head, Lister, Row, profiles_in
from toolkit.batch.source import find_param, table_of
from toolkit.core.findings import Finding, Place, did_you_mean, has_errors, nearest, similar
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
#: So many names that are not in the list are reported one by one.
_STRANGERS = 100
#: Columns that clerks keep for themselves.
_PASSED_OVER = ("序号", "编号", "备注", "说明")
#: Columns of a sheet by number; those with a reserved name (单位类型) have no parameter.
Columns = Mapping[int, Param | None]


@dataclass(slots=True)
class Unit:
    """A unit of the list: its name, its output's name, its source, and the findings on its rows.

    ``checked`` are the findings of validating it, if that was done already.
    """

    name: str
    target: str
    source: Row | File
    findings: list[Finding] = field(default_factory=list)
    checked: list[Finding] | None = None

    @property
    def row(self) -> str:
        """The unit's place in the list for people: 第 3 行, or the name of its file."""
        return f"第 {self.source.line} 行" if isinstance(self.source, Row) else Path(self.source.path).name


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
    needed = (param.key for param in preset.params.params.values() if param.needed and param.type == "text")
    return named[0] if named else next(needed, "")


def units_of(grids: Sequence[Grid], presets: Sequence[Preset], base: Any = None) -> Listed:
    """Return the units of a table. ``presets`` are those of the kinds that occur; the first rules the meaning of cells."""
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
    heads = tuple(
        Head(grid.label, grid.title, {n: grid.head[n] for n in used}) for grid, used in ((main, columns), *sheets)
    )
    _report_doublets(units, main)
    reader.findings += [remark for cells in reader.readers for remark in cells.findings()]
    if not units and not has_errors(reader.findings):
        reader.report("bad_list", "名单里没有单位", main.place(2), "从第二行起每个单位一行")
    return Listed(units, Lister(heads, base), reader.findings)


class _ListReader:
    """Reads the sheets of one list and collects the findings on it."""

    def __init__(self, grids: Sequence[Grid], presets: Sequence[Preset]) -> None:
        self.main = grids[0]
        self.schemas = [preset.params for preset in presets]
        self.identities = list(dict.fromkeys(identity_key(preset) for preset in presets))
        self.findings: list[Finding] = []
        self.readers: list[CellReader] = []

    def report(self, code: str, message: str, where: Place, hint: str = "", subject: str = "") -> None:
        """Add a finding on the list."""
        self.findings.append(finding(code, message, where, hint, subject))

    def reader(self, grid: Grid) -> CellReader:
        """Return the reader of the cells of a sheet."""
        self.readers.append(CellReader(grid))
        return self.readers[-1]

    def params(self) -> Iterator[Param]:
        """Yield the parameters of all kinds."""
        return (param for schema in self.schemas for param in schema.params.values())

    def columns(self, grid: Grid) -> dict[int, Param | None]:
        """Return the columns that are used."""
        found: dict[int, Param | None] = {}
        seen: dict[str, int] = {}
        for number, name in grid.head.items():
            param = next((p for schema in self.schemas if (p := find_param(name, schema))), None)
            key = param.key if param else reserved_key(name)
            if key is None:
                labels = [name for param in self.params() for name in (param.label, param.labels[-1], param.key)]
                self._unknown(grid, number, name, [*labels, *RESERVED.values()])
            elif key in seen:
                message = f"{cell_name(1, number)}“{name}”和 {cell_name(1, seen[key])}“{grid.head[seen[key]]}”是同一项"
                self.report("duplicate_column", message, grid.place(1, number, name), "请删去其中一列")
            else:
                seen[key] = number
                found[number] = param
        return found

    def _unknown(self, grid: Grid, number: int, name: str, names: Iterable[str]) -> None:
        place = grid.place(1, number, name)
        if name in _PASSED_OVER or name.startswith("#"):
            self.report("ignored_column", f"“{name}”列不会用到", place)
            return
        labels = dict.fromkeys(names)
        close = [label for label in labels if label.endswith(f".{name}")] or similar(name, labels, 2, 0.5)
        hint = did_you_mean(close, "toolkit presets 加类型名称可列出全部参数；")
        message = f"{cell_name(1, number)}“{name}”不是参数"
        self.report("unknown_column", message, place, f"{hint}不用的列，列名以 # 开头")

    def table(self, grid: Grid) -> Param | None:
        """Return the table parameter that a sheet is named by."""
        known = next((t for schema in self.schemas if (t := table_of(grid.title, schema))), None)
        if known:
            return known[1]
        titles = [PEOPLE.label, *(param.labels[-1] for param in self.params() if param.type == "table")]
        hint = nearest(grid.title, dict.fromkeys(titles), alike=0.5)
        self.report("ignored_sheet", f"工作表“{grid.title}”不会用到", grid.place(1), hint, grid.title)
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

    def name_columns(self, columns: Columns) -> list[int]:
        """Return the column of the units' names and, if there is one, that of their short names."""
        by_key = {param.key: number for number, param in columns.items() if param}
        found = [by_key[key] for key in self.identities if key in by_key]
        if not found:
            label = next((p.label for s in self.schemas for k in self.identities if (p := s.params.get(k))), "")
            message = f"没有“{label}”这一列，不知道每一行是哪个单位"
            self.report("no_name_column", message, self.main.place(1), "第一行写列名，下面每个单位一行")
            return []
        short = self.identities[0].rpartition(".")[0] + ".short_name"
        return found[:1] + [number for key, number in by_key.items() if key == short]

    def units(self, columns: Columns, names: Sequence[int]) -> Iterator[Unit]:
        """Yield the units; the rows of the grid are released on the way."""
        grid, reader = self.main, self.reader(self.main)
        rows, merged = grid.rows, _merged(grid, columns)
        empty, end = [], rows[-1][0] if rows else 0
        for number, (line, cells) in enumerate(rows):
            rows[number] = (line, {})
            texts, findings = _read(reader, line, cells, columns)
            if not findings and not any(columns[column] for column, _ in texts):  # numbers or kinds of units to come
                empty.append(line)
                continue
            name = dict(texts).get(names[0], "") if names else ""
            findings += merged.get(line, ())
            if not name and names:
                head = grid.head[names[0]]
                message, hint = f"第 {line} 行没有填“{head}”", "补上单位名称；不用的行请整行删去"
                findings.append(finding("nameless_unit", message, grid.place(line, names[0], head), hint))
            name = name or f"第{line}行"
            formulas = (columns.get(column) for column, cell in cells.items() if isinstance(cell, Formula))
            unusable = tuple(param.key for param in formulas if param)
            yield Unit(name, safe_name(name), Row(line, texts, (), unusable), findings)
        if empty := sorted([*empty, *(line for line in grid.empty if line < end)]):
            lines = some([f"第 {line} 行" for line in empty])
            self.report("empty_rows", f"{lines}没有内容，已跳过", grid.place(empty[0]))
        if head_areas := [str(area) for area in grid.merged if area.first <= 1]:
            message = f"列名所在的第一行有合并单元格 {some(head_areas)}"
            self.report("merged_cells", message, grid.place(1), "第一行只写列名，不要大标题，不要合并")

    def attach(self, units: list[Unit], names: Sequence[int], sheets: Sequence[tuple[Grid, Columns]]) -> None:
        """Give the rows of the other sheets to their units."""
        by_name = _by_name(units, names)
        tables: dict[int, dict[int, list[tuple[int, Cells]]]] = {}
        for sheet, (grid, columns) in enumerate(sheets, 1):
            reader = self.reader(grid)
            owner = next((number for number, name in grid.head.items() if name == UNIT), None)
            if owner is None:
                message = f"工作表“{grid.title}”没有“{UNIT}”列，不知道各行属于哪个单位"
                self.report("no_name_column", message, grid.place(1, 1), f"第一列的列名写“{UNIT}”")
                continue
            merged = _merged(grid, {owner, *columns})
            strangers: dict[str, list[int]] = {}
            for line, cells in grid.rows:
                name, wrong = reader.text(line, owner, cells.get(owner, ""), None)
                texts, findings = _read(reader, line, cells, columns)
                if wrong is not None:
                    self.findings.append(wrong)
                elif len(owners := by_name.get(name, [])) == 1:
                    owners[0].findings += [*findings, *merged.get(line, ())]
                    tables.setdefault(id(owners[0]), {}).setdefault(sheet, []).append((line, texts))
                elif texts or findings or name:
                    strangers.setdefault(name, []).append(line)
            grid.rows.clear()
            self.findings += _strangers(grid, owner, strangers, by_name)
        for unit in units:
            if own := tables.get(id(unit)):
                assert isinstance(unit.source, Row)
                rows = tuple((sheet, tuple(lines)) for sheet, lines in own.items())
                unit.source = replace(unit.source, tables=rows)


def _by_name(units: Sequence[Unit], names: Sequence[int]) -> dict[str, list[Unit]]:
    """Return the units by name: the unit with this full name, else all units with this short name."""
    found: dict[str, list[Unit]] = {}
    for number in names:  # that of full names comes first
        here: dict[str, list[Unit]] = {}
        for unit in units:
            if isinstance(unit.source, Row) and (text := dict(unit.source.cells).get(number)):
                here.setdefault(text, []).append(unit)
        # A full name that occurs twice is reported as a doublet.
        found = {**(here if found else {name: group[:1] for name, group in here.items()}), **found}
    return found


def _strangers(
    grid: Grid, column: int, lines: Mapping[str, list[int]], by_name: Mapping[str, list[Unit]]
) -> Iterator[Finding]:
    """Yield the findings on rows of no unit; rows of one of several units stop all of those."""
    hint = "填名单中单位的全称或简称"
    for number, (name, where) in enumerate(lines.items()):
        cells, place = some([cell_name(line, column) for line in where]), grid.place(where[0], column, UNIT)
        if units := by_name.get(name):
            message = f"{cells}“{name}”是几个单位的简称：{some([unit.row for unit in units])}"
            for unit in units:
                unit.findings.append(finding("ambiguous_unit", message, place, "填单位的全称", name))
        elif not name:
            yield finding("unknown_unit", f"{cells} 没有写是哪个单位", place, "填单位的全称或简称")
        elif number < _STRANGERS:
            close = extractOne(name, by_name.keys(), scorer=ratio, score_cutoff=60)
            question = did_you_mean(close[:1] if close else (), hint)
            yield finding("unknown_unit", f"{cells}“{name}”不在名单中", place, question, name)
    if len(lines) > _STRANGERS:
        last = list(lines.values())[_STRANGERS][0]
        message = f"从第 {last} 行起还有 {len(lines) - _STRANGERS} 个名称不在名单中，没有一一列出"
        yield finding("unknown_unit", message, grid.place(last, column, UNIT), hint)


def _read(reader: CellReader, line: int, cells: Mapping[int, Any], columns: Columns) -> tuple[Cells, list[Finding]]:
    texts, findings = [], []
    for number, value in cells.items():
        wrong = None
        if number in columns:
            text, wrong = reader.text(line, number, value, columns[number])
            if text and wrong is None:
                texts.append((number, text))
        elif number not in reader.grid.head:
            wrong = reader.without_column(line, number)
        if wrong is not None:
            findings.append(wrong)
    return tuple(texts), findings


def _merged(grid: Grid, columns: Collection[int]) -> dict[int, list[Finding]]:
    """Return the findings on merged cells by line, save those of columns not used: 序号 and 备注 are often merged."""
    findings: dict[int, list[Finding]] = {}
    last = grid.rows[-1][0] if grid.rows else 0
    for area in grid.merged:
        if any(area.left <= column <= area.right for column in columns):
            what = "列" if area.first == area.last else "行"
            for line in range(max(area.first, 2), min(area.last, last) + 1):
                message = f"第 {line} 行有合并单元格 {area}，看不出内容属于哪一{what}"
                hint = "取消合并，把内容填到每一格"
                findings.setdefault(line, []).append(
                    finding("merged_cells", message, grid.place(line), hint, str(area))
                )
    return findings


def _report_doublets(units: Sequence[Unit], grid: Grid) -> None:
    """Report units that occur twice or would be written to one folder: all of them, for nobody knows which is meant."""
    groups: dict[str, list[Unit]] = {}
    for unit in units:
        groups.setdefault(same_name(unit.target), []).append(unit)
    for group in groups.values():
        if len(group) < 2:
            continue
        rows = some([unit.row for unit in group])
        for unit in group:
            code, message = "same_output", f"“{unit.name}”和别的单位会写到同一个文件夹：{rows}"
            if sum(other.name == unit.name for other in group) > 1:
                code, message = "duplicate_unit", f"“{unit.name}”出现了几次：{rows}"
            if isinstance(unit.source, Row):
                place, hint = grid.place(unit.source.line), "每个单位只写一次，名称要能区分"
            else:
                place, hint = Place(unit.source.path), "每个单位只留一份档案，名称要能区分"
            unit.findings.append(finding(code, message, place, hint, unit.name))


def folder_units(folder: Path, unit_of: Callable[[File], Unit]) -> Listed:
    """Return the units of a folder of profiles, as ``unit_of`` names them."""
    units = [unit_of(File(str(path))) for path in profiles_in(folder)]
    empty = finding("bad_list", "文件夹里没有单位档案（.yaml）", Place(str(folder)), "每个单位一份档案")
    valid = [unit for unit in units if not has_errors(unit.checked or ())]
    _report_doublets(valid, Grid(str(folder), "", str(folder)))
    return Listed(units, Lister(), [] if units else [empty])
