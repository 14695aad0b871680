"""Builds the tree of every document from resolved names and templates; used by :mod:`toolkit.app`.

Reads a :class:`~toolkit.compose.resolve.Resolved`; makes a :class:`Built`. Prose is built first (conditions, repetition, derived
ids, final punctuation of items), tables after it, because a table may refer to the clauses that quote its duties.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from typing import Any
from zlib import crc32

from toolkit.compose import shared
from toolkit.compose.again import Asked, OfSet, Part, Parts, TracedScope, asked_for
from toolkit.compose.entries import Record
from toolkit.compose.resolve import MEETING, Resolved
from toolkit.compose.tables import build_grid, build_table
from toolkit.compose.texts import Collector, DocumentText, Quote
from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place
from toolkit.language import periods
from toolkit.language.numerals import chinese_numeral
from toolkit.model.tree import GROUPS, Block, Document, DocumentSet, FormField, Inlines, Provision, Table, Text, plain
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import DocumentTemplate, GridTemplate, Preset, TableTemplate, walk

#: Codes of this package's findings: severity and meaning.
CODES: dict[str, str] = {
    "absent_name": "error: a text uses an organisation entry, duty, meeting or document that this unit does not have",
    "empty_value": "warning: a text uses a value that is empty",
    "tag_too_long": "error: the tag of a form field in a repeated row is too long",
    "missing_enclosure": "error: a notice issues a document that is not in the set",
    "bad_date": "error: a date of the front matter is no date",
}

#: Room for the name of the 签发人.
_APPROVER_BLANK = "　" * 4
#: Parent of top-level blocks without an id.
ROOT = "body"
#: Word's bookmark names end at 40 characters; one is the underscore before the id.
BOOKMARK_ID_MAX = 39
#: A caption with a number of its part.
_NUMBERED = re.compile("([一二三四五六七八九十]+)、")
#: After these an item takes no further mark.
_CLOSED = ("。", "；", "：", "！", "？", "…", "。”", "。）", "。》")

#: Texts of the front matter that a document has as they are printed, without references and with them.
_PLAIN = frozenset({"subtitle", "doc_number", "issuer", "issuer_mark", "on_demand", "copy_to", "printing_office"})
_RICH = frozenset({"note", "addressee", "dated"})

_Pending = GridTemplate | TableTemplate


@dataclass(frozen=True, slots=True)
class Built:
    """The set with where its texts came from.

    ``sources`` gives the preset's file and line by document and provision; ``quotes`` which provision or table quotes
    which duty; ``dropped`` why a clause (or with an empty clause id a whole document) is not there. ``parts``: what the next set
    of the unit is built from, where it was asked for.
    """

    set: DocumentSet
    sources: Mapping[tuple[str, str], Place]
    quotes: tuple[Quote, ...]
    dropped: Mapping[tuple[str, str], str]
    findings: tuple[Finding, ...]
    parts: Parts | None = field(default=None, compare=False, repr=False)


def build(resolved: Resolved, before: Built | None = None) -> Built:
    """Build every document whose condition holds, in order of number.

    With a :class:`TracedScope` the unit can be built again after an edit: documents that read the same are taken
    from ``before``; the result is the same without it.
    """
    preset, scope, collector = resolved.preset, resolved.scope, Collector(shared.duties(frozenset(resolved.duties)))
    for (document, clause), place in preset.removed.items():
        if document:
            collector.dropped[document, clause] = f"由 {place.file} 第{place.line}行去掉"
    of_set = OfSet(resolved, collector.in_effect, tuple([scope.render(parts).strip() for parts in preset.unbreakable]))
    kept = before.parts.same_in(of_set) if before is not None and before.parts is not None else {}
    drafts: list[_Draft] = []
    for template in preset.documents.values():
        if not scope.holds(template.when, local={MEETING: template.meeting}):
            collector.dropped[template.id, ""] = f"条件“{template.when.text if template.when else ''}”不成立"
        elif template.issues_each and not scope.text(f"title.{template.encloses}"):
            collector.dropped[template.id, ""] = f"要印发的“{template.encloses}”不在这套文件里"
        elif isinstance(scope, TracedScope):
            drafts.append(_WatchedDraft(template, of_set, collector, scope, kept.get(template.id)))
        else:
            drafts.append(_Draft(template, of_set, collector))
    documents = {draft.template.id: draft.document() for draft in drafts}
    watched = {draft.template.id: draft.part for draft in drafts if isinstance(draft, _WatchedDraft)}
    if isinstance(scope, TracedScope):
        scope.seal()
    for draft in drafts:
        _enclose(draft.template, preset, documents, collector)
        _list_issued(draft.template, documents)
    duties = tuple(resolved.duties.values())
    whole = DocumentSet(preset.id, preset.version, resolved.unit, tuple(documents.values()), duties, resolved.year)
    gathered = (collector.sources, tuple(collector.quotes), collector.dropped, tuple(collector.findings))
    return Built(whole, *gathered, Parts(of_set, watched) if watched else None)


class _Draft:
    """A document while the set is built: its prose first, the rest when the clauses of all documents are known."""

    def __init__(self, template: DocumentTemplate, of_set: OfSet, collector: Collector) -> None:
        self.template, self.of_set, self.collector = template, of_set, collector
        self.begin()

    def begin(self) -> None:
        """Build the prose; tables stay templates for now."""
        self.text = DocumentText(self.of_set.resolved.scope, self.template, self.collector)
        self.blocks = _prose(self.template, self.text)

    def document(self) -> Document:
        """Return the document, without an enclosure."""
        return _document(self.text, _tables(self.blocks, self.text), self.of_set)


class _WatchedDraft(_Draft):
    """The same of a unit that is built again; documents that read the same in the ``part`` of the set before are reused."""

    def __init__(
        self, template: DocumentTemplate, of_set: OfSet, collector: Collector, scope: TracedScope, part: Part | None
    ) -> None:
        self.scope, self.known = scope, part
        self.asked: set[Asked] = set()
        super().__init__(template, of_set, collector)

    def begin(self) -> None:
        """Build the prose, or take it."""
        if self.known is None:
            with self._watched():
                self.text = DocumentText(self.scope, self.template, self.collector)
                self.blocks, self.prose = shared.collected(_prose, self.template, self.text)
        else:
            self.blocks, self.prose = self.known.blocks, self.known.prose
            self.collector.add(self.known.prose)

    def document(self) -> Document:
        """Return the document, without an enclosure; ``part`` is the source it was made from."""
        known = self.known
        if known is not None and known.cites_the_same(self.collector):
            self.collector.add(known.rest)
            self.part = known
            return known.document
        with self._watched():
            if known is not None:
                self.asked |= known.asked
                self.text = DocumentText(self.scope, self.template, self.collector)
            document, rest = shared.collected(lambda *_: _Draft.document(self), self.template, self.text)
        asked = asked_for(frozenset(self.asked))
        self.part = Part(self.blocks, document, asked, self.text.asked_cited, self.prose, rest)
        return document

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self.scope.watching = self.asked
        yield
        self.scope.watching = None


@shared.built_once(shared.prose_key)
def _prose(template: DocumentTemplate, text: DocumentText) -> tuple[Block | _Pending, ...]:
    """Build the prose of a body; tables stay templates for now."""
    builder = ProseBuilder(text)
    parts = (builder.top(block) if isinstance(block, TemplateBlock) else (block,) for block in template.body)
    return tuple([part for several in parts for part in several])


def _tables(blocks: Sequence[Block | _Pending], text: DocumentText) -> tuple[Block, ...]:
    """Build the tables that are still templates."""
    done: list[Block | None] = []
    for block in blocks:
        if isinstance(block, GridTemplate):
            done.append(build_grid(block, text))
        else:
            done.append(build_table(block, text) if isinstance(block, TableTemplate) else block)
    return shared.body(_captions([block for block in done if block is not None]))


def _captions(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Number the captions that begin with a number (三、账号) by the parts that are printed: one may have been left out."""
    numbers, numbered = itertools.count(1), []
    for block in blocks:
        first = block.caption[0] if isinstance(block, Table) and block.caption else None
        found = _NUMBERED.match(first.text) if isinstance(first, Text) else None
        if isinstance(block, Table) and isinstance(first, Text) and found:
            own = chinese_numeral(next(numbers))
            if found[1] != own:
                caption = (Text(own + first.text[found.end(1) :]), *block.caption[1:])
                block = shared.table(block.id, block.columns, block.rows, block.header_rows, caption)
        numbered.append(block)
    return tuple(numbered)


