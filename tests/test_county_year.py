"""A small generated county goes through a year with a few kills; ``benchmarks/county_year.py`` plays hundreds of units."""

from __future__ import annotations

import sys

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "benchmarks"))
import county_year


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.mark.slow
def test_a_year_loses_nothing_that_a_hand_wrote(tmp_path) -> None:
    steps = [what for what, _ in county_year.play(tmp_path / "county", 8, seed=3, kills=2)]
    assert len(steps) == 11 and "marks" in steps[-1]


@pytest.mark.slow
def test_a_lost_mark_is_found(tmp_path) -> None:
    year = county_year.Year(tmp_path / "county", 2, seed=1, jobs=1)
    year.begin()
    year.work(1.1)
    assert year.verify() >= 2
    one = next(one for one in year.units if one.marks)
    one.marks["从来没有写过的话"] = "words in 01.docx"
    with pytest.raises(county_year.Failed, match="从来没有写过的话"):
        year.verify()
    del one.marks["从来没有写过的话"]
    one.forms.append(b"PK")
    with pytest.raises(county_year.Failed, match="byte for byte"):
        year.verify()
