"""我的单位, 新建单位, 人员: what stands in the folder afterwards."""

from __future__ import annotations

import html
import random
import re
import shutil
import time
from io import BytesIO

import docx
import pytest
from conftest import ROOT
from markupsafe import escape
from test_web_fill import seen
from webs import Web, put, web

from toolkit import api
from toolkit.web import pasting
from toolkit.web.answers import value_of


@pytest.fixture
def page(tmp_path) -> Web:
    put(tmp_path, "柳河村")
    return web(tmp_path)


# --- the cards ---


def test_an_empty_folder_offers_the_first_step(tmp_path):
    text = web(tmp_path).get("/").text
    assert "还没有单位" in text and 'href="/new"' in text


def test_a_card_says_what_is_open(page):
    unit = page.id("柳河村")
    assert "必填项已答" in page.get(f"/u/{unit}/card").text and "没有问题" in page.get(f"/u/{unit}/card").text
    path = page.desk.folder / "柳河村" / "unit.yaml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("  全称: 青禾县柳溪镇柳河村\n", "")
        .replace("党员人数: 32", "党员人数: 许多")
    )
    path.write_text(text, encoding="utf-8")
    card = page.get(f"/u/{unit}/card").text
    assert "必填还有 1 项" in card and "要改 1 处" in card and "村 1." in card


@pytest.mark.slow
def test_a_card_says_what_is_due_and_what_was_edited(page):
    folder, unit = page.desk.folder / "柳河村", page.id("柳河村")
    card = page.get(f"/u/{unit}/card").text
    register = api.register(page.desk.unit(unit).prepared(), ROOT / "presets/base/holidays", today="2026-05-20")
    overdue = sum(one.state == "overdue" for status in register.statuses for one in status.dues)
    assert overdue and f"逾期 {overdue} 件" in card and "下一件：" in card and not (folder / "记录").exists()
    shutil.copytree(ROOT / "examples/records", folder / "记录")
    assert f"逾期 {overdue} 件" not in page.get(f"/u/{unit}/card").text
    api.generate(folder / "unit.yaml", folder / "文件", only=["mechanism_report"])
    assert "手工改过</dt><dd>没有" in page.get(f"/u/{unit}/card").text
    path = next((folder / "文件").glob("*.docx"))
    document = docx.Document(path)
    document.paragraphs[-1].add_run("另外。")
    document.save(path)
    assert "1 份文件" in page.get(f"/u/{unit}/card").text


@pytest.mark.slow
def test_the_folder_itself_may_be_a_unit(tmp_path):
    put(tmp_path, "村里")
    page = web(tmp_path / "村里")
    assert [unit.name for unit in page.desk.units()] == ["村里"]
    assert page.get(f"/u/{page.id('村里')}/fill").status_code == 200


@pytest.mark.slow
def test_a_thousand_units_are_shown_in_a_second(tmp_path):
    for number in range(1000):
        (tmp_path / f"村{number:04}").mkdir()
        (tmp_path / f"村{number:04}" / "unit.yaml").write_text("单位类型: 村\n", encoding="utf-8")
    page = web(tmp_path)
    start = time.perf_counter()
    text = page.get("/").text
    assert time.perf_counter() - start < 1
    assert text.count("<article") == 60 and "一共 1000 个单位" in text and "村0059" in text and "村0060" not in text
    assert "村0060" in page.get("/?from=60").text and page.get("/?q=村0999").text.count("<article") == 1
    for wrong in ("/?from=-5", "/?from=9999999", "/?from=x", "/?q=" + "%" * 3):
        assert page.get(wrong).status_code == 200


# --- a new unit ---


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("size", "written"), [("full", ""), ("light", "精简")])
def test_a_new_unit_is_a_folder_with_the_starter_profile(page, size, written):
    done = page.post("/new/unit", {"kind": "village", "size": size, "name": "青禾县柳溪镇石桥村"})
    unit = page.id("青禾县柳溪镇石桥村")
    assert done.status_code == 303 and done.headers["Location"] == f"/u/{unit}/fill?group=must"
    text = page.profile("青禾县柳溪镇石桥村")
    values = {"unit.full_name": "青禾县柳溪镇石桥村"} | ({"size": written} if written else {})
    assert text == api.starter("village", values)
    assert api.prepare(text.encode()).profile.size == written
    assert "先答 8 个问题" in page.get(f"/u/{unit}/fill").text


