"""Which days are worked: weekends, festivals and the weekends worked in exchange for them (调休)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import field
from datetime import date, timedelta

from toolkit.core.classes import dataclass
from toolkit.language.periods import Duration, day_of_week

_DAY = "(?P<{0}m>[0-9]{{1,2}})月(?P<{0}d>[0-9]{{1,2}})日"
_DAYS = re.compile(_DAY.format("a") + "(?:至" + _DAY.format("b") + ")?")
_MONTHS = {"month": 1, "year": 12}
#: A leap year: 29 February can be a day off.
_ANY_YEAR = 2000


@dataclass(frozen=True, slots=True)
class YearDays:
    """The days off of a year, each with its festival, and the weekend days that are worked; both as (month, day).

    ``source`` is the title of the notice that arranges them.
    """

    off: Mapping[tuple[int, int], str]
    work: frozenset[tuple[int, int]] = frozenset()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Workdays:
    """The arrangements of the years that are known; ``every_year`` has the festivals of all other years."""

    years: Mapping[int, YearDays] = field(default_factory=dict)
    every_year: YearDays = field(default_factory=lambda: YearDays({}))

    def source(self, year: int) -> str:
        """Return the title of the notice that arranges the days off of a year, empty for a year without one."""
        known = self.years.get(year)
        return known.source if known else ""

    def day_off(self, day: date) -> str:
        """Return why a day is not worked (国庆节, 星期六), empty for a workday."""
        known, key = self.years.get(day.year, self.every_year), (day.month, day.day)
        if key in known.work:
            return ""
        weekend = f"星期{day_of_week(day.isoformat())}" if day.weekday() >= 5 else ""
        return known.off.get(key, weekend)

    def workday_before(self, day: date) -> date:
        """Return ``day`` if it is worked, else the last workday before it."""
        while self.day_off(day):
            day -= timedelta(days=1)
        return day

    def workday_after(self, day: date) -> date:
        """Return ``day`` if it is worked, else the first workday after it."""
        while self.day_off(day):
            day += timedelta(days=1)
        return day

    def later(self, day: date, span: Duration) -> date:
        """Return the last day of a ``span`` that begins after ``day``; of minutes and hours it is the day itself."""
        if span.unit in _MONTHS:
            number = day.year * 12 + day.month - 1 + span.amount * _MONTHS[span.unit]
            year, month = number // 12, number % 12 + 1
            return date(year, month, min(day.day, monthrange(year, month)[1]))
        if span.unit == "workday":
            for _ in range(span.amount):
                day = self.workday_after(day + timedelta(days=1))
            return day
        return day + timedelta(days=int(span.days()))


def parse_days(text: str) -> tuple[tuple[int, int], ...]:
    """Return the days, as (month, day), of 1月4日 or 2月15日至2月23日. Raises ``ValueError`` for anything else."""
    match = _DAYS.fullmatch(text.replace(" ", ""))
    if match is None:
        raise ValueError(f"“{text}”不是日期；请写成例如 1月4日、2月15日至2月23日")
    try:
        first = date(_ANY_YEAR, int(match["am"]), int(match["ad"]))
        last = date(_ANY_YEAR, int(match["bm"]), int(match["bd"])) if match["bm"] else first
    except ValueError:
        raise ValueError(f"“{text}”里有不存在的日期") from None
    if last < first:
        raise ValueError(f"“{text}”的起止日期颠倒了；跨年的分写在两年的文件里")
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple((day.month, day.day) for day in days)
