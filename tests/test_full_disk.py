"""A disk that is really full: exit code 3, a Chinese message, and nothing half-written."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

#: $0 is the folder that becomes a small disk of its own, $1 its size; the rest is a script.
MOUNT = 'mount -t tmpfs -o "size=$1" tmpfs "$0" && cd "$0" && shift && eval "$1"'
#: Lists every file with the hash of its content, hidden ones too.
LIST = 'find . -type f ! -name filler | sort | xargs -r -d "\\n" sha256sum'
#: Leaves about 64 KiB.
FILL = "dd if=/dev/zero of=filler bs=1k count=$(( $(stat -f -c %a .) * $(stat -f -c %S .) / 1024 - 64 )) status=none"


@functools.cache
def private_mounts() -> list[str]:
    """Return the command that gives a process mounts of its own, or an empty list where that is not allowed."""
    root = ["--map-root-user"] if hasattr(os, "geteuid") and os.geteuid() != 0 else []
    command = ["unshare", "--mount", *root, "sh", "-c"]
    if not shutil.which("unshare"):
        return []
    tried = subprocess.run([*command, "mount -t tmpfs tmpfs /tmp"], capture_output=True, check=False)
    return command if tried.returncode == 0 else []


def on_small_disk(folder: Path, size: str, script: str) -> subprocess.CompletedProcess:
    """Run a shell script in a folder that is a disk of this size; ``$toolkit`` is the program."""
    if not private_mounts():
        pytest.skip("mounting a small disk is not allowed here (needs root or user namespaces)")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    script = f'toolkit="{sys.executable} -m toolkit"; unit="{folder}/unit.yaml"; {script}'
    folder.joinpath("disk").mkdir()
    return subprocess.run(
        [*private_mounts(), MOUNT, str(folder / "disk"), size, script],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
def test_a_first_run_leaves_nothing(tmp_path: Path, village_profile: Path) -> None:
    shutil.copy(village_profile, tmp_path / "unit.yaml")
    done = on_small_disk(tmp_path, "128k", '$toolkit generate "$unit" -o out; echo "code $?"; find . -mindepth 1')
    assert done.stdout == "code 3\n", done.stdout + done.stderr
    assert "已满" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_second_run_leaves_the_first_set_as_it_was(tmp_path: Path, village_profile: Path) -> None:
    shutil.copy(village_profile, tmp_path / "unit.yaml")
    steps = (
        '$toolkit generate "$unit" -o out',
        "echo made $?",
        LIST,
        "echo full",
        FILL,
        '$toolkit generate "$unit" -o out --date 2026-02-03',
        "echo code $?",
        LIST,
        "echo room",
        "rm filler",
        '$toolkit generate "$unit" -o out --date 2026-02-03',
        "echo again $?",
        LIST,
    )
    done = on_small_disk(tmp_path, "16m", "; ".join(steps))
    made, full = done.stdout.split("full\n")
    refused, again = full.split("room\n")
    assert made.startswith("made 0\n") and made.count(".docx") >= 30, done.stderr
    assert refused.startswith("code 3\n"), done.stdout + done.stderr
    assert "已满" in done.stderr and "Traceback" not in done.stderr
    assert refused.removeprefix("code 3\n") == made.removeprefix("made 0\n")
    assert again.startswith("again 0\n")
    assert {line[66:] for line in again.splitlines()[1:]} == {line[66:] for line in made.splitlines()[1:]}
    assert again.splitlines()[1:] != made.splitlines()[1:]


@pytest.mark.slow
def test_a_batch_names_the_units_that_found_no_room(tmp_path: Path) -> None:
    import json

    from batch_lists import workbook

    workbook(tmp_path / "units.xlsx", 4)
    command = '$toolkit batch "$(dirname "$unit")/units.xlsx" -o out --zip --jobs 1 --json'
    steps = [command + "; echo code $?", "find out -name '*.zip' | wc -l", "find . -name '*.tmp' -o -path '*parts/*'"]
    done = on_small_disk(tmp_path, "1700k", "; ".join(steps))
    lines = done.stdout.splitlines()
    states = [json.loads(line)["state"] for line in lines if '"event": "unit"' in line]
    assert "files" in states and "done" in states and len(states) == 4, done.stdout + done.stderr
    assert lines[-2] == "code 3" and int(lines[-1]) == states.count("done")
    assert "已满" in done.stdout and "Traceback" not in done.stderr
