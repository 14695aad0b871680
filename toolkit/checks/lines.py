"""The lines of text that checks read, matches of patterns in them, and which parameter of the user's file it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from toolkit.checks.registry import Context
from toolkit.compose.resolve import Resolved
from toolkit.core.data_folders import is_bundled
from toolkit.core.findings import Place
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import (
    GROUPS,
    Block,
    Document,
    DocumentSet,
    FormField,
    Inlines,
    Provision,
    Row,
    Table,
    Text,
    walk,
)
from toolkit.presets.loading import kept_with_preset
from toolkit.presets.markup import Parts, placeholders
from toolkit.presets.spec import DocumentTemplate, LiteralText, Preset, literals
from toolkit.presets.spec import walk as walk_template

#: A pattern without any of these is a choice of plain words.
_META = re.compile(r"[\\.^$*+?{}\[\]()]")
#: A text of the profile that is as long and has a verb or a mark may say something; shorter ones are names.
_LONG, _SAYS = 10, re.compile("[，。；不无]|应当|可以|负责|由")
#: A cell of so many characters, or fewer, is read with the label of its row: 听取申辩 | 从略.
_LABEL = 16
#: Outside of these a match depends on nothing but the characters that it covers.
_ASSERTS = re.compile(r"\\|\(\?(?!P<|:)|\$|(?<!\[)\^")


class PrintedLine(NamedTuple):
    """One stretch of printed text with the ids of its document and provision; ``lead`` is the text above a list's item.

    ``is_prose``: it is that of a provision, not of a table.
    """

    document: str
    provision: str
    text: str
    lead: str = ""
    is_prose: bool = False

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


@remembered(2048)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the vocabulary, compiled once."""
    return re.compile(pattern)


