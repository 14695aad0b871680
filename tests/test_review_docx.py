"""Redlines as files, and any DOCX as a tree: generated, edited, foreign, broken, hostile."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx_samples import MECHANISM, NOTICE, REGULATION, SET, art, doc, inline, para, row
from hypothesis import HealthCheck, given, settings
from openxml_audit import FileFormat, OpenXmlValidator
from review_trees import versions

from toolkit import docx
from toolkit.compare import Side, compare, mark
from toolkit.compare.recover import recover
from toolkit.core.findings import FileError
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.lint import lint
from toolkit.docx.reading.package import open_package, tag
from toolkit.docx.redline.revisions import Author
from toolkit.docx.writing.markup import W
from toolkit.model.tree import Column, FormField, Provision, Ref, Table, Text, inlines_of, plain, walk
from toolkit.numbering.labels import number_set

ROOT = Path(__file__).resolve().parent.parent
AUTHOR = Author("审核<人>", "2026-01-05T00:00:00Z")


def sheet(layout: str = "regulation"):
    return template.load(ROOT / "templates" / f"{layout}.docx")


def redline(old, new, **more) -> bytes:
    before, after = Side(old), Side(new)
    return docx.write_redline(mark(before, after), after.labels, sheet(new.layout), AUTHOR, **more)


def pack(parts: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def simple(body: str, **parts: str) -> bytes:
    """Return a foreign DOCX of a body; ``parts`` are further parts of ``word/``."""
    found = {"word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'}
    found.update({f"word/{name}.xml": text for name, text in parts.items()})
    return pack(found)


def p(*texts: str, properties: str = "") -> str:
    runs = "".join(f"<w:r><w:t>{one}</w:t></w:r>" for one in texts)
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def shape(document) -> list[tuple[str, str]]:
    return [
        (block.level, plain(block.heading or block.content))
        if isinstance(block, Provision)
        else ("table", str(len(block.rows)))
        for block in walk(document.body)
    ]


# --- redlines ------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions())
def test_a_redline_is_sound_and_reads_as_the_new_text(pair) -> None:
    """Our lint finds nothing; read with all changes accepted it is the new text."""
    old, new = pair
    data = redline(old, new)
    assert lint(data) == []
    read = Side(recover(Side(new), read_document(data).document))
    assert (
        read.text(Provision("part", "all", children=read.document.body)).split()
        == Side(new).text(Provision("part", "all", children=new.body)).split()
    )


def edited_regulation():
    chapter = REGULATION.body[0]
    moved = (chapter.children[1], chapter.children[0])
    extra = art("extra", para("extra__1", "新的一条。"), para("extra__2", "第二款。"))
    duties = REGULATION.body[1]
    end = REGULATION.body[2]
    table = replace(end.children[0].children[1], rows=(*end.children[0].children[1].rows, row("3", "4")))
    first = replace(end.children[0], children=(end.children[0].children[0], table))
    return replace(
        REGULATION,
        title=REGULATION.title + "（试行）",
        body=(replace(chapter, children=(*moved, extra)), duties, replace(end, children=(first, *end.children[1:]))),
    )


@pytest.mark.parametrize("way", ["there", "back"])
def test_redlines_are_valid(tmp_path: Path, way: str) -> None:
    old, new = (REGULATION, edited_regulation()) if way == "there" else (edited_regulation(), REGULATION)
    others = tuple(one for one in SET.documents if one.id != "regulation")
    labels = [number_set(replace(SET, documents=(one, *others))) for one in (old, new)]
    before, after = Side(old, labels[0]), Side(new, labels[1])
    comments = [("duty", "两行\n批注"), ("nowhere", "没有位置的批注")]
    data = docx.write_redline(mark(before, after), labels[1], sheet(), AUTHOR, comments, track=True)
    path = tmp_path / "redline.docx"
    path.write_bytes(data)
    assert [
        str(one) for one in OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=0).validate(path).errors
    ] == []
    assert lint(data) == []
    parts = open_package(data).parts
    xml = parts["word/document.xml"].decode()
    for wanted in ("<w:ins ", "<w:del ", "<w:moveFrom ", "<w:moveTo ", "<w:moveFromRangeStart", "<w:commentReference"):
        assert wanted in xml, wanted
    assert (
        "<w:trackRevisions/>" in parts["word/settings.xml"].decode()
        and "trackChanges" not in parts["word/settings.xml"].decode()
    )
    assert 'w:author="审核&lt;人&gt;" w:date="2026-01-05T00:00:00Z"' in xml


def test_the_last_paragraph_mark_of_a_cell_is_never_tracked() -> None:
    data = redline(
        doc(body=[art("a", para("a__1", "甲。"))]),
        doc(
            body=[art("a", para("a__1", "甲。"), Table("t", (Column(), Column()), (row("一", "二"),), 0, inline("表")))]
        ),
    )
    package = open_package(data)
    for cell in package.xml(package.main).iter(tag("tc")):
        last = cell.findall(tag("p"))[-1]
        assert last.find(f"{tag('pPr')}/{tag('rPr')}") is None


def test_a_clean_document_still_refuses_marks() -> None:
    marked = doc(body=[art("a", para("a__1", Text("甲", "ins")))])
    with pytest.raises(ValueError, match="修订标记"):
        docx.write(marked, Side(marked).labels, sheet())


def test_a_clean_document_as_redline_has_no_changes() -> None:
    data = redline(MECHANISM, MECHANISM)
    assert b"<w:ins " not in open_package(data).parts["word/document.xml"]


# --- the reader ----------------------------------------------------------------------------------------------------


def test_a_file_without_its_ids_is_read_by_its_numbers() -> None:
    labels = number_set(SET)
    data = docx.write(REGULATION, labels, sheet())
    parts = {name: part for name, part in open_package(data).parts.items() if not name.startswith("customXml/")}
    read = read_document(pack(parts))
    assert read.foreign
    levels = [level for level, _ in shape(read.document)]
    assert levels == [level for level, _ in shape(REGULATION)]
    assert (
        compare(
            Side(REGULATION, labels), Side(recover(Side(REGULATION, labels), replace(read.document, id="regulation")))
        ).changes
        == ()
    )


FOREIGN = (
    p("某单位档案管理办法")
    + p("（2025年1月5日会议通过）")
    + p("第一章　总则")
    + p("第一条　为了管理档案，制定本办法。")
    + p("第二条　第一条所称档案，包括下列材料：")
    + p("（一）会议记录；")
    + p("1.原件；")
    + p("（二）台账。")
    + p("前款材料按年归档。")
    + p("第二章　保管")
    + p("第三条档案由专人保管。")
    + p("第三条规定的人员离任时移交。")
)


def test_a_foreign_file_with_typed_numbers() -> None:
    read = read_document(simple(FOREIGN))
    assert read.document.title == "某单位档案管理办法"
    assert plain(read.document.note) == "（2025年1月5日会议通过）"
    assert shape(read.document) == [
        ("chapter", "总则"),
        ("article", ""),
        ("paragraph", "为了管理档案，制定本办法。"),
        ("article", ""),
        ("paragraph", "第一条所称档案，包括下列材料："),
        ("item", "会议记录；"),
        ("subitem", "原件；"),
        ("item", "台账。"),
        ("paragraph", "前款材料按年归档。"),
        ("chapter", "保管"),
        ("article", ""),
        ("paragraph", "档案由专人保管。"),
        ("paragraph", "第三条规定的人员离任时移交。"),
    ]


def test_an_outline_with_typed_numbers() -> None:
    body = (
        p("某机制")
        + p("一、适用范围")
        + p("本机制适用于全站。")
        + p("二、步骤")
        + p("（一）核实情况；")
        + p("（二）书面报告。")
    )
    found = read_document(simple(body)).document
    assert found.numbering == "outline"
    assert shape(found) == [
        ("chapter", "适用范围"),
        ("paragraph", "本机制适用于全站。"),
        ("chapter", "步骤"),
        ("item", "核实情况；"),
        ("item", "书面报告。"),
    ]


def test_numbers_that_do_not_run_on_are_told() -> None:
    read = read_document(simple(p("办法") + p("第一条　甲。") + p("第三条　乙。")))
    assert [one.code for one in read.findings] == ["number_out_of_order"]


def test_merged_cells_and_nested_tables() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{p('内层')}</w:tc></w:tr></w:tbl>"
    table = (
        "<w:tbl><w:tblGrid><w:gridCol w:w='100'/><w:gridCol w:w='300'/></w:tblGrid>"
        f"<w:tr><w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr>{p('甲')}</w:tc><w:tc>{p('乙')}{inner}</w:tc></w:tr>"
        f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{p()}</w:tc><w:tc>{p('丙')}</w:tc></w:tr>"
        f"<w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{p('丁')}</w:tc></w:tr></w:tbl>"
    )
    read = read_document(simple(table))
    (found,) = read.document.body
    assert isinstance(found, Table)
    assert [[(plain(cell.content[0]), cell.colspan, cell.rowspan) for cell in one.cells] for one in found.rows] == [
        [("甲", 1, 2), ("乙", 1, 1)],
        [("丙", 1, 1)],
        [("丁", 2, 1)],
    ]
    assert "表格中的表格" in read.left.texts


def test_filled_fields_and_references_are_read() -> None:
    labels = number_set(SET)
    document = doc(
        numbering="none",
        layout="form",
        body=[para("g", "事由：", FormField("why", "text", "事由", value="检修"), "。")],
    )
    read = read_document(docx.write(document, Side(document).labels, sheet("form"))).document
    (field,) = [part for block in walk(read.body) for part in inlines_of(block) if isinstance(part, FormField)]
    assert (field.id, field.value) == ("why", "检修")
    regulation = read_document(docx.write(REGULATION, labels, sheet())).document
    targets = [part.target for block in walk(regulation.body) for part in inlines_of(block) if isinstance(part, Ref)]
    assert "purpose" in targets and "duty_b" in targets


def test_a_notice_is_read_with_what_it_encloses() -> None:
    labels = number_set(SET)
    read = read_document(docx.write(NOTICE, labels, sheet("notice"))).document
    assert read.enclosure is not None and read.enclosure.id == "regulation"
    assert (read.doc_number, read.copy_to, read.printing_office) == (
        NOTICE.doc_number,
        NOTICE.copy_to,
        NOTICE.printing_office,
    )


# --- what is not compared ------------------------------------------------------------------------------------------


def test_tracked_changes_are_read_as_accepted_and_told() -> None:
    body = (
        "<w:p><w:r><w:t>甲</w:t></w:r><w:ins w:id='1' w:author='a'><w:r><w:t>乙</w:t></w:r></w:ins>"
        "<w:del w:id='2' w:author='a'><w:r><w:delText>丙</w:delText></w:r></w:del></w:p>"
        "<w:tbl><w:tr><w:trPr><w:del w:id='3' w:author='a'/></w:trPr><w:tc><w:p/></w:tc></w:tr>"
        "<w:tr><w:tc><w:p><w:r><w:t>丁</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    read = read_document(simple(body))
    assert [one.code for one in read.findings] == ["tracked_accepted"]
    assert shape(read.document) == [("paragraph", "甲乙"), ("table", "1")]


def test_what_a_tree_cannot_hold_is_listed() -> None:
    box = f"<w:p><w:r><w:pict><w:txbxContent>{p('框中文字')}</w:txbxContent></w:pict></w:r></w:p>"
    body = p("正文") + box + "<w:p><w:r><w:t>句</w:t><w:footnoteReference w:id='2'/></w:r><w:r><w:drawing/></w:r></w:p>"
    notes = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2">{p("脚注文字")}</w:footnote></w:footnotes>'
    comments = f'<w:comments xmlns:w="{W}"><w:comment w:id="0">{p("批注文字")}</w:comment></w:comments>'
    header = f'<w:hdr xmlns:w="{W}">{p("内部资料")}</w:hdr>'
    read = read_document(simple(body, footnotes=notes, comments=comments, header1=header))
    said = {one.subject: one.message for one in read.findings}
    assert set(said) == {"文本框", "脚注", "批注", "页眉", "图片"}
    for kind, text in (("文本框", "框中文字"), ("脚注", "脚注文字"), ("批注", "批注文字"), ("页眉", "内部资料")):
        assert text in said[kind]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "name", "code", "words"),
    [
        (OLE, "a.doc", "not_docx", "旧版 Office 文件"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "not_docx", "Word 97—2003 文档（.doc）"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.wps", "not_docx", "WPS 文字文档（.wps）"),
        (b"<!DOCTYPE html><p>x", "a.docx", "not_docx", "网页（HTML）"),
        (b"\x89PNG\r\n", "a.docx", "not_docx", "图片（PNG）"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "docx_encrypted", "密码"),
        (b"{\\rtf1 x}", "a.docx", "not_docx", "RTF"),
        (b"%PDF-1.7", "a.docx", "not_docx", "PDF"),
        (b"", "a.docx", "docx_broken", "空文件"),
        (b"PK\3\4nothing", "a.docx", "docx_broken", "不是可用的 DOCX"),
        (b"\0" * 100, "a.docx", "docx_broken", "不是可用的 DOCX"),
    ],
)
def test_other_formats_are_refused_saying_why(data, name, code, words) -> None:
    with pytest.raises(FileError) as error:
        read_document(data, name)
    assert error.value.code == code and words in error.value.message


HOSTILE = {
    "entity": '<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    f'<w:document xmlns:w="{W}"><w:body>&x;</w:body></w:document>',
    "laughs": f'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><w:document xmlns:w="{W}"><w:body>&b;</w:body></w:document>',
    "deep": f'<w:document xmlns:w="{W}"><w:body>{"<w:sdt>" * 5000}{"</w:sdt>" * 5000}</w:body></w:document>',
    "broken": f'<w:document xmlns:w="{W}"><w:body>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused(name: str) -> None:
    with pytest.raises(FileError):
        read_document(pack({"word/document.xml": HOSTILE[name]}))


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(FileError) as error:
        read_document(pack({"word/document.xml": b" " * 60_000_000}))
    assert error.value.code == "docx_too_large"


def test_truncated_files_never_crash() -> None:
    data = docx.write(MECHANISM, number_set(SET), sheet())
    for size in range(0, len(data) - 1, 997):
        with pytest.raises(FileError):
            read_document(data[:size], "a.docx")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<w:p/>",
        "<w:tbl/>",
        "<w:tbl><w:tr/></w:tbl>",
        "<w:p><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>",
        "<w:tbl><w:tr><w:tc/></w:tr></w:tbl>",
        "<w:p><w:bookmarkEnd w:id='9'/></w:p>",
        "<w:sdt><w:sdtContent/></w:sdt>",
        "<w:p><w:fldSimple w:instr=''/></w:p>",
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='99999999'/></w:tcPr></w:tc></w:tr></w:tbl>",
    ],
)
def test_odd_bodies_are_read(body: str) -> None:
    found = read_document(simple(body)).document
    assert compare(Side(found), Side(found)).same
