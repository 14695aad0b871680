"""The bundled templates: current, lean, complete, and right on the page."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from itertools import groupby
from pathlib import Path

import pytest

from toolkit.core import zips
from toolkit.docx.template import CONTEXT_KEYS, LISTS, STYLE_IDS, compiling, load
from toolkit.docx.template.compiling import compile_file
from toolkit.docx.template.style_names import CONTENTS_STYLES
from toolkit.page import measures

FOLDER = Path(__file__).resolve().parent.parent / "templates"
NAMES = ("regulation", "notice", "form", "minutes", "register")
CONTEXT = {key: f"值{key}" for key in CONTEXT_KEYS - {"body"}}


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_templates", FOLDER / "build_templates.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_a_box_cannot_end_a_line(name):
    """Word's own characters that cannot end a line, and the boxes that stand before options."""
    from toolkit.numbering.labels import CHECK_BOX, choice_boxes

    settings = load(FOLDER / f"{name}.docx").parts(CONTEXT, "")["word/settings.xml"].decode()
    no_end = re.search('<w:noLineBreaksAfter w:lang="zh-CN" w:val="([^"]*)"/><w:noLineBreaksBefore ', settings)[1]
    assert {*CHECK_BOX, choice_boxes(("是",))[0][0], *"（《“"} <= set(no_end)


def test_built_files_are_current(builder):
    built = builder.build()
    assert built == builder.build()
    assert {f"{name}.docx" for name in NAMES} | {"compiled.json"} == set(built)
    for name in NAMES:
        stored = (FOLDER / f"{name}.docx").read_bytes()
        assert zips.unpack(stored) == zips.unpack(built[f"{name}.docx"]), f"{name}: run build_templates.py"


@pytest.mark.parametrize("name", NAMES)
def test_shipped_compilation_is_what_docxtpl_makes(name):
    data = (FOLDER / f"{name}.docx").read_bytes()
    shipped, entries = compiling.find_shipped(FOLDER, data)
    fresh, fresh_entries, findings = compile_file(data, name)
    assert findings == ()
    assert shipped.as_data() == fresh.as_data()
    assert {n: e.data() for n, e in entries.items()} == {n: e.data() for n, e in fresh_entries.items()}


def test_shipped_compilation_is_not_used_for_another_file():
    data = (FOLDER / "form.docx").read_bytes()
    changed = {**zips.unpack(data), "docProps/app.xml": b"<x/>"}
    assert compiling.find_shipped(FOLDER, zips.pack(changed)) is None


@pytest.mark.parametrize("name", NAMES)
def test_lean_and_complete(name):
    parts = zips.unpack((FOLDER / f"{name}.docx").read_bytes())
    assert not [p for p in parts if "thumbnail" in p or "stylesWithEffects" in p or "webSettings" in p]
    styles = parts["word/styles.xml"].decode()
    ids = set(re.findall(r'w:styleId="([^"]+)"', styles))
    contents = CONTENTS_STYLES.keys() if name in ("regulation", "notice") else set()
    assert ids == STYLE_IDS | {"Normal", "TableNormal", "Footer"} | contents
    everything = b"".join(
        data for part, data in parts.items() if part.startswith("word/") and "theme" not in part
    ).decode()
    assert "Theme=" not in everything
    for fonts in re.findall(r"<w:rFonts[^>]*>", everything):
        assert 'w:hint="eastAsia"' in fonts
        assert len({re.search(rf'w:{slot}="([^"]+)"', fonts)[1] for slot in ("ascii", "hAnsi", "eastAsia", "cs")}) == 1
    assert 'w:eastAsia="zh-CN"' in styles
    assert set(load(FOLDER / f"{name}.docx").lists) == set(LISTS)
    assert "dcterms" not in parts["docProps/core.xml"].decode()


def test_type_area():
    document = zips.unpack((FOLDER / "regulation.docx").read_bytes())["word/document.xml"].decode()
    size = {k: int(v) for k, v in re.findall(r'w:(w|h|top|bottom|left|right)="(\d+)"', document)}
    height, width = (size["h"] - size["top"] - size["bottom"], size["w"] - size["left"] - size["right"])
    pitch, char = (measures.pt_twips(measures.LINE_PITCH_PT), measures.pt_twips(measures.CHAR_PITCH_PT))
    assert height // pitch == measures.LINES_PER_PAGE
    assert width // char == measures.CHARS_PER_LINE
    assert load(FOLDER / "regulation.docx").body_width_mm == pytest.approx(156, abs=0.1)
    assert load(FOLDER / "register.docx").body_width_mm == pytest.approx(225, abs=0.1)


