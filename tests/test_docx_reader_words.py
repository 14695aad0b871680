"""Every word of a generated text that somebody edits is read, or told: in any place of any kind of paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_review_docx import simple

from toolkit import api, docx
from toolkit.compare import Side
from toolkit.core import zips
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.package import open_package
from toolkit.docx.reading.page_frame import read_frame
from toolkit.docx.reading.story import read_story
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import Table, walk
from toolkit.versions.page_frames import sheet

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


def lines(xml: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the first paragraph of each style."""
    seen = set()
    for found in re.finditer(r"<w:p>.*?</w:p>", xml, re.DOTALL):
        style = re.search(r'<w:pStyle w:val="([^"]*)"', found[0])
        if (style and style[1]) not in seen:
            seen.add(style and style[1])
            yield found.span()


@pytest.mark.parametrize(
    "number", [pytest.param(one, marks=() if one == "28" else pytest.mark.slow) for one in NUMBERS]
)
def test_a_line_more_of_any_style_is_read_or_told(made: dict[str, bytes], number: str) -> None:
    """Enter, above or below: in the 版记, at the red line, at the 成文日期; and what stood there is still read."""
    parts = dict(open_package(made[number]).parts)
    xml = parts["word/document.xml"].decode()
    known = read_document(made[number]).document
    for start, end in lines(xml):
        properties = re.search(r"<w:pPr>.*?</w:pPr>", xml[start:end], re.DOTALL)
        line = f"<w:p>{properties[0] if properties else ''}<w:r><w:t>{TYPED}</w:t></w:r></w:p>"
        for at in (start, end):
            read = read_document(zips.pack({**parts, "word/document.xml": f"{xml[:at]}{line}{xml[at:]}".encode()}))
            assert TYPED in f"{read.document}{read.left}", (at, properties and properties[0])
            for name in ("doc_date", "printing_office", "printing_date", "copy_to", "issuer", "doc_number"):
                assert str(getattr(known, name)) in f"{getattr(read.document, name)}{read.left}", name


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def table(*rows: str) -> bytes:
    inside = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    return simple(f'<w:tbl><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>{inside}</w:tbl>')


def test_a_row_with_more_cells_than_columns_keeps_them(made: dict[str, bytes]) -> None:
    """Other programs write such rows; a redline of the table lost the cells behind its last column."""
    read = read_document(table(cell("甲"), cell("甲") + cell("乙") + cell(TYPED))).document
    (found,) = (block for block in walk(read.body) if isinstance(block, Table))
    assert len(found.columns) == 3
    data = docx.write_redline(read, Side(read).labels, sheet("regulation"), Author("审核", ""))
    assert TYPED in read_story(open_package(data).xml("word/document.xml")).text


def test_a_row_that_begins_further_right_stands_below_its_columns() -> None:
    before = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>'
    merged = ['<w:vMerge w:val="restart"/>', "<w:vMerge/>"]
    read = read_document(table(cell("甲") + cell("乙", merged[0]), before + cell("", merged[1]))).document
    (found,) = (block for block in walk(read.body) if isinstance(block, Table))
    assert [cell.rowspan for cell in found.rows[0].cells] == [1, 2]


def test_words_below_a_merged_cell_are_told() -> None:
    hidden = cell(TYPED, "<w:vMerge/>")
    read = read_document(table(cell("甲", '<w:vMerge w:val="restart"/>'), hidden))
    assert read.left.texts == {"合并单元格下面不显示的文字": [TYPED]}


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
