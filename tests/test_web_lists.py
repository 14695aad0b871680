"""A list of units made on the page, without a browser: typed, pasted, corrected, undone, two windows."""

from __future__ import annotations

import html
import re
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import test_fleet_revise
from batch_lists import workbook
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from test_web_county import ended
from webs import Web, web
from werkzeug.datastructures import MultiDict

from toolkit import api
from toolkit.core.findings import FileError
from toolkit.core.yaml_read import load
from toolkit.web.desk import Desk
from toolkit.web.list_cells import Typed, changed, text_at, token, typed
from toolkit.web.unit_lists import UnitList, UnitLists

#: A list whose histories can be written.
listed = test_fleet_revise.listed
NAME, SHORT, MEMBERS, FORM = "单位.全称", "单位.简称", "党组织.党员人数", "党组织.形式"
VILLAGE = "青禾县柳溪镇上河村"


#: The empty list of a kind, made once.
blank = cache(api.blank_list)


@pytest.fixture
def page(tmp_path, monkeypatch) -> Web:
    monkeypatch.setattr(api, "blank_list", blank)
    (tmp_path / "文书").mkdir()
    return web(tmp_path / "文书")


@pytest.fixture
def here(page) -> str:
    """A list of villages that was just begun: its address."""
    done = page.post("/county/make", {"name": "青禾县：各村", "kind": "village"})
    assert done.status_code == 303, done.text
    return done.headers["Location"]


def file(page: Web, name: str = "青禾县：各村") -> Path:
    return next((page.desk.folder / "名单" / name).glob("名单.*"))