def test_a_second_unit_of_one_name_gets_a_number(page):
    for _ in range(2):
        page.post("/new/unit", {"kind": "village", "size": "full", "name": "柳河村"})
    assert [unit.name for unit in page.desk.units()] == ["柳河村", "柳河村（2）", "柳河村（3）"]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["", "  ", "..", "\x00"])
def test_a_unit_without_a_name_is_asked_for_it(page, name):
    done = page.post("/new/unit", {"kind": "school", "size": "light", "name": name})
    assert done.status_code == 422 and "还没有写单位全称" in done.text and 'value="school" checked' in done.text
    assert len(page.desk.units()) == 1


def test_a_name_never_leads_out_of_the_folder(page):
    page.post("/new/unit", {"kind": "village", "size": "full", "name": "..外面.."})
    assert {path.name for path in page.desk.folder.iterdir()} == {"柳河村", "外面"}


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("name", "said"), [("../../外面\\a:b", ": \\ /"), ("甲<乙>村", "&lt; &gt;"), ('?*|"', "* ? &#34; |")]
)
def test_characters_that_no_name_has_are_named_and_nothing_is_made(page, name, said):
    done = page.post("/new/unit", {"kind": "school", "size": "light", "name": name})
    assert done.status_code == 422 and f"单位全称里不能有 {said}<" in done.text
    assert f'name="name" value="{escape(name)}"' in done.text and len(page.desk.units()) == 1


@pytest.mark.parametrize("file", [None, (BytesIO(b"PK\x03\x04"), "a.docx")])
def test_a_file_that_is_not_taken_leaves_what_was_typed(page, file):
    form = {"kind": "school", "size": "light", "name": "青禾中学"} | ({"file": file} if file else {})
    done = page.post("/new/import", form)
    assert (
        done.status_code == 422
        and 'name="name" value="青禾中学"' in done.text
        and 'value="school" checked' in done.text
    )
    assert ("这不是一份单位档案" if file else "没有收到文件") in done.text and len(page.desk.units()) == 1
    both = page.get("/new").text.partition('action="/new/unit"')[2].partition("</form>")[0]
    assert 'name="name"' in both and 'formaction="/new/import"' in both


def test_unknown_kinds_and_sizes_are_refused(page):
    assert page.post("/new/unit", {"kind": "x", "name": "甲村"}).status_code == 404
    assert page.get("/new/sample?kind=../..").status_code == 404
    assert page.get("/new/page/village/full/nothing.png").status_code == 422


@pytest.mark.slow
def test_what_comes_out_is_shown_with_its_burden(page):
    text = page.get("/new/sample?kind=village&size=light").text
    assert "村，精简：会得到什么" in text and "完整" in text and "一年有期限的工作" in text
    sample = page.desk.samples.sample("village", "light")
    load = api.load(page.desk.samples._prepared["village", "light"])
    assert sample.figures["精简"] == load.figures and sample.figures["完整"]["documents"] > load.figures["documents"]
    picture = page.get("/new/page/village/light/regulation.png")
    assert picture.data.startswith(b"\x89PNG") and len(picture.data) < 60_000


def test_a_profile_that_exists_is_taken_with_its_comments(page):
    text = "# 记得问书记\n" + page.profile("柳河村").replace("柳河村", "石桥村")
    done = page.post("/new/import", {"file": (BytesIO(text.encode()), "unit.yaml")})
    assert done.status_code == 303 and page.profile("青禾县柳溪镇石桥村") == text
    wrong = page.post("/new/import", {"file": (BytesIO(b"PK\x03\x04"), "a.docx")})
    assert wrong.status_code == 422 and "不是一份单位档案" in wrong.text
    assert page.post("/new/import").status_code == 422
    assert len(page.desk.units()) == 2


# --- its name ---


