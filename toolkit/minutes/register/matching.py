"""Duties of a year against their evidence, period by period: done in time, late, overdue or next; used by the register.

A due date is about a period: the one that it lies in, or with 次月10日前 the one before. A record is about the period that it
states, else about the one that its day implies, and proves no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from toolkit.compose.due_dates import DueDate, DueRule
from toolkit.model.tree import Duty

#: States of a due date: done in time, done late, passed without a record, the next one, later ones.
DONE, LATE, OVERDUE, NEXT, LATER = "done", "late", "overdue", "next", "later"
STATE_NAMES = {DONE: "已完成", LATE: "逾期完成", OVERDUE: "逾期未完成", NEXT: "下一次", LATER: "未到期"}
#: How a duty is proved.
MINUTES, RECORD, LINE = "会议记录", "报告和记录", "检查表"
#: Every day is worked, and every duty binds.
_ALL = DueRule()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves a duty on a day (ISO). ``how`` is 会议记录, 报告和记录 or 检查表; ``remark`` an excerpt of it.

    ``period``: the first and last day (ISO) of the period that the record states, empty where it states none. ``reporter``: the
    unit whose record it is, where a duty has several. ``void``: a meeting below its quorum, which proves nothing.
    """

    duty: str
    date: str
    file: str
    how: str
    remark: str = ""
    period: tuple[str, ...] = ()
    reporter: str = ""
    void: bool = False

    @property
    def line(self) -> bool:
        """Whether it is a line of a checklist, which counts where there is no record of the duty itself."""
        return self.how == LINE


@dataclass(frozen=True, slots=True)
class Due:
    """One due date of a duty with its state and its evidence.

    Of a duty of several units ``reports`` are the records that there are, ``missing`` the units without one.
    """

    due: DueDate
    state: str
    evidence: Evidence | None = None
    reports: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def share(self) -> str:
        """Who has reported, in words; empty for a duty of one unit, and once all have."""
        if not self.missing:
            return ""
        there = len({report.reporter for report in self.reports})
        return f"{there + len(self.missing)}个中{there}个，缺：{'、'.join(self.missing)}"


@dataclass(frozen=True, slots=True)
class Status:
    """A duty of the year with its due dates; ``occasions`` are records beyond them, or of a duty without dates.

    ``void``: meetings for it that did not reach their quorum.
    """

    duty: Duty
    dues: tuple[Due, ...]
    occasions: tuple[Evidence, ...] = ()
    void: tuple[Evidence, ...] = ()

    def count(self, *states: str) -> int:
        """Return how many due dates are in one of the states."""
        return sum(due.state in states for due in self.dues)

    @property
    def next(self) -> Due | None:
        """The next due date that is not done."""
        return next((due for due in self.dues if due.state == NEXT), None)


def statuses(
    duties: Iterable[Duty],
    evidence: Iterable[Evidence],
    year: int,
    today: date,
    reporters: Mapping[str, Sequence[str]] | None = None,
    rule: DueRule = _ALL,
) -> list[Status]:
    """Return each duty with its due dates of ``year`` and their evidence, in the order of the duties.

    ``reporters``: by duty the units that each must report; ``rule``: how due dates are found.
    """
    by_duty: dict[str, list[Evidence]] = {}
    for proof in evidence:
        by_duty.setdefault(proof.duty, []).append(proof)
    units = reporters or {}
    return [_status(duty, by_duty.get(duty.id, ()), year, today, units.get(duty.id, ()), rule) for duty in duties]


