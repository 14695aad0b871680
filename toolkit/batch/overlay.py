"""A row of the list over the base profile: one raw document whose places point into both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from toolkit.core.findings import Place
from toolkit.core.memo import identity, remembered
from toolkit.core.yaml_read import KeyPath, RawDocument, path_text
from toolkit.presets.params import Param, ParamSchema
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import reserved_key

#: A cell that takes away what the base profile gives.
NOTHING = "（空）"


@dataclass(frozen=True, slots=True)
class RowDocument(RawDocument):
    """``cells`` are the places of what the row gives, ``base`` is the profile beneath it."""

    cells: Mapping[KeyPath, Place] = field(default_factory=dict)
    base: RawDocument | None = None
    row: Place = Place()

    def place(self, path: KeyPath, key: bool = False) -> Place:
        """Return where a value stands: in a cell, in the base profile, or nowhere but in this row."""
        for end in range(len(path), 0, -1):
            if found := self.cells.get(path[:end]):
                return replace(found, key=path_text(path))
        if self.base is not None and path:
            found = self.base.place(path, key)
            if found.line > 1 or path[0] in self.base.data:
                return found
        return replace(self.row, key=path_text(path))


def find_param(name: str, schema: ParamSchema) -> Param | None:
    """Return the parameter that a column or sheet names: by key, by labels, or by a last step that only one has."""
    if found := schema.find(name):
        return found
    return _by_last_step(schema).get(name)


@remembered(32)
def _by_last_step(schema: ParamSchema) -> dict[str, Param]:
    found: dict[str, list[Param]] = {}
    for param in schema.params.values():
        for name in {param.labels[-1], param.key.rpartition(".")[2]}:
            found.setdefault(name, []).append(param)
    return {name: params[0] for name, params in found.items() if len(params) == 1}


def table_of(title: str, schema: ParamSchema) -> tuple[str, Param] | None:
    """Return the name in a profile and the parameter of the table that a sheet is named by."""
    if reserved_key(title) == PEOPLE.key:
        return PEOPLE.label, PEOPLE
    param = find_param(title, schema)
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


Given = Mapping[str, tuple[str, Place]]
Tables = Mapping[str, list[tuple[Place, dict[str, tuple[str, Place]]]]]


def overlaid(base: RawDocument | None, schema: ParamSchema, given: Given, tables: Tables, row: Place) -> RowDocument:
    """Return the document of a row: ``given`` are texts by column name, ``tables`` records by the title of their sheet."""
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
        elif param is None:  # reading the profile says so, at this cell
            put("", name, text, place)
        else:
            put(param.key, param.label, text, place)
    for title, records in tables.items():
        known = table_of(title, schema)
        name, key = (known[0], known[1].key) if known else (title, "")
        put(key, name, [{column: text for column, (text, _) in record.items()} for _, record in records], records[0][0])
        for number, (line, record) in enumerate(records):
            cells[name, number] = line
            cells.update({(name, number, column): place for column, (_, place) in record.items()})
    return RowDocument(data, {}, {}, row.file, (), cells, base, row)


def _remove(data: dict[Any, Any], path: KeyPath, copied: set[KeyPath]) -> None:
    """Take a value out; groups on the way are copied first, for other units share them."""
    for end in range(1, len(path)):
        inner = data.get(path[end - 1])
        if not isinstance(inner, dict):
            return
        if path[:end] not in copied:
            inner = data[path[end - 1]] = dict(inner)
            copied.add(path[:end])
        data = inner
    data.pop(path[-1], None)
