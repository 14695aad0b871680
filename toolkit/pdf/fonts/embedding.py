"""Embeds fonts in a PDF for its writer: one Type0 font with Identity-H codes per face (ISO 32000-1, 9.7)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from toolkit.core.findings import FindingsError
from toolkit.core.memo import remembered
from toolkit.pdf.fonts.choice import PREFIX
from toolkit.pdf.fonts.faces import Face, Glyph, broken
from toolkit.pdf.fonts.sfnt import BrokenFont, bounding_box, cap_height
from toolkit.pdf.fonts.subsets import Subset, subset
from toolkit.pdf.links import Ready, compressed, number

if TYPE_CHECKING:
    from reportlab.pdfbase.pdfdoc import PDFDocument

#: Font descriptor flag: symbolic, i.e. not limited to the standard Latin character set (ISO 32000-1, table 123).
_SYMBOLIC = 4
#: Stem width in thousandths of an em: required, but not recorded in any font table.
_STEM_V = 80
#: Maximum number of entries in a bfchar section (Adobe Technical Note 5411, 1.4.1).
_SECTION = 100
_CMAP_HEAD = (
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
    "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
)
_CMAP_TAIL = "endcmap CMapName currentdict /CMap defineresource pop end end\n"


class DocumentFonts:
    """Collects the glyphs that one PDF shows. Call ``attach`` once, ``name`` and ``use`` while pages are made.

    ``resource`` returns the fixed resource name of a face (:meth:`FontSet.resource`); without it names are counted.
    """

    def __init__(self, resource: Callable[[Face], str] | None = None) -> None:
        self._resource = resource
        self._names: dict[Face, str] = {}
        self._used: set[Glyph] = set()

    def name(self, face: Face) -> str:
        """Return the face's name in the resources of every page, without the slash."""
        try:
            return self._names[face]
        except KeyError:
            name = self._names[face] = self._resource(face) if self._resource else f"{PREFIX}{len(self._names) + 1}"
            return name

    def use(self, glyphs: Iterable[Glyph]) -> None:
        """Record glyphs shown by the page content. Cheap: call it once per line."""
        self._used.update(glyphs)

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces in use, in the order in which they were named."""
        new = {glyph.face for glyph in self._used if glyph.face} - set(self._names)
        for face in sorted(new, key=lambda face: (str(face.path), face.index)):
            self.name(face)
        return tuple(self._names)

    def attach(self, document: PDFDocument) -> None:
        """Register with ``document`` (``canvas._doc``), so that the fonts are embedded when it is saved."""
        if self not in document.delayedFonts:
            document.delayedFonts.append(self)

    def addObjects(self, document: PDFDocument) -> None:  # reportlab's name
        """Embed the fonts; reportlab calls this method before it writes the file."""
        self.embed(document)

    def embed(self, document: PDFDocument) -> None:
        """Write one subset per face into ``document``. Raises FindingsError (``font_broken``) for a damaged face."""
        glyphs: dict[Face, list[Glyph]] = {face: [] for face in self.faces}
        for glyph in self._used:
            if glyph.face is not None:
                glyphs[glyph.face].append(glyph)
        basic_fonts: Any = document.idToObject["BasicFonts"]
        fonts = basic_fonts.dict
        for name, face in sorted((name, face) for face, name in self._names.items()):
            if not glyphs[face]:
                continue
            try:
                fonts[name] = document.Reference(_font(face, _chosen(glyphs[face]), document, name), f"font:{name}")
            except BrokenFont as error:
                raise FindingsError([broken(face.path, error)]) from error


def _chosen(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Return one glyph per code, in code order; where a radical and a Han character share a glyph, the character's."""
    by_code: dict[int, Glyph] = {}
    for glyph in glyphs:
        other = by_code.setdefault(glyph.code, glyph)
        if other is not glyph:
            by_code[glyph.code] = min(glyph, other, key=_unusual)
    return [by_code[code] for code in sorted(by_code)]


