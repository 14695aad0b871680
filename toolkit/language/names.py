"""Names of units and organs in words, so that no line break tears one (GB/T 9704-2012, 7.3.1: 词意完整); used by ``titles``.

A name is read from the left: words that stand at its head (中共), places and institutions that end in a known suffix
(青禾县), organs (总支部委员会). A word that no rule knows stays whole. The words are data: ``name_words.txt``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy

_WORDS = Path(__file__).with_name("name_words.txt")
#: Stands between the parts of a person's name, which breaks after it and nowhere else (阿依古丽·买买提).
DOT = "·"
#: In running text nothing tells where a name begins: seven characters before the dot are taken for it at most.
DOTTED_NAME = lazy(f"[\u3400-\u9fff]{{1,7}}(?:{DOT}[\u3400-\u9fff]{{1,7}})+")
#: Longest stem in front of a suffix.
_STEM = 14


class _Patterns(NamedTuple):
    """One word of a name from a place on, an organ, and the endings before which a long word may break."""

    word: re.Pattern[str]
    organ: re.Pattern[str]
    inner: re.Pattern[str]


@remembered(1, lasting=True)
def _patterns() -> _Patterns:
    words: dict[str, list[str]] = {}
    for line in _WORDS.read_text(encoding="utf-8").splitlines():
        kind, _, listed = line.partition(":")
        if not line.startswith("#"):
            words.setdefault(kind, []).extend(listed.split())
    any_of = {kind: "|".join(sorted(map(re.escape, listed), key=len, reverse=True)) for kind, listed in words.items()}
    organs, places = any_of["organs"], any_of["places"]
    # A place that another follows (柳市镇) does not end the word, unless the other begins an organ.
    place = f"(?:{places})(?=(?:{organs})|(?!{places}))"
    institution = f"(?:{any_of['institutions']})(?!{any_of['continues']})"
    stem = f"(?:城市)?.{{1,{_STEM}}}?"
    word = f"(?:{any_of['prefixes']}|{organs})|{stem}(?:{place}|{institution}|(?=(?:{organs})$))"
    return _Patterns(re.compile(word), re.compile(organs), re.compile(any_of["inner"]))


@remembered(1024)
def segments(name: str) -> tuple[str, ...]:
    """Return the words of a name in order; together they are the name.

    A break between two of them tears nothing.
    """
    words: list[str] = []
    start = 0
    while start < len(name):
        match = _patterns().word.match(name, start)
        end = match.end() if match and match.end() > start else len(name)
        words.append(name[start:end])
        start = end
    return tuple(words)


def abbreviates(short: str, full: str) -> bool:
    """Whether the characters of a short name stand in the full name, in their order."""
    rest = iter(full)
    return all(letter in rest for letter in short)


def organ_start(name: str) -> int:
    """Return where the organ at the end of a name begins (中共柳溪镇柳河村｜支部委员会), 0 for a name without one."""
    last = segments(name)[-1:]
    if not last or len(last[0]) == len(name) or not _patterns().organ.fullmatch(last[0]):
        return 0
    return len(name) - len(last[0])


def inner_breaks(word: str) -> list[int]:
    """Return the places inside a long word of a name where a break hurts least: before a known part of it."""
    found = (match.start() for match in _patterns().inner.finditer(word))
    return [place for place in found if place > 1 and len(word) - place > 1]
