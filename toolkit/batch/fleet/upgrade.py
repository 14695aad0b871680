"""The upgrade of all units of a list, with equal conflicts as one decision (``toolkit units merge``).

One unit is done by :mod:`toolkit.versions.upgrade`, in a worker; here are the map over the units, the treatment of one with an
open conflict (it stays whole in its old version), the memory of finished units, and the grouping.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit import output
from toolkit.batch import engines
from toolkit.batch.fleet import outputs, units
from toolkit.batch.outcome import Options
from toolkit.batch.rows import File, Row, digest
from toolkit.batch.run import stamp
from toolkit.batch.running import cause, crashed
from toolkit.batch.source_changes import compared, told
from toolkit.batch.unit_list import Unit
from toolkit.batch.work import Settings, Shared, as_finding, former_home, masked, packed_for, unpacked
from toolkit.core.findings import FileError, Finding, FindingsError, Refused, has_errors
from toolkit.core.memo import after_unit
from toolkit.core.outside import content
from toolkit.output.disk import file_errors
from toolkit.versions import upgrade
from toolkit.versions.decisions import NO_DECISIONS, Decisions, Entry, Open, grouped, key_of
from toolkit.versions.redlines import author_of
from toolkit.versions.steps import Step

#: How a unit ended.
WRITTEN, SAME, OPEN, MARKED, WOULD, ERRORS, FILES = "written", "same", "open", "marked", "would", "errors", "files"
OVER = "over"
STATES = {
    WRITTEN: "已并入新版",
    MARKED: "已并入新版，冲突写成修订",
    WOULD: "会并入新版",
    SAME: "没有变化",
    OVER: "已并入别的单位或者撤销",
    OPEN: "有冲突没有决定，没有写入",
    ERRORS: "有错误，没有写入",
    FILES: "读写失败",
}
_STATE = "upgrade.jsonl"


@dataclass(frozen=True)
class Asked:
    """The options of an upgrade of all. ``check_only``: nothing is written; ``marks``: units with open conflicts are written,
    with tracked changes; ``decisions``: on conflicts; ``author``, ``when``: of tracked changes."""

    options: Options
    out: Path
    decisions: Decisions = NO_DECISIONS
    check_only: bool = False
    marks: bool = False
    author: str = "toolkit"
    when: str = ""
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """The outcome of a unit. ``version``: of the preset before; ``steps``: those that are no plain taking over.

    ``names``: its own, by which equal conflicts are known.
    """

    unit: str
    target: str
    row: str
    state: str
    version: str = ""
    newest: str = ""
    steps: tuple[Step, ...] = ()
    conflicts: tuple[Open, ...] = ()
    decided: tuple[Open, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    taken: int = 0

    @property
    def asks(self) -> bool:
        """Whether somebody must look at the unit."""
        return self.state in (OPEN, MARKED, ERRORS, FILES) or has_errors(self.findings) or bool(self.remarks)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks of the steps that ask for attention, by file."""
        return tuple(f"{step.name}：{remark}" for step in self.steps for remark in step.remarks)


@dataclass(frozen=True)
class Upgraded:
    """All units in the order of the list; equal conflicts as one entry; findings about list, sources and other folders."""

    units: tuple[Done, ...]
    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    is_check: bool = False

    @property
    def is_fine(self) -> bool:
        """Whether nobody needs to look at anything."""
        return not any(unit.asks for unit in self.units) and not has_errors(self.findings)

    def count(self, state: str) -> int:
        """Return how many units ended in a state."""
        return sum(unit.state == state for unit in self.units)

    @property
    def repeated(self) -> tuple[tuple[Finding, tuple[str, ...]], ...]:
        """Findings that several units have, each once with its units, the most frequent first."""
        found: dict[Finding, dict[str, None]] = {}
        for unit in self.units:
            for finding in unit.findings:
                found.setdefault(cause(finding, unit.unit), {})[unit.unit] = None
        many = [(finding, tuple(names)) for finding, names in found.items() if len(names) > 1]
        return tuple(sorted(many, key=lambda item: -len(item[1])))

    @property
    def alone(self) -> dict[str, tuple[Finding, ...]]:
        """Findings that only one unit has, by the folder of each unit."""
        many = {finding for finding, _ in self.repeated}
        return {
            unit.target: tuple(finding for finding in unit.findings if cause(finding, unit.unit) not in many)
            for unit in self.units
        }


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    target: str
    row: str
    source: Row | File
    findings: tuple[Finding, ...]
    former: tuple[str, ...] = ()


Tell = Callable[[str, Any], None]


