"""Which characters of documents the fonts print: the check before anything is written, and the report of ``toolkit fonts``."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.core.findings import Finding, Place, Severity
from toolkit.model.tree import Document, FormField, Inlines, Provision, Text, walk
from toolkit.page import measures
from toolkit.pdf.fonts import font_set
from toolkit.pdf.fonts.faces import Face
from toolkit.pdf.fonts.font_set import ROLES, FontSet
from toolkit.pdf.fonts.user_fonts import find_fonts

#: Role → its name in reports.
ROLE_LABELS = {"body": "正文", "title": "标题", "heading": "章和一级标题", "note": "题注和二级标题", "number": "页码"}
#: Maximum number of characters listed in one message.
_LISTED = 20

#: A text with the role of its font and its place in a document.
PlacedText = tuple[str, str, Place]


def texts(documents: Iterable[Document]) -> Iterator[PlacedText]:
    """Yield (role, text, place) of all text in the tree; numbers and references add no other characters.

    Roles follow the styles of the templates: titles in 小标宋, chapters and table heads in 黑体, notes in 楷体.
    """
    for document in documents:
        where = Place(document=document.id)
        yield "title", document.title + document.subtitle + document.issuer_mark, where
        offices = document.issuer + _plain(document.addressee) + document.copy_to + document.printing_office
        yield "body", document.doc_number + offices + "".join(document.attachments), where
        yield "note", _plain(document.note), where
        for block in walk(document.body):
            where = Place(document=document.id, provision=block.id)
            if isinstance(block, Provision):
                yield "heading", _plain(block.heading), where
                yield "body", _plain(block.content), where
                continue
            yield "heading", _plain(block.caption), where
            for number, row in enumerate(block.rows):
                for cell in row.cells:
                    role = "heading" if cell.head or number < block.header_rows else "body"
                    yield role, "".join(map(_plain, cell.content)), where
        if document.enclosure:
            yield from texts([document.enclosure])


def _plain(inlines: Inlines) -> str:
    """Return all text of inlines, including values, options and labels of form fields and deleted text."""
    words = []
    for part in inlines:
        if isinstance(part, Text):
            words.append(part.text)
        elif isinstance(part, FormField):
            words += [part.value, *part.options, part.label]
    return "".join(words)


def _by_role(texts: Iterable[PlacedText]) -> dict[str, set[str]]:
    used: dict[str, set[str]] = {}
    for role, text, _ in texts:
        used.setdefault(role, set()).update(text)
    return used


def check_texts(fonts: FontSet, texts: Iterable[PlacedText]) -> list[Finding]:
    """Return a ``font_missing`` finding per place of (role, text, place) with characters that no font has, in order."""
    texts = list(texts)
    missing = {role: fonts.missing(role, chars) for role, chars in _by_role(texts).items()}
    if not any(missing.values()):
        return []
    missing_at: dict[Place, dict[str, None]] = {}
    for role, text, where in texts:
        if chars := [char for char in text if char in missing[role]]:
            missing_at.setdefault(where, {}).update(dict.fromkeys(chars))
    hint = "请换一个写法；如果是生僻字，可以用 --fonts 指定含有它的字体所在的文件夹"
    findings = []
    for where, lacking in missing_at.items():
        listed = "、".join(f"“{char}”（U+{ord(char):04X}）" for char in list(lacking)[:_LISTED])
        more = f" 等 {len(lacking)} 个" if len(lacking) > _LISTED else ""
        message = f"没有字体能显示这些字符：{listed}{more}"
        findings.append(Finding("font_missing", Severity.ERROR, message, where, hint, subject="".join(lacking)))
    return findings


@dataclass(frozen=True, slots=True)
class FontReport:
    """Faces by role, facts of each face and, for a set of documents, the characters printed by fallbacks.

    ``roles``: role → ``label``, ``font`` (the unit's font name, else the templates'), ``faces`` in search order,
    ``gb2312`` and ``tgh8105`` (number of characters of GB2312 and of 通用规范汉字表 that the faces cover together).
    ``faces``: file → names, licence and coverage. ``stand_ins``: role → file → characters; None without documents.
    """

    roles: dict[str, dict[str, Any]]
    faces: dict[str, dict[str, Any]]
    stand_ins: dict[str, dict[str, str]] | None
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready data (the contract of ``toolkit fonts --json``)."""
        data: dict[str, Any] = {"roles": self.roles, "faces": self.faces}
        if self.stand_ins is not None:
            data["stand_ins"] = self.stand_ins
        return data | {"findings": [finding.as_dict() for finding in self.findings]}


def report(
    folders: Sequence[Path] = (), names: Mapping[str, str] | None = None, documents: Iterable[Document] | None = None
) -> FontReport:
    """Return the report for the user's font ``folders`` and a unit's font ``names`` (``Resolved.fonts``).

    With ``documents`` it also covers their text; characters that no font has are findings. Raises FileError.
    """
    names = names or {}
    fonts, about_files = find_fonts(folders, names)
    roles = {
        role: {
            "label": ROLE_LABELS[role],
            "font": names.get(font, font),
            "faces": [_name(face) for face in fonts.faces(role)],
            **_standard(frozenset().union(*(face.characters for face in fonts.faces(role)))),
        }
        for role, font in measures.FONT_ROLES.items()
    }
    ordered = [*fonts.own.values(), *(face for role in ROLES for face in fonts.faces(role))]
    faces = {_name(face): _describe(face) for face in dict.fromkeys(ordered)}
    if documents is None:
        return FontReport(roles, faces, None, about_files)
    printed = list(texts(documents))
    return FontReport(roles, faces, _stand_ins(fonts, printed), (*about_files, *check_texts(fonts, printed)))


def _name(face: Face) -> str:
    return f"{face.path.name}#{face.index}" if face.index else face.path.name


@functools.cache
def gb2312() -> frozenset[str]:
    """Return the 6763 Han characters of GB2312, by Python's codec (rows 16 to 87)."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return frozenset(char for pair in pairs if (char := pair.decode("gb2312", "ignore")))


def _standard(characters: frozenset[str]) -> dict[str, int]:
    """Return how many of the characters of GB2312 and of 通用规范汉字表 are among ``characters``."""
    return {"gb2312": len(gb2312() & characters), "tgh8105": len(characters & set(font_set.tgh()))}


def _describe(face: Face) -> dict[str, Any]:
    """Return file, names, licence and coverage of a face."""
    entry = font_set.record()["faces"].get(face.path.name) if face.path.parent == font_set.folder() else None
    own = {"licence": "", "embedding_restricted": face.restricted, "sha256": face.sha256}
    return {
        "file": face.path.name if entry else str(face.path),
        "index": face.index,
        "name": face.name,
        "own": entry is None,
        **_standard(face.characters),
        "characters": len(face.characters),
        **({key: entry[key] for key in ("licence", "package", "version", "sha256")} if entry else own),
    }


def _stand_ins(fonts: FontSet, texts: Iterable[PlacedText]) -> dict[str, dict[str, str]]:
    """Return role → file of a fallback face → characters of ``texts`` that it prints, in code order."""
    used = _by_role(texts)
    printed: dict[str, dict[str, str]] = {}
    for role in ROLES:
        for char in sorted(used.get(role, ())):
            face = fonts.glyph(role, char).face
            if face is not None and face is not fonts.faces(role)[0]:
                by_file = printed.setdefault(role, {})
                by_file[_name(face)] = by_file.get(_name(face), "") + char
    return printed
