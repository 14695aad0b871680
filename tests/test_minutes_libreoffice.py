"""Forms filled and saved by the real LibreOffice, over UNO, come back field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import ROOT
from minutes_samples import GOOD, content, read_back, value_for, village, written
from proofsets import convert, mapped
from test_clerk_edits import clerk as clerk

from toolkit.docx.reading import filled_forms as reader
from toolkit.forms import Form, FormRow, normalised
from toolkit.minutes import making
from toolkit.minutes.unit import Unit
from toolkit.model.tree import FormField

pytestmark = pytest.mark.libreoffice
#: What a clerk types, not what the form keeps.
TYPED = {"date": "2026年3月31日", "time": "9：30", "number": "１２", "check": "是"}


def typed(part: FormField) -> str:
    return part.options[-1] if part.kind == "choice" else TYPED.get(part.kind, f"甲_{part.id}")


def with_values(document, give):
    def filled(part):
        return replace(part, value=give(part)) if isinstance(part, FormField) else part

    return replace(mapped(document, filled), dated=tuple(map(filled, document.dated)))


def expected(unit: Unit, filled) -> tuple:
    form = unit.form(filled.id)
    return content(normalised(form, Form(filled).data())[0])


@pytest.mark.parametrize("name", ["village", "school", "railway_depot"])
def test_every_field_of_every_form_survives_saving(clerk, name):
    unit = Unit(ROOT / f"examples/{name}.yaml")
    forms = [document for document in unit.set.documents if unit.is_form(document.id)]
    filled = [with_values(document, value_for) for document in forms]
    saved = clerk(*((making.write(unit, one, "docx"), []) for one in filled))
    assert len(forms) > 20
    for one, data in zip(filled, saved, strict=True):
        back = read_back(data, unit)
        assert content(back) == expected(unit, one), one.id
        assert (back.document, back.unit, back.version) == (one.id, unit.set.unit, unit.set.preset_version)


def test_every_field_typed_over_by_hand_comes_back(clerk):
    """Select what is in the field, type: LibreOffice drops the control and ends the bookmark after the first run."""
    unit, jobs, wanted = village(), [], []
    for name in (
        "minutes_topical_study",
        "minutes_members",
        "minutes_incident",
        "checklist_inspection",
        "record_topical_report",
    ):
        document, form = unit.documents[name], unit.form(name)
        rows = [part for table in form.tables.values() for shape in table.shapes for part in shape.fields.values()]
        steps = [["retype", f"f_{part.id}", typed(part)] for part in (*form.fields.values(), *rows)]
        jobs.append((making.write(unit, document, "docx"), steps))
        wanted.append(with_values(document, typed))
    for one, data in zip(wanted, clerk(*jobs), strict=True):
        assert content(read_back(data)) == expected(unit, one), one.id


def test_rows_added_and_removed_by_hand(clerk):
    steps = [
        ["row", "f_resolutions_1_decided", "9", "清理群组", "村文书", "2026年5月1日", "宣传委员"],
        ["drop", "f_attendance_4_name"],
        ["drop", "f_votes_2_matter"],
    ]
    (saved,) = clerk((written(), steps))
    back = read_back(saved)
    decided = [row.values.get("decided") for row in back.tables["resolutions"]]
    assert decided == ["每月核对一次账号", "清理群组", "补齐活动审批表"]
    assert dict(back.tables["resolutions"][1].values) == {
        "decided": "清理群组",
        "duty_post": "村文书",
        "finish_by": "2026-05-01",
        "overseer": "宣传委员",
    }
    assert [row.values["name"] for row in back.tables["attendance"] if row] == ["丁某", "甲某", "戊某", "庚某"]
    assert back.values == read_back(written()).values and back.tables["agenda"] == GOOD.tables["agenda"]


def test_saved_again_and_again(clerk, tmp_path):
    (first,) = clerk((written(), [["retype", "f_place", "新会议室"]]))
    again = replace(GOOD, values={**GOOD.values, "place": "新会议室"})
    assert content(read_back(first)) == content(again)
    assert content(read_back(written(read_back(first)))) == content(again)


#: Fields that have their cell alone, in rows and outside; then those that stand beside printed words.
ALONE = (
    *("place", "chair", "recorder", "observers", "topics", "discussion", "dissent", "summary"),
    *("attendance_6_name", "attendance_5_post", "previous_1_past", "agenda_2_result", "votes_1_matter"),
    *("resolutions_1_decided", "resolutions_2_duty_post"),
)
BESIDE = ("year", "ordinal", "expected", "expected_voting", "papers")
#: How a clerk gets to where she types.
MOVES = {
    "at the start of the blank": [],
    "at the end of the cell": ["GoToEndOfLine"],
    "Home": ["GoToEndOfLine", "GoToStartOfLine"],
    "Tab from the label": ["PrevCell", "NextCell"],
    "End and Right from the label": ["GoLeft", "GoToEndOfLine", "GoRight"],
    "inside the blank": ["GoRight", "GoRight"],
    "Enter at the end": ["GoToEndOfLine", "InsertPara"],
    "over all of the cell": ["GoToStartOfLine", "EndOfLineSel"],
}


def names_for(way: str) -> tuple[str, ...]:
    """Return the fields to type into: over a whole line of several fields nothing is left to go to, and it has one end."""
    if way.startswith("over"):
        return ALONE
    return (*ALONE, *(name for name in BESIDE if name != "year" or way != "at the end of the cell"))


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_what_is_typed_anywhere_is_read_or_named(clerk, filled):
    """15 fields of their own and 5 beside printed words, by eight ways of the cursor: 154 places."""
    data = written() if filled else making.write(village(), village().documents["minutes_topical_study"], "docx")
    jobs = [
        (data, [["moved", f"f_{name}", moves, f"词{number}字"] for number, name in enumerate(names_for(way))])
        for way, moves in MOVES.items()
    ]
    wrong = []
    for way, saved in zip(MOVES, clerk(*jobs), strict=True):
        back = reader.read(saved)
        told = " ".join(one.message for one in back.findings)
        fields = dict(back.values)
        for table, rows in back.tables.items():
            for number, row in enumerate(rows, 1):
                fields.update({f"{table}_{number}_{name}": value for name, value in row.values.items()})
        for number, name in enumerate(names_for(way)):
            word = f"词{number}字"
            at = [field for field, value in fields.items() if word in value]
            line = {"ordinal": ["year"]}.get(name) if way == "Home" else None  # the line begins with another field
            if at not in ([name], line) and not (name in BESIDE and not at and word in told):
                wrong.append(f"{name}, {way}: in {at}, named: {word in told}")
            if not filled and name in ALONE and way != "Enter at the end" and fields.get(name) != word:
                wrong.append(f"{name}, {way}: {fields.get(name)!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("suffix", ["doc", "odt"])
def test_a_round_trip_through_another_format_keeps_every_result_at_its_duty(soffice, tmp_path, suffix):
    """The custom part and all tags are gone, and the agenda has other rows than the unit's form."""
    agenda = (FormRow({"result": "已考核"}, "assessment"), FormRow({"result": "另定"}))
    some = replace(GOOD, tables={**GOOD.tables, "agenda": agenda})
    (tmp_path / "a.docx").write_bytes(written(some))
    convert(soffice, tmp_path, suffix, ["a.docx"], str(tmp_path))
    (tmp_path / "a.docx").unlink()
    convert(soffice, tmp_path, "docx:MS Word 2007 XML", [f"a.{suffix}"], str(tmp_path))
    back = read_back((tmp_path / "a.docx").read_bytes())
    assert content(back) == content(some) and not back.findings


