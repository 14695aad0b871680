"""The reader: any DOCX, its numbers computed; references that went stale."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from docx_samples import FORM, MECHANISM, NOTICE, REGULATION, SET, read_text
from lxml import etree

from toolkit import docx
from toolkit.core.findings import FileError, Severity
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.package import open_package
from toolkit.docx.reading.word_numbers import WordNumbers, format_number
from toolkit.docx.writing.markup import W
from toolkit.model.tree import FormField, Text
from toolkit.numbering.labels import number_set

ROOT = Path(__file__).resolve().parent.parent
LABELS = number_set(SET)
DOC = "word/document.xml"


def written(document) -> bytes:
    return docx.write(document, LABELS, template.load(ROOT / "templates" / f"{document.layout}.docx"))


def pack(parts: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def edited(data: bytes, old: str, new: str) -> bytes:
    parts = dict(open_package(data).parts)
    text = parts[DOC].decode()
    assert text.count(old) >= 1
    parts[DOC] = text.replace(old, new, 1).encode()
    return pack(parts)


def simple(body: str, numbering: str = "") -> bytes:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/>'
        "</Relationships>"
    )
    parts = {DOC: f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'}
    if numbering:
        parts["word/_rels/document.xml.rels"] = rels
        parts["word/numbering.xml"] = f'<w:numbering xmlns:w="{W}">{numbering}</w:numbering>'
    return pack(parts)


def text(body: str, numbering: str = "") -> list[str]:
    return [line for _, line in read_text(simple(body, numbering))]


def p(inner: str, num: int = 0, level: int = 0) -> str:
    number = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr></w:pPr>' if num else ""
    return f"<w:p>{number}{inner}</w:p>"


def r(value: str) -> str:
    return f"<w:r><w:t>{value}</w:t></w:r>"


def test_controls_and_revisions() -> None:
    inside = f"<w:sdt><w:sdtPr><w:tag w:val='x'/></w:sdtPr><w:sdtContent>{r('甲')}</w:sdtContent></w:sdt>"
    insertion = f"<w:ins w:id='1' w:author='a'>{r('乙')}</w:ins>"
    deletion = "<w:del w:id='2' w:author='a'><w:r><w:delText>丙</w:delText></w:r></w:del>"
    assert text(p(inside + insertion + deletion)) == ["甲乙"]
    assert text(f"<w:sdt><w:sdtContent>{p(r('丁'))}</w:sdtContent></w:sdt>") == ["丁"]


BOXES = r("□是　□否")
ITEMS = "".join(f"<w:listItem w:displayText='{word}' w:value='{word}'/>" for word in "是否")
LIST = f"<w:dropDownList>{ITEMS}</w:dropDownList>"


def drop_down(content: str, before: str = "") -> str:
    return f"<w:sdt><w:sdtPr><w:tag w:val='x'/>{before}{LIST}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


@pytest.mark.parametrize("content", [BOXES, r("□是") + "<w:r><w:br/></w:r>" + r("□否"), r("□是 □否")])
@pytest.mark.parametrize("before", ["", "<w:showingPlcHdr/>"])
def test_untouched_options_read_as_empty(content: str, before: str) -> None:
    assert text(p(r("甲") + drop_down(content, before) + r("乙"))) == ["甲乙"]


@pytest.mark.parametrize("content", ["是", "☑是　□否", "□是", "□是　□否　□其他"])
def test_changed_options_are_read(content: str) -> None:
    assert text(p(drop_down(r(content)))) == [content]


def test_untouched_options_without_their_control_read_as_empty() -> None:
    data = written(FORM)
    parts = dict(open_package(data).parts)
    xml = re.sub("<w:sdt>.*?<w:sdtContent>|</w:sdtContent></w:sdt>", "", parts[DOC].decode())
    assert "□通过" in xml and "dropDownList" not in xml
    bare = pack({**parts, DOC: xml})
    assert [(key, squeeze(line)) for key, line in read_text(bare) if squeeze(line)] == [
        (key, squeeze(line)) for key, line in read_text(data) if squeeze(line)
    ]
    ticked = pack({**parts, DOC: xml.replace("□通过", "☑通过")})
    assert any("☑通过" in line for _, line in read_text(ticked))


def squeeze(line: str) -> str:
    return "".join(line.split())


def test_field_results_and_not_instructions() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF _a </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("第一条") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    assert text(p(r("依照") + field + r("。"))) == ["依照第一条。"]


LISTS = (
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="nothing"/>'
    '<w:lvlText w:val="第%1条"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:suff w:val="space"/>'
    '<w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
    "</w:lvlOverride></w:num>"
)


def test_numbers_run_on_restart_and_nest() -> None:
    body = "".join(
        p(r("x"), num, level) for num, level in ((1, 0), (2, 0), (1, 1), (1, 1), (1, 0), (1, 1), (3, 0), (3, 0))
    )
    labels = [line.removesuffix("x").strip() for line in text(body, LISTS)]
    assert labels == ["第一条", "第二条", "二.3", "二.4", "第三条", "三.3", "第一条", "第二条"]


def test_number_formats() -> None:
    cases = {
        "decimal": "4",
        "lowerLetter": "d",
        "upperRoman": "IV",
        "decimalEnclosedCircleChinese": "④",
        "none": "",
        "chineseCounting": "四",
        "decimalZero": "04",
    }
    assert {name: format_number(4, name) for name in cases} == cases
    assert format_number(28, "upperLetter") == "BB"


def test_style_gives_the_number() -> None:
    styles = etree.fromstring(
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="A"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/>'
        '</w:numPr></w:pPr></w:style><w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>'
    )
    numbers = WordNumbers(etree.fromstring(f'<w:numbering xmlns:w="{W}">{LISTS}</w:numbering>'), styles)
    properties = etree.fromstring(f'<w:pPr xmlns:w="{W}"><w:pStyle w:val="B"/></w:pPr>')
    assert [numbers.label(properties), numbers.label(properties)] == ["第一条", "第二条"]


@pytest.mark.slow
def test_bad_files() -> None:
    with pytest.raises(FileError, match="DOCX"):
        read_text(b"nothing")
    with pytest.raises(FileError, match="正文"):
        read_text(pack({"a.txt": "x"}))
    with pytest.raises(FileError, match="损坏"):
        read_text(pack({DOC: "<w:document>"}))
    with pytest.raises(FileError, match="过大"):
        read_text(pack({DOC: "<a/>", "word/big.xml": b"0" * (4 * 1024 * 1024)}))
    with pytest.raises(FileError, match="过大"):
        read_text(pack({DOC: "<a/>", **{f"word/{number}.xml": b"0" * 1_000_000 for number in range(105)}}))


def test_no_entities(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("秘密", encoding="utf-8")
    body = "<w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body>"
    bad = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]><w:document xmlns:w="{W}">{body}</w:document>'
    with pytest.raises(FileError, match="DOCTYPE"):
        read_text(pack({DOC: bad}))


def test_ids() -> None:
    read = dict(read_text(written(REGULATION)))
    assert read["duty_b"] == "（二）办理的情况：" and read["scale"] and read["general"] == "第一章　总则"
    pairs = read_text(written(REGULATION))
    assert [key for key, value in pairs if value in ("甲", "乙", "1", "2")] == ["scale"] * 4


def new_article(data: bytes) -> str:
    """Return a further 条 paragraph, as a clerk's Enter would make it."""
    xml = open_package(data).parts[DOC].decode()
    start = xml.index('<w:p><w:pPr><w:pStyle w:val="Article"/>')
    properties = xml[start : xml.index("</w:pPr>", start)]
    return f"{properties}</w:pPr>{r('　新增。')}</w:p>"


