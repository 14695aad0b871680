"""Inlines as runs, REF fields and content controls."""

from __future__ import annotations

from dataclasses import dataclass, replace

from toolkit.docx.writing.content_controls import control, uncontrolled
from toolkit.docx.writing.identity import Registry, bookmark_name, prefix
from toolkit.docx.writing.markup import run
from toolkit.model.tree import Document, FormField, Inlines, Ref, Text
from toolkit.numbering.citations import Reference
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

    ``keeping``: blocks may come from what was kept (:mod:`toolkit.docx.writing.kept`). ``revisions`` write the marks
    of a redline.
    """

    document: Document
    labels: SetLabels
    registry: Registry
    enclosure: str = ""
    keeping: bool = True
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
            title, shown = scope.registry.title(reference.prefix) if reference.prefix else ("", "")
            xml.append(_reference(scope, part, reference, title))
            text.append(shown + reference.live_text + reference.rest)
        else:
            xml.append(control(part, scope.registry, scope.tag_prefix, row, room, ruled))
            text.append(field_text(part))
    return "".join(xml), "".join(text)


def _tracked(scope: Scope, revisions: Revisions, part: FormField, place: tuple[str, float, bool]) -> str:
    """Return a form field that comes or goes, or that is no control here (``blank``)."""
    row, room, ruled = place
    if part.mark == "blank":
        return uncontrolled(part, room, ruled)
    if part.mark == "del" and part.id in revisions.fields:
        return revisions.wrap(part.mark, uncontrolled(part, room, ruled))
    return revisions.control(part.mark, control(part, scope.registry, scope.tag_prefix, row, room, ruled))


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
    name = scope.registry.reference(ref.target, ref.document, ref.relative, scope.enclosure)
    start, end = scope.registry.bookmark(name)
    return start + xml + end
