"""Resolves a preset and the typed values of a profile to every name with its value; used by :mod:`toolkit.app`.

A :class:`Scope` works values out when they are asked for. Defaults of parameters, organisation names, duties and meetings may
use each other; a circle is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date as Date
from typing import Any

from toolkit.compose.due_dates import COMMON_YEAR, DueDate, DueRule, Occasion, occasions, stated_dates
from toolkit.compose.entries import Meeting, OrgEntry, Record, one_line, printed, when_due
from toolkit.compose.seats import held_by, seats
from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity
from toolkit.language import periods
from toolkit.model.tree import Document, Duty
from toolkit.presets.conditions import Expression, evaluate
from toolkit.presets.markup import Literal, Parts, Placeholder
from toolkit.presets.params import Chosen, Default, Fixed, Param, typed
from toolkit.presets.spec import (
    DUTY_ATTRIBUTES,
    MEETING_ATTRIBUTES,
    OF_A_MEETING,
    OF_THE_SET,
    OWN_RULES,
    PEOPLE,
    ROW_SOURCES,
    SEATS,
    DutySpec,
    MeetingSpec,
    OrgSpec,
    Preset,
)

#: Codes of this package's findings: severity and meaning.
CODES: dict[str, str] = {
    "default_cycle": "error: a default needs its own value",
    "bad_default": "error: a filled default does not fit its type",
    "bad_date": "error: the date template does not give a date",
    "bad_year": "error: the year template does not give a year that a calendar can have",
}
#: Printed where the year is not known.
BLANK_YEAR = "　" * 4
#: Key of the id of a document's meeting, among the document's own names.
MEETING = ""
#: Attributes of a duty that are printed in other words than it holds, and the others.
_WORKED_OUT = ("actor", "recipient", "form", "meeting", "assist", "when_due", "next_due")
_AS_THEY_ARE = tuple(name for name in DUTY_ATTRIBUTES if name not in _WORKED_OUT)
#: Characters of a value, as of one that a profile gives.
_VALUE_MAX = 10_000
_EMPTY: Mapping[str, Any] = {"list": (), "table": (), "boolean": False, "document": {}}


def of_meeting(path: str, local: Mapping[str, str]) -> str:
    """``this.name`` → ``meeting.<id>.name`` of the document's meeting."""
    return f"meeting.{local.get(MEETING, '')}.{path[5:]}" if path.startswith("this.") else path


def records_key(path: str, meeting: str) -> str:
    """Return the name of the rows of ``path``; some are those of a meeting."""
    return f"{path}:{meeting}" if path in OF_A_MEETING else path


def only_name(parts: Parts) -> str:
    """Return the name that a text is nothing but, or ""."""
    return parts[0].path if len(parts) == 1 and isinstance(parts[0], Placeholder) else ""


