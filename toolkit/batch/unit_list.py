"""Makes units of a list: columns and sheets are named, cells become texts, doublets are reported."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from toolkit.batch.finding_codes import cell_name, finding, letter, some
from toolkit.batch.grids import CellReader, Grid
from toolkit.batch.heads import LIFE, PASSED_OVER, UNIT, Column, Names, main_of
from toolkit.batch.marked_rows import MarkedRows, OtherRows
from toolkit.batch.rows import Cells, File, Head, Life, Lister, Row, profiles_in
from toolkit.core.cells import first_lines, plain_text
from toolkit.core.findings import Finding, Place, did_you_mean, has_errors, nearest
from toolkit.core.spreadsheet import Formula
from toolkit.language.names import abbreviates
from toolkit.language.periods import parse_date
from toolkit.output import safe_name
from toolkit.output.names_and_seals import same_name
from toolkit.presets import Preset
from toolkit.presets.params import Param
from toolkit.profile.people import PEOPLE

#: Characters of the name of a unit: it is the name of its folder and stands in every report.
NAME_MAX = 200
#: So many names that are not in the list are reported one by one.
_STRANGERS = 100
#: So many lines of merged cells are reported: those of a hostile file may overlap.
_MERGED_MAX = 50_000
#: The column of the names of persons.
_PERSON = PEOPLE.columns[0]
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
    life: Life = Life()

    @property
    def row(self) -> str:
        """The unit's place in the list for people: 第 3 行, or the name of its file."""
        return f"第 {self.source.line} 行" if isinstance(self.source, Row) else Path(self.source.path).name


@dataclass(slots=True)
class Listed:
    """A list as read. ``findings`` concern the list as a whole; ``kinds`` are those that it names, ``last`` its last line,
    ``used`` the lines below the names of columns that hold something.
    """

    units: list[Unit]
    lister: Lister
    findings: list[Finding]
    kinds: tuple[Preset, ...] = ()
    last: int = 0
    used: frozenset[int] = frozenset()


def units_of(
    grids: Sequence[Grid], presets: Sequence[Preset], base: Any = None, visible: bool = False, empty: bool = False
) -> Listed:
    """Return the units of a table. ``presets`` are those of the kinds that occur; the first rules the meaning of cells.

    ``visible``: hidden, filtered and struck-through rows are skipped; ``empty``: that there is no unit is no finding.
    """
    reader = _ListReader(grids, presets, visible)
    reader.set_heads()
    main = reader.main.grid
    columns, labels = reader.columns(main)
    others = [(grid, *reader.record_columns(grid, table)) for grid, table in list(reader.records())]
    for grid in (main, *(grid for grid, *_ in others)):
        reader.findings += grid.findings
    names = reader.name_columns(columns)
    units = list(reader.units(columns, names))
    reader.attach(units, names, others)
    heads = (
        Head(main.label, main.title, labels, main.head_line),
        *(Head(grid.label, grid.title, used, grid.head_line) for grid, _, used in others),
    )
    _report_doublets(units, main)
    _report_same_names(units, main, columns, presets)
    _report_lives(units, main)
    reader.findings += [remark for cells in reader.readers for remark in cells.findings()]
    if not units and not empty and not has_errors(reader.findings):
        reader.report("bad_list", "名单里没有单位", main.place(main.head_line + 1), "列名下面每个单位一行")
    last, used = max(main.end, main.head_line), frozenset(line for line, _ in main.rows)
    return Listed(units, Lister(heads, base), reader.findings, tuple(presets), last, used)


