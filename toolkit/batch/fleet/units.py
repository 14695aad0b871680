"""Finds units of a list by name or row, and writes their profiles; used by the api wherever a profile is taken."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.batch.listing import read_list
from toolkit.batch.outcome import Options
from toolkit.batch.rows import BOOKS, TEXTS, File, Row
from toolkit.batch.run import LAST
from toolkit.batch.source import located
from toolkit.batch.unit_list import Listed, Unit
from toolkit.batch.work import Settings, Shared
from toolkit.core.findings import Finding, FindingsError, UsageError, has_errors, nearest
from toolkit.core.outside import content
from toolkit.core.yaml_write import dump
from toolkit.output import STATE, disk, safe_name
from toolkit.profile import Profile
from toolkit.profile.reading import find_reserved, history_path

#: Suffixes of lists that are no folders.
TABLES = (*BOOKS, *TEXTS)
_ROW = re.compile(r"(?:第\s*)?([0-9]{1,7})\s*行?")


@dataclass(frozen=True, slots=True)
class Fleet:
    """A list that was read: its units in order, and the state of a process for all of them."""

    source: Path
    listed: Listed
    shared: Shared

    @property
    def units(self) -> list[Unit]:
        """The units in the order of the list."""
        return self.listed.units

    @property
    def targets(self) -> set[str]:
        """The folders of the units, also by their earlier names."""
        return {unit.target for unit in self.units} | {
            safe_name(name) for unit in self.units for name in unit.life.former
        }

    def profile(self, unit: Unit) -> Profile:
        """Return the profile of a unit, with the findings on its rows. Raises FileError."""
        given = self.shared.profile(unit.source)
        found = (*unit.findings, *located(given.findings, unit.source, self.listed.lister))
        return _with_findings(given, found)

    def find(self, named: str) -> Unit:
        """Return the unit with this full name, folder, row (``3``, ``第3行``) or the only one whose name holds the text.

        Raises UsageError with the names that are near.
        """
        named = named.strip()
        exact = [unit for unit in self.units if named in (unit.name, unit.target, _stem(unit))]
        if not exact and (row := _ROW.fullmatch(named)):
            exact = [unit for unit in self.units if isinstance(unit.source, Row) and unit.source.line == int(row[1])]
        found = exact or [unit for unit in self.units if named and named in unit.name]
        if len(found) == 1:
            return found[0]
        if found:
            names = "、".join(unit.name for unit in found[:8])
            raise UsageError(
                f"“{named}”可以是 {len(found)} 个单位：{names}{' 等' if found[8:] else ''}",
                "写全称或者行号",
                "ambiguous_unit",
            )
        known = {unit.name: None for unit in self.units}
        hint = nearest(
            named, known, f"名单里有 {len(known)} 个单位，toolkit units list {self.source} 列出它们", alike=0.5
        )
        raise UsageError(f"名单里没有“{named}”", hint, "unknown_unit")


def _stem(unit: Unit) -> str:
    return Path(unit.source.path).stem if isinstance(unit.source, File) else ""


def _with_findings(profile: Profile, findings: Sequence[Finding]) -> Profile:
    from dataclasses import replace

    return replace(profile, findings=tuple(dict.fromkeys(findings)))


def is_list(path: Path) -> bool:
    """Whether a path is that of a list that is a table, and so of no profile."""
    return path.suffix.lower() in TABLES


def read(source: Path, options: Options) -> Fleet:
    """Return a list with its units. Raises FindingsError for a list that cannot be used, UsageError, FileError."""
    shared = Shared(Settings(options).absolute())
    return Fleet(source, read_list(source, options, shared), shared)


def profile_of(source: Path, named: str, options: Options) -> Profile:
    """Return the profile of one unit of a list. Raises UsageError, FindingsError, FileError."""
    fleet = read(source, options)
    return fleet.profile(fleet.find(named))


def near(folder: Path, unit: str) -> tuple[Path, Path | None] | None:
    """Return the list that a unit's folder was made from, and the profile that its units share; None where none is known."""
    try:
        last = json.loads(content(folder.parent / STATE / LAST))
        source, base = folder.parent / last["list"], last.get("base")
        if unit and source.exists():
            return Path(os.path.normpath(source)), Path(os.path.normpath(folder.parent / base)) if base else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


# --- profiles of a list -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """The profiles that were written, by unit; ``failed``: units of which none was written, with the findings."""

    paths: tuple[tuple[str, Path], ...]
    failed: tuple[tuple[str, tuple[Finding, ...]], ...] = ()
    findings: tuple[Finding, ...] = ()


def write_profiles(fleet: Fleet, out: Path, force: bool = False) -> Written:
    """Write the profile of each unit of a table into a folder, with the layers, people and history that it names.

    Raises UsageError for a folder of profiles, Refused for files with other content (without ``force``), FileError.
    """
    if fleet.source.is_dir():
        raise UsageError(f"{fleet.source} 里已经是各单位的档案", "直接使用这些档案", "already_profiles")
    written, failed = [], []
    for unit in fleet.units:
        given = fleet.profile(unit)
        if has_errors(given.findings):
            failed.append((unit.name, given.findings))
            continue
        path = out / f"{unit.target}.yaml"
        data = _plain(given.raw.data)
        disk.save(path, f"# {unit.name}，由 {fleet.source.name} 写出\n{dump(data)}".encode(), force)
        if given.history is not None:
            disk.save(history_path(path), _records(given.history.data).encode(), force)
        _copy_named(given, out)
        written.append((unit.name, path))
    return Written(tuple(written), tuple(failed), tuple(fleet.listed.findings))


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items() if value not in ("", None)}
    return [_plain(item) for item in data] if isinstance(data, list | tuple) else data


def _records(data: Any) -> str:
    import yaml

    return yaml.safe_dump(_plain(data), allow_unicode=True, sort_keys=False)


def _copy_named(profile: Profile, out: Path) -> None:
    """Copy the folders and files that a profile names into the folder of its file."""
    for name in _named(profile):
        source, target = profile.folder / name, out / name
        if source.is_dir() and source.resolve() != target.resolve():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file() and source.resolve() != target.resolve():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _named(profile: Profile) -> Iterator[str]:
    data = profile.raw.data if isinstance(profile.raw.data, dict) else {}
    for key in ("layer", "people"):
        name = find_reserved(profile.raw, key)
        value = data.get(name) if name else None
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, str) and entry.strip():
                yield entry.strip()


def need_fine(fleet: Fleet) -> None:
    """Raise FindingsError for a list with an error as a whole."""
    if has_errors(fleet.listed.findings):
        raise FindingsError(fleet.listed.findings)
