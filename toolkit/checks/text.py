"""The lines of text that checks read: one line per block or table cell of the set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from toolkit.checks.registry import Context
from toolkit.model import Block, Document, FormField, Inlines, Provision, Table, Text

#: A pattern without any of these is a choice of plain words.
_META = re.compile(r"[\\.^$*+?{}\[\]()]")
#: Outside of these a match depends on nothing but the characters that it covers.
_ASSERTS = re.compile(r"\\|\(\?|\$|(?<!\[)\^")


class Line(NamedTuple):
    """One stretch of printed text with the ids of where it stands; ``lead`` is the text above a list's item."""

    document: str
    provision: str
    text: str
    lead: str = ""

    def excerpt(self, word: str, around: int = 10) -> str:
        """Return the text around a word, ``around`` characters on each side."""
        start = self.text.find(word)
        if start < 0:
            return self.text[: 2 * around]
        low, high = max(0, start - around), start + len(word) + around
        return ("…" if low else "") + self.text[low:high] + ("…" if high < len(self.text) else "")


class Stretch(NamedTuple):
    """A part of a preset's literal prose, with the literal that it was taken from."""

    literal: Any
    text: str


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the vocabulary, compiled once."""
    return re.compile(pattern)


class Corpus:
    """Lines (anything with ``text``) in order. Each distinct text is searched once, however often it is printed."""

    def __init__(self, lines: Iterable[Any]) -> None:
        self.lines = tuple(lines)
        self.texts = tuple(dict.fromkeys([line.text for line in self.lines]))
        self.joined = "\n".join(self.texts)

    def matching(self, pattern: str) -> frozenset[str]:
        """Return the distinct texts in which ``pattern`` is found."""
        if not _META.search(pattern) and not any(word in self.joined for word in pattern.split("|")):
            return frozenset()
        search = compiled(pattern).search
        if not _ASSERTS.search(pattern) and not search(self.joined):
            return frozenset()
        return frozenset([text for text in self.texts if search(text)])

    def found(self, patterns: Sequence[str]) -> Iterator[tuple[Any, int]]:
        """Yield (line, place of a pattern) for all that is found, line by line, in the order of the patterns."""
        hits = [(place, texts) for place, pattern in enumerate(patterns) if (texts := self.matching(pattern))]
        if not hits:
            return
        for line in self.lines:
            for place, texts in hits:
                if line.text in texts:
                    yield line, place

    def lines_with(self, patterns: Sequence[str]) -> Iterator[Any]:
        """Yield the lines in which any of the patterns is found, each once."""
        texts = frozenset().union(*(self.matching(pattern) for pattern in patterns))
        return (line for line in self.lines if line.text in texts)


def lines_of(context: Context) -> Corpus:
    """Return the lines of every document of the set, titles first."""
    return context.once("lines", lambda: Corpus(line for part in by_document(context) for line in part[1]))


def by_document(context: Context) -> list[tuple[Document, list[Line]]]:
    """Return each document of the set with its lines."""
    documents = context.built.set.documents
    return context.once("by_document", lambda: [(document, list(lines_in(document))) for document in documents])


def literals_of(context: Context) -> Corpus:
    """Return the preset's literal prose."""
    return context.once("literals", lambda: Corpus(context.preset.literals()))


def lines_in(document: Document) -> Iterator[Line]:
    """Yield the lines of one document: title, note, addressee, headings, provisions, table cells."""
    yield Line(document.id, "", document.title)
    for inlines in (document.note, document.addressee):
        if inlines:
            yield Line(document.id, "", _text(inlines))
    yield from _block_lines(document, document.body, "")


def _block_lines(document: Document, blocks: Iterable[Block], lead: str) -> Iterator[Line]:
    for block in blocks:
        if not isinstance(block, Provision):
            yield from _table_lines(document, block)
            continue
        own = ""
        for inlines in (block.heading, block.content):
            if inlines:
                own = _text(inlines)
                yield Line(document.id, block.id, own, lead)
        if block.children:
            yield from _block_lines(document, block.children, lead + own if block.content else "")


def _table_lines(document: Document, table: Table) -> Iterator[Line]:
    if table.caption:
        yield Line(document.id, table.id, _text(table.caption))
    for row in table.rows:
        for cell in row.cells:
            for inlines in cell.content:
                if inlines:
                    yield Line(document.id, table.id, _text(inlines))


def _text(inlines: Inlines) -> str:
    if len(inlines) == 1 and type(inlines[0]) is Text:
        return inlines[0].text
    return "".join(
        [
            part.text if isinstance(part, Text) else (part.value or "　") if isinstance(part, FormField) else "\ufffc"
            for part in inlines
        ]
    )
