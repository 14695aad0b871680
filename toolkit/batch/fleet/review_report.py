"""The reports on two versions of all units, as text, page, workbook and JSON: equal changes once, then those of single units.

The page stays small: of a change that most units have it names those that differ, of many units the first and their number. The
workbook and the JSON name all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from toolkit import __version__
from toolkit.batch.fleet.review import CAME, CLASSES, WENT, Clause, Item, Review, UnitReview
from toolkit.language.columns import visible
from toolkit.reports import html, xlsx
from toolkit.reports import text as texts
from toolkit.reports.report import (
    Cell,
    Choice,
    Group,
    Paragraph,
    Report,
    Row,
    Section,
    Span,
    Table,
    as_json,
    columns,
    written,
)

#: So many units are named in a line of the page and of the text.
_NAMED = 12
#: So many other changes of a clause stand beside the first on the page.
_VARIANTS = 8
#: Characters of unchanged words that stay on each side of a change on the page.
_AROUND = 30
_STYLES = {"-": "gone", "+": "came", "=": ""}
_NOTHING = "两个版本没有不同。"


def review_report(review: Review, form: str) -> bytes:
    """Return a review as ``text``, ``html``, ``xlsx`` or ``json``. Raises UsageError for another format."""
    return written(
        form,
        {
            "text": lambda: texts.write(Report("units", sections=tuple(_text(review))), clean=_clean),
            "html": lambda: html.write(_page(review)),
            "xlsx": lambda: xlsx.write(Report("units", sections=tuple(_book(review)))),
            "json": lambda: as_json(_data(review)),
        },
    )


def _clean(text: str) -> str:
    return text if text.isprintable() else "\n".join(map(visible, text.split("\n")))


def _note(review: Review) -> str:
    wrong = [unit for unit in review.units if unit.wrong is not None]
    changed = sum(bool(unit.items or unit.renames) for unit in review.units)
    own = sum(len(items) for _, items in review.own)
    parts = [
        f"名单中比较了 {len(review.units) - len(wrong)} 个单位，有改动的 {changed} 个",
        f"几个单位都改的条款 {len(review.clauses)} 处，只有一个单位有的改动 {own} 处",
    ]
    return "；".join(parts) + (f"；没有比较的 {len(wrong)} 个" if wrong else "") + "。〔〕里是各单位自己的名称。"


def _some(names: Sequence[str], most: int = _NAMED) -> str:
    return "、".join(names) if len(names) <= most else f"{'、'.join(names[:most])} 等 {len(names)} 个"


def _place(item: Item) -> str:
    return f"{item.file} {item.clause}".strip()


def _shares(clause: Clause) -> str:
    return f"{len(clause.first.units)}/{clause.total}"


def _exceptions(clause: Clause) -> str:
    """Return the units without a change that most have; where most have none, the units that have it."""
    count = len(clause.first.units)
    if 2 * count > clause.total:
        return f"没有的：{_some(clause.without)}" if clause.without else ""
    return f"有的：{_some(clause.first.units)}"


# --- text -------------------------------------------------------------------------------------------------------------


def _words(item: Item) -> str:
    if item.kind in (CAME, WENT):
        return CLASSES[item.kind]
    marks = {"-": "[-{}-]", "+": "{{+{}+}}", "=": "{}"}
    return "".join(marks[op].format(text) for op, text in _around(item)).replace("\n", "／")


def _around(item: Item) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a change; of unchanged text only the words beside."""
    last = len(item.pieces) - 1
    for number, (op, text) in enumerate(item.pieces):
        if op == "=" and len(text) > 2 * _AROUND:
            before = text[:_AROUND] if number else ""
            after = text[-_AROUND:] if number < last else ""
            text = f"{before}……{after}"
        yield op, text


def _text(review: Review) -> Iterator[Section]:
    if review.same:
        yield Section("", (_NOTHING,))
        return
    yield Section("", (_note(review),))
    lines: list[str | Paragraph] = []
    for clause in review.clauses:
        first = clause.first.item
        lines.append(f"{_place(first)}（{CLASSES[first.kind]}，{_shares(clause)} 个单位）：{_words(first)}")
        lines += [Paragraph((words,), indent=4) for words in (_exceptions(clause), *first.substance) if words]
        for variant in clause.variants[1:]:
            lines.append(Paragraph((f"{_some(variant.units)}：{_words(variant.item)}",), indent=4))
    if lines:
        yield Section("", ("几个单位都改的", *lines))
    own = [line for unit, items in review.own for line in _own_lines(unit, items)]
    if own:
        yield Section("", ("只有一个单位有的", *own))
    renamed = [f"{unit.unit}：{_renames(unit)}" for unit in review.units if unit.renames]
    if renamed:
        yield Section("", ("名称替换", *renamed))
    if review.reasons:
        yield Section("", ("改动的原因", *(f"{words}：{_some(names)}" for words, names in review.reasons)))
    left = [f"{unit.unit}：{words}" for unit in review.units for words in _problems(unit)]
    if left:
        yield Section("", ("没有比较的内容", *left))


def _own_lines(unit: UnitReview, items: Sequence[Item]) -> Iterator[str | Paragraph]:
    yield f"{unit.row}　{unit.unit}"
    for item in items:
        yield Paragraph((f"{_place(item)}（{CLASSES[item.kind]}）：{_words(item)}",), indent=4)


def _renames(unit: UnitReview) -> str:
    return "；".join(f"{before} → {after}" for before, after in unit.renames)


def _problems(unit: UnitReview) -> list[str]:
    wrong = [f"{unit.wrong.message}（{unit.wrong.hint}）"] if unit.wrong is not None else []
    return [*wrong, *unit.left_out]