def fields(page: Web, here: str) -> dict[str, str]:
    """Return the form as a browser would send it back: texts and choices of the cells by name."""
    text = page.get(here).text
    found = dict(re.findall(r'<input name="(r-[0-9]+-c[0-9]+)" value="([^"]*)"', text))
    for name, inner in re.findall(r'<select name="(r-[0-9]+-c[0-9]+)"(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r"<option selected>([^<]*)", inner)
        found[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in found.items()}


def seen(page: Web, here: str) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', page.get(here).text)


def number(page: Web, here: str, label: str) -> int:
    """Return the number of a column by its label."""
    text = page.get(here).text
    label = label.replace(".", " ")
    return int(re.search(rf'name="r-[0-9]+-c([0-9]+)"[^>]* aria-label="第 [0-9]+ 行{label}"', text)[1])


def sent(page: Web, here: str, cells: dict[tuple[int, str], str], tokens: list[str] | None = None, **more: str):
    """Type texts into cells (line, label) of the form as it is shown, and send all of it."""
    form = fields(page, here)
    for (line, label), value in cells.items():
        form[f"r-{line}-c{number(page, here, label)}"] = value
    return page.post(f"{here}/save", form | {"seen": tokens or seen(page, here)} | more)


def cells(page: Web, label: str, name: str = "青禾县：各村") -> list[str]:
    """Return the texts of a column of the list."""
    base = file(page, name).with_name("单位类型.yaml")
    view = api.batch_look(file(page, name), base=base if base.is_file() else None, empty=True)
    column = next(number for number, head in view.columns.items() if head == label)
    return [row.cells.get(column, "") for row in view.rows]


@pytest.mark.slow
def test_a_list_is_begun_with_a_name_and_a_kind(page):
    assert "还没有名单，就在这里做" in page.get("/county").text
    for data, said in (({"name": " ", "kind": "village"}, "没有写名单叫什么"), ({"name": "甲"}, "没有选是哪一类")):
        done = page.post("/county/make", data)
        assert done.status_code == 422 and said in done.text
    assert not (page.desk.folder / "名单").exists()
    first = page.post("/county/make", {"name": "甲/乙县", "kind": "village"}).headers["Location"]
    assert "还没有单位" in page.get(first).text and "例 青禾县" in page.get(first).text
    assert "名单里还没有单位" in page.get(first.removesuffix("/fill")).text
    assert page.post("/county/make", {"name": "甲乙县", "kind": "school"}).headers["Location"] != first
    assert page.get("/county/nothing/fill").status_code == 404


@pytest.mark.slow
def test_what_reads_as_before_is_no_step_to_take_back(page, here):
    """A name typed again with a blank in it, a count with its unit: 撤销 goes to the change before."""
    sent(page, here, {(2, NAME): VILLAGE, (2, MEMBERS): "25"})
    sent(page, here, {(2, SHORT): "上河村"})
    for label, again in (
        (NAME, f"{VILLAGE[:3]} {VILLAGE[3:]}"),
        (MEMBERS, "25人"),
        (NAME, f"{VILLAGE[:3]}  {VILLAGE[3:]}"),
    ):
        sent(page, here, {(2, label): again})
        sent(page, here, {(2, label): again})
    held = cells(page, NAME), cells(page, MEMBERS)
    page.post(f"{here}/undo")
    assert (cells(page, NAME), cells(page, MEMBERS)) == held and cells(page, SHORT) == [""]


@pytest.mark.slow
def test_what_is_typed_is_in_the_list_at_once_with_its_findings(page, here):
    done = sent(page, here, {(2, NAME): VILLAGE, (2, MEMBERS): "三十来个"})
    assert done.status_code == 200 and "1 个单位，1 个还有要填、要改的" in done.text
    assert "是大概的数" in done.text and "还要填 6 格" in done.text and "已保存 10:42" in done.text
    assert cells(page, NAME) == [VILLAGE] and cells(page, MEMBERS) == ["三十来个"], "what is wrong is kept too"
    assert api.batch_look(file(page)).rows[0].name == VILLAGE, "the command line needs no more than this file"
    shown = page.get(here).text
    wrong = re.search(rf'<input name="r-2-c{number(page, here, MEMBERS)}"[^>]*>', shown)[0]
    assert 'class="bad"' in wrong and "三十来个" in wrong
    done = sent(page, here, {(2, MEMBERS): "25人", (3, NAME): "青禾县柳溪镇下河村"})
    assert "是大概的数" not in done.text and cells(page, MEMBERS) == ["25", ""]
    assert "2 个单位：2 个要改" in page.get(here.removesuffix("/fill")).text


@pytest.mark.slow
def test_a_list_that_is_filled_in_can_be_made(page, here):
    example = load((ROOT / "examples/village.yaml").read_text(encoding="utf-8"), "").data
    texts = {
        f"{group}.{name}": text
        for group, inner in example.items()
        if isinstance(inner, dict)
        for name, text in inner.items()
    }
    shown = re.findall(r'aria-label="第 2 行([^"]+)"', page.get(here).text)
    done = sent(page, here, {(2, label.replace(" ", ".")): str(texts[label.replace(" ", ".")]) for label in shown})
    assert "都填好了" in done.text and "填好了" in done.text
    report = api.batch(file(page), page.desk.folder.parent / "out", check_only=True)
    assert [line.state for line in report.lines] == ["checked"]


@pytest.mark.slow
def test_a_pause_that_changes_nothing_writes_nothing(page, here):
    sent(page, here, {(2, NAME): VILLAGE, (2, MEMBERS): "25人"})
    before, tokens = file(page).read_bytes(), None
    done = sent(page, here, {(2, MEMBERS): "25"}, tokens)
    assert done.status_code == 200 and file(page).read_bytes() == before
    answer = sent(page, here, {(3, NAME): "青禾县柳溪镇下河村"})
    again = re.findall(r'name="seen" value="([^"]+)"', answer.text)
    before = file(page).read_bytes()
    form = fields(page, here) | {f"r-2-c{number(page, here, MEMBERS)}": "25"}
    assert page.post(f"{here}/save", form | {"seen": again}).status_code == 200 and file(page).read_bytes() == before


@pytest.mark.slow
def test_two_windows_on_one_row_lose_nothing(page, here):
    old = seen(page, here)
    sent(page, here, {(2, NAME): VILLAGE})
    form = {
        f"r-2-c{number(page, here, NAME)}": "青禾县柳溪镇下河村",
        f"r-3-c{number(page, here, NAME)}": "青禾县柳溪镇东河村",
    }
    done = page.post(f"{here}/save", form | {"seen": old})
    assert done.status_code == 409 and "第 2 行刚刚在别的窗口改过" in done.text
    assert f"现在是“{VILLAGE}”，您写的是“青禾县柳溪镇下河村”" in done.text
    assert cells(page, NAME) == [VILLAGE, "青禾县柳溪镇东河村"], "the other row is saved"
    theirs = page.post(f"{here}/save", form | {"seen": old, "do": "theirs-2"})
    assert theirs.status_code == 200 and cells(page, NAME)[0] == VILLAGE and "青禾县柳溪镇下河村" not in theirs.text
    mine = page.post(f"{here}/save", form | {"seen": old, "do": "mine-2"})
    assert mine.status_code == 200 and cells(page, NAME)[0] == "青禾县柳溪镇下河村"


@pytest.mark.slow
def test_a_row_that_another_window_took_away_is_not_lost(page, here):
    sent(page, here, {(2, NAME): VILLAGE, (3, NAME): "青禾县柳溪镇下河村", (4, NAME): "青禾县柳溪镇东河村"})
    old, form = seen(page, here), fields(page, here)
    assert sent(page, here, {}, do="drop-3").status_code == 200
    assert cells(page, NAME) == [VILLAGE, "青禾县柳溪镇东河村"]
    form[f"r-3-c{number(page, here, SHORT)}"] = "下河"
    done = page.post(f"{here}/save", form | {"seen": old})
    assert done.status_code == 409 and "现在是“（空）”，您写的是“青禾县柳溪镇下河村”" in done.text
    page.post(f"{here}/save", form | {"seen": old, "do": "mine-3"})
    assert "青禾县柳溪镇下河村" in cells(page, NAME) and "下河" in cells(page, SHORT)


@pytest.mark.slow
def test_each_step_is_taken_back(page, here):
    empty = file(page).read_bytes()
    sent(page, here, {(2, NAME): VILLAGE})
    sent(page, here, {(2, SHORT): "上河"})
    sent(page, here, {}, do="drop-2")
    assert cells(page, NAME) == [] and "撤销" in page.get(here).text
    page.post(f"{here}/undo")
    assert cells(page, NAME) == [VILLAGE] and cells(page, SHORT) == ["上河"]
    page.post(f"{here}/undo")
    assert cells(page, SHORT) == [""]
    page.post(f"{here}/undo")
    assert cells(page, NAME) == [] and "撤销</button>" not in page.get(here).text
    assert page.post(f"{here}/undo").status_code == 422
    sent(page, here, {(2, NAME): VILLAGE})
    file(page).write_bytes(empty)  # another program wrote the list
    done = page.post(f"{here}/undo")
    assert done.status_code == 409 and "撤销不了" in done.text and file(page).read_bytes() == empty


@pytest.mark.slow
def test_another_column_is_shown_or_added(page, here):
    column = re.search(r'<option value="([0-9]+)">规则? ?规模|<option value="([0-9]+)">[^<]*规模', page.get(here).text)
    assert column is None, "what is no parameter is not offered"
    value, label = re.search(r'<option value="([0-9]+)">(单位 [^<]+)</option>', page.get(here).text).groups()
    done = sent(page, here, {(2, NAME): VILLAGE}, do="column", more=value)
    assert f"第 2 行{label}" in done.text and cells(page, NAME) == [VILLAGE], "what was typed is saved first"
    assert f'name="col" value="{value}"' in done.text


def csv_list(page: Web) -> str:
    text = f'单位类型,{NAME},备注\n村,{VILLAGE},"两\n行"'
    done = page.post("/county/new", {"file": (BytesIO(text.encode()), "县.csv")})
    return done.headers["Location"] + "/fill"


def test_a_text_list_gets_rows_and_columns_below_and_beside(page):
    here = csv_list(page)
    assert re.findall(r'<tr class="typed[^>]*><td class="num no" data-l="行">([0-9]+)', page.get(here).text)[:2] == [
        "2",
        "4",
    ]
    done = page.post(f"{here}/save", {"do": "column", "more": "party.members"})
    assert "第 2 行党组织 党员人数" in done.text
    sent(page, here, {(4, NAME): "青禾县柳溪镇下河村", (4, MEMBERS): "=1+1"})
    assert cells(page, NAME, "县") == [VILLAGE, "青禾县柳溪镇下河村"]
    assert "公式，在表格软件里改" in page.get(here).text, "a formula is not written over"
    lines = file(page, "县").read_text(encoding="utf-8").split("\n")
    assert lines[:2] == [f"单位类型,{NAME},备注,{MEMBERS}", f'村,{VILLAGE},"两'] and lines[3].startswith(
        "村,青禾县柳溪镇下河村"
    )
    page.post(f"{here}/undo")
    assert cells(page, NAME, "县") == [VILLAGE]


def test_what_has_to_be_filled_in_gets_its_columns_and_other_lines_stay(page):
    text = f"单位类型,{NAME},备注\n村,{VILLAGE},甲\n学校,青禾县第一小学,\n合计,,2个\n"
    here = page.post("/county/new", {"file": (BytesIO(text.encode()), "县.csv")}).headers["Location"] + "/fill"
    assert "名单里还缺要填的" in page.get(here).text
    done = page.post(f"{here}/save", {"do": "needed"})
    assert "还缺要填的" not in done.text and "第 2 行党组织 党员人数" in done.text and "第 3 行学校 学段" in done.text
    sent(page, here, {(3, MEMBERS): "9"})
    lines = file(page, "县").read_text(encoding="utf-8").split("\n")
    assert lines[1].startswith(f"村,{VILLAGE},甲") and lines[2].startswith("学校,") and ",9" in lines[2]
    assert lines[3] == "合计,,2个" and "r-4-" not in page.get(here).text, "a line that is no unit is no row"


@pytest.mark.slow
def test_a_full_disk_is_said_and_nothing_is_written(page, here, monkeypatch):
    before = file(page).read_bytes()
    monkeypatch.setattr(api, "save", refuse)
    done = sent(page, here, {(2, NAME): VILLAGE})
    assert done.status_code == 507 and "磁盘满了" in done.text and file(page).read_bytes() == before


def refuse(*_: object, **__: object) -> None:
    raise FileError("磁盘满了", "腾出地方再存", "disk_full")


PASTED = (
    "全称\t简称\t党组织形式\t党员人数\t村书记\n青禾县柳溪镇上河村\t上河村\t支部\t25人\t甲某\n"
    "合计\t\t\t\t\n青禾县柳溪镇下河村\t下河村\t党支部\t许多\t\n\t无名村\t\t\t\n"
)


@pytest.mark.slow
def test_pasted_rows_are_looked_at_and_added(page, here):
    shown = page.post(f"{here}/paste", {"text": PASTED}).text
    assert "认出 3 行 4 列" in shown and "第一行是列名" in shown and cells(page, NAME) == []
    assert "没有认出“村书记”这一列" in shown and "第 1 行：“党组织.形式”不能是“支部”" in shown
    assert "第 4 行没有填" in shown and "加入 2 个单位和改好的" in shown and "粘贴里没有的：" in shown
    cells_ = dict(re.findall(r'name="(r-[0-9]+-[\w.]+)" value="([^"]*)"', shown))
    cells_ |= {"r-1-party.form": "党支部", "r-3-party.form": "党支部"}
    done = page.post(f"{here}/add", cells_)
    assert done.status_code == 200 and "第 4 行没有全称（无名村），没有加入" in done.text
    assert cells(page, NAME) == [VILLAGE, "青禾县柳溪镇下河村"] and cells(page, FORM) == ["党支部", "党支部"]
    assert cells(page, MEMBERS) == ["25", "许多"] and cells(page, "单位类型") == ["村", "村"]
    box = html.unescape(re.search(r'name="text"[^>]*>(.*?)</textarea>', done.text, re.DOTALL)[1]).strip("\n")
    assert box.split("\n")[1].strip("\t") == "无名村"
    again = page.post(f"{here}/paste", {"text": PASTED}).text
    assert again.count("已有") == 2 and page.post(f"{here}/add", {"r-1-unit.full_name": VILLAGE}).status_code == 422
    page.post(f"{here}/undo")
    assert cells(page, NAME) == []


@pytest.mark.slow
def test_rows_without_names_of_columns_are_read_as_the_page_shows_them(page, here):
    shown = page.post(f"{here}/paste", {"text": f"{VILLAGE}\t上河村\n青禾县柳溪镇下河村\t下河村\n"}).text
    assert "没有列名，按“单位 全称、单位 简称”读" in shown and "加入 2 个单位" in shown
    twice = page.post(f"{here}/add", {"r-1-unit.full_name": VILLAGE, "r-2-unit.full_name": VILLAGE})
    assert twice.status_code == 422 and "和别的行是同一个名称" in twice.text
    assert "认出" not in page.post(f"{here}/paste", {"text": ""}).text
    assert "无法读取" in page.post(f"{here}/paste", {"text": 'a\t"b' + "x" * 140_000}).text


def test_the_kind_that_a_new_unit_begins_with_is_first(page):
    shown = page.get("/county").text
    first = re.search(r'<select id="lk" name="kind"><option value="(\w+)"', shown)[1]
    assert first == "village" and re.search(r'value="(\w+)" checked', page.get("/new").text)[1] == first


GROUPED = """青禾县各村基本情况\t\t\t\t\t\t\t\t
单位\t\t党组织\t\t\t上级\t联络人\t\t备注
全称\t简称\t全称\t形式\t党员人数\t党组织\t姓名职务\t电话\t
青禾县柳溪镇下河村\t下河村\t中共柳溪镇下河村支部委员会\t党支部\t３２\t柳溪镇党委\t甲某（宣传委员）\t0471-1234567\t新
"""


def test_names_below_merged_ones_are_read_with_them(page, here):
    for text in (GROUPED, GROUPED.replace("\t", "", 8)):  # the title alone, as an editor keeps it
        shown = page.post(f"{here}/paste", {"text": text}).text
        assert "中共柳溪镇下河村支部委员会" in shown and "认出 1 行 8 列" in re.sub("<[^>]+>", "", shown)
        assert "粘贴里没有的" not in shown and "没有认出" not in shown


@pytest.mark.slow
def test_people_of_all_units_are_typed_pasted_and_taken_back(page, here):
    sent(page, here, {(2, NAME): VILLAGE, (3, NAME): "青禾县柳溪镇下河村"})
    text = page.get(f"{here}?sheet=1").text
    assert 'aria-current="page">人员</a>' in text and f"<option>{VILLAGE}</option>" in text
    tokens = re.findall(r'name="seen" value="([^"]+)"', text)
    typed = {"r-2-c1": VILLAGE, "r-2-c2": "甲 某", "r-2-c7": "没", "r-3-c1": "东河村", "r-3-c2": "乙某"}
    done = page.post(f"{here}/save", typed | {"sheet": "1", "seen": tokens}).text
    assert "2 行，2 行有要改的" in done and "“表决权”：“没”应当是“是”或“否”" in done and "“东河村”不在名单中" in done
    told = page.get(here.removesuffix("/fill")).text  # a person of no unit is no aside
    assert re.search(r"<details[^>]* open><summary>读名单时还看到 \d 件事，1 件要改</summary>", told)
    pasted = "单位\t姓名\t职务\t工号\n青禾县柳溪镇下河村\t丙某\t书记\t1\n青禾县柳溪镇上河村\t甲某\t\t\n\t丁某\t\t\n"
    shown = page.post(f"{here}/paste", {"sheet": "1", "text": pasted}).text
    assert "认出 3 行 3 列" in shown and "没有认出“工号”" in shown and "加入 1 行和改好的" in shown and "已有" in shown
    cells_ = dict(re.findall(r'name="(r-[0-9]+-[\w.]+)" value="([^"]*)"', shown))
    left = page.post(f"{here}/add", cells_ | {"sheet": "1"}).text
    assert "没有单位（丁某），没有加入" in left
    rows = {row.name: row.source.tables for row in api.batch_look(file(page)).rows}
    assert rows[VILLAGE][0][1][0][1] == ((2, "甲某"), (7, "没"))
    assert rows["青禾县柳溪镇下河村"][0][1][0][1] == ((2, "丙某"), (3, "书记"))
    assert page.post(f"{here}/undo").headers["Location"].endswith("?sheet=1")
    page.post(f"{here}/undo")
    assert "甲某" not in page.get(f"{here}?sheet=1").text and cells(page, NAME)[0] == VILLAGE
    assert page.get(f"{here}?sheet=99").status_code == 404 and page.get(f"{here}?sheet=-1").status_code == 404


@pytest.mark.slow
def test_a_list_that_was_dropped_in_is_edited_too(page, tmp_path):
    data = workbook(tmp_path / "l.xlsx", 130, {(1, FORM): "支部"}).read_bytes()
    here = page.post("/county/new", {"file": (BytesIO(data), "县.xlsx")}).headers["Location"] + "/fill"
    text = page.get(here).text
    assert "130 个单位，1 个还有要填、要改的" in text and text.count('<tr class="typed') == 100 and "后 30 行" in text
    assert page.get(f"{here}?from=100").text.count('<tr class="typed') == 31, "with an empty one below the last"
    assert page.post(f"{here}/save", {f"r-3-c{number(page, here, FORM)}": "字" * 2_001}).status_code == 422
    sent(page, here, {(3, FORM): "党支部"})
    assert "130 个单位，都填好了" in page.get(here).text


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> tuple[UnitLists, UnitList]:
    lists = UnitLists(Desk(tmp_path_factory.mktemp("文书"), now=lambda: datetime(2026, 5, 20, 10, 42)))
    return lists, lists.make("各村", "village")


#: Dashes, signs for the cell above and numbers before names are read as what they mean, and told (``list_shapes``).
TEXTS = st.text("村河 0９=，:：人", max_size=6)
ROWS = st.dictionaries(st.integers(2, 6), st.dictionaries(st.sampled_from([2, 3, 5]), TEXTS, max_size=3), max_size=4)


def sent_back(rows: dict[int, dict[int, str]], seen: dict[int, str]) -> Typed:
    """Return what a form says, as the page reads it."""
    given = [(f"r-{line}-c{number}", text) for line, cells in rows.items() for number, text in cells.items()]
    return typed(MultiDict([*given, *(("seen", f"{line}:{made_from}") for line, made_from in seen.items())]))


@pytest.mark.slow
@settings(max_examples=15, derandomize=True)
@given(steps=st.lists(ROWS, max_size=4))
def test_any_texts_are_in_the_list_and_each_step_is_taken_back(begun, steps):
    lists, one = begun
    held: list[dict[int, dict[int, str]]] = []

    def now() -> dict[int, dict[int, str]]:
        return {row.line: {n: text for n, text in row.cells.items() if n in (2, 3, 5)} for row in lists.view(one).rows}

    for rows in steps:
        view, before = lists.view(one), now()
        seen = {line: token(view, {n: text_at(view, line, n) for n in cells}) for line, cells in rows.items()}
        form, version = sent_back(rows, seen), one.version
        lists.edit(one, lambda view, form=form: changed(view, form)[0])
        if one.version != version:
            held.append(before)
        for line, cells in rows.items():
            for number, text in cells.items():
                assert "".join(text_at(lists.view(one), line, number).split()) == "".join(text.split())
    while held:
        lists.undo(one)
        assert now() == held.pop()


def test_a_blank_that_was_typed_is_nothing_and_takes_no_row(tmp_path):
    lists = UnitLists(Desk(tmp_path, now=lambda: datetime(2026, 5, 20, 10, 42)))
    one = lists.make("各村", "village")
    for text in (" ", "\u3000", "柳河村"):
        form = sent_back({4: {2: text}}, {4: token(lists.view(one), {2: ""})})
        lists.edit(one, lambda view, form=form: changed(view, form)[0])
    assert [(row.line, row.cells[2]) for row in lists.view(one).rows] == [(4, "柳河村")]


# --- all units at once ---


@pytest.fixture
def three(page, tmp_path) -> str:
    data = workbook(tmp_path / "l.xlsx", 3, {(1, MEMBERS): ""}).read_bytes()
    return page.post("/county/new", {"file": (BytesIO(data), "县.xlsx")}).headers["Location"]


@pytest.mark.slow
def test_one_answer_of_all_units_is_seen_written_and_taken_back(page, three):
    before = cells(page, MEMBERS, "县")
    assert "一起改一项" in page.get(three).text and "党组织 党员人数" in page.get(f"{three}/revise").text
    asked = {"key": "party.members", "text": "三十来个", "only": "empty"}
    seen = page.post(f"{three}/revise/one", asked).text
    assert "1 个单位会变，2 个不变" in seen and "没有填" in seen and "是大概的数" in seen and "现在什么都没有写" in seen
    assert cells(page, MEMBERS, "县") == before
    asked |= {"text": "31", "only": "all"}
    seen = page.post(f"{three}/revise/one", asked).text
    assert "3 个单位会变" in seen and "要改、要看" not in seen and "<del>" in seen
    version = re.search(r'name="version" value="(\w+)"', seen)[1]
    old = page.post(f"{three}/revise/one/write", asked | {"version": "older"})
    assert old.status_code == 409 and cells(page, MEMBERS, "县") == before
    assert page.post(f"{three}/revise/one/write", asked | {"version": version}).status_code == 303
    assert cells(page, MEMBERS, "县") == ["31"] * 3
    assert "已经是“31”" in page.post(f"{three}/revise/one", asked).text
    page.post(f"{three}/fill/undo")
    assert cells(page, MEMBERS, "县") == before
    assert page.post(f"{three}/revise/one", {"key": "people"}).status_code == 422


@pytest.mark.slow
def test_a_question_without_a_column_gets_one(page, three):
    keys = re.findall(r'<option value="([\w.]+)">', page.get(f"{three}/revise").text)
    asked = {"key": next(key for key in keys if key.startswith("freq.")), "text": "每月至少一次"}
    seen = page.post(f"{three}/revise/one", asked).text
    version = re.search(r'name="version" value="(\w+)"', seen)[1]
    page.post(f"{three}/revise/one/write", asked | {"version": version})
    again = page.post(f"{three}/revise/one", asked).text
    assert "不用改" in again
    page.post(f"{three}/fill/undo")
    assert "3 个单位会变" in page.post(f"{three}/revise/one", asked).text


NUMBER = "{单位.简称}党字〔{年}〕{序号}号"


def skipped_and_written(page: Web, here: str, entry: dict[str, str]) -> None:
    """See an entry, put aside the columns that say the same, and write it."""
    page.post(f"{here}/revise/history/look", entry)
    ended(page, here)
    while found := re.search(r'name="column" value="([^"]+)"', page.get(f"{here}/revise/history").text):
        page.post(f"{here}/revise/history/skip", {"column": found[1]})
        ended(page, here)
    page.post(f"{here}/revise/history/write")
    ended(page, here)


@pytest.mark.slow
def test_a_written_entry_is_taken_back_and_refused_where_later_ones_rest_on_it(page, tmp_path):
    """The columns that it made needless come back; what was before is there byte for byte."""
    source = workbook(tmp_path / "县.xlsx", 2)
    here = page.post("/county/new", {"file": (BytesIO(source.read_bytes()), "县.xlsx")}).headers["Location"]
    history, table = f"{here}/revise/history", page.desk.folder / "名单/县/名单.沿革.csv"
    heads = dict(api.batch_look(table.with_name("名单.xlsx")).columns)
    assert "撤回这一次" not in page.get(history).text and page.post(f"{history}/undo").status_code == 422
    skipped_and_written(
        page, here, {"organ": "党员大会", "date": "2026-05-07", "issued": "2026-05-08", "number": NUMBER}
    )
    assert table.exists() and dict(api.batch_look(table.with_name("名单.xlsx")).columns) != heads
    assert "2026-05-07 党员大会 制定，2 个单位" in page.get(history).text and "也回来" in page.get(history).text
    written = table.read_bytes()
    table.write_bytes(written + written.split(b"\r\n")[-2].replace(b"2026", b"2028") + b"\r\n")
    later = table.read_bytes()
    refused = page.post(f"{history}/undo")
    assert refused.status_code == 409 and "后来又写了沿革" in refused.text and table.read_bytes() == later
    table.write_bytes(written)
    assert page.post(f"{history}/undo").status_code == 303
    assert not table.exists() and dict(api.batch_look(table.with_name("名单.xlsx")).columns) == heads
    assert "已撤回" in page.get(f"{history}?back=2").text and "撤回这一次" not in page.get(history).text


@pytest.mark.slow
def test_the_second_entry_is_taken_back_and_the_first_stays(page, listed):
    here = page.post("/county/new", {"file": (BytesIO(listed.read_bytes()), "县.xlsx")}).headers["Location"]
    table = page.desk.folder / "名单/县/名单.沿革.csv"
    skipped_and_written(
        page, here, {"organ": "党员大会", "date": "2026-05-07", "issued": "2026-05-08", "number": NUMBER}
    )
    once = table.read_bytes()
    skipped_and_written(
        page, here, {"organ": "党员大会", "date": "2027-05-07", "issued": "2027-05-08", "number": NUMBER}
    )
    assert table.read_bytes() != once
    assert page.post(f"{here}/revise/history/undo").status_code == 303 and table.read_bytes() == once


@pytest.mark.slow
def test_the_next_entry_of_all_histories_is_seen_and_written(page, listed):
    here = page.post("/county/new", {"file": (BytesIO(listed.read_bytes()), "县.xlsx")}).headers["Location"]
    entry = {
        "organ": "党员大会",
        "date": "2026年5月7日",
        "issued": "2026-05-08",
        "number": "{单位.简称}党字〔{年}〕{序号}号",
    }
    assert "花括号里的换成各单位自己的" in page.get(f"{here}/revise/history").text
    assert page.post(f"{here}/revise/history/write").status_code == 409, "nothing was seen"
    page.post(f"{here}/revise/history/look", entry)
    ended(page, here)
    text = page.get(f"{here}/revise/history").text
    assert "2 个单位会写" in text and "党字〔2026〕2号" in text and "现在什么都没有写" in text
    table = page.desk.folder / "名单/县/名单.沿革.csv"
    assert not table.exists() and 'value="2026年5月7日"' in text
    page.post(f"{here}/revise/history/write")
    ended(page, here)
    text = page.get(f"{here}/revise/history").text
    assert "沿革已写：2 个单位" in text and "党字〔2026〕1号" in table.read_text(encoding="utf-8-sig")
    page.post(f"{here}/replace", {"file": (BytesIO(listed.read_bytes()), "县.xlsx")})
    assert table.exists(), "another list in its place leaves the histories"
    page.post(f"{here}/revise/history/look", entry | {"number": "{没有的}号"})
    ended(page, here)
    assert "不是档案里的项目" in page.get(f"{here}/revise/history").text
