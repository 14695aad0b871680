"""Makes the pictures of docs/手册.md again: ``python tests/handbook_pictures.py [NAME…]`` drives the page in Chromium.

A fixed day and the examples of the project; 64 colours, so that no picture has more than 120 KB.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from batch_lists import NAME as UNIT_NAME
from batch_lists import flat, workbook
from browsers import journey
from conftest import ROOT
from PIL import Image
from webs import put

from toolkit import api

PICTURES = ROOT / "docs" / "pictures"
MOST, COLOURS = 120_000, 64
NAME = "柳河村"
UNITS = [flat(number)[0][UNIT_NAME] for number in range(4)]
#: Rows of a sheet, two of them with something to correct.
PASTED = (
    "全称\t简称\t党组织名称\t党组织形式\t党员人数\t上级党组织\t姓名职务\n"
    "青禾县柳溪镇上河村\t上河村\t中共柳溪镇上河村支部委员会\t党支部\t三十来个\t柳溪镇党委\t甲某（宣传委员）\n"
    "青禾县柳溪镇下河村\t下河村\t中共柳溪镇下河村支部委员会\t支部\t31\t柳溪镇党委\t丙某（宣传委员）\n"
    "青禾县柳溪镇东河村\t东河村\t\t\t\t\t\n"
)


def keep(name: str, shot: bytes) -> None:
    """Write a picture with few colours."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    if len(stream.getvalue()) > MOST:
        raise SystemExit(f"{name}: {len(stream.getvalue())} bytes")
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(stream.getvalue())


