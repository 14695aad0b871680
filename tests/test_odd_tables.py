"""Tables that no preset has: heads, rows, merged cells taller than pages, no columns, no rows. Each is written within seconds."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_pdf_writer import one, paragraph, pdf_of

from toolkit import docx
from toolkit.docx import template
from toolkit.docx.reading.lint import lint
from toolkit.model.tree import Cell, Column, FormField, Row, Table, Text
from toolkit.page.paging import imprint

SECONDS = 20


def said(text: str) -> tuple:
    return ((Text(text),),)


LINES = ((FormField("lines", "longtext"),),)
FIELDS = st.sampled_from(["text", "longtext", "date", "time", "number", "signature"]).map(
    lambda kind: ((FormField("field", kind),),)
)
CONTENTS = st.one_of(
    st.just(()),
    st.integers(0, 80).map(lambda count: said("某，" * count)),
    st.integers(0, 12).map(lambda count: said("A" * 5 * count)),
    st.integers(1, 40).map(lambda count: said("甲") * count),
    FIELDS,
)
HEIGHTS = st.sampled_from([0, 0, 1, 3, 5, 16, 45, 90, 300])
CELLS = st.builds(Cell, CONTENTS, st.integers(0, 5), st.sampled_from([1, 1, 1, 2, 3, 50]), head=st.booleans())
ROWS = st.builds(Row, st.lists(CELLS, max_size=5).map(tuple), height=HEIGHTS)
COLUMNS = st.lists(st.builds(Column, st.sampled_from([0, 0.001, 1, 8, 30])), max_size=4).map(tuple)
TABLES = st.builds(
    Table,
    st.just("t"),
    COLUMNS,
    st.lists(ROWS, max_size=6).map(tuple),
    st.sampled_from([0, 0, 1, 2, 5, 40]),
    st.sampled_from([(), said("题")[0], said("题" * 60)[0]]),
)


def named(table: Table) -> Table:
    """Return the table with a name of its own for each field."""
    count = itertools.count()
    rows = []
    for row in table.rows:
        cells = [
            replace(
                cell,
                content=tuple(
                    tuple(replace(part, id=f"f{next(count)}") if isinstance(part, FormField) else part for part in line)
                    for line in cell.content
                ),
            )
            for cell in row.cells
        ]
        rows.append(replace(row, cells=tuple(cells)))
    return replace(table, rows=tuple(rows))


def write(table: Table, layout: str) -> None:
    body = (paragraph("p", "说明"), named(table), paragraph("q", "完"))
    document, labels = one(*body, layout=layout, numbering="none", printing_office="办公室")
    assert pdf_of(document, labels).startswith(b"%PDF")
    assert lint(docx.write(document, labels, template.load(ROOT / "templates" / f"{layout}.docx"))) == []
    imprint(document, labels)


def tall(*cells: Cell, height: float = 0, times: int = 1) -> tuple[Row, ...]:
    return (Row(cells, height=height),) * times


KNOWN = {
    "merged cells beside a row of many pages": Table(
        "t",
        (Column(8), Column(8), Column(0.001)),
        tall(Cell(rowspan=9), Cell(rowspan=9), Cell(said("某" * 300))) + tall(Cell(said("某" * 300)), times=9),
    ),
    "more text than lines to write on": Table(
        "t",
        (Column(30), Column(0.001)),
        tall(Cell(said("讨论情况")), height=16) + tall(Cell(LINES), Cell(said("某" * 150)), height=22, times=2),
        1,
    ),
    "lines to write on above the foot of a page": Table(
        "t",
        (Column(30), Column(8)),
        tall(Cell(rowspan=2), height=12) + tall(height=22) + tall(Cell(LINES), height=60, times=9),
        1,
    ),
    "lines to write on beside a merged cell": Table(
        "t", (Column(1), Column(1)), tall(Cell(rowspan=3), height=90) + tall(Cell(LINES), height=90, times=3), 1
    ),
    "no columns": Table("t", (), tall(Cell(said("某")))),
    "no rows": Table("t", (Column(1), Column(2)), ()),
    "nothing": Table("t", (), ()),
    "more heads than rows": Table("t", (Column(1),), tall(Cell(said("某")), height=90, times=3), 40),
}


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("layout", ["form", "register"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_table_that_no_page_holds_is_written(name: str, layout: str) -> None:
    write(KNOWN[name], layout)


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=10, deadline=SECONDS * 1000, derandomize=True, suppress_health_check=list(HealthCheck))
@given(TABLES, st.sampled_from(["form", "register", "notice"]))
def test_any_table_is_written_within_seconds(table: Table, layout: str) -> None:
    write(table, layout)
