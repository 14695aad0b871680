"""Grid and table templates → tables: rows from literals, parameters, duties, meetings, the calendar."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from functools import partial

from toolkit.compose import remembered, shared
from toolkit.compose.entries import Record
from toolkit.compose.texts import Collector, DocumentText
from toolkit.core.findings import Place
from toolkit.model.tree import Cell, FormField, Inline, Inlines, Ref, Row, Table, Text
from toolkit.presets.markup import FieldSpec, Literal, Parts, Placeholder, RefSpec, placeholders
from toolkit.presets.spec import (
    CLAUSE_COLUMN,
    CellTemplate,
    ColumnTemplate,
    GridTemplate,
    Preset,
    RowTemplate,
    TableTemplate,
)

#: Printed where a row has nothing to say: no recipient, no clause that quotes the duty.
NOTHING = "—"
#: Row sources whose rows are about a duty, and what they count as (else: by the document's family).
_DUTY_ROWS = {"duties": "", "agenda": "agenda", "calendar": "calendar"}

_EMPTY = Record({}, {})

CellMaker = Callable[[Record, int, bool], Cell]


@remembered.built_once(remembered.table_key)
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


@remembered.built_once(remembered.table_key)
def build_table(template: TableTemplate, text: DocumentText) -> Table | None:
    """Build a table with a header row; None if its condition does not hold or it has no rows."""
    owner = _owner(template, text)
    if not _wanted(template, text):
        return None
    maker = _RowMaker(template, text, owner)
    rows: list[Row] = []
    for record in _records(template, text):
        if template.each in _DUTY_ROWS:
            text.quote(record.key, owner, _DUTY_ROWS[template.each] or text.via)
        rows.append(_row(template.columns, text, maker, record, len(rows) + 1, False))
    for number in range(len(rows) + 1, len(rows) + template.blank + 1):
        rows.append(_row(template.columns, text, maker, _EMPTY, number, True))
    if not rows:
        text.collector.dropped[text.template.id, template.id] = f"“{template.each}”没有内容"
        return None
    heads = [shared.cell((text.inlines(c.head, None, owner),), head=True, align="center") for c in template.columns]
    head = shared.row(tuple(heads))
    text.collector.sources[text.template.id, template.id] = owner
    columns = shared.columns(tuple((column.width, column.align) for column in template.columns))
    return shared.table(template.id, columns, (head, *rows), 1, text.inlines(template.caption, None, owner))


def _owner(template: GridTemplate | TableTemplate, text: DocumentText) -> Place:
    return Place(template.file, template.line, document=text.template.id, provision=template.id)


def _wanted(template: GridTemplate | TableTemplate, text: DocumentText) -> bool:
    if text.scope.holds(template.when, local=text.local):
        return True
    condition = template.when.text if template.when else ""
    text.collector.dropped[text.template.id, template.id] = f"条件“{condition}”不成立"
    return False


def _grid_row_key(row: RowTemplate, text: DocumentText, owner: Place) -> Hashable:
    inputs = remembered.cell_inputs(row)
    return None if inputs is None else (id(row), owner, remembered.cell_key(inputs, text))


@remembered.built_once(_grid_row_key)
def _grid_row(row: RowTemplate, text: DocumentText, owner: Place) -> Row:
    return shared.row(tuple([_grid_cell(cell, text, owner) for cell in row.cells]), height=row.height)


def _grid_cell(cell: CellTemplate, text: DocumentText, owner: Place) -> Cell:
    lines = tuple(text.inlines(parts, None, owner, cell=True) for parts in cell.lines)
    return shared.cell(lines, cell.colspan, cell.rowspan, cell.head, cell.align)


def _records(template: TableTemplate, text: DocumentText) -> Iterator[Record]:
    if template.each:
        records = text.scope.records(template.each, text.template.meeting)
    else:
        records = tuple(
            Record(texts, texts)
            for item in template.items
            for texts in [{key: text.scope.render(parts, text.local) for key, parts in item.items()}]
        )
    for record in records:
        if text.scope.holds(template.where, record, text.local):
            yield record


class _RowMaker:
    """Makes the rows of one table."""

    def __init__(self, template: TableTemplate, text: DocumentText, owner: Place) -> None:
        self.template = template
        self.text = text
        self.owner = owner
        self.columns = template.columns
        self.names = _columns_of(template, text)
        self.inputs = remembered.cell_inputs(self.columns)
        parts = tuple([part for parts in remembered.texts_of(self.columns) for part in parts])
        self.cites = any(part.path == CLAUSE_COLUMN for part in placeholders(parts))
        self.makers: list[CellMaker] = []

    def depends(self, record: Record, number: int, blank: bool) -> Hashable:
        """Return what a row depends on; None if a cell quotes duties on its own."""
        if self.inputs is None:
            return None
        text = self.text
        cited = clause_refs(record.key, text) if self.cites and not blank and CLAUSE_COLUMN not in record.texts else ()
        filled = remembered.cell_key(self.inputs, text, _numbered(record, number) if self.inputs.counts else record)
        return (self.owner, record.key, number if self.inputs.counts else 0, blank, self.names, filled, cited)

    def row(self, record: Record, number: int, blank: bool) -> Row:
        """Return a row; ``blank``: one to fill in by hand."""
        if not self.makers:
            self.makers = [_maker(column, self.template, self.text, self.owner, self.names) for column in self.columns]
        return shared.row(tuple([make(record, number, blank) for make in self.makers]), record.key)


def _row_key(
    columns: tuple[ColumnTemplate, ...], _text: DocumentText, maker: _RowMaker, record: Record, number: int, blank: bool
) -> Hashable:
    depends = maker.depends(record, number, blank)
    return None if depends is None else (id(columns), depends)


@remembered.built_once(_row_key)
def _row(
    _columns: tuple[ColumnTemplate, ...],
    _text: DocumentText,
    maker: _RowMaker,
    record: Record,
    number: int,
    blank: bool,
) -> Row:
    return maker.row(record, number, blank)


def _numbered(record: Record, number: int) -> Record:
    return Record({**record.texts, "row": str(number)}, record.values, record.key)


def _maker(
    column: ColumnTemplate, template: TableTemplate, text: DocumentText, owner: Place, names: frozenset[str]
) -> CellMaker:
    """A function that makes the column's cell for a row; a cell that is the same in every row is made once."""
    parts = [part for line in column.cell for part in line]
    if column.blank is None and all(isinstance(part, (Literal, RefSpec)) for part in parts):
        cell = shared.cell(tuple(text.inlines(line, None, owner, cell=True) for line in column.cell))
        return lambda record, number, blank: cell
    paths = {part.path for part in parts if isinstance(part, Placeholder)}
    return partial(_cell, column, template, text, owner, not paths & names)


