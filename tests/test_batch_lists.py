"""Bad lists: everything that a clerk's spreadsheet can have is told by row and column."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import pytest
from batch_lists import NAME, flat, workbook
from conftest import ROOT
from openpyxl import Workbook, load_workbook

from toolkit import presets
from toolkit.batch import Options, batch, sheet
from toolkit.batch.blank import workbook as blank
from toolkit.batch.finding_codes import CODES, cell_name, letter
from toolkit.batch.grids import Merged
from toolkit.batch.unit_list import units_of
from toolkit.core import data_folders
from toolkit.core.findings import FindingsError


@pytest.fixture(scope="module")
def village():
    return presets.load("village", data_folders.presets_folders())


def write(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        made = book.create_sheet(title)
        for row in rows:
            made.append(row)
    book.save(path)
    return path


def listed(path: Path, *kinds):
    return units_of(sheet.read(path), kinds)


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def found(path: Path, *kinds) -> list[tuple[str, int, int]]:
    """Return code, row and column of all findings."""
    one = listed(path, *kinds)
    everything = [*one.findings, *(finding for unit in one.units for finding in unit.findings)]
    assert all(finding.code in CODES for finding in everything)
    return [(finding.code, finding.where.line, finding.where.column) for finding in everything]


HEAD = [NAME, "单位.简称", "党组织.党员人数", "联络人.电话", "文件.成文日期", "党组织.全称"]


def test_cells_of_the_wrong_kind_are_read_and_told(tmp_path, village):
    rows = [
        HEAD,
        ["甲村 ", "甲", "32", 4710000000, 46027, "中共甲村支部委员会"],
        ["乙村", "乙", 32.0, "0471-0000000", date(2026, 1, 5), datetime(2026, 3, 1)],
        ["丙村", "丙", 30, "0471-0000000", "2026年1月5日", "中共丙村支部委员会"],
    ]
    path = write(tmp_path / "u.xlsx", ("单位", rows))
    assert sorted(found(path, village)) == [
        ("blanks_cut", 2, 1),
        ("date_as_number", 2, 5),
        ("date_as_text", 3, 6),
        ("number_as_phone", 2, 4),
        ("number_as_text", 2, 3),
    ]
    texts = [dict(unit.source.cells) for unit in listed(path, village).units]
    assert texts[0] == {1: "甲村", 2: "甲", 3: "32", 4: "4710000000", 5: "2026-01-05", 6: "中共甲村支部委员会"}
    assert texts[1][3] == "32" and texts[1][5] == "2026-01-05" and texts[2][5] == "2026年1月5日"


def test_formulas_and_error_values_are_refused_by_cell(tmp_path, village):
    path = write(tmp_path / "u.xlsx", ("单位", [HEAD, ["甲村", "=A2", "#REF!", "=1+1"], ["乙村", "乙"]]))
    assert ("formula", 2, 2) in found(path, village) and ("formula", 2, 4) in found(path, village)
    assert [bool(unit.findings) for unit in listed(path, village).units] == [True, False]
    text = tmp_path / "u.csv"
    text.write_text(f"{NAME},单位.简称\n甲村,=1+1\n", encoding="utf-8")
    assert found(text, village) == [("formula", 2, 2)]


def test_a_row_without_its_kind_is_told_what_a_table_needs(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 2, {(1, "单位类型"): None})
    report = batch(source, tmp_path / "out", Options(jobs=1, check_only=True))
    assert codes(report.lines[1].findings) == ["missing_kind"] and "这一列" in report.lines[1].findings[0].hint
    assert report.lines[1].findings[0].where.line == 3


def test_what_is_missing_because_of_a_formula_is_told_once(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 1, {(0, "联络人.电话"): "=A1", (0, "党组织.形式"): None})
    report = batch(source, tmp_path / "out", Options(jobs=1))
    assert [(f.code, f.subject) for f in report.lines[0].findings if f.severity == "error"] == [
        ("formula", "联络人.电话"),
        ("missing_value", "party.form"),
    ]


def test_merged_cells_and_empty_rows(tmp_path, village):
    path = write(
        tmp_path / "u.xlsx",
        ("单位", [HEAD, ["甲村", "甲"], ["乙村", "乙"], [], [], ["丙村", "丙"], ["丁村", "丁"], [], []]),
    )
    book = load_workbook(path)
    book.active.merge_cells("B2:B3")
    book.save(path)
    assert sorted(set(found(path, village))) == [("empty_rows", 4, 0), ("merged_cells", 2, 0), ("merged_cells", 3, 0)]
    assert [unit.name for unit in listed(path, village).units] == ["甲村", "乙村", "丙村", "丁村"]


def test_merged_cells_of_columns_that_are_not_used_harm_nobody(tmp_path, village):
    path = write(
        tmp_path / "u.xlsx", ("单位", [["序号", *HEAD], [1, "甲村", "甲"], [None, "乙村", "乙", 30], [2, "丙村", "丙"]])
    )
    book = load_workbook(path)
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("C4:D4")
    book.save(path)
    one = listed(path, village)
    assert [(f.code, f.where.line) for unit in one.units for f in unit.findings] == [("merged_cells", 4)]
    assert "C4:D4" in one.units[2].findings[0].message and "哪一列" in one.units[2].findings[0].message


def test_numbers_that_wait_for_units_are_no_units(tmp_path, village):
    people = [["单位", "姓名", "备注"], ["甲村", "张三"], [None, None, "待定"], [None, "李四"]]
    path = write(
        tmp_path / "u.xlsx",
        ("单位", [["序号", *HEAD], [1, "甲村"], [2], [3, "乙村"], [4], [5, None, "丙"]]),
        ("人员", people),
    )
    assert [unit.name for unit in listed(path, village).units] == ["甲村", "乙村", "第6行"]
    assert [(code, line) for code, line, _ in found(path, village) if code != "ignored_column"] == [
        ("empty_rows", 3),
        ("unknown_unit", 4),
        ("nameless_unit", 6),
    ]


def test_a_merged_name_of_a_unit_is_told(tmp_path, village):
    people = [["单位", "姓名", "职务"], ["甲村", "张三", "党支部书记"], [None, "李四", "组织委员"]]
    path = write(tmp_path / "u.xlsx", ("单位", [HEAD, ["甲村", "甲"]]), ("人员", people))
    book = load_workbook(path)
    book["人员"].merge_cells("A2:A3")
    book.save(path)
    assert found(path, village) == [("unknown_unit", 3, 1), ("merged_cells", 2, 0)]


@pytest.mark.slow
def test_many_merged_cells_cost_little(tmp_path, village):
    rows = "".join(f"第{number}村,村{number}\n" for number in range(20_000))
    path = tmp_path / "u.csv"
    path.write_text(f"{NAME},单位.简称\n{rows}", encoding="utf-8")
    grids = sheet.read(path)
    grids[0].merged = [Merged(line, line + 1, 2, 2) for line in range(2, 20_000, 2)]
    one = units_of(grids, [village])
    assert sum(bool(unit.findings) for unit in one.units) == 19_998


def test_lines_of_a_csv(tmp_path, village):
    path = tmp_path / "u.csv"
    path.write_text(
        f'{NAME},村情.村民小组\n甲村,"一组\n\n二组"\n\n乙村,"一组,二组"\n丙村,一组,二组\n丁村,一组,,\n,\n',
        encoding="utf-8",
    )
    assert found(path, village) == [("empty_rows", 5, 0), ("too_many_cells", 7, 3)]
    assert [unit.name for unit in listed(path, village).units] == ["甲村", "乙村", "丙村", "丁村"]
    path.write_text(f'{NAME},村情.村民小组\n甲村,"一组\n乙村,二组\n', encoding="utf-8")
    with pytest.raises(FindingsError) as caught:
        sheet.read(path)
    assert caught.value.findings[0].where.line == 2 and "引号" in caught.value.findings[0].hint


def test_numbers_in_texts_are_no_news(tmp_path, village):
    for suffix, mark in ((".csv", ","), (".tsv", "\t"), (".txt", ";")):
        path = tmp_path / f"u{suffix}"
        path.write_text(f"{NAME}{mark}党组织.党员人数\n甲村{mark}30\n", encoding="utf-8")
        assert found(path, village) == [] and dict(listed(path, village).units[0].source.cells)[2] == "30"


def test_columns_without_a_name_and_too_many_columns(tmp_path, village):
    path = write(tmp_path / "u.xlsx", ("单位", [[NAME], ["甲村", None, "记"], ["乙村", None, "记"]]))
    assert found(path, village) == [("column_without_name", 2, 3)]
    path = write(tmp_path / "v.xlsx", ("单位", [[NAME], ["甲村", *[None] * 600, "x"]]))
    with pytest.raises(FindingsError) as caught:
        sheet.read(path)
    assert caught.value.findings[0].message.startswith("WD2 ")


def test_a_merged_title_above_the_names_is_told(tmp_path, village):
    path = write(tmp_path / "u.xlsx", ("单位", [["某县单位名单", None, None], HEAD, ["甲村", "甲"]]))
    book = load_workbook(path)
    book.active.merge_cells("A1:C1")
    book.save(path)
    assert found(path, village) == [("title_rows", 1, 0)]


def test_doublets_and_names_that_meet(tmp_path, village):
    rows = [[NAME], ["甲村"], ["乙村"], ["甲村"], ["丙:村"], ["丙：村"], [None], ["A村"], ["a村"]]
    path = write(tmp_path / "u.xlsx", ("单位", rows))
    assert [(code, line) for code, line, _ in found(path, village) if code != "empty_rows"] == [
        ("duplicate_unit", 2),
        ("duplicate_unit", 4),
        ("same_output", 5),
        ("same_output", 6),
        ("same_output", 8),
        ("same_output", 9),
    ]


def test_a_row_that_was_copied_and_half_changed_is_told(tmp_path, village):
    """Two units of one short name or one party organisation: each row, at its cell, as something to look at."""
    head = [NAME, "单位.简称", "党组织.全称"]
    rows = [head, ["甲村", "甲村", "甲村支部"], ["乙村", "甲村", "甲村支部"], ["丙村", "丙村", "丙村支部"]]
    path = write(tmp_path / "u.xlsx", ("单位", rows))
    same = [("same_name", line, column) for column in (2, 3) for line in (2, 3)]
    assert sorted(found(path, village)) == sorted(same)


def test_columns_are_named_in_chinese_english_or_briefly_and_slips_are_told(tmp_path, village):
    path = write(
        tmp_path / "u.xlsx",
        ("单位", [["unit.full_name", "党员人数", "单位.全称", "全称", "单位.简你", "备注", "#内部"], ["甲村"]]),
    )
    one = listed(path, village)
    assert [(f.code, f.where.column) for f in one.findings] == [
        ("duplicate_column", 3),
        ("unknown_column", 4),
        ("unknown_column", 5),
        ("ignored_column", 6),
        ("ignored_column", 7),
    ]
    assert (
        "单位.全称" in one.findings[1].hint
        and "党组织.全称" in one.findings[1].hint
        and "单位.简称" in one.findings[2].hint
    )
    with pytest.raises(FindingsError):
        batch(path, tmp_path / "out", Options(jobs=1, base=ROOT / "examples/village.yaml"))
    assert not list((tmp_path / "out").glob("*村*"))


def test_records_of_other_sheets_find_their_unit(tmp_path, village):
    accounts = [
        ["单位", "名称", "平台", "管理原"],
        ["甲", "甲号", "微信"],
        ["甲村", "甲二号", "微信"],
        ["丁村", "丁号", "微信"],
        [None, "x"],
    ]
    people = [["单位", "姓名", "职务"], ["乙村", "张三", "党支部书记"]]
    path = write(
        tmp_path / "u.xlsx",
        ("单位", [HEAD, ["甲村", "甲"], ["乙村", "乙"]]),
        ("新媒体账号", accounts),
        ("人员", people),
        ("说明书", [["x"]]),
    )
    one = listed(path, village)
    first, second = (unit.source for unit in one.units)
    assert [line for line, _ in first.tables[0][1]] == [2, 3] and second.tables[0][0] == 2
    assert [(f.code, f.where.line) for f in one.findings] == [
        ("ignored_sheet", 1),
        ("unknown_column", 1),
        ("unknown_unit", 4),
        ("unknown_unit", 5),
    ]
    assert one.findings[2].where.file.endswith("[新媒体账号]") and "管理员" in one.findings[1].hint


def test_a_short_name_of_several_units_is_nobodys(tmp_path, village):
    units = [HEAD, ["甲镇东村", "东村"], ["乙镇东村", "东村"], ["西村", "西"], ["丙镇西村", "西村"]]
    people = [
        ["单位", "姓名", "职务"],
        ["东村", "张三", "党支部书记"],
        ["东村", "李四", "组织委员"],
        ["甲镇东村", "王五", "宣传委员"],
        ["西村", "赵六", "党支部书记"],
    ]
    one = listed(write(tmp_path / "u.xlsx", ("单位", units), ("人员", people)), village)
    assert one.findings == []
    for unit in one.units[:2]:
        assert codes(unit.findings) == ["ambiguous_unit"] and unit.findings[0].where.line == 2
        assert "A2、A3“东村”是几个单位的简称：第 2 行、第 3 行" in unit.findings[0].message
    assert [line for line, _ in one.units[0].source.tables[0][1]] == [4]
    assert [len(unit.source.tables) for unit in one.units] == [1, 0, 1, 0]  # a full name comes before a short one


@pytest.mark.slow
def test_many_names_that_are_not_in_the_list_cost_little_and_are_summed_up(tmp_path, village):
    rows = "".join(f"青禾县第{number}村,村{number}\n" for number in range(5_000))
    (tmp_path / "u.csv").write_text(f"{NAME},单位.简称\n{rows}", encoding="utf-8")
    people = "".join(f"青河县第{number // 3}村,张三,党支部书记\n" for number in range(6_000))
    (tmp_path / "u.人员.csv").write_text(f"单位,姓名,职务\n{people}", encoding="utf-8")
    one = listed(tmp_path / "u.csv", village)
    assert codes(one.findings) == ["unknown_unit"] * 101
    assert "A2、A3、A4“青河县第0村”" in one.findings[0].message and "青禾县第0村" in one.findings[0].hint
    assert "从第 302 行起还有 1900 个名称" in one.findings[-1].message


def test_a_list_that_is_none(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    cases = {
        "u.xls": (b"x", "bad_list"),
        "v.xlsx": (ole + b"old", "bad_list"),
        "w.xlsx": (b"PK\3\4damaged", "bad_list"),
        "x.docx": (b"x", "bad_list"),
        "y.csv": (b"\xff\xfe\x00", "encoding_unknown"),
        "z.xls": (b"<html><table>", "bad_list"),
        "empty.xlsx": (b"", "bad_list"),
        "p.xlsx": (ole + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
    }
    for name, (data, code) in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(FindingsError) as caught:
            batch(path, tmp_path / "out", Options(jobs=1))
        assert caught.value.findings[0].code == code, name


def test_an_empty_list_and_an_unknown_kind(tmp_path):
    for rows in (
        [],
        [HEAD],
        [HEAD, ["甲村"]],
        [["单位类型", NAME], ["村庄群", "甲村"]],
        [["单位类型", "序号", NAME], ["村", 1], [None, 2]],
        [["序号", NAME], [1], [2], [3]],
    ):
        path = write(tmp_path / f"{len(rows)}{rows and len(rows[0])}.xlsx", ("单位", rows))
        with pytest.raises(FindingsError) as caught:
            batch(path, tmp_path / "out", Options(jobs=1))
        assert "bad_list" in [finding.code for finding in caught.value.findings]


@pytest.mark.slow
def test_fifty_thousand_rows_are_read(tmp_path, village):
    path = tmp_path / "u.csv"
    rows = "".join(f"县镇第{number}村,村{number},{number % 60}\n" for number in range(50_000))
    path.write_text(f"{NAME},单位.简称,党组织.党员人数\n{rows}", encoding="utf-8")
    one = listed(path, village)
    assert len(one.units) == 50_000 and not one.findings and not any(unit.findings for unit in one.units)


@pytest.mark.slow
def test_the_empty_list_offers_choices_and_notes(tmp_path, village):
    data = blank(village)
    assert data == blank(village)
    book = load_workbook(io.BytesIO(data))
    sheet_ = book.worksheets[0]
    names = [cell.value for cell in sheet_[1]]
    needed = [param.label for param in village.params.params.values() if param.needed and param.type != "table"]
    assert names[:2] == ["单位类型", NAME] and set(names[1 : 1 + len(needed)]) == set(needed)
    assert all(cell.comment is not None for cell in sheet_[1])
    rules = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule.formula1
        for rule in sheet_.data_validations.dataValidation
    }
    assert "党支部" in rules[letter(names.index("党组织.形式") + 1)]
    assert {"人员", "新媒体账号", "阵地"} <= set(book.sheetnames) and book["人员"]["A1"].value == "单位"
    path = tmp_path / "u.xlsx"
    texts, tables = flat(0)
    for name, value in texts.items():
        sheet_.cell(2, names.index(name) + 1).value = value
    heads = [cell.value for cell in book["人员"][1]]
    for name, value in tables["人员"][0].items():
        book["人员"].cell(2, heads.index(name) + 1).value = "、".join(value) if isinstance(value, list) else value
    book["人员"].cell(2, 1).value = texts["单位.简称"]
    book.save(path)
    report = batch(path, tmp_path / "out", Options(jobs=1, check_only=True))
    assert [line.state for line in report.lines] == ["checked"], report.lines


def test_texts_of_spreadsheets_are_never_formulas(tmp_path):
    name = "=cmd|'/c calc'!A1"
    source = workbook(tmp_path / "u.xlsx", 2)
    book = load_workbook(source)
    book.worksheets[0]["B2"].value = "+村@"
    book.worksheets[0]["B3"].value = name
    book.worksheets[0]["B3"].data_type = "s"
    book.save(source)
    batch(source, tmp_path / "out", Options(jobs=1, check_only=True))
    cells = [
        cell
        for page in load_workbook(tmp_path / "out/report.xlsx")
        for row in page.iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, str)
    ]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert {cell.value for cell in cells if cell.quotePrefix and cell.number_format == "@"} >= {"+村@", name}
    assert all(cell.quotePrefix for cell in cells if cell.value.startswith(("=", "+", "-", "@")))


@pytest.mark.parametrize("value", ["=1+1", "+8647", "-1", "@SUM(1)", "\t=1", "#N/A", "TRUE", "2026-01-05"])
def test_a_text_in_a_cell_stays_one(value):
    from toolkit.reports import xlsx as writing

    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(writing.row(writing.cells(page, {"": ""})[""], [value, 3, value]))
    plain = Workbook()
    writing.put_text(plain.active["A1"], value)
    for made in (book, plain):
        cell = load_workbook(io.BytesIO(writing.saved(made))).worksheets[0]["A1"]
        assert cell.value == value and cell.data_type in ("s", "inlineStr")
        assert bool(cell.quotePrefix) == value.startswith(writing.FORMULA)


def test_names_of_columns():
    assert [letter(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"] and cell_name(3, 28) == "AB3"
