"""Filled forms as clerks leave them: text beside the controls, rows added anywhere, flattened files, changed printed lines."""

from __future__ import annotations

import copy
import io
import random
import re
import zipfile

import pytest
from conftest import ROOT
from form_markers import element, run, unwrap, with_main
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from minutes_samples import GOOD, content, good, read_back, village, written

from toolkit.core.findings import FileError
from toolkit.docx.reading import filled_forms as reader
from toolkit.docx.reading.form_report import Report
from toolkit.docx.reading.package import tag
from toolkit.forms import FormData, FormRow, normalise
from toolkit.forms import blueprint as blueprints
from toolkit.forms.blueprint import Slot, squeezed
from toolkit.forms.values import PROMPT, Unclear
from toolkit.minutes import files, making, reading
from toolkit.minutes.register import register
from toolkit.minutes.unit import Unit

CUSTOM = "customXml/item1.xml"


def control(root: etree._Element, name: str) -> etree._Element:
    return next(one.getparent().getparent() for one in root.iter(tag("tag")) if one.get(tag("val")) == name)


def cell(root: etree._Element, name: str) -> etree._Element:
    return next(control(root, name).iterancestors(tag("tc")))


def row(root: etree._Element, name: str) -> etree._Element:
    return next(control(root, name).iterancestors(tag("tr")))


def paragraph(*texts: str) -> etree._Element:
    made = element("<w:p/>")
    made.extend(map(run, texts))
    return made


