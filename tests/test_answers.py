"""The questions of a profile with their answers, one answer written into its text, and what it changes in the set."""

from __future__ import annotations

import random
import re

import pytest
from conftest import ROOT

from toolkit import api
from toolkit.core.yaml_read import load
from toolkit.profile.reading import find_reserved
from toolkit.profile.validate import Collector

PROFILES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "examples").glob("*.yaml"))
    if ".history" not in path.name
}
KINDS = ("village", "school", "railway_depot")
#: Values as somebody types them: marks of YAML, words of YAML, several lines, wrong ones, nothing.
TYPED = [
    "每月：1 次 # x",
    "",
    "a\nb",
    "[]",
    "'",
    "null",
    "0471",
    "- x",
    "a: b",
    "{",
    "是",
    " x ",
    '"',
    "每季度至少一次",
]


def kind_of(text: str) -> str:
    data = load(text, "").data
    return data.get("单位类型") or data["kind"]


def values_for(param) -> list:
    if param.type == "table":
        first, last = param.columns[0].key, param.columns[-1].key
        return [[{first: "x: y", last: "z"}, {first: "甲"}], []]
    if param.type == "document":
        return [{"title": "甲: 乙", "issuer": "丙"}]
    return [["一组", "二组、x"], ["a"], *TYPED] if param.type == "list" else TYPED


def comments(text: str) -> list[str]:
    """Return the comments of a person: those of the starter that hold a default are none."""
    return [line.strip() for line in text.splitlines() if re.match(r"\s*#( \S|$)", line)]


def read(preset, text: str) -> dict:
    """Return what a profile's text gives, by English key."""
    collector = Collector(load(text, ""), preset.params)
    collector.walk(collector.document.data)
    people = find_reserved(collector.document, "people")
    return collector.result.raw | ({"people": collector.document.data[people]} if people else {})


def faults(text: str, everything: bool) -> list[str]:
    """Return what goes wrong where each parameter of a kind is written into a text, and taken out again."""
    preset, found = api.preset(kind_of(text)), []
    for number, (key, param) in enumerate(preset.params.params.items()):
        if key == "history":
            continue
        values = values_for(param)
        for value in values if everything else [values[number % len(values)], None]:
            after = api.put(text, preset, key, value)
            if missing := set(comments(text)) - set(comments(after)):
                found.append(f"{key} {value!r}: lost {missing}")
            there = read(preset, after).get(key)
            if there != (value.strip() if isinstance(value, str) else there) or (there is None) != (value is None):
                found.append(f"{key} {value!r}: reads otherwise")
    return found


@pytest.mark.slow
@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["village", "school_light_small", "village_minimal"])
def test_any_answer_can_be_written_and_all_else_stays(name):
    assert not faults(PROFILES[name], everything=False)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_the_starter_profile_can_be_filled_answer_by_answer(kind):
    text = api.starter(kind)
    preset = api.preset(kind)
    for key, param in preset.params.params.items():
        if param.needed and param.type != "table":
            text = api.put(text, preset, key, param.sample())
    assert not [one for one in api.answers(text.encode()).required() if one.is_open and one.param.type != "table"]
    assert comments(text) == comments(api.starter(kind))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["village", "school_private", "railway_depot_light", "village_english"])
def test_every_answer_of_an_example(name):
    assert not faults(PROFILES[name], everything=True)


LAYOUTS = {
    "nested": "# 甲\n单位类型: 村 # 乙\n单位:\n  全称: 旧 # 丙\n  # 丁\n\n# 戊\n党组织:\n  形式: 党支部\n",
    "dotted": "# 甲\n单位类型: 村 # 乙\n单位.全称: 旧 # 丙\n  # 丁\n# 戊\n党组织.形式: 党支部\n",
    "flow": "# 甲\n单位类型: 村 # 乙\n单位: {全称: 旧, self: 本村} # 丙\n# 丁\n# 戊\n党组织: {形式: 党支部}\n",
    "whole flow": "# 甲 乙 丙 丁 戊\n{单位类型: 村, 单位: {全称: 旧}, 党组织.形式: 党支部}\n",
    "windows": "# 甲\r\n单位类型: 村 # 乙\r\n单位:\r\n  全称: 旧 # 丙\r\n  # 丁\r\n# 戊\r\n党组织.形式: 党支部\r\n",
    "no end": "# 甲 乙 丙 丁 戊\n单位类型: 村\n单位.全称: 旧\n党组织.形式: 党支部",
    "english": "# 甲 乙 丙 丁 戊\nkind: village\nunit: {full_name: 旧}\nparty.form: 党支部\n",
    "literal": "# 甲 乙 丙 丁 戊\n单位类型: 村\n单位:\n  全称: |\n    旧\n\n\n党组织:\n  形式: 党支部\n",
    "marked": "\ufeff# 甲 乙 丙 丁 戊\n单位类型: 村\n单位.全称: 旧\n党组织.形式: 党支部\n...\n",
    "quoted": "# 甲 乙 丙 丁 戊\n'单位类型': 村\n\"单位\":\n  '全称': '旧'\n党组织: {'形式': \"党支部\"}\n",
}


