"""A clerk at the page, in headless Chromium: from nothing to a profile, mistakes, people, two windows, a killed server."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browsers import heard
from conftest import ROOT
from webs import put

from toolkit import api

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}


@dataclass
class Program:
    """``toolkit web`` as it runs on a clerk's machine."""

    process: subprocess.Popen
    address: str

    @property
    def base(self) -> str:
        return re.match(r"http://[^/]+", self.address)[0]


@contextlib.contextmanager
def program(folder: Path, *options: str) -> Iterator[Program]:
    running = subprocess.Popen(
        [sys.executable, "-m", "toolkit", "web", str(folder), "--no-open", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield Program(running, running.stdout.readline().strip())
    finally:
        running.kill()
        running.wait()


@pytest.fixture(params=SIZES)
def size(request) -> dict:
    return SIZES[request.param]


@contextlib.contextmanager
def window(browser, running: Program, size: dict) -> Iterator:
    context = browser.new_context(viewport=size)
    page = context.new_page()
    troubles = heard(page)
    page.on(
        "request", lambda asked: None if asked.url.startswith((running.base, "data:")) else troubles.append(asked.url)
    )
    page.goto(running.address)
    yield page
    assert not troubles, troubles
    context.set_offline(True)  # it does not go on by itself where the test starts the program again


def wide(page) -> bool:
    """Whether a page scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def saved(page) -> None:
    until(page, lambda: page.locator("#saved").inner_text().startswith("已保存"))


def profile(folder: Path) -> str:
    return (folder / "unit.yaml").read_text(encoding="utf-8")


def until(page, condition) -> None:
    """Wait until a condition holds."""
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came")


def open_unit(page, folder: Path, name: str, group: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    page.goto(page.url.partition("?")[0] + f"?group={group}")


def test_from_nothing_to_a_filled_profile(browser, tmp_path, size):
    with program(tmp_path) as running, window(browser, running, size) as page:
        page.get_by_role("link", name="新建单位").click()
        page.locator("label.kind", has_text="村").click()
        page.locator("label.kind", has_text="精简").click()
        page.wait_for_selector("text=村，精简：会得到什么", timeout=30_000)
        assert not wide(page)
        page.get_by_label("单位全称").fill("青禾县柳溪镇石桥村")
        page.get_by_role("button", name="开始填写").click()
        folder = tmp_path / "青禾县柳溪镇石桥村"
        answers = {"unit.short_name": "石桥村", "party.name": "中共柳溪镇石桥村支部委员会", "party.members": "21"}
        answers |= {"superior.party": "柳溪镇党委", "contact.name": "甲某（宣传委员）", "contact.phone": "0471-0000003"}
        for key, value in answers.items():
            field = page.locator(f"#f-{key.replace('.', '-')}")
            field.click()
            field.press_sequentially(value, delay=5)
            until(page, lambda value=value: value in profile(folder))
        page.locator("#q-party-form").get_by_label("党支部", exact=True).check()
        until(page, lambda: "党支部\n" in profile(folder))
        saved(page)
        assert not wide(page)
        page.reload()
        page.wait_for_selector("text=必填的 8 个都答了")
        prepared = api.prepare(folder / "unit.yaml")
        assert not api.has_errors(prepared.findings) and prepared.built is not None
        assert "# ==== 必填 ====" in profile(folder)


MISTAKES = [
    ("contact.phone", "12", "电话"),
    ("party.members", "三十几", "只写数字"),
    ("doc.date", "2026年13月1日", "日期"),
    ("freq.study", "经常", "多长时间几次"),
    ("unit.full_name", "×××村", "还没有填写"),
    ("unit.short_name", "", "还没有答"),
    ("superior.party", "待填", "还没有填写"),
    ("doc.since", "明年", "日期"),
    ("doc.year", "明年", "不是"),
    ("deadline.major_disclosure", "尽快", "时限|日"),
]


def test_ten_mistakes_stand_under_their_fields_and_are_kept(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        for key, typed, said in MISTAKES:
            open_unit(page, folder, "柳河村", key.partition(".")[0])
            id = key.replace(".", "-")
            if not page.locator(f"#q-{id}").is_visible():
                page.locator("details.card > summary").click()
            plain = page.locator(f"#q-{id}").get_by_text("别的写法")
            if plain.count():
                plain.click()
            page.locator(f"#f-{id}").fill(typed)
            until(page, lambda id=id, said=said: re.search(said, page.locator(f"#e-{id}").inner_text()))
            text = page.locator(f"#e-{id}").inner_text()
            assert "要改" in text or "请看" in text or said == "还没有答", text
            assert page.locator(f"#f-{id}").input_value() == typed  # never changed under the hand
            assert not typed or typed in profile(folder)
            page.goto(running.base)
        page.get_by_role("link", name="柳河村", exact=True).first.click()
        assert "处要改" in page.locator("#groups").inner_text()


def test_an_answer_shows_what_it_changes_and_is_undone(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    before = profile(folder)
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "freq")
        card = page.locator("#q-freq-analysis")
        if not card.is_visible():
            page.locator("details.card > summary").click()
        card.get_by_label("周期").select_option("月")
        page.wait_for_selector("text=这次改动影响 8 个文件 9 处")
        assert "频次.分析研判: 每月至少1次" in profile(folder)
        card.get_by_role("button", name="改回默认").click()
        until(page, lambda: profile(folder) == before)
        page.get_by_role("button", name="撤销").click()
        until(page, lambda: "每月至少1次" in profile(folder))
        page.get_by_role("button", name="撤销").click()
        until(page, lambda: profile(folder) == before)


def test_people_are_pasted(browser, tmp_path, size):
    folder = put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, size) as page:
        open_unit(page, folder, "柳河村", "unit")
        page.get_by_role("link", name="人员", exact=True).first.click()
        page.get_by_label("粘贴在这里").fill(
            "姓名\t职务\t表决权\n丁某\t党支部书记、村民委员会主任\t是\n辛某\t监委会主任\t没\n"
        )
        page.wait_for_selector("text=认出 2 行 3 列")
        assert "已有" in page.locator("#pasted").inner_text() and not wide(page)
        page.locator("#pasted select").select_option("否")
        page.get_by_role("button", name="加入").click()
        until(page, lambda: "辛某" in profile(folder))
        assert page.locator('input[value="辛某"]').count() == 1 and "6 人" in page.locator("h1 + p").inner_text()
        page.get_by_role("button", name="删去第6行辛某").click()
        until(page, lambda: "辛某" not in profile(folder))


def test_two_windows_on_one_unit(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with (
        program(tmp_path) as running,
        window(browser, running, SIZES["desk"]) as one,
        window(browser, running, SIZES["desk"]) as other,
    ):
        for page in (one, other):
            open_unit(page, folder, "柳河村", "contact")
        one.locator("#f-contact-phone").fill("0471-1111111")
        until(one, lambda: "0471-1111111" in profile(folder))
        other.locator("#f-contact-phone").fill("0471-2222222")
        other.wait_for_selector("text=另一个窗口正在改")
        until(other, lambda: other.inner_text("#saved") == "没有保存")
        text = other.locator("#b-contact-phone").inner_text()
        assert "0471-1111111" in text and "0471-2222222" in text and "0471-1111111" in profile(folder)
        other.locator("#f-contact-name").fill("乙某（委员）")  # another field goes on
        until(other, lambda: "乙某（委员）" in profile(folder))
        other.get_by_role("button", name="用我的").click()
        until(other, lambda: "0471-2222222" in profile(folder))
        one.locator("#f-contact-phone").fill("0471-3333333")
        one.wait_for_selector("text=另一个窗口正在改")
        one.get_by_role("button", name="用那边的").click()
        until(one, lambda: one.locator("#f-contact-phone").input_value() == "0471-2222222")


def test_going_back_shows_what_was_saved_and_adds_nobody_twice(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "contact")
        page.locator("#f-contact-phone").fill("0471-1111111")
        until(page, lambda: "0471-1111111" in profile(folder))
        page.get_by_role("link", name="人员", exact=True).first.click()
        page.get_by_label("粘贴在这里").fill("姓名\t职务\n辛某\t监委会主任\n")
        page.get_by_role("button", name="加入").click()
        until(page, lambda: "辛某" in profile(folder))
        page.wait_for_load_state("networkidle")
        page.go_back()
        page.wait_for_load_state("networkidle")
        page.get_by_label("粘贴在这里").fill("姓名\t职务\n辛某\t监委会主任\n")
        page.wait_for_selector("#pasted >> text=已有")
        assert profile(folder).count("辛某") == 1
        while "/fill" not in page.url:
            page.go_back()
        page.wait_for_load_state("networkidle")
        assert page.locator("#f-contact-phone").input_value() == "0471-1111111"
        page.locator("#f-contact-phone").fill("0471-2222222")
        until(page, lambda: "0471-2222222" in profile(folder))
        assert "另一个窗口" not in page.inner_text("main")


def test_a_killed_server_keeps_every_answer(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(program(tmp_path))
        page = stack.enter_context(window(browser, running, SIZES["desk"]))
        open_unit(page, folder, "柳河村", "contact")
        page.locator("#f-contact-phone").fill("0471-1111111")
        until(page, lambda: "0471-1111111" in profile(folder))
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        page.locator("#f-contact-name").fill("乙某（委员）")
        page.wait_for_selector("text=程序已经结束")
        assert "没有保存" in page.locator("#saved").inner_text()
        assert page.locator("#f-contact-name").input_value() == "乙某（委员）"
    assert "0471-1111111" in profile(folder) and [path.name for path in folder.iterdir()] == ["unit.yaml"]
    with program(tmp_path) as again, window(browser, again, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "contact")
        assert page.locator("#f-contact-phone").input_value() == "0471-1111111"


def test_an_open_page_goes_on_when_the_program_was_started_again(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(program(tmp_path))
        page = stack.enter_context(window(browser, running, SIZES["phone"]))
        open_unit(page, folder, "柳河村", "contact")
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        page.wait_for_selector("text=程序已经结束")  # nobody typed anything: the page asks by itself
        assert page.locator("#saved").inner_text() == "没有连上程序"
        page.locator("#f-contact-name").fill("乙某（委员）")
        assert page.locator("#saved").inner_text() == "没有保存" and not wide(page)  # said before the pause is over
        page.wait_for_timeout(600)
        page.get_by_role("link", name="人员", exact=True).click()  # leads to no error page of the browser
        page.get_by_role("button", name="复制没有存的").click()
        page.wait_for_selector("text=复制好了")
        page.locator("#f-contact-phone").fill("")
        page.locator("#f-contact-phone").press("Control+v")
        assert "乙某（委员）" in page.locator("#f-contact-phone").input_value()
        page.locator("#f-contact-phone").fill("0471-3333333")
        again = stack.enter_context(program(tmp_path))
        assert again.base == running.base
        page.wait_for_selector("text=程序重新打开过")  # it has no session of this run
        assert "乙某（委员）" not in profile(folder)
        other = page.context.new_page()
        other.goto(again.address)
        page.bring_to_front()
        until(page, lambda: "乙某（委员）" in profile(folder) and "0471-3333333" in profile(folder))
        until(page, lambda: page.locator("#saved").inner_text().startswith("已保存"))
        assert page.locator("#trouble").inner_text() == ""


def test_a_file_that_is_too_large_is_not_sent_and_without_script_refused_in_words(browser, tmp_path):
    put(tmp_path, "柳河村")
    large = tmp_path / "很大.docx"
    large.write_bytes(bytes(21_000_000))
    with program(tmp_path) as running:
        with window(browser, running, SIZES["phone"]) as page:
            page.goto(f"{page.url}new")
            page.set_input_files("#fl", large)
            page.wait_for_selector("text=一共 21.0 MB，一次最多 20 MB")
            assert page.locator("#fl").input_value() == "" and not wide(page)
        context = browser.new_context(java_script_enabled=False)
        plain = context.new_page()
        plain.goto(running.address)
        plain.goto(f"{running.base}/new")
        plain.set_input_files("#fl", large)
        plain.locator('button[formaction="/new/import"]').click()
        plain.wait_for_selector("text=文件太大，最多 20 MB")


def test_nothing_is_sent_while_a_word_is_composed(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "unit")
        sent: list[str] = []
        page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
        session = page.context.new_cdp_session(page)
        page.locator("#f-unit-short_name").click()
        page.keyboard.press("End")
        for text in ("x", "xi", "xin"):
            session.send(
                "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
            )
            page.wait_for_timeout(300)
        page.wait_for_timeout(600)
        assert not sent and "xin" in page.locator("#f-unit-short_name").input_value()
        session.send("Input.insertText", {"text": "新"})
        until(page, lambda: "简称: 柳河村新" in profile(folder))
        assert len(sent) == 1


def test_leaving_the_page_in_the_middle_of_a_pause_saves(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "contact")
        page.locator("#f-contact-phone").press_sequentially("9", delay=20)
        page.goto(running.base)
        until(page, lambda: "90471-0000000" in profile(folder))


def test_the_way_past_the_list_of_groups_leads_to_the_questions(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "unit")
        for key in ("Tab", "Enter", "Tab"):
            page.keyboard.press(key)
        assert page.evaluate("document.activeElement.closest('#ask') !== null")


def test_the_keyboard_alone_reaches_everything_and_enter_saves(browser, tmp_path):
    folder = put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "unit")
        reached = set()
        for _ in range(80):
            page.keyboard.press("Tab")
            here = page.evaluate("(document.activeElement.id || document.activeElement.textContent || '').trim()")
            reached.add(here)
            if here == "f-unit-short_name":
                page.keyboard.type("新")
                page.keyboard.press("Enter")
                until(page, lambda: "新" in profile(folder).split("简称:")[1].splitlines()[0])
        assert {"f-unit-full_name", "f-unit-short_name", "跳到正文", "人员"} <= reached
        assert page.url.partition("?")[0].endswith("/fill")


def test_a_link_that_only_shows(browser, tmp_path, monkeypatch):
    folder = put(tmp_path, "柳河村")
    put(tmp_path, "石桥村", "village_minimal")
    monkeypatch.setenv("TOOLKIT_PASSPHRASE", "青山绿水 2026")
    with program(tmp_path, "--lan") as running, window(browser, running, SIZES["desk"]) as page:
        open_unit(page, folder, "柳河村", "unit")
        page.get_by_role("button", name="给人看的链接").click()
        link = page.locator("code").inner_text()
        assert page.locator(".qr svg").count() == 1
        context = browser.new_context(viewport=SIZES["phone"])
        reader = context.new_page()
        reader.goto(link)
        reader.wait_for_selector("text=只看")
        assert reader.locator("form.q input:not([type=hidden]):not([disabled])").count() == 0 and not wide(reader)
        reader.goto(link.partition("/look")[0] + "/")
        assert "石桥村" not in reader.content() and "没有做" in reader.content()
        context = browser.new_context(viewport=SIZES["phone"])
        phone = context.new_page()
        phone.goto(link.partition("/look")[0] + "/")
        phone.get_by_label("口令").fill("青山绿水")
        phone.get_by_role("button", name="进去").click()
        phone.wait_for_selector("text=口令不对")
        phone.wait_for_timeout(1_200)  # the next guess is looked at after a second
        phone.get_by_label("口令").fill("青山绿水 2026")
        phone.get_by_role("button", name="进去").click()
        phone.wait_for_selector("text=石桥村")
        assert not wide(phone)


def test_quitting_ends_the_program(browser, tmp_path):
    put(tmp_path, "柳河村")
    with program(tmp_path) as running, window(browser, running, SIZES["desk"]) as page:
        page.get_by_role("button", name="退出").click()
        page.wait_for_selector("text=已退出")
        assert running.process.wait(10) == 0


def test_no_page_has_a_serious_fault_for_a_screen_reader(browser, tmp_path, size):
    axe = ROOT / "node_modules/axe-core/axe.min.js"
    if not axe.is_file():
        pytest.skip("axe-core is not installed: npm install --no-save axe-core")
    folder = put(tmp_path, "柳河村")
    (folder / "unit.yaml").write_text(profile(folder) + "频次.专题研究: 经常\n", encoding="utf-8")
    with program(tmp_path) as running, window(browser, running, size) as page:
        unit = re.search(r"/u/(\w+)/", page.content())[1]
        for path in (
            "/",
            "/new",
            f"/u/{unit}/fill?group=freq",
            f"/u/{unit}/fill?group=accounts",
            f"/u/{unit}/people",
            f"/u/{unit}/text",
        ):
            page.goto(running.base + path)
            page.wait_for_timeout(500)
            page.evaluate(axe.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes[0].html]))")
            assert not [one for one in found if one[0] in ("serious", "critical")], (path, found)
            assert not wide(page), path
