"""Folders as people leave them: names that were swapped, files in other places, lost base texts, PDFs beside edited files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from test_review_cli import HARMLESS, REGULATION, REPORT, replaced, run, text_of, without_ids
from test_review_upgrade import conflicting, decide

from toolkit import api, app
from toolkit.core.findings import FileError
from toolkit.output import read_manifest
from toolkit.versions import handwork

STEM = REGULATION.removesuffix(".docx")


@pytest.fixture(scope="module")
def new(village) -> app.Prepared:
    """The new version: the village with a layer."""
    return api.prepare(village / "unit.yaml", layers=[village / "own"])


def steps(upgrade) -> dict:
    return {step.name: step for step in upgrade.steps}


def told(finding) -> tuple:
    message = "" if finding.code == "edited_since" else finding.message
    return finding.code, finding.severity, finding.where.file, finding.where.key, message


@pytest.mark.slow
@pytest.mark.parametrize("name", [f"{STEM}.docm", f"{REGULATION}.bak", f".{REGULATION}", "~$办法.docx", f"{STEM}.dotx"])
def test_a_file_under_any_ending_or_hidden_is_known_by_its_content(new, edited, tmp_path, name) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    (edited / REGULATION).rename(edited / name)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert HARMLESS[1] in text_of(tmp_path / "merged" / REGULATION) and not upgrade.open
    assert steps(upgrade)[name].action == "beside" and name in steps(upgrade)[REGULATION].note
    assert (tmp_path / "merged" / name).is_file()


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["~$办法.docx", ".DS_Store", "._办法.docx", ".~lock.办法.docx#"])
def test_locks_and_leavings_are_no_files(new, edited, tmp_path, name) -> None:
    (edited / name).write_bytes(b"lock")
    assert name not in steps(api.merge(new, edited, tmp_path / "merged"))


def test_files_that_lost_their_ids_and_names_are_known_by_their_words(new, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    (edited / "改稿.docx").write_bytes(without_ids((edited / REGULATION).read_bytes()))
    (edited / REGULATION).unlink()
    shutil.copy(edited / REPORT, edited / "机制.docx")
    replaced(edited / "机制.docx", "</w:p>", "<w:r><w:t>另行补充</w:t></w:r></w:p>")
    (edited / "机制.docx").write_bytes(without_ids((edited / "机制.docx").read_bytes()))
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert HARMLESS[1] in text_of(tmp_path / "merged" / REGULATION)
    assert steps(upgrade)[REGULATION].note == "手工稿是 改稿.docx" and REPORT in steps(upgrade)["机制.docx"].note
    assert upgrade.open and "没有并入新版" in steps(upgrade)["机制.docx"].remarks[0]


def test_swapped_names_mix_no_documents(capsys, new, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    (edited / REGULATION).rename(edited / "甲.docx")
    (edited / REPORT).rename(edited / REGULATION)
    (edited / "甲.docx").rename(edited / REPORT)
    states = {file.name: file for file in api.status(edited)}
    assert states[REPORT].places and f"是改了名的 {REGULATION}" in states[REPORT].remarks
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert HARMLESS[1] in text_of(tmp_path / "merged" / REGULATION) and "公布联系方式" in text_of(
        tmp_path / "merged" / REGULATION
    )
    assert "本机制由村党支部负责解释" in text_of(tmp_path / "merged" / REPORT) and upgrade.open


@pytest.mark.slow
def test_a_copy_over_another_document_is_named_and_kept_apart(new, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    shutil.copy(edited / REGULATION, edited / REPORT)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert HARMLESS[1] not in text_of(tmp_path / "merged" / REPORT) and upgrade.open
    kept = tmp_path / "merged" / ".toolkit" / "base" / "手工稿" / REPORT
    assert kept.read_bytes() == (edited / REPORT).read_bytes()
    assert [file.state for file in api.status(edited) if file.name == REPORT] == ["unknown"]


@pytest.mark.slow
def test_an_edited_document_in_a_folder_of_the_folder_asks_for_a_decision(new, edited, tmp_path) -> None:
    (edited / "旧稿").mkdir()
    shutil.copy(edited / REPORT, edited / "旧稿")
    replaced(edited / REGULATION, *HARMLESS)
    (edited / REGULATION).rename(edited / "旧稿" / "甲.docx")
    upgrade = api.merge(new, edited, tmp_path / "merged")
    (remark,) = steps(upgrade)["旧稿/"].remarks
    assert "旧稿/甲.docx" in remark and "没有并入新版" in remark and upgrade.open
    assert (tmp_path / "merged" / "旧稿" / "甲.docx").is_file()
    replaced(edited / "旧稿" / "甲.docx", HARMLESS[1], HARMLESS[0])
    assert not api.merge(new, edited).open


def test_what_is_not_carried_is_named(new, edited, tmp_path) -> None:
    (edited / ".git").mkdir()
    (edited / REPORT).unlink()
    (edited / REPORT).mkdir()
    (edited / REPORT / "一.txt").write_bytes(b"x")
    (edited / "链接.docx").symlink_to(REGULATION)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    found = steps(upgrade)
    assert [found[name].action for name in (".git/", f"{REPORT}/", "链接.docx")] == ["outside"] * 3
    with pytest.raises(FileError):
        api.merge(new, edited, edited)


@pytest.mark.slow
def test_a_link_inside_the_folder_is_read_and_one_out_of_it_is_not(new, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    (edited / REGULATION).rename(edited / "真.docx")
    (edited / REGULATION).symlink_to("真.docx")
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert steps(upgrade)[REGULATION].action == "merged" and HARMLESS[1] in text_of(tmp_path / "merged" / REGULATION)
    assert sum(step.name == REGULATION for step in upgrade.steps) == 1
    assert not (tmp_path / "merged" / REGULATION).is_symlink()
    (edited / "真.docx").rename(edited.parent / "真.docx")
    (edited / REGULATION).unlink()
    (edited / REGULATION).symlink_to("../真.docx")
    upgrade = api.merge(new, edited, tmp_path / "later")
    named = [step for step in upgrade.steps if step.name == REGULATION]
    assert {step.action for step in named} == {"again", "outside"} and upgrade.open
    assert HARMLESS[1] not in text_of(tmp_path / "later" / REGULATION)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("how", ["missing", "broken"])
def test_one_lost_base_text_never_stops_a_folder(new, edited, tmp_path, how) -> None:
    base = edited / ".toolkit" / "base" / "regulation.json"
    base.unlink() if how == "missing" else base.write_text("{", encoding="utf-8")
    replaced(edited / REGULATION, *HARMLESS)
    replaced(edited / REPORT, "</w:p>", "<w:r><w:t>另行补充</w:t></w:r></w:p>")
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert steps(upgrade)[REGULATION].action == "no_base" and upgrade.open
    assert steps(upgrade)[REPORT].action == "merged" and "另行补充" in text_of(tmp_path / "merged" / REPORT)
    assert (tmp_path / "merged" / REGULATION).read_bytes() == (edited / REGULATION).read_bytes()


@pytest.mark.slow
def test_files_that_nobody_edited_need_no_base_text(new, edited, tmp_path) -> None:
    shutil.rmtree(edited / ".toolkit")
    assert not api.merge(new, edited, tmp_path / "merged").open
    assert "公布联系方式" in text_of(tmp_path / "merged" / REGULATION)


def test_a_folder_without_manifest_says_the_way_out(capsys, village, edited, tmp_path) -> None:
    (edited / "manifest.json").unlink()
    code, _, err = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")
    assert code == 3 and "从备份恢复" in err and not (tmp_path / "merged").exists()


@pytest.mark.slow
def test_a_result_that_does_not_pass_is_told_once(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")
    assert code == 1 and out.count("number_differs") == 1 and "没有通过检查：要改 1 处" in out
    assert sum(finding.code == "number_differs" for finding in api.check(tmp_path / "merged")) == 1


@pytest.mark.sampled(4)
@pytest.mark.parametrize("what", ["edited", "conflict", "missing", "record"])
def test_a_merge_is_judged_as_its_folder_is(village, new, edited, tmp_path, what) -> None:
    """What the merge knows of its documents and what is read again from the files gives the same findings."""
    replaced(edited / REPORT, "定期", "每月定期")
    ready = new
    if what == "conflict":
        ready = api.prepare(village / "unit.yaml", layers=[conflicting(edited, tmp_path)])
    elif what == "missing":
        (edited / REPORT).write_bytes(b"")
    elif what == "record":
        form = edited / "20-分析研判会议记录.docx"
        replaced(form, "<w:showingPlcHdr/>", "")
    upgrade = api.merge(ready, edited, tmp_path / "merged")
    about_reading = ("beside", "tracked_accepted", "not_compared")
    read = [finding for finding in api.check(tmp_path / "merged") if finding.code not in about_reading]
    assert {told(finding) for finding in upgrade.checked} == {told(finding) for finding in read}


def test_a_kept_file_cites_the_new_numbers_of_other_documents(new, edited, tmp_path) -> None:
    """Nothing of the report mechanism differs but the number of an article of the regulation that it cites."""
    replaced(edited / REPORT, "。</w:t>", "，并留存备查。</w:t>")
    assert "实施办法》第四十条第四款" in text_of(edited / REPORT)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    text = text_of(tmp_path / "merged" / REPORT)
    assert "实施办法》第四十一条第四款" in text and "留存备查" in text and not upgrade.open
    assert steps(upgrade)[REPORT].action == "merged"


@pytest.mark.slow
def test_merges_one_after_the_other_keep_both_hands(village, new, edited, tmp_path) -> None:
    """Edited, merged, renamed and edited again, merged with a conflict, renamed, decided, merged once more."""
    replaced(edited / REGULATION, *HARMLESS)
    api.merge(new, edited, tmp_path / "one")
    one = tmp_path / "one"
    replaced(one / REGULATION, "应当公布联系方式。", "应当公布联系方式和时间。")
    layer = conflicting(one, tmp_path)
    (one / REGULATION).rename(one / "二稿.docx")
    third = api.prepare(village / "unit.yaml", layers=[village / "own", layer])
    upgrade = api.merge(third, one, tmp_path / "two")
    two = tmp_path / "two"
    assert upgrade.open and steps(upgrade)[REGULATION].conflicts
    (two / "二稿.docx").unlink()
    (two / REGULATION).rename(two / "三稿.docx")
    again = api.merge(third, two, tmp_path / "three")
    assert again.open and steps(again)[REGULATION].conflicts  # renamed, and still not decided
    decide(two / "三稿.docx", accepted=True)
    last = api.merge(third, two, tmp_path / "four")
    assert not last.open
    text = text_of(tmp_path / "four" / REGULATION)
    assert HARMLESS[1] in text and "联系方式和时间" in text and "全体工作人员" in text


@pytest.mark.slow
def test_the_pdf_beside_an_edited_file_is_stale_until_it_is_made_again(capsys, village, tmp_path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(village / "out", folder)
    app.generate(village / "unit.yaml", folder, only=["regulation"], formats=["docx", "pdf"])
    pdf = REGULATION.replace(".docx", ".pdf")
    assert all(file.state == "same" for file in api.status(folder))
    replaced(folder / REGULATION, *HARMLESS)
    code, out, _ = run(capsys, "status", folder)
    assert code == 1 and f"{pdf}：没有跟着改" in out and f"{REGULATION} 改过" in out
    api.merge(village / "unit.yaml", folder, tmp_path / "merged")
    states = {file.name: file.state for file in api.status(tmp_path / "merged")}
    assert states[REGULATION] == "edited" and states[pdf] == "same"
    assert "of" in read_manifest(tmp_path / "merged")["files"][pdf]
    replaced(tmp_path / "merged" / REGULATION, HARMLESS[1], "谈话记录由两人限定范围保管")
    assert {file.name: file.state for file in api.status(tmp_path / "merged")}[pdf] == "stale"


@pytest.mark.slow
def test_status_names_the_profile_that_is_there(capsys, village, edited, monkeypatch) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    assert "toolkit merge 档案.yaml" in run(capsys, "status", edited)[1]
    text = (village / "unit.yaml").read_text(encoding="utf-8")
    (edited.parent / "柳河村.yaml").write_text(text, encoding="utf-8")
    assert f"toolkit merge {edited.parent / '柳河村.yaml'}" in run(capsys, "status", edited)[1]
    (edited.parent / "另一份.yaml").write_text(text, encoding="utf-8")
    assert "toolkit merge 档案.yaml" in run(capsys, "status", edited)[1]


def test_status_reads_a_folder_once(capsys, edited, monkeypatch) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    read = []
    load = handwork.load_folder
    monkeypatch.setattr(handwork, "load_folder", lambda folder: read.append(folder) or load(folder))
    monkeypatch.setattr("toolkit.versions.judging.load_folder", lambda folder: read.append(folder) or load(folder))
    code, out, _ = run(capsys, "status", edited, "--json")
    assert code == 1 and json.loads(out)["findings"] and read == [Path(edited)]
