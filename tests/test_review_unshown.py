"""What is not compared or not shown is said in every format; pictures and notes of kept paragraphs stay in a redline."""

from __future__ import annotations

import io
import re
from copy import deepcopy

import docx as word_docx
import pytest
from checking import write_layer
from docx.oxml.ns import qn
from PIL import Image
from test_review_cli import CHANGED, REGULATION, replaced, run
from test_review_pairing import FORM

from toolkit import api
from toolkit.core import zips
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.inlines import Unread
from toolkit.docx.reading.package import open_package
from toolkit.docx.reading.unread_parts import findings_of

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
MATH = (
    '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>a+b</m:t></m:r></m:oMath>'
)
BOX = (
    f'<w:r xmlns:w="{W}"><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" style="width:90pt;height:30pt"><v:textbox>'
    "<w:txbxContent><w:p><w:r><w:t>框中文字</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)
LINES = (
    "第一条　为了规范管理，制定本办法。",
    "第二条　本办法适用于本村。",
    "第三条　每月报告一次。",
    "第四条　由支部负责解释。",
)


def picture(colour: str) -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(stream, "PNG")
    stream.seek(0)
    return stream


def foreign(path, *, note: str = "原注", colour: str = "red", changed: bool = False, extras: bool = True):
    """Write a foreign file with a picture, a footnote, an equation and a text box in its articles."""
    word = word_docx.Document()
    word.add_paragraph("某某办法")
    for number, line in enumerate(LINES):
        paragraph = word.add_paragraph(line.replace("每月", "每季度") if changed else line)
        if extras and number == 0:
            paragraph.add_run().add_picture(picture(colour))
    word.save(path)
    if not extras:
        return path
    parts = dict(open_package(path.read_bytes()).parts)
    xml = parts["word/document.xml"].decode()
    xml = xml.replace(
        "适用于本村。</w:t></w:r>",
        f'适用于</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>本村。</w:t></w:r>{MATH}',
    )
    xml = xml.replace("负责解释。</w:t></w:r>", f"负责解释。</w:t></w:r>{BOX}")
    parts["word/document.xml"] = xml.encode()
    kinds = (("0", "separator"), ("1", "continuationSeparator"))
    lines = "".join(
        f'<w:footnote w:id="{n}" w:type="{kind}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>' for n, kind in kinds
    )
    lines += f'<w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>{note}</w:t></w:r></w:p></w:footnote>'
    parts["word/footnotes.xml"] = f'<w:footnotes xmlns:w="{W}">{lines}</w:footnotes>'.encode()
    rels = parts["word/_rels/document.xml.rels"].decode()
    parts["word/_rels/document.xml.rels"] = rels.replace(
        "</Relationships>", f'<Relationship Id="rId99" Type="{NOTES}" Target="footnotes.xml"/></Relationships>'
    ).encode()
    types = parts[zips.CONTENT_TYPES].decode()
    parts[zips.CONTENT_TYPES] = types.replace(
        "</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{NOTES_TYPE}"/></Types>'
    ).encode()
    path.write_bytes(zips.pack(parts))
    return path


def comments_of(data: bytes) -> str:
    return re.sub("<[^>]*>", "", open_package(data).parts["word/comments.xml"].decode())


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("form", "ending"),
    [
        ("text", ""),
        ("json", ""),
        ("html", ""),
        ("amendment", ""),
        ("table", ".docx"),
        ("table", ".pdf"),
        ("docx", ".docx"),
        ("pdf", ".pdf"),
    ],
)
@pytest.mark.parametrize("change", [{"note": "新注"}, {"colour": "blue"}])
def test_a_difference_that_is_not_shown_is_said_in_every_format(capsys, tmp_path, form, ending, change) -> None:
    one, two = foreign(tmp_path / "一.docx"), foreign(tmp_path / "二.docx", **change)
    out = ("-o", tmp_path / f"r{ending}") if ending else ()
    code, said, _ = run(capsys, "diff", one, two, "-f", form, *out)
    kind = "脚注" if "note" in change else "图片"
    assert code == 1 and f"{kind}不同，没有写进比较结果" in said and ("“新注”" in said or kind == "图片")
    assert "文字没有不同" in said or ending or form == "json"


def test_the_redline_itself_says_what_it_does_not_show(capsys, tmp_path) -> None:
    one, two = foreign(tmp_path / "一.docx"), foreign(tmp_path / "二.docx", note="新注", changed=True)
    assert run(capsys, "diff", one, two, "-o", tmp_path / "r.docx")[0] == 1
    said = comments_of((tmp_path / "r.docx").read_bytes())
    assert "没有比较或者没有显示的内容" in said and "脚注不同" in said and "新注" in said
    comparison = api.diff(one, two)
    assert "脚注不同" in api.diff_report(comparison, "amendment").decode()
    table = api.diff_report(comparison, "table")
    assert "脚注不同" in "".join(
        re.findall("<w:t[^>]*>([^<]*)", open_package(table).parts["word/document.xml"].decode())
    )


