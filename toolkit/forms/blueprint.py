"""The blueprint of a form: its printed text, line by line, with its places to fill in; used to write and read filled forms.

A DOCX form carries its blueprint in its custom part, so that it can be read without a profile and in any later version.
The values that a form holds are not in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from functools import cached_property
from html import escape
from typing import Any, NamedTuple

from toolkit.core.classes import dataclass
from toolkit.core.memo import identity, remembered
from toolkit.forms.fields import NUMBER_HEAD, row_prefix
from toolkit.model.tree import Block, Document, FormField, Inlines, Ref, Row, Table, Text, inlines_of
from toolkit.numbering.citations import references_in
from toolkit.numbering.labels import SetLabels

#: Stands for a place to fill in in :attr:`Blueprint.plain`; no text of a form holds it.
SLOT = "\ue000"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to fill in. ``name`` is the field's id in its row, or its id; ``tag`` is that of its content control."""

    name: str
    tag: str
    kind: str = "text"
    label: str = ""
    options: tuple[str, ...] = ()


Segment = str | Slot
#: A printed paragraph: literal text and slots in order.
PrintedLine = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell: its lines, how many columns it spans, and whether it continues the cell above it (``covered``)."""

    lines: tuple[PrintedLine, ...] = ()
    span: int = 1
    covered: bool = False

    @property
    def slots(self) -> list[Slot]:
        """The places to fill in."""
        return [part for line in self.lines for part in line if isinstance(part, Slot)]

    @property
    def literal(self) -> str:
        """The printed text without blanks."""
        return alike("".join(part for line in self.lines for part in line if isinstance(part, str)))


@dataclass(frozen=True, slots=True, eq=False)
class PrintedRow:
    """A row, an object of its own whatever it prints.

    ``number`` counts the rows below the heading from 1; ``key`` is its subject (a duty).
    """

    cells: tuple[PrintedCell, ...]
    number: int = 0
    key: str = ""


@dataclass(frozen=True)
class PrintedTable:
    """A table. ``repeats``: its rows below the heading are read as a list, else as a grid of fields."""

    id: str
    rows: tuple[PrintedRow, ...]
    caption: str = ""
    repeats: bool = False

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Headings of the columns without blanks; of a grid none."""
        return tuple(cell.literal for cell in self.rows[0].cells) if self.rows and not self.rows[0].number else ()

    @cached_property
    def number_column(self) -> int:
        """Index of the column of running numbers, whatever its head is, -1 without one."""
        if NUMBER_HEAD in self.heads:
            return self.heads.index(NUMBER_HEAD)
        rows = [row for row in self.rows if row.number]
        columns = range(min(len(row.cells) for row in rows) if self.heads and len(rows) > 1 else 0)
        return next((column for column in columns if all(_is_own_number(row, column) for row in rows)), -1)

    def printed(self, row: PrintedRow) -> tuple[str, ...]:
        """Return the literals of a row by column, without its running number."""
        return tuple("" if column == self.number_column else cell.literal for column, cell in enumerate(row.cells))

    @property
    def slots(self) -> Iterator[Slot]:
        """Its places to fill in."""
        return (slot for row in self.rows for cell in row.cells for slot in cell.slots)

    @cached_property
    def places(self) -> dict[str, SlotPlace]:
        """Its places to fill in by tag."""
        table = self.id if self.repeats else ""
        return {slot.tag: SlotPlace(slot, table, row) for row in self.rows for cell in row.cells for slot in cell.slots}

    @cached_property
    def plain(self) -> str:
        """All that it prints in order, without blanks, with :data:`SLOT` for each place to fill in."""
        return "".join([_plain(line) for row in self.rows for cell in row.cells for line in cell.lines])

    @cached_property
    def free(self) -> PrintedRow | None:
        """The last row with nothing printed in it: added rows are like it; else the last row."""
        rows = [row for row in self.rows if row.number]
        free = [row for row in rows if not any(self.printed(row))]
        return (free or rows)[-1] if rows else None


def _is_own_number(row: PrintedRow, column: int) -> bool:
    return row.cells[column].literal == str(row.number) and not row.cells[column].slots


class SlotPlace(NamedTuple):
    """A place to fill in, with the list ("" outside lists) and the row that it is in."""

    slot: Slot
    table: str = ""
    row: PrintedRow | None = None


@dataclass(frozen=True, slots=True)
class PrintedUnit:
    """A cell or a line with places to fill in; ``before`` is the text printed between it and the one before, without blanks."""

    before: str
    lines: tuple[PrintedLine, ...]
    places: tuple[SlotPlace, ...]

    @property
    def plain(self) -> str:
        """Its printed text, without blanks, with :data:`SLOT` for each place to fill in."""
        return "".join([alike(part) if isinstance(part, str) else SLOT for line in self.lines for part in line])


