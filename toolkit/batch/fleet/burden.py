"""Coverage and burden of all units: requirements that are not met, and the load of a year on each unit (``toolkit units
coverage``).

One unit is judged by :mod:`toolkit.coverage` from its profile, in a worker, without laying its documents out: there are no pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit import __version__, coverage
from toolkit.batch import engines
from toolkit.batch.fleet import units
from toolkit.batch.outcome import Options
from toolkit.batch.running import crashed
from toolkit.batch.unit_list import Unit
from toolkit.batch.work import Settings, Shared, faults_told, packed_for, unpacked
from toolkit.core.findings import Finding
from toolkit.coverage import load
from toolkit.coverage.load_report import FIGURE_NAMES
from toolkit.coverage.rows import STATE_NAMES
from toolkit.language.columns import visible
from toolkit.reports import html, xlsx
from toolkit.reports import text as texts
from toolkit.reports.report import Paragraph, Report, Row, Section, Table, as_json, columns, written

#: The figures that are worked out without pages, in the order in which they are shown.
FIGURES = ("documents", "characters", "tasks", "occasions", "meetings", "fillings", "required_fields", "reports")
#: Their names at the heads of columns.
_HEADS = ("文件", "正文字数", "事项", "合为次数", "会议", "填表", "必填栏", "报送")


@dataclass(frozen=True)
class UnitBurden:
    """A unit: how many requirements are in each state, those ``open`` (id, words, document), figures by name, and those that are
    over the ceiling of its size. ``wrong``: why it has no figures."""

    unit: str
    row: str
    kind: str = ""
    size: str = ""
    states: Mapping[str, int] = field(default_factory=dict)
    open: tuple[tuple[str, str, str], ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)
    over: Mapping[str, int] = field(default_factory=dict)
    wrong: Finding | None = None


@dataclass(frozen=True)
class Burden:
    """All units in the order of the list."""

    units: tuple[UnitBurden, ...]

    @property
    def is_fine(self) -> bool:
        """Whether every requirement of every unit is met."""
        return not any(unit.open or unit.wrong for unit in self.units)

    def lacking(self) -> list[tuple[str, str, str, tuple[str, ...], int]]:
        """Return (kind, document, requirement, units, units of the kind) of each open requirement, the most frequent first."""
        found: dict[tuple[str, str, str, str], list[str]] = {}
        for unit in self.units:
            for id, what, document in unit.open:
                found.setdefault((unit.kind, document, what, id), []).append(unit.unit)
        of = {kind: sum(unit.kind == kind for unit in self.units) for kind, *_ in found}
        rows = [(kind, paper, what, tuple(names), of[kind]) for (kind, paper, what, _), names in found.items()]
        return sorted(rows, key=lambda row: (-len(row[3]), row[:3]))


def burden(source: Path, options: Options, tell: Callable[[UnitBurden], None] = lambda unit: None) -> Burden:
    """Return coverage and burden of every unit of a list but those that ended.

    Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    fleet = units.read(source, options)
    todo = [unit for unit in fleet.units if not unit.life.is_over]
    packed = packed_for(Settings(options, lister=fleet.listed.lister).absolute())
    found: dict[str, UnitBurden] = {}

    def call(unit: Unit) -> tuple[Callable[..., UnitBurden], tuple[Any, ...]]:
        return work, (packed, unit)

    for unit, result in engines.each(call, todo, options.jobs):
        if not isinstance(result, UnitBurden):
            result = UnitBurden(unit.name, unit.row, wrong=crashed(unit, result)[0])
        found[unit.target] = result
        tell(result)
    return Burden(tuple(found[unit.target] for unit in todo))


def work(packed: bytes, listed: Unit) -> UnitBurden:
    """Judge one unit; never raises for a fault of the unit."""
    shared, *_ = unpacked(packed)
    start = UnitBurden(listed.name, listed.row)
    return faults_told(lambda: _judged(shared, listed, start), lambda found: replace(start, wrong=found[0]))


def _judged(shared: Shared, listed: Unit, start: UnitBurden) -> UnitBurden:
    prepared = shared.prepare(shared.profile(listed.source))
    matrix = coverage.matrix(prepared)
    measured = load.load_of_size(prepared, shared.settings.options.where, paged=False)
    return replace(
        start,
        kind=prepared.preset.label if prepared.preset else matrix.kind,
        size=prepared.preset.size_label if prepared.preset else "",
        states={state: matrix.count(state) for state in STATE_NAMES},
        open=tuple(
            (row.id, row.what, row.paper.file if row.paper is not None else "")
            for row in matrix.requirements
            if row.state == "open"
        ),
        figures={name: measured.figures[name] for name in FIGURES},
        over={name: most for name, most in measured.over.items() if name in FIGURES},
    )


# --- report -----------------------------------------------------------------------------------------------------------


