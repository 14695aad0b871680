"""Pairs the tables, rows and cells of a filled form with those of its blueprint; used by ``form_alignment``.

Rows pair by their content controls and bookmarks, by their printed texts, else by order; cells by grid columns, so
that cells which a clerk merged or split stand beside those that they were.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from toolkit.docx.reading.story import Control, Paragraph, TableCell, TableRow, WordTable, paragraphs_of
from toolkit.forms.blueprint import PrintedCell, PrintedRow, PrintedTable, alike

#: Names that LibreOffice gives to the bookmarks of copied text: "f_x Copy 1".
_COPY = re.compile(r"[ _]Copy[ _]?[0-9]+$")
#: Share of a printed row's texts that a row must have to be that row, altered.
_ALIKE = 0.5
#: Printed rows of the same words that are tried for one row, and the longest altered row that is compared.
_SAME, _LONGEST_ROW = 50, 2_000


def tag_of(bookmark: str) -> str:
    """Return the field tag in the name of a field's bookmark; empty for other bookmarks."""
    return _COPY.sub("", bookmark[2:]) if bookmark.startswith("f_") else ""


def tags_of(blocks: Sequence[Paragraph | WordTable]) -> Iterator[str]:
    """Yield the tags of the controls and the fields' bookmarks in blocks."""
    for paragraph in paragraphs_of(list(blocks)):
        yield from (control.tag for control in paragraph.controls if control.tag)
        for mark in paragraph.marks:
            tag = tag_of(mark.value) if isinstance(mark.value, str) and mark.kind == "bookmark" else ""
            if isinstance(mark.value, Control):
                tag = mark.value.tag
            if tag:
                yield tag


def is_marked(blocks: Sequence[Paragraph | WordTable]) -> bool:
    """Whether blocks hold more than text: filled controls, pictures, boxes, notes."""
    return any(
        mark.end > mark.start if mark.kind == "control" else mark.kind not in ("bookmark", "field", "deleted")
        for paragraph in paragraphs_of(list(blocks))
        for mark in paragraph.marks
    )


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row with the tags in it (also those of controls around its cells) and the texts of its cells without blanks."""

    row: TableRow
    tags: list[str]
    texts: list[str]


def read_row(row: TableRow) -> ReadRow:
    """Return a row with its tags and texts."""
    around = [control.tag for cell in row.cells for control in cell.controls if control.tag]
    tags = around + [tag for cell in row.cells for tag in tags_of(cell.blocks)]
    return ReadRow(row, tags, [alike(cell.text) for cell in row.cells])


# --- tables -------------------------------------------------------------------------------------------------------


def pair_tables(
    tables: Sequence[Sequence[ReadRow]], printed: Sequence[PrintedTable], below_title: int = 0
) -> dict[int, int]:
    """Return the index of the printed table by index of the table; several tables may be parts of a single one.

    Parts stand together. What is like a printed table, but apart from the one that is most like it, is of another form. From
    ``below_title`` on tables are below the title of the form.
    """
    owner = {slot.tag: index for index, table in enumerate(printed) for slot in table.slots}
    literals = [frozenset(text for row in table.rows for text in _literals(row)) for table in printed]
    pairs: dict[int, int] = {}
    #: Whether a table is below the title, and how many fields and which share of its printed texts it shares with its own.
    weights: dict[int, tuple[bool, int, float]] = {}
    for index, rows in enumerate(tables):
        tags = Counter(owner[tag] for row in rows for tag in row.tags if tag in owner)
        if tags:
            ((pairs[index], count),) = tags.most_common(1)
            weights[index] = (index >= below_title, count, 0.0)
    paired = set(pairs.values())
    for index, rows in enumerate(tables):
        if index in pairs:
            continue
        texts = {text for row in rows for text in row.texts if text}
        scores = [
            (len(texts & own) / len(own) if own else 0.0, other not in paired, -other)
            for other, own in enumerate(literals)
        ]
        score, _, other = max(scores, default=(0.0, False, 0))
        if score >= _ALIKE:
            pairs[index] = -other
            weights[index] = (index >= below_title, 0, score)
            paired.add(-other)
    apart = _of_other_forms(pairs, weights)
    free = [index for index in range(len(tables)) if index not in pairs]
    left = [other for other in range(len(printed)) if other not in paired]
    if len(free) == len(left):
        pairs.update(zip(free, left, strict=True))
    return {index: other for index, other in pairs.items() if index not in apart}


def _of_other_forms(pairs: dict[int, int], weights: dict[int, tuple[bool, int, float]]) -> set[int]:
    """Return the tables that stand apart from those which are more like the same printed table."""
    runs: dict[int, list[list[int]]] = {}
    before = None
    for index in sorted(pairs):
        own = runs.setdefault(pairs[index], [])
        if before != pairs[index]:
            own.append([])
        own[-1].append(index)
        before = pairs[index]
    kept = {id(max(own, key=lambda run: max(weights[index] for index in run))) for own in runs.values()}
    return {index for own in runs.values() for run in own if id(run) not in kept for index in run}


def _literals(row: PrintedRow) -> Iterator[str]:
    """Yield the printed texts of cells that hold no field, without running numbers."""
    return (text for cell in row.cells if not cell.slots and (text := cell.literal) and not text.isdecimal())


# --- rows ---------------------------------------------------------------------------------------------------------


def pair_rows(rows: Sequence[ReadRow], table: PrintedTable, own: bool) -> list[PrintedRow | None]:
    """Return the printed row of each row, None for a row that was added.

    ``own``: the blueprint is the file's own, so that tags tell the row; else the printed text of a row comes first.
    """
    pairing = _Pairing(rows, table)
    if own:
        pairing.by_tags(table.rows)
    pairing.by_print()
    if not own:
        pairing.by_tags([row for row in table.rows if not any(table.printed(row))])
    pairing.by_order()
    return pairing.pairs


class _Pairing:
    """Pairs rows step by step; ``left`` are the printed rows that have no row yet, in order."""

    def __init__(self, rows: Sequence[ReadRow], table: PrintedTable) -> None:
        self.rows = rows
        self.table = table
        self.left = dict.fromkeys(table.rows)
        self.pairs: list[PrintedRow | None] = [None] * len(rows)

    def _pair(self, index: int, row: PrintedRow) -> None:
        self.pairs[index] = row
        del self.left[row]

    def by_tags(self, printed: Sequence[PrintedRow]) -> None:
        """Pair the rows that hold most of a printed row's fields."""
        owner = {slot.tag: row for row in printed for cell in row.cells for slot in cell.slots}
        for index, row in enumerate(self.rows):
            if self.pairs[index] is None:
                found = Counter(owner[tag] for tag in row.tags if tag in owner and owner[tag] in self.left)
                if found:
                    self._pair(index, found.most_common(1)[0][0])

    def by_print(self) -> None:
        """Pair the rows that hold all that is printed in a row."""
        printed: dict[str, list[tuple[PrintedRow, frozenset[str]]]] = {}
        for row in self.left:
            if wanted := frozenset(_literals(row)):
                printed.setdefault(max(wanted, key=len), []).append((row, wanted))
        for index, own in enumerate(self.rows):
            if self.pairs[index] is None:
                for row, wanted in (pair for text in own.texts for pair in printed.get(text, ())[:_SAME]):
                    if row in self.left and wanted.issubset(own.texts):
                        self._pair(index, row)
                        break

    def by_order(self) -> None:
        """Pair the rows between two paired ones with the free or altered printed rows between those."""
        place = {row: index for index, row in enumerate(self.table.rows)}
        following = [len(place)] * (len(self.rows) + 1)
        for index in range(len(self.rows) - 1, -1, -1):
            paired = self.pairs[index]
            following[index] = following[index + 1] if paired is None else min(place[paired], following[index + 1])
        order, start, reached = list(self.left), 0, -1
        for index, texts in enumerate(row.texts for row in self.rows):
            if (paired := self.pairs[index]) is not None:
                reached = max(reached, place[paired])
            elif any(texts) and texts != list(self.table.heads):
                while start < len(order) and place[order[start]] <= reached:
                    start += 1
                for row in order[start : start + _SAME]:
                    if place[row] < following[index] and may_be(texts, self.table.printed(row)):
                        self._pair(index, row)
                        reached = place[row]
                        break


