"""The papers before a meeting, and what follows once its record came back."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import minutes_samples as samples
import pytest
from pypdf import PdfReader

from toolkit import api
from toolkit.cli import cli
from toolkit.core.findings import EXIT_USAGE, FileError, FindingsError, UsageError
from toolkit.forms import Form, FormData
from toolkit.minutes.meeting_papers import Call, agenda, joined
from toolkit.minutes.records import BLANK, open_file
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Table, inlines_of, plain, walk

ROOT = Path(__file__).resolve().parent.parent
VILLAGE, RECORDS = ROOT / "examples" / "village.yaml", ROOT / "examples" / "records"
MEETING = {"records": RECORDS, "date": "2026-12-02"}
SAID = {"time": "9时", "place": "村委会会议室", "today": "2026-11-25"}


@pytest.fixture(scope="module")
def village():
    return api.prepare(VILLAGE)


@pytest.fixture(scope="module")
def form(village):
    return api.minutes_new(village, "topical_study", **MEETING)


def lines(document) -> list[str]:
    return [text for block in walk(document.body) if (text := plain(tuple(inlines_of(block))))]


def main(args: list[str]) -> int:
    return cli.main(args, standalone_mode=False)


def pages(data: bytes) -> list[str]:
    return [page.extract_text().replace("\n", "") for page in PdfReader(io.BytesIO(data)).pages]


def test_the_notice_says_what_the_form_says(village, form) -> None:
    notice = api.minutes_notice(village, form, **SAID).document
    text = "\n".join(lines(notice))
    assert plain(notice.addressee) == "丁某、甲某、戊某、己某："
    assert "定于2026年12月2日（星期三）9时00分在村委会会议室召开意识形态工作专题研究会议（2026年第4次）" in text
    assert (
        "传达落实上级部署" in text and "年度考核" in text and "专题研究：" not in text
    )  # done already in this half-year
    assert "组织委员准备报告“拟定明年的学习培训计划”的办理情况。" in text and "共2项" in text
    assert "半数以上委员到会" in text and notice.doc_date == "2026-11-25"
    assert "材料：会议记录" not in text  # it is made at the meeting


@pytest.mark.parametrize(
    ("option", "typed", "says"),
    [
        ("time", "吃过饭", "不是时间"),
        ("time", "25:00", "不存在"),
        ("time", "上午", "不是时间"),
        ("time", "次日0:30", "不是开会的时间"),
        ("time", "9:00-11:00", "不是时间"),
        ("place", "9时30分", "是时间，不是地点"),
        ("place", "2026年3月5日", "是日期，不是地点"),
        ("place", "？？", "不是地点"),
        ("place", "待定", "不是地点"),
        ("place", "一楼\n二楼", "一行"),
        ("place", "长" * 80, "不超过"),
    ],
)
def test_a_time_and_a_place_are_judged_like_typed_values(village, form, tmp_path, capsys, option, typed, says) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        api.minutes_notice(village, form, **{option: typed})
    assert refused.value.hint
    new = ["minutes", "new", str(VILLAGE), "--meeting", "topical_study", "-o", str(tmp_path / "表.docx")]
    assert main([*new, f"--{option}", typed, "--notice", str(tmp_path / "通知.docx")]) == EXIT_USAGE
    shown = capsys.readouterr().err
    assert says in shown and refused.value.hint in shown
    assert not list(tmp_path.iterdir())


def test_times_are_printed_in_one_form(village, form) -> None:
    texts = [
        "\n".join(lines(api.minutes_notice(village, form, time=time).document))
        for time in ("下午2点半", "14:30", "十四时三十分", " 14时30分 ")
    ]
    assert "）14时30分在" in texts[0] and len(set(texts)) == 1


def test_a_notice_after_its_meeting_is_a_finding(village, form, tmp_path) -> None:
    for make in (api.minutes_notice, api.minutes_packet):
        with pytest.raises(FindingsError) as found:
            make(village, form, today="2026-12-03")
        (one,) = found.value.findings
        assert one.code == "notice_late" and "12月3日晚于会议日期2026年12月2日" in one.message and "--today" in one.hint
    assert api.minutes_notice(village, form, today="2026-12-02").document.doc_date == "2026-12-02"


def test_the_day_of_a_notice_is_an_argument(tmp_path) -> None:
    new = ["minutes", "new", str(VILLAGE), "--meeting", "topical_study", "--date", "2026-12-02"]
    out = tmp_path / "通知.txt"
    said = [*new, "-o", str(tmp_path / "表.docx"), "--notice", str(out)]
    assert main([*said, "--today", "2026-11-25"]) == 0
    assert "2026年11月25日" in out.read_text(encoding="utf-8")
    assert main([*new, "-o", str(tmp_path / "另.docx"), "--today", "2026-11-25"]) == EXIT_USAGE
    assert not (tmp_path / "另.docx").exists()


def test_the_hour_and_the_place_are_in_the_form_and_all_that_is_made_of_it(village, tmp_path) -> None:
    new = ["minutes", "new", str(VILLAGE), "--meeting", "topical_study", "--date", "2026-12-02"]
    out, notice, packet = tmp_path / "表.docx", tmp_path / "通知.txt", tmp_path / "材料.pdf"
    said = ["--time", "下午2点半", "--place", "村委会会议室"]
    assert main([*new, *said, "-o", str(out), "--notice", str(notice), "--packet", str(packet)]) == 0
    data = api.minutes_read(out.read_bytes())
    assert (data.get("started"), data.get("place")) == ("14时30分", "村委会会议室")
    assert "14时30分在村委会会议室召开" in notice.read_text(encoding="utf-8")
    assert sum("村委会会议室" in page for page in pages(packet.read_bytes())) >= 3  # notice, sign-in sheet, form
    assert main([*new, *said, "-o", str(tmp_path / "只有表.docx")]) == 0
    assert open_file(Unit(village), out, "表").state == BLANK  # a meeting that is only prepared was not held


def test_the_hour_and_the_place_are_judged_and_only_of_minutes(village) -> None:
    with pytest.raises(UsageError, match="不是开会的时间"):
        api.minutes_new(village, "topical_study", time="次日9时")
    with pytest.raises(UsageError, match="没有“地点”一栏"):
        api.minutes_new(village, "checklist_quarterly", place="会议室")


def test_what_is_not_known_is_a_blank(village) -> None:
    bare = api.minutes_new(village, "topical_study")
    text = api.minutes_notice(village, bare, format="txt").data.decode()
    assert "定于________年____月____日" in text and "在________________召开" in text


def test_only_minutes_have_a_notice(village) -> None:
    sheet = api.minutes_fill(village, {"表单": "checklist_quarterly"})
    with pytest.raises(UsageError, match="不是会议记录"):
        api.minutes_notice(village, sheet)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["school", "railway_depot", "village_small", "village_minimal"])
def test_every_meeting_has_a_notice_and_a_packet(name: str) -> None:
    unit = api.prepare(ROOT / "examples" / f"{name}.yaml")
    for meeting in unit.resolved.meetings.values():
        if meeting.minutes in {document.id for document in unit.built.set.documents}:
            form = api.minutes_new(unit, meeting.id, date="2026-12-02", time="9时", place="会议室")
            assert Form(form.document).data().get("place") == "会议室"
            notice = api.minutes_notice(unit, form).document
            assert meeting.name in notice.title and not any("（）" in line or "：。" in line for line in lines(notice))
    data = api.minutes_packet(unit, form, **SAID)
    assert len(pages(data)) >= 4 and data == api.minutes_packet(unit, form, **SAID)


def test_the_packet_has_all_papers_in_order(village, form, tmp_path) -> None:
    report = tmp_path / "报告.pdf"
    report.write_bytes(api.minutes_fill(village, RECORDS / "07-专题报告上半年.yaml", format="pdf").data)
    texts = pages(api.minutes_packet(village, form, enclose=[report], **SAID))
    heads = ["的通知", "议程", "会议签到表", "专题研究会议记录", "关于意识形态"]
    found = [next(number for number, text in enumerate(texts) if head in text[:60]) for head in heads]
    assert found == sorted(found) and found[0] == 0
    assert "丁某" in texts[found[2]] and "村委会会议室" in texts[found[2]]


def test_the_agenda_names_the_papers_that_are_brought(village, form) -> None:
    """The minutes that the meeting is going to write are none of them."""
    call = Call(Unit(VILLAGE), form.document)
    table = agenda(call).body[0]
    assert isinstance(table, Table)
    papers = {plain(row.cells[1].content[0]): plain(row.cells[4].content[0]) for row in table.rows[1:]}
    assert papers == {"传达落实上级部署": "—", "年度考核": "年度考核意见"}


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 nothing", b"PK\x03\x04", b"%PDF-1.7\n1 0 obj\n<<"])
def test_an_enclosed_file_that_is_no_pdf_is_named(village, form, tmp_path, data: bytes) -> None:
    bad = tmp_path / "材料.pdf"
    bad.write_bytes(data)
    with pytest.raises(FileError, match="材料.pdf"):
        api.minutes_packet(village, form, enclose=[bad])


def test_joining_keeps_the_bytes(village, form) -> None:
    one = api.minutes_notice(village, form, format="pdf", **SAID).data
    assert len(pages(joined([("一", one), ("二", one)]))) == 2 * len(pages(one))


# -- afterwards


def taken(folder: Path, *files: Path, **more):
    return api.minutes_take(VILLAGE, *files, out=folder / "会后", today="2026-11-25", **more)


@pytest.mark.slow
def test_one_command_takes_a_folder_to_everything(tmp_path) -> None:
    records = Path(shutil.copytree(RECORDS, tmp_path / "记录"))
    before = {path.name: path.read_bytes() for path in records.iterdir()}
    outcome = taken(tmp_path, records)
    assert not [one for one in outcome.taken if not one.accepted] and not outcome.added
    names = {path.name for path in (tmp_path / "会后").iterdir()}
    for ending in ("-纪要.docx", "-纪要（公开版）.docx", "-群消息.txt"):
        assert f"2026-06-10 专题研究会议记录（第2次）{ending}" in names
    assert "2026年履责台账.xlsx" in names
    assert {path.name: path.read_bytes() for path in records.iterdir()} == before
    again = taken(tmp_path, records)
    assert again.report.written == () and len(again.report.unchanged) == len(outcome.report.written)


def test_the_group_message_has_no_full_names(tmp_path) -> None:
    outcome = taken(tmp_path, RECORDS / "05-专题研究第2次.yaml")
    (name,) = [name for name in outcome.taken[0].files if name.endswith(".txt")]
    text = outcome.taken[0].files[name].decode()
    assert text.splitlines()[0] == "【意识形态工作专题研究会议】" and "应到5人，实到5人" in text
    assert "1．会议表决通过上半年工作（同意4票，不同意0票，弃权0票）。" in text


@pytest.mark.slow
def test_without_a_folder_of_records_only_the_files_beside_count(tmp_path) -> None:
    """The folders in the downloads folder are nobody's records; those of a folder that was named are."""
    inbox = tmp_path / "下载"
    (inbox / "别的").mkdir(parents=True)
    shutil.copy(RECORDS / "05-专题研究第2次.yaml", inbox / "会议.yaml")
    shutil.copy(RECORDS / "12-专题研究第3次.yaml", inbox / "别的")
    assert taken(tmp_path, inbox / "会议.yaml").register.scan.read == 1
    assert taken(tmp_path, inbox / "会议.yaml", records=inbox).register.scan.read == 2
    assert taken(tmp_path, inbox).register.scan.read == 2


