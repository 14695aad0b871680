"""A list as a table to look at and to correct: rows with their findings by cell; nothing is built (a millisecond a row)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from toolkit import presets
from toolkit.batch.corrections import Correction
from toolkit.batch.grids import CellReader
from toolkit.batch.heads import UNIT, identity_key
from toolkit.batch.listing import read_list, validated
from toolkit.batch.outcome import Options
from toolkit.batch.rows import Head, Lister, Row, digest, named_by
from toolkit.batch.sheet import read as read_grids
from toolkit.batch.source import find_param, located, table_of
from toolkit.batch.unit_list import Listed, Unit
from toolkit.batch.work import SHOWN, Settings, Shared
from toolkit.core.cells import head_name
from toolkit.core.findings import Finding, UsageError, has_errors
from toolkit.presets import Preset
from toolkit.presets.params import Param, ParamSchema
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import RESERVED, reserved_key

#: Findings about a cell that the place of a finding does not say: the name of the unit is to be changed.
_ABOUT_NAME = frozenset({"duplicate_unit", "same_output", "nameless_unit"})
#: The number of a record in front of its column, which its line says too (“人员[1].姓名”).
_RECORD = re.compile(r"“[^”.]+\[[0-9]+\]\.")
#: Findings that a new text in a cell does not mend: formulas may share their text with others, merged cells are no cells.
_NOT_BY_TEXT = frozenset({"formula", "merged_cells"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of the list: ``sheet`` as places name it (``Place.file``), line and column, its column's name and its text now.

    ``column`` is 0 for a parameter that has no column yet (``head`` is the line of names); ``options`` are the only texts that
    it may have (none: any).
    """

    sheet: str
    line: int
    column: int
    name: str
    text: str = ""
    options: tuple[str, ...] = ()
    example: str = ""
    head: int = 1

    def filled(self, text: str) -> Correction:
        """Return the correction that writes a text into this cell."""
        return Correction(self.sheet, self.line, self.column, text, self.name, self.head)


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A unit of a list: its line, name, output's name, cells by column and findings; ``digest`` differs where its cells do.

    ``judged`` are those of the findings that judging its values alone gave.
    """

    line: int
    name: str
    target: str
    cells: Mapping[int, str]
    findings: tuple[Finding, ...]
    digest: str
    source: Row
    schema: ParamSchema
    judged: tuple[Finding, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether the unit cannot be made before its cells are corrected."""
        return has_errors(self.findings)


@dataclass(frozen=True, slots=True)
class ListView:
    """A list as read: columns of the sheet of units by number, those that a kind needs (``needed``, short values first),
    rows, findings on the whole.

    ``kinds`` are the labels that the column 单位类型 may have, ``kind`` that of all units if they have one. ``params`` are the
    parameters of columns by number, ``missing`` those that have no column; ``last`` is the last line of the sheet in use,
    ``used`` are the lines that hold something, be they units or not; ``tables`` the parameters of the other sheets of ``heads``.
    """

    columns: Mapping[int, str]
    needed: tuple[int, ...]
    name_column: int
    rows: tuple[ListedRow, ...]
    findings: tuple[Finding, ...]
    heads: tuple[Head, ...]
    kinds: tuple[str, ...]
    kind: str = ""
    params: Mapping[int, Param] = field(default_factory=dict)
    missing: tuple[Param, ...] = ()
    last: int = 1
    used: frozenset[int] = frozenset()
    tables: tuple[Param | None, ...] = ()

    @property
    def head(self) -> Head:
        """The line of names of the sheet of units."""
        return self.heads[0]

    @property
    def kind_column(self) -> int:
        """The column of the units' kinds, 0 if there is none."""
        return next((number for number, name in self.columns.items() if reserved_key(name) == "kind"), 0)

    def filled(self, line: int, column: int, text: str, name: str = "") -> Correction:
        """Return the correction that writes a text into the sheet of units; column 0 is a new one of this name."""
        return Correction(self.head.label, line, column, text, name, self.head.line)

    def spot(self, row: ListedRow, finding: Finding) -> Spot | None:
        """Return the cell that a finding of a row is about, None if there is none that another text would mend."""
        if finding.code in _NOT_BY_TEXT:
            return None
        main = self.heads[0]
        for head in self.heads[1:]:
            if finding.where.file == head.label:
                return self._record_spot(row, head, finding)
        if finding.where.file != main.label or finding.where.line not in (0, row.line):
            return None
        column = finding.where.column
        if not column and finding.code in _ABOUT_NAME:
            column = self.name_column
        param = None if column else _param_of(finding, row.schema)
        if param is not None:
            column = next((number for number, name in main.names.items() if find_param(name, row.schema) is param), 0)
        key = "" if column or param else finding.subject
        if key in RESERVED:
            column = next((number for number, name in main.names.items() if reserved_key(name) == key), 0)
        elif not column and param is None:
            return None
        name = main.names.get(column) or (param.label if param else RESERVED[key])
        param = param or find_param(name, row.schema)
        example = param.sample() if param else ""
        text, options = row.cells.get(column, ""), self._options(name, param)
        return Spot(main.label, row.line, column, name, text, options, example, main.line)

    def _options(self, name: str, param: Param | None) -> tuple[str, ...]:
        if param is None:
            return self.kinds if reserved_key(name) == "kind" else ()
        return ("是", "否") if param.type == "boolean" else param.options

    def _record_spot(self, row: ListedRow, head: Head, finding: Finding) -> Spot | None:
        sheet = self.heads.index(head)
        lines = dict(dict(row.source.tables).get(sheet, ()))
        line, column = finding.where.line, finding.where.column
        if line not in lines:
            return None
        table = table_of(head.title, row.schema)
        columns = {
            label: column for column in (table[1].columns if table else ()) for label in (column.label, column.key)
        }
        key = finding.where.key.rpartition(".")[2]
        if key in columns and head.names.get(column) != columns[key].label:  # a missing cell is told at the first one
            column = next((number for number, name in head.names.items() if columns.get(name) is columns[key]), 0)
            if not column:
                return None
        if column not in head.names:
            return None
        name = head.names[column]
        options = self._options(name, columns.get(name))
        return Spot(head.label, line, column, name, dict(lines[line]).get(column, ""), options)


