"""Collects the provisions and tables of a document with their ranks, by which they are nested; used by ``document``."""

from __future__ import annotations

from dataclasses import replace

from toolkit.compare.comparable import nested
from toolkit.docx.reading.identity import Identity
from toolkit.model.tree import GROUPS, LEVELS, Block, Document, Provision, Table
from toolkit.numbering.labels import number_of, typed_label


class Builder:
    """One document that is being read."""

    def __init__(self, identity: str, scheme: str) -> None:
        self.id = identity or "document"
        self.scheme = scheme
        self.title = ""
        self.values: dict[str, object] = {}
        #: Each block, its rank, and whether others can be in it.
        self.blocks: list[tuple[Block, int, bool]] = []
        self.articles = 0
        #: Ranks of the groups and the article that are open.
        self._open: list[int] = []

    def next_article(self) -> int:
        """Return the number of the next article."""
        return self.articles + 1

    def push(self, block: Provision, rank: int) -> None:
        """Add a provision."""
        self.blocks.append((block, rank, True))
        self._open = [other for other in self._open if other < rank]
        if block.level == "article" or block.level in GROUPS:
            self._open.append(rank)
        if block.level == "article":
            label = typed_label(block)
            known = number_of(label) if "之" not in label else 0
            self.articles = known or self.articles + (not label)

    def text_rank(self) -> int:
        """Return the rank of an unnumbered paragraph here: below the article or group that is open, above none of them."""
        return LEVELS.index("paragraph") if self.scheme == "articles" else max(self._open, default=-1) + 1

    def add_table(self, table: Table) -> None:
        """Add a table to the article or group that is open."""
        self.blocks.append((table, self.text_rank(), False))

    def document(self, identity: Identity) -> Document:
        """Return the document."""
        brackets = identity.schemes.get(self.id, ("", False))[1]
        body = nested(self.blocks)
        empty = Document(self.id, 0, self.title, self.title, "", "", self.scheme, body, ref_brackets=brackets)
        return replace(empty, **self.values)  # type: ignore[arg-type]
