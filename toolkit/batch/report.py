"""The report of a run: a line for each unit and the answers about all units, written as JSON, page and workbook."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import __version__
from toolkit.batch.finding_codes import cell_name, short_place
from toolkit.batch.outcome import FINE, STATES, Facts, Line
from toolkit.core.findings import Finding, has_errors
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

if TYPE_CHECKING:
    from toolkit.presets import Preset

#: A value that is not given (the preset's default applies), and one that is not shown.
DEFAULT, HIDDEN = "（默认）", "（另有内容，不列出）"
#: So many units that are fine are listed in the page, and so many names in one cell; the workbook has all.
_LISTED, _NAMES = 2_000, 60


@dataclass(frozen=True, slots=True)
class Lacking:
    """A clause (or a whole document, if ``clause`` is empty) that some units do not have, and why.

    ``clause`` and ``why`` are in the language of presets, ``name`` and ``reason`` in words.
    """

    kind: str
    document: str
    clause: str
    why: str
    units: tuple[str, ...]
    of: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Older:
    """A unit whose set was made with an older version of its preset."""

    unit: str
    kind: str
    version: str
    newest: str


@dataclass(frozen=True, slots=True)
class Differing:
    """A parameter whose value most units share, and those that have another value (with their values)."""

    kind: str
    label: str
    usual: str
    share: int
    of: int
    units: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All units in the order of the list, findings of the list, outputs that are no longer in it (name, kind, version).

    ``presets`` returns the presets of the units by kind; it is called when an answer is asked for.
    """

    lines: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()
    gone: tuple[tuple[str, str, str], ...] = ()
    presets: Callable[[], Mapping[str, Preset]] = dict
    shard: tuple[int, int] | None = None

    @property
    def files(self) -> tuple[str, str, str]:
        """The file names of the reports: for programs, for reading, for sorting and counting; a shard has its own."""
        stem = "report" if self.shard is None else "report-{}-of-{}".format(*self.shard)
        return f"{stem}.json", f"{stem}.html", f"{stem}.xlsx"

    @property
    def page(self) -> str:
        """The file name of the page."""
        return self.files[1]

    def count(self, state: str) -> int:
        """Return how many units ended in a state."""
        return sum(line.state == state for line in self.lines)

    @property
    def is_fine(self) -> bool:
        """Whether every unit is done and the list has no error."""
        return all(line.state in FINE for line in self.lines) and not has_errors(self.findings)

    @property
    def facts(self) -> list[tuple[str, Facts]]:
        """Name and facts of the units that have some."""
        return [(line.name, line.facts) for line in self.lines if line.facts is not None]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the units."""
        return sorted({facts.kind for _, facts in self.facts})

    def lacking(self) -> tuple[Lacking, ...]:
        """Return each clause that a unit does not have, by kind and document."""
        from toolkit.presets.plain_words import PlainWords

        presets = self.presets()
        units: dict[tuple[str, str, str, str], list[str]] = {}
        for unit, facts in self.facts:
            for document, clause, why in facts.dropped:
                units.setdefault((facts.kind, document, clause, why), []).append(unit)
        counts = Counter(facts.kind for _, facts in self.facts)
        words = {kind: PlainWords(preset) for kind, preset in presets.items()}
        found = []
        for (kind, document, clause, why), names in sorted(units.items()):
            said = words.get(kind)
            name = "整份文件" if not clause else said.clause(document, clause) if said else clause
            title, reason = (said.document(document), said.reason(why)) if said else (document, why)
            of = _label(kind, presets), title, clause, why, tuple(names), counts[kind]
            found.append(Lacking(*of, name, reason))
        return tuple(found)

    def older(self) -> tuple[Older, ...]:
        """Return the units whose sets were made with an older preset, also those that are no longer in the list."""
        presets = self.presets()
        made = [(line.name, line.facts.kind, line.version) for line in self.lines if line.facts and line.version]
        made += self.gone
        newest: dict[str, str] = {kind: preset.version for kind, preset in presets.items()}
        for _, kind, version in made:
            newest[kind] = max(newest.get(kind, ""), version, key=_order)
        return tuple(
            Older(unit, _label(kind, presets), version, newest[kind])
            for unit, kind, version in made
            if _order(version) < _order(newest[kind])
        )

    def differing(self) -> tuple[Differing, ...]:
        """Return the parameters of which more than half of a kind's units have one value, but not all."""
        presets = self.presets()
        found: list[Differing] = []
        for kind in self.kinds:
            units = [(unit, dict(facts.values)) for unit, facts in self.facts if facts.kind == kind]
            params = presets[kind].params.params if kind in presets else {}
            keys = {key for _, values in units for key in values}
            for key in sorted(keys, key=list(params).index if keys <= params.keys() else None):
                values = [values.get(key, DEFAULT) for _, values in units]
                usual, share = Counter(values).most_common(1)[0]
                if 2 * share > len(units) > share:
                    named = zip((unit for unit, _ in units), values, strict=True)
                    others = tuple((unit, _shown(value)) for unit, value in named if value != usual)
                    label = params[key].label if key in params else key
                    found.append(Differing(_label(kind, presets), label, _shown(usual), share, len(units), others))
        return tuple(found)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def _shown(value: str) -> str:
    return HIDDEN if value.startswith("#") else value


