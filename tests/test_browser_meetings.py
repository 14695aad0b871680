"""In headless Chromium: a meeting on a phone, a form from LibreOffice dropped in, versions reviewed, merged, upgraded twice."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from browsers import Journey, journey
from conftest import ROOT
from docx import Document
from webs import put

from toolkit import api
from toolkit.core import data_folders

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def wide(page) -> bool:
    """Whether a page scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def until(at: Journey, selector: str, text: str) -> None:
    """Wait until a piece of the page says something."""
    at.page.locator(selector, has_text=text).first.wait_for()


def kept(at: Journey) -> None:
    """Wait until what was typed is kept."""
    at.page.wait_for_timeout(900)  # the pause after the last key, and the request
    until(at, "#saved", "草稿已存")


def tap(at: Journey, number: int, state: str) -> None:
    at.page.locator(f'label.pick:has(input[name="f:attendance.{number}.status"][value="{state}"])').click()


def test_a_meeting_on_a_phone(browser, tmp_path):
    """The quorum is not reached, then it is; votes that do not add up are said; the record, its 纪要 and the message follow."""
    path = put(tmp_path, "柳河村")
    with journey(browser, tmp_path, "phone") as at:
        page = at.page
        at.go(f"/u/{at.id('柳河村')}/meetings")
        assert not wide(page)
        page.locator("tr", has_text="专题研究会议").get_by_text("准备").first.click()
        page.fill("#on", "2026年5月20日")
        page.fill("#time", "9时")
        page.fill("#place", "村党群服务中心")
        page.click("text=排议程和名单")
        assert not wide(page)
        for number, state in enumerate(["到会", "请假", "请假", "缺席"], 1):
            tap(at, number, state)
        kept(at)
        until(at, ".quorum", "实到 1 / 4")
        until(at, ".quorum", "没有达到到会要求")
        for number in (2, 3):
            tap(at, number, "到会")
        page.locator('input[name="f:attendance.4.status"]').first.scroll_into_view_if_needed()
        page.fill('input[name="f:attendance.4.absent_for"]', "公务")
        until(at, ".quorum", "实到 3 / 4")
        until(at, ".quorum .st.done", "达到到会要求")
        page.fill('input[name="f:votes.1.matter"]', "第二季度情况")
        for _ in range(4):
            page.locator('button[aria-label="同意加一"]').click()
        page.fill('input[name="f:votes.1.against"]', "0")
        page.fill('input[name="f:votes.1.abstain"]', "0")
        page.fill('input[name="f:votes.1.invalid"]', "0")
        votes = f"#t-{draft_of(page)}-votes"
        until(at, f"{votes} .find.err", "4票")
        page.locator('button[aria-label="同意减一"]').click()
        pick(page, "votes.1.way", "举手")
        pick(page, "votes.1.passed", "通过")
        until(at, votes, "票数和到会的相符")
        rest(page)
        kept(at)
        page.click("button:has-text('存记录')")
        assert "已存记录" in page.inner_text(".head"), page.inner_text("main")
        assert "【" in page.input_value("#msg") and not wide(page)
    record = next((path / "记录").iterdir())
    assert not api.has_errors(api.minutes_check(path / "unit.yaml", record))
    assert list((path / "会后").glob("*纪要.docx")) and not list((path / "草稿").iterdir())


def draft_of(page) -> str:
    return re.search(r"/draft/([0-9a-f]+)", page.url)[1]


def pick(page, key: str, option: str) -> None:
    page.locator(f'label.pick:has(input[name="f:{key}"][value="{option}"])').click()


def rest(page) -> None:
    """Fill in what a meeting of analysis asks for beside attendance and votes."""
    words = {
        "chair": "甲某（宣传委员）",
        "recorder": "庚某（村文书）",
        "topics": "第二季度情况",
        "dissent": "无",
        "ordinal": "1",
    }
    words |= {"adjourned": "10时", "written_on": "2026年5月20日", "chair_sign": "已签", "recorder_sign": "已签"}
    for name, text in words.items():
        page.fill(f'[name="f:{name}"]', text)
    for area in page.locator("textarea").all():
        if not area.input_value():
            area.fill("没有问题")
    for field in page.locator('input[name^="f:"]:visible:not([type=radio])').all():
        key = field.get_attribute("name")
        if not field.input_value() and not re.search(r"votes|partly|observers|papers|resolutions|attendance", key):
            field.fill("2026年5月20日" if key.endswith("_on") else "无")
    page.fill('[name="f:resolutions.1.decided"]', "每月核对一次宣传栏的内容")
    page.fill('[name="f:resolutions.1.duty_post"]', "村党支部宣传委员")
    page.fill('[name="f:resolutions.1.finish_by"]', "2026年9月30日")
    page.fill('[name="f:resolutions.1.overseer"]', "村党支部书记")


