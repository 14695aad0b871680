"""Coverage and burden of all units are those of the single commands, in the order of the list."""

from __future__ import annotations

import json
import shutil

import openpyxl
import pytest
from conftest import ROOT

from toolkit import api
from toolkit.batch.fleet.burden import FIGURES
from toolkit.coverage.load import load_of_size


@pytest.mark.slow
def test_coverage_and_burden_of_all_are_those_of_each(tmp_path, run) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    for name in ("school_light.yaml", "village.yaml"):
        shutil.copy(ROOT / "examples" / name, folder)
    (folder / "broken.yaml").write_text("单位类型: 没有这一类\n单位: {全称: 某处}\n", encoding="utf-8")
    found = api.units_coverage(folder, jobs=1)
    assert [unit.wrong.code if unit.wrong else "" for unit in found.units] == ["unknown_kind", "", ""]
    for unit, name in zip(found.units[1:], ("school_light.yaml", "village.yaml"), strict=True):
        prepared = api.prepare(folder / name)
        figures = load_of_size(prepared, paged=False).figures
        assert unit.figures == {name: figures[name] for name in FIGURES} and unit.figures["tasks"] > 20
        matrix = api.coverage(prepared)
        assert unit.states == {state: matrix.count(state) for state in unit.states} and not unit.over
    assert found.units[1].size == "精简" and not found.lacking() and not found.is_fine
    code, said, _ = run("units", "coverage", folder, "--jobs", "1")
    assert code == 1 and "学校（精简） 1 个单位" in said and "broken" in said and "排名" not in said
    code, said, _ = run("units", "coverage", folder, "--jobs", "1", "--events")
    *events, end = map(json.loads, said.splitlines())
    assert code == 1 and [one["state"] for one in events] == ["wrong", "done", "done"] and events[0]["findings"]
    assert end == {"event": "end", "units": 3, "fine": False, "report": ""}
    assert run("units", "coverage", folder, "--jobs", "1", "-o", tmp_path / "c.xlsx")[0] == 1
    rows = list(openpyxl.load_workbook(tmp_path / "c.xlsx")["各单位"].iter_rows(values_only=True))
    tasks = rows[0].index("事项")
    assert [row[tasks] for row in rows[2:]] == [unit.figures["tasks"] for unit in found.units[1:]]
    assert json.loads(api.units_report(found, "json"))["units"][0]["wrong"]["code"] == "unknown_kind"


def test_an_open_requirement_is_told_once_with_its_units() -> None:
    from toolkit.batch.fleet.burden import Burden, UnitBurden

    open_one = (("regulation#purpose", "目的和依据", "01-办法"),)
    units = tuple(UnitBurden(f"甲{n}村", f"第 {n} 行", "村", open=open_one if n < 3 else ()) for n in range(5))
    found = Burden(units)
    assert found.lacking() == [("村", "01-办法", "目的和依据", ("甲0村", "甲1村", "甲2村"), 5)] and not found.is_fine
    said = api.units_report(found, "text").decode()
    assert said.count("目的和依据") == 1 and "3/5 个单位未落实" in said
