"""What an addition costs: a check touches at most four files, a document one or two. Each is made in a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checking import PROFILE
from conftest import ROOT

#: The folders of an addition. The others are read only, and linked.
COPIED = ("toolkit", "presets", "tests", "docs")

CHECK = '''

def double_negatives(context: Context) -> Iterator[Finding]:
    """A duty is written with 应当, not as a double negative."""
    for hit in hits(context, ["不得不"]):
        hint, basis = "改用：应当。", "《立法技术规范（试行）》"
        yield warning("double_negative", "“不得不”是双重否定。", hit.where, hint, basis, subject=hit.match.group())
'''
#: file → (text in it, what stands there instead); an empty text is the end of the file.
CHECK_FILES = {
    "toolkit/checks/wording.py": {"": CHECK},
    "toolkit/checks/__init__.py": {
        '    "boilerplate": "': '    "double_negative": "warning: a duty is written as a double negative",\n    "boilerplate": "',
        "    Check(wording.boiler": '    Check(wording.double_negatives, ("double_negative",)),\n    Check(wording.boiler',
    },
    "tests/test_checks.py": {
        "SAID = [\n": 'SAID = [\n    ("管理员不得不核对。", "double_negative", WARNING, "不得不"),\n'
    },
    "docs/checks.md": {
        "| `boilerplate` |": "| `double_negative` | warning | a duty is written as a double negative | "
        "this project's own requirement |\n| `boilerplate` |"
    },
}
DOCUMENT = """\
id: record_keys
number: 48
file: 钥匙登记表
title: "{unit.full_name}钥匙登记表"
family: record
layout: register
numbering: none
body:
  - prose: |
      {office}应当登记钥匙的领用和归还。 {#instructions}
  - table: keys
    columns:
      - {head: 日期, width: 9, cell: "{?day:date 日期}"}
      - {head: 领用人, width: 10, cell: "{?by:signature 领用人}"}
    blank: 3
"""
REQUIRED = "\nrecord_keys:\n  instructions: {what: 登记钥匙, basis: 本项目的要求, kind: organisational}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout."""
    home = tmp_path / "checkout"
    home.mkdir()
    for path in ROOT.iterdir():
        if path.name in COPIED:
            shutil.copytree(path, home / path.name)  # with what is compiled, which goes by size and time of the source
        elif not path.name.startswith("."):
            (home / path.name).symlink_to(path)
    return home


def touched(checkout: Path) -> set[str]:
    """Return the files that are new or not as in the checkout of this test."""
    files = [path for name in COPIED for path in (checkout / name).rglob("*") if path.is_file()]
    names = {path.relative_to(checkout).as_posix() for path in files if path.suffix != ".pyc"}
    return {
        name
        for name in names
        if not (ROOT / name).is_file() or (ROOT / name).read_bytes() != (checkout / name).read_bytes()
    }


def run(checkout: Path, *arguments: str) -> tuple[int, str]:
    """Run a Python module in the copy; return its exit code and what it said."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, cwd=checkout)
    return done.returncode, done.stdout + done.stderr


def add_check(checkout: Path) -> None:
    for name, changes in CHECK_FILES.items():
        path = checkout / name
        text = path.read_text(encoding="utf-8")
        for old, new in changes.items():
            assert not old or text.count(old) == 1, (name, old)
            text = text.replace(old, new) if old else text + new
        path.write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_a_check_touches_four_files(checkout: Path) -> None:
    """A function, its row and code, its line on the page, its sentence among the tests: the tests of all checks hold again."""
    add_check(checkout)
    assert touched(checkout) == set(CHECK_FILES) and len(CHECK_FILES) == 4
    chosen = "double_negative or page_of_checks_is_the_table or severities or has_a_fixture or sensible_text"
    tests = ["tests/test_checks.py", "tests/test_checks_codes.py", "-k", chosen]
    code, said = run(checkout, "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *tests)
    assert code == 0 and "passed" in said, said
    unit = checkout.parent / "unit.yaml"
    unit.write_text(PROFILE.replace("简称: 柳河村", "简称: 不得不村"), encoding="utf-8")
    code, said = run(checkout, "toolkit", "check", str(unit))
    assert f"{unit}:4:7 请看 double_negative：“不得不”是双重否定。" in said


@pytest.mark.slow
@pytest.mark.parametrize("required", [False, True])
def test_a_document_touches_one_file_or_two(checkout: Path, required: bool) -> None:
    """Data only: the document, and a row if no unit may go without its clause."""
    (checkout / "presets/village/documents/48-record_keys.yaml").write_text(DOCUMENT, encoding="utf-8")
    if required:
        with (checkout / "presets/village/required.yaml").open("a", encoding="utf-8") as file:
            file.write(REQUIRED)
    assert len(touched(checkout)) == 1 + required and all(name.startswith("presets/") for name in touched(checkout))
    code, said = run(checkout, "toolkit", "check", "examples/village.yaml")
    assert (code, "record_keys" in said) == (0, False), said
    out = checkout.parent / "out"
    code, said = run(checkout, "toolkit", "generate", "examples/village.yaml", "-o", str(out), "--format", "txt")
    text = (out / "48-钥匙登记表.txt").read_text(encoding="utf-8")
    assert code == 0 and "应当登记钥匙的领用和归还。" in text and "领用人" in text, said
    code, said = run(checkout, "toolkit", "presets", "village")
    assert code == 0 and ("instructions：登记钥匙 ／ 依据：本项目的要求" in said) is required
