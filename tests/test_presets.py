import time
from pathlib import Path

import pytest
from conftest import ROOT
from tinyset import KIND, LAYER, ROOTS, load, problems, write

from toolkit import presets
from toolkit.compose.resolve import resolve
from toolkit.core.findings import FindingsError, Severity, UsageError
from toolkit.presets.layers import kinds
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import literals, walk


def ids(preset, document):
    found = []
    for block in preset.documents[document].body:
        found += [b.id for b in walk((block,))] if isinstance(block, TemplateBlock) else [block.id]
    return [name for name in found if name]


def test_kind_is_laid_over_its_base():
    preset = load()
    assert (preset.id, preset.label, preset.version) == (KIND, "示例办公室", "1.2.0")
    assert list(preset.documents) == ["regulation", "minutes", "register", "account_rules", "notice"]
    assert preset.org["office"].name[0].text == "综合办公室"
    assert preset.org["office"].kind == "body"
    assert preset.required["regulation"]["purpose"].kind == "legal"
    assert preset.required["regulation"]["reports"].kind == "organisational"
    assert preset.rules["party_forms"]["allowed"] == ["党支部", "党委"]
    assert [rule["pattern"] for rule in preset.words["vague"]] == ["第一时间", "定期(?!检查)"] and not preset.vocabulary
    assert preset.own_words == ("示例词",)
    assert preset.duties["analysis"].reports and not preset.duties["haunt"].reports
    assert preset.duties["analysis"].places["deadline"].line == 7
    assert preset.findings == ()


def test_kinds_are_listed_without_abstract_ones(tmp_path):
    assert [(info.id, info.label, info.version) for info in kinds(ROOTS)] == [(KIND, "示例办公室", "1.2.0")]
    write(tmp_path, {f"{KIND}/preset.yaml": "label: 前面的\nversion: 9"})
    assert [info.label for info in presets.kinds((tmp_path, *ROOTS))] == ["前面的"]


def test_a_layer_adds_replaces_removes_and_reorders():
    preset = load(LAYER)
    assert ids(preset, "regulation") == [
        "general",
        "scope",
        "extra",
        "purpose",
        "duties",
        "reports",
        "reports_content",
        "activity",
        "units_report",
        "inspect",
        "final",
        "effective",
        "interpret",
    ]
    assert ids(preset, "minutes") == ["head", "signature", "agenda_items"]
    assert preset.documents["minutes"].body[-1].blank == 3
    assert preset.documents["regulation"].texts["title"][-1].text == "细则"
    assert preset.documents["regulation"].texts["self"][0].text == "本办法"
    assert "account_rules" not in preset.documents
    assert preset.duties["incident"].texts["record"][0].text == "登记表"
    assert preset.duties["incident"].actor == "office"
    assert "units_report" not in preset.duties
    assert preset.required["regulation"]["extra"].what == "补充"


def test_blocks_that_a_layer_leaves_alone_are_the_same_objects(tmp_path):
    """What was made of them and read in them is remembered by identity."""
    text = "---\nid: regulation\n---\n## 补充 {#extra after=scope}\n"
    # Both are put together here: a preset that is already known may be made of files that were read long before.
    plain, laid = (
        load(write(tmp_path / name, {"documents/regulation.md": text + sentence}))
        for name, sentence in (("plain", "应当公布时间。\n"), ("laid", "应当公布情况。\n"))
    )
    for name, document in plain.documents.items():
        for block in document.body if name != "regulation" else ():
            assert any(block is other for other in laid.documents[name].body), (name, block.id)
    before, after = ([(one.document, one.provision, one.text) for one in literals(preset)] for preset in (plain, laid))
    assert [text for *_, text in after if text not in {text for *_, text in before}] == ["应当公布情况。"]


def test_what_a_layer_took_away_is_remembered_with_its_place():
    removed = load(LAYER).removed
    assert set(removed) == {
        ("regulation", "accounts"),
        ("regulation", "with_accounts"),
        ("minutes", "attendance"),
        ("account_rules", ""),
        ("", "duty.units_report"),
    }
    place = removed["regulation", "accounts"]
    assert (Path(place.file).name, place.line) == ("regulation.md", 4)


