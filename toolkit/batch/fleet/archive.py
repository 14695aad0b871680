"""The archive of a year: each unit's set as it stands, its records byte for byte, a page and a list of digests.

``toolkit units archive``. Each unit is a folder or a zip that can be read, handed on and checked without the program. An archive
is never written over: present files are kept, and a unit that would differ is named.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit.batch import engines
from toolkit.batch.fleet import outputs, units
from toolkit.batch.fleet.archive_pages import (
    EMPTY,
    FORMS,
    RECORDS,
    SAME,
    SET,
    WRITTEN,
    Archive,
    Archived,
    all_page,
    unit_page,
)
from toolkit.batch.fleet.year import UnitYear, Year, of_register, records_of
from toolkit.batch.fleet.year_report import year_report
from toolkit.batch.outcome import Options
from toolkit.batch.running import crashed
from toolkit.batch.unit_list import Unit as Listed
from toolkit.batch.work import Settings, Shared, faults_told, packed_for, unpacked
from toolkit.core import zips
from toolkit.core.findings import Finding, Place, Severity, UsageError
from toolkit.language.periods import is_iso_date
from toolkit.minutes.register.register import Register, register
from toolkit.minutes.register.rows import lines
from toolkit.minutes.unit import READING, Unit
from toolkit.output import MANIFEST, STATE, locked, need_inside, seal
from toolkit.output.digests import DIGESTS, can_be_listed, digest, digest_list, walk
from toolkit.output.disk import file_errors, write_whole
from toolkit.output.disk import replace as put

#: Codes of this module's findings: severity and meaning.
CODES: dict[str, str] = {
    "not_archived": "error: a file of a unit is not in its archive: a link, or a name that not every system can hold",
    "archive_differs": "error: a unit is in the archive already, with other files",
}
INDEX, YEAR = "index.html", "各单位履责情况.xlsx"


@dataclass(frozen=True)
class Asked:
    """The options of an archive: the folders of sets and of records, its own, the year, the day of judging, zips or folders."""

    options: Options
    sets: Path
    records: Path
    out: Path
    year: int
    today: Date
    zipped: bool = False

    def absolute(self) -> Asked:
        """Return the same with absolute paths, for a worker."""
        paths = {name: getattr(self, name).absolute() for name in ("sets", "records", "out")}
        return replace(self, **paths)


def archive(source: Path, asked: Asked, tell: Callable[[Archived], None] = lambda unit: None) -> Archive:
    """Write the archive of a year of every unit of a list.

    Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    outputs.need_folder(asked.sets)
    outputs.need_folder(asked.records, "写明存各单位记录的文件夹，toolkit units inbox 写入的就是")
    for folder in (asked.sets, asked.records):
        if asked.out.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"归档不能放在 {folder} 里面", "用 -o 写明另一个文件夹", "archive_inside")
    fleet = units.read(source, asked.options)
    state, found = asked.out / STATE, {}
    with file_errors("无法写入归档"):
        state.mkdir(parents=True, exist_ok=True)
        need_inside(asked.out, [STATE])
        with locked(state):
            shutil.rmtree(_parts(asked.out), ignore_errors=True)  # of a run that was killed
            _parts(asked.out).mkdir()
            try:
                for unit, archived in _each(fleet, asked):
                    found[unit.target] = archived
                    tell(archived)
            finally:
                shutil.rmtree(_parts(asked.out), ignore_errors=True)
            done = Archive(asked.year, asked.today, tuple(found[unit.target] for unit in fleet.units))
            _write_common(done, asked)
    return replace(done, findings=(*fleet.listed.findings, *_strangers(done, asked)))


def _parts(out: Path) -> Path:
    return out / STATE / "parts"


def _each(fleet: units.Fleet, asked: Asked) -> Iterator[tuple[Listed, Archived]]:
    settings = Settings(asked.options, asked.sets, lister=fleet.listed.lister).absolute()
    packed = packed_for(settings, asked.absolute())

    def call(unit: Listed) -> tuple[Callable[..., Archived], tuple[Any, ...]]:
        return work, (packed, unit)

    for unit, result in engines.each(call, fleet.units, asked.options.jobs):
        if isinstance(result, Archived):
            yield unit, result
        else:
            yield unit, Archived(unit.name, unit.row, unit.target, findings=crashed(unit, result))