@pytest.mark.slow
def test_a_record_from_elsewhere_is_kept_and_never_over_another(tmp_path) -> None:
    inbox, records = tmp_path / "下载", tmp_path / "记录"
    inbox.mkdir()
    source = inbox / "收到.yaml"
    source.write_bytes((RECORDS / "05-专题研究第2次.yaml").read_bytes())
    (kept,) = taken(tmp_path, source, records=records).added
    assert kept.name == "2026-06-10 专题研究会议记录（第2次）.yaml" and kept.read_bytes() == source.read_bytes()
    assert taken(tmp_path, source, records=records).added == ()
    source.write_text(source.read_text(encoding="utf-8").replace("村党群服务中心", "村小学"), encoding="utf-8")
    outcome = taken(tmp_path, source, records=records)
    assert [one.code for one in outcome.findings] == ["record_exists"]
    assert "村小学" not in kept.read_text(encoding="utf-8")


def quarter(folder: Path, number: int, **changes: str) -> Path:
    """Put a quarter's self-check into a folder under the name that clerks give it."""
    text = (RECORDS / f"{'03' if number == 1 else '08'}-自查第{number}季度.yaml").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "自查.yaml").write_text(text, encoding="utf-8")
    return folder / "自查.yaml"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("given", ["files", "folders"])
