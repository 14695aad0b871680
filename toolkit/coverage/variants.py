"""Judges a kind in its variants: each answer that a condition reads, given and not given, with examples for the rest.

Used by ``toolkit presets KIND --check``. A sentence under a condition is only built for a unit that fulfils it; a fault
in it would else be found by the first such unit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from toolkit import app
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import Finding, has_errors
from toolkit.coverage.exam import examine
from toolkit.presets import Preset
from toolkit.presets.conditions import Expression, Node, evaluate, names
from toolkit.presets.params import Param, fits
from toolkit.profile.draft import filled
from toolkit.profile.reading import Profile, of_bytes


@dataclass(frozen=True, slots=True)
class Variant:
    """A unit of the kind: its differences from one that only gives the required examples, and its answers."""

    label: str
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """``findings`` say in which variants they are.

    ``conditions``: condition on answers → whether it was true in some variant, and false in some. ``deleted``: how many required
    clauses were deleted to see whether the checks name them (:mod:`toolkit.coverage.exam`); ``absent``: those, as
    ``document#clause``, that could not be, for no variant has their document (a set after its repeal).
    """

    variants: tuple[Variant, ...]
    findings: tuple[Finding, ...]
    conditions: Mapping[str, tuple[bool, bool]]
    deleted: int = 0
    absent: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        """The conditions that were only ever true or only ever false."""
        return tuple(text for text, both in self.conditions.items() if not all(both))


def judge(preset: Preset, where: Where = BUNDLED) -> Judged:
    """Check the kind in all variants; where its words and rules are wrong, only that is told. Raises FileError."""
    if has_errors(preset.vocabulary):
        return Judged((), preset.vocabulary, {})
    conditions = {expression.text: expression for expression in _expressions(preset)}
    params = preset.params.params
    # A name alone asks whether there is an answer, and a parameter with a default always has one.
    asked = {
        text: expression
        for text, expression in conditions.items()
        if params.keys() >= set(names(expression)) and text not in params
    }
    reached = dict.fromkeys(asked, (False, False))
    variants = tuple(_variants(preset, conditions.values()))
    found: dict[Finding, list[Variant]] = {}
    examined: dict[frozenset[str], Profile] = {}
    for variant in variants:
        profile = replace(of_bytes(filled(preset, dict(variant.answers)).encode()), size=preset.size)
        prepared = app.prepare_read(profile, where)
        for finding in app.check(prepared, where):
            if _is_of_kind(finding, variant):
                found.setdefault(finding, []).append(variant)
        _note(reached, asked, prepared)
        examined.setdefault(_documents(prepared), profile)
    exam = examine(preset, tuple(examined.values()), where)
    findings = tuple(_in_variants(finding, own, len(variants)) for finding, own in found.items())
    absent = tuple(f"{document}#{clause}" for document, clause in exam.absent)
    return Judged(variants, findings + exam.findings, reached, exam.deleted, absent)


def _documents(prepared: app.Prepared) -> frozenset[str]:
    judged = prepared.judged
    return frozenset(document.id for document in judged.built.set.documents) if judged else frozenset()


def together(judged: Mapping[str, Judged]) -> Judged:
    """Return the results of judging a kind in its sizes, by their labels; the first is the full one."""
    variants: list[Variant] = []
    found: dict[tuple, Finding] = {}
    conditions: dict[str, tuple[bool, bool]] = {}
    for size, exam in judged.items():
        more = f"（{size}规模）" if variants else ""
        variants += [replace(variant, label=f"{variant.label}{more}") for variant in exam.variants]
        for finding in exam.findings:
            key = (finding.code, finding.where, finding.subject)
            found.setdefault(key, replace(finding, message=f"{finding.message}{more}"))
        for text, (true, false) in exam.conditions.items():
            before = conditions.get(text, (False, False))
            conditions[text] = (before[0] or true, before[1] or false)
    deleted = sum(exam.deleted for exam in judged.values())
    absent = set.intersection(*(set(exam.absent) for exam in judged.values()))
    return Judged(tuple(variants), tuple(found.values()), conditions, deleted, tuple(sorted(absent)))


def _is_of_kind(finding: Finding, variant: Variant) -> bool:
    """Whether a finding is about a text of the kind, not about the answers of a variant, which may contradict each other."""
    is_of_answers = finding.code == "duty_time_conflict" and variant.label
    return bool(finding.where.document or finding.where.file) and not is_of_answers


def _in_variants(finding: Finding, variants: Sequence[Variant], count: int) -> Finding:
    labels = [variant.label for variant in variants]
    if len(variants) == count or "" in labels:
        return finding
    more = f" 等 {len(labels)} 种" if labels[3:] else ""
    return replace(finding, message=f"{finding.message}（{'；'.join(labels[:3])}{more}时）")


def _note(reached: dict[str, tuple[bool, bool]], conditions: Mapping[str, Expression], prepared: app.Prepared) -> None:
    if prepared.judged is None:
        return
    for text, expression in conditions.items():
        holds = evaluate(expression, prepared.judged.resolved.scope.value)
        true, false = reached[text]
        reached[text] = (true or holds, false or not holds)


def _expressions(value: Any, seen: set[int] | None = None) -> Iterator[Expression]:
    """Yield the conditions in a preset's parts."""
    seen = set() if seen is None else seen
    if isinstance(value, Expression):
        yield value
    elif id(value) in seen or isinstance(value, (str, int, float, Path)) or value is None:
        return
    elif is_dataclass(value) and not isinstance(value, type):
        seen.add(id(value))
        for field in fields(value):
            yield from _expressions(getattr(value, field.name), seen)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _expressions(inner, seen)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _expressions(inner, seen)


