"""Nests paragraphs and tables into provisions by rank; used by ``document``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from toolkit.docx.reading.identity import Identity
from toolkit.model.tree import GROUPS, LEVELS, Block, Document, Provision, Table
from toolkit.numbering.labels import number_of, typed_label


class Builder:
    """Nests the provisions of one document by rank."""

    def __init__(self, identity: str, scheme: str) -> None:
        self.id = identity or "document"
        self.scheme = scheme
        self.title = ""
        self.values: dict[str, object] = {}
        self.root = Node(None, -1)
        self.stack = [self.root]
        self.articles = 0

    def next_article(self) -> int:
        """Return the number of the next article."""
        return self.articles + 1

    def push(self, block: Provision, rank: int) -> None:
        """Add a provision. In the scheme ``articles``, an article or group is never a child of a paragraph or item."""
        clause = self.scheme == "articles" and (block.level == "article" or block.level in GROUPS)
        while self.stack[-1].rank >= rank or (clause and self.stack[-1].is_text):
            self.stack.pop()
        node = Node(block, rank)
        self.stack[-1].children.append(node)
        self.stack.append(node)
        if block.level == "article":
            label = typed_label(block)
            known = number_of(label) if "之" not in label else 0
            self.articles = known or self.articles + (not label)

    def text_rank(self) -> int:
        """Return the rank of an unnumbered paragraph here: below the article or group that is open."""
        ranks = [
            node.rank
            for node in self.stack
            if isinstance(node.block, Provision) and (node.block.level == "article" or node.block.level in GROUPS)
        ]
        return max(ranks, default=-1) + 1

    def add_table(self, table: Table) -> None:
        """Add a table to the article or group that is open."""
        self.stack = [node for node in self.stack if node.rank < self.text_rank()]
        self.stack[-1].children.append(Node(table, len(LEVELS) * 10))

    def document(self, identity: Identity) -> Document:
        """Return the document."""
        body = tuple(child.frozen() for child in self.root.children)
        brackets = identity.schemes.get(self.id, ("", False))[1]
        empty = Document(self.id, 0, self.title, self.title, "", "", self.scheme, body, ref_brackets=brackets)
        return replace(empty, **self.values)  # type: ignore[arg-type]


@dataclass(slots=True)
class Node:
    """A block whose children are being collected."""

    block: Block | None
    rank: int
    children: list[Node] = field(default_factory=list)

    @property
    def is_text(self) -> bool:
        """Whether this is a paragraph or an item."""
        return isinstance(self.block, Provision) and self.block.level != "article" and self.block.level not in GROUPS

    def frozen(self) -> Block:
        """Return the block with its children."""
        assert self.block is not None
        if not isinstance(self.block, Provision):
            return self.block
        return replace(self.block, children=tuple(child.frozen() for child in self.children))
