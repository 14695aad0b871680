"""Processes one unit in a worker: profile → all checks → rendered → written. Shared data are loaded once per process."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import pickle
import platform
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from toolkit import app, output
from toolkit.batch.outcome import CHECKED, DONE, ERRORS, FILES, KEPT, REFUSED, Facts, Options, Outcome
from toolkit.batch.rows import File, Lister, Row
from toolkit.batch.source import located, profile_of
from toolkit.compose.due_dates import COMMON_YEAR, occasions
from toolkit.compose.resolve import Resolved
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Refused, Severity, ToolkitError, has_errors
from toolkit.core.memo import after_unit, remembered
from toolkit.core.yaml_read import RawDocument
from toolkit.formats import MAIN
from toolkit.output.disk import file_errors
from toolkit.presets import Preset
from toolkit.presets.yaml_values import strings
from toolkit.profile import Profile

Made = TypeVar("Made")
#: Types whose values a report may show, for they hold no free text, names or numbers of people; and types of free text.
SHOWN = frozenset({"choice", "boolean", "integer", "date", "frequency", "duration", "deadline"})
_FREE = frozenset({"text", "longtext", "phone", "list", "table"})
#: A run of so many digits is somebody's number.
_NUMBER = re.compile(r"\+?\d(?:[- ]?\d){6,}")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?")
#: Quoted words of a message, and the codes of findings that quote a typed value.
_QUOTED = re.compile("“([^”]*)”")
_QUOTING = frozenset(
    {
        "bad_value",
        "bad_choice",
        "duplicate_person",
        "several_persons",
        "perhaps_several_persons",
        "unlikely_name",
        "list_commas",
        "placeholder_value",
        "number_as_phone",
    }
)
_MASK = "●●"
#: Seconds between two looks whether the parent is still there; exit code of a worker whose parent is gone.
_LOOK, _ORPHAN = 0.5, 1


@dataclass(frozen=True, slots=True)
class Settings:
    """The data that all units of a run share: options, the folder of outputs, that of files not yet whole, the list's heads."""

    options: Options
    out: Path = Path()
    parts: Path = Path()
    lister: Lister = Lister()

    def absolute(self) -> Settings:
        """Return the same with absolute paths, for a worker that may have another current folder."""
        options = replace(self.options, where=self.options.where.absolute())
        return replace(self, options=options, out=self.out.absolute(), parts=self.parts.absolute())


@dataclass(frozen=True, slots=True)
class Job:
    """One unit; with ``check_only`` nothing is rendered. ``former``: its earlier names."""

    name: str
    target: str
    source: Row | File
    check_only: bool = False
    former: tuple[str, ...] = ()


class Shared:
    """The state of a process for all units of a run: settings and presets."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._presets: dict[tuple[str, str], tuple[Preset, tuple[Finding, ...]]] = {}

    def preset_of(self, profile: Profile) -> tuple[Preset | None, tuple[Finding, ...]]:
        """Return the preset of a profile, or its fault. A unit's own layers are read again each time."""
        key = profile.kind, profile.size
        if not profile.layers and key in self._presets:
            return self._presets[key]
        preset, findings = app.find_preset(profile, self.settings.options.where)
        if preset is not None and not (profile.layers or findings):
            self._presets[key] = preset, ()
        return preset, tuple(findings)

    def find(self, kind: str) -> Preset | None:
        """Return the preset of a kind, or None (then reading the unit's profile reports why)."""
        return self.preset_of(Profile(kind, RawDocument({}, {}, {}, ""), Path(), (), ()))[0] if kind else None

    def presets(self, kinds: Iterable[str]) -> dict[str, Preset]:
        """Return the presets of kinds by id."""
        return {kind: preset for kind in sorted(kinds) if (preset := self.find(kind))}

    def profile(self, source: Row | File) -> Profile:
        """Return the profile of a unit. Raises FileError."""
        return profile_of(source, self.settings.lister, self.find)

    def prepare(self, profile: Profile, codes: frozenset[str] = frozenset()) -> app.Prepared:
        """Return the unit with all its findings; ``codes``: see :func:`toolkit.app.prepare_with`."""
        preset, findings = self.preset_of(profile)
        if findings:
            profile = replace(profile, findings=tuple(dict.fromkeys((*profile.findings, *findings))))
        if preset is None:
            return app.Prepared(profile, findings=profile.findings)
        return app.prepare_with(profile, preset, self.settings.options.where.date, codes=codes)


def packed_for(settings: Settings, *asked: Any) -> bytes:
    """Return the data for the workers of a run, pickled once: its settings, and the extra data of its command."""
    return pickle.dumps((settings, *asked))


@remembered(1, lasting=True)
def unpacked(packed: bytes) -> tuple[Any, ...]:
    """Return the :class:`Shared` data of a run, and the extra data packed by :func:`packed_for`."""
    settings, *asked = pickle.loads(packed)
    return Shared(settings), *asked


