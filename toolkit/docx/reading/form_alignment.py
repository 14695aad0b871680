"""Aligns a filled form with its blueprint: every visible character is printed, a field's, or quoted in a finding.

Used by ``filled_forms``. Tables, rows and cells are paired first, then the printed texts of a cell or of a run of
paragraphs are looked for in order; text between two of them belongs to the field between them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from toolkit.docx.reading.field_text import Piece, value_of
from toolkit.docx.reading.form_chunks import Chunk, ChunkReader, ChunkText, gathered, is_tag_of, merged
from toolkit.docx.reading.form_report import Report
from toolkit.docx.reading.form_rows import (
    ReadRow,
    is_marked,
    may_be,
    pair_cells,
    pair_rows,
    pair_tables,
    read_row,
    tags_of,
)
from toolkit.docx.reading.story import (
    Block,
    Control,
    Mark,
    Paragraph,
    Story,
    TableCell,
    WordTable,
    paragraphs_of,
    text_of,
)
from toolkit.forms import FormRow, trimmed
from toolkit.forms.blueprint import Blueprint, PrintedCell, PrintedLine, PrintedRow, PrintedTable, Slot, alike

#: What may be in the column of running numbers: the clerk's own, or automatic ones.
_RUNNING = re.compile("[（(]?[0-9一二三四五六七八九十]*[)）.．、]?")


@dataclass(slots=True)
class _Row:
    """A row of a list as it is read: its number in the blueprint (0: added), its key and its values."""

    number: int
    key: str
    values: dict[str, str] = field(default_factory=dict)


class Alignment:
    """Reads a story by a blueprint into ``values``, ``rows`` and the findings of ``report``.

    ``own``: the blueprint is the file's own; that of another version or of the unit tells rows by their printed text.
    """

    def __init__(self, blueprint: Blueprint, story: Story, file: str = "", own: bool = True) -> None:
        self.blueprint = blueprint
        self.report = Report(file, blueprint.literals)
        self.own = own
        self.values: dict[str, str] = {}
        self.rows: dict[str, list[_Row]] = {}
        self.chunks: list[Chunk] = []
        #: By column of the list being read: the cell that the clerk merged with those below it.
        self.begun: dict[int, Sequence[Block]] = {}
        self._pair(story)
        texts = [(chunk, gathered(chunk.blocks, chunk.around)) for chunk in self.chunks if not _is_printed(chunk)]
        self.strays: dict[str, tuple[str, str]] = {}
        self.homeless = self._homeless(texts)
        for chunk, text in texts:
            if self.homeless and any(tag in self.homeless for _, _, tag in text.names):
                text = self._without_strays(chunk)
            ChunkReader(chunk, text, self.report).read()
        self._take_strays()

    def tables(self) -> dict[str, tuple[FormRow, ...]]:
        """Return the rows by table in the order of the file; a row's number is its position, added rows follow."""
        tables = {}
        for name, rows in self.rows.items():
            lines: list[FormRow] = []
            for row in rows:
                while self.own and len(lines) + 1 < row.number:
                    lines.append(FormRow({}))
                if row.values or row.number:
                    lines.append(FormRow(row.values, "" if row.key.isdecimal() else row.key))
            if kept := trimmed(lines):
                tables[name] = kept
        return tables

    # -- pairing

    def _pair(self, story: Story) -> None:
        """Divide the story into chunks: the cells of tables, and the paragraphs between tables."""
        printed = [block for block in self.blueprint.blocks if isinstance(block, PrintedTable)]
        tables = [block for block in story.blocks if isinstance(block, WordTable)]
        rows = [[read_row(row) for row in table.rows] for table in tables]
        pairs = pair_tables(rows, printed, self._tables_above_title(story))
        order: list[tuple[int, int]] = []  # paired tables in the order of both
        for index in sorted(pairs):
            if not order or pairs[index] > order[-1][1]:
                order.append((index, pairs[index]))
        lines = _sections(self.blueprint.blocks, {other for _, other in order})
        texts = _sections(story.blocks, {index for index, _ in order})
        grouped: dict[int, list[ReadRow]] = {}
        for index, other in sorted(pairs.items()):
            grouped.setdefault(other, []).extend(rows[index])
        for number, (section, blocks) in enumerate(zip(lines, texts, strict=True)):
            self._section([line for line in section if not isinstance(line, PrintedTable)], blocks, tables, pairs)
            if number < len(order):
                self._table(printed[order[number][1]], grouped.pop(order[number][1]))
        for other, further in grouped.items():
            self._table(printed[other], further)
        found = set(pairs.values())
        for other, expected in enumerate(printed):
            if other not in found:
                self._missing_table(expected)

    def _tables_above_title(self, story: Story) -> int:
        """Return how many tables are above the first line that the form prints; 0 where that is not found."""
        lines = (block for block in self.blueprint.blocks if not isinstance(block, PrintedTable))
        title = next(filter(None, map(_literal, lines)), "")
        for index, block in enumerate(story.blocks):
            if title and isinstance(block, Paragraph) and alike(block.text) == title:
                return sum(isinstance(above, WordTable) for above in story.blocks[:index])
        return 0

    def _section(
        self, lines: Sequence[PrintedLine], blocks: Sequence[Block], tables: list[WordTable], pairs: dict[int, int]
    ) -> None:
        """Divide the paragraphs between two tables at the lines that are surely told."""
        paired = {id(tables[index]) for index in pairs}
        literals = [literal for line in lines if (literal := _literal(line))]
        free: list[Paragraph] = []
        for block in blocks:
            if isinstance(block, Paragraph):
                free.append(block)
            elif id(block) in paired:
                continue
            elif any(may_be([alike(text_of([block]))], (literal,)) for literal in literals):  # a line in a table: 版记
                free += paragraphs_of([block])
            else:
                self.chunks.append(Chunk((), [block], "新加的表格", {}))
        wherever: dict[str, list[int]] = {}
        for index, block in enumerate(free):
            for sign in ({f"#{tag}" for tag in tags_of([block])} or {alike(block.text)}) - {""}:
                wherever.setdefault(sign, []).append(index)
        anchors: list[tuple[int, int]] = []
        start = 0
        for number, line in enumerate(lines):
            tags = {f"#{part.tag}" for part in line if isinstance(part, Slot)}
            literal = _literal(line)
            found = [
                places[at]
                for sign in tags or {literal}
                if (at := bisect_left(places := wherever.get(sign, []), start)) < len(places)
            ]
            if found:
                anchors.append((number, min(found)))
                start = min(found) + 1
        bounds = [(0, 0), *anchors, (len(lines), len(free))]
        for (line_start, start), (line_end, end) in pairwise(bounds):
            own = lines[line_start:line_end]
            if own or start < end:
                first = _literal(own[0]) if own else ""
                place = f"“{first[:12]}”附近" if first else "正文"
                self.chunks.append(Chunk(own, free[start:end], place, self.values))

    def _table(self, table: PrintedTable, rows: list[ReadRow]) -> None:
        pairs = pair_rows(rows, table, self.own)
        title = f"“{table.caption}”" if table.caption else "表格"
        self.begun = {}
        for number, (row, printed) in enumerate(zip(rows, pairs, strict=True), 1 - (1 if table.heads else 0)):
            if printed is None and table.heads and row.texts == list(table.heads):  # repeated where a table was split
                printed = table.rows[0]
            if printed is None and not any(row.texts) and not any(is_marked(cell.blocks) for cell in row.row.cells):
                continue
            shape = None
            if table.repeats and (printed is None or printed.number):
                shape = _Row(printed.number, printed.key) if printed is not None else _Row(0, "")
                self.rows.setdefault(table.id, []).append(shape)
            like = printed if printed is not None else table.free if table.repeats else None
            where = f"{title}第{number}行" if number else f"{title}表头"
            self._cells(row, like, table, shape, where if table.repeats else title)
        found = set(pairs)
        for printed in table.rows:
            if printed not in found:
                self._missing_row(printed, table)

    def _cells(
        self, row: ReadRow, printed: PrintedRow | None, table: PrintedTable, read: _Row | None, place: str
    ) -> None:
        """Add the chunks of a row; ``printed`` is its model, None for a row without one in its grid."""
        if printed is None:
            self.chunks += [Chunk((), cell.blocks, place, {}) for cell in row.row.cells]
            return
        values, prefix = (read.values, f"{table.id}_") if read is not None else (self.values, "")
        added = read is not None and not read.number
        column, label = 0, ""
        for cells, others in pair_cells(row.row.cells, printed.cells):
            head = table.heads[column] if column < len(table.heads) else label
            text = "".join(alike(cell.text) for cell in cells)
            numbers = column == table.number_column and _RUNNING.fullmatch(text) is not None
            blocks = self._seen_in(cells, column if read is not None else -1)
            column += len(others)
            if not any(cell.slots for cell in others):
                label = "".join(cell.literal for cell in others) or label
            lines = _fillable(others) if added else [line for cell in others for line in cell.lines]
            if numbers:
                lines = [(text,)]
            around = tuple(control for cell in cells for control in cell.controls)
            where = place + (f"“{head}”一栏" if head else "")
            self.chunks.append(Chunk(lines, blocks, where, values, prefix, added or not self.own, around))

    def _seen_in(self, cells: Sequence[TableCell], column: int) -> list[Block]:
        """Return the blocks of cells; an empty one that goes on with that above it in a list shows that cell's blocks."""
        blocks = [block for cell in cells for block in cell.blocks]
        if len(cells) != 1 or column < 0:
            return blocks
        if cells[0].begins:
            self.begun[column] = blocks
        elif not cells[0].merged:
            self.begun.pop(column, None)
        elif not alike(cells[0].text):
            return list(self.begun.get(column, blocks))
        return blocks

    # -- reading

    def _homeless(self, texts: Sequence[tuple[Chunk, ChunkText]]) -> frozenset[str]:
        """Return the tags of fields that have no control at their own place: the clerk moved it or merged cells."""
        home = {
            tag
            for chunk, text in texts
            if text.names and not chunk.by_column and (slots := chunk.slots)
            for _, _, tag in text.names
            if any(tag == slot.tag for slot in slots)
        }
        places = self.blueprint.places
        return frozenset(
            tag
            for _, text in texts
            for _, _, tag in text.names
            if tag in places and tag not in home and (self.own or not places[tag].table)
        )

    def _without_strays(self, chunk: Chunk) -> ChunkText:
        """Return the text of a chunk without controls of other fields that have none at their own place."""

        def apart(mark: Mark, text: str) -> str | None:
            tag = mark.value.tag if isinstance(mark.value, Control) else ""
            if tag not in self.homeless or any(is_tag_of(chunk, slot, tag) for slot in chunk.slots):
                return None
            self.strays[tag] = (self.strays.get(tag, ("", ""))[0] + text, chunk.place)
            return ""

        return gathered(chunk.blocks, chunk.around, apart)

    def _take_strays(self) -> None:
        for tag, (text, place) in self.strays.items():
            slot, table, row = self.blueprint.places[tag]
            if value := value_of(slot, [Piece(text, Control(prompt=True))]):
                target = self._row_values(table, row) if table and row is not None else self.values
                if target.setdefault(slot.name, value) != value:
                    self.report.unread(value, place)

    def _row_values(self, table: str, printed: PrintedRow) -> dict[str, str]:
        rows = self.rows.setdefault(table, [])
        found = next((row for row in rows if row.number == printed.number), None)
        if found is None:
            found = _Row(printed.number, printed.key)
            following = (index for index, row in enumerate(rows) if row.number > printed.number)
            rows.insert(next(following, len(rows)), found)
        return found.values

    def _missing_row(self, row: PrintedRow, table: PrintedTable) -> None:
        text = "　".join(text for text in table.printed(row) if text)
        if text and (self.own or not row.key):
            self.report.altered(text, "", f"“{table.caption}”" if table.caption else "表格")

    def _missing_table(self, table: PrintedTable) -> None:
        text = table.caption or "　".join(text for row in table.rows[:1] for text in table.printed(row) if text)
        self.report.altered(f"{text}（整个表格）", "", "")


def _literal(line: PrintedLine) -> str:
    return alike("".join(part for part in line if isinstance(part, str)))


def _sections(blocks: Sequence, tables: set[int]) -> list[list]:
    """Divide blocks at the tables with these indices."""
    sections: list[list] = [[]]
    count = -1
    for block in blocks:
        if isinstance(block, (WordTable, PrintedTable)):
            count += 1
            if count in tables:
                sections.append([])
                continue
        sections[-1].append(block)
    return sections


def _fillable(cells: Sequence[PrintedCell]) -> list[PrintedLine]:
    """Return the lines of an added row's cells: a field alone takes all, printed texts need not be there."""
    slots = [slot for cell in cells for slot in cell.slots]
    return [(slots[0],)] if len(slots) == 1 else [line for cell in cells for line in cell.lines if cell.slots]


def _is_printed(chunk: Chunk) -> bool:
    """Whether a chunk holds just printed text, as most cells do."""
    plain = not chunk.around and not chunk.slots and not is_marked(chunk.blocks)
    return plain and alike(text_of(list(chunk.blocks))) == "".join(map(str, merged(chunk.lines)))
