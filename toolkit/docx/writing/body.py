"""Provisions and tables as paragraphs with live numbers, each in its hidden bookmark.

Used by ``document`` and by redlines. A group's bookmark encloses its heading, that of a paragraph, item or subitem the whole
of it; a table's bookmark is in its caption or else in its first cell. An article's bookmark, the target of REF, encloses
the space after the label and one character. No bookmark spans paragraphs, not even when a clerk splits the article in
two: LibreOffice 7.4 would write its start twice, and in the file that it saved a REF field to it is empty or shows the
number of the second half. It loses bookmarks that span cells.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple

from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.docx.writing.fragments import Draft, Numbered, Start, Writing, numbered, plain
from toolkit.docx.writing.inlines import Scope, block_key, inlines
from toolkit.docx.writing.markup import keep_with_next, numbering, paragraph, run
from toolkit.docx.writing.tables import separator, table
from toolkit.model.tree import GROUPS, Block, Inlines, Provision, Table, Text
from toolkit.numbering.labels import FULL_SPACE
from toolkit.page import measures
from toolkit.page.flow import FORM, LAST_LINES, Around, Opening, keeps_last_row, leads_in, opening
from toolkit.page.placeholders import is_signature_block

_SPACE = run(FULL_SPACE)
_TAG = lazy("<[^>]*>")
#: Provisions that are fragments inside others too; the children of an article are a part of its fragment.
_FRAGMENTS = GROUPS | {"article"}


@remembered(1_000, key=block_key, after=2)
def numbered_body(body: tuple[Block, ...], scope: Scope, body_width_mm: float, start: Start) -> tuple[Numbered, bool]:
    """Write a body that is put into a file after ``start``; return with it whether it ends in a table."""
    writer = BodyWriter(scope.with_draft(Draft()), body_width_mm)
    writer.blocks(body, Around(lines=scope.lines))
    if writer.scheme != FORM:
        _keep_last_lines(writer.out)
    return numbered(writer.draft, start), writer.after_table


def _keep_last_lines(out: list[bytes]) -> None:
    """Keep the last lines of a text together (:data:`~toolkit.page.flow.LAST_LINES`), as far as their characters tell."""
    lines = 0
    for index in range(len(out) - 1, 0, -1):
        if not (out[index].startswith(b"<w:p>") and out[index - 1].startswith(b"<w:p>")):
            return
        lines += 1 + len(_TAG.sub("", out[index].decode())) // measures.CHARS_PER_LINE
        if lines >= LAST_LINES:
            return
        out[index - 1] = keep_with_next(out[index - 1])


class Written(NamedTuple):
    """The printed texts of a provision, that of its last paragraph, and how it ends, for the blocks around it."""

    texts: list[str]
    last_text: str
    ends_in_table: bool


@remembered(key=block_key, after=1, effects=Writing())
def _provision(block: Provision, scope: Scope, body_width_mm: float, around: Around) -> Written:
    """Write a provision with its children."""
    writer = BodyWriter(scope, body_width_mm)
    return Written(writer.write(block, around), writer.last_text, writer.after_table)


@remembered(key=block_key, after=1, effects=Writing())
def _table(block: Table, scope: Scope, body_width_mm: float, keep_last: bool) -> str:
    """Write a table and return its text. ``keep_last``: its last row stays on the page of what follows."""
    return BodyWriter(scope, body_width_mm).write_table(block, keep_last)


class BodyWriter:
    """Writes blocks of one document (or enclosure) into the draft of its scope."""

    def __init__(self, scope: Scope, body_width_mm: float) -> None:
        self.scope = scope
        self.draft = scope.draft
        self.out = scope.draft.out
        self.body_width_mm = body_width_mm
        self.scheme = scope.scheme
        self.after_table = False
        #: The last paragraph: a single line above a captioned table leads in to it.
        self.last_text = ""

    def finish_table(self, keep: bool = False, last: bool = False) -> None:
        """Put a small paragraph after a table that would otherwise end the body or touch the next table."""
        if self.after_table:
            self.out.append(self._separator(keep, last).encode())
            self.after_table = False

    def _separator(self, keep: bool = False, last: bool = False) -> str:
        return separator(keep, last)

    # -- blocks: each function returns the printed texts, for the hash of the article around it

    def blocks(self, blocks: tuple[Block, ...], around: Around) -> list[str]:
        """Write sibling blocks in order."""
        texts: list[str] = []
        for block, following in zip_longest(blocks, blocks[1:]):
            if isinstance(block, Table):
                texts.append(self.table(block, following))
            else:
                texts.extend(self.provision(block, around))
        return texts

    def provision(self, block: Provision, around: Around) -> list[str]:
        """Add a provision."""
        if around.parent and block.level not in _FRAGMENTS:
            return self.write(block, around)
        self.finish_table()
        part = _provision(block, self.scope, self.body_width_mm, around)
        self.last_text = part.last_text or self.last_text
        self.after_table = part.ends_in_table
        return part.texts

    def write(self, block: Provision, around: Around) -> list[str]:
        """Write a provision paragraph by paragraph."""
        if block.level == "article":
            return self._article(block, around)
        if block.level in GROUPS:
            return self._group(block, around)
        return self._text(block, around, opening(block, self.scheme, around), ("", ""), "")

    def _add(self, xml: str) -> None:
        """Add a paragraph."""
        self.finish_table()
        self.out.append(xml.encode())
        self.after_table = False

    def _numbered(self, block: Provision, around: Around) -> str:
        """Return the ``w:numPr`` of a labelled block, or nothing."""
        level, enclosure = block.level, self.scope.enclosure
        if level == "paragraph" or self.scheme in ("none", FORM) or block.number:
            return ""
        if depth := around.depth_of(block, self.scheme):
            return numbering(self.draft.list_instance(f"outline{depth}", f"{enclosure}#{around.owner}"))
        if level == "subitem":
            return numbering(self.draft.list_instance("item", f"{enclosure}#{around.grandparent}"), 1)
        if level == "article":
            return numbering(self.draft.list_instance("article", enclosure))
        return numbering(self.draft.list_instance(level, f"{enclosure}#{around.parent}"))

    def _typed(self, block: Provision) -> str:
        """Return the number of a block that is text."""
        return inlines(self.scope, block.id, block.number)[0] if block.number else ""

    def _group(self, block: Provision, around: Around) -> list[str]:
        start, end = self._bookmark(block.id)
        begin = opening(block, self.scheme, around)
        xml, text = inlines(self.scope, block.id, begin.parts)
        numbered = self._numbered(block, around)
        space = _SPACE if begin.spaced and (numbered or block.number) else ""
        self._add(paragraph(begin.style, start + self._typed(block) + space + xml + end, numbered))
        self._record(block.id, block.level, text)
        self.blocks(begin.children, around.inside(block, self.scheme))
        return []

    def _article(self, block: Provision, around: Around) -> list[str]:
        start, end = self._bookmark(block.id)
        start += self._typed(block)
        numbered = self._numbered(block, around)
        inside = around.inside(block, self.scheme)
        begin = opening(block, self.scheme, around)
        texts: list[str] = []
        if begin.text is not None:
            texts += self._text(begin.text, inside, begin, (start, end), numbered)
        else:
            xml, text = inlines(self.scope, block.id, begin.parts)
            self._add(paragraph(begin.style, start + (_SPACE if begin.spaced else "") + xml + end, numbered))
            texts += [text] if begin.parts else []
        texts.extend(self.blocks(begin.children, inside))
        self._record(block.id, "article", "\n".join(texts))
        return texts

    def _text(
        self, block: Provision, around: Around, begin: Opening, article: tuple[str, str], article_number: str
    ) -> list[str]:
        """Write a paragraph, item or subitem. ``article``: the bookmark of the article whose number is printed on it."""
        start, end = self._bookmark(block.id)
        first, content = _first_character(begin.parts) if article[0] else ("", begin.parts)
        lead = run((FULL_SPACE if begin.spaced else "") + first) if begin.spaced or first else ""
        xml, text = inlines(self.scope, block.id, content, ruled=begin.ruled)
        numbered = article_number or self._numbered(block, around)
        start += self._typed(block)
        self._add(paragraph(begin.style, article[0] + start + lead + article[1] + xml + end, numbered))
        self.last_text = text = first + text
        self._record(block.id, block.level, text)
        return [text, *self.blocks(block.children, around.inside(block, self.scheme))]

    def table(self, block: Table, following: Block | None) -> str:
        """Add a table and the paragraph that separates it from the block above."""
        if self.out and not self.after_table and leads_in(block, self._last_width()):
            self.out[-1] = keep_with_next(self.out[-1])
        if not block.caption:
            if self.out and not self.after_table:
                self.out.append(self._separator(keep=True).encode())
            self.finish_table(is_signature_block(block))
        text = self.table_text(block, keeps_last_row(following))
        self.after_table = True
        return text

    def _last_width(self) -> int:
        """Return the characters of the last paragraph, with the titles that it cites."""
        text = self.last_text
        return len(
            plain(text, {key: self.scope.title(ref) for key, ref in self.draft.titles}) if "\0" in text else text
        )

    def table_text(self, block: Table, keep_last: bool) -> str:
        """Add the table itself and return its text."""
        return _table(block, self.scope, self.body_width_mm, keep_last)

    def write_table(self, block: Table, keep_last: bool) -> str:
        """Write a table row by row."""
        text = table(self.scope, block, self.body_width_mm, self._bookmark(block.id), keep_last)
        self._record(block.id, "table", text)
        return text

    def _bookmark(self, block: str) -> tuple[str, str]:
        return self.draft.bookmark(self.scope.name(block))

    def _record(self, block: str, level: str, text: str) -> None:
        self.draft.provision(block, level, text, self.scope.enclosure)


def _first_character(content: Inlines) -> tuple[str, Inlines]:
    """Split off the first character, if the content starts with text."""
    if content and isinstance(content[0], Text) and content[0].text and not content[0].mark:
        return content[0].text[0], (Text(content[0].text[1:]), *content[1:])
    return "", content
