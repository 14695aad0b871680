"""Joins two versions into one document with marks, which every writer shows and ``accepting`` resolves.

The order of the blocks holds the old and the new one; where both differ, deleted lines precede inserted ones and deeper
lines come first, so that every line finds its parent. A pair of lines is marked inside only if both print as the same
kind of paragraph. Ids are the new ones; a deleted block gets a free id if its own is in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from toolkit.compare import align
from toolkit.compare.comparable import HEAD_FIELDS, Unit, UnitLine, joined, lines, nest_lines, nest_units
from toolkit.compare.inlines import in_deleted_block, marked
from toolkit.compare.side import Side
from toolkit.model.tree import Block, Document, Inlines, Provision, Row, Table, map_blocks, map_lines, map_row, walk


def mark(old: Side, new: Side, pairs: align.Pairs | None = None) -> Document:
    """Return the new document with deletions, insertions and moves since the old one marked in it."""
    pairs = pairs or align.pair_units(old, new)
    names = Names({block.id for block in walk(new.document.body)})
    body = nest_units(Unit(block) for block in _stream(old, new, pairs.pairs, names))
    document = replace(
        new.document,
        body=body,
        note=marked(old, new, ("", ""), old.document.note, new.document.note),
        addressee=marked(old, new, ("", ""), old.document.addressee, new.document.addressee),
    )
    return _with_enclosure(old, new, document)


def _with_enclosure(old: Side, new: Side, document: Document) -> Document:
    before, after = old.document.enclosure, new.document.enclosure
    was = replace(
        old.document, body=(), enclosure=None, note=joined(old.document.note), addressee=joined(old.document.addressee)
    )
    head_differs = any(getattr(old.document, name) != getattr(new.document, name) for name in HEAD_FIELDS)
    if before is not None and after is not None:
        return replace(
            document,
            enclosure=mark(Side(before, old.labels), Side(after, new.labels)),
            was=was if head_differs else None,
        )
    if after is not None:
        body = tuple(inserted_block(block, "ins") for block in after.body)
        document = replace(
            document, enclosure=replace(after, body=body, was=replace(after, id="", body=(), enclosure=None))
        )
    if before is not None:
        return replace(document, was=replace(was, enclosure=before))
    return replace(document, was=was if head_differs else None)


@dataclass(slots=True)
class Names:
    """Hands out free ids to deleted blocks. ``taken`` are the ids in use, ``moved`` those of units that moved."""

    taken: set[str]
    moved: set[str] = field(default_factory=set)
    count: int = 0

    def free(self, name: str) -> tuple[str, str]:
        """Return the id of a deleted block and its old id if that differs, else ``""``."""
        if name not in self.taken:
            self.taken.add(name)
            return name, ""
        while True:
            self.count += 1
            new = f"old_{self.count}"
            if new not in self.taken:
                self.taken.add(new)
                return new, name


def _stream(old: Side, new: Side, pairs: dict[int, int], names: Names) -> Iterator[Block]:
    """Yield the units of both documents, marked."""
    kept = align.unmoved(
        old, new, {a: b for a, b in pairs.items() if _can_pair(old.units[a].block, new.units[b].block)}
    )
    moved = {a: b for a, b in pairs.items() if a not in kept and _moves(old.units[a], new.units[b])}
    names.moved = {old.units[a].block.id for a in pairs if a not in kept}
    sources = {b: a for a, b in moved.items()}
    matched = [(a, pairs[a]) for a in sorted(kept)]
    for gap_old, gap_new, match in align.gaps(matched, len(old.units), len(new.units)):
        deleted = [
            deleted_block(old, old.units[index].block, names, "from" if index in moved else "del") for index in gap_old
        ]
        inserted = [
            _arrived(old, new, old.units[sources[index]].block, new.units[index].block, names)
            if index in sources
            else inserted_block(new.units[index].block, "ins")
            for index in gap_new
        ]
        # An inserted table needs a paragraph that stays above it (toolkit.docx.redline.document).
        table_first = _has_table(inserted) and not _has_table(deleted)
        yield from [*inserted, *deleted] if table_first else [*deleted, *inserted]
        if match is not None:
            yield _pair(old, new, old.units[match[0]].block, new.units[match[1]].block, names)


def _has_table(blocks: list[Block]) -> bool:
    return any(isinstance(block, Table) for block in walk(tuple(blocks)))


def _can_pair(before: Block, after: Block) -> bool:
    """Whether two units can be shown as one block with marks inside."""
    if isinstance(before, Table) and isinstance(after, Table):
        return align.same_frame(before, after)
    if not isinstance(before, Provision) or not isinstance(after, Provision):
        return False
    return shape(before) == shape(after)


def _moves(before: Unit, after: Unit) -> bool:
    return not before.is_group and _can_pair(before.block, after.block)


def shape(block: Provision) -> tuple[str, bool, bool]:
    """Return (level, has a heading, its number is printed on its first child): equal for blocks that can be merged."""
    return block.level, bool(block.heading), any(line.leads for line in list(lines(block))[1:2])


def _pair(old: Side, new: Side, before: Block, after: Block, names: Names) -> Block:
    """Return two paired units as one block with marks inside."""
    first, second = list(lines(before)), list(lines(after))
    matched = [(a, b) for a, b in align.pair_lines(old, new, first, second) if _lines_pair(first[a], second[b])]
    out: list[UnitLine] = []
    for gap_old, gap_new, match in align.gaps(matched, len(first), len(second)):
        out.extend(_gap(old, [first[index] for index in gap_old], [second[index] for index in gap_new], names))
        if match is not None:
            before_line, after_line = first[match[0]], second[match[1]]
            out.append(UnitLine(_pair_line(old, new, before_line.block, after_line.block, names), after_line.depth))
    return nest_lines(out)


def _lines_pair(before: UnitLine, after: UnitLine) -> bool:
    if isinstance(before.block, Table) and isinstance(after.block, Table):
        return align.same_frame(before.block, after.block)
    return True


def _gap(old: Side, deleted: list[UnitLine], inserted: list[UnitLine], names: Names) -> Iterator[UnitLine]:
    """Yield lines of one side only: deeper lines first, deleted before inserted ones of the same depth."""
    a = b = 0
    while a < len(deleted) or b < len(inserted):
        if b == len(inserted) or (a < len(deleted) and deleted[a].depth >= inserted[b].depth):
            yield UnitLine(deleted_block(old, deleted[a].block, names, "del"), deleted[a].depth)
            a += 1
        else:
            yield UnitLine(inserted_block(inserted[b].block, "ins"), inserted[b].depth)
            b += 1


def _pair_line(old: Side, new: Side, before: Block, after: Block, names: Names) -> Block:
    was = before.id if before.id != after.id else ""
    origins = (before.id, after.id)
    if isinstance(before, Provision) and isinstance(after, Provision):
        return replace(
            after,
            was=was,
            heading=marked(old, new, origins, before.heading, after.heading, names.moved),
            content=marked(old, new, origins, before.content, after.content, names.moved),
        )
    assert isinstance(before, Table) and isinstance(after, Table)
    caption = marked(old, new, origins, before.caption, after.caption)
    return replace(after, was=was, caption=caption, rows=tuple(_rows(old, new, before, after)))


def _rows(old: Side, new: Side, before: Table, after: Table) -> Iterator[Row]:
    matched = [  # a head row is set in another way than a body row: they are not paired
        (a, b)
        for a, b in align.pair_rows(old, new, before, after)
        if (a < before.header_rows) == (b < after.header_rows)
    ]
    for gap_old, gap_new, match in align.gaps(matched, len(before.rows), len(after.rows)):
        for index in gap_old:
            yield replace(map_row(before.rows[index], partial(in_deleted_block, old, before.id)), mark="del")
        for index in gap_new:
            yield replace(map_row(after.rows[index], joined), mark="ins")
        if match is not None:
            yield _pair_row(old, new, (before.id, after.id), before.rows[match[0]], after.rows[match[1]])


def _pair_row(old: Side, new: Side, origins: tuple[str, str], before: Row, after: Row) -> Row:
    return map_row(after, lambda now, was: marked(old, new, origins, was, now), before)


def deleted_block(old: Side, block: Block, names: Names, how: str) -> Block:
    """Return a block of the old text and its children, marked ``how`` (``del`` or ``from``) and with free ids."""

    def deleted(part: Block) -> Block:
        new_id, was = names.free(part.id)
        return replace(map_lines(part, partial(in_deleted_block, old, part.id)), id=new_id, was=was, mark=how)

    return map_blocks((block,), deleted)[0]


def inserted_block(block: Block, how: str, was: str = "") -> Block:
    """Return a block of the new text and its children, marked ``how`` (``ins`` or ``to``)."""
    (inserted,) = map_blocks((block,), lambda part: replace(map_lines(part, joined), mark=how, was=""))
    return replace(inserted, was=was)


def _arrived(old: Side, new: Side, before: Block, after: Block, names: Names) -> Block:
    """Return a moved block at its new position; reworded parts are marked as inserted."""
    if not (isinstance(before, Provision) and isinstance(after, Provision) and _can_pair(before, after)):
        return inserted_block(after, "to", before.id)
    first, second = list(lines(before)), list(lines(after))
    sources = {b: a for a, b in align.pair_lines(old, new, first, second) if _lines_pair(first[a], second[b])}
    arrived = []
    for index, line in enumerate(second):
        block = line.block
        if index in sources and isinstance(block, Provision):
            block = _reworded(old, new, first[sources[index]].block, block, names)
        else:
            block = inserted_block(block, "to" if index in sources else "ins")
        arrived.append(UnitLine(block, line.depth))
    return replace(nest_lines(arrived), was=before.id)


def _reworded(old: Side, new: Side, before: Block, after: Provision, names: Names) -> Block:
    assert isinstance(before, Provision)
    origins = (before.id, after.id)

    def only_new(was: Inlines, now: Inlines) -> Inlines:
        return joined(part for part in marked(old, new, origins, was, now, names.moved) if part.mark != "del")

    return replace(
        after,
        mark="to",
        heading=only_new(before.heading, after.heading),
        content=only_new(before.content, after.content),
    )
