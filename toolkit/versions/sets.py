"""Compares two versions of a set: documents paired, renames looked for in all of them; the result of ``toolkit diff``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz.distance import Indel

from toolkit.compare import Change, Comparison, Side, align, compare, renames
from toolkit.compare.recover import recover
from toolkit.core.findings import Finding, Place, Severity, UsageError
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.inlines import Unread
from toolkit.numbering import typed_numbers
from toolkit.output import sources
from toolkit.versions import page_frames
from toolkit.versions.loading import Version
from toolkit.versions.pairing import Source

#: Two foreign files are one document if their titles are so alike (0 to 1).
_SAME_TITLE = 0.6
#: Codes of findings on the compared files.
_COMPARED = ("number_out_of_order", "renamed_file")
#: An old and a new document; None where a version has none.
Pair = tuple[Source | None, Source | None]


@dataclass(frozen=True)
class DocumentPair:
    """A document of both versions, or of one: ``status`` is ``same``, ``changed``, ``added`` or ``dropped``.

    ``elsewhere``: the name of the document of the set that this one encloses; its changes are reported there.
    """

    old: Source | None
    new: Source | None
    comparison: Comparison | None = None
    elsewhere: str = ""

    @property
    def status(self) -> str:
        """The change of the document as a whole."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "dropped"
        return "same" if self.comparison is None or self.comparison.same else "changed"

    @property
    def framed(self) -> bool:
        """Whether nothing differs but headers, footers or the page set-up."""
        part = self.comparison
        if part is None or not part.head:
            return False
        return replace(part, head=tuple(head for head in part.head if head.what not in page_frames.FRAME)).same

    @property
    def source(self) -> Source:
        """The new document, or the old one if it was dropped."""
        source = self.new or self.old
        assert source is not None
        return source

    @property
    def name(self) -> str:
        """The file name without its ending, or the title."""
        return self.source.file.removesuffix(".docx") or self.source.title

    @property
    def parts(self) -> list[Comparison]:
        """The comparison of the document and those of its enclosures, unless these are reported elsewhere."""
        parts, part = [], self.comparison
        while part is not None:
            parts.append(part)
            part = None if self.elsewhere else part.enclosure
        return parts

    @property
    def changes(self) -> list[Change]:
        """All changes of the document and of its enclosures."""
        return [change for part in self.parts for change in part.changes]


@dataclass(frozen=True)
class SetComparison:
    """All differences between two versions. ``parameters`` are (label, before, after).

    ``unshown``: differences that no output shows, and unreadable files; ``findings``: the parts not compared.
    """

    old: Version
    new: Version
    documents: tuple[DocumentPair, ...]
    names: renames.Renames
    parameters: tuple[tuple[str, str, str], ...]
    findings: tuple[Finding, ...]
    unshown: tuple[Finding, ...] = ()

    @property
    def made_of(self) -> list[str]:
        """Differences of the layers, templates and shared profile of both, and of a preset with one version."""
        found = sources.changes(self.old.made_of, self.new.made_of)
        is_told = self.old.preset != self.new.preset  # the versions of the preset are
        return [pair.compared for pair in found if not (is_told and pair.what.startswith("预设"))]

    @property
    def same(self) -> bool:
        """Whether nothing differs, as far as it was compared."""
        return self.same_documents and not self.unshown

    @property
    def same_documents(self) -> bool:
        """Whether no document has a difference that is shown."""
        return all(pair.status == "same" for pair in self.documents)

    def unshown_of(self, pair: DocumentPair) -> list[Finding]:
        """Return the parts of a pair of documents that are not compared or not shown."""
        files = {source.file for source in (pair.old, pair.new) if source is not None}
        return [finding for finding in self.left_out if finding.where.file in files]

    @property
    def left_out(self) -> list[Finding]:
        """The parts not compared or not shown: the findings without those on the compared files."""
        return [finding for finding in (*self.unshown, *self.findings) if finding.code not in _COMPARED]

    def of(self, status: str) -> list[DocumentPair]:
        """Return the documents of a status."""
        return [pair for pair in self.documents if pair.status == status]

    def redlined(self) -> list[DocumentPair]:
        """Return the documents whose text differs: a redline cannot show a frame."""
        return [pair for pair in self.of("changed") if not pair.framed]

    def reframed(self) -> list[str]:
        """Return the names of the documents whose headers, footers or pages differ, which no redline can show."""
        changed = [(pair.name, pair.comparison) for pair in self.of("changed")]
        return [name for name, part in changed if part and any(head.what in page_frames.FRAME for head in part.head)]

    def substance(self) -> list[tuple[DocumentPair, Change]]:
        """Return every change of substance."""
        return [(pair, change) for pair in self.documents for change in pair.changes if change.substance]

    def renamed(self) -> int:
        """Return how many clauses changed by nothing but a rename."""
        return sum(change.kind == "renamed" for pair in self.documents for change in pair.changes)


