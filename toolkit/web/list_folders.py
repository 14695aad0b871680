"""Folders beside a list: versions of its sets that can be compared, copies, archives, files that were put aside; for its views.

名单/<name>/文书/ are the sets as they stand, 另存/<day>/ copies of them, 归档/<year>年/ archives, 收件/<day>/ files handed in;
any other folder of sets that somebody put there is a version too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import api
from toolkit.core.findings import UsageError, file_error
from toolkit.web.desk import folder_name, is_printable
from toolkit.web.drafts import unpacked
from toolkit.web.unit import RECORDS
from toolkit.web.unit_lists import OUT, Hear, UnitList

if TYPE_CHECKING:
    from toolkit.batch.list_view import ListedRow
    from toolkit.output.put_aside import Aside

COPIES, ARCHIVES, INBOX_FOLDER = "另存", "归档", "收件"
#: The folder of the set in the archive of a unit, and the list of a set.
_SET, _MANIFEST = "制度文件", "manifest.json"


@dataclass(frozen=True, slots=True)
class Version:
    """A folder of sets by its opaque ``id``; ``name`` is its name for people."""

    id: str
    name: str
    path: Path


def versions(unit_list: UnitList) -> list[Version]:
    """Return the versions of a list's sets: those of now first, then copies, archives and other folders, by name."""
    found = [
        *_below(unit_list, unit_list.folder, lambda name: "现在的文书" if name == OUT else name),
        *_below(unit_list, unit_list.folder / COPIES, lambda name: f"{name}另存的"),
        *_below(unit_list, unit_list.folder / ARCHIVES, lambda name: f"{name}的归档"),
    ]
    held = [version for version in found if _holds_sets(version.path)]
    return sorted(held, key=lambda version: version.path != unit_list.out)


def archives(unit_list: UnitList) -> list[Version]:
    """Return the archives of a list, by name."""
    return list(_below(unit_list, unit_list.folder / ARCHIVES, str))


def _below(unit_list: UnitList, folder: Path, called: Callable[[str], str]) -> Iterator[Version]:
    skipped = {RECORDS, COPIES, ARCHIVES, INBOX_FOLDER}
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise file_error(error) from error
    for entry in entries:
        hidden = entry.name.startswith(".") or entry.name in skipped or not is_printable(entry.name)
        if entry.is_dir(follow_symlinks=False) and not hidden:
            path = Path(entry.path)
            id = hashlib.sha256(os.fsencode(path.relative_to(unit_list.folder))).hexdigest()[:12]
            yield Version(id, called(entry.name), path)


def _holds_sets(folder: Path) -> bool:
    """Whether a folder has a set, an archive of one, or a zip, for at least one unit."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.name.endswith(".zip") or (path / _MANIFEST).is_file() or (path / _SET).is_dir():
                return True
    return False


def _free(home: Path, wanted: str, ending: str = "") -> Path:
    """Return the path of a name in a folder, with a number behind it if something has it already."""
    names = (f"{wanted}{ending}", *(f"{wanted}（{number}）{ending}" for number in range(2, 10_000)))
    return next(path for name in names if not (path := home / name).exists())


def received(unit_list: UnitList, day: Date, files: Iterable[tuple[str, bytes]]) -> Path:
    """Store files handed in, under safe names, in a folder of the day; return the folder. Raises UsageError, FileError."""
    given = [inner for called, data in files for inner in unpacked(called, data)]
    if not given:
        raise UsageError("没有选文件", "选填好的 Word 表，几份，或者一个压缩包", "nothing_given")
    folder = _free(unit_list.folder / INBOX_FOLDER, f"{day}")
    for called, data in given:
        name = Path(called)
        ending = folder_name(name.suffix[1:] or "bin")[:10]
        stem = "".join(char for char in name.stem if is_printable(char))
        api.save(_free(folder, folder_name(stem.strip() or "文件"), f".{ending}"), data, new=True)
    return folder


def copied(unit_list: UnitList, day: Date, hear: Hear) -> str:
    """Copy the sets as they are now, edits included, beside them under a day; return the name of the copy.

    The copy is whole or absent. Raises FileError, and the errors of ``hear``.
    """
    home = unit_list.folder / COPIES
    target = _free(home, f"{day}")
    half = home / f".{target.name}"
    try:
        home.mkdir(exist_ok=True)
        shutil.rmtree(half, ignore_errors=True)  # of a run that was killed
        half.mkdir()
        for path in sorted(unit_list.out.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.copytree(path, half / path.name, symlinks=True)
                if not path.name.startswith("."):
                    hear(path.name)
            else:
                shutil.copy2(path, half / path.name, follow_symlinks=False)
        half.rename(target)
    except OSError as error:
        raise file_error(error) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return target.name


def put_aside(unit_list: UnitList, rows: list[ListedRow]) -> list[tuple[ListedRow, list[Aside]]]:
    """Return the units of which files were put aside, in the order of the list, with these files. Raises FileError."""
    homes = ((row, unit_list.out / row.target) for row in rows)
    found = [(row, api.put_aside(home)) for row, home in homes if home.is_dir() and not home.is_symlink()]
    return [(row, files) for row, files in found if files]


def need_folder(folder: Path) -> None:
    """Make a folder that may be there. Raises FileError."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise file_error(error) from error


def hear_of(hear: Hear) -> Callable[[Any], None]:
    """Adapt ``hear``, which takes a unit's name, to the events of functions of the api."""
    return lambda unit: hear(unit.unit)
