"""The rows that ``each`` repeats something over: duties, agenda, calendar, meetings, tables of the profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from toolkit.compose.entries import Record, due_dates, printed, text_record
from toolkit.presets.spec import MEETING_ATTRIBUTES

if TYPE_CHECKING:
    from toolkit.compose.scope import Scope

#: Stands in for an unknown year in a calendar: a common (not leap) year.
COMMON_YEAR = 2001


def records(scope: Scope, path: str, meeting: str) -> Iterator[Record]:
    """Yield the rows of ``path`` for a unit; ``meeting`` is the document's, for ``agenda``."""
    if path in ("duties", "agenda"):
        for duty in filter(None, map(scope.duty, scope.preset.duties)):
            if path == "duties" or (meeting and duty.meeting == meeting):
                yield text_record(scope.duty_texts(duty), duty.id)
    elif path == "calendar":
        yield from _calendar(scope)
    elif path == "meetings":
        for entry in filter(None, map(scope.meeting, scope.preset.meetings)):
            texts = {name: scope.meeting_text(entry, name) for name in MEETING_ATTRIBUTES}
            yield text_record(texts, entry.id)
    else:
        yield from _of_value(scope, path)


def _of_value(scope: Scope, path: str) -> Iterator[Record]:
    param = scope.preset.params.params.get(path)
    kinds = {column.key: column.type for column in param.columns} if param is not None else {}
    value = scope.value(path)
    for number, item in enumerate(value if isinstance(value, (tuple, list)) else (), start=1):
        if isinstance(item, Mapping):
            texts = {key: printed(cell, kinds.get(key, "text")) for key, cell in item.items()}
            yield Record(texts, item, str(number))
        else:
            yield Record({"value": printed(item)}, {"value": item}, str(number))


def _calendar(scope: Scope) -> Iterator[Record]:
    """Yield one row per due date of the year, sorted; triggered duties have none.

    Without a year a common (not leap) year stands in: only months and days are printed.
    """
    dates = [
        ((day.month, day.day, order), duty, day)
        for order, duty in enumerate(filter(None, map(scope.duty, scope.preset.duties)))
        for day in due_dates(duty, scope.year or COMMON_YEAR)
    ]
    for _, duty, day in sorted(dates, key=lambda row: row[0]):
        texts = {**scope.duty_texts(duty), "month": f"{day.month}月", "due": f"{day.month}月{day.day}日前"}
        yield text_record(texts, duty.id)