def test_what_went_with_a_removed_clause():
    preset = load(LAYER)
    assert preset.lost["regulation", "accounts"].root == "accounts"
    assert preset.quoted["regulation", "reports"] == {"analysis"}
    assert preset.quoted["regulation", "duties"] == {"analysis", "units_report"}


def test_a_nested_clause_and_a_table_are_lost_with_their_root(tmp_path):
    files = {
        "documents/r.md": "---\nid: regulation\nremove: [reports]\n---\n",
        "documents/t.yaml": "id: register\nremove: [all_duties]\n",
    }
    lost = load(write(tmp_path, files)).lost
    assert {name: loss.root for (document, name), loss in lost.items() if document == "regulation"} == {
        "reports": "reports",
        "reports_content": "reports",
        "with_accounts": "reports",
        "activity": "reports",
    }
    assert lost["regulation", "reports"].duties == {"analysis"}
    assert lost["register", "all_duties"].each == "duties"


def test_only_the_presets_own_conditions_excuse_a_clause(tmp_path):
    assert load().documents["regulation"].conditional_ids() == {"with_accounts", "activity", "accounts", "units_report"}
    layer = write(
        tmp_path,
        patch("## 目的 {#purpose when=doc.public}\n文。") | {"required.yaml": "notice: {issue: {what: 甲, basis: 乙}}"},
    )
    preset = load(layer)
    assert "purpose" not in preset.documents["regulation"].conditional_ids()
    assert preset.required["notice"]["issue"].basis == "乙"


def test_replacing_a_whole_file_forgets_the_old_clauses(tmp_path):
    text = "---\nid: account_rules\nmode: replace\ntitle: 新规定\n---\n## 新条 {#fresh}\n内容。\n"
    preset = load(write(tmp_path, {"documents/x.md": text}))
    assert ids(preset, "account_rules") == ["fresh"]
    assert ("account_rules", "rule") in preset.removed
    assert preset.documents["account_rules"].number == 5


def test_removed_clauses_can_still_be_referred_to():
    # The set's checks report such references as following from the missing clause.
    assert [f for f in problems(LAYER) if f.severity is Severity.ERROR] == []


def test_unknown_kind_has_a_did_you_mean():
    with pytest.raises(UsageError) as caught:
        presets.load("office_dem", ROOTS)
    assert KIND in caught.value.hint


def test_the_same_content_is_loaded_once_and_a_change_is_seen(tmp_path):
    layer = write(tmp_path, {"org.yaml": "office: {name: 一号办}"})
    first = load(layer)
    assert load(layer) is first
    write(tmp_path, {"org.yaml": "office: {name: 二号办}"})
    assert load(layer).org["office"].name[0].text == "二号办"


def test_loading_again_costs_little():
    load()
    start = time.process_time()
    for _ in range(10):
        load()
    assert time.process_time() - start < 0.5


def test_literals_have_gaps_and_places():
    found = {(x.document, x.provision, x.text): x for x in literals(load())}
    rule = found["account_rules", "rule", "\ufffc应当\ufffc\ufffc\ufffc。"]
    assert (Path(rule.place.file).name, rule.place.line) == ("05-accounts.md", 11)
    assert ("", "duty.analysis.act", "召开会议，分析研判工作情况") in found
    assert ("minutes", "agenda_items", "已办") not in found
    assert ("regulation", "accounts", "\ufffc（\ufffc，\ufffc）") in found
    assert ("minutes", "head", "会议名称") in found


FRONT = "---\nid: new\nnumber: 20\ntitle: 新文件\nfamily: mechanism\nlayout: regulation\nnumbering: outline\n"
FORM = "id: form\nnumber: 21\ntitle: 表\nfamily: record\nlayout: form\nbody:\n"


def md(body, front=""):
    return {"documents/new.md": FRONT + front + "---\n" + body}


def patch(body, front=""):
    return {"documents/p.md": f"---\nid: regulation\n{front}---\n{body}"}


def form(body, front=""):
    return {"documents/form.yaml": front + FORM + body}


#: A table of a layer: it stands beside chapters, never in one.
TABLE = "table: own_table\n    blank: 2\n    columns: [{head: 甲, cell: '{?own}'}]"

