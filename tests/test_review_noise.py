"""What no reader sees is one closing sentence; 题注 and 目录 are recognised by what they are, at any length."""

from __future__ import annotations

import re

import pytest
from docx_samples import read_text
from test_review_docx import p, simple

from toolkit import api
from toolkit.compare import words
from toolkit.docx.reading.document import read_document
from toolkit.model.tree import plain, walk

CLAUSES = (
    "第一条　为了规范村务管理，制定本办法。",
    "第二条　本办法适用于全村（含各小组）。",
    "第三条　村民委员会每月公布一次收支。",
)
OLD = ["某某办法", "第一章　总则", *CLAUSES[:2], "第二章　公开", CLAUSES[2]]


def file(lines: list[str]) -> bytes:
    return simple("".join(map(p, lines)))


def changed(*pairs: tuple[str, str], more: tuple[str, ...] = ()) -> list[str]:
    text = "\n".join(OLD)
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return [*text.split("\n"), *more]


@pytest.mark.parametrize(
    "lines",
    [
        changed(("总则", "总　则")),
        changed(("总则", "总 则"), ("（含各小组）", "(含各小组)")),
        changed(("村民委员会", "村民\u200b委员会\ufeff")),
        changed(("每月公布", "每月 公布"), ("办法。", "办法。 ")),
    ],
)
def test_what_no_reader_sees_is_one_closing_sentence(lines) -> None:
    comparison = api.diff(file(OLD), file(lines))
    assert {change.kind for change in comparison.documents[0].changes} == {"spacing"} and not comparison.same
    text = api.diff_report(comparison, "text").decode()
    assert "对个别文字和标点作了调整" in text and "{+" not in text and "[-" not in text
    decision = api.diff_report(comparison, "amendment").decode()
    assert "此外，对个别文字和标点作了调整。" in decision and "一、" not in decision


def test_paragraphs_without_width_are_none() -> None:
    lines = [*OLD[:3], "\u200b\u200b", "\ufeff", *OLD[3:]]
    assert api.diff(file(OLD), file(lines)).same


def test_a_chapter_with_another_blank_is_the_same_chapter_beside_new_clauses() -> None:
    lines = changed(("第一章　总则", "第一章　总　则"))
    lines[2:2] = ["为了贯彻落实上级党组织的部署，特作以下规定。"]
    comparison = api.diff(file(OLD), file(lines))
    assert sorted(change.kind for change in comparison.documents[0].changes) == ["added", "spacing"]


def test_noise_in_a_changed_clause_is_not_marked() -> None:
    comparison = api.diff(file(OLD), file(changed(("村民委员会每月", "村民 委员会每季度"))))
    (change,) = comparison.documents[0].changes
    (line,) = change.lines
    assert [(piece.op, piece.old, piece.new) for piece in line.pieces if piece.op in "-+"] == [
        ("-", "每月", ""),
        ("+", "", "每季度"),
    ]
    decision = api.diff_report(comparison, "amendment").decode()
    assert "“每月”修改为“每季度”" in decision and "“ ”" not in decision


def test_marks_alone_are_said_at_the_end() -> None:
    lines = changed(("管理，制定", "管理、制定"), ("每月公布", "每季度公布"))
    decision = api.diff_report(api.diff(file(OLD), file(lines)), "amendment").decode()
    assert "一、" in decision and "二、" not in decision and "对个别文字和标点作了调整" in decision


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("总　则", "总则", True),
        ("A B", "AB", False),
        ("(一)", "（一）", True),
        ("3 日", "3日", True),
        ("1 2", "12", False),
    ],
)
def test_what_counts_as_even(before, after, same) -> None:
    assert (words.even(before) == words.even(after)) is same


NOTE = "（2003年3月5日第一届村民代表会议通过　" + "　".join(
    f"根据{2003 + n}年5月{n + 1}日第{n}届村民代表会议《关于修改部分规定的决定》第{n}次修正" for n in range(1, 6)
)


@pytest.mark.parametrize("split", [False, True])
def test_a_note_is_recognised_at_any_length(split) -> None:
    note = NOTE + "）"
    lines = note.split("　") if split else [note]
    read = read_document(file([OLD[0], *lines, *OLD[1:]])).document
    assert "".join(plain(read.note).split()) == "".join(note.split())
    assert len(note) > 150 and not any("通过" in plain(getattr(block, "content", ())) for block in walk(read.body))
    later = file([OLD[0], note.replace("2003年3月5日", "2003年3月6日"), *OLD[1:]])
    comparison = api.diff(file([OLD[0], note, *OLD[1:]]), later)
    assert not comparison.documents[0].changes and [head.what for head in comparison.documents[0].comparison.head] == [
        "题注"
    ]


def test_a_bracketed_first_paragraph_without_a_year_is_text() -> None:
    text = "（" + "本办法所称村务是指村民自治范围内的各项事务" * 6 + "）"
    assert not read_document(file([OLD[0], text, *OLD[1:]])).document.note


@pytest.mark.parametrize("dots", ["", "……………3", "\t12"])
def test_a_table_of_contents_is_left_out_at_any_length(dots) -> None:
    heads = [f"第{n}章　{'关于村务公开监督管理各项具体工作的若干规定' * 2}" for n in "一二三四五六七八九"]
    body = [
        line
        for number, head in enumerate(heads)
        for line in (head, f"第{'一二三四五六七八九'[number]}条　甲乙丙丁的规定。")
    ]
    read = read_document(file([OLD[0], "目　录", *(head + dots for head in heads), *body]))
    assert read.left.texts == {"目录": [""]}
    assert [plain(block.heading) for block in read.document.body] == [head.split("　")[1] for head in heads]


BARE = ["第一条　为了规范管理，制定本办法。", "第二条　每月报告一次。"]


@pytest.mark.parametrize("as_pdf", [True, False])
def test_the_name_of_a_file_without_a_title_is_no_text(tmp_path, as_pdf) -> None:
    (tmp_path / "一.docx").write_bytes(file(BARE))
    (tmp_path / "二.docx").write_bytes(file(BARE))
    (tmp_path / "三.docx").write_bytes(file([BARE[0], "第二条　每季度报告一次。"]))
    assert api.diff(tmp_path / "一.docx", tmp_path / "二.docx").same
    comparison = api.diff(tmp_path / "一.docx", tmp_path / "三.docx")
    assert not comparison.documents[0].comparison.head
    (data,) = api.diff_redlines(comparison, as_pdf=as_pdf).values()
    if not as_pdf:
        assert not any(name in text for _, text in read_text(data) for name in ("一", "三") if "条" not in text)
    assert "《三》修订对照表" in "".join(text for _, text in read_text(api.diff_report(comparison, "table")))


def test_a_text_is_even_if_it_has_no_white_space_nor_what_has_no_width() -> None:
    """The one set of characters that is searched is that of the patterns which clean a text."""
    odd = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff()\[\]]|[^\S\n]")
    every = "".join(char for char in map(chr, range(0x3100)) if odd.search(char) or words._UNEVEN.search(char))
    assert len(every) > 30 and all(odd.search(char) and words._UNEVEN.search(char) for char in every)
