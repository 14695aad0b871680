"""The evidence of a filled form: the duties, the day, the period and the unit that it proves; used by the register.

A form that several duties share proves each by its own row with a result, or by the field that the preset names for it
(``proved_by``); the form of one duty proves it as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from toolkit.core.excerpts import beginning
from toolkit.core.findings import Finding, Place, Severity
from toolkit.forms import Form, FormData, totals
from toolkit.forms.fields import FormTable
from toolkit.language.periods import is_iso_date
from toolkit.minutes.register import stated_periods
from toolkit.minutes.register.matching import LINE, MINUTES, RECORD, Evidence
from toolkit.minutes.rules import field_ids
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document, Duty, plain

#: Between the names of units in the result of an agenda row.
_PARTS = re.compile(r"[、，。；,;\s和]+")
#: Results of an agenda row that say that nothing was done.
_NOTHING = frozenset(
    [
        "无",
        "没有",
        "未讨论",
        "没有讨论",
        "未研究",
        "没有研究",
        "未办理",
        "没有办理",
        "未开展",
        "没有开展",
        "不适用",
        "否",
        "未到期",
        "/",
        "—",
        "-",
    ]
) | {""}
#: Characters of the text of the row that proves a duty, for the register.
_PROOF = 200
_GAP = re.compile(r"[、，,；;\s]+")


@dataclass(frozen=True, slots=True)
class Shape:
    """The questions of the register to a form, computed once: the duties that it can prove and the fields that state its period.

    ``whole``: duties that the form proves as a whole; ``rows``: those that have a row of their own in the agenda;
    ``fields``: those with a field of their own (table, field, options). ``dates`` are the fields that may say when it was done,
    ``keyed`` the tables with rows about duties, each with the fields that only its free rows have. ``unprovable``: duties that
    share the form without a statement of their proof.
    """

    document: Document
    form: Form
    whole: tuple[str, ...]
    rows: frozenset[str]
    fields: Mapping[str, tuple[str, str, frozenset[str]]]
    states: Mapping[str, str]
    dates: tuple[str, ...]
    keyed: Mapping[str, frozenset[str]]
    unprovable: tuple[str, ...]

    def day(self, data: FormData) -> str:
        """Return the day (ISO) on which normalised data say that it was done, empty for none."""
        day = next((value for field in self.dates if (value := data.get(field))), "")
        return day if is_iso_date(day) else ""

    def label(self, role: str) -> str:
        """Return the label of the field that states something; empty if there is none."""
        part = self.form.fields.get(self.states.get(role, ""))
        return part.label if part is not None else ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The evidence of one form, and the findings about it."""

    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """The statement of a form about its subject: day and period (ISO, may be empty), reporting unit, running number.

    ``once``: two files that state the same are of one record; else there may be several of a day.
    """

    day: str
    period: tuple[str, ...]
    reporter: str
    number: str
    once: bool


