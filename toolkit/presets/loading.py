"""Loads presets (``presets.load``) from the memory of the process, from the user's own cache folder, or from their files.

Assembling a preset takes a quarter of a small run, so it is kept between processes, and with it the findings of checks about a
preset alone (``kept_with_preset``). A cached file is read only if its folder and itself belong to the user and nobody else may
write there, for it is unpickled; its name is the digest of everything that it depends on, the modules of the program included,
and it begins with the digest of its content. A cache that cannot be read or written is no fault: the value is then made as if
there were none. ``TOOLKIT_CACHE`` names another folder, ``TOOLKIT_CACHE=`` (empty) none.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import pickle
import stat
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from toolkit import __version__
from toolkit.core.data_folders import data_folder
from toolkit.core.findings import FindingsError, has_errors
from toolkit.core.memo import learn, remembered
from toolkit.language.times import Time, read_time
from toolkit.presets.layers import Layer, chain, others_stamp
from toolkit.presets.spec import Preset

VARIABLE = "TOOLKIT_CACHE"
#: Files kept, up to six for a preset; the ones that were not used for longest go first.
_MOST = 144
_SUFFIX = ".preset"
_DIGEST = 32
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
#: A file beside the bundled kinds: the results of the test that finds no fault in them, by the digests of their files. It
#: is written by ``pytest --accept tests/test_judged.py``, so that no first run need search the texts of a kind again.
JUDGED = "judged.json"
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
    """Decorator: keep the result of a function for a loaded preset, its first argument, in the process and between processes.

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
    """Pickles a dataclass as a call of its class, which is read in half the time of the default for frozen ones."""

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


def load(
    kind: str, folders: Sequence[Path], layers: Sequence[Path] = (), size: str = "", tried: Layer | None = None
) -> Preset:
    """Load a kind with a unit's own layers over it, in full or in one of its sizes.

    ``folders`` are roots of presets, the first that has a name wins. ``tried`` stands in place of the own layer of its folder,
    or on top: its text before it is written; the result is not kept then. Raises UsageError for an unknown kind,
    FileError for unreadable files and FindingsError (all findings) for a broken preset. The result is cached by the contents of
    all files: in the process, and between processes in the cache folder.
    """
    chained = chain(kind, folders, layers, size)
    if tried is not None:
        return _tried(kind, _with_tried(chained, tried), folders, size)
    stamps = tuple((layer.own, str(layer.folder), layer.stamp()) for layer in chained)
    key = (kind, size, tuple(map(str, folders)), stamps, others_stamp(chained, folders))
    return _assembled(key, chained, folders)


def _with_tried(chained: Sequence[Layer], tried: Layer) -> list[Layer]:
    """Return the layers with ``tried`` in place of the own layer of its folder, or on top."""
    there = tried.folder.resolve()
    changed = [tried if layer.own and layer.folder.resolve() == there else layer for layer in chained]
    return changed if any(layer is tried for layer in changed) else [*changed, tried]


def _tried(kind: str, layers: Sequence[Layer], folders: Sequence[Path], size: str) -> Preset:
    from toolkit.presets.assembly import assemble

    preset = assemble(kind, layers, folders, size)
    if has_errors(preset.findings):
        raise FindingsError(preset.findings)
    return preset


@remembered(16, key=lambda key, *_rest: key, lasting=True)
def _assembled(key: tuple, layers: Sequence[Layer], folders: Sequence[Path]) -> Preset:
    digest = digest_of(key)
    preset: Preset | None = find(digest)
    if preset is None:
        from toolkit.presets.assembly import assemble

        judged, own = judgement([layer for layer in layers if not layer.own]), any(layer.own for layer in layers)
        if judged is not None:
            learn(read_time, judged.times)
        unread = None if own or judged is None else judged.unread
        preset = assemble(key[0], layers, folders, key[1], unread, only_own=judged is not None)
        if has_errors(preset.findings):
            raise FindingsError(preset.findings)
        # A preset made by replacing parts of another has no digest and is not judged.
        object.__setattr__(preset, "digest", digest)
        object.__setattr__(preset, "judged", unread is not None)
        keep(digest, preset)
    learn(read_time, preset.times)
    return preset


# --- judged by the tests ----------------------------------------------------------------------------------------------


class Judgement(NamedTuple):
    """The results of reading and judging a bundled kind besides its (no) findings: see :attr:`Preset.unread`, ``times``."""

    unread: tuple[str, ...]
    times: Mapping[str, Time]


def judgement(layers: Sequence[Layer]) -> Judgement | None:
    """Return the results of the tests for layers that are those of a bundled kind; None for all others and edited files."""
    path = data_folder("presets") / JUDGED
    if not path.is_file():
        return None
    kept = json.loads(path.read_bytes())
    unread = kept["unread"].get(stamp_of(layers))
    if unread is None:
        return None
    return Judgement(tuple(unread), {text: Time(**parts) for text, parts in kept["times"].items()})


def stamp_of(layers: Sequence[Layer]) -> str:
    """Return the digests of the layers of a kind, by which :data:`JUDGED` knows it."""
    return " ".join([layer.stamp() for layer in layers])


def judged_as_text(presets: Mapping[str, Preset]) -> str:
    """Return the content of :data:`JUDGED` for presets without findings, by their stamps; for the test that writes it."""
    usual = Time("")
    names = [field.name for field in fields(Time)]
    times = {
        text: {name: value for name in names if (value := getattr(time, name)) != getattr(usual, name)}
        for preset in presets.values()
        for text, time in preset.times.items()
    }
    parts = (("unread", {stamp: preset.unread for stamp, preset in presets.items()}), ("times", times))
    lines = [
        ",\n".join(f" {_json(key)}: {_json(value)}" for key, value in part.items()).join((f'"{name}": {{\n', "\n}"))
        for name, part in parts
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
