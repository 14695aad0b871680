"""Both texts as one document with marks: every writer shows it, and :mod:`toolkit.compare.accepting` takes it apart.

Blocks stand in an order that holds the old and the new one; in a place where both differ, what goes stands before what
comes, the deeper line first, so that every line finds its parent. A pair of lines is marked inside only if both print
as the same kind of paragraph. Ids are the new ones; what goes gets a free one where its own is in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from toolkit.compare import align
from toolkit.compare.comparable import Line, Unit, joined, lines, nest_lines, nest_units
from toolkit.compare.inlines import all_gone, marked
from toolkit.compare.side import Side
from toolkit.model.tree import Block, Document, Inlines, Provision, Row, Table, map_blocks, map_lines, map_row, walk

_HEAD = (
    "number",
    "title",
    "file_name",
    "family",
    "layout",
    "numbering",
    "note",
    "subtitle",
    "doc_number",
    "issuer",
    "issuer_mark",
    "addressee",
    "doc_date",
    "conclusions",
    "attachments",
    "copy_to",
    "printing_office",
    "printing_date",
    "meeting",
    "record_of",
    "participants",
    "self_name",
    "ref_brackets",
    "unbreakable",
    "id",
)


def mark(old: Side, new: Side, pairs: align.Pairs | None = None) -> Document:
    """Return the new document with the old text in it, both marked."""
    found = pairs or align.pair_units(old, new)
    names = Names({block.id for block in walk(new.document.body)})
    body = nest_units(Unit(block) for block in _stream(old, new, found.pairs, names))
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
    head_differs = any(getattr(old.document, name) != getattr(new.document, name) for name in _HEAD)
    if before is not None and after is not None:
        return replace(
            document,
            enclosure=mark(Side(before, old.labels), Side(after, new.labels)),
            was=was if head_differs else None,
        )
    if after is not None:
        body = tuple(came_block(block, "ins") for block in after.body)
        document = replace(
            document, enclosure=replace(after, body=body, was=replace(after, id="", body=(), enclosure=None))
        )
    if before is not None:
        return replace(document, was=replace(was, enclosure=before))
    return replace(document, was=was if head_differs else None)


@dataclass(slots=True)
class Names:
    """Ids in use; gives free ones to blocks that go. ``moved`` are the ids of units that stand elsewhere now."""

    taken: set[str]
    moved: set[str] = field(default_factory=set)
    count: int = 0

    def free(self, name: str) -> tuple[str, str]:
        """Return (id, id before) of a block that goes."""
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
    kept = align.unmoved(old, new, {a: b for a, b in pairs.items() if _can_pair(old.units[a], new.units[b])})
    moved = {a: b for a, b in pairs.items() if a not in kept and _moves(old.units[a], new.units[b])}
    names.moved = {old.units[a].block.id for a in pairs if a not in kept}
    sources, low = {b: a for a, b in moved.items()}, (-1, -1)
    for a in [*sorted(kept), len(old.units)]:
        b = pairs[a] if a < len(old.units) else len(new.units)
        goes = [
            gone_block(old, old.units[place].block, names, "from" if place in moved else "del")
            for place in range(low[0] + 1, a)
        ]
        comes = [
            _arrived(old, new, old.units[sources[place]].block, new.units[place].block, names)
            if place in sources
            else came_block(new.units[place].block, "ins")
            for place in range(low[1] + 1, b)
        ]
        # A table that comes needs a paragraph that stays above it (toolkit.docx.redline.document).
        yield from [*comes, *goes] if _has_table(comes) and not _has_table(goes) else [*goes, *comes]
        if a < len(old.units):
            yield pair(old, new, old.units[a].block, new.units[b].block, names)
        low = (a, b)


def _has_table(blocks: list[Block]) -> bool:
    return any(isinstance(block, Table) for block in walk(tuple(blocks)))


def _can_pair(one: Unit, other: Unit) -> bool:
    """Whether two units can be one block with marks inside."""
    before, after = one.block, other.block
    if isinstance(before, Table) and isinstance(after, Table):
        return align.same_frame(before, after)
    if not isinstance(before, Provision) or not isinstance(after, Provision):
        return False
    return (
        before.level == after.level and bool(before.heading) == bool(after.heading) and _leads(before) == _leads(after)
    )


def _moves(one: Unit, other: Unit) -> bool:
    return not one.is_group and _can_pair(one, other)


def _leads(block: Provision) -> bool:
    return any(line.leads for line in list(lines(block))[1:2])


def pair(old: Side, new: Side, before: Block, after: Block, names: Names) -> Block:
    """Return two paired units as one block with marks inside."""
    first, second = list(lines(before)), list(lines(after))
    matched = [(a, b) for a, b in align.pair_lines(old, new, first, second) if _lines_pair(first[a], second[b])]
    out: list[Line] = []
    low = (-1, -1)
    for a, b in [*matched, (len(first), len(second))]:
        out.extend(_gap(old, first[low[0] + 1 : a], second[low[1] + 1 : b], names))
        if a < len(first):
            out.append(Line(_pair_line(old, new, first[a].block, second[b].block, names), second[b].depth))
        low = (a, b)
    return nest_lines(out)


def _lines_pair(one: Line, other: Line) -> bool:
    if isinstance(one.block, Table) and isinstance(other.block, Table):
        return align.same_frame(one.block, other.block)
    return True


def _gap(old: Side, gone: list[Line], came: list[Line], names: Names) -> Iterator[Line]:
    """Yield lines that only one side has: the deeper first, of equals those that go (see the module)."""
    a = b = 0
    while a < len(gone) or b < len(came):
        if b == len(came) or (a < len(gone) and gone[a].depth >= came[b].depth):
            yield Line(gone_block(old, gone[a].block, names, "del"), gone[a].depth)
            a += 1
        else:
            yield Line(came_block(came[b].block, "ins"), came[b].depth)
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
    low = (-1, -1)
    matched = (  # a row that became a head, or is one no more, is set in another way
        (a, b)
        for a, b in align.pair_rows(old, new, before, after)
        if (a < before.header_rows) == (b < after.header_rows)
    )
    for a, b in [*matched, (len(before.rows), len(after.rows))]:
        for row in before.rows[low[0] + 1 : a]:
            yield replace(map_row(row, partial(all_gone, old, before.id)), mark="del")
        for row in after.rows[low[1] + 1 : b]:
            yield replace(map_row(row, joined), mark="ins")
        if a < len(before.rows):
            yield _pair_row(old, new, (before.id, after.id), before.rows[a], after.rows[b])
        low = (a, b)


def _pair_row(old: Side, new: Side, origins: tuple[str, str], before: Row, after: Row) -> Row:
    return map_row(after, lambda now, was: marked(old, new, origins, was, now), before)


def gone_block(old: Side, block: Block, names: Names, how: str) -> Block:
    """Return a block of the old text, with all in it, as one that goes."""

    def gone(one: Block) -> Block:
        new_id, was = names.free(one.id)
        return replace(map_lines(one, partial(all_gone, old, one.id)), id=new_id, was=was, mark=how)

    return map_blocks((block,), gone)[0]


def came_block(block: Block, how: str, was: str = "") -> Block:
    """Return a block of the new text, with all in it, as one that comes."""
    (came,) = map_blocks((block,), lambda one: replace(map_lines(one, joined), mark=how, was=""))
    return replace(came, was=was)


def _arrived(old: Side, new: Side, before: Block, after: Block, names: Names) -> Block:
    """Return a block at the place where it moved to; what was reworded on the way is marked as new."""
    if isinstance(before, Provision) and isinstance(after, Provision) and _can_pair(Unit(before), Unit(after)):
        first, second = list(lines(before)), list(lines(after))
        sources = {b: a for a, b in align.pair_lines(old, new, first, second) if _lines_pair(first[a], second[b])}
        arrived = []
        for place, line in enumerate(second):
            block = line.block
            if place in sources and isinstance(block, Provision):
                block = _reworded(old, new, first[sources[place]].block, block, names)
            else:
                block = came_block(block, "to" if place in sources else "ins")
            arrived.append(Line(block, line.depth))
        whole = nest_lines(arrived)
        return replace(whole, was=before.id)
    return came_block(after, "to", before.id)


def _reworded(old: Side, new: Side, before: Block, after: Provision, names: Names) -> Block:
    assert isinstance(before, Provision)
    origins = (before.id, after.id)

    def only_new(one: Inlines, other: Inlines) -> Inlines:
        return joined(part for part in marked(old, new, origins, one, other, names.moved) if part.mark != "del")

    return replace(
        after,
        mark="to",
        heading=only_new(before.heading, after.heading),
        content=only_new(before.content, after.content),
    )
