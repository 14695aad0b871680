"""A whole list: read, checked by row, worked off over an executor, noted, reported.

No clock and no terminal here: what happens is told to the caller as events.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit import profile
from toolkit.batch import engines, sheet
from toolkit.batch.finding_codes import finding
from toolkit.batch.grids import Grid
from toolkit.batch.options import Event, Options, Tell
from toolkit.batch.outcome import CHECKED, DONE, ERRORS, FILES, Outcome
from toolkit.batch.privacy import masked
from toolkit.batch.report import FINE, Line, Report
from toolkit.batch.report_views import write_reports
from toolkit.batch.rows import File, Lister, Row, digest, lines_of, named_by
from toolkit.batch.source import located
from toolkit.batch.state import State
from toolkit.batch.unchanged import Memory, gone, unchanged, version_of
from toolkit.batch.unit_list import Listed, Unit, folder_units, identity_key, units_of
from toolkit.batch.work import Job, Settings, Shared, failed, put, told, work
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Refused, UsageError, has_errors
from toolkit.core.memo import gc_paused
from toolkit.output import safe_name
from toolkit.output.disk import file_errors
from toolkit.presets import Preset
from toolkit.profile import Profile, read_profile
from toolkit.profile.reading import RESERVED, reserved_key

#: Findings of a list that make every unit doubtful: nothing is begun.
STOPPING = frozenset({"bad_list", "no_name_column", "unknown_column", "duplicate_column"})


#: Rows between two events that say how far checking them is.
_ROWS_A_WORD = 100


@dataclass(slots=True)
class _Todo:
    """A unit of this run with its key. ``failed``: its rows have errors; ``said``: findings that were told already;
    ``known``: those of them that a worker finds as well."""

    unit: Unit
    key: str
    failed: bool = False
    said: frozenset[Finding] = field(default_factory=frozenset)
    known: frozenset[Finding] = field(default_factory=frozenset)


class Run:
    """One run. The order of the report is that of the list."""

    def __init__(self, memory: Memory, state: State, tell: Tell) -> None:
        self.source, self.out, self.options, self.tell = memory.source, memory.out, memory.options, tell
        self.memory, self.folder, self.state = memory, memory.folder, state
        self.lines: dict[int, Line] = {}
        self.keys: dict[int, str] = {}
        self.shared = Shared(settings_of(self.options, self.out, self.folder, Lister()))
        self.findings: list[Finding] = []

    def run(self) -> Report:
        """Do the run. Raises FindingsError, UsageError, FileError."""
        apart = self.folder / "parts"
        with file_errors("无法使用输出文件夹"):
            shutil.rmtree(apart, ignore_errors=True)
            apart.mkdir()
        self.tell(Event("read"))
        listed = self.read()
        self.settings = settings_of(self.options, self.out, apart, listed.lister)
        self.packed = pickle.dumps(self.settings)
        units = [unit for unit in listed.units if self._mine(unit)]
        self.shared.settings = self.settings
        self.memory.look(path for unit in units for path in named_by(unit.source, listed.lister))
        todo = self.sort(units)
        self.tell(Event("begin", total=len(units), unchanged=len(units) - len(todo), left=len(todo)))
        if not self.options.check_only:
            self.state.open()
        try:
            if todo:
                self.work_off(todo)
        finally:
            shutil.rmtree(apart, ignore_errors=True)
            self.state.close()
        if todo and not self.options.check_only and hasattr(os, "sync"):
            os.sync()
        lines = tuple(self.lines[id(unit)] for unit in units)
        kinds = {line.facts.kind for line in lines if line.facts}
        stays = gone(self.state, {unit.target for unit in listed.units}, self.out)
        report = Report(lines, tuple(self.findings), stays, known_presets(kinds, self.shared), self.options.shard)
        write_reports(report, self.out)
        if all(line.state in FINE for line in lines) and not self.options.check_only:
            self.memory.keep(report, [self.keys[id(unit)] for unit in units], self.state)
        self.tell(Event("end"))
        return report

    # --- 1. the list ---------------------------------------------------------------------------------------------

    def read(self) -> Listed:
        """Read the list; say what is wrong with it. Raises FindingsError if nothing can be made of it."""
        base = read_profile(self.options.base) if self.options.base else None
        if base is not None and has_errors(found := [f for f in base.findings if f.code != "missing_kind"]):
            raise FindingsError(found)
        if base is not None:
            base = replace(base, findings=tuple(found))
        if self.source.is_dir():
            if base is not None:
                raise UsageError("文件夹里的档案各自完整，不能再加 --base", "", "base_for_folder")
            listed = folder_units(self.source, self._unit_of)
        else:
            grids = sheet.read(self.source)
            if not grids or not grids[0].rows:
                where = Place(str(self.source))
                raise FindingsError(
                    [finding("bad_list", "名单里没有单位", where, "第一行写列名，从第二行起每个单位一行")]
                )
            listed = units_of(grids, self._kinds(grids[0], base), base)
        self.findings = listed.findings
        if any(one.code in STOPPING for one in listed.findings) or (
            self.options.strict and has_errors(listed.findings)
        ):
            raise FindingsError(listed.findings)
        if listed.findings:
            self.tell(Event("findings", tuple(listed.findings)))
        return listed

    def _kinds(self, main: Grid, base: Profile | None) -> list[Preset]:
        """Return the presets of the kinds that the list names; a base profile's comes first."""
        column = next((number for number, name in main.head.items() if reserved_key(name) == "kind"), None)
        names = [base.kind] if base and base.kind else []
        if column is not None:
            names += [str(cells[column]).strip() for _, cells in main.rows if column in cells]
        found = {preset.id: preset for name in dict.fromkeys(names) if (preset := self.shared.find(name))}
        if not found:
            place = main.place(1) if column is None else main.place(2, column)
            message = f"不知道是哪一类单位{'：' + names[0][:40] if names else ''}"
            hint = "toolkit presets 列出可用的类型"
            if not names:
                hint = f"加一列“{RESERVED['kind']}”，或者在 --base 的档案里写明；{hint}"
            raise FindingsError([finding("bad_list", message, place, hint)])
        return list(found.values())

    def _mine(self, unit: Unit) -> bool:
        if not self.options.shard:
            return True
        number, count = self.options.shard
        return int.from_bytes(hashlib.sha256(unit.target.encode()).digest()[:8]) % count == number - 1

    def sort(self, units: Sequence[Unit]) -> list[_Todo]:
        """Check every row that is not known to be done; return the units that are left."""
        todo = []
        for number, unit in enumerate(units):
            if number % _ROWS_A_WORD == 0:
                self.tell(Event("rows", total=len(units), left=len(units) - number))
            key = self.keys[id(unit)] = self._key(unit.source, self.settings.lister)
            if self._is_done(unit, key):
                continue
            one = _Todo(unit, key)
            checked = self._validated(unit.source)[1] if unit.checked is None else unit.checked
            validated = located(checked, unit.source, self.settings.lister)
            found = [*unit.findings, *validated]
            one.failed, one.said, one.known = has_errors(found), frozenset(found), frozenset(validated)
            unit.findings = found
            if found and not self.options.strict:  # with strict they are told once, all together
                self.tell(Event("findings", tuple(found)))
            todo.append(one)
        if self.options.strict and any(one.failed for one in todo):
            raise FindingsError([f for one in todo for f in one.unit.findings])
        return todo

    def _key(self, source: Row | File, lister: Lister) -> str:
        """Return what a unit is made from as a digest, "" if that cannot be read (making the unit says why)."""
        try:
            return hashlib.sha256(f"{self.memory.common} {digest(source, lister)}".encode()).hexdigest()
        except OSError:
            return ""

    def _unit_of(self, source: File) -> Unit:
        """Return the unit of a profile; one that says no name of a unit is called by its file."""
        done = self.state.of_key(self._key(source, Lister()))
        if done is not None:
            return Unit(done.name, done.target, source)
        name, checked = self._validated(source)
        return Unit(name or Path(source.path).stem, safe_name(name or Path(source.path).stem), source, checked=checked)

    def _validated(self, source: Row | File) -> tuple[str, list[Finding]]:
        """Return the name of a unit ("" if there is none) and what reading and validating its rows or its profile finds."""
        try:
            given = self.shared.profile(source)
            preset, found = self.shared.preset_of(given)
            if preset is None:
                return "", [*given.findings, *found]
            validated = profile.validate(given, preset.params)
        except FileError as error:
            return "", [told(error)]
        name = validated.values.get(identity_key(preset))
        return name if isinstance(name, str) else "", list(dict.fromkeys([*given.findings, *validated.findings]))

    def _is_done(self, unit: Unit, key: str) -> bool:
        if not key or unit.findings or self.options.check_only:
            return False
        done = self.state.find(unit.target)
        if done is None or done.key != key or (done.findings and done.lines != lines_of(unit.source)):
            return False
        if not done.is_there(self.out, self.options.zipped):
            return False
        self._line(unit, unchanged(unit.name, unit.target, _line_of(unit), done))
        return True

    # --- 2. the work ---------------------------------------------------------------------------------------------

    def work_off(self, todo: Sequence[_Todo]) -> None:
        """Do what is left; each unit's line is told when it is there."""
        engine = self._engine(len(todo))
        with gc_paused(), closing(engine):
            if self.options.strict or self.options.check_only:
                errors = self._pass(engine, todo, check_only=True)
                if self.options.strict and errors:
                    raise FindingsError(errors)
            if not self.options.check_only:
                self._pass(engine, todo, check_only=False)

    def _engine(self, count: int) -> engines.Engine:
        if self.options.dask:
            return engines.dask(self.options.dask)
        return engines.local(min(self.options.jobs or engines.processors(), count))

    def _pass(self, engine: engines.Engine, todo: Sequence[_Todo], check_only: bool) -> list[Finding]:
        """Send every unit through the workers; return the findings of those with errors."""
        left = len(todo)
        errors: list[Finding] = []
        last = not check_only or self.options.check_only

        def task(one: _Todo) -> tuple[Callable[..., Outcome], tuple[Any, ...]]:
            unit = one.unit
            return work, (self.packed, Job(unit.name, unit.target, unit.source, check_only or one.failed))

        with closing(engines.pump(engine, task, iter(todo))) as results:
            for one, result in results:
                left -= 1
                outcome = result if isinstance(result, Outcome) else _crashed(one.unit, result)
                if outcome.data is not None:
                    outcome = self._put(one.unit, outcome)
                found = tuple(dict.fromkeys((*one.unit.findings, *outcome.findings)))
                state = ERRORS if one.failed and outcome.state in (CHECKED, DONE) else outcome.state
                if state == ERRORS:
                    errors += found
                if last:
                    self._finish(one, replace(outcome, state=state, findings=found), left)
        return errors

    def _put(self, unit: Unit, outcome: Outcome) -> Outcome:
        """Write what a worker returned."""
        assert outcome.data is not None
        try:
            put(self.settings, unit.target, outcome.data)
        except (FileError, Refused) as error:
            wrong = failed(unit.name, error)
            return replace(
                outcome,
                state=wrong.state,
                findings=outcome.findings + wrong.findings,
                masked=outcome.masked + wrong.masked,
                data=None,
            )
        return replace(outcome, data=None)

    def _finish(self, one: _Todo, outcome: Outcome, left: int) -> None:
        unit = one.unit
        rows = masked(found for found in unit.findings if found not in one.known)
        reported = tuple(dict.fromkeys((*rows, *outcome.masked)))
        if outcome.state == DONE:
            try:
                self.state.add(unit.target, one.key, lines_of(unit.source), outcome, reported)
            except FileError as error:  # its files are whole, but the next run will not know
                outcome = replace(outcome, state=FILES, findings=(*outcome.findings, told(error)))
                reported = (*reported, told(error))
        line = Line(
            unit.name,
            unit.target,
            _line_of(unit),
            outcome.state,
            outcome.unit,
            reported,
            outcome.facts,
            self._version_there(outcome, unit),
        )
        self._line(unit, line)
        new = tuple(f for f in outcome.findings if f not in one.said)
        self.tell(Event("unit", new, line, left=left))

    def _version_there(self, outcome: Outcome, unit: Unit) -> str:
        """Return the preset version of what is in the unit's folder now."""
        if outcome.state == DONE:
            return version_of(outcome.facts)
        done = self.state.find(unit.target)
        return version_of(done.facts) if done else ""

    def _line(self, unit: Unit, line: Line) -> None:
        self.lines[id(unit)] = line


