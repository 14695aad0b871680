"""When duties are due: the only place that works out due dates, for the calendar, the register, agendas and the checks.

The words of a duty state a date and the period that it is about. Dates before the rules take effect are dropped, and
a date on a day off is moved to the workday before, or after it where the period that it is about is not over before. What is
done by the stated date is in time all the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, timedelta

from toolkit.core.classes import dataclass
from toolkit.core.memo import remembered
from toolkit.language import periods
from toolkit.language.workdays import Workdays
from toolkit.model.tree import Duty

#: Replaces an unknown year: a common (not leap) year.
COMMON_YEAR = 2001
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
#: A due date in the first days of its period is about the period before.
_FIRST_DAYS = 10


@dataclass(frozen=True, slots=True)
class DueDate:
    """One due date of a duty. ``number`` counts all that the words state in the year, from 1; the first time has 0.

    ``stated``: the date of the words; ``day``: the workday by which it is to be done, the same unless ``stated`` is a day off,
    which ``off`` names (国庆节, 星期六). ``first`` and ``last``: the period that it is about; ``opens`` and ``closes``: the
    days on which a record without a period is taken to be about it.
    """

    number: int
    stated: date
    day: date
    opens: date
    closes: date
    first: date
    last: date
    off: str = ""

    @property
    def limit(self) -> date:
        """The last day that is in time."""
        return max(self.stated, self.day)

    @property
    def moved(self) -> str:
        """The stated date and why it is not a workday, in words; empty if nothing is moved."""
        if not self.off:
            return ""
        day = f"{self.stated.month}月{self.stated.day}日"
        return f"{day}是{self.off}" if self.off.startswith("星期") else f"{day}{self.off}放假"


@dataclass(frozen=True, slots=True)
class DueRule:
    """The inputs of a unit's due dates besides its duties: days off, and the day from which the duties bind (None: all).

    ``received``: the last day on which the text of the rules may still be on its way to those who carry them out.
    """

    workdays: Workdays = field(default_factory=Workdays)
    since: date | None = None
    received: date | None = None

    @property
    def after(self) -> date:
        """The day after which something may be due."""
        return max(filter(None, (self.since, self.received)), default=date.min)

    def dates(self, duty: Duty, year: int) -> tuple[DueDate, ...]:
        """Return the due dates of a duty that the words state in ``year``, in order; none for a triggered duty.

        A date is left out if it is not after ``since`` and ``received``, or if the period that it is about ended before
        ``since``. A period that began before counts, for the rest of it. A duty with a deadline for the ``first`` time is due by
        then, unless it is due sooner anyway.
        """
        return _dates(self, duty, year)

    def windows(self, duty: Duty, year: int) -> list[tuple[date, date]]:
        """Return for each due date the first and the last day on which the duty is done in time.

        It begins after the due date before, and for a duty that is due inside its own period not before that period does.
        """
        spans, before = [], date.min
        for due in self.dates(duty, year):
            spans.append((max(due.opens, before), due.limit))
            before = due.limit + timedelta(days=1)
        return spans


def _dates_key(rule: DueRule, duty: Duty, year: int) -> Hashable:
    return (id(rule.workdays), rule.since, rule.received, *_words(duty), year)


@remembered(4096, key=_dates_key)
def _dates(rule: DueRule, duty: Duty, year: int) -> tuple[DueDate, ...]:
    workdays, since, found = rule.workdays, rule.since, []
    for due in stated_dates(duty, year):
        day = workdays.workday_before(due.stated)
        if day <= due.last < due.stated:
            day = workdays.workday_after(due.stated)
        if day > rule.after and (since is None or due.last >= since):
            found.append(replace(due, day=day, off=workdays.day_off(due.stated)))
    first = _first_time(rule, duty)
    if first is not None and first.day.year == year:
        found = sorted([first, *found], key=lambda due: due.day)
    return tuple(found)


def _words(duty: Duty) -> tuple[str, str, str]:
    return duty.frequency, duty.deadline, duty.first


def _first_time(rule: DueRule, duty: Duty) -> DueDate | None:
    """Return when a duty is due for the first time; None if it has no such deadline, or if its words state a date before that."""
    workdays, since = rule.workdays, rule.since
    if since is None or not duty.first:
        return None
    try:
        span = periods.parse_deadline(duty.first).duration
    except ValueError:
        return None
    if span is None:
        return None
    stated = workdays.later(since, span)
    named = (due.stated for year in {since.year, stated.year} for due in stated_dates(duty, year))
    if any(rule.after < day <= stated for day in named):
        return None
    day = workdays.workday_before(stated)
    return DueDate(0, stated, day, since, stated, since, stated, workdays.day_off(stated))


def recurs(duty: Duty) -> bool:
    """Whether the words of a duty state due dates; a triggered duty has none."""
    return bool(stated_dates(duty, COMMON_YEAR))


@remembered(4096, key=lambda duty, year: (duty.frequency, duty.deadline, year))
def stated_dates(duty: Duty, year: int) -> tuple[DueDate, ...]:
    """Return the due dates that the words of a duty state in ``year``; of weeks the period is the days since the one before."""
    dates = _words_to_dates(duty, year)
    if not dates:
        return ()
    months, following = own_period(duty)
    before = max((day for day in _words_to_dates(duty, year - 1) if day < dates[0]), default=date(year - 1, 12, 31))
    found = []
    for number, stated in enumerate(dates, 1):
        if not months:
            opens, closes = before + timedelta(days=1), stated
            first, last = opens, closes
        else:
            first = date(stated.year, (stated.month - 1) // months * months + 1, 1)
            last = _months_later(first, months) - timedelta(days=1)
            opens, closes = (before + timedelta(days=1), stated) if following else (first, last)
            if following or (months < _MONTHS["year"] and (stated - first).days < _FIRST_DAYS):
                first, last = _months_later(first, -months), first - timedelta(days=1)
        found.append(DueDate(number, stated, stated, opens, closes, first, last))
        before = stated
    return tuple(found)


def _words_to_dates(duty: Duty, year: int) -> Sequence[date]:
    """Return the dates that the frequency and the deadline of a duty give; none for words that cannot be counted."""
    try:
        frequency = periods.parse_frequency(duty.frequency) if duty.frequency else None
        deadline = periods.parse_deadline(duty.deadline) if duty.deadline else None
    except ValueError:
        return ()
    return periods.due_dates(frequency, deadline, year)


def _months_later(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def own_period(duty: Duty) -> tuple[int, bool]:
    """Return the months of the period of each due date (0: weeks) and whether it is about the period before."""
    try:
        deadline = periods.parse_deadline(duty.deadline) if duty.deadline else None
        frequency = periods.parse_frequency(duty.frequency) if duty.frequency else None
    except ValueError:
        return 0, False
    often = frequency.months() if frequency else 0
    if deadline is None or deadline.duration:
        return often, False
    months = _MONTHS[deadline.every]
    return (max(months, often), True) if deadline.following else (months, False)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Duties that are settled together on one ``day``, with their due dates, in order: see :func:`occasions`."""

    day: date
    name: str
    points: tuple[tuple[Duty, DueDate], ...]