def start() -> None:
    """Begin a worker process of our own: interrupts are the parent's to handle, garbage is rare."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this worker when its parent was killed: nobody would take its work, and it would wait for more for ever.

    The pipe that tells of a parent's end stays open in workers that were forked later, so where it can the system is asked.
    """
    if os.name == "nt":
        own = multiprocessing.parent_process()
        if own is not None:
            own.join()
    else:
        while os.getppid() == parent:
            time.sleep(_LOOK)
    os._exit(_ORPHAN)


def work(packed: bytes, job: Job) -> Outcome:
    """Do one unit; ``packed`` are the pickled settings. Never raises for a fault of the unit or the disk."""
    shared = unpacked(packed)[0]
    try:
        return _done(shared, job)
    except (FileError, Refused) as error:
        return failed(job.name, error)
    finally:
        after_unit()


def failed(name: str, error: FileError | Refused) -> Outcome:
    """Return the outcome of a unit whose files cannot be read or written."""
    findings = (as_finding(error),)
    return Outcome(name, FILES if isinstance(error, FileError) else REFUSED, findings, findings)


def faults_told(work: Callable[[], Made], tell: Callable[[tuple[Finding, ...]], Made]) -> Made:
    """Return the result of ``work`` for one unit, or that of ``tell`` for the errors of that unit or of the disk."""
    try:
        return work()
    except FindingsError as error:
        return tell(masked(finding for finding in error.findings if has_errors([finding])))
    except (FileError, Refused) as error:
        return tell(masked([as_finding(error)]))
    finally:
        after_unit()


def as_finding(error: ToolkitError) -> Finding:
    """Return an error as a finding."""
    return Finding(error.code, Severity.ERROR, error.message, Place(), error.hint)


def _done(shared: Shared, job: Job) -> Outcome:
    settings, options = shared.settings, shared.settings.options
    prepared = shared.prepare(shared.profile(job.source))

    def outcome(state: str, checked: Iterable[Finding], about: Iterable[Finding] = ()) -> Outcome:
        findings = (*located(checked, job.source, settings.lister), *about)
        judged = prepared.judged
        shown = masked(findings, judged.resolved if judged else None)
        return Outcome(job.name, state, findings, shown, facts=facts_of(prepared))

    if job.check_only:
        findings = app.check(prepared, options.where, options.formats)
        return outcome(ERRORS if has_errors(findings) else CHECKED, findings)
    try:
        made = app.make(prepared, where=options.where, formats=options.formats)
    except FindingsError as error:
        return outcome(ERRORS, error.findings)
    try:
        if not options.zipped:
            moved = former_home(settings.out, job.target, job.former, move=True)
            state, about, sizes = _put_folder(settings, job.target, made)
            about = (*([moved] if moved else []), *about)
            return replace(outcome(state, made.prepared.findings, about), sizes=sizes)
        data = _bundle(settings, job.target, made)
        if not options.returned:
            put(settings, job.target, data)
    except Refused as error:
        return outcome(REFUSED, made.prepared.findings, (_refused(error),))
    sizes = ((f"{job.target}.zip", len(data)),)
    return replace(outcome(DONE, made.prepared.findings), sizes=sizes, data=data if options.returned else None)


def former_home(out: Path, target: str, former: Iterable[str], move: bool) -> Finding | None:
    """Make the folder of an earlier name that of a unit which has none; return the finding about it, None if there is none.

    Without ``move`` it is only found (``subject`` is its name). Raises FileError.
    """
    with file_errors("无法改名"):
        if (out / target).exists():
            return None
        for name in former:
            folder = out / output.safe_name(name)
            output.need_inside(out, [folder.name])
            with suppress(Refused):
                if folder.is_dir() and output.read_manifest(folder).get("unit") == name:
                    if move:
                        os.rename(folder, out / target)
                    said = "改名为" if move else "会改名为"
                    message = f"单位改了名：原来的文件夹“{folder.name}”{said}“{target}”，里面的手工修改和记录都在"
                    return Finding("former_folder", Severity.NOTICE, message, Place(), subject=folder.name)
    return None


def _refused(error: Refused) -> Finding:
    """Return the finding on a unit that was left as it is, with the command that takes the new version over into it."""
    refused = as_finding(error)
    if error.code != "edited":
        return refused
    hint = "用 toolkit units merge 名单 文件夹 把新版并入各单位，手工修改都保留；加 --force 则换成新版，原文件存到 .toolkit/旧/"
    return replace(refused, hint=hint)


