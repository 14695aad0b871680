"""The review measured: right after accept and reject, speed beside peers, cost by length.

``python benchmarks/bench_review.py [--pairs 500] [--peers PYTHON] [--no-office]``. ``PYTHON`` is the interpreter of an
environment of its own with ``python-redlines[docxodus]`` and ``diff-match-patch``. Without it, and without LibreOffice,
what needs them is told as not measured. Exits 1 if a target that was measured is missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from measuring import PROFILE, ROOT, TEMPLATES, verdict

sys.path.insert(0, str(ROOT / "tests"))
from review_corpus import CLASSES, Maker, Pair, pairs, turned, unrelated

from toolkit import app, docx
from toolkit.compare import Side, accept, compare, mark, reject
from toolkit.compare.align import pair_units
from toolkit.compare.classify import KINDS
from toolkit.compare.comparable import canonical
from toolkit.compare.renames import find
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import Document, DocumentSet, Provision, Table, walk
from toolkit.numbering.labels import number_set

AUTHOR = Author("审核", "2026-01-05T00:00:00Z")
_PEER = """
import json, sys, time
jobs = json.load(sys.stdin)
out = []
if jobs["what"] == "docxodus":
    from python_redlines.engines import DocxodusEngine
    engine = DocxodusEngine()
    for old, new in jobs["pairs"]:
        before, after = open(old, "rb").read(), open(new, "rb").read()
        start = time.perf_counter()
        engine.run_redline("x", before, after)
        out.append(time.perf_counter() - start)
else:
    import diff_match_patch
    engine = diff_match_patch.diff_match_patch()
    engine.Diff_Timeout = 0
    for old, new in jobs["pairs"]:
        before, after = open(old, encoding="utf-8").read(), open(new, encoding="utf-8").read()
        start = time.perf_counter()
        engine.diff_main(before, after)
        out.append(time.perf_counter() - start)
