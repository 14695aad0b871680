"""The files of a set beside its documents: resolved.yaml, the calendar file, base texts, the manifest. Used by ``app`` and here.

Reads what is prepared; returns bytes. Nothing is written here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import __version__
from toolkit.core.findings import Refused
from toolkit.output.names_and_seals import file_name, seal

if TYPE_CHECKING:
    from toolkit.compose.documents import Built
    from toolkit.compose.resolve import Resolved
    from toolkit.model.tree import Document

RESOLVED, MANIFEST = "resolved.yaml", "manifest.json"


def side_files(resolved: Resolved, built: Built, chosen: Sequence[Document]) -> dict[str, tuple[bytes, dict]]:
    """Return resolved.yaml, and the calendar file beside the calendar document, with their manifest entries."""
    from toolkit.core.yaml_write import dump

    files = {RESOLVED: (dump(resolved.as_data()).encode(), {"document": ""})}
    holders = {quote.document for quote in built.quotes if quote.via == "calendar"}
    for document in chosen:
        if built.set.year and document.id in holders:
            from toolkit.formats import ics

            content = ics.calendar(built.set.duties, built.set.year, built.set.unit, issued=resolved.date)
            name = file_name(document.number, document.file_name, ".ics")
            files[name] = (content, {"document": document.id, "layout": "calendar"})
    return files


def base_texts(documents: Sequence[Document]) -> dict[str, bytes]:
    """Return the trees as JSON: what a later merge compares an edited file with."""
    from toolkit.model.tree_json import to_text

    return {f"{document.id}.json": to_text(document).encode() for document in documents}


def manifest(resolved: Resolved, built: Built, written: bytes, entries: Mapping[str, dict]) -> dict:
    """Return the manifest without seals, which :func:`sealed` adds; ``written`` is resolved.yaml."""
    digest = "sha256:" + hashlib.sha256(written).hexdigest()
    return {
        "program": {"name": "toolkit", "version": __version__},
        "preset": {"kind": built.set.kind, "version": built.set.preset_version},
        "unit": built.set.unit,
        "date": resolved.date,
        "input": digest,
        "files": {name: {**entry, "input": digest} for name, entry in entries.items()},
    }


def sealed(manifest: Mapping[str, Any], files: Mapping[str, bytes], stays: Mapping[str, dict] | None = None) -> bytes:
    """Return ``manifest.json``: the manifest with the seal of each file; entries of ``stays`` are taken over."""
    given: Mapping[str, dict] = manifest.get("files", {})
    entries = dict(stays or {})
    for name, data in files.items():
        entry = dict(given.get(name, {}))
        known = entry.pop("seal", "")  # the writer's, or that of what a merged file was generated as
        entries[name] = {**entry, "seal": known or seal(name, data)}
    content = {**manifest, "files": {name: entries[name] for name in sorted(entries)}}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def read_manifest(folder: Path) -> dict:
    """Return the manifest of a folder, ``{}`` if it has none. Raises Refused if it is not one of ours."""
    path = Path(folder) / MANIFEST
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        data = None
    entries = data.get("files") if isinstance(data, dict) else None
    if not isinstance(entries, dict) or not all(isinstance(e, dict) and "seal" in e for e in entries.values()):
        raise Refused(
            f"{path} 不是本工具写的，或已损坏",
            "请换一个文件夹；确定要用这个文件夹时加 --force，原有同名文件会先存到 .toolkit/旧/",
            code="manifest",
        )
    return data
