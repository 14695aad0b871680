"""Whole files or none, and never over other content unless told so."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.core.findings import Refused, UsageError


def save(path: Path, data: bytes, force: bool = False) -> None:
    """Write a file. Raises Refused for one that is there with other content, FileError for the disk."""
    from toolkit.output import disk

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
