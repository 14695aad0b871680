"""The register of a folder: every minutes file, report and checklist against the duties of the year.

One file after the other is read; of each only the data that the rules across files need are kept, so that memory hardly grows.
A file proves something if it is this unit's, if no rule finds an error in it, and if the meeting reached its quorum; every
other one stands among the findings with its reason.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date as Date
from pathlib import Path
from sys import intern

from toolkit.compose.resolve import only_name
from toolkit.core.findings import Finding, Place, Severity, has_errors
from toolkit.core.memo import gc_paused
from toolkit.forms import Form, FormData
from toolkit.minutes import checking, reading, records
from toolkit.minutes.records import Opened
from toolkit.minutes.register import across
from toolkit.minutes.register.across import Sitting
from toolkit.minutes.register.evidence import Prover
from toolkit.minutes.register.matching import DONE, LATE, LATER, NEXT, OVERDUE, Due, Evidence, Status, statuses
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.record import Minutes
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Duty, plain

#: After so many files the garbage collector runs once.
_FILES_A_COLLECTION = 256
#: The finding that a meeting did not reach its quorum.
_NO_QUORUM = "quorum_missed"
#: Ids alone, behind a label, and in quotes.
_ID = re.compile("[a-z][a-z0-9_]*")
_ID_BEHIND = re.compile("[（(][a-z][a-z0-9_]*[）)]")
_QUOTED_ID = re.compile("“([a-z][a-z0-9_]*)”")


@dataclass(slots=True)
class Scan:
    """The contents of a folder of records: files that were ``read``, ``blank`` forms, ``other`` files, ``unread`` ones.

    ``seen`` gives by the hash of the content the first file of that content: a form kept as DOCX and as YAML counts once.
    ``void`` are meetings below their quorum, by the duties that they would have proved; ``reporters`` the units of a duty.
    """

    folder: Path = Path()
    sittings: list[Sitting] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    void: list[Evidence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)
    copies: dict[tuple[str, ...], str] = field(default_factory=dict)
    reporters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    read: int = 0
    blank: int = 0
    other: int = 0
    unread: int = 0


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
    def overdue(self) -> list[tuple[Duty, Due]]:
        """The due dates that passed without a record, with their duties: every page counts these as overdue."""
        return [(row.duty, due) for row in self.statuses for due in row.dues if due.state == OVERDUE]

    @property
    def undated(self) -> str:
        """The parameter of the issue date where nothing says from which day duties bind: the whole year counts. Else empty."""
        resolved = self.source.resolved
        return "" if resolved.due_rule.since else only_name(resolved.preset.identity.get("date", ()))

    @property
    def sums(self) -> str:
        """How many due dates are in each state and how many files were read, in words."""
        rows, scan = self.statuses, self.scan
        count = {state: sum(row.count(state) for row in rows) for state in (DONE, LATE, OVERDUE, NEXT, LATER)}
        return (
            f"{len(rows)} 项职责，{sum(len(row.dues) for row in rows)} 次到期："
            f"按期完成 {count[DONE]} 次，逾期完成 {count[LATE]} 次，"
            f"逾期未完成 {count[OVERDUE]} 次，未到期 {count[NEXT] + count[LATER]} 次。"
            f"读了 {scan.read} 份记录，空白表 {scan.blank} 份，其他文件 {scan.other} 份"
            + (f"，读不了的 {scan.unread} 份" if scan.unread else "")
            + "。"
        )


def scan(unit: Unit, folder: Path, progress: Callable[[Path], None] = lambda _: None, deep: bool = True) -> Scan:
    """Read every form of a folder, and if ``deep`` of the folders in it; a file that cannot be read is a finding.

    ``progress`` is called after each file.
    """
    prover = Prover(unit)
    result = Scan(folder, reporters=prover.reporters)
    with gc_paused():  # a collection would look through all that is kept of the files before
        for number, path in enumerate(records.files(folder, deep), 1):
            _take(prover, path, path.relative_to(folder).as_posix(), result)
            progress(path)
            if number % _FILES_A_COLLECTION == 0:
                gc.collect(0)
    _count_copies_once(result)
    return result


#: The label of a field that a form does not have.
_NO_FIELD = "unknown_field"
#: Warnings about reading a file that are worth a line in the register.
_SHOWN = frozenset({"renamed", "text_not_read", "printed_text_changed"})


def _take(prover: Prover, path: Path, name: str, result: Scan) -> None:
    prover, opened = _opened(prover, path, name)
    unit, (state, data, findings, _) = prover.unit, opened
    result.unread += state == records.PROBLEM
    result.blank += state == records.BLANK
    result.other += state == records.OTHER
    if state != records.FORM:
        result.findings += findings if state != records.BLANK else ()
        return
    if whose := reading.other_unit(unit, data, path):
        result.other += 1
        result.findings.append(reading.other_unit_error(unit, whose, name, "不作为完成的证明"))
        return
    result.read += 1
    result.findings += [finding for finding in findings if finding.code in _SHOWN]
    first, known = result.seen.setdefault(digest(data), name), len(result.evidence)
    if first != name:
        message = f"和 {first} 内容相同，只算一份"
        result.findings.append(Finding("meeting_twice", Severity.NOTICE, message, Place(file=name)))
        return
    minutes = _judge(prover, replace(data, findings=findings), name, result)
    result.evidence[known:] = _with_absorbed(unit, result.evidence[known:])
    if minutes is not None:  # one below its quorum was no session
        result.sittings.append(_sitting(unit, minutes, name))


def _opened(prover: Prover, path: Path, name: str) -> tuple[Prover, Opened]:
    """Return a file as a record of this size, or of the other where only that has its form, or has it with these fields."""
    opened = records.open_file(prover.unit, path, name)
    is_strange = any(finding.code == _NO_FIELD for finding in opened.findings)
    if prover.unit.has_form(opened.named) and not is_strange:
        return prover, opened
    for other in prover.unit.in_other_sizes(opened.named):
        read = records.open_file(other, path, name)
        if not any(finding.code == _NO_FIELD for finding in read.findings):
            return Prover(other), read
    return prover, opened


def _with_absorbed(unit: Unit, evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return evidence, of a duty that absorbs others for these too: a set of the full size has them one by one."""
    absorbed = unit.resolved.preset.absorbed
    names = {duty: [name for name, by in absorbed.items() if by == duty] for duty in absorbed.values()}
    return [replace(proof, duty=name) for proof in evidence for name in (proof.duty, *names.get(proof.duty, ()))]


