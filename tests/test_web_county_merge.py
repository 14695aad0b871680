"""全部单位换新版 on the page, without a browser: looked at, an equal conflict decided once, written, stopped and gone on with."""

from __future__ import annotations

import re
import shutil
import threading
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from batch_lists import NAME, flat, workbook
from test_review_cli import text_of
from test_web_county import ended, taken
from test_web_review import OFTEN, TWO_MONTHS, edit
from webs import BASE, Web, web

from toolkit import api
from toolkit.web import unit_lists

UNITS = [flat(number)[0][NAME] for number in range(4)]
MONTHLY, OWN = "每月至少一次", "〔单位.简称〕每季度至少一次"


def listed(path: Path, often: str) -> Path:
    """Write a list of four small villages that analyse so ``often``."""
    book = openpyxl.load_workbook(workbook(path, 4))
    sheet = book.worksheets[0]
    column = sheet.max_column + 1
    for row, texts in enumerate([("规模", "频次.分析研判"), *[("精简", often)] * 4], 1):
        for number, text in enumerate(texts):
            sheet.cell(row, column + number, text)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, bytes, str]:
    """A desk with a list whose sets are made, edited alike in two units and elsewhere in a third; the list that follows."""
    home = tmp_path_factory.mktemp("made")
    (home / "文书").mkdir()
    page = web(home / "文书")
    here = taken(page, listed(home / "old.xlsx", "每半年至少1次").read_bytes())
    assert page.post(f"{here}/run", {"formats": "docx"}).status_code == 303
    assert ended(page, here).state == "ended" and "4 个已生成" in page.get(here).text
    for unit in UNITS[:2]:
        edit(duties(page, unit), "分析研判：", OFTEN, TWO_MONTHS)
    edit(duties(page, UNITS[2]), "", "应当", "务必")
    return home / "文书", listed(home / "new.xlsx", "每月至少1次").read_bytes(), here


def duties(page: Web, unit: str) -> Path:
    return next((page.desk.folder / "名单/青禾县名单/文书" / unit).glob("13*.docx"))


