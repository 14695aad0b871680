"""Paragraphs: pieces of text set in lines, drawn with raw text operators, and the flowable that holds one.

A block knows the white above it and what it must keep below it. At the top of a page white is dropped; a block that
``snaps`` starts on a line of the grid, so that a page of text has its 22 lines (GB/T 9704-2012, 5.2.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from reportlab.platypus.flowables import Flowable

from toolkit.pdf.ink import Ink, widths
from toolkit.pdf.lines import Broken, Line, Measure, break_lines, offsets
from toolkit.pdf.measures import Style

if TYPE_CHECKING:
    from toolkit.pdf.fonts import FontSet

#: Height of the em box above the baseline, in em.
ASCENT = 0.88
_FUZZ = 0.05
#: Taller than any frame: a block that may not stand here says so.
_NOT_HERE = 1e6
#: Lines of a paragraph that stay with what it must keep.
_KEPT = 2
#: A blank to write on is not broken up to this many characters.
_WHOLE_BLANK = 8
#: Paragraphs and cells that a process remembers.
_KNOWN = 8192
_UNDERLINE_PT = (0.5, 2.2)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNUSUAL = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class Piece(NamedTuple):
    """A run of text. ``role`` ``""`` is the paragraph's own; ``link`` names a destination."""

    text: str
    role: str = ""
    link: str = ""
    underline: bool = False


class Setting(NamedTuple):
    """A paragraph in lines: where roles change (end, role), and the spans that are links or underlined."""

    broken: Broken
    style: Style
    runs: tuple[tuple[int, str], ...]
    spans: tuple[tuple[int, int, Piece], ...] = ()


def clean(text: str) -> str:
    """Return the text as it is set; raises :class:`ValueError` for a character that no document can hold."""
    if not _UNUSUAL.search(text):
        return text
    bad = _ILLEGAL.search(text)
    if bad:
        raise ValueError(f"文字中有不能写入文档的字符 U+{ord(bad.group()):04X}")
    return text.replace("\r", "").replace("\t", "\u3000")


def set_text(
    ink: Ink, pieces: Sequence[Piece], style: Style, width: float, gaps: bool = True
) -> Setting:
    """Break pieces into lines of a column ``width`` points wide."""
    setting = _set(ink.fonts, tuple(pieces), style, width, gaps)
    ink.emergencies += setting.broken.emergencies
    return setting


@lru_cache(maxsize=_KNOWN)
def _set(fonts: FontSet, pieces: tuple[Piece, ...], style: Style, width: float, gaps: bool) -> Setting:
    """Forms of one unit say much the same, and an issuing notice repeats a regulation: equal paragraphs are set once."""
    measure = Measure(
        width - style.right, style.size, style.left + style.first, style.left, style.align == "both", gaps
    )
    text = ""
    advances: list[float] = []
    runs: list[tuple[int, str]] = []
    spans: list[tuple[int, int, Piece]] = []
    for piece in pieces:
        own, start = clean(piece.text), len(text)
        role = piece.role or style.role
        advances += map(widths(fonts, role, style.size, style.tracking).__getitem__, own)
        text += own
        if runs and runs[-1][1] == role:
            runs.pop()
        runs.append((len(text), role))
        if piece.link or piece.underline:
            spans.append((start, len(text), piece))
    atoms = [(start, end) for start, end, piece in spans if piece.underline and end - start <= _WHOLE_BLANK]
    broken = break_lines(text, advances, measure, atoms)
    if style.align in ("center", "right"):
        broken = _aligned(broken, measure, style.align)
    return Setting(broken, style, tuple(runs), tuple(spans))


def _aligned(broken: Broken, measure: Measure, align: str) -> Broken:
    share = 0.5 if align == "center" else 1.0
    lines = tuple(
        Line(line.start, line.end, line.x + share * max(0.0, measure.width - line.x - line.width), line.width,
             line.extra, line.shifts)
        for line in broken.lines
    )  # fmt: skip
    return Broken(broken.text, broken.advances, lines, broken.emergencies)


# --- drawing ---------------------------------------------------------------------------------------------------