@pytest.mark.slow
def test_a_unit_is_renamed_with_all_that_is_in_it(page, tmp_path):
    unit, folder = page.id("柳河村"), page.desk.folder
    shutil.copytree(ROOT / "examples/records", folder / "柳河村/记录")
    answer = {"seen": seen(page.get(f"/u/{unit}/card/unit.short_name").text, "unit.short_name"), "value": "柳河"}
    assert page.post(f"/u/{unit}/fill/unit.short_name", answer).status_code == 200
    before = {path.relative_to(folder / "柳河村"): path.read_bytes() for path in (folder / "柳河村").rglob("*.*")}
    done = page.post(f"/u/{unit}/name", {"name": " 柳河新村 ", "was": "柳河村"})
    assert done.status_code == 303 and [one.name for one in page.desk.units()] == ["柳河新村"]
    after = {path.relative_to(folder / "柳河新村"): path.read_bytes() for path in (folder / "柳河新村").rglob("*.*")}
    assert after == before and not (folder / "柳河村").exists()
    # The window that was open goes on under its address, undo included; a new unit of the old name is another one.
    assert page.id("柳河新村") == unit and "柳河新村" in page.get(f"/u/{unit}/fill").text
    assert page.post(f"/u/{unit}/undo").status_code == 303 and "简称: 柳河村" in page.profile("柳河新村")
    assert put(folder, "柳河村") and page.id("柳河村") != unit
    late = page.post(f"/u/{unit}/name", {"name": "第三个名字", "was": "柳河村"})
    assert late.status_code == 409 and "改名为“柳河新村”" in late.text and 'value="第三个名字"' in late.text
    assert page.post(f"/u/{unit}/name", {"name": "柳河新村", "was": "柳河新村"}).status_code == 303


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "还没有写名字"),
        ("../外面", "名字里不能有 /"),
        ("石桥村", "已经有一个叫"),
        ("con", "不能作单位的名字"),
        (".隐", "不能作"),
        ("名单", "不能作"),
        ("已停用", "不能作"),
        ("长" * 61, "最多 60 个"),
    ],
)
def test_a_name_that_no_folder_can_have_is_refused(page, name, said):
    put(page.desk.folder, "石桥村")
    unit = page.id("柳河村")
    done = page.post(f"/u/{unit}/name", {"name": name, "was": "柳河村"})
    assert done.status_code == 422 and said in done.text and f'value="{name}"' in done.text
    assert {path.name for path in page.desk.folder.iterdir()} == {"柳河村", "石桥村"}


def test_a_unit_is_put_away_and_comes_back(page):
    folder, unit = page.desk.folder, page.id("柳河村")
    (folder / "已停用/柳河村").mkdir(parents=True)
    before = page.profile("柳河村")
    assert page.post(f"/u/{unit}/away", {"was": "别的村"}).status_code == 409
    done = page.post(f"/u/{unit}/away", {"was": "柳河村"})
    assert done.status_code == 303 and page.desk.units() == [] and page.get(f"/u/{unit}/fill").status_code == 404
    assert (folder / "已停用/柳河村（2）/unit.yaml").read_text(encoding="utf-8") == before
    text = page.get("/").text
    assert "停用的 1 个" in text and "柳河村（2）" in text
    away = re.search(r'name="id" value="(\w+)"', text)[1]
    put(folder, "柳河村（2）")
    assert page.post("/back", {"id": "../柳河村"}).status_code == 404
    assert page.post("/back", {"id": away}).status_code == 303
    assert page.profile("柳河村（2）（2）") == before and "停用的" not in page.get("/").text
    assert page.get(f"/u/{page.id('柳河村（2）（2）')}/fill").status_code == 200
    assert page.post("/back", {"id": away}).status_code == 404


# --- people ---


def pasted(page: Web, text: str):
    return page.post(f"/u/{page.id('柳河村')}/people/paste", {"text": text})


