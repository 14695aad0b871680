"""Pairs the units of two documents, the lines of two units, and the rows of two tables.

Units are paired by the author's id, then by equal text, then by likeness with a bonus for neighbours and for the label;
last come single units between paired neighbours. Candidates for likeness come from an index of rare trigrams, so that
the cost grows with the length of the texts and not with the product of their numbers. Used by every module that compares.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from toolkit.compare.comparable import Unit, UnitLine
from toolkit.compare.side import Side, is_identity
from toolkit.model.tree import Provision, Row, Table

#: Smallest similarity (0 to 1) of two texts that are one clause reworded; a smaller one between paired neighbours.
ALIKE, ALIKE_BETWEEN = 0.5, 0.3
_NEIGHBOUR, _LABEL = 0.08, 0.04
#: Candidates compared in full for each unit; trigrams in more units than this are too common to count.
_CANDIDATES, _COMMON = 6, 12
#: Smallest similarity of a part of a split clause to the clause, and of all parts together to it.
_PART, _WHOLE = 0.75, 0.8


class Pairs(NamedTuple):
    """``pairs`` of indexes by old index; ``splits``: old → further new parts; ``joins``: new → further old parts."""

    pairs: dict[int, int]
    splits: dict[int, list[int]]
    joins: dict[int, list[int]]


def pair_units(old: Side, new: Side) -> Pairs:
    """Pair the units of two documents."""
    pairs: dict[int, int] = {}
    _by_identity(old, new, pairs)
    _by_text(old, new, pairs)
    taken = set(pairs.values())
    free_old = [index for index in range(len(old.units)) if index not in pairs]
    free_new = [index for index in range(len(new.units)) if index not in taken]
    if free_old and free_new:
        _by_likeness(old, new, free_old, free_new, pairs)
        _between(old, new, pairs)
    return Pairs(pairs, *_splits_and_joins(old, new, pairs))


def _same_level(before: Unit, after: Unit) -> bool:
    return before.level == after.level


def _by_identity(old: Side, new: Side, pairs: dict[int, int]) -> None:
    """Pair by id, unless equal words without an id are on the other side: they are the clause.

    A word processor may leave a clause's bookmark on text that was typed before the clause.
    """
    homes = {unit.block.id: index for index, unit in enumerate(new.units) if is_identity(unit.block.id)}
    without_id = [
        {(unit.level, side.texts[index]) for index, unit in enumerate(side.units) if not is_identity(unit.block.id)}
        for side in (old, new)
    ]
    for index, unit in enumerate(old.units):
        other = homes.get(unit.block.id)
        if other is None or not _same_level(unit, new.units[other]):
            continue
        texts = (unit.level, old.texts[index]), (unit.level, new.texts[other])
        if texts[0] == texts[1] or not (texts[0] in without_id[1] or texts[1] in without_id[0]):
            pairs[index] = other
            del homes[unit.block.id]


def _by_text(old: Side, new: Side, pairs: dict[int, int]) -> None:
    taken = set(pairs.values())
    homes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index in range(len(new.units) - 1, -1, -1):
        if index not in taken and new.bare[index]:
            homes[new.units[index].level, new.bare[index]].append(index)
    for index, text in enumerate(old.bare):
        if index not in pairs and homes.get((old.units[index].level, text)):
            pairs[index] = homes[old.units[index].level, text].pop()


def _grams(text: str) -> set[str]:
    return {text[start : start + 3] for start in range(len(text) - 2)} or {text}


def _by_likeness(old: Side, new: Side, free_old: list[int], free_new: list[int], pairs: dict[int, int]) -> None:
    homes: dict[str, list[int]] = defaultdict(list)
    for index in free_new:
        for gram in _grams(new.texts[index]):
            homes[gram].append(index)
    back = {other: index for index, other in pairs.items()}
    scored: list[tuple[float, int, int]] = []
    for index in free_old:
        text = old.texts[index]
        votes: Counter[int] = Counter()
        for gram in _grams(text):
            sharing = homes.get(gram, ())
            if len(sharing) <= _COMMON:
                votes.update(sharing)
        for other, _ in votes.most_common(_CANDIDATES):
            if not _same_level(old.units[index], new.units[other]):
                continue
            likeness = Indel.normalized_similarity(text, new.texts[other], score_cutoff=ALIKE - 0.15)
            score = likeness + _bonus(old, new, index, other, pairs, back)
            if likeness and score >= ALIKE:
                scored.append((-score, index, other))
    _take(sorted(scored), pairs)


def _bonus(old: Side, new: Side, index: int, other: int, pairs: dict[int, int], back: dict[int, int]) -> float:
    bonus = 0.0
    for step in (-1, 1):
        if pairs.get(index + step, -9) == other + step or back.get(other + step, -9) == index + step:
            bonus += _NEIGHBOUR
    label = old.label(old.units[index].block)
    return bonus + (_LABEL if label and label == new.label(new.units[other].block) else 0)


def _take(scored: Sequence[tuple[float, int, int]], pairs: dict[int, int]) -> None:
    taken = set(pairs.values())
    for _, index, other in scored:
        if index not in pairs and other not in taken:
            pairs[index] = other
            taken.add(other)


def _between(old: Side, new: Side, pairs: dict[int, int]) -> None:
    """Pair single units between paired neighbours if they are at all alike; a single heading in any case."""
    taken = set(pairs.values())
    for index in range(len(old.units)):
        if index in pairs:
            continue
        other = pairs[index - 1] + 1 if index - 1 in pairs else 0 if index == 0 else None
        if (
            other is None
            or other >= len(new.units)
            or other in taken
            or not _same_level(old.units[index], new.units[other])
        ):
            continue
        closed = pairs.get(index + 1, len(new.units) if index + 1 == len(old.units) else -1) == other + 1
        known = is_identity(old.units[index].block.id) and is_identity(new.units[other].block.id)
        if not closed or known:
            continue
        likeness = Indel.normalized_similarity(old.texts[index], new.texts[other])
        if likeness >= ALIKE_BETWEEN or old.units[index].is_group or not old.texts[index]:
            pairs[index] = other
            taken.add(other)


def in_order(pairs: Mapping[int, int], weight: Callable[[int], int] | None = None) -> set[int]:
    """Return the old indexes of the heaviest set of pairs that are in the same order on both sides; the others moved.

    ``weight`` takes an old index; without it every pair weighs 1. A Fenwick tree over the new indexes holds the best run
    that ends at or before each, so that n pairs cost n log n.
    """
    size = max(pairs.values(), default=-1) + 1
    best: list[tuple[int, int]] = [(0, -1)] * (size + 1)
    before: dict[int, int] = {}
    for index in sorted(pairs):
        other, heaviest_run = pairs[index], (0, -1)
        at = other
        while at > 0:
            heaviest_run = max(heaviest_run, best[at])
            at &= at - 1
        before[index] = heaviest_run[1]
        run = (heaviest_run[0] + (weight(index) if weight else 1), index)
        at = other + 1
        while at <= size:
            best[at] = max(best[at], run)
            at += at & -at
    heaviest_run, at = (0, -1), size
    while at > 0:
        heaviest_run = max(heaviest_run, best[at])
        at &= at - 1
    kept: set[int] = set()
    index = heaviest_run[1]
    while index >= 0:
        kept.add(index)
        index = before[index]
    return kept


def unmoved(old: Side, new: Side, pairs: Mapping[int, int]) -> set[int]:
    """Return the old indexes of the units that stay in place: as many as possible, then as much text as possible.

    A checksum of the texts breaks the remaining ties, so that the reverse comparison keeps the same units.
    """

    def weight(index: int) -> int:
        texts = old.texts[index], new.texts[pairs[index]]
        tie = crc32(texts[0].encode()) ^ crc32(texts[1].encode()) if texts[0] != texts[1] else crc32(texts[0].encode())
        return (1 << 60) + (sum(map(len, texts)) << 33) + tie

    return in_order(pairs, weight)


# --- splits and joins --------------------------------------------------------------------------------------------


def _splits_and_joins(old: Side, new: Side, pairs: dict[int, int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    back = {other: index for index, other in pairs.items()}
    alone_new = [index for index in range(len(new.units)) if index not in back]
    alone_old = [index for index in range(len(old.units)) if index not in pairs]
    splits = _parts(new, old, alone_new, back)
    joins = _parts(old, new, alone_old, pairs)
    return splits, joins


def _parts(here: Side, there: Side, alone: list[int], pairs: dict[int, int]) -> dict[int, list[int]]:
    """Return unit there → further parts of it here.

    ``alone`` are units here without a partner; ``pairs`` are here → there. If the partner of a neighbour holds the texts
    of both, it was cut in two.
    """
    parts: dict[int, list[int]] = defaultdict(list)
    for index in alone:
        if here.units[index].is_group or len(here.texts[index]) < 8:
            continue
        for near in (index - 1, index + 1):
            whole = pairs.get(near)
            if whole is None or not _same_level(here.units[index], there.units[whole]):
                continue
            text = there.texts[whole]
            both = here.texts[near] + here.texts[index] if near < index else here.texts[index] + here.texts[near]
            together = Indel.normalized_similarity(text, both)
            if (
                together >= _WHOLE
                and together > Indel.normalized_similarity(text, here.texts[near])
                and fuzz.partial_ratio(here.texts[index], text) >= 100 * _PART
            ):
                parts[whole].append(index)
                break
    return dict(parts)


# --- lines and rows ----------------------------------------------------------------------------------------------


def pair_sequence(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the pairs of equal keys of a longest common subsequence."""
    pairs: list[tuple[int, int]] = []
    for code in Indel.opcodes(before, after):
        if code.tag == "equal":
            pairs.extend(zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True))
    return pairs


