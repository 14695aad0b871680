"""Pairs the units of two documents, the lines of two units, and the rows of two tables.

Units are paired by the author's id, then by equal text, then by likeness with a bonus for neighbours and for the label;
last come single units between paired neighbours. Candidates for likeness come from an index of rare trigrams, so that
the cost grows with the length of the texts and not with the product of their numbers. Used by every module that compares.
"""

from __future__ import annotations

import functools
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar
from zlib import crc32

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, LCSseq

from toolkit.compare import words
from toolkit.compare.comparable import Side, Unit, UnitLine, is_identity
from toolkit.compare.renames import Renames, applied
from toolkit.compare.substance import terms
from toolkit.model.tree import Provision, Row, Table

#: Smallest similarity (0 to 1) of two texts that are one clause reworded; a smaller one between paired neighbours.
ALIKE, ALIKE_BETWEEN = 0.5, 0.3
_NEIGHBOUR, _LABEL = 0.08, 0.04
#: Candidates compared in full for each unit; trigrams in more units than this are too common to count.
_CANDIDATES, _COMMON = 6, 12
#: Smallest similarity of a part of a split clause to the clause, and of all parts together to it.
_PART, _WHOLE = 0.75, 0.8
#: The same of a part that stands far from the others, and its fewest characters. With all of its words in order less is enough.
_ALL, _MOST, _FAR = 0.85, 0.65, 10

Item = TypeVar("Item")


class Pairs(NamedTuple):
    """``pairs`` of indexes by old index; ``splits``: old → further new parts; ``joins``: new → further old parts."""

    pairs: dict[int, int]
    splits: dict[int, list[int]]
    joins: dict[int, list[int]]


def pair_units(old: Side, new: Side) -> Pairs:
    """Pair the units of two documents."""
    pairs: dict[int, int] = {}
    _by_identity(old, new, pairs)
    _by_text(old, new, pairs, old.bare, new.bare)
    if len(pairs) < min(len(old.units), len(new.units)):
        _by_text(old, new, pairs, old.even, new.even)
    _in_place(old, new, pairs)
    free_old, free_new = _unpaired(old, pairs), _unpaired(new, pairs.values())
    if free_old and free_new:
        absorbed = _Absorbed(old, new, free_old, free_new)
        _by_likeness(old, new, free_old, free_new, pairs, absorbed)
        _between(old, new, pairs, absorbed)
        _groups_by_clauses(old, new, pairs)
    return with_parts(old, new, Pairs(pairs, {}, {}))


def with_parts(old: Side, new: Side, pairs: Pairs, names: Renames = ()) -> Pairs:
    """Return pairs with the parts of clauses that were split or joined; ``names`` are known to be new names of the same."""
    before, after = _Clauses.of(old, names), _Clauses.of(new)
    back = {other: index for index, other in pairs.pairs.items()}
    free_old, free_new = _unpaired(old, pairs.pairs), _unpaired(new, back)
    splits = _parts(after, before, free_new, back) if free_new else {}
    return Pairs(pairs.pairs, splits, _parts(before, after, free_old, pairs.pairs) if free_old else {})


def _unpaired(side: Side, paired: Collection[int]) -> list[int]:
    return sorted(set(range(len(side.units))).difference(paired))


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
        if other is None or unit.level != new.units[other].level:
            continue
        if any(without_id):
            texts = (unit.level, old.texts[index]), (unit.level, new.texts[other])
            if texts[0] != texts[1] and (texts[0] in without_id[1] or texts[1] in without_id[0]):
                continue
        pairs[index] = other
        del homes[unit.block.id]


def _by_text(old: Side, new: Side, pairs: dict[int, int], before: Sequence[str], after: Sequence[str]) -> None:
    """Pair units of equal texts (``before`` and ``after``) in order; where one side has more, by their neighbours first."""
    homes: dict[tuple[str, str], list[int]] = defaultdict(list)
    same: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index in _unpaired(new, pairs.values()):
        if after[index]:
            homes[new.units[index].level, after[index]].append(index)
    for index in _unpaired(old, pairs):
        if (key := (old.units[index].level, before[index])) in homes:
            same[key].append(index)
    uneven = [key for key, indexes in same.items() if len(indexes) != len(homes[key])]
    for key, indexes in same.items():
        if len(indexes) == len(homes[key]):
            pairs.update(zip(indexes, homes[key], strict=True))
    for key in uneven:
        _by_neighbours(old, new, pairs, same[key], homes[key])


