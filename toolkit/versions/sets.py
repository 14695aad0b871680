"""Two versions of a set compared: documents paired, renames found over all of them, what explains the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz.distance import Indel

from toolkit.compare import Change, Comparison, Side, align, compare, renames
from toolkit.compare.classify import HeadChange
from toolkit.compare.recover import recover
from toolkit.core.findings import Finding, UsageError
from toolkit.docx.reading.document import read_document
from toolkit.model.tree import Document
from toolkit.versions import page_frames
from toolkit.versions.loading import Version
from toolkit.versions.pairing import Source

#: Two foreign files are one document if their titles are so alike (0 to 1).
_SAME_TITLE = 0.6


@dataclass(frozen=True)
class DocumentPair:
    """A document of both versions, or of one: ``status`` is ``same``, ``changed``, ``added`` or ``dropped``.

    ``elsewhere``: the name of the document of the set that is what this one encloses; its changes are told there.
    """

    old: Source | None
    new: Source | None
    comparison: Comparison | None = None
    elsewhere: str = ""

    @property
    def status(self) -> str:
        """What became of the document."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "dropped"
        return "same" if self.comparison is None or self.comparison.same else "changed"

    @property
    def framed(self) -> bool:
        """Whether nothing differs but headers, footers or the page set-up."""
        found = self.comparison
        return found is not None and bool(found.head) and replace(found, head=_unframed(found)).same

    @property
    def source(self) -> Source:
        """The new document, or the old one if it was dropped."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def name(self) -> str:
        """The file name without its ending, or the title."""
        return self.source.file.removesuffix(".docx") or self.source.document.title

    @property
    def parts(self) -> list[Comparison]:
        """The comparison of the document and those of what it encloses, unless that is told elsewhere."""
        found, one = [], self.comparison
        while one is not None:
            found.append(one)
            one = None if self.elsewhere else one.enclosure
        return found

    @property
    def changes(self) -> list[Change]:
        """All changes of the document and of what it encloses."""
        return [change for part in self.parts for change in part.changes]


@dataclass(frozen=True)
class SetComparison:
    """All that differs between two versions. ``parameters`` are (label, before, after)."""

    old: Version
    new: Version
    documents: tuple[DocumentPair, ...]
    names: renames.Renames
    parameters: tuple[tuple[str, str, str], ...]
    findings: tuple[Finding, ...]

    @property
    def same(self) -> bool:
        """Whether no document differs."""
        return all(pair.status == "same" for pair in self.documents)

    def of(self, status: str) -> list[DocumentPair]:
        """Return the documents of a status."""
        return [pair for pair in self.documents if pair.status == status]

    def redlined(self) -> list[DocumentPair]:
        """Return the documents whose text differs: a frame is no text that a redline could show."""
        return [pair for pair in self.of("changed") if not pair.framed]

    def reframed(self) -> list[str]:
        """Return the names of the documents whose headers, footers or pages differ, which no redline can show."""
        changed = [(pair.name, pair.comparison) for pair in self.of("changed")]
        return [name for name, part in changed if part and any(one.what in page_frames.FRAME for one in part.head)]

    def substance(self) -> list[tuple[DocumentPair, Change]]:
        """Return every change of substance."""
        return [(pair, change) for pair in self.documents for change in pair.changes if change.substance]

    def renamed(self) -> int:
        """Return how many clauses changed by nothing but a rename."""
        return sum(change.kind == "renamed" for pair in self.documents for change in pair.changes)


def _unframed(found: Comparison) -> tuple[HeadChange, ...]:
    return tuple(head for head in found.head if head.what not in page_frames.FRAME)


def compare_versions(
    old: Version, new: Version, only: Sequence[str] = (), templates: Sequence[Path] = ()
) -> SetComparison:
    """Compare two versions (or ``only`` some documents of them, by id). ``templates``: folders of the templates of profiles.

    Raises UsageError for an id that neither has.
    """
    paired = list(_paired(old, new, only))
    sides: dict[int, tuple[Source, Source, Side, Side, align.Pairs]] = {}
    texts: list[tuple[str, str]] = []
    for place, (one, other) in enumerate(paired):
        if one is None or other is None:
            continue
        one, other, before, after = _on_terms(old, new, one, other)
        pairs = align.pair_units(before, after)
        sides[place] = (one, other, before, after, pairs)
        texts.extend((before.texts[a], after.texts[b]) for a, b in pairs.pairs.items())
    parameters = _parameters(old, new)
    known = [(before, after) for _, before, after in parameters if _is_value(before) and _is_value(after)]
    names = renames.find(texts, [(old.unit, new.unit), *known])
    documents = []
    for place, (one, other) in enumerate(paired):
        if place in sides:
            one, other, before, after, pairs = sides[place]
            found = compare(before, after, names, pairs)
            found = replace(found, head=(*found.head, *page_frames.differences(one, other, templates)))
            documents.append(DocumentPair(one, other, found))
        else:
            documents.append(DocumentPair(one, other))
    documents = [_told_once(pair, documents) for pair in documents]
    used = {name for pair in documents for change in pair.changes for name in change.names}
    return SetComparison(
        old,
        new,
        tuple(documents),
        tuple(name for name in names if name in used),
        parameters,
        tuple(_left_out(old, new, documents)),
    )


def _left_out(old: Version, new: Version, documents: Sequence[DocumentPair]) -> Iterable[Finding]:
    """Yield what was not compared: headers and footers are, of documents that both versions have."""
    for version, which in ((old, "old"), (new, "new")):
        both = {getattr(pair, which).file for pair in documents if pair.comparison is not None}
        for finding in version.findings:
            if not (finding.subject in page_frames.FRAME and finding.where.file in both):
                yield finding


def _told_once(pair: DocumentPair, documents: Sequence[DocumentPair]) -> DocumentPair:
    """Note where the changes of an enclosure are told, if it is a document of the set on both sides."""
    inside = pair.comparison.enclosure if pair.comparison is not None else None
    if inside is None or inside.same:
        return pair
    for other in documents:
        if other is not pair and other.comparison is not None and not other.comparison.same:
            sides = ((inside.old, other.comparison.old), (inside.new, other.comparison.new))
            if all(
                one.document.title == two.document.title and one.document.body == two.document.body
                for one, two in sides
            ):
                return replace(pair, elsewhere=other.name)
    return pair


def _is_value(text: str) -> bool:
    return 2 <= len(text) <= 40 and not text.isascii() and "{" not in text


def _on_terms(old: Version, new: Version, one: Source, other: Source) -> tuple[Source, Source, Side, Side]:
    """Give a file that was read on one side the terms of the tree on the other side, so that only its text counts.

    Its references to other documents then lead to those of the other side.
    """
    if one.read is not None and one.base is None and other.read is None:
        one = _read_again(one, other.document.numbering)
        one = replace(one, document=recover(new.side(other), _as(one, other)))
        return one, other, Side(one.document, new.labels), new.side(other)
    if other.read is not None and other.base is None and one.read is None:
        other = _read_again(other, one.document.numbering)
        other = replace(other, document=recover(old.side(one), _as(other, one)))
        return one, other, old.side(one), Side(other.document, old.labels)
    return one, other, old.side(one), new.side(other)


def _read_again(source: Source, scheme: str) -> Source:
    """Read a foreign file once more if its numbers were taken for those of another scheme."""
    assert source.read is not None
    if source.document.numbering == scheme or not source.read.foreign:
        return source
    read = read_document(source.read.data, source.file, scheme)
    return replace(source, document=replace(read.document, file_name=source.document.file_name), read=read)


def _as(one: Source, other: Source) -> Document:
    return replace(one.document, id=other.document.id)


def _paired(old: Version, new: Version, only: Sequence[str]) -> Iterable[tuple[Source | None, Source | None]]:
    before, after = list(old.sources), list(new.sources)
    ids = {source.document.id for source in (*before, *after)}
    for name in only:
        if name not in ids:
            raise UsageError(f"两个版本里都没有“{name}”", f"可以写：{'、'.join(sorted(ids)[:8])}")
    if len(before) == len(after) == 1:
        yield before[0], after[0]
        return
    if len(before) == 1 or len(after) == 1:
        yield from _one_of_many(before, after)
        return
    back = {source.document.id: source for source in before}
    found: list[tuple[Source | None, Source | None]] = []
    rest: list[Source] = []
    for source in after:
        match = back.pop(source.document.id, None)
        if match is None:
            rest.append(source)
        found.append((match, source))
    for index, (match, added) in enumerate(found):
        if match is None and added is not None and added in rest:
            near = _alike(added, list(back.values()))
            if near is not None:
                found[index] = (back.pop(near.document.id), added)
    found += [(source, None) for source in back.values()]
    for one, other in found:
        if not only or any(each is not None and each.document.id in only for each in (one, other)):
            yield one, other


def _one_of_many(before: list[Source], after: list[Source]) -> Iterable[tuple[Source | None, Source | None]]:
    """A single file against a folder: the document of that id or title."""
    single, many = (before[0], after) if len(before) == 1 else (after[0], before)
    match = next((one for one in many if one.document.id == single.document.id), None) or _alike(single, many)
    if match is None:
        raise UsageError(f"另一个版本里没有与 {single.file or single.document.title} 对应的文件", "请直接指定两个文件")
    yield (single, match) if len(before) == 1 else (match, single)


def _alike(source: Source, others: list[Source]) -> Source | None:
    """Return the foreign document whose title is most like it; generated ones are known by their ids alone."""
    if source.read is None or not source.read.foreign:
        others = [one for one in others if one.read is not None and one.read.foreign]
    scored = [
        (Indel.normalized_similarity(source.document.title, one.document.title), -place, one)
        for place, one in enumerate(others)
    ]
    best = max(scored, default=(0.0, 0, None), key=lambda one: one[:2])
    return best[2] if best[0] >= _SAME_TITLE else None


def _parameters(old: Version, new: Version) -> tuple[tuple[str, str, str], ...]:
    if not old.values or not new.values:
        return ()
    labels = [*old.values, *(label for label in new.values if label not in old.values)]
    return tuple(
        (label, old.values.get(label, ""), new.values.get(label, ""))
        for label in labels
        if old.values.get(label, "") != new.values.get(label, "")
    )