def pair_lines(old: Side, new: Side, before: Sequence[UnitLine], after: Sequence[UnitLine]) -> list[tuple[int, int]]:
    """Pair the lines of two paired units, in order. Their first lines, and those that bear their numbers, stay paired."""
    texts = [[side.text(line.block) for line in all] for side, all in ((old, before), (new, after))]
    fixed = [(0, 0)]
    if len(before) > 1 and len(after) > 1 and before[1].leads and after[1].leads:
        fixed.append((1, 1))
    start = len(fixed)
    known = {line.block.id for line in before[start:]} & {line.block.id for line in after[start:]}
    keys = [
        [
            ("id", line.block.id) if is_identity(line.block.id) and line.block.id in known else (_shape(line), text)
            for line, text in zip(all[start:], lines, strict=True)
        ]
        for all, lines in ((before, texts[0][start:]), (after, texts[1][start:]))
    ]
    anchors = [(a + start, b + start) for a, b in pair_sequence(*keys)]
    pairs = list(fixed)
    for a, b in [*anchors, (len(before), len(after))]:
        low = pairs[-1]
        gap_old, gap_new = range(low[0] + 1, a), range(low[1] + 1, b)
        pairs.extend(_best(before, after, texts, gap_old, gap_new))
        if a < len(before) and _shape(before[a]) == _shape(after[b]):
            pairs.append((a, b))
    return pairs


