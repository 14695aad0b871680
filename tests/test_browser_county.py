"""全县名单 in headless Chromium: two wrong cells corrected, a run that is left, stopped and gone on with, the ZIP."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from batch_lists import workbook
from browsers import SIZES, journey, looks_well

from toolkit.web import unit_lists

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return workbook(tmp_path / "青禾县名单.xlsx", 12, {(1, "党组织.形式"): "支部", (2, "党组织.党员人数"): "许多"})


def test_a_list_from_two_wrong_cells_to_the_zip(browser, tmp_path, listed, monkeypatch):
    hear = unit_lists.UnitLists._hear

    def unhurried(self, job, kept, event):
        time.sleep(
            0.3 if event.what == "unit" else 0
        )  # so that the page can be left and the run stopped on any machine
        hear(self, job, kept, event)

    monkeypatch.setattr(unit_lists.UnitLists, "_hear", unhurried)
    folder = tmp_path / "文书"
    folder.mkdir()
    with journey(browser, folder, accept_downloads=True) as at:
        page = at.page
        page.click("text=全县名单")
        page.set_input_files("#file", listed)
        page.wait_for_url("**/county/*")
        assert "12 个单位：2 个要改" in page.inner_text("main")
        assert page.locator("table .bad").count() == 2, "only wrong cells are fields"
        page.locator("select.bad").select_option("党支部")
        page.fill("input.bad", "三十来个")
        page.click("text=写回名单")
        page.wait_for_selector("text=1 个要改")
        page.fill("input.bad", "32")
        page.click("text=写回名单")
        page.wait_for_selector("text=12 个等着做")
        page.click("button.main:has-text('生成 12 个单位')")
        page.wait_for_selector("progress")
        page.wait_for_selector("text=刚做完")
        here = page.url
        page.click("text=我的单位")  # leaving does not stop it
        page.wait_for_selector("a:has-text('正在生成')")
        page.goto(here)
        page.click("button:has-text('停下')")
        page.wait_for_selector("text=停下了", timeout=60_000)
        page.click("button.main:has-text('接着做')")
        page.wait_for_selector("text=全部下载", timeout=120_000)
        page.wait_for_selector("text=12 个单位：12 个已生成", timeout=120_000)
        with page.expect_download() as download:
            page.click("text=全部下载（ZIP）")
        names = zipfile.ZipFile(download.value.path()).namelist()
        assert len({name.partition("/")[0] for name in names}) == 12
        page.click("text=看报告")
        frame = page.frame_locator("iframe.report")
        frame.locator("text=青山上村").first.wait_for()
        page.click("text=返回青禾县名单")
        page.click("text=各单位的情况")
        page.frame_locator("iframe.report").locator("text=青山上村").first.wait_for(timeout=60_000)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_scrolls_sideways_and_axe_finds_nothing_serious(browser, tmp_path, listed, size):
    folder = tmp_path / "文书"
    folder.mkdir()
    with journey(browser, folder, size, bypass_csp=True) as at:
        page = at.page
        pages = ["/county", "", "/help"]
        page.goto(f"{at.base}/county")
        page.set_input_files("#file", listed)
        page.wait_for_url("**/county/*")
        pages[1] = page.url.removeprefix(at.base)
        pages += [f"{pages[1]}/{name}" for name in ("year", "burden", "review", "archive", "aside")]
        for path in pages:
            page.goto(at.base + path)
            looks_well(page, path)
