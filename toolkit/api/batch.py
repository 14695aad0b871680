"""Many units: the sets of all units of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import Folders, WhereOptions, edge
from toolkit.api.documents import preset
from toolkit.formats import MAIN

if TYPE_CHECKING:
    from toolkit.batch import Event, Options, Report
    from toolkit.core.findings import Finding

_JOBS = 256


class BatchOptions(WhereOptions, total=False):
    """How a list is worked off; see :func:`batch`."""

    base: Path | str | None
    formats: Sequence[str]
    zipped: bool
    check_only: bool
    strict: bool
    resume: bool
    force: bool
    jobs: int
    shard: tuple[int, int] | None
    dask: str
    returned: bool


@edge
def batch(
    source: Path | str, out: Path | str, *, tell: Callable[[Event], None] | None = None, **options: Unpack[BatchOptions]
) -> Report:
    """Make the sets of all units of a list (``toolkit batch``); the report is in ``out`` as well.

    ``source``: an XLSX or CSV file, or a folder of profiles. ``base``: a profile for what the list does not say. ``zipped``: a
    zip for each unit instead of a folder. ``check_only``: nothing is generated. ``strict``: nothing is generated if one unit
    has errors. ``resume``: go on with a run that was interrupted. ``jobs``: processes, 0 for one per processor; 1 stays in
    this one. ``shard``: (K, N), the K-th part of N, from 1. ``dask``: the address of a cluster; with ``returned`` and
    ``zipped`` results come back over the network. ``tell`` is called with each event, in the thread that called.

    A unit with errors is a line of the report. Raises FindingsError for a list that cannot be used, UsageError, FileError.
    Run it under ``if __name__ == "__main__":`` where processes are spawned (Windows, macOS).
    """
    from toolkit import batch as module

    chosen = _options(options)
    return module.batch(arguments.path_of(source, "名单"), arguments.path_of(out, "out"), chosen, tell or _silent)


def _silent(_event: Event) -> None:
    pass


def _options(given: Mapping[str, Any]) -> Options:
    from toolkit.batch import Options

    arguments.need_known(given, BatchOptions)
    names = WhereOptions.__optional_keys__
    at = arguments.where({name: value for name, value in given.items() if name in names})
    chosen = {name: value for name, value in given.items() if name not in names}
    if (shard := given.get("shard")) is not None:
        chosen["shard"] = arguments.pair(shard, "shard")
    if (base := given.get("base")) is not None:
        chosen["base"] = arguments.path_of(base, "base")
    chosen["formats"] = arguments.texts(given.get("formats", (MAIN,)), "formats")
    chosen["jobs"] = arguments.whole(given.get("jobs", 0), "jobs", 0, _JOBS)
    chosen["dask"] = arguments.text(given.get("dask", ""), "dask")
    return Options(**chosen, where=at)


@edge
def batch_states() -> dict[str, str]:
    """Return the states in which units end, in the order of the counts: ``line.state`` → its name. Raises nothing."""
    from toolkit.batch import STATES

    return dict(STATES)


@edge
def batch_place(finding: Finding) -> str:
    """Return where a finding is, for people: a cell of the list, or a place in a file. Raises nothing."""
    from toolkit.batch import where_text

    return where_text(finding)


@edge
def blank_list(kind: str, presets: Folders = ()) -> bytes:
    """Return the empty list of a kind as XLSX (``toolkit batch --sheet``). Raises UsageError, FindingsError, FileError."""
    from toolkit import presets as module
    from toolkit.batch.blank import workbook

    found = preset(kind, presets)
    return workbook(found, module.printed_names(found))