def _shape(line: UnitLine) -> tuple:
    block = line.block
    if isinstance(block, Provision):
        return block.level, line.depth, line.leads, bool(block.heading)
    return "table", line.depth, line.leads, False


def _best(
    before: Sequence[UnitLine], after: Sequence[UnitLine], texts: list[list[str]], gap_old: range, gap_new: range
) -> list[tuple[int, int]]:
    """Pair reworded lines of a gap so that the sum of their likeness is greatest; in large gaps line by line."""
    if not gap_old or not gap_new:
        return []
    if len(gap_old) * len(gap_new) > 4000:
        likely = zip(gap_old, gap_new, strict=False)
        return [(a, b) for a, b in likely if _shape(before[a]) == _shape(after[b])]
    return heaviest(gap_old, gap_new, lambda a, b: _likeness(before, after, texts, a, b))


def _likeness(before: Sequence[UnitLine], after: Sequence[UnitLine], texts: list[list[str]], a: int, b: int) -> float:
    if _shape(before[a]) != _shape(after[b]):
        return 0.0
    if isinstance(before[a].block, Table):
        return 1.0 if before[a].block.id == after[b].block.id else 0.5
    likeness = Indel.normalized_similarity(texts[0][a], texts[1][b])
    return likeness if likeness >= ALIKE_BETWEEN else 0.0