def compare_versions(
    old: Version, new: Version, only: Sequence[str] = (), templates: Sequence[Path] = ()
) -> SetComparison:
    """Compare two versions (or ``only`` some documents of them, by id). ``templates``: folders of the templates of profiles.

    Raises UsageError for an id that neither has.
    """
    paired = [_on_terms(old, new, *pair) for pair in _paired(old, new, only)]
    sides: dict[int, tuple[Side, Side, align.Pairs]] = {}
    texts: list[tuple[str, str]] = []
    for index, (_, _, before, after) in enumerate(paired):
        if before is not None and after is not None:
            pairs = align.pair_units(before, after)
            sides[index] = before, after, pairs
            texts.extend(_whole_texts(before, after, pairs))
    labels = dict.fromkeys((*old.values, *new.values)) if old.values and new.values else {}
    values = ((label, old.values.get(label, ""), new.values.get(label, "")) for label in labels)
    parameters = tuple(value for value in values if value[1] != value[2])
    known = [(before, after) for _, before, after in parameters if _is_name(before) and _is_name(after)]
    names = renames.find(texts, [(old.unit, new.unit), *known])
    if names:
        for index, (before, after, pairs) in sides.items():
            sides[index] = before, after, align.with_parts(before, after, pairs, names)
    own = tuple(name for name in names if name[0] in old.unit and old.unit.replace(*name) == new.unit)
    documents = []
    for index, (old_source, new_source, _, _) in enumerate(paired):
        part = None
        if old_source is not None and new_source is not None:
            before, after, pairs = sides[index]
            part = compare(before, after, names, pairs, own)
            part = replace(part, head=(*part.head, *page_frames.differences(old_source, new_source, templates)))
        documents.append(DocumentPair(old_source, new_source, part))
    documents = [_reported_once(pair, documents) for pair in documents]
    used = {name for pair in documents for change in pair.changes for name in change.names}
    names = tuple(name for name in names if name in used)
    left, unshown = tuple(_not_compared(old, new, documents)), tuple(_unshown(old, new, documents))
    return SetComparison(old, new, tuple(documents), names, parameters, left, unshown)


def _whole_texts(old: Side, new: Side, pairs: align.Pairs) -> Iterator[tuple[str, str]]:
    """Yield the texts of paired clauses, those of all parts of a split or a join together."""
    for a, b in pairs.pairs.items():
        before, after = sorted((a, *pairs.joins.get(b, ()))), sorted((b, *pairs.splits.get(a, ())))
        yield "\n".join(old.texts[index] for index in before), "\n".join(new.texts[index] for index in after)


def _unshown(old: Version, new: Version, documents: Sequence[DocumentPair]) -> Iterator[Finding]:
    """Yield differences that no output shows: notes, pictures and the like, and unreadable files."""
    for version in (old, new):
        yield from version.unread.values()
    for pair in documents:
        if pair.old is not None and pair.new is not None:
            before, after = (source.read.left if source.read else Unread() for source in (pair.old, pair.new))
            for kind, was, now in before.differences(after):
                if kind not in (*page_frames.FRAME, "目录"):  # frames are compared, and a 目录 repeats the headings
                    message = f"{kind}不同，没有写进比较结果：旧的{was}，新的{now}"
                    yield Finding("not_shown", Severity.WARNING, message, Place(pair.new.file), subject=kind)


def _not_compared(old: Version, new: Version, documents: Sequence[DocumentPair]) -> Iterable[Finding]:
    """Yield the parts not compared: headers and footers are, of documents that both versions have."""
    for version, which in ((old, "old"), (new, "new")):
        both = {getattr(pair, which).file for pair in documents if pair.comparison is not None}
        for finding in version.findings:
            known = finding.where.file in version.unread or finding.subject in page_frames.FRAME
            if not (known and finding.where.file in both | version.unread.keys()):
                yield finding


