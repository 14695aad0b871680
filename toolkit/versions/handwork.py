"""Finds hand edits in an output folder since it was generated (``toolkit status``; used by merges)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.checks.contracts import text_of
from toolkit.compare import Change, Comparison, Side, compare
from toolkit.compare.classify import KINDS
from toolkit.core.findings import FileError, Finding
from toolkit.core.memo import remembered
from toolkit.language.columns import visible
from toolkit.model.tree import DocumentSet, walk
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import number_set
from toolkit.output import read_manifest, seal
from toolkit.reports import text
from toolkit.reports.report import Paragraph, Report, Section
from toolkit.versions import page_frames
from toolkit.versions.loading import Version, load_folder, read_bytes
from toolkit.versions.pairing import Beside, Source, is_record

if TYPE_CHECKING:
    from toolkit.app import Prepared

_STATES = {
    "edited": "改过",
    "filled": "填写过",
    "stale": "没有跟着改",
    "missing": "不在了",
    "unread": "读不了",
    "unknown": "不是这里生成的",
    "same": "没有改动",
}
#: Larger files are no profiles, in bytes.
_PROFILE = 1024 * 1024
#: Edited provisions, each with the number of places.
Places = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FileStatus:
    """``state``: ``same``, ``edited``, ``filled`` (a form with something filled in), ``stale`` (a PDF whose DOCX was edited),
    ``missing``, ``unread`` (cannot be read), ``unknown`` (not generated here, or not under this name).

    ``places``: (provision, count) of an edited file, and of a renamed file or copy that was edited.
    """

    name: str
    state: str
    places: Places = ()
    remarks: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON-ready data (the contract of ``toolkit status --json``)."""
        places = [{"provision": name, "count": count} for name, count in self.places]
        return {"file": self.name, "state": self.state, "remarks": list(self.remarks), "places": places}


@dataclass(frozen=True)
class Looked:
    """A folder that was looked at: its manifest, its documents, and the state of every file."""

    manifest: dict[str, Any]
    version: Version
    files: tuple[FileStatus, ...]

    @property
    def changed(self) -> bool:
        """Whether a file was edited, is missing or cannot be read."""
        return any(file.state in ("edited", "stale", "missing", "unread") for file in self.files)


def look(folder: Path) -> Looked:
    """Return the state of every file of a folder. Raises FileError for a folder that was not generated."""
    manifest = check_generated(folder)
    entries, version = manifest["files"], load_folder(folder)
    there = {name: entry for name, entry in entries.items() if not is_gone_paper(folder, name, entry)}
    apart = {other.source.file for other in version.beside} | {
        source.file for source in version.sources if source.renamed
    }
    states = [_listed(folder, name, entry, version, entries) for name, entry in there.items() if name not in apart]
    for source in version.sources:
        if source.file not in entries or source.renamed:
            remarks = (f"是改了名的 {source.listed}",) if source.renamed else ()
            places = edits(version, source) if source.renamed else ()
            states.append(FileStatus(source.file, "unknown", places, remarks))
    for other in version.beside:
        states.append(FileStatus(other.source.file, "unknown", copied_edits(version, other), (other.words,)))
    states += [_unread(finding) for name, finding in version.unread.items() if name not in entries]
    return Looked(manifest, version, tuple(sorted(states, key=lambda state: state.name)))


def profile_near(folder: Path, unit: str) -> Path | None:
    """Return the profile of a unit (its full name) in the working folder or beside an output folder, None if none is sure."""
    found = {
        path.resolve(): path
        for place in (Path(), folder.parent)
        for path in sorted(place.glob("*.y*ml"))
        if path.is_file() and path.stat().st_size < _PROFILE and unit and unit.encode() in path.read_bytes()
    }
    return next(iter(found.values())) if len(found) == 1 else None


