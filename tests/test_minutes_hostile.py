"""What a clerk or a hostile tester tries at the commands of minutes: nothing is lost, written or believed by mistake."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from lxml import etree
from minutes_samples import GOOD, VILLAGE, changed, good, read_back, value_for, village, with_row, written

from toolkit.cli import cli
from toolkit.core.findings import EXIT_FILES, EXIT_FINDINGS, EXIT_OK, EXIT_USAGE
from toolkit.docx.reading.package import MAIN, tag
from toolkit.forms import FormData, FormRow, to_yaml
from toolkit.minutes import asking

RECORDS = ROOT / "examples/records"
LEADER = "党支部书记"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Return a function that runs a command in an empty folder: (exit code, output and errors)."""
    monkeypatch.chdir(tmp_path)

    def work(*args: object) -> tuple[int, str]:
        try:
            code = cli.main([str(arg) for arg in args], standalone_mode=False)
        except SystemExit as stop:
            code = stop.code
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return work


def put(name: str, data=GOOD) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(data) if path.suffix == ".docx" else to_yaml(data).encode())
    return path


def take(run, *files: object, today: str = "2026-03-10", **more: object) -> tuple[int, str]:
    options = [part for name, value in more.items() for part in (f"--{name}", value)]
    return run("minutes", "take", VILLAGE, *files, "-o", "会后", "--today", today, *options)


def below_quorum():
    """Return a meeting to which one of four voters came, and that decided all the same."""
    rows = [
        FormRow({**row.values, **({"status": "到会"} if not number else {"status": "缺席", "absent_for": "不详"})})
        for number, row in enumerate(GOOD.tables["attendance"])
    ]
    few = good(present="1", present_voting="1", quorum_met="没有达到")
    return replace(few, tables={**few.tables, "attendance": tuple(rows), "votes": ()})


# -- take


def test_take_names_what_may_be_a_name_in_the_public_version(run):
    put("a.yaml", with_row("resolutions", 1, decided="请村民郑小红协助修缮宣传栏"))
    code, shown = take(run, "a.yaml")
    assert code == EXIT_OK and "likely_name" in shown and "郑小红" in shown


def test_the_group_message_reduces_names_and_numbers_of_the_place(run):
    put("a.yaml", good(place="甲某某家中，电话13812345678", observers="甲某某（村民）"))
    take(run, "a.yaml")
    (message,) = Path("会后").glob("*群消息.txt")
    text = message.read_text(encoding="utf-8")
    assert "13812345678" not in text
    put("b.yaml", good(place="郑小红家中", observers="郑小红（村民）"))
    shutil.rmtree("会后")
    take(run, "b.yaml")
    (message,) = Path("会后").glob("*群消息.txt")
    assert "郑小红" not in message.read_text(encoding="utf-8")


def test_a_meeting_below_its_quorum_has_no_summary_and_no_message(run):
    put("来/a.yaml", below_quorum())
    code, shown = take(run, "来/a.yaml", records="记录")
    assert code == EXIT_OK and "召开，但未达到法定人数" in shown and len(list(Path("记录").iterdir())) == 1
    assert not list(Path("会后").glob("*纪要*")) and not list(Path("会后").glob("*群消息*"))


def test_summary_goes_by_the_same_rule_as_take(run):
    decided = replace(below_quorum(), tables={**below_quorum().tables, "resolutions": GOOD.tables["resolutions"]})
    for name, data in {"a.yaml": decided, "b.docx": below_quorum()}.items():
        put(name, data)
        for more in ((), ("--public",)):
            code, shown = run("minutes", "summary", VILLAGE, name, "-o", "纪要.docx", *more)
            assert code == EXIT_FINDINGS and "召开，但未达到法定人数，没有写纪要" in shown
            assert not Path("纪要.docx").exists()
    put("c.yaml")
    assert run("minutes", "summary", VILLAGE, "c.yaml", "-o", "纪要.docx")[0] == EXIT_OK


def test_another_units_form_is_not_taken(run):
    Path("别村.yaml").write_text(VILLAGE.read_text(encoding="utf-8").replace("柳河村", "杨树村"), encoding="utf-8")
    put("a.yaml")
    assert run("minutes", "fill", "别村.yaml", "a.yaml", "-o", "来.docx")[0] == EXIT_OK
    code, shown = take(run, "来.docx", records="记录")
    assert code == EXIT_FINDINGS and "other_unit" in shown and "没有收下" in shown
    assert not list(Path("记录").iterdir()) and not list(Path("会后").glob("*纪要*"))