print(json.dumps(out))
"""


def sheet() -> template.Stylesheet:
    return template.load(TEMPLATES / "regulation.docx")


def written(document: Document) -> bytes:
    """Return a document as a clean DOCX; ids of foreign texts are made plain first."""
    return docx.write(document, Side(document).labels, sheet())


def plain_ids(document: Document) -> Document:
    """Return a foreign text with ids that a file can hold (they are derived, so nothing is paired by them)."""
    names = {block.id: f"p__{place}" for place, block in enumerate(walk(document.body)) if block.id.startswith("?")}

    def block(one):
        if isinstance(one, Table):
            return replace(one, id=names.get(one.id, one.id))
        content = tuple(
            replace(part, target=names.get(part.target, part.target)) if hasattr(part, "target") else part
            for part in one.content
        )
        return replace(one, id=names.get(one.id, one.id), content=content, children=tuple(map(block, one.children)))

    return replace(document, body=tuple(map(block, document.body)))


def corpus(count: int) -> list[Pair]:
    found = map(turned, pairs(count))
    return [Pair(pair.kind, plain_ids(pair.old), plain_ids(pair.new)) for pair in found]


def resolver(all_pairs: list[Pair]) -> bool:
    """Accept all = new, reject all = old, in our own resolver; and whether the class is told."""
    right: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for pair in all_pairs:
        old, new = Side(pair.old), Side(pair.new)
        units = pair_units(old, new)
        document = mark(old, new, units)
        right[pair.kind] += accept(document) == canonical(pair.new) and reject(document) == canonical(pair.old)
        texts = [(old.texts[a], new.texts[b]) for a, b in units.pairs.items() if old.texts[a] != new.texts[b]]
        told[pair.kind] += compare(old, new, find(texts), units).count(pair.kind) > 0
    total = Counter(pair.kind for pair in all_pairs)
    print(f"\nResolver, {len(all_pairs)} pairs: accept and reject right, class told")
    for kind in CLASSES:
        print(f"  {KINDS[kind]:<8} {right[kind]:>4} of {total[kind]:<4} {told[kind]:>4} of {total[kind]}")
    fine = sum(right.values()) == len(all_pairs)
    print(
        f"  right {sum(right.values()) / len(all_pairs):.1%} (target 100 %): {verdict(fine)}; "
        f"class told {sum(told.values()) / len(all_pairs):.1%}"
    )
    return fine


def office(all_pairs: list[Pair]) -> bool:
    """The same in LibreOffice: paragraphs and cells as in the clean files."""
    from office import resolved, uno_python

    soffice = shutil.which("soffice")
    if not soffice or not uno_python():
        print("\nLibreOffice: not measured (soffice or python3-uno is not installed)")
        return True
    jobs: list[tuple[bytes, str]] = []
    for pair in all_pairs:
        old, new = Side(pair.old), Side(pair.new)
        line = docx.write_redline(mark(old, new), new.labels, sheet(), AUTHOR)
        jobs += [(written(pair.old), "none"), (written(pair.new), "none"), (line, "reject"), (line, "accept")]
    with tempfile.TemporaryDirectory() as folder:
        found = resolved(soffice, Path(folder), jobs)
    right: Counter[str] = Counter()
    total = Counter(pair.kind for pair in all_pairs)
    for place, pair in enumerate(all_pairs):
        old, new, rejected, accepted = (_bare(one) for one in found[4 * place : 4 * place + 4])
        right[pair.kind] += old == rejected and new == accepted
    print(f"\nLibreOffice, {len(all_pairs)} pairs: accept all and reject all right")
    for kind in CLASSES:
        print(f"  {KINDS[kind]:<8} {right[kind]:>4} of {total[kind]:<4} {right[kind] / max(total[kind], 1):.0%}")
    share = sum(right.values()) / len(all_pairs)
    print(f"  all {share:.1%} (target 95 %): {verdict(share >= 0.95)}")
    return share >= 0.95


def _bare(body: list) -> list:
    """Return a body without the small paragraphs that stand between and behind tables and changes."""
    return [one for one in body if not isinstance(one, str) or one.strip(" ")]


def best(function: Callable[[], object], times: int = 3) -> float:
    """Return the median seconds of a call."""
    return statistics.median(_spent(function, times, time.perf_counter))


def processor(function: Callable[[], object], times: int = 3) -> float:
    """Return the fewest seconds of processor time of a call: what else the machine does counts little."""
    return min(_spent(function, times, time.process_time))


def _spent(function: Callable[[], object], times: int, clock: Callable[[], float]) -> list[float]:
    spent = []
    for _ in range(times):
        start = clock()
        function()
        spent.append(clock() - start)
    return spent


def peer(python: str, what: str, files: list[tuple[Path, Path]]) -> list[float]:
    """Return the seconds that a peer takes for each pair of files, without starting its interpreter."""
    job = json.dumps({"what": what, "pairs": [[str(one), str(other)] for one, other in files]})
    done = subprocess.run([python, "-c", _PEER], input=job, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def redline_from_files(old: bytes, new: bytes) -> bytes:
    """Do all of what docxodus does: read two files, compare, write a redline."""
    before, after = Side(read_document(old).document), Side(read_document(new).document)
    return docx.write_redline(mark(before, after), after.labels, sheet(), AUTHOR)


def per_pair(all_pairs: list[Pair], python: str | None) -> bool:
    """A redline per pair, from two files, and from two trees (what a generated folder keeps)."""
    some = all_pairs[:20]
    files = [(written(pair.old), written(pair.new)) for pair in some]
    redline_from_files(*files[0])
    ours = statistics.median(best(lambda both=both: redline_from_files(*both)) for both in files)
    trees = statistics.median(
        best(
            lambda pair=pair: docx.write_redline(
                mark(Side(pair.old), new := Side(pair.new)), new.labels, sheet(), AUTHOR
            )
        )
        for pair in some
    )
    print(
        f"\nRedline per pair (median of {len(some)}): {ours * 1000:.1f} ms from files, {trees * 1000:.1f} ms from trees"
    )
    if python is None:
        print("  docxodus: not measured (--peers)")
        return True
    with tempfile.TemporaryDirectory() as folder:
        paths = _stored(Path(folder), files, ".docx")
        theirs = statistics.median(peer(python, "docxodus", paths))
    fine = theirs >= 20 * ours
    print(
        f"  docxodus {theirs * 1000:.0f} ms: {theirs / ours:.1f} times as long as ours from files, "
        f"{theirs / trees:.1f} from trees (target 20): {verdict(fine)}"
    )
    return fine


def _stored(folder: Path, files: list[tuple[bytes, bytes]], suffix: str) -> list[tuple[Path, Path]]:
    paths = []
    for place, both in enumerate(files):
        pair = tuple(folder / f"{place}{side}{suffix}" for side in "ab")
        for path, data in zip(pair, both, strict=True):
            path.write_bytes(data)
        paths.append(pair)
    return paths


def linear() -> bool:
    """Cost per article up to 2,000 articles in processor time: classes, marks and redline."""
    print("\nCost by length (modified and moved articles, with and without ids)")
    costs = {}
    for count in (125, 250, 500, 1000, 2000):
        for named in (True, False):
            maker = Maker(7, named)
            old = maker.document(count)
            new = _edited(maker, old, count // 25)
            old, new = plain_ids(old), plain_ids(new)

            def work(old: Document = old, new: Document = new) -> None:
                before, after = Side(old), Side(new)
                compare(before, after)
                docx.write_redline(mark(before, after), after.labels, sheet(), AUTHOR)

            costs[count, named] = processor(work)
        print(
            f"  {count:>5} articles: {costs[count, True] * 1000:7.1f} ms with ids, {costs[count, False] * 1000:7.1f} ms without"
        )
    growth = max(costs[2000, named] / costs[250, named] / 8 for named in (True, False))
    print(f"  per article, 2,000 against 250: {growth:.2f} times (target below 1.5): {verdict(growth < 1.5)}")
    return growth < 1.5


def _edited(maker: Maker, old: Document, edits: int) -> Document:
    from review_corpus import EDITS

    from toolkit.compare.comparable import nest_units, units

    found = list(units(old.body))
    for _ in range(edits):
        EDITS["modified"](maker, found)
        EDITS["moved"](maker, found)
    return replace(old, body=nest_units(found))


def whole_set(python: str | None) -> bool:
    """A whole set against the next version of it, beside docxodus on the largest single document."""
    from toolkit.versions import compare_versions, report
    from toolkit.versions.loading import of_prepared

    prepared = app.prepare(PROFILE)
    old = of_prepared(prepared, "old")
    new = replace(
        old,
        name="new",
        sources=tuple(replace(source, document=_every_fifth(source.document)) for source in old.sources),
    )
    ours = best(lambda: report.page(compare_versions(old, replace(new))))
    print(f"\nWhole set ({len(old.sources)} documents) against its next version, page included: {ours * 1000:.0f} ms")
    if python is None:
        print("  docxodus: not measured (--peers)")
        return True
    labels = number_set(DocumentSet("", "", "", tuple(source.document for source in old.sources)))
    sheets = {
        layout: template.load(TEMPLATES / f"{layout}.docx") for layout in {s.document.layout for s in old.sources}
    }
    sizes = {source.file: docx.write(source.document, labels, sheets[source.document.layout]) for source in old.sources}
    largest = max(old.sources, key=lambda source: len(sizes[source.file]))
    changed = next(source.document for source in new.sources if source.file == largest.file)
    files = [(sizes[largest.file], docx.write(changed, new.labels, sheets[changed.layout]))]
    with tempfile.TemporaryDirectory() as folder:
        theirs = statistics.median(peer(python, "docxodus", _stored(Path(folder), files * 3, ".docx")))
    print(
        f"  docxodus on {largest.file} alone: {theirs * 1000:.0f} ms, {theirs / ours:.1f} times as long "
        f"(target 1): {verdict(ours < theirs)}"
    )
    return ours < theirs


def _every_fifth(document: Document) -> Document:
    """Return a document with every fifth text line changed."""
    from toolkit.model.tree import Text

    count = 0

    def block(one):
        nonlocal count
        if not isinstance(one, Provision):
            return one
        content = one.content
        if content and isinstance(content[0], Text):
            count += 1
            if count % 5 == 0:
                content = (Text(content[0].text.replace("应当", "可以").replace("。", "，并留存记录。")), *content[1:])
        return replace(one, content=content, children=tuple(map(block, one.children)))

    return replace(document, body=tuple(map(block, document.body)))


def strangers(python: str | None) -> bool:
    """Two texts of 200 articles that have nothing in common."""
    one, other = unrelated(200, 1), unrelated(200, 2)

    def work() -> None:
        old, new = Side(one), Side(other)
        compare(old, new)
        mark(old, new)

    ours = best(work)
    print(f"\nTwo unrelated texts of 200 articles: {ours * 1000:.0f} ms")
    if python is None:
        print("  diff-match-patch: not measured (--peers)")
        return True
    texts = [
        tuple(
            Side(document).text(Provision("part", "all", children=document.body)).encode() for document in (one, other)
        )
    ]
    with tempfile.TemporaryDirectory() as folder:
        (theirs,) = peer(python, "diff-match-patch", _stored(Path(folder), texts, ".txt"))  # type: ignore[arg-type]
    print(
        f"  diff-match-patch {theirs:.1f} s: {theirs / ours:.0f} times as long (target 50): {verdict(theirs >= 50 * ours)}"
    )
    return theirs >= 50 * ours


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--peers", default=None)
    parser.add_argument("--no-office", action="store_true")
    given = parser.parse_args()
    all_pairs = corpus(given.pairs)
    least = min(
        sum(block.level == "article" for block in walk(pair.old.body) if isinstance(block, Provision))
        for pair in all_pairs
    )
    print(f"{len(all_pairs)} pairs of regulations, at least {least} articles each, {len(CLASSES)} classes of change")
    fine = [
        resolver(all_pairs),
        per_pair(all_pairs, given.peers),
        linear(),
        whole_set(given.peers),
        strangers(given.peers),
    ]
    if given.no_office:
        print("\nLibreOffice: not measured (--no-office)")
    else:
        fine.append(office(all_pairs))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
