"""A sheet of a list as it stands in its file, whatever the format: lines of cells. What they mean is for ``units``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from toolkit.batch.finding_codes import cell_name, finding
from toolkit.batch.rows import TEXTS
from toolkit.core.findings import Finding, FindingsError, Place
from toolkit.core.spreadsheet import Formula

#: Limits of a list.
COLUMNS_MAX = 500
ROWS_MAX = 1_048_576
#: Sheets whose names begin so hold lists for data validation.
HELPER = "_"


class Merged(NamedTuple):
    """A range of merged cells: its first and last line and column."""

    first: int
    last: int
    left: int
    right: int

    def __str__(self) -> str:
        return f"{cell_name(self.first, self.left)}:{cell_name(self.last, self.right)}"


@dataclass(slots=True)
class Grid:
    """One sheet: ``label`` is its name in places (the file, with the sheet's title if there are several).

    ``head`` are the names of the first line by column number (from 1), ``rows`` line numbers with the cells that hold
    something by column number, ``empty`` the lines without such cells.
    """

    file: str
    title: str
    label: str
    head: dict[int, str]
    rows: list[tuple[int, dict[int, Any]]] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def place(self, line: int, column: int = 0, key: str = "") -> Place:
        """Return a place in this sheet."""
        return Place(self.label, line, column, key)

    def take(self, line: int, cells: dict[int, Any]) -> None:
        """Add a line: the first is the head, one without cells is none. Raises FindingsError above the limits."""
        if cells and (last := max(cells)) > COLUMNS_MAX:
            message = f"{cell_name(line, last)} 有内容，超过 {COLUMNS_MAX} 列，不像是单位名单"
            raise FindingsError([finding("bad_list", message, self.place(line, last), "只保留需要的列")])
        if line == 1:
            self.head.update({number: _title(cell) for number, cell in cells.items()})
        elif cells:
            if len(self.rows) >= ROWS_MAX:
                message, hint = f"超过 {ROWS_MAX} 行", "请分成几个文件"
                raise FindingsError([finding("bad_list", message, self.place(line), hint)])
            self.rows.append((line, cells))
        else:
            self.empty.append(line)

    @property
    def is_text(self) -> bool:
        """Whether the list is a text file: its cells have no types, its lines may have more cells than columns."""
        return self.file.lower().endswith(TEXTS)


def _title(cell: Any) -> str:
    return "".join(str(cell[0] if isinstance(cell, Formula) else cell).split())


def label_of(path: Path, title: str, several: bool) -> str:
    """Return the name of a sheet in places."""
    return f"{path} [{title}]" if several else str(path)


def bad(path: Path, message: str, hint: str) -> FindingsError:
    """Return the error for a file that is no list."""
    return FindingsError([finding("bad_list", message, Place(str(path)), hint)])
