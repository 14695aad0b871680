"""Joins two versions into one document with marks, and resolves it by accepting or rejecting them; used by redlines and merging.

The order of the blocks holds the old and the new one; where both differ, deleted lines precede inserted ones and deeper
lines come first, so that every line finds its parent. A pair of lines is marked inside only if both print as the same
kind of paragraph: texts by words, references and form fields whole. Ids are the new ones; a deleted block gets a free id
if its own is in use.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from toolkit.compare import align, words
from toolkit.compare.comparable import (
    HEAD_FIELDS,
    HEAD_INLINES,
    NO_ID,
    Side,
    Unit,
    UnitLine,
    joined,
    lines,
    map_head,
    nest_lines,
    nest_units,
    units,
)
from toolkit.model.tree import (
    CAME,
    GONE,
    Block,
    Document,
    Inline,
    Inlines,
    Provision,
    Ref,
    Row,
    Table,
    Text,
    map_blocks,
    map_lines,
    map_row,
    walk,
)

# --- marking -----------------------------------------------------------------------------------------------------


def mark(old: Side, new: Side, pairs: align.Pairs | None = None) -> Document:
    """Return the new document with deletions, insertions and moves since the old one marked in it."""
    before, after = old.document, new.document
    marker = _Marker(old, new, Names({block.id for block in walk(after.body)}))
    body = nest_units(map(Unit, marker.stream((pairs or align.pair_units(old, new)).pairs)))
    heads: dict[str, Any] = {
        name: marked(old, new, ("", ""), getattr(before, name), getattr(after, name)) for name in HEAD_INLINES
    }
    was = map_head(before, joined, body=(), enclosure=None)
    enclosure, differs = after.enclosure, any(getattr(before, name) != getattr(after, name) for name in HEAD_FIELDS)
    if old.enclosure is not None and new.enclosure is not None:
        enclosure = mark(old.enclosure, new.enclosure)
    elif enclosure is not None:
        inserted = tuple(inserted_block(block, "ins") for block in enclosure.body)
        enclosure = replace(enclosure, body=inserted, was=replace(enclosure, id="", body=(), enclosure=None))
    elif before.enclosure is not None:
        was, differs = replace(was, enclosure=before.enclosure), True
    return replace(after, **heads, body=body, enclosure=enclosure, was=was if differs else None)


@dataclass(slots=True)
class Names:
    """Hands out ids of blocks that are not in use: ``taken`` are those in use, new ones are numbered after ``prefix``."""

    taken: set[str]
    prefix: str = "old"
    count: int = 0

    def new(self) -> str:
        """Return a new id."""
        while True:
            self.count += 1
            name = f"{self.prefix}_{self.count}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def free(self, name: str) -> tuple[str, str]:
        """Return the id of a deleted block and its old id if that differs, else ``""``."""
        if name in self.taken:
            return self.new(), name
        self.taken.add(name)
        return name, ""


def with_unique_ids(document: Document) -> Document:
    """Return a document with new ids for blocks without one and for those whose id an earlier block has."""
    names = Names({block.id for block in walk(document.body) if not block.id.startswith(NO_ID)}, "hand")
    seen: set[str] = set()

    def with_id(block: Block) -> Block:
        if block.id in seen or block.id.startswith(NO_ID):
            block = replace(block, id=names.new())
        seen.add(block.id)
        return block

    return replace(document, body=map_blocks(document.body, with_id))


@dataclass(slots=True)
class _Marker:
    """Marks the blocks of two documents. ``moved`` are the old ids of units that moved."""

    old: Side
    new: Side
    names: Names
    moved: set[str] = field(default_factory=set)

    def stream(self, pairs: dict[int, int]) -> Iterator[Block]:
        """Yield the units of both documents, marked."""
        old, new = ([unit.block for unit in side.units] for side in (self.old, self.new))
        kept = align.unmoved(self.old, self.new, {a: b for a, b in pairs.items() if can_pair(old[a], new[b])})
        sources = {
            b: a
            for a, b in pairs.items()
            if a not in kept and not self.old.units[a].is_group and can_pair(old[a], new[b])
        }
        self.moved = {old[a].id for a in pairs if a not in kept}
        for gap_old, gap_new, pair in align.gaps([(a, pairs[a]) for a in sorted(kept)], len(old), len(new)):
            deleted = [
                deleted_block(self.old, old[index], self.names, "from" if index in sources.values() else "del")
                for index in gap_old
            ]
            inserted = [
                self._arrived(old[sources[index]], new[index])
                if index in sources
                else inserted_block(new[index], "ins")
                for index in gap_new
            ]
            # An inserted table needs a paragraph that stays above it (toolkit.docx.redline.document).
            table_first = _has_table(inserted) and not _has_table(deleted)
            yield from [*inserted, *deleted] if table_first else [*deleted, *inserted]
            if pair is not None:
                yield self._unit(old[pair[0]], new[pair[1]])

    def _unit(self, before: Block, after: Block) -> Block:
        """Return two paired units as one block with marks inside."""
        first, second = list(lines(before)), list(lines(after))
        out: list[UnitLine] = []
        for gap_old, gap_new, pair in align.gaps(self._line_pairs(first, second), len(first), len(second)):
            out += self._gap([first[index] for index in gap_old], [second[index] for index in gap_new])
            if pair is not None:
                line = second[pair[1]]
                out.append(line._replace(block=self._line(first[pair[0]].block, line.block)))
        return nest_lines(out)

    def _line_pairs(self, before: list[UnitLine], after: list[UnitLine]) -> list[tuple[int, int]]:
        return [
            (a, b)
            for a, b in align.pair_lines(self.old, self.new, before, after)
            if not isinstance(before[a].block, Table) or can_pair(before[a].block, after[b].block)
        ]

    def _gap(self, deleted: list[UnitLine], inserted: list[UnitLine]) -> Iterator[UnitLine]:
        """Yield lines of one side only: deeper lines first, deleted before inserted ones of the same depth."""
        a = b = 0
        while a < len(deleted) or b < len(inserted):
            if b == len(inserted) or (a < len(deleted) and deleted[a].depth >= inserted[b].depth):
                yield UnitLine(deleted_block(self.old, deleted[a].block, self.names, "del"), deleted[a].depth)
                a += 1
            else:
                yield UnitLine(inserted_block(inserted[b].block, "ins"), inserted[b].depth)
                b += 1

    def _line(self, before: Block, after: Block) -> Block:
        was = before.id if before.id != after.id else ""
        if isinstance(before, Provision) and isinstance(after, Provision):
            return self._provision(before, replace(after, was=was), lambda parts: parts)
        assert isinstance(before, Table) and isinstance(after, Table)
        caption = marked(self.old, self.new, (before.id, after.id), before.caption, after.caption)
        return replace(after, was=was, caption=caption, rows=tuple(self._rows(before, after)))

    def _provision(self, before: Provision, after: Provision, kept: Callable[[Inlines], Inlines]) -> Provision:
        """Return a provision with marks in its texts, of which ``kept`` returns those that it has."""

        def texts(was: Inlines, now: Inlines) -> Inlines:
            return kept(marked(self.old, self.new, (before.id, after.id), was, now, self.moved))

        heading, content = texts(before.heading, after.heading), texts(before.content, after.content)
        number = kept(renumbered(before.number, after.number))
        return replace(after, heading=heading, content=content, number=number)

    def _rows(self, before: Table, after: Table) -> Iterator[Row]:
        origins = before.id, after.id
        matched = [  # a head row is set in another way than a body row: they are not paired
            (a, b)
            for a, b in align.pair_rows(self.old, self.new, before, after)
            if (a < before.header_rows) == (b < after.header_rows)
        ]
        for was, now in align.in_turn(matched, before.rows, after.rows):
            if was is not None and now is not None:
                yield map_row(now, lambda line, old: marked(self.old, self.new, origins, old, line), was)
            elif was is not None:
                yield replace(map_row(was, partial(in_deleted_block, self.old, before.id)), mark="del")
            elif now is not None:
                yield replace(map_row(now, joined), mark="ins")

    def _arrived(self, before: Block, after: Block) -> Block:
        """Return a moved block at its new position; reworded parts are marked as inserted."""
        if not isinstance(before, Provision):
            return inserted_block(after, "to", before.id)
        first, second = list(lines(before)), list(lines(after))
        sources = {b: a for a, b in self._line_pairs(first, second)}
        arrived = []
        for index, line in enumerate(second):
            source = first[sources[index]].block if index in sources else None
            if isinstance(source, Provision) and isinstance(line.block, Provision):
                block: Block = self._provision(source, replace(line.block, mark="to"), _without_deleted)
            else:
                block = inserted_block(line.block, "ins" if source is None else "to")
            arrived.append(UnitLine(block, line.depth))
        return replace(nest_lines(arrived), was=before.id)


def _without_deleted(parts: Inlines) -> Inlines:
    return joined(part for part in parts if part.mark != "del")


def _has_table(blocks: list[Block]) -> bool:
    return any(isinstance(block, Table) for block in walk(blocks))


def can_pair(before: Block, after: Block) -> bool:
    """Whether two units can be shown as one block with marks inside."""
    if isinstance(before, Table) and isinstance(after, Table):
        return align.same_frame(before, after)
    return isinstance(before, Provision) and isinstance(after, Provision) and _shape(before) == _shape(after)


def _shape(block: Provision) -> tuple[str, bool, bool, bool]:
    """Return (level, has a heading, its number is text, its number is printed on its first child)."""
    return block.level, bool(block.heading), bool(block.number), any(line.leads for line in list(lines(block))[1:2])


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


# --- lines of inlines --------------------------------------------------------------------------------------------

_Token = tuple[Hashable, Inline]
Cut = Callable[[str, tuple[str, ...]], Iterable[str]]


def marked(
    old: Side, new: Side, origins: tuple[str, str], before: Inlines, after: Inlines, moved: Set[str] = frozenset()
) -> Inlines:
    """Return both texts as one. ``origins`` are the ids of their blocks in the old and the new document.

    A reference stays unmarked if it has the same target and text, or a word processor renumbers it by itself (not if its
    target ``moved``); a deleted reference keeps its old text.
    """
    if before == after and not any(isinstance(part, Ref) for part in after):
        return joined(after)
    first, second = tokens_of(old, origins[0], before, moved), tokens_of(new, origins[1], after, moved)
    out: list[Inline] = []
    for op, start, end in words.pieces([key for key, _ in first], [key for key, _ in second]):
        if op == "-":
            parts = in_deleted_block(old, origins[0], [part for _, part in first[start:end]])
            out.extend(replace(part, mark="del") for part in parts)
        else:
            out.extend(replace(part, mark="ins") if op == "+" else part for _, part in second[start:end])
    return joined(out)


def renumbered(before: Inlines, after: Inlines) -> Inlines:
    """Return the numbers of a block that are text, whole: a number that another one replaces."""
    if before == after:
        return after
    gone, came = (
        tuple(replace(part, mark=mark) for part in parts) for mark, parts in (("del", before), ("ins", after))
    )
    return (*gone, *came)


def tokens_of(
    side: Side, origin: str, parts: Inlines, moved: Set[str] = frozenset(), cut: Cut = words.tokens
) -> list[_Token]:
    """Return inlines as tokens, each with its key for comparing; ``cut`` splits a text, given the names that stay whole."""
    tokens: list[_Token] = []
    for part in parts:
        if isinstance(part, Text):
            tokens.extend((word, Text(word)) for word in cut(part.text, side.whole))
        elif isinstance(part, Ref):
            shown = "" if side.live(origin, part) and part.target not in moved else side.shown(origin, part)
            tokens.append((("ref", part, shown), part))
        else:
            tokens.append((("field", part), part))
    return tokens


def in_deleted_block(side: Side, origin: str, parts: Iterable[Inline]) -> Inlines:
    """Return the inlines of a deleted block: the block bears the mark, references keep their old text."""
    return joined(replace(part, shown=side.shown(origin, part)) if isinstance(part, Ref) else part for part in parts)


def accepted(parts: Inlines, new: bool) -> Inlines:
    """Return the new text of marked inlines, or the old one."""
    out: list[Inline] = []
    for part in parts:
        if part.mark == ("del" if new else "ins"):
            continue
        if isinstance(part, Ref):
            part = replace(part, mark="", shown="")
        elif part.mark in ("ins", "del"):
            part = replace(part, mark="")
        out.append(part)
    return joined(out)


# --- resolving ---------------------------------------------------------------------------------------------------


def accept(document: Document) -> Document:
    """Return the document with all changes accepted: the new text."""
    return _resolved(document, True)


def reject(document: Document) -> Document:
    """Return the document with all changes rejected: the old text."""
    return _resolved(document, False)


def _resolved(document: Document, new: bool) -> Document:
    body = nest_units(map(Unit, _resolved_units(document, new)))
    enclosure = _resolved_enclosure(document, new)
    if not new and document.was is not None:
        return replace(document.was, body=body, enclosure=enclosure)
    return map_head(document, partial(accepted, new=new), body=body, was=None, enclosure=enclosure)


def _resolved_enclosure(document: Document, new: bool) -> Document | None:
    """Return the enclosure of one of the texts; an empty id in its ``was`` says that only the new text has it."""
    was, enclosed = document.was, document.enclosure
    if not new and was is not None and was.enclosure is not None:
        return was.enclosure
    if enclosed is None or (not new and enclosed.was is not None and not enclosed.was.id):
        return None
    return _resolved(enclosed, new)


def _resolved_units(document: Document, new: bool) -> Iterator[Block]:
    dropped = GONE if new else CAME
    for unit in units(document.body):
        flat = [UnitLine(unit.block, 0)] if unit.is_group else lines(unit.block)
        kept = [UnitLine(_resolved_block(block, new), depth) for block, depth, _ in flat if block.mark not in dropped]
        if kept:
            yield nest_lines(kept)


def _resolved_block(block: Block, new: bool) -> Block:
    """Return a block (without its children) as one of the texts has it."""
    name = block.id if new or block.mark in CAME else block.was or block.id
    if isinstance(block, Table):
        rows = (replace(row, mark="") for row in block.rows if row.mark != ("del" if new else "ins"))
        block = replace(block, rows=tuple(rows))
    return replace(map_lines(block, partial(accepted, new=new)), id=name, was="", mark="")
