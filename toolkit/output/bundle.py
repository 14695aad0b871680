"""A set as one zip, or as a new folder: written apart and put in place by one rename."""

from __future__ import annotations

import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from toolkit.core.findings import Refused
from toolkit.output.disk import file_errors, replace, write_whole
from toolkit.output.file_names import free_name, same_name
from toolkit.output.journal import STATE
from toolkit.output.seals import seal
from toolkit.output.transaction import MANIFEST, sealed

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _UTF8_NAMES, _STORED, _ZIP_EPOCH = 20, 0x800, 0, 0x21
_MAX_SIZE = 0xFFFFFFFF


def bundle(files: Mapping[str, bytes], manifest: Mapping[str, object]) -> bytes:
    """Return a zip of ``files`` and their manifest. Members are stored: what is inside is compressed already."""
    from toolkit.docx.template.packing import quick

    members = {**files, MANIFEST: sealed(manifest, files)}
    _, crc = quick()
    out: list[bytes] = []
    records: list[bytes] = []
    offset = 0
    for name, data in members.items():
        encoded = name.encode()
        flags = 0 if name.isascii() else _UTF8_NAMES
        shared = (_VERSION, flags, _STORED, 0, _ZIP_EPOCH, crc(data), len(data), len(data), len(encoded), 0)
        out += (_LOCAL.pack(b"PK\3\4", *shared), encoded, data)
        records.append(_CENTRAL.pack(b"PK\1\2", _VERSION, *shared, 0, 0, 0, 0, offset) + encoded)
        offset += _LOCAL.size + len(encoded) + len(data)
    size = sum(map(len, records))
    if offset + size > _MAX_SIZE:
        raise ValueError("bundle larger than 4 GiB")
    end = _END.pack(b"PK\5\6", 0, 0, len(records), len(records), size, offset, 0)
    return b"".join((*out, *records, end))


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
            if not _is_unchanged(path):
                if not force:
                    message = f"{path.name} 生成后被改过，或者不是本工具生成的，没有覆盖"
                    raise Refused(
                        message, "请换一个文件夹，或加 --force：先把原文件移到 .toolkit/旧/ 再写入", code="edited"
                    )
                _set_aside(path)
        try:
            write_whole(apart, data, flush=False)
            replace(apart, path)
        except BaseException:
            apart.unlink(missing_ok=True)
            raise
    return True


def _is_unchanged(path: Path) -> bool:
    """Whether a zip is as it was written: its members are those of its manifest, with their seals."""
    import json

    try:
        with zipfile.ZipFile(path) as archive:
            if (
                archive.start_dir
                + sum(_CENTRAL.size + len(i.filename.encode()) for i in archive.infolist())
                + _END.size
                != path.stat().st_size
            ):
                return False
            entries = json.loads(archive.read(MANIFEST))["files"]
            names = {info.filename for info in archive.infolist()} - {MANIFEST}
            return names == set(entries) and all(
                seal(name, archive.read(name)) == entries[name]["seal"] for name in names
            )
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ):
        return False


def _set_aside(path: Path) -> None:
    old = path.parent / STATE / "旧"
    old.mkdir(parents=True, exist_ok=True)
    replace(path, old / free_name(path.name, {same_name(name) for name in os.listdir(old)}))


def put_new_folder(
    folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, object], base: Mapping[str, bytes], apart: Path
) -> bool:
    """Put a set at ``folder``, which must not exist; return False if it does (another run was quicker).

    The same files as :func:`toolkit.output.commit` writes into an empty folder, without flushing each. Raises FileError.
    """
    with file_errors("无法写入"):
        try:
            (apart / STATE / "base").mkdir(parents=True)
            for name, data in files.items():
                write_whole(apart / name, data, flush=False)
            for name, data in base.items():
                write_whole(apart / STATE / "base" / name, data, flush=False)
            write_whole(apart / MANIFEST, sealed(manifest, files), flush=False)
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