@dataclass(frozen=True)
class Blueprint:
    """The lines and tables of a form in order; ``outside`` are the texts of headers and footers."""

    blocks: tuple[PrintedLine | PrintedTable, ...]
    outside: tuple[str, ...] = ()

    @cached_property
    def places(self) -> dict[str, SlotPlace]:
        """The places to fill in by tag."""
        found: dict[str, SlotPlace] = {}
        for block in self.blocks:
            if isinstance(block, PrintedTable):
                found.update(block.places)
            else:
                found.update({part.tag: SlotPlace(part) for part in block if isinstance(part, Slot)})
        return found

    @cached_property
    def plain(self) -> str:
        """All that is printed in order, without blanks, with :data:`SLOT` for each place to fill in."""
        return "".join([block.plain if isinstance(block, PrintedTable) else _plain(block) for block in self.blocks])

    @cached_property
    def units(self) -> tuple[PrintedUnit, ...]:
        """The cells and lines with places to fill in, in order; the last has none and holds the text printed behind them."""
        units: list[PrintedUnit] = []
        before = ""
        for lines in self._cells():
            slots = [part for line in lines for part in line if isinstance(part, Slot)]
            if slots:
                units.append(PrintedUnit(before, lines, tuple(self.places[slot.tag] for slot in slots)))
            before = (
                ""
                if slots
                else before + alike("".join(part for line in lines for part in line if isinstance(part, str)))
            )
        return (*units, PrintedUnit(before, (), ()))

    @cached_property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The keys of the rows of each list; the running numbers of a list are none."""
        tables = (block for block in self.blocks if isinstance(block, PrintedTable) and block.repeats)
        return {
            table.id: tuple("" if row.key.isdecimal() else row.key for row in table.rows if row.number)
            for table in tables
        }

    @cached_property
    def literals(self) -> frozenset[str]:
        """All printed texts without blanks, by which a form is recognised."""
        parts = (part for line in self._lines() for part in line)
        return frozenset(text for part in parts if isinstance(part, str) and (text := alike(part)))

    def _cells(self) -> Iterator[tuple[PrintedLine, ...]]:
        """Yield the lines of each cell, and each line outside of tables."""
        for block in self.blocks:
            if isinstance(block, PrintedTable):
                yield from (cell.lines for row in block.rows for cell in row.cells)
            else:
                yield (block,)

    def _lines(self) -> Iterator[PrintedLine]:
        return (line for lines in self._cells() for line in lines)


def _plain(line: PrintedLine) -> str:
    return "".join([alike(part) if isinstance(part, str) else SLOT for part in line])


def squeezed(text: str) -> str:
    """Return a text without blanks and line breaks."""
    return "".join(text.split())


_WIDE = dict(zip(":;,!?()", "：；，！？（）", strict=True))
_NARROW = re.compile("[:;,!?()]")


def alike(text: str) -> str:
    """Return a text as printed texts are compared: without blanks, its points and brackets in full width.

    Who types a printed paper again, or a program that reads a scan, does not keep their width.
    """
    return _NARROW.sub(lambda found: _WIDE[found[0]], "".join(text.split()))


# --- from the tree, as JSON ---------------------------------------------------------------------------------------
#
# A line is a list of texts and fields; a field is [id], or [id, kind, label, option, …] where it is new or not that of
# the row above. A cell is a text, or [span, line, …] (span 0: covered). A table is {"t": id, "h": heading rows, "c":
# caption, "r": [[key, cell, …], …]}.


def written(document: Document, labels: SetLabels, above: Iterable[Inlines], below: Iterable[Inlines]) -> str:
    """Return the blueprint of a document as JSON, escaped for XML; ``above`` and ``below`` are the lines around its body."""

    def cited(origin: str, ref: Ref) -> str:
        return labels.reference(document.id, origin, ref).text

    around = [_joined([_Maker(cited).line(line) for line in lines]) for lines in (above, below)]
    blocks = [
        _joined(_Maker(cited).block(block)) if references_in(block) else _without_references(block)
        for block in document.body
    ]
    return f"[{','.join(filter(None, [around[0], *blocks, around[1]]))}]"


@remembered(key=identity, after=1)
def _without_references(block: Block) -> str:
    return _joined(_Maker(lambda _, ref: ref.shown).block(block))


#: ``json.dumps`` makes a new encoder for each call that asks for less than its defaults.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _joined(lines: Iterable[list | str]) -> str:
    """Return the values that are not empty as JSON, tables as they are, with commas between."""
    return ",".join([line if isinstance(line, str) else _dumped(line) for line in lines if line])


def _dumped(made: Any) -> str:
    return escape(_JSON(made), quote=False)


@remembered(key=identity)
def _cells_of(row: Row, prefix: str) -> tuple[tuple, tuple] | None:
    """Return the printed texts of a row, and its fields' names and kinds; None for one with references or a merged cell.

    A cell is a text, or (span, line, …); a line holds texts, and fields as (id, kind, label, options).
    """
    cells: list[Any] = []
    kinds: list[Any] = []
    start = len(prefix)
    for cell in row.cells:
        if cell.rowspan != 1:
            return None
        if cell.colspan == 1 and len(cell.content) == 1 and len(cell.content[0]) == 1:
            only = cell.content[0][0]
            if isinstance(only, Text):  # most cells, kept apart: forms are written by the thousand
                cells.append(only.text)
                continue
            if isinstance(only, FormField):
                cells.append((1, ((only.id, only.kind, only.label, only.options),)))
                kinds.append((only.id[start:], only.kind, only.label, only.options))
                continue
        lines: list[Any] = [cell.colspan]
        for line in cell.content:
            parts: list[Any] = []
            for part in line:
                if isinstance(part, FormField):
                    parts.append((part.id, part.kind, part.label, part.options))
                    kinds.append((part.id[start:], part.kind, part.label, part.options))
                elif isinstance(part, Text) and part.mark != "del":
                    parts.append(part.text)
                else:
                    return None
            lines.append(tuple(parts))
        cells.append(tuple(lines))
    return tuple(cells), tuple(kinds)


@remembered(20_000)
def _written_row(key: str, prefix: str, cells: tuple, again: bool) -> str:
    """Return a row in JSON, without the kinds of its fields if the row above has them too (``again``)."""
    maker = _Maker(lambda _, ref: ref.shown)

    def inlines(line: tuple) -> Inlines:
        return tuple(
            Text(part) if isinstance(part, str) else FormField(part[0], part[1], part[2], options=part[3])
            for part in line
        )

    def made() -> list:
        row: list[Any] = [key]
        for cell in cells:
            is_text = isinstance(cell, str)
            row.append(cell if is_text else [cell[0], *(maker.line(inlines(line), "", prefix) for line in cell[1:])])
        return row

    if again:
        made()
    return _dumped(made())


#: Cells of rows above that reach into a row: (column, further rows, span).
_Covered = tuple[tuple[int, int, int], ...]


@remembered(key=identity)
def _row_alone(row: Row, prefix: str, cited: tuple[str, ...], covered: _Covered) -> tuple[str, _Covered]:
    """Return a row in JSON with the kinds of all its fields, and the cells covered below it; ``cited``: its references' texts."""
    texts = iter(cited)
    below = {column: (rows, span) for column, rows, span in covered}
    cells = list(_Maker(lambda *_: next(texts)).cells(row, prefix, below))
    return _dumped([row.key, *cells]), tuple([(column, *rest) for column, rest in below.items()])


