"""The exam of a kind: each required clause is deleted by a layer of a unit, and the checks have to name it.

Used by ``toolkit presets KIND --check``. A requirement that nobody misses when its clause is gone is no requirement.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit import app
from toolkit.core.data_folders import Where
from toolkit.core.findings import Finding, Severity
from toolkit.presets import Preset
from toolkit.presets.spec import Target
from toolkit.profile.reading import Profile

_CODE = "unmissed_clause"
#: So many clauses of a document are deleted at once, far from each other: a set of which more is gone names less.
_TOGETHER = 6


@dataclass(frozen=True, slots=True)
class Exam:
    """``deleted``: how many required clauses were deleted; ``findings``: those that nobody missed; ``absent``: not tried."""

    deleted: int
    findings: tuple[Finding, ...]
    absent: tuple[Target, ...]


def examine(preset: Preset, profiles: Sequence[Profile], where: Where) -> Exam:
    """Delete every required clause of the documents that one of the profiles has, till its absence is named. Raises FileError.

    A clause that another stands for in one unit (``instead``) is looked at in the next.
    """
    left = dict.fromkeys((document, clause) for document, required in preset.required.items() for clause in required)
    wanted, tried = tuple(left), set[Target]()
    for profile in profiles:
        if not left:
            break
        judged = app.prepare_read(profile, where).judged
        there = {document.id for document in judged.built.set.documents} if judged else set()
        cases = [target for target in left if all(home in there for home, _ in preset.places(*target))]
        tried.update(cases)
        for target in _missed(preset, profile, where, cases):
            left.pop(target, None)
    unmissed = tuple(_unmissed(preset, target) for target in wanted if target in left and target in tried)
    return Exam(len(tried), unmissed, tuple(target for target in wanted if target not in tried))


def _missed(preset: Preset, profile: Profile, where: Where, cases: Sequence[Target]) -> Iterator[Target]:
    """Yield the clauses whose absence is named: some of each document at a time, then those that another's absence may hide."""
    by_document: dict[str, list[Target]] = {}
    for target in cases:
        by_document.setdefault(preset.places(*target)[0][0], []).append(target)
    turns = max((-(-len(own) // _TOGETHER) for own in by_document.values()), default=0)
    for turn in range(turns):
        together = [target for own in by_document.values() for target in own[turn::turns]]
        named = _named(preset, profile, where, together)
        yield from named
        for target in together:
            if target not in named and len(together) > 1 and target in _named(preset, profile, where, [target]):
                yield target


def _named(preset: Preset, profile: Profile, where: Where, cases: Sequence[Target]) -> set[Target]:
    with tempfile.TemporaryDirectory() as folder:
        _delete(preset, Path(folder), {place for target in cases for place in preset.places(*target)})
        prepared = app.prepare_read(profile, replace(where, layers=(*where.layers, Path(folder))))
    return {
        (finding.where.document, finding.subject)
        for finding in prepared.findings
        if finding.code == "missing_clause" and finding.severity is Severity.ERROR
    }


def _delete(preset: Preset, folder: Path, blocks: Collection[Target]) -> None:
    """Write a layer that removes blocks."""
    (folder / "documents").mkdir()
    for document in {home for home, _ in blocks}:
        ids = ", ".join(sorted(block for home, block in blocks if home == document))
        head = f"id: {document}\nremove: [{ids}]\n"
        is_text = preset.documents[document].place.file.endswith(".md")
        name, text = (f"{document}.md", f"---\n{head}---\n") if is_text else (f"{document}.yaml", head)
        (folder / "documents" / name).write_text(text, encoding="utf-8")


def _unmissed(preset: Preset, case: Target) -> Finding:
    document, clause = case
    required = preset.required[document][clause]
    template = preset.documents.get(document) or preset.dropped[document]
    place = replace(template.place, document=document, provision=clause)
    message = f"必备条款“{clause}”（{required.what}）删去以后，检查没有发现。"
    hint = "看这一条的编号在文件里是不是还在用，required.yaml 里的条件是不是把它免掉了"
    return Finding(_CODE, Severity.ERROR, message, place, hint, required.basis, clause)
