"""Records that come in are sorted to their units by what they say; the year of all tells silence from being overdue."""

from __future__ import annotations

import io
import json
import pickle
import shutil
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
from batch_lists import NAME, flat, workbook
from conftest import ROOT
from pypdf import PdfReader
from test_review_cli import replaced

from toolkit import api
from toolkit.batch.fleet.year import DutyYear, KeptFindings, UnitYear, Year
from toolkit.core.findings import Finding, Place, Severity

UNITS = [flat(number)[0][NAME] for number in range(3)]
RECORDS = sorted((ROOT / "examples/records").glob("0[2-4]*.yaml"))
TODAY = "2026-04-01"


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return workbook(tmp_path_factory.mktemp("list") / "units.xlsx", 3)


@pytest.fixture(scope="module")
def forms(source, tmp_path_factory) -> dict[str, Path]:
    """Filled forms of the first two units as DOCX, and other files, by what they are."""
    folder = tmp_path_factory.mktemp("forms")
    found = {}
    for number in range(2):
        unit = api.prepare(api.ListedUnit(source, UNITS[number]))
        for path in RECORDS:
            made = api.minutes_fill(unit, path)
            found[f"{number}-{path.stem}"] = folder / f"{number}-{path.stem}.docx"
            found[f"{number}-{path.stem}"].write_bytes(made.data)
        if not number:
            (folder / "空白.docx").write_bytes(api.minutes_new(unit, "analysis").data)
            (folder / "办法.docx").write_bytes(
                api.make(unit, only=["regulation"]).files["01-意识形态工作责任制实施办法.docx"]
            )
    found |= {path.stem: path for path in (folder / "空白.docx", folder / "办法.docx")}
    return found


@pytest.fixture
def inbox(forms, tmp_path) -> Path:
    """A stick: forms of two units in folders and under odd names, a copy, and what is none."""
    folder = tmp_path / "inbox"
    (folder / "邮件").mkdir(parents=True)
    for number, path in enumerate(forms.values()):
        shutil.copy(path, folder / ("邮件" if number % 2 else "") / path.name)
    first = next(iter(forms.values()))
    shutil.copy(first, folder / f"{first.stem} - 副本.docx")
    text = RECORDS[0].read_text(encoding="utf-8")
    (folder / "外县.yaml").write_text(f"单位: 外县某镇某村\n{text}", encoding="utf-8")
    (folder / "无名.yaml").write_text(text, encoding="utf-8")
    (folder / "坏.docx").write_bytes(b"PK\x03\x04x")
    (folder / "一包.zip").write_bytes(b"PK\x03\x04")
    (folder / "说明.txt").write_text("请查收", encoding="utf-8")
    return folder


def states(found) -> dict[str, str]:
    return {Path(one.name).stem: one.state for one in found.files}


@pytest.mark.slow
def test_forms_go_to_their_units_byte_for_byte_and_stay(source, inbox, forms, tmp_path) -> None:
    before = {path: path.read_bytes() for path in inbox.rglob("*") if path.is_file()}
    found = api.units_inbox(source, inbox, tmp_path / "records")
    assert {path: path.read_bytes() for path in inbox.rglob("*") if path.is_file()} == before
    for number in range(2):
        own = {path.read_bytes() for name, path in forms.items() if name.startswith(f"{number}-")}
        assert {path.read_bytes() for path in (tmp_path / "records" / UNITS[number]).iterdir()} == own
    said = states(found)
    assert [said[name] for name in forms] == ["sorted"] * 6 + ["blank", "other"]
    assert said["外县"] == said["无名"] == "doubtful" and said["坏"] == said["一包"] == "unread"
    assert said[f"{next(iter(forms))} - 副本"] == "known" and found.silent == (UNITS[2],) and not found.is_fine
    reasons = {Path(one.name).stem: one.reason for one in found.files if one.state in ("doubtful", "unread")}
    assert "外县某镇某村" in reasons["外县"] and "没有写明" in reasons["无名"] and all(reasons.values())


@pytest.mark.slow
def test_a_second_time_nothing_is_copied_and_another_file_of_the_name_is_kept(source, inbox, forms, tmp_path) -> None:
    kept = tmp_path / "records"
    api.units_inbox(source, inbox, kept)
    before = {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()}
    again = api.units_inbox(source, inbox, kept)
    assert again.count("known") == 7 and not again.count("sorted")
    assert {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()} == before
    shutil.rmtree(inbox)
    inbox.mkdir()
    names = sorted(name for name in forms if name.startswith("0-"))
    shutil.copy(forms[names[0]], inbox / f"{names[1]}.docx")
    (kept / UNITS[0] / f"{names[0]}.docx").unlink()
    found = api.units_inbox(source, inbox, kept)
    assert [one.target for one in found.files] == [f"{UNITS[0]}/{names[1]}-2.docx"]
    assert (kept / UNITS[0] / f"{names[1]}.docx").read_bytes() == forms[names[1]].read_bytes()


