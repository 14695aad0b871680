"""Wording: countable words, quoted figures, modal verbs, punctuation, ordinal marks.

Functions marked ``once`` in the table read the preset's literal prose, in which
each placeholder stands as U+FFFC, and run once per preset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from toolkit.checks.registry import Context, error, warning
from toolkit.checks.text import lines_of
from toolkit.errors import Finding, Place

VALUE = "\ufffc"
_CJK = "\u4e00-\u9fff"
_HALF = re.compile(f"(?<=[{_CJK}])[,;:?!()]|[,;:?!()](?=[{_CJK}])")
_FULL_STOP = re.compile(f"(?<=[{_CJK}])\\.(?=[{_CJK}]|$)")
_DOUBLED = re.compile("[，。；：、]{2,}")
_SPACE = re.compile(f"(?<=[{_CJK}，。；：、]) +(?=[{_CJK}])")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _clauses(text: str) -> list[str]:
    """Split a text at full stops and semicolons: the reach of a time limit."""
    return re.split("[。；]", text)


def vague(context: Context) -> Iterator[Finding]:
    """No uncountable time word (第一时间, 定期, 及时 without a limit) stands in the preset's prose."""
    rules = context.words.get("vague") or []
    for literal in context.preset.literals():
        for clause in _clauses(literal.text):
            for rule in rules:
                match = _compiled(rule["pattern"]).search(clause)
                if not match or ("unless" in rule and _compiled(rule["unless"]).search(clause)):
                    continue
                yield warning(
                    "vague_word",
                    f"“{match.group()}”无法核查。",
                    _place(literal),
                    hint=f"{rule['instead']}；原文：{_show(clause)}",
                    basis="本项目的要求：频次、时限和对象可以核查",
                    subject=match.group(),
                )


def modality(context: Context) -> Iterator[Finding]:
    """Duties are written with 应当; 要, 应该 and 原则上 are reported."""
    for literal in context.preset.literals():
        for rule in context.words.get("modality") or []:
            for match in _compiled(rule["pattern"]).finditer(literal.text):
                yield warning(
                    "modality",
                    f"“{match.group()}”不是规范的义务用语。",
                    _place(literal),
                    hint=f"改用：{rule['instead']}；原文：{_show(_around(literal.text, match))}",
                    basis="《立法技术规范（试行）》常用词语",
                    subject=match.group(),
                )


def ordinals(context: Context) -> Iterator[Finding]:
    """Ordinal marks take the punctuation of GB/T 15834."""
    for literal in context.preset.literals():
        for rule in context.words.get("ordinals") or []:
            match = _compiled(rule["pattern"]).search(literal.text)
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
    for literal in context.preset.literals():
        if not literal.document:
            continue  # the registers are where these values are written once
        for kind, pattern in rules.items():
            match = _compiled(pattern).search(re.sub("《[^》]*》", "", literal.text))
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
    for literal in context.preset.literals():
        match = pattern and _compiled(pattern).search(literal.text)
        if match:
            yield warning(
                "boilerplate", f"“{match.group()}”像是网页或者范文的残留。", _place(literal), hint="删去。",
                subject=match.group(),
            )


def boundary(context: Context) -> Iterator[Finding]:
    """No text orders the watching of persons or the recording of what they say (this project's boundary)."""
    rules = context.words.get("boundary") or []
    for line in lines_of(context):
        for rule in rules:
            for match in _compiled(rule["pattern"]).finditer(line.text):
                if _denied(line.text, match.start()):
                    continue
                yield error(
                    "boundary",
                    f"“{match.group()}”超出单位文书的范围：{rule['reason']}。",
                    context.at(line.document, line.provision),
                    hint="删去；涉嫌违法犯罪的，写明移送法律规定的机关。",
                    basis="本项目的边界；《中华人民共和国个人信息保护法》第六条",
                    subject=match.group(),
                )


def _denied(text: str, start: int) -> bool:
    """Whether the words stand in a prohibition (不得记录个人言论)."""
    before = re.split("[。；，]", text[:start])[-1]
    return bool(re.search("不得|不|禁止|严禁", before))


def obsolete(context: Context) -> Iterator[Finding]:
    """Elements of the 1999 layout standard and stale terms are not carried on."""
    for line in lines_of(context):
        for rule in context.words.get("obsolete") or []:
            match = _compiled(rule["pattern"]).search(line.text)
            if match:
                yield warning(
                    "obsolete", f"“{match.group()}”已经过时：{rule['reason']}。", context.at(line.document, line.provision),
                    hint="删去。", basis=rule.get("basis", ""), subject=match.group(),
                )


def punctuation(context: Context) -> Iterator[Finding]:
    """Full-width punctuation in Chinese text, none doubled, no space between characters (GB/T 15834)."""
    for line in lines_of(context):
        for pattern, what in (
            (_HALF, "中文里用了半角标点"),
            (_FULL_STOP, "中文里用了半角句点"),
            (_DOUBLED, "标点重复"),
            (_SPACE, "汉字之间有空格"),
        ):
            match = pattern.search(line.text)
            if match:
                yield warning(
                    "punctuation",
                    f"{what}：“{_around(line.text, match)}”。",
                    context.at(line.document, line.provision),
                    hint="改为全角标点，或者删去多余的符号。",
                    basis="GB/T 15834",
                    subject=match.group(),
                )
                break


def _place(literal) -> Place:
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
