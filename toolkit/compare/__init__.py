"""What changed between two documents of the tree, clause by clause.

``compare`` pairs and classifies · ``mark`` gives one document with both texts in it · ``accept`` and ``reject`` take it
apart again · ``script`` and ``apply`` are the same as data · ``merge3`` joins two changes of one text. See
``docs/review.md``.
"""

from toolkit.compare.accepting import accept, reject
from toolkit.compare.classify import Change, Comparison, compare
from toolkit.compare.mark import mark
from toolkit.compare.merging import Conflict, Merged, merge3
from toolkit.compare.script import apply, script
from toolkit.compare.side import Side

__all__ = [
    "Change",
    "Comparison",
    "Conflict",
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
