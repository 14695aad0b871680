"""Clauses that were cut in pieces, joined or singled out are found by their words, wherever the pieces stand."""

from __future__ import annotations

import pytest
from docx_samples import art, doc, para
from test_review_docx import p, simple

from toolkit import api
from toolkit.versions import compare_versions
from toolkit.versions.loading import Source, Version

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


def test_words_of_a_short_clause_are_followed_into_another_one() -> None:
    """A clause that another one took in was paired with one that only reads a little like it."""
    lead = "停车收费应当使用统一票据"
    old = [
        OTHERS[0],
        "镇城管办负责日常管理，物价部门负责收费标准的核定。",
        "收费标准每两年核定一次。",
        f"{lead}。",
        OTHERS[5],
    ]
    new = [
        OTHERS[0],
        "镇城管办负责日常管理。",
        f"{lead}，收费标准每两年核定一次。",
        "物价部门负责收费标准的核定。",
        OTHERS[5],
    ]
    comparison, found = changes(old, new)
    assert [(one.kind, one.old_name, one.new_name) for one in found] == [
        ("split", "第二条", "第二条、第四条"),
        ("joined", "第三条、第四条", "第三条"),
    ]
    assert not any(one.substance for one in found)


def test_joined_clauses_are_cited_in_their_order() -> None:
    """Three clauses of which the last is most alike were 第七条、第三条, and the shortest was 删去."""
    parts = "装修应当提前三日告知物业公司。", "装修不得改变承重结构。", "装修应当在8:00至18:00进行，节假日不得进行。"
    joined = "装修应当提前三日告知物业公司，不得改变承重结构，并且应当在8:00至18:00进行，节假日不得进行。"
    old = [OTHERS[0], parts[0], OTHERS[1], parts[1], OTHERS[2], parts[2]]
    comparison, (change,) = changes(old, [OTHERS[0], joined, *OTHERS[1:3]])
    assert (change.kind, change.old_name, change.new_name) == ("joined", "第二条、第四条、第六条", "第二条")
    assert not any(point.kind in ("modality", "deadline") for point in change.substance)
    _, (back,) = changes([OTHERS[0], joined, *OTHERS[1:3]], old)
    decision = api.diff_report(api.diff(numbered([OTHERS[0], joined]), numbered([OTHERS[0], *parts])), "amendment")
    assert back.new_name == "第二条、第四条、第六条"
    quoted = [line[1:4] for line in decision.decode().splitlines() if line.startswith("“第")]
    assert quoted == ["第二条", "第三条", "第四条"]


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("县农业局", "县农业农村局", ("县农业局", "县农业农村局")),
        ("县农业农村局", "县农业局", ("县农业农村局", "县农业局")),
        ("镇水利站", "镇水务站", ("镇水利站", "镇水务站")),
    ],
)
def test_a_body_whose_name_has_words_more_is_renamed(old: str, new: str, name: tuple[str, str]) -> None:
    """县农业局 → 县农业农村局 in three clauses was the insertion of 农村 in the middle of a name."""
    sentences = [
        f"{old}负责登记农业生产。",
        f"违反规定的，由{old}责令改正。",
        f"承包合同应当报{old}备案。",
        "水利设施应当保护。",
    ]
    comparison, found = changes(sentences, [one.replace(old, new) for one in sentences])
    assert comparison.names == (name,)
    assert [one.kind for one in found] == ["renamed"] * 3 and all(one.substance for one in found)
    lines = api.diff_report(comparison, "amendment").decode().splitlines()
    assert f"一、将第一条、第二条、第三条中的“{old}”修改为“{new}”。" in lines


def test_a_chapter_that_moved_under_another_name_is_the_chapter_of_its_clauses() -> None:
    """It was a chapter that came and the name of a chapter that was 删去."""

    def chapters(*named: tuple[str, list[str]]) -> bytes:
        lines, number = ["某某办法"], 0
        for place, (name, clauses) in enumerate(named):
            lines.append(f"第{'一二三四'[place]}章　{name}")
            for clause in clauses:
                lines.append(f"第{'一二三四五六七八九'[number]}条　{clause}")
                number += 1
        return simple("".join(map(p, lines)))

    first, last = ("总则", OTHERS[:2]), ("附则", OTHERS[5:])
    old = chapters(first, ("收支", [A, C]), ("卫生", OTHERS[2:4]), last)
    new = chapters(first, ("卫生", OTHERS[2:4]), ("账目和凭证", [A, C]), last)
    decision = api.diff_report(api.diff(old, new), "amendment").decode()
    assert (
        "第二章改为第三章，其名称修改为“账目和凭证”。" in decision and "删去" not in decision and "增加" not in decision
    )


