"""The report as a workbook: units, findings, missing clauses, versions, differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.batch.report import FINE, STATES, Report, where_text
from toolkit.core.findings import Severity
from toolkit.formats.xlsx import add_sheet, saved

if TYPE_CHECKING:
    from openpyxl import Workbook

_FILLS = {"head": "FFE7E6E6", "bad": "FFFFD9D2", "": ""}
_SEVERITY = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提醒"}


def book(report: Report) -> bytes:
    """Return the bytes of the workbook."""
    from openpyxl import Workbook

    made = Workbook(write_only=True)
    made.properties.creator = "toolkit batch"
    units = (
        (
            "" if line.state in FINE else "bad",
            (
                line.row,
                line.name,
                STATES[line.state],
                line.facts.kind if line.facts else "",
                line.version,
                len(line.findings),
            ),
        )
        for line in report.lines
    )
    add_sheet(made, "单位", ("行", "单位", "结果", "类型", "预设版本", "问题"), units, (10, 40, 12, 14, 12, 8), _FILLS)
    _findings_sheet(made, report)
    _lacking_sheet(made, report)
    older = [("bad", (one.unit, one.kind, one.version, one.newest)) for one in report.older()]
    add_sheet(made, "旧版预设", ("单位", "类型", "现有版本", "最新版本"), older, (40, 14, 12, 12), _FILLS)
    differing = (
        ("", (one.kind, one.label, one.usual, f"{one.share}/{one.of}", unit, value))
        for one in report.differing()
        for unit, value in one.units
    )
    head = ("类型", "参数", "多数单位", "占比", "不同的单位", "它的内容")
    add_sheet(made, "和多数不同", head, differing, (12, 30, 30, 10, 40, 30), _FILLS)
    gone = (("", (name,)) for name, _, _ in report.gone)
    add_sheet(made, "不在名单中", ("文件夹",), gone, (50,), _FILLS)
    return saved(made)


def _findings_sheet(made: Workbook, report: Report) -> None:
    found = [("", finding) for finding in report.findings]
    found += [(line.name, finding) for line in report.lines for finding in line.findings]
    rows = (
        (
            "bad" if one.severity is Severity.ERROR else "",
            (unit, _SEVERITY[one.severity], one.code, where_text(one), one.message, one.hint, one.basis),
        )
        for unit, one in found
    )
    add_sheet(
        made,
        "问题",
        ("单位", "程度", "代码", "位置", "问题", "提示", "依据"),
        rows,
        (30, 8, 18, 40, 60, 40, 40),
        _FILLS,
    )


def _lacking_sheet(made: Workbook, report: Report) -> None:
    lacking = (
        (
            "",
            (
                one.kind,
                one.document,
                one.clause or "整份文件",
                one.why,
                f"{len(one.units)}/{one.of}",
                "、".join(one.units),
            ),
        )
        for one in report.lacking()
    )
    add_sheet(
        made,
        "没有的条款",
        ("类型", "文件", "条款", "原因", "单位数", "单位"),
        lacking,
        (12, 34, 26, 40, 10, 80),
        _FILLS,
    )
