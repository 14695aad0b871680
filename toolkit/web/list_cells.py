"""The cells of a list as a form, and the changes of a form that came back; changes can be undone.

A row carries tokens of the texts that it was made from: it is written only over these, and only if something was typed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web.answers import clean

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from toolkit.batch.corrections import Correction
    from toolkit.batch.list_view import ListedRow, ListView
    from toolkit.core.findings import Finding
    from toolkit.presets.params import Param

#: Columns that are shown unasked, characters of a cell, lines below the last one that a form may fill, steps back.
_SHOWN, _LONGEST, _BELOW, _UNDO_MOST = 12, 2_000, 200, 100
#: Findings on cells that the page does not write.
_FIXED = frozenset({"formula", "merged_cells"})
_CELL = re.compile(r"r-([0-9]{1,6})-c([0-9]{1,3})")


class Change(NamedTuple):
    """A cell that changes: line, column (0: a new column of this ``name``), its text before and after."""

    line: int
    column: int
    before: str
    after: str
    name: str = ""

    @property
    def back(self) -> Change:
        """The change that takes it back."""
        return self._replace(before=self.after, after=self.before)


@dataclass
class Edits:
    """The changes of a list in this run, step by step; ``saved`` is when the page last wrote it."""

    saved: datetime | None = None
    _steps: list[tuple[int, tuple[Change, ...]]] = field(default_factory=list)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._steps)

    @property
    def last(self) -> tuple[int, tuple[Change, ...]]:
        """The last step, with the number of its sheet."""
        return self._steps[-1]

    def remember(self, step: tuple[Change, ...], now: datetime, sheet: int = 0) -> None:
        """Add a step that was written; an empty one is nothing to take back."""
        self._steps += [(sheet, step)] if step else []
        del self._steps[:-_UNDO_MOST]
        self.saved = now

    def forget_last(self, now: datetime) -> None:
        """Drop the last step, which was taken back."""
        self._steps.pop()
        self.saved = now


def corrections(view: ListView, changes: Iterable[Change]) -> list[Correction]:
    """Return changes as the program writes them into the sheet of units."""
    return [view.filled(change.line, change.column, change.after, change.name) for change in changes]


def text_at(view: ListView, line: int, column: int) -> str:
    """Return the text of a cell of the sheet of units, "" for none."""
    if line == view.head.line:
        return view.columns.get(column, "")
    return next((row.cells.get(column, "") for row in view.rows if row.line == line), "")


def tells(read: Iterable[Change], typed: Iterable[Change]) -> bool:
    """Whether changes are anything to take back, as the list reads now: not 25人 over 25, nor a blank in a name; a formula is."""
    return any(change.before != change.after for change in read) or any(
        change.after.startswith("=") for change in typed
    )


def as_read(view: ListView, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes that were written as the list reads now: new columns have their number, texts are as they are read."""
    numbers = {name: number for number, name in view.columns.items()}
    placed = [change if change.column else change._replace(column=numbers.get(change.name, 0)) for change in changes]
    return tuple(change._replace(after=text_at(view, change.line, change.column)) for change in placed if change.column)


# --- columns ---


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its cells are typed; ``options`` are the only texts that it may have, the empty one among them."""

    number: int
    key: str
    label: str
    options: tuple[str, ...] = ()
    example: str = ""
    needed: bool = False
    type: str = "text"


def column_of(param: Param, key: str, number: int = 0) -> Column:
    """Return the column of a parameter; an empty cell leaves the default."""
    given = ("是", "否") if param.type == "boolean" else param.options
    options = ("", *given) if given else ()
    return Column(number, key, " ".join(param.labels), options, "" if given else param.sample(), param.needed)


def shown_columns(view: ListView, chosen: Collection[int]) -> list[Column]:
    """Return the columns that the page shows: the unit's name, required ones, those with findings, some of those in use."""
    wrong = {
        spot.column
        for row in view.rows
        for finding in row.findings
        if (spot := view.spot(row, finding)) and spot.sheet == view.head.label
    }
    kinds = {view.kind_column} if not view.kind else set()
    numbers = {view.name_column, *view.needed, *chosen, *wrong, *kinds} & set(view.columns)
    used = {number: None for row in view.rows for number in row.cells if number != view.kind_column}
    if len(view.columns) <= _SHOWN:
        numbers |= set(view.params)
    numbers |= set([number for number in sorted(used) if number not in numbers][: max(0, _SHOWN - len(numbers))])
    order = sorted(numbers, key=lambda number: (number != view.name_column, number))
    return [_column(view, number) for number in order]


