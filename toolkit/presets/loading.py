"""Loads presets (``presets.load``) from the memory of the process, from the user's own cache folder, or from their files.

Assembling a preset takes a quarter of a small run, so it is kept between processes. A cached file is read only if its folder
and itself belong to the user and nobody else may write there, for it is unpickled; its name is the digest of everything that
it depends on, and it begins with the digest of its content. A cache that cannot be read or written is no fault: the preset
is then assembled from its own files. ``TOOLKIT_CACHE`` names another folder, ``TOOLKIT_CACHE=`` (empty) none.
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
    """Return the cache folder of this user, or None if caching is off."""
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
    """Return the cached preset of ``key``, or None."""
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
    preset = pickle.loads(data[_DIGEST:])
    return preset if isinstance(preset, Preset) else None


def keep(key: tuple, preset: Preset) -> None:
    """Cache a preset and drop the oldest ones; nothing happens where that is not possible."""
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
        by_age = sorted(path.parent.glob("*.preset"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in by_age[_MOST:]:
            file.unlink(missing_ok=True)
    except OSError:
        return


def _path(key: tuple) -> Path | None:
    own = folder()
    if own is None:
        return None
    digest = hashlib.sha256(repr((key, __version__, sys.version_info[:3], _program())).encode()).hexdigest()
    return own / f"{digest}.preset"


@cache
def _program() -> tuple[tuple[str, int, int], ...]:
    """Return path, size and time of each module that a preset depends on: they change where the version stays."""
    root = Path(__file__).parent.parent
    files = (path for room in ("core", "language", "model", "presets") for path in (root / room).glob("*.py"))
    stats = ((str(path.relative_to(root)), path.stat()) for path in files)
    return tuple(sorted((name, status.st_size, status.st_mtime_ns) for name, status in stats))


def _is_ours(path: Path, is_kind: Callable[[int], bool]) -> bool:
    """Whether a path is of a kind, belongs to this user, and nobody else may write there."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    if not is_kind(status.st_mode):
        return False
    if not hasattr(os, "getuid"):  # Windows: the folder of local data is the user's own
        return True
    return status.st_uid == os.getuid() and not status.st_mode & _OTHERS_MAY_WRITE


def load(kind: str, folders: Sequence[Path], layers: Sequence[Path] = ()) -> Preset:
    """Load a kind with a unit's own layers over it.

    ``folders`` are roots of presets, the first that has a name wins. Raises UsageError for an unknown kind, FileError for
    unreadable files and FindingsError (all findings) for a broken preset. The result is cached by the contents of all
    files: in the process, and between processes in the cache folder.
    """
    chained = chain(kind, folders, layers)
    key = (kind, tuple(map(str, folders)), tuple((layer.own, layer.stamp()) for layer in chained))
    return _assembled(key, chained, folders)


@remembered(16, key=lambda key, *_rest: key, lasting=True)
def _assembled(key: tuple, layers: Sequence[Layer], folders: Sequence[Path]) -> Preset:
    preset = find(key)
    if preset is None:
        from toolkit.presets.assembly import assemble

        preset = assemble(key[0], layers, folders)
        if has_errors(preset.findings):
            raise FindingsError(preset.findings)
        keep(key, preset)
    return preset
