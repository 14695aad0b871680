"""The next entry in the history (沿革) of all units of a list (``toolkit units revise``): seen first, then written at once.

Entries of a table go to ``<list>.沿革.csv`` beside it, which is read with the list like a sheet of it: the list itself stays
its owner's file. Of a folder of profiles each has its own history file. The changes of an entry are computed as for one profile.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit import app
from toolkit.batch import engines
from toolkit.batch.fleet import units
from toolkit.batch.heads import UNIT
from toolkit.batch.outcome import Options
from toolkit.batch.rows import HISTORIES, File, Head, Row, histories_beside
from toolkit.batch.running import crashed
from toolkit.batch.source import find_param, table_of
from toolkit.batch.unit_list import Unit
from toolkit.batch.work import Settings, Shared, as_finding, faults_told, masked, packed_for, unpacked
from toolkit.core.findings import (
    FileError,
    Finding,
    FindingsError,
    Place,
    Refused,
    Severity,
    UsageError,
    has_errors,
    nearest,
)
from toolkit.core.yaml_read import read_text
from toolkit.output.disk import locked_by
from toolkit.presets import Preset
from toolkit.presets.params import Param
from toolkit.versions import history

#: Codes of this module's findings: severity and meaning.
CODES: dict[str, str] = {
    "no_pattern_value": "error: a unit has no value for a field of a pattern",
    "duplicate_number": "error: two units would get the same document number",
}
#: How a unit ended.
WRITTEN, WOULD, SAME, OVER, ERRORS = "written", "would", "same", "over", "errors"
STATES = {
    WRITTEN: "已写入",
    WOULD: "会写入",
    SAME: "已经写过",
    OVER: "已并入别的单位或者撤销",
    ERRORS: "有错误，没有写入",
}
#: Fields of a pattern that are no parameters of the unit: its place among those that are revised, and the year of issue.
NUMBER, YEAR = "序号", "年"
_FIELD = re.compile(r"\{([^{}]*)\}")
#: Columns of an entry whose texts may be patterns.
_PATTERNS = ("organ", "number", "note")


@dataclass(frozen=True)
class Asked:
    """The entry (column → text or pattern), whether it is a repeal, the first number, the kind of units that are meant.

    ``check_only``: nothing is written.
    """

    options: Options
    entry: Mapping[str, str]
    repeal: bool = False
    first: int = 1
    kind: str = ""
    check_only: bool = False


@dataclass(frozen=True)
class Revision:
    """The outcome of a unit: the entry with its event, its changes (label, old and new text), documents that go and come.

    ``rows``: the entries that the table beside a list gets, by the names of its columns.
    """

    unit: str
    row: str
    state: str = ERRORS
    event: str = ""
    entry: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[tuple[str, str, str], ...] = ()
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    draft: str = ""
    findings: tuple[Finding, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Revisions:
    """The units that were asked for, in the order of the list; ``path``: the table beside the list."""

    units: tuple[Revision, ...]
    findings: tuple[Finding, ...] = ()
    path: Path | None = None
    is_check: bool = False

    @property
    def repeated(self) -> dict[tuple[str, str], list[Revision]]:
        """The units that have one problem in common (code and place in a profile), where there are several."""
        found: dict[tuple[str, str], list[Revision]] = {}
        for unit in self.units:
            for key in dict.fromkeys(cause_of(finding) for finding in unit.findings):
                found.setdefault(key, []).append(unit)
        return {key: units for key, units in found.items() if len(units) > 1}

    @property
    def is_fine(self) -> bool:
        """Whether every unit has the entry or can have it."""
        return all(unit.state != ERRORS for unit in self.units) and not has_errors(self.findings)

    @property
    def lines(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """The lines that the table beside the list got: unit, and texts by column; :func:`withdraw` takes them out again."""
        return tuple((unit.unit, row) for unit in self.units if unit.state == WRITTEN for row in unit.rows)

    def count(self, state: str) -> int:
        """Return how many units ended in a state."""
        return sum(unit.state == state for unit in self.units)


Tell = Callable[[Revision], None]


def cause_of(finding: Finding) -> tuple[str, str]:
    """Return a key that findings of several units share if they differ only in values."""
    return finding.code, finding.where.key or finding.where.document or finding.message


def revise(source: Path, asked: Asked, tell: Tell = lambda unit: None) -> Revisions:
    """Write the next entry of every unit of a list, or only see it. Units with errors are named, the others are written.

    Raises FindingsError for a list that cannot be used, UsageError for a pattern with an unknown field, Refused, FileError.
    """
    path = None if source.is_dir() else histories_beside(source)
    with ExitStack() as stack:
        if path is not None and not asked.check_only:
            with suppress(OSError):  # a folder that takes no lock file takes no table either: writing says why
                stack.enter_context(locked_by(path.with_name(f".{path.name}.lock"), f"沿革表：{path}"))
        fleet = units.read(source, asked.options)
        chosen = [unit for unit in fleet.units if not asked.kind or _kind(fleet, unit, asked.kind)]
        found = {unit.target: Revision(unit.name, unit.row, OVER) for unit in chosen if unit.life.is_over}
        todo = [unit for unit in chosen if not unit.life.is_over]
        for unit, seen in _seen(fleet, asked, todo):
            found[unit.target] = seen
            tell(seen)
        ordered = _without_doublets([found[unit.target] for unit in chosen])
        if not asked.check_only:
            ordered = _written(ordered, chosen, path, asked)
    findings = tuple(seen for seen in fleet.listed.findings if has_errors([seen]))
    return Revisions(tuple(ordered), findings, path, asked.check_only)


def _kind(fleet: units.Fleet, unit: Unit, kind: str) -> bool:
    preset, _ = fleet.shared.preset_of(fleet.shared.profile(unit.source))
    return preset is not None and kind in (preset.id, preset.label)


def _seen(fleet: units.Fleet, asked: Asked, todo: Sequence[Unit]) -> Iterator[tuple[Unit, Revision]]:
    settings = Settings(asked.options, lister=fleet.listed.lister).absolute()
    packed = packed_for(settings, asked, histories_beside(fleet.source).name)
    numbers = {unit.target: number for number, unit in enumerate(todo, asked.first)}

    def call(unit: Unit) -> tuple[Callable[..., Revision], tuple[Any, ...]]:
        return work, (packed, unit, numbers[unit.target])

    for unit, result in engines.each(call, todo, asked.options.jobs):
        if isinstance(result, UsageError):
            try:
                raise result
            finally:
                del result  # it would hold this frame, and this frame it
        if isinstance(result, Revision):
            yield unit, result
        else:
            yield unit, Revision(unit.name, unit.row, findings=crashed(unit, result))


def _without_doublets(found: Sequence[Revision]) -> list[Revision]:
    """Give units that would get one document number twice an error each: nobody knows whose it is."""
    counts = Counter(revision.entry.get("number", "") for revision in found if revision.state == WOULD)
    return [
        replace(revision, state=ERRORS, findings=(*revision.findings, _doublet(revision, counts[number])))
        if revision.state == WOULD and (number := revision.entry.get("number", "")) and counts[number] > 1
        else revision
        for revision in found
    ]


def _doublet(revision: Revision, count: int) -> Finding:
    message = f"文号“{revision.entry['number']}”有 {count} 个单位一样"
    hint = f"文号里写上各单位自己的，如 {{机关代字}}〔{{{YEAR}}}〕{{{NUMBER}}}号"
    return Finding("duplicate_number", Severity.ERROR, message, Place(), hint, subject=revision.unit)


# --- one unit, in a worker --------------------------------------------------------------------------------------------


def work(packed: bytes, listed: Unit, number: int) -> Revision:
    """Work out the next entry of one unit; never raises for a fault of the unit, UsageError for one of the pattern."""
    shared, asked, name = unpacked(packed)
    start = Revision(listed.name, listed.row)
    return faults_told(
        lambda: _revision(shared, asked, listed, number, name), lambda found: replace(start, findings=found)
    )


def _revision(shared: Shared, asked: Asked, listed: Unit, number: int, name: str) -> Revision:
    before = shared.prepare(shared.profile(listed.source))
    if before.preset is None or before.resolved is None:
        raise FindingsError(before.findings)
    entry = _filled(asked, before, number)
    coming = history.next_entry(before, entry, asked.repeal)
    said = {**entry, "event": coming.entry["event"]}
    if coming.is_there:
        return Revision(listed.name, listed.row, SAME, coming.rows[-1]["event"], said)
    rows = _rows(shared, listed, before.preset, coming)
    path = Path(listed.source.path) if isinstance(listed.source, File) else Path(name)
    after = _after(shared, asked, listed, coming, rows, path)
    if isinstance(listed.source, Row):
        after = replace(after, findings=tuple(map(_of_list, after.findings)))
    done = history.compared(before, after, coming, path)
    serious = masked(finding for finding in done.findings if finding.severity is not Severity.NOTICE)
    return Revision(
        *(listed.name, listed.row, WOULD, done.event, said, done.changes, done.gone, done.come, done.draft),
        findings=serious,
        rows=rows,
    )


def _of_list(finding: Finding) -> Finding:
    """Return a finding of a unit of a table with a hint for tables."""
    hint = "列名前加 #，或者删去这一列：沿革会给出它" if finding.code == "history_conflict" else finding.hint
    return replace(finding, hint=hint)


def _filled(asked: Asked, before: app.Prepared, number: int) -> dict[str, str]:
    """Return the entry with the fields of its patterns filled in for a unit."""
    assert before.preset is not None and before.resolved is not None
    scope, params = before.resolved.scope, before.preset.params
    year = (asked.entry.get("issued") or asked.entry["date"])[:4]

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in (NUMBER, YEAR):
            return str(number) if name == NUMBER else year
        param = find_param(name, params)
        if param is None:
            known = (NUMBER, YEAR, *(param.labels[-1] for param in params.params.values()))
            hint = nearest(name, known, f"可以写 {{{NUMBER}}}、{{{YEAR}}} 和档案里的项目，如 {{机关代字}}")
            raise UsageError(f"“{{{name}}}”不是档案里的项目", hint, "unknown_field")
        text = scope.text(param.key)
        if not text:
            hint = "在名单里加上这一列，或者换一个写法"
            wrong = Finding("no_pattern_value", Severity.ERROR, f"没有填“{param.label}”", Place(key=param.label), hint)
            raise FindingsError([wrong])
        return text

    return {name: _FIELD.sub(value, text) if name in _PATTERNS else text for name, text in asked.entry.items()}


def _rows(shared: Shared, listed: Unit, preset: Preset, coming: history.Coming) -> tuple[Mapping[str, str], ...]:
    """Return the new lines of the table beside the list: the entry, after shared ones that this unit had no rows of."""
    heads = shared.settings.lister.heads
    tables = listed.source.tables if isinstance(listed.source, Row) else ()
    known = (table_of(heads[number].title, preset.params) for number, _ in tables)
    own = any(table is not None and table[1].key == coming.param.key for table in known)
    return tuple(_labelled(coming.param, row) for row in (*(() if own else coming.rows), coming.entry))


def _labelled(param: Param, entry: Mapping[str, str]) -> dict[str, str]:
    texts = ((column.label, str(entry.get(column.key) or "")) for column in param.columns)
    return {label: text for label, text in texts if text}


def _after(
    shared: Shared, asked: Asked, listed: Unit, coming: history.Coming, rows: Sequence[Mapping[str, str]], path: Path
) -> app.Prepared:
    """Return a unit as it will be with its entry: from the files as they will be read."""
    if isinstance(listed.source, File):
        text = history.appended(Path(listed.source.path), coming)
        return app.prepare(Path(listed.source.path), asked.options.where, history=text)
    lister = shared.settings.lister
    names = dict(enumerate(dict.fromkeys(label for row in rows for label in row), 2))
    columns = {label: column for column, label in names.items()}
    lines = tuple((line, tuple((columns[k], text) for k, text in row.items())) for line, row in enumerate(rows, 1))
    head = Head(path.name, HISTORIES, names)
    source = replace(listed.source, tables=(*listed.source.tables, (len(lister.heads), lines)))
    more = Shared(replace(shared.settings, lister=replace(lister, heads=(*lister.heads, head))))
    return shared.prepare(more.profile(source))


# --- writing ----------------------------------------------------------------------------------------------------------


def _written(found: Sequence[Revision], chosen: Sequence[Unit], path: Path | None, asked: Asked) -> list[Revision]:
    if path is not None:
        lines = [(revision.unit, row) for revision in found if revision.state == WOULD for row in revision.rows]
        if lines:
            history.write(path, _with_lines(path, lines))
        return [replace(revision, state=WRITTEN) if revision.state == WOULD else revision for revision in found]
    return [_written_beside(revision, unit, asked) for revision, unit in zip(found, chosen, strict=True)]


def _written_beside(revision: Revision, unit: Unit, asked: Asked) -> Revision:
    """Write the history file of a profile."""
    if revision.state != WOULD or not isinstance(unit.source, File):
        return revision
    entry = {name: text for name, text in revision.entry.items() if name != "event"}
    try:
        history.revise(Path(unit.source.path), entry, repeal=asked.repeal, where=asked.options.where)
    except (FindingsError, FileError, Refused) as error:
        found = error.findings if isinstance(error, FindingsError) else (as_finding(error),)
        return replace(revision, state=ERRORS, findings=masked(found))
    return replace(revision, state=WRITTEN)


def _with_lines(path: Path, lines: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """Return the table of histories with more lines; its lines and separator stay. Raises FindingsError, FileError."""
    table = _Table.of(path)
    head = table.head or [UNIT]
    head += [name for name in dict.fromkeys(name for _, row in lines for name in row) if name not in head]
    new = [[{UNIT: unit, **row}.get(name, "") for name in head] for unit, row in lines]
    return replace(table, head=head, rows=[*table.rows, *new]).text()


@dataclass(frozen=True)
class _Table:
    """The table of histories beside a list: its separator, its head, its lines."""

    delimiter: str
    head: list[str]
    rows: list[list[str]]

    @classmethod
    def of(cls, path: Path) -> _Table:
        """Read it, empty where there is none. Raises FindingsError, FileError."""
        text, findings = read_text(path) if path.is_file() else ("", [])
        if has_errors(findings):
            raise FindingsError(findings)
        delimiter = max(",\t;，", key=text.lstrip("\r\n").partition("\n")[0].count) if text else ","
        held = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))
        return cls(delimiter, held[0] if held else [], held[1:])

    def text(self) -> str:
        made = io.StringIO(newline="")
        writer = csv.writer(made, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerow(self.head)
        writer.writerows(self.rows)
        return "\ufeff" + made.getvalue()  # spreadsheet programs take a text without this mark for GB18030

    def told(self, row: Sequence[str]) -> tuple[str, dict[str, str]]:
        """Return the unit of a line, and its other texts by column."""
        texts = {name: text for name, text in zip(self.head, row, strict=False) if text}
        return texts.pop(UNIT, ""), texts


def withdraw(source: Path, lines: Sequence[tuple[str, Mapping[str, str]]]) -> int:
    """Take lines that :func:`revise` wrote out of the table beside a list; return of how many units. All of them, or none.

    Raises Refused where a unit has later entries, which rest on these, or where one was edited since; FindingsError, FileError.
    """
    path = histories_beside(source)
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(locked_by(path.with_name(f".{path.name}.lock"), f"沿革表：{path}"))
        table = _Table.of(path)
        wanted: dict[str, list[Mapping[str, str]]] = {}
        for unit, row in lines:
            wanted.setdefault(unit, []).append(row)
        gone: set[int] = set()
        blocked = []
        for unit, rows in wanted.items():
            # A table may call a unit by its short name, with which its full name ends.
            own = [
                number for number, row in enumerate(table.rows) if (cell := table.told(row)[0]) and unit.endswith(cell)
            ]
            if [table.told(table.rows[number]) for number in own[-len(rows) :]] == [(unit, dict(row)) for row in rows]:
                gone.update(own[-len(rows) :])
            else:
                blocked.append(unit)
        if blocked:
            named = "、".join(blocked[:5]) + (f"等 {len(blocked)} 个单位" if len(blocked) > 5 else "")
            hint = "撤回会让后来的沿革接不上；在沿革表里自己改，或者写下一次沿革来纠正。一条都没有撤回"
            raise Refused(f"{named}后来又写了沿革，或者这一条改过", hint, code="later_history")
        left = [row for number, row in enumerate(table.rows) if number not in gone]
        if any(any(row) for row in left):
            history.write(path, replace(table, rows=left).text())
        else:
            path.unlink(missing_ok=True)
    return len(wanted)
