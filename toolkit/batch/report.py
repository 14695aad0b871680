"""The report of a run: a line for each unit and the answers about the fleet, as JSON, a page and a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit import __version__
from toolkit.batch.finding_codes import cell_name
from toolkit.batch.outcome import CHECKED, DONE, ERRORS, FILES, REFUSED, Facts
from toolkit.core.findings import Finding, has_errors

if TYPE_CHECKING:
    from toolkit.batch import fleet
    from toolkit.presets import Preset

UNCHANGED = "unchanged"
#: States for people, in the order of the counts.
STATES = {
    DONE: "已生成",
    UNCHANGED: "没有变化",
    CHECKED: "检查通过",
    ERRORS: "有错误",
    REFUSED: "没有覆盖",
    FILES: "读写失败",
}
FINE = frozenset({DONE, UNCHANGED, CHECKED})


@dataclass(frozen=True, slots=True)
class Line:
    """One unit: ``row`` is its line in the list or its file, ``version`` the preset version of what is in its folder."""

    name: str
    target: str
    row: str
    state: str
    unit: str = ""
    findings: tuple[Finding, ...] = ()
    facts: Facts | None = None
    version: str = ""

    @property
    def state_name(self) -> str:
        """The state in words."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Report:
    """All units in the order of the list, findings of the list, outputs that are no longer in it (name, kind, version)."""

    lines: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()
    gone: tuple[tuple[str, str, str], ...] = ()
    presets: Mapping[str, Preset] = field(default_factory=dict)
    shard: tuple[int, int] | None = None

    @property
    def page(self) -> str:
        """The file name of the page."""
        return f"{self.stem}.html"

    @property
    def stem(self) -> str:
        """The file name of the reports, without suffix: a shard has its own."""
        return "report" if self.shard is None else "report-{}-of-{}".format(*self.shard)

    def count(self, state: str) -> int:
        """Return how many units ended so."""
        return sum(line.state == state for line in self.lines)

    @property
    def is_fine(self) -> bool:
        """Whether every unit is done and the list has no error."""
        return all(line.state in FINE for line in self.lines) and not has_errors(self.findings)

    def facts(self) -> list[tuple[str, Facts]]:
        """Return the facts of the units that have some."""
        return [(line.name, line.facts) for line in self.lines if line.facts is not None]

    def lacking(self) -> tuple[fleet.Lacking, ...]:
        """Return the clauses that units lack."""
        from toolkit.batch import fleet

        return fleet.lacking(self.facts(), self.presets)

    def older(self) -> tuple[fleet.Older, ...]:
        """Return the units whose sets were made with an older preset, also those that are no longer in the list."""
        from toolkit.batch import fleet

        kinds = [(line.name, line.facts.kind, line.version) for line in self.lines if line.facts and line.version]
        return fleet.older([*kinds, *self.gone], self.presets)

    def differing(self) -> tuple[fleet.Differing, ...]:
        """Return the parameters in which units differ from the majority."""
        from toolkit.batch import fleet

        return fleet.differing(self.facts(), self.presets)


def where_text(finding: Finding) -> str:
    """Return the place of a finding for people: a cell of a sheet, or a place in a file."""
    where = finding.where
    if not where.file or not where.line or where.file.endswith((".yaml", ".yml", ".md")):
        return str(where)
    cell = cell_name(where.line, where.column) if where.column else f"第 {where.line} 行"
    return " ".join(part for part in (where.file, cell, where.key) if part)


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data, the content of ``report.json``."""
    counts = Counter(line.state for line in report.lines)
    units = []
    for line in report.lines:
        facts = line.facts
        units.append(
            {
                "unit": line.name,
                "output": line.target,
                "row": line.row,
                "state": line.state,
                "kind": facts.kind if facts else "",
                "preset_version": line.version,
                "findings": [finding.as_dict() for finding in line.findings],
            }
        )
    return {
        "program": __version__,
        "counts": {state: counts[state] for state in STATES},
        "findings": [finding.as_dict() for finding in report.findings],
        "units": units,
        "not_in_the_list": [name for name, _, _ in report.gone],
        "lacking": [asdict(one) for one in report.lacking()],
        "older_preset": [asdict(one) for one in report.older()],
        "differing": [
            {**asdict(one), "units": [{"unit": u, "value": v} for u, v in one.units]} for one in report.differing()
        ],
    }
