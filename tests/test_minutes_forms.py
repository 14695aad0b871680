"""Forms: what people type, filling, reading back, YAML; random meetings come back as they were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from minutes_samples import GOOD, TABLES, content, good, read_back, value_for, village, with_row, written
from proofsets import mapped

from toolkit import forms
from toolkit.docx.reading import filled_forms as reader
from toolkit.forms import Form, FormData, FormRow, Unclear, from_yaml, normalise, to_yaml
from toolkit.minutes import making
from toolkit.model.tree import FormField


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("date", "2026年3月5日", "2026-03-05"),
        ("date", "２０２６－３－５", "2026-03-05"),
        ("date", "二〇二六年三月五日", "2026-03-05"),
        ("date", "2026/3/5", "2026-03-05"),
        ("date", "2026年3月5日（星期四）", "2026-03-05"),
        ("date", "　　　　年　　月　　日", ""),
        ("time", "9:30", "9时30分"),
        ("time", "９：３０", "9时30分"),
        ("time", "下午2点半", "14时30分"),
        ("time", "十四时", "14时00分"),
        ("time", "上午九点一刻", "9时15分"),
        ("time", "时　分", ""),
        ("time", "9时05分", "9时05分"),
        ("time", "晚上8点", "20时00分"),
        ("time", "晚上12点", "24时00分"),
        ("time", "夜里12点", "24时00分"),
        ("time", "半夜十二点", "24时00分"),
        ("time", "晚上12点半", "次日0时30分"),
        ("time", "凌晨12点", "0时00分"),
        ("time", "凌晨12点20分", "0时20分"),
        ("time", "晚上1点", "1时00分"),
        ("time", "深夜11点半", "23时30分"),
        ("time", "中午12点", "12时00分"),
        ("time", "24:00", "24时00分"),
        ("time", "次日0:30", "次日0时30分"),
        ("time", "第二天凌晨零点三十分", "次日0时30分"),
        ("time", "翌日1点", "次日1时00分"),
        ("time", "九点○五分", "9时05分"),
        ("date", "二○二六年三月五日", "2026-03-05"),
        ("date", "二◯二六年三月五日", "2026-03-05"),
        ("date", "二零二六年三月五日", "2026-03-05"),
        ("date", "二O二六年三月五日", "2026-03-05"),
        ("date", "二０二六年三月五日", "2026-03-05"),
        ("date", "二〇二六年3月5日", "2026-03-05"),
        ("date", "2026年三月五日", "2026-03-05"),
        ("date", "二○二六年一○月二○日", "2026-10-20"),
        ("date", "二〇二六年元月〇五日", "2026-01-05"),
        ("number", "二○二六", "2026"),
        ("number", "二〇二六年度", "2026"),
        ("number", "１２", "12"),
        ("number", "十二人", "12"),
        ("number", "3票", "3"),
        ("number", "无", "0"),
        ("number", "95.5%", "95.5"),
        ("choice", "☑有　□无", "有"),
        ("choice", "□有　☑无", "无"),
        ("choice", "□有　□无", ""),
        ("choice", "√有", "有"),
        ("choice", "有", "有"),
        ("check", "√", "是"),
        ("check", "否", ""),
        ("text", "　甲某 ", "甲某"),
        ("longtext", "一\r\n二", "一\n二"),
    ],
)
def test_what_people_type_is_understood(kind, typed, kept):
    assert normalise(kind, typed, ("有", "无")) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "code", "says"),
    [
        ("date", "2026年2月30日", "bad_date", "不存在"),
        ("date", "2025年2月29日", "bad_date", "闰年"),
        ("date", "上周三", "bad_date", "不是日期"),
        ("time", "25:10", "bad_time", "不存在"),
        ("time", "9:75", "bad_time", "不存在"),
        ("time", "早上", "bad_time", "不是时间"),
        ("number", "若干", "bad_number", "不是数"),
        ("number", "-3", "bad_number", "负数"),
        ("choice", "大概有", "bad_choice", "可选"),
        ("choice", "☑有　☑无", "bad_choice", "只能选一项"),
        ("check", "也许", "bad_choice", "勾选"),
    ],
)
def test_what_cannot_be_is_said(kind, typed, code, says):
    with pytest.raises(Unclear, match=says) as caught:
        normalise(kind, typed, ("有", "无"))
    assert caught.value.code == code


def test_a_filled_form_is_read_back_and_gives_the_same_bytes():
    data = written()
    back = read_back(data)
    assert content(back) == content(GOOD) and back.unit == village().set.unit
    assert written(reader.read(data)) == data


@pytest.mark.slow
def test_every_field_of_every_form_comes_back():
    unit, count = village(), 0
    for document in unit.set.documents:
        form = Form(document)
        if not form.tags() or document.enclosure:
            continue
        filled = mapped(
            document, lambda part: replace(part, value=value_for(part)) if isinstance(part, FormField) else part
        )
        wanted = Form(filled).data(unit.set.kind, unit.set.preset_version, unit.set.unit)
        back = read_back(making.write(unit, filled, "docx"))
        assert content(back) == content(forms.normalised(form, wanted)[0]), document.id
        count += len(form.tags())
    assert count > 1500


def test_yaml_is_lossless_and_readable():
    text = to_yaml(reader.read(written()), village().form(GOOD.document).captions())
    assert "会议日期（held_on）: '2026-03-05'" in text and "行（key）: topical_study" in text
    back = from_yaml(text, "x.yaml")
    assert content(back) == content(GOOD) and back.document == GOOD.document and not back.findings
    assert written(back) == written()


def test_labels_alone_name_fields_too():
    data = from_yaml(
        "表单: minutes_topical_study\n填写:\n  会议日期: 2026年3月5日\n  地点: 会议室\n"
        "表格:\n  议定事项:\n  - 议定事项: 核对账号\n",
        "x",
    )
    made = making.fill(village(), data)
    assert not made.findings
    back = Form(made.document).data()
    assert back.values == {"held_on": "2026-03-05", "place": "会议室", "convener": "村党支部书记"} and back.tables[
        "resolutions"
    ][0].values == {"decided": "核对账号"}


def test_what_the_paper_prints_names_fields_tables_rows_and_the_form():
    """The label in front of a field, the head of a column, the caption without its brackets, the words of a printed row."""
    text = (
        "表单: 专题研究会议记录\n填写:\n  主持人: 丁某\n  记录人: 庚某\n  列席人员: 辛某\n  是否达到: 达到\n"
        "  讨论情况: 甲某：同意。\n"
        "  整理日期: 2026-03-05\n  应到人数其中有表决权: 4\n"
        "表格:\n  表决情况:\n  - {表决事项: 年度安排, 方式: 举手, 同意: 3, 不同意: 0, 弃权: 0, "
        "废票: 0, 回避: 戊某, 结果: 通过}\n"
        "  出席、请假和缺席人员:\n  - {姓名: 己某, 到会情况: 请假, 缺席事由: 公出}\n"
        "  议程:\n  - {行: 专题研究, 办理结果: 已研究}\n"
    )
    made = making.fill(village(), from_yaml(text, "x"))
    assert not made.findings
    back = Form(made.document).data()
    assert back.values == {
        "convener": "村党支部书记",
        "chair": "丁某",
        "recorder": "庚某",
        "observers": "辛某",
        "quorum_met": "达到",
        "discussion": "甲某：同意。",
        "written_on": "2026-03-05",
        "expected_voting": "4",
    }
    assert back.tables["votes"][0].values == {
        "matter": "年度安排",
        "way": "举手",
        "agree": "3",
        "against": "0",
        "abstain": "0",
        "invalid": "0",
        "recused": "戊某",
        "passed": "通过",
    }
    assert back.tables["attendance"][0].values["absent_for"] == "公出"
    assert [(row.key, row.values) for row in back.tables["agenda"]] == [("topical_study", {"result": "已研究"})]


def test_no_label_of_any_form_names_two_fields_or_another_field():
    unit = village()
    for document in unit.set.documents:
        form = Form(document)
        for names, fields in (
            (form.names, form.fields),
            *((table.names, table.fields) for table in form.tables.values()),
        ):
            for label, same in names.items():
                labelled = [name for name, part in fields.items() if part.label == label]
                assert not labelled or labelled == same, (document.id, label)


def test_messages_show_labels_and_not_ids():
    data = from_yaml(
        "表单: minutes_topical_study\n填写:\n  会议日起: 2026-03-05\n表格:\n  议程:\n  - {行: 专题研究, 议题: 别的}\n",
        "x.yaml",
    )
    found = making.fill(village(), data).findings
    found += making.fill(village(), good(held_on="2026年2月30日", present="若干")).findings
    assert len(found) == 4
    for one in found:
        words = f"{one.message}{one.hint}{one.where.key}"
        assert not any(name in words for name in ("held_on", "year", "label", "present", "minutes_", "ordinal")), words


def test_unknown_names_and_bad_values_are_told_with_their_lines():
    text = (
        "表单: minutes_topical_study\n填写:\n  会议日起: 2026-03-05\n  held_on: 2026年2月30日\n"
        "表格:\n  votes:\n  - {同意票数: 若干}\n  没有的表:\n  - {甲: 乙}\n"
    )
    found = making.fill(village(), from_yaml(text, "x.yaml")).findings
    assert {(one.code, one.where.line) for one in found} == {
        ("unknown_field", 3),
        ("bad_date", 4),
        ("bad_number", 7),
        ("unknown_field", 8),
    }
    assert "会议日期" in next(one for one in found if one.where.line == 3).hint


def test_what_cannot_be_read_stays_as_it_was_written():
    made = making.fill(village(), good(held_on="2026年2月30日"))
    assert [one.code for one in made.findings] == ["bad_date"]
    back = reader.read(making.write(village(), made.document, "docx"))
    assert back.values["held_on"] == "2026年2月30日"


def test_rows_grow_and_keep_their_places():
    rows = tuple(FormRow({"decided": f"事项{number}"} if number != 3 else {}) for number in range(1, 8))
    back = read_back(written(replace(GOOD, tables={**TABLES, "resolutions": rows})))
    assert [row.values.get("decided") for row in back.tables["resolutions"]] == [
        "事项1",
        "事项2",
        None,
        "事项4",
        "事项5",
        "事项6",
        "事项7",
    ]


def test_printed_rows_that_the_data_lack_are_left_out():
    agenda = (FormRow({"result": "已研究"}, "topical_study"), FormRow({"label": "新议题", "result": "同意"}))
    back = read_back(written(replace(GOOD, tables={**TABLES, "agenda": agenda})))
    assert [(row.key, dict(row.values)) for row in back.tables["agenda"]] == [
        ("topical_study", {"result": "已研究"}),
        ("", {"label": "新议题", "result": "同意"}),
    ]


def test_a_result_never_lands_at_another_duty():
    """A row that the form does not print is said, and not written beside the last printed one."""
    form = village().form("minutes_analysis")
    (known,) = (shape.key for shape in form.tables["agenda"].shapes)
    rows = (FormRow({"result": "已研究"}, known), FormRow({"result": "别处的结果"}, "no_such_duty"))
    made = making.fill(village(), FormData("minutes_analysis", tables={"agenda": rows}))
    assert [one.code for one in made.findings] == ["lost_value"] and "no_such_duty" in made.findings[0].message
    assert [(row.key, dict(row.values)) for row in Form(made.document).data().tables["agenda"]] == [
        (known, {"result": "已研究"})
    ]
    alone = making.fill(village(), FormData("minutes_analysis", tables={"agenda": rows[1:]}))
    assert [one.code for one in alone.findings] == ["lost_value"]
    assert "别处的结果" not in str(alone.document)
    twice = making.fill(village(), FormData("minutes_analysis", tables={"agenda": (rows[0], rows[0])}))
    assert "写了两行" in twice.findings[0].message


def test_a_value_for_a_printed_cell_is_not_lost_silently():
    found = making.fill(village(), with_row("agenda", 2, label="别的议题")).findings
    assert [one.code for one in found] == ["lost_value"]


def test_bad_yaml_is_told():
    for text, code in (
        ("- 1\n", "form_shape"),
        ("填写: 甲\n", "form_shape"),
        ("表格:\n  votes: 甲\n", "form_shape"),
        ("甲: [\n", "yaml_syntax"),
        ("填写: {x: !!python/object:os.system {}}", "yaml_tag"),
    ):
        assert code in {one.code for one in from_yaml(text, "x").findings}, text


def test_totals_are_computed_and_checked():
    unit = village()
    form = unit.form("checklist_inspection")
    keys = [shape.key for shape in form.tables["duty"].shapes]
    setup = tuple(FormRow({"mark": "2"}) for _ in form.tables["setup"].shapes)
    duty = (FormRow({"score": "1"}, keys[0]), *(FormRow({"score": "不计分"}, key) for key in keys[1:]))
    data = FormData("checklist_inspection", values={}, tables={"setup": setup, "duty": duty})
    full = 2 * len(setup) + 2
    assert forms.totals.totals(form, data) == {"full_marks": str(full), "total": str(full - 1), "rate": "94.4"}
    wrong = replace(data, values={"full_marks": str(full), "total": "3"})
    assert [one.code for one in forms.totals.check(form, wrong, "x")] == ["total_wrong"]
    assert Form(making.fill(unit, data).document).data().values["total"] == str(full - 1)
    half = replace(data, tables={"setup": setup[:1]})
    assert forms.totals.totals(form, half) == {}


# --- random meetings -------------------------------------------------------------------------------------------

LETTERS = st.characters(categories=("L", "N", "P", "S", "Zs"))


def texts(lines: bool) -> st.SearchStrategy[str]:
    alphabet = LETTERS | st.sampled_from("\n\n甲乙“”—") if lines else LETTERS
    return (
        st.text(alphabet, min_size=1, max_size=30)
        .map(forms.clean)
        .filter(lambda text: text and not forms.values.is_blank(text))
    )


def values_of(part: FormField) -> st.SearchStrategy[str]:
    times = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda pair: f"{pair[0]}时{pair[1]:02}分")
    known = {
        "date": st.dates().filter(lambda day: 1900 <= day.year <= 2199).map(str),
        "time": times,
        "number": st.integers(0, 999_999).map(str),
        "check": st.just("是"),
        "choice": st.sampled_from(part.options or ("",)),
    }
    return known.get(part.kind, texts(part.kind == "longtext"))


@st.composite
def meetings(draw) -> FormData:
    form = village().form(draw(st.sampled_from(["minutes_topical_study", "minutes_members", "minutes_analysis"])))
    values = {name: draw(values_of(part)) for name, part in form.fields.items() if draw(st.booleans())}
    tables = {}
    for name, table in form.tables.items():
        fixed = [shape for shape in table.shapes if shape.fixed]
        rows = [FormRow(row(draw, shape.fields), shape.key) for shape in fixed]
        fields = next((shape.fields for shape in table.shapes if not shape.fixed), None)
        if fields:
            rows += [FormRow(row(draw, fields)) for _ in range(draw(st.integers(0, 6)))]
        if kept := forms.trimmed(rows):
            tables[name] = kept
        elif any(part.value for part in table.fields.values()):  # prelisted people: said to be none
            tables[name] = (FormRow({"name": "甲某"}),)
    return FormData(form.document.id, values=values, tables=tables)


def row(draw, fields) -> dict[str, str]:
    return {name: draw(values_of(part)) for name, part in fields.items() if draw(st.booleans())}


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(meetings())
def test_random_meetings_come_back(data):
    made = making.fill(village(), data)
    assert not made.findings
    first = making.write(village(), made.document, "docx")
    back = reader.read(first)
    form = village().form(data.document)
    whole = replace(
        data, values={**form.data().values, **data.values}
    )  # what the form says unless it is filled in otherwise
    assert content(forms.normalised(form, back)[0]) == content(whole)
    assert making.write(village(), making.fill(village(), back).document, "docx") == first
    again = from_yaml(to_yaml(back), "x")
    assert content(again) == content(back)
    assert making.write(village(), making.fill(village(), again).document, "docx") == first
