"""The few disk operations of this package, with errors in plain Chinese (exit code 3)."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from toolkit.errors import FileError

_REASONS = {
    errno.ENOSPC: ("磁盘已满", "请清理磁盘或换一个文件夹再运行"),
    errno.EDQUOT: ("磁盘配额已用完", "请清理磁盘或换一个文件夹再运行"),
    errno.EFBIG: ("文件超过允许的大小", "请换一个文件夹再运行"),
    errno.EROFS: ("磁盘是只读的", "请换一个可以写入的文件夹"),
    errno.EACCES: ("没有写入权限", "请换一个可以写入的文件夹，或关闭占用它的程序"),
    errno.EPERM: ("没有写入权限", "请换一个可以写入的文件夹，或关闭占用它的程序"),
    errno.ENOTDIR: ("路径中有一段是文件，不是文件夹", "请换一个文件夹"),
    errno.EEXIST: ("同名的文件已存在，不是文件夹", "请换一个文件夹"),
    errno.ENAMETOOLONG: ("路径太长", "请换一个更短的文件夹"),
    errno.ENOENT: ("找不到文件或文件夹", "请检查路径"),
    errno.EIO: ("磁盘读写出错", "请检查磁盘"),
}


@contextmanager
def file_errors(what: str) -> Iterator[None]:
    """Turn an OSError into a FileError whose message begins with ``what`` and the path."""
    try:
        yield
    except OSError as error:
        reason, hint = _REASONS.get(error.errno or 0, ("读写出错", "请检查路径和磁盘"))
        path = f"{error.filename2 or error.filename or ''}"
        raise FileError(f"{what}：{path}{'：' if path else ''}{reason}", hint, code="disk") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write and flush to the disk; raises OSError."""
    with open(path, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


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
    return FileError(f"请先关闭{names}", "文件正在 Word、WPS 等程序中打开，或没有写入权限；关闭后再运行一次", code="open")