def test_take_stops_at_a_path_that_is_not_there(run):
    code, shown = take(run, "没有的文件夹")
    assert code == EXIT_FILES and "找不到" in shown and not Path("会后").exists()


def test_take_says_that_there_was_nothing_to_take(run):
    Path("空").mkdir()
    code, shown = take(run, "空")
    assert code == EXIT_OK and "没有找到填好的表" in shown


def test_take_with_a_new_folder_of_records_and_nothing_to_keep_shows_what_is_wrong(run):
    put("来/a.yaml", good(started=""))
    code, shown = take(run, "来/a.yaml", records="记录")
    assert code == EXIT_FINDINGS and "required_empty" in shown


def test_one_record_as_yaml_and_as_docx_is_taken_once(run):
    put("一/表.yaml"), put("二/表.docx")
    code, shown = take(run, "一/表.yaml", "二/表.docx", records="记录")
    assert code == EXIT_OK and "内容相同，只收一份" in shown and len(list(Path("记录").iterdir())) == 1
    code, shown = take(run, "二/表.docx", records="记录")
    assert code == EXIT_OK and len(list(Path("记录").iterdir())) == 1


def test_two_different_records_of_one_session_are_named_whatever_their_format(run):
    put("一/表.yaml"), put("二/表.docx", good(dissent="有人不同意"))
    code, shown = take(run, "一/表.yaml", "二/表.docx", records="记录")
    assert code == EXIT_FINDINGS and "只用先读到的 一/表.yaml" in shown
    code, shown = take(run, "二/表.docx", records="记录")
    assert code == EXIT_FINDINGS and "record_exists" in shown and len(list(Path("记录").iterdir())) == 1


def test_a_record_beside_another_name_of_the_same_session_is_told(run):
    put("记录/旧的.yaml", good(dissent="有人不同意")), put("来/表.docx")
    code, shown = take(run, "来/表.docx", records="记录")
    assert code == EXIT_FINDINGS and "meeting_twice" in shown and "旧的.yaml" in shown


def test_a_meeting_that_was_not_held_yet_is_told(run):
    put("a.yaml")
    assert "date_ahead" in take(run, "a.yaml", today="2026-01-10")[1]


# -- check and register


def test_a_folder_without_forms_is_not_said_to_be_in_order(run):
    Path("空").mkdir()
    code, shown = run("minutes", "check", VILLAGE, "空")
    assert code == EXIT_OK and "文件夹里没有填好的表" in shown
    run("minutes", "new", VILLAGE, "--meeting", "topical_study", "-o", "空/表.docx")
    assert "文件夹里只有空白表" in run("minutes", "check", VILLAGE, "空")[1]


