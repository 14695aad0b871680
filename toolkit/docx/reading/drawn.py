"""What is printed for characters of symbol fonts, and for fields that have no result of their own; used by ``story``.

Code points of symbol fonts from U+F000 on are the font's own (ECMA-376-1, 17.3.3.30). Fields that show what they were given
are those of 17.16.5: a formula that word processors make of 带圈字符 and 拼音指南, a button's words, boxes and lists of a form.
"""

from __future__ import annotations

import re

from lxml import etree

from toolkit.docx.reading.package import tag
from toolkit.numbering.labels import CHECK_BOX

_SYM, _VAL = tag("sym"), tag("val")
_ASCII, _HINT, _FONTS, _FONT = map(tag, ("ascii", "hAnsi", "rFonts", "font"))
#: Code point (hexadecimal) and Unicode character, by font.
_SYMBOLS = {
    "wingdings": "6C● 6D○ 6E■ 6F☐ 70☐ 71☐ 72☐ 75◆ 76❖ 78☒ A1○ A7▪ A8☐ D8➢ FB✗ FC✓ FD☒ FE☑",
    "wingdings 2": "2A☐ 30☐ 4F✗ 50✓ 51☒ 52☑ 53☒ 54☒ 56⊗ 81○ 98● A2■ A3☐",
    "webdings": "31☐ 61✓ 63☐ 67■ 72✗",
    "symbol": "A3≤ B3≥ B4× B7· D6√",
    "marlett": "61✓ 62✓",
    "zapfdingbats": "33✓ 34✔ 35✕ 36✖ 37✗ 38✘ 6C● 6E■ 6F☐ 71☐ 72☐",
    "wingdings 3": "",
    "mt extra": "",
    "bookshelf symbol 7": "",
    "monotype sorts": "33✓ 34✔ 35✕ 36✖ 37✗ 38✘ 6C● 6E■ 6F☐ 71☐ 72☐",
}
_SYMBOL_TABLES = {font: {int(pair[:2], 16): pair[2:] for pair in pairs.split()} for font, pairs in _SYMBOLS.items()}
_PRIVATE = re.compile("[\uf000-\uf0ff]")
#: Printed for a character of a symbol font that has no entry: visible, so that it is never lost.
UNKNOWN = "〔符号〕"


def symbol_character(code: str) -> str:
    """Return the character of a hexadecimal code point (ST_ShortHexNumber); one that is none is shown as unknown."""
    known = re.fullmatch("[0-9A-Fa-f]{1,4}", code) is not None
    return chr(int(code, 16)) if known else UNKNOWN


def symbol(text: str, properties: etree._Element | None) -> str:
    """Return ``text`` as Unicode. ``properties`` is the ``w:rPr`` of its run, or the ``w:sym`` itself."""
    if properties is None or not text:
        return text
    if properties.tag == _SYM:
        name = properties.get(_FONT, "")
    else:
        fonts = properties.find(_FONTS)
        name = (fonts.get(_ASCII) or fonts.get(_HINT) or "") if fonts is not None else ""
    table = _SYMBOL_TABLES.get(name.lower())
    if table is None and not _PRIVATE.search(text):
        return text
    return "".join(_of_symbol_font(character, table or {}) for character in text)


def _of_symbol_font(character: str, table: dict[int, str]) -> str:
    code = ord(character)
    if character.isspace() or (code > 0xFF and not _PRIVATE.match(character)):
        return character
    return table.get(code & 0xFF, UNKNOWN)


# --- fields -----------------------------------------------------------------------------------------------------------

_EQ_FORMAT, _EQ_SWITCH = re.compile(r'\\\*\s*(?:"[^"]*"|\S+)'), re.compile(r"\\[A-Za-z]{1,2}\s*(?:-?[0-9.]+)?")
_FONT_SWITCH = re.compile(r'\\f\s+(?:"([^"]*)"|(\S+))')
_NO_PARTS = str.maketrans("", "", "(),;\\")


def shown_by_field(instruction: str, beginning: etree._Element) -> str:
    """Return what a field without a result shows: for most nothing. ``beginning``: its first ``w:fldChar``."""
    name, _, given = instruction.strip().partition(" ")
    shows = {
        "EQ": _formula,
        "SYMBOL": _symbol_field,
        "MACROBUTTON": _button,
        "GOTOBUTTON": _button,
        "FORMCHECKBOX": lambda _: _form_box(beginning),
        "FORMDROPDOWN": lambda _: _form_choice(beginning),
    }.get(name.upper())
    return shows(given.strip()) if shows is not None else ""


def _formula(given: str) -> str:
    """Return the characters of a formula: ○√ for ``\\o\\ac(○,√)``."""
    return "".join(_EQ_SWITCH.sub("", _EQ_FORMAT.sub("", given)).translate(_NO_PARTS).split())


def _symbol_field(given: str) -> str:
    code, _, switches = given.partition(" ")
    font = _FONT_SWITCH.search(switches)
    table = _SYMBOL_TABLES.get((font[1] or font[2]).lower()) if font is not None else None
    try:
        character = chr(int(code, 16 if code.lower().startswith("0x") else 10))
    except (ValueError, OverflowError):
        return UNKNOWN
    return character if table is None else _of_symbol_font(character, table)


def _button(given: str) -> str:
    return given.partition(" ")[2].strip()


def _form_box(beginning: etree._Element) -> str:
    box = beginning.find(f".//{tag('checkBox')}")
    marks = [box.find(tag(name)) for name in ("checked", "default")] if box is not None else []
    mark = next((mark for mark in marks if mark is not None), None)
    return CHECK_BOX[mark is not None and mark.get(_VAL, "1") not in ("0", "false", "off")]


def _form_choice(beginning: etree._Element) -> str:
    options = [entry.get(_VAL, "") for entry in beginning.iter(tag("listEntry"))]
    results = [beginning.find(f".//{tag(name)}") for name in ("result", "default")]
    chosen = next((result.get(_VAL, "") for result in results if result is not None), "0")
    return options[int(chosen)] if chosen.isdecimal() and int(chosen) < len(options) else ""
