"""The line breaker: characters with advances in, lines with glyph positions out. Pure, no reportlab, linear time.

Rules: no closing mark at a line start and no opening mark at a line end (GB/T 15834-2011, 5.1); —— and …… whole; Latin
words, numbers and their units whole. Lines are filled on the grid of GB/T 9704-2012, 5.2.3. Where the next mark does not
fit, punctuation is squeezed by up to half an em (the blank half of a full-width mark); else the break moves back and the
line is stretched to the edge. All lengths are in points.

Every character gets a class of one letter, so that the rules are regular expressions over a string of classes:

``h`` Han and all else · ``u`` Han that counts (年, 次) · ``t`` 第 · ``c`` closing mark with a blank right half · ``e`` other
mark that starts no line · ``r`` % ‰ ℃ · ``o`` opening mark with a blank left half · ``x`` box and other that ends no line ·
``m`` ≤ ± · ``a`` letter · ``n`` digit · ``p`` Latin mark · ``q`` Latin opening mark · ``s`` space · ``g`` space that
binds · ``f`` full-width space · ``l`` line feed
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

#: White between Han and a letter, and between Han and a figure, in em; both shrink to nothing where a line needs it.
LETTER_GAP, FIGURE_GAP = 0.25, 0.125
#: How much a mark gives, in em: beside another mark or at a line's edge, and between characters.
_EDGE, _INNER = 0.5, 0.3
#: A line is stretched by at most so many em between two characters; a line that needs more stays short.
_STRETCH = 0.5
#: The remainder of a paragraph is squeezed into the line above if it is not wider than this, in em.
_ORPHAN = 2.0
_FUZZ = 0.01

_MEMBERS = {
    "c": "、，。；：）》】」』〉〕”’．］｝〗",
    "e": "？！…—·‧～－–々〻︰℉°′″",
    "r": "%‰℃％",
    "o": "（《【「『〈〔“‘［｛〖",
    "x": "□☐☑☒■№￥¥$€£#",
    "m": "≤≥<>=±×÷≈≠＜＞＝",
    "p": "!\"&')*+,-./:;?@\\]^_`|}~",
    "q": "([{",
    "u": "年月日时分秒号条项款章节次人个名份户元万亿千百度倍周天岁级期届位篇场处件家页行点米克吨升层栋组",
    "t": "第",
    "s": " \t\u2002\u2003\u2009",
    "g": "\u00a0\u202f\u2060\ufeff",
    "f": "\u3000",
    "l": "\n",
}


class _Classes(dict):
    """Code point → class, for :meth:`str.translate`; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char, kind = chr(code), "h"
        if code <= 0x2E7F and char.isdigit():
            kind = "n"
        elif code < 0x2100 and char.isalpha():
            kind = "a"
        self[code] = kind
        return kind


_CLASSES = _Classes({ord(char): kind for kind, chars in _MEMBERS.items() for char in chars})
#: Positions before which no line may begin.
_BOUND = re.compile(
    "(?=[cerpsg])|(?<=[oqmxg])|(?<=[anpr])(?=[anq])|(?<=n)(?=u)|(?<=t)(?=n)|(?<=[oqmx]s)|(?<=ns)(?=a)|(?<=[^f])(?=f)"
)
_MIXED = re.compile("(?<=[hut])(?=[an])|(?<=[anr])(?=[hut])")
_LATIN = re.compile("[anpqr]")
_INSIDE = re.compile("(?<=[anpqr])(?=[anpqr])")
_MARK = re.compile("[co]")


class Measure(NamedTuple):
    """Where a paragraph is set: ``width`` from edge to edge, indents of the first and the other lines, type size ``em``.

    ``justify``: full lines reach the edge. ``gaps``: white between Han and Latin.
    """

    width: float
    em: float
    first: float = 0.0
    rest: float = 0.0
    justify: bool = True
    gaps: bool = True


class TextLine(NamedTuple):
    """Characters ``start`` to ``end`` at ``x``. After every character comes ``extra``; ``shifts`` move the characters after them.

    A shift ``(index, dx)`` moves the character at ``index`` and all after it: squeezed marks, white between Han and
    Latin. ``width`` is from ``x`` to the end of the last character that is no space.
    """

    start: int
    end: int
    x: float
    width: float
    extra: float = 0.0
    shifts: tuple[tuple[int, float], ...] = ()


class Broken(NamedTuple):
    """The lines of a paragraph. ``emergencies``: lines that break a rule because nothing else fits."""

    text: str
    advances: Sequence[float]
    lines: tuple[TextLine, ...]
    emergencies: int = 0