def look(source: Path, options: Options, empty: bool = False, again: ListView | None = None) -> ListView:
    """Read a list and judge its rows, each by itself. Raises FindingsError if nothing can be made of it.

    ``empty``: a list without units is a table too. ``again``: the same list as it was before an edit, with the same shared
    profile: unchanged rows are not judged again.
    """
    if source.is_dir():
        raise UsageError("文件夹里的档案没有单元格", "这里看的是一份表格", "no_list")
    shared = Shared(Settings(options).absolute())
    return judged(read_list(source, options, shared, empty=empty), shared, again)


def judged(listed: Listed, shared: Shared, again: ListView | None = None) -> ListView:
    """Return a list that was read as a table, its rows judged; see :func:`look`."""
    head, *_ = listed.lister.heads
    same = again is not None and again.heads == listed.lister.heads
    known = {row.line: row for row in again.rows} if again is not None and same else {}
    rows = [_again(unit, known, listed.lister) or _row(unit, listed.lister, shared) for unit in listed.units]
    params = _params(head, listed.kinds)
    needed = sorted(
        (number for number, param in params.items() if param.needed),
        key=lambda number: (params[number].type not in SHOWN, number),
    )
    identities = {identity_key(preset) for preset in listed.kinds}
    return ListView(
        head.names,
        tuple(needed),
        next((number for number in params if params[number].key in identities), 0),
        tuple(rows),
        tuple(listed.findings),
        listed.lister.heads,
        tuple(kind.label for kind in presets.kinds(shared.settings.options.where.presets_folders)),
        listed.kinds[0].label if len(listed.kinds) == 1 else "",
        params,
        _missing(params, listed.kinds),
        listed.last,
        listed.used,
        tuple(_table(other.title, listed.kinds) for other in listed.lister.heads[1:]),
    )


def _table(title: str, kinds: Sequence[Preset]) -> Param | None:
    return next((found[1] for preset in kinds if (found := table_of(title, preset.params))), None)


@dataclass(frozen=True, slots=True)
class RecordsView(ListView):
    """A further sheet of a list (人员 …) as a table of its own: its rows are records, the column 单位 says of which unit."""

    def spot(self, row: ListedRow, finding: Finding) -> Spot | None:
        """Return the cell that a finding of a record is about: a missing one is told at the first of its row."""
        if finding.code in _NOT_BY_TEXT or finding.where.file != self.head.label:
            return None
        key, column = finding.where.key.rpartition(".")[2], finding.where.column
        named = next((number for number, param in self.params.items() if key in (param.key, param.label)), 0)
        column = named or (column if column in self.columns else 0)
        if not column:
            return None
        text = row.cells.get(column, "")
        return Spot(self.head.label, row.line, column, self.columns[column], text, (), "", self.head.line)


