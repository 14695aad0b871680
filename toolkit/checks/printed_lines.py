"""The lines of text that checks read: one line per block or table cell of the set."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from toolkit.checks.registry import Context
from toolkit.core.memo import OfBlocks, Recent
from toolkit.model.tree import Block, Document, FormField, Inlines, Provision, Table, Text
from toolkit.presets.literals import literals

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


#: Patterns → text → the places of the patterns that are found in it: what units share is searched once.
_found: Recent[dict[str, tuple[int, ...]]] = Recent(200)
#: Texts remembered for one set of patterns.
_TEXTS = 10_000


def _finds(patterns: tuple[str, ...], texts: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return what the patterns find in each text (and in others, searched before)."""
    known = _found.get(patterns)
    if known is None or len(known) > _TEXTS:
        known = _found.put(patterns, {})
    new = [text for text in texts if text not in known]
    if new:
        joined = "\n".join(new)
        hits: dict[str, list[int]] = {}
        for place, pattern in enumerate(patterns):
            for text in _matching(pattern, new, joined):
                hits.setdefault(text, []).append(place)
        known.update(dict.fromkeys(new, ()))
        known.update((text, tuple(places)) for text, places in hits.items())
    return known


def _matching(pattern: str, texts: Sequence[str], joined: str) -> list[str]:
    """Return the texts in which ``pattern`` is found. One look at all of them, ``joined``, mostly tells that there is none."""
    if not _META.search(pattern) and not any(word in joined for word in pattern.split("|")):
        return []
    search = compiled(pattern).search
    if not _ASSERTS.search(pattern) and not search(joined):
        return []
    return [text for text in texts if search(text)]


Chunk = tuple[Any, ...]
#: (line, place of a pattern) for all that is found in a chunk, by the number of the patterns.
Hits = dict[int, tuple[tuple[Any, int], ...]]


class Corpus:
    """Lines (anything with ``text``) in order, in chunks that units may share. Each distinct text is searched once.

    What patterns find in a chunk is remembered by the chunk's identity.
    """

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.chunks = tuple(chunks)

    @cached_property
    def lines(self) -> tuple[Any, ...]:
        """All lines."""
        return tuple([line for chunk in self.chunks for line in chunk])

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The distinct texts."""
        return tuple(dict.fromkeys([line.text for line in self.lines]))

    @property
    def joined(self) -> str:
        """All distinct texts, a line each."""
        return "\n".join(self.texts)

    def matching(self, pattern: str) -> frozenset[str]:
        """Return the distinct texts in which ``pattern`` is found."""
        return frozenset([line.text for line, _ in self.found((pattern,))])

    def found(self, patterns: Sequence[str]) -> Iterator[tuple[Any, int]]:
        """Yield (line, place of a pattern) for all that is found, line by line, in the order of the patterns."""
        if patterns:
            for hits in self._hits(tuple(patterns)):
                yield from hits

    def lines_with(self, patterns: Sequence[str]) -> Iterator[Any]:
        """Yield the lines in which any of the patterns is found, each once."""
        for hits in self._hits(tuple(patterns)):
            last = None
            for line, _ in hits:
                if line is not last:
                    yield line
                last = line

    def _hits(self, patterns: tuple[str, ...]) -> list[tuple[tuple[Any, int], ...]]:
        """Return (line, place of a pattern) for each chunk in which something is found."""
        number = _numbers.made(patterns, lambda: next(_count))
        new = {
            id(chunk): (chunk, known)
            for chunk, known in zip(self.chunks, self._known, strict=True)
            if number not in known
        }
        if new:
            finds = _finds(patterns, list(dict.fromkeys([line.text for chunk, _ in new.values() for line in chunk])))
            for chunk, known in new.values():
                known[number] = tuple([(line, place) for line in chunk for place in finds[line.text]])
        return [hits for known in self._known if (hits := known[number])]

    @cached_property
    def _known(self) -> list[Hits]:
        """What was found in each chunk."""
        return [_hits_of.made_of(chunk, dict) for chunk in self.chunks]


#: What is found in a chunk, by the number of the patterns.
_hits_of: OfBlocks[Hits] = OfBlocks()
_numbers: Recent[int] = Recent(1_000)
#: Numbers of patterns; one is never given twice, also not to two threads at once.
_count = itertools.count(1)


def lines_of(context: Context) -> Corpus:
    """Return the lines of every document of the set, titles first."""
    return context.once("lines", lambda: Corpus(chunk for _, chunks in chunks_of(context) for chunk in chunks))


def chunks_of(context: Context) -> list[tuple[Document, tuple[Chunk, ...]]]:
    """Return each document of the set with its lines in chunks: title and addressee, then each block of the body."""
    documents = context.built.set.documents
    return context.once("chunks", lambda: [(document, _chunks(document)) for document in documents])


def by_document(context: Context) -> list[tuple[Document, list[Line]]]:
    """Return each document of the set with its lines."""
    return context.once(
        "by_document",
        lambda: [(one, [line for chunk in chunks for line in chunk]) for one, chunks in chunks_of(context)],
    )


def literals_of(context: Context) -> Corpus:
    """Return the preset's literal prose."""
    return context.once("literals", lambda: Corpus([tuple(literals(context.preset))]))


def _chunks(document: Document) -> tuple[Chunk, ...]:
    """Return the lines of one document: title, note, addressee; then headings, provisions, table cells by block."""
    head = [Line(document.id, "", document.title)]
    head += [Line(document.id, "", _text(inlines)) for inlines in (document.note, document.addressee) if inlines]
    return (tuple(head), *[_top_lines(document.id, block) for block in document.body])


_lines: OfBlocks[tuple[Line, ...]] = OfBlocks()
#: Provisions whose lines are remembered, besides the blocks of the body; of others there are too many for what it saves.
_REMEMBERED = frozenset({"article"})


def _top_lines(document: str, block: Block) -> tuple[Line, ...]:
    found = _lines.of(block, (document, None))
    return (
        found if found is not None else _lines.keep(block, (document, None), tuple(_block_lines(document, block, "")))
    )


def _block_lines(document: str, block: Block, lead: str) -> Iterable[Line]:
    """Return the lines of a block of a document and of all inside it, below a list's ``lead``."""
    if isinstance(block, Provision) and block.level not in _REMEMBERED:
        return _provision_lines(document, block, lead)
    found = _lines.of(block, (document, lead))
    if found is not None:
        return found
    make = _provision_lines(document, block, lead) if isinstance(block, Provision) else _table_lines(document, block)
    return _lines.keep(block, (document, lead), tuple(make))


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
