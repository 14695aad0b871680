"""How an act stands in its sentence: ordered, denied, left open; two negators cancel each other, a condition denies nothing."""

from __future__ import annotations

import re

import pytest

from toolkit.language.modality import acts, is_allowed

#: sentence, act, stance
STANCES = [
    ("应当听取当事人的陈述和申辩。", "听取", ""),
    ("追究责任前不再听取当事人意见。", "听取", "denied"),
    ("不得拒绝听取当事人的申辩。", "听取", ""),
    ("不得不听取当事人的申辩。", "听取", ""),
    ("不能不听取当事人的申辩。", "听取", ""),
    ("不得以任何理由拒绝听取当事人的申辩。", "听取", ""),
    ("可以不听取本人说明，直接提出处理意见。", "听取", "denied"),
    ("视情况听取当事人的申辩。", "听取", "open"),
    ("必要时才当面听取。", "听取", "open"),
    ("听取申辩不是必经程序。", "听取申辩", "denied"),
    ("申辩环节能免则免。", "申辩", "denied"),
    ("当事人的申辩不予采纳的，应当说明理由。", "申辩", ""),
    ("当事人的申辩一律不予采纳。", "申辩", "denied"),
    ("没有听取申辩的，不得作出决定。", "听取", ""),
    ("未听取申辩的，不影响决定的效力。", "听取", "denied"),
    ("未经核实不得下结论。", "核实", ""),
    ("不经核实，可以直接追究责任。", "核实", "denied"),
    ("没有核实的情况，不得写入通报。", "核实", ""),
    ("不听取说明而作出的结论，应当撤销。", "听取", ""),
    ("取消其陈述、申辩的机会。", "陈述", "denied"),
    ("申诉材料不得扣压。", "申诉", ""),
    ("申诉材料可以扣压。", "申诉", "denied"),
    ("当事人无权就认定的事实提出申辩。", "申辩", "denied"),
    ("不得因申诉加重处理。", "申诉", ""),
    ("不论是否核实，都应当登记。", "登记", ""),
    ("是否答复由其自行确定。", "答复", "open"),
    ("年度检查根据工作忙闲情况可以不开展。", "年度检查", "denied"),
    ("送达程序从略。", "送达", "denied"),
    ("不得劝说职工撤回申诉。", "申诉", ""),
    ("村里不得以任何方式劝阻当事人申诉。", "申诉", ""),
    ("不得要求复查。", "复查", "denied"),
    ("责任追究不得以传阅、会签代替会议讨论。", "会议讨论", ""),
    ("责任追究不以调查结论为前提。", "调查", "denied"),
    ("也不得在本次复查中加重。", "复查", ""),
    ("事情没有查清以前，任何人不得下结论。", "查清", ""),
    ("电子邮件不作为送达。", "送达", ""),
    ("快查快处不得减少听取申辩的环节。", "听取", ""),
    ("处理决定不得由组长捎话通知。", "通知", ""),
    ("申诉期间的表现不纳入师德评价。", "申诉", ""),
    ("是否回避由党委决定。", "回避", ""),
    ("是否回避由组长自行决定。", "回避", "open"),
    ("用不着再听取本人的申辩。", "听取", "denied"),
    ("没有必要听取申辩。", "听取", "denied"),
    ("不受理对核实人员提出的回避要求。", "回避", "denied"),
    ("回避的申请一概驳回。", "回避", "denied"),
    ("申诉被驳回的，可以向上一级反映。", "申诉", ""),
    ("申诉不需要单位同意。", "申诉", ""),
    ("曾经参加核实的人员，不再参加申诉的办理。", "申诉", ""),
    ("当事人的亲属不得参加核实。", "核实", ""),
    ("本人可以补交书面材料。", "书面材料", ""),
    ("决定应当送达；其他事项从略。", "送达", ""),
]


@pytest.mark.parametrize(("text", "act", "stance"), STANCES)
def test_how_an_act_stands(text: str, act: str, stance: str) -> None:
    assert [found.stance for found in acts(text, lambda part: [match.span() for match in re.finditer(act, part)])] == [
        stance
    ]


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("因申诉加重处理", True),
        ("不得因当事人申诉而加重处理", False),
        ("申诉不成立的，加重处理", True),
        ("申诉的，不得加重处理", False),
        ("禁止对申诉人加重处理", False),
    ],
)
def test_what_a_ban_covers(text: str, allowed: bool) -> None:
    match = re.search("申诉.*(?P<act>加重)", text)
    assert match is not None and is_allowed(text, match) == allowed


@pytest.mark.slow
def test_a_long_sentence_is_read_in_linear_time() -> None:
    text = "不得不" * 20_000 + "听取"
    assert [act.stance for act in acts(text, lambda part: [(part.index("听取"), len(part))])] in ([""], ["denied"])
