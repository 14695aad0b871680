"""What proves a duty in the register: valid records of this unit, for the period that they state, and nothing else."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from minutes_samples import GOOD, VILLAGE, good, value_for, village, village_for_years, with_row, written

from toolkit.core.data_folders import Where
from toolkit.docx.reading.lint import lint
from toolkit.forms import FormData, FormRow, to_yaml, totals
from toolkit.minutes import reading, records
from toolkit.minutes.register import as_data, register, report
from toolkit.minutes.register.matching import DONE, LATE, LATER, NEXT, OVERDUE
from toolkit.minutes.rules import field_ids
from toolkit.minutes.unit import Unit

TODAY = date(2026, 11, 25)


def record(document: str, unit: Unit | None = None, rows: dict[str, tuple[FormRow, ...]] | None = None, **values: str):
    """Return a record in which every required field is filled, with these values."""
    unit = unit or village()
    form = unit.form(document)
    filled = {name: value_for(part) for name, part in form.fields.items() if part.required}
    tables = {}
    for table in form.tables.values():
        if any(shape.fixed for shape in table.shapes):
            lines = [
                FormRow({name: value_for(part) for name, part in shape.fields.items() if part.required}, shape.key)
                for shape in table.shapes
                if shape.fixed
            ]
            tables[table.id] = tuple(lines)
    data = FormData(document, values={**filled, **values}, tables={**tables, **(rows or {})})
    data = replace(data, values={name: value for name, value in data.values.items() if value})
    data = replace(data, values={name: value for name, value in data.values.items() if name not in totals_of(form)})
    return totals.completed(form, data)


def totals_of(form) -> set[str]:
    return {"due_count", "done_count", "open_count", "full_marks", "total", "rate"} & set(form.fields)


def check_list(quarter: str, day: str, year: str = "2026", **rows: str) -> FormData:
    """Return a self-check; ``rows`` gives lines that are done, with their evidence."""
    lines = tuple(
        FormRow({"done": "是", "proof": rows[shape.key]} if shape.key in rows else {"done": "不适用"}, shape.key)
        for shape in village().form("checklist_quarterly").tables["duty"].shapes
    )
    return record("checklist_quarterly", rows={"duty": lines}, year=year, quarter=quarter, checked_on=day, sent_on=day)


def group_report(group: str, quarter: str, day: str, year: str = "2026") -> FormData:
    dates = {"written_on": day, "sent_on": day, "received_on": day}
    return record("record_subunit_report", group=group, year=year, quarter=quarter, **dates)


def of(
    folder: Path, *forms: FormData | tuple[str, bytes], year: int = 2026, today: date = TODAY, unit: Unit | None = None
):
    """Return the register of these forms; what is not data is a file with its name."""
    for number, form in enumerate(forms):
        if isinstance(form, tuple):
            (folder / form[0]).write_bytes(form[1])
        else:
            (folder / f"{number:02}.yaml").write_text(to_yaml(form), encoding="utf-8")
    return register.register(unit or village(), folder, year, today)


def states(found, duty: str) -> list[str]:
    return [due.state for status in found.statuses if status.duty.id == duty for due in status.dues]


def status(found, duty: str):
    return next(one for one in found.statuses if one.duty.id == duty)


def codes(found) -> set[str]:
    return {one.code for one in found.findings} - {"duty_overdue", "resolution_overdue"}


# --- periods ----------------------------------------------------------------------------------------------------------


def test_a_report_for_the_half_year_sent_after_its_end_proves_that_half_late(tmp_path):
    sent = record("record_topical_report", from_on="2026-01-01", to_on="2026-06-30", sent_on="2026-07-05")
    found = of(tmp_path, sent)
    assert not codes(found) and states(found, "report_up") == [LATE, NEXT]


def test_a_self_check_proves_the_quarter_that_it_states(tmp_path):
    found = of(tmp_path, check_list("一", "2026-04-02"))
    assert not codes(found) and states(found, "self_check") == [LATE, OVERDUE, OVERDUE, NEXT]
    before = of(tmp_path, check_list("四", "2027-01-05"), today=date(2027, 1, 10))
    assert states(before, "self_check") == [OVERDUE, OVERDUE, OVERDUE, LATE]
    after = register.register(village(), tmp_path, 2027, date(2027, 1, 10))
    assert states(after, "self_check") == [NEXT, LATER, LATER, LATER] and not status(after, "self_check").occasions


@pytest.mark.parametrize(("day", "year"), [("2026-01-14", 2026), ("2025-12-30", 2025)])
def test_one_record_proves_one_period(tmp_path, day, year):
    minutes = good(held_on=day, written_on=day, year=day[:4])
    minutes = with_row("agenda", 3, with_row("resolutions", 1, minutes, finish_by="2026-06-30"), result="已考核")
    proved = {
        number: [
            due
            for due in status(of(tmp_path, minutes, year=number, unit=village_for_years()), "assessment").dues
            if due.evidence
        ]
        for number in (2024, 2025, 2026, 2027)
    }
    assert {number for number, dues in proved.items() if dues} == {year}


def test_a_yearly_check_of_last_year_is_late_and_not_this_years(tmp_path):
    unit = village_for_years()
    lines = tuple(
        FormRow({"score": "2", "proof": "台账"}, shape.key)
        for shape in unit.form("checklist_inspection").tables["duty"].shapes
    )
    form = record(
        "checklist_inspection", rows={"duty": lines}, year="2025", inspected_on="2026-01-10", sent_on="2026-01-10"
    )
    assert states(of(tmp_path, form, year=2025, today=date(2026, 1, 31), unit=unit), "inspect") == [LATE]
    assert states(register.register(unit, tmp_path, 2026, date(2026, 1, 31)), "inspect") == [NEXT]


@pytest.mark.parametrize("quarter", ["第一季度", "一季度", "1季度", "第1季度", "1", "第一"])
def test_a_quarter_may_be_written_with_its_words(tmp_path, quarter):
    assert states(of(tmp_path, check_list(quarter, "2026-04-02")), "self_check")[0] == LATE


def test_a_period_that_has_not_begun_is_an_error(tmp_path):
    found = of(tmp_path, check_list("四", "2026-04-02"))
    assert codes(found) == {"period_stated"} and states(found, "self_check") == [OVERDUE, OVERDUE, OVERDUE, NEXT]


def test_a_record_of_a_day_to_come_proves_nothing_yet(tmp_path):
    found = of(tmp_path, check_list("二", "2026-06-12"), today=date(2026, 6, 10))
    assert codes(found) == {"date_ahead"} and states(found, "self_check") == [OVERDUE, NEXT, LATER, LATER]
    assert states(register.register(village(), tmp_path, 2026, date(2026, 6, 18)), "self_check")[1] == DONE


@pytest.mark.parametrize(
    ("year", "wanted"),
    [
        ("2026", 2026),
        ("26", 2026),
        ("二〇二五年", 2025),
        ("二○二五", 2025),
        ("99999", 0),
        ("0", 0),
        ("", 0),
        ("今年", 0),
    ],
)
def test_years_as_people_write_them(year, wanted):
    from toolkit.minutes.register import stated_periods

    period = stated_periods.period({"year": "y"}, FormData(values={"y": year}), "2026-01-05")
    assert period == ((f"{wanted}-01-01", f"{wanted}-12-31") if wanted else ())


def test_a_record_without_any_date_is_said_so(tmp_path):
    assert codes(of(tmp_path, record("register_accounts"))) == {"no_day"}


def test_a_quarter_without_a_year_is_the_last_that_had_begun():
    from toolkit.minutes.register import stated_periods

    states_of = {"quarter": "q", "half": "h", "month": "m"}
    for values, wanted in (
        ({"q": "四"}, ("2025-10-01", "2025-12-31")),
        ({"q": "第一季度"}, ("2026-01-01", "2026-03-31")),
        ({"h": "下半年"}, ("2025-07-01", "2025-12-31")),
        ({"h": "春季学期"}, ("2026-01-01", "2026-06-30")),
        ({"m": "12"}, ("2025-12-01", "2025-12-31")),
        ({"h": "第一学期"}, ()),
    ):
        assert stated_periods.period(states_of, FormData(values=values), "2026-01-05") == wanted, values


# --- several units ----------------------------------------------------------------------------------------------------


def test_a_duty_of_several_units_is_done_when_each_has_reported(tmp_path):
    found = of(tmp_path, group_report("一组", "二", "2026-06-10"))
    due = status(found, "subunit_report").dues[1]
    assert due.state == OVERDUE and due.share == "3个中1个，缺：二组、三组"
    assert any(due.share in one.message for one in found.findings if one.code == "duty_overdue")
    assert "3个中1个，缺：二组、三组" in report.as_text(found, 300)
    found = of(tmp_path, *(group_report(group, "二", "2026-06-08") for group in ("第一组", "2组", "第三村民小组")))
    assert not codes(found) - {"meeting_twice"}
    assert (
        states(found, "subunit_report") == [OVERDUE, DONE, OVERDUE, NEXT]
        and not status(found, "subunit_report").occasions
    )
    data = json.loads(as_data.write_json(found))
    due = next(duty for duty in data["duties"] if duty["id"] == "subunit_report")["due"][1]
    assert [one["unit"] for one in due["reports"]] == ["一组", "二组", "三组"] and due["missing"] == []


def test_a_ticked_line_is_about_its_quarter(tmp_path):
    """A self-check of the first quarter that is written in April says what was done by the end of March."""
    found = of(tmp_path, check_list("一", "2026-04-02", annual_plan="工作要点1号"))
    assert states(found, "annual_plan") == [DONE] and states(found, "self_check")[0] == LATE


def test_units_of_a_kind_report_for_it():
    """Of 各年级组 nobody knows how many there are: one is asked for, the others are further records and no copies."""
    unit = Unit(ROOT / "examples/school.yaml")
    groups = ("德育处", "教导处", "总务处", "少先队大队部", "三年级组", "五年级组", "语文教研组")
    day = "2026-06-04"
    dates = {"written_on": day, "sent_on": day, "received_on": day}
    with tempfile.TemporaryDirectory() as folder:
        forms = [
            record("record_subunit_report", unit, group=group, year="2026", term="春季学期", **dates)
            for group in groups
        ]
        found = of(Path(folder), *forms, unit=unit)
    assert not codes(found) and states(found, "subunit_report") == [DONE, NEXT]
    assert len(status(found, "subunit_report").occasions) == 1


def test_rows_say_when_they_were_done(tmp_path):
    unit = Unit(ROOT / "examples/school.yaml")
    book = {"subject": "一年级语文", "book": "甲", "press": "乙", "kind": "教材", "matched": "一致", "checker": "丙"}
    rows = {"textbook": tuple(FormRow({**book, "checked_on": day}) for day in ("2026-03-05", "2026-03-06"))}
    dates = {
        "confirmed_on": "2026-03-15",
        "filed_on": "2026-03-20",
        "shown_from": "2026-03-16",
        "shown_to": "2026-03-20",
    }
    found = of(tmp_path, record("register_reading", unit, rows, **dates), unit=unit)
    assert states(found, "textbook_check") == [DONE, OVERDUE] and states(found, "reading_list") == [OVERDUE, OVERDUE]


def test_one_late_unit_makes_it_late(tmp_path):
    days = ("2026-06-10", "2026-06-12", "2026-07-02")
    found = of(
        tmp_path, *(group_report(group, "二", day) for group, day in zip(("一组", "二组", "三组"), days, strict=True))
    )
    assert states(found, "subunit_report") == [OVERDUE, LATE, OVERDUE, NEXT]


@pytest.mark.parametrize("group", ["四组", "各组", "十一组"])
def test_a_unit_that_there_is_not_is_a_problem(tmp_path, group):
    found = of(tmp_path, group_report(group, "二", "2026-06-10"))
    assert codes(found) == {"reporter_unknown"} and not found.scan.evidence


def test_a_ticked_line_does_not_speak_for_all_units(tmp_path):
    found = of(tmp_path, check_list("二", "2026-06-12", subunit_report="三个组的汇报"))
    assert states(found, "subunit_report") == [OVERDUE, OVERDUE, OVERDUE, NEXT]
    assert states(found, "self_check")[1] == DONE


# --- forms that several duties share ----------------------------------------------------------------------------------


def test_a_shared_form_proves_each_duty_by_its_own_row(tmp_path):
    found = of(tmp_path, check_list("二", "2026-06-12", position_check="阵地检查表"))
    assert states(found, "self_check")[1] == DONE and states(found, "position_check")[1] == DONE
    assert states(found, "account_check")[1] == OVERDUE


def test_an_agenda_row_without_a_result_proves_nothing(tmp_path):
    rows = (
        FormRow({"result": "已传达"}, "implement_superior"),
        FormRow({}, "topical_study"),
        FormRow({"result": "未研究"}, "assessment"),
    )
    found = of(tmp_path, replace(GOOD, tables={**GOOD.tables, "agenda": rows}))
    assert {one.duty for one in found.scan.evidence} == {"implement_superior"}


def test_a_result_of_a_row_that_lost_its_duty_is_unknown(tmp_path):
    rows = (FormRow({"result": "已研究"}), FormRow({"result": "已传达"}, "implement_superior"))
    found = of(tmp_path, replace(GOOD, tables={**GOOD.tables, "agenda": rows}))
    assert codes(found) == {"row_unknown"} and {one.duty for one in found.scan.evidence} == {"implement_superior"}
    free = (FormRow({"result": "已研究", "label": "其他事项"}),)
    assert not codes(of(tmp_path, replace(GOOD, tables={**GOOD.tables, "agenda": free})))


@pytest.mark.parametrize(
    ("values", "proved"),
    [
        ({}, {"sensitive_report", "incident_close"}),
        ({"written_on": "2026-05-02"}, {"sensitive_report", "sensitive_written", "incident_close"}),
        (
            {"gov_on": "2026-05-02", "said_on": "2026-05-02"},
            {"sensitive_report", "incident_close", "emergency_report", "press_response"},
        ),
    ],
)
def test_an_incident_sheet_proves_what_it_says_was_done(tmp_path, values, proved):
    found = of(tmp_path, record("record_incident", **values))
    assert not codes(found) and {one.duty for one in found.scan.evidence} == proved


@pytest.mark.parametrize(("kind", "proved"), [("提醒谈话", "interview"), ("听取陈述申辩", "hear_person")])
def test_a_talk_is_of_one_kind(tmp_path, kind, proved):
    assert {one.duty for one in of(tmp_path, record("record_talk", type=kind)).scan.evidence} == {proved}


@pytest.mark.slow
def test_what_a_shared_form_does_not_say_is_not_credited(tmp_path):
    layer = tmp_path / "layer"
    (layer / "documents").mkdir(parents=True)
    (layer / "preset.yaml").write_text("id: own\nlabel: 自有\n", encoding="utf-8")
    own = "id: record_circular\nrecord_of: [circulation, annual_plan]\nbody: []\n"
    (layer / "documents/29-record_circular.yaml").write_text(own, encoding="utf-8")
    unit = Unit(VILLAGE, Where(layers=(layer,)))
    (tmp_path / "r").mkdir()
    found = of(tmp_path / "r", record("record_circular", unit), unit=unit)
    assert codes(found) == {"not_provable"} and not found.scan.evidence
    assert "列入年度工作要点" in next(one.message for one in found.findings if one.code == "not_provable")


@pytest.mark.parametrize("kind", ["village", "school", "railway_depot"])
def test_every_duty_of_a_shared_form_can_be_proved(kind):
    """Each has a row of its own or a field that the preset names."""
    from toolkit.minutes.register.evidence import Prover

    unit = Unit(ROOT / f"examples/{kind}.yaml")
    prover = Prover(unit)
    for document in unit.set.documents:
        if document.record_of and unit.is_form(document.id):
            shape = prover.shape(document.id)
            keyed = {row.key for table in shape.form.tables.values() for row in table.shapes}
            assert set(document.record_of) <= {*shape.whole, *shape.fields, *keyed}, document.id


# --- valid records ----------------------------------------------------------------------------------------------------


def test_a_record_with_errors_proves_nothing_and_says_why(tmp_path):
    found = of(tmp_path, good(present="4", expected="9"))
    assert not found.scan.evidence and {"record_errors", "count_mismatch"} <= codes(found)
    told = next(one for one in found.findings if one.code == "record_errors")
    assert told.where.file == "00.yaml" and "不作为完成的证明" in told.message and told.hint
    assert states(found, "topical_study")[0] == OVERDUE


def below() -> FormData:
    """Return minutes of a meeting to which one of four voters came."""
    rows = tuple(
        FormRow(
            {**row.values, "status": "到会"} if number == 0 else {**row.values, "status": "缺席", "absent_for": "公出"},
            "",
        )
        for number, row in enumerate(GOOD.tables["attendance"])
    )
    empty = {"votes": (), "resolutions": ()}
    return replace(
        good(present="1", present_voting="1", quorum_met="没有达到"),
        tables={**GOOD.tables, "attendance": rows, **empty},
    )


def test_a_meeting_below_its_quorum_was_held_and_proves_nothing(tmp_path):
    found = of(tmp_path, below())
    assert "below_quorum" in codes(found) and not found.scan.evidence and states(found, "topical_study")[0] == OVERDUE
    text, page = report.as_text(found, 300), report.write(found, "html").decode()
    assert "召开，但未达到法定人数" in text and "召开，但未达到法定人数" in page
    assert [one.file for one in status(found, "topical_study").void] == ["00.yaml"]


def test_a_quorum_that_the_form_denies_is_none(tmp_path):
    found = of(tmp_path, good(quorum_met="没有达到"))
    assert "below_quorum" in codes(found) and not found.scan.evidence


def test_a_second_file_of_one_record_counts_once(tmp_path):
    first, second = check_list("二", "2026-06-12"), replace(check_list("二", "2026-06-12"))
    second = replace(second, values={**second.values, "conclusion": "另一个人写的结论"})
    found = of(tmp_path, first, second)
    assert "meeting_twice" in codes(found) and len({one.file for one in found.scan.evidence}) == 1
    found = of(tmp_path, good(), good(place="别处"))
    assert [one.file for one in found.scan.evidence if one.duty == "topical_study"] == ["00.yaml"]


# --- files of other units and formats ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["青禾县柳溪镇桃源村", "桃源村", "杨柳河村", "柳溪镇", "中共柳溪镇桃源村支部委员会"])
def test_another_units_file_proves_nothing(tmp_path, name):
    found = of(tmp_path, replace(GOOD, unit=name))
    told = next(one for one in found.findings if one.code == "other_unit")
    assert name in told.message and told.severity == "error" and not found.scan.evidence and not found.scan.sittings


@pytest.mark.parametrize(
    "name", ["", "青禾县柳溪镇柳河村", "柳河村", "柳溪镇柳河村", "柳 河 村", "中共柳溪镇柳河村支部委员会"]
)
def test_the_units_own_name_is_known_short_and_full(tmp_path, name):
    assert not codes(of(tmp_path, replace(GOOD, unit=name)))


def packed(change) -> bytes:
    """Return the good meeting as DOCX with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (body := change(name, old.read(name))) is not None:
                new.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize("creator", ["Administrator", "Windows 用户", "张三", ""])
