"""Faces: one font of a file, opened with HarfBuzz once per process, its tables and glyphs. Used by all other modules here."""

from __future__ import annotations

import functools
import hashlib
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz

from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.memo import remembered

#: A PDF name has at most 127 bytes (ISO 32000-1, annex C); a subset's tag and the name of the encoding are added to it.
_NAME_MAX = 63
#: ``OS/2.fsType``: embedding forbidden by the font's licence.
_RESTRICTED = 0x0002
#: Upper bound of a font file in bytes; the largest known CJK collections have about 120 MB.
_MAX_BYTES = 400_000_000
#: Subsets of a bundled CFF face after which HarfBuzz parses all its outlines at once. That takes about 100 ms and 20 MB,
#: and saves about 2 ms for each further subset; TrueType outlines need no parsing.
PREPARE_AFTER = 40
_COLLECTION, _SFNT = b"ttcf", (b"\0\1\0\0", b"OTTO", b"true")
_NEEDED = {"head", "hhea", "hmtx", "maxp", "cmap"}
#: CFF operators of a Top DICT: charset, and the one that only CID-keyed fonts have.
_CHARSET, _ROS = (15,), (12, 30)


class BrokenFont(ValueError):
    """A font file that cannot be used; the message is Chinese and gives the reason."""


@dataclass(frozen=True, eq=False, slots=True)
class Glyph:
    """The glyph that prints a character. Compared by identity: a face has one Glyph object per character.

    ``advance`` is in em. ``code`` is the two-byte code in a content stream, ``hex`` the same as four hexadecimal
    digits for ``<…> Tj``, ``entry`` its line in a ToUnicode map. ``face`` is None if no font has the character.
    """

    face: Face | None
    gid: int
    advance: float
    code: int
    char: str
    hex: str
    entry: str = ""


