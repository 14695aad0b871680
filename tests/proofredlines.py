"""Redlines for the validators: every kind of change, and random edits of random documents, from either side."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from docx_samples import doc
from review_trees import Editor, Maker
from test_review_libreoffice import AUTHOR, CASES, sheet

from toolkit import docx
from toolkit.compare import Side, mark
from toolkit.model.tree import Document

#: Random pairs, of 2 to 7 articles with up to six edits.
PAIRS = 60


def pairs() -> dict[str, tuple[Document, Document]]:
    """Return (old, new) by name; seeded, so that they are the same each time."""
    found = {f"case-{place}": (doc(body=old), doc(body=new)) for place, (old, new) in enumerate(CASES.values())}
    for seed in range(PAIRS):
        maker = Maker(random.Random(seed))
        old = maker.document(2 + seed % 6)
        found[f"random-{seed}"] = (old, Editor(maker).edited(old, 1 + seed % 6))
    return found


def write_all(folder: Path) -> None:
    """Write the redline of each pair, there and back."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (old, new) in pairs().items():
        for way, (before, after) in (("there", (Side(old), Side(new))), ("back", (Side(new), Side(old)))):
            data = docx.write_redline(mark(before, after), after.labels, sheet(), AUTHOR)
            (folder / f"{name}-{way}.docx").write_bytes(data)


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
