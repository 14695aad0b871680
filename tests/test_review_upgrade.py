"""A merge never rewrites records, keeps all formats of a set together, and leaves conflicts open until they are decided."""

from __future__ import annotations

import re
import shutil
import subprocess
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from checking import write_layer
from conftest import EXTRA
from docx import Document as Word
from docx_samples import art, doc, para
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from test_review_cli import CHANGED, HARMLESS, REGULATION, REPORT, conflicting, replaced, run, text_of, without_ids
from test_review_pairing import FORM, STEM, filled, steps

from toolkit import api, app
from toolkit.compare import Side
from toolkit.compare.recover import recover
from toolkit.core import zips
from toolkit.core.findings import FileError
from toolkit.docx.reading.package import open_package
from toolkit.model.tree import Document, DocumentSet, Ref, Text, walk
from toolkit.numbering.labels import number_set
from toolkit.output import read_manifest
from toolkit.versions import load
from toolkit.versions.steps import Originals

OTHER = "04-分析研判机制.docx"
BLANK = FORM.replace(".docx", "（空白表）.docx")
PDF = REGULATION.replace(".docx", ".pdf")
#: A layer in which the form of the meeting and one clause of the regulation read differently.
CHANGED_FORM = {"documents/minutes_analysis.md": "---\nid: minutes_analysis\ntitle: 分析研判会议记录表\n---\n"}


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch) -> None:
    """These folders need not outlive a power cut."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture(scope="module")
def new(village):
    """The new version: the regulation has one more article."""
    return api.prepare(village / "unit.yaml", layers=[village / "own"])


@pytest.fixture(scope="module")
def other_form(village, tmp_path_factory):
    """The new version: the form of the meeting is another one."""
    layer = write_layer(tmp_path_factory.mktemp("form"), CHANGED_FORM)
    return api.prepare(village / "unit.yaml", layers=[layer])


def fill_in(path: Path) -> bytes:
    """Fill in the form under its own name."""
    filled(path.parent)
    (path.parent / path.name.replace(".docx", "（第1季度已填）.docx")).replace(path)
    return path.read_bytes()


# --- records -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [pytest.param(True, marks=pytest.mark.slow), False])
def test_a_form_filled_in_under_its_own_name_is_left_byte_for_byte(other_form, edited, tmp_path, there) -> None:
    record = fill_in(edited / FORM)
    out = edited if there else tmp_path / "merged"
    upgrade = api.merge(other_form, edited, out)
    found = steps(upgrade)
    assert (out / FORM).read_bytes() == record and not upgrade.open
    assert found[FORM].action == "beside" and "填写过的表" in found[FORM].note and found[BLANK].action == "blank"
    assert "分析研判会议记录表" in text_of(out / BLANK) and "会议室" not in text_of(out / BLANK)
    names = read_manifest(out)["files"]
    assert BLANK in names and FORM not in names
    again = api.merge(other_form, out, out)
    assert (out / FORM).read_bytes() == record and not again.report.written
    second = fill_in_blank(out / BLANK)
    api.merge(api.prepare(other_form.profile.raw.file), out, out)
    assert (out / FORM).read_bytes() == record and (out / BLANK).read_bytes() == second
    assert "分析研判会议记录" in text_of(out / BLANK.replace(".docx", "-2.docx"))


def fill_in_blank(path: Path) -> bytes:
    aside = path.parent / FORM
    kept = aside.read_bytes()
    shutil.copy(path, aside)
    data = fill_in(aside)
    path.write_bytes(data)
    aside.write_bytes(kept)
    return data


@pytest.mark.slow
def test_a_filled_form_that_the_new_version_leaves_alone_stays_in_its_place(new, edited, tmp_path) -> None:
    record = fill_in(edited / FORM)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert (tmp_path / "merged" / FORM).read_bytes() == record and steps(upgrade)[FORM].action == "record"
    assert not (tmp_path / "merged" / BLANK).exists() and not upgrade.open
    assert {file.name: file.state for file in api.status(tmp_path / "merged")}[FORM] == "filled"


@pytest.mark.slow
def test_folders_go_along_with_what_is_in_them(new, edited, tmp_path, capsys, village) -> None:
    record = filled(edited)
    inside = edited / "会议记录" / "2026年"
    inside.mkdir(parents=True)
    (edited / "20-分析研判会议记录（第1季度已填）.docx").replace(inside / "一季度.docx")
    (inside / ".缓存").write_bytes(b"x")
    (inside / "manifest.json").write_bytes(b"{}")
    upgrade = api.merge(new, edited, tmp_path / "merged")
    assert (tmp_path / "merged" / "会议记录" / "2026年" / "一季度.docx").read_bytes() == record
    assert (tmp_path / "merged" / "会议记录" / "2026年" / "manifest.json").exists()
    assert steps(upgrade)["会议记录/"].note == "3 个文件" and not upgrade.open
    api.merge(new, edited, edited / "会议记录" / "new")  # a folder is not carried into itself
    assert (edited / "会议记录" / "new" / "会议记录" / "2026年" / "一季度.docx").read_bytes() == record
    api.merge(new, edited, edited / "会议记录" / "new", force=True)
    assert not (edited / "会议记录" / "new" / "会议记录" / "new").exists()


# --- originals -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_original_of_an_earlier_merge_is_never_written_over(new, other_form, edited, tmp_path) -> None:
    """The second merge kept its own original under the same name, and a picture or note of the first was nowhere any more."""
    kept = Path(".toolkit") / "base" / "手工稿" / REGULATION
    replaced(edited / REGULATION, *HARMLESS)
    first = (edited / REGULATION).read_bytes()
    api.merge(new, edited, edited)
    assert (edited / kept).read_bytes() == first
    second = (edited / REGULATION).read_bytes()
    upgrade = api.merge(other_form, edited, tmp_path / "merged")
    api.merge(other_form, edited, edited)
    for folder in (edited, tmp_path / "merged"):
        assert (folder / kept).read_bytes() == first
        assert (folder / kept.with_name(f"{kept.stem}-2.docx")).read_bytes() == second
    assert steps(upgrade)[REGULATION].rewritten.endswith("-2.docx")


def test_originals_are_kept_under_names_of_their_own(tmp_path) -> None:
    folder = tmp_path / ".toolkit" / "base" / "手工稿"
    folder.mkdir(parents=True)
    (folder / "甲.docx").write_bytes(b"1")
    originals = Originals(tmp_path)
    assert [originals.add("甲.docx", data) for data in (b"1", b"2", b"2", b"3")] == [
        *("甲.docx", "甲-2.docx", "甲-2.docx", "甲-3.docx")
    ]
    assert originals.files == {"甲.docx": b"1", "甲-2.docx": b"2", "甲-3.docx": b"3"}


# --- citations -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_citations_of_an_edited_title_and_number_are_no_edits_of_who_cites(new, edited, tmp_path) -> None:
    """The files that a merge wrote cited the new title, and each was an edit for the next merge, its references gone."""
    replaced(edited / REGULATION, "责任制实施", "责任制具体实施")
    replaced(edited / REPORT, "报告", "书面报告")
    word = Word(edited / REGULATION)
    first = next(line for line in word.paragraphs if line.text.strip().startswith("为了"))
    again = deepcopy(first._p)
    for bookmark in [mark for mark in again if mark.tag.endswith(("bookmarkStart", "bookmarkEnd"))]:
        again.remove(bookmark)
    first._p.addnext(again)
    word.save(edited / REGULATION)
    before = {file.name: file.places for file in api.status(edited)}
    upgrade = api.merge(new, edited, tmp_path / "merged")
    note = steps(upgrade)[REGULATION].note
    assert "处引用还是生成时的" in note and not upgrade.open
    assert "责任制具体实施办法》第四十二条" in text_of(tmp_path / "merged" / REPORT)
    after = {file.name: file.places for file in api.status(tmp_path / "merged")}
    assert {name: after[name] for name in (REGULATION, REPORT)} == {name: before[name] for name in (REGULATION, REPORT)}


def test_a_citation_reads_as_generated_or_as_the_cited_document_is_now() -> None:
    cited = doc("cited", title="甲办法", body=[art("a", para("a1", "甲。"))])
    base = doc("own", body=[art("b", para("b1", "依照", Ref("a", "cited"), "办理。"))])
    now = replace(cited, title="乙办法", body=(art("n", para("n1", "新。")), *cited.body))
    side = Side(base, number_set(DocumentSet("", "", "", (base, cited))))
    side.now = Side(base, number_set(DocumentSet("", "", "", (base, now))))

    def read(text: str) -> Document:
        return recover(side, doc("own", body=[art("b", para("b1", text))]))

    then, present = (one.text(base.body[0]) for one in (side, side.now))
    assert then != present and "乙办法》第二条" in present
    assert read(then) == read(present) == base
    changed = read(present.replace("办理", "报告")).body[0].children[0]
    assert [type(part) for part in changed.content] == [Text, Ref, Text]


# --- all formats ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(village, tmp_path_factory) -> Path:
    """The folder with the PDF of three documents."""
    folder = tmp_path_factory.mktemp("printed") / "out"
    shutil.copytree(village / "out", folder)
    only = ["regulation", "mechanism_report", "minutes_analysis"]
    app.generate(village / "unit.yaml", folder, only=only, formats=["docx", "pdf"])
    return folder


def pdf_text(data: bytes) -> str:
    return "".join(
        subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout.decode().split()
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
def test_the_pdf_of_a_set_moves_with_its_docx(new, printed, tmp_path) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(printed, edited)
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    replaced(edited / REPORT, "报告", "书面报告")
    fill_in(edited / FORM)
    upgrade = api.merge(new, edited, tmp_path / "merged")
    merged = tmp_path / "merged"
    text = pdf_text((merged / PDF).read_bytes())
    assert "每季度至少一次" in text and "村党支部应当公布联系方式。" in text
    assert "书面报告" in pdf_text((merged / REPORT.replace(".docx", ".pdf")).read_bytes())
    form = FORM.replace(".docx", ".pdf")
    assert steps(upgrade)[form].action == "stale" and "填写了内容" in steps(upgrade)[form].note
    assert not (merged / form).exists() and len(list(merged.glob("*.pdf"))) == 2
    assert read_manifest(merged)["files"][PDF]["document"] == "regulation"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
def test_a_paragraph_typed_anew_is_printed_and_a_deleted_one_stops_nothing(village, printed, tmp_path) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(printed, edited)
    document = Word(edited / REPORT)
    text = next(one for one in document.paragraphs if len(one.text) > 30)
    text.insert_paragraph_before("村党支部每月检查一次手写的这一段。")
    document.save(edited / REPORT)
    document = Word(edited / REGULATION)
    for one in [one for one in document.paragraphs if "报告" in one.text][:6]:
        one._element.getparent().remove(one._element)
    document.save(edited / REGULATION)
    api.merge(village / "unit.yaml", edited, tmp_path / "merged")
    merged = tmp_path / "merged"
    assert "手写的这一段" in pdf_text((merged / REPORT.replace(".docx", ".pdf")).read_bytes())
    assert "手写的这一段" in text_of(merged / REPORT)


@pytest.mark.slow
def test_unedited_pdfs_are_those_of_a_generation(new, printed, tmp_path) -> None:
    merged = tmp_path / "merged"
    api.merge(new, printed, merged, formats=["txt"])
    app.generate(new, tmp_path / "all", only=["regulation", "mechanism_risk"], formats=["docx", "pdf", "txt"])
    for name in (PDF, PDF.replace(".pdf", ".txt")):
        assert (merged / name).read_bytes() == (tmp_path / "all" / name).read_bytes()
    assert len(list(merged.glob("*.pdf"))) == 3 and len(list(merged.glob("*.txt"))) == len(list(merged.glob("*.docx")))
    entries = (read_manifest(folder)["files"] for folder in (merged, tmp_path / "all"))
    assert len({entry[PDF]["seal"] for entry in entries}) == 1


@pytest.mark.slow
def test_the_pdf_of_a_file_with_a_conflict_is_named(capsys, printed, village, tmp_path) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(printed, edited)
    layer = conflicting(edited, tmp_path)
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged", "--layer", layer)
    assert code == 1 and not (tmp_path / "merged" / PDF).exists()
    assert f"旧的不再留下（DOCX 里还有没有决定的修订） 1 个：{PDF}" in out


# --- conflicts -----------------------------------------------------------------------------------------------------


def decide(path: Path, accepted: bool) -> None:
    """Accept or reject all tracked changes of a file, as a word processor would."""
    parts = dict(open_package(path.read_bytes()).parts)
    xml = parts["word/document.xml"].decode()
    keep, drop = ("ins", "del") if accepted else ("del", "ins")
    xml = re.sub(rf"<w:{drop} [^>]*[^/]>.*?</w:{drop}>", "", xml)
    xml = re.sub(r"</?w:(?:ins|del)(?: [^>]*)?/?>", "", re.sub(rf"<w:{keep} [^>]*>|</w:{keep}>", "", xml))
    parts["word/document.xml"] = xml.replace("w:delText", "w:t").encode()
    path.write_bytes(zips.pack(parts))


@pytest.mark.slow
def test_a_conflict_about_the_title_is_a_tracked_change_and_stands_until_it_is_decided(
    other_form, edited, tmp_path
) -> None:
    """The hand's title was written plainly: nothing could be accepted or rejected, and the next merge told 冲突 0 处."""
    replaced(edited / FORM, "分析研判会议记录</w:t>", "分析研判专题会记录</w:t>")
    first = api.merge(other_form, edited, tmp_path / "first")
    assert len(first.conflicts) == 1
    data = (tmp_path / "first" / FORM).read_bytes()
    title = open_package(data).parts["word/document.xml"].decode().partition("</w:p>")[0]
    assert "<w:ins " in title and "<w:del " in title
    second = api.merge(other_form, tmp_path / "first", tmp_path / "second")
    assert len(second.conflicts) == 1
    assert (tmp_path / "second" / FORM).read_bytes() == data


