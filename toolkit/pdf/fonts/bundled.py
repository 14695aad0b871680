"""The fonts in ``templates/fonts``: the face of each role and its fallbacks. Used by all of this package."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from toolkit.core import data_folders
from toolkit.page import measures
from toolkit.pdf.fonts.faces import Face, open_face

#: Role → files of ``templates/fonts`` in the order in which they are searched for a character: the role's own face first,
#: then faces of similar weight. Every role lists every face, so a character missing in one role is missing in all.
ORDER: dict[str, tuple[str, ...]] = {
    "body": ("fang.otf", "fang-more.ttf", "kai.ttf", "song.ttf", "hei.ttf", "title.ttf", "symbols.ttf"),
    "title": ("title.ttf", "kai.ttf", "hei.ttf", "fang.otf", "fang-more.ttf", "song.ttf", "symbols.ttf"),
    "heading": ("hei.ttf", "kai.ttf", "title.ttf", "fang.otf", "fang-more.ttf", "song.ttf", "symbols.ttf"),
    "note": ("kai.ttf", "fang.otf", "fang-more.ttf", "song.ttf", "hei.ttf", "title.ttf", "symbols.ttf"),
    "number": ("song.ttf", "fang.otf", "fang-more.ttf", "kai.ttf", "hei.ttf", "title.ttf", "symbols.ttf"),
}
#: Role → name of its font in the DOCX templates.
TEMPLATE_FONTS = {
    "body": measures.FONT_BODY,
    "title": measures.FONT_TITLE,
    "heading": measures.FONT_HEI,
    "note": measures.FONT_KAI,
    "number": measures.FONT_SONG,
}
ROLES = tuple(ORDER)


def folder() -> Path:
    """Return the folder of the bundled fonts."""
    return data_folders.data_folder("templates") / "fonts"


@functools.cache
def record() -> dict[str, Any]:
    """Return ``fonts.json``: source package, version, licence and SHA-256 of each file."""
    return json.loads((folder() / "fonts.json").read_text(encoding="utf-8"))


@functools.cache
def tgh() -> str:
    """Return the 8105 characters of 通用规范汉字表 (2013) in the table's order."""
    return (folder() / "tgh8105.txt").read_text(encoding="utf-8").strip()


def face(file: str) -> Face:
    """Return a bundled face, opened once per process. Raises BrokenFont or OSError."""
    return open_face(folder() / file, bundled=True)