def test_what_is_typed_in_odd_ways_is_told_apart(clerk):
    """A day and a time in the first of two fields, marks in brackets, counts in words, rows added by the program."""
    unit = village()
    incident = making.write(unit, unit.documents["minutes_incident"], "docx")
    typed_first = [["retype", "f_told_on", "2026年3月5日 14时30分"]]
    marks = [
        ["retype", "f_quorum_met", "（√）达到（ ）没有达到"],
        ["retype", "f_votes_1_agree", "3票同意，0票反对，0票弃权"],
        ["row", "f_resolutions_2_decided", "", "修整水渠", "村文书", "2026年6月30日前完成", ""],
        ["retype", "f_started", "上午九点半"],
    ]
    first, second = clerk((incident, typed_first), (written(), marks))
    back = read_back(first, unit)
    assert (back.get("told_on"), back.get("told_at")) == ("2026-03-05", "14时30分") and not back.findings
    again = read_back(second, unit)
    assert (again.get("quorum_met"), again.get("started")) == ("达到", "9时30分") and not again.findings, again.findings
    row = again.tables["votes"][0].values
    assert (row["agree"], row["against"], row["abstain"]) == ("3", "0", "0")
    added = next(one.values for one in again.tables["resolutions"] if one.values.get("decided") == "修整水渠")
    assert (added["duty_post"], added["finish_by"]) == ("村文书", "2026-06-30")


MERGED = {
    "a resolution with its post": [["merge", "f_resolutions_1_decided", 2, 1]],
    "two resolutions": [["merge", "f_resolutions_1_decided", 1, 2]],
    "the posts of two resolutions": [["merge", "f_resolutions_1_duty_post", 1, 2]],
    "what they said and how they differed": [["merge", "f_discussion", 1, 2]],
    "the day and the label of the time": [["merge", "f_held_on", 2, 1]],
    "the place in two": [["divide", "f_place", 2]],
    "a resolution in two": [["divide", "f_resolutions_1_decided", 2]],
    "votes": [["merge", "f_votes_1_agree", 3, 1]],
}


def test_nothing_is_lost_where_cells_were_merged_or_divided(clerk):
    unit = village()
    wanted = [*GOOD.values.values(), *(v for rows in GOOD.tables.values() for row in rows for v in row.values.values())]
    for steps, data in zip(MERGED, clerk(*((written(), steps) for steps in MERGED.values())), strict=True):
        back = read_back(data, unit)
        held = "\n".join(
            [*back.values.values(), *(v for t in back.tables.values() for row in t for v in row.values.values())]
        )
        said = "\n".join(one.message for one in back.findings)
        lost = [value for value in wanted if not all(line in held or line in said for line in value.split("\n"))]
        assert not lost, (steps, lost, said)


def test_automatic_numbers_that_the_program_makes_are_read(clerk):
    """F12 in a cell, for numbers and for bullets."""
    numbered = [
        ["moved", "f_topics", ["DefaultNumbering"], "新的"],
        ["moved", "f_dissent", ["DefaultBullet"], "另有说明"],
    ]
    empty = making.write(village(), village().documents["minutes_topical_study"], "docx")
    typed_first = [["moved", "f_topics", ["DefaultNumbering"], "年度安排"]]
    filled, fresh = map(read_back, clerk((written(), numbered), (empty, typed_first)))
    assert filled.get("topics").startswith("1.") and "新的" in filled.get("topics"), filled.get("topics")
    assert "另有说明" in filled.get("dissent") and filled.get("dissent")[0] in "●•·▪", filled.get("dissent")
    assert fresh.get("topics") == "1.年度安排"
