"""A clause: where it comes from, its text with tokens and back, its own wording judged, written and taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import api
from toolkit.app import Prepared
from toolkit.clauses import CODES
from toolkit.clauses.names import Names
from toolkit.clauses.opened import opened
from toolkit.clauses.wording import Wording, matched
from toolkit.core.data_folders import BUNDLED
from toolkit.presets import load
from toolkit.presets.markup import TemplateBlock, parse
from toolkit.presets.spec import DocumentTemplate, chains, walk
from toolkit.presets.writing import block_source, plain_block, with_block, without_block

KINDS = [(kind, size) for kind in ("village", "school", "railway_depot") for size in ("", "light")]
UNITS = ("village", "village_six_members", "school", "school_light", "railway_depot", "railway_depot_light")


@cache
def unit(name: str) -> Prepared:
    return api.prepare(ROOT / "examples" / f"{name}.yaml")


def clauses(template: DocumentTemplate) -> Iterator[TemplateBlock]:
    """Yield what can be worded as a whole: articles, and paragraphs at the top."""
    for chain in chains(template.body):
        block = chain[-1]
        is_top = len(chain) == 1 and isinstance(block, TemplateBlock) and block.level == "paragraph"
        if isinstance(block, TemplateBlock) and (block.level == "article" or is_top):
            yield block


def wordings(name: str) -> Iterator[tuple[str, TemplateBlock, Wording]]:
    """Yield each clause of a unit's set, with its document and its wording."""
    one = opened(unit(name))
    for template in one.preset.documents.values():
        names = Names(one.resolved, template)
        for block in clauses(template):
            wording = Wording(names, one.index, [block])
            if (block.file, block.line) in wording.built:
                yield template.id, block, wording


@cache
def analysis() -> tuple[TemplateBlock, Wording]:
    """Return one clause of the village with its wording."""
    return next((block, wording) for _, block, wording in wordings("village") if block.id == "analysis")


# --- Markdown and tokens, there and back --------------------------------------------------------------------------------


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("kind", "size"), KINDS)
def test_every_provision_is_written_back_as_it_was_read(kind, size):
    preset = load(kind, BUNDLED.presets_folders, (), size)
    blocks = [block for document in preset.documents.values() for block in document.body]
    provisions = [block for block in blocks if isinstance(block, TemplateBlock)]
    wrong = []
    for block in provisions:
        parsed, findings = parse(block_source(block), "")
        if findings or [plain_block(one) for one in parsed] != [plain_block(block)]:
            wrong.append(block.id)
    assert len(provisions) > 20 and not wrong


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", UNITS)
def test_the_text_of_every_clause_is_the_clause(name):
    wrong, count = [], 0
    for document, block, wording in wordings(name):
        count += 1
        new, findings = wording.block(wording.text(block), wording.inline(block.parts), block)
        labels = [token.label for token in wording.tokens]
        for chain in chains((block,)):
            there = (chain[-1].file, chain[-1].line) in wording.built
            assert there == all(map(wording.applies, chain)), f"{document}#{chain[-1].id or block.id}"
        if findings or new != plain_block(replace(block, take="")) or len(labels) != len(set(labels)):
            wrong.append(f"{document}#{block.id}")
    assert count > 40 and not wrong


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["village", "school_light", pytest.param("railway_depot", marks=pytest.mark.slow)])
def test_a_layer_that_words_every_clause_as_the_preset_does_changes_nothing(name, tmp_path):
    """Also conditions: a clause that the preset makes conditional is not conditional by the unit's own doing."""
    before, layer = unit(name), tmp_path / "own"
    (layer / "documents").mkdir(parents=True)
    texts: dict[str, str] = {}
    for document, template in before.preset.documents.items():
        if not template.made_by:
            for block in clauses(template):
                texts[document] = with_block(texts.get(document, ""), f"{document}.md", document, block)
    for document, text in texts.items():
        (layer / "documents" / f"{document}.md").write_text(text, encoding="utf-8")
    after = api.prepare(ROOT / "examples" / f"{name}.yaml", layers=[layer])
    assert len(texts) > 10 and [str(finding) for finding in after.findings] == [str(one) for one in before.findings]
    assert after.built.set == before.built.set
    own = {
        name: sum(block.file.startswith(str(layer)) for block in walk(one.body))
        for name, one in after.preset.documents.items()
    }
    assert sum(own.values()) > 350


