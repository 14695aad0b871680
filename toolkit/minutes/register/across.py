"""Rules across meetings, on the excerpt of each meeting that a register keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.core.excerpts import beginning
from toolkit.core.findings import Finding, Place, Severity
from toolkit.language import person_names
from toolkit.minutes.rules.record import Minutes

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_MARKS = re.compile(r"[\s，。、；：,.;:“”\"《》（）()]+")


@dataclass(frozen=True, slots=True)
class Task:
    """A resolution that waits to be done. ``since`` is the date of its meeting."""

    text: str
    post: str
    due: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One meeting that was held. ``carries``: its form has a place for matters carried forward."""

    file: str
    meeting: str
    name: str
    date: str
    year: str
    ordinal: str
    start: int | None
    end: int | None
    present: tuple[str, ...]
    tasks: tuple[Task, ...]
    closed: frozenset[str]
    carried: frozenset[str]
    carries: bool

    @property
    def order(self) -> tuple[str, int, str]:
        """Key that sorts by time."""
        return self.date, self.start or 0, self.file


def same(text: str) -> str:
    """Return a key that wordings of one resolution share."""
    return _MARKS.sub("", text)


def sitting(minutes: Minutes, name: str, file: str, carries: bool) -> Sitting:
    """Return the excerpt of minutes that a register keeps."""
    present = tuple(filter(None, (person_names.bare(person.name) for person in minutes.here())))
    tasks = tuple(
        Task(resolution.text, resolution.post, resolution.due, minutes.date)
        for resolution in minutes.resolutions
        if resolution.text
    )
    return Sitting(
        file,
        minutes.meeting,
        name,
        minutes.date,
        minutes.year,
        minutes.ordinal,
        minutes.start,
        minutes.end,
        present + tuple(map(person_names.bare, minutes.observers)),
        tasks,
        frozenset(same(former.text) for former in minutes.previous if former.closed),
        frozenset(same(former.text) for former in minutes.previous),
        carries,
    )


def open_tasks(sittings: Iterable[Sitting], meeting: str) -> list[Task]:
    """Return the tasks of a meeting that are still open after its last sitting, oldest first."""
    waiting: dict[str, Task] = {}
    for one in sorted(
        (sitting for sitting in sittings if sitting.meeting == meeting), key=lambda sitting: sitting.order
    ):
        for closed in one.closed:
            waiting.pop(closed, None)
        waiting.update({same(task.text): task for task in one.tasks})
    return list(waiting.values())


def check(
    sittings: Sequence[Sitting], prepared_by: Mapping[str, str], labels: Mapping[str, str], today: str
) -> Iterator[Finding]:
    """Yield faults between meetings. ``prepared_by``: meeting → the one that prepares it; ``labels``: their names."""
    ordered = sorted(sittings, key=lambda sitting: sitting.order)
    yield from twice(ordered)
    again = {id(sitting) for sitting, _ in copies(ordered)}
    ordered = [sitting for sitting in ordered if id(sitting) not in again]
    yield from _numbers(ordered)
    yield from _prepared(ordered, prepared_by, labels)
    yield from _two_places(ordered)
    yield from _carried(ordered, today)


def _finding(code: str, severity: Severity, message: str, sitting: Sitting, key: str, hint: str = "") -> Finding:
    return Finding(code, severity, message, Place(file=sitting.file, key=key), hint, subject=sitting.meeting)


def copies(sittings: Iterable[Sitting]) -> Iterator[tuple[Sitting, Sitting]]:
    """Yield each further file of a meeting with the first: the same session, or the same day and hour."""
    seen: dict[tuple, Sitting] = {}
    for one in sorted(sittings, key=lambda sitting: sitting.order):
        keys: list[tuple] = [(one.meeting, one.year, one.ordinal)] if one.ordinal else []
        if _ISO.fullmatch(one.date):
            keys.append((one.meeting, one.date, one.start if one.start is not None else ""))
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            yield one, first
        for key in keys:
            seen.setdefault(key, one)


def twice(sittings: Iterable[Sitting]) -> Iterator[Finding]:
    """Yield that there are two files of one meeting."""
    for sitting, first in copies(sittings):
        what = (
            f"{sitting.name}{sitting.year}年第{sitting.ordinal}次"
            if sitting.ordinal
            else f"{sitting.date}的{sitting.name}"
        )
        message = f"{what}有两份记录：另一份是 {first.file}"
        found = _finding(
            "meeting_twice", Severity.ERROR, message, sitting, "会议次数", "留下一份，另一份移出这个文件夹"
        )
        yield replace(found, subject=first.file)


