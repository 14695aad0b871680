"""Shares parts between units: built once for the same inputs; blocks that read the same are the same object.

The inputs of a part are the texts that fill its placeholders, whether its conditions hold, and which duties are in effect; what
building it adds to the :class:`~toolkit.compose.texts.Collector` is part of the result. What is computed from a block for one
unit serves the next, by the block's identity (:mod:`toolkit.core.memo`); nothing depends on it but time and memory, for blocks
are frozen and compare by value. Children, cells and rows are shared themselves; the block keeps them alive.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, TypeVar

from toolkit.compose.entries import Record
from toolkit.compose.resolve import of_meeting
from toolkit.compose.texts import Collector, DocumentText
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, Cell, Column, Inlines, Provision, Row, Table
from toolkit.presets.conditions import Expression, names
from toolkit.presets.markup import FieldSpec, Parts, Placeholder, TemplateBlock
from toolkit.presets.spec import (
    CLAUSE_COLUMN,
    ColumnTemplate,
    DocumentTemplate,
    GridTemplate,
    RowTemplate,
    TableTemplate,
    walk,
)

Function = TypeVar("Function", bound=Callable[..., Any])
Value = TypeVar("Value")


class Inputs(NamedTuple):
    """The inputs of a part: names, placeholders that repeat something, conditions, ids of form fields."""

    names: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]
    conditions: tuple[Expression, ...]
    fields: tuple[str, ...]
    #: Whether there is a form field or a row number in it, whose tag or text counts the rows.
    counts: bool
    #: The names that the condition on the rows of a table reads.
    asked: tuple[str, ...] = ()


class CollectedEffects:
    """Effects of building a part from a template and a :class:`DocumentText`: additions to the text's collector."""

    def begin(self, _template: object, text: DocumentText, *_rest: Any) -> Collector:
        """Give the text a collector of its own and return that of the enclosing part."""
        whole, text.collector = text.collector, Collector(text.collector.in_effect, above=text.collector)
        return whole

    def end(self, whole: Any, _template: object, text: DocumentText, *_rest: Any) -> Collector | None:
        """Restore the collector and return what building added to it, None for nothing."""
        added, text.collector = text.collector, whole
        added.above = None
        if not added:
            return None
        whole.add(added)
        return added

    def repeat(self, added: Any, _template: object, text: DocumentText, *_rest: Any) -> None:
        """Add the same for another document."""
        text.collector.add(added)


_EFFECTS = CollectedEffects()


def collected(
    build: Callable[[Any, DocumentText], Value], template: Any, text: DocumentText
) -> tuple[Value, Collector | None]:
    """Return the built part, and the additions to the collector of the text."""
    whole = _EFFECTS.begin(template, text)
    return build(template, text), _EFFECTS.end(whole, template, text)


def built_once(key: Callable[..., Hashable]) -> Callable[[Function], Function]:
    """Decorator: a function of a template and a :class:`DocumentText` builds a part once for each key."""
    return remembered(key=key, effects=_EFFECTS)


# --- provisions --------------------------------------------------------------------------------------------------


def provision_key(
    block: TemplateBlock, text: DocumentText, identifier: str, record: Record | None, prefix: str, article: str
) -> Hashable:
    """Return the inputs of a provision; None if a name in it is repeated or empty, which may have to be reported.

    A provision without others in it is built as quickly as its key is made.
    """
    filled = _filled(block, text) if record is None and block.children else None
    return None if filled is None else (id(block), text.template.id, identifier, article, prefix, filled)


def prose_key(template: DocumentTemplate, text: DocumentText) -> Hashable:
    """Return the inputs of a document's prose; None as for a provision."""
    filled = _filled(template, text)
    return None if filled is None else (id(template), filled)


def _filled(template: TemplateBlock | DocumentTemplate, text: DocumentText) -> tuple | None:
    """Return the values of the inputs of a block or of the prose of a document; None if something is repeated or empty."""
    inputs = _inputs_of(template)
    if inputs is None:
        return None
    scope, local = text.scope, text.local
    filled = scope.fills(inputs.names, local)
    if inputs.placeholders:
        filled += [scope.fill(part, local) for part in inputs.placeholders]
    if not all(filled):
        return None
    return (*filled, *_conditions_and_fields(inputs, text), *_of_unit(text))


@remembered(key=identity)
def _inputs_of(template: TemplateBlock | DocumentTemplate) -> Inputs | None:
    """Return the inputs of a block and all inside it, or of a document's prose; None if something in it is repeated."""
    blocks = template.body if isinstance(template, DocumentTemplate) else (template,)
    inside = tuple([inner for inner in walk(blocks) if isinstance(inner, TemplateBlock)])
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


