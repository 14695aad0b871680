"""New and filled forms: expected people, duties due, matters carried forward; as a document of the tree and as a file."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path

from toolkit import forms
from toolkit.compose.due_dates import DueRule, own_period, recurs
from toolkit.compose.entries import Meeting
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.excerpts import beginning
from toolkit.core.findings import Finding, Place, Severity, UsageError
from toolkit.forms import Form, FormData, FormRow
from toolkit.language.periods import is_iso_date, print_date, print_typed_date
from toolkit.minutes.reading import origin
from toolkit.minutes.register import counts, stated_periods
from toolkit.minutes.register.across import Sitting, Task, open_tasks
from toolkit.minutes.register.matching import Evidence
from toolkit.minutes.register.register import Scan
from toolkit.minutes.rules import counting, field_ids, quorum
from toolkit.minutes.rules.context import in_office
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document, Duty

#: The count of full members of the party organisation stands in for a list that the profile does not have.
_MEMBERS_WORD = "党员"


@dataclass(frozen=True, slots=True)
class Made:
    """A form in the tree with the findings of filling it."""

    document: Document
    findings: tuple[Finding, ...] = ()


def new(
    unit: Unit,
    name: str,
    date: str = "",
    number: int = 0,
    sittings: Sequence[Sitting] = (),
    evidence: Iterable[Evidence] = (),
    said: Mapping[str, str] | None = None,
) -> Made:
    """Return the form for a meeting, with running number, agenda, people and open resolutions filled in.

    ``date`` is ISO or empty; ``sittings`` and ``evidence`` come from the records folder (nothing without one); ``said``:
    further values by field id.
    """
    document = unit.named(name)
    meeting = unit.meeting_of(document.id)
    if meeting is None:
        raise UsageError(f"“{document.file_name}”不是会议记录", "toolkit papers 可以单独出这份表")
    before = [sitting for sitting in sittings if sitting.meeting == meeting.id and (not date or sitting.date < date)]
    year = date[:4] or (str(unit.set.year) if unit.set.year else "")
    values = {
        field_ids.DATE: date,
        field_ids.YEAR: year,
        field_ids.ORDINAL: _ordinal(number, year, before, bool(sittings)),
        **(said or {}),
    }
    people = in_office(unit.members(document.id), date)
    form = unit.form(document.id)
    tables: dict[str, tuple[FormRow, ...]] = {}
    values.update(_expected(unit, meeting, form, date))
    if field_ids.ATTENDANCE in form.tables:
        tables[field_ids.ATTENDANCE] = tuple(
            attendant(person, form.tables[field_ids.ATTENDANCE].fields) for person in people
        )
    if field_ids.PREVIOUS in form.tables and (waiting := open_tasks(before, meeting.id)):
        tables[field_ids.PREVIOUS] = tuple(_carried(task) for task in waiting)
    if field_ids.AGENDA in form.tables:
        tables[field_ids.AGENDA] = _agenda(unit, meeting, form, date, list(evidence))
    known = {name: value for name, value in values.items() if value and name in form.fields}
    filled = forms.fill(
        document, FormData(document.id, values=known, tables={name: rows for name, rows in tables.items() if rows})
    )
    return Made(filled.document, filled.findings)


#: The details of a call to a meeting, for people.
_SAID = {field_ids.STARTED: "开始时间", field_ids.PLACE: "地点"}


def need_fields(unit: Unit, document: Document, said: Iterable[str]) -> None:
    """Raise UsageError for the first field that no minutes are made of, or that a form does not have."""
    form = unit.form(document.id)
    for name in said:
        if name not in form.fields or unit.meeting_of(document.id) is None:
            raise UsageError(
                f"“{document.file_name}”没有“{_SAID.get(name, name)}”一栏", "开始时间和地点只写进会议记录表"
            )


def paper(unit: Unit, name: str, date: str = "", folder: Path | None = None, scan: Scan | None = None) -> Made:
    """Return a form that is no minutes, with the period that it is about and figures from the records of that period.

    ``date`` (ISO or empty) is the day on which it is written; ``folder`` the records, which ``scan`` has read. Raises UsageError
    for records without a date.
    """
    document = unit.named(name)
    form, template = unit.form(document.id), unit.resolved.preset.documents[document.id]
    if scan is not None and folder is not None and not date and template.counts:
        raise UsageError(f"“{document.file_name}”要写明日期，才知道是哪一期的", "加上 --date 2026-06-28")
    values: dict[str, str] = {}
    if date:
        period = counts.span(_duty_of(unit, document), Date.fromisoformat(date))
        options = {field: part.options for field, part in form.fields.items()}
        values = counts.stated(stated_periods.roles(form), options, period)
        if scan is not None and folder is not None:
            values |= counts.worked_out(unit, document.id, folder, scan, period)
    filled = forms.fill(document, FormData(document.id, values=values))
    return Made(filled.document, (*filled.findings, *_prefilled(form, values)))


def _duty_of(unit: Unit, document: Document) -> Duty | None:
    """Return the duty whose period a paper is about: the one it proves, or the one that it is written for."""
    specs = unit.resolved.preset.duties
    written_for = (duty for duty in unit.resolved.duties if document.id in specs[duty].papers)
    return next((unit.resolved.duties[duty] for duty in (*document.record_of, *written_for)), None)


def _prefilled(form: Form, values: Mapping[str, str]) -> Iterable[Finding]:
    """Yield a notice for each computed value, for the writer of the paper to examine."""
    if values:
        shown = "、".join(f"{form.label(name)} {beginning(value)}" for name, value in values.items())
        message = f"已经填好 {len(values)} 栏：{shown}"
        hint = "由单位档案和记录算出，起草时逐项核对，可以改；其余各栏由起草人填写"
        yield Finding("prefilled", Severity.NOTICE, message, Place(), hint, subject=form.document.id)


def _ordinal(number: int, year: str, before: Sequence[Sitting], looked: bool) -> str:
    if number:
        return str(number)
    numbers = [int(earlier.ordinal) for earlier in before if earlier.year == year and earlier.ordinal.isdecimal()]
    return (
        str(max([*numbers, len([earlier for earlier in before if earlier.year == year])], default=0) + 1)
        if looked
        else ""
    )


def attendant(person: Mapping, fields: Mapping) -> FormRow:
    """Return the row of a person who should come, with the ``fields`` that the form has."""
    values = {
        field_ids.NAME: person["name"],
        field_ids.POST: person["post"],
        field_ids.VOTING: "有" if person["voting"] else "无",
    }
    return FormRow({name: value for name, value in values.items() if value and name in fields})


def _expected(unit: Unit, meeting: Meeting, form: Form, date: str) -> dict[str, str]:
    """Return how many should come and may vote: the people of the profile, or all members where the form lists nobody."""
    if field_ids.ATTENDANCE in form.tables:
        people = in_office(unit.members(form.document.id), date if is_iso_date(date) else "")
        counts = (str(len(people)), str(sum(person["voting"] for person in people))) if people else ("", "")
    else:
        counts = (_members(unit, meeting),) * 2
    return dict(zip((field_ids.EXPECTED, field_ids.EXPECTED_VOTING), counts, strict=True))


def _members(unit: Unit, meeting: Meeting) -> str:
    """Return how many members a meeting of all members should have, as the profile says."""
    if _MEMBERS_WORD not in meeting.quorum.get("to_meet", ""):
        return ""
    rules = unit.resolved.preset.rules.get("party_forms") or {}
    count = unit.resolved.values.get(rules.get("members", ""), 0)
    return str(count) if isinstance(count, int) and count > 0 else ""


def _carried(task: Task) -> FormRow:
    note = f"{print_typed_date(task.since)}议定" if task.since else ""
    limit = f"，限{print_date(task.due)}" if is_iso_date(task.due) else ""
    values = {"past": task.text, "past_post": task.post, "past_note": note + limit}
    return FormRow({name: value for name, value in values.items() if value})


def _agenda(unit: Unit, meeting: Meeting, form: Form, date: str, evidence: list[Evidence]) -> tuple[FormRow, ...]:
    """Return the duties of a meeting that fall due by the end of its period and are not yet done; all without a day."""
    rows = []
    duties = [duty for shape in form.tables[field_ids.AGENDA].shapes if (duty := unit.resolved.duties.get(shape.key))]
    period_end = _period_end(duties, Date.fromisoformat(date)) if date else Date.max
    for shape in form.tables[field_ids.AGENDA].shapes:
        duty = unit.resolved.duties.get(shape.key)
        if duty is None:
            continue
        if date:
            done = [proof.date for proof in evidence if proof.duty == duty.id and not proof.line]
            day, rule = Date.fromisoformat(date), unit.resolved.due_rule
            if _is_done(duty, day, done, rule) or not _falls_due(duty, day, period_end, rule):
                continue
        rows.append(FormRow({}, shape.key))
    return tuple(rows)


def _period_end(duties: Iterable[Duty], day: Date) -> Date:
    """Return the last day of the period (year, half, quarter, month) of the most frequent duty of a meeting that has one."""
    periods = [own_period(duty) for duty in duties if duty.frequency]
    months = min((months for months, following in periods if months and not following), default=0)
    if not months:
        return Date.max
    last = (day.month - 1) // months * months + months
    return Date(day.year, last, monthrange(day.year, last)[1])


def _falls_due(duty: Duty, day: Date, end: Date, rule: DueRule) -> bool:
    """Whether a duty's next due date is not after ``end``; a triggered one may come up at any meeting."""
    dates = [due for year in (day.year, day.year + 1) for due in rule.dates(duty, year)]
    return not recurs(duty) or min((due.day for due in dates if due.limit >= day), default=Date.max) <= end


