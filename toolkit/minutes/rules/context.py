"""The input of the rules: the minutes, their form, the meeting as the unit's regulation has it, and its people."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from toolkit.compose.entries import Meeting
from toolkit.core.findings import Finding, Place, Severity
from toolkit.forms import Form, FormData
from toolkit.language import person_names
from toolkit.minutes.rules.quorum import Quorum
from toolkit.minutes.rules.record import Minutes

#: Signs between posts and names where both are written.
_WORDS = re.compile(r"[、，（）()\s]+")


@dataclass(frozen=True, slots=True)
class Roster:
    """People of the unit, by name as :func:`person_names.bare` has it, and the posts that a resolution can name.

    ``called``: other names of a post (村支书) → its name in the unit's texts (党支部书记).
    """

    people: tuple[Mapping[str, Any], ...]
    posts: frozenset[str]
    by_name: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, people: Iterable[Mapping[str, Any]], posts: Iterable[str], called: Mapping[str, str] | None = None
    ) -> Roster:
        """Return the roster of the people and the posts of a unit."""
        people = tuple(people)
        found: dict[str, tuple[Mapping[str, Any], ...]] = {}
        for person in people:
            name = person_names.bare(person["name"])
            found[name] = (*found.get(name, ()), person)
        return cls(people, frozenset(filter(None, posts)), found, called or {})

    def called_to(self, meeting: str, listed: Container[tuple[str, str]] | None) -> tuple[Mapping[str, Any], ...]:
        """Return the people of a meeting (by name): ``listed`` by its form with name and post; None: named for it or for none."""
        if listed is not None:
            return tuple(person for person in self.people if (person["name"], person["post"]) in listed)
        return tuple(person for person in self.people if not person["meetings"] or meeting in person["meetings"])

    def knows(self, name: str) -> bool:
        """Whether a name is one of the unit's, or nobody is known at all."""
        return not self.people or person_names.bare(name) in self.by_name

    def namesakes(self, name: str, post: str) -> tuple[Mapping[str, Any], ...]:
        """Return those of the unit who bear a name; of several, those with the post, if one has it."""
        same = self.by_name.get(person_names.bare(name), ())
        if len(same) < 2 or not post:
            return same
        exact = tuple(person for person in same if person.get("post", "") == post)
        return exact or tuple(person for person in same if self.same_post(str(person.get("post", "")), post)) or same

    def holds(self, name: str, post: str, written: str = "") -> bool:
        """Whether a person has a post; of namesakes the one whose post is ``written`` beside the name."""
        return any(self.same_post(str(person.get("post", "")), post) for person in self.namesakes(name, written))

    def holder(self, post: str) -> str:
        """Return the name of the first who has a post; empty if nobody has."""
        held = (person for person in self.people if self.same_post(str(person.get("post", "")), post))
        return next((person_names.bare(holder["name"]) for holder in held), "")

    def same_post(self, held: str, post: str) -> bool:
        """Whether one of the posts that someone has (joined by 、) is the post; 党支部书记 and 村党支部书记 are one.

        So are 党支部书记 and 村支书, on either side. ``post`` may be a text about a person: 丁某（村支书）.
        """
        if not post:
            return False
        parts = {*held.split("、"), *self._meant(held.split("、"))}
        asked = {post, *self._meant(_WORDS.split(post))}
        return any(part and (part in wanted or wanted in part) for part in parts for wanted in asked)

    def _meant(self, words: Iterable[str]) -> set[str]:
        return {self.called[word] for word in words if word in self.called}


@dataclass(frozen=True, slots=True)
class Context:
    """The minutes of one meeting with all that they are judged by; ``file`` is named in findings.

    ``members``: the people of the meeting; ``unread``: the findings about those rules of the meeting that cannot be counted;
    ``computed``: the values among the data that the form leaves open and its lists tell.
    """

    minutes: Minutes
    form: Form
    meeting: Meeting
    quorum: Quorum
    roster: Roster
    members: tuple[Mapping[str, Any], ...] = ()
    file: str = ""
    unread: tuple[Finding, ...] = ()
    computed: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> FormData:
        """The filled form."""
        return self.minutes.data

    def at(self, key: str) -> Place:
        """Return where a field stands: its line in YAML, its label in a document."""
        place = self.data.places.get(key)
        return place if place is not None else Place(file=self.file, key=self.label(key))

    def label(self, key: str) -> str:
        """Return a field's name for people: 到会情况（第2行）."""
        return self.form.label(key)

    def has(self, name: str) -> bool:
        """Whether the form asks for something."""
        return name in self.form.fields or name in self.form.tables

    def finding(self, code: str, severity: Severity, message: str, key: str, **more: str) -> Finding:
        """Return a finding about a field."""
        return Finding(code, severity, message, self.at(key), subject=key, **more)

    def error(self, code: str, message: str, key: str, **more: str) -> Finding:
        """Return an error about a field."""
        return self.finding(code, Severity.ERROR, message, key, **more)

    def warning(self, code: str, message: str, key: str, **more: str) -> Finding:
        """Return a warning about a field."""
        return self.finding(code, Severity.WARNING, message, key, **more)

    def by_rule(self, code: str, message: str, key: str, hint: str = "") -> Finding:
        """Return the finding about a broken rule of quorum: an error where the rule is firm, else a warning that says why."""
        basis = self.quorum.basis
        if self.quorum.firm:
            return self.error(code, message, key, hint=hint, basis=basis)
        way = "这条规则待核，所以只是“请看”；在单位档案的“会议规则”里写明依据后是“要改”"
        return self.warning(code, message, key, hint=f"{hint}；{way}" if hint else way, basis=basis)


def in_office(people: Iterable[Mapping[str, Any]], date: str) -> list[Mapping[str, Any]]:
    """Return those who hold their posts on a day (ISO; empty: all)."""
    return [
        person
        for person in people
        if not (date and ((person["from"] and date < person["from"]) or (person["until"] and date > person["until"])))
    ]


Check = Callable[[Context], Iterable[Finding]]