def test_without_a_units_name_the_printed_title_tells(tmp_path, creator):
    def author(name: str, body: bytes, short: str = "柳河村") -> bytes:
        if name == "docProps/core.xml":
            return body.replace("青禾县柳溪镇柳河村".encode(), creator.encode())
        return body.replace("柳河村".encode(), short.encode()) if name == "word/document.xml" else body

    assert "other_unit" not in codes(of(tmp_path, ("a.docx", packed(author))))
    found = of(tmp_path, ("a.docx", packed(lambda name, body: author(name, body, "杨柳河村"))))
    assert "other_unit" in codes(found) and "杨柳河村" in str(found.findings) and not found.scan.evidence


def flattened(name: str, body: bytes) -> bytes:
    """All text, no controls and no bookmarks, as a converter leaves it."""
    if name != "word/document.xml":
        return body
    from lxml import etree

    from toolkit.docx.reading.package import tag

    root = etree.fromstring(body)
    for control in list(root.iter(tag("sdt"))):
        parent, place = control.getparent(), control.getparent().index(control)
        inner = control.find(tag("sdtContent"))
        parent[place : place + 1] = list(inner) if inner is not None else []
    for mark in [*root.iter(tag("bookmarkStart")), *root.iter(tag("bookmarkEnd"))]:
        mark.getparent().remove(mark)
    return etree.tostring(root)


