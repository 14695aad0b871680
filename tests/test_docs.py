"""The documentation is tested: links resolve, commands exist, CI runs what the README says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from conftest import ROOT
from toolkit.cli import cli

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_resolve(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if not target.startswith(("http:", "https:", "#")):
            assert (path.parent / target.partition("#")[0]).exists(), f"{path.name}: {target}"


def toolkit_commands() -> list[str]:
    lines = []
    for path in [*PAGES]:
        for block in [*blocks(path, "sh"), *blocks(path, "powershell")]:
            for part in re.split(r"&&|;|\n", block.replace("\\\n", " ")):
                words = part.partition(" #")[0].strip()
                if re.match(r"(\S*[/\\])?toolkit\s", words):
                    lines.append(words)
    return sorted(set(lines))


@pytest.mark.parametrize("line", toolkit_commands())
def test_commands_of_the_docs_parse(line):
    name, *args = shlex.split(line.replace("\\", "/"))[1:]
    command = cli.get_command(click.Context(cli), name)
    assert command, f"no command {name}"
    command.make_context(name, list(args))


def test_the_first_two_blocks_are_single_lines_and_alike():
    first, second = (blocks(path, "sh")[:2] for path in READMES)
    assert first == second
    assert all(block.count("\n") == 1 for block in first)
    assert "toolkit generate examples/village.yaml -o out" in first[0]
    assert ".[test]" in first[1] and "pytest" in first[1]
    assert blocks(READMES[0], "powershell") == blocks(READMES[1], "powershell")


@pytest.mark.skipif(not shutil.which("bash") or not shutil.which("awk"), reason="needs bash and awk, which .ci/run uses")
def test_ci_takes_its_commands_from_the_readme():
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    function = re.search(r"^readme_command\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert function and 'eval "$(readme_command 2)"' in script
    for number, block in enumerate(blocks(READMES[0], "sh")[:2], 1):
        done = subprocess.run(
            ["bash", "-c", f"{function[0]}\nreadme_command {number}"], capture_output=True, text=True, cwd=ROOT, check=True
        )
        assert done.stdout == block
    assert script.startswith("#!/usr/bin/env bash") and "set -euo pipefail" in script
    assert os.name == "nt" or os.access(ROOT / ".ci/run", os.X_OK)


def test_exit_codes_of_the_readme_are_those_of_the_program():
    from toolkit import errors

    documented = set(re.findall(r"^\| (\d+) \|", READMES[0].read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == {str(value) for name, value in vars(errors).items() if name.startswith("EXIT_")}


@pytest.mark.parametrize("path", [*PAGES, ROOT / "setup.cfg", ROOT / ".ci/run"], ids=lambda path: path.name)
def test_nothing_of_this_machine(path):
    text = path.read_text(encoding="utf-8")
    assert str(ROOT) not in text and sys.prefix not in text
    assert str(Path.home()) + "/" not in text
