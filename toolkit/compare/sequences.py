"""Merges three versions of a sequence (units, lines, rows, tokens); used by :mod:`toolkit.compare.merging`.

Elements keep the order of the newly generated side (``theirs``); an element that the hand (``mine``) added or moved
follows the same element as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from toolkit.compare.align import in_order

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcode

Item = TypeVar("Item")


class Three(NamedTuple, Generic[Item]):
    """One element in the three versions; None in a version that lacks it."""

    base: Item | None
    mine: Item | None
    theirs: Item | None


def merge_order(
    base: Sequence[Item],
    mine: Sequence[Item],
    theirs: Sequence[Item],
    to_mine: Mapping[int, int],
    to_theirs: Mapping[int, int],
    equal: Callable[[Item, Item], bool],
) -> list[Three[Item]]:
    """Return the elements of all three in the order of the result. ``to_mine`` and ``to_theirs`` pair base indexes."""
    from_mine = {b: a for a, b in to_mine.items()}
    from_theirs = {b: a for a, b in to_theirs.items()}
    moved_mine = set(to_mine) - in_order(to_mine)
    moved_theirs = set(to_theirs) - in_order(to_theirs)
    twins = _twins(mine, theirs, from_mine, from_theirs, equal)
    order: list[tuple[str, int]] = []
    for index in range(len(theirs)):
        source = from_theirs.get(index)
        if source is None:
            order.append(("theirs", index))
        elif source not in moved_mine or source in moved_theirs:
            order.append(("base", source))
    last: tuple[str, int] | None = None
    waiting: list[tuple[tuple[str, int] | None, tuple[str, int]]] = []
    for index in range(len(mine)):
        source = from_mine.get(index)
        key = ("theirs", twins[index]) if index in twins else ("mine", index) if source is None else ("base", source)
        if key[0] == "mine" or key not in order:
            waiting.append((last, key))
        last = key
    for after, key in waiting:
        order.insert(order.index(after) + 1 if after in order else 0, key)
    for source in range(len(base)):  # whether an element that one side deleted stays is decided by the caller
        if (source in to_mine or source in to_theirs) and ("base", source) not in order:
            order.append(("base", source))
    back = {other: index for index, other in twins.items()}
    return [_three(key, base, mine, theirs, to_mine, to_theirs, back) for key in order]


def _twins(
    mine: Sequence[Item],
    theirs: Sequence[Item],
    from_mine: Mapping[int, int],
    from_theirs: Mapping[int, int],
    equal: Callable[[Item, Item], bool],
) -> dict[int, int]:
    """Return the indexes of equal elements that both sides added, mine → theirs."""
    twins: dict[int, int] = {}
    free = [index for index in range(len(theirs)) if index not in from_theirs]
    for index in range(len(mine)):
        if index in from_mine:
            continue
        other = next((candidate for candidate in free if equal(mine[index], theirs[candidate])), None)
        if other is not None:
            free.remove(other)
            twins[index] = other
    return twins


def _three(
    key: tuple[str, int],
    base: Sequence[Item],
    mine: Sequence[Item],
    theirs: Sequence[Item],
    to_mine: Mapping[int, int],
    to_theirs: Mapping[int, int],
    twins: Mapping[int, int],
) -> Three[Item]:
    where, index = key
    if where == "mine":
        return Three(None, mine[index], None)
    if where == "theirs":
        return Three(None, mine[twins[index]] if index in twins else None, theirs[index])
    return Three(
        base[index],
        mine[to_mine[index]] if index in to_mine else None,
        theirs[to_theirs[index]] if index in to_theirs else None,
    )


def merge_tokens(base: Sequence, mine: Sequence, theirs: Sequence) -> list[tuple[str, int, int]] | None:
    """Return the parts (side, start, end) of the merged sequence, None if two changes overlap or touch."""
    from rapidfuzz.distance import Indel

    edits: list[tuple[int, int, str, int, int]] = []
    for side, other in (("mine", mine), ("theirs", theirs)):
        for code in _grouped(Indel.opcodes(base, other)):
            edits.append((code[0], code[1], side, code[2], code[3]))
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


def _grouped(codes: Iterable[Opcode]) -> list[list[int]]:
    """Return runs of edits as [start, end in the base, start, end in the other]."""
    runs: list[list[int]] = []
    in_run = False
    for code in codes:
        if code.tag == "equal":
            in_run = False
        elif in_run:
            runs[-1][1], runs[-1][3] = code.src_end, code.dest_end
        else:
            runs.append([code.src_start, code.src_end, code.dest_start, code.dest_end])
            in_run = True
    return runs
