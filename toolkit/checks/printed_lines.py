"""The lines of text that checks read: one line per block or table cell of the set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, Document, DocumentSet, FormField, Inlines, Provision, Table, Text
from toolkit.presets.spec import Preset, literals

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


@remembered(512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the vocabulary, compiled once."""
    return re.compile(pattern)


def _matching(pattern: str, texts: Sequence[str], joined: str) -> list[str]:
    """Return the texts in which ``pattern`` is found. One look at all of them, ``joined``, mostly tells that there is none."""
    if not _META.search(pattern) and not any(word in joined for word in pattern.split("|")):
        return []
    search = compiled(pattern).search
    if not _ASSERTS.search(pattern) and not search(joined):
        return []
    return [text for text in texts if search(text)]


Chunk = tuple[Any, ...]
#: (line, place of a pattern) for all that is found in a chunk.
Hits = tuple[tuple[Any, int], ...]


@remembered(key=identity, each=True)
def _hits(chunks: Sequence[Chunk], patterns: tuple[str, ...]) -> list[Hits]:
    """Return what the patterns find in each chunk."""
    texts = list(dict.fromkeys([line.text for chunk in chunks for line in chunk]))
    places = dict(zip(texts, _places(texts, patterns), strict=True))
    return [tuple([(line, place) for line in chunk for place in places[line.text]]) for chunk in chunks]


@remembered(10_000, each=True)
def _places(texts: Sequence[str], patterns: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Return the places of the patterns that are found in each text."""
    joined = "\n".join(texts)
    places: dict[str, tuple[int, ...]] = {}
    for place, pattern in enumerate(patterns):
        for text in _matching(pattern, texts, joined):
            places[text] = (*places.get(text, ()), place)
    return [places.get(text, ()) for text in texts]


class Corpus:
    """Lines (anything with ``text``) in order, in chunks that units may share."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.chunks = tuple(chunks)

    @cached_property
    def lines(self) -> tuple[Any, ...]:
        """All lines."""
        return tuple([line for chunk in self.chunks for line in chunk])

    def matching(self, pattern: str) -> frozenset[str]:
        """Return the distinct texts in which ``pattern`` is found."""
        return frozenset([line.text for line, _ in self.found((pattern,))])

    def found(self, patterns: Sequence[str]) -> Iterator[tuple[Any, int]]:
        """Yield (line, place of a pattern) for all that is found, line by line, in the order of the patterns."""
        if patterns:
            for hits in _hits(self.chunks, tuple(patterns)):
                yield from hits

    def lines_with(self, patterns: Sequence[str]) -> Iterator[Any]:
        """Yield the lines in which any of the patterns is found, each once."""
        for hits in _hits(self.chunks, tuple(patterns)):
            last = None
            for line, _ in hits:
                if line is not last:
                    yield line
                last = line


def lines_of(whole: DocumentSet) -> Corpus:
    """Return the lines of every document of a set, titles first."""
    return _lines_of(whole)[0]


def by_document(whole: DocumentSet) -> list[tuple[Document, list[Line]]]:
    """Return each document of a set with its lines."""
    return [(document, [line for chunk in chunks for line in chunk]) for document, chunks in _lines_of(whole)[1]]


@remembered(4, key=identity)
def _lines_of(whole: DocumentSet) -> tuple[Corpus, list[tuple[Document, tuple[Chunk, ...]]]]:
    """Return the lines of a set, and those of each document in chunks: title and addressee, then each block of the body."""
    documents = [(document, _chunks(document)) for document in whole.documents]
    return Corpus(chunk for _, chunks in documents for chunk in chunks), documents


@remembered(2, key=identity)
def literals_of(preset: Preset) -> Corpus:
    """Return a preset's literal prose."""
    return Corpus([tuple(literals(preset))])


def _chunks(document: Document) -> tuple[Chunk, ...]:
    """Return the lines of one document: title, note, addressee; then headings, provisions, table cells by block."""
    head = [Line(document.id, "", document.title)]
    head += [Line(document.id, "", _text(inlines)) for inlines in (document.note, document.addressee) if inlines]
    return (tuple(head), *[_lines_in(block, document.id, "") for block in document.body])


def _block_lines(document: str, block: Block, lead: str) -> Iterable[Line]:
    """Return the lines of a block of a document and of all inside it, below a list's ``lead``."""
    if isinstance(block, Provision) and block.level != "article":
        return _provision_lines(document, block, lead)
    return _lines_in(block, document, lead)


@remembered(key=identity)
def _lines_in(block: Block, document: str, lead: str) -> tuple[Line, ...]:
    make = _provision_lines(document, block, lead) if isinstance(block, Provision) else _table_lines(document, block)
    return tuple(make)


def _provision_lines(document: str, block: Provision, lead: str) -> Iterator[Line]:
    own = ""
    for inlines in (block.heading, block.content):
        if inlines:
            own = _text(inlines)
            yield Line(document, block.id, own, lead)
    below = lead + own if block.content else ""
    for child in block.children:
        yield from _block_lines(document, child, below)


def _table_lines(document: str, table: Table) -> Iterator[Line]:
    if table.caption:
        yield Line(document, table.id, _text(table.caption))
    for row in table.rows:
        for cell in row.cells:
            for inlines in cell.content:
                if inlines:
                    yield Line(document, table.id, _text(inlines))


def _text(inlines: Inlines) -> str:
    if len(inlines) == 1 and type(inlines[0]) is Text:
        return inlines[0].text
    return "".join(
        [
            part.text if isinstance(part, Text) else (part.value or "　") if isinstance(part, FormField) else "\ufffc"
            for part in inlines
        ]
    )
