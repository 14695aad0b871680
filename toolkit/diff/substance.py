"""What a change means for those who are bound: who acts, must or may, how often, by when, how much, to whom, or else what.

Words after norms 2.3; times and amounts by the parsers of :mod:`toolkit.units`. Each kind is a list of what a text
states; a change has substance where the two texts state different lists. What differs in wording only (30日内, 三十日内)
states the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from toolkit.model import FormField
from toolkit.units import parse_deadline, parse_duration, parse_frequency, parse_number

_N = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万]+)"
_UNIT = r"(?:个工作日|工作日|个月|个小时|小时|分钟|日|天|周|年)"
#: Kinds in the order in which they are told.
NAMES = {
    "clause": "整条", "actor": "责任主体", "modality": "应当／可以", "frequency": "频次", "deadline": "期限",
    "amount": "数额", "recipient": "报送对象", "sanction": "责任后果", "form_field": "填写项", "field_required": "填写要求",
}  # fmt: skip


class Substance(NamedTuple):
    """One point of substance: what the old text states and the new one does not, and the reverse."""

    kind: str
    before: str
    after: str


_MODALITY = re.compile(r"应当|应该|必须|不得|禁止|严禁|可以|不可以|不予|免予|有权|无权|(?<![对响反适相])应(?![当对急用])")
_SAME_MODALITY = {"应该": "应当", "应": "应当", "严禁": "禁止"}
_FREQUENCY = re.compile(rf"每(?:一个|一|个)?(?:半年度?|季度?|年度?|月度?|周|星期|日|天)(?:(?:至少|不少于|最少)?{_N}次)?|定期|不定期|随时")
_DEADLINE = re.compile(
    rf"{_N}{_UNIT}(?:以内|之内|内|前|以前|之前|后)|(?:每年|次年)?{_N}月(?:{_N}[日号]|底|末)(?:以前|之前|前)"
    rf"|(?:每|次)(?:个)?(?:月|半年|季度)(?:首月|末月)?(?:{_N}[日号]|底|末)(?:以前|之前|前)|及时|立即|当日|当天|尽快"
)
_DURATION = re.compile(rf"{_N}{_UNIT}")
_AMOUNT = re.compile(rf"{_N}(?:万元|元|人|名|分|%|％|倍|份|件|户|亩|平方米|票|次)|[一二三四五六七八九十]分之{_N}")
_SANCTIONS = (
    "批评教育", "提醒谈话", "谈话提醒", "通报批评", "通报", "诫勉", "约谈", "问责", "追究责任", "追究", "处分", "警告", "记过", "降级", "撤职",
    "开除", "罚款", "扣分", "扣减", "扣除", "取消", "暂停", "责令改正", "责令", "整改", "停职", "免职", "一票否决", "移送",
)  # fmt: skip
_SANCTION = re.compile("|".join(sorted(_SANCTIONS, key=len, reverse=True)))
_RECIPIENT = re.compile(
    r"(?:向|报经|报请|报送|报|送|提请|抄送|抄报)(?P<who>[^，。；：、向报送]{2,16}?)(?:书面|口头|专题|及时)*(?:报告|备案|报送|审批|批准|审定|审核|同意|汇报|提交|审议|说明|公布)"
    r"|(?:报送|抄送|抄报|送交|移送)(?P<to>[^，。；：、]{2,16})"
)
_ACTOR = re.compile(
    r"(?:^|[。；，：\n])(?P<who>[^，。；：、\n]{2,20}?)(?=(?:应当|应该|必须|可以|不得|负责|有权|承担|组织|召集|主持|牵头|会同))"
)
#: A subject that starts so is a condition or a time and no one who acts.
_NO_ACTOR = re.compile(r"^(?:在|对|按|依照|根据|有|经|如|凡|因|自|每|并|且|由于|情节|符合|违反|未|不|其他|前款|下列|本条|于|以|会议|其中|必要时|发现|收到|接到)")


def _modality(text: str) -> Iterator[str]:
    for match in _MODALITY.finditer(text):
        yield _SAME_MODALITY.get(match.group(), match.group())


def _frequency(text: str) -> Iterator[str]:
    for match in _FREQUENCY.finditer(text):
        if text.startswith(("首", "末"), match.end()) or re.match(rf"{_N}[月日号]|底|末", text[match.end() :]):
            continue  # a date in each period is a deadline
        yield _same(parse_frequency, match.group())


def _deadline(text: str) -> Iterator[str]:
    found = list(_DEADLINE.finditer(text))
    for match in found:
        yield _same(parse_deadline, match.group())
    for match in _DURATION.finditer(text):
        if not any(one.start() <= match.start() < one.end() for one in found):
            yield _same(parse_duration, match.group())


def _amount(text: str) -> Iterator[str]:
    frequencies = [match.span() for match in _FREQUENCY.finditer(text)]
    for match in _AMOUNT.finditer(text):
        if any(start <= match.start() < end for start, end in frequencies):
            continue
        yield _same(_counted, match.group())


def _counted(said: str) -> str:
    """Return an amount with its number in Arabic digits."""
    number = re.match(_N, said)
    return f"{parse_number(number.group())}{said[number.end():]}" if number else said


def _same(parse: Callable, said: str) -> str:
    """Return the canonical wording of what was said, or what was said."""
    try:
        found = parse(said)
    except ValueError:
        return said
    return found if isinstance(found, str) else found.text()


def _recipient(text: str) -> Iterator[str]:
    for match in _RECIPIENT.finditer(text):
        yield match["who"] or match["to"]


def _sanction(text: str) -> Iterator[str]:
    yield from _SANCTION.findall(text)


def _actor(text: str) -> Iterator[str]:
    for match in _ACTOR.finditer(text):
        if not _NO_ACTOR.match(match["who"]):
            yield match["who"].removeprefix("由")


_KINDS: Mapping[str, Callable[[str], Iterable[str]]] = {
    "actor": _actor, "modality": _modality, "frequency": _frequency, "deadline": _deadline, "amount": _amount,
    "recipient": _recipient, "sanction": _sanction,
}  # fmt: skip


def of_texts(before: str, after: str) -> tuple[Substance, ...]:
    """Return the points of substance in which two texts of one clause differ."""
    found = []
    for kind, read in _KINDS.items():
        old, new = Counter(read(before)), Counter(read(after))
        gone, came = old - new, new - old
        if gone or came:
            found.append(Substance(kind, "、".join(gone), "、".join(came)))
    return tuple(found)


def of_fields(before: Mapping[str, FormField], after: Mapping[str, FormField]) -> tuple[Substance, ...]:
    """Return the form fields that came, went or changed in kind or options, and those that are now (no more) required."""
    found = []
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            found.append(Substance("form_field", _field(old), _field(new)))
        elif (old.kind, old.options, old.label) != (new.kind, new.options, new.label):
            found.append(Substance("form_field", _field(old), _field(new)))
        elif old.required != new.required:
            words = ("选填", "必填")
            name = new.label or new.id
            found.append(Substance("field_required", name + words[old.required], name + words[new.required]))
    return tuple(found)


def _field(one: FormField | None) -> str:
    if one is None:
        return ""
    return (one.label or one.id) + (f"（{'、'.join(one.options)}）" if one.options else "")
