"""Runs a whole list: read, checked by row, worked off over an executor, noted, reported; used by ``run``.

No clock and no terminal here: the caller gets events.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit import output
from toolkit.batch import engines
from toolkit.batch.finding_codes import finding
from toolkit.batch.listing import file_unit, read_list, validated
from toolkit.batch.outcome import CHECKED, DONE, ERRORS, FILES, FINE, KEPT, OVER, Event, Line, Outcome, Tell
from toolkit.batch.report import Report, write_reports
from toolkit.batch.rows import File, Lister, Row, digest, lines_of, named_by
from toolkit.batch.source import located
from toolkit.batch.source_changes import compared, told
from toolkit.batch.state import State
from toolkit.batch.unchanged import Memory, gone
from toolkit.batch.unit_list import Listed, Unit
from toolkit.batch.work import Job, Settings, Shared, as_finding, failed, masked, packed_for, put, work
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Refused, has_errors
from toolkit.core.memo import gc_paused
from toolkit.output import safe_name
from toolkit.output.disk import file_errors

#: Rows between two events on the progress of checking them.
_ROWS_PER_EVENT = 100
#: Replaces a unit's name in findings about several.
_UNIT = "〔单位〕"


@dataclass(slots=True)
class _Todo:
    """A unit of this run with its key. ``failed``: its rows have errors; ``reported``: findings that the caller has already;
    ``known``: those of them that a worker finds as well."""

    unit: Unit
    key: str
    failed: bool
    reported: frozenset[Finding]
    known: frozenset[Finding]


class Run:
    """One run. The order of the report is that of the list."""

    def __init__(self, memory: Memory, state: State, tell: Tell) -> None:
        self.source, self.out, self.options, self.tell = memory.source, memory.out, memory.options, tell
        self.memory, self.state = memory, state
        self.lines: dict[int, Line] = {}
        self.keys: dict[int, str] = {}
        self.shared = Shared(Settings(self.options, self.out, memory.folder / "parts").absolute())
        self.findings: list[Finding] = []
        #: Findings of units that were told, and how many units have each: one cause is told once.
        self.told: Counter[Finding] = Counter()

    def run(self) -> Report:
        """Do the run. Raises FindingsError, UsageError, FileError."""
        parts = self.memory.folder / "parts"
        with file_errors("无法使用输出文件夹"):
            shutil.rmtree(parts, ignore_errors=True)
            parts.mkdir()
        self.tell(Event("read"))
        listed = self.read()
        self.settings = self.shared.settings
        self.packed = packed_for(self.settings)
        units = listed.units
        if self.options.shard:
            number, count = self.options.shard
            hashes = (int.from_bytes(hashlib.sha256(unit.target.encode()).digest()[:8]) for unit in units)
            units = [unit for unit, value in zip(units, hashes, strict=True) if value % count == number - 1]
        self.end(unit for unit in units if unit.life.is_over)
        whole, units = units, [unit for unit in units if not unit.life.is_over]
        self.memory.look(path for unit in units for path in named_by(unit.source, listed.lister))
        todo = self.sort(units)
        if changes := self.source_changes(todo):
            self.findings = [*self.findings, *changes]
            self.tell(Event("findings", tuple(changes)))
        self.tell(Event("begin", total=len(units), unchanged=len(units) - len(todo), left=len(todo)))
        if not self.options.check_only:
            self.state.open()
        try:
            if todo:
                self.work_off(todo)
        finally:
            shutil.rmtree(parts, ignore_errors=True)
            self.state.close()
        if todo and not self.options.check_only and hasattr(os, "sync"):
            os.sync()
        for repeated, count in self.told.items():
            if count > 1:
                self.tell(Event("repeated", (repeated,), total=count))
        lines = tuple(self.lines[id(unit)] for unit in whole)
        former = {safe_name(name) for unit in listed.units for name in unit.life.former}
        stays = gone(self.state, {unit.target for unit in listed.units} | former, self.out)
        report = Report(lines, tuple(self.findings), stays, shard=self.options.shard)
        presets = self.shared.presets(report.kinds)
        report = replace(report, presets=lambda: presets)
        write_reports(report, self.out)
        is_done = all(line.state in FINE for line in lines) and not self.options.check_only
        if is_done and len(whole) == len(units):  # the memory is of units with sets
            self.memory.keep(report, [self.keys[id(unit)] for unit in units], self.state)
        self.tell(Event("end"))
        return report

    def end(self, units: Iterable[Unit]) -> None:
        """Report units that joined another or ended: their folders stay as they are."""
        for unit in units:
            state = ERRORS if has_errors(unit.findings) else OVER
            findings = masked(unit.findings)
            if findings:
                self.tell(Event("findings", findings))
            self.lines[id(unit)] = Line(
                unit.name, unit.target, _row_of(unit), state, findings, version=self._version(unit.target)
            )

    # --- 1. the list ---------------------------------------------------------------------------------------------

    def read(self) -> Listed:
        """Read the list and report its faults. Raises FindingsError if nothing can be made of it."""
        listed = read_list(self.source, self.options, self.shared, self._unit_of)
        self.findings = listed.findings
        if self.options.strict and has_errors(listed.findings):
            raise FindingsError(listed.findings)
        if listed.findings:
            self.tell(Event("findings", tuple(listed.findings)))
        return listed

    def source_changes(self, todo: Sequence[_Todo]) -> list[Finding]:
        """Return the changes of the run to layers, presets and shared profile of existing sets, each once."""
        found = []
        for item in todo:
            with suppress(Refused, FileError, OSError):
                manifest = output.read_manifest(self.out / item.unit.target) if not self.options.zipped else {}
                if manifest and not item.failed:
                    profile = self.shared.profile(item.unit.source)
                    preset, _ = self.shared.preset_of(profile)
                    if preset is not None:
                        found += [(item.unit.name, change) for change in compared(manifest, preset, profile.shared)]
        return told(found)

    def sort(self, units: Sequence[Unit]) -> list[_Todo]:
        """Check every row that is not known to be done; return the units that are left."""
        todo = []
        for number, unit in enumerate(units):
            if number % _ROWS_PER_EVENT == 0:
                self.tell(Event("rows", total=len(units), left=len(units) - number))
            key = self.keys[id(unit)] = self._key(unit.source, self.settings.lister)
            if self._is_done(unit, key):
                continue
            checked = validated(unit.source, self.shared)[1] if unit.checked is None else unit.checked
            judged = located(checked, unit.source, self.settings.lister)
            unit.findings = [*unit.findings, *judged]
            if unit.findings and not self.options.strict:  # with strict they are reported once, all together
                self.tell(Event("findings", tuple(unit.findings)))
            todo.append(_Todo(unit, key, has_errors(unit.findings), frozenset(unit.findings), frozenset(judged)))
        if self.options.strict and any(item.failed for item in todo):
            raise FindingsError([finding for item in todo for finding in item.unit.findings])
        return todo

    def _key(self, source: Row | File, lister: Lister) -> str:
        """Return the digest of a unit's source, "" if that cannot be read (making the unit reports why)."""
        try:
            return hashlib.sha256(f"{self.memory.common} {digest(source, lister)}".encode()).hexdigest()
        except OSError:
            return ""

    def _unit_of(self, source: File) -> Unit:
        """Return the unit of a profile, from the state if it is known."""
        done = self.state.of_key(self._key(source, Lister()))
        return Unit(done.name, done.target, source) if done is not None else file_unit(source, self.shared)

    def _is_done(self, unit: Unit, key: str) -> bool:
        if not key or unit.findings or self.options.check_only:
            return False
        done = self.state.find(unit.target)
        if done is None or done.key != key or (done.findings and done.lines != lines_of(unit.source)):
            return False
        if not done.is_there(self.out, self.options.zipped) or (self.options.force and done.is_kept):
            return False
        self.lines[id(unit)] = done.line(unit.name, _row_of(unit))
        return True

    # --- 2. the work ---------------------------------------------------------------------------------------------

    def work_off(self, todo: Sequence[_Todo]) -> None:
        """Do the units that are left; the caller gets each unit's line when it is there."""
        jobs = min(self.options.jobs or engines.processors(), len(todo))
        engine = engines.dask(self.options.dask) if self.options.dask else engines.local(jobs)
        with gc_paused(), closing(engine):
            if self.options.strict or self.options.check_only:
                errors = self._pass(engine, todo, check_only=True)
                if self.options.strict and errors:
                    raise FindingsError(errors)
            if not self.options.check_only:
                self._pass(engine, todo, check_only=False)

    def _pass(self, engine: engines.Engine, todo: Sequence[_Todo], check_only: bool) -> list[Finding]:
        """Send every unit through the workers; return the findings of those with errors."""
        left = len(todo)
        errors: list[Finding] = []
        last = not check_only or self.options.check_only

        def call(item: _Todo) -> tuple[Callable[..., Outcome], tuple[Any, ...]]:
            unit = item.unit
            check = check_only or item.failed
            return work, (self.packed, Job(unit.name, unit.target, unit.source, check, unit.life.former))

        with closing(engines.pump(engine, call, iter(todo))) as results:
            for item, result in results:
                left -= 1
                if isinstance(result, BaseException):
                    result = Outcome(item.unit.name, ERRORS, crashed(item.unit, result))
                outcome = result
                if outcome.data is not None:
                    outcome = self._put(item.unit, outcome)
                findings = tuple(dict.fromkeys((*item.unit.findings, *outcome.findings)))
                state = ERRORS if item.failed and outcome.state in (CHECKED, DONE) else outcome.state
                if state == ERRORS:
                    errors += findings
                if last:
                    self._finish(item, replace(outcome, state=state, findings=findings), left)
        return errors

    def _put(self, unit: Unit, outcome: Outcome) -> Outcome:
        """Write the bundle that a worker returned."""
        assert outcome.data is not None
        try:
            put(self.settings, unit.target, outcome.data)
        except (FileError, Refused) as error:
            wrong = failed(unit.name, error)
            findings, shown = outcome.findings + wrong.findings, outcome.masked + wrong.masked
            return replace(outcome, state=wrong.state, findings=findings, masked=shown, data=None)
        return replace(outcome, data=None)

    def _version(self, target: str) -> str:
        """Return the version of the preset that the files of a unit were made with, whoever wrote them last; "" if unknown."""
        done = self.state.find(target)
        known = done.version if done else ""
        if self.options.zipped:
            return known
        with suppress(Refused, OSError):
            return str(output.read_manifest(self.out / target).get("preset", {}).get("version", known))
        return known

    def _finish(self, item: _Todo, outcome: Outcome, left: int) -> None:
        unit = item.unit
        rows = masked(finding for finding in unit.findings if finding not in item.known)
        reported = tuple(dict.fromkeys((*rows, *outcome.masked)))
        if outcome.state in (DONE, KEPT):
            try:
                self.state.add(unit.target, item.key, lines_of(unit.source), outcome, reported)
            except FileError as error:  # its files are whole, but the next run will not know
                outcome = replace(outcome, state=FILES, findings=(*outcome.findings, as_finding(error)))
                reported = (*reported, as_finding(error))
        version = self._version(unit.target)
        line = Line(unit.name, unit.target, _row_of(unit), outcome.state, reported, outcome.facts, version)
        self.lines[id(unit)] = line
        causes = {finding: cause(finding, unit.name) for finding in outcome.findings if finding not in item.reported}
        new = tuple(finding for finding, why in causes.items() if why not in self.told)
        self.told.update(causes.values())
        self.tell(Event("unit", new, line, left=left))


def cause(finding: Finding, unit: str) -> Finding:
    """Return a finding without the name of its unit: those of several units with one cause are equal then."""
    return replace(finding, message=finding.message.replace(unit, _UNIT), hint=finding.hint.replace(unit, _UNIT))


def _row_of(unit: Unit) -> str:
    return str(unit.source.line) if isinstance(unit.source, Row) else Path(unit.source.path).name


def crashed(unit: Unit, error: BaseException) -> tuple[Finding, ...]:
    """Return the finding on a unit whose worker was lost, or in which the program has a fault."""
    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
        code, message, hint = "worker_lost", "处理这个单位的进程被中止了两次", "多半是内存不够；可以单独再做这个单位"
    else:
        message = f"程序内部错误（{type(error).__name__}）"
        code, hint = "unit_crashed", "请用 toolkit check 单独检查这个单位"
    return (finding(code, message, Place(), hint, unit.name),)
