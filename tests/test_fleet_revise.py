"""The next entry of the histories of all units: seen first, written beside the list, as one profile would have it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from batch_lists import NAME, flat, workbook
from conftest import ROOT
from test_batch import codes
from test_fleet_life import with_life

from toolkit import api
from toolkit.core.findings import UsageError

UNITS = [flat(number)[0][NAME] for number in range(3)]
#: Columns that contradict a history, for they say the same.
SAME = ("文件.发文字号", "文件.成文日期", "文件.通过日期")
NUMBER = "{单位.简称}党字〔{年}〕{序号}号"
HOW = {"organ": "党员大会", "date": "2026-05-07", "issued": "2026-05-08", "number": NUMBER, "jobs": 1}


@pytest.fixture(scope="module")
def listed(tmp_path_factory) -> Path:
    """A list of three villages without what a history says; the last one ended."""
    path = workbook(tmp_path_factory.mktemp("list") / "units.xlsx", 3)
    book = openpyxl.load_workbook(path)
    for cell in book["单位"][1]:
        if cell.value in SAME:
            cell.value = f"#{cell.value}"
    book.save(path)
    return with_life(path, 撤销日期={2: "2026-04-01"})


@pytest.fixture
def source(listed, tmp_path) -> Path:
    return Path(shutil.copy(listed, tmp_path / "units.xlsx"))


def histories(source: Path) -> list[dict[str, str]]:
    with open(source.with_name(f"{source.stem}.沿革.csv"), encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.slow
def test_it_is_seen_before_it_is_written_and_written_once(source) -> None:
    before = source.read_bytes()
    seen = api.units_revise(source, **HOW, check_only=True)
    assert [unit.state for unit in seen.units] == ["would", "would", "over"] and seen.is_fine
    assert [path.name for path in source.parent.iterdir()] == ["units.xlsx"]
    done = api.units_revise(source, **HOW)
    assert [unit.state for unit in done.units] == ["written", "written", "over"]
    assert [unit.changes for unit in done.units] == [unit.changes for unit in seen.units] and done.units[0].changes
    assert [(row["单位"], row["事项"], row["文号"]) for row in histories(source)] == [
        (UNITS[0], "制定", f"{flat(0)[0]['单位.简称']}党字〔2026〕1号"),
        (UNITS[1], "制定", f"{flat(1)[0]['单位.简称']}党字〔2026〕2号"),
    ]
    written = source.with_name("units.沿革.csv").read_bytes()
    again = api.units_revise(source, **HOW)
    assert [unit.state for unit in again.units] == ["same", "same", "over"]
    assert source.with_name("units.沿革.csv").read_bytes() == written and source.read_bytes() == before


@pytest.mark.slow
def test_a_set_is_that_of_one_profile_with_the_same_history(source, tmp_path) -> None:
    api.units_profiles(source, tmp_path / "alone", base=None)
    alone = tmp_path / "alone" / f"{UNITS[1]}.yaml"
    number = f"{flat(1)[0]['单位.简称']}党字〔2026〕2号"
    api.units_revise(source, **HOW)
    single = api.revise(alone, organ="党员大会", date="2026-05-07", issued="2026-05-08", number=number)
    found = api.units_revise(source, **{**HOW, "date": "2027-05-07", "issued": "", "number": "", "note": "第{序号}个"})
    assert found.units[1].event == "修订" and histories(source)[3]["说明"] == "第2个"
    again = api.revise(alone, organ="党员大会", date="2027-05-07", note="第2个")
    assert single.event == "制定" and again.changes == found.units[1].changes
    listed = api.make(api.ListedUnit(source, UNITS[1]), only=["regulation"])
    assert (
        listed.files["01-意识形态工作责任制实施办法.docx"]
        == (api.make(alone, only=["regulation"]).files["01-意识形态工作责任制实施办法.docx"])
    )


def test_rows_of_the_list_itself_and_of_the_shared_profile_come_first(source, tmp_path) -> None:
    book = openpyxl.load_workbook(source)
    sheet = book.create_sheet("沿革")
    sheet.append(["单位", "事项", "通过机关", "通过日期"])
    sheet.append([UNITS[0], "制定", "党员大会", "2021-03-02"])
    book.save(source)
    base = tmp_path / "base.yaml"
    base.write_text("单位类型: 村\n", encoding="utf-8")
    base.with_name("base.history.yaml").write_text(
        "- {事项: 制定, 通过机关: 党员大会, 通过日期: 2022-03-02}\n", encoding="utf-8"
    )
    found = api.units_revise(source, base=base, **HOW)
    assert [unit.event for unit in found.units] == ["修订", "修订", ""]
    rows = [(row["单位"], row["事项"], row["通过日期"]) for row in histories(source)]
    assert rows == [
        (UNITS[0], "修订", "2026-05-07"),
        (UNITS[1], "制定", "2022-03-02"),
        (UNITS[1], "修订", "2026-05-07"),
    ]
    text = api.prepare(api.ListedUnit(source, UNITS[0], base)).resolved.values["history"]
    assert [entry["date"] for entry in text] == ["2021-03-02", "2026-05-07"]


@pytest.mark.slow
def test_units_with_errors_are_named_once_and_the_others_written(source) -> None:
    one = {**HOW, "number": "柳党字〔{年}〕1号"}
    found = api.units_revise(source, **one)
    assert codes(found.units[0].findings) == ["duplicate_number"] and not found.is_fine
    assert not source.with_name("units.沿革.csv").exists()
    said = api.units_report(found, "text").decode()
    assert said.count("有 2 个单位一样") == 1 and "2 个单位（第 2 行、第 3 行）" in said
    found = api.units_revise(source, **{**HOW, "number": "{机关代字}{序号}号"})
    assert codes(found.units[0].findings) == ["no_pattern_value"]
    with pytest.raises(UsageError, match="代字"):
        api.units_revise(source, **{**HOW, "number": "{代字}{序号}号"})
    workbook(source, 3)  # with 发文字号 and 通过日期 of its own
    found = api.units_revise(source, **HOW)
    assert (
        set(codes(found.units[0].findings)) == {"history_conflict"} and "列名前加 #" in found.units[0].findings[0].hint
    )


@pytest.mark.slow
def test_a_folder_of_profiles_has_a_history_file_each(source, tmp_path, run) -> None:
    folder = tmp_path / "profiles"
    api.units_profiles(source, folder)
    args = ("units", "revise", folder, "--adopted-by", "党员大会", "--date", "2026-05-07", "--number", NUMBER)
    code, said, _ = run(*args, "--check", "-f", "json")
    assert code == 0 and not list(folder.glob("*.history.yaml"))
    assert {unit["state"] for unit in json.loads(said)["units"]} == {"would"}
    code, said, _ = run(*args, "--first", "7", "-o", tmp_path / "沿革.xlsx")
    assert code == 0 and len(list(folder.glob("*.history.yaml"))) == 3
    numbers = [row[7] for row in openpyxl.load_workbook(tmp_path / "沿革.xlsx").active.iter_rows(2, values_only=True)]
    assert [number[-2:] for number in numbers] == ["7号", "8号", "9号"]
    code, said, _ = run(*args, "--first", "7")
    assert code == 0 and "已经写过 3" in said


@pytest.mark.slow
def test_kinds_are_revised_apart(source, tmp_path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy(ROOT / "examples" / "school.yaml", folder)
    api.units_profiles(source, folder)
    found = api.units_revise(folder, **{**HOW, "kind": "村", "check_only": True})
    assert len(found.units) == 3 and all(unit.state == "would" for unit in found.units)
    assert not api.units_revise(folder, **{**HOW, "kind": "医院", "check_only": True}).units
