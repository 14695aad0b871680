"""The reports on the year of all units and on an inbox, as text, page, workbook and JSON; units stand as in the list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from toolkit import __version__
from toolkit.batch.fleet import year_page
from toolkit.batch.fleet.inbox import BLANK, DOUBTFUL, KNOWN, OTHER, SORTED, STATES, UNREAD, Inbox, as_rows
from toolkit.batch.fleet.year import DutyYear, UnitYear, Year
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.language.columns import visible
from toolkit.reports import html, xlsx
from toolkit.reports import text as texts
from toolkit.reports.report import Paragraph, Report, Row, Rows, Section, Table, as_json, columns, json_with, written


def year_report(year: Year, form: str, where: Where = BUNDLED) -> bytes:
    """Return the year of all units as ``text``, ``html``, ``xlsx`` or ``json``, or as one page, ``docx`` or ``pdf``.

    Raises UsageError for another format, FindingsError for templates and fonts.
    """
    return written(
        form,
        {
            "text": lambda: texts.write(Report("units", sections=tuple(_year_text(year))), clean=visible),
            "html": lambda: html.write(
                Report("units", f"{year.year}年各单位履责情况", _note(year), sections=tuple(_year_sections(year)))
            ),
            "xlsx": lambda: xlsx.write(Report("units", sections=(_matrix(year), *_year_sections(year)))),
            "json": lambda: json_with(_whole(year), "units", map(_unit_data, year.units)),
            **{name: partial(year_page.write, year, name, where) for name in year_page.FORMATS},
        },
    )


def _note(year: Year) -> str:
    overdue = sum(bool(unit.overdue) for unit in year.units)
    wrong = sum(unit.wrong is not None for unit in year.units)
    parts = [
        f"{year.year}年，按{year.today.isoformat()}：名单中共 {len(year.units)} 个单位",
        f"没有收到记录的 {len(year.silent)} 个",
        f"有逾期事项的 {overdue} 个，共 {sum(unit.overdue for unit in year.units)} 次",
        f"三十天内到期 {sum(unit.soon for unit in year.units)} 次",
    ]
    return "；".join(parts) + (f"；没有算出来的 {wrong} 个" if wrong else "") + "。没有收到记录的，不算逾期。"


def _days(unit: UnitYear, name: str) -> str:
    said = [f"{duty.label} {'、'.join(getattr(duty, name))}" for duty in unit.duties if getattr(duty, name)]
    return "；".join(said)


def _year_text(year: Year) -> Iterator[Section]:
    yield Section("", (_note(year),))
    lines: list[str | Paragraph] = ["各项职责：没有逾期的单位／有逾期的单位／没有收到记录的单位"]
    for id, label in year.duties():
        of, fine, overdue, silent = year.of_duty(id)
        lines.append(Paragraph((f"{label}：{of} 个单位中 {fine}／{overdue}／{silent}",), indent=2))
    yield Section("", tuple(lines))
    units: list[str | Paragraph] = []
    for unit in year.units:
        units += _unit_text(unit)
    if units:
        yield Section("", tuple(units))


def _unit_text(unit: UnitYear) -> Iterator[str | Paragraph]:
    if unit.wrong is not None:
        yield f"{unit.row}　{unit.unit}：没有算出来：{unit.wrong.message}"
        return
    said = [f"收到 {unit.records} 份记录" if unit.records else "没有收到记录"]
    said += [f"逾期 {unit.overdue} 次"] if unit.overdue else []
    said += [f"三十天内到期 {unit.soon} 次"] if unit.soon else []
    yield f"{unit.row}　{unit.unit}：{'，'.join(said)}"
    if unit.overdue:
        yield Paragraph((f"逾期：{_days(unit, 'overdue')}",), indent=4)
    if unit.soon:
        yield Paragraph((f"三十天内：{_days(unit, 'soon')}",), indent=4)
    yield from (Paragraph((f"{finding.where}：{finding.message}",), indent=4) for finding in unit.findings)


def _matrix(year: Year) -> Section:
    """Return duty by unit: a row for each unit, a column for each duty."""
    duties = year.duties()
    heads = columns("行:10 单位:36 记录:8", *(f"{_plain(label)}:12" for _, label in duties))
    rows = []
    for unit in year.units:
        own = {duty.id: _cell(unit, duty) for duty in unit.duties}
        tone = "bad" if unit.overdue or unit.wrong else "off" if unit.is_silent else ""
        rows.append(Row((unit.row, unit.unit, unit.records, *(own.get(id, "") for id, _ in duties)), tone))
    return Section("各单位各项职责", (Table(heads, tuple(rows)),))


def _plain(label: str) -> str:
    return "".join(label.split()).replace(":", "：")


def _cell(unit: UnitYear, duty: DutyYear) -> str:
    if unit.is_silent:
        return "没有收到记录"
    late = f"，逾期 {len(duty.overdue)}" if duty.overdue else ""
    return f"{duty.done + duty.late}/{duty.total}{late}"


def _year_sections(year: Year) -> Iterator[Section]:
    duties = tuple(Row((label, *year.of_duty(id))) for id, label in year.duties())
    yield Section("各项职责", (Table(columns("职责:36 单位:8 没有逾期:10 有逾期:10 没有收到记录:14"), duties),))
    overdue = tuple(
        Row((unit.row, unit.unit, unit.overdue, _days(unit, "overdue")), "bad") for unit in year.units if unit.overdue
    )
    yield Section("逾期", (Table(columns("行:10 单位:36 次数:8 事项:100"), overdue, empty="没有逾期的事项。"),))
    soon = tuple(Row((unit.row, unit.unit, unit.soon, _days(unit, "soon"))) for unit in year.units if unit.soon)
    yield Section("三十天内到期", (Table(columns("行:10 单位:36 次数:8 事项:100"), soon, empty="没有。"),))
    silent = tuple(Row((unit.row, unit.unit), "off") for unit in year.units if unit.is_silent)
    yield Section("没有收到记录", (Table(columns("行:10 单位:36"), silent, empty="每个单位都有记录。"),))
    found = Rows(partial(_wrong, year))
    yield Section("记录里的问题", (Table(columns("行:10 单位:30 文件:30 问题:60 提示:40"), found, empty="没有。"),))


def _wrong(year: Year) -> Iterator[Row]:
    for unit in year.units:
        for finding in (*unit.findings, *([unit.wrong] if unit.wrong else [])):
            yield Row((unit.row, unit.unit, str(finding.where), finding.message, finding.hint), "bad")


def _whole(year: Year) -> dict[str, Any]:
    return {
        "program": __version__,
        "year": year.year,
        "today": year.today.isoformat(),
        "total": len(year.units),
        "no_records": year.silent,
    }


def _unit_data(unit: UnitYear) -> dict[str, Any]:
    names = ("id", "label", "done", "late", "overdue", "soon", "later")
    return {
        "unit": unit.unit,
        "row": unit.row,
        "kind": unit.kind,
        "records": unit.records,
        "overdue": unit.overdue,
        "soon": unit.soon,
        "duties": [{name: getattr(duty, name) for name in names} for duty in unit.duties],
        "findings": [finding.as_dict() for finding in unit.findings],
        "wrong": unit.wrong.as_dict() if unit.wrong else None,
    }


# --- inbox ------------------------------------------------------------------------------------------------------------


def inbox_report(inbox: Inbox, form: str) -> bytes:
    """Return the outcome of the files of an inbox as ``text``, ``html``, ``xlsx`` or ``json``. Raises UsageError."""
    return written(
        form,
        {
            "text": lambda: texts.write(Report("units", sections=tuple(_inbox_text(inbox))), clean=visible),
            "html": lambda: html.write(
                Report("units", "收到的记录", _inbox_note(inbox), sections=tuple(_inbox_sections(inbox)))
            ),
            "xlsx": lambda: xlsx.write(Report("units", sections=tuple(_inbox_sections(inbox)))),
            "json": lambda: as_json({"program": __version__, "files": as_rows(inbox), "silent": list(inbox.silent)}),
        },
    )


def _inbox_note(inbox: Inbox) -> str:
    counts = "，".join(f"{words} {count}" for state, words in STATES.items() if (count := inbox.count(state)))
    return f"共 {len(inbox.files)} 个文件：{counts or '没有文件'}。没有来记录的单位 {len(inbox.silent)} 个。"


def _inbox_text(inbox: Inbox) -> Iterator[Section]:
    yield Section("", (_inbox_note(inbox),))
    lines: list[str | Paragraph] = []
    for state in (DOUBTFUL, UNREAD, SORTED, KNOWN, BLANK, OTHER):
        for one in (file for file in inbox.files if file.state == state):
            where = f" → {one.target}" if one.target else ""
            said = "，".join(filter(None, (STATES[state], one.form)))
            lines.append(f"{one.name}{where}（{said}）" + (f"：{one.reason}" if one.reason else ""))
    if lines:
        yield Section("", tuple(lines))
    if inbox.silent:
        yield Section("", (f"没有来记录的单位：{'、'.join(inbox.silent)}",))


def _inbox_sections(inbox: Inbox) -> Iterator[Section]:
    rows = tuple(
        Row(
            (file.name, STATES[file.state], file.unit, file.form, file.target, file.reason),
            "bad" if file.state in (DOUBTFUL, UNREAD) else "",
        )
        for file in inbox.files
    )
    yield Section("文件", (Table(columns("文件:40 结果:10 单位:30 表:24 存到:50 原因:50"), rows, empty="没有文件。"),))
    silent = tuple(Row((name,)) for name in inbox.silent)
    yield Section("没有来记录的单位", (Table(columns("单位:40"), silent, empty="每个单位都来了记录。"),))
