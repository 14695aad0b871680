"""What stands beside the documents of a set: resolved.yaml, the calendar file, the manifest, the base texts.

Reads what is prepared; returns bytes. Nothing is written here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from toolkit import __version__

if TYPE_CHECKING:
    from toolkit.compose.documents import Built
    from toolkit.compose.resolve import Resolved
    from toolkit.model.tree import Document

RESOLVED = "resolved.yaml"


def side_files(resolved: Resolved, built: Built, chosen: Sequence[Document]) -> dict[str, tuple[bytes, dict]]:
    """Return resolved.yaml, and the calendar file beside the calendar document, with their manifest entries."""
    from toolkit.output import file_name

    files = {RESOLVED: (resolved_yaml(resolved), {"document": ""})}
    holders = {quote.document for quote in built.quotes if quote.via == "calendar"}
    year = built.set.year
    for document in chosen:
        if year and document.id in holders:
            from toolkit.formats import ics

            whole = built.set
            content = ics.calendar(whole.duties, year, whole.unit, issued=resolved.date)
            name = file_name(document.number, document.file_name, ".ics")
            files[name] = (content, {"document": document.id, "layout": "calendar"})
    return files


def resolved_yaml(resolved: Resolved) -> bytes:
    """Return the resolved input as YAML."""
    from toolkit.core.yaml_write import dump

    return dump(resolved.as_data()).encode()


def manifest(resolved: Resolved, built: Built, written: bytes, entries: Mapping[str, dict]) -> dict:
    """Return the manifest; ``written`` is resolved.yaml. The outputs add the seal to each file's entry."""
    whole = built.set
    digest = "sha256:" + hashlib.sha256(written).hexdigest()
    return {
        "program": {"name": "toolkit", "version": __version__},
        "preset": {"kind": whole.kind, "version": whole.preset_version},
        "unit": whole.unit,
        "date": resolved.date,
        "input": digest,
        "files": {name: {**entry, "input": digest} for name, entry in entries.items()},
    }


def base_texts(documents: Sequence[Document]) -> dict[str, bytes]:
    """Return the trees as JSON: what a later merge compares an edited file with."""
    from toolkit.model.tree_json import to_text

    return {f"{document.id}.json": to_text(document).encode() for document in documents}
