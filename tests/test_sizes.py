"""Sizes of a kind: a folder of selections over the full set, articles taken over, clauses met elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tinyset import DATA, KIND, VALUES, document, write

from toolkit import app, presets
from toolkit.compose.documents import build
from toolkit.compose.resolve import resolve
from toolkit.core.findings import FindingsError
from toolkit.model.tree import Ref, inlines_of, walk
from toolkit.numbering.labels import document_text, number_set
from toolkit.presets.layers import chain
from toolkit.presets.sizes import target
from toolkit.profile.reading import of_bytes

LIGHT = {
    "preset.yaml": "id: office_demo\ndocuments_removed: [account_rules]\n",
    "documents/01-regulation.md": (
        "---\nid: regulation\n---\n## {#account_rule after=accounts take=account_rules#rule}\n"
        "见[](account_rules#rule)和[](account_rules)。 {#seen}\n"
    ),
    "meets.yaml": "account_rules: {'': regulation#account_rule}\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tiny presets with a light size."""
    shutil.copytree(DATA / "tiny", tmp_path / "tiny")
    head = tmp_path / "tiny" / KIND / "preset.yaml"
    head.write_text(
        head.read_text(encoding="utf-8") + "sizes: {light: {label: 精简, ceilings: {documents: 9}}}\n", encoding="utf-8"
    )
    (head.parent / "sizes" / "light").mkdir(parents=True)
    return tmp_path / "tiny"


def light(root: Path, **files: str):
    write(root / KIND / "sizes" / "light", {**LIGHT, **{name.replace("__", "/"): text for name, text in files.items()}})
    return presets.load(KIND, [root], (), "light")


def texts(preset, name: str) -> str:
    built = build(resolve(preset, VALUES, date="2026-01-05"))
    labels = number_set(built.set)
    return "\n".join(text for _, text in document_text(document(built, name), labels))


def test_the_layers_of_a_size_lie_between_the_kind_and_the_units_own(root, tmp_path) -> None:
    write(root / "base" / "sizes" / "light", {"params.yaml": ""})
    write(root / KIND / "sizes" / "light", LIGHT)
    own = write(tmp_path / "own", {"params.yaml": ""})
    full, sized = (chain(KIND, [root], [own], size) for size in ("", "light"))
    assert [layer.folder.name for layer in full] == ["base", KIND, "own"]
    assert [(layer.folder.parent.parent.name, layer.size) for layer in sized[2:4]] == [
        ("base", "light"),
        (KIND, "light"),
    ]
    assert sized[-1].own and not sized[-1].size


def test_an_article_is_taken_over_with_its_text_topics_and_references(root) -> None:
    full, small = presets.load(KIND, [root]), light(root)
    assert "account_rules" in full.documents and "account_rules" not in small.documents
    sentence = texts(full, "account_rules").splitlines()[-1].partition("\u3000")[2]
    assert sentence and sentence in texts(small, "regulation") and sentence not in texts(full, "regulation")
    assert (small.size, small.size_label, full.size) == ("light", "精简", "")


def test_references_lead_to_where_a_clause_is_met(root) -> None:
    built = build(resolve(light(root), VALUES, date="2026-01-05"))
    refs = [part for block in walk(document(built, "regulation").body) for part in inlines_of(block)]
    assert Ref("account_rule") in refs
    assert not [part for part in refs if isinstance(part, Ref) and part.document == "account_rules"]


def test_what_stands_below_a_taken_article_keeps_its_id_or_gets_one_of_its_own(root) -> None:
    more = root / KIND / "documents" / "05-accounts.md"
    more.write_text(
        more.read_text(encoding="utf-8") + "\n管理员核对账号，见[](#rule)。 {#scope}\n\n再次核对。 {#again}\n",
        encoding="utf-8",
    )
    preset = light(root)
    assert preset.where("account_rules", "scope") == ("regulation", "account_rule_scope")  # taken in the regulation
    assert preset.where("account_rules", "again") == ("regulation", "again")
    assert "核对账号，见本条" in texts(preset, "regulation") or "核对账号，见" in texts(preset, "regulation")


HEAD = "---\nid: regulation\n---\n"
REGULATION = "documents__01-regulation.md"


@pytest.mark.parametrize(
    ("name", "text", "code", "subject"),
    [
        (REGULATION, f"{HEAD}## {{#x after=accounts take=account_rules#rul}}\n", "unknown_target", "account_rules#rul"),
        (REGULATION, f"{HEAD}# {{#x after=general take=account_rules#rule}}\n", "patch_level", "account_rules#rule"),
        ("meets.yaml", "account_rules: {rule: regulation#nowhere}\n", "unknown_target", "regulation#nowhere"),
        ("meets.yaml", "account_rules: {rule: nothing#rule}\n", "unknown_target", "nothing#rule"),
        ("meets.yaml", "notice: {issue: regulation#purpose}\n", "unknown_target", "issue"),
    ],
)
def test_what_points_nowhere_is_an_error(root, name, text, code, subject) -> None:
    with pytest.raises(FindingsError) as caught:
        light(root, **{name: text})
    assert (code, subject) in [(one.code, one.subject) for one in caught.value.findings]


def test_a_target_names_document_and_clause() -> None:
    assert target("a#b") == ("a", "b") and target("b", "a") == ("a", "b") and target("a#") == ("a", "")


