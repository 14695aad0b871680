"""The year of all units: duties by unit, overdue, due within thirty days, no records received (``toolkit units year``).

The register of each unit (:mod:`toolkit.minutes.register`) is made in a worker from the folder of its records. Units stand in the
order of the list and are never ranked; there are no scores and no names of persons.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import Any, overload

from toolkit.batch import engines
from toolkit.batch.fleet import outputs, units
from toolkit.batch.outcome import Options
from toolkit.batch.running import crashed
from toolkit.batch.unit_list import Unit as Listed
from toolkit.batch.work import Settings, faults_told, masked, packed_for, unpacked
from toolkit.core.findings import Finding, has_errors
from toolkit.minutes.register.matching import DONE, LATE, LATER, NEXT, OVERDUE, Status
from toolkit.minutes.register.register import Register, register
from toolkit.minutes.unit import READING, Unit
from toolkit.output import safe_name

#: So many days ahead a due date is told.
SOON = timedelta(days=30)


class KeptFindings(Sequence[Finding]):
    """The findings of a unit, packed until somebody reads them: the records of a thousand units may have very many."""

    __slots__ = ("_count", "_packed")

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._count = len(findings)
        self._packed = zlib.compress(pickle.dumps(tuple(findings)), 1) if findings else b""

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._all())

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Finding]: ...
    def __getitem__(self, at: int | slice) -> Finding | Sequence[Finding]:
        return self._all()[at]

    def _all(self) -> tuple[Finding, ...]:
        return pickle.loads(zlib.decompress(self._packed)) if self._packed else ()


@dataclass(frozen=True)
class DutyYear:
    """A duty of a unit in a year: how often it was done, in time and late, the days (ISO) on which it is overdue or soon due."""

    id: str
    label: str
    done: int
    late: int
    overdue: tuple[str, ...]
    soon: tuple[str, ...]
    later: int

    @property
    def total(self) -> int:
        """How many due dates it has."""
        return self.done + self.late + len(self.overdue) + len(self.soon) + self.later


@dataclass(frozen=True)
class UnitYear:
    """The year of a unit. ``records``: forms that were read; 0: nothing was received, and nothing is called overdue.

    ``findings``: the errors of its files; ``wrong``: why the unit has no register.
    """

    unit: str
    row: str
    kind: str = ""
    records: int = 0
    duties: tuple[DutyYear, ...] = ()
    findings: Sequence[Finding] = ()
    wrong: Finding | None = None

    @property
    def is_silent(self) -> bool:
        """Whether no record was received."""
        return self.wrong is None and not self.records

    @property
    def overdue(self) -> int:
        """How many due dates are overdue, of a unit whose records were received."""
        return 0 if self.is_silent else sum(len(duty.overdue) for duty in self.duties)

    @property
    def soon(self) -> int:
        """How many due dates come within thirty days."""
        return sum(len(duty.soon) for duty in self.duties)


@dataclass(frozen=True)
class Year:
    """The year of all units in the order of the list, judged on a day; ``kinds``: names of their kinds by id."""

    year: int
    today: Date
    units: tuple[UnitYear, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_fine(self) -> bool:
        """Whether nothing is overdue and every unit has a register."""
        return not any(unit.overdue or unit.wrong or unit.findings for unit in self.units)

    @property
    def silent(self) -> list[str]:
        """The units from which no record was received."""
        return [unit.unit for unit in self.units if unit.is_silent]

    def duties(self) -> list[tuple[str, str]]:
        """Return id and label of the duties of all units, in the order of the first that has each."""
        return list({duty.id: (duty.id, duty.label) for unit in self.units for duty in unit.duties}.values())

    def of_duty(self, id: str) -> tuple[int, int, int, int]:
        """Return of how many units a duty is, how many have done all that was due, have something overdue, sent no record."""
        having = [(unit, duty) for unit in self.units for duty in unit.duties if duty.id == id]
        silent = sum(unit.is_silent for unit, _ in having)
        overdue = sum(bool(duty.overdue) and not unit.is_silent for unit, duty in having)
        return len(having), len(having) - silent - overdue, overdue, silent


Tell = Callable[[UnitYear], None]


def year_of_all(
    source: Path, kept: Path, options: Options, today: Date, year: int = 0, tell: Tell = lambda unit: None
) -> Year:
    """Return the year of all units; ``kept`` has a folder with the records of each, by the name of its folder of outputs.

    ``year``: 0 for that of each profile, else of ``today``. Raises FindingsError for a list that cannot be used, UsageError,
    FileError.
    """
    outputs.need_folder(kept, "写明存各单位记录的文件夹，toolkit units inbox 写入的就是")
    fleet = units.read(source, options)
    found: dict[str, UnitYear] = {}
    for unit, own in _registers(fleet, kept, options, today, year):
        found[unit.target] = own
        tell(own)
    presets = fleet.shared.presets({unit.kind for unit in found.values() if unit.kind})
    kinds = {id: preset.label for id, preset in presets.items()}
    return Year(year or today.year, today, tuple(found[unit.target] for unit in fleet.units), kinds)


def _registers(
    fleet: units.Fleet, kept: Path, options: Options, today: Date, year: int
) -> Iterator[tuple[Listed, UnitYear]]:
    settings = Settings(options, kept, lister=fleet.listed.lister).absolute()
    packed = packed_for(settings, today, year)

    def call(unit: Listed) -> tuple[Callable[..., UnitYear], tuple[Any, ...]]:
        return work, (packed, unit)

    for unit, result in engines.each(call, fleet.units, options.jobs):
        if isinstance(result, UnitYear):
            yield unit, result
        else:
            yield unit, UnitYear(unit.name, unit.row, wrong=crashed(unit, result)[0])


def work(packed: bytes, listed: Listed) -> UnitYear:
    """Return the year of one unit, of one that ended up to that day; never raises for a fault of the unit or the disk."""
    shared, today, year = unpacked(packed)
    start = UnitYear(listed.name, listed.row)
    if listed.life.closed:
        today = min(today, Date.fromisoformat(listed.life.closed))

    def look() -> UnitYear:
        prepared = shared.prepare(shared.profile(listed.source), READING)
        unit = Unit(prepared, shared.settings.options.where, listed.life.former)
        folder = records_of(shared.settings.out, listed)
        made = register(unit, folder if folder.is_dir() else None, year or unit.set.year or today.year, today)
        return of_register(replace(start, kind=unit.set.kind), made)

    return faults_told(look, lambda found: replace(start, wrong=found[0]))


def records_of(kept: Path, listed: Listed) -> Path:
    """Return the folder of a unit's records, also one with an earlier name of it."""
    names = (listed.target, *map(safe_name, listed.life.former))
    return next((kept / name for name in names if (kept / name).is_dir()), kept / listed.target)


def of_register(start: UnitYear, made: Register) -> UnitYear:
    """Return the year of a unit from its register."""
    serious = [finding for finding in made.findings if has_errors([finding])]
    duties = tuple(_duty(status, made.today) for status in made.statuses if status.dues)
    found = KeptFindings(masked(serious, made.source.resolved))
    return replace(start, records=made.scan.read, duties=duties, findings=found)


def _duty(status: Status, today: Date) -> DutyYear:
    soon = [due for due in status.dues if due.state in (NEXT, LATER) and due.due.limit - today <= SOON]
    overdue = [due for due in status.dues if due.state == OVERDUE]
    return DutyYear(
        status.duty.id,
        status.duty.label,
        status.count(DONE),
        status.count(LATE),
        tuple(entry.due.limit.isoformat() for entry in overdue),
        tuple(entry.due.limit.isoformat() for entry in soon),
        status.count(NEXT, LATER) - len(soon),
    )
