"""Cells of XLSX and ODS: python-calamine where it tells all, openpyxl else, with the same answers; ODS as the same XLSX."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from batch_lists import NAME, flat
from conftest import ROOT
from list_shapes import ERROR, KIND, formula, ods, row, table, written
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from toolkit.batch import Options, batch, sheet
from toolkit.core import spreadsheet, zips
from toolkit.core.findings import FindingsError
from toolkit.core.spreadsheet import Choice, Formula

EVERY = Choice(lambda _number, _title, _visible: True)
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    parts = zips.unpack(data)
    assert change(parts[name]) != parts[name]
    return zips.pack({**parts, name: change(parts[name])})


def cell(xml: bytes, name: bytes, new: bytes) -> bytes:
    return re.sub(rb'<c r="%s"[^>]*>.*?</c>' % name, new, xml)


def readers(data: bytes, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return which of the two libraries read a workbook."""
    used = []
    for name in ("_quick_pages", "_full_pages"):
        real = getattr(spreadsheet, name)
        monkeypatch.setattr(spreadsheet, name, lambda *args, name=name, real=real: used.append(name) or real(*args))
    spreadsheet.pages(data, zips.XLSX, EVERY)
    monkeypatch.undo()
    return used


def everything() -> Workbook:
    book = Workbook()
    page = book.active
    page.append(["a\nb", " x ", "&<>'\"", "\t列", "𠮷㍙", None, "  ", "x" * 30_000, "007", "１"])
    page.append(
        [
            CellRichText("甲", TextBlock(InlineFont(b=True), "乙 "), "丙"),
            True,
            False,
            1e300,
            -5,
            0.1 + 0.2,
            123456789012345,
        ]
    )
    page["C9"], page["ZZ3"] = "far", "wide"
    page.merge_cells("A5:B6")
    page.merge_cells("D1:D3")
    for line, form in enumerate(["yyyy-mm-dd", "h:mm", "[h]:mm:ss", 'yyyy"年"m"月"', '0.0"天"', "[Red]0"], 12):
        for column, value in enumerate([46027, 46027.395833333336, 0.5, 61.25, 0, 1.5], 1):
            page.cell(line, column, value).number_format = form
    book.create_sheet("藏").sheet_state = "hidden"
    book.create_sheet("空")
    book.create_sheet("末")["B2"] = 5
    return book


def test_both_libraries_say_the_same(monkeypatch):
    data = saved(everything())
    assert readers(data, monkeypatch) == ["_quick_pages"]
    styles = spreadsheet._styles(zips.unpack(data)["xl/styles.xml"])
    assert styles == ({}, frozenset(), frozenset())
    quick, full = list(spreadsheet._quick_pages(data, EVERY)), list(spreadsheet._full_pages(data, EVERY, styles, {}))
    assert quick == full and [page.title for page in quick] == ["Sheet", "藏", "空", "末"]
    rows = dict(quick[0].rows)
    types = [type(value) for value in rows[12].values()]
    assert rows[2][1] == "甲乙 丙" and rows[1][9] == "007" and type(rows[2][7]) is int
    assert types == [date, datetime, time, datetime, time, datetime]
    assert rows[14][1] == timedelta(days=46027) and rows[16][1] == 46027
    assert quick[0].merged == [(5, 6, 1, 2), (1, 3, 4, 4)]
    for choice in (Choice(lambda number, _title, _visible: number == 3), Choice(lambda *_: True, rows=2)):
        assert list(spreadsheet._quick_pages(data, choice)) == list(spreadsheet._full_pages(data, choice, styles, {}))


def test_both_libraries_have_the_same_marks(monkeypatch):
    book = Workbook()
    page = book.active
    for line in range(1, 6):
        page.append([f"第{line}村", 5331234567, 13800001234, 0.5, None])
    page["B2"].number_format, page["C3"].number_format, page["D4"].number_format = "0000-0000000", '"+86 "0', "0000"
    page["A5"].font = page["E5"].font = Font(strike=True)
    page.row_dimensions[3].hidden = page.row_dimensions[9].hidden = True
    other = book.create_sheet("另一张")
    other.append(["甲"])
    other.row_dimensions[1].hidden = True
    data = saved(book)
    assert readers(data, monkeypatch) == ["_quick_pages"]
    found = spreadsheet.pages(data, zips.XLSX, EVERY)
    styles = spreadsheet._styles(zips.unpack(data)["xl/styles.xml"])
    assert found == list(spreadsheet._full_pages(data, EVERY, styles, {}))
    assert (found[0].hidden, found[0].struck, found[1].hidden) == ({3, 9}, {5: {1}}, {1})
    rows = dict(found[0].rows)
    assert (rows[2][2].text, rows[3][3].text, rows[4][4]) == ("0533-1234567", "+86 13800001234", 0.5)


