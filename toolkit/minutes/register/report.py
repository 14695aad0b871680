"""The register in each of its formats, for ``toolkit register``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from toolkit import formats
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.language.periods import is_iso_date
from toolkit.minutes.register import as_data
from toolkit.minutes.register.matching import DONE, LATE, NEXT, OVERDUE, STATE_NAMES, Due, Status
from toolkit.minutes.register.register import Register
from toolkit.minutes.register.rows import (
    DATES,
    FILE,
    HEADINGS,
    NAMES,
    NO_QUORUM,
    TONES,
    document,
    lines,
    overview,
    target,
    targets,
)
from toolkit.reports import html, text, xlsx
from toolkit.reports.report import Column, Content, Figure, Link, Report, Row, Section, Table, columns, written

#: Formats that are no document; the others are those of :mod:`toolkit.formats`.
LISTS = ("text", "xlsx", "html", "json", "ics")
_WIDTHS = (20, 24, 28, 12, 12, 12, 24, 40, 24)
#: The column of the state, whose words colour the rows of the workbook.
_STATE = 4


def write(
    register: Register, form: str, *, width: int = 120, where: Where = BUNDLED, beside: Path | None = None
) -> bytes:
    """Return a register as one of :data:`LISTS` or as a document; texts are UTF-8.

    ``width``: columns of the text, a Chinese character has two. ``beside``: the folder that it will be saved in, from which
    its links lead to the files; None for the folder of the records. Raises UsageError for another format, FindingsError for
    templates and fonts.
    """
    writers: dict[str, Callable[[], str | bytes]] = {
        "text": lambda: as_text(register, width),
        "xlsx": lambda: xlsx.write(book(register, beside)),
        "html": lambda: html.write(page(register, beside)),
        "json": lambda: as_data.write_json(register),
        "ics": lambda: as_data.write_ics(register),
    }
    if form not in writers:
        formats.named(form, LISTS)
        writers[form] = lambda: _printed(register, form, where, beside)
    return written(form, writers)


def _printed(register: Register, form: str, where: Where, beside: Path | None) -> bytes:
    from toolkit.minutes import making

    unit = register.source
    made = document(register, unit.resolved.scope.text("unit.short_name") or unit.set.unit, beside)
    return making.write(unit, made, form, where)


def book(register: Register, beside: Path | None = None) -> Report:
    """Return the sheets: due dates and records, findings, the sums."""
    sums = Row((register.today, register.sums))
    total = Section("合计", (Table(columns("截至:14 合计:100"), (sums,), grid=True),))
    return Report("register", _title(register), sections=(*_sections(register, beside), total))


def page(register: Register, beside: Path | None = None) -> Report:
    """Return the page: how many due dates are in which state, due dates and records, findings."""
    figures = (
        Figure(name, (("", sum(row.count(state) for row in register.statuses), TONES[state]),))
        for state, name in STATE_NAMES.items()
    )
    note = f"截至 {register.today.isoformat()}。{register.sums}"
    return Report("register", _title(register), note, tuple(figures), sections=_sections(register, beside))


def _title(register: Register) -> str:
    return f"{register.unit}{register.year}年度履责台账"


def _sections(register: Register, beside: Path | None) -> tuple[Section, ...]:
    tones = {NAMES[state]: tone for state, tone in TONES.items()}
    to = targets(register, beside)
    rows = [
        Row(tuple(_value(place, text, to) for place, text in enumerate(line.cells())), TONES[line.state])
        for line in lines(register)
    ]
    found = [
        Row((_link(finding.where.file, to), finding.where.key, finding.severity.label, finding.message, finding.hint))
        for finding in register.findings
    ]
    heads = columns("文件:40 栏目:18 程度:8 问题:60 提示:40")
    together = [Row((occasion.day, *occasion.cells()[1:]), TONES[occasion.state]) for occasion in overview(register)]
    held = columns("到期日:12 会议或者表:28 一起办的职责:60 状态:12 已办:8 还没有办的:40")
    return (
        Section("履责台账", (Table(tuple(map(Column, HEADINGS, _WIDTHS)), rows, grid=True, marks=(_STATE, tones)),)),
        Section("按次一览", (Table(held, together, empty="没有。", grid=True, marks=(3, tones)),)),
        Section("问题", (Table(heads, found, empty="没有。", grid=True),)),
    )


def _link(file: str, to: str) -> Content:
    return Link(file, target(file, to)) if file else ""


def _value(column: int, text: str, to: str) -> Content:
    if column == FILE:
        return _link(text, to)
    return date.fromisoformat(text) if column in DATES and is_iso_date(text) else text


def as_text(register: Register, width: int) -> str:
    """Return the text, a line for each duty. ``width`` is the terminal's, in columns; a Chinese character takes two."""
    heads = columns("职责:12 责任主体:10 完成:6 逾期（到期日）:14 下一次:10 最近的记录:12")
    table = Table(heads, [Row(_duty(row)) for row in register.statuses], fits=True)
    title = f"{register.unit} {register.year}年度履责台账（{register.today.isoformat()}）"
    waiting = [Row(occasion.cells()[:5]) for occasion in overview(register) if occasion.state in (OVERDUE, NEXT)]
    held = Table(columns("要办的（到期日）:10 会议或者表:16 一起办的职责:30 状态:6 已办:4"), waiting, fits=True)
    blocks = (title, table, *((held,) if waiting else ()), register.sums)
    return text.write(Report("register", sections=tuple(Section("", (block,)) for block in blocks)), width)


def _share(due: Due) -> str:
    return f"（{due.share}）" if due.reports and due.share else ""


def _duty(row: Status) -> tuple[str, ...]:
    done = row.count(DONE, LATE)
    records = [report for due in row.dues for report in (due.evidence, *due.reports) if report]
    last = max((*records, *row.occasions, *row.void), key=lambda proof: proof.date, default=None)
    return (
        row.duty.label,
        row.duty.actor_name,
        f"{done}/{len(row.dues)}" if row.dues else f"{len(row.occasions)}次",
        "、".join(
            f"{due.due.limit.month}-{due.due.limit.day}{_share(due)}" for due in row.dues if due.state == OVERDUE
        ),
        f"{row.next.due.day.isoformat()}{_share(row.next)}" if row.next else "",
        f"{last.date} {NAMES[NO_QUORUM] + '：' if last.void else ''}{last.file}" if last else "",
    )
