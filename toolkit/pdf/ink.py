"""The glyphs of one PDF: widths by role, codes as they are drawn. The only place that speaks to the fonts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol

from toolkit.core.memo import remembered

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


@remembered(256, lasting=True)
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

    __slots__ = ("_fonts", "_main", "_other")

    def __init__(self, fonts: FontSet, role: str) -> None:
        self._fonts = fonts
        self._main = _Main(fonts.table(role))
        self._other: dict[str, tuple[str, str]] = {}

    def encode(self, text: str) -> list[tuple[str, str]]:
        """Return (font resource name, hexadecimal codes) pieces of ``text``."""
        try:
            codes = "".join(map(self._main.__getitem__, text))
        except KeyError:
            pairs = [self._one(char) for char in text if char not in _NOTHING]
            return [(font, "".join([code for _, code in group])) for font, group in groupby(pairs, key=itemgetter(0))]
        return [(self._fonts.resource(self._main.face), codes)] if codes else []

    def _one(self, char: str) -> tuple[str, str]:
        found = self._other.get(char)
        if found is None:
            glyph = self._main.glyphs[char]
            found = self._other[char] = (self._fonts.resource(glyph.face), glyph.hex)
        return found


@remembered(64, lasting=True)
def _codes(fonts: FontSet, role: str) -> Codes:
    return Codes(fonts, role)


def encode(fonts: FontSet, role: str, text: str) -> list[tuple[str, str]]:
    """Return (font resource name, hexadecimal codes) pieces of ``text``, the same for all documents."""
    return _codes(fonts, role).encode(text)


class Shown(Protocol):
    """A paragraph that is shown (:class:`toolkit.pdf.paragraphs.Setting`)."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (role, text) of its parts."""


class Ink:
    """Widths and codes by role for one PDF, and what it shows."""

    def __init__(self, fonts: FontSet, used: DocumentFonts) -> None:
        self.fonts = fonts
        self.used = used
        self._shown: set[Shown] = set()
        #: Lines that break a rule because nothing else fits.
        self.emergencies = 0

    def widths(self, role: str, size: float, tracking: float) -> Mapping[str, float]:
        """Return the advances of a role at a size, by character."""
        return widths(self.fonts, role, size, tracking)

    def show(self, role: str, text: str) -> list[tuple[str, str]]:
        """Return (font resource name, hexadecimal codes) pieces of a text that is shown."""
        self.used.use(map(self.fonts.table(role).__getitem__, set(text) - _NOTHING))
        return encode(self.fonts, role, text)

    def use(self, setting: Shown) -> None:
        """Remember that a paragraph is shown."""
        self._shown.add(setting)

    def finish(self) -> None:
        """Tell the fonts what was drawn, before they are embedded."""
        shown: dict[str, set[str]] = {}
        for setting in self._shown:
            for role, text in setting.texts():
                shown.setdefault(role, set()).update(text)
        for role, chars in shown.items():
            self.used.use(map(self.fonts.table(role).__getitem__, chars - _NOTHING))
