"""The recogniser of times: a corpus of spellings, phrases composed of the grammar, texts without a time, linear time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from toolkit.language import periods
from toolkit.language.numerals import chinese_numeral
from toolkit.language.times import PERIOD_UNITS, SPAN_UNITS, read_time, times

CORPUS = yaml.safe_load((Path(__file__).parent / "data/times.yaml").read_text(encoding="utf-8"))
SPELLINGS = [(spelling, reading) for reading in CORPUS["readings"] for spelling in reading["spellings"]]
NONE = [text for line in CORPUS["none"] for text in line]
UNKNOWN = [(text, kind) for kind, texts in CORPUS["unknown"].items() for text in texts]


def test_size_of_the_corpus():
    assert len({spelling for spelling, _ in SPELLINGS}) >= 300
    assert len(set(NONE)) >= 100


def test_every_spelling_of_the_corpus():
    for spelling, reading in SPELLINGS:
        for before, after in (("", ""), ("办事机构在", "，完成核对。"), ("（", "）")):
            text = f"{before}{spelling}{after}"
            found = times(text)
            assert [text[item.start : item.end] for item in found] == [spelling]
            (one,) = found
            assert (one.kind, one.text, one.unit) == (reading["kind"], reading["text"], reading["unit"]), spelling
            assert (one.least, one.most) == (reading.get("least"), reading.get("most")), spelling
            assert one.known and not one.gap, spelling
        whole = read_time(spelling)
        assert whole is not None, spelling
        assert (whole.kind, whole.text) == (reading["kind"], reading["text"]), spelling


@pytest.mark.parametrize(("text", "kind"), UNKNOWN)
def test_looks_like_a_time_and_is_not_understood(text, kind):
    found = times(f"办事机构{text}，办理。")
    assert [(item.kind, item.known) for item in found] == [(kind, False)]


@pytest.mark.parametrize(("text", "reading"), CORPUS["gaps"].items())
def test_placeholder_in_a_time(text, reading):
    found = times(f"办事机构{text}。")
    assert [(item.kind, item.unit, item.gap) for item in found] == [(*reading, True)]
    assert (found[0].start, found[0].end) == (4, 4 + len(text))


@pytest.mark.parametrize(("text", "reading"), CORPUS["anchors"].items())
def test_event_that_a_time_runs_from(text, reading):
    assert [[item.text, item.anchor] for item in times(f"　　{text}，办结。")] == [reading]


def test_no_time():
    assert [text for text in NONE if times(text) or times(f"村党支部的{text}，由专人负责。")] == []


# --- phrases composed of the grammar ----------------------------------------------------------------------------------


def _financial(number: int) -> str:
    return chinese_numeral(number).translate(str.maketrans("一二三四五六七八九十百", "壹贰叁肆伍陆柒捌玖拾佰"))


SCRIPTS = {
    "arabic": str,
    "full width": lambda number: str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "chinese": chinese_numeral,
    "financial": _financial,
    "廿": lambda number: (
        chinese_numeral(number).replace("二十", "廿", 1) if 20 <= number < 30 else chinese_numeral(number)
    ),
    "卅": lambda number: (
        chinese_numeral(number).replace("三十", "卅", 1) if 30 <= number < 40 else chinese_numeral(number)
    ),
    "两": lambda number: "两" if number == 2 else chinese_numeral(number),
}
BOUNDS = {
    "{}内": ("deadline", None, 1),
    "{}以内": ("deadline", None, 1),
    "{}之内": ("deadline", None, 1),
    "不迟于{}": ("deadline", None, 1),
    "{}前": ("deadline", 1, None),
    "{}之前": ("deadline", 1, None),
    "提前{}": ("deadline", 1, None),
    "{}后": ("point", 1, 1),
    "{}": ("duration", 1, 1),
    "不少于{}": ("duration", 1, None),
    "至少{}": ("duration", 1, None),
    "{}以上": ("duration", 1, None),
    "不超过{}": ("duration", None, 1),
    "{}以下": ("duration", None, 1),
}
NAMES = [(unit, name) for unit, names in SPAN_UNITS.items() for name in names if name not in ("分", "周年")]
PERIODS = [(unit, name) for unit, names in PERIOD_UNITS.items() for name in names]


@given(st.integers(1, 99), st.sampled_from(sorted(SCRIPTS)), st.sampled_from(NAMES), st.sampled_from(sorted(BOUNDS)))
def test_span_round_trip(number, script, named, bound):
    unit, name = named
    phrase = bound.format(SCRIPTS[script](number) + name)
    kind, least, most = BOUNDS[bound]
    text = f"办事机构在{phrase}，办理。"
    (found,) = times(text)
    assert text[found.start : found.end] == phrase
    assert (found.kind, found.unit) == (kind, unit)
    assert (found.least, found.most) == (least and number, most and number)
    (again,) = times(found.text)
    assert (again.kind, again.least, again.most, again.unit) == (kind, found.least, found.most, unit)


@given(
    st.sampled_from(PERIODS),
    st.sampled_from(["每", "每个", "每一个", "每一"]),
    st.sampled_from(["", "至少", "不少于", "最少", "至多", "不超过"]),
    st.integers(1, 99),
    st.sampled_from(sorted(SCRIPTS)),
    st.sampled_from(["次", "回"]),
)
def test_frequency_round_trip(period, lead, limit, count, script, word):
    unit, name = period
    phrase = f"{lead}{name}{limit}{SCRIPTS[script](count)}{word}"
    (found,) = times(f"办事机构{phrase}组织学习。")
    assert (found.start, found.end) == (4, 4 + len(phrase))
    assert (found.kind, found.unit, found.every) == ("frequency", unit, 1)
    least = None if limit in ("至多", "不超过") else count
    most = None if limit in ("至少", "不少于", "最少") else count
    assert (found.least, found.most) == (least, most)
    assert times(found.text)[0].text == found.text


@given(
    st.integers(1, 12),
    st.integers(1, 28),
    st.sampled_from(["", "每年", "次年"]),
    st.sampled_from(sorted(SCRIPTS)),
    st.sampled_from(["日", "号"]),
    st.sampled_from(["前", "之前", "以前"]),
)
def test_yearly_deadline_round_trip(month, day, lead, script, word, bound):
    phrase = f"{lead}{SCRIPTS[script](month)}月{SCRIPTS[script](day)}{word}{bound}"
    if script == "两" and 2 in (month, day):
        return
    (found,) = times(f"办事机构在{phrase}，报告。")
    assert (found.kind, found.known) == ("deadline", True)
    assert found.text == f"{lead or '每年'}{month}月{day}日前"
    assert periods.parse_deadline(phrase).text() == found.text


# --- the parsers and the recogniser say the same ----------------------------------------------------------------------


def test_parsers_agree():
    parse = {
        "frequency": periods.parse_frequency,
        "deadline": periods.parse_deadline,
        "duration": periods.parse_duration,
    }
    parsed = 0
    for spelling, reading in SPELLINGS:
        if reading["kind"] not in parse:
            continue
        try:
            text = parse[reading["kind"]](spelling).text()
        except ValueError as reason:
            assert "；请写" in str(reason), spelling
        else:
            assert text in (reading["text"], f"{reading['text']}一次"), spelling
            parsed += 1
    assert parsed > 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("每年计划两次，每季度整理一次", [("frequency", "每年"), ("frequency", "每季度")]),
        ("按月份装订，按年计划", []),
        ("2009年印发", [("date", "2009年")]),
        ("2025、2026年的台账", [("date", "2026年")]),
        ("二〇二六年的台账", [("date", "二〇二六年")]),
        ("保管20年", [("duration", "20年")]),
        ("自印发之日起施行", [("point", "印发之日")]),
        ("每{freq}召开，5 个工作日内　报告", [("frequency", "每\ufffc"), ("deadline", "5个工作日内")]),
        ("3月5日至4月10日", [("date", "3月5日"), ("date", "4月10日")]),
        ("一月的报表和一个月的期限", [("period", "1月"), ("duration", "1个月")]),
    ],
)
def test_prose(text, expected):
    assert [(item.kind, item.text) for item in times(text)] == expected


def test_number_behind_a_verb():
    assert [item.text for item in times("每季度应当至少召开两次会议", spread=True)] == ["每季度两次"]
    assert [item.text for item in times("每季度至少组织1次", spread=True)] == ["每季度一次"]
    assert [item.text for item in times("每年最后一次会议", spread=True)] == ["每年"]


@pytest.mark.slow
@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "unit", ["1", "一", "每", "每年", "5日", "、3月", "之日", "月", "第", "〇二", "收到5日", "3月5日、", " 每 "]
)
def test_linear_time(unit):
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        start = time.process_time()
        times(text)
        return time.process_time() - start

    seconds(100)
    short, long = (min(seconds(length + turn) for turn in range(3)) for length in (2_000, 20_000))
    assert long < 30 * max(short, 0.002)