def test_what_is_typed_with_an_input_method_is_not_sent_before_the_word_is_there(browser, tmp_path):
    put(tmp_path, "柳河村")
    with journey(browser, tmp_path) as at:
        page = at.page
        at.go(f"/u/{at.id('柳河村')}/meetings/begin?for=analysis&on=2026年5月20日")
        page.click("text=排议程和名单")
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url) if one.method == "POST" else None)
        page.focus('[name="f:place"]')
        page.evaluate("""() => { const field = document.querySelector('[name="f:place"]');
            field.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true})); field.value = 'cunwei';
            field.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true})); }""")
        page.wait_for_timeout(900)
        assert not asked
        page.evaluate("""() => { const field = document.querySelector('[name="f:place"]'); field.value = '村委会';
            field.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true})); }""")
        page.wait_for_timeout(900)
        assert len(asked) == 1
    draft = next((tmp_path / "柳河村" / "草稿").iterdir())
    assert api.minutes_read(draft).get("place") == "村委会"


def through_libreoffice(soffice: str, path: Path, out: Path) -> Path:
    """Return a DOCX as LibreOffice saves it."""
    profile = f"-env:UserInstallation=file://{out}/profile"
    command = [soffice, profile, "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return out / path.name


def test_a_file_filled_in_libreoffice_is_dropped_in(browser, tmp_path, soffice):
    folder = put(tmp_path / "desk", "柳河村")
    unit = api.prepare(folder / "unit.yaml")
    read = api.minutes_read(next((ROOT / "examples" / "records").glob("02-*")))
    tables = {
        name: [{**row.values, **({"key": row.key} if row.key else {})} for row in rows]
        for name, rows in read.tables.items()
    }
    wrong = {"表单": read.document, "填写": {**read.values, "present": "5"}, "表格": tables}
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    form = tmp_path / "in" / "研判第1次.docx"
    form.write_bytes(api.minutes_fill(unit, wrong).data)
    filled = through_libreoffice(soffice, form, tmp_path / "out")
    with journey(browser, tmp_path / "desk") as at:
        page = at.page
        at.go(f"/u/{at.id('柳河村')}/meetings")
        with page.expect_navigation():
            page.set_input_files("#files", [str(filled)])
        assert "收回 1 份" in page.inner_text("h1")
        row = page.locator("tr", has_text="实到人数").first
        assert "名单上是4人" in row.inner_text()
        row.get_by_role("button", name="改成 4").click()
        page.locator('[name="f:present"].bad').wait_for(state="detached")
        page.wait_for_timeout(500)
        page.click("button:has-text('存记录')")
        assert "已存记录" in page.inner_text(".head"), page.inner_text("main")
    record = next((folder / "记录").iterdir())
    assert api.minutes_read(record).get("present") == "4"


def edited(path: Path, before: str, after: str) -> None:
    document = Document(str(path))
    run = next(run for part in document.paragraphs for run in part.runs if before in run.text)
    run.text = run.text.replace(before, after, 1)
    document.save(str(path))


def test_two_versions_are_reviewed_and_merged_with_a_conflict(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    unit = api.prepare(folder / "unit.yaml")
    api.generate(unit, folder / "文件", only=["regulation", "mechanism_analysis", "list_responsibility"])
    edited(next((folder / "文件").glob("04*.docx")), "每季度至少一次", "每两个月至少一次")
    text = (folder / "unit.yaml").read_text(encoding="utf-8")
    (folder / "unit.yaml").write_text(api.put(text, unit.preset, "freq.analysis", "每月至少1次"), encoding="utf-8")
    with journey(browser, tmp_path) as at:
        page = at.page
        at.go(f"/u/{at.id('柳河村')}/review")
        page.click("button:has-text('比较') >> nth=0")
        first = page.locator("article.chg").first
        first.get_by_role("button", name="同意", exact=True).click()
        first.get_by_text("已同意").wait_for()
        assert page.inner_text("#n-agreed") == "1" and not wide(page)
        second = page.locator("article.chg").nth(1)
        second.locator("summary").click()
        second.locator("textarea").fill("依据哪份文件？")
        second.get_by_role("button", name="存意见").click()
        second.get_by_text("有意见").wait_for()
        with page.expect_download() as table:
            page.click("text=修订对照表")
        assert table.value.suggested_filename == "修订对照表.docx"
        at.go(f"/u/{at.id('柳河村')}/review/merge")
        assert "1 处要您决定" in page.inner_text("h1") and page.locator("button[disabled]").count() == 1
        page.locator('label.opt:has(input[value="keep"])').click()
        page.click("text=就这样定")
        assert "都定了" in page.inner_text("h1")
        page.click("button:has-text('写入')")
        assert "已写入" in page.inner_text("h1")
    words = "\n".join(part.text for part in Document(str(next((folder / "文件").glob("04*.docx")))).paragraphs)
    assert "每两个月至少一次" in words and (folder / "审核意见.json").is_file()


def kinds(folder: Path, version: str, called: str) -> Path:
    """Return a folder of kinds in which the village has another version and calls a duty by another name."""
    shutil.copytree(ROOT / "presets", folder)
    about, duties = folder / "village/preset.yaml", folder / "village/duties.yaml"
    about.write_text(
        re.sub("version: [0-9.]+", f"version: {version}", about.read_text(encoding="utf-8"), count=1), "utf-8"
    )
    duties.write_text(duties.read_text(encoding="utf-8").replace("公开事项发布", called), encoding="utf-8")
    return folder


def words_of(path: Path) -> str:
    document = Document(str(path))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(part.text for part in document.paragraphs), *cells])


