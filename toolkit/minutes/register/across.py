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
    tasks = tuple(Task(one.text, one.post, one.due, minutes.date) for one in minutes.resolutions if one.text)
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
        frozenset(same(one.text) for one in minutes.previous if one.closed),
        frozenset(same(one.text) for one in minutes.previous),
        carries,
    )


def open_tasks(sittings: Iterable[Sitting], meeting: str) -> list[Task]:
    """Return the tasks of a meeting that are still open after its last sitting, oldest first."""
    waiting: dict[str, Task] = {}
    for one in sorted((one for one in sittings if one.meeting == meeting), key=lambda one: one.order):
        for closed in one.closed:
            waiting.pop(closed, None)
        waiting.update({same(task.text): task for task in one.tasks})
    return list(waiting.values())


def check(
    sittings: Sequence[Sitting], prepared_by: Mapping[str, str], labels: Mapping[str, str], today: str
) -> Iterator[Finding]:
    """Yield faults between meetings. ``prepared_by``: meeting → the one that prepares it; ``labels``: their names."""
    ordered = sorted(sittings, key=lambda one: one.order)
    yield from twice(ordered)
    again = {id(one) for one, _ in copies(ordered)}
    ordered = [one for one in ordered if id(one) not in again]
    yield from _numbers(ordered)
    yield from _prepared(ordered, prepared_by, labels)
    yield from _two_places(ordered)
    yield from _carried(ordered, today)


def _finding(code: str, severity: Severity, message: str, one: Sitting, key: str, hint: str = "") -> Finding:
    return Finding(code, severity, message, Place(file=one.file, key=key), hint, subject=one.meeting)


def copies(sittings: Iterable[Sitting]) -> Iterator[tuple[Sitting, Sitting]]:
    """Yield each further file of a meeting with the first: the same session, or the same day and hour."""
    seen: dict[tuple, Sitting] = {}
    for one in sorted(sittings, key=lambda one: one.order):
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
    for one, first in copies(sittings):
        what = f"{one.name}{one.year}年第{one.ordinal}次" if one.ordinal else f"{one.date}的{one.name}"
        message = f"{what}有两份记录：另一份是 {first.file}"
        found = _finding("meeting_twice", Severity.ERROR, message, one, "会议次数", "留下一份，另一份移出这个文件夹")
        yield replace(found, subject=first.file)


def _numbers(ordered: Sequence[Sitting]) -> Iterator[Finding]:
    last: dict[tuple[str, str], int] = {}
    for one in ordered:
        if not one.ordinal.isdecimal():
            continue
        number, before = int(one.ordinal), last.get((one.meeting, one.year), 0)
        if number != before + 1 and number != before:
            message = (
                f"{one.date}是{one.year}年第{number}次，前一次是第{before}次"
                if before
                else f"{one.year}年的第一份记录是第{number}次"
            )
            yield _finding("ordinal_order", Severity.NOTICE, message, one, "会议次数")
        last[one.meeting, one.year] = number


def _prepared(
    ordered: Sequence[Sitting], prepared_by: Mapping[str, str], labels: Mapping[str, str]
) -> Iterator[Finding]:
    """支委会 before 党员大会: the meeting that prepares another is held between its sessions, not after it."""
    latest: dict[str, Sitting] = {}
    before: dict[str, str] = {}
    for one in ordered:
        needed = prepared_by.get(one.meeting)
        if needed and _ISO.fullmatch(one.date):
            prepared = latest.get(needed)
            if prepared is None or prepared.date < before.get(one.meeting, ""):
                since = f"{before[one.meeting]}以来" if one.meeting in before else "此前"
                message = f"{one.date}开{one.name}，{since}没有开过{labels.get(needed, needed)}"
                hint = "先由委员会研究，再提交大会；记录不在这个文件夹的，请放进来"
                yield _finding("meeting_order", Severity.WARNING, message, one, "会议日期", hint)
            before[one.meeting] = one.date
        latest[one.meeting] = one


def _two_places(ordered: Sequence[Sitting]) -> Iterator[Finding]:
    """Who is still in one meeting is not in another. Each person's last meeting of the day is enough to see it."""
    busy: dict[str, Sitting] = {}
    for one in ordered:
        if one.start is None or one.end is None or not _ISO.fullmatch(one.date):
            continue
        clashes: dict[str, list[str]] = {}
        others: dict[str, Sitting] = {}
        for name in one.present:
            other = busy.get(name)
            if (
                other is not None
                and other.date == one.date
                and (other.end or 0) > one.start
                and (other.meeting, other.ordinal) != (one.meeting, one.ordinal)  # that is meeting_twice
            ):
                clashes.setdefault(other.file, []).append(name)
                others[other.file] = other
            if other is None or (other.date, other.end or 0) < (one.date, one.end):
                busy[name] = one
        for file, both in clashes.items():
            who = "、".join(both[:5]) + ("等" if len(both) > 5 else "")
            message = f"{who}同一时间在两个会上：{others[file].name}（{file}）还没有散会"
            yield _finding("person_in_two_meetings", Severity.ERROR, message, one, "开始时间", "核对两个会的时间和名单")


def _carried(ordered: Sequence[Sitting], today: str) -> Iterator[Finding]:
    """A resolution is carried forward until it is closed; an open one after its deadline is late."""
    waiting: dict[str, dict[str, Task]] = {}
    dropped: dict[str, dict[str, Task]] = {}
    last: dict[str, Sitting] = {}
    for one in ordered:
        tasks, lost = waiting.setdefault(one.meeting, {}), dropped.setdefault(one.meeting, {})
        if one.carries:
            for key in [key for key in tasks if key not in one.carried]:
                task = lost[key] = tasks.pop(key)
                message = f"{task.since}议定的“{beginning(task.text)}”没有办结，本次会议没有列入"
                yield _finding(
                    "resolution_dropped",
                    Severity.WARNING,
                    message,
                    one,
                    "上次会议议定事项",
                    "列入“上次会议议定事项办理情况”",
                )
        for closed in one.closed:
            tasks.pop(closed, None)
            lost.pop(closed, None)
        tasks.update({same(task.text): task for task in one.tasks})
        last[one.meeting] = one
    for meeting, tasks in waiting.items():
        for task in (*tasks.values(), *dropped[meeting].values()):
            if today and _ISO.fullmatch(task.due) and task.due < today:
                message = f"{task.since}议定的“{beginning(task.text)}”（{task.post}，{task.due}前）没有办结的记录"
                yield _finding(
                    "resolution_overdue", Severity.WARNING, message, last[meeting], "议定事项", "下次会议写明办理结果"
                )
