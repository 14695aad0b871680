"""One unit, wherever a worker is: profile → all checks → rendered → written. What units share is loaded once per process."""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import platform
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit import app, output
from toolkit.batch.outcome import CHECKED, DONE, ERRORS, FILES, REFUSED, Facts, Outcome
from toolkit.batch.privacy import masked
from toolkit.batch.rows import File, Lister, Row
from toolkit.batch.source import located, profile_of
from toolkit.core.data_folders import Where
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Refused, Severity, ToolkitError, has_errors
from toolkit.core.memo import after_unit, remembered
from toolkit.formats import MAIN
from toolkit.presets import Preset
from toolkit.profile import Profile

#: Types whose values may stand in a report: no free text, no names, no numbers of people.
SHOWN = frozenset({"choice", "boolean", "integer", "date", "frequency", "duration", "deadline"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What all units of a run share; every path is absolute."""

    out: str
    apart: str
    formats: tuple[str, ...]
    where: Where
    zipped: bool
    force: bool
    returned: bool
    lister: Lister


@dataclass(frozen=True, slots=True)
class Job:
    """One unit; with ``check_only`` nothing is rendered."""

    name: str
    target: str
    source: Row | File
    check_only: bool = False


class Shared:
    """What a process keeps for all units of a run: settings and presets."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._presets: dict[tuple, tuple[Preset | None, tuple[Finding, ...]]] = {}

    def preset_of(self, profile: Profile) -> tuple[Preset | None, tuple[Finding, ...]]:
        """Return the preset of a profile, or what is wrong. A unit's own layers are read again each time."""
        if profile.layers:
            preset, found = app.find_preset(profile, self.settings.where)
            return preset, tuple(found)
        known = self._presets.get((profile.kind,))
        if known is None:
            preset, found = app.find_preset(profile, self.settings.where)
            if preset is None:
                return None, tuple(found)
            known = self._presets[profile.kind,] = (preset, tuple(found))
        return known

    def find(self, kind: str, layers: tuple[Path, ...] = ()) -> Preset | None:
        """Return the preset of a kind, or None (then reading the unit's profile says what is wrong)."""
        from toolkit.core.yaml_read import RawDocument

        return self.preset_of(Profile(kind, RawDocument({}, {}, {}, ""), Path(), (), layers))[0] if kind else None

    def profile(self, source: Row | File) -> Profile:
        """Return the profile of a unit. Raises FileError."""
        return profile_of(source, self.settings.lister, self.find)

    def prepare(self, profile: Profile) -> app.Prepared:
        """Return the unit with all its findings."""
        preset, found = self.preset_of(profile)
        if preset is None:
            return app.Prepared(profile, findings=tuple(dict.fromkeys((*profile.findings, *found))))
        return app.prepare_with(profile, preset, self.settings.where.date)


@remembered(1, lasting=True)
def _shared(packed: bytes) -> Shared:
    """Return what all units of a run share; ``packed`` are its pickled settings."""
    return Shared(pickle.loads(packed))


def start() -> None:
    """Begin a worker process of our own: interrupts are the parent's to handle, garbage is rare."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()


def work(packed: bytes, job: Job) -> Outcome:
    """Do one unit; ``packed`` are the pickled settings. Never raises for what is wrong with the unit or the disk."""
    shared = _shared(packed)
    try:
        return _done(shared, job)
    except (FileError, Refused) as error:
        return failed(job.name, error)
    finally:
        after_unit()


def failed(name: str, error: FileError | Refused) -> Outcome:
    """Return the outcome of a unit whose files cannot be read or written."""
    said = (told(error),)
    return Outcome(name, FILES if isinstance(error, FileError) else REFUSED, findings=said, masked=said)


def told(error: ToolkitError) -> Finding:
    """Return an error as a finding."""
    return Finding(error.code or "disk", Severity.ERROR, error.message, Place(), error.hint)


def _done(shared: Shared, job: Job) -> Outcome:
    settings = shared.settings
    prepared = shared.prepare(shared.profile(job.source))
    if job.check_only:
        findings = located(app.check(prepared, settings.where, settings.formats), job.source, settings.lister)
        return _outcome(job, ERRORS if has_errors(findings) else CHECKED, prepared, findings)
    try:
        made = app.make(prepared, where=settings.where, formats=settings.formats)
    except FindingsError as error:
        return _outcome(job, ERRORS, prepared, located(error.findings, job.source, settings.lister))
    findings = located(made.prepared.findings, job.source, settings.lister)
    if not settings.zipped:
        findings = (*findings, *_folder(settings, job.target, made))
        return replace(
            _outcome(job, DONE, prepared, findings), sizes=tuple((name, len(data)) for name, data in made.files.items())
        )
    data = output.bundle(made.files, made.manifest)
    if not settings.returned:
        put(settings, job.target, data)
    sizes = ((f"{job.target}.zip", len(data)),)
    return replace(_outcome(job, DONE, prepared, findings), sizes=sizes, data=data if settings.returned else None)


def _outcome(job: Job, state: str, prepared: app.Prepared, findings: tuple[Finding, ...]) -> Outcome:
    unit = prepared.resolved.unit if prepared.resolved else job.name
    return Outcome(job.name, state, unit, findings, masked(findings, prepared.resolved), facts=facts_of(prepared))


def put(settings: Settings, target: str, data: bytes) -> None:
    """Write a unit's bundle. Raises Refused, FileError."""
    output.put_bundle(Path(settings.out) / f"{target}.zip", data, _apart(settings, target), settings.force)


def _apart(settings: Settings, target: str) -> Path:
    """Return a name that no other process uses, in the folder of what is not done."""
    owner = hashlib.sha256(f"{platform.node()} {os.getpid()} {target}".encode()).hexdigest()[:16]
    return Path(settings.apart) / owner


def _folder(settings: Settings, target: str, made: app.Made) -> Iterable[Finding]:
    folder = Path(settings.out) / target
    if not folder.exists() and output.put_new_folder(
        folder, made.files, made.manifest, made.base, _apart(settings, target)
    ):
        return ()
    report = output.commit(
        folder,
        made.files,
        made.manifest,
        base=made.base,
        force=settings.force,
        flush=False,
        partial=MAIN not in settings.formats,
    )
    return app.about_outputs(report, made.manifest["input"])


def facts_of(prepared: app.Prepared) -> Facts | None:
    """Return what the fleet is asked about."""
    if not prepared.resolved or not prepared.built or not prepared.preset:
        return None
    params = prepared.preset.params.params
    given = {key: value for key, value in prepared.resolved.given.items() if key in params}
    values = tuple((key, _shown(value, params[key].type)) for key, value in given.items())
    dropped = tuple((document, clause, why) for (document, clause), why in prepared.built.dropped.items())
    return Facts(prepared.preset.id, prepared.preset.version, dropped, values)


def _shown(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if kind in SHOWN:
        return str(value)
    return "#" + hashlib.sha256(repr(_plain(value)).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, _plain(one)) for key, one in value.items()]
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
