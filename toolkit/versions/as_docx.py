"""A comparison as DOCX: a redline for each document that differs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit import docx
from toolkit.compare import mark
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import Document
from toolkit.versions.layouts import LAYOUT, sheet
from toolkit.versions.sets import DocumentPair, SetComparison


def blank_remarks(document: Document, data: bytes) -> tuple[str, ...]:
    """Say which form fields of a redline (``data``) of a marked document are no controls any more on either side."""
    told = []
    for what, names in zip(("接受", "拒绝"), docx.blank_fields(document, data), strict=True):
        if names:
            told.append(f"{what}修订后，这些填写项只是空白，不再是可填的控件：{'、'.join(dict.fromkeys(names))}")
    return tuple(told)


def redline(pair: DocumentPair, author: Author, track: bool = False, templates: Sequence[Path] = ()) -> bytes:
    """Return a document with the old text in it as tracked changes."""
    part = pair.comparison
    assert part is not None
    document = marked(pair)
    layout = part.new.document.layout or part.old.document.layout or LAYOUT
    return docx.write_redline(document, part.new.labels, sheet(layout, templates), author, track=track)


def marked(pair: DocumentPair) -> Document:
    """Return both texts of a pair as one marked document."""
    part = pair.comparison
    assert part is not None
    return mark(part.old, part.new, part.pairs)


def redlines(
    comparison: SetComparison, author: Author, track: bool = False, templates: Sequence[Path] = ()
) -> dict[str, bytes]:
    """Return file name → redline of every document whose text differs."""
    return {f"{pair.name}-修订稿.docx": redline(pair, author, track, templates) for pair in comparison.redlined()}
