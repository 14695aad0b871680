"""Finds what was edited by hand in an output folder since it was generated (``toolkit status``; used by merges)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.checks.clauses import met_in
from toolkit.checks.contracts import text_of
from toolkit.compare import Change, Comparison, Side, align, compare
from toolkit.compare.classify import KINDS
from toolkit.core.findings import FileError, Finding, Place, Severity
from toolkit.language.columns import visible
from toolkit.model.tree import DocumentSet, walk
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import number_set
from toolkit.output import read_manifest, seal
from toolkit.presets.spec import Preset, Required
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
    "missing": "不在了",
    "unread": "读不了",
    "unknown": "不是这里生成的",
    "same": "没有改动",
}
#: Edited provisions, each with the number of places.
Places = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FileStatus:
    """``state``: ``same``, ``edited``, ``filled`` (a form with something filled in), ``missing``, ``unread`` (cannot be read),
    ``unknown`` (not generated here, or not under this name).

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


def status(folder: Path) -> list[FileStatus]:
    """Return the state of every file of a folder. Raises FileError for a folder that was not generated."""
    manifest = check_generated(folder)["files"]
    version = load_folder(folder)
    there = {name: entry for name, entry in manifest.items() if not is_gone_paper(folder, name, entry)}
    states = [_listed(folder, name, entry["seal"], version) for name, entry in there.items()]
    for source in version.sources:
        if source.file not in manifest:
            remarks = (f"是改了名的 {source.listed}",) if source.renamed else ()
            places = edits(version, source) if source.renamed else ()
            states.append(FileStatus(source.file, "unknown", places, remarks))
    for other in version.beside:
        states.append(FileStatus(other.source.file, "unknown", copied_edits(version, other), (other.words,)))
    states += [_unread(finding) for name, finding in version.unread.items() if name not in manifest]
    return sorted(states, key=lambda state: state.name)


def is_gone_paper(folder: Path, name: str, entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a manifest is of a paper on demand that was taken elsewhere: nobody misses it here."""
    return bool(entry.get("on_demand")) and not (folder / name).is_file()


def check_generated(folder: Path) -> dict:
    """Return the manifest of a folder. Raises FileError for one that is not there or was not generated."""
    if not folder.is_dir():
        raise FileError(f"找不到文件夹 {folder}", "请检查路径", code="not_found")
    manifest = read_manifest(folder)
    if not manifest:
        raise FileError(f"{folder} 不是 toolkit generate 写入的文件夹", "里面没有 manifest.json", code="no_manifest")
    return manifest


def _listed(folder: Path, name: str, generated: str, version: Version) -> FileStatus:
    """Return the state of a file of the manifest, where its seal is ``generated``."""
    if not (folder / name).is_file():
        now = next((source.file for source in version.sources if source.listed == name), "")
        return FileStatus(name, "missing", (), (f"改名为 {now}",) if now else ())
    if name in version.unread:
        return _unread(version.unread[name])
    if seal(name, read_bytes(folder / name)) == generated:
        return FileStatus(name, "same")
    source = next((source for source in version.sources if source.file == name), None)
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


def _unread(finding: Finding) -> FileStatus:
    remarks = tuple(filter(None, (finding.message, finding.hint)))
    return FileStatus(finding.where.file, "unread", (), remarks)


def edits(version: Version, source: Source) -> Places:
    """Return the provisions of a file that were edited by hand, each with the number of places: 第八条, 2.

    The file is compared with its base, and its frame with those of files that nobody edited.
    """
    if source.base is None or not source.edited:
        return ()
    generated = tuple(file.base for file in version.sources if file.base is not None)
    labels = number_set(DocumentSet(version.kind, version.preset, version.unit, generated))
    part = compare(Side(source.base, labels), version.side(source))
    frame = page_frames.since_generated(version, source) or ()
    return tuple(_places(replace(part, head=(*part.head, *frame))))


def moved_to(ready: Prepared, source: Source) -> str:
    """Return where the rules of an edited file stand in a set whose size has it no more, the edited clauses first; or "".

    The clause of the file that was edited is compared with its base; the set says where it is met now.
    """
    preset, document = ready.preset, source.document.id
    if preset is None or document not in preset.dropped or source.base is None:
        return ""
    then, now = ({block.id: text_of(block) for block in walk(one.body)} for one in (source.base, source.document))
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
        document = next((one for one in ready.built.set.documents if one.id == home), None) if ready.built else None
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


def required_at(preset: Preset) -> dict[str, dict[str, Required]]:
    """Return the required clauses by document and block that meets them, in the size of the set."""
    blocks = met_in(preset)
    return {
        home: {block: preset.required[document][clause] for block, (document, clause) in inside.items()}
        for home, inside in blocks.items()
    }


def deleted_required(required: Mapping[str, Required], then: Side, now: Side) -> Iterator[Finding]:
    """Yield the required clauses of a generated document (``then``) that a hand deleted from it (``now``), as errors.

    ``required``: those of the document, by id. A clause that was typed anew without its id is there.
    """
    pairs = align.pair_units(then, now).pairs
    present = {block.id for block in walk(now.document.body)}
    text = "\n".join(now.texts)
    for index, unit in enumerate(then.units):
        for block in walk((unit.block,)):
            known = required.get(block.id)
            whole = block.id == unit.block.id
            if known is None or block.id in present or (index in pairs if whole else then.text(block) in text):
                continue
            message = f"手工删去了必备的{then.cite(block)}（{known.what}）"
            where = Place(document=then.document.id, provision=block.id)
            hint = "请恢复这一条，或者改写后保留它的内容"
            yield Finding("missing_clause", Severity.ERROR, message, where, hint, known.basis, subject=block.id)


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
