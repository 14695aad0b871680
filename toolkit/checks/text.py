"""The lines of text that checks read: one line per block or table cell of the set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.checks.registry import Context
from toolkit.model import Document, FormField, Inlines, Provision, Table, Text, walk


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of printed text with the ids of where it stands."""

    document: str
    provision: str
    text: str

    def excerpt(self, word: str, around: int = 10) -> str:
        """Return the text around a word, ``around`` characters on each side."""
        start = self.text.find(word)
        if start < 0:
            return self.text[: 2 * around]
        low, high = max(0, start - around), start + len(word) + around
        return ("…" if low else "") + self.text[low:high] + ("…" if high < len(self.text) else "")


def lines_of(context: Context) -> Iterator[Line]:
    """Yield every line of every document of the set, titles first."""
    for document in context.built.set.documents:
        yield from lines_in(document)


def lines_in(document: Document) -> Iterator[Line]:
    """Yield the lines of one document: title, note, addressee, headings, provisions, table cells."""
    yield Line(document.id, "", document.title)
    for inlines in (document.note, document.addressee):
        if inlines:
            yield Line(document.id, "", _text(inlines))
    for block in walk(document.body):
        if isinstance(block, Provision):
            for inlines in (block.heading, block.content):
                if inlines:
                    yield Line(document.id, block.id, _text(inlines))
        else:
            yield from _table_lines(document, block)


def _table_lines(document: Document, table: Table) -> Iterator[Line]:
    if table.caption:
        yield Line(document.id, table.id, _text(table.caption))
    for row in table.rows:
        for cell in row.cells:
            for inlines in cell.content:
                if inlines:
                    yield Line(document.id, table.id, _text(inlines))


def _text(inlines: Inlines) -> str:
    return "".join(
        part.text if isinstance(part, Text) else (part.value or "　") if isinstance(part, FormField) else "\ufffc"
        for part in inlines
    )
