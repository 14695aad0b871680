"""The log of files put aside in ``.toolkit/旧``, each with its manifest entry and base text at that time.

``transaction`` writes it whenever it puts files aside; :mod:`~toolkit.output.restoring` brings them back, so that a later merge
still compares an edited file with its generated text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.outside import content
from toolkit.output.disk import need_inside
from toolkit.output.journal import OLD, STATE

LOG = f"{STATE}/put_aside.json"
#: Folder of the base texts of files that were put aside.
_BASES = f"{STATE}/base/旧"


@dataclass(frozen=True, slots=True)
class Aside:
    """A file that was put aside: its name, where it is now, its manifest entry (None if it was not generated), its base text."""

    name: str
    path: str
    entry: Mapping[str, Any] | None = None
    base: str = ""


#: An id of a document: it becomes a part of a path.
_DOCUMENT = re.compile("[A-Za-z0-9_]+")


def read_log(folder: Path) -> list[Aside]:
    """Return the files put aside in a folder that are still there, the oldest first. Raises FileError for a link, OSError.

    A log that was damaged counts as none: the files are there all the same.
    """
    try:
        need_inside(folder, [LOG])
        data = json.loads(content(folder / LOG))
        found = [Aside(row["name"], row["path"], row.get("entry"), row.get("base", "")) for row in data["files"]]
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [aside for aside in found if _is_plain(aside) and (folder / aside.path).is_file()]


def _is_plain(aside: Aside) -> bool:
    fine = (
        isinstance(aside.name, str)
        and "/" not in aside.name
        and "\\" not in aside.name
        and aside.name not in ("", ".", "..")
    )
    shaped = aside.entry is None or (isinstance(aside.entry, dict) and isinstance(aside.entry.get("seal"), str))
    based = aside.base == "" or (_is_below(aside.base, _BASES) and _DOCUMENT.fullmatch(_document_of(aside)) is not None)
    return fine and shaped and _is_below(aside.path, OLD) and based


def _document_of(aside: Aside) -> str:
    """Return the document whose text a base is, under whose id it is put back; empty where the entry does not say."""
    return str(aside.entry.get("document", "")) if isinstance(aside.entry, dict) else ""


def _is_below(path: Any, folder: str) -> bool:
    if not isinstance(path, str):
        return False
    pure = PurePosixPath(path)
    return path.startswith(f"{folder}/") and ".." not in pure.parts and "\0" not in path and "\\" not in path


def log_with(
    folder: Path, aside: Sequence[tuple[str, str, Mapping[str, Any] | None]], without: Sequence[str] = ()
) -> tuple[dict[str, bytes], bytes]:
    """Return the base texts to keep (path → content) and the log with more files: (name, path, entry in the manifest).

    ``without``: paths that are restored. Raises OSError.
    """
    texts: dict[str, bytes] = {}
    files = [aside for aside in read_log(folder) if aside.path not in without]
    for name, path, entry in aside:
        base, kept = _base_of(folder, entry), ""
        if base is not None and entry is not None:
            digest = hashlib.sha256(base).hexdigest()[:12]
            kept = f"{_BASES}/{entry['document']}-{digest}.json"
            texts[kept] = base
        files.append(Aside(name, path, entry, kept))
    return texts, as_bytes(files)


def as_bytes(files: Sequence[Aside]) -> bytes:
    """Return the log as it is written."""
    rows = [{"name": aside.name, "path": aside.path, "entry": aside.entry, "base": aside.base} for aside in files]
    return (json.dumps({"files": rows}, ensure_ascii=False, indent=1) + "\n").encode()


def _base_of(folder: Path, entry: Mapping[str, Any] | None) -> bytes | None:
    document = str((entry or {}).get("document") or "")
    if not document or PurePosixPath(document).name != document:
        return None
    path = f"{STATE}/base/{document}.json"
    need_inside(folder, [path])
    return (folder / path).read_bytes() if (folder / path).is_file() else None