_LINES = st.lists(
    st.sampled_from(
        [
            "原有的一段。",
            "〔频次〕开会。",
            "（一）甲",
            "（二）乙；",
            "1.小项",
            "- 丙",
            "〔没有这个〕",
            "# 标题",
            "中办发〔2015〕52号",
        ]
    )
    | st.text("甲乙，。；〔〕{}[]()#-|>*1一（） 。", max_size=12),
    max_size=7,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(_LINES, st.text("目的〔〕{}#", max_size=6))
def test_whatever_is_typed_is_read_back_or_refused(lines, heading):
    block, wording = analysis()
    new, findings = wording.block("\n".join(lines), heading, block)
    if findings:
        assert all(finding.severity is api.Severity.ERROR and finding.message and finding.hint for finding in findings)
    else:
        assert [plain_block(one) for one in parse(block_source(new), "")[0]] == [new]
        again, problems = wording.block(wording.inline(new.parts), heading, block)
        assert new.id == "analysis" and (again is not None or problems)


def test_lines_keep_their_ids_through_edits():
    block, wording = analysis()
    lines = wording.text(block).split("\n")
    ids = [child.id for child in block.children]
    assert len(ids) >= 3 and all(ids[:2])

    def ids_of(text: list[str]) -> list[str]:
        new, findings = wording.block("\n".join(text), "", block)
        assert not findings
        return [child.id for child in new.children]

    assert ids_of([lines[0].replace("应当", "必须"), *lines[1:]]) == ids
    assert ids_of(["新的第一段。", *lines]) == ["", *ids]
    assert ids_of([*lines[:1], "夹在中间的一段。", *lines[1:]]) == [ids[0], "", *ids[1:]]
    assert ids_of(lines[1:]) == ids[1:]
    assert matched(["甲", "乙", "丙"], ["甲", "丙"]) == [0, 2] and matched(["甲甲甲"], ["乙", "甲甲丁"]) == [None, 0]


# --- the file of the layer ----------------------------------------------------------------------------------------------

_FILE = """---
id: regulation
remove: [old_one]
---
一段。 {#top}

# 章 {#chapter}
## 甲条 {#first}
第一段。

第二段：
- 一项

## 乙条 {#second}
文。
"""


def _block(text: str) -> TemplateBlock:
    return parse(text, "x.md")[0][0]


def test_a_block_is_put_into_a_file_and_taken_out_and_the_rest_stays():
    put = with_block(_FILE, "x.md", "regulation", _block("## 甲条 {#first}\n新的。"))
    assert put == _FILE.replace("第一段。\n\n第二段：\n- 一项", "新的。").replace("## 甲条", "\n## 甲条")
    added = with_block(_FILE, "x.md", "regulation", _block("## 丙条 {#third}\n文。"))
    assert added == _FILE + "\n## 丙条 {#third}\n文。\n" and without_block(added, "x.md", "third") == _FILE
    above = with_block(_FILE, "x.md", "regulation", _block("另一段。 {#other}"))
    assert above.index("#other") < above.index("# 章") and without_block(above, "x.md", "nothing") == above
    alone = with_block("", "x.md", "regulation", _block("一段。 {#top}"))
    assert alone == "---\nid: regulation\n---\n\n一段。 {#top}\n" and without_block(alone, "x.md", "top") == ""


# --- own wording --------------------------------------------------------------------------------------------------------


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    return tmp_path / "own"


def tried(layer: Path, change: tuple[str, str], name: str = "village", clause: str = "analysis"):
    text = api.clause_text(unit(name), "regulation", clause, layer=layer).text
    assert change[0] in text
    return api.clause_try(unit(name), "regulation", clause, text.replace(*change), layer=layer)


def codes(trial) -> set[str]:
    return {finding.code for finding in trial.findings}


def test_a_clause_shows_what_it_is_filled_with_and_what_it_must_state(layer):
    clause = api.clause_text(unit("village"), "regulation", "analysis", layer=layer)
    assert clause.label == "第二十二条" and clause.heading == "分析研判" and clause.has_heading and not clause.own
    assert (
        clause.text.startswith("〔责任主体〕应当召开分析研判会议，频次为〔频次〕") and clause.preset_text == clause.text
    )
    token = next(token for token in clause.tokens if token.label == "频次")
    assert token.value == "每季度至少一次" and token.parameters == ("freq.analysis",) and token.what == "分析研判的频次"
    assert {point.what for point in clause.points} >= {"责任主体", "频次", "时限", "报送对象"}
    assert all(point.is_stated for point in clause.points)


def test_text_that_is_not_changed_changes_nothing(layer):
    trial = tried(layer, ("应当", "应当"))
    assert not trial.changes and not api.clause_write(trial, layer) and not layer.exists()


@pytest.mark.slow
def test_a_frequency_that_is_typed_is_found_and_mended(layer):
    trial = tried(layer, ("频次为〔频次〕", "频次为每季度至少一次"))
    assert "literal_frequency" in codes(trial) and trial.can_write
    (mend,) = [mend for mend in trial.mends if mend.what == "换成〔频次〕"]
    mended = api.clause_try(unit("village"), "regulation", "analysis", mend.text, layer=layer)
    assert not mended.findings and not mended.changes


@pytest.mark.slow
def test_a_clause_that_no_longer_states_what_it_must(layer):
    trial = tried(layer, ("报〔报送对象〕", "报有关部门"))
    assert {"clause_lacks", "vague_word"} <= codes(trial)
    assert [point.what for point in trial.text.points if not point.is_stated] == ["报送对象"]
    assert all("{" not in finding.hint and "analysis" not in finding.message for finding in trial.findings)
    assert any(finding.message.startswith("这一条没有写明职责“分析研判”的报送对象") for finding in trial.findings)


@pytest.mark.slow
def test_what_is_broken_elsewhere_is_found_too(layer):
    """A paragraph that another clause refers to, and that a requirement names, is not just gone."""
    text = api.clause_text(unit("village"), "regulation", "analysis", layer=layer).text.split("\n")
    trial = api.clause_try(unit("village"), "regulation", "analysis", text[0], layer=layer)
    missing = [finding.message for finding in trial.findings if finding.code == "missing_clause"]
    assert missing and all(message.startswith("少了必备的一段：") for message in missing)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("〔频率〕召开。", "unknown_token"),
        ("", "unwritable_text"),
        ("# 标题", "unwritable_text"),
        ("（一）甲", "unwritable_text"),
    ],
)
def test_a_text_that_cannot_be_a_clause_is_not_written(text, code, layer):
    trial = api.clause_try(unit("village"), "regulation", "analysis", text, layer=layer)
    assert code in CODES and code in codes(trial) and not trial.can_write
    with pytest.raises(api.UsageError):
        api.clause_write(trial, layer)
    assert not layer.exists()


