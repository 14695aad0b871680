"""A filled form as data: values by field, rows by table. Every reader returns it and every filler takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row of a table: values by field (not empty ones only). ``key`` ties it to its subject (a duty id)."""

    values: Mapping[str, str]
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.key) or any(self.values.values())


@dataclass(frozen=True, slots=True)
class FormData:
    """The data of a form. ``document`` is its id, ``kind`` and ``version`` those of its preset; each may be unknown.

    ``labels`` names the fields (``id`` or ``table.id``) for people; ``places`` says where a value stands in the file
    (same keys, rows as ``table.2.id``). Neither counts when two forms are compared. ``findings`` are those of reading.
    ``source`` is the file itself where it does not carry its form's text, so that the unit's form has to tell.
    """

    document: str = ""
    kind: str = ""
    version: str = ""
    unit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, tuple[FormRow, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    source: bytes = field(default=b"", compare=False, repr=False)

    def rows(self, table: str) -> Iterator[FormRow]:
        """Yield the rows of a table that hold something."""
        return (row for row in self.tables.get(table, ()) if row)

    def get(self, name: str) -> str:
        """Return the value of a field; empty if there is none."""
        return self.values.get(name, "")


def trimmed(rows: tuple[FormRow, ...] | list[FormRow]) -> tuple[FormRow, ...]:
    """Return rows without the empty ones at the end."""
    end = len(rows)
    while end and not rows[end - 1]:
        end -= 1
    return tuple(rows[:end])
