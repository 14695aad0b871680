"""Single files that a user asks for by name: whole or not at all, and never over other content unless that is allowed."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.core.findings import Refused, UsageError
from toolkit.output import disk


def save(path: Path, data: bytes, force: bool = False) -> None:
    """Write a file. Raises UsageError for a folder, Refused for a file with other content, FileError for the disk."""
    with disk.file_errors("不能写入"):
        if path.is_dir():
            raise UsageError(f"{path} 是文件夹", "请写明文件名")
        if path.exists() and not force:
            if path.read_bytes() == data:
                return
            raise Refused(f"{path} 已存在，内容不同，不会覆盖", "请换一个文件名，或者加上 --force", code="exists")
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            disk.write_whole(staged, data)
            disk.replace(staged, path)
        finally:
            staged.unlink(missing_ok=True)


def need_new(path: Path) -> None:
    """Raise Refused for a file that exists."""
    if path.exists() or path.is_symlink():
        raise _exists(path)


def save_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet; on failure nothing of it is left. Raises Refused, OSError."""
    try:
        with open(path, "xb") as stream:
            try:
                stream.write(data)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise _exists(path) from error


def _exists(path: Path) -> Refused:
    return Refused(f"{path} 已存在，不会覆盖", "请换一个文件名，或先把它移走", code="exists")
