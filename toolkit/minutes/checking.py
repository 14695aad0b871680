"""All findings about one filled form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from toolkit.compose.entries import Meeting
from toolkit.core.findings import Finding
from toolkit.forms import FormData, totals
from toolkit.minutes import reading, rules
from toolkit.minutes.rules import Context
from toolkit.minutes.rules.completeness import required, signatures
from toolkit.minutes.rules.quorum import Quorum
from toolkit.minutes.rules.record import read as read_minutes
from toolkit.minutes.unit import Unit

_NO_MEETING = Meeting("", "", "", "", "", "", "", "", "", "", {})


def check_file(unit: Unit, path: Path) -> tuple[FormData, tuple[Finding, ...]]:
    """Read a file and return its data with all findings. Raises FileError for a file that cannot be read."""
    return check_data(unit, reading.read(path), str(path))


def check_data(unit: Unit, data: FormData, file: str) -> tuple[FormData, tuple[Finding, ...]]:
    """Return data as they were read by the fields of the unit's form, with all findings; ``file`` is named in them."""
    data = reading.of_unit(unit, data, file)
    return data, check(unit, data, file)


def check(unit: Unit, data: FormData, file: str) -> tuple[Finding, ...]:
    """Return all findings about normalised data: those of reading, then those of the rules for such a form."""
    found = [
        finding if finding.where.file else replace(finding, where=replace(finding.where, file=file))
        for finding in data.findings
    ]
    if not data.document:
        return tuple(found)
    context = unit.context(data, file)
    if context is not None:
        found += rules.check(context)
    else:
        form = unit.form(data.document)
        plain = Context(read_minutes(data, ""), form, _NO_MEETING, Quorum((), (), {}), unit.roster, file)
        found += [*required(plain), *signatures(plain), *totals.check(form, data, file)]
    return tuple(dict.fromkeys(found))