def settled(page: Any) -> None:
    """Wait until nothing is loaded any more."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)


def shoot(at: Any, name: str, path: str = "", height: int = 640) -> None:
    """Keep what the window shows, from its top."""
    if path:
        at.go(path)
    settled(at.page)
    width = at.page.viewport_size["width"]
    keep(name, at.page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height}))


def show(at: Any, selector: str) -> None:
    """Scroll to a piece of the page, below the head."""
    at.page.locator(selector).evaluate(
        "element => window.scrollTo(0, element.getBoundingClientRect().top + window.scrollY - 90)"
    )


def village(folder: Path) -> Path:
    """Put the village of the examples with a year of records into the folder."""
    path = put(folder, NAME)
    shutil.copytree(ROOT / "examples/records", path / "记录")
    return path


def begin(browser: Any, folder: Path) -> None:
    with journey(browser, folder) as at:
        shoot(at, "begin", height=400)
        at.go("/new")
        at.page.fill("input[name=name]", "青禾县柳溪镇柳河村")
        at.page.wait_for_selector("img")
        shoot(at, "new")


def fill(browser: Any, folder: Path) -> None:
    village(folder)
    with journey(browser, folder) as at:
        here = f"/u/{at.id(NAME)}"
        at.go(f"{here}/fill?group=party&on=party.members")
        settled(at.page)
        at.page.fill("#f-party-members", "三十来个")
        at.page.wait_for_selector("#e-party-members .find.err")
        show(at, "#q-party-members")
        shoot(at, "mistake")
        at.page.fill("#f-party-members", "32")
        at.page.wait_for_selector("#e-party-members .find.err", state="detached")
        at.go(f"{here}/fill?group=freq&on=freq.analysis")
        settled(at.page)
        at.page.locator("#q-freq-analysis select[name=period]").select_option("月")
        at.page.wait_for_selector(".touch")
        show(at, "#q-freq-analysis")
        shoot(at, "fill")
        shoot(at, "people", f"{here}/people")


def documents(browser: Any, folder: Path) -> None:
    village(folder)
    with journey(browser, folder) as at:
        here = f"/u/{at.id(NAME)}"
        shoot(at, "documents", f"{here}/documents/regulation?at=analysis", 700)
        shoot(at, "clause", f"{here}/documents/regulation/clause/analysis", 700)
        shoot(at, "generate", f"{here}/generate", 290)


def meetings(browser: Any, folder: Path) -> None:
    path = village(folder)
    for record in ("06", "07", "08", "09", "10", "11", "12", "13"):
        for file in (path / "记录").glob(f"{record}*"):
            file.unlink()
    with journey(browser, folder) as at:
        shoot(at, "meetings", f"/u/{at.id(NAME)}/meetings")
        shoot(at, "year", f"/u/{at.id(NAME)}/register")
    with journey(browser, folder, "phone") as at:
        page = at.page
        at.go(f"/u/{at.id(NAME)}/meetings")
        page.locator("tr", has_text="分析研判会议").get_by_text("准备").first.click()
        page.fill("#on", "2026年5月20日")
        page.fill("#time", "9时")
        page.fill("#place", "村党群服务中心")
        page.click("text=排议程和名单")
        for number, state in enumerate(["到会", "到会", "到会", "请假", "到会"], 1):
            page.locator(f'label.pick:has(input[name="f:attendance.{number}.status"][value="{state}"])').click()
        page.wait_for_timeout(1500)
        page.evaluate("window.scrollTo(0, 0)")
        shoot(at, "phone", height=740)


def review(browser: Any, folder: Path) -> None:
    from test_web_review import OFTEN, TWO_MONTHS, edit

    path = put(folder, NAME, "village_light")
    unit = api.prepare(path / "unit.yaml")
    api.generate(unit, path / "文件", only=["regulation", "list_responsibility", "register_duties"])
    edit(next((path / "文件").glob("13*.docx")), "分析研判：", OFTEN, TWO_MONTHS)
    text = api.put((path / "unit.yaml").read_text(encoding="utf-8"), unit.preset, "freq.analysis", "每月至少1次")
    (path / "unit.yaml").write_text(text, encoding="utf-8")
    with journey(browser, folder) as at:
        here = f"/u/{at.id(NAME)}/review"
        at.go(here)
        settled(at.page)
        at.page.click("button:has-text('比较') >> nth=0")
        shoot(at, "review")
        shoot(at, "conflict", f"{here}/merge")


def county(browser: Any, folder: Path) -> None:
    changes = {(1, "党组织.形式"): "支部", (2, "党组织.党员人数"): "许多"}
    made = workbook(folder / "青禾县村名单.xlsx", 5, changes)
    data = made.read_bytes()
    made.unlink()
    with journey(browser, folder) as at:
        at.go("/county")
        at.page.fill("#ln", "青禾县各村")
        at.page.select_option("#lk", "village")
        at.page.click("text=开始做名单")
        at.page.fill("#pa", PASTED)
        at.page.click("#pasted button.main")
        settled(at.page)
        shoot(at, "county-fill", height=600)
        at.go("/county")
        at.page.set_input_files(
            "#file", {"name": "青禾县村名单.xlsx", "mimeType": "application/octet-stream", "buffer": data}
        )
        at.page.wait_for_url("**/county/*")
        shoot(at, "county")
        at.page.locator("select.bad").select_option("党支部")
        at.page.fill("input.bad", "32")
        at.page.click("text=写回名单")
        settled(at.page)
        at.page.click("button.main:has-text('生成')")
        at.page.wait_for_selector("text=全部下载", timeout=120_000)
        shoot(at, "county-done")


def county_changes(browser: Any, folder: Path) -> None:
    """Four villages with a set each, edited alike in two of them; then another frequency for all, and the year so far."""
    from test_web_county_merge import listed
    from test_web_review import OFTEN, TWO_MONTHS, edit

    made = listed(folder / "青禾县村名单.xlsx", "每半年至少1次")
    data = made.read_bytes()
    unit = api.prepare(api.ListedUnit(workbook(made, 4), UNITS[1]))
    filled = api.minutes_fill(unit, next((ROOT / "examples/records").glob("02*.yaml"))).data
    made.unlink()
    with journey(browser, folder) as at:
        page = at.page
        at.go("/county")
        page.set_input_files(
            "#file", {"name": "青禾县村名单.xlsx", "mimeType": "application/octet-stream", "buffer": data}
        )
        page.wait_for_url("**/county/*")
        here = page.url.removeprefix(at.base)
        page.click("button.main:has-text('生成')")
        page.wait_for_selector("text=全部下载", timeout=120_000)
        home = folder / "名单/青禾县村名单"
        for name in UNITS[:2]:
            edit(next((home / "文书" / name).glob("13*.docx")), "分析研判：", OFTEN, TWO_MONTHS)
        at.go(f"{here}/revise")
        page.select_option("#key", "freq.analysis")
        page.fill("#text", "每月至少1次")
        page.click("text=先看看")
        shoot(at, "county-one")
        page.click("button:has-text('写进名单')")
        settled(page)
        at.go(f"{here}/merge")
        page.click("text=看新版改了什么")
        page.wait_for_selector("text=处要您决定", timeout=120_000)
        shoot(at, "county-merge", height=560)
        (home / "记录" / UNITS[1]).mkdir(parents=True)
        (home / "记录" / UNITS[1] / "02.docx").write_bytes(filled)
        at.go(f"{here}/year")
        page.click("text=看各单位的一年")
        page.wait_for_selector("text=按单位看", timeout=120_000)
        show(at, "h2 >> nth=1")
        shoot(at, "county-year", height=560)


SCENES: tuple[Callable[[Any, Path], None], ...] = (begin, fill, documents, meetings, review, county, county_changes)


def main(names: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for scene in SCENES:
            if not names or scene.__name__ in names:
                with tempfile.TemporaryDirectory() as home:
                    folder = Path(home) / "文书"
                    folder.mkdir()
                    scene(browser, folder)
                print(scene.__name__)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