def without(data: bytes, part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            if not info.filename.startswith(part):
                new.writestr(info.filename, old.read(info))
    return out.getvalue()


def empty() -> bytes:
    return making.write(village(), village().documents["minutes_topical_study"], "docx")


def plain_row(like: etree._Element, *texts: str) -> etree._Element:
    """Return a row of the same cells without controls."""
    fresh = copy.deepcopy(like)
    for own, text in zip(fresh.iter(tag("tc")), texts, strict=True):
        for old in own.findall(tag("p")):
            own.remove(old)
        own.append(paragraph(text))
    return fresh


def codes(data) -> list[str]:
    return [one.code for one in data.findings]


# --- text beside the controls (Seen 1, 2) -------------------------------------------------------------------------

ONE_BY_ONE = {
    "place": "村会议室",
    "chair": "丁某",
    "observers": "辛某",
    "held_on": "2026年3月5日",
    "started": "9:30",
    "expected": "5",
    "quorum_met": "达到",
    "discussion": "甲某：同意。",
    "resolutions_1_decided": "核对账号",
    "votes_1_agree": "3",
    "votes_1_passed": "通过",
    "papers": "通知1份",
}


@pytest.mark.parametrize("way", ["before", "behind", "instead", "paragraph"])
def test_text_outside_the_control_is_the_fields(way):
    """Typed with the cursor at the end of the cell, at its start, in place of the control, after Enter."""

    def change(root):
        for name, text in ONE_BY_ONE.items():
            own = control(root, name)
            if way == "before":
                own.addprevious(run(text))
            elif way == "paragraph" and name not in ("expected", "papers"):
                cell(root, name).append(paragraph(text))
            else:
                own.addnext(run(text))
                if way == "instead":
                    own.getparent().remove(own)

    back = read_back(with_main(empty(), change))
    wanted = {"held_on": "2026-03-05", "started": "9时30分"}
    for name, text in ONE_BY_ONE.items():
        if "_1_" not in name:
            assert back.get(name) == wanted.get(name, text), name
    assert back.tables["resolutions"][0].values == {"decided": "核对账号"}
    assert back.tables["votes"][0].values == {"agree": "3", "passed": "通过"}
    assert not codes(back)


def test_further_paragraphs_of_a_cell_are_read():
    def change(root):
        for text in ("第二段", "第三段", "第四段"):
            cell(root, "discussion").append(paragraph(text))

    back = read_back(with_main(written(), change))
    assert back.get("discussion") == GOOD.get("discussion") + "\n第二段\n第三段\n第四段"


def test_text_in_a_control_that_still_shows_its_prompt():
    def change(root):
        next(control(root, "place").iter(tag("t"))).text = "村会议室"

    data = with_main(empty(), change)
    assert read_back(data).get("place") == "村会议室" and b"showingPlcHdr" in zipfile.ZipFile(io.BytesIO(data)).read(
        "word/document.xml"
    )


@pytest.mark.parametrize("place", range(5))
def test_text_typed_into_the_prompt(place):
    def change(root):
        text = next(one for one in control(root, "place").iter(tag("t")) if one.text == PROMPT)
        text.text = PROMPT[:place] + "村会议室" + PROMPT[place:]

    assert read_back(with_main(empty(), change)).get("place") == "村会议室"


def test_the_words_of_the_prompt_elsewhere_are_text():
    for text in ("按要求填写", "填写登记表", "请点此填写后再报"):
        assert reader.read(written(good(place=text))).get("place") == text


def test_several_fields_in_a_line_are_told_by_the_printed_words():
    def change(root):
        for name, text in (("year", "2026"), ("ordinal", "3")):
            own = control(root, name)
            own.addnext(run(text))
            own.getparent().remove(own)

    back = read_back(with_main(empty(), change))
    assert (back.get("year"), back.get("ordinal")) == ("2026", "3")


def test_what_is_behind_the_last_printed_word_is_named():
    def change(root):
        cell(root, "year").find(tag("p")).append(run("（补开）"))

    (finding,) = reader.read(with_main(written(), change)).findings
    assert finding.code == "text_not_read" and "（补开）" in finding.message and "会议次数" in finding.message


# --- rows (Seen 3) ------------------------------------------------------------------------------------------------

DECIDED = {"decided": "新增事项", "duty_post": "村文书", "finish_by": "2026-05-01", "overseer": "宣传委员"}
TYPED = ("", "新增事项", "村文书", "2026年5月1日", "宣传委员")


@pytest.mark.parametrize("where", ["above the first", "below the first", "at the end"])
def test_a_plain_row_anywhere_is_read_by_the_columns(where):
    def change(root):
        first = row(root, "resolutions_1_decided")
        fresh = plain_row(first, *TYPED)
        if where == "above the first":
            first.addprevious(fresh)
        elif where == "below the first":
            first.addnext(fresh)
        else:
            row(root, "resolutions_4_decided").addnext(fresh)

    back = read_back(with_main(written(), change))
    assert DECIDED in [dict(one.values) for one in back.tables["resolutions"]] and not codes(back)
    assert [
        dict(one.values) for one in back.tables["resolutions"] if one.values.get("decided") != "新增事项" and one
    ] == [dict(one.values) for one in GOOD.tables["resolutions"]]


def test_a_table_of_plain_rows_is_read_and_stands_in_the_summary():
    def change(root):
        for number in range(1, 5):
            own = row(root, f"resolutions_{number}_decided")
            own.addnext(plain_row(own, *(TYPED if number == 1 else [""] * 5)))
            own.getparent().remove(own)

    data = with_main(written(), change)
    back = read_back(data)
    assert [dict(one.values) for one in back.tables["resolutions"]] == [DECIDED] and not codes(back)
    made = files.summary(village(), files.check_data(village(), reading.read(data), "x.docx")[0])
    assert "新增事项" in zipfile.ZipFile(io.BytesIO(made.data)).read("word/document.xml").decode()


def test_a_table_without_its_controls_typed_beside_the_first():
    """The clerk copied the table as plain text below it."""

    def change(root):
        table = next(row(root, "resolutions_1_decided").iterancestors(tag("tbl")))
        fresh = copy.deepcopy(table)
        for own in list(fresh.iter(tag("sdt"))):
            own.getparent().remove(own)
        first = fresh.findall(tag("tr"))[1]
        first.addprevious(plain_row(first, *TYPED))
        table.addnext(fresh)
        table.addnext(element("<w:p/>"))

    back = read_back(with_main(written(), change))
    assert DECIDED in [dict(one.values) for one in back.tables["resolutions"]] and not codes(back)


# --- choices (Seen 4, 6) ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "options", "kept"),
    [
        ("到会☑ 请假☐ 缺席☐", ("到会", "请假", "缺席"), "到会"),
        ("到会☐ 请假☑ 缺席☐", ("到会", "请假", "缺席"), "请假"),
        ("到会☑请假☐缺席☐", ("到会", "请假", "缺席"), "到会"),
        ("☑到会 ☐请假 ☐缺席", ("到会", "请假", "缺席"), "到会"),
        ("☑到会☐请假☐缺席", ("到会", "请假", "缺席"), "到会"),
        ("有☑无☐", ("有", "无"), "有"),
        ("有☐无☑", ("有", "无"), "无"),
        ("通过☑ 没有通过☐", ("通过", "没有通过"), "通过"),
        ("☐通过　☑没有通过", ("通过", "没有通过"), "没有通过"),
        ("☐有√　☐无", ("有", "无"), "有"),
        ("☐有　☐无√", ("有", "无"), "无"),
        ("有√　无", ("有", "无"), "有"),
        ("有　√无", ("有", "无"), "无"),
        ("有√", ("有", "无"), "有"),
        ("√有", ("有", "无"), "有"),
        ("☑到会　请假　□缺席", ("到会", "请假", "缺席"), "到会"),
        ("□2　□1　☑0　□不计分", ("2", "1", "0", "不计分"), "0"),
        ("□有　□无", ("有", "无"), ""),
    ],
)
def test_the_row_as_a_whole_tells_which_option_is_ticked(typed, options, kept):
    assert normalise("choice", typed, options) == kept


