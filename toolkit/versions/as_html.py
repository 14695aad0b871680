"""A comparison as one self-contained page: side by side and inline, changes to jump through, filters, print style."""

from __future__ import annotations

from itertools import count

from toolkit.compare.classify import KINDS
from toolkit.reports import html
from toolkit.versions import wording
from toolkit.versions.sets import SetComparison


def write(comparison: SetComparison) -> bytes:
    """Return the page in UTF-8. All text is escaped; the policy lets no other script or style run."""
    numbers = count(1)  # of the anchors
    documents = [
        (
            pair,
            [
                (part, [(f"c{next(numbers)}", change) for change in part.changes if change.kind != "renumbered"])
                for part in pair.parts
            ],
        )
        for pair in comparison.of("changed")
    ]
    return html.page(
        "review.html",
        program="diff",
        title=f"修订对照：{comparison.old.name} → {comparison.new.name}",
        view="review beside",
        comparison=comparison,
        documents=documents,
        words=wording,
        kinds=KINDS,
        quiet=("punctuation", *wording.FOLDED),
    )