def settings_of(options: Options, out: Path, apart: Path, lister: Lister) -> Settings:
    """Return what the workers need to know. ``apart`` is the folder of what is not whole yet."""
    return Settings(
        str(out.absolute()),
        str(apart.absolute()),
        options.formats,
        options.where.absolute(),
        options.zipped,
        options.force,
        options.returned,
        lister,
    )


def known_presets(kinds: Iterable[str], shared: Shared) -> dict[str, Preset]:
    """Return the presets of kinds."""
    return {kind: preset for kind in sorted(kinds) if (preset := shared.find(kind))}


def _line_of(unit: Unit) -> str:
    return str(unit.source.line) if isinstance(unit.source, Row) else Path(unit.source.path).name


def _crashed(unit: Unit, error: BaseException) -> Outcome:
    """Return the outcome of a unit whose worker was lost, or in which the program has a fault."""
    from concurrent.futures import BrokenExecutor

    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
        said = finding(
            "worker_lost", "处理这个单位的进程被中止了两次", Place(), "多半是内存不够；可以单独再做这个单位", unit.name
        )
    else:
        message = f"程序内部错误（{type(error).__name__}）"
        said = finding("unit_crashed", message, Place(), "请用 toolkit check 单独检查这个单位", unit.name)
    return Outcome(unit.name, ERRORS, findings=(said,))
