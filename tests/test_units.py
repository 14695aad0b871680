"""Units: numerals, frequencies, durations, deadlines, dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.language import numerals, periods


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "零"),
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (99, "九十九"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (111, "一百一十一"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (10000, "一万"),
        (10001, "一万零一"),
        (10010, "一万零一十"),
        (11000, "一万一千"),
        (100000, "十万"),
        (100101, "十万零一百零一"),
    ],
)
def test_numeral(number, text):
    assert numerals.chinese_numeral(number) == text
    assert numerals.parse_chinese_numeral(text) == number


@given(st.integers(0, numerals.NUMERAL_MAX))
def test_numeral_round_trip(number):
    assert numerals.parse_chinese_numeral(numerals.chinese_numeral(number)) == number


@pytest.mark.parametrize("text", ["", "一一", "十零", "百", "12", "一百一", "零一", "三千万万万", "万"])
def test_bad_numeral(text):
    with pytest.raises(ValueError):
        numerals.parse_chinese_numeral(text)


def test_numeral_range():
    with pytest.raises(ValueError):
        numerals.chinese_numeral(-1)
    with pytest.raises(ValueError):
        numerals.chinese_numeral(numerals.NUMERAL_MAX + 1)


@pytest.mark.parametrize(
    ("text", "canonical", "per_year"),
    [
        ("每季度1次", "每季度一次", 4),
        ("每季度至少一次", "每季度至少一次", 4),
        ("每年不少于4次", "每年至少四次", 4),
        ("每年4次以上", "每年至少四次", 4),
        ("每半年一次", "每半年一次", 2),
        ("每月１次", "每月一次", 12),
        ("每个月两次", "每月两次", 24),
        ("每 周 2 次", "每周两次", 104),
        ("每年十二次", "每年十二次", 12),
        ("每学期至少两次", "每学期至少两次", 4),
        ("每学年1次", "每学年一次", 1),
        ("每工作日", "每工作日一次", 250),
        ("每天", "每日一次", 365),
        ("每2个月一次", "每两个月一次", 6),
        ("每两年一次", "每两年一次", 0.5),
        ("隔周一次", "每两周一次", 26),
        ("每旬一次", "每旬一次", 36),
    ],
)
def test_frequency(text, canonical, per_year):
    frequency = periods.parse_frequency(text)
    assert frequency.text() == canonical
    assert frequency.per_year() == per_year


@pytest.mark.parametrize("text", ["定期", "1至2次", "每年1至2次", "每季度", "每年0次", "每年9999999999次", "", "四次"])
def test_bad_frequency(text):
    with pytest.raises(ValueError, match="一次|1 至|九位数|没有写多长时间"):
        periods.parse_frequency(text)


@pytest.mark.parametrize(
    ("text", "year", "days"),
    [
        ("每学期一次", 2026, ["01-31", "07-31"]),
        ("每学年一次", 2026, ["07-31"]),
        ("每两个月一次", 2026, ["02-28", "04-30", "06-30", "08-31", "10-31", "12-31"]),
        ("每两年一次", 2026, ["12-31"]),
        ("每两年一次", 2027, []),
        ("每工作日", 2026, []),
    ],
)
def test_due_dates_of_other_periods(text, year, days):
    found = periods.due_dates(periods.parse_frequency(text), None, year)
    assert [day.isoformat()[5:] for day in found] == days


@given(
    st.sampled_from(["year", "half", "quarter", "month", "week", "term", "school_year", "workday", "day", "ten_days"]),
    st.integers(1, 366),
    st.booleans(),
    st.integers(1, 12),
)
def test_frequency_round_trip(period, count, least, every):
    frequency = periods.Frequency(period, count, least, every if period in ("year", "month", "week", "quarter") else 1)
    assert periods.parse_frequency(frequency.text()) == frequency


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("30分钟", "30分钟"),
        ("2 小时", "2小时"),
        ("五个工作日", "5个工作日"),
        ("5工作日", "5个工作日"),
        ("1个月", "1个月"),
        ("三年", "3年"),
        ("３天", "3日"),
        ("半小时", "30分钟"),
        ("半年", "6个月"),
        ("两周", "2周"),
    ],
)
def test_duration(text, canonical):
    assert periods.parse_duration(text).text() == canonical
    assert periods.parse_duration(canonical).text() == canonical


@pytest.mark.parametrize("text", ["尽快", "3月", "0天", "1.5小时", ""])
def test_bad_duration(text):
    with pytest.raises(ValueError):
        periods.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("30分钟内", "30分钟内"),
        ("5个工作日之内", "5个工作日内"),
        ("24小时", "24小时内"),
        ("每年12月20日前", "每年12月20日前"),
        ("12月31日前", "每年12月31日前"),
        ("每季度末月25日前", "每季度末月25日前"),
        ("每半年末月20日前", "每半年末月20日前"),
        ("每月5日前", "每月5日前"),
        ("每月月底前", "每月底前"),
        ("次月10日前", "次月10日前"),
        ("次季度首月10日前", "次季度首月10日前"),
        ("次年1月20日前", "次年1月20日前"),
        ("年底前", "每年12月底前"),
        ("每季度第二个月15日之前", "每季度第二个月15日前"),
    ],
)
def test_deadline(text, canonical):
    assert periods.parse_deadline(text).text() == canonical
    assert periods.parse_deadline(canonical) == periods.parse_deadline(text)


@pytest.mark.parametrize(
    "text", ["及时", "第一时间", "每年2月30日前", "每月32日前", "每年13月1日前", "每季度第四个月5日前"]
)
def test_bad_deadline(text):
    with pytest.raises(ValueError):
        periods.parse_deadline(text)


def _due(frequency, deadline, year=2026):
    return [
        f"{day:%m%d}"
        for day in periods.due_dates(
            periods.parse_frequency(frequency) if frequency else None,
            periods.parse_deadline(deadline) if deadline else None,
            year,
        )
    ]


@pytest.mark.parametrize(
    ("frequency", "deadline", "days"),
    [
        ("", "", []),
        ("", "30分钟内", []),
        ("每季度一次", "", ["0331", "0630", "0930", "1231"]),
        ("每年四次", "", ["0331", "0630", "0930", "1231"]),
        ("每年一次", "5个工作日内", ["1231"]),
        ("每半年至少一次", "", ["0630", "1231"]),
        ("每季度一次", "每季度末月25日前", ["0325", "0625", "0925", "1225"]),
        ("每季度一次", "每季度末月31日前", ["0331", "0630", "0930", "1231"]),
        ("每季度一次", "次月10日前", ["0110", "0410", "0710", "1010"]),
        ("每季度一次", "次季度首月10日前", ["0110", "0410", "0710", "1010"]),
        ("每半年一次", "每半年末月20日前", ["0620", "1220"]),
        ("", "每年12月20日前", ["1220"]),
        ("每年一次", "次年1月20日前", ["0120"]),
    ],
)
def test_due_dates(frequency, deadline, days):
    assert _due(frequency, deadline) == days


def test_due_dates_of_months_and_weeks():
    assert len(_due("每月一次", "每月底前")) == 12
    assert _due("", "每月底前", 2028)[1] == "0229"
    assert _due("", "每年2月29日前", 2027) == ["0228"]
    sundays = periods.due_dates(periods.Frequency("week", 1), None, 2026)
    assert {day.weekday() for day in sundays} == {6} and len(sundays) == 52


@given(st.sampled_from(["year", "half", "quarter", "month", "week"]), st.integers(1, 366), st.integers(1900, 2100))
def test_due_dates_are_sorted_and_of_the_year(period, count, year):
    days = periods.due_dates(periods.Frequency(period, count), None, year)
    assert list(days) == sorted(set(days)) and {day.year for day in days} == {year}
    if period != "week" and count <= 28:
        assert len(days) == periods.Frequency(period, count).per_year()


@pytest.mark.parametrize(
    "text",
    ["2026-01-05", "2026年1月5日", "2026/1/5", "２０２６年１月５日", "2026.1.5", "二〇二六年一月五日", "2026-1-5"],
)
def test_date(text):
    assert periods.parse_date(text) == "2026-01-05"
    assert periods.print_date("2026-01-05") == "2026年1月5日"


@pytest.mark.parametrize(
    "text", ["2026年2月30日", "2026-13-01", "2027-02-29", "今天", "", "2026-01", "0000-01-01", "9999-12-31"]
)
def test_bad_date(text):
    with pytest.raises(ValueError, match="2026年1月5日"):
        periods.parse_date(text)


@pytest.mark.parametrize("zero", "〇零○◯")
def test_round_signs_are_zeros(zero):
    """What keyboards give for 〇: in years, dates and numbers alike."""
    assert periods.parse_year(f"二{zero}二六") == 2026
    assert periods.parse_date(f"二{zero}二六年一月{zero}五日") == "2026-01-05"
    assert periods.parse_date(f"二{zero}二六年1月5日") == "2026-01-05"
    assert periods.parse_date(f"二{zero}三{zero}年一{zero}月三{zero}日") == "2030-10-30"
    assert numerals.parse_number(f"一百{zero}五") == 105
    assert periods.parse_frequency("每季度1次").count == 1


def test_blank_date():
    assert periods.print_date("") == "　　　　年　　月　　日"


@given(st.dates(date(periods.FIRST_YEAR, 1, 1), date(periods.LAST_YEAR, 12, 31)))
def test_date_round_trip(day: date):
    assert periods.parse_date(periods.print_date(day.isoformat())) == day.isoformat()
