"""Merges three versions of a document: generated before, edited by hand, generated now; used when a set is upgraded.

A change that only one side made is taken from that side, line by line and word by word. Where both sides changed the
same words, or parts of one frequency, deadline or amount, the line becomes a tracked change: accepting it keeps the
hand-written text, rejecting it keeps the generated text.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from toolkit.compare import align, words
from toolkit.compare.comparable import HEAD_FIELDS, Unit, UnitLine, joined, lines, nest_lines, nest_units
from toolkit.compare.inlines import marked, tokens_of
from toolkit.compare.mark import Names, deleted_block, inserted_block, shape
from toolkit.compare.sequences import Three, merge_order, merge_tokens
from toolkit.compare.side import NO_ID, Side
from toolkit.compare.substance import terms
from toolkit.model.tree import Block, Document, Inlines, Provision, Row, Table, map_blocks, map_row, walk

_INLINES = ("note", "addressee")


@dataclass(frozen=True)
class Conflict:
    """Words that both sides changed. ``id`` is the block in the merged document, ``""`` outside the body."""

    id: str
    what: str
    base: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Merged:
    """The merged document, with its conflicts marked as tracked changes."""

    document: Document
    conflicts: tuple[Conflict, ...] = ()


def merge3(base: Side, mine: Side, theirs: Side) -> Merged:
    """Merge the changes that a hand (``mine``) and a new generation (``theirs``) made to one document."""
    if mine.document == base.document or mine.document == theirs.document:
        return Merged(theirs.document)
    if theirs.document == base.document:
        return Merged(mine.document)
    return _Merger(base, mine, theirs).merged()


@dataclass
class _Merger:
    """Merges one document and collects the conflicts."""

    base: Side
    mine: Side
    theirs: Side
    conflicts: list[Conflict] = field(default_factory=list)

    def merged(self) -> Merged:
        to_mine, to_theirs = (align.pair_units(self.base, side).pairs for side in (self.mine, self.theirs))
        self.names = Names({block.id for block in walk(self.theirs.document.body)})
        out: list[Unit] = []
        for three in merge_order(
            self.base.units,
            self.mine.units,
            self.theirs.units,
            to_mine,
            to_theirs,
            lambda mine, theirs: mine.level == theirs.level and self._same_text(mine.block, theirs.block),
        ):
            out.extend(Unit(block) for block in self._decide(*_blocks(three)))
        document = replace(self._head(), body=nest_units(out), enclosure=self._enclosure())
        return Merged(_with_unique_ids(document), tuple(self.conflicts))

    # -- blocks

    def _same_text(self, mine: Block, theirs: Block) -> bool:
        return self.mine.text(mine) == self.theirs.text(theirs)

    def _decide(self, base: Block | None, mine: Block | None, theirs: Block | None) -> list[Block]:
        if mine is None and theirs is None:
            return []
        if base is None:
            return [theirs if theirs is not None else mine]  # type: ignore[list-item]
        if mine is None:
            assert theirs is not None
            if _same(base, theirs):
                return []
            deleted = deleted_block(self.theirs, theirs, self.names, "del")
            self._note(deleted, base, None, theirs)
            return [deleted]
        if theirs is None:
            if _same(base, mine):
                return []
            self._note(mine, base, mine, None)
            return [inserted_block(mine, "ins")]
        if _same(base, mine) or _same(mine, theirs):
            return [theirs]
        if _same(base, theirs):
            return [mine]
        return self._both(base, mine, theirs)

    def _both(self, base: Block, mine: Block, theirs: Block) -> list[Block]:
        if isinstance(base, Table) and isinstance(mine, Table) and isinstance(theirs, Table):
            if align.same_frame(base, mine) and align.same_frame(base, theirs):
                return [self._table(base, mine, theirs)]
        elif (
            isinstance(base, Provision)
            and isinstance(mine, Provision)
            and isinstance(theirs, Provision)
            and shape(base) == shape(mine) == shape(theirs)
        ):
            return [self._lines(base, mine, theirs)]
        self._note(mine, base, mine, theirs)
        return [deleted_block(self.theirs, theirs, self.names, "del"), inserted_block(mine, "ins")]

    def _lines(self, base: Block, mine: Block, theirs: Block) -> Block:
        first, second, third = (list(lines(block)) for block in (base, mine, theirs))
        to_mine = dict(align.pair_lines(self.base, self.mine, first, second))
        to_theirs = dict(align.pair_lines(self.base, self.theirs, first, third))
        out: list[UnitLine] = []
        for three in merge_order(
            first,
            second,
            third,
            to_mine,
            to_theirs,
            lambda mine, theirs: mine.depth == theirs.depth and self._same_text(mine.block, theirs.block),
        ):
            depth = next(line.depth for line in (three.theirs, three.mine, three.base) if line is not None)
            out.extend(UnitLine(block, depth) for block in self._line(three))
        return nest_lines(_rooted(out))

    def _line(self, three: Three[UnitLine]) -> list[Block]:
        base, mine, theirs = _blocks(three)
        if base is None or mine is None or theirs is None or isinstance(theirs, Table):
            return self._decide(base, mine, theirs)
        if _same(base, mine) or _same(mine, theirs):
            return [theirs]
        if _same(base, theirs):
            return [mine]
        assert isinstance(base, Provision) and isinstance(mine, Provision) and isinstance(theirs, Provision)
        origins = (base.id, mine.id, theirs.id)
        heading = self._inlines(origins, base.heading, mine.heading, theirs.heading)
        content = self._inlines(origins, base.content, mine.content, theirs.content)
        return [replace(theirs, heading=heading, content=content)]

    def _inlines(
        self, origins: tuple[str, str, str], base: Inlines, mine: Inlines, theirs: Inlines, table: str = ""
    ) -> Inlines:
        if mine in (base, theirs):
            return theirs
        if theirs == base:
            return mine
        versions = list(zip((self.base, self.mine, self.theirs), origins, (base, mine, theirs), strict=True))
        tokens = [tokens_of(side, origin, parts, cut=_statements) for side, origin, parts in versions]
        merged = merge_tokens(*([key for key, _ in version] for version in tokens))
        if merged is None:
            texts = [side.line(origin, parts) for side, origin, parts in versions]
            self.conflicts.append(Conflict(table or origins[2], "text", *texts))
            return marked(self.theirs, self.mine, (origins[2], origins[1]), theirs, mine)
        by_name = dict(zip(("base", "mine", "theirs"), tokens, strict=True))
        return joined(part for name, start, end in merged for _, part in by_name[name][start:end])

    # -- tables

    def _table(self, base: Table, mine: Table, theirs: Table) -> Table:
        to_mine = dict(align.pair_rows(self.base, self.mine, base, mine))
        to_theirs = dict(align.pair_rows(self.base, self.theirs, base, theirs))
        origins = (base.id, mine.id, theirs.id)
        rows: list[Row] = []
        for three in merge_order(base.rows, mine.rows, theirs.rows, to_mine, to_theirs, operator.eq):
            rows.extend(self._row(origins, three))
        caption = self._inlines(origins, base.caption, mine.caption, theirs.caption)
        return replace(theirs, caption=caption, rows=tuple(rows))

    def _row(self, origins: tuple[str, str, str], three: Three[Row]) -> list[Row]:
        base, mine, theirs = three
        if mine is None and theirs is None:
            return []
        if base is None:
            return [theirs or mine]  # type: ignore[list-item]
        if mine is None or theirs is None:
            left = mine or theirs
            assert left is not None
            if left == base:
                return []
            texts = [self.base.line("", line) for cell in left.cells for line in cell.content]
            text = " ".join(texts)
            self.conflicts.append(Conflict(origins[2], "row", "", text if mine else "", text if theirs else ""))
            return [replace(left, mark="ins" if mine else "del")]
        if mine in (base, theirs):
            return [theirs]
        if theirs == base:
            return [mine]

        def line(new: Inlines, old: Inlines, edited: Inlines) -> Inlines:
            return self._inlines(origins, old, edited, new, table=origins[2])

        return [map_row(theirs, line, base, mine)]

    # -- outside the body

    def _head(self) -> Document:
        values: dict[str, Any] = {}
        base, mine, theirs = self.base.document, self.mine.document, self.theirs.document
        for name in HEAD_FIELDS:
            before, hand, now = (getattr(document, name) for document in (base, mine, theirs))
            if name in _INLINES:
                values[name] = self._inlines(("", "", ""), before, hand, now)
            elif hand not in (before, now):
                values[name] = hand
                if now != before:
                    self.conflicts.append(Conflict("", name, str(before), str(hand), str(now)))
        return replace(theirs, **values)

    def _enclosure(self) -> Document | None:
        base, mine, theirs = (side.document.enclosure for side in (self.base, self.mine, self.theirs))
        if mine in (base, theirs, None):
            return theirs
        if theirs == base or theirs is None or base is None:
            return mine
        inner = merge3(Side(base, self.base.labels), Side(mine, self.mine.labels), Side(theirs, self.theirs.labels))
        self.conflicts.extend(inner.conflicts)
        return inner.document

    def _note(self, at: Block, base: Block, mine: Block | None, theirs: Block | None) -> None:
        texts = [
            side.text(block) if block is not None else ""
            for side, block in ((self.base, base), (self.mine, mine), (self.theirs, theirs))
        ]
        self.conflicts.append(Conflict(at.id, "block", *texts))


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


def _with_unique_ids(document: Document) -> Document:
    """Give new ids to blocks without one and to repeated ones."""
    taken: set[str] = {block.id for block in walk(document.body) if not block.id.startswith(NO_ID)}
    seen: set[str] = set()
    count = 0

    def with_id(block: Block) -> Block:
        nonlocal count
        name = block.id
        if name in seen or name.startswith(NO_ID):
            count += 1
            while f"hand_{count}" in taken:
                count += 1
            name = f"hand_{count}"
        seen.add(name)
        taken.add(name)
        return block if name == block.id else replace(block, id=name)

    return replace(document, body=map_blocks(document.body, with_id))
