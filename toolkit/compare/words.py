"""Differences inside a text: rapidfuzz on tokens, small islands taken into the change around them.

Tokens are single characters, but for what a reader never sees changed in part: numbers, 第十二条, 每季度, 5个工作日, 应当,
Latin words. With ``jieba`` installed and asked for, they are its words; its dictionary is loaded once per process (about
one second) from a cache of the user's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from rapidfuzz.distance import Indel

_NUMERAL = "零〇一二两三四五六七八九十百千万"
#: Words of 2.3 of the norms and units of :mod:`toolkit.language.periods` that stay whole.
_TOKEN = re.compile(
    rf"\d+(?:-\d+)+|每隔?(?:[{_NUMERAL}\d]+个?|个)?(?:半年度?|季度?|年度?|半月|月度?|旬|周|星期|日|天|工作日)"
    rf"|第[{_NUMERAL}]+[编章节条款项目次个]|（[{_NUMERAL}]+）"
    rf"|(?:\d+(?:[.．]\d+)?|[{_NUMERAL}]+)(?:个工作日|工作日|个月|小时|分钟|万元|[日天周年月次人名元分倍份])?[%％]?"
    r"|半年度?|季度|应当|必须|可以|不得|不应|不可以|禁止|应该|\d+(?:[.．]\d+)?[%％]?|[A-Za-z]+|.",
    re.DOTALL,
)
_BREAKS = frozenset("，。；：、？！“”‘’（）《》〈〉【】…—\n　 ")
#: An unchanged piece of so many characters between two changes is taken into them.
_ISLAND = 1
#: A change of so many tokens swallows it on its own.
_LONG = 3
#: A replacement of fewer characters is told with its neighbours.
_CLEAR = 2
#: So many characters beside a place tell it from others.
_CONTEXT = 6


class Piece(NamedTuple):
    """A part of a comparison: ``op`` is ``=``, ``-``, ``+``; with ``start`` and ``end`` in the tokens of its side."""

    op: str
    start: int
    end: int


@lru_cache(maxsize=20_000)
def tokens(text: str, whole: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the tokens of a text; joined they are the text. ``whole``: names that stay whole, the longest first."""
    cut = _cutter()
    if not whole:
        return tuple(cut(text))
    found: list[str] = []
    for part in _names(whole).split(text):
        found.extend((part,) if part in whole else cut(part))
    return tuple(found)


@lru_cache(maxsize=64)
def _names(whole: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"({'|'.join(map(re.escape, whole))})")


_cut: Callable[[str], Iterable[str]] | None = None


def _cutter() -> Callable[[str], Iterable[str]]:
    return _cut or _TOKEN.findall


def use_jieba(cache: str = "") -> bool:
    """Cut texts with jieba from now on; whether it is installed. ``cache``: folder of its dictionary's cache."""
    global _cut
    try:
        import jieba
    except ImportError:
        return False
    import logging

    jieba.setLogLevel(logging.WARNING)
    own = jieba.Tokenizer()
    if cache:
        os.makedirs(cache, exist_ok=True)
        own.tmp_dir = cache
    _cut = partial(own.lcut, HMM=False)
    tokens.cache_clear()
    return True


def pieces(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Piece]:
    """Return what two sequences of tokens share and differ in; in each place what goes stands before what comes."""
    if old == new:
        return [Piece("=", 0, len(new))] if new else []
    out: list[list] = []
    for code in Indel.opcodes(old, new):
        if code.tag == "equal":
            out.append(["=", code.src_start, code.src_end, code.dest_start, code.dest_end])
        elif out and out[-1][0] == "~":
            out[-1][2], out[-1][4] = code.src_end, code.dest_end
        else:
            out.append(["~", code.src_start, code.src_end, code.dest_start, code.dest_end])
    found: list[Piece] = []
    for op, a, b, c, d in _slid(_without_islands(out, old), old, new):
        if op == "=":
            found.append(Piece("=", c, d))
        else:
            found.extend(piece for piece in (Piece("-", a, b), Piece("+", c, d)) if piece.end > piece.start)
    return found


def _without_islands(runs: list[list], old: Sequence[Hashable]) -> list[list]:
    """Take single characters between changes, and no punctuation, into the change."""
    out: list[list] = []
    for place, run in enumerate(runs):
        inside = 0 < place < len(runs) - 1
        text = "".join(map(str, old[run[1] : run[2]])) if run[0] == "=" and run[2] - run[1] <= _ISLAND + 1 else ""
        small = inside and 0 < len(text) <= _ISLAND and not any(char in _BREAKS for char in text)
        if run[0] == "=" and not (small and _swallowed(runs[place - 1], runs[place + 1])):
            out.append(list(run))
        elif out and out[-1][0] == "~":
            out[-1][2], out[-1][4] = run[2], run[4]
        else:
            out.append(["~", *run[1:]])
    return out