#: Ways in which clerks mark 到会 among 到会, 请假, 缺席; ``{}`` stands for an option that is not chosen.
MARKS = [
    ("（√）{0}　（ ）{1}　（ ）{2}", "brackets before"),
    ("(✓){0} ( ){1} ( ){2}", "narrow brackets"),
    ("{0}（√）{1}（ ）{2}（ ）", "brackets behind"),
    ("{0}(√)、{1}( )、{2}( )", "with separators"),
    ("[x]{0} [ ]{1} [ ]{2}", "as in a text file"),
    ("【√】{0}【】{1}【】{2}", "square brackets"),
    ("（是）{0}（否）{1}（否）{2}", "words in brackets"),
    ("✅{0} ☐{1} ☐{2}", "green tick"),
    ("☑️{0} ☐{1} ☐{2}", "with a variation selector"),
    ("◉{0} ○{1} ○{2}", "radio button"),
    ("⊙{0} ○{1} ○{2}", "dotted circle"),
    ("●{0} ○{1} ○{2}", "full circle"),
    ("{0}● {1}○ {2}○", "full circle behind"),
    ("☒{0} ☐{1} ☐{2}", "crossed box"),
    ("■{0} □{1} □{2}", "black square"),
    ("★{0} ☆{1} ☆{2}", "star"),
    ("☑{0}、☐{1}、☐{2}。", "as a sentence"),
    ("☑{0}/☐{1}/☐{2}", "strokes"),
    ("□√{0} □{1} □{2}", "a tick beside its box"),
    ("{0}√□ {1}□ {2}□", "a tick beside its box behind"),
    ("√{0} ×{1} ×{2}", "crosses say no"),
    ("☑{0} ☒{1} ☒{2}", "crossed boxes beside a tick"),
    ("V{0} □{1} □{2}", "a letter"),
    ("{0} v {1} {2}", "a letter between blanks"),
]


@pytest.mark.parametrize("chosen", [0, 1, 2])
@pytest.mark.parametrize("row", [row for row, _ in MARKS[:-1]], ids=[name for _, name in MARKS[:-1]])
def test_marks_of_every_kind_are_told_by_their_place(row, chosen):
    options = ("到会", "请假", "缺席")
    marks = re.split(r"\{\d\}", row)
    before = marks[1].strip("　 、/。") == marks[2].strip("　 、/。")
    first, other = (
        (marks[0], marks[1].lstrip("　 、/")) if before else (marks[1].rstrip("　 、/"), marks[3].rstrip("。"))
    )
    cells = [
        (first if place == chosen else other) + option if before else option + (first if place == chosen else other)
        for place, option in enumerate(options)
    ]
    assert normalise("choice", row.format(*options), options) == "到会"
    gap = "" if "（" in row or "【" in row else " "
    assert normalise("choice", gap.join(cells), options) == options[chosen], cells


@pytest.mark.parametrize("typed", ["（到会）", "“到会”", "到会。", "(√)到会", "到会（√）", "✅到会", "到会 v"])
def test_an_option_alone_may_have_marks_and_points_around_it(typed):
    assert normalise("choice", typed, ("到会", "请假", "缺席")) == "到会"


@pytest.mark.parametrize(
    "typed",
    [
        "×到会 请假 缺席",
        "×到会 ×请假 缺席",
        "☒到会 ☑请假 ☐缺席",
        "（√）到会（√）请假（ ）缺席",
        "（公）到会（ ）请假（ ）缺席",
        "到会（√）请假 缺席（ ）",
        "√（到会、请假）",
        "到会、请假",
        "vip到会 □请假 □缺席",
        "（√）",
    ],
)
def test_marks_that_can_be_read_in_two_ways_are_never_guessed(typed):
    with pytest.raises(Unclear):
        normalise("choice", typed, ("到会", "请假", "缺席"))


@pytest.mark.parametrize("typed", ["（√）", "[x]", "✅", "☒", "(✓)", "√"])
def test_a_tick_may_stand_in_brackets(typed):
    assert normalise("check", typed) == "是" and normalise("check", "（ ）") == normalise("check", "☐") == ""


