"""Papers on demand: those that a unit can have beside its set, when each is due, and making them by name, prefilled.

Used by the api. They are written into a folder as documents of its manifest that a later run leaves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from toolkit import app, output
from toolkit.core.findings import Finding, FindingsError, UsageError, nearest
from toolkit.formats import MAIN
from toolkit.minutes import making
from toolkit.minutes.register import register
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper on demand: ``when`` it is due, and the labels of the duties whose record it is."""

    id: str
    number: int
    name: str
    when: str
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that no form here carries: the duty's label, the record, and where it is kept."""

    duty: str
    record: str
    where: str


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers beside the set of a unit."""

    papers: tuple[Paper, ...]
    kept: tuple[Kept, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready data (the contract of ``toolkit papers --json``)."""
        return {"papers": [asdict(paper) for paper in self.papers], "kept": [asdict(paper) for paper in self.kept]}


def listed(unit: Unit) -> Papers:
    """Return the papers that a unit can have, in order of number, and the records that are kept elsewhere."""
    duties, specs = unit.resolved.duties, unit.resolved.preset.duties
    carried: dict[str, list[str]] = {}
    for duty in duties.values():
        for name in dict.fromkeys((duty.form, *specs[duty.id].papers)):
            carried.setdefault(name, []).append(duty.label)
    papers = [
        Paper(one.id, one.number, one.file_name, one.on_demand, tuple(carried.get(one.id, ())))
        for one in app.papers(unit.prepared)
    ]
    kept = [
        Kept(duty.label, duty.record, where)
        for duty in duties.values()
        if (where := unit.resolved.scope.render(specs[duty.id].kept))
    ]
    return Papers(tuple(papers), tuple(kept))


def write(
    unit: Unit,
    names: Sequence[str],
    folder: Path,
    records: Path | None = None,
    date: str = "",
    formats: Sequence[str] = (MAIN,),
    force: bool = False,
) -> app.Result:
    """Write papers by name into a folder, prefilled from the profile and the ``records`` of the period of ``date`` (ISO).

    Raises FindingsError for a profile with errors, UsageError for a name that is no paper on demand, Refused, FileError.
    """
    unit.require_clean()
    output.recover(folder)
    scan = register.scan(unit, records) if records is not None else register.Scan()
    findings: list[Finding] = []
    made: dict[str, Document] = {}
    for document in [_named(unit, name) for name in names]:
        if unit.meeting_of(document.id) is not None:
            one = making.new(unit, document.id, date, 0, scan.sittings, scan.evidence)
        else:
            one = making.paper(unit, document.id, date, records, scan if records is not None else None)
        findings += one.findings
        made[document.id] = one.document
    if unit.prepared.built is None:
        raise FindingsError(unit.prepared.findings)
    documents = tuple(made.get(document.id, document) for document in unit.set.documents)
    built = replace(unit.prepared.built, set=replace(unit.set, documents=documents))
    prepared = replace(unit.prepared, built=built)
    result = app.make(prepared, where=unit.where, only=tuple(made), formats=formats)
    report = output.commit(folder, result.files, result.manifest, base=result.base, force=force, partial=True)
    return app.Result(result.prepared, report, (*scan.findings, *findings))


def _named(unit: Unit, name: str) -> Document:
    """Return a paper by id, name, title or number."""
    papers = app.papers(unit.prepared)
    found = [paper for paper in papers if name in (paper.id, paper.file_name, paper.title, str(paper.number))]
    if len(found) == 1:
        return found[0]
    core = next((one for one in app.written(unit.prepared) if name in (one.id, one.file_name, one.title)), None)
    if core is not None:
        message = f"“{core.file_name}”是全套文件里的，生成全套时就有"
        again = f"toolkit minutes new 档案 --meeting {core.id} --records 文件夹 --date 日期"
        raise UsageError(message, f"要一份填好期间和数据的：{again}")
    known = [word for paper in papers for word in (paper.file_name, paper.id)]
    raise UsageError(f"没有“{name}”这种按需出的文件", nearest(name, known, "toolkit papers 档案 列出全部"))