class _ListReader:
    """Reads the sheets of one list and collects the findings on it."""

    def __init__(self, grids: Sequence[Grid], presets: Sequence[Preset], visible: bool) -> None:
        self.names, self.visible = Names(presets), visible
        self.sheets = [self.names.sheet(grid) for grid in grids]
        self.main = main_of(self.sheets)
        self.findings: list[Finding] = []
        self.readers: list[CellReader] = []
        self.skipped: set[str] = set()  # names of units whose rows are not to be read
        self.life: dict[int, str] = {}  # columns on the life of a unit

    def report(self, code: str, message: str, where: Place, hint: str = "", subject: str = "") -> None:
        """Add a finding on the list."""
        self.findings.append(finding(code, message, where, hint, subject))

    def reader(self, grid: Grid, names: Collection[int]) -> CellReader:
        """Return the reader of the cells of a sheet; ``names`` are its columns of names."""
        self.readers.append(CellReader(grid, names))
        return self.readers[-1]

    def set_heads(self) -> None:
        """Take the names of the columns of each sheet; say which sheet has the units and which lines stand above."""
        if self.main is not self.sheets[0]:
            message = f"单位名单取自工作表“{self.main.grid.title}”，不是第一张“{self.sheets[0].grid.title}”"
            self.report("chosen_sheet", message, self.main.grid.place(1), subject=self.main.grid.title)
        for grid, table, head, _ in self.sheets:
            if head is None:
                continue
            above = grid.set_head(head.row, head.names)[: head.titles]
            if above and (table or grid is self.main.grid):
                lines = some([f"第 {line} 行“{_first_text(cells)}”" for line, cells in above])
                self.report(
                    "title_rows", f"列名在第 {grid.head_line} 行，上面的{lines}不会用到", grid.place(above[0][0])
                )

    def columns(self, grid: Grid) -> tuple[dict[int, Param | None], dict[int, str]]:
        """Return the columns that are used, and the names to read them by."""
        found: dict[int, Param | None] = {}
        labels: dict[int, str] = {}
        seen: dict[str, int] = {}
        groups = self.main.head.groups if self.main.head else {}
        for number, name in grid.head.items():
            column, place = self.names.unit_column(name, groups.get(number, "")), grid.head_place(number, name)
            if column is None and name in LIFE:
                self.life[number] = LIFE[name]
            elif column is None:
                self._unknown(grid, number, name, self.names.labels())
            elif column.key in seen:
                other = seen[column.key]
                cells = cell_name(grid.head_line, number), cell_name(grid.head_line, other)
                message = f"{cells[0]}“{name}”和 {cells[1]}“{grid.head[other]}”是同一项（{column.label}）"
                self.report("duplicate_column", message, place, "请删去其中一列；不用的列，列名以 # 开头")
            else:
                seen[column.key] = number
                found[number], labels[number] = column.param, column.label
                self._other_name(column, f"{groups.get(number, '')}{name}", place)
        self._tell_hidden(grid, [*found, *self.life])
        return found, labels

    def _other_name(self, column: Column, name: str, place: Place) -> None:
        if not column.is_exact:
            self.report("synonym_column", f"“{name}”列按“{column.label}”读", place)

    def _tell_hidden(self, grid: Grid, used: Iterable[int]) -> None:
        hidden = sorted(number for number in used if number in grid.hidden_columns)
        if hidden:
            named = some([f"{letter(number)} 列“{grid.head[number]}”" for number in hidden])
            hint = "不要读取的，列名以 # 开头，或者删去这一列"
            self.report("hidden_columns", f"{named}隐藏了，照样读取", grid.head_place(hidden[0]), hint, grid.title)

    def _unknown(self, grid: Grid, number: int, name: str, labels: Mapping[str, str]) -> None:
        place = grid.head_place(number, name)
        if name in PASSED_OVER or name.startswith("#"):
            self.report("ignored_column", f"“{name}”列不会用到", place)
            return
        message, hint = f"{cell_name(grid.head_line, number)}“{name}”不是参数", self.names.hint(name, labels)
        self.report("unknown_column", message, place, f"{hint}不用的列，列名以 # 开头")

    def records(self) -> Iterator[tuple[Grid, Param]]:
        """Yield the sheets of records, each with the table parameter that it is named by; report the sheets that are none."""
        for sheet in self.sheets:
            grid = sheet.grid
            if sheet is self.main:
                continue
            if sheet.table:
                yield grid, sheet.table
            elif sheet.has_names and sheet.head and self.main.head and sheet.head.score >= self.main.head.score / 2:
                message = f"工作表“{grid.title}”也像是单位名单，但是只读取“{self.main.grid.title}”"
                hint = "各单位写在同一张工作表里；或者把它另存为一个文件，再做一次"
                self.report("second_list", message, grid.head_place(), hint, grid.title)
            else:
                titles = [PEOPLE.label, *(param.labels[-1] for param in self.names.params() if param.type == "table")]
                hint = nearest(grid.title, dict.fromkeys(titles), alike=0.5)
                self.report("ignored_sheet", f"工作表“{grid.title}”不会用到", grid.place(1), hint, grid.title)

    def record_columns(self, grid: Grid, table: Param) -> tuple[dict[int, Param | None], dict[int, str]]:
        """Return the columns of a sheet of records, with that of the unit, and the names to read them by."""
        found: dict[int, Param | None] = {}
        labels: dict[int, str] = {}
        for number, name in grid.head.items():
            column = self.names.record_column(name, table)
            if column is None or column.label in labels.values():
                names = (UNIT, *(column.label for column in table.columns))
                self._unknown(grid, number, name, {label: label for label in names})
            else:
                found[number], labels[number] = column.param, column.label
                self._other_name(column, name, grid.head_place(number, name))
        self._tell_hidden(grid, [*found])
        return found, labels

    def name_columns(self, columns: Columns) -> list[int]:
        """Return the column of the units' names and, if there is one, that of their short names."""
        by_key = {param.key: number for number, param in columns.items() if param}
        identities = self.names.identities
        found = [by_key[key] for key in identities if key in by_key]
        if not found:
            label = next((p.label for s in self.names.schemas for k in identities if (p := s.params.get(k))), "")
            message = f"没有“{label}”这一列，不知道每一行是哪个单位"
            hint = "在单位名称那一列上面写上列名，列名下面每个单位一行"
            self.report("no_name_column", message, self.main.grid.head_place(), hint)
            return []
        short = identities[0].rpartition(".")[0] + ".short_name"
        return found[:1] + [number for key, number in by_key.items() if key == short]

    def units(self, columns: Columns, names: Sequence[int]) -> Iterator[Unit]:
        """Yield the units; the rows of the grid are released on the way."""
        grid, reader = self.main.grid, self.reader(self.main.grid, names)
        rows, merged = grid.rows, _merged(grid, columns)
        marked, other = MarkedRows(grid, names[0] if names else 0, self.visible), OtherRows(grid, names)
        empty, end = [], rows[-1][0] if rows else 0
        for number, (line, cells) in enumerate(rows):
            rows[number] = (line, {})
            if other.is_one(line, cells):
                continue
            if marked.any and marked.is_skipped(line, cells, columns):
                self.skipped.update(plain_text(str(cells[column]), is_name=True) for column in names if column in cells)
                continue
            texts, findings = _read(reader, line, cells, columns)
            if not findings and not any(columns[column] for column, _ in texts):  # numbers or kinds of units to come
                empty.append(range(line, line + 1))
                continue
            if marked.any:
                marked.note(line)
            name = dict(texts).get(names[0], "") if names else ""
            findings += merged.get(line, ())
            if names and not 0 < len(name) <= NAME_MAX:
                head = grid.head[names[0]]
                what = f"的“{head}”有 {len(name)} 个字，不像单位名称" if name else f"没有填“{head}”"
                hint, place = "补上单位名称；不用的行请整行删去", grid.place(line, names[0], head)
                findings.append(finding("nameless_unit", f"第 {line} 行{what}", place, hint))
                name = ""
            other.note(line, "" if findings else name, len(texts))
            name = name or f"第{line}行"
            formulas = (columns.get(column) for column, cell in cells.items() if isinstance(cell, Formula))
            unusable = tuple(param.key for param in formulas if param)
            life = self._life(reader, line, cells, findings) if self.life else Life()
            yield Unit(name, safe_name(name), Row(line, texts, (), unusable), findings, life=life)
        self.findings += [*marked.findings(), *other.findings()]
        if not any(columns.values()):
            return  # the meaning of the rows is unknown
        if empty := sorted(
            [*empty, *(lines for lines in grid.empty if lines.stop <= end)], key=lambda lines: lines.start
        ):
            lines = [f"第 {line} 行" for line in first_lines(empty)]
            message = f"{some(lines, sum(map(len, empty)))}没有内容，已跳过"
            self.report("empty_rows", message, grid.place(empty[0].start))

    def _life(self, reader: CellReader, line: int, cells: Mapping[int, Any], findings: list[Finding]) -> Life:
        """Return the entries of the columns on a unit's life; a date that is none is among the findings."""
        said: dict[str, str] = {}
        for number, key in self.life.items():
            if number in cells:
                text, wrong = reader.text(line, number, cells[number], None)
                if wrong is not None:
                    findings.append(wrong)
                elif text:
                    said[key] = text
        closed = said.get("closed", "")
        try:
            closed = parse_date(closed) if closed else ""
        except ValueError as error:
            number = next(number for number, key in self.life.items() if key == "closed")
            findings.append(
                finding("bad_life", f"撤销日期：{error}", reader.grid.place(line, number), "例如 2026-01-05")
            )
            closed = ""
        return Life(tuple(filter(None, re.split("[、\n]", said.get("former", "")))), said.get("joined", ""), closed)

    def attach(
        self, units: list[Unit], names: Sequence[int], sheets: Sequence[tuple[Grid, Columns, dict[int, str]]]
    ) -> None:
        """Give the rows of the other sheets to their units; the column of the unit is taken out of the names."""
        by_name = _by_name(units, names)
        for unit in units:
            by_name |= {name: [unit] for name in unit.life.former if name not in by_name}
        tables: dict[int, dict[int, list[tuple[int, Cells]]]] = {}
        for sheet, (grid, columns, labels) in enumerate(sheets, 1):
            owner = next((number for number, label in labels.items() if label == UNIT), None)
            if owner is None:
                message = f"工作表“{grid.title}”没有“{UNIT}”列，不知道各行属于哪个单位"
                self.report("no_name_column", message, grid.head_place(1), f"第一列的列名写“{UNIT}”")
                continue
            columns = {number: param for number, param in columns.items() if number != owner}
            del labels[owner]
            person = next((number for number, param in columns.items() if param is _PERSON), owner)
            reader, marked = self.reader(grid, {owner, person}), MarkedRows(grid, person, self.visible)
            merged = _merged(grid, {owner, *columns})
            strangers: dict[str, list[int]] = {}
            of_skipped: list[int] = []
            for line, cells in grid.rows:
                if marked.any and marked.is_skipped(line, cells, columns):
                    continue
                name, wrong = reader.text(line, owner, cells.get(owner, ""), None)
                texts, findings = _read(reader, line, cells, columns)
                if marked.any and (texts or findings or name):
                    marked.note(line)
                if name in self.skipped and name not in by_name:
                    of_skipped.append(line)
                elif wrong is not None:
                    self.findings.append(wrong)
                elif len(owners := by_name.get(name, [])) == 1:
                    owners[0].findings += [*findings, *merged.get(line, ())]
                    tables.setdefault(id(owners[0]), {}).setdefault(sheet, []).append((line, texts))
                elif texts or findings or name:
                    strangers.setdefault(name, []).append(line)
            self.findings += marked.findings()
            if of_skipped:
                message = f"{some([f'第 {line} 行' for line in of_skipped])}是已跳过的单位的，一起跳过"
                self.report("skipped_rows", message, grid.place(of_skipped[0], owner, UNIT), subject=grid.title)
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


