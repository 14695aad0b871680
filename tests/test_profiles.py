"""Twenty invented profiles of sizes, forms and optional parts that units really have: none gives a finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from toolkit import app
from toolkit.core.yaml_read import load

PROFILES = sorted((ROOT / "tests/data/profiles").glob("*.yaml"))
IDS = [path.stem for path in PROFILES]


@pytest.mark.sampled(16)
@pytest.mark.parametrize("path", PROFILES, ids=IDS)
def test_a_profile_gives_no_finding(path: Path) -> None:
    assert [str(finding) for finding in app.check(app.prepare(path))] == []


@pytest.mark.slow
def test_they_differ_in_what_the_texts_turn_on() -> None:
    made = [app.prepare(path) for path in PROFILES]
    values = [one.judged.resolved.values for one in made]
    assert len(made) >= 20
    assert {(one.preset.id, value["party.form"]) for one, value in zip(made, values, strict=True)} >= {
        *(("village", form) for form in ("党支部", "党总支", "党委")),
        *(("school", form) for form in ("党支部", "党总支", "党委")),
        *(("railway_depot", form) for form in ("党支部", "党总支", "党委")),
    }
    assert {value["party.members"] for value in values} >= {3, 6, 7, 50, 51, 101, 120}
    assert any(not value["accounts"] for value in values) and any(not value["positions"] for value in values)
    assert {value.get("school.ownership") for value in values} >= {"公办", "民办"}
    names = {person["name"] for value in values for person in value["people"]}
    assert {"买买提·艾力", "那仁格日勒图雅", "欧阳某"} <= names


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
    assert len([name for name in made.files if name.endswith(".docx")]) > 25
    texts = "".join(data.decode() for name, data in made.files.items() if name.endswith(".txt"))
    assert "{" not in texts and "None" not in texts and "、、" not in texts and "。。" not in texts
