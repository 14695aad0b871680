"""Names that run through a set are told once; what is substance never hides among them."""

from __future__ import annotations

import pytest

from toolkit.compare import renames, words


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("报柳河村备案", "报柳岸村备案", [("柳河村", "柳岸村")]),
        ("每半年一次", "每季度一次", [("每半年", "每季度")]),
        ("由组长、副组长主持", "由组长主持", [("、副组长", "")]),
        ("（河）", "（岸）", [("河", "岸")]),
        ("相同", "相同", []),
    ],
)
def test_a_single_character_is_told_with_its_neighbours(old: str, new: str, said: list[tuple[str, str]]) -> None:
    assert words.replaced_words(old, new) == said


def test_a_name_is_found_by_its_neighbours() -> None:
    texts = [(f"{lead}柳河村的工作", f"{lead}柳岸村的工作") for lead in ("报", "由", "在")]
    assert renames.find(texts) == (("柳河村", "柳岸村"),)


def test_a_frequency_is_no_name_however_often_it_changed() -> None:
    texts = [(f"{who}应当每半年一次报告", f"{who}应当每季度一次报告") for who in ("甲", "乙", "丙", "丁")]
    assert renames.find(texts, [("每半年一次", "每季度一次"), ("5个工作日", "3个工作日")]) == ()
