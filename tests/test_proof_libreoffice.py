"""LibreOffice opens every file, and prints and keeps what the tree says, numbers and references included.

How the PDF is compared: all white space is dropped (lines break where the page ends). Each page must bear its number
(— n —) once, at its start or end (only 版记 comes later), where it is taken away. A page that starts inside a table must
start with the rows that repeat, which are taken away too. What is left, page after page, must be the tree's text in
reading order, with the layout's own 版头 in front and 版记 behind. LibreOffice paints tables row by row and cell by cell,
as the tree runs, so nothing needs to be sorted. An empty choice says nothing in the tree but prints its boxes.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from docx_samples import read_text
from proofsets import (
    ALL_PAGES,
    EXAMPLE,
    MORE,
    NAMES,
    ProofSet,
    convert,
    get,
    imprint,
    mapped,
    pdf_pages,
    preface,
    squeeze,
    without_contents,
)

from toolkit import docx
from toolkit.docx.reading.lint import lint
from toolkit.model.tree import Document, FormField, Inline, Table, Text, walk
from toolkit.numbering.labels import SetLabels, choice_boxes, document_text, inline_text

pytestmark = pytest.mark.libreoffice


@dataclass(frozen=True)
class Expected:
    """The text of a document, squeezed; (start, end, repeated rows) of its tables in it; 版记, which ends it."""

    text: str
    tables: tuple[tuple[int, int, str], ...] = ()
    imprint: str = ""

    def repeated_at(self, place: int) -> str:
        """Return the rows that repeat at the top of a page that starts at ``place``, inside a table."""
        return next((head for start, end, head in self.tables if start < place < end), "")

    def may_repeat_at(self, place: int) -> str:
        """Return the rows that repeat if the rest of the table consists of empty rows."""
        return next((head for _, end, head in self.tables if place == end), "")


def boxed(part: Inline) -> Inline:
    """Replace an empty choice by the boxes that it prints."""
    if isinstance(part, FormField) and part.kind == "choice" and not part.value:
        return Text("".join(choice_boxes(part.options)))
    return part


def expect(document: Document, labels: SetLabels) -> Expected:
    """Compute what the pages must say."""
    document = mapped(document, boxed)
    heads = {}
    for one in (document, document.enclosure):
        for block in walk(one.body if one else ()):
            if isinstance(block, Table) and block.header_rows:
                rows = block.rows[: block.header_rows]
                lines = [line for row in rows for cell in row.cells for line in cell.content]
                heads[block.id] = squeeze("".join(inline_text(labels, one.id, block.id, line) for line in lines))
    text, spans = preface(document), {}
    for block, line in document_text(document, labels):
        start = len(text)
        text += squeeze(line)
        if block in heads:
            spans[block] = (spans.get(block, (start,))[0], len(text))
    tables = tuple((start, end, heads[block]) for block, (start, end) in spans.items())
    return Expected(text + imprint(document), tables, imprint(document))


def difference(expected: Expected, pages: list[str]) -> str:
    """Return where the pages first say something else, or ``""``."""
    place = 0
    for number, page in enumerate(pages, 1):
        mark = f"—{number}—"
        if number == len(pages) and page.endswith(mark + expected.imprint):
            page = page.removesuffix(mark + expected.imprint) + expected.imprint
        elif page.startswith(mark):
            page = page.removeprefix(mark)
        elif page.endswith(mark):
            page = page.removesuffix(mark)
        elif "" not in pages[-2:-1] or number < len(pages) - 1 or page not in ("", expected.imprint):
            # a blank page before the 版记 and the page of the 版记 have no number (GB/T 9704-2012, 7.5)
            return f"page {number} has no number: {page[:30]}…{page[-30:]}"
        head = expected.repeated_at(place)
        if head and not page.startswith(head):
            return f"page {number} does not repeat {head}: {page[:60]}"
        page = page.removeprefix(head or expected.may_repeat_at(place))
        wanted = expected.text[place : place + len(page)]
        if page != wanted:
            same = next(
                (i for i, (a, b) in enumerate(zip(page, wanted, strict=False)) if a != b), min(len(page), len(wanted))
            )
            near = max(0, same - 15)
            return f"page {number}: “{page[near : same + 25]}” instead of “{wanted[near : same + 25]}”"
        place += len(page)
    rest = expected.text[place:]
    return f"missing at the end: “{rest[:60]}”" if rest else ""


def put(one: ProofSet, folder: Path) -> dict[str, tuple[Document, bytes]]:
    """Write every file under a plain name; return what is in it."""
    found = {}
    for place, (_, _, document, data) in enumerate(one):
        (folder / f"{place:02}.docx").write_bytes(data)
        found[f"{place:02}"] = (document, data)
    return found


@pytest.mark.parametrize("variant", [*NAMES, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)])
def test_every_file_prints_the_trees_text(soffice: str, tmp_path: Path, variant: str) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed: apt-get install poppler-utils poppler-data")
    whole = get(variant)
    files = put(whole, tmp_path)
    few = variant.endswith("_repealed") or "light" in variant  # of a repealed set only what proves it is kept
    assert len(files) >= (10 if few else 30)
    convert(soffice, tmp_path, ALL_PAGES, [f"{name}.docx" for name in files], "pdf")
    faults = []
    for name, (document, _) in files.items():
        pdf = tmp_path / "pdf" / f"{name}.pdf"
        pages = without_contents(document, pdf_pages(pdf)) if pdf.is_file() else []
        fault = difference(expect(document, whole.labels), pages) if pages else "does not open"
        if fault:
            faults.append(f"{document.number} {document.id}: {fault}")
    assert not faults, "\n".join(faults)


EXAMPLES = [name for name in NAMES if name.startswith("example")]


@pytest.mark.parametrize(
    "variant", [name if name == EXAMPLE else pytest.param(name, marks=pytest.mark.slow) for name in EXAMPLES]
)
def test_every_file_survives_being_saved_again(soffice: str, tmp_path: Path, variant: str) -> None:
    """Text, numbers, ids, references and form fields are the same after LibreOffice saved the file as DOCX."""
    files = put(get(variant), tmp_path)
    convert(soffice, tmp_path, "docx:MS Word 2007 XML", [f"{name}.docx" for name in files], "again")
    for name, (document, data) in files.items():
        again = (tmp_path / "again" / f"{name}.docx").read_bytes()
        before, after = ([(key, squeeze(text)) for key, text in read_text(one)] for one in (data, again))
        assert [one for one in after if one[1]] == [one for one in before if one[1]], document.id
        assert docx.stale_refs(again) == [], document.id
        assert {one.code for one in lint(again)} <= {"docx_control_without_tag"}, document.id


def test_the_comparison_sees_what_is_wrong() -> None:
    """One letter, a missing page number, a head that does not repeat, a lost end: each is a difference."""
    expected = Expected("标题表头甲乙丙丁戊", ((2, 9, "表头"),))
    good = ["标题表头甲—1—", "—2—表头乙丙", "丁戊—3—".replace("丁", "表头丁")]
    assert difference(expected, good) == ""
    for place, bad in ((0, "标题表头由—1—"), (1, "表头乙丙"), (1, "—2—乙丙"), (2, "表头丁—3—")):
        assert difference(expected, [*good[:place], bad, *good[place + 1 :]])
