"""Plain text, to paste into a group message. One paragraph is one line; a table is aligned lines.

Numbers are written out, an empty field is a blank to fill in. Widths are columns of a Chinese editor, where a Chinese
character takes two (Unicode UAX #11; ambiguous characters such as “ take two as well).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from toolkit.formats import Writer
from toolkit.model.tree import GROUPS, Block, Document, FormField, Inlines, Provision, Ref, Table, Text
from toolkit.numbering.labels import (
    FULL_SPACE,
    SetLabels,
    attachment_lines,
    date_line,
    field_text,
    imprint_date,
    starts_with_text,
)
from toolkit.page.measures import CHARS_PER_LINE
from toolkit.page.placeholders import is_lone_field, placeholder

_INDENT = FULL_SPACE * 2
#: Columns of the page that the lines of 署名 and 成文日期 stand at the right of, and their distance from its edge.
_PAGE, _RIGHT = 2 * CHARS_PER_LINE, 8
#: Most columns of a cell and of a table; a column is made no narrower than the third to keep a table in its bounds.
_WIDEST_CELL, _WIDEST_TABLE, _NARROWEST = 40, 100, 8
_GAP = " | "
#: Room for a date or time that has a cell to itself, in Chinese characters.
_CELL_ROOM = 7.5
#: Characters that a line of a wrapped cell does not begin with, and those it does not end with.
_CLOSING = frozenset("，。、；：？！）》”’」』】〕…,.;:?!)]}%")
_OPENING = frozenset("（《“‘「『【〔([{")
#: Words that are not broken where a cell is wrapped (bounded, as all work on one), else single characters.
_WORD = re.compile(r"[!-~]{1,200}|\s|[^\s!-~]")


class TxtWriter(Writer):
    """Writes UTF-8 text with line feeds; a text needs no setting and can hold every document."""

    def write(self, document: Document, labels: SetLabels) -> tuple[bytes, str]:
        return ("\n".join(_Text(document, labels).lines()) + "\n").encode(), ""


class _Text:
    """The lines of one document; its enclosure follows it."""

    def __init__(self, document: Document, labels: SetLabels) -> None:
        self.document = document
        self.labels = labels
        self.outline = document.numbering != "articles"

    def lines(self) -> Iterator[str]:
        document = self.document
        head = (document.issuer_mark, document.doc_number, *document.title.split("\n"))
        yield from filter(None, head)
        yield from filter(None, (*self._inlines("", document.note).split("\n"), document.subtitle))
        yield ""
        if document.addressee:
            yield self._inlines("", document.addressee)
        yield from _spaced(self._blocks(document.body, ""))
        yield from self._tail()
        if document.enclosure is not None:
            yield from ("", "")
            yield from _Text(document.enclosure, self.labels).lines()

    def _tail(self) -> Iterator[str]:
        """Yield the parts below the body, each after an empty line."""
        document = self.document
        attachments = enumerate(attachment_lines(document.attachments))
        imprint = [f"抄送：{document.copy_to.rstrip('。')}。"] if document.copy_to else []
        if document.printing_office:
            imprint.append(f"{document.printing_office}　{imprint_date(document)}印发")
        for part in (
            [_INDENT + FULL_SPACE * (3 if number else 0) + line for number, line in attachments],
            [f"{_INDENT}{label}：{names}" for label, names in document.participants],
            _signed(document.issuer, self._inlines("", date_line(document))) if document.conclusions else [],
            imprint,
        ):
            yield from ("", *part) if part else ()

    # -- blocks: lines, and None where an empty line is wanted

    def _blocks(self, blocks: Sequence[Block], label: str) -> Iterator[str | None]:
        for block in blocks:
            self._refuse_marks(block.id, block.mark)
            if isinstance(block, Table):
                yield from self._table(block)
            elif block.level == "article":
                yield from self._article(block)
            else:
                group = block.level in GROUPS
                own = label + self._label(block)
                text = own + self._inlines(block.id, block.heading if group else block.content)
                if group:
                    yield None
                yield text if group else _INDENT + text
                label = ""
                yield from self._blocks(block.children, "")

    def _article(self, article: Provision) -> Iterator[str | None]:
        """Yield an article: its label leads the first paragraph, or is in a line with its heading or alone."""
        label = self._label(article)
        if self.outline and article.heading:
            yield _INDENT + label + self._inlines(article.id, article.heading)
            label = ""
        elif label and not starts_with_text(article):
            yield _INDENT + label
            label = ""
        yield from self._blocks(article.children, label)

    def _label(self, block: Provision) -> str:
        label = self.labels[self.document.id].label(block.id)
        spaced = label and not self.outline and (block.level in GROUPS or block.level == "article")
        return label + FULL_SPACE if spaced else label

    def _table(self, table: Table) -> Iterator[str | None]:
        """Yield the rows of a table; a rule is below its head, and between all rows where one of them has several lines."""
        yield None
        if table.caption:
            yield self._inlines(table.id, table.caption)
        for row in table.rows:
            self._refuse_marks(table.id, row.mark)
        rows = list(self._cells(table))
        widths = _widths(len(table.columns), rows)
        printed = [list(_row(row, widths)) for row in rows]
        ruled = any(len(lines) > 1 for lines in printed)
        for number, lines in enumerate(printed, 1):
            yield from lines
            if number < len(printed) and (ruled or number == table.header_rows):
                yield "-+-".join("-" * size for size in widths)
        yield None

    def _cells(self, table: Table) -> Iterator[list[_Cell]]:
        """Yield the cells of each row with their columns; one that reaches down is empty in the rows below its first."""
        reaching: dict[int, tuple[int, int]] = {}
        for row in table.rows:
            cells: list[_Cell] = []
            waiting = iter(row.cells)
            column = 0
            while column < len(table.columns):
                span, left = reaching.pop(column, (1, 0))
                lines: list[str] = []
                right = False
                if not left and (cell := next(waiting, None)) is not None:
                    span, left = cell.colspan, cell.rowspan
                    said = (self._inlines(table.id, part, in_cell=True) for part in cell.content)
                    lines = [line.rstrip() for text in said for line in text.split("\n")]
                    right = (cell.align or table.columns[column].align) == "right"
                cells.append(_Cell(column, span, lines, right))
                if left > 1:
                    reaching[column] = (span, left - 1)
                column += span
            yield cells

    # -- inlines

    def _inlines(self, origin: str, inlines: Inlines, in_cell: bool = False) -> str:
        lone = in_cell and is_lone_field(inlines)
        words = []
        for part in inlines:
            self._refuse_marks(origin, "" if part.mark == "u" else part.mark)
            if isinstance(part, Text):
                words.append(part.text)
            elif isinstance(part, Ref):
                words.append(self.labels.reference(self.document.id, origin, part).text)
            else:
                words.append(_field(part, lone))
        return "".join(words)

    def _refuse_marks(self, origin: str, mark: str) -> None:
        if mark:
            raise ValueError(f"本文档带有修订标记，不能按清稿生成：{self.document.id}#{origin}")


def _field(part: FormField, lone: bool) -> str:
    """Return a field: its value, else a blank as long as on paper; alone in a cell the cell is the blank."""
    if part.value or part.kind == "check":
        return field_text(part)
    if part.kind == "choice":
        return placeholder(part, 0)
    if lone and part.kind not in ("date", "time"):
        return ""
    return placeholder(part, _CELL_ROOM if lone else 0).replace(FULL_SPACE, "__")


def _spaced(lines: Iterable[str | None]) -> Iterator[str]:
    """Put an empty line for each None, one between two texts at most and none at the ends."""
    waiting, begun = False, False
    for line in lines:
        if line is None:
            waiting = begun
            continue
        if waiting:
            yield ""
        waiting, begun = False, True
        yield line


def _signed(issuer: str, date: str) -> list[str]:
    """Return 署名 and 成文日期, centred on each other at the right of the page."""
    widest = max(width(issuer), width(date))
    edge = max(0, _PAGE - _RIGHT - widest)
    return [FULL_SPACE * ((edge + (widest - width(text)) // 2) // 2) + text for text in (issuer, date) if text]


# -- tables


class _Cell(NamedTuple):
    """A cell of the grid: its first column, how many it takes, its lines, and whether they are set to the right."""

    column: int
    span: int
    lines: list[str]
    right: bool

    def room(self, widths: Sequence[int]) -> int:
        """Return the columns of text that the cell has in a table of these widths."""
        return sum(widths[self.column : self.column + self.span]) + len(_GAP) * (self.span - 1)


def _widths(count: int, rows: Iterable[Sequence[_Cell]]) -> list[int]:
    """Return the columns of each table column: as its longest line, bounded, and wide enough for cells over several."""
    widths = [2] * count
    for cell in sorted((cell for row in rows for cell in row), key=lambda cell: cell.span):
        wanted = min(max(map(width, cell.lines), default=0), _WIDEST_CELL)
        widths[cell.column + cell.span - 1] += max(0, wanted - cell.room(widths))
    while sum(widths) + len(_GAP) * (count - 1) > _WIDEST_TABLE and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _row(cells: Sequence[_Cell], widths: Sequence[int]) -> Iterator[str]:
    sizes = [cell.room(widths) for cell in cells]
    wrapped = [
        [part for line in cell.lines for part in wrap(line, size)] for cell, size in zip(cells, sizes, strict=True)
    ]
    for texts in zip_longest(*wrapped, fillvalue="") if any(wrapped) else [("",) * len(cells)]:
        blanks = [" " * (size - width(text)) for text, size in zip(texts, sizes, strict=True)]
        padded = (
            blank + text if cell.right else text + blank for text, blank, cell in zip(texts, blanks, cells, strict=True)
        )
        yield _GAP.join(padded).rstrip(" ")


def width(text: str) -> int:
    """Return the columns of a text."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else not unicodedata.combining(char) for char in text)


def wrap(text: str, columns: int) -> list[str]:
    """Cut a text into lines of at most so many columns; words of Latin letters and figures stay whole if they fit."""
    lines, line = [], ""
    for word in _WORD.findall(text):
        while width(line + word) > columns:
            if not line:
                end = max((n for n in range(1, columns + 1) if width(word[:n]) <= columns), default=1)
                line, word = word[:end], word[end:]
            elif len(line) > 1 and (word in _CLOSING or line[-1] in _OPENING):
                line, word = line[:-1], line[-1] + word
            if line.strip():
                lines.append(line.rstrip())
            line = ""
        line += word if line or not word.isspace() else ""
    return [*lines, line] if line or not lines else lines
