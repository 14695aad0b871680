"""Reads whether a sentence orders, forbids, waives or leaves open an act that it names; used by checks of contracts and boundary.

A sentence is read from its negators (不, 无需, 取消, 拒绝 …), softeners (视情况, 可以, 必要时 …) and the words behind the act
(从略, 不予受理, 由其自行决定), not from a list of phrases. Two negators cancel each other: 不得拒绝听取 orders to listen.
An act negated in a condition (没有听取申辩的，不得作出决定) is denied only if the consequence lets it pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy

#: Ends of a sentence; a semicolon and a line break end one as well.
_ENDS = lazy(r"[。；！？\n]")
_PART = lazy(r"[，：]")
#: Negators of the act behind them. Verbs that harm a right count: 不得扣压申诉材料 orders to pass it on.
_NEGATOR = lazy(
    r"不必要|不必|不需要?|不须|不用|用不着|没有?必要|犯不着|无需|无须|毋[需须]|不应当?|不宜|不准|不许|不可以?|不能|不得|不予|不作|不再|不享有|不实行|不经"
    r"|无权|没有|没|未经|未予|未|免予|免于|免除|免去|免|取消|省略|略去|跳过|停止|暂停|终止|中止|拒绝|拒不|禁止|严禁|谢绝|回绝"
    r"|删改|篡改|扣压|扣留|截留|搁置|(?<!应)当作(?!为)|算作|视同|阻止|阻挠|阻碍|限制|剥夺|拖延|推迟|妨碍|干扰|规避|绕开|放弃|代替|减少|缩短|过问|插手|关闭|简化(?!手续|表格|材料|流程|申诉)|不"
)
#: Words with 不 or 无 that negate nothing, and 不得 before the ground of an act (不得因申诉 …).
_NO_NEGATOR = lazy(
    r"任免|罢免|免职|免去(?=[^，]{0,8}(?:职务|组长|主任|书记|委员|干部))|不论|不管|无论|不仅|不但|不同(?!当事人|本人)|不服|不明|不适用|不属于|不包括|不涉及|不影响|不限于|不正确|不良|不足|不够|不到会|不利|不当|不实(?!行)|不满|不一致|不便|不少于|不超过|不低于|未成年"
)
#: Between a negator and its act stand no grounds, ends of another act or marks.
_BREAK = lazy(r"因|由于|为了|[，。；：、]|并|而|后|以后|应当|必须|的|[把将](?!要)|透露|泄露|外传|散布|代表")
#: Behind a negator: the object of the act, 的 and all: 不对反映的情况进行核实.
_ABOUT = lazy(r"^[对向就给同与][^，。；：、]{1,14}(进行|予以|加以|作出?|开展|组织)$")
#: Bans on all that follows in their part of a sentence, whatever its ground.
_BAN = lazy(r"不得|不准|不许|不应|不因|不以|不能|不可(?!更改)|禁止|严禁|无权|不是")
#: Verbs that harm a right: a ban before one in the same part protects it, however much stands between.
_HARM = lazy(
    r"取消|省略|略去|跳过|停止|暂停|终止|中止|拒绝|拒不|谢绝|回绝|删改|篡改|扣压|扣留|截留|搁置|当作|算作|视同|阻|限制|剥夺|拖延|推迟|妨碍|干扰|规避|绕开|放弃|代替"
    r"|关闭|简化|免|减少|缩短|压缩|过问|插手"
)
#: Who must not talk somebody out of an act protects it: 不得劝说职工撤回申诉.
_PERSUADED = lazy(
    r"不?[^，。；：]{0,10}(劝|动员|诱|施压|暗示|胁迫|威胁|阻|拦|刁难|报复|催)"
    r"|(不得|不准|不许|不应|不能|禁止|严禁)(由|以|用|通过|凭|借|何时|擅自|随意|[^，。；：]{0,10}(要求|责令)[^，。；：]{1,8}(撤回|放弃|承诺|停止))"
)
#: The act is only when or where something else is banned: 不得在复查中加重.
_WITHIN = lazy(r"(在|于)[^，]{0,6}$"), lazy(r"(中|时|期间|过程|以前|之前|以后|之后|阶段|环节中)")
#: What does not count as an act leaves the act itself to be done: 电子邮件不作为送达.
_COUNTS = lazy("(作?为|写入|列入|记入|载入|算|算是|算作|等于|等同于?|视为|构成|代表)$")
#: An organ may decide whether an act is due: 是否回避由党委决定.
_ORGAN = lazy("^[^，]{0,4}由[^，]{0,12}(党委|党组织|支部|集体|上级|会议|纪委)[^，]{0,8}(决定|研究|审定)")
#: The act is what has not yet been done: 没有查清以前，….
_BEFORE = lazy(r"^[^，不]{0,3}(以前|之前|前|期间|的时候)$")
#: Negators that reach over 的: 无权就认定的事实提出申辩.
_FAR = ("无权", "不享有", "剥夺", "取消")
#: Refusals govern the request at the end of the refused matter: 不受理对核实人员提出的回避要求.
_REFUSED = lazy(r"(不予?(受理|接受|理会|理睬|采纳|考虑|同意|支持)|驳回|拒绝|拒不(受理|接受))[^，。；：不无未]{0,24}$")
_REQUEST = lazy(r"(的)?(要求|申请|请求|主张)")
#: Who must not take part in an act may not, but the act is done: 不再参加申诉的办理.
_TAKES_PART = lazy(r"(参加|参与|介入|从事|承办|经手|旁听|牵头|主持|担任)([^，。；：]{0,8})$")
#: Nobody may be made not to act: 不得要求职工写明不申诉.
_FORCED = lazy(r"(不得|不准|不许|不应|禁止|严禁)[^，。；：]{0,4}(要求|劝|迫使?|强迫|强令|诱导|责令|阻止|让|使)")
#: Longest text between a negator and the act, and between two negators.
_REACH, _CHAIN = 11, 7
#: In front of the act: whether it is done is left open.
_SOFT = lazy(
    r"(视情况|视情|酌情|斟酌|根据(实际)?(情况|需要)|视需要|必要时(才|方)?|有条件的?|尽量|尽可能|适当|可以(?!用|通过|邮寄|引用|延后|当场|当面|上门|采取|告知其原|分[次批头]|在[^，]{1,10}以?前|书面|同时|一并|就|向|对|查|要求|提|申请|参加|使用|参照|采用|邀请|补充|补交|提交|递交|另交|委托|与|同|和|合并|在)|可(?!以|能|靠|行|核|查)(?=[一-鿿])|宜|自行决定|选择性地?"
    r"|(?<!其决定)(?<!本人决定)(?<!当事人决定)是否|有选择地?|如有可能|一般(情况下)?|原则上)[^，。；：]{0,10}$"
)
#: Behind the act: it is not done.
_DROPPED = lazy(
    r"^(?!期间|过程中|时|以后|之后)[^，。；：不无未]{0,3}(的?(机会|权利|程序|环节|步骤|工作|会议|事项|要求|制度|渠道|材料|结果|意见|理由|情况|申请|请求))?[^，。；：的不无未]{0,12}?"
    r"(从略|从简|简化(?!手续|表格|材料)|压缩|(?<!被)驳回|作废|省略|略去|免除|取消|暂停|停止|暂缓|扣压|截留|搁置|关闭|能免则免|可有可无|走过场|以[^，。；：]{1,12}(代替|替代)|不是必[经须需要]|并非必[经须需要]|不是必要"
    r"|不[算收认理](?![识真清取费集录回定任])|不作(要求|安排|规定|记录|答复|统一要求)|不予(受理|采信|采纳|考虑|理会|答复|安排|支持|进行|更正|转递|撤销|审核|登记)"
    r"|(不再|不必|无需|无须|不用|用不着|没有?必要|不需要?|可以不|可不|一律不|一概不|一般不|不)"
    r"(开展|进行|组织|召开|举行|实行|安排|列入|纳入|适用(?=$|[，。；的])|执行|受理|采信|采纳|考虑|理会|记录|记入|送达|归档|报告|公布|公开|审核|需要(?![^，。；])|要求(?![^，。；])"
    r"|答复|更正|采用|办理|履行|坚持|强求))"
)
#: Behind the act: whether it is done is left open.
_LEFT_OPEN = lazy(
    r"^[^，。；：]{0,12}(，?(?<!不)(由|是否)[^，。；：]{0,12}(自行|酌情|自己|本人|根据需要|视需要|视情况)(决定|把握|掌握|确定|安排)|视情况(而定|进行|决定)?|，?看(具体)?情况)"
)
#: Words that let an omitted act pass, and words that do not.
_PERMIT = lazy(r"可以|不妨碍|即可|也可|照样|照常|仍(然|旧)?(有效|可)|不影响|同样有效|直接|一样|视为|算作")
_CONSEQUENCE = lazy(
    r"(当事人|本人|申诉人|投诉人|提出人|来信人)[^，]{0,3}(可以|有权)|不得|无效|不能|应当|撤销|纠正|重新|补办|责令|不应|不予|视为没有|方可|才(能|可)|不生效|由本人|(仍|也|均)可[^，]{0,10}(提出|补充|申请|陈述|申辩)"
)
#: Negators that forbid or waive, whatever follows; the others may be the condition of a consequence.
_ABSOLUTE = lazy(
    r"用不着|没有?必要|犯不着|不必要|不必|不需要?|不须|不用|[无毋][需须]|不宜|不准|不许|不得|不再|不享有|免|无权|取消|省略|略去|跳过|停止|暂停|终止|中止|禁止|严禁|剥夺|关闭"
)
#: Behind an omitted act: it is a condition of the rest, unless the noun behind 的 is the object of the act (本人的意见).
_CONDITION = lazy(
    r"[^，]{0,12}的(?!(陈述|申辩|意见|说明|解释|理由|途径|期限|要求|申请|申诉|权利?|机会|必要|资格))|[^，]{0,10}(不得|不能|不应)|而"
)
_ORDERED = lazy(r"(可以|可|一律|一概|一般|应当|必须|原则上|今后|也|就|就是|均|都|并)$")


class Act(NamedTuple):
    """An act that a sentence names: its span in the sentence, and how it stands there.

    ``stance`` is ``denied`` (forbidden, waived or dropped), ``open`` (left to discretion) or ``""`` (ordered or told).
    """

    sentence: str
    start: int
    end: int
    stance: str

    @property
    def words(self) -> str:
        """The words of the act with the words around them in its sentence, 40 characters at most."""
        return self.sentence if len(self.sentence) <= 40 else self.sentence[max(0, self.start - 16) : self.end + 20]


def sentences(text: str) -> list[str]:
    """Split a text at full stops and semicolons."""
    return [sentence for sentence in _ENDS.split(text) if sentence]


def acts(text: str, find: Callable[[str], Iterable[tuple[int, int]]]) -> Iterator[Act]:
    """Yield each act whose span ``find`` returns for a sentence of a text, with its stance."""
    for sentence in sentences(text):
        for start, end in find(sentence):
            yield Act(sentence, start, end, stance(sentence, start, end))


@remembered(2000)
def stance(sentence: str, start: int, end: int) -> str:
    """Return how the act between ``start`` and ``end`` stands in its sentence: ``denied``, ``open`` or ``""``."""
    before = _PART.split(sentence[:start])[-1]
    after, _, later = sentence[end:].partition("，")
    if _REFUSED.search(before) and _REQUEST.match(after):
        return "denied"
    part = _TAKES_PART.search(before)
    chain = [] if part and (not part[2] or after.startswith("的")) else _negators(before)
    if len(chain) % 2:
        if _is_protected(before, chain[0], after):
            return ""
        return _negated(before, chain[0], after, later)
    if not chain and (dropped := _DROPPED.search(after)):
        rest = after[dropped.end() :]
        return _consequence(rest + "，" + later) if rest.startswith("的") else "denied"
    if chain:
        return ""
    if _ORGAN.match(sentence[end:]):
        return ""
    return "open" if _SOFT.search(before) or _LEFT_OPEN.search(sentence[end:]) else ""


def is_allowed(sentence: str, match: re.Match[str]) -> bool:
    """Whether the act of a match is ordered or allowed; a group ``act`` of the pattern is the verb that a ban governs."""
    verb = match.start("act") if "act" in match.re.groupindex else match.start()
    return not is_banned(sentence, match.start()) and not is_banned(sentence, verb)


def is_banned(sentence: str, start: int) -> bool:
    """Whether the act at ``start`` is forbidden: negators govern it, or a ban stands in its part of the sentence."""
    before = re.split(r"[，：。；]", sentence[:start])[-1]
    return len(_negators(before)) % 2 == 1 or bool(_BAN.search(before))


def negations(part: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the negators of a part of a sentence that no other negator cancels."""
    at = 0
    neutral = [match.span() for match in _NO_NEGATOR.finditer(part)]
    for match in _NEGATOR.finditer(part):
        if match.start() < at or any(low <= match.start() < high for low, high in neutral):
            continue
        follows = _NEGATOR.search(part, match.end(), match.end() + _CHAIN)
        if follows is not None and not _BREAK.search(part[match.end() : follows.start()]):
            at = follows.end()
            continue
        yield match.span()


