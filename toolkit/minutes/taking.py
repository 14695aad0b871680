"""Takes the record of a meeting that came back: checks, 纪要 and its public version, a short text for a group message.

Used by ``files``; which files are records and where the results go is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date as Date
from itertools import chain, count
from pathlib import Path

from toolkit.core.findings import FileError, Finding, Place, Severity, has_errors
from toolkit.formats import FORMATS, MAIN
from toolkit.forms import FormData
from toolkit.language.periods import is_iso_date, print_typed_date
from toolkit.minutes import making, masking, reading, records, summary
from toolkit.minutes.checking import below_quorum, reached_quorum
from toolkit.minutes.files import check_data, likely_names
from toolkit.minutes.register import register, report, stated_periods
from toolkit.minutes.register.evidence import Prover, Stated
from toolkit.minutes.register.register import Register
from toolkit.minutes.rules import field_ids
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document, Provision, inlines_of, plain, walk
from toolkit.output import Report, commit, safe_name
from toolkit.output.disk import folders_made, save_new


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that came back: its kind, its findings, and the files that follow from it (none where it has errors).

    ``files``: name → content; ``record`` is the name that the record is kept under; ``said`` is the hash of its content;
    ``once``: another file of this name is of the same record, else there may be several of a day; ``state`` is one of
    :mod:`toolkit.minutes.records`: a form, an empty one, a file that cannot be read.
    """

    name: str
    title: str
    findings: tuple[Finding, ...]
    files: dict[str, bytes]
    record: str = ""
    said: int = 0
    once: bool = True
    state: str = records.FORM

    @property
    def accepted(self) -> bool:
        """Whether it is a record of this unit without errors."""
        return self.state == records.FORM and bool(self.title) and not has_errors(self.findings)

    @property
    def outcome(self) -> str:
        """The outcome in words."""
        if self.state == records.BLANK:
            return "空白表，还没有填写"
        if self.state == records.PROBLEM:
            return "没有收下"
        if not self.accepted:
            return "有错误，改正后再收"
        return "内容相同，只收一份" if any(finding.code == "meeting_twice" for finding in self.findings) else "已收下"


def take(unit: Unit, name: str, data: FormData, findings: tuple[Finding, ...], form: str) -> Taken:
    """Make the files that follow from a filled form that was read and checked; ``form`` is the format of the 纪要."""
    title = unit.documents[data.document].file_name if data.document else ""
    if not title or has_errors(findings):
        return Taken(name, title, findings, {})
    if unit.meeting_of(data.document) is None:
        stated = Prover(unit).stated(data)
        return Taken(name, title, findings, {}, kept_name(title, stated), register.digest(data), stated.once)
    stem, said = session(unit, data), register.digest(data)
    if not reached_quorum(data, findings):
        return Taken(name, title, (*findings, below_quorum(name, "没有写纪要")), {}, stem, said)
    full, public = (summary.summary(unit, data, reduced) for reduced in (False, True))
    suffix = FORMATS[form].suffix
    files = {
        f"{stem}-纪要{suffix}": making.write(unit, full, form, unit.where),
        f"{stem}-纪要（公开版）{suffix}": making.write(unit, public, form, unit.where),
        f"{stem}-群消息.txt": message(unit, data, public).encode(),
    }
    return Taken(
        name, title, (*findings, *likely_names(unit, public, Place(file=name, key="公开版"))), files, stem, said
    )


def session(unit: Unit, data: FormData) -> str:
    """Return the name of a record for files: 2026-12-02 专题研究会议记录（第4次）."""
    title = unit.documents[data.document].file_name
    date, ordinal = data.get(field_ids.DATE), data.get(field_ids.ORDINAL)
    day = f"{date} " if is_iso_date(date) else ""
    return safe_name(f"{day}{title}（第{ordinal}次）" if ordinal.isdecimal() else f"{day}{title}")


def kept_name(title: str, stated: Stated) -> str:
    """Return the name that a record that is no minutes is kept under: 2026-07-02 自查表（2026年第2季度，一组）."""
    about = "，".join(
        filter(None, (stated_periods.named(stated.period), stated.reporter if stated.once else "", stated.number))
    )
    return safe_name(f"{stated.day} {title}（{about}）".strip() if about else f"{stated.day} {title}".strip())


