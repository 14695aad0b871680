"""A comparison on paper: a redline for each document that differs, as PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.compare import mark
from toolkit.core.findings import FindingsError, has_errors
from toolkit.model.tree import Document, Text
from toolkit.pdf.printer import Printer
from toolkit.versions.layouts import LAYOUT, path_of
from toolkit.versions.sets import DocumentPair, SetComparison

#: What a reader of the paper has to know; without colour the lines tell it too.
LEGEND = "（修订稿：删除线为删去，下划线为新增）"
#: Parts of the head in which a redline on paper marks the words.
_MARKED = ("标题", "题注", "主送机关")


def redlines(comparison: SetComparison, templates: Sequence[Path] = (), fonts: Sequence[Path] = ()) -> dict[str, bytes]:
    """Return file name → redline of every document whose text differs. Raises FindingsError where a font lacks characters."""
    marked = [(pair, _marked(pair)) for pair in comparison.redlined()]
    printer = _printer((document for _, document in marked), fonts)
    found = {}
    for pair, document in marked:
        part = pair.comparison
        assert part is not None
        layout = part.new.document.layout or part.old.document.layout or LAYOUT
        data = printer.redline(document, part.new.labels, path_of(layout, templates), part.old.labels)
        found[f"{pair.name}-修订稿.pdf"] = data
    return found


def _marked(pair: DocumentPair) -> Document:
    part = pair.comparison
    assert part is not None
    document = mark(part.old, part.new, part.pairs)
    said = [
        f"{one.what}：{one.before or '（空）'}→{one.after or '（空）'}" for one in part.head if one.what not in _MARKED
    ]
    lines = [LEGEND, *([f"（{'；'.join(said)}）"] if said else [])]
    own = (*document.note, Text("\n")) if document.note else ()
    return replace(document, note=(*own, Text("\n".join(lines))))


def _printer(documents: Iterable[Document], fonts: Sequence[Path]) -> Printer:
    printer = Printer(fonts)
    findings = printer.check(documents)
    if has_errors(findings):
        raise FindingsError(findings)
    return printer
