"""The fonts in ``templates/fonts``: which face serves which role, and in which order the others stand in."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from toolkit import locate
from toolkit.pdf.fonts.faces import Face, open_face

#: Role → files of ``templates/fonts`` in the order in which they are asked for a character. The first is the role's own;
#: then come faces of similar weight, at last the one with the most characters and the symbols.
ORDER: dict[str, tuple[str, ...]] = {
    "body": ("fang.otf", "fang-more.ttf", "kai.ttf", "hei.ttf", "symbols.ttf"),
    "title": ("title.ttf", "kai.ttf", "fang.otf", "symbols.ttf"),
    "heading": ("hei.ttf", "kai.ttf", "fang.otf", "symbols.ttf"),
    "note": ("kai.ttf", "fang.otf", "hei.ttf", "symbols.ttf"),
    "number": ("song.ttf", "fang.otf", "fang-more.ttf", "kai.ttf", "symbols.ttf"),
}
ROLES = tuple(ORDER)


def folder() -> Path:
    """Return the folder of the bundled fonts."""
    return locate.data_folder("templates") / "fonts"


@functools.cache
def record() -> dict[str, Any]:
    """Return ``fonts.json``: of each file its source package, version, licence and SHA-256."""
    return json.loads((folder() / "fonts.json").read_text(encoding="utf-8"))


@functools.cache
def tgh() -> str:
    """Return the 8105 characters of 通用规范汉字表, in its order."""
    return (folder() / "tgh8105.txt").read_text(encoding="utf-8").strip()


def face(file: str) -> Face:
    """Return a bundled face, opened once per process."""
    return open_face(folder() / file)
