"""Sorts filled forms that came by mail or on a stick to their units by their content (``toolkit units inbox``).

A file is copied into the folder of its unit below the folder of records, byte for byte, and stays where it is. The stated
unit of a form and its printed names must not contradict each other; doubtful forms are set apart by name and reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

from toolkit import profile
from toolkit.batch.fleet import units
from toolkit.batch.heads import identity_key
from toolkit.batch.outcome import Options
from toolkit.batch.unit_list import Unit as Listed
from toolkit.core.findings import FileError, Finding, FindingsError, has_errors
from toolkit.forms import FormData
from toolkit.minutes import reading, records
from toolkit.minutes.unit import READING, Unit
from toolkit.output.disk import file_errors, save_new

#: Outcomes of a file.
SORTED, KNOWN, DOUBTFUL, BLANK, OTHER, UNREAD = "sorted", "known", "doubtful", "blank", "other", "unread"
STATES = {SORTED: "收到", KNOWN: "已经收过", DOUBTFUL: "要人核对", BLANK: "空白表", OTHER: "不是表", UNREAD: "读不了"}


@dataclass(frozen=True)
class Received:
    """A file of the inbox: its name there, its outcome, its unit, the form, the place of its copy, and the reason."""

    name: str
    state: str
    unit: str = ""
    form: str = ""
    target: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Inbox:
    """All files of an inbox in order; units of the list from which nothing came."""

    files: tuple[Received, ...]
    silent: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether nobody has to look at a file."""
        return not any(file.state in (DOUBTFUL, UNREAD) for file in self.files)

    def count(self, state: str) -> int:
        """Return how many files are in a state."""
        return sum(file.state == state for file in self.files)


