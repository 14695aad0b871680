"""审阅 on the page, without a browser: versions compared and noted, hand edits, an upgrade with a conflict decided."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from checking import VERSION
from conftest import ROOT
from docx import Document
from webs import BASE, Web, web

from toolkit import api

PROFILE = (ROOT / "examples" / "village_light.yaml").read_text(encoding="utf-8")
OFTEN, TWO_MONTHS = "每半年至少一次", "每两个月至少一次"


def paragraphs(document) -> list:
    """Return the paragraphs of a DOCX, those of its tables too."""
    cells = (cell for table in document.tables for row in table.rows for cell in row.cells)
    return [*document.paragraphs, *(part for cell in cells for part in cell.paragraphs)]


def words_of(path: Path) -> str:
    """Return the texts of a DOCX, one paragraph a line."""
    return "\n".join(one.text for one in paragraphs(Document(str(path))))


def edit(path: Path, about: str, before: str, after: str) -> None:
    """Change words of a DOCX as somebody does in Word: in a row of a table that is ``about`` something, or anywhere."""
    document = Document(str(path))
    rows = [row for table in document.tables for row in table.rows if any(about in cell.text for cell in row.cells)]
    inside = [part for row in rows for cell in row.cells for part in cell.paragraphs] if about else paragraphs(document)
    run = next(run for part in inside for run in part.runs if before in run.text)
    run.text = run.text.replace(before, after, 1)
    document.save(str(path))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A unit whose set was generated, with one clause edited by hand; its profile asks for another frequency since."""
    folder = tmp_path_factory.mktemp("made") / "柳河村"
    folder.mkdir()
    unit = api.prepare(PROFILE.encode())
    api.generate(unit, folder / "文件", only=["regulation", "list_responsibility", "register_duties"])
    edit(next((folder / "文件").glob("13*.docx")), "分析研判：", OFTEN, TWO_MONTHS)
    text = api.put(PROFILE, unit.preset, "freq.analysis", "每月至少1次")
    text = api.put(text, unit.preset, "freq.self_check", "每月至少1次")
    (folder / "unit.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def page(tmp_path, made) -> Web:
    shutil.copytree(made, tmp_path / "柳河村")
    return web(tmp_path)


def here(page: Web) -> str:
    return f"/u/{page.id('柳河村')}/review"


def folder(page: Web) -> Path:
    return page.desk.folder / "柳河村"


def versions(page: Web) -> dict[str, str]:
    """Return the ids of the versions by their names."""
    text = page.get(here(page)).text
    return {name: id for id, name in re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', text)}


def both(page: Web) -> dict[str, str]:
    """Return the two versions that most tests compare: the generated folder, and what the profile makes now."""
    return {"old": hashlib.sha256("文件".encode()).hexdigest()[:12], "new": "now"}


def compared(page: Web, **more) -> str:
    answer = page.get(f"{here(page)}/compare", query_string={**both(page), **more})
    assert answer.status_code == 200, answer.text[-500:]
    return answer.text


def keys(text: str) -> list[str]:
    return re.findall(r'<article class="box chg" id="c-([^"]+)"', text)


@pytest.mark.slow
def test_hand_edits_and_versions_are_shown(page):
    text = page.get(here(page)).text
    assert "手工改过" in text and "一、按频次履行的职责" in text
    known = versions(page)
    assert set(known) == {"“文件”文件夹里的一套", "按现在的填写会生成的一套"} and set(known.values()) == set(
        both(page).values()
    )


def test_a_unit_without_a_set_says_so(tmp_path):
    path = tmp_path / "柳河村"
    path.mkdir()
    (path / "unit.yaml").write_text(PROFILE, encoding="utf-8")
    page = web(tmp_path)
    assert "还没有生成过文件" in page.get(here(page)).text
    assert page.get(f"{here(page)}/merge").status_code == 422
    assert page.get(f"{here(page)}/compare?old=x&new=now").status_code == 404


@pytest.mark.slow
def test_each_change_says_what_differs_and_which_answer_made_it(page):
    text = compared(page)
    assert "<del>每半年</del>" in text and "<ins>每月</ins>" in text
    assert "每两个月至少一次→每月至少一次" in text and "来自参数：频次.自查" in text
    assert "不再有" in text or "新增" in text


@pytest.mark.slow
def test_filters_are_in_the_address(page):
    every = keys(compared(page))
    assert len(every) >= 2
    one = compared(page, d="list_responsibility")
    assert 0 < len(keys(one)) < len(every)
    assert not keys(compared(page, g=["small"])) and not keys(compared(page, s=["agreed"]))
    assert "这样筛选没有改动" in compared(page, s=["agreed"])


def noted(page: Web, key: str, **said: str):
    return page.post(f"{here(page)}/note", {**both(page), "key": key, **said})


@pytest.mark.slow
def test_notes_are_stored_as_the_command_line_reads_them(page):
    first, second, *_ = keys(compared(page))
    answer = noted(page, first, do="agree").text
    assert "已同意" in answer and 'id="n-agreed" hx-swap-oob="true">1<' in answer
    assert "20分钟依据哪份文件？" in noted(page, second, do="remark", remark="20分钟依据哪份文件？").text
    data = json.loads((folder(page) / "审核意见.json").read_text(encoding="utf-8"))
    assert data["format"] == "institution-toolkit/review-notes"
    assert {(note["key"], note["state"], note["remark"]) for note in data["notes"]} == {
        (first, "agreed", ""),
        (second, "", "20分钟依据哪份文件？"),
    }
    ready = page.desk.unit(page.id("柳河村")).good()
    comparison = api.diff(folder(page) / "文件", ready)
    assert "20分钟依据哪份文件" in api.diff_report(comparison, "html", notes=folder(page) / "审核意见.json").decode()
    assert keys(compared(page, s=["remark"])) == [second]


@pytest.mark.slow
def test_a_remark_that_was_not_kept_is_asked_for_before_the_page_is_left(page):
    text = compared(page)
    assert text.count("<form data-held ") == text.count('name="remark"') == len(keys(text)) > 0


@pytest.mark.slow
def test_an_agreement_is_taken_back_and_a_remark_stays(page):
    key = keys(compared(page))[0]
    noted(page, key, do="remark", remark="请核对")
    noted(page, key, do="agree")
    text = noted(page, key, do="withdraw").text
    assert "请核对" in text and "有意见" in text
    noted(page, key, do="remark", remark="")
    assert json.loads((folder(page) / "审核意见.json").read_text(encoding="utf-8"))["notes"] == []
    assert noted(page, "0" * 16, do="agree").status_code == 404


@pytest.mark.slow
def test_a_reader_may_remark_and_nothing_else(page):
    first = keys(compared(page))[0]
    reader = page.client.application.test_client()
    reader.get(page.guard.link(page.id("柳河村")), base_url=BASE)
    text = reader.get(f"{here(page)}/compare", base_url=BASE, query_string=both(page)).text
    assert "存意见" in text and ">同意<" not in text
    headers = {"Origin": BASE, "X-CSRF": re.search(r'name="csrf" content="([^"]+)"', text)[1]}
    for said, code in (({"do": "agree"}, 403), ({"do": "all"}, 403), ({"do": "remark", "remark": "请核对依据"}, 303)):
        data = {**both(page), "key": first, **said}
        assert reader.post(f"{here(page)}/note", base_url=BASE, data=data, headers=headers).status_code == code
    assert "请核对依据" in compared(page)
    for path in ("merge/write", "merge/decide", "drop"):
        assert reader.post(f"{here(page)}/{path}", base_url=BASE, data={}, headers=headers).status_code == 403


@pytest.mark.slow
def test_changes_that_say_the_same_are_agreed_to_together(page):
    changes = api.diff_changes(api.diff(folder(page) / "文件", page.desk.unit(page.id("柳河村")).good()))
    alike = [one.key for one in changes if one.like and sum(other.like == one.like for other in changes) > 1]
    assert len(alike) > 1
    assert noted(page, alike[0], do="all").headers["HX-Redirect"]
    after = json.loads((folder(page) / "审核意见.json").read_text(encoding="utf-8"))["notes"]
    assert {note["key"] for note in after} >= set(alike[:2])


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", ["table", "decision", "redline", "page"])
def test_what_follows_from_a_comparison_is_downloaded(page, kind):
    answer = page.get(f"{here(page)}/compare.{kind}", query_string=both(page))
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    if kind == "page":
        assert "修订对照" in answer.text
    else:
        assert zipfile.is_zipfile(io.BytesIO(answer.data))
    assert page.get(f"{here(page)}/compare.exe", query_string=both(page)).status_code == 404


@pytest.mark.slow
def test_two_files_that_were_handed_in_are_compared(page):
    path = next((folder(page) / "文件").glob("01*.docx"))
    before = path.read_bytes()
    edit(path, "", "应当", "可以")
    files = {"old": (BytesIO(before), "../../旧 版.docx"), "new": (BytesIO(path.read_bytes()), "新版.docx")}
    answer = page.post(f"{here(page)}/drop", files)
    assert answer.status_code == 303, answer.text
    text = page.get(answer.headers["Location"]).text
    assert "<del>应当</del>" in text and "<ins>可以</ins>" in text
    stored = [one.relative_to(folder(page)).as_posix() for one in (folder(page) / ".收件").rglob("*.docx")]
    assert len(stored) == 2 and all(re.fullmatch(r"\.收件/审阅/[\d-]+/(旧版|新版)/[^/]+\.docx", one) for one in stored)
    for _ in range(4):
        files = {"old": (BytesIO(before), "a.docx"), "new": (BytesIO(before), "b.docx")}
        assert page.post(f"{here(page)}/drop", files).status_code == 303
    assert len(list((folder(page) / ".收件" / "审阅").iterdir())) == 3


@pytest.mark.slow
def test_an_archive_of_a_set_is_a_version(page):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in (folder(page) / "文件").iterdir():
            if path.is_file():
                archive.write(path, f"旧的一套/{path.name}")
    path = next((folder(page) / "文件").glob("01*.docx"))
    files = {"old": (BytesIO(out.getvalue()), "旧.zip"), "new": (BytesIO(path.read_bytes()), "新.docx")}
    answer = page.post(f"{here(page)}/drop", files)
    assert answer.status_code == 303 and "没有不同" in page.get(answer.headers["Location"]).text


@pytest.mark.sampled(3)
@pytest.mark.parametrize("old", [None, (b"not a document", "x.docx"), (b"PK\3\4", "x.zip")])
def test_what_cannot_be_compared_is_said_and_nothing_is_left(page, old):
    new = (BytesIO(next((folder(page) / "文件").glob("01*.docx")).read_bytes()), "新.docx")
    files = {"new": new} | ({"old": (BytesIO(old[0]), old[1])} if old else {})
    answer = page.post(f"{here(page)}/drop", files)
    if answer.status_code == 303:  # a file is looked at when it is compared
        answer = page.get(answer.headers["Location"])
    assert answer.status_code in (422, 507) and "没有做成" in answer.text


# --- an upgrade ---


@pytest.mark.slow
def test_a_conflict_is_decided_and_written(page):
    path = next((folder(page) / "文件").glob("13*.docx"))
    text = page.get(f"{here(page)}/merge").text
    assert "1 处要您决定" in text and TWO_MONTHS in text and "disabled" in text
    assert "〔" not in re.search(r'<section class="box conf".*?</section>', text, re.DOTALL)[0]
    key = re.search(r'id="k-([0-9a-f]+)"', text)[1]
    before = path.read_bytes()
    wrong = page.post(f"{here(page)}/merge/decide", {"key": key, "how": "own", "words": " "})
    assert wrong.status_code == 422 and "还没有写文字" in wrong.text
    decided = page.post(f"{here(page)}/merge/decide", {"key": key, "how": "keep"})
    assert decided.status_code == 303 and path.read_bytes() == before
    text = page.get(f"{here(page)}/merge").text
    assert "1 处冲突都定了" in text and "disabled" not in text
    written = page.post(f"{here(page)}/merge/write")
    assert written.status_code == 200 and "已写入" in written.text, written.text[-800:]
    assert TWO_MONTHS in words_of(path)
    assert next((folder(page) / "文件（2026-05-20以前）").glob("13*.docx")).read_bytes() == before
    assert "“文件（2026-05-20以前）”里的一套" in versions(page)


@pytest.mark.slow
def test_own_words_are_written_and_a_decision_is_taken_back(page):
    key = re.search(r'id="k-([0-9a-f]+)"', page.get(f"{here(page)}/merge").text)[1]
    own = "每月至少一次，每月20日前，农忙时可以推后五日"
    page.post(f"{here(page)}/merge/decide", {"key": key, "how": "own", "words": own})
    assert own in page.get(f"{here(page)}/merge").text
    assert "另写" in (folder(page) / "合并决定.yaml").read_text(encoding="utf-8")
    page.post(f"{here(page)}/merge/decide", {"key": key, "how": ""})
    assert "1 处要您决定" in page.get(f"{here(page)}/merge").text
    page.post(f"{here(page)}/merge/decide", {"key": key, "how": "own", "words": own})
    page.post(f"{here(page)}/merge/write")
    path = next((folder(page) / "文件").glob("13*.docx"))
    assert own in words_of(path)
    assert page.post(f"{here(page)}/merge/decide", {"key": "0" * 10, "how": "keep"}).status_code == 422


@pytest.mark.slow
def test_notes_and_decisions_do_not_prepare_the_unit_again(page):
    unit = page.desk.unit(page.id("柳河村"))
    before = unit.prepared()
    noted(page, keys(compared(page))[0], do="agree")
    (folder(page) / "合并决定.yaml").write_text("", encoding="utf-8")
    assert unit.prepared() is before


def test_no_version_is_named_by_a_path(page):
    for id in ("..", "文件", "/etc", "now/../x"):
        answer = page.get(f"{here(page)}/compare", query_string={"old": id, "new": "now"})
        assert answer.status_code == 404


@pytest.mark.slow
def test_a_new_version_of_the_preset_is_looked_at_and_written_and_hand_edits_stay(tmp_path):
    """The set was made with an older kind, which calls a duty by another name."""
    old = tmp_path / "kinds/village"
    shutil.copytree(ROOT / "presets/village", old)
    about = old / "preset.yaml"
    about.write_text(
        about.read_text(encoding="utf-8").replace(f"version: {VERSION}", "version: 1.0.0"), encoding="utf-8"
    )
    duties = old / "duties.yaml"
    duties.write_text(duties.read_text(encoding="utf-8").replace("公开事项发布", "旧的叫法"), encoding="utf-8")
    unit = tmp_path / "文书/柳河村"
    unit.mkdir(parents=True)
    (unit / "unit.yaml").write_text(PROFILE, encoding="utf-8")
    api.generate(unit / "unit.yaml", unit / "文件", only=["list_responsibility"], presets=[tmp_path / "kinds"])
    path = next((unit / "文件").glob("13*.docx"))
    edit(path, "分析研判：", OFTEN, TWO_MONTHS)
    assert "旧的叫法" in words_of(path)
    page = web(tmp_path / "文书")
    text = page.get(f"{here(page)}/merge").text
    assert f"预设 1.0.0 → {VERSION}" in text and "没有冲突" in text and "现在什么都没有写" in text
    assert "已写入" in page.post(f"{here(page)}/merge/write").text
    assert json.loads((unit / "文件/manifest.json").read_text(encoding="utf-8"))["preset"]["version"] == VERSION
    assert TWO_MONTHS in words_of(path) and "公开事项发布" in words_of(path) and "旧的叫法" not in words_of(path)
