"""Reads from the words of a rule how many must come to a meeting and how many must agree; used by rules and checks.

A sentence is read clause by clause:
``[讨论…事项时] [超过|不少于|…] [应到会|到会|…的人] 三分之二 [以上] [（含|不含…）] [到会|同意]``.
半数以上 includes exactly half (《民法典》第一千二百五十九条, by analogy), 过半数 and 超过半数 do not. A clause that
this grammar does not cover is returned as unread and never guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from toolkit.core.excerpts import beginning
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.language.majority_words import is_decision, is_note, names_persons, remainder
from toolkit.language.numerals import parse_chinese_numeral

#: Examples of the grammar, for people.
MAJORITY_EXAMPLES = (
    "半数以上、过半数、三分之二以上、2/3、60%、不少于五分之四、全体、一致，（含）或者（不含）本数；"
    "应到会的、到会的、出席会议的、有表决权的；讨论某类事项时；不计票的写“不进行表决”"
)
#: The denominator of a rule that counts nothing.
NOT_APPLICABLE = "不适用"

#: A longer sentence is no rule; it is not read, for the time that it would take.
_LONGEST = 500
#: Characters of a sentence that a finding quotes, and points at its ends.
_QUOTED, _POINTS = 100, "、，,；;。的"

_DIGITS = "[一二三四五六七八九十百两零〇0-9]+"
_AMOUNT = rf"{_DIGITS}(?:[.点][一二三四五六七八九零〇0-9]+)?"
_PART = (
    rf"(?:百分之(?P<percent>{_AMOUNT})|(?P<sign>[0-9]+(?:\.[0-9]+)?)%|(?P<down>{_DIGITS})分之(?P<up>{_DIGITS})"
    r"|(?P<over>[0-9]+)/(?P<under>[0-9]+)|(?P<tenths>[一二三四五六七八九0-9])成(?P<five>半)?(?![员立为份年功])"
    r"|(?P<half>(?<![大多小])半数|一半|对半)|(?<=[过超逾])(?P<bare>半))"
)
_ANY_PART = re.sub(r"\?P<\w+>", "?:", _PART)
_QUANTITY = lazy(_PART)
#: (含半数) and the like; INCLUDED and EXCLUDED stand for it while a clause is read.
_INCLUDED, _EXCLUDED = "\ue000", "\ue001"
_BOUND = lazy(rf"(?P<no>不)?(?:包含|包括|含)(?:本数|{_ANY_PART})(?:在内)?")
_BOUND_ALONE = lazy(r"\((?P<no>不)?(?:包含|包括|含)\)")
_DOUBLED = lazy(rf"({_ANY_PART})(?:或者?|及|和)\1(?=以上)")
_RESTATED = lazy(rf"({_ANY_PART})\((?:即|也就是)?{_ANY_PART}\)")
_BRACKET = lazy(r"\(([^()]*)\)")
_NAMED_MAJORITY = lazy(rf"(?:绝对|简单|法定|绝?大|特定)?(?:多数|部分|人数)\((?=[^()]*{_ANY_PART})([^()]*)\)")
_SENTENCE_END = lazy(r"[。；;！!\n]+")
_CLAUSE_END = lazy(r"[,:]|并且|而且|(?<![并而])且|同时|并(?=经|由|须|应|获|得到|有)")
_NUMBERING = lazy(r"^(?:第?[一二三四五六七八九十]+[、.]|[0-9]+[.、](?![0-9]))")

_AT_LEAST = (
    "(?:达到|等于|满)(?:或者?|及|、)?(?:超过|多于|高于|大于)|(?:超过|多于|高于|大于)(?:或者?|及|、)?(?:等于|达到)"
    "|不(?:得|能|应|可)?(?:少于|低于|小于|下于)|至少|最少|最低|起码|达到|≥|>="
)
_BELOW = "不足|不到|(?:未能?|没有?|不能|达不)(?:达到|达|到|满)|达不到|不满|不够|少于|低于|小于"
_NOT_ABOVE = "(?:未能?|没有?|不得?|不能)(?:超过|过(?=[半一二三四五六七八九十0-9])|多于|高于|大于|超出)"
_ABOVE = "超过|超出|多于|高于|大于|>|[过超逾](?=$)"
_COMPARATOR = lazy(f"(?P<least>{_AT_LEAST})|(?P<not_above>{_NOT_ABOVE})|(?P<below>{_BELOW})|(?P<above>{_ABOVE})")
_AFTER = lazy(
    rf"(?P<inner>[{_INCLUDED}{_EXCLUDED}])?(?P<more>(?:及|和|或者?)?以上|之上)?(?P<outer>[{_INCLUDED}{_EXCLUDED}])?"
)
_TOO_FEW = lazy("以下|以内|之下")
#: Words that leave open how many, or when: 三分之二左右, 原则上.
_HEDGES = lazy(
    f"左右|上下|大约|大概|[约近](?={_ANY_PART})|接近|将近|原则上|特殊情况|紧急情况|一般情况|尽量|尽可能|争取|力争"
)
#: Further persons who must come besides the fraction, or instead of it.
_BESIDES = lazy(
    f"(?:和|与|及|以及|加上?|或者?)(?:{_AT_LEAST})?(?:{_ANY_PART}|全体|所有|全部|[^,]{{0,6}}(?:书记|主任|主席|主持人|负责人|[^,]长))"
)
_CONSEQUENCE = lazy(
    "不得|不能|不予|不可|不召开|不举行|无效|不(?:能)?通过|没有通过|未通过|未获通过|改期|延期|另行|流会|休会|不成立|取消|否决|重新"
)

_RIGHT = lazy("(?:具?有)?(?:表决权|选举权|投票权)")
_WHO = (
    "(?:的|全体|所有|全部|正式|应|组成|行政|班子|领导|委员|成员|党员|代表|人员|人数|人|总"
    "|职工|工|民|户|干部|同志|会议|选票|票)"
)
_ATTENDED = "实到会?|到会|出席会议|出席|参加会议|参加表决|参加投票|参加|与会|参会|在场|到场"
_SHOULD = lazy("应(?:当)?(?:到|出席|参加|参会|与会)")
#: Who is meant, not that they come.
_ATTRIBUTE = lazy(rf"{_SHOULD.pattern}会?|实到会?")
_CAME = lazy(rf"(?:{_ATTENDED})|有效票|总票数|投票总数|投票人数|选票")
_EVERYBODY = lazy("全体|所有|全部|组成人员|总数|总人数|在册|名册|实有")
_COMES = lazy(rf"(?:{_ATTENDED}|到齐|签到)(?!{_WHO}|会议)")
_AGREES = lazy("同意|赞成|赞同|通过|票|认可|支持|当选")
_OPPOSES = lazy(
    "反对|不同意|不赞成|弃权|缺席|请假|(?:未|不|没有?)(?:能)?(?:到会|出席|参加)|否决|未到|女|男|年龄|工作日|以前"
)
_HENCE = lazy("(?:方可|方能|方为|才能|才可|始得|即可|视为|为有效|为通过).*$")
_UNANIMOUS = lazy("一致(?:同意|通过|赞成|赞同|认可|决定)|意见一致|协商一致|全票|全数")
_ALL_OF = lazy(rf"(?:全体(?!会议|大会)|全部|所有|全员|每一?[名位个]?).*?(?:{_ATTENDED}|到齐|同意|赞成|赞同|通过)")
_VAGUE = lazy("(?:大|多|少|绝大|相当|一)?(?:部分|多数)|多半|大半|若干|足够|一定(?:数量|比例|人数)|规定人数|法定")

_MODAL = (
    "必须|应当|须|需要|需|(?<![重主必])要(?!求)|由|实行|采取|采用|按"
    "|经(?![费济营])|应(?!到|当?出席|当?参加|参会|与会)|(?<!具)有(?!关|表决权|选举权|投票权|效)|以(?!上|下|内|及)|,|$"
)
_ACTS = (
    "讨论|研究|审议|审定|审批|决定|涉及|表决|属于|作出|选举|换届|罢免|任免|发展|接收|吸收|处分"
    "|开除|推荐|推选|调整|动用|购置|处置|修改|修订|制定|撤销|改选|补选|召开|对"
)
_MATTERS = "事项|问题|议题|议案|事宜|事务|任免|人事|处分|决策|项目|资金|预算|决算|章程|规约|公约|制度|选举|罢免"
_LEAD = lazy("^(?:其中|除|但是?|而|凡是?|如果?|若|遇到?|在|关于|对于|有关)+")
_WHEN = lazy(r"^(?P<what>[^,]*?)(?:(?<![同及临按届])时(?!间|限)|的时候|的情况下?)")
_ON_ACT = lazy(
    rf"^(?P<what>(?:{_ACTS}).*?)(?:的(?={_MODAL})|(?={_MODAL}|应到|应出席|实到|到会|出席|全体|有表决权|参加|{_AT_LEAST}|{_ABOVE}))"
)
#: 表决 and 决定 lead a kind of matter only where they name one: 表决实行记名方式 does not.
_PROCEDURE = lazy("(?:表决|决定|作出|召开)(?!$|决定$|决议$)")
_SUBJECT = lazy(f"{_MATTERS}|经费|开支|党员|人员|干部|规划|计划|方案|办法")
_ON_MATTER = lazy(
    rf"^(?P<what>[^,]*?(?:{_MATTERS}))(?:的)?(?={_MODAL}|应到|应出席|实到|到会|出席|全体|有表决权|参加|{_AT_LEAST}|{_ABOVE})"
)
_GRAVE = lazy("^(?:特别|特殊)?(?:重大|重要)(?:的)?(?:事项|问题|决策|决定|议题|项目|事务|工作)?$")
_GRAVE_MATTER = lazy("(?:重大|重要)(?:的)?(?:事项|问题|决策|决定|议题|项目|事务|工程|投资|开支)|三重一大")
#: Kinds of matter that go by several names.
_KIN = (
    frozenset(
        {
            "干部任免",
            "任免干部",
            "人员任免",
            "任免人员",
            "人事任免",
            "任免",
            "人事",
            "干部人事",
            "任命",
            "免职",
            "免去",
            "聘任",
            "解聘",
            "提拔",
        }
    ),
    frozenset({"发展党员", "接收预备党员", "接收党员", "吸收党员", "预备党员转正", "入党"}),
    frozenset({"处分", "处分党员", "党纪处分", "开除党籍", "党员处分"}),
)
_OTHERWISE = lazy("^(?:其他|其余|一般|通常|普通|日常)(?:情况|事项|问题|议题|会议|时候)?")
_ORDINARY = frozenset(
    {"一般", "其他", "普通", "日常", "其它", "", "会议", "决议", "决定", "事项", "问题", "议题", "议案"}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """At least (``inclusive``) or more than ``part`` of the persons of ``base`` (``expected`` or ``present``).

    ``voting`` counts only those who may vote.
    ``condition``: the kinds of matter (joined by 、) for which the rule counts; empty for a rule that always does.
    """

    part: Fraction
    inclusive: bool
    base: str
    voting: bool = False
    condition: str = ""

    def holds(self, count: int, base: int) -> bool:
        """Whether ``count`` of ``base`` persons are enough."""
        needed = self.part * base
        return count >= needed if self.inclusive else count > needed

    def least(self, base: int) -> int:
        """Return the smallest count that is enough."""
        needed = self.part * base
        whole = -(-needed.numerator // needed.denominator)
        return whole if self.inclusive or whole > needed else whole + 1

    def covers(self, matter: str) -> bool:
        """Whether a matter is of a kind that the condition names; False for a rule without one."""
        return any(_is_kind(matter, kind) for kind in self.condition.split("、") if kind)


def _is_kind(matter: str, kind: str) -> bool:
    if _GRAVE.match(kind):
        return bool(_GRAVE_MATTER.search(matter))
    plain = re.sub("^(?:重大|重要)(?:的)?(?=..)", "", kind)  # 重要人事任免 is asked for by 人事任免 too
    names = {kind}.union(*(group for group in _KIN if kind in group or plain in group))
    return any(name in matter for name in names)


@dataclass(frozen=True, slots=True)
class Unread:
    """A sentence of which nothing, or not everything, can be counted; ``words`` are those of it that were not understood."""

    sentence: str
    words: str

    @property
    def part(self) -> str:
        """The words that were not understood, for people; empty where they are the whole sentence."""
        whole = "".join(self.sentence.split()).strip(_POINTS)
        return "" if len(self.words) >= len(whole) else beginning(self.words, _QUOTED)

    @property
    def quoted(self) -> str:
        """The sentence, cut where it is long."""
        return beginning(self.sentence, _QUOTED)


@dataclass(frozen=True, slots=True)
class Majorities:
    """The rules of a text on who must come and on who must agree, and its unreadable parts."""

    to_meet: tuple[Rule, ...] = ()
    to_pass: tuple[Rule, ...] = ()
    unread: tuple[Unread, ...] = ()


@remembered(1024)
def read_majorities(text: str, denominator: str = "", meeting: bool = False) -> Majorities:
    """Return the rules in ``text``, which is about coming (``meeting``) or else about agreeing; a clause may say the other.

    ``denominator`` says of whom a rule counts that does not say it itself; 不适用 means that nothing need be counted.
    """
    found: list[tuple[bool, Rule, bool]] = []
    unread: list[Unread] = []
    decisions: list[Unread] = []
    for sentence in filter(None, map(str.strip, _SENTENCE_END.split(text))):
        if len(sentence) > _LONGEST:
            unread.append(Unread(sentence, sentence))
            continue
        reader = _Sentence(_prepared(sentence), denominator, meeting, found)
        reader.read()
        unread += [Unread(sentence, _shown(words)) for words in reader.left]
        decisions += [Unread(sentence, _shown(words)) for words in reader.decisions]
    if any(not comes for comes, _, _ in found):
        unread += decisions  # who decides in the end overrules the count
    return Majorities(
        tuple(rule for comes, rule, _ in found if comes),
        tuple(rule for comes, rule, _ in found if not comes),
        () if denominator == NOT_APPLICABLE else tuple(unread),
    )


def _shown(words: str) -> str:
    return words.strip(_POINTS).replace(_INCLUDED, "（含）").replace(_EXCLUDED, "（不含）")


def _prepared(sentence: str) -> str:
    """Return a sentence in half width without blanks; marks like (含半数) become one character, other brackets clauses."""
    text = "".join(unicodedata.normalize("NFKC", sentence).split()).replace("⁄", "/")
    text = _NUMBERING.sub("", re.sub("[“”\"'‘’]", "", text))
    text = _DOUBLED.sub(r"\1", text)
    text = _BOUND_ALONE.sub(lambda match: _EXCLUDED if match["no"] else _INCLUDED, text)
    text = _BOUND.sub(lambda match: _EXCLUDED if match["no"] else _INCLUDED, text)
    text = re.sub(rf"\(([{_INCLUDED}{_EXCLUDED}])\)", r"\1", text)
    text = _RESTATED.sub(r"\1", text)
    text = _NAMED_MAJORITY.sub(r"\1", text)
    inner = [content for content in _BRACKET.findall(text) if not names_persons(content)]
    return ",".join([_BRACKET.sub("", text), *inner])


class _Sentence:
    """Reads the clauses of one sentence; a condition that stands in a clause of its own counts to the sentence's end."""

    def __init__(self, text: str, denominator: str, meeting: bool, found: list[tuple[bool, Rule, bool]]) -> None:
        self.text, self.denominator, self.meeting, self.found = text, denominator, meeting, found
        self.condition, self.first = "", len(found)
        #: Words that were not understood, and clauses that leave it to someone to decide.
        self.left: list[str] = []
        self.decisions: list[str] = []

    def read(self) -> None:
        """Add the rules of the sentence, and to ``left`` the parts that were not understood."""
        position = 0
        for clause in _CLAUSE_END.split(self.text):
            position = self.text.find(clause, position) + len(clause)
            if not clause:
                continue
            if is_decision(clause):
                self.decisions.append(clause)
            elif not self._clause(clause, self.text[position:]):
                self.left.append(clause)

    def _clause(self, clause: str, rest: str) -> bool:
        if clause in (_INCLUDED, _EXCLUDED) or re.fullmatch(
            rf"以上(?:、?以下)?[均都]?[{_INCLUDED}{_EXCLUDED}]", clause
        ):
            return self._bound(clause)
        parts = list(_QUANTITY.finditer(clause))
        if clause.startswith("或") or len(parts) > 1:
            del self.found[self.first :]
            return False  # two ways to count, and the form does not say which it took
        if parts:
            return self._counted(clause, parts[0], rest)
        if _states_all(clause):
            return self._all(clause)
        states_more = bool(_QUANTITY.search(rest)) or _states_all(rest)
        if states_more and not clause.startswith("除") and (condition := _condition(clause)) is not None:
            self.condition = condition
            return True
        return is_note(clause) and not _VAGUE.search(clause)

    def _bound(self, clause: str) -> bool:
        """Apply 含本数 or 不含本数 to the rule before it; where it speaks of 以上, to all rules with that word."""
        everywhere = clause.startswith("以上")
        for number, (comes, rule, more) in enumerate(self.found):
            if more if everywhere else number == len(self.found) - 1:
                self.found[number] = (comes, replace(rule, inclusive=clause.endswith(_INCLUDED)), more)
        return bool(self.found)

    def _counted(self, clause: str, match: re.Match[str], rest: str) -> bool:
        part = _fraction(match)
        before, after = clause[: match.start()], clause[match.end() :]
        behind = _AFTER.match(after)
        mark = behind and (behind["inner"] or behind["outer"]) or ""
        after = after[behind.end() :] if behind else after
        comparator = list(_COMPARATOR.finditer(before))
        sign = comparator[-1].lastgroup if comparator else ""
        if (
            part is None
            or _TOO_FEW.match(after)
            or _HEDGES.search(clause)
            or _BESIDES.search(_DOUBLED.sub(r"\1", clause))
        ):
            return False
        if sign in ("below", "not_above") and not _CONSEQUENCE.search(after + rest):
            return False
        inclusive = mark == _INCLUDED if mark else sign not in ("above", "not_above")
        if part == 1 and not inclusive:
            return False
        condition = _condition(before)
        if condition is None:
            condition = self.condition
        if not self._add(clause, part, inclusive, condition, bool(behind and behind["more"])):
            return False
        self._rest(_COMPARATOR.sub("", _OTHERWISE.sub("", _without_condition(before))))
        self._rest(after)
        return True

    def _all(self, clause: str) -> bool:
        condition = _condition(clause)
        if _VAGUE.search(clause) or _HEDGES.search(clause) or _BESIDES.search(clause):
            return False
        if not self._add(clause, Fraction(1), True, self.condition if condition is None else condition, False):
            return False
        self._rest(_without_condition(clause))
        return True

    def _rest(self, words: str) -> None:
        """Take the words beside a share: those that were not understood are named."""
        if remainder(words):
            self.left.append(words)

    def _add(self, clause: str, part: Fraction, inclusive: bool, condition: str, more: bool) -> bool:
        said = _without_condition(clause)
        voting = bool(_RIGHT.search(said) or _RIGHT.search(self.denominator))
        bare = _HENCE.sub("", _RIGHT.sub("", said))
        if _OPPOSES.search(bare) or (said.startswith("其中") and not _AGREES.search(bare) and not _COMES.search(bare)):
            return False
        agrees, comes = bool(_AGREES.search(bare)), bool(_COMES.search(_ATTRIBUTE.sub("", bare)))
        about_coming = self.meeting if agrees == comes else comes
        base = "expected" if about_coming else self._base(bare)
        self.found.append((about_coming, Rule(part, inclusive, base, voting, condition), more))
        return True

    def _base(self, said: str) -> str:
        for text in (said, self.denominator):
            if _SHOULD.search(text):
                return "expected"
            if _CAME.search(_AGREES.sub("", text) if text is self.denominator else text):
                return "present"
            if _EVERYBODY.search(text) and not re.search("(?:全体|全部|所有)(?:一致|同意|赞成|通过)", text):
                return "expected"
            if text is said and _UNANIMOUS.search(said):
                return "present"
        return "expected"


