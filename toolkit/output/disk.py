"""The few disk operations of this package, with errors in plain Chinese (exit code 3)."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit.core.findings import FileError, explain


@contextmanager
def file_errors(what: str) -> Iterator[None]:
    """Turn what the system refuses into a FileError whose message begins with ``what`` and the path."""
    try:
        yield
    except OSError as error:
        reason, hint = explain(error)
        path = f"{error.filename2 or error.filename or ''}"
        raise FileError(f"{what}：{path}{'：' if path else ''}{reason}", hint, code="disk") from error
    except UnicodeEncodeError as error:
        reason = f"这里的语言环境（{error.encoding}）不能用中文文件名"
        raise FileError(f"{what}：{reason}", "请设置环境变量 PYTHONUTF8=1 再运行", code="disk") from error


def write_whole(path: Path, data: bytes, flush: bool = True) -> None:
    """Write and flush to the disk; raises OSError."""
    with open(path, "wb") as stream:
        stream.write(data)
        if flush:
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
    return FileError(
        f"请先关闭{names}", "文件正在 Word、WPS 等程序中打开，或没有写入权限；关闭后再运行一次", code="open"
    )
