"""Resolved names + templates → the tree of every document.

Reads a :class:`~toolkit.compose.resolve.Resolved`; makes a :class:`Built`. Prose is
built first, tables after it, because a table may refer to the clauses that
quote its duties.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.compose import shared
from toolkit.compose.prose import ProseBuilder, derived_id
from toolkit.compose.resolve import Resolved
from toolkit.compose.scope import MEETING
from toolkit.compose.tables import build_grid, build_table, clause_refs
from toolkit.compose.texts import Collector, DocumentText, Quote
from toolkit.core.findings import Finding, Place
from toolkit.language import periods
from toolkit.model.tree import Block, Document, DocumentSet, Inlines
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import GridTemplate, TableTemplate

__all__ = ["CODES", "Built", "Quote", "build", "clause_refs", "derived_id"]

#: Codes of this package's findings: severity and meaning.
CODES: dict[str, str] = {
    "absent_name": "error: a text uses an organisation entry, duty, meeting or document that this unit does not have",
    "empty_value": "warning: a text uses a value that is empty",
    "tag_too_long": "error: the tag of a form field in a repeated row is too long",
    "missing_enclosure": "error: a notice issues a document that is not in the set",
    "bad_date": "error: a date of the front matter is no date",
}

_Pending = GridTemplate | TableTemplate


@dataclass(frozen=True, slots=True)
class Built:
    """The set with where its texts came from.

    ``sources`` gives the preset's file and line by document and provision;
    ``quotes`` which provision or table quotes which duty; ``dropped`` why a
    clause (or with an empty clause id a whole document) is not there.
    """

    set: DocumentSet
    sources: Mapping[tuple[str, str], Place]
    quotes: tuple[Quote, ...]
    dropped: Mapping[tuple[str, str], str]
    findings: tuple[Finding, ...]


def build(resolved: Resolved) -> Built:
    """Build every document whose condition holds, in order of number."""
    preset, scope, collector = resolved.preset, resolved.scope, Collector(shared.duties(frozenset(resolved.duties)))
    for (document, clause), place in preset.removed.items():
        if document:
            collector.dropped[document, clause] = f"由 {place.file} 第{place.line}行去掉"
    drafts: list[tuple[DocumentText, list[Block | _Pending]]] = []
    for template in preset.documents.values():
        if not scope.holds(template.when, local={MEETING: template.meeting}):
            collector.dropped[template.id, ""] = f"条件“{template.when.text if template.when else ''}”不成立"
            continue
        text = DocumentText(scope, template, collector)
        drafts.append((text, _prose(text)))
    documents = {text.template.id: _document(text, _tables(blocks, text), resolved) for text, blocks in drafts}
    for text, _ in drafts:
        _enclose(text, documents)
    found = DocumentSet(
        preset.id,
        preset.version,
        resolved.unit,
        tuple(documents.values()),
        tuple(resolved.duties.values()),
        resolved.year,
    )
    return Built(found, collector.sources, tuple(collector.quotes), collector.dropped, tuple(collector.findings))


def _prose(text: DocumentText) -> list[Block | _Pending]:
    """Build the prose of a body; tables stay templates for now."""
    builder = ProseBuilder(text)
    blocks: list[Block | _Pending] = []
    for block in text.template.body:
        if isinstance(block, TemplateBlock):
            blocks.extend(builder.top(block))
        else:
            blocks.append(block)
    return blocks


def _tables(blocks: Sequence[Block | _Pending], text: DocumentText) -> tuple[Block, ...]:
    """Build the tables that are still templates."""
    done: list[Block] = []
    for block in blocks:
        table: Block | None
        if isinstance(block, GridTemplate):
            table = build_grid(block, text)
        elif isinstance(block, TableTemplate):
            table = build_table(block, text)
        else:
            table = block
        if table is not None:
            done.append(table)
    return shared.body(tuple(done))


def _document(text: DocumentText, body: tuple[Block, ...], resolved: Resolved) -> Document:
    template, local, scope = text.template, text.local, text.scope
    front = Place(template.place.file, template.place.line, document=template.id)
    text.collector.sources[template.id, ""] = front

    def rich(key: str) -> Inlines:
        return text.inlines(template.texts.get(key, ()), None, front)

    unbreakable = (scope.render(parts, local).strip() for parts in (*scope.preset.unbreakable, *template.unbreakable))
    attachments = (scope.render(parts, local).strip() for parts in template.attachments)
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
        note=rich("note"),
        subtitle=text.plain("subtitle"),
        doc_number=text.plain("doc_number"),
        issuer=text.plain("issuer"),
        issuer_mark=text.plain("issuer_mark"),
        addressee=rich("addressee"),
        doc_date=_date(text, "doc_date", front) if "doc_date" in template.texts else default_date,
        conclusions=template.conclusions,
        attachments=tuple(_bare(name) for name in attachments if name),
        copy_to=text.plain("copy_to"),
        printing_office=text.plain("printing_office"),
        printing_date=_date(text, "printing_date", front),
        meeting=template.meeting,
        record_of=tuple(duty for duty in template.record_of if duty in resolved.duties),
        self_name=local["doc.self"],
        ref_brackets=template.ref_brackets,
        unbreakable=tuple(dict.fromkeys(word for word in unbreakable if word)),
    )


def _bare(name: str) -> str:
    """An attachment's name without 《》: GB/T 9704-2012, 7.3.4 puts no mark around or after it."""
    return name[1:-1] if name.startswith("《") and name.endswith("》") and name.count("《") == 1 else name


def _date(text: DocumentText, key: str, place: Place) -> str:
    """A front matter date as ISO; a blank 　年　月　日 is none."""
    written = text.plain(key)
    if not any(char.isdigit() for char in written):
        return ""
    try:
        return periods.parse_date(written)
    except ValueError as error:
        text.collector.problem("bad_date", f"{key}：{error}", place, subject=key)
        return ""


def _enclose(text: DocumentText, documents: dict[str, Document]) -> None:
    """Put the enclosed regulation into the notice that issues it."""
    wanted, owner = text.template.encloses, text.template.id
    if not wanted:
        return
    if wanted in documents:
        documents[owner] = replace(documents[owner], enclosure=documents[wanted])
        return
    place = Place(text.template.place.file, text.template.place.line, document=owner)
    preset = text.scope.preset
    gone = (wanted, "") in preset.removed and wanted in preset.required
    text.collector.problem(
        "missing_enclosure",
        f"“{owner}”要印发的文件“{wanted}”不在这套文件里",
        place,
        "给这份通知加上同样的 when 条件",
        wanted,
        follows=f"missing_document:{wanted}" if gone else "",
    )