@pytest.fixture
def page(made, tmp_path, monkeypatch) -> Web:
    """The same desk with the list that follows."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    shutil.copytree(made[0], tmp_path / "文书", copy_function=shutil.copy2)
    page = web(tmp_path / "文书")
    assert page.post(f"{made[2]}/replace", {"file": (BytesIO(made[1]), "新.xlsx")}).status_code == 303
    return page


@pytest.fixture
def at(made) -> str:
    return f"{made[2]}/merge"


def looked(page: Web, at: str) -> str:
    """Look at the upgrade; return the page."""
    assert page.post(f"{at}/look").status_code == 303
    job = ended(page, at.removesuffix("/merge"))
    assert job.state == "ended", job.trouble
    return page.get(at).text


def written(page: Web, at: str) -> str:
    answer = page.post(f"{at}/write")
    assert answer.status_code == 303, answer.text
    assert ended(page, at.removesuffix("/merge")).state == "ended"
    return page.get(at).text


def card(text: str) -> dict[str, str]:
    """Return what the only card of a conflict sends."""
    (found,) = re.findall(r'name="key" value="(\w+)"><input type="hidden" name="seen" value="(\w*)"', text)
    return dict(zip(("key", "seen"), found, strict=True))


def sets(page: Web) -> dict[Path, bytes]:
    out = page.desk.folder / "名单/青禾县名单/文书"
    return {path: path.read_bytes() for unit in UNITS for path in (out / unit).rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_look_tells_what_is_taken_over_and_edited_and_writes_nothing_of_the_units(page, at):
    assert "看新版改了什么" in page.get(at).text and at in page.get(at.removesuffix("/merge")).text
    before = sets(page)
    text = looked(page, at)
    assert sets(page) == before
    assert "1 处要您决定" in text and "现在什么都没有写" in text
    assert "<strong>2 个单位</strong>改得一样" in text and text.count('class="box conf"') == 1
    assert TWO_MONTHS in text and MONTHLY in text
    told = re.search(r"<tbody>.*</tbody>", text, re.DOTALL)[0]
    assert all(unit in told for unit in UNITS[:3]) and UNITS[3] not in told and "没有手工改过的 1 个单位" in text
    assert re.search(r'<button class="off" disabled>写入全部单位', text)
    file = page.desk.folder / "名单/青禾县名单/合并决定.yaml"
    assert TWO_MONTHS in file.read_text(encoding="utf-8")
    report = page.get(f"{at}/report/whole")
    assert "sandbox" in report.headers["Content-Security-Policy"] and UNITS[0] in report.text
    assert "iframe" in page.get(f"{at}/report").text


@pytest.mark.slow
def test_nothing_is_written_while_a_conflict_is_open(page, at):
    assert page.post(f"{at}/write").status_code == 422, "nothing was looked at"
    looked(page, at)
    before = sets(page)
    answer = page.post(f"{at}/write")
    assert answer.status_code == 422 and "还有 1 处没有定" in answer.text
    assert sets(page) == before and not unit_of(page, at).is_running


def unit_of(page: Web, at: str) -> unit_lists.Job:
    return page.client.application.extensions["lists"].job(at.split("/")[2])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "words", "first", "second"),
    [
        ("keep", "", TWO_MONTHS, TWO_MONTHS),
        ("take", "", MONTHLY, MONTHLY),
        ("own", OWN, "青山上村每季度至少一次", "紫山上村每季度至少一次"),
    ],
)
def test_one_decision_holds_for_all_units_of_the_group(page, at, how, words, first, second):
    text = looked(page, at)
    answer = page.post(f"{at}/decide", {**card(text), "how": how, "words": words})
    assert answer.status_code == 303 and answer.headers["Location"].startswith(at)
    text = page.get(at).text
    assert "1 处冲突都定了" in text and '<button class="main">写入全部单位' in text
    text = written(page, at)
    assert "已换新版：4 个单位" in text and "两边都改了" not in text
    for unit in UNITS[:3]:
        assert list((duties(page, unit).parent / ".toolkit").rglob("手工稿/*.docx")), (
            "the page says that originals are there"
        )
    expected = (first, second.replace("紫山上村", flat(1)[0]["单位.简称"]))
    for unit, said in zip(UNITS, expected, strict=False):
        assert said in text_of(duties(page, unit))
    assert "务必" in text_of(duties(page, UNITS[2])) and MONTHLY in text_of(duties(page, UNITS[3]))
    # The list shows all as current, and a run has nothing to make.
    here = at.removesuffix("/merge")
    assert "4 个单位：4 个已生成" in page.get(here).text
    before = sets(page)
    page.post(f"{here}/run", {})
    assert ended(page, here).state == "ended" and "4 个单位：4 个已生成" in page.get(here).text
    assert {path: data for path, data in sets(page).items() if path.suffix == ".docx"} == {
        path: data for path, data in before.items() if path.suffix == ".docx"
    }


@pytest.mark.slow
def test_a_slip_stays_at_its_card_and_a_decision_can_be_put_off(page, at):
    given = card(looked(page, at))
    answer = page.post(f"{at}/decide", {**given, "how": "own", "words": "  "})
    assert answer.status_code == 422 and "还没有写文字" in answer.text and "1 处要您决定" in answer.text
    assert page.post(f"{at}/decide", {**given, "how": "odd"}).status_code == 422
    assert page.post(f"{at}/decide", {**given, "key": "0" * 10, "how": "keep"}).status_code == 422
    page.post(f"{at}/decide", {**given, "how": "keep"})
    older = page.post(f"{at}/decide", {**given, "how": "take"})
    assert older.status_code == 409 and "在别的窗口定过" in older.text
    text = page.get(at).text
    assert re.search(r'value="keep" checked', text), "nobody's decision is written over unseen"
    page.post(f"{at}/decide", {**card(text), "how": ""})
    assert "1 处要您决定" in page.get(at).text


@pytest.mark.slow
def test_a_list_that_changed_is_looked_at_anew_and_decisions_stay(page, at, made):
    given = card(looked(page, at))
    page.post(f"{at}/decide", {**given, "how": "keep"})
    path = page.desk.folder / "名单/青禾县名单/名单.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(2, 9, "李明（宣传委员）")
    book.save(path)
    assert "看新版改了什么" in page.get(at).text
    answer = page.post(f"{at}/write")
    assert answer.status_code == 422 and "预览过期" in answer.text
    assert "1 处冲突都定了" in looked(page, at)


@pytest.mark.slow
def test_a_unit_that_was_edited_after_the_look_stays_whole(page, at):
    page.post(f"{at}/decide", {**card(looked(page, at)), "how": "keep"})
    edit(duties(page, UNITS[3]), "分析研判：", OFTEN, "每周至少一次")
    before = duties(page, UNITS[3]).read_bytes()
    text = written(page, at)
    assert "又有新的冲突，没有写入" in text and duties(page, UNITS[3]).read_bytes() == before
    assert "已换新版：3 个单位" in text and "1 处要您决定" in looked(page, at)


@pytest.mark.slow
def test_writing_stops_between_two_units_and_goes_on(page, at, monkeypatch):
    page.post(f"{at}/decide", {**card(looked(page, at)), "how": "keep"})
    here, heed = at.removesuffix("/merge"), unit_lists.UnitLists._heed

    def stopped(self, job):
        if job.done == 2:
            page.post(f"{here}/stop")
        heed(self, job)

    with monkeypatch.context() as patch:
        patch.setattr(unit_lists.UnitLists, "_heed", stopped)
        page.post(f"{at}/write")
        assert ended(page, here).state == "stopped"
    text = page.get(at).text
    assert "停下了" in text and "做到第 2 个" in text and "接着写入" in text
    assert "停下了" not in written(page, at)
    assert "4 个已生成" in page.get(here).text and all(MONTHLY in text_of(duties(page, unit)) for unit in UNITS[3:])


@pytest.mark.slow
def test_what_is_begun_while_a_stopped_run_ends_is_a_new_run(page, at, monkeypatch):
    """停下, and at once 看新版改了什么: the old run's 停下了 is not shown for the new one, nor on the pages of other runs."""
    here, heed = at.removesuffix("/merge"), unit_lists.UnitLists._heed
    reached, go_on = threading.Event(), threading.Event()

    def slow(self, job):
        reached.set()
        go_on.wait(10)
        heed(self, job)

    lists = page.client.application.extensions["lists"]
    id = here.rpartition("/")[2]
    with monkeypatch.context() as patch:
        patch.setattr(unit_lists.UnitLists, "_heed", slow)
        page.post(f"{at}/look")
        assert reached.wait(10)
        old = lists.job(id)
        assert page.post(f"{here}/stop").headers["Location"] == at
        assert "正在停下" in page.get(at).text and "<button>停下</button>" not in page.get(at).text
        threading.Timer(0.3, go_on.set).start()
        page.post(f"{at}/look")
    assert old.state == "stopped" and lists.job(id) is not old
    assert ended(page, here).state == "ended" and "停下了" not in page.get(at).text
    lists.job(id).state, lists.job(id).result = "stopped", None
    assert "停下了" in page.get(at).text and "停下了" not in page.get(here).text


