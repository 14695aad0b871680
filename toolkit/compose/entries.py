"""Organisation entries, meetings and rows of a unit, and how their values are printed; used by scope, coverage and minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from toolkit.language import periods
from toolkit.model.tree import Duty
from toolkit.presets.params import Param

#: The table parameter with the unit's own rules of quorum and passing: meeting (name or id), to_meet, to_pass, basis.
OWN_RULES = "meeting_rules"


@dataclass(frozen=True, slots=True)
class OrgEntry:
    """A body, post or outside organ in effect. ``of`` is the id of what it belongs to."""

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


@dataclass(frozen=True, slots=True)
class Record:
    """One row of what ``each`` repeats: printed ``texts`` and raw ``values`` by column."""

    texts: Mapping[str, str]
    values: Mapping[str, Any]
    key: str = ""


def own_rule(quorum: Mapping[str, str], rows: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> Mapping[str, str]:
    """Lay the unit's own rule for a meeting (a row of :data:`OWN_RULES`) over the preset's; a named basis makes it ``own``."""
    for row in rows:
        if row.get("meeting") in names:
            given = {key: str(row[key]) for key in ("to_meet", "to_pass", "denominator", "basis") if row.get(key)}
            return {**quorum, **given, **({"tag": "own"} if "basis" in given else {})}
    return quorum


def printed(value: Any, kind: str = "text") -> str:
    """The printed form of a value: lists joined by 、, 是/否, dates, 《title》（number）; one line."""
    if kind == "date":
        return periods.print_date(value or "")
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
    """Frequency and deadline of a duty together: 每季度至少一次，每季度末月25日前."""
    return "，".join(part for part in (duty.frequency, duty.trigger + duty.deadline) if part)


def due_dates(duty: Duty, year: int) -> tuple[date, ...]:
    """The due dates of a duty in ``year``; none for a triggered one or what cannot be counted."""
    try:
        frequency = periods.parse_frequency(duty.frequency) if duty.frequency else None
        deadline = periods.parse_deadline(duty.deadline) if duty.deadline else None
    except ValueError:
        return ()
    return periods.due_dates(frequency, deadline, year)


def part_of(params: Mapping[str, Param], path: str, find: Callable[[str], Any]) -> Any:
    """The value of a part of a parameter, None if ``path`` is none; empty if the parameter has no such part.

    ``basis.main.number``; of a table ``accounts.count`` and ``accounts.first.name``, also ``last`` and
    ``previous`` (the row before the last).
    """
    above, _, last = path.rpartition(".")
    table, _, edge = above.rpartition(".")
    if above in params:
        value = find(above)
        if params[above].type == "table":
            return len(value) if last == "count" else ""
    elif table in params and params[table].type == "table":
        rows = find(table)
        chosen = {"first": rows[:1], "last": rows[-1:], "previous": rows[-2:-1]}.get(edge, ())
        value = chosen[0] if chosen else {}
    else:
        return None
    return value.get(last, "") if isinstance(value, Mapping) else ""


def kind_of(params: Mapping[str, Param], path: str, value: Any) -> str:
    """The type as which the value of a name is printed; an empty part of a table prints nothing."""
    if path in params:
        return params[path].type
    above, _, last = path.rpartition(".")
    table = params.get(above.rpartition(".")[0])
    if above in params or table is None or value == "":
        return "date" if last == "date" and above in params else "text"
    return next((column.type for column in table.columns if column.key == last), "text")


def text_record(texts: Mapping[str, str], key: str) -> Record:
    """A row whose conditions see the printed texts."""
    return Record(texts, texts, key)


def canonical(text: str, parse: Callable[[str], Any]) -> str:
    """The canonical form of a frequency or deadline; what cannot be parsed stays (checks report it)."""
    try:
        return parse(text).text() if text else ""
    except ValueError:
        return text
