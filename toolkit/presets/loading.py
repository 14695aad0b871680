"""Loads presets (``presets.load``): from the process, from the user's own cache folder, or assembled anew.

Assembling a preset takes a quarter of a small run, so it is kept between processes.
A file is taken only if its folder and itself belong to the user and nobody else may write there, for it is unpickled;
its name is the digest of everything that it depends on, and it begins with the digest of its content. What cannot be
read or written there is no fault: the preset is then read from its own files. ``TOOLKIT_CACHE`` names another folder,
``TOOLKIT_CACHE=`` (empty) none.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from toolkit import __version__
from toolkit.core.findings import FindingsError, has_errors
from toolkit.core.memo import remembered
from toolkit.presets.layers import Layer, chain
from toolkit.presets.spec import Preset

VARIABLE = "TOOLKIT_CACHE"
#: Presets kept; the ones that were not used for longest go first.
_MOST = 24
_DIGEST = 32
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def folder() -> Path | None:
    """Return the cache folder of this user, or None if there shall be none."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        root = os.path.expanduser("~/Library/Caches")
    else:
        root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(root) / "institution-toolkit" if root and os.path.isabs(root) else None


def find(key: tuple) -> Preset | None:
    """Return the stored preset of ``key``, or None."""
    path = _path(key)
    if path is None or not (_is_ours(path.parent, stat.S_ISDIR) and _is_ours(path, stat.S_ISREG)):
        return None
    try:
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        return None
    found = pickle.loads(data[_DIGEST:])
    return found if isinstance(found, Preset) else None


def keep(key: tuple, preset: Preset) -> None:
    """Store a preset; nothing happens where that is not possible."""
    path = _path(key)
    if path is None:
        return
    content = pickle.dumps(preset, protocol=5)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(path.parent, stat.S_ISDIR):
            return
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(content).digest() + content)
        os.replace(name, path)
        _drop_oldest(path.parent)
    except OSError:
        return


def _drop_oldest(place: Path) -> None:
    files = sorted(place.glob("*.preset"), key=lambda one: one.stat().st_mtime, reverse=True)
    for path in files[_MOST:]:
        path.unlink(missing_ok=True)


def _path(key: tuple) -> Path | None:
    place = folder()
    if place is None:
        return None
    digest = hashlib.sha256(repr((key, __version__, sys.version_info[:3], _program())).encode()).hexdigest()
    return place / f"{digest}.preset"


@cache
def _program() -> tuple[tuple[str, int, int], ...]:
    """Return what tells one state of the program from another where its version stays: names, sizes, times of its files."""
    root = Path(__file__).parent.parent
    files = (
        path
        for part in ("core", "language", "model", "presets", "presets/markup")
        for path in (root / part).glob("*.py")
    )
    return tuple(sorted((str(path.relative_to(root)), *_size_and_time(path)) for path in files))


def _size_and_time(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _is_ours(path: Path, kind: Callable[[int], bool]) -> bool:
    """Whether a path is of a kind, belongs to this user, and nobody else may write there."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if not kind(found.st_mode):
        return False
    if not hasattr(os, "getuid"):  # Windows: the folder of local data is the user's own
        return True
    return found.st_uid == os.getuid() and not found.st_mode & _OTHERS_MAY_WRITE


def load(kind: str, folders: Sequence[Path], layers: Sequence[Path] = ()) -> Preset:
    """Load a kind with a unit's own layers over it.

    ``folders`` are roots of presets, the first that has a name wins. Raises
    UsageError for an unknown kind, FileError for unreadable files and
    FindingsError (all findings) for a broken preset. The result is cached by the contents of all files: in the
    process, and between processes in the cache folder.
    """
    found = chain(kind, folders, layers)
    key = (kind, tuple(map(str, folders)), tuple((layer.own, layer.stamp()) for layer in found))
    return _assembled(key, found, folders)


def _by_contents(key: tuple, *_rest: object) -> tuple:
    return key


@remembered(16, key=_by_contents, lasting=True)
def _assembled(key: tuple, layers: Sequence[Layer], folders: Sequence[Path]) -> Preset:
    preset = find(key)
    if preset is None:
        from toolkit.presets.assembly import assemble

        preset = assemble(key[0], layers, folders)
        if has_errors(preset.findings):
            raise FindingsError(preset.findings)
        keep(key, preset)
    return preset
