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
    r"(?P<asked>[一-鿿])不(?=(?P=asked))|任免|罢免|免职|免去(?=[^，]{0,8}(?:职务|组长|主任|书记|委员|干部))|不论|不管|无论|不仅|不但|不同(?!当事人|本人)|不服|不明|不适用|不属于|不包括|不涉及|不影响|不限于|不正确|不良|不足|不够|不到会|不利|不当|不实(?!行)|不满|不一致|不便|不少于|不超过|不低于|未成年|(?<=[收出达发])终止|(?<=[说看听讲弄分记])不(?=[清懂明见])|(?<=对)不上|免费"
)
#: Between a negator and its act stand no grounds, ends of another act or marks.
_BREAK = lazy(r"因|由于|影响|为了|[，。；：、]|并|而|后|以后|应当|必须|的|[把将](?!要)|透露|泄露|外传|散布|代表")
#: Behind a negator: the object of the act, 的 and all: 不对反映的情况进行核实.
_ABOUT = lazy(r"^[对向就给同与][^，。；：、]{1,14}(进行|予以|加以|作出?|开展|组织)$")
#: Bans on all that follows in their part of a sentence, whatever its ground.
_BAN = lazy(r"不得|不准|不许|不应|不因|不以|不能|不可(?!更改)|禁止|严禁|无权|不是")
#: A ban on how an act is done, on who decides of it, or on a condition leaves the act itself: 不得单独谈话, 不得自己决定是否回避.
_MANNER = lazy(
    r"(不得|不准|不许|不应|不能|禁止|严禁)(单独|独自|私自|私下|擅自|当众|强行|反复|轮番|仅|只(?!能|有)|随意|任意)|(不(再|得|予|需要?|必|用)?|无[须需])(重复|再次)|[^，]*是否$|不以[^，]{0,8}(提出|申请)$|不(得|能)?[代替](?!替|表)"
)
#: Verbs that harm a right: a ban before one in the same part protects it, however much stands between.
_HARM = lazy(
    r"取消|省略|略去|跳过|停止|暂停|终止|中止|拒绝|拒不|谢绝|回绝|删改|篡改|扣压|扣留|截留|搁置|当作|算作|视同|阻|限制|剥夺|拖延|推迟|妨碍|干扰|规避|绕开|放弃|代替"
    r"|关闭|简化|免|减少|缩短|压缩|过问|插手"
)
#: Who must not talk somebody out of an act protects it: 不得劝说职工撤回申诉.
_PERSUADED = lazy(
    r"不?[^，。；：]{0,10}(劝|动员|诱|隐瞒|施压|暗示|胁迫|威胁|阻|拦|刁难|报复|催|逼|强迫|(要求|责令|命令)(其|他|她|当事|本人|申诉人|被|[^，]{2,3}(说明向谁|写|交|先|签|表态|保证)))"
    r"|(不得|不准|不许|不应|不能|禁止|严禁)(由|以|用|通过|凭|借|何时|擅自|随意|[^，。；：]{0,10}(要求|责令)[^，。；：]{1,8}(撤回|放弃|承诺|停止))"
)
#: The act is only when or where something else is banned: 不得在复查中加重.
_WITHIN = lazy(r"(在|于)[^，]{0,6}$"), lazy(r"(中|时|期间|过程|以前|之前|以后|之后|阶段|环节中)")
#: What does not count as an act leaves the act itself to be done: 电子邮件不作为送达.
_COUNTS = lazy("(作?为|写入|列入|记入|载入|计入|算入|算|算是|算作|等于|等同于?|视为|构成|代表)$")
#: What counts as not done is to be done: 视为没有告知.
_COUNTS_NOT = lazy("(视为|视同|视作|等于|算作?|认定为)$")
#: Whether an act is due is asked before something else: 决定是否回避以前.
_ASKED = lazy("是否[^，]*$"), lazy("^[^，]{0,4}(以前|之前|前|期间|时)(?!才|可)")
_VERIFIED = lazy("(确认|核对|检查|查明|查看|写明|记明|载明)[^，]{0,6}是否[^，]*$")
#: Going on is banned where something is not yet done or seen: 没有本人核对的记录，不得归档.
_LACK, _ONWARD = lazy("没有|没[^，]|未"), lazy("归档|立卷|入卷|存卷|集体|会议|开会|提交|上报|报送|送达")
_UNREADY = lazy("(没有|未)[^，]{0,4}(记录|核实|听取|签名|审核|研究|讨论|表决|盖章)的，?[^，]{0,4}$")
#: A person who does not use a right loses nothing else by the rule: 未申诉的部分照常执行.
_OWN, _NOT_DONE = lazy("申诉|提出异议|复议|申辩(?=的，[^，]{0,4}(写明|注明|说明))"), lazy("未|没有?")
_EVADED = lazy("(问题|矛盾|困难)$")
_CHANCE = lazy("的?(权利|资格|机会|余地|渠道|途径|必要|期限|程序|环节)")
#: A ban whose ground or object names the act in passing: 不能因为人少就不回避, 不得对申辩的教师另立一案.
_NO_GROUND, _OBJECT = lazy("(不得|不能|不应|不可)因[^，]*$"), lazy("(不得|不能|不应|不准)[对向给把将]$")
#: An organ may decide whether an act is due: 是否回避由党委决定.
_ORGAN = lazy("^[^，]{0,4}由[^，]{0,12}(党委|党组|支部|集体|上级|会议|纪委)[^，]{0,8}(决定|研究|审定)")
#: The act is what has not yet been done: 没有查清以前，….
_BEFORE = lazy(r"^[^，不]{0,3}(以前|之前|前|期间|的时候)$")
#: Negators that reach over 的: 无权就认定的事实提出申辩.
_FAR = ("无权", "不享有", "剥夺", "取消")
#: Refusals govern the request at the end of the refused matter: 不受理对核实人员提出的回避要求.
_REFUSED = lazy(r"(不予?(受理|接受|理会|理睬|采纳|考虑|同意|支持)|驳回|拒绝|拒不(受理|接受))[^，。；：不无未]{0,24}$")
_REQUEST = lazy(r"(的)?(要求|申请|请求|主张)")
#: Who must not take part in an act may not, but the act is done: 不再参加申诉的办理.
_TAKES_PART = lazy(r"(参加|参与|介入|从事|承办|经手|旁听|牵头|主持|担任)([^，。；：]{0,8})$")
#: Who was in the matter may not deal with it again: 参加过核实的人，不得办理申诉.
_TOOK_PART = lazy("(原|参加|参与|经办|承办|办理|作出)[^，。]*(人|人员|同志|成员|委员)，?(均|都|也)?$")
_HANDLES = lazy("(办理|复查|审查|处理|答复|主持)[^，]{0,4}$")
#: Nobody may be made not to act: 不得要求职工写明不申诉.
_FORCED = lazy(
    r"(不得|不准|不许|不应|禁止|严禁)(?:以[^，。；：]{1,14}为由)?[^，。；：]{0,4}"
    r"(要求|劝|迫使?|强迫|强令|诱导|责令|阻止|让|使)"
)
#: Longest text between a negator and the act, and between two negators.
_REACH, _CHAIN = 11, 7
#: In front of the act: whether it is done is left open.
_SOFT = lazy(
    r"(视情况|视情|酌情|斟酌|根据(实际)?(情况|需要)|视需要|必要时(才|方)?|有条件的?|尽量|尽可能|适当|可以(?!请|用|通过|邮寄|引用|延后|当场|当面|上门|采取|告知其原|分[次批头]|在[^，]{1,10}以?前|书面|同时|一并|就|向|对|查|要求|提|申请|参加|使用|参照|采用|邀请|补充|补交|提交|递交|另交|委托|与|同|和|合并|在)|可(?!以|能|靠|行|核|查)(?=[一-鿿])|宜|自行决定|选择性地?"
    r"|(?<!其决定)(?<!本人决定)(?<!当事人决定)是否|有选择地?|如有可能|一般(情况下)?|原则上)[^，。；：]{0,10}$"
)
#: Behind the act: it is not done.
_DROPPED = lazy(
    r"^(?!期间|过程中|时|以后|之后)[^，。；：不无未]{0,3}(的?(机会|权利|程序|环节|步骤|工作|会议|事项|要求|制度|渠道|材料|结果|意见|理由|情况|申请|请求))?(?:(?!并|而)[^，。；：的不无未]){0,12}?"
    r"(从略|从简|简化(?!手续|表格|材料)|压缩|(?<!被)驳回|作废|省略|略去|免除|取消|暂停|停止|暂缓|扣压|截留|搁置|关闭|能免则免|可有可无|走过场|以[^，。；：]{1,12}(代替|替代)|不是必[经须需要]|并非必[经须需要]|不是必要"
    r"|不[算收认理](?![识真清取费集录回定任])|不作(要求|安排|规定|记录|答复|统一要求)|不予(受理|采信|采纳|考虑|理会|答复|安排|支持|进行|更正|转递|撤销|审核|登记)"
    r"|(不再|不必|无需|无须|不用|用不着|没有?必要|不需要?|可以不|可不|一律不|一概不|一般不|不)"
    r"(开展|进行|组织|召开|举行|实行|安排|列入|纳入|适用(?=$|[，。；的])|执行|受理|采信|采纳|考虑|理会|记录|记入|送达|归档|报告|公布|公开(?!进行)|审核|需要(?![^，。；])|要求(?![^，。；])"
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


#: A part of a sentence that protects a person: an order to serve him, a ban on harm, a right of his, an exception.
_PROTECTS = lazy(
    r"(?<!当事人)(?<!本人)应当(重新|主动|允许|同意|告知|告诉|送达|听取|答复|补|退回|纠正|撤销|提交会议|查证|自己查|出示|转交)"
    r"|(^|，)((?!当事|本人|申诉人|任何人|谁|其)[^，]){0,12}(不得|不应|不准|严禁)[^，]{0,2}"
    r"(因|以[^，]{1,12}(为由|代替)|对(其|当事|申)|要求(其|当)|由|将|强|代|擅自|只|收|扣|压|拒|阻|限制|加重|公开|诱|隐瞒|泄|打断|留存)"
    r"|不影响(申诉|当事|本人)|除外$"
    r"|(当事人|本人|申诉人)[^，]{0,8}(，[^，]{0,4})?(可以|有权)(要求|申请|提出|拒绝|补充|随时)"
)
#: The act is a case that the rest rules out: 需要从重的，不得采用.
_RULED_OUT = lazy("[^，]{0,6}的，[^，]{0,4}(不得采|不予采|无效|应当(退回|撤销|纠正))")


#: What a person may do himself, and words that narrow it.
_MAY = lazy(
    "(?:^|，)(?:当事|本人|申诉人|其|[^，由]{0,2}[师工民员])[^，由]{0,10}(?:的，[^，由]{0,4})?(?:也|还|仍|仍然|都|照样)?(?:可以|有权)[先另再]?$"
)
_NARROWED = lazy("只|仅|限|一次|才|方可|以内")


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
    *earlier, before = _PART.split(sentence[:start])
    after, _, later = sentence[end:].partition("，")
    if _REFUSED.search(before) and _REQUEST.match(after):
        return "denied"
    part = _TAKES_PART.search(before)
    chain = [] if part and (not part[2] or after.startswith("的")) else _negators(before)
    if len(chain) % 2:
        if _TOOK_PART.search(sentence[: start - len(before) + chain[0].start()]) and _HANDLES.search(before):
            return ""
        is_evaded = sentence.startswith("回避", start) and _EVADED.search(before[: chain[0].start()])
        if is_evaded or after.startswith("以外"):
            return ""
        if _OWN.match(sentence, start) and _NOT_DONE.fullmatch(chain[0].group()) and not _CHANCE.match(after):
            return ""
        is_barred = earlier and _LACK.search(earlier[-1]) and _BAN.match(chain[0].group())
        is_barred = is_barred or _UNREADY.search(sentence[: start - len(before) + chain[0].start()])
        if _is_protected(before, chain[0], after) or (is_barred and _ONWARD.match(sentence, start)):
            return ""
        return _negated(before, chain[0], after, later)
    if not chain and (dropped := _DROPPED.search(after)):
        rest = after[dropped.end() :]
        return _consequence(rest + "，" + later) if rest.startswith("的") else "denied"
    if chain:
        return ""
    if (
        _VERIFIED.search(before)
        or _ORGAN.match(sentence[end:])
        or (_ASKED[0].search(before) and _ASKED[1].match(after))
    ):
        return ""
    return "open" if _SOFT.search(before) or _LEFT_OPEN.search(sentence[end:]) else ""


def is_protective(sentence: str) -> bool:
    """Whether some part of a sentence protects a person, so that the rest of it is hardly meant to take a step away."""
    return bool(_PROTECTS.search(sentence))


def is_allowed(sentence: str, match: re.Match[str]) -> bool:
    """Whether the act of a match is ordered or allowed; a group ``act`` of the pattern is the verb that a ban governs."""
    verb = match.start("act") if "act" in match.re.groupindex else match.start()
    if _RULED_OUT.match(sentence, match.end()) or _UNREADY.search(sentence[:verb]):
        return False
    return not is_banned(sentence, match.start()) and not is_banned(sentence, verb)


def is_freeing(sentence: str, match: re.Match[str]) -> bool:
    """Whether the act of a match is what a person may choose to do: 教师也可以先签收再申诉."""
    may = _MAY.search(sentence[: match.start()]) and sentence[match.start()] not in "不免"
    return bool(may) and "，" not in match.group() and not _NARROWED.search(sentence)


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
    if _COUNTS.match(before[negator.end() :]) or _COUNTS_NOT.search(ahead):
        return True
    if _MANNER.match(before[negator.start() :]) or _NO_GROUND.search(ahead):
        return True
    if _OBJECT.match(before[negator.start() :]) and after.startswith("的"):
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
