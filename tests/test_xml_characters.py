"""What XML cannot hold is known in one place, and lxml agrees with it."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT
from lxml import etree

from toolkit.core.xml_characters import refuse_illegal, without_illegal


def holds(char: str) -> bool:
    try:
        etree.fromstring(f"<a>{char}</a>".replace("<a>&", "<a>&amp;").encode())
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        return False
    return True


def test_the_pattern_is_that_of_the_parser():
    chars = [*map(chr, range(0x500)), *map(chr, range(0xD7F0, 0x10000)), "\U0001f5f9"]
    for char in chars:
        if char not in "<":
            assert bool(without_illegal(char)) == holds(char), hex(ord(char))


def test_a_character_that_is_refused_is_named():
    with pytest.raises(ValueError, match="U\\+0007"):
        refuse_illegal("甲\x07乙")
    refuse_illegal("甲\n乙\t丙")
    assert without_illegal("甲\x07乙\ufffe", "?") == "甲?乙?"


def test_no_other_module_has_a_pattern_of_its_own():
    pattern = re.compile(r"(?:compile|lazy)\([^)]*\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff\]\"\)")
    own = [path.name for path in (ROOT / "toolkit").rglob("*.py") if pattern.search(path.read_text(encoding="utf-8"))]
    assert own == ["xml_characters.py"]
