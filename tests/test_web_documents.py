"""文件, 改这一条 and 台账 of the page, without a browser: what they show, what they write, whose bytes they give."""

from __future__ import annotations

import html
import io
import re
import shutil
import struct
import time
import zipfile
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from conftest import ROOT
from pypdf import PdfReader
from webs import Web, put, web

from toolkit import api
from toolkit.app import Pages
from toolkit.web.pictures import Sheets, picture
from toolkit.web.samples import Samples
from toolkit.web.turns import Turns

NAME = "柳河村"


@pytest.fixture
def desk(tmp_path: Path) -> Web:
    put(tmp_path, NAME)
    return web(tmp_path)


@pytest.fixture
def light(tmp_path: Path) -> Web:
    """The same with fewer documents, for what makes all of them."""
    put(tmp_path, NAME, "village_light")
    return web(tmp_path)


def unfinished(folder: Path, name: str) -> None:
    """Put a unit into the folder of which nothing is answered yet."""
    (folder / name).mkdir()
    (folder / name / "unit.yaml").write_text("单位类型: 村\n", encoding="utf-8")


def at(desk: Web, path: str) -> str:
    return f"/u/{desk.id(NAME)}{path}"


def unit_folder(desk: Web) -> Path:
    return desk.desk.folder / NAME


def names(disposition: str) -> str:
    from urllib.parse import unquote

    return unquote(disposition.partition("filename*=UTF-8''")[2])


# --- 文件 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_set_is_shown_at_a_provision_with_its_chain(desk):
    first = desk.get(at(desk, "/documents"))
    assert first.status_code == 303 and first.headers["Location"].endswith("/documents/regulation")
    page = desk.get(at(desk, "/documents/regulation?at=analysis")).text
    assert (
        "第二十二条　分析研判" in page and re.search(r'name="page"[^>]* value="\d+"', page) and "项要求都已落实" in page
    )
    assert page.count('aria-current="true"><span class="n">01') == 1 and "每季度末月20日前" in page
    assert "group=freq&amp;on=freq.analysis" in page and "（随频次）" in page
    assert "手工改过" not in page and "<style" not in page and " style=" not in page and "onclick" not in page


@pytest.mark.slow
def test_every_document_and_page_can_be_opened(desk):
    shown = desk.desk.unit(desk.id(NAME)).shown()
    assert len(shown.documents) > 30
    for document in (shown.documents[1], shown.documents[13], *shown.documents[-3:]):
        page = desk.get(at(desk, f"/documents/{document.id}"))
        assert page.status_code == 200 and html.escape(document.file_name) in page.text
    sheets = shown.sheets("regulation")
    for number in (1, sheets.pages.count):
        page = desk.get(at(desk, f"/documents/regulation?page={number}"))
        assert f'value="{number}"' in page.text and page.text.count("<rect") >= 1


def test_htmx_gets_the_part_that_it_asks_for(desk):
    path = at(desk, "/documents/regulation?at=analysis&page=3")
    part = desk.get(path, headers={"HX-Request": "true", "HX-Target": "prov"}).text
    assert part.lstrip().startswith('<section id="prov"') and "<html" not in part
    view = desk.get(path, headers={"HX-Request": "true", "HX-Target": "view"}).text
    assert view.lstrip().startswith('<section id="view"') and 'value="3"' in view


@pytest.mark.sampled(3)
@pytest.mark.parametrize("path", ["/documents/nothing", "/documents/nothing/1.png", "/documents/regulation/99.png"])
def test_what_is_not_there_is_said(desk, path):
    answer = desk.get(at(desk, path))
    assert answer.status_code in (404, 422) and "Traceback" not in answer.text


@pytest.mark.slow
def test_a_provision_or_page_that_is_gone_is_the_first(desk):
    page = desk.get(at(desk, "/documents/regulation?at=gone&page=999")).text
    assert 'value="1"' in page or 'value="2"' in page


