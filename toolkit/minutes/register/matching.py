"""Duties of a year against their evidence: what was done in time, late, is overdue or comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from toolkit.compose.entries import due_dates
from toolkit.language.periods import parse_deadline, parse_frequency
from toolkit.model.tree import Duty

#: States of a due date: done in time, done late, passed without a record, the next one, later ones.
DONE, LATE, OVERDUE, NEXT, LATER = "done", "late", "overdue", "next", "later"
STATE_NAMES = {DONE: "已完成", LATE: "逾期完成", OVERDUE: "逾期未完成", NEXT: "下一次", LATER: "未到期"}
#: How a duty is proved.
MINUTES, RECORD, LINE = "会议记录", "报告和记录", "检查表"
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves a duty on a day (ISO). ``how`` is 会议记录, 报告和记录 or 检查表; ``remark`` what it says."""

    duty: str
    date: str
    file: str
    how: str
    remark: str = ""

    @property
    def line(self) -> bool:
        """Whether it is a line of a checklist, which counts where there is no record of the duty itself."""
        return self.how == LINE


@dataclass(frozen=True, slots=True)
class Due:
    """One due date of a duty; ``number`` counts those of the year from 1."""

    date: date
    number: int
    state: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A duty of the year with its due dates; ``occasions`` are records beyond them, or of a duty without dates."""

    duty: Duty
    dues: tuple[Due, ...]
    occasions: tuple[Evidence, ...] = ()

    def count(self, *states: str) -> int:
        """Return how many due dates are in one of the states."""
        return sum(due.state in states for due in self.dues)

    @property
    def next(self) -> Due | None:
        """The next due date that is not done."""
        return next((due for due in self.dues if due.state == NEXT), None)


def statuses(duties: Iterable[Duty], evidence: Iterable[Evidence], year: int, today: date) -> list[Status]:
    """Return each duty with its due dates of ``year`` and what proves them, in the order of the duties."""
    by_duty: dict[str, list[Evidence]] = {}
    for one in evidence:
        by_duty.setdefault(one.duty, []).append(one)
    return [
        _status(duty, sorted(by_duty.get(duty.id, ()), key=lambda one: (one.line, one.date, one.file)), year, today)
        for duty in duties
    ]


def _status(duty: Duty, evidence: Sequence[Evidence], year: int, today: date) -> Status:
    dates = due_dates(duty, year)
    found: list[tuple[Evidence, str] | None] = [None] * len(dates)
    left = list(evidence)
    for place, (first, last) in enumerate(windows(duty, dates, year)):
        fitting = [one for one in left if first.isoformat() <= one.date <= last.isoformat()]
        if place and found[place - 1] is None and len(fitting) > 1 and not fitting[1].line:
            found[place - 1] = (fitting[0], LATE)
            left.remove(fitting.pop(0))
        if fitting:
            found[place] = (fitting[0], DONE)
            left.remove(fitting[0])
    for place, due in enumerate(dates):
        if found[place] is None:
            until = dates[place + 1].isoformat() if place + 1 < len(dates) else f"{year + 1}-01-31"
            late = next((one for one in left if due.isoformat() < one.date <= until), None)
            if late is not None:
                found[place] = (late, LATE)
                left.remove(late)
    dues = []
    coming = True
    for number, (due, match) in enumerate(zip(dates, found, strict=True), 1):
        if match is not None:
            state = match[1]
        elif due < today:
            state = OVERDUE
        else:
            state, coming = (NEXT if coming else LATER), False
        dues.append(Due(due, number, state, match[0] if match else None))
    return Status(duty, tuple(dues), tuple(one for one in left if one.date.startswith(str(year))))


def windows(duty: Duty, dates: Sequence[date], year: int) -> list[tuple[date, date]]:
    """Return for each due date the first and the last day on which the duty is done in time.

    It begins after the due date before, and for a duty that is due inside its own period not before that period does.
    """
    before = [*due_dates(duty, year - 1), date(year - 1, 12, 31)] if dates else []
    edge = max((one for one in before if not dates or one < dates[0]), default=date(year - 1, 12, 31))
    out = []
    months = _own_period(duty)
    for due in dates:
        first = edge + timedelta(days=1)
        if months:
            first = max(first, date(due.year, (due.month - 1) // months * months + 1, 1))
        out.append((first, due))
        edge = due
    return out


def _own_period(duty: Duty) -> int:
    """Return the months of the period that a duty is done within; 0 if it is about the period before, or of weeks."""
    try:
        deadline = parse_deadline(duty.deadline) if duty.deadline else None
        frequency = parse_frequency(duty.frequency) if duty.frequency else None
    except ValueError:
        return 0
    if deadline is not None and deadline.following:
        return 0
    return _MONTHS.get(frequency.period, 0) if frequency else _MONTHS.get(deadline.every, 0) if deadline else 0
