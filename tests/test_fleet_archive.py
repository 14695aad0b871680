"""The archive of a year: every file byte for byte, lists that tell what changed, nothing ever written over."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from batch_lists import NAME, flat, workbook
from conftest import ROOT
from test_batch import codes
from test_batch import run as run_batch
from test_fleet_life import with_life
from test_review_cli import replaced

from toolkit import api
from toolkit.core.findings import FileError, UsageError

UNITS = [flat(number)[0][NAME] for number in range(3)]
OTHER = "02-阵地管理制度.docx"
RECORDS = sorted((ROOT / "examples/records").glob("0[2-4]*.yaml"))


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Three villages: an edited set, a set as a zip only, one that ended in summer; records of the first, one of last year."""
    home = tmp_path_factory.mktemp("home")
    run_batch(workbook(home / "units.xlsx", 3), home / "out")
    with_life(home / "units.xlsx", 撤销日期={2: "2026-07-01"})
    replaced(home / "out" / UNITS[0] / OTHER, "应当", "务必")
    shutil.make_archive(str(home / "out" / UNITS[1]), "zip", home / "out" / UNITS[1])
    shutil.rmtree(home / "out" / UNITS[1])
    kept = home / "records" / UNITS[0] / "一季度"
    kept.mkdir(parents=True)
    for path in RECORDS:
        shutil.copy(path, kept)
    (kept / "去年.yaml").write_text(RECORDS[1].read_text(encoding="utf-8").replace("2026", "2025"), encoding="utf-8")
    text = RECORDS[1].read_text(encoding="utf-8")
    (kept / "哪天.yaml").write_text(re.sub("2026-[0-9]{2}-[0-9]{2}", "开春", text), encoding="utf-8")
    (kept / "签到.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    return home


def archive(home: Path, out: Path, **options):
    how = {"year": 2026, "jobs": 1, **options}
    return api.units_archive(home / "units.xlsx", home / "out", home / "records", out, **how)


@pytest.fixture(scope="module")
def whole(home, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("archive") / "2026"
    assert [unit.state for unit in archive(home, out).units] == ["written"] * 3
    return out


@pytest.fixture
def copy(whole, tmp_path) -> Path:
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".toolkit" not in path.parts
    }


@pytest.mark.slow
def test_sets_and_records_are_there_byte_for_byte(home, whole) -> None:
    there = tree(whole)
    for name, data in tree(home / "out" / UNITS[0]).items():
        assert there[f"{UNITS[0]}/制度文件/{name}"] == data
    with zipfile.ZipFile(home / "out" / f"{UNITS[1]}.zip") as packed:
        for name in packed.namelist():
            assert (
                name.startswith(".toolkit")
                or name.endswith("/")
                or (there[f"{UNITS[1]}/制度文件/{name}"] == packed.read(name))
            )
    records = tree(home / "records" / UNITS[0])
    taken = {name.partition("/记录/")[2]: data for name, data in there.items() if f"{UNITS[0]}/记录/" in name}
    assert taken == {name: data for name, data in records.items() if "去年" not in name} and len(taken) == 5


def test_pages_lead_to_every_file_and_say_what_is_left_out(home, whole) -> None:
    page = (whole / UNITS[0] / "index.html").read_text(encoding="utf-8")
    assert "一季度/去年.yaml" in page and "改过或者填过" in page and page.count("改过或者填过") == 1
    for name in tree(whole / UNITS[0]):
        assert name in ("index.html", "清单.sha256") or Path(name).name in page
    assert "只说明没有收到" in (whole / UNITS[2] / "index.html").read_text(encoding="utf-8")
    top = (whole / "index.html").read_text(encoding="utf-8")
    assert top.index(UNITS[0]) < top.index(UNITS[1]) < top.index(UNITS[2]) and "2026-07-01撤销" in top


def test_other_programs_can_check_the_lists(whole) -> None:
    for folder in (whole, *(whole / unit for unit in UNITS)):
        lines = (folder / "清单.sha256").read_text(encoding="utf-8").splitlines()
        assert lines == sorted(lines, key=lambda line: line[66:])
        for digest, name in (line.split("  ", 1) for line in lines):
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "-c", "--quiet", "清单.sha256"], cwd=whole / UNITS[0], check=True)


