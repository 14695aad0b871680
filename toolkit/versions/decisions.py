"""Decisions on the conflicts of merges as a file (``--decisions``): equal conflicts of many units are one entry.

A conflict is told apart by its document and its three texts, in which the unit's own names stand as 〔label〕; so 31 units that
changed 每半年 to 每季度 in one article are one entry, and words of one's own may use the same 〔label〕. An entry without
a decision is open: it decides nothing. The file is YAML or a workbook, by its suffix (:mod:`toolkit.versions.decision_files`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from toolkit.compare import BOTH, KEEP, OWN, TAKE, Conflict, Decide, Decision
from toolkit.core.findings import UsageError
from toolkit.forms.blueprint import squeezed

if TYPE_CHECKING:
    from toolkit.compose.resolve import Resolved
    from toolkit.presets.params import ParamSchema

#: The decisions by the words that the file offers; and other words for them.
WORDS = {KEEP: "保留手工", TAKE: "采用新版", BOTH: "两者都留", OWN: "另写"}
_ALSO = {
    KEEP: ("保留", "手工", "保留手工修改", "保留手工稿", "keep"),
    TAKE: ("采用", "新版", "采用新版本", "新", "take"),
    BOTH: ("都留", "都保留", "并存", "both"),
    OWN: ("另写文字", "自己写", "own"),
}
_HOW = {word: how for how, words in _ALSO.items() for word in (WORDS[how], *words)}
#: Shorter values are no names: they may stand anywhere.
_NAME = range(2, 61)
_MARK = re.compile("〔([^〔〕]+)〕")


@dataclass(frozen=True)
class Open:
    """A conflict of a unit that nobody has decided: in which file and clause, and the three texts.

    ``standing``: it is a tracked change that an earlier merge left in the file.
    """

    document: str
    file: str
    clause: str
    conflict: Conflict
    standing: bool = False


@dataclass(frozen=True)
class Entry:
    """Equal conflicts of one or many units, and the decisions: ``decision`` of all ``units`` but those of ``others``.

    ``key`` tells the entry apart; the texts have 〔label〕 where units differ. ``place``: where the file has it, for findings.
    """

    key: str
    file: str
    clause: str
    base: str
    mine: str
    theirs: str
    units: tuple[str, ...] = ()
    decision: Decision | None = None
    others: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def open(self) -> tuple[str, ...]:
        """The units for which nothing is decided."""
        return () if self.decision is not None else tuple(unit for unit in self.units if unit not in self.others)

    @property
    def words(self) -> str:
        """The entry in one line: 第十九条：31 个单位把“每半年”改为“每季度”，新版本是“每月”."""
        count = f"{len(self.units)} 个单位" if len(self.units) != 1 else self.units[0]
        before, after = shortened(self.base, self.mine)
        new = shortened(self.base, self.theirs)[1] or self.theirs
        did = f"把“{before}”改为“{after}”" if after else f"删去“{before}”"
        if not before:
            did = f"加了“{after}”"
        return f"{self.file} {self.clause}：{count}{did}，新版本{f'改为“{new}”' if new else '删去了这一处'}"


def names_of(resolved: Resolved | None) -> dict[str, str]:
    """Return the texts that are a unit's own (text → label): its names, addresses and numbers, the longest first."""
    return {} if resolved is None else names_among(resolved.given, resolved.preset.params)


def names_among(given: Mapping[str, Any], schema: ParamSchema) -> dict[str, str]:
    """Return those of a unit's values (by key) that are its own names, as :func:`names_of` does."""
    params = schema.params
    own = {
        value: params[key].label
        for key, value in given.items()
        if key in params and params[key].type in ("text", "phone") and isinstance(value, str) and len(value) in _NAME
    }
    return dict(sorted(own.items(), key=lambda item: (-len(item[0]), item[0])))


def general(text: str, names: Mapping[str, str]) -> str:
    """Return a text with 〔label〕 in the place of a unit's own names."""
    if not names:
        return text
    pattern = re.compile("|".join(map(re.escape, names)))
    return pattern.sub(lambda match: f"〔{names[match[0]]}〕", text)


