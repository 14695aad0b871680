"""The fonts of a set of documents: which face prints a character in a role, with its advance and code.

Used by the page writer and by checks before writing. The bundled faces are in ``templates/fonts``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from toolkit.core import data_folders
from toolkit.core.memo import remembered
from toolkit.pdf.fonts.faces import Face, Glyph, open_face

#: Role → files of ``templates/fonts`` in the order in which they are searched for a character: the role's own face first,
#: then faces of similar weight. Every role lists every face, so a character missing in one role is missing in all.
ORDER: dict[str, tuple[str, ...]] = {
    "body": ("fang.otf", "fang-more.ttf", "kai.ttf", "song.ttf", "hei.ttf", "title.ttf", "symbols.ttf"),
    "title": ("title.ttf", "kai.ttf", "hei.ttf", "fang.otf", "fang-more.ttf", "song.ttf", "symbols.ttf"),
    "heading": ("hei.ttf", "kai.ttf", "title.ttf", "fang.otf", "fang-more.ttf", "song.ttf", "symbols.ttf"),
    "note": ("kai.ttf", "fang.otf", "fang-more.ttf", "song.ttf", "hei.ttf", "title.ttf", "symbols.ttf"),
    "number": ("song.ttf", "fang.otf", "fang-more.ttf", "kai.ttf", "hei.ttf", "title.ttf", "symbols.ttf"),
}
ROLES = tuple(ORDER)
#: Punctuation that is one em wide in Chinese text (GB/T 15834-2011, 5.1): faces with narrow forms are skipped for it.
FULL_WIDTH = frozenset("“”‘’—…·")
#: Prefix of resource names (H1, H2, …); reportlab names its own fonts F1, F2, …
PREFIX = "H"
#: Advance in em of a character that no face has; a layout with such a character is never written.
_UNKNOWN = 1.0
#: Characters that take no room and need no glyph, and further ones that layout replaces.
NO_GLYPH = frozenset("\n\u200b\u2060\ufeff")
_REPLACED = frozenset("\r\t")


def folder() -> Path:
    """Return the folder of the bundled fonts."""
    return data_folders.data_folder("templates") / "fonts"


@functools.cache
def record() -> dict[str, Any]:
    """Return ``fonts.json``: source package, version, licence and SHA-256 of each file."""
    return json.loads((folder() / "fonts.json").read_text(encoding="utf-8"))


@functools.cache
def tgh() -> str:
    """Return the 8105 characters of 通用规范汉字表 (2013) in the table's order."""
    return (folder() / "tgh8105.txt").read_text(encoding="utf-8").strip()


def face(file: str) -> Face:
    """Return a bundled face, opened once per process. Raises BrokenFont or OSError."""
    return open_face(folder() / file, bundled=True)


class GlyphTable(dict[str, Glyph]):
    """Character → glyph of one role, filled on first use; a later ``table[char]`` is a plain dict look-up."""

    def __init__(self, fonts: FontSet, role: str) -> None:
        super().__init__()
        self._fonts, self._role = fonts, role

    def __missing__(self, char: str) -> Glyph:
        """Take the first face that has the character; for FULL_WIDTH prefer the first in which it is one em wide."""
        narrow: Glyph | None = None
        for face in self._fonts.faces(self._role):
            glyph = face.glyph(char)
            if glyph is None:
                continue
            if glyph.advance >= 0.99 or char not in FULL_WIDTH:
                return self.setdefault(char, glyph)
            narrow = narrow or glyph
        return self.setdefault(char, narrow or Glyph(None, 0, _UNKNOWN, 0, char, "0000"))