@pytest.mark.slow
def test_a_wording_is_written_read_back_reworded_and_taken_back(layer, tmp_path):
    trial = tried(layer, ("应当召开", "应当按时召开"))
    assert trial.can_write and not trial.findings and api.clause_write(trial, layer)
    profile = tmp_path / "unit.yaml"
    shutil.copy(ROOT / "examples/village.yaml", profile)
    with profile.open("a", encoding="utf-8") as stream:
        stream.write("\n自有条款: own\n")
    own = api.prepare(profile)
    assert [str(one) for one in own.findings] == [str(one) for one in unit("village").findings]
    clause = api.clause_text(own, "regulation", "analysis", layer=layer)
    assert clause.own and "按时召开" in clause.text and clause.preset_text == clause.text.replace("按时", "")
    assert api.provenance(own, "regulation", "analysis").own
    second = api.clause_text(own, "regulation", "acct_appeal", layer=layer)
    more = api.clause_try(own, "regulation", "acct_appeal", second.text + "\n另加的一段话，写明办理的人。", layer=layer)
    assert more.can_write and api.clause_write(more, layer)
    (file,) = (layer / "documents").iterdir()
    assert file.read_text(encoding="utf-8").count("\n## ") == 2
    for name in ("analysis", "acct_appeal"):
        assert api.clause_write(api.clause_restore(api.prepare(profile), "regulation", name, layer=layer), layer)
    assert not list((layer / "documents").iterdir())
    assert not api.clause_restore(api.prepare(profile), "regulation", "analysis", layer=layer).changes


@pytest.mark.slow
def test_typing_the_preset_again_takes_the_wording_back(layer):
    api.clause_write(tried(layer, ("应当召开", "应当按时召开")), layer)
    own = api.prepare(ROOT / "examples/village.yaml", layers=[layer])
    text = api.clause_text(own, "regulation", "analysis", layer=layer, layers=[layer])
    trial = api.clause_try(own, "regulation", "analysis", text.preset_text, layer=layer, layers=[layer])
    assert trial.data is None and api.clause_write(trial, layer) and not list((layer / "documents").iterdir())