@pytest.mark.parametrize("identity", [True, False])
def test_a_form_that_lost_its_fields_is_read_by_what_it_prints(tmp_path, identity):
    """By its own blueprint, or by that of the unit's form; without either it is an error that tells how much it holds."""

    def change(name: str, body: bytes) -> bytes | None:
        return None if name.startswith("customXml") and not identity else flattened(name, body)

    data = packed(change)
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    whole, flat = of(tmp_path / "1", ("a.docx", packed(lambda name, body: body))), of(tmp_path / "2", ("a.docx", data))
    assert flat.scan.read == 1 and flat.scan.unread == 0
    assert [one.dues for one in flat.statuses] == [one.dues for one in whole.statuses]
    codes = [one.code for one in reading.read(data, "a.docx").findings]
    assert ("form_without_fields" in codes) is not identity
    if not identity:
        assert any("个字" in one.message and one.severity == "error" for one in reading.read(data, "a.docx").findings)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def odt() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office/>")
    return out.getvalue()


def xlsx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


FOREIGN = {
    "a.doc": (OLE + "WordDocument".encode("utf-16-le"), "Word 97—2003"),
    "a.wps": (OLE + "WordDocument".encode("utf-16-le"), "WPS 文字"),
    "renamed.docx": (OLE + "WordDocument".encode("utf-16-le"), "Word 97—2003"),
    "secret.docx": (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "a.xls": (OLE + "Workbook".encode("utf-16-le"), "Excel 97—2003"),
    "a.odt": (odt(), "OpenDocument 文本"),
    "odt.docx": (odt(), "OpenDocument 文本"),
    "a.xlsx": (xlsx(), "Excel 工作簿"),
    "a.pdf": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "pdf.docx": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "pdf.yaml": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "a.rtf": (b"{\\rtf1\\ansi", "RTF"),
    "rtf.doc": (b"{\\rtf1\\ansi", "RTF"),
    "html.doc": (b"<html><body>x</body></html>", "网页"),
    "scan.jpg": (b"\xff\xd8\xff\xe0" + bytes(20), "图片（JPEG）"),
    "scan.png": (b"\x89PNG\r\n\x1a\n" + bytes(20), "图片（PNG）"),
    "no_suffix": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "a.rar": (b"Rar!\x1a\x07\x00", "压缩包"),
    "empty.doc": (b"", "损坏"),
    "garbage.wps": (b"\x00\x01\x02garbage", "损坏"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_of_another_format_is_named_by_its_content(tmp_path, name):
    content, told = FOREIGN[name]
    found = of(tmp_path, (name, content))
    problem = next(one for one in found.findings if one.where.file == name)
    assert told in problem.message and problem.hint and found.scan.unread == 1 and "读不了的 1 份" in found.sums


@pytest.mark.parametrize("name", ["a.doc", "b"])
def test_a_docx_with_another_ending_is_read_and_said_so(tmp_path, name):
    found = of(tmp_path, (name, written()))
    assert codes(found) == {"renamed"} and {one.file for one in found.scan.evidence} == {name}


@pytest.mark.parametrize("cut", [4, 100, 2000, -300, -30])
def test_a_damaged_package_proves_nothing(tmp_path, cut):
    found = of(tmp_path, ("a.docx", written()[:cut]))
    assert not found.scan.evidence and [one.severity for one in found.findings if one.where.file == "a.docx"] == [
        "error"
    ]


def test_what_programs_leave_behind_is_passed_over(tmp_path):
    for name in ("~$a.docx", ".a.docx", ".~lock.a.docx#", "Thumbs.db", "desktop.ini", "notes.txt"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff")
    assert [path.name for path in records.files(tmp_path)] == ["notes.txt"]


# --- what people see --------------------------------------------------------------------------------------------------


def test_links_lead_from_the_report_to_the_files(tmp_path):
    from openpyxl import load_workbook

    folder = tmp_path / "记录 1"
    folder.mkdir()
    found = of(folder, ("研判 #1.docx", written()))
    target = "%E8%AE%B0%E5%BD%95%201/%E7%A0%94%E5%88%A4%20%231.docx"
    assert f'<a href="{target}">研判 #1.docx</a>' in report.write(found, "html", beside=tmp_path).decode()
    sheet = load_workbook(io.BytesIO(report.write(found, "xlsx", beside=tmp_path)))["履责台账"]
    links = [cell.hyperlink.target for line in sheet.iter_rows() for cell in line if cell.hyperlink]
    assert links and set(links) == {target}
    assert "研判%20%231.docx" not in report.write(found, "html").decode()
    assert 'href="%E7%A0%94%E5%88%A4%20%231.docx"' in report.write(found, "html").decode()


def test_the_register_as_docx_has_links(tmp_path):
    from toolkit.docx.reading.package import open_package

    (tmp_path / "records").mkdir()
    found = of(tmp_path / "records", ("研判 1.docx", written()))
    data = report.write(found, "docx", beside=tmp_path)
    assert lint(data) == [] and data == report.write(found, "docx", beside=tmp_path)
    xml = open_package(data).parts["word/document.xml"].decode()
    assert 'HYPERLINK "records/%E7%A0%94%E5%88%A4%201.docx" ' in xml and "研判 1.docx</w:t>" in xml
    for form in ("pdf", "txt"):
        assert report.write(found, form, beside=tmp_path)


def test_a_file_name_is_no_address_of_its_own(tmp_path):
    found = of(tmp_path, ("javascript:alert(1).docx", written()))
    assert 'href="javascript:' not in report.write(found, "html").decode()


def test_calendar_entries_that_are_not_done_have_alarms(tmp_path):
    found = of(tmp_path, GOOD)
    events = as_data.write_ics(found).decode().replace("\r\n ", "").split("BEGIN:VEVENT")[1:]
    for event in events:
        done = "SUMMARY:✓" in event
        assert event.count("BEGIN:VALARM") == event.count("END:VALARM") == (0 if done else 2)
        assert done or "TRIGGER:-P6DT15H" in event and "ACTION:DISPLAY" in event
    assert any("SUMMARY:✓" in event for event in events)


def test_people_see_labels_and_not_ids(tmp_path):
    import re

    wrong = with_row("votes", 1, good(held_on="2026-02-30"), agree="9")
    found = of(
        tmp_path, wrong, replace(GOOD, document="minutes_nothing"), group_report("四组", "二", "2026-06-10"), below()
    )
    assert len(codes(found)) > 4
    page = re.sub(r"<style>.*?</style>|<[^>]*>", " ", report.write(found, "html").decode(), flags=re.DOTALL)
    text = report.as_text(found, 300)
    ids = {
        *village().documents,
        *village().resolved.duties,
        *village().resolved.meetings,
        *map(str, vars(field_ids).values()),
    }
    words = set(re.findall(r"[a-z]+_[a-z_]+|votes|agenda|previous|resolutions", page + text))
    assert "会议日期" in page and "表决情况（第1行）同意票数" in page
    assert not words & {one for one in ids if isinstance(one, str)} - {"minutes_nothing"} and not words - {
        "minutes_nothing"
    }


# --- a school of the light size: reports at a meeting, checks in one register ------------------------------------------

GROUPS = ("德育处", "教导处", "总务处", "少先队大队部", "三年级组", "语文教研组")


@pytest.fixture(scope="module")
def light_school() -> Unit:
    return Unit(ROOT / "examples/school_light.yaml")


def sitting(unit: Unit, **results: str) -> FormData:
    """Return the minutes of a study meeting with these results of the agenda."""
    people = [(person["name"], person["post"]) for person in unit.people]
    rows = {
        "agenda": tuple(FormRow({"result": result}, duty) for duty, result in results.items()),
        "attendance": tuple(
            FormRow({"name": name, "post": post, "voting": "有", "status": "到会"}) for name, post in people
        ),
    }
    numbers = dict.fromkeys(("expected", "expected_voting", "present", "present_voting"), str(len(people)))
    times = {"held_on": "2026-06-22", "written_on": "2026-06-22", "started": "9时00分", "adjourned": "10时30分"}
    chair = {"chair": "丁某（党支部书记）", "quorum_met": "达到"}
    return record("minutes_topical_study", unit, rows, year="2026", ordinal="1", **numbers, **times, **chair)


@pytest.mark.parametrize(
    ("said", "state", "found"),
    [
        ("、".join(GROUPS) + "作了汇报", DONE, set()),
        ("德育处、教导处汇报", OVERDUE, set()),
        ("已汇报", OVERDUE, {"reporter_unknown"}),
        ("无", OVERDUE, set()),
    ],
)
def test_minutes_prove_the_reports_of_the_units_that_the_row_names(tmp_path, light_school, said, state, found):
    held = of(tmp_path, sitting(light_school, subunit_report=said, topical_study="已研究"), unit=light_school)
    assert states(held, "subunit_report")[0] == state and states(held, "topical_study")[0] == DONE
    assert codes(held) & {"reporter_unknown"} == found
    assert all("汇报的单位" in one.hint for one in held.findings if one.code == "reporter_unknown")
    share = status(held, "subunit_report").dues[0].share
    assert ("2个，缺：总务处、少先队大队部" in share) == (said == "德育处、教导处汇报")


def test_a_line_of_the_register_proves_consent_and_lectures_only_by_their_dates(tmp_path, light_school):
    texts = ({"images": "不涉及"}, {"images": "已取得监护人同意", "consent_on": "2026-05-06"})
    events = ({"theme": "家长会"}, {"theme": "消防讲座", "speaker_view": "同意", "speaker_on": "2026-05-08"})
    rows = {"publication": tuple(map(FormRow, texts)), "event": tuple(map(FormRow, events))}
    held = of(tmp_path, record("register_accounts", light_school, rows), unit=light_school)
    for duty, day in (("consent_check", "2026-05-06"), ("speaker_review", "2026-05-08")):
        assert [one.date for one in status(held, duty).occasions] == [day]
    assert not status(held, "event_approve").occasions


def test_reports_of_the_full_size_count_in_the_light_school(tmp_path, light_school):
    full, days = Unit(ROOT / "examples/school.yaml"), {"written_on": "2026-06-03", "sent_on": "2026-06-03"}
    papers = [
        record(
            "record_subunit_report", full, group=group, year="2026", term="春季学期", received_on="2026-06-04", **days
        )
        for group in GROUPS
    ]
    assert states(of(tmp_path, *papers, unit=full), "subunit_report")[0] == DONE
    assert states(of(tmp_path, *papers, unit=light_school), "subunit_report")[0] == DONE
