"""Regular expressions that are compiled when they are first used; used by modules that have many of them.

Compiling takes up to 7 ms each, and a command needs few of all that its modules have.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    """Stands for a compiled pattern and takes each of its attributes when it is first asked for."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        if name == "compiled":
            value: Any = re.compile(self.pattern, self.flags)
        else:
            value = getattr(self.compiled, name)
        setattr(self, name, value)
        return value


def lazy(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled at its first use; only then a wrong one raises :class:`re.error`."""
    return cast(re.Pattern[AnyStr], _Pattern(pattern, flags))
