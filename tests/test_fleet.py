"""All units of a list: one of them in every command, one state whoever wrote last, status of all, upgrade of all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from batch_lists import NAME, contents, flat, members, workbook
from checking import VERSION, write_layer
from conftest import ROOT
from test_batch import codes, states
from test_batch import run as run_batch
from test_review_cli import replaced, text_of
from test_review_pairing import filled

from toolkit import api
from toolkit.batch.fleet import outputs
from toolkit.core.data_folders import Where
from toolkit.core.findings import FindingsError, UsageError
from toolkit.output import read_manifest, sources
from toolkit.versions import decision_files

REGULATION, OTHER = "01-意识形态工作责任制实施办法.docx", "02-阵地管理制度.docx"
FORM = "20-分析研判会议记录.docx"
#: Replaces the clause that the edits of the first two units are in.
CHANGED = {"documents/regulation.md": "---\nid: regulation\n---\n本办法适用于本村全部组织。{#scope_text}\n"}
OLD, MINE, NEW = "承担意识形态工作职责的人员", "承担意识形态工作职责的全体工作人员", "本办法适用于本村全部组织。"
UNITS = [flat(number)[0][NAME] for number in range(4)]


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch) -> None:
    """These folders need not outlive a power cut."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture(scope="module")
def four(tmp_path_factory) -> Path:
    """A list of four villages, the folders that a batch made, two layers."""
    home = tmp_path_factory.mktemp("four")
    run_batch(workbook(home / "units.xlsx", 4), home / "out")
    write_layer(home, CHANGED).rename(home / "county")
    return home


@pytest.fixture
def home(four, tmp_path) -> Path:
    """The same with edits: one in the same clause of two units, one elsewhere in the third; the fourth is as it was."""
    folder = tmp_path / "home"
    shutil.copytree(four, folder, copy_function=shutil.copy2)
    for unit in UNITS[:2]:
        replaced(folder / "out" / unit / REGULATION, OLD, MINE)
    replaced(folder / "out" / UNITS[2] / OTHER, "应当", "务必")
    return folder