@dataclass(slots=True)
class Prover:
    """Reads evidence from the forms of one unit. ``reporters``: by duty the units that each must report."""

    unit: Unit
    reporters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _shapes: dict[str, Shape] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for duty in self.unit.resolved.duties.values():
            entry = self.unit.resolved.org.get(duty.actor)
            names = tuple(filter(None, _GAP.split(entry.extra.get("reporters", "")))) if entry else ()
            if len(names) > 1:
                self.reporters[duty.id] = names

    def shape(self, name: str) -> Shape:
        """Return the questions to a form."""
        if name not in self._shapes:
            self._shapes[name] = self._shape(name)
        return self._shapes[name]

    def by_row(self, name: str) -> dict[str, str]:
        """Return the duties (id → label) that a form proves only by the result of their agenda row."""
        shape = self.shape(name)
        duties = self.unit.resolved.duties
        return {duty: duties[duty].label for duty in sorted(shape.rows.difference(shape.whole))}

    def _shape(self, name: str) -> Shape:
        document, form = self.unit.documents[name], self.unit.form(name)
        template = self.unit.resolved.preset.documents.get(name)
        named = template.proved_by if template is not None else {}
        duties = self.unit.resolved.duties
        agenda = form.tables.get(field_ids.AGENDA) if document.family == "minutes" else None
        own = [shape.key for shape in agenda.shapes] if agenda else []
        rows = frozenset(key for key in own if key in duties and duties[key].meeting == document.meeting)
        fields = {
            duty: condition
            for duty in document.record_of
            if duty in named and _has(form, condition := _condition(named[duty]))
        }
        alone = len({*document.record_of, *rows}) == 1
        whole = [duty for duty in document.record_of if duty not in fields and (alone or duty not in rows)]
        whole = whole if alone or len(document.record_of) == 1 else []
        dates = (name for name, part in form.fields.items() if part.kind == "date" and part.required)
        keyed = {row.key for table in form.tables.values() for row in table.shapes}
        return Shape(
            document,
            form,
            tuple(whole),
            rows,
            fields,
            stated_periods.roles(form),
            tuple(name for name in (*field_ids.DONE_DATES, *dates) if name in form.fields),
            {table.id: _free_fields(table) for table in form.tables.values() if _about_duties(table, duties)},
            tuple(
                duty for duty in document.record_of if duty not in keyed and duty not in fields and duty not in whole
            ),
        )

    def stated(self, data: FormData) -> Stated:
        """Return the subject that normalised data of a form that is no minutes state."""
        shape = self.shape(data.document)
        day = shape.day(data)
        period = stated_periods.period(shape.states, data, day) if day else ()
        number = data.get(field_ids.SERIAL)
        once = bool(number) or (bool(period) and bool(shape.states.keys() & {"quarter", "month", "half", "to"}))
        return Stated(day, period, data.get(shape.states.get("reporter", "")), number, once)

    def proof(self, data: FormData, name: str, void: bool = False) -> Proof:
        """Return the evidence of normalised data; ``name`` is the file, ``void``: a meeting that did not reach its quorum."""
        shape = self.shape(data.document)
        day = shape.day(data)
        findings = tuple(_unkeyed(shape, data, name))
        period = stated_periods.period(shape.states, data, day) if day else ()
        if period and (wrong := _wrong_period(period, day)):
            message = f"写的是{period[0]}至{period[1]}的情况，{wrong}，不作为完成的证明"
            place = Place(file=name, key=shape.form.fields[shape.dates[0]].label)
            return Proof(
                (), (*findings, Finding("period_stated", Severity.ERROR, message, place, "核对年度、季度和日期"))
            )
        evidence = []
        for duty, on, how, remark in _held(shape, data, day) if void else self._proved(shape, data, day):
            units = self.reporters.get(duty, ())
            named = _reporters(shape, data, duty, units) if units else ()
            if units and not named and how != LINE:
                findings = (*findings, self._stranger(shape, data, duty, name))
                continue
            evidence += [Evidence(duty, on, name, how, remark, period, reporter, void) for reporter in named or ("",)]
        if shape.unprovable:
            labels = "”“".join(self.unit.resolved.duties[duty].label for duty in shape.unprovable)
            message = f"这份表由几项职责共用，没有写明哪一栏证明“{labels}”，不作为它的证明"
            hint = "在预设里用 proved_by 写明填写项，或者在议程里给它一行"
            findings = (*findings, Finding("not_provable", Severity.NOTICE, message, Place(file=name), hint))
        if not day and not evidence and shape.document.record_of:
            message = "没有写日期，不知道是哪一期的，不作为完成的证明"
            findings = (*findings, Finding("no_day", Severity.NOTICE, message, Place(file=name), "写明完成日期"))
        return Proof(tuple(evidence), tuple(dict.fromkeys(findings)))

    def _stranger(self, shape: Shape, data: FormData, duty: str, name: str) -> Finding:
        units = "、".join(self.reporters[duty])
        if "reporter" in shape.states:
            label, written = shape.label("reporter"), data.get(shape.states["reporter"])
            what = f"“{label}”写的是“{beginning(written)}”，不是{units}之一" if written else f"没有写“{label}”"
            hint = f"改正名称；是本单位新设的，写入单位档案。应当汇报的有：{units}"
        else:
            label = self.unit.resolved.duties[duty].label
            what = f"议程中“{label}”的办理结果没有写哪些单位作了汇报"
            hint = f"写明作了汇报的单位的名称。应当汇报的有：{units}"
        return Finding(
            "reporter_unknown", Severity.ERROR, f"{what}，不作为完成的证明", Place(file=name, key=label), hint
        )

    def _proved(self, shape: Shape, data: FormData, day: str) -> Iterator[tuple[str, str, str, str]]:
        """Yield each duty with the day (ISO), the kind of proof, and the remark."""
        how = MINUTES if shape.document.family == "minutes" else RECORD
        results = {row.key: row.values.get("result", "") for row in data.rows(field_ids.AGENDA) if row.key}
        for duty in shape.whole if day else ():
            if results.get(duty, "x") not in _NOTHING or (duty in results and not results[duty]):
                yield duty, day, how, ""
        for duty in sorted(shape.rows.difference(shape.whole)) if day else ():
            if results.get(duty, "") not in _NOTHING:
                yield duty, day, how, ""
        done = {*shape.whole}
        for duty, condition in shape.fields.items():
            for on in _days(shape, data, condition, day):
                done.add(duty)
                yield duty, on, how, ""
        if not day or shape.document.family == "minutes":
            return
        for key, proof in totals.proved(shape.form, data):
            if key in self.unit.resolved.duties and key not in done:
                shared = key in shape.document.record_of
                yield key, day, RECORD if shared else LINE, beginning(proof, _PROOF)


