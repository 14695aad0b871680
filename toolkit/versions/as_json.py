"""A comparison for machines. The schema is in ``docs/review.md``."""

from __future__ import annotations

from typing import Any

from toolkit.compare import Comparison, script
from toolkit.compare.classify import KINDS
from toolkit.reports.report import as_json
from toolkit.versions.sets import DocumentPair, SetComparison
from toolkit.versions.wording import not_compared

FORMAT, VERSION = "institution-toolkit/review", 1


def write(comparison: SetComparison, ascii_only: bool = False) -> str:
    """Return JSON text."""
    return as_json(data(comparison), ascii_only=ascii_only, indent=1)


def data(comparison: SetComparison) -> dict[str, Any]:
    """Return the comparison as JSON-ready data."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "old": _version(comparison.old),
        "new": _version(comparison.new),
        "same": comparison.same,
        "parameters": [{"label": a, "old": b, "new": c} for a, b, c in comparison.parameters],
        "renames": [{"old": before, "new": after} for before, after in comparison.names],
        "documents": [_document(pair) for pair in comparison.documents],
        "not_compared": not_compared(comparison),
    }


def _version(version: Any) -> dict[str, str]:
    return {"name": version.name, "kind": version.kind, "preset": version.preset, "unit": version.unit}


def _document(pair: DocumentPair) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": pair.source.document.id,
        "file": pair.source.file,
        "title": pair.source.document.title,
        "status": pair.status,
    }
    if pair.comparison is not None and pair.status == "changed":
        found.update(_comparison(pair.comparison))
        found["script"] = script(pair.comparison.old, pair.comparison.new, pair.comparison.pairs)
    return found


def _comparison(part: Comparison) -> dict[str, Any]:
    found: dict[str, Any] = {
        "head": [{"what": one.what, "old": one.before, "new": one.after} for one in part.head],
        "changes": [
            {
                "class": change.kind,
                "name": KINDS[change.kind],
                "id": change.id,
                "old": change.old_name,
                "new": change.new_name,
                "substance": [one._asdict() for one in change.substance],
                "renames": [{"old": before, "new": after} for before, after in change.names],
                "lines": [
                    {
                        "side": line.side,
                        "old_label": line.old_label,
                        "new_label": line.new_label,
                        "pieces": [list(piece) for piece in line.pieces],
                    }
                    for line in change.lines
                ],
            }
            for change in part.changes
        ],
        "references": [{"where": one.where, "old": one.before, "new": one.after} for one in part.references],
    }
    if part.enclosure is not None and not part.enclosure.same:
        found["enclosure"] = _comparison(part.enclosure)
    return found
