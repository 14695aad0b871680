"""Labels (第八条, （一）, 1.) and the text of references, computed late from the tree.

Sources: 立法法 (2023) 第六十五条 for 编 章 节 条 款 项 目; GB/T 9704-2012, 7.3.3 for 一、（一）1.（1）;
最高人民法院 1956 notice: the only 款 of an article is not cited as 第一款.

Numbers of an outline run on within the nearest labelled ancestor, so that a path of labels is never ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from toolkit.core.memo import identity, remembered
from toolkit.language.periods import is_iso_date, print_date
from toolkit.model.tree import (
    GROUPS,
    Block,
    Document,
    DocumentSet,
    FormField,
    Inlines,
    Provision,
    Ref,
    Table,
    Text,
    walk,
)
from toolkit.numbering.citations import (
    Reference,
    Spot,
    UnresolvedRef,
    below_article,
    book_title,
    outline_citation,
    relative_citation,
)
from toolkit.numbering.counting import Numberer

FULL_SPACE = "\u3000"
#: What a check box prints as, empty and ticked.
CHECK_BOX = ("☐", "☑")
#: What an empty date field prints where room is short; :mod:`toolkit.docx` widens it.
SHORT_DATE = "　　年　月　日"
#: The same for a time.
SHORT_TIME = "　时　分"


class Labels:
    """The labels of one document, by provision id.

    They are counted when the first is asked for, those inside an article when one of them is: counts never run from one
    article into another except those of the articles themselves.
    """

    __slots__ = ("_inside", "_numberer", "_spots", "_waiting", "document")

    def __init__(self, document: Document) -> None:
        self.document = document
        self._numberer = Numberer(document.numbering)
        self._spots = self._numberer.spots
        self._waiting = self._numberer.waiting
        self._inside: dict[str, str] | None = None

    def __contains__(self, provision: str) -> bool:
        return provision in self._owners() or provision in self._spots

    def spot(self, provision: str) -> Spot:
        """Return where the block stands; raises :class:`UnresolvedRef`."""
        try:
            return self._spots[provision]
        except KeyError:
            article = self._owners().get(provision)
        if provision in self._spots:
            return self._spots[provision]
        if article is None:
            raise UnresolvedRef(f"{self.document.id}#{provision}")
        if article in self._waiting:
            self._numberer.visit(*self._waiting.pop(article))
        return self._spots[provision]

    def _owners(self) -> dict[str, str]:
        """Count what stands outside articles, if it is not yet; return the article around each block inside one."""
        if self._inside is None:
            self._numberer.visit(self.document.body, ())
            self._inside = {}
            for article, (blocks, _) in self._waiting.items():
                for block in _ids_inside(blocks):
                    self._inside.setdefault(block, article)
        return self._inside

    def label(self, provision: str) -> str:
        """Return the label in front of the provision (第八条, （一）, 1.) or ``""``."""
        return self.spot(provision).label

    def path(self, provision: str) -> str:
        """Return how the provision is cited in full (第八条第二款第三项); raises :class:`UnresolvedRef`."""
        return self.cite(provision).text

    def cite(self, provision: str, brackets: bool | None = None) -> Reference:
        """Return the absolute citation. ``brackets`` (default: the document's ``ref_brackets``) gives 第（三）项."""
        spot = self.spot(provision)
        if brackets is None:
            brackets = self.document.ref_brackets
        if spot.level == "table":
            return self._cite_table(spot)
        if self.document.numbering == "outline":
            return Reference(rest=outline_citation(spot))
        if self.document.numbering != "articles":
            raise UnresolvedRef(f"{self.document.id}#{provision}")
        if spot.level in GROUPS:
            above = "".join(group.label for group in spot.chain if group.level in GROUPS)
            return Reference(live_target=spot.id, live_text=spot.label, prefix=above)
        article = spot.at("article")
        if article is None:
            raise UnresolvedRef(f"{self.document.id}#{provision}")
        return Reference(live_target=article.id, live_text=article.label, rest=below_article(spot, brackets))

    def _cite_table(self, spot: Spot) -> Reference:
        for block in walk(self.document.body):
            if block.id == spot.id and isinstance(block, Table):
                caption = "".join(part.text for part in block.caption if isinstance(part, Text)).strip()
                if caption:
                    return Reference(rest=f"“{caption}”")
        raise UnresolvedRef(f"{self.document.id}#{spot.id}")


class SetLabels(Mapping[str, Labels]):
    """The labels of all documents of a set, enclosures included, by document id."""

    def __init__(self, unit: str, kind: str, version: str, labels: Mapping[str, Labels]) -> None:
        self.unit = unit
        self.kind = kind
        self.version = version
        self._labels = labels
        self._resolved: dict[tuple[str, str, Ref], Reference] = {}

    def __getitem__(self, document: str) -> Labels:
        return self._labels[document]

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)

    def reference(self, document: str, origin: str, ref: Ref) -> Reference:
        """Resolve ``ref``, standing in block ``origin`` of ``document``; raises :class:`UnresolvedRef`.

        ``origin`` may be empty (title, note); then nothing is relative. What a redline keeps of the older text reads
        as it did.
        """
        if ref.shown:
            return Reference(rest=ref.shown)
        key = (document, origin if ref.relative else "", ref)
        found = self._resolved.get(key)
        if found is None:
            found = self._resolved[key] = self._resolve(document, origin, ref)
        return found

    def title(self, document: str, ref: Ref) -> str:
        """Return the title in 《》 that a reference in ``document`` to a document shows; raises :class:`UnresolvedRef`."""
        own = self._labels.get(ref.document or document)
        if own is None:
            raise UnresolvedRef(ref.document or document)
        return _title(own.document, ref)

    def _resolve(self, document: str, origin: str, ref: Ref) -> Reference:
        own = self._labels.get(document)
        if own is None:
            raise UnresolvedRef(document)
        if ref.document and ref.document != document:
            return self._elsewhere(own, ref)
        if not ref.target:
            return Reference(prefix=self.title(document, ref))
        brackets = own.document.ref_brackets
        if ref.relative and origin and own.document.numbering == "articles":
            near = relative_citation(own.spot(origin), own.spot(ref.target), brackets)
            if near:
                return Reference(rest=near)
        return own.cite(ref.target, brackets)

    def _elsewhere(self, own: Labels, ref: Ref) -> Reference:
        other = self._labels.get(ref.document)
        if other is None:
            raise UnresolvedRef(ref.document)
        title = self.title("", ref)
        if not ref.target:
            return Reference(prefix=title)
        return Reference(prefix=title, rest=other.cite(ref.target, own.document.ref_brackets).text)