def _first_text(cells: Mapping[int, Any]) -> str:
    return str(next(iter(cells.values())))[:20]


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
    last, told = grid.rows[-1][0] if grid.rows else 0, 0
    for area in grid.merged:
        if any(area.left <= column <= area.right for column in columns):
            what = "列" if area.first == area.last else "行"
            lines = range(max(area.first, grid.head_line + 1), min(area.last, last) + 1)
            told += len(lines)
            if told > _MERGED_MAX:
                break
            for line in lines:
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
        rows, counts = some([unit.row for unit in group]), Counter(unit.name for unit in group)
        for unit in group:
            code, message = "same_output", f"“{unit.name}”和别的单位会写到同一个文件夹：{rows}"
            if counts[unit.name] > 1:
                code, message = "duplicate_unit", f"“{unit.name}”出现了几次：{rows}"
            if isinstance(unit.source, Row):
                place, hint = grid.place(unit.source.line), "每个单位只写一次，名称要能区分"
            else:
                place, hint = Place(unit.source.path), "每个单位只留一份档案，名称要能区分"
            unit.findings.append(finding(code, message, place, hint, unit.name))


def _report_same_names(units: Sequence[Unit], grid: Grid, columns: Columns, presets: Sequence[Preset]) -> None:
    """Report units that have the short name or the party organisation of another: mostly a copied row, half changed.

    东村 of two towns is the short name of both.
    """
    rules = [preset.rules.get("identity") or {} for preset in presets]
    keys = {rule[name] for rule in rules for name in ("short", "party") if name in rule}
    for number, param in columns.items():
        if param is None or param.key not in keys:
            continue
        groups: dict[str, list[Unit]] = {}
        for unit in units:
            if isinstance(unit.source, Row) and (text := dict(unit.source.cells).get(number)):
                groups.setdefault(text, []).append(unit)
        for text, group in groups.items():
            if len({unit.name for unit in group}) < 2 or all(abbreviates(text, unit.name) for unit in group):
                continue
            label, rows = " ".join(param.labels), some([unit.row for unit in group])
            for unit in group:
                assert isinstance(unit.source, Row)
                place = grid.place(unit.source.line, number, label)
                message = f"几个单位的“{label}”都是“{text}”：{rows}"
                unit.findings.append(finding("same_name", message, place, "核对是不是照抄没有改；确实相同的不用改"))