def paint(canvas: Any, setting: Setting, lines: Sequence[Line], x: float, top: float) -> None:
    """Draw ``lines``, the first in a line box whose top is at ``top``, from the left edge ``x``."""
    style = setting.style
    baseline = top - (style.pitch - style.size) / 2 - ASCENT * style.size
    out = ["BT"]
    state = ["", style.tracking, f"{style.tracking:.4g} Tc"]
    out.append(state[2])
    place = baseline
    for line in lines:
        if line.end > line.start:
            _show(out, canvas.ink, setting, line, f"1 0 0 1 {x + line.x:.2f} {place:.2f} Tm", state)
        place -= style.pitch
    out.append("ET")
    canvas.addLiteral("\n".join(out))
    if setting.spans:
        _mark(canvas, setting, lines, x, baseline)


def _show(out: list[str], ink: Ink, setting: Setting, line: Line, matrix: str, state: list[Any]) -> None:
    """Append the operators of one line. ``state``: font and character spacing as they are set."""
    style = setting.style
    tracking = style.tracking + line.extra
    if tracking != state[1]:
        state[1] = tracking
        out.append(f"{tracking:.4f} Tc")
    out.append(matrix)
    text, runs = setting.broken.text, setting.runs
    array: list[str] = []
    for start, end, role, shift in _stretches(line, runs):
        if shift:
            array.append(f"{-1000 * shift / style.size:.1f}")
        for font, codes in ink.codes(role).encode(text[start:end]):
            if font != state[0]:
                if any(part[0] == "<" for part in array):
                    out.append(f"[{' '.join(array)}] TJ")
                    array = []
                state[0] = font
                out.append(f"/{font} {style.size:g} Tf")
            array.append(f"<{codes}>")
    out.append(f"{array[0]} Tj" if len(array) == 1 else f"[{' '.join(array)}] TJ")


def _stretches(line: Line, runs: tuple[tuple[int, str], ...]) -> Iterator[tuple[int, int, str, float]]:
    """Yield (start, end, role, shift before it) of what is drawn in one go."""
    start, stop, moved = line.start, line.end, 0.0
    cuts = iter(line.shifts)
    cut, dx = next(cuts, (stop, 0.0))
    for end, role in runs:
        if end <= start:
            continue
        end = min(end, stop)
        while cut < end:
            if cut > start:
                yield start, cut, role, moved
                start, moved = cut, 0.0
            moved += dx
            cut, dx = next(cuts, (stop, 0.0))
        if end > start:
            yield start, end, role, moved
            start, moved = end, 0.0
        if start == stop:
            return


def _mark(canvas: Any, setting: Setting, lines: Sequence[Line], x: float, baseline: float) -> None:
    """Underline and link the spans that are on these lines."""
    weight, below = _UNDERLINE_PT
    size, pitch = setting.style.size, setting.style.pitch
    rules: list[str] = []
    for number, line in enumerate(lines):
        here = [span for span in setting.spans if span[0] < line.end and span[1] > line.start]
        if not here:
            continue
        places = offsets(setting.broken, line)
        y = baseline - number * pitch
        for start, end, piece in here:
            left = x + places[max(start, line.start) - line.start]
            right = x + places[min(end, line.end) - line.start]
            if piece.underline:
                rules.append(f"{left:.2f} {y - below:.2f} m {right:.2f} {y - below:.2f} l")
            if piece.link:
                rect = (left, y - (1 - ASCENT) * size, right, y + ASCENT * size)
                canvas.marks.link(canvas.getPageNumber(), rect, piece.link)
    if rules:
        canvas.addLiteral(f"{weight} w {' '.join(rules)} S")


# --- flowables -------------------------------------------------------------------------------------------------


