"""Merges three versions of a document: generated before, edited by hand, generated now; used when a set is upgraded.

A change that only one side made is taken from that side, line by line and word by word. Where both sides changed the
same words, or parts of one frequency, deadline or amount, the line becomes a tracked change: accepting it keeps the
hand-written text, rejecting it keeps the generated text.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, TypeVar

from toolkit.compare import align, words
from toolkit.compare.comparable import (
    HEAD_FIELDS,
    HEAD_INLINES,
    Side,
    Unit,
    UnitLine,
    joined,
    lines,
    nest_lines,
    nest_units,
)
from toolkit.compare.mark import Names, can_pair, deleted_block, inserted_block, marked, tokens_of, with_unique_ids
from toolkit.compare.substance import terms
from toolkit.model.tree import Block, Document, Inlines, Provision, Row, Table, Text, map_blocks, map_row, walk

Item = TypeVar("Item")


@dataclass(frozen=True)
class Conflict:
    """Words that both sides changed. ``id`` is the block in the merged document, ``""`` outside the body."""

    id: str
    what: str
    base: str
    mine: str
    theirs: str


#: Decisions on a conflict: the hand's words, those of the new version, both (the new ones first), words of one's own.
KEEP, TAKE, BOTH, OWN = "keep", "take", "both", "own"


@dataclass(frozen=True)
class Decision:
    """A decision on a conflict: one of :data:`KEEP`, …; ``text``: the words of :data:`OWN`."""

    how: str
    text: str = ""


#: Returns the decision on a conflict, None while there is none.
Decide = Callable[[Conflict], Decision | None]


@dataclass(frozen=True)
class Merged:
    """The merged document, with its conflicts marked as tracked changes; ``decided`` are those that a decision settled."""

    document: Document
    conflicts: tuple[Conflict, ...] = ()
    decided: tuple[tuple[Conflict, Decision], ...] = ()


def _nobody(_conflict: Conflict) -> Decision | None:
    return None


def merge3(base: Side, mine: Side, theirs: Side, decide: Decide = _nobody) -> Merged:
    """Merge the changes that a hand (``mine``) and a new generation (``theirs``) made to one document.

    ``decide`` is asked about each conflict; one that it cannot settle stays open.
    """
    if mine.document == base.document or mine.document == theirs.document:
        return Merged(theirs.document)
    if theirs.document == base.document:
        return Merged(mine.document)
    return _Merger(base, mine, theirs, decide).merged()


@dataclass
class _Merger:
    """Merges one document and collects the conflicts."""

    base: Side
    mine: Side
    theirs: Side
    decide: Decide
    conflicts: list[Conflict] = field(default_factory=list)
    decided: list[tuple[Conflict, Decision]] = field(default_factory=list)

    def merged(self) -> Merged:
        to_mine, to_theirs = (align.pair_units(self.base, side).pairs for side in (self.mine, self.theirs))
        self.names = Names({block.id for block in walk(self.theirs.document.body)})
        merged = merge_order(
            (self.base.units, self.mine.units, self.theirs.units),
            to_mine,
            to_theirs,
            lambda mine, theirs: mine.level == theirs.level and self._same_text(mine.block, theirs.block),
        )
        body = nest_units(Unit(block) for three in merged for block in self._merged_blocks(*_blocks(three)))
        document = replace(self._head(), body=body, enclosure=self._enclosure())
        return Merged(with_unique_ids(document), tuple(self.conflicts), tuple(self.decided))

    def _settle(self, conflict: Conflict, answers: Mapping[str, Callable[[str], Item]]) -> Item | None:
        """Return the result of the decision on a conflict; None, and the conflict stays open, without one.

        ``answers``: by decision, a function of the decision's own words.
        """
        decision = self.decide(conflict)
        if decision is None or decision.how not in answers:
            self.conflicts.append(conflict)
            return None
        self.decided.append((conflict, decision))
        return answers[decision.how](decision.text)

    # -- blocks

    def _same_text(self, mine: Block, theirs: Block) -> bool:
        return self.mine.text(mine) == self.theirs.text(theirs)

    def _merged_blocks(self, base: Block | None, mine: Block | None, theirs: Block | None) -> list[Block]:
        if mine is None or theirs is None:
            left = mine if theirs is None else theirs
            if left is None or (base is not None and _same(base, left)):
                return []
            if base is None:
                return [left]
            kept = inserted_block(left, "ins") if mine else deleted_block(self.theirs, left, self.names, "del")
            settled = self._settle_block(kept, base, mine, theirs)
            return [kept] if settled is None else settled
        if base is None:
            return [theirs]
        chosen = _settled(base, mine, theirs, _same)
        return self._both(base, mine, theirs) if chosen is None else [chosen]

    def _both(self, base: Block, mine: Block, theirs: Block) -> list[Block]:
        if can_pair(base, mine) and can_pair(base, theirs):
            if isinstance(base, Table) and isinstance(mine, Table) and isinstance(theirs, Table):
                return [self._table(base, mine, theirs)]
            return [self._lines(base, mine, theirs)]
        settled = self._settle_block(mine, base, mine, theirs)
        if settled is not None:
            return settled
        return [deleted_block(self.theirs, theirs, self.names, "del"), inserted_block(mine, "ins")]

    def _lines(self, base: Block, mine: Block, theirs: Block) -> Block:
        first, second, third = (list(lines(block)) for block in (base, mine, theirs))
        merged = merge_order(
            (first, second, third),
            dict(align.pair_lines(self.base, self.mine, first, second)),
            dict(align.pair_lines(self.base, self.theirs, first, third)),
            lambda mine, theirs: mine.depth == theirs.depth and self._same_text(mine.block, theirs.block),
        )
        out: list[UnitLine] = []
        for three in merged:
            depth = next(line.depth for line in (three.theirs, three.mine, three.base) if line is not None)
            out.extend(UnitLine(block, depth) for block in self._line(three))
        return nest_lines(_rooted(out))

    def _line(self, three: Three[UnitLine]) -> list[Block]:
        base, mine, theirs = _blocks(three)
        if base is None or mine is None or theirs is None or isinstance(theirs, Table):
            return self._merged_blocks(base, mine, theirs)
        if (settled := _settled(base, mine, theirs, _same)) is not None:
            return [settled]
        assert isinstance(base, Provision) and isinstance(mine, Provision) and isinstance(theirs, Provision)
        origins = (base.id, mine.id, theirs.id)
        heading = self._inlines(origins, base.heading, mine.heading, theirs.heading)
        content = self._inlines(origins, base.content, mine.content, theirs.content)
        return [replace(theirs, heading=heading, content=content)]

    def _inlines(
        self, origins: tuple[str, str, str], base: Inlines, mine: Inlines, theirs: Inlines, table: str = ""
    ) -> Inlines:
        if (settled := _settled(base, mine, theirs)) is not None:
            return settled
        versions = list(zip((self.base, self.mine, self.theirs), origins, (base, mine, theirs), strict=True))
        tokens = [tokens_of(side, origin, parts, cut=_statements) for side, origin, parts in versions]
        merged = merge_tokens(*([key for key, _ in version] for version in tokens))
        if merged is None:
            texts = [side.line(origin, parts) for side, origin, parts in versions]
            answers: dict[str, Callable[[str], Inlines]] = {
                KEEP: lambda _: mine,
                TAKE: lambda _: theirs,
                BOTH: lambda _: joined((*theirs, *mine)),
                OWN: lambda text: (Text(text),),
            }
            chosen = self._settle(Conflict(table or origins[2], "text", *texts), answers)
            if chosen is not None:
                return chosen
            return marked(self.theirs, self.mine, (origins[2], origins[1]), theirs, mine)
        by_name = dict(zip(("base", "mine", "theirs"), tokens, strict=True))
        return joined(part for name, start, end in merged for _, part in by_name[name][start:end])

    # -- tables

    def _table(self, base: Table, mine: Table, theirs: Table) -> Table:
        merged = merge_order(
            (base.rows, mine.rows, theirs.rows),
            dict(align.pair_rows(self.base, self.mine, base, mine)),
            dict(align.pair_rows(self.base, self.theirs, base, theirs)),
            operator.eq,
        )
        origins = (base.id, mine.id, theirs.id)
        rows = tuple(row for three in merged for row in self._row(origins, three))
        return replace(theirs, rows=rows, caption=self._inlines(origins, base.caption, mine.caption, theirs.caption))

    def _row(self, origins: tuple[str, str, str], three: Three[Row]) -> list[Row]:
        base, mine, theirs = three
        if mine is None or theirs is None:
            left = mine or theirs
            if left is None or left == base:
                return []
            if base is None:
                return [left]
            text = " ".join(self.base.line("", line) for cell in left.cells for line in cell.content)
            conflict = Conflict(origins[2], "row", "", text if mine else "", text if theirs else "")
            rows: dict[str, Callable[[str], list[Row]]] = {
                KEEP: lambda _: [mine] if mine else [],
                TAKE: lambda _: [theirs] if theirs else [],
                BOTH: lambda _: [left],
            }
            chosen = self._settle(conflict, rows)
            return [replace(left, mark="ins" if mine else "del")] if chosen is None else chosen
        if base is None:
            return [theirs]
        if (settled := _settled(base, mine, theirs)) is not None:
            return [settled]

        def line(new: Inlines, old: Inlines, edited: Inlines) -> Inlines:
            return self._inlines(origins, old, edited, new, table=origins[2])

        return [map_row(theirs, line, base, mine)]

    # -- outside the body

    def _head(self) -> Document:
        """Return the elements outside the body; those of open conflicts are marked, as in a redline (``was``)."""
        values: dict[str, Any] = {}
        rejected: dict[str, Any] = {}
        base, mine, theirs = self.base.document, self.mine.document, self.theirs.document
        for name in HEAD_FIELDS:
            before, hand, now = (getattr(document, name) for document in (base, mine, theirs))
            if name in HEAD_INLINES:
                values[name] = self._inlines(("", "", ""), before, hand, now)
            elif hand not in (before, now):
                values[name] = hand
                if now != before:
                    conflict = Conflict("", name, str(before), str(hand), str(now))
                    chosen = self._settle(conflict, _of_head(hand, now))
                    if chosen is None:
                        rejected[name] = now
                    else:
                        values[name] = chosen
        document = replace(theirs, **values)
        was = replace(document, body=(), enclosure=None, **rejected) if rejected else None
        return replace(document, was=was)

    def _enclosure(self) -> Document | None:
        sides = [side.enclosure for side in (self.base, self.mine, self.theirs)]
        base, mine, theirs = (side.document if side else None for side in sides)
        if mine in (base, theirs, None):
            return theirs
        if theirs == base or theirs is None or base is None:
            return mine
        three = [side for side in sides if side]
        inner = merge3(three[0], three[1], three[2], self.decide)
        self.conflicts.extend(inner.conflicts)
        self.decided.extend(inner.decided)
        return inner.document

    def _settle_block(self, at: Block, base: Block, mine: Block | None, theirs: Block | None) -> list[Block] | None:
        """Return the blocks that a decision on two whole blocks leaves, None while it is open; ``at`` stands in the result."""
        texts = [
            side.text(block) if block is not None else ""
            for side, block in ((self.base, base), (self.mine, mine), (self.theirs, theirs))
        ]
        both = [block for block in (theirs, mine) if block is not None]
        answers: dict[str, Callable[[str], list[Block]]] = {
            KEEP: lambda _: [mine] if mine is not None else [],
            TAKE: lambda _: [theirs] if theirs is not None else [],
            BOTH: lambda _: both,
        }
        if isinstance(both[0], Provision):
            first = both[0]
            answers[OWN] = lambda text: [replace(first, heading=(), content=(Text(text),), children=())]
        return self._settle(Conflict(at.id, "block", *texts), answers)


def _of_head(hand: Any, now: Any) -> dict[str, Callable[[str], Any]]:
    """Return the decisions on an element outside of the body: own words only of a text."""
    answers: dict[str, Callable[[str], Any]] = {KEEP: lambda _: hand, TAKE: lambda _: now}
    return answers | ({OWN: lambda text: text} if isinstance(now, str) else {})


def _settled(base: Item, mine: Item, theirs: Item, same: Callable[[Item, Item], bool] = operator.eq) -> Item | None:
    """Return the version that counts if at most one side changed or both did the same, else None."""
    if same(base, mine) or same(mine, theirs):
        return theirs
    return mine if same(base, theirs) else None


def _blocks(three: Three) -> tuple[Block | None, Block | None, Block | None]:
    base, mine, theirs = (element.block if element is not None else None for element in three)
    return base, mine, theirs


def _statements(text: str, whole: tuple[str, ...]) -> list[str]:
    """Return the tokens of a text; a frequency, deadline or amount is one token, so that it is never merged in part."""
    out: list[str] = []
    at = 0
    for start, end in terms(text):
        out += [*words.tokens(text[at:start], whole), text[start:end]]
        at = end
    return [*out, *words.tokens(text[at:], whole)]


def _same(first: Block, second: Block) -> bool:
    """Whether two blocks are equal but for ids and properties that do not print."""
    return first == second or map_blocks((first,), _printed) == map_blocks((second,), _printed)


def _printed(block: Block) -> Block:
    if isinstance(block, Table):
        rows = tuple(replace(row, key="") for row in block.rows)
        return replace(block, id="", was="", rows=rows, caption=joined(block.caption))
    return replace(block, id="", was="", covers=(), heading=joined(block.heading), content=joined(block.content))


def _rooted(merged: Sequence[UnitLine]) -> list[UnitLine]:
    """Return the lines without gaps in their depths: a line whose parent was deleted moves to the line above."""
    out: list[UnitLine] = []
    depth = -1
    for line in merged:
        depth = min(line.depth, depth + 1) if out else 0
        out.append(UnitLine(line.block, depth if not out or depth else 1))
        depth = out[-1].depth
    return out


# --- three versions of a sequence --------------------------------------------------------------------------------


class Three(NamedTuple, Generic[Item]):
    """One element in the three versions; None in a version that lacks it."""

    base: Item | None
    mine: Item | None
    theirs: Item | None


def merge_order(
    versions: tuple[Sequence[Item], Sequence[Item], Sequence[Item]],
    to_mine: Mapping[int, int],
    to_theirs: Mapping[int, int],
    equal: Callable[[Item, Item], bool],
) -> list[Three[Item]]:
    """Return the elements of base, mine and theirs in the order of the result.

    Elements keep the order of the newly generated side (``theirs``); an element that the hand (``mine``) added or moved
    follows the same element as there. ``to_mine`` and ``to_theirs`` pair base indexes.
    """
    base, mine, theirs = versions
    elements = [Three(a, to_mine.get(a), to_theirs.get(a)) for a in range(len(base))]
    by_mine, by_theirs = ({b: elements[a] for a, b in pairs.items()} for pairs in (to_mine, to_theirs))
    for index in range(len(theirs)):
        by_theirs.setdefault(index, Three(None, None, index))
    free = [index for index, element in sorted(by_theirs.items()) if element.base is None]
    for index in range(len(mine)):
        if index not in by_mine:  # an element that both sides added is one
            twin = next((other for other in free if equal(mine[index], theirs[other])), None)
            by_mine[index] = Three(None, index, twin)
            if twin is not None:
                free.remove(twin)
                by_theirs[twin] = by_mine[index]
    moved = (set(to_mine) - align.in_order(to_mine)) - (set(to_theirs) - align.in_order(to_theirs))
    order = [by_theirs[index] for index in range(len(theirs)) if by_theirs[index].base not in moved]
    last: Three[int] | None = None
    waiting: list[tuple[Three[int] | None, Three[int]]] = []
    for index in range(len(mine)):
        if by_mine[index] not in order:
            waiting.append((last, by_mine[index]))
        last = by_mine[index]
    for after, element in waiting:
        order.insert(order.index(after) + 1 if after in order else 0, element)
    # whether an element that one side deleted stays is decided by the caller
    order += [each for each in elements if each[1:] != (None, None) and each not in order]
    return [Three(*(a if a is None else items[a] for a, items in zip(each, versions, strict=True))) for each in order]


def merge_tokens(base: Sequence, mine: Sequence, theirs: Sequence) -> list[tuple[str, int, int]] | None:
    """Return the parts (side, start, end) of the merged sequence, None if two changes overlap or touch."""
    edits: list[tuple[int, int, str, int, int]] = []
    for side, other in (("mine", mine), ("theirs", theirs)):
        for part in words.stretches(base, other):
            if not part.same:
                edits.append((part.start, part.end, side, part.new_start, part.new_end))
    edits.sort()
    out: list[tuple[str, int, int]] = []
    reached = 0
    last: tuple[int, int, str] | None = None
    for start, end, side, a, b in edits:
        if last is not None and last[2] != side and start <= last[1]:
            return None
        out.append(("base", reached, start))
        out.append((side, a, b))
        reached, last = max(reached, end), (start, end, side)
    out.append(("base", reached, len(base)))
    return [piece for piece in out if piece[2] > piece[1]]