def _reported_once(pair: DocumentPair, documents: Sequence[DocumentPair]) -> DocumentPair:
    """Note where the changes of an enclosure are reported, if it is a document of the set on both sides."""
    inside = pair.comparison.enclosure if pair.comparison is not None else None
    if inside is None or inside.same:
        return pair
    for other in documents:
        if other is not pair and other.comparison is not None and not other.comparison.same:
            sides = (
                (inside.old.document, other.comparison.old.document),
                (inside.new.document, other.comparison.new.document),
            )
            if all(enclosed.title == whole.title and enclosed.body == whole.body for enclosed, whole in sides):
                return replace(pair, elsewhere=other.name)
    return pair


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= 40 and not text.isascii() and "{" not in text


def _on_terms(
    old: Version, new: Version, before: Source | None, after: Source | None
) -> tuple[Source | None, Source | None, Side | None, Side | None]:
    """Return a pair with its sides. A foreign file gets the terms of the tree on the other side, so that only its text counts.

    Its references to other documents then lead to those of the other side.
    """
    if before is None or after is None:
        return before, after, None, None
    if before.read is not None or after.read is not None:
        before, after = _with_like_numbers(before, after)
    if before.only_read and after.read is None:
        before = _with_terms_of(new, after, before)
        return before, after, new.side(before), new.side(after)
    if after.only_read and before.read is None:
        after = _with_terms_of(old, before, after)
        return before, after, old.side(before), old.side(after)
    return before, after, old.side(before), new.side(after)


def _with_like_numbers(before: Source, after: Source) -> tuple[Source, Source]:
    """Return two documents whose numbers of a kind are text in both, if they are in one: only so they can be compared."""
    texts = typed_numbers.kinds(before.document) | typed_numbers.kinds(after.document)
    if not texts:
        return before, after
    first, second = (
        replace(earlier, document=typed_numbers.spelled_out(earlier.document, texts)) for earlier in (before, after)
    )
    return first, second


def _with_terms_of(version: Version, known: Source, foreign: Source) -> Source:
    """Return a file with the terms of a tree, read once more if its numbers were taken for those of another scheme."""
    scheme, read, document = known.document.numbering, foreign.read, foreign.document
    assert read is not None
    if document.numbering != scheme and read.foreign:
        read = read_document(read.data, foreign.file, scheme)
        document = replace(read.document, file_name=document.file_name)
    document = recover(version.side(known), replace(document, id=known.document.id))
    return replace(foreign, document=document, read=read)


def _paired(old: Version, new: Version, only: Sequence[str]) -> Iterable[Pair]:
    before, after = list(old.sources), list(new.sources)
    ids = {source.document.id for source in (*before, *after)}
    for name in only:
        if name not in ids:
            raise UsageError(f"两个版本里都没有“{name}”", f"可以写：{'、'.join(sorted(ids)[:8])}")
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    if len(before) == 1:
        return [(before[0], _counterpart(before[0], after))]
    if len(after) == 1:
        return [(_counterpart(after[0], before), after[0])]
    rest = {source.document.id: source for source in before}
    matches = [rest.pop(source.document.id, None) for source in after]
    pairs: list[Pair] = []
    for match, source in zip(matches, after, strict=True):
        if match is None and (match := _alike(source, list(rest.values()))):
            del rest[match.document.id]
        pairs.append((match, source))
    pairs += [(source, None) for source in rest.values()]
    pairs = [pair for pair in pairs if not _is_unread(old, new, *pair)]
    return [pair for pair in pairs if not only or any(source and source.document.id in only for source in pair)]


def _is_unread(old: Version, new: Version, before: Source | None, after: Source | None) -> bool:
    """Whether a document seems to be of one version only because its file cannot be read in the other."""
    source, other = (before, new) if after is None else (after, old)
    if source is None or (before is not None and after is not None):
        return False
    return any(source.document.id == finding.subject or source.file == name for name, finding in other.unread.items())


def _counterpart(single: Source, many: list[Source]) -> Source:
    """Return the document of a folder with the id or title of a single file."""
    match = next((source for source in many if source.document.id == single.document.id), None) or _alike(single, many)
    if match is None:
        raise UsageError(f"另一个版本里没有与 {single.file or single.title} 对应的文件", "请直接指定两个文件")
    return match


def _alike(source: Source, others: list[Source]) -> Source | None:
    """Return the foreign document whose title is most like it; generated ones are known by their ids alone."""
    if source.read is None or not source.read.foreign:
        others = [other for other in others if other.read is not None and other.read.foreign]
    scores = [Indel.normalized_similarity(source.title, other.title) for other in others]
    best = max(scores, default=0.0)
    return others[scores.index(best)] if best >= _SAME_TITLE else None