@pytest.mark.sampled(16)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_way_to_write_a_profile(layout):
    text, preset = LAYOUTS[layout], api.preset("村")
    answers = api.answers(text.encode())
    assert answers.by_key["unit.full_name"].text.strip() == "旧"
    for key, value in (
        ("unit.full_name", "新: 村"),
        ("unit.short_name", "新村"),
        ("party.form", "党委"),
        ("contact.phone", "0471-0000000"),
        ("village.subunits", ["一组", "二组"]),
        ("accounts", [{"name": "甲, 乙", "platform": "微信群", "admin": "丙"}]),
        ("people", [{"name": "丁某", "post": "书记"}]),
        ("basis.main", {"title": "办法", "number": "〔2026〕1号"}),
        ("size", "精简"),
    ):
        text = api.put(text, preset, key, value)
        assert api.prepare(text.encode()).profile.raw.data is not None
    found = api.answers(text.encode()).by_key
    assert found["unit.full_name"].text == "新: 村" and found["party.form"].text == "党委"
    assert found["accounts"].written == [{"name": "甲, 乙", "platform": "微信群", "admin": "丙"}]
    assert found["people"].written == [{"name": "丁某", "post": "书记"}]
    assert found["basis.main"].written == {"title": "办法", "number": "〔2026〕1号"}
    assert api.prepare(text.encode()).profile.size == "精简"
    assert [mark for mark in "甲乙丙丁戊" if f"# {mark}" in text or "# 甲 乙 丙 丁 戊" in text] == list("甲乙丙丁戊")
    assert ("\r\n" in text) == (layout == "windows") and (layout != "windows" or "\n" not in text.replace("\r\n", ""))
    for key in found:
        text = api.put(text, preset, key, None)
    assert set(load(text, "").data) <= {"单位类型", "kind", "规模", "党组织", "单位", "unit"}
    assert all(f"# {mark}" in text or "# 甲 乙 丙 丁 戊" in text for mark in "甲乙丙丁戊")


def test_comments_inside_a_list_are_kept():
    rows = "人员:\n  - {姓名: 丁某, 职务: 书记}\n  # 六月调走\n  - {姓名: 甲某, 职务: 委员}\n"
    text = f"单位类型: 村\n{rows}# 后面\n单位.全称: 甲村\n"
    for value in ([{"name": "丁某", "post": "书记"}], None):
        after = api.put(text, api.preset("村"), "people", value)
        assert "# 六月调走" in after and "# 后面" in after and "甲某" not in after


def test_a_text_that_cannot_be_read_is_not_touched():
    with pytest.raises(api.UsageError, match="读不出来"):
        api.put("单位类型: 村\n单位: 'x\n", api.preset("村"), "unit.full_name", "甲村")
    with pytest.raises(api.UsageError, match="没有名为"):
        api.put("单位类型: 村\n", api.preset("村"), "unit.nothing", "甲村")


def test_findings_stand_at_their_field():
    text = PROFILES["village"] + "频次.专题研究: 经常\n联络人.备用: x\n不认识: y\n"
    text = text.replace("表决权: 否", "表决权: 没").replace("0471-0000000", "电话")
    answers = api.answers(text.encode())
    at = {key: [one.code for one in answer.findings] for key, answer in answers.by_key.items() if answer.findings}
    assert at["freq.study"] == ["bad_value"] and at["contact.phone"] == ["bad_value"] and "people" in at
    assert [one.code for one in answers.others] == ["unknown_key", "unknown_key"]
    everything = [one for answer in answers.by_key.values() for one in answer.findings] + list(answers.others)
    assert len(everything) == len(api.prepare(text.encode()).findings)


def test_questions_know_what_applies_and_what_is_open():
    answers = api.answers(PROFILES["village_minimal"].encode())
    study = answers.by_key["freq.analysis"]
    assert not study.given and study.applies_text == "每季度至少一次" and study.default == "每季度至少1次"
    assert answers.by_key["village.subunits"].text == "前街组、后街组"
    assert "会议" in answers.by_key["people"].without or answers.by_key["people"].without
    assert not any(one.is_open for one in answers.required())
    nothing = api.answers("单位类型: 村\n".encode())
    assert [one.param.key for one in nothing.required() if one.is_open] == [one.param.key for one in nothing.required()]
    assert nothing.by_key["unit.full_name"].applies_text == ""  # the example of the preset is no answer
    assert list(nothing.groups)[:3] == ["unit", "party", "superior"] and nothing.groups["freq"] == "频次"


