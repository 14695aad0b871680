"""The year calendar of duties as iCalendar (RFC 5545), without a clock: same duties, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from toolkit.compose.due_dates import DueDate, occasions
from toolkit.core.memo import remembered
from toolkit.model.tree import Duty

#: RFC 5545, 3.1: a content line has at most 75 octets, its line break not counted.
_OCTETS = 75
_EPOCH = "1970-01-01"
#: A week and a day before, at nine o'clock: an event of a day begins at midnight (RFC 5545, 3.8.6.3).
_ALARMS = ("-P6DT15H", "-PT15H")
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def calendar(
    dues: Iterable[tuple[Duty, Iterable[DueDate]]],
    year: int,
    unit: str,
    *,
    issued: str = "",
    notes: Mapping[tuple[str, int], tuple[str, str, bool]] | None = None,
) -> bytes:
    """Return one all-day event for each occasion in ``year``, on its workday, sorted by date; its points are duties.

    ``issued`` (ISO date, or empty) becomes DTSTAMP. ``notes`` gives by duty and number the text before the label and
    an addition to the description; with it the day of ``issued`` also counts as SEQUENCE and LAST-MODIFIED, so that a
    later file changes the events of an earlier one. The UID is made of the unit, the id of the first duty and the
    number of its due date in the year, so that a changed day updates the event of an earlier import.
    Raises ValueError for a year that is not between 1 and 9998.
    """
    if not 1 <= year <= 9998:
        raise ValueError(f"no such year: {year}")
    stamp = (issued or _EPOCH).replace("-", "") + "T000000Z"
    #: Grows day by day (RFC 5545, 3.8.7.4).
    sequence = max((date.fromisoformat(issued or _EPOCH) - date.fromisoformat(_EPOCH)).days, 0)
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//toolkit//duties//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escape(f'{unit}{year}年职责日历')}",
    )
    lines = [_fold(line) for line in head]
    for occasion in occasions(dues):
        said = [
            (duty, due, *(notes or {}).get((duty.id, due.number), ("", "", False))) for duty, due in occasion.points
        ]
        duty, due = occasion.points[0]
        uid = hashlib.sha256(f"{unit}\n{duty.id}\n{year}-{due.number}".encode()).hexdigest()[:32]
        event = _event(tuple(said), occasion.day, stamp, None if notes is None else sequence)
        lines += (b"BEGIN:VEVENT\r\n", _fold(f"UID:{uid}@toolkit"), event)
    return b"".join([*lines, _fold("END:VCALENDAR")])


#: A duty with its due date, the text before its label, its state in words, and whether it still waits.
Point = tuple[Duty, DueDate, str, str, bool]


@remembered(10_000)
def _event(points: tuple[Point, ...], day: date, stamp: str, sequence: int | None) -> bytes:
    """Return an event after its UID: the same in every unit that has the duties in the same words."""
    facts = "\n\n".join(_facts(*point, alone=len(points) == 1) for point in points)
    summary = "、".join(mark + duty.label for duty, _, mark, _, _ in points)
    waits = any(waiting for *_, waiting in points)
    lines = (
        f"DTSTAMP:{stamp}",
        *((f"SEQUENCE:{sequence}", f"LAST-MODIFIED:{stamp}") if sequence is not None else ()),
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escape(summary)}",
        "DESCRIPTION:" + _escape(facts),
        "TRANSP:TRANSPARENT",
        *(line for trigger in _ALARMS if waits for line in _alarm(summary, trigger)),
        "END:VEVENT",
    )
    return b"".join(map(_fold, lines))


def _facts(duty: Duty, due: DueDate, _mark: str, state: str, _waits: bool, *, alone: bool) -> str:
    facts = {
        "职责": "" if alone else duty.label,
        "责任人": duty.actor_name,
        "事项": duty.act,
        "频次": duty.frequency,
        "期限": duty.deadline,
        "原到期日": due.moved,
        "报送": duty.recipient_name,
        "记录": duty.record,
        "状态": state,
    }
    return "\n".join(f"{name}：{value}" for name, value in facts.items() if value)


def _alarm(summary: str, trigger: str) -> tuple[str, ...]:
    text = f"DESCRIPTION:{_escape(summary)}"
    return "BEGIN:VALARM", "ACTION:DISPLAY", text, f"TRIGGER:{trigger}", "END:VALARM"


def _escape(text: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11); control characters are not allowed and go."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char >= " " and char != "\x7f" or char in "\n\t")
    return text.translate(_ESCAPED)


def _fold(line: str) -> bytes:
    """Return a content line with its CRLF, folded without splitting a character."""
    whole = line.encode(errors="replace")
    if len(whole) <= _OCTETS:
        return whole + b"\r\n"
    parts, size = [""], 0
    for char in line:
        octets = len(char.encode(errors="replace"))
        if size + octets > _OCTETS:
            parts.append(" ")
            size = 1
        parts[-1] += char
        size += octets
    return "".join(part + "\r\n" for part in parts).encode(errors="replace")