def _variants(preset: Preset, conditions: Collection[Expression]) -> Iterator[Variant]:
    params = preset.params.params
    needed = {key: param.example for key, param in params.items() if param.needed and param.example}
    yield Variant("", needed)
    read = {name for expression in conditions for name in names(expression)}
    asked = {
        key: [answer for answer in _answers(param, conditions) if answer != needed.get(key)]
        for key, param in params.items()
        if key in read or any(name.startswith(f"{key}.") for name in read)
    }
    yield from (_variant(preset, needed, {key: answer}) for key, answers in asked.items() for answer in answers)
    pairs = dict.fromkeys(
        tuple(dict.fromkeys(name for name in names(expression) if name in asked)) for expression in conditions
    )
    for pair in pairs:  # conditions that rest on two answers
        if len(pair) == 2:
            for both in product(*(asked[key][:2] for key in pair)):
                yield _variant(preset, needed, dict(zip(pair, both, strict=True)))


def _variant(preset: Preset, needed: Mapping[str, Any], answers: Mapping[str, Any]) -> Variant:
    params = preset.params.params
    said = [
        f"{params[key].label}：{answer if isinstance(answer, str) else '填一行'}" for key, answer in answers.items()
    ]
    return Variant("，".join(said), {**needed, **answers})


def _answers(param: Param, conditions: Collection[Expression]) -> Iterator[Any]:
    """Yield the answers to one question that a condition could tell apart."""
    beside = dict.fromkeys(node.text for expression in conditions for node in _texts_beside(expression.node, param.key))
    if param.type == "boolean":
        yield from ("是", "否")
    elif param.type == "integer":
        limits = sorted(int(text) for text in beside if text.isdecimal())
        yield from dict.fromkeys(str(limit + step) for limit in limits for step in (-1, 0, 1) if limit + step > 0)
    elif param.type == "table":
        yield [{column.key: column.sample() for column in param.columns}]
    elif param.type != "document":
        yield from (
            answer for answer in dict.fromkeys((*param.options, *beside) or (param.sample(),)) if fits(param, answer)
        )


def _texts_beside(node: Node, name: str) -> Iterator[Node]:
    """Yield the texts and numbers that a name is compared with."""
    if any(operand.op == "name" and operand.text == name for operand in node.operands):
        yield from (operand for operand in node.operands if operand.op == "text")
    for operand in node.operands:
        yield from _texts_beside(operand, name)
