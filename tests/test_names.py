"""Names of units and organs in words, and titles and red heads that tear none."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from toolkit.language.names import inner_breaks, organ_start, segments
from toolkit.language.titles import PER_LINE, title_lines, width
from toolkit.model.tree import Document
from toolkit.page import measures
from toolkit.page.frame import issuer_mark

DIVIDED = [
    tuple(line.split("｜"))
    for line in (Path(__file__).parent / "data" / "unit_names.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
WORK = ("意识形态工作责任制实施办法", "关于成立意识形态工作领导小组等工作机构的通知", "2026年度意识形态工作要点")


def torn(lines: tuple[str, ...], words: tuple[str, ...]) -> set[int]:
    """Return the breaks that fall inside a word of the name that the lines begin with."""
    inside = set(range(sum(map(len, words)))) - {0, *itertools.accumulate(map(len, words))}
    return inside & set(itertools.accumulate(map(len, lines)))


def test_there_are_enough_names_of_all_lengths() -> None:
    lengths = [sum(map(len, words)) for words in DIVIDED]
    assert len(DIVIDED) >= 60 and min(lengths) <= 4 and max(lengths) >= 30


@pytest.mark.parametrize("words", DIVIDED, ids="".join)
def test_a_name_is_divided_into_its_words(words: tuple[str, ...]) -> None:
    assert segments("".join(words)) == words


@pytest.mark.parametrize("words", DIVIDED, ids="".join)
def test_titles_tear_no_word_of_a_name(words: tuple[str, ...]) -> None:
    name = "".join(words)
    for work in WORK:
        lines = title_lines(name + work, unbreakable=(name,))
        assert "".join(lines) == name + work
        assert not torn(lines, words), lines
        assert all(3 <= sum(map(width, line)) <= PER_LINE for line in lines), lines


@pytest.mark.parametrize("words", DIVIDED, ids="".join)
def test_a_red_head_stays_on_one_line_or_breaks_between_words(words: tuple[str, ...]) -> None:
    name = "".join(words)
    lines = issuer_mark(Document("a", 1, "甲", "甲", "notice", "notice", issuer_mark=name))
    assert "".join(lines) == name and not torn(lines, words)
    assert len(lines) == 1 or len(name) > 25
    size, scale = measures.issuer_mark_look(max(map(len, lines)))
    assert max(map(len, lines)) * size * scale / 100 <= 156 / 25.4 * 72
    assert size >= 26 and scale >= 66


def test_a_red_head_of_two_lines_has_the_organ_below_the_unit() -> None:
    name = "中共中国铁路青原局集团有限公司江城车务段石滩中心站总支部委员会"
    lines = issuer_mark(Document("a", 1, "甲", "甲", "notice", "notice", issuer_mark=name))
    assert lines == (name[:-6], "总支部委员会") and organ_start(name) == len(name) - 6


def test_a_word_that_no_rule_knows_stays_whole() -> None:
    assert segments("阿布都热合曼") == ("阿布都热合曼",) and segments("") == ()
    assert organ_start("柳河村") == organ_start("") == organ_start("委员会") == 0
    assert inner_breaks("民办启明九年一贯制学校") == [4]


def test_no_line_begins_with_what_an_organ_is_named_after() -> None:
    """关于 leads in the work: it is never the last word of a line."""
    lines = title_lines("中共青禾县启明实验学校支部委员会关于成立意识形态工作领导小组等工作机构的通知")
    assert not any(line.endswith("关于") for line in lines)
    assert not any(
        "领导" in (before + after)[len(before) - 1 : len(before) + 1]
        for before, after in zip(lines, lines[1:], strict=False)
    )
