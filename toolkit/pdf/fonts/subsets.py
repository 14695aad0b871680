"""Font subsets: the glyphs that one PDF needs of a face, cut by HarfBuzz and compressed. Used by ``embedding`` and ``own``.

The bytes of a subset depend on the face, its glyphs and the version of HarfBuzz (``setup.cfg`` pins it), never on what was
cut before: ``tests/test_pdf_fonts.py`` compares prepared faces with fresh ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import uharfbuzz

from toolkit.core.memo import remembered
from toolkit.pdf.flate import flate
from toolkit.pdf.fonts.faces import Face, draws
from toolkit.pdf.fonts.sfnt import BrokenFont

#: The only tables that a PDF needs: it has codes, widths and text itself (ISO 32000-1, 9.9, table 126).
_KEPT_TABLES = {"glyf", "loca", "head", "hhea", "hmtx", "maxp", "CFF "}
#: HarfBuzz needs these to pin a variable font to its default instance, and drops them then.
_VARIATION_TABLES = {"fvar", "gvar", "avar", "HVAR", "MVAR", "cvar"}
#: Number of remembered subsets (in each of two generations) and their most glyphs (about 40 kB). Units share the
#: characters of headings, labels and page numbers, but rarely those of a whole text.
_REMEMBERED, _MOST_GLYPHS = 256, 170


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


def _if_small(face: Face, gids: frozenset[int], chars: str = "") -> tuple[Face, frozenset[int], str] | None:
    return (face, gids, chars) if len(gids) <= _MOST_GLYPHS else None


@remembered(_REMEMBERED, key=_if_small)
def subset(face: Face, gids: frozenset[int], chars: str = "") -> Subset:
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
        if not (face.bundled or face.is_cff):
            _check_outlines(face, program, {gid: mapping[gid] for gid in gids})
        return bytes(blob.data), mapping
    except (RuntimeError, MemoryError, uharfbuzz.HarfBuzzError) as error:
        raise BrokenFont("轮廓已损坏") from error


def _check_outlines(face: Face, program: uharfbuzz.Face, mapping: dict[int, int]) -> None:
    """Raise BrokenFont for a damaged TrueType outline: HarfBuzz replaces it by an empty one without an error."""
    font = uharfbuzz.Font(program)
    if any(face.has_outline(old) and not draws(font, new) for old, new in mapping.items()):
        raise BrokenFont("轮廓已损坏")


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
    letters = ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters += chr(ord("A") + rest)
    return letters
