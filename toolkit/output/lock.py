"""One run at a time in a folder: a lock file made with ``O_EXCL``; no fcntl, so that Windows works alike."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.core.findings import FileError


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold ``state/lock`` while the block runs. A lock whose process is gone is taken over.

    Raises FileError if another run holds it; OSError if the disk refuses.
    """
    path = state / "lock"
    if not _create(path):
        _take_over(state, path)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


def _create(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    try:
        with open(handle, "w", encoding="utf-8") as stream:
            json.dump(_owner(os.getpid()), stream)
    except BaseException:  # a full disk: an empty lock would outlive it
        with suppress(FileNotFoundError):
            os.unlink(path)
        raise
    return True


def _take_over(state: Path, path: Path) -> None:
    """Remove a stale lock and take it; a second lock file keeps two who take over apart."""
    guard = state / "lock.takeover"
    if not _create(guard):
        raise _busy(guard)
    try:
        if _alive(path):
            raise _busy(path)
        with suppress(FileNotFoundError):
            os.unlink(path)
        if not _create(path):
            raise _busy(path)
    finally:
        os.unlink(guard)


def _busy(path: Path) -> FileError:
    return FileError(
        f"另一个程序正在写入这个文件夹：{path.parent.parent}",
        f"请等它结束再运行；如果确定没有在运行，请删除 {path}",
        code="locked",
    )


def _owner(pid: int) -> dict:
    return {"pid": pid, "host": platform.node(), "started": _started(pid)}


def _started(pid: int) -> str:
    """Return the start time of a process where the system tells (a pid may be given out again)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _alive(path: Path) -> bool:
    """Return whether the process that made the lock may still run; one that stays half-written is stale."""
    owner = _read_owner(path)
    if owner is None:
        return False
    pid, host, started = owner
    if host != platform.node():
        return True
    if started != _started(pid):
        return False
    return _process_exists(pid)


def _read_owner(path: Path) -> tuple[int, str, str] | None:
    for pause in (0.05, 0.1, 0.2, 0.0):  # the owner may be between creating and writing it
        try:
            owner = json.loads(path.read_text(encoding="utf-8"))
            return int(owner["pid"]), owner["host"], owner["started"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, RecursionError):
            time.sleep(pause)
    return None


def _process_exists(pid: int) -> bool:
    if os.name == "nt":
        return _windows_process_exists(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _windows_process_exists(pid: int) -> bool:
    """``os.kill(pid, 0)`` would send a console event on Windows; ask the kernel instead."""
    import ctypes

    query_limited, still_active = 0x1000, 259
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(query_limited, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return bool(known) and code.value == still_active