def message(unit: Unit, data: FormData, public: Document) -> str:
    """Return a few lines for a group message, from the public 纪要: time, place, number of people, decisions."""
    meeting = unit.meeting_of(data.document)
    lines = [f"【{meeting.name if meeting else public.title}】", *_facts(unit, data)]
    decisions = [
        plain(tuple(inlines_of(block)))
        for block in walk(public.body)
        if isinstance(block, Provision) and block.id.startswith("decision_") and block.level == "paragraph"
    ]
    lines.append("议定事项：" if decisions else "会议没有议定事项。")
    lines += [f"{number}．{text}" for number, text in enumerate(decisions, 1)]
    return "\n".join(lines) + "\n"


def _facts(unit: Unit, data: FormData) -> Iterator[str]:
    day, start = print_typed_date(data.get(field_ids.DATE)), data.get(field_ids.STARTED)
    if day or start:
        yield f"时间：{day}{start}"
    if place := data.get(field_ids.PLACE):
        yield f"地点：{masking.without_names(masking.without_numbers(place), masking.listed_names(unit, data))}"
    expected, present = data.get(field_ids.EXPECTED), data.get(field_ids.PRESENT)
    if present:
        yield f"到会：应到{expected}人，实到{present}人" if expected else f"到会：{present}人"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of :func:`take_all`. ``skipped``: files of a folder that are no forms of this unit; ``added``: new records.

    ``later``: that another file of the folder is of the same meeting as a new record.
    """

    taken: tuple[Taken, ...]
    skipped: tuple[str, ...]
    added: tuple[Path, ...]
    register: Register
    report: Report
    later: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings about the files that came back."""
        return (*(finding for taken_file in self.taken for finding in taken_file.findings), *self.later)


@dataclass(frozen=True, slots=True)
class Target:
    """The folders of :func:`take_all`: ``records`` keeps the forms, ``out`` the 纪要, messages and register.

    ``form`` is the format of the 纪要; ``force`` replaces files in ``out`` that were edited (they are kept aside). ``deep``: the
    folders in ``records`` belong to it; nobody said so of the folder that a file merely came from. ``replaces``: the record that
    a form is the corrected version of.
    """

    records: Path
    out: Path
    form: str = MAIN
    force: bool = False
    deep: bool = True
    replaces: Path | None = None


def take_all(unit: Unit, paths: Sequence[Path], target: Target, year: int, today: Date) -> Outcome:
    """Take files that came back, or folders of them, to everything that follows, and bring the register up to date.

    Only records without errors go on. One from elsewhere is copied into ``target.records`` and never over another file.
    Raises FileError, and Refused where a file in ``target.out`` was edited.
    """
    unit.require_clean()
    for path in paths:
        if not path.exists():
            raise FileError(f"找不到文件或文件夹 {path}", "请检查路径", "unreadable")
    taken: list[Taken] = []
    skipped: list[str] = []
    added: list[Path] = []
    out = target.out.resolve()
    results = None if out in (target.records.resolve(), *(path.resolve() for path in paths)) else out
    for given, path in records.each(paths, results):
        named = path is given
        one = (_take_named if named else _take_found)(unit, path, target.form, today)
        if one is None or (not one.title and not named):
            skipped += [str(path)] if one is not None else []
            continue
        first = next((other for other in taken if other.accepted and _same_record(one, other)), None)
        if first is not None:
            taken.append(replace(one, findings=(*one.findings, _twice(one, first)), files={}))
            continue
        if one.accepted and not path.resolve().is_relative_to(target.records.resolve()):
            one = _keep(unit, path, target, one, added)
        taken.append(one)
    target.records.mkdir(parents=True, exist_ok=True)
    found = register.register(unit, target.records, year, today, deep=target.deep)
    files = {name: data for taken_file in taken for name, data in taken_file.files.items()}
    files[f"{year}年履责台账.xlsx"] = report.write(found, "xlsx", where=unit.where)
    manifest = {"tool": "minutes take", "files": {name: {"document": Path(name).stem} for name in files}}
    written = commit(target.out, files, manifest, force=target.force, partial=True)
    return Outcome(tuple(taken), tuple(skipped), tuple(added), found, written, _later(found, target.records, added))


def _later(found: Register, records: Path, added: Sequence[Path]) -> tuple[Finding, ...]:
    """Return that another file of the folder is of the same meeting as a new record, as the register found it."""
    names = {path.relative_to(records).as_posix() for path in added}
    return tuple(
        replace(finding, where=replace(finding.where, file=str(records / finding.where.file)))
        for finding in found.findings
        if finding.code == "meeting_twice" and not names.isdisjoint((finding.where.file, finding.subject))
    )


def _take_named(unit: Unit, path: Path, form: str, today: Date) -> Taken:
    """Take a file that the user named: it should be a form."""
    name = str(path)
    try:
        data = reading.read(path)
    except FileError as error:
        return Taken(name, "", (records.refused(error, path),), {}, state=records.PROBLEM)
    return _take_data(unit, path, data, form, today)