# --- one unit, in a worker --------------------------------------------------------------------------------------------


def work(packed: bytes, listed: Listed) -> Archived:
    """Archive one unit; never raises for a fault of the unit or the disk."""
    shared, asked = unpacked(packed)
    start = Archived(listed.name, listed.row, listed.target, life=listed.life.words)

    def keep() -> Archived:
        with file_errors("无法归档"):
            return _archived(shared, asked, listed, start)

    return faults_told(keep, lambda found: replace(start, findings=found[:1]))


def _archived(shared: Shared, asked: Asked, listed: Listed, start: Archived) -> Archived:
    today = min(asked.today, Date.fromisoformat(listed.life.closed)) if listed.life.closed else asked.today
    prepared = shared.prepare(shared.profile(listed.source), READING)
    unit = Unit(prepared, asked.options.where, listed.life.former)
    folder = records_of(asked.records, listed)
    made = register(unit, folder if folder.is_dir() else None, asked.year, today)
    home = outputs.place_of(asked.sets, listed.target, listed.name, listed.life.former)
    files = _Gathered()
    if home.wrong is None:
        files.add_folder(home.folder, SET)
    elif home.wrong.code == "only_zip":
        packed = asked.sets / f"{listed.target}.zip"
        files.add({f"{SET}/{name}": data for name, data in zips.unpack(packed.read_bytes(), zips.ZIP).items()})
    others = _of_other_years(made) if folder.is_dir() else set()
    if folder.is_dir():
        files.add_folder(folder, RECORDS, others)
    found = [*files.findings, *_no_set(home, listed)]
    kept = {name: words for name, words in files.states(home.manifest).items() if name.startswith(f"{SET}/")}
    start = replace(
        start,
        files=sum(name.startswith(f"{SET}/") for name in files.members),
        edited=sum(words == FORMS for words in kept.values()),
        records=sum(name.startswith(f"{RECORDS}/") for name in files.members),
        other_years=tuple(sorted(others)),
        year=of_register(UnitYear(listed.name, listed.row, unit.set.kind), made),
        findings=tuple(found),
    )
    if not files.members:
        return replace(start, state=EMPTY)
    files.add({INDEX: unit_page(made, kept, sorted(files.members), start.other_years)})
    files.add({DIGESTS: digest_list({name: digest(data) for name, data in files.members.items()})})
    return _put(start, files.members, asked)


def _no_set(home: outputs.Home, listed: Listed) -> Iterator[Finding]:
    """Yield why a set is not there; not of a unit that ended, nor where its zip is taken."""
    if home.wrong is not None and home.wrong.code != "only_zip" and not listed.life.is_over:
        yield home.wrong


def _of_other_years(made: Register) -> set[str]:
    """Return the records that prove something in other years only; records without a known day belong to every year."""
    years: dict[str, set[str]] = {}
    scan = made.scan
    dated = [(proof.file, proof.date) for proof in (*scan.evidence, *scan.void)]
    for file, day in (*dated, *((sitting.file, sitting.date) for sitting in scan.sittings)):
        years.setdefault(file, set()).add(day[:4] if is_iso_date(day) else "")
    cited = {line.evidence.file for line in lines(made) if line.evidence is not None}
    return {file for file, known in years.items() if file not in cited and not known & {"", str(made.year)}}


class _Gathered:
    """The files of a unit's archive by their paths in it, and the files that could not be taken."""

    def __init__(self) -> None:
        self.members: dict[str, bytes] = {}
        self.findings: list[Finding] = []

    def add(self, files: Mapping[str, bytes]) -> None:
        """Take files that are at hand."""
        self.members |= files

    def add_folder(self, folder: Path, under: str, without: Iterable[str] = ()) -> None:
        """Take every file of a folder but hidden ones; links and names that not every system can hold are findings."""
        left = set(without)
        for name in walk(folder):
            path = folder / name
            if name in left:
                continue
            if path.is_symlink() or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
                self._miss(path, "是链接，没有归档", "换成文件本身，再归档一次")
            elif not can_be_listed(name):
                self._miss(path, "文件名里有别的系统不能用的字符，没有归档", "改名以后再归档一次")
            else:
                self.members[f"{under}/{name}"] = path.read_bytes()

    def _miss(self, path: Path, message: str, hint: str) -> None:
        self.findings.append(Finding("not_archived", Severity.ERROR, message, Place(str(path)), hint))

    def states(self, manifest: Mapping[str, Any]) -> dict[str, str]:
        """Return in words how the files of a set differ from the generated ones."""
        entries = manifest.get("files", {})
        return {
            name: _state(PurePosixPath(name).relative_to(SET).as_posix(), data, entries)
            for name, data in self.members.items()
            if name.startswith(f"{SET}/")
        }