def test_an_answer_changes_what_quotes_it():
    old = api.prepare(PROFILES["village"].encode())
    new = api.prepare((PROFILES["village"] + "频次.分析研判: 每月至少1次\n").encode())
    found = api.changed(old, new)
    assert [(one.number, one.name) for one in found][:2] == [(1, "第二十二条"), (4, "第二部分第（一）项第一段")]
    assert len({one.number for one in found}) == 8 and {one.how for one in found} == {"changed"}
    assert api.changed(old, old) == () and not api.changed(old, api.prepare(PROFILES["village"].encode()))


def test_a_document_that_comes_and_one_that_goes():
    old = api.prepare(PROFILES["village"].encode())
    new = api.prepare(PROFILES["village"].replace("规模: 完整\n", "").encode() + "规模: 精简\n".encode())
    ways = {(one.how, bool(one.provision)) for one in api.changed(old, new)}
    assert ("dropped", False) in ways and ("changed", True) in ways
    with pytest.raises(api.UsageError, match="还不能生成"):
        api.changed(old, api.prepare("单位类型: 村\n".encode()))


def test_a_title_that_changes_changes_what_quotes_it():
    old = api.prepare(PROFILES["village"].encode())
    new = api.prepare(PROFILES["village"].replace("柳河村", "柳岗村").encode())
    heads = [one for one in api.changed(old, new) if not one.provision]
    assert len(heads) > 20


def test_presets_as_json_hold_what_a_question_needs():
    params = {one["key"]: one for one in api.preset("村").as_dict()["params"]}
    assert params["unit.full_name"]["ask"] and params["unit.full_name"]["example"]
    assert params["freq.disclosure"]["floor"] == "每季度1次" and params["deadline.major_disclosure"]["ceiling"]
    assert [one["label"] for one in params["people"]["columns"]][:2] == ["姓名", "职务"]


@pytest.mark.parametrize(
    ("kind", "offered"), [("village", "党支部 党总支 党委"), ("railway_depot", "党支部 党总支 党委")]
)
def test_only_forms_that_such_a_unit_can_have_are_offered(kind: str, offered: str) -> None:
    found = api.answers((ROOT / f"examples/{kind}.yaml").read_bytes()).by_key
    assert found["party.form"].options == tuple(offered.split())
    assert found["party.board"].options == found["party.board"].param.options


#: What somebody edits in turn: a body that is no more, a value in few texts, rows, a day, a condition, and back.
EDITS = [
    ("analysis_group.name", ""),
    ("contact.phone", "0471-1234567"),
    ("accounts", [{"name": "柳河村公众号", "platform": "微信"}]),
    ("doc.date", "2026年9月30日"),
    ("party.board", "不设委员会"),
    ("analysis_group.name", None),
]


def same_again(text: str, edits) -> None:
    """Check that a profile that is prepared again after each edit is what it would be prepared as without the one before."""
    whole, preset = api.prepare(text.encode(), again=True), api.prepare(text.encode()).preset
    for key, value in edits(api.answers(whole)) if callable(edits) else edits:
        text = api.put(text, preset, key, value)
        whole, anew = api.prepare(text.encode(), again=whole), api.prepare(text.encode())
        assert whole.findings == anew.findings, (key, value)
        mine, others = whole.judged, anew.judged
        assert (mine is None) == (others is None)
        if mine is not None and others is not None:
            assert mine.built == others.built, (key, value)
            assert list(mine.built.sources) == list(others.built.sources)
            assert mine.resolved.as_data() == others.resolved.as_data()


def test_what_is_prepared_again_is_what_is_prepared_anew():
    same_again(PROFILES["village_small"], EDITS[:2])


@pytest.mark.slow
def test_what_is_prepared_again_after_many_edits():
    same_again(PROFILES["village"], EDITS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["village", "school_draft", "railway_depot_light"])
def test_what_is_prepared_again_after_random_answers(name):
    def edits(answers):
        chosen = random.Random(name)
        for _ in range(8):
            answer = chosen.choice(list(answers.by_key.values()))
            values = [*values_for(answer.param), *answer.options, None, str(answer.param.example or "甲")]
            yield answer.param.key, chosen.choice(values)

    same_again(PROFILES[name], edits)


def test_only_what_was_prepared_can_be_prepared_again():
    with pytest.raises(api.UsageError, match="prepare"):
        api.prepare(PROFILES["village"].encode(), again=PROFILES["village"])