@pytest.mark.slow
def test_what_cannot_be_upgraded_is_told_once(page, at):
    out = page.desk.folder / "名单/青禾县名单/文书"
    for unit in UNITS[2:]:
        shutil.rmtree(out / unit)
    text = looked(page, at)
    assert "几个单位都有的问题" in text and "2 个单位：" in text and "有错误，没有写入 2 个" in text


@pytest.mark.slow
def test_without_sets_there_is_nothing_to_upgrade(tmp_path, made):
    (tmp_path / "文书").mkdir()
    page = web(tmp_path / "文书")
    at = f"{taken(page, made[1])}/merge"
    assert "先生成一次" in page.get(at).text and page.post(f"{at}/look").status_code == 404
    for path in ("report", "report/whole"):
        assert page.get(f"{at}/{path}").status_code == 404
    for name in ("look", "decide", "write"):
        assert page.get(f"{at}/{name}").status_code == 405


def test_a_reader_of_one_unit_sees_no_upgrade(tmp_path, made):
    shutil.copytree(made[0], tmp_path / "文书")
    page = web(tmp_path / "文书", passphrase="一二三四五六")
    reader = page.client.application.test_client()
    link = page.guard.link("0123456789ab")
    reader.get(link, base_url=BASE)
    assert reader.get(f"{made[2]}/merge", base_url=BASE).status_code == 403
    assert api.units_states()["open"].startswith("有冲突")


# --- beside the upgrade: two versions, the archive of a year, what was put aside ---


def listing(page: Web) -> Path:
    return page.desk.folder / "名单/青禾县名单"


def run_of(page: Web, here: str, address: str, data: dict[str, str] | None = None) -> str:
    """Begin a run from a page and wait for its end; return the page then."""
    answer = page.post(f"{here}/{address}", data)
    assert answer.status_code == 303, answer.text
    job = ended(page, here)
    assert job.state == "ended", job.trouble
    return page.get(answer.headers["Location"]).text


