"""``toolkit diff``, ``merge`` and ``status``: formats, exit codes, and that no edit is lost."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from checking import write_layer
from conftest import ROOT
from docx_samples import read_text

from toolkit import app
from toolkit.cli import cli
from toolkit.compare import apply, words
from toolkit.core import zips
from toolkit.core.data_folders import Where
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.package import open_package
from toolkit.output import seal
from toolkit.versions import load

REGULATION = "01-意识形态工作责任制实施办法.docx"
REPORT = "03-定期报告机制.docx"
#: An edit with which the set still passes the check.
HARMLESS = ("谈话记录限定范围保管", "谈话记录由专人限定范围保管")


def run(capsys, *args) -> tuple[int, str, str]:
    code = cli.main([str(one) for one in args], standalone_mode=False)
    out, err = capsys.readouterr()
    return code, out, err


def replaced(path: Path, old: str, new: str) -> None:
    """Edit a file's text as a word processor would: other bytes, same ids."""
    parts = dict(open_package(path.read_bytes()).parts)
    text = parts["word/document.xml"].decode()
    assert old in text
    parts["word/document.xml"] = text.replace(old, new, 1).encode()
    path.write_bytes(zips.pack(parts))


# --- diff ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_folder_has_no_differences(capsys, village) -> None:
    code, out, _ = run(capsys, "diff", village / "out", village / "out")
    assert (code, out) == (0, "out 和 out 没有不同。\n")


@pytest.mark.slow
def test_a_profile_stands_for_what_it_would_generate(capsys, village) -> None:
    assert run(capsys, "diff", village / "out", village / "unit.yaml")[0] == 0
    code, out, _ = run(capsys, "diff", village / "out", village / "unit.yaml", "--layer", village / "own")
    assert code == 1 and "新增" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sorted(path.stem for path in (ROOT / "examples").glob("*.yaml") if "." not in path.stem)
)
def test_a_fresh_set_does_not_differ_from_its_profile(capsys, tmp_path, name) -> None:
    profile = ROOT / "examples" / f"{name}.yaml"
    assert run(capsys, "generate", profile, "--out", tmp_path / "out")[0] == 0
    code, out, _ = run(capsys, "diff", tmp_path / "out", profile)
    assert (code, out) == (0, f"out 和 {name}.yaml 没有不同。\n")


def test_text_is_plain_when_piped_and_says_what_changed(capsys, village) -> None:
    code, out, _ = run(capsys, "diff", village / "out", village / "next")
    assert code == 1
    assert "\x1b" not in out.replace("\x1b", "") and "{+村党支部应当公布联系方式。+}" in out
    assert "仅序号调整：" in out and "引用随序号调整：" in out


def test_words_are_marked(capsys, village, edited) -> None:
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    code, out, _ = run(capsys, "diff", village / "out", edited, "--only", "regulation")
    assert (
        code == 1
        and "[-每半年-]{+每季度+}" in re.sub("\x1b\\[[0-9;]*m", "", out)
        and "【实质】频次：每半年至少一次→每季度至少一次" in out
    )


@pytest.mark.parametrize("form", ["html", "json", "amendment", "text"])
def test_formats_go_to_the_screen(capsys, village, form) -> None:
    code, out, _ = run(capsys, "diff", village / "out", village / "next", "-f", form)
    assert code == 1 and "村党支部应当公布联系方式。" in out


@pytest.mark.parametrize("form", ["docx", "table"])
def test_files_need_a_name(capsys, village, form) -> None:
    code, _, err = run(capsys, "diff", village / "out", village / "next", "-f", form)
    assert code == 2 and "-o" in err