def _judge(prover: Prover, data: FormData, name: str, result: Scan) -> Minutes | None:
    """Collect the evidence of a form, or say why it proves nothing; return the minutes, None for another form."""
    found, minutes = checking.judged(prover.unit, data, name)
    form = prover.unit.form(data.document)
    found = tuple(
        replace(finding, where=replace(finding.where, file=name, key=_label(form, finding))) for finding in found
    )
    wrong = [finding for finding in found if has_errors((finding,))]
    met = checking.reached_quorum(data, found)
    proof = prover.proof(data, name, void=not met)
    if not met:
        result.findings.append(checking.below_quorum(name, "不作为完成的证明"))
        result.findings += [finding for finding in found if has_errors((finding,)) or finding.code == _NO_QUORUM]
        result.void += proof.evidence
        return None
    if wrong:
        message = f"有{len(wrong)}处要改，不作为完成的证明"
        hint = "按下面列出的逐项改正；toolkit minutes check 列出全部问题"
        result.findings.append(Finding("record_errors", Severity.ERROR, message, Place(file=name), hint))
    else:
        result.findings += proof.findings
        result.evidence += _once(prover, data, proof.evidence, name, result)
    result.findings += wrong
    return minutes


def _once(
    prover: Prover, data: FormData, evidence: tuple[Evidence, ...], name: str, result: Scan
) -> tuple[Evidence, ...]:
    """Return the evidence of a form that is no minutes, none if another file is a copy of the same record."""
    if not evidence or prover.unit.meeting_of(data.document) is not None:
        return evidence
    same, stated = evidence[0], prover.stated(data)
    if not stated.once:
        return evidence
    whose = same.reporter
    if not whose or whose.startswith("各"):  # each of a kind reports for itself
        whose = stated.reporter
    key = (data.document, stated.number, same.date, *same.period, whose)
    first = result.copies.setdefault(key, name)
    if first == name:
        return evidence
    title = prover.unit.documents[data.document].file_name
    message = f"同一份“{title}”（{same.date}）有两个文件，内容不同：另一份是 {first}；只算一份"
    hint = "留下一份，另一份移出这个文件夹"
    result.findings.append(Finding("meeting_twice", Severity.ERROR, message, Place(file=name), hint))
    return ()