@pytest.mark.parametrize(
    ("copy_to", "office", "texts"),
    [
        ("镇政府。", "村委会", ["抄送：镇政府。", "村委会", "1日印发"]),
        ("", "村委会", ["村委会", "1日印发"]),
        ("镇政府。", "", ["抄送：镇政府。"]),
        ("", "", []),
    ],
)
def test_imprint_rows_only_where_there_is_something(copy_to, office, texts):
    context = {**CONTEXT, "copy_to": copy_to, "printing_office": office, "printing_date": "1日"}
    document = load(FOLDER / "notice.docx").parts(context, "<w:p/>")["word/document.xml"].decode()
    tables = re.findall(r"<w:tbl>.*?</w:tbl>", document)
    assert len(tables) == bool(texts)
    assert re.findall(r"<w:t[^>]*>([^<]+)</w:t>", "".join(tables)) == texts


@pytest.mark.parametrize(("characters", "size"), [(5, 42), (10, 42), (11, 42), (17, 36), (30, 26)])
def test_issuer_mark_fits_its_line(characters, size):
    context = {**CONTEXT, "issuer_mark": "柳" * characters, "issuer_mark_line": "柳" * characters}
    document = load(FOLDER / "notice.docx").parts(context, "<w:p/>")["word/document.xml"].decode()
    marks = re.findall(r'<w:pStyle w:val="IssuerMark"/>.*?</w:p>', document)
    assert len(marks) == 1
    assert f'<w:sz w:val="{size * 2}"/>' in marks[0]
    narrow = re.search(r'<w:w w:val="(\d+)"/>', marks[0])
    assert min(characters, 25) * size * int(narrow[1] if narrow else 100) / 100 <= 156 / 25.4 * 72


@pytest.mark.parametrize("name", NAMES)
def test_validates(name, tmp_path):
    audit = pytest.importorskip("openxml_audit")
    style = load(FOLDER / f"{name}.docx")
    nums = f'<w:num w:numId="101"><w:abstractNumId w:val="{style.lists["item"]}"/></w:num>'
    path = tmp_path / "x.docx"
    path.write_bytes(style.render(CONTEXT, _paragraph("BodyText", "正文"), nums, b"<ids/>"))
    result = audit.OpenXmlValidator().validate(path)
    assert [error.description for error in result.errors] == []


def _paragraph(style: str, text: str, num: int = 0) -> str:
    number = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{num}"/></w:numPr>' if num else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{number}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages of the regulation and the notice as LibreOffice lays them out."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice (soffice) is not installed")
    pdfplumber = pytest.importorskip("pdfplumber")
    folder = tmp_path_factory.mktemp("pages")
    context = {**CONTEXT, "title": "办法", "issuer_mark": "柳河村文件", "approver": "", "copy_to": "镇政府。"}
    body = _paragraph("Addressee", "各组：") + "".join(_paragraph("BodyText", "宣" * 500) for _ in range(3))
    for name in ("regulation", "notice"):
        (folder / f"{name}.docx").write_bytes(load(FOLDER / f"{name}.docx").render(context, body))
    command = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", "pdf"]
    files = [str(folder / f"{name}.docx") for name in ("regulation", "notice")]
    subprocess.run([*command, "--outdir", str(folder), *files], check=True, capture_output=True, timeout=180)
    documents = {name: pdfplumber.open(folder / f"{name}.pdf") for name in ("regulation", "notice")}
    yield {name: document.pages for name, document in documents.items()}
    for document in documents.values():
        document.close()


def _lines(page) -> list[str]:
    characters = sorted((c for c in page.chars if c["text"].strip()), key=lambda c: (round(c["bottom"]), c["x0"]))
    return ["".join(c["text"] for c in line) for _, line in groupby(characters, key=lambda c: round(c["bottom"]))]


@pytest.mark.libreoffice
@pytest.mark.slow
def test_lines_and_characters_of_a_full_page(pages):
    full = _lines(pages["regulation"][1])
    assert full.pop().replace(" ", "") == "—2—"
    assert len(full) == measures.LINES_PER_PAGE
    assert max(map(len, full)) == measures.CHARS_PER_LINE
    assert sum(len(line) == measures.CHARS_PER_LINE for line in full) > 15


@pytest.mark.libreoffice
@pytest.mark.slow
def test_page_number_and_imprint_places(pages):
    number = [c for c in pages["regulation"][0].chars if c["text"] == "1"][-1]
    middle = (number["top"] + number["bottom"]) / 2 / 72 * 25.4
    below = middle - measures.MARGIN_TOP_MM - measures.TYPE_AREA_HEIGHT_MM
    assert below == pytest.approx(measures.PAGE_NUMBER_GAP_MM, abs=1.5)
    last = pages["notice"][-1]
    bottom = max(line["bottom"] for line in (*last.lines, *last.rects)) / 72 * 25.4
    assert bottom == pytest.approx(measures.MARGIN_TOP_MM + measures.TYPE_AREA_HEIGHT_MM, abs=1)
