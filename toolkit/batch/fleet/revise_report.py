"""The reports on the next entry in the histories of all units, as text, page, workbook and JSON; equal changes stand once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from toolkit import __version__
from toolkit.batch.fleet.revise import ERRORS, OVER, SAME, STATES, WOULD, WRITTEN, Revision, Revisions, cause_of
from toolkit.language.columns import visible
from toolkit.language.periods import print_typed_date
from toolkit.reports import html, xlsx
from toolkit.reports import text as texts
from toolkit.reports.report import Paragraph, Report, Row, Section, Table, as_json, columns, written

_HEADS = "行:10 单位:32 结果:14 事项:8 通过机关:28 通过日期:12 印发日期:12 文号:24 印出来的改动:60 问题:50"


def revise_report(found: Revisions, form: str) -> bytes:
    """Return the outcome of each unit as ``text``, ``html``, ``xlsx`` or ``json``. Raises UsageError for another format."""
    rows = Table(columns(_HEADS), tuple(map(_row, found.units)), empty="没有单位。")
    sections = (Section("各单位的沿革", (rows,)),)
    return written(
        form,
        {
            "text": lambda: texts.write(Report("units", sections=tuple(_text(found))), clean=visible),
            "html": lambda: html.write(Report("units", "各单位的沿革", _note(found), sections=sections)),
            "xlsx": lambda: xlsx.write(Report("units", sections=sections)),
            "json": lambda: as_json(_data(found)),
        },
    )


def _note(found: Revisions) -> str:
    states = (WRITTEN, WOULD, SAME, OVER, ERRORS)
    counts = "，".join(f"{STATES[state]} {found.count(state)}" for state in states if found.count(state))
    return f"共 {len(found.units)} 个单位：{counts or '没有单位'}。"


def _row(unit: Revision) -> Row:
    entry = [unit.entry.get(name, "") for name in ("organ", "date", "issued", "number")]
    cells = (unit.row, unit.unit, STATES[unit.state], unit.event, *entry, "；".join(_changes(unit)), _problems(unit))
    return Row(cells, "bad" if unit.state == ERRORS else "warn" if unit.findings or unit.draft else "")


def _problems(unit: Revision) -> str:
    said = [f"{finding.message}{f'（{finding.hint}）' if finding.hint else ''}" for finding in unit.findings]
    return "；".join([*said, *([f"档案里的状态还是{unit.draft}"] if unit.draft else [])])


def _changes(unit: Revision) -> Iterator[str]:
    for label, old, new in unit.changes:
        yield f"{label}：{old or '（空）'} → {new or '（空）'}"
    if unit.gone:
        yield f"不再生成 {len(unit.gone)} 份：{'、'.join(unit.gone[:3])}{' 等' if unit.gone[3:] else ''}"
    yield from (f"新增：{title}" for title in unit.come)


def _text(found: Revisions) -> Iterator[Section]:
    yield Section("", (_note(found),))
    repeated = found.repeated
    for key, units in repeated.items():
        first = next(finding for finding in units[0].findings if cause_of(finding) == key)
        names = "、".join(unit.row for unit in units[:5]) + (" 等" if units[5:] else "")
        said = f"{len(units)} 个单位（{names}），例如：{first.message.rstrip('。')}。{first.hint}"
        yield Section("", (said,))
    lines: list[str | Paragraph] = []
    for unit in found.units:
        entry = unit.entry
        parts = [unit.event, entry.get("organ", ""), print_typed_date(entry.get("date", "")), entry.get("number", "")]
        lines.append(f"{unit.row}　{unit.unit}：{STATES[unit.state]}　{'，'.join(filter(None, parts))}".rstrip("　"))
        own = replace(unit, findings=tuple(finding for finding in unit.findings if cause_of(finding) not in repeated))
        lines += [Paragraph((words,), indent=4) for words in (*_changes(unit), _problems(own)) if words]
    if lines:
        yield Section("", tuple(lines))
    if found.path is not None and found.count(WRITTEN):
        yield Section("", (f"已写入 {found.path}，和名单放在一起，生成时会读。",))


def _data(found: Revisions) -> dict[str, Any]:
    names = ("unit", "row", "state", "event", "entry", "gone", "come", "draft")
    return {
        "program": __version__,
        "file": found.path.name if found.path is not None else "",
        "units": [
            {
                **{name: getattr(unit, name) for name in names},
                "changes": [{"label": label, "old": old, "new": new} for label, old, new in unit.changes],
                "findings": [finding.as_dict() for finding in unit.findings],
            }
            for unit in found.units
        ],
        "findings": [finding.as_dict() for finding in found.findings],
    }