BROKEN = [
    (md("## 条 {#a}\n{unit.ful_name}。"), "unknown_name", "unit.ful_name"),
    (md("## 条 {#a}\n{accounts}。"), "not_printable", "accounts"),
    (md("## 条 {#a}\n{duty.analysis}。"), "not_printable", "duty.analysis"),
    (md("## 条 {#a}\n{duty.analisys.act}。"), "unknown_name", "duty.analisys.act"),
    (md("## 条 {#a}\n{this.name}。"), "unknown_name", "this.name"),
    (md("## 条 {#a}\n{accounts: each='{nam}'}。"), "unknown_name", "nam"),
    (md("## 条 {#a}\n{unit.self: each='{value}'}。"), "unknown_source", "unit.self"),
    (md("## 条 {#a when='acounts'}\n文。"), "unknown_name", "acounts"),
    (md("## 条 {#a}\n文：\n- 项 {each=acounts}"), "unknown_source", "acounts"),
    (md("## 条 {#a}\n文：\n- 项 {each=agenda}"), "unknown_source", "agenda"),
    (md("## 条 {#a}\n见[](#b)。"), "unknown_target", "b"),
    (md("## 条 {#a}\n见[](regulation#b)。"), "unknown_target", "b"),
    (md("## 条 {#a}\n见[](regulatio)。"), "unknown_id", "regulatio"),
    (md("## 条 {#a}\n见[](#b)：\n- 项 {#b each=accounts}"), "unknown_target", "b"),
    (md("## 条 {#a}\n{?x}{?x}。"), "duplicate_field", "x"),
    (md("## 条 {#a}\n文。", "titel: 甲\n"), "unknown_preset_key", "titel"),
    (md("## 条 {#a}\n文。", "values: {x: 甲}\n"), "unknown_field", "x"),
    (md("## 条 {#a}\n文。", "meeting: studdy\n"), "unknown_id", "studdy"),
    (md("## 条 {#a}\n文。", "record_of: [nothing]\n"), "unknown_id", "nothing"),
    (md("## 条 {#a}\n文。", "encloses: nothing\n"), "unknown_id", "nothing"),
    (md("## 条 {#a}\n文。", "conclusions: 也许\n"), "preset_type", ""),
    (md("## 条 {#a}\n文。", "subtitle: '{?x}'\n"), "bad_template", ""),
    (md("## 条 {#a}\n文。", "remove: [b]\n"), "unknown_anchor", "new"),
    ({"documents/a.md": "没有说明"}, "front_matter", ""),
    ({"documents/a.md": "---\nnumber: 3\n---\n文。"}, "missing_id", ""),
    ({"documents/a.md": "---\nid: x1\nnumber: 1\n---\n文。"}, "missing_key", "x1"),
    ({"documents/a.md": FRONT.replace("20", "1") + "---\n文。"}, "duplicate_number", "new"),
    ({"documents/a.md": FRONT.replace("mechanism", "mechanisms") + "---\n文。"}, "preset_choice", "mechanisms"),
    ({"documents/a.md": FRONT + "---\n文。", "documents/b.md": FRONT + "---\n文。"}, "duplicate_id", "new"),
    (patch("", "remove: [purpos]\n"), "unknown_anchor", "purpos"),
    (patch("", "order: [purpos, scope]\n"), "unknown_anchor", "purpos"),
    (patch("", "order: [purpose, effective]\n"), "patch_order", ""),
    (patch("## 新 {#fresh}\n文。"), "patch_position", "fresh"),
    (patch("## 新 {#scope after=purpose}\n文。"), "taken_id", "scope"),
    (patch("## 新 {#fresh after=purpos}\n文。"), "unknown_anchor", "purpos"),
    (patch("## 新 {#fresh in=with_accounts}\n文。"), "patch_level", "with_accounts"),
    (patch("## 新 {#fresh after=duties}\n文。"), "patch_level", "duties"),
    (patch("新段。 {#purpose}"), "patch_level", "purpose"),
    ({"documents/p.yaml": f"id: regulation\nbody:\n  - {TABLE}\n    after: purpose\n"}, "patch_level", "own_table"),
    (form("  - grid: g\n    columns: [1, 2]\n    rows:\n      - [甲]\n"), "grid_width", "g"),
    (form("  - grid: g\n    columns: [1]\n    rows:\n      - [{txt: 甲}]\n"), "unknown_preset_key", "txt"),
    (form("  - grid: g\n    columns: [x]\n    rows:\n      - [甲]\n"), "preset_type", ""),
    (form("  - gird: g\n"), "unknown_preset_key", "gird"),
    (form("  - when: accounts\n"), "form_block", ""),
    (
        form("  - table: t\n    items: [{a: 甲}, {aa: 乙}]\n    columns: [{head: 甲, cell: '{a}'}]\n"),
        "unknown_preset_key",
        "aa",
    ),
    ({"org.yaml": "office: {knd: body}"}, "unknown_preset_key", "knd"),
    ({"org.yaml": "fresh: {nam: 甲, kind: body}"}, "unknown_preset_key", "nam"),
    ({"required.yaml": "regulation: {purpos: {what: 甲, basis: 乙}}"}, "unknown_target", "purpos"),
    ({"required.yaml": "regulatio: {purpose: {what: 甲, basis: 乙}}"}, "unknown_id", "regulatio"),
    (form("  - table: t\n    columns: [{head: 甲, cell: 乙}]\n"), "form_block", "t"),
    (form("  - table: t\n    each: duties\n    items: [{a: b}]\n    columns: [{head: 甲}]\n"), "form_block", "t"),
    (form("  - table: t\n    each: duties\n    where: clause\n    columns: [{head: 甲}]\n"), "unknown_name", "clause"),
    (form("  - table: t\n    each: accounts\n    columns: [{head: 甲, cell: '{clause}'}]\n"), "unknown_name", "clause"),
    (
        form(f"  - table: {'t' * 30}\n    blank: 1\n    columns: [{{head: 甲, cell: '{{?abcdef}}'}}]\n"),
        "tag_too_long",
        "abcdef",
    ),
    (
        form(
            "  - grid: g\n    columns: [1]\n    rows:\n      - [甲]\n  - grid: g\n    columns: [1]\n    rows:\n      - [乙]\n"
        ),
        "duplicate_id",
        "g",
    ),
    ({"org.yaml": "unit: {name: 甲}\n'duty': {name: 乙}"}, "reserved_name", "duty"),
    ({"org.yaml": "superior: {name: 甲}"}, "reserved_name", "superior"),
    ({"org.yaml": "fresh: {kind: bodies, name: 甲}"}, "preset_choice", "bodies"),
    ({"org.yaml": "fresh: {kind: body}"}, "missing_key", "fresh"),
    ({"org.yaml": "fresh: {name: 甲, of: nobody}"}, "unknown_id", "nobody"),
    ({"org.yaml": "nobody: null"}, "unknown_anchor", "nobody"),
    ({"org.yaml": "office: 甲"}, "preset_type", "office"),
    ({"duties.yaml": "analysis: {frequenzy: 每年1次}"}, "unknown_preset_key", "frequenzy"),
    ({"duties.yaml": "analysis: {form: minuts}"}, "unknown_id", "minuts"),
    ({"duties.yaml": "analysis: {meeting: studi}"}, "unknown_id", "studi"),
    ({"duties.yaml": "analysis: {act: '{nam}'}"}, "unknown_name", "nam"),
    ({"duties.yaml": "fresh: {label: 甲}"}, "missing_key", "fresh"),
    ({"meetings.yaml": "study: {minutes: minuts}"}, "unknown_id", "minuts"),
    ({"meetings.yaml": "study: {quorum: {to_met: 甲}}"}, "unknown_preset_key", "to_met"),
    ({"params.yaml": "duty: {label: 甲, type: text}"}, "reserved_name", "duty"),
    ({"params.yaml": "more: {label: 甲, type: text, default: '{unit.ful}'}"}, "unknown_name", "unit.ful"),
    ({"params.yaml": "more: {label: 甲, type: txt}"}, "param_type", "more"),
    ({"preset.yaml": "documents_removed: [regulatio]"}, "unknown_anchor", "regulatio"),
    (
        {
            "documents/x.yaml": "id: x\ntitle: 甲\nbody:\n  - table: t\n    each: duties\n    blank: 1\n"
            "    columns: [{head: 甲, cell: '{label}'}]"
        },
        "blank_without_field",
        "t",
    ),
    (
        {
            "documents/x.yaml": "id: x\ntitle: 甲\nbody:\n  - table: t\n    blank: 1\n"
            "    columns: [{head: 甲, cell: '{?a}', blank: '{?b}'}]"
        },
        "unused_blank",
        "t",
    ),
    (
        {
            "documents/x.yaml": "id: x\ntitle: 甲\nbody:\n  - table: t\n    each: duties\n    blank: 1\n"
            "    columns: [{head: 甲, cell: '{label}', blank: '{label}{?a}'}]"
        },
        "unknown_name",
        "label",
    ),
    (
        {
            "documents/x.yaml": "id: x\ntitle: 甲\nbody:\n  - table: t\n    blank: 1\n"
            "    columns: [{head: 甲, cell: '{?a}', when: subunit}]"
        },
        "unknown_name",
        "subunit",
    ),
    (
        {
            "documents/x.yaml": "id: x\ntitle: 甲\nbody:\n  - table: t\n    items: [{what: 乙, when: subunit}]\n"
            "    columns: [{head: 甲, cell: '{what}'}]"
        },
        "unknown_name",
        "subunit",
    ),
    ({"preset.yaml": "requird: {}"}, "unknown_preset_key", "requird"),
    ({"preset.yaml": "unbreakable: 甲乙"}, "preset_type", ""),
    ({"preset.yaml": "required: {regulation: {purpose: null}}"}, "required_fixed", "purpose"),
    ({"preset.yaml": "required: {regulation: {more: {what: 甲}}}"}, "missing_key", "more"),
    ({"required.yaml": "regulation: {purpose: {what: 甲, basis: 乙}}"}, "required_fixed", "purpose"),
    (patch("", "when: doc.public\n"), "required_fixed", "regulation"),
    ({"preset.yaml": "a: 1\na: 2"}, "duplicate_key", None),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("files", "code", "subject"), BROKEN, ids=[f"{n}-{b[1]}" for n, b in enumerate(BROKEN)])
