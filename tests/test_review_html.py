"""The review page in a headless Chromium: nothing from elsewhere, jumping, filters, both views, print."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document as Word
from docx_samples import art, doc, para
from test_review_cli import REGULATION, replaced, run

from toolkit import api
from toolkit.core.findings import FileError
from toolkit.model.tree import Document
from toolkit.versions import compare_versions
from toolkit.versions.loading import Source, Version
from toolkit.versions.notes import Note, Notes, keyed, read_notes
from toolkit.versions.redlines import ReportOptions
from toolkit.versions.report import folds
from toolkit.versions.report import page as write

LONG = "村党支部书记应当每季度召开会议，研究<意识形态>工作 & 形成会议记录。"


def version(name: str, *texts: tuple[str, str]) -> Version:
    document: Document = doc(body=[art(key, para(f"{key}__1", text)) for key, text in texts])
    return Version(name, (Source(document, "01-办法.docx", base=document),))


def compared():
    """One change of substance, one of punctuation, one new clause, one that is only renumbered."""
    old = version("旧版", ("a", LONG), ("b", "信息员核实差错，更正后报告。"), ("c", "本办法自印发之日起施行。"))
    new = version(
        "新版",
        ("a", LONG.replace("应当", "可以")),
        ("b", "信息员核实差错；更正后报告。"),
        ("n", "值班人员应当登记来访事项，下班前移交。"),
        ("c", "本办法自印发之日起施行。"),
    )
    return compare_versions(old, new)


def page(notes: Notes | None = None) -> bytes:
    return write(compared(), ReportOptions(notes=notes or Notes()))


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


# --- notes ---------------------------------------------------------------------------------------------------------


def noted(words: str = "请再核对<b>") -> Notes:
    """Notes at the first change, and at one that is not there any more."""
    first = next(key for _, _, key in keyed(compared()))
    gone = Note("0" * 16, "01-办法", "第九条", "seen", "旧意见", "2026-01-01T00:00:00Z")
    return Notes({first: Note(first, "01-办法", "第一条", "agreed", words, "2026-01-02T00:00:00Z"), gone.key: gone})


def test_a_note_belongs_to_the_words_of_a_change() -> None:
    keys = {change.name: key for _, change, key in keyed(compared())}
    old = version("旧版", ("z", "新的第一条放在最前面。"), ("a", LONG))
    new = version("新版", ("z", "新的第一条放在最前面。"), ("a", LONG.replace("应当", "可以")))
    assert [key for _, _, key in keyed(compare_versions(old, new))] == [keys["第一条"]]
    new = version("新版", ("z", "新的第一条放在最前面。"), ("a", LONG.replace("应当", "不得")))
    assert [key for _, _, key in keyed(compare_versions(old, new))] != [keys["第一条"]]
    twice = version("旧版", *((name, "值班人员应当登记。") for name in "abc"))
    changed = version("新版", *((name, "值班人员可以登记。") for name in "abc"))
    assert len({key for _, _, key in keyed(compare_versions(twice, changed))}) == 3


def test_notes_stand_on_the_page_and_those_without_a_change_too() -> None:
    text = page(noted()).decode()
    assert "审核意见：同意。请再核对&lt;b&gt;" in text and "第九条：已看。旧意见" in text


@pytest.mark.slow
def test_the_table_has_the_notes_and_the_basis(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    run(capsys, "diff", village / "out", edited, "-o", tmp_path / "r.docx", "-f", "table")
    rows = [cell.text for table in Word(tmp_path / "r.docx").tables for cell in table.rows[1].cells]
    assert len(rows) == 4 and "依据：" in rows[3]
    comparison = api.diff(village / "out", edited)
    key = next(key for _, change, key in keyed(comparison) if change.kind == "modified")
    notes = Notes({key: Note(key, "办法", "第十五条", "agreed", "已报请研究")})
    (tmp_path / "审核意见.json").write_text(json.dumps(notes.as_data(), ensure_ascii=False), encoding="utf-8")
    assert read_notes(tmp_path / "审核意见.json") == notes
    _, out, _ = run(capsys, "diff", village / "out", edited, "-o", tmp_path / "r.docx", "-f", "table", "--force")
    assert "带上了" in out and "审核意见.json" in out
    table = Word(tmp_path / "r.docx").tables[0]
    assert table.rows[0].cells[4].text == "审核意见" and table.rows[1].cells[4].text == "同意。已报请研究"
    page = tmp_path / "elsewhere" / "r.html"
    page.parent.mkdir()
    run(capsys, "diff", village / "out", edited, "-o", page, "--notes", tmp_path / "审核意见.json")
    assert "审核意见：同意。已报请研究" in page.read_text(encoding="utf-8")


_OTHERS: tuple = (None, [1], [{"key": ""}], [{"key": "a", "at": 1}], [{"key": "a", "state": "x"}])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", json.dumps({**Notes().as_data(), "version": 2})]
    + [json.dumps({**Notes().as_data(), "notes": notes}) for notes in _OTHERS],
)
def test_other_files_are_no_notes(tmp_path, text) -> None:
    (tmp_path / "n.json").write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_notes(tmp_path / "n.json")
    assert "审核意见" in caught.value.message


def test_lines_without_a_change_are_folded_together() -> None:
    texts = [(name, f"{name}款的文字没有改动。") for name in "甲乙丙丁"]
    old = doc(body=[art("a", *(para(f"a__{n}", text) for n, (_, text) in enumerate(texts)))])
    new = doc(body=[art("a", *(para(f"a__{n}", text.replace("丙款的", "丙款")) for n, (_, text) in enumerate(texts)))])
    versions = [Version(name, (Source(one, "01-办法.docx", base=one),)) for name, one in (("旧", old), ("新", new))]
    change = compare_versions(*versions).documents[0].changes[0]
    assert [many for _, many in folds(change)] == [2, 0, 0, 1]


@pytest.mark.slow
def test_folding_and_searching(opened) -> None:
    opened.fill("input[name=text]", "来访 登记")
    assert shown(opened) == 1 and opened.locator("nav a:visible").count() == 1
    opened.fill("input[name=text]", "")
    assert shown(opened) == 3


@pytest.mark.slow
def test_notes_survive_are_exported_and_read_again(browser, tmp_path: Path) -> None:
    path, other = tmp_path / "review.html", tmp_path / "later.html"
    path.write_bytes(page(noted()))
    context = browser.new_context(accept_downloads=True)
    tab = context.new_page()
    problems: list[str] = []
    tab.on("console", lambda message: problems.append(message.text))
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.goto(path.as_uri())
    first, second = tab.locator("section.change >> nth=0"), tab.locator("section.change >> nth=1")
    assert first.locator("[name=agreed]").is_checked() and first.locator("[name=remark]").input_value() == "请再核对<b>"
    second.locator("[name=agreed]").check()
    second.locator("[name=remark]").fill("n 处改得好")
    assert second.locator("[name=seen]").is_checked() and "已看 2 处" in tab.inner_text("#count")
    first.locator("[name=seen]").uncheck()
    assert not first.locator("[name=agreed]").is_checked()
    tab.reload()
    assert tab.locator("section.change >> nth=1").locator("[name=remark]").input_value() == "n 处改得好"
    assert not tab.locator("section.change >> nth=0").locator("[name=seen]").is_checked()
    tab.check("input[name=unseen]")
    assert shown(tab) == 2
    with tab.expect_download() as loading:
        tab.click("#export")
    assert loading.value.suggested_filename == "审核意见.json"
    loading.value.save_as(tmp_path / "n.json")
    exported = read_notes(tmp_path / "n.json")
    assert sorted(note.remark for note in exported.by_key.values()) == ["n 处改得好", "旧意见", "请再核对<b>"]
    other.write_bytes(page(exported))
    fresh = browser.new_context()
    tab = fresh.new_page()
    tab.goto(other.as_uri())
    assert tab.locator("section.change >> nth=1").locator("[name=agreed]").is_checked()
    other.write_bytes(page())
    tab.evaluate("localStorage.clear()")
    tab.goto(other.as_uri())
    tab.set_input_files("#file", tmp_path / "n.json")
    tab.locator("section.change.seen").wait_for()  # strict: there is one
    tab.set_input_files("#file", path)
    tab.locator("#count", has_text="不是").wait_for()
    assert problems == []
    fresh.close()
