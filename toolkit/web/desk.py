"""The folder that the page works on: its units and their ids, whole files with a version token, units that are open.

One :class:`Desk` holds all state of a running page. A path never comes from the browser: units are named by an opaque id, and
only folders that :meth:`Desk.units` lists have one.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from toolkit import api
from toolkit.core.findings import FileError, UsageError, file_error
from toolkit.web.kept import Kept, Made
from toolkit.web.samples import Samples
from toolkit.web.shown import Laid
from toolkit.web.turns import Turns
from toolkit.web.unit import PROFILE, Conflict, Unit

#: Units whose prepared sets are kept, about a megabyte each; of the others only the steps to undo.
_OPEN_MOST = 20
#: Requests about units after which the program forgets results about them that were not asked for since.
_FORGET_AFTER = 100
#: Comparisons, upgrades and registers that are kept: up to fifteen megabytes each.
_MADE_MOST = 6
#: Characters that a folder's name cannot have on one of the systems, and names that Windows keeps for itself.
NOT_IN_NAMES = '<>:*?"|\\/'
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
)
_NAME_MOST = 60
#: Folders of the desk that are no units: lists of many units, and units that were put away.
LISTS, AWAY = "名单", "已停用"


class Missing(UsageError):
    """The thing that an address names does not exist (404)."""


@dataclass(frozen=True, slots=True)
class UnitFolder:
    """A unit in the folder: its opaque ``id``, its ``name`` (that of its folder) and where it is."""

    id: str
    name: str
    path: Path


@dataclass
class Desk:
    """The data of a running page. ``now`` tells the time: nothing below the shell reads a clock."""

    folder: Path
    now: Callable[[], datetime] = datetime.now
    turns: Turns = field(default_factory=Turns)
    samples: Samples = field(init=False)
    laid: Laid = field(init=False)
    stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _asked: int = 0
    _open: OrderedDict[str, Unit] = field(default_factory=OrderedDict)
    _made: Kept = field(default_factory=lambda: Kept(_MADE_MOST))
    #: Ids of units that were renamed in this run, by the present name: their open windows go on.
    _kept_ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.samples, self.laid = Samples(self.turns), Laid(self.turns)

    def units(self) -> list[UnitFolder]:
        """Return the units, by name: folders that hold a ``unit.yaml``, and the folder itself if it does. Raises FileError."""
        return self.listing()[0]

    def listing(self) -> tuple[list[UnitFolder], list[str]]:
        """Return the units, and the names of folders with a ``unit.yaml`` that no page can show, ? for characters that are no
        text.

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

    def _id(self, relative: str) -> str:
        if relative in self._kept_ids:
            return self._kept_ids[relative]
        made = hashlib.sha256(os.fsencode(relative)).hexdigest()[:12]
        is_taken = made in self._kept_ids.values()  # by a unit that had this name before
        return hashlib.sha256(os.fsencode(f"{relative}\n")).hexdigest()[:12] if is_taken else made

    def unit(self, id: str) -> Unit:
        """Return an open unit by its id. Raises Missing for an id that no folder has, FileError."""
        with self._lock:
            known = self._open.get(id)
            if known is None or not known.profile.is_file():
                self._open.pop(id, None)
                folder = next((unit for unit in self.units() if unit.id == id), None)
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
        known.need_inside()
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
            free = _free(wanted, self.folder)
            path = self.folder / free
            api.save(path / PROFILE, profile)
        return UnitFolder(self._id(free), free, path)

    def rename(self, id: str, name: str, was: str) -> None:
        """Rename the folder of a unit with all that is in it; ``was``: the name that was shown. Its id stays in this run.

        Raises Conflict where another window renamed it, UsageError for a name that is taken or no name of a folder, FileError.
        """
        wanted = checked_name(name)
        unit = self._movable(id, was)
        with self._lock, unit.lock:
            taken = {entry.name.casefold() for entry in self.folder.iterdir()} - {unit.name.casefold()}
            if wanted.casefold() in taken:
                raise UsageError(f"已经有一个叫“{wanted}”的了", "换一个名字；还没有改", "bad_name")
            unit.move(self.folder / wanted)
            self._kept_ids.pop(was, None)
            self._kept_ids[wanted] = id

    def put_away(self, id: str, was: str) -> str:
        """Move the folder of a unit into 已停用, where it is whole and not listed; return its name there. Raises as rename."""
        unit, away = self._movable(id, was), self.folder / AWAY
        with self._lock, unit.lock:
            if away.is_symlink() or (away.exists() and not away.is_dir()):
                raise UsageError(
                    f"“{AWAY}”不是这里的文件夹", "在文件管理器里给它换个名字，再点一次；还没有停用", "bad_away"
                )
            away.mkdir(exist_ok=True)
            free = _free(unit.name, away)
            unit.move(away / free)
            self._open.pop(id, None)
            self._kept_ids.pop(was, None)
        return free

    def away(self) -> list[UnitFolder]:
        """Return the units that were put away, by name. Raises FileError."""
        folder = self.folder / AWAY
        try:
            found = [] if folder.is_symlink() else sorted(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise file_error(error) from error
        kept = [
            folder
            for folder in found
            if is_printable(folder.name) and not folder.is_symlink() and (folder / PROFILE).is_file()
        ]
        return [UnitFolder(self._id(f"{AWAY}/{paper.name}"), paper.name, paper) for paper in kept]

    def bring_back(self, id: str) -> UnitFolder:
        """Move a unit that was put away back among the units, under its name, with a number where that is taken by now.

        Raises Missing for one that is not there, FileError.
        """
        with self._lock:
            found = next((unit for unit in self.away() if unit.id == id), None)
            if found is None:
                raise Missing("这个单位不在“已停用”里，可能已经移走了", "回到“我的单位”看看", "unit_gone")
            free = _free(found.name, self.folder)
            try:
                found.path.rename(self.folder / free)
            except OSError as error:
                raise file_error(error) from error
        return UnitFolder(self._id(free), free, self.folder / free)

    def _movable(self, id: str, was: str) -> Unit:
        unit = self.unit(id)
        if unit.path == self.folder:
            raise UsageError(
                "打开的就是这个单位的文件夹，不能在这里改名、停用", "退出程序，在文件管理器里改", "is_desk"
            )
        if unit.name != was:
            raise Conflict(f"别的窗口刚刚把它改名为“{unit.name}”", "东西都没有动；看过再定", "conflict")
        return unit


def _free(wanted: str, folder: Path) -> str:
    """Return the name, with a number behind it if something in the folder has it already."""
    taken = {entry.name.casefold() for entry in folder.iterdir()}
    numbered = (wanted if number == 1 else f"{wanted}（{number}）" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name.casefold() not in taken)


def checked_name(name: str) -> str:
    """Return a name that a folder can have, as it was typed without blanks around. Raises UsageError for any other."""
    plain = name.strip()
    found = [char for char in NOT_IN_NAMES if char in plain]
    if found:
        raise UsageError(f"名字里不能有 {' '.join(found)}", "删去这些字符；还没有改", "bad_name")
    if not plain:
        raise UsageError("还没有写名字", "写单位的名字，例如 柳溪镇柳河村", "bad_name")
    if len(plain) > _NAME_MOST:
        raise UsageError(f"名字有 {len(plain)} 个字，最多 {_NAME_MOST} 个", "写短一点；还没有改", "bad_name")
    if folder_name(plain) != plain:
        raise UsageError(
            f"“{plain}”不能作单位的名字",
            "它是系统或者程序自己要用的名字，或者头尾有点、有看不见的字符；换一个",
            "bad_name",
        )
    return plain


def is_printable(name: str) -> bool:
    """Whether a file's name is text: names from a medium in another encoding are not."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def folder_name(name: str) -> str:
    """Return the name of a unit as the name of a folder on every system. Raises UsageError if nothing is left of it."""
    kept = "".join(char for char in name.strip() if char.isprintable() and char not in NOT_IN_NAMES)
    kept = kept.strip(" .")[:_NAME_MOST].strip(" .")
    if not kept:
        raise UsageError("还没有写单位全称", "写到县级，例如 青禾县柳溪镇柳河村", "bad_name")
    return f"{kept}单位" if kept.casefold() in _DEVICES or kept in (LISTS, AWAY) else kept
