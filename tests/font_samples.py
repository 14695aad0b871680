"""Small fonts made for tests: TrueType, CFF with and without CIDs, a collection, a variable font, broken files."""

from __future__ import annotations

import io
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from toolkit.pdf.fonts import font_set

UPEM = 1000


def part_of(file: str, chars: str, name: str, chinese: str = "", bold: bool = False) -> TTFont:
    """Return a bundled face with only ``chars``, under another name (and a Chinese one, if given)."""
    font = TTFont(font_set.folder() / file)
    subsetter = Subsetter(Options(layout_features=[], hinting=False))
    subsetter.populate(text=chars)
    subsetter.subset(font)
    font["name"].names = []
    for number in (1, 4, 6):
        font["name"].setName(name, number, 3, 1, 0x409)
        if chinese and number != 6:
            font["name"].setName(chinese, number, 3, 1, 0x804)
    font["head"].macStyle = int(bold)
    return font


def saved(font: TTFont | TTCollection, path: Path) -> Path:
    """Write a font and return its path."""
    out = io.BytesIO()
    font.save(out)
    path.write_bytes(out.getvalue())
    return path


def _box(pen: TTGlyphPen | T2CharStringPen, left: int, right: int) -> None:
    pen.moveTo((left, 0))
    pen.lineTo((left, 800))
    pen.lineTo((right, 800))
    pen.lineTo((right, 0))
    pen.closePath()


def drawn(chars: str, name: str, cff: bool, empty: str = "", variable: bool = False, fs_type: int = 0) -> TTFont:
    """Return a font whose glyphs are boxes; ``empty`` characters have none. CFF is name-keyed (without CIDs)."""
    order = [".notdef", *(f"g{ord(char):04X}" for char in chars)]
    builder = FontBuilder(UPEM, isTTF=not cff)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord(char): glyph for char, glyph in zip(chars, order[1:], strict=True)})
    glyphs = {}
    for number, glyph in enumerate(order):
        pen = T2CharStringPen(UPEM, None) if cff else TTGlyphPen(None)
        if not number or chars[number - 1] not in empty:
            _box(pen, 100, 600 + 20 * number)
        glyphs[glyph] = pen.getCharString() if cff else pen.glyph()
    if cff:
        builder.setupCFF(name, {"FullName": name}, glyphs, {})
    else:
        builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(order, (UPEM, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable(
        {"familyName": name, "styleName": "Regular", "fullName": name, "psName": name.replace(" ", "")}
    )
    builder.setupOS2(fsType=fs_type)
    builder.setupPost()
    if variable:
        builder.setupFvar([("wght", 400, 400, 900, "Weight")], [])
        builder.setupGvar({glyph: [] for glyph in order})
    return builder.font


def composite() -> TTFont:
    """Return a font of two boxes and two glyphs made of them: glyph 4 plainly, glyph 5 of glyph 4, half as large."""
    builder = FontBuilder(UPEM, isTTF=True)
    order = [".notdef", "a", "b", "unused", "both", "nested"]
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord("a"): "a", ord("b"): "b", ord("党"): "both", ord("委"): "nested"})
    glyphs = {}
    for number, name in enumerate(order[:4]):
        pen = TTGlyphPen(None)
        _box(pen, 10 * number, 300 + 10 * number)
        glyphs[name] = pen.glyph()
    for name, parts in (
        ("both", [("a", (1, 0, 0, 1, 0, 0)), ("b", (1, 0, 0, 1, 500, 100))]),
        ("nested", [("both", (0.5, 0, 0, 0.5, 20, 30))]),
    ):
        pen = TTGlyphPen(glyphs)
        for part, how in parts:
            pen.addComponent(part, how)
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(order, (UPEM, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Composite", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    return builder.font


def collection(fonts: list[TTFont], path: Path) -> Path:
    """Write a TTC of fonts."""
    result = TTCollection()
    result.fonts = fonts
    return saved(result, path)
