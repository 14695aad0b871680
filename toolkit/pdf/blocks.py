"""Provisions and tables as blocks, in the order and with the words of the DOCX."""

from __future__ import annotations

from itertools import zip_longest

from toolkit.model.tree import GONE, GROUPS, Block, Inlines, Provision, Table
from toolkit.numbering.citations import Spot
from toolkit.numbering.labels import FULL_SPACE, OUTLINE_DEPTH, Labels, starts_with_text
from toolkit.page import measures
from toolkit.page.placeholders import is_lone_field, is_signature_block
from toolkit.pdf.flowables import Block as Flow
from toolkit.pdf.flowables import Para
from toolkit.pdf.inlines import Scope, block_mark, pieces
from toolkit.pdf.paragraphs import Piece, set_text
from toolkit.pdf.tables import Grid, grid
from toolkit.pdf.template_measures import Style

_GROUP_STYLES = {"part": "Part", "chapter": "Chapter", "section": "Section"}
#: Roles of the labels of an outline, by depth (GB/T 9704-2012, 7.3.3); deeper ones are the body's.
_OUTLINE_ROLES = {1: "heading", 2: "note"}
#: White between text and a table without a caption (the DOCX has a small paragraph there).
_TABLE_GAP_PT = 6.0
#: Characters of a bookmark's title.
_BOOKMARK = 40


