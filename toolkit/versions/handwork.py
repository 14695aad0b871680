"""What was edited by hand in an output folder since it was generated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.compare import Change, Comparison, compare
from toolkit.compare.classify import KINDS
from toolkit.core.findings import FileError
from toolkit.language.columns import visible
from toolkit.output import read_manifest, seal
from toolkit.reports import text
from toolkit.reports.report import Paragraph, Report, Section
from toolkit.versions import page_frames
from toolkit.versions.loading import Version, load_folder, read_bytes
from toolkit.versions.pairing import Beside, Source


@dataclass(frozen=True)
class FileStatus:
    """``state``: ``same``, ``edited``, ``missing``, ``unknown`` (not generated here, or not under this name).

    ``places``: (provision, count) of an edited file, and of a renamed file or copy that was edited.
    """

    name: str
    state: str
    places: tuple[tuple[str, int], ...] = ()
    remarks: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the state as JSON-ready data (the contract of ``toolkit status --json``)."""
        places = [{"provision": name, "count": count} for name, count in self.places]
        return {"file": self.name, "state": self.state, "remarks": list(self.remarks), "places": places}


def status(folder: Path) -> list[FileStatus]:
    """Return the state of every file of a folder. Raises FileError for a folder that was not generated."""
    manifest = check_generated(folder)
    version = load_folder(folder)
    sources = {source.file: source for source in version.sources}
    out = [_one(folder, name, entry, sources, version) for name, entry in manifest["files"].items()]
    out += [_unlisted(version, source) for name, source in sources.items() if name not in manifest["files"]]
    out += [FileStatus(one.source.file, "unknown", copied_edits(version, one), (one.words,)) for one in version.beside]
    return sorted(out, key=lambda one: one.name)


def _unlisted(version: Version, source: Source) -> FileStatus:
    """Return the state of a file that the manifest does not name: a renamed one, or somebody's own."""
    if not source.renamed:
        return FileStatus(source.file, "unknown")
    found = tuple(places(against_base(version, source))) if source.base is not None and source.edited else ()
    return FileStatus(source.file, "unknown", found, (f"是改了名的 {source.listed}",))


def copied_edits(version: Version, beside: Beside) -> tuple[tuple[str, int], ...]:
    """Return where a copy that nothing is taken from was edited by hand; what a record was filled with is no edit."""
    source = beside.source
    if beside.kind == "record" or source.base is None or not source.edited:
        return ()
    return tuple(places(against_base(version, source)))


def check_generated(folder: Path) -> dict:
    """Return the manifest of a folder. Raises FileError for one that is not there or was not generated."""
    if not folder.is_dir():
        raise FileError(f"找不到文件夹 {folder}", "请检查路径", code="not_found")
    manifest = read_manifest(folder)
    if not manifest:
        raise FileError(f"{folder} 不是 toolkit generate 写入的文件夹", "里面没有 manifest.json", code="no_manifest")
    return manifest


def _one(folder: Path, name: str, entry: dict, sources: dict[str, Source], version: Version) -> FileStatus:
    if not (folder / name).is_file():
        now = next((source.file for source in sources.values() if source.listed == name), "")
        return FileStatus(name, "missing", (), (f"改名为 {now}",) if now else ())
    if seal(name, read_bytes(folder / name)) == entry["seal"]:
        return FileStatus(name, "same")
    source = sources.get(name)
    if source is None:
        return FileStatus(name, "edited")
    findings = source.read.findings if source.read else []
    if source.base is not None and page_frames.since_generated(version, source) is not None:
        findings = [finding for finding in findings if finding.subject not in page_frames.FRAME]
    remarks = tuple(finding.message for finding in findings)
    if source.base is None:
        return FileStatus(name, "edited", (), (*remarks, "没有生成时的底稿，说不出改了哪几条"))
    found = tuple(places(against_base(version, source)))
    remarks += tuple(f"“{one}”所附的同一文件没有这些改动" for one in _enclosing(version, source)) if found else ()
    return FileStatus(name, "edited", found, remarks if found or remarks else ("文字没有改动，改的可能是格式",))


def _enclosing(version: Version, source: Source) -> Iterator[str]:
    """Yield the files that enclose the document as it was generated: who edits one has to edit the other."""
    for other in version.sources:
        inside = other.base.enclosure if other.base is not None and other.read is None else None
        if inside is not None and source.base is not None and inside.body == source.base.body:
            yield other.file


def against_base(version: Version, source: Source) -> Comparison:
    """Compare an edited file with what it was generated from, its frame with those of files that nobody edited."""
    from toolkit.compare import Side
    from toolkit.model.tree import DocumentSet
    from toolkit.numbering.labels import number_set

    assert source.base is not None
    generated = tuple(one.base for one in version.sources if one.base is not None)
    labels = number_set(DocumentSet(version.kind, version.preset, version.unit, generated))
    found = compare(Side(source.base, labels), version.side(source))
    return replace(found, head=(*found.head, *(page_frames.since_generated(version, source) or ())))


def places(comparison: Comparison) -> Iterator[tuple[str, int]]:
    """Yield each edited provision with the number of places: 第八条, 2."""
    part: Comparison | None = comparison
    while part is not None:
        for head in part.head:
            yield head.what, 1
        for change in part.changes:
            if change.kind == "renumbered":
                continue
            name = (
                change.name if change.kind in ("modified", "punctuation") else f"{change.name}（{KINDS[change.kind]}）"
            )
            yield name, count(change)
        part = part.enclosure


def count(change: Change) -> int:
    """Return in how many places a clause differs."""
    if not change.old or not change.new:
        return 1
    total = 0
    for line in change.lines:
        if line.side != "=":
            total += 1
            continue
        inside = False
        for piece in line.pieces:
            changed = piece.op in "-+"
            total += changed and not inside
            inside = changed
    return max(total, 1)


_STATES = {"edited": "改过", "missing": "不在了", "unknown": "不是这里生成的", "same": "没有改动"}


def as_text(files: Sequence[FileStatus]) -> str:
    """Return the states of files in words: a line for each that changed, and under it where."""
    changed = [file for file in files if file.state != "same"]
    lines: list[str | Paragraph] = []
    for file in changed:
        lines.append(f"{file.name}：{_STATES[file.state]}")
        details = [*(f"{name}，{count} 处" for name, count in file.places), *file.remarks]
        lines += [Paragraph((detail,), indent=4) for detail in details]
    same = len(files) - len(changed)
    lines.append(f"没有改动的 {same} 个" if changed else f"{same} 个文件都没有改动。")
    return text.write(Report("status", sections=(Section("", tuple(lines)),)), clean=visible)
