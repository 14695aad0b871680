"""The DOCX writer, through the bundled templates."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from docx_samples import FORM, MECHANISM, NOTICE, REGULATION, SET, UNIT, art, doc, para, read_text, regulations, setof
from hypothesis import given, settings
from lxml import etree

from toolkit import docx
from toolkit.core import zips
from toolkit.docx import template
from toolkit.docx.reading.lint import lint
from toolkit.docx.reading.package import open_package
from toolkit.docx.writing import identity
from toolkit.docx.writing.document import content
from toolkit.docx.writing.markup import W, run
from toolkit.docx.writing.tables import grid_widths
from toolkit.forms.values import PROMPT
from toolkit.model.tree import Cell, Column, FormField, Ref, Row, Table, Text, walk
from toolkit.numbering.labels import UnresolvedRef, document_text, number_set
from toolkit.page.placeholders import placeholder

LABELS = number_set(SET)
ROOT = Path(__file__).resolve().parent.parent
NS = {"w": W}


def sheet(document):
    return template.load(ROOT / "templates" / f"{document.layout}.docx")


def written(document, labels=LABELS) -> bytes:
    return docx.write(document, labels, sheet(document))


def body(data: bytes) -> etree._Element:
    return open_package(data).xml("word/document.xml")


def squeeze(text: str) -> str:
    return "".join(text.split())


def lines(pairs) -> list[str]:
    return [squeeze(text) for _, text in pairs if squeeze(text)]


@pytest.mark.parametrize("document", SET.documents, ids=lambda one: one.id)
def test_text_lint_and_sameness(document) -> None:
    data = written(document)
    assert data == written(document)
    read = lines([(key, text.replace(PROMPT, "")) for key, text in read_text(data)])  # no other format has the prompt
    expected = lines(document_text(document, LABELS))
    if document.layout == "notice":
        start = read.index(expected[0])
        read = read[start : start + len(expected)]
    assert read == expected
    assert lint(data) == []
    assert docx.stale_refs(data) == []


@pytest.mark.parametrize("document", [REGULATION, MECHANISM, FORM], ids=lambda one: one.id)
def test_every_block_has_its_bookmark(document) -> None:
    names = [one.get(f"{{{W}}}name") for one in body(written(document)).iter(f"{{{W}}}bookmarkStart")]
    for block in walk(document.body):
        assert names.count(f"_{block.id}") == 1
    assert len(names) == len(set(names)) and max(map(len, names)) <= 40


def test_enclosure_has_its_own_names_and_numbers() -> None:
    data = written(NOTICE)
    read = dict(read_text(data))
    assert squeeze(read["duty__2"]) == "记录内容有："
    assert b"__e_duty" in open_package(data).parts["word/document.xml"]
    first = next(one for one in body(data).iter(f"{{{W}}}p") if one.find(".//w:pageBreakBefore", NS) is not None)
    assert first.find(".//w:pStyle", NS).get(f"{{{W}}}val") == "Title"


def test_articles_run_on_and_items_restart() -> None:
    texts = [text for _, text in read_text(written(REGULATION))]
    starts = [text[:3] for text in texts]
    assert [one for one in starts if one.endswith("条")] == ["第一条", "第二条", "第三条", "第四条", "第五条"]
    assert starts.count("（一）") == 2


def test_label_is_automatic_and_followed_by_one_full_space() -> None:
    xml = etree.tostring(body(written(REGULATION)), encoding="unicode")
    assert "第一条" not in "".join(re.findall(r"<w:t[^>]*>([^<]*)", xml.split("依照")[0]))
    article = body(written(REGULATION)).xpath(".//w:p[w:pPr/w:pStyle/@w:val='Article']", namespaces=NS)[0]
    assert re.match("\u3000\\S$", article.find("w:r", NS).find("w:t", NS).text)  # inside the article's bookmark


def test_references_are_fields_with_cached_text() -> None:
    xml = etree.tostring(body(written(REGULATION)), encoding="unicode")
    assert " REF _purpose \\r \\h " in xml and " REF _duties \\r \\h " in xml
    instructions = re.findall(r" REF (\S+) ", xml)
    assert set(instructions) == {"_purpose", "_duty", "_duties"}
    assert xml.count("《青禾县柳溪镇柳河村网络舆情应急处置机制》") == 2


def test_controls() -> None:
    root = body(written(FORM))
    tags = [one.get(f"{{{W}}}val") for one in root.iter(f"{{{W}}}tag")]
    assert {"name", "ordinal", "held_on", "vote", "done", "chair", "topic", "people_3_name", "people_1_sign"} <= set(
        tags
    )
    assert root.find(".//w:sdtPr/w:text", NS) is None
    assert [one.get(f"{{{W}}}value") for one in root.iter(f"{{{W}}}listItem")] == ["通过", "未“通过”"]
    for control in root.iter(f"{{{W}}}sdt"):
        tag = control.find("w:sdtPr/w:tag", NS).get(f"{{{W}}}val")
        before = control.getprevious()
        assert before.get(f"{{{W}}}name") == f"f_{tag}"
        assert control.getnext().get(f"{{{W}}}id") == before.get(f"{{{W}}}id")
        assert control.getparent().tag == f"{{{W}}}p"
    ids = [int(one.get(f"{{{W}}}val")) for one in root.findall(".//w:sdtPr/w:id", NS)]
    assert len(set(ids)) == len(ids) and all(0 < one < 2**31 for one in ids)


def test_blank_form_prints_clean() -> None:
    data = written(FORM)
    text = "".join(text for _, text in read_text(data))
    assert "点击" not in text and "张三" in text and "☐" in text
    holders = [
        "".join(one.itertext())
        for one in body(data).xpath(".//w:sdt[w:sdtPr/w:showingPlcHdr]/w:sdtContent", namespaces=NS)
    ]
    blanks = {"", PROMPT, "年月日", "□通过□未“通过”"}
    assert {squeeze(one) for one in holders} == blanks
    prompts = body(data).xpath(f".//w:r[w:t='{PROMPT}']", namespaces=NS)
    assert prompts and all(one.find("w:rPr/w:color", NS).get(f"{{{W}}}val") == "BFBFBF" for one in prompts)
    assert all(one.getprevious() is not None and one.getnext() is not None for one in prompts)  # typed text is black


def test_tables() -> None:
    root = body(written(FORM))
    people = root.findall(".//w:tbl", NS)[1]
    assert len(people.findall("w:tr/w:trPr/w:tblHeader", NS)) == 1
    assert len(people.findall("w:tr/w:trPr/w:cantSplit", NS)) == 3  # all but the row below the head
    widths = [int(one.get(f"{{{W}}}w")) for one in people.findall("w:tblGrid/w:gridCol", NS)]
    assert sum(widths) == pytest.approx(156 / 25.4 * 1440, abs=3)
    merged = root.findall(".//w:tbl", NS)[2]
    spans = [len(row.findall("w:tc", NS)) for row in merged.findall("w:tr", NS)]
    assert spans == [2, 3] and len(merged.findall(".//w:vMerge", NS)) == 2
    assert merged.getprevious().tag == f"{{{W}}}p" and merged.getnext().tag == f"{{{W}}}p"
    assert sum(grid_widths((Column(1), Column(2), Column(0)), 156.0)) == round(156 * 1440 / 25.4)


def test_custom_part_holds_ids_and_hashes_only() -> None:
    package = open_package(written(REGULATION))
    part = next(data for data in package.parts.values() if identity.NAMESPACE.encode() in data).decode()
    assert 'id="duty_b"' in part and "研究" not in part and not re.search("[\u4e00-\u9fff]", part)
    sha = re.search(r'id="duty_a" [^>]*sha="(\w+)"', part).group(1)
    assert sha == identity.text_hash("学习的情况；")
    form = next(d for d in open_package(written(FORM)).parts.values() if identity.NAMESPACE.encode() in d)
    assert b'<field tag="people_2_name" row="r2"/>' in form


def test_long_ids_are_shortened_and_read_back() -> None:
    key = "a" * 32 + "__12_34"
    document = doc(body=[art("a" * 32, para(key, "甲"))])
    data = written(document, number_set(setof(document)))
    assert (key, "第一条　甲") in read_text(data)
    assert len(identity.bookmark_name(key)) <= 40 and identity.bookmark_name(key) != identity.bookmark_name(key + "5")


def test_bad_input() -> None:
    for character in "\x07\ud800\uffff":
        with pytest.raises(ValueError, match=rf"U\+{ord(character):04X}"):
            run(f"甲{character}")
    broken = doc(body=[art("a", para("p", Ref("nothing")))])
    with pytest.raises(UnresolvedRef):
        written(broken, number_set(setof(broken)))
    twice = doc(body=[art("a", para("p", "甲")), art("a", para("q", "乙"))])
    with pytest.raises(ValueError, match="_a"):
        written(twice, number_set(setof(twice)))
    marked = doc(body=[art("a", para("p", Text("甲", "ins")))])
    with pytest.raises(ValueError, match="修订"):
        written(marked, number_set(setof(marked)))


def test_values_are_text() -> None:
    nasty = "R&D <w:t> ‹乙› {{ body }} {% if %} \u0009甲\n乙 😀 𠮷"
    document = doc(
        title="甲",
        note=(Text(nasty),),
        body=[
            art("a", para("p", nasty)),
            Table("t", (Column(),), (doc_row(nasty), doc_row(FormField("x", label='"<&', value=nasty)))),
        ],
    )
    read = lines(read_text(written(document, number_set(setof(document)))))
    assert read == ["甲", squeeze(nasty), "第一条" + squeeze(nasty), squeeze(nasty), squeeze(nasty)]


def doc_row(value):
    from docx_samples import row

    return row(value)


def box(document) -> list[tuple[int, int]]:
    """Left and right indents of 署名 and 成文日期."""
    root = body(written(document, number_set(setof(document))))
    found = root.xpath(".//w:pPr[w:pStyle[@w:val='Issuer' or @w:val='DocDate']]/w:ind", namespaces=NS)
    return [(int(one.get(f"{{{W}}}left")), int(one.get(f"{{{W}}}right"))) for one in found]


@pytest.mark.parametrize(
    ("issuer", "left"),
    [("甲" * 6, 14), ("甲" * 14, 14), ("甲" * 20, 8), ("甲" * 28, 0), ("", 14)],
    ids=["short", "box", "long", "line", "none"],
)
def test_conclusions_are_centred_in_one_box(issuer: str, left: int) -> None:
    document = doc(issuer=issuer, conclusions=True, doc_date="2026-01-05", body=[art("a", para("p", "甲"))])
    assert set(box(document)) == {(left * 315, 0)}
    assert len(box(document)) == (2 if issuer else 1)


def test_conclusions_styles_centre_and_take_no_blanks() -> None:
    styles = open_package(written(MECHANISM)).xml("word/styles.xml")
    for name in ("Issuer", "DocDate"):
        properties = styles.xpath(f"w:style[@w:styleId='{name}']/w:pPr", namespaces=NS)[0]
        assert properties.find("w:jc", NS).get(f"{{{W}}}val") == "center"
        assert [properties.find(f"w:autoSpace{one}", NS).get(f"{{{W}}}val") for one in ("DE", "DN")] == ["0", "0"]
    blank = "".join(text for _, text in read_text(written(NOTICE)))
    assert "　　　　年　　月　　日" in blank


def test_an_issuer_longer_than_a_line_breaks_by_sense() -> None:
    issuer = "中共青禾县柳溪镇柳河村支部委员会、青禾县柳溪镇柳河村村民委员会关于联合开展工作的领导小组"
    document = doc(issuer=issuer, conclusions=True, body=[art("a", para("p", "甲"))], unbreakable=("柳河村村民委员会",))
    lines_ = [text for _, text in read_text(written(document, number_set(setof(document)))) if "柳河村" in text]
    broken = lines_[-1].split("\n")
    assert "".join(broken) == issuer and len(broken) == 2
    assert all(3 <= len(one) <= 28 for one in broken) and not any(one.startswith("、") for one in broken)


def test_placeholders_print_black() -> None:
    styles = open_package(written(FORM)).xml("word/styles.xml")
    style = styles.xpath("w:style[@w:styleId='FieldPlaceholder']", namespaces=NS)[0]
    assert style.find(".//w:color", NS) is None


def choice(options: tuple[str, ...], room: float) -> list[str]:
    return placeholder(FormField("x", "choice", options=options), room).split("\n")


def test_options_stand_in_lines_that_fit() -> None:
    options = ("是", "否", "不适用")
    assert choice(options, 0) == ["□是　□否　□不适用"]
    assert choice(options, 10.5) == ["□是　□否　□不适用"]
    assert choice(options, 6) == ["□是　□否", "□不适用"]
    assert choice(options, 3) == ["□是", "□否", "□不适用"]


def test_an_empty_choice_prints_boxes_and_is_empty() -> None:
    root = body(written(FORM))
    control = root.xpath(".//w:sdt[w:sdtPr/w:tag/@w:val='vote']", namespaces=NS)[0]
    assert control.find("w:sdtPr/w:showingPlcHdr", NS) is not None
    assert control.find("w:sdtPr/w:dropDownList", NS) is not None
    assert squeeze("".join(control.find("w:sdtContent", NS).itertext())) == "□通过□未“通过”"
    assert "通过" not in "".join(text for _, text in read_text(written(FORM)))
    assert "通过" not in "".join(text for _, text in document_text(FORM, LABELS))


def test_a_long_text_of_its_own_gets_lines_to_write_on() -> None:
    document = doc(
        body=[art("a", para("p", "甲"), para("q", FormField("x", "longtext")), para("r", "甲", FormField("y")))]
    )
    root = body(written(document, number_set(setof(document))))
    runs = root.xpath(".//w:sdt[w:sdtPr/w:tag/@w:val='x']/w:sdtContent/w:r", namespaces=NS)
    texts = "".join("".join(one.itertext()) for one in runs)
    breaks = [one for run in runs for one in run.iter(f"{{{W}}}br")]
    assert len(breaks) == 2 and set(texts.replace(PROMPT, "")) == {"　"} and len(texts) == 25 + 27 + 27
    assert all(one.find("w:rPr/w:u", NS) is not None for one in runs)


def test_a_row_longer_than_a_page_may_break() -> None:
    texts = (("序号", "条文"), ("甲", "乙" * 60), ("丙", "丁" * 1200))
    rows = tuple(Row(tuple(Cell(((Text(text),),)) for text in pair)) for pair in texts)
    one = doc(numbering="none", layout="register", body=(Table("rows", (Column(1), Column(3)), rows, 1),))
    xml = body(written(one, number_set(setof(one))))
    rules = [found.find(f"{{{W}}}trPr/{{{W}}}cantSplit") for found in xml.iter(f"{{{W}}}tr")]
    assert [None if rule is None else rule.get(f"{{{W}}}val", "1") for rule in rules] == ["1", None, "off"]


def test_a_label_is_indented_so_that_no_word_is_split() -> None:
    """谈话对象签名 in five and a half characters: 谈话对象 and 签名; a short one and what is no label stay as they are."""
    rows = [Row((Cell(((Text(text),),), head=True), Cell(((Text(text),),)))) for text in ("谈话对象签名", "名称")]
    one = doc(numbering="none", layout="form", body=(Table("g", (Column(6), Column(31)), tuple(rows)),))
    cells = body(written(one, number_set(setof(one)))).findall(".//w:tc", NS)
    found = [cell.find(".//w:ind", NS) for cell in cells]
    assert [indent is not None for indent in found] == [True, False, False, False]
    assert all(
        int(found[0].get(f"{{{W}}}{side}")) == pytest.approx((5.5 - 4.2) / 2 * 240, abs=4) for side in ("left", "right")
    )


def test_the_row_below_a_repeated_head_is_kept_whole_by_its_height() -> None:
    """With cantSplit LibreOffice may print no further row; Word finds it in the style of the table."""
    for text, lines in (("甲", 1), ("乙" * 40, 2), ("丙" * 2000, 0)):
        block = Table("rows", (Column(1), Column(2)), (doc_row_pair("序号", "条文"), doc_row_pair("1", text)), 1)
        one = doc(numbering="none", layout="form", body=(block,))
        xml = body(written(one, number_set(setof(one))))
        rules = xml.findall(".//w:tr", NS)[1].find("w:trPr", NS)
        height = rules.find("w:trHeight", NS)
        whole = rules.find("w:cantSplit", NS)
        assert (None if height is None else int(height.get(f"{{{W}}}val"))) == (lines * 18 * 20 + 20 if lines else None)
        assert (whole is None) is bool(lines)
    style = zips.unpack((ROOT / "templates" / "form.docx").read_bytes())["word/styles.xml"].decode()
    assert "<w:trPr><w:cantSplit/></w:trPr></w:style>" in style


def test_tables_stand_off_and_stay_with_what_belongs_to_them() -> None:
    signature = Table("sign", (Column(), Column()), (doc_row_pair("签名", FormField("s", "signature")),))
    listed = Table("list", (Column(), Column()), (doc_row_pair("甲", "乙"), doc_row_pair("丙", "丁")), 1)
    document = doc("f", "none", layout="form", body=(para("p", "说明。"), listed, signature, para("q", "后记。")))
    root = body(written(document, number_set(setof(document))))
    first, second = root.findall(".//w:tbl", NS)
    for table in (first, second):
        before, after = table.getprevious(), table.getnext()
        assert not "".join(before.itertext()) and before.find(".//w:spacing", NS).get(f"{{{W}}}line") == "120"
        assert not "".join(after.itertext())
        assert before.find(".//w:keepNext", NS) is not None
    kept = [
        all(p.find(".//w:keepNext", NS) is not None for p in row.iter(f"{{{W}}}p")) for row in first.findall("w:tr", NS)
    ]
    assert kept[-1] is True
    assert second.find(".//w:tr//w:keepNext", NS) is None
    height = int(second.find(".//w:trHeight", NS).get(f"{{{W}}}val"))
    assert height == round(10 / 25.4 * 1440)


def test_a_grid_to_sign_stays_whole_and_with_the_row_above_it() -> None:
    listed = Table("list", (Column(), Column()), (doc_row_pair("甲", "乙"), doc_row_pair("丙", "丁")), 1)
    for count, kept in ((6, True), (12, False)):
        pairs = [doc_row_pair(f"第{n}项", FormField(f"s{n}", "signature")) for n in range(count)]
        rows = (replace(pairs[0], height=4), *pairs[1:])
        block = Table("sign", (Column(), Column()), rows)
        document = doc("f", "none", layout="form", body=(listed, block))
        root = body(written(document, number_set(setof(document))))
        first, second = root.findall(".//w:tbl", NS)
        own = second.findall("w:tr", NS)
        for row in (first.findall("w:tr", NS)[-1], *own[:-2]):
            assert (row.find(".//w:keepNext", NS) is not None) is kept
        assert own[-2].find(".//w:keepNext", NS) is not None and own[-1].find(".//w:keepNext", NS) is None


def test_the_last_paragraph_after_a_table_is_as_low_as_can_be() -> None:
    listed = Table("list", (Column(), Column()), (doc_row_pair("甲", "乙"),), 1)
    for more, line in (((), "20"), ((para("q", "后记。"),), "120")):
        document = doc("f", "none", layout="form", body=(listed, *more))
        root = body(written(document, number_set(setof(document))))
        after = root.find(".//w:tbl", NS).getnext()
        assert after.find(".//w:spacing", NS).get(f"{{{W}}}line") == line
    document = doc("f", "none", layout="form", body=(listed,), conclusions=True, issuer="甲")
    after = body(written(document, number_set(setof(document)))).find(".//w:tbl", NS).getnext()
    assert after.find(".//w:spacing", NS).get(f"{{{W}}}line") == "120"


def doc_row_pair(*values):
    from docx_samples import row

    return row(*values)


def test_numbers_start_above_the_templates_own() -> None:
    document = doc(body=[art("a", para("p", "甲"))])

    def nums(first: int) -> str:
        sheet = SimpleNamespace(lists={"article": 0}, body_width_mm=156.0, first_num=first, styles=frozenset())
        return content(document, number_set(setof(document)), sheet)[1]

    assert 'w:numId="340"' in nums(340) and 'w:numId="101"' in nums(3)


def test_a_telephone_number_does_not_break() -> None:
    assert "<w:noBreakHyphen/>" in run("电话0471-0000000。") and "noBreak" not in run("A-B 甲-乙")


def test_hint_for_ambiguous_marks() -> None:
    assert 'w:hint="eastAsia"' in run("“甲”") and 'w:hint="eastAsia"' in run("——") and "hint" not in run("甲，乙")


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(regulations())
def test_random_trees(case) -> None:
    document, _ = case
    labels = number_set(setof(document))
    data = written(document, labels)
    assert lines(read_text(data)) == lines(document_text(document, labels))
    assert lint(data) == []
    assert docx.stale_refs(data) == []


def convert(soffice: str, folder: Path, kind: str, names: list[str]) -> None:
    subprocess.run(
        [
            soffice,
            "--headless",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to",
            kind,
            "--outdir",
            str(folder / "out"),
            *names,
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=180,
    )


@pytest.mark.libreoffice
def test_libreoffice_prints_and_keeps(soffice: str, tmp_path: Path) -> None:
    """The PDF's text is the tree's text; after saving again ids and numbers are still there."""
    import shutil

    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed: apt-get install poppler-utils")
    for document in SET.documents:
        (tmp_path / f"{document.id}.docx").write_bytes(written(document))
    names = [f"{document.id}.docx" for document in SET.documents]
    convert(soffice, tmp_path, "pdf", names)
    convert(soffice, tmp_path, "docx:MS Word 2007 XML", names)
    for document in SET.documents:
        pdf = tmp_path / "out" / f"{document.id}.pdf"
        text = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
        printed = squeeze(re.sub(r"— ?\d+ ?—", "", text))
        expected = squeeze("".join(text for _, text in document_text(document, LABELS)))
        assert expected in printed.replace("□通过□未“通过”", "").replace("点此填写", "")
        again = (tmp_path / "out" / f"{document.id}.docx").read_bytes()
        assert [(key, squeeze(text)) for key, text in read_text(again) if squeeze(text)] == [
            (key, squeeze(text)) for key, text in read_text(written(document)) if squeeze(text)
        ]
        assert docx.stale_refs(again) == []
    assert UNIT in expected


@pytest.mark.libreoffice
def test_libreoffice_keeps_an_empty_choice_empty(soffice: str, tmp_path: Path) -> None:
    """Saved again, the boxes are still printed and the choice still reads as empty, however often."""
    (tmp_path / "form.docx").write_bytes(written(FORM))
    convert(soffice, tmp_path, "docx:MS Word 2007 XML", ["form.docx"])
    (tmp_path / "form.docx").write_bytes((tmp_path / "out" / "form.docx").read_bytes())
    convert(soffice, tmp_path, "docx:MS Word 2007 XML", ["form.docx"])
    again = (tmp_path / "out" / "form.docx").read_bytes()
    printed = squeeze("".join(open_package(again).xml("word/document.xml").itertext()))
    assert "□通过□未“通过”" in printed
    assert not any("通过" in text for _, text in read_text(again))


@pytest.mark.libreoffice
def test_libreoffice_updates_reference_fields(soffice: str, tmp_path: Path) -> None:
    """A REF field shows the live number, whatever text was cached."""
    import io
    import shutil
    import zipfile

    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed: apt-get install poppler-utils")
    parts = open_package(written(REGULATION)).parts
    shown = '"separate"/></w:r><w:r><w:t xml:space="preserve">第'
    xml = parts["word/document.xml"].decode()
    assert shown in xml
    parts["word/document.xml"] = xml.replace(shown, shown[:-1] + "错").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    (tmp_path / "stale.docx").write_bytes(out.getvalue())
    assert len(docx.stale_refs(out.getvalue())) == xml.count(shown)
    convert(soffice, tmp_path, "pdf", ["stale.docx"])
    pdf = tmp_path / "out" / "stale.pdf"
    text = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    assert "错" not in text and "依照第一条和前条办理，见第三条第一款第二项。" in squeeze(text)