@pytest.mark.slow
def test_pictures_have_16_greys_and_are_small(desk):
    sheets = desk.desk.unit(desk.id(NAME)).shown().sheets("regulation")
    sizes = [len(sheets.picture(number)) for number in range(1, 11)]
    assert max(sizes) <= 45_000
    data = sheets.picture(9)
    width, height, bits, colour = struct.unpack(">IIBB", data[16:26])
    assert (width, height, bits, colour) == (662, 936, 4, 3) and picture(sheets.pages.data, 9) == data
    answer = desk.get(at(desk, f"/documents/regulation/9.png?v={sheets.digest}"))
    assert answer.data == data and "max-age" in answer.headers["Cache-Control"]
    assert "no-store" in desk.get(at(desk, "/documents/regulation/9.png?v=old")).headers["Cache-Control"]


def test_areas_lie_on_the_page_and_mean_an_article_or_a_block(desk):
    shown = desk.desk.unit(desk.id(NAME)).shown()
    sheets: Sheets = shown.sheets("regulation")
    owners = [area.owner for number in range(1, sheets.pages.count + 1) for area in sheets.areas(number)]
    assert list(dict.fromkeys(owners)) == sheets.clauses and "general" not in sheets.clauses
    for area in sheets.areas(9):
        assert area.x >= 0 and area.y >= 0 and area.x + area.width <= 596 and area.y + area.height <= 842


@pytest.mark.slow
def test_what_the_last_answer_changed_is_marked_until_it_was_seen(desk):
    unit = desk.desk.unit(desk.id(NAME))
    unit.prepared()
    from toolkit.web.unit import token

    unit.answer("freq.analysis", "每月至少1次", token(unit.answers().by_key["freq.analysis"]))
    window = desk.get(at(desk, "/window")).text
    assert "改过" in window and "这一页 1 处" in window and 'class="hit chg"' in window
    page = desk.get(at(desk, "/documents/regulation?at=analysis")).text
    assert "改过" in page and 'class="hit chg"' in page and "下一处" in page and "看过了" in page
    assert "前面没有了" in page and ">上一处" not in page
    following = re.search(r'<a href="([^"]+)">下一处', page)
    assert following
    assert desk.get(html.unescape(following[1])).status_code == 200
    seen = desk.post(at(desk, "/seen"), {"document": "regulation", "at": "analysis"})
    assert seen.status_code == 303
    assert "看过了" not in desk.get(at(desk, "/documents/regulation?at=analysis")).text


@pytest.mark.slow
def test_a_profile_that_is_wrong_shows_the_last_good_set_and_gives_no_file(desk):
    desk.get(at(desk, "/documents/regulation"))
    profile = unit_folder(desk) / "unit.yaml"
    good = profile.read_text(encoding="utf-8")
    profile.write_text(good + "\n频次.专题研究: 有空再说\n", encoding="utf-8")
    page = desk.get(at(desk, "/documents/regulation"))
    assert page.status_code == 200 and "上一次能生成的样子" in page.text
    assert desk.get(at(desk, "/documents/regulation/file.docx")).status_code == 422
    way = f"{at(desk, '/fill')}?group=freq&amp;on=freq.study#q-freq-study"
    head = page.text.partition('class="docs"')[0]
    assert "set.zip" not in head and "file.pdf" not in head and 'aria-disabled="true"' in head
    assert "还有 1 处要改" in head and way in head
    refused = desk.get(at(desk, "/set.zip"))
    assert (
        refused.status_code == 422 and way in refused.text and "有空再说" in refused.text and "去改：" in refused.text
    )
    profile.write_text(good + "\n频次.专题研究: 有空再说\n频次.分析研判: 再议\n没有这一项: 1\n", encoding="utf-8")
    every = desk.get(at(desk, "/documents/regulation/file.pdf"))
    assert every.status_code == 422 and "有 3 处要改" in every.text and "按文本编辑" in every.text
    assert every.text.index("再议") > 0 and every.text.count("去改：") == 3
    assert "改好以前不写文件" in desk.get(at(desk, "/generate")).text


