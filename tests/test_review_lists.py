"""Lists of references are aligned by what they refer to: what only follows other numbers is told apart."""

from __future__ import annotations

import re

import pytest
from test_review_docx import p, simple

from toolkit import api

HEAD = ["某某办法", "第一条　为了规范管理，制定本办法。", "第二条　本条将要删去，不再施行。"]
ARTICLES = [
    "第三条　村民委员会应当每月公布收支。",
    "第四条　会计应当妥善保管各类凭证。",
    "第五条　小组长应当按时报送下列材料。",
    "信息员应当核对报送的材料。",
    "监督委员会应当每季度检查一次。",
]


def old_and_new(last: str, now: str):
    """The second article goes, the others follow; the last one has a list of references."""
    shifted = [
        re.sub("^第(.)条", lambda match: f"第{'一二三四五'['二三四五'.index(match[1])]}条", line) for line in ARTICLES
    ]
    old, new = [*HEAD, *ARTICLES, f"第六条　{last}"], [*HEAD[:2], *shifted, f"第五条　{now}"]
    return api.diff(simple("".join(map(p, old))), simple("".join(map(p, new))))


LIST, SHIFTED = "第三条、第四条、第五条第三款", "第二条、第三条、第四条第三款"


def test_a_list_that_only_follows_is_told_as_references() -> None:
    comparison = old_and_new(f"违反{LIST}规定的，予以批评。", f"违反{SHIFTED}规定的，予以批评。")
    kinds = [change.kind for change in comparison.documents[0].changes]
    assert sorted(set(kinds)) == ["deleted", "renumbered"]
    text = api.diff_report(comparison, "text").decode()
    assert "引用随序号调整：第五条中第三条→第二条；第五条中第四条→第三条；第五条中第五条→第四条" in text
    decision = api.diff_report(comparison, "amendment").decode()
    assert "引用的条文序号作相应修改" in decision and "违反" not in decision


def test_a_list_in_a_changed_clause_is_not_quoted() -> None:
    comparison = old_and_new(f"违反{LIST}规定的，予以批评。", f"违反{SHIFTED}规定的，予以通报。")
    (change,) = [one for one in comparison.documents[0].changes if one.kind == "modified"]
    pieces = [(piece.op, piece.old, piece.new) for line in change.lines for piece in line.pieces if piece.op != "="]
    assert pieces[:3] == [("r", "第三条", "第二条"), ("r", "第四条", "第三条"), ("r", "第五条", "第四条")]
    assert pieces[3:] == [("-", "批评", ""), ("+", "", "通报")]
    decision = api.diff_report(comparison, "amendment").decode()
    assert "“批评”修改为“通报”" in decision and "违反" not in decision


@pytest.mark.parametrize(("now", "came"), [("第二条、第四条第三款", "第四条"), (f"第一条、{SHIFTED}", "")])
def test_a_reference_that_comes_or_goes_is_a_change(now, came) -> None:
    comparison = old_and_new(f"违反{LIST}规定的，予以批评。", f"违反{now}规定的，予以批评。")
    (change,) = [one for one in comparison.documents[0].changes if one.kind == "modified"]
    changed = "".join(piece.old + piece.new for line in change.lines for piece in line.pieces if piece.op in "-+")
    assert ("第四条、" if came else "第一条、") in changed or ("、第四条" in changed and came)
    assert len(changed) < 6


def test_the_article_of_another_law_stays() -> None:
    text = "依照《某法》第五条、本办法第五条办理的，予以{}。"
    comparison = old_and_new(text.format("批评"), text.replace("本办法第五条", "本办法第四条").format("通报"))
    (change,) = [one for one in comparison.documents[0].changes if one.kind == "modified"]
    assert [(piece.old, piece.new) for line in change.lines for piece in line.pieces if piece.op == "r"] == [
        ("第五条", "第四条")
    ]
