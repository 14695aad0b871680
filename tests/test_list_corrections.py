"""A list looked at without building, and texts written into its cells: every other cell stays what it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from batch_lists import csv_list, workbook
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from toolkit import api
from toolkit.batch.corrections import Correction, corrected, emptied
from toolkit.core import zips
from toolkit.core.findings import FindingsError, UsageError

FORM, MEMBERS, NAME = "党组织.形式", "党组织.党员人数", "单位.全称"


def wrong_cells(path: Path) -> dict[str, tuple[int, int, str]]:
    """Return the cells that findings ask for, by code."""
    view = api.batch_look(path)
    found = {}
    for row in view.rows:
        for finding in row.findings:
            spot = view.spot(row, finding)
            found[finding.code] = (spot.line, spot.column, spot.text) if spot else None
    return found


def values(data: bytes) -> dict[tuple[str, int, int], object]:
    """Return all cells of a workbook with their kind of value, style, note and format."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        (sheet.title, cell.row, cell.column): (
            cell.value,
            cell.number_format,
            cell.fill.fgColor.rgb,
            cell.comment.text if cell.comment else "",
        )
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    }


# --- looking ---


def test_each_finding_names_the_cell_that_mends_it(tmp_path):
    changes = {(1, FORM): "支部", (2, MEMBERS): "许多", (3, "联络人.电话"): None}
    path = workbook(tmp_path / "l.xlsx", 4, changes)
    assert wrong_cells(path) == {
        "bad_choice": (3, 5, "支部"),
        "bad_value": (4, 6, "许多"),
        "missing_value": (5, 10, ""),
    }
    view = api.batch_look(path)
    assert [row.is_wrong for row in view.rows] == [False, True, True, True]
    [spot] = [view.spot(row, finding) for row in view.rows[1:2] for finding in row.findings]
    assert spot.options == ("党支部", "党总支", "党委", "党组", "党工委") and spot.name == FORM


def test_a_doublet_asks_for_the_name_of_the_unit(tmp_path):
    path = workbook(tmp_path / "l.xlsx", 3, {(1, NAME): "青禾县柳溪镇青山上村"})
    view = api.batch_look(path)
    spots = {
        (spot.line, spot.name)
        for row in view.rows
        for finding in row.findings
        if finding.code == "duplicate_unit" and (spot := view.spot(row, finding))
    }
    assert spots == {(2, NAME), (3, NAME)}


def test_a_cell_of_the_sheet_of_people_is_found(tmp_path):
    path = workbook(tmp_path / "l.xlsx", 2)
    book = openpyxl.load_workbook(path)
    sheet = book["人员"]
    column = next(cell.column for cell in sheet[1] if cell.value in ("表决权", "有表决权"))
    sheet.cell(3, column).value = "也许"
    book.save(path)
    view = api.batch_look(path)
    [(finding, spot)] = [(one, view.spot(row, one)) for row in view.rows for one in row.findings]
    assert (spot.line, spot.column, spot.text) == (3, column, "也许") and spot.sheet.endswith("[人员]"), finding
    api.batch_correct(path, [spot.filled("是")])
    assert not any(row.findings for row in api.batch_look(path).rows)


