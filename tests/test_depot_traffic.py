"""What a depot carries: a set for freight alone speaks of no passengers, one for passengers alone of no freight."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from light_sets import EXAMPLES
from tinyset import write

from toolkit.app import Prepared, prepare
from toolkit.core.data_folders import Where
from toolkit.coverage import matrix
from toolkit.model.tree import FormField, Table, inlines_of
from toolkit.model.tree_json import to_text

PASSENGERS = re.compile(
    "旅客|乘客|客运|客货|客流|客票|候车|候乘|乘务|乘车|乘降|票务|退票|检票|安检|春运|暑运|失物|列车时刻"
)
FREIGHT = re.compile("货运|货主|货物|货场|客货|托运|装卸|散装")
#: What a depot carries → the words by which its papers are known.
WORDS = {"客运": PASSENGERS, "货运": FREIGHT}


def depot(folder: Path, carries: str, size: str = "完整", **changes: str) -> Prepared:
    """The shipped depot with a committee, carrying this, in this size."""
    text = (EXAMPLES / "railway_depot_light.yaml").read_text(encoding="utf-8")
    changes |= {"规模: 精简\n": f"规模: {size}\n", "站段:\n": f"站段:\n  运输业务: {carries}\n", "货运车间": "一车间"}
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "unit.yaml").write_text(text, encoding="utf-8")
    return prepare(folder / "unit.yaml")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("size", ["完整", "精简"])
@pytest.mark.parametrize("carries", ["客运", "货运", pytest.param("客运和货运", marks=pytest.mark.slow)])
def test_no_paper_speaks_of_what_the_depot_does_not_carry(tmp_path: Path, carries: str, size: str) -> None:
    """Documents, forms with their prompts and choices, papers on demand, names of files, rows of the calendar."""
    made = depot(tmp_path, carries, size)
    assert not made.findings and not matrix(made).is_open
    said = {one.id: to_text(one) for one in made.built.set.documents}
    found = {kind: {word for text in said.values() for word in words.findall(text)} for kind, words in WORDS.items()}
    assert {kind for kind, words in found.items() if len(words) > 2} == {*carries.split("和")} and len(said) > 35
    assert {kind for kind, words in found.items() if words} == {*carries.split("和")}


def test_a_depot_of_both_kinds_is_the_default(tmp_path: Path) -> None:
    given = to_text(depot(tmp_path, "客运和货运").built.set)
    silent = (tmp_path / "unit.yaml").read_text(encoding="utf-8").replace("  运输业务: 客运和货运\n", "")
    (tmp_path / "unit.yaml").write_text(silent, encoding="utf-8")
    assert to_text(prepare(tmp_path / "unit.yaml").built.set) == given


def test_the_choices_of_a_column_follow_what_the_depot_carries(tmp_path: Path) -> None:
    choices = {}
    for carries in ("客运和货运", "客运", "货运"):
        made = depot(tmp_path, carries)
        (form,) = [one for one in made.built.set.documents if one.id == "record_passenger_reply"]
        (table,) = [block for block in form.body if isinstance(block, Table) and block.id == "matter"]
        assert {len(row.cells) for row in table.rows} == {len(table.columns)} == {8}
        fields = [part for part in inlines_of(table) if isinstance(part, FormField) and part.id.endswith("sort")]
        choices[carries] = fields[0].options
    assert choices == {
        "客运和货运": ("票务", "候车", "乘降", "货运", "信息", "其他"),
        "客运": ("票务", "候车", "乘降", "信息", "其他"),
        "货运": ("受理", "装卸", "到达", "收费", "信息", "其他"),
    }


def test_a_screen_for_passengers_in_a_freight_depot_is_a_contradiction(tmp_path: Path) -> None:
    screen = "\n阵地:\n  - {名称: 大屏, 类别: 旅客显示屏, 地点: 站房, 负责人: 车站值班员}\n依据:\n"
    (found,) = depot(tmp_path, "货运", **{"\n依据:\n": screen}).findings
    assert (found.code, found.subject) == ("value_conflict", "positions") and "旅客显示屏" in found.message
    assert not depot(tmp_path, "货运", **{"\n依据:\n": screen.replace("旅客显示屏", "其他")}).findings


@pytest.mark.slow
@pytest.mark.parametrize(
    ("document", "clause"), [("regulation", "station_notice"), ("mechanism_press", "station_order")]
)
def test_the_contract_asks_for_the_words_of_what_it_carries(tmp_path: Path, document: str, clause: str) -> None:
    """A text for passengers does not meet the clause of a freight depot."""
    text = f"---\nid: {document}\n---\n## 告知 {{#{clause}}}\n车站应当告知退票改签、滞留安置和疏散路线。\n"
    layer = write(tmp_path / "own", {f"documents/{document}.md": text})
    depot(tmp_path, "货运")
    found = prepare(tmp_path / "unit.yaml", Where(layers=(layer,))).findings
    assert [one.subject for one in found if one.code == "clause_lacks"] == [clause]