class _Maker:
    def __init__(self, cited: Callable[[str, Ref], str]) -> None:
        self.cited = cited
        self.known: dict[str, tuple] = {}

    def block(self, block: Block) -> Iterator[list | str]:
        if isinstance(block, Table):
            yield self._table(block)
            return
        for parts in (block.heading, block.content):
            yield self.line(parts, block.id)
        for child in block.children:
            yield from self.block(child)

    def line(self, parts: Inlines, origin: str = "", prefix: str = "") -> list:
        out: list[Any] = []
        for part in parts:
            if isinstance(part, FormField):
                out.append(self.field(part, prefix))
            elif part.mark == "del":
                continue
            else:
                text = part.text if isinstance(part, Text) else self.cited(origin, part)
                if out and isinstance(out[-1], str):
                    out[-1] += text
                elif text:
                    out.append(text)
        return out

    def field(self, part: FormField, prefix: str) -> list[str]:
        """Return a field of a row by the rest of its id, one that has not the row's prefix as ``=`` and its id."""
        name = part.id
        if prefix:
            name = name[len(prefix) :] if name.startswith(prefix) else f"={name}"
        known = self.known.get(name)
        if known is not None and known == (part.kind, part.label, part.options):
            return [name]
        self.known[name] = (part.kind, part.label, part.options)
        return [name, part.kind, part.label, *part.options]

    def _table(self, block: Table) -> str:
        heads = block.header_rows
        repeats = heads and any(isinstance(part, FormField) for part in inlines_of(block))
        self.known = {}
        made: dict[str, Any] = {"t": block.id, "h": heads}
        if block.caption:
            made["c"] = self.line(block.caption, block.id)
        covered: _Covered = ()
        kinds: Hashable = None
        rows: list[str] = []
        for number, row in enumerate(block.rows, 1 - heads):
            prefix = row_prefix(block.id, number) if repeats and number > 0 else ""
            plain = None if covered else _cells_of(row, prefix)
            if plain is None:
                kinds = None
                cited = tuple([self.cited(block.id, ref) for _, ref in references_in(row) if ref.mark != "del"])
                written, covered = _row_alone(row, prefix, cited, covered)
                rows.append(written)
            else:
                known, kinds = kinds, plain[1]
                rows.append(_written_row(row.key, prefix, plain[0], kinds == known))
        return f'{_dumped(made)[:-1]},"r":[{",".join(rows)}]}}'

    def cells(self, row: Row, prefix: str, covered: dict[int, tuple[int, int]]) -> Iterator[Any]:
        """Yield the cells of a row, also those that a cell above covers (column: further rows, span)."""
        column = 0
        for cell in row.cells:
            while column in covered:
                column = yield from self._covered(column, covered)
            lines = [self.line(line, "", prefix) for line in cell.content]
            if (
                cell.colspan == 1
                and len(lines) == 1
                and len(lines[0]) < 2
                and all(isinstance(p, str) for p in lines[0])
            ):
                yield "".join(lines[0])
            else:
                yield [cell.colspan, *lines]
            if cell.rowspan > 1:
                covered[column] = (cell.rowspan - 1, cell.colspan)
            column += cell.colspan
        while column in covered:
            column = yield from self._covered(column, covered)

    @staticmethod
    def _covered(column: int, covered: dict[int, tuple[int, int]]) -> Generator[Any, None, int]:
        rows, span = covered.pop(column)
        if rows > 1:
            covered[column] = (rows - 1, span)
        yield [-span]
        return column + span


