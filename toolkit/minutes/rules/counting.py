"""Counts that follow from the lists of a form, and whether the quorum is met; for filling forms and for the rules."""

from __future__ import annotations

from dataclasses import replace

from toolkit.forms import Form, FormData
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.quorum import Quorum, binding
from toolkit.minutes.rules.record import Minutes, read


def computed(form: Form, data: FormData, meeting: str, quorum: Quorum) -> dict[str, str]:
    """Return the counts that normalised data do not give and that their lists tell, and whether enough came."""
    minutes = read(data, meeting)
    found = {name: str(count) for name, count in _counts(minutes).items() if name in form.fields and not data.get(name)}
    if field_ids.QUORUM_MET in form.fields and not data.get(field_ids.QUORUM_MET):
        whole = read(replace(data, values={**data.values, **found}), meeting)
        came, base = whole.turnout
        rules = binding(quorum.to_meet, *whole.matters)
        if rules and came is not None and base:
            met = all(rule.holds(came, base) for rule in rules)
            found[field_ids.QUORUM_MET] = field_ids.MET if met else field_ids.NOT_MET
    return found


def _counts(minutes: Minutes) -> dict[str, int]:
    listed = [person for person in minutes.people if person.table == field_ids.ATTENDANCE and person.name]
    if not listed:
        return _less_absent(minutes)
    found = {field_ids.EXPECTED: len(listed)}
    votes = all(person.voting is not None for person in listed)
    if votes:
        found[field_ids.EXPECTED_VOTING] = sum(bool(person.voting) for person in listed)
    if all(person.status for person in listed):
        here = minutes.here()
        found[field_ids.PRESENT] = len(here)
        if votes:
            found[field_ids.PRESENT_VOTING] = sum(bool(person.voting) for person in here)
    return found


def _less_absent(minutes: Minutes) -> dict[str, int]:
    """Return who came to a meeting that lists the absentees only; nothing where it lists none, or one of whom nobody knows."""
    expected, absent = minutes.count(field_ids.EXPECTED), len(minutes.absent())
    nobody = any(row.values.get("absentee") == "无" for row in minutes.data.rows(field_ids.ABSENTEES))
    if expected is None or not (absent or nobody) or minutes.unclear():
        return {}
    present = {field_ids.PRESENT: max(expected - absent, 0)}
    if minutes.count(field_ids.EXPECTED_VOTING) == expected:  # nobody without a vote is among them
        present[field_ids.PRESENT_VOTING] = present[field_ids.PRESENT]
    return present
