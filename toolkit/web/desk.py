"""The folder that the page works on: its units and their ids, whole files with a version token, units that are open.

One :class:`Desk` holds all state of a running page. A path never comes from the browser: units are named by an opaque id, and
only folders that :meth:`Desk.units` lists have one.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from toolkit import api
from toolkit.core.findings import FileError, UsageError
from toolkit.web.kept import Kept, Made
from toolkit.web.samples import Samples
from toolkit.web.shown import Laid
from toolkit.web.turns import Turns
from toolkit.web.unit import PROFILE, Unit

#: Units whose prepared sets are kept, about a megabyte each; of the others what can be undone.
_OPEN_MOST = 20
#: Requests about units after which the program lets go of what it remembers of them and was not asked for since.
_FORGET_AFTER = 100
#: Comparisons, upgrades and registers that are kept: up to fifteen megabytes each.
_MADE_MOST = 6
#: Characters that a folder's name cannot have on one of the systems, and names that Windows keeps for itself.
NOT_IN_NAMES = '<>:*?"|\\/'
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
)
_NAME_MOST = 60


class Missing(UsageError):
    """What an address names is not there (404)."""


@dataclass(frozen=True, slots=True)
class UnitFolder:
    """A unit in the folder: its opaque ``id``, its ``name`` (that of its folder) and where it is."""

    id: str
    name: str
    path: Path


@dataclass
class Desk:
    """What a running page works on. ``now`` tells the time: nothing below the shell reads a clock."""

    folder: Path
    now: Callable[[], datetime] = datetime.now
    samples: Samples = field(default_factory=Samples)
    turns: Turns = field(default_factory=Turns)
    laid: Laid = field(init=False)
    stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _asked: int = 0
    _open: OrderedDict[str, Unit] = field(default_factory=OrderedDict)
    _made: Kept = field(default_factory=lambda: Kept(_MADE_MOST))

    def __post_init__(self) -> None:
        self.laid = Laid(self.turns)

    def units(self) -> list[UnitFolder]:
        """Return the units, by name: folders that hold a ``unit.yaml``, and the folder itself if it does. Raises FileError."""
        return self.listing()[0]

    def listing(self) -> tuple[list[UnitFolder], list[str]]:
        """Return the units, and the names of folders with a ``unit.yaml`` that no page can show, ? for what is no text.

        Raises FileError.
        """
        units: list[UnitFolder] = []
        unprintable: list[str] = []
        try:
            for name, path in self._found():
                if is_printable(path.name):
                    units.append(UnitFolder(self._id(name), path.name or "单位", path))
                else:
                    unprintable.append(path.name.encode("utf-8", "replace").decode())
        except OSError as error:
            raise FileError(
                f"找不到文件夹“{self.folder.name}”，可能改了名字、移走了，或者拔了 U 盘",
                "程序没有删任何东西。把文件夹改回原来的名字或者插上 U 盘，再刷新这一页",
                "folder_gone",
            ) from error
        return sorted(units, key=lambda unit: unit.name), sorted(unprintable)

    def _found(self) -> Iterator[tuple[str, Path]]:
        """Yield the folders that hold a ``unit.yaml``, each with its path from here. Raises OSError."""
        if self._is_own(self.folder / PROFILE):
            yield ".", self.folder
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    path = Path(entry.path)
                    if self._is_own(path / PROFILE):
                        yield entry.name, path

    def _is_own(self, profile: Path) -> bool:
        """Whether a profile is a file of this folder: none that a link leads to from elsewhere."""
        if profile.is_symlink() and not profile.resolve().is_relative_to(self.folder.resolve()):
            return False
        return profile.is_file()

    @staticmethod
    def _id(relative: str) -> str:
        return hashlib.sha256(os.fsencode(relative)).hexdigest()[:12]

    def unit(self, id: str) -> Unit:
        """Return an open unit by its id. Raises Missing for an id that no folder has, FileError."""
        with self._lock:
            known = self._open.get(id)
            if known is None or not known.profile.is_file():
                self._open.pop(id, None)
                folder = next((one for one in self.units() if one.id == id), None)
                if folder is None:
                    raise Missing(
                        "找不到这个单位，可能它的文件夹改了名字或者移走了",
                        "程序没有删任何东西。回到“我的单位”看看现在有哪些",
                        "unit_gone",
                    )
                known = self._open[id] = Unit(folder.id, folder.name, folder.path, self.now, self.laid)
            self._open.move_to_end(id)
            self._asked += 1
            if self._asked % _FORGET_AFTER == 0:
                api.forget()
            for other in list(self._open.values())[:-_OPEN_MOST]:
                other.forget()
            return known

    def once(self, name: str, state: str, make: Callable[[], Made]) -> Made:
        """See :meth:`Kept.once`: comparisons, upgrades, registers of all units."""
        return self._made.once(name, state, make)

    def new_unit(self, name: str, profile: bytes) -> UnitFolder:
        """Make the folder of a new unit with its profile; return it. A name that is taken gets a number behind it.

        Raises UsageError for a name that no folder can have, FileError.
        """
        wanted = folder_name(name)
        with self._lock:
            self.units()  # a folder that vanished is not made again: it may come back
            taken = {entry.name.casefold() for entry in self.folder.iterdir()}
            numbered = (wanted if number == 1 else f"{wanted}（{number}）" for number in range(1, len(taken) + 2))
            free = next(one for one in numbered if one.casefold() not in taken)
            path = self.folder / free
            api.save(path / PROFILE, profile)
        return UnitFolder(self._id(free), free, path)


def is_printable(name: str) -> bool:
    """Whether a file's name is text: names from a medium in another encoding are not."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def folder_name(name: str) -> str:
    """Return the name of a unit as the name of a folder on every system. Raises UsageError if nothing is left of it."""
    kept = "".join(char for char in name.strip() if char.isprintable() and char not in NOT_IN_NAMES)
    kept = kept.strip(" .")[:_NAME_MOST].strip(" .")
    if not kept:
        raise UsageError("还没有写单位全称", "写到县级，例如 青禾县柳溪镇柳河村", "bad_name")
    return f"{kept}单位" if kept.casefold() in _DEVICES else kept


def documents_folder() -> Path:
    """Return the user's documents folder as the desktop knows it."""
    home = Path.home()
    if sys.platform == "win32":
        import winreg

        name = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, name) as key:
                return Path(os.path.expandvars(str(winreg.QueryValueEx(key, "Personal")[0])))
        except OSError:
            return home / "Documents"
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
    try:
        lines = settings.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        key, _, value = line.partition("=")
        if key.strip() == "XDG_DOCUMENTS_DIR":
            return Path(value.strip().strip('"').replace("$HOME", str(home)))
    return home / "Documents"
