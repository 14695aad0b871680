"""The outcome of each unit in an archive, and its pages: of a unit, of all units, at a terminal. They open in any browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from toolkit import __version__
from toolkit.batch.fleet.year import UnitYear
from toolkit.core.findings import Finding, Severity, has_errors
from toolkit.language.columns import visible
from toolkit.minutes.register import report as register_report
from toolkit.minutes.register.register import Register
from toolkit.output.digests import DIGESTS, Checked
from toolkit.reports import html
from toolkit.reports import text as texts
from toolkit.reports.report import Link, Paragraph, Report, Row, Section, Table, as_json, columns, written

#: How a unit ended.
WRITTEN, SAME, EMPTY, ERRORS = "written", "same", "empty", "errors"
STATES = {WRITTEN: "已归档", SAME: "已经归档", EMPTY: "没有可以归档的文件", ERRORS: "没有归档"}
#: Folders of a unit's archive: its set, its records.
SET, RECORDS = "制度文件", "记录"
#: Words for a file of the set that is not as it was generated.
FORMS = "改过或者填过"
_HOW = f"各文件的 SHA-256 在“{DIGESTS}”里：用 toolkit units archive --check 核对，或者在这个文件夹里运行 sha256sum -c {DIGESTS}。"


@dataclass(frozen=True)
class Archived:
    """The outcome of a unit: how many files of its set (``edited``: by hand or filled in) and records are in the archive.

    ``other_years``: records that are of other years only and so are left out; ``year``: its register in sums.
    """

    unit: str
    row: str
    target: str
    state: str = ERRORS
    files: int = 0
    edited: int = 0
    records: int = 0
    other_years: tuple[str, ...] = ()
    year: UnitYear | None = None
    findings: tuple[Finding, ...] = ()
    life: str = ""

    @property
    def words(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def is_fine(self) -> bool:
        """Whether nobody needs to look at the unit."""
        return self.state != ERRORS and not has_errors(self.findings)


@dataclass(frozen=True)
class Archive:
    """The archive of all units in the order of the list."""

    year: int
    today: Date
    units: tuple[Archived, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether every unit is in the archive with all its files."""
        return all(unit.is_fine for unit in self.units) and not has_errors(self.findings)

    def count(self, state: str) -> int:
        """Return how many units ended in a state."""
        return sum(unit.state == state for unit in self.units)


def unit_page(made: Register, states: Mapping[str, str], files: Sequence[str], other_years: Sequence[str]) -> bytes:
    """Return the page of a unit: the register of the year, with links to its records, and every file with a link."""
    here = Path(".")
    moved = replace(made, scan=replace(made.scan, folder=Path(RECORDS)))
    page = register_report.page(moved, here)
    rows = {
        part: tuple(Row((_link(name, part), states.get(name, ""))) for name in files if name.startswith(f"{part}/"))
        for part in (SET, RECORDS)
    }
    sections = [
        Section(
            RECORDS,
            (
                Table(columns("文件:60"), tuple(Row(row.cells[:1]) for row in rows[RECORDS]), empty="没有收到记录。"),
                *([f"别的年度的记录，不在这一卷里：{'、'.join(other_years)}"] if other_years else []),
            ),
        ),
        Section(SET, (Table(columns("文件:60 和生成时相比:20"), rows[SET], empty="没有成套的制度文件。"),)),
    ]
    title = f"{made.unit}{made.year}年度归档"
    note = page.note + ("" if made.scan.read else "没有收到记录，所以下面的逾期未完成只说明没有收到。")
    return html.write(
        replace(page, program="units", title=title, note=note, sections=(*sections, *page.sections), footer=_HOW)
    )


def _link(name: str, part: str) -> Link:
    return Link(PurePosixPath(name).relative_to(part).as_posix(), quote(name))


