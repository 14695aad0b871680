"""The review page in a headless Chromium: nothing from elsewhere, jumping, filters, both views, print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from docx_samples import art, doc, para

from toolkit.model.tree import Document
from toolkit.versions import compare_versions
from toolkit.versions.loading import Source, Version
from toolkit.versions.report import page as write

LONG = "村党支部书记应当每季度召开会议，研究<意识形态>工作 & 形成会议记录。"


def version(name: str, *texts: tuple[str, str]) -> Version:
    document: Document = doc(body=[art(key, para(f"{key}__1", text)) for key, text in texts])
    return Version(name, (Source(document, "01-办法.docx", base=document),))


def page() -> bytes:
    """One change of substance, one of punctuation, one new clause, one that is only renumbered."""
    old = version("旧版", ("a", LONG), ("b", "信息员核实差错，更正后报告。"), ("c", "本办法自印发之日起施行。"))
    new = version(
        "新版",
        ("a", LONG.replace("应当", "可以")),
        ("b", "信息员核实差错；更正后报告。"),
        ("n", "值班人员应当登记来访事项，下班前移交。"),
        ("c", "本办法自印发之日起施行。"),
    )
    return write(compare_versions(old, new))


def test_the_page_is_self_contained_and_escaped() -> None:
    text = page().decode()
    assert "<意识形态>" not in text and "&lt;意识形态&gt;" in text
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert "default-src 'none'" in text and "仅序号调整：" in text


def test_the_same_versions_have_an_empty_page() -> None:
    one = version("旧版", ("a", LONG))
    assert "两个版本没有不同。" in write(compare_versions(one, replace(one, name="新版"))).decode()


@pytest.fixture
def opened(browser, tmp_path: Path):
    path = tmp_path / "review.html"
    path.write_bytes(page())
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    problems: list[str] = []
    tab.on("console", lambda message: problems.append(message.text))
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith("file:") else problems.append(request.url))
    tab.goto(path.as_uri())
    yield tab
    assert problems == []
    context.close()


def shown(tab) -> int:
    return tab.locator("section.change:visible").count()


@pytest.mark.slow
def test_filters(opened) -> None:
    assert shown(opened) == 3 and "共 3 处" in opened.inner_text("#count")
    opened.check("input[name=quiet]")
    assert shown(opened) == 2
    opened.uncheck("input[name=quiet]")
    opened.check("input[name=substance]")
    assert shown(opened) == 2 and "全部 3 处" in opened.inner_text("#count")
    assert opened.locator("nav a:visible").count() == 2


@pytest.mark.slow
def test_jumping(opened) -> None:
    opened.click("#next")
    assert opened.locator("section.change.here").get_attribute("id") == "c1"
    opened.keyboard.press("n")
    assert opened.locator("section.change.here").get_attribute("id") == "c2"
    opened.click("#previous")
    opened.click("#previous")
    assert opened.locator("section.change.here").get_attribute("id") == "c3"
    opened.click("nav a >> nth=0")
    assert "第 1 处" in opened.inner_text("#count")


@pytest.mark.slow
def test_views(opened) -> None:
    first = opened.locator("section.change >> nth=0")
    assert first.locator("table.pair").is_visible() and not first.locator(".inline").is_visible()
    assert (
        first.locator("table.pair del").inner_text() == "应当"
        and first.locator("table.pair ins").inner_text() == "可以"
    )
    opened.check("input[value=inline]")
    assert first.locator(".inline").is_visible() and not first.locator("table.pair").is_visible()
    assert "应当可以" in first.locator(".inline").inner_text()


@pytest.mark.slow
def test_print(opened) -> None:
    opened.emulate_media(media="print")
    assert not opened.locator("form").is_visible() and not opened.locator("nav").is_visible()
    assert opened.locator("section.change >> nth=0").is_visible()
    assert opened.pdf()[:5] == b"%PDF-"
