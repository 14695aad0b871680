"""Geometry of the pages, measured with pdfplumber on what was written (GB/T 9704-2012; clause in brackets)."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace

import pdfplumber
import pytest
from proofsets import EXAMPLE, MORE, NAMES, get
from test_pdf_lines import violations
from test_pdf_writer import article, one, paragraph, pdf_of, table

from toolkit.core import memo
from toolkit.language.titles import label_lines
from toolkit.model.tree import Cell, Column, FormField, Provision, Ref, Row, Table, Text
from toolkit.page import measures
from toolkit.page.paging import lines_to_write
from toolkit.pdf.template_measures import PT_PER_MM

LEFT, TOP = measures.MARGIN_LEFT_MM, measures.MARGIN_TOP_MM
RIGHT = measures.PAGE_WIDTH_MM - measures.MARGIN_RIGHT_MM
BOTTOM = measures.PAGE_HEIGHT_MM - measures.MARGIN_BOTTOM_MM
PITCH = measures.TYPE_AREA_HEIGHT_MM / measures.LINES_PER_PAGE
CLOSERS = "、，。；：？！）》】」』〉〕”’…—%‰℃·"
OPENERS = "（《【「『〈〔“‘"


def mm(pt: float) -> float:
    return pt / PT_PER_MM


def lines_of(page) -> dict[float, list[dict]]:
    """Return the characters by baseline (mm from the top of the page), in lines from the top; page numbers are left out."""
    lines: dict[float, list[dict]] = {}
    for char in page.chars:
        baseline = mm(page.height - char["matrix"][5])
        if not 265 < baseline < 275:
            lines.setdefault(round(baseline, 2), []).append(char)
    return {key: sorted(lines[key], key=lambda char: char["x0"]) for key in sorted(lines)}


def x0(char: dict) -> float:
    """Return where a character's square begins, in mm (its matrix, not its ink)."""
    return mm(char["matrix"][4])


def number_of(page) -> list[dict]:
    return [char for char in page.chars if 265 < mm(page.height - char["matrix"][5]) < 275]


def open_pdf(data: bytes):
    return pdfplumber.open(io.BytesIO(data))


@pytest.fixture(scope="module")
def plain():
    """Pages of nothing but Han text in paragraphs of several lines."""
    text = "村党支部应当研究部署考核检查意识形态工作责任制形成会议记录" * 9
    document, labels = one(*(paragraph(f"p{n}", text) for n in range(12)), numbering="outline")
    with open_pdf(pdf_of(document, labels)) as pdf:
        yield pdf.pages


# --- type area and grid (5.1 to 5.2.3) --------------------------------------------------------------------------


def test_page_is_a4(plain):
    assert mm(plain[0].width) == pytest.approx(210, abs=0.05) and mm(plain[0].height) == pytest.approx(297, abs=0.05)


def test_a_full_page_has_22_lines_at_the_pitch(plain):
    for page in plain[1:-1]:
        baselines = list(lines_of(page))
        assert len(baselines) == 22
        for before, after in zip(baselines, baselines[1:], strict=False):
            assert after - before == pytest.approx(PITCH, abs=0.02)
        assert baselines[0] == pytest.approx(44.2, abs=0.3)


def test_a_full_line_has_28_characters_from_edge_to_edge(plain):
    counts = Counter()
    for page in plain[1:-1]:
        for chars in lines_of(page).values():
            counts[len(chars)] += 1
            indent = x0(chars[0]) - LEFT
            assert abs(indent) < 0.2 or indent == pytest.approx(2 * 156 / 28, abs=0.2)
            if len(chars) == 28:
                assert x0(chars[-1]) + 156 / 28 == pytest.approx(RIGHT, abs=0.2)
    assert counts[28] > 0.7 * sum(counts.values())


