"""Damaged and hostile files in a folder that was generated: each command ends with a Chinese sentence and touches nothing else.

What a run writes beside the documents (``manifest.json``, ``resolved.yaml``, the history, what ``.toolkit`` holds, what the page
keeps) comes back from sticks and mails. Each of these files is replaced by contents of every wrong kind, and each value in
it by values of other types, and every command that reads the folder is run on it.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_lists import workbook
from click.testing import CliRunner, Result
from conftest import ROOT
from webs import put, web

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


#: What a set has beside its documents.
STATE_FILES = (
    "work/unit.history.yaml",
    "work/out/manifest.json",
    "work/out/resolved.yaml",
    "work/out/.toolkit/put_aside.json",
    "work/out/.toolkit/base/regulation.json",
)


#: Of each damage to each file so many are tried, by a seed; ``HOSTILE_CASES=1000`` tries all.
DAMAGES = [(name, content) for name in STATE_FILES for content in CONTENTS]
CASES = min(int(os.environ.get("HOSTILE_CASES", "30")), len(DAMAGES))


@pytest.mark.slow
@pytest.mark.parametrize("name, content", random.Random(1).sample(DAMAGES, CASES))
def test_a_damaged_file_of_a_set_ends_no_command_badly(folder, name, content):
    assert folder.judge(name, CONTENTS[content]) == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize("content", ["surrogate", "deep"])
def test_a_damaged_manifest_ends_no_command_badly(folder, content):
    assert folder.judge("work/out/manifest.json", CONTENTS[content]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in STATE_FILES if name.endswith(".json")])
def test_a_value_of_another_type_ends_no_command_badly(folder, name):
    """Thirty of some hundred values, by a seed."""
    sound = json.loads(folder.sound[name])
    cases = list(mutations(sound))
    wrong = []
    for path, other in random.Random(name).sample(cases, min(30, len(cases))):
        content = json.dumps(changed(sound, path, other)).encode()
        wrong += [f"{path} {other!r:.20}: {fault}" for fault in folder.judge(name, content)]
    assert wrong == []


# --- a list of units -------------------------------------------------------------------------------------------------

LIST_COMMANDS = (
    ("batch", "LIST", "-o", "OUT"),
    ("batch", "LIST", "-o", "OUT", "--resume"),
    ("units", "list", "LIST"),
    ("units", "status", "LIST", "-o", "OUT"),
    ("units", "coverage", "LIST"),
    ("units", "diff", "LIST", "-o", "OUT"),
    ("units", "merge", "LIST", "-o", "OUT"),
    ("units", "revise", "LIST", "--date", "2026-02-05", "--adopted-by", "会议"),
)


@pytest.mark.slow
def test_damaged_files_of_a_list_end_no_command_badly(tmp_path):
    """Every file that a run over a list writes beside the documents, with four contents, before every command."""
    (tmp_path / "work").mkdir()
    listed, out = workbook(tmp_path / "work/名单.xlsx", 2), tmp_path / "work/out"
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert run("batch", listed, "-o", out).exit_code == 0
    sound, wrong = tree(tmp_path), []
    states = [name for name in sound if name.endswith((".json", ".jsonl", ".yaml", ".csv")) and "/base/" not in name]
    assert len(states) >= 4
    for name in states:
        for content in ("empty", "surrogate", "cycle", "digits"):
            for command in LIST_COMMANDS:
                (tmp_path / name).write_bytes(CONTENTS[content])
                args = tuple({"LIST": listed, "OUT": out}.get(word, word) for word in command)
                start = time.process_time()
                result = run(*args)
                wrong += [
                    f"{name} {content}: {fault}" for fault in faults(command, result, time.process_time() - start)
                ]
                assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"
                shutil.rmtree(tmp_path / "work")
                for path, data in sound.items():
                    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                    (tmp_path / path).write_bytes(data)
    assert wrong == []


# --- the page --------------------------------------------------------------------------------------------------------

#: What the page keeps in the folder of a unit.
KEPT = (
    *("unit.yaml", "unit.history.yaml", "文件/manifest.json", "文件/resolved.yaml"),
    *("审核意见.json", "合并决定.yaml", "草稿/a.yaml", "记录/a.yaml"),
)
PLACES = (
    "",
    "fill",
    "text",
    "people",
    "documents",
    "meetings",
    "register",
    "review",
    "review/merge",
    "edited",
    "generate",
)


@pytest.mark.slow
@pytest.mark.parametrize("content", ["null", "surrogate"])
def test_a_damaged_file_ends_no_page_badly(tmp_path, content):
    judge_pages(tmp_path, content)


@pytest.mark.slow
@pytest.mark.parametrize("content", CONTENTS)
def test_no_damaged_file_ends_a_page_badly(tmp_path, content):
    judge_pages(tmp_path, content)


def judge_pages(folder: Path, content: str) -> None:
    """Open every place of a unit, each time with another of its files damaged: a page that says so, or the page as ever."""
    home = put(folder, "柳河村")
    page = web(folder)
    here = f"/u/{page.id('柳河村')}"
    assert page.post(f"{here}/generate", {"over": "no"}).status_code == 200
    sound, wrong = tree(home), []
    for name in KEPT:
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(CONTENTS[content])
        for place in PLACES:
            answer = page.get(f"{here}/{place}".rstrip("/"), follow_redirects=True)
            if answer.status_code == 500 or LATIN.search(re.sub("<[^>]*>", "", answer.text)):
                wrong.append((name, place, answer.status_code))
        assert page.get("/").status_code == 200
        (home / name).unlink()
        if name in sound:
            (home / name).write_bytes(sound[name])
    assert wrong == []
