"""Loads presets (``presets.load``) from the memory of the process, from the user's own cache folder, or from their files.

Assembling a preset takes a quarter of a small run, so it is kept between processes, and with it what checks find in a preset
alone (``kept_with_preset``). A cached file is read only if its folder and itself belong to the user and nobody else may write
there, for it is unpickled; its name is the digest of everything that it depends on, the modules of the program included, and
it begins with the digest of its content. A cache that cannot be read or written is no fault: the value is then made as if
there were none. ``TOOLKIT_CACHE`` names another folder, ``TOOLKIT_CACHE=`` (empty) none.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import pickle
import stat
import sys
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from toolkit import __version__
from toolkit.core.findings import FindingsError, has_errors
from toolkit.core.memo import learn, remembered
from toolkit.language.times import read_time
from toolkit.presets.layers import Layer, chain, is_judged
from toolkit.presets.spec import Preset

VARIABLE = "TOOLKIT_CACHE"
#: Files kept, up to six for a preset; the ones that were not used for longest go first.
_MOST = 144
_SUFFIX = ".preset"
_DIGEST = 32
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
#: The packages of ``toolkit`` that a read preset depends on.
ROOMS = ("core", "language", "model", "presets")

Value = TypeVar("Value")


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


def digest_of(key: tuple, rooms: Sequence[str] = ROOMS) -> str:
    """Return the digest of a key, of the program's version and modules (those of ``rooms``) and of Python's version."""
    everything = (key, __version__, sys.version_info[:3], _modules(tuple(rooms)))
    return hashlib.sha256(repr(everything).encode()).hexdigest()


def find(digest: str) -> Any:
    """Return the value that is kept under a digest, or None."""
    path = _path(digest)
    if path is None or not (_is_ours(path.parent, stat.S_ISDIR) and _is_ours(path, stat.S_ISREG)):
        return None
    try:
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        return None
    return pickle.loads(data[_DIGEST:])


def keep(digest: str, value: object) -> None:
    """Keep a value and drop the oldest ones; nothing happens where that is not possible."""
    path = _path(digest)
    if path is None:
        return
    import tempfile

    content = pickled(value)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(path.parent, stat.S_ISDIR):
            return
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(content).digest() + content)
        os.replace(name, path)
        by_age = sorted(path.parent.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in by_age[_MOST:]:
            file.unlink(missing_ok=True)
    except OSError:
        return


def pickled(value: object) -> bytes:
    """Return a value as bytes for :func:`pickle.loads`."""
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=5).dump(value)
    return buffer.getvalue()


def kept_with_preset(*rooms: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Decorator: keep what a function returns for a loaded preset, its first argument, in the process and between processes.

    The result may depend on nothing but the preset, and on no modules but those of ``ROOMS`` and ``rooms``.
    """

    def decorate(function: Callable[..., Value]) -> Callable[..., Value]:
        def call(preset: Preset, *rest: Any) -> Value:
            if not preset.digest:
                return function(preset, *rest)
            digest = digest_of((preset.digest, function.__module__, function.__qualname__), (*ROOMS, *rooms))
            value = find(digest)
            if value is None:
                value = function(preset, *rest)
                keep(digest, value)
            return value

        kept: Any = functools.wraps(function)(remembered(4, key=lambda preset, *_rest: id(preset))(call))
        kept.rooms = rooms
        return kept

    return decorate


class _Pickler(pickle.Pickler):
    """Pickles a dataclass as a call of its class, which takes half the time to read of what frozen ones do by themselves."""

    def reducer_override(self, value: object) -> Any:
        names = _parameters(cast(Hashable, type(value)))
        return NotImplemented if names is None else (type(value), tuple([getattr(value, name) for name in names]))


@cache
def _parameters(kind: Hashable) -> tuple[str, ...] | None:
    """Return the fields of a dataclass if they are the positional parameters of its class, else None."""
    own = fields(kind) if is_dataclass(kind) else ()
    positional = all(field.init and not field.kw_only for field in own)
    return tuple([field.name for field in own]) if own and positional else None


def _path(digest: str) -> Path | None:
    own = folder()
    return own / f"{digest}{_SUFFIX}" if own is not None else None


@cache
def _modules(rooms: tuple[str, ...]) -> tuple[tuple[str, int, int], ...]:
    """Return path, size and time of each module of some packages: they change where the version stays."""
    root = Path(__file__).parent.parent
    files = (path for room in rooms for path in (root / room).glob("*.py"))
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
    stamps = tuple((layer.own, str(layer.folder), layer.stamp()) for layer in chained)
    key = (kind, tuple(map(str, folders)), stamps, is_judged(chained))
    return _assembled(key, chained, folders)


@remembered(16, key=lambda key, *_rest: key, lasting=True)
def _assembled(key: tuple, layers: Sequence[Layer], folders: Sequence[Path]) -> Preset:
    digest = digest_of(key)
    preset: Preset | None = find(digest)
    if preset is None:
        from toolkit.presets.assembly import assemble

        preset = assemble(key[0], layers, folders, judged=key[-1])
        if has_errors(preset.findings):
            raise FindingsError(preset.findings)
        # What is made from the preset by replacing parts of it has no digest and is not judged.
        object.__setattr__(preset, "digest", digest)
        object.__setattr__(preset, "judged", key[-1])
        keep(digest, preset)
    learn(read_time, preset.times)
    return preset