def test_a_second_upgrade_and_a_second_merge_keep_what_the_first_decided(browser, tmp_path, monkeypatch):
    """Two new versions of the kind one after the other, the second with a conflict; then a merge with nothing new."""
    folder = put(tmp_path / "文书", "柳河村")
    first, second = kinds(tmp_path / "一", "1.0.0", "旧的叫法"), kinds(tmp_path / "二", "9.0.0", "新的叫法")
    only = ["regulation", "mechanism_analysis", "list_responsibility"]
    unit = api.prepare(folder / "unit.yaml", presets=[first])
    api.generate(unit, folder / "文件", only=only)
    analysis, duties = (next((folder / "文件").glob(f"{number}*.docx")) for number in ("04", "13"))
    edited(analysis, "每季度至少一次", "每两个月至少一次")
    assert "旧的叫法" in words_of(duties)
    with journey(browser, tmp_path / "文书") as at:
        at.go(f"/u/{at.id('柳河村')}/review/merge")
        assert "没有冲突" in at.page.inner_text("h1")
        at.page.click("button:has-text('写入')")
        assert "已写入" in at.page.inner_text("h1")
    assert "每两个月至少一次" in words_of(analysis) and "公开事项发布" in words_of(duties)
    text = (folder / "unit.yaml").read_text(encoding="utf-8")
    (folder / "unit.yaml").write_text(api.put(text, unit.preset, "freq.analysis", "每月至少1次"), encoding="utf-8")
    whole = data_folders.data_folder
    monkeypatch.setattr(data_folders, "data_folder", lambda name: second if name == "presets" else whole(name))
    with journey(browser, tmp_path / "文书") as at:
        address = f"/u/{at.id('柳河村')}/review/merge"
        at.go(address)
        assert "1 处要您决定" in at.page.inner_text("h1") and "→ 9.0.0" in at.page.inner_text("main")
        at.page.locator('label.opt:has(input[value="keep"])').click()
        at.page.click("text=就这样定")
        at.page.click("button:has-text('写入')")
        assert "已写入" in at.page.inner_text("h1")
        at.go(address)
        assert "没有冲突" in at.page.inner_text("h1")
        at.page.click("button:has-text('写入')")
        assert "已写入" in at.page.inner_text("h1")
        at.go(f"/u/{at.id('柳河村')}/review")
        assert "手工改过" in at.page.inner_text("main")
    assert "每两个月至少一次" in words_of(analysis) and "新的叫法" in words_of(duties)
    before = [path for path in folder.iterdir() if path.is_dir() and path.name.startswith("文件（")]
    assert len(before) == 3 and all("每两个月至少一次" in words_of(next(path.glob("04*.docx"))) for path in before)
