"""Pairs the units of two documents, the lines of two units, and the rows of two tables.

Units: by the author's id; then by equal text; then by likeness with a bonus for neighbours and for the label; then what
is left alone between paired neighbours. Candidates for likeness come from an index of rare character pairs, so that the
cost grows with the length of the texts and not with the product of their numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from toolkit.compare.comparable import Line, Unit
from toolkit.compare.side import Side, is_identity
from toolkit.model.tree import Provision, Row, Table

#: Two texts are one clause reworded if so much of them is shared (0 to 1); between paired neighbours less is enough.
ALIKE, ALIKE_BETWEEN = 0.5, 0.3
_NEIGHBOUR, _LABEL = 0.08, 0.04
#: Candidates that are compared in full for each unit; grams that more units than this share tell nothing.
_CANDIDATES, _COMMON = 6, 12
#: A part of a clause that was split has at least so much of its text in it, and the parts together read like the whole.
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
    _by_text(old.bare, new.bare, old.units, new.units, pairs)
    free_old = [place for place in range(len(old.units)) if place not in pairs]
    taken = set(pairs.values())
    free_new = [place for place in range(len(new.units)) if place not in taken]
    if free_old and free_new:
        _by_likeness(old, new, free_old, free_new, pairs)
        _between(old, new, pairs)
    return Pairs(pairs, *_splits_and_joins(old, new, pairs))


def _fits(one: Unit, other: Unit) -> bool:
    return one.level == other.level


def _by_identity(old: Side, new: Side, pairs: dict[int, int]) -> None:
    """Pair by id. A word processor may leave the id to what was typed before a clause: then the same words without an id
    are the clause."""
    places = {unit.block.id: place for place, unit in enumerate(new.units) if is_identity(unit.block.id)}
    bare = [
        {(unit.level, side.texts[place]) for place, unit in enumerate(side.units) if not is_identity(unit.block.id)}
        for side in (old, new)
    ]
    for place, unit in enumerate(old.units):
        other = places.get(unit.block.id)
        if other is None or not _fits(unit, new.units[other]):
            continue
        texts = (unit.level, old.texts[place]), (unit.level, new.texts[other])
        if texts[0] == texts[1] or not (texts[0] in bare[1] or texts[1] in bare[0]):
            pairs[place] = other
            del places[unit.block.id]


def _by_text(
    before: Sequence[str], after: Sequence[str], old: Sequence[Unit], new: Sequence[Unit], pairs: dict[int, int]
) -> None:
    taken = set(pairs.values())
    homes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place in range(len(after) - 1, -1, -1):
        if place not in taken and after[place]:
            homes[new[place].level, after[place]].append(place)
    for place, text in enumerate(before):
        if place not in pairs and homes.get((old[place].level, text)):
            pairs[place] = homes[old[place].level, text].pop()


def _grams(text: str) -> set[str]:
    return {text[place : place + 3] for place in range(len(text) - 2)} or {text}


def _by_likeness(old: Side, new: Side, free_old: list[int], free_new: list[int], pairs: dict[int, int]) -> None:
    index: dict[str, list[int]] = defaultdict(list)
    for place in free_new:
        for gram in _grams(new.texts[place]):
            index[gram].append(place)
    back = {other: place for place, other in pairs.items()}
    scored: list[tuple[float, int, int]] = []
    for place in free_old:
        text, votes = old.texts[place], Counter()  # type: tuple[str, Counter[int]]
        for gram in _grams(text):
            homes = index.get(gram, ())
            if len(homes) <= _COMMON:
                votes.update(homes)
        for other, _ in votes.most_common(_CANDIDATES):
            if not _fits(old.units[place], new.units[other]):
                continue
            likeness = Indel.normalized_similarity(text, new.texts[other], score_cutoff=ALIKE - 0.15)
            score = likeness + _bonus(old, new, place, other, pairs, back)
            if likeness and score >= ALIKE:
                scored.append((-score, place, other))
    _take(sorted(scored), pairs)


def _bonus(old: Side, new: Side, place: int, other: int, pairs: dict[int, int], back: dict[int, int]) -> float:
    bonus = 0.0
    for step in (-1, 1):
        if pairs.get(place + step, -9) == other + step or back.get(other + step, -9) == place + step:
            bonus += _NEIGHBOUR
    label = old.label(old.units[place].block)
    return bonus + (_LABEL if label and label == new.label(new.units[other].block) else 0)


def _take(scored: Sequence[tuple[float, int, int]], pairs: dict[int, int]) -> None:
    taken = set(pairs.values())
    for _, place, other in scored:
        if place not in pairs and other not in taken:
            pairs[place] = other
            taken.add(other)


def _between(old: Side, new: Side, pairs: dict[int, int]) -> None:
    """Pair what stands alone between paired neighbours, if it reads at all alike; a heading that is alone in any case."""
    taken = set(pairs.values())
    for place in range(len(old.units)):
        if place in pairs:
            continue
        other = pairs[place - 1] + 1 if place - 1 in pairs else 0 if place == 0 else None
        if other is None or other >= len(new.units) or other in taken or not _fits(old.units[place], new.units[other]):
            continue
        closed = pairs.get(place + 1, len(new.units) if place + 1 == len(old.units) else -1) == other + 1
        known = is_identity(old.units[place].block.id) and is_identity(new.units[other].block.id)
        if not closed or known:
            continue
        likeness = Indel.normalized_similarity(old.texts[place], new.texts[other])
        if likeness >= ALIKE_BETWEEN or old.units[place].is_group or not old.texts[place]:
            pairs[place] = other
            taken.add(other)


def in_order(pairs: Mapping[int, int], weight: Callable[[int], int] | None = None) -> set[int]:
    """Return the old indexes of the heaviest run of pairs that are in the same order on both sides; the others moved.

    Every pair weighs 1 without ``weight`` (of an old index). A Fenwick tree over the new indexes holds the best run that
    ends at or before each, so that n pairs cost n log n.
    """
    size = max(pairs.values(), default=-1) + 1
    best: list[tuple[int, int]] = [(0, -1)] * (size + 1)
    before: dict[int, int] = {}
    for place in sorted(pairs):
        other, found = pairs[place], (0, -1)
        at = other
        while at > 0:
            found = max(found, best[at])
            at &= at - 1
        before[place] = found[1]
        run = (found[0] + (weight(place) if weight else 1), place)
        at = other + 1
        while at <= size:
            best[at] = max(best[at], run)
            at += at & -at
    found, at = (0, -1), size
    while at > 0:
        found = max(found, best[at])
        at &= at - 1
    kept: set[int] = set()
    place = found[1]
    while place >= 0:
        kept.add(place)
        place = before[place]
    return kept


def unmoved(old: Side, new: Side, pairs: Mapping[int, int]) -> set[int]:
    """Return the old indexes of the units that stay in place: as many as can, then as much text as can.

    A last weight from the texts themselves leaves no ties, so that the reverse comparison keeps the same units.
    """

    def weight(place: int) -> int:
        texts = old.texts[place], new.texts[pairs[place]]
        tie = crc32(texts[0].encode()) ^ crc32(texts[1].encode()) if texts[0] != texts[1] else crc32(texts[0].encode())
        return (1 << 60) + (sum(map(len, texts)) << 33) + tie

    return in_order(pairs, weight)


# --- splits and joins --------------------------------------------------------------------------------------------


def _splits_and_joins(old: Side, new: Side, pairs: dict[int, int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    back = {other: place for place, other in pairs.items()}
    alone_new = [place for place in range(len(new.units)) if place not in back]
    alone_old = [place for place in range(len(old.units)) if place not in pairs]
    splits = _parts(new, old, alone_new, back)
    joins = _parts(old, new, alone_old, pairs)
    return splits, joins


def _parts(here: Side, there: Side, alone: list[int], pairs: dict[int, int]) -> dict[int, list[int]]:
    """Return for units over there the units here that are further parts of them.

    ``alone`` are units here without a partner; ``pairs`` are here → there. Read from here, a partner of a neighbour
    that holds both texts was cut in two.
    """
    found: dict[int, list[int]] = defaultdict(list)
    for place in alone:
        if here.units[place].is_group or len(here.texts[place]) < 8:
            continue
        for near in (place - 1, place + 1):
            whole = pairs.get(near)
            if whole is None or not _fits(here.units[place], there.units[whole]):
                continue
            text = there.texts[whole]
            both = here.texts[near] + here.texts[place] if near < place else here.texts[place] + here.texts[near]
            together = Indel.normalized_similarity(text, both)
            if (
                together >= _WHOLE
                and together > Indel.normalized_similarity(text, here.texts[near])
                and fuzz.partial_ratio(here.texts[place], text) >= 100 * _PART
            ):
                found[whole].append(place)
                break
    return dict(found)


# --- lines and rows ----------------------------------------------------------------------------------------------


def pair_sequence(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the pairs of equal keys of a longest common subsequence."""
    found: list[tuple[int, int]] = []
    for code in Indel.opcodes(before, after):
        if code.tag == "equal":
            found.extend(zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True))
    return found


