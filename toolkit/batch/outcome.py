"""Plain data of a run: its options, the outcome of each unit, and the events for its caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import Finding
from toolkit.formats import MAIN

#: How a unit ended: written, as it was, only checked; errors in it, refused (edited files), files or disk.
DONE, UNCHANGED, CHECKED, ERRORS, REFUSED, FILES = "done", "unchanged", "checked", "errors", "refused", "files"
#: Written or as it was, with files that were edited by hand and that this version leaves alone.
KEPT = "kept"
#: Joined another unit, or ended: no set is made any more.
OVER = "over"
#: States for people, in the order of the counts.
STATES = {
    DONE: "已生成",
    KEPT: "已是最新，保留手工修改",
    UNCHANGED: "没有变化",
    CHECKED: "检查通过",
    OVER: "已并入别的单位或者撤销",
    ERRORS: "有错误",
    REFUSED: "没有覆盖",
    FILES: "读写失败",
}
FINE = frozenset({DONE, KEPT, UNCHANGED, CHECKED, OVER})


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run; see ``toolkit batch --help``. ``shard`` is (K, N), from 1."""

    base: Path | None = None
    formats: tuple[str, ...] = (MAIN,)
    jobs: int = 0
    dask: str = ""
    returned: bool = False
    zipped: bool = False
    strict: bool = False
    check_only: bool = False
    resume: bool = False
    force: bool = False
    visible: bool = False
    shard: tuple[int, int] | None = None
    where: Where = BUNDLED


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a unit for questions about all units: kind, preset, clauses left out and why, given values that may be shown.

    Other values are kept as digests, which differ where the values do. ``size`` is its label, empty for the full one.
    ``tasks`` are the due dates of a year, ``occasions`` those days on which one meeting or form settles one or several.
    """

    kind: str
    version: str
    dropped: tuple[tuple[str, str, str], ...]
    values: tuple[tuple[str, str], ...]
    size: str = ""
    tasks: int = 0
    occasions: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a worker for a unit. ``sizes`` are those of its files by name; ``data`` is a bundle for the parent to write.

    ``masked`` are the findings as a report may show them.
    """

    name: str
    state: str
    findings: tuple[Finding, ...] = ()
    masked: tuple[Finding, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    facts: Facts | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A unit's line of the report: ``row`` is its line in the list or its file, ``version`` the preset of the files there."""

    name: str
    target: str
    row: str
    state: str
    findings: tuple[Finding, ...] = ()
    facts: Facts | None = None
    version: str = ""

    @property
    def state_name(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def kind(self) -> str:
        """The kind of the unit, empty where it is not known."""
        return self.facts.kind if self.facts else ""

    @property
    def size(self) -> str:
        """The label of the unit's size, empty for the full one."""
        return self.facts.size if self.facts else ""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of the run: ``what`` is read, rows, findings, begin, unit, repeated or end.

    ``read``: the list is being read; ``rows``: of ``total`` rows ``left`` are still to be checked (now and then);
    ``findings`` has findings of the list or of a unit; ``begin`` has ``total``, ``unchanged`` and ``left``; ``unit`` has the
    ``line`` of the report and how many are ``left``; ``repeated`` a finding that ``total`` units have, told with the first.
    """

    what: str
    findings: tuple[Finding, ...] = ()
    line: Line | None = None
    total: int = 0
    unchanged: int = 0
    left: int = 0


Tell = Callable[[Event], None]