@pytest.mark.slow
def test_check_copies_nothing(source, inbox, tmp_path, run) -> None:
    code, said, _ = run("units", "inbox", source, inbox, "-o", tmp_path / "records", "--check")
    assert code == 1 and not (tmp_path / "records").exists() and "收到 6" in said and "要人核对 2" in said
    code, said, _ = run("units", "inbox", source, inbox, "-o", tmp_path / "records", "--check", "-f", "json")
    assert len(json.loads(said)["files"]) == 14


def test_a_form_that_prints_another_unit_than_it_says_is_doubtful(source, forms, tmp_path) -> None:
    (tmp_path / "inbox").mkdir()
    shutil.copy(next(iter(forms.values())), tmp_path / "inbox/一.docx")
    short = [flat(number)[0]["单位.简称"] for number in range(2)]
    replaced(tmp_path / "inbox/一.docx", f"{short[0]}意识形态领域情况", f"{short[1]}意识形态领域情况")
    (one,) = api.units_inbox(source, tmp_path / "inbox", tmp_path / "records").files
    assert one.state == "doubtful" and UNITS[0] in one.reason and UNITS[1] in one.reason


@pytest.fixture
def kept(source, inbox, tmp_path) -> Path:
    api.units_inbox(source, inbox, tmp_path / "records")
    return tmp_path / "records"


@pytest.mark.slow
def test_the_year_of_all_is_the_sum_of_the_registers(source, kept) -> None:
    year = api.units_year(source, kept, today=TODAY, jobs=1)
    assert [unit.unit for unit in year.units] == UNITS
    for unit in year.units[:2]:
        alone = api.register(api.ListedUnit(source, unit.unit), kept / unit.unit, today=TODAY)
        counts = {
            state: sum(row.count(state) for row in alone.statuses)
            for state in ("done", "late", "overdue", "next", "later")
        }
        assert unit.records == alone.scan.read == 3 and unit.overdue == counts["overdue"] > 0
        assert sum(duty.done for duty in unit.duties) == counts["done"] > 0
        assert sum(duty.total for duty in unit.duties) == sum(counts.values())
        assert unit.soon > 0


@pytest.mark.slow
def test_silence_is_told_apart_from_being_overdue(source, kept) -> None:
    year = api.units_year(source, kept, today=TODAY, jobs=1)
    silent = year.units[2]
    assert silent.is_silent and silent.overdue == 0 and year.silent == [UNITS[2]]
    id, label = next((id, label) for id, label in year.duties() if year.of_duty(id)[2])
    assert year.of_duty(id)[0] == sum(year.of_duty(id)[1:]) == 3 and year.of_duty(id)[3] == 1
    text = api.units_report(year, "text").decode()
    assert f"{UNITS[2]}：没有收到记录" in text and "没有收到记录的 1 个" in text and label in text
    assert "排名" not in text and "分数" not in text and "庚某" not in text


