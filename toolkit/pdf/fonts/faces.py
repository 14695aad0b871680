"""Faces: one font of a file, opened with HarfBuzz once per process, and the glyphs that it has."""

from __future__ import annotations

import functools
import hashlib
import mmap
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz

from toolkit.core.findings import FileError, Finding, Place, Severity, explain
from toolkit.pdf.fonts import sfnt, slicing
from toolkit.pdf.fonts.sfnt import BrokenFont

__all__ = ["BrokenFont", "Face", "Glyph", "broken", "open_face", "open_faces"]

#: A PDF name has at most 127 bytes (ISO 32000-1, annex C); the tag and the name of the encoding come to it.
_NAME_MAX = 63
#: A font file is not larger; the largest known CJK collections have about 120 MB.
_MAX_BYTES = 400_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Glyph:
    """The glyph that prints a character. Compared by identity: a face makes each of its glyphs once.

    ``advance`` is in em. ``code`` is the two-byte code of a content stream and ``hex`` the same as four hexadecimal
    digits, for ``<…> Tj``; ``entry`` is its line in a ToUnicode map. Without a face the character has no font.
    """

    face: Face | None
    gid: int
    advance: float
    code: int
    char: str
    hex: str
    entry: str = ""


class Face:
    """One face. Measures are in em unless said otherwise; HarfBuzz reads the file only where it is asked.

    ``whole`` says that no visible character has an empty outline (the bundled ones, by test).
    """

    def __init__(self, blob: uharfbuzz.Blob, data: memoryview, path: Path, index: int, whole: bool = False) -> None:
        self.path, self.index, self.whole = path, index, whole
        self.tables = sfnt.read_tables(data, index)
        self.hb = uharfbuzz.Face(blob, index)
        self.font = uharfbuzz.Font(self.hb)
        self.upem = self.hb.upem
        self.glyph_count = self.hb.glyph_count
        if not 16 <= self.upem <= 16384 or not 0 < self.glyph_count <= 65535:
            raise BrokenFont("数据表已损坏")
        self.is_cff = "CFF " in self.tables.where and "glyf" not in self.tables.where
        self._glyphs: dict[str, Glyph | None] = {}
        #: Glyph number → outline as it is copied into subsets.
        self.outlines: dict[int, bytes | memoryview] = {}

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
        found = (self.hb.get_name(entry.name_id, entry.language) for entry in entries)
        return frozenset(name.strip() for name in found if name and name.strip())

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
        """CID of each glyph of a CID-keyed CFF font; None for all others, whose code is the glyph's number."""
        return sfnt.cids(self.tables.view("CFF "), self.glyph_count) if self.is_cff else None

    @functools.cached_property
    def sliceable(self) -> bool:
        """Whether glyphs can be copied as they are (see :mod:`toolkit.pdf.fonts.slicing`)."""
        return slicing.can_slice_cff(self) if self.is_cff else "fvar" not in self.tables.where

    @functools.cached_property
    def restricted(self) -> bool:
        """Whether the licence bits forbid embedding."""
        return bool(sfnt.fs_type(self.tables.table("OS/2")) & 0xF == sfnt.RESTRICTED)

    def glyph(self, char: str) -> Glyph | None:
        """Return the glyph of a character, or None. A visible character with an empty outline counts as none."""
        try:
            return self._glyphs[char]
        except KeyError:
            return self._glyphs.setdefault(
                char, self._find(char)
            )  # whoever comes first: two threads may meet it at once

    def _find(self, char: str) -> Glyph | None:
        gid = self.font.get_nominal_glyph(ord(char))
        if not gid or gid >= self.glyph_count:
            return None
        if not self.whole and char.isprintable() and not char.isspace() and not self.has_outline(gid):
            return None
        code = self.cids[gid] if self.cids else gid
        advance = self.font.get_glyph_h_advance(gid) / self.upem
        return Glyph(self, gid, advance, code, char, f"{code:04X}", f"<{code:04X}> <{_utf16(char)}>")

    def has_outline(self, gid: int) -> bool:
        """Return whether a glyph draws anything."""
        extents = self.font.get_glyph_extents(gid)
        return bool(extents and extents.width and extents.height)


def _utf16(char: str) -> str:
    """Return UTF-16, big-endian, as hexadecimal digits."""
    code = ord(char)
    return f"{code:04X}" if code < 0x10000 else char.encode("utf-16-be").hex().upper()


def open_face(path: Path, index: int = 0, whole: bool = False) -> Face:
    """Return a face, once per process and state of the file. Raises BrokenFont, or OSError."""
    state = path.stat()
    return _open(path, index, whole, state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=256)
def _open(path: Path, index: int, whole: bool, size: int, _changed: int) -> Face:
    if not 12 <= size <= _MAX_BYTES:
        raise BrokenFont("文件是空的" if size < 12 else "文件太大，不像字体")
    return Face(uharfbuzz.Blob.from_file_path(str(path)), _mapped(path), path, index, whole)


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def open_faces(path: Path) -> list[Face]:
    """Return all faces of a user's file, each tried. Raises BrokenFont, or FileError if it cannot be read."""
    try:
        count = sfnt.face_count(_mapped(path)) if path.stat().st_size else 1
        faces = [open_face(path, index) for index in range(count)]
    except (OSError, uharfbuzz.HarfBuzzError) as error:
        reason, hint = explain(error) if isinstance(error, OSError) else ("读写出错", "")
        raise FileError(f"读不了字体 {path}：{reason}", hint) from error
    for face in faces:
        _try(face)
    return faces


def _try(face: Face) -> None:
    """Look up the codes and subset a few glyphs, so that damage shows before a document is begun."""
    from toolkit.pdf.fonts.subsets import cut

    if face.cids is not None and len(face.cids) != face.glyph_count:
        raise BrokenFont("CFF 轮廓已损坏")
    if not face.hb.unicodes:
        raise BrokenFont("字体里没有字符表")
    cut(face, frozenset(gid for gid in (1, face.glyph_count // 2, face.glyph_count - 1) if gid))


def broken(path: Path, error: BrokenFont) -> Finding:
    """Return the finding about a font file that cannot be used."""
    hint = "请换一个完好的 TTF、OTF 或者 TTC 字体文件，或者把它移出这个文件夹"
    return Finding("font_broken", Severity.ERROR, f"字体文件用不了：{error}", Place(str(path)), hint, subject=path.name)
