"""One report as data, and what its renderers make of it: aligned text, an escaped page with one policy, a workbook."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from datetime import date

import pytest

from toolkit.core.findings import Severity, UsageError
from toolkit.language.columns import cut, fold, pad, visible, width
from toolkit.reports import html, text, xlsx
from toolkit.reports.report import (
    Bullets,
    Cell,
    Choice,
    Column,
    Figure,
    Group,
    Paragraph,
    Report,
    Row,
    Section,
    Span,
    Table,
    columns,
    written,
)

HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\"'&"


def test_a_chinese_character_takes_two_columns():
    assert (width("条a"), width("e\u0301"), width("")) == (3, 1, 0)
    assert pad("条", 4) == "条  " and pad("条", 4, right=True) == "  条" and pad("条款", 3) == "条款"
    assert list(fold("一二 三四", 4)) == ["一二", "三四"] and list(fold("", 4)) == []
    assert cut("一二三", 6) == "一二三" and cut("一二三四", 6) == "一二…"
    assert visible("a\u3000b\x1b") == "a\u3000b〈U+001B〉"


def test_columns_by_name_width_and_style():
    assert columns("文件:30 数:6:number", "内容") == (Column("文件", 30), Column("数", 6, "number"), Column("内容"))


def sections() -> tuple[Section, ...]:
    table = Table(columns("名称:6 数:4:number"), [Row(("一二三四五", 3), "bad"), Row(("", 12))])
    list_ = Paragraph(("· ", Span("要求\x1b[2J", "strong")), indent=2, hang=4)
    return Section("甲：", (list_, table)), Section("", ("末行", Bullets((("项",),))))


def test_text_is_folded_aligned_and_cannot_steer_the_terminal():
    report = Report("x", "很长的标题", "说明", sections=sections())
    made = text.write(report, 8, paint=lambda said, style: f"<{style}>{said}</{style}>")
    assert made.split("\n\n")[0] == "很长的标\n题\n说明"
    assert "\x1b" not in made and made.endswith("\n\n末行\n· 项\n")
    plain = text.write(Report("x", sections=sections()), 40)
    table = ["名称      数", "一二三     3", "四五", "          12"]
    assert plain.splitlines() == ["甲：", "  · 要求 [2J", *table, "", "末行", "· 项"]


def test_a_fitting_table_is_as_wide_as_its_cells_and_cuts_the_widest():
    rows = [Row(("一" * 20, "短")), Row(("二", "字" * 4))]
    table = Table(columns("名称:6 说明:4"), rows, fits=True)
    lines = text.write(Report("x", sections=(Section("", (table,)),)), 20).splitlines()
    assert lines[1] == "─" * 20 and max(map(width, lines[2:])) <= 20
    assert lines[2].startswith("一一一一…") and lines[3].endswith("字字字字")


def page() -> str:
    cell = Cell((HOSTILE, Paragraph((Span(HOSTILE, "id", HOSTILE),), "why"), Bullets(((HOSTILE,),))), 1, HOSTILE)
    group = Group((Row((cell, 3)),), "open", "bad", {"state": HOSTILE})
    return html.write(
        Report(
            "coverage",
            HOSTILE,
            HOSTILE,
            (Figure(HOSTILE, ((HOSTILE, 1, "bad"), ("", 0, "good"))),),
            (Choice("state", HOSTILE, ((HOSTILE, HOSTILE),)),),
            (
                Section(HOSTILE, (Table(columns("甲 乙"), groups=(group,), id="matrix"),)),
                Section("空", (Table(columns("甲"), (), empty="没有。"), HOSTILE)),
            ),
            HOSTILE,
        )
    ).decode()


def test_every_value_of_a_page_is_escaped():
    made = page()
    assert made.count("<script") == 1 and "49" not in made and "没有。" in made
    assert made.count("&lt;script&gt;alert(1)") >= 14
    assert 'data-tone="bad">1<' in made and "<b>0<" in made  # a figure of nothing has no tone


def test_the_policy_lets_run_what_is_in_the_page_and_nothing_else():
    made = page()
    for tag in ("style", "script"):
        said = re.search(rf"<{tag}>(.*?)</{tag}>", made, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(said.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in made
    assert not re.search(r"https?:|url\(|@import|unsafe| style=| on\w+=", made)
    assert "<script" not in html.write(Report("batch", "甲")).decode()  # nothing to filter


def test_a_workbook_has_dates_borders_and_rules_by_the_words_of_a_column():
    from openpyxl import load_workbook

    table = Table(
        columns("日期:12 状态:8"),
        [Row((date(2026, 1, 5), "逾期"), "bad"), Row(("", "=1+1"))],
        grid=True,
        marks=(1, {"逾期": "bad", "其他": ""}),
    )
    data = xlsx.write(Report("register", "台账", sections=(Section("台账", (table,)),)))
    assert data == xlsx.write(Report("register", "台账", sections=(Section("台账", (table,)),)))
    sheet = load_workbook(io.BytesIO(data))["台账"]
    assert sheet["A2"].value.date() == date(2026, 1, 5) and sheet["A2"].number_format == "yyyy-mm-dd"
    assert sheet["B2"].number_format == "General" and not sheet["B2"].fill.fill_type
    assert sheet["A3"].border.left.style == "thin" and sheet["B3"].data_type == "s" and sheet["B3"].quotePrefix
    rules = [(str(area.sqref), rule.formula) for area in sheet.conditional_formatting for rule in area.rules]
    assert rules == [("A2:B3", ['$B2="逾期"'])]


def test_a_format_without_a_writer_is_refused():
    assert written("text", {"text": lambda: "条\udc80"}) == "条?".encode()
    with pytest.raises(UsageError, match="没有“odt”这种格式") as caught:
        written("odt", {"text": str, "html": str})
    assert caught.value.hint == "可以写：text、html" and caught.value.code == "unknown_format"


def test_severities_have_one_word_each():
    assert [severity.label for severity in Severity] == ["要改", "请看", "提醒"]


@pytest.mark.slow
def test_the_matrix_is_filtered_and_sorted(browser, tmp_path):
    groups = tuple(
        Group((Row((name, Cell((name,), sort=str(number)))),), state, "", {"state": state, "post": "甲\n乙"})
        for name, number, state in (("条1", 10, "met"), ("条2", 9, "open"), ("", 1, "met"))
    )
    choices = (
        Choice("state", "状态", (("open", "未落实"), ("met", "已落实"))),
        Choice("post", "岗位", (("乙", "乙"), ("丙", "丙"))),
    )
    section = Section("要求", (Table(columns("要求 编号"), groups=groups, id="matrix"),))
    path = tmp_path / "a.html"
    path.write_bytes(html.write(Report("coverage", "表", choices=choices, sections=(section,))))
    tab = browser.new_page()
    problems: list[str] = []
    tab.on("console", lambda message: problems.append(message.text))
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.goto(path.as_uri())

    def shown() -> list[str]:
        return [body.inner_text().strip() for body in tab.locator("#matrix tbody:visible td:first-child").all()]

    assert tab.inner_text("#count") == "显示 3 项，共 3 项"
    tab.select_option("[name=state]", "open")
    assert shown() == ["条2"] and tab.inner_text("#count") == "显示 1 项，共 3 项"
    tab.select_option("[name=post]", "丙")
    assert shown() == []
    tab.click("button[type=reset]")
    tab.locator("#count", has_text="显示 3 项，共 3 项").wait_for()
    tab.fill("[name=text]", "条 2")
    assert shown() == ["条2"]
    tab.fill("[name=text]", "")
    tab.click("th >> nth=1")
    assert shown() == ["", "条2", "条1"] and tab.get_attribute("th >> nth=1", "aria-sort") == "ascending"
    tab.press("th >> nth=1", "Enter")
    assert shown() == ["条1", "条2", ""]
    tab.click("th >> nth=0")
    assert shown() == ["条1", "条2", ""]
    tab.emulate_media(media="print")
    assert not tab.locator("form").is_visible() and problems == []
    tab.close()
