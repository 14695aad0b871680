"""全县名单 on the page, without a browser: a list taken, corrected in its cells, run, stopped, gone on, taken away."""

from __future__ import annotations

import re
import time
import zipfile
from io import BytesIO
from pathlib import Path

import lxml.html
import openpyxl
import pytest
from batch_lists import workbook
from webs import Web, web

from toolkit import api
from toolkit.web import unit_lists

FORM, MEMBERS, NAME = "党组织.形式", "党组织.党员人数", "单位.全称"


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> bytes:
    """A list of four villages, two of them with a wrong cell."""
    changes = {(1, FORM): "支部", (2, MEMBERS): "许多"}
    return workbook(tmp_path_factory.mktemp("list") / "l.xlsx", 4, changes).read_bytes()


@pytest.fixture
def page(tmp_path) -> Web:
    (tmp_path / "文书").mkdir()
    return web(tmp_path / "文书")


def taken(page: Web, data: bytes, name: str = "青禾县名单.xlsx", kind: str = "") -> str:
    """Hand in a list; return its address."""
    done = page.post("/county/new", {"file": (BytesIO(data), name), "kind": kind})
    assert done.status_code == 303, done.text
    return done.headers["Location"]


def version(page: Web, here: str) -> str:
    return re.search(r'name="version" value="(\w+)"', page.get(here).text)[1]


def corrected(page: Web, here: str) -> None:
    answer = page.post(
        f"{here}/save", {"version": version(page, here), "c-0-3-5": "党支部", "c-0-4-6": "32", "c-0-2-3": "别的"}
    )
    assert answer.status_code == 303, answer.text


def ended(page: Web, here: str) -> unit_lists.Job:
    """Wait for the end of a run."""
    job = page.client.application.extensions["lists"].job(here.rpartition("/")[2])
    until = time.monotonic() + 120
    while job.is_running and time.monotonic() < until:
        time.sleep(0.05)
    assert not job.is_running
    return job


IDS = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[a-z]{3,}\.[a-z_]+\b|名单\.xlsx")


def visible(text: str) -> str:
    """Return what a page shows."""
    root = lxml.html.fromstring(text.encode())
    for piece in root.xpath("//style|//script"):
        piece.drop_tree()
    return str(root.text_content())


# --- taking a list ---


@pytest.mark.slow
def test_without_a_list_the_page_offers_empty_ones(page):
    text = page.get("/county").text
    assert "把名单拖到这里" in text and "村的空表" in text
    got = page.get("/county/blank/village.xlsx")
    assert got.data == api.blank_list("village") and "attachment" in got.headers["Content-Disposition"]
    assert page.get("/county/blank/nothing.xlsx").status_code == 404
    assert "全县名单" in page.get("/").text


def test_a_list_is_kept_under_our_name_and_errors_stand_at_their_rows(page, data):
    here = taken(page, data, "../../青禾:县.xlsx")
    assert (page.desk.folder / "名单" / "青禾县" / "名单.xlsx").read_bytes() == data
    text = page.get(here).text
    assert "4 个单位：2 个要改" in text and "生成 2 个单位" in text
    row = re.search(r'<tr id="r3">.*?</tr>', text, re.DOTALL)[0]
    assert 'name="c-0-3-5"' in row and "<option>党支部</option>" in row and "不能是“支部”" in row
    assert "<input" not in re.search(r'<tr id="r2">.*?</tr>', text, re.DOTALL)[0], "a sound row stays text"
    only = page.get(f"{here}?show=wrong").text
    assert 'id="r3"' in only and 'id="r4"' in only and 'id="r2"' not in only
    assert page.desk.units() == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.docx", b"x", "不是 .xlsx 或者 .csv"), ("a.xlsx", b"", "没有收到文件"), ("", b"x", "没有收到文件")],
)
def test_what_is_no_list_is_not_kept(page, name, content, said):
    done = page.post("/county/new", {"file": (BytesIO(content), name)})
    assert done.status_code == 422 and said in done.text and not (page.desk.folder / "名单").exists()


def test_a_list_that_cannot_be_read_says_why_and_can_be_replaced(page, data):
    here = taken(page, b"not a workbook", "坏.xlsx")
    text = page.get(here)
    assert text.status_code == 200 and "还读不了" in text.text and "不是表格文件的内容" in text.text
    assert page.post(f"{here}/replace", {"file": (BytesIO(data), "好.xlsx")}).status_code == 303
    assert "2 个要改" in page.get(here).text


