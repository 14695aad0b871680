"""The progress bar of every command that takes long: at a terminal one line that is drawn over, else lines now and then."""

from __future__ import annotations

import os
import sys
from time import monotonic

from toolkit.cli.console import is_terminal, say
from toolkit.language.columns import width

#: Longest bar, columns of the text beside it (so that the bar keeps its length), columns of a terminal that says no width.
_BAR, _TEXT, _COLUMNS = 30, 42, 80
#: Seconds between two states of the bar, and between two lines where there is no terminal.
_BLINK, _PAUSE = 0.1, 5.0
#: From so many steps on :meth:`Bar.step` shows anything.
_MANY = 50


class Bar:
    """A bar on standard error. ``total``: the number of steps, where :meth:`step` counts them."""

    def __init__(self, total: int = 0) -> None:
        self.terminal = is_terminal(sys.stderr)
        self.last = monotonic()
        self.total, self.done = total, 0
        self.drawn = False

    def begin(self) -> None:
        """Take the bar away, and wait as long as between two states until the next is shown."""
        self.clear()
        self.last = monotonic()

    def step(self, text: str) -> None:
        """Count one more step; shown at a terminal only, and only where there are many."""
        self.done += 1
        if self.terminal and self.total >= _MANY:
            self.show(f"{text} {self.done}/{self.total}", self.done, self.total)

    def show(self, text: str, done: int, total: int) -> None:
        """Show a text with a bar, unless the last one was shown just now."""
        now = monotonic()
        if done < total and now - self.last < (_BLINK if self.terminal else _PAUSE):
            return
        self.last = now
        if self.terminal:
            self.draw(text, done / total)
        else:
            say(text, err=True)

    def draw(self, text: str, part: float | None = None) -> None:
        """Draw over the last line of the terminal; nothing is drawn where there is none."""
        if not self.terminal:
            return
        # The blocks take two columns in some Chinese terminals, and a full line would break.
        columns = _columns()
        cells = 0 if part is None else min(_BAR, (columns - max(width(text), _TEXT) - 2) // 2)
        if cells > 2:
            full, open_ = ("█", "░") if "utf" in (sys.stderr.encoding or "").lower() else ("#", "-")
            filled = int(cells * (part or 0))
            text = f"{full * filled}{open_ * (cells - filled)} {text}"
        while width(text) >= columns > 1:
            text = text[:-1]
        say(f"\r\x1b[K{text}", err=True, nl=False)
        self.drawn = True

    def clear(self) -> None:
        """Take the bar away: the next output is a line of its own."""
        if self.drawn:
            say("\r\x1b[K", err=True, nl=False)
            self.drawn = False


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
    except (OSError, ValueError, AttributeError):
        return _COLUMNS
