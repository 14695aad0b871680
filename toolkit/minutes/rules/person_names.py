"""Names of people as officers write them: with a post, in brackets, several in a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPLIT = re.compile(r"[、，,；;\n]+|(?<=[）)])\s+")
_BRACKETS = re.compile(r"[（(][^）)]*[）)]")
#: Who bears one of these marks need not be of the unit.
_GUEST = re.compile(r"来宾|列席|邀请|特邀|上级")


def bare(text: str) -> str:
    """Return a name without brackets and blanks."""
    return "".join(_BRACKETS.sub("", text).split())


def is_guest(text: str) -> bool:
    """Whether a name is marked as a guest's: 辛某（来宾）."""
    return bool(_GUEST.search(text))


def listed(text: str) -> tuple[str, ...]:
    """Return the people that a line names, brackets kept: 甲某（村文书）、乙某; nothing for 无."""
    parts, depth, current = [], 0, ""
    for char in text:
        depth += (char in "（(") - (char in "）)")
        if depth <= 0 and _SPLIT.match(char):
            parts.append(current)
            current = ""
        else:
            current += char
    parts.append(current)
    return tuple(part.strip() for part in parts if part.strip() and bare(part) not in ("", "无", "没有"))


def mentioned(text: str, names: Iterable[str]) -> str:
    """Return the known name that a text holds (the longest), or what stands in front of a bracket or blank."""
    found = max((name for name in names if name and name in text), key=len, default="")
    return found or bare(re.split(r"[（(\s，,、]", text.strip())[0] if text.strip() else "")
