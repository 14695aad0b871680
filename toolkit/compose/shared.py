"""Blocks that read the same are the same object, across documents and units of one process.

So what a writer made of a block for one unit serves the next (:mod:`toolkit.core.memo`). Nothing depends on it but time and
memory: blocks are frozen and compare by value.
"""

from __future__ import annotations

from functools import lru_cache

from toolkit.core.memo import Recent
from toolkit.model.tree import Block, Cell, Column, Inlines, Provision, Row, Table

_provisions: Recent[Provision] = Recent()
_rows: Recent[Row] = Recent()
_cells: Recent[Cell] = Recent()
_tables: Recent[Table] = Recent()
_bodies: Recent[tuple[Block, ...]] = Recent(1_000)


def provision(
    level: str, identifier: str, heading: Inlines, content: Inlines, children: tuple, covers: tuple[str, ...]
) -> Provision:
    """Return the provision of these parts. ``children`` are shared themselves, so their identities tell them apart."""
    key = (level, identifier, heading, content, covers, *map(id, children))
    found = _provisions.get(key)
    if found is None:
        found = _provisions.put(key, Provision(level, identifier, heading, content, children, covers))
    return found


def row(cells: tuple[Cell, ...], key: str = "", height: float = 0) -> Row:
    """Return the row of these (shared) cells."""
    parts = (key, height, *map(id, cells))
    found = _rows.get(parts)
    if found is None:
        found = _rows.put(parts, Row(cells, key, height))
    return found


def cell(content: tuple[Inlines, ...], colspan: int = 1, rowspan: int = 1, head: bool = False, align: str = "") -> Cell:
    """Return the cell of these parts."""
    parts = (content, colspan, rowspan, head, align)
    found = _cells.get(parts)
    if found is None:
        found = _cells.put(parts, Cell(content, colspan, rowspan, head, align))
    return found


def table(
    identifier: str, columns: tuple[Column, ...], rows: tuple[Row, ...], header_rows: int, caption: Inlines
) -> Table:
    """Return the table of these (shared) rows."""
    parts = (identifier, columns, header_rows, caption, *map(id, rows))
    found = _tables.get(parts)
    if found is None:
        found = _tables.put(parts, Table(identifier, columns, rows, header_rows, caption))
    return found


def body(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return a body of these (shared) blocks."""
    return _bodies.made(tuple(map(id, blocks)), lambda: blocks)


@lru_cache(maxsize=2000)
def columns(widths: tuple[tuple[float, str], ...]) -> tuple[Column, ...]:
    """Return columns of these widths and alignments."""
    return tuple(Column(width, align) for width, align in widths)


@lru_cache(maxsize=200)
def duties(ids: frozenset[str]) -> frozenset[str]:
    """Return a set of duties as the same object for every unit that has them."""
    return ids