def burden_report(found: Burden, form: str) -> bytes:
    """Return coverage and burden as ``text``, ``html``, ``xlsx`` or ``json``. Raises UsageError for another format."""
    return written(
        form,
        {
            "text": lambda: texts.write(Report("units", sections=tuple(_text(found))), clean=visible),
            "html": lambda: html.write(
                Report("units", "各单位的要求和负担", _note(found), sections=tuple(_sections(found, ("open", "met"))))
            ),
            "xlsx": lambda: xlsx.write(Report("units", sections=tuple(_sections(found)))),
            "json": lambda: as_json(_data(found)),
        },
    )


def _note(found: Burden) -> str:
    wrong = sum(unit.wrong is not None for unit in found.units)
    opened = sum(bool(unit.open) for unit in found.units)
    said = f"名单中共 {len(found.units)} 个单位；有要求未落实的 {opened} 个"
    return said + (f"；没有算出来的 {wrong} 个" if wrong else "") + "。数字按档案算，不看记录；顺序和名单一样。"


def _kinds(found: Burden) -> list[tuple[str, str, list[UnitBurden]]]:
    """Return kind and size with their units that have figures, in the order of the list."""
    groups: dict[tuple[str, str], list[UnitBurden]] = {}
    for unit in found.units:
        if unit.figures:
            groups.setdefault((unit.kind, unit.size), []).append(unit)
    return [(kind, size, group) for (kind, size), group in groups.items()]


def _span(group: list[UnitBurden], name: str) -> str:
    """Return a figure of a group: from the least to the most."""
    least, most = (pick(unit.figures[name] for unit in group) for pick in (min, max))
    return str(least) if least == most else f"{least}—{most}"


def _over(unit: UnitBurden) -> str:
    """Say which figures are above the ceiling of the unit's size, "" for none."""
    over = "，".join(f"{FIGURE_NAMES[name][0]} {unit.figures[name]}，上限 {most}" for name, most in unit.over.items())
    return f"超过{unit.size or '这一规模'}的上限：{over}" if over else ""


def _text(found: Burden) -> Iterator[Section]:
    yield Section("", (_note(found),))
    lines = [
        f"{kind}{f'（{size}）' if size else ''} {len(group)} 个单位："
        + "，".join(f"{FIGURE_NAMES[name][0]} {_span(group, name)}{FIGURE_NAMES[name][1]}" for name in FIGURES)
        for kind, size, group in _kinds(found)
    ]
    if lines:
        yield Section("", tuple(lines))
    lacking = [
        f"{kind} {document} {what}：{len(names)}/{total} 个单位未落实（{'、'.join(names[:8])}{' 等' if names[8:] else ''}）"
        for kind, document, what, names, total in found.lacking()
    ]
    if lacking:
        yield Section("", tuple(lacking))
    said: list[str | Paragraph] = []
    for unit in found.units:
        if unit.wrong is not None:
            said.append(f"{unit.row}　{unit.unit}：没有算出来：{unit.wrong.message}")
        elif unit.over:
            said.append(f"{unit.row}　{unit.unit}：{_over(unit)}")
    if said:
        yield Section("", tuple(said))


def _sections(found: Burden, shown: Sequence[str] = tuple(STATE_NAMES)) -> Iterator[Section]:
    """Yield the sheets; ``shown``: states of requirements that have a column, on a page those that there is room for."""
    figures = [f"{name}:10" for name in _HEADS]
    states = [f"{STATE_NAMES[state]}:10" for state in shown]
    rows = [
        Row(
            (
                *(unit.row, unit.unit, unit.kind, unit.size or "完整"),
                *(unit.states.get(state, "") for state in shown),
                *(unit.figures.get(name, "") for name in FIGURES),
                f"没有算出来：{unit.wrong.message}" if unit.wrong is not None else _over(unit),
            ),
            "bad" if unit.wrong or unit.open else "warn" if unit.over else "",
        )
        for unit in found.units
    ]
    heads = columns("行:10 单位:36 类别:10 规模:8", *states, *figures, "说明:40")
    yield Section("各单位", (Table(heads, rows),))
    sums = [
        Row((kind, size or "完整", len(group), *(_span(group, name) for name in FIGURES)))
        for kind, size, group in _kinds(found)
    ]
    yield Section("各类单位", (Table(columns("类别:10 规模:8 单位:8", *figures), sums, empty="没有。"),))
    lacking = [
        Row((kind, document, what, len(names), total, "、".join(names)), "bad")
        for kind, document, what, names, total in found.lacking()
    ]
    heads = columns("类别:10 文件:30 要求:50 未落实的单位数:10 这一类单位数:10 单位:80")
    yield Section("未落实的要求", (Table(heads, lacking, empty="各单位的要求都已落实。"),))


def _data(found: Burden) -> dict[str, Any]:
    names = ("unit", "row", "kind", "size", "states", "figures", "over")
    return {
        "program": __version__,
        "units": [
            {
                **{name: getattr(unit, name) for name in names},
                "open": [{"id": id, "what": what, "document": document} for id, what, document in unit.open],
                "wrong": unit.wrong.as_dict() if unit.wrong else None,
            }
            for unit in found.units
        ],
    }