def _negators(before: str) -> list[re.Match[str]]:
    """Return the negators that govern the words behind ``before``, in the order of the text."""
    neutral = [match.span() for match in _NO_NEGATOR.finditer(before)]
    found = [
        match for match in _NEGATOR.finditer(before) if not any(low <= match.start() < high for low, high in neutral)
    ]
    chain: list[re.Match[str]] = []
    limit, reach = len(before), _REACH
    for match in reversed(found):
        gap = before[match.end() : limit]
        if match.group() in _FAR:
            gap = gap.replace("的", "")
        if _ABOUT.search(gap):
            gap = gap.replace("的", "")[:reach]
        if len(gap) > reach or _BREAK.search(gap):
            break
        chain.insert(0, match)
        limit, reach = match.start(), _CHAIN
    return chain


def _is_protected(before: str, negator: re.Match[str], after: str) -> bool:
    """Whether what a negator governs is harm to the act, or the act is only the occasion of what is banned."""
    ahead = before[: negator.start()]
    if _FORCED.search(ahead) or (_HARM.match(negator.group()) and _BAN.search(ahead)):
        return True
    if _COUNTS.match(before[negator.end() :]):
        return True
    gap, (within, occasion) = before[negator.start() :], _WITHIN
    return bool(_PERSUADED.match(gap) or (within.search(gap) and occasion.match(after)))


def _negated(before: str, negator: re.Match[str], after: str, later: str) -> str:
    """Return the stance of an act that is negated: in a condition only the consequence says whether it is denied."""
    is_absolute = _ABSOLUTE.match(negator.group()) or _ORDERED.search(before[: negator.start()])
    if not is_absolute and _is_condition(negator.group(), after, later):
        return _consequence(after + "，" + later)
    return "denied"


def _is_condition(negator: str, after: str, later: str) -> bool:
    """Whether a negated act is the condition of the rest: 未经核实的，…; 未经核实不得…; 不听取说明而作出的结论."""
    if after.endswith("的") or _CONDITION.match(after) or _BEFORE.match(after):
        return True
    return bool(later) and negator in ("未经", "未予", "未", "不经")


def _consequence(rest: str) -> str:
    """Return the stance of an act that was not done, from the rest: passed over, or made good."""
    return "denied" if _PERMIT.search(rest) and not _CONSEQUENCE.search(rest) else ""
