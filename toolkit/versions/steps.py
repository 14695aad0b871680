"""What becomes of each file of a folder in an upgrade: the steps, and the files from which no document is merged.

Used by :mod:`toolkit.versions.upgrade`. Nothing in the folder goes without a word: a copy, a filled form, a renamed file and
whatever else somebody put there is named, stays where it is, and is carried along if another folder is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.core.findings import file_error
from toolkit.output import MANIFEST, STATE, seal
from toolkit.output.names_and_seals import same_name
from toolkit.versions.handwork import copied_edits
from toolkit.versions.loading import MAX_FILE, Version, read_bytes
from toolkit.versions.pairing import Beside, Source

#: Folder beside the base texts for the originals of what was merged.
ORIGINALS = "手工稿"
_ACTIONS = {
    "new": "新增文件",
    "take": "采用新版",
    "keep": "保留手工稿",
    "merged": "合并",
    "conflict": "合并，有冲突",
    "left": "新版不再有，保留手工稿",
    "again": "文件夹里没有，重新生成",
    "replaced": "采用新版，原来的文件另存",
    "beside": "不参加合并，原样保留",
    "gone": "新版不再有，没有手工修改",
    "stale": "没有重新生成，旧的不再留下",
    "outside": "不参加合并，写入另一个文件夹时不带过去",
}


@dataclass(frozen=True)
class Step:
    """What becomes of one file. ``edits`` are the provisions edited by hand, ``conflicts`` those both sides changed.

    ``action``: a key of ``_ACTIONS``. ``remarks`` ask for a decision; ``note`` says which file it is, where its name does not.
    """

    name: str
    action: str
    edits: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    original: str = ""
    note: str = ""

    @property
    def words(self) -> str:
        """The action in words."""
        return _ACTIONS[self.action]

    @property
    def rewritten(self) -> str:
        """Where the original of a merged file is kept, “” for others: only there are formats that were given by hand."""
        return original_path(self.original) if self.original else ""


def original_path(name: str) -> str:
    """Return where the original of a file is kept in the folder that is written."""
    return f"{STATE}/base/{ORIGINALS}/{name}"


def edit_words(found: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Return edited provisions with the number of places, for people."""
    return tuple(f"{name}，{count} 处" for name, count in found)


@dataclass
class Rest:
    """The files of a folder from which no document is merged.

    ``entries``: those of the folder's manifest; ``files``: what the upgrade writes; ``documents``: ids of the new version.
    """

    folder: Path
    version: Version
    entries: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, bytes]
    documents: frozenset[str]
    steps: list[Step] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    originals: dict[str, bytes] = field(default_factory=dict)

    def look(self) -> None:
        """Fill ``steps``, ``carried`` (names that stay) and ``originals`` (what a file of the new version takes the name of).

        Raises FileError.
        """
        merged = {source.file for source in self.version.sources if source.listed and not source.renamed}
        taken = {same_name(name) for name in self.files}
        for path in self._paths():
            name = path.name
            twice = same_name(name) in map(same_name, self.carried)
            if not path.is_file() or not _may_be_written(path) or twice:
                self.steps.append(Step(f"{name}/" if path.is_dir() else name, "outside"))
            elif name not in merged and not self._generated(path):
                self._own(path, same_name(name) in taken)

    def _paths(self) -> Iterator[Path]:
        """Yield what is in the folder but for hidden and lock files and the manifest."""
        try:
            paths = sorted(self.folder.iterdir())
        except OSError as error:
            raise file_error(error) from error
        yield from (path for path in paths if not path.name.startswith((".", "~$")) and path.name != MANIFEST)

    def _generated(self, path: Path) -> bool:
        """Whether a file is as it was, or is, generated. One that is not generated again gets its step."""
        entry = self.entries.get(path.name)
        if path.name in self.files:
            new = self.files[path.name]
            present = read_bytes(path)
            known = (seal(path.name, new), entry["seal"] if entry else "")
            return present == new or seal(path.name, present) in known
        if entry is None or path.suffix.lower() == ".docx" or seal(path.name, read_bytes(path)) != entry["seal"]:
            return False
        self.steps.append(Step(path.name, "stale" if entry.get("document") in self.documents else "gone"))
        return True

    def _own(self, path: Path, taken: bool) -> None:
        """A file that is not generated, or was edited and is none of the documents."""
        name = path.name
        edits, remarks, note = self._identified(name)
        if taken:
            self.originals[name] = read_bytes(path)
            remarks = (*remarks, f"原来的文件有手工修改，或者不是本工具生成的，存为 {original_path(name)}")
            self.steps.append(Step(name, "replaced", edits, (), remarks, "", note))
        else:
            self.carried.append(name)
            self.steps.append(Step(name, "beside", edits, (), remarks, "", note))

    def _identified(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
        """Return edits, remarks and note of a file that has the id of a document."""
        source = next((source for source in self.version.sources if source.file == name and source.renamed), None)
        if source is not None:
            return (), (), self._renamed(source)
        beside = next((one for one in self.version.beside if one.source.file == name), None)
        if beside is None:
            return (), (), ""
        edits = edit_words(copied_edits(self.version, beside))
        unread = beside.kind != "record" and beside.source.edited and beside.source.base is None
        if not edits and not unread or self._is_known(beside):
            return (), (), beside.words
        remark = "这里的手工修改没有并入新版" if edits else "没有生成时的底稿，说不出有没有手工修改，没有并入新版"
        return edits, (remark,), beside.words

    def _renamed(self, source: Source) -> str:
        said = f"是改了名的 {source.listed}"
        if source.document.id not in self.documents:
            return f"{said}，新版不再有这份文件"
        return f"{said}，合并用的就是它" if source.edited else f"{said}，没有手工修改"

    def _is_known(self, beside: Beside) -> bool:
        """Whether a copy says what the edited file says, or is the original of one that was merged before."""
        mine = beside.source
        if any(one.document.id == mine.document.id and mine.document == one.document for one in self.version.sources):
            return True
        folder = self.folder / STATE / "base" / ORIGINALS
        kept = folder.glob("*.docx") if folder.is_dir() else ()
        return any(path.read_bytes() == mine.data for path in kept)


def _may_be_written(path: Path) -> bool:
    """Whether a file can be carried along: not too large, and with a name that every system accepts."""
    return "\\" not in path.name and path.stat().st_size <= MAX_FILE
