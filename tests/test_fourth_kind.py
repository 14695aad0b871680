"""A fourth kind, made of data alone (``docs/new-kind.md``), through the command line with ``--presets``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from toolkit import docx, presets
from toolkit.app import Prepared, prepare
from toolkit.cli import cli
from toolkit.core.data_folders import Where
from toolkit.docx.reading.lint import lint
from toolkit.numbering.labels import document_text, number_set

CLINIC = ROOT / "tests" / "data" / "clinic"
UNIT = CLINIC / "unit.yaml"
DANGLING = re.compile(
    "[，。；：、]{2,}|（）|《》|“”|[（《“][，。；：、]|[，；：、][）》”]|^[，。；：、]|[，、]$|\\{|\\}|None"
)


def info() -> presets.KindInfo:
    (found,) = presets.kinds([CLINIC])
    return found


@cache
def prepared() -> Prepared:
    return prepare(UNIT, Where(presets=(CLINIC,)))


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_the_kind_stands_beside_the_others() -> None:
    done = run("presets", "--presets", CLINIC)
    assert done.exit_code == 0, done.output
    listed = {line.split()[0] for line in done.output.splitlines() if line.strip()}
    assert {info().id, *(one.id for one in presets.kinds([ROOT / "presets"]))} <= listed
    assert info().id not in run("presets").output


@pytest.mark.slow
def test_what_it_holds_is_shown() -> None:
    done = run("presets", info().id, "--presets", CLINIC)
    assert done.exit_code == 0 and "健康讲座记录表" in done.output, done.output


@pytest.mark.slow
def test_a_starter_profile_asks_for_what_it_needs(tmp_path: Path) -> None:
    out = tmp_path / "unit.yaml"
    done = run("init", info().id, "-o", out, "--presets", CLINIC)
    assert done.exit_code == 1 and "科室" in done.output
    assert f"toolkit check {out} --presets {CLINIC}" in done.output, "the next command must find the kind"
    assert "科室" in out.read_text(encoding="utf-8")
    params = presets.load(info().id, [CLINIC, ROOT / "presets"]).params.params.values()
    needed = [param for param in params if param.needed]
    settings = [word for param in needed for word in ("--set", f"{'.'.join(param.labels)}={param.sample()}")]
    whole = tmp_path / "whole.yaml"
    assert run("init", info().id, "-o", whole, "--presets", CLINIC, *settings).exit_code == 0
    assert run("check", whole, "--presets", CLINIC).exit_code == 0 and len(needed) <= 12


@pytest.mark.slow
def test_the_profile_is_short_and_gives_no_finding() -> None:
    assert len(UNIT.read_text(encoding="utf-8").splitlines()) <= 40
    done = run("check", UNIT, "--presets", CLINIC, "--json")
    assert done.exit_code == 0 and json.loads(done.output)["findings"] == [], done.output


def test_without_the_folder_the_kind_is_unknown() -> None:
    done = run("check", UNIT)
    assert done.exit_code == 1 and info().label in done.output
    assert run("presets", info().id).exit_code == 2


@pytest.mark.slow
def test_the_whole_set_is_generated(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("generate", UNIT, "-o", out, "--presets", CLINIC)
    assert done.exit_code == 0, done.output
    files = sorted(out.glob("*.docx"))
    built = prepared().built
    assert built is not None and len(files) == sum(not one.on_demand for one in built.set.documents) >= 33
    for path in files:
        data = path.read_bytes()
        assert lint(data) == [] and docx.stale_refs(data) == [], path.name
    again = tmp_path / "again"
    assert run("generate", UNIT, "-o", again, "--presets", CLINIC).exit_code == 0
    assert {path.name: path.read_bytes() for path in files} == {
        path.name: path.read_bytes() for path in again.glob("*.docx")
    }


def test_nothing_is_open() -> None:
    done = run("coverage", UNIT, "--presets", CLINIC)
    assert done.exit_code == 0, done.output


def test_its_own_documents_and_clauses_are_in_the_set_and_what_it_removed_is_not() -> None:
    built = prepared().built
    assert built is not None
    documents = {document.id for document in built.set.documents}
    own = {path.stem.partition("-")[2] for path in (CLINIC / info().id / "documents").iterdir()}
    base = presets.load(info().id, [CLINIC, ROOT / "presets"]).documents
    assert own <= documents and "calendar_year" not in documents | set(base)
    assert {"board_update", "health_talk", "department_report"} <= {duty.id for duty in built.set.duties}
    assert {"patient_data", "epidemic"} <= {name for document, name in built.sources if document == "regulation"}


def test_the_text_reads_well_and_has_no_word_of_another_kind() -> None:
    built = prepared().built
    assert built is not None
    labels = number_set(built.set)
    lines = [text for document in built.set.documents for _, text in document_text(document, labels)]
    assert [text for text in lines if DANGLING.search(text)] == []
    foreign = {
        word for one in presets.kinds([ROOT / "presets"]) for word in presets.load(one.id, [ROOT / "presets"]).own_words
    } - set(presets.load(info().id, [CLINIC, ROOT / "presets"]).own_words)
    # 团委、列车 … may be part of longer words of office; these are the words that are nobody else's.
    words = ("村民", "村委会", "教师", "学生", "校长", "旅客", "车务段", "段长")
    assert set(words) <= foreign
    assert [(word, text) for text in lines for word in words if word in text] == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("形式: 党支部", "形式: 党组", "party_form_invalid"),
        ("党员人数: 9", "党员人数: 2", "party_size"),
        ("中医科", "学生科", ""),
    ],
)
def test_its_rules_are_at_work(tmp_path: Path, old: str, new: str, code: str) -> None:
    text = UNIT.read_text(encoding="utf-8")
    assert text.count(old) == 1
    profile = tmp_path / "unit.yaml"
    profile.write_text(text.replace(old, new), encoding="utf-8")
    found = prepare(profile, Where(presets=(CLINIC,))).findings
    assert [finding.code for finding in found] == ([code] if code else [])


def _layer(write: Callable[[Path], None], folder: Path) -> list[str]:
    write(folder)
    return [
        f"{f.code}:{f.subject}"
        for f in prepare(UNIT, Where(presets=(CLINIC,), layers=(folder,))).findings
        if not f.follows
    ]


@pytest.mark.slow
def test_a_unit_of_the_kind_has_its_own_layer(tmp_path: Path) -> None:
    """A required clause of the kind's own is as firm as one of the base, and foreign words are found."""

    def delete(folder: Path) -> None:
        (folder / "documents").mkdir(parents=True)
        (folder / "documents" / "regulation.md").write_text("---\nid: regulation\nremove: [epidemic]\n---\n", "utf-8")

    def foreign(folder: Path) -> None:
        (folder / "documents").mkdir(parents=True)
        text = "---\nid: regulation\n---\n## 补充 {#extra in=supplementary}\n本院参照村民委员会的办法办理。\n"
        (folder / "documents" / "regulation.md").write_text(text, "utf-8")

    assert _layer(delete, tmp_path / "a") == ["missing_clause:epidemic"]
    assert _layer(foreign, tmp_path / "b") == ["residue:村民委员会"]


