"""The report of ``toolkit fonts``: the faces of each role, their coverage and the characters printed by fallbacks."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.core.findings import Finding, Place
from toolkit.model.tree import Document
from toolkit.pdf.fonts import bundled
from toolkit.pdf.fonts.choice import FontSet, check_texts
from toolkit.pdf.fonts.faces import Face
from toolkit.pdf.fonts.role_texts import texts
from toolkit.pdf.fonts.user_fonts import find_fonts

#: Role → its name in reports.
ROLES = {"body": "正文", "title": "标题", "heading": "章和一级标题", "note": "题注和二级标题", "number": "页码"}


@dataclass(frozen=True, slots=True)
class FontReport:
    """Faces by role, facts of each face and, for a set of documents, the characters printed by fallbacks.

    ``roles``: role → ``label``, ``font`` (the unit's font name, else the templates'), ``faces`` in search order,
    ``gb2312`` and ``tgh8105`` (number of characters of GB2312 and of 通用规范汉字表 that the faces cover together).
    ``faces``: file → result of :func:`describe`. ``stand_ins``: role → file → characters; None without documents.
    """

    roles: dict[str, dict[str, Any]]
    faces: dict[str, dict[str, Any]]
    stand_ins: dict[str, dict[str, str]] | None
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready data (the contract of ``toolkit fonts --json``)."""
        stand_ins = {} if self.stand_ins is None else {"stand_ins": self.stand_ins}
        return {
            "roles": self.roles,
            "faces": self.faces,
            **stand_ins,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def report(
    folders: Sequence[Path] = (), names: Mapping[str, str] | None = None, documents: Iterable[Document] | None = None
) -> FontReport:
    """Return the report for the user's font ``folders`` and a unit's font ``names`` (``Resolved.fonts``).

    With ``documents`` it also covers their text; characters that no font has are findings. Raises FileError.
    """
    names = names or {}
    found = find_fonts(folders, names)
    fonts, findings = found.fonts, [*found.findings]
    roles = {
        role: {
            "label": ROLES[role],
            "font": names.get(bundled.TEMPLATE_FONTS[role], bundled.TEMPLATE_FONTS[role]),
            "faces": [_name(face) for face in fonts.faces(role)],
            **coverage(fonts, role),
        }
        for role in bundled.ROLES
    }
    used = None
    if documents is not None:
        printed = list(texts(documents))
        used = {
            role: {_name(face): "".join(chars) for face, chars in faces.items()}
            for role, faces in stand_ins(fonts, printed).items()
        }
        findings += check_texts(fonts, printed)
    return FontReport(roles, {_name(face): describe(face) for face in faces_of(fonts)}, used, tuple(findings))


def _name(face: Face) -> str:
    return f"{face.path.name}#{face.index}" if face.index else face.path.name


@functools.cache
def gb2312() -> frozenset[str]:
    """Return the 6763 Han characters of GB2312, by Python's codec (rows 16 to 87)."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return frozenset(char for pair in pairs if (char := pair.decode("gb2312", "ignore")))


def faces_of(fonts: FontSet) -> list[Face]:
    """Return all faces without repetition, the user's own first."""
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
    """Return the number of characters of GB2312 and of the 8105 that the faces of a role cover together."""
    have = frozenset().union(*(face.characters for face in fonts.faces(role)))
    return {"gb2312": len(gb2312() & have), "tgh8105": len(have & set(bundled.tgh()))}


def stand_ins(fonts: FontSet, texts: Iterable[tuple[str, str, Place]]) -> dict[str, dict[Face, list[str]]]:
    """Return role → fallback face → characters of ``texts`` that it prints, in code order."""
    used: dict[str, set[str]] = {}
    for role, text, _where in texts:
        used.setdefault(role, set()).update(text)
    printed: dict[str, dict[Face, list[str]]] = {}
    for role in bundled.ROLES:
        first = fonts.faces(role)[0]
        for char in sorted(used.get(role, ())):
            face = fonts.glyph(role, char).face
            if face is not None and face is not first:
                printed.setdefault(role, {}).setdefault(face, []).append(char)
    return printed
