"""Whose turn it is: Python works at one thing at a time, so an answer is not kept waiting by pages; used by units and runs.

Threads that all work at once all end late. Here one works, the answers first; the work behind them is done once, for the set
as it is then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Gives turns to threads. A thread that has one asks for no other, and takes no lock that one who waits may hold."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._taken = False
        self._answers = 0

    @contextmanager
    def answer(self) -> Iterator[None]:
        """Have a turn as soon as the present one ends: for a typed answer that somebody waits for."""
        with self._free:
            self._answers += 1
            self._free.wait_for(lambda: not self._taken)
            self._answers -= 1
            self._taken = True
        yield from self._turn()

    @contextmanager
    def later(self) -> Iterator[None]:
        """Have a turn when no answer waits: for pages, and all that can be seen a moment later."""
        with self._free:
            self._free.wait_for(self._is_idle)
            self._taken = True
        yield from self._turn()

    def give_way(self) -> None:
        """Wait until no answer works or waits: for a run in the background, between two units."""
        with self._free:
            self._free.wait_for(self._is_idle)

    def _is_idle(self) -> bool:
        return not (self._taken or self._answers)

    def _turn(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()
