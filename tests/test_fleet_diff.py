"""Two versions of all units: equal changes once, those that differ beside; the sum is that of the single comparisons."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from test_fleet import NEW, OTHER, REGULATION, UNITS, four, home, merge, replaced  # noqa: F401 -- fixtures

from toolkit import api
from toolkit.batch.fleet.review import Item, Review, UnitReview


@pytest.fixture
def newer(home) -> Path:  # noqa: F811 -- the fixture
    """The folders after an upgrade: two units have an open conflict and keep the old clause, the other two have the new one."""
    shutil.rmtree(home / "out" / UNITS[1])
    shutil.copytree(home.parent / "before" / UNITS[1], home / "out" / UNITS[1], copy_function=shutil.copy2)
    merge(home)
    return home / "out"


@pytest.fixture
def before(four, tmp_path) -> Path:  # noqa: F811 -- the fixture
    shutil.copytree(four / "out", tmp_path / "before", copy_function=shutil.copy2)
    return tmp_path / "before"


def diff(four: Path, old: Path, new: Path, **options) -> Review:  # noqa: F811
    return api.units_diff(four / "units.xlsx", old, new, **{"jobs": 1, **options})


@pytest.mark.slow
def test_equal_changes_stand_once_with_the_units_that_differ(four, before, newer, tmp_path) -> None:  # noqa: F811
    found = diff(four, before, newer)
    (clause,) = [one for one in found.clauses if one.first.item.document == "regulation"]
    assert clause.first.units == (UNITS[1], UNITS[2], UNITS[3]) and clause.total == 4 and not clause.without
    assert NEW in "".join(text for op, text in clause.first.item.pieces if op != "-")
    assert [variant.units for variant in clause.variants[1:]] == [(UNITS[0],)]  # the edit of its conflict
    own = {unit.unit: [(item.document, item.clause) for item in items] for unit, items in found.own}
    assert own[UNITS[0]] == [("regulation", clause.first.item.clause)] and own[UNITS[2]][0][0] == "position_management"
    reasons = dict(found.reasons)
    layer = next(units for words, units in reasons.items() if "county" in words)
    assert layer == tuple(UNITS[1:])
    assert set(reasons["手工修改"]) == {UNITS[0], UNITS[2]} and not found.same
    for unit in found.units:  # the sum of the single commands
        alone = api.diff(before / unit.unit, newer / unit.unit)
        changes = [(pair.source.document.id, change.id) for pair in alone.documents for change in pair.changes]
        assert sorted((item.document, item.id) for item in unit.items if item.kind != "head") == sorted(changes)


@pytest.mark.slow
def test_names_of_units_make_no_difference_and_nothing_is_the_same(four, before, tmp_path) -> None:  # noqa: F811
    assert diff(four, before, before).same
    shutil.copytree(before, tmp_path / "new", copy_function=shutil.copy2)
    for number, unit in enumerate(UNITS[:2]):
        short = unit.removeprefix("青禾县柳溪镇")
        assert number < 2 and short
        replaced(tmp_path / "new" / unit / REGULATION, "承担意识形态工作职责的人员", f"{short}的全体人员")
    found = diff(four, before, tmp_path / "new")
    (clause,) = found.clauses
    assert clause.first.units == tuple(UNITS[:2]) and len(clause.variants) == 1 and not found.own
    assert "〔单位.简称〕的全体" in "".join(text for _, text in clause.first.item.pieces)
    assert clause.without == tuple(UNITS[2:])


@pytest.mark.slow
def test_an_archive_is_a_version_and_what_is_missing_is_named(four, before, tmp_path, run) -> None:  # noqa: F811
    (tmp_path / "records").mkdir()
    api.units_archive(four / "units.xlsx", before, tmp_path / "records", tmp_path / "2026", year=2026, jobs=1)
    shutil.copytree(before, tmp_path / "new", copy_function=shutil.copy2)
    replaced(tmp_path / "new" / UNITS[3] / OTHER, "应当", "务必")
    shutil.rmtree(tmp_path / "new" / UNITS[0])
    args = ("units", "diff", four / "units.xlsx", tmp_path / "2026", tmp_path / "new", "--jobs", "1")
    code, said, _ = run(*args)
    assert code == 1 and "没有比较的 1 个" in said and f"{UNITS[0]}：没有这个单位的文件夹" in said
    assert "[-应当-]{+务必+}" in said and "排名" not in said
    for name in ("d.xlsx", "d.html", "d.json"):
        assert run(*args, "-o", tmp_path / name)[0] == 1
    log = list(openpyxl.load_workbook(tmp_path / "d.xlsx")["更改记录"].iter_rows(values_only=True))
    assert log[1][1] == UNITS[3] and log[1][8] == "是" and "手工修改" in log[1][9]
    data = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert [bool(unit["wrong"]) for unit in data["units"]] == [True, False, False, False]
    page = (tmp_path / "d.html").read_text(encoding="utf-8")
    assert '<span class="gone">应当</span><span class="came">务必</span>' in page


@pytest.mark.slow
def test_the_page_of_a_thousand_units_stays_small() -> None:
    common = [
        Item(
            "regulation", "01-办法", f"c{n}", f"第{n}条", "modified", (), (("=", "字" * 200), ("-", "旧"), ("+", "新"))
        )
        for n in range(60)
    ]
    units = []
    for number in range(1000):
        own = replace(common[number % 60], pieces=(("=", "字" * 100), ("-", "旧"), ("+", f"自己的{number}")))
        items = tuple(common[: 60 - number % 7]) + ((own,) if number % 5 < 2 else ())
        units.append(UnitReview(f"青禾县柳溪镇第{number}村", f"第 {number + 2} 行", "village", items, ("预设 1 → 2",)))
    found = Review(tuple(units))
    page = api.units_report(found, "html")
    assert len(page) < 3_000_000 and page.count(b"<tbody") == 60 + 2  # clauses, own changes, reasons
    assert "有的" not in api.units_report(found, "text").decode().partition("只有一个")[0]
    assert len(found.own) == 400 and "还有 ".encode() in page
