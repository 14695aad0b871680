"""What the commands do, from Python (``docs/api.md``). Nothing is printed; problems are values.

A profile is a path, or a mapping as YAML would give it. Functions that judge return findings; functions that make something
raise :class:`~toolkit.errors.FindingsError` with all of them if one is an error. ``presets``, ``templates``, ``layers`` and
``fonts`` are the user's own folders, in front of the bundled ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import FileError, Finding, FindingsError, Place, Refused, Severity, ToolkitError, UsageError, has_errors

if TYPE_CHECKING:
    from toolkit.batch import Event, Report
    from toolkit.coverage import Matrix
    from toolkit.generate import Made, Prepared, Result
    from toolkit.presets import KindInfo, Preset
    from toolkit.revise import Revised

Profile = Path | str | Mapping[str, Any]
Folders = Sequence[Path | str]

__all__ = [
    "FileError", "Finding", "FindingsError", "Place", "Refused", "Severity", "ToolkitError", "UsageError", "batch", "blank_list",
    "check", "coverage", "generate", "has_errors", "kinds", "make", "prepare", "preset", "revise", "starter",
]  # fmt: skip


def kinds(presets: Folders = ()) -> "tuple[KindInfo, ...]":
    """Return the kinds of unit: id, label, version (``toolkit presets``)."""
    from toolkit import locate
    from toolkit import presets as preset_module

    return preset_module.kinds(locate.presets_folders(_paths(presets)))


def preset(kind: str, presets: Folders = ()) -> "Preset":
    """Return a kind by id or label: its parameters, documents and required clauses (``toolkit presets KIND``)."""
    from toolkit import locate
    from toolkit import presets as preset_module

    names = {name: info.id for info in kinds(presets) for name in (info.label, info.id)}
    return preset_module.load(names.get(kind, kind), locate.presets_folders(_paths(presets)))


def starter(kind: str, values: Mapping[str, Any] | None = None, presets: Folders = ()) -> str:
    """Return a commented profile to be filled in, with ``values`` by English key (``toolkit init``)."""
    from toolkit import presets as preset_module
    from toolkit import profile

    found = preset(kind, presets)
    return profile.starter(found.params, found.label, values or {}, preset_module.printed_names(found))


def prepare(profile: Profile, *, presets: Folders = (), layers: Folders = (), date: str = "") -> "Prepared":
    """Read, validate, resolve, build and check a profile; everything that is known before rendering."""
    from toolkit import generate as module
    from toolkit import locate
    from toolkit.profile import read_profile

    locate.need_folders(_paths([*presets, *layers]))
    given = _of_mapping(profile) if isinstance(profile, Mapping) else read_profile(profile)
    return module.prepare_read(given, locate.presets_folders(_paths(presets)), _paths(layers), _iso(date))


def check(
    profile: Profile, *, presets: Folders = (), templates: Folders = (), layers: Folders = (), fonts: Folders = (),
    formats: Sequence[str] = ("docx",), date: str = "",
) -> tuple[Finding, ...]:  # fmt: skip
    """Return every finding about a profile and its documents at once (``toolkit check``)."""
    from toolkit import generate as module

    prepared = prepare(profile, presets=presets, layers=layers, date=date)
    return module.check_all(prepared, _paths(templates), formats, _paths(fonts))


def make(
    profile: Profile, *, only: Sequence[str] = (), formats: Sequence[str] = ("docx",), presets: Folders = (),
    templates: Folders = (), layers: Folders = (), fonts: Folders = (), date: str = "",
) -> "Made":  # fmt: skip
    """Return a set in memory: ``files`` (name → bytes), the manifest, what was prepared. Raises FindingsError."""
    from toolkit import generate as module

    prepared = prepare(profile, presets=presets, layers=layers, date=date)
    return module.make(prepared, only=only, templates=_paths(templates), formats=formats, fonts=_paths(fonts))


def generate(
    profile: Path | str, out: Path | str, *, only: Sequence[str] = (), formats: Sequence[str] = ("docx",), force: bool = False,
    presets: Folders = (), templates: Folders = (), layers: Folders = (), fonts: Folders = (), date: str = "",
) -> "Result":  # fmt: skip
    """Write a set into a folder (``toolkit generate``). Raises FindingsError, Refused (edited files), FileError."""
    from toolkit import generate as module

    return module.generate(
        Path(profile), Path(out), only=only, date=_iso(date), force=force, presets=_paths(presets),
        templates=_paths(templates), layers=_paths(layers), formats=formats, fonts=_paths(fonts),
    )  # fmt: skip


def coverage(profile: Profile, *, presets: Folders = (), layers: Folders = (), date: str = "") -> "Matrix":
    """Return which clause meets which requirement (``toolkit coverage``); its writers are in :mod:`toolkit.coverage`."""
    from toolkit import coverage as module

    return module.matrix(prepare(profile, presets=presets, layers=layers, date=date))


def revise(
    profile: Path | str, *, organ: str, date: str, issued: str = "", number: str = "", note: str = "", repeal: bool = False,
    presets: Folders = (), layers: Folders = (),
) -> "Revised":  # fmt: skip
    """Write the next entry of the history beside a profile (``toolkit revise``). Raises FindingsError, Refused."""
    from toolkit.revise import revise as append

    entry = {"organ": organ, "date": _iso(date), "issued": _iso(issued), "number": number, "note": note}
    return append(Path(profile), entry, repeal=repeal, presets=_paths(presets), layers=_paths(layers))


def batch(source: Path | str, out: Path | str, *, tell: "Callable[[Event], None] | None" = None, **options: Any) -> "Report":
    """Make the sets of all units of a list (``toolkit batch``); ``options`` are those of :class:`toolkit.batch.Options`.

    ``tell`` is called with each event. A unit with errors is a line of the report; a list that cannot be used raises
    FindingsError. Run it under ``if __name__ == "__main__":`` where processes are spawned (Windows, macOS).
    """
    from toolkit import batch as module

    known = {one.name for one in fields(module.Options)}
    if unknown := sorted(options.keys() - known):
        raise TypeError(f"unknown options: {', '.join(unknown)}")
    several = {name: _paths(options[name]) for name in ("presets", "templates", "layers", "fonts") if name in options}
    if options.get("base") is not None:
        several["base"] = Path(options["base"])
    if "date" in options:
        several["date"] = _iso(options["date"])
    if "formats" in options:
        several["formats"] = tuple(options["formats"])
    return module.batch(Path(source), Path(out), module.Options(**{**options, **several}), tell or (lambda event: None))


def blank_list(kind: str, presets: Folders = ()) -> bytes:
    """Return the empty list of a kind as XLSX (``toolkit batch --sheet``)."""
    from toolkit import presets as preset_module
    from toolkit.batch.blank import workbook

    found = preset(kind, presets)
    return workbook(found, preset_module.printed_names(found))


def _paths(folders: Folders) -> tuple[Path, ...]:
    return tuple(map(Path, folders))


def _iso(text: str) -> str:
    """Return a date as ISO. Raises UsageError for what is none."""
    from toolkit.units import parse_date

    try:
        return parse_date(text) if text else ""
    except ValueError as error:
        raise UsageError(str(error), "例如 2026-01-05", "bad_date") from error


def _of_mapping(data: Mapping[str, Any]) -> Any:
    """Return a profile that is no file; names of files in it count from the current folder."""
    from toolkit.profile.read import of_document
    from toolkit.rawyaml import RawDocument

    return of_document(RawDocument(_written(data), {}, {}, ""), Path(), [])


def _written(value: Any) -> Any:
    """Return a value as it would be written in a profile: everything is text."""
    if isinstance(value, Mapping):
        return {str(key): _written(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, Date) else str(value)