def test_pages_after_a_heading_keep_to_the_grid():
    chapters = (
        Provision(
            "chapter",
            f"c{n}",
            heading=(Text("总则"),),
            children=tuple(article(f"a{n}_{m}", "村党支部应当每季度研究一次。" * (3 + m)) for m in range(4)),
        )
        for n in range(6)
    )
    document, labels = one(*chapters)
    first = TOP + (PITCH - mm(16)) / 2 + 0.88 * mm(16)
    with open_pdf(pdf_of(document, labels)) as pdf:
        for page in pdf.pages[1:]:
            for baseline, chars in lines_of(page).items():
                if x0(chars[0]) < LEFT + 12:
                    place = (baseline - first) / PITCH
                    assert abs(place - round(place)) < 0.01
            assert len(lines_of(page)) >= 16 or page is pdf.pages[-1]


@pytest.mark.slow
def test_a_heading_never_ends_a_page():
    for extra in range(24):
        blocks = [paragraph(f"p{n}", "段落。") for n in range(extra)]
        chapter = Provision("chapter", "c", heading=(Text("责任追究"),), children=(article("a", "应当研究。" * 60),))
        document, labels = one(*blocks, chapter)
        with open_pdf(pdf_of(document, labels)) as pdf:
            for page in pdf.pages:
                texts = ["".join(char["text"] for char in chars) for chars in lines_of(page).values()]
                if any("责任追究" in text for text in texts):
                    assert sum(1 for text in texts if "应当研究" in text) >= 2
            assert len(lines_of(pdf.pages[0])) >= 18 or len(pdf.pages) == 1


@pytest.mark.parametrize("tall", [4, pytest.param(1, marks=pytest.mark.slow), pytest.param(7, marks=pytest.mark.slow)])
def test_a_heading_is_not_alone_on_a_page_where_what_stays_with_it_fills_one(tall):
    """A short table and the signatures below it stay with their heading; where they fill a page, they give way, not it."""
    first = table(
        [["账号", "管理员"], *([f"第{n}号账号的名称" * 9 * tall, "乙"] for n in range(4))], header_rows=1, id="t1"
    )
    signed = Row((Cell(((Text("负责人签名"),),)), Cell(((FormField("sign", "signature"),),))))
    for lines in range(2, 14):
        second = Table("t2", (Column(), Column()), (replace(signed, height=lines), signed))
        chapter = Provision("chapter", "c", heading=(Text("检查情况"),), children=(first, second))
        document, labels = one(paragraph("p", "段落。" * 99), chapter, numbering="outline")
        with open_pdf(pdf_of(document, labels)) as pdf:
            for page in pdf.pages:
                texts = ["".join(char["text"] for char in chars) for chars in lines_of(page).values()]
                assert len(texts) > 1 or "检查情况" not in texts[0], lines


# --- page numbers (7.5, 8) --------------------------------------------------------------------------------------


def test_page_numbers(plain):
    for page in plain:
        chars = number_of(page)
        assert "".join(char["text"] for char in chars) == f"— {page.page_number} —"
        assert all(char["size"] == pytest.approx(14) for char in chars)
        dash = mm(page.height - chars[0]["matrix"][5]) - mm(0.36 * 14)
        assert dash == pytest.approx(BOTTOM + 7, abs=0.5)
        one_char = mm(measures.SIZE_3)
        if page.page_number % 2:
            assert mm(chars[-1]["x1"]) == pytest.approx(RIGHT - one_char, abs=0.5)
        else:
            assert x0(chars[0]) == pytest.approx(LEFT + one_char, abs=0.5)


def test_landscape_numbers_keep_their_place_on_the_paper():
    """Turned back by a quarter, the sheet has its numbers where a portrait page has them (8)."""
    document, labels = one(table([["甲", "乙"]] * 60, header_rows=1), layout="register")
    with open_pdf(pdf_of(document, labels)) as pdf:
        assert len(pdf.pages) >= 2 and mm(pdf.pages[0].width) == pytest.approx(297, abs=0.05)
        for page in pdf.pages[:2]:
            chars = [char for char in page.chars if char["matrix"][1] < -0.5]
            assert "".join(char["text"] for char in chars) == f"— {page.page_number} —"
            # portrait x runs down the landscape sheet, portrait "down" runs to its left
            below = mm(chars[0]["matrix"][4]) + mm(0.36 * 14)
            assert below == pytest.approx(measures.LANDSCAPE_MARGINS_MM[3] - 7, abs=0.5)
            if page.page_number % 2:
                end = mm(page.height - chars[-1]["matrix"][5]) + mm(chars[-1]["bottom"] - chars[-1]["top"])
                assert end == pytest.approx(RIGHT - mm(16), abs=0.6)
            else:
                assert mm(page.height - chars[0]["matrix"][5]) == pytest.approx(LEFT + mm(16), abs=0.5)