APART = {
    "formula": lambda xml: cell(xml, b"A2", b'<c r="A2"><f>B2</f><v>5</v></c>'),
    "error": lambda xml: cell(xml, b"A2", b'<c r="A2" t="e"><v>#N/A</v></c>'),
    "long_number": lambda xml: cell(xml, b"A2", b'<c r="A2"><v>110101199001011234</v></c>'),
    "no_address": lambda xml: cell(xml, b"A2", b"<c><v>5</v></c>"),
    "prefixed": lambda xml: re.sub(
        rb"<(/?)", rb"<\1x:", re.sub(rb'xmlns="', b'xmlns:x="', xml.partition(b"?>")[2] or xml)
    ),
    "far": lambda xml: xml.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    ),
    "comment": lambda xml: xml.replace(b"<sheetData>", b"<sheetData><!-- x -->"),
}


@pytest.mark.parametrize("name", APART)
def test_what_calamine_does_not_tell_is_openpyxls(name, monkeypatch):
    book = Workbook()
    for values in (["名", "乙"], [1, "丙"]):
        book.active.append(values)
    data = rewritten(saved(book), SHEET, APART[name])
    assert readers(data, monkeypatch) == ["_full_pages"]
    (page,) = spreadsheet.pages(data, zips.XLSX, EVERY)
    expected = {"formula": Formula("=B2", "formula"), "error": Formula("#N/A", "cell_error"), "no_address": 5}
    first = page.rows[1][1][1]
    assert first == (110101199001011234 if name == "long_number" else expected.get(name, 1))
    assert name != "far" or page.rows[2] == (1_048_576, {16_384: 1})
    last = spreadsheet.pages(data, zips.XLSX, EVERY._replace(formulas=False))[0].rows[1][1][1]
    assert last == (5 if name == "formula" else first)