def specific(text: str, names: Mapping[str, str]) -> str:
    """Return words of one's own for a unit: 〔label〕 becomes its own name."""
    values = {label: value for value, label in names.items()}
    return _MARK.sub(lambda match: values.get(match[1], match[0]), text)


def key_of(document: str, conflict: Conflict, names: Mapping[str, str]) -> str:
    """Return the key that equal conflicts of all units share, as a short code."""
    texts = [squeezed(general(text, names)) for text in (conflict.base, conflict.mine, conflict.theirs)]
    data = json.dumps([document, *texts], ensure_ascii=False).encode()
    return hashlib.sha256(data).hexdigest()[:10]


def shortened(before: str, after: str) -> tuple[str, str]:
    """Return the parts in which two texts differ: without their common beginning and end."""
    if not before or not after:
        return before, after
    start, shortest = 0, min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]


@dataclass(frozen=True)
class Decisions:
    """The entries of a decision file by key."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def of(self, key: str, unit: str) -> Decision | None:
        """Return the decision on a conflict of a unit, None while it is open."""
        entry = self.entries.get(key)
        return None if entry is None else entry.others.get(unit, entry.decision)

    def decide(self, document: str, unit: str, names: Mapping[str, str]) -> Decide:
        """Return a function that decides on the conflicts of one document of a unit."""

        def answer(conflict: Conflict) -> Decision | None:
            decision = self.of(key_of(document, conflict, names), unit)
            return replace(decision, text=specific(decision.text, names)) if decision is not None else None

        return answer

    def unused(self, keys: Iterable[str]) -> list[Entry]:
        """Return the decided entries of which no conflict occurred; ``keys``: those that did."""
        known = set(keys)
        return [entry for key, entry in self.entries.items() if key not in known and (entry.decision or entry.others)]


NO_DECISIONS = Decisions()


def grouped(found: Sequence[tuple[str, Mapping[str, str], Sequence[Open]]], known: Decisions) -> list[Entry]:
    """Return the conflicts of units as entries with what is decided on them so far.

    The most frequent come first, equally frequent ones as they stand in the files. ``found``: unit, its own names, its conflicts.
    """
    groups: dict[str, list[tuple[str, Open]]] = {}
    texts: dict[str, tuple[str, str, str]] = {}
    for unit, names, conflicts in found:
        for conflict in conflicts:
            key = key_of(conflict.document, conflict.conflict, names)
            groups.setdefault(key, []).append((unit, conflict))
            three = (conflict.conflict.base, conflict.conflict.mine, conflict.conflict.theirs)
            texts.setdefault(key, tuple(general(text, names) for text in three))  # type: ignore[arg-type] # three of them
    entries = []
    for key, group in groups.items():
        first = Counter(conflict.file for _, conflict in group).most_common(1)[0][0]
        clause = Counter(conflict.clause for _, conflict in group).most_common(1)[0][0]
        units = tuple(dict.fromkeys(unit for unit, _ in group))
        old = known.entries.get(key)
        decision, others = (old.decision, old.others) if old is not None else (None, {})
        entries.append(Entry(key, first, clause, *texts[key], units, decision, others))
    return sorted(entries, key=lambda entry: (-len(entry.units), entry.file))  # stable: as they stand in the file


def read_how(word: str) -> str | None:
    """Return the decision of a word of a decision file, None for an unknown word."""
    return _HOW.get(word.strip().rstrip("。"))


def decision(how: str, words: str = "") -> Decision | None:
    """Return a decision by its id or a word of a decision file, None for an empty one. Raises UsageError."""
    if not how.strip():
        return None
    read_as = read_how(how)
    if read_as is None:
        raise UsageError(f"不认识的决定“{how[:20]}”", f"可以写：{'、'.join(WORDS.values())}", "bad_decision")
    if read_as == OWN and not words.strip():
        raise UsageError("选了自己写，还没有写文字", "把要用的文字写在下面", "bad_decision")
    return Decision(read_as, words.strip() if read_as == OWN else "")