def _fraction(match: re.Match[str]) -> Fraction | None:
    """Return the quantity of a match; None for one that is no part of a whole."""
    try:
        if match["half"] or match["bare"]:
            return Fraction(1, 2)
        if match["percent"] or match["sign"]:
            part = _amount(match["percent"] or match["sign"]) / 100
        elif match["tenths"]:
            part = _amount(match["tenths"]) / 10 + (Fraction(1, 20) if match["five"] else 0)
        else:
            part = _amount(match["up"] or match["over"]) / _amount(match["down"] or match["under"])
    except (ValueError, ZeroDivisionError):
        return None
    return part if 0 < part <= 1 else None


def _amount(text: str) -> Fraction:
    whole, _, decimals = text.replace("点", ".").partition(".")
    value = Fraction(int(whole) if whole.isdecimal() else 100 if whole == "百" else parse_chinese_numeral(whole))
    for place, char in enumerate(decimals, 1):
        value += Fraction(int(char) if char.isdecimal() else parse_chinese_numeral(char), 10**place)
    return value


def _states_all(text: str) -> bool:
    return bool(_UNANIMOUS.search(text) or _ALL_OF.search(text))


def _condition_match(text: str) -> re.Match[str] | None:
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead else text
    on_act = _ON_ACT.match(rest)
    if on_act and _PROCEDURE.match(on_act["what"]) and not _SUBJECT.search(on_act["what"]):
        on_act = None
    return _WHEN.match(rest) or on_act or _ON_MATTER.match(rest)


def _condition(text: str) -> str | None:
    """Return the kinds of matter that a clause names in front (joined by 、), empty for matters in general, None for none."""
    if _OTHERWISE.match(text):
        return ""
    match = _condition_match(text)
    return "、".join(dict.fromkeys(filter(None, _kinds(match["what"])))) if match else None


def _without_condition(clause: str) -> str:
    match = _condition_match(clause)
    if match is None:
        return clause
    lead = _LEAD.match(clause)
    return clause[(lead.end() if lead else 0) + match.end() :]


def _kinds(what: str) -> Iterator[str]:
    what = re.sub("等(?:其他|有关|相关)?(?:重要|重大)?(?:的)?(?:事项|问题|议题|事宜|工作)?的?$", "", what)
    what = re.sub("^(?:讨论|研究|审议|审定|审批|决定|涉及|表决|属于|作出|召开|对|关于|有关|的)+", "", what)
    for kind in re.split("、|以及|或者|和|与|及|或", what):
        kind = kind.removesuffix("的")
        short = re.sub("(?:的)?(?:事项|问题|议题|议案|事宜|事务|工作)$", "", kind)
        if _GRAVE.match(kind):
            yield kind
        elif short not in _ORDINARY and not short.endswith(("会议", "大会")):
            yield short
