"""Redlines of a comparison: each document that differs as DOCX with tracked changes, or on paper as PDF in colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from toolkit import docx
from toolkit.compare import Comparison, mark
from toolkit.core.findings import FindingsError, has_errors
from toolkit.docx.redline.revisions import Author
from toolkit.formats import PdfWriter, Setting
from toolkit.model.tree import Document, Text
from toolkit.versions.layouts import LAYOUT, path_of, sheet
from toolkit.versions.sets import DocumentPair, SetComparison

#: A note for readers on paper; without colour the lines tell it too.
LEGEND = "（修订稿：删除线为删去，下划线为新增）"
#: Parts of the head in which a redline on paper marks the words.
_MARKED_ON_PAPER = ("标题", "题注", "主送机关")


def blank_remarks(document: Document, data: bytes) -> tuple[str, ...]:
    """Say which form fields of a redline (``data``) of a marked document are no controls any more on either side."""
    remarks = []
    for what, names in zip(("接受", "拒绝"), docx.blank_fields(document, data), strict=True):
        if names:
            remarks.append(f"{what}修订后，这些填写项只是空白，不再是可填的控件：{'、'.join(dict.fromkeys(names))}")
    return tuple(remarks)


def marked(pair: DocumentPair) -> Document:
    """Return both texts of a pair as one marked document."""
    part = _compared(pair)
    return mark(part.old, part.new, part.pairs)


def as_docx(
    comparison: SetComparison, author: Author, track: bool = False, templates: Sequence[Path] = ()
) -> dict[str, bytes]:
    """Return file name → DOCX of every document whose text differs; ``track``: go on tracking when it is opened."""
    files = {}
    for pair in comparison.redlined():
        labels, template = _compared(pair).new.labels, sheet(_layout(pair), templates)
        files[f"{pair.name}-修订稿.docx"] = docx.write_redline(marked(pair), labels, template, author, track=track)
    return files


def as_pdf(comparison: SetComparison, templates: Sequence[Path] = (), fonts: Sequence[Path] = ()) -> dict[str, bytes]:
    """Return file name → PDF of every document whose text differs. Raises FindingsError where a font lacks characters."""
    documents = [(pair, _on_paper(pair)) for pair in comparison.redlined()]
    writer = PdfWriter(Setting(fonts=fonts))
    if has_errors(findings := writer.check(document for _, document in documents)):
        raise FindingsError(findings)
    files = {}
    for pair, document in documents:
        part = _compared(pair)
        template = path_of(_layout(pair), templates)
        files[f"{pair.name}-修订稿.pdf"] = writer.redline(document, part.new.labels, template, part.old.labels)
    return files


def _compared(pair: DocumentPair) -> Comparison:
    assert pair.comparison is not None
    return pair.comparison


def _layout(pair: DocumentPair) -> str:
    part = _compared(pair)
    return part.new.document.layout or part.old.document.layout or LAYOUT


def _on_paper(pair: DocumentPair) -> Document:
    document = marked(pair)
    said = [
        f"{head.what}：{head.before or '（空）'}→{head.after or '（空）'}"
        for head in _compared(pair).head
        if head.what not in _MARKED_ON_PAPER
    ]
    lines = [LEGEND, *([f"（{'；'.join(said)}）"] if said else [])]
    own = (*document.note, Text("\n")) if document.note else ()
    return replace(document, note=(*own, Text("\n".join(lines))))
