"""Many units in one run: the same files as one by one, nothing twice, nobody stopped by another."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest
from batch_lists import NAME, contents, csv_list, flat, members, workbook
from conftest import ROOT

from toolkit import app
from toolkit.batch import Event, Options, batch, source
from toolkit.batch.listing import read_list
from toolkit.batch.report import as_data, book
from toolkit.batch.state import State
from toolkit.batch.work import Settings, Shared
from toolkit.core.data_folders import Where
from toolkit.core.findings import FindingsError, UsageError


def run(source: Path, out: Path, **options):
    events: list[Event] = []
    report = batch(source, out, Options(**{"jobs": 1, **options}), events.append)
    return report, events


def states(report) -> list[str]:
    return [line.state for line in report.lines]


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> tuple[Path, Path]:
    """A list of three villages and the folders that a run made of it."""
    folder = tmp_path_factory.mktemp("three")
    source = workbook(folder / "units.xlsx", 3)
    report, _ = run(source, folder / "out")
    assert states(report) == ["done"] * 3
    return source, folder / "out"


@pytest.mark.slow
def test_a_row_gives_what_its_profile_gives(three, tmp_path):
    import county

    _, out = three
    profile = tmp_path / "unit.yaml"
    profile.write_text(county.village(1), encoding="utf-8")
    app.generate(profile, tmp_path / "alone")
    alone = tmp_path / "alone"
    there = out / flat(1)[0][NAME]
    files = {str(path.relative_to(alone)): path.read_bytes() for path in alone.rglob("*") if path.is_file()}
    assert len(files) > 70
    assert files == {str(path.relative_to(there)): path.read_bytes() for path in there.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_processes_and_zips_give_the_same_files(three, tmp_path):
    source, out = three
    report, _ = run(source, tmp_path / "two", jobs=2)
    assert states(report) == ["done"] * 3
    assert contents(tmp_path / "two") == contents(out)
    run(source, tmp_path / "zip", zipped=True)
    for path in (tmp_path / "zip").glob("*.zip"):
        files = {p.name: p.read_bytes() for p in (out / path.stem).iterdir() if p.is_file()}
        assert members(path) == files
    assert len(list((tmp_path / "zip").glob("*.zip"))) == 3


@pytest.mark.slow
def test_a_base_profile_is_replaced_by_cells(tmp_path, village_profile):
    (tmp_path / "u.csv").write_text(
        "单位.全称,unit.short_name,村民小组\n青禾县东河镇新村,新村,甲组、乙组\n青禾县东河镇老村,,\n", encoding="utf-8"
    )
    report, events = run(tmp_path / "u.csv", tmp_path / "out", base=village_profile)
    assert states(report) == ["done"] * 2
    first = (tmp_path / "out/青禾县东河镇新村/resolved.yaml").read_text(encoding="utf-8")
    assert "甲组" in first and "一组" not in first and "value: 新村" in first and "柳河村村务群" in first
    second = (tmp_path / "out/青禾县东河镇老村/resolved.yaml").read_text(encoding="utf-8")
    assert "一组" in second and "value: 柳河村" in second  # an empty cell leaves what the base says


def test_a_base_profile_has_sections_for_kinds(tmp_path):
    base, units = tmp_path / "base.yaml", tmp_path / "u.csv"
    base.write_text(
        "联系方式: {电话: 0471-0000000}\n解释机构: 县委宣传部\n各类单位:\n  村:\n    文件: {主送: 各村民小组}\n"
        "  school:\n    联系方式: {电话: 不知道}\n    文件: {主送: 各年级组}\n",
        encoding="utf-8",
    )
    units.write_text("单位类型,单位.全称,文件.抄送\n村,甲村,镇\n学校,乙校,\nvillage,丙村,\n", encoding="utf-8")
    shared = Shared(Settings(Options(base=base)).absolute())
    listed = read_list(units, Options(base=base), shared)
    profiles = [shared.profile(unit.source) for unit in listed.units]
    data = [profile.raw.data for profile in profiles]
    assert [one["文件"]["主送"] for one in data] == ["各村民小组", "各年级组", "各村民小组"]
    assert data[0]["文件.抄送"] == "镇" and data[0]["联系方式"] == {"电话": "0471-0000000"}
    assert data[1]["联系方式"] == {"电话": "不知道"} and all("各类单位" not in one for one in data)
    assert (
        profiles[1].raw.place(("联系方式", "电话")).line == 7 and profiles[0].raw.place(("联系方式", "电话")).line == 1
    )
    assert pickle.loads(pickle.dumps(shared.settings)).lister.by_kind.keys() == {"村", "school"}
    base.write_text("各类单位:\n  医馆: {文件: {主送: 甲}}\n  村:\n", encoding="utf-8")
    with pytest.raises(FindingsError) as caught:
        read_list(units, Options(base=base), Shared(Settings(Options(base=base))))
    assert codes(caught.value.findings) == ["bad_base_section"] * 2
    assert [one.where.line for one in caught.value.findings] == [2, 3]


def test_an_emptied_cell_takes_away(tmp_path, village_profile):
    (tmp_path / "u.csv").write_text("单位.全称,联络人.备用电话\n青禾县东河镇新村,（空）\n", encoding="utf-8")
    run(tmp_path / "u.csv", tmp_path / "out", base=village_profile)
    assert "0471-0000001" not in (tmp_path / "out/青禾县东河镇新村/resolved.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_units_with_errors_fail_by_row_and_column_and_the_others_go_on(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 4, {(1, "党组织.党员人数"): "abc", (2, "党组织.形式"): "党组"})
    report, events = run(source, tmp_path / "out")
    assert states(report) == ["done", "errors", "errors", "done"]
    told = [finding for event in events for finding in event.findings if finding.severity == "error"]
    where = {(f.code, f.where.file, f.where.line, f.where.column) for f in told}
    assert ("bad_value", f"{source} [单位]", 3, 6) in where and (
        "party_form_invalid",
        f"{source} [单位]",
        4,
        5,
    ) in where
    assert len(list((tmp_path / "out").glob("青禾县*"))) == 2
    again, _ = run(source, tmp_path / "out")
    assert states(again) == ["unchanged", "errors", "errors", "unchanged"]


@pytest.mark.slow
def test_errors_of_the_whole_set_are_found_before_the_unit_is_written(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 2, {(1, "上级.党组织"): "青禾县委"})
    report, _ = run(source, tmp_path / "out")
    assert codes(report.lines[1].findings) and states(report)[0] == "done"


@pytest.mark.slow
def test_strict_writes_nothing_and_check_neither(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 2, {(1, "党组织.党员人数"): "2"})
    with pytest.raises(FindingsError) as caught:
        run(source, tmp_path / "out", strict=True)
    assert "party_size" in codes(caught.value.findings)
    assert not list((tmp_path / "out").glob("青禾县*"))
    report, _ = run(source, tmp_path / "out", check_only=True)
    assert states(report) == ["checked", "errors"] and not list((tmp_path / "out").glob("青禾县*"))


@pytest.mark.slow
def test_only_what_changed_is_made_again(three, tmp_path):
    source, made = three
    out = tmp_path / "out"
    shutil.copytree(made, out, copy_function=shutil.copy2)
    before = {path: path.stat().st_mtime_ns for path in out.glob("青禾县*/*.docx")}
    report, events = run(source, out)
    assert states(report) == ["unchanged"] * 3
    assert [event for event in events if event.what == "begin"][0].unchanged == 3
    changed = workbook(tmp_path / "u.xlsx", 3, {(2, "村情.村民小组"): "东组、西组"})
    report, _ = run(changed, out)
    assert states(report) == ["unchanged", "unchanged", "done"]
    name = flat(2)[0][NAME]
    assert all(path.stat().st_mtime_ns == moment for path, moment in before.items() if path.parent.name != name)
    next((out / flat(0)[0][NAME]).glob("01-*")).unlink()
    report, _ = run(changed, out)
    assert states(report) == ["done", "unchanged", "unchanged"]
    report, _ = run(changed, out, where=Where(date="2026-02-03"))
    assert states(report) == ["done"] * 3


@pytest.mark.slow
def test_units_that_left_the_list_stay_and_are_listed(three, tmp_path):
    _, made = three
    shutil.copytree(made, tmp_path / "out", copy_function=shutil.copy2)
    report, _ = run(workbook(tmp_path / "u.xlsx", 2), tmp_path / "out")
    assert [name for name, _, _ in report.gone] == [flat(2)[0][NAME]]
    assert (tmp_path / "out" / flat(2)[0][NAME] / "manifest.json").exists()


@pytest.mark.slow
def test_an_edited_file_stops_its_unit_only(three, tmp_path):
    source, made = three
    out = tmp_path / "out"
    shutil.copytree(made, out, copy_function=shutil.copy2)
    edited = next((out / flat(0)[0][NAME]).glob("01-*"))
    edited.write_bytes(b"by hand")
    for _ in range(2):  # this version says what was generated: the edit stands, and nothing is refused
        report, _ = run(source, out)
        assert states(report) == ["kept", "unchanged", "unchanged"] and report.is_fine
    other = workbook(tmp_path / "v.xlsx", 3, {(0, "单位.简称"): "改村"})
    before = report.lines[0].version
    report, _ = run(other, out)
    assert states(report)[0] == "refused" and report.lines[0].version == before and report.lines[0].facts
    assert edited.read_bytes() == b"by hand" and "edited" in codes(report.lines[0].findings)
    assert "toolkit units merge" in report.lines[0].findings[-1].hint
    report, _ = run(other, out, force=True)
    assert states(report)[0] == "done" and "put_aside" in codes(report.lines[0].findings)
    assert (edited.parent / ".toolkit/旧" / edited.name).read_bytes() == b"by hand"


@pytest.mark.slow
def test_a_changed_zip_is_not_overwritten(tmp_path):
    source, out = workbook(tmp_path / "u.xlsx", 1), tmp_path / "out"
    run(source, out, zipped=True)
    path = next(out.glob("*.zip"))
    other = workbook(tmp_path / "v.xlsx", 1, {(0, "村情.村民小组"): "东组、西组"})
    report, _ = run(other, out, zipped=True)  # its own zip, unchanged: is replaced
    assert states(report) == ["done"]
    path.write_bytes(path.read_bytes() + b"x")
    report, _ = run(source, out, zipped=True)
    assert states(report) == ["refused"]
    report, _ = run(source, out, zipped=True, force=True)
    assert states(report) == ["done"] and list((out / ".toolkit/旧").iterdir())


def test_a_folder_that_cannot_be_written_fails_by_name(tmp_path):
    source, out = workbook(tmp_path / "u.xlsx", 2), tmp_path / "out"
    out.mkdir()
    (out / flat(0)[0][NAME]).write_text("a file in the way")
    report, _ = run(source, out)
    assert states(report) == ["files", "done"] and report.lines[0].findings[0].code == "not_a_folder"
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["counts"]["files"] == 1


@pytest.mark.slow
def test_shards_are_the_whole_and_nothing_twice(three, tmp_path):
    source, made = three
    for number in (1, 2):
        run(source, tmp_path / "out", shard=(number, 2))
    assert contents(tmp_path / "out") == contents(made)
    listed = [json.loads((tmp_path / f"out/report-{n}-of-2.json").read_text(encoding="utf-8"))["units"] for n in (1, 2)]
    assert sum(map(len, listed)) == 3
    report, _ = run(source, tmp_path / "out")  # the whole takes over what its shards did
    assert states(report) == ["unchanged"] * 3 and contents(tmp_path / "out") == contents(made)
    joined = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))["units"]
    facts = [{name: value for name, value in unit.items() if name != "state"} for unit in joined]
    alone = [{name: value for name, value in unit.items() if name != "state"} for part in listed for unit in part]
    assert sorted(map(str, facts)) == sorted(map(str, alone))
    edited = next((tmp_path / "out" / report.lines[0].target).glob("02-*.docx"))
    edited.write_bytes(b"")
    assert sorted(states(run(source, tmp_path / "out", force=True)[0])) == ["done", "unchanged", "unchanged"]


@pytest.mark.slow
def test_a_folder_of_profiles_is_named_by_its_units(tmp_path):
    import county

    county.write_villages(tmp_path, 2)
    (tmp_path / "unit0000.history.yaml").write_text(
        "- {事项: 制定, 通过机关: 党员大会, 通过日期: 2026-01-04}\n", encoding="utf-8"
    )
    (tmp_path / "broken.yaml").write_text("单位类型: 行政村\n单位: [", encoding="utf-8")
    first, second = (flat(number)[0][NAME] for number in range(2))
    report, _ = run(tmp_path, tmp_path / "out", zipped=True)
    assert [(line.name, line.row, line.state) for line in report.lines] == [
        ("broken", "broken.yaml", "errors"),
        (first, "unit0000.yaml", "done"),
        (second, "unit0001.yaml", "done"),
    ]
    assert {path.stem for path in (tmp_path / "out").glob("*.zip")} == {first, second}
    shutil.copy(tmp_path / "unit0001.yaml", tmp_path / "unit9999.yaml")  # nobody knows which is meant
    report, _ = run(tmp_path, tmp_path / "out", zipped=True)
    assert states(report) == ["errors", "unchanged", "errors", "errors"]
    for line in report.lines[2:]:
        assert codes(line.findings) == ["duplicate_unit"] and "unit0001.yaml、unit9999.yaml" in line.findings[0].message
        assert line.findings[0].where.file.endswith(line.row)


@pytest.mark.slow
def test_profiles_of_a_folder_that_are_done_are_not_read_for_their_names(tmp_path, monkeypatch):
    import county

    county.write_villages(tmp_path, 2)
    run(tmp_path, tmp_path / "out", zipped=True)
    changed = tmp_path / "unit0001.yaml"
    changed.write_text(county.village(2), encoding="utf-8")
    read: list[str] = []
    real = source.read_profile
    monkeypatch.setattr(source, "read_profile", lambda path: read.append(Path(path).name) or real(path))
    report, _ = run(tmp_path, tmp_path / "out", zipped=True)
    assert [line.name for line in report.lines] == [flat(0)[0][NAME], flat(2)[0][NAME]] and states(report) == [
        "unchanged",
        "done",
    ]
    assert set(read) == {"unit0001.yaml"}
    assert [name for name, _, _ in report.gone] == [flat(1)[0][NAME]]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_profile_that_cannot_be_read_fails_alone(tmp_path):
    import county

    county.write_villages(tmp_path, 1)
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    report, _ = run(tmp_path, tmp_path / "out", zipped=True)
    assert [(line.name, line.state) for line in report.lines] == [("gone", "files"), (flat(0)[0][NAME], "done")]
    assert codes(report.lines[0].findings) == ["file_not_found"]


@pytest.mark.slow
def test_a_process_that_is_killed_loses_no_unit(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 8)

    killed = []

    def kill_once(event: Event) -> None:
        if event.what == "unit" and not killed:
            killed.append(min(child.pid for child in active_children()))
            os.kill(killed[0], signal.SIGKILL)

    report = batch(source, tmp_path / "out", Options(jobs=2, zipped=True), kill_once)
    assert killed and states(report) == ["done"] * 8
    run(source, tmp_path / "calm", zipped=True)
    assert contents(tmp_path / "out") == contents(tmp_path / "calm")


COMMAND = [sys.executable, "-m", "toolkit", "batch"]


@pytest.mark.slow
@pytest.mark.parametrize("zipped", [True, False])
def test_killed_at_any_moment_and_resumed(tmp_path, zipped):
    source = workbook(tmp_path / "u.xlsx", 6)
    run(source, tmp_path / "calm", zipped=zipped)
    wanted = contents(tmp_path / "calm")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for moment in (0.5, 0.9, 1.1, 1.3, 1.5, 1.8, 2.2):
        out = tmp_path / f"out{moment}"
        command = [*COMMAND, str(source), "-o", str(out), "--jobs", "2", *["--zip"] * zipped]
        child = subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moment)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for name, data in contents(out).items() if out.exists() else ():
            assert data == wanted[name], f"{name} carries its final name and is not whole"
        again = [*command, *["--resume"] * (out / ".toolkit").exists()]
        assert subprocess.run(again, env=environment, cwd=ROOT, capture_output=True, check=False).returncode == 0
        assert contents(out) == wanted
        assert not (out / ".toolkit/parts").exists()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _waited(seconds: float, done) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():
        time.sleep(0.05)
    return done()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are listed in /proc")
def test_workers_end_with_their_parent(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 40)
    command = [*COMMAND, str(source), "-o", str(tmp_path / "out"), "--jobs", "2"]
    parent = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert _waited(60, lambda: len(_children(parent.pid)) >= 2)
    workers = _children(parent.pid)
    parent.kill()
    parent.wait()
    assert _waited(20, lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


@pytest.mark.slow
def test_a_torn_line_of_the_state_counts_as_nothing(three, tmp_path):
    source, made = three
    shutil.copytree(made, tmp_path / "out", copy_function=shutil.copy2)
    path = tmp_path / "out/.toolkit/state.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    assert len(State(path.parent).load()) == 2
    report, _ = run(source, tmp_path / "out")
    assert sorted(states(report)) == ["done", "unchanged", "unchanged"]
    assert len(State(path.parent).load()) == 3


@pytest.mark.slow
def test_resume_needs_something_to_go_on_with(three, tmp_path):
    source, made = three
    with pytest.raises(UsageError):
        run(source, tmp_path / "none", resume=True)
    shutil.copytree(made, tmp_path / "out", copy_function=shutil.copy2)
    assert states(run(source, tmp_path / "out", resume=True)[0]) == ["unchanged"] * 3
    (tmp_path / "begun/.toolkit").mkdir(parents=True)  # killed before anything was noted
    assert states(run(workbook(tmp_path / "u.xlsx", 1), tmp_path / "begun", resume=True)[0]) == ["done"]


@pytest.mark.slow
def test_reports_answer_about_the_fleet_and_name_nobody(tmp_path):
    changes = {(3, "村情.村民小组"): "（空）", (2, "联络人.电话"): "0471-7654321转x", (1, "党组织.党员人数"): "40"}
    source = workbook(tmp_path / "u.xlsx", 4, changes)
    report, _ = run(source, tmp_path / "out")
    data = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    assert data["counts"]["errors"] == 1 and len(data["units"]) == 4
    assert any(one["units"] == [flat(3)[0][NAME]] for one in data["lacking"])
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    for text in (json.dumps(data, ensure_ascii=False), page):
        assert "7654321" not in text and "某" not in text.replace("甲某（宣传委员）", "")
        for number in range(4):
            assert not [row["姓名"] for row in flat(number)[1]["人员"] if row["姓名"] in text]


@pytest.mark.slow
def test_an_older_preset_is_named(three, tmp_path):
    source, made = three
    out = tmp_path / "out"
    shutil.copytree(made, out, copy_function=shutil.copy2)
    kinds = tmp_path / "kinds"
    shutil.copytree(ROOT / "presets", kinds)
    head = kinds / "village/preset.yaml"
    text = head.read_text(encoding="utf-8")
    version = next(line for line in text.splitlines() if line.startswith("version:"))
    head.write_text(text.replace(version, "version: 99.0.0"), encoding="utf-8")
    report, _ = run(workbook(tmp_path / "u.xlsx", 2), out, where=Where(presets=(kinds,)))
    assert [one.unit for one in report.older()] == [flat(2)[0][NAME]]
    assert report.older()[0].newest == "99.0.0"


def test_the_command(tmp_path):
    from toolkit.cli import cli

    source = workbook(tmp_path / "u.xlsx", 2, {(1, "党组织.党员人数"): "abc"})
    assert cli.main(["batch", str(source), "-o", str(tmp_path / "out"), "--jobs", "1"], standalone_mode=False) == 1
    done = subprocess.run(
        [*COMMAND, str(source), "-o", str(tmp_path / "out"), "--json", "--jobs", "1"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines][-1] == "end" and done.returncode == 1
    assert next(line for line in lines if line["event"] == "begin")["unchanged"] == 1
    assert cli.main(["batch", "-o", str(tmp_path / "o")], standalone_mode=False) == 2
    assert cli.main(["batch", str(source), "-o", str(tmp_path / "o"), "--shard", "3/2"], standalone_mode=False) == 2
    assert cli.main(["batch", str(tmp_path / "none.xlsx"), "-o", str(tmp_path / "o")], standalone_mode=False) == 3


@pytest.mark.slow
def test_csv_is_read_in_both_encodings(tmp_path):
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        report, events = run(csv_list(tmp_path / f"{encoding}.csv", 1, encoding), tmp_path / encoding, check_only=True)
        assert states(report) == ["checked"]
        assert ("encoding_gb18030" in codes(report.findings)) == (encoding == "gb18030")


@pytest.mark.slow
def test_units_of_two_sizes_stand_beside_each_other_with_their_year(tmp_path, village_profile):
    (tmp_path / "u.csv").write_text(
        "单位.全称,单位.简称,规模\n青禾县东河镇新村,新村,精简\n青禾县东河镇老村,老村,完整\n青禾县东河镇中村,中村,大\n",
        encoding="utf-8",
    )
    found, _ = run(tmp_path / "u.csv", tmp_path / "out", base=village_profile, check_only=True)
    assert states(found) == ["checked", "checked", "errors"] and "unknown_size" in codes(found.lines[2].findings)
    new, old, _ = as_data(found)["units"]
    assert (new["size"], old["size"]) == ("精简", "")
    assert 0 < new["occasions"] < new["tasks"] < old["occasions"] < old["tasks"]
    (units,) = [section.blocks[0] for section in book(found).sections if section.heading == "单位"]
    cells = dict(zip((column.name for column in units.columns), next(iter(units.rows)).cells, strict=True))
    assert (cells["规模"], cells["一年的事项"], cells["合为次数"]) == ("精简", new["tasks"], new["occasions"])
