"""Typed numbers are text: compared, kept in redlines, and told where they contradict the count."""

from __future__ import annotations

import re

import pytest
from docx_samples import read_text
from test_review_docx import p, simple

from toolkit import api
from toolkit.compare import Side, accept, compare, mark, reject
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.package import open_package
from toolkit.model.tree import DocumentSet, walk
from toolkit.numbering.labels import document_text, number_set


def read(*lines: str):
    return read_document(simple("".join(map(p, lines))), "一.docx")


def printed(document) -> list[str]:
    return [text for _, text in document_text(document, number_set(DocumentSet("", "", "", (document,))))]


def both(old: list[str], new: list[str]):
    return api.diff(simple("".join(map(p, old))), simple("".join(map(p, new))))


OLD = ["某办法", "第一条　甲的规定。", "第二条　乙的规定。", "第四条　丙的规定。"]
NEW = ["某办法", "第一条　甲的规定。", "第二条　乙的规定。", "第三条　丙的规定。"]


def test_a_number_that_the_count_does_not_give_is_told_and_kept() -> None:
    found = read(*OLD)
    (finding,) = [one for one in found.findings if one.code == "number_out_of_order"]
    assert "第四条" in finding.message and "第三条" in finding.message
    assert printed(found.document) == OLD
    assert not any(block.number for block in walk(read(*NEW).document.body))


def test_another_typed_number_is_a_difference() -> None:
    comparison = both(OLD, NEW)
    assert not comparison.same and "第四条改为第三条" in api.diff_report(comparison, "text").decode()
    (data,) = api.diff_redlines(comparison).values()
    xml = open_package(data).parts["word/document.xml"].decode()
    assert re.search("<w:del [^>]*>(?:(?!</w:del>).)*第四条", xml) and re.search(
        "<w:ins [^>]*>(?:(?!</w:ins>).)*第三条", xml
    )
    part = comparison.documents[0].comparison
    marked = mark(part.old, part.new, part.pairs)
    assert printed(accept(marked)) == NEW and printed(reject(marked)) == OLD


@pytest.mark.parametrize(
    "lines",
    [
        [
            "某法",
            "第一编　总则",
            "第一章　甲",
            "第一条　一。",
            "第二编　分则",
            "第二章　乙",
            "第二条　二。",
            "第三章　丙",
            "第三条　三。",
        ],
        ["某办法", "第一条　甲。", "第一条之一　乙。", "第一条之二　丙。", "第二条　丁。"],
        ["某办法", "第二十条　甲。", "第二十一条　乙。"],
        ["某办法", "第一条　甲：", "（三）乙；", "（四）丙。", "第二条　丁。"],
    ],
)
def test_the_numbers_of_the_file_are_printed(lines) -> None:
    found = read(*lines)
    assert printed(found.document) == lines
    assert any(one.code == "number_out_of_order" for one in found.findings) != any("之" in line for line in lines)
    again = lines[:-1] + [lines[-1].replace("。", "，并且登记。")]
    comparison = both(lines, again)
    assert len(comparison.documents[0].changes) == 1
    part = comparison.documents[0].comparison
    marked = mark(part.old, part.new, part.pairs)
    assert printed(accept(marked)) == again and printed(reject(marked)) == lines
    (data,) = api.diff_redlines(comparison).values()
    assert ["".join(text.split()) for _, text in read_text(data)] == ["".join(line.split()) for line in again]


def test_an_article_between_two_is_one_article_more() -> None:
    old = ["某办法", "第一条　甲的规定如下。", "第二条　丁的规定如下。"]
    new = ["某办法", "第一条　甲的规定如下。", "第一条之一　乙应当登记。", "第二条　丁的规定如下。"]
    comparison = both(old, new)
    (change,) = comparison.documents[0].changes
    assert (change.kind, change.new_name) == ("added", "第一条之一")
    assert "增加一条，作为第一条之一" in api.diff_report(comparison, "amendment").decode()


@pytest.mark.parametrize(("typed", "usual"), [("⒈", "1."), ("(一)", "（一）"), ("1．", "1.")])
def test_other_ways_of_writing_a_number_are_read_and_told(typed, usual) -> None:
    found = read("某办法", "第一条　甲：", *(["（一）乙："] if usual == "1." else []), f"{typed}丙；", "第二条　丁。")
    level = "subitem" if usual == "1." else "item"
    assert [block.level for block in walk(found.document.body)].count(level) == 1
    (finding,) = [one for one in found.findings if one.code == "number_style"]
    assert typed in finding.message and usual in finding.message and f"{usual}丙；" in printed(found.document)


def test_references_to_a_text_number_are_text() -> None:
    found = read(*OLD)
    side = Side(found.document)
    article = next(
        block
        for block in walk(found.document.body)
        if "第四条" in "".join(one.text for one in getattr(block, "number", ()))
    )
    assert side.cite(article) == "第四条" and compare(side, side).same
