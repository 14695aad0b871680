"""The review measured on files shaped like real revisions (``review_shapes``): texts, classes, noise, and LibreOffice.

``python benchmarks/bench_shapes.py [--pairs 180] [--no-office]``. Exits 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from measuring import ROOT, verdict

sys.path.insert(0, str(ROOT / "tests"))
from bench_review import AUTHOR, sheet
from office import resolved, uno_python
from review_shapes import TOLD, Shape, shapes

from toolkit import api, docx
from toolkit.compare import Comparison, accept, mark, reject, words
from toolkit.model.tree import Document, DocumentSet
from toolkit.numbering.labels import document_text, number_set

#: So many pairs are given to one LibreOffice.
_AT_ONCE = 15


def printed(document: Document) -> list[str]:
    """Return the printed lines of a document without white space."""
    labels = number_set(DocumentSet("", "", "", (document,)))
    return ["".join(words.even(text).split()) for _, text in document_text(document, labels)]


def typed(lines: list[str]) -> list[str]:
    """Return the lines of a file as they are printed: ⒈ as 1."""
    usual = [f"{ord(line[0]) - ord('⒈') + 1}.{line[1:]}" if "⒈" <= line[0] <= "⒛" else line for line in lines]
    return ["".join(words.even(line).split()) for line in usual]


def is_told(shape: Shape, part: Comparison) -> bool:
    """Whether the one change is told as what it is, and nothing else but what follows from it."""
    kinds = {change.kind for change in part.changes} - {"renumbered", "spacing"}
    wanted = TOLD.get(shape.kind, shape.kind)
    if wanted == "spacing":
        return not kinds and part.count("spacing") > 0
    return kinds == {wanted} and (wanted == "renamed" or part.count(wanted) == 1)


def noise(part: Comparison) -> int:
    """Return how many marked words are nothing that a reader sees."""
    lines = (line for change in part.changes if change.kind != "spacing" for line in change.lines)
    return sum(piece.op in "-+" and not words.even(piece.old + piece.new) for line in lines for piece in line.pieces)


def texts(pairs: list[tuple[Shape, Comparison]]) -> bool:
    """Print and judge what our own resolver and the classes make of the pairs."""
    right, told, total = Counter[str](), Counter[str](), Counter[str]()
    noisy = 0
    for shape, part in pairs:
        marked = mark(part.old, part.new, part.pairs)
        both = printed(accept(marked)) == typed(shape.new.lines()), printed(reject(marked)) == typed(shape.old.lines())
        total[shape.kind] += 1
        right[shape.kind] += all(both)
        told[shape.kind] += is_told(shape, part)
        noisy += noise(part)
    print(f"Shapes of real revisions, {len(pairs)} pairs: accept and reject right, class told")
    for kind in total:
        print(f"  {kind:<12} {right[kind]:>4} of {total[kind]:<4} {told[kind]:>4} of {total[kind]}")
    shares = [sum(found.values()) / len(pairs) for found in (right, told)]
    fine = shares[0] == 1 and shares[1] >= 0.97 and not noisy
    print(
        f"  right {shares[0]:.1%} (target 100 %), class told {shares[1]:.1%} (target 97 %), items of noise {noisy} (target 0): "
        f"{verdict(fine)}"
    )
    return fine


def without_contents(body: list) -> list:
    """Return a body without its 目录, which is made of the headings and in a redline is that of the new text."""
    return [one for one in body if not (isinstance(one, str) and one.startswith(("目录标题|", "Contents 1|")))]


def office(pairs: list[tuple[Shape, Comparison]]) -> bool:
    """The same in LibreOffice: texts, styles and numbers of all paragraphs as in the clean files."""
    soffice = shutil.which("soffice")
    if not soffice or not uno_python():
        print("LibreOffice: not measured (soffice or python3-uno is not installed)")
        return True
    wrong: Counter[str] = Counter()
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        wrong += _wrong(soffice, some)
        print(f"  {start + len(some)} of {len(pairs)} pairs, wrong so far: {dict(wrong) or 0}", flush=True)
    share = 1 - sum(wrong.values()) / len(pairs)
    print(
        f"LibreOffice, with styles and numbers: {share:.1%} right (target 99 %): {verdict(share >= 0.99)} {dict(wrong) or ''}"
    )
    return share >= 0.99


def _wrong(soffice: str, pairs: list[tuple[Shape, Comparison]]) -> Counter[str]:
    """Return how many pairs of each change LibreOffice does not take apart into the clean files."""
    jobs: list[tuple[bytes, str]] = []
    for _, part in pairs:
        line = docx.write_redline(mark(part.old, part.new, part.pairs), part.new.labels, sheet(), AUTHOR)
        clean = [docx.write(side.document, side.labels, sheet()) for side in (part.old, part.new)]
        jobs += [(clean[0], "none"), (clean[1], "none"), (line, "reject"), (line, "accept")]
    with tempfile.TemporaryDirectory() as folder:
        found = [without_contents(body) for body in resolved(soffice, Path(folder), jobs, styles=True)]
    return Counter(
        shape.kind
        for place, (shape, _) in enumerate(pairs)
        if found[4 * place] != found[4 * place + 2] or found[4 * place + 1] != found[4 * place + 3]
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=180)
    parser.add_argument("--no-office", action="store_true")
    given = parser.parse_args()
    pairs = []
    for shape in shapes(given.pairs):
        part = api.diff(shape.old.file(), shape.new.file()).documents[0].comparison
        assert part is not None
        pairs.append((shape, part))
    fine = [texts(pairs)]
    if not given.no_office:
        fine.append(office(pairs))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