class Checked:
    """Judges forms one after the other by the rules for each, and remembers them to tell two files of one record."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._prover = Prover(unit)
        self._scan = Scan()

    def take(self, data: FormData, name: str) -> tuple[Finding, ...]:
        """Return all findings about a form (normalised data) by itself."""
        found, minutes = checking.judged(self.unit, data, name)
        if not data.document or self._scan.seen.setdefault(digest(data), name) != name:
            return found
        proof = self._prover.proof(data, name)
        if minutes is not None:
            self._scan.sittings.append(_sitting(self.unit, minutes, name))
        else:
            _once(self._prover, data, proof.evidence, name, self._scan)
        return (*found, *proof.findings)

    def copies(self) -> tuple[Finding, ...]:
        """Return the finding about two files of one record."""
        return (*across.twice(self._scan.sittings), *self._scan.findings)


def _count_copies_once(result: Scan) -> None:
    """Drop the evidence of the second of two files of one meeting, where the first has it."""
    there = {proof.file for proof in result.evidence}
    again = {sitting.file for sitting, first in across.copies(result.sittings) if first.file in there}
    result.evidence = [proof for proof in result.evidence if proof.file not in again]


def digest(data: FormData) -> int:
    """Return a hash of the content of a form, as DOCX or as YAML; it is compared within one run only."""
    rows = tuple(
        (name, tuple((row.key, *sorted(row.values.items())) for row in lines))
        for name, lines in sorted(data.tables.items())
    )
    return hash((data.document, tuple(sorted(data.values.items())), rows))


def _sitting(unit: Unit, minutes: Minutes, name: str) -> Sitting:
    """Return the part of minutes that the rules across meetings need."""
    document = minutes.data.document
    meeting = unit.meeting_of(document)
    assert meeting is not None
    made = across.sitting(minutes, meeting.name, name, field_ids.PREVIOUS in unit.form(document).tables)
    return replace(made, present=tuple(map(intern, made.present)))


def register(
    unit: Unit,
    folder: Path | None,
    year: int,
    today: Date,
    progress: Callable[[Path], None] = lambda _: None,
    deep: bool = True,
) -> Register:
    """Return the register of a year: duties with their evidence, and all findings across files (:func:`scan`).

    ``folder``: None where nothing was recorded yet.
    """
    found = scan(unit, folder, progress, deep) if folder is not None else Scan(reporters=Prover(unit).reporters)
    ahead = {proof.file: proof.date for proof in found.evidence if proof.date > today.isoformat()}
    held = [proof for proof in (*found.evidence, *found.void) if proof.file not in ahead]
    rows = statuses(unit.set.duties, held, year, today, found.reporters, unit.resolved.due_rule)
    meetings = unit.resolved.meetings
    prepared_by = {meeting.id: meeting.prepared_by for meeting in meetings.values() if meeting.prepared_by}
    labels = {meeting.id: meeting.name for meeting in meetings.values()}
    findings = [*found.findings, *across.check(found.sittings, prepared_by, labels, today.isoformat())]
    findings += [day_ahead(file, day, today) for file, day in ahead.items()]
    findings += [_overdue(row, due) for row in rows for due in row.dues if due.state == OVERDUE]
    shown = (_with_labels(unit, finding) for finding in dict.fromkeys(findings))
    return Register(unit.set.unit, year, today, tuple(rows), found, tuple(shown), unit)


def _label(form: Form, finding: Finding) -> str:
    """Return the label of the field that a finding is about (its subject: ``field`` or ``table.row.field``)."""
    table, _, rest = finding.subject.partition(".")
    number, _, name = rest.partition(".")
    if table in form.tables and number.isdecimal():
        part = form.tables[table].fields.get(name)
        caption = plain(form.tables[table].table.caption) or table
        return f"{caption}（第{number}行）{part.label if part is not None else ''}"
    part = form.fields.get(finding.subject)
    return part.label if part is not None and part.label else finding.where.key


def _with_labels(unit: Unit, finding: Finding) -> Finding:
    """Return a finding for people: labels where it names forms, meetings and duties by their ids."""
    message = _QUOTED_ID.sub(lambda match: f"“{unit.labels.get(match[1], match[1])}”", finding.message)
    key = finding.where.key  # mostly a label already: those of all forms are not gathered for it
    key = unit.labels.get(key, key) if _ID.fullmatch(key) else _ID_BEHIND.sub("", key)
    return replace(finding, message=_ID_BEHIND.sub("", message), where=replace(finding.where, key=key))


def day_ahead(file: str, day: str, today: Date) -> Finding:
    """Return the finding that a record is of a day (ISO) after that of the register."""
    message = f"日期是{day}，在{today.isoformat()}之后，不作为完成的证明"
    return Finding("date_ahead", Severity.WARNING, message, Place(file=file), "核对日期；会还没有开的，开过以后再登记")


def _overdue(row: Status, due: Due) -> Finding:
    share = f"：{due.share}" if due.reports else "，没有记录"
    message = f"“{row.duty.label}”（{row.duty.actor_name}）{due.due.limit.month}月{due.due.limit.day}日到期{share}"
    return Finding("duty_overdue", Severity.WARNING, message, Place(), row.duty.record, subject=row.duty.id)
