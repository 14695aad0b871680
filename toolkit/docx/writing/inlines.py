"""Inlines as runs, REF fields and content controls."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from toolkit.core.memo import identity, remembered
from toolkit.docx.writing.content_controls import control, uncontrolled
from toolkit.docx.writing.fragments import Draft
from toolkit.docx.writing.identity import bookmark_name, prefix
from toolkit.docx.writing.markup import run
from toolkit.model.tree import Block, Document, FormField, Inlines, Ref, Row, Table, Text
from toolkit.numbering.citations import Reference, references_in
from toolkit.numbering.labels import SetLabels, field_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.redline.revisions import Revisions

_BEGIN = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> REF '
_SEPARATE = ' \\r \\h </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


@dataclass(frozen=True, slots=True)
class Scope:
    """One document inside the file: itself or the enclosure, with the prefixes that keep names apart.

    ``draft`` is what is being written. ``revisions`` write the marks of a redline.
    """

    document: Document
    labels: SetLabels
    draft: Draft
    enclosure: str = ""
    revisions: Revisions | None = None

    @property
    def prefix(self) -> str:
        """Prefix of bookmark names."""
        return prefix(self.enclosure)

    @property
    def tag_prefix(self) -> str:
        """Prefix of field tags."""
        return "e_" if self.enclosure else ""

    def name(self, block: str) -> str:
        """Return the bookmark name of a block."""
        return bookmark_name(block, self.prefix)

    def title(self, ref: Ref) -> str:
        """Return the title in 《》 that a reference to a document shows."""
        return self.labels.title(self.document.id, ref)

    def with_draft(self, draft: Draft) -> Scope:
        """Return the scope for another draft."""
        return Scope(self.document, self.labels, draft, self.enclosure, self.revisions)

    def cites_title(self, ref: Ref) -> bool:
        """Whether a reference begins with the title of a document."""
        return not ref.shown and (not ref.target or ref.document not in ("", self.document.id))


def cited(scope: Scope, block: Block | Row | tuple[Block, ...], origin: str = "") -> Hashable:
    """Return what the references in a block, a body or a row (of table ``origin``) read, but for titles of documents.

    Titles are in it where the block holds a table too: their length decides what stays on the table's page.
    """
    found = references_in(block)
    if not found:
        return ()
    resolve, document = scope.labels.reference, scope.document.id
    exactly = not isinstance(block, (Row, Table)) and _holds_table(
        block if isinstance(block, tuple) else block.children
    )
    ways: list[Hashable] = []
    for holder, ref in found:
        reference = resolve(document, holder or origin, ref)
        if reference.prefix and not exactly and scope.cites_title(ref):
            ways.append(reference.rest)
        else:
            ways.append(reference)
    return tuple(ways)


@remembered(key=identity)
def _holds_table(blocks: tuple[Block, ...]) -> bool:
    return any(isinstance(block, Table) or (block.children and _holds_table(block.children)) for block in blocks)


def inlines(
    scope: Scope, origin: str, parts: Inlines, row: str = "", room: float = 0, ruled: bool = False
) -> tuple[str, str]:
    """Return (XML, text as read). ``origin`` is the block that holds them; for the rest see :func:`fields.control`.

    Raises :class:`ValueError` for redline marks where no redline is written.
    """
    if len(parts) == 1 and type(parts[0]) is Text and not parts[0].mark:
        only = parts[0].text
        return (run(only), only) if only else ("", "")
    xml: list[str] = []
    text: list[str] = []
    for part in parts:
        if part.mark == "u" and isinstance(part, Text):
            xml.append(run(part.text, underline=True))
            text.append(part.text)
        elif part.mark:
            if scope.revisions is None:
                raise ValueError(f"本文档带有修订标记，不能按清稿生成：{scope.document.id}#{origin}")
            if isinstance(part, FormField):
                xml.append(_tracked(scope, scope.revisions, part, (row, room, ruled)))
                text.append(field_text(part) if part.mark == "ins" else "")
                continue
            plain, shown = inlines(scope, origin, (replace(part, mark=""),), row, room, ruled)
            xml.append(scope.revisions.wrap(part.mark, plain))
            text.append(shown)
        elif isinstance(part, Text):
            if part.text:
                xml.append(run(part.text))
                text.append(part.text)
        elif isinstance(part, Ref):
            reference = scope.labels.reference(scope.document.id, origin, part)
            title, shown = _title(scope, part, reference)
            xml.append(_reference(scope, part, reference, title))
            text.append(shown + reference.live_text + reference.rest)
        else:
            xml.append(control(part, scope.draft, scope.tag_prefix, row, room, ruled))
            text.append(field_text(part))
    return "".join(xml), "".join(text)


def _tracked(scope: Scope, revisions: Revisions, part: FormField, place: tuple[str, float, bool]) -> str:
    """Return a form field that comes or goes, or that is no control here (``blank``)."""
    row, room, ruled = place
    if part.mark == "blank":
        return uncontrolled(part, room, ruled)
    if part.mark == "del" and part.id in revisions.fields:
        return revisions.wrap(part.mark, uncontrolled(part, room, ruled))
    return revisions.control(part.mark, control(part, scope.draft, scope.tag_prefix, row, room, ruled))


def _title(scope: Scope, ref: Ref, reference: Reference) -> tuple[str, str]:
    """Return what a reference begins with, as XML and as text. In a redline titles leave no gaps: they may be deleted text."""
    if reference.prefix and scope.cites_title(ref) and scope.revisions is None:
        gap = scope.draft.title(ref)
        return gap, gap
    return run(reference.prefix, "RefText") if reference.prefix else "", reference.prefix


def _reference(scope: Scope, ref: Ref, reference: Reference, title: str) -> str:
    """Return a REF field for what a word processor can renumber and plain runs for the rest."""
    xml = title
    if reference.live_target and scope.revisions is not None and reference.live_target in scope.revisions.moved:
        xml += run(reference.live_text)  # rejected, its bookmark is gone with the block at its new place
    elif reference.live_target:
        target = scope.name(reference.live_target)
        xml += f"{_BEGIN}{target}{_SEPARATE}{run(reference.live_text)}{_END}"
    if reference.rest:
        xml += run(reference.rest, "RefText")
    outside = ref.document and ref.document != scope.document.id
    if outside or not ref.target or reference.live_target and not reference.rest:
        return xml
    start, end = scope.draft.reference(ref, scope.enclosure)
    return start + xml + end
