"""Wording of the preset: countable words, quoted figures, modal verbs, ordinal marks.

These read the preset's literal prose, in which each placeholder stands as U+FFFC, and run once
per preset; only :func:`vague_values` reads the profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.checks.origin import texts_in
from toolkit.checks.printed_lines import Corpus, Stretch, compiled, literals_of
from toolkit.checks.registry import Context, error, warning
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.presets.spec import LiteralText, Preset

VALUE = "\ufffc"
_CLAUSE_END = re.compile("[。；]")
_QUOTED_TITLE = re.compile("《[^》]*》")


def _clauses(preset: Preset) -> Corpus:
    """Split the prose at full stops and semicolons: the reach of a time limit."""
    clauses = ((stretch, clause) for stretch in _prose(preset).lines for clause in _CLAUSE_END.split(stretch.text))
    return Corpus([tuple(Stretch(stretch.literal, clause) for stretch, clause in clauses)])


@remembered(2, key=identity)
def _prose(preset: Preset) -> Corpus:
    """Return the literal prose without 《titles》: the name of another's document is not this unit's wording."""
    lines = literals_of(preset).lines
    return Corpus([tuple(Stretch(literal, _QUOTED_TITLE.sub("", literal.text)) for literal in lines)])


def _patterns(rules: list[dict]) -> list[str]:
    return [rule["pattern"] for rule in rules]


def vague(context: Context) -> Iterator[Finding]:
    """No uncountable time word (第一时间, 定期, 及时 without a limit) stands in the preset's prose."""
    rules = context.words.get("vague") or []
    for (literal, clause), place in _clauses(context.preset).found(_patterns(rules)):
        yield from _vague(rules[place], clause, _place(literal))


def vague_values(context: Context) -> Iterator[Finding]:
    """Nor does one stand in a text of the profile; titles of documents are what they are."""
    rules = context.words.get("vague") or []
    for key, where in context.places.items():
        value = context.resolved.given.get(key)
        for text in texts_in(value) if not isinstance(value, dict) else ():
            for clause in _CLAUSE_END.split(_QUOTED_TITLE.sub("", text)):
                for rule in rules:
                    yield from _vague(rule, clause, where)


def _vague(rule: dict, clause: str, where: Place) -> Iterator[Finding]:
    match = compiled(rule["pattern"]).search(clause)
    if match and not ("unless" in rule and compiled(rule["unless"]).search(clause)):
        yield warning(
            "vague_word",
            f"“{match.group()}”无法核查。",
            where,
            hint=f"{rule['instead']}；原文：{_show(clause)}",
            basis="本项目的要求：频次、时限和对象可以核查",
            subject=match.group(),
        )


def modality(context: Context) -> Iterator[Finding]:
    """Duties are written with 应当; 要, 应该 and 原则上 are reported."""
    rules = context.words.get("modality") or []
    for (literal, text), place in _prose(context.preset).found(_patterns(rules)):
        rule = rules[place]
        for match in compiled(rule["pattern"]).finditer(text):
            yield warning(
                "modality",
                f"“{match.group()}”不是规范的义务用语。",
                _place(literal),
                hint=f"改用：{rule['instead']}；原文：{_show(_around(text, match))}",
                basis="《立法技术规范（试行）》常用词语",
                subject=match.group(),
            )


def ordinals(context: Context) -> Iterator[Finding]:
    """Ordinal marks take the punctuation of GB/T 15834."""
    rules = context.words.get("ordinals") or []
    for (literal, text), place in _prose(context.preset).found(_patterns(rules)):
        rule = rules[place]
        match = compiled(rule["pattern"]).search(text)
        if match:
            yield warning(
                "ordinal_mark",
                f"序次语“{match.group()}”的标点不规范。",
                _place(literal),
                hint=f"改为：{rule['instead']}",
                basis="GB/T 15834",
                subject=match.group(),
            )


def literals(context: Context) -> Iterator[Finding]:
    """Frequencies, deadlines and recipients are quoted from duties, never typed into prose."""
    rules = context.words.get("literal") or {}
    names = {"frequency": "频次", "deadline": "时限", "recipient": "报送对象"}
    kinds = list(rules)
    for (literal, text), place in _prose(context.preset).found(list(rules.values())):
        if not literal.document:
            continue  # the registers are where these values are written once
        kind = kinds[place]
        match = compiled(rules[kind]).search(text)
        if match:
            yield error(
                f"literal_{kind}",
                f"正文里直接写了{names[kind]}“{match.group()}”。",
                _place(literal),
                hint="改为引用职责（如 {duty.标识.frequency}）或者参数。",
                basis="本项目的要求：频次、时限和对象只写一次",
                subject=match.group(),
            )


def boilerplate(context: Context) -> Iterator[Finding]:
    """No left-overs of web pages or sample texts."""
    pattern = context.words.get("boilerplate")
    if not pattern:
        return
    for literal, _ in literals_of(context.preset).found([pattern]):
        match = compiled(pattern).search(literal.text)
        if match:
            yield warning(
                "boilerplate",
                f"“{match.group()}”像是网页或者范文的残留。",
                _place(literal),
                hint="删去。",
                basis="本项目的要求：文字都是写给本单位的",
                subject=match.group(),
            )


def _place(literal: LiteralText) -> Place:
    return Place(
        file=literal.place.file,
        line=literal.place.line,
        column=literal.place.column,
        document=literal.document,
        provision=literal.provision,
    )


def _around(text: str, match: re.Match[str], by: int = 8) -> str:
    return text[max(0, match.start() - by) : match.end() + by]


def _show(text: str) -> str:
    shown = text.strip().replace(VALUE, "〔…〕")
    return shown if len(shown) <= 40 else shown[:40] + "…"
