"""Forms filled and saved by the real LibreOffice, over UNO, come back field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import ROOT
from minutes_samples import GOOD, content, read_back, value_for, village, written
from proofsets import mapped
from test_clerk_edits import clerk as clerk

from toolkit.forms import Form, normalised
from toolkit.minutes import making
from toolkit.minutes.unit import Unit
from toolkit.model.tree import FormField

pytestmark = pytest.mark.libreoffice
#: What a clerk types, not what the form keeps.
TYPED = {"date": "2026年3月31日", "time": "9：30", "number": "１２", "check": "是"}


def typed(part: FormField) -> str:
    return part.options[-1] if part.kind == "choice" else TYPED.get(part.kind, f"甲_{part.id}")


def with_values(document, give):
    return mapped(document, lambda part: replace(part, value=give(part)) if isinstance(part, FormField) else part)


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