def files_in(folder: Path, *left_out: str) -> dict[str, bytes]:
    """Return every file of a unit's folder, but for those whose path begins so."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found
    return {name: data for name, data in found.items() if not name.startswith(left_out)}


def merge(home: Path, **options):
    return api.units_merge(home / "units.xlsx", home / "out", **{"jobs": 1, "layers": [home / "county"], **options})


def status(home: Path, **options):
    return api.units_status(home / "units.xlsx", home / "out", **{"jobs": 1, **options})


# --- one unit of a list ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_commands_take_a_unit_of_a_list_by_name_or_row(four, run) -> None:
    source, out = four / "units.xlsx", four / "out"
    for unit in (UNITS[1], UNITS[1][6:], "3", "第3行"):
        code, said, _ = run("check", source, "--unit", unit)
        assert code == 0 and f"--unit {unit}" in said
    code, said, _ = run("coverage", source, "--unit", "3", "-f", "json")
    assert code == 0 and UNITS[1] in said
    code, said, _ = run("diff", out / UNITS[1], source, "--unit", "3", "--only", "regulation")
    assert code == 0 and "没有不同" in said
    code, said, _ = run("merge", source, "--unit", UNITS[1], out / UNITS[1], "--check")
    assert code == 0 and "冲突 0 处" in said
    code, said, _ = run("register", source, "--unit", "3", out / UNITS[1], "--today", "2026-03-01")
    assert "读了 0 份记录" in said
    made = api.make(api.ListedUnit(source, "3"))
    assert made.manifest["unit"] == UNITS[1]
    assert made.files == {
        path.name: path.read_bytes() for path in (out / UNITS[1]).glob("*.*") if path.name in made.files
    }


@pytest.mark.slow
def test_the_next_step_of_a_unit_of_a_list_names_the_list(home, run, monkeypatch) -> None:
    monkeypatch.chdir(home)
    code, said, _ = run("status", Path("out") / UNITS[0])
    assert code == 1 and f"下一步：toolkit merge units.xlsx --unit {UNITS[0]} out/{UNITS[0]} --check" in said
    code, said, _ = run(*said.rpartition("下一步：toolkit ")[2].split())
    assert code == 0 and "冲突 0 处" in said


WRONG = [
    (("check", "units.xlsx"), "没有说明是哪个单位", "--unit"),
    (("check", "units.xlsx", "--unit", "没有这个村"), "名单里没有", "名单里有 4 个单位"),
    (("check", "units.xlsx", "--unit", "村"), "可以是 4 个单位", "写全称"),
    (("check", "unit.yaml", "--unit", "村"), "只和名单一起用", "名单"),
    (("merge", "units.xlsx", "out", "--check"), "没有说明是哪个单位", "--unit"),
    (("diff", "units.xlsx", "units.xlsx"), "没有说明是哪个单位", "--unit"),
    (
        ("revise", "units.xlsx", "--unit", "3", "--adopted-by", "党员大会", "--date", "2026-05-07"),
        "沿革",
        "units revise",
    ),
    (("units", "status", "units.xlsx", "nowhere"), "找不到文件夹", "toolkit batch"),
    (("units", "status", "units.xlsx", "out", "--state", "odd"), "没有“odd”这种状态", "edited"),
    (("units", "status", "units.xlsx", "out", "-f", "xlsx"), "xlsx 格式要写明", "-o"),
]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("command", "message", "hint"), WRONG)
def test_a_slip_is_told_with_the_way_out(four, run, monkeypatch, command, message, hint) -> None:
    monkeypatch.chdir(four)
    (four / "unit.yaml").write_text("单位类型: 村\n", encoding="utf-8")
    code, _, said = run(*command)
    assert code in (2, 3) and message in said and hint in said


@pytest.mark.slow
def test_profiles_of_a_list_make_the_same_sets(four, run, tmp_path) -> None:
    code, said, _ = run("units", "profiles", four / "units.xlsx", "-o", tmp_path / "p")
    assert code == 0 and "4 个单位的档案" in said
    for unit in UNITS[:2]:
        made = api.make(tmp_path / "p" / f"{unit}.yaml")
        there = {path.name: path.read_bytes() for path in (four / "out" / unit).iterdir() if path.is_file()}
        assert made.files == {name: there[name] for name in made.files}
    report, _ = run_batch(tmp_path / "p", tmp_path / "again")
    assert sorted(line.name for line in report.lines) == sorted(UNITS)


@pytest.mark.slow
def test_a_shared_profile_and_layers_go_along(tmp_path, run) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("单位类型: 村\n自有条款: own\n", encoding="utf-8")
    write_layer(tmp_path, CHANGED)
    source = workbook(tmp_path / "units.xlsx", 1)
    code, _, said = run("units", "profiles", source, "-o", tmp_path / "p", "--base", base)
    assert code == 0, said
    text = {one.id: one for one in api.make(tmp_path / "p" / f"{UNITS[0]}.yaml").documents}["regulation"]
    assert NEW in str(text)
    made = api.make(api.ListedUnit(source, "2", base))
    assert NEW in str(made.documents) and made.manifest["sources"]["base"][0]["id"] == "base.yaml"
    assert [one["id"] for one in made.manifest["sources"]["layers"]] == ["own"]


# --- one state -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_merged_unit_is_current_for_batch_and_the_other_way_round(home) -> None:
    done = merge(home)
    assert [unit.state for unit in done.units] == ["open", "open", "written", "written"]
    layers = Where(layers=(home / "county",))
    for _ in range(2):
        report, _ = run_batch(home / "units.xlsx", home / "out", where=layers)
        assert states(report)[2] == "kept" and states(report)[3] in ("done", "unchanged")
    assert "务必" in text_of(home / "out" / UNITS[2] / OTHER) and NEW in text_of(home / "out" / UNITS[2] / REGULATION)
    assert states(report)[:2] == ["refused"] * 2 and not report.is_fine
    assert report.count("refused") == 2 and len(report.facts) == 4  # refused units are in the denominators
    assert merge(home, decisions=decide(home, "保留手工")).is_fine
    report, _ = run_batch(home / "units.xlsx", home / "out", where=layers)
    assert report.is_fine and states(report) == ["kept", "kept", "kept", "unchanged"]
    assert MINE in text_of(home / "out" / UNITS[0] / REGULATION)


def decide(home: Path, how: str, name: str = "d.yaml") -> Path:
    """Write the decision file of the upgrade and decide everything in it the same way."""
    entries = api.units_decisions(merge(home, check_only=True), home / name)
    word = decision_files._decision(how, "", api.Place(), [])
    decision_files.write(home / name, [type(one)(**{**vars(one), "decision": word}) for one in entries])
    return home / name


@pytest.mark.slow
def test_force_names_every_file_and_restore_brings_them_back(home, run) -> None:
    layers = ("--layer", home / "county")
    code, _, said = run("batch", home / "units.xlsx", "-o", home / "out", *layers, "--force")
    assert code == 0 and said.count("put_aside") >= 2 and REGULATION in said and "toolkit restore" in said
    folder = home / "out" / UNITS[0]
    assert MINE not in text_of(folder / REGULATION)
    found = status(home, layers=[home / "county"])
    assert [unit.aside for unit in found.units] == [1, 1, 1, 0]
    code, said, _ = run("restore", folder, "--list")
    assert code == 0 and REGULATION in said and "可以取回 1 个文件" in said
    code, said, _ = run("restore", folder)
    assert code == 0 and f"已取回 {REGULATION}" in said and MINE in text_of(folder / REGULATION)
    done = api.units_merge(home / "units.xlsx", home / "out", jobs=1, layers=[home / "county"], check_only=True)
    (conflict,) = done.units[0].conflicts  # compared with what it was generated from, not with what took its place
    assert OLD in conflict.conflict.base and MINE in conflict.conflict.mine and conflict.conflict.theirs == NEW
    code, said, _ = run("restore", folder)
    assert code == 0 and "没有可以取回的文件" in said
    with pytest.raises(UsageError):
        api.restore(folder, ["没有.docx"])


@pytest.mark.slow
def test_what_restore_replaces_is_put_aside_in_turn(home) -> None:
    folder = home / "out" / UNITS[0]
    first = (folder / REGULATION).read_bytes()
    api.generate(api.ListedUnit(home / "units.xlsx", "2"), folder, force=True)
    replaced(folder / REGULATION, OLD, "承担意识形态工作职责的同志")
    second = (folder / REGULATION).read_bytes()
    done = api.restore(folder)
    assert (folder / REGULATION).read_bytes() == first and [name for name, _ in done.kept] == [REGULATION]
    done = api.restore(folder)
    assert (folder / REGULATION).read_bytes() == second and [one.name for one in done.files] == [REGULATION]


@pytest.mark.slow
def test_layers_are_recorded_and_a_run_without_them_says_so_first(home, run, tmp_path) -> None:
    (home / "county" / "preset.yaml").write_text('version: "1.2"\n', encoding="utf-8")
    source, out = home / "units.xlsx", tmp_path / "new"
    report, _ = run_batch(source, out, where=Where(layers=(home / "county",)))
    record = read_manifest(out / UNITS[0])["sources"]
    assert [(one["id"], one["version"], len(one["digest"])) for one in record["layers"]] == [("county", "1.2", 32)]
    assert "id: county" in (out / UNITS[0] / "resolved.yaml").read_text(encoding="utf-8")
    events = []
    api.batch(source, out, jobs=1, tell=lambda event: events.append((event.what, codes(event.findings))))
    told = [what for what, found in events if "layer_dropped" in found]
    assert told == ["findings"] and [what for what, _ in events].index("begin") > events.index(
        ("findings", ["layer_dropped"])
    )
    data = json.loads((out / "report.json").read_text(encoding="utf-8"))
    (dropped,) = [one for one in data["findings"] if one["code"] == "layer_dropped"]
    assert (
        dropped["message"].startswith("4 个单位") and "county" in dropped["message"] and "1.2 版" in dropped["message"]
    )
    code, _, said = run("generate", source, "--unit", "2", "-o", out / UNITS[0], "--layer", home / "county")
    assert code == 0 and said.startswith("提醒 layer_added")
    code, said, _ = run("diff", out / UNITS[0], out / UNITS[1], "--only", "regulation")
    assert "自有条款“county”" in said and "1.2 版" in said


@pytest.mark.slow
def test_a_zip_is_the_set_as_it_stands(home) -> None:
    report, _ = run_batch(home / "units.xlsx", home / "out", zipped=True)
    assert report.is_fine
    for unit in UNITS[:1]:
        there = {path.name: path.read_bytes() for path in (home / "out" / unit).iterdir() if path.is_file()}
        zipped = members(home / "out" / f"{unit}.zip")
        assert {name: data for name, data in zipped.items() if name != "manifest.json"} == {
            name: data for name, data in there.items() if name != "manifest.json"
        }
    report, _ = run_batch(home / "units.xlsx", home / "out", zipped=True)  # and it is ours to replace
    assert report.is_fine
    before = contents(home / "out")
    report, _ = run_batch(home / "units.xlsx", home / "out", zipped=True, where=Where(layers=(home / "county",)))
    assert states(report) == ["refused"] * 4 and "folder_differs" in codes(report.lines[0].findings)
    assert contents(home / "out") == before


@pytest.mark.slow
def test_one_cause_is_told_once_with_its_count(four, run, tmp_path) -> None:
    layer = write_layer(tmp_path, {"documents/regulation.md": "---\nid: regulation\nremove: [scope_text]\n---\n"})
    code, _, said = run("batch", four / "units.xlsx", "-o", tmp_path / "out", "--layer", layer, "--jobs", "1")
    assert code == 1 and said.count("有错误") == 4
    lines = [line for line in said.splitlines() if "要改 missing_clause" in line]
    assert (
        lines
        and len(lines) == 2 * len(set(lines))
        or all(sum(line.partition("要改")[2] == other.partition("要改")[2] for other in lines) <= 2 for line in lines)
    )
    assert any(line.startswith("4 个单位都有：") for line in lines)


# --- status of all -----------------------------------------------------------------------------------------------------


def test_status_of_all_says_what_each_unit_is(home) -> None:
    folder = home / "out" / UNITS[2]
    replaced(folder / FORM.replace("20-分析研判会议记录", "04-分析研判机制"), "应当", "务必")
    (folder / "说明.txt").write_text("x", encoding="utf-8")
    shutil.copytree(home / "out" / UNITS[3], home / "out" / "某村 - 副本")
    (home / "out" / "照片").mkdir()
    found = status(home)
    assert [len(unit.of("edited")) for unit in found.units] == [1, 1, 2, 0]
    assert found.units[0].edited == ("01-意识形态工作责任制实施办法 第二条",) and found.units[2].foreign == (
        "说明.txt",
    )
    assert found.changed()[0] == ("01-意识形态工作责任制实施办法 第二条", tuple(UNITS[:2]))
    assert found.counts()["edited"] == 3 and found.is_fine
    assert [(words.split("　")[0], len(names)) for words, names in found.made_with()] == [(f"村 {VERSION}", 4)]
    assert {"copied_folder", "strange_folder"} <= set(codes(found.findings))
    for form in ("text", "html", "json", "xlsx"):
        assert api.units_report(found, form)
    text = api.units_report(found, "text").decode()
    assert all(unit in text for unit in UNITS[:3]) and "名单中共 4 个单位" in text
    data = json.loads(api.units_report(found, "json"))
    assert data["total"] == 4 and data["counts"]["edited"] == 3 and len(data["units"]) == 4


@pytest.mark.slow
def test_filters_are_judged_from_the_files(home) -> None:
    folder = home / "out" / UNITS[3]
    from docx import Document as Word

    document = Word(folder / REGULATION)
    clause = next(one for one in document.paragraphs if OLD in one.text)
    clause._element.getparent().remove(clause._element)
    document.save(folder / REGULATION)
    assert [unit.unit for unit in status(home, changed="第二条").shown] == [UNITS[0], UNITS[1], UNITS[3]]
    found = status(home, lacks="scope_text")
    assert [unit.unit for unit in found.shown] == [UNITS[3]] and not found.is_fine
    assert ("scope_text", "手工删去") in {(lack.clause, lack.why) for lack in found.shown[0].lacks}
    (row,) = [row for row in found.lacking() if row[3] == "手工删去"]
    assert row[4:] == ((UNITS[3],), 4)
    assert [unit.unit for unit in status(home, failing="*").shown] == [UNITS[3]]
    assert [unit.unit for unit in status(home, state="edited").shown] == UNITS
    assert not status(home, before="1.0.0").shown and len(status(home, before="9").shown) == 4


@pytest.mark.slow
def test_status_looks_at_what_changed_only(home, monkeypatch) -> None:
    first = status(home)
    looked = []
    from toolkit.batch.fleet import status as module

    plain = module.work
    monkeypatch.setattr(module, "work", lambda *given: looked.append(given[1]) or plain(*given))
    assert status(home) == first and not looked
    replaced(home / "out" / UNITS[1] / OTHER, "应当", "务必")
    assert len(status(home).units[1].of("edited")) == 2 and looked == [UNITS[1]]
    status(home, fresh=True)
    assert len(looked) == 5


@pytest.mark.slow
def test_status_of_one_unit_and_of_all_agree(home) -> None:
    for unit in status(home).units:
        alone = api.status_and_check(home / "out" / unit.target)
        assert {file.name: file for file in alone.files if file.state != "same"} == {
            file.name: file for file in unit.files
        }
        assert api.has_errors(alone.findings) == unit.fails


@pytest.mark.slow
def test_stale_pdfs_and_standing_conflicts_are_told(home) -> None:
    listed = api.ListedUnit(home / "units.xlsx", "2")
    folder = home / "out" / UNITS[0]
    shutil.rmtree(folder)
    api.generate(listed, folder, only=["regulation"], formats=["docx", "pdf"])
    replaced(folder / REGULATION, OLD, MINE)
    found = status(home)
    assert [file.name for file in found.units[0].of("stale")] == [REGULATION.replace(".docx", ".pdf")]
    merge(home, marks=True)
    found = status(home, layers=[home / "county"])
    assert found.units[1].conflicts == (("01-意识形态工作责任制实施办法", "第二条第一款"),)
    assert [unit.unit for unit in status(home, state="conflicts").shown] == UNITS[:2]


# --- folders as they come ----------------------------------------------------------------------------------------------


def bad_folders(home: Path) -> dict[str, str]:
    """Spoil three of four folders; return code by unit for who writes (what is no zip cannot be read either)."""
    out = home / "out"
    (out / UNITS[0] / "manifest.json").unlink()
    (out / UNITS[1] / "manifest.json").write_text("{", encoding="utf-8")
    shutil.rmtree(out / UNITS[2])
    (out / f"{UNITS[2]}.zip").write_bytes(b"PK")
    return dict(zip(UNITS, ("no_manifest", "manifest", "only_zip", ""), strict=True))


@pytest.mark.slow
def test_bad_folders_are_named_and_the_others_go_on(home, run) -> None:
    wrong = bad_folders(home)
    found = status(home)
    told = {unit.unit: unit.wrong.code if unit.wrong else "" for unit in found.units}
    assert told == wrong and "读不了" in found.units[2].wrong.message
    assert all(unit.wrong.hint for unit in found.units[:3]) and found.counts()["wrong"] == 3
    code, said, _ = run("units", "merge", home / "units.xlsx", home / "out", "--layer", home / "county", "--jobs", "1")
    assert code == 1 and all(unit.wrong.message in said for unit in found.units[:2]), "in words, without codes"
    assert f"把 {UNITS[2]}.zip 解压成文件夹“{UNITS[2]}”再做" in said
    assert not any(code in said for code in ("no_manifest", "only_zip"))
    assert NEW in text_of(home / "out" / UNITS[3] / REGULATION)
    assert not any(path.name == "manifest.json" for path in (home / "out" / UNITS[0]).iterdir())


def as_zip(folder: Path, inside: str = "", base: bool = False) -> Path:
    """Put a zip in the place of a folder, as ``batch --zip`` packs it, or a hand with the folder itself (``inside``)."""
    packed = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(packed, "w") as file:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and (base or ".toolkit" not in name.parts):
                file.writestr(f"{inside}{name.as_posix()}", path.read_bytes())
    shutil.rmtree(folder)
    return packed


@pytest.mark.slow
def test_a_zip_is_read_as_the_set_that_it_holds(home) -> None:
    out = home / "out"
    shutil.copytree(out, home / "before")
    wanted = status(home).units
    packed = [as_zip(out / UNITS[0], f"{UNITS[0]}/", base=True), as_zip(out / UNITS[1])]
    before = [path.read_bytes() for path in packed]
    found = status(home)
    for unit, path, was in zip(found.units, packed, wanted, strict=False):
        assert unit.wrong is None and path.name in unit.life
        assert unit.lacks == was.lacks and [file.name for file in unit.files] == [file.name for file in was.files]
    assert replace(found.units[0], life="") == wanted[0], "all of it, where the base texts are in the zip"
    assert status(home).units == found.units, "once more from the memory of the last look"
    review = api.units_diff(home / "units.xlsx", home / "before", out, jobs=1)
    assert not review.units[0].items and not review.units[1].items and all(unit.wrong is None for unit in review.units)
    assert [path.read_bytes() for path in packed] == before and not (out / UNITS[0]).exists()


@pytest.mark.slow
def test_a_file_that_is_gone_lacks_its_clauses(home) -> None:
    (home / "out" / UNITS[3] / OTHER).unlink()
    (home / "out" / UNITS[2] / OTHER).rename(home / "out" / UNITS[2] / "阵地管理制度（新）.docx")
    found = {unit.unit: [(lack.clause, lack.why) for lack in unit.lacks] for unit in status(home).units}
    assert ("", "手工删去") in found[UNITS[3]] and ("", "手工删去") not in found[UNITS[2]], "a renamed file is there"


def test_what_stands_in_the_way_of_a_folder_is_told_with_a_way_out(home) -> None:
    out = home / "out"
    shutil.move(out / UNITS[0], home / "set")
    (out / UNITS[0]).mkdir()
    shutil.move(home / "set", out / UNITS[0] / "解压的")  # some programs unpack into one more folder
    shutil.rmtree(out / UNITS[1])
    (out / UNITS[1]).symlink_to(home / "no stick")
    shutil.rmtree(out / UNITS[2])
    with zipfile.ZipFile(out / f"{UNITS[2]}.zip", "w") as file:
        file.writestr("会议照片.jpg", b"")
    found = status(home).units
    assert [unit.wrong.code for unit in found[:3]] == ["no_manifest", "no_folder", "no_manifest"]
    assert "解压的" in found[0].wrong.hint and "U 盘" in found[1].wrong.message and ".zip" in found[2].wrong.message
    assert found[3].wrong is None
    home_of = outputs.place_of(home / "taken out", UNITS[3], UNITS[3])
    assert home_of.wrong.code == "no_folder" and "U 盘" in home_of.wrong.message


@pytest.mark.slow
def test_an_edited_set_without_base_texts_says_which_clause_a_hand_took_out(home) -> None:
    folder = home / "out" / UNITS[0]
    shutil.rmtree(folder / ".toolkit" / "base")
    assert status(home).units[0].lacks == status(home).units[1].lacks, "nothing is missing for want of a base text"


@pytest.mark.slow
def test_a_folder_with_the_set_of_another_unit_is_not_written_over(home) -> None:
    out = home / "out"
    shutil.rmtree(out / UNITS[0])
    shutil.copytree(out / UNITS[3], out / UNITS[0])
    before = files_in(out / UNITS[0])
    done = merge(home)
    assert codes(done.units[0].findings) == ["other_unit"] and files_in(out / UNITS[0]) == before
    assert UNITS[3] in done.units[0].findings[0].message


@pytest.mark.slow
def test_a_set_of_an_older_program_without_a_record_is_upgraded(home) -> None:
    for unit in UNITS:
        path = home / "out" / unit / "manifest.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        del data["sources"]
        data["preset"]["version"] = "1.0.0"
        path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    assert all(unit.is_older for unit in status(home).units)
    assert len(status(home, before=VERSION).shown) == 4
    done = merge(home)
    assert [unit.state for unit in done.units] == ["open", "open", "written", "written"]
    assert [unit.version for unit in done.units] == ["1.0.0"] * 4
    assert not status(home, layers=[home / "county"]).units[3].is_older


# --- upgrade of all ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_check_shows_all_and_writes_nothing(home, run) -> None:
    before = contents(home / "out")
    command = (
        "units",
        "merge",
        home / "units.xlsx",
        home / "out",
        "--layer",
        home / "county",
        "--check",
        "--jobs",
        "1",
    )
    code, said, told = run(*command)
    assert code == 1 and contents(home / "out") == before
    assert "只看结果" in said and "会并入新版 2" in said and "有冲突没有决定，没有写入 2" in said
    assert "2 个单位加了“全体工作”，新版本改为“本村全部组织”" in said and "layer_added" in told
    code, said, _ = run(*command, "-o", home / "r.xlsx")
    book = openpyxl.load_workbook(home / "r.xlsx")
    assert book.sheetnames[:2] == ["单位", "冲突"] and book["冲突"]["D2"].value == 2


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["xlsx", pytest.param("yaml", marks=pytest.mark.slow)])
def test_equal_conflicts_are_one_decision_and_stay_open_until_then(home, run, suffix) -> None:
    file, out = home / f"d.{suffix}", home / "out"
    command = (
        "units",
        "merge",
        home / "units.xlsx",
        out,
        "--layer",
        home / "county",
        "--decisions",
        file,
        "--jobs",
        "1",
    )
    for _ in range(2):
        code, said, told = run(*command)
        assert code == 1 and "没有决定的 1 处已列在" in told and "没有写入 2" in said
        assert MINE in text_of(out / UNITS[0] / REGULATION) and NEW in text_of(out / UNITS[3] / REGULATION)
    (entry,) = decision_files.read(file).entries.values()
    assert entry.units == tuple(UNITS[:2])
    word = {how: decision_files._decision(how, "", api.Place(), []) for how in ("保留手工", "采用新版")}
    change = {"decision": word["采用新版"], "others": {UNITS[1]: word["保留手工"]}}
    decision_files.write(file, [type(entry)(**{**vars(entry), **change})])
    code, said, _ = run(*command)
    assert code == 0 and "已并入新版 2" in said
    assert NEW in text_of(out / UNITS[0] / REGULATION) and MINE not in text_of(out / UNITS[0] / REGULATION)
    assert MINE in text_of(out / UNITS[1] / REGULATION) and NEW not in text_of(out / UNITS[1] / REGULATION)
    assert "务必" in text_of(out / UNITS[2] / OTHER)
    before = contents(out)
    code, said, _ = run(*command)
    assert code == 0 and "没有变化 4" in said and contents(out) == before


@pytest.mark.slow
def test_the_upgrade_of_all_is_that_of_each(home, tmp_path) -> None:
    shutil.copytree(home, tmp_path / "alone", copy_function=shutil.copy2)
    done = merge(home, marks=True)
    assert [unit.state for unit in done.units] == ["marked", "marked", "written", "written"]
    for number, unit in enumerate(UNITS):
        folder = tmp_path / "alone" / "out" / unit
        listed = api.ListedUnit(home / "units.xlsx", str(number + 2))
        api.merge(listed, folder, folder, layers=[home / "county"])
        assert files_in(folder) == files_in(home / "out" / unit)


@pytest.mark.slow
def test_records_stay_byte_for_byte(home) -> None:
    folder = home / "out" / UNITS[3]
    record = filled(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if "已填" in path.name}
    assert before and record in before.values()
    assert merge(home).units[3].state == "written"
    assert {name: (folder / name).read_bytes() for name in before} == before


@pytest.mark.slow
def test_a_unit_with_an_error_is_isolated(four, tmp_path) -> None:
    shutil.copytree(four, tmp_path / "home", copy_function=shutil.copy2)
    home = tmp_path / "home"
    workbook(home / "units.xlsx", 4, {(1, "党组织.党员人数"): "许多"})
    done = merge(home)
    assert [unit.state for unit in done.units] == ["written", "errors", "written", "written"]
    assert "bad_value" in codes(done.units[1].findings)
    assert NEW not in text_of(home / "out" / UNITS[1] / REGULATION)
    with pytest.raises(FindingsError):
        api.units_merge(workbook(home / "v.xlsx", 0), home / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.slow
@pytest.mark.parametrize("moment", [0, 2, 4])
def test_killed_at_any_moment_it_goes_on_to_the_same_end(home, tmp_path, moment) -> None:
    wanted = tmp_path / "wanted"
    shutil.copytree(home, wanted, copy_function=shutil.copy2)
    file = decide(home, "采用新版")
    shutil.copy(file, wanted / file.name)
    aside = ".toolkit/旧", ".toolkit/put_aside.json"  # a run that was killed may keep a copy more
    old = {unit: files_in(home / "out" / unit, *aside) for unit in UNITS}
    merge(wanted, decisions=wanted / file.name)
    new = {unit: files_in(wanted / "out" / unit, *aside) for unit in UNITS}
    command = [sys.executable, "-m", "toolkit", "units", "merge", home / "units.xlsx", home / "out", "--jobs", "1"]
    running = subprocess.Popen(
        [*map(str, command), "--layer", str(home / "county"), "--decisions", str(file)], cwd=os.getcwd()
    )
    begin = time.monotonic()
    while running.poll() is None and time.monotonic() - begin < 1.5 + moment * 0.5:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    for unit in UNITS:  # each is whole in its old or its new version, or its journal says how to go on
        now = files_in(home / "out" / unit, *aside)
        assert (
            now in (old[unit], new[unit])
            or ".toolkit/journal.json" in now
            or any(name.startswith(".toolkit/stage") for name in now)
        )
    merge(home, decisions=file)
    assert {unit: files_in(home / "out" / unit, *aside) for unit in UNITS} == new != old


# --- codes -------------------------------------------------------------------------------------------------------------


def test_the_page_of_checks_states_the_codes() -> None:
    text = (ROOT / "docs/checks.md").read_text(encoding="utf-8")
    for table in (sources.CODES, outputs.CODES, decision_files.CODES):
        for code, meaning in table.items():
            severity, _, said = meaning.partition(": ")
            assert f"| `{code}` | {severity} | {said} |" in text


def test_what_a_set_is_made_of_is_compared_kind_by_kind() -> None:
    def record(layers: str = "a1", preset: str = "1", template: str = "t") -> dict:
        return {
            "preset": [{"id": "village", "version": "1.0", "digest": preset}],
            "layers": [{"id": one[0], "version": "", "digest": one} for one in layers.split()],
            "templates": [{"id": "form", "digest": template}],
        }

    def found(now: dict, before: dict | None = None) -> list[str]:
        return [change.code for change in sources.changes(record() if before is None else before, now)]

    assert found(record()) == [] and found(record(), {}) == []
    assert found(record("")) == ["layer_dropped"] and found(record("a1 b1")) == ["layer_added"]
    assert found(record("a2")) == found(record(preset="2")) == found(record(template="u")) == ["source_changed"]
    assert sources.known({"sources": "x"}) == {} and sources.known({"sources": {"layers": [1, {"id": 2}]}}) == {
        "layers": [{"id": "2"}]
    }


def test_a_log_of_files_put_aside_that_leads_elsewhere_is_not_followed(tmp_path) -> None:
    (tmp_path / ".toolkit/旧").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    (tmp_path / ".toolkit/旧/a.docx").write_bytes(b"a")
    for name, path in (
        ("a.docx", "secret.txt"),
        ("../b", ".toolkit/旧/a.docx"),
        ("a.docx", ".toolkit/旧/../../secret.txt"),
    ):
        log = {"files": [{"name": name, "path": path, "entry": None, "base": ""}]}
        (tmp_path / ".toolkit/put_aside.json").write_text(json.dumps(log), encoding="utf-8")
        done = api.restore(tmp_path)
        assert not done.files and done.left == ("a.docx",)
    (tmp_path / ".toolkit/put_aside.json").write_text("[", encoding="utf-8")
    assert not api.put_aside(tmp_path) and (tmp_path / ".toolkit/旧/a.docx").exists()
