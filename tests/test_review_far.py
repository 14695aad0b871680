"""Clauses that were cut in pieces, joined or singled out are found by their words, wherever the pieces stand."""

from __future__ import annotations

import pytest
from test_review_docx import p, simple

from toolkit import api

A = "村民委员会应当每月公布一次集体收支情况，接受村民查询。"
B = "村务监督委员会对公布的内容有异议的，应当在五个工作日内书面提出。"
C = "会计人员保管的原始凭证和账簿不得少于三十年，不得擅自销毁。"
OTHERS = [
    "为了规范村级财务管理，制定本办法。",
    "本办法适用于本村范围内的各类集体资金。",
    "党支部书记对财务公开工作负总责。",
    "出纳人员不得兼任会计工作和档案保管。",
    "重大支出事项由村民代表会议讨论决定。",
    "审计发现的问题应当限期整改并且回访。",
]


def numbered(clauses: list[str]) -> bytes:
    names = "一二三四五六七八九十"
    lines = ["某某办法", *(f"第{names[number]}条　{text}" for number, text in enumerate(clauses))]
    return simple("".join(map(p, lines)))


def changes(old: list[str], new: list[str]):
    comparison = api.diff(numbered(old), numbered(new))
    return comparison, [one for one in comparison.documents[0].changes if one.kind != "renumbered"]


@pytest.mark.parametrize("place", [0, 2, 6])
def test_a_part_that_was_singled_out_is_found_before_and_far_behind(place) -> None:
    old = [*OTHERS[:3], A + B, *OTHERS[3:]]
    new = [*OTHERS[:3], A, *OTHERS[3:]]
    new.insert(place if place < 4 else len(new), B)
    comparison, (change,) = changes(old, new)
    assert (change.kind, len(change.old), len(change.new)) == ("split", 1, 2)
    assert "第四条分为" in api.diff_report(comparison, "amendment").decode()
    _, (back,) = changes(new, old)
    assert (back.kind, len(back.old), len(back.new)) == ("joined", 2, 1)


def test_one_clause_becomes_three() -> None:
    _, (change,) = changes([OTHERS[0], A + B + C, *OTHERS[1:]], [OTHERS[0], A, *OTHERS[1:4], B, *OTHERS[4:], C])
    assert (change.kind, len(change.new)) == ("split", 3)


def test_a_new_clause_that_only_reads_alike_is_new() -> None:
    _, found = changes([*OTHERS, A + B], [*OTHERS, A + B, "村民委员会应当每年公布一次人员调整情况，听取村民意见。"])
    assert [one.kind for one in found] == ["added"]


def test_words_that_stay_where_they_were_are_no_part_of_another_clause() -> None:
    _, found = changes([*OTHERS, A + B], [*OTHERS[:2], B, *OTHERS[2:], A + B])
    assert [one.kind for one in found] == ["added"]


def test_a_rename_is_a_whole_term() -> None:
    sentences = [f"{one}由水行政主管部门审批，存档编号为{number}。" for number, one in enumerate("甲乙丙丁", 1001)]
    renamed = [one.replace("水行政主管部门", "水务部门").replace("存档编号", "归档号码") for one in sentences]
    comparison, found = changes(sentences, renamed)
    assert set(comparison.names) == {("水行政主管部门", "水务部门"), ("存档编号", "归档号码")}
    assert {one.kind for one in found} == {"renamed"}
    assert "水行政主管部门" in api.diff_report(comparison, "text").decode()
