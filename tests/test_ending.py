"""版记 of a DOCX is at the foot of an even last page (GB/T 9704-2012, 7.4): where the text ends, or on the next even page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from proofsets import convert, pdf_pages

from toolkit import app, docx
from toolkit.core import zips
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.formats import FORMATS, Setting
from toolkit.model.tree import Document, FormField, Provision, Text
from toolkit.numbering.labels import Labels, SetLabels
from toolkit.page.ending import Imprint, ending, imprint

ROOT = Path(__file__).resolve().parent.parent
LAYOUTS = {"notice": ROOT / "templates" / "notice.docx"}
#: LibreOffice leaves blank pages out of a PDF otherwise.
ALL_PAGES = 'pdf:writer_pdf_Export:{"IsSkipEmptyPages":{"type":"boolean","value":"false"}}'


def notice(lines: int, *more: Provision) -> Document:
    """Return a notice whose body has so many full lines."""
    text = "一" * (28 * lines - 2)
    body = (Provision("paragraph", "text", content=(Text(text),)), *more)
    return Document(
        *("n", 34, "柳河村通知", "通知", "notice", "notice", "none"),
        body=body,
        issuer="柳河村",
        issuer_mark="柳河村支部",
        doc_number="柳党字〔2026〕1号",
        doc_date="2026-01-05",
        conclusions=True,
        printing_office="村党群服务中心",
        printing_date="2026-01-05",
    )


def labels_of(document: Document) -> SetLabels:
    return SetLabels("柳河村", "village", "1", {document.id: Labels(document)})


def pages_of(document: Document, labels: SetLabels) -> tuple[int, float]:
    """Return the last page of the PDF and how many of its lines are used, without 版记."""
    writer = FORMATS["pdf"].open(Setting(LAYOUTS))
    laid = writer.lay_out(replace(document, printing_office="", copy_to=""), labels)
    sheet, drawn = laid.sheet, laid.canv.marks.drawn
    foot = min(bottom for _, page, _, bottom in drawn if page == laid.page)
    return laid.page, (sheet.height - sheet.top - foot) / sheet.pitch


def test_the_estimate_is_that_of_the_pdf() -> None:
    for lines in range(1, 60):
        document = notice(lines)
        page, used = pages_of(document, labels_of(document))
        end = ending(document)
        if used < 21.5:  # there the PDF may give up half a line above 署名, which a word processor cannot
            assert (end.page, end.lines) == (page, pytest.approx(used, abs=1.1)), lines


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (3, Imprint(apart=True)),  # the text ends on the first page
        (12, Imprint()),  # on the second, with room
        (27, Imprint(apart=True, bare=True)),  # the second is full: a blank page, then that of 版记
        (34, Imprint(apart=True)),  # on the third
    ],
)
def test_an_imprint_stands_at_the_end_or_on_the_next_even_page(lines: int, place: Imprint) -> None:
    assert imprint(notice(lines)) == place


def test_lines_to_write_on_count() -> None:
    blank = [Provision("paragraph", f"f{n}", content=(FormField(f"f{n}", "longtext"),)) for n in range(4)]
    document = notice(6, *blank)
    assert ending(document).page == pages_of(document, labels_of(document))[0] == 2
    assert ending(notice(6)).lines + 11 < ending(document).lines + 22


def written(document: Document) -> bytes:
    return docx.write(document, labels_of(document), template.load(LAYOUTS["notice"]))


@pytest.mark.parametrize(
    ("document", "sections", "bare"),
    [
        (replace(notice(3), printing_office=""), 1, False),
        (notice(12), 1, False),
        (notice(3), 3, False),
        (notice(27), 3, True),
    ],
)
def test_only_an_imprint_apart_has_a_section_of_its_own(document: Document, sections: int, bare: bool) -> None:
    xml = zips.unpack(written(document))["word/document.xml"].decode()
    assert xml.count("<w:sectPr>") == sections
    assert xml.count('<w:type w:val="evenPage"/>') == (sections > 1)
    assert ("<w:titlePg/>" in xml) == bare


@pytest.mark.parametrize("lines", [3, 12, 27])
def test_a_notice_is_read_as_it_was_written(lines: int) -> None:
    document = notice(lines)
    found = read_document(written(document), "n.docx").document
    assert [block.content for block in found.body] == [block.content for block in document.body]
    assert (found.printing_office, found.printing_date) == (document.printing_office, document.printing_date)


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_ends_every_notice_on_an_even_page_with_its_imprint(soffice: str, tmp_path: Path) -> None:
    names = []
    for name in ("village", "village_light", "school", "railway_depot"):
        prepared = app.prepare(ROOT / "examples" / f"{name}.yaml")
        assert prepared.built and prepared.labels
        writer = FORMATS["docx"].open(Setting(LAYOUTS))
        for document in prepared.built.set.documents:
            if document.printing_office or document.copy_to:
                names.append(f"{name}_{document.number}.docx")
                (tmp_path / names[-1]).write_bytes(writer.write(document, prepared.labels)[0])
    convert(soffice, tmp_path, ALL_PAGES, names, "out")
    pages = {name: pdf_pages(tmp_path / "out" / name.replace("docx", "pdf")) for name in names}
    assert len(pages) > 12
    assert not [name for name, found in pages.items() if len(found) % 2 or "印发" not in found[-1]]
