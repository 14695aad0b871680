"""Embeds fonts in a PDF: subsets cut by HarfBuzz, as one Type0 font with Identity-H codes per face (ISO 32000-1, 9.7).

Used by the page writer; ``user_fonts`` tries a cut of each face. The bytes of a subset depend on the face, its glyphs and the
version of HarfBuzz (``setup.cfg`` pins it), never on earlier subsets: ``tests/test_pdf_fonts.py`` compares prepared faces
with fresh ones.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import uharfbuzz

from toolkit.core.findings import FindingsError
from toolkit.core.memo import remembered
from toolkit.pdf.fonts.faces import BrokenFont, Face, Glyph, broken, draws
from toolkit.pdf.fonts.font_set import NO_GLYPH, FontSet, encode
from toolkit.pdf.links import Ready, compressed, number
from toolkit.pdf.streams import flate

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
#: The only tables that a PDF needs: it has codes, widths and text itself (ISO 32000-1, 9.9, table 126).
_KEPT_TABLES = {"glyf", "loca", "head", "hhea", "hmtx", "maxp", "CFF "}
#: HarfBuzz needs these to pin a variable font to its default instance, and drops them then.
_VARIATION_TABLES = {"fvar", "gvar", "avar", "HVAR", "MVAR", "cvar"}
#: Number of remembered subsets (in each of two generations) and their most glyphs (about 40 kB). Units share the
#: characters of headings, labels and page numbers, but rarely those of a whole text.
_REMEMBERED, _MOST_GLYPHS = 256, 170


class DocumentFonts:
    """The fonts of one PDF: collects the characters of its pages and embeds a subset of each face.

    reportlab embeds it when the file is saved, if it is among ``delayedFonts`` of the document (``canvas._doc``).
    """

    def __init__(self, fonts: FontSet) -> None:
        self.fonts = fonts
        self._chars: dict[str, set[str]] = {}

    def use(self, role: str, text: str) -> None:
        """Record a text that is shown in a role."""
        self._chars.setdefault(role, set()).update(text)

    def show(self, role: str, text: str) -> list[tuple[str, str]]:
        """Return (font resource name, hexadecimal codes) runs of a text that is shown."""
        self.use(role, text)
        return encode(self.fonts, role, text)

    def glyphs(self) -> dict[Face, list[Glyph]]:
        """Return the glyphs of each face that is used, one per code and in code order."""
        used: set[Glyph] = set()
        for role, chars in self._chars.items():
            used.update(map(self.fonts.table(role).__getitem__, chars - NO_GLYPH))
        by_face: dict[Face, list[Glyph]] = {face: [] for face in {glyph.face for glyph in used if glyph.face}}
        for glyph in used:
            if glyph.face is not None:
                by_face[glyph.face].append(glyph)
        return {face: _chosen(glyphs) for face, glyphs in by_face.items()}

    def addObjects(self, document: PDFDocument) -> None:  # reportlab's name
        """Write one subset per face into ``document``. Raises FindingsError (``font_broken``) for a damaged face."""
        basic_fonts: Any = document.idToObject["BasicFonts"]
        named = {self.fonts.resource(face): (face, glyphs) for face, glyphs in self.glyphs().items()}
        for name, (face, glyphs) in sorted(named.items()):
            try:
                font = _font(face, glyphs, document, name)
            except BrokenFont as error:
                raise FindingsError([broken(face.path, error)]) from error
            basic_fonts.dict[name] = document.Reference(font, f"font:{name}")


def _chosen(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Return one glyph per code, in code order; where a radical and a Han character share a glyph, the character's."""
    by_code: dict[int, Glyph] = {}
    for glyph in glyphs:
        other = by_code.setdefault(glyph.code, glyph)
        if other is not glyph:
            by_code[glyph.code] = min(
                glyph, other, key=lambda glyph: (normalize("NFKC", glyph.char) != glyph.char, glyph.char)
            )
    return [by_code[code] for code in sorted(by_code)]


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
    glyph_map = ""
    if not face.is_cff:  # for each code the glyph number in the subset, as two bytes
        table = bytearray(2 * (chosen[-1].code + 1))
        for glyph in chosen:
            table[2 * glyph.code : 2 * glyph.code + 2] = part.gids[glyph.gid].to_bytes(2, "big")
        glyph_map = f" /CIDToGIDMap {add('map', compressed('', bytes(table)))}"
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
    corners = struct.unpack_from(">4h", face.tables.table("head"), 36)
    box = " ".join(str(round(value * thousandth)) for value in corners)
    extents = face.font.get_font_extents("ltr")
    ascent, descent = round(extents.ascender * thousandth), round(extents.descender * thousandth)
    os2 = face.tables.table("OS/2")
    has_cap_height = len(os2) >= 90 and struct.unpack_from(">H", os2)[0] >= 2  # from version 2 on
    cap = round(struct.unpack_from(">h", os2, 88)[0] * thousandth) if has_cap_height else 0
    return (
        f"/Flags {_SYMBOLIC} /FontBBox [{box}] /ItalicAngle 0 /Ascent {ascent} /Descent {descent} /CapHeight {cap or ascent} "
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


def _to_unicode(glyphs: list[Glyph]) -> str:
    """Return the ToUnicode CMap from codes to characters."""
    sections = [_CMAP_HEAD]
    for start in range(0, len(glyphs), _SECTION):
        part = [glyph.entry for glyph in glyphs[start : start + _SECTION]]
        sections.append(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n")
    return "".join([*sections, _CMAP_TAIL])


# --- subsets ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subset:
    """An embedded font program: ``data`` is compressed, ``length`` and ``digest`` (SHA-256) are of the plain bytes.

    ``tag`` is the prefix of the font's name. ``gids`` maps glyph numbers of the face to those of the subset.
    """

    data: bytes
    length: int
    digest: bytes
    tag: str
    gids: dict[int, int]


@remembered(_REMEMBERED, key=lambda face, gids, chars: (face, gids, chars) if len(gids) <= _MOST_GLYPHS else None)
def subset(face: Face, gids: frozenset[int], chars: str) -> Subset:
    """Return the subset of a face with the glyphs ``gids``, which print ``chars``. Raises BrokenFont."""
    data, mapping = cut(face, gids, chars)
    return Subset(flate(data), len(data), hashlib.sha256(data).digest(), _tag(face, gids), mapping)


def cut(face: Face, gids: frozenset[int], chars: str = "") -> tuple[bytes, dict[int, int]]:
    """Return a font program with the glyphs ``gids`` and .notdef, and its glyph numbers by those of the face.

    The program is a whole TrueType file, or the bare ``CFF`` table. With ``chars`` HarfBuzz looks up these characters
    only; asked for glyph numbers it reads the whole cmap (1 to 2 ms for a Chinese face). Both give the same bytes.
    Raises BrokenFont.
    """
    try:
        plan = _plan(face, gids, chars)
        mapping = dict(plan.old_to_new_glyph_mapping.items())
        if not gids <= mapping.keys():
            plan = _plan(face, gids, "")
            mapping = dict(plan.old_to_new_glyph_mapping.items())
        program = plan.execute()
        blob = program.reference_table("CFF ") if face.is_cff else program.blob
        if not (face.bundled or face.is_cff):  # HarfBuzz replaces a damaged TrueType outline by an empty one
            font = uharfbuzz.Font(program)
            if any(draws(face.font, gid) and not draws(font, mapping[gid]) for gid in gids):
                raise BrokenFont("轮廓已损坏")
        return bytes(blob.data), mapping
    except (RuntimeError, MemoryError, uharfbuzz.HarfBuzzError) as error:
        raise BrokenFont("轮廓已损坏") from error


def _plan(face: Face, gids: frozenset[int], chars: str) -> uharfbuzz.SubsetPlan:
    wanted = uharfbuzz.SubsetInput()
    if chars:
        wanted.unicode_set.update(map(ord, chars))
    else:
        wanted.glyph_set.update(gids)
    wanted.flags, dropped, variable = _settings(face)
    wanted.drop_table_tag_set.update(dropped)
    if variable:
        wanted.pin_all_axes_to_default(face.hb)
    return uharfbuzz.SubsetPlan(face.subset_source(), wanted)


@remembered(256, lasting=True)
def _settings(face: Face) -> tuple[uharfbuzz.SubsetFlags, list[int], bool]:
    """Return HarfBuzz's flags for a face, the tags of tables to drop, and whether the font is variable."""
    flags = uharfbuzz.SubsetFlags.NOTDEF_OUTLINE | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
    flags |= uharfbuzz.SubsetFlags.NO_BIDI_CLOSURE
    if not face.is_cff:  # hints of CFF are part of the outlines: removing them takes longer than keeping them
        flags |= uharfbuzz.SubsetFlags.NO_HINTING
    elif face.cids is None:  # without CIDs the code in the page is the glyph number, so it must not change
        flags |= uharfbuzz.SubsetFlags.RETAIN_GIDS
    dropped = face.tables.where.keys() - _KEPT_TABLES - _VARIATION_TABLES
    tags = [int.from_bytes(table.encode("latin-1").ljust(4), "big") for table in sorted(dropped)]
    return flags, tags, not _VARIATION_TABLES.isdisjoint(face.tables.where)


def _tag(face: Face, gids: frozenset[int]) -> str:
    """Return the six capital letters before the font's name (ISO 32000-1, 9.6.4), a hash of face and glyphs."""
    text = f"{face.name} {face.index} {sorted(gids)}"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return "".join(chr(ord("A") + number // 26**place % 26) for place in range(6))