def test_two_files_of_one_name_are_told_apart_by_what_they_state(tmp_path, given) -> None:
    first, second = quarter(tmp_path / "一季度", 1), quarter(tmp_path / "二季度", 2)
    sources = (first, second) if given == "files" else (first.parent, second.parent)
    outcome = taken(tmp_path, *sources, records=tmp_path / "记录")
    assert not outcome.findings and [one.accepted for one in outcome.taken] == [True, True]
    names = sorted(path.name for path in outcome.added)
    assert len(names) == 2 and "2026年第1季度" in names[0] and "2026年第2季度" in names[1]
    assert {path.read_bytes() for path in outcome.added} == {first.read_bytes(), second.read_bytes()}
    again = taken(tmp_path, *sources, records=tmp_path / "记录")
    assert not again.added and not again.findings


def test_a_second_file_of_a_quarter_is_never_put_over_the_first(tmp_path) -> None:
    first, other = quarter(tmp_path / "一", 1), quarter(tmp_path / "二", 1, 庚某="甲某")
    outcome = taken(tmp_path, first, other, records=tmp_path / "记录")
    assert [one.code for one in outcome.findings] == ["meeting_twice"] and len(outcome.added) == 1
    later = taken(tmp_path, other, records=tmp_path / "记录")
    assert [one.code for one in later.findings] == ["record_exists"] and not later.added