class Block(Flowable):
    """What stands in the type area: ``before`` points of white above it, then its own height.

    ``after`` is the least white below it; ``kept`` the block that must begin on its page.
    ``snap``: it starts on a line of the grid ``pitch``; ``stands_off``: it keeps the white above at the top of a page,
    too, as a heading in the middle of two lines. ``gives``: so much of the white above is given up where the block and
    the one it keeps would not fit. ``full`` is the height of the type area. ``keys``:
    destinations at its top; ``outline``: (level, title) of its bookmark, which leads to the first of them.
    """

    before = after = lead = gives = 0.0
    kept: Block | None = None
    pitch = full = 1.0
    snap = stands_off = False
    keys: tuple[str, ...] = ()
    outline: tuple[int, str] | None = None

    def own_height(self) -> float:
        """Return the height without white above."""
        raise NotImplementedError

    def least(self) -> tuple[float, bool]:
        """Return the height of what must stand with a heading above it, and whether that is the whole block."""
        return self.own_height(), True

    def tail(self, room: float) -> float:
        """Return what must stand below the block where ``room`` points are left: what it keeps, and what that keeps."""
        total, block = 0.0, self.kept
        while block is not None and total < self.full / 2:
            white = block.white(room - total)
            height, whole = block.least()
            total += white + height
            block = block.kept if whole else None
        return min(total, self.full / 2)

    def white(self, room: float) -> float:
        """Return the white above where ``room`` points are left."""
        if room >= self.full - _FUZZ and not self.stands_off:
            return 0.0
        white = self.before
        if self.snap:
            down = -(self.full - room + white) % self.pitch
            white += down if down < self.pitch - _FUZZ else 0.0
        if self.gives:
            needed = self.own_height() + (self.kept.own_height() if self.kept else 0.0)
            white = min(white, max(self.before - self.gives, room - needed))
        return white

    def wrap(self, width: float, room: float) -> tuple[float, float]:
        """Return width and height; more than any page has if it may not stand here whole."""
        self.lead = self.white(room)
        height = self.lead + self.own_height()
        at_top = room >= self.full - _FUZZ
        if height > room + _FUZZ and not (at_top and not self.can_split()):
            return width, _NOT_HERE
        if self.kept and not at_top and height + self.tail(room - height) > room + _FUZZ:
            return width, _NOT_HERE
        self.height = min(height, room)
        return width, self.height

    def can_split(self) -> bool:
        """Whether the block may be split at all."""
        return False

    def split(self, width: float, room: float) -> list[Flowable]:
        """Return nothing: the block moves to the next page."""
        return []

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:
        """Draw without a coordinate system of its own."""
        top = y + self.height - self.lead
        if self.keys:
            self._anchor(canvas, top)
        self.paint(canvas, x, top)

    def _anchor(self, canvas: Any, top: float) -> None:
        marks = canvas.marks
        for key in self.keys:
            marks.places[key] = (canvas.getPageNumber(), top)
        if self.outline:
            marks.bookmark(*self.outline, self.keys[0])

    def paint(self, canvas: Any, x: float, top: float) -> None:
        """Draw with the top of the block's own height at ``top``."""
        raise NotImplementedError


class Para(Block):
    """A paragraph, or the lines of one that stand on a page."""

    def __init__(self, setting: Setting, lines: Sequence[Line] | None = None) -> None:
        self.setting = setting
        self.lines = setting.broken.lines if lines is None else lines
        self.before, self.after = setting.style.before, setting.style.after

    def own_height(self) -> float:
        return len(self.lines) * self.setting.style.pitch

    def least(self) -> tuple[float, bool]:
        whole = len(self.lines) <= _KEPT or self.setting.style.keep_lines
        return (len(self.lines) if whole else _KEPT) * self.setting.style.pitch, whole

    def can_split(self) -> bool:
        return len(self.lines) > 1

    def split(self, width: float, room: float) -> list[Flowable]:
        """Return the lines that fit and the rest; with lines that must stay with what follows moved along."""
        pitch, count = self.setting.style.pitch, len(self.lines)
        at_top = room >= self.full - _FUZZ
        fits = int((room - self.white(room) + _FUZZ) / pitch)
        if self.setting.style.keep_lines and not at_top:
            return []
        if fits >= count:
            fits = count - _KEPT if self.kept else count - 1
        if fits < 1 and at_top:
            fits = 1
        if not 0 < fits < count:
            return []
        first, rest = Para(self.setting, self.lines[:fits]), Para(self.setting, self.lines[fits:])
        for part in (first, rest):
            part.full, part.pitch, part.snap = self.full, self.pitch, self.snap
        first.before, first.keys, first.outline = self.before, self.keys, self.outline
        rest.before, rest.after, rest.kept = 0.0, self.after, self.kept
        return [first, rest]

    def paint(self, canvas: Any, x: float, top: float) -> None:
        paint(canvas, self.setting, self.lines, x, top)


class Space(Block):
    """White of a fixed height, also at the top of a page."""

    def __init__(self, height: float) -> None:
        self.room = height

    def own_height(self) -> float:
        return self.room

    def paint(self, canvas: Any, x: float, top: float) -> None:
        """Draw nothing."""