@pytest.mark.slow
def test_findings_call_things_by_their_names_and_say_why(desk):
    clause = at(desk, "/documents/regulation/clause/archive")
    form = _form(desk.get(clause).text) | {"text": "村党支部应当做好归档工作。"}
    assert desk.post(clause, form).status_code == 303
    page = desk.get(at(desk, "/set.zip"))
    found = html.unescape(" ".join(re.findall(r'<div class="find err">(.*?)</div>', page.text, re.DOTALL)))
    said = re.sub(r"<[^>]+>", "", found)
    assert page.status_code == 422 and "缺少必备条款" in said and "引用了不存在的条款“" in said
    assert not re.search(r"[a-z]{3,}", said), said
    assert "本项目的要求" not in said and "为什么：" in said


def test_a_unit_that_cannot_be_generated_says_why_there_is_nothing_to_see(tmp_path):
    unfinished(tmp_path, NAME)
    one = web(tmp_path)
    page = one.get(at(one, "/documents")).text
    assert "还看不到" in page and "接着填" in page
    assert one.get(at(one, "/documents/regulation")).status_code == 303
    assert "答完" in one.get(at(one, "/window")).text


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_set_or_a_part_of_it_is_printed_as_one_file(light):
    """Each document begins on a new sheet of paper, unless it is printed on one side; nothing chosen is said."""
    page = light.get(at(light, "/print")).text
    known = re.findall(r'name="doc" value="([^"]+)" checked', page)
    assert set(known) == {document.id for document in api.documents(unit_folder(light) / "unit.yaml")}
    assert len(known) > 8 and "打印全套" in light.get(at(light, "/documents/regulation")).text
    asked = [*known[:2], known[-1]]
    made = api.make(unit_folder(light) / "unit.yaml", only=asked, formats=["pdf"])
    counts = [len(PdfReader(io.BytesIO(data)).pages) for name, data in made.files.items() if name.endswith(".pdf")]
    address = "/print.pdf?" + "&".join(f"doc={name}" for name in asked)
    for sides, pages in (("1", sum(counts)), ("2", sum(count + count % 2 for count in counts[:-1]) + counts[-1])):
        answer = light.get(at(light, f"{address}&sides={sides}"))
        assert (
            answer.headers["Content-Disposition"].startswith("inline")
            and "object-src" in answer.headers["Content-Security-Policy"]
        )
        assert len(PdfReader(io.BytesIO(answer.data)).pages) == pages
    nothing = light.get(at(light, "/print.pdf?doc=nothing"))
    assert nothing.status_code == 422 and "一份也没有选" in nothing.text and "checked>双面" in nothing.text
    one_group = light.get(at(light, "/print?group=会议记录")).text
    assert 0 < len(re.findall(r'name="doc" value="[^"]+" checked', one_group)) < len(known)