def _title(document: Document, ref: Ref) -> str:
    return book_title(document.file_name if ref.brief and document.file_name else document.title)


# --- labels ----------------------------------------------------------------------------------------------------


def number(document: Document) -> Labels:
    """Compute the labels of one document (an enclosure is numbered on its own, with :func:`number_set`)."""
    return Labels(document)


@remembered(key=identity)
def _ids_inside(blocks: tuple[Block, ...]) -> tuple[str, ...]:
    return tuple(block.id for block in walk(blocks))


def number_set(document_set: DocumentSet) -> SetLabels:
    """Compute the labels of every document and enclosure. A document of the set wins over an enclosure of its id."""
    labels = {document.id: number(document) for document in document_set.documents}
    for document in document_set.documents:
        enclosure = document.enclosure
        while enclosure is not None:
            if enclosure.id not in labels:
                labels[enclosure.id] = number(enclosure)
            enclosure = enclosure.enclosure
    return SetLabels(document_set.unit, document_set.kind, document_set.preset_version, labels)


# --- text ------------------------------------------------------------------------------------------------------


def field_text(form_field: FormField) -> str:
    """Return what a field says: its value, a box for a check, 　　年　月　日 or 　时　分 if empty, else nothing.

    An empty choice says nothing, though its options are printed (:func:`choice_boxes`).
    """
    if form_field.kind == "check":
        return CHECK_BOX[bool(form_field.value)]
    if form_field.kind == "date":
        value = form_field.value
        return print_date(value) if is_iso_date(value) else value or SHORT_DATE
    if form_field.kind == "time":
        return form_field.value or SHORT_TIME
    return form_field.value


