"""各单位的一年 on the page, without a browser: duty by unit in the order of the list, silence told from being overdue."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from batch_lists import NAME, flat, workbook
from conftest import ROOT
from test_web_county import ended, taken
from webs import Web, web

from toolkit import api

UNITS = [flat(number)[0][NAME] for number in range(3)]


@pytest.fixture(scope="module")
def listed(tmp_path_factory) -> tuple[bytes, bytes]:
    """A list of three villages, and a filled form of the second."""
    path = workbook(tmp_path_factory.mktemp("list") / "l.xlsx", 3)
    unit = api.prepare(api.ListedUnit(path, UNITS[1]))
    return path.read_bytes(), api.minutes_fill(unit, next((ROOT / "examples/records").glob("02*.yaml"))).data


@pytest.fixture
def page(tmp_path) -> Web:
    (tmp_path / "文书").mkdir()
    return web(tmp_path / "文书")


@pytest.fixture
def here(page, listed) -> str:
    return taken(page, listed[0])


def records(page: Web) -> Path:
    return page.desk.folder / "名单/青禾县名单/记录"


def looked(page: Web, here: str) -> str:
    assert page.post(f"{here}/year/look").status_code == 303
    job = ended(page, here)
    assert job.state == "ended", job.trouble
    return page.get(f"{here}/year").text


def rows(text: str) -> dict[str, str]:
    """Return the rows of the table of units in their order, without tags."""
    table = text.rpartition("<tbody>")[2]
    found = re.findall(r'<th scope="row" data-l="单位">([^<]+)</th>(.*?)</tr>', table, re.DOTALL)
    return {unit: re.sub(r"<[^>]+>|\s", "", row) for unit, row in found}


@pytest.mark.slow
def test_silence_is_told_from_being_overdue_and_units_stand_as_in_the_list(page, here, listed):
    first = page.get(f"{here}/year").text
    assert (
        "不排名" in first
        and "一个单位一个文件夹" in first
        and "各单位交来的表拖到这里" in first
        and f"{here}/year" in page.get(here).text
    )
    assert not records(page).exists(), "a look by GET makes nothing"
    folder = records(page) / UNITS[1]
    folder.mkdir(parents=True)
    (folder / "研判.docx").write_bytes(listed[1])
    text = looked(page, here)
    assert "收到记录的 1 个，没有收到记录的 2 个" in text
    told = rows(text)
    assert list(told) == UNITS, "the order of the list, though one of them is overdue"
    assert "逾期" in told[UNITS[1]] and "收到1份记录" in told[UNITS[1]]
    for unit in (UNITS[0], UNITS[2]):
        assert "没有收到记录" in told[unit] and "逾期" not in told[unit]
    made = api.units_year(
        page.desk.folder / "名单/青禾县名单/名单.xlsx", records(page), today=page.desk.now().date(), jobs=1
    )
    assert f"逾期{made.units[1].overdue}次" in told[UNITS[1]] and made.units[1].overdue
    assert told[UNITS[1]].count("三十天内") == sum(bool(duty.soon) for duty in made.units[1].duties)
    for id, label in made.duties():
        cells = re.search(rf'data-l="职责">{re.escape(label)}</th>(.*?)</tr>', text, re.DOTALL)[1]
        assert f'data-l="单位">{made.of_duty(id)[0]}<' in cells
    book = openpyxl.load_workbook(BytesIO(page.get(f"{here}/year.xlsx").data))
    assert UNITS[1] in {cell.value for row in book.worksheets[0].iter_rows() for cell in row}


@pytest.mark.slow
def test_forms_that_came_back_go_to_their_units_and_doubtful_ones_are_listed(page, here, listed):
    assert page.post(f"{here}/year/receive").status_code == 422
    looked(page, here)
    files = [
        (BytesIO(listed[1]), "../../研判.docx"),
        (BytesIO(b"PK\3\4broken"), "坏.docx"),
        (BytesIO(b"x" * 9), "话.txt"),
    ]
    assert page.post(f"{here}/year/receive", {"file": files}).status_code == 303
    job = ended(page, here)
    assert job.state == "ended", job.trouble
    text = page.get(f"{here}/year").text
    assert "收回 3 份：分到单位 1 份" in text and "坏.docx" in text and "读不了" in text
    assert "看各单位的一年" in text, "what was seen before is old"
    (kept,) = (records(page) / UNITS[1]).iterdir()
    assert kept.read_bytes() == listed[1]
    inbox = page.desk.folder / "名单/青禾县名单/收件/2026-05-20"
    assert {path.name for path in inbox.iterdir()} == {"研判.docx", "坏.docx", "话.txt"}
    assert "收到记录的 1 个" in looked(page, here)
    page.post(f"{here}/year/receive", {"file": (BytesIO(listed[1]), "研判.docx")})
    ended(page, here)
    assert "早有了 1 份" in page.get(f"{here}/year").text and len(list((records(page) / UNITS[1]).iterdir())) == 1


@pytest.mark.slow
def test_without_any_record_nobody_is_overdue(page, here):
    text = looked(page, here)
    assert "没有收到记录的 3 个" in text and all("逾期" not in row for row in rows(text).values())


@pytest.mark.slow
def test_a_list_that_changed_is_looked_at_anew(page, here, listed):
    looked(page, here)
    page.post(f"{here}/replace", {"file": (BytesIO(listed[0] + b"\0"), "新.xlsx")})
    assert "看各单位的一年" in page.get(f"{here}/year").text
    assert page.get(f"{here}/year.xlsx").status_code == 404
    assert page.get(f"{here}/year/look").status_code == 405


def test_a_row_with_an_error_has_no_register_and_says_why(page, tmp_path):
    wrong = workbook(tmp_path / "l.xlsx", 2, {(1, "党组织.形式"): "支部"}).read_bytes()
    told = rows(looked(page, taken(page, wrong)))
    assert "没有算出来" in told[UNITS[1]] and "党组织.形式" in told[UNITS[1]]


def test_a_folder_of_records_that_cannot_be_made_is_said(page, here):
    records(page).write_text("a file where the folder belongs", encoding="utf-8")
    page.post(f"{here}/year/look")
    assert ended(page, here).state == "broken"
    assert "没有做完" in page.get(f"{here}/year").text
