"""Required clauses are judged by what they say; the corpora show how much is found and how little is said in vain."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from checking import article, check, findings
from click.testing import CliRunner
from contract_corpus import KINDS, contradictions, harmless, judged, preset

from toolkit import api, presets
from toolkit.app import prepare
from toolkit.checks import lines
from toolkit.cli.app import cli
from toolkit.core import memo
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FindingsError, Severity
from toolkit.coverage.matrix import matrix

EXAMPLES = sorted(
    path
    for path in (Path(__file__).parent.parent / "examples").glob("*.yaml")
    if "history" not in path.name and path.stem != "village_revision"
)


def patch(text: str, document: str = "regulation", front: str = "") -> dict[str, str]:
    """A layer over one document."""
    return {f"documents/{document}.md": f"---\nid: {document}\n{front}---\n{text}\n"}


# --- figures -------------------------------------------------------------------------------------------------------------


#: (first line, every how many): a part of a corpus in each run, all of it in slow ones.
PARTS = [(0, 5), pytest.param((0, 2), marks=pytest.mark.slow), pytest.param((1, 2), marks=pytest.mark.slow)]


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_contradictory_layers_are_found(part: tuple[int, int]) -> None:
    lines = contradictions()
    assert len(lines) >= 1250 and {line.kind for line in lines} == set(KINDS)
    lines = lines[part[0] :: part[1]]
    missed = [line for line, found in judged(lines) if not line.is_found(found)]
    assert not [line for line in missed if line.fault.startswith("step")]
    assert len(missed) <= len(lines) // 10, missed


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_harmless_sentences_are_left_alone(part: tuple[int, int]) -> None:
    lines = harmless()
    assert len(lines) >= 1540
    lines = lines[part[0] :: part[1]]
    found = [(line.text, finding) for line, findings in judged(lines) for finding in findings]
    warnings = [pair for pair in found if pair[1].severity is Severity.WARNING]
    assert [pair for pair in found if pair[1].severity is Severity.ERROR] == []
    assert len(warnings) <= len(lines) * 3 // 100, warnings


@pytest.mark.sampled(8)
@pytest.mark.parametrize("kind", [*KINDS, *(f"{kind}_light" for kind in KINDS)])
def test_the_bundled_kinds_pass_the_checks_that_trust_them(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks of what only layers can break skip the bundled kinds in every run: here they are judged."""
    memo.forget()
    monkeypatch.setattr(lines, "is_bundled", lambda file: False)
    found = prepare(EXAMPLES[0].parent / f"{kind}.yaml").findings
    assert found == ()
    memo.forget()


# --- contracts -----------------------------------------------------------------------------------------------------------


def test_the_layer_of_the_issue_is_refused() -> None:
    found = check(patch("## 申诉 {#acct_appeal}\n责任追究决定是最终决定，当事人不得申诉。")).findings
    roots = {(finding.code, finding.subject) for finding in found if not finding.follows}
    assert {("clause_denied", "acct_appeal__1"), ("clause_lacks", "acct_appeal")} & roots
    assert any(finding.code == "clause_denied" for finding in found)


@pytest.mark.slow
def test_a_clause_may_say_it_in_its_own_words() -> None:
    text = (
        "当事人不服的，可以自收到决定之日起{acct.appeal_term}内向{acct_authority}提出书面申诉，{acct_authority}自收到申诉之日起"
        "{acct.appeal_answer}内书面答复。不得因当事人提出申诉加重处理。"
    )
    kept = "\n\n对党纪处分不服的，依照《中国共产党章程》申诉。 {#acct_appeal_other}"
    found = check(patch(f"## 申诉 {{#acct_appeal}}\n{text}{kept}")).findings
    assert [finding for finding in found if finding.where.document == "regulation"] == []


@pytest.mark.slow
def test_a_step_that_is_denied_anywhere_names_the_clause_that_asks_for_it() -> None:
    (found,) = findings("clause_denied", article("对申诉的人员，可以从重处理。", "mechanism_online", "in=general"))
    assert found.severity is Severity.ERROR and found.where.document == "mechanism_online"
    assert "不因申辩和申诉加重" in found.message and "必备条款“acct_appeal”" in found.message


def talk(*rows: str) -> dict[str, str]:
    """A layer over the record of a talk that replaces the rows of its grid of the outcome."""
    lines = "".join(f"      - {row}\n" for row in rows)
    grid = f"  - grid: outcome\n    caption: 三、核对和约定\n    columns: [12, 25]\n    rows:\n{lines}"
    return {"documents/record_talk.yaml": f"id: record_talk\nbody:\n{grid}"}


