"""Pages of the three examples in three sizes: torn words, last pages, room to write (``python benchmarks/bench_pages.py``).

Words are judged by jieba, which knows nothing of the toolkit (``pip install jieba``), names by the words that a person divided
them into (``tests/data/unit_names.txt``). Heights are those of the PDF. Exit 1 where a target is missed.
"""

from __future__ import annotations

import itertools
import logging
import random
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from measuring import ROOT, TEMPLATES

EXAMPLES = [
    "village_three_members",
    "village",
    "village_party_committee",
    "school_small",
    "school",
    "school_private",
    "railway_depot_freight",
    "railway_depot",
    "railway_depot_general_branch",
]
#: Names of invented units, in words.
NAMES = ROOT / "tests" / "data" / "unit_names.txt"
INVENTED = 200
WORK = ("意识形态工作责任制实施办法", "关于成立意识形态工作领导小组等工作机构的通知", "2026年度意识形态工作要点")
#: Boxes for free writing: what they are called → least lines to write on.
BOXES = {"discussion": 22, "dissent": 5, "summary": 6}
LINE_MM = 8.0
#: A last page that is filled by less is counted; of forms at most 1 in 20 may be.
LEAST_FILL, ALLOWED = 0.3, 1 / 20
LEAST_LINES = 3


def cuts(lines: tuple[str, ...] | list[str]) -> set[int]:
    """Return the places between lines or words."""
    places = list(itertools.accumulate(map(len, lines)))
    return set(places[:-1])


