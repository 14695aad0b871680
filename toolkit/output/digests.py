"""Lists of digests, in the form that ``sha256sum -c`` reads, and archives checked against them; used by the archive of a year.

A list stands in its folder or zip and names every other file of it. Of a folder below it that has a list of its own it names that
list only, so that each part can be handed on and checked alone.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolkit.core import zips
from toolkit.core.findings import FileError, Finding, Place, Severity, has_errors
from toolkit.output.disk import file_errors, read_inside
from toolkit.output.journal import STATE

#: The name of a list.
DIGESTS = "清单.sha256"
#: Codes of this module's findings: severity and meaning.
CODES: dict[str, str] = {
    "archive_missing": "error: a file that the list of an archive names is not there",
    "archive_changed": "error: a file of an archive is not the one that its list names",
    "archive_list": "error: a line of an archive's list cannot be read",
    "archive_extra": "warning: a file in an archive that its list does not name",
}
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_ODD = re.compile(r'[\\:*?"<>|\x00-\x1f\x7f\ud800-\udfff]')
_BOUND = zips.ZIP._replace(parts=100_000, size=4_000_000_000)
#: Files that operating systems put into folders.
_SYSTEM = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_list(digests: Mapping[str, str]) -> bytes:
    """Return the list of files (path → digest), sorted by path."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def can_be_listed(name: str) -> bool:
    """Whether a path is one that every system can unpack and a list can hold on a line."""
    parts = PurePosixPath(name).parts
    return _ODD.search(name) is None and all(part.rstrip(". ") == part for part in parts)


@dataclass(frozen=True)
class Checked:
    """An archive after its check: how many files match their lists, and the faults."""

    fine: int
    findings: tuple[Finding, ...]

    @property
    def is_fine(self) -> bool:
        """Whether every file is there as it was archived; further files are no fault."""
        return not has_errors(self.findings)


def check(path: Path) -> Checked:
    """Return an archive, a folder or a zip, compared with its lists. Raises FileError where there is no list, or for the disk."""
    with file_errors("无法读取归档"):
        if path.is_dir():
            files: _Files = _Folder(path)
        elif path.is_file():
            files = _Zip(path)
        else:
            raise FileError(f"找不到 {path}", "写明归档的文件夹，或者一个单位的 .zip", "no_folder")
        if DIGESTS not in files.names():
            raise FileError(f"{path} 里没有{DIGESTS}，不是归档，或者不完整", "写明归档的文件夹", "no_list")
        return _Check(files).run()


class _Files:
    """The files of a folder or a zip by their paths."""

    place: Path

    def names(self) -> set[str]:
        raise NotImplementedError

    def read(self, name: str) -> bytes:
        raise NotImplementedError


class _Folder(_Files):
    def __init__(self, place: Path) -> None:
        self.place = place

    def names(self) -> set[str]:
        found = set()
        for here, folders, names in os.walk(self.place):
            folders[:] = [name for name in folders if Path(here, name) != self.place / STATE]
            found |= {
                Path(here, name).relative_to(self.place).as_posix() for name in names if name.lower() not in _SYSTEM
            }
        return found

    def read(self, name: str) -> bytes:
        return read_inside(self.place, name)


class _Zip(_Files):
    def __init__(self, place: Path) -> None:
        self.place = place
        self.members = zips.unpack(place.read_bytes(), _BOUND)

    def names(self) -> set[str]:
        return {name for name in self.members if not name.endswith("/")}

    def read(self, name: str) -> bytes:
        return self.members[name]


class _Check:
    """One pass over an archive and its lists."""

    def __init__(self, files: _Files) -> None:
        self.files, self.names = files, files.names()
        self.named: set[str] = {DIGESTS}
        self.findings: list[Finding] = []
        self.fine = 0

    def run(self) -> Checked:
        """Compare every file with the lists."""
        self._list("")
        for name in sorted(self.names - self.named):
            self._say("archive_extra", Severity.WARNING, "清单里没有这个文件", name, "不是归档的，移到别处")
        return Checked(self.fine, tuple(self.findings))

    def _say(self, code: str, severity: Severity, message: str, name: str, hint: str, line: int = 0) -> None:
        self.findings.append(Finding(code, severity, message, Place(str(self.files.place / name), line), hint))

    def _list(self, folder: str) -> None:
        text = self.files.read(f"{folder}{DIGESTS}").decode("utf-8", "replace")
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            found = _LINE.fullmatch(line)
            if found is None or ".." in PurePosixPath(found[2]).parts or found[2].startswith("/"):
                hint = "清单损坏了，用另一份归档核对"
                self._say("archive_list", Severity.ERROR, "清单的这一行读不懂", f"{folder}{DIGESTS}", hint, number)
            else:
                self._file(f"{folder}{found[2]}", found[1])

    def _file(self, name: str, expected: str) -> None:
        self.named.add(name)
        if name not in self.names:
            self._say("archive_missing", Severity.ERROR, "清单里有这个文件，归档里没有", name, "从另一份归档补上")
            return
        if digest(self.files.read(name)) != expected:
            message = "和归档的时候不一样：内容改过，或者文件坏了"
            self._say("archive_changed", Severity.ERROR, message, name, "用另一份归档里的换回来")
        else:
            self.fine += 1
        if PurePosixPath(name).name == DIGESTS:
            self._list(name.removesuffix(DIGESTS))


def walk(folder: Path) -> Iterator[str]:
    """Yield the paths of the files of a folder and those in it, sorted; not hidden ones, locks and system files."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith((".", "~$")) and name.lower() not in _SYSTEM:
                yield Path(here, name).relative_to(folder).as_posix()
