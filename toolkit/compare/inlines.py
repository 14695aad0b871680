"""Marks the differences of two lines of inlines: texts by words, references and form fields whole; used by mark and merge."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Set
from dataclasses import replace

from toolkit.compare import words
from toolkit.compare.comparable import joined
from toolkit.compare.side import Side
from toolkit.model.tree import Inline, Inlines, Ref, Text

_Token = tuple[Hashable, Inline]
Cut = Callable[[str, tuple[str, ...]], Iterable[str]]


def marked(
    old: Side, new: Side, origins: tuple[str, str], before: Inlines, after: Inlines, moved: Set[str] = frozenset()
) -> Inlines:
    """Return both texts as one. ``origins`` are the ids of their blocks in the old and the new document.

    A reference stays unmarked if it has the same target and text, or a word processor renumbers it by itself (not if its
    target ``moved``); a deleted reference keeps its old text.
    """
    if before == after and not any(isinstance(part, Ref) for part in after):
        return joined(after)
    first, second = tokens_of(old, origins[0], before, moved), tokens_of(new, origins[1], after, moved)
    out: list[Inline] = []
    for op, start, end in words.pieces([key for key, _ in first], [key for key, _ in second]):
        if op == "=":
            out.extend(part for _, part in second[start:end])
        elif op == "-":
            out.extend(deleted(old, origins[0], part) for _, part in first[start:end])
        else:
            out.extend(replace(part, mark="ins") for _, part in second[start:end])
    return joined(out)


def tokens_of(
    side: Side, origin: str, parts: Inlines, moved: Set[str] = frozenset(), cut: Cut = words.tokens
) -> list[_Token]:
    """Return inlines as tokens, each with its key for comparing; ``cut`` splits a text, given the names that stay whole."""
    tokens: list[_Token] = []
    for part in parts:
        if isinstance(part, Text):
            tokens.extend((word, Text(word)) for word in cut(part.text, side.whole))
        elif isinstance(part, Ref):
            shown = "" if side.live(origin, part) and part.target not in moved else side.shown(origin, part)
            tokens.append((("ref", part, shown), part))
        else:
            tokens.append((("field", part), part))
    return tokens


def deleted(side: Side, origin: str, part: Inline) -> Inline:
    """Return an inline of the old text, marked as deleted."""
    if isinstance(part, Ref):
        return replace(part, mark="del", shown=side.shown(origin, part))
    return replace(part, mark="del")


def in_deleted_block(side: Side, origin: str, parts: Inlines) -> Inlines:
    """Return the inlines of a deleted block: the block bears the mark, references keep their old text."""
    return joined(replace(part, shown=side.shown(origin, part)) if isinstance(part, Ref) else part for part in parts)


def accepted(parts: Inlines, new: bool) -> Inlines:
    """Return the new text of marked inlines, or the old one."""
    out: list[Inline] = []
    for part in parts:
        if part.mark == ("del" if new else "ins"):
            continue
        if isinstance(part, Ref):
            part = replace(part, mark="", shown="")
        elif part.mark in ("ins", "del"):
            part = Text(part.text) if isinstance(part, Text) else replace(part, mark="")
        out.append(part)
    return joined(out)
