"""Provisions and tables as paragraphs with live numbers, each in its hidden bookmark.

A group's bookmark encloses its heading; an article's starts in its first paragraph (the numbered one, so that REF
finds the number) and ends in its last before a table; a paragraph, item or subitem is enclosed by itself. A table's
bookmark stands in its caption or else in its first cell. LibreOffice 7.4 loses or doubles bookmarks that span cells or
end in the paragraph before a table.
"""

from __future__ import annotations

from toolkit.docx.inline import Scope, inlines
from toolkit.docx.lists import Nums
from toolkit.docx.markup import append_to_last, numbering, paragraph, run
from toolkit.docx.tables import SEPARATOR, caption_paragraph, table
from toolkit.model import GROUPS, Block, Provision, Table
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
        self.text_style = "Paragraph" if self.scheme == "articles" else "BodyText"

    def write(self) -> list[str]:
        """Return the body's blocks in order."""
        self._blocks(self.scope.document.body)
        return self.out

    def finish_table(self) -> None:
        """Put a small paragraph after a table that would else end the body or touch the next table."""
        if self.after_table:
            self.out.append(SEPARATOR)
            self.after_table = False

    # -- blocks; each returns the printed texts, for the hash of the article around it

    def _blocks(self, blocks: tuple[Block, ...]) -> list[str]:
        texts: list[str] = []
        for block in blocks:
            if isinstance(block, Table):
                texts.append(self._table(block))
            elif block.level in GROUPS:
                self._group(block)
                self._blocks(block.children)
            elif block.level == "article":
                self._article(block)
            else:
                texts.extend(self._text(block, "", ""))
        return texts

    def _add(self, xml: str) -> None:
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
            self._add(paragraph(self._heading_style(block), start + xml, numbered))
            texts.append(text)
            children = block.children
        elif starts_with_text(block):
            first = block.children[0]
            assert isinstance(first, Provision)
            texts.extend(self._text(first, start, numbered))
            children = block.children[1:]
        else:
            style = "Article" if self.scheme == "articles" else self.text_style
            self._add(paragraph(style, start + (_SPACE if self.scheme == "articles" else ""), numbered))
            children = block.children
        tables = (place for place, child in enumerate(children) if isinstance(child, Table))
        before = next(tables, len(children))
        texts.extend(self._blocks(children[:before]))
        append_to_last(self.out, end)
        texts.extend(self._blocks(children[before:]))
        self._record(block.id, "article", "\n".join(texts))

    def _text(self, block: Provision, lead: str, article_number: str) -> list[str]:
        """Write a paragraph, item or subitem. ``lead`` starts the bookmark of the article whose number it bears."""
        start, end = self._bookmark(block.id)
        xml, text = inlines(self.scope, block.id, block.content)
        if article_number and self.scheme == "articles":
            style, xml = "Article", _SPACE + xml
        elif block.level == "paragraph":
            style = self.text_style
        else:
            style = "Item" if block.level == "item" else "Subitem"
        numbered = article_number or self._numbered(block)
        self._add(paragraph(style, lead + start + xml + end, numbered))
        self._record(block.id, block.level, text)
        return [text, *self._blocks(block.children)]

    def _table(self, block: Table) -> str:
        start, end = self._bookmark(block.id)
        caption, xml, text = table(self.scope, block, self.body_width_mm)
        if block.caption:
            self._add(caption_paragraph(start + caption + end))
        else:
            self.finish_table()
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
