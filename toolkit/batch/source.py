"""Makes the profile of a unit from its source: a row of the list over the base profile, or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit.batch.rows import File, Lister, Row
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.core.yaml_read import KeyPath, RawDocument, path_text
from toolkit.presets import Preset
from toolkit.presets.params import Param, ParamSchema
from toolkit.profile import Profile, read_profile
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import RESERVED, of_document, reserved_key

#: A cell that removes the value of the base profile.
NOTHING = "（空）"


@dataclass(frozen=True, slots=True)
class RowDocument(RawDocument):
    """A row over a profile: ``cells`` are the places of the row's values, ``base`` is the profile below it."""

    cells: Mapping[KeyPath, Place] = field(default_factory=dict)
    base: RawDocument | None = None
    row: Place = Place()

    def place(self, path: KeyPath, key: bool = False) -> Place:
        """Return the place of a value: its cell, its place in the base profile, or the row for a value in neither."""
        for end in range(len(path), 0, -1):
            if cell := self.cells.get(path[:end]):
                return replace(cell, key=path_text(path))
        if self.base is not None and path:
            place = self.base.place(path, key)
            if place.line > 1 or path[0] in self.base.data:
                return place
        return replace(self.row, key=path_text(path))


def find_param(name: str, schema: ParamSchema) -> Param | None:
    """Return the parameter that a column or sheet names: by key, by labels, or by a last step that only one has."""
    return schema.find(name) or _by_last_step(schema).get(name)


def find_also(name: str, schema: ParamSchema) -> Param | None:
    """Return the parameter that ``params.yaml`` gives this other name (``also``)."""
    return _also(schema).get(name)


@remembered(32)
def _also(schema: ParamSchema) -> dict[str, Param]:
    return {name: param for param in schema.params.values() for name in param.also}


@remembered(32)
def _by_last_step(schema: ParamSchema) -> dict[str, Param]:
    found: dict[str, list[Param]] = {}
    for param in schema.params.values():
        for name in {param.labels[-1], param.key.rpartition(".")[2]}:
            found.setdefault(name, []).append(param)
    return {name: params[0] for name, params in found.items() if len(params) == 1}


def table_of(title: str, schema: ParamSchema) -> tuple[str, Param] | None:
    """Return the table that a sheet is named by: its name in a profile and its parameter."""
    if reserved_key(title) == PEOPLE.key or title in PEOPLE.also:
        return PEOPLE.label, PEOPLE
    param = find_param(title, schema) or find_also(title, schema)
    return (param.label, param) if param is not None and param.type == "table" else None


@remembered(64, key=identity)
def _paths(base: RawDocument, schema: ParamSchema) -> dict[str, tuple[KeyPath, ...]]:
    """Return where the base profile writes each parameter (English key → paths), and each reserved key."""
    found: dict[str, tuple[KeyPath, ...]] = {}
    for key, path in _written(base.data or {}, schema, "", ()):
        found[key] = (*found.get(key, ()), path)
    return found