def _unusual(glyph: Glyph) -> tuple[bool, str]:
    return unicodedata.normalize("NFKC", glyph.char) != glyph.char, glyph.char


def _font(face: Face, chosen: list[Glyph], document: PDFDocument, key: str) -> Ready:
    """Return the Type0 font of a face with the glyphs ``chosen``, which are in code order."""
    part = subset(face, frozenset(glyph.gid for glyph in chosen), "".join(glyph.char for glyph in chosen))
    name = f"/{part.tag}+{face.name}"

    def add(role: str, item: Ready) -> str:
        return f"{number(document, item, f'font:{key}:{role}')} 0 R"

    entry, attributes = (
        ("/FontFile3", "/Subtype /CIDFontType0C") if face.is_cff else ("/FontFile2", f"/Length1 {part.length}")
    )
    file = f"{entry} {add('file', Ready(attributes, part.data, part.digest))}"
    descriptor = add("descriptor", Ready(f"<< /Type /FontDescriptor /FontName {name} {_measures(face)} {file} >>"))
    glyph_map = "" if face.is_cff else f" /CIDToGIDMap {add('map', compressed('', _glyph_map(chosen, part)))}"
    descendant = (
        f"<< /Type /Font /Subtype /{'CIDFontType0' if face.is_cff else 'CIDFontType2'} /BaseFont {name} "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} /DW 1000 /W {_widths(chosen)}{glyph_map} >>"
    )
    return Ready(
        f"<< /Type /Font /Subtype /Type0 /BaseFont {name}{'-Identity-H' if face.is_cff else ''} /Encoding /Identity-H "
        f"/DescendantFonts [{add('glyphs', Ready(descendant))}] "
        f"/ToUnicode {add('text', compressed('', _to_unicode(chosen).encode('ascii')))} >>"
    )


@remembered(64, lasting=True)
def _measures(face: Face) -> str:
    """Return the font descriptor's entries about the whole face, in thousandths of an em."""
    thousandth = 1000 / face.upem
    box = " ".join(str(round(value * thousandth)) for value in bounding_box(face.tables.table("head")))
    extents = face.font.get_font_extents("ltr")
    ascent, descent = round(extents.ascender * thousandth), round(extents.descender * thousandth)
    cap = round(cap_height(face.tables.table("OS/2")) * thousandth) or ascent
    return (
        f"/Flags {_SYMBOLIC} /FontBBox [{box}] /ItalicAngle 0 /Ascent {ascent} /Descent {descent} /CapHeight {cap} "
        f"/StemV {_STEM_V}"
    )


def _widths(glyphs: list[Glyph]) -> str:
    """Return the W array: runs of codes with a width other than the default 1000."""
    runs: list[tuple[int, list[str]]] = []
    last = -2
    for glyph in glyphs:
        if glyph.advance == 1:
            continue
        width = f"{glyph.advance * 1000:.3f}".rstrip("0").rstrip(".")
        if glyph.code == last + 1:
            runs[-1][1].append(width)
        else:
            runs.append((glyph.code, [width]))
        last = glyph.code
    return f"[{' '.join(f'{code} [{chr(32).join(widths)}]' for code, widths in runs)}]"


def _glyph_map(glyphs: list[Glyph], part: Subset) -> bytes:
    """Return CIDToGIDMap: for each code the glyph number in the subset, as two bytes."""
    table = bytearray(2 * (glyphs[-1].code + 1) if glyphs else 2)
    for glyph in glyphs:
        table[2 * glyph.code : 2 * glyph.code + 2] = part.gids[glyph.gid].to_bytes(2, "big")
    return bytes(table)


def _to_unicode(glyphs: list[Glyph]) -> str:
    """Return the ToUnicode CMap from codes to characters."""
    rows = [glyph.entry for glyph in glyphs]
    sections = []
    for start in range(0, len(rows), _SECTION):
        part = rows[start : start + _SECTION]
        sections.append(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n")
    return _CMAP_HEAD + "".join(sections) + _CMAP_TAIL
