"""会议 on the page, without a browser: what falls due, a draft kept at every pause, its record, files that came back."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from datetime import datetime
from html import unescape
from io import BytesIO

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from webs import Web, put, web

from toolkit import api

RECORDS = sorted((ROOT / "examples" / "records").glob("*.yaml"))
STUDY, ANALYSIS = RECORDS[4], RECORDS[1]


@pytest.fixture
def page(tmp_path) -> Web:
    put(tmp_path, "柳河村")
    return web(tmp_path, clock=datetime(2026, 6, 20, 10, 42))


@pytest.fixture(scope="module")
def unit():
    return api.prepare(ROOT / "examples" / "village.yaml")


def here(page: Web) -> str:
    return f"/u/{page.id('柳河村')}/meetings"


def folder(page: Web):
    return page.desk.folder / "柳河村"


def fields(text: str) -> dict[str, str]:
    """Return what the first form of a page would send: names of fields with their values."""
    form = re.search(r'<form class="paper".*?</form>', text, re.DOTALL)[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>|<textarea[^>]*>[^<]*", form):
        name, kind = re.search(r' name="([^"]+)"', tag), re.search(r' type="([^"]+)"', tag)
        if name is None or (kind and kind[1] in ("radio", "checkbox") and " checked" not in tag):
            continue
        value = re.search(r' value="([^"]*)"', tag)
        found[name[1]] = unescape(value[1] if value else tag.rpartition(">")[2])
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r"<option[^>]*selected[^>]*>([^<]*)", body)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


def begun(page: Web, meeting: str = "topical_study", on: str = "2026年6月18日", **more: str) -> str:
    """Begin a form; return the address of its draft."""
    answer = page.post(f"{here(page)}/begin", {"for": meeting, "on": on, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def everyone(form: dict[str, str], *states: str) -> dict[str, str]:
    """Return a form in which the people of the list are marked, the rest as present."""
    people = sorted(name for name in form if re.fullmatch(r"f:attendance\.\d+\.name", name) and form[name])
    marked = {name.replace(".name", ".status"): state for name, state in zip(people, states, strict=False)}
    rest = {name.replace(".name", ".status"): "到会" for name in people[len(states) :]}
    return {**form, **marked, **rest}


def test_what_falls_due_stands_with_a_button(page):
    text = page.get(here(page)).text
    assert "专题报告" in text and "6月26日" in text and "逾期还没有记录的" in text
    assert 'href="' + here(page) + "/begin?for=topical_study" in text and "还没有。" in text


@pytest.mark.slow
def test_a_profile_with_open_questions_says_what_to_do_first(tmp_path):
    path = put(tmp_path, "柳河村")
    (path / "unit.yaml").write_text("单位类型: 村\n", encoding="utf-8")
    page = web(tmp_path)
    answer = page.get(here(page))
    assert answer.status_code == 200 and "先把必填的几项答完" in answer.text
    assert page.post(f"{here(page)}/begin", {"for": "topical_study"}).status_code == 422


@pytest.mark.slow
def test_a_form_begins_with_its_people_and_a_wrong_day_is_said_at_the_field(page):
    assert "例：2026年9月30日" in page.get(f"{here(page)}/begin?for=topical_study").text
    wrong = page.post(f"{here(page)}/begin", {"for": "topical_study", "on": "2026年13月1日"})
    assert wrong.status_code == 422 and "要改" in wrong.text and 'value="2026年13月1日"' in wrong.text
    assert page.get(f"{here(page)}/begin?for=nothing").status_code == 404
    address = begun(page, time="9时", place="村委会")
    form = fields(page.get(address).text)
    assert form["f:held_on"] == "2026年6月18日" and form["f:started"] == "9时00分"
    assert [form[f"f:attendance.{n}.name"] for n in range(1, 5)] == ["丁某", "甲某", "戊某", "己某"]
    assert [path.name for path in (folder(page) / "草稿").iterdir()] == ["2026-06-18 专题研究会议记录.yaml"]


@pytest.mark.slow
def test_before_anybody_is_marked_the_bar_says_how_many_are_not(page):
    address = begun(page)
    text = page.get(address).text
    assert "4 人中 4 人没有点" in text and "实到" not in text.partition('class="quorum"')[2] and "—" not in text
    form = fields(text) | {"f:attendance.1.status": "到会"}
    assert "4 人中 3 人没有点" in page.post(f"{address}/keep", form).text


@pytest.mark.slow
def test_papers_of_a_meeting_stand_in_the_open(page):
    head = page.get(begun(page)).text.partition('<form class="paper"')[0]
    assert "会议通知（Word）" in head and "<details" not in head.partition('<div class="head">')[2]


@pytest.mark.slow
def test_a_draft_says_that_the_people_changed_and_lists_them_anew(page):
    """What was marked stays; so does whoever is marked and no longer among the people."""
    address = begun(page)
    form = everyone(fields(page.get(address).text), "请假") | {"f:attendance.1.absent_for": "病假"}
    form |= {"f:attendance.4.status": "", "f:topics": "两件事"}
    assert page.post(f"{address}/keep", form).status_code == 200
    assert "照人员重排名单" not in page.get(address).text
    profile = folder(page) / "unit.yaml"
    people = profile.read_text(encoding="utf-8")
    assert "姓名: 己某" in people and "姓名: 丁某" in people
    people = re.sub(r"(?m)^  - .*姓名: (己某|甲某).*\n(    .*\n)*", "", people)
    people = re.sub("(?m)^(人员:.*)$", r"\1\n  - {姓名: 壬某, 职务: 纪检委员}", people, count=1)
    profile.write_text(people, encoding="utf-8")
    text = page.get(address).text
    assert "多了壬某" in text and "少了己某" in text and "甲某不在人员里，点过了，也留着" in text
    done = page.post(f"{address}/relist", fields(text) | {"f:topics": "三件事"})
    assert done.status_code == 303, done.text
    text = page.get(address).text
    now = fields(text)
    names = [now[f"f:attendance.{n}.name"] for n in range(1, 5)]
    assert set(names) == {"丁某", "戊某", "壬某", "甲某"} and names[-1] == "甲某"
    marks = {now[f"f:attendance.{n}.name"]: now.get(f"f:attendance.{n}.status", "") for n in range(1, 5)}
    assert marks == {"丁某": "请假", "戊某": "到会", "壬某": "", "甲某": "到会"}
    assert now["f:topics"] == "三件事" and now[f"f:attendance.{names.index('丁某') + 1}.absent_for"] == "病假"
    assert "照人员重排名单" not in text and now.get("f:expected", "4") == "4"


@pytest.mark.slow
def test_a_reason_has_one_example_in_its_label_and_in_what_is_found(page):
    address = begun(page)
    text = page.get(address).text
    refused = page.post(f"{address}/save", everyone(fields(text), "请假")).text
    found = re.findall(r"只写类别，例如 ([^）<]+)", text + refused)
    assert "没有写事由" in refused and set(found) == {"公出、病假、事假"}, found


@pytest.mark.slow
def test_what_is_typed_is_kept_as_yaml_that_minutes_fill_takes(page, unit):
    address = begun(page)
    form = everyone(fields(page.get(address).text), "请假") | {
        "f:chair": "甲某（宣传委员）",
        "f:topics": "第一行\n第二行",
    }
    kept = page.post(f"{address}/keep", form)
    assert kept.status_code == 200 and "草稿已存 10:42" in kept.text and "实到 3 / 4" in kept.text
    draft = next((folder(page) / "草稿").iterdir())
    data = api.minutes_read(draft)
    assert data.get("topics") == "第一行\n第二行" and data.tables["attendance"][0].values["status"] == "请假"
    assert "出席、请假和缺席人员" in draft.read_text(encoding="utf-8")
    assert api.minutes_fill(unit, draft).document.id == "minutes_topical_study"
    again = page.get(address).text
    assert "第一行\n第二行" in again and fields(again)["f:attendance.1.status"] == "请假"


@pytest.mark.slow
def test_the_quorum_is_said_as_minutes_check_says_it(page, unit):
    address = begun(page, "members_meeting")
    form = fields(page.get(address).text)
    few = {**form, "f:expected": "46", "f:expected_voting": "46", "f:present": "20", "f:present_voting": "20"}
    text = page.post(f"{address}/keep", few).text
    found = api.minutes_check(unit, next((folder(page) / "草稿").iterdir()))
    missed = next(one for one in found if one.code == "quorum_missed")
    assert missed.message in text and "没有达到到会要求" in text
    enough = {**few, "f:present": "40", "f:present_voting": "40", "seen": version(text)}
    assert "达到到会要求" in (text := page.post(f"{address}/keep", enough).text) and missed.message not in text


def version(text: str) -> str:
    return re.search(r'name="seen"[^>]* value="([0-9a-f]+)"', text)[1]


@pytest.mark.slow
def test_a_form_without_a_list_of_people_says_how_attendance_is_told(page):
    """Nobody can be ticked in it: the bar and the list of absentees say what to write; 无 counts all as present."""
    address = begun(page, "members_meeting")
    text = page.get(address).text
    assert "到会还没有点完" not in text and "还没有写谁没有来" in text and "程序按名单数" not in text
    assert "都来了，在姓名里写“无”" in text
    kept = page.post(f"{address}/keep", fields(text) | {"f:absentees.1.absentee": "无"}).text
    assert "还没有写谁没有来" not in kept and re.search(r"实到 (\d+) / \1", kept)


@pytest.mark.slow
def test_an_empty_field_is_no_fault_until_somebody_wants_to_save(page):
    address = begun(page)
    form = fields(page.get(address).text)
    assert "没有填写" not in page.get(address).text and "还有" in page.get(address).text
    refused = page.post(f"{address}/save", form)
    assert refused.status_code == 422 and "还没有存成记录" in refused.text and "“散会时间”没有填写" in refused.text
    assert not (folder(page) / "记录").exists()


@pytest.mark.slow
def test_what_was_missing_is_no_longer_called_so_once_it_is_written(page):
    address = begun(page)
    refused = page.post(f"{address}/save", fields(page.get(address).text)).text
    words = {"topics": "第二季度情况", "discussion": "丁某：通报情况。", "adjourned": "10时", "place": "村委会"}
    missing = [name for name in words if "没有填写" in slot(refused, name)]
    assert {"discussion", "adjourned"} <= {*missing}
    form = fields(refused)
    for name in missing:
        form |= {f"f:{name}": words[name]}
        answer = page.post(f"{address}/keep", form).text
        assert "没有填写" not in slot(answer, name), name
        form["seen"] = version(answer)


def slot(text: str, name: str) -> str:
    """Return what is said under a field, which has to be there."""
    return re.search(rf'<div class="slot" id="s-\w+-{name}".*?</div>\s*(?=<|$)', text, re.S)[0]


@pytest.mark.slow
def test_a_notice_that_cannot_be_made_is_said_above_the_form(page):
    address = begun(page)
    form = fields(page.get(address).text) | {"f:held_on": "2026年1月5日", "f:place": "村委会"}
    assert page.post(f"{address}/keep", form).status_code == 200
    refused = page.get(f"{address}.notice")
    assert refused.status_code == 422 and "晚于会议日期" in refused.text
    assert fields(refused.text)["f:place"] == "村委会" and "存记录" in refused.text


@pytest.mark.slow
def test_a_name_that_the_unit_does_not_have_can_be_corrected(page):
    address = begun(page)
    form, key = fields(page.get(address).text), "f:attendance.1.name"
    right = form[key]
    assert f'type="hidden" name="{key}"' in page.get(address).text
    page.post(f"{address}/keep", form | {key: f"{right}某"})
    shown = page.get(address).text
    assert "里没有" in shown and f'type="hidden" name="{key}"' not in shown and fields(shown)[key] == f"{right}某"
    page.post(f"{address}/keep", fields(shown) | {key: right})
    assert fields(page.get(address).text)[key] == right and f'type="hidden" name="{key}"' in page.get(address).text


@pytest.mark.slow
def test_a_row_is_added_and_nothing_typed_is_lost(page):
    address = begun(page)
    form = fields(page.get(address).text) | {"f:resolutions.1.decided": "办一次培训", "more": "resolutions"}
    answer = page.post(f"{address}/row", form).text
    assert 'name="f:resolutions.2.decided"' in answer and "办一次培训" in answer
    assert page.post(f"{address}/row", {**form, "more": "nothing", "seen": version(answer)}).status_code == 404


@pytest.mark.slow
def test_two_windows_see_both_values_and_nothing_is_overwritten_silently(page):
    address = begun(page)
    form = fields(page.get(address).text)
    page.post(f"{address}/keep", form | {"f:place": "村委会"})
    clash = page.post(f"{address}/keep", form | {"f:place": "学校"})
    assert clash.status_code == 409 and "您这里是“学校”，那边是“村委会”" in clash.text
    assert fields(page.get(address).text)["f:place"] == "村委会"
    assert page.post(f"{address}/keep", form | {"f:place": "学校", "do": "mine"}).status_code == 200
    assert fields(page.get(address).text)["f:place"] == "学校"
    refused = page.post(f"{address}/save", form | {"f:place": "镇上"})
    assert refused.status_code == 409 and "您这里是“镇上”，那边是“学校”" in refused.text
    assert fields(refused.text)["f:place"] == "镇上" and refused.text.count('id="saved"') == 1
    assert page.post(f"{address}/keep", fields(refused.text)).status_code == 409  # until somebody chooses


def complete(page: Web, address: str) -> dict[str, str]:
    """Return the form of a topical study with everything that it asks for."""
    form = everyone(fields(page.get(address).text))
    words = {"chair": "丁某（党支部书记）", "recorder": "庚某（村文书）", "topics": "第二季度情况", "dissent": "无"}
    words |= {"discussion": "丁某：通报情况。", "summary": "同意通报的情况。", "adjourned": "10时", "place": "村委会"}
    words |= {
        "started": "9时",
        "ordinal": "1",
        "written_on": "2026年6月18日",
        "chair_sign": "已签",
        "recorder_sign": "已签",
    }
    return form | {f"f:{name}": text for name, text in words.items()}


@pytest.mark.slow
def test_a_record_is_kept_with_what_follows_from_it(page, unit):
    address = begun(page)
    answer = page.post(f"{address}/save", complete(page, address))
    assert answer.status_code == 200 and "已存记录" in answer.text, re.findall(
        r'<div class="find.*?</div>', answer.text
    )
    assert [path.suffix for path in (folder(page) / "记录").iterdir()] == [".docx"]
    record = next((folder(page) / "记录").iterdir())
    assert record.name.startswith("2026-06-18 专题研究会议记录") and not list((folder(page) / "草稿").iterdir())
    assert not api.has_errors(api.minutes_check(unit, record))
    made = {path.name for path in (folder(page) / "会后").iterdir()}
    assert {name.rpartition("-")[2] for name in made} >= {"纪要.docx", "纪要（公开版）.docx", "群消息.txt"}
    assert "【意识形态工作专题研究会议】" in answer.text
    link = re.search(r'href="([^"]+/files/[0-9a-f]+)">[^<]*-纪要\.docx', answer.text)[1]
    assert page.get(link).data.startswith(b"PK") and page.get(link[:-4] + "0000").status_code == 404
    shown = page.get(here(page)).text
    assert "专题研究会议记录" in shown and page.get(address).status_code == 404


@pytest.mark.slow
def test_a_record_that_proves_no_duty_says_so_and_says_how_it_would(page):
    address = begun(page)
    assert "写了办理结果的，台账才算办过" in page.get(address).text
    answer = page.post(f"{address}/save", complete(page, address))
    assert "已存记录" in answer.text and "都没有写办理结果，台账不算办过" in answer.text
    again = page.post(re.search(r'action="([^"]+/open)"', page.get(here(page)).text)[1]).headers["Location"]
    form = fields(page.get(again).text)
    name = next(name for name in form if re.fullmatch(r"f:agenda\.\d+\.result", name))
    answer = page.post(f"{again}/save", form | {name: "已研究"})
    assert "已存记录" in answer.text and "台账不算办过" not in answer.text


@pytest.mark.slow
def test_a_record_is_the_bytes_that_the_command_line_writes(page, unit):
    address = begun(page)
    form = complete(page, address)
    page.post(f"{address}/keep", form)
    draft = next((folder(page) / "草稿").iterdir()).read_bytes()
    page.post(f"{address}/save", form | {"do": "mine"})
    assert next((folder(page) / "记录").iterdir()).read_bytes() == api.minutes_fill(unit, draft).data


def test_a_record_is_corrected_and_the_old_one_put_aside(page):
    address = begun(page)
    page.post(f"{address}/save", complete(page, address))
    record = next((folder(page) / "记录").iterdir())
    before = record.read_bytes()
    opened = page.post(re.search(r'action="([^"]+/open)"', page.get(here(page)).text)[1])
    draft = opened.headers["Location"]
    form = fields(page.get(draft).text)
    saved = page.post(f"{draft}/save", form | {"f:place": "村党群服务中心"})
    assert saved.status_code == 200, saved.text[-3000:]
    assert api.minutes_read(record).get("place") == "村党群服务中心"
    assert (folder(page) / "记录" / ".旧" / record.name).read_bytes() == before
    assert not (folder(page) / ".收件").exists() or not list((folder(page) / ".收件").glob("*.docx"))


@pytest.mark.slow
def test_another_record_of_the_same_meeting_is_never_overwritten(page):
    first = begun(page)
    page.post(f"{first}/save", complete(page, first))
    record = next((folder(page) / "记录").iterdir())
    before = record.read_bytes()
    second = begun(page)
    form = complete(page, second) | {"f:place": "学校"}
    answer = page.post(f"{second}/save", form)
    assert answer.status_code == 422 and "没有替换" in answer.text
    assert record.read_bytes() == before and len(list((folder(page) / "草稿").iterdir())) == 1


@pytest.mark.slow
def test_papers_of_a_meeting_are_downloaded(page):
    address = begun(page, on="2026年6月25日", time="9时", place="村委会")
    for kind, head in (
        ("docx", b"PK"),
        ("pdf", b"%PDF"),
        ("notice", b"PK"),
        ("packet", b"%PDF"),
        ("yaml", "表单".encode()),
    ):
        answer = page.get(f"{address}.{kind}")
        assert answer.status_code == 200 and answer.data.startswith(head), kind
    assert page.get(f"{address}.exe").status_code == 404


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "text", ["表单: [", "表单: 没有这份表\n填写: {}\n", "".join(map(chr, range(200, 400)))], ids=range(3)
)
def test_a_draft_that_was_edited_into_nonsense_is_said_and_stays(page, text):
    address = begun(page)
    draft = next((folder(page) / "草稿").iterdir())
    form = fields(page.get(address).text)
    draft.write_bytes(text.encode("utf-8" if text.isascii() or "表" in text else "utf-16"))
    before = draft.read_bytes()
    assert page.get(here(page)).status_code == 200
    shown = page.get(address)
    assert shown.status_code == 200 and "存记录" not in shown.text
    assert page.post(f"{address}/keep", form).status_code == 422 and draft.read_bytes() == before


def test_a_draft_is_put_away(page):
    address = begun(page)
    assert page.post(f"{address}/away").status_code == 303 and page.get(address).status_code == 404


ODD = [
    "",
    "..",
    "\x00",
    "99999999999",
    "-1",
    "2026年13月1日",
    "甲某等3人",
    "a: b",
    "- x",
    "〔频次〕",
    "\u202e",
    "x" * 500,
    "=1+1",
]
NAMES = [
    "f:held_on",
    "f:ordinal",
    "f:present",
    "f:attendance.1.status",
    "f:attendance.1.name",
    "f:votes.1.agree",
    "f:nothing",
]
NAMES += [
    "f:votes.999999.agree",
    "f:votes.-1.agree",
    "f:..x",
    "f:votes.1",
    "k:agenda.1",
    "k:agenda.x",
    "n:votes",
    "more",
    "do",
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Web:
    home = tmp_path_factory.mktemp("shared")
    put(home / "文书", "柳河村")
    return web(home / "文书", clock=datetime(2026, 6, 20, 10, 42))


@pytest.mark.slow
@given(
    st.dictionaries(st.sampled_from(NAMES), st.one_of(st.sampled_from(ODD), st.text(max_size=40)), max_size=8),
    st.data(),
)
@settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_is_answered_and_kept_as_a_form(shared, typed, data):
    drafts = folder(shared) / "草稿"
    address = begun(shared) if not drafts.is_dir() or not list(drafts.iterdir()) else shared.last
    shared.last = address
    form = fields(shared.get(address).text)
    clean = {name: text.encode("utf-8", "replace").decode() for name, text in typed.items()}
    what = data.draw(st.sampled_from(["keep", "row", "save"]))
    assert shared.post(f"{address}/{what}", form | clean).status_code in (200, 404, 409, 422)
    kept = api.minutes_read(next(drafts.iterdir()))
    assert kept.document == "minutes_topical_study" and not [
        one for one in kept.findings if one.code.startswith("yaml")
    ]
    assert {path.name for path in shared.desk.folder.parent.iterdir()} == {"文书"}


# --- files that came back ---


def handed_in(page: Web, *files: tuple[str, bytes]) -> str:
    answer = page.post(f"{here(page)}/drop", {"files": [(BytesIO(data), name) for name, data in files]})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def wrong_form(unit) -> bytes:
    data = api.minutes_read(ANALYSIS)
    tables = {
        name: [{**row.values, **({"key": row.key} if row.key else {})} for row in rows]
        for name, rows in data.tables.items()
    }
    return api.minutes_fill(unit, {"表单": data.document, "填写": {**data.values, "present": "5"}, "表格": tables}).data


@pytest.mark.slow
def test_what_came_back_is_sorted_and_each_finding_stands_at_its_field(page, unit):
    good = api.minutes_fill(unit, RECORDS[2]).data
    blank = api.minutes_new(unit, "topical_study").data
    address = handed_in(
        page,
        ("研判.docx", wrong_form(unit)),
        ("自查.docx", good),
        ("空白.docx", blank),
        ("照片.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 99),
    )
    text = page.get(address).text
    assert "收回 4 份" in text and "没有读 2 份" in text and "空白表，还没有填写" in text
    row = re.search(r'<tr><th scope="row"><label[^>]*>实到人数.*?</tr>', text, re.DOTALL)[0]
    assert 'value="5"' in row and "名单上是4人" in row
    assert not list(folder(page).rglob("研判.docx")) and not (folder(page) / "记录").exists()


@pytest.mark.slow
def test_a_file_without_faults_is_kept_as_it_came_and_a_corrected_one_is_filled_anew(page, unit):
    good = api.minutes_fill(unit, RECORDS[2]).data + b""
    address = handed_in(page, ("自查.docx", good), ("研判.docx", wrong_form(unit)))
    drafts = re.findall(r'action="([^"]+)/keep"', page.get(address).text)
    first = page.get(drafts[0]).text
    assert page.post(f"{drafts[0]}/save", fields(first)).status_code == 200
    kept = next((folder(page) / "记录").iterdir())
    assert kept.read_bytes() == good
    form = fields(page.get(drafts[1]).text)
    refused = page.post(f"{drafts[1]}/save", form)
    assert refused.status_code == 422 and "要改" in refused.text
    answer = page.post(f"{drafts[1]}/save", form | {"f:present": "4"})
    text = answer.text
    assert answer.status_code == 200, re.findall(r'class="find err">.*?</p>', text)
    assert any("研判" in path.name for path in (folder(page) / "记录").iterdir())


@pytest.mark.slow
def test_an_archive_of_a_folder_is_opened(page, unit):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("收回/自查.docx", api.minutes_fill(unit, RECORDS[2]).data)
        archive.writestr("__MACOSX/._自查.docx", b"x")
    text = page.get(handed_in(page, ("收回.zip", out.getvalue()))).text
    assert "收回 1 份" in text and "自查.docx" in text
    broken = page.post(f"{here(page)}/drop", {"files": [(BytesIO(b"PK\3\4kaputt"), "坏.zip")]})
    assert broken.status_code == 507 and "不是可用的 ZIP" in broken.text


@pytest.mark.slow
def test_names_from_the_browser_are_never_paths(page, unit):
    handed_in(
        page, ("../../出去.docx", wrong_form(unit)), ("/etc/passwd", b"root"), ("..\\..\\a.yaml", STUDY.read_bytes())
    )
    inside = {path.relative_to(folder(page)).parts[0] for path in page.desk.folder.rglob("*") if path.is_file()}
    assert inside <= {"unit.yaml", ".收件", "草稿"}
    assert all(re.fullmatch(r"\d{3}\.\w+", path.name) for path in (folder(page) / ".收件").rglob("0*"))
    for id in ("..", "%2e%2e", "../unit", "x" * 300):
        assert page.get(f"{here(page)}/draft/{id}").status_code in (404, 308)
        assert page.get(f"{here(page)}/files/{id}").status_code in (404, 308)


def test_what_was_handed_in_goes_when_nothing_of_it_is_a_draft(page, unit):
    handed_in(page, ("照片.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 99))
    handed_in(page, ("研判.docx", wrong_form(unit)))
    assert len([path for path in (folder(page) / ".收件").iterdir() if path.is_dir()]) == 1
    assert page.post(f"{here(page)}/drop", {}).status_code == 422


@pytest.mark.slow
def test_another_units_form_is_not_taken(page, unit):
    other = api.prepare(
        (ROOT / "examples" / "village.yaml").read_text(encoding="utf-8").replace("柳河", "石桥").encode()
    )
    text = page.get(handed_in(page, ("别村.docx", api.minutes_fill(other, ANALYSIS).data))).text
    assert "没有收下" in text and "石桥" in text


@pytest.mark.slow
def test_records_that_are_there_are_listed_with_their_state(page):
    shutil.copytree(STUDY.parent, folder(page) / "记录")
    text = page.get(here(page)).text
    assert text.count("读全了") + text.count("处请看") + text.count("处要改") == len(RECORDS)


@pytest.mark.slow
def test_a_reader_sees_neither_records_nor_meetings(page):
    """Who said what at a meeting is no part of what a link shows; documents and register are."""
    address = begun(page)
    unit = here(page).rpartition("/")[0]
    link = page.guard.link(page.id("柳河村"))
    reader = page.client.application.test_client()
    reader.get(link, base_url="http://127.0.0.1:5000")

    def status(place):
        return reader.get(place, base_url="http://127.0.0.1:5000").status_code

    assert (status(address), status(here(page))) == (403, 403)
    assert (
        status(f"{unit}/register") == 200
        and reader.get(f"{unit}/documents", base_url="http://127.0.0.1:5000", follow_redirects=True).status_code == 200
    )