# --- page -------------------------------------------------------------------------------------------------------------


def _page(review: Review) -> Report:
    files = sorted({clause.first.item.file for clause in review.clauses})
    heads = columns("条款:30:place 改动:60 单位数:8:number 不一样的单位:40")
    groups = tuple(map(_group, review.clauses))
    own = [Row((unit.row, unit.unit, _cell(items))) for unit, items in review.own]
    sections = [
        Section("几个单位都改的条款", (Table(heads, groups=groups, id="matrix"),) if groups else ("没有。",)),
        Section("只有一个单位有的改动", (Table(columns("行:8 单位:24 改动:80"), own, empty="没有。"),)),
        *_more(review, _NAMED),
    ]
    choices = (
        Choice("file", "文件", tuple((name, name) for name in files)),
        Choice("spread", "范围", (("all", "全部单位"), ("most", "多数单位"), ("few", "少数单位"))),
        Choice("substance", "实质", (("1", "有实质改动"),)),
    )
    note = _NOTHING if review.same else _note(review)
    return Report("units", "各单位两个版本的不同", note, choices=choices if groups else (), sections=tuple(sections))


def _group(clause: Clause) -> Group:
    first, count = clause.first.item, len(clause.first.units)
    words = [_exceptions(clause)] if _exceptions(clause) else []
    others: list[str | Paragraph] = [*words]
    for variant in clause.variants[1 : _VARIANTS + 1]:
        others += [f"{_some(variant.units)}：", Paragraph(tuple(_spans(variant.item)))]
    if more := len(clause.variants) - 1 - _VARIANTS:
        others += [f"还有 {more} 种写法，全部在 .xlsx 里。"] if more > 0 else []
    cells = (
        Cell((first.file, f"{first.clause}（{CLASSES[first.kind]}）" if first.clause else CLASSES[first.kind])),
        Cell((Paragraph(tuple(_spans(first))), *first.substance)),
        Cell((_shares(clause),), sort=str(count), style="number"),
        Cell(tuple(others)),
    )
    spread = "all" if count == clause.total else "most" if 2 * count > clause.total else "few"
    facets = {"file": first.file, "spread": spread, "substance": "1" if first.substance else ""}
    return Group((Row(cells),), spread, "", facets)


def _spans(item: Item) -> Iterator[str | Span]:
    if item.kind in (CAME, WENT):
        yield CLASSES[item.kind]
    for op, text in _around(item):
        yield Span(text.replace("\n", "／"), _STYLES[op]) if _STYLES[op] else text.replace("\n", "／")


def _cell(items: Sequence[Item]) -> Cell:
    return Cell(tuple(Paragraph((f"{_place(item)}（{CLASSES[item.kind]}）：", *_spans(item))) for item in items))


def _more(review: Review, most: int) -> Iterator[Section]:
    renamed = [Row((unit.row, unit.unit, _renames(unit))) for unit in review.units if unit.renames]
    yield Section("名称替换", (Table(columns("行:10 单位:36 替换:80"), renamed, empty="没有。"),))
    rows = [Row((words, len(names), _some(names, most))) for words, names in review.reasons]
    yield Section("改动的原因", (Table(columns("原因:50 单位数:10 单位:80"), rows, empty="没有。"),))
    left = [Row((unit.row, unit.unit, words), "bad") for unit in review.units for words in _problems(unit)]
    yield Section("没有比较的内容", (Table(columns("行:10 单位:36 原因:80"), left, empty="没有。"),))


# --- workbook and data ------------------------------------------------------------------------------------------------


def _book(review: Review) -> Iterator[Section]:
    heads = "文件:24 条款:14 类别:10 原来的:50 改成:50 实质:30 单位数:8 单位:50 没有这一改动的单位:50"
    rows = [
        Row((*_cells(variant.item), len(variant.units), "、".join(variant.units), "、".join(clause.without)))
        for clause in review.clauses
        for variant in clause.variants
    ]
    yield Section("几个单位都改的条款", (Table(columns(heads), rows),))
    log = [
        Row((unit.row, unit.unit, *_cells(item), "是" if item.edited else "", "；".join(unit.reasons)))
        for unit in review.units
        for item in unit.items
    ]
    heads = "行:10 单位:30 文件:24 条款:14 类别:10 原来的:50 改成:50 实质:30 这份文件手工改过:10 原因:50"
    yield Section("更改记录", (Table(columns(heads), log),))
    yield from _more(review, len(review.units))


def _cells(item: Item) -> tuple[str, ...]:
    old, new = ("".join(text for op, text in item.pieces if op != other) for other in "+-")
    return item.file, item.clause, CLASSES[item.kind], old, new, "；".join(item.substance)


def _data(review: Review) -> dict[str, Any]:
    def of(item: Item) -> dict[str, Any]:
        names = ("document", "file", "id", "clause", "kind", "substance", "pieces", "edited")
        return {name: getattr(item, name) for name in names}

    return {
        "program": __version__,
        "same": review.same,
        "total": len(review.units),
        "clauses": [
            {
                "variants": [{**of(variant.item), "units": variant.units} for variant in clause.variants],
                "without": clause.without,
                "of": clause.total,
            }
            for clause in review.clauses
        ],
        "units": [
            {
                "unit": unit.unit,
                "row": unit.row,
                "kind": unit.kind,
                "changes": [of(item) for item in unit.items],
                "reasons": unit.reasons,
                "renames": [{"old": before, "new": after} for before, after in unit.renames],
                "left_out": unit.left_out,
                "wrong": unit.wrong.as_dict() if unit.wrong else None,
            }
            for unit in review.units
        ],
    }