def _document(text: DocumentText, body: tuple[Block, ...], of_set: OfSet) -> Document:
    template, local, scope, resolved = text.template, text.local, text.scope, of_set.resolved
    front = Place(template.place.file, template.place.line, document=template.id)
    text.collector.sources[template.id, ""] = front
    texts: dict[str, Any] = {key: text.plain(key) for key in template.texts if key in _PLAIN}
    texts |= {key: text.inlines(parts, None, front) for key, parts in template.texts.items() if key in _RICH}
    attachments = (scope.render(parts, local).strip() for parts in template.attachments)
    own = [scope.render(parts, local).strip() for parts in template.unbreakable]
    duties = [resolved.preset.absorbed.get(duty, duty) for duty in template.record_of]
    default_date = resolved.date if template.conclusions else ""
    return Document(
        id=template.id,
        number=template.number,
        title=local["doc.title"],
        file_name=text.plain("file") or local["doc.title"],
        family=template.family,
        layout=template.layout,
        numbering=template.numbering,
        body=body,
        approver=text.plain("approver") or _APPROVER_BLANK if "approver" in template.texts else "",
        doc_date=_date(text, "doc_date", front) if "doc_date" in template.texts else default_date,
        conclusions=template.conclusions,
        attachments=tuple([_bare(name) for name in attachments if name]),
        printing_date=_date(text, "printing_date", front),
        meeting=template.meeting,
        record_of=tuple(dict.fromkeys([duty for duty in duties if duty in resolved.duties])),
        self_name=local["doc.self"],
        ref_brackets=template.ref_brackets,
        unbreakable=tuple(dict.fromkeys([word for word in (*of_set.unbreakable, *own) if word])),
        **texts,
    )


