"""What a unit is made from, small enough to be sent to a worker: a row of a table, or a profile of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.batch.overlay import find_param, overlaid
from toolkit.errors import Finding, Place
from toolkit.params import ParamSchema
from toolkit.presets import Preset
from toolkit.profile import Profile, history_path, read_profile
from toolkit.profile.read import of_document, reserved_key
from toolkit.rawyaml import RawDocument

#: Column and text of the cells that hold something.
Cells = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A sheet as its rows need it: its name in places, its title, the names of its columns."""

    label: str
    title: str
    names: dict[int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's line in the list, and its lines in other sheets (number of the sheet, lines with their cells)."""

    line: int
    cells: Cells
    tables: tuple[tuple[int, tuple[tuple[int, Cells], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A unit's own profile."""

    path: str


@dataclass(frozen=True, slots=True)
class Lister:
    """What all rows of a list share: the sheets' heads and the base profile."""

    heads: tuple[Head, ...] = ()
    base: Profile | None = None


#: Gives the preset of a kind (id or label) with a unit's own layers; None if there is no such kind.
FindPreset = Callable[[str, tuple[Path, ...]], Preset | None]


def profile_of(source: Row | File, lister: Lister, find: FindPreset) -> Profile:
    """Return the profile of a unit as if it had been read from a file. Raises FileError."""
    if isinstance(source, File):
        return read_profile(source.path)
    base, head = lister.base, lister.heads[0]
    given = {head.names[number]: (text, Place(head.label, source.line, number)) for number, text in source.cells}
    kind = next((text for name, (text, _) in given.items() if reserved_key(name) == "kind"), base.kind if base else "")
    preset = find(kind, ())
    schema = preset.params if preset is not None else ParamSchema({})
    tables = {}
    for number, lines in source.tables:
        one = lister.heads[number]
        tables[one.title] = [
            (Place(one.label, line, 1), {one.names[n]: (text, Place(one.label, line, n)) for n, text in cells})
            for line, cells in lines
        ]
    document = overlaid(base.raw if base else None, schema, given, tables, Place(head.label, source.line))
    findings: list[Finding] = list(base.findings) if base else []
    history = base.history if base and not _has_history(tables, schema) else None
    return of_document(document, base.folder if base else Path(head.label).parent, findings, history)


def _has_history(tables: dict, schema: ParamSchema) -> bool:
    return any((param := find_param(title, schema)) is not None and param.key == "history" for title in tables)


def digest(source: Row | File, lister: Lister) -> str:
    """Return the digest of what a unit gives itself: the texts of its cells by column name, or its file with those it names."""
    made = hashlib.sha256()
    if isinstance(source, File):
        _add(made, files_of(Path(source.path)))
        return made.hexdigest()
    names = lister.heads[0].names
    made.update(repr(sorted((names[number], text) for number, text in source.cells)).encode("utf-8", "surrogatepass"))
    for number, lines in source.tables:
        one = lister.heads[number]
        made.update(repr((one.title, [[(one.names[n], text) for n, text in cells] for _, cells in lines])).encode("utf-8", "surrogatepass"))
    folder = lister.base.folder if lister.base else Path(lister.heads[0].label).parent
    for number, text in source.cells:
        if reserved_key(names[number]) in ("layer", "people"):
            named = folder / text
            _add(made, sorted(named.rglob("*")) if named.is_dir() else [named])
    return made.hexdigest()


def _add(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_file():
            made.update(f"{path.name}\0".encode("utf-8", "surrogatepass") + path.read_bytes())


def files_of(path: Path) -> list[Path]:
    """Return the files of a unit: its profile, its history, and where it may name others, those and all of its layers."""
    found = [path, history_path(path)]
    text = path.read_bytes()
    if any(word.encode() in text for word in ("layer", "自有条款", ".xlsx", ".csv")):
        raw = read_profile(path)
        found += sorted(one for layer in raw.layers for one in layer.rglob("*") if one.is_file())
        found += _people(raw.raw, path.parent)
    return found


def _people(raw: RawDocument, folder: Path) -> Sequence[Path]:
    data = raw.data if isinstance(raw.data, dict) else {}
    named = (value for name, value in data.items() if reserved_key(name) == "people" and isinstance(value, str))
    return [folder / name.strip() for name in named if name.strip()]


def located(findings: Iterable[Finding], source: Row | File, lister: Lister) -> tuple[Finding, ...]:
    """Return findings with the row's line where they name the list but no line: what is missing is missing there."""
    if isinstance(source, File):
        return tuple(findings)
    here = Place(lister.heads[0].label, source.line)
    return tuple(
        replace(one, where=replace(one.where, line=here.line)) if one.where.file == here.file and not one.where.line else one
        for one in findings
    )


def lines_of(source: Row | File) -> tuple[int, ...]:
    """Return the lines that a unit stands in: findings name them."""
    if isinstance(source, File):
        return ()
    return (source.line, *(line for _, lines in source.tables for line, _ in lines))
