"""The PDF writer: a document of the tree in the measures of a template, as a finished 公文. Used by the format's writer.

Provisions and tables become blocks, in the order and with the words of the DOCX.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import Any, NamedTuple

from reportlab.platypus.doctemplate import ActionFlowable

from toolkit.model.tree import GONE, GROUPS, Document, Inlines, Provision, Table, Text, walk
from toolkit.model.tree import Block as TreeBlock
from toolkit.numbering.labels import FULL_SPACE, Labels, SetLabels
from toolkit.page import frame, paging
from toolkit.page.fitting import fitted
from toolkit.page.flow import FORM, LAST_LINES, Around, keeps_last_row, label_role, leads_in, opening, scheme_of
from toolkit.page.placeholders import RULED, WHOLE_RULED, Ruled
from toolkit.pdf.flowables import Block, Para
from toolkit.pdf.fonts.embedding import DocumentFonts
from toolkit.pdf.fonts.font_set import FontSet
from toolkit.pdf.head import Imprint, contents, head, tail
from toolkit.pdf.pages import Column, OfficialDocument
from toolkit.pdf.paragraphs import Scope, TextPiece, block_mark, pieces
from toolkit.pdf.tables import Grid, grid
from toolkit.pdf.template_measures import PT_PER_MM, Sheet

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
    lines = RULED.lines
    if not redline:
        document, lines = fitted(document, sheet.body_width / PT_PER_MM), paging.lines_to_write(document, labels)
    scope = Scope(document, labels, fonts, sheet, redline=redline, before=before, lines=lines)
    story: list[Any] = [Column(_blocks(scope, enclosed=False))]
    if document.enclosure is not None:
        inside = replace(scope, document=document.enclosure, prefix=_ENCLOSED)
        story += [ActionFlowable(("new_page",)), Column(_blocks(inside, enclosed=True))]
    if document.copy_to or document.printing_office:
        story.append(ActionFlowable(("imprint", Imprint(scope))))
    title = document.title.replace("\n", "")
    return OfficialDocument(sheet, DocumentFonts(fonts), title, document.issuer or labels.unit, story)


class PageBox(NamedTuple):
    """Where a provision or table, with all that is inside it, stands on a page.

    ``document`` is the id of the document, or of its enclosure; pages count from 1. ``x`` and ``y`` are the top left corner
    from that of the page; lengths are in points. A block that continues over several pages has a box on each.
    """

    document: str
    provision: str
    page: int
    x: float
    y: float
    width: float
    height: float


def page_boxes(document: Document, pages: OfficialDocument) -> tuple[PageBox, ...]:
    """Return the boxes of all provisions and tables of a document that was laid out, by page and from the top."""
    parents: dict[str, str] = {}
    owners: dict[str, tuple[str, str]] = {}
    for owner, prefix in ((document, ""), (document.enclosure, _ENCLOSED)):
        for block in walk(owner.body) if owner else ():
            owners[prefix + block.id] = (owner.id if owner else "", block.id)
            if isinstance(block, Provision):
                parents |= {prefix + child.id: prefix + block.id for child in block.children}
    spans: dict[tuple[int, str], tuple[float, float]] = {}
    for names, page, top, bottom in pages.canv.marks.drawn:
        around = dict.fromkeys(names)
        for name in names:
            while (name := parents.get(name, "")) != "":
                around[name] = None
        for name in around:
            above, below = spans.get((page, name), (top, bottom))
            spans[page, name] = (max(above, top), min(below, bottom))
    sheet = pages.sheet
    boxes = (
        PageBox(*owners[name], page, sheet.left, sheet.height - top, sheet.body_width, top - bottom)
        for (page, name), (top, bottom) in spans.items()
    )
    return tuple(sorted(boxes, key=lambda box: (box.page, box.y, -box.height)))


def _blocks(scope: Scope, enclosed: bool) -> list[Block]:
    """Return the blocks of a document or enclosure with the white between them."""
    sheet, builder = scope.sheet, _BodyBuilder(scope)
    lines = frame.below(scope.document)
    body, below = builder.out, tail(scope, lines)
    if frame.keeps_body(lines):
        builder.keep()
    above = head(scope, enclosed)
    keeps = builder.keeps | {id(block) for block in above}
    keeps |= {id(block) for block, line in zip(below, lines, strict=True) if line.keep_next}
    above += contents(scope, builder.contents)
    blocks = [*above, *body, *below]
    if builder.scheme != FORM:
        keeps |= _last_lines(blocks)
    arrange(blocks, keeps, sheet)
    return blocks


def _last_lines(blocks: list[Block]) -> set[int]:
    """Return the blocks that stay with the next, so that the last page has three lines of text."""
    kept: set[int] = set()
    lines = 0
    for block, above in zip(blocks[::-1], blocks[-2::-1], strict=False):
        if not isinstance(block, Para):
            break
        lines += len(block.lines)
        if lines >= LAST_LINES:
            block.rest = LAST_LINES - (lines - len(block.lines))
            break
        kept.add(id(above))
    return kept


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
        self.scheme = scheme_of(scope.document)
        #: Forms are lists of grids, and 版头 moves a page off the grid of lines: there text goes on where it is.
        self.snaps = self.scheme not in ("none", FORM) and not scope.document.issuer_mark
        #: The body's blocks in order.
        self.out: list[Block] = []
        #: Characters of the last paragraph: a single line above a captioned table leads in to it.
        self.last_width = 0
        #: Ids of blocks that stay with the next one.
        self.keeps: set[int] = set()
        #: (level, title, destination) of the 编 and 章 for the table of contents.
        self.contents: list[tuple[str, str, str]] = []
        self._add_all(scope.document.body, Around(lines=scope.lines))

    def keep(self) -> None:
        """Keep the last block with the next one."""
        if self.out:
            self.keeps.add(id(self.out[-1]))

    def _add_all(self, blocks: tuple[TreeBlock, ...], around: Around) -> None:
        for block, following in zip_longest(blocks, blocks[1:]):
            if isinstance(block, Table):
                self._table(block, following)
            else:
                self._provision(block, around)

    def _add(self, style: str, parts: list[TextPiece], keys: tuple[str, ...]) -> Para:
        look = self.scope.sheet.styles[style]
        block = Para(self.scope.typeset(parts, look))
        block.keys = block.names = tuple(self.scope.prefix + key for key in keys)
        if self.out and isinstance(self.out[-1], Grid):
            block.before = max(block.before, _TABLE_GAP_PT)
        block.snap = self.snaps and not look.after
        block.stands_off = bool(look.before and look.after)
        self.out.append(block)
        if look.keep_next:
            self.keep()
        return block

    def _pieces(self, block: TreeBlock, inlines: Inlines, ruled: Ruled | None = None) -> list[TextPiece]:
        return pieces(self.scope, block.id, inlines, ruled=ruled, mark=block_mark(block.mark))

    def _label(self, block: Provision) -> TextPiece:
        """Return the label of a block: 章 and 条 in 黑体, 一、 in 黑体, （一） of an outline in 楷体.

        The label of a deleted block is that of the older version.
        """
        before = self.scope.before[self.scope.document.id] if self.scope.before and block.mark in GONE else None
        old = block.was or block.id
        spot = before.spot(old) if before and old in before else self.labels.spot(block.id)
        return TextPiece(spot.label, label_role(block, spot.depth), mark=block_mark(block.mark))

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

    def _provision(self, block: Provision, around: Around) -> None:
        """Add a provision: its opening paragraph and its children."""
        begin, inside = opening(block, self.scheme, around), around.inside(block, self.scheme)
        text, lead = begin.text, self._labels(block)
        if begin.spaced and (lead[0].text or block.level == "article"):
            lead.append(TextPiece(FULL_SPACE))
        content = self._pieces(text or block, begin.parts, ruled=begin.ruled)
        to_write = bool(begin.ruled and content and "\n" in content[0].text)
        if to_write:  # the question and the lines to write on belong together
            self.keep()
        flow = self._add(begin.style, [*lead, *content], tuple(dict.fromkeys((block.id, (text or block).id))))
        flow.whole |= to_write and self.scope.lines <= WHOLE_RULED
        if begin.keeps:
            self.keep()
        if text is None and not begin.keeps:
            self._heading(flow, block, "".join(piece.text for piece in (*lead, *content)))
        elif block.level == "article" and self.scheme == "articles":
            self._bookmark(flow, block, lead[0].text)
        if text is not None:
            self.last_width = sum(len(piece.text) for piece in content)
            self._add_all(text.children, inside if text is block else inside.inside(text, self.scheme))
        self._add_all(begin.children, inside)

    def _heading(self, flow: Para, block: Provision, title: str) -> None:
        """Give a heading its bookmark, and a 编 or 章 its place in the 目录."""
        self._bookmark(flow, block, title)
        if self.scheme == "articles" and block.level in ("part", "chapter"):
            self.contents.append((block.level, title, flow.keys[0]))

    def _table(self, block: Table, following: TreeBlock | None) -> None:
        after_table = bool(self.out) and isinstance(self.out[-1], Grid)
        if not after_table and leads_in(block, self.last_width):
            self.keep()
        table = grid(self.scope, block, keeps_last_row(following))
        if block.caption:
            flow = self._add("TableCaption", self._pieces(block, block.caption), (block.id,))
            flow.snap = False
            self._bookmark(flow, block, "".join(getattr(part, "text", "") for part in block.caption))
        else:
            table.keys = (self.scope.prefix + block.id,)
            table.before = _TABLE_GAP_PT if self.out else 0.0
        table.names = (self.scope.prefix + block.id,)
        self.out.append(table)
        if keeps_last_row(following):
            self.keep()
