"""What becomes of a unit, and what the fleet is asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.core.findings import Finding

#: How a unit ended: written, nothing to change, only checked; errors found, refused (edited files), files or disk.
DONE, CHECKED, ERRORS, REFUSED, FILES = "done", "checked", "errors", "refused", "files"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the fleet is asked about: kind, preset, clauses that are not there and why, given values that may be shown.

    Of other values there is a digest, which tells them apart.
    """

    kind: str
    version: str
    dropped: tuple[tuple[str, str, str], ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a unit. ``sizes`` are those of its files by name; ``data`` is a bundle to be written by the parent.

    ``masked`` are the findings as they may stand in a report.
    """

    name: str
    state: str
    unit: str = ""
    findings: tuple[Finding, ...] = ()
    masked: tuple[Finding, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    facts: Facts | None = None
    data: bytes | None = None
