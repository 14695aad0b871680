"""文件, 改这一条 and 台账 in a real browser: own wording of a clause, the ZIP, provenance by keyboard alone, axe."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from browsers import AXE, SIZES, Journey, journey
from conftest import ROOT
from webs import put

from toolkit import api

pytestmark = [pytest.mark.slow, pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
NAME = "柳河村"
PAGES = {
    "documents": "/documents/regulation?at=analysis",
    "form": "/documents/checklist_quarterly",
    "clause": "/documents/regulation/clause/analysis",
    "generate": "/generate",
    "print": "/print",
    "register": "/register",
    "coverage": "/coverage",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    unit = put(tmp_path, NAME)
    shutil.copytree(ROOT / "examples/records", unit / "记录")
    return tmp_path


def open_at(one: Journey, path: str) -> None:
    one.go(f"/u/{one.id(NAME)}{path}")
    one.page.wait_for_load_state("networkidle")


def focused(one: Journey) -> str:
    """Return what has the focus: its name, or its text."""
    return one.page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent")


def tab_to(one: Journey, name: str, most: int = 120) -> None:
    """Press Tab until something whose name begins so has the focus; each stop must show where it is."""
    for _ in range(most):
        one.page.keyboard.press("Tab")
        if focused(one).strip().startswith(name):
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_provenance_by_keyboard_alone(browser, folder):
    with journey(browser, folder) as one:
        open_at(one, "/documents/regulation?at=analysis")
        open_at(one, f"/documents/regulation?page={one.page.input_value('#pageno')}")
        tab_to(one, "第二十二条")
        one.page.keyboard.press("Enter")
        one.page.locator("#prov h2", has_text="第二十二条").wait_for()
        assert one.page.evaluate("document.activeElement.tagName") == "H2"
        assert "at=analysis" in one.page.url
        tab_to(one, "每季度至少一次", 12)
        one.page.keyboard.press("Enter")
        one.page.wait_for_url("**/fill?group=freq&on=freq.analysis*")
        assert one.page.locator("form.q", has_text="分析研判").first.is_visible()


def test_turning_pages_keeps_the_chain_and_the_address(browser, folder):
    with journey(browser, folder) as one:
        open_at(one, "/documents/regulation?at=analysis")
        after = str(int(one.page.input_value("#pageno")) + 1)
        one.page.click("#pagedown")
        expect(one.page.locator("#pageno")).to_have_value(after)
        assert "第二十二条" in one.page.inner_text("#prov h2") and f"page={after}" in one.page.url
        one.page.reload()
        assert one.page.input_value("#pageno") == after


def test_a_clause_in_own_words(browser, folder):
    with journey(browser, folder) as one:
        open_at(one, "/documents/regulation?at=analysis")
        one.page.click("text=改这一条")
        one.page.wait_for_selector("#ed")
        text = one.page.input_value("#ed")
        one.page.fill("#ed", text.replace("频次为〔频次〕", "频次为每季度至少一次"))
        one.page.wait_for_selector("#found .find.err")
        assert "还没有保存" in one.page.inner_text("#saved")
        one.page.click("text=换成〔频次〕")
        expect(one.page.locator("#ed")).to_have_value(re.compile("频次为〔频次〕"))
        one.page.wait_for_selector("#found .find.err", state="detached")
        one.page.fill("#ed", text.replace("应当召开", "应当按时召开"))
        one.page.wait_for_selector("text=可以这样写")
        one.page.click("button.main:has-text('保存')")
        one.page.wait_for_selector("text=本单位自己的写法")
        assert one.page.locator("rect.hit.chg").count() == 1 and "改过 1 处" in one.page.inner_text("main")
        one.page.click("text=看过了")
        one.page.wait_for_load_state("networkidle")
        assert one.page.locator("rect.hit.chg").count() == 0
        assert "按时召开" in (folder / NAME / "自有条款/documents/01-regulation.md").read_text(encoding="utf-8")


def test_a_clause_that_was_not_kept_is_not_lost_by_leaving(browser, folder):
    with journey(browser, folder) as one:
        asked: list[str] = []

        def stay(dialog):
            asked.append(dialog.type)
            dialog.dismiss()

        one.page.on("dialog", stay)
        open_at(one, "/documents/regulation/clause/analysis")
        there = one.page.url
        one.page.locator("#ed").press_sequentially("另有规定的，从其规定。")
        one.page.get_by_role("link", name="人员").first.click(no_wait_after=True)
        one.page.wait_for_timeout(500)
        assert asked == ["beforeunload"] and one.page.url == there
        assert "另有规定的" in one.page.locator("#ed").input_value()
        one.page.get_by_role("link", name="不改了").click()
        one.page.wait_for_url("**/documents/regulation?*")
        open_at(one, "/documents/regulation/clause/analysis")
        one.page.locator("#ed").press_sequentially("另有规定的，从其规定。")
        one.page.get_by_role("button", name="保存").click()
        one.page.wait_for_url("**/documents/regulation?*")
        assert asked == ["beforeunload"]


def test_nothing_is_checked_while_a_word_is_composed(browser, folder):
    with journey(browser, folder) as one:
        open_at(one, PAGES["clause"])
        asked: list[str] = []
        one.page.on("request", lambda request: asked.append(request.url))
        one.page.focus("#ed")
        one.page.evaluate(
            "document.getElementById('ed').dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}))"
        )
        one.page.keyboard.type("kaihui")
        one.page.wait_for_timeout(700)
        assert not asked
        one.page.evaluate(
            "document.getElementById('ed').dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}))"
        )
        one.page.wait_for_timeout(900)
        assert len(asked) == 1 and asked[0].endswith("/check")


def test_a_token_is_written_where_the_cursor_is(browser, folder):
    with journey(browser, folder) as one:
        open_at(one, PAGES["clause"])
        one.page.evaluate("document.getElementById('ed').setSelectionRange(0, 0)")
        one.page.click("[data-insert='〔频次〕']")
        assert one.page.input_value("#ed").startswith("〔频次〕〔责任主体〕")


def test_the_zip_of_the_browser_is_that_of_the_command_line(browser, folder, tmp_path):
    with journey(browser, folder) as one:
        open_at(one, "/documents/regulation")
        with one.page.expect_download() as waiting:
            one.page.click("text=全套下载（ZIP）")
        saved = tmp_path / "set.zip"
        waiting.value.save_as(saved)
        assert waiting.value.suggested_filename == f"{NAME}.zip"
    made = api.make(folder / NAME / "unit.yaml", formats=["docx", "pdf"])
    assert saved.read_bytes() == api.bundle(made)


def test_a_phone_reads_a_provision_as_text(browser, folder):
    with journey(browser, folder, "phone") as one:
        open_at(one, PAGES["documents"])
        assert one.page.locator(".clause").is_visible() and not one.page.locator("#view").is_visible()
        one.page.click("text=下一条")
        one.page.wait_for_load_state("networkidle")
        assert "第二十三条" in one.page.inner_text(".clause")
        one.page.select_option("#ds", index=3)
        one.page.wait_for_url("**/documents/mechanism_analysis")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_or_breaks(browser, folder, size, scheme):
    with journey(browser, folder, size, color_scheme=scheme) as one:
        troubles: list[str] = []
        one.page.on("pageerror", lambda error: troubles.append(str(error)))
        for name, path in PAGES.items():
            open_at(one, path)
            assert one.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], name
        assert not troubles


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm install --no-save axe-core")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser, folder, size, scheme):
    with journey(browser, folder, size, color_scheme=scheme, bypass_csp=True) as one:
        for name, path in PAGES.items():
            open_at(one, path)
            one.page.add_script_tag(path=str(AXE))
            found = one.page.evaluate(
                "axe.run(document, {iframes: false}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
            )
            assert not found, f"{name}: {found}"
