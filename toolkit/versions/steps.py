"""The steps of a merge, one for each file of the folder, and the files from which no document is merged; used by ``upgrade``.

Every file is named in a step: a copy, a filled form, a renamed file and whatever else somebody put there stays where it is,
and is carried along if another folder is written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.core.findings import FileError, file_error
from toolkit.output import MANIFEST, STATE, seal
from toolkit.output.names_and_seals import free_name, same_name
from toolkit.versions.handwork import copied_edits, edit_words
from toolkit.versions.loading import MAX_FILE, Version, inside, is_noise, read_bytes
from toolkit.versions.pairing import Beside, documents

#: Code of the finding on a link that leads out of the folder: it is not read.
LINK = "link"
#: Folder beside the base texts for the originals of merged files.
ORIGINALS = "手工稿"
_ACTIONS = {
    "new": "新增文件",
    "take": "采用新版",
    "keep": "保留手工稿",
    "paper": "按需出的文件，原样保留",
    "merged": "合并",
    "conflict": "合并，有冲突",
    "left": "新版不再有，保留手工稿",
    "again": "文件夹里没有，重新生成",
    "record": "填写过的表，原样保留",
    "blank": "采用新版的空白表，填写过的表原样保留",
    "undecided": "保留手工稿，上次合并的冲突还没有决定",
    "waiting": "上次合并的冲突还没有决定，原样保留，新版的改动没有并入",
    "unread": "读不了，原样保留，没有并入新版",
    "no_base": "原样保留，没有并入新版",
    "replaced": "采用新版，原来的文件另存",
    "beside": "不参加合并，原样保留",
    "gone": "新版不再有，没有手工修改",
    "stale": "没有重新生成，旧的不再留下",
    "unmade": "没有生成",
    "outside": "不参加合并，写入另一个文件夹时不带过去",
}


@dataclass(frozen=True)
class Step:
    """The treatment of one file. ``edits`` are the provisions edited by hand, ``conflicts`` those both sides changed.

    ``action``: a key of ``_ACTIONS``. ``remarks`` ask for a decision; ``note`` says which file it is, where its name does not.
    ``decided``: conflicts that a decision settled.
    """

    name: str
    action: str
    edits: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    original: str = ""
    note: str = ""
    decided: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The action in words."""
        return _ACTIONS[self.action]

    @property
    def rewritten(self) -> str:
        """The path of the original of a merged file, “” for others: only the original keeps formats given by hand."""
        return original_path(self.original) if self.original else ""


def original_path(name: str) -> str:
    """Return the path of the original of a file in the folder that is written."""
    return f"{STATE}/base/{ORIGINALS}/{name}"


def _unmovable(path: Path) -> str:
    """Return why a file cannot be carried into another folder, “” for one that can."""
    if path.is_symlink():
        return "是链接"
    if not path.is_file():
        return "不是普通文件"
    if "\\" in path.name:
        return "文件名里有反斜线，别的系统不认"
    return "超过 100 MB" if path.stat().st_size > MAX_FILE else ""


def own_files(folder: Path) -> list[Path]:
    """Return the contents of a folder without the toolkit's own files, locks and files of systems. Raises FileError."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise file_error(error) from error
    return [path for path in paths if path.name not in (MANIFEST, STATE) and not is_noise(path)]


class Originals:
    """The hand-edited originals that a folder keeps (``files``: name → content): a later one never takes a name of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / STATE / "base" / ORIGINALS
        paths = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        self.files = {path.name: read_bytes(path) for path in paths if path.is_file() and not path.is_symlink()}

    def add(self, name: str, data: bytes) -> str:
        """Keep a file; return the name under which it is kept: its own, or 办法-2.docx where that is another file's."""
        others: set[str] = set()
        while (free := free_name(name, others)) in self.files and self.files[free] != data:
            others.add(same_name(free))
        if free not in self.files:
            free = free_name(name, set(map(same_name, self.files)))
        self.files[free] = data
        return free


