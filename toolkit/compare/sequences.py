"""Three-way merge of sequences: what both sides left alone, what one changed, what both changed.

Every element is taken from the newly generated side's order; what the other side (the hand) added or moved is put after
the element that it follows there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from toolkit.compare.align import in_order

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcode

Item = TypeVar("Item")


class Three(NamedTuple, Generic[Item]):
    """One element in the three versions; None where it is not there."""

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
    for place in range(len(theirs)):
        source = from_theirs.get(place)
        if source is None:
            order.append(("theirs", place))
        elif source not in moved_mine or source in moved_theirs:
            order.append(("base", source))
    last: tuple[str, int] | None = None
    waiting: list[tuple[tuple[str, int] | None, tuple[str, int]]] = []
    for place in range(len(mine)):
        source = from_mine.get(place)
        key = ("theirs", twins[place]) if place in twins else ("mine", place) if source is None else ("base", source)
        if key[0] == "mine" or key not in order:
            waiting.append((last, key))
        last = key
    for after, key in waiting:
        order.insert(order.index(after) + 1 if after in order else 0, key)
    for source in range(
        len(base)
    ):  # gone on both sides: nothing; gone here and left alone there: decided by the caller
        if source not in to_mine and source not in to_theirs:
            continue
        if ("base", source) not in order:
            order.append(("base", source))
    back = {other: place for place, other in twins.items()}
    return [_three(key, base, mine, theirs, to_mine, to_theirs, back) for key in order]


def _twins(
    mine: Sequence[Item],
    theirs: Sequence[Item],
    from_mine: Mapping[int, int],
    from_theirs: Mapping[int, int],
    equal: Callable[[Item, Item], bool],
) -> dict[int, int]:
    """Return what both sides added alike, mine → theirs."""
    found: dict[int, int] = {}
    free = [place for place in range(len(theirs)) if place not in from_theirs]
    for place in range(len(mine)):
        if place in from_mine:
            continue
        other = next((one for one in free if equal(mine[place], theirs[one])), None)
        if other is not None:
            free.remove(other)
            found[place] = other
    return found


def _three(
    key: tuple[str, int],
    base: Sequence[Item],
    mine: Sequence[Item],
    theirs: Sequence[Item],
    to_mine: Mapping[int, int],
    to_theirs: Mapping[int, int],
    twins: Mapping[int, int],
) -> Three[Item]:
    where, place = key
    if where == "mine":
        return Three(None, mine[place], None)
    if where == "theirs":
        return Three(None, mine[twins[place]] if place in twins else None, theirs[place])
    return Three(
        base[place],
        mine[to_mine[place]] if place in to_mine else None,
        theirs[to_theirs[place]] if place in to_theirs else None,
    )


def merge_tokens(base: Sequence, mine: Sequence, theirs: Sequence) -> list[tuple[str, int, int]] | None:
    """Return the pieces (side, start, end) of the merged sequence, None where the two changes overlap or touch."""
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
    """Return neighbouring edits as one: [start, end in the base, start, end in the other]."""
    found: list[list[int]] = []
    open_ = False
    for code in codes:
        if code.tag == "equal":
            open_ = False
        elif open_:
            found[-1][1], found[-1][3] = code.src_end, code.dest_end
        else:
            found.append([code.src_start, code.src_end, code.dest_start, code.dest_end])
            open_ = True
    return found
