"""Computes the load of a set on a unit in a year: papers, pages, tasks, meetings, forms.

A task is one due date of a duty; tasks of one day and one meeting (else one form) are one occasion.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from toolkit.app import Prepared, in_size, sizes, template_paths, written
from toolkit.app import papers as on_demand
from toolkit.checks.ceilings import characters, is_rule
from toolkit.compose.due_dates import COMMON_YEAR
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FindingsError, has_errors
from toolkit.formats import FORMATS, Setting, Writer
from toolkit.forms import Form
from toolkit.language import periods
from toolkit.model.tree import Document, FormField, inlines_of, walk
from toolkit.presets.params import Param

if TYPE_CHECKING:
    from toolkit.numbering.labels import SetLabels

#: Called with each document before it is laid out: a program that answers others may let them go first.
Tell = Callable[[Document], None]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the set. ``characters``: those of its text, blanks and labels left out, for rules only.

    ``fields`` are the fields of one blank copy, ``required`` those of them that must be filled in, ``fillings`` how many copies
    a year of dated tasks takes. ``on_demand``: it is no part of the set that is issued, but made when a task is due.
    """

    id: str
    number: int
    title: str
    family: str
    pages: int
    characters: int
    fields: int
    required: int
    fillings: int
    on_demand: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One due date of a duty. ``reported_to`` is a body outside the unit, or empty."""

    day: date
    post: str
    duty: str
    label: str
    meeting: str
    form: str
    reported_to: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """Tasks that one sitting or one paper settles on one day. ``name`` is that of the meeting, form or single task."""

    day: date
    name: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """A frequency that may be lower: times a year now and at least, and the basis of the least."""

    label: str
    times: float
    least: float
    basis: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Occasions of one post or body in one month that could be held together on the ``day`` of the last."""

    who: str
    day: date
    occasions: tuple[Occasion, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """The load of the set in ``year``; that of a profile without a date is 0, and its days are those of any common year.

    ``meetings``: name → days, ``standing`` those held anyway. ``once``: pages without texts that a notice carries again.

    ``size`` is the label of the size, empty where the kind has one only; ``ceilings`` are the most that it may ask for, by key
    figure; ``beside`` holds the key figures of the other sizes by label, None for one in which the unit's profile has errors.
    """

    unit: str
    kind: str
    kind_label: str
    year: int
    papers: tuple[Paper, ...]
    once: int
    tasks: tuple[Task, ...]
    occasions: tuple[Occasion, ...]
    meetings: Mapping[str, tuple[date, ...]]
    shared: tuple[Shared, ...]
    floors: tuple[Floor, ...]
    occasional: int
    standing: frozenset[str] = frozenset()
    size: str = ""
    ceilings: Mapping[str, int] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, int] | None] = field(default_factory=dict)

    @property
    def over(self) -> dict[str, int]:
        """The key figures that are above their ceiling, with the ceiling."""
        return {name: most for name, most in self.ceilings.items() if self.figures[name] > most}

    @property
    def figures(self) -> dict[str, int]:
        """The key figures by name, in the order in which they are shown."""
        forms = [paper for paper in self.papers if paper.fillings]
        issued = [paper for paper in self.papers if not paper.on_demand]
        return {
            "documents": len(issued),
            "pages": sum(paper.pages for paper in issued),
            "pages_once": self.once,
            "characters": sum(paper.characters for paper in issued),
            "tasks": len(self.tasks),
            "occasions": len(self.occasions),
            "meetings": sum(map(len, self.meetings.values())),
            "standing": sum(len(days) for name, days in self.meetings.items() if name in self.standing),
            "fillings": sum(paper.fillings for paper in forms),
            "on_demand": sum(paper.fillings for paper in forms if paper.on_demand),
            "filled_pages": sum(paper.fillings * paper.pages for paper in forms),
            "filled_fields": sum(paper.fillings * paper.fields for paper in forms),
            "required_fields": sum(paper.fillings * paper.required for paper in forms),
            "reports": len([task for task in self.tasks if task.reported_to]),
            "occasional": self.occasional,
        }

    @property
    def sums(self) -> str:
        """The most important figures in one line."""
        shown = self.figures
        return (
            f"{shown['documents']} 份文件 {shown['pages_once']} 页，一年 {shown['tasks']} 项、{shown['meetings']} 次会议、"
            f"填写 {shown['fillings']} 份表"
        )

    def by_month(self) -> dict[str, Counter[int]]:
        """Return the tasks of each post by month, the post with most tasks first."""
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        for task in self.tasks:
            counts[task.post][task.day.month] += 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1].total(), item[0])))


def load(prepared: Prepared, where: Where = BUNDLED, tell: Tell = lambda document: None) -> Load:
    """Return the load of the set of a prepared profile in its year, beside the figures of the other sizes of its kind.

    Raises FindingsError for a set with errors, which has no pages.
    """
    measured, labels = load_of_size(prepared, where, tell=tell), sizes(prepared)
    own = prepared.preset.size if prepared.preset is not None else ""
    beside: dict[str, Mapping[str, int] | None] = {}
    for size, label in labels.items():
        if size != own:
            other = in_size(prepared, size, where)
            beside[label] = None if has_errors(other.findings) else load_of_size(other, where, tell=tell).figures
    return replace(measured, size=labels.get(own, ""), beside=beside)