def read(text: str, outside: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] = ((), (), ())) -> Blueprint:
    """Return the blueprint in a JSON text; ``outside``: the text that the template prints before and after it, and on each page.

    Raises :class:`ValueError` for a text that is none.
    """
    reader = _Reader()
    before, after, pages = outside
    try:
        given = json.loads(text)
        blocks = [reader.block(block) for block in given]
    except (TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ValueError("no blueprint") from error
    if not isinstance(given, list) or not any(blocks):
        raise ValueError("no blueprint")
    lines = tuple((text,) for text in before), tuple((text,) for text in after)
    return Blueprint((*lines[0], *(part for block in blocks for part in block), *lines[1]), pages)


#: Properties of fields by name: kind, label, options.
_Known = dict[str, tuple[str, str, tuple[str, ...]]]


@remembered(200)
def _shared_table(text: str) -> tuple[list[PrintedLine | PrintedTable], _Known]:
    """Return a table with its caption, and the properties of its fields: the forms of all units have most of them."""
    reader = _Reader()
    return reader.table(json.loads(text)), reader.known


class _Reader:
    """Makes lines and tables of plain data; properties of a field hold for the same one further on."""

    def __init__(self) -> None:
        self.known: _Known = {}
        self.tables: set[str] = set()

    def block(self, given: Any) -> list[PrintedLine | PrintedTable]:
        if isinstance(given, list):
            return [self.line(given)]
        text = json.dumps(given)
        if text in self.tables:  # rows of one form are objects of their own
            self.known = {}
            return self.table(given)
        self.tables.add(text)
        blocks, known = _shared_table(text)
        self.known = {**known}
        return blocks

    def table(self, given: dict) -> list[PrintedLine | PrintedTable]:
        heads, repeats = given["h"], bool(given["h"])
        caption = self.line(given.get("c", []))
        rows = tuple(
            self.row(row, number, row_prefix(given["t"], number) if repeats and number > 0 else "")
            for number, row in enumerate(given["r"], 1 - heads)
        )
        repeats = repeats and any(cell.slots for row in rows for cell in row.cells)
        printed = "".join(part for part in caption if isinstance(part, str))
        table = PrintedTable(given["t"], rows, printed, repeats)
        return [caption, table] if caption else [table]

    def row(self, given: list, number: int, prefix: str) -> PrintedRow:
        key, *cells = given
        return PrintedRow(tuple(self.cell(cell, prefix) for cell in cells), max(number, 0), key)

    def cell(self, given: Any, prefix: str) -> PrintedCell:
        if isinstance(given, str):
            return PrintedCell(((given,),) if given else ())
        span, *lines = given
        return PrintedCell(tuple(self.line(line, prefix) for line in lines), abs(span), span < 0)

    def line(self, given: list, prefix: str = "") -> PrintedLine:
        return tuple(part if isinstance(part, str) else self.slot(part, prefix) for part in given)

    def slot(self, given: list[str], prefix: str) -> Slot:
        name, *rest = given
        if rest:
            kind, label, *options = rest
            self.known[name] = (kind, label, tuple(options))
        kind, label, listed = self.known[name]
        own = name.removeprefix("=")
        return Slot(own, own if name.startswith("=") else prefix + own, kind, label, listed)
