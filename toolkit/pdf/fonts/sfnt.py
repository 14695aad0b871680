"""Facts of a font file that HarfBuzz does not report: missing or damaged tables, and the CIDs of CFF glyphs.

Used by ``faces``, ``own`` and ``embedding``. Formats: OpenType 1.9 (table directory, ``head``, ``OS/2``) and
Adobe Technical Note 5176 (CFF).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_COLLECTION, _SFNT = b"ttcf", (b"\0\1\0\0", b"OTTO", b"true")
_NEEDED = {"head", "hhea", "hmtx", "maxp", "cmap"}
#: CFF operators of a Top DICT: charset, and the one that only CID-keyed fonts have.
_CHARSET, _ROS = (15,), (12, 30)


class BrokenFont(ValueError):
    """A font file that cannot be used; the message is Chinese and gives the reason."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The table directory of one face: tag → (offset, length), and the file's bytes."""

    data: memoryview
    where: dict[str, tuple[int, int]]

    def table(self, tag: str) -> bytes:
        """Return a table's bytes; empty if there is none."""
        return bytes(self.view(tag))

    def view(self, tag: str) -> memoryview:
        """Return a table without copying it."""
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
    """Return the table directory of a face. Raises BrokenFont if a table needed for printing is missing or truncated."""
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
    """Return the CID of each glyph of a ``CFF`` table, or None if the font is not CID-keyed.

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
