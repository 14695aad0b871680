"""Parses and prints the frequencies, durations, deadlines and dates of duties and parameters, and works out due dates.

Texts are parsed by :mod:`toolkit.language.times`; here it has to be one countable time. Every ``parse_*`` function
raises :class:`ValueError` with a Chinese message that holds examples.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from toolkit.core.classes import dataclass
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.language.numerals import DIGITS, ROUGHLY, chinese_numeral, half_width, parse_chinese_numeral, read_number
from toolkit.language.times import NUMBER, PERIOD_NAMES, PERIOD_UNITS, RANGE, SPAN_UNITS, Time, read_time

#: Units of a frequency and of a duration that can be counted.
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "workday": 1.4, "week": 7, "month": 30, "year": 365}
#: How often a period comes in a year: workdays as the Labour Law's 250, terms as the two of a school year.
_PER_YEAR = {
    "year": 1,
    "school_year": 1,
    "half": 2,
    "term": 2,
    "quarter": 4,
    "month": 12,
    "half_month": 24,
    "ten_days": 36,
    "week": 52,
    "workday": 250,
    "day": 365,
}
_WITH_MEASURE = ("month", "quarter", "half_month", "workday", "term")
_DAILY = ("day", "workday")
#: Most periods that a frequency may span: 每十年.
_MOST_PERIODS = 12
_COUNTED = ("minute", "hour", "day", "workday", "week", "month", "year")
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
#: Months of the periods of a frequency; those of a school end with July (and January), as its terms do.
_MONTHS_OF = {**_MONTHS, "term": 6, "school_year": 12}
_SCHOOL_OFFSET = 7
#: Last days of the parts of a month, but for that of the month itself.
_PARTS_OF_MONTH = {"half_month": (15,), "ten_days": (10, 20)}
_COUNT_RANGE = lazy(f"{NUMBER}{RANGE}{NUMBER}次")
_NTH_MONTH = lazy(f"第({NUMBER})个月")


_DATE = lazy(
    r"(?P<y>[0-9]{4})(?:(?P<mark>[-/.,。、·\\]|[—–]+)|年)(?P<m>[0-9]{1,2})(?(mark)(?P=mark)|月)(?P<d>[0-9]{1,2})[日号]?"
)
_DIGITS_ONLY = lazy("(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
#: A date of which a part is in Chinese numerals; signs typed for 〇 (○ ◯ O 0) count as it.
_ZERO = "〇零○◯OoО0"
_CHINESE_DATE = lazy(
    rf"(?P<y>[{_ZERO}一二三四五六七八九]{{4}}|[0-9]{{4}})年"
    rf"(?P<m>[{_ZERO}一二三四五六七八九十元]+|[0-9]{{1,2}})月(?P<d>[{_ZERO}一二三四五六七八九十廿卅]+|[0-9]{{1,2}})[日号]"
)

#: A day of the week behind a date: （星期一）, 周一.
_WEEKDAY = lazy("[(（]?(?:星期|周|礼拜)([一二三四五六日天])[)）]?$")
#: Faults of a text in half width and without blanks that is no date.
_DATE_FAULTS = (
    (lazy(".*(?:农历|阴历|腊月|正月|冬月|初[一二三四五六七八九十]).*"), "是农历，这里要写公历"),
    (lazy("[0-9]{2}(?:年|[-/.])[0-9]{1,2}(?:月|[-/.])[0-9]{1,2}[日号]?"), "的年份要写四位数"),
    (lazy("[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}"), "要先写年份"),
    (lazy("[0-9]{4}(?:年|[-/.])[0-9]{1,2}月?(?:份|底|末|初|中旬|上旬|下旬)?"), "没有写是哪一天"),
    (
        lazy("[0-9]{1,2}[月/.-][0-9]{1,2}[日号]?|[一二三四五六七八九十]{1,3}月[一二三四五六七八九十廿]{1,3}[日号]"),
        "没有写年份",
    ),
    (lazy("[0-9]{4}年?"), "只有年份"),
    (lazy("[0-9]{4}.*[0-9日号](?:[以之]?[前后]|起|止|左右)"), "里除了日期还有别的字，请只写日期"),
)
#: Words typed about a meeting beside its frequency: 每月开一次会, 每季度组织1次.
_HOLD = lazy("(?:召开|举行|开展|组织|进行|安排|开|办|做|搞)(?=(?:至少|不少于|最少)?[0-9一二两三四五六七八九十]{1,3}次)")
_MEETING = lazy("(?<=次)(?:会议?|活动)$")
FREQUENCY_EXAMPLES = "每月一次、每季度至少一次、每年两次"
DURATION_EXAMPLES = "30分钟、2小时、5个工作日、1个月、3年"
DEADLINE_EXAMPLES = "每季度末月25日前、次月10日前、每年12月20日前、每月底前、30分钟内、5个工作日内"
DATE_EXAMPLES = "2026-01-05、2026年1月5日"
#: First and last year of a date or a calendar; others are taken for typing errors.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def _positive(text: str, whole: str, limit: int) -> int:
    number = read_number(text)
    if not 1 <= number <= limit:
        raise ValueError(f"“{whole}”中的数字应当在 1 至 {limit} 之间")
    return number


@dataclass(frozen=True, slots=True)
class Frequency:
    """``count`` times (with ``at_least``: or more) in each ``every`` periods (year, half, quarter, month, week, term …)."""

    period: str
    count: int
    at_least: bool = False
    every: int = 1

    def text(self) -> str:
        """Return the canonical wording: 每季度至少一次, 每年四次, 每两个月一次."""
        name = PERIOD_UNITS[self.period][0]
        if self.every > 1:
            name = _counted(self.every) + ("个" if self.period in _WITH_MEASURE else "") + name
        return f"每{name}{'至少' if self.at_least else ''}{_counted(self.count)}次"

    def per_year(self) -> float:
        """Return the (least) number of times in a year; a year has 52 weeks and 250 workdays."""
        return self.count * _PER_YEAR[self.period] / self.every

    def months(self) -> int:
        """Return the months in which ``count`` times fall due; 0 for less than a month."""
        return _MONTHS_OF.get(self.period, 0) * self.every


def _counted(number: int) -> str:
    return "两" if number == 2 else chinese_numeral(number)


@remembered(4096)
def parse_frequency(text: str) -> Frequency:
    """Return the frequency that ``text`` states; ``ValueError`` if it cannot be counted (定期, 1至2次).

    Every day and workday are once without a count (每工作日).
    """
    time = read_time(text)
    count = time.parts.get("count", "") if time and time.kind == "frequency" else ""
    if time and not count and time.kind == "frequency" and time.unit in _DAILY and not (time.gap or time.anchor):
        count = "一"
    if (
        time
        and _is_number(count)
        and not ROUGHLY.search(count)
        and time.unit in _PER_YEAR
        and not time.parts.keys() & {"count2", "most"}
    ):
        least = "least" in time.parts or "more" in time.parts
        every = int(time.every)
        if every == time.every and every <= _MOST_PERIODS:
            return Frequency(time.unit, _positive(count, text, 366), least, every)
    plain = half_width(text)
    bare = _MEETING.sub("", _HOLD.sub("", plain))
    if bare != plain:
        return parse_frequency(bare)
    if _COUNT_RANGE.search(plain):
        raise ValueError(f"“{text}”是一个范围，看不出做到没有；请写最少几次，例如 每年至少一次")
    raise ValueError(f"“{text}”{_frequency_fault(plain)}")


def _frequency_fault(plain: str) -> str:
    """Return the fault of a text (in half width) that is no countable frequency, and how to write it."""
    if ROUGHLY.search(plain):
        return "是大概的次数，看不出做到没有；请写最少几次，例如 每年至少两次"
    for whole in (plain, f"每{plain}"):
        time = read_time(whole)
        if time and time.kind == "frequency" and "count" not in time.parts and read_time(f"{whole}一次"):
            return f"没有写几次；请写明，例如 {time.text}一次"
    if re.fullmatch(f"(?:至少|不少于)?{NUMBER}次(?:以上)?", plain):
        return f"没有写多长时间{plain}；请写成例如 每年{plain}、每季度{plain}"
    for whole in (f"每{plain}", f"{plain}次", f"每{plain}次"):
        time = read_time(whole)
        if time and time.kind == "frequency" and _is_number(time.parts.get("count", "")):
            return f"没有写全；请写成 {whole}"
    return f"没有写明多长时间几次，看不出做到没有；请写成例如 {FREQUENCY_EXAMPLES}"


def _is_number(figure: str) -> bool:
    return re.fullmatch(NUMBER, figure) is not None


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: ``amount`` of ``unit`` (minute, hour, day, workday, week, month, year)."""

    amount: int
    unit: str

    def days(self) -> float:
        """Return the length in days, for comparing: a week has five workdays, a month 30 days, a year 365."""
        return self.amount * _DAYS[self.unit]

    def text(self) -> str:
        """Return the canonical wording: 30分钟, 5个工作日, 1个月, 3年."""
        return f"{self.amount}{SPAN_UNITS[self.unit][0]}"