# --- 版头, 落款, 版记 (7.2 to 7.4) --------------------------------------------------------------------------------


def notice(lines: int, **more):
    values = {
        "layout": "notice",
        "numbering": "none",
        "title": "关于印发办法的通知",
        "issuer_mark": "某村支部委员会文件",
        "doc_number": "村支字〔2026〕1号",
        "issuer": "某村支部委员会",
        "doc_date": "2026-11-25",
        "conclusions": True,
        "copy_to": "各村民小组。",
        "printing_office": "村党群服务中心",
        "printing_date": "2026-11-26",
        "addressee": (Text("各村民小组："),),
    }
    blocks = tuple(paragraph(f"p{n}", "现将办法印发给你们，请遵照执行。") for n in range(lines))
    return one(*blocks, **{**values, **more})


def test_preface_is_where_the_standard_says():
    document, labels = notice(3)
    with open_pdf(pdf_of(document, labels)) as pdf:
        page = pdf.pages[0]
        mark = [char for char in page.chars if char["non_stroking_color"] == (1, 0, 0)]
        assert "".join(char["text"] for char in mark) == "某村支部委员会文件"
        size = mark[0]["size"]
        top = mm(page.height - mark[0]["matrix"][5]) - 0.88 * mm(size)
        assert top == pytest.approx(TOP + 35, abs=0.5)
        red = next(line for line in page.lines if line["stroking_color"] == (1, 0, 0))
        number = next(char for char in page.chars if char["text"] == "〔")
        foot = mm(page.height - number["matrix"][5]) + 0.12 * mm(16)
        assert mm(red["top"]) - mm(measures.RED_LINE_PT) / 2 - foot == pytest.approx(4, abs=0.3)
        assert mm(red["x0"]) == pytest.approx(LEFT, abs=0.1) and mm(red["x1"]) == pytest.approx(RIGHT, abs=0.1)


def test_date_ends_four_characters_from_the_right():
    document, labels = notice(3)
    with open_pdf(pdf_of(document, labels)) as pdf:
        lines = ["".join(char["text"] for char in chars) for chars in lines_of(pdf.pages[0]).values()]
        chars = list(lines_of(pdf.pages[0]).values())[lines.index("2026年11月25日")]
        assert RIGHT - mm(chars[-1]["matrix"][4]) - 156 / 28 == pytest.approx(4 * 156 / 28, abs=4)


def imprint_lines(page) -> list[dict]:
    return sorted(
        (line for line in page.lines if line["stroking_color"] in ((0,), 0, (0, 0, 0))), key=lambda line: line["top"]
    )


@pytest.mark.parametrize("lines", [1, 3, 5, 8, 12, 16, 22, 27, 30, 33, 36, 40])
def test_imprint_is_at_the_foot_of_an_even_last_page(lines):
    document, labels = notice(lines)
    with open_pdf(pdf_of(document, labels)) as pdf:
        assert len(pdf.pages) % 2 == 0
        rules = imprint_lines(pdf.pages[-1])
        assert len(rules) == 3
        assert mm(rules[-1]["bottom"]) == pytest.approx(BOTTOM, abs=0.3)
        weights = [mm(rule["linewidth"]) for rule in rules]
        assert weights == pytest.approx([0.35, 0.25, 0.35], abs=0.01)
        assert all(mm(rule["x1"] - rule["x0"]) == pytest.approx(156, abs=0.1) for rule in rules)
        blank = [page.page_number for page in pdf.pages if not page.chars]
        numbered = [page.page_number for page in pdf.pages if number_of(page)]
        if blank:  # neither the blank page nor the one with the 版记 is numbered (7.5)
            assert blank == [len(pdf.pages) - 1] and numbered == list(range(1, len(pdf.pages) - 1))
        else:
            assert numbered == list(range(1, len(pdf.pages) + 1))


