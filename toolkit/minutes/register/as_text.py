"""The register as a table at the terminal: one line per duty."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from toolkit.minutes.register.matching import DONE, LATE, OVERDUE, Status
from toolkit.minutes.register.register import Register
from toolkit.minutes.register.rows import summary

_HEADS = ("职责", "责任主体", "完成", "逾期（到期日）", "下一次", "最近的记录")
_LEAST = (12, 10, 6, 14, 10, 12)


def write(register: Register, width: int) -> str:
    """Return the register of ``width`` terminal columns (a Chinese character takes two)."""
    rows = [_cells(row) for row in register.statuses]
    widths = _widths(rows, width)
    out = [f"{register.unit} {register.year}年度履责台账（{register.today.isoformat()}）", ""]
    out.append("  ".join(_fit(text, size) for text, size in zip(_HEADS, widths, strict=True)).rstrip())
    out.append("─" * min(width, sum(widths) + 2 * (len(widths) - 1)))
    out += ["  ".join(_fit(text, size) for text, size in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*out, "", summary(register)])


def _cells(row: Status) -> tuple[str, ...]:
    done = row.count(DONE, LATE)
    records = [due.evidence for due in row.dues if due.evidence] + list(row.occasions)
    last = max(records, key=lambda one: one.date, default=None)
    nearest = row.next
    late = "、".join(f"{due.date.month}-{due.date.day}" for due in row.dues if due.state == OVERDUE)
    count = f"{done}/{len(row.dues)}" if row.dues else f"{len(row.occasions)}次"
    return (
        row.duty.label,
        row.duty.actor_name,
        count,
        late,
        nearest.date.isoformat() if nearest else "",
        f"{last.date} {last.file}" if last else "",
    )


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return column widths: as the texts need, the widest made narrower until all fit."""
    widths = [max([_columns(head), *(_columns(row[place]) for row in rows)]) for place, head in enumerate(_HEADS)]
    room = max(width, sum(_LEAST)) - 2 * (len(widths) - 1)
    while sum(widths) > room:
        place = max(range(len(widths)), key=lambda one: widths[one] - _LEAST[one])
        if widths[place] <= _LEAST[place]:
            break
        widths[place] -= 1
    return widths


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _fit(text: str, size: int) -> str:
    """Return a text in exactly ``size`` columns, cut with an ellipsis."""
    text = "".join(char if char.isprintable() else "?" for char in text)
    if _columns(text) > size:
        kept, used = "", 0
        for char in text:
            used += _columns(char)
            if used > size - 1:
                break
            kept += char
        text = kept + "…"
    return text + " " * max(0, size - _columns(text))
