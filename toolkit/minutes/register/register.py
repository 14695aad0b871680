"""The register of a folder: every minutes file, report and checklist against the duties of the year.

One file after the other is read; of each only what the rules across files need is kept, so that memory hardly grows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date as Date
from pathlib import Path
from sys import intern

from toolkit.core.findings import FileError, Finding, Place, Severity, has_errors
from toolkit.forms import FormData, is_form_yaml, totals
from toolkit.minutes import reading
from toolkit.minutes.register import across
from toolkit.minutes.register.across import Sitting
from toolkit.minutes.register.matching import (
    DONE,
    LATE,
    LATER,
    LINE,
    MINUTES,
    NEXT,
    OVERDUE,
    RECORD,
    Evidence,
    Status,
    statuses,
)
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.record import read as read_minutes
from toolkit.minutes.unit import Unit

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_NOTHING = frozenset({"", "无", "没有", "未讨论"})
#: What a new form holds before the meeting, outside of tables and in their rows.
_PREPARED = frozenset(
    {field_ids.DATE, field_ids.YEAR, field_ids.ORDINAL, field_ids.EXPECTED, field_ids.EXPECTED_VOTING}
)
_LISTED = frozenset({"name", "post"})
_PREPARED_ROWS = {
    field_ids.ATTENDANCE: frozenset({"name", "post", "voting"}),
    field_ids.PREVIOUS: frozenset({"past", "past_post", "past_note"}),
    field_ids.AGENDA: frozenset(),
}
#: A YAML file is looked at this far to see whether it is a form.
_LOOK = 4096


@dataclass(slots=True)
class Scan:
    """What a folder of records holds. ``blank`` counts empty forms, ``other`` files that are no forms.

    ``seen`` gives by the hash of what it says the first file that says so: a form kept as DOCX and as YAML counts once.
    """

    sittings: list[Sitting] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)
    read: int = 0
    blank: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Register:
    """The register of a year, as all outputs print it. ``today`` is the day that it is judged on, ``source`` whose it is."""

    unit: str
    year: int
    today: Date
    statuses: tuple[Status, ...]
    scan: Scan
    findings: tuple[Finding, ...]
    source: Unit = field(repr=False, compare=False)

    @property
    def sums(self) -> str:
        """How many due dates are in each state and how many files were read, in words."""
        rows, scan = self.statuses, self.scan
        count = {state: sum(row.count(state) for row in rows) for state in (DONE, LATE, OVERDUE, NEXT, LATER)}
        return (
            f"{len(rows)} 项职责，{sum(len(row.dues) for row in rows)} 次到期："
            f"按期完成 {count[DONE]} 次，逾期完成 {count[LATE]} 次，"
            f"逾期未完成 {count[OVERDUE]} 次，未到期 {count[NEXT] + count[LATER]} 次。"
            f"读了 {scan.read} 份记录，空白表 {scan.blank} 份，其他文件 {scan.other} 份。"
        )


def files(folder: Path) -> list[Path]:
    """Return the files of a folder and the folders in it that can hold forms, sorted; hidden and lock files left out."""
    if not folder.is_dir():
        raise FileError(f"找不到文件夹 {folder}", "请检查路径", "no_folder")
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Path(here, name)
            for name in names
            if name.lower().endswith(reading.SUFFIXES) and not name.startswith((".", "~$"))
        ]
    return sorted(found)


def scan(unit: Unit, folder: Path, progress: Callable[[Path], None] = lambda _: None) -> Scan:
    """Read every form of a folder. A file that cannot be read is a finding. ``progress`` is called after each."""
    result = Scan()
    for path in files(folder):
        _take(unit, path, path.relative_to(folder).as_posix(), result)
        progress(path)
    return result


def _take(unit: Unit, path: Path, name: str, result: Scan) -> None:
    if path.suffix.lower() != ".docx" and not _may_be_form(path):
        result.other += 1
        return
    try:
        data = reading.read(path)
    except FileError as error:
        result.findings.append(
            Finding(error.code or "unreadable", Severity.ERROR, error.message, Place(file=name), error.hint)
        )
        return
    if path.suffix.lower() == ".docx" and not (data.values or data.tables):
        form = data.document in unit.documents and unit.is_form(data.document)
        result.blank += form
        result.other += not form
        return
    data = reading.of_unit(unit, data, name)
    if not data.document:
        result.other += 1
        result.findings += [_in_file(one, name) for one in data.findings]
        return
    if _is_blank(unit, data):
        result.blank += 1
        return
    result.read += 1
    result.findings += [_in_file(one, name) for one in data.findings if has_errors((one,)) or one.code == "other_unit"]
    first = result.seen.setdefault(_digest(data), name)
    if first != name:
        message = f"和 {first} 内容相同，只算一份"
        result.findings.append(Finding("meeting_twice", Severity.NOTICE, message, Place(file=name)))
        return
    result.evidence += evidence(unit, data, name)
    if (one := sitting(unit, data, name)) is not None:
        result.sittings.append(one)


def _digest(data: FormData) -> int:
    """Return a hash of what a form says; it is compared within one run only."""
    rows = tuple(
        (name, tuple((row.key, *sorted(row.values.items())) for row in lines))
        for name, lines in sorted(data.tables.items())
    )
    return hash((data.document, data.unit, tuple(sorted(data.values.items())), rows))


def _in_file(finding: Finding, name: str) -> Finding:
    return replace(finding, where=replace(finding.where, file=name))


def _may_be_form(path: Path) -> bool:
    try:
        with open(path, "rb") as stream:
            return is_form_yaml(stream.read(_LOOK).decode("utf-8", "replace"))
    except OSError:
        return True  # reading it says why it cannot be read


def _is_blank(unit: Unit, data: FormData) -> bool:
    """Whether a form holds nothing beyond what it was made with: a meeting that is only prepared was not held."""
    printed = unit.form(data.document).data()
    if any(name not in _PREPARED and printed.get(name) != value for name, value in data.values.items()):
        return False
    return all(
        rows == printed.tables.get(name, ())
        or all(row.values.keys() <= _PREPARED_ROWS.get(name, _LISTED) for row in rows)
        for name, rows in data.tables.items()
    )


def sitting(unit: Unit, data: FormData, name: str) -> Sitting | None:
    """Return what the rules across meetings need of minutes; None for another form."""
    meeting = unit.meeting_of(data.document)
    if meeting is None:
        return None
    made = across.sitting(
        read_minutes(data, meeting.id), meeting.name, name, field_ids.PREVIOUS in unit.form(data.document).tables
    )
    return replace(made, present=tuple(map(intern, made.present)))


def evidence(unit: Unit, data: FormData, name: str) -> Iterator[Evidence]:
    """Yield what a form proves: minutes, a report, or lines of a checklist with their evidence."""
    document = unit.documents[data.document]
    day = done_date(unit, data)
    if not day:
        return
    if document.family == "minutes":
        proved = dict.fromkeys(document.record_of)
        for row in data.rows(field_ids.AGENDA):
            duty = unit.resolved.duties.get(row.key)
            if duty is not None and duty.meeting == document.meeting and row.values.get("result", "") not in _NOTHING:
                proved[row.key] = None
        yield from (Evidence(duty, day, name, MINUTES) for duty in proved)
        return
    yield from (Evidence(duty, day, name, RECORD) for duty in document.record_of)
    for key, proof in totals.proved(unit.form(data.document), data):
        if key in unit.resolved.duties:
            yield Evidence(key, day, name, LINE, proof[:200])


def done_date(unit: Unit, data: FormData) -> str:
    """Return the day on which a record says its duty was done; empty if it does not."""
    fields = unit.form(data.document).fields
    others = (name for name, part in fields.items() if part.kind == "date" and part.required)
    written = next((value for name in (*field_ids.DONE_DATES, *others) if (value := data.get(name))), "")
    return written if _ISO.fullmatch(written) else ""


def register(
    unit: Unit, folder: Path, year: int, today: Date, progress: Callable[[Path], None] = lambda _: None
) -> Register:
    """Return the register of a year: duties with what proves them, and all findings across files."""
    found = scan(unit, folder, progress)
    rows = statuses(list(unit.set.duties), found.evidence, year, today)
    meetings = unit.resolved.meetings
    prepared_by = {meeting.id: meeting.prepared_by for meeting in meetings.values() if meeting.prepared_by}
    labels = {meeting.id: meeting.name for meeting in meetings.values()}
    findings = [*found.findings, *across.check(found.sittings, prepared_by, labels, today.isoformat())]
    findings += [_overdue(row, due.date) for row in rows for due in row.dues if due.state == OVERDUE]
    return Register(unit.set.unit, year, today, tuple(rows), found, tuple(dict.fromkeys(findings)), unit)


def _overdue(row: Status, due: Date) -> Finding:
    message = f"“{row.duty.label}”（{row.duty.actor_name}）{due.month}月{due.day}日到期，没有记录"
    return Finding("duty_overdue", Severity.WARNING, message, Place(), row.duty.record, subject=row.duty.id)
