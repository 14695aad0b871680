"""The check of sentences about accountability that weaken a step of due process, or may, without denying it by its name.

``contracts.denials`` reports sure cases. A sentence that goes round the name of a step (教师的说明以检讨书代替) is read
the other way round: in texts that a unit adds about accountability, a negation that protects nobody, a turn that narrows or
shifts a step, a permission for those who decide, an agent who is not to act and a burden on the person are to be looked
at. ``doubts`` of ``words.yaml`` has the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from toolkit.checks.contracts import CASES, all_denials, filled, terms_of
from toolkit.checks.lines import compiled, trace, written_lines
from toolkit.checks.registry import Context, error, warning
from toolkit.core.findings import Finding
from toolkit.core.memo import identity, remembered
from toolkit.core.patterns import lazy
from toolkit.language.modality import is_banned, is_protective, negations, sentences
from toolkit.presets.spec import Preset
from toolkit.presets.vocabulary import choice

#: Characters of a sentence, and of its negation, that a finding quotes.
_SHOWN, _QUOTED = 40, 12
_BASIS = "本项目的要求：责任追究的正当程序不因补充规定而落空"
_COMPARE = "请对照责任追究的条款核对：当事人的告知、申辩、送达、申诉和回避是否一步不少；不少的，可以保留。"
_REWRITE = "删去这一句，或者改成不减少告知、申辩、送达、申诉和回避的写法。"
_PART = lazy("[，：]")
#: A condition tells of a possible case, and orders nothing.
_CONDITION = lazy(
    "(的|时|以前|之前|期间|以后)$|未经[^，]{1,8}$|^(如|若|凡|遇|未经|即使|即便|虽|尽管|无论|不论|只要)|^没有[^，]{0,6}核实的[^，]*$|^除[^，]*外$"
)
#: A person or case described by a lack (写不了字的可以口述), a ground that is banned for the consequence (不得因申诉，…).
_ASIDE = lazy(
    "^[^，]{0,6}[核查证][实清明]的|^(问题|责任)的|^[^，]{0,10}的(可以|应当|由|也|仍|改|另|先|措施|处分|核实结果|人员)"
)
_GROUND = lazy("不得?因")
#: A burden that nobody has (不需要…联名), and matters refused behind their names (口头汇报不能作为依据).
_SPARED, _REFUSED = lazy("不(需要?|须|必|用|当然)|无[须需]"), lazy("^[^，]{0,6}(不能|不得|不应|不可)")
#: A person may have something done for him: 职工可以委托他人代写.
_ENTRUSTS = lazy("(可以|有权)(委托|请|要求)[^，]{0,8}$")
#: What counts as not done is to be done: 视为没有告知.
_COUNTED = lazy("(视为|视同|视作|算作?)$")
#: Negators in the strict sense; verbs that harm a right are turns.
_NOT = lazy("[不无没未毋免禁严]")


#: A ban protects somebody, unless what is banned is a person's right, or a person is who may not.
_BAN = lazy("不得|不准|不许|不应|不能|不可|禁止|严禁|切忌")
#: Where a step is missing nobody may go on: 没有核实报告的，会议不予讨论.
_BARRED = lazy(
    "(没有?|未经?|不足|不够)[^，提]*([核查][实证清对]|复核|告知|听|陈述|申辩|送达|宣读|看过|证据|报告|人数|回避)[^，]*，?[^，]{0,6}"
    "(不|不予|不得|不能|不再)[^，]{0,4}(讨论|研究|表决|审议|决定|处理|追究|上报|执行|采用|作为|公布|宣布|办理|归档)"
    "|(没有|未)[^，]*的，?[^，]{0,6}(重新|补|应当退回)|(没有|未)[^，]*(以前|之前)，[^，不]{0,6}不(?![^，]{0,4}(告知|听|答复|送达|通知|让|见))"
)
#: Who is cleared is left alone: 经查没有问题的，不得再找其谈话.
_CLEARED = lazy("(没有(问题|责任)|不属实|失实|已经?改正)[^，]*的$|已经?撤销的[^，]{0,4}$")
#: A person or case that the sentence is about, told by what is not so: 没有证据证明的问题，….
_TOLD = lazy(
    "^[^，]{0,12}的(问题|事项|事|人|人员|情况|内容|部分|材料|意见|线索|期间|当事人|谈话记录|记录|笔录|报告|文书)$"
)
#: A sentence that goes on about the one before.
_GOES_ON = lazy("但|不过|上述|前[款条述]|该|此|这|中间|其间|今后|以后|会议|处理")
#: Who speaks up is not named, nor is what is private.
_SHIELDED = lazy("(举报|反映|投诉|检举|证|来信|提出)人的?(姓名|身份|住址|地址|电话|单位|信息)|隐私|个人信息|证件号")
#: What is not done with the person: 不必再找当事人核对.
_AT_PERSON = lazy("[^，]{0,4}[给找向对让叫请同跟与和](当事人|本人|其|他|申诉人)")
#: Whom a step protects, or the step.
_WHOSE = lazy("当事|本人|申诉|申辩|陈述|告知|送达|回避|核实|被[^，]{2}[人的]|处理决定|决定书")
#: Negators that dispense with something for good.
_FIRM = lazy("不再|不予|不另|不单独|不得再|无权|不享有|免|取消|省略|略去|跳过|停止|暂停|终止|谢绝|回绝")


class Words(NamedTuple):
    """The patterns of ``doubts`` of ``words.yaml``."""

    topic: str
    good: str
    turns: str
    hints: str
    permits: str
    holders: str
    agents: str
    burdens: str
    officials: str
    owed: str
    rights: str


class Doubt(NamedTuple):
    """What may weaken a step: the sentence, the words that do, and whether they are sure to."""

    sentence: str
    word: str
    is_sure: bool


def doubtful(context: Context) -> Iterator[Finding]:
    """No sentence of the unit on accountability may be read as weakening a step; a person looks at those that may.

    Of a provision that is denied something nothing more is said.
    """
    words = _words(context.preset)
    if words is None:
        return
    written = written_lines(context)
    homes = context.preset.words["doubts"].get("documents") or ()
    lines = [*written.lines_with([words.topic]), *(line for line in written.lines if line.document in homes)]
    lines = [line for line in dict.fromkeys(lines) if not CASES.search(line.lead)]
    denied = {(finding.where.document, finding.where.provision) for finding in all_denials(context)} if lines else set()
    for line in lines:
        is_denied = (line.document, line.provision) in denied
        found = None if is_denied else _doubt(line.text, words, line.document in homes)
        if found is None:
            continue
        match = compiled(re.escape(found.word)).search(line.text)
        assert match is not None
        where = trace(context, line, match).where
        shown = found.sentence if len(found.sentence) <= _SHOWN else f"{found.sentence[:_SHOWN]}…"
        sure = "使" if found.is_sure else "可能使"
        message = f"“{shown}”里的“{found.word}”{sure}责任追究的正当程序少做一步。"
        make, hint = (error, _REWRITE) if found.is_sure else (warning, _COMPARE)
        yield make("step_weakened", message, where, hint, _BASIS, subject=found.word)


@remembered(4, key=identity)
def _words(preset: Preset) -> Words | None:
    """Return the patterns of a preset's ``doubts``; None if it has none."""
    given = preset.words.get("doubts")
    if not given:
        return None
    terms = terms_of(preset.words)
    return Words(*(filled(choice(given[name]), terms) for name in Words._fields))


