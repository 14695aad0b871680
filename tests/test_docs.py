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
from toolkit.docx.reading.lint import lint

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


@pytest.mark.skipif(
    not shutil.which("bash") or not shutil.which("awk"), reason="needs bash and awk, which .ci/run uses"
)
def test_ci_takes_its_commands_from_the_readme():
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    function = re.search(r"^readme_command\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert function and 'eval "$(readme_command 2)"' in script
    for number, block in enumerate(blocks(READMES[0], "sh")[:2], 1):
        done = subprocess.run(
            ["bash", "-c", f"{function[0]}\nreadme_command {number}"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        assert done.stdout == block
    assert script.startswith("#!/usr/bin/env bash") and "set -euo pipefail" in script
    assert os.name == "nt" or os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_readmes_tell_of_both_formats(path):
    text = path.read_text(encoding="utf-8")
    assert all(
        word in text for word in ("DOCX", "PDF", "--format docx --format pdf", "--fonts", "toolkit fonts unit.yaml")
    )


def test_exit_codes_of_the_readme_are_those_of_the_program():
    from toolkit.core import findings

    documented = set(re.findall(r"^\| (\d+) \|", READMES[0].read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == {str(value) for name, value in vars(findings).items() if name.startswith("EXIT_")}


@pytest.mark.parametrize("path", [*PAGES, ROOT / "setup.cfg", ROOT / ".ci/run"], ids=lambda path: path.name)
def test_nothing_of_this_machine(path):
    text = path.read_text(encoding="utf-8")
    assert str(ROOT) not in text and sys.prefix not in text
    assert str(Path.home()) + "/" not in text


def example_files() -> dict[str, str]:
    """Return the files of the worked examples in docs/extending.md: a path in backquotes, then its content."""
    text = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^`([^`\n]+)`\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def write_examples(folder: Path) -> None:
    files = example_files()
    assert len(files) == 6
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")


@pytest.mark.slow
def test_the_worked_example_of_a_layer_works(tmp_path, village_profile):
    from toolkit import app

    write_examples(tmp_path)
    text = village_profile.read_text(encoding="utf-8")
    assert "自有条款: 本村条款\n" in (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    profile = tmp_path / "unit.yaml"
    profile.write_text(text + "自有条款: 本村条款\n", encoding="utf-8")
    prepared = app.prepare(profile)
    assert app.check(prepared) == ()
    files = app.render(prepared, ["position_management", "record_reading_room"])
    assert [name for name in files if name.startswith("50-")] == ["50-农家书屋开放登记表.docx"]
    assert all(lint(data) == [] for data in files.values())
    clause = "村党群服务中心应当开放农家书屋，核对图书和借阅登记，频次为每周至少一次，记入农家书屋开放登记。"
    assert clause in words_of(next(iter(files.values())))


def words_of(data: bytes) -> str:
    import io
    import zipfile

    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    return "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml))


@pytest.mark.slow
def test_the_worked_example_of_a_kind_works(tmp_path, village_profile):
    from toolkit import app, presets
    from toolkit.core.data_folders import Where

    write_examples(tmp_path)
    kinds = [tmp_path / "kinds", ROOT / "presets"]
    assert "嘎查" in {info.label for info in presets.kinds(kinds)}
    profile = tmp_path / "unit.yaml"
    text = village_profile.read_text(encoding="utf-8").replace("单位类型: 村", "单位类型: 嘎查")
    profile.write_text(text, encoding="utf-8")
    prepared = app.prepare(profile, Where(presets=(tmp_path / "kinds",)))
    assert app.check(prepared) == ()
    files = app.render(prepared, ["regulation"])
    assert "嘎查党群服务中心" in words_of(next(iter(files.values())))


@pytest.mark.slow
def test_the_example_of_a_form_works(tmp_path, village_profile):
    """The roll lists everybody once, then empty rows; what it prints and what is added by hand are read back."""
    from toolkit import app
    from toolkit.core.data_folders import Where
    from toolkit.docx.reading.filled_forms import read_file

    text = (ROOT / "docs/presets.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(body:\n.*?)```", text, re.DOTALL)
    rows = 'columns: [{head: 内容, width: 8, cell: "{what}"}, {head: 分值, width: 4, cell: "{points}"}]'
    assert example.count("columns: […]") == 1
    head = "id: roll\nnumber: 50\nfile: 到会登记表\ntitle: 到会登记表\nfamily: record\nlayout: form\nnumbering: none\n"
    layer = tmp_path / "layer/documents"
    layer.mkdir(parents=True)
    (layer / "50-roll.yaml").write_text(
        head + "meeting: topical_study\n" + example.replace("columns: […]", rows), encoding="utf-8"
    )
    prepared = app.prepare(village_profile, Where(layers=(tmp_path / "layer",)))
    assert [finding for finding in app.check(prepared) if finding.severity == "error"] == []
    (data,) = app.render(prepared, ["roll"]).values()
    people = [record["name"] for record in prepared.judged.resolved.values["people"]]
    printed = words_of(data)
    assert people and [printed.count(name) for name in people] == [1] * len(people)
    (tmp_path / "roll.docx").write_bytes(data)
    rows_read = read_file(tmp_path / "roll.docx").tables["attendance"]
    assert [row.values["name"] for row in rows_read if row.values.get("name")] == people