@pytest.mark.slow
def test_reports_hold_every_unit_and_no_person(source, kept, tmp_path, run) -> None:
    for name in ("y.xlsx", "y.html", "y.json"):
        code, _, _ = run("units", "year", source, kept, "--today", TODAY, "-o", tmp_path / name, "--jobs", "1")
        assert code == 1
    book = openpyxl.load_workbook(tmp_path / "y.xlsx")
    matrix = [list(row) for row in book["各单位各项职责"].iter_rows(values_only=True)]
    assert [row[1] for row in matrix[1:]] == UNITS and "没有收到记录" in matrix[3]
    assert len(matrix[0]) > 20 and any("逾期" in str(cell) for cell in matrix[1])
    written = (tmp_path / "y.json").read_text(encoding="utf-8")
    data = json.loads(written)
    assert written == json.dumps(data, ensure_ascii=False, indent=2) + "\n"  # unit by unit as all at once
    assert data["no_records"] == [UNITS[2]] and data["units"][0]["overdue"] == len(
        [day for duty in data["units"][0]["duties"] for day in duty["overdue"]]
    )
    assert "庚某" not in (tmp_path / "y.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_for_the_head_of_the_office_has_counts_and_no_names(source, kept, tmp_path, run) -> None:
    year = api.units_year(source, kept, today=TODAY, jobs=1)
    code, _, _ = run("units", "year", source, kept, "--today", TODAY, "-o", tmp_path / "y.docx", "--jobs", "1")
    assert code == 1 and (tmp_path / "y.docx").read_bytes() == api.units_report(year, "docx")
    assert api.units_report(year, "pdf") == api.units_report(year, "pdf")
    document = docx.Document(str(tmp_path / "y.docx"))
    kinds, duties = ([[cell.text for cell in row.cells] for row in table.rows] for table in document.tables)
    heard = year.units[:2]
    done = [sum(getattr(duty, name) for unit in heard for duty in unit.duties) for name in ("done", "late")]
    open_ones = [sum(getattr(unit, name) for unit in heard) for name in ("overdue", "soon")]
    assert kinds[1] == ["村", "3", "2", "1", "6", *map(str, (*done, *open_ones))]
    for id, label in year.duties():
        row = next((row for row in duties if row[0] == label), None)
        having, _, late_units, silent = year.of_duty(id)
        assert row is None or (row[1], row[2], row[4]) == tuple(map(str, (having, late_units, silent)))
        assert row is not None or not late_units
    words = "".join(paragraph.text for paragraph in document.paragraphs) + str(kinds) + str(duties)
    assert not any(name in words for name in (*UNITS, "庚某", "排名"))


def test_the_page_stays_one_page_and_says_what_it_leaves_out() -> None:
    duties = tuple(
        DutyYear(f"d{n}", f"第{n}项名称较长较长的一项职责", 1, 0, ("2026-03-31",) * (n % 3), ("2026-04-20",), 0)
        for n in range(60)
    )
    units = tuple(UnitYear(f"单位{n}", f"第 {n} 行", f"kind{n % 3}", n % 4, duties) for n in range(9))
    year = Year(2026, date(2026, 4, 1), units, {"kind0": "村"})
    assert len(PdfReader(io.BytesIO(api.units_report(year, "pdf"))).pages) == 1
    document = docx.Document(io.BytesIO(api.units_report(year, "docx")))
    shown = [row.cells[0].text for row in document.tables[1].rows][1:]
    words = "".join(paragraph.text for paragraph in document.paragraphs)
    assert 8 < len(shown) < 60 and f"有逾期或者三十天内到期的职责共60项，这里列出涉及单位多的{len(shown)}项" in words
    assert shown == sorted(shown, key=lambda name: int(name[1 : name.index("项")]))
    assert [row.cells[0].text for row in document.tables[0].rows][1:] == ["村", "kind1", "kind2", "合计"]


@pytest.mark.slow
def test_findings_of_a_unit_take_little_room_until_they_are_read() -> None:
    """A thousand units with hundreds of errors each were 1.1 GB in one process."""
    given = tuple(
        Finding(
            "bad_date",
            Severity.ERROR,
            f"“会议日期”：“会议室{n}”不是日期",
            Place(f"{n % 20}.docx", key="会议日期"),
            subject="held_on",
        )
        for n in range(700)
    )
    kept = KeptFindings(given)
    assert (tuple(kept), len(kept), kept[-1], tuple(kept[:2])) == (given, 700, given[-1], given[:2])
    assert len(pickle.dumps(kept)) < 20_000 and not KeptFindings(())
    year = Year(2026, date(2026, 4, 1), tuple(UnitYear(f"单位{n}", str(n), records=1, findings=kept) for n in range(3)))
    assert not year.is_fine
    rows = [
        row[:2] for row in openpyxl.load_workbook(io.BytesIO(api.units_report(year, "xlsx")))["记录里的问题"].values
    ]
    assert [rows.count((str(n), f"单位{n}")) for n in range(3)] == [700] * 3


@pytest.mark.slow
def test_records_of_another_unit_count_for_nobody(source, kept) -> None:
    alone = kept.parent / "alone"
    shutil.copytree(kept, alone)
    for path in (kept / UNITS[1]).iterdir():
        shutil.copy(path, kept / UNITS[0] / f"别村{path.name}")
    before = api.units_year(source, kept, today=TODAY, jobs=1).units[1]
    found = api.units_year(source, kept, today=TODAY, jobs=1).units[0]
    assert [one.code for one in found.findings].count("other_unit") == 3 and before.records == 3
    assert found.duties == api.units_year(source, alone, today=TODAY, jobs=1).units[0].duties
    above = api.register(api.ListedUnit(source, UNITS[0]), kept, today=TODAY)  # the folder above all units
    assert sum(one.code == "other_unit" for one in above.findings) >= 3


@pytest.mark.slow
def test_a_unit_without_a_usable_profile_is_named(kept, tmp_path) -> None:
    wrong = workbook(tmp_path / "units.xlsx", 3, {(1, "单位类型"): "没有这一类"})
    year = api.units_year(wrong, kept, today=TODAY, jobs=1)
    assert [unit.wrong.code if unit.wrong else "" for unit in year.units] == [
        "",
        "unknown_kind",
        "",
    ] and not year.is_fine
    with pytest.raises(api.FileError):
        api.units_year(wrong, tmp_path / "nowhere", today=TODAY)
