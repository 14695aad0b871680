"""Two lines of inlines as one with marks: texts by words, references and form fields whole."""

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
    """Return both texts as one. ``origins`` are the blocks that hold them, in the old and in the new document.

    A reference stays unmarked if it leads to the same place and reads the same, or is renumbered by itself (which it is
    not where it leads to a block that ``moved``); one that goes keeps what it read.
    """
    if before == after and not any(isinstance(part, Ref) for part in after):
        return joined(after)
    first, second = tokens_of(old, origins[0], before, moved), tokens_of(new, origins[1], after, moved)
    out: list[Inline] = []
    for op, start, end in words.pieces([key for key, _ in first], [key for key, _ in second]):
        if op == "=":
            out.extend(part for _, part in second[start:end])
        elif op == "-":
            out.extend(gone(old, origins[0], part) for _, part in first[start:end])
        else:
            out.extend(replace(part, mark="ins") for _, part in second[start:end])
    return joined(out)


def tokens_of(
    side: Side, origin: str, parts: Inlines, moved: Set[str] = frozenset(), cut: Cut = words.tokens
) -> list[_Token]:
    """Return inlines as tokens, each with what it is compared by; ``cut`` cuts a text, given the names that stay whole."""
    found: list[_Token] = []
    for part in parts:
        if isinstance(part, Text):
            found.extend((one, Text(one)) for one in cut(part.text, side.whole))
        elif isinstance(part, Ref):
            shown = "" if side.live(origin, part) and part.target not in moved else side.shown(origin, part)
            found.append((("ref", part, shown), part))
        else:
            found.append((("field", part), part))
    return found


def gone(side: Side, origin: str, part: Inline) -> Inline:
    """Return an inline as one that only the old text has."""
    if isinstance(part, Ref):
        return replace(part, mark="del", shown=side.shown(origin, part))
    return replace(part, mark="del")


def all_gone(side: Side, origin: str, parts: Inlines) -> Inlines:
    """Return the inlines of a block that only the old text has: the block bears the mark, references keep their text."""
    return joined(replace(part, shown=side.shown(origin, part)) if isinstance(part, Ref) else part for part in parts)


def accepted(parts: Inlines, new: bool) -> Inlines:
    """Return one of the two texts: the new one or the old one."""
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