@pytest.mark.slow
def test_rows_from_a_spreadsheet_are_looked_at_before_they_are_added(page):
    before = page.profile("柳河村")
    shown = pasted(
        page, "姓名\t职务\t表决权\n丁某\t党支部书记、村民委员会主任\t是\n辛某\t监委会主任\t没\n壬某\t妇联主席\t否\n"
    ).text
    assert "认出 3 行 3 列" in shown and "第一行是列名" in shown and page.profile("柳河村") == before
    assert shown.count("已有") == 1 and shown.count("新增") == 1 and "“没”" in shown and "加入 1 人" in shown
    cells = {"r-2-name": "辛某", "r-2-post": "监委会主任", "r-2-voting": "是", "r-3-name": "壬某", "r-3-voting": "否"}
    done = page.post(
        f"/u/{page.id('柳河村')}/people/add",
        cells | {"seen": seen(page.get(f"/u/{page.id('柳河村')}/people").text, "people")},
    )
    assert done.status_code == 303
    people = page.desk.unit(page.id("柳河村")).answers().by_key["people"]
    assert [row["name"] for row in people.written][-2:] == ["辛某", "壬某"] and len(people.written) == 7
    assert people.written[-1] == {"name": "壬某", "voting": "否"} and not people.findings


@pytest.mark.slow
def test_a_roll_of_the_party_is_read_as_it_is(page):
    """党内职务 is the post; the line that sums up is nobody; what is missing afterwards is said once."""
    shown = pasted(page, "序号\t姓名\t党内职务\n1\t辛某\t监委会主任\n合计\t1人\t\n").text
    assert (
        "认出 1 行 2 列" in shown and "监委会主任" in shown and "合计、小计的行不是人" in shown and "1人" not in shown
    )
    empty = pasted(page, "姓名\t职务\n辛某\t监委会主任\n").text
    said = re.findall(r'<div class="find warn.*?</div>', empty, re.DOTALL)
    assert len(said) == len(set(said))


@pytest.mark.slow
def test_rows_that_are_wrong_are_not_added(page):
    token = seen(page.get(f"/u/{page.id('柳河村')}/people").text, "people")
    cells = {"r-1-name": "辛某", "r-1-voting": "没", "r-2-name": "", "r-2-post": "妇联主席"}
    done = page.post(f"/u/{page.id('柳河村')}/people/add", cells | {"seen": token})
    assert done.status_code == 422 and "辛某" not in page.profile("柳河村")
    assert "\n辛某\t" in done.text and "第 2 行没有姓名（妇联主席），没有加入" in done.text


def test_rows_that_are_not_added_stay_in_the_box(page):
    token = seen(page.get(f"/u/{page.id('柳河村')}/people").text, "people")
    cells = {"r-1-name": "辛某", "r-6-name": "", "r-6-post": "妇联主席", "r-7-name": "壬某", "r-7-voting": "没"}
    done = page.post(f"/u/{page.id('柳河村')}/people/add", cells | {"seen": token})
    assert done.status_code == 200 and "辛某" in page.profile("柳河村") and "妇联主席" not in page.profile("柳河村")
    box = done.text.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0].strip()
    assert box == "姓名\t职务\t表决权\n\t妇联主席\t\n壬某\t\t没"
    assert "第 6 行没有姓名（妇联主席），没有加入" in done.text and "第 7 行（壬某）还有要改的" in done.text
    assert [row.record.get("post") for row in api.people_pasted(box).rows] == ["妇联主席", ""]


@pytest.mark.slow
def test_no_pasted_row_is_lost(page, monkeypatch):
    monkeypatch.setattr(pasting, "ROWS_MOST", 3)
    unit = page.id("柳河村")
    text = "姓名\t职务\n" + "".join(f"新{number}\t委员\n" for number in range(7))
    added: list[str] = []
    while text:
        shown = pasted(page, text).text
        rest = re.search(r'<textarea name="rest"[^>]*>(.*?)</textarea>', shown, re.DOTALL)
        cells = dict(re.findall(r'name="(r-[0-9]+-\w+)" value="([^"]*)"', shown))
        added += [cell for name, cell in cells.items() if name.endswith("-name")]
        if len(added) == 3:
            assert "第 4 行（新3）到第 7 行（新6）还没有看" in shown
        token = seen(page.get(f"/u/{unit}/people").text, "people")
        done = page.post(
            f"/u/{unit}/people/add", cells | {"seen": token, "rest": html.unescape(rest[1]) if rest else ""}
        )
        assert done.status_code == (200 if rest else 303)
        if rest:
            assert f"还有 {7 - len(added)} 行没有看" in done.text
        text = (
            done.text.partition('name="text"')[2].partition(">")[2].partition("</textarea>")[0].strip() if rest else ""
        )
    assert added == [f"新{number}" for number in range(7)]
    written = page.desk.unit(unit).answers().by_key["people"].written
    assert [row["name"] for row in written[-7:]] == added


