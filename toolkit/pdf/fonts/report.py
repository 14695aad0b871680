"""What ``toolkit fonts`` shows: which face serves which role, what it covers, what stands in for what."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from toolkit.errors import Place
from toolkit.pdf.fonts import bundled
from toolkit.pdf.fonts.choice import FontSet
from toolkit.pdf.fonts.faces import Face


@functools.cache
def gb2312() -> frozenset[str]:
    """Return the 6763 Han characters of GB2312, by Python's codec (rows 16 to 87)."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return frozenset(char for pair in pairs if (char := pair.decode("gb2312", "ignore")))


def faces_of(fonts: FontSet) -> list[Face]:
    """Return every face once, the user's own first."""
    ordered = [*fonts.own.values(), *(face for role in bundled.ROLES for face in fonts.faces(role))]
    return list(dict.fromkeys(ordered))


def describe(face: Face) -> dict[str, Any]:
    """Return file, names, licence and coverage of a face."""
    entry = bundled.record()["faces"].get(face.path.name) if face.path.parent == bundled.folder() else None
    data: dict[str, Any] = {
        "file": face.path.name if entry else str(face.path),
        "index": face.index,
        "name": face.name,
        "own": entry is None,
        "gb2312": len(gb2312() & face.characters),
        "tgh8105": len(face.characters & set(bundled.tgh())),
        "characters": len(face.characters),
    }
    if entry:
        data |= {key: entry[key] for key in ("licence", "package", "version", "sha256")}
    else:
        data |= {"licence": "", "embedding_restricted": face.restricted, "sha256": face.sha256}
    return data


def coverage(fonts: FontSet, role: str) -> dict[str, int]:
    """Return how many characters of GB2312 and of the 8105 the faces of a role have together."""
    have = frozenset().union(*(face.characters for face in fonts.faces(role)))
    return {"gb2312": len(gb2312() & have), "tgh8105": len(have & set(bundled.tgh()))}


def stand_ins(fonts: FontSet, texts: Iterable[tuple[str, str, Place]]) -> dict[str, dict[Face, list[str]]]:
    """Return role → face → characters of ``texts`` that the role's own face lacks, in the order of their codes."""
    used: dict[str, set[str]] = {}
    for role, text, _where in texts:
        used.setdefault(role, set()).update(text)
    found: dict[str, dict[Face, list[str]]] = {}
    for role in bundled.ROLES:
        first = fonts.faces(role)[0]
        for char in sorted(used.get(role, ())):
            face = fonts.glyph(role, char).face
            if face is not None and face is not first:
                found.setdefault(role, {}).setdefault(face, []).append(char)
    return found
