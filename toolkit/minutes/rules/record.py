"""Minutes as the rules see them, made from the data of a filled form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit.forms import FormData, minutes_of
from toolkit.minutes.rules import field_ids, person_names


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who should have come. ``voting`` is None where the form does not say; ``row`` counts from 1."""

    name: str
    post: str
    voting: bool | None
    status: str
    reason: str
    row: int
    table: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote; counts are None where they are empty or no number."""

    matter: str
    way: str
    agree: int | None
    against: int | None
    abstain: int | None
    result: str
    row: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was decided: who does it (a post) until when (ISO, or as written)."""

    text: str
    post: str
    due: str
    overseer: str
    row: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A resolution of an earlier meeting and what became of it."""

    text: str
    post: str
    state: str
    row: int

    @property
    def closed(self) -> bool:
        """Whether it is done."""
        return self.state == field_ids.CLOSED


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes of one meeting. Times are minutes since midnight."""

    data: FormData
    meeting: str
    date: str
    year: str
    ordinal: str
    start: int | None
    end: int | None
    people: tuple[Person, ...]
    observers: tuple[str, ...]
    votes: tuple[Vote, ...]
    resolutions: tuple[Resolution, ...]
    previous: tuple[Carried, ...]

    def count(self, name: str) -> int | None:
        """Return a count that the form states."""
        return number(self.data.get(name))

    @property
    def matters(self) -> str:
        """What was discussed and voted on, in one text."""
        return "\n".join((self.data.get(field_ids.TOPICS), *(vote.matter for vote in self.votes)))

    def here(self) -> tuple[Person, ...]:
        """Return those of the list who came."""
        return tuple(person for person in self.people if person.status in field_ids.HERE)

    def absent(self) -> tuple[Person, ...]:
        """Return those who did not come."""
        return tuple(person for person in self.people if person.status in (field_ids.LEAVE, field_ids.AWAY))


def number(text: str) -> int | None:
    """Return a normalised count, None if it is empty or unreadable."""
    return int(text) if text.isascii() and text.isdecimal() else None


def read(data: FormData, meeting: str) -> Minutes:
    """Return the minutes in (normalised) form data; ``meeting`` is the id of the meeting."""
    get = data.get
    return Minutes(
        data,
        meeting,
        get(field_ids.DATE),
        get(field_ids.YEAR) or get(field_ids.DATE)[:4],
        get(field_ids.ORDINAL),
        minutes_of(get(field_ids.STARTED)),
        minutes_of(get(field_ids.ADJOURNED)),
        tuple(_people(data)),
        person_names.listed(get(field_ids.OBSERVERS)),
        tuple(_votes(data)),
        tuple(_resolutions(data)),
        tuple(_previous(data)),
    )


def _numbered(data: FormData, table: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    return (
        (row, values.values) for row, values in enumerate(data.tables.get(table, ()), 1) if any(values.values.values())
    )


def _people(data: FormData) -> Iterator[Person]:
    for row, one in _numbered(data, field_ids.ATTENDANCE):
        get = one.get
        voting = {"有": True, "无": False}.get(get("voting", ""))
        yield Person(
            get("name", ""),
            get("post", ""),
            voting,
            get("status", ""),
            get("absent_for", ""),
            row,
            field_ids.ATTENDANCE,
        )
    for row, one in _numbered(data, field_ids.ABSENTEES):
        get = one.get
        yield Person(
            get("absentee", ""),
            get("absent_post", ""),
            None,
            get("absence", ""),
            get("absent_for", ""),
            row,
            field_ids.ABSENTEES,
        )


def _votes(data: FormData) -> Iterator[Vote]:
    for row, one in _numbered(data, field_ids.VOTES):
        get = one.get
        agree, against, abstain = (number(get(name, "")) for name in ("agree", "against", "abstain"))
        yield Vote(get("matter", ""), get("way", ""), agree, against, abstain, get("passed", ""), row)


def _resolutions(data: FormData) -> Iterator[Resolution]:
    for row, one in _numbered(data, field_ids.RESOLUTIONS):
        get = one.get
        if get("decided", "") != "无":
            yield Resolution(get("decided", ""), get("duty_post", ""), get("finish_by", ""), get("overseer", ""), row)


def _previous(data: FormData) -> Iterator[Carried]:
    for row, one in _numbered(data, field_ids.PREVIOUS):
        get = one.get
        if get("past", "") != "无":
            yield Carried(get("past", ""), get("past_post", ""), get("past_state", ""), row)
