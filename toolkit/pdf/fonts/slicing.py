"""Subsets by copying glyphs: TrueType outlines, and CID-keyed CFF fonts without subroutines (the bundled body face).

hb-subset plans over a whole face and interprets every charstring; here the cost grows with the glyphs taken only
(figures in ``docs/pdf.md``). What this cannot do it leaves to hb-subset. Formats: OpenType 1.9 (``glyf``, ``loca``, ``hmtx``)
and Adobe Technical Note 5176 (CFF).
"""

from __future__ import annotations

import functools
import struct
from array import array
from collections.abc import Iterator, Sequence
from sys import byteorder
from typing import TYPE_CHECKING

from toolkit.pdf.fonts import sfnt
from toolkit.pdf.fonts.sfnt import BrokenFont

if TYPE_CHECKING:
    from toolkit.pdf.fonts.faces import Face

#: Flags of a component (``glyf``, composite glyphs): words, scales, more to come, instructions.
_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO, _INSTRUCTIONS = 0x1, 0x8, 0x20, 0x40, 0x80, 0x100
_CHECKSUM = 0xB1B0AFBA
#: CFF operators: of a Top DICT, a Font DICT and a Private DICT.
_FONT_MATRIX, _CHARSTRINGS, _FD_ARRAY, _FD_SELECT = (12, 7), (17,), (12, 36), (12, 37)
_PRIVATE, _SUBRS = (18,), (19,)
#: First string number of a font's own strings.
_OWN_STRING = 391


def slice_glyf(face: Face, gids: frozenset[int]) -> tuple[bytes, dict[int, int]]:
    """Return a TrueType file with these glyphs and their components, and the new glyph numbers by old ones."""
    try:
        outlines = _outlines(face, gids)
        order = sorted(outlines)
        new = {gid: number for number, gid in enumerate(order)}
        glyf, ends = bytearray(), [0]
        for gid in order:
            data = outlines[gid]
            if len(data) >= 10 and data[0] & 0x80:
                data = _renumbered(data, new)
            glyf += data
            if len(glyf) & 1:
                glyf.append(0)
            ends.append(len(glyf))
        tables = {
            "glyf": bytes(glyf),
            "loca": struct.pack(f">{len(ends)}L", *ends),
            "hmtx": _metrics(face, order),
            **_heads(face, len(order)),
        }
    except (struct.error, IndexError) as error:
        raise BrokenFont("轮廓已损坏") from error
    return _file(tables), new


