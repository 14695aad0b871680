"""Classifies files that came back or are kept: the form, its day, its findings; used by ``api.minutes_look``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.core.findings import Finding, Severity
from toolkit.forms import FormData
from toolkit.minutes import reading, records
from toolkit.minutes.files import check_data
from toolkit.minutes.register.evidence import Prover
from toolkit.minutes.taking import kept_name, session
from toolkit.minutes.unit import Unit


@dataclass(frozen=True, slots=True)
class Looked:
    """A file. ``state``: ``form``, ``blank`` (an empty form), ``other`` (no form of the unit), ``problem`` (cannot be read).

    Of a form: its ``title``, the ``day`` (ISO or empty) that it is of, the ``name`` that its record is kept under, its ``data``.
    """

    path: Path
    state: str
    title: str = ""
    day: str = ""
    name: str = ""
    data: FormData = FormData()
    findings: tuple[Finding, ...] = ()

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)


def look(unit: Unit, paths: Iterable[Path]) -> Iterator[Looked]:
    """Yield each file, and each file of each folder, in order, classified; files that programs leave behind are passed over."""
    prover = Prover(unit)
    for given, path in records.each(paths):
        looked = _look(prover, path)
        if looked.state != records.IGNORED or path is given:
            yield looked


def _look(prover: Prover, path: Path) -> Looked:
    unit, name = prover.unit, path.name
    state, read, findings, _ = records.open_file(unit, path, name)
    if state == records.IGNORED:
        return Looked(path, records.OTHER)
    title = unit.documents[read.document].file_name if read.document in unit.documents else ""
    if state != records.FORM:
        return Looked(path, state, title, findings=findings)
    if whose := reading.other_unit(unit, read, path):
        return Looked(path, records.OTHER, title, findings=(reading.other_unit_error(unit, whose, name, "没有收下"),))
    data, found = check_data(unit, replace(read, findings=findings), name)
    if unit.meeting_of(data.document) is not None:
        return Looked(path, state, title, data.get("held_on"), session(unit, data), data, found)
    stated = prover.stated(data)
    return Looked(path, state, title, stated.day, kept_name(title, stated), data, found)
