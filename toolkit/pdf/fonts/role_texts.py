"""Extracts the printed text of documents by font role and place, for the check for missing glyphs and ``report``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from toolkit.core.findings import Finding, Place
from toolkit.model.tree import Block, Document, FormField, Inlines, Provision, Text, walk
from toolkit.pdf.fonts.choice import FontSet, check_texts


def texts(documents: Iterable[Document]) -> Iterator[tuple[str, str, Place]]:
    """Yield (role, text, place) of all text in the tree; numbers and references add no other characters.

    Roles follow the styles of the templates: titles in 小标宋, chapters and table heads in 黑体, notes in 楷体.
    """
    for document in documents:
        where = Place(document=document.id)
        yield "title", document.title + document.subtitle + document.issuer_mark, where
        offices = document.issuer + _plain(document.addressee) + document.copy_to + document.printing_office
        yield "body", document.doc_number + offices + "".join(document.attachments), where
        yield "note", _plain(document.note), where
        for block in walk(document.body):
            yield from _of_block(block, document.id)
        if document.enclosure:
            yield from texts([document.enclosure])


def check_documents(fonts: FontSet, documents: Iterable[Document]) -> list[Finding]:
    """Return findings for characters of documents that no font has; call before writing anything."""
    return check_texts(fonts, texts(documents))


def _of_block(block: Block, document: str) -> Iterator[tuple[str, str, Place]]:
    where = Place(document=document, provision=block.id)
    if isinstance(block, Provision):
        yield "heading", _plain(block.heading), where
        yield "body", _plain(block.content), where
        return
    yield "heading", _plain(block.caption), where
    for number, row in enumerate(block.rows):
        for cell in row.cells:
            role = "heading" if cell.head or number < block.header_rows else "body"
            yield role, "".join(map(_plain, cell.content)), where


def _plain(inlines: Inlines) -> str:
    """Return all text of inlines, including values, options and labels of form fields and deleted text."""
    words = []
    for part in inlines:
        if isinstance(part, Text):
            words.append(part.text)
        elif isinstance(part, FormField):
            words += [part.value, *part.options, part.label]
    return "".join(words)