def test_some_imprint_needs_a_blank_page():
    """The body fills an even page to its foot: a blank page follows, and the 版记 stands on the next even one."""
    for lines in range(26, 40):
        document, labels = notice(lines, conclusions=False)
        with open_pdf(pdf_of(document, labels)) as pdf:
            if any(not page.chars for page in pdf.pages):
                assert len(pdf.pages) == 4
                return
    pytest.fail("no text that fills its even page")


# --- tables -----------------------------------------------------------------------------------------------------


def test_tables_are_as_wide_as_the_type_area_and_repeat_their_head():
    document, labels = one(table([["序号", "内容"], *([str(n), "村党支部"] for n in range(80))], header_rows=1))
    with open_pdf(pdf_of(document, labels)) as pdf:
        assert len(pdf.pages) >= 3
        for page in pdf.pages:
            assert "序号" in page.extract_text()
            rects = page.rects
            assert mm(min(rect["x0"] for rect in rects)) == pytest.approx(LEFT, abs=0.1)
            assert mm(max(rect["x1"] for rect in rects)) == pytest.approx(RIGHT, abs=0.1)
            assert mm(max(rect["bottom"] for rect in rects)) <= BOTTOM + 0.2


def test_merged_cells_cover_their_rows():
    rows = (
        Row((Cell(((Text("合"),),), rowspan=2), Cell(((Text("一"),),)))),
        Row((Cell(((Text("二"),),)),)),
        Row((Cell(((Text("宽"),),), colspan=2),)),
    )
    block = Table("t", table([["", ""]]).columns, rows)
    document, labels = one(block)
    with open_pdf(pdf_of(document, labels)) as pdf:
        rects = pdf.pages[0].rects
        assert len(rects) == 4
        tall, wide = max(rects, key=lambda r: r["height"]), max(rects, key=lambda r: r["width"])
        assert tall["height"] == pytest.approx(2 * min(r["height"] for r in rects), abs=0.2)
        assert mm(wide["width"]) == pytest.approx(156, abs=0.1)


def test_lines_to_write_on_reach_the_edge():
    from toolkit.model.tree import FormField

    document, labels = one(
        paragraph("p1", "姓名：", FormField("a", "text", width=6)), paragraph("p2", FormField("b", "longtext"))
    )
    with open_pdf(pdf_of(document, labels)) as pdf:
        rules = sorted(pdf.pages[0].lines, key=lambda rule: rule["top"])
        assert len(rules) == 4
        assert mm(rules[0]["x1"] - rules[0]["x0"]) == pytest.approx(6 * 156 / 28, abs=0.2)
        for rule in rules[1:]:
            assert mm(rule["x1"]) == pytest.approx(RIGHT, abs=0.2)
        assert mm(rules[2]["x0"]) == pytest.approx(LEFT, abs=0.1)


def test_references_are_clickable_where_they_stand():
    document, labels = one(article("a1", "依照", Ref("a2"), "办理。"), article("a2", "施行。"))
    with open_pdf(pdf_of(document, labels)) as pdf:
        page = pdf.pages[0]
        note = page.annots[0]
        inside = [
            c["text"]
            for c in page.chars
            if note["x0"] - 0.5 <= c["matrix"][4] < note["x1"] - 0.5
            and abs(page.height - c["matrix"][5] - (note["top"] + note["bottom"]) / 2) < 8
        ]
        assert "".join(inside) == "第二条"