@remembered(10_000)
def _doubt(text: str, words: Words, is_home: bool) -> Doubt | None:
    """Return the first thing in a text on accountability that may weaken a step, one that is sure to before others.

    ``is_home``: all sentences of its document are on accountability.
    """
    doubts: list[Doubt] = []
    is_topic = False
    for sentence in sentences(text):
        is_topic = bool(compiled(words.topic).search(sentence)) or (is_topic and bool(_GOES_ON.match(sentence)))
        doubts += _doubts(sentence, words, is_topic) if is_topic or is_home else ()
    return next((doubt for doubt in doubts if doubt.is_sure), doubts[0] if doubts else None)


def _doubts(sentence: str, words: Words, is_named: bool) -> Iterator[Doubt]:
    """Yield what may weaken a step in the parts of a sentence, conditions and grounds excepted.

    ``is_named``: the sentence itself says that it is on accountability.
    """
    at, before, is_kind = 0, "", is_protective(sentence)
    for part in _PART.split(sentence):
        is_aside = _CONDITION.search(part) or _GROUND.search(before) or _SHIELDED.search(part)
        is_aside = is_aside or _BARRED.search(f"{before}，{part}") or _CLEARED.search(before)
        if not is_aside:
            negated = _negated(sentence, at, part, words, is_named)
            turned = _turned(sentence, at, part, words) if is_named else ("", False)
            for word, is_sure in (negated, turned):
                if word and (is_sure or not is_kind):
                    yield Doubt(sentence, word, is_sure and is_named and not is_kind)
        at, before = at + len(part) + 1, before if _CLEARED.search(before) else part


def _negated(sentence: str, at: int, part: str, words: Words, is_named: bool) -> tuple[str, bool]:
    """Return a negation in the part of a sentence at a place that protects nobody, and whether it is firm, or "".

    Of those who decide, and of sentences that do not name the subject, only what is owed to a person counts.
    """
    if _TOLD.search(part) and not _BAN.search(part):
        return "", False
    for start, end in negations(part):
        if (
            not _NOT.match(part, start)
            or _COUNTED.search(part[:start])
            or _ASIDE.search(part[end:])
            or is_banned(sentence, at + start)
        ):
            continue
        subject = part[:start] or _PART.split(sentence[: max(at - 1, 0)])[-1]
        is_owing = not is_named or compiled(words.officials).search(subject)
        if is_owing:
            guarded = words.owed
        elif _BAN.match(part, start):
            guarded = words.rights
        else:  # a person's own subject is looked at whatever is negated, an unnamed one owes a step or bars a right
            guarded = "" if compiled(words.holders).search(subject) else f"{words.owed}|{words.rights}"
        if not compiled(guarded).search(part[end : end + 14]):
            continue
        if not compiled(words.good).search(part[start + 1 : end + 14]):
            is_firm = _FIRM.match(part, start) and _WHOSE.search(sentence)
            return part[start : start + _QUOTED], bool(is_firm or _AT_PERSON.match(part[end:]))
    return "", False


def _turned(sentence: str, at: int, part: str, words: Words) -> tuple[str, bool]:
    """Return the words in the part of a sentence that narrow, shift, permit or burden, and whether they are sure to, or ""."""
    for pattern, is_sure in ((words.turns, True), (words.agents, False), (words.burdens, False), (words.hints, False)):
        for match in compiled(pattern).finditer(part):
            ahead, behind = part[: match.start()], part[match.end() :]
            is_spared = _SPARED.search(ahead) or _ENTRUSTS.search(ahead) or _REFUSED.search(behind)
            if not is_spared and not is_banned(sentence, at + match.start()):
                return match.group(), is_sure
    for match in compiled(words.permits).finditer(part):
        if not compiled(words.holders).search(sentence[: at + match.start()]) and not is_banned(
            sentence, at + match.start()
        ):
            return match.group(), False
    return "", False
