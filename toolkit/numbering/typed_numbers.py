"""Numbers of a document that are text, since the count gives others; used by readers and where two versions are compared.

A file may have numbers that nobody can count: 第二条之一, chapters that run on across 编, a list that begins with （三）. Of
each kind of number (groups, articles, items) either all are counted or all are text, so that no counted number stands
behind one that the count does not know.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from toolkit.model.tree import GROUPS, Block, Document, DocumentSet, Provision, Text, map_blocks, walk
from toolkit.numbering.labels import number_set, typed_label


def kind_of(block: Block, scheme: str) -> str:
    """Return the kind of a block's number: one for all of an outline; “” for a block without a number."""
    if not isinstance(block, Provision) or block.level == "paragraph" or scheme == "none":
        return ""
    if scheme == "outline":
        return "outline"
    return "group" if block.level in GROUPS else "article" if block.level == "article" else "item"


def kinds(document: Document) -> frozenset[str]:
    """Return the kinds of numbers that are text."""
    return frozenset(
        kind_of(block, document.numbering)
        for block in walk(document.body)
        if isinstance(block, Provision) and block.number
    )


def spelled_out(document: Document, texts: Set[str]) -> Document:
    """Return a document in which the numbers of these kinds are text; others are as they were."""
    if not texts - kinds(document):
        return document
    labels = number_set(DocumentSet("", "", "", (document,)))[document.id]

    def spelled(block: Block) -> Block:
        if not isinstance(block, Provision) or block.number or kind_of(block, document.numbering) not in texts:
            return block
        label = labels.label(block.id)
        return replace(block, number=(Text(label),) if label else ())

    return replace(document, body=map_blocks(document.body, spelled))


def settled(document: Document) -> tuple[Document, tuple[str, str] | None]:
    """Return a document whose numbers are all text with those counted that the count gives as well.

    Also return the first number that contradicts the count: the counted number and the typed one. 第二条之一
    contradicts nothing, though nobody can count it.
    """
    scheme = document.numbering
    bare = replace(
        document, body=map_blocks(document.body, lambda block: block if _between(block) else _counted(block))
    )
    labels = number_set(DocumentSet("", "", "", (bare,)))[document.id]
    typed = [block for block in walk(document.body) if isinstance(block, Provision) and block.number]
    differing = [block for block in typed if labels.label(block.id) != typed_label(block)]
    texts = frozenset(kind_of(block, scheme) for block in (*differing, *filter(_between, typed)))

    def kept(block: Block) -> Block:
        return block if kind_of(block, scheme) in texts else _counted(block)

    mixed = replace(document, body=map_blocks(document.body, kept))
    first = differing[0] if differing else None
    return spelled_out(mixed, texts), (labels.label(first.id), typed_label(first)) if first is not None else None


def _between(block: Block) -> bool:
    """Whether a block has a number like 第二条之一."""
    return isinstance(block, Provision) and "之" in typed_label(block)


def _counted(block: Block) -> Block:
    return replace(block, number=()) if isinstance(block, Provision) and block.number else block