def all_page(archive: Archive, addresses: Mapping[str, str], year: str) -> bytes:
    """Return the page of all units in the order of the list; ``addresses``: of their pages or zips, ``year``: the workbook."""
    rows = tuple(_row(unit, addresses.get(unit.target, "")) for unit in archive.units)
    heads = columns("行:10 单位:36 制度文件:10 其中改过或者填过:10 记录:8 别的年度的记录:10 说明:40")
    whole = Table(columns("文件:30 内容:40"), (Row((Link(year, quote(year)), "各单位各项职责的完成情况")),))
    sections = (Section("各单位", (Table(heads, rows),)), Section("全部单位", (whole,)))
    return html.write(
        Report("units", f"{archive.year}年度归档", _note(archive, addresses), sections=sections, footer=_HOW)
    )


def _row(unit: Archived, address: str) -> Row:
    name = Link(unit.unit, quote(address)) if address else unit.unit
    said = "；".join(
        filter(None, (unit.life, "" if address else "没有归档", *(finding.message for finding in unit.findings)))
    )
    counts = (unit.files, unit.edited, unit.records, len(unit.other_years))
    return Row((unit.row, name, *counts, said), "" if unit.is_fine else "bad")


def _note(archive: Archive, addresses: Mapping[str, str]) -> str:
    records = sum(unit.records for unit in archive.units)
    return (
        f"名单中共 {len(archive.units)} 个单位，在归档里的 {len(addresses)} 个；记录共 {records} 份。"
        f"按 {archive.today.isoformat()} 判断逾期。"
    )


def archive_report(archive: Archive, form: str) -> bytes:
    """Return the outcome of each unit as ``text`` or ``json``. Raises UsageError for another format."""
    return written(
        form,
        {
            "text": lambda: texts.write(Report("units", sections=tuple(_text(archive))), clean=visible),
            "json": lambda: as_json(_data(archive)),
        },
    )


def _text(archive: Archive) -> Iterator[Section]:
    counts = "，".join(
        f"{STATES[state]} {archive.count(state)}" for state in (WRITTEN, SAME, EMPTY, ERRORS) if archive.count(state)
    )
    yield Section("", (f"{archive.year}年度归档：名单中共 {len(archive.units)} 个单位，{counts}。",))
    lines: list[str | Paragraph] = []
    for unit in archive.units:
        said = [f"制度文件 {unit.files} 个", f"记录 {unit.records} 份"]
        said += [f"别的年度的记录 {len(unit.other_years)} 份不在内"] if unit.other_years else []
        lines.append(f"{unit.row}　{unit.unit}：{STATES[unit.state]}（{'，'.join(said)}）")
        for finding in unit.findings:
            lines.append(
                Paragraph(
                    (f"{finding.where}：{finding.message}" + (f"。{finding.hint}" if finding.hint else ""),), indent=4
                )
            )
    yield Section("", tuple(lines))
    if findings := [finding for finding in archive.findings if finding.severity is not Severity.NOTICE]:
        yield Section("", tuple(f"{finding.where}：{finding.message}。{finding.hint}" for finding in findings))


def _data(archive: Archive) -> dict[str, object]:
    names = ("unit", "row", "target", "state", "files", "edited", "records", "other_years", "life")
    return {
        "program": __version__,
        "year": archive.year,
        "today": archive.today.isoformat(),
        "units": [
            {
                **{name: getattr(unit, name) for name in names},
                "findings": [finding.as_dict() for finding in unit.findings],
            }
            for unit in archive.units
        ],
        "findings": [finding.as_dict() for finding in archive.findings],
    }


def checked_report(checked: Checked, form: str) -> bytes:
    """Return the result of checking an archive as ``text`` or ``json``. Raises UsageError for another format."""
    count = len(checked.findings)
    end = f"和清单一致的文件 {checked.fine} 个" + (f"，有问题 {count} 处。" if count else "，没有问题。")
    said = (*(f"{finding.where}：{finding.message}。{finding.hint}" for finding in checked.findings), end)
    return written(
        form,
        {
            "text": lambda: texts.write(Report("units", sections=(Section("", said),)), clean=visible),
            "json": lambda: as_json(
                {
                    "program": __version__,
                    "fine": checked.fine,
                    "findings": [finding.as_dict() for finding in checked.findings],
                }
            ),
        },
    )
