"""The line breaker: rules at line starts and ends, units, squeezing, stretching; every character once and in order."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.pdf.line_breaking import _CLASSES, Broken, Measure, break_lines, offsets


def violations(broken: Broken) -> list[int]:
    """Return the positions where a line starts or ends as it must not (line feeds of the author do not count)."""
    kinds = broken.text.translate(_CLASSES)
    return [
        line.start
        for line in broken.lines
        if line.start and kinds[line.start - 1] != "l"
        if kinds[line.start] in "cer" or kinds[line.start - 1] in "o"
    ]


SIZE = 16.0
PITCH = 442.2047 / 28
TRACKING = PITCH - SIZE
WIDTH = 28 * PITCH
BODY = Measure(WIDTH, SIZE, first=2 * PITCH)
CLOSERS = "、，。；：？！）》】」』〉〕”’…—%‰℃·"
OPENERS = "（《【「『〈〔“‘"
HAN = "意识形态工作责任制实施办法村党支部会议记录研究部署检查考核报告及时应当每季度一次二十日前"


def advances(text: str) -> list[float]:
    """Return widths of a plain font: half an em for Latin, a full one for the rest."""
    return [
        (0.0 if char == "\n" else 0.5 * SIZE if char < "\u0100" and char != "·" else SIZE) + TRACKING for char in text
    ]


def broken(text: str, measure: Measure = BODY, atoms=()) -> Broken:
    return break_lines(text, advances(text), measure, atoms)


def texts(result: Broken) -> list[str]:
    return [result.text[line.start : line.end] for line in result.lines]


def lines(text: str, measure: Measure = BODY) -> list[str]:
    return texts(broken(text, measure))


def legal(text: str, at: int) -> bool:
    """Whether a line may begin at a place, said in the words of the issue and not of the breaker."""
    before, after = text[at - 1], text[at]
    if after in CLOSERS or before in OPENERS:
        return False
    latin = re.compile(r"[A-Za-z0-9.,%+/:-]")
    if latin.match(before) and latin.match(after):
        return False
    return after != " "


def check_whole(result: Broken) -> None:
    """Every character is set once and in order, nothing before the left or beyond the right edge."""
    assert "".join(texts(result)) == result.text.replace("\n", "")
    for line in result.lines:
        places = offsets(result, line)
        visible = result.text[line.start : line.end].rstrip(" ")
        assert all(a < b + 0.5 * SIZE for a, b in zip(places, places[1:], strict=False))
        assert line.x + line.width <= WIDTH + 0.02 or len(visible) == 1 or result.emergencies


# --- examples of each rule --------------------------------------------------------------------------------------


def test_28_characters_fill_a_line_exactly():
    result = broken("村" * 100)
    assert [line.end - line.start for line in result.lines] == [26, 28, 28, 18]
    assert all(line.extra == 0 and not line.shifts for line in result.lines)
    for line in result.lines[:3]:
        assert line.x + line.width == pytest.approx(WIDTH, abs=0.01)


@pytest.mark.parametrize("mark", CLOSERS)
def test_no_closing_mark_starts_a_line(mark):
    for place in range(20, 32):
        result = broken("村" * place + mark + "村" * 40)
        assert not [line for line in texts(result)[1:] if line[0] == mark]
        check_whole(result)


@pytest.mark.parametrize("mark", OPENERS)
def test_no_opening_mark_ends_a_line(mark):
    for place in range(20, 32):
        result = broken("村" * place + mark + "村" * 40)
        assert not [line for line in texts(result)[:-1] if line[-1] == mark]


@pytest.mark.parametrize("pair", ["——", "……"])
def test_dash_and_ellipsis_are_never_split(pair):
    for place in range(20, 32):
        assert sum(pair in line for line in lines("村" * place + pair + "村" * 40)) == 1


@pytest.mark.parametrize(
    "unit",
    ["30mA", "≤ 30", "≤30mA", "3.5%", "2026年", "Microsoft", "12345-678", "第3条", "25日", "±0.5", "30℃", "10 kV"],
)
def test_units_stay_whole(unit):
    for place in range(18, 32):
        assert sum(unit in line for line in lines("村" * place + unit + "村" * 40)) == 1


def test_full_lines_reach_the_edge_and_the_last_is_natural():
    result = broken("根据《党委（党组）意识形态工作责任制实施办法》（中办发〔2015〕52号），" * 6)
    for line in result.lines[:-1]:
        assert line.x + line.width == pytest.approx(WIDTH, abs=0.02)
    assert result.lines[-1].extra == 0


def test_a_mark_at_the_end_is_squeezed_by_half_an_em_at_most():
    text = "村" * 20 + "，村，" + "村" * 3 + "。" + "村" * 10
    result = broken(text)
    first = result.lines[0]
    assert texts(result)[0].endswith("。") and first.shifts
    assert all(-0.5 * SIZE - 0.01 <= dx <= 0 for _, dx in first.shifts)


def test_white_between_han_and_latin_shrinks_before_punctuation():
    natural = broken("学习Word，掌握要点").lines[0]
    assert [index for index, dx in natural.shifts if dx > 0] == [2]
    assert broken("2026年1月", Measure(WIDTH, SIZE, gaps=False)).lines[0].shifts == ()


def test_a_line_feed_breaks_and_an_empty_line_is_a_line():
    assert lines("甲\n\n乙") == ["甲", "", "乙"]
    assert lines("") == [""] and lines("甲\n") == ["甲", ""]


def test_a_long_word_is_an_emergency_and_is_counted():
    result = broken("x" * 300)
    assert result.emergencies >= 3
    check_whole(result)
    assert broken("见https://example.org/" + "a/" * 60).emergencies


def test_a_run_of_marks_longer_than_a_line_ends():
    for mark in ("。", "（", "—"):
        result = broken(mark * 200)
        check_whole(result)
        assert result.emergencies


def test_an_atom_stays_whole_if_it_fits():
    text = "村" * 22 + "\u3000" * 8 + "村" * 5
    assert sum("\u3000" * 8 in line for line in texts(broken(text, BODY, [(22, 30)]))) == 1
    wide = "\u3000" * 100
    check_whole(broken(wide, BODY, [(0, 100)]))


def test_no_single_character_ends_a_cell():
    cell = Measure(6 * SIZE, SIZE, justify=False)
    assert lines("村" * 7, cell) == ["村" * 5, "村" * 2]
    assert lines("村" * 6 + "。", cell)[-1] != "。"


def test_narrow_columns_never_loop():
    for width in (1, 5, 16, 17, 33):
        result = broken("根据《办法》第12条，30mA……（一）" * 3, Measure(width, SIZE, justify=False))
        assert "".join(texts(result)) == result.text


@pytest.mark.slow
def test_time_is_linear():
    def seconds(count: int) -> float:
        text = "村党支部应当每季度研究一次，形成记录（第12条）；" * count
        widths = advances(text)
        best = 9.0
        for _ in range(3):
            start = perf_counter()
            break_lines(text, widths, BODY)
            best = min(best, perf_counter() - start)
        return best

    assert seconds(4000) < 14 * seconds(400) + 0.05


# --- random paragraphs ------------------------------------------------------------------------------------------

_PIECES = st.one_of(
    st.text(HAN, min_size=1, max_size=12),
    st.sampled_from(list("、，。；：？！）》】」』〉〕”’") + list(OPENERS)),
    st.sampled_from(["——", "……", "·", "。”", "）。", "：“", "》（", "%", "℃"]),
    st.from_regex(r"[0-9]{1,5}(\.[0-9]{1,2})?(%|mA|年|日)?", fullmatch=True),
    st.from_regex(r"[A-Za-z]{1,9}( [A-Za-z]{1,7})?", fullmatch=True),
    st.sampled_from(["≤ 30mA", "2026年", "第12条", "GB/T 9704-2012"]),
)
_PARAGRAPHS = st.lists(_PIECES, min_size=1, max_size=60).map("".join)


def check_rules(result: Broken) -> None:
    """No rule is broken where a compliant break exists."""
    check_whole(result)
    assert not violations(result) or result.emergencies
    if not result.emergencies:
        text = result.text
        assert all(legal(text, line.start) for line in result.lines[1:] if line.start < len(text))
        for line in result.lines:
            assert line.x + line.width <= WIDTH + 0.02


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(_PARAGRAPHS)
def test_random_paragraphs_break_no_rule(text):
    check_rules(broken(text))


@pytest.mark.slow
@settings(max_examples=2500, deadline=None)
@given(_PARAGRAPHS)
def test_many_random_paragraphs_break_no_rule(text):
    check_rules(broken(text))


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(_PARAGRAPHS, st.floats(5, 15))
def test_an_emergency_means_that_nothing_else_fits(text, chars):
    """In narrow columns: where a rule is broken, no place in reach of the line would have kept it."""
    measure = Measure(chars * SIZE, SIZE, justify=False)
    result = break_lines(text, advances(text), measure)
    for line in result.lines[1:]:
        start = next(one.start for one in result.lines if one.end == line.start)
        if line.start < len(text) and (text[line.start] in CLOSERS or text[line.start - 1] in OPENERS):
            assert not any(legal(text, at) for at in range(start + 1, line.start))