@pytest.mark.parametrize(
    ("written", "size"), [("", ""), ("规模: 完整\n", ""), ("规模: 精简\n", "light"), ("size: light\n", "light")]
)
def test_the_profile_names_the_size(root, written, size) -> None:
    light(root)
    given = of_bytes(f"单位类型: 示例办公室\n{written}".encode())
    preset, findings = app.find_preset(given, app.Where(presets=(root,)))
    assert preset is not None and preset.size == size and not findings


def test_an_unknown_size_is_a_finding_with_its_place(root) -> None:
    light(root)
    given = of_bytes("单位类型: 示例办公室\n规模: 精减\n".encode(), "unit.yaml")
    prepared = app.prepare_read(given, app.Where(presets=(root,)))
    (found,) = [one for one in prepared.findings if one.code == "unknown_size"]
    assert (found.where.line, found.hint) == (2, "是不是“精简”？") and found.severity == "error"
    wrong = of_bytes("单位类型: 示例办公室\n规模: [精简]\n".encode(), "unit.yaml")
    assert [one.subject for one in wrong.findings] == ["size"]


def test_size_shows_in_the_resolved_values_and_the_manifest(root) -> None:
    from toolkit.output import set_files

    resolved = resolve(light(root), VALUES, date="2026-01-05")
    assert resolved.as_data()["size"] == "精简"
    assert set_files.manifest(resolved, build(resolved), b"", {}, {})["preset"]["size"] == "light"
    full = resolve(presets.load(KIND, [root]), VALUES, date="2026-01-05")
    assert "size" not in json.dumps(full.as_data(), ensure_ascii=False)
    assert "size" not in set_files.manifest(full, build(full), b"", {}, {})["preset"]


# --- what a size may not do ------------------------------------------------------------------------------------------------


REQUIRED = (
    "regulation:\n  purpose: {what: 目的, basis: 本项目的要求, kind: legal}\n"
    "account_rules:\n  left_out: 没有账号的单位不需要\n"
    "  rule: {what: 账号, basis: 本项目的要求, kind: legal, quotes: [duty.incident.deadline]}\n"
)


@pytest.mark.parametrize(
    ("name", "text", "subject"),
    [
        ("required.yaml", "regulation:\n  purpose:\n", "required.yaml"),
        ("topics.yaml", "甲: {topic: 甲, left_out: 不需要}\n", "topics.yaml"),
        ("words.yaml", "vague: []\n", "words.yaml"),
        ("preset.yaml", "id: office_demo\nunit_rules: {party_forms: {}}\n", "unit_rules"),
        ("duties.yaml", "incident:\n", "incident"),
        ("duties.yaml", "incident: {when: accounts}\n", "incident"),
        ("params.yaml", "unit:\n  full_name: {required: 否}\n", "unit.full_name.required"),
        (REGULATION, f"{HEAD}## {{#account_rule after=accounts take=account_rules#rule when=subunits}}\n", "rule"),
    ],
)
def test_a_size_changes_nothing_that_is_the_same_in_all_sizes(root, name, text, subject) -> None:
    write(root / KIND, {"required.yaml": REQUIRED})
    with pytest.raises(FindingsError) as caught:
        light(root, **{name: text})
    assert ("size_fixed", subject) in [(one.code, one.subject) for one in caught.value.findings]


def test_an_absorbed_duty_has_the_values_and_the_topics_of_its_absorber(root) -> None:
    first, second = list(presets.load(KIND, [root]).duties)[:2]
    preset = light(root, **{"duties.yaml": f"{first}: {{absorbs: [{second}]}}\n"})
    resolved = resolve(preset, VALUES, date="2026-01-05")
    assert second not in resolved.duties and preset.absorbed == {second: first}
    assert resolved.scope.text(f"duty.{second}.label") == resolved.duties[first].label
    with pytest.raises(FindingsError) as caught:
        light(root, **{"duties.yaml": f"{first}: {{absorbs: [nothing]}}\n"})
    assert [(one.code, one.subject) for one in caught.value.findings] == [("unknown_id", "nothing")]


def test_a_layer_cannot_say_where_a_size_meets_a_clause(root, tmp_path) -> None:
    write(root / KIND / "sizes" / "light", LIGHT)
    own = write(
        tmp_path / "own", {"meets.yaml": "account_rules: {rule: regulation#purpose}\n", "sizes/light/a.yaml": ""}
    )
    sized = presets.load(KIND, [root], [own], "light")
    assert sized.met == presets.load(KIND, [root], (), "light").met
    found = [(one.code, one.subject) for one in sized.findings]
    assert found == [("unknown_file", "meets.yaml"), ("unknown_file", "sizes/light/a.yaml")]
    assert all("for_size" in one.hint for one in sized.findings)


def test_a_layer_says_for_which_size_it_was_written(root, tmp_path) -> None:
    write(root / KIND / "sizes" / "light", LIGHT)
    own = write(tmp_path / "own", {"preset.yaml": "for_size: 精简\n"})
    assert presets.load(KIND, [root], [own], "light").size == "light"
    with pytest.raises(FindingsError) as caught:
        presets.load(KIND, [root], [own])
    assert [one.code for one in caught.value.findings] == ["layer_size"]
