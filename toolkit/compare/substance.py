"""Extracts points of substance (actor, modality, frequency, deadline, amount, recipient, sanction) and their changes.

Used by ``classify``, ``renames`` and ``merging``. Words after norms 2.3; times as
:mod:`toolkit.language.times` recognises them. A change has substance if the two texts state different lists of one kind; a
difference of wording only (30日内, 三十日内) is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from toolkit.language.numerals import read_number
from toolkit.language.times import times
from toolkit.model.tree import FormField

_N = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万]+)"
#: Kinds in the order of the reports.
NAMES = {
    "clause": "整条",
    "actor": "责任主体",
    "modality": "约束用语",
    "frequency": "频次",
    "deadline": "期限",
    "amount": "数额",
    "recipient": "报送对象",
    "sanction": "责任后果",
    "form_field": "填写项",
    "field_required": "填写要求",
}


class Substance(NamedTuple):
    """One point of substance: statements of the old text that the new one lacks (``before``), and the reverse."""

    kind: str
    before: str
    after: str


_MODALITY = re.compile(
    r"应当|应该|必须|不得|禁止|严禁|不可以|可以|不予|免予|有权|无权|(?<![对响反适相回供效])应(?![当对急用到届聘邀付答有])"
)
_SAME_MODALITY = {"应该": "应当", "应": "应当", "严禁": "禁止"}
_AMOUNT = re.compile(
    rf"{_N}(?:万元|元|人|名|分(?![钟之部工])|%|％|倍|份|件|户|亩|平方米|票|台|套|吨|家|个(?!工作日|月|小时)|次(?!性)|周?岁|厘?米|公里|毫升|公斤)|{_N}(?:分之|比){_N}"
)
#: A longer sanction precedes one that it begins with.
_SANCTION = re.compile(
    "批评教育|提醒谈话|谈话提醒|通报批评|追究责任|责令改正|责令整改|限期整改|一票否决|诫勉|约谈|"
    "问责|追究|处分|警告|记过|降级|撤职|开除|罚款|扣分|扣减|扣除|取消|暂停|责令|停职|免职|"
    "移送|"
    "(?:予以|给予)通报(?!批评)"
)
_RECIPIENT = re.compile(
    r"(?:向|报经|报请|报送|报(?!告)|送(?!达)|提请|抄送|抄报)(?P<who>[^，。；：、\n向报送]{2,16}?)(?:书面|口头|专题|及时)*(?:报告|备案|报送|审批|批准|审定|审核|同意|汇报|提交|审议|说明|公布|回复|报案|提出|移交|通报)"
    r"|(?:报送|抄送|抄报|送交|移送|移交|转交)(?P<to>[^，。；：、\n]{2,16}?)(?=登记|处理|办理|备案|归档|审核|审定|批准|[，。；：、\n]|$)"
    r"|报告(?!报)(?P<informed>[^，。；：、\n]{1,14}?(?:局|委|部|所|组|会|室|中心|政府|机关|书记|主任|单位|部门|站|院|科|处|长))(?=[，。；\n]|和|并|$)"
    r"|(?<![汇通填申上举简年月日情])报(?![告送请备经名表账道刊警案酬销废社])(?P<plain>[^，。；：、\n]{2,16}?)(?=[，。；\n]|$)"
)
_NO_RECIPIENT = re.compile(
    r"^(?:书面|口头|以|本级)+|^(?:时|的|了|后|和|及|并|由|中|给|备案|材料).*|.*(?:之前|之后|以前|以后)$"
)
#: The verb, and not the noun of 集体经济组织, 党组织.
_TO_ORGANISE = (
    "(?<!经济)(?<!党)组织(?!应当|应该|必须|可以|不得|负责|法|成员|机构|和|或|及|的|、|[^，。；、]{0,2}委员|干事|部|员)"
)
#: Verbs, and not the first characters of 负责人, 召集人, 主持人.
_ACTS_WITH = "负责(?!人)|有权(?!机关)|承担(?!单位)|召集(?!人)|主持(?!人)|牵头(?!单位|部门|人)|" + _TO_ORGANISE
_ACTOR = re.compile(
    r"(?:^|[。；，：\n])(?P<who>[^，。；：、\n]{2,20}?)(?=应当|应该|必须|可以|不得|会同|" + _ACTS_WITH + ")"
    r"|由(?P<by>[^，。；：、\n]{2,16}?)(?=担任|审核|审批|批准|决定|登记|保管|核实|提出|办理|承办|督促|责令|没收|给予|处以|处罚|"
    + _ACTS_WITH
    + ")"
)
#: A subject that starts or ends so is a condition, a time or a verb, and no actor.
_NO_ACTOR = re.compile(
    r"^(?:在|对|按|依照|根据|有|经|如|凡|因|自|每|并|且|由于|情节|符合|违反|未|不|其他|前款|下列|本条|于|以|会议|其中|必要时|发现|收到|接到"
    r"|协助|配合|或者|以及|及|同|可|为|与|将|把|也|涉及|逾期|属于|报|送|转|向|当日|应当)|适用于|实行|(?:了|的|后|时|内|前|中|起"
    r"|结果|情况|合同|材料|经费|费用|资金|标准|设施|设备|期限|时间|规定|制度|方案|记录|台账)$"
)
#: A cited provision, and no party.
_CITED = re.compile("第.+[条款项]")
#: The name of the actor ends before these words.
_ACTS = re.compile(
    r"(?:协助|配合|会同|依照|按照|根据|依法|及时|在|就|对|将|把|是|每|也|均|都|同时|另行|汇总|收到|接到|认为|集体)"
)


def terms(text: str) -> list[tuple[int, int]]:
    """Return the spans of frequencies (每半年至少一次), deadlines, durations, dates and amounts, from left to right."""
    spans = [(time.start, time.end) for time in times(text)]
    out: list[tuple[int, int]] = []
    for start, end in sorted([*spans, *(match.span() for match in _AMOUNT.finditer(text))]):
        if out and start < out[-1][1]:
            start, end = out[-1][0], max(end, out.pop()[1])
        out.append((start, end))
    return out


def _modality(text: str) -> Iterator[str]:
    return (_SAME_MODALITY.get(word, word) for word in _MODALITY.findall(text))


def _frequency(text: str) -> Iterator[str]:
    return (time.text for time in times(text) if time.kind == "frequency" and not time.anchor)


def _deadline(text: str) -> Iterator[str]:
    """Yield the canonical forms of deadlines and durations; a bare date, point or period sets no deadline."""
    for time in times(text):
        has_event = bool(time.anchor) and time.kind in (
            "point",
            "frequency",
        )  # 印发之日; 每月5日: a date in each period
        if time.kind in ("deadline", "duration") or time.bound or has_event:
            yield time.text


def _amount(text: str) -> Iterator[str]:
    """Yield amounts, their numbers in Arabic digits; none inside a time."""
    spans = [(time.start, time.end) for time in times(text)]
    for match in _AMOUNT.finditer(text):
        if not any(start <= match.start() < end for start, end in spans):
            yield _counted(match.group())


def _counted(amount: str) -> str:
    """Return an amount with its number in Arabic digits, if that is well formed; a fraction or a ratio as it is: 三分之二."""
    if "分之" in amount or "比" in amount:
        return amount
    number = re.match(_N, amount)
    try:
        return f"{read_number(number.group())}{amount[number.end() :]}" if number else amount
    except ValueError:
        return amount


def _recipient(text: str) -> Iterator[str]:
    for match in _RECIPIENT.finditer(text):
        who = _NO_RECIPIENT.sub("", match["who"] or match["to"] or match["informed"] or match["plain"])
        if who and not _CITED.search(who):
            yield who


def _actor(text: str) -> Iterator[str]:
    for match in _ACTOR.finditer(text):
        who = (match["who"] or match["by"]).rpartition("由")[2]
        if not _NO_ACTOR.search(who):
            who = _ACTS.split(who, 1)[0]
            if len(who) >= 2 and not _CITED.search(who):
                yield who


def parties(text: str) -> dict[str, set[str]]:
    """Return who acts and who receives in a text, by kind."""
    return {kind: set(_KINDS[kind](text)) for kind in ("actor", "recipient")}


def renamed_party(old: str, new: str, text: str) -> Iterator[Substance]:
    """Yield the points of substance of a rename in a text of old: as whom its old name acts there, and as whom it receives.

    A text cannot tell another name of a body from another body.
    """
    for kind, named in parties(text).items():
        if any(old in who for who in named):
            yield Substance(kind, old, new)


_KINDS: Mapping[str, Callable[[str], Iterable[str]]] = {
    "actor": _actor,
    "modality": _modality,
    "frequency": _frequency,
    "deadline": _deadline,
    "amount": _amount,
    "recipient": _recipient,
    "sanction": _SANCTION.findall,
}


def of_texts(before: str, after: str) -> tuple[Substance, ...]:
    """Return the points of substance in which two texts of one clause differ."""
    return of_lines([(before, after)])


def of_lines(lines: Sequence[tuple[str, str]], parted: bool = False) -> tuple[Substance, ...]:
    """Return the points of substance of a clause, each with its replacement in the same line.

    ``lines`` are (before, after), ``""`` for a line that one side lacks. A statement that moved to another line is no change.
    ``parted``: the clause was split or joined, and a statement may stand once in each part.
    """
    points = []
    for kind, read in _KINDS.items():
        stated = [(list(read(before)), list(read(after))) for before, after in lines if before != after]
        deleted: Counter[str] = Counter()
        for old, new in stated:
            deleted.update(old)
            deleted.subtract(new)
        deleted, inserted = +deleted, -deleted
        if parted:
            sides = [{statement for line in stated for statement in line[side]} for side in (0, 1)]
            deleted = Counter({one: count for one, count in deleted.items() if one not in sides[1]})
            inserted = Counter({one: count for one, count in inserted.items() if one not in sides[0]})
        for old, new in stated:
            before, after = (Counter(old) - Counter(new)) & deleted, (Counter(new) - Counter(old)) & inserted
            if before or after:
                points.append(Substance(kind, *_one_by_one(old, new, before, after)))
                deleted, inserted = deleted - before, inserted - after
    return tuple(points)


def _one_by_one(old: list[str], new: list[str], before: Counter[str], after: Counter[str]) -> tuple[str, str]:
    """Return what a line states no longer and what it states now.

    Where as many statements follow each other as before, each took the place of the one in its position: 每季度 and 每年 became
    每月 and 每季度, which is more than that 每年 became 每月.
    """
    if before and after and len(old) == len(new):
        changed = [(was, now) for was, now in zip(old, new, strict=True) if was != now]
        return "、".join(dict.fromkeys(was for was, _ in changed)), "、".join(dict.fromkeys(now for _, now in changed))
    return "、".join(before), "、".join(after)


def of_fields(before: Mapping[str, FormField], after: Mapping[str, FormField]) -> tuple[Substance, ...]:
    """Return the form fields that were inserted, deleted or changed in kind, options, label or ``required``.

    A deleted and an inserted field of one label and options are one field: the rows of a list have moved.
    """
    points = []
    deleted = Counter(_described(field) for key, field in before.items() if key not in after)
    inserted = Counter(_described(field) for key, field in after.items() if key not in before)
    for name, count in (deleted - inserted).items():
        points += [Substance("form_field", name, "")] * count
    for name, count in (inserted - deleted).items():
        points += [Substance("form_field", "", name)] * count
    for key, old in before.items():
        new = after.get(key)
        if new is None:
            continue
        if (old.kind, old.options, old.label) != (new.kind, new.options, new.label):
            points.append(Substance("form_field", _described(old), _described(new)))
        elif old.required != new.required:
            words = ("选填", "必填")
            name = new.label or new.id
            points.append(
                Substance("field_required", f"{name}（{words[old.required]}）", f"{name}（{words[new.required]}）")
            )
    return tuple(points)


def _described(field: FormField) -> str:
    return (field.label or field.id) + (f"（{'、'.join(field.options)}）" if field.options else "")