def _slid(runs: list[list], old: Sequence[Hashable], new: Sequence[Hashable]) -> list[list]:
    """Move what only goes or only comes to where a reader cuts: 村民小组组长、 and not 民小组组长、村 before 信息员."""
    for place in range(1, len(runs) - 1):
        op, a, b, c, d = runs[place]
        if op != "~" or (a < b) == (c < d):
            continue
        side, start, end = (old, a, b) if a < b else (new, c, d)
        before, after = runs[place - 1], runs[place + 1]
        left, right = 0, 0
        while left < before[2] - before[1] and side[start - left - 1] == side[end - left - 1]:
            left += 1
        while right < after[2] - after[1] and side[start + right] == side[end + right]:
            right += 1
        step = max(range(-left, right + 1), key=lambda step: (_cut_well(side, start + step, end + step), -abs(step)))
        for run, at in (
            (before, 2),
            (before, 4),
            (runs[place], 1),
            (runs[place], 2),
            (runs[place], 3),
            (runs[place], 4),
            (after, 1),
            (after, 3),
        ):
            run[at] += step
    return [run for run in runs if run[0] == "~" or run[1] < run[2]]


def _cut_well(side: Sequence[Hashable], start: int, end: int) -> int:
    """Return how many cuts of a piece are at a mark of punctuation."""
    first = side[start] in _BREAKS or start == 0 or side[start - 1] in _BREAKS
    last = side[end - 1] in _BREAKS or end == len(side) or side[end] in _BREAKS
    return first + last


def _swallowed(before: list, after: list) -> bool:
    """Whether a single character between two changes is noise: both replace something, or both are much longer."""
    if all(run[2] > run[1] and run[4] > run[3] for run in (before, after)):
        return True
    return min(max(run[2] - run[1], run[4] - run[3]) for run in (before, after)) >= _LONG


def changed_text(old: str, new: str) -> list[tuple[str, str]]:
    """Return (op, text) of two texts."""
    if old == new:
        return [("=", new)] if new else []
    before, after = tokens(old), tokens(new)
    return [
        (piece.op, "".join((before if piece.op == "-" else after)[piece.start : piece.end]))
        for piece in pieces(before, after)
    ]


def _changes(old: str, new: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each place that differs: what goes, what comes, and the unchanged text before and after it."""
    before = gone = came = ""
    for op, text in [*changed_text(old, new), ("=", "")]:
        if op == "-":
            gone = text
        elif op == "+":
            came = text
        else:
            if gone or came:
                yield gone, came, before, text
            before, gone, came = text, "", ""


def replaced(old: str, new: str) -> list[tuple[str, str]]:
    """Return the places that differ as (before, after)."""
    return [(gone, came) for gone, came, _, _ in _changes(old, new)]


def replaced_words(old: str, new: str) -> list[tuple[str, str]]:
    """Return the places that differ as (before, after), a single character with its neighbours: 柳河村, not 河.

    Where a reader is told what becomes what, one character tells nothing.
    """
    found = []
    for gone, came, before, after in _changes(old, new):
        if gone and came and min(len(gone), len(came)) < _CLEAR:
            left, right = (one if one not in _BREAKS else "" for one in (before[-1:], after[:1]))
            gone, came = left + gone + right, left + came + right
        found.append((gone, came))
    return found


def replaced_in(old: str, new: str) -> list[tuple[str, str, str]]:
    """Return the places that differ as (before, after, what stands before them).

    For sentences like 将“A”修改为“B”, 删去“A”, 在“C”后增加“B”: a single character that becomes another is told with its
    neighbours, and what is put at the beginning of a part of a sentence with what follows.
    """
    found = []
    for gone, came, before, after in _changes(old, new):
        left = _WORD_BEFORE.search(before)[0]  # type: ignore[index]
        right = _WORD_AFTER.match(after)[0]  # type: ignore[index]
        if gone and came and min(len(gone), len(came)) < _CLEAR:
            gone, came = (left + gone, left + came) if left else (gone + right, came + right)
        elif not gone and not left:
            gone, came = right, came + right
        found.append((gone, came, left))
    return found


_WORD_BEFORE = re.compile(f"[^{''.join(_BREAKS)}]{{0,{_CONTEXT}}}$")
_WORD_AFTER = re.compile(f"[^{''.join(_BREAKS)}]{{0,{_CONTEXT}}}")

_PUNCTUATION = re.compile(r"[\s，。；：、？！,.;:?!“”‘’\"'（）()《》〈〉【】\[\]…—\-·]+")


def letters(text: str) -> str:
    """Return the text without punctuation and white space."""
    return _PUNCTUATION.sub("", text)