def _outlines(face: Face, gids: frozenset[int]) -> dict[int, bytes | memoryview]:
    """Return the outlines without instructions of the glyphs and of all that they are made of."""
    loca, glyf = face.tables.view("loca"), face.tables.view("glyf")
    long = face.tables.view("head")[51]
    entry = struct.Struct(">2L" if long else ">2H")
    known = face.outlines
    found: dict[int, bytes | memoryview] = {}
    waiting = [0, *gids]
    while waiting:
        gid = waiting.pop()
        if gid in found:
            continue
        if gid in known:
            data = found[gid] = known[gid]
            if data and data[0] & 0x80:
                waiting.extend(gid for _, gid, _ in _components(data))
            continue
        start, end = entry.unpack_from(loca, gid * entry.size // 2)
        if not long:
            start, end = 2 * start, 2 * end
        if not start <= end <= len(glyf) or gid >= face.glyph_count:
            raise BrokenFont("轮廓已损坏")
        data = bytes(glyf[start:end])
        if data and data[0] & 0x80:
            data = _plain_composite(data)
            waiting.extend(gid for _, gid, _ in _components(data))
        elif data:
            at = 10 + 2 * struct.unpack_from(">H", data)[0]
            length = struct.unpack_from(">H", data, at)[0]
            if length:
                data = data[:at] + b"\0\0" + data[at + 2 + length :]
        found[gid] = known[gid] = data
    return found


def _components(data: bytes | memoryview) -> Iterator[tuple[int, int, int]]:
    """Yield offset, glyph number and flags of each component of a composite glyph."""
    at = 10
    while True:
        flags, gid = struct.unpack_from(">2H", data, at)
        yield at, gid, flags
        at += _length(flags)
        if not flags & _MORE:
            return


def _length(flags: int) -> int:
    """Return the length of a component with these flags, in bytes."""
    scale = 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _TWO_BY_TWO else 0
    return 4 + (4 if flags & _WORDS else 2) + scale


def _plain_composite(data: bytes) -> bytes:
    """Return a composite glyph without instructions."""
    plain = bytearray(data)
    end = 10
    for at, _gid, flags in _components(data):
        struct.pack_into(">H", plain, at, flags & ~_INSTRUCTIONS)
        end = at + _length(flags)
    return bytes(plain[:end])


def _renumbered(data: bytes | memoryview, new: dict[int, int]) -> bytes:
    changed = bytearray(data)
    for at, gid, _flags in _components(data):
        struct.pack_into(">H", changed, at + 2, new[gid])
    return bytes(changed)


def _metrics(face: Face, order: list[int]) -> bytes:
    """Return ``hmtx`` with advance and left bearing of each glyph."""
    hmtx = face.tables.view("hmtx")
    count = struct.unpack_from(">H", face.tables.view("hhea"), 34)[0]
    if not count:
        raise BrokenFont("数据表已损坏")
    rows = []
    for gid in order:
        if gid < count:
            rows.append(bytes(hmtx[4 * gid : 4 * gid + 4]))
        else:
            bearing = 4 * count + 2 * (gid - count)
            rows.append(bytes(hmtx[4 * count - 4 : 4 * count - 2]) + bytes(hmtx[bearing : bearing + 2]))
    if any(len(row) != 4 for row in rows):
        raise BrokenFont("数据表已损坏")
    return b"".join(rows)


def _heads(face: Face, count: int) -> dict[str, bytes]:
    """Return ``head``, ``hhea`` and ``maxp`` of a font of ``count`` glyphs with long offsets."""
    head, hhea, maxp = (bytearray(face.tables.table(tag)) for tag in ("head", "hhea", "maxp"))
    struct.pack_into(">L", head, 8, 0)
    struct.pack_into(">H", head, 50, 1)
    struct.pack_into(">H", hhea, 34, count)
    struct.pack_into(">H", maxp, 4, count)
    return {"head": bytes(head), "hhea": bytes(hhea), "maxp": bytes(maxp)}


def _file(tables: dict[str, bytes]) -> bytes:
    """Return the TrueType file of some tables, with its checksums."""
    count = len(tables)
    power = 1 << count.bit_length() - 1
    directory = bytearray(
        struct.pack(">L4H", 0x00010000, count, 16 * power, power.bit_length() - 1, 16 * (count - power))
    )
    body = bytearray()
    start = 12 + 16 * count
    where = 0
    sums = 0
    for tag in sorted(tables):
        data = tables[tag]
        if tag == "head":
            where = start + len(body) + 8
        padded = data + bytes(-len(data) % 4)
        checksum = _checksum(padded)
        sums += checksum
        directory += struct.pack(">4s3L", tag.encode(), checksum, start + len(body), len(data))
        body += padded
    whole = directory + body
    struct.pack_into(">L", whole, where, _CHECKSUM - sums - _checksum(bytes(directory)) & 0xFFFFFFFF)
    return bytes(whole)


def _checksum(data: bytes) -> int:
    """Return the sum of big-endian words, modulo 2³²; the length is a multiple of four."""
    words = array("I", data)
    if byteorder == "little":
        words.byteswap()
    return sum(words) & 0xFFFFFFFF


def can_slice_cff(face: Face) -> bool:
    """Return whether a CFF face is CID-keyed and free of subroutines, so that charstrings stand for themselves."""
    if face.cids is None:
        return False
    cff = face.tables.view("CFF ")
    try:
        top, globals_at = _top(cff)
        if struct.unpack_from(">H", cff, globals_at)[0]:
            return False
        return all(_SUBRS not in sfnt.dict_of(private) for _, private in _font_dicts(cff, top))
    except (struct.error, IndexError, KeyError) as error:
        raise BrokenFont("CFF 轮廓已损坏") from error


def slice_cff(face: Face, gids: frozenset[int]) -> bytes:
    """Return a CFF table with these glyphs; they keep their CIDs."""
    cff, cids = face.tables.view("CFF "), face.cids
    assert cids is not None
    try:
        top, choice, fonts = _whole_cff(face)
        order = sorted({0, *gids})
        known = face.outlines
        if new := [gid for gid in order if gid not in known]:
            known.update(zip(new, _entries(cff, _number(top, _CHARSTRINGS), new), strict=True))
        chars = [known[gid] for gid in order]
        select = bytes([0, *(choice[gid] for gid in order)])
        charset = struct.pack(f">B{len(order) - 1}H", 0, *(cids[gid] for gid in order[1:]))
        return _cff(cff, top, charset, select, _index(chars), fonts)
    except (struct.error, IndexError, KeyError) as error:
        raise BrokenFont("CFF 轮廓已损坏") from error


@functools.lru_cache(maxsize=16)
def _whole_cff(
    face: Face,
) -> tuple[dict[tuple[int, ...], bytes], bytes, list[tuple[dict[tuple[int, ...], bytes], bytes]]]:
    """Return what all subsets of a face share: Top DICT, the Font DICT of each glyph, Font DICTs with Private DICTs."""
    cff = face.tables.view("CFF ")
    top, _ = _top(cff)
    choice = _font_dict_choice(cff, _number(top, _FD_SELECT), face.glyph_count)
    return top, choice, list(_font_dicts(cff, top))


def _top(cff: memoryview) -> tuple[dict[tuple[int, ...], bytes], int]:
    """Return the Top DICT (operator → operands as written) and where the Global Subr INDEX starts."""
    names_end = sfnt.index_end(cff, cff[2])
    first, second = sfnt.index_bounds(cff, names_end, 0)
    return sfnt.raw_dict(bytes(cff[first:second])), sfnt.index_end(cff, sfnt.index_end(cff, names_end))


def _number(entries: dict[tuple[int, ...], bytes], operator: tuple[int, ...], place: int = 0) -> int:
    return int(sfnt.operands(entries[operator])[place])


def _entries(cff: memoryview, at: int, numbers: list[int]) -> list[memoryview]:
    """Return entries of the INDEX at ``at``, in ascending order of ``numbers``."""
    count, size = struct.unpack_from(">HB", cff, at)
    if numbers[-1] >= count or not 1 <= size <= 4:
        raise IndexError(numbers[-1])
    base, row = at + 3 + (count + 1) * size - 1, at + 3
    number = int.from_bytes
    found = []
    for entry in numbers:
        place = row + entry * size
        first, second = number(cff[place : place + size], "big"), number(cff[place + size : place + 2 * size], "big")
        if not 1 <= first <= second <= len(cff) - base:
            raise IndexError(entry)
        found.append(cff[base + first : base + second])
    return found


def _font_dicts(
    cff: memoryview, top: dict[tuple[int, ...], bytes]
) -> Iterator[tuple[dict[tuple[int, ...], bytes], bytes]]:
    """Yield each Font DICT of the FDArray with its Private DICT."""
    at = _number(top, _FD_ARRAY)
    for number in range(struct.unpack_from(">H", cff, at)[0]):
        entries = sfnt.raw_dict(bytes(_entries(cff, at, [number])[0]))
        size, offset = _number(entries, _PRIVATE), _number(entries, _PRIVATE, 1)
        yield entries, bytes(cff[offset : offset + size])


def _font_dict_choice(cff: memoryview, at: int, glyph_count: int) -> bytes:
    """Return the number of the Font DICT of each glyph (FDSelect, section 19)."""
    if cff[at] == 0:
        return bytes(cff[at + 1 : at + 1 + glyph_count])
    count = struct.unpack_from(">H", cff, at + 1)[0]
    result = bytearray()
    for number in range(count):
        first, choice, after = struct.unpack_from(">HBH", cff, at + 3 + 3 * number)
        result += bytes([choice]) * (after - first)
    return bytes(result)


def _index(entries: Sequence[bytes | memoryview]) -> bytes:
    """Return an INDEX (section 5) with offsets of four bytes."""
    offsets = [1]
    for entry in entries:
        offsets.append(offsets[-1] + len(entry))
    return struct.pack(f">HB{len(offsets)}L", len(entries), 4, *offsets) + b"".join(entries)


def _long(*numbers: int) -> bytes:
    """Return numbers as DICT operands of five bytes, so that a DICT's length does not depend on them."""
    return b"".join(struct.pack(">Bl", 29, number) for number in numbers)


def _cff(
    cff: memoryview,
    top: dict[tuple[int, ...], bytes],
    charset: bytes,
    select: bytes,
    chars: bytes,
    fonts: list[tuple[dict[tuple[int, ...], bytes], bytes]],
) -> bytes:
    """Put a table together: header, names, Top DICT, strings, no subroutines, and what the Top DICT points at."""
    names = bytes(cff[cff[2] : sfnt.index_end(cff, cff[2])])
    strings = _index([b"Adobe", b"Identity"])
    matrix = top[_FONT_MATRIX] + bytes(_FONT_MATRIX) if _FONT_MATRIX in top else b""

    def whole(charset_at: int, select_at: int, chars_at: int, fonts_at: int, private_at: int) -> list[bytes]:
        entries = (
            _long(_OWN_STRING, _OWN_STRING + 1, 0)
            + b"\x0c\x1e"
            + matrix
            + _long(65535)
            + b"\x0c\x22"
            + _long(charset_at)
            + b"\x0f"
            + _long(chars_at)
            + b"\x11"
            + _long(fonts_at)
            + b"\x0c\x24"
            + _long(select_at)
            + b"\x0c\x25"
        )
        dicts = []
        for kept, private in fonts:
            own = kept[_FONT_MATRIX] + bytes(_FONT_MATRIX) if _FONT_MATRIX in kept else b""
            dicts.append(own + _long(len(private), private_at) + bytes(_PRIVATE))
            private_at += len(private)
        head = b"\1\0\4\4" + names + _index([entries]) + strings + b"\0\0"
        return [head, charset, select, chars, _index(dicts), *(private for _, private in fonts)]

    lengths = [len(part) for part in whole(0, 0, 0, 0, 0)]
    places = [sum(lengths[:number]) for number in range(1, 6)]
    return b"".join(whole(*places))
