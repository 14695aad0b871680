"""In headless Chromium: a county clerk makes a list on the page; a unit's set is taken to a new version of its kind."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from batch_lists import workbook
from browsers import SIZES, journey, looks_well
from checking import VERSION
from conftest import ROOT
from test_web_review import PROFILE, edit, words_of

from toolkit import api

pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAME, MEMBERS = "单位.全称", "党组织.党员人数"
PASTED = (
    "全称\t简称\t党组织名称\t党组织形式\t党员人数\t上级党组织\t姓名职务\t村书记\n"
    "青禾县柳溪镇上河村\t上河村\t中共柳溪镇上河村支部委员会\t支部\t25人\t柳溪镇党委\t甲某（宣传委员）\t乙某\n"
    "青禾县柳溪镇下河村\t下河村\t中共柳溪镇下河村支部委员会\t党支部\t31\t柳溪镇党委\t丙某（宣传委员）\t\n"
    "\t无名村\t\t\t\t\t\t\n"
)


def list_file(folder: Path) -> Path:
    return folder / "名单" / "青禾县各村" / "名单.xlsx"


def texts(folder: Path, label: str) -> list[str]:
    base = list_file(folder).with_name("单位类型.yaml")
    view = api.batch_look(list_file(folder), base=base if base.is_file() else None, empty=True)
    column = next(number for number, name in view.columns.items() if name == label)
    return [row.cells.get(column, "") for row in view.rows]


@pytest.mark.parametrize("size", SIZES)
def test_a_list_from_nothing_to_units_that_can_be_made(browser, tmp_path, size):
    with journey(browser, tmp_path, size, bypass_csp=True) as at:
        page = at.page
        page.goto(f"{at.base}/county")
        page.get_by_label("名单叫什么").fill("青禾县各村")
        page.get_by_label("各单位都是").select_option("village")
        page.get_by_role("button", name="开始做名单").click()
        looks_well(page, "empty")
        page.get_by_label("第 2 行单位 全称").press_sequentially("青禾县柳溪镇石桥村", delay=5)
        page.get_by_label("第 2 行党组织 党员人数").press_sequentially("三十来个", delay=5)
        page.wait_for_selector("#f-2 .find.err")
        wrong = page.get_by_label("第 2 行党组织 党员人数")
        assert wrong.get_attribute("aria-invalid") == "true"
        assert texts(tmp_path, NAME) == ["青禾县柳溪镇石桥村"] and texts(tmp_path, MEMBERS) == ["三十来个"]
        looks_well(page, "typed")
        wrong.fill("21")
        page.wait_for_selector("#f-2 .find.err", state="detached")
        assert page.get_by_label("第 2 行党组织 党员人数").get_attribute("aria-invalid") is None
        page.get_by_label("粘贴在这里").fill(PASTED)
        page.wait_for_selector("text=认出 3 行 7 列")
        assert page.locator("#pasted .find", has_text="村书记").count() == 1
        page.locator("#pasted select").select_option("党支部")
        looks_well(page, "pasted")
        page.locator("#pasted button.main").click()
        page.wait_for_selector("text=第 3 行没有全称（无名村），没有加入")
        assert texts(tmp_path, MEMBERS) == ["21", "25", "31"]
        page.get_by_label("第 3 行联络人 电话").fill("0471-0000001")
        page.wait_for_selector("#f-3:has-text('填好了')")
        page.get_by_role("button", name="删去第 2 行").click()
        page.wait_for_selector("text=2 个单位，1 个还有要填、要改的")
        page.locator("#undo button").click()
        page.wait_for_selector("text=3 个单位")
        assert texts(tmp_path, NAME)[0] == "青禾县柳溪镇石桥村"
        page.get_by_role("navigation", name="名单里的表").get_by_role("link", name="人员").click()
        page.get_by_label("第 2 行单位").select_option("青禾县柳溪镇上河村")
        page.get_by_label("第 2 行姓名").fill("甲某")
        page.wait_for_selector("#f-2:has-text('填好了')")
        page.get_by_label("粘贴在这里").fill("单位\t姓名\t职务\n下河村\t丙某\t书记\n")
        page.wait_for_selector("text=认出 1 行 3 列")
        looks_well(page, "people")
        page.locator("#pasted button.main").click()
        page.wait_for_selector("text=2 行。")
        page.get_by_role("link", name="填好了，去生成").click()
        page.wait_for_selector("text=生成 1 个单位")


def test_two_windows_and_a_closed_one_lose_nothing(browser, tmp_path):
    with journey(browser, tmp_path) as at:
        page = at.page
        page.goto(f"{at.base}/county")
        page.get_by_label("名单叫什么").fill("青禾县各村")
        page.get_by_label("各单位都是").select_option("village")
        page.get_by_role("button", name="开始做名单").click()
        other = page.context.new_page()
        other.goto(page.url)
        page.get_by_label("第 2 行单位 全称").fill("青禾县柳溪镇上河村")
        page.wait_for_selector("#saved:has-text('已保存')")
        other.get_by_label("第 2 行单位 全称").fill("青禾县柳溪镇下河村")
        other.wait_for_selector("text=第 2 行刚刚在别的窗口改过")
        assert texts(tmp_path, NAME) == ["青禾县柳溪镇上河村"]
        assert other.get_by_label("第 2 行单位 全称").input_value() == "青禾县柳溪镇下河村"
        other.get_by_role("button", name="用我写的").click()
        other.wait_for_selector("text=1 个单位")
        other.wait_for_selector("#clashes:empty", state="attached")
        assert texts(tmp_path, NAME) == ["青禾县柳溪镇下河村"]
        other.get_by_label("第 3 行单位 全称").fill("青禾县柳溪镇东河村")  # and the window is closed at once
        other.goto(f"{at.base}/county")
        other.wait_for_selector("text=青禾县各村")
        assert texts(tmp_path, NAME) == ["青禾县柳溪镇下河村", "青禾县柳溪镇东河村"]


# --- the upgrade of one unit ---

OLD_NAME, NEW_NAME, OUR_NAME = "旧的叫法", "公开事项发布", "村务公开栏公布"
DUTIES = "13*.docx"


@pytest.fixture(scope="module")
def older(tmp_path_factory) -> Path:
    """A unit with the set of an older version of its kind, one file of it edited by hand, its profile answered anew."""
    home = tmp_path_factory.mktemp("older")
    shutil.copytree(ROOT / "presets/village", home / "kinds/village")
    for name, before, after in (
        ("preset.yaml", f"version: {VERSION}", "version: 1.0.0"),
        ("duties.yaml", NEW_NAME, OLD_NAME),
    ):
        path = home / "kinds/village" / name
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    unit = home / "文书/柳河村"
    unit.mkdir(parents=True)
    profile = unit / "unit.yaml"
    profile.write_text(PROFILE, encoding="utf-8")
    api.generate(profile, unit / "文件", only=["list_responsibility", "register_duties"], presets=[home / "kinds"])
    edit(next((unit / "文件").glob(DUTIES)), "", OLD_NAME, OUR_NAME)
    preset = api.prepare(profile).preset
    profile.write_text(api.put(PROFILE, preset, "freq.analysis", "每月至少1次"), encoding="utf-8")
    return home / "文书"


@pytest.mark.parametrize("size", SIZES)
def test_a_new_version_of_the_kind_is_taken_over_with_a_conflict(browser, older, tmp_path, size):
    folder = tmp_path / "文书"
    shutil.copytree(older, folder)
    before = next((folder / "柳河村/文件").glob(DUTIES)).read_bytes()
    with journey(browser, folder, size, bypass_csp=True, accept_downloads=True) as at:
        page = at.page
        page.get_by_role("link", name="柳河村", exact=True).first.click()
        page.get_by_role("link", name="审阅").click()
        page.wait_for_selector("text=手工改过")
        looks_well(page, "review")
        page.get_by_role("link", name="看换新版会怎样").click()
        page.wait_for_selector("h1:has-text('1 处要您决定')")
        said = page.inner_text("main")
        assert f"预设 1.0.0 → {VERSION}" in said and "现在什么都没有写" in said
        assert all(name in said for name in (OLD_NAME, NEW_NAME, OUR_NAME)), "what it was, mine and the new one"
        assert "〔" not in said and "list_responsibility" not in said and page.locator("button[disabled]").count() == 1
        looks_well(page, "merge")
        page.locator('label.opt:has(input[value="own"])').click()
        page.locator("section.conf textarea").fill("村务公开栏公布事项")
        page.get_by_role("button", name="就这样定").click()
        page.wait_for_selector("h1:has-text('都定了')")
        assert next((folder / "柳河村/文件").glob(DUTIES)).read_bytes() == before, "nothing is written by deciding"
        page.locator("button:has-text('写入')").click()
        page.wait_for_selector("h1:has-text('已写入')")
        looks_well(page, "merged")
        with page.expect_download() as taken:
            page.get_by_role("link", name="下载写好的这一套（ZIP）").click()
        with zipfile.ZipFile(taken.value.path()) as archive:
            name = next(name for name in archive.namelist() if name.startswith("13"))
            (tmp_path / name).write_bytes(archive.read(name))
        words = words_of(tmp_path / name)
        assert "村务公开栏公布事项" in words and "每月至少一次" in words and OLD_NAME not in words
        assert next((folder / "柳河村/文件（2026-05-20以前）").glob(DUTIES)).read_bytes() == before
        page.get_by_role("link", name="和原来的比一比").click()
        page.wait_for_selector("article.chg")
        looks_well(page, "compared")


# --- many units at once ---


@pytest.mark.parametrize("size", SIZES)
def test_one_answer_and_the_next_entry_of_all_units(browser, tmp_path, size):
    data = workbook(tmp_path / "l.xlsx", 4, {(1, MEMBERS): ""}).read_bytes()
    folder = tmp_path / "文书"
    folder.mkdir()
    with journey(browser, folder, size, bypass_csp=True) as at:
        page = at.page
        page.goto(f"{at.base}/county")
        page.set_input_files(
            "#file", {"name": "青禾县各村.xlsx", "mimeType": "application/octet-stream", "buffer": data}
        )
        page.wait_for_url("**/county/*")
        here = page.url
        page.get_by_role("link", name="一起改一项").click()
        page.get_by_label("改哪一项").select_option("party.members")
        page.get_by_label("改成什么").fill("三十来个")
        page.get_by_role("button", name="先看看").click()
        page.wait_for_selector("text=4 个单位会变")
        page.wait_for_selector("text=4 个单位改了以后有要改、要看的")
        looks_well(page, "one-wrong")
        page.get_by_label("改成什么").fill("31")
        page.get_by_label("只是没有填的").check()
        page.get_by_role("button", name="先看看").click()
        page.wait_for_selector("text=1 个单位会变，3 个不变")
        looks_well(page, "one")
        assert texts(folder, MEMBERS)[1] == ""
        page.get_by_role("button", name="写进名单（1 个单位）").click()
        page.wait_for_selector("text=4 个单位，都填好了")
        assert texts(folder, MEMBERS)[1] == "31"
        page.goto(here)
        page.get_by_role("link", name="写下一次沿革").click()
        page.get_by_label("通过的机关").fill("党员大会")
        page.get_by_label("哪一天通过").fill("2026年5月7日")
        page.get_by_label("哪一天印发").fill("2026-05-08")
        page.get_by_label("文号").fill("{单位.简称}党字〔{年}〕{序号}号")
        page.get_by_role("button", name="先看看").click()
        page.wait_for_selector("table.fleet", timeout=60_000)
        looks_well(page, "history-wrong")
        for label in (
            "文件.发文字号",
            "文件.通过日期",
            "文件.成文日期",
        ):  # what the list says and the history says otherwise
            page.get_by_role("button", name=f"名单里的“{label}”不用了").click(timeout=60_000)
        page.wait_for_selector("text=4 个单位会写", timeout=60_000)
        looks_well(page, "history")
        assert not list_file(folder).with_name("名单.沿革.csv").exists()
        page.get_by_role("button", name="写进沿革").click()
        page.wait_for_selector("h1:has-text('沿革已写：4 个单位')", timeout=60_000)
        assert "党字〔2026〕4号" in list_file(folder).with_name("名单.沿革.csv").read_text(encoding="utf-8-sig")
