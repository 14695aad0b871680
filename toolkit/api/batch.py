"""Many units: the sets of all units of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.api import arguments
from toolkit.api.arguments import Day, Folders, edge
from toolkit.api.documents import preset

if TYPE_CHECKING:
    from toolkit.batch import Event, Report

_JOBS = 256


@edge
def batch(
    source: Path | str,
    out: Path | str,
    *,
    base: Path | str | None = None,
    formats: Sequence[str] = ("docx",),
    date: Day = "",
    zipped: bool = False,
    check_only: bool = False,
    strict: bool = False,
    resume: bool = False,
    force: bool = False,
    jobs: int = 0,
    shard: tuple[int, int] | None = None,
    dask: str = "",
    returned: bool = False,
    presets: Folders = (),
    templates: Folders = (),
    layers: Folders = (),
    fonts: Folders = (),
    tell: Callable[[Event], None] | None = None,
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

    if shard is not None:
        number, count = arguments.pair(shard, "shard")
        shard = (number, count)
    options = module.Options(
        base=None if base is None else arguments.path_of(base, "base"),
        formats=arguments.texts(formats, "formats"),
        date=arguments.day(date),
        jobs=arguments.whole(jobs, "jobs", 0, _JOBS),
        dask=arguments.text(dask, "dask"),
        returned=returned,
        zipped=zipped,
        strict=strict,
        check_only=check_only,
        resume=resume,
        force=force,
        shard=shard,
        presets=arguments.paths(presets, "presets"),
        templates=arguments.paths(templates, "templates"),
        layers=arguments.paths(layers, "layers"),
        fonts=arguments.paths(fonts, "fonts"),
    )
    return module.batch(
        arguments.path_of(source, "名单"), arguments.path_of(out, "out"), options, tell or (lambda event: None)
    )


@edge
def blank_list(kind: str, presets: Folders = ()) -> bytes:
    """Return the empty list of a kind as XLSX (``toolkit batch --sheet``). Raises UsageError, FindingsError, FileError."""
    from toolkit import presets as module
    from toolkit.batch.blank import workbook

    found = preset(kind, presets)
    return workbook(found, module.printed_names(found))
