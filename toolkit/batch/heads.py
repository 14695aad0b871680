"""Finds the sheet of the units, the line with the names of columns, and the meaning of each name; used by ``unit_list``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from toolkit.batch.grids import Grid
from toolkit.batch.source import find_also, find_param, table_of
from toolkit.core.cells import HeadLine, find_head, head_name
from toolkit.core.findings import did_you_mean, similar
from toolkit.presets import Preset
from toolkit.presets.markup import Literal, Placeholder
from toolkit.presets.params import Param
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import ALSO, RESERVED, reserved_key

#: The first column of a sheet of records: the unit that a row belongs to.
UNIT = "单位"
#: Columns on the life of a unit, which are no parameters: earlier names, the unit that it joined, the day on which it ended.
LIFE = {"曾用名": "former", "原名": "former", "并入": "joined", "并入单位": "joined", "撤销日期": "closed"}
#: Columns that clerks keep for themselves.
PASSED_OVER = ("序号", "编号", "备注", "说明")
#: How sure a name is one of a column: a label or key, another name, one that clerks keep, one that is alike.
_EXACT, _OTHER, _KEPT, _ALIKE = 1.0, 0.75, 0.5, 0.25
#: How alike (per cent).
_CUTOFF = 60
#: Lines among which the column of kinds is looked for.
_LINES = 15


class Column(NamedTuple):
    """The meaning of a column: the key of its parameter (none for 单位类型), its name; ``is_exact``: read by no other name."""

    key: str
    label: str
    param: Param | None
    is_exact: bool


class Sheet(NamedTuple):
    """A sheet of a list with the table that its title names, its line of names, and whether that has the units' names."""

    grid: Grid
    table: Param | None
    head: HeadLine | None
    has_names: bool


def identity_key(preset: Preset) -> str:
    """Return the parameter that names a unit of this kind, or ""."""
    parts = preset.identity.get("unit", ())
    named = [part.path for part in parts if isinstance(part, Placeholder) and part.path in preset.params.params]
    needed = (param.key for param in preset.params.params.values() if param.needed and param.type == "text")
    return named[0] if named else next(needed, "")


class Names:
    """The names of columns and sheets that the kinds of a list know."""

    def __init__(self, presets: Sequence[Preset]) -> None:
        self.schemas = [preset.params for preset in presets]
        self.identities = list(dict.fromkeys(identity_key(preset) for preset in presets))
        self.posts = frozenset(word for preset in presets for word in _posts(preset) if len(word) > 1)

    def params(self) -> Iterator[Param]:
        """Yield the parameters of all kinds."""
        return (param for schema in self.schemas for param in schema.params.values())

    def unit_column(self, name: str, group: str = "") -> Column | None:
        """Return the meaning of a column of the sheet of units; ``group`` is a name above this and other columns."""
        if group and (column := self._exact(f"{group}.{name}")):
            return column._replace(label=column.param.label if column.param else column.label)
        if column := self._exact(name):
            return column._replace(is_exact=not group, label=column.param.label if group and column.param else name)
        if key := next((key for key, others in ALSO.items() if name in others), ""):
            return Column(key, RESERVED[key], None, False)
        param = next((param for schema in self.schemas if (param := find_also(name, schema))), None)
        return Column(param.key, param.label, param, False) if param else None

    def _exact(self, name: str) -> Column | None:
        if param := next((param for schema in self.schemas if (param := find_param(name, schema))), None):
            return Column(param.key, name, param, True)
        key = reserved_key(name)
        return Column(key, name, None, True) if key else None

    def record_column(self, name: str, table: Param) -> Column | None:
        """Return the meaning of a column of a sheet of records; that of the units has the key of :data:`UNIT`."""
        if name == UNIT:
            return Column(UNIT, UNIT, None, True)
        column = next((column for column in table.columns if name in (column.key, column.label)), None)
        if column or (column := next((column for column in table.columns if name in column.also), None)):
            is_exact = name not in column.also
            return Column(column.key, name if is_exact else column.label, column, is_exact)
        known = self.unit_column(name)
        return Column(UNIT, UNIT, None, False) if known and known.key in self.identities else None

    def table(self, title: str) -> Param | None:
        """Return the table parameter that the title of a sheet names."""
        found = next((found for schema in self.schemas if (found := table_of(title, schema))), None)
        return found[1] if found else None

    def labels(self) -> dict[str, str]:
        """Return the label of each name that a column of a sheet of units may have."""
        found = {name: label for label, names in _reserved().items() for name in names}
        for param in self.params():
            for name in (*param.also, param.labels[-1], param.key, param.label):
                found[name] = param.label if name in param.also else name
        return found

    def hint(self, name: str, labels: Mapping[str, str]) -> str:
        """Return the question which of ``labels`` (by all their names) a name is, or where else its content belongs."""
        word = name.removesuffix("姓名")
        if len(word) > 1 and any(word.endswith(post) or post.endswith(word) for post in self.posts):
            return f"“{name}”是职务，姓名写在工作表“{PEOPLE.label}”里，每人一行；"
        close = [label for label in labels if label.endswith(f".{name}")] or similar(name, labels, 2, 0.5)
        known = list(dict.fromkeys(labels[label] for label in close))
        return did_you_mean(known, "toolkit presets 加类型名称可列出全部参数；")

    def sheet(self, grid: Grid) -> Sheet:
        """Return a sheet with its line of names."""
        table = self.table(grid.title)

        def known(name: str, group: str) -> float:
            column = self.record_column(name, table) if table else self.unit_column(name, group)
            if column:
                return _EXACT if column.is_exact else _OTHER
            return _KEPT if name in PASSED_OVER or name in LIFE else 0

        head = find_head(grid.rows, grid.merged, known)
        if head and not head.score:
            labels = [column.label for column in table.columns] if table else list(self.labels())
            head = find_head(grid.rows, grid.merged, lambda name, _: _alike(name, labels))
        columns = (
            (self.unit_column(name, head.groups.get(number, "")) for number, name in head.names.items()) if head else ()
        )
        return Sheet(grid, table, head, any(column.key in self.identities for column in columns if column))


