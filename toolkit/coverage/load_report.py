"""Writes the load of a set in each of its formats (``toolkit load``): text, page, workbook and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from toolkit.coverage.load import Floor, Load, Occasion, Shared
from toolkit.reports import html, text, xlsx
from toolkit.reports.report import Column, Figure, Report, Row, Section, Table, as_json, columns, written

FORMATS = ("text", "html", "xlsx", "json")
#: Version of the JSON schema (``docs/coverage.md``).
VERSION = 1
#: Key figures: name in Chinese, and the unit that is counted.
FIGURE_NAMES = {
    "documents": ("文件", "份"),
    "pages": ("页数", "页"),
    "pages_once": ("页数，所附正文只计一次", "页"),
    "characters": ("制度正文", "字"),
    "tasks": ("一年到期的事项", "项"),
    "occasions": ("合起来办的次数", "次"),
    "meetings": ("会议", "次"),
    "standing": ("其中本来就要开的会议", "次"),
    "fillings": ("填写的表", "份"),
    "on_demand": ("其中按需出的文件", "份"),
    "filled_pages": ("填写的页数", "页"),
    "required_fields": ("必须填写的栏目", "栏"),
    "filled_fields": ("全部栏目", "栏"),
    "reports": ("报送上级", "次"),
    "occasional": ("遇到时才办的职责", "项"),
}
#: Key figures that the page shows large.
_LARGE = ("documents", "pages_once", "characters", "tasks", "occasions", "meetings", "fillings", "reports")
_FOOTER = (
    "事项：一项有频次的职责一年中的每个到期日计一项。同一天、同一个会议（没有会议的，责任主体或者报送对象相同的同一张表）的事项合起来算一次。"
    "页数是 PDF 的页数；字数不计空格和编号。“可以合并”只看日期和责任主体，合并前请看是否须由不同的会议决定。"
)


def write(load: Load, form: str, *, width: int = 120) -> bytes:
    """Return the load in one of :data:`FORMATS`; texts are UTF-8. Raises UsageError for another format.

    ``width``: columns of the text; a Chinese character has two.
    """
    writers: dict[str, Callable[[], str | bytes]] = {
        "text": lambda: text.write(report(load, brief=True), width),
        "html": lambda: html.write(report(load)),
        "xlsx": lambda: xlsx.write(report(load)),
        "json": lambda: as_json(data(load)),
    }
    return written(form, writers)


def data(load: Load) -> dict[str, Any]:
    """Return the load as plain data: key figures, then their parts."""
    return {
        "load": VERSION,
        "unit": load.unit,
        "kind": load.kind,
        "kind_label": load.kind_label,
        "year": load.year,
        "size": load.size,
        "figures": load.figures,
        "ceilings": dict(load.ceilings),
        "other_sizes": {label: figures and dict(figures) for label, figures in load.beside.items()},
        "documents": [asdict(paper) for paper in load.papers],
        "posts": {
            post: {str(month): months[month] for month in sorted(months)} for post, months in load.by_month().items()
        },
        "meetings": {name: [day.isoformat() for day in days] for name, days in load.meetings.items()},
        "occasions": [_occasion(occasion) for occasion in load.occasions],
        "could_share": [
            {
                "who": shared.who,
                "day": shared.day.isoformat(),
                "occasions": [_occasion(occasion) for occasion in shared.occasions],
            }
            for shared in load.shared
        ],
        "floors": [asdict(floor) for floor in load.floors],
    }


def _occasion(occasion: Occasion) -> dict[str, Any]:
    return {
        "day": occasion.day.isoformat(),
        "name": occasion.name,
        "tasks": [{"duty": task.duty, "label": task.label, "post": task.post} for task in occasion.tasks],
    }


def report(load: Load, brief: bool = False) -> Report:
    """Return the report. ``brief`` (for a text): without the list of occasions and the documents that are not filled in."""
    counted = load.figures
    sections = (
        Section("合计", (_figures(load), *filter(None, (_note(load),)))),
        Section("各岗位每月的事项", (_posts(load),)),
        Section("会议", (_meetings(load),)),
        Section("填写的表", (_forms(load),)),
        *(() if brief else (Section("各份文件", (_documents(load),)), Section("全年安排", (_year(load),)))),
        Section("可以合并", (_shared(load.shared),)),
        Section("频次和下限", (_floors(load.floors),)),
    )
    figures = tuple(_large(counted, name) for name in _LARGE)
    title = f"{load.unit}{load.year or ''}年度工作量测算"
    return Report("load", title, "" if brief else load.kind_label, figures, sections=sections, footer=_FOOTER)


def _large(counted: Mapping[str, int], name: str) -> Figure:
    label, unit = FIGURE_NAMES[name]
    return Figure(f"{label}（{unit}）", (("", counted[name], ""),))


def _figures(load: Load) -> Table:
    """Return the key figures; the sizes of the kind stand side by side, with the ceilings of one that has them."""
    shown: dict[str, Mapping[str, int] | None] = {load.size or "数量": load.figures, **load.beside}
    if load.ceilings:
        shown[f"{load.size}规模的上限"] = load.ceilings
    heads = (
        Column("项目", 32),
        *(Column(label, 8 if len(label) < 4 else 14, "number") for label in shown),
        Column("单位", 6),
    )
    rows = [
        Row((name, *("" if values is None else values.get(key, "") for values in shown.values()), unit))
        for key, (name, unit) in FIGURE_NAMES.items()
    ]
    return Table(heads, rows, fits=True)


def _note(load: Load) -> str:
    """Return the figures above their ceilings, and the sizes that could not be measured."""
    over = [
        f"{FIGURE_NAMES[name][0]}多{load.figures[name] - most}{FIGURE_NAMES[name][1]}"
        for name, most in load.over.items()
    ]
    said = [f"超过{load.size}规模的上限：{'、'.join(over)}。"] if over else []
    said += [
        f"{label}规模没有测算：用这份档案检查有错误。" for label, figures in load.beside.items() if figures is None
    ]
    return "".join(said)


def _posts(load: Load) -> Table:
    heads = (
        Column("责任主体", 12),
        *(Column(f"{month}月", 4, "number") for month in range(1, 13)),
        Column("合计", 4, "number"),
    )
    rows = [
        Row((post, *(months[month] or "" for month in range(1, 13)), months.total()))
        for post, months in load.by_month().items()
    ]
    return Table(heads, rows, fits=True)


def _meetings(load: Load) -> Table:
    """Return the meetings with the purpose of each day: two duties of one body may need two sittings."""
    rows = []
    for name, days in load.meetings.items():
        by_matters: dict[str, list[date]] = {}
        for occasion in load.occasions:
            if occasion.name == name:
                matters = "、".join(dict.fromkeys(task.label for task in occasion.tasks))
                by_matters.setdefault(matters, []).append(occasion.day)
        shown = "；".join(f"{matters}（{_days(held)}）" for matters, held in by_matters.items())
        rows.append(Row((name, len(days), shown)))
    return Table(columns("会议:24 次数:4:number 办理的事项和日期:60"), rows)


def _days(days: Iterable[date]) -> str:
    return "、".join(f"{day.month}月{day.day}日" for day in days)


def _forms(load: Load) -> Table:
    papers = sorted(
        (paper for paper in load.papers if paper.fillings), key=lambda paper: (-paper.fillings, paper.number)
    )
    rows = [
        Row((f"{paper.number:02d}", paper.title, paper.fillings, paper.pages, paper.fields, paper.required))
        for paper in papers
    ]
    heads = columns("序号:4 文件:24 一年份数:8:number 每份页数:8:number 栏目:6:number 必填:6:number")
    return Table(heads, rows, fits=True)


def _documents(load: Load) -> Table:
    rows = [
        Row((f"{paper.number:02d}", paper.title, paper.pages, paper.characters or "", paper.fields or ""))
        for paper in load.papers
        if not paper.on_demand
    ]
    return Table(columns("序号:6 文件:40 页数:6:number 字数:8:number 栏目:8:number"), rows)


def _year(load: Load) -> Table:
    rows = [
        Row((occasion.day, occasion.name, "、".join(dict.fromkeys(t.label for t in occasion.tasks)), _who(occasion)))
        for occasion in load.occasions
    ]
    return Table(columns("日期:12 会议或者表:36 事项:50 责任主体:30"), rows)


def _who(occasion: Occasion) -> str:
    return "、".join(dict.fromkeys(task.post for task in occasion.tasks))


def _shared(shared: tuple[Shared, ...]) -> Table:
    rows = [Row((occasion.who, f"{occasion.day.month}月", "；".join(_dated(occasion)))) for occasion in shared]
    return Table(columns("责任主体:12 月份:4 分几天办的事项:40"), rows, fits=True, empty="没有。")


def _dated(shared: Shared) -> Iterator[str]:
    for occasion in shared.occasions:
        labels = "、".join(dict.fromkeys(task.label for task in occasion.tasks))
        yield f"{occasion.day.day}日{labels}"


def _floors(floors: tuple[Floor, ...]) -> Table:
    rows = [Row((floor.label, _times(floor.times), _times(floor.least), _room(floor), floor.basis)) for floor in floors]
    return Table(columns("频次:20 现在:8 下限:8 说明:14 下限的依据:30"), rows, fits=True)


def _times(times: float) -> str:
    return f"每年{times:g}次"


def _room(floor: Floor) -> str:
    return f"可以少{floor.times - floor.least:g}次" if floor.times > floor.least else "已在下限"