@pytest.mark.parametrize(
    "typed", ["有√无", "☐有√☐无", "☑有☑无", "☑有　☑无", "有　无", "☑", "□有", "☐有 √ ☐无", "☑有　□无另议", "√有√"]
)
def test_an_unclear_choice_is_never_guessed(typed):
    with pytest.raises(Unclear):
        normalise("choice", typed, ("有", "无"))


SYMBOLS = {
    "w:sym": '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>',
    "a letter of Wingdings 2": '<w:r><w:rPr><w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/></w:rPr><w:t>R</w:t></w:r>',
}


@pytest.mark.parametrize("symbol", SYMBOLS.values(), ids=SYMBOLS)
def test_symbols_are_ticks(symbol):
    def change(root):
        holder = control(root, "quorum_met").find(tag("sdtContent"))
        for child in list(holder):
            holder.remove(child)
        holder.append(element(symbol))
        holder.append(run("达到　□没有达到"))

    assert read_back(with_main(empty(), change)).get("quorum_met") == "达到"


# --- what was lost without a word (Seen 6) ------------------------------------------------------------------------


def test_a_second_control_of_a_field_in_a_row_is_named():
    def change(root):
        own = control(root, "resolutions_1_decided")
        twin = copy.deepcopy(own)
        next(one for one in twin.iter(tag("t")) if one.text).text = "另一件事"
        own.addnext(twin)

    back = reader.read(with_main(written(), change))
    assert codes(back) == ["duplicate_field"] and "另一件事" in back.findings[0].message


def test_an_optional_cell_typed_anew_without_control_is_read():
    def change(root):
        own = cell(root, "attendance_4_absent_for")
        for child in own.findall(tag("p")):
            own.remove(child)
        own.append(paragraph("病假"))

    back = read_back(with_main(written(), change))
    assert back.tables["attendance"][3].values["absent_for"] == "病假"


def test_a_nested_table_does_not_run_together():
    def change(root):
        table = element("<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>")
        for own, text in zip(table.iter(tag("p")), ("甲项", "乙项"), strict=True):
            own.append(run(text))
        cell(root, "discussion").insert(1, table)

    assert "甲项\n乙项" in read_back(with_main(empty(), change)).get("discussion")


def test_a_picture_of_a_signature_beside_its_control():
    def change(root):
        control(root, "chair_sign").addnext(element("<w:r><w:drawing/></w:r>"))

    assert read_back(with_main(empty(), change)).get("chair_sign") == "〔图片〕"


# --- printed lines ------------------------------------------------------------------------------------------------


def sheet() -> bytes:
    return making.write(village(), village().documents["checklist_inspection"], "docx")


def test_a_deleted_line_of_the_scoring_sheet_is_told():
    def change(root):
        own = row(root, "setup_3_mark")
        own.getparent().remove(own)

    (finding,) = reader.read(with_main(sheet(), change)).findings
    assert finding.code == "printed_text_changed" and "被删去" in finding.message


def test_an_altered_line_is_told_with_both_words():
    def change(root):
        text = next(one for one in root.iter(tag("t")) if one.text == "印发通知和制度文本")
        text.text = "印发通知"

    (finding,) = reader.read(with_main(sheet(), change)).findings
    assert finding.code == "printed_text_changed" and "“印发通知和制度文本”改成了“印发通知”" in finding.message


LONG = "由村党支部书记主持，核对全年的账号、阵地和培训，逐项写明结果和依据，没有完成的写明原因、责任岗位和补齐的日期；"


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        (
            LONG * 2 + "会后归档。",
            LONG * 2 + "会后三日内归档。",
            "加了“三日内”，现在是“……补齐的日期；会后三日内归档。”",
        ),
        (LONG * 2, LONG * 2 + "请家属签字。", "加了“请家属签字。”，现在是“……位和补齐的日期；请家属签字。”"),
        ("甲：" + LONG * 2, LONG * 2, "删去了“甲：”，原来是“甲：由村党支部书记主……”"),
        (
            LONG + LONG,
            LONG.replace("全年", "上半年") + LONG.replace("补齐", "补办"),
            (
                "“……部书记主持，核对全年的账号、阵地和培……”改成了“……部书记主持，核对上半年的账号、阵地和培……”；"
                "“……因、责任岗位和补齐的日期；”改成了“……因、责任岗位和补办的日期；”"
            ),
        ),
    ],
)
def test_a_change_in_a_long_text_is_quoted_with_what_is_around_it(was, now, says):
    report = Report()
    report.altered(was, now, "表格")
    assert report.findings[0].message == f"表格印好的“{was[:60]}……（共{len(was)}字）”有改动：{says}"