class Scope:
    """Lazy, memoised values of all names of a preset for one profile.

    ``value`` returns the value for conditions and ``each``, ``text`` the printed one.
    """

    def __init__(self, preset: Preset, given: Mapping[str, Any], date: str, places: Mapping[str, Place]) -> None:
        self.preset = preset
        self.given = given
        self.places = places
        self.findings: list[Finding] = []
        self._values: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        self._entries: dict[str, Any] = {}
        self._records: dict[str, tuple[Record, ...]] = {}
        self._duty_texts: dict[str, dict[str, str]] = {}
        self._open: set[str] = set()
        self.date = date
        self.year = 0
        self._set_date(date)
        self.due_rule = DueRule(preset.workdays)
        self._set_due_rule_and_year()

    def _set_date(self, date: str) -> None:
        source = self.preset.identity.get("date", ())
        direct = only_name(source)
        if date and direct in self.preset.params.params:
            # The argument wins over the profile, everywhere.
            self._values[direct] = date
        elif not date and source:
            self.date = self._iso(str(self.value(direct)) if direct else self.render(source))

    def _day(self, name: str) -> str:
        """Return a day (ISO) that the set is known by, empty if it is none or not a date (印发之日)."""
        source = self.preset.identity.get(name, ())
        direct = only_name(source)
        try:
            return periods.parse_date(str(self.value(direct)) if direct else self.render(source))
        except ValueError:
            return ""

    def _set_due_rule_and_year(self) -> None:
        """Duties bind from the day that the profile says, else from that of effect, else from the issue date.

        Where the profile says none, the posts are left the time of 制度签收 to receive the text.
        """
        effective, said = self._day("effective"), self._day("since")
        since = said or effective or self.date
        received = None if said else self._received()
        self.due_rule = DueRule(self.preset.workdays, Date.fromisoformat(since) if since else None, received)
        source = self.preset.identity.get("year", ())
        try:
            self.year = periods.parse_year(self.render(source)) or max(
                int(day[:4] or 0) for day in (self.date, effective)
            )
        except ValueError as error:
            self._problem("bad_year", str(error), only_name(source) or "year")

    def _received(self) -> Date | None:
        """Return the last day by which the text that is issued has to be with the posts; None if that is not known."""
        try:
            time = periods.parse_duration(self.render(self.preset.identity.get("receipt", ())))
        except ValueError:
            return None
        if not self.date:
            return None
        return self.preset.workdays.later(Date.fromisoformat(self.date), time)

    def _iso(self, text: str) -> str:
        if not text.strip():
            return ""
        try:
            return periods.parse_date(text)
        except ValueError as error:
            self._problem("bad_date", str(error), "date")
            return ""

    def _problem(self, code: str, message: str, subject: str, place: Place | None = None) -> None:
        where = place or self.places.get(subject) or self.preset.params.places.get(subject) or Place(key=subject)
        self.findings.append(Finding(code, Severity.ERROR, message, where, subject=subject))

    # Names -------------------------------------------------------------------------------

    def value(self, path: str) -> Any:
        """Return the raw value of a name; ``""`` for one that has none."""
        try:
            return self._values[path]
        except KeyError:
            head, _, rest = path.partition(".")
            if head in ("duty", "meeting") and path not in self.preset.params.params:
                value = self._attribute(head, *rest.partition(".")[::2])
            else:
                value = self._guarded(path, self._find, "")
            self._values[path] = value
            return value

    def text(self, path: str) -> str:
        """Return the printed form of a name."""
        try:
            return self._texts[path]
        except KeyError:
            text = self._texts[path] = self._print(path)
            return text

    def _guarded(self, path: str, find: Callable[[str], Any], empty: Any) -> Any:
        if path in self._open:
            self._problem("default_cycle", f"“{path}”的值绕成了圈：它要用到自己", path)
            return empty
        self._open.add(path)
        try:
            return find(path)
        finally:
            self._open.discard(path)

    def _find(self, path: str) -> Any:
        param = self.preset.params.params.get(path)
        if param is not None:
            return self._parameter(param)
        head, _, rest = path.partition(".")
        if head == "title":
            return self._title(rest)
        if path in OF_THE_SET:
            return self._of_the_set(path)
        if path in ROW_SOURCES:
            return self.records(path)
        part = part_of(self.preset.params.params, path, self.value)
        return self._org_value(head, rest) if part is None else part

    def _of_the_set(self, name: str) -> Any:
        """Return the issue date, year, notice on its days off, day of effect if it is inside the year, or 机关代字."""
        since = self.due_rule.since
        if name == "date":
            return self.date
        if name == "holidays":
            return self.preset.workdays.source(self.year)
        if name == "organ_code":  # the letters before the year in the number of the set (GB/T 9704-2012, 7.2.5)
            code, bracket, _ = self.render(self.preset.identity.get("number", ())).partition("〔")
            return code if bracket else ""
        if name == "since":
            inside = since is not None and since.year == self.year and (since.month, since.day) != (1, 1)
            return since.isoformat() if since is not None and inside else ""
        return self.year or ""

    def _org_value(self, name: str, key: str) -> Any:
        entry = self.entry(name)
        if entry is None:
            return ""
        if not key or key == "name":
            return entry.name
        if key == "full":
            return entry.full
        parts = self.preset.org[name].extra.get(key, ())
        if len(parts) == 1 and isinstance(parts[0], Placeholder) and parts[0].each is None:
            return self.value(parts[0].path)
        return entry.extra.get(key, "")

    def _print(self, path: str) -> str:
        if path in ("date", "since"):
            return periods.print_date(self.value(path))
        if path == "year":
            return str(self.year) if self.year else BLANK_YEAR
        value = self.value(path)
        return printed(value, kind_of(self.preset.params.params, path, value))

    def _parameter(self, param: Param) -> Any:
        if param.key in self.given:
            value = self.given[param.key]
        else:
            default = self.preset.defaults.get(param.key)
            value = self._default(param, default) if default is not None else _EMPTY.get(param.type, "")
        if param.type == "table":
            value = tuple(self._columns(param, record) for record in value)
        return value

    def _columns(self, param: Param, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Fill templated column defaults, which typing leaves as they were written."""
        filled = dict(record)
        for column in param.columns:
            default = self.preset.defaults.get(f"{param.key}.{column.key}")
            if default is not None and filled.get(column.key) == column.default:
                row = text_record({key: cell for key, cell in record.items() if isinstance(cell, str)}, "")
                filled[column.key] = self._default(column, default, row)
        return filled

    def _default(self, param: Param, default: Default, row: Record | None = None) -> Any:
        if isinstance(default, Fixed):
            return default.value
        raw = self._expand(default if isinstance(default, Chosen) else default.tree, row)
        if isinstance(raw, str) and len(raw) > _VALUE_MAX:  # defaults that repeat one another double at every step
            self._problem("bad_default", f"参数“{param.label}”的默认值超过 {_VALUE_MAX} 个字", param.key)
            return _EMPTY.get(param.type, "")
        try:
            return typed(param, raw)
        except ValueError as error:
            self._problem("bad_default", f"参数“{param.label}”的默认值：{error}", param.key)
            return _EMPTY.get(param.type, "")

    def _expand(self, tree: Any, row: Record | None = None) -> Any:
        if isinstance(tree, Chosen):
            case = "是" if self.holds(tree.by, row) else "否"
            if tree.path:
                value = row.values[tree.path] if row is not None and tree.path in row.values else self.value(tree.path)
                case = case if isinstance(value, bool) else str(value)
            return self._expand(tree.tree(case), row)
        if isinstance(tree, dict):
            return {key: self._expand(value, row) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self._expand(value, row) for value in tree]
        return self.render(tree, None, row)

    # Text --------------------------------------------------------------------------------

    def render(self, parts: Parts, local: Mapping[str, str] | None = None, record: Record | None = None) -> str:
        """Return the text of literal and placeholder parts; other parts count as nothing."""
        if len(parts) == 1 and isinstance(parts[0], Literal):
            return parts[0].text
        texts = [
            part.text if isinstance(part, Literal) else self.fill(part, local, record)
            for part in parts
            if isinstance(part, (Literal, Placeholder))
        ]
        return "".join(texts) if texts else ""

    def fill(self, part: Placeholder, local: Mapping[str, str] | None = None, record: Record | None = None) -> str:
        """Return the text of a placeholder: the record's columns first, then the document's names, then all others."""
        path = part.path
        if part.each is not None:
            meeting = local.get(MEETING, "") if local else ""
            outer = record.texts if record is not None else {}
            rows = (Record({**outer, **row.texts}, row.values) for row in self.records(path, meeting))
            return part.join.join(self.render(part.each, local, row) for row in rows)
        if record is not None and path in record.texts:
            return record.texts[path]
        return self._own_text(path, local) if local is not None else self.text(path)

    def fills(self, paths: Iterable[str], local: Mapping[str, str], record: Record | None = None) -> list[str]:
        """Return the texts of plain names, each as :meth:`fill` gives it."""
        known, own, row = self._texts, self._own_text, record.texts if record is not None else {}
        return [row[path] if path in row else local.get(path) or known.get(path) or own(path, local) for path in paths]

    def _own_text(self, path: str, local: Mapping[str, str]) -> str:
        return local[path] if path in local else self.text(of_meeting(path, local))

    def holds(
        self, expression: Expression | None, record: Record | None = None, local: Mapping[str, str] | None = None
    ) -> bool:
        """Evaluate a condition; none at all holds."""
        if expression is None:
            return True

        def lookup(path: str) -> Any:
            if record is not None and path in record.values:
                return record.values[path]
            if local is not None and path in local:
                return local[path]
            return self.value(of_meeting(path, local) if local is not None else path)

        return evaluate(expression, lookup)

    # Organisation, duties, meetings --------------------------------------------------------

    def _entry(self, kind: str, name: str, specs: Mapping[str, Any], make: Callable[[Any], Any]) -> Any:
        key, spec = f"{kind}:{name}", specs.get(name)
        if spec is None:
            return None
        if key not in self._entries:
            self._entries[key] = self._guarded(key, lambda _: make(spec) if self.holds(spec.when) else None, None)
        return self._entries[key]

    def entry(self, name: str) -> OrgEntry | None:
        """Return an organisation entry in effect, or None."""
        return self._entry("org", name, self.preset.org, self._make_entry)

    def _make_entry(self, spec: OrgSpec) -> OrgEntry | None:
        name = self.render(spec.name).strip()
        if not name:
            return None
        extra = {key: self.render(parts) for key, parts in spec.extra.items()}
        return OrgEntry(spec.id, spec.kind, name, self.render(spec.full).strip() or name, spec.of, extra)

    def name_of(self, identifier: str) -> str:
        """Return the printed name of an organisation entry; empty if it is not there."""
        entry = self.entry(identifier) if identifier else None
        return entry.name if entry is not None else ""

    def duty(self, name: str) -> Duty | None:
        """Return a duty in effect (of one that another absorbs, that other), or None."""
        return self._entry("duty", self.preset.absorbed.get(name, name), self.preset.duties, self._make_duty)

    def _make_duty(self, spec: DutySpec) -> Duty:
        texts = {key: one_line(self.render(parts)) for key, parts in spec.texts.items()}
        texts["frequency"] = canonical(texts["frequency"], periods.parse_frequency)
        for key in ("deadline", "first"):
            texts[key] = canonical(texts[key], periods.parse_deadline)
        actor, recipient = self.name_of(spec.actor), self.name_of(spec.recipient)
        # A body sends nothing to itself: where a party organisation and its committee have one name, as those of 党委 have.
        names = {"actor_name": actor, "recipient_name": "" if recipient == actor else recipient}
        ids = {"actor": spec.actor, "recipient": spec.recipient, "form": spec.form, "meeting": spec.meeting}
        form = self.preset.documents.get(spec.form)
        own_field = form is not None and len(form.proved_by) > 1 and spec.id in form.proved_by
        return Duty(spec.id, **texts, **names, **ids, own_field=own_field)

    def meeting(self, name: str) -> Meeting | None:
        """Return a meeting form in effect, or None."""
        return self._entry("meeting", name, self.preset.meetings, self._make_meeting)

    def _make_meeting(self, spec: MeetingSpec) -> Meeting:
        name = self.render(spec.name)
        quorum = {key: self.render(parts) for key, parts in spec.quorum.items()}
        form = self.render(spec.form)
        body, chair, recorder = map(self.name_of, (spec.body, spec.chair, spec.recorder))
        rule = own_rule(quorum, self.value(OWN_RULES) or (), (spec.id, name))
        roles = (spec.body, body, spec.chair, chair, spec.recorder, recorder)
        before = self.preset.meetings.get(spec.prepared_by)
        # A body does not prepare its own meeting: without a committee both are meetings of the members.
        prepared_by = spec.prepared_by if before is not None and self.name_of(before.body) != body else ""
        convener = self.name_of(spec.convener) or chair
        return Meeting(spec.id, name, form, *roles, spec.minutes, rule, prepared_by, convener)

    def _attribute(self, kind: str, name: str, attribute: str) -> str:
        entry = self.duty(name) if kind == "duty" else self.meeting(name)
        if entry is None:
            return ""
        if isinstance(entry, Duty):
            return self._duty_text(entry, attribute) if attribute else entry.label
        return self.meeting_text(entry, attribute) if attribute else entry.name

    def _duty_text(self, duty: Duty, attribute: str) -> str:
        if attribute in ("actor", "recipient"):
            return getattr(duty, f"{attribute}_name")
        if attribute == "assist":
            others = map(self.name_of, self.preset.duties[duty.id].assist)
            return "、".join(name for name in others if name not in ("", duty.actor_name))
        if attribute == "form":
            return self.value(f"title.{duty.form}") if duty.form else ""
        if attribute == "meeting":
            return self.value(f"meeting.{duty.meeting}.name") if duty.meeting else ""
        if attribute == "next_due":
            return self._next_due(duty)
        return when_due(duty) if attribute == "when_due" else getattr(duty, attribute, "")

    def _next_due(self, duty: Duty) -> str:
        """Return the first due date after the date of the set, a blank date where either is unknown."""
        if not self.date:
            return periods.print_date("")
        issued = Date.fromisoformat(self.date)
        dues = (due for year in (issued.year, issued.year + 1) for due in self.due_rule.dates(duty, year))
        later = [due.day.isoformat() for due in dues if due.day > issued]
        return periods.print_date(min(later, default=""))

    def meeting_text(self, meeting: Meeting, attribute: str) -> str:
        """Return an attribute of a meeting form as printed."""
        if attribute in ("body", "convener", "chair", "recorder"):
            return getattr(meeting, f"{attribute}_name")
        if attribute == "minutes":
            return self.value(f"title.{meeting.minutes}") if meeting.minutes else ""
        if attribute == "quorum":
            return "，".join(meeting.quorum[key] for key in ("to_meet", "to_pass") if meeting.quorum.get(key))
        if attribute.startswith("quorum."):
            return meeting.quorum.get(attribute.removeprefix("quorum."), "")
        return getattr(meeting, attribute, "")

    def duty_texts(self, duty: Duty) -> Mapping[str, str]:
        """Return the printable attributes of a duty, with its id as ``duty``."""
        if duty.id not in self._duty_texts:
            texts = {name: self._duty_text(duty, name) for name in _WORKED_OUT}
            own = {name: getattr(duty, name) for name in _AS_THEY_ARE}
            self._duty_texts[duty.id] = {**own, **texts, "duty": duty.id}
        return self._duty_texts[duty.id]

    def _title(self, name: str) -> str:
        document = self.preset.documents.get(name) or self.preset.dropped.get(name)
        if document is None:
            return ""
        local = {MEETING: document.meeting}
        if not self.holds(document.when, local=local):
            return ""
        return f"《{self.render(document.texts.get('title', ()), local)}》"

    def records(self, path: str, meeting: str = "") -> tuple[Record, ...]:
        """Return the rows that ``each`` over ``path`` gives; ``meeting`` is the document's, for ``agenda``."""
        key = records_key(path, meeting)
        if key not in self._records:
            self._records[key] = tuple(_rows(self, path, meeting))
        return self._records[key]


@dataclass(frozen=True, slots=True)
class Resolved:
    """All names with values. ``date`` is ISO or empty, ``year`` 0 when unknown.

    ``dropped_duties`` maps duties that are not in effect to their condition.
    """

    preset: Preset
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    org: Mapping[str, OrgEntry]
    duties: Mapping[str, Duty]
    dropped_duties: Mapping[str, str]
    meetings: Mapping[str, Meeting]
    unit: str
    date: str
    year: int
    scope: Scope
    findings: tuple[Finding, ...] = ()

    @property
    def due_rule(self) -> DueRule:
        """How the due dates of this unit are found."""
        return self.scope.due_rule

    def dues(self, year: int) -> list[tuple[Duty, tuple[DueDate, ...]]]:
        """Return the duties in effect, each with its due dates of a year."""
        return [(duty, self.due_rule.dates(duty, year)) for duty in self.duties.values()]

    def occasions(self, year: int, documents: Iterable[Document]) -> list[Occasion]:
        """Return the duties that meetings and forms settle on each day of a year; ``documents``, those of the set, give names."""
        names = {document.id: document.file_name for document in documents}
        names |= {name: meeting.name for name, meeting in self.meetings.items()}
        return occasions(self.dues(year), names)

    @property
    def fonts(self) -> dict[str, str]:
        """The templates' fonts that this unit replaces, old name → new name."""
        chosen = {name: self.scope.render(parts).strip() for name, parts in self.preset.fonts.items()}
        return {name: font for name, font in chosen.items() if font and font != name}

    def as_data(self) -> dict[str, Any]:
        """Return plain data for ``resolved.yaml``; a default of certainty R bears 待核."""
        params = self.preset.params.params
        values = {}
        for key, value in self.values.items():
            entry: dict[str, Any] = {"label": params[key].label, "value": _plain(value)}
            if key not in self.given:
                entry["source"] = "默认值（待核）" if params[key].tag == "R" else "默认值"
            values[key] = entry
        names = ("actor_name", "act", "frequency", "trigger", "deadline", "recipient_name", "record", "form", "meeting")
        return {
            "kind": self.preset.id,
            "preset_version": self.preset.version,
            **({"size": self.preset.size_label} if self.preset.size else {}),
            "unit": self.unit,
            "date": self.date,
            "year": self.year,
            "values": values,
            "organisation": {entry.id: {"name": entry.name, "full": entry.full} for entry in self.org.values()},
            "duties": {
                duty.id: {"label": duty.label, **{name: getattr(duty, name) for name in names if getattr(duty, name)}}
                for duty in self.duties.values()
            },
            "dropped_duties": dict(self.dropped_duties),
            "meetings": {entry.id: {"name": entry.name, "form": entry.form} for entry in self.meetings.values()},
        }


def resolve(
    preset: Preset,
    values: Mapping[str, Any],
    *,
    date: str = "",
    places: Mapping[str, Place] | None = None,
    scope_of: Callable[[Preset, Mapping[str, Any], str, Mapping[str, Place]], Scope] = Scope,
) -> Resolved:
    """Resolve a profile's typed ``values`` (dotted keys, given ones only) against a preset.

    ``date`` is the issue date (ISO); without it the profile's date counts.
    ``places`` says where the values stand, for findings. ``scope_of`` makes the scope. Never raises for bad data.
    """
    scope = scope_of(preset, values, date, places or {})
    resolved = {key: scope.value(key) for key in preset.params.params}
    org = {name: entry for name in preset.org if (entry := scope.entry(name)) is not None}
    duties = {name: duty for name in preset.duties if (duty := scope.duty(name)) is not None}
    conditions = {name: spec.when for name, spec in preset.duties.items() if name not in duties}
    dropped = {name: condition.text if condition else "" for name, condition in conditions.items()}
    meetings = {name: meeting for name in preset.meetings if (meeting := scope.meeting(name)) is not None}
    identity = (scope.render(preset.identity.get("unit", ())), scope.date, scope.year)
    in_effect = (org, duties, dropped, meetings)
    return Resolved(preset, resolved, dict(values), *in_effect, *identity, scope, tuple(scope.findings))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


# Rows that ``each`` repeats something over ----------------------------------------------


def _rows(scope: Scope, path: str, meeting: str) -> Iterator[Record]:
    """Yield the rows of ``path`` for a unit; ``meeting`` is the document's, for ``agenda``."""
    if path in ("duties", "agenda"):
        for duty in filter(None, map(scope.duty, scope.preset.duties)):
            if path == "duties" or (meeting and duty.meeting == meeting):
                yield text_record(scope.duty_texts(duty), duty.id)
    elif path in ("calendar", "occasions"):
        yield from _occasions(scope)
        if path == "occasions":
            yield from _another_year(scope)
    elif path == "meetings":
        for entry in filter(None, map(scope.meeting, scope.preset.meetings)):
            texts = {name: scope.meeting_text(entry, name) for name in MEETING_ATTRIBUTES}
            yield text_record(texts, entry.id)
    elif path == "submitted":
        yield from _submitted(scope, meeting)
    elif path == "issued":
        yield from _issued(scope)
    elif path == "posts":
        yield from _posts(scope)
    else:
        yield from _of_value(scope, path)


def _issued(scope: Scope) -> Iterator[Record]:
    """Yield a row with the name of each document that a notice of the set issues."""
    every = scope.preset.documents.values()
    present = [one for one in every if scope.holds(one.when, local={MEETING: one.meeting})]
    families = {family for one in present for family in one.issues}
    each = {one.encloses for one in present if one.issues_each}
    for one in present:
        if one.family in families or one.id in each:
            local = {MEETING: one.meeting}
            name = scope.render(one.texts.get("file", ()) or one.texts.get("title", ()), local)
            yield text_record({"name": name}, one.id)


def _posts(scope: Scope) -> Iterator[Record]:
    """Yield the people with their posts, then each post that the kind lists and that none of them has."""
    rules, people = scope.preset.rules.get("posts") or {}, scope.value(PEOPLE) or ()
    for number, one in enumerate(people, 1):
        yield text_record({key: str(one.get(key) or "") for key in ROW_SOURCES["posts"]}, str(number))
    listed = {entry.name: entry for entry in filter(None, map(scope.entry, rules.get("listed", ())))}
    for name, entry in listed.items():
        if not any(held_by(rules, one, entry.id, name) for one in people):
            yield text_record({"name": "", "post": name, "phone": ""}, entry.id)


def _submitted(scope: Scope, meeting: str) -> Iterator[Record]:
    """Yield the duties that report by a date to the body of a meeting and have none of their own.

    Of several meetings of one body it is the first that takes them up.
    """
    held = list(filter(None, map(scope.meeting, scope.preset.meetings)))
    for duty in filter(None, map(scope.duty, scope.preset.duties)):
        first = next((one.id for one in held if one.body == duty.recipient), None)
        if duty.frequency and not duty.meeting and first == meeting:
            yield text_record(scope.duty_texts(duty), duty.id)


def _of_value(scope: Scope, path: str) -> Iterator[Record]:
    param = scope.preset.params.params.get(path)
    kinds = {column.key: column.type for column in param.columns} if param is not None else {}
    value = scope.value(path)
    rules = scope.preset.rules.get("posts") or {}
    for number, item in enumerate(value if isinstance(value, (tuple, list)) else (), start=1):
        if isinstance(item, Mapping) and path == PEOPLE:
            sits = tuple(seats(rules, item, scope.entry))
            yield Record({**_texts(item, kinds), SEATS: printed(sits, "list")}, {**item, SEATS: sits}, str(number))
        elif isinstance(item, Mapping):
            yield Record(_texts(item, kinds), item, str(number))
        else:
            yield Record({"value": printed(item)}, {"value": item}, str(number))


def _texts(row: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, str]:
    return {key: printed(cell, kinds.get(key, "text")) for key, cell in row.items()}


def _dues(scope: Scope) -> Iterator[tuple[Duty, tuple[DueDate, ...]]]:
    """Yield the duties in effect that recur, with their due dates in the year of the set.

    An unknown year is replaced by a common (not leap) one: its days of the week are not known, so nothing is moved.
    """
    for duty in filter(None, map(scope.duty, scope.preset.duties)):
        if stated := stated_dates(duty, scope.year or COMMON_YEAR):
            yield duty, scope.due_rule.dates(duty, scope.year) if scope.year else stated


def _occasions(scope: Scope) -> Iterator[Record]:
    """Yield one row per occasion of the year, sorted; its texts are those of its duties, each once."""
    year = scope.year or COMMON_YEAR
    for occasion in occasions(_dues(scope)):
        rows = [{**scope.duty_texts(duty), **_printed_due(due, year)} for duty, due in occasion.points]
        texts = {name: "、".join(dict.fromkeys(filter(None, (row[name] for row in rows)))) for name in rows[0]}
        texts["moved"] = "".join(dict.fromkeys(row["moved"] for row in rows))
        ids = tuple(duty.id for duty, _ in occasion.points)
        yield replace(text_record(texts, ids[0]), others=ids[1:])


def _another_year(scope: Scope) -> Iterator[Record]:
    """Yield a row for each duty that recurs and has no due date in the year of the set."""
    for duty, dates in _dues(scope):
        if not dates:
            texts = scope.duty_texts(duty)
            yield text_record(
                {**texts, "month": "", "due": f"{texts['when_due']}（本年度不到期）", "moved": ""}, duty.id
            )


def _printed_due(due: DueDate, year: int) -> dict[str, str]:
    """Return the month and the day of a due date for print, and why it was moved in brackets."""
    before = f"{due.day.year}年" if due.day.year != year else ""
    printed_day = f"{before}{due.day.month}月{due.day.day}日前"
    return {"month": f"{before}{due.day.month}月", "due": printed_day, "moved": f"（{due.moved}）" if due.moved else ""}


# --- parameters and texts ----------------------------------------------------------------------------------------


def own_row(rows: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> tuple[int, Mapping[str, Any]]:
    """Return the unit's own row about a meeting, by its id or name, with its number from 0; -1 and nothing for none."""
    return next(((number, row) for number, row in enumerate(rows) if row.get("meeting") in names), (-1, {}))


def own_rule(quorum: Mapping[str, str], rows: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> Mapping[str, str]:
    """Lay the unit's own rule for a meeting (a row of :data:`OWN_RULES`) over the preset's; a named basis makes it ``own``."""
    row = own_row(rows, names)[1]
    given = {key: str(row[key]) for key in ("to_meet", "to_pass", "denominator", "basis") if row.get(key)}
    return {**quorum, **given, **({"tag": "own"} if "basis" in given else {})}


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
    """The canonical form of a frequency or deadline; text that cannot be parsed stays (checks report it)."""
    try:
        return parse(text).text() if text else ""
    except ValueError:
        return text
