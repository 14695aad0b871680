"""The changes of a comparison as a list to go through: differences in excerpts, reasons, equal changes, notes.

Used by ``api.diff_changes``; the same words as the page and the table of ``toolkit diff``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.compare import Change
from toolkit.compare.classify import KINDS
from toolkit.compare.view import ViewLine, ViewPiece
from toolkit.versions import wording
from toolkit.versions.notes import Note, Notes, keyed
from toolkit.versions.sets import SetComparison

#: Groups of changes: of substance, of words, names that run through, and those that no reader has to examine.
SUBSTANCE, WORDS, NAMES, SMALL = "substance", "words", "names", "small"
GROUPS = {SUBSTANCE: "实质：频次、期限、主体等", WORDS: "文字", NAMES: "只是名称替换", SMALL: "只动序号、标点、空格"}
_SMALL = ("renumbered", "spacing", "punctuation")
#: Characters of a shared text beside a difference.
_AROUND = 36


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line with its differences: labels and pieces of both sides; an empty side has no such line."""

    old_label: str
    new_label: str
    old: tuple[ViewPiece, ...]
    new: tuple[ViewPiece, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A change. ``key`` is that of its ``note``; ``kind`` its class in words; ``points`` the differences of substance.

    ``causes``: labels of the parameters whose answers differ in the same way; ``like``: the same for changes that say the same
    words in the place of the same words.
    """

    key: str
    document: str
    file: str
    clause: str
    group: str
    kind: str
    points: tuple[str, ...]
    causes: tuple[str, ...]
    like: str
    lines: tuple[Excerpt, ...]
    note: Note


def listed(comparison: SetComparison, notes: Notes) -> list[Listed]:
    """Return the changes in the order of the documents, each with its note."""
    return [
        Listed(
            key,
            pair.source.document.id,
            pair.name,
            change.name or pair.source.title,
            _group(change),
            KINDS[change.kind],
            tuple(wording.substances(change)),
            tuple(_causes(comparison, change)),
            _like(change),
            tuple(_excerpts(change)),
            notes.by_key.get(key, Note(key)),
        )
        for pair, change, key in keyed(comparison)
    ]


def _group(change: Change) -> str:
    if change.substance:
        return SUBSTANCE
    if change.kind == "renamed":
        return NAMES
    return SMALL if change.kind in _SMALL else WORDS


def _causes(comparison: SetComparison, change: Change) -> Iterator[str]:
    """Yield the parameters that were answered differently in just the way in which a point of substance differs."""
    points = {(point.before, point.after) for point in change.substance}
    yield from (label for label, before, after in comparison.parameters if (before, after) in points)


def _like(change: Change) -> str:
    """Return a digest of removed and added text, line by line; empty where whole lines or clauses did."""
    if any(line.side != "=" for line in change.lines):
        return ""
    words = [[(piece.op, piece.old, piece.new) for piece in line.pieces if piece.op in "-+"] for line in change.lines]
    said = [pieces for pieces in words if pieces]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:12] if said else ""


def _excerpts(change: Change) -> Iterator[Excerpt]:
    lines = [line for line in change.lines if line.side != "=" or line.changed] or change.lines[:1]
    for line in lines:
        old = _side(line, "+") if line.side != "+" else ()
        new = _side(line, "-") if line.side != "-" else ()
        yield Excerpt(line.old_label, line.new_label, old, new)


def _side(line: ViewLine, without: str) -> tuple[ViewPiece, ...]:
    """Return the pieces of one side, shared ones cut to the words beside a difference."""
    pieces = [piece for piece in line.pieces if piece.op != without]
    if line.side != "=":
        return tuple(pieces)
    return tuple(
        ViewPiece(piece.op, _cut(piece.old, place, len(pieces)), _cut(piece.new, place, len(pieces)))
        if piece.op == "="
        else piece
        for place, piece in enumerate(pieces)
    )


def _cut(text: str, place: int, count: int) -> str:
    first, last = place == 0, place == count - 1
    if first and last or len(text) <= 2 * _AROUND:
        return text
    if first:
        return f"……{text[-_AROUND:]}"
    return f"{text[:_AROUND]}……" if last else f"{text[:_AROUND]}……{text[-_AROUND:]}"