def _label(kind: str, presets: Mapping[str, Preset]) -> str:
    return presets[kind].label if kind in presets else kind


def where_text(finding: Finding) -> str:
    """Return the place of a finding for people: a cell of a sheet, or a place in a file."""
    where = finding.where
    if not where.file or not where.line or where.file.endswith((".yaml", ".yml", ".md")):
        return str(where)
    cell = cell_name(where.line, where.column) if where.column else f"第 {where.line} 行"
    return " ".join(part for part in (where.file, cell, where.key) if part)


# --- files -------------------------------------------------------------------------------------------------------


def write_reports(report: Report, folder: Path) -> None:
    """Write the three files, each whole or not at all. Raises FileError."""
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: as_json(as_data(report), indent=1).encode("utf-8", "replace"),
        lambda: html.write(page(report)),
        lambda: xlsx.write(book(report)),
    )
    for name, make in zip(report.files, makers, strict=True):
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


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data, the content of ``report.json``."""
    return {
        "program": __version__,
        "counts": {state: report.count(state) for state in STATES},
        "findings": [finding.as_dict() for finding in report.findings],
        "units": [
            {
                "unit": line.name,
                "output": line.target,
                "row": line.row,
                "state": line.state,
                "kind": line.kind,
                "size": line.size,
                "tasks": line.facts.tasks if line.facts else None,
                "occasions": line.facts.occasions if line.facts else None,
                "preset_version": line.version,
                "findings": [finding.as_dict() for finding in line.findings],
            }
            for line in report.lines
        ],
        "not_in_the_list": [name for name, _, _ in report.gone],
        "lacking": [asdict(answer) for answer in report.lacking()],
        "older_preset": [asdict(answer) for answer in report.older()],
        "differing": [
            {**asdict(answer), "units": [{"unit": unit, "value": value} for unit, value in answer.units]}
            for answer in report.differing()
        ],
    }


def _lacking_cells(lacking: Lacking) -> tuple[str, ...]:
    return lacking.kind, lacking.document, lacking.name, lacking.reason


def _older_cells(report: Report) -> Iterator[tuple[str, ...]]:
    return ((older.unit, older.kind, older.version, older.newest) for older in report.older())


def _of_year(line: Line) -> tuple[str | int, ...]:
    """Return kind and size of a unit and the due dates of its year, counted and as occasions; empty where they are not known."""
    facts = line.facts
    return (line.kind, line.size, *((facts.tasks, facts.occasions) if facts else ("", "")))


def book(report: Report) -> View:
    """Return the sheets: units, findings, clauses that units lack, older presets, differences, folders not in the list."""
    units = (
        Row((line.row, line.name, line.state_name, *_of_year(line), line.version, len(line.findings)), _tone(line))
        for line in report.lines
    )
    found = [("", finding) for finding in report.findings]
    found += [(line.name, finding) for line in report.lines for finding in line.findings]
    findings = (
        Row(
            (unit, f.severity.label, f.code, where_text(f), f.message, f.hint, f.basis),
            "bad" if has_errors([f]) else "",
        )
        for unit, f in found
    )
    lacking = (
        Row((*_lacking_cells(answer), f"{len(answer.units)}/{answer.of}", "、".join(answer.units)))
        for answer in report.lacking()
    )
    differing = (
        Row((answer.kind, answer.label, answer.usual, f"{answer.share}/{answer.of}", unit, value))
        for answer in report.differing()
        for unit, value in answer.units
    )
    sheets: tuple[tuple[str, str, Iterable[Row]], ...] = (
        ("单位", "行:10 单位:40 结果:12 类型:14 规模:8 一年的事项:11 合为次数:9 预设版本:12 问题:8", units),
        ("问题", "单位:30 程度:8 代码:18 位置:40 问题:60 提示:40 依据:40", findings),
        ("没有的条款", "类型:12 文件:34 条款:26 原因:40 单位数:10 单位:80", lacking),
        ("旧版预设", "单位:40 类型:14 现有版本:12 最新版本:12", (Row(cells, "bad") for cells in _older_cells(report))),
        ("和多数不同", "类型:12 参数:30 多数单位:30 占比:10 不同的单位:40 它的内容:30", differing),
        ("不在名单中", "文件夹:50", (Row((name,)) for name, _, _ in report.gone)),
    )
    return View("batch", sections=tuple(Section(name, (Table(columns(heads), rows),)) for name, heads, rows in sheets))


def _tone(line: Line) -> str:
    return "" if line.state in FINE else "bad"


def page(report: Report) -> View:
    """Return the page: the units that are not done, the answers about all units, the units that are done."""
    figures = tuple(
        Figure(name, (("", number, "good" if state in FINE else "bad"),))
        for state, name in STATES.items()
        if (number := report.count(state))
    )
    note = f"名单中共 {len(report.lines)} 个单位"
    return View("batch", "批量生成报告", note, figures, sections=tuple(_sections(report)))


def _sections(report: Report) -> Iterator[Section]:
    if report.findings:
        yield Section("名单本身", (_bullets(report.findings),))
    bad = [line for line in report.lines if line.state not in FINE]
    fine = [line for line in report.lines if line.state in FINE]
    if bad:
        yield Section(f"没有完成的单位（{len(bad)}）", (_units(bad),))
    yield from _answers(report)
    if report.gone:
        heading = f"不在名单中、留在原处的文件夹（{len(report.gone)}）"
        yield Section(heading, (_names([name for name, _, _ in report.gone]),))
    if fine:
        more = [Paragraph((f"这里列出前 {_LISTED} 个，全部见 report.xlsx。",), "dim")] if len(fine) > _LISTED else []
        yield Section(f"完成的单位（{len(fine)}）", (*more, _units(fine[:_LISTED])))


def _answers(report: Report) -> Iterator[Section]:
    lacking = (
        (*_lacking_cells(answer), f"{len(answer.units)} / {answer.of}", _names(answer.units))
        for answer in report.lacking()
    )
    differing = (
        (
            answer.kind,
            answer.label,
            answer.usual,
            f"{answer.share} / {answer.of}",
            _names([f"{u}（{v}）" for u, v in answer.units]),
        )
        for answer in report.differing()
    )
    answers: tuple[tuple[str, str, Iterable[tuple[str, ...]], str], ...] = (
        ("按档案的条件，哪些单位没有哪些条款", "类型 文件 条款 原因 单位数 单位", lacking, "各单位的条款都齐全。"),
        ("哪些单位用的是旧版预设", "单位 类型 现有版本 最新版本", _older_cells(report), "没有。"),
        ("哪些参数和多数单位不同", "类型 参数 多数单位 占比 不同的单位", differing, "没有。"),
    )
    for heading, heads, rows, nothing in answers:
        yield Section(heading, (Table(columns(heads), tuple(map(Row, rows)), empty=nothing),))


def _units(lines: Iterable[Line]) -> Table:
    def row(line: Line) -> Row:
        state = Cell((Paragraph((line.state_name,), "badge"),))
        findings: Content = Cell((_bullets(line.findings),)) if line.findings else ""
        return Row((line.row, line.name, state, line.version, findings), _tone(line))

    return Table(columns("行 单位 结果 预设版本 问题"), tuple(map(row, lines)))


def _bullets(findings: Iterable[Finding]) -> Bullets:
    """Return findings as people read them; their codes are in the files for programs and for counting."""

    def item(finding: Finding) -> Iterator[str | Span]:
        yield Span(finding.severity.label, "strong")
        yield f" {place}：{finding.message}" if (place := short_place(finding.where)) else f" {finding.message}"
        if finding.hint:
            yield Span(f" 提示：{finding.hint}", "dim")

    return Bullets(tuple(tuple(item(finding)) for finding in findings))


def _names(names: Sequence[str]) -> str:
    more = f" 等 {len(names)} 个，全部见 report.xlsx" if len(names) > _NAMES else ""
    return "、".join(names[:_NAMES]) + more
