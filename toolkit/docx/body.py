"""Provisions and tables as paragraphs with live numbers, each in its hidden bookmark.

A group's bookmark encloses its heading; a paragraph, item or subitem is enclosed by itself; a table's bookmark stands in
its caption or else in its first cell. An article's bookmark, where REF finds the number, encloses the space after the
label and one character. No bookmark spans paragraphs, and that one does not even when a clerk splits the article in two:
LibreOffice 7.4 writes the start of such a bookmark twice when it saves, and when it opens the file again a REF field to
it is empty or shows the second half's number. It loses bookmarks that span cells.
"""

from __future__ import annotations

from itertools import zip_longest

from toolkit import layout
from toolkit.docx.head import keep_with_next
from toolkit.docx.inline import Scope, inlines, is_lone_field
from toolkit.docx.lists import Nums
from toolkit.docx.markup import numbering, paragraph, run
from toolkit.docx.tables import caption_paragraph, is_signature_block, separator, table
from toolkit.model import GROUPS, Block, Inlines, Provision, Table, Text
from toolkit.numbering import FULL_SPACE, OUTLINE_DEPTH, Labels, starts_with_text

_GROUP_STYLES = {"part": "Part", "chapter": "Chapter", "section": "Section"}
_SPACE = run(FULL_SPACE)