def test_a_long_note_hides_no_other():
    left = Unread({"脚注": ["长" * 200, "短的脚注"], "批注": []})
    (finding,) = findings_of(left, "一.docx")[:1]
    assert finding.message == f"脚注 2 处没有逐字比较：{'长' * 60}……（共200字）；短的脚注"
    (said,) = Unread({"脚注": ["长" * 200, "短的脚注"]}).differences(Unread({"脚注": ["长" * 200]}))
    assert said == ("脚注", "“短的脚注”", "1 处")


def test_what_is_equal_on_both_sides_differs_in_nothing(capsys, tmp_path) -> None:
    one, two = foreign(tmp_path / "一.docx"), foreign(tmp_path / "二.docx")
    code, said, _ = run(capsys, "diff", one, two)
    assert code == 0 and "没有不同" in said and "脚注 1 处没有逐字比较" in said


def test_pictures_notes_boxes_and_equations_of_kept_paragraphs_are_in_the_redline(tmp_path) -> None:
    one, two = foreign(tmp_path / "一.docx"), foreign(tmp_path / "二.docx", changed=True)
    (data,) = api.diff_redlines(api.diff(one, two)).values()
    parts = open_package(data).parts
    xml = parts["word/document.xml"].decode()
    assert xml.count("<w:drawing") == 1 and xml.count("oMath>") >= 1 and "框中文字" in xml
    before, _, after = xml.partition("<w:footnoteReference")
    assert re.sub("<[^>]*>", "", before).endswith("适用于")
    assert re.sub("<[^>]*>", "", after.partition(">")[2]).startswith("本村。")
    assert "原注" in parts["word/footnotes.xml"].decode()
    shown = read_document(data).left
    assert shown.pictures == read_document(two.read_bytes()).left.pictures and shown.texts["脚注"] == ["原注"]
    word_docx.Document(io.BytesIO(data))


def test_a_paragraph_that_comes_or_goes_carries_nothing(tmp_path) -> None:
    one, two = foreign(tmp_path / "一.docx", extras=False), foreign(tmp_path / "二.docx")
    (found,) = [one for one in api.diff(one, two).unshown if one.subject == "图片"]
    assert "旧的0 处，新的1 处" in found.message


@pytest.mark.slow
def test_words_typed_into_the_contents_are_told(capsys, village, edited, tmp_path) -> None:
    path = edited / REGULATION
    parts = dict(open_package(path.read_bytes()).parts)
    before, heading, after = parts["word/document.xml"].decode().partition("第六章　事件处置</w:t>")
    parts["word/document.xml"] = f"{before}手工写在目录里。{heading}{after}".encode()
    path.write_bytes(zips.pack(parts))
    for words in (("diff", village / "out", edited), ("status", edited)):
        _, said, _ = run(capsys, *words)
        assert "目录里和标题不同的文字" in said and "手工写在目录里。" in said
    layer = write_layer(tmp_path / "layer", CHANGED)
    _, said, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "new", "--layer", layer)
    assert "目录里和标题不同的文字 1 处没有带入：手工写在目录里。" in said


@pytest.mark.slow
def test_a_chapter_that_was_inserted_leaves_no_words_of_the_contents(capsys, village, edited, tmp_path) -> None:
    """Word does not make the 目录 again by itself: its old lines were told as words that the merge did not take over."""
    document = word_docx.Document(str(edited / REGULATION))
    chapters = [paragraph for paragraph in document.paragraphs if paragraph.style.name == "章"]
    chapters[3]._p.addprevious(added := deepcopy(chapters[3]._p))
    chapters[5]._p.getparent().remove(chapters[5]._p)
    *others, last = added.iter(qn("w:t"))
    for one in others:
        one.text = ""
    last.text = "　公开和答复"
    document.save(str(edited / REGULATION))
    layer = write_layer(tmp_path / "layer", CHANGED)
    _, said, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "new", "--layer", layer)
    assert "（新增），1 处" in said and "（删除），1 处" in said and "目录里" not in said


def test_a_second_note_and_words_typed_over_a_placeholder_are_differences(village, edited) -> None:
    path = edited / REGULATION
    parts = dict(open_package(path.read_bytes()).parts)
    xml = parts["word/document.xml"].decode()
    (note,) = re.findall(r'<w:p><w:pPr><w:pStyle w:val="Note"/></w:pPr>(?:(?!</w:p>).)*</w:p>', xml)
    parts["word/document.xml"] = xml.replace(note, note + note.replace("通过", "修订"), 1).encode()
    path.write_bytes(zips.pack(parts))
    replaced(edited / FORM, "<w:showingPlcHdr/>", '<w:showingPlcHdr w:val="1"/>')
    parts = dict(open_package((edited / FORM).read_bytes()).parts)
    before, mark, after = parts["word/document.xml"].decode().partition('<w:showingPlcHdr w:val="1"/>')
    start, end = after.index(">", after.index("<w:t")) + 1, after.index("</w:t>")
    parts["word/document.xml"] = f"{before}{mark}{after[:start]}会议室{after[end:]}".encode()
    (edited / FORM).write_bytes(zips.pack(parts))
    comparison = api.diff(village / "out", edited)
    assert {pair.source.file for pair in comparison.of("changed")} >= {REGULATION, FORM}
    assert "修订）" in api.diff_report(comparison, "text").decode()
