"""The disk: errors in plain Chinese (exit code 3), whole files, locks, single files that a user names. Used by all that writes.

A lock is one that the kernel frees when its process ends, killed or not.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from toolkit.core.findings import FileError, Refused, UsageError, explain

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: Answers of a file system that has no locks; nothing keeps two runs apart there.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
#: Files that are flushed at once.
_FLUSHERS = 8
#: Open lock files of this process.
_held: set[int] = set()


@contextmanager
def file_errors(what: str) -> Iterator[None]:
    """Turn an OSError into a FileError whose message begins with ``what`` and the path."""
    try:
        yield
    except OSError as error:
        reason, hint = explain(error)
        path = f"{error.filename2 or error.filename or ''}"
        raise FileError(f"{what}：{path}{'：' if path else ''}{reason}", hint, code="disk") from error
    except UnicodeEncodeError as error:
        reason = f"这里的语言环境（{error.encoding}）不能用中文文件名"
        raise FileError(f"{what}：{reason}", "请设置环境变量 PYTHONUTF8=1 再运行", code="disk") from error


def need_inside(folder: Path, names: Iterable[str]) -> None:
    """Raise FileError for a name that a link leads out of the folder, or that no file can have: it is not read or written."""
    root = os.path.realpath(folder)
    for name in names:
        if "\0" in name:
            raise FileError(f"{folder} 里记的文件名含有空字符", "请换一个文件夹", code="link")
        if _has_no_link(root, name):
            continue
        there = os.path.realpath(os.path.join(root, name))
        if there != root and not there.startswith(os.path.join(root, "")):
            message = f"{folder / name} 是通到文件夹外面的链接，没有读也没有写"
            raise FileError(message, "请把这个链接移走，或者换一个文件夹", code="link")


def _has_no_link(root: str, name: str) -> bool:
    """Whether a name below a real folder goes through no link: then it is inside, and the way to the folder is known.

    Never on Windows, where a folder can lead elsewhere without being a link.
    """
    path = root
    for part in name.split("/") if os.name == "posix" else ("",):
        path = f"{path}/{part}"
        try:
            if part in ("", ".", "..") or stat.S_ISLNK(os.lstat(path).st_mode):
                return False
        except OSError:
            return False
    return True


def read_inside(folder: Path, name: str) -> bytes:
    """Return a file of a folder. Raises FileError where a link leads out of it, OSError."""
    need_inside(folder, [name])
    return (folder / name).read_bytes()


def write_whole(path: Path, data: bytes, flush: bool = True) -> None:
    """Write and flush to the disk; raises OSError."""
    with open(path, "wb") as stream:
        stream.write(data)
        if flush:
            stream.flush()
            os.fsync(stream.fileno())


def flush_all(paths: Sequence[Path]) -> None:
    """Flush files to the disk, several at once: it takes them together, where one after the other each waits for it.

    Raises OSError when all have been tried.
    """
    failed: list[OSError] = []

    def flush(some: Sequence[Path]) -> None:
        for path in some:
            try:
                with open(path, "r+b") as stream:  # Windows flushes only files opened for writing
                    os.fsync(stream.fileno())
            except OSError as error:
                failed.append(OSError(error.errno, error.strerror, str(path)))

    threads = [threading.Thread(target=flush, args=(paths[first::_FLUSHERS],)) for first in range(_FLUSHERS)]
    for thread in threads[: len(paths)]:
        thread.start()
    for thread in threads[: len(paths)]:
        thread.join()
    if failed:
        raise failed[0]


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk where the system can (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot
            raise
    finally:
        os.close(handle)


def replace(source: Path, target: Path) -> None:
    """``os.replace``; a target that is open in Word gives a FileError that names it."""
    try:
        os.replace(source, target)
    except PermissionError as error:
        raise open_elsewhere([target]) from error


def open_elsewhere(paths: list[Path]) -> FileError:
    """Return the error for files that another program holds."""
    names = "".join(f"《{path.name}》" for path in paths)
    return FileError(
        f"请先关闭{names}", "文件正在 Word、WPS 等程序中打开，或没有写入权限；关闭后再运行一次", code="open"
    )


def _take(handle: int) -> bool:
    """Lock an open file; return False if another handle has it locked."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _forget() -> None:
    """Close the parent's locks in a forked worker, which would hold them when the parent is killed."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def locked(state: Path) -> AbstractContextManager[None]:
    """Hold ``state/lock`` while the block runs. Raises FileError if another run holds it; OSError if the disk refuses."""
    return locked_by(state / "lock", f"这个文件夹：{state.parent}")


@contextmanager
def locked_by(path: Path, target: str) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs, then remove it. A file that a killed run left does not count.

    ``target`` names the written thing in the message. Raises FileError if another run holds the lock; OSError if
    the disk refuses.
    """
    if path.is_symlink():
        raise FileError(f"{path} 是链接，不通过链接写入", "请把这个链接移走后再运行", code="link")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    _held.add(handle)
    owned = False
    try:
        if _take(handle):
            with suppress(FileNotFoundError):  # the holder removed the file between our opening and our locking it
                owned = os.path.samestat(os.stat(path), os.fstat(handle))
        if not owned:
            hint = f"请等它结束再运行；如果确定没有在运行，请删除 {path}"
            raise FileError(f"另一个程序正在写入{target}", hint, code="locked")
        os.write(handle, f"{os.getpid()}\n".encode())  # for who looks; a full disk is known before anything is done
        yield
    finally:
        if handle in _held:  # not so where a forked worker unwinds
            _held.remove(handle)
            with suppress(OSError):
                if owned and os.name != "nt":  # while it is locked: later it may be another run's
                    path.unlink()
            os.close(handle)
            with suppress(OSError):
                if owned and os.name == "nt":  # Windows removes no open file
                    path.unlink()


