"""The list of people in minutes that were begun before the people of the profile changed; what was marked stays.

Used by ``api.minutes_relist``: the list as the profile has it on the day of the meeting, and what is other than in the form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from toolkit import forms
from toolkit.forms import FormData, FormRow
from toolkit.language.person_names import bare
from toolkit.minutes import making
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.context import in_office
from toolkit.minutes.unit import Unit


@dataclass(frozen=True, slots=True)
class Relisted:
    """Minutes with the present list (``data``), and the names of those who came into it, left it, have another post or vote.

    ``kept``: names that the profile does not have, which stay since something is marked about them.
    """

    data: FormData
    come: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the list of the form is that of the profile, but for those who stay."""
        return not (self.come or self.gone or self.changed)


def relisted(unit: Unit, given: FormData) -> Relisted:
    """Return minutes with the people of the profile; unchanged where the form lists nobody, or the profile names nobody."""
    document = unit.documents.get(unit.identify(given))
    if document is None or unit.meeting_of(document.id) is None:
        return Relisted(given)
    form = unit.form(document.id)
    data = forms.normalised(form, given)[0]
    people = in_office(unit.members(document.id), data.get(field_ids.DATE))
    if field_ids.ATTENDANCE not in form.tables or not people:
        return Relisted(given)
    fields = form.tables[field_ids.ATTENDANCE].fields
    before = [row for row in data.tables.get(field_ids.ATTENDANCE, ()) if row]
    left = list(before)
    rows: list[FormRow] = []
    come: list[str] = []
    changed: list[str] = []
    for person in people:
        fresh, row = making.attendant(person, fields), _taken(left, person)
        name = fresh.values[field_ids.NAME]
        if row is None:
            come.append(name)
        elif any(row.values.get(key, "") != fresh.values.get(key, "") for key in (field_ids.POST, field_ids.VOTING)):
            changed.append(name)
        rows.append(FormRow({**_marks(row), **fresh.values}, row.key if row else ""))
    kept = [row for row in left if _marks(row) or not row.values.get(field_ids.NAME)]
    gone = tuple(row.values[field_ids.NAME] for row in left if row not in kept)
    rows += kept
    named = tuple(filter(None, (row.values.get(field_ids.NAME, "") for row in kept)))
    tables = {**data.tables, field_ids.ATTENDANCE: tuple(rows)}
    values = {**data.values, **dict(_counts(data, before, rows))}
    whole = replace(data, values=values, tables=tables, findings=given.findings)
    return Relisted(whole, tuple(come), gone, tuple(changed), named)


def _taken(left: list[FormRow], person: Mapping[str, Any]) -> FormRow | None:
    """Take the row of a person out of those that are left: the one with the same post, else the first with the name."""
    same = [row for row in left if bare(row.values.get(field_ids.NAME, "")) == bare(str(person["name"]))]
    with_post = [row for row in same if row.values.get(field_ids.POST, "") == (person["post"] or "")]
    row = next(iter(with_post or same), None)
    if row is not None:
        left.remove(row)
    return row


def _marks(row: FormRow | None) -> dict[str, str]:
    """Return what a row says of a person beside who it is."""
    listed = (field_ids.NAME, field_ids.POST, field_ids.VOTING)
    return {name: value for name, value in row.values.items() if value and name not in listed} if row else {}


def _counts(data: FormData, before: Sequence[FormRow], now: Sequence[FormRow]) -> Iterator[tuple[str, str]]:
    """Yield how many should come and may vote, where the form had the numbers of its list."""
    for name, of in ((field_ids.EXPECTED, _listed), (field_ids.EXPECTED_VOTING, _voting)):
        if data.get(name) == str(of(before)):
            yield name, str(of(now))


def _listed(rows: Sequence[FormRow]) -> int:
    return sum(bool(row.values.get(field_ids.NAME)) for row in rows)


def _voting(rows: Sequence[FormRow]) -> int:
    return sum(bool(row.values.get(field_ids.NAME)) and row.values.get(field_ids.VOTING) != "无" for row in rows)
