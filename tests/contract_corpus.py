"""The corpora of contradictory layers and of harmless sentences (``tests/data/contracts``), packed into few layers and judged.

A layer of its own for each line would take minutes: lines that touch different clauses share a layer, and a finding belongs
to the line whose clause it is placed in.
"""

from __future__ import annotations

import functools
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from toolkit import presets
from toolkit.app import prepare
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import Finding
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import Preset, chains

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "contracts"
KINDS = ("village", "school", "railway_depot")
#: What finds each fault: a clause that is replaced may be hollow or lack what it must say instead of denying it.
CLAUSE = ("clause_denied", "hollow_clause", "clause_lacks", "boundary", "fact_conflict")
CODES = {
    "step": (*CLAUSE, "step_weakened"),
    "clause": CLAUSE,
    "lacks": ("clause_lacks", "hollow_clause"),
    "time": ("literal_frequency", "literal_deadline", "time_contradicts_duty"),
    "reference": ("typed_reference", "reference_nowhere", "unknown_title"),
    "actor": ("unknown_actor", "residue"),
    "fact": ("fact_conflict", "literal_deadline", "clause_denied"),
    "boundary": ("boundary",),
}
#: Documents to which harmless sentences are added in turn.
_PAPERS = ("regulation", "position_management", "mechanism_report", "mechanism_supervision", "mechanism_online")
#: The same for the looks at sentences about accountability alone.
_HOMES = dict.fromkeys(("_21", "_22", "_23", "_24", "_26"), ("mechanism_accountability", "regulation"))


class Line(NamedTuple):
    """A line of a corpus. ``clause`` is replaced; without one ``text`` is an added article."""

    number: int
    kind: str
    fault: str
    document: str
    clause: str
    text: str

    @property
    def id(self) -> str:
        """The id of the clause that the line makes."""
        return self.clause or f"line{self.number}"

    def is_found(self, found: Sequence[Finding]) -> bool:
        """Whether a finding of the codes of its fault is placed in its clause."""
        codes = CODES[self.fault.partition(".")[0]]
        return any(finding.code in codes for finding in found)


#: The corpora of the looks; the later ones were written after the rules (docs/checks.md).
LOOKS = (
    "",
    "_2",
    "_3",
    "_4",
    "_5",
    "_6",
    "_7",
    "_8",
    "_9",
    "_10",
    "_11",
    "_12",
    "_13",
    "_14",
    "_15",
    "_16",
    "_17",
    "_18",
    "_19",
    "_20",
    "_21",
    "_22",
    "_23",
    "_24",
    "_25",
    "_26",
    "_27",
    "_28",
)


def contradictions(looks: Sequence[str] = LOOKS) -> list[Line]:
    """Return the contradictory layers."""
    lines: list[Line] = []
    for look in looks:
        for kind, fault, where, text in _read(f"contradictions{look}")["cases"]:
            document, _, clause = where.rstrip("+").partition("#")
            lines.append(Line(len(lines), kind, fault, document, clause, text))
    return lines


def harmless(looks: Sequence[str] = LOOKS) -> list[Line]:
    """Return the harmless sentences, as articles of several documents in turn."""
    lines: list[Line] = []
    for look in looks:
        papers = _HOMES.get(look, _PAPERS)
        for kind, texts in _read(f"harmless{look}").items():
            for text in texts:
                lines.append(Line(len(lines), kind, "", papers[len(lines) % len(papers)], "", text))
    return lines


def _read(name: str) -> dict:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


def judged(lines: Iterable[Line]) -> Iterator[tuple[Line, list[Finding]]]:
    """Yield each line with the findings placed in its clause."""
    for kind, layer in _packed(lines):
        found = _findings(kind, layer)
        for line in layer:
            own = (line.id, f"{line.id}__")
            yield (
                line,
                [
                    finding
                    for finding in found
                    if finding.where.document == line.document
                    and (finding.where.provision == own[0] or finding.where.provision.startswith(own[1]))
                ],
            )


def _packed(lines: Iterable[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Yield kind and lines of layers in which no two lines make, or lie within, the same clause."""
    waiting = list(lines)
    while waiting:
        kind, taken, left = waiting[0].kind, [], []
        used: dict[str, set[str]] = defaultdict(set)
        for line in waiting:
            touched = _touched(kind, line.document, line.clause) if line.clause and line.kind == kind else set()
            if line.kind == kind and not touched & used[line.document]:
                used[line.document] |= touched
                taken.append(line)
            else:
                left.append(line)
        yield kind, taken
        waiting = left


@functools.cache
def preset(kind: str) -> Preset:
    """Return a bundled kind."""
    return presets.load(kind, BUNDLED.presets_folders)


def _touched(kind: str, document: str, clause: str) -> set[str]:
    """Return a clause, those around it and those within it, chapters excepted."""
    touched = set()
    for chain in chains(preset(kind).documents[document].body):
        ids = [block.id for block in chain if block.id and getattr(block, "level", "") != "chapter"]
        if clause in ids:
            touched |= set(ids)
    assert touched, (kind, document, clause)
    return touched


def layer_files(kind: str, lines: Iterable[Line]) -> dict[str, str]:
    """Return the files of a unit's own layer that has the lines."""
    files: dict[str, list[str]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.document, _level(kind, line) == "article")):
        if not line.clause:
            files[line.document].append(f"## 补充 {{#{line.id} in=general}}\n{line.text}\n")
        elif _level(kind, line) == "article":
            files[line.document].append(f"## 改写 {{#{line.id}}}\n{line.text}\n")
        else:
            files[line.document].append(f"{line.text} {{#{line.id}}}\n")
    return {
        f"documents/{name}.md": f"---\nid: {name}\n---\n" + "\n".join(texts) for name, texts in sorted(files.items())
    }


def _level(kind: str, line: Line) -> str:
    for chain in chains(preset(kind).documents[line.document].body):
        block = chain[-1]
        if line.clause and block.id == line.clause and isinstance(block, TemplateBlock):
            return block.level
    return "article"


def _findings(kind: str, lines: Sequence[Line]) -> tuple[Finding, ...]:
    """Return what is found in the example of a kind with a layer."""
    profile = (ROOT / "examples" / f"{kind}.yaml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        layer = Path(temporary) / "own"
        for name, text in layer_files(kind, lines).items():
            path = layer / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        unit = Path(temporary) / "unit.yaml"
        unit.write_text(re.sub(r"(?m)^(沿革|history).*$", "", profile), encoding="utf-8")
        return prepare(unit, Where(layers=(layer,))).findings
