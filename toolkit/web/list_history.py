"""What the page wrote last into the histories of a list, kept beside it so that it can be taken back: 上次沿革.json.

The lines of the table beside the list, and the columns of the list that were put aside since the histories say them now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from toolkit import api

if TYPE_CHECKING:
    from toolkit.batch.fleet.revise import Revisions
    from toolkit.web.unit_lists import UnitList

_FILE = "上次沿革.json"


@dataclass(frozen=True, slots=True)
class Written:
    """The last entry that was written: its ``lines`` (unit, texts by column) and ``said``, what it was in words.

    ``aside``: columns put aside before it was written; ``waiting``: those put aside since, for the next one.
    """

    lines: tuple[tuple[str, Mapping[str, str]], ...] = ()
    said: str = ""
    aside: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def units(self) -> int:
        """How many units got the entry."""
        return len({unit for unit, _ in self.lines})


@dataclass(frozen=True, slots=True)
class LastEntry:
    """The file in which a list keeps what was written last."""

    one: UnitList

    def read(self) -> Written:
        """Return what was written last; nothing where the file is not there, or somebody changed it."""
        try:
            held = json.loads((self.one.folder / _FILE).read_bytes())
            lines = tuple((str(unit), {str(k): str(v) for k, v in row.items()}) for unit, row in held["lines"])
            return Written(lines, str(held["said"]), _names(held["aside"]), _names(held["waiting"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Written()

    def put_aside(self, column: str) -> None:
        """Note a column that was put aside for the next entry. Raises FileError."""
        now = self.read()
        self._write(replace(now, waiting=_names([*now.waiting, column])))

    def wrote(self, result: Revisions, said: str) -> None:
        """Note what a run wrote; nothing for one that wrote nothing. Raises FileError."""
        if result.lines:
            self._write(Written(tuple(result.lines), said, self.read().waiting))

    def forget(self) -> None:
        """Let go of it, for it was taken back. Raises FileError."""
        self._write(Written(waiting=self.read().waiting))

    def _write(self, now: Written) -> None:
        held = {"said": now.said, "lines": now.lines, "aside": now.aside, "waiting": now.waiting}
        api.save(self.one.folder / _FILE, json.dumps(held, ensure_ascii=False, indent=1).encode(), force=True)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, given)))