def _take_found(unit: Unit, path: Path, form: str, today: Date) -> Taken | None:
    """Take a file of a folder; None for one that has nothing to do with forms."""
    state, data, findings = records.open_file(unit, path, str(path))[:3]
    if state == records.IGNORED:
        return None
    if state == records.PROBLEM:
        return Taken(str(path), "不能读取", findings, {}, state=state)
    if state == records.OTHER:
        return None if reading.is_report(path) else Taken(str(path), "", findings, {}, state=state)
    if state == records.BLANK:
        return Taken(
            str(path), unit.documents[data.document].file_name if data.document else "空白表", (), {}, state=state
        )
    return _take_data(unit, path, data, form, today)


def _take_data(unit: Unit, path: Path, read: FormData, form: str, today: Date) -> Taken:
    name = str(path)
    data, findings = check_data(unit, read, name)
    if data.document and (whose := reading.other_unit(unit, data, path)):
        return Taken(name, "别的单位的表", (reading.other_unit_error(unit, whose, name, "没有收下"),), {})
    day = data.get(field_ids.DATE)
    if is_iso_date(day) and day > today.isoformat():
        findings = (*findings, register.day_ahead(name, day, today))
    return take(unit, name, data, findings, form)


def _twice(taken: Taken, first: Taken) -> Finding:
    if taken.said == first.said:
        return Finding("meeting_twice", Severity.NOTICE, f"和 {first.name} 内容相同，只收一份", Place(file=taken.name))
    message = f"{taken.record}有两份，只用先读到的 {first.name}"
    return Finding("meeting_twice", Severity.ERROR, message, Place(file=taken.name), "核对后留下一份，另一份移走")


def _keep(unit: Unit, path: Path, target: Target, taken: Taken, added: list[Path]) -> Taken:
    """Copy a record into the folder of records, unless it is there already; never over or beside another of its name.

    The record that it ``replaces`` is no other: it is put aside.
    """
    data, folder, old = path.read_bytes(), target.records, target.replaces
    there = [kept for kept in sorted(folder.iterdir()) if _is_named(kept, taken)] if folder.is_dir() else []
    there = [kept for kept in there if old is None or kept.resolve() != old.resolve()]
    if any(kept.read_bytes() == data or _said(unit, kept) == taken.said for kept in there):
        return taken
    if not there or not taken.once:
        stems = {kept.stem for kept in there}
        numbered = (f"{taken.record}-{number}" for number in count(2))
        stem = next(stem for stem in chain((taken.record,), numbered) if stem not in stems)
        copy = folder / f"{stem}{path.suffix.lower()}"
        with folders_made(folder), _put_aside(old):
            save_new(copy, data)
        added.append(copy)
        return taken
    message = f"记录文件夹里已经有 {there[0].name}，内容不同，没有替换"
    found = Finding(
        "record_exists", Severity.ERROR, message, Place(file=taken.name), "核对后留下一份，另一份移走或改名"
    )
    return replace(taken, findings=(*taken.findings, found), files={})


#: Where replaced records are kept, beside them; the register passes over it.
_OLD = ".旧"


@contextmanager
def _put_aside(record: Path | None) -> Iterator[None]:
    """Put a record aside while its corrected version is written; back again if that fails."""
    if record is None or not record.is_file():
        yield
        return
    folder = record.parent / _OLD
    is_new = not folder.is_dir()
    folder.mkdir(exist_ok=True)
    names = chain((record.name,), (f"{record.stem}-{number}{record.suffix}" for number in count(2)))
    aside = next(folder / name for name in names if not (folder / name).exists())
    record.rename(aside)
    try:
        yield
    except BaseException:
        aside.rename(record)
        if is_new:
            folder.rmdir()
        raise


def _same_record(taken: Taken, other: Taken) -> bool:
    """Whether a form is a further file of one that was taken."""
    return bool(taken.said) and taken.record == other.record and (taken.once or taken.said == other.said)


def _is_named(path: Path, taken: Taken) -> bool:
    """Whether a kept file has the name of a record, or of one of several of its day."""
    number = path.stem.removeprefix(f"{taken.record}-")
    return path.stem == taken.record or (not taken.once and path.stem.startswith(taken.record) and number.isdecimal())


def _said(unit: Unit, path: Path) -> int:
    """Return the hash of the content of a kept record; 0 for a file that holds no form."""
    state, data, _ = records.open_file(unit, path, str(path))[:3]
    return register.digest(data) if state == records.FORM else 0