def _report_lives(units: Sequence[Unit], grid: Grid) -> None:
    """Report units that joined one that is not in the list, or itself, and names that several units had."""
    names = {unit.name for unit in units}
    had = Counter(name for unit in units for name in unit.life.former)
    for unit in units:
        life, place = unit.life, grid.place(unit.source.line) if isinstance(unit.source, Row) else Place()
        if life.joined and (life.joined not in names or life.joined == unit.name):
            message = f"“{unit.name}”并入的“{life.joined}”不是名单里的另一个单位"
            unit.findings.append(finding("bad_life", message, place, "写名单里那个单位的全称", unit.name))
        for name in life.former:
            if had[name] > 1 or name in names:
                message = f"“{unit.name}”的曾用名“{name}”也是别的单位的名称"
                unit.findings.append(finding("bad_life", message, place, "曾用名只写在接着它的单位那一行", unit.name))


def folder_units(folder: Path, unit_of: Callable[[File], Unit]) -> Listed:
    """Return the units of a folder of profiles, as ``unit_of`` names them."""
    units = [unit_of(File(str(path))) for path in profiles_in(folder)]
    empty = finding("bad_list", "文件夹里没有单位档案（.yaml）", Place(str(folder)), "每个单位一份档案")
    valid = [unit for unit in units if not has_errors(unit.checked or ())]
    _report_doublets(valid, Grid(str(folder), "", str(folder)))
    return Listed(units, Lister(), [] if units else [empty])
