"""Put a set of files into a folder: compare, stage, journal, rename, manifest last."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.core.findings import FileError, Refused
from toolkit.output import journal
from toolkit.output.disk import file_errors, open_elsewhere, write_whole
from toolkit.output.file_names import free_name, same_name
from toolkit.output.journal import OLD, STAGE, STATE, Step
from toolkit.output.lock import locked
from toolkit.output.seals import seal

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Report:
    """What a commit did, by file name.

    ``kept`` and ``moved`` pair a name with its path under ``.toolkit``; ``left`` are edited files of dropped
    documents; ``stays`` are the entries of the last manifest that a partial run took over.
    """

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    stays: Mapping[str, dict] = field(default_factory=dict)
    recovered: str = ""


@dataclass(slots=True)
class _Plan:
    """What is to be done; grows while the folder is looked at."""

    puts: list[tuple[str, bytes, str]] = field(default_factory=list)
    copies: list[tuple[str, bytes, str]] = field(default_factory=list)
    moves: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    old_names: set[str] = field(default_factory=set)

    def old_path(self, name: str) -> str:
        free = free_name(name, self.old_names)
        self.old_names.add(same_name(free))
        return f"{OLD}/{free}"


def commit(
    folder: Path,
    files: Mapping[str, bytes],
    manifest: Mapping[str, object],
    *,
    base: Mapping[str, bytes] | None = None,
    force: bool = False,
    partial: bool = False,
    flush: bool = True,
    carried: Mapping[str, bytes] | None = None,
) -> Report:
    """Write ``files`` (name → content) into ``folder``, and ``manifest.json`` last.

    ``manifest["files"]`` maps each name to its entry (``document``, ``layout`` …); the seal is added
    here, unless the entry has one: that of what was generated, of a file that holds edits. ``base`` (name → content) goes to
    ``.toolkit/base``. ``carried`` are somebody's own files, which the manifest does not name. With ``partial`` the other files
    of the last manifest stay. ``force`` overwrites edited and unknown files after copying them to ``.toolkit/旧``. Without
    ``flush`` the caller flushes the disk when many folders are done.

    Raises Refused (nothing written) if a file was edited or is not ours; FileError if the disk
    refuses, a file is open elsewhere or another run is at work.
    """
    carried = carried or {}
    _check_names((*files, *carried))
    folder = Path(folder)
    with file_errors("无法写入"):
        created = _make_folders(folder)
        try:
            with locked(folder / STATE):
                return _commit(folder, files, manifest, base or {}, carried, force, partial, flush)
        except BaseException:
            for path in created:  # only those that stayed empty go
                with suppress(OSError):
                    path.rmdir()
            raise


def read_manifest(folder: Path) -> dict:
    """Return the manifest of a folder, ``{}`` if it has none. Raises Refused if it is not one of ours."""
    try:
        data = json.loads((Path(folder) / MANIFEST).read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise _bad_manifest(folder) from error
    entries = data.get("files") if isinstance(data, dict) else None
    if not isinstance(entries, dict) or not all(isinstance(e, dict) and "seal" in e for e in entries.values()):
        raise _bad_manifest(folder)
    return data


def _bad_manifest(folder: Path) -> Refused:
    return Refused(
        f"{Path(folder) / MANIFEST} 不是本工具写的，或已损坏",
        "请换一个文件夹；确定要用这个文件夹时加 --force，原有同名文件会先存到 .toolkit/旧/",
        code="manifest",
    )


def _check_names(files: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in files:
        if name != os.path.basename(name) or "\\" in name or name.startswith((".", "~$")) or name == MANIFEST:
            raise ValueError(f"not a plain file name: {name!r}")
        other = seen.setdefault(same_name(name), name)
        if other != name:
            raise Refused(f"两个文件同名：{other}、{name}", "请改其中一个的文件名", code="same_name")


def _make_folders(folder: Path) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} 是文件，不是文件夹", "请换一个文件夹名", code="not_a_folder")
    missing = [path for path in (folder / STATE, folder, *folder.parents) if not path.exists()]
    (folder / STATE).mkdir(parents=True, exist_ok=True)
    return missing


def _commit(
    folder: Path,
    files: Mapping[str, bytes],
    manifest: Mapping[str, object],
    base: Mapping[str, bytes],
    carried: Mapping[str, bytes],
    force: bool,
    partial: bool,
    flush: bool,
) -> Report:
    recovered = journal.resume(folder)
    plan = _Plan(old_names={same_name(name) for name in _list(folder / OLD)})
    try:
        old = read_manifest(folder)
    except Refused:
        if not force:
            raise
        old = {}
        plan.copies.append((MANIFEST, (folder / MANIFEST).read_bytes(), plan.old_path(MANIFEST)))
    entries = old.get("files", {})
    present = {**files, **carried}
    for name, data in present.items():
        _compare(plan, folder, name, data, entries.get(name), force)
    kept_entries = _look_at_others(plan, folder, present, manifest, entries, partial)
    _refuse(plan)
    final = sealed(manifest, files, kept_entries)
    _plan_state(plan, folder, base, final)
    steps = _stage(folder, plan, flush)
    if steps:
        journal.apply(folder, steps, flush=flush)
    return Report(
        written=tuple(name for name, _, _ in plan.puts if name in files),
        unchanged=tuple(name for name in plan.unchanged if name in files),
        kept=tuple((name, path) for name, _, path in plan.copies),
        moved=tuple(plan.moves),
        left=tuple(plan.left),
        stays=kept_entries,
        recovered=recovered,
    )


def _list(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


def _compare(plan: _Plan, folder: Path, name: str, data: bytes, entry: dict | None, force: bool) -> None:
    path = folder / name
    if path.is_dir():
        raise FileError(f"{path} 是文件夹，无法写入同名文件", "请把这个文件夹改名或移走", code="folder_in_the_way")
    if not path.exists():
        plan.puts.append((name, data, ""))
        return
    present = path.read_bytes()
    now = seal(name, present)
    if present == data or now == seal(name, data):
        plan.unchanged.append(name)
        return
    if entry is None or entry["seal"] != now:
        if force:
            plan.copies.append((name, present, plan.old_path(name)))
        else:
            (plan.unknown if entry is None else plan.edited).append(name)
    plan.puts.append((name, data, now))


def _look_at_others(
    plan: _Plan,
    folder: Path,
    files: Mapping[str, bytes],
    manifest: Mapping[str, Any],
    entries: Mapping[str, dict],
    partial: bool,
) -> dict[str, dict]:
    """Plan the moves of dropped files; return the entries of the last manifest that stay."""
    stays: dict[str, dict] = {}
    new: Mapping[str, dict] = manifest.get("files", {})
    renewed = {(entry.get("document"), Path(name).suffix) for name, entry in new.items()}
    for name, entry in entries.items():
        if name in files:
            continue
        if partial and (entry.get("document"), Path(name).suffix) not in renewed:
            stays[name] = entry
            continue
        path = folder / name
        if name != os.path.basename(name) or not path.is_file():
            continue
        if seal(name, path.read_bytes()) == entry["seal"]:
            plan.moves.append((name, plan.old_path(name)))
        else:
            plan.left.append(name)
    return stays


def _refuse(plan: _Plan) -> None:
    sentences = []
    if plan.edited:
        sentences.append("下列文件生成后被改过，没有覆盖：" + "、".join(plan.edited))
    if plan.unknown:
        sentences.append("下列同名文件不是本工具生成的，没有覆盖：" + "、".join(plan.unknown))
    if sentences:
        raise Refused(
            "；".join(sentences),
            "请换一个文件夹，或加 --force：先把原文件存到 .toolkit/旧/ 再写入",
            code="edited" if plan.edited else "unknown_file",
        )


def sealed(manifest: Mapping[str, Any], files: Mapping[str, bytes], stays: Mapping[str, dict] | None = None) -> bytes:
    """Return ``manifest.json``: the manifest with the seal of each file; entries of ``stays`` are taken over."""
    given: Mapping[str, dict] = manifest.get("files", {})
    entries = {}
    for name, data in files.items():
        entry = dict(given.get(name, {}))
        known = entry.pop("seal", "")  # the writer's, or that of what a merged file was generated as
        entries[name] = {**entry, "seal": known or seal(name, data)}
    both = {**(stays or {}), **entries}
    content = {**manifest, "files": {name: both[name] for name in sorted(both)}}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _plan_state(plan: _Plan, folder: Path, base: Mapping[str, bytes], manifest: bytes) -> None:
    """Add base texts and, last of all, the manifest, where they differ from what is there."""
    state = [(f"{STATE}/base/{name}", data) for name, data in base.items()]
    for target, data in [*state, (MANIFEST, manifest)]:
        path = folder / target
        present = path.read_bytes() if path.is_file() else None
        if present != data:
            plan.puts.append((target, data, "" if present is None else seal(target, present)))


def _stage(folder: Path, plan: _Plan, flush: bool) -> list[Step]:
    """Write the stage and the journal; on any failure before the journal nothing is left of it."""
    steps: list[Step] = []
    try:
        _probe(folder, [name for name, _, was in plan.puts if was] + [name for name, _ in plan.moves])
        staged = [(path, data, "") for _, data, path in plan.copies] + plan.puts
        if staged:
            (folder / STAGE).mkdir()
        for number, (target, data, was) in enumerate(staged):
            # The staged path is longer than the target's: a name that the disk refuses is refused here, not half-way.
            source = f"{STAGE}/{number}-{os.path.basename(target)}"
            write_whole(folder / source, data, flush)
            steps.append(Step(source, target, was))
        steps[len(plan.copies) : len(plan.copies)] = [Step(name, path, move=True) for name, path in plan.moves]
        if steps:
            journal.write(folder, steps, flush)
    except BaseException:
        if not (folder / STATE / "journal.json").exists():
            journal.discard(folder)
        raise
    return steps


def _probe(folder: Path, names: Iterable[str]) -> None:
    """Find files that are open in Word before anything changes: Windows refuses to rename those onto themselves."""
    held = []
    for name in names:
        try:
            os.replace(folder / name, folder / name)
        except PermissionError:
            held.append(folder / name)
    if held:
        raise open_elsewhere(held)
