"""Organisation entries, meetings and rows of a unit, and how their values are printed; used by scope, coverage and minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.language import periods
from toolkit.model.tree import Duty


@dataclass(frozen=True, slots=True)
class OrgEntry:
    """A body, post or outside organ in effect. ``of`` is the id of the entry that it belongs to."""

    id: str
    kind: str
    name: str
    full: str
    of: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting form in effect; ``quorum`` has to_meet, to_pass, denominator, basis, tag (``own``: the unit's own rule).

    ``prepared_by`` is the id of the meeting that must be held before it.
    """

    id: str
    name: str
    form: str
    body: str
    body_name: str
    chair: str
    chair_name: str
    recorder: str
    recorder_name: str
    minutes: str
    quorum: Mapping[str, str]
    prepared_by: str = ""
    convener_name: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of an ``each`` source: printed ``texts`` and raw ``values`` by column; its subject, and ``others``."""

    texts: Mapping[str, str]
    values: Mapping[str, Any]
    key: str = ""
    others: tuple[str, ...] = ()


def printed(value: Any, kind: str = "text") -> str:
    """Return the printed form of a value: lists joined by 、, 是/否, dates, 《title》（number）; one line."""
    if kind == "date":
        return periods.print_date(value or "")
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        number = value.get("number", "")
        title = one_line(value.get("title", ""))
        return (f"《{title}》" + (f"（{one_line(number)}）" if number else "")) if title else ""
    if isinstance(value, (tuple, list)):
        return "、".join(printed(item) for item in value if not isinstance(item, Mapping))
    return "" if value is None else one_line(str(value))


def one_line(text: str) -> str:
    """Replace line breaks by blanks: a value never becomes a new paragraph."""
    if "\n" not in text and "\r" not in text:
        return text
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def when_due(duty: Duty) -> str:
    """Frequency and deadlines of a duty together: 每年一次，每年1月31日前，第一次在施行后1个月内."""
    first = f"第一次在施行后{duty.first}" if duty.first else ""
    return "，".join(part for part in (duty.frequency, duty.trigger + duty.deadline, first) if part)
