"""The page as a browser of 2020 shows it, which drops rules with :where, :is, :has and lists in :not: all pages stay usable."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from batch_lists import workbook
from browsers import SIZES, as_in_2020, journey
from conftest import ROOT
from webs import put

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PICO = ROOT / "toolkit/web/static/pico.min.css"
#: Pages of a unit and of a list, below their addresses.
UNIT = (
    "fill?group=must",
    "fill?group=freq",
    "people",
    "documents",
    "generate",
    "print",
    "meetings",
    "register",
    "review",
    "text",
)
LIST = ("", "/fill", "/merge", "/year", "/revise", "/revise/history", "/burden", "/review", "/archive")
#: What can be pressed or typed into and is not to be seen, or stands outside of the window; and fields without a border.
_OUT_OF_REACH = """() => {
  const found = [];
  document.querySelectorAll("main button, main a.btn, main input:not([type=hidden]), main select, main textarea").forEach(one => {
    if (one.closest("details:not([open])") || one.closest(".hide, .only-l, .only-s, .scroll, noscript, .tile, .stick")) return;
    if (one.matches(".sr, [type=radio], [type=checkbox]")) return;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const name = one.outerHTML.slice(0, 120);
    if (style.display === "none") return;
    if (box.width < 20 || box.height < 20) found.push(["small", name]);
    if (box.right > window.innerWidth + 1 || box.left < -1) found.push(["outside", name]);
    if (one.matches("select") && style.appearance !== "none") found.push(["two arrows, or a choice that is cut", name]);
    const typed = one.matches("input:not([type=file]), select, textarea");
    if (typed && parseFloat(style.borderTopWidth) === 0) found.push(["bare", name]);
  });
  return found;
}"""


def test_rules_that_such_a_browser_drops_are_taken_out() -> None:
    style = PICO.read_text(encoding="utf-8")
    left = as_in_2020(style)
    assert ":where(" in style and ":is(" in style and len(left) > len(style) / 3
    assert not re.search(r":(?:where|is|has)\(|:not\([^()]*,", left)


def usable(page: Any, name: str) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    assert page.evaluate(_OUT_OF_REACH) == [], name


@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_usable_without_those_rules(browser: Any, tmp_path: Path, size: str) -> None:
    home = tmp_path / "文书"
    shutil.copytree(ROOT / "examples/records", put(home, "柳河村") / "记录")
    listed = workbook(tmp_path / "青禾县各村.xlsx", 3)
    with journey(browser, home, size) as at:
        page = at.page
        page.set_default_timeout(120_000)
        css = as_in_2020(PICO.read_text(encoding="utf-8"))
        page.context.route("**/pico.min.css*", lambda route: route.fulfill(body=css, content_type="text/css"))
        for path in ("/", "/new", "/county", "/help", *(f"/u/{at.id('柳河村')}/{one}" for one in UNIT)):
            at.go(path)
            usable(page, path)
        at.go(f"/u/{at.id('柳河村')}/meetings/begin?for=topical_study")
        page.fill("#on", "2026年6月18日")
        page.click("button.main")
        page.wait_for_selector("form.paper")
        usable(page, "draft")
        page.locator("label.pick", has_text="到会").first.click()
        page.wait_for_selector("text=4 人中 3 人没有点")
        at.go("/county")
        page.set_input_files("input[type=file]", str(listed))
        page.wait_for_url("**/county/*")
        here = page.url.removeprefix(at.base).partition("?")[0]
        for path in LIST:
            at.go(f"{here}{path}")
            usable(page, path)
