"""Counts provisions and labels them (第八条, （一）, 1.), resolves references and prints text; used by writers and checks.

All is computed late from the tree, which holds no numbers. Sources: 立法法 (2023) 第六十五条 for 编 章 节 条 款 项 目;
GB/T 9704-2012, 7.3.3 for 一、（一）1.（1）; 最高人民法院 1956 notice: the only 款 of an article is not cited as 第一款.

Numbers of an outline run on within the nearest labelled ancestor, so that a path of labels is never ambiguous.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from itertools import islice

from toolkit.core.memo import identity, remembered
from toolkit.language.numerals import chinese_numeral, parse_chinese_numeral
from toolkit.language.periods import is_iso_date, print_date
from toolkit.model import tree
from toolkit.model.tree import Block, Document, DocumentSet, FormField, Inlines, Provision, Ref, Table, Text
from toolkit.numbering import citations
from toolkit.numbering.citations import Reference, Spot, UnresolvedRef

FULL_SPACE = "\u3000"
#: Printed check boxes, empty and ticked.
CHECK_BOX = ("☐", "☑")
#: Placeholder of an empty date field where room is short; :mod:`toolkit.docx` widens it.
SHORT_DATE = "　　年　月　日"
#: The same for a time.
SHORT_TIME = "　时　分"
#: Levels of labels of an outline: 一、 （一） 1. （1）.
OUTLINE_DEPTH = 4
_GROUP_LABELS = {"part": "第{}编", "chapter": "第{}章", "section": "第{}节", "article": "第{}条"}

#: Outside an article: blocks by id, articles not entered yet, the count of articles after it.
_Counted = tuple[dict[str, Spot], dict[str, tuple[tuple[Block, ...], tuple[Spot, ...]]], int]
_ARTICLES = ("", "article")


# --- counting ---


class _Counter:
    """Walks one tree. Counters are per (labelled ancestor or parent, level); articles run through the document.

    Articles are not entered: their children are put into ``waiting``, with their ancestors.
    """

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self.waiting: dict[str, tuple[tuple[Block, ...], tuple[Spot, ...]]] = {}
        self.outline = scheme == "outline"
        self.labelled = scheme != "none"
        self.spots: dict[str, Spot] = {}
        self.counters: dict[tuple[str, str], int] = {}

    def visit(self, blocks: tuple[Block, ...], chain: tuple[Spot, ...]) -> None:
        parent = chain[-1].id if chain else ""
        paragraphs = sum(1 for block in blocks if isinstance(block, Provision) and block.level == "paragraph")
        for block in blocks:
            if isinstance(block, Table):
                self.spots.setdefault(block.id, Spot(block.id, "table", "", 0, paragraphs, 0, chain))
                continue
            if block.mark in tree.GONE:  # in a redline only the new text counts
                spot = Spot(block.id, block.level, "", 0, paragraphs, 0, chain)
            else:
                spot = self._spot(block, parent, chain, paragraphs)
            self.spots.setdefault(block.id, spot)
            if not block.children:
                continue
            if block.level == "article" and block.id not in self.waiting:
                self.waiting[block.id] = (block.children, (*chain, spot))
            elif not chain and block.level in tree.GROUPS:
                self._group(block, spot)
            else:
                self.visit(block.children, (*chain, spot))

    def _group(self, block: Provision, spot: Spot) -> None:
        """Count the blocks of a group at the top: only the count of articles runs into it and out of it."""
        spots, waiting, articles = _counted(block, self.scheme, spot, self.counters.get(_ARTICLES, 0))
        self.counters[_ARTICLES] = articles
        # Of an id that is used twice the first counts.
        self.spots.update(spots if self.spots.keys().isdisjoint(spots) else {**spots, **self.spots})
        self.waiting.update(waiting if self.waiting.keys().isdisjoint(waiting) else {**waiting, **self.waiting})

    def _next(self, owner: str, level: str) -> int:
        key = (owner, level)
        self.counters[key] = value = self.counters.get(key, 0) + 1
        return value

    def _spot(self, block: Provision, parent: str, chain: tuple[Spot, ...], paragraphs: int) -> Spot:
        level = block.level
        if level == "paragraph" or not self.labelled:
            return Spot(block.id, level, "", self._next(parent, level), paragraphs, 0, chain)
        if block.number:
            return self._typed(block, parent, chain, paragraphs)
        if self.outline:
            above = [step for step in chain if step.depth]
            depth = min(len(above) + 1, OUTLINE_DEPTH)
            count = self._next(above[-1].id if above else "", "outline")
            return Spot(block.id, level, outline_label(depth, count), count, paragraphs, depth, chain)
        count = self._next("" if level == "article" else parent, level)
        return Spot(block.id, level, article_label(level, count), count, paragraphs, 0, chain)

    def _typed(self, block: Provision, parent: str, chain: tuple[Spot, ...], paragraphs: int) -> Spot:
        """Return the position of a block whose number is text: the count goes on from it."""
        label = typed_label(block)
        above = [step for step in chain if step.depth]
        depth = min(len(above) + 1, OUTLINE_DEPTH) if self.outline else 0
        owner = (above[-1].id if above else "") if self.outline else "" if block.level == "article" else parent
        key = (owner, "outline" if self.outline else block.level)
        number = number_of(label)
        self.counters[key] = number if number else self.counters.get(key, 0) + 1
        return Spot(block.id, block.level, label, self.counters[key], paragraphs, depth, chain, typed=True)


_NUMERAL = re.compile("[零〇一二三四五六七八九十百千万]+|[0-9]+")


@remembered(4096)
def number_of(label: str) -> int:
    """Return the number in a label (第十二条: 12; 第二条之一: 2), 0 where there is none."""
    match = _NUMERAL.search(label)
    if match is None:
        return 0
    try:
        return int(match[0]) if match[0].isdecimal() else parse_chinese_numeral(match[0])
    except ValueError:
        return 0


def typed_label(block: Provision) -> str:
    """Return the number of a block that is text; of a redline that of the new text."""
    return "".join(part.text for part in block.number if isinstance(part, Text) and part.mark != "del")


@remembered(key=identity)
def _counted(group: Provision, scheme: str, spot: Spot, articles: int) -> _Counted:
    """Count the blocks of a group at the top that follows so many ``articles``."""
    inside = _Counter(scheme)
    inside.counters[_ARTICLES] = articles
    inside.visit(group.children, (spot,))
    return inside.spots, inside.waiting, inside.counters[_ARTICLES]


@remembered(4096)
def article_label(level: str, count: int) -> str:
    """Return the label of scheme ``articles``: 第一条, （一）, 1."""
    if level == "subitem":
        return f"{count}."
    numeral = chinese_numeral(count)
    return f"（{numeral}）" if level == "item" else _GROUP_LABELS[level].format(numeral)


@remembered(4096)
def outline_label(depth: int, count: int) -> str:
    """Return the label of scheme ``outline`` at ``depth`` 1 to 4: 一、（一）1.（1） (GB/T 9704-2012, 7.3.3)."""
    if depth == 1:
        return f"{chinese_numeral(count)}、"
    if depth == 2:
        return f"（{chinese_numeral(count)}）"
    return f"{count}." if depth == 3 else f"（{count}）"


# --- labels and references ---

_COUNTING = threading.RLock()


class Labels:
    """The labels of one document, by provision id.

    They are counted when the first is asked for, those inside an article when one of them is: counts never run from one
    article into another except those of the articles themselves. Threads may ask at once: one counts, others wait.
    """

    __slots__ = ("_article_of", "_counter", "_spots", "document")

    def __init__(self, document: Document) -> None:
        self.document = document
        self._counter = _Counter(document.numbering)
        self._spots = self._counter.spots
        self._article_of: dict[str, str] | None = None

    def __contains__(self, provision: str) -> bool:
        return provision in self._articles() or provision in self._spots

    def spot(self, provision: str) -> Spot:
        """Return the position of a block; raises :class:`UnresolvedRef`."""
        spot = self._spots.get(provision)
        if spot is not None:
            return spot
        article = self._articles().get(provision)
        with _COUNTING:
            if provision not in self._spots:
                if article is None:
                    raise UnresolvedRef(f"{self.document.id}#{provision}")
                self._count_inside(article)
            return self._spots[provision]

    def _count_inside(self, article: str) -> None:
        """Count the blocks inside an article, and in articles inside it: a hand can put one into another."""
        waiting = self._counter.waiting
        if article in waiting:
            inside = waiting.pop(article)
            before = len(waiting)
            self._counter.visit(*inside)
            for inner in list(islice(reversed(waiting), len(waiting) - before)):
                self._count_inside(inner)

    def _articles(self) -> dict[str, str]:
        """Return the article around each block inside one, after counting the blocks outside articles."""
        if self._article_of is None:
            with _COUNTING:
                if self._article_of is None:
                    self._counter.visit(self.document.body, ())
                    found: dict[str, str] = {}
                    for article, (blocks, _) in self._counter.waiting.items():
                        for block in _ids_inside(blocks):
                            found.setdefault(block, article)
                    self._article_of = found
        return self._article_of

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
            return Reference(rest=citations.outline_citation(spot))
        if self.document.numbering != "articles":
            raise UnresolvedRef(f"{self.document.id}#{provision}")
        if spot.level in tree.GROUPS:
            above = "".join(group.label for group in spot.chain if group.level in tree.GROUPS)
            if spot.typed:
                return Reference(rest=f"{above}{spot.label}")
            return Reference(live_target=spot.id, live_text=spot.label, prefix=above)
        article = spot.at("article")
        if article is None:
            raise UnresolvedRef(f"{self.document.id}#{provision}")
        if article.typed:
            return Reference(rest=f"{article.label}{citations.below_article(spot, brackets)}")
        return Reference(live_target=article.id, live_text=article.label, rest=citations.below_article(spot, brackets))

    def _cite_table(self, spot: Spot) -> Reference:
        tables = (block for block in tree.walk(self.document.body) if block.id == spot.id and isinstance(block, Table))
        captions = ("".join(part.text for part in table.caption if isinstance(part, Text)).strip() for table in tables)
        if caption := next(filter(None, captions), ""):
            return Reference(rest=f"“{caption}”")
        raise UnresolvedRef(f"{self.document.id}#{spot.id}")


class SetLabels(dict[str, Labels]):
    """The labels of all documents of a set, enclosures included, by document id."""

    def __init__(self, unit: str, kind: str, version: str, labels: Mapping[str, Labels]) -> None:
        super().__init__(labels)
        self.unit = unit
        self.kind = kind
        self.version = version
        self._resolved: dict[tuple[str, str, Ref], Reference] = {}

    def take(self, before: SetLabels) -> None:
        """Take over the labels and references of documents that are the same objects in another set of the unit."""
        same = {id for id, own in self.items() if id in before and before[id].document is own.document}
        self.update({id: before[id] for id in same})
        for key, resolved in list(before._resolved.items()):
            document, _, ref = key
            if document in same and (not ref.document or ref.document in same):
                self._resolved[key] = resolved

    def reference(self, document: str, origin: str, ref: Ref) -> Reference:
        """Resolve ``ref``, which is in block ``origin`` of ``document``; raises :class:`UnresolvedRef`.

        ``origin`` may be empty (title, note); then nothing is relative. Older text in a redline reads
        as it did.
        """
        if ref.shown:
            return Reference(rest=ref.shown)
        key = (document, origin if ref.relative else "", ref)
        resolved = self._resolved.get(key)
        if resolved is None:
            resolved = self._resolved[key] = self._resolve(document, origin, ref)
        return resolved

    def title(self, document: str, ref: Ref) -> str:
        """Return the title in 《》 that a reference in ``document`` to a document shows; raises :class:`UnresolvedRef`."""
        cited = self._known(ref.document or document).document
        return citations.book_title(cited.file_name if ref.brief and cited.file_name else cited.title)

    def _known(self, document: str) -> Labels:
        if document not in self:
            raise UnresolvedRef(document)
        return self[document]

    def _resolve(self, document: str, origin: str, ref: Ref) -> Reference:
        own = self._known(document)
        brackets = own.document.ref_brackets
        if ref.document and ref.document != document:
            title = self.title(document, ref)
            rest = self[ref.document].cite(ref.target, brackets).text if ref.target else ""
            return Reference(prefix="" if ref.untitled and rest else title, rest=rest)
        if not ref.target:
            return Reference(prefix=self.title(document, ref))
        if ref.relative and origin and own.document.numbering == "articles":
            near = citations.relative_citation(own.spot(origin), own.spot(ref.target), brackets)
            if near:
                return Reference(rest=near)
        return own.cite(ref.target, brackets)


@remembered(key=identity)
def _ids_inside(blocks: tuple[Block, ...]) -> tuple[str, ...]:
    return tuple(block.id for block in tree.walk(blocks))


def number_set(document_set: DocumentSet, before: SetLabels | None = None) -> SetLabels:
    """Compute the labels of every document and enclosure. A document of the set wins over an enclosure of its id.

    ``before``: those of an earlier set of the unit, whose documents may be in this one, too.
    """
    labels = {document.id: Labels(document) for document in document_set.documents}
    for document in document_set.documents:
        enclosure = document.enclosure
        while enclosure is not None:
            labels.setdefault(enclosure.id, Labels(enclosure))
            enclosure = enclosure.enclosure
    numbered = SetLabels(document_set.unit, document_set.kind, document_set.preset_version, labels)
    if before is not None:
        numbered.take(before)
    return numbered


# --- text ------------------------------------------------------------------------------------------------------


def field_text(form_field: FormField) -> str:
    """Return the printed text of a field: its value, a box for a check, 　　年　月　日 or 　时　分 if empty, else nothing.

    An empty choice says nothing, though its options are printed (:func:`choice_boxes`).
    """
    value = form_field.value
    if form_field.kind == "check":
        return CHECK_BOX[bool(value)]
    if form_field.kind == "date":
        return print_date(value) if is_iso_date(value) else value or SHORT_DATE
    return value or (SHORT_TIME if form_field.kind == "time" else "")


@remembered(512)
def choice_boxes(options: tuple[str, ...]) -> tuple[str, ...]:
    """Return the options of an empty choice as they are printed, to tick by hand: □是, □否."""
    return tuple(f"□{option}" for option in options)


def inline_text(labels: SetLabels, document: str, origin: str, inlines: Inlines) -> str:
    """Return inlines as printed, references resolved, deleted text left out."""
    parts = []
    for part in inlines:
        if part.mark == "del":
            continue
        if isinstance(part, FormField):
            parts.append(field_text(part))
        else:
            parts.append(part.text if isinstance(part, Text) else labels.reference(document, origin, part).text)
    return "".join(parts)


def date_line(document: Document) -> Inlines:
    """Return the 成文日期 as it is printed: the field of a paper that is dated when it is filled in, else the date."""
    return document.dated or (Text(print_date(document.doc_date)),)


def imprint_date(document: Document) -> str:
    """Return the 印发日期 as it is printed; a blank one for a paper that is dated when it is filled in."""
    if document.dated and not document.printing_date:
        value = next((part.value for part in document.dated if isinstance(part, FormField)), "")
        return print_date(value if is_iso_date(value) else "")
    return print_date(document.printing_date) if document.printing_date else ""


def attachment_lines(attachments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of the 附件说明 (GB/T 9704-2012, 7.3.4): 附件：名称, or 附件：1.名称 and 2.名称."""
    if len(attachments) == 1:
        return (f"附件：{attachments[0]}",)
    return tuple(f"{'附件：' if number == 1 else ''}{number}.{name}" for number, name in enumerate(attachments, 1))


def document_text(document: Document, labels: SetLabels) -> Iterator[tuple[str, str]]:
    """Yield (block id, text as printed) in order, one pair per printed paragraph, labels and references included.

    Head and foot elements (title, note, addressee, attachments, conclusions) come with an empty id. The enclosure
    follows. Text that a template prints of its own (版头, 版记) is not part of it.
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
        yield "", inline_text(labels, document.id, "", date_line(document))
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
            inlines = block.heading if block.level in tree.GROUPS else block.content
            if block.level in tree.GROUPS and label and document.numbering == "articles":
                label += FULL_SPACE
            yield block.id, lead + label + inline_text(labels, document.id, block.id, inlines)
            lead = ""
            yield from _blocks_text(document, labels, block.children, "")


def _article_text(document: Document, labels: SetLabels, article: Provision) -> Iterator[tuple[str, str]]:
    """Yield an article: its label leads the first paragraph, or is beside its heading or alone."""
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
    lines = (line for row in table.rows for cell in row.cells for line in cell.content)
    for text in (inline_text(labels, document.id, table.id, line) for line in lines):
        if text:
            yield table.id, text
