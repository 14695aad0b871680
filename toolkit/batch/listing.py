"""Reads a whole list, a table or a folder of profiles, into its units; used by the run and by ``fleet``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit import profile
from toolkit.batch import sheet
from toolkit.batch.finding_codes import finding
from toolkit.batch.grids import Grid
from toolkit.batch.heads import identity_key, kinds_in
from toolkit.batch.outcome import Options
from toolkit.batch.rows import File, Row
from toolkit.batch.unit_list import NAME_MAX, Listed, Unit, folder_units, units_of
from toolkit.batch.work import Shared, as_finding
from toolkit.core.findings import FileError, Finding, FindingsError, Place, UsageError, has_errors
from toolkit.core.yaml_read import KeyPath, RawDocument
from toolkit.output import safe_name
from toolkit.output.disk import file_errors
from toolkit.output.sources import digest_of
from toolkit.presets import Preset
from toolkit.profile import Profile, read_profile
from toolkit.profile.reading import RESERVED

#: Findings of a list that make every unit doubtful: nothing is begun.
STOPPING = frozenset({"bad_list", "no_name_column", "unknown_column", "duplicate_column"})


def read_list(
    source: Path, options: Options, shared: Shared, unit_of: Callable[[File], Unit] | None = None, empty: bool = False
) -> Listed:
    """Return the units of a list with the findings on it; ``shared`` keeps the presets, and then the list's heads.

    ``unit_of`` names the unit of a profile; ``empty``: a list without units is one too. Raises FindingsError for a list of which
    nothing can be made, UsageError, FileError.
    """
    base, by_kind = read_base(options.base, shared)
    if source.is_dir():
        if base is not None:
            raise UsageError("文件夹里的档案各自完整，不能再加 --base", "", "base_for_folder")
        listed = folder_units(source, unit_of or (lambda file: file_unit(file, shared)))
    else:
        grids = sheet.read(source)
        if not empty and all(len(grid.rows) < 2 for grid in grids):
            where, hint = Place(str(source)), "第一行写列名，从第二行起每个单位一行"
            unread = [finding for grid in grids for finding in grid.findings]  # a sheet with the list may be hidden
            raise FindingsError([finding("bad_list", "名单里没有单位", where, hint), *unread])
        listed = units_of(grids, _kinds(grids, base, shared), base, options.visible, empty)
        listed.lister = replace(listed.lister, by_kind=by_kind)
    shared.settings = replace(shared.settings, lister=listed.lister)
    if any(finding.code in STOPPING for finding in listed.findings):
        raise FindingsError(listed.findings)
    return listed


def read_base(path: Path | None, shared: Shared) -> tuple[Profile | None, dict[str, Profile]]:
    """Return the profile that all units share, and that of each kind, by the kind's name. Raises as ``_base``."""
    base = _base(path)
    return _parted(base, shared) if base is not None else (None, {})


def _base(path: Path | None) -> Profile | None:
    """Return the profile that all units share. Raises FindingsError for one with errors, FileError."""
    if path is None:
        return None
    base = read_profile(path)
    base = replace(base, findings=tuple(f for f in base.findings if f.code != "missing_kind"))
    if has_errors(base.findings):
        raise FindingsError(base.findings)
    with file_errors("无法读取"):
        return replace(base, shared=(path.name, digest_of(path.read_bytes())))


#: The key of a shared profile under which each kind of unit has its own values (Chinese and English).
PER_KIND = ("各类单位", "per_kind")


def _parted(base: Profile, shared: Shared) -> tuple[Profile, dict[str, Profile]]:
    """Return a shared profile without its sections of kinds, and by the name of each kind the profile with that section over it.

    Raises FindingsError for a section that is no mapping or names no kind.
    """
    key = next((name for name in base.raw.data if name.strip() in PER_KIND), None)
    if key is None:
        return base, {}
    raw, sections = base.raw, base.raw.data[key]
    general = replace(raw, data={name: value for name, value in raw.data.items() if name != key})
    named = sections if isinstance(sections, dict) else {}
    hint = "这样写：各类单位下面每类一段，段名是类型，如“村:”；toolkit presets 列出可用的类型"
    wrong = [
        finding("bad_base_section", f"“{key}”里的“{name}”不是单位类型，或者下面没有内容", raw.place((key, name)), hint)
        for name, section in named.items()
        if not isinstance(section, dict) or shared.find(name) is None
    ]
    if wrong or not named:
        message = f"“{key}”下面没有内容"
        raise FindingsError(wrong or [finding("bad_base_section", message, raw.place((key,)), hint)])
    by_kind = {name: replace(base, raw=_merged(general, raw, (key, name), section)) for name, section in named.items()}
    return replace(base, raw=general), by_kind


def _merged(general: RawDocument, raw: RawDocument, at: KeyPath, section: dict[str, Any]) -> RawDocument:
    """Return a document with a section of it over the rest; values of the section keep their places."""
    places, key_places = (
        {**table, **{path[len(at) :]: place for path, place in table.items() if path[: len(at)] == at and path != at}}
        for table in (raw.places, raw.key_places)
    )
    return replace(general, data=_over(general.data, section), places=places, key_places=key_places)


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return two mappings as one: groups are joined, other values replaced."""
    made = dict(below)
    for name, value in above.items():
        old = made.get(name)
        made[name] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return made


def _kinds(grids: Sequence[Grid], base: Profile | None, shared: Shared) -> list[Preset]:
    """Return the presets of the kinds that the list names; a base profile's comes first."""
    named = kinds_in(grids)
    names = [base.kind] if base and base.kind else []
    names += named[3] if named else []
    found = {preset.id: preset for name in dict.fromkeys(names) if (preset := shared.find(name))}
    if not found:
        place = named[0].place(named[1], named[2]) if named else grids[0].place(1)
        message = f"不知道是哪一类单位{'：' + names[0][:40] if names else ''}"
        hint = "toolkit presets 列出可用的类型"
        if not names:
            hint = f"加一列“{RESERVED['kind']}”，或者在 --base 的档案里写明；{hint}"
        raise FindingsError([finding("bad_list", message, place, hint)])
    return list(found.values())


def file_unit(source: File, shared: Shared) -> Unit:
    """Return the unit of a profile; one without a unit's name is called by its file."""
    name, checked = validated(source, shared)
    name = name if 0 < len(name) <= NAME_MAX else Path(source.path).stem
    return Unit(name, safe_name(name), source, checked=checked)


def validated(source: Row | File, shared: Shared) -> tuple[str, list[Finding]]:
    """Return the name of a unit ("" if there is none) and the findings of reading and validating its rows or its profile."""
    try:
        given = shared.profile(source)
        preset, found = shared.preset_of(given)
        if preset is None:
            return "", [*given.findings, *found]
        made = profile.validate(given, preset.params)
    except FileError as error:
        return "", [as_finding(error)]
    name = made.values.get(identity_key(preset))
    return name if isinstance(name, str) else "", list(dict.fromkeys([*given.findings, *made.findings]))