def _numbers(ordered: Sequence[Sitting]) -> Iterator[Finding]:
    last: dict[tuple[str, str], int] = {}
    for sitting in ordered:
        if not sitting.ordinal.isdecimal():
            continue
        number, before = int(sitting.ordinal), last.get((sitting.meeting, sitting.year), 0)
        if number != before + 1 and number != before:
            message = (
                f"{sitting.date}是{sitting.year}年第{number}次，前一次是第{before}次"
                if before
                else f"{sitting.year}年的第一份记录是第{number}次"
            )
            yield _finding("ordinal_order", Severity.NOTICE, message, sitting, "会议次数")
        last[sitting.meeting, sitting.year] = number


def _prepared(
    ordered: Sequence[Sitting], prepared_by: Mapping[str, str], labels: Mapping[str, str]
) -> Iterator[Finding]:
    """支委会 before 党员大会: the meeting that prepares another is held between its sessions, not after it."""
    latest: dict[str, Sitting] = {}
    before: dict[str, str] = {}
    for sitting in ordered:
        needed = prepared_by.get(sitting.meeting)
        if needed and _ISO.fullmatch(sitting.date):
            prepared = latest.get(needed)
            if prepared is None or prepared.date < before.get(sitting.meeting, ""):
                since = f"{before[sitting.meeting]}以来" if sitting.meeting in before else "此前"
                message = f"{sitting.date}开{sitting.name}，{since}没有开过{labels.get(needed, needed)}"
                hint = "先由委员会研究，再提交大会；记录不在这个文件夹的，请放进来"
                yield _finding("meeting_order", Severity.WARNING, message, sitting, "会议日期", hint)
            before[sitting.meeting] = sitting.date
        latest[sitting.meeting] = sitting


def _two_places(ordered: Sequence[Sitting]) -> Iterator[Finding]:
    """Who is still in one meeting is not in another. Each person's last meeting of the day is enough to see it."""
    busy: dict[str, Sitting] = {}
    for sitting in ordered:
        if sitting.start is None or sitting.end is None or not _ISO.fullmatch(sitting.date):
            continue
        clashes: dict[str, list[str]] = {}
        others: dict[str, Sitting] = {}
        for name in sitting.present:
            other = busy.get(name)
            if (
                other is not None
                and other.date == sitting.date
                and (other.end or 0) > sitting.start
                and (other.meeting, other.ordinal) != (sitting.meeting, sitting.ordinal)  # that is meeting_twice
            ):
                clashes.setdefault(other.file, []).append(name)
                others[other.file] = other
            if other is None or (other.date, other.end or 0) < (sitting.date, sitting.end):
                busy[name] = sitting
        for file, both in clashes.items():
            who = "、".join(both[:5]) + ("等" if len(both) > 5 else "")
            message = f"{who}同一时间在两个会上：{others[file].name}（{file}）还没有散会"
            yield _finding(
                "person_in_two_meetings", Severity.ERROR, message, sitting, "开始时间", "核对两个会的时间和名单"
            )


def _carried(ordered: Sequence[Sitting], today: str) -> Iterator[Finding]:
    """A resolution is carried forward until it is closed; an open one after its deadline is late."""
    waiting: dict[str, dict[str, Task]] = {}
    dropped: dict[str, dict[str, Task]] = {}
    last: dict[str, Sitting] = {}
    for sitting in ordered:
        tasks, lost = waiting.setdefault(sitting.meeting, {}), dropped.setdefault(sitting.meeting, {})
        if sitting.carries:
            for key in [key for key in tasks if key not in sitting.carried]:
                task = lost[key] = tasks.pop(key)
                message = f"{task.since}议定的“{beginning(task.text)}”没有办结，本次会议没有列入"
                yield _finding(
                    "resolution_dropped",
                    Severity.WARNING,
                    message,
                    sitting,
                    "上次会议议定事项",
                    "列入“上次会议议定事项办理情况”",
                )
        for closed in sitting.closed:
            tasks.pop(closed, None)
            lost.pop(closed, None)
        tasks.update({same(task.text): task for task in sitting.tasks})
        last[sitting.meeting] = sitting
    for meeting, tasks in waiting.items():
        for task in (*tasks.values(), *dropped[meeting].values()):
            if today and _ISO.fullmatch(task.due) and task.due < today:
                message = f"{task.since}议定的“{beginning(task.text)}”（{task.post}，{task.due}前）没有办结的记录"
                yield _finding(
                    "resolution_overdue", Severity.WARNING, message, last[meeting], "议定事项", "下次会议写明办理结果"
                )