@pytest.mark.slow
@pytest.mark.parametrize("later", ["same", "newer"])
def test_a_conflict_stays_one_until_it_is_decided(capsys, village, edited, tmp_path, later) -> None:
    layer = conflicting(edited, tmp_path)
    args = ("merge", village / "unit.yaml", edited, "-o", edited, "--layer", layer)
    code, out, _ = run(capsys, *args)
    assert code == 1 and "冲突 1 处" in out
    if later == "newer":
        more = layer / "documents" / "regulation.md"
        more.write_text(more.read_text(encoding="utf-8").replace("全部组织", "全部组织和党员"), encoding="utf-8")
    before = (edited / REGULATION).read_bytes()
    code, out, _ = run(capsys, *args)
    assert code == 1 and "冲突 1 处" in out and "第二条" in out and (edited / REGULATION).read_bytes() == before
    assert "还没有决定" in out
    replaced(edited / REGULATION, "村党支部", "村党总支")  # an edit elsewhere decides nothing
    assert run(capsys, *args)[0] == 1
    decide(edited / REGULATION, accepted=True)
    code, out, _ = run(capsys, *args)
    assert ("冲突 0 处" in out and code == 0) if later == "same" else "冲突 1 处" in out
    assert "全体工作人员" in text_of(edited / REGULATION)


