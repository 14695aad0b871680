"""A filled form as something to show and to correct: its fields in printed order, each with its value and its findings.

Used by ``api.minutes_view``; it holds no rule of its own: values are filled in as :mod:`toolkit.minutes.making` does, findings
are those of ``minutes check``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from toolkit.core.findings import Finding, Severity, has_errors
from toolkit.forms import Form, FormData, FormTable
from toolkit.forms.fields import NUMBER_HEAD, RowShape
from toolkit.language.periods import print_typed_date
from toolkit.minutes import making, reading
from toolkit.minutes.checking import check
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.context import Context
from toolkit.minutes.unit import Unit
from toolkit.model.tree import FormField, Provision, Table, plain, walk

#: Where a field's label says that it takes a person or a post of the unit.
_PERSON, _POST = "姓名", "岗位"
#: Counts that the lists of a form tell.
_COUNTS = (field_ids.EXPECTED, field_ids.EXPECTED_VOTING, field_ids.PRESENT, field_ids.PRESENT_VOTING)


@dataclass(frozen=True, slots=True)
class Entry:
    """A field to fill in. ``key`` is that of findings (``held_on``, ``attendance.2.status``); ``value`` as it is printed.

    ``kind``: as in a preset (``text longtext date time number choice check signature``); ``computed``: the value that the
    form prints if it is left empty; ``suggest``: ``people`` or ``posts`` of the unit, or empty; ``counted``: the number that
    the lists of the form tell where a wrong count stands.
    """

    key: str
    name: str
    label: str
    kind: str
    options: tuple[str, ...] = ()
    required: bool = False
    value: str = ""
    computed: str = ""
    suggest: str = ""
    findings: tuple[Finding, ...] = ()
    counted: str = ""

    @property
    def waits(self) -> bool:
        """Whether it is empty and something is said of that: not yet a fault while somebody is still filling in."""
        return bool(self.findings) and not self.value and not self.computed

    @property
    def is_wrong(self) -> bool:
        """Whether an error is found about it."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: its printed texts by column, its subject (``row_key``), its fields, findings about it all."""

    number: int
    row_key: str
    printed: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is printed or filled in."""
        return not self.printed and not any(entry.value for entry in self.entries)

    def as_number(self, table: str, number: int) -> Line:
        """Return an empty row as the ``number``-th of its table."""
        entries = tuple(replace(entry, key=f"{table}.{number}.{entry.name}") for entry in self.entries)
        return replace(self, number=number, entries=entries)

    def get(self, name: str) -> Entry | None:
        """Return a field by its name in the row."""
        return next((entry for entry in self.entries if entry.name == name), None)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form: fields, or a table with rows (``lines``). ``free``: an empty row, where it takes further ones."""

    id: str
    title: str
    entries: tuple[Entry, ...] = ()
    lines: tuple[Line, ...] = ()
    free: Line | None = None
    findings: tuple[Finding, ...] = ()

    def shown(self, least: int = 0) -> tuple[Line, ...]:
        """Return the rows up to the last that holds something; where the table takes further rows, at least so many."""
        used = max((line.number for line in self.lines if not line.empty), default=0)
        lines = [line for line in self.lines if line.number <= used]
        if self.free is not None:
            lines += [self.free.as_number(self.id, number) for number in range(used + 1, least + 1)]
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who came and who should, None where the form does not tell yet; ``met``: 达到, 没有达到 or empty; the rules in words."""

    present: int | None
    expected: int | None
    present_voting: int | None
    expected_voting: int | None
    met: str
    to_meet: str
    to_pass: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form of a unit with its values (``data``), the ``findings`` about it, and the parts of the form as a whole.

    ``parts`` is empty for a file that is no form of this unit. ``posts`` and ``people`` (name, post) are the unit's.
    """

    title: str
    data: FormData
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...] = ()
    about: tuple[Finding, ...] = ()
    turnout: Turnout | None = None
    people: tuple[tuple[str, str], ...] = ()
    posts: tuple[str, ...] = ()

    @property
    def entries(self) -> Iterator[Entry]:
        """All fields, in order."""
        for part in self.parts:
            yield from part.entries
            for line in part.lines:
                yield from line.entries

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def unmarked(self) -> tuple[int, int]:
        """How many of those who are listed by name are not marked as there or not, and how many are listed."""
        lines = [line for part in self.parts if part.id == field_ids.ATTENDANCE for line in part.lines]
        marks = [line.get(field_ids.STATUS) for line in lines if (name := line.get(field_ids.NAME)) and name.value]
        listed = [mark for mark in marks if mark is not None]
        return sum(not mark.value for mark in listed), len(listed)

    @property
    def yet_to_fill(self) -> int:
        """How many empty fields have to be filled in."""
        return sum(entry.waits and entry.is_wrong for entry in self.entries)

    @property
    def wrong(self) -> int:
        """How many errors are found beside those of empty fields."""
        waiting = (finding for entry in self.entries if entry.waits for finding in entry.findings)
        return self.count(Severity.ERROR) - sum(finding.severity is Severity.ERROR for finding in waiting)


@dataclass(slots=True)
class _Found:
    """Findings by the field that they are about; those that no field took are about the form as a whole."""

    by_key: dict[str, list[Finding]] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> _Found:
        found = cls()
        for finding in findings:
            found.by_key.setdefault(finding.subject, []).append(finding)
        return found

    def take(self, key: str) -> tuple[Finding, ...]:
        return tuple(self.by_key.pop(key, ()))

    def rest(self) -> tuple[Finding, ...]:
        return tuple(finding for those in self.by_key.values() for finding in those)


