"""What building a part of a template gave before, for the same inputs: units of one kind share most of theirs.

The inputs of a part are the texts that fill its placeholders, whether its conditions hold, and which duties are in
effect. What building finds out besides the tree (:class:`toolkit.compose.texts.Collector`) is remembered with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.compose.entries import Record
from toolkit.compose.scope import of_meeting
from toolkit.compose.texts import Collector, DocumentText
from toolkit.core.memo import OfBlocks, Recent
from toolkit.model.tree import Provision, Row, Table
from toolkit.presets.conditions import Expression, names
from toolkit.presets.markup import FieldSpec, Parts, Placeholder, TemplateBlock
from toolkit.presets.spec import CLAUSE_COLUMN, GridTemplate, TableTemplate, walk


class Inputs(NamedTuple):
    """What the result of a part depends on: names, placeholders that repeat something, conditions, ids of form fields."""

    names: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]
    conditions: tuple[Expression, ...]
    fields: tuple[str, ...]
    #: Whether there is a form field or a row number in it, whose tag or text counts the rows.
    counts: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A provision or table (or that there is none) with what was found out on the way."""

    block: Provision | Table | None
    found: Collector


@dataclass(frozen=True, slots=True)
class TableInputs:
    """What a whole table depends on; of its rows' records it reads the columns of ``inputs.names`` and ``asked``."""

    inputs: Inputs
    cites: bool
    asked: tuple[str, ...] = ()


_inputs: OfBlocks[Inputs] = OfBlocks()
_made: OfBlocks[Made] = OfBlocks()
_rows: OfBlocks[Row] = OfBlocks()
_tables: OfBlocks[Made] = OfBlocks()
_table_inputs: OfBlocks[TableInputs] = OfBlocks()
_numbers: Recent[int] = Recent(1_000)
#: Numbers of what was met; one is never given twice.
_count = itertools.count(1)
_UNKNOWN = TableInputs(Inputs((), (), (), (), False), False)


def inputs_of(block: TemplateBlock) -> Inputs | None:
    """Return the inputs of a block and all inside it; None if something in it is repeated."""
    found = _inputs.of(block)
    if found is None:
        inside = tuple(walk((block,)))
        if any(inner.each for inner in inside):
            found = _inputs.keep(block, None, _REPEATED)
        else:
            conditions = tuple(inner.when for inner in inside if inner.when is not None)
            found = _inputs.keep(block, None, _read((inner.parts for inner in inside), conditions))
    return None if found is _REPEATED else found


_REPEATED = Inputs((), (), (), (), True)


def _read(texts: Iterable[Parts], conditions: tuple[Expression, ...] = ()) -> Inputs:
    parts = [part for text in texts for part in text]
    fields = tuple(part.id for part in parts if isinstance(part, FieldSpec))
    filled = tuple(dict.fromkeys(part for part in parts if isinstance(part, Placeholder)))
    plain = tuple([part.path for part in filled if part.each is None])
    repeating = tuple([part for part in filled if part.each is not None])
    return Inputs(plain, repeating, conditions, fields, bool(fields) or "row" in plain)


def key_of(inputs: Inputs, text: DocumentText) -> tuple | None:
    """Return the values of the inputs for a unit; None if one is empty: then there may be something to report."""
    scope, local = text.scope, text.local
    filled = scope.fills(inputs.names, local)
    if inputs.placeholders:
        filled += [scope.fill(part, local) for part in inputs.placeholders]
    if not all(filled):
        return None
    holds = [scope.holds(condition, None, local) for condition in inputs.conditions]
    values = [scope.render(text.values[name], local) for name in inputs.fields if name in text.values]
    return (*filled, *holds, *values, text.collector.in_effect)


def made(
    block: TemplateBlock, depends: tuple, text: DocumentText, make: Callable[[], Provision | None]
) -> Provision | None:
    """Return what a block gives for its inputs, made if it was not before; what is found out is told to the collector."""
    known = _made.of(block, depends) or _make(_made, block, depends, text, make)
    text.collector.add(known.found)
    return known.block  # type: ignore[return-value]


def _make(memory: OfBlocks[Made], owner: object, depends: tuple, text: DocumentText, make: Callable[[], Any]) -> Made:
    """Make a part with a collector of its own, and remember both."""
    whole, text.collector = text.collector, Collector(text.collector.in_effect, above=text.collector)
    try:
        block = make()
        text.collector.above = None
        return memory.keep(owner, depends, Made(block, text.collector))
    finally:
        text.collector = whole


