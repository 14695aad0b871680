"""Builds tables from grid and table templates: rows of literals, parameters, duties, meetings, the calendar."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import compress

from toolkit.compose import shared
from toolkit.compose.entries import Record
from toolkit.compose.texts import DocumentText
from toolkit.core.findings import Place
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Cell, FormField, Inlines, Ref, Row, Table, Text
from toolkit.presets.markup import FieldSpec, Literal, Parts, Placeholder, RefSpec, placeholders
from toolkit.presets.spec import (
    CLAUSE_COLUMN,
    DUTY_SOURCES,
    CellTemplate,
    ColumnTemplate,
    GridTemplate,
    RowTemplate,
    TableTemplate,
)

#: Printed where a row has nothing to say: no recipient, no clause that quotes the duty.
NOTHING = "—"
#: The kind of place of row sources about duties; that of others depends on the document's family.
_COUNTS_AS = {"agenda": "agenda", "calendar": "calendar"}

#: Most rows that a table is given by a number of people: who has more copies the sheet.
MOST_ROWS = 120

_EMPTY = Record({}, {})

CellMaker = Callable[[Record, int, bool], Cell]


@shared.built_once(shared.table_key)
def build_grid(template: GridTemplate, text: DocumentText) -> Table | None:
    """Build a label/blank grid; None if its condition does not hold."""
    owner = _owner(template, text)
    if not _wanted(template, text):
        return None
    rows = tuple(_grid_row(row, text, owner) for row in template.rows if text.scope.holds(row.when, local=text.local))
    text.collector.sources[text.template.id, template.id] = owner
    caption = text.inlines(template.caption, None, owner)
    columns = shared.columns(tuple((width, "left") for width in template.widths))
    return shared.table(template.id, columns, rows, 0, caption)


@shared.built_once(shared.table_key)
def build_table(template: TableTemplate, text: DocumentText) -> Table | None:
    """Build a table with a header row; None if its condition does not hold or it has no rows or columns."""
    owner = _owner(template, text)
    if not _wanted(template, text):
        return None
    shown = _shown(template.columns, tuple([text.scope.holds(c.when, local=text.local) for c in template.columns]))
    maker = _RowMaker(template, shown, text, owner)
    rows: list[Row] = []
    for record in _records(template, text):
        for duty in (record.key, *record.others) if template.each in DUTY_SOURCES else ():
            for via in (_COUNTS_AS.get(template.each, text.via), *text.template.serves):
                text.quote(duty, owner, via, template.id)
        rows.append(_row(shown, text, maker, record, len(rows) + 1, False))
    blank = template.blank if rows else max(template.blank, _number(template.unlisted, text))
    for number in range(len(rows) + 1, max(len(rows), _number(template.upto, text)) + blank + 1):
        rows.append(_row(shown, text, maker, _EMPTY, number, True))
    if not rows or not shown:
        text.collector.dropped[text.template.id, template.id] = (
            f"“{template.each}”没有内容" if shown else "没有一栏的条件成立"
        )
        return None
    heads = [shared.cell((text.inlines(c.head, None, owner),), head=True, align="center") for c in shown]
    head = shared.row(tuple(heads))
    text.collector.sources[text.template.id, template.id] = owner
    columns = shared.columns(tuple((column.width, column.align) for column in shown))
    return shared.table(template.id, columns, (head, *rows), 1, text.inlines(template.caption, None, owner))


@remembered(key=identity)
def _shown(columns: tuple[ColumnTemplate, ...], wanted: tuple[bool, ...]) -> tuple[ColumnTemplate, ...]:
    """Return the columns whose condition holds; the same object for the same ones, because rows are known by it."""
    return columns if all(wanted) else tuple(compress(columns, wanted))


def _number(parts: Parts, text: DocumentText) -> int:
    """Return how many people or things the rows are for, :data:`MOST_ROWS` at most, 0 where nobody says it."""
    said = text.scope.render(parts, text.local).strip() if parts else ""
    return min(int(said[:9]), MOST_ROWS) if said.isdecimal() else 0


def _owner(template: GridTemplate | TableTemplate, text: DocumentText) -> Place:
    return Place(template.file, template.line, document=text.template.id, provision=template.id)


def _wanted(template: GridTemplate | TableTemplate, text: DocumentText) -> bool:
    if text.scope.holds(template.when, local=text.local):
        return True
    condition = template.when.text if template.when else ""
    text.collector.dropped[text.template.id, template.id] = f"条件“{condition}”不成立"
    return False


def _grid_row_key(row: RowTemplate, text: DocumentText, owner: Place) -> Hashable:
    inputs = shared.cell_inputs(row)
    return None if inputs is None else (id(row), owner, shared.cell_key(inputs, text))


@shared.built_once(_grid_row_key)
def _grid_row(row: RowTemplate, text: DocumentText, owner: Place) -> Row:
    return shared.row(tuple([_grid_cell(cell, text, owner) for cell in row.cells]), height=row.height)


def _grid_cell(cell: CellTemplate, text: DocumentText, owner: Place) -> Cell:
    lines = tuple(text.inlines(parts, None, owner, cell=True) for parts in cell.lines)
    return shared.cell(lines, cell.colspan, cell.rowspan, cell.head, cell.align)


def _records(template: TableTemplate, text: DocumentText) -> Iterator[Record]:
    if template.each:
        records = text.scope.records(template.each, text.template.meeting)
    else:
        render, local = text.scope.render, text.local
        items = [item for item in template.items if text.scope.holds(item.when, local=local)]
        rows = ({key: render(parts, local) for key, parts in item.texts.items()} for item in items)
        records = tuple([Record(texts, texts) for texts in rows])
    for record in records:
        if text.scope.holds(template.where, record, text.local):
            yield record


class _RowMaker:
    """Template, columns and inputs of the rows of one table."""

    def __init__(
        self, template: TableTemplate, columns: tuple[ColumnTemplate, ...], text: DocumentText, owner: Place
    ) -> None:
        self.template = template
        self.text = text
        self.owner = owner
        self.columns = columns
        self.names = _columns_of(template, text)
        self.inputs = shared.cell_inputs(self.columns)
        parts = tuple([part for parts in shared.texts_of(self.columns) for part in parts])
        self.cites = any(part.path == CLAUSE_COLUMN for part in placeholders(parts))

    @cached_property
    def makers(self) -> list[CellMaker]:
        """One function for each column, which makes its cell for a row."""
        return [_maker(column, self.template, self.text, self.owner, self.names) for column in self.columns]


def _row_key(
    columns: tuple[ColumnTemplate, ...], text: DocumentText, maker: _RowMaker, record: Record, number: int, blank: bool
) -> Hashable:
    """Return the inputs of a row; None if a cell quotes duties on its own."""
    inputs = maker.inputs
    if inputs is None:
        return None
    cited = clause_refs(record.key, text) if maker.cites and not blank and CLAUSE_COLUMN not in record.texts else ()
    filled = shared.cell_key(inputs, text, _numbered(record, number) if inputs.counts else record)
    count = number if inputs.counts else 0
    return (id(columns), maker.owner, record.key, count, blank, maker.names, filled, cited)


@shared.built_once(_row_key)
def _row(columns: tuple, text: DocumentText, maker: _RowMaker, record: Record, number: int, blank: bool) -> Row:
    """Return a row; ``blank``: one to fill in by hand. The key and the findings need ``columns`` and ``text``."""
    numbered = _numbered(record, number)
    height = maker.template.lines if blank else 0
    return shared.row(tuple([make(numbered, number, blank) for make in maker.makers]), record.key, height)


def _numbered(record: Record, number: int) -> Record:
    return replace(record, texts={**record.texts, "row": str(number)})


def _maker(
    column: ColumnTemplate, template: TableTemplate, text: DocumentText, owner: Place, names: frozenset[str]
) -> CellMaker:
    """Return a function that makes the column's cell for a row; a cell that is the same in every row is made once."""
    parts = [part for line in column.cell for part in line]
    if column.blank is None and all(isinstance(part, (Literal, RefSpec)) for part in parts):
        cell = shared.cell(tuple(text.inlines(line, None, owner, cell=True) for line in column.cell))
        return lambda record, number, blank: cell
    return _CellMaker(column, template, text, owner, names).cell


