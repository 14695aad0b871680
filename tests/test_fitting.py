"""Pages of forms are planned: no last page with a row or two, lines to write on, rows that stay with the signatures."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from toolkit import api
from toolkit.formats import FORMATS, Setting
from toolkit.model.tree import Cell, Column, Document, FormField, Provision, Row, Table, Text
from toolkit.numbering.labels import Labels, SetLabels
from toolkit.page import fitting, measures
from toolkit.page.fitting import fitted
from toolkit.page.grids import columns_of, kept_rows, look
from toolkit.pdf.fonts.font_set import standard_fonts
from toolkit.pdf.pages import OfficialDocument
from toolkit.pdf.paragraphs import TextPiece, set_text
from toolkit.pdf.template_measures import Style

ROOT = Path(__file__).resolve().parent.parent
WIDTH = measures.TYPE_AREA_WIDTH_MM


def cell(name: str, kind: str = "text", value: str = "") -> Cell:
    return Cell(((FormField(name, kind, value=value),),))


def blank_rows(count: int) -> Table:
    rows = [
        Row((Cell(((Text(str(n)),),)), cell(f"t_{n}_name"), cell(f"t_{n}_sign", "signature"))) for n in range(count)
    ]
    head = Row(tuple(Cell(((Text(text),),), head=True) for text in ("序号", "姓名", "签名")))
    return Table("t", (Column(2), Column(8), Column(8)), (head, *rows), 1, (Text("名单"),))


def form(*body: Table | Provision) -> Document:
    return Document("form", 1, "柳河村登记表", "登记表", "form", "form", "none", tuple(body))


def laid_out(document: Document) -> OfficialDocument:
    labels = SetLabels("柳河村", "village", "1", {document.id: Labels(document)})
    writer = FORMATS["pdf"].open(Setting({"form": ROOT / "templates" / "form.docx"}))
    return writer.lay_out(document, labels)


def last_page(document: Document) -> tuple[int, float]:
    """Return the pages and the share of the last one that is filled."""
    laid = laid_out(document)
    feet = [bottom for _, page, _, bottom in laid.canv.marks.drawn if page == laid.page]
    return laid.page, (laid.sheet.height - laid.sheet.top - min(feet)) / laid.sheet.body_height


@pytest.mark.parametrize("rows", [19, 20, 21, 22, 41, 43, 64])
def test_no_last_page_holds_a_blank_row_or_two(rows: int) -> None:
    pages, fill = last_page(form(blank_rows(rows)))
    assert pages == 1 or fill >= 0.3


@pytest.mark.parametrize("notes", [13, 14, 27, 28])
def test_no_row_is_alone_at_the_foot_of_a_page_or_below_repeated_heads(notes: int) -> None:
    note = [Provision("paragraph", f"n{n}", content=(Text("如实填写。"),)) for n in range(notes)]
    laid = laid_out(form(*note, blank_rows(10), replace(blank_rows(24), id="more")))
    parts = [top - bottom for names, _, top, bottom in laid.canv.marks.drawn if names == ("t",)][
        1:
    ]  # without the caption
    assert all(height > 21 + 2 * 28 for height in parts)


@pytest.mark.parametrize(("said", "height", "kept"), [(40, 0, True), (41, 0, False), (10, 3, False)])
def test_a_row_with_many_words_and_a_box_may_be_alone(said: int, height: int, kept: bool) -> None:
    row = Row((Cell(((Text("某" * said),),)), cell("note")), height=height)
    ties = list(kept_rows(Table("t", (Column(1), Column(1)), (row,) * 6), signed_below=False))
    assert ties == [kept, False, False, False, kept, False]


def test_a_table_of_four_rows_is_not_split() -> None:
    for rows, pages in ((4, {2}), (5, {1, 2})):
        note = [Provision("paragraph", f"n{n}", content=(Text("如实填写。"),)) for n in range(26)]
        laid = laid_out(form(*note, blank_rows(rows), replace(blank_rows(24), id="more")))
        assert {page for names, page, _, _ in laid.canv.marks.drawn if names == ("t",)} == pages


def test_a_box_that_is_lower_by_a_line_saves_a_page() -> None:
    box = Row((Cell(((Text("说明"),),), head=True), cell("why", "longtext")), height=4)
    grids = [Table(f"g{n}", (Column(6), Column(31)), (box, box)) for n in range(4)]
    plan = fitting._Plan(tuple(grids), 43.5, fitting.sheet_of(WIDTH, measures.TYPE_AREA_HEIGHT_MM))
    assert plan.unchanged[0][0] == 2
    lower = min(plan.shorter(), key=lambda heights: sum(heights.values()))
    assert set(lower.values()) == {54.0} and plan.plain[0, 0] == 72.0
    assert plan.outcomes(lower)[0] < plan.unchanged[0]


@pytest.mark.sampled(4)
@pytest.mark.timeout(60)
@pytest.mark.parametrize("head", [1, 10, 24, 25, 26, 30, 45, 60])
@pytest.mark.parametrize("lines", [16, 40, 200])
def test_pages_end_below_a_head_of_any_height(head: int, lines: int) -> None:
    top = Row((Cell(((Text("讨论情况"),),), head=True),), height=head)
    rows = (top, *(Row((cell(f"notes_{number}", "longtext"),), height=lines) for number in range(12)))
    notes = Table("t", (Column(1),), rows, 1)
    pages, _ = last_page(form(notes))
    assert pages <= 12 * lines


def test_captions_at_the_top_of_pages_and_notes_are_where_the_plan_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    note = Provision("paragraph", "note", content=(Text("填写说明：如实填写。"),))
    tables = [
        replace(blank_rows(3), id=f"t{n}", rows=tuple(replace(row, height=6) for row in blank_rows(3).rows))
        for n in range(5)
    ]
    tables = [
        replace(
            table,
            rows=tuple(
                replace(row, cells=tuple(replace(one, content=((Text("某"),),)) for one in row.cells))
                for row in table.rows
            ),
        )
        for table in tables
    ]
    body = (note, *tables)
    plan = fitting._Plan(body, 1.5 * measures.LINE_PITCH_PT, fitting.sheet_of(WIDTH, measures.TYPE_AREA_HEIGHT_MM))
    monkeypatch.setattr("toolkit.pdf.document.fitted", lambda document, _width: document)
    pages, fill = last_page(form(*body))
    assert (pages, pytest.approx(fill, abs=0.01)) == plan.unchanged[0] and pages == 5


def test_without_the_plan_there_is_such_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.pdf.document.fitted", lambda document, _width: document)
    fills = [last_page(form(blank_rows(rows))) for rows in (20, 21, 22)]
    assert any(pages > 1 and fill < 0.2 for pages, fill in fills)


def test_a_form_that_ends_well_is_the_same_object_and_a_plan_is_made_once() -> None:
    short = form(blank_rows(5))
    assert fitted(short, WIDTH) is short
    long = form(blank_rows(21))
    assert fitted(long, WIDTH).body is fitted(replace(long), WIDTH).body is not long.body


def test_only_heights_change() -> None:
    long = form(blank_rows(21))
    (before,), (after,) = long.body, fitted(long, WIDTH).body
    assert [row.cells for row in before.rows] == [row.cells for row in after.rows]
    assert replace(after, rows=before.rows) == before


def test_a_paper_that_is_no_form_is_left_alone() -> None:
    notice = replace(form(blank_rows(21)), conclusions=True)
    assert fitted(notice, WIDTH) is notice


def test_a_tall_long_text_prints_lines_until_it_is_filled_in() -> None:
    row = Row((Cell(((Text("讨论情况"),),), head=True), cell("discussion", "longtext")), height=22)
    assert look(row).ruled == 22 and look(row).breaks
    assert look(row).least_pt(18) == 22 * measures.HAND_LINE_PT
    filled = replace(row, cells=(row.cells[0], cell("discussion", "longtext", "没有意见。")))
    assert look(filled).ruled == 0 and look(filled).least_pt(18) < 30
    assert look(replace(row, height=3)).ruled == 0 and look(replace(row, height=3)).least_pt(18) == 54


def test_lines_to_write_on_go_on_over_the_page_and_not_fewer_than_four() -> None:
    grid = Table(
        "g",
        (Column(6), Column(31)),
        (Row((Cell(((Text("讨论情况"),),), head=True), cell("d", "longtext")), height=22),),
    )
    laid = laid_out(form(blank_rows(9), grid))
    parts = [(page, top - bottom) for names, page, top, bottom in laid.canv.marks.drawn if names == ("g",)]
    assert [page for page, _ in parts] == [1, 2]
    assert all(height >= 4 * measures.HAND_LINE_PT for _, height in parts)


@pytest.mark.slow
def test_two_rows_stay_with_the_signatures_below() -> None:
    signed = Table(
        "s", (Column(1), Column(1)), (Row((Cell(((Text("签名"),),), head=True), cell("sign", "signature"))),)
    )
    for rows in range(14, 24):
        laid = laid_out(form(blank_rows(rows), signed))
        drawn = laid.canv.marks.drawn
        page = next(page for names, page, _, _ in drawn if names == ("s",))
        tops = [top - bottom for names, at, top, bottom in drawn if names == ("t",) and at == page]
        assert page == 1 or max(tops) > 21 + 2 * 28


def test_the_bundled_minutes_have_a_page_of_lines_and_room_for_resolutions() -> None:
    documents = api.prepare(ROOT / "examples" / "village.yaml").built.set.documents
    minutes = next(one for one in documents if one.id == "minutes_analysis")
    tables = {block.id: block for block in minutes.body if isinstance(block, Table)}
    assert [look(row).ruled for row in tables["discussion"].rows] == [22, 5, 6]
    assert {row.height for row in tables["resolutions"].rows[1:]} == {2}


def test_a_column_is_as_wide_as_the_longest_part_of_a_name_with_a_dot() -> None:
    size = measures.cell_size_pt(WIDTH)
    rows = (Row((Cell(((Text("阿布都热合曼·买买提"),),)), Cell(((Text("村党支部书记"),),)))),)
    narrow = Table("t", (Column(3), Column(34)), rows)
    widened = columns_of(narrow, measures.mm_pt(WIDTH), size)
    width = measures.mm_pt(WIDTH) * widened[0].width / sum(column.width for column in widened)
    assert width >= 7 * size + 2 * measures.mm_pt(measures.TABLE_CELL_MARGIN_MM)
    plain = replace(narrow, rows=(Row((Cell(((Text("丁某"),),)), rows[0].cells[1])),))
    assert columns_of(plain, measures.mm_pt(WIDTH), size) is plain.columns


def test_a_name_with_a_dot_breaks_at_the_dot_alone() -> None:
    parts = ("阿布都热合曼·", "买买提、", "玛依拉·", "艾合买提、", "古丽·", "吐尔逊")
    edges = {0, *itertools.accumulate(map(len, parts))}
    for width in range(120, 260, 5):
        broken = set_text(standard_fonts(), (TextPiece("".join(parts)),), Style(), float(width)).broken
        assert {line.end for line in broken.lines} <= edges, width


@pytest.mark.parametrize(("members", "rows"), [(3, 8), (32, 37), (118, 123), (286, 125)])
def test_the_sign_in_sheet_has_a_row_for_everybody_who_may_come_and_for_guests(members: int, rows: int) -> None:
    profile = {**yaml.safe_load((ROOT / "examples" / "village_minimal.yaml").read_text(encoding="utf-8")), "人员": []}
    profile = {**profile, "党组织": {**profile.get("党组织", {}), "党员人数": members}}
    sheet = next(one for one in api.prepare(profile).built.set.documents if one.id == "sheet_sign_in")
    table = next(block for block in sheet.body if isinstance(block, Table) and block.id == "sign")
    assert len(table.rows) - table.header_rows == rows
