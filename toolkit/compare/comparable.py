"""Splits a document into units and a unit into lines, and nests them again; used by all modules that align documents.

A unit is cited and decided on as a whole: an article, a block of an outline, a table, or the heading of a 编, 章 or 节
without its children. Units return to their groups by rank alone, as a word processor shows them, so that a heading can
be inserted or deleted without touching the articles below it. A line prints as one paragraph (or one table); its depth
is counted from its unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

from toolkit.model.tree import (
    GROUPS,
    LEVELS,
    Block,
    Document,
    Inline,
    Inlines,
    Provision,
    Table,
    Text,
    map_blocks,
    map_lines,
)

#: Names of the elements of a document outside its body and its enclosure.
HEAD_FIELDS = tuple(field.name for field in fields(Document) if field.name not in ("body", "enclosure", "was"))
_RANKS = {level: rank for rank, level in enumerate(LEVELS)}


class Unit(NamedTuple):
    """A group without its children, or any other block with them."""

    block: Block

    @property
    def level(self) -> str:
        """The level of a provision, or ``table``."""
        return self.block.level if isinstance(self.block, Provision) else "table"

    @property
    def is_group(self) -> bool:
        """Whether this is the heading of a 编, 章 or 节."""
        return self.level in GROUPS


class UnitLine(NamedTuple):
    """A block without its children and its depth in the unit. ``leads``: the number of its article is printed on it."""

    block: Block
    depth: int
    leads: bool = False


def units(blocks: Iterable[Block]) -> Iterator[Unit]:
    """Yield the units of a body in order."""
    for block in blocks:
        if isinstance(block, Provision) and block.level in GROUPS:
            yield Unit(replace(block, children=()) if block.children else block)
            yield from units(block.children)
        else:
            yield Unit(block)


@dataclass(slots=True)
class _Open:
    """A block whose children are being collected."""

    block: Block
    rank: int
    children: list[_Open] = field(default_factory=list)

    def closed(self) -> Block:
        if not self.children or not isinstance(self.block, Provision):
            return self.block
        return replace(self.block, children=tuple(child.closed() for child in self.children))


def _nested(ranked: Iterable[tuple[Block, int, bool]]) -> tuple[Block, ...]:
    """Nest (block, rank, holds others) by rank."""
    root = _Open(Table("", (), ()), -1)
    stack = [root]
    for block, rank, holds in ranked:
        while stack[-1].rank >= rank:
            stack.pop()
        node = _Open(block, rank)
        stack[-1].children.append(node)
        if holds:
            stack.append(node)
    return tuple(child.closed() for child in root.children)


def nest_units(flat: Iterable[Unit]) -> tuple[Block, ...]:
    """Return a body: groups by rank, everything else in the last group."""
    return _nested((unit.block, _RANKS[unit.level] if unit.is_group else len(LEVELS), unit.is_group) for unit in flat)


def lines(block: Block, depth: int = 0, leads: bool = False) -> Iterator[UnitLine]:
    """Yield the lines of a unit, parents first."""
    if not isinstance(block, Provision):
        yield UnitLine(block, depth, leads)
        return
    yield UnitLine(replace(block, children=()) if block.children else block, depth, leads)
    for index, child in enumerate(block.children):
        first = index == 0 and block.level == "article" and isinstance(child, Provision) and child.level == "paragraph"
        yield from lines(child, depth + 1, first)


def nest_lines(flat: Sequence[UnitLine]) -> Block:
    """Return the unit that consists of the lines; the first is its own."""
    (block,) = _nested((line.block, line.depth, isinstance(line.block, Provision)) for line in flat)
    return block


# --- the canonical form ------------------------------------------------------------------------------------------


def joined(parts: Iterable[Inline]) -> Inlines:
    """Return inlines with neighbouring texts of one mark joined, without empty texts."""
    out: list[Inline] = []
    for part in parts:
        if isinstance(part, Text):
            if not part.text:
                continue
            last = out[-1] if out else None
            if isinstance(last, Text) and last.mark == part.mark:
                out[-1] = Text(last.text + part.text, part.mark)
                continue
        out.append(part)
    return tuple(out)


def _canonical_block(block: Block) -> Block:
    block = map_lines(block, joined)
    return replace(block, covers=()) if isinstance(block, Provision) else block


def canonical(document: Document) -> Document:
    """Return the document in the form that survives marking and resolving: texts joined, groups by rank, no ``covers``."""
    body = map_blocks(nest_units(units(document.body)), _canonical_block)
    enclosure = canonical(document.enclosure) if document.enclosure is not None else None
    return replace(
        document, body=body, note=joined(document.note), addressee=joined(document.addressee), enclosure=enclosure
    )
