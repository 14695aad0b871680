"""A whole list: read, checked by row, worked off over an executor, noted, reported.

No clock and no terminal here: what happens is told to the caller as events.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit import locate, outputs, profile
from toolkit.batch import engines, sheet
from toolkit.batch.codes import finding
from toolkit.batch.privacy import masked
from toolkit.batch.report import UNCHANGED, Line, Report
from toolkit.batch.reports import write_reports
from toolkit.batch.source import File, Lister, Row, digest, lines_of, located
from toolkit.batch.stamp import stamp
from toolkit.batch.state import State
from toolkit.batch.units import Listed, Unit, folder_units, identity_key, units_of
from toolkit.batch.work import CHECKED, DONE, ERRORS, FILES, Facts, Job, Outcome, Settings, Shared, failed, put, seldom_look_for_garbage, told, work
from toolkit.errors import FileError, Finding, FindingsError, Place, Refused, UsageError, has_errors
from toolkit.outputs.disk import file_errors
from toolkit.presets import Preset
from toolkit.profile import Profile, read_profile
from toolkit.profile.read import reserved_key

#: Findings of a list that make every unit doubtful: nothing is begun.
STOPPING = frozenset({"bad_list", "no_name_column", "unknown_column", "duplicate_column"})


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for; see ``toolkit batch --help``. ``shard`` is (K, N), from 1."""

    base: Path | None = None
    formats: tuple[str, ...] = ("docx",)
    date: str = ""
    jobs: int = 0
    dask: str = ""
    returned: bool = False
    zipped: bool = False
    strict: bool = False
    check_only: bool = False
    resume: bool = False
    force: bool = False
    shard: tuple[int, int] | None = None
    presets: tuple[Path, ...] = ()
    templates: tuple[Path, ...] = ()
    layers: tuple[Path, ...] = ()
    fonts: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: ``what`` is findings, begin, unit or end.

    ``findings`` has findings of the list or of a unit; ``begin`` has ``total``, ``unchanged`` and ``left``; ``unit`` has the
    ``line`` of the report and how many are ``left``.
    """

    what: str
    findings: tuple[Finding, ...] = ()
    line: Line | None = None
    total: int = 0
    unchanged: int = 0
    left: int = 0


Tell = Callable[[Event], None]


def batch(source: Path, out: Path, options: Options = Options(), tell: Tell = lambda event: None) -> Report:
    """Make the sets of all units of a list; return the report that is in ``out`` as well.

    Raises FindingsError for a list that cannot be used (or with ``strict`` for any error; nothing is written then),
    UsageError, and FileError where the folder of outputs, its state or its reports cannot be written.
    """
    _refuse_misuse(options)
    with ExitStack() as stack:
        state_folder = Path(out) / outputs.STATE
        if options.shard:
            state_folder = state_folder / "shard-{}-of-{}".format(*options.shard)
        if options.resume and not (state_folder / "state.jsonl").is_file():
            raise UsageError(f"{out} 里没有可以接着做的运行", "去掉 --resume 从头做", "nothing_to_resume")
        with file_errors("无法使用输出文件夹"):
            state_folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(outputs.locked(state_folder))
        return _Run(Path(source), Path(out), state_folder, options, tell).run()


def _refuse_misuse(options: Options) -> None:
    if options.returned and not (options.dask and options.zipped):
        raise UsageError("--return 要和 --dask、--zip 一起用", "结果以压缩包传回", "return_alone")
    if options.shard and not 1 <= options.shard[0] <= options.shard[1]:
        raise UsageError("--shard 写成 K/N，K 从 1 到 N", "例如 --shard 1/4", "bad_shard")
    locate.need_folders([*options.presets, *options.layers, *options.templates, *options.fonts])


@dataclass(slots=True)
class _Todo:
    """A unit of this run with its key. ``failed``: its rows have errors; ``said``: findings that were told already;
    ``known``: those of them that a worker finds as well."""

    unit: Unit
    key: str
    failed: bool = False
    said: frozenset[Finding] = field(default_factory=frozenset)
    known: frozenset[Finding] = field(default_factory=frozenset)


class _Run:
    """One run. The order of the report is that of the list."""

    def __init__(self, source: Path, out: Path, state_folder: Path, options: Options, tell: Tell) -> None:
        self.source, self.out, self.options, self.tell = source, out, options, tell
        self.folder = state_folder
        self.state = State(state_folder).load()
        self.lines: dict[int, Line] = {}
        self.findings: list[Finding] = []

    def run(self) -> Report:
        apart = self.folder / "parts"
        with file_errors("无法使用输出文件夹"):
            shutil.rmtree(apart, ignore_errors=True)
            apart.mkdir()
        listed = self.read()
        self.settings = self._settings(apart, listed.lister)
        self.packed = pickle.dumps(self.settings)
        units = [unit for unit in listed.units if self._mine(unit)]
        shared = Shared(self.settings)
        todo = self.sort(units, shared)
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
        report = Report(lines, tuple(self.findings), self._gone(listed), self._known(shared), self.options.shard)
        write_reports(report, self.out)
        self.tell(Event("end"))
        return report

    def _gone(self, listed: Listed) -> tuple[tuple[str, str, str], ...]:
        """Return what is in the folder of outputs from earlier lists, with kind and preset version."""
        found = []
        for target in sorted(set(self.state.targets()) - {unit.target for unit in listed.units}):
            done = self.state.find(target)
            facts = done.facts if done else None
            found.append((target, facts.kind if facts else "", facts.version if facts else ""))
        return tuple(found)

    def _known(self, shared: Shared) -> dict[str, Preset]:
        """Return the presets of the kinds that occur."""
        kinds = {line.facts.kind for line in self.lines.values() if line.facts}
        return {kind: preset for kind in sorted(kinds) if (preset := shared.find(kind))}

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
            listed = folder_units(self.source)
        else:
            grids = sheet.read(self.source)
            if not grids or not grids[0].rows:
                where = Place(str(self.source))
                raise FindingsError([finding("bad_list", "名单里没有单位", where, "第一行写列名，从第二行起每个单位一行")])
            listed = units_of(grids, self._kinds(grids[0], base), base)
        self.findings = listed.findings
        if any(one.code in STOPPING for one in listed.findings):
            raise FindingsError(listed.findings)
        if listed.findings:
            self.tell(Event("findings", tuple(listed.findings)))
        return listed

    def _kinds(self, main: sheet.Grid, base: Profile | None) -> list[Preset]:
        """Return the presets of the kinds that the list names; a base profile's comes first."""
        column = next((number for number, name in main.head.items() if reserved_key(name) == "kind"), None)
        names = [base.kind] if base and base.kind else []
        if column is not None:
            names += [str(cells[column]).strip() for _, cells in main.rows if column in cells]
        shared = Shared(self._settings(self.folder, Lister()))
        found = {preset.id: preset for name in dict.fromkeys(names) if (preset := shared.find(name))}
        if not found:
            place = main.place(1) if column is None else main.place(2, column)
            message = f"不知道是哪一类单位{'：' + names[0][:40] if names else ''}"
            hint = "加一列“单位类型”，或者在 --base 的档案里写明；toolkit presets 列出可用的类型"
            raise FindingsError([finding("bad_list", message, place, hint)])
        return list(found.values())

    def _settings(self, apart: Path, lister: Lister) -> Settings:
        def text(paths: Sequence[Path]) -> tuple[str, ...]:
            return tuple(str(path.absolute()) for path in paths)

        options = self.options
        return Settings(
            str(self.out.absolute()), str(apart.absolute()), options.formats, options.date, options.zipped, options.force,
            options.returned, text(options.presets), text(options.templates), text(options.layers), text(options.fonts), lister,
        )  # fmt: skip

    def _mine(self, unit: Unit) -> bool:
        if not self.options.shard:
            return True
        number, count = self.options.shard
        return int.from_bytes(hashlib.sha256(unit.target.encode()).digest()[:8]) % count == number - 1

    def sort(self, units: Sequence[Unit], shared: Shared) -> list[_Todo]:
        """Check every row that is not known to be done; return the units that are left."""
        common = stamp(self.settings, self.options.base)
        seen: dict[str, Unit] = {}
        todo = []
        for unit in units:
            key = hashlib.sha256(f"{common} {digest(unit.source, self.settings.lister)}".encode()).hexdigest()
            if self._is_done(unit, key):
                continue
            one = _Todo(unit, key)
            try:
                validated, doubled = self._row_findings(unit, shared, seen)
            except FileError as error:
                validated, doubled = [told(error)], []
            validated = list(located(validated, unit.source, self.settings.lister))
            found = [*unit.findings, *doubled, *validated]
            one.failed, one.said, one.known = has_errors(found), frozenset(found), frozenset(validated)
            unit.findings = found
            if found and not self.options.strict:  # with strict they are told once, all together
                self.tell(Event("findings", tuple(found)))
            todo.append(one)
        if self.options.strict and any(one.failed for one in todo):
            raise FindingsError([f for one in todo for f in one.unit.findings])
        return todo

    def _row_findings(self, unit: Unit, shared: Shared, seen: dict[str, Unit]) -> tuple[list[Finding], list[Finding]]:
        """Return what reading and validating a unit's rows finds, and whether a file before it is of the same unit."""
        given = shared.profile(unit.source)
        preset, found = shared.preset_of(given)
        if preset is None:
            return [*given.findings, *found], []
        validated = profile.validate(given, preset.params)
        findings = list(dict.fromkeys([*given.findings, *validated.findings]))
        name, doubled = validated.values.get(identity_key(preset)), []
        if isinstance(unit.source, File) and isinstance(name, str) and name:
            other = seen.setdefault(name, unit)
            if other is not unit:
                message = f"“{name}”和 {Path(getattr(other.source, 'path', '')).name} 是同一个单位"
                doubled.append(finding("duplicate_unit", message, Place(unit.source.path), "每个单位只留一份档案", name))
        return findings, doubled

    def _is_done(self, unit: Unit, key: str) -> bool:
        if unit.findings or self.options.check_only:
            return False
        done = self.state.find(unit.target)
        if done is None or done.key != key or (done.findings and done.lines != lines_of(unit.source)):
            return False
        folder = self.out if self.options.zipped else self.out / unit.target
        if not _have_sizes(folder, done.sizes):
            return False
        self._line(unit, Line(unit.name, unit.target, _line_of(unit), UNCHANGED, done.unit, done.findings, done.facts, _version(done.facts)))
        return True

    # --- 2. the work ---------------------------------------------------------------------------------------------

    def work_off(self, todo: Sequence[_Todo]) -> None:
        """Do what is left; each unit's line is told when it is there."""
        engine = self._engine(len(todo))
        with seldom_look_for_garbage(), closing(engine):
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
        left, errors = len(todo), []
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
            return replace(outcome, state=wrong.state, findings=outcome.findings + wrong.findings, masked=outcome.masked + wrong.masked, data=None)
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
        line = Line(unit.name, unit.target, _line_of(unit), outcome.state, outcome.unit, reported, outcome.facts, self._version_there(outcome, unit))
        self._line(unit, line)
        new = tuple(f for f in outcome.findings if f not in one.said)
        self.tell(Event("unit", new, line, left=left))

    def _version_there(self, outcome: Outcome, unit: Unit) -> str:
        """Return the preset version of what is in the unit's folder now."""
        if outcome.state == DONE:
            return _version(outcome.facts)
        done = self.state.find(unit.target)
        return _version(done.facts) if done else ""

    def _line(self, unit: Unit, line: Line) -> None:
        self.lines[id(unit)] = line


def _version(facts: Facts | None) -> str:
    return facts.version if facts else ""


def _line_of(unit: Unit) -> str:
    return str(unit.source.line) if isinstance(unit.source, Row) else Path(unit.source.path).name


def _crashed(unit: Unit, error: BaseException) -> Outcome:
    """Return the outcome of a unit whose worker was lost, or in which the program has a fault."""
    from concurrent.futures import BrokenExecutor

    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
        said = finding("worker_lost", "处理这个单位的进程被中止了两次", Place(), "多半是内存不够；可以单独再做这个单位", unit.name)
    else:
        message = f"程序内部错误（{type(error).__name__}）"
        said = finding("unit_crashed", message, Place(), "请用 toolkit check 单独检查这个单位", unit.name)
    return Outcome(unit.name, ERRORS, findings=(said,))


def _have_sizes(folder: Path, sizes: Sequence[tuple[str, int]]) -> bool:
    """Whether a folder has files of these names and sizes."""
    try:
        return all(os.stat(f"{folder}/{name}").st_size == size for name, size in sizes)
    except OSError:
        return False
