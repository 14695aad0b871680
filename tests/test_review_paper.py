"""Compares headers, footers and page set-ups; prints redlines, tables and decisions; names what a merge cannot keep."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pdfplumber
import pytest
from checking import write_profile
from docx import Document as Word
from docx.shared import Mm
from test_review_cli import REGULATION, REPORT, merge, replaced, run

from toolkit import app
from toolkit.core import zips
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.page_frame import Page, read_frame
from toolkit.model.tree import plain, walk
from toolkit.versions import redlines

NOTICE = "601-关于印发意识形态工作责任制实施办法的通知.docx"


def by_hand(path: Path, change) -> None:
    """Edit a file as a word processor does."""
    word = Word(str(path))
    change(word)
    word.save(str(path))


def footed(word) -> None:
    word.sections[0].footer.paragraphs[0].add_run("内部资料")


def widened(word) -> None:
    word.sections[0].left_margin += Mm(10)


def foreign(path: Path, header: str = "", change=None) -> Path:
    word = Word()
    for line in ("档案管理办法", "第一条　为了管理档案，制定本办法。", "第二条　档案由专人保管。"):
        word.add_paragraph(line)
    word.sections[0].header.paragraphs[0].text = header
    if change:
        change(word)
    word.save(str(path))
    return path


def printed(path: Path) -> str:
    with pdfplumber.open(io.BytesIO(path.read_bytes())) as pdf:
        return "".join(re.sub(r"\s", "", page.extract_text()) for page in pdf.pages)


# --- headers, footers, pages ---------------------------------------------------------------------------------------


def test_headers_of_two_files(capsys, tmp_path) -> None:
    one, two = foreign(tmp_path / "一.docx", "内部资料"), foreign(tmp_path / "二.docx", "公开")
    code, out, _ = run(capsys, "diff", one, two)
    assert code == 1 and "页眉：[-内部资料-]{+公开+}" in re.sub("\x1b\\[[0-9;]*m", "", out)
    assert "条文没有变化，改了页眉" in out and "没有比较的内容" not in out


def test_first_and_even_pages_are_told_where_they_differ(tmp_path) -> None:
    def change(word) -> None:
        section = word.sections[0]
        section.different_first_page_header_footer = True
        section.first_page_header.paragraphs[0].text = "封面"
        word.settings.odd_and_even_pages_header_footer = True
        section.even_page_header.paragraphs[0].text = "双页"

    frame = read_frame(foreign(tmp_path / "一.docx", "单页", change).read_bytes())
    assert frame.header == "首页“封面”，奇数页“单页”，偶数页“双页”" and frame.footer == ""
    assert read_frame(foreign(tmp_path / "二.docx", "单页").read_bytes()).header == "单页"


def test_a_page_number_is_one_whatever_it_reads(village) -> None:
    frame = read_frame((village / "out" / REGULATION).read_bytes())
    assert frame.footer == "— 〔页码〕 —"
    assert [page.text() for page in frame.pages] == ["A4 纵向，页边距上 37、下 35、左 28、右 26 毫米"]


def test_rounding_is_no_other_page() -> None:
    page = Page(210, 297, (37, 35, 28, 26))
    assert page.near(Page(210, 297, (37, 36, 28, 26))) and not page.near(Page(210, 297, (37, 35, 30, 26)))
    assert Page(420, 297, (20, 20, 20, 20)).text().startswith("A3 横向") and Page(
        100, 100, (0, 0, 0, 0)
    ).text().startswith("100×100 毫米")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("old", ["out", "unit.yaml"])
def test_an_edited_file_against_a_folder_and_a_profile(capsys, village, edited, old) -> None:
    by_hand(edited / REGULATION, footed)
    by_hand(edited / REPORT, widened)
    code, out, _ = run(capsys, "diff", village / old, edited, "-f", "json")
    assert code == 1 and '"what": "页脚"' in out and "奇数页“— 〔页码〕 —内部资料”" in out
    assert "页边距上 37、下 35、左 38、右 26 毫米" in out and '"not_compared": []' in out
    code, out, _ = run(capsys, "diff", village / old, edited, "-f", "amendment")
    assert code == 1 and out.startswith("没有要写进决定的改动。\n") and "页脚或者页面设置有改动" in out


@pytest.mark.slow
def test_a_redline_cannot_show_a_footer_and_says_so(capsys, village, edited, tmp_path) -> None:
    by_hand(edited / REGULATION, footed)
    code, out, _ = run(capsys, "diff", village / "out", edited, "-o", tmp_path / "r.docx")
    assert code == 1 and "页眉、页脚和页面设置的改动修订稿表示不了" in out and "文字没有不同" in out
    assert not (tmp_path / "r.docx").exists()
    replaced(edited / REPORT, "报告", "书面报告")
    code, out, _ = run(capsys, "diff", village / "out", edited, "-o", tmp_path / "r.docx")
    assert code == 1 and (tmp_path / "r.docx").exists()


@pytest.mark.slow
def test_status_tells_frames_formats_and_what_encloses(capsys, tmp_path) -> None:
    edited = tmp_path / "out"
    app.generate(write_profile(tmp_path, {"机关代字": "印发方式: 分别印发\n  机关代字"}), edited)

    def bold(word) -> None:
        next(one for one in word.paragraphs if "本办法适用于" in one.text).runs[-1].bold = True

    by_hand(edited / REGULATION, footed)
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    by_hand(edited / REGULATION, bold)
    code, out, _ = run(capsys, "status", edited)
    assert code == 1 and "页脚，1 处" in out and "手工格式 1 处没有比较：加粗“" in out
    assert f"“{NOTICE}”所附的同一文件没有这些改动" in out and "没有逐字比较" not in out


@pytest.mark.slow
def test_a_frame_that_nobody_knows_is_listed(capsys, edited) -> None:
    """Where every file of a layout was edited, nothing says how the footer was."""
    for path in edited.glob("*.docx"):
        by_hand(path, footed)
    assert "页脚 1 处没有逐字比较：— 1 —内部资料" in run(capsys, "status", edited)[1]


@pytest.mark.slow
def test_a_merge_names_what_the_template_gives_anew(capsys, village, edited, tmp_path) -> None:
    def change(word) -> None:
        next(one for one in word.paragraphs if "本办法适用于" in one.text).runs[-1].bold = True

    by_hand(edited / REGULATION, footed)
    by_hand(edited / REGULATION, change)
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    code, out, _ = merge(capsys, village, edited, tmp_path / "merged")
    assert code == 1
    for said in (
        "页脚没有带入：手工稿是奇数页“— 〔页码〕 —内部资料”",
        "手工格式 1 处没有带入：加粗“",
        f"按模板重新写成，手工调的格式只留在原件里：.toolkit/base/手工稿/{REGULATION}",
    ):
        assert said in out


@pytest.mark.slow
def test_conflicts_say_which_side_took_the_words_out(capsys, village, edited, tmp_path) -> None:
    def change(word) -> None:
        for one in [one for one in word.paragraphs if "本办法适用于" in one.text or "本办法规范本村" in one.text]:
            one._p.getparent().remove(one._p)

    by_hand(edited / REGULATION, change)
    layer = tmp_path / "own" / "documents" / "regulation.md"
    layer.parent.mkdir(parents=True)
    layer.write_text("---\nid: regulation\n---\n本办法适用于本村全部组织。{#scope_text}\n", encoding="utf-8")
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "--check", "--layer", tmp_path / "own")
    assert code == 1 and "（手工删去，新版改了）" in out


def test_a_title_that_was_edited_changes_no_other_file(capsys, village, edited) -> None:
    """Files that cite it read as they did."""
    replaced(edited / REPORT, "报告", "书面报告")
    code, out, _ = run(capsys, "diff", village / "out", edited)
    assert code == 1 and "有改动 1 份" in out and "标题：" in out


# --- paper ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_redline_on_paper(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    code, out, _ = run(capsys, "diff", village / "out", edited, "-o", tmp_path / "r.pdf")
    assert code == 1 and "r.pdf" in out and "审阅" not in out
    text = printed(tmp_path / "r.pdf")
    assert redlines.LEGEND in text.replace(":", "：") and "每半年每季度至少一次" in text


def test_what_a_redline_on_paper_cannot_mark_is_said_on_it(capsys, tmp_path) -> None:
    one = notice(tmp_path / "一.docx", *NOTICE_LINES)
    two = notice(tmp_path / "二.docx", *NOTICE_LINES[:-1], "2026年4月12日")
    assert run(capsys, "diff", one, two, "-o", tmp_path / "r.pdf")[0] == 1
    assert "成文日期：2026年4月10日→2026年4月12日" in printed(tmp_path / "r.pdf").replace(":", "：")


@pytest.mark.slow
def test_redlines_of_a_set_on_paper_go_into_a_folder(capsys, village, tmp_path) -> None:
    assert run(capsys, "diff", village / "out", village / "next", "-f", "pdf", "-o", tmp_path / "red")[0] == 1
    made = sorted(path.name for path in (tmp_path / "red").iterdir())
    assert made and all(name.endswith("-修订稿.pdf") for name in made)
    code, _, err = run(capsys, "diff", village / "out", village / "next", "-o", tmp_path / "one.pdf")
    assert code == 2 and "--only" in err


@pytest.mark.parametrize(("form", "words"), [("table", "现行条文"), ("amendment", "决定对")])
def test_tables_and_decisions_on_paper(capsys, village, tmp_path, form, words) -> None:
    out = tmp_path / "x.pdf"
    assert run(capsys, "diff", village / "out", village / "next", "-f", form, "-o", out, "--only", "regulation")[0] == 1
    assert words in printed(out) and "村党支部应当公布联系方式。" in printed(out)


@pytest.mark.parametrize(
    ("form", "name"), [("text", "x.pdf"), ("docx", "x.pdf"), ("html", "x.docx"), ("pdf", "x.docx")]
)
def test_a_format_does_not_go_into_a_file_of_another(capsys, village, tmp_path, form, name) -> None:
    code, _, err = run(capsys, "diff", village / "out", village / "next", "-f", form, "-o", tmp_path / name)
    assert code == 2 and "扩展名" in err and not (tmp_path / name).exists()


def test_a_character_without_a_font_is_named(capsys, village, tmp_path) -> None:
    old, new = (
        foreign(tmp_path / "一.docx"),
        foreign(tmp_path / "二.docx", change=lambda word: word.add_paragraph("第三条　\U0001f600。")),
    )
    code, out, err = run(capsys, "diff", old, new, "-o", tmp_path / "r.pdf")
    assert code == 1 and "1F600" in (out + err).upper().replace("U+", "") and not (tmp_path / "r.pdf").exists()


# --- errors --------------------------------------------------------------------------------------------------------


def test_a_broken_file_of_a_folder_is_named(capsys, edited) -> None:
    (edited / "附件.docx").write_bytes(b"PK\x03\x04")
    code, out, _ = run(capsys, "diff", edited, edited)
    assert code == 1 and "附件.docx：" in out


def test_broken_parts_are_told_in_chinese(capsys, tmp_path) -> None:
    path = foreign(tmp_path / "一.docx")
    deep = "<w:sdt><w:sdtContent>" * 200 + "<w:p/>" + "</w:sdtContent></w:sdt>" * 200
    for body, words in ((deep, "嵌套过深"), ("<w:p>", "不完整或有误")):
        parts = dict(read_parts(path))
        parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:sectPr", body.encode() + b"<w:sectPr", 1)
        (tmp_path / "二.docx").write_bytes(zips.pack(parts))
        code, _, err = run(capsys, "diff", path, tmp_path / "二.docx")
        assert code == 3 and words in err and "document:" not in err


def read_parts(path: Path) -> dict[str, bytes]:
    from toolkit.docx.reading.package import open_package

    return open_package(path.read_bytes()).parts


@pytest.mark.parametrize("command", ["status", "merge"])
def test_a_folder_that_is_not_there(capsys, village, tmp_path, command) -> None:
    more = (village / "unit.yaml", tmp_path / "无", "--check") if command == "merge" else (tmp_path / "无",)
    code, _, err = run(capsys, command, *more)
    assert code == 3 and "找不到文件夹" in err


# --- foreign notices -----------------------------------------------------------------------------------------------


def notice(path: Path, *lines: str) -> Path:
    word = Word()
    for line in lines:
        word.add_paragraph(line)
    word.save(str(path))
    return path


NOTICE_LINES = (
    "关于做好防汛工作的通知",
    "各乡镇人民政府，县直各单位：",
    "现就有关事项通知如下：",
    "一、落实责任",
    "各乡镇应当检查一次。",
    "附件：1.值班表",
    "2.物资清单",
    "清水县人民政府办公室",
    "2026年4月10日",
)


def test_the_ends_of_a_foreign_notice_are_known(tmp_path) -> None:
    read = read_document(notice(tmp_path / "一.docx", *NOTICE_LINES).read_bytes()).document
    assert read.title == "关于做好防汛工作的通知" and plain(read.addressee) == "各乡镇人民政府，县直各单位："
    assert (read.issuer, read.doc_date, read.attachments) == (
        "清水县人民政府办公室",
        "2026-04-10",
        ("值班表", "物资清单"),
    )
    assert [plain(one.content or one.heading) for one in walk(read.body)] == [
        "现就有关事项通知如下：",
        "落实责任",
        "各乡镇应当检查一次。",
    ]


def test_dates_and_organs_of_foreign_notices_are_told_as_such(capsys, tmp_path) -> None:
    one = notice(tmp_path / "一.docx", *NOTICE_LINES)
    two = notice(
        tmp_path / "二.docx",
        *NOTICE_LINES[:1],
        "各乡镇人民政府：",
        *NOTICE_LINES[2:-3],
        "2.人员名单",
        NOTICE_LINES[-2],
        "2026年4月12日",
    )
    _, out, _ = run(capsys, "diff", one, two)
    out = re.sub("\x1b\\[[0-9;]*m", "", out)
    for said in (
        "主送机关：[-各乡镇人民政府，县直各单位：-]{+各乡镇人民政府：+}",
        "附件说明：[-值班表；物资清单-]{+值班表；人员名单+}",
        "成文日期：[-2026年4月10日-]{+2026年4月12日+}",
    ):
        assert said in out
    assert "修改 " not in out


@pytest.mark.parametrize(
    "lines",
    [
        ("办法", "第一条　甲。", "第二条　本办法自下列日期施行：", "2026年13月40日"),
        ("办法", "现将有关事项通知如下：", "第一条　甲。", "第二条　乙应当登记，并且检查。"),
        ("办法", "第一条　甲。", "2026年4月10日"),
        ("2026年4月10日",),
    ],
)
def test_what_reads_otherwise_stays_in_the_text(tmp_path, lines) -> None:
    read = read_document(notice(tmp_path / "一.docx", *lines).read_bytes()).document
    shown = list(filter(None, [read.title, *(plain(one.content) for one in walk(read.body))]))
    assert read.addressee == () and read.issuer == "" and len(shown) + bool(read.doc_date) == len(lines)


# --- foreign rules -------------------------------------------------------------------------------------------------

RULES = ("办法", "第一章　总则", "第一条　甲。", "第二章　附则", "第二条　乙。")


def outlined(path: Path, *lines: str) -> list[tuple[str, str]]:
    read = read_document(notice(path, *lines).read_bytes())
    return [
        (one.level, plain(one.content or one.heading)) for one in walk(read.document.body) if one.content or one.heading
    ]


def test_a_table_of_contents_is_no_text(capsys, tmp_path) -> None:
    listed = (RULES[0], "目　录", "第一章　总则\t1", "第二章　附则\t2", *RULES[1:])
    assert outlined(tmp_path / "一.docx", *listed) == outlined(tmp_path / "二.docx", *RULES)
    code, out, _ = run(capsys, "diff", tmp_path / "一.docx", tmp_path / "二.docx")
    assert code == 0 and "一.docx：目录 1 处没有比较" in out


def test_headings_that_come_once_are_those_of_the_text(tmp_path) -> None:
    texts = [text for _, text in outlined(tmp_path / "一.docx", RULES[0], "目录", *RULES[1:])]
    assert texts == ["目录", "总则", "甲。", "附则", "乙。"]


def test_no_chapter_stands_in_a_paragraph_above_it(tmp_path) -> None:
    read = read_document(
        notice(
            tmp_path / "一.docx", RULES[0], "（草案）", "为了管理，现发布如下规定并请遵照执行。", *RULES[1:]
        ).read_bytes()
    )
    assert [(one.level, len(one.children)) for one in read.document.body] == [
        ("paragraph", 0),
        ("chapter", 1),
        ("chapter", 1),
    ]
