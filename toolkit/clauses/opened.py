"""A prepared unit as its clauses are looked at: index of its set and coverage matrix, made once per prepared unit."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.checks.registry import Context
from toolkit.core.findings import FindingsError, UsageError
from toolkit.core.memo import identity, remembered
from toolkit.coverage import matrix
from toolkit.coverage.index import Index
from toolkit.coverage.rows import Matrix
from toolkit.model.tree import Provision
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import DocumentTemplate, walk

if TYPE_CHECKING:
    from toolkit.app import Prepared


class Opened:
    """One unit: its set as the checks saw it, also of a profile with errors. Changes nothing."""

    def __init__(self, prepared: Prepared) -> None:
        judged = prepared.judged
        if prepared.preset is None or judged is None:
            raise FindingsError(prepared.findings)
        self.prepared, self.preset = prepared, prepared.preset
        self.resolved, self.built = judged.resolved, judged.built
        self.index = Index(self.preset, self.resolved, self.built)

    @cached_property
    def matrix(self) -> Matrix:
        """Which clause meets which requirement."""
        return matrix(self.prepared)

    @cached_property
    def context(self) -> Context:
        """The input of the checks."""
        return Context(self.preset, self.resolved, self.built, self.index.labels, {})

    def need(self, document: str, provision: str) -> None:
        """Raise UsageError for a document or provision that the set has not."""
        if document not in self.index.documents:
            raise UsageError(f"这套文件里没有“{document}”", "请回到文件清单再选一次", "unknown_id")
        if not self.index.has(document, provision):
            raise UsageError(f"这份文件里没有“{provision}”这一条了", "请回到这份文件再选一次", "unknown_id")

    def template(self, document: str) -> DocumentTemplate:
        """Return the template that a document was made from."""
        return self.preset.documents[document]

    def clause_of(self, document: str, provision: str) -> str:
        """Return the clause that is worded as a whole where a provision stands: its article, or the paragraph at the top.

        Empty for a table, a heading of a chapter, and text outside of clauses.
        """
        nodes = self.index.nodes[document]
        for name in nodes[provision].above:
            block = nodes[name].block
            if isinstance(block, Provision) and block.level in ("article", "paragraph"):
                return name if self.source_of(document, name) is not None else ""
        return ""

    def source_of(self, document: str, clause: str) -> TemplateBlock | None:
        """Return the block of the preset, with all layers, that has this id."""
        return block_of(self.template(document), clause)


def block_of(template: DocumentTemplate, clause: str) -> TemplateBlock | None:
    """Return the provision of a document's template that has this id, None for none and for a table."""
    blocks = (block for block in walk(template.body) if isinstance(block, TemplateBlock))
    return next((block for block in blocks if block.id and block.id == clause), None)


@remembered(2, key=identity)
def opened(prepared: Prepared) -> Opened:
    """Return a prepared unit for looking at its clauses. Raises FindingsError if there is no set at all."""
    return Opened(prepared)