def test_a_broken_layer_is_refused_with_a_place(tmp_path, files, code, subject):
    layer = write(tmp_path, files)
    with pytest.raises(FindingsError) as caught:
        load(layer)
    found = [f for f in caught.value.findings if f.code == code and (subject is None or f.subject == subject)]
    assert found, [(f.code, f.subject, f.message) for f in caught.value.findings]
    assert found[0].where.file == "" or Path(found[0].where.file).is_relative_to(tmp_path)
    assert found[0].where.line >= 1


def test_hints_name_what_was_meant(tmp_path):
    found = problems(write(tmp_path, md("## 条 {#a}\n{unit.ful_name}。")))
    assert "unit.full_name" in found[0].hint
    found = problems(write(tmp_path, patch("", "remove: [purpos]\n") | {"documents/new.md": FRONT + "---\n文。"}))
    assert "purpose" in next(f for f in found if f.subject == "purpos").hint


def test_all_findings_come_at_once_with_their_lines(tmp_path):
    body = "## 条 {#a}\n{one}。\n\n## 条 {#b}\n{two}。\n"
    found = problems(write(tmp_path, md(body)))
    assert [(f.subject, f.where.line) for f in found] == [("one", 10), ("two", 13)]


def test_lines_of_prose_in_a_form(tmp_path):
    found = problems(write(tmp_path, form("  - prose: |\n      第一段。\n\n      {nothing}。\n")))
    assert [(f.subject, f.where.line) for f in found] == [("nothing", 10)]


