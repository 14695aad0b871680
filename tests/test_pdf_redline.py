"""Marked documents as PDF: what came is blue and underlined, what went is red and struck through."""

from __future__ import annotations

import io
from dataclasses import replace
from unittest.mock import patch

import pdfplumber
import pytest
from docx_samples import art, doc, inline, item, para, row
from hypothesis import HealthCheck, given, settings
from review_trees import versions
from test_pdf_writer import sheet_of

from toolkit.compare import Side, mark
from toolkit.model.tree import Cell, Column, Table, Text
from toolkit.pdf.document import lay_out
from toolkit.pdf.fonts.font_set import standard_fonts

RED, BLUE = (0.8, 0, 0), (0, 0.2, 0.8)


def redline(old, new, with_old: bool = True) -> bytes:
    before, after = Side(old), Side(new)
    fonts = standard_fonts()
    older = before.labels if with_old else None
    return lay_out(mark(before, after), after.labels, sheet_of("regulation"), fonts, redline=True, before=older).data


def printed(data: bytes) -> list[tuple[str, tuple]]:
    """Return (character, colour) of all that is printed, but for page numbers."""
    out = []
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            foot = page.height - 35 * 72 / 25.4
            out += [(one["text"], tuple(one["non_stroking_color"] or (0,))) for one in page.chars if one["top"] < foot]
    return out


def of(colour: tuple, chars) -> str:
    return "".join(char for char, one in chars if one == colour and not char.isspace())


def without(colour: tuple, chars) -> str:
    return "".join(char for char, one in chars if one != colour and not char.isspace())


def test_colours_and_rules() -> None:
    old = doc(title="甲办法", body=[art("a", para("p", "每季度研究一次。")), art("b", para("q", "第二条的话。"))])
    new = doc(title="甲办法", body=[art("a", para("p", "每半年研究一次。")), art("c", para("r", "新的一条。"))])
    chars = printed(redline(old, new))
    assert "季度" in of(RED, chars) and "半年" in of(BLUE, chars)
    assert "第二条" in of(RED, chars) and "第二条的话。" in of(RED, chars)
    assert "新的一条。" in of(BLUE, chars)
    assert without(RED, chars) == without(
        RED, printed(lay_out(new, Side(new).labels, sheet_of("regulation"), standard_fonts()).data)
    )
    with pdfplumber.open(io.BytesIO(redline(old, new))) as pdf:
        lines = pdf.pages[0].lines
        glyphs = {tuple(one["non_stroking_color"]): one for one in pdf.pages[0].chars if one["text"] in "季半"}
    for colour, inside in ((RED, True), (BLUE, False)):
        glyph = glyphs[colour]
        mine = [
            one for one in lines if tuple(one["stroking_color"]) == colour and one["x0"] <= glyph["x0"] + 1 <= one["x1"]
        ]
        heights = [one["top"] for one in mine if abs(one["top"] - glyph["bottom"]) < 16]
        assert heights and all((top < glyph["bottom"] - 3) == inside for top in heights)


def test_what_is_gone_has_its_number_only_where_it_is_known() -> None:
    old = doc(body=[art("a", para("p", "一。")), art("b", para("q", "二。", items=[item("i", "项。")]))])
    new = doc(body=[art("a", para("p", "一。"))])
    assert of(RED, printed(redline(old, new))) == "第二条二。（一）项。"
    assert of(RED, printed(redline(old, new, with_old=False))) == "二。项。"


def test_a_new_title_stands_after_the_old_one_and_rows_are_marked() -> None:
    def table(*texts: str) -> Table:
        return Table("t", (Column(), Column()), tuple(row(Cell((inline(text),)), Cell(), key=text) for text in texts))

    chars = printed(
        redline(doc(title="旧办法", body=[table("甲", "乙")]), doc(title="新办法", body=[table("甲", "丙")]))
    )
    assert "旧办法" in of(RED, chars) and "新办法" in of(BLUE, chars)
    assert "乙" in of(RED, chars) and "丙" in of(BLUE, chars) and "甲" not in of(RED, chars) + of(BLUE, chars)


def test_a_clean_document_refuses_marks_but_prints_what_is_underlined() -> None:
    new = doc(body=[art("a", para("p", Text("改", "ins")))])
    with pytest.raises(ValueError, match="修订标记"):
        lay_out(new, Side(new).labels, sheet_of("regulation"), standard_fonts())
    new = doc(body=[art("a", para("p", Text("照旧"), Text("改过", "u")))])
    data = lay_out(new, Side(new).labels, sheet_of("regulation"), standard_fonts()).data
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages[0].lines) == 1
    assert {colour for _, colour in printed(data)} <= {(0,), (0, 0, 0)}


def test_underlined_words_break_where_plain_ones_do() -> None:
    def lines(mark_of: str) -> list[str]:
        texts = [Text("在每年十一月底前把检查评分的表格和通报报送"), Text("上级机关存查", mark_of)]
        document = doc(body=[art("a", para("p", *(text for _ in range(9) for text in texts)))])
        data = lay_out(document, Side(document).labels, sheet_of("regulation"), standard_fonts()).data
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            return [line["text"] for line in pdf.pages[0].extract_text_lines()]

    assert lines("u") == lines("")


def without_heads(block):
    """Return a block whose tables repeat nothing on further pages."""
    if isinstance(block, Table):
        return replace(block, header_rows=0)
    return replace(block, children=tuple(map(without_heads, block.children)))


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions())
def test_without_what_is_gone_it_is_the_new_text(pair) -> None:
    old, new = (replace(one, body=tuple(map(without_heads, one.body))) for one in pair)
    after = Side(new)
    with patch("toolkit.page.paging.CONTENTS_CHAPTERS", 10**6):  # a 目录 is no part of the text
        clean = printed(lay_out(new, after.labels, sheet_of("regulation"), standard_fonts()).data)
        marked = printed(redline(old, new))
    assert sorted(without(RED, marked)) == sorted(without(RED, clean))
