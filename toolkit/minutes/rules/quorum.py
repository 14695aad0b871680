"""Rules of quorum and passing, counted from the words that are printed: data of the presets and of the profile.

半数以上 includes exactly half (《民法典》第一千二百五十九条, by analogy), 过半数 and 超过半数 do not. The same words say
whether the fraction counts the persons who should come (应到会) or who came (到会), and whether only those who may vote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from toolkit.language.periods import parse_chinese_numeral

_NUMERAL = "[一二三四五六七八九十]+"
_FRACTION = re.compile(
    r"(?P<over>超过|多于|过)?(?P<who>[^，；。]*?)(?:的)?"
    rf"(?:(?P<down>{_NUMERAL})分之(?P<up>{_NUMERAL})|(?P<half>半数))(?P<least>以上)?"
)
_OR = re.compile("或")
_CONDITION = re.compile(r"(?:讨论|涉及|决定)(?P<what>.+?)(?:事项|问题)?(?:时|的)")
#: Certainty tags of a rule that gives errors; others (R recalled, P practice) warn. ``own``: the unit names its basis.
_FIRM = frozenset({"V", "V2", "own"})


@dataclass(frozen=True, slots=True)
class Rule:
    """At least (``inclusive``) or more than ``part`` of the persons of ``base`` (``expected`` or ``present``).

    ``voting`` counts only those who may vote.
    ``condition`` is a word that the matter must name for the rule to count; empty for a rule that always does.
    """

    part: Fraction
    inclusive: bool
    base: str
    voting: bool = False
    condition: str = ""

    def holds(self, count: int, base: int) -> bool:
        """Whether ``count`` of ``base`` persons are enough."""
        needed = self.part * base
        return count >= needed if self.inclusive else count > needed

    def least(self, base: int) -> int:
        """Return the smallest count that is enough."""
        needed = self.part * base
        whole = -(-needed.numerator // needed.denominator)
        return whole if self.inclusive or whole > needed else whole + 1


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
        """What the rule rests on."""
        return self.words.get("basis", "")


def read(words: Mapping[str, str]) -> Quorum:
    """Return the rules that a meeting's ``quorum`` states (keys ``to_meet to_pass denominator basis tag``)."""
    denominator = words.get("denominator", "")
    return Quorum(
        tuple(parse(words.get("to_meet", ""), "", meeting=True)),
        tuple(parse(words.get("to_pass", ""), denominator)),
        words,
    )


def parse(text: str, denominator: str = "", meeting: bool = False) -> list[Rule]:
    """Return the countable rules in a text, clause by clause; none for what is not counted (不进行表决)."""
    rules = []
    for clause in re.split("[，；。,;]", text):
        match = _FRACTION.search(clause)
        if not match or (_OR.search(clause) and len(_FRACTION.findall(clause)) > 1):
            continue  # nothing to count, or two ways to count of which the form does not say which it took
        if match["half"]:
            part = Fraction(1, 2)
        else:
            part = Fraction(parse_chinese_numeral(match["up"]), parse_chinese_numeral(match["down"]))
        about = clause if meeting or "到会" in clause or "应到" in clause else denominator
        base = "expected" if meeting or "应到" in about or "到会" not in about else "present"
        condition = _CONDITION.match(clause)
        voting = any(word in clause + denominator for word in ("表决权", "选举权"))
        inclusive = bool(match["least"]) and not match["over"]
        rules.append(Rule(part, inclusive, base, voting, condition["what"] if condition else ""))
    return rules


def applying(rules: tuple[Rule, ...], matters: str) -> Rule | None:
    """Return the strictest rule for what was discussed."""
    fitting = [rule for rule in rules if not rule.condition or rule.condition in matters]
    return max(fitting, key=lambda rule: (rule.part, not rule.inclusive), default=None)