def test_a_value_without_a_column_gets_one(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("单位类型,单位.全称,备注\n村,青禾县柳溪镇上河村,x\n村,青禾县柳溪镇下河村,\n", encoding="utf-8")
    view = api.batch_look(path)
    spots = [spot for row in view.rows for finding in row.findings if (spot := view.spot(row, finding))]
    assert spots and all(spot.column == 0 for spot in spots)
    members = [spot for spot in spots if spot.name == MEMBERS]
    api.batch_correct(path, [spot.filled("32") for spot in members])
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert [row[:3] for row in rows] == [
        ["单位类型", NAME, "备注"],
        ["村", "青禾县柳溪镇上河村", "x"],
        ["村", "青禾县柳溪镇下河村", ""],
    ]
    assert [row[3] for row in rows] == [MEMBERS, "32", "32"]


def test_what_no_text_mends_has_no_cell(tmp_path):
    path = workbook(tmp_path / "l.xlsx", 2, {(1, MEMBERS): "=1+1"})
    assert wrong_cells(path)["formula"] is None


def test_a_folder_is_no_list(tmp_path):
    with pytest.raises(UsageError):
        api.batch_look(tmp_path)


# --- writing ---


def dressed(path: Path) -> Path:
    """Give a list what a clerk's list has: colours, notes, choices, a formula, a second sheet, a width."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet["B3"].fill = PatternFill("solid", fgColor="FFFFCC00")
    sheet["C3"].comment = Comment("问过书记", "甲")
    sheet["F2"].value, sheet["F2"].number_format = 12, "0"
    choice = DataValidation("list", formula1='"党支部,党总支"')
    choice.add("E2:E9")
    sheet.add_data_validation(choice)
    sheet.column_dimensions["B"].width = 33
    book.create_sheet("我的计算")["A1"] = "=SUM(单位!F2:F5)"
    book.save(path)
    return path


@pytest.mark.slow
def test_only_the_cell_changes_and_other_parts_keep_their_bytes(tmp_path):
    path = dressed(workbook(tmp_path / "l.xlsx", 3, {(1, FORM): "支部"}))
    before = path.read_bytes()
    view = api.batch_look(path)
    [spot] = [spot for row in view.rows for finding in row.findings if (spot := view.spot(row, finding))]
    api.batch_correct(path, [spot.filled("党支部")])
    after = path.read_bytes()
    changed = {key for key, value in values(after).items() if values(before)[key] != value}
    assert changed == {("单位", 3, 5)} and values(after)["单位", 3, 5][0] == "党支部"
    assert not any(row.is_wrong for row in api.batch_look(path).rows)
    old, new = zips.unpack(before, zips.XLSX), zips.unpack(after, zips.XLSX)
    assert old.keys() == new.keys() and {name for name in old if old[name] != new[name]} == {"xl/worksheets/sheet1.xml"}
    assert corrected(path, [spot.filled("党支部")]) == {path: after}, "the same text again"


def test_a_whole_number_stays_a_number_a_telephone_a_text(tmp_path):
    path = dressed(workbook(tmp_path / "l.xlsx", 2))
    label = api.batch_look(path).heads[0].label
    api.batch_correct(path, [Correction(label, 2, 6, "45"), Correction(label, 2, 10, "04711234567")])
    found = values(path.read_bytes())
    assert found["单位", 2, 6][0] == 45 and found["单位", 2, 10][0] == "04711234567"


@pytest.mark.parametrize("text", ["=1+1", "+86", " 甲 ", "甲<&>乙", "两\n行", "甲\x01乙"])
def test_a_text_is_never_a_formula_and_never_breaks_the_file(tmp_path, text):
    path = workbook(tmp_path / "l.xlsx", 2)
    label = api.batch_look(path).heads[0].label
    api.batch_correct(path, [Correction(label, 2, 3, text)])
    assert openpyxl.load_workbook(path).worksheets[0]["C2"].value == text.replace("\x01", "\ufffd")
    assert openpyxl.load_workbook(path).worksheets[0]["C2"].data_type == "s"


def test_a_line_is_emptied_and_no_other_moves(tmp_path):
    path = workbook(tmp_path / "l.xlsx", 3, {(1, NAME): "青禾县柳溪镇青山上村"})
    label = api.batch_look(path).heads[0].label
    before = values(path.read_bytes())
    api.batch_correct(path, [], [(label, 3)])
    after = values(path.read_bytes())
    assert {key for key in before if before[key] != after.get(key)} == {key for key in before if key[:2] == ("单位", 3)}
    assert [row.line for row in api.batch_look(path).rows] == [2, 4]
    assert not emptied(path, label, 99)


def test_a_formula_and_a_cell_of_no_sheet_are_refused(tmp_path):
    path = workbook(tmp_path / "l.xlsx", 2, {(1, MEMBERS): "=1+1"})
    label, before = api.batch_look(path).heads[0].label, path.read_bytes()
    for wrong in (Correction(label, 3, 6, "5"), Correction("x", 3, 6, "5"), Correction(label, 3, 0, "5")):
        with pytest.raises(UsageError):
            api.batch_correct(path, [wrong])
    assert path.read_bytes() == before
    (tmp_path / "l.docx").write_bytes(b"PK")
    with pytest.raises(FindingsError):
        api.batch_correct(tmp_path / "l.docx", [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_of_a_csv_the_other_lines_keep_their_bytes(tmp_path, encoding, ending):
    path = csv_list(tmp_path / "l.csv", 3)
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\n", ending)
    path.write_bytes(text.encode(encoding))
    before = path.read_bytes().split(b"\n")
    label = api.batch_look(path).heads[0].label
    api.batch_correct(path, [Correction(label, 3, 5, '党支部, "第一"')])
    after = path.read_bytes().split(b"\n")
    assert [number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [2]
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))
    assert rows[2][4] == '党支部, "第一"'


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(2, 4), st.integers(2, 16)),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
        min_size=1,
        max_size=5,
    )
)
def test_any_texts_in_any_cells_leave_all_others(tmp_path_factory, texts):
    path = dressed(workbook(tmp_path_factory.mktemp("l") / "l.xlsx", 3))
    before, label = values(path.read_bytes()), f"{path} [单位]"
    api.batch_correct(path, [Correction(label, line, column, text) for (line, column), text in texts.items()])
    after = values(path.read_bytes())
    for key, value in after.items():
        sheet, line, column = key
        if sheet == "单位" and (line, column) in texts:
            assert str(value[0] if value[0] is not None else "") == texts[line, column]
            assert value[1:] == before.get(key, (None, "General", "00000000", ""))[1:]
        else:
            assert value == before.get(key, (None, *value[1:]))