@given(st.integers(0, 2 * len(LONG)), st.text("主持核对全年的账号、；", min_size=1, max_size=30), st.integers(0, 20))
@settings(max_examples=150, deadline=None)
def test_what_was_typed_into_a_long_text_is_in_the_finding(place, typed, gone):
    """Also where it has the characters of the text around it, and printed ones went in its place."""
    was = LONG * 2
    now = was[:place] + typed + was[place + gone :]
    if now != was:
        report = Report()
        report.altered(was, now, "表格")
        assert typed in report.findings[0].message


def test_a_text_that_was_written_anew_is_quoted_from_its_beginning():
    report = Report()
    report.altered(LONG, "本页不用了，改用镇里发的表格。", "表格")
    assert report.findings[0].message.endswith("改成了“本页不用了，改用镇里发的表格。”")


def test_two_long_values_of_a_field_are_quoted_where_they_differ():
    report = Report()
    report.twice(Slot("place", "place", label="地点"), LONG + LONG, LONG + LONG + "另见附页。")
    assert "前一处写“……位和补齐的日期；”，后一处写“……位和补齐的日期；另见附页。”" in report.findings[0].message


def test_words_in_a_copy_of_a_long_printed_text_are_quoted():
    printed = squeezed(LONG * 2)
    report = Report("", {printed, "别的文字"})
    report.unread(printed + "已经报镇里。", "表格第3行")
    report.unread("一句很长的话，" * 20, "正文")
    copied, own = (one.message for one in report.findings)
    assert "与印好的文字不同：加了“已经报镇里。”，现在是“……位和补齐的日期；已经报镇里。”" in copied
    assert own == f"正文有文字没有读进任何一栏：“{('一句很长的话，' * 20)[:60]}……（共140字）”"


def test_a_refused_value_is_quoted_whole():
    said = "上午集中学习以后接着开会，大约九点半，人到齐了才开始"
    with pytest.raises(Unclear, match=said):
        normalise("time", said)


# --- files that lost what ties them to their form (Seen 5, 6) -----------------------------------------------------


def flattened(data: bytes) -> bytes:
    """All text, no controls, no bookmarks, no custom part."""

    def change(root):
        for own in list(root.iter(tag("sdt")))[::-1]:
            unwrap(own)
        for own in list(root.iter(tag("bookmarkStart"), tag("bookmarkEnd"))):
            own.getparent().remove(own)

    return without(with_main(data, change), "customXml/item")


def test_a_flattened_form_is_read_by_the_units_form(tmp_path):
    data = flattened(written())
    alone = reader.read(data)
    assert codes(alone) == ["form_without_fields"] and "个字都没有读" in alone.findings[0].message
    back = read_back(data)
    assert content(back) == content(GOOD) and not codes(back)
    (tmp_path / "a.docx").write_bytes(data)
    found = register.scan(village(), tmp_path)
    assert (found.read, found.blank) == (1, 0)


def two_in_a_cell(first: str, typed: str, flat: bool, form: str, inside: bool = False) -> FormData:
    """Return a form with a text typed into the cell of two fields: in the control of the first, or all plain."""

    def change(root):
        own = cell(root, first)
        if inside:
            content = control(root, first).find(tag("sdtContent"))
            content[:] = [run(typed)]
            return
        for old in own.findall(tag("p")):
            own.remove(old)
        own.extend(map(paragraph, typed.split("\n")))

    data = with_main(making.write(village(), village().documents[form], "docx"), change)
    return read_back(flattened(data) if flat else data)