def _column(view: ListView, number: int) -> Column:
    param = view.params.get(number)
    if param is not None:
        return column_of(param, f"c{number}", number)
    options = ("", *view.kinds) if number == view.kind_column else ()
    return Column(number, f"c{number}", view.columns[number], options)


def more_columns(view: ListView, shown: Sequence[Column]) -> list[tuple[str, str]]:
    """Return the other columns that can be shown: columns of the list by number, other parameters by key, with labels."""
    there = {column.number for column in shown}
    listed = [
        (str(number), view.params[number])
        for number in sorted(view.columns)
        if number in view.params and number not in there
    ]
    return [
        (value, " ".join(param.labels))
        for value, param in [*listed, *((column.key, column) for column in view.missing)]
    ]


# --- rows ---


@dataclass(frozen=True, slots=True)
class CellRow:
    """A row as it is typed: texts by column, findings by column (0: of none that is shown), cells that only show."""

    line: int
    cells: Mapping[int, str]
    tokens: str
    findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    fixed: frozenset[int] = frozenset()
    lacking: tuple[str, ...] = ()
    is_new: bool = False


def row_of(view: ListView, row: ListedRow, columns: Sequence[Column]) -> CellRow:
    """Return a unit's row; its missing answers as names of columns, all else as findings."""
    found: dict[int, list[Finding]] = {}
    lacking = []
    shown = {column.number: column.label for column in columns}
    fixed = frozenset(
        finding.where.column for finding in row.findings if finding.code in _FIXED and finding.where.line == row.line
    )
    for finding in row.findings:
        spot = view.spot(row, finding)
        here = spot is not None and spot.sheet == view.head.label and spot.line == row.line
        column = spot.column if spot is not None and here and spot.column in shown else 0
        if finding.code == "missing_value" and spot is not None:
            lacking.append(shown.get(column) or spot.name.replace(".", " "))
        elif finding.severity is not api.Severity.NOTICE:
            found.setdefault(column, []).append(finding)
    cells = {number: row.cells.get(number, "") for number in shown}
    tokens = token(view, {number: text for number, text in cells.items() if number not in fixed})
    said = {number: tuple(findings) for number, findings in found.items()}
    return CellRow(row.line, cells, tokens, said, fixed, tuple(lacking))


def new_row(view: ListView, line: int, columns: Sequence[Column]) -> CellRow:
    """Return an empty row to be filled in."""
    return CellRow(line, {}, token(view, {column.number: "" for column in columns}), is_new=True)


def free_lines(view: ListView, count: int) -> list[int]:
    """Return the next lines below the list."""
    return list(range(view.last + 1, view.last + 1 + count))


