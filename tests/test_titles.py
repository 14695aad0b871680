"""Lines of a title."""

from __future__ import annotations

import time

from docx_samples import PARTY, REGULATION, UNIT
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.language.titles import label_fill, label_lines, note_lines, title_lines, width

NAMES = (UNIT, PARTY)


def size(line: str) -> float:
    return sum(map(width, line))


def test_by_sense() -> None:
    assert title_lines(REGULATION.title, unbreakable=NAMES) == (UNIT, "意识形态工作责任制实施办法")
    assert title_lines(f"{PARTY}关于印发《{REGULATION.title}》的通知", unbreakable=NAMES) == (
        PARTY,
        f"关于印发《{UNIT}",
        "意识形态工作责任制实施办法》的通知",
    )


def test_short_title_stays_one_line() -> None:
    assert title_lines("甲村管理制度") == ("甲村管理制度",)
    assert title_lines("字" * 20) == ("字" * 20,)


def test_unbreakable_name_is_whole() -> None:
    for lines in (
        title_lines(f"{UNIT}{word}", unbreakable=NAMES) for word in ("甲" * 13, "乙" * 30, "2026年度考核评分细则")
    ):
        assert any(UNIT in line for line in lines)


def test_no_orphan() -> None:
    assert all(size(line) >= 3 for line in title_lines("字" * 21))
    assert len(title_lines("字" * 21)) == 2


def test_two_hundred_characters() -> None:
    lines = title_lines("关于办理有关工作情况的" * 18 + "通知")
    assert "".join(lines).startswith("关于") and max(map(size, lines)) <= 20 and len(lines) >= 10


def test_ten_thousand_characters_take_no_minutes() -> None:
    title = "青禾县柳溪镇柳河村，A1" * 1000
    start = time.process_time()
    lines = title_lines(title, unbreakable=(UNIT,))
    assert time.process_time() - start < 2
    assert "".join(lines) == title and max(map(size, lines)) <= 20 and not any(line[0] == "，" for line in lines)


def test_a_name_of_work_stays_whole() -> None:
    title = f"{UNIT}意识形态工作监督检查与考核机制"
    assert title_lines(title, unbreakable=(UNIT,)) == (UNIT, "意识形态工作监督检查与考核机制")


def test_white_beside_figures_counts() -> None:
    """Five times a quarter of a character: LibreOffice left 过） alone on a second line."""
    organ = "中共柳溪镇中心小学支部委员会"
    assert note_lines(f"（2026年2月26日{organ}会议通过）", (organ,)) == ("（2026年2月26日", f"{organ}会议通过）")
    assert note_lines(f"（2026年2月6日{organ}通过）", (organ,)) == (f"（2026年2月6日{organ}通过）",)
    assert title_lines("字" * 18 + "2026") != ("字" * 18 + "2026",) and title_lines("字" * 17 + "2026") == (
        "字" * 17 + "2026",
    )


def test_given_breaks_are_kept() -> None:
    assert title_lines("甲\n乙") == ("甲", "乙")


@settings(deadline=None, max_examples=150)
@given(st.text("甲乙村关于的通知《》（）“”，2026A", min_size=1, max_size=90))
def test_nothing_lost_and_nothing_too_long(title: str) -> None:
    lines = title_lines(title, unbreakable=("甲乙村",))
    assert "".join(lines) == title
    assert all(size(line) <= 20 for line in lines)


def test_a_note_leaves_no_orphan() -> None:
    """题注: one line while it fits; each dated event on its own line; else a break before the organ."""
    name = "中共青原铁路局江城车务段委员会"
    organ = PARTY.replace("青禾县", "")
    short = f"（2026年1月5日{organ}通过）"
    assert note_lines(short, NAMES) == (short,)
    assert note_lines(f"（2026年1月13日{name}会议通过）", (name,)) == ("（2026年1月13日", f"{name}会议通过）")
    events = [f"（2021年3月2日{organ}会议通过", f"2026年5月7日{organ}会议修订）"]
    assert note_lines("\u3000".join(events), NAMES) == tuple(events)
    blank = note_lines(f"（　　　　年　　月　　日{name}会议通过）", (name,))
    assert len(blank) == 2 and all(size(line) > 5 for line in blank)


def filled(label: str, room: float) -> str:
    """Return the lines of a label as a word processor fills them in the room that is asked for."""
    fill, lines = label_fill(label, room), [""]
    for character in label:
        if size(lines[-1] + character) > fill.room - (fill.indent if len(lines) == 1 else 0.0):
            lines.append("")
        lines[-1] += character
    return "｜".join(lines)


def test_a_label_is_narrowed_so_that_filled_lines_split_no_word() -> None:
    for room, lines in (
        (5.5, "谈话对象｜签名"),
        (5.5, "接报单位｜和人员"),
        (5.5, "电话报告人｜签名"),
        (9.1, "被检查的组织核对｜意见"),
        (5.5, "书面告知｜本人的日期"),  # the first line is shorter than the second
        (5.5, "报告｜西原地方｜铁路公司｜调度所"),
        (5.5, "报告青原｜铁路局｜调度所"),  # the first line is longer
        (4.5, "拟任｜管理员"),
        (6.0, "谈话对象签名"),
        (5.5, "学校党支部｜组织宣传｜委员签名"),  # no room for a word of words: it is parted between them
        (5.5, "培训｜起止日期"),
        (5.5, "兼任的｜行政职务"),
    ):
        label = lines.replace("｜", "")
        assert filled(label, room) == lines
        assert len(lines.split("｜")) <= len(label_lines(label, room))
    assert label_fill("会议名称", 5.5) == (5.5, 0.0)
    assert label_fill("会议主要内容摘要", 4.5) == (4.5, 0.0)  # breaks well by itself


def test_a_label_takes_one_line_more_rather_than_splitting_a_word() -> None:
    assert label_lines("村党支部宣传委员签名", 5.5) == ("村党支部", "宣传委员", "签名")
    assert label_lines("对履行职责的改进建议", 5.5) == ("对履行职责", "的改进建议")
    assert label_lines("村党委书记签名", 5.5) == ("村党委书记", "签名")
    assert label_lines("书面报告对象", 5.5) == ("书面报告", "对象")
