"""Put a set of files into a folder: compare, stage, journal, rename, manifest last."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.findings import FileError, Refused
from toolkit.output import journal
from toolkit.output.disk import file_errors, flush_all, locked, need_inside, open_elsewhere, write_whole
from toolkit.output.journal import OLD, STAGE, STATE, Step
from toolkit.output.names_and_seals import free_name, same_name, seal
from toolkit.output.put_aside import LOG, log_with
from toolkit.output.set_files import MANIFEST, read_manifest, sealed

_HINT_UNKNOWN = "请换一个文件夹，或加 --force：先把原文件存到 .toolkit/旧/ 再写入"
_HINT_EDITED = "用 toolkit merge 并入新版，手工修改都保留；或者加 --force：先把原文件存到 .toolkit/旧/ 再写入"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a commit, by file name.

    ``kept`` and ``moved`` pair a name with its path under ``.toolkit``; ``left`` are edited files of dropped
    documents; ``stays`` are the entries of the last manifest that a partial run took over; ``recovered`` says how
    :func:`toolkit.output.recover` returns.
    """

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    stays: Mapping[str, dict] = field(default_factory=dict)
    recovered: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """The hand edits that a merge, or a batch, found in a folder.

    ``carried``: somebody's own files, which the manifest does not name (name, or path in the folder → content). ``seals``:
    those that the files of the folder still have when it is locked (“” for no file), so that nothing saved since the merge
    read them is overwritten. ``stands``: names of the last manifest that stay as they are, with their entries.
    """

    carried: Mapping[str, bytes] = field(default_factory=dict)
    seals: Mapping[str, str] = field(default_factory=dict)
    stands: Collection[str] = ()


def commit(
    folder: Path,
    files: Mapping[str, bytes],
    manifest: Mapping[str, object],
    *,
    base: Mapping[str, bytes] | None = None,
    force: bool = False,
    partial: bool = False,
    flush: bool = True,
    edited: Edited | None = None,
) -> Report:
    """Write ``files`` (name → content) into ``folder``, and ``manifest.json`` last.

    ``manifest["files"]`` maps each name to its entry (``document``, ``layout`` …); the seal is added
    here, unless the entry has one: the seal of the generated file, where the file holds edits. ``base`` (name → content) goes to
    ``.toolkit/base``. ``edited``: the edits that a merge carries over. With ``partial`` the other files
    of the last manifest stay. ``force`` overwrites edited and unknown files after copying them to ``.toolkit/旧``. Without
    ``flush`` the caller flushes the disk when many folders are done.

    Raises Refused (nothing written) if a file was edited or is not ours, or changed while it was merged; FileError if the disk
    refuses, a file is open elsewhere, a link leads out of the folder or another run is at work.
    """
    edited = edited or Edited()
    present = {**files, **edited.carried}
    _check_names(files, edited.carried)
    folder = Path(folder)
    with file_errors("无法写入"):
        if folder.exists() and not folder.is_dir():
            raise FileError(f"{folder} 是文件，不是文件夹", "请换一个文件夹名", code="not_a_folder")
        need_inside(
            folder, [STATE, OLD, LOG, STAGE, MANIFEST, *present, *(f"{STATE}/base/{name}" for name in base or {})]
        )
        created = [path for path in (folder / STATE, folder, *folder.parents) if not path.exists()]
        (folder / STATE).mkdir(parents=True, exist_ok=True)
        try:
            with locked(folder / STATE):
                recovered = journal.resume(folder)
                _refuse_changed(folder, edited.seals)
                plan = Plan(folder, force, flush)
                stays = plan.fill(present, manifest, edited.stands, partial)
                plan.add_state(base or {}, sealed(manifest, files, stays))
                if steps := plan.stage():
                    journal.apply(folder, steps, flush=flush)
        except BaseException:
            for path in created:  # only those that stayed empty go
                with suppress(OSError):
                    path.rmdir()
            raise
    return Report(
        written=tuple(name for name, _, _ in plan.puts if name in files),
        unchanged=tuple(name for name in plan.unchanged if name in files),
        kept=tuple((name, path) for name, _, path in plan.copies),
        moved=tuple(plan.moves),
        left=tuple(plan.left),
        stays=stays,
        recovered=recovered,
    )


