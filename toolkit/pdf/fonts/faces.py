"""Faces: one font of a file, opened with HarfBuzz once per process, and its glyphs. Used by all other modules here."""

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
from toolkit.pdf.fonts import sfnt
from toolkit.pdf.fonts.sfnt import BrokenFont

#: A PDF name has at most 127 bytes (ISO 32000-1, annex C); a subset's tag and the name of the encoding are added to it.
_NAME_MAX = 63
#: ``OS/2.fsType``: embedding forbidden by the font's licence.
_RESTRICTED = 0x0002
#: Upper bound of a font file in bytes; the largest known CJK collections have about 120 MB.
_MAX_BYTES = 400_000_000
#: Subsets of a bundled CFF face after which HarfBuzz parses all its outlines at once. That takes about 100 ms and 20 MB,
#: and saves about 2 ms for each further subset; TrueType outlines need no parsing.
PREPARE_AFTER = 40


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
    """One face of a font file; HarfBuzz maps the file and reads only what is asked for. Raises BrokenFont.

    ``bundled`` faces are checked by the tests: no visible character has an empty outline, and a prepared face gives the
    same subsets as a fresh one.
    """

    def __init__(self, blob: uharfbuzz.Blob, data: memoryview, path: Path, index: int, bundled: bool = False) -> None:
        self.path, self.index, self.bundled = path, index, bundled
        self.tables = sfnt.read_tables(data, index)
        self.hb = uharfbuzz.Face(blob, index)
        self.font = uharfbuzz.Font(self.hb)
        self.upem = self.hb.upem
        self.glyph_count = self.hb.glyph_count
        if not 16 <= self.upem <= 16384 or not 0 < self.glyph_count <= 65535:
            raise BrokenFont("数据表已损坏")
        self.is_cff = "CFF " in self.tables.where and "glyf" not in self.tables.where
        self._glyphs: dict[str, Glyph | None] = {}
        self._cuts = 0

    def __repr__(self) -> str:
        return f"Face({self.path.name!r}, {self.index})"

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
        return sfnt.cids(self.tables.view("CFF "), self.glyph_count) if self.is_cff else None

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