@dataclass
class Rest:
    """The files of a folder from which no document is merged.

    ``entries``: those of the folder's manifest; ``files``: those that the upgrade writes; ``documents``: ids of the new version;
    ``unmade``: why files of other formats are not made, by name; ``base_folder``: where the trees are that the folder has not.
    """

    folder: Path
    version: Version
    entries: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, bytes]
    documents: frozenset[str]
    unmade: Mapping[str, str]
    originals: Originals
    base_folder: Path | None = None
    steps: list[Step] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Fill ``steps``, ``carried`` (names that stay), and add to ``originals`` the files whose name the new version takes.

        Raises FileError.
        """
        merged = {source.file for source in self.version.sources if source.listed and not source.renamed}
        unread = self.version.unread
        merged |= {name for name in unread if name in self.files and unread[name].code != LINK}
        taken = {same_name(name) for name in self.files}
        paths = own_files(self.folder)
        for path in paths:
            name = path.name
            twice = same_name(name) in map(same_name, self.carried)
            if path.is_dir() and not path.is_symlink():
                self._folder(path, same_name(name) in taken)
            elif name in merged and path.is_symlink() and path.is_file():
                continue  # read through its link, and written as a file
            elif reason := "和另一个文件只有大小写不同" if twice else _unmovable(path):
                remarks = (unread[name].message,) if name in unread and unread[name].code == LINK else ()
                self.steps.append(Step(name, "outside", remarks=remarks, note=reason))
            elif name not in merged and not self._generated(path):
                self._own(path, same_name(name) in taken)
        present = {path.name for path in paths}
        for name, reason in self.unmade.items():
            if name not in present:
                self.steps.append(Step(name, "unmade", note=reason))

    def _folder(self, path: Path, taken: bool) -> None:
        """Add a folder in the folder: it is carried along with all that is in it, and edits of documents in it are named."""
        name = f"{path.name}/"
        if reason := "是隐藏文件夹" if name.startswith(".") else "和要写入的文件同名" if taken else "":
            self.steps.append(Step(name, "outside", note=reason))
            return
        found: list[str] = []
        left: list[str] = []
        for here, folders, names in os.walk(path):
            folders.sort()
            for file in (Path(here, each) for each in sorted(names)):
                if not is_noise(file):
                    (left if _unmovable(file) else found).append(file.relative_to(self.folder).as_posix())
        if sum((self.folder / each).stat().st_size for each in found) > MAX_FILE:
            self.steps.append(Step(name, "outside", note=f"里面的 {len(found)} 个文件一共超过 100 MB"))
            return
        self.carried += found
        left_words = f"不带过去的：{'、'.join(left)}" if left else ""
        remarks = tuple(remark for each in found if (remark := self._edited_inside(each)))
        note = "；".join(filter(None, (f"{len(found)} 个文件", left_words)))
        self.steps.append(Step(name, "beside", remarks=remarks, note=note))

    def _edited_inside(self, name: str) -> str:
        """Return a remark on a document of the set that was edited and lies in a folder of the folder, “” for other files.

        Forms there are records: they are filed so.
        """
        source = inside(self.folder, name, self.entries, self.base_folder, self.version)
        if source is None:
            return ""
        beside = Beside(source, "copy", documents(self.entries)[source.document.id])
        edits = edit_words(copied_edits(self.version, beside))
        if not edits or self._is_known(beside):
            return ""
        return f"{name} {beside.words}，这里的手工修改没有并入新版：{'；'.join(edits)}"

    def _generated(self, path: Path) -> bool:
        """Whether a file is as it was, or is, generated. One that is not generated again gets its step."""
        entry = self.entries.get(path.name)
        if path.name in self.files:
            new, present = self.files[path.name], read_bytes(path)
            return present == new or seal(path.name, present) in (seal(path.name, new), entry["seal"] if entry else "")
        if entry is None or path.suffix.lower() == ".docx" or seal(path.name, read_bytes(path)) != entry["seal"]:
            return False
        action = "stale" if entry.get("document") in self.documents else "gone"
        self.steps.append(Step(path.name, action, note=self.unmade.get(path.name, "")))
        return True

    def _own(self, path: Path, taken: bool) -> None:
        """Add a file that is not generated, or was edited and is none of the documents."""
        name = path.name
        edits, remarks, note = self._identified(name)
        if taken:
            kept = original_path(self.originals.add(name, read_bytes(path)))
            remarks = (*remarks, f"原来的文件有手工修改，或者不是本工具生成的，存为 {kept}")
        else:
            self.carried.append(name)
        self.steps.append(Step(name, "replaced" if taken else "beside", edits, remarks=remarks, note=note))

    def _identified(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
        """Return edits, remarks and note of a file that has the id of a document, or that cannot be read."""
        if name in self.version.unread:
            finding = self.version.unread[name]
            return (), ("：".join(filter(None, ("读不了", finding.message))),), ""
        for source in self.version.sources:
            if source.file == name and source.renamed:
                merged = "合并用的就是它" if source.edited else "没有手工修改"
                state = merged if source.document.id in self.documents else "新版不再有这份文件"
                return (), (), f"是改了名的 {source.listed}，{state}"
        beside = next((other for other in self.version.beside if other.source.file == name), None)
        if beside is None:
            return (), (), ""
        edits = edit_words(copied_edits(self.version, beside))
        unread = beside.kind != "record" and beside.source.edited and beside.source.base is None
        if not edits and not unread or self._is_known(beside):
            return (), (), beside.words
        remark = "这里的手工修改没有并入新版" if edits else "没有生成时的底稿，说不出有没有手工修改，没有并入新版"
        return edits, (remark,), beside.words

    def _is_known(self, beside: Beside) -> bool:
        """Whether a copy says the same as the edited file, or is the original of one that was merged before."""
        copy = beside.source
        if any(source.document == copy.document for source in self.version.sources):
            return True
        return copy.data in self.originals.files.values()


def file_seals(folder: Path) -> dict[str, str | None]:
    """Return name → seal of the files of a folder and its manifest; None for those that are too large or cannot be read.

    Raises FileError.
    """
    seals: dict[str, str | None] = {}
    for path in (folder / MANIFEST, *own_files(folder)):
        if path.is_file():
            seals[path.name] = None
            with suppress(FileError):
                seals[path.name] = seal(path.name, read_bytes(path))
    return seals