def test_a_list_without_kinds_is_told_its_kind(page):
    here = taken(
        page, "单位.全称,单位.简称\n青禾县柳溪镇上河村,上河村\n青禾县柳溪镇下河村,下河村\n".encode(), "名单.csv"
    )
    assert "不知道是哪一类单位" in page.get(here).text
    assert page.post(f"{here}/kind", {"kind": "village"}).status_code == 303
    assert "2 个单位：2 个要改" in page.get(here).text
    assert '<option value="village" selected>' not in page.get(here).text


def test_csv_tables_are_handed_in_together(page):
    files = [
        (BytesIO("单位类型,单位.全称\n村,青禾县柳溪镇上河村\n".encode()), "县.csv"),
        (BytesIO("单位,姓名,职务\n青禾县柳溪镇上河村,甲某,书记\n".encode()), "县.人员.csv"),
    ]
    done = page.post("/county/new", {"file": files})
    assert done.status_code == 303
    assert {path.name for path in (page.desk.folder / "名单/县").iterdir()} == {"名单.csv", "名单.人员.csv"}
    several = page.post("/county/new", {"file": [(BytesIO(b"x"), "a.csv"), (BytesIO(b"x"), "b.csv")]})
    assert several.status_code == 422 and "一次交一份名单" in several.text


# --- correcting ---


@pytest.mark.slow
def test_only_cells_that_are_asked_for_are_written(page, data):
    here = taken(page, data)
    corrected(page, here)
    sheet = openpyxl.load_workbook(BytesIO(page.get(f"{here}/file").data)).worksheets[0]
    before = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    changed = {
        cell.coordinate: cell.value
        for row in sheet.iter_rows()
        for cell in row
        if cell.value != before[cell.coordinate].value
    }
    assert changed == {"E3": "党支部", "F4": 32}, "C2 was sound: nobody asked for it"
    assert "4 个单位：0 个已生成，4 个等着做" in page.get(here).text


@pytest.mark.slow
def test_an_older_page_writes_nothing_and_keeps_what_was_typed(page, data):
    here = taken(page, data)
    old = version(page, here)
    corrected(page, here)
    page.post(f"{here}/replace", {"file": (BytesIO(data), "a.xlsx")})
    path = page.desk.folder / "名单/青禾县名单/名单.xlsx"
    api.batch_correct(path, [api.batch_look(path).spot(*_first(path)).filled("支总部")])
    done = page.post(f"{here}/save", {"version": old, "c-0-3-5": "党支部", "c-0-4-6": "三十二"})
    assert done.status_code == 409 and "在别的窗口改过" in done.text and 'value="三十二"' in done.text
    assert openpyxl.load_workbook(path).worksheets[0]["E3"].value == "支总部"
    nothing = page.post(f"{here}/save", {"version": version(page, here)})
    assert nothing.status_code == 422 and "没有改动" in nothing.text


def _first(path: Path):
    row = next(row for row in api.batch_look(path).rows if row.is_wrong)
    return row, row.findings[0]


def test_a_doublet_is_taken_out(page, tmp_path):
    path = workbook(tmp_path / "l.xlsx", 3, {(1, NAME): "青禾县柳溪镇青山上村"})
    here = taken(page, path.read_bytes())
    assert "删去第 3 行" in page.get(here).text
    assert page.post(f"{here}/save", {"version": version(page, here), "drop": "3"}).status_code == 303
    text = page.get(here).text
    assert "2 个单位：0 个已生成" in text and 'id="r3"' not in text and 'id="r4"' in text
    assert page.post(f"{here}/save", {"version": version(page, here), "drop": "2"}).status_code == 303, "the last"


# --- running ---