def sort(
    source: Path,
    inbox: Path,
    kept: Path,
    options: Options,
    check_only: bool = False,
    tell: Callable[[Received], None] = lambda received: None,
) -> Inbox:
    """Sort the files of a folder to the units of a list; ``kept`` has a folder for each unit. ``check_only``: nothing is copied.

    Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    fleet = units.read(source, options)
    sorter, keeper = _Sorter(fleet, options), _Keeper(kept, check_only)
    received = []
    own = kept.resolve()
    for path in records.files(inbox):
        if path.resolve().is_relative_to(own) and not inbox.resolve().is_relative_to(own):
            continue  # sorted before, where the folder of records lies in the inbox
        one = sorter.look(path, path.relative_to(inbox).as_posix())
        if one.state == SORTED:
            one = keeper.kept(one, path, sorter.target(one.unit))
        received.append(one)
        tell(one)
    heard = {form.unit for form in received if form.state in (SORTED, KNOWN)}
    return Inbox(tuple(received), tuple(unit.name for unit in fleet.units if unit.name not in heard))


class _Sorter:
    """Finds the unit of each file; the forms of a unit are built once for all of its files."""

    def __init__(self, fleet: units.Fleet, options: Options) -> None:
        self.fleet, self.options = fleet, options
        self.by_name: dict[str, list[Listed]] = {}
        for unit in fleet.units:
            for name in dict.fromkeys((unit.name, *unit.life.former, *self._other_names(unit))):
                self.by_name.setdefault("".join(name.split()), []).append(unit)
        self.made: dict[str, Unit | Finding] = {}

    def _other_names(self, unit: Listed) -> Iterator[str]:
        """Yield the short name that the list gives a unit."""
        with suppress(FileError):
            given = self.fleet.shared.profile(unit.source)
            preset, _ = self.fleet.shared.preset_of(given)
            if preset is not None:
                key = identity_key(preset).rpartition(".")[0] + ".short_name"
                short = profile.validate(given, preset.params).values.get(key)
                if isinstance(short, str) and short:
                    yield short

    def target(self, name: str) -> str:
        """Return the folder of a unit."""
        return next(unit.target for unit in self.fleet.units if unit.name == name)

    def look(self, path: Path, name: str) -> Received:
        """Return the form of a file and its unit."""
        if path.is_symlink():
            return Received(name, UNREAD, reason=records.link_error().message)
        if path.suffix.lower() in (".zip", ".rar", ".7z"):
            return Received(name, UNREAD, reason="是压缩包，先解压再放进来")
        try:
            if (
                path.suffix.lower() != ".docx"
                and not reading.is_docx(path)
                and not reading.is_text(path, by_name=False)
            ):
                error = reading.format_error(path)
                return Received(name, UNREAD if error else OTHER, reason=error.message if error else "")
            data = reading.read(path)
        except FileError as error:
            return Received(name, UNREAD, reason="：".join(filter(None, (error.message, error.hint))))
        owners = self._owners(path, data)
        if len(owners) == 1:
            return self._of_unit(path, name, owners[0])
        if owners:
            names = "、".join(unit.name for unit in owners[:5])
            return Received(name, DOUBTFUL, reason=f"可以是几个单位的：{names}")
        if data.unit:
            return Received(name, DOUBTFUL, reason=f"写的是“{data.unit}”，名单里没有这个单位")
        is_form = bool(data.document or data.values or data.tables)
        return Received(name, DOUBTFUL if is_form else OTHER, reason="没有写明是哪个单位的" if is_form else "")

    def _owners(self, path: Path, data: FormData) -> list[Listed]:
        """Return the units that a form can be of: by its own statement, and by the names that it prints."""
        said = self.by_name.get("".join(data.unit.split()), [])
        printed = self._printed(path)
        if not said:
            return [] if data.unit else printed
        others = [unit for unit in printed if unit not in said]
        return [*said, *others] if printed and not any(unit in said for unit in printed) else said

    def _printed(self, path: Path) -> list[Listed]:
        """Return the units whose names the first lines of a DOCX begin with: its title does."""
        try:
            lines = ["".join(line.split()) for line in reading.paragraphs_of(path)[:8]] if reading.is_docx(path) else []
        except FileError:
            return []
        found = [name for name in self.by_name if any(line.startswith(name) for line in lines)]
        return self.by_name[max(found, key=len)] if found else []

    def _of_unit(self, path: Path, name: str, owner: Listed) -> Received:
        """Return a file of a unit as its forms read it."""
        unit = self._unit(owner)
        if isinstance(unit, Finding):
            return Received(name, DOUBTFUL, owner.name, reason=f"这个单位的档案有错误：{unit.message}")
        state, data, findings, _ = records.open_file(unit, path, name)
        form = unit.documents[data.document].file_name if data.document in unit.documents else ""
        received = Received(name, SORTED, owner.name, form)
        if state == records.BLANK:
            return replace(received, state=BLANK)
        if state in (records.OTHER, records.IGNORED):
            return replace(received, state=DOUBTFUL if data.document else OTHER, reason="不是这个单位的表")
        if state == records.PROBLEM:
            return replace(received, state=UNREAD, reason=findings[0].message if findings else "")
        if whose := reading.other_unit(unit, data, path):
            return replace(received, state=DOUBTFUL, reason=f"写的是“{owner.name}”，印的是“{whose}”")
        return received

    def _unit(self, owner: Listed) -> Unit | Finding:
        """Return a unit with its forms, or the first error of its profile."""
        if owner.target not in self.made:
            try:
                prepared = self.fleet.shared.prepare(self.fleet.profile(owner), READING)
                self.made[owner.target] = Unit(prepared, self.options.where, owner.life.former)
            except FindingsError as error:
                self.made[owner.target] = next(finding for finding in error.findings if has_errors([finding]))
        return self.made[owner.target]


class _Keeper:
    """Copies files into the folders of units, each content once; with ``check_only`` it only says where."""

    def __init__(self, kept: Path, check_only: bool) -> None:
        self.folder, self.check_only = kept, check_only
        self.present: dict[str, dict[str, bytes]] = {}

    def kept(self, received: Received, path: Path, target: str) -> Received:
        """Copy a file into the folder of its unit, under its own name or a numbered one; never over another."""
        folder = self.folder / target
        with file_errors("无法收下"):
            if target not in self.present:
                there = sorted(folder.iterdir()) if folder.is_dir() else []
                self.present[target] = {file.name: _digest(file.read_bytes()) for file in there if file.is_file()}
            present, data = self.present[target], path.read_bytes()
            same = next((name for name, digest in present.items() if digest == _digest(data)), "")
            if same:
                return replace(received, state=KNOWN, target=f"{target}/{same}")
            names = chain([path.name], (f"{path.stem}-{number}{path.suffix}" for number in count(2)))
            name = next(name for name in names if name not in present)
            if not self.check_only:
                folder.mkdir(parents=True, exist_ok=True)
                save_new(folder / name, data)
            present[name] = _digest(data)
        return replace(received, target=f"{target}/{name}")


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def as_rows(inbox: Inbox) -> Sequence[Mapping[str, str]]:
    """Return the files as plain data."""
    return [
        {name: getattr(file, name) for name in ("name", "state", "unit", "form", "target", "reason")}
        for file in inbox.files
    ]