def test_a_rename_is_a_whole_term() -> None:
    sentences = [f"{one}由水行政主管部门审批，存档编号为{number}。" for number, one in enumerate("甲乙丙丁", 1001)]
    renamed = [one.replace("水行政主管部门", "水务部门").replace("存档编号", "归档号码") for one in sentences]
    comparison, found = changes(sentences, renamed)
    assert set(comparison.names) == {("水行政主管部门", "水务部门"), ("存档编号", "归档号码")}
    assert {one.kind for one in found} == {"renamed"}
    assert "水行政主管部门" in api.diff_report(comparison, "text").decode()


def test_a_rename_of_who_acts_or_receives_keeps_its_flag() -> None:
    sentences = [
        "甲事项由水行政主管部门审批。",
        "乙事项向水行政主管部门报告。",
        "丙事项应当公布水行政主管部门的电话。",
        "丁应当登记。",
    ]
    comparison, found = changes(sentences, [one.replace("水行政主管部门", "水务部门") for one in sentences])
    assert [one.kind for one in found] == ["renamed"] * 3
    points = [[point.kind for point in one.substance] for one in found]
    assert points == [["actor"], ["recipient"], []]
    text = api.diff_report(comparison, "text").decode()
    assert (
        "仅名称替换：第三条；第一条【实质】责任主体：水行政主管部门→水务部门；第二条【实质】报送对象：水行政主管部门→水务部门"
        in text
    )
    page = api.diff_report(comparison, "html").decode()
    assert page.count('data-substance="1" data-quiet="0"') == 2 and page.count('data-quiet="1"') == 1
    (decision,) = (line for line in api.diff_report(comparison, "amendment").decode().split("\n") if "水务" in line)
    assert decision == "一、将第一条、第二条、第三条中的“水行政主管部门”修改为“水务部门”。"


def test_a_rename_beside_other_words_keeps_its_flag_too() -> None:
    sentences = [f"{one}事项由水行政主管部门审批，三日内办结。" for one in "甲乙丙丁"]
    renamed = [one.replace("水行政主管部门", "水务部门") for one in sentences]
    renamed[0] = renamed[0].replace("三日", "五日")
    _, found = changes(sentences, renamed)
    assert [point.kind for point in found[0].substance] == ["actor", "deadline"] and found[0].kind == "modified"


def test_the_own_name_of_the_unit_is_no_other_actor() -> None:
    texts = [f"柳河村党支部应当办理{one}事项。" for one in "甲乙丙"]
    versions = []
    for unit in ("柳河村", "柳溪村"):
        body = [art(f"a{n}", para(f"a{n}__1", text.replace("柳河村", unit))) for n, text in enumerate(texts)]
        document = doc(body=body)
        versions.append(Version(unit, (Source(document, "01-办法.docx", base=document),), unit=f"青禾县{unit}"))
    (pair,) = compare_versions(*versions).documents
    assert {change.kind for change in pair.changes} == {"renamed"} and not any(one.substance for one in pair.changes)


def test_terms_that_two_clauses_exchanged_are_no_move() -> None:
    """第二条 and 第三条 seemed to trade places, and no point of substance was told."""
    old = [*OTHERS[:2], "村民委员会应当每月公布收支。", "村民委员会应当每季度公布收支。", *OTHERS[2:]]
    new = [*OTHERS[:2], old[3], old[2], *OTHERS[2:]]
    found = changes(old, new)[1]
    assert [(one.kind, one.name, one.substance[0].after) for one in found] == [
        ("modified", "第三条", "每季度"),
        ("modified", "第四条", "每月"),
    ]


def test_clauses_that_moved_past_another_one_are_moved() -> None:
    old = [*OTHERS, A]
    new = [A, *OTHERS]
    assert [one.kind for one in changes(old, new)[1]] == ["moved"]


@pytest.mark.parametrize("joined", [False, True])
def test_a_part_under_another_name_is_a_part(joined) -> None:
    """The name that runs through the text was known after the parts had been looked for, and their words did not count for it."""
    name, other = "村务监督委员会", "公开监督小组"
    part = f"公布前由{name}审核，{name}主任签字，{name}存档。"
    rest = [f"{name}收到意见，应当在十日内答复。", f"{name}应当检查公开栏。", f"公开资料由{name}保存三年。"]
    old = [*OTHERS[:2], A + part, *rest, *OTHERS[2:4]]
    new = [text.replace(name, other) for text in (*OTHERS[:2], A, *rest, part, *OTHERS[2:4])]
    if joined:
        old, new = ([text.replace(other, name) for text in new], [text.replace(name, other) for text in old])
    comparison, found = changes(old, new)
    assert comparison.names == ((name, other),)
    assert sorted(one.kind for one in found) == sorted(["joined" if joined else "split", *["renamed"] * 3])
