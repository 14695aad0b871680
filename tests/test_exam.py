"""The exam: a layer that deletes a required clause is refused with that clause's one finding, and nothing is written."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from toolkit import presets
from toolkit.app import generate, prepare
from toolkit.cli import cli
from toolkit.core.data_folders import Where
from toolkit.core.findings import FindingsError, Severity

ROOT = Path(__file__).resolve().parent.parent
PRESETS = ROOT / "presets"
KINDS = tuple(info.id for info in presets.kinds([PRESETS]))
#: So many clauses of each kind are tried here.
QUICK = 2
WRITTEN = 12
EMPTIED = """---
id: regulation
mode: replace
number: 1
family: regulation
layout: regulation
title: 空
---
## 甲 {#purpose}
文字。
"""


@cache
def preset(kind: str) -> presets.Preset:
    return presets.load(kind, [PRESETS])


def clauses(kind: str) -> list[tuple[str, str]]:
    return [(document, clause) for document, required in preset(kind).required.items() for clause in required]


def deletion(folder: Path, kind: str, document: str, clause: str) -> Path:
    """A layer that deletes one clause."""
    form = not Path(preset(kind).documents[document].place.file).name.endswith(".md")
    head = f"id: {document}\nremove: [{clause}]\n"
    path = folder / "own" / "documents" / (f"{document}.yaml" if form else f"{document}.md")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head if form else f"---\n{head}---\n", encoding="utf-8")
    return folder / "own"


def profile(kind: str) -> Path:
    return ROOT / "examples" / f"{kind}.yaml"


@cache
def usual(kind: str) -> frozenset[str]:
    """The documents that the kind's example has."""
    return frozenset(document.id for document in prepare(profile(kind)).built.set.documents)


#: Examples of a kind with documents that the usual one lacks.
OTHERS = {"school": "school_private"}


def having(folder: Path, kind: str, documents: set[str]) -> Path:
    """A profile of the kind that has the documents: the usual one, another example, or a repealed one."""
    if documents <= usual(kind):
        return profile(kind)
    other = ROOT / "examples" / f"{OTHERS.get(kind, kind)}.yaml"
    return other if documents <= {one.id for one in prepare(other).built.set.documents} else repealed(folder, kind)


def repealed(folder: Path, kind: str) -> Path:
    """The example after its repeal, with what is optional: what only such a set has is there."""
    folder.mkdir(exist_ok=True)
    text = re.sub(r"(?m)^文件:\n(  .*\n)+", "", profile(kind).read_text(encoding="utf-8"))
    (folder / "unit.yaml").write_text(f"{text}档案:\n  使用责任书: 是\n", encoding="utf-8")
    (folder / "unit.history.yaml").write_text(
        "- {事项: 制定, 通过机关: 工作会议, 通过日期: 2026-01-04, 印发日期: 2026-01-05, 文号: 甲字〔2026〕1号}\n"
        "- {事项: 废止, 通过机关: 工作会议, 通过日期: 2026-06-01, 印发日期: 2026-06-02, 文号: 甲字〔2026〕9号}\n",
        encoding="utf-8",
    )
    return folder / "unit.yaml"


def examine(folder: Path, kind: str, *cases: tuple[str, str]) -> None:
    """Delete clauses, each ``(document, clause)`` of another document, and look at what is found."""
    unit = having(folder, kind, {document for document, _ in cases})
    for document, clause in cases:
        layer = deletion(folder, kind, document, clause)
    found = prepare(unit, Where(layers=(layer,))).findings
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    roots = {(f.where.document, f.where.provision): f for f in errors if not f.follows}
    assert sorted((f.code, f.where.document, f.subject) for f in errors if not f.follows) == sorted(
        ("missing_clause", document, clause) for document, clause in cases
    ), [f.as_dict() for f in errors if not f.follows]
    for document, clause in cases:
        root = roots[document, clause]
        assert root.where.file.endswith((f"own/documents/{document}.md", f"own/documents/{document}.yaml"))
        assert root.where.line and root.hint
        assert root.basis == preset(kind).required[document][clause].basis
    assert {f.follows for f in errors} <= {"", *(f"missing_clause:{clause}" for _, clause in cases)}
    # What is unfollowed besides is at most a warning that was there before, and there was none.
    assert [f.code for f in found if not f.follows and f not in roots.values()] == []


@pytest.mark.sampled(8)
@pytest.mark.parametrize("number", range(QUICK))
@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_clause_is_refused(tmp_path: Path, kind: str, number: int) -> None:
    """A sample of each kind; tests/test_variants.py tries every clause (slow)."""
    examine(tmp_path, kind, random.Random(2026).sample(clauses(kind), QUICK)[number])


@pytest.mark.slow
@pytest.mark.sampled(len(KINDS))
@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_clause_of_what_only_a_repealed_set_has_is_refused(tmp_path: Path, kind: str) -> None:
    own = [clause for clause in clauses(kind) if clause[0] not in usual(kind)]
    assert own
    for number, (document, clause) in enumerate(own):
        folder = tmp_path / str(number)
        folder.mkdir()
        examine(folder, kind, (document, clause))