def _held(shape: Shape, data: FormData, day: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the duties that a meeting was called for, and those with a result, whatever that is worth."""
    said = [row.key for row in data.rows(field_ids.AGENDA) if row.values.get("result", "") not in _NOTHING]
    for duty in dict.fromkeys((*shape.document.record_of, *(key for key in said if key in shape.rows))) if day else ():
        yield duty, day, MINUTES, ""


def _has(form: Form, condition: tuple[str, str, frozenset[str]]) -> bool:
    """Whether a form still has the field of a condition: a unit's own layer may have taken it away."""
    table, name, _ = condition
    return name in form.fields if not table else table in form.tables and name in form.tables[table].fields


def _condition(text: str) -> tuple[str, str, frozenset[str]]:
    path, _, options = text.partition("=")
    table, _, name = path.rpartition(".")
    return table, name, frozenset(filter(None, options.split("|")))


def _days(shape: Shape, data: FormData, condition: tuple[str, str, frozenset[str]], day: str) -> Iterator[str]:
    """Yield the days on which the condition was fulfilled: its own date, else the form's.

    Of rows it is the last; in a form without a date of its own, such as a list of requests, each of them.
    """
    table, name, options = condition
    if not table:
        value = data.get(name)
        if value in _NOTHING or (options and value not in options):
            return
        part = shape.form.fields.get(name)
        on = value if part is not None and part.kind == "date" else day
        if is_iso_date(on):
            yield on
        return
    values = [row.values.get(name, "") for row in data.rows(table)]
    filled = [value for value in values if value not in _NOTHING and (not options or value in options)]
    days = sorted({value for value in filled if is_iso_date(value)})
    if day and filled:
        yield days[-1] if days else day
    elif not day:
        yield from days


def _wrong_period(period: tuple[str, ...], day: str) -> str:
    """Return the fault of a stated period: it ends before it begins, or the record is older than it.

    A plan for a year is made in the quarter before.
    """
    if period[1] < period[0]:
        return "截止日期早于起始日期"
    whole_year = period[0][5:] == "01-01" and period[1][5:] == "12-31"
    if day >= (f"{int(period[0][:4]) - 1}-10-01" if whole_year else period[0]):
        return ""
    return f"日期是{day}：这一期还没有开始"


def _about_duties(table: FormTable, duties: Mapping[str, Duty]) -> bool:
    return sum(shape.key in duties for shape in table.shapes) > 1


def _free_fields(table: FormTable) -> frozenset[str]:
    printed = [shape for shape in table.shapes if shape.fixed]
    return frozenset(table.fields) - {name for shape in printed for name in shape.fields}


def _unkeyed(shape: Shape, data: FormData, name: str) -> Iterator[Finding]:
    """Yield the tables with rows that say something and of which the file no longer says which duty they are about."""
    for table, free in shape.keyed.items():
        lost = [
            (number, next(iter(row.values.values())))
            for number, row in enumerate(data.tables.get(table, ()), 1)
            if not row.key and not _NOTHING.issuperset(row.values.values()) and free.isdisjoint(row.values)
        ]
        if lost:
            caption = plain(shape.form.tables[table].table.caption) or "议程"
            rows = "、".join(str(number) for number, _ in lost[:8]) + ("等" if len(lost) > 8 else "")
            message = (
                f"“{caption}”第{rows}行写了“{beginning(lost[0][1])}”，文件里没有记下它是哪一项职责，不作为完成的证明"
            )
            hint = "转换过格式的文件会丢掉这种标记：用 toolkit minutes new 重新出表，把结果填进去"
            yield Finding("row_unknown", Severity.ERROR, message, Place(file=name, key=caption), hint)


def _reporters(shape: Shape, data: FormData, duty: str, units: tuple[str, ...]) -> tuple[str, ...]:
    """Return the units whose report a form is: its own field says which; in minutes the row of the duty names them."""
    if "reporter" in shape.states:
        reporter = stated_periods.reporter(data.get(shape.states["reporter"]), units, shape.label("reporter"))
        return (reporter,) if reporter else ()
    rows = (row for row in data.rows(field_ids.AGENDA) if row.key == duty)
    parts = (part for row in rows for part in _PARTS.split(row.values.get("result", "")))
    return tuple(dict.fromkeys(filter(None, (stated_periods.reporter(part, units) for part in parts))))
