"""The PDF writer: a document of the tree in the measures of a template, as a finished 公文. Used by the format's writer.

Provisions and tables become blocks, in the order and with the words of the DOCX.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import Any

from reportlab.platypus.doctemplate import ActionFlowable

from toolkit.model.tree import GONE, GROUPS, Document, Inlines, Provision, Table, Text
from toolkit.model.tree import Block as TreeBlock
from toolkit.numbering.labels import FULL_SPACE, OUTLINE_DEPTH, Labels, SetLabels, starts_with_text
from toolkit.page import measures
from toolkit.page.placeholders import is_lone_field, is_signature_block
from toolkit.pdf.flowables import Block, Para
from toolkit.pdf.fonts.embedding import DocumentFonts
from toolkit.pdf.fonts.font_set import FontSet
from toolkit.pdf.head import Imprint, contents, head, tail
from toolkit.pdf.pages import Column, OfficialDocument
from toolkit.pdf.paragraphs import Scope, TextPiece, block_mark, pieces
from toolkit.pdf.tables import Grid, grid
from toolkit.pdf.template_measures import Sheet

_GROUP_STYLES = {"part": "Part", "chapter": "Chapter", "section": "Section"}
#: Roles of the labels of an outline, by depth (GB/T 9704-2012, 7.3.3); deeper ones are the body's.
_OUTLINE_ROLES = {1: "heading", 2: "note"}
#: White between text and a table without a caption (the DOCX has a small paragraph there).
_TABLE_GAP_PT = 6.0
#: Characters of a bookmark's title.
_BOOKMARK = 40
#: Destinations in an enclosure begin so.
_ENCLOSED = "e."


def lay_out(
    document: Document,
    labels: SetLabels,
    sheet: Sheet,
    fonts: FontSet,
    redline: bool = False,
    before: SetLabels | None = None,
) -> OfficialDocument:
    """Return the document on its pages: same tree, sheet and fonts, same bytes in ``data``.

    ``redline``: marks are printed, insertions blue and underlined, deletions red and struck through; ``labels`` are then those of
    the new version, ``before`` those of the older one, without which deletions have no number.
    Raises :class:`toolkit.numbering.labels.UnresolvedRef` for a reference without a target; :class:`ValueError` for marks without
    ``redline``, characters that no document can hold and characters that no font has.
    """
    scope = Scope(document, labels, fonts, sheet, redline=redline, before=before)
    story: list[Any] = [Column(_blocks(scope, enclosed=False))]
    if document.enclosure is not None:
        inside = replace(scope, document=document.enclosure, prefix=_ENCLOSED)
        story += [ActionFlowable(("new_page",)), Column(_blocks(inside, enclosed=True))]
    if document.copy_to or document.printing_office:
        story.append(ActionFlowable(("imprint", Imprint(scope))))
    title = document.title.replace("\n", "")
    return OfficialDocument(sheet, DocumentFonts(fonts), title, document.issuer or labels.unit, story)


def _blocks(scope: Scope, enclosed: bool) -> list[Block]:
    """Return the blocks of a document or enclosure with the white between them."""
    sheet, builder = scope.sheet, _BodyBuilder(scope)
    body, below = builder.out, tail(scope)
    if below:
        builder.keep()
    above = head(scope, enclosed)
    keeps = builder.keeps | {id(block) for block in [*above, *below[:-1]]}
    arrange(body, builder.keeps, sheet)
    above += contents(scope, builder.contents, sum(block.before + block.own_height() for block in body))
    blocks = [*above, *body, *below]
    arrange(blocks, keeps, sheet)
    return blocks


def arrange(blocks: list[Block], keeps: set[int], sheet: Sheet) -> None:
    """Set the white between blocks (the larger of both wishes) and which keeps the next on its page."""
    after = 0.0
    for block, following in zip_longest(blocks, blocks[1:]):
        block.pitch, block.full = sheet.pitch, sheet.body_height
        block.before = max(block.before, after)
        after = block.after
        block.kept = following if id(block) in keeps else None


class _BodyBuilder:
    """Makes the blocks of one document (or enclosure)."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.labels: Labels = Labels(scope.document) if scope.redline else scope.labels[scope.document.id]
        self.scheme = scope.document.numbering
        #: Forms are lists of grids, and 版头 moves a page off the grid of lines: there text goes on where it is.
        self.snaps = self.scheme != "none" and not scope.document.issuer_mark
        self.text_style = "Paragraph" if self.scheme == "articles" else "BodyText"
        #: The body's blocks in order.
        self.out: list[Block] = []
        #: Characters of the last paragraph: a single line above a captioned table leads in to it.
        self.last_width = 0
        #: Blocks that must stay with what follows them.
        self.keeps: set[int] = set()
        #: (level, title, destination) of the 编 and 章 for the table of contents.
        self.contents: list[tuple[str, str, str]] = []
        self._add_all(scope.document.body)

    def keep(self) -> None:
        """Keep the last block with what follows."""
        if self.out:
            self.keeps.add(id(self.out[-1]))

    def _add_all(self, blocks: tuple[TreeBlock, ...]) -> None:
        for block, following in zip_longest(blocks, blocks[1:]):
            if isinstance(block, Table):
                self._table(block, following)
            elif block.level in GROUPS:
                self._heading(block, _GROUP_STYLES[block.level] if self.scheme == "articles" else "")
                self._add_all(block.children)
            elif block.level == "article":
                self._article(block)
            else:
                self._text(block, [], ())

    def _add(self, style: str, parts: list[TextPiece], keys: tuple[str, ...]) -> Para:
        look = self.scope.sheet.styles[style]
        block = Para(self.scope.typeset(parts, look))
        block.keys = tuple(self.scope.prefix + key for key in keys)
        if self.out and isinstance(self.out[-1], Grid):
            block.before = max(block.before, _TABLE_GAP_PT)
        block.snap = self.snaps and not look.after
        block.stands_off = bool(look.before and look.after)
        self.out.append(block)
        if look.keep_next:
            self.keep()
        return block

    def _pieces(self, block: TreeBlock, inlines: Inlines, ruled: bool = False) -> list[TextPiece]:
        return pieces(self.scope, block.id, inlines, ruled=ruled, mark=block_mark(block.mark))

    def _label(self, block: Provision) -> TextPiece:
        """Return the label of a block: 章 and 条 in 黑体, 一、 in 黑体, （一） of an outline in 楷体.

        The label of a deleted block is that of the older version.
        """
        before = self.scope.before[self.scope.document.id] if self.scope.before and block.mark in GONE else None
        old = block.was or block.id
        spot = before.spot(old) if before and old in before else self.labels.spot(block.id)
        if spot.depth:
            role = _OUTLINE_ROLES.get(spot.depth, "body")
        else:
            role = "heading" if block.level in GROUPS or block.level == "article" else "body"
        return TextPiece(spot.label, role, mark=block_mark(block.mark))

    def _labels(self, block: Provision) -> list[TextPiece]:
        """Return the label of a block; of one whose number is text, both numbers if another one replaced it."""
        label = self._label(block)
        if not any(part.mark for part in block.number):
            return [label]
        return [
            label._replace(text=part.text, mark=part.mark)
            for part in block.number
            if isinstance(part, Text) and part.text
        ]

    def _bookmark(self, flow: Block, block: TreeBlock, title: str) -> None:
        """Give a block a bookmark; its level is the number of groups and articles around it."""
        title = title.replace("\n", "").strip()
        if title:
            around = [step for step in self.labels.spot(block.id).chain if step.level in (*GROUPS, "article")]
            flow.outline = (1 + len(around), title[:_BOOKMARK] + "…" * (len(title) > _BOOKMARK))

    def _heading(self, block: Provision, style: str = "") -> None:
        """Add the line of a 编, 章 or 节, or of an article of an outline that has a heading."""
        label, spot = self._label(block), self.labels.spot(block.id)
        if not style:
            depth = spot.depth or 1 + sum(1 for step in spot.chain if step.level in GROUPS)
            style = f"Heading{min(depth, OUTLINE_DEPTH)}"
        lead = self._labels(block)
        if block.level in GROUPS:
            lead.append(TextPiece(FULL_SPACE if label.text and not spot.depth else ""))
        parts = [*lead, *self._pieces(block, block.heading)]
        flow = self._add(style, parts, (block.id,))
        title = "".join(piece.text for piece in parts)
        self._bookmark(flow, block, title)
        if self.scheme == "articles" and block.level in ("part", "chapter"):
            self.contents.append((block.level, title, flow.keys[0]))

    def _article(self, block: Provision) -> None:
        numbered = self.scheme == "articles"
        children = block.children
        if block.heading and not numbered:
            self._heading(block)
            self._add_all(children)
            return
        label = self._label(block)
        if starts_with_text(block):
            first, *_ = children
            assert isinstance(first, Provision)
            flow = self._text(
                first, [*self._labels(block), *([TextPiece(FULL_SPACE)] if numbered else [])], (block.id,)
            )
            children = children[1:]
        else:
            space = FULL_SPACE if numbered else ""
            flow = self._add(
                "Article" if numbered else self.text_style, [*self._labels(block), TextPiece(space)], (block.id,)
            )
            self.keep()
        if numbered:
            self._bookmark(flow, block, label.text)
        self._add_all(children)

    def _text(self, block: Provision, lead: list[TextPiece], above: tuple[str, ...]) -> Para:
        """Add a paragraph, item or subitem. ``lead``: the label of the article that it starts, of the keys ``above``."""
        lone = is_lone_field(block.content)
        content = self._pieces(block, block.content, ruled=lone)
        to_write = lone and "\n" in content[0].text if content else False
        if to_write:  # what asks for it and the lines to write on belong together
            self.keep()
        if lead and self.scheme == "articles":
            style = "Article"
        else:
            style = {"paragraph": self.text_style, "item": "Item"}.get(block.level, "Subitem")
        self.last_width = sum(len(piece.text) for piece in content)
        flow = self._add(style, [*(lead or self._labels(block)), *content], (*above, block.id))
        flow.whole |= to_write
        self._add_all(block.children)
        return flow

    def _table(self, block: Table, following: TreeBlock | None) -> None:
        after_table = bool(self.out) and isinstance(self.out[-1], Grid)
        if not after_table and (not block.caption or self.last_width <= measures.CHARS_PER_LINE):
            self.keep()
        table = grid(self.scope, block)
        if block.caption:
            flow = self._add("TableCaption", self._pieces(block, block.caption), (block.id,))
            flow.snap = False
            self._bookmark(flow, block, "".join(getattr(part, "text", "") for part in block.caption))
        else:
            table.keys = (self.scope.prefix + block.id,)
            table.before = _TABLE_GAP_PT if self.out else 0.0
        self.out.append(table)
        if is_signature_block(following):
            self.keep()
