"""Minutes as the rules see them, made from the data of a filled form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit.forms import FormData, minutes_of
from toolkit.language import person_names
from toolkit.minutes.rules import field_ids

#: Minutes: of a day; a meeting that began this late may end this early on the day after.
_DAY, _EVENING, _SMALL_HOURS = 24 * 60, 12 * 60, 6 * 60
#: Whether a person came, as the list of people calls it; of an absentee it is the kind of absence.
STATUS = "status"
#: Words behind a name in the columns 回避 and 不在场 that repeat the column.
_WHAT_THEY_DID = re.compile(
    "(?<=[\\u3400-\\u9fff）)\\s])(?:已?中途|已)?(?:申请)?(?:回避|不在场|离会|离场|退场|未到|迟到)(?=[、，,；;/\\s]|$)"
)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who should have come. ``voting`` is None and ``status`` empty where the form does not say; ``row`` counts from 1.

    ``unclear``: which of the two is no option. The finding about that covers its consequences.
    """

    name: str
    post: str
    voting: bool | None
    status: str
    reason: str
    row: int
    table: str
    unclear: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Partly:
    """Someone who came late or left before the end; minutes since midnight, None where the form does not say."""

    name: str
    came: int | None
    left: int | None
    row: int


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote; counts are None where they are empty or no number.

    ``recused`` and ``away`` name who did not vote: out of interest (回避), or because they had left or not yet come.
    """

    matter: str
    way: str
    agree: int | None
    against: int | None
    abstain: int | None
    invalid: int | None
    recused: str
    away: str
    result: str
    row: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """A decision: who carries it out (a post) until when (ISO, or as written)."""

    text: str
    post: str
    due: str
    overseer: str
    row: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A resolution of an earlier meeting and its state."""

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
    partly: tuple[Partly, ...]
    observers: tuple[str, ...]
    votes: tuple[Vote, ...]
    resolutions: tuple[Resolution, ...]
    previous: tuple[Carried, ...]

    def count(self, name: str) -> int | None:
        """Return a count that the form states."""
        return number(self.data.get(name))

    @property
    def turnout(self) -> tuple[int | None, int | None]:
        """Who came and who should: of those who may vote where the form counts them."""
        names = field_ids.PRESENT_VOTING, field_ids.EXPECTED_VOTING
        present, expected = map(self.count, names)
        if (present is None or expected is None) and not any(map(self._is_unclear, names)):
            return self.count(field_ids.PRESENT), self.count(field_ids.EXPECTED)
        return present, expected

    def voters(self, voting: str, whole: str) -> int | None:
        """Return a count of those who may vote, or that of all where the form does not tell them apart."""
        told = self.count(voting)
        return self.count(whole) if told is None and not self._is_unclear(voting) else told

    def _is_unclear(self, voting: str) -> bool:
        """Whether a count of those who may vote is no number, or is left to a list that cannot be counted."""
        return (
            bool(self.data.get(voting)) and self.count(voting) is None or any(person.unclear for person in self.people)
        )

    @property
    def topics(self) -> tuple[str, ...]:
        """The agenda, item by item."""
        lines = (line.strip("。 \u3000") for line in re.split("[\n；;]", self.data.get(field_ids.TOPICS)))
        return tuple(line for line in lines if line and line != "无")

    @property
    def matters(self) -> tuple[str, ...]:
        """The matters that were discussed and voted on."""
        return (*self.topics, *(vote.matter for vote in self.votes if vote.matter))

    def about(self, vote: Vote) -> str:
        """Return a vote's matter with the topic that it belongs to, in one text."""
        topics = self.topics
        related = topics if len(topics) == 1 else (topic for topic in topics if _related(topic, vote.matter))
        return "\n".join((vote.matter, *related))

    def voters_among(self, *cells: str) -> int | None:
        """Return how many of those whom cells name may vote: all but those who are listed without that right.

        None where the right of one of them cannot be read.
        """
        entries = [entry for cell in cells for entry in person_names.listed(cell)]
        unnamed = sum(map(person_names.unnamed, cells))
        listed = Counter(person_names.bare(person.name) for person in self.people)
        without = {person_names.bare(person.name) for person in self.people if person.voting is False}
        without |= {person_names.bare(name) for name in self.observers}
        named = ((person_names.bare(entry), entry) for entry in entries if not person_names.headcount(entry))
        # Namesakes are told apart by the words in brackets.
        voters = {
            (name, person_names.post_of(entry) if listed[name] > 1 else "")
            for name, entry in named
            if name not in without
        }
        unclear = {person_names.bare(person.name) for person in self.people if "voting" in person.unclear}
        return None if any(name in unclear for name, _ in voters) else unnamed + len(voters)

    def here(self) -> tuple[Person, ...]:
        """Return those of the list who came."""
        return tuple(person for person in self.people if person.status in field_ids.HERE)

    def unclear(self) -> tuple[Person, ...]:
        """Return the people whose attendance is unknown, for the typed text is no option."""
        return tuple(person for person in self.people if STATUS in person.unclear)

    def absent(self) -> tuple[Person, ...]:
        """Return those who did not come."""
        return tuple(person for person in self.people if person.status in (field_ids.LEAVE, field_ids.AWAY))