@pytest.mark.slow
def test_downloads_are_the_bytes_of_the_command_line(light):
    desk = light
    made = api.make(unit_folder(desk) / "unit.yaml", formats=["docx", "pdf"])
    for kind in ("docx", "pdf"):
        answer = desk.get(at(desk, f"/documents/regulation/file.{kind}"))
        name = names(answer.headers["Content-Disposition"])
        assert name.startswith("01-") and answer.data == made.files[name]
    shown = desk.get(at(desk, "/documents/regulation/file.pdf?show=1"))
    assert shown.headers["Content-Disposition"].startswith("inline")
    bundle = desk.get(at(desk, "/set.zip"))
    assert names(bundle.headers["Content-Disposition"]) == f"{NAME}.zip" and bundle.data == api.bundle(made)
    with zipfile.ZipFile(io.BytesIO(bundle.data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in made.files} == made.files


def test_writing_the_set_never_overwrites_what_was_edited_unasked(light):
    desk = light
    unit = desk.desk.unit(desk.id(NAME))
    listed = desk.get(at(desk, "/documents/regulation")).text
    assert "resolved.yaml、manifest.json：检查手工改动、换新版要用" in listed and "所以号不连着" in listed
    written = desk.post(at(desk, "/generate"))
    assert written.status_code == 200 and "写入" in written.text and "manifest.json：" in written.text
    files = {path.name: path.read_bytes() for path in unit.output.glob("*.docx")}
    assert len(files) > 8 and (unit.output / "01-意识形态工作责任制实施办法.pdf").is_file()
    assert desk.get(at(desk, "/edited")).text == ""
    edited = next(unit.output.glob("13-*.docx"))
    _edit(edited)
    line = desk.get(at(desk, "/edited")).text
    assert "手工改过" in line and "13 号" in line
    page = desk.get(at(desk, "/generate")).text
    assert edited.name in page and "在 Word 里改过" in page and "有改过的就不写" in page
    before = edited.read_bytes()
    refused = desk.post(at(desk, "/generate"), {"over": "no"})
    assert refused.status_code == 409 and "一份没动" in refused.text and edited.read_bytes() == before
    over = desk.post(at(desk, "/generate"), {"over": "yes"})
    assert over.status_code == 200 and edited.read_bytes() == files[edited.name]
    assert "toolkit" not in re.sub("<head>.*?</head>", "", over.text, flags=re.DOTALL), "no words of the command line"
    kept = list((unit.output / ".toolkit").rglob(f"*{edited.stem}*.docx"))
    assert any(path.read_bytes() == before for path in kept)
    assert re.search(r"\d+年\d+月\d+日 \d\d:\d\d 改的", desk.get(at(desk, "/review")).text)
    assert "“审阅”" in over.text and edited.name in desk.get(at(desk, "/review")).text.partition('id="aside"')[2]
    assert desk.post(at(desk, "/review/restore"), {"name": "../x"}).status_code == 422
    back = desk.post(at(desk, "/review/restore"), {"name": edited.name})
    assert "已取回 1 个文件" in back.text and edited.read_bytes() == before and 'id="aside"' not in back.text


def _edit(path: Path) -> None:
    """Change a word in a DOCX, as an editor would."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = parts["word/document.xml"].decode()
    assert "村党支部" in body
    parts["word/document.xml"] = body.replace("村党支部", "村委会", 3).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


# --- 改这一条 -----------------------------------------------------------------------------------------------------------

CLAUSE = "/documents/regulation/clause/analysis"


def _form(page: str) -> dict[str, str]:
    """Return the fields of the editor."""
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    heading = re.search(r'name="heading" value="([^"]*)"', page)
    assert seen and text and heading
    return {"seen": seen[1], "text": html.unescape(text[1]), "heading": html.unescape(heading[1])}


@pytest.mark.slow
def test_a_clause_is_reworded_marked_and_taken_back(desk):
    page = desk.get(at(desk, CLAUSE)).text
    form = _form(page)
    assert (
        form["text"].startswith("〔责任主体〕应当召开")
        and form["heading"] == "分析研判"
        and "恢复预设的写法" not in page
    )
    assert "这一条必须写明" in page and 'data-insert="〔频次〕"' in page
    form["text"] = form["text"].replace("应当召开", "应当按时召开")
    assert "可以这样写" in desk.post(at(desk, CLAUSE + "/check"), form).text
    assert not (unit_folder(desk) / "自有条款").exists()
    saved = desk.post(at(desk, CLAUSE), form)
    assert saved.status_code == 303 and saved.headers["Location"].endswith("regulation?at=analysis")
    layer = unit_folder(desk) / "自有条款/documents/01-regulation.md"
    assert "按时召开" in layer.read_text(encoding="utf-8") and "自有条款: 自有条款" in desk.profile(NAME)
    shown = desk.get(at(desk, "/documents/regulation?at=analysis")).text
    assert "按时召开" in shown and "本单位自己的写法" in shown and 'class="hit chg"' in shown
    made = api.make(unit_folder(desk) / "unit.yaml", only=["regulation"])
    assert desk.get(at(desk, "/documents/regulation/file.docx")).data == next(
        data for name, data in made.files.items() if name.endswith(".docx")
    )
    own = desk.get(at(desk, CLAUSE)).text
    assert "恢复预设的写法" in own
    undone = desk.post(at(desk, "/undo"))
    assert undone.status_code == 303 and undone.headers["Location"].endswith("regulation?at=analysis")
    assert not layer.exists() and desk.post(at(desk, CLAUSE), form).status_code == 303
    own = desk.get(at(desk, CLAUSE)).text
    back = desk.post(at(desk, CLAUSE + "/restore"), _form(own))
    assert back.status_code == 303 and not list(layer.parent.iterdir())
    assert "按时召开" not in desk.get(at(desk, "/documents/regulation?at=analysis")).text
    assert desk.post(at(desk, "/undo")).status_code == 303 and "按时召开" in layer.read_text(encoding="utf-8")
    layer.write_text(layer.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert desk.post(at(desk, "/undo")).status_code == 409


@pytest.mark.slow
def test_a_frequency_that_is_typed_is_found_with_the_way_out(desk):
    form = _form(desk.get(at(desk, CLAUSE)).text)
    form["text"] = form["text"].replace("频次为〔频次〕", "频次为每季度至少一次")
    found = desk.post(at(desk, CLAUSE + "/check"), form).text
    assert "要改" in found and "换成〔频次〕" in found and "{duty" not in found
    mended = re.search(r'data-text="([^"]+)"', found)
    assert mended and "频次为〔频次〕" in html.unescape(mended[1])


@pytest.mark.slow
def test_what_is_found_in_many_documents_is_said_once(desk):
    address = at(desk, "/documents/regulation/clause/purpose")
    form = {"heading": "目的和依据", "text": "只写一句。", "seen": "", "csrf": desk.csrf}
    found = desk.post(f"{address}/check", form).text
    said = re.findall(r"在本文件里没有定义", found)
    assert len(said) == 1, found


@pytest.mark.slow
def test_a_text_that_is_no_clause_stays_in_the_page(desk):
    form = _form(desk.get(at(desk, CLAUSE)).text) | {"text": "〔没有这个〕写的话不能丢"}
    answer = desk.post(at(desk, CLAUSE), form)
    assert answer.status_code == 422 and "〔没有这个〕写的话不能丢" in answer.text and "要改" in answer.text
    assert not (unit_folder(desk) / "自有条款").exists()
    assert desk.post(at(desk, CLAUSE + "/check"), form | {"text": "字" * 30_000}).status_code == 422


@pytest.mark.slow
def test_a_clause_is_written_only_over_the_wording_that_it_was_made_from(desk):
    mine = _form(desk.get(at(desk, CLAUSE)).text)
    theirs = dict(mine, text=mine["text"].replace("应当召开", "应当准时召开"))
    assert desk.post(at(desk, CLAUSE), theirs).status_code == 303
    mine["text"] = mine["text"].replace("应当召开", "应当按期召开")
    answer = desk.post(at(desk, CLAUSE), mine)
    assert answer.status_code == 409 and "应当按期召开" in answer.text and "应当准时召开" in answer.text
    assert "准时" in (unit_folder(desk) / "自有条款/documents/01-regulation.md").read_text(encoding="utf-8")
    again = _form(answer.text)
    assert "按期" in again["text"] and desk.post(at(desk, CLAUSE), again).status_code == 303
    assert desk.post(at(desk, CLAUSE + "/restore"), mine).status_code == 409


@pytest.mark.slow
def test_a_table_is_not_worded_here(desk):
    sheets = desk.desk.unit(desk.id(NAME)).shown().sheets("checklist_quarterly")
    table = next(block.id for block in sheets.document.body if not hasattr(block, "level"))
    answer = desk.get(at(desk, f"/documents/checklist_quarterly/clause/{table}"))
    assert answer.status_code == 422 and "表格" in answer.text
    assert "改这一条" not in desk.get(at(desk, f"/documents/checklist_quarterly?at={table}")).text


@pytest.mark.slow
def test_a_reader_sees_and_changes_nothing(desk):
    link = desk.guard.link(desk.id(NAME))
    from toolkit.web.application import create

    reader = create(desk.desk, desk.guard).test_client()
    assert reader.get(link, base_url="http://127.0.0.1:5000").status_code == 303
    page = reader.get(at(desk, "/documents/regulation?at=analysis"), base_url="http://127.0.0.1:5000")
    assert page.status_code == 200 and "改这一条" not in page.text and "存到文件夹" not in page.text
    refused = reader.post(
        at(desk, CLAUSE), base_url="http://127.0.0.1:5000", headers={"Origin": "http://127.0.0.1:5000"}
    )
    assert refused.status_code == 403


# --- 台账 ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def year(desk) -> Web:
    shutil.copytree(ROOT / "examples/records", unit_folder(desk) / "记录")
    return desk


@pytest.mark.slow
def test_the_year_shows_what_is_overdue_done_and_due(year):
    page = year.get(at(year, "/register")).text
    register = api.register(unit_folder(year) / "unit.yaml", unit_folder(year) / "记录", today="2026-05-20")
    counts = {state: sum(row.count(state) for row in register.statuses) for state in ("overdue", "done", "late")}
    assert (
        f"逾期，先办这些（{counts['overdue']}）" in page
        and f"按期完成 {counts['done']}，晚做了 {counts['late']}" in page
    )
    card, meetings = year.get(at(year, "/card")).text, year.get(at(year, "/meetings")).text
    assert f"逾期 {counts['overdue']} 件" in card and f"逾期还没有记录的 {counts['overdue']} 件" in meetings
    late = meetings.partition("逾期还没有记录的")[2]
    assert sum(map(int, re.findall("逾期 ([0-9]+) 件</span>", late))) == counts["overdue"]
    assert counts["overdue"] > 3 and page.count("没有固定期限") == 1 and "<b>12月</b>" in page
    begin = re.search(r'href="([^"]+)">补上', page)
    assert begin and year.get(html.unescape(begin[1])).status_code == 200
    march = year.get(at(year, "/register?month=3")).text
    link = re.search(rf'href="({at(year, "/record/")}[0-9a-f]+)">([^<]+)</a>', march)
    assert link
    answer = year.get(link[1])
    kept = next(path for path in (unit_folder(year) / "记录").rglob("*") if path.name == html.unescape(link[2]))
    assert answer.data == kept.read_bytes()
    assert year.get(at(year, "/record/" + "0" * 16)).status_code == 404
    assert year.get(at(year, "/register?year=2027&month=13")).status_code == 200


@pytest.mark.slow
def test_the_exports_are_those_of_the_command_line(year):
    register = api.register(unit_folder(year) / "unit.yaml", unit_folder(year) / "记录", today="2026-05-20")
    for kind in ("xlsx", "ics", "pdf", "docx"):
        answer = year.get(at(year, f"/register.{kind}"))
        assert answer.data == api.register_report(register, kind), kind
        assert names(answer.headers["Content-Disposition"]) == f"2026年度履责台账.{kind}"
    assert year.get(at(year, "/register.exe")).status_code == 404


@pytest.mark.slow
def test_a_unit_without_records_and_one_with_errors(desk, tmp_path):
    page = desk.get(at(desk, "/register"))
    assert page.status_code == 200 and "逾期" in page.text and not (unit_folder(desk) / "记录").exists()
    assert "没有写成文日期" not in page.text
    profile = unit_folder(desk) / "unit.yaml"
    dated = profile.read_text(encoding="utf-8")
    profile.write_text(dated.replace("成文日期: 2026-01-05", ""), encoding="utf-8")
    for path in ("/register", "/meetings"):
        text = desk.get(at(desk, path)).text
        assert "没有写成文日期，所以从1月1日算起" in text and "on=doc.date#q-doc-date" in text
    assert "没有写成文日期，从1月算起" in desk.get(at(desk, "/card")).text
    profile.write_text(dated.replace("2026-01-05", "2026-05-15"), encoding="utf-8")
    assert "逾期，先办这些" not in desk.get(at(desk, "/register")).text
    unfinished(tmp_path, "学校")
    assert "还看不到" in desk.get(f"/u/{desk.id('学校')}/register").text


@pytest.mark.slow
def test_reports_come_sandboxed(desk):
    matrix = api.coverage(unit_folder(desk) / "unit.yaml")
    page = desk.get(at(desk, "/coverage"))
    assert 'sandbox=""' in page.text
    report = desk.get(at(desk, "/coverage.html"))
    assert report.data == api.coverage_report(matrix, "html")
    assert report.headers["Content-Security-Policy"].startswith("sandbox;")
    assert desk.get(at(desk, "/coverage.xlsx")).data == api.coverage_report(matrix, "xlsx")
    assert 'src="' + at(desk, "/load.html") in desk.get(at(desk, "/load")).text
    assert desk.get(at(desk, "/coverage.exe")).status_code == 404


@pytest.mark.slow
def test_the_load_is_that_of_the_command_line(desk):
    load = api.load(unit_folder(desk) / "unit.yaml")
    assert desk.get(at(desk, "/load.xlsx")).data == api.load_report(load, "xlsx")
    assert desk.get(at(desk, "/load.html")).data == api.load_report(load, "html")


@pytest.mark.slow
def test_a_page_is_drawn_in_a_moment(desk):
    """One page of 80 dots an inch: 40 ms on a machine that does nothing else; the shared one is given three times that."""
    sheets = desk.desk.unit(desk.id(NAME)).shown().sheets("regulation")
    took = []
    for number in range(1, 12):
        started = time.perf_counter()
        picture(sheets.pages.data, number)
        took.append(time.perf_counter() - started)
    assert sorted(took)[len(took) // 2] < 0.12


def started(*does) -> list[Thread]:
    """Start threads one after the other, each when the one before waits for its turn."""
    threads = [Thread(target=one) for one in does]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    return threads


def test_answers_go_before_pages():
    turns, done = Turns(), []

    def take(turn, name):
        with turn():
            done.append(name)

    with turns.later():
        threads = started(*(partial(take, turns.later, "page"), partial(take, turns.answer, "answer"), turns.give_way))
        assert done == []
    for thread in threads:
        thread.join(5)
    assert done == ["answer", "page"]


def test_samples_wait_until_no_answer_works():
    samples = Samples(Turns())
    with samples.turns.answer():
        (thread,) = started(lambda: samples.prepared("village"))
        assert not samples._prepared
    thread.join(20)
    assert samples._prepared


def test_pages_that_were_waited_for_are_those_of_the_newest_set(light, monkeypatch):
    unit, laid, found = light.desk.unit(light.id(NAME)), [], []
    monkeypatch.setattr(api, "pages", lambda good, document: laid.append(good) or Pages(b"", 1, 1, 1, ()))
    shown = unit.shown()
    newest, name = api.prepare(unit.profile), shown.documents[0].id
    with light.desk.turns.later():
        threads = started(*(lambda: found.append(shown.sheets(name)),) * 2)
        newer = shown.of(newest)
    for thread in threads:
        thread.join(5)
    assert laid == [newest] and len(found) == 2 and found[0] is found[1] is newer.sheets(name)


@pytest.mark.slow
def test_pages_count_files_in_one_way(tmp_path):
    """Documents once each; what they are written as, and data beside them, in words of their own."""
    put(tmp_path, "柳河村")
    page = web(tmp_path)
    here = f"/u/{page.id('柳河村')}"
    count = re.search("([0-9]+) 份。", page.get(f"{here}/documents", follow_redirects=True).text)[1]
    assert f"写入 {count} 份文件</button>" in page.get(f"{here}/generate").text
    done = page.post(f"{here}/generate")
    made = len(list((tmp_path / "柳河村/文件").glob("*.*")))
    assert f"写入 {count} 份文件（Word 和 PDF 共 {2 * int(count)} 个，另有数据文件 " in done.text
    assert made >= 2 * int(count) and f"写入 {made} " not in done.text
    again = page.post(f"{here}/generate").text
    assert f"没有重写的 {count} 份文件" in again and "写入 0 份文件" in again
    assert f"写入 {count} 份文件</button>" in page.get(f"{here}/review/merge").text
