"""Caches results by a state of files or sets, for as long as the state is the same; used by the desk and by units."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Made = TypeVar("Made")


class Kept:
    """Keeps the last ``most`` things that were made, each under a name."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._made: OrderedDict[str, tuple[Hashable, Any]] = OrderedDict()

    def once(self, name: str, state: Hashable, make: Callable[[], Made]) -> Made:
        """Return the result of ``make``, the same object under this ``name`` as long as ``state`` is the same."""
        with self._lock:
            kept = self._made.get(name)
        if kept is None or kept[0] != state:
            kept = state, make()
        with self._lock:
            self._made[name] = kept
            self._made.move_to_end(name)
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        made: Made = kept[1]
        return made
