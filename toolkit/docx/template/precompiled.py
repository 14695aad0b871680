"""Bundled templates are shipped compiled, so that a run with them does not import docxtpl.

``compiled.json`` lies beside the templates. An entry is keyed by the SHA-256 of the whole template file and says
where its compressed parts lie in that file; a template that is not in there goes through docxtpl.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from toolkit.docx.template import packing
from toolkit.docx.template.compiled import Compiled, from_data
from toolkit.docx.template.compiling import compile_file

FILE_NAME = "compiled.json"
#: Raised when the layout of the file or the meaning of a chunk changes.
FORMAT = 2


def digest(data: bytes) -> str:
    """Return the key of a template file."""
    return hashlib.sha256(data).hexdigest()


def find(folder: Path, data: bytes) -> tuple[Compiled, dict[str, packing.Entry]] | None:
    """Return the compiled form of the template file ``data``, or None if ``folder`` has none for exactly it."""
    try:
        stored = json.loads((folder / FILE_NAME).read_bytes())
    except (OSError, ValueError):
        return None
    if stored.get("format") != FORMAT:
        return None
    found = stored["templates"].get(digest(data))
    if found is None:
        return None
    entries = {
        name: packing.raw_entry(name, data[start : start + length], crc, size)
        for name, (start, length, crc, size) in found["parts"].items()
    }
    return from_data(found["compiled"]), entries


def dump(files: Mapping[str, bytes]) -> bytes:
    """Return ``compiled.json`` for the template files; every one must compile without a finding."""
    import docxtpl

    templates = {}
    for name in sorted(files):
        compiled, _, findings = compile_file(files[name], name)
        if findings or compiled is None:
            raise ValueError(f"{name}: {'; '.join(f.message for f in findings)}")
        templates[digest(files[name])] = {"parts": _directory(files[name]), "compiled": compiled.as_data()}
    content = {"format": FORMAT, "made_with": f"docxtpl {docxtpl.__version__}", "templates": templates}
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _directory(data: bytes) -> dict[str, list[int]]:
    """Return part name → [offset of the compressed data, its length, CRC-32, uncompressed size]."""
    import io
    import zipfile

    out = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            header = info.header_offset
            lengths = data[header + 26 : header + 30]
            start = header + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
            out[info.filename] = [start, info.compress_size, info.CRC, info.file_size]
    return out