def choice_boxes(options: Iterable[str]) -> tuple[str, ...]:
    """Return the options of an empty choice as they are printed, to tick by hand: □是, □否."""
    return tuple(f"□{option}" for option in options)


def inline_text(labels: SetLabels, document: str, origin: str, inlines: Inlines) -> str:
    """Return inlines as printed, references resolved, deleted text left out."""
    parts = []
    for part in inlines:
        if part.mark == "del":
            continue
        if isinstance(part, Text):
            parts.append(part.text)
        elif isinstance(part, Ref):
            parts.append(labels.reference(document, origin, part).text)
        else:
            parts.append(field_text(part))
    return "".join(parts)


def attachment_lines(attachments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of the 附件说明 (GB/T 9704-2012, 7.3.4): 附件：名称, or 附件：1.名称 and 2.名称."""
    if len(attachments) == 1:
        return (f"附件：{attachments[0]}",)
    return tuple(f"{'附件：' if place == 1 else ''}{place}.{name}" for place, name in enumerate(attachments, 1))


def document_text(document: Document, labels: SetLabels) -> Iterator[tuple[str, str]]:
    """Yield (block id, text as printed) in order, one pair per printed paragraph, labels and references included.

    Head and foot elements (title, note, addressee, attachments, conclusions) come with an empty id. The enclosure
    follows. What a template prints of its own (版头, 版记) is not part of it.
    """
    yield "", document.title
    for inlines in (document.note, (Text(document.subtitle),), document.addressee):
        text = inline_text(labels, document.id, "", inlines)
        if text:
            yield "", text
    yield from _blocks_text(document, labels, document.body, "")
    for line in attachment_lines(document.attachments):
        yield "", line
    if document.conclusions:
        if document.issuer:
            yield "", document.issuer
        yield "", print_date(document.doc_date)
    if document.enclosure is not None:
        yield from document_text(document.enclosure, labels)


def _blocks_text(
    document: Document, labels: SetLabels, blocks: tuple[Block, ...], lead: str
) -> Iterator[tuple[str, str]]:
    own = labels[document.id]
    for block in blocks:
        if isinstance(block, Table):
            yield from _table_text(document, labels, block)
        elif block.level == "article":
            yield from _article_text(document, labels, block)
        else:
            label = own.label(block.id)
            inlines = block.heading if block.level in GROUPS else block.content
            if block.level in GROUPS and label and document.numbering == "articles":
                label += FULL_SPACE
            yield block.id, lead + label + inline_text(labels, document.id, block.id, inlines)
            lead = ""
            yield from _blocks_text(document, labels, block.children, "")


def _article_text(document: Document, labels: SetLabels, article: Provision) -> Iterator[tuple[str, str]]:
    """Yield an article: its label leads the first paragraph, or stands with its heading or alone."""
    lead = labels[document.id].label(article.id)
    if document.numbering == "articles":
        lead += FULL_SPACE
    elif article.heading:
        yield article.id, lead + inline_text(labels, document.id, article.id, article.heading)
        lead = ""
    if lead and not starts_with_text(article):
        yield article.id, lead
        lead = ""
    yield from _blocks_text(document, labels, article.children, lead)


def starts_with_text(article: Provision) -> bool:
    """Whether the article's label can lead its first child (a paragraph)."""
    first = article.children[0] if article.children else None
    return isinstance(first, Provision) and first.level == "paragraph"


def _table_text(document: Document, labels: SetLabels, table: Table) -> Iterator[tuple[str, str]]:
    if table.caption:
        yield table.id, inline_text(labels, document.id, table.id, table.caption)
    for row in table.rows:
        for cell in row.cells:
            for line in cell.content:
                text = inline_text(labels, document.id, table.id, line)
                if text:
                    yield table.id, text