def test_a_mistyped_file_name_is_a_warning(tmp_path):
    found = problems(write(tmp_path, {"dutys.yaml": "a: b"}))
    assert [(f.code, f.severity) for f in found] == [("unknown_file", Severity.WARNING)]
    assert "duties.yaml" in found[0].hint


def test_extends_in_a_circle_and_to_nowhere(tmp_path):
    write(
        tmp_path,
        {
            "a/preset.yaml": "label: 甲\nextends: b",
            "b/preset.yaml": "label: 乙\nextends: a",
            "c/preset.yaml": "label: 丙\nextends: bb",
        },
    )
    for kind, code in (("a", "extends_cycle"), ("c", "missing_base")):
        with pytest.raises(FindingsError) as caught:
            presets.load(kind, (tmp_path,))
        assert [f.code for f in caught.value.findings] == [code]
        assert caught.value.findings[0].where.line == 2


def test_inserted_form_blocks_and_prose(tmp_path):
    text = "id: minutes\nbody:\n  - prose: |\n      甲。\n\n      乙。\n    after: head\n    when: subunits\n"
    preset = load(write(tmp_path, {"documents/m.yaml": text}))
    body = preset.documents["minutes"].body
    assert [getattr(block, "level", block.id) for block in body] == [
        "paragraph",
        "head",
        "paragraph",
        "paragraph",
        "agenda_items",
        "attendance",
    ]
    assert [block.parts[0].text for block in body[2:4]] == ["甲。", "乙。"]
    assert all(block.when.text == "subunits" for block in body[2:4])


