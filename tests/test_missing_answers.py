"""No example that stands in for a missing answer reaches a paper, whichever command writes it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

from toolkit import app, presets
from toolkit.cli import cli
from toolkit.core.data_folders import BUNDLED
from toolkit.core.findings import EXIT_FINDINGS, FindingsError
from toolkit.presets.params import typed

KINDS = {"village": "村", "school": "学校", "railway_depot": "车务段"}
RECORD = ROOT / "examples/records/01-学习培训计划.yaml"
REGISTERS = ("", "xlsx", "html", "docx", "pdf", "txt", "json", "ics")
#: Commands that write or show something made from a profile; {p} is the profile, {o} the name of an output.
COMMANDS = (
    "generate {p} -o {o}",
    "generate {p} -o {o} --format pdf --format txt",
    "coverage {p}",
    "coverage {p} -f html -o coverage.html",
    "coverage {p} -f xlsx -o coverage.xlsx",
    "fonts {p}",
    "minutes new {p} --meeting topical_study -o {o}.docx",
    "minutes fill {p} {r} -o {o}.docx",
    "minutes check {p} {r}",
    "minutes summary {p} {r} -o {o}.docx",
    "minutes summary {p} {r} --public -o {o}.pdf",
    "revise {p} --date 2026-05-01 --basis 会议通过",
    "diff {p} {whole}",
    *(f"register {{p}} records --year 2026{f' -o {{o}}.{name}' if name else ''}" for name in REGISTERS),
)


def examples(kind: str) -> set[str]:
    """Return the texts of the stand-ins of a kind that a reader would take for the unit's own."""
    found = set()
    for param in presets.load(kind, BUNDLED.presets_folders).params.params.values():
        if param.needed and param.example and param.type in ("text", "person", "list"):
            value = typed(param, param.example)
            found.update([value] if isinstance(value, str) else value)
    return {text for text in found if len(text) > 3 and not text.isdecimal()}


def without_hints(text: str) -> str:
    """Return a text without what its errors give as an example."""
    return re.sub('例如 [^\n<"]*', "", text)


def texts(path: Path) -> str:
    """Return everything that a file says, packed or not."""
    data = path.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as package:
            data = b"\n".join(package.read(name) for name in package.namelist())
    return data.decode("utf-8", "replace")


@pytest.fixture(params=KINDS)
def kind(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("unit.yaml").write_text(f"单位类型: {KINDS[request.param]}\n", encoding="utf-8")
    Path("records").mkdir()
    (Path("records") / RECORD.name).write_text(RECORD.read_text(encoding="utf-8"), encoding="utf-8")
    return request.param


@pytest.mark.slow
def test_a_profile_with_nothing_but_its_kind_makes_no_paper(kind, capsys):
    words = examples(kind)
    assert words
    before = set(Path().rglob("*"))
    for number, command in enumerate(COMMANDS):
        args = command.format(
            p="unit.yaml", r=f"records/{RECORD.name}", o=f"o{number}", whole=ROOT / f"examples/{kind}.yaml"
        )
        code = cli.main(args.split(), standalone_mode=False)
        out, _ = capsys.readouterr()
        assert code != 0, command
        assert not [word for word in words if word in without_hints(out)], command
    for path in set(Path().rglob("*")) - before:  # what a report about the set says of its errors
        assert path.stem == "coverage" and not [word for word in words if word in without_hints(texts(path))], path


@pytest.mark.sampled(3)
def test_a_batch_writes_no_example(kind, capsys):
    Path("units").mkdir()
    Path("units/one.yaml").write_text(f"单位类型: {KINDS[kind]}\n单位: {{简称: 某单位}}\n", encoding="utf-8")
    words = examples(kind)
    assert cli.main(["batch", "units", "-o", "out"], standalone_mode=False) == EXIT_FINDINGS
    capsys.readouterr()
    written = [path for path in Path("out").rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert not [word for word in words if word in without_hints(texts(path))], path


def test_what_is_prepared_without_answers_has_nothing_to_write(kind):
    prepared = app.prepare(Path("unit.yaml"))
    assert prepared.draft and prepared.resolved is None and prepared.built is None and prepared.labels is None
    assert app.written(prepared) == () and prepared.draft.unit == ""
    for write in (app.make, app.render):
        with pytest.raises(FindingsError):
            write(prepared)