def token(view: ListView, cells: Mapping[int, str]) -> str:
    """Return the version token of the texts of a row."""
    held = sorted((view.columns.get(number, ""), text) for number, text in cells.items() if text)
    return hashlib.sha256(json.dumps(held, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()[:12]


# --- a form that came back ---


@dataclass(frozen=True, slots=True)
class Clash:
    """A row that another window changed since: the present and the typed texts, by column."""

    line: int
    theirs: Mapping[int, str]
    mine: Mapping[int, str]

    @property
    def differing(self) -> list[int]:
        """The columns in which they differ."""
        return [number for number, text in self.mine.items() if text != self.theirs.get(number, "")]


@dataclass(frozen=True, slots=True)
class Typed:
    """The contents of a form: texts by line and column, the tokens that each line was made from."""

    rows: Mapping[int, Mapping[int, str]]
    seen: Mapping[int, tuple[str, ...]]


def typed(form: MultiDict[str, str]) -> Typed:
    """Return the rows of a form. Raises UsageError for a cell that is too long to be one."""
    rows: dict[int, dict[int, str]] = {}
    for name, text in form.items():
        if match := _CELL.fullmatch(name):
            cell = clean(text).replace("\n", " ").strip()
            if len(cell) > _LONGEST:
                message = f"第 {match[1]} 行有一格 {len(cell)} 个字，一格最多 {_LONGEST} 个"
                raise UsageError(message, "您填的还在这一页上；把那一格写短", "too_long")
            rows.setdefault(int(match[1]), {})[int(match[2])] = cell
    parts = (pair.split(":") for pair in form.getlist("seen"))
    return Typed(rows, {int(line): tuple(rest) for line, *rest in parts if line.isascii() and line.isdecimal()})


def changed(view: ListView, form: Typed, mine: int = 0, theirs: int = 0) -> tuple[list[Change], list[Clash]]:
    """Return the changes of a form to the list, and the rows that it leaves since another window changed them.

    ``mine``: a line that is written all the same; ``theirs``: one of which nothing is.
    """
    rows = {row.line: row.cells for row in view.rows}
    changes: list[Change] = []
    clashes: list[Clash] = []
    for line, cells in sorted(form.rows.items()):
        given = {number: text for number, text in cells.items() if number in view.columns}
        now = {number: rows.get(line, {}).get(number, "") for number in given}
        seen = form.seen.get(line, ())
        if given == now or line == theirs or token(view, given) in seen:
            continue
        is_free = line in rows or view.head.line < line <= view.last + _BELOW and line not in view.used
        if line == mine and not is_free:  # something else stands there now: the row goes below the list
            changes += _line_changes(view, view.last + 1, given, dict.fromkeys(given, ""), {})
        elif line == mine or (token(view, now) in seen[:1] and is_free):
            changes += _line_changes(view, line, given, now, rows.get(line, {}))
        else:
            clashes.append(Clash(line, now, given))
    return changes, clashes


def _line_changes(
    view: ListView, line: int, given: Mapping[int, str], now: Mapping[int, str], before: Mapping[int, str]
) -> list[Change]:
    """Return the changes of a line; a unit's kind is written with its first text, and goes with its last."""
    found = [Change(line, number, now[number], text) for number, text in given.items() if text != now[number]]
    column = view.kind_column
    if column and view.kind and column not in given:
        after = {**before, **given}
        is_held = any(text for number, text in after.items() if number != column)
        kind = before.get(column, "") or view.kind if is_held else ""
        if kind != before.get(column, ""):
            found.append(Change(line, column, before.get(column, ""), kind))
    return found


def emptied(view: ListView, line: int) -> list[Change]:
    """Return the changes that empty a unit's row, so that no line changes its number."""
    row = next((row for row in view.rows if row.line == line), None)
    return [Change(line, number, text, "") for number, text in row.cells.items()] if row else []


def added(view: ListView, rows: Iterable[Mapping[str, str]]) -> list[Change]:
    """Return the changes that write rows, texts by key of the parameter, below the list; a column that is missing is new."""
    numbers = {param.key: number for number, param in view.params.items()}
    if view.kind_column:
        numbers["kind"] = view.kind_column
    labels = {param.key: param.label for param in view.missing}
    found = []
    for line, row in enumerate(rows, view.last + 1):
        given = {**({"kind": view.kind} if view.kind else {}), **row}
        for key, text in given.items():
            if text and (key in numbers or key in labels):
                found.append(Change(line, numbers.get(key, 0), "", text, labels.get(key, "")))
    return found


def same_for_all(view: ListView, key: str, text: str, only_empty: bool) -> list[Change]:
    """Return the changes that give units the same text for a parameter: all of them, or those without one.

    A parameter without a column gets one, whose name is the first change.
    """
    number = next((number for number, param in view.params.items() if param.key == key), 0)
    label = next((param.label for param in view.missing if param.key == key), "")
    found = []
    for row in view.rows:
        before = row.cells.get(number, "") if number else ""
        if before != text and not (only_empty and before):
            found.append(Change(row.line, number, before, text, label))
    return found if number or not found else [*with_column(view, key), *found]


def with_column(view: ListView, key: str) -> list[Change]:
    """Return the change that names a new column; none for a parameter that has one, or that no kind has."""
    param = next((param for param in view.missing if param.key == key), None)
    return [Change(view.head.line, 0, "", param.label, param.label)] if param else []


def with_needed(view: ListView) -> list[Change]:
    """Return the changes that name a column for each parameter that has to be given and has none."""
    return [change for param in view.missing if param.needed for change in with_column(view, param.key)]


def as_typed(row: CellRow, cells: Mapping[int, str], seen: Sequence[str]) -> CellRow:
    """Return a row with typed texts that were not written; its token stays that of the old row."""
    return replace(row, cells={**row.cells, **cells}, tokens=":".join(seen))
