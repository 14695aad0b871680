"""The only memory of a process: any function memoises its results with the decorator ``remembered``.

A run over many units computes shared parts once. All memory is bounded and in this module, no result depends on it, and
threads may share it: at worst two of them compute the same value.
"""

from __future__ import annotations

import functools
import gc
import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

#: Entries of one generation: about twice the blocks, rows and cells of a set of documents.
SIZE = 30_000
_TABLES = 200
#: Units between two turns of the memory, and between two collections of garbage where nobody else collects.
_UNITS_A_TURN, _UNITS_A_COLLECTION = 20, 100
#: After so many units everything that is loaded once is loaded.
_WARM = 20

Function = TypeVar("Function", bound=Callable[..., Any])
Key = Callable[..., Hashable]
Memory = TypeVar("Memory", bound="_Memory")


class _Memory:
    """Maps keys to entries that were used recently, in two generations of at most ``size`` entries.

    An entry is the first argument of a call and its result: as long as it is kept, an identity in its key cannot
    become that of another object.
    """

    __slots__ = ("new", "old", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.new: dict[Hashable, Any] = {}
        self.old: dict[Hashable, Any] = {}

    def from_old(self, key: Hashable) -> Any:
        """Return the entry of the old generation, which then belongs to the new one, or None."""
        entry = self.old.get(key)
        if entry is not None:
            self.put(key, entry)
        return entry

    def put(self, key: Hashable, entry: Any) -> None:
        if len(self.new) >= self.size:
            self.old, self.new = self.new, {}
        self.new[key] = entry

    def put_all(self, entries: Mapping[Hashable, Any]) -> None:
        if len(self.new) + len(entries) > self.size:
            self.old, self.new = self.new, {}
        self.new.update(entries)

    def turn(self) -> None:
        if self.new:
            self.old, self.new = self.new, {}

    def forget(self) -> None:
        self.old, self.new = {}, {}


class _Tables(_Memory):
    """A memory of ``each`` items for each of few sets of further arguments."""

    __slots__ = ("each",)

    def __init__(self, each: int) -> None:
        super().__init__(_TABLES)
        self.each = each

    def of(self, arguments: tuple[Hashable, ...]) -> _Memory:
        memory = self.new.get(arguments) or self.from_old(arguments)
        if memory is None:
            memory = _Memory(self.each)
            self.put(arguments, memory)
        return memory

    def turn(self) -> None:
        super().turn()
        for memory in list(self.old.values()):
            memory.turn()


class Effects(Protocol):
    """Records and repeats the side effects of a function. Each method takes the function's arguments too."""

    def begin(self, *arguments: Any) -> Any:
        """Return a mark before the function is called."""

    def end(self, mark: Any, *arguments: Any) -> Any:
        """Return the side effects since the mark."""

    def repeat(self, done: Any, *arguments: Any) -> None:
        """Repeat recorded side effects."""


_memories: list[_Memory] = []
_forgetting: list[Callable[[], None]] = []
_units = itertools.count(1)


def identity(first: object, *rest: Hashable) -> Hashable:
    """Key of a call: the first argument by identity, the others by value."""
    return (id(first), *rest)


def remembered(
    size: int = SIZE,
    *,
    key: Key | None = None,
    after: int = 0,
    effects: Effects | None = None,
    each: bool = False,
    lasting: bool = False,
) -> Callable[[Function], Function]:
    """Decorator: memoise a function; a call with equal arguments returns the earlier value.

    * ``size``: entries of one generation;
    * ``key`` makes the key of the arguments; a call whose key is None is not remembered. Without it all count by value;
    * ``after``: so many calls of a key are only counted, for values that mostly belong to a single unit;
    * ``effects``: the side effects of the function, which are repeated with a remembered value;
    * ``each``: the first argument is a sequence whose items are remembered one by one, by value or by :func:`identity`; the
      function, which returns a list, is called with those that are missing;
    * ``lasting``: survives :func:`forget`, for the contents of files.
    """

    def decorate(function: Function) -> Function:
        if key is None and not each:
            by_value = functools.lru_cache(maxsize=size)(function)
            if not lasting:
                _forgetting.append(by_value.cache_clear)
            return by_value  # type: ignore[return-value]
        if each:
            call = _each(function, key is identity, _registered(_Tables(size), lasting))
        elif key is identity and not after and effects is None:
            call = _by_identity(function, _registered(_Memory(size), lasting))
        else:
            counts = _registered(_Memory(size), lasting) if after else None
            call = _by_key(function, key or _all, _registered(_Memory(size), lasting), counts, after, effects)
        return functools.wraps(function)(call)  # type: ignore[return-value]

    return decorate


def _registered(memory: Memory, lasting: bool) -> Memory:
    if not lasting:
        _memories.append(memory)
        _forgetting.append(memory.forget)
    return memory


def _all(*arguments: Hashable) -> Hashable:
    return arguments


def _by_identity(function: Callable[..., Any], memory: _Memory) -> Callable[..., Any]:
    def call(first: object, *rest: Hashable) -> Any:
        wanted = (id(first), *rest) if rest else id(first)
        entry = memory.new.get(wanted)
        if entry is None:
            entry = memory.old.get(wanted) or (first, function(first, *rest))
            memory.put(wanted, entry)
        return entry[1]

    return call


def _by_key(
    function: Callable[..., Any], key: Key, memory: _Memory, counts: _Memory | None, after: int, effects: Effects | None
) -> Callable[..., Any]:
    @_with(memory)
    def call(*arguments: Any, **named: Any) -> Any:
        wanted = key(*arguments, **named)
        if wanted is None:
            return function(*arguments, **named)
        entry = memory.new.get(wanted)
        if entry is None and memory.old:
            entry = memory.from_old(wanted)
        if entry is not None:
            if effects is not None:
                effects.repeat(entry[2], *arguments)
            return entry[1]
        if counts is not None:
            times = (counts.new.get(wanted) or counts.old.get(wanted) or (None, 0))[1]
            if times < after:
                counts.put(wanted, (arguments[0], times + 1))
                return function(*arguments, **named)
        if effects is None:
            value = function(*arguments, **named)
            memory.put(wanted, (arguments[0], value))
            return value
        mark = effects.begin(*arguments)
        value = function(*arguments, **named)
        memory.put(wanted, (arguments[0], value, effects.end(mark, *arguments)))
        return value

    return call


def _with(memory: _Memory) -> Callable[[Callable[..., Any]], Any]:
    def mark(call: Any) -> Any:
        call.memory = memory
        return call

    return mark


def learn(function: Any, results: Mapping[Any, Any]) -> None:
    """Remember results that a function need not be called for, by key; it is ``remembered`` by a key that is its argument."""
    function.memory.put_all({key: (key, value) for key, value in results.items()})


def _each(function: Callable[..., Any], by_identity: bool, tables: _Tables) -> Callable[..., Any]:
    def call(items: Sequence[Any], *rest: Hashable) -> list[Any]:
        memory = tables.of(rest)
        keys = list(map(id, items)) if by_identity else items
        entries: list[Any] = list(map(memory.new.get, keys))
        if None in entries:
            if memory.old:
                entries = [entry or memory.from_old(key) for key, entry in zip(keys, entries, strict=True)]
            missing = {key: item for key, item, entry in zip(keys, items, entries, strict=True) if entry is None}
            values = function(list(missing.values()), *rest) if missing else ()
            made = dict(zip(missing, zip(missing.values(), values, strict=True), strict=True))
            memory.put_all(made)
            entries = [entry or made[key] for key, entry in zip(keys, entries, strict=True)]
        return [value for _, value in entries]

    return call


# --- between units -----------------------------------------------------------------------------------------------


def forget() -> None:
    """Forget everything but the contents of files (tests and benchmarks)."""
    for clear in _forgetting:
        clear()


def turn() -> None:
    """Begin a new generation everywhere: entries that were not used since the last turn are dropped."""
    for memory in _memories:
        memory.turn()


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the collection of garbage; :func:`after_unit` then collects now and then.

    A unit leaves some hundred objects in cycles; finding them means traversing everything loaded and remembered.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.unfreeze()
            gc.enable()


def after_unit() -> None:
    """Free memory between units: now and then begin a new generation, or collect garbage if that is paused."""
    count = next(_units)
    if count % _UNITS_A_TURN == 0:
        turn()
    if not gc.isenabled() and count % _UNITS_A_COLLECTION == _WARM:
        gc.collect()
        if count == _WARM:
            gc.freeze()  # objects loaded once stay
