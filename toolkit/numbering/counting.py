"""Counts provisions: one walk over a tree gives every block its place and label.

The result is one :class:`toolkit.numbering.citations.Spot` a block; labels, citations and the DOCX reader use it.
"""

from __future__ import annotations

from typing import Any

from toolkit.core.memo import identity, remembered
from toolkit.language.periods import chinese_numeral
from toolkit.model.tree import GONE, GROUPS, Block, Provision, Table
from toolkit.numbering.citations import Spot

#: Levels of labels of an outline: 一、 （一） 1. （1）.
OUTLINE_DEPTH = 4
_GROUP_LABELS = {"part": "第{}编", "chapter": "第{}章", "section": "第{}节", "article": "第{}条"}

#: Outside an article: blocks by id, articles not entered yet, the count of articles after it.
_Counted = tuple[dict[str, Spot], dict[str, tuple[tuple[Block, ...], tuple[Spot, ...]]], int]
_ARTICLES = ("", "article")


class Numberer:
    """Walks one tree. Counters are per (labelled ancestor or parent, level); articles run through the document.

    Articles are not entered: their children are put into ``waiting``, with their ancestors.
    """

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self.waiting: dict[str, tuple[tuple[Block, ...], tuple[Spot, ...]]] = {}
        self.outline = scheme == "outline"
        self.labelled = scheme != "none"
        self.spots: dict[str, Spot] = {}
        self.counters: dict[tuple[str, str], int] = {}

    def visit(self, blocks: tuple[Block, ...], chain: tuple[Spot, ...]) -> None:
        parent = chain[-1].id if chain else ""
        paragraphs = sum(1 for block in blocks if isinstance(block, Provision) and block.level == "paragraph")
        for block in blocks:
            if isinstance(block, Table):
                self.spots.setdefault(block.id, Spot(block.id, "table", "", 0, paragraphs, 0, chain))
                continue
            if block.mark in GONE:  # of a redline: what counts is the new text
                spot = Spot(block.id, block.level, "", 0, paragraphs, 0, chain)
            else:
                spot = self._spot(block, parent, chain, paragraphs)
            self.spots.setdefault(block.id, spot)
            if not block.children:
                continue
            if block.level == "article" and block.id not in self.waiting:
                self.waiting[block.id] = (block.children, (*chain, spot))
            elif not chain and block.level in GROUPS:
                self._group(block, spot)
            else:
                self.visit(block.children, (*chain, spot))

    def _group(self, block: Provision, spot: Spot) -> None:
        """Count what is inside a group at the top: nothing but the count of articles runs into it and out of it."""
        spots, waiting, articles = _counted(block, self.scheme, spot, self.counters.get(_ARTICLES, 0))
        self.counters[_ARTICLES] = articles
        _add(self.spots, spots)
        _add(self.waiting, waiting)

    def _next(self, owner: str, level: str) -> int:
        key = (owner, level)
        self.counters[key] = value = self.counters.get(key, 0) + 1
        return value

    def _spot(self, block: Provision, parent: str, chain: tuple[Spot, ...], paragraphs: int) -> Spot:
        level = block.level
        if level == "paragraph" or not self.labelled:
            return Spot(block.id, level, "", self._next(parent, level), paragraphs, 0, chain)
        if self.outline:
            above = [step for step in chain if step.depth]
            depth = min(len(above) + 1, OUTLINE_DEPTH)
            count = self._next(above[-1].id if above else "", "outline")
            return Spot(block.id, level, outline_label(depth, count), count, paragraphs, depth, chain)
        count = self._next("" if level == "article" else parent, level)
        return Spot(block.id, level, article_label(level, count), count, paragraphs, 0, chain)


@remembered(key=identity)
def _counted(group: Provision, scheme: str, spot: Spot, articles: int) -> _Counted:
    """Count what is inside a group at the top, after so many ``articles``."""
    inside = Numberer(scheme)
    inside.counters[_ARTICLES] = articles
    inside.visit(group.children, (spot,))
    return inside.spots, inside.waiting, inside.counters[_ARTICLES]


@remembered(4096)
def article_label(level: str, count: int) -> str:
    """Return the label of scheme ``articles``: 第一条, （一）, 1."""
    if level == "subitem":
        return f"{count}."
    numeral = chinese_numeral(count)
    return f"（{numeral}）" if level == "item" else _GROUP_LABELS[level].format(numeral)


@remembered(4096)
def outline_label(depth: int, count: int) -> str:
    """Return the label of scheme ``outline`` at ``depth`` 1 to 4: 一、（一）1.（1） (GB/T 9704-2012, 7.3.3)."""
    if depth == 1:
        return f"{chinese_numeral(count)}、"
    if depth == 2:
        return f"（{chinese_numeral(count)}）"
    return f"{count}." if depth == 3 else f"（{count}）"


def _add(known: dict[str, Any], found: dict[str, Any]) -> None:
    """Add what was found; of an id that stands twice the first counts."""
    if known.keys().isdisjoint(found):
        known.update(found)
        return
    for key, value in found.items():
        known.setdefault(key, value)
