"""All findings about one filled form: those of reading it and those of the rules for such a form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from toolkit.compose.entries import Meeting
from toolkit.core.findings import Finding, Place, Severity
from toolkit.forms import FormData, totals
from toolkit.minutes import rules
from toolkit.minutes.register.evidence import Prover
from toolkit.minutes.rules import Context, decisions, field_ids
from toolkit.minutes.rules.completeness import required, results, signatures
from toolkit.minutes.rules.quorum import Quorum
from toolkit.minutes.rules.record import Minutes
from toolkit.minutes.rules.record import read as read_minutes
from toolkit.minutes.unit import Unit

_NO_MEETING = Meeting("", "", "", "", "", "", "", "", "", "", {})


def check(unit: Unit, data: FormData, file: str) -> tuple[Finding, ...]:
    """Return all findings about normalised data: those of reading, then those of the rules for such a form."""
    return judged(unit, data, file)[0]


def judged(unit: Unit, data: FormData, file: str) -> tuple[tuple[Finding, ...], Minutes | None]:
    """Return the same, and the minutes that were judged; None for another form."""
    found = [
        finding if finding.where.file else replace(finding, where=replace(finding.where, file=file))
        for finding in data.findings
    ]
    if not data.document:
        return tuple(found), None
    context = unit.context(data, file)
    if context is not None:
        counted = Prover(unit).by_row(data.document)
        found += [*rules.check(context), *results(context, counted), *decisions.boundary(context, unit.words)]
    else:
        form = unit.form(data.document)
        plain = Context(read_minutes(data, ""), form, _NO_MEETING, Quorum((), (), {}), unit.roster, file=file)
        found += [*required(plain), *signatures(plain), *totals.check(form, data, file)]
    return tuple(dict.fromkeys(found)), context.minutes if context is not None else None


def reached_quorum(data: FormData, findings: Iterable[Finding]) -> bool:
    """Whether a meeting could decide: the form does not say otherwise, and no rule (``findings``) does."""
    return data.get(field_ids.QUORUM_MET) != field_ids.NOT_MET and all(
        finding.code != "quorum_missed" or finding.subject.startswith(f"{field_ids.VOTES}.") for finding in findings
    )


def below_quorum(file: str, so: str, severity: Severity = Severity.WARNING) -> Finding:
    """Return the finding that a meeting did not reach its quorum; ``so`` says what was therefore not done.

    It is an error where just that was asked for.
    """
    message = f"召开，但未达到法定人数，{so}"
    hint = "到会人数达到要求后重新开会，另写一份记录"
    return Finding("below_quorum", severity, message, Place(file=file), hint)