def test_inserted_article_makes_references_stale() -> None:
    data = written(REGULATION)
    mark = '<w:p><w:pPr><w:pStyle w:val="Chapter"/>'
    changed = edited(data, mark, new_article(data) + mark)
    found = docx.stale_refs(changed)
    messages = [finding.message for finding in found]
    assert all(finding.severity is Severity.WARNING and finding.code == "stale_reference" for finding in found)
    assert any("“第一条”" in one and "“第二条”" in one for one in messages)
    assert any("“第三条第一款第二项”" in one and "“第四条第一款第二项”" in one for one in messages)
    assert any("第二项第二目" in one for one in messages)
    assert not any("前款" in one or "前项" in one for one in messages)
    assert ("scope__1", "第三条　本办法适用于各村民小组 R&D <甲>。") in read_text(changed)


def test_inserted_paragraph_makes_relative_references_stale() -> None:
    data = written(REGULATION)
    xml = open_package(data).parts[DOC].decode()
    start = xml.rindex("<w:p>", 0, xml.index('w:name="_duty__3"'))
    mark = xml[start : xml.index('w:name="_duty__3"')]
    changed = edited(data, mark, f'<w:p><w:pPr><w:pStyle w:val="Paragraph"/></w:pPr>{r("新增一款。")}</w:p>{mark}')
    messages = [finding.message for finding in docx.stale_refs(changed)]
    assert messages == [
        "引用“前款”与现在的编号不符，应为“本条第二款”",
        "引用“前款第二项”与现在的编号不符，应为“本条第二款第二项”",
    ]