def heaviest(gap_old: range, gap_new: range, weight: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """Return the pairs of two gaps, in order, with the greatest sum of weights, by dynamic programming.

    ``weight`` takes an index of the old gap and one of the new; 0 forbids the pair.
    """
    weights = [[weight(a, b) for b in gap_new] for a in gap_old]
    rows, columns = len(gap_old), len(gap_new)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            with_both = weights[i][j] + best[i + 1][j + 1] if weights[i][j] else -1.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], with_both)
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if weights[i][j] and best[i][j] == weights[i][j] + best[i + 1][j + 1]:
            pairs.append((gap_old[i], gap_new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def gaps(
    pairs: Sequence[tuple[int, int]], old_length: int, new_length: int
) -> Iterator[tuple[range, range, tuple[int, int] | None]]:
    """Yield (old indexes, new indexes, next pair) of the unpaired elements before each pair; at the end the pair is None.

    ``pairs`` of indexes rise on both sides.
    """
    low_old = low_new = 0
    for a, b in pairs:
        yield range(low_old, a), range(low_new, b), (a, b)
        low_old, low_new = a + 1, b + 1
    yield range(low_old, old_length), range(low_new, new_length), None


def row_shape(row: Row) -> tuple:
    """Return the properties that two rows share if they are one row with changed words."""
    return (
        row.key,
        row.height,
        tuple((cell.colspan, cell.rowspan, cell.head, cell.align, len(cell.content)) for cell in row.cells),
    )


def reaches_down(table: Table) -> bool:
    """Whether a cell of the table spans rows: such rows cannot be inserted or deleted one by one."""
    return any(cell.rowspan > 1 for row in table.rows for cell in row.cells)


def same_frame(before: Table, after: Table) -> bool:
    """Whether two tables can be shown as one table with changed rows and words."""
    if before.columns != after.columns or before.header_rows != after.header_rows:
        return False
    if reaches_down(before) or reaches_down(after):
        return list(map(row_shape, before.rows)) == list(map(row_shape, after.rows))
    return True


def pair_rows(old: Side, new: Side, before: Table, after: Table) -> list[tuple[int, int]]:
    """Pair the rows of two tables of one frame, in order: by key, by equal text, by likeness; row numbers do not count."""
    shapes = [list(map(row_shape, table.rows)) for table in (before, after)]
    if shapes[0] == shapes[1] and (reaches_down(before) or len(before.rows) == len(after.rows) <= before.header_rows):
        return [(index, index) for index in range(len(before.rows))]
    start = int(old.counted(before) and new.counted(after))
    texts = [
        [
            "\n".join(side.line(table.id, line) for cell in row.cells[start:] for line in cell.content)
            for row in table.rows
        ]
        for side, table in ((old, before), (new, after))
    ]
    keys = [
        [(shape, "" if shape[0] else text) for shape, text in zip(*both, strict=True)]
        for both in zip(shapes, texts, strict=True)
    ]
    pairs: list[tuple[int, int]] = []
    for gap_old, gap_new, pair in gaps(pair_sequence(*keys), len(before.rows), len(after.rows)):
        if 0 < len(gap_old) * len(gap_new) <= 10_000:
            pairs.extend(heaviest(gap_old, gap_new, lambda a, b: _row_likeness(shapes, texts, a, b)))
        if pair is not None:
            pairs.append(pair)
    return pairs


def _row_likeness(shapes: list[list[tuple]], texts: list[list[str]], a: int, b: int) -> float:
    if shapes[0][a] != shapes[1][b]:
        return 0.0
    likeness = Indel.normalized_similarity(texts[0][a], texts[1][b])
    return likeness + (_LABEL if a == b else 0) if likeness >= ALIKE_BETWEEN else 0.0
