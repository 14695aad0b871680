"""The check of sentences about accountability that may weaken a step of due process without denying it by its name.

``contracts.denials`` reports what is sure. A sentence that goes round the name of a step (教师的说明以检讨书代替) is read
the other way round: of what a unit adds about accountability, a negation that protects nobody, a turn that narrows or
shifts a step, a permission for those who decide, an agent who is not to act and a burden on the person are to be looked
at. ``doubts`` of ``words.yaml`` has the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from toolkit.checks.contracts import CASES, all_denials
from toolkit.checks.lines import compiled, trace, written_lines
from toolkit.checks.registry import Context, warning
from toolkit.core.findings import Finding
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.language.modality import is_banned, negations, sentences

#: Characters of a sentence, and of what negates in it, that a finding quotes.
_SHOWN, _QUOTED = 40, 12
_BASIS = "本项目的要求：责任追究的正当程序不因补充规定而落空"
_PART = lazy("[，：]")
#: A condition tells what may happen, and orders nothing.
_CONDITION = lazy("(的|时|以前|之前|期间|以后)$|未经[^，]{1,8}$|^(如|若|凡|遇|未经)|^没有[^，]{0,6}核实的[^，]*$")
#: A person or case told by what it is not (写不了字的可以口述), a ground that is banned for what follows (不得因申诉，…).
_ASIDE, _GROUND = lazy("^[^，]{0,6}核实的|^[^，]{0,10}的(可以|应当|由|也|仍|措施|处分|核实结果|人员)"), lazy("不得?因")
#: A burden that nobody has (不需要…联名), and what is refused behind its name (口头汇报不能作为依据).
_SPARED, _REFUSED = lazy("不(需要?|须|必|用)|无[须需]"), lazy("^[^，]{0,6}(不能|不得|不应|不可)")
#: Negators in the strict sense; verbs that harm a right are turns.
_NOT = lazy("[不无没未毋免禁严]")


class Words(NamedTuple):
    """The patterns of ``doubts`` of ``words.yaml``."""

    topic: str
    good: str
    turns: str
    permits: str
    holders: str
    agents: str
    burdens: str


def doubtful(context: Context) -> Iterator[Finding]:
    """No sentence of the unit on accountability may be read as weakening a step; a person looks at those that may.

    Of a provision that is denied something nothing more is said.
    """
    given = context.words.get("doubts")
    if not given:
        return
    words = Words(*(given[name] for name in Words._fields))
    lines = [line for line in written_lines(context).lines_with([words.topic]) if not CASES.search(line.lead)]
    denied = {(finding.where.document, finding.where.provision) for finding in all_denials(context)} if lines else set()
    for line in lines:
        found = None if (line.document, line.provision) in denied else _doubt(line.text, words)
        if found is None:
            continue
        sentence, word = found
        match = compiled(re.escape(word)).search(line.text)
        assert match is not None
        shown = sentence if len(sentence) <= _SHOWN else f"{sentence[:_SHOWN]}…"
        message = f"“{shown}”里的“{word}”可能使责任追究的正当程序少做一步。"
        hint = "请对照责任追究的条款核对：当事人的告知、申辩、送达、申诉和回避是否一步不少；不少的，可以保留。"
        yield warning("step_weakened", message, trace(context, line, match).where, hint, _BASIS, subject=word)


@remembered(10_000)
def _doubt(text: str, words: Words) -> tuple[str, str] | None:
    """Return the first sentence of a text on accountability that may weaken a step, and the words that do."""
    for sentence in sentences(text):
        if compiled(words.topic).search(sentence):
            at, before = 0, ""
            for part in _PART.split(sentence):
                is_told = _CONDITION.search(part) or _GROUND.search(before)
                if not is_told and (
                    word := _negated(sentence, at, part, words.good) or _turned(sentence, at, part, words)
                ):
                    return sentence, word
                at, before = at + len(part) + 1, part
    return None


def _negated(sentence: str, at: int, part: str, good: str) -> str:
    """Return a negation in the part of a sentence at a place that protects nobody, or ""."""
    for start, end in negations(part):
        if not _NOT.match(part, start) or _ASIDE.search(part[end:]) or is_banned(sentence, at + start):
            continue
        if not compiled(good).search(part[start + 1 : end + 14]):
            return part[start : start + _QUOTED]
    return ""


def _turned(sentence: str, at: int, part: str, words: Words) -> str:
    """Return the words in the part of a sentence that narrow, shift, permit or burden, or ""."""
    for match in compiled(words.permits).finditer(part):
        if not compiled(words.holders).search(sentence[: at + match.start()]) and not is_banned(
            sentence, at + match.start()
        ):
            return match.group()
    for pattern in (words.turns, words.agents, words.burdens):
        for match in compiled(pattern).finditer(part):
            is_spared = _SPARED.search(part[: match.start()]) or _REFUSED.search(part[match.end() :])
            if not is_spared and not is_banned(sentence, at + match.start()):
                return match.group()
    return ""