@pytest.mark.slow
def test_redlines_of_a_set_go_into_a_folder(capsys, village, tmp_path) -> None:
    code, out, _ = run(
        capsys,
        "diff",
        village / "out",
        village / "next",
        "-f",
        "docx",
        "-o",
        tmp_path / "red",
        "--author",
        "甲某",
        "--when",
        "2026-01-05",
        "--track",
    )
    assert code == 1
    made = sorted((tmp_path / "red").iterdir())
    assert made and f"{len(made)} 份修订稿" in out
    xml = (
        open_package((tmp_path / "red" / REGULATION.replace(".docx", "-修订稿.docx")).read_bytes())
        .parts["word/document.xml"]
        .decode()
    )
    assert 'w:author="甲某" w:date="2026-01-05T00:00:00Z"' in xml
    code, _, err = run(capsys, "diff", village / "out", village / "next", "-o", tmp_path / "one.docx")
    assert code == 2 and "--only" in err
    assert (
        run(capsys, "diff", village / "out", village / "next", "-o", tmp_path / "one.docx", "--only", "regulation")[0]
        == 1
    )
    before = (tmp_path / "one.docx").read_bytes()
    assert (
        run(capsys, "diff", village / "out", village / "next", "-o", tmp_path / "one.docx", "--only", "regulation")[0]
        == 1
    )
    assert (tmp_path / "one.docx").read_bytes() == before  # no clock, no random number


def test_the_table_is_landscape_and_repeats_its_head(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    out = tmp_path / "table.docx"
    assert run(capsys, "diff", village / "out", edited, "-f", "table", "-o", out, "--classes")[0] == 1
    xml = open_package(out.read_bytes()).parts["word/document.xml"].decode()
    assert 'w:orient="landscape"' in xml and "<w:tblHeader/>" in xml
    for head in ("序号", "现行条文", "修订后条文", "改动类别", "修订说明"):
        assert head in xml
    underlined = re.findall(r'<w:u w:val="single"/></w:rPr><w:t xml:space="preserve">([^<]*)', xml)
    assert underlined == ["每半年", "每季度"]


def test_the_table_says_what_is_new_and_what_is_gone(capsys, village, tmp_path) -> None:
    for old, new, said in (("out", "next", "（新增）"), ("next", "out", "（删除）")):
        out = tmp_path / f"{old}.docx"
        assert run(capsys, "diff", village / old, village / new, "-f", "table", "-o", out)[0] == 1
        assert said in open_package(out.read_bytes()).parts["word/document.xml"].decode()


def test_the_decision_is_worded_as_decisions_are(capsys, village) -> None:
    _, out, _ = run(
        capsys,
        "diff",
        village / "out",
        village / "next",
        "-f",
        "amendment",
        "--only",
        "regulation",
        "--when",
        "2026-02-01",
    )
    assert re.search("一、增加一条，作为第.+条：\n“第.+条　村党支部应当公布联系方式。”", out)
    assert "此外，对引用的条文序号作相应修改。\n本决定自2026年2月1日起施行。\n《" in out
    assert out.rstrip().endswith("》根据本决定作相应修改并对条文顺序作相应调整，重新公布。")


def test_the_script_in_the_json_gives_the_new_text(capsys, village) -> None:
    _, out, _ = run(capsys, "diff", village / "out", village / "next", "-f", "json")
    data = json.loads(out)
    old, new = (
        {source.document.id: source.document for source in load(village / name).sources} for name in ("out", "next")
    )
    changed = [one for one in data["documents"] if one["status"] == "changed"]
    assert changed
    for one in changed:
        assert apply(one["script"], old[one["id"]]) == new[one["id"]]


def test_a_renamed_unit_is_told_once(capsys, village, tmp_path) -> None:
    text = (village / "unit.yaml").read_text(encoding="utf-8")
    (tmp_path / "unit.yaml").write_text(text.replace("柳河村", "清溪村"), encoding="utf-8")
    code, out, _ = run(capsys, "diff", village / "unit.yaml", tmp_path / "unit.yaml")
    assert code == 1 and "参数 单位.全称：青禾县柳溪镇柳河村→青禾县柳溪镇清溪村" in out
    assert len(re.findall("名称统一修改：", out)) <= 4 and "仅名称替换：" in out
    assert not re.search("^ *修改 ", out, re.MULTILINE)


@pytest.mark.slow
def test_documents_come_and_go(capsys, village, tmp_path) -> None:
    layer = write_layer(
        tmp_path,
        {
            "documents/added.md": "---\nid: added\nnumber: 90\nfile: 补充办法\ntitle: 补充办法\nfamily: mechanism\n"
            "layout: regulation\nnumbering: articles\nself: 本办法\n---\n## 甲 {#only}\n应当记录。\n"
        },
    )
    _, out, _ = run(capsys, "diff", village / "unit.yaml", village / "unit.yaml", "--layer", layer)
    assert "没有不同" in out  # the layer is on both sides
    app.generate(village / "unit.yaml", tmp_path / "more", where=Where(layers=(layer,)))
    assert "新增的文件：90-补充办法" in run(capsys, "diff", village / "out", tmp_path / "more")[1]
    assert "不再有的文件：90-补充办法" in run(capsys, "diff", tmp_path / "more", village / "out")[1]


def test_a_single_file_against_a_folder_and_against_a_file(capsys, village, edited) -> None:
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    for old, new in ((village / "out", edited / REGULATION), (village / "out" / REGULATION, edited / REGULATION)):
        code, out, _ = run(capsys, "diff", old, new)
        assert code == 1 and "修改 1" in out, out


def without_ids(data: bytes) -> bytes:
    """Return a file as another program might have made it: no bookmarks, no custom part."""
    parts = {name: part for name, part in open_package(data).parts.items() if not name.startswith("customXml/")}
    xml = re.sub("<w:bookmark(?:Start|End)[^>]*/>", "", parts["word/document.xml"].decode())
    xml = re.sub("<w:sdt>.*?<w:sdtContent>|</w:sdtContent></w:sdt>", "", xml)
    return zips.pack({**parts, "word/document.xml": xml.encode()})


@pytest.mark.parametrize("name", [REGULATION, REPORT, "14-季度自查表.docx"])
def test_a_file_without_ids_against_the_folder(capsys, village, tmp_path, name) -> None:
    """References, fields and numbers are recognised by what they read."""
    (tmp_path / name).write_bytes(without_ids((village / "out" / name).read_bytes()))
    code, out, _ = run(capsys, "diff", village / "out", tmp_path / name)
    assert code == 0, out


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 3, "另存为 .docx"),
        ("a.docx", b"x", 3, "不是可用的 DOCX"),
        ("a.yaml", "单位类型: 没有\n".encode(), 1, "没有“没有”这一类单位"),
    ],
)
def test_bad_input_is_named(capsys, village, tmp_path, name, data, code, words) -> None:
    (tmp_path / name).write_bytes(data)
    found, _, err = run(capsys, "diff", village / "out", tmp_path / name)
    assert found == code and words in err