def offsets(broken: Broken, line: TextLine) -> list[float]:
    """Return the x of every character of a line, and of its end."""
    shifts = dict(line.shifts)
    x, out = line.x, []
    for index in range(line.start, line.end):
        x += shifts.get(index, 0.0)
        out.append(x)
        x += broken.advances[index] + line.extra
    return [*out, x]


def break_lines(
    text: str, advances: Sequence[float], measure: Measure, atoms: Sequence[tuple[int, int]] = ()
) -> Broken:
    """Break ``text`` into lines. ``advances``: width of every character; ``atoms``: spans that stay whole if they fit.

    A line feed ends a line. An empty text has one empty line.
    """
    if not text:
        return Broken(text, advances, (TextLine(0, 0, measure.first, 0.0),))
    kinds = text.translate(_CLASSES)
    if "l" not in kinds:
        white = _white(kinds, measure)
        total = sum(advances) + sum(white.values())
        if total <= measure.width - measure.first and kinds[-1] != "s":
            return Broken(text, advances, (TextLine(0, len(text), measure.first, total, 0.0, tuple(white.items())),))
    return _Breaker(text, kinds, advances, measure, atoms).run()


def _white(kinds: str, measure: Measure) -> dict[int, float]:
    """Return character → white before it, between Han and Latin."""
    if not measure.gaps or not _LATIN.search(kinds):
        return {}
    letter, figure = LETTER_GAP * measure.em, FIGURE_GAP * measure.em
    starts = (match.start() for match in _MIXED.finditer(kinds))
    return {at: letter if "a" in kinds[at - 1 : at + 1] else figure for at in starts}