@pytest.mark.slow
def test_a_run_makes_what_the_command_line_makes(page, data, tmp_path):
    here = taken(page, data)
    assert page.post(f"{here}/run", {"formats": "docx"}).status_code == 303
    job = ended(page, here)
    assert (job.state, job.total, job.done) == ("ended", 4, 4)
    text = page.get(here).text
    assert "2 个要改，2 个已生成" in text and "看报告" in text and "全部下载" in text
    made = zipfile.ZipFile(BytesIO(page.get(f"{here}/zip/2").data))
    listed = tmp_path / "l.xlsx"
    listed.write_bytes(data)
    api.batch(listed, tmp_path / "out", jobs=1)
    folder = tmp_path / "out/青禾县柳溪镇青山上村"
    assert {name: made.read(name) for name in made.namelist()} == {
        path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()
    }
    everything = page.get(f"{here}/zip")
    names = zipfile.ZipFile(BytesIO(everything.data)).namelist()
    assert {name.partition("/")[0] for name in names} == {"青禾县柳溪镇青山上村", "青禾县柳溪镇紫山上村"}
    assert everything.data == page.get(f"{here}/zip").data
    report = page.get(f"{here}/report/whole")
    assert "sandbox" in report.headers["Content-Security-Policy"] and "青山上村" in report.text
    assert "iframe" in page.get(f"{here}/report").text
    standing = page.get(f"{here}/standing/whole")
    assert standing.status_code == 200 and "sandbox" in standing.headers["Content-Security-Policy"]
    assert "青山上村" in standing.text and "各单位现在的情况" in page.get(f"{here}/standing").text
    assert not [IDS.findall(visible(one.text)) for one in (report, standing) if IDS.search(visible(one.text))]
    assert "只在" in report.text and "整份文件" in report.text, "why, in words"
    # A corrected row is to be made again, the others are not.
    corrected(page, here)
    assert "生成 2 个单位" in page.get(here).text
    page.post(f"{here}/run", {})
    job = ended(page, here)
    assert (job.total, job.unchanged) == (4, 2) and "4 个单位：4 个已生成" in page.get(here).text


@pytest.mark.slow
def test_a_run_stops_between_two_units_and_goes_on(page, data, monkeypatch):
    here = taken(page, data)
    corrected(page, here)
    lists = page.client.application.extensions["lists"]
    hear = unit_lists.UnitLists._hear

    def slowly(self, job, kept, event):
        hear(self, job, kept, event)
        if event.what == "unit":
            page.post(f"{here}/stop")

    with monkeypatch.context() as patch:
        patch.setattr(unit_lists.UnitLists, "_hear", slowly)
        page.post(f"{here}/run", {})
        job = ended(page, here)
    assert (job.state, job.done) == ("stopped", 2)
    text = page.get(here).text
    assert "停下了" in text and "做到第 2 个，共 4 个" in text and "接着做 2 个单位" in text
    page.post(f"{here}/run", {})
    job = ended(page, here)
    assert job.state == "ended" and job.unchanged == 2 and lists.running() == []
    assert "4 个单位：4 个已生成" in page.get(here).text


def test_the_head_of_every_page_shows_a_run(page, data, monkeypatch):
    here = taken(page, data)
    lists = page.client.application.extensions["lists"]
    lists._jobs["x"] = unit_lists.Job(here.rpartition("/")[2], "青禾县名单", "running", 7, 3)
    assert "正在生成 3 / 7" in page.get("/").text
    other = taken(page, data, "别的.xlsx")
    busy = page.post(f"{other}/run", {})
    assert busy.status_code == 422 and "正在生成“青禾县名单”" in busy.text


def test_progress_is_a_piece_and_its_end_loads_the_page_anew(page, data):
    here = taken(page, data)
    lists = page.client.application.extensions["lists"]
    lists._jobs[here.rpartition("/")[2]] = unit_lists.Job(here.rpartition("/")[2], "青禾县名单", "running", 7, 3)
    piece = page.get(f"{here}/progress")
    assert '<progress value="3" max="7"' in piece.text and "HX-Refresh" not in piece.headers
    lists._jobs.clear()
    assert page.get(f"{here}/progress").headers["HX-Refresh"] == "true"


def test_a_broken_run_says_so_and_keeps_what_is_made(page, data):
    here = taken(page, data)
    folder = page.desk.folder / "名单/青禾县名单"
    (folder / "文书").write_text("a file where the folder belongs", encoding="utf-8")
    page.post(f"{here}/run", {})
    assert ended(page, here).state == "broken"
    assert "没有做完" in page.get(here).text


def test_nothing_to_take_away_is_said(page, data):
    here = taken(page, data)
    for path in ("zip", "zip/2", "zip/99", "report", "report/whole", "standing", "standing/whole"):
        assert page.get(f"{here}/{path}").status_code == 404
    assert page.get("/county/0123456789ab").status_code == 404
    assert page.post("/county/0123456789ab/run").status_code == 404


def test_a_reader_of_one_unit_sees_no_list(tmp_path, data):
    from webs import BASE, put

    put(tmp_path, "柳河村")
    page = web(tmp_path, passphrase="一二三四五六")
    here = taken(page, data)
    reader = page.client.application.test_client()
    link = page.guard.link(page.id("柳河村"))
    assert reader.get(link, base_url=BASE).status_code == 303
    for path in ("/county", here, f"{here}/file", "/help"):
        assert reader.get(path, base_url=BASE).status_code == 403
