"""The flowables of a page: blocks of the type area, and paragraphs. Used by all that makes or lays out blocks.

A block knows the white above it and the blocks that must stay below it. At the top of a page white is dropped; a block that
``snaps`` starts on a line of the grid, so that a page of text has its 22 lines (GB/T 9704-2012, 5.2.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from toolkit.pdf.line_breaking import TextLine
from toolkit.pdf.paragraphs import Setting, paint

#: Lengths that differ by less are equal, in points.
FUZZ = 0.05
#: Taller than any frame: the height of a block that may not be here.
_NOT_HERE = 1e6
#: Lines of a paragraph that stay with the blocks that it keeps.
_KEPT = 2


class Block(Flowable):
    """A block of the type area: ``before`` points of white, then its own height, then at least ``after`` points of white."""

    before = after = 0.0
    #: White above in its place, set by :meth:`wrap`; most white that is given up where the block would not fit.
    lead = yields = 0.0
    #: The block that must begin on the same page.
    kept: Block | None = None
    #: Line pitch of the grid, and height of the type area.
    pitch = full = 1.0
    #: Starts on a line of the grid; keeps the white above also at the top of a page; may be split between pages.
    snap = stands_off = splits = False
    #: Is never split where it is shorter than a page.
    whole = False
    #: Only a little that must stay with it, say a heading, stands above it on its page: it gives way, or that is left alone.
    opens = False
    #: Provisions and tables that it is, or is a part of.
    names: tuple[str, ...] = ()
    #: Destinations at its top, and (level, title) of the bookmark that leads to the first of them.
    keys: tuple[str, ...] = ()
    outline: tuple[int, str] | None = None

    def own_height(self) -> float:
        """Return the height without white above."""
        raise NotImplementedError

    def least(self) -> tuple[float, bool]:
        """Return the height of the part that stays with a heading above it, and whether that is the whole block."""
        return self.own_height(), True

    def lends(self) -> bool:
        """Whether a block that fills a page continues on the next one with the blocks that it keeps."""
        return False

    def tail(self, room: float) -> float:
        """Return the blocks that must stay below this one where ``room`` points are left: those it keeps, and those they keep."""
        total, block, most = 0.0, self.kept, self.full / 2
        while block is not None and total < most:
            white = block.white(room - total)
            height, whole = block.least()
            total += white + height
            if block.whole:  # it moves to the next page as a whole, with its lead-in
                most = self.full
            block = block.kept if whole else None
        return min(total, most)

    def white(self, room: float) -> float:
        """Return the white above where ``room`` points are left."""
        if room >= self.full - FUZZ and not self.stands_off:
            return 0.0
        white = self.before
        if self.snap:
            down = -(self.full - room + white) % self.pitch
            white += down if down < self.pitch - FUZZ else 0.0
        if self.yields:
            needed = self.own_height() + (self.kept.own_height() if self.kept else 0.0)
            white = min(white, max(self.before - self.yields, room - needed))
        return white

    def wrap(self, width: float, room: float) -> tuple[float, float]:
        """Return width and height; more than any page has if it may not stand here whole."""
        self.lead = self.white(room)
        height = self.lead + self.own_height()
        at_top = room >= self.full - FUZZ
        if height > room + FUZZ and not (at_top and not self.splits):
            return width, _NOT_HERE
        first = at_top or self.opens
        if self.kept and not (first and not self.lends()) and height + self.tail(room - height) > room + FUZZ:
            return width, _NOT_HERE
        self.height = min(height, room)
        return width, self.height

    def divided(self, first: Block, rest: Block | None) -> list[Block]:
        """Return the parts of this block with the white above it, the blocks kept below it, and its place on the grid."""
        first.before, first.keys, first.outline = self.before, self.keys, self.outline
        parts = [first]
        if rest is not None:
            rest.before, rest.after, rest.kept = 0.0, self.after, self.kept
            parts.append(rest)
        for part in parts:
            part.full, part.pitch, part.snap, part.names = self.full, self.pitch, self.snap, self.names
        return parts

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:
        """Draw without a coordinate system of its own."""
        top = y + self.height - self.lead
        for key in self.keys:
            canvas.marks.places[key] = (canvas.getPageNumber(), top)
        if self.outline:
            canvas.marks.bookmark(*self.outline, self.keys[0])
        canvas.marks.drawn.append((self.names, canvas.getPageNumber(), top, y))
        self.paint(canvas, x, top)

    def paint(self, canvas: Any, x: float, top: float) -> None:
        """Draw with the top of the block's own height at ``top``; nothing here."""


class Para(Block):
    """A paragraph, or the lines of one that stand on a page. ``rest``: fewest lines of it that go on over the page."""

    rest = 1

    def __init__(self, setting: Setting, lines: Sequence[TextLine] | None = None) -> None:
        self.setting = setting
        self.lines = setting.broken.lines if lines is None else lines
        self.before, self.after = setting.style.before, setting.style.after
        self.splits = len(self.lines) > 1
        #: Stays on one page, if it fits there.
        self.whole = setting.style.keep_lines

    def own_height(self) -> float:
        return len(self.lines) * self.setting.style.pitch

    def least(self) -> tuple[float, bool]:
        whole = len(self.lines) <= _KEPT or self.whole
        return (len(self.lines) if whole else _KEPT) * self.setting.style.pitch, whole

    def lends(self) -> bool:
        return not self.whole and len(self.lines) > max(_KEPT, self.rest)

    def split(self, width: float, room: float) -> list[Any]:
        """Return the lines that fit and the rest; lines that must stay with the following block move along."""
        pitch, count = self.setting.style.pitch, len(self.lines)
        at_top = room >= self.full - FUZZ
        fits = int((room - self.white(room) + FUZZ) / pitch)
        if self.whole and not (at_top or self.opens):
            return []
        if fits >= count:
            fits = count - _KEPT if self.kept else count - 1
        fits = min(fits, count - self.rest)
        if fits < 1 and at_top:
            fits = 1
        if not 0 < fits < count:
            return []
        first, rest = Para(self.setting, self.lines[:fits]), Para(self.setting, self.lines[fits:])
        rest.rest = self.rest
        return self.divided(first, rest)

    def paint(self, canvas: Any, x: float, top: float) -> None:
        paint(canvas, self.setting, self.lines, x, top)


class Space(Block):
    """White of a fixed height, also at the top of a page."""

    def __init__(self, height: float) -> None:
        self.room = height

    def own_height(self) -> float:
        return self.room