def test_own_tracked_changes_are_named(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REPORT, "</w:p>", '<w:ins w:id="1" w:author="甲"><w:r><w:t>并存档</w:t></w:r></w:ins></w:p>')
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")
    assert code == 1 and "还有 1 处修订没有接受，也没有拒绝" in out
    assert (tmp_path / "merged" / REPORT).read_bytes() == (edited / REPORT).read_bytes()


# --- required clauses ----------------------------------------------------------------------------------------------


def delete_clause(path: Path, words: str) -> None:
    """Delete the paragraphs that have these words."""
    parts = dict(open_package(path.read_bytes()).parts)
    xml = parts["word/document.xml"].decode()
    kept = re.sub(
        r"<w:p>(?:(?!</w:p>).)*</w:p>", lambda match: "" if words in re.sub("<[^>]*>", "", match[0]) else match[0], xml
    )
    assert kept != xml
    parts["word/document.xml"] = kept.encode()
    path.write_bytes(zips.pack(parts))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kept", [True, False])
def test_a_required_clause_that_a_hand_deleted_is_a_finding(capsys, village, edited, tmp_path, kept) -> None:
    prepared = api.prepare(village / "unit.yaml")
    required = prepared.preset.required["regulation"]
    source = next(source for source in load(village / "out").sources if source.file == REGULATION)
    clause = next(b for b in walk(source.document.body) if b.id in required and getattr(b, "children", ()))
    for child in walk((clause,)):
        text = "".join(getattr(part, "text", "") for part in getattr(child, "content", ())).strip()
        if len(text) > 8:
            delete_clause(edited / REGULATION, text[:12] if "\n" not in text[:12] else text[:6])
    layer = () if kept else ("--layer", village / "own")
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged", *layer)
    assert code == 1 and out.count(f"缺少必备条款“{clause.id}”（{required[clause.id].what}）") == 1
    upgrade = api.merge(village / "unit.yaml", edited)
    assert upgrade.open and any(one.code == "missing_clause" and one.subject == clause.id for one in upgrade.checked)


