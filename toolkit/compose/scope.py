"""The values of all names of the preset language for one profile, worked out when asked for; used by all of compose.

Defaults of parameters, organisation names, duties and meetings may use each other; a circle is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from toolkit.compose.entries import (
    OWN_RULES,
    Meeting,
    OrgEntry,
    Record,
    canonical,
    due_dates,
    kind_of,
    one_line,
    own_rule,
    part_of,
    printed,
    text_record,
    when_due,
)
from toolkit.core.findings import Finding, Place, Severity
from toolkit.language import periods
from toolkit.model.tree import Duty
from toolkit.presets.conditions import Expression, evaluate
from toolkit.presets.markup import Literal, Parts, Placeholder
from toolkit.presets.params import Chosen, Default, Fixed, Param, typed
from toolkit.presets.spec import (
    DUTY_ATTRIBUTES,
    MEETING_ATTRIBUTES,
    ROW_SOURCES,
    DutySpec,
    MeetingSpec,
    OrgSpec,
    Preset,
)

#: Printed where the year is not known.
BLANK_YEAR = "　" * 4
#: Stands in for an unknown year in a calendar: a common (not leap) year.
COMMON_YEAR = 2001
#: Key of a document's own names under which the id of its meeting stands.
MEETING = ""
_EMPTY: Mapping[str, Any] = {"list": (), "table": (), "boolean": False, "document": {}}


def of_meeting(path: str, local: Mapping[str, str]) -> str:
    """``this.name`` → ``meeting.<id>.name`` of the document's meeting."""
    return f"meeting.{local.get(MEETING, '')}.{path[5:]}" if path.startswith("this.") else path


def _only_name(parts: Parts) -> str:
    """Return the name that a text is nothing but, or ""."""
    return parts[0].path if len(parts) == 1 and isinstance(parts[0], Placeholder) else ""


