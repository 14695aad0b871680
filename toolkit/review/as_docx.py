"""A comparison as DOCX: a redline for each document that differs, the 修订对照表, the decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit import docx, locate, stylesheet
from toolkit.diff import mark
from toolkit.docx.revisions import Author
from toolkit.errors import FileError
from toolkit.model import Document, DocumentSet
from toolkit.numbering import number_set
from toolkit.review.sets import DocumentPair, SetComparison
from toolkit.stylesheet import Stylesheet

#: Layout of documents that were read from a file that does not say.
_LAYOUT = "regulation"


def sheet(layout: str, templates: Sequence[Path] = ()) -> Stylesheet:
    """Return the template of a layout. Raises FileError if there is none."""
    for folder in locate.templates_folders(templates):
        path = folder / f"{layout}.docx"
        if path.is_file():
            return stylesheet.load(path)
    raise FileError(f"找不到版式模板 {layout}.docx", "请检查 --templates 指定的文件夹", "missing_template")


def redline(pair: DocumentPair, author: Author, track: bool = False, templates: Sequence[Path] = ()) -> bytes:
    """Return a document with the old text in it as tracked changes."""
    part = pair.comparison
    assert part is not None
    document = mark(part.old, part.new, part.pairs)
    layout = part.new.document.layout or part.old.document.layout or _LAYOUT
    return docx.write_redline(document, part.new.labels, sheet(layout, templates), author, track=track)


def redlines(
    comparison: SetComparison, author: Author, track: bool = False, templates: Sequence[Path] = ()
) -> dict[str, bytes]:
    """Return file name → redline of every document that differs."""
    return {
        f"{pair.name}-修订稿.docx": redline(pair, author, track, templates) for pair in comparison.of("changed")
    }


def clean(document: Document, templates: Sequence[Path] = ()) -> bytes:
    """Return a document of its own (a table, a decision) as DOCX."""
    labels = number_set(DocumentSet("", "", "", (document,)))
    return docx.write(document, labels, sheet(document.layout, templates))
