"""Writes zip packages by hand, so that unchanged parts stay compressed bytes; used by all writers of DOCX.

The format is the plain zip of ISO/IEC 21320-1: deflate, no data descriptors, fixed timestamps
(1980-01-01 00:00, the zip epoch), ``[Content_Types].xml`` first and the rest sorted by name.
"""

from __future__ import annotations

import functools
import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

CONTENT_TYPES = "[Content_Types].xml"
#: ``wbits`` of a raw deflate stream, and isal's level (0 to 3).
_RAW = -15
_ISAL_LEVEL = 2

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5HL")
_OFFSET = struct.Struct("<L")
_END = struct.Struct("<4s4H2LH")
_DEFLATED = 8
_ZIP_EPOCH = 0x21
_UTF8_NAMES = 0x800
_MAX_SIZE = 0xFFFFFFFF
_UNPACKED_MAX = 100_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One compressed part, ready to be copied into a package.

    ``local`` is the local header with the data, ``central`` the central record without its last
    field (the offset) and the name.
    """

    name: str
    encoded: bytes
    local: bytes
    central: bytes

    def data(self) -> bytes:
        """Return the part's uncompressed bytes."""
        return zlib.decompress(self.raw(), _RAW)

    def raw(self) -> bytes:
        """Return the raw deflate stream."""
        return self.local[_LOCAL.size + len(self.encoded) :]


def entry(name: str, data: bytes, once: bool = False) -> Entry:
    """Compress ``data``: with zlib at its best if ``once``, else with the quickest deflate installed.

    So the bytes of a document are the same on one installation, its uncompressed parts on any.
    """
    if once:
        return raw_entry(name, best_deflate(data), zlib.crc32(data), len(data))
    deflate, crc = quick()
    return raw_entry(name, deflate(data), crc(data), len(data))


def best_deflate(data: bytes) -> bytes:
    """Return a raw deflate stream made by zlib at level 9."""
    stream = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    return stream.compress(data) + stream.flush()


@functools.cache
def quick() -> tuple[Callable[[bytes], bytes], Callable[[bytes], int]]:
    """Return deflate and CRC-32 of isal if it is installed (the extra ``fast``), else zlib's at level 6."""
    try:
        from isal import isal_zlib
    except ImportError:
        return _zlib_deflate, zlib.crc32
    return (lambda data: isal_zlib.compress(data, _ISAL_LEVEL, _RAW)), isal_zlib.crc32


def _zlib_deflate(data: bytes) -> bytes:
    return zlib.compress(data, 6, _RAW)


def raw_entry(name: str, raw: bytes, crc: int, size: int) -> Entry:
    """Wrap an existing raw deflate stream of ``size`` uncompressed bytes."""
    encoded = name.encode()
    flags = 0 if name.isascii() else _UTF8_NAMES
    shared = (20, flags, _DEFLATED, 0, _ZIP_EPOCH, crc, len(raw), size, len(encoded), 0)
    local = _LOCAL.pack(b"PK\3\4", *shared)
    central = _CENTRAL.pack(b"PK\1\2", 20, *shared, 0, 0, 0, 0)
    return Entry(name, encoded, local + encoded + raw, central)


def order(name: str) -> tuple[bool, str]:
    """Return the sort key of a part name in a package."""
    return (name != CONTENT_TYPES, name)


def assemble(entries: Iterable[Entry]) -> bytes:
    """Return the package of ``entries``, in the order given (see :func:`order`). Raises ValueError above 4 GiB."""
    out: list[bytes] = []
    records: list[bytes] = []
    offset = 0
    pack_offset = _OFFSET.pack
    for item in entries:
        out.append(item.local)
        records.append(item.central + pack_offset(offset) + item.encoded)
        offset += len(item.local)
    size = sum(map(len, records))
    if offset + size > _MAX_SIZE:
        raise ValueError("package larger than 4 GiB")
    end = _END.pack(b"PK\5\6", 0, 0, len(records), len(records), size, offset, 0)
    return b"".join((*out, *records, end))


def sealed_part(name: str, data: bytes) -> bytes:
    """Return the contribution of a part to the seal of its package (see :func:`seal_of`)."""
    return f"{len(name.encode())} {name} {len(data)}\n".encode() + data


def seal_of(pieces: Iterable[bytes]) -> str:
    """Return the seal of a package from its parts sorted by name, each as :func:`sealed_part`, whatever the compressor."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return "parts:" + digest.hexdigest()


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Return a package of ``parts`` at the highest compression, in canonical order."""
    return assemble(entry(name, parts[name], once=True) for name in sorted(parts, key=order))


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the parts of a zip package.

    Raises ``zipfile.BadZipFile`` (also for damaged data, and above 100 MB unpacked), ``NotImplementedError`` or ``RuntimeError``
    (unknown or encrypted storage).
    """
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _UNPACKED_MAX:
                raise zipfile.BadZipFile("too large unpacked")
            return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    except (zlib.error, EOFError) as error:
        raise zipfile.BadZipFile(str(error)) from error
