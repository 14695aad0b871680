"""Restores files of a set that were put aside (``toolkit restore``); used by the api."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.findings import FileError, UsageError
from toolkit.output import journal
from toolkit.output.disk import file_errors, locked, need_inside
from toolkit.output.journal import OLD, STATE
from toolkit.output.put_aside import LOG, Aside, log_with, read_log
from toolkit.output.set_files import MANIFEST, read_manifest, sealed_entries
from toolkit.output.transaction import Plan


@dataclass(frozen=True, slots=True)
class Restored:
    """``files`` came back; ``kept``: edited files that were in their places, with their paths; ``left``: unlisted files."""

    files: tuple[Aside, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()


def put_aside(folder: Path) -> list[Aside]:
    """Return the files that :func:`restore` would bring back: the last one of each name. Raises FileError."""
    with file_errors("无法读取"):
        return list({entry.name: entry for entry in read_log(folder)}.values())


def unlisted(folder: Path) -> list[str]:
    """Return the names of files in ``.toolkit/旧`` that no log names: an older version of the program put them there."""
    known = {entry.path for entry in read_log(folder)}
    try:
        names = sorted(os.listdir(folder / OLD))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [name for name in names if f"{OLD}/{name}" not in known and (folder / OLD / name).is_file()]


def restore(folder: Path, names: Collection[str] = ()) -> Restored:
    """Put files back as they were, with the base texts that they were generated from; all, or those of ``names``.

    Edited files in their places are put aside in turn. Raises UsageError for a name that was not put aside, FileError.
    """
    if not folder.is_dir():
        raise FileError(f"找不到文件夹 {folder}", "请检查路径", code="not_found")
    with file_errors("无法取回"):
        need_inside(folder, [STATE, OLD, LOG, MANIFEST])
        if not (folder / STATE).is_dir():
            return Restored()
        with locked(folder / STATE):
            journal.resume(folder)
            aside = _chosen(folder, names)
            left = tuple(unlisted(folder))
            if not aside:
                return Restored(left=left)
            kept = _put_back(folder, aside)
        for entry in aside:
            with suppress(OSError):
                (folder / entry.path).unlink()
    return Restored(tuple(aside), tuple(kept), left)


def _chosen(folder: Path, names: Collection[str]) -> list[Aside]:
    last = {entry.name: entry for entry in put_aside(folder)}
    missing = [name for name in names if name not in last]
    if missing:
        hint = f"可以取回的：{'、'.join(last)}" if last else "没有可以取回的文件"
        raise UsageError(f"{folder} 里没有存过“{missing[0]}”", hint, "not_put_aside")
    return [entry for name, entry in last.items() if not names or name in names]


def _put_back(folder: Path, aside: Sequence[Aside]) -> list[tuple[str, str]]:
    manifest: dict[str, Any] = read_manifest(folder)
    entries = dict(manifest.get("files", {}))
    plan = Plan(folder, True, True)
    need_inside(folder, [path for entry in aside for path in (entry.name, entry.path, entry.base) if path])
    base: dict[str, bytes] = {}
    before = dict(entries)
    for entry in aside:
        plan.compare(entry.name, (folder / entry.path).read_bytes(), entries.get(entry.name))
        if entry.entry is not None:
            entries[entry.name] = dict(entry.entry)
        else:
            entries.pop(entry.name, None)
        if entry.base and (folder / entry.base).is_file():
            base[f"{(entry.entry or {})['document']}.json"] = (folder / entry.base).read_bytes()
    texts, log = log_with(
        folder, [(name, path, before.get(name)) for name, _, path in plan.copies], [entry.path for entry in aside]
    )
    for target, data in (*texts.items(), (LOG, log)):
        plan.put(target, data)
    if manifest:
        plan.add_state(base, sealed_entries(manifest, entries))
    journal.apply(folder, plan.stage())
    return [(name, path) for name, _, path in plan.copies]