def save(path: Path, data: bytes, force: bool = False) -> None:
    """Write a single file whole or not at all; without ``force`` never over other content.

    Raises UsageError for a folder, Refused for a file with other content, FileError for the disk.
    """
    with file_errors("不能写入"):
        if path.is_dir():
            raise UsageError(f"{path} 是文件夹", "请写明文件名")
        if path.exists() and not force:
            _need_same(path, data)
            return
        with folders_made(path.parent):
            _save(path, data, force)


def _save(path: Path, data: bytes, force: bool) -> None:
    staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write_whole(staged, data)
        if force:
            replace(staged, path)
        else:
            _link(staged, path, data)
    except FileExistsError:  # another program was faster
        _need_same(path, data)
    finally:
        staged.unlink(missing_ok=True)


@contextmanager
def folders_made(folder: Path) -> Iterator[None]:
    """Make a folder with those above it; if the block fails, those that were made here go again, as far as they are empty."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for made in missing:
            with suppress(OSError):
                made.rmdir()
        raise


def _link(staged: Path, path: Path, data: bytes) -> None:
    """Put a finished file at a free path. Raises FileExistsError if the path is taken, OSError."""
    try:
        os.link(staged, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        _write_exclusively(path, data)


def _write_exclusively(path: Path, data: bytes) -> None:
    """Write a file at a free path; on failure nothing of it is left. Raises FileExistsError, OSError."""
    with open(path, "xb") as stream:
        try:
            stream.write(data)
            stream.flush()  # closing would write the buffer, and fail too late
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _need_same(path: Path, data: bytes) -> None:
    """Raise Refused for a file with other content."""
    if not path.is_file() or path.read_bytes() != data:
        raise Refused(f"{path} 已存在，内容不同，不会覆盖", "请换一个文件名，或者加上 --force", code="exists")


def need_new(path: Path) -> None:
    """Raise Refused for a file that exists."""
    if path.exists() or path.is_symlink():
        raise _exists(path)


def save_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet; on failure nothing of it is left. Raises Refused, OSError."""
    try:
        _write_exclusively(path, data)
    except FileExistsError as error:
        raise _exists(path) from error


def _exists(path: Path) -> Refused:
    return Refused(f"{path} 已存在，不会覆盖", "请换一个文件名，或先把它移走", code="exists")
