"""Lays out a change line by line with the labels and texts of both sides; used by every report on versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from toolkit.compare import align, words
from toolkit.compare.comparable import Side, UnitLine, joined, lines
from toolkit.compare.mark import in_deleted_block, marked, tokens_of
from toolkit.model.tree import Block, FormField, Inline, Inlines, Provision, Ref, Row, Table, Text

#: Separates the cells of a row.
#: The number of an article as it is typed.
ARTICLE_NUMBER = re.compile("第[零〇一二三四五六七八九十百千万]+条")
CELL = " │ "


class ViewPiece(NamedTuple):
    """A part of a line. ``op``: ``=`` both sides, ``-`` old only, ``+`` new only, ``r`` a renumbered reference or row."""

    op: str
    old: str
    new: str


class ViewLine(NamedTuple):
    """A line of one or both sides. ``side`` is ``=`` for both, ``-`` or ``+``; ``depth`` counts from its unit."""

    side: str
    old_label: str
    new_label: str
    depth: int
    pieces: tuple[ViewPiece, ...]

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


def pieces(old: Side, new: Side, origins: tuple[str, str], before: Inlines, after: Inlines) -> Iterator[ViewPiece]:
    """Yield the shared and the differing parts of two lines. ``origins`` are the ids of their blocks.

    Parts that differ in nothing a reader sees (:func:`toolkit.compare.words.even`) are shared ones.
    """
    return _evened(list(_pieces(old, new, origins, before, after)))


def _evened(found: list[ViewPiece]) -> Iterator[ViewPiece]:
    found = _together(found)
    start = 0
    while start < len(found):
        end = start
        while end < len(found) and found[end].op in "-+":
            end += 1
        before, after = ("".join(piece[side] for piece in found[start:end]) for side in (1, 2))
        left = found[start - 1].new if start else ""
        right = found[end].new if end < len(found) else ""
        if end > start and words.evenly(before, after, left, right):
            yield ViewPiece("=", before, after)
        else:
            yield from found[start:end]
        yield from found[end : end + 1]
        start = end + 1


def _together(found: list[ViewPiece]) -> list[ViewPiece]:
    """Return pieces with shared ones that follow each other as one."""
    out: list[ViewPiece] = []
    for piece in found:
        if out and piece.op == out[-1].op == "=":
            out[-1] = ViewPiece("=", out[-1].old + piece.old, out[-1].new + piece.new)
        else:
            out.append(piece)
    return out


def _pieces(old: Side, new: Side, origins: tuple[str, str], before: Inlines, after: Inlines) -> Iterator[ViewPiece]:
    if old.renumbered and any(isinstance(part, Text) and _cites(old, part.text) for part in before):
        yield from _by_target(old, new, origins, before, after)
        return
    deleted: list[Inline] = []
    inserted: list[Inline] = []
    for part in marked(old, new, origins, before, after):
        if part.mark == "del" and not inserted:
            deleted.append(part)
        elif part.mark == "ins":
            inserted.append(part)
        else:
            yield from _replaced(old, new, origins, deleted, inserted)
            deleted, inserted = [], []
            if part.mark == "del":
                deleted.append(part)
                continue
            now = new.inline(origins[1], part)
            was = old.shown(origins[0], part) if isinstance(part, Ref) else now
            yield ViewPiece("=" if was == now else "r", was, now)
    yield from _replaced(old, new, origins, deleted, inserted)


def _cites(side: Side, text: str) -> bool:
    """Whether a text has the typed number of an article that has another one now."""
    return any(number in side.renumbered for number in ARTICLE_NUMBER.findall(text))


def _by_target(old: Side, new: Side, origins: tuple[str, str], before: Inlines, after: Inlines) -> Iterator[ViewPiece]:
    """Yield the parts of two lines; typed numbers of articles are aligned by the article that they lead to.

    Of 第三条、第四条 and 第二条、第三条 nothing came and nothing went, where a clause before both was deleted.
    """
    first, second = tokens_of(old, origins[0], before), tokens_of(new, origins[1], after)
    keys = [key for key, _ in first]
    for index, key in enumerate(keys):
        if isinstance(key, str) and key in old.renumbered and not (index and keys[index - 1] == "》"):
            keys[index] = old.renumbered[key]
    deleted: list[Inline] = []
    inserted: list[Inline] = []
    reached = 0
    for op, start, end in words.pieces(keys, [key for key, _ in second]):
        if op == "-":
            deleted += in_deleted_block(old, origins[0], [part for _, part in first[start:end]])
            reached = end
        elif op == "+":
            inserted += [part for _, part in second[start:end]]
        else:
            yield from _replaced(old, new, origins, list(joined(deleted)), list(joined(inserted)))
            deleted, inserted = [], []
            for (_, was_part), (_, part) in zip(first[reached : reached + end - start], second[start:end], strict=True):
                was, now = old.inline(origins[0], was_part), new.inline(origins[1], part)
                yield ViewPiece("=" if was == now else "r", was, now)
            reached += end - start
    yield from _replaced(old, new, origins, list(joined(deleted)), list(joined(inserted)))


def _replaced(
    old: Side, new: Side, origins: tuple[str, str], deleted: list[Inline], inserted: list[Inline]
) -> Iterator[ViewPiece]:
    """Yield a replacement. A reference with the same target and a field that prints the same are no change."""
    first = [(part, part.shown if isinstance(part, Ref) else old.inline(origins[0], part)) for part in deleted]
    second = [(part, new.inline(origins[1], part)) for part in inserted]
    if len(first) == len(second) and all(_alike(a, b) for (a, _), (b, _) in zip(first, second, strict=True)):
        for (part, was), (_, now) in zip(first, second, strict=True):
            if isinstance(part, Text) and old.renumbered.get(was) == now:
                yield ViewPiece("r", was, now)
            elif isinstance(part, Text) or isinstance(part, FormField) and was != now:
                yield from (ViewPiece("-", was, ""), ViewPiece("+", "", now))
            else:
                yield ViewPiece("=" if was == now else "r", was, now)
        return
    yield from (ViewPiece("-", text, "") for _, text in first)
    yield from (ViewPiece("+", "", text) for _, text in second)


def _alike(part: Inline, other: Inline) -> bool:
    if isinstance(part, Ref) and isinstance(other, Ref):
        return (part.document, part.target) == (other.document, other.target)
    return type(part) is type(other) and not isinstance(part, Ref)


def one_sided(side: Side, block: Block, mark: str) -> list[ViewLine]:
    """Return the lines of a block of one side only; ``mark`` is ``-`` or ``+``."""
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
        return ViewLine("-", label, "", depth, (ViewPiece("-", text, ""),) if text else ())
    return ViewLine("+", "", label, depth, (ViewPiece("+", "", text),) if text else ())


def _is_container(side: Side, line: UnitLine) -> bool:
    """Whether a line is an article whose number is printed on its first paragraph."""
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


def read_lines(block: Block) -> list[UnitLine]:
    """Return the lines of a unit as a reader pairs them: the first paragraph of an article like any other."""
    return [line._replace(leads=False) for line in lines(block)]


def both_sided(old: Side, new: Side, before: Block, after: Block) -> list[ViewLine]:
    """Return the lines of two paired units, those of one side only in their position."""
    first, second = read_lines(before), read_lines(after)
    out: list[ViewLine] = []
    leads = ["", ""]
    for was, now in align.in_turn(align.pair_lines(old, new, first, second), first, second):
        if was is not None and now is not None:
            out.extend(_pair(old, new, was, now, leads))
        elif was is not None:
            out.extend(_led(one_sided(old, was.block, "-"), was.depth, leads, 0))
        elif now is not None:
            out.extend(_led(one_sided(new, now.block, "+"), now.depth, leads, 1))
    if any(leads):
        out.append(ViewLine("=", leads[0], leads[1], 0, ()))
    return out


def _led(view_lines: Iterable[ViewLine], depth: int, leads: list[str], which: int) -> Iterator[ViewLine]:
    """Put the label of the article on the first line without one, if it is not printed yet."""
    for line in view_lines:
        line = line._replace(depth=depth)
        if leads[which] and not (line.old_label or line.new_label):
            label = leads[which]
            line = line._replace(new_label=label) if which else line._replace(old_label=label)
            leads[which] = ""
        yield line


def _pair(old: Side, new: Side, old_line: UnitLine, new_line: UnitLine, leads: list[str]) -> Iterator[ViewLine]:
    before, after = old_line.block, new_line.block
    labels = [old.label(before), new.label(after)]
    if _is_container(old, old_line) and _is_container(new, new_line):
        leads[:] = labels
        return
    labels = [label or lead for label, lead in zip(labels, leads, strict=True)]
    leads[:] = ["", ""]
    if isinstance(before, Table) and isinstance(after, Table):
        yield from _tables(old, new, before, after, new_line.depth)
        return
    if not isinstance(before, Provision) or not isinstance(after, Provision):
        yield from one_sided(old, before, "-")
        yield from one_sided(new, after, "+")
        return
    texts = (before.heading or before.content, after.heading or after.content)
    yield ViewLine("=", labels[0], labels[1], new_line.depth, tuple(pieces(old, new, (before.id, after.id), *texts)))


def _tables(old: Side, new: Side, before: Table, after: Table, depth: int) -> Iterator[ViewLine]:
    if before.caption or after.caption:
        caption = pieces(old, new, (before.id, after.id), before.caption, after.caption)
        yield ViewLine("=", "", "", depth, tuple(caption))
    if not align.same_frame(before, after):
        yield from one_sided(old, Table(before.id, before.columns, before.rows), "-")
        yield from one_sided(new, Table(after.id, after.columns, after.rows), "+")
        return
    counted = old.counted(before) and new.counted(after)
    for was, now in align.in_turn(align.pair_rows(old, new, before, after), before.rows, after.rows):
        if was is not None and now is not None:
            yield ViewLine("=", "", "", depth, tuple(_row(old, new, (before.id, after.id), was, now, counted)))
        elif was is not None:
            yield from one_sided(old, Table(before.id, before.columns, (was,)), "-")
        elif now is not None:
            yield from one_sided(new, Table(after.id, after.columns, (now,)), "+")


def _row(old: Side, new: Side, origins: tuple[str, str], before: Row, after: Row, counted: bool) -> Iterator[ViewPiece]:
    for column, (was, now) in enumerate(zip(before.cells, after.cells, strict=True)):
        if column:
            yield ViewPiece("=", CELL, CELL)
        for line, (first, second) in enumerate(zip(was.content, now.content, strict=True)):
            if line:
                yield ViewPiece("=", " ", " ")
            texts = old.line(origins[0], first), new.line(origins[1], second)
            if counted and not column and texts[0] != texts[1] and all(map(str.isdigit, texts)):
                yield ViewPiece("r", *texts)
            else:
                yield from pieces(old, new, origins, first, second)
