"""Random documents: whatever the tree holds, nothing is lost, nothing leaves the type area and the layout ends."""

from __future__ import annotations

import io
import random
from collections import Counter

import pdfplumber
import pytest
from proofsets import squeeze
from test_pdf_writer import article, one, paragraph, pdf_of

from toolkit.model.tree import Cell, Column, FormField, Provision, Row, Table, Text
from toolkit.numbering.labels import document_text
from toolkit.page import measures
from toolkit.pdf.template_measures import PT_PER_MM

POOL = "村党支部应当研究部署考核检查意识形态，。；“”（）《》12 abc30%"
KINDS = ("text", "longtext", "date", "signature", "choice", "check")


def text(dice: random.Random, count: int) -> str:
    return "".join(dice.choice(POOL) for _ in range(count))


def table(dice: random.Random, id: str) -> Table:
    """Return a table with merged cells, tall rows and fields, some of them larger than a page."""
    columns = dice.randint(1, 6)
    covered, rows = [0] * columns, []
    for number in range(dice.choice([1, 3, 8, 60])):
        cells, column = [], 0
        while column < columns:
            if covered[column]:
                covered[column] -= 1
                column += 1
                continue
            span = 1
            while column + span < columns and not covered[column + span] and dice.random() < 0.2:
                span += 1
            down = dice.choice([1] * 8 + [2, 3, 20])
            said = Text(text(dice, dice.choice([0, 2, 10, 40, 300 if dice.random() < 0.1 else 5])))
            if dice.random() < 0.1:
                said = FormField(f"{id}_{number}_{column}", dice.choice(KINDS), options=("是", "否"))
            cells.append(Cell(((said,),), span, down))
            covered[column : column + span] = [down - 1] * span
            column += span
        rows.append(Row(tuple(cells), height=dice.choice([0] * 9 + [3, 50])))
    caption = (Text("表" + text(dice, 5)),) if dice.random() < 0.3 else ()
    weights = (Column(dice.choice([1, 2, 5])) for _ in range(columns))
    return Table(id, tuple(weights), tuple(rows), header_rows=dice.choice([0, 0, 1, 2]), caption=caption)


def block(dice: random.Random, place: int):
    kind = dice.random()
    if kind < 0.4:
        return paragraph(f"p{place}", text(dice, dice.choice([3, 30, 200, 1500])))
    if kind < 0.5:
        heading = (Text("章" + text(dice, dice.choice([4, 10, 40]))),)
        return Provision("chapter", f"c{place}", heading=heading, children=(article(f"a{place}", text(dice, 100)),))
    return table(dice, f"t{place}")


def check(seed: int) -> None:
    dice = random.Random(seed)
    document, labels = one(
        *(block(dice, place) for place in range(dice.randint(1, 12))),
        numbering=dice.choice(["articles", "none", "outline"]),
        layout=dice.choice(["regulation", "register", "form"]),
        conclusions=dice.random() < 0.5,
        issuer="某村支部委员会",
        attachments=("附件甲",) if dice.random() < 0.3 else (),
    )
    with pdfplumber.open(io.BytesIO(pdf_of(document, labels))) as pdf:
        printed = "".join(char["text"] for page in pdf.pages for char in page.chars)
        wanted = Counter("".join(squeeze(line) for _, line in document_text(document, labels)))
        assert not wanted - Counter(squeeze(printed))
        for page in pdf.pages:
            top, bottom = measures.MARGIN_TOP_MM, measures.PAGE_HEIGHT_MM - measures.MARGIN_BOTTOM_MM
            if page.width > page.height:
                top, bottom = measures.MARGIN_LEFT_MM, measures.PAGE_WIDTH_MM - measures.MARGIN_RIGHT_MM
            edges = [edge for rect in page.rects for edge in (rect["top"], rect["bottom"])]
            numbers = "".join(char["text"] for char in page.chars)[-10:]
            assert f"— {page.page_number} —" in numbers
            body = [char for char in page.chars if char["matrix"][1] == 0 and char["size"] != 14]
            edges += [page.height - char["matrix"][5] for char in body]
            assert all(top - 0.3 <= edge / PT_PER_MM <= bottom + 0.3 for edge in edges), page.page_number


@pytest.mark.sampled(6)
@pytest.mark.parametrize("seed", range(6))
def test_random_documents(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 54))
def test_more_random_documents(seed: int) -> None:
    check(seed)