def _bare(name: str) -> str:
    """Return an attachment's name without 《》: GB/T 9704-2012, 7.3.4 puts no mark around or after it."""
    return name[1:-1] if name.startswith("《") and name.endswith("》") and name.count("《") == 1 else name


def _date(text: DocumentText, key: str, place: Place) -> str:
    """Return a date of the front matter as ISO, "" for a blank 　年　月　日."""
    written = text.plain(key)
    if not any(char.isdigit() for char in written):
        return ""
    try:
        return periods.parse_date(written)
    except ValueError as error:
        text.collector.problem("bad_date", f"{key}：{error}", place, subject=key)
        return ""


def _enclose(template: DocumentTemplate, preset: Preset, documents: dict[str, Document], collector: Collector) -> None:
    """Put the enclosed regulation into the notice that issues it."""
    wanted, owner = template.encloses, template.id
    if not wanted:
        return
    if wanted in documents:
        documents[owner] = replace(documents[owner], enclosure=documents[wanted])
        return
    where = Place(template.place.file, template.place.line, document=owner)
    follows = f"missing_document:{wanted}" if (wanted, "") in preset.removed and wanted in preset.required else ""
    message, hint = f"“{owner}”要印发的文件“{wanted}”不在这套文件里", "给这份通知加上同样的 when 条件"
    collector.problem("missing_enclosure", message, where, hint, wanted, follows=follows)


def _list_issued(template: DocumentTemplate, documents: dict[str, Document]) -> None:
    """List the documents that a notice issues as its 附件 (GB/T 9704-2012, 7.3.4)."""
    families, owner = template.issues, template.id
    if families:
        titles = tuple(_bare(f"《{template.title}》") for template in documents.values() if template.family in families)
        documents[owner] = replace(documents[owner], attachments=(*titles, *documents[owner].attachments))


# --- prose -------------------------------------------------------------------------------------------------------