class _Breaker:
    """The state of one paragraph."""

    def __init__(
        self, text: str, kinds: str, advances: Sequence[float], measure: Measure, atoms: Sequence[tuple[int, int]]
    ) -> None:
        self.text = text
        self.kinds = kinds
        self.measure = measure
        self.width, self.em = measure.width, measure.em
        self.natural = advances
        #: White after characters, between Han and Latin.
        self.gaps: dict[int, float] = {}
        self.inside = bytearray()
        if _LATIN.search(kinds):
            self.gaps = {at - 1: white for at, white in _white(kinds, measure).items()}
            advances = list(advances)
            for at, white in self.gaps.items():
                advances[at] += white
            if measure.justify:
                self.inside = bytearray(len(text) + 1)
                for match in _INSIDE.finditer(kinds):
                    self.inside[match.start()] = 1
        self.advances = advances
        self.reach = [0.0, *accumulate(advances)]
        self.free = bytearray(b"\1") * (len(text) + 1)
        for match in _BOUND.finditer(kinds):
            self.free[match.start()] = 0
        for start, end in atoms:
            if self.reach[end] - self.reach[start] <= measure.width - max(measure.first, measure.rest):
                self.free[start + 1 : end] = bytes(end - start - 1)
                if not measure.justify and self.kinds[start - 1 : start] == "h":  # in a narrow cell
                    self.free[start] = 1
        self.free[len(text)] = 1
        self.lines: list[TextLine] = []
        self.emergencies = 0

    def run(self) -> Broken:
        start, x = 0, self.measure.first
        for part in self.kinds.split("l"):
            stop = start + len(part)
            while True:
                end = self._end(start, stop, self.width - x)
                self.lines.append(self._line(start, end, x, end >= stop))
                start, x = end, self.measure.rest
                if end >= stop:
                    break
            start = stop + 1
        return Broken(self.text, self.natural, tuple(self.lines), self.emergencies)

    # -- where a line ends

    def _end(self, start: int, stop: int, room: float) -> int:
        """Return where the line from ``start`` ends; ``stop`` ends the paragraph or is a line feed."""
        limit = self.reach[start] + room + _FUZZ
        if self.reach[stop] <= limit:
            return stop
        nearly_fits = self.reach[stop] <= limit + _ORPHAN * self.em  # better squeezed than one character on a last line
        if nearly_fits and self._visible(start, stop) - room <= self._slack(start, stop) + _FUZZ:
            return stop
        end = max(start, bisect_right(self.reach, limit, start, stop + 1) - 1)
        if end in self.gaps and self.reach[end + 1] - self.gaps[end] <= limit:
            end += 1
        while end < stop and self.kinds[end] == "s":
            end += 1
        if end == stop or end > start and self.free[end]:
            return self._without_orphan(start, end, stop)
        following = self.free.find(1, end + 1, stop)
        following = stop if following < 0 else following
        over = self._visible(start, following) - room
        if over <= 3 * self.em and over <= self._slack(start, following) + _FUZZ:
            return following
        before = self.free.rfind(1, start + 1, end + 1)
        if before > start:
            return self._without_orphan(start, before, stop)
        self.emergencies += 1
        end = max(end, start + 1)
        return end if end == stop else self._emergency(start, end)

    def _without_orphan(self, start: int, end: int, stop: int) -> int:
        """Return an earlier end where one character would be alone on a last line (孤字)."""
        if stop - end > 4 or len(self.kinds[end:stop].rstrip("ces")) != 1:
            return end
        before = self.free.rfind(1, max(start + 3, end - 3), end)
        return before if before > 0 else end

    def _emergency(self, start: int, end: int) -> int:
        """Break inside a word rather than before a closing mark; in a long word after a mark of its own."""
        kinds = self.kinds
        soft = [at for at in range(end, start, -1) if kinds[at] not in "cersg" and kinds[at - 1] not in "oxg"]
        if not soft:
            return end
        window = [at for at in soft if at > (start + 2 * end) // 3 and kinds[at - 1] == "p" and kinds[at] != "p"]
        return window[0] if window else soft[0]

    def _bare(self, start: int, end: int) -> int:
        """Return ``end`` without spaces before it."""
        return start + len(self.kinds[start:end].rstrip("s"))

    def _visible(self, start: int, end: int) -> float:
        """Return the natural width up to the last visible character."""
        bare = self._bare(start, end)
        natural = self.reach[bare] - self.reach[start]
        return natural - self.gaps.get(bare - 1, 0.0) if self.gaps else natural

    def _slack(self, start: int, end: int) -> float:
        return sum(most for _, _, most in self._squeezable(start, self._bare(start, end)))

    # -- how a line is set

    def _squeezable(self, start: int, end: int) -> list[tuple[int, int, float]]:
        """Return (rank, index that moves, most that it gives) of marks and white; low ranks give first."""
        kinds, em = self.kinds, self.em
        squeezable: list[tuple[int, int, float]] = []
        for match in _MARK.finditer(kinds, start, end):
            at = match.start()
            blank = min(self.advances[at] - 0.5 * em, _EDGE * em)
            if blank <= 0.2 * em or at == start and kinds[at] == "o":  # the left edge stays where it is
                continue
            if kinds[at] == "c":
                edge = at + 1 == end or kinds[at + 1] in "co"
                moved, rank = at + 1, 0 if at + 1 == end else 1
            else:
                edge = kinds[at - 1] == "o"
                moved, rank = at, 1
            squeezable.append((rank, moved, blank) if edge else (3, moved, min(blank, _INNER * em)))
        return squeezable + [(2, at, white) for at, white in self._shifts(start, end).items()]

    def _line(self, start: int, end: int, x: float, last: bool) -> TextLine:
        natural = self._visible(start, end)
        over = natural - (self.width - x)
        shifts = self._shifts(start, end)
        if over > _FUZZ:
            self._squeeze(start, end, over, shifts)
            return TextLine(start, end, x, natural - over, 0.0, tuple(sorted(shifts.items())))
        unstretched = TextLine(start, end, x, natural, 0.0, tuple(shifts.items()))
        if last or not self.measure.justify or over > -_FUZZ:
            return unstretched
        bare = self._bare(start, end)
        inner = [at for at in range(start + 1, bare) if self.inside[at]] if self.inside else []
        count = bare - start - 1 - len(inner)
        each = -over / count if count else 0.0
        if not 0 < each <= _STRETCH * self.em:
            return unstretched
        for at in inner:
            shifts[at] = -each
        return TextLine(start, end, x, natural - over, each, tuple(sorted(shifts.items())))

    def _shifts(self, start: int, end: int) -> dict[int, float]:
        """Return the shifts that make the white between Han and Latin."""
        gaps = self.gaps
        return {at + 1: gaps[at] for at in range(start, end - 1) if at in gaps} if gaps else {}

    def _squeeze(self, start: int, end: int, over: float, shifts: dict[int, float]) -> None:
        """Take ``over`` from marks and white, rank by rank, within a rank from all alike."""
        left, squeezable = over, self._squeezable(start, self._bare(start, end))
        for rank in range(4):
            group = [(moved, most) for own, moved, most in squeezable if own == rank]
            total = sum(most for _, most in group)
            if not total or left <= _FUZZ:
                continue
            share = min(1.0, left / total)
            for moved, most in group:
                shifts[moved] = shifts.get(moved, 0.0) - most * share
            left -= total * share