@pytest.mark.slow
def test_two_versions_of_all_units_are_compared(page, made):
    here = made[2]
    assert "还没有别的版本可以比" in page.get(f"{here}/review").text
    before = sets(page)
    text = run_of(page, here, "review/copy")
    assert "已另存" in text and sets(page) == before
    copy = listing(page) / "另存/2026-05-20"
    out = listing(page) / "文书"
    assert {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*.docx")} == {
        path.relative_to(out): path.read_bytes() for path in out.rglob("*.docx")
    }, "edits and originals included"
    edit(duties(page, UNITS[3]), "分析研判：", OFTEN, "每周至少一次")
    ids = dict(re.findall(r'<option value="(\w+)"[^>]*>([^<]+)<', text))
    of = {name: id for id, name in ids.items()}
    assert set(of) == {"现在的文书", "2026-05-20另存的"}
    assert page.post(f"{here}/review/look", {"old": of["现在的文书"], "new": of["现在的文书"]}).status_code == 422
    assert page.post(f"{here}/review/look", {"old": "../..", "new": of["现在的文书"]}).status_code == 404
    text = run_of(page, here, "review/look", {"old": of["2026-05-20另存的"], "new": of["现在的文书"]})
    assert "旧：2026-05-20另存的。新：现在的文书。4 个单位" in text and "iframe" in text
    whole = page.get(f"{here}/review/whole")
    made_ = api.units_report(api.units_diff(listing(page) / "名单.xlsx", copy, out, jobs=1), "html")
    assert whole.data == made_ and UNITS[3] in whole.text
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    book = openpyxl.load_workbook(BytesIO(page.get(f"{here}/review.xlsx").data))
    assert any("每周至少一次" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.slow
def test_what_was_seen_stays_while_another_is_looked_at_and_goes_when_something_is_written(page, made):
    here = made[2]
    assert page.get(f"{here}/burden/whole").status_code == 404
    text = run_of(page, here, "burden/look")
    assert "4 个单位：要求都落实了" in text
    found = api.units_coverage(listing(page) / "名单.xlsx", jobs=1)
    assert page.get(f"{here}/burden/whole").data == api.units_report(found, "html")
    run_of(page, here, "review/copy")
    run_of(page, here, "archive/look", {"year": "2025", "form": "folder"})
    assert page.get(f"{here}/burden.xlsx").status_code == 200
    page.post(f"{here}/run", {"formats": "docx"})
    ended(page, here)
    assert page.get(f"{here}/burden.xlsx").status_code == 404, "the sets are others now"


@pytest.mark.slow
def test_a_year_is_archived_checked_and_taken_away(page, made):
    here = made[2]
    assert page.post(f"{here}/archive/look", {"year": "1999"}).status_code == 422
    text = run_of(page, here, "archive/look", {"year": "2025", "form": "folder"})
    assert "2025年：已归档 4 个" in text
    home = listing(page) / "归档/2025年"
    assert (home / "index.html").is_file() and (home / UNITS[0] / "制度文件").is_dir()
    assert "早已归好 4 个" in run_of(page, here, "archive/look", {"year": "2025", "form": "folder"})
    assert "到5月20日" in run_of(page, here, "archive/look", {"year": "2026", "form": "zip"})
    id = re.search(r'name="archive" value="(\w+)"', text)[1]
    assert "都和归档时一样" in run_of(page, here, "archive/check", {"archive": id})
    names = zipfile.ZipFile(BytesIO(page.get(f"{here}/archive/{id}.zip").data)).namelist()
    assert "清单.sha256" in names and not any(name.startswith(".") for name in names)
    next(home.rglob("13*.docx")).write_bytes(b"other")
    assert "对不上" in run_of(page, here, "archive/check", {"archive": id})
    assert page.post(f"{here}/archive/check", {"archive": ".."}).status_code == 404
    assert "2025年的归档" in page.get(f"{here}/review").text


@pytest.mark.slow
def test_what_was_put_aside_comes_back(page, made):
    here, out = made[2], listing(page) / "文书"
    assert "没有另存的文件" in page.get(f"{here}/aside").text
    before = duties(page, UNITS[0]).read_bytes()
    api.batch(listing(page) / "名单.xlsx", out, formats=("docx",), jobs=1, force=True)
    assert duties(page, UNITS[0]).read_bytes() != before
    text = page.get(f"{here}/aside").text
    assert all(unit in text for unit in UNITS[:3]) and UNITS[3] not in text
    answer = page.post(f"{here}/aside/restore", {"line": re.search(r'name="line" value="(\d+)"', text)[1]})
    assert "已取回 1 个文件" in answer.text and duties(page, UNITS[0]).read_bytes() == before
    assert page.post(f"{here}/aside/restore", {"line": "999"}).status_code == 404