def test_every_kind_requires_clauses_of_every_document() -> None:
    for kind in KINDS:
        made = {name for name, template in preset(kind).documents.items() if template.issues_each}  # of one template
        assert set(preset(kind).required) == set(preset(kind).documents) - made
        for document, required in preset(kind).required.items():
            assert required, document
            for clause, entry in required.items():
                assert entry.what and entry.basis and entry.kind in ("legal", "organisational"), clause
    assert len(clauses("village")) >= 435


@pytest.mark.sampled(12)
@pytest.mark.parametrize("number", range(WRITTEN))
def test_nothing_is_written(tmp_path: Path, number: int) -> None:
    """One clause of each of twelve documents, forms among them."""
    there = usual("village")
    document = random.Random(34).sample(sorted(there & preset("village").required.keys()), WRITTEN)[number]
    clause = random.Random(document).choice(sorted(preset("village").required[document]))
    layer, out = deletion(tmp_path, "village", document, clause), tmp_path / "out"
    with pytest.raises(FindingsError) as refused:
        generate(profile("village"), out, where=Where(layers=(layer,)))
    assert clause in {finding.subject for finding in refused.value.findings}
    assert not out.exists() or not [path for path in out.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_the_command_line_refuses_too(tmp_path: Path) -> None:
    layer, out = deletion(tmp_path, "village", "mechanism_accountability", "appeal"), tmp_path / "out"
    done = CliRunner().invoke(cli, ["generate", str(profile("village")), "-o", str(out), "--layer", str(layer)])
    assert done.exit_code == 1 and "missing_clause" in done.output and "appeal" in done.output
    assert not out.exists() or not [path for path in out.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_a_layer_cannot_excuse_itself(tmp_path: Path) -> None:
    """Neither a condition of its own, nor an emptied requirement, nor a rewritten rule helps."""
    for number, (name, text, code) in enumerate(
        (
            (
                "documents/regulation.md",
                '---\nid: regulation\n---\n## 申诉 {#acct_appeal when="not accounts"}\n当事人可以申诉。\n',
                "missing_clause",
            ),
            ("documents/regulation.md", EMPTIED, "missing_clause"),
            ("required.yaml", "regulation:\n  acct_appeal:\n", "required_fixed"),
            ("documents/regulation.md", "---\nid: regulation\nwhen: not accounts\n---\n", "required_fixed"),
            ("preset.yaml", "documents_removed: [regulation]\n", "missing_document"),
            ("preset.yaml", "unit_rules: {party_forms: {allowed: [党组]}}\n", "required_fixed"),
            ("words.yaml", "due_process: {trigger: 从不}\n", "required_fixed"),
        )
    ):
        layer = tmp_path / str(number)
        path = layer / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        errors = [
            f for f in prepare(profile("village"), Where(layers=(layer,))).findings if f.severity is Severity.ERROR
        ]
        assert code in {f.code for f in errors if not f.follows}, (name, [(f.code, f.subject) for f in errors])


def delete_document(folder: Path, document: str) -> None:
    """Take a document out with a layer, and look at what is found."""
    (folder / "preset.yaml").write_text(f"documents_removed: [{document}]\n", encoding="utf-8")
    found = prepare(profile("village"), Where(layers=(folder,))).findings
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    roots = {(f.code, f.subject) for f in errors if not f.follows}
    assert roots == {("missing_document", document)}
    assert {f.follows for f in errors} <= {"", f"missing_document:{document}"}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("document", ["regulation", "record_talk", "mechanism_report"])
def test_a_deleted_document_is_refused(tmp_path: Path, document: str) -> None:
    delete_document(tmp_path, document)


@pytest.mark.slow
def test_any_deleted_document_is_refused(tmp_path: Path) -> None:
    for document in sorted(preset("village").required):
        delete_document(tmp_path, document)


@pytest.mark.slow
def test_check_json_has_the_documented_shape(tmp_path: Path) -> None:
    layer = deletion(tmp_path, "village", "regulation", "grades")
    done = CliRunner().invoke(cli, ["check", str(profile("village")), "--json", "--layer", str(layer)])
    data = json.loads(done.output)
    assert done.exit_code == 1 and list(data) == ["findings", "errors", "warnings", "notices", "left_out"]
    assert data["errors"] == sum(f["severity"] == "error" for f in data["findings"])
    optional, place = (
        {"hint", "basis", "subject", "follows"},
        {"file", "line", "column", "key", "document", "provision"},
    )
    for finding in data["findings"]:
        assert (
            {"code", "severity", "message", "where"}
            <= set(finding)
            <= {"code", "severity", "message", "where"} | optional
        )
        assert finding["severity"] in ("error", "warning", "notice") and set(finding["where"]) <= place
        assert all(isinstance(finding["where"].get(key, 1), int) for key in ("line", "column"))
    roots = [f for f in data["findings"] if "follows" not in f]
    assert [(f["code"], f["subject"]) for f in roots] == [("missing_clause", "grades")]
    assert {f["follows"] for f in data["findings"] if "follows" in f} == {"missing_clause:grades"}


def test_check_json_of_a_clean_profile_is_empty() -> None:
    done = CliRunner().invoke(cli, ["check", str(profile("village")), "--json"])
    assert done.exit_code == 0 and json.loads(done.output) == {
        "findings": [],
        "errors": 0,
        "warnings": 0,
        "notices": 0,
        "left_out": [],
    }
