"""An old .xls is read as the .xlsx of the same table would be, and that is said."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest
from batch_lists import NAME, flat
from conftest import ROOT
from openpyxl import Workbook

from toolkit import presets
from toolkit.batch import Options, batch, sheet
from toolkit.batch.grids import Grid
from toolkit.batch.unit_list import units_of
from toolkit.core import data_folders
from toolkit.core.findings import FindingsError
from toolkit.core.spreadsheet import Formula

xlwt = pytest.importorskip("xlwt", reason="xlwt is not installed: pip install '.[test]'")

HEAD = [NAME, "单位.简称", "党组织.党员人数", "联络人.电话", "文件.成文日期", "党组织.全称"]
ROWS = [
    ["甲村 ", "甲", "32", 4710000000, 46027, "中共甲村支部委员会"],
    ["乙村", "乙", 32.0, "0471-0000000", date(2026, 1, 5), datetime(2026, 3, 1)],
    ["丙村", time(8, 30), 30, None, "2026年1月5日", datetime(2026, 3, 1, 9, 30)],
    [],
    ["丁村", "=A2", True, "=1/0", None, "  "],
    ["戊村", "并", None, "+8647", "=x", "@甲"],
    ["己村"],
    ["庚村", "庚", "#REF!"],
]
MERGED = (7, 8, 2)


def _xlsx(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.title = "单位"
    for line, row in enumerate([HEAD, *ROWS], 1):
        for column, value in enumerate(row, 1):
            cell = page.cell(line, column, value)
            if value in ("=x", "+8647", "@甲"):
                cell.data_type = "s"
            if isinstance(value, str) and value.startswith("#"):
                cell.data_type = "e"
    first, last, column = MERGED
    page.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)
    book.create_sheet("人员").append(["单位", "姓名", "职务"])
    book["人员"].append(["甲村", "张三", "党支部书记"])
    book.create_sheet("藏").sheet_state = "hidden"
    book.save(path)
    return path


def _xls(path: Path) -> Path:
    book = xlwt.Workbook()
    page = book.add_sheet("单位")
    formats = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", time: "hh:mm"}
    for line, row in enumerate([HEAD, *ROWS]):
        for column, value in enumerate(row):
            if value is None or (line + 1 == MERGED[0] and column + 1 == MERGED[2]):
                continue
            if type(value) in formats:
                page.write(line, column, value, xlwt.easyxf(num_format_str=formats[type(value)]))
            elif isinstance(value, str) and value.startswith("=") and value != "=x":
                page.write(line, column, xlwt.Formula(value[1:]))
            elif value == "#REF!":
                page.row(line).set_cell_error(column, value)
            else:
                page.write(line, column, value)
    first, last, column = MERGED
    page.write_merge(first - 1, last - 1, column - 1, column - 1, ROWS[first - 2][column - 1])
    other = book.add_sheet("人员")
    for line, row in enumerate([["单位", "姓名", "职务"], ["甲村", "张三", "党支部书记"]]):
        for column, value in enumerate(row):
            other.write(line, column, value)
    book.add_sheet("藏").visibility = 1
    book.save(str(path))
    return path


def _cells(grid: Grid) -> list:
    """Formulas stay unknown in an .xls, save that they are some."""
    rows = [
        (
            line,
            {n: Formula("", c.code) if isinstance(c, Formula) and c.code == "formula" else c for n, c in cells.items()},
        )
        for line, cells in grid.rows
    ]
    return [grid.title, grid.head, rows, grid.merged]


def test_cells_rows_columns_and_findings_are_those_of_an_xlsx(tmp_path):
    village = presets.load("village", data_folders.presets_folders())
    new, old = sheet.read(_xlsx(tmp_path / "u.xlsx")), sheet.read(_xls(tmp_path / "u.xls"))
    assert [grid.title for grid in old] == ["单位", "人员"]
    assert [_cells(grid) for grid in old] == [_cells(grid) for grid in new]
    assert [finding.code for finding in old[0].findings] == ["old_xls", "hidden_sheet"]
    found, texts = [], []
    for grids in (new, old):
        listed = units_of(grids, [village])
        everything = [*listed.findings, *(one for unit in listed.units for one in unit.findings)]
        found.append(
            [(f.code, f.where.line, f.where.column, f.message, f.hint) for f in everything if f.code != "old_xls"]
        )
        texts.append([unit.source for unit in listed.units])
    assert found[0] == found[1] and texts[0] == texts[1]
    assert {
        "formula",
        "cell_error",
        "merged_cells",
        "empty_rows",
        "blanks_cut",
        "number_as_text",
        "number_as_phone",
        "date_as_number",
        "date_as_text",
        "hidden_sheet",
        "same_name",
    } == {code for code, *_ in found[1]}


def test_a_set_is_made_and_the_old_format_is_said(tmp_path):
    texts, _ = flat(0)
    book = xlwt.Workbook()
    page = book.add_sheet("单位")
    for column, (name, value) in enumerate(texts.items()):
        page.write(0, column, name)
        page.write(1, column, value)
    book.save(str(tmp_path / "u.xls"))
    report = batch(
        tmp_path / "u.xls", tmp_path / "out", Options(jobs=1, zipped=True, base=ROOT / "examples/village.yaml")
    )
    assert [line.state for line in report.lines] == ["done"]
    assert "old_xls" in [finding.code for finding in report.findings] and report.is_fine


def test_the_content_counts_not_the_suffix(tmp_path):
    _xls(tmp_path / "u.xls").rename(tmp_path / "old.xlsx")
    _xlsx(tmp_path / "u.xlsx").rename(tmp_path / "new.xls")
    assert sheet.read(tmp_path / "old.xlsx")[0].findings[0].code == "old_xls"
    assert [one.code for one in sheet.read(tmp_path / "new.xls")[0].findings] == ["hidden_sheet"]


def test_an_xls_with_a_password_or_damage_is_refused(tmp_path, capsys):
    data = _xls(tmp_path / "u.xls").read_bytes()
    interface = b"\xe1\x00\x02\x00\xb0\x04"
    assert data.count(interface) == 1
    cases = {"password": data.replace(interface, b"\x2f" + interface[1:]), "bad_list": data[:900]}
    for code, damaged in cases.items():
        path = tmp_path / f"{code}.xls"
        path.write_bytes(damaged)
        with pytest.raises(FindingsError) as caught:
            sheet.read(path)
        assert [finding.code for finding in caught.value.findings] == [code]
    for end in range(512, len(data), 97):
        path.write_bytes(data[:end])
        with pytest.raises(FindingsError):
            sheet.read(path)
    assert capsys.readouterr().out == ""