def _related(topic: str, matter: str) -> bool:
    """Whether a matter is that of a topic: one holds the other, numbering aside."""
    first, second = (re.sub(r"^[（(]?[0-9一二三四五六七八九十]+[）)、.．]\s*", "", text) for text in (topic, matter))
    return bool(second) and (second in first or first in second)


def number(text: str) -> int | None:
    """Return a normalised count, None if it is empty or unreadable."""
    return int(text) if text.isascii() and text.isdecimal() else None


def read(data: FormData, meeting: str) -> Minutes:
    """Return the minutes in (normalised) form data; ``meeting`` is the id of the meeting."""
    get = data.get
    start, end = minutes_of(get(field_ids.STARTED)), minutes_of(get(field_ids.ADJOURNED))
    if start is not None and end is not None and end < start >= _EVENING and end <= _SMALL_HOURS:
        end += _DAY  # the meeting went on over midnight
    return Minutes(
        data,
        meeting,
        get(field_ids.DATE),
        get(field_ids.YEAR) or get(field_ids.DATE)[:4],
        get(field_ids.ORDINAL),
        start,
        end,
        tuple(_people(data)),
        tuple(_partly(data, start)),
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
    for row, values in _numbered(data, field_ids.ATTENDANCE):
        voting = {"有": True, "无": False}.get(values.get("voting", ""))
        status, reason = _known_status(values.get(STATUS, "")), values.get("absent_for", "")
        unclear = frozenset(
            name for name, read in ((STATUS, status), ("voting", voting)) if values.get(name) and read in ("", None)
        )
        for name, post in _named(values.get("name", ""), values.get("post", "")):
            yield Person(name, post, voting, status, reason, row, field_ids.ATTENDANCE, unclear)
    for row, values in _numbered(data, field_ids.ABSENTEES):
        status, reason = _known_status(values.get("absence", "")), values.get("absent_for", "")
        unclear = frozenset([STATUS] if values.get("absence") and not status else ())
        if values.get("absentee", "") == "无":
            continue
        for name, post in _named(values.get("absentee", ""), values.get("absent_post", "")):
            yield Person(name, post, None, status, reason, row, field_ids.ABSENTEES, unclear)


def _known_status(written: str) -> str:
    return written if written in (*field_ids.HERE, field_ids.LEAVE, field_ids.AWAY) else ""


def _named(cell: str, post: str) -> Iterator[tuple[str, str]]:
    """Yield name and post of each person in a cell; an empty name for each whom it counts without naming (甲某等3人)."""
    for name in person_names.listed(cell) or (cell,):
        if not person_names.headcount(name):
            yield name, post or person_names.post_of(name)
    yield from [("", post)] * person_names.unnamed(cell)


def _partly(data: FormData, start: int | None) -> Iterator[Partly]:
    for row, values in _numbered(data, field_ids.PARTLY):
        times = [minutes_of(values.get(name, "")) for name in ("came_at", "left_at")]
        came, left = (
            time + _DAY
            if time is not None and start is not None and time < start >= _EVENING and time <= _SMALL_HOURS
            else time
            for time in times
        )
        for name in person_names.listed(values.get("partly_name", "")) or ("",):
            yield Partly(name, came, left, row)


def _votes(data: FormData) -> Iterator[Vote]:
    for row, values in _numbered(data, field_ids.VOTES):
        get = values.get
        agree, against, abstain, invalid = (
            number(get(name, "")) for name in ("agree", "against", "abstain", "invalid")
        )
        yield Vote(
            get("matter", ""),
            get("way", ""),
            agree,
            against,
            abstain,
            invalid,
            _WHAT_THEY_DID.sub("", get("recused", "")),
            _WHAT_THEY_DID.sub("", get("away", "")),
            get("passed", ""),
            row,
        )


def _resolutions(data: FormData) -> Iterator[Resolution]:
    for row, values in _numbered(data, field_ids.RESOLUTIONS):
        get = values.get
        if get("decided", "") != "无":
            yield Resolution(get("decided", ""), get("duty_post", ""), get("finish_by", ""), get("overseer", ""), row)


def _previous(data: FormData) -> Iterator[Carried]:
    for row, values in _numbered(data, field_ids.PREVIOUS):
        get = values.get
        if get("past", "") != "无":
            yield Carried(get("past", ""), get("past_post", ""), get("past_state", ""), row)