def test_outline_and_enclosure() -> None:
    data = written(MECHANISM)
    mark = '<w:p><w:pPr><w:pStyle w:val="Heading1"/>'
    xml = open_package(data).parts[DOC].decode()
    heading = xml[xml.index(mark) : xml.index("</w:pPr>", xml.index(mark))] + f"</w:pPr>{r('新部分')}</w:p>"
    found = docx.stale_refs(edited(data, mark, heading + mark))
    assert {"引用“第一部分”与现在的编号不符，应为“第二部分”"} < {one.message for one in found} and len(found) == 3
    notice = written(NOTICE)
    article = new_article(notice)
    at = '<w:p><w:pPr><w:pStyle w:val="Chapter"/>'
    later = open_package(notice).parts[DOC].decode().split(at)
    parts = dict(open_package(notice).parts)
    parts[DOC] = (later[0] + at + later[1] + article + at + at.join(later[2:])).encode()
    found = docx.stale_refs(pack(parts))
    assert any("第四条第一款第二项" in one.message and one.where.document == "regulation" for one in found)


def test_deleted_target_dangles() -> None:
    data = written(REGULATION)
    changed = edited(data, '<w:bookmarkStart w:id="', '<w:bookmarkStart w:id="')
    xml = open_package(changed).parts[DOC].decode()
    start = xml.rindex("<w:p>", 0, xml.index('w:name="_duty_b"'))
    end = xml.index("</w:p>", start) + 6
    codes = {one.code for one in docx.stale_refs(edited(data, xml[start:end], ""))}
    assert "dangling_reference" in codes


def control(tag: str, content: str, own: str = "") -> str:
    name = f'<w:tag w:val="{tag}"/>' if tag else ""
    return f"<w:sdt><w:sdtPr>{name}{own}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def fields_of(body: str) -> dict[str, str]:
    """Return the values of the form fields in a body, with the paragraph's other text under ``""``."""
    content = read_document(simple(body)).document.body[0].content
    values = {part.id: part.value for part in content if isinstance(part, FormField)}
    return values | {"": "".join(part.text for part in content if isinstance(part, Text))}


def test_text_typed_into_a_control_that_still_shows_its_prompt_is_a_value() -> None:
    prompt = "<w:showingPlcHdr/>"
    assert fields_of(f"<w:p>{control('place', r('会议室'), prompt)}</w:p>")["place"] == "会议室"
    for empty in ("　　　　", "年　　月　　日", "单击或点击此处输入文字。", ""):
        assert fields_of(f"<w:p>{r('甲')}{control('place', r(empty), prompt)}</w:p>")["place"] == ""


def test_controls_in_a_control_without_a_tag_are_fields() -> None:
    inner = control("chair", r("张三")) + r("主持")
    assert fields_of(f"<w:p>{control('', inner)}</w:p>") == {"chair": "张三", "": "主持"}


@pytest.mark.parametrize(
    ("tick", "shown"),
    [
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>', "☑"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', "☑"),
        ('<w:r><w:rPr><w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/></w:rPr><w:t>R</w:t></w:r>', "☑"),
        ('<w:r><w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr><w:t>\uf0a8</w:t></w:r>', "☐"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>', "〔符号〕"),
    ],
)
def test_characters_of_symbol_fonts(tick: str, shown: str) -> None:
    assert fields_of(f"<w:p>{tick}{r('到会')}</w:p>") == {"": f"{shown}到会"}
