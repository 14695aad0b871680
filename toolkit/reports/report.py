"""A report as data: coverage, batch, register, status and reviews state their results, renderers give them a look.

A tone says how good or bad something is: ``bad``, ``warn``, ``good``, ``off`` (does not apply) or empty. A style says what a
piece of text is (``id``, ``tag``, ``dim``, ``strong`` …): a class of ``templates/style.css``, a colour of the terminal.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

from toolkit.core.findings import UsageError


class Span(NamedTuple):
    """A piece of text with its style; ``tip`` shows on pointing."""

    text: str
    style: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. ``indent`` and ``hang`` are blanks before the first and the other lines of a text.

    A text folds it to its width where ``hang`` is given, else it stays one line.
    """

    parts: tuple[str | Span, ...]
    style: str = ""
    indent: int = 0
    hang: int | None = None
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; each item is the parts of a line."""

    items: tuple[tuple[str | Span, ...], ...]
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a page with more than a value: lines, how many ``rows`` it spans, and its sort key."""

    lines: tuple[str | Paragraph | Bullets, ...]
    rows: int = 1
    sort: str = ""
    style: str = ""


class Link(NamedTuple):
    """The name of a file that a reader can open by it; ``target`` is a relative address."""

    name: str
    target: str

    def __str__(self) -> str:
        return self.name


#: The contents of a cell. Workbooks and texts have plain values and links only.
Content = str | int | date | Link | Cell


class Row(NamedTuple):
    """A row of a table."""

    cells: tuple[Content, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are filtered and sorted as one. ``facets``: by which values of which :class:`Choice` they are found."""

    rows: tuple[Row, ...]
    state: str
    tone: str
    facets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that are made as they are written: a long table need not be held as a whole."""

    make: Callable[[], Iterable[Row]]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.make())

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None


class Column(NamedTuple):
    """A column: its heading, its width in characters (at least, where a table fits), and its style (``number`` …)."""

    name: str
    width: int = 0
    style: str = ""


def columns(*groups: str) -> tuple[Column, ...]:
    """Return columns from ``name:width:style`` with a blank between two; width and style may be left out."""
    out = []
    for name, *more in (text.split(":") for group in groups for text in group.split()):
        width = next((int(text) for text in more if text.isdecimal()), 0)
        out.append(Column(name, width, next((text for text in more if not text.isdecimal()), "")))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of rows or of groups of rows; ``empty`` is the text of a page where there are none.

    ``fits``: columns of a text are as wide as their cells need, and long cells are cut; else cells are folded to the columns'
    widths. ``grid``: also empty cells of a workbook have borders. ``marks``: a column (from 0) and the tone of each of its
    texts, by which a workbook colours rows also after somebody edits them.
    """

    columns: tuple[Column, ...]
    rows: Iterable[Row] = ()
    groups: tuple[Group, ...] = ()
    id: str = ""
    empty: str = ""
    fits: bool = False
    grid: bool = False
    marks: tuple[int, Mapping[str, str]] | None = None
    kind: ClassVar[str] = "table"


#: The parts of a section, one below another.
Block = str | Paragraph | Bullets | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: a sheet of a workbook, paragraphs between blank lines of a text."""

    heading: str
    blocks: tuple[Block, ...]


class Figure(NamedTuple):
    """Key figures of one thing: (words, number, tone) each."""

    name: str
    values: tuple[tuple[str, int, str], ...]


class Choice(NamedTuple):
    """A list to filter groups by: the name of a facet, its label, and (value, words) of each option."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. ``program``: the command that writes it; ``choices``: filters of the groups."""

    program: str
    title: str = ""
    note: str = ""
    figures: tuple[Figure, ...] = ()
    choices: tuple[Choice, ...] = ()
    sections: tuple[Section, ...] = ()
    footer: str = ""


def as_json(data: Any, *, ascii_only: bool = False, indent: int = 2) -> str:
    """Return JSON with a final line break; ``ascii_only`` for consoles that cannot show Chinese."""
    return json.dumps(data, ensure_ascii=ascii_only, indent=indent) + "\n"


def json_with(data: Mapping[str, Any], name: str, items: Iterable[Any]) -> bytes:
    """Return :func:`as_json` of data with one more member, a list whose items are made as they are written."""
    head = as_json(data).removesuffix("\n}\n")
    out = io.BytesIO()
    out.write(f"{head},\n  {json.dumps(name)}: [".encode("utf-8", "replace"))
    count = 0
    for count, item in enumerate(items, 1):
        text = json.dumps(item, ensure_ascii=False, indent=2).replace("\n", "\n    ")
        out.write(f"{',' if count > 1 else ''}\n    {text}".encode("utf-8", "replace"))
    out.write(b"\n  ]\n}\n" if count else b"]\n}\n")
    return out.getvalue()


def written(form: str, writers: Mapping[str, Callable[[], str | bytes]]) -> bytes:
    """Return the output of the writer of a format, texts in UTF-8. Raises UsageError for a format without a writer."""
    if form not in writers:
        raise UsageError(f"没有“{form}”这种格式", f"可以写：{'、'.join(writers)}", "unknown_format")
    made = writers[form]()
    return made.encode("utf-8", "replace") if isinstance(made, str) else made
