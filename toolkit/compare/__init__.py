"""Compares, marks and merges documents of the tree, clause by clause; used by the commands on versions of a set.

``compare`` pairs and classifies · ``mark`` returns one document that holds both texts · ``accept`` and ``reject`` resolve
it · ``script`` and ``apply`` are the same as data · ``merge3`` joins two changes of one text. See ``docs/review.md``.
"""

from toolkit.compare.classify import Change, Comparison, compare
from toolkit.compare.comparable import Side
from toolkit.compare.mark import accept, mark, reject
from toolkit.compare.merging import BOTH, KEEP, OWN, TAKE, Conflict, Decide, Decision, Merged, merge3
from toolkit.compare.script import apply, script

__all__ = [
    "BOTH",
    "KEEP",
    "OWN",
    "TAKE",
    "Change",
    "Comparison",
    "Conflict",
    "Decide",
    "Decision",
    "Merged",
    "Side",
    "accept",
    "apply",
    "compare",
    "mark",
    "merge3",
    "reject",
    "script",
]
