"""Computes the figures that a report takes from the records of its period; an officer may correct every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

from toolkit.compose.due_dates import own_period
from toolkit.core.findings import has_errors
from toolkit.forms import FormData, FormRow
from toolkit.language.periods import is_iso_date
from toolkit.minutes import reading, records
from toolkit.minutes.register.evidence import Prover
from toolkit.minutes.register.matching import DONE as IN_TIME
from toolkit.minutes.register.matching import Due, Status, statuses
from toolkit.minutes.register.register import Scan
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Duty
from toolkit.presets.counts import COUNT, DONE, DUE, LIST, ROWS, Count, read

#: Roles of fields that state a period, with how many months they have.
_PARTS = {"month": 1, "quarter": 3, "half": 6}
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day (ISO) that a report is about."""

    first: str
    last: str

    def holds(self, day: str) -> bool:
        """Whether a day (ISO) is in it."""
        return self.first <= day <= self.last


def span(duty: Duty | None, day: Date) -> Span:
    """Return the period that a report of ``day`` is about: that of the duty's due date, or the one before; else the year.

    It does not go beyond the day.
    """
    months, following = own_period(duty) if duty is not None else (12, False)
    months = months or 12
    number = day.year * 12 + (day.month - 1) // months * months - (months if following else 0)
    after = number + months
    last = Date.fromordinal(Date(after // 12, after % 12 + 1, 1).toordinal() - 1)
    return Span(Date(number // 12, number % 12 + 1, 1).isoformat(), min(last, day).isoformat())


def stated(roles: Mapping[str, str], options: Mapping[str, tuple[str, ...]], period: Span) -> dict[str, str]:
    """Return the fields that state the period, filled in; ``roles`` as of ``stated_periods``, ``options`` of the fields."""
    first = Date.fromisoformat(period.first)
    values = {"from": period.first, "to": period.last, "year": str(first.year)}
    for role, months in _PARTS.items():
        number = (first.month - 1) // months
        choices = options.get(roles.get(role, ""), ())
        values[role] = choices[number] if number < len(choices) else _NUMERALS[number] if number < 10 else ""
    return {name: values[role] for role, name in roles.items() if values.get(role)}


def worked_out(unit: Unit, document: str, folder: Path, scan: Scan, period: Span) -> dict[str, str]:
    """Return the values of a form that its ``counts`` tell, from the records in ``folder`` that no rule finds an error in.

    ``scan`` is the register's reading of the same folder.
    """
    template = unit.resolved.preset.documents[document]
    asked = {field: count for field, text in template.counts.items() if (count := read(text)) is not None}
    forms = {count.names[0] for count in asked.values() if count.path}
    forms |= {name for count in asked.values() for name in count.names if name in unit.documents}
    held = _Held(unit, scan, period, list(_filled(unit, folder, scan, forms)))
    return {field: value for field, count in asked.items() if (value := held.value(count))}


def _filled(unit: Unit, folder: Path, scan: Scan, forms: set[str]) -> Iterator[tuple[FormData, str]]:
    """Yield the filled forms of these ids, each once, with the day of each (ISO or empty)."""
    wrong = {finding.where.file for finding in scan.findings if has_errors((finding,))}
    prover, kept = Prover(unit), set(scan.seen.values())
    for path in records.files(folder):
        name = path.relative_to(folder).as_posix()
        if name in wrong or name not in kept:
            continue
        state, data, _ = records.open_file(unit, path, name)[:3]
        if state != records.FORM or data.document not in forms or reading.other_unit(unit, data, path):
            continue
        days = (data.get(field) for field in prover.shape(data.document).dates)
        yield data, next((day for day in days if is_iso_date(day)), "")


@dataclass(frozen=True, slots=True)
class _Held:
    unit: Unit
    scan: Scan
    period: Span
    forms: list[tuple[FormData, str]]

    def value(self, count: Count) -> str:
        if count.kind in (DUE, DONE):
            dues = list(self._dues())
            return str(sum(due.state == IN_TIME for due in dues) if count.kind == DONE else len(dues))
        if count.kind == COUNT:
            return _known(sum(map(self._proofs, count.names)))
        texts = list(self._texts(count))
        if count.kind == LIST:
            minutes = self.unit.documents[count.names[0]].family == "minutes" if texts else False
            return _listed(texts, "会议议定" if minutes else "")
        if count.kind == ROWS:
            return _known(len(texts))
        return _known(sum(int(text) for _, text in texts if text.isdecimal()))

    def _proofs(self, name: str) -> int:
        """How many records of the period prove a duty, or how many forms of a kind there are."""
        if name not in self.unit.resolved.duties:
            return sum(data.document == name and self.period.holds(day) for data, day in self.forms)
        days = {
            (proof.file, proof.date)
            for proof in self.scan.evidence
            if proof.duty == name and self.period.holds(proof.date) and not proof.line
        }
        return len(days) or self._proved_by_lines(name)

    def _proved_by_lines(self, name: str) -> int:
        """How many due dates of a duty the lines of checklists prove (several may name one record); else how many lines."""
        (status,) = [status for status in self._statuses() if status.duty.id == name]
        proofs = [due.evidence for due in status.dues] if status.dues else status.occasions
        return len(
            {proof.date for proof in proofs if proof is not None and proof.line and self.period.holds(proof.date)}
        )

    def _statuses(self) -> list[Status]:
        last, resolved = Date.fromisoformat(self.period.last), self.unit.resolved
        duties, scan = resolved.duties.values(), self.scan
        return statuses(duties, scan.evidence, last.year, last, scan.reporters, resolved.due_rule)

    def _dues(self) -> Iterator[Due]:
        for status in self._statuses():
            yield from (due for due in status.dues if self.period.holds(due.due.day.isoformat()))

    def _texts(self, count: Count) -> Iterator[tuple[str, str]]:
        """Yield (day, text) of the fields that a path names, in the forms and rows of the period, oldest first."""
        for data, day in sorted(self.forms, key=lambda form: form[1]):
            if data.document != count.names[0]:
                continue
            runs_on = self.unit.documents[data.document].family == "register"
            table, field = count.path if len(count.path) == 2 else (count.path[0], "")
            if table not in self.unit.form(data.document).tables:
                text = data.get(count.path[0])
                if text and self.period.holds(day) and count.option in ("", text):
                    yield day, text
                continue
            for row in data.rows(table):
                on = (_day_of(row) or day) if runs_on else (day or _day_of(row))
                text = row.values.get(field, "") if field else "".join(row.values.values())
                if text and self.period.holds(on) and count.option in ("", text):
                    yield on, text


def _known(number: int) -> str:
    """Return a count; nothing where no record was found: that there was none is for the officer to say."""
    return str(number) if number else ""


def _day_of(row: FormRow) -> str:
    return next((value for value in row.values.values() if is_iso_date(value)), "")


def _listed(texts: list[tuple[str, str]], what: str) -> str:
    """Return dated texts as one paragraph: 3月25日会议议定：甲；乙。4月2日会议议定：丙。"""
    days: dict[str, list[str]] = {}
    for day, text in texts:
        days.setdefault(day, []).append(text.rstrip("。；;"))
    return "".join(f"{int(day[5:7])}月{int(day[8:])}日{what}：{'；'.join(parts)}。" for day, parts in days.items())
