"""Splits a document into units and lines, nests them again, and prints them (:class:`Side`); used throughout this room.

A unit is cited and decided on as a whole: an article, a block of an outline, a table, or the heading of a 编, 章 or 节
without its children. Units return to their groups by rank alone, as a word processor shows them, so that a heading can
be inserted or deleted without touching the articles below it. A line prints as one paragraph (or one table); its depth
is counted from its unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, NamedTuple, overload

from toolkit.compare import words
from toolkit.core.memo import identity, remembered
from toolkit.language.numerals import chinese_numeral
from toolkit.model.tree import (
    GROUPS,
    LEVELS,
    Block,
    Document,
    DocumentSet,
    Inline,
    Inlines,
    Provision,
    Ref,
    Table,
    Text,
    map_blocks,
    map_lines,
    walk,
)
from toolkit.numbering.citations import Reference, UnresolvedRef, annex_name
from toolkit.numbering.labels import SetLabels, field_text, number_set

#: Elements of a document outside its body and its enclosure; those that print, with their names in reports.
HEAD_FIELDS = tuple(field.name for field in fields(Document) if field.name not in ("body", "enclosure", "was"))
HEAD_NAMES = {
    "title": "标题",
    "subtitle": "副标题",
    "note": "题注",
    "doc_number": "发文字号",
    "approver": "签发人",
    "issuer": "发文机关",
    "issuer_mark": "发文机关标志",
    "addressee": "主送机关",
    "doc_date": "成文日期",
    "attachments": "附件说明",
    "copy_to": "抄送",
    "printing_office": "印发机关",
    "printing_date": "印发日期",
}
#: Those that are inlines.
HEAD_INLINES = ("note", "addressee")
#: Prefix of the ids that a reader of files makes up for blocks without one.
NO_ID = "?"
#: Replaces a reference while texts are compared regardless of numbering.
REF_SIGN = "\ufffc"
_RANKS = {level: rank for rank, level in enumerate(LEVELS)}


def is_identity(name: str) -> bool:
    """Whether an author gave the id, so that it names the same clause in every version."""
    return bool(name) and not name.startswith(NO_ID) and "__" not in name


class Unit(NamedTuple):
    """A group without its children, or any other block with them."""

    block: Block

    @property
    def level(self) -> str:
        """The level of a provision, or ``table``."""
        return self.block.level if isinstance(self.block, Provision) else "table"

    @property
    def is_group(self) -> bool:
        """Whether this is the heading of a 编, 章 or 节."""
        return self.level in GROUPS


class UnitLine(NamedTuple):
    """A block without its children and its depth in the unit. ``leads``: the number of its article is printed on it."""

    block: Block
    depth: int
    leads: bool = False


def units(blocks: Iterable[Block]) -> Iterator[Unit]:
    """Yield the units of a body in order."""
    for block in blocks:
        if isinstance(block, Provision) and block.level in GROUPS:
            yield Unit(replace(block, children=()) if block.children else block)
            yield from units(block.children)
        else:
            yield Unit(block)


def lines(block: Block, depth: int = 0, leads: bool = False) -> Iterator[UnitLine]:
    """Yield the lines of a unit, parents first."""
    if not isinstance(block, Provision):
        yield UnitLine(block, depth, leads)
        return
    yield UnitLine(replace(block, children=()) if block.children else block, depth, leads)
    for index, child in enumerate(block.children):
        first = index == 0 and block.level == "article" and isinstance(child, Provision) and child.level == "paragraph"
        yield from lines(child, depth + 1, first)


@dataclass(slots=True)
class _Open:
    """A block whose children are being collected."""

    block: Block
    rank: int
    children: list[_Open] = field(default_factory=list)

    def closed(self) -> Block:
        if not self.children or not isinstance(self.block, Provision):
            return self.block
        return replace(self.block, children=tuple(child.closed() for child in self.children))


def nested(ranked: Iterable[tuple[Block, int, bool]]) -> tuple[Block, ...]:
    """Nest (block, rank, holds others) by rank."""
    root = _Open(Table("", (), ()), -1)
    stack = [root]
    for block, rank, holds in ranked:
        while stack[-1].rank >= rank:
            stack.pop()
        node = _Open(block, rank)
        stack[-1].children.append(node)
        if holds:
            stack.append(node)
    return tuple(child.closed() for child in root.children)


def nest_units(flat: Iterable[Unit]) -> tuple[Block, ...]:
    """Return a body: groups by rank, everything else in the last group."""
    return nested((unit.block, _RANKS[unit.level] if unit.is_group else len(LEVELS), unit.is_group) for unit in flat)


def nest_lines(flat: Sequence[UnitLine]) -> Block:
    """Return the unit that consists of the lines; the first is its own."""
    (block,) = nested((line.block, line.depth, isinstance(line.block, Provision)) for line in flat)
    return block


# --- the canonical form ------------------------------------------------------------------------------------------


def joined(parts: Iterable[Inline]) -> Inlines:
    """Return inlines with neighbouring texts of one mark joined, without empty texts."""
    out: list[Inline] = []
    for part in parts:
        last = out[-1] if out else None
        if not isinstance(part, Text):
            out.append(part)
        elif isinstance(last, Text) and last.mark == part.mark:
            out[-1] = Text(last.text + part.text, part.mark)
        elif part.text:
            out.append(part)
    return tuple(out)


def map_head(document: Document, line: Callable[[Inlines], Inlines], **changes: Any) -> Document:
    """Return a document with ``line`` applied to the inlines outside its body, and with other ``changes``."""
    return replace(document, note=line(document.note), addressee=line(document.addressee), **changes)


def canonical(document: Document) -> Document:
    """Return the document in the form that survives marking and resolving: texts joined, groups by rank, no ``covers``."""

    def plain(block: Block) -> Block:
        block = map_lines(block, joined)
        return replace(block, covers=()) if isinstance(block, Provision) else block

    body = map_blocks(nest_units(units(document.body)), plain)
    enclosure = canonical(document.enclosure) if document.enclosure is not None else None
    return map_head(document, joined, body=body, enclosure=enclosure)


# --- one side of a comparison ------------------------------------------------------------------------------------


class Side:
    """A document with the texts of its references and labels in its own version.

    ``labels`` are those of the whole set; without them references to other documents have no text.
    """

    def __init__(self, document: Document, labels: SetLabels | None = None) -> None:
        self.document = document
        #: Names that count as one token when words are compared, the longest first.
        self.whole: tuple[str, ...] = ()
        #: On the old side: old → new number of renumbered articles, as cited (第八条 → 第九条).
        self.renumbered: Mapping[str, str] = {}
        #: The same document among others that have new titles or numbers by now.
        self.now: Side | None = None
        #: Labels that the file of the document writes otherwise: 1. → ⒈.
        self.written: Mapping[str, str] = {}
        if labels is None or document.id not in labels or labels[document.id].document is not document:
            others = [labels[key].document for key in labels if key != document.id] if labels else []
            labels = number_set(DocumentSet("", "", "", (document, *others)))
        self.labels = labels

    @property
    def enclosure(self) -> Side | None:
        """The side of the enclosure, if there is one."""
        return Side(self.document.enclosure, self.labels) if self.document.enclosure is not None else None

    @cached_property
    def units(self) -> list[Unit]:
        """The units of the body."""
        return list(units(self.document.body))

    @cached_property
    def texts(self) -> Sequence[str]:
        """The printed text of each unit without labels, a line for each paragraph."""
        return _Texts(self.units, lambda unit: self.text(unit.block))

    @cached_property
    def bare(self) -> Sequence[str]:
        """The same with :data:`REF_SIGN` and the target for each reference."""
        return _Texts(self.units, lambda unit: self.text(unit.block, bare=True))

    @cached_property
    def even(self) -> Sequence[str]:
        """The same (:attr:`bare`) without differences that no reader sees."""
        return _Texts(range(len(self.units)), lambda index: words.even(self.bare[index]))

    def _reference(self, origin: str, ref: Ref) -> Reference | None:
        try:
            return self.labels.reference(self.document.id, origin, ref)
        except UnresolvedRef:
            return None

    def shown(self, origin: str, ref: Ref) -> str:
        """Return the printed text of a reference, ``""`` for a dangling one."""
        reference = self._reference(origin, ref)
        return reference.text if reference else ""

    def live(self, origin: str, ref: Ref) -> bool:
        """Whether a word processor renumbers the whole text of a reference by itself."""
        reference = self._reference(origin, ref)
        return reference is not None and bool(reference.live_target) and not (reference.prefix or reference.rest)

    def inline(self, origin: str, part: Inline) -> str:
        """Return the printed text of an inline. ``origin`` is the id of its block."""
        if isinstance(part, Text):
            return part.text
        return self.shown(origin, part) if isinstance(part, Ref) else field_text(part)

    def line(self, origin: str, parts: Inlines, bare: bool = False) -> str:
        """Return the printed text of inlines. ``origin`` is the id of their block; ``bare`` replaces references."""
        if len(parts) == 1 and isinstance(parts[0], Text):
            return parts[0].text
        return "".join(
            f"{REF_SIGN}{part.document}{part.target}" if bare and isinstance(part, Ref) else self.inline(origin, part)
            for part in parts
        )

    def cell(self, table: Table, row: int, column: int) -> str:
        """Return the printed text of a table cell."""
        return " ".join(self.line(table.id, line) for line in table.rows[row].cells[column].content)

    def head_rows(self, table: Table) -> int:
        """Return the number of head rows of a table: as it says, else one above numbered rows."""
        if table.header_rows or len(table.rows) < 2:
            return table.header_rows
        firsts = self._firsts(table)
        return 1 if firsts[0] and not firsts[0].isdigit() and _run_on(firsts[1:]) else 0

    def counted(self, table: Table) -> bool:
        """Whether the first column numbers the rows below the head: 1, 2, 3 …"""
        return _run_on(self._firsts(table)[self.head_rows(table) :])

    def _firsts(self, table: Table) -> list[str]:
        return [self.cell(table, index, 0) if row.cells else "" for index, row in enumerate(table.rows)]

    def text(self, block: Block, bare: bool = False) -> str:
        """Return the text of a block and its children, one line for each paragraph and cell paragraph."""
        is_silent = self.document.numbering == "articles"
        own = _own_text(block, is_silent)
        if own is not None:
            return own
        parts = ((part.id, line) for part in walk((block,)) for line in _lines(part, is_silent))
        return "\n".join(self.line(origin, line, bare) for origin, line in parts)

    def label(self, block: Block) -> str:
        """Return the label printed in front of a block, ``""`` if it has none."""
        return self._labels.get(block.id, "")

    def typed_label(self, block: Block) -> str:
        """Return the label of a block as its file writes it, to be quoted."""
        label = self.label(block)
        return self.written.get(label, label)

    @cached_property
    def _labels(self) -> dict[str, str]:
        own = self.labels[self.document.id]
        return {block.id: own.label(block.id) for block in walk(self.document.body) if isinstance(block, Provision)}

    def cite(self, block: Block) -> str:
        """Return the citation of a block in this version: 第八条第二款; its heading or caption if it has no number."""
        if isinstance(block, Provision) and self.document.numbering != "none":
            try:
                cited = self.labels[self.document.id].cite(block.id).text
            except UnresolvedRef:
                cited = ""
            if cited:
                alone = self.document.numbering == "outline" and block.level == "paragraph" and cited.endswith("部分")
                return f"{cited}正文" if alone else cited
        if isinstance(block, Table):
            caption = self.line(block.id, block.caption)
            return f"“{caption}”表" if caption else self._table_name(block)
        name = self.line(block.id, block.heading or block.content)
        name = name if len(name) <= 20 else name[:18] + "……"
        return f"“{name}”" if block.heading else f"“{name}”一段"

    def _table_name(self, table: Table) -> str:
        """Return the name of a table without a caption: its annex, 表格 for the only one, else 第三张表."""
        if table.id in self._annexes:
            return self._annexes[table.id]
        bare = [block.id for block in walk(self.document.body) if isinstance(block, Table) and not block.caption]
        return f"第{chinese_numeral(bare.index(table.id) + 1)}张表" if len(bare) > 1 and table.id in bare else "表格"

    @cached_property
    def _annexes(self) -> dict[str, str]:
        """Table → name of the annex that it stands in."""
        annexes: dict[str, str] = {}
        name = ""
        for unit in self.units:
            if unit.level == "paragraph":
                name = annex_name(self.text(unit.block)) or name
            elif unit.level != "table":
                name = ""
            elif name:
                annexes[unit.block.id] = name
        return annexes


class _Texts(Sequence[str]):
    """Texts that are made when they are asked for: most units of two versions are paired by their ids alone."""

    def __init__(self, items: Sequence[Any], make: Callable[[Any], str]) -> None:
        self._items, self._make = items, make
        self._made: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, _Texts) else NotImplemented

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        if at not in self._made:
            self._made[at] = self._make(self._items[at])
        return self._made[at]


def _lines(block: Block, is_silent: bool) -> Iterator[Inlines]:
    """Yield the lines of a block without its children; ``is_silent``: headings of articles do not print."""
    if isinstance(block, Table):
        yield from (block.caption,) if block.caption else ()
        yield from (line for row in block.rows for cell in row.cells for line in cell.content)
        return
    if block.heading and (block.level != "article" or not is_silent):
        yield block.heading
    if block.content:
        yield block.content


@remembered(key=identity)
def _own_text(block: Block, is_silent: bool) -> str | None:
    """Return the text of a block and its children, None where it cites: that depends on the numbers of its version."""
    texts = []
    for line in (line for part in walk((block,)) for line in _lines(part, is_silent)):
        if any(isinstance(part, Ref) for part in line):
            return None
        texts.append("".join([part.text if isinstance(part, Text) else field_text(part) for part in line]))  # type: ignore[arg-type]  # no reference is left
    return "\n".join(texts)


def _run_on(texts: list[str]) -> bool:
    return bool(texts) and texts == [str(number) for number in range(1, len(texts) + 1)]