def _is_done(duty: Duty, day: Date, done: list[str], rule: DueRule) -> bool:
    for year in (day.year, day.year + 1):
        for first, last in rule.windows(duty, year):
            if first <= day <= last:
                return any(first.isoformat() <= day <= last.isoformat() for day in done)
    return False


def fill(unit: Unit, data: FormData, name: str = "") -> Made:
    """Return the unit's form filled with data; ``name`` is a form or meeting where the data do not say. Totals are computed."""
    document, form = _chosen(unit, data, name)
    if unit.identify(data) == document.id:
        data = replace(data, document=document.id)
    same, found = forms.normalised(form, data)
    full = forms.totals.completed(form, replace(same, findings=()))
    filled = forms.fill(document, full)
    return Made(filled.document, tuple(dict.fromkeys((*found, *filled.findings, *origin(unit, data, "")))))


def counted(unit: Unit, data: FormData, name: str = "") -> FormData:
    """Return minutes with the counts that they do not give: who should come, who came, whether that is enough."""
    known = normal(unit, data, name)
    meeting = unit.meeting_of(known.document)
    if meeting is None:
        return data
    form = unit.form(known.document)
    added = {}
    if not known.get(field_ids.EXPECTED) and field_ids.ATTENDANCE not in known.tables:
        counts = _expected(unit, meeting, form, known.get(field_ids.DATE))
        added = {name: value for name, value in counts.items() if name in form.fields and not known.get(name)}
    known = replace(known, values={**known.values, **added})
    added |= counting.computed(form, known, meeting.id, quorum.read(meeting.quorum))
    return replace(data, values={**data.values, **added}) if added else data


def normal(unit: Unit, data: FormData, name: str = "") -> FormData:
    """Return data by field id, normalised, with totals, as :func:`fill` fills them in."""
    _, form = _chosen(unit, data, name)
    return forms.totals.completed(form, forms.normalised(form, data)[0])


def _chosen(unit: Unit, data: FormData, name: str) -> tuple[Document, Form]:
    document = unit.named(name) if name else unit.documents.get(unit.identify(data))
    if document is None:
        if not data.document:
            raise UsageError(
                "数据没有写明是哪份表", "在开头写“表单: 表的名称”，例如“表单: 专题研究会议记录”，或者加上 --meeting"
            )
        document = unit.named(data.document)
    return document, unit.form(document.id)


def write(unit: Unit, document: Document, form: str, where: Where = BUNDLED) -> bytes:
    """Return a document of the tree in a format of :mod:`toolkit.formats`.

    Raises UsageError for an unknown format, :class:`FindingsError` for templates and fonts.
    """
    return unit.written(document, form, where)
