"""The report of a run as a page, as a workbook and as JSON: the three files in the folder of outputs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from toolkit.batch.report import FINE, STATES, Line, Report, as_data, where_text
from toolkit.core.findings import Finding, Severity
from toolkit.output.disk import file_errors
from toolkit.reports import html, xlsx
from toolkit.reports.report import (
    Bullets,
    Cell,
    Content,
    Figure,
    Paragraph,
    Row,
    Section,
    Span,
    Table,
    as_json,
    columns,
)
from toolkit.reports.report import Report as View

#: So many units that are fine are listed in the page, and so many names in one cell; the workbook has all.
_LISTED, _NAMES = 2_000, 60


def file_names(report: Report) -> tuple[str, str, str]:
    """Return the names of the reports: for programs, for reading, for sorting and counting."""
    return f"{report.stem}.json", f"{report.stem}.html", f"{report.stem}.xlsx"


def write_reports(report: Report, folder: Path) -> None:
    """Write the three files, each whole or not at all. Raises FileError."""
    makers = (
        lambda: as_json(as_data(report), indent=1).encode("utf-8", "replace"),
        lambda: html.write(page(report)),
        lambda: xlsx.write(book(report)),
    )
    for name, make in zip(file_names(report), makers, strict=True):
        put(folder / name, make())


def put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises FileError."""
    with file_errors("无法写入报告"):
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


# --- workbook ----------------------------------------------------------------------------------------------------


def book(report: Report) -> View:
    """Return the sheets: units, findings, clauses that units lack, older presets, differences, folders not in the list."""
    found = [("", finding) for finding in report.findings]
    found += [(line.name, finding) for line in report.lines for finding in line.findings]
    lacking = (
        (one.kind, one.document, one.clause or "整份文件", one.why, f"{len(one.units)}/{one.of}", "、".join(one.units))
        for one in report.lacking()
    )
    differing = (
        (one.kind, one.label, one.usual, f"{one.share}/{one.of}", unit, value)
        for one in report.differing()
        for unit, value in one.units
    )
    return View(
        "batch",
        sections=(
            _sheet("单位", "行:10 单位:40 结果:12 类型:14 预设版本:12 问题:8", map(_unit, report.lines)),
            _sheet("问题", "单位:30 程度:8 代码:18 位置:40 问题:60 提示:40 依据:40", (_finding(*one) for one in found)),
            _sheet("没有的条款", "类型:12 文件:34 条款:26 原因:40 单位数:10 单位:80", map(Row, lacking)),
            _sheet("旧版预设", "单位:40 类型:14 现有版本:12 最新版本:12", (Row(one, "bad") for one in _older(report))),
            _sheet("和多数不同", "类型:12 参数:30 多数单位:30 占比:10 不同的单位:40 它的内容:30", map(Row, differing)),
            _sheet("不在名单中", "文件夹:50", (Row((name,)) for name, _, _ in report.gone)),
        ),
    )


def _sheet(name: str, heads: str, rows: Iterable[Row]) -> Section:
    return Section(name, (Table(columns(heads), rows),))


def _unit(line: Line) -> Row:
    kind = line.facts.kind if line.facts else ""
    cells = line.row, line.name, STATES[line.state], kind, line.version, len(line.findings)
    return Row(cells, "" if line.state in FINE else "bad")


def _finding(unit: str, one: Finding) -> Row:
    cells = unit, one.severity.label, one.code, where_text(one), one.message, one.hint, one.basis
    return Row(cells, "bad" if one.severity is Severity.ERROR else "")


def _older(report: Report) -> list[tuple[str, ...]]:
    return [(one.unit, one.kind, one.version, one.newest) for one in report.older()]


# --- page --------------------------------------------------------------------------------------------------------


def page(report: Report) -> View:
    """Return the page: what is not done, the answers about the fleet, what is done."""
    figures = tuple(
        Figure(name, (("", number, "good" if state in FINE else "bad"),))
        for state, name in STATES.items()
        if (number := report.count(state))
    )
    note = f"名单中共 {len(report.lines)} 个单位"
    return View("batch", "批量生成报告", note, figures, sections=tuple(_sections(report)))


def _sections(report: Report) -> Iterator[Section]:
    if report.findings:
        yield Section("名单本身", (_found(report.findings),))
    bad = [line for line in report.lines if line.state not in FINE]
    fine = [line for line in report.lines if line.state in FINE]
    if bad:
        yield Section(f"没有完成的单位（{len(bad)}）", (_units(bad),))
    yield from _questions(report)
    if report.gone:
        heading = f"不在名单中、留在原处的文件夹（{len(report.gone)}）"
        yield Section(heading, (_names([name for name, _, _ in report.gone]),))
    if fine:
        more = [Paragraph((f"这里列出前 {_LISTED} 个，全部见 report.xlsx。",), "dim")] if len(fine) > _LISTED else []
        yield Section(f"完成的单位（{len(fine)}）", (*more, _units(fine[:_LISTED])))


def _questions(report: Report) -> Iterator[Section]:
    lacking = [
        (one.kind, one.document, one.clause or "整份文件", one.why, f"{len(one.units)} / {one.of}", _names(one.units))
        for one in report.lacking()
    ]
    differing = [
        (
            one.kind,
            one.label,
            one.usual,
            f"{one.share} / {one.of}",
            _names([f"{unit}（{value}）" for unit, value in one.units]),
        )
        for one in report.differing()
    ]
    for heading, heads, rows, nothing in (
        ("哪些单位没有哪些条款", "类型 文件 条款 原因 单位数 单位", lacking, "各单位的条款都齐全。"),
        ("哪些单位用的是旧版预设", "单位 类型 现有版本 最新版本", _older(report), "没有。"),
        ("哪些参数和多数单位不同", "类型 参数 多数单位 占比 不同的单位", differing, "没有。"),
    ):
        yield Section(heading, (Table(columns(heads), tuple(map(Row, rows)), empty=nothing),))


def _units(lines: Iterable[Line]) -> Table:
    def row(line: Line) -> Row:
        state = Cell((Paragraph((STATES[line.state],), "badge"),))
        found: Content = Cell((_found(line.findings),)) if line.findings else ""
        return Row((line.row, line.name, state, line.version, found), "" if line.state in FINE else "bad")

    return Table(columns("行 单位 结果 预设版本 问题"), tuple(map(row, lines)))


def _found(findings: Iterable[Finding]) -> Bullets:
    def item(one: Finding) -> Iterator[str | Span]:
        yield f"{one.severity.label} "
        yield Span(one.code, "strong")
        yield f" {where_text(one)}：{one.message}"
        if one.hint:
            yield Span(f" 提示：{one.hint}", "dim")

    return Bullets(tuple(tuple(item(one)) for one in findings))


def _names(names: Sequence[str]) -> str:
    more = f" 等 {len(names)} 个，全部见 report.xlsx" if len(names) > _NAMES else ""
    return "、".join(names[:_NAMES]) + more
