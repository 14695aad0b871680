"""The document tree: frozen dataclasses without numbers, fonts, paths or clocks; used by every room above ``language``.

Names follow GB/T 9704-2012 and Akoma Ntoso (see ``docs/glossary.md``). Labels
(第八条) are not here: :mod:`toolkit.numbering.labels` computes them from the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from toolkit.core.classes import dataclass

#: Levels of a provision from high to low: 编 章 节 条 款 项 目.
LEVELS = ("part", "chapter", "section", "article", "paragraph", "item", "subitem")
#: Levels whose provisions have headings and hold no text of their own.
GROUPS = frozenset({"part", "chapter", "section"})
#: Numbering schemes; see ``docs/architecture.md``.
SCHEMES = ("articles", "outline", "none")
#: Kinds of form field.
FIELD_KINDS = ("text", "longtext", "date", "time", "number", "choice", "check", "signature")

#: Marks of blocks and rows that only the old text of a redline has, and of those that only the new one has.
GONE = frozenset({"del", "from"})
CAME = frozenset({"ins", "to"})

ID_MAX = 32
#: ``w:tag`` plus the bookmark prefix ``f_`` must stay within Word's 40 characters.
TAG_MAX = 38


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text. ``mark`` is ``""``, ``"ins"`` or ``"del"`` (redlines), or ``"u"``: underlined as changed (对照表).

    ``link`` is the relative address of a file that it opens, percent-encoded, where a format can have one.
    """

    text: str
    mark: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A cross-reference, resolved after numbering.

    ``target`` is a provision id; ``document`` another document's id, or empty for the same document. With ``document`` and
    no ``target`` the reference is to the document itself (《title》). ``relative`` asks for 前款, 本条第二款; ``brief``
    cites another document by its file name, without the unit's name. ``untitled`` leaves its title out, where the reference
    before has it. ``shown`` is its old text if the numbering has changed since (redlines).
    """

    target: str = ""
    document: str = ""
    relative: bool = False
    mark: str = ""
    brief: bool = False
    shown: str = ""
    untitled: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """A place to fill in (填写项). ``id`` becomes the content control's tag.

    ``kind`` is one of :data:`FIELD_KINDS`; ``width`` is in characters (0: by
    kind); ``value`` is the text already filled in.
    """

    id: str
    kind: str = "text"
    label: str = ""
    required: bool = False
    options: tuple[str, ...] = ()
    value: str = ""
    width: int = 0
    mark: str = ""


Inline = Text | Ref | FormField
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Provision:
    """A 编, 章, 节, 条, 款, 项 or 目: one class, the level is data.

    Groups (part, chapter, section) have a ``heading`` and children. An article holds paragraphs and tables as children and
    no ``content``; its ``heading`` (条旨) is shown in outline documents only. Paragraphs, items and subitems carry their
    text in ``content``.

    In a redline ``mark`` is ``"ins"``, ``"del"``, or ``"from"`` and ``"to"`` of a move; it is the block's own and does not
    cover its children. ``was`` is the id in the older text if that differs (of ``to``: the moved block's).

    ``number``: the number in front of it as text, where a file has other numbers than the count gives (第二条之一, chapters
    that run on across 编); empty where it is counted.
    """

    level: str
    id: str
    heading: Inlines = ()
    content: Inlines = ()
    children: tuple[Block, ...] = ()
    covers: tuple[str, ...] = ()
    mark: str = ""
    was: str = ""
    number: Inlines = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A table column. ``width`` is a weight (about the count of characters)."""

    width: float = 1
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: paragraphs of inlines. ``head`` marks a label cell."""

    content: tuple[Inlines, ...] = ((),)
    colspan: int = 1
    rowspan: int = 1
    head: bool = False
    align: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A table row. ``key`` names its subject (a duty id, …).

    ``height`` is a minimal height in lines (0: by content). Cells covered by a
    rowspan from above are left out. ``mark`` is ``"ins"`` or ``"del"`` in a redline.
    """

    cells: tuple[Cell, ...]
    key: str = ""
    height: float = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a form grid. The first ``header_rows`` rows repeat on each page. Marks as in :class:`Provision`."""

    id: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    header_rows: int = 0
    caption: Inlines = ()
    mark: str = ""
    was: str = ""


Block = Provision | Table


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the set.

    ``number`` orders the set and is part of the file name; it belongs to the preset and never shifts. ``layout`` names the
    template. Dates are ISO or empty (printed as a blank 　年　月　日). ``record_of`` lists duty ids whose record this form
    is; ``meeting`` is the id of the meeting whose minutes it takes. ``participants`` are (出席, names), (请假, names),
    (列席, names) of a 纪要 (GB/T 9704-2012, 10.3), printed below the body. ``approver`` is the 签发人 of an upward paper, room to
    write the name in where it consists of blanks. ``dated`` holds the field for the 成文日期 of a paper that is dated when it is
    filled in, in place of ``doc_date``; a filled value prints as text of the paper. ``on_demand`` says when a paper
    is due that is no part of the set that is issued; empty for a document of that set. ``enclosure`` is the regulation that
    an issuing notice carries. ``was`` is, in a redline, the older text without its body if the elements outside the body differ.
    """

    id: str
    number: int
    title: str
    file_name: str
    family: str
    layout: str
    numbering: str = "articles"
    body: tuple[Block, ...] = ()
    note: Inlines = ()
    subtitle: str = ""
    doc_number: str = ""
    issuer: str = ""
    issuer_mark: str = ""
    addressee: Inlines = ()
    doc_date: str = ""
    conclusions: bool = False
    attachments: tuple[str, ...] = ()
    copy_to: str = ""
    printing_office: str = ""
    printing_date: str = ""
    meeting: str = ""
    record_of: tuple[str, ...] = ()
    self_name: str = ""
    ref_brackets: bool = False
    unbreakable: tuple[str, ...] = ()
    participants: tuple[tuple[str, str], ...] = ()
    approver: str = ""
    dated: Inlines = ()
    on_demand: str = ""
    enclosure: Document | None = None
    was: Document | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A resolved duty (职责): actor, act, frequency or deadline, recipient and record.

    ``actor``, ``recipient`` and ``assist`` are ids of the organisation register; the
    ``*_name`` fields are their names for print. ``frequency`` and ``deadline`` are canonical
    Chinese (``每季度至少一次``, ``每季度末月25日前``), parsed by :mod:`toolkit.language.periods`. ``first`` is the deadline of
    the first time, counted from the day of effect (``1个月内``). ``own_field``: its form proves several duties, this one by
    a field of its own.
    """

    id: str
    label: str
    actor: str
    actor_name: str
    act: str
    frequency: str = ""
    trigger: str = ""
    deadline: str = ""
    recipient: str = ""
    recipient_name: str = ""
    record: str = ""
    form: str = ""
    meeting: str = ""
    evidence: str = ""
    first: str = ""
    own_field: bool = False


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """All documents of one unit, in order, with the duties they quote."""

    kind: str
    preset_version: str
    unit: str
    documents: tuple[Document, ...]
    duties: tuple[Duty, ...] = ()
    year: int = 0


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield every block, parents before children, in document order."""
    waiting = [*blocks][::-1]
    while waiting:
        block = waiting.pop()
        yield block
        if isinstance(block, Provision):
            waiting += block.children[::-1]


def inlines_of(block: Block) -> Iterator[Inline]:
    """Yield a block's own inlines (not those of its children)."""
    if isinstance(block, Provision):
        yield from (*block.heading, *block.content)
        return
    yield from block.caption
    yield from (part for row in block.rows for cell in row.cells for line in cell.content for part in line)


def map_blocks(blocks: Iterable[Block], change: Callable[[Block], Block]) -> tuple[Block, ...]:
    """Return blocks with ``change`` applied to each, parents before children, in document order.

    The children of the changed block are visited next. A block in which nothing changes stays the same object.
    """

    def visit(block: Block) -> Block:
        changed = change(block)
        if isinstance(changed, Provision) and changed.children:
            children = tuple(map(visit, changed.children))
            if any(new is not old for new, old in zip(children, changed.children, strict=True)):
                return replace(changed, children=children)
        return changed

    return tuple(map(visit, blocks))


def map_lines(block: Block, line: Callable[[Inlines], Inlines]) -> Block:
    """Return a block with ``line`` applied to its texts (number, heading, content, caption, cells), not to its children."""
    if isinstance(block, Table):
        return replace(block, caption=line(block.caption), rows=tuple(map_row(row, line) for row in block.rows))
    number = line(block.number) if block.number else ()
    return replace(block, number=number, heading=line(block.heading), content=line(block.content))


def map_row(row: Row, line: Callable[..., Inlines], *others: Row) -> Row:
    """Return a row with ``line`` applied to each line of its cells, and to the same lines of ``others`` of one shape."""
    cells = []
    for cell, *beside in zip(row.cells, *(other.cells for other in others), strict=True):
        contents = (cell.content, *(other.content for other in beside))
        cells.append(replace(cell, content=tuple(line(*each) for each in zip(*contents, strict=True))))
    return replace(row, cells=tuple(cells))


def plain(inlines: Inlines) -> str:
    """Return the text of inlines without references, empty fields and deleted parts."""
    return "".join(
        part.text if isinstance(part, Text) else part.value if isinstance(part, FormField) else ""
        for part in inlines
        if part.mark != "del"
    )
