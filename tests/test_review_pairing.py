"""Which file of a folder is which document: copies, renamed files and filled forms never take another file's place."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from checking import write_layer, write_profile
from conftest import EXTRA
from docx import Document as Word
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_review_cli import REGULATION, REPORT, replaced, run, text_of, without_ids

from toolkit import api, app
from toolkit.app import Prepared
from toolkit.core import zips
from toolkit.core.data_folders import Where
from toolkit.core.findings import FileError, Refused
from toolkit.docx.reading.package import open_package
from toolkit.output import seal
from toolkit.versions import loading
from toolkit.versions.loading import load_folder
from toolkit.versions.pairing import is_record

STEM = REGULATION.removesuffix(".docx")
FORM = "20-分析研判会议记录.docx"
FILLED = "20-分析研判会议记录（第1季度已填）.docx"
OLD, NEW = "谈话记录限定范围保管", "谈话记录由专人限定范围保管"
ADDED = "村党支部应当公布联系方式。"
#: Names that people and programs give to a copy or to the file that is valid; half of them sort before the original.
NAMES = (
    f"{STEM}（原稿备份）.docx",
    f"{STEM}_旧.docx",
    f"{STEM} 2.docx",
    f"{STEM}v2.docx",
    f"{STEM}（定稿）.docx",
    f"{STEM} - 副本.docx",
    f"{STEM}终稿.docx",
    f"旧{REGULATION}",
    f"副本 {REGULATION}",
    f"00{REGULATION}",
    f"(终稿){REGULATION}",
    "~办法.docx",
    "0.docx",
)


@pytest.fixture(scope="module")
def village(tmp_path_factory) -> Path:
    """A folder with a profile, what it generates, and a layer with one more article."""
    home = tmp_path_factory.mktemp("village")
    write_profile(home)
    write_layer(home, EXTRA)
    app.generate(home / "unit.yaml", home / "out")
    return home


@pytest.fixture(scope="module")
def new(village: Path) -> Prepared:
    """The new version: the village with the layer."""
    return api.prepare(village / "unit.yaml", layers=[village / "own"])


@pytest.fixture
def edited(village: Path, tmp_path: Path) -> Path:
    """A copy of the generated folder, to be edited."""
    shutil.copytree(village / "out", tmp_path / "edited")
    return tmp_path / "edited"


def foreign() -> bytes:
    """A text of somebody else."""
    document = Word()
    for line in (
        "柳河村图书室管理办法",
        "第一条　为了方便村民借阅图书，制定本办法。",
        "第二条　图书室每日开放，借阅应当登记。",
    ):
        document.add_paragraph(line)
    document.save(data := BytesIO())
    return data.getvalue()


def steps(upgrade) -> dict:
    return {step.name: step for step in upgrade.steps}


def with_copy(edited: Path, name: str) -> None:
    """Keep a copy, then edit the file that was generated."""
    shutil.copy(edited / REGULATION, edited / name)
    replaced(edited / REGULATION, OLD, NEW)


def renamed(edited: Path, name: str) -> None:
    """Edit the file and give it another name."""
    replaced(edited / REGULATION, OLD, NEW)
    (edited / REGULATION).rename(edited / name)


# --- merge ---------------------------------------------------------------------------------------------------------


@pytest.mark.sampled(4)
@pytest.mark.parametrize("place", ["there", "elsewhere"])
@pytest.mark.parametrize("names", [NAMES[::2], NAMES[:1]])
def test_copies_beside_an_edited_file_take_nothing_away(new, edited, tmp_path, names, place) -> None:
    for name in names:
        shutil.copy(edited / REGULATION, edited / name)
    replaced(edited / REGULATION, OLD, NEW)
    copy = (edited / names[0]).read_bytes()
    out = edited if place == "there" else tmp_path / "merged"
    upgrade = api.merge(new, edited, out)
    assert NEW in text_of(out / REGULATION) and ADDED in text_of(out / REGULATION)
    found, states = steps(upgrade), {file.name: file.state for file in api.status(out)}
    assert found[REGULATION].action == "merged" and not upgrade.open
    for name in names:
        assert (out / name).read_bytes() == copy and states[name] == "unknown"
        assert (
            found[name].action == "beside" and REGULATION in found[name].note and name not in upgrade.manifest["files"]
        )


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", [REGULATION, REPORT, "目录.txt", NAMES[3], "manifest.json"])
def test_a_file_saved_between_planning_and_writing_stops_the_merge(new, edited, name) -> None:
    """A save in Word, of an edited or a generated file, a copy or a new one of a name that is written; or another run."""
    with_copy(edited, NAMES[3])
    planned = api.merge(new, edited)
    planned = replace(planned, files={**planned.files, "目录.txt": b"new"})
    if name.endswith(".docx"):
        replaced(edited / name, "</w:p>", "<w:r><w:t>刚才写的</w:t></w:r></w:p>")
    else:
        (edited / name).write_bytes((edited / "manifest.json").read_bytes() + b" ")
    before = {path: path.read_bytes() for path in edited.rglob("*") if path.is_file()}
    with pytest.raises(Refused) as caught:
        api.merge_save(planned, edited, force=True)
    assert caught.value.code == "changed_meanwhile" and name in caught.value.message
    assert {path: path.read_bytes() for path in edited.rglob("*") if path.is_file()} == before
    api.merge(new, edited, edited)


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("name", "there"), [(name, place % 2) for place, name in enumerate(NAMES[::3])])
def test_a_renamed_file_is_the_edited_one(new, edited, tmp_path, name, there) -> None:
    renamed(edited, name)
    original = (edited / name).read_bytes()
    out = edited if there else tmp_path / "merged"
    found = steps(api.merge(new, edited, out))
    assert NEW in text_of(out / REGULATION) and ADDED in text_of(out / REGULATION)
    assert (out / name).read_bytes() == original
    assert found[REGULATION].action == "merged" and name in found[REGULATION].note and found[REGULATION].edits
    assert found[name].action == "beside" and REGULATION in found[name].note


@pytest.mark.slow
@pytest.mark.parametrize("place", ["there", "elsewhere"])
def test_what_was_merged_from_is_known_by_its_original(new, edited, tmp_path, place) -> None:
    renamed(edited, NAMES[3])
    out = edited if place == "there" else tmp_path / "merged"
    api.merge(new, edited, out)
    again = api.merge(new, out, out)
    assert NEW in text_of(out / REGULATION) and not again.open and steps(again)[REGULATION].action == "keep"


@pytest.mark.slow
def test_a_name_that_differs_by_case_is_one_file_elsewhere(new, edited, tmp_path) -> None:
    """On Windows and macOS both cannot be in one folder."""
    name = f"{STEM}.DOCX"
    with_copy(edited, name)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert NEW in text_of(tmp_path / "merged" / REGULATION) and upgrade.open
    kept = f"{STEM}-2.DOCX"  # the original of the document has the name itself
    assert (tmp_path / "merged" / ".toolkit" / "base" / "手工稿" / kept).read_bytes() == (edited / name).read_bytes()
    assert "手工稿/" + kept in steps(upgrade)[name].remarks[0]


@pytest.mark.slow
def test_the_summary_names_every_file(capsys, village, edited, tmp_path) -> None:
    with_copy(edited, NAMES[0])
    (edited / "经验材料.xlsx").write_bytes(b"own work")
    (edited / "照片").mkdir()
    (edited / "照片" / "1.jpg").write_bytes(b"x")
    (edited / "会议通知.docx").write_bytes(without_ids((village / "out" / REPORT).read_bytes()))
    (edited / "~$办法.docx").write_bytes(b"lock")
    args = ("merge", village / "unit.yaml", edited, "--layer", village / "own")
    for more in (("--check",), ("-o", tmp_path / "merged"), ("-o", edited)):
        code, out, _ = run(capsys, *args, *more)
        assert code == 0
        assert all(name in out for name in (NAMES[0], "经验材料.xlsx", "照片/", "会议通知.docx")) and "~$" not in out
        assert f"和 {REGULATION} 是同一份文件，以 {REGULATION} 为准" in out
    for name in ("经验材料.xlsx", "会议通知.docx", NAMES[0]):
        assert (tmp_path / "merged" / name).read_bytes() == (edited / name).read_bytes()
        assert name not in json.loads((tmp_path / "merged" / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert (edited / "照片" / "1.jpg").exists()


def test_edits_in_a_copy_are_named_and_ask_for_a_decision(new, edited, tmp_path) -> None:
    shutil.copy(edited / REGULATION, edited / NAMES[6])
    replaced(edited / NAMES[6], OLD, NEW)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    step = steps(upgrade)[NAMES[6]]
    assert upgrade.open and step.edits and "没有并入新版" in step.remarks[0]
    assert NEW in text_of(tmp_path / "merged" / NAMES[6])


@pytest.mark.slow
def test_a_copy_that_says_the_same_asks_for_nothing(new, edited, tmp_path) -> None:
    replaced(edited / REGULATION, OLD, NEW)
    shutil.copy(edited / REGULATION, edited / NAMES[0])
    assert not api.merge(new, edited, tmp_path / "merged").open


@pytest.mark.sampled(2)
@pytest.mark.parametrize("backup", ["0.docx", f"{STEM}（原稿）.docx"])
def test_an_unedited_copy_does_not_make_a_renamed_file_unclear(new, edited, tmp_path, backup) -> None:
    shutil.copy(edited / REGULATION, edited / backup)
    renamed(edited, NAMES[3])
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert NEW in text_of(tmp_path / "merged" / REGULATION) and NAMES[3] in steps(upgrade)[REGULATION].note


def test_a_renamed_file_without_edits_is_generated_anew(new, edited, tmp_path) -> None:
    (edited / REGULATION).rename(edited / NAMES[3])
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert ADDED in text_of(tmp_path / "merged" / REGULATION) and "没有手工修改" in steps(upgrade)[NAMES[3]].note


def test_two_edited_files_of_one_document_are_refused_by_name(capsys, village, edited, tmp_path) -> None:
    renamed(edited, NAMES[3])
    shutil.copy(edited / NAMES[3], edited / NAMES[0])
    replaced(edited / NAMES[0], NEW, "谈话记录由书记保管")
    code, _, err = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")
    assert code == 3 and NAMES[0] in err and NAMES[3] in err and f"改名为 {REGULATION}" in err
    assert not (tmp_path / "merged").exists()


def filled(edited: Path) -> bytes:
    """Fill in a form under another name: the first field gets a value."""
    parts = dict(open_package((edited / FORM).read_bytes()).parts)
    before, mark, after = parts["word/document.xml"].decode().partition("<w:showingPlcHdr/>")
    assert mark
    start, end = after.index("<w:t"), after.index("</w:t>")
    after = f'{after[:start]}<w:t xml:space="preserve">会议室{after[end:]}'
    (edited / FILLED).write_bytes(zips.pack({**parts, "word/document.xml": (before + after).encode()}))
    return (edited / FILLED).read_bytes()


@pytest.mark.sampled(4)
@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("place", ["there", "elsewhere"])
def test_a_filled_form_is_a_record_and_stays_as_it_is(new, edited, tmp_path, place, blank) -> None:
    record = filled(edited)
    if not blank:
        (edited / FORM).unlink()
    out = edited if place == "there" else tmp_path / "merged"
    upgrade = api.merge(new, edited, out)
    found = steps(upgrade)
    assert (out / FILLED).read_bytes() == record and found[FILLED].note == f"是填写过的 {FORM}" and not upgrade.open
    assert found[FORM].action == ("take" if blank else "again") and "会议室" not in text_of(out / FORM)


@pytest.mark.slow
def test_a_form_that_nobody_filled_is_no_record(village, edited, tmp_path) -> None:
    app.generate(village / "unit.yaml", tmp_path / "all")
    paths = sorted((tmp_path / "all").glob("*.docx"))
    for path in paths:
        shutil.copy(path, tmp_path / "all" / f"0{path.name}")
        replaced(tmp_path / "all" / f"0{path.name}", "<w:body>", "<w:body> ")
    beside = load_folder(tmp_path / "all").beside
    assert len(beside) == len(paths) and not any(is_record(one.source) for one in beside)


@pytest.mark.slow
def test_an_own_file_in_the_way_of_a_new_one_is_kept_apart(capsys, village, edited, tmp_path) -> None:
    layer = write_layer(
        tmp_path,
        {
            "documents/added.md": "---\nid: added\nnumber: 90\nfile: 补充办法\ntitle: 补充办法\nfamily: mechanism\n"
            "layout: regulation\nnumbering: articles\nself: 本办法\n---\n## 甲 {#only}\n应当记录。\n"
        },
    )
    (edited / "90-补充办法.docx").write_bytes(without_ids((village / "out" / REPORT).read_bytes()))
    own = (edited / "90-补充办法.docx").read_bytes()
    (edited / "resolved.yaml").write_text("# 手工批注", encoding="utf-8")
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged", "--layer", layer)
    kept = tmp_path / "merged" / ".toolkit" / "base" / "手工稿"
    assert (
        code == 1 and ".toolkit/base/手工稿/90-补充办法.docx" in out and (kept / "90-补充办法.docx").read_bytes() == own
    )
    assert (kept / "resolved.yaml").read_text(encoding="utf-8") == "# 手工批注" and "应当记录" in text_of(
        tmp_path / "merged" / "90-补充办法.docx"
    )


@pytest.mark.slow
def test_what_is_generated_no_more_is_named(capsys, village, tmp_path) -> None:
    layer = write_layer(
        tmp_path,
        {
            "documents/added.md": "---\nid: added\nnumber: 90\nfile: 补充办法\ntitle: 补充办法\nfamily: mechanism\n"
            "layout: regulation\nnumbering: articles\nself: 本办法\n---\n## 甲 {#only}\n应当记录。\n"
        },
    )
    more = tmp_path / "more"
    app.generate(village / "unit.yaml", more, where=Where(layers=(layer,)))
    entries = json.loads((more / "manifest.json").read_text(encoding="utf-8"))
    (more / "01-办法.pdf").write_bytes(b"a page")
    (more / "02-办法.pdf").write_bytes(b"a page with a note")
    known = {"document": "regulation", "layout": "regulation", "seal": seal("01-办法.pdf", b"a page")}
    entries["files"] |= {"01-办法.pdf": known, "02-办法.pdf": known}
    (more / "manifest.json").write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    code, out, _ = run(capsys, "merge", village / "unit.yaml", more, "-o", tmp_path / "merged")
    assert (
        code == 0
        and "新版不再有，没有手工修改 1 个：90-补充办法.docx" in out
        and "没有重新生成，旧的不再留下 1 个：01-办法.pdf" in out
    )
    assert (tmp_path / "merged" / "02-办法.pdf").read_bytes() == b"a page with a note" and "02-办法.pdf" in out


@pytest.mark.slow
def test_an_own_file_of_the_target_is_not_written_over(capsys, village, edited, tmp_path) -> None:
    args = ("merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")
    (edited / "材料.txt").write_text("一", encoding="utf-8")
    assert run(capsys, *args)[0] == 0
    (edited / "材料.txt").write_text("二", encoding="utf-8")
    code, _, err = run(capsys, *args)
    assert code == 1 and "材料.txt" in err and (tmp_path / "merged" / "材料.txt").read_text(encoding="utf-8") == "一"
    assert run(capsys, *args, "--force")[0] == 0
    assert (tmp_path / "merged" / ".toolkit" / "旧" / "材料.txt").read_text(encoding="utf-8") == "一"


@pytest.mark.slow
def test_a_folder_that_an_older_version_merged_keeps_own_files(new, edited) -> None:
    """Its manifest lists them without a document."""
    shutil.copy(edited / REGULATION, edited / NAMES[1])
    path = edited / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"][NAMES[1]] = {"seal": manifest["files"][REGULATION]["seal"]}
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    replaced(edited / REGULATION, OLD, NEW)
    api.merge(new, edited, edited)
    assert NEW in text_of(edited / REGULATION) and (edited / NAMES[1]).exists()


@pytest.mark.slow
def test_the_base_from_elsewhere_serves_renamed_files_and_records(village, new, edited, tmp_path) -> None:
    renamed(edited, NAMES[3])
    record = filled(edited)
    (edited / FORM).unlink()
    shutil.rmtree(edited / ".toolkit" / "base")
    lost = api.merge(new, edited)
    assert lost.open and steps(lost)[REGULATION].action == "no_base" and "底稿" in steps(lost)[REGULATION].remarks[0]
    assert lost.files[REGULATION] == (edited / NAMES[3]).read_bytes()
    upgrade = api.merge(new, edited, tmp_path / "merged", base=village / "out")
    assert NEW in text_of(tmp_path / "merged" / REGULATION) and (tmp_path / "merged" / FILLED).read_bytes() == record
    assert steps(upgrade)[FORM].action == "again"


# --- diff ----------------------------------------------------------------------------------------------------------


def noted(comparison) -> dict[str, str]:
    return {finding.where.file: finding.message for finding in comparison.findings}


@pytest.mark.slow
@pytest.mark.parametrize("names", [NAMES, NAMES[:1]])
def test_copies_never_steal_the_pair(village, edited, names) -> None:
    for name in names:
        shutil.copy(edited / REGULATION, edited / name)
    replaced(edited / REGULATION, OLD, NEW)
    for old, new in ((village / "out", edited), (edited, village / "out")):
        comparison = api.diff(old, new)
        (pair,) = comparison.of("changed")
        assert pair.old.file == pair.new.file == REGULATION and len(pair.changes) == 1
        assert not comparison.of("added") and not comparison.of("dropped")
        assert all("没有比较" in noted(comparison)[name] for name in names)


@pytest.mark.parametrize("name", NAMES[1::4])
def test_a_renamed_file_is_compared_under_its_name(village, edited, name) -> None:
    renamed(edited, name)
    comparison = api.diff(village / "out", edited)
    (pair,) = comparison.of("changed")
    assert (pair.old.file, pair.new.file) == (REGULATION, name) and f"{REGULATION} 不在文件夹里了" in noted(comparison)[
        name
    ]


def test_a_filled_form_never_steals_the_pair(village, edited) -> None:
    filled(edited)
    comparison = api.diff(village / "out", edited)
    assert comparison.same and "填写过" in noted(comparison)[FILLED]
    assert FILLED in api.diff_report(comparison, "text").decode()


def test_several_renamed_files_are_all_named(village, edited) -> None:
    renamed(edited, NAMES[3])
    shutil.copy(edited / NAMES[3], edited / NAMES[0])
    comparison = api.diff(village / "out", edited)
    assert [pair.old.file for pair in comparison.of("dropped")] == [REGULATION]
    assert all("分不清" in noted(comparison)[name] for name in (NAMES[0], NAMES[3]))


@pytest.mark.sampled(16)
@pytest.mark.parametrize("name", NAMES)
def test_without_a_manifest_the_name_that_the_others_extend_is_the_original(village, edited, tmp_path, name) -> None:
    with_copy(edited, name)
    for folder in (tmp_path / "old", tmp_path / "new"):
        folder.mkdir()
    for file in (REGULATION, REPORT):
        shutil.copy(village / "out" / file, tmp_path / "old")
    for file in (REGULATION, REPORT, name):
        shutil.copy(edited / file, tmp_path / "new")
    comparison = api.diff(tmp_path / "old", tmp_path / "new")
    assert "没有比较" in noted(comparison)[name]
    assert [pair.new.file for pair in comparison.of("changed")] == (
        [] if name in ("~办法.docx", "0.docx") else [REGULATION]
    )


@pytest.mark.slow
def test_a_foreign_file_with_the_name_of_an_id_is_not_the_document(village, new, edited, tmp_path) -> None:
    data = foreign()
    for name in ("regulation.docx", "regulation.DOCX"):
        (edited / name).write_bytes(data)
    replaced(edited / REGULATION, OLD, NEW)
    comparison = api.diff(village / "out", edited)
    assert [pair.new.file for pair in comparison.of("changed")] == [REGULATION]
    assert sorted(pair.new.file for pair in comparison.of("added")) == ["regulation.DOCX", "regulation.docx"]
    found = steps(api.merge(new, edited, tmp_path / "merged"))
    assert (
        NEW in text_of(tmp_path / "merged" / REGULATION)
        and (tmp_path / "merged" / "regulation.DOCX").read_bytes() == data
    )
    assert found["regulation.docx"].action == "outside"  # elsewhere both are one name


# --- status --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES[2::4])
def test_status_knows_copies_and_renamed_files(edited, name) -> None:
    with_copy(edited, name)
    found = {file.name: file for file in api.status(edited)}
    assert (found[REGULATION].state, found[name].state, found[name].places) == ("edited", "unknown", ())
    assert REGULATION in found[name].remarks[0]
    (edited / name).unlink()
    (edited / REGULATION).rename(edited / name)
    found = {file.name: file for file in api.status(edited)}
    assert found[REGULATION].state == "missing" and found[REGULATION].remarks == (f"改名为 {name}",)
    assert found[name].remarks == (f"是改了名的 {REGULATION}",) and found[name].places[0][1] == 1


@pytest.mark.slow
def test_a_missing_file_makes_no_edit_of_the_clauses_that_cite_it(village, new, edited, tmp_path) -> None:
    """The titles of documents whose files were taken out of the folder read as typed over in an edited file."""
    for path in edited.glob("*.docx"):
        if path.name != REGULATION:
            path.unlink()
    replaced(edited / REGULATION, OLD, NEW)
    (regulation,) = (file for file in api.status(edited) if file.name == REGULATION)
    assert [count for _, count in regulation.places] == [1]
    upgrade = api.merge(new, edited, tmp_path / "new")
    assert len(steps(upgrade)[REGULATION].edits) == 1
    (changed,) = api.diff(village / "out", edited).of("changed")
    assert len(changed.changes) == 1 and not changed.parts[0].references


# --- any folder ----------------------------------------------------------------------------------------------------

ACTS = st.tuples(st.sampled_from(["copy", "rename", "edit", "delete"]), st.integers(0, 9), st.sampled_from(NAMES))


@pytest.fixture(scope="module")
def later(new: Prepared) -> tuple[Prepared]:
    """The new version, folded: a failing case would print it whole."""

    class Folded(tuple):
        def __repr__(self) -> str:
            return "(new,)"

    return Folded((new,))


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(st.lists(ACTS, min_size=1, max_size=5), st.booleans())
def test_every_edit_is_merged_or_in_a_file_that_is_named(later, village, tmp_path_factory, acts, there) -> None:
    """Random copies, renames, edits and deletions of one document: no sentence that was typed goes without a word."""
    folder = tmp_path_factory.mktemp("any") / "edited"
    shutil.copytree(village / "out", folder)
    files, written = [REGULATION], {}
    for count, (act, index, name) in enumerate(acts):
        if not files:
            break
        path = folder / files[index % len(files)]
        if act == "edit":
            sentence = f"手工补写第{'甲乙丙丁戊'[count]}句。"
            replaced(path, OLD, f"{sentence}{OLD}")
            written.setdefault(path.name, set()).add(sentence)
        elif act == "delete":
            path.unlink()
            files.remove(path.name)
            written.pop(path.name, None)
        elif name not in files:
            shutil.copy(path, folder / name)
            files.append(name)
            written[name] = set(written.get(path.name, ()))
            if act == "rename":
                path.unlink()
                files.remove(path.name)
                written.pop(path.name, None)
    before = {name: (folder / name).read_bytes() for name in files}
    out = folder if there else folder.parent / "merged"
    try:
        upgrade = api.merge(later[0], folder, out)
    except FileError as error:
        assert error.code == "unclear_copies"
        assert (
            all(name in error.message for name in files if written.get(name))
            and not (folder.parent / "merged").exists()
        )
        assert {name: (folder / name).read_bytes() for name in files} == before
        return
    named = steps(upgrade)
    assert set(files) <= set(named)
    merged = text_of(out / REGULATION)
    for name in files:
        if name != REGULATION:
            assert (out / name).read_bytes() == before[name] and named[name].action == "beside"
        taken = name == REGULATION or all(sentence in merged for sentence in written.get(name, ()))
        assert taken or named[name].remarks
    assert all(sentence in merged for sentence in written.get(REGULATION, ()))


def test_values_of_a_set_are_read_as_its_file_says_however_it_is_written():
    whole = "kind: x\ndate: '2026-01-05'\nvalues:\n  a:\n    value: [甲, 乙]\n    label: 名单\n  b: {value: '无'}\nduties: {}\n"
    odd = [
        whole.replace("  b:", "  # 手工批注\n  b:"),
        whole.replace("  ", "    "),
        whole.replace("values:", "values: &all"),
        whole.replace("'无'", "'无\n    有'"),
        whole.replace("'无'", "'无\n  有'"),
        whole + "values:\n  c: {value: 1}\n",
        whole.replace("date: '2026-01-05'\n", ""),
        whole.replace("\n", "\r\n"),
    ]
    for text in (whole, *odd):
        read = yaml.safe_load(text)
        found = loading._read_yaml(text.encode())
        assert (found.get("values"), found.get("date")) == (read["values"], read.get("date")), text
    assert loading._read_yaml(whole.encode("utf-16")) == yaml.safe_load(whole) and not loading._read_yaml(
        b"\xff\xfe\xfd"
    )
