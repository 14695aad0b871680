"""The places to fill in of a document of the tree, by tag: in the text and in the rows of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from toolkit.core.classes import dataclass
from toolkit.core.memo import identity, remembered
from toolkit.forms.data import FormData, FormRow, trimmed
from toolkit.forms.values import Unclear, by_then, clean, normalise
from toolkit.model.tree import Block, Cell, Document, FormField, Inlines, Row, Table, Text, inlines_of, plain, walk

#: Heading of the column that numbers rows.
NUMBER_HEAD = "序号"


def row_prefix(table: str, number: int) -> str:
    """Return the common beginning of the tags of a row's fields."""
    return f"{table}_{number}_"


@dataclass(frozen=True)
class RowShape:
    """A row of a form table: its fields by name, and whether it is about something (``fixed``) or free to use."""

    number: int
    row: Row
    fields: dict[str, FormField]
    fixed: bool

    @property
    def key(self) -> str:
        """The key that other versions of the form know the row by; the running numbers of a list are none."""
        return "" if self.row.key.isdecimal() else self.row.key


@dataclass(frozen=True)
class FormTable:
    """A table of a form with rows to fill in."""

    table: Table

    @property
    def id(self) -> str:
        """The table's id."""
        return self.table.id

    @cached_property
    def number_column(self) -> int:
        """Index of the column of running numbers, -1 if there is none."""
        heads = self.table.rows[0].cells if self.table.header_rows else ()
        return next((place for place, cell in enumerate(heads) if _text(cell) == NUMBER_HEAD), -1)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Headings of the columns."""
        return tuple(_text(cell) for cell in self.table.rows[0].cells) if self.table.header_rows else ()

    @cached_property
    def shapes(self) -> tuple[RowShape, ...]:
        """The rows below the heading."""
        return tuple(
            self._shape(row, number) for number, row in enumerate(self.table.rows[self.table.header_rows :], 1)
        )

    def _shape(self, row: Row, number: int) -> RowShape:
        prefix = row_prefix(self.id, number)
        fields = {
            part.id.removeprefix(prefix): part
            for cell in row.cells
            for line in cell.content
            for part in line
            if isinstance(part, FormField)
        }
        said = any(
            isinstance(part, Text) and part.text.strip()
            for place, cell in enumerate(row.cells)
            if place != self.number_column
            for line in cell.content
            for part in line
        )
        return RowShape(number, row, fields, said)

    @cached_property
    def fields(self) -> dict[str, FormField]:
        """The fields of all rows by name; of each the first one."""
        found: dict[str, FormField] = {}
        for shape in self.shapes:
            for name, part in shape.fields.items():
                found.setdefault(name, part)
        return found

    @cached_property
    def filled(self) -> tuple[FormRow, ...]:
        """The rows with their values, without the empty ones at the end."""
        return trimmed([FormRow(_filled(shape), shape.key) for shape in self.shapes])

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """Fields by their names for people: their label, and the heading of the column that holds nothing else."""
        printed = [
            (head, name)
            for place, head in enumerate(self.heads)
            for shape in self.shapes
            if place < len(shape.row.cells)
            for name, part in shape.fields.items()
            if any(part in line for line in shape.row.cells[place].content)
        ]
        return _by_name(self.fields, printed)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The subjects of its printed rows: their keys."""
        return frozenset(shape.key for shape in self.shapes if shape.fixed and shape.key)

    @cached_property
    def _printed_keys(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for shape in self.shapes:
            for cell in shape.row.cells if shape.key else ():
                if words := _text(cell).strip():
                    found.setdefault(words, set()).add(shape.key)
        return found

    def words_of(self, key: str) -> str:
        """Return the first words that the printed row of a key has, beside its number; the key itself where it has none."""
        shape = next((shape for shape in self.shapes if shape.key == key), None)
        cells = map(_text, shape.row.cells) if shape is not None else ()
        return next((words for words in cells if words.strip() and not words.isdecimal()), key)

    def key_of(self, given: str) -> str:
        """Return the key of the printed row that a text names: by the key itself, or by words that it alone prints."""
        if given in self.keys:
            return given
        keys = self._printed_keys.get(given.strip(), set())
        return next(iter(keys)) if len(keys) == 1 else given

    def renumbered(self, row: Row, old: int, new: int) -> Row:
        """Return a row as the ``new``-th of its table."""
        if old == new:
            return row
        before, after = row_prefix(self.id, old), row_prefix(self.id, new)

        def inline(parts: Inlines, counted: bool) -> Inlines:
            out = []
            for part in parts:
                if isinstance(part, FormField) and part.id.startswith(before):
                    part = replace(part, id=after + part.id.removeprefix(before))
                elif counted and isinstance(part, Text) and part.text == str(old):
                    part = Text(str(new))
                out.append(part)
            return tuple(out)

        cells = tuple(
            replace(cell, content=tuple(inline(line, place == self.number_column) for line in cell.content))
            for place, cell in enumerate(row.cells)
        )
        return replace(row, cells=cells)


def _text(cell: Cell) -> str:
    return "".join(plain(line) for line in cell.content)


#: The sheet that people sign at a meeting: its table of people and the field of its head, as presets call them.
SIGN_IN, MEETING_NAME = "sign", "meeting_name"


#: Units share most of their tables.
_form_table = remembered(1_000, key=identity)(FormTable)


class Form:
    """A document of the tree as a form: ``fields`` outside of tables by id, ``tables`` with rows by id."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.tables = {
            block.id: _form_table(block)
            for block in walk(document.body)
            if isinstance(block, Table)
            and block.header_rows
            and any(isinstance(part, FormField) for part in inlines_of(block))
        }
        self.fields = {part.id: part for block in walk(document.body) for part in self.loose(block)}
        self.fields.update({part.id: part for part in document.dated if isinstance(part, FormField)})

    def loose(self, block: Block) -> Iterator[FormField]:
        """Yield the fields of a block that are outside of tables with rows."""
        if isinstance(block, Table) and block.id in self.tables:
            return
        yield from (part for part in inlines_of(block) if isinstance(part, FormField))

    @property
    def is_sign_in(self) -> bool:
        """Whether this is the sheet that people sign at a meeting."""
        return SIGN_IN in self.tables and MEETING_NAME in self.fields

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """Fields outside of tables by their names for people: their label, and the text printed in front of them."""
        grids = (
            block for block in walk(self.document.body) if isinstance(block, Table) and block.id not in self.tables
        )
        return _by_name(self.fields, [pair for grid in grids for row in grid.rows for pair in _printed_before(row)])

    @cached_property
    def table_names(self) -> dict[str, str]:
        """Tables by their names for people: their caption, with and without its brackets."""
        captions = {caption: name for name, caption in self.captions().items()}
        return {**{re.sub("（[^（）]*）$", "", caption): name for caption, name in captions.items()}, **captions}

    def label(self, key: str) -> str:
        """Return the name of a field for people by its key: 到会情况（第2行） for ``attendance.2.status``; a table's caption."""
        table, _, rest = key.partition(".")
        shown = self.tables.get(table)
        if not rest:
            part = self.fields.get(key)
            return part.label if part is not None and part.label else self.captions().get(key, key)
        number, _, name = rest.partition(".")
        part = shown.fields.get(name) if shown else None
        return f"{part.label if part is not None and part.label else name or table}（第{number}行）"

    def labels(self) -> dict[str, str]:
        """Return the prompts for people, by ``id`` and ``table.id``."""
        found = {name: part.label or name for name, part in self.fields.items()}
        for table in self.tables.values():
            found.update({f"{table.id}.{name}": part.label or name for name, part in table.fields.items()})
        return found

    def captions(self) -> dict[str, str]:
        """Return the captions of the tables that have one."""
        return {name: plain(entry.table.caption) for name, entry in self.tables.items() if entry.table.caption}

    def tags(self) -> frozenset[str]:
        """Return the tags of all fields, for telling forms apart."""
        rows = (part.id for table in self.tables.values() for shape in table.shapes for part in shape.fields.values())
        return frozenset((*self.fields, *rows))

    def data(self, kind: str = "", version: str = "", unit: str = "") -> FormData:
        """Return the filled values."""
        values = {name: value for name, part in self.fields.items() if (value := value_of(part))}
        tables = {name: kept for name, table in self.tables.items() if (kept := table.filled)}
        return FormData(self.document.id, kind, version, unit, values, tables, self.labels())


def _by_name(fields: dict[str, FormField], printed: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return fields by label, and by the words printed beside them where no label says the same."""
    found: dict[str, list[str]] = {}
    for name, part in fields.items():
        found.setdefault(part.label, []).append(name)
    labels = frozenset(found)
    for words, name in printed:
        if words and words not in labels and name not in found.setdefault(words, []):
            found[words].append(name)
    return found


def _printed_before(row: Row) -> Iterator[tuple[str, str]]:
    """Yield (printed words, field) of a row of label and value cells: the label, with the words that begin the field's line.

    A label before several fields of a line names none of them.
    """
    head = ""
    for cell in row.cells:
        lines = [[part for part in line if isinstance(part, FormField)] for line in cell.content]
        if not any(lines):
            head = _text(cell).strip()
            continue
        for line, fields in zip(cell.content, lines, strict=True):
            if len(fields) == 1:
                words = line[0].text.strip("：: \u3000") if isinstance(line[0], Text) else ""
                alone = sum(map(len, lines)) == 1
                yield (head if alone else head + words if words else ""), fields[0].id


def normalised_as(part: FormField, text: str) -> str:
    """Return the value of a field after a text was filled in. Raises :class:`Unclear` as :func:`normalise` does."""
    return normalise(part.kind, by_then(part.label, text) if part.kind == "date" else text, part.options)


def value_of(part: FormField) -> str:
    """Return the normalised value of a field; other texts stay as written."""
    try:
        return normalised_as(part, part.value)
    except Unclear:
        return clean(part.value)


def _filled(shape: RowShape) -> dict[str, str]:
    return {name: value for name, part in shape.fields.items() if (value := value_of(part))}