@pytest.mark.slow
def test_a_form_words_its_paragraph_and_a_table_is_not_worded(layer):
    document = next(one for one in unit("village").built.set.documents if one.id == "checklist_quarterly")
    paragraph = next(block.id for block in document.body if hasattr(block, "level") and block.level == "paragraph")
    table = next(block.id for block in document.body if not hasattr(block, "level"))
    clause = api.clause_text(unit("village"), document.id, paragraph, layer=layer)
    assert not clause.has_heading
    trial = api.clause_try(unit("village"), document.id, paragraph, clause.text + "请用黑色笔填写。", layer=layer)
    assert trial.can_write and not api.has_errors(trial.findings) and trial.name.endswith(".md")
    api.clause_write(trial, layer)
    own = api.prepare(ROOT / "examples/village.yaml", layers=[layer])
    assert api.provenance(own, document.id, paragraph).lines[0].endswith("请用黑色笔填写。")
    two = api.clause_try(unit("village"), document.id, paragraph, clause.text + "\n又一段。", layer=layer)
    assert codes(two) == {"unwritable_text"}
    with pytest.raises(api.UsageError, match="表格"):
        api.clause_text(unit("village"), document.id, table, layer=layer)


def test_a_layer_written_by_hand_in_yaml_is_left_alone(layer):
    (layer / "documents").mkdir(parents=True)
    (layer / "documents/r.yaml").write_text("id: regulation\nremove: [no_burden]\n", encoding="utf-8")
    with pytest.raises(api.Refused, match="YAML"):
        tried(layer, ("应当召开", "应当按时召开"))


def test_a_notice_that_is_made_for_each_regulation_is_worded_once(layer):
    made = [one.id for one in unit("village").preset.documents.values() if one.made_by]
    there = [name for name in made if any(one.id == name for one in unit("village").built.set.documents)]
    for name in there[:1]:
        block = next(clauses(unit("village").preset.documents[name]))
        text = api.clause_text(unit("village"), name, block.id, layer=layer).text
        trial = api.clause_try(unit("village"), name, block.id, text + "特此说明。", layer=layer)
        assert trial.can_write and b"id: " + unit("village").preset.documents[name].made_by.encode() in trial.data


# --- provenance ---------------------------------------------------------------------------------------------------------


def test_the_chain_of_a_clause():
    chain = api.provenance(unit("village"), "regulation", "analysis")
    assert chain.label == "第二十二条" and chain.heading == "分析研判" and chain.clause == "analysis" and not chain.own
    assert chain.lines[2].startswith("（一）") and chain.paper.number == 1
    (duty,) = chain.duties
    assert duty.label == "分析研判" and duty.recipient == "村党支部委员会" and len(duty.elsewhere) > 5 and not duty.rows
    answers = {answer.key: answer for answer in chain.answers}
    assert answers["freq.analysis"].what == "频次" and answers["freq.analysis"].value == "每季度至少一次"
    assert answers["deadline.analysis_due"].follows == (("freq.analysis", "频次.分析研判"),)
    assert any("中华人民共和国个人信息保护法" in text for text in chain.basis)
    assert {need.state for need in chain.requirements} <= {"met", "narrowed"} and len(chain.requirements) >= 3


@pytest.mark.slow
def test_the_chain_of_every_block_can_be_shown_and_leads_to_known_answers():
    for name in ("village", "railway_depot_light"):
        one = unit(name)
        for document in one.built.set.documents:
            for block in document.body:
                chain = api.provenance(one, document.id, block.id)
                keys = [answer.key for answer in (*chain.answers, *chain.condition)]
                assert (
                    chain.lines
                    and len(set(keys)) >= len(chain.answers)
                    and set(keys) <= one.preset.params.params.keys()
                )


def test_a_condition_leads_to_its_answer():
    chain = api.provenance(unit("village"), "regulation", "subunit_report")
    assert [answer.key for answer in chain.condition] == ["village.subunits"] and chain.condition[0].question


def test_an_unknown_provision_is_said():
    for document, provision in (("regulation", "nothing"), ("nothing", "analysis")):
        with pytest.raises(api.UsageError):
            api.provenance(unit("village"), document, provision)


def test_a_profile_with_errors_has_chains_too():
    wrong = api.prepare({"单位类型": "村", "单位": {"全称": "青禾县柳溪镇柳河村"}, "党员人数": "many"})
    assert wrong.built is None and api.provenance(wrong, "regulation", "analysis").duties
