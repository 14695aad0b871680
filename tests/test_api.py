"""The Python API has the powers of the commands; the examples of docs/api.md run."""

from __future__ import annotations

import inspect
import re
import shutil

import pytest
from conftest import ROOT

from toolkit import api, generate


def test_the_examples_run(tmp_path, monkeypatch, village_profile):
    shutil.copy(village_profile, tmp_path / "village.yaml")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    names: dict = {}
    examples = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        exec(compile(example, "docs/api.md", "exec"), names)
    assert (tmp_path / "county/report.html").exists() and len(list((tmp_path / "county").glob("*.zip"))) == 2


def test_every_function_is_in_the_page():
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    functions = [name for name in api.__all__ if inspect.isfunction(getattr(api, name)) and name != "has_errors"]
    assert all(f"`{name}(" in page for name in functions), functions


def test_a_mapping_gives_what_the_file_gives(village_profile):
    import yaml

    data = yaml.load(village_profile.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert api.make(data).files == api.make(village_profile).files
    typed = yaml.safe_load(village_profile.read_text(encoding="utf-8"))  # dates and numbers instead of texts
    assert api.make(typed).files == api.make(village_profile).files
    assert api.make(village_profile).files.keys() == {*generate.render(generate.prepare(village_profile)), "resolved.yaml"} | {
        name for name in api.make(village_profile).files if name.endswith(".ics")
    }


def test_kinds_presets_and_starters():
    assert {"village", "school"} <= {kind.id for kind in api.kinds()}
    assert api.preset("村").id == api.preset("village").id == "village"
    assert "青禾" in api.starter("village", {"unit.full_name": "青禾县柳溪镇柳河村"})


def test_revise(tmp_path, village_profile):
    profile = tmp_path / "unit.yaml"
    shutil.copy(ROOT / "examples/village_revised.yaml", profile)
    shutil.copy(ROOT / "examples/village_revised.history.yaml", tmp_path / "unit.history.yaml")
    with pytest.raises(api.Refused):
        api.revise(profile, organ="党员大会", date="2027年5月7日")  # its own date of effect is earlier
    shutil.copy(village_profile, tmp_path / "other.yaml")
    assert api.revise(tmp_path / "other.yaml", organ="党员大会", date="2026年1月4日").event


def test_wrong_arguments():
    with pytest.raises(api.UsageError):
        api.check(ROOT / "examples/village.yaml", date="soon")
    with pytest.raises(TypeError, match="job"):
        api.batch("units.csv", "out", job=2)
    with pytest.raises(api.FileError):
        api.check("none.yaml")
    with pytest.raises(api.UsageError):
        api.preset("no such kind")