def occasions(dues: Iterable[tuple[Duty, Iterable[DueDate]]], names: Mapping[str, str] | None = None) -> list[Occasion]:
    """Return the occasions by day. ``names``: meeting or form → its printed name; without one it is the duty's label.
    A form that is several occasions on one day has the labels of its duties besides.

    Duties of one meeting or form are one occasion, but for those that the form proves each by a field of its own and that
    neither one post does nor one receives: who speaks to parents and who to pupils do not act together.
    """
    held: dict[tuple[date, str], list[list[tuple[Duty, DueDate]]]] = {}
    for duty, those in dues:
        for due in those:
            groups = held.setdefault((due.day, duty.meeting or duty.form or duty.id), [])
            together = next((points for points in groups if _act_together(duty, (other for other, _ in points))), None)
            if together is None:
                groups.append(together := [])
            together.append((duty, due))
    named = names or {}
    found = []
    for (day, _), groups in held.items():
        for points in groups:
            first = points[0][0]
            name = named.get(first.meeting or first.form, first.label)
            parts = f"（{'、'.join(duty.label for duty, _ in points)}）" if len(groups) > 1 else ""
            found.append(Occasion(day, f"{name}{parts}", tuple(points)))
    return sorted(found, key=lambda due: due.day)


def _act_together(duty: Duty, others: Iterable[Duty]) -> bool:
    """Whether a duty is settled in one sitting with others of the same meeting or form."""
    if duty.meeting or not duty.own_field:
        return True
    return any(
        not other.own_field or duty.actor == other.actor or duty.recipient == other.recipient != "" for other in others
    )
