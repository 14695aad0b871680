"""The corpus of lists: every shape is read as a clerk means it, and what was not read plainly is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace

import pytest
from conftest import ROOT
from list_shapes import BOMBS, MEMBERS, PEOPLE_FILES, SHAPES, one

from toolkit import presets
from toolkit.batch import Options, batch, sheet
from toolkit.batch.finding_codes import CODES
from toolkit.batch.rows import Lister, Row
from toolkit.batch.unit_list import Listed, Unit, units_of
from toolkit.core import data_folders
from toolkit.core.cells import Shown, layout, shown
from toolkit.core.findings import FindingsError, Place
from toolkit.presets.params import typed
from toolkit.profile.people import PEOPLE, parse_term, read_file
from toolkit.profile.reading import Collected


@pytest.fixture(scope="module")
def village():
    return presets.load("village", data_folders.presets_folders())


def test_the_corpus_is_large_enough():
    assert len(SHAPES) >= 60


def people_of(unit: Unit, lister: Lister) -> list[dict[str, str]]:
    assert isinstance(unit.source, Row)
    heads = {number: head for number, head in enumerate(lister.heads) if head.title.startswith("人员")}
    return [
        {heads[number].names[column]: text for column, text in cells}
        for number, lines in unit.source.tables
        if number in heads
        for _, cells in lines
    ]


@pytest.mark.parametrize("name", SHAPES)
def test_a_list_of_every_shape(name, tmp_path, village):
    shape = SHAPES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none of a library reaches the terminal
        try:
            listed = units_of(sheet.read(shape.make(tmp_path / "u")), [village], visible=shape.visible)
        except FindingsError as error:
            listed = Listed([], Lister(()), error.findings, (village,))
    findings = [*listed.findings, *(finding for unit in listed.units for finding in unit.findings)]
    assert sorted({finding.code for finding in findings}) == sorted(shape.codes), findings
    assert {finding.code for finding in findings} <= CODES.keys()
    assert [unit.name for unit in listed.units] == list(shape.units)
    said = "\n".join(finding.message + finding.hint for finding in findings)
    assert [text for text in shape.says if text not in said] == [], said
    if not listed.units:
        assert not shape.texts and not shape.people
        return
    first, names = listed.units[0], listed.lister.heads[0].names
    assert isinstance(first.source, Row)
    texts = {names[column]: text for column, text in first.source.cells}
    assert {label: texts.get(label) for label in shape.texts} == shape.texts
    assert people_of(first, listed.lister) == list(shape.people)


@pytest.mark.parametrize("name", PEOPLE_FILES)
def test_a_file_of_people_of_every_shape(name, tmp_path):
    shape = PEOPLE_FILES[name]
    collected = Collected("档案.yaml")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        records = read_file(shape.make(tmp_path / "人员").name, tmp_path, Place(), collected)
    assert sorted({finding.code for finding in collected.findings}) == sorted(shape.codes), collected.findings
    assert records is not None
    assert [{key: text for key, text in record.items() if text} for record in records] == list(shape.rows)


@pytest.mark.parametrize(
    ("text", "value"), [*((mark, True) for mark in "√✓是有1"), *((mark, False) for mark in "×✗否无0")]
)
def test_marks_of_yes_and_no(text, value):
    voting = next(column for column in PEOPLE.columns if column.key == "voting")
    assert typed(voting, text) is value


def test_terms_in_eight_digits():
    assert parse_term("20260101至20281231") == ("2026-01-01", "2028-12-31")
    with pytest.raises(ValueError, match="不存在"):
        parse_term("20261301至")


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("00000000000", 5331234567, "05331234567"),
        ("000-0000-0000", 13800001234, "138-0000-1234"),
        ('"0533-"0000000', 1234567, "0533-1234567"),
        ("0000\\-0000000;[Red]-0", 5331234567, "0533-1234567"),
        ("[$-804]0000 0000;@", 12345678, "1234 5678"),
        ("####-#######", 5331234567, "533-1234567"),
        ("000", 12345, "12345"),
        ('0"人"', 25, "25人"),
        ("General", 25, "25"),
        ("0", 25, "25"),
        ("0_ ", 25, "25"),
        ("#,##0", 1234, "1234"),
        ("0.00", 5, "5"),
        ('yyyy"年"', 46027, "46027"),
        ("0%", 5, "5"),
        ("[<=9999999]000-0000;0", 1234567, "1234567"),
        ("[DBNum1]000", 12, "12"),
        ("000", -5, "-5"),
        ("000", 1.5, "1.5"),
    ],
)
def test_numbers_as_their_format_shows_them(code, value, text):
    pieces = layout(code)
    found = shown(value, pieces) if pieces else value
    assert (found.text if isinstance(found, Shown) else str(found)) == text


_MEASURE = """
import json, resource, sys, time
from pathlib import Path
from toolkit.batch import Options, batch, sheet
from toolkit.core.findings import FindingsError
found = {}
for name in sys.argv[1:]:
    begun = time.process_time()
    try:
        sheet.read(Path(name))
        said = ""
    except FindingsError as error:
        said = error.findings[0].message
    found[Path(name).name] = said, time.process_time() - begun
size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
status = Path("/proc/self/status")
if status.exists():  # on Linux getrusage counts what the process was before it became this program
    size = int(status.read_text().partition("VmHWM:")[2].split()[0]) // 1024
print(json.dumps([found, size if sys.platform != "darwin" else size // 1024]))
"""


@pytest.mark.slow
def test_a_list_that_would_eat_the_machine_is_refused_in_time(tmp_path):
    for name, (make, _) in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    command = [sys.executable, "-c", _MEASURE, *(str(tmp_path / name) for name in BOMBS)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    found, megabytes = json.loads(done.stdout)
    assert done.stderr == "" and megabytes < 200
    assert [
        name for name, (_, says) in BOMBS.items() if bool(says) != bool(found[name][0]) or says not in found[name][0]
    ] == []
    assert {name: seconds for name, (_, seconds) in found.items() if seconds > 2} == {}


def test_rows_that_are_skipped_are_asked_for(tmp_path, run):
    source = SHAPES["filtered"].make(tmp_path / "u")
    options = Options(jobs=1, check_only=True, base=ROOT / "examples/village.yaml")
    assert len(batch(source, tmp_path / "out", options).lines) == 2
    assert len(batch(source, tmp_path / "out", replace(options, visible=True)).lines) == 1
    base = ROOT / "examples/village.yaml"
    _, out, err = run("batch", source, "-o", tmp_path / "other", "--base", base, "--check", "--jobs", "1", "--visible")
    assert "第 2 行隐藏或者筛选掉了，共 1 行，已跳过" in err and "共 1 个单位" in out


def test_a_number_that_is_not_understood_is_told_with_its_cell(tmp_path):
    source = one(MEMBERS, "约25人")(tmp_path / "u")
    report = batch(source, tmp_path / "out", Options(jobs=1, check_only=True, base=ROOT / "examples/village.yaml"))
    (finding,) = [finding for finding in report.lines[0].findings if finding.severity == "error"]
    assert (finding.code, finding.where.line, finding.where.column) == ("bad_value", 2, 2)
