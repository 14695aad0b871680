"""Block YAML is what PyYAML writes."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.core.yaml_write import dump

keys = st.one_of(st.sampled_from(["values", "1", "是", "a: b", "- x", "yes", "null", "'", "#"]), st.text(max_size=5))
scalars = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["一行\n两行", "末行\n", " 前后 ", "x" * 1200, "长 " * 500, "12", "2026-01-05", "#", "a: b"]),
    st.integers(),
    st.booleans(),
    st.none(),
)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3))
)
trees = st.dictionaries(keys, st.one_of(values, st.dictionaries(keys, values, max_size=4)), max_size=4)


@pytest.mark.slow
@given(trees)
@settings(max_examples=150, deadline=None)
def test_the_same_text_as_pyyaml(data):
    assert dump(data) == yaml.dump(
        data, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), allow_unicode=True, sort_keys=False, width=1000
    ).replace("{}\n" if not data else "\0", "" if not data else "\0")


def test_numbers_and_truth_are_told_apart():
    assert dump({"a": {"k": 1}}) != dump({"a": {"k": True}}) != dump({"a": {"k": "1"}})