class BodyBuilder:
    """Makes the blocks of one document (or enclosure)."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.labels = Labels(scope.document) if scope.redline else scope.labels[scope.document.id]
        self.scheme = scope.document.numbering
        #: Forms are lists of grids, and 版头 moves a page off the grid of lines: there text goes on where it is.
        self.snaps = self.scheme != "none" and not scope.document.issuer_mark
        self.text_style = "Paragraph" if self.scheme == "articles" else "BodyText"
        self.out: list[Flow] = []
        #: Characters of the last paragraph: a single line above a captioned table leads in to it.
        self.last_width = 0
        #: Blocks that must stay with what follows them.
        self.keeps: set[int] = set()
        #: (level, title, destination) of the 编 and 章 for the table of contents.
        self.contents: list[tuple[str, str, str]] = []

    def build(self) -> list[Flow]:
        """Return the body's blocks in order."""
        self._blocks(self.scope.document.body)
        return self.out

    def keep(self) -> None:
        """Keep the last block with what follows."""
        if self.out:
            self.keeps.add(id(self.out[-1]))

    def _blocks(self, blocks: tuple[Block, ...]) -> None:
        for block, following in zip_longest(blocks, blocks[1:]):
            if isinstance(block, Table):
                self._table(block, following)
            elif block.level in GROUPS:
                self._group(block)
                self._blocks(block.children)
            elif block.level == "article":
                self._article(block)
            else:
                self._text(block, [], ())

    def _add(self, style: str, parts: list[Piece], keys: tuple[str, ...]) -> Para:
        look = self._style(style)
        block = Para(set_text(self.scope.ink, parts, look, self.scope.sheet.body_width))
        block.keys = tuple(self.scope.prefix + key for key in keys)
        if self.out and isinstance(self.out[-1], Grid):
            block.before = max(block.before, _TABLE_GAP_PT)
        block.snap = self.snaps and not look.after
        block.stands_off = bool(look.before and look.after)
        self.out.append(block)
        if look.keep_next:
            self.keep()
        return block

    def _style(self, name: str) -> Style:
        return self.scope.sheet.styles[name]

    def _label(self, block: Provision) -> Piece:
        """Return the label of a block: 章 and 条 in 黑体, 一、 in 黑体, （一） of an outline in 楷体."""
        spot = self._spot(block)
        if spot.depth:
            role = _OUTLINE_ROLES.get(spot.depth, "body")
        else:
            role = "heading" if block.level in GROUPS or block.level == "article" else "body"
        return Piece(spot.label, role, mark=self._mark(block))

    def _spot(self, block: Provision) -> Spot:
        """Return where a block stands; what is gone as it stood in the older version."""
        before = self.scope.before[self.scope.document.id] if self.scope.before and block.mark in GONE else None
        old = block.was or block.id
        return before.spot(old) if before and old in before else self.labels.spot(block.id)

    def _mark(self, block: Block) -> str:
        return block_mark(block.mark)

    def _bookmark(self, flow: Flow, depth: int, label: str, text: str) -> None:
        title = (label + text).replace("\n", "").strip()
        if title:
            flow.outline = (1 + depth, title[:_BOOKMARK] + "…" * (len(title) > _BOOKMARK))

    def _group(self, block: Provision) -> None:
        label = self._label(block)
        spot = self.labels.spot(block.id)
        articles = self.scheme == "articles"
        style = _GROUP_STYLES[block.level] if articles else self._heading_style(block)
        space = FULL_SPACE if label.text and not spot.depth else ""
        heading = pieces(self.scope, block.id, block.heading, mark=self._mark(block))
        flow = self._add(style, [label, Piece(space), *heading], (block.id,))
        text = "".join(piece.text for piece in heading)
        self._bookmark(flow, self._depth(block), label.text + space, text)
        if articles and block.level != "section":
            self.contents.append((block.level, label.text + space + text, flow.keys[0]))

    def _depth(self, block: Provision) -> int:
        """Return how many groups and headed articles stand above a block: the level of its bookmark."""
        return sum(1 for step in self.labels.spot(block.id).chain if step.level in GROUPS or step.level == "article")

    def _heading_style(self, block: Provision) -> str:
        spot = self.labels.spot(block.id)
        depth = spot.depth or 1 + sum(1 for step in spot.chain if step.level in GROUPS)
        return f"Heading{min(depth, OUTLINE_DEPTH)}"

    def _article(self, block: Provision) -> None:
        label = self._label(block)
        children = block.children
        if block.heading and self.scheme != "articles":
            heading = pieces(self.scope, block.id, block.heading, mark=self._mark(block))
            flow = self._add(self._heading_style(block), [label, *heading], (block.id,))
            self._bookmark(flow, self._depth(block), label.text, "".join(piece.text for piece in heading))
        elif starts_with_text(block):
            first = children[0]
            assert isinstance(first, Provision)
            lead = [label, Piece(FULL_SPACE)] if self.scheme == "articles" else [label]
            flow = self._text(first, lead, (block.id,))
            if self.scheme == "articles":
                self._bookmark(flow, self._depth(block), label.text, "")
            children = children[1:]
        else:
            space = FULL_SPACE if self.scheme == "articles" else ""
            flow = self._add("Article" if space else self.text_style, [label, Piece(space)], (block.id,))
            self.keep()
            if space:
                self._bookmark(flow, self._depth(block), label.text, "")
        self._blocks(children)

    def _text(self, block: Provision, lead: list[Piece], above: tuple[str, ...]) -> Para:
        """Add a paragraph, item or subitem. ``lead``: the label of the article that it starts, of the keys ``above``."""
        lone = is_lone_field(block.content)
        content = pieces(self.scope, block.id, block.content, ruled=lone, mark=self._mark(block))
        to_write = lone and "\n" in content[0].text if content else False
        if to_write:  # what asks for it and the lines to write on belong together
            self.keep()
        if lead and self.scheme == "articles":
            style = "Article"
        elif block.level == "paragraph":
            style = self.text_style
        else:
            style = "Item" if block.level == "item" else "Subitem"
        label = lead or [self._label(block)]
        self.last_width = sum(len(piece.text) for piece in content)
        flow = self._add(style, [*label, *content], (*above, block.id))
        flow.whole |= to_write
        self._blocks(block.children)
        return flow

    def _table(self, block: Table, following: Block | None) -> None:
        scope, after_table = self.scope, bool(self.out) and isinstance(self.out[-1], Grid)
        if self.out and not after_table and (not block.caption or self.last_width <= measures.CHARS_PER_LINE):
            self.keep()
        key: tuple[str, ...] = (block.id,)
        if block.caption:
            caption = pieces(scope, block.id, block.caption, mark=self._mark(block))
            flow = self._add("TableCaption", caption, key)
            flow.snap = False
            self._bookmark(flow, self._caption_depth(block), "", _plain(block.caption))
            key = ()
        table = grid(scope, block)
        table.keys = tuple(scope.prefix + one for one in key)
        table.before = 0.0 if block.caption or not self.out else _TABLE_GAP_PT
        self.out.append(table)
        if is_signature_block(following):
            self.keep()

    def _caption_depth(self, block: Table) -> int:
        return sum(1 for step in self.labels.spot(block.id).chain if step.level in GROUPS or step.level == "article")


def _plain(parts: Inlines) -> str:
    return "".join(getattr(part, "text", "") for part in parts)


def arrange(blocks: list[Flow], keeps: set[int], pitch: float, full: float) -> None:
    """Settle the white between blocks (the larger of both wishes) and which keeps the next on its page."""
    after = 0.0
    for block, following in zip_longest(blocks, blocks[1:]):
        block.pitch, block.full = pitch, full
        block.before = max(block.before, after)
        after = block.after
        block.kept = following if id(block) in keeps else None


def lines_of(blocks: list[Flow]) -> float:
    """Return the height of blocks in lines of the grid."""
    return sum(block.before + block.own_height() for block in blocks) / blocks[0].pitch if blocks else 0.0
