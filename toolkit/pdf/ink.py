"""The glyphs of one PDF: widths by role, codes as they are drawn. The only place that speaks to the fonts."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.pdf.fonts import DocumentFonts, FontSet

#: Characters that take no room and need no glyph.
_NOTHING = frozenset("\n\u200b\u2060\ufeff")


class _Advances(dict):
    """Character → advance in points for one role, size and tracking; filled as characters are met."""

    def __init__(self, fonts: FontSet, role: str, size: float, tracking: float) -> None:
        super().__init__(dict.fromkeys(_NOTHING, 0.0))
        self.glyphs, self.size, self.tracking = fonts.table(role), size, tracking

    def __missing__(self, char: str) -> float:
        glyph = self.glyphs[char]
        if glyph.face is None:
            raise ValueError(f"没有字体能印出字符 {char}（U+{ord(char):04X}）")
        self[char] = width = glyph.advance * self.size + self.tracking
        return width


class Codes:
    """The codes of one role. ``main`` holds those of the face that most characters have, as hexadecimal digits."""

    __slots__ = ("_glyphs", "_other", "_used", "main", "main_font")

    def __init__(self, fonts: FontSet, used: DocumentFonts, role: str) -> None:
        self._glyphs, self._used = fonts.table(role), used
        self.main: dict[str, str] = dict.fromkeys(_NOTHING, "")
        self.main_font = ""
        self._other: dict[str, tuple[str, str]] = {}

    def encode(self, text: str) -> list[tuple[str, str]]:
        """Return (font resource name, hexadecimal codes) pieces of ``text``."""
        try:
            return [(self.main_font, "".join(map(self.main.__getitem__, text)))]
        except KeyError:
            pairs = [self._one(char) for char in text]
        return [(font, "".join(code for _, code in group)) for font, group in groupby(pairs, key=lambda pair: pair[0])]

    def _one(self, char: str) -> tuple[str, str]:
        if char in self.main:
            return self.main_font, self.main[char]
        if char in self._other:
            return self._other[char]
        glyph = self._glyphs[char]
        self._used.use((glyph,))
        font = self._used.name(glyph.face)
        self.main_font = self.main_font or font
        if font == self.main_font:
            self.main[char] = glyph.hex
        else:
            self._other[char] = (font, glyph.hex)
        return font, glyph.hex


class Ink:
    """Widths and codes by role for one PDF, and what its paragraphs refer to."""

    def __init__(self, fonts: FontSet, used: DocumentFonts) -> None:
        self.fonts = fonts
        self.used = used
        self._widths: dict[tuple[str, float, float], _Advances] = {}
        self._codes: dict[str, Codes] = {}
        #: Keys of destinations that a link wants.
        self.targets: set[str] = set()
        #: Lines that break a rule because nothing else fits.
        self.emergencies = 0

    def widths(self, role: str, size: float, tracking: float) -> _Advances:
        """Return the advances of a role at a size, by character."""
        key = (role, size, tracking)
        found = self._widths.get(key)
        if found is None:
            found = self._widths[key] = _Advances(self.fonts, role, size, tracking)
        return found

    def codes(self, role: str) -> Codes:
        """Return the codes of a role."""
        found = self._codes.get(role)
        if found is None:
            found = self._codes[role] = Codes(self.fonts, self.used, role)
        return found
