"""Fonts of a PDF: ``python benchmarks/bench_pdf_fonts.py [ROUNDS]``; CPU-bound, medians (best in brackets) in ms.

Each document uses five faces and about 800 glyphs: 560 characters of body text, the rest in the other roles, drawn at
random from the text of the presets, so that no two share a subset. Compared: libdeflate and zlib (a process each, because the
choice is made once), and subsets asked for by characters, by glyph numbers, and from prepared CFF outlines.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from measuring import ROOT

ROUNDS = 40
#: Role → characters of it in a document.
SHARE = {"body": 560, "title": 30, "heading": 90, "note": 90, "number": 0}
DIGITS = "0123456789—"


def characters() -> list[str]:
    """Return the Han characters and marks of the presets' texts."""
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "presets").rglob("*.md"))
    return sorted({char for char in text if ord(char) > 0x2000})


def used_by(number: int, chars: list[str]):
    """Return the fonts of document ``number`` with what it shows."""
    from toolkit.pdf.fonts.embedding import DocumentFonts
    from toolkit.pdf.fonts.font_set import standard_fonts

    drawn, used = random.Random(number), DocumentFonts(standard_fonts())
    for role, count in SHARE.items():
        used.use(role, "".join([*drawn.sample(chars, count), *DIGITS]))
    return used


def timed(jobs: list[Callable[[], object]]) -> str:
    """Run each job once and return first, median and best."""
    times = []
    for job in jobs:
        start = time.perf_counter()
        job()
        times.append((time.perf_counter() - start) * 1000)
    later = times[1:]
    return f"first {times[0]:5.1f}  later {statistics.median(later):5.2f} ({min(later):.2f})"


def embedding(rounds: int) -> None:
    """Print the time to embed one document's fonts."""
    from reportlab.pdfbase.pdfdoc import PDFDocument

    chars = characters()
    all_used = [used_by(number, chars) for number in range(rounds)]
    glyphs = all_used[0].glyphs()
    counts = f"{len(glyphs)} faces, {sum(map(len, glyphs.values()))} glyphs"
    documents = [PDFDocument(invariant=1) for _ in all_used]
    print(timed([lambda u=u, d=d: u.addObjects(d) for u, d in zip(all_used, documents, strict=True)]), f" ({counts})")


def cutting(rounds: int) -> None:
    """Print the time to cut one document's subsets in three ways."""
    from toolkit.pdf.fonts import embedding, faces

    chars = characters()
    wanted = []
    for number in range(rounds):
        glyphs = used_by(number, chars).glyphs()
        wanted.append(
            [(face, frozenset(g.gid for g in some), "".join(g.char for g in some)) for face, some in glyphs.items()]
        )
    faces.PREPARE_AFTER = sys.maxsize
    by_char = [lambda w=w: [embedding.cut(*one) for one in w] for w in wanted]
    by_number = [lambda w=w: [embedding.cut(face, gids) for face, gids, _chars in w] for w in wanted]
    print(f"  {'by characters':24}", timed(by_char))
    print(f"  {'by glyph numbers':24}", timed(by_number))
    faces.PREPARE_AFTER = 0
    print(f"  {'by characters, prepared':24}", timed(by_char))


def opening() -> None:
    """Print the time to open the seven bundled faces, and of one look-up."""
    import timeit

    from toolkit.pdf.fonts import font_set
    from toolkit.pdf.fonts.font_set import standard_fonts

    start = time.perf_counter()
    faces = standard_fonts().faces("body")
    print(
        f"open {len(faces)} faces: {(time.perf_counter() - start) * 1000:.1f} ms ({', '.join(font_set.ORDER['body'])})"
    )
    table = standard_fonts().table("body")
    names = {"table": table, "char": "党"}
    start = time.perf_counter()
    for char in font_set.tgh():
        table[char]
    print(f"first look-up: {(time.perf_counter() - start) * 1e6 / len(font_set.tgh()):.2f} µs")
    print(f"later look-up: {min(timeit.repeat('table[char]', globals=names, number=200_000)) * 5000:.0f} ns")


def main(rounds: int) -> None:
    """Run each measurement in a process of its own."""
    steps = {"": "opening", "embed, libdeflate:": "libdeflate", "embed, zlib:": "zlib", "cut the subsets:": "cutting"}
    for title, step in steps.items():
        if title:
            print(title, end="\n" if step == "cutting" else " ", flush=True)
        subprocess.run([sys.executable, __file__, str(rounds), step], cwd=ROOT, check=True)


def step(name: str, rounds: int) -> None:
    """Run one measurement in this process."""
    if name == "zlib":
        sys.modules["deflate"] = None  # what an installation without the extra ``fast`` sees
    if name == "opening":
        opening()
    elif name == "cutting":
        cutting(rounds)
    else:
        embedding(rounds)


if __name__ == "__main__":
    given = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    step(sys.argv[2], given) if len(sys.argv) > 2 else main(given)
