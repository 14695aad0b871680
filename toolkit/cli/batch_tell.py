"""What ``toolkit batch`` says while it is at work: to people, and to machines (``docs/batch.md``)."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import is_terminal, line, say, visible, width

if TYPE_CHECKING:
    from toolkit.batch import Event, Report
    from toolkit.core.findings import Finding

#: Longest bar, columns of the text beside it (so that the bar keeps its length), columns of a terminal that says no width.
_BAR, _TEXT, _COLUMNS = 30, 42, 80
#: Seconds between two states of the bar, and between two lines where there is no terminal.
_BLINK, _PAUSE = 0.1, 5.0


class Shown:
    """Tells people: findings as lines, progress as a bar at a terminal, else as lines now and then."""

    def __init__(self) -> None:
        self.terminal = is_terminal(sys.stderr)
        self.begun = self.last = monotonic()
        self.total = 0
        self.drawn = False
        self.counts: Counter[str] = Counter()

    def tell(self, event: Event) -> None:
        """Say what happened."""
        if event.what == "read":
            self.draw("正在读取名单……")
        elif event.what == "rows":
            self.progress(
                f"正在检查各行 {event.total - event.left}/{event.total}", event.total - event.left, event.total
            )
        elif event.what == "begin":
            self.clear()
            self.begun = self.last = monotonic()
            self.total = event.left
            say(f"名单中有 {event.total} 个单位，没有变化 {event.unchanged} 个，要做 {event.left} 个。", err=True)
        if event.findings:
            self.clear()
            if event.line is not None:
                say(_state(event), err=True)
            self.findings(event.findings)
        if event.line is not None:
            self.counts[event.line.state] += 1
            self.unit(self.total - event.left)

    def findings(self, findings: tuple[Finding, ...]) -> None:
        """Say what was found, each with its cell or its place in a file."""
        from toolkit.batch import where_text

        self.clear()
        for one in findings:
            say(line(one, where_text(one)), err=True)

    def unit(self, done: int) -> None:
        """Say how far the run is, how quick, and how long it takes yet."""
        rate = done / max(monotonic() - self.begun, 1e-6)
        left = f"，还要 {duration((self.total - done) / rate)}" if done < self.total else ""
        self.progress(f"{done}/{self.total} 每秒 {rate:.1f} 个{left}", done, self.total)

    def progress(self, text: str, done: int, total: int) -> None:
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
        """Take the bar away: what comes next is a line of its own."""
        if self.drawn:
            say("\r\x1b[K", err=True, nl=False)
            self.drawn = False

    def interrupted(self, check_only: bool) -> None:
        """Say how to go on."""
        self.clear()
        if not check_only:
            say("已经做好的单位都在；加 --resume 再运行，就接着做。", err=True)

    def broken_off(self) -> None:
        """Say what became of the units where the state or the reports cannot be written."""
        self.clear()
        if self.counts:
            say(f"没有写完报告。{_counts(self.counts)}。")

    def summary(self, report: Report, out: Path) -> None:
        """Say how the run ended and where its report is."""
        self.clear()
        say(
            f"共 {len(report.lines)} 个单位：{_counts(Counter(one.state for one in report.lines)) or '没有这一份的单位'}。"
        )
        if report.gone:
            names = "、".join(visible(name) for name, _, _ in report.gone[:5])
            say(f"另有 {len(report.gone)} 个单位已不在名单中，留在原处：{names}{' 等' if len(report.gone) > 5 else ''}")
        say(f"下一步：打开 {visible(str(out / report.page))}，看各单位的结果和问题")


def _state(event: Event) -> str:
    from toolkit.batch import STATES

    assert event.line is not None
    row = f"第 {event.line.row} 行" if event.line.row.isdecimal() else visible(event.line.row)
    return f"{visible(event.line.name)}（{row}）：{STATES[event.line.state]}"


def _counts(counts: Counter[str]) -> str:
    from toolkit.batch import STATES

    return "，".join(f"{name} {counts[state]}" for state, name in STATES.items() if counts[state])


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
    except (OSError, ValueError, AttributeError):
        return _COLUMNS


def duration(seconds: float) -> str:
    """Return a span of time in words."""
    if seconds < 0.5:
        return "不到 1 秒"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} 小时 {minutes} 分"
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"


class AsJson(Shown):
    """Tells machines: a JSON object in each line of standard output."""

    def tell(self, event: Event) -> None:
        """Write an event as a line."""
        if event.what == "begin":
            self.write(event="begin", total=event.total, unchanged=event.unchanged, left=event.left)
        elif event.what == "unit" and event.line is not None:
            self.counts[event.line.state] += 1
            found = [one.as_dict() for one in event.findings]
            row = {
                "unit": event.line.name,
                "output": event.line.target,
                "row": event.line.row,
                "state": event.line.state,
            }
            self.write(event="unit", **row, findings=found, left=event.left)
        elif event.findings:
            self.findings(event.findings)

    def findings(self, findings: tuple[Finding, ...]) -> None:
        """Write findings as a line."""
        self.write(event="findings", findings=[one.as_dict() for one in findings])

    def summary(self, report: Report, out: Path) -> None:
        """Write the end of the run as a line."""
        gone = [name for name, _, _ in report.gone]
        counts = _all_counts(Counter(one.state for one in report.lines))
        self.write(event="end", counts=counts, not_in_the_list=gone, report=str(out / report.page))

    def interrupted(self, check_only: bool) -> None:
        """Write that the run was interrupted."""
        self.write(event="interrupted", counts=_all_counts(self.counts))

    def broken_off(self) -> None:
        """Write what became of the units where the state or the reports cannot be written."""
        self.write(event="broken_off", counts=_all_counts(self.counts))

    @staticmethod
    def write(**data: Any) -> None:
        """Write a line."""
        encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
        say(json.dumps(data, ensure_ascii=encoding != "utf8"))


def _all_counts(counts: Counter[str]) -> dict[str, int]:
    from toolkit.batch import STATES

    return {state: counts[state] for state in STATES}