def _state(name: str, data: bytes, entries: Mapping[str, Any]) -> str:
    if name == MANIFEST or not entries:
        return ""
    if name not in entries:
        return "不是生成的"
    return "" if seal(name, data) == entries[name]["seal"] else FORMS


def _put(start: Archived, members: Mapping[str, bytes], asked: Asked) -> Archived:
    """Put a unit's archive at its place, whole; one that is there already is kept."""
    target = asked.out / (f"{start.target}.zip" if asked.zipped else start.target)
    other = asked.out / (start.target if asked.zipped else f"{start.target}.zip")
    need_inside(asked.out, [target.name])
    data = zips.assemble(zips.stored(name, members[name]) for name in sorted(members)) if asked.zipped else b""
    if target.exists() or other.exists():
        present = _present(target, data, members)
        if present:
            return replace(start, state=SAME)
        message = "归档里已经有这个单位，和现在的文件不一样，没有覆盖"
        hint = "归档不改写：现在的另存一份，用 -o 写明另一个文件夹；原来的不要了，先把它移走"
        differs = Finding(
            "archive_differs", Severity.ERROR, message, Place(str(target if target.exists() else other)), hint
        )
        return replace(start, findings=(*start.findings, differs))
    part = _parts(asked.out) / hashlib.sha256(start.target.encode()).hexdigest()[:16]
    if asked.zipped:
        write_whole(part, data)
    else:
        for name, content in members.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(part / name, content, flush=False)
    os.rename(part, target)
    return replace(start, state=WRITTEN)


def _present(target: Path, data: bytes, members: Mapping[str, bytes]) -> bool:
    """Whether an archive that is there is the one that would be written: by its list, of a zip by its bytes."""
    with suppress(OSError):
        return target.read_bytes() == data if data else (target / DIGESTS).read_bytes() == members[DIGESTS]
    return False


# --- all units --------------------------------------------------------------------------------------------------------


def _write_common(done: Archive, asked: Asked) -> None:
    """Write the pages about all units and the list of their lists; they follow from the units that are there."""
    there = {
        unit.target: name
        for unit in done.units
        for name in (f"{unit.target}.zip" if asked.zipped else f"{unit.target}/{DIGESTS}",)
        if (asked.out / name).is_file()
    }
    year = Year(done.year, done.today, tuple(unit.year or _without_year(unit) for unit in done.units))
    common = {INDEX: all_page(done, {target: name.replace(DIGESTS, INDEX) for target, name in there.items()}, YEAR)}
    common[YEAR] = year_report(year, "xlsx")
    digests = {name: digest(data) for name, data in common.items()}
    digests |= {name: digest((asked.out / name).read_bytes()) for name in there.values()}
    for name, data in {**common, DIGESTS: digest_list(digests)}.items():
        write_whole(asked.out / STATE / "new", data)
        put(asked.out / STATE / "new", asked.out / name)


def _without_year(unit: Archived) -> UnitYear:
    return UnitYear(unit.unit, unit.row, wrong=next(iter(unit.findings), None))


def _strangers(done: Archive, asked: Asked) -> Iterator[Finding]:
    """Yield the entries of the archive beside the units of the list."""
    own = {STATE, INDEX, YEAR, DIGESTS} | {name for unit in done.units for name in (unit.target, f"{unit.target}.zip")}
    for name in sorted(os.listdir(asked.out)):
        if name not in own:
            hint = "名单里漏了的，补上再归档一次；不是归档的，移到别处"
            yield Finding("archive_extra", Severity.WARNING, "不是名单里的单位", Place(str(asked.out / name)), hint)
