"""The tree as JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.model import tree
from toolkit.model.tree_json import from_json, from_text, to_json, to_text

words = st.text(max_size=6)
marks = st.sampled_from(["", "ins", "del"])
inline = st.one_of(
    st.builds(tree.Text, words, marks),
    st.builds(tree.Ref, words, words, st.booleans(), marks, st.booleans()),
    st.builds(
        tree.FormField, words, label=words, required=st.booleans(), options=st.lists(words, max_size=2).map(tuple)
    ),
)
inlines = st.lists(inline, max_size=2).map(tuple)
cells = st.builds(tree.Cell, st.lists(inlines, max_size=2).map(tuple), st.integers(1, 3), head=st.booleans())
rows = st.builds(tree.Row, st.lists(cells, max_size=2).map(tuple), words, st.floats(0, 9))
tables = st.builds(
    tree.Table, words, st.just((tree.Column(2.5, "center"), tree.Column())), st.lists(rows, max_size=2).map(tuple)
)
blocks = st.recursive(
    st.one_of(st.builds(tree.Provision, st.sampled_from(tree.LEVELS), words, inlines, inlines), tables),
    lambda inner: st.builds(
        tree.Provision,
        st.sampled_from(["article", "chapter", "section"]),
        words,
        children=st.lists(inner, max_size=3).map(tuple),
        covers=st.just(("A.b",)),
    ),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.lists(blocks, max_size=3).map(tuple), words)
@settings(max_examples=60, deadline=None)
def test_round_trip(body, title):
    document = tree.Document("regulation", 1, title, title, "regulation", "regulation", body=body)
    whole = tree.DocumentSet("kind", "1.0", "单位", (document,), (tree.Duty("d", "l", "a", "n", "act"),), 2026)
    assert from_json(json.loads(json.dumps(to_json(whole)))) == whole
    assert from_text(to_text(whole)) == whole and from_text(to_text(whole).encode()) == whole
    text = to_text(document)
    for written in (text, text.encode(), json.dumps(json.loads(text), indent=1), f" {text}\n"):
        assert from_text(written) == document


def test_documents_that_read_the_same_in_part_share_blocks():
    """Units differ in a few blocks; what a process knows of the others counts for all of them."""
    article = tree.Provision("article", "a", content=(tree.Text("应当报告，“[{”}]"),))
    one, two = (
        tree.Document(
            "r",
            1,
            title,
            "",
            "regulation",
            "regulation",
            body=(tree.Provision("chapter", title, children=(article,)), article),
        )
        for title in ("一村", "二村")
    )
    first, second = (from_text(to_text(document)) for document in (one, two))
    assert (first, second) == (one, two) and first.body[1] is second.body[1] is second.body[0].children[0]
    for wrong in ('[{"is":', '"body":[', '"level":"chapter",', "}]}"):
        with pytest.raises(ValueError):
            from_text(to_text(one).replace(wrong, wrong[1:], 1))


@pytest.mark.parametrize(
    "data", [{"is": "Nothing"}, {"text": "x"}, {"is": "Text"}, {"is": "Text", "text": "a", "more": 1}]
)
def test_what_is_no_tree(data):
    with pytest.raises(ValueError):
        from_json(data)
    with pytest.raises(ValueError):
        from_text(json.dumps(data))


def test_texts_that_are_no_json_or_odd():
    for text in ("", "{", '{"is": []}', '{"is": {"is": "Text", "text": "a"}}', "\udc80"):
        with pytest.raises(ValueError):
            from_text(text)
    assert from_text("[[1, []], null]") == ((1, ()), None)


def test_what_is_no_node():
    with pytest.raises(TypeError):
        to_json(object())


@pytest.mark.slow
@given(st.lists(blocks, max_size=3).map(tuple), words)
@settings(max_examples=60, deadline=None)
def test_text_is_the_compact_json(body, title):
    document = tree.Document("regulation", 1, title, title, "regulation", "regulation", body=body)
    for _ in range(2):  # the second time from what was kept
        assert to_text(document) == json.dumps(to_json(document), ensure_ascii=False, separators=(",", ":"))
