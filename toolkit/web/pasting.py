"""Rows pasted from a spreadsheet: shown before they are added; rows that are not added stay in the box, with the reason.

Used for the people of a unit and for the units of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit import api
from toolkit.core.findings import UsageError

if TYPE_CHECKING:
    from toolkit.core.findings import Finding
    from toolkit.profile.people import PastedRow

#: Characters of pasted text that are read, and rows of it that are looked at and added at once; the others wait in the box.
TEXT_MOST, ROWS_MOST = 500_000, 500


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was pasted: its number, cells, the findings about each, whether it is there already (``known``).

    ``stopped``: it cannot be added as it is.
    """

    number: int
    record: Mapping[str, str]
    findings: Mapping[str, Finding]
    known: bool
    stopped: bool

    @property
    def wrong(self) -> list[Finding]:
        """The findings to correct."""
        return [finding for finding in self.findings.values() if finding.severity is api.Severity.ERROR]

    @property
    def doubtful(self) -> list[Finding]:
        """The findings to look at."""
        return [finding for finding in self.findings.values() if finding.severity is api.Severity.WARNING]

    @property
    def filled(self) -> dict[str, str]:
        """The cells that hold something."""
        return {name: cell for name, cell in self.record.items() if cell}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that rows are pasted into: names of columns by key, the first of them names the row; 人 or 个单位 count them."""

    labels: Mapping[str, str]
    name: str
    counted: str

    def text(self, rows: Sequence[Mapping[str, str]]) -> str:
        """Return rows as they are copied from a spreadsheet, with the names of the columns that they use; no rows are no text."""
        used = [key for key in self.labels if key == self.name or any(row.get(key) for row in rows)]
        lines = ["\t".join(row.get(key, "").replace('"', "”") for key in used) for row in rows]
        return "\n".join(["\t".join(self.labels[key] for key in used), *lines]) if rows else ""

    def waiting(self, rest: Sequence[Row]) -> str:
        """Return which rows are not looked at yet, by number and name; "" for none."""
        if not rest:
            return ""
        first, last = (f"第 {row.number} 行（{row.record.get(self.name, '')[:20]}）" for row in (rest[0], rest[-1]))
        return f"{first}到{last}" if len(rest) > 1 else first

    def why(self, row: Row) -> str:
        """Return why a row was not added."""
        if not row.record.get(self.name):
            rest = "、".join(row.filled.values())
            label = self.labels[self.name].rpartition(".")[2]
            return f"第 {row.number} 行没有{label}（{rest[:40]}），没有加入。"
        return f"第 {row.number} 行（{row.record[self.name][:20]}）还有要改的，没有加入。"


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows that were looked at: those that can be added (``new``), those that cannot, and those that wait, as text."""

    sheet: Sheet
    rows: list[Row]
    rest: list[Row] = field(default_factory=list)

    @property
    def new(self) -> list[dict[str, str]]:
        """The rows to be added."""
        return [row.filled for row in self.rows if not row.known and not row.stopped]

    @property
    def stopped(self) -> list[Row]:
        """The rows that cannot be added as they are."""
        return [row for row in self.rows if row.stopped]

    @property
    def reasons(self) -> list[str]:
        """Why nothing can be added, or the rows that were not."""
        return [self.sheet.why(row) for row in self.stopped] or ["没有可以加的行：标着“已有”的不用再加。"]

    @property
    def rest_text(self) -> str:
        """The rows that wait, as they are pasted again."""
        return self.sheet.text([row.record for row in self.rest])

    @property
    def waits(self) -> str:
        """Which rows wait."""
        return self.sheet.waiting(self.rest)


def bounded(text: str) -> str:
    """Return pasted text. Raises UsageError for more than is read at once."""
    if len(text) > TEXT_MOST:
        message = f"粘贴的有 {len(text)} 个字，一次最多 {TEXT_MOST} 个"
        raise UsageError(message, "框里的都还在；分几次粘贴", "too_long")
    return text


def looked(sheet: Sheet, rows: Iterable[Row]) -> Looked:
    """Return the rows that hold something, and those above the number that is looked at once."""
    held = [row for row in rows if row.filled]
    return Looked(sheet, held[:ROWS_MOST], held[ROWS_MOST:])


def row(read: PastedRow, number: int, known: bool, stopped: bool | None = None) -> Row:
    """Return a row as it is shown; ``stopped`` None: anything that is wrong keeps it from being added."""
    wrong = any(finding.severity is api.Severity.ERROR for finding in read.findings.values())
    return Row(number, read.record, read.findings, known, wrong if stopped is None else stopped)