class Scope:
    """Lazy, memoised values of all names of a preset for one profile.

    ``value`` gives what conditions and ``each`` see, ``text`` what is printed.
    """

    def __init__(self, preset: Preset, given: Mapping[str, Any], date: str, places: Mapping[str, Place]) -> None:
        self.preset = preset
        self.given = given
        self.places = places
        self.findings: list[Finding] = []
        self._values: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        self._entries: dict[tuple[str, str], Any] = {}
        self._records: dict[str, tuple[Record, ...]] = {}
        self._duty_texts: dict[str, dict[str, str]] = {}
        self._open: set[str] = set()
        self.date = date
        self.year = 0
        self._set_date(date)

    def _set_date(self, date: str) -> None:
        source = self.preset.identity.get("date", ())
        direct = _only_name(source)
        if date and direct in self.preset.params.params:
            # The argument wins over the profile, everywhere.
            self._values[direct] = date
        elif not date and source:
            self.date = self._iso(str(self.value(direct)) if direct else self.render(source))
        source = self.preset.identity.get("year", ())
        try:
            self.year = periods.parse_year(self.render(source)) or int(self.date[:4] or 0)
        except ValueError as error:
            self._problem("bad_year", str(error), _only_name(source) or "year")

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
        """The raw value of a name; ``""`` for one that has none."""
        try:
            return self._values[path]
        except KeyError:
            value = self._guarded(path, self._find, "")
            self._values[path] = value
            return value

    def text(self, path: str) -> str:
        """The printed form of a name."""
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
        if head in ("duty", "meeting"):
            return self._attribute(head, *rest.partition(".")[::2])
        if head == "title":
            return self._title(rest)
        if path in ("date", "year"):
            return self.date if path == "date" else (self.year or "")
        if path in ROW_SOURCES:
            return self.records(path)
        part = part_of(self.preset.params.params, path, self.value)
        return self._org_value(head, rest) if part is None else part

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
        if path == "date":
            return periods.print_date(self.date)
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
        try:
            return typed(param, raw)
        except ValueError as error:
            self._problem("bad_default", f"参数“{param.label}”的默认值：{error}", param.key)
            return _EMPTY.get(param.type, "")

    def _expand(self, tree: Any, row: Record | None = None) -> Any:
        if isinstance(tree, Chosen):
            value = row.values[tree.path] if row is not None and tree.path in row.values else self.value(tree.path)
            return self._expand(tree.tree(str(value)), row)
        if isinstance(tree, dict):
            return {key: self._expand(value, row) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self._expand(value, row) for value in tree]
        return self.render(tree, None, row)

    # Text --------------------------------------------------------------------------------

    def render(self, parts: Parts, local: Mapping[str, str] | None = None, record: Record | None = None) -> str:
        """The text of literal and placeholder parts; other parts count as nothing."""
        if len(parts) == 1 and isinstance(parts[0], Literal):
            return parts[0].text
        return "".join(
            part.text if isinstance(part, Literal) else self.fill(part, local, record)
            for part in parts
            if isinstance(part, (Literal, Placeholder))
        )

    def fill(self, part: Placeholder, local: Mapping[str, str] | None = None, record: Record | None = None) -> str:
        """The text of a placeholder: the record's columns first, then the document's names, then all others."""
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
        """The texts of plain names, each as :meth:`fill` gives it."""
        known, own = self._texts, self._own_text
        if record is None:
            return [local.get(path) or known.get(path) or own(path, local) for path in paths]
        texts = record.texts
        return [
            texts[path] if path in texts else local.get(path) or known.get(path) or own(path, local) for path in paths
        ]

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
        key = (kind, name)
        if key not in self._entries:
            spec = specs.get(name)
            self._entries[key] = (
                self._guarded(f"{kind}:{name}", lambda _: make(spec) if self.holds(spec.when) else None, None)
                if spec is not None
                else None
            )
        return self._entries[key]

    def entry(self, name: str) -> OrgEntry | None:
        """An organisation entry in effect, or None."""
        return self._entry("org", name, self.preset.org, self._make_entry)

    def _make_entry(self, spec: OrgSpec) -> OrgEntry | None:
        name = self.render(spec.name).strip()
        if not name:
            return None
        extra = {key: self.render(parts) for key, parts in spec.extra.items()}
        return OrgEntry(spec.id, spec.kind, name, self.render(spec.full).strip() or name, spec.of, extra)

    def name_of(self, identifier: str) -> str:
        """The printed name of an organisation entry; empty if it is not there."""
        entry = self.entry(identifier) if identifier else None
        return entry.name if entry is not None else ""

    def duty(self, name: str) -> Duty | None:
        """A duty in effect, or None."""
        return self._entry("duty", name, self.preset.duties, self._make_duty)

    def _make_duty(self, spec: DutySpec) -> Duty:
        texts = {key: one_line(self.render(parts)) for key, parts in spec.texts.items()}
        return Duty(
            spec.id,
            texts["label"],
            spec.actor,
            self.name_of(spec.actor),
            texts["act"],
            canonical(texts["frequency"], periods.parse_frequency),
            texts["trigger"],
            canonical(texts["deadline"], periods.parse_deadline),
            spec.recipient,
            self.name_of(spec.recipient),
            texts["record"],
            spec.form,
            spec.meeting,
            texts["evidence"],
        )

    def meeting(self, name: str) -> Meeting | None:
        """A meeting form in effect, or None."""
        return self._entry("meeting", name, self.preset.meetings, self._make_meeting)

    def _make_meeting(self, spec: MeetingSpec) -> Meeting:
        name = self.render(spec.name)
        quorum = {key: self.render(parts) for key, parts in spec.quorum.items()}
        return Meeting(
            spec.id,
            name,
            self.render(spec.form),
            spec.body,
            self.name_of(spec.body),
            spec.chair,
            self.name_of(spec.chair),
            spec.recorder,
            self.name_of(spec.recorder),
            spec.minutes,
            own_rule(quorum, self.value(OWN_RULES) or (), (spec.id, name)),
            spec.prepared_by,
        )

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
            return "、".join(filter(None, map(self.name_of, self.preset.duties[duty.id].assist)))
        if attribute == "form":
            return self.value(f"title.{duty.form}") if duty.form else ""
        if attribute == "meeting":
            return self.value(f"meeting.{duty.meeting}.name") if duty.meeting else ""
        return when_due(duty) if attribute == "when_due" else getattr(duty, attribute, "")

    def meeting_text(self, meeting: Meeting, attribute: str) -> str:
        """An attribute of a meeting form as printed."""
        if attribute in ("body", "chair", "recorder"):
            return getattr(meeting, f"{attribute}_name")
        if attribute == "minutes":
            return self.value(f"title.{meeting.minutes}") if meeting.minutes else ""
        if attribute == "quorum":
            return "，".join(meeting.quorum[key] for key in ("to_meet", "to_pass") if meeting.quorum.get(key))
        if attribute.startswith("quorum."):
            return meeting.quorum.get(attribute.removeprefix("quorum."), "")
        return getattr(meeting, attribute, "")

    def duty_texts(self, duty: Duty) -> Mapping[str, str]:
        """The printable attributes of a duty, with its id as ``duty``."""
        if duty.id not in self._duty_texts:
            texts = {name: self._duty_text(duty, name) for name in DUTY_ATTRIBUTES}
            self._duty_texts[duty.id] = {**texts, "duty": duty.id}
        return self._duty_texts[duty.id]

    def _title(self, name: str) -> str:
        document = self.preset.documents.get(name)
        if document is None:
            return ""
        local = {MEETING: document.meeting}
        if not self.holds(document.when, local=local):
            return ""
        return f"《{self.render(document.texts.get('title', ()), local)}》"

    def records(self, path: str, meeting: str = "") -> tuple[Record, ...]:
        """The rows that ``each`` over ``path`` gives; ``meeting`` is the document's, for ``agenda``."""
        key = f"{path}:{meeting}" if path == "agenda" else path
        if key not in self._records:
            self._records[key] = tuple(_rows(self, path, meeting))
        return self._records[key]


# Rows that ``each`` repeats something over ----------------------------------------------


def _rows(scope: Scope, path: str, meeting: str) -> Iterator[Record]:
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