def test_jieba_is_asked_for_where_it_is_missing(capsys, village, monkeypatch) -> None:
    """Neither a hidden dependency nor another result than asked for."""
    monkeypatch.setitem(sys.modules, "jieba", None)
    code, _, err = run(capsys, "diff", village / "out", village / "next", "--jieba")
    assert code == 2 and "pip install jieba" in err


@pytest.mark.slow
def test_jieba_cuts_by_its_words_and_keeps_its_cache_apart(capsys, village, edited, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(words, "_cut", None)
    replaced(edited / REGULATION, "专题研究意识形态工作", "专门讨论意识形态工作")
    plain = run(capsys, "diff", village / "out", edited)[1]
    code, out, _ = run(capsys, "diff", village / "out", edited, "--jieba")
    try:
        assert code == 1 and "[-专题研究-]{+专门讨论+}" in out.replace("\x1b[31m", "").replace("\x1b[32m", "").replace(
            "\x1b[0m", ""
        )
        assert plain != out and [path.name for path in (tmp_path / "cache" / "jieba").iterdir()] == ["jieba.cache"]
        assert words.tokens("报柳溪镇党委宣传委员审定", ("柳溪镇党委",)) == ("报", "柳溪镇党委", "宣传", "委员", "审定")
    finally:
        words.tokens.cache_clear()


def test_missing_paths_and_ids(capsys, village) -> None:
    assert run(capsys, "diff", village / "out", village / "nowhere")[0] == 3
    code, _, err = run(capsys, "diff", village / "out", village / "next", "--only", "nothing")
    assert code == 2 and "nothing" in err


def test_what_was_not_compared_is_listed(capsys, village, edited) -> None:
    (edited / "旧文件.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (edited / REPORT).unlink()
    _, out, _ = run(capsys, "diff", village / "out", edited)
    assert "旧文件.doc 不是 .docx，没有比较" in out and f"{REPORT} 不在文件夹里了" in out


# --- status --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_status_names_files_and_provisions(capsys, edited) -> None:
    assert run(capsys, "status", edited)[0] == 0
    replaced(edited / REGULATION, "每半年至少一次", "每季度至少一次")
    (edited / REPORT).unlink()
    code, out, _ = run(capsys, "status", edited)
    assert code == 1
    assert re.search(f"{REGULATION}：改过\n    第.+条，1 处", out) and f"{REPORT}：不在了" in out
    data = json.loads(run(capsys, "status", edited, "--json")[1])
    (one,) = [file for file in data["files"] if file["state"] == "edited"]
    assert one["places"][0]["count"] == 1


def test_status_of_a_folder_that_was_not_generated(capsys, tmp_path) -> None:
    code, _, err = run(capsys, "status", tmp_path)
    assert code == 3 and "manifest.json" in err


# --- merge ---------------------------------------------------------------------------------------------------------


def merge(capsys, village, edited, out, *more) -> tuple[int, str, str]:
    return run(capsys, "merge", village / "unit.yaml", edited, "-o", out, "--layer", village / "own", *more)


def text_of(path: Path) -> str:
    return "\n".join(text for _, text in read_text(path.read_bytes()))


def test_without_edits_a_merge_is_a_generation(capsys, village, edited, tmp_path) -> None:
    assert merge(capsys, village, edited, tmp_path / "merged")[0] == 0
    for path in (village / "next").glob("*.docx"):
        assert (tmp_path / "merged" / path.name).read_bytes() == path.read_bytes()
    assert (tmp_path / "merged" / "manifest.json").read_bytes() == (village / "next" / "manifest.json").read_bytes()


@pytest.mark.slow
def test_an_edit_and_a_new_article_are_joined(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    code, out, _ = merge(capsys, village, edited, tmp_path / "merged")
    assert code == 0 and "合并" in out and "1 处" in out
    text = text_of(tmp_path / "merged" / REGULATION)
    assert "村党支部应当公布联系方式。" in text and HARMLESS[1] in text
    kept = tmp_path / "merged" / ".toolkit" / "base" / "手工稿" / REGULATION
    assert kept.read_bytes() == (edited / REGULATION).read_bytes()


def test_a_file_that_the_new_version_leaves_alone_is_kept_byte_for_byte(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REPORT, "报告", "书面报告")
    assert run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")[0] == 0
    assert (tmp_path / "merged" / REPORT).read_bytes() == (edited / REPORT).read_bytes()


@pytest.mark.slow
def test_a_merged_file_counts_as_edited_and_is_never_written_over(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    merged = tmp_path / "merged"
    merge(capsys, village, edited, merged)
    code, out, _ = run(capsys, "status", merged)
    assert code == 1 and REGULATION in out and "每" not in out
    code, _, err = run(capsys, "generate", village / "unit.yaml", "-o", merged)
    assert code == 1 and REGULATION in err
    assert run(capsys, "merge", village / "unit.yaml", merged, "-o", tmp_path / "again")[0] == 0  # the layer is gone
    text = text_of(tmp_path / "again" / REGULATION)
    assert HARMLESS[1] in text and "村党支部应当公布联系方式。" not in text


CHANGED = {"documents/regulation.md": "---\nid: regulation\n---\n本办法适用于本村全部组织。{#scope_text}\n"}


def conflicting(edited: Path, home: Path) -> Path:
    """Edit the clause that the layer replaces."""
    replaced(edited / REGULATION, "承担意识形态工作职责的人员", "承担意识形态工作职责的全体工作人员")
    return write_layer(home, CHANGED)


@pytest.mark.slow
def test_a_conflict_is_a_tracked_change_with_a_comment(capsys, village, edited, tmp_path) -> None:
    layer = conflicting(edited, tmp_path)
    code, out, _ = run(
        capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged", "--layer", layer, "--author", "甲某"
    )
    assert code == 1 and "冲突" in out and "第二条" in out
    parts = open_package((tmp_path / "merged" / REGULATION).read_bytes()).parts
    xml, comments = parts["word/document.xml"].decode(), parts["word/comments.xml"].decode()
    assert "<w:del " in xml and "<w:ins " in xml and "<w:commentRangeStart" in xml
    assert "全体工作人员" in comments and "本办法适用于本村全部组织。" in comments
    read = read_document((tmp_path / "merged" / REGULATION).read_bytes())
    assert "全体工作人员" in text_of(tmp_path / "merged" / REGULATION) and read.left.tracked


@pytest.mark.slow
def test_check_writes_nothing(capsys, village, edited, tmp_path) -> None:
    layer = conflicting(edited, tmp_path)
    before = {path: path.read_bytes() for path in edited.rglob("*") if path.is_file()}
    code, out, _ = run(capsys, "merge", village / "unit.yaml", edited, "--layer", layer, "--check")
    assert code == 1 and "冲突" in out
    assert {path: path.read_bytes() for path in edited.rglob("*") if path.is_file()} == before
    assert run(capsys, "merge", village / "unit.yaml", edited)[0] == 2


@pytest.mark.slow
def test_a_folder_may_be_merged_in_place(capsys, village, edited) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    original = (edited / REGULATION).read_bytes()
    assert merge(capsys, village, edited, edited)[0] == 0
    assert HARMLESS[1] in text_of(edited / REGULATION) and "公布联系方式" in text_of(edited / REGULATION)
    assert original in [path.read_bytes() for path in (edited / ".toolkit").rglob("*.docx")]


@pytest.mark.slow
def test_a_comment_that_cannot_be_taken_over_is_named(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, "</w:p>", '<w:r><w:footnoteReference w:id="1"/></w:r></w:p>')
    code, out, _ = merge(capsys, village, edited, tmp_path / "merged")
    assert code == 1 and "脚注 1 处没有带入" in out


@pytest.mark.slow
def test_the_base_comes_from_elsewhere_or_is_asked_for(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    shutil.rmtree(edited / ".toolkit" / "base")
    code, out, _ = merge(capsys, village, edited, tmp_path / "without")
    assert code == 1 and "没有生成时的底稿" in out and "--base" in out and "没有并入新版" in out
    assert (tmp_path / "without" / REGULATION).read_bytes() == (edited / REGULATION).read_bytes()
    assert merge(capsys, village, tmp_path / "without", tmp_path / "later", "--base", village / "out")[0] == 0
    assert "公布联系方式" in text_of(tmp_path / "later" / REGULATION)
    assert merge(capsys, village, edited, tmp_path / "merged", "--base", village / "out")[0] == 0
    assert HARMLESS[1] in text_of(tmp_path / "merged" / REGULATION)


@pytest.mark.slow
def test_the_manifest_lets_an_unchanged_base_be_rebuilt(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    shutil.rmtree(edited / ".toolkit" / "base")
    code, _, _ = run(capsys, "merge", village / "unit.yaml", edited, "-o", tmp_path / "merged")
    assert code == 0 and (tmp_path / "merged" / REGULATION).read_bytes() == (edited / REGULATION).read_bytes()


@pytest.mark.slow
def test_the_manifest_keeps_the_seal_of_what_was_generated(capsys, village, edited, tmp_path) -> None:
    replaced(edited / REGULATION, *HARMLESS)
    merge(capsys, village, edited, tmp_path / "merged")
    entry = json.loads((tmp_path / "merged" / "manifest.json").read_text(encoding="utf-8"))["files"][REGULATION]
    assert entry["seal"] == seal(REGULATION, (village / "next" / REGULATION).read_bytes())


def test_the_examples_of_the_docs_run(capsys, village) -> None:
    text = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
    for command in ("toolkit diff", "toolkit merge", "toolkit status"):
        assert command in text
