"""Parses and prints Chinese numerals, frequencies, durations, deadlines and dates; used wherever a document states a time.

Every ``parse_*`` function accepts half and full width, Arabic and Chinese digits, and raises
:class:`ValueError` with a Chinese message that holds examples.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap, monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from toolkit.core.memo import remembered

_DIGITS = "零一二三四五六七八九"
_SCALES = ("", "十", "百", "千")
#: Largest number with a Chinese numeral here (九千九百九十九万九千九百九十九).
NUMERAL_MAX = 99_999_999

#: Names of each period and of each unit of a duration: the first is printed, all are read.
_PERIODS = {
    "year": ("年", "年度"),
    "half": ("半年", "半年度"),
    "quarter": ("季度", "季"),
    "month": ("月", "月度"),
    "week": ("周", "星期"),
}
_DURATIONS = {
    "minute": ("分钟", "分"),
    "hour": ("小时", "个小时", "钟头", "个钟头"),
    "day": ("日", "天", "个自然日", "自然日"),
    "workday": ("个工作日", "工作日"),
    "week": ("周", "星期", "个星期"),
    "month": ("个月",),
    "year": ("年", "周年"),
}
_PERIOD_NAMES = {name: period for period, names in _PERIODS.items() for name in names}
_DURATION_NAMES = {name: unit for unit, names in _DURATIONS.items() for name in names}
_HALVES = {"半小时": (30, "minute"), "半个小时": (30, "minute"), "半年": (6, "month"), "半个月": (15, "day")}
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "workday": 1.4, "week": 7, "month": 30, "year": 365}
_PER_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12, "week": 52}
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}


def _any_of(names: Iterable[str]) -> str:
    """Return a pattern of the names; longer ones match first."""
    return "|".join(sorted(names, key=len, reverse=True))


_NUMBER = r"[0-9]+|[零〇一二两三四五六七八九十百千万]+"
_FREQUENCY = re.compile(
    rf"每(?:个|一个|一)?(?P<period>{_any_of(_PERIOD_NAMES)})"
    rf"(?P<least>至少|不少于|不低于|最少)?(?P<count>{_NUMBER})次(?P<more>(?:及|或)?以上)?"
)
_DURATION = re.compile(rf"(?P<amount>{_NUMBER})(?P<unit>{_any_of(_DURATION_NAMES)})")
_YEARLY = re.compile(rf"(?P<next>每年|次年)?(?P<month>{_NUMBER})月(?:(?P<day>{_NUMBER})[日号]|(?P<end>底|末))前")
_MONTHLY = re.compile(
    rf"(?:每个?(?P<every>半年|季度)|次(?P<next>半年|季度))(?P<month>首月|末月|最后一个月|第(?:{_NUMBER})个月)"
    rf"(?:(?P<day>{_NUMBER})[日号]|(?P<end>月?底|月?末))前"
    rf"|(?:每个?(?P<every_month>月)|次(?P<next_month>月))(?:(?P<day2>{_NUMBER})[日号]|(?P<end2>月?底|月?末))前"
)
_PERIOD_END = re.compile(r"(?:每个?)?(?P<every>年|半年|季度)(?:底|末)前")
_DATE = re.compile(
    r"(?P<y>[0-9]{4})(?:(?P<mark>[-/.])|年)(?P<m>[0-9]{1,2})(?(mark)(?P=mark)|月)(?P<d>[0-9]{1,2})[日号]?"
)
#: A date of which a part is in Chinese numerals; what is typed for 〇 (○ ◯ O 0) counts as it.
_ZERO = "〇零○◯OoО0"
_CHINESE_DATE = re.compile(
    rf"(?P<y>[{_ZERO}一二三四五六七八九]{{4}}|[0-9]{{4}})年"
    rf"(?P<m>[{_ZERO}一二三四五六七八九十元]+|[0-9]{{1,2}})月(?P<d>[{_ZERO}一二三四五六七八九十廿卅]+|[0-9]{{1,2}})[日号]"
)

FREQUENCY_EXAMPLES = "每季度至少一次、每年四次、每月1次、每年4次以上"
DURATION_EXAMPLES = "30分钟、2小时、5个工作日、1个月、3年"
DEADLINE_EXAMPLES = "每季度末月25日前、次月10日前、每年12月20日前、每月底前、30分钟内、5个工作日内"
DATE_EXAMPLES = "2026-01-05、2026年1月5日"
#: First and last year of a date or a calendar; others are taken for typing errors.
FIRST_YEAR, LAST_YEAR = 1900, 2199


#: Signs that are typed for 〇 (二○二六).
_ROUND = re.compile("(?<=[〇零○◯一二三四五六七八九十百千])[○◯]|[○◯](?=[〇零○◯一二三四五六七八九])")


def _normal(text: str) -> str:
    """Return ``text`` in half width and without white space; round signs among Chinese numerals are 〇."""
    return _ROUND.sub("〇", "".join(unicodedata.normalize("NFKC", text).split()))


def chinese_numeral(n: int) -> str:
    """Return ``n`` (0 to 99,999,999) as Word's ``chineseCountingThousand`` writes it: 十二, 一百零一.

    Raises ``ValueError`` outside that range.
    """
    if not 0 <= n <= NUMERAL_MAX:
        raise ValueError(f"{n} 超出中文数字的范围（0 至 {NUMERAL_MAX}）")
    if n == 0:
        return _DIGITS[0]
    high, low = divmod(n, 10_000)
    text = _below_ten_thousand(low) if low else ""
    if high:
        text = _below_ten_thousand(high) + "万" + (_DIGITS[0] if 0 < low < 1000 else "") + text
    return text[1:] if text.startswith("一十") else text


def _below_ten_thousand(n: int) -> str:
    text, gap = "", False
    for power in (3, 2, 1, 0):
        digit = n // 10**power % 10
        if digit:
            text += (_DIGITS[0] if gap and text else "") + _DIGITS[digit] + _SCALES[power]
        gap = digit == 0
    return text


def parse_chinese_numeral(s: str) -> int:
    """Return the value of a Chinese numeral (十二, 一百零一, 两百, 一十二).

    Raises ``ValueError`` for anything that is not a well-formed Chinese numeral.
    """
    text = s.replace("〇", "零").replace("两", "二")
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS.index(char)
        elif char == "万":
            total, section, digit = (section + digit) * 10_000, 0, 0
        elif char in "十百千":
            section, digit = section + (digit or 1) * 10 ** "十百千".index(char) * 10, 0
        else:
            raise ValueError(f"“{s}”不是中文数字，例如 十二、一百零一")
    value = total + section + digit
    if not text or value > NUMERAL_MAX or chinese_numeral(value) != (text[1:] if text.startswith("一十") else text):
        raise ValueError(f"“{s}”不是规范的中文数字，例如 十二、一百零一")
    return value


def parse_number(text: str) -> int:
    """Return a whole number in Arabic or Chinese digits (at most nine of them); ``ValueError`` otherwise."""
    plain = _normal(text)
    if re.fullmatch(r"[+-]?[0-9]{1,9}", plain):
        return int(plain)
    if re.fullmatch(r"[+-]?[0-9]+", plain):
        raise ValueError(f"“{text[:20]}”太大，最多九位数")
    return parse_chinese_numeral(plain)


def _positive(text: str, whole: str, limit: int) -> int:
    number = parse_number(text)
    if not 1 <= number <= limit:
        raise ValueError(f"“{whole}”中的数字应当在 1 至 {limit} 之间")
    return number


@dataclass(frozen=True, slots=True)
class Frequency:
    """``count`` times (with ``at_least``: or more) in each ``period`` (year, half, quarter, month, week)."""

    period: str
    count: int
    at_least: bool = False

    def text(self) -> str:
        """Return the canonical wording: 每季度至少一次, 每年四次."""
        count = "两" if self.count == 2 else chinese_numeral(self.count)
        return f"每{_PERIODS[self.period][0]}{'至少' if self.at_least else ''}{count}次"

    def per_year(self) -> float:
        """Return the (least) number of times in a year; a year has 52 weeks."""
        return float(self.count * _PER_YEAR[self.period])


@remembered(4096)
def parse_frequency(text: str) -> Frequency:
    """Return the frequency that ``text`` states; ``ValueError`` if it cannot be counted (定期, 1至2次)."""
    plain = _normal(text)
    match = _FREQUENCY.fullmatch(plain)
    if match:
        count = _positive(match["count"], text, 366)
        return Frequency(_PERIOD_NAMES[match["period"]], count, bool(match["least"] or match["more"]))
    if re.search(rf"(?:{_NUMBER})(?:至|到|-|~|—|、|或)(?:{_NUMBER})次", plain):
        raise ValueError(f"“{text}”是一个范围，无法检查是否做到；请写明最低次数，例如 每年至少一次")
    raise ValueError(f"“{text}”没有写明多长时间几次，无法检查是否做到；请写成例如 {FREQUENCY_EXAMPLES}")


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
        return f"{self.amount}{_DURATIONS[self.unit][0]}"


def parse_duration(text: str) -> Duration:
    """Return the duration that ``text`` states; ``ValueError`` otherwise (尽快, 3月)."""
    plain = _normal(text)
    if plain in _HALVES:
        return Duration(*_HALVES[plain])
    match = _DURATION.fullmatch(plain)
    if match:
        return Duration(_positive(match["amount"], text, 9999), _DURATION_NAMES[match["unit"]])
    raise ValueError(f"“{text}”不是可以计算的时长；请写成例如 {DURATION_EXAMPLES}")


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
        lead = ("次" if self.following else "每") + _PERIODS[self.every][0]
        return f"{lead}{month}{f'{self.day}日' if self.day else '底'}前"

    def dates(self, year: int, frequency: Frequency | None = None) -> tuple[date, ...]:
        """Return the due dates that fall in ``year``, sorted; empty for a duration.

        次月 is the month after each period of ``frequency``: with 每季度一次 January, April, July
        and October. For a day that a month lacks, its last day is due.
        """
        if self.duration:
            return ()
        every = self.every
        if self.following and frequency and _MONTHS.get(frequency.period, 1) > _MONTHS[every]:
            every = frequency.period
        due: list[date] = []
        for first in range(0, 12, _MONTHS[every]):
            last = monthrange(year, first + self.month)[1]
            due.append(date(year, first + self.month, min(self.day or last, last)))
        return tuple(due)


@remembered(4096)
def parse_deadline(text: str) -> Deadline:
    """Return the deadline that ``text`` states; ``ValueError`` otherwise (及时, 第一时间, 2月30日前)."""
    plain = _normal(text)
    for ending in ("之内", "以内", "内"):
        if plain.endswith(ending):
            return Deadline(parse_duration(plain.removesuffix(ending)))
    if plain in _HALVES or _DURATION.fullmatch(plain):
        return Deadline(parse_duration(plain))
    plain = plain.replace("之前", "前").replace("以前", "前")
    if match := _PERIOD_END.fullmatch(plain):
        every = _PERIOD_NAMES[match["every"]]
        return Deadline(every=every, month=_MONTHS[every])
    if match := _YEARLY.fullmatch(plain):
        month = _positive(match["month"], text, 12)
        day = _day_number(match["day"], text, month)
        return Deadline(every="year", month=month, day=day, following=match["next"] == "次年")
    if match := _MONTHLY.fullmatch(plain):
        return _monthly(match, text)
    raise ValueError(f"“{text}”不是可以计算的期限；请写成例如 {DEADLINE_EXAMPLES}")


def _monthly(match: re.Match[str], text: str) -> Deadline:
    if match["every_month"] or match["next_month"]:
        return Deadline(None, "month", 1, _day_number(match["day2"], text), bool(match["next_month"]))
    every = _PERIOD_NAMES[match["every"] or match["next"]]
    name, months = match["month"], _MONTHS[every]
    if name == "首月":
        month = 1
    elif name in ("末月", "最后一个月"):
        month = months
    else:
        month = _positive(name[1:-2], text, months)
    return Deadline(None, every, month, _day_number(match["day"], text), bool(match["next"]))


def _day_number(day: str | None, text: str, month: int = 1) -> int:
    return _positive(day, text, monthrange(2000, month)[1]) if day else 0


@remembered(4096)
def due_dates(frequency: Frequency | None, deadline: Deadline | None, year: int) -> tuple[date, ...]:
    """Return the due dates of a duty in ``year``, sorted.

    The calendar rule of a deadline decides. Without one, the dates are the ends of the frequency's periods, each
    split evenly by its count (每季度一次: the last day of each quarter; 每周一次: Sundays).
    """
    if deadline and not deadline.duration:
        return deadline.dates(year, frequency)
    if frequency is None:
        return ()
    if frequency.period == "week":
        return _weekly(frequency.count, year)
    months = _MONTHS[frequency.period]
    days: set[date] = set()
    for first in range(1, 13, months):
        days.update(_split(date(year, first, 1), months, frequency.count))
    return tuple(sorted(days))


def _split(start: date, months: int, count: int) -> list[date]:
    """Return the last days of ``count`` even parts of ``months`` months from ``start``."""
    if months % count == 0:
        ends = range(start.month - 1 + months // count, start.month + months, months // count)
        return [date(start.year, month, monthrange(start.year, month)[1]) for month in ends]
    length = sum(monthrange(start.year, start.month + n)[1] for n in range(months))
    return [start + timedelta(days=max(length * part // count, 1) - 1) for part in range(1, count + 1)]


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
    plain = _normal(text)
    if not plain:
        return 0
    if re.fullmatch("[〇零一二三四五六七八九]{4}", plain):
        plain = "".join(str(_DIGITS.index(char)) for char in plain.replace("〇", "零"))
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
    if re.fullmatch(f"[{_DIGITS}]{{2}}", plain):
        return int("".join(str(_DIGITS.index(char)) for char in plain))
    return parse_chinese_numeral(plain)


def parse_date(text: str) -> str:
    """Return the ISO form of 2026-01-05, 2026/1/5, 2026.1.5, 2026年1月5日 or 二〇二六年一月五日.

    Raises ``ValueError`` for a day that does not exist, or outside :data:`FIRST_YEAR` … :data:`LAST_YEAR`.
    """
    plain = _normal(text)
    if match := _DATE.fullmatch(plain):
        year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
    elif match := _CHINESE_DATE.fullmatch(plain):
        year = int("".join(char if char.isdecimal() else str(_DIGITS.index(char)) for char in _zeros(match["y"])))
        month, day = _date_number(match["m"].replace("元", "一")), _date_number(match["d"])
    else:
        raise ValueError(f"“{text}”不是日期；请写成例如 {DATE_EXAMPLES}")
    if 1 <= month <= 12 and not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"“{text}”的年份应当在 {FIRST_YEAR} 至 {LAST_YEAR} 之间；请写成例如 {DATE_EXAMPLES}")
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        leap = "，该年不是闰年" if (month, day) == (2, 29) and not isleap(year) else ""
        raise ValueError(f"“{text}”这一天不存在{leap}；请写成例如 {DATE_EXAMPLES}")
    return date(year, month, day).isoformat()