def _reserved() -> dict[str, tuple[str, ...]]:
    return {label: (label, *ALSO.get(key, ())) for key, label in RESERVED.items()}


def _posts(preset: Preset) -> Iterator[str]:
    """Yield the words in which the names of posts end as the kind writes them: 书记, 村民委员会主任."""
    for entry in preset.org.values():
        last = entry.name[-1] if entry.kind == "post" and entry.name else None
        if isinstance(last, Literal):
            yield last.text
        elif isinstance(last, Placeholder) and (param := preset.params.params.get(last.path)):
            yield from (text.rpartition("}")[2] for text in _texts(param.default))


def _texts(default: Any) -> Iterator[str]:
    if isinstance(default, str):
        yield default
    elif isinstance(default, Mapping | list):
        for value in default.values() if isinstance(default, Mapping) else default:
            yield from _texts(value)


def _alike(name: str, labels: Sequence[str]) -> float:
    return _ALIKE if extractOne(name, labels, scorer=ratio, score_cutoff=_CUTOFF) else 0


def main_of(sheets: Sequence[Sheet]) -> Sheet:
    """Return the sheet of units: by its columns, not by its place; of several the one with more known names."""
    lists = [sheet for sheet in sheets if not sheet.table and sheet.head]
    named = [sheet for sheet in lists if sheet.has_names]
    return max(named or lists or sheets, key=lambda sheet: sheet.head.score if sheet.head else 0)


def kinds_in(grids: Sequence[Grid]) -> tuple[Grid, int, int, list[str]] | None:
    """Return the kinds that a list names: sheet, line and column of the first, and all; None without a column of kinds."""
    for names in ((RESERVED["kind"], "kind"), ALSO["kind"]):
        for grid in grids:
            for index, (_, cells) in enumerate(grid.rows[:_LINES]):
                column = next((number for number, value in cells.items() if head_name(value) in names), None)
                if column is not None:
                    below = [(line, row[column]) for line, row in grid.rows[index + 1 :] if column in row]
                    kinds = list(dict.fromkeys(str(value).strip() for _, value in below))
                    return grid, below[0][0] if below else grid.rows[index][0], column, kinds
    return None
