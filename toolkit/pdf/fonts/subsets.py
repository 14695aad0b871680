"""Subsets of faces: one per face and set of glyphs, compressed, ready to be written into a PDF."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uharfbuzz

from toolkit.core.memo import Recent
from toolkit.pdf.flate import flate
from toolkit.pdf.fonts.sfnt import BrokenFont
from toolkit.pdf.fonts.slicing import slice_cff, slice_glyf

if TYPE_CHECKING:
    from toolkit.pdf.fonts.faces import Face

#: All that a PDF reader needs of a font whose codes, widths and texts stand in the PDF (ISO 32000-1, 9.9, table 126).
_KEPT = {"glyf", "loca", "head", "hhea", "hmtx", "maxp", "CFF "}
#: Variations are pinned to the default instance before their tables fall away.
_VARIATIONS = {"fvar", "gvar", "avar", "HVAR", "MVAR", "cvar"}
#: Subsets that are kept, in each of two generations, and how large they are at most: headings, labels and page numbers
#: of a form use the same characters in every unit; the text has a unit's own name in it.
_KEEP, _KEEP_BYTES = 256, 40_000


@dataclass(frozen=True, slots=True)
class Subset:
    """The embedded font file of some glyphs: compressed bytes, length and SHA-256 before, and the tag of its name.

    ``gids`` are the new glyph numbers by old ones where the codes of the content need a map (TrueType), else empty.
    """

    data: bytes
    length: int
    digest: bytes
    tag: str
    gids: dict[int, int]


def cut(face: Face, gids: frozenset[int]) -> tuple[bytes, dict[int, int]]:
    """Return font file and new glyph numbers by old: TrueType whole, of CFF the bare table. Raises BrokenFont."""
    if face.is_cff:
        return (slice_cff(face, gids), {}) if face.sliceable else cut_with_harfbuzz(face, gids)
    return slice_glyf(face, gids) if face.sliceable else cut_with_harfbuzz(face, gids)


def cut_with_harfbuzz(face: Face, gids: frozenset[int]) -> tuple[bytes, dict[int, int]]:
    """Cut with hb-subset: CFF with subroutines or without CIDs, and variable fonts, which become their default instance.

    A CFF font that is not CID-keyed keeps its glyph numbers, because there a CID is a glyph number.
    """
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(gids)
    flags = uharfbuzz.SubsetFlags.NOTDEF_OUTLINE | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
    if not face.is_cff:  # CFF hints are part of the outlines: to drop them costs time, not to keep them
        flags |= uharfbuzz.SubsetFlags.NO_HINTING
    elif face.cids is None:
        flags |= uharfbuzz.SubsetFlags.RETAIN_GIDS
    wanted.flags = flags
    if _VARIATIONS & set(face.tables.where):
        wanted.pin_all_axes_to_default(face.hb)
    wanted.drop_table_tag_set.update(_tags(frozenset(face.tables.where) - _KEPT - _VARIATIONS))
    try:
        plan = uharfbuzz.SubsetPlan(face.hb, wanted)
        made = plan.execute()
        if face.is_cff:
            return bytes(made.reference_table("CFF ").data), {}
        return bytes(made.blob.data), dict(plan.old_to_new_glyph_mapping.items())
    except (RuntimeError, MemoryError, uharfbuzz.HarfBuzzError) as error:
        raise BrokenFont("轮廓已损坏") from error


@functools.cache
def _tags(names: frozenset[str]) -> list[int]:
    return [int.from_bytes(name.encode("latin-1").ljust(4), "big") for name in names]


_kept: Recent[Subset] = Recent(_KEEP)


def subset(face: Face, gids: frozenset[int]) -> Subset:
    """Return the subset of a face with these glyphs; the same glyphs give the same bytes."""
    found = _kept.get((face, gids))
    if found is None:
        data, mapping = cut(face, gids)
        found = Subset(flate(data), len(data), hashlib.sha256(data).digest(), _tag(face, gids), mapping)
        if len(data) <= _KEEP_BYTES:
            _kept.put((face, gids), found)
    return found


def _tag(face: Face, gids: frozenset[int]) -> str:
    """Return the six capital letters before the font's name (ISO 32000-1, 9.6.4), made from what is in the subset."""
    text = f"{face.name} {face.index} {sorted(gids)}"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    letters = ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters += chr(ord("A") + rest)
    return letters
