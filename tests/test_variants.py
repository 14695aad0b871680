"""A kind is judged in all its variants: what is wrong only under a condition is found without a unit that fulfils it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from tinyset import KIND as SMALL
from tinyset import ROOTS

from toolkit import api
from toolkit.cli import cli
from toolkit.core.findings import Finding, Place, Severity
from toolkit.coverage.variants import Judged, Variant, together

KIND = "id: yard\nlabel: 院落\nextends: village\n"
TEXT = "---\nid: regulation\n---\n\n## 补充 {#extra in=arrangement}\n\n%s\n"


def kind(folder, text: str):
    (folder / "yard/documents").mkdir(parents=True)
    (folder / "yard/preset.yaml").write_text(KIND, encoding="utf-8")
    (folder / "yard/documents/01-regulation.md").write_text(TEXT % text, encoding="utf-8")
    return folder


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
    judged = api.kind_check("yard", presets=[kind(tmp_path, text)])
    assert len(judged.variants) > 20
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["village", "school", "railway_depot"])
def test_the_bundled_kinds_have_no_error_in_any_variant(name):
    judged = api.kind_check(name)
    assert [finding.message for finding in judged.findings if finding.severity.value == "error"] == []


def test_ids_of_provisions_are_listed():
    result = CliRunner().invoke(cli, ["presets", "village", "--ids"], prog_name="toolkit")
    line = next(line for line in result.stdout.splitlines() if line.startswith("regulation："))
    assert " acct_appeal" in line and result.exit_code == 0
    assert api.clause_ids(api.preset("village"))["regulation"]


def test_ids_need_a_kind():
    assert CliRunner().invoke(cli, ["presets", "--ids"], prog_name="toolkit").exit_code == 2