def run(source: Path, asked: Asked, tell: Tell = lambda what, value: None) -> Upgraded:
    """Upgrade every unit of a list; ``tell`` gets ``findings`` (about the list, and changes to sources) and ``unit``.

    Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    outputs.need_folder(asked.out)
    fleet = units.read(source, asked.options)
    state_folder = asked.out / output.STATE
    with file_errors("无法使用输出文件夹"):
        output.need_inside(asked.out, [output.STATE])
        state_folder.mkdir(exist_ok=True)
    with file_errors("无法使用输出文件夹"), output.locked(state_folder):
        memory = _Memory(state_folder / _STATE, _common(asked))
        keys = {unit.target: memory.key(unit, fleet) for unit in fleet.units}
        findings = [*fleet.listed.findings, *_sources(fleet, asked)]
        findings += outputs.strangers(asked.out, fleet.targets, {unit.name for unit in fleet.units})
        tell("findings", tuple(findings))
        done: dict[str, Done] = {}
        todo = []
        for unit in fleet.units:
            if unit.life.is_over:
                done[unit.target] = Done(unit.name, unit.target, unit.row, OVER, findings=tuple(unit.findings))
            elif (known := memory.known(unit, keys[unit.target], asked)) is not None:
                done[unit.target] = known
                tell("unit", known)
            else:
                todo.append(unit)
        for upgraded in _worked(fleet, asked, todo):
            done[upgraded.target] = upgraded
            if upgraded.state in (WRITTEN, SAME) and not upgraded.asks and not asked.check_only:
                memory.add(upgraded, keys[upgraded.target], asked)
            tell("unit", upgraded)
    ordered = tuple(done[unit.target] for unit in fleet.units)
    found = [(upgraded.unit, upgraded.names, (*upgraded.conflicts, *upgraded.decided)) for upgraded in ordered]
    entries = grouped(found, asked.decisions)
    return Upgraded(ordered, tuple(entries), tuple(findings), asked.check_only)


def _worked(fleet: units.Fleet, asked: Asked, todo: Sequence[Unit]) -> Iterator[Done]:
    settings = Settings(asked.options, asked.out, lister=fleet.listed.lister).absolute()
    packed = packed_for(settings, replace(asked, out=asked.out.absolute()))

    def call(unit: Unit) -> tuple[Callable[..., Done], tuple[Any, ...]]:
        return work, (
            packed,
            _Job(unit.name, unit.target, unit.row, unit.source, tuple(unit.findings), unit.life.former),
        )

    for unit, result in engines.each(call, todo, asked.options.jobs):
        yield result if isinstance(result, Done) else _crashed(unit, result)


def _crashed(unit: Unit, error: BaseException) -> Done:
    return Done(unit.name, unit.target, unit.row, ERRORS, findings=crashed(unit, error))


def _sources(fleet: units.Fleet, asked: Asked) -> list[Finding]:
    """Return the changes of the run to the sources of sets, each once."""
    found = []
    for unit in fleet.units:
        with suppress(Refused, FileError, OSError):
            manifest = output.read_manifest(asked.out / unit.target)
            if manifest:
                profile = fleet.shared.profile(unit.source)
                preset, _ = fleet.shared.preset_of(profile)
                if preset is not None:
                    found += [(unit.name, change) for change in compared(manifest, preset, profile.shared)]
    return told(found)


def of_one(planned: upgrade.Upgrade) -> Upgraded:
    """Return the upgrade of one set as that of a list with this unit alone: what changed, and why, is told in one way."""
    newest = str(planned.manifest.get("preset", {}).get("version", ""))
    told = _told(planned, Done(planned.unit, planned.edited.name, "", SAME, planned.version, newest), None)
    if planned.report is not None:
        told = replace(told, state=_end(planned, planned.report))
    elif _changes(planned):
        told = replace(told, state=WOULD)
    settled = {
        key_of(decision.of.document, decision.of.conflict, planned.names): decision.decision
        for decision in planned.decided
    }
    entries = [replace(entry, decision=settled.get(entry.key)) for entry in planned.entries()]
    return Upgraded((told,), tuple(entries), planned.findings, planned.report is None)


# --- one unit, in a worker --------------------------------------------------------------------------------------------


def work(packed: bytes, job: _Job) -> Done:
    """Upgrade one unit; never raises for a fault of the unit or the disk."""
    shared, asked = unpacked(packed)
    start = Done(job.name, job.target, job.row, ERRORS)
    try:
        return _done(shared, asked, job, start)
    except FindingsError as error:
        return replace(start, findings=masked(error.findings))
    except (FileError, Refused) as error:
        state = FILES if isinstance(error, FileError) else ERRORS
        return replace(start, state=state, findings=masked([as_finding(error)]))
    finally:
        after_unit()


def _done(shared: Shared, asked: Asked, job: _Job, start: Done) -> Done:
    home = outputs.place_of(asked.out, job.target, job.name, job.former)
    if home.wrong is not None:
        return replace(start, findings=(home.wrong,))
    if home.moved is not None and not asked.check_only:
        home = replace(
            home, folder=asked.out / job.target, moved=former_home(asked.out, job.target, job.former, move=True)
        )
    if not asked.check_only:
        output.recover(home.folder)
    version = str(home.manifest.get("preset", {}).get("version", ""))
    prepared = shared.prepare(shared.profile(job.source))
    findings = (*job.findings, *prepared.findings)
    start = replace(start, version=version, newest=prepared.preset.version if prepared.preset else "")
    if has_errors(findings):
        return replace(start, findings=masked(findings, prepared.resolved))
    how = upgrade.How(
        where=asked.options.where,
        author=author_of(asked.author, asked.when),
        formats=asked.formats,
        decisions=asked.decisions,
        is_paged=False,
    )
    planned = upgrade.plan(prepared, home.folder, how)
    told = _told(planned, start, prepared.resolved)
    if home.moved is not None:
        told = replace(told, findings=(home.moved, *told.findings))
    if planned.conflicts and not asked.marks:
        return replace(told, state=OPEN)
    if asked.check_only:
        return replace(told, state=WOULD if _changes(planned) else SAME)
    report = upgrade.commit(planned, home.folder).report
    assert report is not None
    return replace(told, state=_end(planned, report))


def _end(planned: upgrade.Upgrade, report: output.Report) -> str:
    """Return how a unit ended that was written."""
    if planned.conflicts:
        return MARKED
    return WRITTEN if report.written or report.moved else SAME


def _told(planned: upgrade.Upgrade, start: Done, resolved: Any) -> Done:
    """Return the report on a plan, without findings that are the same in every unit."""
    steps = tuple(step for step in planned.steps if step.action != "take" or step.remarks)
    return replace(
        start,
        steps=steps,
        conflicts=planned.conflicts,
        decided=tuple(decision.of for decision in planned.decided),
        names=dict(planned.names),
        findings=masked((finding for finding in planned.checked if has_errors([finding])), resolved),
        taken=sum(step.action == "take" for step in planned.steps),
    )


def _changes(planned: upgrade.Upgrade) -> bool:
    """Whether writing a plan would change a file."""
    seals = planned.seals
    return any(seals.get(name) != output.seal(name, data) for name, data in planned.files.items()) or any(
        step.action in ("gone", "stale") for step in planned.steps
    )


# --- finished units --------------------------------------------------------------------------------------------------


def _common(asked: Asked) -> str:
    """Return the digest of all that every unit depends on besides its own row."""
    decisions = sorted((key, repr(entry)) for key, entry in asked.decisions.entries.items())
    data = (stamp(asked.options), asked.formats, decisions)
    return hashlib.sha256(repr(data).encode("utf-8", "surrogatepass")).hexdigest()


class _Memory:
    """Units that were upgraded, and how their folders were then: a run that was killed goes on, a second one does nothing.

    It is a memory only: unknown units are planned again, with the same result.
    """

    def __init__(self, path: Path, common: str) -> None:
        self.path, self.common = path, common
        self.lines: dict[str, dict] = {}
        with suppress(OSError):
            for line in content(path).splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    self.lines[entry["target"]] = entry

    def key(self, unit: Unit, fleet: units.Fleet) -> str:
        """Return the digest of all that a unit is made from, "" where its files cannot be read."""
        try:
            return hashlib.sha256(f"{self.common} {digest(unit.source, fleet.listed.lister)}".encode()).hexdigest()
        except OSError:
            return ""

    def known(self, unit: Unit, key: str, asked: Asked) -> Done | None:
        """Return a unit that is as an upgrade from the same sources left it, None for another."""
        entry = self.lines.get(unit.target)
        if entry is None or not key or entry.get("key") != key or has_errors(unit.findings):
            return None
        if entry.get("mark") != outputs.mark(asked.out / unit.target):
            return None
        version = str(entry.get("version", ""))
        return Done(unit.name, unit.target, unit.row, SAME, version, version)

    def add(self, done: Done, key: str, asked: Asked) -> None:
        """Note a unit that is done, in one write."""
        entry = {
            "target": done.target,
            "key": key,
            "mark": outputs.mark(asked.out / done.target),
            "version": done.newest,
        }
        line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        with file_errors("无法写入状态"), open(self.path, "ab") as stream:
            stream.write(line)