DENYING_CELLS = {
    "听取陈述和申辩": "[听取陈述和申辩, 从略]",
    "申诉": "[对处理决定的申诉, 一律不予受理]",
    "决定以书面形式送达": "[处理决定的送达, 在会上念一遍即可，视为送达]",
    "事实核实在先": '[核实情况, "有照片的不再核实事实，直接处理。{?agreed:longtext 约定改正的事项}"]',
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("what", "row"), DENYING_CELLS.items(), ids=list(DENYING_CELLS))
def test_a_cell_that_denies_a_step_is_refused(what: str, row: str) -> None:
    found = findings("clause_denied", talk(row))
    assert {(one.where.document, one.where.provision) for one in found} == {("record_talk", "outcome")}
    assert any(f"“{what}”" in one.message for one in found)


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("[重大敏感, 报告时限, 2小时]", "事件的报告时限"),
        ("[较大, 处理时限, 10个工作日]", "事件的处理时限"),
        ("[申诉期限, 收到决定后3日]", "申诉期限"),
        ("[台账, 保管3年]", "台账的保管期限"),
        ("[第一责任人, 村民委员会主任]", "第一责任人"),
    ],
)
def test_a_cell_that_states_a_fact_in_another_way_is_refused(row: str, what: str) -> None:
    width = "[12, 12, 13]" if row.count(",") == 2 else "[12, 25]"
    layer = talk(row)
    layer["documents/record_talk.yaml"] = layer["documents/record_talk.yaml"].replace("[12, 25]", width)
    (found,) = findings("fact_conflict", layer)
    assert found.message.startswith(f"{what}在这里写的是“") and found.where.provision == "outcome"


@pytest.mark.slow
def test_a_cell_that_states_a_fact_as_it_is_passes() -> None:
    rows = ("[第一责任人, 村党支部书记]", "[较大事件, 处理时限为1个工作日]", "[申诉期限, 收到决定之日起1个月]")
    assert findings("fact_conflict", talk(*rows)) == []


@pytest.mark.slow
def test_cells_that_take_an_answer_deny_nothing() -> None:
    rows = (
        '[陈述和申辩, "{?heard:choice(已听取|本人放弃陈述) 陈述和申辩}"]',
        '[是否提出申诉, "{?appealed:choice(是|否) 是否提出申诉}"]',
        "[没有听取申辩的原因, 本人书面放弃的，附放弃的文书]",
        "[申诉期限, 从收到决定的次日起算，不计路途时间]",
        '[核实, "没有核实的，不得填写下一栏。{?agreed:longtext 约定改正的事项}"]',
    )
    assert findings("clause_denied", talk(*rows)) == []


@pytest.mark.slow
def test_a_time_in_other_words_counts_as_quoted() -> None:
    said = patch(
        "## 自查 {#self_check}\n{duty.self_check.actor}应当自查，频次为一个季度不少于一次，在{duty.self_check.deadline}"
        "填写{duty.self_check.record}，报{duty.self_check.recipient}。"
    )
    assert [f.subject for f in check(said).findings if f.code == "clause_lacks"] == []


@pytest.mark.slow
def test_a_clause_that_lost_its_paragraph_lacks_what_that_said() -> None:
    found = check(patch("", front="remove: [acct_facts]\n")).findings
    (root,) = (finding for finding in found if not finding.follows and finding.severity is Severity.ERROR)
    assert (root.code, root.subject) == ("clause_lacks", "acct_verify") and "由谁核实" in root.message


def test_the_contract_is_shown(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["presets", "village"]).output
    assert (
        "acct_appeal：申诉的对象、期限和答复" in shown and "说明：申诉、向谁申诉、答复申诉、不因申辩和申诉加重" in shown
    )
    assert "可以没有：没有新媒体账号的单位" in shown
    data = json.loads(CliRunner().invoke(cli, ["presets", "village", "--json"]).output)
    clause = next(row for row in data["documents"] if row["id"] == "regulation")["required"]["self_check"]
    assert "duty.self_check.recipient" in clause["quotes"] and clause["says"] == ["self_checked"]
    assert api.contract(preset("village"), "regulation", "acct_appeal").startswith("写明")


@pytest.mark.slow
def test_the_matrix_shows_contract_and_what_is_hollow() -> None:
    rows = {row.id: row for row in matrix(check(patch("按惯例办理。 {#archive}"))).requirements}
    assert rows["regulation#archive"].state == "open" and "没有实际内容" in rows["regulation#archive"].reason
    assert "归档" in rows["regulation#archive"].asks


# --- no way around ----------------------------------------------------------------------------------------------------------


