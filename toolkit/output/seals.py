"""Seals: hashes that tell an edited file from a generated one."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib

_ENCRYPTED = 0x1


def seal(name: str, data: bytes) -> str:
    """Return ``sha256:…`` of a file's content.

    For ``.docx`` it covers the sorted part names and their uncompressed bytes, for ``.pdf`` the objects with their
    inflated streams, so that another compressor gives the same seal; for others, and for a package or PDF that is not
    built as ours are, the bytes themselves.
    """
    if name.lower().endswith(".docx"):
        try:
            return _parts_seal(data)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError):
            pass  # not a whole package any more, so certainly edited: any other hash will do
    if name.lower().endswith(".pdf"):
        from toolkit.pdf.seals import pdf_seal

        try:
            return pdf_seal(data)
        except ValueError:
            pass  # another program has written it
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _parts_seal(data: bytes) -> str:
    from toolkit.docx.template.packing import seal_of, sealed_part

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return seal_of(sealed_part(part, _read(package, part, data)) for part in sorted(package.namelist()))


def _read(package: zipfile.ZipFile, part: str, data: bytes) -> bytes:
    """Return a part. Those with the header of our own writer are inflated at once, in a third of zipfile's time."""
    info = package.getinfo(part)
    header = _local_header(info)
    begin = info.header_offset + len(header)
    if info.compress_type != zipfile.ZIP_DEFLATED or data[info.header_offset : begin] != header:
        return package.read(part)
    content = zlib.decompress(data[begin : begin + info.compress_size], -zlib.MAX_WBITS)
    if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
        raise zipfile.BadZipFile(part)
    return content


def _local_header(info: zipfile.ZipInfo) -> bytes:
    """Return the header that our writer puts before a part, with the flags of the directory."""
    name = info.orig_filename.encode()
    sizes = (info.CRC, info.compress_size, info.file_size, len(name), 0)
    flags = info.flag_bits & ~_ENCRYPTED
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, zipfile.ZIP_DEFLATED, 0, 0x21, *sizes) + name
