"""The chain of a provision: its text, its duties, the answers behind it, the basis, the requirements that it meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from toolkit.clauses.names import Names, depends_on, parameter_of, printed_value, word_of
from toolkit.clauses.opened import Opened, opened
from toolkit.core.classes import dataclass
from toolkit.coverage.rows import Paper, Requirement
from toolkit.model.tree import Provision, Table
from toolkit.presets.conditions import names as names_in
from toolkit.presets.markup import Placeholder, TemplateBlock, placeholders
from toolkit.presets.spec import BodyBlock, TableTemplate, walk

if TYPE_CHECKING:
    from toolkit.app import Prepared


#: Characters of a provision without a name that stand for it.
_BEGINNING = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the profile behind a provision: ``key`` leads to its question.

    ``what`` is its role here (频次), ``label`` its name in the profile, ``question`` how it is asked, ``value`` what
    it is now. ``given``: the profile has it; else it is a default, which is made from the answers ``follows`` (key, label).
    """

    key: str
    what: str
    label: str
    question: str
    value: str
    given: bool
    follows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DutyLink:
    """A duty that a provision quotes, with the other documents of the set that quote it and the clauses there.

    ``rows``: the provision lists it in a row of a table.
    """

    id: str
    label: str
    actor: str
    act: str
    when_due: str
    recipient: str
    record: str
    elsewhere: tuple[tuple[Paper, str], ...]
    rows: bool


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a provision comes from.

    ``label`` is how it is cited (第二十二条, empty in forms), ``heading`` its 条旨 or caption, ``lines`` its text as printed,
    with its numbers. ``own``: the unit's own layer words it; ``source`` is the file and line of the preset or layer.
    ``clause``: the clause that can be worded anew (:mod:`toolkit.clauses.own`), empty for a table. ``requirements``:
    those that it meets, ``condition``: the answers on which it depends whether it is there at all.
    """

    document: str
    provision: str
    paper: Paper
    label: str
    heading: str
    lines: tuple[str, ...]
    own: bool
    source: str
    clause: str
    requirements: tuple[Requirement, ...]
    duties: tuple[DutyLink, ...]
    answers: tuple[Answer, ...]
    condition: tuple[Answer, ...]
    basis: tuple[str, ...]


def provenance(prepared: Prepared, document: str, provision: str) -> Provenance:
    """Return the chain of a provision or table of the set. Raises UsageError for an unknown one, FindingsError for no set."""
    unit = opened(prepared)
    unit.need(document, provision)
    index, template = unit.index, unit.template(document)
    paper, source = index.paper(document), unit.built.sources.get((document, provision))
    assert paper is not None
    blocks = _blocks_of(unit, document, provision)
    answers = tuple(_answers(unit, Names(unit.resolved, template), blocks))
    requirements = _requirements(unit, document, provision)
    return Provenance(
        document,
        provision,
        paper,
        index.label(document, provision),
        index.heading(document, provision),
        tuple(_lines(unit, document, provision)),
        source is not None and source.file in template.own_files,
        f"{PurePath(source.file).name} 第{source.line}行" if source is not None else "",
        unit.clause_of(document, provision),
        requirements,
        tuple(_duties(unit, document, provision)),
        answers,
        tuple(_conditions(unit, blocks)),
        _basis(unit, requirements, answers),
    )


def name(prepared: Prepared, document: str, provision: str) -> str:
    """Return the name of a provision: 第二十二条　分析研判, the beginning of its text where it has no name.

    Raises UsageError for an unknown one, FindingsError for no set.
    """
    unit = opened(prepared)
    unit.need(document, provision)
    label, heading = unit.index.label(document, provision), unit.index.heading(document, provision)
    if label or heading:
        return "　".join(part for part in (label, heading) if part)
    text = next(_lines(unit, document, provision), "")
    return f"“{text[:_BEGINNING]}……”" if len(text) > _BEGINNING else text or "这一处"


def _blocks_of(unit: Opened, document: str, provision: str) -> tuple[BodyBlock, ...]:
    """Return the templates of a provision and all below it that the set has."""
    sources = unit.built.sources
    below = unit.index.nodes[document][provision].below
    places = {(place.file, place.line) for name in below if (place := sources.get((document, name))) is not None}
    body = walk(unit.template(document).body)
    return tuple(block for block in body if (block.file, block.line) in places or block.id in below)


def _lines(unit: Opened, document: str, provision: str) -> Iterator[str]:
    """Yield the text of a provision, a line for each paragraph and item, labels in front; of a table its caption."""
    labels = unit.index.labels[document]
    for name in unit.index.nodes[document][provision].below:
        block = unit.index.nodes[document][name].block
        if isinstance(block, Table):
            yield unit.index.text(document, name, block.caption) or "（表）"
        elif isinstance(block, Provision) and block.content:
            label = labels.label(name) if block.level in ("item", "subitem") else ""
            yield label + unit.index.text(document, name, block.content)


def _requirements(unit: Opened, document: str, provision: str) -> tuple[Requirement, ...]:
    below = set(unit.index.nodes[document][provision].below)
    return tuple(
        row
        for row in unit.matrix.requirements
        if row.kind != "finding" and any(hit.paper.id == document and hit.clause in below for hit in row.hits)
    )


def _duties(unit: Opened, document: str, provision: str) -> Iterator[DutyLink]:
    index = unit.index
    below = index.nodes[document][provision].below
    quoted = dict.fromkeys(pair for name in below for pair in index.quotes.get((document, name), ()))
    ways = dict(reversed(quoted))
    for duty in dict.fromkeys(duty for duty, _ in quoted):
        known = unit.resolved.duties[duty]
        others = [quote for quote in unit.built.quotes if quote.duty == duty and quote.document != document]
        first = {quote.document: quote.provision for quote in reversed(others)}
        papers = [(paper, first[name]) for name in first if (paper := index.paper(name)) is not None]
        yield DutyLink(
            duty,
            known.label,
            known.actor_name,
            known.act,
            "，".join(part for part in (known.frequency, known.trigger + known.deadline) if part),
            known.recipient_name,
            known.record,
            tuple(sorted(papers, key=lambda pair: pair[0].number)),
            ways[duty] not in ("clause", "agenda"),
        )


def _answers(unit: Opened, names: Names, blocks: Sequence[BodyBlock]) -> Iterator[Answer]:
    """Yield the answers that the text of some blocks is filled in from, each once, with its role there."""
    seen: set[str] = set()
    for block in blocks:
        for parts, _ in block.texts():
            for placeholder in placeholders(parts):
                for key in names.parameters((placeholder,)):
                    if key not in seen:
                        seen.add(key)
                        yield _answer(unit, key, _word(placeholder))
        each = block.each if isinstance(block, TemplateBlock | TableTemplate) else ""
        if each in unit.preset.params.params and each not in seen:
            seen.add(each)
            yield _answer(unit, each, "")


def _word(placeholder: Placeholder) -> str:
    """Return the value of a duty's attribute in words, "" for other names."""
    return word_of(placeholder.path.split(".", 2)[2]) if placeholder.path.startswith("duty.") else ""


def _answer(unit: Opened, key: str, what: str) -> Answer:
    params = unit.preset.params.params
    param, given = params[key], key in unit.resolved.given
    follows = () if given else tuple((name, params[name].label) for name in depends_on(unit.preset, key))
    value = printed_value(unit.resolved, key)
    return Answer(key, what or param.labels[-1], param.label, param.ask, value, given, follows)


def _conditions(unit: Opened, blocks: Sequence[BodyBlock]) -> Iterator[Answer]:
    """Yield the answers that the conditions of some blocks read."""
    paths = [path for block in blocks if block.when is not None for path in names_in(block.when)]
    keys = [parameter_of(unit.preset, path) for path in paths]
    yield from (_answer(unit, key, "") for key in dict.fromkeys(filter(None, keys)))


def _basis(unit: Opened, requirements: Sequence[Requirement], answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the basis of each requirement, those of law first, then of the answers' defaults and limits."""
    ordered = sorted(requirements, key=lambda row: row.nature != "legal")
    found = [row.basis for row in ordered if row.kind != "topic"]
    found += [unit.preset.params.params[answer.key].basis for answer in answers]
    return tuple(dict.fromkeys(text for text in found if text))