def _written(data: Mapping[str, Any], schema: ParamSchema, parent: str, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    for name, value in data.items():
        here = (*path, name)
        if not path and (reserved := reserved_key(name)):
            yield reserved, here
            continue
        key = schema.key_of(name, parent)
        if key in schema.params:
            yield key, here
        elif key is not None and isinstance(value, dict):
            yield from _written(value, schema, key, here)


#: Texts by column name; records by the title of their sheet.
Given = Mapping[str, tuple[str, Place]]
Tables = Mapping[str, Sequence[tuple[Place, Given]]]


def _overlaid(base: RawDocument | None, schema: ParamSchema, given: Given, tables: Tables, row: Place) -> RowDocument:
    """Return the document of a row, ``given`` and ``tables``, over the base profile."""
    data: dict[str, Any] = dict(base.data) if base is not None and isinstance(base.data, dict) else {}
    paths = _paths(base, schema) if base is not None and data else {}
    cells: dict[KeyPath, Place] = {}
    copied: set[KeyPath] = set()

    def put(key: str, name: str, value: Any, place: Place) -> None:
        for path in paths.get(key, ()):
            _remove(data, path, copied)
        data[name] = value
        cells[name,] = place

    for name, (text, place) in given.items():
        param = find_param(name, schema)
        text = "" if text == NOTHING else text
        if reserved := reserved_key(name):
            put(reserved, name, text, place)
        elif param is not None:
            put(param.key, param.label, text, place)
        else:  # reading the profile reports the unknown name, at this cell
            put("", name, text, place)
    for title, records in tables.items():
        known = table_of(title, schema)
        name, key = (known[0], known[1].key) if known else (title, "")
        put(key, name, [{column: text for column, (text, _) in record.items()} for _, record in records], records[0][0])
        for number, (line, record) in enumerate(records):
            cells[name, number] = line
            cells.update({(name, number, column): place for column, (_, place) in record.items()})
    return RowDocument(data, {}, {}, row.file, (), cells, base, row)


def _remove(data: dict[Any, Any], path: KeyPath, copied: set[KeyPath]) -> None:
    """Remove a value; groups above it are copied first, for other units share them."""
    for end in range(1, len(path)):
        inner = data.get(path[end - 1])
        if not isinstance(inner, dict):
            return
        if path[:end] not in copied:
            inner = data[path[end - 1]] = dict(inner)
            copied.add(path[:end])
        data = inner
    data.pop(path[-1], None)


def profile_of(source: Row | File, lister: Lister, find: Callable[[str], Preset | None]) -> Profile:
    """Return the profile of a unit as if it had been read from a file. Raises FileError.

    ``find`` returns the preset of a kind (id or label), None if there is no such kind.
    """
    if isinstance(source, File):
        return read_profile(source.path)
    general, head = lister.base, lister.heads[0]
    given = {head.names[number]: (text, Place(head.label, source.line, number)) for number, text in source.cells}
    kind = next(
        (text for name, (text, _) in given.items() if reserved_key(name) == "kind"), general.kind if general else ""
    )
    preset = find(kind)
    names = (kind, preset.id, preset.label) if preset is not None else (kind,)
    base = next((lister.by_kind[name] for name in names if name in lister.by_kind), general)
    schema = preset.params if preset is not None else ParamSchema({})
    tables: dict[str, list[tuple[Place, dict[str, tuple[str, Place]]]]] = {}
    for sheet, lines in ((lister.heads[number], lines) for number, lines in source.tables):
        tables.setdefault(sheet.title, []).extend(
            (Place(sheet.label, line, 1), {sheet.names[n]: (text, Place(sheet.label, line, n)) for n, text in cells})
            for line, cells in lines
        )
    document = _overlaid(base.raw if base else None, schema, given, tables, Place(head.label, source.line))
    findings = list(base.findings) if base else []
    own_history = any((param := find_param(title, schema)) and param.key == "history" for title in tables)
    history = base.history if base and not own_history else None
    made = of_document(document, base.folder if base else Path(head.label).parent, findings, history)
    return replace(made, shared=base.shared) if base is not None else made


def located(findings: Iterable[Finding], source: Row | File, lister: Lister) -> tuple[Finding, ...]:
    """Return findings with the row's line where they name the list but no line: a missing value is missing there.

    A value that is missing because its cell is unusable was reported with the cell.
    """
    if isinstance(source, File):
        return tuple(findings)
    return tuple(
        _located(finding, lister.heads[0].label, source.line)
        for finding in findings
        if finding.code != "missing_value" or finding.subject not in source.unusable
    )


def _located(finding: Finding, file: str, line: int) -> Finding:
    if finding.where.file != file or finding.where.line:
        return finding
    missing = f"填上“{RESERVED['kind']}”这一列，或者在 --base 的档案里写明"
    hint = missing if finding.code == "missing_kind" else finding.hint
    return replace(finding, where=replace(finding.where, line=line), hint=hint)