def _by_neighbours(old: Side, new: Side, pairs: dict[int, int], indexes: list[int], others: list[int]) -> None:
    """Pair units of one text: first those beside which a pair stands, then in order."""
    back = {other: index for index, other in pairs.items()}
    few = (indexes[:_CANDIDATES], others[:_CANDIDATES])
    scored = sorted(
        (-_bonus(old, new, index, other, pairs, back), index, other) for index in few[0] for other in few[1]
    )
    taken: set[int] = set()
    for bonus, index, other in scored:
        if -bonus >= _NEIGHBOUR and index not in pairs and other not in taken:
            pairs[index] = other
            taken.add(other)
    left = [index for index in indexes if index not in pairs], [other for other in others if other not in taken]
    pairs.update(zip(*left, strict=False))


def _in_place(old: Side, new: Side, pairs: dict[int, int]) -> None:
    """Let clauses that differ in terms only (每月, 每季度) keep their order, where equal texts would have them trade places.

    Their terms were exchanged: told as a move, the points of substance would not show.
    """
    kept = in_order(pairs)
    if len(kept) == len(pairs):
        return
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    moved = {(old.units[index].level, _without_terms(old.texts[index])) for index in pairs.keys() - kept}
    for index, other in pairs.items():
        ids = old.units[index].block.id, new.units[other].block.id
        if old.units[index].is_group or (ids[0] == ids[1] and is_identity(ids[0])):
            continue
        if (key := (old.units[index].level, _without_terms(old.texts[index]))) in moved:
            groups[key].append(index)
    for (_, frame), indexes in groups.items():
        if len(words.letters(frame)) >= _FAR // 2 and len({old.texts[index] for index in indexes}) > 1:
            pairs.update(zip(sorted(indexes), sorted(pairs[index] for index in indexes), strict=True))


def _without_terms(text: str) -> str:
    """Return a text with a blank for each frequency, deadline and amount."""
    out, at = "", 0
    for start, end in terms(text):
        out, at = f"{out}{text[at:start]}\0", end
    return out + text[at:]


def _grams(text: str) -> set[str]:
    return {text[start : start + 3] for start in range(len(text) - 2)} or {text}


class _Absorbed:
    """Finds clauses whose words another clause took in (or gave away) as they are: their likes elsewhere are other clauses."""

    def __init__(self, old: Side, new: Side, free_old: list[int], free_new: list[int]) -> None:
        self.sides = (old, free_old), (new, free_new)
        self.found: dict[tuple[int, int], list[int]] = {}

    @cached_property
    def _homes(self) -> list[dict[str, list[int]]]:
        """On each side: trigram → free units that have it."""
        homes: list[dict[str, list[int]]] = [defaultdict(list), defaultdict(list)]
        for home, (side, free) in zip(homes, self.sides, strict=True):
            for index in free:
                for gram in _grams(side.even[index]):
                    home[gram].append(index)
        return homes

    def _having(self, text: str, which: int) -> list[int]:
        """Return the free units of a side that have a text."""
        fewest = min((self._homes[which].get(gram, []) for gram in _grams(text)), key=len)
        side = self.sides[which][0]
        return [index for index in fewest if text in side.even[index]]

    def _takers(self, which: int, index: int) -> list[int]:
        """Return the units of the other side that have the words of a unit, if more have them there than on its own side."""
        if (which, index) not in self.found:
            text = self.sides[which][0].even[index].rstrip("。；，")
            takers = self._having(text, 1 - which) if len(text) >= _FAR else []
            more = len(takers) > len(self._having(text, which)) - 1 if takers else False
            self.found[which, index] = takers if more else []
        return self.found[which, index]

    def __call__(self, index: int, other: int) -> bool:
        """Whether the words of one of two units that are a little alike stand in another clause than the other."""
        takers, givers = self._takers(0, index), self._takers(1, other)
        return (bool(takers) and other not in takers) or (bool(givers) and index not in givers)


