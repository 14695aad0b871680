"""The rules of quorum and passing of a meeting, read from the words that are printed: data of the presets and of the profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toolkit.language.majorities import Rule, read_majorities

#: Certainty tags of a rule that gives errors; others (R recalled, P practice) warn. ``own``: the unit names its basis.
_FIRM = frozenset({"V", "V2", "own"})


@dataclass(frozen=True, slots=True)
class Quorum:
    """The rules of a meeting: ``to_meet`` and ``to_pass`` (empty where nothing is counted), the words, basis and tag."""

    to_meet: tuple[Rule, ...]
    to_pass: tuple[Rule, ...]
    words: Mapping[str, str]

    @property
    def firm(self) -> bool:
        """Whether breaking it is an error and not a warning."""
        return self.words.get("tag", "") in _FIRM

    @property
    def basis(self) -> str:
        """The basis of the rule."""
        return self.words.get("basis", "")


def read(words: Mapping[str, str]) -> Quorum:
    """Return the rules that a meeting's ``quorum`` states (keys ``to_meet to_pass denominator basis tag``)."""
    denominator = words.get("denominator", "")
    coming = read_majorities(words.get("to_meet", ""), denominator, meeting=True)
    agreeing = read_majorities(words.get("to_pass", ""), denominator)
    return Quorum((*coming.to_meet, *agreeing.to_meet), (*coming.to_pass, *agreeing.to_pass), words)


def binding(rules: Iterable[Rule], *matters: str) -> tuple[Rule, ...]:
    """Return the rules that count for the discussed matters: for a matter that rules name these, else the general ones."""
    rules = tuple(rules)
    general = tuple(rule for rule in rules if not rule.condition)
    return tuple(dict.fromkeys(rule for matter in matters or ("",) for rule in _of_matter(rules, matter) or general))


def _of_matter(rules: tuple[Rule, ...], matter: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.condition and rule.covers(matter))