def test_a_finding_says_the_path_of_a_file_once(run):
    Path("a.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), put("b.yaml")
    for shown in (run("minutes", "check", VILLAGE, "a.doc", "b.yaml")[1], take(run, "a.doc", "b.yaml")[1]):
        (line,) = (line for line in shown.splitlines() if "foreign_format" in line)
        assert line.count("a.doc") == 1


def test_a_record_in_another_encoding_is_a_problem(run):
    put("记录/a.yaml").write_bytes(to_yaml(GOOD).encode("utf-16")[:-1])
    assert "encoding_unknown" in run("register", VILLAGE, "记录", "--today", "2026-11-25")[1]
    assert "encoding_unknown" in run("minutes", "check", VILLAGE, "记录")[1]


def test_a_record_as_docx_and_as_yaml_is_one_record(run):
    put("记录/a.yaml"), put("记录/b.docx")
    code, shown = run("register", VILLAGE, "记录", "--today", "2026-04-01")
    assert code == EXIT_OK and "内容相同，只算一份" in shown


def test_a_report_whose_period_ends_before_it_begins_proves_nothing(run):
    text = (RECORDS / "07-专题报告上半年.yaml").read_text(encoding="utf-8")
    Path("记录").mkdir()
    text = text.replace("（from_on）: '2026-06-18'", "（from_on）: '2026-06-30'")
    Path("记录/a.yaml").write_text(text.replace("（to_on）: '2026-06-18'", "（to_on）: '2026-01-01'"), encoding="utf-8")
    code, shown = run("register", VILLAGE, "记录", "--today", "2026-11-25")
    assert code == EXIT_FINDINGS and "period_stated" in shown and "截止日期早于起始日期" in shown


# -- new


def test_new_writes_nothing_where_one_of_its_files_is_in_the_way(run):
    Path("通知.txt").write_text("别的", encoding="utf-8")
    new = ("minutes", "new", VILLAGE, "--meeting", "topical_study", "-o", "表.docx")
    code, shown = run(*new, "--notice", "通知.txt")
    assert code == EXIT_FINDINGS and "通知.txt 已存在" in shown and not Path("表.docx").exists()
    code, shown = run(*new, "--notice", "表.docx")
    assert code == EXIT_USAGE and not Path("表.docx").exists()


def test_an_enclosure_that_is_no_pdf_is_said_in_chinese_only(run):
    Path("a.pdf").write_bytes(b"hello")
    new = ("minutes", "new", VILLAGE, "--meeting", "topical_study", "-o", "表.docx")
    code, shown = run(*new, "--packet", "材料.pdf", "--enclose", "a.pdf")
    assert code == EXIT_FILES and "不能装订" in shown and "header" not in shown and "EOF" not in shown


# -- reading


def edited(data: bytes, change) -> bytes:
    """Return a DOCX whose main part was changed."""

    def work(part: bytes) -> bytes:
        root = etree.fromstring(part)
        change(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

    return changed(data, MAIN, work)


def test_a_changed_head_of_a_table_is_called_its_head():
    def delete(root):
        text = next(node for node in root.iter(tag("t")) if node.text == "完成时限")
        text.text = ""

    (found,) = read_back(edited(written(), delete)).findings
    assert found.code == "printed_text_changed" and "表头" in found.message and "第0行" not in found.message


def struck(text: str, on: bool = True) -> etree._Element:
    space = etree.fromstring(f'<x xmlns:w="{tag("x")[1:-2]}"/>').nsmap["w"]
    strike = "<w:rPr><w:strike/></w:rPr>" if on else ""
    return etree.fromstring(f'<w:r xmlns:w="{space}">{strike}<w:t xml:space="preserve">{text}</w:t></w:r>')


@pytest.mark.parametrize(
    ("parts", "chosen"),
    [
        (["□到会　", "-□请假", "　", "-□缺席"], "到会"),
        (["到会　", "-请假　缺席"], "到会"),
        (["☑到会　", "-□请假　□缺席"], "到会"),
        (["-□到会", "　□请假　□缺席"], ""),
        (["-☑到会", "　□请假　□缺席"], ""),
        (["-□到会　□请假　□缺席"], ""),
        (["☑到会　", "-□请假（事假）", "　□缺席"], ""),
    ],
)
def test_options_that_are_struck_through_are_not_chosen(parts, chosen):
    """划去不适用的: the one that is left is the choice; where that is not clear, it is a finding and never a guess."""

    def strike(root):
        control = next(
            node
            for node in root.iter(tag("sdt"))
            if node.find(f"{tag('sdtPr')}/{tag('tag')}").get(tag("val")) == "attendance_1_status"
        )
        runs = [struck(part.removeprefix("-"), part.startswith("-")) for part in parts]
        for run_of in runs:
            control.addprevious(run_of)
        control.getparent().remove(control)

    read = read_back(edited(written(), strike))
    value = read.tables["attendance"][0].values.get("status", "")
    assert value == chosen if chosen else [one.code for one in read.findings] == ["bad_choice"], (value, read.findings)


def test_two_reports_of_one_group_are_told_however_it_is_written(run):
    form = village().form("record_subunit_report")
    must = {name: value_for(part) for name, part in form.fields.items() if part.required}
    work = (FormRow({name: value_for(part) for name, part in form.tables["work"].fields.items()}),)
    for name, group in (("a.yaml", "一组"), ("b.yaml", "第1村民小组")):
        days = dict.fromkeys(("written_on", "sent_on", "received_on"), "2026-06-10")
        values = {**must, **days, "group": group, "year": "2026", "quarter": "二"}
        put(f"记录/{name}", FormData("record_subunit_report", "village", "", "", values, {"work": work}))
    assert "meeting_twice" in run("register", VILLAGE, "记录", "--today", "2026-11-25")[1]


def test_the_number_of_invalid_votes_may_be_counted_in_sheets(run):
    put("a.yaml", with_row("votes", 1, agree="2", invalid="1张", way="无记名投票"))
    assert "bad_number" not in run("minutes", "check", VILLAGE, "a.yaml")[1]


def test_a_name_with_blanks_before_an_address_is_likely(run):
    put("a.yaml", with_row("resolutions", 1, decided="同意接收王 小 明同志为入党积极分子"))
    code, shown = run("minutes", "summary", VILLAGE, "a.yaml", "--public", "-o", "纪要.txt")
    assert code == EXIT_OK and "likely_name" in shown


def test_a_form_is_called_by_its_title_everywhere(run):
    new = ("minutes", "new", VILLAGE, "--meeting", "专题研究会议记录", "-o", "a.docx")
    assert run(*new)[0] == EXIT_OK
    put("a.yaml").write_text(to_yaml(GOOD).replace("表单: minutes_topical_study\n", ""), encoding="utf-8")
    fill = ("minutes", "fill", VILLAGE, "a.yaml", "-o", "b.docx")
    assert run(*fill, "--meeting", "专题研究会议记录")[0] == EXIT_OK


def test_data_that_do_not_say_which_form_they_are_of(run):
    Path("a.yaml").write_text("填写:\n  地方: 会议室\n", encoding="utf-8")
    code, shown = run("minutes", "check", VILLAGE, "a.yaml")
    assert code == EXIT_FINDINGS and "没有写明是哪份表" in shown and "表单: " in shown
    code, shown = run("minutes", "fill", VILLAGE, "a.yaml", "-o", "b.docx")
    assert code == EXIT_USAGE and "表单: " in shown and "编号" not in shown


@pytest.mark.slow
def test_take_passes_over_what_it_made_and_forms_that_are_only_prepared(run):
    put("记录/a.yaml")
    run("minutes", "new", VILLAGE, "--meeting", "analysis", "-o", "记录/下次.docx")
    for _ in range(2):
        options = ("-o", "记录/会后", "--today", "2026-03-10")
        code, shown = run("minutes", "take", VILLAGE, "记录", *options)
        assert code == EXIT_OK and "空白表，还没有填写" in shown and "不能读取" not in shown and "没有处理" not in shown


def test_one_file_that_is_named_twice_is_one_file(run):
    put("记录/a.yaml")
    assert run("minutes", "check", VILLAGE, "记录", "记录/a.yaml")[0] == EXIT_OK
    code, shown = take(run, "记录/a.yaml", "记录")
    assert code == EXIT_OK and "meeting_twice" not in shown


def test_a_printed_row_is_asked_for_by_its_number_once():
    told: list[str] = []
    asking.answers(village(), "topical_study", lambda question: "", told.append)
    assert any(line.strip() == "1. 丁某 党支部书记、村民委员会主任 有" for line in told)


def test_what_they_did_may_be_written_behind_a_name(run):
    put("a.yaml", with_row("votes", 1, agree="2", recused="甲某（宣传委员）回避"))
    assert "vote_absence" not in run("minutes", "check", VILLAGE, "a.yaml")[1]


def test_nobody_counts_less_than_no_voters(run):
    put("a.yaml", with_row("votes", 1, agree="0", recused="9人"))
    code, shown = run("minutes", "check", VILLAGE, "a.yaml")
    assert code == EXIT_FINDINGS and "vote_absence" in shown and "-6" not in shown


def test_a_vote_without_enough_people_is_no_meeting_without_quorum(run):
    left = with_row("partly", 1, partly_name="戊某、甲某", left_at="10时")
    put("记录/a.yaml", with_row("votes", 1, left, agree="1", away="戊某、甲某", passed="没有通过"))
    assert "quorum_missed" in run("minutes", "check", VILLAGE, "记录/a.yaml")[1]
    assert "below_quorum" not in run("register", VILLAGE, "记录", "--today", "2026-04-01")[1]


def test_a_row_without_a_place_is_named_by_what_the_form_prints(run):
    twice = replace(GOOD, tables={**GOOD.tables, "agenda": (FormRow({"result": "甲"}, "topical_study"),) * 2})
    put("a.yaml", twice)
    code, shown = run("minutes", "fill", VILLAGE, "a.yaml", "-o", "a.docx")
    assert code == EXIT_OK and "“议程”里“专题研究”写了两行" in shown and "topical_study" not in shown


@pytest.mark.parametrize(
    ("written_as", "wrong"), [("（星期四）", False), ("（星期五）", True), ("周四", False), ("星期日", True)]
)
def test_a_weekday_that_the_date_is_not_is_told(run, written_as, wrong):
    put("a.yaml", good(held_on=f"2026年3月5日{written_as}"))
    assert ("bad_date" in run("minutes", "check", VILLAGE, "a.yaml")[1]) == wrong