def test_several_records_of_a_day_without_a_period_are_all_kept(tmp_path) -> None:
    unit = samples.village()
    form = unit.form("sheet_event")
    values = {name: samples.value_for(part) for name, part in form.fields.items()}
    sheets = []
    for number, theme in enumerate(("春节联欢", "读书会"), 1):
        path = tmp_path / str(number) / "活动.docx"
        path.parent.mkdir()
        path.write_bytes(samples.written(FormData("sheet_event", values={**values, "event_name": theme}), unit))
        sheets.append(path)
    outcome = taken(tmp_path, *sheets, records=tmp_path / "记录")
    assert all(one.accepted for one in outcome.taken), outcome.findings
    assert {path.read_bytes() for path in outcome.added} == {path.read_bytes() for path in sheets}
    assert len(outcome.added) == 2 and not taken(tmp_path, *sheets, records=tmp_path / "记录").added


def test_what_has_errors_goes_no_further(tmp_path) -> None:
    inbox = tmp_path / "收到"
    inbox.mkdir()
    shutil.copy(RECORDS / "05-专题研究第2次.yaml", inbox / "好.yaml")
    (inbox / "空表.docx").write_bytes(api.minutes_new(VILLAGE, "analysis").data)
    (inbox / "坏.docx").write_bytes(b"PK\x03\x04 broken")
    (inbox / "别的.docx").write_bytes((ROOT / "templates" / "notice.docx").read_bytes())
    outcome = taken(tmp_path, inbox)
    states = {Path(one.name).name: one.accepted for one in outcome.taken}
    assert states["好.yaml"] and not states["空表.docx"] and not states["坏.docx"]
    assert all(name.startswith(("2026-06-10", "2026年", "manifest", ".toolkit")) for name in
               (path.name for path in (tmp_path / "会后").iterdir()))  # fmt: skip


def test_the_same_meeting_twice_is_told(tmp_path) -> None:
    records = tmp_path / "记录"
    records.mkdir()
    text = (RECORDS / "05-专题研究第2次.yaml").read_text(encoding="utf-8")
    (records / "a.yaml").write_text(text, encoding="utf-8")
    (records / "b.yaml").write_text(text.replace("村党群服务中心", "村小学"), encoding="utf-8")
    assert "meeting_twice" in {one.code for one in taken(tmp_path, records).findings}


def test_an_edited_summary_is_not_replaced(tmp_path) -> None:
    taken(tmp_path, RECORDS / "05-专题研究第2次.yaml")
    message = tmp_path / "会后" / "2026-06-10 专题研究会议记录（第2次）-群消息.txt"
    message.write_text("改过", encoding="utf-8")
    with pytest.raises(api.Refused, match="群消息"):
        taken(tmp_path, RECORDS / "05-专题研究第2次.yaml")
    assert message.read_text(encoding="utf-8") == "改过"


def test_two_commands_from_nothing_to_the_register(tmp_path, capsys) -> None:
    form, out = tmp_path / "专题研究.docx", tmp_path / "会后"
    new = ["minutes", "new", str(VILLAGE), "--meeting", "topical_study", "-o", str(form), "--date", "2026-12-02"]
    assert main([*new, "--notice", str(tmp_path / "通知.docx"), "--packet", str(tmp_path / "材料.pdf")]) == 0
    shown = capsys.readouterr().out
    assert "通知.docx" in shown and "材料.pdf" in shown and "toolkit minutes take" in shown
    filled = tmp_path / "已填.yaml"
    shutil.copy(RECORDS / "05-专题研究第2次.yaml", filled)
    assert main(["minutes", "take", str(VILLAGE), str(filled), "-o", str(out), "--today", "2026-11-25"]) == 0
    shown = capsys.readouterr().out
    assert "已收下" in shown and "纪要（公开版）" in shown and "台账：" in shown
    assert main([*new, "--enclose", "x.pdf", "--force"]) == 2
