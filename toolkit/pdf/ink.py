"""The glyphs of one PDF: widths by role, codes as they are drawn. The only place that speaks to the fonts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.pdf.fonts import DocumentFonts, Face, FontSet
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

    def __init__(self, glyphs: GlyphTable) -> None:
        super().__init__(dict.fromkeys(_NOTHING, ""))
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


class Codes:
    """The codes of one role, as hexadecimal digits; most characters come from one face."""

    __slots__ = ("_font", "_main", "_other", "_used")

    def __init__(self, fonts: FontSet, used: DocumentFonts, role: str) -> None:
        self._main = _Main(fonts.table(role))
        self._used = used
        self._font = ""
        self._other: dict[str, tuple[str, str]] = {}

    def encode(self, text: str) -> list[tuple[str, str]]:
        """Return (font resource name, hexadecimal codes) pieces of ``text``."""
        try:
            codes = "".join(map(self._main.__getitem__, text))
        except KeyError:
            pairs = [self._one(char) for char in text]
            return [(font, "".join([code for _, code in group])) for font, group in groupby(pairs, key=itemgetter(0))]
        return [(self._font or self._named(), codes)]

    def _named(self) -> str:
        if self._main.face is not None:
            self._font = self._used.name(self._main.face)
        return self._font

    def _one(self, char: str) -> tuple[str, str]:
        if char in self._other:
            return self._other[char]
        try:
            code = self._main[char]
        except KeyError:
            glyph = self._main.glyphs[char]
        else:
            return self._font or self._named(), code
        found = self._other[char] = (self._used.name(glyph.face), glyph.hex)
        return found

    def finish(self) -> None:
        """Tell the fonts what was drawn."""
        table = self._main.glyphs
        self._used.use(table[char] for chars in (self._main, self._other) for char in chars if char not in _NOTHING)


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

    def finish(self) -> None:
        """Tell the fonts what was drawn, before they are embedded."""
        for codes in self._codes.values():
            codes.finish()