DAY_AND_TIME = {
    "2026年3月5日 14时30分": "",
    "2026年3月5日14时30分": "",
    "2026年3月5日（星期四）下午2:30": "",
    "2026年3月5日星期四\n14时30分": "",
    "14：30，2026-3-5": "",
    "2026.3.5 14:30": "",
    "二〇二六年三月五日下午二点半": "",
    "2026年3月5日 14时30分 村委会二楼": "村委会二楼",
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("typed", DAY_AND_TIME)
def test_a_day_and_a_time_in_one_cell_are_told_apart_by_their_looks(typed, flat):
    back = two_in_a_cell("told_on", typed, flat, "minutes_incident")
    assert (back.get("told_on"), back.get("told_at")) == ("2026-03-05", "14时30分")
    unread = [one.message for one in back.findings if one.code == "text_not_read"]
    assert len(unread) == bool(DAY_AND_TIME[typed]) and all(DAY_AND_TIME[typed] in one for one in unread), unread


def test_a_time_typed_behind_the_day_in_its_control_is_the_time():
    back = two_in_a_cell("told_on", "2026年3月5日 14时30分", False, "minutes_incident", inside=True)
    assert (back.get("told_on"), back.get("told_at")) == ("2026-03-05", "14时30分") and not codes(back)

    def between(root):
        own = control(root, "told_on")
        own.find(tag("sdtContent"))[:] = [run("2026年3月5日")]
        own.addnext(run(" 14时30分"))

    form = making.write(village(), village().documents["minutes_incident"], "docx")
    back = read_back(with_main(form, between))
    assert (back.get("told_on"), back.get("told_at")) == ("2026-03-05", "14时30分") and not codes(back)
    unclear = two_in_a_cell("told_on", "2026年3月5日 午饭后", False, "minutes_incident", inside=True)
    assert "午饭后" in unclear.get("told_on")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("丁某 2026年3月5日", ("丁某", "2026-03-05")),
        ("丁某\n2026.3.5", ("丁某", "2026-03-05")),
        ("2026年3月5日 丁某", ("丁某", "2026-03-05")),
        ("丁某", ("丁某", "")),
        ("丁某 2026年3月5日 同意", ("", "")),
        ("丁某 2026年3月5日、2026年3月6日", ("", "")),
    ],
)
def test_a_name_and_a_day_in_one_cell_are_told_apart_where_that_is_clear(typed, read):
    back = two_in_a_cell("request_1_applicant", typed, True, "register_accounts")
    row = back.tables.get("request", (FormRow({}),))[0].values
    assert (row.get("applicant", ""), row.get("asked_on", "")) == read
    assert codes(back).count("text_not_read") == (read == ("", ""))


def test_a_text_that_is_no_form_is_an_error(tmp_path):
    def change(root):
        body = root.find(tag("body"))
        for child in list(body):
            body.remove(child)
        body.append(paragraph("会议开过了。"))

    data = without(with_main(written(), change), "customXml/item")
    back = files.check_data(village(), reading.read(data, "a.docx"), "a.docx")[1]
    assert {one.code for one in back} == {"form_without_fields", "not_a_form"}


def test_results_stay_with_their_duties_without_the_custom_part():
    """minutes new leaves out duties that are done: the rows of the file have other numbers than those of the form."""
    from dataclasses import replace

    from toolkit.forms import FormRow

    some = replace(GOOD, tables={**GOOD.tables, "agenda": (FormRow({"result": "已考核"}, "assessment"),)})
    back = read_back(without(written(some), "customXml/item"))
    assert [(one.key, dict(one.values)) for one in back.tables["agenda"]] == [("assessment", {"result": "已考核"})]


def test_a_form_of_an_earlier_version_is_read_by_its_own_blueprint():
    """Its printed words were others; nothing of that is a finding."""

    def change(root):
        for one in root.iter(tag("t")):
            if one.text == "主持人小结":
                one.text = "主持人总结"

    data = with_main(written(), change)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info).replace("主持人小结".encode(), "主持人总结".encode()))
    back = read_back(out.getvalue())
    assert content(back) == content(GOOD) and not codes(back)


def test_a_form_without_blueprint_is_read_by_its_controls_and_says_so():
    data = written()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == CUSTOM:
                part = part[: part.index(b"<form>")] + b"</identity>"
            new.writestr(info.filename, part)
    alone = reader.read(out.getvalue())
    assert codes(alone) == ["form_layout_lost"] and alone.get("place") == GOOD.get("place")
    assert content(read_back(out.getvalue())) == content(GOOD)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", ["village", "school", "railway_depot"])
def test_the_blueprint_of_every_form_names_every_field(kind):
    unit = Unit(ROOT / f"examples/{kind}.yaml")
    for document in filter(unit.is_form, unit.documents):
        form, blueprint = unit.form(document), unit.blueprint(document)
        wanted = {name: ("", name, part) for name, part in form.fields.items()}
        for table in form.tables.values():
            for shape in table.shapes:
                wanted.update({part.id: (table.id, name, part) for name, part in shape.fields.items()})
        assert blueprint.places.keys() == wanted.keys(), document
        for tag_, (table, name, part) in wanted.items():
            place = blueprint.places[tag_]
            assert (place.table, place.slot.name) == (table, name)
            assert (place.slot.kind, place.slot.label, place.slot.options) == (part.kind, part.label, part.options)


def test_forms_share_a_table_that_reads_the_same_and_rows_of_one_form_are_their_own():
    table = '{"t":"a","h":1,"r":[["","名"],["",[1,[["x","text","名"]]]]]}'
    first, second = (blueprints.read(f'[["{name}"],{table},{table},[["x"]]]') for name in ("一", "二"))
    assert first.blocks[1] is second.blocks[1] and first.blocks[1].plain == first.blocks[2].plain
    assert first.blocks[1].rows[1] is not first.blocks[2].rows[1]
    assert first.blocks[3] == (Slot("x", "x", "text", "名"),) and first.plain == "一名\ue000名\ue000\ue000"