class FontSet:
    """The faces of every role in search order; sets share Face objects.

    ``own`` maps roles to the user's faces; ``more`` are further faces for characters that no other face has. Create
    sets with :func:`standard_fonts` or :func:`toolkit.pdf.fonts.user_fonts.find_fonts`.
    """

    def __init__(self, own: Mapping[str, Face] | None = None, more: Sequence[Face] = ()) -> None:
        self.own = dict(own or {})
        self.more = tuple(more)
        self._faces: dict[str, tuple[Face, ...]] = {}
        self._names: dict[Face, str] = {}
        self._tables = {role: GlyphTable(self, role) for role in ROLES}

    def faces(self, role: str) -> tuple[Face, ...]:
        """Return the faces of a role in search order: the user's face for it, the bundled faces, the user's other faces."""
        if role not in self._faces:
            first = [self.own[role]] if role in self.own else []
            last = [*self.own.values(), *self.more]
            self._faces[role] = tuple(dict.fromkeys([*first, *map(face, ORDER[role]), *last]))
        return self._faces[role]

    def resource(self, face: Face | None) -> str:
        """Return the face's resource name, the same in every PDF made with this set, so that page content can be reused."""
        if not self._names:  # any role will do: each lists every face
            self._names = {member: f"{PREFIX}{number}" for number, member in enumerate(self.faces(ROLES[0]), 1)}
        return self._names[face] if face else ""

    def main(self, role: str) -> str:
        """Return the resource name of a role's own face."""
        return self.resource(self.faces(role)[0])

    def hashes(self) -> dict[str, str]:
        """Return file name → ``sha256:…`` of the user's own faces from which a glyph was taken so far, for the manifest."""
        own = {*self.own.values(), *self.more}
        if own:
            own &= {glyph.face for table in self._tables.values() for glyph in table.values() if glyph.face}
        return {face.path.name: f"sha256:{face.sha256}" for face in sorted(own, key=lambda face: str(face.path))}

    def table(self, role: str) -> GlyphTable:
        """Return the table character → glyph of a role, for inner loops."""
        return self._tables[role]

    def glyph(self, role: str, char: str) -> Glyph:
        """Return the glyph of a character; its ``face`` is None if no font has it."""
        return self._tables[role][char]

    def missing(self, role: str, text: Iterable[str]) -> set[str]:
        """Return the characters of ``text`` that no face has."""
        table = self._tables[role]
        return {char for char in set(text) - NO_GLYPH - _REPLACED if table[char].face is None}


@functools.cache
def standard_fonts() -> FontSet:
    """Return the set of the bundled fonts without a user's own, one per process."""
    return FontSet()


class _Advances(dict[str, float]):
    """Character → advance in points for one role, size and tracking; filled as characters are met."""

    def __init__(self, glyphs: GlyphTable, size: float, tracking: float) -> None:
        super().__init__(dict.fromkeys(NO_GLYPH, 0.0))
        self.glyphs, self.size, self.tracking = glyphs, size, tracking

    def __missing__(self, char: str) -> float:
        glyph = self.glyphs[char]
        if glyph.face is None:
            raise ValueError(f"没有字体能印出字符 {char}（U+{ord(char):04X}）")
        self[char] = advance = glyph.advance * self.size + self.tracking
        return advance


@remembered(256, lasting=True)
def advances(fonts: FontSet, role: str, size: float, tracking: float) -> Mapping[str, float]:
    """Return character → advance of a role at a size, in points, the same for all documents."""
    return _Advances(fonts.table(role), size, tracking)


def text_width(fonts: FontSet, role: str, size: float, text: str) -> float:
    """Return the width of a text in points without tracking."""
    return sum(map(advances(fonts, role, size, 0.0).__getitem__, text))


class _Codes(dict[str, str]):
    """Character → code of the face that a role's first character has; :class:`KeyError` for those of other faces."""

    def __init__(self, glyphs: GlyphTable) -> None:
        super().__init__(dict.fromkeys(NO_GLYPH, ""))
        self.glyphs = glyphs
        self.face: Face | None = None

    def __missing__(self, char: str) -> str:
        glyph = self.glyphs[char]
        if glyph.face is not self.face:
            if self.face is not None:
                raise KeyError(char)
            self.face = glyph.face
        self[char] = glyph.hex
        return glyph.hex


@remembered(64, lasting=True)
def _codes(fonts: FontSet, role: str) -> _Codes:
    return _Codes(fonts.table(role))


def encode(fonts: FontSet, role: str, text: str) -> list[tuple[str, str]]:
    """Return (font resource name, hexadecimal codes) runs of ``text``, the same for all documents."""
    codes = _codes(fonts, role)
    try:
        joined = "".join(map(codes.__getitem__, text))
    except KeyError:
        glyphs = [codes.glyphs[char] for char in text if char not in NO_GLYPH]
        runs = groupby(glyphs, key=attrgetter("face"))
        return [(fonts.resource(face), "".join([glyph.hex for glyph in run])) for face, run in runs]
    return [(fonts.resource(codes.face), joined)] if joined else []
