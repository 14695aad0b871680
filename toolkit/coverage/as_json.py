"""The matrix as JSON; the schema is in ``docs/coverage.md``. Documents are named by id, once each under ``documents``."""

from __future__ import annotations

from typing import Any

from toolkit.coverage.rows import KINDS, NATURES, STATES, Hit, Matrix, Proof, Requirement, Summary, Unasked
from toolkit.reports.report import as_json

#: Version of the schema.
VERSION = 1


def data(matrix: Matrix) -> dict[str, Any]:
    """Return the matrix as plain data."""
    head = {name: getattr(matrix, name) for name in ("unit", "kind", "kind_label", "preset_version", "date")}
    return {
        "coverage": VERSION,
        **head,
        "counts": _counts(matrix),
        "requirements": list(map(_requirement, matrix.requirements)),
        "unasked": list(map(_unasked, matrix.unasked)),
        "documents": list(map(_summary, matrix.documents)),
    }


def _counts(matrix: Matrix) -> dict[str, Any]:
    """Counts by state: of all, by kind, by nature of the required clauses."""
    return {
        "total": {state: matrix.count(state) for state in STATES},
        "kinds": {kind: {state: matrix.count(state, kind) for state in STATES} for kind in KINDS},
        "natures": {
            nature: {state: matrix.count(state, "clause", nature) for state in STATES} for nature in NATURES if nature
        },
    }


def _fields(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _requirement(row: Requirement) -> dict[str, Any]:
    return {
        **_fields(row, "id", "kind", "state", "what", "basis", "nature", "reason"),
        "document": row.paper.id if row.paper is not None else "",
        "clause": row.clause,
        "hits": list(map(_hit, row.hits)),
        "follows": list(row.follows),
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "document": hit.paper.id,
        **_fields(hit, "clause", "label", "heading"),
        "posts": list(hit.posts),
        "rows": hit.rows,
        "duties": list(map(_proof, hit.proofs)),
    }


def _proof(proof: Proof) -> dict[str, Any]:
    names = ("duty", "label", "post", "when_due", "recipient", "record", "evidence", "via")
    return {**_fields(proof, *names), "forms": [paper.id for paper in proof.forms]}


def _unasked(row: Unasked) -> dict[str, Any]:
    return {"document": row.paper.id, **_fields(row, "clause", "label", "heading", "text", "own")}


def _summary(row: Summary) -> dict[str, Any]:
    return {**_fields(row.paper, "id", "number", "title", "file"), **_fields(row, *STATES, "clauses", "unasked")}


def write(matrix: Matrix, ascii_only: bool = False) -> str:
    """Return JSON; ``ascii_only`` for consoles that cannot show Chinese."""
    return as_json(data(matrix), ascii_only=ascii_only)
