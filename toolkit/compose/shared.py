"""Blocks that read the same are the same object, across documents and units of one process.

So what was worked out from a block for one unit serves the next, found by the block's identity (:mod:`toolkit.core.memo`).
Nothing depends on it but time and memory: blocks are frozen and compare by value. Children, cells and rows are shared
themselves, so that their identities tell them apart; the block keeps them alive.
"""

from __future__ import annotations

from toolkit.core.memo import remembered
from toolkit.model.tree import Block, Cell, Column, Inlines, Provision, Row, Table


@remembered(
    key=lambda level, identifier, heading, content, children, covers: (
        *(level, identifier, heading, content, covers),
        *map(id, children),
    )
)
def provision(
    level: str, identifier: str, heading: Inlines, content: Inlines, children: tuple, covers: tuple[str, ...]
) -> Provision:
    """Return the provision of these parts."""
    return Provision(level, identifier, heading, content, children, covers)


@remembered(key=lambda cells, key="", height=0: (key, height, *map(id, cells)))
def row(cells: tuple[Cell, ...], key: str = "", height: float = 0) -> Row:
    """Return the row of these cells."""
    return Row(cells, key, height)


@remembered(key=lambda content, colspan=1, rowspan=1, head=False, align="": (content, colspan, rowspan, head, align))
def cell(content: tuple[Inlines, ...], colspan: int = 1, rowspan: int = 1, head: bool = False, align: str = "") -> Cell:
    """Return the cell of these parts."""
    return Cell(content, colspan, rowspan, head, align)


@remembered(
    key=lambda identifier, columns, rows, header_rows, caption: (
        *(identifier, columns, header_rows, caption),
        *map(id, rows),
    )
)
def table(
    identifier: str, columns: tuple[Column, ...], rows: tuple[Row, ...], header_rows: int, caption: Inlines
) -> Table:
    """Return the table of these rows."""
    return Table(identifier, columns, rows, header_rows, caption)


@remembered(1_000, key=lambda blocks: tuple(map(id, blocks)))
def body(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return a body of these blocks."""
    return blocks


@remembered(2_000)
def columns(widths: tuple[tuple[float, str], ...]) -> tuple[Column, ...]:
    """Return columns of these widths and alignments."""
    return tuple(Column(width, align) for width, align in widths)


@remembered(200)
def duties(ids: frozenset[str]) -> frozenset[str]:
    """Return a set of duties as the same object for every unit that has them."""
    return ids
