"""Full disks and folders without permission: that unit fails by its name, the rest go on, the report says so."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys

import pytest
from batch_lists import NAME, contents, flat, workbook
from conftest import ROOT
from test_full_disk import on_small_disk

from toolkit import output
from toolkit.batch import Options, batch
from toolkit.core.findings import FileError

NAMES = [flat(number)[0][NAME] for number in range(3)]
#: A set is 0.7 MB as a zip, 1.6 MB as a folder: leaves room for one and the reports, or for nothing at all.
FILL = (
    "dd if=/dev/zero of=filler bs=1k count=$(( $(stat -f -c %a .) * $(stat -f -c %S .) / 1024 - {left} )) status=none"
)
LIST = 'find . -type f ! -name filler ! -name "report*" | sort'


@pytest.mark.slow
@pytest.mark.parametrize(("form", "left"), [("--zip", 900), ("", 2200)])
def test_units_that_find_no_room_fail_by_name_and_the_next_run_makes_them(tmp_path, form, left):
    workbook(tmp_path / "unit.yaml", 3).rename(tmp_path / "u.xlsx")
    run = f'$toolkit batch "{tmp_path}/u.xlsx" -o out {form} --jobs 1'
    steps = (
        FILL.format(left=left),
        f"{run} 2>&1",
        "echo code $?",
        "cat out/report.json > $unit.json",
        "echo files",
        LIST,
        "rm filler",
        f"{run} --resume > /dev/null 2>&1",
        "echo code $?",
        f'cp -r out "{tmp_path}/after"',
    )
    done = on_small_disk(tmp_path, "12m", ";".join(steps))
    assert "Traceback" not in done.stdout + done.stderr
    said, _, files = done.stdout.partition("code 3\nfiles\n")
    assert files.endswith("code 0\n"), done.stdout + done.stderr
    told = json.loads((tmp_path / "unit.yaml.json").read_text(encoding="utf-8"))
    states = [unit["state"] for unit in told["units"]]
    assert states == ["done", "files", "files"] and told["counts"]["files"] == 2
    for name, unit in zip(NAMES[1:], told["units"][1:], strict=True):
        assert f"{name}（第 " in said and "磁盘已满" in unit["findings"][0]["message"] and name not in files
    assert "parts" not in files and "stage" not in files and "lock" not in files
    batch(tmp_path / "u.xlsx", tmp_path / "calm", Options(jobs=1, zipped=bool(form)))
    assert contents(tmp_path / "after") == contents(tmp_path / "calm")


@pytest.mark.slow
def test_a_run_on_a_disk_without_any_room_leaves_no_lock(tmp_path):
    workbook(tmp_path / "unit.yaml", 1).rename(tmp_path / "u.xlsx")
    run = f'$toolkit batch "{tmp_path}/u.xlsx" -o out --zip --jobs 1'
    steps = (
        "mkdir -p out/.toolkit",
        "cat /dev/zero > filler",
        run,
        "echo code $?",
        run,
        "echo code $?",
        LIST,
        "rm filler",
        f"{run} > /dev/null",
        "echo code $?",
    )
    done = on_small_disk(tmp_path, "3m", ";".join(steps))
    assert done.stdout == "code 3\ncode 3\ncode 0\n", done.stdout + done.stderr
    assert "磁盘已满" in done.stderr and "另一个程序" not in done.stderr


@pytest.mark.slow
def test_what_became_of_the_units_is_said_where_the_reports_cannot_be_written(tmp_path):
    workbook(tmp_path / "unit.yaml", 1).rename(tmp_path / "u.xlsx")
    run = f'$toolkit batch "{tmp_path}/u.xlsx" -o out --zip --jobs 1'
    done = on_small_disk(
        tmp_path, "6m", f"mkdir out; {FILL.format(left=16)}; {run}; echo code $?; {run} --json; ls out"
    )
    assert "没有写完报告。读写失败 1。\ncode 3\n" in done.stdout and "无法写入报告" in done.stderr, (
        done.stdout + done.stderr
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines[-1]["event"] == "broken_off" and lines[-1]["counts"]["files"] == 1


def test_a_lock_that_cannot_be_written_goes(tmp_path, monkeypatch):
    from toolkit.output import disk

    def refuse(handle, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, "write", refuse)
    with pytest.raises(OSError), output.locked(tmp_path):
        raise AssertionError("never held")
    assert not list(tmp_path.iterdir())


@functools.cache
def unprivileged() -> list[str]:
    """Return what makes permissions count for the user of these tests; [] if they do."""
    if os.geteuid() != 0:
        return []
    command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    if not shutil.which("setpriv") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root, and setpriv cannot take its powers away")
    return command


def as_user(*arguments: object) -> subprocess.CompletedProcess:
    """Run ``toolkit batch`` as a user for whom permissions count."""
    command = [*unprivileged(), sys.executable, "-m", "toolkit", "batch", *map(str, arguments), "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, cwd=ROOT, check=False)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of another kind")
@pytest.mark.parametrize("mode", [0o500, 0o000])
@pytest.mark.parametrize("form", [["--zip"], []])
def test_a_unit_without_permission_fails_by_name(tmp_path, form, mode):
    source, out = workbook(tmp_path / "u.xlsx", 3), tmp_path / "out"
    assert as_user(source, "-o", out, *form).returncode == 0
    unit = out / (f"{NAMES[1]}.zip" if form else NAMES[1])
    before = unit.read_bytes() if form else None
    unit.chmod(mode if not form else 0o000)
    try:
        done = as_user(source, "-o", out, *form, "--date", "2026-03-03")
        told = json.loads((out / "report.json").read_text(encoding="utf-8"))
    finally:
        unit.chmod(0o700)
    assert done.returncode == 3 and f"{NAMES[1]}（第 3 行）：读写失败" in done.stderr and "没有" in done.stderr
    assert [one["state"] for one in told["units"]] == ["done", "files", "done"]
    assert told["units"][1]["findings"] and (unit.read_bytes() if form else None) == before
    assert as_user(source, "-o", out, *form, "--date", "2026-03-03", "--resume").returncode == 0


@pytest.mark.sampled(2)
@pytest.mark.parametrize("zipped", [True, False])
def test_something_else_in_a_units_place(tmp_path, zipped):
    source, out = workbook(tmp_path / "u.xlsx", 2), tmp_path / "out"
    if zipped:
        (out / f"{NAMES[0]}.zip").mkdir(parents=True)
    else:
        out.mkdir()
        (out / NAMES[0]).write_text("mine", encoding="utf-8")
    report = batch(source, out, Options(jobs=1, zipped=zipped))
    assert [line.state for line in report.lines] == ["files", "done"] and report.lines[0].findings


def test_a_folder_of_outputs_that_is_a_file(tmp_path):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError):
        batch(workbook(tmp_path / "u.xlsx", 1), tmp_path / "out", Options(jobs=1))
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"