def table(template: GridTemplate | TableTemplate, text: DocumentText, make: Callable[[], Table | None]) -> Table | None:
    """Return the table that a template gives, made if it was not before for the same inputs and records."""
    depends = _table_key(template, text)
    if depends is None:
        return make()
    known = _tables.of(template, depends) or _make(_tables, template, depends, text, make)
    text.collector.add(known.found)
    return known.block  # type: ignore[return-value]


def _table_key(template: GridTemplate | TableTemplate, text: DocumentText) -> tuple | None:
    """Return all that a table depends on, None if that is more than can be told before it is made."""
    found = _table_inputs.of(template)
    if found is None:
        found = _table_inputs.keep(template, None, _inputs_of_table(template))
    if found is _UNKNOWN:
        return None
    scope, local = text.scope, text.local
    rows: tuple[Record, ...] = ()
    signature: int | None = 0
    if isinstance(template, TableTemplate) and template.each:
        rows = scope.records(template.each, text.template.meeting)
        signature = _signature(template.each, found, rows, text)
        if signature is None:
            return None
    cited = tuple([text.collector.cited(one.key) for one in rows]) if found.cites else None
    elsewhere = [path for path in found.asked if not rows or any(path not in row.values for row in rows)]
    asked = tuple([repr(scope.value(of_meeting(path, local))) for path in elsewhere])
    own = key_parts(found.inputs, text)
    return (text.template.id, text.via, signature, cited, asked, text.collector.in_effect, *own)


def _inputs_of_table(template: GridTemplate | TableTemplate) -> TableInputs:
    lines: list[Parts] = [template.caption]
    conditions = [template.when] if template.when is not None else []
    if isinstance(template, GridTemplate):
        lines += [line for row in template.rows for cell in row.cells for line in cell.lines]
        conditions += [row.when for row in template.rows if row.when is not None]
    else:
        for column in template.columns:
            lines += [column.head, *column.cell, *(column.blank or ()), column.value]
        lines += [parts for item in template.items for parts in item.values()]
    read = _read(lines, tuple(conditions))
    if read.placeholders:
        return _UNKNOWN
    where = template.where if isinstance(template, TableTemplate) else None
    asked = tuple(names(where)) if where is not None else ()
    return TableInputs(read, CLAUSE_COLUMN in read.names, asked)


def key_parts(inputs: Inputs, text: DocumentText) -> tuple:
    """Return the values of inputs for a unit; names that only records have come out empty."""
    scope, local = text.scope, text.local
    holds = [scope.holds(condition, None, local) for condition in inputs.conditions]
    values = [scope.render(text.values[name], local) for name in inputs.fields if name in text.values]
    return (*scope.fills(inputs.names, local), *holds, *values)


def _signature(path: str, table: TableInputs, rows: tuple[Record, ...], text: DocumentText) -> int | None:
    """Return a number for the records that ``each`` over ``path`` gives, as far as a table reads them.

    It is the same for the same records in every unit; None if they hold what is no key.
    """
    known = text.scope.signatures
    read = table.inputs.names
    key = (path, text.template.meeting if path == "agenda" else "", read, table.asked)
    if key not in known:
        seen: list[tuple] = (
            [tuple(rows[0].texts)] if rows else []
        )  # which names a row has: what others are is asked elsewhere
        for one in rows:
            seen.append((one.key, *map(one.texts.get, read), *map(one.values.get, table.asked)))
        try:
            known[key] = _numbers.made(tuple(seen), lambda: next(_count))
        except TypeError:
            known[key] = None
    return known[key]


def cell_inputs(owner: object, texts: Callable[[], Iterable[Parts]]) -> Inputs | None:
    """Return the inputs of the cells of ``owner`` (columns or a row of a template); None if one quotes duties on its own."""
    found = _inputs.of(owner)
    if found is None:
        read = _read(texts())
        quotes = bool(read.placeholders) or any(name.startswith("duty.") for name in read.names)
        found = _inputs.keep(owner, None, _REPEATED if quotes else read)
    return None if found is _REPEATED else found


def cell_key(inputs: Inputs, text: DocumentText, record: Record | None = None) -> tuple:
    """Return the values of the inputs of cells, in which a name may be empty."""
    scope, local = text.scope, text.local
    values = [scope.render(text.values[name], local) for name in inputs.fields if name in text.values]
    return (*scope.fills(inputs.names, local, record), *values)


def row(owner: object, depends: tuple, text: DocumentText, make: Callable[[], Row]) -> Row:
    """Return the row that ``owner`` gives for its inputs, made if it was not before. One with a problem is made each time."""
    found = _rows.of(owner, depends)
    if found is None:
        problems = len(text.collector.findings)
        found = make()
        if len(text.collector.findings) == problems:
            _rows.keep(owner, depends, found)
    return found