def _by_likeness(
    old: Side, new: Side, free_old: list[int], free_new: list[int], pairs: dict[int, int], absorbed: _Absorbed
) -> None:
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
            if old.units[index].level != new.units[other].level:
                continue
            likeness = Indel.normalized_similarity(text, new.texts[other], score_cutoff=ALIKE - 0.15)
            score = likeness + _bonus(old, new, index, other, pairs, back)
            if likeness and score >= ALIKE and not (likeness < _PART and absorbed(index, other)):
                scored.append((-score, index, other))
    taken = set(pairs.values())
    for _, index, other in sorted(scored):
        if index not in pairs and other not in taken:
            pairs[index] = other
            taken.add(other)


def _bonus(old: Side, new: Side, index: int, other: int, pairs: dict[int, int], back: dict[int, int]) -> float:
    bonus = 0.0
    for step in (-1, 1):
        if pairs.get(index + step, -9) == other + step or back.get(other + step, -9) == index + step:
            bonus += _NEIGHBOUR
    label = old.label(old.units[index].block)
    return bonus + (_LABEL if label and label == new.label(new.units[other].block) else 0)


def _between(old: Side, new: Side, pairs: dict[int, int], absorbed: _Absorbed) -> None:
    """Pair single units between paired neighbours if they are at all alike; a single heading in any case."""
    taken = set(pairs.values())
    for index, unit in enumerate(old.units):
        other = pairs.get(index - 1, None if index else -1)
        if index in pairs or other is None or other + 1 >= len(new.units) or other + 1 in taken:
            continue
        other += 1
        closed = pairs.get(index + 1, len(new.units) if index + 1 == len(old.units) else -1) == other + 1
        known = is_identity(unit.block.id) and is_identity(new.units[other].block.id)
        if not closed or known or unit.level != new.units[other].level:
            continue
        likeness = Indel.normalized_similarity(old.texts[index], new.texts[other])
        alike = likeness >= ALIKE_BETWEEN and not (likeness < _PART and absorbed(index, other))
        if alike or unit.is_group or not old.texts[index]:
            pairs[index] = other
            taken.add(other)


def _groups_by_clauses(old: Side, new: Side, pairs: dict[int, int]) -> None:
    """Pair the headings of groups of which most clauses are the same: a chapter that moved under another name."""
    homes = [_group_of(side) for side in (old, new)]
    sizes = [Counter(home) for home in homes]
    shared = Counter((homes[0][a], homes[1][b]) for a, b in pairs.items() if not old.units[a].is_group)
    taken = set(pairs.values())
    for (group, other), count in shared.items():
        if (
            min(group, other) >= 0
            and group not in pairs
            and other not in taken
            and old.units[group].level == new.units[other].level
            and 2 * count >= max(sizes[0][group], sizes[1][other])
        ):
            pairs[group] = other
            taken.add(other)


def _group_of(side: Side) -> list[int]:
    """Return for each unit the index of the last heading above it, -1 without one; for a heading -1."""
    homes: list[int] = []
    last = -1
    for index, unit in enumerate(side.units):
        last = index if unit.is_group else last
        homes.append(-1 if unit.is_group else last)
    return homes


def in_order(pairs: Mapping[int, int], weight: Callable[[int], int] | None = None) -> set[int]:
    """Return the old indexes of the heaviest set of pairs that are in the same order on both sides; the others moved.

    ``weight`` takes an old index; without it every pair weighs 1. A Fenwick tree over the new indexes holds the best run
    that ends at or before each, so that n pairs cost n log n.
    """
    size = max(pairs.values(), default=-1) + 1
    best: list[tuple[int, int]] = [(0, -1)] * (size + 1)

    def heaviest_until(at: int) -> tuple[int, int]:
        run = (0, -1)
        while at > 0:
            run = max(run, best[at])
            at &= at - 1
        return run

    before: dict[int, int] = {}
    for index in sorted(pairs):
        heaviest_run, before[index] = heaviest_until(pairs[index])
        run = (heaviest_run + (weight(index) if weight else 1), index)
        at = pairs[index] + 1
        while at <= size:
            best[at] = max(best[at], run)
            at += at & -at
    kept: set[int] = set()
    index = heaviest_until(size)[1]
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
        ties = [crc32(text.encode()) for text in dict.fromkeys(texts)]
        return (1 << 60) + (sum(map(len, texts)) << 33) + functools.reduce(operator.xor, ties)

    return in_order(pairs, weight)


