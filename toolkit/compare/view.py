"""What a change looks like, line by line, for every output: labels and pieces of both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from toolkit.compare import align
from toolkit.compare.comparable import Line, lines
from toolkit.compare.inlines import marked
from toolkit.compare.side import Side
from toolkit.model.tree import Block, FormField, Inline, Inlines, Provision, Ref, Table, Text

#: What stands between the cells of a row.
CELL = " │ "


class Piece(NamedTuple):
    """``op``: ``=`` both sides, ``-`` old only, ``+`` new only, ``r`` a reference or the number of a row that follows others."""

    op: str
    old: str
    new: str


class ViewLine(NamedTuple):
    """A line of one or both sides. ``side`` is ``=`` for both, ``-`` or ``+``; ``depth`` counts from its unit."""

    side: str
    old_label: str
    new_label: str
    depth: int
    pieces: tuple[Piece, ...]

    @property
    def old(self) -> str:
        """The old text without its label."""
        return "".join(piece.old for piece in self.pieces)

    @property
    def new(self) -> str:
        """The new text without its label."""
        return "".join(piece.new for piece in self.pieces)

    @property
    def changed(self) -> bool:
        """Whether the words of the line differ."""
        return any(piece.op in "-+" for piece in self.pieces)


def pieces(old: Side, new: Side, origins: tuple[str, str], before: Inlines, after: Inlines) -> Iterator[Piece]:
    """Yield what two lines share and differ in."""
    gone: list[Inline] = []
    came: list[Inline] = []
    for part in marked(old, new, origins, before, after):
        if part.mark == "del" and not came:
            gone.append(part)
        elif part.mark == "ins":
            came.append(part)
        else:
            yield from _replaced(old, new, origins, gone, came)
            gone, came = [], []
            if part.mark == "del":
                gone.append(part)
                continue
            now = new.inline(origins[1], part)
            was = old.shown(origins[0], part) if isinstance(part, Ref) else now
            yield Piece("=" if was == now else "r", was, now)
    yield from _replaced(old, new, origins, gone, came)


def _replaced(
    old: Side, new: Side, origins: tuple[str, str], gone: list[Inline], came: list[Inline]
) -> Iterator[Piece]:
    """Yield what stands in the place of what. A reference to the same place, a field that prints the same: no change."""
    first = [(part, part.shown if isinstance(part, Ref) else old.inline(origins[0], part)) for part in gone]
    second = [(part, new.inline(origins[1], part)) for part in came]
    if len(first) == len(second) and all(_alike(a, b) for (a, _), (b, _) in zip(first, second, strict=True)):
        for (part, was), (_, now) in zip(first, second, strict=True):
            if isinstance(part, Text) and old.renumbered.get(was) == now:
                yield Piece("r", was, now)
            elif isinstance(part, Text) or isinstance(part, FormField) and was != now:
                yield from (Piece("-", was, ""), Piece("+", "", now))
            else:
                yield Piece("=" if was == now else "r", was, now)
        return
    yield from (Piece("-", text, "") for _, text in first)
    yield from (Piece("+", "", text) for _, text in second)


def _alike(part: Inline, other: Inline) -> bool:
    if isinstance(part, Ref) and isinstance(other, Ref):
        return (part.document, part.target) == (other.document, other.target)
    return type(part) is type(other) and not isinstance(part, Ref)


def one_sided(side: Side, block: Block, mark: str) -> list[ViewLine]:
    """Return the lines of a block that only one side has."""
    out: list[ViewLine] = []
    lead = ""
    for line in lines(block):
        label = side.label(line.block)
        if _is_container(side, line):
            lead = label
            continue
        for text in _printed(side, line.block):
            label, lead = label or lead, "" if not label else lead
            out.append(_alone(mark, label, line.depth, text))
            label = ""
    if lead:
        out.append(_alone(mark, lead, 0, ""))
    return out


def _alone(mark: str, label: str, depth: int, text: str) -> ViewLine:
    if mark == "-":
        return ViewLine("-", label, "", depth, (Piece("-", text, ""),) if text else ())
    return ViewLine("+", "", label, depth, (Piece("+", "", text),) if text else ())


def _is_container(side: Side, line: Line) -> bool:
    """Whether a line is an article whose number stands before its first paragraph."""
    block = line.block
    if not isinstance(block, Provision) or block.level != "article":
        return False
    return side.document.numbering == "articles" or not block.heading


def _printed(side: Side, block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        if block.caption:
            yield side.line(block.id, block.caption)
        for row in block.rows:
            yield CELL.join(" ".join(side.line(block.id, line) for line in cell.content) for cell in row.cells)
    else:
        yield side.line(block.id, block.heading or block.content)


def read_lines(block: Block) -> list[Line]:
    """Return the lines of a unit as a reader pairs them: the first paragraph of an article may go like any other."""
    return [line._replace(leads=False) for line in lines(block)]


def both_sided(old: Side, new: Side, before: Block, after: Block) -> list[ViewLine]:
    """Return the lines of two paired units, those of one side only where they stand."""
    first, second = read_lines(before), read_lines(after)
    out: list[ViewLine] = []
    leads, low = ["", ""], (-1, -1)
    for a, b in [*align.pair_lines(old, new, first, second), (len(first), len(second))]:
        for line in first[low[0] + 1 : a]:
            out.extend(_led(one_sided(old, line.block, "-"), line.depth, leads, 0))
        for line in second[low[1] + 1 : b]:
            out.extend(_led(one_sided(new, line.block, "+"), line.depth, leads, 1))
        if a < len(first):
            out.extend(_pair(old, new, first[a], second[b], leads))
        low = (a, b)
    if any(leads):
        out.append(ViewLine("=", leads[0], leads[1], 0, ()))
    return out


def _led(found: Iterable[ViewLine], depth: int, leads: list[str], which: int) -> Iterator[ViewLine]:
    """Give the first line the article's label if that still waits for one."""
    for line in found:
        line = line._replace(depth=depth)
        if leads[which] and not (line.old_label or line.new_label):
            label = leads[which]
            line = line._replace(new_label=label) if which else line._replace(old_label=label)
            leads[which] = ""
        yield line


