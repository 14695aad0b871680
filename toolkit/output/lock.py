"""One run at a time in a folder or at a file: a lock that the kernel frees when its process ends, killed or not."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.core.findings import FileError

#: Open lock files of this process.
_held: set[int] = set()

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        """Lock an open file; return False if another handle has it locked."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    #: Answers of a file system that has no locks; nothing keeps two runs apart there.
    _NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)

    def _take(handle: int) -> bool:
        """Lock an open file; return False if another handle has it locked."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return True

    def _forget() -> None:
        """Close the parent's locks in a forked worker, which would hold them when the parent is killed."""
        while _held:
            os.close(_held.pop())

    os.register_at_fork(after_in_child=_forget)


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold ``state/lock`` while the block runs. Raises FileError if another run holds it; OSError if the disk refuses."""
    with locked_by(state / "lock", f"这个文件夹：{state.parent}"):
        yield


@contextmanager
def locked_by(path: Path, target: str) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs, then remove it. A file that a killed run left does not count.

    ``target`` names in the message what is being written. Raises FileError if another run holds the lock; OSError if
    the disk refuses.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    _held.add(handle)
    owned = False
    try:
        owned = _take(handle) and _is_at(path, handle)
        if not owned:
            hint = f"请等它结束再运行；如果确定没有在运行，请删除 {path}"
            raise FileError(f"另一个程序正在写入{target}", hint, code="locked")
        os.write(handle, f"{os.getpid()}\n".encode())  # for who looks; a full disk is known before anything is done
        yield
    finally:
        if handle in _held:  # not so where a forked worker unwinds
            _held.remove(handle)
            _remove(path, owned and os.name != "nt")  # while it is locked: later it may be another run's
            os.close(handle)
            _remove(path, owned and os.name == "nt")  # Windows removes no open file


def _is_at(path: Path, handle: int) -> bool:
    """Return False if the holder removed the file between our opening and our locking it."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _remove(path: Path, mine: bool) -> None:
    with suppress(OSError):
        if mine:
            path.unlink()
