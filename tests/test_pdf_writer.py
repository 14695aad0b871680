"""The PDF says what the tree and the DOCX say, is a sound file, and is the same in every process; bad input ends well."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import process_time

import pdfplumber
import pytest
from click.testing import CliRunner
from conftest import ROOT
from docx_samples import read_text
from proofsets import EXAMPLE, MORE, NAMES, ProofSet, filled, get, kinds, pdf_pages, squeeze, without_contents
from test_proof_libreoffice import difference, expect

from toolkit.app import prepare
from toolkit.cli import cli
from toolkit.core import data_folders, memo, zips
from toolkit.model.tree import Cell, Column, Document, DocumentSet, FormField, Provision, Ref, Row, Table, Text
from toolkit.numbering.labels import SetLabels, document_text, number_set
from toolkit.output import seal
from toolkit.pdf import paragraphs, streams
from toolkit.pdf.document import lay_out
from toolkit.pdf.fonts.font_set import standard_fonts
from toolkit.pdf.template_measures import load_sheet

EXAMPLE_FILE = ROOT / "examples" / "village.yaml"
TOOLS = ("qpdf", "pdffonts", "pdftotext", "pdfinfo", "pdftoppm")
VARIANTS = [name if name == EXAMPLE else pytest.param(name, marks=pytest.mark.slow) for name in (*NAMES, *MORE)]


def sheet_of(layout: str):
    return load_sheet(data_folders.data_folder("templates") / f"{layout}.docx")


def pdf_of(document: Document, labels: SetLabels) -> bytes:
    return lay_out(document, labels, sheet_of(document.layout), standard_fonts()).data


def need(*programs: str) -> None:
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (apt-get install qpdf poppler-utils poppler-data)")


def put(whole: ProofSet, folder: Path) -> dict[Path, Document]:
    """Write the PDF of every document of a set."""
    found = {}
    for place, document in enumerate(whole.documents.values()):
        path = folder / f"{place:02}.pdf"
        path.write_bytes(pdf_of(document, whole.labels))
        found[path] = document
    return found


def one(*blocks, labels: bool = False, **more):
    """Return a small document and the labels of its set."""
    values = {"layout": "regulation", "title": "某村工作办法", "numbering": "articles", **more}
    document = Document(id="doc", number=1, file_name="办法", family="regulation", body=blocks, **values)
    return document, number_set(DocumentSet("village", "1", "某村", (document,)))


def paragraph(id: str, *content) -> Provision:
    parts = tuple(Text(part) if isinstance(part, str) else part for part in content)
    return Provision("paragraph", id, content=parts)


def article(id: str, *content) -> Provision:
    return Provision("article", id, children=(paragraph(f"{id}__1", *content),))


def table(rows, columns: int = 2, id: str = "t", **more) -> Table:
    cells = (Row(tuple(Cell(((Text(text),),) if text else ((),)) for text in row)) for row in rows)
    return Table(id, (Column(),) * columns, tuple(cells), **more)


# --- what it says -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_file_prints_the_trees_text_and_is_sound(tmp_path: Path, variant: str) -> None:
    """Text with numbers and references, in order; all fonts embedded; qpdf and poppler have nothing to say."""
    need(*TOOLS)
    whole = get(variant)
    faults = []
    for path, document in put(whole, tmp_path).items():
        fault = difference(expect(document, whole.labels), without_contents(document, pdf_pages(path)))
        faults += [f"{document.id}: {fault}"] if fault else []
        faults += [f"{document.id}: {line}" for line in complaints(path)]
    assert not faults, "\n".join(faults)


def complaints(path: Path) -> list[str]:
    """Return what the tools find wrong with a file; every line on stderr counts."""
    found = []
    for command in (
        ["qpdf", "--check", str(path)],
        ["pdfinfo", str(path)],
        ["pdftotext", str(path), os.devnull],
        ["pdftoppm", "-r", "9", str(path), str(path.with_suffix(""))],
    ):
        done = subprocess.run(command, capture_output=True, encoding="utf-8")
        found += [f"{command[0]}: {line}" for line in done.stderr.splitlines()]
        found += [f"{command[0]} ends with {done.returncode}"] if done.returncode else []
    done = subprocess.run(["pdffonts", str(path)], capture_output=True, encoding="utf-8")
    fonts = [line.split() for line in done.stdout.splitlines()[2:]]
    found += [f"not embedded, subset and with ToUnicode: {line}" for line in fonts if line[-5:-2] != ["yes"] * 3]
    return found + done.stderr.splitlines() + ([] if fonts else ["no fonts"])


@pytest.mark.parametrize(
    "variant",
    [
        name if name == EXAMPLE else pytest.param(name, marks=pytest.mark.slow)
        for name in NAMES
        if name.startswith("example-")
    ],
)
def test_docx_and_pdf_say_the_same_per_provision(variant: str) -> None:
    whole = get(variant)
    for document, data in zip(whole.documents.values(), whole.files.values(), strict=True):
        in_tree = [squeeze(text) for _, text in document_text(document, whole.labels)]
        in_docx = "".join(squeeze(text) for _, text in read_text(data))
        place = 0
        for text in in_tree:
            found = in_docx.find(text, place)
            assert found >= 0, (document.id, text)
            place = found + len(text)


@pytest.mark.slow
def test_filled_forms_print_their_values(tmp_path: Path) -> None:
    need("pdftotext")
    whole = get(EXAMPLE)
    for document in list(whole.documents.values())[13:26]:
        path = tmp_path / f"{document.number}.pdf"
        form = filled(document)
        path.write_bytes(pdf_of(form, whole.labels))
        assert not difference(expect(form, whole.labels), pdf_pages(path)), document.id


# --- what a reader can click, and what the file says of itself ---------------------------------------------------


def test_links_bookmarks_and_metadata(tmp_path: Path) -> None:
    document, labels = one(
        Provision("chapter", "c1", heading=(Text("总则"),), children=(article("a1", "依照", Ref("a2"), "办理。"),)),
        Provision("chapter", "c2", heading=(Text("附则"),), children=(article("a2", "施行。"), article("a3", "完。"))),
        issuer="某村支部委员会",
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of(document, labels))
    with pdfplumber.open(path) as pdf:
        assert pdf.metadata["Title"] == "某村工作办法" and pdf.metadata["Author"] == "某村支部委员会"
        assert pdf.doc.catalog["Lang"] == b"zh-CN"
        outline = [(level, title) for level, title, *_ in pdf.doc.get_outlines()]
        links = [note for page in pdf.pages for note in page.annots]
    assert outline == [
        (1, "某村工作办法"),
        (2, "第一章\u3000总则"),
        (3, "第一条"),
        (2, "第二章\u3000附则"),
        (3, "第二条"),
        (3, "第三条"),
    ]
    assert len(links) == 1 and links[0]["data"]["Subtype"].name == "Link"


@pytest.mark.slow
def test_bookmarks_never_jump_a_level(tmp_path: Path) -> None:
    whole = get(EXAMPLE)
    for document in whole.documents.values():
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf_of(document, whole.labels))
        with pdfplumber.open(path) as pdf:
            levels = [0, *(level for level, *_ in pdf.doc.get_outlines())]
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), document.id


def test_contents_stand_where_a_long_text_has_chapters(tmp_path: Path) -> None:
    def chapters(count: int, words: int):
        return tuple(
            Provision(
                "chapter",
                f"c{n}",
                heading=(Text(f"章{n}"),),
                children=tuple(article(f"a{n}_{m}", "村党支部应当研究。" * words) for m in range(4)),
            )
            for n in range(count)
        )

    for count, words, expected in ((4, 30, True), (2, 60, False), (4, 2, False)):
        document, labels = one(*chapters(count, words))
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf_of(document, labels))
        with pdfplumber.open(path) as pdf:
            assert ("目" in pdf.pages[0].extract_text()) is expected
            assert len(pdf.pages[0].annots) == count * expected


# --- the same bytes ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_same_bytes_in_other_processes_and_folders(tmp_path: Path) -> None:
    contents = []
    documents = list(get(EXAMPLE).documents.values())
    for seed in "12":
        folder = tmp_path / seed
        folder.mkdir()
        command = [
            sys.executable,
            "-m",
            "toolkit",
            "generate",
            str(EXAMPLE_FILE),
            "-o",
            str(folder / "out"),
            "--format",
            "pdf",
            "--only",
            documents[0].id,
        ]
        subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        contents.append([path.read_bytes() for path in sorted((folder / "out").glob("*.pdf"))])
    assert contents[0] == contents[1] and len(contents[0]) == 1
    whole = get(EXAMPLE)
    assert contents[0][0] == pdf_of(documents[0], whole.labels)


@pytest.mark.slow
@pytest.mark.parametrize("kind", kinds())
def test_a_whole_set_has_the_same_bytes_in_other_processes_and_folders(tmp_path: Path, kind: str) -> None:
    """Two processes with other hash seeds, folders and working directories, and this one after other sets."""
    made = []
    for seed in "12":
        folder = tmp_path / seed
        folder.mkdir()
        command = [
            sys.executable,
            "-m",
            "toolkit",
            "generate",
            str(ROOT / "examples" / f"{kind}.yaml"),
            "-o",
            str(folder / "out"),
            "--format",
            "pdf",
        ]
        subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        made.append({path.name[:2]: path.read_bytes() for path in (folder / "out").glob("*.pdf")})
    assert made[0].keys() == made[1].keys() and len(made[0]) > 30
    for name, data in made[0].items():
        other = made[1][name]
        place = next((at for at, (a, b) in enumerate(zip(data, other, strict=False)) if a != b), len(data))
        assert data == other, (name, place, data[place - 200 : place + 60], other[place - 200 : place + 60])
    whole = get(f"example-{kind}")
    for document in whole.documents.values():
        assert pdf_of(document, whole.labels) == made[0][f"{document.number:02}"], document.id


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    ["village", pytest.param("school", marks=pytest.mark.slow), pytest.param("railway_depot", marks=pytest.mark.slow)],
)
def test_what_is_kept_changes_nothing_but_the_time(kind: str, tmp_path: Path) -> None:
    """Units after one another print as each alone, with nothing remembered: the same bytes."""
    text = (ROOT / "examples" / f"{kind}.yaml").read_text(encoding="utf-8")
    units = []
    for place, name in enumerate(("", "岗", "")):
        path = tmp_path / f"{place}.yaml"
        path.write_text(text.replace("柳河", f"柳{name}") if name else text, encoding="utf-8")
        built = prepare(path).built
        assert built
        units.append((built.set, number_set(built.set)))
    together = [[pdf_of(one, labels) for one in whole.documents] for whole, labels in units]
    for (whole, labels), files in zip(units, together, strict=True):
        for one, data in zip(whole.documents, files, strict=True):
            memo.forget()
            assert pdf_of(one, labels) == data, one.id


def test_the_seal_is_that_of_the_file_and_of_another_compressor(monkeypatch) -> None:
    whole = get(EXAMPLE)
    for document in list(whole.documents.values())[1:40:8]:
        pages = lay_out(document, whole.labels, sheet_of(document.layout), standard_fonts())
        assert pages.seal() == seal("a.pdf", pages.data) and pages.seal().startswith("streams:")
        memo.forget()
        with monkeypatch.context() as patch:
            patch.setattr(streams, "codec", lambda: zips.ZLIB)
            other = lay_out(document, whole.labels, sheet_of(document.layout), standard_fonts())
        assert other.data != pages.data and other.seal() == seal("b.pdf", other.data) == pages.seal()
        memo.forget()


# --- bad input --------------------------------------------------------------------------------------------------


def pages_of(data: bytes, folder: Path):
    path = folder / "bad.pdf"
    path.write_bytes(data)
    assert not complaints(path)
    with pdfplumber.open(path) as pdf:
        return len(pdf.pages), "".join(squeeze(page.extract_text() or "") for page in pdf.pages)


def test_a_title_of_200_characters(tmp_path: Path) -> None:
    need(*TOOLS)
    document, labels = one(article("a1", "完。"), title="关于进一步加强和改进村级意识形态工作" * 12)
    pages, text = pages_of(pdf_of(document, labels), tmp_path)
    assert pages <= 2 and squeeze(document.title) in text


def opened(data: bytes) -> list:
    return pdfplumber.open(io.BytesIO(data)).pages


@pytest.mark.parametrize("lines", [20, 40, 70])
def test_an_imprint_longer_than_a_page_goes_on_and_ends_at_the_foot_of_an_even_page(lines: int) -> None:
    names = "、".join(f"第{n}个收文机关的名称" for n in range(lines * 3))
    document, labels = one(
        paragraph("p", "正文。"), copy_to=names, printing_office="某办公室", printing_date="2026-01-05"
    )
    pages = opened(pdf_of(document, labels))
    assert len(pages) % 2 == 0
    text = squeeze("".join(page.extract_text() for page in pages))
    assert all(f"第{n}个" in text for n in (0, lines, 2 * lines, lines * 3 - 1)) and "2026年1月5日印发" in text
    for page in pages:
        inside = [
            char for char in page.chars if char["top"] < 37 * 72 / 25.4 - 8 or char["bottom"] > 297 * 72 / 25.4 - 70
        ]
        assert not inside, "".join(char["text"] for char in inside)


def test_a_mark_longer_than_a_page_is_set_smaller() -> None:
    document, labels = one(paragraph("p", "正文。"), issuer_mark="某某委员会" * 150, doc_number="某发〔2026〕1号")
    pages = opened(pdf_of(document, labels))
    red = [char for char in pages[0].chars if tuple(char["non_stroking_color"] or ()) == (1, 0, 0)]
    assert len(red) == 750 and max(char["bottom"] for char in red) < 200 * 72 / 25.4


def test_a_long_word_without_a_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need(*TOOLS)
    broken, real = [], paragraphs.break_lines

    def watched(*args):
        broken.append(real(*args))
        return broken[-1]

    monkeypatch.setattr(paragraphs, "break_lines", watched)
    word = "https://example.org/" + "abcdefghij" * 300
    document, labels = one(article("a1", "见", word, "。"), table([[word, "甲"], ["", ""]]))
    data = pdf_of(document, labels)
    assert sum(lines.emergencies for lines in broken) > 0
    _, text = pages_of(data, tmp_path)
    assert text.count("abcdefghij"[:4]) >= 500


def test_empty_cells_and_empty_tables(tmp_path: Path) -> None:
    need(*TOOLS)
    empty = Table("e", (), ())
    document, labels = one(article("a1", "完。"), table([["", ""], ["甲", ""]]), empty, paragraph("p2", "后"))
    pages, _ = pages_of(pdf_of(document, labels), tmp_path)
    assert pages == 1


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["regulation", "register"])
def test_a_cell_taller_than_a_page(tmp_path: Path, layout: str) -> None:
    need(*TOOLS)
    long = "村党支部应当每季度研究一次。" * 400
    rows = (
        Row((Cell(((Text("项目"),),)), Cell(((Text("内容"),),)))),
        Row((Cell(((Text("长"),),)), Cell(((Text(long),),)))),
        Row((Cell(((Text("高"),),)), Cell(())), height=500),
        Row((Cell(((FormField("f", "signature"),),)), Cell(((Text("末"),),)))),
    )
    document, labels = one(Table("t", (Column(), Column(2)), rows, header_rows=1), layout=layout)
    pages, text = pages_of(pdf_of(document, labels), tmp_path)
    assert 4 <= pages <= 40
    assert text.count("村党支部应当") > 200 and "末" in text and text.count("项目") >= pages - 1


def test_a_header_taller_than_a_page_and_a_merged_cell_of_many_rows(tmp_path: Path) -> None:
    need(*TOOLS)
    header = (Row((Cell(((Text("头" * 2000),),)), Cell(()))), Row((Cell(((Text("次"),),)), Cell(()))))
    merged = Row((Cell(((Text("并" * 30),),), rowspan=200), Cell(((Text("0"),),))))
    rest = tuple(Row((Cell(((Text(str(n)),),)),)) for n in range(1, 120))
    document, labels = one(Table("t", (Column(), Column()), (*header, merged, *rest), header_rows=2))
    pages, text = pages_of(pdf_of(document, labels), tmp_path)
    assert pages <= 12 and "119" in text and text.count("并") == 30


@pytest.mark.slow
def test_a_table_of_5000_rows_is_linear(tmp_path: Path) -> None:
    def seconds(count: int) -> tuple[float, bytes]:
        document, labels = one(table([[f"第{n}项工作", "村党支部"] for n in range(count)], header_rows=1))
        best, data = 99.0, b""
        for _ in range(2):
            memo.forget()
            start = process_time()
            data = pdf_of(document, labels)
            best = min(best, process_time() - start)
        return best, data

    small, _ = seconds(500)
    large, data = seconds(5000)
    assert large < 15 * small + 0.3
    assert data.count(b"/Type /Page /Parent") > 100


@pytest.mark.slow
def test_characters_that_no_font_has_are_named_before_anything_is_written(tmp_path: Path) -> None:
    profile = tmp_path / "unit.yaml"
    profile.write_text(EXAMPLE_FILE.read_text(encoding="utf-8").replace("柳河村", "柳🐎村"), encoding="utf-8")
    result = CliRunner().invoke(cli, ["generate", str(profile), "-o", str(tmp_path / "out"), "--format", "pdf"])
    assert result.exit_code != 0 and "🐎" in result.stderr and "font_missing" in result.stderr
    assert not (tmp_path / "out").exists()


def test_rare_characters_of_names_print(tmp_path: Path) -> None:
    need(*TOOLS)
    names = "喆堃珺旻祎頔翀赟"
    document, labels = one(article("a1", f"负责人{names}。"))
    _, text = pages_of(pdf_of(document, labels), tmp_path)
    assert names in text


def test_control_characters_and_redlines_are_refused() -> None:
    for content in ("甲\x01乙",):
        document, labels = one(article("a1", content))
        with pytest.raises(ValueError, match="U\\+0001"):
            pdf_of(document, labels)
    document, labels = one(
        Provision("article", "a1", children=(Provision("paragraph", "p", content=(Text("甲", "ins"),)),))
    )
    with pytest.raises(ValueError, match="修订标记"):
        pdf_of(document, labels)


@pytest.mark.slow
def test_docx_alone_loads_nothing_of_the_pdf(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from toolkit import app;"
        f"app.generate(Path({str(EXAMPLE_FILE)!r}), Path('out'));"
        "print([name for name in sys.modules if name.startswith(('reportlab', 'uharfbuzz', 'toolkit.pdf'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, encoding="utf-8")
    assert done.stdout.strip() == "[]"


def test_both_formats_in_one_run_and_pdf_beside_docx(tmp_path: Path) -> None:
    from toolkit import app

    only = [next(iter(get(EXAMPLE).documents.values())).id]
    both = app.generate(EXAMPLE_FILE, tmp_path / "both", only=only, formats=("docx", "pdf"))
    names = {Path(name).suffix for name in both.report.written}
    assert {".docx", ".pdf"} <= names
    app.generate(EXAMPLE_FILE, tmp_path / "one", only=only)
    later = app.generate(EXAMPLE_FILE, tmp_path / "one", only=only, formats=("pdf",))
    assert not later.report.moved and len(list((tmp_path / "one").glob("01-*"))) == 2
    assert {path.name for path in (tmp_path / "one").glob("01-*")} == {
        path.name for path in (tmp_path / "both").glob("01-*")
    }


def test_an_enclosure_starts_a_page_and_bears_no_mark(tmp_path: Path) -> None:
    inner, _ = one(article("a1", "内"))
    document, labels = one(
        paragraph("p", "现印发。"),
        layout="notice",
        numbering="none",
        title="关于印发办法的通知",
        enclosure=replace(inner, id="inner", title="某某办法"),
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of(document, labels))
    with pdfplumber.open(path) as pdf:
        assert len(pdf.pages) == 2 and "附件" not in pdf.pages[1].extract_text()
        assert squeeze(pdf.pages[1].extract_text()).startswith("某某办法")
