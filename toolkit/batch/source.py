"""From what a unit is made from to its profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from toolkit.batch.overlay import find_param, overlaid
from toolkit.batch.rows import File, Lister, Row
from toolkit.core.findings import Finding, Place
from toolkit.presets import Preset
from toolkit.presets.params import ParamSchema
from toolkit.profile import Profile, read_profile
from toolkit.profile.reading import RESERVED, of_document, reserved_key

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


def located(findings: Iterable[Finding], source: Row | File, lister: Lister) -> tuple[Finding, ...]:
    """Return findings with the row's line where they name the list but no line: what is missing is missing there.

    What is missing because its cell is unusable was told with the cell.
    """
    if isinstance(source, File):
        return tuple(findings)
    return tuple(
        _located(one, lister.heads[0].label, source.line)
        for one in findings
        if one.code != "missing_value" or one.subject not in source.unusable
    )


def _located(one: Finding, file: str, line: int) -> Finding:
    if one.where.file != file or one.where.line:
        return one
    hint = f"填上“{RESERVED['kind']}”这一列，或者在 --base 的档案里写明" if one.code == "missing_kind" else one.hint
    return replace(one, where=replace(one.where, line=line), hint=hint)
