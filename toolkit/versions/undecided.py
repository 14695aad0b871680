"""Words the comments at conflicts of a merge, and finds those that still stand in a file; used by ``upgrade``.

A conflict stands as long as its tracked change does. The comment says which one is meant, so that a later merge knows it
again in a file that a word processor saved in between; other tracked changes of the file are somebody's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from toolkit.compare import Conflict
from toolkit.docx.reading.package import open_package, tag, tags
from toolkit.forms.blueprint import squeezed

_HOW = "手工修改和新版本都改了这里。接受修订＝保留手工修改，拒绝修订＝采用新版本。"
_PARTS = ("\n当时生成：", "\n手工修改：", "\n新版本：")
_NOTHING = "（删去）"
_COMMENT = re.compile(rf"(.*?){_HOW}\s*当时生成：.*?手工修改：(.*)新版本：(.*)", re.DOTALL)
_CAME, _GONE = tags("ins moveTo"), tags("del moveFrom")
_TEXTS = tags("t delText")
_COMMENTS = "word/comments.xml"


def comment(conflict: Conflict, name: str) -> str:
    """Return the comment at a conflict; ``name`` cites its clause."""
    texts = (conflict.base or "（没有）", conflict.mine or _NOTHING, conflict.theirs or _NOTHING)
    return f"{name}：{_HOW}" + "".join(part + text for part, text in zip(_PARTS, texts, strict=True))


class _Tracked(NamedTuple):
    """The text of a paragraph with tracked changes, if they are accepted and if they are rejected, without white space."""

    accepted: str
    rejected: str


def undecided(data: bytes) -> tuple[str, ...]:
    """Return the clauses of the conflicts of earlier merges that were neither accepted nor rejected in a DOCX."""
    package = open_package(data)
    if _COMMENTS not in package.parts:
        return ()
    tracked = list(_tracked(package.xml(package.main)))
    return tuple(dict.fromkeys(_standing(package.xml(_COMMENTS), tracked))) if tracked else ()


def _standing(comments: etree._Element, tracked: list[_Tracked]) -> Iterator[str]:
    for element in comments:
        lines = ("".join(text.text or "" for text in line.iter(tag("t"))) for line in element.iter(tag("p")))
        match = _COMMENT.fullmatch("\n".join(lines))
        if match is not None:
            mine, theirs = squeezed(match[2]), squeezed(match[3])
            if any(_is_part(one.accepted, mine) or _is_part(one.rejected, theirs) for one in tracked):
                yield match[1].rstrip("：")


def _is_part(text: str, of: str) -> bool:
    return bool(text) and text in of


def _tracked(main: etree._Element) -> Iterator[_Tracked]:
    """Yield the paragraphs of a main part that have tracked changes, those of tracked rows too."""
    for paragraph in main.iter(tag("p")):
        kinds = {element.tag for element in paragraph.iter(*_CAME, *_GONE)} | _of_row(paragraph)
        if kinds:
            texts = ["", ""]
            for element in paragraph.iter(*_TEXTS):
                around = {outer.tag for outer in element.iterancestors()} | _of_row(paragraph)
                texts[0] += "" if around & _GONE else element.text or ""
                texts[1] += "" if around & _CAME else element.text or ""
            yield _Tracked(*map(squeezed, texts))


def _of_row(paragraph: etree._Element) -> set[str]:
    """Return how the row around a paragraph is tracked."""
    row = next(paragraph.iterancestors(tag("tr")), None)
    properties = row.find(tag("trPr")) if row is not None else None
    return {str(child.tag) for child in properties if child.tag in _CAME | _GONE} if properties is not None else set()