def _of_unit(text: DocumentText) -> tuple[Hashable, ...]:
    """Return the inputs that all parts of a unit share: the duties in effect, and the size, which moves references."""
    return text.collector.in_effect, text.scope.preset.size


def _conditions_and_fields(inputs: Inputs, text: DocumentText) -> list[Hashable]:
    """Return whether the conditions hold, and the initial values of form fields."""
    scope, local = text.scope, text.local
    holds: list[Hashable] = [scope.holds(condition, None, local) for condition in inputs.conditions]
    return holds + [scope.render(text.values[name], local) for name in inputs.fields if name in text.values]


# --- tables ------------------------------------------------------------------------------------------------------


def table_key(template: GridTemplate | TableTemplate, text: DocumentText) -> Hashable:
    """Return the inputs of a table; None if they cannot be determined before it is built."""
    table = _inputs_of_table(template)
    if table is None:
        return None
    scope, local = text.scope, text.local
    each = template.each if isinstance(template, TableTemplate) else ""
    rows = scope.records(each, text.template.meeting) if each else ()
    # The names that a row has tell which values are asked for elsewhere.
    seen: list[tuple] = [tuple(row.texts) for row in rows[:1]]
    seen += [(row.key, row.others, *map(row.texts.get, table.names), *map(row.values.get, table.asked)) for row in rows]
    cited = tuple([text.cited(row.key) for row in rows]) if CLAUSE_COLUMN in table.names else None
    elsewhere = [path for path in table.asked if not rows or any(path not in row.values for row in rows)]
    asked = tuple([repr(scope.value(of_meeting(path, local))) for path in elsewhere])
    own = (*scope.fills(table.names, local), *_conditions_and_fields(table, text))
    key = (id(template), text.template.id, text.via, tuple(seen), cited, asked, *_of_unit(text), own)
    try:
        hash(key)
    except TypeError:  # a record holds a list
        return None
    return key


@remembered(key=identity)
def _inputs_of_table(template: GridTemplate | TableTemplate) -> Inputs | None:
    """Return the inputs of a table; of the records of its rows they are the columns of ``names`` and ``asked``."""
    lines: list[Parts] = [template.caption]
    conditions = [template.when] if template.when is not None else []
    if isinstance(template, GridTemplate):
        lines += [line for row in template.rows for line in texts_of(row)]
        conditions += [row.when for row in template.rows if row.when is not None]
    else:
        lines += [template.upto, template.unlisted, *(column.head for column in template.columns)]
        conditions += [column.when for column in template.columns if column.when is not None]
        conditions += [item.when for item in template.items if item.when is not None]
        lines += texts_of(template.columns)
        lines += [parts for item in template.items for parts in item.texts.values()]
    read = _read(lines, tuple(conditions))
    if read.placeholders:
        return None
    where = template.where if isinstance(template, TableTemplate) else None
    return read._replace(asked=() if where is None else tuple(names(where)))


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


# --- blocks ------------------------------------------------------------------------------------------------------


def _by_members(at: int) -> Callable[..., Hashable]:
    """Return the key of a call: its arguments by value, the members of argument ``at`` by identity."""
    return lambda *parts: (*parts[:at], *map(id, parts[at]), *parts[at + 1 :])


@remembered(key=_by_members(4))
def provision(
    level: str, identifier: str, heading: Inlines, content: Inlines, children: tuple, covers: tuple[str, ...]
) -> Provision:
    """Return the provision of these parts."""
    return Provision(level, identifier, heading, content, children, covers)


@remembered(key=lambda cells, key="", height=0: (key, height, *map(id, cells)))
def row(cells: tuple[Cell, ...], key: str = "", height: float = 0) -> Row:
    """Return the row of these cells."""
    return Row(cells, key, height)


@remembered(key=lambda content, colspan=1, rowspan=1, head=False, align="": (content, colspan, rowspan, head, align))
def cell(content: tuple[Inlines, ...], colspan: int = 1, rowspan: int = 1, head: bool = False, align: str = "") -> Cell:
    """Return the cell of these parts."""
    return Cell(content, colspan, rowspan, head, align)


@remembered(key=_by_members(2))
def table(
    identifier: str, columns: tuple[Column, ...], rows: tuple[Row, ...], header_rows: int, caption: Inlines
) -> Table:
    """Return the table of these rows."""
    return Table(identifier, columns, rows, header_rows, caption)


@remembered(1_000, key=lambda blocks: tuple(map(id, blocks)))
def body(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return a body of these blocks."""
    return blocks


@remembered(2_000)
def columns(widths: tuple[tuple[float, str], ...]) -> tuple[Column, ...]:
    """Return columns of these widths and alignments."""
    return tuple(Column(width, align) for width, align in widths)


@remembered(200)
def duties(ids: frozenset[str]) -> frozenset[str]:
    """Return a set of duties as the same object for every unit that has them."""
    return ids