def records_of(view: ListView, source: Path, number: int) -> RecordsView | None:
    """Return sheet ``number`` (from 1) of a list as a table; None for one whose rows no column gives to units.

    Rows of units that are not in the list are among them. Raises FindingsError, FileError.
    """
    head, table = view.heads[number], view.tables[number - 1]
    grid = next((grid for grid in read_grids(source) if grid.label == head.label), None)
    names = next((cells for line, cells in grid.rows if line == head.line), {}) if grid else {}
    owner = next((column for column, name in names.items() if head_name(name) == UNIT and column not in head.names), 0)
    if grid is None or table is None or not owner:
        return None
    columns = {owner: UNIT, **head.names}
    known = {label: column for column in table.columns for label in (column.label, column.key)}
    params = {column: known[name] for column, name in head.names.items() if name in known}
    params[owner] = Param(UNIT, (UNIT,), required=True)
    person = {column for column, param in params.items() if param.key in (UNIT, PEOPLE.columns[0].key)}
    reader, found = CellReader(grid, person), _by_line(view, head.label)
    rows = []
    for line, cells in grid.rows:
        if line > head.line:
            texts = {n: reader.text(line, n, value, params.get(n))[0] for n, value in cells.items() if n in columns}
            held = {column: text for column, text in texts.items() if text}
            source_row, schema = Row(line, tuple(held.items())), ParamSchema({})
            rows.append(ListedRow(line, held.get(owner, ""), "", held, found.get(line, ()), "", source_row, schema))
    needed = tuple(column for column, param in params.items() if param.required)
    used = frozenset(row.line for row in rows)
    own = Head(head.label, head.title, columns, head.line)
    missing = tuple(column for column in table.columns if column.key not in {param.key for param in params.values()})
    return RecordsView(
        columns, needed, owner, tuple(rows), (), (own,), (), "", params, missing, max(grid.end, head.line), used
    )


def _by_line(view: ListView, label: str) -> dict[int, tuple[Finding, ...]]:
    """Return the findings at the lines of a sheet, with those about the list as a whole."""
    found: dict[int, list[Finding]] = {}
    for one in dict.fromkeys((*(finding for row in view.rows for finding in row.findings), *view.findings)):
        if one.where.file == label and one.where.line:
            message = _RECORD.sub("“", one.message)
            found.setdefault(one.where.line, []).append(replace(one, message=message))
    return {line: tuple(findings) for line, findings in found.items()}


def _again(unit: Unit, known: Mapping[int, ListedRow], lister: Lister) -> ListedRow | None:
    """Return the earlier row of a unit, with its present findings of reading the list; None if it changed."""
    source = unit.source
    assert isinstance(source, Row)
    before = known.get(source.line)
    if before is None or before.source != source or named_by(source, lister):
        return None
    findings = tuple(dict.fromkeys((*unit.findings, *before.judged)))
    return replace(before, name=unit.name, target=unit.target, findings=findings)


def _row(unit: Unit, lister: Lister, shared: Shared) -> ListedRow:
    source = unit.source
    assert isinstance(source, Row)
    cells, names = dict(source.cells), lister.heads[0].names
    named = next((text for number, text in cells.items() if reserved_key(names[number]) == "kind"), None)
    preset = shared.find(named if named is not None else lister.base.kind if lister.base else "")
    schema = preset.params if preset is not None else ParamSchema({})
    said = located(validated(source, shared)[1], source, lister)
    findings = tuple(dict.fromkeys((*unit.findings, *said)))
    try:
        key = digest(source, lister)
    except OSError:  # making the unit reports why
        key = ""
    return ListedRow(source.line, unit.name, unit.target, cells, findings, key, source, schema, said)


def _params(head: Head, kinds: Sequence[Preset]) -> dict[int, Param]:
    """Return the parameters of columns by number, as the first kind that has one knows it."""
    found = {
        number: next((param for preset in kinds if (param := find_param(name, preset.params))), None)
        for number, name in head.names.items()
    }
    return {number: param for number, param in found.items() if param is not None}


def _missing(params: Mapping[int, Param], kinds: Sequence[Preset]) -> tuple[Param, ...]:
    """Return the parameters of kinds that have no column, each once; tables have sheets of their own."""
    there = {param.key for param in params.values()}
    others = {key: param for preset in kinds for key, param in preset.params.params.items() if key not in there}
    return tuple(param for param in others.values() if param.type != "table" and reserved_key(param.label) is None)


def _param_of(finding: Finding, schema: ParamSchema) -> Param | None:
    """Return the parameter that a finding of a row without a cell is about."""
    return schema.params.get(finding.subject) or (find_param(finding.where.key, schema) if finding.where.key else None)