def kind(tmp_path: Path, **files: str) -> list:
    """Load a kind over the village with files of its own; return the findings."""
    folder = tmp_path / "hamlet"
    for name, text in {"preset.yaml": "id: hamlet\nlabel: 屯\nextends: village\nversion: 1.0.0\n", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    try:
        loaded = presets.load("hamlet", [tmp_path, *BUNDLED.presets_folders])
    except FindingsError as error:
        return list(error.findings)
    profile = (
        (EXAMPLES[0].parent / "village.yaml").read_text(encoding="utf-8").replace("单位类型: 村\n", "单位类型: 屯\n")
    )
    (tmp_path / "unit.yaml").write_text(profile, encoding="utf-8")
    assert loaded.label == "屯"
    return list(prepare(tmp_path / "unit.yaml", Where(presets=(tmp_path,))).findings)


def test_a_kind_cannot_drop_a_clause_silently(tmp_path: Path) -> None:
    (found,) = kind(tmp_path, **{"required.yaml": "regulation:\n  acct_appeal:\n"})
    assert (found.code, found.subject) == ("required_dropped", "acct_appeal")


@pytest.mark.slow
def test_a_condition_of_a_kind_excuses_nothing_without_a_reason(tmp_path: Path) -> None:
    text = '---\nid: regulation\n---\n## 归档 {#records when="not accounts"}\n{duty.archive.actor}应当归档。\n'
    roots = {(f.code, f.subject) for f in kind(tmp_path, **{"documents/01-regulation.md": text})}
    assert {("missing_clause", name) for name in ("archive", "retention", "register_update")} <= roots


@pytest.mark.slow
def test_what_a_kind_does_not_need_is_declared_and_shown(tmp_path: Path) -> None:
    files = {
        "required.yaml": "mechanism_press:\n  village_reporter: {left_out: 屯由所在的村报告}\n",
        "documents/11-mechanism_press.md": "---\nid: mechanism_press\nremove: [village_reporter]\n---\n",
    }
    assert [f for f in kind(tmp_path, **files) if f.severity is Severity.ERROR] == []
    prepared = prepare(tmp_path / "unit.yaml", Where(presets=(tmp_path,)))
    row = next(row for row in matrix(prepared).requirements if row.id == "mechanism_press#village_reporter")
    assert row.state == "not_applicable" and row.reason.startswith("屯由所在的村报告")


@pytest.mark.slow
def test_a_unit_cannot_use_the_reason_of_its_kind() -> None:
    """No accounts is a reason; a layer that removes the clause of a unit with accounts has none."""
    found = check(patch("", front="remove: [correct]\n")).findings
    assert ("missing_clause", "correct") in {(f.code, f.subject) for f in found}
    found = check({"preset.yaml": "documents_removed: [register_accounts]\n"}).findings
    assert ("missing_document", "register_accounts") in {(f.code, f.subject) for f in found}


def test_every_condition_on_a_required_clause_has_its_reason() -> None:
    """In all kinds: a required clause that the preset puts under a condition says why, or is there in every case."""
    for name in KINDS:
        loaded = preset(name)
        for document, clauses in loaded.required.items():
            template = loaded.documents[document]
            assert template.when is None or loaded.left_out.get(document), document
            for clause in template.conditional_ids() & clauses.keys():
                required = clauses[clause]
                assert required.left_out or required.instead or clause in ALWAYS, (name, document, clause)


#: Clauses whose parts are under conditions that exclude each other, or repeat over a register that is never empty.
ALWAYS = {"grades", "direct", "offices", "responsibility", "transfer", "village_disclosure"}


def test_every_clause_that_law_asks_for_has_a_contract() -> None:
    """Of a clause without one anything would do, and a size could say that it is met anywhere."""
    for name in KINDS:
        for document, clauses in preset(name).required.items():
            for clause, required in clauses.items():
                has_contract = required.quotes or required.says or required.keeps
                assert has_contract or required.kind == "organisational", (name, document, clause)


#: What an organisational clause is about if it is a duty of substance: any text would do for one without a contract.
SUBSTANCE = re.compile("时限|期限|限度|到会要求|回避|复核|异议|表决|送达|签收|签发|陈述|申辩|更正|签名")


@pytest.mark.parametrize("kind", ["village", "school"])
def test_clauses_about_deadlines_quorum_and_due_process_have_a_contract(kind: str) -> None:
    bare = [
        (document, clause)
        for document, clauses in preset(kind).required.items()
        for clause, required in clauses.items()
        if SUBSTANCE.search(required.what) and not (required.quotes or required.says or required.keeps)
    ]
    assert not bare


@pytest.mark.slow
def test_a_clause_keeps_the_words_without_which_it_is_not_what_it_is() -> None:
    text = "## 从轻和从重 {#weighing}\n办理责任事项，应当查阅履职记录、会议记录和审核材料。"
    layer = patch(text, "mechanism_accountability")
    (found,) = [finding for finding in check(layer).findings if finding.code == "clause_lacks"]
    assert found.subject == "weighing" and "没有写明“从轻”、“从重”" in found.message
    assert api.contract(preset("village"), "mechanism_accountability", "weighing") == "写到“从轻”、“从重”"


def test_unknown_names_of_a_contract_are_errors(tmp_path: Path) -> None:
    text = "regulation:\n  purpose: {says: [nothing_known], quotes: [duty.no_such.actor, unit.nmae]}\n"
    found = {(f.code, f.subject) for f in kind(tmp_path, **{"required.yaml": text})}
    assert {
        ("unknown_id", "nothing_known"),
        ("unknown_name", "duty.no_such.actor"),
        ("unknown_name", "unit.nmae"),
    } <= found
