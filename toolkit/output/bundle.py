"""A set as one zip, or as a new folder: written apart and put in place by one rename."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from toolkit.core import zips
from toolkit.core.findings import Refused
from toolkit.output.disk import file_errors, replace, write_whole
from toolkit.output.journal import STATE, free_old_path
from toolkit.output.names_and_seals import seal
from toolkit.output.set_files import MANIFEST, sealed


def bundle(files: Mapping[str, bytes], manifest: Mapping[str, object]) -> bytes:
    """Return a zip of ``files`` and their manifest. Members are stored: what is inside is compressed already."""
    return _zipped({**files, MANIFEST: sealed(manifest, files)})


def _zipped(members: Mapping[str, bytes]) -> bytes:
    return zips.assemble(zips.stored(name, data) for name, data in members.items())


def put_bundle(path: Path, data: bytes, apart: Path, force: bool = False) -> bool:
    """Put a bundle at ``path``; return whether it was written (False: it is there already).

    One that was changed, or is none of ours, is refused; ``force`` moves it to ``.toolkit/旧`` first. ``apart`` is a name
    in a folder of the same disk. Raises Refused, FileError.
    """
    with file_errors("无法写入"):
        if path.exists():
            present = path.read_bytes()
            if present == data:
                return False
            if not _is_unchanged(present):
                if not force:
                    message = f"{path.name} 生成后被改过，或者不是本工具生成的，没有覆盖"
                    raise Refused(
                        message, "请换一个文件夹，或加 --force：先把原文件移到 .toolkit/旧/ 再写入", code="edited"
                    )
                replace(path, free_old_path(path.parent, path.name))
        try:
            write_whole(apart, data, flush=False)
            replace(apart, path)
        except BaseException:
            apart.unlink(missing_ok=True)
            raise
    return True


def _is_unchanged(data: bytes) -> bool:
    """Whether a zip is as it was written: the members of its manifest, with their seals, and nothing else."""
    try:
        members = zips.unpack(data, zips.ZIP)
        if data != _zipped(members):
            return False
        seals = {name: entry["seal"] for name, entry in json.loads(members.pop(MANIFEST))["files"].items()}
    except (zips.PackageError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return seals == {name: seal(name, content) for name, content in members.items()}


def put_new_folder(
    folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, object], base: Mapping[str, bytes], apart: Path
) -> bool:
    """Put a set at ``folder``, which must not exist; return False if it does (another run was quicker).

    The same files as :func:`toolkit.output.commit` writes into an empty folder, without flushing each. Raises FileError.
    """
    with file_errors("无法写入"):
        texts = {f"{STATE}/base/{name}": data for name, data in base.items()}
        try:
            (apart / STATE / "base").mkdir(parents=True)
            for name, data in {**files, **texts, MANIFEST: sealed(manifest, files)}.items():
                write_whole(apart / name, data, flush=False)
            if folder.exists():
                return False
            os.rename(apart, folder)
        except OSError:
            if folder.exists():
                return False
            raise
        finally:
            shutil.rmtree(apart, ignore_errors=True)
    return True
