"""The glyphs of one PDF: widths by role, codes as they are drawn. The only place that speaks to the fonts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.pdf.fonts import DocumentFonts, FontSet
    from toolkit.pdf.fonts.choice import GlyphTable

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


@lru_cache(maxsize=256)
def widths(fonts: FontSet, role: str, size: float, tracking: float) -> Mapping[str, float]:
    """Return character → advance of a role at a size, the same for all documents."""
    return _Advances(fonts, role, size, tracking)


class _Main(dict):
    """Character → code of the face that a role's first character has; :class:`KeyError` for those of other faces."""

    def __init__(self, glyphs: GlyphTable, used: DocumentFonts) -> None:
        super().__init__(dict.fromkeys(_NOTHING, ""))
        self.glyphs, self.used = glyphs, used
        self.font = ""

    def __missing__(self, char: str) -> str:
        glyph = self.glyphs[char]
        font = self.used.name(glyph.face)
        self.font = self.font or font
        if font != self.font:
            raise KeyError(char)
        self.used.use((glyph,))
        self[char] = glyph.hex
        return glyph.hex


class Codes:
    """The codes of one role, as hexadecimal digits; most characters come from one face."""

    __slots__ = ("_main", "_other")

    def __init__(self, fonts: FontSet, used: DocumentFonts, role: str) -> None:
        self._main = _Main(fonts.table(role), used)
        self._other: dict[str, tuple[str, str]] = {}

    def encode(self, text: str) -> list[tuple[str, str]]:
        """Return (font resource name, hexadecimal codes) pieces of ``text``."""
        main = self._main
        try:
            codes = "".join(map(main.__getitem__, text))
        except KeyError:
            pairs = [self._one(char) for char in text]
        else:
            return [(main.font, codes)]
        return [(font, "".join([code for _, code in group])) for font, group in groupby(pairs, key=itemgetter(0))]

    def _one(self, char: str) -> tuple[str, str]:
        if char in self._other:
            return self._other[char]
        try:
            return self._main.font, self._main[char]
        except KeyError:
            glyph = self._main.glyphs[char]
        self._main.used.use((glyph,))
        found = self._other[char] = (self._main.used.name(glyph.face), glyph.hex)
        return found


class Ink:
    """Widths and codes by role for one PDF."""

    def __init__(self, fonts: FontSet, used: DocumentFonts) -> None:
        self.fonts = fonts
        self.used = used
        self._codes: dict[str, Codes] = {}
        #: Lines that break a rule because nothing else fits.
        self.emergencies = 0

    def widths(self, role: str, size: float, tracking: float) -> Mapping[str, float]:
        """Return the advances of a role at a size, by character."""
        return widths(self.fonts, role, size, tracking)

    def codes(self, role: str) -> Codes:
        """Return the codes of a role."""
        found = self._codes.get(role)
        if found is None:
            found = self._codes[role] = Codes(self.fonts, self.used, role)
        return found
