"""The calendar file: RFC 5545 lines, stable ids, nothing of today."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.compose.due_dates import DueRule
from toolkit.formats import ics
from toolkit.model.tree import Duty

REPORT = Duty(
    "report",
    "季度汇报",
    "org",
    "党支部",
    "书面汇报，含附件;清单",
    frequency="每季度至少一次",
    deadline="每季度末月25日前",
    recipient_name="镇党委",
    record="汇报材料",
)
#: Every day is worked but weekends, and every duty binds.
ALL = DueRule()
INCIDENT = Duty("incident", "事件报告", "org", "党支部", "报告", trigger="发现后", deadline="30分钟内")


def calendar(duties: list[Duty], year: int, unit: str, issued: str = "", rule: DueRule = ALL) -> bytes:
    return ics.calendar([(duty, rule.dates(duty, year)) for duty in duties], year, unit, issued=issued)


def unfold(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def values(data: bytes, name: str) -> list[str]:
    return [line.partition(":")[2] for line in unfold(data) if re.match(rf"{name}[:;]", line)]


def test_one_event_for_each_due_date():
    data = calendar([REPORT, INCIDENT], 2026, "柳河村", issued="2026-01-05")
    assert values(data, "DTSTART") == ["20260325", "20260625", "20260925", "20261225"]
    assert values(data, "DTEND") == ["20260326", "20260626", "20260926", "20261226"]
    assert set(values(data, "DTSTAMP")) == {"20260105T000000Z"}
    assert set(values(data, "SUMMARY")) == {"季度汇报"}
    assert "事项：书面汇报，含附件\\;清单\\n" in values(data, "DESCRIPTION")[0]
    assert values(data, "X-WR-CALNAME") == ["柳河村2026年职责日历"]
    assert len(set(values(data, "UID"))) == 4


def test_ids_are_stable_and_follow_a_changed_day():
    first = calendar([REPORT], 2026, "柳河村")
    assert first == calendar([REPORT], 2026, "柳河村") and "19700101T000000Z" in values(first, "DTSTAMP")
    moved = Duty("report", "季度汇报", "org", "党支部", "汇报", deadline="每季度末月20日前")
    assert values(calendar([moved], 2026, "柳河村"), "UID") == values(first, "UID")
    assert not set(values(calendar([REPORT], 2026, "桃园村"), "UID")) & set(values(first, "UID"))
    assert not set(values(calendar([REPORT], 2027, "柳河村"), "UID")) & set(values(first, "UID"))


@given(st.text(max_size=200))
def test_any_text_folds_and_comes_back(text):
    data = calendar([Duty("d", text, "o", "甲", "办", deadline="每年12月20日前")], 2026, "单位")
    raw = data.split(b"\r\n")
    assert raw[-1] == b"" and all(len(line) <= 75 for line in raw) and b"\n" not in b"".join(raw)
    for line in raw:
        line.decode()
    back = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], values(data, "SUMMARY")[0])
    clean = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(char for char in clean if char in "\n\t" or (char >= " " and char != "\x7f"))
    assert back == clean


@pytest.mark.parametrize("year", [0, -1, 9999, 12026])
def test_an_impossible_year(year):
    with pytest.raises(ValueError):
        calendar([REPORT], year, "柳河村")