def test_a_clause_that_was_reworded_or_typed_anew_is_there(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")
    assert code == 0 and "仍然通过检查" in out


# --- unreadable files ----------------------------------------------------------------------------------------------


@pytest.mark.sampled(2)
@pytest.mark.parametrize("listed", [True, False])
def test_an_unreadable_file_never_stops_a_folder(capsys, village, edited, tmp_path, listed) -> None:
    name = REPORT if listed else f"{STEM}（坏）.docx"
    broken = (edited / REPORT).read_bytes()[:-10]
    (edited / name).write_bytes(broken)
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    code, out, err = run(capsys, "status", edited)
    assert code == 1 and name in out and "读不了" in out and REGULATION in out
    code, out, err = run(
        capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged", "--layer", village / "own"
    )
    assert code == 1 and name in out and (tmp_path / "merged" / name).read_bytes() == broken
    assert "公布联系方式" in text_of(tmp_path / "merged" / REGULATION)
    code, out, err = run(capsys, "diff", village / "out", edited)
    assert code == 1 and name in out and "每季度" in out and "不再有的文件" not in out


# --- any folder ----------------------------------------------------------------------------------------------------

DRAWN = st.tuples(
    st.sampled_from(["copy", "rename", "edit", "edit", "edit", "fill", "delete", "foreign", "folder", "break"]),
    st.integers(0, 9),
    st.integers(0, 400),
)
#: The scope of the regulation and the form of the meeting read differently, and the regulation has one more article.
NEWER = {
    **CHANGED_FORM,
    "documents/regulation.md": f"{CHANGED['documents/regulation.md']}\n{EXTRA['documents/regulation.md'].split('---', 2)[2]}",
}


class Drawn:
    """A folder that is changed at random: the sentences that were typed, by file, and what filled forms hold, byte by byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = [REGULATION, REPORT, FORM]
        self.typed: dict[str, set[str]] = {}
        self.fixed: dict[str, bytes] = {}
        self.count = 0

    def act(self, kind: str, index: int, place: int) -> None:
        """Change one of the files, or add one."""
        self.count += 1
        if kind == "foreign" or not self.files:
            name = f"{place}号通知.docx"
            (self.folder / name).write_bytes(without_ids((self.folder / OTHER).read_bytes()))
            self.fixed[name] = (self.folder / name).read_bytes()
            return
        name = self.files[index % len(self.files)]
        path = self.folder / name
        if kind in ("copy", "rename", "folder"):
            stem = Path(name).name.removesuffix(".docx")
            names = (f"{stem}（定稿）.docx", f"0{stem}.docx", f"{stem}{place}.docx", f"我的材料{place}.docx")
            self._put(kind, name, f"材料{place}/{stem}.docx" if kind == "folder" else names[place % 4])
        elif kind == "delete":
            path.unlink()
            self._forget(name)
        elif kind == "break":
            path.write_bytes(path.read_bytes()[: -1 - place])
            self.fixed[name] = path.read_bytes()
            self.files.remove(name)
        elif kind == "fill" and "记录" in name:
            self._type(path, name, "<w:sdtContent>", place, in_form=True)
        else:
            self._type(path, name, "<w:r>", place, in_form="记录" in name and kind == "fill")

    def _put(self, kind: str, name: str, target: str) -> None:
        (self.folder / target).parent.mkdir(exist_ok=True)
        if (self.folder / target).exists():
            return
        shutil.copy(self.folder / name, self.folder / target)
        self.typed[target] = set(self.typed.get(name, ()))
        if kind == "folder":
            self.fixed[target] = (self.folder / target).read_bytes()
        else:
            self.files.append(target)
        if kind != "copy":
            (self.folder / name).unlink()
            self._forget(name)

    def _forget(self, name: str) -> None:
        self.files.remove(name)
        self.typed.pop(name, None)

    def _type(self, path: Path, name: str, before: str, place: int, in_form: bool) -> None:
        """Type a sentence into one of the paragraphs of a file."""
        sentence = f"手工补写第{'甲乙丙丁戊己'[self.count % 6]}{place}句。"
        parts = dict(open_package(path.read_bytes()).parts)
        xml = parts["word/document.xml"].decode()
        texts = [match.end() for match in re.finditer(r"<w:t(?: [^>]*)?>(?=[^<]{6})", xml)]
        at = texts[place % len(texts)]
        xml = f"{xml[:at]}{sentence}{xml[at:]}"
        if in_form:
            xml = xml.replace("<w:showingPlcHdr/>", "")
        parts["word/document.xml"] = xml.encode()
        path.write_bytes(zips.pack(parts))
        self.typed.setdefault(name, set()).add(sentence)


@pytest.fixture(scope="module")
def newer(village, tmp_path_factory) -> tuple:
    """The new version, folded: a failing case would print it whole."""

    class Folded(tuple):
        def __repr__(self) -> str:
            return "(newer,)"

    layer = write_layer(tmp_path_factory.mktemp("newer"), NEWER)
    return Folded((api.prepare(village / "unit.yaml", layers=[layer]),))


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(st.lists(DRAWN, min_size=1, max_size=7), st.booleans())
@example([("edit", 4, 9), ("fill", 2, 210)], True)
def test_every_hand_edit_is_in_the_result_or_in_a_file_that_is_named(
    newer, village, tmp_path_factory, acts, there
) -> None:
    folder = tmp_path_factory.mktemp("drawn") / "edited"
    shutil.copytree(village / "out", folder)
    drawn = Drawn(folder)
    for act in acts:
        drawn.act(*act)
    out = folder if there else folder.parent / "merged"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    try:
        upgrade = api.merge(newer[0], folder, out)
    except FileError as error:
        assert error.code == "unclear_copies"
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        return
    named = {step.name.partition("/")[0]: step for step in upgrade.steps}
    readable = [step.name for step in upgrade.steps if is_readable(out / step.name)]
    results = {name: text_of(out / name).replace("\n", "") for name in readable}  # a title has lines
    for name, sentences in drawn.typed.items():
        assert name.partition("/")[0] in named
        for sentence in sentences:
            at = [result for result, text in results.items() if sentence in text]
            whole = (out / name).exists() and (out / name).read_bytes() == before[folder / name]
            told = any(
                sentence in remark for remark in named[name.partition("/")[0]].remarks
            )  # it was typed into the 目录
            assert at or whole or told, (name, sentence)
    for name, data in drawn.fixed.items():
        assert (out / name).read_bytes() == data and name.partition("/")[0] in named


def is_readable(path: Path) -> bool:
    try:
        return path.suffix == ".docx" and path.is_file() and bool(open_package(path.read_bytes()))
    except FileError:
        return False