def may_be(own: list[str], printed: tuple[str, ...]) -> bool:
    """Whether texts are printed ones, altered; so is every text where nothing is printed."""
    wanted, text = "".join(printed), "".join(own)
    if not wanted or len(wanted) + len(text) > _LONGEST_ROW:
        return not wanted
    return SequenceMatcher(None, wanted, text, autojunk=False).ratio() >= _ALIKE


# --- cells --------------------------------------------------------------------------------------------------------


def pair_cells(
    cells: Sequence[TableCell], printed: Sequence[PrintedCell]
) -> list[tuple[Sequence[TableCell], Sequence[PrintedCell]]]:
    """Return groups of cells with the printed cells that they are in place of."""
    mine, theirs = [cell.span for cell in cells], [cell.span for cell in printed]
    if len(mine) == len(theirs) and (mine == theirs or sum(mine) != sum(theirs)):
        return [([cell], [other]) for cell, other in zip(cells, printed, strict=True)]
    if sum(mine) != sum(theirs):
        return _by_content(cells, printed)
    groups = []
    start = other = 0
    ends = set(_ends(mine)) & set(_ends(theirs))
    for edge in sorted(ends):
        stop = _ends(mine).index(edge) + 1
        until = _ends(theirs).index(edge) + 1
        groups.append((cells[start:stop], printed[other:until]))
        start, other = stop, until
    return groups


def _ends(spans: list[int]) -> list[int]:
    return [sum(spans[: index + 1]) for index in range(len(spans))]


def _by_content(
    cells: Sequence[TableCell], printed: Sequence[PrintedCell]
) -> list[tuple[Sequence[TableCell], Sequence[PrintedCell]]]:
    """Group cells between those that hold the same printed text or the same field on both sides."""
    groups: list[tuple[Sequence[TableCell], Sequence[PrintedCell]]] = []
    start = other = 0
    for index, cell in enumerate(cells):
        tags, text = {control.tag for control in cell.controls} | set(tags_of(cell.blocks)), alike(cell.text)
        for position in range(other, len(printed)):
            same = any(slot.tag in tags for slot in printed[position].slots)
            if same or (text and not printed[position].slots and text == printed[position].literal):
                if start < index or other < position:
                    groups.append((cells[start:index], printed[other:position]))
                groups.append(([cell], [printed[position]]))
                start, other = index + 1, position + 1
                break
    if start < len(cells) or other < len(printed):
        groups.append((cells[start:], printed[other:]))
    return groups
