"""The interview: what is typed is saved as typed, each finding stands under its field, nobody's answer is lost."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from webs import Web, put, web

from toolkit import api
from toolkit.web import unit as unit_module
from toolkit.web.unit import changed


@pytest.fixture
def page(tmp_path) -> Web:
    put(tmp_path, "柳河村")
    return web(tmp_path)


def seen(text: str, key: str) -> str:
    """Return the token of an answer in a page or a piece of one."""
    found = re.search(rf'name="seen" id="s-{key.replace(".", "-")}" value="(\w+)"', text)
    assert found, key
    return found[1]


def card(page: Web, key: str, unit: str = "柳河村") -> str:
    return page.get(f"/u/{page.id(unit)}/card/{key}").text


def answer(page: Web, key: str, value: str | None = None, *, token: str = "", unit: str = "柳河村", **parts: str):
    """Answer a question as its card does."""
    form = {"seen": token or seen(card(page, key, unit), key), "group": key.partition(".")[0], **parts}
    return page.post(f"/u/{page.id(unit)}/fill/{key}", form | ({} if value is None else {"value": value}))


@pytest.mark.slow
def test_an_answer_is_written_and_all_else_stays(page):
    before = page.profile("柳河村")
    done = answer(page, "unit.short_name", "柳河新村")
    assert done.status_code == 200 and "已保存 10:42" in done.text and "撤销" in done.text
    assert page.profile("柳河村") == before.replace("简称: 柳河村", "简称: 柳河新村")


@pytest.mark.slow
def test_a_wrong_answer_is_kept_with_its_finding_under_it(page):
    done = answer(page, "contact.phone", "请问村里")
    assert "电话: 请问村里" in page.profile("柳河村")
    own = done.text.split('id="b-contact-phone"')[1].split("<input")[0]
    assert "要改" in own and "请问村里" in own and '<div class="find err">' in own
    shown = page.get(f"/u/{page.id('柳河村')}/fill?group=contact").text
    assert 'value="请问村里"' in shown and 'class="q has" id="q-contact-phone"' in shown.replace(" on", "")
    assert "1 处要改" in shown


@pytest.mark.slow
def test_a_number_with_its_unit_is_read_and_nothing_else_of_it_is_lost(page):
    done = answer(page, "party.members", "３２ 名党员")
    assert "要改" not in done.text.split('id="b-party-members"')[1].split("<input")[0]
    unit = page.desk.unit(page.id("柳河村"))
    assert unit.answers().by_key["party.members"].applies == 32
    assert answer(page, "freq.analysis", period="月", bound="至少", count="2次").status_code == 200
    assert "分析研判: 每月至少2次\n" in page.profile("柳河村")


#: What clerks type wrong: key, typed, what is said.
MISTAKES = [
    ("contact.phone", "12", "电话"),
    ("party.members", "三十几", "数准了再写，只写数字，如 32"),
    ("party.form", "党小组", "党支部"),
    ("doc.date", "2026年13月1日", "日期"),
    ("freq.analysis", "经常", "多长时间几次"),
    ("deadline.major_disclosure", "尽快", "天数|时限|日"),
    ("unit.full_name", "×××村", "还没有填写"),
    ("unit.full_name", "长" * 10_001, "10000"),
    ("freq.disclosure", "每年1次", "达不到依据要求的每季度"),
    ("doc.number", "柳党字1号", "文号|〔"),
]


@pytest.mark.sampled(12)
@pytest.mark.parametrize(("key", "typed", "said"), MISTAKES, ids=[f"{key}-{typed[:6]}" for key, typed, _ in MISTAKES])
def test_ten_mistakes_and_their_messages(page, key, typed, said):
    text = answer(page, key, typed).text
    own = text.split(f'id="e-{key.replace(".", "-")}"')[1].split("</div></div>")[0]
    assert re.search(said, own) and ("要改" in own or "请看" in own), own
    assert typed in page.profile("柳河村")


@pytest.mark.slow
def test_what_the_page_finds_after_answers_in_a_row_is_what_the_command_finds(page):
    for key, typed, _ in MISTAKES[1:8:3]:
        answer(page, key, typed)
        found = api.check(page.desk.folder / "柳河村/unit.yaml")
        assert page.desk.unit(page.id("柳河村")).prepared().findings == found
        shown = html.unescape(page.get(f"/u/{page.id('柳河村')}/text").text)
        assert all(one.message in shown for one in found)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("key", ["unit.self", "office.name"])
def test_back_to_the_default(page, key):
    before = page.profile("柳河村")
    answer(page, key, "村里")
    assert "村里" in page.profile("柳河村")
    done = answer(page, key, do="default")
    assert f'id="q-{key.replace(".", "-")}"' in done.text and "用默认值" in done.text
    assert page.profile("柳河村") == before


@pytest.mark.slow
def test_undo_takes_back_answer_by_answer(page):
    start = page.profile("柳河村")
    for value in ("甲村", "乙村"):
        answer(page, "unit.short_name", value)
    answer(page, "unit.self", do="default")  # changes nothing, so it is no step
    undo = f"/u/{page.id('柳河村')}/undo"
    assert page.post(undo).headers["Location"].endswith("on=unit.short_name#q-unit-short_name")
    assert "简称: 甲村" in page.profile("柳河村")
    page.post(undo)
    assert page.profile("柳河村") == start
    assert page.post(undo).status_code == 422


@pytest.mark.slow
def test_undo_leaves_what_another_window_wrote_since(page):
    answer(page, "unit.short_name", "甲村")
    path = page.desk.folder / "柳河村" / "unit.yaml"
    path.write_text(page.profile("柳河村").replace("0471-0000000", "0471-9999999"), encoding="utf-8")
    page.post(f"/u/{page.id('柳河村')}/undo")
    assert "简称: 柳河村" in page.profile("柳河村") and "0471-9999999" in page.profile("柳河村")


@pytest.mark.slow
def test_two_windows_on_one_field_see_both_values(page):
    token = seen(card(page, "contact.phone"), "contact.phone")
    assert answer(page, "contact.phone", "0471-1111111", token=token).status_code == 200
    late = answer(page, "contact.phone", "0471-2222222", token=token)
    assert late.status_code == 409 and "0471-1111111" in late.text and "0471-2222222" in late.text
    assert "0471-1111111" in page.profile("柳河村") and "0471-2222222" not in page.profile("柳河村")
    mine = answer(page, "contact.phone", "0471-2222222", token=seen(late.text, "contact.phone"), do="mine")
    assert mine.status_code == 200 and "0471-2222222" in page.profile("柳河村")


@pytest.mark.slow
def test_two_windows_on_two_fields_both_go_on(page):
    first, second = (seen(card(page, key), key) for key in ("contact.phone", "contact.name"))
    assert answer(page, "contact.phone", "0471-1111111", token=first).status_code == 200
    assert answer(page, "contact.name", "乙某（委员）", token=second).status_code == 200
    assert "0471-1111111" in page.profile("柳河村") and "乙某（委员）" in page.profile("柳河村")


@pytest.mark.slow
def test_a_second_person_sees_that_somebody_edits(page):
    other = web(page.desk.folder)
    other.client.application.extensions["desk"] = page.desk
    address = f"/u/{page.id('柳河村')}/fill?group=unit"
    assert "另一处在填" not in other.get(address).text
    answer(page, "unit.short_name", "柳河新村")
    assert "另一处在填" in other.get(address).text and "另一处在填" not in page.get(address).text


@pytest.mark.slow
def test_what_an_answer_changes_is_counted_and_marked(page):
    done = answer(page, "freq.analysis", period="月", bound="至少", count="1")
    assert "频次.分析研判: 每月至少1次" in page.profile("柳河村")
    assert "这次改动影响 8 个文件 9 处" in done.text and "01 第二十二条" in done.text
    opened = page.desk.unit(page.id("柳河村"))
    assert changed(opened)[0][0] == "regulation" and len(changed(opened)) == len(opened.touched())
    answer(page, "freq.analysis", "经常")  # an error: the pages stay as they were
    assert opened.good() is not opened.prepared() and changed(opened) == []
    answer(page, "freq.analysis", period="季度", bound="至少", count="1")
    assert len(changed(opened)) == 9  # against the last set that could be generated
    opened.all_seen()
    assert changed(opened) == []


@pytest.mark.slow
def test_a_default_that_follows_an_answer_moves_on_the_page(page):
    done = answer(page, "freq.disclosure", period="月", bound="正好", count="1")
    assert "频次.村务公开: 每月1次" in page.profile("柳河村") and done.status_code == 200
    moved = answer(page, "party.form", "党总支", group="party").text
    assert 'id="q-party-short"' in moved and 'hx-swap-oob="true"' in moved and "村党总支" in moved


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("key", "form", "written"),
    [
        ("village.subunits", {"value": "一组\n二组\n\n 三组 "}, "一组、二组、三组"),
        ("village.subunits", {"value": "一组、二组"}, "一组、二组"),
        ("village.subunits", {"value": ""}, ""),
        (
            "basis.main",
            {"d-title": "办法", "d-number": "〔2026〕1号", "d-date": ""},
            {"title": "办法", "number": "〔2026〕1号"},
        ),
        (
            "accounts",
            {"r-1-name": "甲, 乙", "r-1-platform": "微信群", "r-3-name": ""},
            [{"name": "甲, 乙", "platform": "微信群"}],
        ),
        ("unit.short_name", {"value": " 柳河\x07\t村\r\n "}, "柳河 村"),
        ("acct.other_review", {"value": "第一行\r\n第二行"}, "第一行 第二行"),
    ],
)
def test_every_form_of_a_question(page, key, form, written):
    answer(page, key, **form)
    assert api.answers(page.desk.unit(page.id("柳河村")).prepared()).by_key[key].written == written


@pytest.mark.slow
def test_rows_of_a_table(page):
    first = card(page, "accounts")
    assert first.count('aria-label="第1行名称"') == 1 and "第3行" not in first
    rows = {f"r-{n}-{name}": f"{name}{n}" for n in (1, 2) for name in ("name", "platform", "admin")}
    added = answer(page, "accounts", do="add", **rows)
    assert "第3行名称" in added.text and "name1" not in page.profile("柳河村")  # nothing is written yet
    dropped = answer(page, "accounts", do="drop-1", **rows)
    assert "name2" in dropped.text and "name1" not in dropped.text
    assert "name2" in page.profile("柳河村") and "name1" not in page.profile("柳河村")


@pytest.mark.slow
def test_an_empty_answer_never_adds_a_line(page):
    before = page.profile("柳河村")
    for key in ("contact.backup", "doc.since", "party.vice"):
        if key not in ("contact.backup",):
            answer(page, key, "")
    assert page.profile("柳河村") == before


@pytest.mark.slow
def test_another_size_of_the_set_keeps_all_answers(page):
    before, address = page.profile("柳河村"), f"/u/{page.id('柳河村')}"
    assert "换成精简" in page.get(f"{address}/fill?group=unit").text
    page.post(f"{address}/size", {"size": "精简", "group": "unit"})
    assert page.profile("柳河村") == before + "规模: 精简\n"
    shown = page.get(f"{address}/fill?group=unit&on=size").text
    assert "现在是精简" in shown and "（去掉）" in shown
    page.post(f"{address}/size", {"size": ""})
    assert page.profile("柳河村") == before
    assert page.post(f"{address}/size", {"size": "特大"}).status_code == 422


@pytest.mark.slow
def test_comments_of_a_clerk_stay(tmp_path):
    folder = tmp_path / "甲村"
    folder.mkdir()
    (folder / "unit.yaml").write_text(api.starter("village") + "# 记得问书记\n", encoding="utf-8")
    page = web(tmp_path)
    for key in ("unit.full_name", "contact.phone", "freq.study", "unit.self"):
        answer(page, key, "x", unit="甲村")
    text = page.profile("甲村")
    assert "# 记得问书记" in text and text.count("单位.全称:") == 1 and "\n频次.专题研究: x\n" in text
    assert not re.search(r"^#频次.专题研究", text, re.MULTILINE)  # in the place of the line that was commented out


def test_the_text_view_saves_what_is_wrong_and_points_at_the_line(page):
    address = f"/u/{page.id('柳河村')}/text"
    version = re.search(r'name="version" value="(\w+)"', page.get(address).text)[1]
    wrong = page.profile("柳河村") + "单位.简称: '柳\n"
    assert page.post(f"{address}/save", {"text": wrong.replace("\n", "\r\n"), "version": version}).status_code == 303
    assert page.profile("柳河村") == wrong
    shown = page.get(address).text
    assert "要改" in shown and "引号没有配对" in shown and 'data-line="' in shown
    unreadable = page.get(f"/u/{page.id('柳河村')}/fill").text
    assert "现在读不出来" in unreadable and "按文本编辑" in unreadable
    late = page.post(f"{address}/save", {"text": "丁", "version": version})
    assert late.status_code == 409 and ">丁</textarea>" in late.text and page.profile("柳河村") == wrong


def test_a_unit_without_a_kind_is_told_so(page):
    (page.desk.folder / "柳河村" / "unit.yaml").write_text("单位类型: 庄\n", encoding="utf-8")
    assert "没有“庄”这一类单位" in page.get(f"/u/{page.id('柳河村')}/fill").text


def test_people_in_a_file_are_not_changed_here(page):
    folder = page.desk.folder / "柳河村"
    (folder / "人员.csv").write_text("姓名,职务\n丁某,书记\n", encoding="utf-8")
    text = page.profile("柳河村").split("人员:")[0] + "人员: 人员.csv\n"
    (folder / "unit.yaml").write_text(text, encoding="utf-8")
    assert "写在 人员.csv 里" in card(page, "people")
    refused = answer(page, "people", **{"r-1-name": "甲某"})
    assert refused.status_code == 422 and "人员.csv" in refused.text and page.profile("柳河村") == text


# --- reliability ---


def test_a_full_disk_is_told_and_the_old_file_stays(page, monkeypatch):
    before = page.profile("柳河村")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("toolkit.output.disk.write_whole", full)
    done = answer(page, "unit.short_name", "甲村")
    assert done.status_code == 507 and "磁盘已满" in done.text and "清理磁盘" in done.text
    assert page.profile("柳河村") == before and not list((page.desk.folder / "柳河村").glob(".*tmp"))


@contextmanager
def full_disk() -> Iterator[None]:
    """Let every write fail as on a full disk, whether at once or when the file is closed."""
    import resource  # not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file's size")
def test_on_a_full_disk_nothing_is_left_and_what_was_typed_is_still_there(page):
    unit, profile = page.id("柳河村"), page.profile("柳河村")
    clause = f"/u/{unit}/documents/regulation/clause/analysis"
    editor = page.get(clause).text
    made_from = re.search(r'name="seen" value="([^"]+)"', editor)
    assert made_from
    people = seen(page.get(f"/u/{unit}/people").text, "people")
    version = re.search(r'name="version" value="(\w+)"', page.get(f"/u/{unit}/text").text)
    assert version
    text = {"seen": made_from[1], "heading": "分析研判", "text": "〔责任主体〕应当按时召开会议，频次为〔频次〕。"}
    sent = [
        ("/new/unit", {"kind": "village", "size": "full", "name": "新河村"}, "新河村"),
        ("/new/import", {"file": (BytesIO(profile.encode()), "unit.yaml"), "name": "别的"}, "没有做成"),
        (clause, text, "应当按时召开会议"),
        (f"/u/{unit}/text/save", {"text": "单位类型: 村\n", "version": version[1]}, "单位类型: 村"),
        (f"/u/{unit}/people/add", {"r-1-name": "新某", "seen": people}, "新某"),
        (
            f"/u/{unit}/meetings/begin",
            {"for": "topical_study", "on": "2026年6月20日", "place": "二楼会议室"},
            "二楼会议室",
        ),
        (f"/u/{unit}/meetings/drop", {"files": (BytesIO(b"a: b\n"), "a.yaml")}, "没有做成"),
        (f"/u/{unit}/generate", {}, "没有做成"),
        ("/county/new", {"file": (BytesIO("单位全称,简称\n甲村,甲村\n".encode()), "名单.csv")}, "没有做成"),
    ]
    for path, form, words in sent:
        before = sorted(str(one) for one in page.desk.folder.rglob("*"))
        with full_disk():
            done = page.post(path, form, headers={"HX-Request": ""})
        assert done.status_code == 507 and words in done.text, (path, done.status_code, done.text[-1500:])
        assert sorted(str(one) for one in page.desk.folder.rglob("*")) == before, path
    assert page.profile("柳河村") == profile


@pytest.mark.slow
def test_a_folder_that_vanished_is_told(page):
    id = page.id("柳河村")
    folder = page.desk.folder / "柳河村"
    page.get(f"/u/{id}/fill")
    token = seen(card(page, "unit.short_name"), "unit.short_name")
    folder.rename(page.desk.folder / "改名")
    for reply in (
        page.get(f"/u/{id}/fill"),
        page.post(f"/u/{id}/fill/unit.short_name", {"value": "甲", "seen": token}),
    ):
        assert reply.status_code == 404 and "没有删任何东西" in reply.text
    (page.desk.folder / "改名").rename(folder)
    assert page.get(f"/u/{id}/fill").status_code == 200


def test_the_whole_folder_gone(page, tmp_path):
    page.desk.folder.rename(tmp_path.parent / f"{tmp_path.name}_away")
    reply = page.get("/")
    assert reply.status_code == 507 and "找不到文件夹" in reply.text and "U 盘" in reply.text
    assert not tmp_path.exists()


def test_a_profile_that_is_no_text(page):
    path: Path = page.desk.folder / "柳河村" / "unit.yaml"
    path.write_bytes(b"\xff\xfe\x00" * 31)
    assert page.get(f"/u/{page.id('柳河村')}/fill").status_code == 200
    assert "不是文字文件" in page.get(f"/u/{page.id('柳河村')}/text").text
    assert path.read_bytes() == b"\xff\xfe\x00" * 31


@pytest.mark.slow
def test_an_old_chinese_encoding_is_read_and_written_as_utf8(page):
    path: Path = page.desk.folder / "柳河村" / "unit.yaml"
    path.write_bytes(page.profile("柳河村").encode("gb18030"))
    answer(page, "unit.short_name", "柳河新村")
    assert "简称: 柳河新村" in page.profile("柳河村")


@pytest.mark.slow
def test_memory_is_let_go_of(page, monkeypatch):
    monkeypatch.setattr("toolkit.web.desk._OPEN_MOST", 2)
    for name in ("甲", "乙", "丙"):
        put(page.desk.folder, name, "village_minimal")
    units = [page.desk.unit(page.id(name)) for name in ("甲", "乙", "丙")]
    for one in units:
        one.prepared()
    page.desk.unit(page.id("柳河村"))
    assert units[0]._prepared is units[1]._prepared is None and units[2]._prepared is not None
    assert page.desk.unit(page.id("甲")) is units[0] and units[0].prepared() is units[0].good()


def test_what_is_remembered_is_let_go_of_from_time_to_time(page, monkeypatch):
    forgotten = []
    monkeypatch.setattr("toolkit.web.desk._FORGET_AFTER", 3)
    monkeypatch.setattr("toolkit.api.forget", lambda: forgotten.append(1))
    for _ in range(7):
        page.desk.unit(page.id("柳河村"))
    assert len(forgotten) == 2


def test_names_of_files_are_the_command_lines():
    assert (unit_module.PROFILE, unit_module.OUTPUT, unit_module.RECORDS) == ("unit.yaml", "文件", "记录")
    assert f"#自有条款: {unit_module.OWN}" in api.starter("village")


@pytest.mark.slow
def test_a_page_of_one_question_gets_no_list_of_groups(tmp_path):
    """What it has no place for would be an error in the browser's console."""
    put(tmp_path, "柳河村")
    page = web(tmp_path)
    shown = page.get(f"/u/{page.id('柳河村')}/people").text
    seen = re.search(r'name="seen" id="s-people" value="(\w+)"', shown)[1]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"', shown))
    done = page.post(f"/u/{page.id('柳河村')}/fill/people", fields | {"seen": seen, "r-1-name": "壬某"})
    swapped = re.findall(r'id="([^"]+)"[^>]* hx-swap-oob', done.text)
    assert done.status_code == 200 and swapped and all(f'id="{one}"' in shown for one in swapped), swapped


@pytest.mark.slow
def test_two_people_in_one_cell_are_told_with_the_way_out(page):
    """On the page, in what is pasted, and in a list: the same words, from one place."""
    way = "一人写一行：一行李四、一行张七"
    address = f"/u/{page.id('柳河村')}/people"
    token = seen(page.get(address).text, "people")
    done = page.post(f"/u/{page.id('柳河村')}/fill/people", {"seen": token, "r-1-name": "李四/张七"})
    assert "“李四/张七”一格里写了 2 个人" in done.text and way in done.text and "要改" in done.text
    for name, word in (("李四、张七", "要改"), ("李四 张七", "请看")):
        looked = page.post(f"{address}/paste", {"text": f"姓名\t职务\n{name}\t委员\n"})
        assert way in looked.text and word in looked.text, name
    for name in ("王 明", "欧阳 明华", "李　四", "买买提·艾力"):
        assert "一人写一行" not in page.post(f"{address}/paste", {"text": f"姓名\t职务\n{name}\t委员\n"}).text, name