@pytest.mark.slow
def test_the_same_files_give_the_same_bytes_and_a_second_run_writes_nothing(home, whole, tmp_path) -> None:
    archive(home, tmp_path / "again")
    assert tree(tmp_path / "again") == tree(whole)
    before = {path: path.stat().st_mtime_ns for path in (whole / UNITS[0]).rglob("*")}
    assert [unit.state for unit in archive(home, whole).units] == ["same"] * 3
    assert {path: path.stat().st_mtime_ns for path in (whole / UNITS[0]).rglob("*")} == before
    archive(home, tmp_path / "zips", zipped=True)
    with zipfile.ZipFile(tmp_path / "zips" / f"{UNITS[0]}.zip") as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == tree(whole / UNITS[0])
    assert api.units_archive_check(tmp_path / "zips").is_fine
    assert api.units_archive_check(tmp_path / "zips" / f"{UNITS[0]}.zip").fine == len(tree(whole / UNITS[0])) - 1


def test_an_archive_is_never_written_over_and_a_killed_run_goes_on(home, copy, whole) -> None:
    record = copy / UNITS[0] / "记录" / "一季度" / "签到.jpg"
    record.write_bytes(b"other")
    (copy / UNITS[0] / "清单.sha256").write_text("", encoding="utf-8")
    shutil.rmtree(copy / UNITS[1])
    left = copy / ".toolkit" / "parts" / "0123"
    left.mkdir(parents=True)
    (left / "half.docx").write_bytes(b"PK")
    found = archive(home, copy)
    assert [unit.state for unit in found.units] == ["errors", "written", "same"] and not found.is_fine
    assert codes(found.units[0].findings) == ["archive_differs"] and record.read_bytes() == b"other"
    assert tree(copy / UNITS[1]) == tree(whole / UNITS[1]) and not left.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "archive_changed"),
        (lambda path: path.unlink(), "archive_missing"),
        (lambda path: path.with_name("添的.docx").write_bytes(b""), "archive_extra"),
        (lambda path: (path.parents[1] / "清单.sha256").write_text("../x\n", encoding="utf-8"), "archive_list"),
    ],
)
def test_a_check_names_what_changed(copy, run, change, code) -> None:
    change(copy / UNITS[0] / "制度文件" / OTHER)
    found = api.units_archive_check(copy)
    assert code in codes(found.findings) and found.is_fine is (code == "archive_extra")
    assert any(UNITS[0] in one.where.file for one in found.findings)
    exit_code, said, _ = run("units", "archive", "--check", copy, "-f", "json")
    assert exit_code == (0 if found.is_fine else 1) and len(json.loads(said)["findings"]) == len(found.findings)


@pytest.mark.slow
def test_what_cannot_be_archived_is_named(home, tmp_path) -> None:
    folder = tmp_path / "home"
    shutil.copytree(home, folder)
    kept = folder / "records" / UNITS[0]
    os.symlink(folder / "units.xlsx", kept / "link.xlsx")
    (kept / "会议:记录.txt").write_text("x", encoding="utf-8")
    shutil.rmtree(folder / "out" / UNITS[2])
    found = archive(folder, tmp_path / "2026")
    assert codes(found.units[0].findings) == ["not_archived"] * 2 and not found.is_fine
    assert found.units[2].state == "empty" and found.units[2].is_fine
    with pytest.raises(UsageError):
        archive(folder, folder / "records" / "2026")
    with pytest.raises(FileError):
        api.units_archive_check(folder)


def test_the_command_says_what_it_needs_and_what_it_did(home, tmp_path, run) -> None:
    code, said, _ = run(
        "units",
        "archive",
        home / "units.xlsx",
        home / "out",
        "--records",
        home / "records",
        "--year",
        "2026",
        "-o",
        tmp_path / "2026",
        "--jobs",
        "1",
    )
    assert code == 0 and "已归档 3" in said and "别的年度的记录 1 份不在内" in said and "排名" not in said
    code, said, _ = run("units", "archive", "--check", tmp_path / "2026")
    assert code == 0 and "没有问题" in said
    code, _, said = run(
        "units", "archive", home / "units.xlsx", home / "out", "--records", home / "records", "-o", tmp_path / "x"
    )
    assert code == 2 and "--year" in said