# --- bad input ----------------------------------------------------------------------------------------------------


def nested(root):
    """A control three deep around a field's."""
    own = control(root, "place")
    for _ in range(3):
        wrap = element("<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>")
        own.addprevious(wrap)
        wrap.find(tag("sdtContent")).append(own)


def deleted_inside(root):
    own = control(root, "place").find(tag("sdtContent"))
    own.append(element('<w:del w:id="9"><w:r><w:delText>旧的</w:delText></w:r></w:del>'))


def merged_down(root):
    """Word puts the paragraphs of both cells into the upper one."""
    upper, lower = cell(root, "chair"), cell(root, "place")
    assert upper is not None
    for own in upper.findall(tag("p")):
        lower.append(own)
    upper.append(element("<w:p/>"))
    upper.find(tag("tcPr")).append(element("<w:vMerge/>"))
    lower.find(tag("tcPr")).append(element('<w:vMerge w:val="restart"/>'))


@pytest.mark.parametrize("change", [nested, deleted_inside, merged_down])
def test_shapes_that_change_nothing(change):
    back = read_back(with_main(written(), change))
    assert content(back) == content(GOOD) and not codes(back)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("form", ["[", "[1]", '[{"t": 1}]', '["x", {"r": []}]', "{}", "[[[1]]]", "[" * 3000])
def test_a_damaged_blueprint_is_as_none(form):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written())) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == CUSTOM:
                part = part[: part.index(b"<form>")] + f"<form>{form}</form></identity>".encode()
            new.writestr(info.filename, part)
    assert content(read_back(out.getvalue())) == content(GOOD)


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def damaged(part: bytes, source: random.Random) -> bytes:
    """Return a part with a byte, a tag, an attribute or a block changed, lost or doubled."""
    place = source.randrange(len(part))
    spans = {
        "tag": r"<[^>]+>",
        "block": r"<w:(sdt|tr|tc|tbl|p)[ >].*?</w:\1>",
        "property": r"<w:(?:sdtPr|tag|bookmarkStart|tblGrid|trPr|tcPr)[^>]*>",
        "value": r'(?<==")[^"]*(?=")',
    }
    way = source.choice(["byte", "end", *spans])
    if way == "byte":
        return part[:place] + bytes([source.randrange(256)]) + part[place + 1 :]
    if way == "end":
        return part[:place]
    found = [match.span() for match in re.finditer(spans[way].encode(), part, re.DOTALL)]
    start, end = source.choice(found or [(0, 0)])
    instead = {
        "block": part[start:end] * source.choice([0, 2, 3]),
        "value": source.choice([b"", b"-1", b"99999999", b"attendance_1_name"]),
    }
    return part[:start] + instead.get(way, b"") + part[end:]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_package_is_read_or_refused(seed):
    source = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    for name in ["word/document.xml"] * 20 + [CUSTOM] * 10 + ["word/footer1.xml", "docProps/core.xml"]:
        try:
            read_back(packed({**parts, name: damaged(parts[name], source)}))
        except FileError:
            continue


@pytest.mark.slow
def test_thousands_of_rows_are_read_in_order():
    def change(root):
        last = row(root, "resolutions_4_decided")
        for number in range(1_500, 0, -1):
            last.addnext(plain_row(last, str(number), f"事项{number}", "村文书", "", ""))

    back = reader.read(flattened(with_main(written(), change)), "", village().blueprint("minutes_topical_study"))
    decided = [one.values["decided"] for one in back.tables["resolutions"] if one]
    assert decided[2:] == [f"事项{number}" for number in range(1, 1_501)]


# --- the scan and the tree ----------------------------------------------------------------------------------------

#: What is typed somewhere: text with its place in the XML, as a regular expression that it is put behind.
SPOTS = {
    "behind a control": r"</w:sdt>",
    "before a control": r"(?=<w:bookmarkStart [^>]*w:name=\"f_[^>]*>(?=<w:sdt>))",
    "in a new paragraph below a control": r"</w:sdt><w:bookmarkEnd [^>]*>(?=</w:p></w:tc>)",
    "at the end of any paragraph": r"(?=</w:p>)",
    "in a control": r"<w:sdtContent>",
}
AS_TYPED = {"in a new paragraph below a control": "</w:p><w:p><w:r><w:t>{}</w:t></w:r>", "": "<w:r><w:t>{}</w:t></w:r>"}
ODD_WORDS = ("补", "&lt;补&amp;", "√", "2026年3月5日 14时30分", "无", "3", "　补 ", "点此填写")