def load_of_size(
    prepared: Prepared, where: Where = BUNDLED, paged: bool = True, tell: Tell = lambda document: None
) -> Load:
    """Return the load of the unit's own size; pages are those of its PDF files, 0 where it is not ``paged``.

    Raises FindingsError for a set with errors, which has no pages.
    """
    paths, missing = template_paths(prepared, where.templates)
    findings = (*prepared.findings, *missing)
    if has_errors(findings) or not (prepared.resolved and prepared.built and prepared.labels and prepared.preset):
        raise FindingsError(findings)
    resolved, issued = prepared.resolved, written(prepared)
    year = resolved.year or COMMON_YEAR
    tasks = tuple(sorted(_tasks(prepared, year), key=lambda task: (task.day, task.post, task.duty)))
    held = tuple(_occasions(tasks, prepared, year))
    meetings = _meetings(tasks)
    fillings = _fillings(tasks, meetings, prepared)
    writer = FORMATS["pdf"].open(Setting(paths, where.fonts, resolved.fonts)) if paged else None
    made = [document for document in on_demand(prepared) if fillings[document.id]]
    papers = tuple(
        _paper(
            document,
            _length(prepared, document),
            _pages(writer, document, prepared.labels, tell),
            fillings[document.id],
        )
        for document in (*issued, *made)
    )
    carried = {document.enclosure.id for document in issued if document.enclosure is not None}
    return Load(
        resolved.unit,
        prepared.preset.id,
        prepared.preset.label,
        resolved.year,
        papers,
        sum(paper.pages for paper in papers if paper.id not in carried and not paper.on_demand),
        tasks,
        held,
        {resolved.meetings[name].name: days for name, days in meetings.items()},
        tuple(_shared(held)),
        tuple(_floors(prepared)),
        len([duty for duty in resolved.duties.values() if duty.trigger]),
        frozenset(resolved.meetings[name].name for name in meetings if prepared.preset.meetings[name].standing),
        ceilings=prepared.preset.most(document.id for document in issued),
    )


def _pages(writer: Writer | None, document: Document, labels: SetLabels, tell: Tell) -> int:
    from pypdf import PdfReader

    if writer is None:
        return 0
    tell(document)
    return len(PdfReader(BytesIO(writer.write(document, labels)[0])).pages)


def _length(prepared: Prepared, document: Document) -> int:
    """Return the characters of a text of rules, 0 for another paper."""
    assert prepared.labels and prepared.preset
    return characters(document, prepared.labels, prepared.preset.words) if is_rule(document) else 0


def _paper(document: Document, length: int, pages: int, fillings: int) -> Paper:
    fields = [
        part
        for block in walk(document.body)
        for part in inlines_of(block)
        if isinstance(part, FormField) and part.label
    ]
    needed = len([part for part in fields if part.required])
    return Paper(
        document.id,
        document.number,
        document.file_name,
        document.family,
        pages,
        length,
        len(fields),
        needed,
        fillings,
        bool(document.on_demand),
    )


def _tasks(prepared: Prepared, year: int) -> Iterable[Task]:
    assert prepared.resolved and prepared.preset
    org = prepared.preset.org
    for duty, due in ((duty, due) for duty, dues in prepared.resolved.dues(year) for due in dues):
        spec = org.get(duty.recipient)
        above = duty.recipient_name if spec is not None and spec.kind == "external" else ""
        yield Task(due.day, duty.actor_name, duty.id, duty.label, duty.meeting, duty.form, above)


def _occasions(tasks: Sequence[Task], prepared: Prepared, year: int) -> Iterable[Occasion]:
    assert prepared.resolved and prepared.built
    of = {(task.duty, task.day): task for task in tasks}
    for occasion in prepared.resolved.occasions(year, prepared.built.set.documents):
        yield Occasion(occasion.day, occasion.name, tuple(of[duty.id, due.day] for duty, due in occasion.points))


def _meetings(tasks: Sequence[Task]) -> dict[str, tuple[date, ...]]:
    days: dict[str, set[date]] = defaultdict(set)
    for task in tasks:
        if task.meeting:
            days[task.meeting].add(task.day)
    return {name: tuple(sorted(found)) for name, found in days.items()}


def _fillings(tasks: Sequence[Task], meetings: Mapping[str, Sequence[date]], prepared: Prepared) -> Counter[str]:
    """Return how often each form is filled in: on each due day, and minutes and sign-in sheet of each meeting."""
    assert prepared.resolved and prepared.built
    specs = prepared.resolved.meetings
    minutes = {specs[name].minutes for name in meetings if specs[name].minutes}
    used = {(task.form, task.day) for task in tasks if task.form and task.form not in minutes}
    counts = Counter(form for form, _ in used)
    for name, days in meetings.items():
        if specs[name].minutes:
            counts[specs[name].minutes] += len(days)
    for document in prepared.built.set.documents:
        if Form(document).is_sign_in:
            counts[document.id] += sum(map(len, meetings.values()))
    return counts


def _shared(occasions: Sequence[Occasion]) -> Iterable[Shared]:
    """Yield occasions of one post in one month that fall on several days."""
    groups: dict[tuple[str, int], list[Occasion]] = defaultdict(list)
    for occasion in occasions:
        groups[occasion.tasks[0].post, occasion.day.month].append(occasion)
    for (who, _), group in sorted(groups.items(), key=lambda item: (item[1][-1].day, item[0])):
        if len({occasion.day for occasion in group}) > 1:
            yield Shared(who, group[-1].day, tuple(group))


def _floors(prepared: Prepared) -> Iterable[Floor]:
    """Yield the frequencies of the unit that have a floor, with the lowest frequency that it allows."""
    assert prepared.resolved and prepared.preset
    for key, param in prepared.preset.params.params.items():
        value = prepared.resolved.values.get(key)
        if param.type == "frequency" and param.floor and isinstance(value, str) and value:
            yield _floor(param, value)


def _floor(param: Param, value: str) -> Floor:
    now, least = (periods.parse_frequency(text).per_year() for text in (value, param.floor))
    return Floor(param.label, now, least, param.basis)