class BodyWriter:
    """Writes the blocks of one document (or enclosure) into a list of body-level XML strings."""

    def __init__(self, scope: Scope, nums: Nums, body_width_mm: float) -> None:
        self.scope = scope
        self.nums = nums
        self.body_width_mm = body_width_mm
        self.labels: Labels = scope.labels[scope.document.id]
        self.scheme = scope.document.numbering
        self.out: list[str] = []
        self.after_table = False
        #: Characters of the last paragraph: a single line above a captioned table leads in to it.
        self.last_width = 0
        self.text_style = "Paragraph" if self.scheme == "articles" else "BodyText"

    def write(self) -> list[str]:
        """Return the body's blocks in order."""
        self._blocks(self.scope.document.body)
        return self.out

    def finish_table(self, keep: bool = False) -> None:
        """Put a small paragraph after a table that would else end the body or touch what follows."""
        if self.after_table:
            self.out.append(separator(keep))
            self.after_table = False

    # -- blocks; each returns the printed texts, for the hash of the article around it

    def _blocks(self, blocks: tuple[Block, ...]) -> list[str]:
        texts: list[str] = []
        for block, following in zip_longest(blocks, blocks[1:]):
            if isinstance(block, Table):
                texts.append(self._table(block, following))
            elif block.level in GROUPS:
                self._group(block)
                self._blocks(block.children)
            elif block.level == "article":
                self._article(block)
            else:
                texts.extend(self._text(block, ("", ""), ""))
        return texts

    def _add(self, xml: str, caption: bool = False) -> None:
        """Add a paragraph; a caption has white above it of its own."""
        if not caption:
            self.finish_table()
        self.out.append(xml)
        self.after_table = False

    def _numbered(self, block: Provision) -> str:
        """Return the ``w:numPr`` of a labelled block, or nothing."""
        spot = self.labels.spot(block.id)
        if not spot.label:
            return ""
        if spot.depth:
            return numbering(self.nums.get(f"outline{spot.depth}", self._owner(spot.chain, spot.depth)))
        if block.level == "subitem":
            return numbering(self.nums.get("item", self._owner(spot.chain[:-1], 0)), 1)
        if block.level == "article":
            return numbering(self.nums.get("article", self.scope.enclosure))
        return numbering(self.nums.get(block.level, self._owner(spot.chain, 0)))

    def _owner(self, chain: tuple, depth: int) -> str:
        """Return what a count belongs to: the nearest labelled ancestor in an outline, else the parent."""
        above = [step for step in chain if step.depth] if depth else chain
        return f"{self.scope.enclosure}#{above[-1].id if above else ''}"

    def _group(self, block: Provision) -> None:
        start, end = self._bookmark(block.id)
        xml, text = inlines(self.scope, block.id, block.heading)
        numbered = self._numbered(block)
        spot = self.labels.spot(block.id)
        style = _GROUP_STYLES[block.level] if self.scheme == "articles" else self._heading_style(block)
        space = _SPACE if numbered and not spot.depth else ""
        self._add(paragraph(style, start + space + xml + end, numbered))
        self._record(block.id, block.level, text)

    def _heading_style(self, block: Provision) -> str:
        depth = self.labels.spot(block.id).depth
        if not depth:
            depth = 1 + sum(1 for step in self.labels.spot(block.id).chain if step.level in GROUPS)
        return f"Heading{min(depth, OUTLINE_DEPTH)}"

    def _article(self, block: Provision) -> None:
        start, end = self._bookmark(block.id)
        numbered = self._numbered(block)
        texts: list[str] = []
        if block.heading and self.scheme != "articles":
            xml, text = inlines(self.scope, block.id, block.heading)
            self._add(paragraph(self._heading_style(block), start + xml + end, numbered))
            texts.append(text)
            children = block.children
        elif starts_with_text(block):
            first = block.children[0]
            assert isinstance(first, Provision)
            texts.extend(self._text(first, (start, end), numbered))
            children = block.children[1:]
        else:
            style = "Article" if self.scheme == "articles" else self.text_style
            self._add(paragraph(style, start + (_SPACE if self.scheme == "articles" else "") + end, numbered))
            children = block.children
        texts.extend(self._blocks(children))
        self._record(block.id, "article", "\n".join(texts))

    def _text(self, block: Provision, around: tuple[str, str], article_number: str) -> list[str]:
        """Write a paragraph, item or subitem. ``around``: the bookmark of the article whose number it bears."""
        start, end = self._bookmark(block.id)
        leads = article_number and self.scheme == "articles"
        first, content = _first_character(block.content) if around[0] else ("", block.content)
        opening = run(FULL_SPACE + first if leads else first) if leads or first else ""
        xml, text = inlines(self.scope, block.id, content, ruled=is_lone_field(block.content))
        if leads:
            style = "Article"
        elif block.level == "paragraph":
            style = self.text_style
        else:
            style = "Item" if block.level == "item" else "Subitem"
        numbered = article_number or self._numbered(block)
        self.last_width = len(text)
        self._add(paragraph(style, around[0] + start + opening + around[1] + xml + end, numbered))
        text = first + text
        self._record(block.id, block.level, text)
        return [text, *self._blocks(block.children)]

    def _table(self, block: Table, following: Block | None) -> str:
        start, end = self._bookmark(block.id)
        keep = is_signature_block(following)
        caption, xml, text = table(self.scope, block, self.body_width_mm, keep)
        if self.out and not self.after_table and (not block.caption or self.last_width <= layout.CHARS_PER_LINE):
            self.out[-1] = keep_with_next(self.out[-1])
        if block.caption:
            self._add(caption_paragraph(start + caption + end), caption=True)
        else:
            if self.out and not self.after_table:
                self.out.append(separator(keep=True))
            self.finish_table(is_signature_block(block))
            xml = xml.replace("</w:pPr>", "</w:pPr>" + start + end, 1)
        self.out.append(xml)
        self.after_table = True
        self._record(block.id, "table", text)
        return text

    def _bookmark(self, block: str) -> tuple[str, str]:
        return self.scope.registry.bookmark(self.scope.name(block))

    def _record(self, block: str, level: str, text: str) -> None:
        name = self.scope.name(block)
        self.scope.registry.provision(block, level, name, text, self.scope.enclosure)


def _first_character(content: Inlines) -> tuple[str, Inlines]:
    """Split off the first character, if the content starts with text."""
    if content and isinstance(content[0], Text) and content[0].text and not content[0].mark:
        return content[0].text[0], (Text(content[0].text[1:]), *content[1:])
    return "", content
