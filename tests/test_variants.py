"""A kind is judged in all its variants: what is wrong only under a condition is found without a unit that fulfils it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace

import pytest
from click.testing import CliRunner
from conftest import ROOT
from tinyset import KIND as SMALL
from tinyset import ROOTS

from toolkit import api, presets
from toolkit.cli import cli
from toolkit.core.data_folders import Where
from toolkit.core.findings import Finding, Place, Severity
from toolkit.coverage.exam import examine
from toolkit.coverage.variants import Judged, Variant, judge, together
from toolkit.presets import Preset
from toolkit.profile.reading import of_bytes

KINDS = ["village", "school", "railway_depot"]
KIND = "id: yard\nlabel: 院落\nextends: village\n"
TEXT = "---\nid: regulation\n---\n\n## 补充 {#extra in=arrangement}\n\n%s\n"


def kind(folder, text: str):
    (folder / "yard/documents").mkdir(parents=True)
    (folder / "yard/preset.yaml").write_text(KIND, encoding="utf-8")
    (folder / "yard/documents/01-regulation.md").write_text(TEXT % text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_wrong_words_are_told_before_any_variant_is_made(tmp_path):
    kind(tmp_path, "补充。")
    (tmp_path / "yard/words.yaml").write_text("conceptz: {}\n", encoding="utf-8")
    judged = api.kind_check("yard", presets=[tmp_path])
    assert judged.variants == () and {one.code for one in judged.findings} == {"bad_vocabulary"}
    assert [one.where.line for one in judged.findings if one.where.file.endswith("yard/words.yaml")] == [1]


def test_each_answer_that_a_condition_reads_is_a_variant():
    judged = api.kind_check(SMALL, presets=list(ROOTS))
    labels = [variant.label for variant in judged.variants]
    assert labels[0] == "" and len(labels) > 2 and len(set(labels)) == len(labels)
    assert all("：" in label for label in labels[1:])
    assert judged.conditions


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{account_admin}应当定期检查。 {when="not accounts"}', "vague_word"),
        ("村委会应当定期公布账目。 {when=\"village.finance == '较多'\"}", "vague_word"),
    ],
)
def test_a_fault_under_a_condition_is_found(tmp_path, text, code):
    where = Where(presets=(kind(tmp_path, text),))
    yard = presets.load("yard", where.presets_folders)
    judged = judge(replace(yard, required={}), where)  # without the exam, which deletes a thousand clauses
    assert len(judged.variants) > 20 and not judged.deleted
    found = [finding for finding in judged.findings if finding.where.file.endswith("yard/documents/01-regulation.md")]
    assert code in {finding.code for finding in found}


def test_what_is_judged_in_two_sizes_is_said_once():
    def one(*findings):
        variants = (Variant("", {}), Variant("a：是", {}))
        return Judged(variants, findings, {"a": (True, bool(findings)), "b": (not findings, False)})

    both, light = (Finding("empty_value", Severity.WARNING, "空白", Place("a.md", line)) for line in (1, 2))
    made = together({"完整": one(both), "精简": one(both, light)})
    assert [finding.message for finding in made.findings] == ["空白", "空白（精简规模）"] and made.open == ("b",)
    assert [variant.label for variant in made.variants] == ["", "a：是", "（精简规模）", "a：是（精简规模）"]


def all_were_tried(preset: Preset, deleted: int, absent: Sequence[object]) -> None:
    """All required clauses were deleted, but for what only a repealed set has (tests/test_exam.py)."""
    assert deleted + len(absent) == sum(map(len, preset.required.values())) > 435
    assert len(absent) < deleted / 10


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_the_bundled_kinds_have_no_error_in_any_variant_and_every_required_clause_is_missed(name):
    preset = presets.load(name, Where().presets_folders)
    judged = judge(preset)
    assert [finding.message for finding in judged.findings if finding.severity.value == "error"] == []
    assert "unmissed_clause" not in {finding.code for finding in judged.findings}
    all_were_tried(preset, judged.deleted, judged.absent)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_every_required_clause_is_missed_in_the_light_size(name):
    preset = presets.load(name, Where().presets_folders, (), "light")
    profile = of_bytes((ROOT / f"examples/{name}_light.yaml").read_bytes())
    exam = examine(preset, [profile], Where())
    assert exam.findings == ()
    all_were_tried(preset, exam.deleted, exam.absent)


@pytest.mark.slow
def test_the_exam_deletes_every_required_clause_and_names_what_nobody_misses():
    """What is required in this run only is not in the kind that the checks read: nothing names it when it is deleted."""
    where = Where()
    preset = presets.load("village", where.presets_folders)
    profile = of_bytes((ROOT / "examples/village.yaml").read_bytes())
    needed = {"regulation": dict(list(preset.required["regulation"].items())[:2])}
    exam = examine(replace(preset, required=needed), [profile], where)
    assert (exam.deleted, exam.findings, exam.absent) == (2, (), ())
    more = {"regulation": {**needed["regulation"], "attachments": next(iter(needed["regulation"].values()))}}
    exam = examine(replace(preset, required={**more, "none": {}}), [profile], where)
    assert [(one.code, one.subject, one.where.document) for one in exam.findings] == [
        ("unmissed_clause", "attachments", "regulation")
    ]
    assert exam.findings[0].basis and exam.findings[0].hint


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("words", "run"),
    [
        (("gacha", "--of", "village", "--label", "嘎查"), ("init", "gacha", "-o", "unit.yaml", "--presets", ".")),
        (("本校条款", "--own", "--of", "school"), ("check", "school.yaml", "--layer", "本校条款")),
    ],
)
def test_a_sample_is_written_and_can_be_used_at_once(tmp_path, monkeypatch, words, run):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples/school.yaml", tmp_path / "school.yaml")
    done = CliRunner().invoke(cli, ["presets", "new", *words])
    assert done.exit_code == 0 and f"{words[0]}/preset.yaml" in done.output, done.output
    assert "@" not in "".join(path.read_text("utf-8") for path in (tmp_path / words[0]).rglob("*.*"))
    used = CliRunner().invoke(cli, list(run))
    if run[0] == "check":
        assert used.exit_code == 0 and "没有发现问题" in used.output
    else:
        assert api.kinds(["."])[0].label == "嘎查" and (tmp_path / "unit.yaml").is_file()
        (finding,) = [one for one in api.check("unit.yaml", presets=["."]) if one.code != "missing_value"] or [None]
        assert finding is None
    again = CliRunner().invoke(cli, ["presets", "new", *words])
    assert again.exit_code == 1 and "已存在" in again.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new",), "没有写明编号和类型"),
        (("new", "A-b", "--of", "village"), "不能作为单位类型的编号"),
        (("new", "../甲", "--own", "--of", "village"), "不能作为文件夹名"),
        (("new", "abc", "--of", "vilage"), "village"),
        (("new", "abc", "--of", "village", "--label", "甲: [\n"), "不能作为单位类型的名称"),
        (("village", "abc"), "只用于 new"),
    ],
)
def test_a_sample_that_cannot_be(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["presets", *words])
    assert done.exit_code == 2 and said in done.output and not list(tmp_path.iterdir())


def test_ids_of_provisions_are_listed():
    result = CliRunner().invoke(cli, ["presets", "village", "--ids"], prog_name="toolkit")
    line = next(line for line in result.stdout.splitlines() if line.startswith("regulation："))
    assert " acct_appeal" in line and result.exit_code == 0
    assert api.clause_ids(api.preset("village"))["regulation"]


def test_ids_need_a_kind():
    assert CliRunner().invoke(cli, ["presets", "--ids"], prog_name="toolkit").exit_code == 2
