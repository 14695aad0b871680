"""Reads rows of units that were copied from a spreadsheet, as a list of them is read: columns named, cells judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.batch.finding_codes import finding
from toolkit.batch.grids import COLUMNS_MAX, CellReader, Grid, typed_cell
from toolkit.batch.heads import PASSED_OVER, UNIT, Column, Names
from toolkit.batch.list_view import ListedRow, ListView, judged
from toolkit.batch.listing import read_base, read_list
from toolkit.batch.outcome import Options
from toolkit.batch.unit_list import units_of
from toolkit.batch.work import Settings, Shared
from toolkit.core.cells import BadLine, HeadLine, find_head, spans_of, text_rows
from toolkit.core.findings import Finding, Place, Severity, did_you_mean, similar
from toolkit.presets import Preset
from toolkit.presets.params import Param
from toolkit.profile.people import PEOPLE, Pasted, PastedRow
from toolkit.profile.reading import RESERVED, reserved_key

#: The name of the pasted rows in places; the line of names is number 0, so that rows count from 1 as their table shows them.
_FILE, _HEAD = "粘贴的", 0
#: Rows at once.
ROWS_MAX = 5_000
#: Returns the column of a name, None for an unknown one.
Known = Callable[[str, str], Column | None]
#: The key of the column 单位类型, which is no parameter.
KIND = "kind"


def pasted(text: str, source: Path, options: Options, order: Sequence[str] = (), number: int = 0) -> Pasted:
    """Return the units in rows that were copied from a spreadsheet, judged as rows of the list ``source`` would be.

    ``order``: keys of the columns that rows without a line of names have (``unit.full_name``); ``number``: the sheet of the list
    that they belong to, whose records are not judged (0: that of the units). The result has texts and findings by key; those of
    no column have the key "". Raises FindingsError for a list that cannot be read, FileError.
    """
    shared = Shared(Settings(options).absolute())
    listed = read_list(source, options, shared, empty=True)
    names = Names(listed.kinds)
    try:
        rows = text_rows(text, COLUMNS_MAX)
    except BadLine as error:
        return _unread(f"第 {error.line} 行无法读取", "多半是引号没有配对；删去那一行的引号再看")
    if len(rows) > ROWS_MAX + 1:
        return _unread(f"有 {len(rows)} 行，一次最多 {ROWS_MAX} 行，一行也没有读", "分几次粘贴")
    typed = [(line, {column: typed_cell(cell) for column, cell in cells.items()}) for line, cells in rows]
    if number:
        table = names.table(listed.lister.heads[number].title) if number < len(listed.lister.heads) else None
        return _records(typed, table, names, order) if table else _unread("名单里没有这张表", "回到名单再选一次")

    def known(name: str, group: str) -> Column | None:
        return _column(name, names, group)

    head = _head_of(typed, known, names.identities)
    by_key = {param.key: param for schema in names.schemas for param in schema.params.values()}
    asked = _in_order(typed, {key: param.label for key, param in by_key.items()}, order)
    titles = _used(head, known) if head else asked
    body = [cells for _, cells in typed[head.row + 1 if head else 0 :]]
    said = [_unknown(name, names.labels()) for name in _strange(head, known)]
    view = _view(_grid(titles, body, len(listed.kinds) == 1 and listed.kinds[0].label), listed.kinds, options)
    columns = {column: _key(name, view) for column, name in view.columns.items() if column in titles}
    return Pasted(
        tuple(columns.values()),
        head is not None,
        tuple(_row(row, columns, view) for row in view.rows),
        (*said, *(finding for finding in view.findings if finding.severity is not Severity.NOTICE)),
    )


def _records(
    typed: Sequence[tuple[int, Mapping[int, Any]]], table: Param, names: Names, order: Sequence[str]
) -> Pasted:
    """Return rows of people or other records; their cells are judged with the list."""

    def known(name: str, _: str) -> Column | None:
        return names.record_column(name, table)

    labels = {UNIT: UNIT, **{column.key: column.label for column in table.columns}}
    head = _head_of(typed, known, (UNIT,))
    titles = _used(head, known) if head else _in_order(typed, labels, order)
    keys = {column: next(key for key, label in labels.items() if label == title) for column, title in titles.items()}
    params = {column.key: column for column in table.columns}
    grid = Grid(_FILE, "", _FILE)
    reader = CellReader(grid, {column for column, key in keys.items() if key in (UNIT, PEOPLE.columns[0].key)})
    rows = []
    for line, (_, cells) in enumerate(typed[head.row + 1 if head else 0 :], 1):
        texts = {
            keys[column]: reader.text(line, column, value, params.get(keys[column]))[0]
            for column, value in cells.items()
            if column in keys
        }
        rows.append(PastedRow(line, texts, {}))
    said = [_unknown(name, {label: label for label in labels.values()}) for name in _strange(head, known)]
    return Pasted(tuple(keys.values()), head is not None, tuple(rows), tuple(said))


def _in_order(
    typed: Sequence[tuple[int, Mapping[int, Any]]], labels: Mapping[str, str], order: Sequence[str]
) -> dict[int, str]:
    """Return the names of the columns of rows that name none, as far as the rows go."""
    width = max((max(cells) for _, cells in typed), default=0)
    return {number: labels[key] for number, key in enumerate(order[:width], 1) if key in labels}


def _unread(message: str, hint: str) -> Pasted:
    return Pasted((), False, (), (finding("bad_list", message, Place(), hint),))


def _column(name: str, names: Names, group: str = "") -> Column | None:
    """Return the meaning of a column; a last step that several parameters have is that of the unit itself (全称: 单位.全称)."""
    if column := names.unit_column(name, group):
        return column
    identities = (param for param in names.params() if param.key in names.identities)
    return next((column for param in identities if (column := names.unit_column(name, param.labels[0]))), None)


def _head_of(
    rows: Sequence[tuple[int, Mapping[int, Any]]], known: Known, identities: Collection[str]
) -> HeadLine | None:
    """Return the line of names; None where the rows have none: one knows two of them, or that of the units."""

    def score(name: str, group: str) -> float:
        column = known(name, group)
        return 0 if column is None else 2 if column.key in identities else 1

    head = find_head(rows, spans_of(rows), score)
    return head if head and head.score >= min(2, len(head.names)) else None


def _used(head: HeadLine, known: Known) -> dict[int, str]:
    """Return the names of columns that are read, the first of those with one meaning."""
    found: dict[int, str] = {}
    seen = set()
    for number, name in head.names.items():
        column = known(name, head.groups.get(number, ""))
        if column is not None and column.key not in seen:
            seen.add(column.key)
            found[number] = column.param.label if column.param else column.label
    return found


def _strange(head: HeadLine | None, known: Known) -> list[str]:
    named = [(name, known(name, head.groups.get(number, ""))) for number, name in head.names.items()] if head else []
    return [name for name, column in named if column is None and name not in PASSED_OVER and name[:1] != "#"]


def _unknown(name: str, labels: Mapping[str, str]) -> Finding:
    message = f"没有认出“{name}”这一列，不会加入"
    close = list(dict.fromkeys(labels[label] for label in similar(name, labels, 2, 0.5)))
    hint = did_you_mean(close, "要这一列的，在框里把列名改成名单里的写法")
    return finding("ignored_column", message, Place(_FILE, 1, 0, name), hint)


def _grid(titles: Mapping[int, str], body: Iterable[Mapping[int, Any]], kind: str | bool) -> Grid:
    """Return the rows as a sheet; ``kind`` is that of units of which the rows do not say it."""
    grid = Grid(_FILE, "", _FILE)
    names: dict[int, Any] = dict(titles)
    extra = max(names, default=0) + 1
    has_kind = not kind or any(reserved_key(name) == KIND for name in titles.values())
    if not has_kind:
        names[extra] = RESERVED[KIND]
    grid.take(_HEAD, names or {1: RESERVED[KIND]})
    for line, cells in enumerate(body, 1):
        used = {number: cell for number, cell in cells.items() if number in titles}
        if used:
            grid.take(line, used if has_kind else {**used, extra: kind})
    return grid


def _view(grid: Grid, kinds: Sequence[Preset], options: Options) -> ListView:
    """Return the sheet as a list of these kinds, its rows judged."""
    shared = Shared(Settings(options).absolute())
    base, by_kind = read_base(options.base, shared)
    listed = units_of([grid], kinds, base, empty=True)
    listed.lister = replace(listed.lister, by_kind=by_kind)
    shared.settings = replace(shared.settings, lister=listed.lister)
    return judged(listed, shared)


def _key(name: str, view: ListView) -> str:
    """Return the key of a column: that of its parameter, or that of a reserved name."""
    param = next(
        (view.params[number] for number, label in view.columns.items() if label == name and number in view.params), None
    )
    return param.key if param else reserved_key(name) or name


def _row(row: ListedRow, columns: Mapping[int, str], view: ListView) -> PastedRow:
    """Return a row with the worst finding about each of its columns, "" for findings about no column."""
    order = list(Severity)
    found: dict[str, Finding] = {}
    for one in sorted(row.findings, key=lambda finding: order.index(finding.severity)):
        spot = view.spot(row, one)
        found.setdefault(columns.get(spot.column, one.subject) if spot else "", one)
    return PastedRow(row.line, {key: row.cells.get(number, "") for number, key in columns.items()}, found)
