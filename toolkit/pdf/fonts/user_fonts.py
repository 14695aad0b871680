"""A user's own fonts (``--fonts DIR``): the files of a folder, matched to roles by the names in their name tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import uharfbuzz

from toolkit.core import data_folders
from toolkit.core.findings import FileError, Finding, Place, Severity, explain
from toolkit.page import measures
from toolkit.pdf.fonts.faces import BrokenFont, Face, broken, face_count, mapped, open_face
from toolkit.pdf.fonts.font_set import ROLES, FontSet, standard_fonts

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})

#: Names of the fonts of each role in Windows, macOS, WPS and from type foundries, besides those of ``page/measures``.
_KNOWN = {
    "body": "仿宋_GB2312,仿宋,FangSong_GB2312,FangSong,STFangsong,华文仿宋,"
    "方正仿宋_GBK,FZFangSong-Z02,方正仿宋简体,FZFangSong-Z02S",
    "title": "方正小标宋简体,FZXiaoBiaoSong-B05S,方正小标宋_GBK,FZXiaoBiaoSong-B05,小标宋体",
    "heading": "黑体,SimHei,STHeiti,华文黑体,Heiti SC,方正黑体_GBK,FZHei-B01,方正黑体简体,FZHei-B01S",
    "note": "楷体_GB2312,楷体,KaiTi_GB2312,KaiTi,STKaiti,华文楷体,方正楷体_GBK,FZKai-Z03,方正楷体简体,FZKai-Z03S",
    "number": "宋体,SimSun,NSimSun,新宋体,STSong,华文宋体,Songti SC,方正书宋_GBK,FZShuSong-Z01",
}


class Found(NamedTuple):
    """The fonts to print with, and findings about the user's font files."""

    fonts: FontSet
    findings: tuple[Finding, ...] = ()


def wanted_names(role: str, names: Mapping[str, str]) -> list[str]:
    """Return the font names that match the role, the unit's own choice first.

    ``names`` maps font names of the templates to those of the unit (``Resolved.fonts``). A name known for another role
    (SimSun as a template's substitute for 小标宋) matches that role only.
    """
    template = measures.FONT_ROLES[role]
    taken = {_key(name) for other, known in _KNOWN.items() if other != role for name in known.split(",")}
    usual = f"{measures.FONT_ALTERNATES[template]},{_KNOWN[role]}".split(",")
    chosen = [names[template]] if template in names else []
    return [*chosen, template, *(name for name in usual if _key(name) not in taken)]


def find_fonts(folders: Sequence[Path], names: Mapping[str, str]) -> Found:
    """Return the fonts to print with: those of the user's folders before the bundled ones.

    Damaged and unusable fonts are findings. Raises FileError if a folder does not exist or a file cannot be read.
    """
    if not folders:
        return Found(standard_fonts())
    data_folders.need_folders(folders)
    findings: list[Finding] = []
    faces: list[Face] = []
    for folder in folders:
        files = [path for path in sorted(Path(folder).iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]
        if not files:
            hint = "请检查路径；能用的字体文件以 .ttf、.otf 或者 .ttc 结尾"
            findings.append(Finding("no_fonts", Severity.ERROR, "这个文件夹里没有字体文件", Place(str(folder)), hint))
        for path in files:
            try:
                faces += open_faces(path)
            except BrokenFont as error:
                findings.append(broken(path, error))
    own = {role: face for role in ROLES if (face := _best(faces, wanted_names(role, names)))}
    rest = [face for face in faces if face not in own.values()]
    findings += _about(own, rest)
    return Found(FontSet(own, rest), tuple(findings))


def open_faces(path: Path) -> list[Face]:
    """Return all faces of a user's file after a test cut of each. Raises BrokenFont, or FileError if it cannot be read."""
    from toolkit.pdf.fonts.embedding import cut

    try:
        count = face_count(mapped(path)) if path.stat().st_size else 1
        faces = [open_face(path, index) for index in range(count)]
    except (OSError, uharfbuzz.HarfBuzzError) as error:
        reason, hint = explain(error) if isinstance(error, OSError) else ("读写出错", "")
        raise FileError(f"读不了字体 {path}：{reason}", hint) from error
    for face in faces:  # damage is found before any document is written
        if face.cids is not None and len(face.cids) != face.glyph_count:
            raise BrokenFont("CFF 轮廓已损坏")
        if not face.hb.unicodes:
            raise BrokenFont("字体里没有字符表")
        cut(face, frozenset(gid for gid in (1, face.glyph_count // 2, face.glyph_count - 1) if gid))
    return faces


def _best(faces: Sequence[Face], names: Sequence[str]) -> Face | None:
    """Return the face that has the first possible of ``names``; of several a regular one, then the first file."""
    for name in names:
        matches = [face for face in faces if _key(name) in {_key(own) for own in face.names}]
        if matches:
            return min(matches, key=lambda face: (not face.regular, str(face.path), face.index))
    return None


def _key(name: str) -> str:
    """Return a name for comparison: without case, spaces, dashes and a final "Regular"."""
    return re.sub(r"[\s_-]|regular$", "", name.casefold())


def _about(own: Mapping[str, Face], rest: Sequence[Face]) -> list[Finding]:
    """Return findings for faces that forbid embedding, and one if no face matches any role."""
    findings = []
    for face in dict.fromkeys([*own.values(), *rest]):
        if face.restricted:
            message = "这个字体标明不许嵌入文件（fsType 2）"
            hint = "请确认已取得嵌入的授权，或者换一个字体"
            where = Place(str(face.path))
            findings.append(Finding("font_restricted", Severity.WARNING, message, where, hint, subject=face.name))
    if rest and not own:
        listed = "、".join(sorted({min(face.names, default=face.name) for face in rest})[:10])
        message = f"没有一个字体的名称对得上仿宋、小标宋、黑体、楷体或者宋体，只用来补缺字：{listed}"
        hint = "要用作正文等，请在档案的“字体”一节写上字体自己的名称"
        findings.append(Finding("font_unmatched", Severity.WARNING, message, Place(str(rest[0].path.parent)), hint))
    return findings
