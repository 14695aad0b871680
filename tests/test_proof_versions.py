"""The comparer of versions finds what differs, and only that."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook
from proof_lines import file_differences, line_differences
from proof_versions import Difference, folder_differences, grouped, message_differences, said_differences, settle
from reportlab.pdfgen.canvas import Canvas

XML = '<w:p xmlns:w="urn:x" b="1" a="2"><w:t>{}</w:t></w:p>'


def packed(body: str = XML.format("村党支部"), **more: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, data in {"document.xml": body.encode(), **more}.items():
            package.writestr(name, data)
    return stream.getvalue()


def page(x: float = 72, text: str = "abc") -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(x, 700, text)
    canvas.save()
    return stream.getvalue()


def sheet(value: object = 3, width: int = 9) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    book.active["B2"] = value
    book.active.column_dimensions["B"].width = width
    book.save(stream)
    return stream.getvalue()


DIFFERENT = [
    (".docx", packed(), packed(XML.format("村党总支"))),
    (".docx", packed(), packed(image=b"x")),
    (".docx", packed(image=b"y"), packed(image=b"x")),
    (".docx", packed(), b"no package"),
    (".pdf", page(), page(text="abd")),
    (".pdf", page(), page(72.2)),
    (".xlsx", sheet(), sheet("3")),
    (".xlsx", sheet(), sheet(width=12)),
    (".html", b"<p class='a'>x</p>", b"<p class='b'>x</p>"),
    (".html", b"<style>a</style><p>x", b"<style>b</style><p>x"),
    (".html", b"<p>x<b>y</b></p>", b"<p>x</p><b>y</b>"),
    (".json", b'{"a": [1, 2]}', b'{"a": [2, 1]}'),
    (".json", b'{"a": 1}', b'{"a":1}'),
    (".yaml", b"a: 1\n", b"a: '1'\n"),
    (".yaml", b"a: 1\n", b'"a": 1\n'),
    (".ics", b"A:1\r\n", b"A:2\r\n"),
    (".ics", b"A:1\r\n", b"A:1\n"),
    (".txt", "一\n二\n".encode(), "一\n".encode()),
    (".bin", b"\xff", b"\xfe"),
    (".zip", packed(**{"a.docx": packed()}), packed(**{"a.docx": packed(XML.format("村党总支"))})),
    (".jsonl", b'{"t": "a", "k": "0"}', b'{"t": "b", "k": "0"}'),
]
EQUAL = [
    (".docx", packed(), packed(XML.format("村党支部").replace('b="1" a="2"', 'a="2"  b="1"'))),
    (".pdf", page(), page(72.00001)),
    (".xlsx", sheet(), sheet()),
    (".zip", packed(**{"a.docx": packed()}), packed(**{"a.docx": packed(XML.format("村党支部"))})),
    (".jsonl", b'{"t": "a", "k": "0"}', b'{"t": "a", "k": "1"}'),
    (".html", b"<p b='1' a='2'>x\n  y</p>", b'<p a="2" b="1"> x y </p>'),
]


@pytest.mark.parametrize(("suffix", "before", "after"), DIFFERENT)
def test_a_difference_is_found(suffix: str, before: bytes, after: bytes) -> None:
    assert file_differences(suffix, before, after)
    assert file_differences(suffix, before, before) == []


@pytest.mark.parametrize(("suffix", "before", "after"), EQUAL)
def test_another_spelling_of_the_same_is_none(suffix: str, before: bytes, after: bytes) -> None:
    assert file_differences(suffix, before, after) == []


def test_each_place_is_listed_and_shown_where_it_differs() -> None:
    old = [f"{'长' * 300} {number} end" for number in range(40)]
    new = [line.replace("end", "END") if number % 2 else line for number, line in enumerate(old)]
    found = line_differences(old, new)
    assert len(found) == 13 and found[-1] == "… and 8 more"
    assert "end" in found[0] and "END" in found[0] and len(found[0]) < 300
    assert line_differences([*"abc"], [*"abxc"]) == ["+ x"]
    assert line_differences([*"abcba"], [*"axcxa"]) == ["- b + x"] * 2
    assert line_differences(["seal " + "0" * 64], ["seal " + "1" * 64]) == ["another digest: seal …"]


def test_files_of_one_side_and_both(tmp_path) -> None:
    for name, files in {"old": {"a.json": "1", "b.txt": "x"}, "new": {"a.json": "2", "c.txt": "y"}}.items():
        for file, text in files.items():
            path = tmp_path / name / "work" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    homes = tmp_path / "old" / "work", tmp_path / "new" / "work"
    found = folder_differences(*homes, {"data", "text"})
    assert {(one.subject, one.detail) for one in found} == {
        ("a.json", "- 1 + 2"),
        ("b.txt", "- only before"),
        ("c.txt", "+ only after"),
    }
    assert [one.subject for one in folder_differences(*homes, {"data"})] == ["a.json"]


def said(exit_: object = 0, out: str = "", err: str = "") -> dict:
    return {"step": {"exit": exit_, "out": out, "err": err}}


@pytest.mark.parametrize(
    ("before", "after", "area"),
    [
        (said(), said(1), "text"),
        (said(err="错误：一"), said(err="错误：二"), "text"),
        (said(out="一"), said(out="二"), "text"),
        (said(out='{"a": 1}'), said(out='{"a": 2}'), "json"),
        (said(), {}, "text"),
    ],
)
def test_words_and_exit_codes_are_compared(before, after, area) -> None:
    assert [one.area for one in said_differences(before, after, {"text", "json"})] == [area]
    assert said_differences(before, after, {"docx"}) == [] or not after


def test_messages_are_compared_by_test_and_for_renamed_tests_by_text() -> None:
    def test(*texts: str, outcome: str = "passed") -> dict:
        return {"outcome": outcome, "said": [*texts]}

    before = {"same": test("a"), "changed": test("a", "b"), "renamed": test("c"), "gone": test("d"), "fails": test()}
    after = {"same": test("a"), "changed": test("a"), "new": test("c", "e"), "fails": test(outcome="failed")}
    found = [(one.subject, one.detail) for one in message_differences(before, after)]
    assert found == [("changed", "- b"), ("fails", "passed → failed"), ("gone (test gone)", "- d")]


def test_what_is_accepted_has_a_reason_and_is_used() -> None:
    one, two = Difference("docx", "a.docx", "- x + y"), Difference("pdf", "a.pdf", "- x + y")
    entries = [{"pattern": r"^docx .* - x \+ y", "reason": "…"}, {"pattern": "nothing", "reason": "…"}]
    left, used, unused = settle([one, two], entries)
    assert left == [two] and sum(used.values()) == 1 and unused == ["nothing"]
    with pytest.raises(SystemExit):
        settle([one], [{"pattern": "x"}])


def test_what_files_share_is_told_once() -> None:
    found = [Difference("docx", name, "- x") for name in "abc"]
    assert grouped(found) == ["docx | a and 2 more | - x"]
    assert grouped([*found, *found]) == ["docx | a and 2 more (6 places) | - x"]
    assert grouped([]) == []