def view(unit: Unit, given: FormData, meeting: str = "") -> FormView:
    """Return a form as something to show; ``meeting``: meeting or form where the data do not say.

    Raises UsageError for a form that the unit does not have.
    """
    data = replace(given, document=unit.named(meeting).id) if meeting and not given.document else given
    data = reading.of_unit(unit, data, "")
    if not data.document:
        return FormView("", data, data.findings)
    form = Form(making.fill(unit, data).document)
    printed = form.data(data.kind, data.version, data.unit or unit.set.unit)
    whole = making.counted(unit, replace(printed, findings=data.findings))
    computed = {name: value for name, value in whole.values.items() if name not in printed.values}
    findings = check(unit, whole, "")
    context = unit.context(whole, "")
    found = _Found.of(findings)
    parts = tuple(_parts(form, found, computed))
    if context is not None and has_errors(findings):
        parts = tuple(_with_counts(parts, _counts(unit, printed)))
    return FormView(
        form.document.file_name,
        replace(printed, labels={**form.labels(), **form.captions()}),
        findings,
        parts,
        found.rest(),
        _turnout(context) if context else None,
        tuple((str(person["name"]), str(person.get("post") or "")) for person in unit.people),
        tuple(sorted(unit.roster.posts)),
    )


def _counts(unit: Unit, printed: FormData) -> Mapping[str, str]:
    """Return the counts of a form as computed from its lists, whatever was typed."""
    values = {name: value for name, value in printed.values.items() if name not in _COUNTS}
    whole = making.counted(unit, replace(printed, values=values))
    return {name: value for name, value in whole.values.items() if name in _COUNTS}


def _with_counts(parts: Iterable[Part], counts: Mapping[str, str]) -> Iterator[Part]:
    """Yield the parts; a count with an error has the computed one beside it, if they differ."""
    for part in parts:
        entries = tuple(
            replace(entry, counted=counts[entry.name])
            if entry.is_wrong and entry.value and counts.get(entry.name, entry.value) != entry.value
            else entry
            for entry in part.entries
        )
        yield replace(part, entries=entries)


def _parts(form: Form, found: _Found, computed: Mapping[str, str]) -> Iterator[Part]:
    """Yield the parts in printed order; fields that follow one another are one part, under the words above them."""
    waiting: list[str] = []
    title = ""
    fields = _by_block(form)
    for block in walk(form.document.body):
        if isinstance(block, Table) and block.id in form.tables:
            if waiting:
                yield _loose(form, waiting, title, found, computed)
                waiting = []
            yield _table(form.tables[block.id], form.label(block.id), found)
            title = ""
            continue
        if isinstance(block, Provision) and plain(block.heading) and not waiting:
            title = plain(block.heading)
        waiting += fields.get(id(block), ())
    waiting += [part.id for part in form.document.dated if isinstance(part, FormField)]
    if waiting:
        yield _loose(form, waiting, title, found, computed)


def _by_block(form: Form) -> dict[int, list[str]]:
    """Return the fields outside of tables by the block (its identity) that holds them."""
    return {id(block): [part.id for part in form.loose(block)] for block in walk(form.document.body)}


def _loose(form: Form, names: list[str], title: str, found: _Found, computed: Mapping[str, str]) -> Part:
    entries = tuple(
        _entry(name, name, form.fields[name], found, computed.get(name, "")) for name in dict.fromkeys(names)
    )
    return Part(names[0], title, entries)


def _table(table: FormTable, title: str, found: _Found) -> Part:
    lines = tuple(_line(table, shape, found) for shape in table.shapes)
    free = next((_line(table, _emptied(shape), _Found()) for shape in table.shapes if not shape.fixed), None)
    return Part(table.id, title, (), lines, free, found.take(table.id))


def _emptied(shape: RowShape) -> RowShape:
    return replace(shape, fields={name: replace(part, value="") for name, part in shape.fields.items()})


def _line(table: FormTable, shape: RowShape, found: _Found) -> Line:
    where = f"{table.id}.{shape.number}"
    heads = table.heads
    printed = []
    for place, cell in enumerate(shape.row.cells):
        words = "".join(plain(line) for line in cell.content).strip()
        head = heads[place] if place < len(heads) else ""
        has_field = any(isinstance(part, FormField) for line in cell.content for part in line)
        if words and not has_field and head != NUMBER_HEAD:
            printed.append((head, words))
    entries = tuple(_entry(f"{where}.{name}", name, part, found) for name, part in shape.fields.items())
    return Line(shape.number, shape.key, tuple(printed), entries, found.take(where))


def _entry(key: str, name: str, part: FormField, found: _Found, computed: str = "") -> Entry:
    label = part.label or name
    suggest = "people" if _PERSON in label else "posts" if _POST in label else ""
    value = print_typed_date(part.value) if part.kind == "date" else part.value
    return Entry(key, name, label, part.kind, part.options, part.required, value, computed, suggest, found.take(key))


def _turnout(context: Context) -> Turnout:
    minutes, words = context.minutes, context.quorum.words
    return Turnout(
        minutes.count(field_ids.PRESENT),
        minutes.count(field_ids.EXPECTED),
        minutes.count(field_ids.PRESENT_VOTING),
        minutes.count(field_ids.EXPECTED_VOTING),
        minutes.data.get(field_ids.QUORUM_MET),
        words.get("to_meet", ""),
        words.get("to_pass", ""),
    )