# --- splits and joins --------------------------------------------------------------------------------------------


class _Clauses(NamedTuple):
    """The units of one side, and their texts with the new names."""

    units: Sequence[Unit]
    texts: Sequence[str]
    even: Sequence[str]

    @classmethod
    def of(cls, side: Side, names: Renames = ()) -> _Clauses:
        if not names:
            return cls(side.units, side.texts, side.even)
        return cls(side.units, *([applied(text, names) for text in texts] for texts in (side.texts, side.even)))


def _parts(here: _Clauses, there: _Clauses, alone: list[int], pairs: dict[int, int]) -> dict[int, list[int]]:
    """Return unit there → further parts of it here.

    ``alone`` are units here without a partner; ``pairs`` are here → there. If the partner of a neighbour holds the texts
    of both, it was cut in two. Far away, a clause is a part of another one that holds its words and lost them.
    """
    parts: dict[int, list[int]] = defaultdict(list)
    far: list[int] = []
    for index in alone:
        if here.units[index].is_group or len(here.texts[index]) < 8:
            continue
        whole = _beside(here, there, index, pairs)
        if whole is not None:
            parts[whole].append(index)
        else:
            far.append(index)
    for index, whole in _far_parts(here, there, far, pairs):
        parts[whole].append(index)
    return {whole: sorted(found) for whole, found in parts.items()}


def _beside(here: _Clauses, there: _Clauses, index: int, pairs: dict[int, int]) -> int | None:
    """Return the partner of a neighbour that holds the texts of both."""
    for near in (index - 1, index + 1):
        whole = pairs.get(near)
        if whole is None or here.units[index].level != there.units[whole].level:
            continue
        text = there.texts[whole]
        both = here.texts[near] + here.texts[index] if near < index else here.texts[index] + here.texts[near]
        together = Indel.normalized_similarity(text, both)
        if (
            together >= _WHOLE
            and together > Indel.normalized_similarity(text, here.texts[near])
            and fuzz.partial_ratio(here.texts[index], text) >= 100 * _PART
        ):
            return whole
    return None


