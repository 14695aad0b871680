"""Reads and writes zip packages (DOCX, XLSX, ODS, sets as one zip); used wherever a package is opened or made.

Written packages are the plain zip of ISO/IEC 21320-1: deflated or stored, no data descriptors, fixed timestamps (1980-01-01
00:00, the zip epoch); parts that never change stay compressed bytes. Packages that are read may come from anywhere: one
:class:`Bound` limits each of them, and no part is unpacked further than the size that its directory states.
"""

from __future__ import annotations

import functools
import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from toolkit.core.findings import FileError

CONTENT_TYPES = "[Content_Types].xml"
#: Beginning of a compound file (MS-CFB): older Office files, and newer ones with a password.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: ``wbits`` of a raw deflate stream, and libdeflate's level (0 to 12).
_RAW = -15
_LEVEL = 1

#: Records of the format (APPNOTE 4.3): local header, central header with and without the offset, end of the directory.
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5HL")
_HEADER = struct.Struct("<8xHH4xLLLHHH8xL")
_LOCAL_READ = struct.Struct("<4s22xHH")
_OFFSET = struct.Struct("<L")
_END = struct.Struct("<4s4H2LH")
_STORED, _DEFLATED = 0, 8
_ZIP_EPOCH = 0x21
_ENCRYPTED, _UTF8_NAMES = 0x1, 0x800
_MAX_SIZE = 0xFFFFFFFF
#: A name that leaves the package: absolute, with a drive, with a step upwards, cut by NUL.
_UNSAFE = re.compile(r"[/\\]|[A-Za-z]:|.*(?:\0|(?:^|[/\\])\.\.(?:[/\\]|$))", re.DOTALL)
#: Bytes that :func:`verify` unpacks at a time.
_CHUNK = 1 << 20


class Bound(NamedTuple):
    """The bounds of a package from outside: ``label`` and ``hint`` are the words of its errors.

    ``parts`` is the highest count, ``size`` the highest sum of unpacked bytes. A part above ``ratio_from`` bytes must not
    unpack to more than ``ratio`` times its packed bytes (XML rarely shrinks to less than a hundredth).
    """

    label: str
    hint: str
    size: int = 100 * 1024 * 1024
    parts: int = 2000
    ratio: int = 200
    ratio_from: int = 1024 * 1024


DOCX = Bound("DOCX", "请用 Word 或 WPS 另存为 .docx")
XLSX = Bound("XLSX", "请用表格软件打开，另存为 .xlsx（不设密码）再试", 1_000_000_000)
ZIP = Bound("ZIP", "请重新生成，或者重新下载", 1_000_000_000)
#: An archive of files that somebody handed in: some hundred forms, a set.
HANDED_IN = Bound("ZIP", "请重新压缩（不设密码），或者解压以后一份一份交", 200 * 1024 * 1024, 1000)
#: Beginnings of the names of files and folders that systems leave in an archive.
_LEFT_IN_ARCHIVES = (".", "~$", "__MACOSX")


class PackageError(FileError):
    """A package that is damaged, unsafe or too large; ``reason`` says in a few Chinese words why."""

    def __init__(self, bound: Bound, reason: str) -> None:
        super().__init__(f"不是可用的 {bound.label} 文件", bound.hint, f"{bound.label.lower()}_broken")
        self.reason = reason


def reason_of(error: Exception) -> str:
    """Return why a file cannot be used: the reason of a :class:`PackageError`, else the name of the exception."""
    return error.reason if isinstance(error, PackageError) else type(error).__name__


class TooLarge(PackageError):
    """A package that would unpack to more than its :class:`Bound`."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound, "解压后过大")
        self.message, self.hint = f"{bound.label} 解压后过大，不予读取", "请分成几份，或者把里面的图片缩小"
        self.args, self.code = (self.message,), f"{bound.label.lower()}_too_large"


# --- reading ----------------------------------------------------------------------------------------------------------


class Record(NamedTuple):
    """A part in a package's directory; ``start`` is where its ``packed`` bytes begin, ``size`` that of the unpacked bytes."""

    method: int
    crc: int
    packed: int
    size: int
    start: int


#: A central header: name, flags, method, CRC-32, packed and unpacked size, offset, and the name in bytes.
_Header = tuple[str, int, int, int, int, int, int, bytes]


def directory(data: bytes, bound: Bound = DOCX) -> dict[str, Record]:
    """Return the parts of a package by name, in the order of its directory; nothing is unpacked.

    Raises :class:`PackageError` for one that is damaged, encrypted or packed in an unknown way, that names a part twice or
    outside of it, whose parts overlap; :class:`TooLarge` for one that states more than ``bound``.
    """
    headers = _headers(data, bound)
    if len(headers) > bound.parts or sum(header[5] for header in headers) > bound.size:
        raise TooLarge(bound)
    records: dict[str, Record] = {}
    extents: list[tuple[int, int]] = []
    for name, flags, method, crc, packed, size, offset, raw in headers:
        if flags & _ENCRYPTED:
            raise PackageError(bound, "设了密码")
        if method not in (_STORED, _DEFLATED):
            raise PackageError(bound, "压缩方法不认识")
        if name in records:
            raise PackageError(bound, "有重名的部件")
        if _UNSAFE.match(name):
            raise PackageError(bound, "部件的名称不安全")
        if size > bound.ratio_from and size > bound.ratio * max(packed, 1):
            raise TooLarge(bound)
        start = _start(data, offset, raw)
        if start + packed > len(data):
            raise PackageError(bound, "不完整")
        extents.append((offset, start + packed))
        records[name] = Record(method, crc, packed, size, start)
    extents.sort()
    if any(end > following for (_, end), (following, _) in zip(extents, extents[1:], strict=False)):
        raise PackageError(bound, "部件互相重叠")
    return {name: record for name, record in records.items() if not name.endswith("/")}