@pytest.mark.slow
def test_its_words_are_residue_in_the_set_of_another_kind(tmp_path: Path) -> None:
    """A kind brings them itself: a village is judged by them where the kind is beside it, and only there."""
    (tmp_path / "documents").mkdir(parents=True)
    text = "---\nid: regulation\n---\n## 补充 {#extra in=supplementary}\n村党支部参照护士站的办法办理。\n"
    (tmp_path / "documents" / "regulation.md").write_text(text, "utf-8")
    for folders, said in (((CLINIC,), ["护士站"]), ((), [])):
        found = prepare(ROOT / "examples/village.yaml", Where(presets=folders, layers=(tmp_path,))).findings
        assert [finding.subject for finding in found if finding.code == "residue"] == said


def test_nothing_of_the_toolkit_knows_it() -> None:
    """Neither code nor shared data: its ids, its words, the names of its documents, duties and clauses."""
    folder = CLINIC / info().id
    words = set(presets.load(info().id, [CLINIC, ROOT / "presets"]).own_words) - {
        "科室"
    }  # 科室 is known as a word of offices
    ids = set(re.findall(r"^(\w+_\w+):", (folder / "duties.yaml").read_text(encoding="utf-8"), re.MULTILINE))
    ids |= set(
        re.findall(r"^  (\w+_\w+): \{what", (folder / "required.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert len(words) > 8 and {"health_talk", "patient_data"} <= ids
    for path in (*(ROOT / "toolkit").rglob("*.py"), *(ROOT / "presets/base").rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        assert [word for word in {info().id, info().label, *words, *ids} if word in text] == [], path
