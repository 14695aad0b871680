"""Parts of documents that are built once for the same inputs: units of one kind share most of theirs.

The inputs of a part are the texts that fill its placeholders, whether its conditions hold, and which duties are in effect.
What building it finds out besides the tree (:class:`toolkit.compose.texts.Collector`) is part of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, TypeVar

from toolkit.compose.entries import Record
from toolkit.compose.scope import of_meeting
from toolkit.compose.texts import Collector, DocumentText
from toolkit.core.memo import identity, remembered
from toolkit.presets.conditions import Expression, names
from toolkit.presets.markup import FieldSpec, Parts, Placeholder, TemplateBlock
from toolkit.presets.spec import CLAUSE_COLUMN, ColumnTemplate, GridTemplate, RowTemplate, TableTemplate, walk

Function = TypeVar("Function", bound=Callable[..., Any])


class Inputs(NamedTuple):
    """What the result of a part depends on: names, placeholders that repeat something, conditions, ids of form fields."""

    names: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]
    conditions: tuple[Expression, ...]
    fields: tuple[str, ...]
    #: Whether there is a form field or a row number in it, whose tag or text counts the rows.
    counts: bool


class TableInputs(NamedTuple):
    """What a whole table depends on; of its rows' records it reads the columns of ``inputs.names`` and ``asked``."""

    inputs: Inputs
    cites: bool
    asked: tuple[str, ...] = ()


class Findings:
    """What building a part from a template and a :class:`DocumentText` finds out, in a collector of its own."""

    def begin(self, _template: object, text: DocumentText, *_rest: Any) -> Collector:
        """Give the text a collector of its own and return that of what the part is in."""
        whole, text.collector = text.collector, Collector(text.collector.in_effect, above=text.collector)
        return whole

    def end(self, whole: Any, _template: object, text: DocumentText, *_rest: Any) -> Collector | None:
        """Give back the collector and return what was found out."""
        found, text.collector = text.collector, whole
        found.above = None
        if not found.found_anything:
            return None
        whole.add(found)
        return found

    def repeat(self, found: Any, _template: object, text: DocumentText, *_rest: Any) -> None:
        """Find out the same for another document."""
        if found is not None:
            text.collector.add(found)


def built_once(key: Callable[..., Hashable]) -> Callable[[Function], Function]:
    """Decorator: a function of a template and a :class:`DocumentText` builds a part once for each key."""
    return remembered(key=key, effects=Findings())


# --- provisions --------------------------------------------------------------------------------------------------


def provision_key(
    block: TemplateBlock, text: DocumentText, identifier: str, record: Record | None, prefix: str, article: str
) -> Hashable:
    """Return what a provision depends on; None if something in it is repeated, or empty: that may have to be reported."""
    inputs = _inputs_of(block) if record is None else None
    if inputs is None:
        return None
    scope, local = text.scope, text.local
    filled = scope.fills(inputs.names, local)
    if inputs.placeholders:
        filled += [scope.fill(part, local) for part in inputs.placeholders]
    if not all(filled):
        return None
    conditions = _conditions_and_fields(inputs, text)
    return (id(block), text.template.id, identifier, article, prefix, *filled, *conditions, text.collector.in_effect)


@remembered(key=identity)
def _inputs_of(block: TemplateBlock) -> Inputs | None:
    """Return the inputs of a block and all inside it; None if something in it is repeated."""
    inside = tuple(walk((block,)))
    if any(inner.each for inner in inside):
        return None
    return _read((inner.parts for inner in inside), tuple(inner.when for inner in inside if inner.when is not None))


def _read(texts: Iterable[Parts], conditions: tuple[Expression, ...] = ()) -> Inputs:
    parts = [part for text in texts for part in text]
    fields = tuple(part.id for part in parts if isinstance(part, FieldSpec))
    filled = tuple(dict.fromkeys(part for part in parts if isinstance(part, Placeholder)))
    plain = tuple([part.path for part in filled if part.each is None])
    repeating = tuple([part for part in filled if part.each is not None])
    return Inputs(plain, repeating, conditions, fields, bool(fields) or "row" in plain)


def _conditions_and_fields(inputs: Inputs, text: DocumentText) -> list[Hashable]:
    """Return whether the conditions hold, and what form fields start with."""
    scope, local = text.scope, text.local
    holds: list[Hashable] = [scope.holds(condition, None, local) for condition in inputs.conditions]
    return holds + [scope.render(text.values[name], local) for name in inputs.fields if name in text.values]


# --- tables ------------------------------------------------------------------------------------------------------


def table_key(template: GridTemplate | TableTemplate, text: DocumentText) -> Hashable:
    """Return what a table depends on; None if that cannot be determined before it is built."""
    table = _inputs_of_table(template)
    if table is None:
        return None
    scope, local = text.scope, text.local
    rows: tuple[Record, ...] = ()
    seen: list[tuple] = []
    if isinstance(template, TableTemplate) and template.each:
        rows = scope.records(template.each, text.template.meeting)
        seen = (
            [tuple(rows[0].texts)] if rows else []
        )  # which names a row has: the values of others are asked for elsewhere
        read = table.inputs.names
        seen += [(row.key, *map(row.texts.get, read), *map(row.values.get, table.asked)) for row in rows]
    cited = tuple([text.collector.cited(row.key) for row in rows]) if table.cites else None
    elsewhere = [path for path in table.asked if not rows or any(path not in row.values for row in rows)]
    asked = tuple([repr(scope.value(of_meeting(path, local))) for path in elsewhere])
    own = (*scope.fills(table.inputs.names, local), *_conditions_and_fields(table.inputs, text))
    key = (id(template), text.template.id, text.via, tuple(seen), cited, asked, text.collector.in_effect, own)
    try:
        hash(key)
    except TypeError:  # a record holds a list
        return None
    return key


@remembered(key=identity)
def _inputs_of_table(template: GridTemplate | TableTemplate) -> TableInputs | None:
    lines: list[Parts] = [template.caption]
    conditions = [template.when] if template.when is not None else []
    if isinstance(template, GridTemplate):
        lines += [line for row in template.rows for line in texts_of(row)]
        conditions += [row.when for row in template.rows if row.when is not None]
    else:
        lines += [column.head for column in template.columns]
        lines += texts_of(template.columns)
        lines += [parts for item in template.items for parts in item.values()]
    read = _read(lines, tuple(conditions))
    if read.placeholders:
        return None
    where = template.where if isinstance(template, TableTemplate) else None
    asked = tuple(names(where)) if where is not None else ()
    return TableInputs(read, CLAUSE_COLUMN in read.names, asked)


def texts_of(cells: RowTemplate | tuple[ColumnTemplate, ...]) -> list[Parts]:
    """Return the texts of the cells of a grid's row, or of the columns of a table without their heads."""
    if isinstance(cells, RowTemplate):
        return [line for cell in cells.cells for line in cell.lines]
    return [parts for column in cells for parts in (*column.cell, *(column.blank or ()), column.value)]


@remembered(key=identity)
def cell_inputs(cells: RowTemplate | tuple[ColumnTemplate, ...]) -> Inputs | None:
    """Return the inputs of cells; None if one quotes duties on its own."""
    read = _read(texts_of(cells))
    quotes = bool(read.placeholders) or any(name.startswith("duty.") for name in read.names)
    return None if quotes else read


def cell_key(inputs: Inputs, text: DocumentText, record: Record | None = None) -> tuple:
    """Return the values of the inputs of cells, in which a name may be empty."""
    filled = text.scope.fills(inputs.names, text.local, record)
    return (*filled, *_conditions_and_fields(inputs, text))