def parse_duration(text: str) -> Duration:
    """Return the duration that ``text`` states; ``ValueError`` otherwise (尽快, 3月)."""
    time = read_time(text)
    if time and time.kind == "duration" and time.unit in _COUNTED and _is_exact(time.parts):
        figure = time.parts["n"]
        if _is_number(figure) and not any(part in time.parts for part in ("half", "half2", "n3")):
            return Duration(_positive(figure, text, 9999), time.unit)
        if time.least and time.least == int(time.least):
            return Duration(int(time.least), time.unit)
    if _is_number(plain := half_width(text)):
        raise ValueError(f"“{text}”没有写单位；请写成 {plain}日、{plain}个工作日、{plain}小时")
    raise ValueError(f"“{text}”不是可以计算的时长；请写成例如 {DURATION_EXAMPLES}")


def _is_exact(parts: Mapping[str, str]) -> bool:
    """Whether a span is an amount of one unit or two, without bounds, ranges, decimals or 余."""
    return not parts.keys() - {"n", "unit", "half", "half2", "n3", "unit3"} and "." not in parts["n"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline: within a ``duration``, or by a calendar rule.

    A rule is due on ``day`` (0: the last day) of the ``month``-th month (from 1) of each ``every`` (year, half, quarter,
    month). With ``following`` it applies to the period before (次月10日前). The named day itself is still in time.
    """

    duration: Duration | None = None
    every: str = ""
    month: int = 0
    day: int = 0
    following: bool = False

    def text(self) -> str:
        """Return the canonical wording: 30分钟内, 每季度末月25日前, 每月底前, 次月10日前."""
        if self.duration:
            return self.duration.text() + "内"
        if self.every == "year":
            month = f"{self.month}月"
        elif self.every == "month":
            month = ""
        elif self.month in (1, _MONTHS[self.every]):
            month = "首月" if self.month == 1 else "末月"
        else:
            month = f"第{chinese_numeral(self.month)}个月"
        lead = ("次" if self.following else "每") + PERIOD_UNITS[self.every][0]
        return f"{lead}{month}{f'{self.day}日' if self.day else '底'}前"

    def dates(self, year: int, frequency: Frequency | None = None) -> tuple[date, ...]:
        """Return the due dates that fall in ``year``, sorted; empty for a duration.

        次月 is the month after each period of ``frequency``: with 每季度一次 January, April, July
        and October. For a day that a month lacks, its last day is due.
        """
        if self.duration:
            return ()
        every = self.every
        if self.following and frequency and frequency.period in _MONTHS and frequency.months() > _MONTHS[every]:
            every = frequency.period
        due: list[date] = []
        for first in range(0, 12, _MONTHS[every]):
            last = monthrange(year, first + self.month)[1]
            due.append(date(year, first + self.month, min(self.day or last, last)))
        return tuple(due)


@remembered(4096)
def parse_deadline(text: str) -> Deadline:
    """Return the deadline that ``text`` states; ``ValueError`` otherwise (及时, 第一时间, 2月30日前)."""
    plain = half_width(text)
    for ending in ("之内", "以内", "内"):
        if plain.endswith(ending):
            return Deadline(parse_duration(plain.removesuffix(ending)))
    time = read_time(text)
    if time and time.kind == "duration" and time.unit in _COUNTED and _is_exact(time.parts):
        return Deadline(parse_duration(plain))
    if time and time.kind == "deadline" and time.bound == "until" and (rule := _calendar_rule(time, text)):
        return rule
    if near := _nearly_a_deadline(plain):
        raise ValueError(f"“{text}”没有写清到哪一天为止；请写清楚，例如 {near}")
    raise ValueError(f"“{text}”不是可以计算的期限；请写成例如 {DEADLINE_EXAMPLES}")


def _nearly_a_deadline(plain: str) -> str:
    """Return the deadline that a text would be with 前 behind it or 每月 before it (月底, 25号前); "" for others."""
    if plain.startswith("每月") and plain.endswith("前"):
        return ""
    for whole in (f"{plain.removesuffix('前')}前", f"每月{plain.removesuffix('前')}前"):
        time = read_time(whole)
        if time and time.kind == "deadline" and time.bound == "until" and whole != plain:
            with suppress(ValueError):
                rule = _calendar_rule(time, whole)
                return rule.text() if rule else ""
    return ""


def _calendar_rule(time: Time, text: str) -> Deadline | None:
    """Return the rule of a deadline before a day, or before the end, of a month or period; None for any other."""
    parts = time.parts
    if parts.keys() & {"n", "this", "last", "weekdays", "year"} or parts.get("months") or parts.get("days"):
        return None
    unit = PERIOD_NAMES[parts["unit"]] if "unit" in parts else "year"
    if (
        parts.get("end", "").startswith("月")
        and "unit" in parts
        and unit != "month"
        and not parts.keys() & {"month", "place"}
    ):
        return None  # 每季度月底前: of which month?
    is_end = parts.get("end", "")[-1:] in ("底", "末") or parts.get("other") in ("最后一日", "最后一天")
    if not is_end and "day" not in parts:
        return None
    if unit not in _MONTHS or ("unit" not in parts and "month" not in parts):
        return None
    months, following = _MONTHS[unit], "next" in parts
    if "month" in parts:
        if unit != "year" or not _is_number(parts["month"]):
            return None
        month = _positive(parts["month"], text, 12)
        return Deadline(None, unit, month, _day_number(parts.get("day"), text, month), following)
    if unit == "year" or "place" not in parts:
        if unit != "month" and (not is_end or "place" in parts):
            return None
        return Deadline(None, unit, months, _day_number(parts.get("day"), text), following)
    if unit == "month":
        return None
    nth = _NTH_MONTH.fullmatch(parts["place"])
    month = _positive(nth[1], text, months) if nth else 1 if parts["place"] == "首月" else months
    return Deadline(None, unit, month, _day_number(parts.get("day"), text), following)


def _day_number(day: str | None, text: str, month: int = 1) -> int:
    return _positive(day, text, monthrange(2000, month)[1]) if day else 0


@remembered(4096)
def due_dates(frequency: Frequency | None, deadline: Deadline | None, year: int) -> tuple[date, ...]:
    """Return the due dates of a duty in ``year``, sorted.

    The calendar rule of a deadline decides. Without one, the dates are the ends of the frequency's periods, each
    split evenly by its count (每季度一次: the last day of each quarter; 每周一次: Sundays). Of several years (每两年一次) those
    are meant whose number they divide; terms and school years end with January and July. A daily duty has
    no due date of its own.
    """
    if deadline and not deadline.duration:
        return deadline.dates(year, frequency)
    if frequency is None:
        return ()
    if frequency.period in _DAILY:
        return ()
    if frequency.period == "week":
        days = _weekly(frequency.count, year)
        return tuple(day for day in days if (day.toordinal() - 1) // 7 % frequency.every == 0)
    if frequency.period in _PARTS_OF_MONTH:
        return _in_months(_PARTS_OF_MONTH[frequency.period], year)[:: frequency.every]
    months = frequency.months()
    if months > _MONTHS["year"]:
        return due_dates(replace(frequency, every=1), None, year) if year % frequency.every == 0 else ()
    start = 1 if frequency.period in _MONTHS else _SCHOOL_OFFSET + 1 - 12
    found: set[date] = set()
    for first in range(start, 13, months):
        found.update(_split(date(year + (first - 1) // 12, (first - 1) % 12 + 1, 1), months, frequency.count))
    return tuple(sorted(day for day in found if day.year == year))


def _in_months(days: tuple[int, ...], year: int) -> tuple[date, ...]:
    """Return these days and the last of each month."""
    lasts = [date(year, month, monthrange(year, month)[1]) for month in range(1, 13)]
    return tuple(sorted([*lasts, *(date(year, last.month, day) for last in lasts for day in days)]))


def _split(start: date, months: int, count: int) -> list[date]:
    """Return the last days of ``count`` even parts of ``months`` months from ``start``."""
    at = start.year * 12 + start.month - 1
    if months % count == 0:
        step = months // count
        return [_last_of(number) for number in range(at + step - 1, at + months, step)]
    length = (_last_of(at + months - 1) - start).days + 1
    return [start + timedelta(days=max(length * part // count, 1) - 1) for part in range(1, count + 1)]


def _last_of(number: int) -> date:
    """Return the last day of a month by its number from the year 0."""
    year, month = divmod(number, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _weekly(count: int, year: int) -> tuple[date, ...]:
    first = date(year, 1, 1)
    monday = first - timedelta(days=first.weekday())
    offsets = {max(7 * part // count, 1) - 1 for part in range(1, count + 1)}
    days = (monday + timedelta(days=7 * week + offset) for week in range(54) for offset in offsets)
    return tuple(sorted(day for day in days if day.year == year))


def print_date(iso: str) -> str:
    """Return an ISO date as 2026年1月5日 (GB/T 9704-2012, 7.3.5.4: no leading zeros); for ``""`` a blank to fill in."""
    if not iso:
        return "　　　　年　　月　　日"
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def day_of_week(iso: str) -> str:
    """Return the character of the day of the week of an ISO date: 一 to 六, 日."""
    return "一二三四五六日"[date.fromisoformat(iso).weekday()]


def print_typed_date(text: str) -> str:
    """Return a date typed into a form as :func:`print_date` does; a text that is no existing day stays as typed."""
    return print_date(text) if is_iso_date(text) else text


def is_iso_date(text: str) -> bool:
    """Whether a text is an existing day in the form YYYY-MM-DD."""
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def parse_year(text: str) -> int:
    """Return a year, 0 for an empty text. Raises ``ValueError`` outside :data:`FIRST_YEAR` … :data:`LAST_YEAR`."""
    plain = half_width(text)
    if not plain:
        return 0
    if re.fullmatch("[〇零一二三四五六七八九]{4}", plain):
        plain = "".join(str(DIGITS.index(char)) for char in plain.replace("〇", "零"))
    if not plain.isdecimal() or not FIRST_YEAR <= int(plain[:5]) <= LAST_YEAR:
        raise ValueError(f"“{plain[:20]}”不是 {FIRST_YEAR} 至 {LAST_YEAR} 之间的年份")
    return int(plain)


def _zeros(text: str) -> str:
    return re.sub(f"[{_ZERO}]", "零", text)


def _date_number(text: str) -> int:
    """Return a month or day in either digits: 5, 05, 五, 〇五, 二十五, 廿五, 二五."""
    if text.isdecimal():
        return int(text)
    plain = _zeros(text).removeprefix("零").replace("廿", "二十").replace("卅", "三十")
    if re.fullmatch(f"[{DIGITS}]{{2}}", plain):
        return int("".join(str(DIGITS.index(char)) for char in plain))
    return parse_chinese_numeral(plain)


def _date_fault(plain: str) -> str:
    """Return the fault of a text (in half width) that is no date."""
    return next((said for pattern, said in _DATE_FAULTS if pattern.fullmatch(plain)), "不是日期")


def parse_date(text: str) -> str:
    """Return the ISO form of 2026-01-05, 2026/1/5, 2026。1。5, 20260105, 2026年1月5日（周一） or 二〇二六年一月五日.

    Raises ``ValueError`` for a day that does not exist, is another day of the week, or lies outside :data:`FIRST_YEAR` …
    :data:`LAST_YEAR`.
    """
    plain = half_width(text)
    weekday = _WEEKDAY.search(plain)
    plain = plain[: weekday.start()] if weekday and weekday.start() else plain
    if match := _DATE.fullmatch(plain) or _DIGITS_ONLY.fullmatch(plain):
        year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
    elif match := _CHINESE_DATE.fullmatch(plain):
        year = int("".join(char if char.isdecimal() else str(DIGITS.index(char)) for char in _zeros(match["y"])))
        month, day = _date_number(match["m"].replace("元", "一")), _date_number(match["d"])
    else:
        raise ValueError(f"“{text}”{_date_fault(plain)}；请写成例如 {DATE_EXAMPLES}")
    if 1 <= month <= 12 and not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"“{text}”的年份应当在 {FIRST_YEAR} 至 {LAST_YEAR} 之间；请写成例如 {DATE_EXAMPLES}")
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        leap = "，该年不是闰年" if (month, day) == (2, 29) and not isleap(year) else ""
        raise ValueError(f"“{text}”这一天不存在{leap}；请写成例如 {DATE_EXAMPLES}")
    iso = date(year, month, day).isoformat()
    if weekday and weekday[1].replace("天", "日") != day_of_week(iso):
        raise ValueError(f"“{text}”：这一天是星期{day_of_week(iso)}")
    return iso