def _far_parts(here: _Clauses, there: _Clauses, alone: list[int], pairs: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield (unit here, unit there) where the words of one stand in the other, and in no part of that which stayed."""
    if not alone:
        return
    # Only a clause that lost as many words as a part has can have lost one.
    back = {whole: near for near, whole in pairs.items() if len(there.even[whole]) >= len(here.even[near]) + _FAR // 2}
    homes: dict[str, list[int]] = defaultdict(list)
    for whole in back:
        for gram in _grams(there.even[whole]):
            homes[gram].append(whole)
    for index in alone:
        text = here.even[index]
        if len(text) < _FAR:
            continue
        votes = Counter(
            whole for gram in _grams(text) if len(homes.get(gram, ())) <= _COMMON for whole in homes.get(gram, ())
        )
        for whole, _ in votes.most_common(_CANDIDATES):
            stayed, before = here.even[back[whole]], there.even[whole]
            if (
                here.units[index].level == there.units[whole].level
                and _stands_in(text, before)
                and len(before) >= len(text) + _FAR // 2
                and fuzz.partial_ratio(text, stayed) < 100 * _PART
                and fuzz.partial_ratio(stayed, before) >= 100 * _PART
            ):
                yield index, whole
                break


def _stands_in(text: str, other: str) -> bool:
    """Whether a text stands in a longer one: nearly as it is, or all its words in order and most of them together."""
    together = fuzz.partial_ratio(text, other) / 100
    part = words.letters(text)
    return together >= _ALL or (together >= _MOST and LCSseq.similarity(part, other) == len(part))


# --- lines and rows ----------------------------------------------------------------------------------------------


def pair_sequence(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the pairs of equal keys of a longest common subsequence."""
    blocks = Indel.opcodes(before, after).as_matching_blocks()
    return [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]


def pair_lines(old: Side, new: Side, before: Sequence[UnitLine], after: Sequence[UnitLine]) -> list[tuple[int, int]]:
    """Pair the lines of two paired units, in order. Their first lines, and those that bear their numbers, stay paired."""
    sides = ((old, before), (new, after))
    texts = [[side.text(line.block) for line in lines] for side, lines in sides]
    shapes = [list(map(_shape, lines)) for _, lines in sides]
    pairs = [(0, 0)]
    if len(before) > 1 and len(after) > 1 and before[1].leads and after[1].leads:
        pairs.append((1, 1))
    start = len(pairs)
    ids = [[line.block.id for line in lines[start:]] for _, lines in sides]
    known = {name for name in {*ids[0]}.intersection(ids[1]) if is_identity(name)}
    keys = [
        [("id", name) if name in known else (shape, text) for name, shape, text in zip(*each, strict=True)]
        for each in zip(ids, (all_[start:] for all_ in shapes), (all_[start:] for all_ in texts), strict=True)
    ]

    def likeness(a: int, b: int) -> float:
        if shapes[0][a] != shapes[1][b]:
            return 0.0
        if isinstance(before[a].block, Table):
            return 1.0 if before[a].block.id == after[b].block.id else 0.5
        return _likeness(texts[0][a], texts[1][b])

    anchors = [(a + start, b + start) for a, b in pair_sequence(*keys)]
    for a, b in [*anchors, (len(before), len(after))]:
        gap_old, gap_new = range(pairs[-1][0] + 1, a), range(pairs[-1][1] + 1, b)
        if len(gap_old) * len(gap_new) > 4000:
            pairs += [(i, j) for i, j in zip(gap_old, gap_new, strict=False) if shapes[0][i] == shapes[1][j]]
        else:
            pairs += heaviest(gap_old, gap_new, likeness)
        if a < len(before) and shapes[0][a] == shapes[1][b]:
            pairs.append((a, b))
    return pairs


def _shape(line: UnitLine) -> tuple:
    level, heading = "table", False
    if isinstance(line.block, Provision):
        level, heading = line.block.level, bool(line.block.heading)
    return level, line.depth, line.leads, heading


def _likeness(before: str, after: str) -> float:
    """Return the similarity of two texts, 0 if they are not alike at all."""
    likeness = Indel.normalized_similarity(before, after)
    return likeness if likeness >= ALIKE_BETWEEN else 0.0


def heaviest(gap_old: range, gap_new: range, weight: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """Return the pairs of two gaps, in order, with the greatest sum of weights, by dynamic programming.

    ``weight`` takes an index of the old gap and one of the new; 0 forbids the pair.
    """
    if not gap_old or not gap_new:
        return []
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


def in_turn(
    pairs: Sequence[tuple[int, int]], before: Sequence[Item], after: Sequence[Item]
) -> Iterator[tuple[Item | None, Item | None]]:
    """Yield the elements of both sides in order, None for the side that lacks one; old ones precede new ones."""
    for gap_old, gap_new, pair in gaps(pairs, len(before), len(after)):
        yield from ((before[index], None) for index in gap_old)
        yield from ((None, after[index]) for index in gap_new)
        if pair is not None:
            yield before[pair[0]], after[pair[1]]


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

    def likeness(a: int, b: int) -> float:
        alike = _likeness(texts[0][a], texts[1][b]) if shapes[0][a] == shapes[1][b] else 0.0
        return alike + _LABEL if alike and a == b else alike

    pairs: list[tuple[int, int]] = []
    for gap_old, gap_new, pair in gaps(pair_sequence(*keys), len(before.rows), len(after.rows)):
        if len(gap_old) * len(gap_new) <= 10_000:
            pairs.extend(heaviest(gap_old, gap_new, likeness))
        if pair is not None:
            pairs.append(pair)
    return pairs
