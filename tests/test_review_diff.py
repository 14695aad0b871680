"""The invariants of comparing, marking, resolving, scripts and merging, over random documents and edits."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from docx_samples import art, chap, doc, inline, item, para, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_trees import Editor, Maker, documents, versions

from toolkit.compare import Side, accept, apply, compare, mark, merge3, reject, script
from toolkit.compare.comparable import Unit, canonical, nest_units, units
from toolkit.compare.renames import find
from toolkit.compare.substance import of_texts
from toolkit.compare.words import changed_text, letters, tokens
from toolkit.model.tree import Cell, Column, Document, FormField, Provision, Ref, Table, Text, plain, walk

RANDOM = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MIRRORED = {"added": "deleted", "deleted": "added", "split": "joined", "joined": "split"}


def sides(*found):
    return tuple(Side(one) for one in found)


# --- marks ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@RANDOM
@given(versions())
def test_accept_gives_new_and_reject_gives_old(pair) -> None:
    old, new = pair
    marked = mark(*sides(old, new))
    assert accept(marked) == canonical(new)
    assert reject(marked) == canonical(old)


@pytest.mark.slow
@RANDOM
@given(versions())
def test_ids_of_a_marked_document_are_unique(pair) -> None:
    ids = [block.id for block in walk(mark(*sides(*pair)).body)]
    assert len(ids) == len(set(ids))


@pytest.mark.slow
@RANDOM
@given(documents())
def test_nothing_differs_from_itself(document) -> None:
    old, new = sides(document, document)
    assert compare(old, new).same
    assert mark(old, new) == canonical(document)


def stated(comparison, *sides_: int) -> set:
    """Return what is said to have gone and to have come."""
    return {
        (one.kind, which, text)
        for change in comparison.changes
        for one in change.substance
        for which, side in enumerate(sides_)
        for text in one[side].split("、")
    }


@pytest.mark.slow
@RANDOM
@given(versions())
def test_the_reverse_mirrors(pair) -> None:
    old, new = sides(*pair)
    there, back = compare(old, new), compare(new, old)
    assert Counter(change.kind for change in there.changes) == Counter(
        MIRRORED.get(one.kind, one.kind) for one in back.changes
    )
    assert {(one.old_name, one.new_name) for one in there.changes} == {
        (one.new_name, one.old_name) for one in back.changes
    }
    assert Counter((one.what, one.before, one.after) for one in there.head) == Counter(
        (one.what, one.after, one.before) for one in back.head
    )
    assert stated(there, 1, 2) == stated(back, 2, 1)


@pytest.mark.slow
@RANDOM
@given(versions())
def test_a_difference_is_never_unseen(pair) -> None:
    old, new = pair
    said = compare(*sides(old, new))
    if canonical(old) != canonical(new):
        texts = [
            side.text(Provision("part", "all", children=one.body))
            for side, one in zip(sides(old, new), pair, strict=True)
        ]
        if texts[0] != texts[1] or old.title != new.title:
            assert not said.same


@pytest.mark.slow
@RANDOM
@given(versions())
def test_the_view_holds_both_texts(pair) -> None:
    """The lines of a change are the old text on the one side and the new one on the other."""
    old, new = sides(*pair)
    for change in compare(old, new).changes:
        for blocks, side, which in ((change.old, old, "old"), (change.new, new, "new")):
            said = "".join(getattr(line, which) for line in change.lines).replace(" │ ", "")
            assert said.replace(" ", "") == "".join(map(side.text, blocks)).replace("\n", "").replace(" ", "")


def test_an_enclosure_that_comes_or_goes() -> None:
    inner = doc("inner", body=[art("x", para("x__1", "内容。"))])
    bare = doc("notice", body=[para("n", "现将办法印发。")])
    full = replace(bare, enclosure=inner)
    changed = replace(bare, enclosure=replace(inner, body=(art("x", para("x__1", "新内容。")),)))
    for old, new in ((bare, full), (full, bare), (full, changed), (bare, bare)):
        marked = mark(*sides(old, new))
        assert accept(marked) == canonical(new) and reject(marked) == canonical(old)


def test_a_reference_that_is_renumbered_is_no_change_of_words() -> None:
    old = doc(
        body=[
            art("a", para("a__1", "甲。")),
            art("b", para("b__1", "依照", Ref("c"), "办理。")),
            art("c", para("c__1", "丙。")),
        ]
    )
    new = replace(old, body=(old.body[0], art("n", para("n__1", "新的一条，另有规定。")), *old.body[1:]))
    said = compare(*sides(old, new))
    assert [(one.kind, one.name) for one in said.changes] == [
        ("added", "第二条"),
        ("renumbered", "第二条→第三条"),
        ("renumbered", "第三条→第四条"),
    ]
    assert [(one.where, one.before, one.after) for one in said.references] == [("第三条", "第三条", "第四条")]


def test_typed_references_of_foreign_texts_are_renumbered_too() -> None:
    def body(*texts):
        return [art(f"?{at}", para(f"?{at}p", text)) for at, text in enumerate(texts)]

    old = doc(body=body("为了管理档案，制定本办法。", "档案由专人保管，定期清点。", "违反第二条规定的，责令改正。"))
    new = doc(
        body=body(
            "为了管理档案，制定本办法。",
            "单位应当设置档案室并配备设备。",
            "档案由专人保管，定期清点。",
            "违反第三条规定的，责令改正。",
        )
    )
    said = compare(*sides(old, new))
    assert Counter(one.kind for one in said.changes) == {"added": 1, "renumbered": 2}
    assert [(one.before, one.after) for one in said.references] == [("第二条", "第三条")]


# --- classes -------------------------------------------------------------------------------------------------------

LONG = "村党支部书记应当每季度召开会议，研究意识形态工作，形成会议记录。"
OTHER = "信息员应当在两小时内核实账号上的差错，更正后报告宣传委员。"


def articles(*pairs_):
    return doc(body=[art(key, para(f"{key}__1", text)) for key, text in pairs_])


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ([("a", LONG), ("b", OTHER)], [("a", LONG)], ["deleted"]),
        ([("a", LONG)], [("a", LONG.replace("季度", "月"))], ["modified"]),
        ([("a", LONG)], [("a", LONG.replace("，形成", "；形成"))], ["punctuation"]),
        ([("a", LONG + OTHER)], [("a", LONG), ("b", OTHER)], ["split"]),
        ([("a", LONG), ("b", OTHER)], [("a", LONG + OTHER)], ["joined"]),
        ([("a", LONG), ("b", OTHER), ("c", "丙规定。")], [("b", OTHER), ("c", "丙规定。"), ("a", LONG)], ["moved"]),
    ],
)
def test_classes(old, new, kinds) -> None:
    found = [one.kind for one in compare(*sides(articles(*old), articles(*new))).changes if one.kind != "renumbered"]
    assert found == kinds


def test_ids_win_over_texts() -> None:
    """Two clauses that swapped their words were both reworded; by their places and texts they would have moved."""
    said = compare(*sides(articles(("a", LONG), ("b", OTHER)), articles(("a", OTHER), ("b", LONG))))
    assert [one.kind for one in said.changes] == ["modified", "modified"]


def test_a_rename_is_told_once() -> None:
    old = articles(*((f"k{n}", f"柳河村第{n}组应当登记。") for n in range(1, 5)))
    new = articles(*((f"k{n}", f"清溪村第{n}组应当登记。") for n in range(1, 5)))
    before, after = sides(old, new)
    names = find(zip(before.texts, after.texts, strict=True))
    assert names == (("柳河", "清溪"),)
    assert {one.kind for one in compare(before, after, names).changes} == {"renamed"}


@pytest.mark.parametrize(
    ("before", "after"), [("每月", "每季度"), ("应当", "可以"), ("5日内", "10日内"), ("通报批评", "警告")]
)
def test_what_has_substance_is_no_name(before, after) -> None:
    texts = [(f"第{n}组{before}办理。", f"第{n}组{after}办理。") for n in "甲乙丙丁"]
    assert find(texts) == ()


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("村党支部书记应当主持。", "村党支部副书记应当主持。", "actor"),
        ("书记应当主持。", "书记可以主持。", "modality"),
        ("每月至少一次。", "每季度至少一次。", "frequency"),
        ("在5个工作日内答复。", "在10个工作日内答复。", "deadline"),
        ("罚款500元。", "罚款1000元。", "amount"),
        ("向镇党委报告。", "向县委报告。", "recipient"),
        ("予以通报批评。", "予以警告。", "sanction"),
    ],
)
def test_substance(before, after, kind) -> None:
    assert kind in {one.kind for one in of_texts(before, after)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("在30日内答复。", "在三十日内答复。"),
        ("每季度至少1次。", "每季度不少于一次。"),
        ("形成记录。", "做好记录。"),
        ("工作日内办理。", "工作日内，办理。"),
    ],
)
def test_other_words_for_the_same_have_none(before, after) -> None:
    assert of_texts(before, after) == ()


def test_form_fields_have_substance() -> None:
    def form(**more):
        return doc(
            numbering="none",
            body=[Table("t", (Column(),), (row(Cell((inline(FormField("f", "text", "事由", **more)),))),))],
        )

    def kinds(old, new):
        return [one.kind for change in compare(*sides(old, new)).changes for one in change.substance]

    assert kinds(form(), form(required=True)) == ["field_required"]
    assert kinds(form(), form(options=("是", "否"))) == ["form_field"]
    assert kinds(form(), doc(numbering="none", body=[Table("t", (Column(),), (row("无"),))])) == ["form_field"]


# --- words ---------------------------------------------------------------------------------------------------------


def test_words_stay_whole() -> None:
    assert changed_text("应当每月报告", "应当每季度报告") == [
        ("=", "应当"),
        ("-", "每月"),
        ("+", "每季度"),
        ("=", "报告"),
    ]
    assert changed_text("第十二条规定", "第二十二条规定") == [("-", "第十二条"), ("+", "第二十二条"), ("=", "规定")]


@given(
    st.text(alphabet="甲乙丙，。每月季度第十二条应当5日内a ", max_size=40),
    st.text(alphabet="甲乙丙，。每月季度第十二条应当5日内a ", max_size=40),
)
def test_pieces_give_both_texts(old, new) -> None:
    found = changed_text(old, new)
    assert "".join(text for op, text in found if op != "+") == old
    assert "".join(text for op, text in found if op != "-") == new
    assert "".join(tokens(old)) == old


def test_letters_leave_out_punctuation() -> None:
    assert letters("甲，“乙”。 丙") == "甲乙丙"


# --- scripts -------------------------------------------------------------------------------------------------------


@RANDOM
@given(versions())
def test_the_script_gives_the_new_document(pair) -> None:
    old, new = pair
    data = json.loads(json.dumps(script(*sides(old, new)), ensure_ascii=False))
    assert apply(data, old) == new


@pytest.mark.parametrize(
    "change", [{"format": "x"}, {"version": 2}, {"applies_to": "sha256:0"}, {"body": [{"op": "keep", "from": 99}]}]
)
def test_a_script_for_something_else_is_refused(change) -> None:
    old, new = articles(("a", LONG)), articles(("a", OTHER))
    with pytest.raises(ValueError):
        apply({**script(*sides(old, new)), **change}, old)


# --- merges --------------------------------------------------------------------------------------------------------


@RANDOM
@given(versions())
def test_one_side_unchanged_gives_the_other(pair) -> None:
    base, other = pair
    assert merge3(*sides(base, base, other)).document == other
    assert merge3(*sides(base, other, base)).document == other
    assert merge3(*sides(base, other, other)).conflicts == ()
    assert merge3(*sides(base, other, other)).document == other


@pytest.mark.slow
@RANDOM
@given(documents(), st.data())
def test_edits_on_different_provisions_never_conflict(base, data) -> None:
    """What the hand does to one article and the new version to another, both is in the merged document."""
    found = list(units(base.body))
    own = [place for place, unit in enumerate(found) if unit.level == "article"]
    if len(own) < 2:
        return
    first, second = data.draw(st.permutations(own))[:2]
    acts = {place: data.draw(st.sampled_from(("reword", "delete", "insert"))) for place in (first, second)}

    def edited(*places):
        out = []
        for place, unit in enumerate(found):
            act = acts.get(place) if place in places else ""
            if act == "reword":
                head, *rest = unit.block.children
                head = replace(head, content=(*head.content, Text("手工添的话。" if place == first else "新版的话。")))
                out.append(Unit(replace(unit.block, children=(head, *rest))))
            elif act != "delete":
                out.append(unit)
            if act == "insert":
                name = f"own_{place}"
                out.append(Unit(art(name, para(f"{name}__1", f"新添的第{place}件事，每月办理，记入台账。"))))
        return replace(base, body=nest_units(out))

    merged = merge3(*sides(base, edited(first), edited(second)))
    assert merged.conflicts == ()
    assert canonical(merged.document) == canonical(edited(first, second))


def test_the_twin_of_a_reworded_text_keeps_its_place() -> None:
    """Two articles say the same, the hand rewords the first: the other is not taken for it."""
    words = ["“重大事项”", "不得向镇党委报告登记五个工作日内公示", "责任人公示，", "每月每季度", "“重大事项”"]

    def version(texts: list[str]) -> Document:
        body = tuple(art(f"x__{place}", para(f"x__{place}__1", text)) for place, text in enumerate(texts, 1))
        return Document("regulation", 1, "办法", "办法", "regulation", "regulation", "articles", body=body)

    hand, new = [words[0] + "手工添的话。", *words[1:]], [words[0], words[1] + "新版的话。", *words[2:]]
    merged = merge3(*sides(version(words), version(hand), version(new)))
    assert merged.conflicts == ()
    assert canonical(merged.document) == canonical(version([hand[0], new[1], *words[2:]]))


@pytest.mark.slow
@RANDOM
@given(versions(edits=4), st.data())
def test_no_word_of_the_hand_is_lost(pair, data) -> None:
    """Whatever both sides did: what the hand added is in the merged document, plain or as an insertion."""
    base, theirs = pair
    maker = Maker(random.Random(data.draw(st.integers(0, 10**6))), 0.5)
    maker.count = 1000
    mine = Editor(maker).edited(base, 2)
    added = art("hand_made", para("hand_made__1", "手工加的一条甲乙丙丁戊己庚辛。"))
    mine = replace(mine, body=(*mine.body, added))
    merged = merge3(*sides(base, mine, theirs))
    text = "".join(plain(block.content) for block in walk(accept(merged.document).body) if isinstance(block, Provision))
    assert "手工加的一条甲乙丙丁戊己庚辛。" in text
    ids = [block.id for block in walk(merged.document.body)]
    assert len(ids) == len(set(ids))


def merged_text(base: str, mine: str, theirs: str):
    result = merge3(*sides(articles(("a", base)), articles(("a", mine)), articles(("a", theirs))))
    return result, [
        plain(block.content)
        for block in walk(accept(result.document).body)
        if isinstance(block, Provision) and block.content
    ]


def test_changes_inside_a_sentence_that_do_not_touch_are_joined() -> None:
    result, texts = merged_text(LONG, LONG.replace("每季度", "每月"), LONG.replace("会议记录", "会议记录和台账"))
    assert result.conflicts == ()
    assert texts == [LONG.replace("每季度", "每月").replace("会议记录", "会议记录和台账")]


def test_changes_of_the_same_words_are_a_conflict() -> None:
    result, texts = merged_text(LONG, LONG.replace("每季度", "每月"), LONG.replace("每季度", "每半年"))
    (conflict,) = result.conflicts
    assert (conflict.id, conflict.base, conflict.mine) == ("a__1", LONG, LONG.replace("每季度", "每月"))
    assert texts == [LONG.replace("每季度", "每月")]
    assert plain(reject(result.document).body[0].children[0].content) == LONG.replace("每季度", "每半年")


@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("频次为每半年至少一次，形成记录。", "频次为每半年至少两次，形成记录。", "频次为每季度至少一次，形成记录。"),
        ("在每季度末月20日前报送。", "在每季度末月25日前报送。", "在每半年末月20日前报送。"),
        ("收到后5个工作日内答复。", "收到后3个工作日内答复。", "收到后5日内答复。"),
        ("罚款二十万元以下。", "罚款三十万元以下。", "罚款二十元以下。"),
    ],
)
def test_two_hands_never_share_in_one_frequency_deadline_or_amount(base: str, mine: str, theirs: str) -> None:
    result, texts = merged_text(base, mine, theirs)
    assert len(result.conflicts) == 1
    assert texts == [mine]
    assert plain(reject(result.document).body[0].children[0].content) == theirs


def test_deleted_by_hand_and_changed_in_the_new_version() -> None:
    base = articles(("a", LONG), ("b", OTHER))
    result = merge3(*sides(base, articles(("a", LONG)), articles(("a", LONG), ("b", OTHER + "补充。"))))
    assert len(result.conflicts) == 1
    assert len(accept(result.document).body) == 1 and len(reject(result.document).body) == 2


def test_items_come_from_both_sides() -> None:
    def listed(*texts):
        items = [item(f"i_{text[0]}", text) for text in texts]
        return doc(body=[chap("c", "总则", art("a", para("p", "下列事项：", items=items)))])

    result = merge3(*sides(listed("甲；", "乙；"), listed("甲；", "手工；", "乙；"), listed("甲；", "乙；", "新版；")))
    assert result.conflicts == ()
    found = [
        plain(block.content)
        for block in walk(result.document.body)
        if isinstance(block, Provision) and block.level == "item"
    ]
    assert found == ["甲；", "手工；", "乙；", "新版；"]
