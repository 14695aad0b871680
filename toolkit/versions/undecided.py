"""Words the comments at conflicts of a merge, finds those that still stand in a file, and settles them; used by ``upgrade``.

A conflict stands as long as its tracked change does. The comment says which one is meant, so that a later merge knows it
again in a file that a word processor saved in between; other tracked changes of the file are somebody's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from lxml import etree

from toolkit.compare import BOTH, KEEP, OWN, TAKE, Conflict, Decide, Decision, Side
from toolkit.compare.comparable import HEAD_FIELDS, HEAD_INLINES, joined
from toolkit.docx.reading.inlines import Unread
from toolkit.docx.reading.package import open_package, tag, tags
from toolkit.forms.blueprint import squeezed
from toolkit.model.tree import Document, Inlines, Text, map_blocks, map_lines

_HOW = "手工修改和新版本都改了这里。接受修订＝保留手工修改，拒绝修订＝采用新版本。"
_PARTS = ("\n当时生成：", "\n手工修改：", "\n新版本：")
_NOTHING = "（删去）"
_NONE = "（没有）"
_COMMENT = re.compile(
    rf"(?P<clause>.*?){_HOW}\s*当时生成：(?P<base>.*?)手工修改：(?P<mine>.*)新版本：(?P<theirs>.*)", re.DOTALL
)
_CAME, _GONE = tags("ins moveTo"), tags("del moveFrom")
_TEXTS = tags("t delText")
_COMMENTS = "word/comments.xml"


def comment(conflict: Conflict, name: str) -> str:
    """Return the comment at a conflict; ``name`` cites its clause."""
    texts = (conflict.base or _NONE, conflict.mine or _NOTHING, conflict.theirs or _NOTHING)
    return f"{name}：{_HOW}" + "".join(part + text for part, text in zip(_PARTS, texts, strict=True))


class _Tracked(NamedTuple):
    """The text of a paragraph with tracked changes, if they are accepted and if they are rejected, without white space."""

    accepted: str
    rejected: str


@dataclass(frozen=True)
class Standing:
    """The conflicts of earlier merges that were neither accepted nor rejected in a DOCX, by clause.

    ``others``: tracked paragraphs that are none of them.
    """

    conflicts: tuple[tuple[str, Conflict], ...] = ()
    others: int = 0

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of the conflicts."""
        return tuple(dict.fromkeys(clause for clause, _ in self.conflicts))


def undecided(data: bytes) -> Standing:
    """Return the conflicts that stand in a DOCX."""
    package = open_package(data)
    if _COMMENTS not in package.parts:
        return Standing()
    tracked = list(_tracked(package.xml(package.main)))
    if not tracked:
        return Standing()
    found = tuple(dict.fromkeys(_standing(package.xml(_COMMENTS), tracked)))
    texts = [(squeezed(conflict.mine), squeezed(conflict.theirs)) for _, conflict in found]
    others = sum(not any(_is_of(change, *both) for both in texts) for change in tracked)
    return Standing(found, others)


def settled(
    document: Document, sides: tuple[Side, Side], found: Sequence[Conflict], decide: Decide
) -> tuple[Document, list[tuple[Conflict, Decision]]] | None:
    """Return a document, read with all changes accepted, as decisions on its standing conflicts leave it, and the decisions.

    ``sides``: the document and the version that its conflicts were with. None where one is not decided, or cannot be settled
    here.
    """
    decided = [(conflict, decision) for conflict in found if (decision := decide(conflict)) is not None]
    if len(decided) < len(found):
        return None
    for conflict, decision in decided:
        if decision.how != KEEP:
            changed = _with_decided(document, sides, conflict, decision)
            if changed is None:
                return None
            document = changed
    return document, decided


def without_own(left: Unread, standing: Standing) -> Unread:
    """Return the comments and tracked changes of a file, which a tree cannot hold, without those of standing conflicts."""
    texts = {kind: [text for text in those if _HOW[:12] not in text] for kind, those in left.texts.items()}
    tracked = left.tracked if standing.others else 0
    return replace(left, texts={kind: those for kind, those in texts.items() if those}, tracked=tracked)


def _with_decided(
    document: Document, sides: tuple[Side, Side], conflict: Conflict, decision: Decision
) -> Document | None:
    """Return a document with the words that were decided in place of the hand's; None where their place is not clear."""
    mine, theirs = (_lines_of(side, text) for side, text in zip(sides, (conflict.mine, conflict.theirs), strict=True))
    if not mine and decision.how == TAKE:
        return _with_head(document, sides, conflict)
    if len(mine) != 1 or any(line != theirs[0] for line in theirs) or (not theirs and conflict.theirs):
        return None
    (old,), new = mine, theirs[0] if theirs else ()
    if decision.how == OWN:
        new = (Text(decision.text),)
    elif decision.how == BOTH:
        new = joined((*new, *old))
    head: dict[str, Any] = {name: new for name in HEAD_INLINES if getattr(document, name) == old}
    body = map_blocks(document.body, lambda block: map_lines(block, lambda line: new if line == old else line))
    return replace(document, body=body, **head)


def _with_head(document: Document, sides: tuple[Side, Side], conflict: Conflict) -> Document | None:
    """Return a document with what the new version has in the place of a title, an organ or a date; None for other words."""
    wanted = squeezed(conflict.mine), squeezed(conflict.theirs)
    for name in HEAD_FIELDS:
        both = tuple(getattr(side.document, name) for side in sides)
        if all(isinstance(value, str) for value in both) and tuple(map(squeezed, both)) == wanted:
            return replace(document, **{name: both[1]})
    return None


def _lines_of(side: Side, text: str) -> list[Inlines]:
    """Return the lines that read so: of the head, of blocks, and of the cells of tables."""
    wanted = squeezed(text)
    found: list[Inlines] = []

    def note(origin: str, line: Inlines) -> Inlines:
        if line and squeezed(side.line(origin, line)) == wanted:
            found.append(line)
        return line

    if wanted:
        for name in HEAD_INLINES:
            note("", getattr(side.document, name))
        map_blocks(side.document.body, lambda block: map_lines(block, partial(note, block.id)))
    return found


def _standing(comments: etree._Element, tracked: list[_Tracked]) -> Iterator[tuple[str, Conflict]]:
    for element in comments:
        lines = ("".join(text.text or "" for text in line.iter(tag("t"))) for line in element.iter(tag("p")))
        match = _COMMENT.fullmatch("\n".join(lines))
        if match is not None:
            texts = [match[part].strip() for part in ("base", "mine", "theirs")]
            if any(_is_of(change, squeezed(texts[1]), squeezed(texts[2])) for change in tracked):
                base, mine, theirs = ("" if text in (_NOTHING, _NONE) else text for text in texts)
                yield match["clause"].rstrip("："), Conflict("", "standing", base, mine, theirs)


def _is_of(change: _Tracked, mine: str, theirs: str) -> bool:
    return _is_part(change.accepted, mine) or _is_part(change.rejected, theirs)


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