def _columns_of(template: TableTemplate, text: DocumentText) -> frozenset[str]:
    """Names that only a filled row has."""
    names = {CLAUSE_COLUMN}
    for item in template.items:
        names |= item.keys()
    if template.each:
        for record in text.scope.records(template.each, text.template.meeting)[:1]:
            names |= record.texts.keys()
        param = text.scope.preset.params.params.get(template.each)
        names |= {column.key for column in param.columns} if param is not None else {"value"}
    return frozenset(names)


def _cell(
    column: ColumnTemplate,
    template: TableTemplate,
    text: DocumentText,
    owner: Place,
    outside: bool,
    record: Record,
    number: int,
    blank: bool,
) -> Cell:
    numbered = _numbered(record, number)
    prefix = f"{template.id}_{number}_"
    lines = []
    for parts in column.blank if blank and column.blank is not None else column.cell:
        if blank and column.blank is None and not outside:
            parts = tuple(part for part in parts if isinstance(part, FieldSpec))
        lines.append(_line(parts, numbered, text, owner, prefix))
    if column.value and not blank:
        lines = _started(lines, text.scope.render(column.value, text.local, numbered))
    if not blank and _says_nothing(column, lines, numbered, text):
        return shared.cell(((Text(NOTHING),),))
    return shared.cell(tuple(lines))


def _started(lines: list[Inlines], value: str) -> list[Inlines]:
    """Fill the first field of a cell with what it starts with."""
    for number, line in enumerate(lines):
        for place, part in enumerate(line):
            if isinstance(part, FormField):
                return [
                    *lines[:number],
                    (*line[:place], replace(part, value=value), *line[place + 1 :]),
                    *lines[number + 1 :],
                ]
    return lines


def _says_nothing(column: ColumnTemplate, lines: list[Inlines], record: Record, text: DocumentText) -> bool:
    """Whether a cell has names, all of them came out empty, and there is nothing to fill in."""
    if any(not isinstance(part, Text) for line in lines for part in line):
        return False
    fills = [part for line in column.cell for part in line if isinstance(part, Placeholder)]
    if not fills or any(part.path == CLAUSE_COLUMN and CLAUSE_COLUMN not in record.texts for part in fills):
        return False
    return not any(text.scope.fill(part, text.local, record) for part in fills)


def _line(parts: Parts, record: Record, text: DocumentText, owner: Place, prefix: str) -> Inlines:
    """A paragraph of a cell; ``{clause}`` becomes references."""
    clause = next(
        (i for i, part in enumerate(parts) if isinstance(part, Placeholder) and part.path == CLAUSE_COLUMN), -1
    )
    if clause < 0 or CLAUSE_COLUMN in record.texts:
        return text.inlines(parts, record, owner, prefix, cell=True)
    before = text.inlines(parts[:clause], record, owner, prefix, cell=True)
    return before + clause_refs(record.key, text) + _line(parts[clause + 1 :], record, text, owner, prefix)


def clause_refs(duty: str, text: DocumentText) -> Inlines:
    """References to the articles that quote a duty: in the first regulation that does, else the first document.

    Joined by 、; a dash where no clause quotes it.
    """
    collector: Collector = text.collector
    preset: Preset = text.scope.preset
    quoting = dict(collector.cited(duty))
    ordered = [template for template in preset.documents.values() if template.id in quoting]
    if not ordered:
        return (Text(NOTHING),)
    chosen = next((template for template in ordered if template.family == "regulation"), ordered[0])
    document = "" if chosen.id == text.template.id else chosen.id
    found: list[Inline] = []
    for article in quoting[chosen.id]:
        if found:
            found.append(Text("、"))
        found.append(Ref(article, document, brief=True))
    return tuple(found)
