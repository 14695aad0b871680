"""What a run is asked for, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import Finding
from toolkit.formats import MAIN

if TYPE_CHECKING:
    from toolkit.batch.report import Line


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for; see ``toolkit batch --help``. ``shard`` is (K, N), from 1."""

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
    shard: tuple[int, int] | None = None
    where: Where = BUNDLED


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: ``what`` is read, rows, findings, begin, unit or end.

    ``read``: the list is being read; ``rows``: of ``total`` rows ``left`` are still to be checked (now and then);
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
