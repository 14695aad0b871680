"""Subsets of faces with hb-subset: one per face and set of glyphs, compressed, ready to be written into a PDF."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uharfbuzz

from toolkit.pdf.flate import flate
from toolkit.pdf.fonts.sfnt import BrokenFont

if TYPE_CHECKING:
    from toolkit.pdf.fonts.faces import Face

#: All that a PDF reader needs of a font whose codes, widths and texts stand in the PDF (ISO 32000-1, 9.9, table 126).
_KEPT = {"glyf", "loca", "head", "hhea", "hmtx", "maxp", "CFF "}
#: Variations are pinned to the default instance before their tables fall away.
_VARIATIONS = {"fvar", "gvar", "avar", "HVAR", "MVAR", "cvar"}
#: Looking ahead over a whole face pays after so many subsets of it (measured: 77 ms once, then 0.3 instead of 6 ms).
_PREPARE_CFF_AFTER = 12
#: Subsets that are kept (about 0.3 MB each): documents of one unit often use the same characters of the smaller faces.
_KEEP = 32


@dataclass(frozen=True, slots=True)
class Subset:
    """The embedded font file of some glyphs: compressed bytes, their length before, and the tag of its name.

    ``gids`` are the new glyph numbers by old ones where the codes of the content need a map (TrueType), else empty.
    """

    data: bytes
    length: int
    tag: str
    gids: dict[int, int]


def cut(face: "Face", gids: frozenset[int]) -> tuple[bytes, dict[int, int]]:
    """Return font file and new glyph numbers by old: TrueType whole, of CFF the bare table. Raises BrokenFont.

    A CFF font that is not CID-keyed keeps its glyph numbers, because there a CID is a glyph number.
    """
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(gids)
    flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
    if face.is_cff and face.cids is None:
        flags |= uharfbuzz.SubsetFlags.RETAIN_GIDS
    wanted.flags = flags
    if _VARIATIONS & set(face.tables.where):
        wanted.pin_all_axes_to_default(face.hb)
    wanted.drop_table_tag_set.update(_tags(frozenset(face.tables.where) - _KEPT - _VARIATIONS))
    try:
        plan = uharfbuzz.SubsetPlan(_source(face), wanted)
        made = plan.execute()
        if face.is_cff:
            return bytes(made.reference_table("CFF ").data), {}
        return bytes(made.blob.data), dict(plan.old_to_new_glyph_mapping.items())
    except (RuntimeError, MemoryError, uharfbuzz.HarfBuzzError) as error:
        raise BrokenFont("轮廓已损坏") from error


@functools.cache
def _tags(names: frozenset[str]) -> list[int]:
    return [int.from_bytes(name.encode("latin-1").ljust(4), "big") for name in names]


_cuts: dict["Face", int] = {}
_prepared: dict["Face", uharfbuzz.Face] = {}


def _source(face: "Face") -> uharfbuzz.Face:
    """Return the face to cut from: prepared, once that pays. Both give the same bytes."""
    if not face.is_cff:
        return face.hb
    if face not in _prepared:
        _cuts[face] = _cuts.get(face, 0) + 1
        if _cuts[face] <= _PREPARE_CFF_AFTER:
            return face.hb
        _prepared[face] = uharfbuzz.subset_preprocess(face.hb)
    return _prepared[face]


@functools.lru_cache(maxsize=_KEEP)
def subset(face: "Face", gids: frozenset[int]) -> Subset:
    """Return the subset of a face with these glyphs; the same glyphs give the same bytes."""
    data, mapping = cut(face, gids)
    return Subset(flate(data), len(data), _tag(face, gids), mapping)


def _tag(face: "Face", gids: frozenset[int]) -> str:
    """Return the six capital letters before the font's name (ISO 32000-1, 9.6.4), made from what is in the subset."""
    text = f"{face.name} {face.index} {sorted(gids)}"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    letters = ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters += chr(ord("A") + rest)
    return letters