# --- over whole sets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variant", [name if name == EXAMPLE else pytest.param(name, marks=pytest.mark.slow) for name in (*NAMES, *MORE)]
)
def test_no_line_of_any_document_breaks_a_rule(variant, monkeypatch):
    """Every paragraph and cell as the breaker set it: no violation, no emergency."""
    from toolkit.pdf import paragraphs as text

    whole, broken = get(variant), []
    real = text.break_lines

    def watched(*args):
        result = real(*args)
        broken.append(result)
        return result

    monkeypatch.setattr(text, "break_lines", watched)
    memo.forget()  # what is remembered would not be seen
    for document in whole.documents.values():
        pdf_of(document, whole.labels)
    assert len(broken) > 500
    assert not [one.text for one in broken if violations(one)]
    emergencies = sum(one.emergencies for one in broken)
    print(
        f"{variant}: {len(broken)} paragraphs, {sum(len(one.lines) for one in broken)} lines, {emergencies} emergencies"
    )
    assert emergencies == 0


@pytest.mark.slow
@pytest.mark.parametrize("variant", [EXAMPLE])
def test_no_printed_line_breaks_a_rule_and_nothing_leaves_the_type_area(variant):
    """The same seen on the pages: first and last characters of full-width lines, and the edges."""
    whole = get(variant)
    for document in whole.documents.values():
        with open_pdf(pdf_of(document, whole.labels)) as pdf:
            wide = pdf.pages[0].width > pdf.pages[0].height
            for page in pdf.pages:
                left, right = (35, 297 - 37) if wide else (LEFT, RIGHT)
                for char in page.chars:
                    if char["matrix"][1] > -0.5 and not char["text"].isspace():
                        edge = mm(char["matrix"][4])
                        assert left - 0.3 <= edge, (document.id, char["text"])
                        assert edge + mm(char["size"]) / 2 <= right + 0.3, (document.id, char["text"])
                if not page.rects and not wide:
                    for number, chars in enumerate(lines_of(page).values()):
                        if number and mm(chars[0]["x0"]) < LEFT + 0.5:
                            assert chars[0]["text"] not in CLOSERS, document.id
                        if mm(chars[-1]["x1"]) > RIGHT - 1:
                            assert chars[-1]["text"] not in OPENERS, document.id


def test_lines_to_write_on_stay_together_and_with_what_asks_for_them():
    """A lead-in at the foot of a page goes along with its lines, as many as the pages ask for; no part of them stands alone."""
    ask = Provision("paragraph", "ask", content=(Text("任务、责任岗位和完成时限："),))
    blank = Provision("paragraph", "blank", content=(FormField("f", "longtext"),))
    for lines in range(14, 22):
        text = Provision("paragraph", "p", content=(Text("村" * 28 * lines),))
        document, labels = one(text, ask, blank, numbering="none")
        with open_pdf(pdf_of(document, labels)) as pdf:
            places = [
                next(number for number, page in enumerate(pdf.pages) if "完成时限" in page.extract_text()),
                *(number for number, page in enumerate(pdf.pages) for _ in page.lines),
            ]
        assert len(places) == 1 + lines_to_write(document, labels) and len(set(places)) == 1, lines


def test_labels_of_forms_break_between_words():
    wanted = {
        "接报单位和人员": "接报单位/和人员",
        "没有采纳的理由": "没有采纳的/理由",
        "村党支部书记签名": "村党支部/书记签名",
        "说明人签名和日期": "说明人签名/和日期",
        "结业情况": "结业/情况",
        "证明材料及存放处": "证明材料/及存放处",
    }
    for label, lines in wanted.items():
        most = 3.4 if len(label) < 5 else 6.8
        assert "/".join(label_lines(label, most)) == lines
    assert label_lines("信息标题", 6) == ("信息标题",)
    assert "".join(label_lines("甲" * 100, 6)) == "甲" * 100


def test_a_blank_in_a_narrow_cell_goes_to_the_next_line_alone():
    cell = Cell(((Text("某某镇人民政府"), FormField("f")),))
    document, labels = one(Table("t", (Column(1), Column(2)), (Row((cell, Cell(((Text("乙"),),)))),)), numbering="none")
    with open_pdf(pdf_of(document, labels)) as pdf:
        lines = [line["text"] for line in pdf.pages[0].extract_text_lines() if "某" in line["text"]]
    assert any("某某镇人民政府" in line for line in lines)