def _refuse_changed(folder: Path, seals: Mapping[str, str]) -> None:
    """Raise Refused for files that do not have these seals (any more)."""
    changed = [
        name
        for name, known in seals.items()
        if (seal(name, (folder / name).read_bytes()) if (folder / name).is_file() else "") != known
    ]
    if changed:
        message = "下列文件在合并期间又有改动，没有写入：" + "、".join(changed)
        raise Refused(message, "请关闭正在编辑的文件，再运行一次", code="changed_meanwhile")


def _check_names(files: Collection[str], carried: Iterable[str]) -> None:
    """Raise ValueError for names that are none: carried files may be hidden and have folders before them."""
    seen: dict[str, str] = {}
    for name, parts in [*((name, [name]) for name in files), *((name, name.split("/")) for name in carried)]:
        odd = any(part != os.path.basename(part) or part in ("", ".", "..") for part in parts) or parts[0] == STATE
        if odd or "\\" in name or name == MANIFEST or (name in files and name.startswith((".", "~$"))):
            raise ValueError(f"not a plain file name: {name!r}")
        other = seen.setdefault(same_name(name), name)
        if other != name:
            raise Refused(f"两个文件同名：{other}、{name}", "请改其中一个的文件名", code="same_name")


@dataclass(slots=True)
class Plan:
    """The steps of a commit in a folder; grows while the folder is examined.

    ``puts``: (name, content, seal of the present file or ""); ``copies``: (name, content, path) to keep under ``.toolkit/旧``.
    """

    folder: Path
    force: bool
    flush: bool
    puts: list[tuple[str, bytes, str]] = field(default_factory=list)
    copies: list[tuple[str, bytes, str]] = field(default_factory=list)
    moves: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    old_names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        old = self.folder / OLD
        self.old_names = {same_name(name) for name in os.listdir(old)} if old.is_dir() else set()

    def old_path(self, name: str) -> str:
        free = free_name(name, self.old_names)
        self.old_names.add(same_name(free))
        return f"{OLD}/{free}"

    def last_entries(self) -> Mapping[str, dict]:
        """Return the entries of the last manifest; one that is not ours is kept and overwritten with ``force``."""
        try:
            return read_manifest(self.folder).get("files", {})
        except Refused:
            if not self.force:
                raise
            self.copies.append((MANIFEST, (self.folder / MANIFEST).read_bytes(), self.old_path(MANIFEST)))
            return {}

    def fill(
        self, present: Mapping[str, bytes], manifest: Mapping[str, Any], stands: Collection[str], partial: bool
    ) -> dict[str, dict]:
        """Plan the new files and the fate of the old ones; return the entries that stay. Raises Refused, FileError."""
        entries = self.last_entries()
        need_inside(self.folder, entries)
        for name, data in present.items():
            self.compare(name, data, entries.get(name))
        others = {name: entry for name, entry in entries.items() if name not in stands}
        stays = {name: entry for name, entry in entries.items() if name in stands}
        stays |= self.look_at_others(present, manifest, others, partial)
        self.refuse()
        self.add_log(entries)
        return stays

    def compare(self, name: str, data: bytes, entry: dict | None) -> None:
        """Plan one file; ``entry`` is that of the last manifest."""
        path = self.folder / name
        if path.is_dir():
            raise FileError(f"{path} 是文件夹，无法写入同名文件", "请把这个文件夹改名或移走", code="folder_in_the_way")
        if not path.exists():
            self.puts.append((name, data, ""))
            return
        present = path.read_bytes()
        now = seal(name, present)
        if present == data or now == seal(name, data):
            self.unchanged.append(name)
            return
        if entry is None or entry["seal"] != now:
            if self.force:
                self.copies.append((name, present, self.old_path(name)))
            else:
                (self.unknown if entry is None else self.edited).append(name)
        self.puts.append((name, data, now))

    def look_at_others(
        self, files: Iterable[str], manifest: Mapping[str, Any], entries: Mapping[str, dict], partial: bool
    ) -> dict[str, dict]:
        """Plan the moves of dropped files; return the entries of the last manifest that stay.

        Files of a format that this run does not write stay beside the documents that the set still has.
        """
        stays: dict[str, dict] = {}
        new: Mapping[str, dict] = manifest.get("files", {})
        renewed = {(entry.get("document"), Path(name).suffix) for name, entry in new.items()}
        documents, suffixes = {document for document, _ in renewed}, {suffix for _, suffix in renewed}
        for name, entry in entries.items():
            path = self.folder / name
            if name in files:
                continue
            other_format = entry.get("document") in documents and path.suffix not in suffixes
            # a paper on demand is nobody's to take away
            kept = path.is_file() if entry.get("on_demand") or other_format else partial
            if kept and (entry.get("document"), path.suffix) not in renewed:
                stays[name] = entry
            elif name == os.path.basename(name) and path.is_file():
                if seal(name, path.read_bytes()) == entry["seal"]:
                    self.moves.append((name, self.old_path(name)))
                else:
                    self.left.append(name)
        return stays

    def refuse(self) -> None:
        """Raise Refused if something would be lost."""
        sentences = []
        if self.edited:
            sentences.append("下列文件生成后被改过，没有覆盖：" + "、".join(self.edited))
        if self.unknown:
            sentences.append("下列同名文件不是本工具生成的，没有覆盖：" + "、".join(self.unknown))
        if sentences:
            raise Refused(
                "；".join(sentences),
                _HINT_EDITED if self.edited else _HINT_UNKNOWN,
                code="edited" if self.edited else "unknown_file",
            )

    def add_log(self, entries: Mapping[str, dict]) -> None:
        """Log a file that is put aside, with its entry in the last manifest and its base text, so that it can be restored."""
        aside = [(name, path) for name, _, path in self.copies if name != MANIFEST] + self.moves
        if not aside:
            return
        texts, data = log_with(self.folder, [(name, path, entries.get(name)) for name, path in aside])
        for target, content in (*texts.items(), (LOG, data)):
            self.put(target, content)

    def put(self, target: str, data: bytes) -> None:
        """Plan a file of the state that differs from the present one."""
        path = self.folder / target
        present = path.read_bytes() if path.is_file() else None
        if present != data:
            self.puts.append((target, data, "" if present is None else seal(target, present)))

    def add_state(self, base: Mapping[str, bytes], manifest: bytes) -> None:
        """Add base texts and, last of all, the manifest, where they differ from what is there."""
        state = [(f"{STATE}/base/{name}", data) for name, data in base.items()]
        for target, data in [*state, (MANIFEST, manifest)]:
            self.put(target, data)

    def stage(self) -> list[Step]:
        """Write the stage and the journal; on any failure before the journal nothing is left of it."""
        steps: list[Step] = []
        try:
            _need_closed(self.folder, [name for name, _, was in self.puts if was] + [name for name, _ in self.moves])
            staged = [(path, data, "") for _, data, path in self.copies] + self.puts
            if staged:
                (self.folder / STAGE).mkdir()
            for number, (target, data, was) in enumerate(staged):
                # The staged path is longer than the target's: a name that the disk refuses is refused here, not half-way.
                source = f"{STAGE}/{number}-{os.path.basename(target)}"
                write_whole(self.folder / source, data, flush=False)
                steps.append(Step(source, target, was))
            if self.flush:
                flush_all([self.folder / step.source for step in steps])
            steps[len(self.copies) : len(self.copies)] = [Step(name, path, move=True) for name, path in self.moves]
            if steps:
                journal.write(self.folder, steps, self.flush)
        except BaseException:
            if not (self.folder / STATE / "journal.json").exists():
                journal.discard(self.folder)
            raise
        return steps


def _need_closed(folder: Path, names: Iterable[str]) -> None:
    """Raise FileError for files that are open in Word, before anything changes: Windows cannot rename those onto themselves."""
    held = []
    for path in (folder / name for name in names):
        try:
            os.replace(path, path)
        except PermissionError:
            held.append(path)
    if held:
        raise open_elsewhere(held)