def is_gone_paper(folder: Path, name: str, entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a manifest is of a paper on demand that was taken elsewhere: nobody misses it here."""
    return bool(entry.get("on_demand")) and not (folder / name).is_file()


def check_generated(folder: Path) -> dict:
    """Return the manifest of a folder. Raises FileError for one that is not there or was not generated."""
    if not folder.is_dir():
        raise FileError(f"找不到文件夹 {folder}", "请检查路径", code="not_found")
    manifest = read_manifest(folder)
    if not manifest:
        hint = "里面没有 manifest.json：从备份恢复它；没有备份的，用当时的档案另外生成一个文件夹，把改过的文件放进去"
        raise FileError(f"{folder} 不是 toolkit generate 写入的文件夹", hint, code="no_manifest")
    return manifest


def _listed(
    folder: Path, name: str, entry: Mapping[str, Any], version: Version, entries: Mapping[str, Mapping[str, Any]]
) -> FileStatus:
    """Return the state of a file of the manifest with its ``entry``; ``entries``: all of them."""
    if not (folder / name).is_file():
        now = next((source.file for source in version.sources if source.listed == name), "")
        return FileStatus(name, "missing", (), (f"改名为 {now}",) if now else ())
    if name in version.unread:
        return _unread(version.unread[name])
    source = next((source for source in version.sources if source.file == name), None)
    if seal(name, source.data if source is not None else read_bytes(folder / name)) == entry["seal"]:
        own = next(
            (source for source in version.sources if source.listed and source.document.id == entry.get("document")),
            None,
        )
        if source is None and own is not None and _is_stale(own, entry, entries[own.listed]):
            return FileStatus(name, "stale", (), (f"{own.file} 改过，这一份还是改动以前的",))
        return FileStatus(name, "same")
    if source is None:
        return FileStatus(name, "edited")
    if is_record(source):
        return FileStatus(name, "filled", (), ("这是一次记录，合并时原样保留",))
    findings = source.read.findings if source.read else []
    if source.base is not None and page_frames.since_generated(version, source) is not None:
        findings = [finding for finding in findings if finding.subject not in page_frames.FRAME]
    remarks = [finding.message for finding in findings]
    places = edits(version, source)
    if source.base is None:
        remarks.append("没有生成时的底稿，说不出改了哪几条")
    elif places:
        for other in version.sources:  # who edits a document has to edit the files that enclose it
            inside = other.base.enclosure if other.base is not None and other.read is None else None
            if inside is not None and inside.body == source.base.body:
                remarks.append(f"“{other.file}”所附的同一文件没有这些改动")
    elif not remarks:
        remarks.append("文字没有改动，改的可能是格式")
    return FileStatus(name, "edited", places, tuple(remarks))


def _is_stale(source: Source, entry: Mapping[str, Any], of: Mapping[str, Any]) -> bool:
    """Whether a file of another format (``entry``) was not made of the present DOCX; ``of``: the entry of that."""
    if not source.edited or is_record(source):
        return False
    return seal(source.listed, source.data) != entry.get("of", of["seal"])


def _unread(finding: Finding) -> FileStatus:
    remarks = tuple(filter(None, (finding.message, finding.hint)))
    return FileStatus(finding.where.file, "unread", (), remarks)


def edits(version: Version, source: Source) -> Places:
    """Return the provisions of a file that were edited by hand, each with the number of places: 第八条, 2.

    The file is compared with its base, and its frame with those of files that nobody edited.
    """
    return _edits(version, source)[1] if source.base is not None and source.edited else ()


def _by_both(version: Version, source: Source) -> tuple[int, int]:
    return id(version), id(source)


@remembered(64, key=_by_both)
def _edits(version: Version, source: Source) -> tuple[Source, Places]:
    """Return the edits of a file, with the file: as long as they are remembered, its identity is its own."""
    assert source.base is not None
    generated = tuple(file.base for file in version.sources if file.base is not None)
    labels = number_set(DocumentSet(version.kind, version.preset, version.unit, generated))
    part = compare(Side(source.base, labels), version.side(source))
    frame = page_frames.since_generated(version, source) or ()
    return source, tuple(_places(replace(part, head=(*part.head, *frame))))


def moved_to(ready: Prepared, source: Source) -> str:
    """Return where the rules of an edited file stand in a set whose size has it no more, the edited clauses first; or "".

    The clause of the file that was edited is compared with its base; the set says where it is met now.
    """
    preset, document = ready.preset, source.document.id
    if preset is None or document not in preset.dropped or source.base is None:
        return ""
    then, now = (
        {block.id: text_of(block) for block in walk(document.body)} for document in (source.base, source.document)
    )
    edited = [clause for clause in preset.required.get(document, {}) if then.get(clause) != now.get(clause)]
    places = [(clause, preset.places(document, clause)) for clause in edited]
    said = [f"“{clause}”在{_cited(ready, homes)}" for clause, homes in places]
    whole = _cited(ready, (preset.where(document, ""),))
    size = f"{preset.size_label}规模不含这份文件，它的规定并入{whole}"
    return f"{size}；改过的条款：{'，'.join(said)}" if said else size


def _cited(ready: Prepared, places: Iterable[tuple[str, str]]) -> str:
    """Return how blocks are cited, with the file that they are in."""
    said = []
    for home, block in places:
        document = (
            next((document for document in ready.built.set.documents if document.id == home), None)
            if ready.built
            else None
        )
        if document is None or ready.labels is None:
            continue
        try:
            label = ready.labels[home].path(block) if block else ""
        except UnresolvedRef:
            label = ""
        said.append(f"《{document.file_name}》{label}")
    return "、".join(dict.fromkeys(said))


def copied_edits(version: Version, beside: Beside) -> Places:
    """Return the edits of a copy that nothing is taken from; a record's fillings are no edits."""
    return () if beside.kind == "record" else edits(version, beside.source)


def _places(part: Comparison | None) -> Iterator[tuple[str, int]]:
    while part is not None:
        yield from ((head.what, 1) for head in part.head)
        for change in part.changes:
            if change.kind in ("modified", "punctuation"):
                yield change.name, _count(change)
            elif change.kind != "renumbered":
                yield f"{change.name}（{KINDS[change.kind]}）", _count(change)
        part = part.enclosure


def _count(change: Change) -> int:
    """Return in how many places a clause differs: lines that go or come, and runs of changed words in the others."""
    if not change.old or not change.new:
        return 1
    total = 0
    for line in change.lines:
        changed = [False, *(piece.op in "-+" for piece in line.pieces)] if line.side == "=" else [False, True]
        total += sum(now and not before for before, now in pairwise(changed))
    return max(total, 1)


def edit_words(places: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return edited provisions with the number of places, for people."""
    return tuple(f"{name}，{count} 处" for name, count in places)


def as_text(files: Sequence[FileStatus]) -> str:
    """Return the states of files in words: a line for each that changed, and its details below."""
    changed = [file for file in files if file.state != "same"]
    lines: list[str | Paragraph] = []
    for file in changed:
        lines.append(f"{file.name}：{_STATES[file.state]}")
        lines += [Paragraph((detail,), indent=4) for detail in (*edit_words(file.places), *file.remarks)]
    same = len(files) - len(changed)
    lines.append(f"没有改动的 {same} 个" if changed else f"{same} 个文件都没有改动。")
    return text.write(Report("status", sections=(Section("", tuple(lines)),)), clean=visible)