class Face:
    """One face of a font file; HarfBuzz maps the file and reads only the tables that are asked for. Raises BrokenFont.

    ``bundled`` faces are checked by the tests: no visible character has an empty outline, and a prepared face gives the
    same subsets as a fresh one.
    """

    def __init__(self, blob: uharfbuzz.Blob, data: memoryview, path: Path, index: int, bundled: bool = False) -> None:
        self.path, self.index, self.bundled = path, index, bundled
        self.tables = read_tables(data, index)
        self.hb = uharfbuzz.Face(blob, index)
        self.font = uharfbuzz.Font(self.hb)
        self.upem = self.hb.upem
        self.glyph_count = self.hb.glyph_count
        if not 16 <= self.upem <= 16384 or not 0 < self.glyph_count <= 65535:
            raise BrokenFont("数据表已损坏")
        self.is_cff = "CFF " in self.tables.where and "glyf" not in self.tables.where
        self._glyphs: dict[str, Glyph | None] = {}
        self._cuts = 0

    @functools.cached_property
    def name(self) -> str:
        """The PostScript name, in the characters that a PDF name takes without escape."""
        name = self.hb.get_name(uharfbuzz.OTNameIdPredefined.POSTSCRIPT_NAME) or self.path.stem
        plain = "".join(char for char in name if char.isascii() and (char.isalnum() or char in "-_."))
        return plain[:_NAME_MAX] or f"Font{self.index}"

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """Family, full and PostScript names in every language of the name table."""
        entries = [entry for entry in self.hb.list_names() if entry.name_id in (1, 4, 6, 16)]
        names = (self.hb.get_name(entry.name_id, entry.language) for entry in entries)
        return frozenset(name.strip() for name in names if name and name.strip())

    @functools.cached_property
    def regular(self) -> bool:
        """Whether the face is neither bold nor italic (``head.macStyle``)."""
        return not self.tables.table("head")[45] & 3

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of the whole file."""
        return hashlib.sha256(self.tables.data).hexdigest()

    @functools.cached_property
    def characters(self) -> frozenset[str]:
        """All characters of the cmap."""
        return frozenset(chr(code) for code in self.hb.unicodes)

    @functools.cached_property
    def cids(self) -> list[int] | None:
        """CID of each glyph of a CID-keyed CFF font; None for other fonts, where the code is the glyph number."""
        return cids(self.tables.table("CFF "), self.glyph_count) if self.is_cff else None

    @functools.cached_property
    def restricted(self) -> bool:
        """Whether the licence bits forbid embedding."""
        os2 = self.tables.table("OS/2")
        return len(os2) >= 10 and struct.unpack_from(">H", os2, 8)[0] & 0xF == _RESTRICTED

    def glyph(self, char: str) -> Glyph | None:
        """Return the glyph of a character; None if the face lacks it or has an empty outline for a visible character."""
        try:
            return self._glyphs[char]
        except KeyError:
            return self._glyphs.setdefault(char, self._find(char))  # another thread may have been first

    def _find(self, char: str) -> Glyph | None:
        gid = self.font.get_nominal_glyph(ord(char))
        if not gid or gid >= self.glyph_count:
            return None
        if not self.bundled and char.isprintable() and not char.isspace() and not draws(self.font, gid):
            return None
        code = self.cids[gid] if self.cids else gid
        advance = self.font.get_glyph_h_advance(gid) / self.upem
        unicode = char.encode("utf-16-be", "surrogatepass").hex().upper()
        return Glyph(self, gid, advance, code, char, f"{code:04X}", f"<{code:04X}> <{unicode}>")

    def subset_source(self) -> uharfbuzz.Face:
        """Return the face that HarfBuzz cuts subsets from: the prepared one if many were cut, which changes no byte."""
        if self._cuts < PREPARE_AFTER or not (self.bundled and self.is_cff):
            self._cuts += 1
            return self.hb
        return self._prepared

    @functools.cached_property
    def _prepared(self) -> uharfbuzz.Face:
        return uharfbuzz.subset_preprocess(self.hb)


def draws(font: uharfbuzz.Font, gid: int) -> bool:
    """Return whether a glyph of an opened font draws anything."""
    extents = font.get_glyph_extents(gid)
    return bool(extents and extents.width and extents.height)


def open_face(path: Path, index: int = 0, bundled: bool = False) -> Face:
    """Return a face; the same object until the file changes. Raises BrokenFont or OSError."""
    state = path.stat()
    return _open(path, index, bundled, state.st_size, state.st_mtime_ns)


@remembered(256, lasting=True)
def _open(path: Path, index: int, bundled: bool, size: int, _changed: int) -> Face:
    if not 12 <= size <= _MAX_BYTES:
        raise BrokenFont("文件是空的" if size < 12 else "文件太大，不像字体")
    return Face(uharfbuzz.Blob.from_file_path(str(path)), mapped(path), path, index, bundled)


def mapped(path: Path) -> memoryview:
    """Return a file's bytes, mapped into memory. Raises OSError, or ValueError for an empty file."""
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def broken(path: Path, error: BrokenFont) -> Finding:
    """Return the finding about a font file that cannot be used."""
    hint = "请换一个完好的 TTF、OTF 或者 TTC 字体文件，或者把它移出这个文件夹"
    return Finding("font_broken", Severity.ERROR, f"字体文件用不了：{error}", Place(str(path)), hint, subject=path.name)


@dataclass(frozen=True, slots=True)
class Tables:
    """The table directory of one face: tag → (offset, length), and the file's bytes."""

    data: memoryview
    where: dict[str, tuple[int, int]]

    def table(self, tag: str) -> memoryview:
        """Return a table without copying it; empty if there is none."""
        offset, length = self.where.get(tag, (0, 0))
        return self.data[offset : offset + length]


def face_count(data: bytes | memoryview) -> int:
    """Return the number of faces in a file. Raises BrokenFont if it is not a TrueType or OpenType file."""
    head = bytes(data[:12])
    if head[:4] in _SFNT:
        return 1
    if head[:4] != _COLLECTION or len(head) < 12:
        raise BrokenFont("不是 TrueType 或者 OpenType 字体文件")
    count = struct.unpack(">L", head[8:12])[0]
    if not 0 < count <= 64 or len(data) < 12 + 4 * count:
        raise BrokenFont("字体集的目录已损坏")
    return count