def invented() -> Iterator[tuple[str, ...]]:
    """Yield names in words: those of the list, then their places, institutions and organs in other combinations."""
    listed = [
        tuple(line.split("｜")) for line in NAMES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    yield from listed
    rng = random.Random(9704)
    places = sorted({word for words in listed for word in words if word[-1] in "县镇乡" and len(word) < 7})
    units = sorted({word for words in listed for word in words if word[-1] in "段村校学院" and 3 < len(word) < 13})
    organs = ["支部委员会", "总支部委员会", "委员会", "党组", "办公室", "支部"]
    for _ in range(INVENTED - len(listed)):
        head = ["中共"] if rng.random() < 0.5 else []
        yield (
            *head,
            *rng.sample(places, rng.randint(0, 2)),
            rng.choice(units),
            *([rng.choice(organs)] if head else []),
        )


def torn_names() -> list[str]:
    """Return the lines of titles and red heads of invented units that tear a word."""
    from toolkit.language.titles import title_lines
    from toolkit.model.tree import Document
    from toolkit.page.frame import issuer_mark

    out, count = [], 0
    for words in invented():
        name = "".join(words)
        inside = set(range(len(name))) - cuts([*words, ""])
        inside.discard(0)
        mark = issuer_mark(Document("a", 1, "甲", "甲", "notice", "notice", issuer_mark=name))
        for lines in (mark, *(title_lines(name + work, unbreakable=(name,)) for work in WORK)):
            count += 1
            if cuts(lines) & inside:
                out.append("｜".join(lines))
    print(f"{count} titles and red heads of {INVENTED} invented units: {len(out)} tear a word of the name (target 0)")
    return out


def torn_titles(documents: list[Any]) -> list[str]:
    """Return the titles of the examples that tear a word, as jieba divides them."""
    from toolkit.page import frame

    try:
        import jieba
    except ImportError:
        print("jieba is not installed: the titles of the examples are not judged")
        return []
    jieba.setLogLevel(logging.ERROR)
    titles = {tuple(frame.title(one).split("\n")) for one in documents}
    titles |= {frame.issuer_mark(one) for one in documents}
    broken = [lines for lines in titles if len(lines) > 1]
    out = []
    for lines in broken:
        words = list(jieba.cut("".join(lines), HMM=False))
        if cuts(lines) - cuts(words):
            out.append("｜".join(lines))
    print(
        f"{len(broken)} titles and red heads of the examples that have several lines: {len(out)} tear a word (target 0)"
    )
    return out


def labels(document: Any) -> Iterator[tuple[str, float]]:
    """Yield the labels and heads of the tables of a document, and how many characters fit beside each other in their cells."""
    from toolkit.docx import template
    from toolkit.model.tree import Table, Text, walk
    from toolkit.page import measures
    from toolkit.page.grids import LABEL_STYLES, cell_style, columns_of, edges, heads, places

    wide = template.load(TEMPLATES / f"{document.layout}.docx").body_width_mm
    size, whole = measures.cell_size_pt(wide), measures.mm_pt(wide)
    for block in walk(document.body):
        if not isinstance(block, Table):
            continue
        reached, above = edges(columns_of(block, whole, size), whole), {}
        for row, head in zip(block.rows, heads(block), strict=True):
            cells, above = places(row, len(reached) - 1, above)
            for cell, column, span, _ in cells:
                if cell is not None and cell_style(cell, head, "")[0] in LABEL_STYLES:
                    inside = (
                        reached[column + span] - reached[column] - 2 * measures.mm_pt(measures.TABLE_CELL_MARGIN_MM)
                    )
                    for line in cell.content:
                        if len(line) == 1 and isinstance(line[0], Text):
                            yield line[0].text, round(inside / size, 2)


def filled(label: str, room: float) -> list[str]:
    """Return the lines of a label in a DOCX: each as full as the indents of its paragraph let it be."""
    from toolkit.language.titles import label_fill, text_width

    fill, lines = label_fill(label, room), [""]
    for character in label:
        most = fill.room - (fill.indent if len(lines) == 1 else 0.0)
        if text_width(lines[-1] + character) > most and character not in "，。、；：）》":
            lines.append("")
        lines[-1] += character
    return lines


def torn_labels(documents: list[Any]) -> list[str]:
    """Return the labels of forms that tear a word, as jieba divides them, in a PDF or in a DOCX."""
    from toolkit.language.titles import label_lines

    try:
        import jieba
    except ImportError:
        return []
    found = {one for document in documents for one in labels(document)}
    out = []
    for label, room in sorted(found):
        words = cuts(list(jieba.cut(label, HMM=False)))
        for name, lines in (("PDF", label_lines(label, room - 0.05)), ("DOCX", filled(label, room))):
            if cuts([*lines]) - words:
                out.append(f"{name} {'｜'.join(lines)}")
    print(f"{len(found)} labels of forms in their widths: {len(out)} tear a word")
    print(*(f"  {line}" for line in out), sep="\n")
    return out


def last_page(laid: Any) -> tuple[float, int]:
    """Return the share of the last page that is filled, without 版记, and how many blocks are on it."""
    drawn = laid.canv.marks.drawn
    page = max(page for _, page, _, _ in drawn)
    sheet = laid.sheet
    feet = [bottom for _, at, _, bottom in drawn if at == page]
    return (sheet.height - sheet.top - min(feet)) / sheet.body_height, page


def writing(document: Any) -> Iterator[tuple[str, float]]:
    """Yield (name of a field, least height of its row in mm) of the boxes for free writing."""
    from toolkit.model.tree import FormField, Table, walk
    from toolkit.page import measures
    from toolkit.page.grids import look

    for block in walk(document.body):
        if isinstance(block, Table) and block.id == "discussion":
            for row in block.rows:
                names = {
                    part.id
                    for cell in row.cells
                    for line in cell.content
                    for part in line
                    if isinstance(part, FormField)
                }
                for name in names:
                    yield name, look(row).least_pt(measures.TABLE_LINE_PT) / measures.mm_pt(1)


def main() -> int:
    from toolkit import app
    from toolkit.formats import FORMATS, PdfWriter, Setting
    from toolkit.page.flow import FORM, scheme_of

    failed: list[str] = torn_names()
    documents: list[Any] = []
    low: dict[str, list[str]] = {"forms": [], "texts": []}
    counts: Counter[str] = Counter()
    heights: dict[str, float] = {}
    for name in EXAMPLES:
        prepared = app.prepare(ROOT / "examples" / f"{name}.yaml")
        assert prepared.built and prepared.labels
        ours = prepared.built.set.documents
        documents += ours
        layouts = {one.layout: TEMPLATES / f"{one.layout}.docx" for one in ours}
        writer = FORMATS["pdf"].open(Setting(layouts))
        assert isinstance(writer, PdfWriter)
        for one in ours:
            laid = writer.lay_out(one, prepared.labels)
            fill, page = last_page(laid)
            kind = "forms" if scheme_of(one) == FORM else "texts"
            counts[kind] += 1
            counts[f"pages of {name}"] += laid.page
            if page > 1 and fill < (LEAST_FILL if kind == "forms" else (LEAST_LINES - 0.5) / 22):
                low[kind].append(f"{name} {one.file_name} {page} 页 {fill:.0%}")
            for field, height in writing(one):
                heights[field] = min(height, heights.get(field, height))
    failed += torn_titles(documents)
    torn_labels(documents)
    print(f"forms: {len(low['forms'])} of {counts['forms']} last pages are filled by less than 30 % (target 1 in 20)")
    print(f"texts: {len(low['texts'])} of {counts['texts']} last pages have one or two lines (target 0)")
    print(*(f"  {line}" for lines in low.values() for line in lines), sep="\n")
    print("room to write, least height in mm:")
    for field, lines in BOXES.items():
        print(f"  {field} {heights[field]:.0f} (target {lines * LINE_MM:.0f})")
        failed += [field] if heights[field] < lines * LINE_MM else []
    print("pages:", *(f"{name.removeprefix('pages of ')} {count}" for name, count in counts.items() if "pages" in name))
    print(*failed, sep="\n")
    missed = len(low["forms"]) > ALLOWED * counts["forms"] or low["texts"] or failed
    print("missed" if missed else "met")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
