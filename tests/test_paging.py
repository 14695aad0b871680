"""Pages of a DOCX: 版记 at the foot of an even last page (GB/T 9704-2012, 7.4), 目录 as a field with its text and pages."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from proofsets import ALL_PAGES, convert, pdf_pages

from toolkit import app, docx
from toolkit.core import zips
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.identity import numbering_parts
from toolkit.docx.reading.lint import lint
from toolkit.docx.reading.package import open_package, tag
from toolkit.docx.reading.page_frame import read_frame
from toolkit.docx.reading.story import read_story
from toolkit.docx.reading.word_numbers import WordNumbers
from toolkit.formats import FORMATS, Setting
from toolkit.model.tree import Document, FormField, Provision, Text
from toolkit.numbering.labels import Labels, SetLabels
from toolkit.page import frame
from toolkit.page.paging import Imprint, contents, ending, imprint, lines_to_write

ROOT = Path(__file__).resolve().parent.parent
LAYOUTS = {"notice": ROOT / "templates" / "notice.docx"}


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
        end = ending(document, labels_of(document))
        if used < 21.5:  # there the PDF may give up half a line above 署名, which a word processor cannot
            assert (end.page, end.lines) == (page, pytest.approx(used, abs=1.1)), lines


def test_a_text_ends_with_three_lines_on_its_last_page_also_where_a_short_paragraph_is_the_last() -> None:
    texts = ("一" * 82, "本办法自印发之日起施行。")  # three lines and one
    more = [Provision("paragraph", f"p{n}", content=(Text(text),)) for n, text in enumerate(texts)]
    for lines in range(14, 24):
        document = replace(notice(lines, *more), numbering="outline", conclusions=False, issuer_mark="", doc_number="")
        page, used = pages_of(document, labels_of(document))
        assert page == 1 or used > 2.9, lines


def test_no_name_of_an_attachment_goes_over_the_page() -> None:
    for lines in range(8, 20):
        document = replace(notice(lines), attachments=(f"{'某' * 30}办法",) * 4)
        laid = FORMATS["pdf"].open(Setting(LAYOUTS)).lay_out(document, labels_of(document))
        shown = [round((top - bottom) / laid.sheet.pitch) for _, _, top, bottom in laid.canv.marks.drawn]
        assert shown.count(2) >= 4, lines


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
    document = notice(lines)
    assert imprint(document, labels_of(document)) == place


def test_no_blank_page_comes_where_the_last_text_can_begin_a_page() -> None:
    """On a full even page the last text that stays with 署名 begins the next page, so that 版记 is on the page after that."""
    last = Provision("paragraph", "last", content=(Text("二" * 27),))
    document = notice(25, last)
    assert imprint(document, labels_of(document)) == Imprint(apart=True, begins_page=last)
    xml = zips.unpack(written(document))["word/document.xml"].decode()
    (paragraph,) = re.findall(r"<w:p>(?:(?!<w:p>).)*<w:pageBreakBefore/>.*?</w:p>", xml)
    assert "二二" in paragraph and "<w:titlePg/>" not in xml


@pytest.mark.parametrize(
    ("lines", "apart", "breaks"), [(6, False, True), (24, True, True), (27, True, True), (28, True, False)]
)
def test_the_last_text_begins_a_page_where_it_may_just_fit_on_the_one_before(
    lines: int, apart: bool, breaks: bool
) -> None:
    """Of an estimate of page 2, of the end of page 2 and of page 3; not where the page before may be too full already."""
    listed = replace(notice(lines), attachments=("甲", "乙"))
    (line,) = [line for line in frame.below(listed) if "乙" in str(line.parts)]
    assert imprint(listed, labels_of(listed)) == Imprint(apart=apart, begins_page=line if breaks else None)
    xml = zips.unpack(written(listed))["word/document.xml"].decode()
    assert bool(re.search(r"<w:pageBreakBefore/>(?:(?!</w:p>).)*乙", xml)) is breaks


def test_lines_to_write_on_count() -> None:
    blank = [Provision("paragraph", f"f{n}", content=(FormField(f"f{n}", "longtext"),)) for n in range(4)]
    document = notice(6, *blank)
    assert ending(document, labels_of(document)).page == pages_of(document, labels_of(document))[0] == 2
    assert ending(document, labels_of(document)).lines > 5


def report(sections: int, with_imprint: bool = True) -> Document:
    """Return a notice of so many headings, each with two lines of text and a long text to fill in."""
    body = [
        Provision(
            "article",
            f"s{n}",
            heading=(Text("责任落实情况"),),
            children=(
                Provision("paragraph", f"p{n}", content=(Text("某" * 48),)),
                Provision("paragraph", f"b{n}", content=(FormField(f"f{n}", "longtext"),)),
            ),
        )
        for n in range(sections)
    ]
    end = Provision("paragraph", "end", content=(Text("特此通报。"),))
    return replace(notice(1), body=(*body, end), printing_office="办" * with_imprint)


@pytest.mark.parametrize("with_imprint", [True, False])
@pytest.mark.parametrize("sections", range(1, 12))
def test_lines_to_write_on_leave_no_last_page_with_little_on_it(sections: int, with_imprint: bool) -> None:
    """Fewer where that saves a page, more or fewer where else a few lines or 版记 would be alone: the same in both formats."""
    document = report(sections, with_imprint)
    labels = labels_of(document)
    lines, end, apart = (
        lines_to_write(document, labels),
        ending(document, labels),
        with_imprint and imprint(document, labels).apart,
    )
    pages = FORMATS["pdf"].open(Setting(LAYOUTS)).lay_out(document, labels).page
    assert 2 <= lines <= 9 and pages == end.page + apart * (2 - end.page % 2)
    assert end.page == 1 or end.lines > 5
    xml = zips.unpack(written(document))["word/document.xml"].decode()
    assert xml.count("<w:br/>") == sections * (lines - 1)


def test_lines_to_write_on_save_a_page_or_stand_above_the_imprint(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [report(sections) for sections in range(1, 12)]
    planned = [(imprint(one, labels_of(one)).apart, ending(one, labels_of(one)).page) for one in documents]
    monkeypatch.setattr("toolkit.page.paging._lines_to_write", lambda *_: 3)
    usual = [(imprint(one, labels_of(one)).apart, ending(one, labels_of(one)).page) for one in documents]
    assert sum(apart for apart, _ in planned) < sum(apart for apart, _ in usual)
    assert all(page <= before + before % 2 for (_, page), (_, before) in zip(planned, usual, strict=True))


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


def test_where_an_imprint_stands_is_no_difference_of_pages() -> None:
    """Its section has no page number behind a blank page (7.5); that is told by the length of the text."""
    frames = [read_frame(written(notice(lines))) for lines in (3, 12, 27)]
    assert frames[0].footer and frames[0].differences(frames[2]) == frames[1].differences(frames[2]) == []


# --- 目录 --------------------------------------------------------------------------------------------------------


def rules(chapters: int = 3, articles: int = 8) -> Document:
    """Return rules of so many 章 with so many articles of 140 characters each."""
    body = tuple(
        Provision(
            "chapter",
            f"c{n}",
            heading=(Text(f"章{'甲乙丙丁'[n]}"),),
            children=tuple(article(n, m) for m in range(articles)),
        )
        for n in range(chapters)
    )
    return Document("r", 1, "柳河村工作规则", "规则", "regulation", "regulation", "articles", body)


def article(chapter: int, number: int) -> Provision:
    text = Provision("paragraph", f"p{chapter}_{number}", content=(Text("村" * 139 + "。"),))
    return Provision("article", f"a{chapter}_{number}", children=(text,))


def as_docx(document: Document) -> bytes:
    return docx.write(document, labels_of(document), template.load(ROOT / "templates" / f"{document.layout}.docx"))


def shown_contents(data: bytes) -> list[str]:
    """Return the lines of the 目录, with a tab before the page."""
    body = open_package(data).xml("word/document.xml").find(tag("body"))
    numbers = WordNumbers(*numbering_parts(open_package(data)))
    lines = read_story(body).paragraphs()
    return [line.text for line in lines if numbers.style_name(line.properties) == "toc 1"]


def test_a_contents_is_a_field_with_its_text_and_pages() -> None:
    document = rules()
    data = as_docx(document)
    assert shown_contents(data) == ["第一章　章甲\t1", "第二章　章乙\t3", "第三章　章丙\t5"]
    xml = zips.unpack(data)["word/document.xml"].decode()
    targets = re.findall(r'w:anchor="([^"]+)"', xml)
    assert targets == re.findall(r"PAGEREF (\S+) ", xml) == ["_c0", "_c1", "_c2"]
    assert all(f'w:name="{target}"' in xml for target in targets)
    kinds = re.findall(r'w:fldCharType="(\w+)"', xml)
    assert kinds == ["begin", "separate", *["begin", "separate", "end"] * 3, "end"]
    assert lint(data) == []


def test_a_contents_has_the_words_and_the_place_of_the_pdf() -> None:
    document = rules()
    writer = FORMATS["pdf"].open(Setting({"regulation": ROOT / "templates" / "regulation.docx"}))
    pages = writer.pages(document, labels_of(document))
    entries = contents(document, labels_of(document))
    assert [entry.block.id for entry in entries] == ["c0", "c1", "c2"]
    assert all(abs(entry.page - pages[entry.block.id]) <= 1 for entry in entries)


@pytest.mark.parametrize("document", [rules(2), rules(3, 3), replace(rules(), numbering="none")])
def test_a_short_text_has_no_contents(document: Document) -> None:
    assert contents(document, labels_of(document)) == ()
    assert shown_contents(as_docx(document)) == []


def test_a_template_without_its_styles_has_no_contents(tmp_path: Path) -> None:
    parts = zips.unpack((ROOT / "templates" / "regulation.docx").read_bytes())
    parts["word/styles.xml"] = parts["word/styles.xml"].replace(b'"TOC1"', b'"Other"')
    (tmp_path / "own.docx").write_bytes(zips.pack(parts))
    document = rules()
    sheet = template.load(tmp_path / "own.docx")
    assert not sheet.findings
    assert "TOC" not in zips.unpack(docx.write(document, labels_of(document), sheet))["word/document.xml"].decode()


def test_a_contents_is_no_part_of_what_is_read() -> None:
    document = rules()
    found = read_document(as_docx(document), "r.docx")
    assert found.findings == [] and not found.left.texts
    assert [block.heading for block in found.document.body] == [block.heading for block in document.body]
    assert [len(block.children) for block in found.document.body] == [8, 8, 8]


def chapter_pages(path: Path) -> list[int]:
    """Return the page of each heading of a 章 in a PDF; the lines of the 目录 have dots."""
    done = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, encoding="utf-8")
    pages = enumerate(done.stdout.split("\f"), 1)
    heading = re.compile(r"^第[一二三四五六七八九十]+章\s(?!.*\.\.)", re.MULTILINE)
    return [number for number, text in pages for _ in heading.findall(text)]


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_shows_the_contents_and_keeps_it_apart_from_the_text(soffice: str, tmp_path: Path) -> None:
    """19 of 20 pages at least are those that it prints; the file that it saves is read as the one that it opened."""
    names, listed = [], {}
    for name in ("village", "school_light", "railway_depot"):
        prepared = app.prepare(ROOT / "examples" / f"{name}.yaml")
        assert prepared.built and prepared.labels
        writer = FORMATS["docx"].open(Setting({"regulation": ROOT / "templates" / "regulation.docx"}))
        for document in prepared.built.set.documents:
            if found := contents(document, prepared.labels):
                names.append(f"{name}_{document.number}.docx")
                (tmp_path / names[-1]).write_bytes(writer.write(document, prepared.labels)[0])
                listed[names[-1]] = [entry.page for entry in found]
    convert(soffice, tmp_path, "pdf", names, "out")
    convert(soffice, tmp_path, "docx", names, "saved")
    hits = total = 0
    for name, pages in listed.items():
        begins = chapter_pages(tmp_path / "out" / name.replace("docx", "pdf"))
        assert len(begins) == len(pages)
        hits, total = hits + sum(map(int.__eq__, begins, pages)), total + len(pages)
        opened, saved = ((folder / name).read_bytes() for folder in (tmp_path, tmp_path / "saved"))
        first, second = read_document(opened, name).document, read_document(saved, name).document
        assert first.body == second.body and first.note == second.note
    assert total > 20 and hits >= 0.95 * total


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
