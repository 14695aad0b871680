"""Redlines inside a foreign file: its package stays, accepted it is the new file, rejected it reads as the old one."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from docx import Document as Word
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from office import reviewer, uno_python
from openxml_audit import FileFormat, OpenXmlValidator
from test_review_cli import run
from word_model import body

from toolkit import api
from toolkit.core import zips
from toolkit.docx.reading.lint import lint
from toolkit.docx.reading.package import open_package
from toolkit.docx.redline.in_place import in_place
from toolkit.docx.redline.plain_lines import NotPossible
from toolkit.docx.redline.revisions import Author

AUTHOR = Author("审核", "2026-01-05T00:00:00Z")
SENTENCES = [
    "村民委员会应当每月公布一次集体收支情况，接受村民查询。",
    "会计人员保管的原始凭证不得少于三十年，不得擅自销毁。",
    "出纳人员不得兼任会计工作和档案保管。",
    "重大支出事项由村民代表会议讨论决定。",
    "审计发现的问题应当限期整改并且回访。",
    "图书室每日开放，借阅应当登记。",
]
STYLES = ["Normal", "List Bullet", "List Number", "List Number 2", "Heading 2", "Quote"]
Line = tuple[str, str, bool]


def saved(document) -> bytes:
    document.save(data := BytesIO())
    return data.getvalue()


def written(blocks: list) -> bytes:
    """Write lines (text, style, whether half of it is bold) and tables (lists of rows)."""
    document = Word()
    document.sections[0].header.paragraphs[0].text = "某某公司内部文件"
    for block in blocks:
        if isinstance(block, list):
            table = document.add_table(0, 2, style="Table Grid")
            for row in block:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            continue
        text, style, bold = block
        paragraph = document.add_paragraph(style=style)
        paragraph.add_run(text[: len(text) // 2]).bold = bold
        last = paragraph.add_run(text[len(text) // 2 :])
        last.font.size = Pt(11)
    return saved(document)


def drawn(seed: int) -> tuple[list, list]:
    """Return an old and a new text at random."""
    draw = random.Random(seed)

    def line() -> Line:
        text = "".join(draw.sample(SENTENCES, draw.randint(1, 2)))
        return text, draw.choice(STYLES), draw.random() < 0.3

    old: list = [line() for _ in range(draw.randint(1, 9))]
    for _ in range(draw.randint(0, 2)):
        rows = [[draw.choice(SENTENCES), str(draw.randint(1, 99))] for _ in range(draw.randint(1, 4))]
        old.insert(draw.randint(0, len(old)), rows)
    new: list = []
    for block in old:
        act = draw.random()
        if act < 0.15:
            continue
        if act < 0.3:
            new.append(line())
        if isinstance(block, list) and act > 0.6:
            block = [list(row) for row in block]
            block[0][1] = "七"
            if act > 0.8:
                block.append([SENTENCES[0], "新"])
            elif len(block) > 1:
                del block[1]
        elif not isinstance(block, list) and act > 0.7:
            block = block[0].replace("不得", "可以").replace("应当", "必须", 1), block[1], block[2]
        new.append(block)
    if draw.random() < 0.3:
        new.append(line())
    return old, new


def texts(found: list) -> list:
    """Return what a body prints, its empty paragraphs left out."""
    out = [texts(one) if isinstance(one, list) else tuple(one[:3]) for one in found]
    return [one for one in out if not (isinstance(one, tuple) and not one[2].strip())]


def resolved(old: bytes, new: bytes) -> bytes:
    data = in_place(old, new, AUTHOR).data
    assert texts(body(data, "accept")) == texts(body(new, "none"))
    assert texts(body(data, "reject")) == texts(body(old, "none"))
    return data


@pytest.mark.sampled(16)
@pytest.mark.parametrize("seed", range(40))
def test_random_foreign_files(seed) -> None:
    old, new = map(written, drawn(seed))
    data = resolved(old, new)
    before, after = open_package(new).parts, open_package(data).parts
    assert {name: part for name, part in after.items() if name != "word/document.xml"} == {
        name: part for name, part in before.items() if name != "word/document.xml"
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 160))
def test_many_random_foreign_files(seed) -> None:
    resolved(*map(written, drawn(seed)))


@pytest.mark.slow
def test_a_redline_is_valid(tmp_path) -> None:
    validator = OpenXmlValidator(FileFormat.OFFICE_2019)
    for seed in range(6):
        old, new = map(written, drawn(seed))
        found = {}
        for name, data in (("new", new), ("redline", resolved(old, new))):
            (tmp_path / f"{name}.docx").write_bytes(data)
            found[name] = {str(error.description) for error in validator.validate(tmp_path / f"{name}.docx").errors}
        assert found["redline"] <= found["new"]
        assert [one.code for one in lint(data)] == [one.code for one in lint(new)]


def with_link(text: str) -> bytes:
    """A paragraph with a link in it, and one without."""
    document = Word()
    paragraph = document.add_paragraph("见附件")
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), "x")
    link.append(OxmlElement("w:r"))
    link[0].append(OxmlElement("w:t"))
    link[0][0].text = text
    paragraph._p.append(link)
    paragraph.add_run("的要求，每月报送一次。")
    document.add_paragraph("其他事项应当登记。")
    return saved(document)


def test_words_beside_a_link_are_marked_and_those_inside_are_not_possible() -> None:
    old, new = with_link("管理办法"), with_link("管理办法").replace(b"", b"")
    parts = dict(open_package(new).parts)
    xml = parts["word/document.xml"].decode()
    parts["word/document.xml"] = xml.replace("每月", "每季度").encode()
    data = resolved(old, zips.pack(parts))
    assert "<w:hyperlink" in open_package(data).parts["word/document.xml"].decode()
    with pytest.raises(NotPossible, match="链接"):
        in_place(old, with_link("管理规定"), AUTHOR)


def test_what_is_not_possible_says_why() -> None:
    old = written([(SENTENCES[0], "Normal", False)])
    parts = dict(open_package(old).parts)
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:p>", b'<w:p><w:ins w:id="1" w:author="a"/>', 1)
    with pytest.raises(NotPossible, match="已经有修订"):
        in_place(old, zips.pack(parts), AUTHOR)
    document = Word()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = SENTENCES[1]
    merged = saved(document)
    table.cell(1, 1).text = SENTENCES[2]
    with pytest.raises(NotPossible, match="表格"):
        in_place(merged, saved(document), AUTHOR)


@pytest.mark.slow
def test_the_option_keeps_the_layout_and_says_where_it_cannot(capsys, village, tmp_path) -> None:
    old = [
        ("某某公司管理办法", "Heading 2", False),
        *((f"第{n}条　{SENTENCES[i]}", "Quote", True) for i, n in enumerate("一二三")),
    ]
    new = [*old[:2], ("第二条　会计人员保管的凭证不得少于二十年。", "Quote", True), old[3]]
    for name, blocks in (("a", old), ("b", new)):
        (tmp_path / f"{name}.docx").write_bytes(written(blocks))
    red = tmp_path / "red.docx"
    args = ("diff", tmp_path / "a.docx", tmp_path / "b.docx", "-o", red, "--force")
    code, out, err = run(capsys, *args, "--own-layout")
    assert code == 1 and "重排" not in out + err
    parts = open_package(red.read_bytes()).parts
    xml = parts["word/document.xml"].decode()
    assert 'w:val="Quote"' in xml and "<w:del " in xml and "二" in xml and parts["word/header1.xml"]
    assert texts(body(red.read_bytes(), "reject")) == texts(body((tmp_path / "a.docx").read_bytes(), "none"))
    run(capsys, *args)
    assert 'w:val="Quote"' not in open_package(red.read_bytes()).parts["word/document.xml"].decode()
    code, out, err = run(
        capsys, "diff", village / "out", village / "next", "-f", "docx", "-o", tmp_path / "r", "--own-layout"
    )
    assert code == 1 and "本来就是公文版式" in err


def test_a_note_on_what_is_not_shown_stands_in_the_file() -> None:
    old, new = written([(SENTENCES[0], "Normal", False)]), written([(SENTENCES[1], "Normal", False)])
    comparison = api.diff(old, new)
    (data,) = api.diff_redlines(comparison, own_layout=True).values()
    assert texts(body(data, "accept")) == texts(body(new, "none"))
    noted = in_place(old, new, AUTHOR, note="没有比较：页眉").data
    assert "没有比较：页眉" in open_package(noted).parts["word/comments.xml"].decode()


@pytest.mark.libreoffice
def test_libreoffice_restores_both_texts_with_styles_and_numbers(soffice: str, tmp_path) -> None:
    if not uno_python():
        pytest.skip("UNO is not installed for the system's Python: apt-get install python3-uno")
    wrong = []
    with reviewer(soffice, tmp_path) as ask:
        for seed in range(40):
            old, new = map(written, drawn(seed))
            data = in_place(old, new, AUTHOR).data
            for clean, act in ((old, "reject"), (new, "accept")):
                if filled(ask(data, act)) != filled(ask(clean, "none")):
                    wrong.append((seed, act))
    assert wrong == []


def filled(found: list) -> list:
    """Return a body as LibreOffice reads it (style, number and text), without empty paragraphs.

    Tables that follow each other are one: it joins them if nothing changed between them.
    """
    out: list = []
    for one in found:
        if isinstance(one, list):
            cells = [text for cell in one for text in cell]
            if out and isinstance(out[-1], list):
                out[-1] += cells
            else:
                out.append(cells)
        elif one.rpartition("|")[2].strip():
            out.append(one)
    return out


def test_marks_of_other_lists_are_told() -> None:
    head = [("某某公司管理办法", "Normal", False), (f"第一条　{SENTENCES[0]}", "Normal", False)]
    old, new = (written([*head, (text, "List Bullet", False)]) for text in SENTENCES[1:3])
    told = [finding for finding in api.diff(old, new).findings if finding.code == "list_mark"]
    assert len(told) == 2 and "1 段的自动项目符号不是公文的编号" in told[0].message and "--own-layout" in told[0].hint
    assert not any(finding.code == "list_mark" for finding in api.diff(written(head), written(head)).findings)
