"""The ceilings of a size, and the figures that are held against them; ``toolkit load`` counts the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.checks.lines import compiled
from toolkit.checks.registry import Context, warning
from toolkit.compose.due_dates import COMMON_YEAR, occasions
from toolkit.core.findings import Finding, Place
from toolkit.model.tree import Document, FormField, Inline, Provision, inlines_of, walk
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import SetLabels, inline_text

#: The layout of documents whose text is rules; the others are papers to work with.
RULES = "regulation"
#: Figures that have a ceiling: name, unit, and the way to lower it. Pages are counted by ``toolkit load``.
FIGURES = {
    "documents": ("文件", "份", "表格改为按需出具，或者去掉自有条款加的文件。"),
    "characters": ("制度正文", "字", "自有条款写得短一些，或者改用完整规模。"),
    "tasks": ("一年到期的事项", "项", "频次是法律、法规要求的可以不改；其余的降到下限，或者改用完整规模。"),
    "occasions": ("合起来办的次数", "次", "把同一天、同一个会议的事项安排在一起，或者改用完整规模。"),
}


def is_rule(document: Document) -> bool:
    """Whether a document of the set is a text of rules of its own."""
    return document.layout == RULES and not document.on_demand and document.enclosure is None


def characters(document: Document, labels: SetLabels, words: Mapping[str, Any]) -> int:
    """Return the characters of a text as a DOCX holds them: title, headings and references, without blanks and live numbers.

    The 题注 and the sentence about the texts that this one repeals are not counted (``lifecycle`` of the vocabulary): they grow
    with each revision.
    """
    history = compiled((words.get("lifecycle") or {}).get("repeals", "(?!)"))
    texts = [document.title]
    for block in walk(document.body):
        is_article = isinstance(block, Provision) and block.level == "article"
        if is_article and document.numbering == "articles":
            continue  # its heading (条旨) is printed in outlines only, its text is in its paragraphs
        text = "".join([_printed(labels, document, block.id, part) for part in inlines_of(block)])
        texts.append("" if history.search(text) else text)
    return len("".join("".join(texts).split()))


def _printed(labels: SetLabels, document: Document, origin: str, part: Inline) -> str:
    if isinstance(part, FormField):
        return ""
    try:
        return inline_text(labels, document.id, origin, (part,))
    except UnresolvedRef:  # said by the check of references
        return ""


def ceilings(context: Context) -> Iterator[Finding]:
    """A set stays within the ceilings of its size."""
    if not context.preset.ceilings:
        return
    issued = [document for document in context.built.set.documents if not document.on_demand]
    most = context.preset.most(document.id for document in issued)
    dues = context.resolved.dues(context.resolved.year or COMMON_YEAR)
    counted = {
        "documents": len(issued),
        "characters": sum(
            characters(document, context.labels, context.words) for document in issued if is_rule(document)
        ),
        "tasks": sum(len(those) for _, those in dues),
        "occasions": len(occasions(dues)),
    }
    for name, (label, unit, hint) in FIGURES.items():
        if counted[name] > most.get(name, counted[name]):
            size = context.preset.size_label
            message = f"{label}有{counted[name]}{unit}，{size}规模的上限是{most[name]}{unit}。"
            basis = "本项目的要求：精简规模保持精简"
            yield warning("load_ceiling", message, Place(key="规模"), hint, basis, subject=name)
