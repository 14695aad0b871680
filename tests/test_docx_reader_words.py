"""Every word of a generated text that somebody edits is read, or told: in any place of any kind of paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit import api
from toolkit.core import zips
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.package import open_package
from toolkit.docx.reading.page_frame import read_frame

ROOT = Path(__file__).resolve().parent.parent
TYPED = "补写甲乙句"
PARTS = re.compile(r"word/(?:document|header\d*|footer\d*)\.xml")
NUMBERS = ("01", "06", "20", "26", "28", "29", "34", "43", "49")


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    files = api.make(ROOT / "examples" / "village.yaml").files
    return {name[:2]: data for name, data in files.items() if name.endswith(".docx")}


def places(xml: str) -> Iterator[int]:
    """Yield where words are typed: before, in and behind the first text of each kind of paragraph and of each of its runs."""
    seen = set()
    for found in re.finditer(r"<w:t(?: [^>]*)?>(?=[^<])", xml):
        start = max(xml.rfind("<w:p>", 0, found.end()), xml.rfind("<w:p ", 0, found.end()))
        style = re.search(r'<w:pStyle w:val="([^"]*)"', xml[start : found.end()])
        in_table = xml.count("<w:tbl>", 0, start) > xml.count("</w:tbl>", 0, start)
        kind = (style and style[1], in_table, xml.count("<w:t", start, found.end()))
        if kind not in seen:
            seen.add(kind)
            end = xml.index("<", found.end())
            yield from (found.end(), (found.end() + end) // 2, end)


@pytest.mark.parametrize(
    "number", [pytest.param(one, marks=() if one == "34" else pytest.mark.slow) for one in NUMBERS]
)
def test_words_in_any_paragraph_are_read_or_told(made: dict[str, bytes], number: str) -> None:
    parts = dict(open_package(made[number]).parts)
    for part in filter(PARTS.fullmatch, list(parts)):
        xml = parts[part].decode()
        for at in places(xml):
            data = zips.pack({**parts, part: f"{xml[:at]}{TYPED}{xml[at:]}".encode()})
            read = read_document(data)
            assert TYPED in f"{read.document}{read.left}{read_frame(data)}", xml[at - 80 : at + 20]


DATES = [
    ("2026年1月5日", "2026-01-05", False),
    ("二〇二六年一月五日", "2026-01-05", False),
    ("2026年1月5日（周一）", "2026-01-05", False),
    ("　　年　　月　　日", "", False),
    ("补2026年1月5日", "2026-01-05", True),
    ("2026年13月5日", "", True),
    ("五一节", "", True),
]


@pytest.mark.parametrize(("typed", "day", "is_told"), DATES)
def test_what_is_no_date_is_told(made: dict[str, bytes], typed: str, day: str, is_told: bool) -> None:
    parts = dict(open_package(made["34"]).parts)
    xml = parts["word/document.xml"].decode()
    data = zips.pack({**parts, "word/document.xml": xml.replace("2026年1月5日", typed).encode()})
    read = read_document(data)
    assert read.document.doc_date == day
    assert ("成文日期里不是日期的文字" in read.left.texts) == is_told