def _bundle(settings: Settings, target: str, made: app.Made) -> bytes:
    """Return the zip of a unit: of its folder as it stands, where it has one. Raises Refused, FileError."""
    folder = settings.out / target
    with file_errors("无法读取"):
        output.need_inside(settings.out, [target])
        if output.read_manifest(folder):
            return output.bundle_standing(folder, made.files, made.manifest)
    return output.bundle(made.files, made.manifest)


def put(settings: Settings, target: str, data: bytes) -> None:
    """Write a unit's bundle. Raises Refused, FileError."""
    with file_errors("无法写入"):
        output.need_inside(settings.out, [f"{target}.zip"])
    output.put_bundle(settings.out / f"{target}.zip", data, _part(settings, target), settings.options.force)


def _part(settings: Settings, target: str) -> Path:
    """Return a name that no other process uses, in the folder of files that are not whole yet."""
    owner = hashlib.sha256(f"{platform.node()} {os.getpid()} {target}".encode()).hexdigest()[:16]
    return settings.parts / owner


def _put_folder(
    settings: Settings, target: str, made: app.Made
) -> tuple[str, Iterable[Finding], tuple[tuple[str, int], ...]]:
    """Write a unit's folder; return its state, the findings about its files, and their sizes. Raises Refused, FileError."""
    folder, part, options = settings.out / target, _part(settings, target), settings.options
    sizes = tuple((name, len(data)) for name, data in made.files.items())
    with file_errors("无法写入"):
        output.need_inside(settings.out, [target])
        if not folder.exists() and output.put_new_folder(folder, made.files, made.manifest, made.base, part):
            return DONE, (), sizes
        found = output.Standing(made.files, made.manifest)
        if not options.force and folder.is_dir():
            found = output.standing(folder, made.files, made.manifest)
    report = output.commit(
        folder,
        found.files,
        found.manifest,
        base=made.base,
        force=options.force,
        flush=False,
        partial=MAIN not in options.formats,
        edited=output.Edited(stands=found.stays),
    )
    if found.stays:
        with file_errors("无法读取"):
            names = sorted({*found.files, *found.stays})
            sizes = tuple((name, (folder / name).stat().st_size) for name in names if (folder / name).is_file())
    own = {name: entry for name, entry in report.stays.items() if name not in found.stays}
    about = app.about_outputs(replace(report, stays=own), made.manifest["input"])
    return KEPT if found.edited else DONE, about, sizes


# --- contents of a report ----------------------------------------------------------------------------------------


def facts_of(prepared: app.Prepared) -> Facts | None:
    """Return the facts of a unit; of values that may not be shown it has digests, which differ where they do."""
    judged = prepared.judged
    if not judged or not prepared.preset or not prepared.resolved:
        return None
    params = prepared.preset.params.params
    given = {key: value for key, value in judged.given.items() if key in params}
    values = tuple((key, _shown(value, params[key].type)) for key, value in given.items())
    dropped = tuple((document, clause, why) for (document, clause), why in judged.built.dropped.items())
    dues = prepared.resolved.dues(prepared.resolved.year or COMMON_YEAR)
    tasks, preset = sum(len(those) for _, those in dues), prepared.preset
    return Facts(preset.id, preset.version, dropped, values, preset.size_label, tasks, len(occasions(dues)))


def _shown(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if kind in SHOWN:
        return str(value)
    return "#" + hashlib.sha256(repr(_plain(value)).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, _plain(inner)) for key, inner in value.items()]
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value


def masked(findings: Iterable[Finding], resolved: Resolved | None = None) -> tuple[Finding, ...]:
    """Return findings without phone numbers and the words of free texts, save the names of organs; the fault stays readable."""
    words = sorted(_typed(resolved), key=len, reverse=True) if resolved is not None else []
    return tuple(_masked(finding, words) for finding in findings)


def _masked(finding: Finding, words: Iterable[str]) -> Finding:
    key = finding.where.key
    labels = {key, key.rpartition(".")[2], "起止"} - {""}
    texts = []
    for text in (finding.message, finding.hint, finding.subject):
        for word in words:
            text = text.replace(word, _MASK)
        if finding.code in _QUOTING:
            text = _QUOTED.sub(lambda quote: quote[0] if quote[1] in labels else f"“{_MASK}”", text)
        texts.append(_NUMBER.sub(lambda run: run[0] if _DATE.fullmatch(run[0]) else _MASK, text))
    return replace(finding, message=texts[0], hint=texts[1], subject=texts[2])


def _typed(resolved: Resolved) -> set[str]:
    """Return the words that a unit typed into free texts."""
    params = resolved.preset.params.params
    organs = {name for entry in resolved.org.values() for name in (entry.name, entry.full)} | {resolved.unit}
    free = (value for key, value in resolved.given.items() if key not in params or params[key].type in _FREE)
    words = {word for value in free for word in strings(value)}
    return {word for word in words if len(word) > 1 and not any(word in organ for organ in organs)}
