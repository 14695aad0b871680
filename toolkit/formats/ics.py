"""The year calendar of duties as iCalendar (RFC 5545), without a clock: same duties, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from toolkit.core.memo import remembered
from toolkit.language.periods import due_dates, parse_deadline, parse_frequency
from toolkit.model.tree import Duty

#: RFC 5545, 3.1: a content line has at most 75 octets, its line break not counted.
_OCTETS = 75
_EPOCH = "1970-01-01"
_BEGIN = b"BEGIN:VEVENT\r\n"


def calendar(
    duties: Iterable[Duty],
    year: int,
    unit: str,
    *,
    issued: str = "",
    notes: Mapping[tuple[str, int], tuple[str, str]] | None = None,
) -> bytes:
    """Return one all-day event for each due date of each duty in ``year``, sorted by date.

    ``issued`` (ISO date, or empty) becomes DTSTAMP. ``notes`` gives by duty and number what stands before the label and
    what the description says besides; with it the day of ``issued`` also counts as SEQUENCE and LAST-MODIFIED, so that a
    later file changes the events of an earlier one. The UID is made of the unit, the duty's id and the
    number of the due date in the year, so that a changed day updates the event of an earlier import.
    Raises ValueError for a year that is not between 1 and 9999, or a wording that cannot be counted.
    """
    if not 1 <= year <= 9998:
        raise ValueError(f"no such year: {year}")
    stamp = (issued or _EPOCH).replace("-", "") + "T000000Z"
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//toolkit//duties//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escape(f'{unit}{year}年职责日历')}",
    )
    events = [(day, number, duty) for duty in duties for number, day in enumerate(_dates(duty, year), 1)]
    lines = [_fold(line) for line in head]
    sequence = _sequence(issued)
    for day, number, duty in sorted(events, key=lambda event: event[0]):
        note = None if notes is None else (*notes.get((duty.id, number), ("", "")), sequence)
        lines += (_BEGIN, _fold(f"UID:{_uid(unit, duty.id, year, number)}"), _event(duty, day, stamp, note))
    lines.append(_fold("END:VCALENDAR"))
    return b"".join(lines)


@remembered(2000)
def _dates(duty: Duty, year: int) -> tuple[date, ...]:
    frequency = parse_frequency(duty.frequency) if duty.frequency else None
    deadline = parse_deadline(duty.deadline) if duty.deadline else None
    return due_dates(frequency, deadline, year)


def _uid(unit: str, duty: str, year: int, number: int) -> str:
    return hashlib.sha256(f"{unit}\n{duty}\n{year}-{number}".encode()).hexdigest()[:32] + "@toolkit"


def _sequence(issued: str) -> int:
    """Return a number that grows day by day (RFC 5545, 3.8.7.4)."""
    return max((date.fromisoformat(issued or _EPOCH) - date.fromisoformat(_EPOCH)).days, 0)


@remembered(10_000)
def _event(duty: Duty, day: date, stamp: str, note: tuple[str, str, int] | None = None) -> bytes:
    """Return an event after its UID: the same in every unit that has the duty in the same words."""
    return b"".join(map(_fold, _event_lines(duty, day, stamp, note)))


def _event_lines(duty: Duty, day: date, stamp: str, note: tuple[str, str, int] | None) -> Iterator[str]:
    mark, state, sequence = note or ("", "", 0)
    facts = (
        ("责任人", duty.actor_name),
        ("事项", duty.act),
        ("频次", duty.frequency),
        ("期限", duty.deadline),
        ("报送", duty.recipient_name),
        ("记录", duty.record),
        ("状态", state),
    )
    yield f"DTSTAMP:{stamp}"
    if note is not None:
        yield f"SEQUENCE:{sequence}"
        yield f"LAST-MODIFIED:{stamp}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escape(mark + duty.label)}"
    yield "DESCRIPTION:" + _escape("\n".join(f"{name}：{value}" for name, value in facts if value))
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escape(text: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11); control characters are not allowed and go."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char >= " " and char != "\x7f" or char in "\n\t")
    for char, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(char, escaped)
    return text


def _fold(line: str) -> bytes:
    """Return a content line with its CRLF, folded without splitting a character."""
    whole = line.encode(errors="replace")
    if len(whole) <= _OCTETS:
        return whole + b"\r\n"
    pieces, size = [""], 0
    for char in line:
        octets = len(char.encode(errors="replace"))
        if size + octets > _OCTETS:
            pieces.append(" ")
            size = 1
        pieces[-1] += char
        size += octets
    return "".join(piece + "\r\n" for piece in pieces).encode(errors="replace")