@pytest.mark.sampled(12)
@pytest.mark.parametrize(
    "document", ["minutes_topical_study", "minutes_incident", "checklist_quarterly", "register_accounts"]
)
@pytest.mark.parametrize("count", [1, 4, 60])
def test_the_scan_reads_as_the_tree_does(document, count, monkeypatch):
    source = random.Random(f"{document}{count}")
    whole = (
        written()
        if document == "minutes_topical_study"
        else making.write(village(), village().documents[document], "docx")
    )
    scanned, of_tree, several = 0, [], reader._with_several

    def counted(main, found, units, filled):
        of_tree.append(len(units))
        return several(main, found, units, filled)

    monkeypatch.setattr(reader, "_with_several", counted)
    for place in SPOTS:
        form = AS_TYPED.get(place, AS_TYPED[""])

        def change(main: bytes, place=place, form=form) -> bytes:
            text = main.decode()
            ends = [match.end() for match in re.finditer(SPOTS[place], text)]
            for end in sorted(source.sample(ends, min(count, len(ends))), reverse=True):
                text = text[:end] + form.format(source.choice(ODD_WORDS)) + text[end:]
            if count == 4:  # LibreOffice 7.4 keeps a control and loses its tag
                text = re.sub(r'<w:tag w:val="[^"]*"/>', "", text)
            return text.encode()

        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
            for info in old.infolist():
                part = old.read(info)
                new.writestr(info.filename, change(part) if info.filename == "word/document.xml" else part)
        data = out.getvalue()
        parts = reader._parts(data)
        scanned += reader._scanned(parts.main, village().blueprint(document)) is not None
        quick = reader.read(data)
        with monkeypatch.context() as patched:
            patched.setattr(reader, "scan", lambda _: None)
            tree = reader.read(data)
        assert (quick, quick.findings) == (tree, tree.findings), place
    assert scanned >= (2 if count < 60 else 1)
    assert max(of_tree) <= 12  # cells with printed words or several fields; without tags all others were, too


# --- as clerks do --------------------------------------------------------------------------------------------------


def test_a_cell_that_was_merged_with_the_one_above_shows_what_is_there():
    def change(root):
        for number, merge in ((1, '<w:vMerge w:val="restart"/>'), (2, "<w:vMerge/>")):
            own = cell(root, f"resolutions_{number}_duty_post")
            own.find(tag("tcPr")).append(element(merge))
            if number == 2:
                own[:] = [own.find(tag("tcPr")), paragraph("")]

    back = read_back(with_main(written(), change))
    assert [one.values["duty_post"] for one in back.tables["resolutions"]] == ["宣传委员", "宣传委员"] and not codes(
        back
    )


def test_points_between_printed_words_are_no_finding():
    def change(root):
        own = cell(root, "expected")
        own[:] = [own.find(tag("tcPr")), paragraph("5人，其中有表决权4人。")]

    back = read_back(with_main(written(), change))
    assert (back.get("expected"), back.get("expected_voting")) == ("5", "4") and not codes(back)


@pytest.mark.parametrize("font", ["Wingdings 3", "MT Extra", "wingdings 3", "ZapfDingbats"])
def test_a_letter_of_a_symbol_font_is_never_read_as_a_letter(font):
    def change(root):
        symbol = f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr><w:t>Q</w:t></w:r>'
        cell(root, "place").find(tag("p")).append(element(symbol))

    assert read_back(with_main(written(), change)).get("place") == f"{GOOD.get('place')}〔符号〕"


def moved_bookmarks(root):
    """As a page on the web gives them back: no controls, and a few bookmarks, all empty and at the start of their cells."""
    for own in list(root.iter(tag("sdt")))[::-1]:
        unwrap(own)
    for start in list(root.iter(tag("bookmarkStart"))):
        name, number = start.get(tag("name")), start.get(tag("id"))
        home = next(start.iterancestors(tag("tc")), None)
        for end in [one for one in root.iter(tag("bookmarkEnd")) if one.get(tag("id")) == number]:
            end.getparent().remove(end)
        start.getparent().remove(start)
        if home is not None and name in ("f_ordinal", "f_expected_voting", "f_present", "f_papers"):
            first = home.find(tag("p"))
            first.insert(0, start)
            first.insert(1, element(f'<w:bookmarkEnd w:id="{number}"/>'))


def test_the_printed_title_tells_the_form_of_which_a_conversion_left_a_few_fields():
    back = read_back(without(with_main(written(), moved_bookmarks), "customXml/item"))
    assert back.document == "minutes_topical_study" and content(back) == content(GOOD) and not codes(back)