def is_found(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text; one that is a choice of plain words needs no compiling."""
    if not _META.search(pattern):
        return any(word in text for word in pattern.split("|"))
    return compiled(pattern).search(text) is not None


def spans(pattern: str, text: str) -> list[tuple[int, int]]:
    """Return the spans of the matches of a pattern in a text; a choice of plain words needs no compiling, the longest wins."""
    if _META.search(pattern):
        return [match.span() for match in compiled(pattern).finditer(text)]
    found = [(at, at + len(word)) for word in pattern.split("|") if word in text for at in _all_of(word, text)]
    outer = sorted(found, key=lambda span: (span[0], -span[1]))
    return [span for span in outer if not any(a <= span[0] and span[1] <= b and (a, b) != span for a, b in outer)]


def _all_of(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _matching(pattern: str, texts: Sequence[str], joined: str) -> list[str]:
    """Return the texts in which ``pattern`` is found. Searching ``joined``, all of them, mostly shows that there is none."""
    if not _META.search(pattern):
        words = [word for word in pattern.split("|") if word in joined]
        return [text for text in texts if any(word in text for word in words)] if words else []
    search = compiled(pattern).search
    if not _ASSERTS.search(pattern) and not search(joined):
        return []
    return [text for text in texts if search(text)]


Chunk = tuple[Any, ...]
#: (line, index of a pattern) for all that patterns find in a chunk.
IndexedLines = tuple[tuple[Any, int], ...]


@remembered(key=identity, each=True)
def hits_in(chunks: Sequence[Chunk], patterns: tuple[str, ...]) -> list[IndexedLines]:
    """Return the matches of the patterns in each chunk."""
    texts = list(dict.fromkeys([line.text for chunk in chunks for line in chunk]))
    indices = dict(zip(texts, _indices(texts, patterns), strict=True))
    return [tuple([(line, index) for line in chunk for index in indices[line.text]]) for chunk in chunks]


@remembered(10_000, each=True)
def _indices(texts: Sequence[str], patterns: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Return the indices of the patterns that are found in each text."""
    joined = "\n".join(texts)
    indices: dict[str, tuple[int, ...]] = {}
    for index, pattern in enumerate(patterns):
        for text in _matching(pattern, texts, joined):
            indices[text] = (*indices.get(text, ()), index)
    return [indices.get(text, ()) for text in texts]


class Corpus:
    """Lines (anything with ``text``) in order, in chunks that units may share."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.chunks = tuple(chunks)

    @cached_property
    def lines(self) -> tuple[Any, ...]:
        """All lines."""
        return tuple([line for chunk in self.chunks for line in chunk])

    def find(self, patterns: Sequence[str]) -> Iterator[tuple[Any, int]]:
        """Yield (line, index of a pattern) for all that the patterns find, line by line, in the order of the patterns."""
        if patterns:
            for hits in hits_in(self.chunks, tuple(patterns)):
                yield from hits

    def lines_with(self, patterns: Sequence[str]) -> Iterator[Any]:
        """Yield the lines in which any of the patterns is found, each once."""
        for hits in hits_in(self.chunks, tuple(patterns)):
            last = None
            for line, _ in hits:
                if line is not last:
                    yield line
                last = line


def lines_of(whole: DocumentSet) -> Corpus:
    """Return the lines of every document of a set, titles first."""
    return _lines_of(whole)[0]


@remembered(4, key=identity)
def prose_lines(whole: DocumentSet) -> Corpus:
    """Return the lines of the provisions of a set, without its tables."""
    return Corpus(chunk for _, chunks in _lines_of(whole)[1] for chunk in chunks[1:] if chunk and chunk[0].is_prose)


@remembered(4, key=identity)
def written_lines(context: Context) -> Corpus:
    """Return the lines of provisions that may hold faults: those of bundled kinds are judged by the tests.

    These are the lines of layers and of other kinds, those in which a text of the profile stands that is no mere name, and of
    documents that were read back the articles that are not as they are generated.
    """
    return _written(context, prose_lines(context.built.set).chunks)


@remembered(4, key=identity)
def written_cells(context: Context) -> Corpus:
    """Return the lines of tables as :func:`written_lines` those of provisions; each is the label of its row and one cell.

    ``lead`` is the row's other cells. Filled values are left out: they tell of events, and order nothing.
    """
    given, strange, read = _given(context), _own(context.preset)[0], _read_back(context)
    chunks = []
    for document, printed in _lines_of(context.built.set)[1] if strange or given or read else ():
        for block, lines in zip(document.body, printed[1:], strict=True):
            is_own = document.id in strange or (document.id, block.id) in read
            if is_own or any(text in line.text for line in lines for text in given):
                chunks.append(_cells_in(block, document.id))
    return _written(context, tuple(filter(None, chunks)))


def _written(context: Context, chunks: tuple[Chunk, ...]) -> Corpus:
    """Return of some chunks the lines that the bundled kinds did not write."""
    given, strange, read = _given(context), _own(context.preset)[0], _read_back(context)
    sources, chunks = context.built.sources, chunks if strange or given or read else ()
    found = []
    for chunk, whole in zip(chunks, texts_of(chunks), strict=True):
        is_strange = chunk[0].document in strange
        has_given = any(text in whole for text in given)
        for line in chunk if is_strange or has_given or read else ():
            source = sources.get((line.document, line.provision)) if is_strange else None
            is_own = source is not None and not is_bundled(source.file)
            if is_own or (line.document, line.provision) in read or any(text in line.text for text in given):
                found.append(line)
    return Corpus([tuple(found)])


@remembered(4, key=identity)
def _read_back(context: Context) -> frozenset[tuple[str, str]]:
    """Return document and id of the blocks that were read back and are not as they are generated: whole articles and tables."""
    if context.generated is None:
        return frozenset()
    generated = {document.id: document.body for document in context.generated.documents}
    found: set[tuple[str, str]] = set()
    for document in context.built.set.documents:
        body = generated.get(document.id, ())
        if document.body is not body:
            standing = {id(block) for block in walk(body)}
            found.update((document.id, block.id) for block in _not_standing(document.body, standing))
    return frozenset(found)


def _not_standing(blocks: Iterable[Block], standing: Collection[int]) -> Iterator[Block]:
    """Yield the blocks that are none of those ``standing`` (by identity), of an article all that is in it."""
    for block in blocks:
        if id(block) in standing:
            continue
        if isinstance(block, Provision) and block.level in GROUPS:
            yield block
            yield from _not_standing(block.children, standing)
        else:
            yield from walk((block,))


@remembered(4, key=identity)
def _given(context: Context) -> list[str]:
    """Return the texts of the profile that are no mere names."""
    values = context.resolved.given
    keys = (
        context.places if context.generated is None else values
    )  # a set that was read back has no places in a profile
    given = (text for key in keys for text in texts_in(values.get(key)))
    return [text for text in given if len(text) >= _LONG and _SAYS.search(text)]


@kept_with_preset("compose", "numbering", "checks")
def _own(preset: Preset) -> tuple[tuple[str, ...], tuple[LiteralText, ...]]:
    """Return the documents with blocks that no bundled kind wrote, and the prose that none wrote."""
    if preset.judged:
        return (), ()
    lines = (line for line in literals_of(preset).lines if line.document and line.provision)
    strange = tuple([name for name, template in preset.documents.items() if _is_strange(template)])
    return strange, tuple([line for line in lines if not is_bundled(line.place.file)])


def _is_strange(template: DocumentTemplate) -> bool:
    """Whether a document has blocks that no bundled kind wrote."""
    if template.own_files or not is_bundled(template.place.file):
        return True
    return not all(is_bundled(block.file) for block in walk_template(template.body))


@remembered(4, key=identity)
def by_document(whole: DocumentSet) -> list[tuple[Document, list[PrintedLine]]]:
    """Return each document of a set with its lines."""
    return [(document, [line for chunk in chunks for line in chunk]) for document, chunks in _lines_of(whole)[1]]


def chunks_of(whole: DocumentSet, families: Collection[str]) -> tuple[Chunk, ...]:
    """Return the lines of the documents of some families, in chunks that units share."""
    return tuple([chunk for document, chunks in _lines_of(whole)[1] if document.family in families for chunk in chunks])


@remembered(key=identity, each=True)
def texts_of(chunks: Sequence[Chunk]) -> list[str]:
    """Return the text of each chunk, a line for each of its lines."""
    return ["\n".join([line.text for line in chunk]) for chunk in chunks]


@remembered(4, key=identity)
def _lines_of(whole: DocumentSet) -> tuple[Corpus, list[tuple[Document, tuple[Chunk, ...]]]]:
    """Return the lines of a set, and those of each document in chunks: title and addressee, then each block of the body."""
    documents = [(document, _chunks(document)) for document in whole.documents]
    return Corpus(chunk for _, chunks in documents for chunk in chunks), documents


@remembered(2, key=identity)
def literals_of(preset: Preset) -> Corpus:
    """Return a preset's literal prose."""
    return Corpus([tuple(literals(preset))])


def own_literals(preset: Preset) -> tuple[LiteralText, ...]:
    """Return the prose of documents that no bundled kind wrote; the tests judge that of the bundled ones."""
    return _own(preset)[1]


def _chunks(document: Document) -> tuple[Chunk, ...]:
    """Return the lines of one document: title, note, addressee; then headings, provisions, table cells by block."""
    head = [PrintedLine(document.id, "", document.title)]
    head += [PrintedLine(document.id, "", _text(inlines)) for inlines in (document.note, document.addressee) if inlines]
    return (tuple(head), *[_lines_in(block, document.id, "") for block in document.body])


@remembered(key=identity)
def _lines_in(block: Block, document: str, lead: str) -> tuple[PrintedLine, ...]:
    """Return the lines of a block of a document and of all inside it, below a list's ``lead``."""
    make = _provision_lines(document, block, lead) if isinstance(block, Provision) else _table_lines(document, block)
    return tuple(make)


def _provision_lines(document: str, block: Provision, lead: str) -> Iterator[PrintedLine]:
    own = ""
    for inlines in (block.heading, block.content):
        if inlines:
            own = _text(inlines)
            yield PrintedLine(document, block.id, own, lead, True)
    below = lead + own if block.content else ""
    for child in block.children:
        if isinstance(child, Provision) and child.level != "article":
            yield from _provision_lines(document, child, below)
        else:
            yield from _lines_in(child, document, below)


def _table_lines(document: str, table: Table) -> Iterator[PrintedLine]:
    lines = [line for row in table.rows for cell in row.cells for line in cell.content]
    for inlines in (table.caption, *lines):
        if inlines:
            yield PrintedLine(document, table.id, _text(inlines))


@remembered(key=identity)
def _cells_in(block: Block, document: str) -> tuple[PrintedLine, ...]:
    """Return the lines of the cells of a table, or of the tables in a provision."""
    tables = [inner for inner in walk((block,)) if isinstance(inner, Table)]
    return tuple([line for table in tables for row in table.rows for line in _row_lines(document, table.id, row)])


def _row_lines(document: str, table: str, row: Row) -> Iterator[PrintedLine]:
    cells = ["".join(_printed(line) for line in cell.content) for cell in row.cells]
    label = cells[0] if cells and len(cells[0]) <= _LABEL else ""
    for index, cell in enumerate(cells):
        text = cell if index == 0 or not label or len(cell) > _LABEL else label + cell
        if cell:
            yield PrintedLine(document, table, text, "，".join(cells[:index] + cells[index + 1 :]))


def _printed(inlines: Inlines) -> str:
    """Return the text that a line prints before it is filled in."""
    return _text(tuple([replace(part, value="") if isinstance(part, FormField) else part for part in inlines]))


def _text(inlines: Inlines) -> str:
    if len(inlines) == 1 and type(inlines[0]) is Text:
        return inlines[0].text
    return "".join(
        [
            part.text if isinstance(part, Text) else (part.value or "　") if isinstance(part, FormField) else "\ufffc"
            for part in inlines
        ]
    )


# --- where a text comes from ----------------------------------------------------------------------------------------


class Hit(NamedTuple):
    """A pattern found in a printed line. ``key`` is the parameter that the text was filled in from, or empty."""

    line: PrintedLine
    rule: int
    match: re.Match[str]
    key: str
    where: Place


def hits(
    context: Context,
    patterns: Sequence[str],
    ignore: Collection[str] = (),
    skip: Callable[[str, re.Match[str]], bool] | None = None,
) -> Iterator[Hit]:
    """Yield the matches of ``patterns`` in the set, line by line; ``rule`` is the index of the pattern.

    A text that comes from a value of the profile is reported once, at its place in the user's file,
    however often it is printed. ``ignore`` are parameters that no text is traced to; a match is passed over if ``skip`` of the
    line's text and the match is true.
    """
    reported: set[tuple[str, int, str]] = set()
    for line, rule in lines_of(context.built.set).find(patterns):
        for match in compiled(patterns[rule]).finditer(line.text):
            if skip is not None and skip(line.text, match):
                continue
            hit = trace(context, line, match, rule, ignore)
            seen = (hit.key, rule, match.group())
            if hit.key not in context.places or seen not in reported:
                reported.add(seen)
                yield hit


def trace(
    context: Context, line: PrintedLine, match: re.Match[str], rule: int = 0, ignore: Collection[str] = ()
) -> Hit:
    """Return a match with the parameter that it was filled in from, placed there if the user gave it."""
    key = _source(context, line.text, match, ignore)
    where = context.places.get(key) or context.at(line.document, line.provision)
    return Hit(line, rule, match, key, where)


def _source(context: Context, text: str, match: re.Match[str], ignore: Collection[str]) -> str:
    """Return the parameter whose value covers the match: a given one first, the longest first."""
    word, (start, end) = match.group(), match.span()
    for key, value in _values(context.resolved) if word else ():
        if word in value and key not in ignore and covers(text, value, start, end):
            return key
    return ""


@remembered(4, key=identity)
def _values(resolved: Resolved) -> list[tuple[str, str]]:
    """Return (key, text) of every text in the values of parameters."""
    texts = [(key, text) for key, value in resolved.values.items() for text in texts_in(value)]
    return sorted(texts, key=lambda pair: (pair[0] not in resolved.given, -len(pair[1])))


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts that a value holds: itself, or those of its elements and columns."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)


def covers(text: str, value: str, start: int, end: int) -> bool:
    """Return whether an occurrence of ``value`` in ``text`` encloses the stretch from ``start`` to ``end``."""
    at = text.find(value, max(0, end - len(value)))
    return 0 <= at <= start


def given_behind(context: Context, parts: Parts) -> str:
    """Return the parameter of the user's file that a text is made of, through defaults and names; or empty."""
    from toolkit.presets.params import default_placeholders

    preset = context.preset
    waiting = [part.path for part in placeholders(parts)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if path in context.places:
            return path
        entry = preset.org.get(path.partition(".")[0])
        if path in preset.defaults:
            waiting += [part.path for part in default_placeholders(preset.defaults[path])]
        elif entry is not None:
            waiting += [part.path for part in placeholders(entry.name)]
    return ""


def place_of(context: Context, parts: Parts, otherwise: Place) -> Place:
    """Return the user's place behind a text, or where the preset has it."""
    return context.places.get(given_behind(context, parts), otherwise)
