"""Lists of many units in the desk's folder 名单: a folder for each list, with its sets and the outcome of its rows.

名单/<name>/名单.xlsx (or .csv, with 名单.人员.csv beside it), 单位类型.yaml (answers that it does not give), 文书/<unit>/,
结果.json.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import api
from toolkit.core.findings import Place, Severity, ToolkitError, UsageError
from toolkit.web.counting import counted
from toolkit.web.desk import LISTS, Desk, Missing, folder_name, is_printable
from toolkit.web.list_cells import Change, Edits, as_read, corrections, tells, text_at
from toolkit.web.unit import DECISIONS, RECORDS, Conflict

if TYPE_CHECKING:
    from toolkit.batch import Event
    from toolkit.batch.fleet.upgrade import Done, Upgraded
    from toolkit.batch.list_view import ListedRow, ListView
    from toolkit.versions.decisions import Entry

FOLDER, LIST, BASE, OUT, RESULTS = LISTS, "名单", "单位类型.yaml", "文书", "结果.json"
SUFFIXES = (".xlsx", ".csv")
#: The table beside a list that ``units revise`` writes; another list in its place leaves it where it is.
HISTORIES = f"{LIST}.沿革.csv"
#: Units of a list that the page works on; larger lists are for the command line.
UNITS_MOST = 3_000
#: Units after which results are written while a run goes on.
_KEPT_EVERY = 20
#: Seconds that a run that was stopped is waited for.
_STOPPING = 30.0
#: Runs whose results are kept, for all lists.
_LOOKS_MOST = 8
#: States of a unit whose files are there and current.
READY = frozenset({"done", "kept", "unchanged"})


#: A run calls it with the name of each unit that is done; it may end the run.
Hear = Callable[[str], None]


class _Stopped(Exception):
    """Ends a run between two units."""


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of run in the words of the page: verb and object, the state after an early end, and its page.

    ``goes_on``: one that was stopped goes on where it was; ``makes``: it writes sets, so that earlier views of them are old;
    ``writes_list``: its result is about the list as it is afterwards.
    """

    verb: str
    what: str
    safe: str
    page: str
    goes_on: bool = True
    makes: bool = False
    writes_list: bool = False


MAKE = Task("生成", "文件", "做好的都在，接着做时不再重做", "county.open", makes=True)
PREVIEW = Task("预览", "新版", "什么都没有写，从头再看一遍就行", "county_merge.page", False)
WRITE = Task(
    "写入",
    "新版",
    "写好的单位都在，没有轮到的还是原来的一套；接着写时，写好的不再重做",
    "county_merge.page",
    makes=True,
)
YEAR = Task("算", "履责情况", "记录和文件都没有动，从头再算一遍就行", "county_year.page", False)
INBOX = Task("分", "收回的表", "分好的都在各单位的记录里，再交一次，早有的不会重复", "county_year.page", False)
BURDEN = Task("看", "要求和负担", "什么都没有写，从头再看一遍就行", "county_more.burden", False)
REVIEW = Task("比较", "两个版本", "什么都没有写，从头再比一遍就行", "county_more.review", False)
COPY = Task("另存", "文书", "没有抄完的那一份删去了，原来的都在，再点一次就行", "county_more.review", False)
ARCHIVE = Task("归档", "年度材料", "归好的单位都在，再点一次接着归", "county_more.archive")
ENTRY = Task("看", "沿革", "什么都没有写，从头再看一遍就行", "county_revise.history", False)
ENTRY_WRITTEN = Task(
    "写",
    "沿革",
    "沿革是一次写进去的，没有写一半的；再看一遍就知道写了没有",
    "county_revise.history",
    False,
    writes_list=True,
)
CHECK = Task("核对", "归档", "归档没有动，再核对一次就行", "county_more.archive", False)