def test_a_label_cell_is_one_without_a_field():
    head = load().documents["minutes"].body[1]
    assert [cell.head for cell in head.rows[0].cells] == [True, False, True, False]
    assert head.rows[1].height == 4
    assert head.rows[1].cells[1].colspan == 3


def test_topics_and_the_sets_identity_come_from_data(tmp_path):
    files = {"topics.yaml": "PUR.aim: {topic: 目的}", "preset.yaml": "unit: '{unit.self}'\nyear: '2030'"}
    preset = load(write(tmp_path, files))
    assert preset.topics == {"PUR.aim": {"topic": "目的"}}
    resolved = resolve(preset, {"unit.full_name": "甲"}, date="2026-01-05")
    assert (resolved.unit, resolved.year, resolved.date) == ("本单位", 2030, "2026-01-05")


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("rules", "subject", "says"),
    [
        ("forbiden_bodies: [{word: 院党组, reason: 不设}]", "unit_rules.forbiden_bodies", "forbidden_bodies"),
        ("party_forms: {alowed: [党支部]}", "unit_rules.party_forms.alowed", "allowed"),
        (
            "conflicts: [{param: a, is: b, with: c, reason: d, basis: e, alowed: [x]}]",
            "unit_rules.conflicts[1].alowed",
            "",
        ),
        ("forbidden_bodies: 党组", "unit_rules.forbidden_bodies", ""),
    ],
)
def test_a_slip_in_the_rules_of_a_kind_is_told_at_its_line(tmp_path, rules, subject, says):
    """It would switch the rule off, or end in a KeyError of the check that reads it."""
    (tmp_path / "yard").mkdir()
    text = f"id: yard\nlabel: 院落\nextends: village\nunit_rules:\n  {rules}\n"
    (tmp_path / "yard/preset.yaml").write_text(text, encoding="utf-8")
    found = [
        fault for fault in presets.load("yard", [tmp_path, ROOT / "presets"]).vocabulary if fault.subject == subject
    ]
    assert found and all(fault.where.line == 5 and fault.where.file.endswith("preset.yaml") for fault in found)
    assert says in "".join(fault.hint for fault in found)


def test_a_slip_in_other_plain_data_is_told_at_its_line(tmp_path):
    """What has the wrong type there was passed over."""
    files = {"topics.yaml": "RPT.subunit:\n  topik: 甲\nNEW.one: {in: [village], topic: [甲]}\n"}
    files["preset.yaml"] = "sizes:\n  light:\n    ceilings: {documents: 十二}\n    lable: 甲\n"
    found = [(fault.where.line, fault.message, fault.hint) for fault in load(write(tmp_path, files)).vocabulary]
    found = found[-5:]  # the tiny preset has words of no meaning
    assert [line for line, _, _ in found] == [3, 4, 2, 3, 2]
    assert "“sizes.light.ceilings.documents”应当是一个数" in found[0][1] and "label" in found[1][2]
    assert "topic" in found[2][2] and "“NEW.one.topic”应当是一段文字" in found[3][1]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("document/extra.md", "documents/"),
        ("docs/extra.md", ""),
        ("documents/extra.markdown", "extra.md"),
        ("documents/more/extra.md", "documents/"),
        ("extra.md", "documents/"),
        ("notes.txt", "documents/"),
        ("duty.yaml", "duties.yaml"),
    ],
)
def test_a_file_that_is_not_read_is_named_whatever_is_kept(tmp_path, monkeypatch, name, hint):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    layer = tmp_path / "own"
    for folder, there in ((layer, True), (tmp_path / "other", False), (layer, True)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if there:
            (folder / name).write_text("a: {}\n", encoding="utf-8")
        found = [f for f in load(folder).findings if f.code == "unknown_file"]
        assert [(f.subject, f.where.file) for f in found] == ([(name, str(folder / name))] if there else [])
        assert all(hint in f.hint for f in found)
