"""Reads the notes of reviewers at the changes of a comparison: seen, agreed, a remark (``审核意见.json``, ``docs/review.md``).

A note belongs to the words of a change, not to its number: it is found again in every later comparison that has the change,
and never stands at another one. The page exports the file; a later run reads it; a server may store the same data.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit.compare import Change
from toolkit.core.findings import FileError, UsageError
from toolkit.versions.loading import read_bytes
from toolkit.versions.sets import DocumentPair, SetComparison

#: Name of the file beside an output from which its notes are read.
NAME = "审核意见.json"
FORMAT, VERSION = "institution-toolkit/review-notes", 1
_STATES = {"": "", "seen": "已看", "agreed": "同意"}
#: Notes have so many characters of a remark at most; the page allows no more.
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Note:
    """A note at one change. ``state``: ``seen``, ``agreed`` or “”; ``at``: when (ISO), “” if that is not known.

    ``document`` and ``clause`` name the subject of the note, for people; ``key`` is that of :class:`Keys`.
    """

    key: str
    document: str = ""
    clause: str = ""
    state: str = ""
    remark: str = ""
    at: str = ""

    @property
    def words(self) -> str:
        """The note for people: 同意。备注."""
        return "。".join(filter(None, (_STATES[self.state], self.remark)))


@dataclass(frozen=True)
class Notes:
    """Notes by key."""

    by_key: Mapping[str, Note] = field(default_factory=dict)

    def left_over(self, comparison: SetComparison) -> list[Note]:
        """Return the notes whose change is not there any more, or reads differently now."""
        present = {key for _, _, key in keyed(comparison)}
        return [note for key, note in self.by_key.items() if key not in present and note.words]

    def as_data(self) -> dict[str, Any]:
        """Return the notes as JSON-ready data."""
        return {"format": FORMAT, "version": VERSION, "notes": [asdict(note) for note in self.by_key.values()]}


class Keys:
    """Gives each change of a comparison a key that is made of its words; the changes are asked for in their order."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, pair: DocumentPair, change: Change) -> str:
        """Return the key of a change: 16 hexadecimal digits, with ``-2`` where a document has the same change twice."""
        words = [pair.source.document.id, change.kind, *((line.side, line.old, line.new) for line in change.lines)]
        key = hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:16]
        self._seen[key] += 1
        return key if self._seen[key] == 1 else f"{key}-{self._seen[key]}"


def keyed(comparison: SetComparison) -> Iterator[tuple[DocumentPair, Change, str]]:
    """Yield every change of a comparison with its key."""
    keys = Keys()
    for pair in comparison.of("changed"):
        yield from ((pair, change, keys.of(pair, change)) for change in pair.changes)


def noted(comparison: SetComparison, notes: Notes, said: Mapping[str, Note]) -> Notes:
    """Return notes with others at some changes of a comparison (by key); one that says nothing takes the note away.

    Raises UsageError for a key that no change has, and for a state that there is not.
    """
    about = {key: (pair.source.document.id, change.name) for pair, change, key in keyed(comparison)}
    found = dict(notes.by_key)
    for key, note in said.items():
        if key not in about:
            raise UsageError("没有这一处改动，可能两个版本又变了", "请重新比较一次", "no_change")
        if note.state not in _STATES:
            raise UsageError(
                f"不认识的状态“{note.state}”", f"可以写：{'、'.join(filter(None, _STATES))}", "bad_argument"
            )
        found.pop(key, None)
        whole = replace(
            note, key=key, document=about[key][0], clause=about[key][1], remark=note.remark[:LONGEST].strip()
        )
        if whole.words:
            found[key] = whole
    return Notes(found)


def as_json(notes: Notes) -> bytes:
    """Return the file of notes, as a page exports it."""
    return (json.dumps(notes.as_data(), ensure_ascii=False, indent=1) + "\n").encode()


def read_notes(path: Path) -> Notes:
    """Return the notes of a file. Raises FileError for one that cannot be read or is none of ours."""
    try:
        data = json.loads(read_bytes(path))
        notes = list(_notes(data))
    except (ValueError, RecursionError) as error:
        hint = "请用对照页面上“导出意见”存下的文件"
        raise FileError(f"{path} 不是审核意见的文件，或已损坏", hint, code="notes") from error
    return Notes({note.key: note for note in notes})


def _notes(data: Any) -> Iterable[Note]:
    """Yield the notes of data that were read. Raises ValueError."""
    if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("version") != VERSION:
        raise ValueError("not the notes of a review")
    entries = data.get("notes")
    for entry in entries if isinstance(entries, list) else [None]:
        texts = {name: entry.get(name, "") for name in Note.__slots__} if isinstance(entry, dict) else {}
        if not texts.get("key") or not all(isinstance(text, str) for text in texts.values()):
            raise ValueError("a note without a key, or with something else than texts")
        if texts["state"] not in _STATES:
            raise ValueError("an unknown state")
        yield Note(**{**texts, "remark": texts["remark"][:LONGEST].strip()})