def _pair(old: Side, new: Side, one: Line, other: Line, leads: list[str]) -> Iterator[ViewLine]:
    labels = [old.label(one.block), new.label(other.block)]
    if _is_container(old, one) and _is_container(new, other):
        leads[:] = labels
        return
    labels = [label or lead for label, lead in zip(labels, leads, strict=True)]
    leads[:] = ["", ""]
    before, after = one.block, other.block
    if isinstance(before, Table) and isinstance(after, Table):
        yield from _tables(old, new, before, after, other.depth)
        return
    if not isinstance(before, Provision) or not isinstance(after, Provision):
        yield from one_sided(old, before, "-")
        yield from one_sided(new, after, "+")
        return
    texts = (before.heading or before.content, after.heading or after.content)
    found = tuple(pieces(old, new, (before.id, after.id), *texts))
    yield ViewLine("=", labels[0], labels[1], other.depth, found)


def _tables(old: Side, new: Side, before: Table, after: Table, depth: int) -> Iterator[ViewLine]:
    if before.caption or after.caption:
        yield ViewLine(
            "=", "", "", depth, tuple(pieces(old, new, (before.id, after.id), before.caption, after.caption))
        )
    if not align.same_frame(before, after):
        yield from one_sided(old, _without_caption(before), "-")
        yield from one_sided(new, _without_caption(after), "+")
        return
    low = (-1, -1)
    counted = old.counted(before) and new.counted(after)
    for a, b in [*align.pair_rows(old, new, before, after), (len(before.rows), len(after.rows))]:
        for row in before.rows[low[0] + 1 : a]:
            yield from one_sided(old, Table(before.id, before.columns, (row,)), "-")
        for row in after.rows[low[1] + 1 : b]:
            yield from one_sided(new, Table(after.id, after.columns, (row,)), "+")
        if a < len(before.rows):
            yield ViewLine("=", "", "", depth, tuple(_row(old, new, before, after, (a, b), counted)))
        low = (a, b)


def _without_caption(table: Table) -> Table:
    return Table(table.id, table.columns, table.rows)


def _row(old: Side, new: Side, before: Table, after: Table, at: tuple[int, int], counted: bool) -> Iterator[Piece]:
    for place, (one, other) in enumerate(zip(before.rows[at[0]].cells, after.rows[at[1]].cells, strict=True)):
        if place:
            yield Piece("=", CELL, CELL)
        for line, (first, second) in enumerate(zip(one.content, other.content, strict=True)):
            if line:
                yield Piece("=", " ", " ")
            texts = old.line(before.id, first), new.line(after.id, second)
            if counted and not place and texts[0] != texts[1] and all(map(str.isdigit, texts)):
                yield Piece("r", *texts)
            else:
                yield from pieces(old, new, (before.id, after.id), first, second)
