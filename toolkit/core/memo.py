"""A bounded memory of what was made before, so that a run over many units pays once for what they share.

Two generations: what is asked for stays, what nobody asked for since the last turn is forgotten. Blocks are remembered
by identity: :mod:`toolkit.compose.documents` gives blocks that read the same as the same object, so a look-up costs no
comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")
_all: list[Recent] = []


def forget() -> None:
    """Forget everything that this process remembers (tests and benchmarks)."""
    for one in _all:
        one.clear()


def turn() -> None:
    """Begin a new generation everywhere: what was not asked for since the turn before is forgotten.

    A run over many units does so now and then, so that what is one unit's alone does not pile up.
    """
    for one in _all:
        one.turn()


#: Entries of one generation: about twice what a set of documents has blocks, rows and cells.
SIZE = 30_000


class Recent(Generic[Value]):
    """Key → value for what was used recently. At most twice ``size`` entries are kept; one lives as long as the process."""

    __slots__ = ("_new", "_old", "_size")

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._new: dict[Hashable, Value] = {}
        self._old: dict[Hashable, Value] = {}
        _all.append(self)

    def get(self, key: Hashable) -> Value | None:
        """Return the value of ``key``, or None."""
        value = self._new.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: Hashable, value: Value) -> Value:
        """Remember and return ``value``, which must not be None."""
        if len(self._new) >= self._size:
            self._old, self._new = self._new, {}
        self._new[key] = value
        return value

    def made(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of ``key``, made if it is not there."""
        value = self.get(key)
        return value if value is not None else self.put(key, make())

    def turn(self) -> None:
        """Begin a new generation."""
        if self._new:
            self._old, self._new = self._new, {}

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def clear(self) -> None:
        """Forget everything."""
        self._new, self._old = {}, {}


class OfBlocks(Recent[tuple[object, Value]]):
    """What was made of a block, by the block's identity and whatever else it depends on.

    The block is kept with the value, so that its identity cannot be given to another one.
    """

    __slots__ = ()

    def of(self, block: object, depends: Hashable = None) -> Value | None:
        """Return what was made of exactly this block, or None."""
        found = self.get((id(block), depends))
        return None if found is None else found[1]

    def keep(self, block: object, depends: Hashable, value: Value) -> Value:
        """Remember and return ``value``."""
        self.put((id(block), depends), (block, value))
        return value

    def made_of(self, block: object, make: Callable[[], Value]) -> Value:
        """Return what was made of exactly this block, made if it was not before."""
        found = self.of(block)
        return found if found is not None else self.keep(block, None, make())
