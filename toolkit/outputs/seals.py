"""Seals: hashes that tell an edited file from a generated one."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib


def seal(name: str, data: bytes) -> str:
    """Return ``sha256:…`` of a file's content.

    For ``.docx`` it covers the sorted part names and their uncompressed bytes, so that another
    compressor gives the same seal; for others, and for a broken zip, the bytes themselves.
    """
    if name.lower().endswith(".docx"):
        try:
            return _parts_seal(data)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
            pass  # not a whole package any more, so certainly edited: any other hash will do
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _parts_seal(data: bytes) -> str:
    digest = hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for part in sorted(package.namelist()):
            content = package.read(part)
            digest.update(f"{len(part.encode())} {part} {len(content)}\n".encode())
            digest.update(content)
    return "parts:" + digest.hexdigest()