def _status(
    duty: Duty, evidence: Iterable[Evidence], year: int, today: date, units: Sequence[str], rule: DueRule
) -> Status:
    ordered = sorted(evidence, key=lambda sitting: (sitting.line, sitting.date, sitting.file))
    years = {number: rule.dates(duty, number) for number in (year - 1, year, year + 1)}
    every = [slot for number in sorted(years) for slot in years[number]]
    found: dict[DueDate, list[Evidence]] = {}
    rest = []
    for sitting in ordered:
        slot = None if sitting.void else _slot_of(sitting, every)
        if slot is not None:
            found.setdefault(slot, []).append(sitting)
        elif sitting.date.startswith(str(year)):
            rest.append(sitting)
    dues: list[Due] = []
    for same in _periods(years[year]):
        records = sorted(
            (sitting for slot in same for sitting in found.get(slot, ())),
            key=lambda sitting: (sitting.line, sitting.date, sitting.file),
        )
        made, left = _shared(same, records, units) if units else _proved(same, records)
        dues += made
        rest += left
    coming = True
    for place, due in enumerate(dues):
        state = due.state
        if not state and due.due.limit < today:
            state = OVERDUE
        elif not state:
            state, coming = (NEXT if coming else LATER), False
        dues[place] = replace(due, state=state)
    further = sorted(
        (sitting for sitting in rest if not sitting.void),
        key=lambda sitting: (sitting.line, sitting.date, sitting.file),
    )
    return Status(duty, tuple(dues), tuple(further), tuple(sitting for sitting in rest if sitting.void))


def _periods(slots: Sequence[DueDate]) -> Iterator[list[DueDate]]:
    """Yield the due dates of each period together: with 每年两次 there are two in one."""
    group: list[DueDate] = []
    for slot in slots:
        if group and (slot.first, slot.last) != (group[0].first, group[0].last):
            yield group
            group = []
        group.append(slot)
    if group:
        yield group


def _proved(same: Sequence[DueDate], records: Sequence[Evidence]) -> tuple[list[Due], list[Evidence]]:
    """Return the due dates of a period with one record each, in order, and the records beyond them."""
    taken = sorted(records[: len(same)], key=lambda proof: (proof.date, proof.file))
    dues = [Due(slot, _in_time(proof, slot), proof) for slot, proof in zip(same, taken, strict=False)]
    return [*dues, *(Due(slot, "") for slot in same[len(taken) :])], list(records[len(same) :])


def _in_time(proof: Evidence, slot: DueDate) -> str:
    """Return whether a due date was met. A line of a checklist covers the time up to the end of the period that it states."""
    day = min(proof.date, proof.period[1]) if proof.line and proof.period else proof.date
    return DONE if day <= slot.limit.isoformat() else LATE


def _shared(
    same: Sequence[DueDate], records: Sequence[Evidence], units: Sequence[str]
) -> tuple[list[Due], list[Evidence]]:
    """Return the due dates of a period of a duty of several units: done when each has reported."""
    by_unit: dict[str, list[Evidence]] = {unit: [] for unit in units}
    for proof in records:
        if proof.reporter in by_unit:
            by_unit[proof.reporter].append(proof)
    dues: list[Due] = []
    used: set[int] = set()
    for number, slot in enumerate(same):
        reports = [mine[number] for mine in by_unit.values() if number < len(mine)]
        used.update(map(id, reports))
        missing = tuple(unit for unit, mine in by_unit.items() if number >= len(mine))
        last = max(reports, key=lambda proof: proof.date, default=None)
        if missing or last is None:
            dues.append(Due(slot, "", None, tuple(reports), missing))
        else:
            dues.append(Due(slot, _in_time(last, slot), last, tuple(reports)))
    return dues, [proof for proof in records if id(proof) not in used and not proof.line]


def _slot_of(proof: Evidence, slots: Sequence[DueDate]) -> DueDate | None:
    """Return the due date whose period a record is about."""
    if not proof.period:
        return next((slot for slot in slots if slot.opens.isoformat() <= proof.date <= slot.closes.isoformat()), None)
    first, last = proof.period
    touched = [slot for slot in slots if slot.first.isoformat() <= last and first <= slot.last.isoformat()]
    if not touched:
        return None
    inside = [slot for slot in touched if first <= slot.first.isoformat() and slot.last.isoformat() <= last]
    if len(inside) < 2 or len({(slot.first, slot.last) for slot in inside}) < 2:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        return max(touched, key=lambda slot: (min(slot.last, end) - max(slot.first, begin), slot.first))
    # it states more than one period of the duty, as a year does of a quarter: the day tells which of them
    near = next((slot for slot in inside if slot.opens.isoformat() <= proof.date <= slot.closes.isoformat()), None)
    return near or (inside[-1] if proof.date > inside[-1].closes.isoformat() else inside[0])
