"""Output of ``toolkit batch``: a bar at a real terminal, lines in a pipe, JSON for machines, errors when the disk refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata

import pytest
from batch_lists import NAME, flat, workbook
from conftest import ROOT

from toolkit.batch import Event, Line
from toolkit.cli.cmd_batch import TextOutput, duration
from toolkit.core.findings import Finding, Severity

COMMAND = [sys.executable, "-m", "toolkit", "batch"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
DRAWN = re.compile("\r\x1b\\[K([^\r\n\x1b]*)")


def columns_of(text: str) -> int:
    """Return the columns of a text in a terminal that gives two to what may have one or two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def at_terminal(columns: int, *arguments: object) -> tuple[int, str]:
    """Run the command at a terminal of a width; return its exit code and all that it wrote there."""
    pytest.importorskip("pty", reason="no terminals of this kind here")
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [*COMMAND, *map(str, arguments)]
    child = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=ENVIRONMENT, cwd=ROOT, close_fds=True
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not read:
            break
        said += read
    os.close(ours)
    return child.wait(), said.decode()


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, *(pytest.param(columns, marks=pytest.mark.slow) for columns in (120, 40, 12))])
def test_a_bar_that_never_breaks_its_line(tmp_path, columns):
    source = workbook(tmp_path / "u.xlsx", 3, {(1, "党组织.党员人数"): "abc"})
    code, said = at_terminal(columns, source, "-o", tmp_path / "out", "--zip", "--jobs", "1")
    drawn = [text for text in DRAWN.findall(said) if text and re.search(r"正在|每秒|\d/3", text)]
    assert code == 1 and len(drawn) >= 3 and all(columns_of(text) < max(columns, 4) for text in drawn)
    if columns >= 40:
        assert "正在读取名单……" in drawn and re.search(r"3/3 每秒 \d+\.\d 个$", drawn[-1])
    assert any("█" in text for text in drawn) == (columns >= 80)
    lines = [
        line.strip() for line in re.sub("\r\x1b\\[K[^\r\n]*(?=\r\x1b)", "", said).replace("\r\x1b[K", "").splitlines()
    ]
    assert any(line.startswith("共 3 个单位：已生成 2，有错误 1。") for line in lines), (
        lines
    )  # nothing of the bar is left before it


@pytest.mark.slow
def test_lines_without_a_bar_in_a_pipe(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 2)
    done = subprocess.run(
        [*COMMAND, source, "-o", tmp_path / "out", "--zip", "--jobs", "1"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd=ROOT,
        check=True,
    )
    assert (
        "\x1b" not in done.stderr and "\r" not in done.stderr and "█" not in done.stderr and "正在" not in done.stderr
    )
    assert re.search(r"^2/2 每秒 \d+\.\d 个$", done.stderr, re.MULTILINE) and done.stdout.startswith(
        "共 2 个单位：已生成 2。"
    )


@pytest.mark.slow
def test_every_line_for_machines_is_json_with_the_members_that_are_documented(tmp_path):
    source = workbook(tmp_path / "u.xlsx", 3, {(1, "党组织.党员人数"): "abc"})
    code, said = at_terminal(80, source, "-o", tmp_path / "out", "--zip", "--jobs", "1", "--json")
    lines = [json.loads(line) for line in said.splitlines()]
    assert code == 1 and [line["event"] for line in lines] == [
        "findings",
        "findings",
        "begin",
        "unit",
        "unit",
        "unit",
        "end",
    ]
    documented = (ROOT / "docs/batch.md").read_text(encoding="utf-8")
    for line in lines:
        row = next(row for row in documented.splitlines() if row.startswith(f"| `{line['event']}` |"))
        assert set(line) - {"event"} == set(re.findall("`([a-z_]+)`", row.split("|")[2]))
    assert lines[-1]["counts"]["done"] == 2 and lines[3]["output"] == flat(0)[0][NAME]


def test_names_cannot_steer_the_terminal(capsys):
    found = (Finding("disk", Severity.ERROR, "磁盘已满\x1b[0m"),)
    TextOutput().tell(Event("unit", found, Line("甲\x1b[2J村", "甲村", "3", "files"), left=0))
    said = capsys.readouterr().err
    assert (
        "\x1b[2J" not in said
        and said.startswith("甲〈U+001B〉[2J村（第 3 行）：读写失败")
        and "磁盘已满〈U+001B〉" in said
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "不到 1 秒"), (7.4, "7 秒"), (61, "1 分 1 秒"), (3725, "1 小时 2 分")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
