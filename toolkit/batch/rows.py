"""The source of a unit, small enough to be sent to a worker, and its digest: a row of a table, or a profile of its own."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.core.findings import FileError, explain
from toolkit.core.outside import content

if TYPE_CHECKING:
    from toolkit.profile import Profile

#: As in ``profile.history_path``, whose import would load a lot.
_HISTORY = "history"
#: The title of the sheet of histories, and of the table beside a list.
HISTORIES = "沿革"
#: Suffixes of lists that are text.
TEXTS = (".csv", ".txt", ".tsv")
#: Suffixes of workbooks; what one is, is told by its content. WPS calls its own ones .et and .ett.
BOOKS = (".xlsx", ".xlsm", ".xltx", ".xls", ".xlt", ".et", ".ett", ".ods")
#: A profile without any of these names no other file. Profiles may be GB18030.
_NAMING = frozenset(
    word.encode(code).lower() for word in ("layer", "自有条款", ".xls", ".csv") for code in ("utf-8", "gb18030")
)

#: Column and text of the cells that hold something.
Cells = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A sheet as its rows need it: its name in places, its title, the names of its columns and their line."""

    label: str
    title: str
    names: dict[int, str]
    line: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's line in the list, and its lines in other sheets (number of the sheet, lines with their cells).

    ``unusable`` are the parameters of cells that hold a formula or an error value: that they are missing is no news.
    """

    line: int
    cells: Cells
    tables: tuple[tuple[int, tuple[tuple[int, Cells], ...]], ...] = ()
    unusable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """The life of a unit by its list: its earlier names, the unit that it joined, the day (ISO) on which it ended."""

    former: tuple[str, ...] = ()
    joined: str = ""
    closed: str = ""

    @property
    def is_over(self) -> bool:
        """Whether no sets are made for the unit any more."""
        return bool(self.joined or self.closed)

    @property
    def words(self) -> str:
        """The end of the unit in words."""
        joined = f"已并入{self.joined}" if self.joined else ""
        return "，".join(filter(None, (joined, f"{self.closed}撤销" if self.closed else "")))


@dataclass(frozen=True, slots=True)
class File:
    """A unit's own profile."""

    path: str


@dataclass(frozen=True, slots=True)
class Lister:
    """The heads of the sheets of a list and the base profile, which all units share; ``by_kind``: the profile of each kind,
    by the kind's name as it is written there."""

    heads: tuple[Head, ...] = ()
    base: Profile | None = None
    by_kind: Mapping[str, Profile] = field(default_factory=dict)


def digest(source: Row | File, lister: Lister) -> str:
    """Return the digest of a unit's own values: the texts of its cells by column name, or its file with those it names.

    Raises OSError for a profile that cannot be read.
    """
    made = hashlib.sha256()
    if isinstance(source, File):
        add_contents(made, files_of(Path(source.path)))
        return made.hexdigest()
    names = lister.heads[0].names
    values: list[Any] = [sorted((names[number], text) for number, text in source.cells)]
    for number, lines in source.tables:
        head = lister.heads[number]
        values.append((head.title, [[(head.names[n], text) for n, text in cells] for _, cells in lines]))
    made.update("".join(map(repr, values)).encode("utf-8", "surrogatepass"))
    for path in named_by(source, lister):
        add_contents(made, files_below(path))
    return made.hexdigest()


def named_by(source: Row | File, lister: Lister) -> list[Path]:
    """Return the folders and files that a row names: its own layers, its people."""
    from toolkit.profile.reading import reserved_key

    if isinstance(source, File):
        return []
    folder = lister.base.folder if lister.base else Path(lister.heads[0].label).parent
    names = lister.heads[0].names
    return [folder / text for number, text in source.cells if reserved_key(names[number]) in ("layer", "people")]


def files_below(path: Path) -> list[Path]:
    """Return a file, or all files of a folder."""
    return sorted(path.rglob("*")) if path.is_dir() else [path]


def add_contents(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    """Add names and contents of those paths that are files. Raises OSError."""
    for path in paths:
        if path.is_file():
            data = path.read_bytes()
            made.update(f"{path.name}\0{len(data)}\0".encode("utf-8", "surrogatepass") + data)


def tables_beside(path: Path) -> list[Path]:
    """Return the tables beside a list: of text ``units.人员.csv`` beside ``units.csv``, of a workbook that of the histories."""
    if path.suffix.lower() in TEXTS:
        return sorted(path.parent.glob(f"{glob.escape(path.stem)}.*{path.suffix}"))
    return [histories] if (histories := histories_beside(path)).is_file() else []


def histories_beside(path: Path) -> Path:
    """Return the table beside a list that ``units revise`` writes: ``units.沿革.csv``."""
    return path.with_name(f"{path.stem}.{HISTORIES}{path.suffix if path.suffix.lower() in TEXTS else '.csv'}")


def profiles_in(folder: Path) -> list[Path]:
    """Return the profiles of a folder; histories are beside them."""
    paths = sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    return [path for path in paths if not path.name.startswith(".") and not path.stem.endswith(f".{_HISTORY}")]


def files_of_list(source: Path) -> list[Path]:
    """Return the files of a list. Raises OSError."""
    if source.is_dir():
        return [file for path in profiles_in(source) for file in files_of(path)]
    return [source, *tables_beside(source)]


def files_of(path: Path) -> list[Path]:
    """Return the files of a unit: its profile, its history, and where it may name others, those and all of its layers."""
    files = [path, path.with_name(f"{path.stem}.{_HISTORY}.yaml")]
    text = content(path).lower()
    if any(word in text for word in _NAMING):
        from toolkit.profile import read_profile
        from toolkit.profile.reading import reserved_key

        profile = read_profile(path)
        files += sorted(file for layer in profile.layers for file in layer.rglob("*") if file.is_file())
        data = profile.raw.data if isinstance(profile.raw.data, dict) else {}
        people = (value for name, value in data.items() if reserved_key(name) == "people" and isinstance(value, str))
        files += [path.parent / name.strip() for name in people if name.strip()]
    return files


def lines_of(source: Row | File) -> tuple[int, ...]:
    """Return the lines of a unit's rows: findings name them."""
    if isinstance(source, File):
        return ()
    return (source.line, *(line for _, lines in source.tables for line, _ in lines))


def read_error(path: Path | str, error: OSError) -> FileError:
    """Return the error for a file that the system does not let us read."""
    reason, hint = explain(error)
    return FileError(f"无法读取 {path}：{reason}", hint, "file_unreadable")
