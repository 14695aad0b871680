"""What the tests of the light sets share: the shipped units, where clauses are met, and what is said of one that is deleted."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT
from tinyset import write

from toolkit import presets
from toolkit.app import Prepared, prepare
from toolkit.core.data_folders import Where
from toolkit.core.findings import Severity
from toolkit.coverage import matrix
from toolkit.coverage.load import Load, load
from toolkit.presets.spec import Target

EXAMPLES = ROOT / "examples"
#: What the page about the load calls the figures.
FIGURES = {
    "documents": "documents",
    "pages": "pages_once",
    "characters of the rules": "characters",
    "dated tasks": "tasks",
    "occasions": "occasions",
    "meetings": "meetings",
    "forms filled in": "fillings",
    "pages of them": "filled_pages",
}


@cache
def unit(name: str) -> Prepared:
    return prepare(EXAMPLES / f"{name}.yaml")


@cache
def met(kind: str) -> dict[Target, list[Target]]:
    """The blocks of a kind's light set with the required clauses that each meets."""
    preset = presets.load(kind, [ROOT / "presets"], (), "light")
    places = defaultdict(list)
    for document, clauses in preset.required.items():
        for clause in clauses:
            for place in preset.places(document, clause):
                places[place].append((document, clause))
    built = {one.id for one in unit(f"{kind}_light").built.set.documents}
    return {place: clauses for place, clauses in sorted(places.items()) if place[0] in built}


def sampled(kind: str, always: Collection[Target], lot: int) -> list:
    """The kind with places as parameters: those of ``always`` and ``lot`` others are quick, one in six of the rest is slow.

    tests/test_variants.py deletes all of them.
    """
    quick = {*random.Random(2026).sample(sorted(met(kind)), lot), *always}
    return [
        pytest.param(kind, *place, id="-".join((kind, *place)), marks=() if place in quick else pytest.mark.slow)
        for number, place in enumerate(met(kind))
        if place in quick or number % 6 == 0
    ]


def same_requirements(kind: str, legal: int, organisational: int) -> None:
    """The light set has the requirements of the full one, more than so many of each sort, and none is open."""
    full, light = matrix(unit(kind)), matrix(unit(f"{kind}_light"))
    assert {row.id: row.what for row in light.requirements} == {row.id: row.what for row in full.requirements}
    assert light.counts() == full.counts() and not light.is_open
    assert light.counts()[1][1][1] > legal and light.counts()[2][1][1] > organisational


def places_on_record(kind: str, accept: bool) -> None:
    """The table of the light set is the one on record; ``accept`` writes it."""
    rows = [row for row in matrix(unit(f"{kind}_light")).requirements if row.kind == "clause"]
    places = {
        row.id: "、".join(f"{hit.paper.number:02d} {hit.cited or hit.clause}" for hit in row.hits) or row.reason
        for row in rows
    }
    lines = [f"{row.id}\t{row.what}\t{places[row.id]}" for row in sorted(rows, key=lambda row: row.id)]
    path = ROOT / f"tests/data/{kind}_light_places.txt"
    if accept:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8").splitlines() == lines and len(lines) > 500


def list_has_all_duties(kind: str) -> None:
    """Every duty in effect has its row in the list that is an annex of the regulation."""
    made = unit(f"{kind}_light")
    rows = {
        row.key
        for one in made.built.set.documents
        if one.id == "list_responsibility"
        for table in one.body
        for row in getattr(table, "rows", ())
        if row.key
    }
    assert set(made.resolved.duties) <= rows


def light_version(folder: Path, kind_name: str, name: str) -> Prepared:
    """A shipped example as a unit of the light size."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.count(f"单位类型: {kind_name}\n") == 1
    sized = text.replace(f"单位类型: {kind_name}\n", f"单位类型: {kind_name}\n规模: 精简\n")
    (folder / "unit.yaml").write_text(sized, encoding="utf-8")
    return prepare(folder / "unit.yaml")


def deletion_is_missed(folder: Path, kind: str, document: str, block: str) -> None:
    """A layer that deletes a block is refused by the id of each clause that the block meets."""
    template = unit(f"{kind}_light").preset.documents[document]
    ending = "md" if Path(template.place.file).name.endswith(".md") else "yaml"
    head = f"id: {document}\nremove: [{block}]\n"
    write(folder, {f"documents/{document}.{ending}": f"---\n{head}---\n" if ending == "md" else head})
    light = EXAMPLES / f"{kind}_light.yaml"
    errors = [one for one in prepare(light, Where(layers=(folder,))).findings if one.severity is Severity.ERROR]
    missed = {(one.where.document, one.subject) for one in errors if one.code == "missing_clause"}
    assert set(met(kind)[document, block]) <= missed
    roots = [one for one in errors if not one.follows]
    assert [one.code for one in roots].count("missing_clause") == 1
    for one in roots:  # what is left of a clause of which the only text was deleted is said, too
        assert one.code in ("missing_clause", "hollow_clause") and one.hint
        assert one.where.file.endswith(f"documents/{document}.{ending}") or one.code == "hollow_clause"


def figures_within_ceilings(kind: str) -> Load:
    """The light set keeps its ceilings, and the page about the load has the figures of both sizes: returns those."""
    measured = load(unit(f"{kind}_light"))
    assert measured.size == "精简" and not measured.over
    (full,) = measured.beside.values()
    page = (ROOT / "docs/coverage.md").read_text(encoding="utf-8").partition(f"| {kind.replace('_', ' ')} | full |")[2]
    table = page.partition("\n\n")[0].replace("| |", "|  |")
    for name, key in FIGURES.items():
        ceiling = measured.ceilings.get(key, "")
        assert f"| {name} | {full[key]} | {measured.figures[key]} | {ceiling} |" in table
    assert list(measured.beside) == ["完整"] and full["documents"] > 2 * measured.figures["documents"]
    assert full["characters"] > 4 * measured.figures["characters"]
    return measured
