"""One unit that is open in the page: the text of its profile, its prepared set, what changed since the last good set."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import api
from toolkit.core.findings import file_error

if TYPE_CHECKING:
    from toolkit.app import Prepared

#: The files and folders of a unit, as the command line uses them too: the profile, the unit's own clauses (the name that the
#: starter profile proposes), the generated files, the minutes and other filled forms.
PROFILE, OWN, OUTPUT, RECORDS = "unit.yaml", "自有条款", "文件", "记录"


@dataclass
class Unit:
    """A unit by its opaque ``id``; ``name`` is that of its folder ``path``."""

    id: str
    name: str
    path: Path
    now: Callable[[], datetime]
    lock: threading.RLock = field(default_factory=threading.RLock)
    saved: datetime | None = None
    _prepared: tuple[str, Prepared] | None = None
    _good: Prepared | None = None

    @property
    def profile(self) -> Path:
        """The file of the profile."""
        return self.path / PROFILE

    @property
    def output(self) -> Path:
        """The folder of the generated files."""
        return self.path / OUTPUT

    @property
    def records(self) -> Path:
        """The folder of minutes and other filled forms."""
        return self.path / RECORDS

    @property
    def own(self) -> Path:
        """The folder of the unit's own clauses."""
        return self.path / OWN

    def data(self) -> bytes:
        """Return the bytes of the profile. Raises FileError."""
        try:
            return self.profile.read_bytes()
        except OSError as error:
            raise file_error(error) from error

    def prepared(self) -> Prepared:
        """Return the set of the profile as it is on the disk now, with its findings; the same object while nothing changed."""
        with self.lock:
            seen = self._state()
            if self._prepared is None or self._prepared[0] != seen:
                self._prepared = seen, api.prepare(self.profile)
                if self._prepared[1].built is not None and not api.has_errors(self._prepared[1].findings):
                    self._good = self._prepared[1]
            return self._prepared[1]

    def good(self) -> Prepared | None:
        """Return the last set that can be generated: the present one, or that before the answer that made an error."""
        self.prepared()
        return self._good

    def forget(self) -> None:
        """Let go of the sets."""
        with self.lock:
            self._prepared = self._good = None

    def _state(self) -> str:
        """Return a digest of all that the profile is read from: its bytes, and time and size of the files beside it."""
        seen = hashlib.sha256(self.data())
        for folder, folders, files in os.walk(self.path):
            folders[:] = sorted(name for name in folders if name not in (OUTPUT, RECORDS) and not name.startswith("."))
            for name in sorted(files):
                about = os.stat(os.path.join(folder, name))
                seen.update(f"{folder}/{name} {about.st_mtime_ns} {about.st_size}\n".encode(errors="surrogateescape"))
        return seen.hexdigest()