def pair_lines(old: Side, new: Side, before: Sequence[Line], after: Sequence[Line]) -> list[tuple[int, int]]:
    """Pair the lines of two paired units, in order. The unit's own line and one that bears its number stay paired."""
    texts = [[_line_text(side, line) for line in all] for side, all in ((old, before), (new, after))]
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
    found = list(fixed)
    for a, b in [*anchors, (len(before), len(after))]:
        low = found[-1]
        gap_old, gap_new = range(low[0] + 1, a), range(low[1] + 1, b)
        found.extend(_best(before, after, texts, gap_old, gap_new))
        if a < len(before) and _shape(before[a]) == _shape(after[b]):
            found.append((a, b))
    return found


def _shape(line: Line) -> tuple:
    block = line.block
    if isinstance(block, Provision):
        return block.level, line.depth, line.leads, bool(block.heading)
    return "table", line.depth, line.leads, False


def _line_text(side: Side, line: Line) -> str:
    return side.text(line.block)


def _best(
    before: Sequence[Line], after: Sequence[Line], texts: list[list[str]], gap_old: range, gap_new: range
) -> list[tuple[int, int]]:
    """Pair reworded lines of a gap so that the sum of likeness is greatest; large gaps one by one."""
    if not gap_old or not gap_new:
        return []
    if len(gap_old) * len(gap_new) > 4000:
        likely = zip(gap_old, gap_new, strict=False)
        return [(a, b) for a, b in likely if _shape(before[a]) == _shape(after[b])]
    return heaviest(gap_old, gap_new, lambda a, b: _likeness(before, after, texts, a, b))


