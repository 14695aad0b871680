"""The year calendar of duties as iCalendar (RFC 5545), without a clock: same duties, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from toolkit.compose.due_dates import DueDate
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
    """Return one all-day event for each due date of each duty in ``year``, on its workday, sorted by date.

    ``issued`` (ISO date, or empty) becomes DTSTAMP. ``notes`` gives by duty and number what stands before the label and
    what the description says besides; with it the day of ``issued`` also counts as SEQUENCE and LAST-MODIFIED, so that a
    later file changes the events of an earlier one. The UID is made of the unit, the duty's id and the
    number of the due date in the year, so that a changed day updates the event of an earlier import.
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
    events = [(due.day, due, duty) for duty, those in dues for due in those]
    lines = [_fold(line) for line in head]
    for day, due, duty in sorted(events, key=lambda event: event[0]):
        note = None if notes is None else (*notes.get((duty.id, due.number), ("", "", False)), sequence)
        uid = hashlib.sha256(f"{unit}\n{duty.id}\n{year}-{due.number}".encode()).hexdigest()[:32]
        lines += (b"BEGIN:VEVENT\r\n", _fold(f"UID:{uid}@toolkit"), _event(duty, day, due.moved, stamp, note))
    return b"".join([*lines, _fold("END:VCALENDAR")])


@remembered(10_000)
def _event(duty: Duty, day: date, moved: str, stamp: str, note: tuple[str, str, bool, int] | None = None) -> bytes:
    """Return an event after its UID: the same in every unit that has the duty in the same words."""
    mark, state, alarms, sequence = note or ("", "", False, 0)
    facts = {
        "责任人": duty.actor_name,
        "事项": duty.act,
        "频次": duty.frequency,
        "期限": duty.deadline,
        "原到期日": moved,
        "报送": duty.recipient_name,
        "记录": duty.record,
        "状态": state,
    }
    lines = (
        f"DTSTAMP:{stamp}",
        *((f"SEQUENCE:{sequence}", f"LAST-MODIFIED:{stamp}") if note else ()),
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escape(mark + duty.label)}",
        "DESCRIPTION:" + _escape("\n".join(f"{name}：{value}" for name, value in facts.items() if value)),
        "TRANSP:TRANSPARENT",
        *(line for trigger in _ALARMS if alarms for line in _alarm(duty, trigger)),
        "END:VEVENT",
    )
    return b"".join(map(_fold, lines))


def _alarm(duty: Duty, trigger: str) -> tuple[str, ...]:
    text = f"DESCRIPTION:{_escape(duty.label)}"
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