def names(data: bytes) -> list[str]:
    """Return the names in the directory of any ZIP archive, by which its kind is known. Raises :class:`PackageError`."""
    return [header[0] for header in _headers(data, DOCX)]


def _headers(data: bytes, bound: Bound) -> list[_Header]:
    headers = _plain_headers(data)
    return _other_headers(data, bound) if headers is None else headers


def _start(data: bytes, offset: int, name: bytes) -> int:
    """Return where the packed bytes of a part begin; behind the end for one without a local header of the same name."""
    if not 0 <= offset <= len(data) - _LOCAL.size:
        return len(data) + 1
    signature, length, extra = _LOCAL_READ.unpack_from(data, offset)
    begin = offset + _LOCAL.size
    if signature != b"PK\3\4" or data[begin : begin + length] != name:
        return len(data) + 1
    return begin + length + extra


def _plain_headers(data: bytes) -> list[_Header] | None:
    """Read the directory in one go (a quarter of the time of :mod:`zipfile`); None unless it is plain.

    Plain: no comment, nothing in front, no Zip64, names in UTF-8.
    """
    end = len(data) - _END.size
    if end < 0 or not data.startswith(b"PK\5\6", end):
        return None
    _, _, _, _, count, size, at, comment = _END.unpack_from(data, end)
    if at + size != end or comment or not 0 < count < 0xFFFF:
        return None
    headers = []
    for _ in range(count):
        if at + _HEADER.size > end or not data.startswith(b"PK\1\2", at):
            return None
        flags, method, crc, packed, unpacked, length, extra, comment, offset = _HEADER.unpack_from(data, at)
        raw = data[at + _HEADER.size : at + _HEADER.size + length]
        if _MAX_SIZE in (packed, unpacked, offset) or not (raw.isascii() or flags & _UTF8_NAMES):
            return None
        try:
            headers.append((raw.decode(), flags, method, crc, packed, unpacked, offset, raw))
        except UnicodeDecodeError:
            return None
        at += _HEADER.size + length + extra + comment
    return headers if at == end else None


def _other_headers(data: bytes, bound: Bound) -> list[_Header]:
    """Read the directory of any package: with a comment, with something in front, in Zip64, with names in code page 437."""
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error) as error:
        raise PackageError(bound, "不完整，或者不是压缩包") from error
    headers = []
    for info in infos:
        name, flags = info.orig_filename, info.flag_bits
        raw = name.encode("utf-8" if flags & _UTF8_NAMES else "cp437")
        sizes = (info.CRC, info.compress_size, info.file_size, info.header_offset)
        headers.append((name, flags, info.compress_type, *sizes, raw))
    return headers


def part(data: bytes, record: Record, bound: Bound = DOCX) -> bytes:
    """Return a part of a package, unpacked to at most one byte more than its stated size. Raises :class:`PackageError`."""
    packed = data[record.start : record.start + record.packed]
    content = codec().inflate(packed, record.size) if record.method == _DEFLATED else packed
    if content is None or len(content) != record.size or codec().crc32(content) != record.crc:
        raise PackageError(bound, "内容已损坏")
    return content


def unpack(data: bytes, bound: Bound = DOCX) -> dict[str, bytes]:
    """Return all parts of a package by name, in the order of its directory. Raises :class:`PackageError`."""
    return {name: part(data, record, bound) for name, record in directory(data, bound).items()}


def handed_in(data: bytes, bound: Bound = HANDED_IN) -> dict[str, bytes]:
    """Return the files of an archive that somebody handed in, by readable name, without files that systems leave in one.

    Raises :class:`PackageError`.
    """
    found: dict[str, bytes] = {}
    for name, record in directory(data, bound).items():
        shown = readable_name(name).replace("\\", "/")
        if not any(step.startswith(_LEFT_IN_ARCHIVES) for step in shown.split("/")):
            found[shown] = part(data, record, bound)
    return found


def readable_name(name: str) -> str:
    """Return a name that was read in code page 437 though it is UTF-8 or GBK, as archives of Chinese systems have it."""
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name  # its directory said that it is UTF-8
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def verify(data: bytes, bound: Bound) -> dict[str, Record]:
    """Return the directory of a package after checking every part against it, before another library reads the package.

    Unpacks every part without keeping it. Raises :class:`PackageError`.
    """
    records = directory(data, bound)
    for record in records.values():
        if record.size <= _CHUNK:
            part(data, record, bound)
        else:
            _verify(data, record, bound)
    return records


