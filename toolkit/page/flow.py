"""Provisions and tables of a body as both writers draw them: styles, labels, blocks kept together (GB/T 9704-2012, 7.3).

A provision is printed as one paragraph, its :class:`Opening`, and its children. Adding a level of provision
touches this module and the place in each writer that draws an opening.
"""

from __future__ import annotations

from typing import NamedTuple

from toolkit.model.tree import GROUPS, Block, Document, Inlines, Provision, Table
from toolkit.numbering.labels import OUTLINE_DEPTH, starts_with_text
from toolkit.page import measures
from toolkit.page.placeholders import RULED, Ruled, is_lone_field, is_signature_block

_GROUP_STYLES = {"part": "Part", "chapter": "Chapter", "section": "Section"}
_TEXT_STYLES = {"item": "Item", "subitem": "Subitem"}
#: Roles of the labels of an outline, by depth: 一、 in 黑体, （一） in 楷体, deeper ones in 仿宋 (7.3.3).
_OUTLINE_ROLES = {1: "heading", 2: "note"}


#: So many lines of a text at least stand on its last page.
LAST_LINES = 3
#: Scheme of a document that is filled in: nothing is numbered, text outside its tables is set small.
FORM = "form"


def scheme_of(document: Document) -> str:
    """Return the numbering scheme of a document, :data:`FORM` for a form; a 公文 that numbers nothing is none."""
    is_form = document.numbering == "none" and not document.conclusions and not document.issuer_mark
    return FORM if is_form else document.numbering


class Around(NamedTuple):
    """The ancestors of a block, as far as its number and style depend on them."""

    parent: str = ""
    grandparent: str = ""
    #: The nearest labelled ancestor in an outline, and its depth.
    owner: str = ""
    depth: int = 0
    groups: int = 0
    #: Lines to write on that a blank with a paragraph of its own has (:func:`toolkit.page.paging.lines_to_write`).
    lines: int = RULED.lines

    def depth_of(self, block: Provision, scheme: str) -> int:
        """Return the outline depth of a block here from 1, 0 for one without a label of an outline."""
        if scheme != "outline" or block.level == "paragraph":
            return 0
        return min(self.depth + 1, OUTLINE_DEPTH)

    def inside(self, block: Provision, scheme: str) -> Around:
        """Return the surroundings of the children of a block that is here."""
        depth = self.depth_of(block, scheme)
        owner, depth = (block.id, depth) if depth else (self.owner, self.depth)
        return Around(block.id, self.parent, owner, depth, self.groups + (block.level in GROUPS), self.lines)


class Opening(NamedTuple):
    """The paragraph that a provision begins with.

    ``text`` is the block whose text stands in it: the block itself, of an article its first 款, of a heading None. ``spaced``: a
    full-width space follows the label (第一条　). ``children`` follow it, those of ``text`` excepted. ``keeps``: stays with the
    next block. ``ruled``: the lines to write on of a blank that has the paragraph to itself.
    """

    style: str
    parts: Inlines
    text: Provision | None
    children: tuple[Block, ...]
    spaced: bool = False
    keeps: bool = False
    ruled: Ruled | None = None


def opening(block: Provision, scheme: str, around: Around) -> Opening:
    """Return how a provision begins."""
    articles = scheme == "articles"
    if block.level in GROUPS:
        style = _GROUP_STYLES[block.level] if articles else _heading_style(block, scheme, around)
        return Opening(style, block.heading, None, block.children, spaced=scheme != "outline")
    if block.level != "article":
        style = _TEXT_STYLES.get(block.level) or text_style(scheme)
        return Opening(style, block.content, block, (), ruled=_ruled(block.content, around))
    if block.heading and not articles:
        return Opening(_heading_style(block, scheme, around), block.heading, None, block.children)
    style = "Article" if articles else text_style(scheme)
    if not starts_with_text(block):
        return Opening(style, (), None, block.children, articles, keeps=True)
    first, *rest = block.children
    assert isinstance(first, Provision)
    return Opening(style, first.content, first, tuple(rest), articles, ruled=_ruled(first.content, around))


def _ruled(parts: Inlines, around: Around) -> Ruled | None:
    return RULED._replace(lines=around.lines) if is_lone_field(parts) else None


def text_style(scheme: str) -> str:
    """Return the style of plain paragraphs."""
    return {"articles": "Paragraph", FORM: "FormNote"}.get(scheme, "BodyText")


def label_role(block: Provision, depth: int) -> str:
    """Return the font role of a label: 编, 章, 节 and 条 in 黑体, of an outline by its depth (7.3.3)."""
    if depth:
        return _OUTLINE_ROLES.get(depth, "body")
    return "heading" if block.level in GROUPS or block.level == "article" else "body"


def _heading_style(block: Provision, scheme: str, around: Around) -> str:
    depth = around.depth_of(block, scheme) or 1 + around.groups
    return f"Heading{min(depth, OUTLINE_DEPTH)}"


def leads_in(table: Table, characters: int) -> bool:
    """Whether the paragraph above a table stays on its page: a table without a caption needs it, a single line leads in to it."""
    return not table.caption or characters <= measures.CHARS_PER_LINE


def keeps_last_row(following: Block | None) -> bool:
    """Whether the last row of a table stays with the block below it, where people sign for the table."""
    return is_signature_block(following)