def _likeness(before: Sequence[Line], after: Sequence[Line], texts: list[list[str]], a: int, b: int) -> float:
    if _shape(before[a]) != _shape(after[b]):
        return 0.0
    if isinstance(before[a].block, Table):
        return 1.0 if before[a].block.id == after[b].block.id else 0.5
    likeness = Indel.normalized_similarity(texts[0][a], texts[1][b])
    return likeness if likeness >= ALIKE_BETWEEN else 0.0


def heaviest(gap_old: range, gap_new: range, weight: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """Return the pairs of two gaps, in order, whose weights add up to most.

    ``weight`` gets a place of the old gap and one of the new; 0 forbids the pair. Dynamic programming over rows × columns.
    """
    weights = [[weight(a, b) for b in gap_new] for a in gap_old]
    rows, columns = len(gap_old), len(gap_new)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            with_both = weights[i][j] + best[i + 1][j + 1] if weights[i][j] else -1.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], with_both)
    found, i, j = [], 0, 0
    while i < rows and j < columns:
        if weights[i][j] and best[i][j] == weights[i][j] + best[i + 1][j + 1]:
            found.append((gap_old[i], gap_new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def row_shape(row: Row) -> tuple:
    """Return what two rows must share to be one row whose words changed."""
    return (
        row.key,
        row.height,
        tuple((cell.colspan, cell.rowspan, cell.head, cell.align, len(cell.content)) for cell in row.cells),
    )


def reaches_down(table: Table) -> bool:
    """Whether a cell of the table spans rows: such rows cannot come and go alone."""
    return any(cell.rowspan > 1 for row in table.rows for cell in row.cells)


def same_frame(before: Table, after: Table) -> bool:
    """Whether two tables can be one table whose rows and words changed."""
    if before.columns != after.columns or before.header_rows != after.header_rows:
        return False
    if reaches_down(before) or reaches_down(after):
        return list(map(row_shape, before.rows)) == list(map(row_shape, after.rows))
    return True


def pair_rows(old: Side, new: Side, before: Table, after: Table) -> list[tuple[int, int]]:
    """Pair the rows of two tables of one frame, in order: by key, by equal text, by likeness; their numbers do not count."""
    shapes = [list(map(row_shape, one.rows)) for one in (before, after)]
    if shapes[0] == shapes[1] and (reaches_down(before) or len(before.rows) == len(after.rows) <= before.header_rows):
        return [(place, place) for place in range(len(before.rows))]
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
    found: list[tuple[int, int]] = []
    low = (-1, -1)
    for a, b in [*pair_sequence(*keys), (len(before.rows), len(after.rows))]:
        gap_old, gap_new = range(low[0] + 1, a), range(low[1] + 1, b)
        if 0 < len(gap_old) * len(gap_new) <= 10_000:
            found.extend(heaviest(gap_old, gap_new, lambda a, b: _row_likeness(shapes, texts, a, b)))
        if a < len(before.rows):
            found.append((a, b))
        low = (a, b)
    return found


def _row_likeness(shapes: list[list[tuple]], texts: list[list[str]], a: int, b: int) -> float:
    if shapes[0][a] != shapes[1][b]:
        return 0.0
    likeness = Indel.normalized_similarity(texts[0][a], texts[1][b])
    return likeness + (_LABEL if a == b else 0) if likeness >= ALIKE_BETWEEN else 0.0