@dataclass
class Job:
    """A run of a list: ``state`` is reading, running, stopped, ended or broken (then ``trouble`` says why).

    ``version``: of the list that it works on; ``result``: its findings, None for a run that makes sets; ``of``: what it was
    asked about, in words; ``stop`` is set to end it between two units, ``over`` when it has ended.
    """

    list_id: str
    name: str
    state: str = "reading"
    total: int = 0
    done: int = 0
    unchanged: int = 0
    last: str = ""
    began: float = field(default_factory=time.monotonic)
    took: float = 0.0
    trouble: ToolkitError | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    task: Task = MAKE
    version: str = ""
    result: Any = None
    of: tuple[str, ...] = ()

    @property
    def doing(self) -> str:
        """Its task in a few words."""
        return f"正在{self.task.verb}" + (self.task.what if self.task is not MAKE else "")

    @property
    def is_running(self) -> bool:
        """Whether it still works."""
        return self.state in ("reading", "running")

    @property
    def each_second(self) -> float:
        """Units a second so far, 0 if that is not known."""
        made = self.done - self.unchanged
        took = self.took or time.monotonic() - self.began
        return made / took if made and took else 0.0


@dataclass
class UnitList:
    """A list by its opaque ``id``; ``name`` is that of its folder."""

    id: str
    name: str
    folder: Path

    @property
    def file(self) -> Path:
        """The list itself. Raises Missing."""
        found = next((path for end in SUFFIXES if (path := self.folder / f"{LIST}{end}").is_file()), None)
        if found is None:
            raise Missing("这份名单的文件不见了", "程序没有删任何东西。重新交一份名单", "list_gone")
        return found

    @property
    def base(self) -> Path | None:
        """The answers that units share and the list does not give."""
        return path if (path := self.folder / BASE).is_file() else None

    @property
    def out(self) -> Path:
        """Where the sets of its units are."""
        return self.folder / OUT

    @property
    def decisions(self) -> Path:
        """The file of decisions on equal conflicts of its units."""
        return self.folder / DECISIONS

    @property
    def records(self) -> Path:
        """Where the filled forms of its units are, a folder for each."""
        return self.folder / RECORDS

    @property
    def version(self) -> str:
        """The version token of the list: a digest of its files."""
        made = hashlib.sha256()
        files = [path for path in sorted(self.folder.glob(f"{LIST}*")) if path.suffix in SUFFIXES]
        for path in [*files, *([self.base] if self.base else [])]:
            made.update(path.name.encode() + b"\0" + path.read_bytes())
        return made.hexdigest()[:16]

    def results(self) -> dict[str, dict[str, Any]]:
        """Return the outcome of each unit when it was last made, by the name of its output."""
        try:
            data = json.loads((self.folder / RESULTS).read_bytes())
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}


