"""Thirty invented profiles of sizes, forms and optional parts that units really have: none gives a finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from toolkit import app
from toolkit.checks.left_out import left_out
from toolkit.compose.seats import seats
from toolkit.core.yaml_read import load
from toolkit.model.tree import FormField, Table

PROFILES = sorted((ROOT / "tests/data/profiles").glob("*.yaml"))
IDS = [path.stem for path in PROFILES]


@pytest.mark.sampled(32)
@pytest.mark.parametrize("path", PROFILES, ids=IDS)
def test_a_profile_gives_no_finding(path: Path) -> None:
    assert [str(finding) for finding in app.check(app.prepare(path))] == []


@pytest.mark.slow
def test_they_differ_in_what_the_texts_turn_on() -> None:
    made = [app.prepare(path) for path in PROFILES]
    values = [one.judged.resolved.values for one in made]
    assert len(made) >= 30
    assert {(one.preset.id, value["party.form"]) for one, value in zip(made, values, strict=True)} >= {
        *(("village", form) for form in ("党支部", "党总支", "党委")),
        *(("school", form) for form in ("党支部", "党总支", "党委")),
        *(("railway_depot", form) for form in ("党支部", "党总支", "党委")),
    }
    assert {value["party.members"] for value in values} >= {3, 6, 7, 50, 51, 99, 100, 101, 120, 150}
    assert any(not value["accounts"] for value in values) and any(not value["positions"] for value in values)
    assert {value.get("school.ownership") for value in values} >= {"公办", "民办"}
    names = {person["name"] for value in values for person in value["people"]}
    assert {"买买提·艾力", "那仁格日勒图雅", "欧阳某", "阿不都热西提·买买提吐尔逊江"} <= names


@pytest.mark.parametrize("kind", ["village", "school", "railway_depot"])
def test_two_members_are_told_about_a_joint_branch(kind: str) -> None:
    path = next(
        path for path in PROFILES if f"{load(path.read_text(encoding='utf-8'), '').data['单位类型']}" == _LABELS[kind]
    )
    text = path.read_text(encoding="utf-8")
    data = load(text, "").data["党组织"]
    two = text.replace(f"党员人数: {data['党员人数']}", "党员人数: 2").replace(f"形式: {data['形式']}", "形式: 党支部")
    found = [one for one in app.prepare_read(_read(two), app.BUNDLED).findings if one.code == "party_size"]
    assert [one.severity.value for one in found] == ["error"] and "联合" in found[0].hint


_LABELS = {"village": "村", "school": "学校", "railway_depot": "车务段"}


def _read(text: str):
    from toolkit.profile.reading import of_bytes

    return of_bytes(text.encode())


@pytest.mark.slow
@pytest.mark.parametrize("path", PROFILES, ids=IDS)
def test_the_whole_set_is_made(path: Path) -> None:
    made = app.make(app.prepare(path), formats=("docx", "txt"))
    fewest = 9 if "规模: 精简" in path.read_text(encoding="utf-8") else 25
    assert len([name for name in made.files if name.endswith(".docx")]) > fewest
    texts = "".join(data.decode() for name, data in made.files.items() if name.endswith(".txt"))
    assert "{" not in texts and "None" not in texts and "、、" not in texts and "。。" not in texts


# --- who is listed for a meeting ----------------------------------------------------------------------------------------


def _listed(text: str) -> dict[str, list[str]]:
    """The people whom each form of minutes lists before it is filled, by the form's id."""
    listed: dict[str, list[str]] = {}
    for document in app.prepare_read(_read(text), app.BUNDLED).judged.built.set.documents:
        for table in (one for one in document.body if isinstance(one, Table) and one.id == "attendance"):
            parts = (part for row in table.rows for cell in row.cells for line in cell.content for part in line)
            fields = (part for part in parts if isinstance(part, FormField) and part.id.endswith("_name"))
            listed[document.id] = [part.value for part in fields if part.value]
    return {name: people for name, people in listed.items() if name.startswith("minutes")}


def _example(name: str) -> str:
    return (ROOT / f"examples/{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_people_without_a_meeting_are_listed_where_their_posts_sit() -> None:
    """A clerk, a chairman of the union or a secretary outside the administration sits in no committee that he is no member of."""
    village, depot = _listed(_example("village")), _listed(_example("railway_depot"))
    assert village["minutes_topical_study"] == ["丁某", "甲某", "戊某", "己某"]
    assert village["minutes_analysis"] == ["甲某", "戊某"] and "庚某" not in village["minutes_leading_group"]
    assert depot["minutes_topical_study"] == ["丁某", "戊某", "甲某", "己某", "庚某"]
    assert "辛某" in depot["minutes_leading_group"]
    for name in ("school", "school_light"):
        school = _listed(_example(name))
        assert school["minutes_admin"] == ["戊某", "己某", "庚某"]
        assert school["minutes_topical_study"] == ["丁某", "戊某", "己某", "庚某"]


def test_a_branch_without_a_committee_lists_its_members_and_no_group_of_which_nobody_said_who_is_in_it() -> None:
    text = _example("village_three_members")
    listed = _listed(text)
    assert listed["minutes_topical_study"] == ["甲某", "乙某", "丙某"]
    assert listed["minutes_leading_group"] == listed["minutes_analysis"] == listed["minutes_incident"] == []
    judged = app.prepare_read(_read(text), app.BUNDLED).judged
    said = {one.label: one.text() for one in left_out(judged.resolved, judged.built)}
    assert said["人员的小组或者会议"].startswith(
        "《分析研判会议记录》《领导小组会议记录》《重大事件会商会议记录》的人员栏留空"
    )


@pytest.mark.parametrize(
    ("post", "sits"),
    [
        ("党支部书记", True),
        ("村支书", True),
        ("柳河村党支部书记、村民委员会主任", True),
        ("组织宣传委员", True),
        ("支部委员", True),
        ("第一党支部书记", False),
        ("团支部书记", False),
        ("村民委员会主任", False),
        ("村民委员会委员", False),
        ("村务监督委员会委员", False),
        ("村文书", False),
    ],
)
def test_a_post_sits_in_the_committee_or_does_not(post: str, sits: bool) -> None:
    made = app.prepare(ROOT / "examples/village.yaml")
    rules, entry = made.preset.rules["posts"], made.judged.resolved.org.get
    assert list(seats(rules, {"post": post}, entry)) == (["村党支部委员会"] if sits else [])
