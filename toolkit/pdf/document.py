"""The PDF writer: a document of the tree in the measures of a template, as a finished 公文."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.model.tree import Document
from toolkit.numbering.labels import SetLabels
from toolkit.pdf.blocks import BodyBuilder, arrange, lines_of
from toolkit.pdf.flowables import Block
from toolkit.pdf.fonts import DocumentFonts
from toolkit.pdf.head import (
    CONTENTS_CHAPTERS,
    CONTENTS_PAGES,
    Imprint,
    attachments,
    conclusions,
    contents,
    has_imprint,
    head,
    participants,
)
from toolkit.pdf.ink import Ink
from toolkit.pdf.inlines import Scope
from toolkit.pdf.pages import Column, Last, NewPage, OfficialDocument
from toolkit.pdf.template_measures import Sheet

if TYPE_CHECKING:
    from toolkit.pdf.fonts import FontSet


#: Destinations in an enclosure begin so.
_ENCLOSED = "e."


def write(document: Document, labels: SetLabels, sheet: Sheet, fonts: FontSet) -> bytes:
    """Return the document as PDF: same tree, sheet and fonts, same bytes.

    Raises :class:`toolkit.numbering.labels.UnresolvedRef` for a reference without a target; :class:`ValueError` for redline
    marks, characters that no document can hold and characters that no font has.
    """
    return make(document, labels, sheet, fonts).data


def write_redline(
    document: Document, labels: SetLabels, sheet: Sheet, fonts: FontSet, before: SetLabels | None = None
) -> bytes:
    """Return a marked document as PDF: what came is blue and underlined, what went is red and struck through.

    ``labels`` are those of the new version, ``before`` those of the older one: without them what is gone has no number.
    Raises as :func:`write`, but for marks.
    """
    return make(document, labels, sheet, fonts, redline=True, before=before).data


class Made(NamedTuple):
    """A file, how many of its lines break a rule because nothing else fits, and what gives its seal."""

    data: bytes
    emergencies: int
    template: OfficialDocument

    def seal(self) -> str:
        """Return the seal (:func:`toolkit.output.seal`), which costs a tenth of what reading the file again would."""
        return self.template.seal(self.data)


def make(document: Document, labels: SetLabels, sheet: Sheet, fonts: FontSet, **more: Any) -> Made:
    """Return the file and what is known of it. ``more`` is for redlines (:class:`Scope`)."""
    ink = Ink(fonts, DocumentFonts(fonts.resource))
    scope = Scope(document, labels, ink, sheet, **more)
    story: list[Any] = [Column(_one(scope, False))]
    if document.enclosure is not None:
        inside = Scope(document.enclosure, labels, ink, sheet, prefix=_ENCLOSED, **more)
        story += [NewPage(), Column(_one(inside, True))]
    if has_imprint(document):
        story.append(Last(Imprint(scope)))
    title = document.title.replace("\n", "")
    template = OfficialDocument(sheet, ink, title, document.issuer or labels.unit)
    return Made(template.make(story), ink.emergencies, template)


def _one(scope: Scope, enclosed: bool) -> list[Block]:
    """Return the blocks of a document or enclosure, settled."""
    sheet = scope.sheet
    builder = BodyBuilder(scope)
    body = builder.build()
    tail = [*attachments(scope), *participants(scope), *conclusions(scope)]
    if tail and body:
        builder.keep()
    above = head(scope, enclosed)
    keeps = builder.keeps | {id(block) for block in [*above, *tail[:-1]]}
    arrange(body, builder.keeps, sheet.pitch, sheet.body_height)
    chapters = [entry for entry in builder.contents if entry[0] == "chapter"]
    if len(chapters) >= CONTENTS_CHAPTERS and lines_of(body) * sheet.pitch > CONTENTS_PAGES * sheet.body_height:
        above += contents(scope, builder.contents)
    blocks = [*above, *body, *tail]
    arrange(blocks, keeps, sheet.pitch, sheet.body_height)
    return blocks
