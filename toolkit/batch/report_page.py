"""The report as one page without anything from elsewhere: no script, no font, no picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from toolkit.batch.report import FINE, STATES, Line, Report, where_text
from toolkit.core.findings import Severity

#: So many units that are fine are listed in the page, and so many names in one cell; the workbook has all.
_LISTED, _NAMES = 2_000, 60
_SEVERITY = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提醒"}
_STYLE = """
:root { --line: #d0d4da; --ink: #1d2530; --dim: #5b6674; --bad: #b3261e; --good: #1b6e3c; }
body { margin: 0 auto; max-width: 1280px; padding: 0 20px 40px; color: var(--ink);
  font: 14px/1.55 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "Source Han Sans SC", sans-serif; }
h1 { margin: 18px 0 2px; font-size: 22px; }
h2 { margin: 30px 0 8px; font-size: 17px; }
.dim { color: var(--dim); }
.totals { display: flex; flex-wrap: wrap; gap: 10px; margin: 12px 0 16px; padding: 0; list-style: none; }
.totals li { border: 1px solid var(--line); border-radius: 6px; padding: 6px 12px; min-width: 110px; }
.totals b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 4px 8px; border: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { position: sticky; top: 0; background: #e6eaef; white-space: nowrap; }
tr.bad td { background: #fdecea; }
tr.bad td.state, li.bad b { color: var(--bad); }
li.good b { color: var(--good); }
ul.found { margin: 2px 0; padding-left: 18px; }
@page { size: A4 landscape; margin: 12mm 10mm; }
@media print { thead th { position: static; } tr { break-inside: avoid; } }
"""


def page(report: Report) -> str:
    """Return the page."""
    totals = "".join(
        f'<li class="{"good" if state in FINE else "bad"}"><b>{number}</b>{name}</li>'
        for state, name in STATES.items()
        if (number := report.count(state))
    )
    body = "".join(_sections(report))
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>批量生成报告</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body><h1>批量生成报告</h1>"
        f'<p class="dim">名单中共 {len(report.lines)} 个单位</p><ul class="totals">{totals}</ul>{body}</body></html>\n'
    )


def _sections(report: Report) -> Iterator[str]:
    if report.findings:
        yield f"<h2>名单本身</h2>{_found(report.findings)}"
    bad = [line for line in report.lines if line.state not in FINE]
    fine = [line for line in report.lines if line.state in FINE]
    if bad:
        yield f"<h2>没有完成的单位（{len(bad)}）</h2>{_units(bad)}"
    yield from _questions(report)
    if report.gone:
        yield f"<h2>不在名单中、留在原处的文件夹（{len(report.gone)}）</h2><p>{_names([name for name, _, _ in report.gone])}</p>"
    if fine:
        more = f'<p class="dim">这里列出前 {_LISTED} 个，全部见 report.xlsx。</p>' if len(fine) > _LISTED else ""
        yield f"<h2>完成的单位（{len(fine)}）</h2>{more}{_units(fine[:_LISTED])}"


def _questions(report: Report) -> Iterator[str]:
    lacking = [
        (one.kind, one.document, one.clause or "整份文件", one.why, f"{len(one.units)} / {one.of}", _names(one.units))
        for one in report.lacking()
    ]
    yield "<h2>哪些单位没有哪些条款</h2>" + _table(
        ("类型", "文件", "条款", "原因", "单位数", "单位"), lacking, "各单位的条款都齐全。"
    )
    older = [(one.unit, one.kind, one.version, one.newest) for one in report.older()]
    yield "<h2>哪些单位用的是旧版预设</h2>" + _table(("单位", "类型", "现有版本", "最新版本"), older, "没有。")
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
    yield "<h2>哪些参数和多数单位不同</h2>" + _table(
        ("类型", "参数", "多数单位", "占比", "不同的单位"), differing, "没有。"
    )


def _units(lines: Iterable[Line]) -> str:
    rows = "".join(
        f"<tr{'' if line.state in FINE else ' class=bad'}><td>{escape(line.row)}</td><td>{escape(line.name)}</td>"
        f'<td class="state">{STATES[line.state]}</td><td>{escape(line.version)}</td><td>{_found(line.findings)}</td></tr>'
        for line in lines
    )
    head = "<tr><th>行</th><th>单位</th><th>结果</th><th>预设版本</th><th>问题</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _found(findings: Sequence) -> str:
    items = "".join(
        f"<li>{_SEVERITY[one.severity]} <b>{escape(one.code)}</b> {escape(where_text(one))}：{escape(one.message)}"
        f"{f' <span class=dim>提示：{escape(one.hint)}</span>' if one.hint else ''}</li>"
        for one in findings
    )
    return f'<ul class="found">{items}</ul>' if items else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> str:
    if not rows:
        return f'<p class="dim">{nothing}</p>'
    heads = "".join(f"<th>{escape(one)}</th>" for one in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _names(names: Sequence[str]) -> str:
    more = f" 等 {len(names)} 个，全部见 report.xlsx" if len(names) > _NAMES else ""
    return "、".join(names[:_NAMES]) + more
