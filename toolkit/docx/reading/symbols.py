"""Characters of the symbol fonts (Wingdings, Wingdings 2, Webdings …) as Unicode; used by the walker over a DOCX.

Word writes such a character as ``w:sym`` or as an ordinary letter in a run with that font; code points from U+F000 on
are the font's own (ECMA-376-1, 17.3.3.30).
"""

from __future__ import annotations

from lxml import etree

from toolkit.docx.reading.package import tag

_ASCII, _HINT, _FONTS, _FONT = tag("ascii"), tag("hAnsi"), tag("rFonts"), tag("font")
_TABLES: dict[str, dict[int, str]] = {
    "wingdings": {
        0x6C: "●", 0x6D: "○", 0x6E: "■", 0x6F: "☐", 0x70: "☐", 0x71: "☐", 0x72: "☐", 0x78: "☒", 0xA1: "○", 0xA7: "▪",
        0xA8: "☐", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    },
    "wingdings 2": {
        0x2A: "☐", 0x30: "☐", 0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x56: "⊗", 0x81: "○",
        0x98: "●", 0xA3: "☐", 0xA2: "■",
    },
    "webdings": {0x31: "☐", 0x61: "✓", 0x63: "☐", 0x67: "■", 0x72: "✗"},
    "symbol": {0xB7: "·", 0xD6: "√", 0xB4: "×", 0xA3: "≤", 0xB3: "≥"},
    "marlett": {0x61: "✓", 0x62: "✓"},
}  # fmt: skip
#: Printed for a character of a symbol font that has no entry: visible, so that it is never lost.
UNKNOWN = "〔符号〕"


def symbol(text: str, properties: etree._Element | None) -> str:
    """Return ``text`` as Unicode. ``properties`` is the ``w:rPr`` of its run, or the ``w:sym`` itself."""
    if properties is None or not text:
        return text
    if properties.tag == tag("sym"):
        name = properties.get(_FONT, "")
    else:
        fonts = properties.find(_FONTS)
        name = (fonts.get(_ASCII) or fonts.get(_HINT) or "") if fonts is not None else ""
    table = _TABLES.get(name.lower())
    if table is None and not any(0xF000 <= ord(character) <= 0xF0FF for character in text):
        return text
    return "".join(_character(character, table or {}) for character in text)


def _character(character: str, table: dict[int, str]) -> str:
    code = ord(character)
    if code > 0xFF and not 0xF000 <= code <= 0xF0FF:
        return character
    if character.isspace():
        return character
    return table.get(code & 0xFF, UNKNOWN)