@dataclass
class UnitLists:
    """All lists of a desk, and the run of each."""

    desk: Desk
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _jobs: dict[str, Job] = field(default_factory=dict)
    _views: dict[str, tuple[str, ListView]] = field(default_factory=dict)
    _edits: dict[str, Edits] = field(default_factory=dict)
    #: The last runs by list and task, for their results: a result stays while another run works.
    _looks: OrderedDict[tuple[str, Task], Job] = field(default_factory=OrderedDict)

    @property
    def home(self) -> Path:
        """The folder of all lists."""
        return self.desk.folder / FOLDER

    def all(self) -> list[UnitList]:
        """Return the lists, by name."""
        if not self.home.is_dir():
            return []
        folders = [
            path
            for path in sorted(self.home.iterdir())
            if path.is_dir() and not path.is_symlink() and is_printable(path.name)
        ]
        found = [UnitList(hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12], path.name, path) for path in folders]
        return [
            unit_list for unit_list in found if any((unit_list.folder / f"{LIST}{end}").is_file() for end in SUFFIXES)
        ]

    def open(self, id: str) -> UnitList:
        """Return a list by its id. Raises Missing."""
        found = next((unit_list for unit_list in self.all() if unit_list.id == id), None)
        if found is None:
            raise Missing("找不到这份名单", "可能它的文件夹改了名字或者移走了；程序没有删任何东西", "list_gone")
        return found

    def new(self, files: Mapping[str, bytes], kind: str) -> UnitList:
        """Keep an uploaded list under a name of our own. Raises UsageError for files that are no list."""
        main, stored = _named(files)
        with self._lock:
            taken = {unit_list.name.casefold() for unit_list in self.all()}
            wanted = folder_name(main)
            name = next(
                taken_file
                for taken_file in (wanted, *(f"{wanted}（{number}）" for number in range(2, len(taken) + 3)))
                if taken_file.casefold() not in taken and not (self.home / taken_file).exists()
            )
            folder = self.home / name
            made = UnitList(hashlib.sha256(name.encode()).hexdigest()[:12], name, folder)
            try:
                for file, data in stored.items():
                    api.save(folder / file, data)
                self.set_kind(made, kind)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return made

    def set_kind(self, unit_list: UnitList, kind: str) -> None:
        """Say of which kind all units are that the list itself does not say it of; empty: the list says it."""
        self._views.pop(unit_list.id, None)  # judged by another kind
        label = next((known.label for known in api.kinds() if known.id == kind), "")
        if label:
            api.save(unit_list.folder / BASE, f"单位类型: {label}\n".encode(), force=True)
        else:
            (unit_list.folder / BASE).unlink(missing_ok=True)

    def replace(self, unit_list: UnitList, files: Mapping[str, bytes]) -> None:
        """Put another list in place of one; its sets stay. Raises UsageError."""
        _, stored = _named(files)
        with self._lock:
            for file, data in stored.items():
                api.save(unit_list.folder / file, data, force=True)
            for path in unit_list.folder.glob(f"{LIST}*"):
                if path.suffix in SUFFIXES and path.name not in (*stored, HISTORIES):
                    path.unlink()

    def view(self, unit_list: UnitList) -> ListView:
        """Return the list as read and judged; read once for a version. Raises FindingsError, UsageError, FileError."""
        version = unit_list.version
        with self._lock:
            known = self._views.get(unit_list.id)
            if known is None or known[0] != version:
                view = api.batch_look(
                    unit_list.file, base=unit_list.base, empty=True, again=known[1] if known else None
                )
                if len(view.rows) > UNITS_MOST:
                    raise UsageError(
                        f"名单有 {len(view.rows)} 个单位，页面上最多 {UNITS_MOST} 个",
                        "按乡镇分成几份名单再交",
                        "list_too_long",
                    )
                while len(self._views) >= 4:
                    del self._views[next(iter(self._views))]
                known = self._views[unit_list.id] = version, view
        return known[1]

    def make(self, name: str, kind: str) -> UnitList:
        """Make an empty list of units of a kind under a name. Raises UsageError, FileError."""
        if not name.strip():
            raise UsageError("没有写名单叫什么", "写上名称，例如 青禾县各村", "nameless")
        if kind not in {known.id for known in api.kinds()}:
            raise UsageError("没有选是哪一类单位", "选一类，再点“开始做名单”", "kindless")
        return self.new({f"{folder_name(name)}.xlsx": api.blank_list(kind)}, kind)

    def edits(self, unit_list: UnitList) -> Edits:
        """Return the edits of a list in this run."""
        return self._edits.setdefault(unit_list.id, Edits())

    def sheet(self, unit_list: UnitList, number: int) -> ListView:
        """Return a sheet of a list as a table: 0 is that of the units. Raises Missing, FindingsError, UsageError, FileError."""
        view = self.view(unit_list)
        if not number:
            return view
        records = api.batch_records(view, unit_list.file, number) if 0 < number < len(view.heads) else None
        if records is None:
            raise Missing("名单里没有这张表", "回到名单再选一次", "no_sheet")
        return records

    def edit(self, unit_list: UnitList, plan: Callable[[ListView], Sequence[Change]], sheet: int = 0) -> None:
        """Write the changes that ``plan`` wants of a sheet as it is now, so that they can be undone; nothing for none.

        Raises the errors of ``plan``, UsageError for a cell that cannot be written, FileError.
        """
        with self._lock:
            view = self.sheet(unit_list, sheet)
            changes = plan(view)
            if changes:
                api.batch_correct(unit_list.file, corrections(view, changes))
                read = as_read(self.sheet(unit_list, sheet), changes)
                self.edits(unit_list).remember(read if tells(read, changes) else (), self.desk.now(), sheet)

    def undo(self, unit_list: UnitList) -> int:
        """Take the last change of a list back; return the number of its sheet.

        Raises Conflict where the list changed there since, UsageError, FileError.
        """
        with self._lock:
            edits = self.edits(unit_list)
            if not edits.can_undo:
                raise UsageError("没有可以撤销的", "这一次打开以后还没有改过", "nothing")
            number, step = edits.last
            view = self.sheet(unit_list, number)
            if any(text_at(view, change.line, change.column) != change.after for change in step):
                raise Conflict("撤销不了：后来又在别处改过这几格", "东西都没有动；直接改成想要的就行", "conflict")
            api.batch_correct(unit_list.file, corrections(view, [change.back for change in step]))
            edits.forget_last(self.desk.now())
            return number

    def correct(self, unit_list: UnitList, seen: str, change: Any) -> None:
        """Call ``change`` under the lock if the list is still the one that was seen. Raises Conflict."""
        with self._lock:
            if unit_list.version != seen:
                raise Conflict(
                    "名单刚刚在别的窗口改过，这一次没有写进去", "您填的还在这一页上；刷新以后再填一次", "conflict"
                )
            change()

    # --- runs ---

    def job(self, id: str) -> Job | None:
        """Return the last run of a list since the program began."""
        return self._jobs.get(id)

    def shown(self, unit_list: UnitList, page: str) -> Job | None:
        """Return the run of a list that one of its pages shows: the one that works, or the last one if it is of that page."""
        job = self._jobs.get(unit_list.id)
        return job if job is not None and (job.is_running or job.task.page == page) else None

    def last(self, unit_list: UnitList, *tasks: Task) -> Job | None:
        """Return the last such run of a list, if the list is unchanged and nothing was written for it since."""
        made = [job for (id, task), job in reversed(self._looks.items()) if id == unit_list.id and task in tasks]
        return made[0] if made and made[0].version == unit_list.version else None

    def running(self) -> list[Job]:
        """Return the runs that work now."""
        return [job for job in list(self._jobs.values()) if job.is_running]

    def start(self, unit_list: UnitList, formats: Sequence[str]) -> Job:
        """Make the sets of all units in the background; one that is up to date is passed over. One run at a time."""
        return self._begin(unit_list, MAKE, lambda job: self._make(unit_list, job, tuple(formats)))

    def start_merge(self, unit_list: UnitList, task: Task) -> Job:
        """Look at the upgrade of all units (``PREVIEW``), or write it (``WRITE``), in the background; decisions hold."""
        return self._begin(unit_list, task, lambda job: self._merge(unit_list, job))

    def start_look(
        self, unit_list: UnitList, task: Task, look: Callable[[Hear], Any], of: tuple[str, ...] = (), count: int = 0
    ) -> Job:
        """Call ``look`` in the background with a listener for each unit; its return value is the result of the run.

        ``of``: see :class:`Job`; ``count``: how many it will hear of, where these are not the units.
        """
        return self._begin(unit_list, task, lambda job: self._look(unit_list, job, look, count), of)

    def forget_looks(self, unit_list: UnitList, *tasks: Task) -> None:
        """Forget earlier results about a list, of these tasks or of all: something was written for it."""
        with self._lock:
            for key in [key for key in self._looks if key[0] == unit_list.id and (not tasks or key[1] in tasks)]:
                del self._looks[key]

    def need_idle(self) -> None:
        """Raise UsageError while a run works: it may write the same files."""
        for busy in self.running():
            at = f"正在{busy.task.verb}“{busy.name}”的{busy.task.what}"
            raise UsageError(at, "等它做完，或者先停下它", "busy")

    def _begin(self, unit_list: UnitList, task: Task, does: Callable[[Job], None], of: tuple[str, ...] = ()) -> Job:
        for stopped in self.running():
            if stopped.stop.is_set():  # it ends with the unit that it works on; what is begun now is not that run
                stopped.over.wait(_STOPPING)
        with self._lock:
            for busy in self.running():
                if busy.list_id == unit_list.id and busy.task is task:
                    return busy
            self.need_idle()
            if task.makes:
                self.forget_looks(unit_list)
            job = self._jobs[unit_list.id] = self._looks[unit_list.id, task] = Job(
                unit_list.id, unit_list.name, task=task, version=unit_list.version, of=of
            )
            self._looks.move_to_end((unit_list.id, task))
            while len(self._looks) > _LOOKS_MOST:
                self._looks.popitem(last=False)
        threading.Thread(target=self._run, args=(job, does), daemon=True).start()
        return job

    def _run(self, job: Job, does: Callable[[Job], None]) -> None:
        try:
            does(job)
            job.state = "ended"
        except _Stopped:
            job.state = "stopped"
        except ToolkitError as error:
            job.state, job.trouble = "broken", error
        finally:
            job.took = time.monotonic() - job.began
            if job.is_running:
                job.state = "broken"
            job.over.set()

    def _make(self, unit_list: UnitList, job: Job, formats: tuple[str, ...]) -> None:
        with _Kept(unit_list, self.view(unit_list).rows) as kept:
            report = api.batch(
                unit_list.file,
                unit_list.out,
                base=unit_list.base,
                formats=formats,
                jobs=1,
                resume=(unit_list.out / ".toolkit").is_dir(),
                tell=lambda event: self._hear(job, kept, event),
            )
            for line in report.lines:
                kept.settle(line)

    def _merge(self, unit_list: UnitList, job: Job) -> None:
        rows = self.view(unit_list).rows
        job.total, check = len(rows), job.task is PREVIEW
        with _Kept(unit_list, rows) as kept:

            def hear(what: str, value: Any) -> None:
                job.state = "running"
                if what == "unit":
                    if not check:
                        kept.upgraded(value)
                    job.done, job.last = job.done + 1, value.unit
                self._heed(job)

            when = self.desk.now().date()
            job.result = api.units_merge(
                unit_list.file,
                unit_list.out,
                base=unit_list.base,
                decisions=unit_list.decisions,
                check_only=check,
                author="单位文书",
                when=when,
                jobs=1,
                tell=hear,
            )
        if check and job.result.entries:
            api.units_decisions(job.result, unit_list.decisions)

    def _look(self, unit_list: UnitList, job: Job, look: Callable[[Hear], Any], count: int) -> None:
        job.total = count or len(self.view(unit_list).rows)

        def hear(unit: str) -> None:
            job.state, job.done, job.last = "running", job.done + 1, unit
            self._heed(job)

        job.result = look(hear)
        if job.task.writes_list:
            job.version = unit_list.version

    def decide(self, unit_list: UnitList, upgraded: Upgraded, key: str, seen: str, how: str, words: str) -> None:
        """Decide on an equal conflict of all its units, if the decision so far is still the one that was seen.

        Raises Conflict, UsageError, FindingsError, FileError.
        """
        with self._lock:
            entry = next(
                (equal for equal in api.units_decisions(upgraded, unit_list.decisions) if equal.key == key), None
            )
            if entry is not None and decided(entry) != seen:
                raise Conflict(
                    "这一处刚刚在别的窗口定过，您这一次没有写进去", "上面是刚定的；要改，再定一次", "conflict"
                )
            api.merge_decide(unit_list.decisions, key, how, words)

    def _hear(self, job: Job, kept: _Kept, event: Event) -> None:
        if event.what == "begin":
            job.state, job.total, job.done, job.unchanged = "running", event.total, event.unchanged, event.unchanged
        elif event.what == "unit" and event.line is not None:
            job.done, job.last = job.total - event.left, event.line.name
            kept.take(event)
        self._heed(job)

    def _heed(self, job: Job) -> None:
        if job.stop.is_set() or self.desk.stopping.is_set():
            raise _Stopped
        self.desk.turns.give_way()