@pytest.mark.slow
def test_a_cell_far_away_costs_no_memory(tmp_path):
    """The rectangle up to row 200,000 would take four gigabytes."""
    book = Workbook()
    book.active.append([NAME])
    book.active["SF200000"] = 1
    (tmp_path / "u.xlsx").write_bytes(saved(book))
    tracemalloc.start()
    try:
        (grid,) = sheet.read(tmp_path / "u.xlsx")
        assert grid.rows == [(1, {1: NAME}), (200000, {500: 1})] and tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_chinese_date_formats_without_a_name_are_dates():
    """Formats 27 to 36 and 50 to 58 are dates in Chinese Excel and WPS (ECMA-376 part 1, 18.8.30); so xlrd reads them."""
    book = Workbook()
    book.active["A1"] = 46027
    book.active["A1"].number_format = "yyyy"
    data = rewritten(
        saved(book),
        "xl/styles.xml",
        lambda xml: re.sub(rb"<numFmts.*?</numFmts>", b"", xml).replace(b'numFmtId="164"', b'numFmtId="31"'),
    )
    assert spreadsheet.pages(data, zips.XLSX, EVERY)[0].rows == [(1, {1: date(2026, 1, 5)})]


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/styles.xml", SHEET])
def test_broken_xml_is_told(name, tmp_path):
    book = Workbook()
    book.active.append([NAME])
    (tmp_path / "u.xlsx").write_bytes(rewritten(saved(book), name, lambda xml: xml[: len(xml) // 2]))
    with pytest.raises(FindingsError) as caught:
        sheet.read(tmp_path / "u.xlsx")
    assert [finding.code for finding in caught.value.findings] == ["bad_list"]


# --- OpenDocument -----------------------------------------------------------------------------------------------------


def test_an_ods_has_the_cells_of_the_same_xlsx(tmp_path):
    rows: list[list[object]] = [
        [NAME, "单位.简称", "党组织.党员人数", "联络人.电话", "文件.成文日期"],
        ["甲村 ", "甲", "32", 4710000000, 46027],
        ["乙村", True, 32.5, "0471-0000000", date(2026, 1, 5)],
        ["丙村", time(8, 30), 30, None, datetime(2026, 3, 1, 9, 30)],
        [],
        ["丁村", "并", "多行\n内容"],
        ["戊村", None, 1],
        ["己村", "=A2", "#REF!"],
    ]
    book = Workbook()
    page = book.active
    page.title = "单位"
    for values in rows:
        page.append(values)
    page["C8"].data_type = "e"
    page.merge_cells("B6:B7")
    page.insert_rows(9, 2)
    page["A11"] = "庚村"
    book.create_sheet("人员").append(["单位", "姓名"])
    book.create_sheet("藏").sheet_state = "hidden"
    book.save(tmp_path / "u.xlsx")
    lines = [row(*values) for values in rows]
    merged = '<table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>并</text:p></table:table-cell>'
    lines[5] = row("丁村", merged, "多行\n内容")
    lines[6] = row("戊村", "<table:covered-table-cell/>", 1)
    lines[7] = row("己村", formula("[.A2]"), ERROR)
    rest = '<table:table-cell table:number-columns-repeated="16379"/>'
    lines += [
        row(rest, more=' table:number-rows-repeated="2"'),
        row("庚村", rest),
        row(rest, more=' table:number-rows-repeated="1048565"'),
    ]
    data = ods(table("单位", *lines), table("人员", row("单位", "姓名")), table("藏", row("x"), style="ta2"))
    (tmp_path / "u.ods").write_bytes(data)
    new, other = sheet.read(tmp_path / "u.xlsx"), sheet.read(tmp_path / "u.ods")
    assert [grid.title for grid in other] == ["单位", "人员"]
    for mine, theirs in zip(other, new, strict=True):
        rows_of = [
            [
                (
                    line,
                    {
                        n: c._replace(text="") if isinstance(c, Formula) and c.code == "formula" else c
                        for n, c in cells.items()
                    },
                )
                for line, cells in grid.rows
            ]
            for grid in (mine, theirs)
        ]
        assert rows_of[0] == rows_of[1] and mine.head == theirs.head
        assert mine.empty == theirs.empty and mine.merged == theirs.merged
    assert other[0].rows[-2][1][3] == Formula("#REF!", "cell_error") and other[0].rows[-2][1][2].text == "=[.A2]"


def test_texts_of_an_ods(tmp_path):
    inner = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation>'
        '<text:p>甲<text:s text:c="2"/><text:span>乙</text:span>丙<text:line-break/>丁<text:tab/>戊</text:p></table:table-cell>'
    )
    spans = '<table:table-cell office:value-type="time" office:time-value="PT30H00M00S"/>'
    repeated = '<table:table-cell table:number-columns-repeated="3" office:value-type="percentage" office:value="0.5"/>'
    (tmp_path / "u.ods").write_bytes(ods(table("一", row(NAME), row(inner, spans, repeated))))
    (grid,) = sheet.read(tmp_path / "u.ods")
    assert grid.rows[1:] == [(2, {1: "甲  乙丙\n丁\t戊", 2: "PT30H00M00S", 3: 0.5, 4: 0.5, 5: 0.5})]


@pytest.mark.slow
def test_a_set_is_made_from_an_ods(tmp_path):
    texts, _ = flat(0)
    (tmp_path / "u.ods").write_bytes(ods(table("单位", row(*texts), row(*texts.values()))))
    options = Options(jobs=1, zipped=True, base=ROOT / "examples/village.yaml")
    report = batch(tmp_path / "u.ods", tmp_path / "out", options)
    assert [line.state for line in report.lines] == ["done"] and report.is_fine


WIDE = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
BAD_ODS = {
    "password": ods(manifest=b"<manifest:encryption-data/>"),
    "no_content": zips.assemble([zips.stored("mimetype", KIND)]),
    "broken": ods("<table:table>"),
    "date": ods(table("一", row(written(date(2026, 1, 5)).replace("2026", "x")))),
    "number": ods(table("一", row(written(5).replace('"5"', '"five"')))),
    "count": ods(table("一", row("x", more=' table:number-rows-repeated="many"'))),
    "wide": ods(table("一", row(WIDE, more=' table:number-rows-repeated="1048576"'))),
    "tall": ods(table("一", row(NAME), row("x", more=' table:number-rows-repeated="99999999999"'))),
    "laughs": ods(table("一", row("&b;")), head='<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "tall" else ()) for name in BAD_ODS]
)
def test_a_bad_ods_is_told(name, tmp_path: Path):
    (tmp_path / "u.ods").write_bytes(BAD_ODS[name])
    with pytest.raises(FindingsError) as caught:
        sheet.read(tmp_path / "u.ods")
    assert [finding.code for finding in caught.value.findings] == ["bad_list"]
