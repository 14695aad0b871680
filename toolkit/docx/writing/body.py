"""Provisions and tables as paragraphs with live numbers, each in its hidden bookmark.

A group's bookmark encloses its heading; a paragraph, item or subitem is enclosed by itself; a table's bookmark stands in
its caption or else in its first cell. An article's bookmark, where REF finds the number, encloses the space after the
label and one character. No bookmark spans paragraphs, and that one does not even when a clerk splits the article in two:
LibreOffice 7.4 writes the start of such a bookmark twice when it saves, and when it opens the file again a REF field to
it is empty or shows the second half's number. It loses bookmarks that span cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from toolkit.docx.writing.head import keep_with_next
from toolkit.docx.writing.inlines import Scope, inlines
from toolkit.docx.writing.kept import Apart, Kept, ListsApart, Store, cited, keep
from toolkit.docx.writing.lists import Nums
from toolkit.docx.writing.markup import Xml, as_text, numbering, paragraph, run
from toolkit.docx.writing.tables import caption_paragraph, separator, table
from toolkit.model.tree import GROUPS, Block, Inlines, Provision, Table, Text, walk
from toolkit.numbering.counting import OUTLINE_DEPTH
from toolkit.numbering.labels import FULL_SPACE, starts_with_text
from toolkit.page import measures
from toolkit.page.placeholders import is_lone_field, is_signature_block

_GROUP_STYLES = {"part": "Part", "chapter": "Chapter", "section": "Section"}
_SPACE = run(FULL_SPACE)


class Around(NamedTuple):
    """What is around a block, as far as its number and style depend on it."""

    parent: str = ""
    grandparent: str = ""
    #: The nearest labelled ancestor in an outline, and its depth.
    owner: str = ""
    depth: int = 0
    groups: int = 0


_written = Store()
#: Whole bodies: one that comes with a value of a few units is not worth it.
_bodies = Store(times=2)


class BodyWriter:
    """Writes the blocks of one document (or enclosure) into a list of body-level XML strings."""

    def __init__(self, scope: Scope, nums: Nums, body_width_mm: float) -> None:
        self.scope = scope
        self.nums = nums
        self.body_width_mm = body_width_mm
        self.scheme = scope.document.numbering
        self.out: list[Xml] = []
        self.after_table = False
        #: The last paragraph: a single line above a captioned table leads in to it.
        self.last_text = ""
        self.text_style = "Paragraph" if self.scheme == "articles" else "BodyText"

    def write(self) -> list[Xml]:
        """Return the body's blocks in order."""
        body = self.scope.document.body
        if not self.scope.keeping:
            self._blocks(body, Around())
            return self.out
        way, titles = cited(self.scope, body)
        kept = _bodies.find(
            body, (self.scheme, self.body_width_mm, self.scope.enclosure, way), lambda: self._body_apart(titles)
        )
        if kept is None:
            self._blocks(body, Around())
        else:
            self.scope.registry.put(kept, self.nums, self.out, titles)
            self.after_table = _ends_in_table(body)
        return self.out

    def _body_apart(self, titles: tuple[str, ...]) -> Kept | None:
        """Write the body for any file; None if a title may decide whether a paragraph above a table is a single line."""
        body = self.scope.document.body
        if titles and any(isinstance(inner, Table) for inner in walk(body)):
            return None
        registry, nums = Apart(titles), ListsApart()
        writer = BodyWriter(replace(self.scope, registry=registry), nums, self.body_width_mm)
        writer._blocks(body, Around())
        return keep(writer.out, registry, nums, ())

    def finish_table(self, keep: bool = False, last: bool = False) -> None:
        """Put a small paragraph after a table that would else end the body or touch what follows."""
        if self.after_table:
            self.out.append(self._separator(keep, last))
            self.after_table = False

    def _separator(self, keep: bool = False, last: bool = False) -> str:
        return separator(keep, last)

    # -- blocks; each returns the printed texts, for the hash of the article around it

    def _blocks(self, blocks: tuple[Block, ...], around: Around) -> list[str]:
        texts: list[str] = []
        last = len(blocks) - 1
        for place, block in enumerate(blocks):
            if isinstance(block, Table):
                texts.append(self._table(block, blocks[place + 1] if place < last else None))
            else:
                texts.extend(self._kept(block, around))
        return texts

    def _kept(self, block: Provision, around: Around) -> Sequence[str]:
        """Write a block, from what was kept if there is anything."""
        if not self.scope.keeping:
            return self._direct(block, around)
        way, titles = cited(self.scope, block)
        kept = _written.find(
            block, (self.scheme, self.scope.enclosure, around, way), lambda: self._apart(block, around, titles)
        )
        if kept is not None:
            self.finish_table()
            self.last_text = kept.last_text.filled(titles)
            return self.scope.registry.put(kept, self.nums, self.out, titles)
        return self._direct(block, around)

    def _apart(self, block: Provision, around: Around, titles: tuple[str, ...]) -> Kept | None:
        """Write a block for any file; None if there is a table in it: tables bind what is around them."""
        if any(isinstance(inner, Table) for inner in walk((block,))):
            return None
        registry, nums = Apart(titles), ListsApart()
        writer = BodyWriter(replace(self.scope, registry=registry), nums, self.body_width_mm)
        texts = writer._direct(block, around)
        return keep(writer.out, registry, nums, texts, writer.last_text)

    def _direct(self, block: Provision, around: Around) -> list[str]:
        """Write a block as it stands."""
        if block.level == "article":
            return self._article(block, around)
        if block.level in GROUPS:
            return self._group(block, around)
        return self._text(block, around, ("", ""), "")

    def _add(self, xml: str) -> None:
        """Add a paragraph."""
        self.finish_table()
        self.out.append(xml)
        self.after_table = False

    def _depth(self, block: Provision, around: Around) -> int:
        """Return the outline depth of a block from 1, 0 where it has no label of an outline."""
        if self.scheme != "outline" or block.level == "paragraph":
            return 0
        return min(around.depth + 1, OUTLINE_DEPTH)

    def _inside(self, block: Provision, around: Around) -> Around:
        """Return what is around the children of a block."""
        depth = self._depth(block, around)
        owner, depth = (block.id, depth) if depth else (around.owner, around.depth)
        return Around(block.id, around.parent, owner, depth, around.groups + (block.level in GROUPS))

    def _numbered(self, block: Provision, around: Around) -> str:
        """Return the ``w:numPr`` of a labelled block, or nothing."""
        level, enclosure = block.level, self.scope.enclosure
        if level == "paragraph" or self.scheme == "none":
            return ""
        if depth := self._depth(block, around):
            return numbering(self.nums.get(f"outline{depth}", f"{enclosure}#{around.owner}"))
        if level == "subitem":
            return numbering(self.nums.get("item", f"{enclosure}#{around.grandparent}"), 1)
        if level == "article":
            return numbering(self.nums.get("article", enclosure))
        return numbering(self.nums.get(level, f"{enclosure}#{around.parent}"))

    def _group(self, block: Provision, around: Around) -> list[str]:
        start, end = self._bookmark(block.id)
        xml, text = inlines(self.scope, block.id, block.heading)
        numbered = self._numbered(block, around)
        style = _GROUP_STYLES[block.level] if self.scheme == "articles" else self._heading_style(block, around)
        space = _SPACE if numbered and self.scheme != "outline" else ""
        self._add(paragraph(style, start + space + xml + end, numbered))
        self._record(block.id, block.level, text)
        self._blocks(block.children, self._inside(block, around))
        return []

    def _heading_style(self, block: Provision, around: Around) -> str:
        depth = self._depth(block, around) or 1 + around.groups
        return f"Heading{min(depth, OUTLINE_DEPTH)}"

    def _article(self, block: Provision, around: Around) -> list[str]:
        start, end = self._bookmark(block.id)
        numbered = self._numbered(block, around)
        inside = self._inside(block, around)
        texts: list[str] = []
        children = block.children
        if block.heading and self.scheme != "articles":
            xml, text = inlines(self.scope, block.id, block.heading)
            self._add(paragraph(self._heading_style(block, around), start + xml + end, numbered))
            texts.append(text)
        elif starts_with_text(block):
            first, *_ = children
            assert isinstance(first, Provision)
            texts.extend(self._text(first, inside, (start, end), numbered))
            children = children[1:]
        else:
            style = "Article" if self.scheme == "articles" else self.text_style
            self._add(paragraph(style, start + (_SPACE if self.scheme == "articles" else "") + end, numbered))
        texts.extend(self._blocks(children, inside))
        self._record(block.id, "article", "\n".join(texts))
        return texts

    def _text(self, block: Provision, around: Around, article: tuple[str, str], article_number: str) -> list[str]:
        """Write a paragraph, item or subitem. ``article``: the bookmark of the article whose number it bears."""
        start, end = self._bookmark(block.id)
        leads = article_number and self.scheme == "articles"
        first, content = _first_character(block.content) if article[0] else ("", block.content)
        opening = run(FULL_SPACE + first if leads else first) if leads or first else ""
        xml, text = inlines(self.scope, block.id, content, ruled=is_lone_field(block.content))
        if leads:
            style = "Article"
        elif block.level == "paragraph":
            style = self.text_style
        else:
            style = "Item" if block.level == "item" else "Subitem"
        numbered = article_number or self._numbered(block, around)
        self._add(paragraph(style, article[0] + start + opening + article[1] + xml + end, numbered))
        self.last_text = text = first + text
        self._record(block.id, block.level, text)
        return [text, *self._blocks(block.children, self._inside(block, around))]

    def _table(self, block: Table, following: Block | None) -> str:
        """Write a table and what keeps it from what is above it."""
        if self.out and not self.after_table and (not block.caption or len(self.last_text) <= measures.CHARS_PER_LINE):
            self.out[-1] = keep_with_next(self.out[-1])
        if not block.caption:
            if self.out and not self.after_table:
                self.out.append(self._separator(keep=True))
            self.finish_table(is_signature_block(block))
        keep_last = is_signature_block(following)
        self.after_table = True
        if not self.scope.keeping:
            return self._table_direct(block, keep_last)
        way, titles = cited(self.scope, block)
        kept = _written.find(
            block,
            (self.body_width_mm, keep_last, self.scope.enclosure, way),
            lambda: self._table_apart(block, keep_last, titles),
        )
        if kept is None:
            return self._table_direct(block, keep_last)
        return "\n".join(self.scope.registry.put(kept, self.nums, self.out, titles))

    def _table_apart(self, block: Table, keep_last: bool, titles: tuple[str, ...]) -> Kept | None:
        """Write a table for any file."""
        registry, nums = Apart(titles), ListsApart()
        writer = BodyWriter(replace(self.scope, registry=registry), nums, self.body_width_mm)
        text = writer._table_direct(block, keep_last)
        return keep(writer.out, registry, nums, [text])

    def _table_direct(self, block: Table, keep_last: bool) -> str:
        start, end = self._bookmark(block.id)
        caption, xml, text = table(self.scope, block, self.body_width_mm, keep_last)
        if block.caption:
            self.out.append(caption_paragraph(start + caption + end))
        else:
            _, row, *_ = xml
            xml[1] = as_text(row).replace("</w:pPr>", "</w:pPr>" + start + end, 1)
        self.out.extend(xml)
        self._record(block.id, "table", text)
        return text

    def _bookmark(self, block: str) -> tuple[str, str]:
        return self.scope.registry.bookmark(self.scope.name(block))

    def _record(self, block: str, level: str, text: str) -> None:
        self.scope.registry.provision(block, level, text, self.scope.enclosure)


def _ends_in_table(blocks: tuple[Block, ...]) -> bool:
    while blocks:
        last = blocks[-1]
        if isinstance(last, Table):
            return True
        blocks = last.children
    return False


def _first_character(content: Inlines) -> tuple[str, Inlines]:
    """Split off the first character, if the content starts with text."""
    if content and isinstance(content[0], Text) and content[0].text and not content[0].mark:
        return content[0].text[0], (Text(content[0].text[1:]), *content[1:])
    return "", content