def _columns_of(template: TableTemplate, text: DocumentText) -> frozenset[str]:
    """Names that only a filled row has."""
    names = {CLAUSE_COLUMN, *(name for item in template.items for name in item.texts)}
    if template.each:
        for record in text.scope.records(template.each, text.template.meeting)[:1]:
            names |= record.texts.keys()
        param = text.scope.preset.params.params.get(template.each)
        names |= {column.key for column in param.columns} if param is not None else {"value"}
    return frozenset(names)


class _CellMaker:
    """Makes the cells of one column that differ from row to row."""

    def __init__(
        self, column: ColumnTemplate, template: TableTemplate, text: DocumentText, owner: Place, names: frozenset[str]
    ) -> None:
        self.column = column
        self.table = template.id
        self.text = text
        self.owner = owner
        self.fills = [part for line in column.cell for part in line if isinstance(part, Placeholder)]
        self.cites = any(part.path == CLAUSE_COLUMN for part in self.fills)
        #: In a row to fill in by hand only the fields are left of a cell that names the subject of the row.
        self.blank = column.cell
        if column.blank is not None:
            self.blank = column.blank
        elif any(part.path in names for part in self.fills):
            self.blank = tuple(tuple(part for part in line if isinstance(part, FieldSpec)) for line in column.cell)

    def cell(self, record: Record, number: int, blank: bool) -> Cell:
        """Return the cell of a row."""
        prefix = f"{self.table}_{number}_"
        line = self._citing if self.cites and CLAUSE_COLUMN not in record.texts else self._line
        lines = [line(parts, record, prefix) for parts in (self.blank if blank else self.column.cell)]
        if self.column.value and not blank:
            lines = _started(lines, self.text.scope.render(self.column.value, self.text.local, record))
        if not blank and self._says_nothing(lines, record):
            return shared.cell(((Text(NOTHING),),))
        return shared.cell(tuple(lines))

    def _says_nothing(self, lines: list[Inlines], record: Record) -> bool:
        """Return whether a cell has names, all of them are empty, and there is nothing to fill in."""
        if not self.fills or (self.cites and CLAUSE_COLUMN not in record.texts):
            return False
        if any(not isinstance(part, Text) for line in lines for part in line):
            return False
        return not any(self.text.scope.fill(part, self.text.local, record) for part in self.fills)

    def _line(self, parts: Parts, record: Record, prefix: str) -> Inlines:
        return self.text.inlines(parts, record, self.owner, prefix, cell=True)

    def _citing(self, parts: Parts, record: Record, prefix: str) -> Inlines:
        """Return a paragraph in which ``{clause}`` becomes references."""
        clause = next(
            (at for at, part in enumerate(parts) if isinstance(part, Placeholder) and part.path == CLAUSE_COLUMN), -1
        )
        if clause < 0:
            return self._line(parts, record, prefix)
        before, refs = self._line(parts[:clause], record, prefix), clause_refs(record.key, self.text)
        return before + refs + self._citing(parts[clause + 1 :], record, prefix)


def _started(lines: list[Inlines], value: str) -> list[Inlines]:
    """Fill the first field of a cell with its initial value."""
    for number, line in enumerate(lines):
        for index, part in enumerate(line):
            if isinstance(part, FormField):
                started = (*line[:index], replace(part, value=value), *line[index + 1 :])
                return [*lines[:number], started, *lines[number + 1 :]]
    return lines


def clause_refs(duty: str, text: DocumentText) -> Inlines:
    """Return references to the articles that quote a duty, joined by 、: of the first regulation, else the first document.

    The title stands once, before the first. A dash where no clause quotes it.
    """
    quoting = dict(text.cited(duty))
    ordered = [template for template in text.scope.preset.documents.values() if template.id in quoting]
    if not ordered:
        return (Text(NOTHING),)
    chosen = next((template for template in ordered if template.family == "regulation"), ordered[0])
    document = "" if chosen.id == text.template.id else chosen.id
    refs = [
        Ref(article, document, brief=True, untitled=bool(document and number))
        for number, article in enumerate(quoting[chosen.id])
    ]
    return tuple([part for ref in refs for part in (Text("、"), ref)][1:])