class ProseBuilder:
    """Builds the provisions of one document."""

    def __init__(self, text: DocumentText) -> None:
        self.text = text
        self.document = text.template.id
        self.count = 0

    def top(self, block: TemplateBlock) -> tuple[Provision, ...]:
        """Build one block of the body (none, one, or several when it is repeated)."""
        built = tuple(self.build((block,), ROOT, None, "", "", self.count))
        self.count += len(built)
        return built

    def build(
        self,
        blocks: Sequence[TemplateBlock],
        parent: str,
        record: Record | None,
        prefix: str,
        article: str,
        count: int = 0,
    ) -> Iterable[Provision]:
        """Build sibling blocks that ``count`` others precede."""
        for block in blocks:
            provisions: Iterable[Provision | None]
            if block.each:
                provisions = self.repeated(block, parent, record, prefix, article, count)
            else:
                identifier = self.identify(block, parent, 0, count + 1)
                provisions = (_single(block, self.text, identifier, record, prefix, article),)
            for provision in provisions:
                if provision is not None:
                    count += 1
                    yield provision

    def repeated(
        self, block: TemplateBlock, parent: str, record: Record | None, prefix: str, article: str, count: int
    ) -> Iterator[Provision | None]:
        """Build a block for each record of its ``each`` for which its condition holds."""
        number = 0
        for row in self.text.scope.records(block.each, self.text.template.meeting):
            if record is not None:
                row = Record({**record.texts, **row.texts}, {**record.values, **row.values}, row.key)
            if not self.text.scope.holds(block.when, row, self.text.local):
                continue
            number += 1
            own = f"{prefix or (block.id or 'item') + '_'}{number}_"
            provision = self.provision(block, self.identify(block, parent, number, count + 1), row, own, article)
            count += provision is not None
            yield provision
        if not number:
            self.drop(block, f"“{block.each}”没有内容")

    def identify(self, block: TemplateBlock, parent: str, number: int, position: int) -> str:
        """Return the authored id, or a derived one ``<parent>__<n>_<m>``."""
        if not block.id:
            return derived_id(parent, position)
        return derived_id(block.id, number) if number else block.id

    def provision(
        self, block: TemplateBlock, identifier: str, record: Record | None, prefix: str, article: str
    ) -> Provision | None:
        """Build one provision with its children; None if nothing of it is left."""
        group = block.level == "article" or block.level in GROUPS
        if group:
            article = identifier
        owner = Place(block.file, block.line, document=self.document, provision=identifier)
        children = tuple(self.build(block.children, identifier, record, prefix, article))
        if block.children and not children and (group or leads_in(block)):
            self.drop(block, "它下面的内容都不适用")
            return None
        inlines = self.text.inlines(block.parts, record, owner, prefix, article or identifier)
        if block.each in ("duties", "agenda") and record is not None:
            self.text.quote(record.key, owner, self.text.via, article or identifier)
        if block.level == "paragraph":
            children = punctuate(children)
        self.text.collector.sources[self.document, identifier] = owner
        heading, content = (inlines, ()) if group else ((), inlines)
        return shared.provision(block.level, identifier, heading, content, children, block.covers)

    def drop(self, block: TemplateBlock, reason: str) -> None:
        """Note why a block and all authored blocks in it are not there."""
        for inner in walk((block,)):
            if inner.id:
                self.text.collector.dropped.setdefault((self.document, inner.id), reason)


@shared.built_once(shared.provision_key)
def _single(
    block: TemplateBlock, text: DocumentText, identifier: str, record: Record | None, prefix: str, article: str
) -> Provision | None:
    """Build a block that is not repeated; None if its condition does not hold or nothing of it is left."""
    builder = ProseBuilder(text)
    if text.scope.holds(block.when, record, text.local):
        return builder.provision(block, identifier, record, prefix, article)
    builder.drop(block, f"条件“{block.when.text if block.when else ''}”不成立")
    return None


def derived_id(parent: str, number: int) -> str:
    """Return ``<parent>__<n>``, below that ``<parent>__<n>_<m>``; shortened where a bookmark could not hold it."""
    identifier = f"{parent}_{number}" if "__" in parent else f"{parent}__{number}"
    if len(identifier) <= BOOKMARK_ID_MAX:
        return identifier
    return f"{identifier[:20]}__{crc32(identifier.encode()):08x}"


def leads_in(block: TemplateBlock) -> bool:
    """Return whether a block's text as written ends with a colon."""
    return bool(block.parts) and getattr(block.parts[-1], "text", "").rstrip().endswith("：")


def punctuate(items: tuple, last: bool = True, full: bool | None = None) -> tuple:
    """Set the final marks of items: ； between and 。 at the end, or 。 for all if one holds several sentences."""
    if not items:
        return items
    if full is None:
        full = any(_several(item) for item in items)
    done = []
    for index, item in enumerate(items):
        ending = last and index == len(items) - 1
        mark = "：" if item.children else "。" if ending or full else "；"
        content, children = _mark(item.content, mark), punctuate(item.children, ending, full)
        if content is not item.content or children != item.children:
            item = shared.provision(item.level, item.id, item.heading, content, children, item.covers)
        done.append(item)
    return tuple(done)


def _several(item: Provision) -> bool:
    return "。" in plain(item.content).rstrip("。”’）》") or any(
        _several(child) for child in item.children if isinstance(child, Provision)
    )


def _mark(content: Inlines, mark: str) -> Inlines:
    last = content[-1] if content else None
    if last is None or isinstance(last, FormField):
        return content
    if not isinstance(last, Text):
        return (*content, Text(mark))
    if last.text.endswith(_CLOSED):
        return content
    return (*content[:-1], Text(last.text + mark))
