"""The period and the unit that a form says it is about, read from its fields; used by the evidence of the register."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from toolkit.forms import Form, FormData
from toolkit.language.numerals import chinese_numeral, parse_number
from toolkit.language.periods import FIRST_YEAR, LAST_YEAR, is_iso_date

#: The meaning of fields that state a period, by id and, in a unit's own form, by label.
_IDS = {
    "year": "year",
    "half": "half",
    "half_year": "half",
    "term": "half",
    "semester": "half",
    "quarter": "quarter",
    "month": "month",
    "from_on": "from",
    "to_on": "to",
    "group": "reporter",
    "subunit": "reporter",
    "station": "reporter",
    "section": "reporter",
    "department": "reporter",
}
_LABELS = (
    ("half", re.compile("半年度?|学期|上下半年")),
    ("quarter", re.compile(".{0,4}季度")),
    ("month", re.compile(".{0,4}月份|月度")),
    ("year", re.compile(".{0,4}年度|.{0,2}年份")),
    ("from", re.compile("(?:期间|时段)?(?:起始|开始|起)(?:日期|时间)?|自")),
    ("to", re.compile("(?:期间|时段)?(?:截止|结束|止)(?:日期|时间)?|至")),
    ("reporter", re.compile(".*(?:小组|部门|单位|机构|组织)(?:名称)?")),
)
_MONTHS = {"half": 6, "quarter": 3, "month": 1}
_HALVES = (("上", "一", "1"), ("下", "二", "2"))
_TERMS = ("春", "秋")
_DIGITS = re.compile("[0-9]+|[一二三四五六七八九十]+")
_CHINESE_YEAR = re.compile("[〇零○一二三四五六七八九]{4}")
#: Characters in the name of a unit that some leave out.
_FILLER = re.compile(r"第|[\s\u3000（()）]")
_NUMERAL = "[〇零一二三四五六七八九十]"
_FIGURES = re.compile("[0-9０-９]{1,4}")


def roles(form: Form) -> Mapping[str, str]:
    """Return the fields by meaning: ``year half quarter month from to reporter`` → field id; ids come before labels."""
    found: dict[str, str] = {}
    for name in form.fields:
        if name in _IDS:
            found.setdefault(_IDS[name], name)
    for name, part in form.fields.items():
        role = next((role for role, pattern in _LABELS if pattern.fullmatch(part.label or "")), "")
        if role and (role not in ("from", "to") or part.kind == "date") and part.kind not in ("longtext", "signature"):
            found.setdefault(role, name)
    return found


def period(states: Mapping[str, str], data: FormData, day: str) -> tuple[str, ...]:
    """Return the first and last day (ISO) of the period that a form states; empty if it states none.

    ``day`` (ISO) tells the year where the form names none: the last in which the period had begun.
    """
    given = {role: data.get(name) for role, name in states.items()}
    if is_iso_date(given.get("to", "")):
        begin = given.get("from", "")
        return (begin if is_iso_date(begin) else given["to"], given["to"])
    year = _year(given.get("year", ""))
    for kind in ("month", "quarter", "half"):
        part = _half(given.get(kind, "")) if kind == "half" else _number(given.get(kind, ""))
        if part and 1 <= part <= 12 // _MONTHS[kind]:
            month = (part - 1) * _MONTHS[kind] + 1
            if not year:
                year = int(day[:4]) - (f"{int(day[:4])}-{month:02}-01" > day)
            return _span(year, month, _MONTHS[kind])
    return _span(year, 1, 12) if year else ()


def named(period: Sequence[str]) -> str:
    """Return the name of a period (first and last day, ISO): 2026年第2季度, 2026年上半年; empty for none."""
    if not period:
        return ""
    year, month = int(period[0][:4]), int(period[0][5:7])
    names = {
        1: f"{year}年{month}月",
        3: f"{year}年第{(month + 2) // 3}季度",
        6: f"{year}年{'上下'[month > 6]}半年",
        12: f"{year}年度",
    }
    for months, name in names.items():
        if tuple(period) == _span(year, month, months) and (month - 1) % months == 0:
            return name
    return f"{period[0]}至{period[1]}"


def _span(year: int, month: int, months: int) -> tuple[str, str]:
    after = year * 12 + month - 1 + months
    last = date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
    return date(year, month, 1).isoformat(), last.isoformat()


def _year(text: str) -> int:
    """Return the year in 2026, 二〇二六年, 26年度; 0 for none that can be meant."""
    match = _CHINESE_YEAR.search(text)
    year = (
        int("".join(str("〇一二三四五六七八九".index(char)) for char in _zeros(match[0]))) if match else _number(text)
    )
    year += 2000 if 0 < year < 100 else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else 0


def _zeros(text: str) -> str:
    return text.replace("零", "〇").replace("○", "〇")


def _number(text: str) -> int:
    """Return the number in 二, 第二季度, 2, 2026年; 0 for none."""
    match = _DIGITS.search(text)
    try:
        return parse_number(match[0]) if match else 0
    except ValueError:
        return 0


def _half(text: str) -> int:
    """Return 1 or 2 for 上半年 or 下半年, 春季学期 or 秋季学期; 0 for anything else (第一学期 is no half of a year)."""
    words = _TERMS if "学期" in text else _HALVES
    return next((number for number, some in enumerate(words, 1) if any(word in text for word in some)), 0)


def reporter(written: str, units: Sequence[str], label: str = "") -> str:
    """Return which of the units a form names, empty if none or more than one of them.

    ``label`` is that of the field: with 某某小组名称 also 第1某某小组 is 一组. 三年级组 is one of 各年级组.
    """
    generic = label.removesuffix("名称")
    name = _core(written.replace(generic, "") if generic else written)
    if not name:
        return ""
    cores = {_core(unit): unit for unit in units}
    if name in cores:
        return cores[name]
    inside = [core for core in cores if core and re.search(f"(?<!{_NUMERAL}){re.escape(core)}(?!{_NUMERAL})", name)]
    longest = [core for core in inside if not any(core != other and core in other for other in inside)]
    if len(longest) == 1:
        return cores[longest[0]]
    kinds = [unit for unit in units if unit.startswith("各") and unit[1:] in written]
    return kinds[0] if len(kinds) == 1 else ""


def _core(name: str) -> str:
    """Return a key that spellings of a unit's name share: numerals are Chinese, 第, brackets and 组 at the end go."""
    numbered = _FIGURES.sub(lambda match: chinese_numeral(int(match[0])), name)
    return _FILLER.sub("", numbered).removesuffix("组").removesuffix("小")
