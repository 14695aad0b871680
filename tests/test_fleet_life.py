"""Units that were renamed, joined another or ended: said in the list, never guessed from a missing row."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from batch_lists import NAME, contents, flat, workbook
from conftest import ROOT
from openpyxl import load_workbook
from test_batch import codes, states
from test_batch import run as run_batch
from test_review_cli import replaced, text_of

from toolkit import api

UNITS = [flat(number)[0][NAME] for number in range(3)]
RENAMED = "青禾县柳溪镇新名村"
REGULATION = "01-意识形态工作责任制实施办法.docx"
OTHER = "02-阵地管理制度.docx"


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("before")
    run_batch(workbook(home / "units.xlsx", 3), home / "out")
    return home


@pytest.fixture
def home(before, tmp_path) -> Path:
    shutil.copytree(before, tmp_path / "home", copy_function=shutil.copy2)
    replaced(tmp_path / "home/out" / UNITS[0] / OTHER, "应当", "务必")
    return tmp_path / "home"


def with_life(path: Path, **cells) -> Path:
    """Add columns on the life of units: name → values by row."""
    book = load_workbook(path)
    sheet = book["单位"]
    for name, values in cells.items():
        column = sheet.max_column + 1
        sheet.cell(1, column, name)
        for row, value in values.items():
            sheet.cell(row + 2, column, value)
    book.save(path)
    return path


def renamed(home: Path, **cells) -> Path:
    workbook(home / "units.xlsx", 3, {(0, NAME): RENAMED, (0, "单位.简称"): "新名村"})
    return with_life(home / "units.xlsx", 曾用名={0: UNITS[0]}, **cells)


@pytest.mark.slow
def test_a_renamed_unit_keeps_its_folder_its_edits_and_its_records(home) -> None:
    source, out = renamed(home), home / "out"
    (out / UNITS[0] / "我的.txt").write_text("x", encoding="utf-8")
    assert api.units_status(source, out, jobs=1).units[0].life.startswith("单位改了名")
    checked = api.units_merge(source, out, jobs=1, check_only=True)
    assert checked.units[0].state == "would" and (out / UNITS[0]).is_dir() and not (out / RENAMED).exists()
    done = api.units_merge(source, out, jobs=1)
    assert [unit.state for unit in done.units] == ["written", "same", "same"] and not (out / UNITS[0]).exists()
    assert codes(done.units[0].findings) == ["former_folder"] and not codes(done.findings).count("strange_folder")
    assert "务必" in text_of(out / RENAMED / OTHER) and "新名村" in text_of(out / RENAMED / REGULATION)
    assert (out / RENAMED / "我的.txt").read_text(encoding="utf-8") == "x"
    again = api.units_merge(source, out, jobs=1)
    assert [unit.remarks for unit in again.units] == [()] * 3
    assert [unit.state for unit in again.units] == ["same"] * 3 and again.is_fine
    report, _ = run_batch(source, out)
    assert states(report)[0] == "kept" and not report.gone


@pytest.mark.slow
def test_batch_takes_the_folder_of_the_earlier_name(home) -> None:
    source, out = renamed(home), home / "out"
    report, _ = run_batch(source, out)
    assert states(report) == [
        "refused",
        "unchanged",
        "unchanged",
    ]  # its names differ in the edited file: merge takes it over
    assert (out / RENAMED).is_dir() and not (out / UNITS[0]).exists() and not report.gone
    assert api.units_merge(source, out, jobs=1).units[0].state == "written"


@pytest.mark.slow
def test_units_that_joined_or_ended_stay_and_are_not_made(home) -> None:
    source, out = home / "units.xlsx", home / "out"
    with_life(source, 并入={1: UNITS[2]}, 撤销日期={0: date(2026, 5, 1), 1: "2026年6月1日"})
    old = contents(out)
    report, _ = run_batch(source, out)
    assert states(report)[:2] == ["over", "over"] and report.is_fine and not report.gone
    found = api.units_status(source, out, jobs=1)
    assert [unit.life for unit in found.units] == ["2026-05-01撤销", f"已并入{UNITS[2]}，2026-06-01撤销", ""]
    assert [unit.state for unit in api.units_merge(source, out, jobs=1).units] == ["over", "over", "same"]
    assert contents(out) == old and found.is_fine


@pytest.mark.slow
def test_a_missing_row_is_asked_about(home, run) -> None:
    source = workbook(home / "units.xlsx", 2)
    code, said, _ = run("batch", source, "-o", home / "out", "--jobs", "1")
    assert code == 0 and "改了名、并入了别的单位，还是撤销了" in said and UNITS[2] in said
    assert (home / "out" / UNITS[2] / REGULATION).exists()


WRONG = [
    ({"并入": {0: "没有的村"}}, "不是名单里的另一个单位"),
    ({"并入": {0: UNITS[0]}}, "不是名单里的另一个单位"),
    ({"撤销日期": {0: "明年"}}, "不是日期"),
    ({"曾用名": {0: "老名", 1: "老名"}}, "也是别的单位的名称"),
    ({"曾用名": {0: UNITS[1]}}, "也是别的单位的名称"),
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("cells", "message"), WRONG)
def test_what_cannot_be_right_is_told_by_its_row(home, cells, message) -> None:
    source = with_life(home / "units.xlsx", **cells)
    old = contents(home / "out")
    report, _ = run_batch(source, home / "out")
    (one,) = [one for one in report.lines[0].findings if one.code == "bad_life"]
    assert message in one.message and one.where.line == 2 and one.hint and states(report)[0] == "errors"
    assert contents(home / "out") == old


@pytest.mark.slow
def test_the_year_of_a_unit_ends_with_it_and_earlier_names_are_its_own(home, tmp_path) -> None:
    record = next((ROOT / "examples/records").glob("02*.yaml"))
    made = api.minutes_fill(api.ListedUnit(home / "units.xlsx", UNITS[0]), record)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox/一.docx").write_bytes(made.data)
    source = renamed(home, 撤销日期={1: "2026-02-01"})
    found = api.units_inbox(source, tmp_path / "inbox", tmp_path / "records")
    assert [(one.state, one.unit, one.target) for one in found.files] == [("sorted", RENAMED, f"{RENAMED}/一.docx")]
    year = api.units_year(source, tmp_path / "records", today="2026-12-01", jobs=1)
    assert year.units[0].records == 1 and not [one for one in year.units[0].findings if one.code == "other_unit"]
    ended, going = (sum(len(duty.overdue) for duty in unit.duties) for unit in year.units[1:])
    assert ended < going