def decided(entry: Entry) -> str:
    """Return the decision on a conflict, as a short token."""
    decision = entry.decision
    return hashlib.sha256(f"{decision.how} {decision.text}".encode()).hexdigest()[:8] if decision else ""


class _Kept:
    """The results of a list while they are written; they are written at the end of the block, however it ends."""

    def __init__(self, unit_list: UnitList, rows: Sequence[ListedRow]) -> None:
        self.one, self.results = unit_list, unit_list.results()
        self.digests = {row.target: row.digest for row in rows}
        self._new = 0

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        if self._new:
            self.write()

    def take(self, event: Event) -> None:
        """Note a unit that is done."""
        line = event.line
        assert line is not None
        # Findings of reading the row are shown with the row.
        self._note(line.target, line.state, [finding.as_dict() for finding in event.findings])
        if self._new % _KEPT_EVERY == 0:
            self.write()

    def upgraded(self, done: Done) -> None:
        """Note a unit that has the new version now; findings about its edited files are in the upgrade's own report."""
        if done.state in ("written", "same"):
            before = str(self.results.get(done.target, {}).get("state", ""))
            by_hand = any(step.action in ("merged", "keep") for step in done.steps)
            state = "kept" if by_hand else before if before in READY else "done"
            self._note(done.target, state, [])

    def settle(self, line: Any) -> None:
        """Note a unit that was up to date already; earlier findings about it stay."""
        before = self.results.get(line.target, {})
        if line.state == "unchanged":
            known = before.get("findings", []) if before.get("digest") == self.digests.get(line.target) else None
            findings = [finding.as_dict() for finding in line.findings] if known is None else known
            self._note(line.target, line.state, findings)

    def _note(self, target: str, state: str, findings: list[dict[str, Any]]) -> None:
        self.results[target] = {"state": state, "digest": self.digests.get(target, ""), "findings": findings}
        self._new += 1

    def write(self) -> None:
        """Write the results. Raises FileError."""
        api.save(self.one.folder / RESULTS, json.dumps(self.results, ensure_ascii=False).encode(), force=True)