def _verify(data: bytes, record: Record, bound: Bound) -> None:
    crc = codec().crc32
    content = data[record.start : record.start + record.packed]
    stream, seen, size = zlib.decompressobj(_RAW), 0, 0
    try:
        while content and size <= record.size:
            chunk = stream.decompress(content, _CHUNK) if record.method == _DEFLATED else content
            content = stream.unconsumed_tail
            seen, size = crc(chunk, seen), size + len(chunk)
        chunk = stream.flush()  # the rest of a match whose bytes were all read
        seen, size = crc(chunk, seen), size + len(chunk)
    except zlib.error as error:
        raise PackageError(bound, "内容已损坏") from error
    if size != record.size or seen != record.crc:
        raise PackageError(bound, "内容已损坏")


# --- writing ----------------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """One compressed part, ready to be copied into a package.

    ``local`` is the local header with the data, ``central`` the central header without its last field (the offset) and the
    name.
    """

    name: str
    encoded: bytes
    local: bytes
    central: bytes

    def data(self) -> bytes:
        """Return the uncompressed bytes of a deflated part."""
        return zlib.decompress(self.raw(), _RAW)

    def raw(self) -> bytes:
        """Return the part as it is stored."""
        return self.local[_LOCAL.size + len(self.encoded) :]


def entry(name: str, data: bytes, once: bool = False) -> Entry:
    """Compress ``data``: with zlib at its best if ``once``, else with the quickest deflate installed.

    So the bytes of a document are the same on one installation, its parts on any.
    """
    if once:
        return raw_entry(name, best_deflate(data), zlib.crc32(data), len(data))
    deflate = codec().deflate
    return raw_entry(name, deflate(data), codec().crc32(data), len(data))


def stored(name: str, data: bytes) -> Entry:
    """Return a part that is stored without compression, for data that is compressed already."""
    return raw_entry(name, data, codec().crc32(data), len(data), _STORED)


def best_deflate(data: bytes) -> bytes:
    """Return a raw deflate stream made by zlib at level 9."""
    stream = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    return stream.compress(data) + stream.flush()


class Codec(NamedTuple):
    """The library that compresses and checks.

    ``inflate`` takes a raw deflate stream and its unpacked size in bytes; it returns None for a damaged or a longer one.
    """

    deflate: Callable[[bytes], bytes]
    inflate: Callable[[bytes, int], bytes | None]
    crc32: Callable[..., int]
    adler32: Callable[..., int]


@functools.cache
def codec() -> Codec:
    """Return libdeflate's functions if it is installed (the extra ``fast``), else those of zlib, at level 6.

    Both give the same bytes in every process and on every processor (that of ISA-L, quicker still, does not: about one process
    in two thousand gets other matches).
    """
    try:
        import deflate
    except ImportError:
        return ZLIB

    def compress(data: bytes) -> bytes:
        return bytes(deflate.deflate_compress(data, _LEVEL))

    def inflate(content: bytes, size: int) -> bytes | None:
        try:
            return bytes(deflate.deflate_decompress(content, size))
        except deflate.DeflateError:
            return None

    return Codec(compress, inflate, deflate.crc32, deflate.adler32)


def _zlib_inflate(content: bytes, size: int) -> bytes | None:
    stream = zlib.decompressobj(_RAW)
    try:
        plain = stream.decompress(content, size + 1)
    except zlib.error:
        return None
    return plain if len(plain) <= size else None


#: The codec of every installation.
ZLIB = Codec(lambda data: zlib.compress(data, 6, _RAW), _zlib_inflate, zlib.crc32, zlib.adler32)


def raw_entry(name: str, raw: bytes, crc: int, size: int, method: int = _DEFLATED) -> Entry:
    """Wrap an existing raw deflate stream (or stored bytes) of ``size`` uncompressed bytes."""
    encoded = name.encode()
    flags = 0 if name.isascii() else _UTF8_NAMES
    shared = (20, flags, method, 0, _ZIP_EPOCH, crc, len(raw), size, len(encoded), 0)
    local = _LOCAL.pack(b"PK\3\4", *shared)
    central = _CENTRAL.pack(b"PK\1\2", 20, *shared, 0, 0, 0, 0)
    return Entry(name, encoded, local + encoded + raw, central)


def order(name: str) -> tuple[bool, str]:
    """Sort key of part names in a package: the content types first, the rest by name."""
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


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Return a package of ``parts`` at the highest compression, in canonical order."""
    return assemble(entry(name, parts[name], once=True) for name in sorted(parts, key=order))


def sealed_part(name: str, data: bytes) -> bytes:
    """Return the contribution of a part to the seal of its package (see :func:`seal_of`)."""
    return f"{len(name.encode())} {name} {len(data)}\n".encode() + data


def seal_of(parts: Iterable[bytes]) -> str:
    """Return the seal of a package: of its parts by name, each as :func:`sealed_part`; another compressor gives the same."""
    digest = hashlib.sha256()
    for part_bytes in parts:
        digest.update(part_bytes)
    return "parts:" + digest.hexdigest()