@pytest.mark.slow
def test_a_paste_that_is_too_long_is_refused_and_a_long_list_is_saved_whole(page):
    many = pasted(page, "姓名\n" + "".join(f"新{number}\n" for number in range(6000)))
    assert "有 6001 行，一次最多 5000 行" in many.text and "框里的都还在" in many.text
    assert pasted(page, "字" * 500_001).status_code == 422
    answer = page.desk.unit(page.id("柳河村")).answers().by_key["people"]
    form = {f"r-{number}-name": f"新{number}" for number in range(1, 10_005)}
    assert len(value_of(answer, form)) == 10_004


def test_rows_have_one_number(page):
    text = "姓名\t职务\n\n" + "".join(f"新{number}\t委员\n" for number in range(5)) + "\t妇联主席\n"
    shown = pasted(page, text).text
    assert (
        "第 6 行“姓名”：" in shown and 'data-l="行">6<' in shown and "第 7 行" not in shown and "第 8 行" not in shown
    )


@pytest.mark.sampled(2)
@pytest.mark.parametrize("posts", [("委员", "会计"), ("委员", "委员")])
def test_pasting_says_beforehand_what_the_list_says_afterwards(page, posts):
    unit, before = page.id("柳河村"), page.profile("柳河村")
    text = "姓名\t职务\n" + "".join(f"辛某\t{post}\n" for post in posts)
    shown = pasted(page, text).text
    assert page.profile("柳河村") == before
    cells = {
        f"r-{number}-{key}": cell
        for number, post in enumerate(posts)
        for key, cell in (("name", "辛某"), ("post", post))
    }
    token = seen(page.get(f"/u/{unit}/people").text, "people")
    assert page.post(f"/u/{unit}/people/add", cells | {"seen": token}).status_code == 303
    findings = page.desk.unit(unit).answers().by_key["people"].findings
    assert findings and all(one.message in shown for one in findings)


def test_pasting_over_a_list_that_another_window_changed(page):
    token = seen(page.get(f"/u/{page.id('柳河村')}/people").text, "people")
    rows = {"r-1-name": "甲", "seen": token}
    assert page.post(f"/u/{page.id('柳河村')}/people/add", rows).status_code == 303
    late = page.post(f"/u/{page.id('柳河村')}/people/add", rows | {"r-1-name": "乙"})
    assert late.status_code == 409 and "别的窗口" in late.text and "姓名\n乙</textarea>" in late.text


def test_a_table_without_names_of_columns_is_guessed():
    read = api.people_pasted("丁某\t书记\t13800000000\t是\n甲 某\t委员\t0471-0000000\t否\n")
    assert read.columns == ("name", "post", "phone", "voting") and not read.headed
    assert [row.record["name"] for row in read.rows] == ["丁某", "甲某"]
    read = api.people_pasted("丁某，书记\n甲某，委员\n")
    assert read.columns == ("name", "post") and len(read.rows) == 2
    assert api.people_pasted("").rows == () and api.people_pasted("\n\n").rows == ()


def test_columns_that_nobody_knows_are_told():
    read = api.people_pasted("工号\t名字\t任期\n1\t丁某\t去年\n")
    assert read.columns == ("name", "term") and [one.code for one in read.findings] == ["ignored_column"]
    assert "任职起止" in read.rows[0].findings["term"].message


def test_any_pasted_text_is_read_without_an_error():
    chance = random.Random(21)
    marks = [
        "\t",
        "\n",
        "\r\n",
        ",",
        '"',
        "'",
        "姓名",
        "职务",
        "丁某",
        "是",
        "\0",
        "；",
        " ",
        "\u3000",
        "\ufeff",
        "=1+1",
        "2026",
        "\ud800",
    ]
    for _ in range(400):
        text = "".join(chance.choices(marks, k=chance.randint(0, 40)))
        for row in api.people_pasted(text).rows:
            assert set(row.findings) <= set(row.record)