def noted(result: Mapping[str, Any]) -> list[api.Finding]:
    """Return the findings of a result; none of one that cannot be read."""
    found = []
    for data in result.get("findings", []):
        try:
            more = {name: data.get(name, "") for name in ("hint", "basis", "subject")}
            found.append(
                api.Finding(data["code"], Severity(data["severity"]), data["message"], Place(**data["where"]), **more)
            )
        except (KeyError, TypeError, ValueError):
            continue
    return found


def files_of(unit_list: UnitList, row: ListedRow) -> list[Path]:
    """Return the files that were made for a unit."""
    folder = unit_list.out / row.target
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]


def documents_of(unit_list: UnitList, row: ListedRow) -> int:
    """Return how many documents were made for a unit, each counted once."""
    return counted(path.name for path in files_of(unit_list, row)).documents


def _named(files: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """Return the name of an uploaded list, and its files under our names. Raises UsageError."""
    lists = {name: data for name, data in files.items() if data}
    if not lists:
        raise UsageError("没有收到文件，或者文件是空的", "选一份名单再交一次", "empty")
    for name in lists:
        if Path(name).suffix.lower() not in SUFFIXES:
            raise UsageError(
                f"“{Path(name).name[:60]}”不是 .xlsx 或者 .csv",
                "在表格软件里打开名单，另存为 .xlsx，再交一次",
                "no_list",
            )
    main = min(lists, key=lambda name: len(Path(name).stem))
    stem, suffix = Path(main).stem, Path(main).suffix.lower()
    stored = {f"{LIST}{suffix}": lists[main]}
    for name, data in lists.items():
        rest = Path(name).stem.removeprefix(f"{stem}.")
        if name == main:
            continue
        if suffix != ".csv" or Path(name).suffix.lower() != ".csv" or rest == Path(name).stem:
            raise UsageError(
                "一次交一份名单", "各表分开的 .csv 可以一起交，名称写成 名单.csv、名单.人员.csv 这样", "several_lists"
            )
        stored[f"{LIST}.{folder_name(rest)}.csv"] = data
    return stem or LIST, stored
