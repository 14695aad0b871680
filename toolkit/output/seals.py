"""Seals: hashes that tell an edited file from a generated one."""

from __future__ import annotations

import hashlib

from toolkit.core import zips


def seal(name: str, data: bytes) -> str:
    """Return ``sha256:…`` of a file's content.

    For ``.docx`` it covers the sorted part names and their uncompressed bytes, for ``.pdf`` the objects with their
    inflated streams, so that another compressor gives the same seal; for others, and for a package or PDF that is not
    built as ours are, the bytes themselves.
    """
    if name.lower().endswith(".docx"):
        try:
            return _parts_seal(data)
        except zips.PackageError:
            pass  # not a whole package any more, so certainly edited: any other hash will do
    if name.lower().endswith(".pdf"):
        from toolkit.pdf.seals import pdf_seal

        try:
            return pdf_seal(data)
        except ValueError:
            pass  # another program has written it
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _parts_seal(data: bytes) -> str:
    records = zips.directory(data)
    return zips.seal_of(zips.sealed_part(name, zips.part(data, records[name])) for name in sorted(records))
