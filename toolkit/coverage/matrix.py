"""Assembles the matrix (``toolkit coverage``): rows in order, the reverse view, counts by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checks.clauses import met_in
from toolkit.core.findings import FindingsError, Severity
from toolkit.coverage.index import NOWHERE, Index, Node
from toolkit.coverage.reasons import Reasons
from toolkit.coverage.requirements import Topics, clauses, other_errors
from toolkit.coverage.rows import STATES, Matrix, Requirement, Summary, Unasked
from toolkit.model.tree import FormField, inlines_of

if TYPE_CHECKING:
    from toolkit.app import Prepared

#: Characters of a clause's text that the reverse view shows.
_SNIPPET = 60


def matrix(prepared: Prepared) -> Matrix:
    """Return the coverage matrix of a prepared unit, also of one whose check found errors.

    Raises FindingsError if the profile or preset is so broken that there is no set at all.
    """
    if prepared.preset is None or prepared.judged is None:
        raise FindingsError(prepared.findings)
    judged = prepared.judged.labelled()
    index = Index(prepared.preset, judged.resolved, judged.built)
    reasons = Reasons(judged.resolved)
    errors = tuple(finding for finding in prepared.findings if finding.severity is Severity.ERROR)
    rows = [*clauses(index, reasons, errors), *Topics(index, reasons).rows(), *other_errors(index, errors)]
    topics = {row.id: _order(row, index) for row in rows if row.kind == "topic"}

    def key(row: Requirement) -> tuple:
        """Open rows come first, then document and clause order; points follow their topic."""
        order = topics[row.id.rpartition(":")[0]] if row.kind == "point" else _order(row, index)
        return row.state != "open", *order, row.kind != "clause"

    ordered = tuple(sorted(rows, key=key))
    unasked = tuple(_unasked(index))
    preset = prepared.preset
    return Matrix(
        judged.resolved.unit,
        preset.id,
        preset.label + (f"（{preset.size_label}）" if preset.size else ""),
        preset.version,
        judged.resolved.date,
        ordered,
        unasked,
        tuple(_summaries(index, ordered, unasked)),
    )


def _order(row: Requirement, index: Index) -> tuple[float, float]:
    if row.paper is not None:
        return index.order(row.paper.id, row.clause)
    if row.hits:
        return index.order(row.hits[0].paper.id, row.hits[0].clause)
    return NOWHERE, NOWHERE


def _unasked(index: Index) -> Iterator[Unasked]:
    """Yield articles (in documents without any: top-level blocks) that are neither required nor cover a topic."""
    for document in index.documents.values():
        if document.on_demand:  # no part of the set whose clauses are asked for
            continue
        paper, template = index.paper(document.id), index.preset.documents[document.id]
        assert paper is not None
        for name, node in index.units(document.id).items():
            if not _asked(index, document.id, node):
                source = index.built.sources.get((document.id, name))
                own = source is not None and source.file in template.own_files
                heading, text = index.heading(document.id, name), _snippet(index, document.id, node)
                yield Unasked(paper, name, index.label(document.id, name), heading, text, own)


def _asked(index: Index, document: str, node: Node) -> bool:
    required = met_in(index.preset).get(document, {})
    nodes = index.nodes[document]
    if any(name in required for name in node.below):
        return True
    if any(getattr(nodes[name].block, "covers", ()) for name in (*node.above, *node.below)):
        return True
    quoted = (duty for name in node.below for duty, via in index.quotes.get((document, name), ()) if via == "clause")
    return any(index.preset.duties[duty].covers for duty in quoted)


def _snippet(index: Index, document: str, node: Node) -> str:
    """Return the beginning of a clause's text; of a form the labels of its fields."""
    blocks = [(name, index.nodes[document][name].block) for name in node.below]
    text = "".join(index.text(document, name, getattr(block, "content", ())) for name, block in blocks)
    if not text:
        parts = (part for _, block in blocks for part in inlines_of(block))
        text = "、".join(dict.fromkeys(part.label for part in parts if isinstance(part, FormField) and part.label))
    return text if len(text) <= _SNIPPET else text[: _SNIPPET - 1] + "…"


def _summaries(index: Index, rows: tuple[Requirement, ...], unasked: tuple[Unasked, ...]) -> Iterator[Summary]:
    """Yield counts per document: required clauses and errors by their document, topics by every document that meets them."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        ids = {row.paper.id} if row.paper is not None else {hit.paper.id for hit in row.hits}
        counts.update((name, row.state) for name in ids)
    left = Counter(row.paper.id for row in unasked)
    core = (name for name, template in index.preset.documents.items() if "on_demand" not in template.texts)
    names = dict.fromkeys([*core, *(name for name, _ in sorted(counts))])
    papers = sorted((paper for paper in map(index.paper, names) if paper is not None), key=lambda paper: paper.number)
    for paper in papers:
        states = {state: counts[paper.id, state] for state in STATES}
        total = len(index.units(paper.id)) if paper.id in index.documents else 0
        yield Summary(paper, **states, clauses=total, unasked=left[paper.id])
