"""Damaged and hostile files in a folder that was generated: each command ends with a Chinese sentence and touches nothing else.

What a run writes beside the documents (``manifest.json``, ``resolved.yaml``, the history, what ``.toolkit`` holds, what the page
keeps) comes back from sticks and mails. Each of these files is replaced by contents of every wrong kind, and each value in
it by values of other types, and every command that reads the folder is run on it.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from toolkit.cli import cli

EXAMPLE = ROOT / "examples/village.yaml"
LATIN = re.compile(r"Traceback|Error\b|No such file|Is a directory|not found|程序内部错误", re.I)
OTHER_TYPES = (
    None,
    True,
    5,
    1.5,
    float("nan"),
    "",
    "x",
    "../../mine.txt",
    "/etc/passwd",
    "a\0b",
    "\ud800",
    [],
    ["x"],
    {},
    {"x": [1]},
)
#: Contents that are no file of ours, whatever it should be.
CONTENTS = {
    "empty": b"",
    "null": b"null",
    "list": b"[1, 2]",
    "number": b"5",
    "text": b'"x"',
    "nan": b"NaN",
    "digits": b"9" * 5000,
    "other_encoding": "单位: 甲村".encode("utf-16"),
    "bytes": bytes(range(256)),
    "nul": b'{"files": "\0"}\n',
    "surrogate": b'{"files": {"\\ud800.docx": {"seal": "\\ud800"}}, "unit": "\\ud800"}',
    "surrogate_bytes": b"unit: \xed\xa0\x80\n",
    "deep": b"[" * 100_000,
    "deep_yaml": b"".join(b" " * depth + b"a:\n" for depth in range(2000)),
    "cycle": b"a: &a [*a]\nfiles: *a\nvalues: *a\n",
    "laughs": b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (i + 1, i + 1, i, i) for i in range(97, 121)),
    "cut": b'{"files": {"a.docx": {"seal": "sha',
    "twice": b'{"files": {}, "files": [], "entries": {}, "entries": 5}',
    "huge": b"[" + b"1, " * 4_000_000 + b"1]",
    "python": b"!!python/object/apply:os.system ['true']\n",
}


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="toolkit")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mutations(data: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """Yield the path of each value of a JSON document (of long ones the first entries) with a value of another type."""
    for other in OTHER_TYPES:
        if type(other) is not type(data) or other != data:
            yield path, other
    if isinstance(data, dict):
        entries: list = list(data.items())[:6]
    else:
        entries = list(enumerate(data))[:1] if isinstance(data, list) else []
    for key, value in entries:
        yield from mutations(value, (*path, key))


def changed(data: Any, path: tuple, other: Any) -> Any:
    if not path:
        return other
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = changed(data[path[0]], path[1:], other)
    return copy


def faults(args: tuple, result: Result, took: float) -> Iterator[str]:
    """Yield what is wrong with the end of a command."""
    said = result.output + result.stderr
    if result.exit_code not in (0, 1, 2, 3) or LATIN.search(said):
        yield f"{' '.join(map(str, args))[:60]}: {result.exit_code} {said[:200]} {result.exception!r}"
    if took > 8 or len(said) > 100_000:
        yield f"{' '.join(map(str, args))[:60]}: {took:.1f} s, {len(said)} characters"


class Folder:
    """A set that was generated, with its profile and history; ``mine.txt`` beside it is nobody's business."""

    def __init__(self, home: Path) -> None:
        self.home, self.out = home, home / "work/out"
        self.profile = home / "work/unit.yaml"
        self.out.mkdir(parents=True)
        (home / "mine.txt").write_text("mine", encoding="utf-8")
        shutil.copy(EXAMPLE, self.profile)
        assert run("revise", self.profile, "--date", "2026-01-04", "--adopted-by", "村党支部委员会会议").exit_code == 0
        for _ in range(2):  # the second one puts the edited file aside
            assert run("generate", self.profile, "-o", self.out, "--only", "regulation", "--force").exit_code == 0
            next(self.out.glob("*.docx")).write_bytes(b"edited")
        self.sound = tree(home)

    def restore(self) -> None:
        """Make the folder what it was."""
        shutil.rmtree(self.home / "work")
        shutil.rmtree(self.home / "new", ignore_errors=True)
        for name, data in self.sound.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def commands(self) -> list[tuple]:
        """Return what reads the folder, and then what writes into it."""
        out, profile = self.out, self.profile
        return [
            ("status", out),
            ("check", out),
            ("diff", out, out),
            ("merge", profile, out, "-o", self.home / "new", "--only", "regulation"),
            ("register", profile, out),
            ("revise", profile, "--date", "2026-02-05", "--adopted-by", "村党支部委员会会议"),
            ("restore", out),
            ("generate", profile, "-o", out, "--only", "regulation"),
            ("generate", profile, "-o", out, "--only", "regulation", "--force"),
        ]

    def judge(self, name: str, content: bytes) -> list[str]:
        """Return what is wrong with the commands after the content of one file was replaced."""
        wrong = []
        for args in self.commands():
            (self.home / name).write_bytes(content)
            start = time.process_time()
            result = run(*args)
            wrong += faults(args, result, time.process_time() - start)
            outside = {path: data for path, data in tree(self.home).items() if not path.startswith(("work/", "new/"))}
            if outside != {"mine.txt": b"mine"}:
                wrong.append(f"{args}: outside {list(outside)}")
            self.restore()
        return wrong


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("hostile"))