def read_tables(data: bytes | memoryview, index: int = 0) -> Tables:
    """Return the table directory of a face (OpenType 1.9). Raises BrokenFont if a needed table is missing or truncated."""
    view = memoryview(data)
    start = 0
    if bytes(view[:4]) == _COLLECTION:
        start = struct.unpack_from(">L", view, 12 + 4 * index)[0]
    if start + 12 > len(view) or bytes(view[start : start + 4]) not in _SFNT:
        raise BrokenFont("字体的目录已损坏")
    count = struct.unpack_from(">H", view, start + 4)[0]
    if start + 12 + 16 * count > len(view):
        raise BrokenFont("字体的目录已损坏")
    where = {}
    for number in range(count):
        tag, _sum, offset, length = struct.unpack_from(">4sLLL", view, start + 12 + 16 * number)
        if offset + length > len(view):
            raise BrokenFont("文件不完整，可能没有下载完")
        where[tag.decode("latin-1")] = (offset, length)
    if "CFF2" in where and "glyf" not in where:
        raise BrokenFont("是 CFF2 可变字体，PDF 不能嵌入")
    outlines = {"glyf", "loca"} <= set(where) or "CFF " in where
    if not outlines or not set(where) >= _NEEDED:
        raise BrokenFont("缺少必要的数据表" if outlines else "没有可用的轮廓（点阵字体或者彩色字体不能用）")
    if where["head"][1] < 54 or where["maxp"][1] < 6 or where["hhea"][1] < 36:
        raise BrokenFont("数据表已损坏")
    return Tables(view, where)


def cids(cff: bytes | memoryview, glyph_count: int) -> list[int] | None:
    """Return the CID of each glyph of a ``CFF`` table (Adobe Technical Note 5176); None if the font is not CID-keyed.

    Raises BrokenFont if the table makes no sense.
    """
    try:
        names_count = struct.unpack_from(">H", cff, cff[2])[0]
        top_index = _index_entry(cff, cff[2], names_count - 1)[1] if names_count else cff[2] + 2
        start, end = _index_entry(cff, top_index, 0)
        top = _dict(bytes(cff[start:end]))
        if _ROS not in top:
            return None
        return _charset(cff, top.get(_CHARSET, [0])[0], glyph_count)
    except (IndexError, struct.error) as error:
        raise BrokenFont("CFF 轮廓已损坏") from error


def _index_entry(cff: bytes | memoryview, at: int, number: int) -> tuple[int, int]:
    """Return start and end of an entry of the INDEX at ``at`` (section 5)."""
    count, size = struct.unpack_from(">HB", cff, at)
    if number >= count or not 1 <= size <= 4:
        raise IndexError(number)
    base = at + 3 + (count + 1) * size - 1
    entry = at + 3 + number * size
    start, end = (int.from_bytes(cff[entry + k * size : entry + (k + 1) * size], "big") for k in (0, 1))
    return base + start, base + end


def _dict(data: bytes) -> dict[tuple[int, ...], list[int]]:
    """Return operator → operands of a DICT (section 4); real numbers are read as 0."""
    entries: dict[tuple[int, ...], list[int]] = {}
    operands: list[int] = []
    at = 0
    while at < len(data):
        byte, size = data[at], 1
        if byte <= 21:
            size = 2 if byte == 12 else 1
            entries[tuple(data[at : at + size])], operands = operands, []
        elif byte == 30:
            while data[at + size] & 0xF != 0xF and data[at + size] >> 4 != 0xF:
                size += 1
            operands.append(0)
            size += 1
        elif byte in (28, 29):
            layout, size = (">h", 3) if byte == 28 else (">l", 5)
            operands += struct.unpack_from(layout, data, at + 1)
        elif byte <= 246:
            operands.append(byte - 139)
        else:
            high = (byte - 247) * 256 + 108 if byte <= 250 else (251 - byte) * 256 - 108
            operands.append(high + data[at + 1] if byte <= 250 else high - data[at + 1])
            size = 2
        at += size
    return entries


def _charset(cff: bytes | memoryview, at: int, glyph_count: int) -> list[int]:
    """Return the CIDs of the charset at ``at`` (section 13); 0 to 2 are predefined charsets, which CID-keyed fonts never use."""
    if at <= 2:
        return list(range(glyph_count))
    kind = cff[at]
    at += 1
    if kind == 0:
        return [0, *struct.unpack_from(f">{glyph_count - 1}H", cff, at)]
    if kind > 2:
        raise IndexError(kind)
    row = struct.Struct(">HB" if kind == 1 else ">HH")
    result = [0]
    while len(result) < glyph_count:
        first, left = row.unpack_from(cff, at)
        result.extend(range(first, first + left + 1))
        at += row.size
    return result[:glyph_count]
