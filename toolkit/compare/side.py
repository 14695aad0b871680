"""One side of a comparison: a document with its numbering and printed texts; used throughout the room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from toolkit.compare.comparable import Unit, units
from toolkit.language.periods import chinese_numeral
from toolkit.model.tree import Block, Document, DocumentSet, Inline, Inlines, Provision, Ref, Table, Text, walk
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import SetLabels, field_text, number_set

#: Prefix of the ids that a reader of files makes up for blocks without one.
NO_ID = "?"
#: Replaces a reference while texts are compared regardless of numbering.
REF_SIGN = "\ufffc"
_DERIVED = re.compile("__")


def is_identity(name: str) -> bool:
    """Whether an author gave the id, so that it names the same clause in every version."""
    return bool(name) and not name.startswith(NO_ID) and not _DERIVED.search(name)


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
        if labels is None or document.id not in labels or labels[document.id].document is not document:
            others = tuple(labels[key].document for key in labels) if labels is not None else ()
            labels = number_set(
                DocumentSet("", "", "", (document, *(other for other in others if other.id != document.id)))
            )
        self.labels = labels

    @cached_property
    def units(self) -> list[Unit]:
        """The units of the body."""
        return list(units(self.document.body))

    @cached_property
    def texts(self) -> list[str]:
        """The printed text of each unit without labels, a line for each paragraph."""
        return [self.text(unit.block) for unit in self.units]

    @cached_property
    def bare(self) -> list[str]:
        """The same with :data:`REF_SIGN` and the target for each reference."""
        return [self.text(unit.block, bare=True) for unit in self.units]

    def shown(self, origin: str, ref: Ref) -> str:
        """Return the printed text of a reference, ``""`` for a dangling one."""
        try:
            return self.labels.reference(self.document.id, origin, ref).text
        except UnresolvedRef:
            return ""

    def live(self, origin: str, ref: Ref) -> bool:
        """Whether a word processor renumbers the whole text of a reference by itself."""
        try:
            cited = self.labels.reference(self.document.id, origin, ref)
        except UnresolvedRef:
            return False
        return bool(cited.live_target) and not cited.prefix and not cited.rest

    def inline(self, origin: str, part: Inline) -> str:
        """Return the printed text of an inline. ``origin`` is the id of its block."""
        if isinstance(part, Text):
            return part.text
        return self.shown(origin, part) if isinstance(part, Ref) else field_text(part)

    def line(self, origin: str, parts: Inlines, bare: bool = False) -> str:
        """Return the printed text of inlines. ``origin`` is the id of their block; ``bare`` replaces references."""
        if len(parts) == 1 and isinstance(parts[0], Text):
            return parts[0].text
        if bare:
            return "".join(
                f"{REF_SIGN}{part.document}{part.target}" if isinstance(part, Ref) else self.inline(origin, part)
                for part in parts
            )
        return "".join(self.inline(origin, part) for part in parts)

    def cell(self, table: Table, row: int, column: int) -> str:
        """Return the printed text of a table cell."""
        return " ".join(self.line(table.id, line) for line in table.rows[row].cells[column].content)

    def head_rows(self, table: Table) -> int:
        """Return the number of head rows of a table: as it says, else one above numbered rows."""
        if table.header_rows or len(table.rows) < 2:
            return table.header_rows
        firsts = self._firsts(table, 0)
        return 1 if firsts[0] and not firsts[0].isdigit() and _run_on(firsts[1:]) else 0

    def counted(self, table: Table) -> bool:
        """Whether the first column numbers the rows below the head: 1, 2, 3 …"""
        return _run_on(self._firsts(table, self.head_rows(table)))

    def _firsts(self, table: Table, start: int) -> list[str]:
        return [
            self.cell(table, index, 0) if table.rows[index].cells else "" for index in range(start, len(table.rows))
        ]

    def text(self, block: Block, bare: bool = False) -> str:
        """Return the text of a block and its children, one line for each paragraph and cell paragraph."""
        return "\n".join(self._lines(block, bare))

    def _lines(self, block: Block, bare: bool) -> list[str]:
        if isinstance(block, Table):
            out = [self.line(block.id, block.caption, bare)] if block.caption else []
            for row in block.rows:
                for cell in row.cells:
                    out.extend(self.line(block.id, line, bare) for line in cell.content)
            return out
        out = []
        if block.heading and (block.level != "article" or self.document.numbering != "articles"):
            out.append(self.line(block.id, block.heading, bare))
        if block.content:
            out.append(self.line(block.id, block.content, bare))
        for child in block.children:
            out.extend(self._lines(child, bare))
        return out

    def label(self, block: Block) -> str:
        """Return the label printed in front of a block, ``""`` if it has none."""
        return self._labels.get(block.id, "")

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
        """Return the name of a table without a caption: 表格 for the only one, else 第三张表."""
        bare = [block.id for block in walk(self.document.body) if isinstance(block, Table) and not block.caption]
        return f"第{chinese_numeral(bare.index(table.id) + 1)}张表" if len(bare) > 1 and table.id in bare else "表格"


def _run_on(texts: list[str]) -> bool:
    return bool(texts) and texts == [str(number) for number in range(1, len(texts) + 1)]
