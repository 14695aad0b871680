"""Computes automatic numbers as Word does from ``numbering.xml`` and ``styles.xml`` (ECMA-376-1, 17.9); used by readers."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from copy import copy
from dataclasses import dataclass, field

from lxml import etree

from toolkit.docx.reading.drawn import symbol
from toolkit.docx.reading.package import is_on, tag
from toolkit.language.numerals import chinese_numeral

_NUMBER = re.compile("[+-]?[0-9]{1,9}")
_PLACE = re.compile(r"%([1-9])")
_CHINESE = {"chineseCounting", "chineseCountingThousand", "taiwaneseCountingThousand", "japaneseCounting"}
_VAL, _P_STYLE, _NUM_PR, _NUM_ID, _LEVEL = map(tag, ("val", "pStyle", "numPr", "numId", "ilvl"))


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list."""

    start: int = 1
    number_format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int = -1


@dataclass(slots=True)
class Num:
    """A ``w:num``: its abstract list, its levels after overrides, and its restarts (first number by level)."""

    abstract: str
    levels: dict[int, Level]
    starts: dict[int, int] = field(default_factory=dict)


class WordNumbers:
    """Counts paragraph by paragraph. Numbers of one abstract list run on unless a ``w:num`` restarts them."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self.nums = _nums(numbering) if numbering is not None else {}
        self.style_names: dict[str, str] = {}
        #: Ids of styles whose text is hidden.
        self.hidden_styles: frozenset[str] = frozenset()
        self._style_nums: dict[str, tuple[str, int]] = {}
        if styles is not None:
            self._read_styles(styles)
        self._counts: dict[str, dict[int, int]] = {}
        #: The bullet of the paragraph that was counted last.
        self.bullet = ""
        self._used: set[tuple[str, int]] = set()

    def fresh(self) -> WordNumbers:
        """Return the same lists and styles with nothing counted."""
        made = copy(self)
        made._counts, made._used = {}, set()
        return made

    def _read_styles(self, styles: etree._Element) -> None:
        based: dict[str, str] = {}
        for style in styles.iter(tag("style")):
            identity = style.get(tag("styleId"), "")
            name = style.find(tag("name"))
            self.style_names[identity] = name.get(_VAL, "") if name is not None else ""
            parent = style.find(tag("basedOn"))
            if parent is not None:
                based[identity] = parent.get(_VAL, "")
            number = _num_pr(style.find(tag("pPr")))
            if number:
                self._style_nums[identity] = number
        for identity in self.style_names:
            if (ancestor := _first_with(identity, self._style_nums, based)) is not None:
                self._style_nums.setdefault(identity, self._style_nums[ancestor])
        hides = {
            style.get(tag("styleId"), ""): is_on(look, "vanish")
            for style in styles.iter(tag("style"))
            if (look := style.find(tag("rPr"))) is not None and look.find(tag("vanish")) is not None
        }
        found = ((identity, _first_with(identity, hides, based)) for identity in self.style_names)
        self.hidden_styles = frozenset(identity for identity, said in found if said is not None and hides[said])

    def style_name(self, properties: etree._Element | None) -> str:
        """Return the name of the style of a paragraph with these properties, ``""`` without one."""
        style = properties.find(_P_STYLE) if properties is not None else None
        return self.style_names.get(style.get(_VAL, ""), "") if style is not None else ""

    def label(self, properties: etree._Element | None) -> str:
        """Count one paragraph and return its label with its suffix (``""`` if it has none, or a bullet: :attr:`bullet`)."""
        self.bullet = ""
        number = _num_pr(properties)
        if number is None and properties is not None:
            style = properties.find(_P_STYLE)
            number = self._style_nums.get(style.get(_VAL, "")) if style is not None else None
        if number is None or number[0] not in self.nums:
            return ""
        identity, level = number
        num = self.nums[identity]
        form = num.levels.get(level)
        if form is None:
            return ""
        counts = self._counts.setdefault(num.abstract, {})
        self._advance(identity, num, level, form, counts)
        if form.number_format in ("bullet", "none") and not _PLACE.search(form.text):
            self.bullet = form.text.strip()
            return ""
        text = _PLACE.sub(lambda match: self._part(num, counts, int(match.group(1)) - 1), form.text)
        return text + ("" if form.suffix == "nothing" else " ")

    def _advance(self, identity: str, num: Num, level: int, form: Level, counts: dict[int, int]) -> None:
        for upper in range(level + 1):
            if upper in num.starts and (identity, upper) not in self._used:
                self._used.add((identity, upper))
                counts.pop(upper, None)
        start = num.starts.get(level, form.start)
        counts[level] = counts[level] + 1 if level in counts else start
        for lower in [key for key in counts if key > level]:
            restart = num.levels[lower].restart if lower in num.levels else -1
            if restart == -1 or restart > 0 and level < restart:
                del counts[lower]

    def _part(self, num: Num, counts: dict[int, int], level: int) -> str:
        form = num.levels.get(level, Level())
        return format_number(counts.get(level, num.starts.get(level, form.start)), form.number_format)


def _first_with(identity: str, given: Container[str], based: Mapping[str, str]) -> str | None:
    """Return the nearest style that is ``given`` of a style and those that it is based on."""
    seen: set[str] = set()
    while identity and identity not in seen:
        if identity in given:
            return identity
        seen.add(identity)
        identity = based.get(identity, "")
    return None


def _num_pr(properties: etree._Element | None) -> tuple[str, int] | None:
    number = properties.find(_NUM_PR) if properties is not None else None
    if number is None:
        return None
    identity, level = number.find(_NUM_ID), number.find(_LEVEL)
    if identity is None:
        return None
    return identity.get(_VAL, ""), whole(level.get(_VAL, "0")) if level is not None else 0


def whole(text: str, otherwise: int = 0) -> int:
    """Return an ST_DecimalNumber; ``otherwise`` for a text that is none, which word processors take for the default."""
    return int(text) if _NUMBER.fullmatch(text) else otherwise


def _nums(numbering: etree._Element) -> dict[str, Num]:
    abstracts: dict[str, dict[int, Level]] = {}
    links: dict[str, str] = {}
    styles: dict[str, str] = {}
    for abstract in numbering.iter(tag("abstractNum")):
        identity = abstract.get(tag("abstractNumId"), "")
        abstracts[identity] = dict(map(_level, abstract.findall(tag("lvl"))))
        for name, store in (("numStyleLink", links), ("styleLink", styles)):
            link = abstract.find(tag(name))
            if link is not None:
                store[identity] = link.get(_VAL, "")
    homes = {style: identity for identity, style in styles.items()}
    nums: dict[str, Num] = {}
    for element in numbering.iter(tag("num")):
        reference = element.find(tag("abstractNumId"))
        name = reference.get(_VAL, "") if reference is not None else ""
        levels = dict(abstracts.get(homes.get(links.get(name, ""), name), {}))
        num = nums[element.get(tag("numId"), "")] = Num(name, levels)
        for override in element.findall(tag("lvlOverride")):
            index = whole(override.get(tag("ilvl"), "0"))
            own = override.find(tag("lvl"))
            if own is not None:
                levels[index] = _level(own)[1]
            start = override.find(tag("startOverride"))
            if start is not None:
                num.starts[index] = whole(start.get(_VAL, "1"), 1)
    return nums


def _level(element: etree._Element) -> tuple[int, Level]:
    def value(name: str, default: str) -> str:
        child = element.find(tag(name))
        return child.get(_VAL, default) if child is not None else default

    return whole(element.get(tag("ilvl"), "0")), Level(
        whole(value("start", "1"), 1),
        value("numFmt", "decimal"),
        symbol(value("lvlText", ""), element.find(tag("rPr"))),
        value("suff", "tab"),
        whole(value("lvlRestart", "-1"), -1),
    )


def format_number(number: int, number_format: str) -> str:
    """Return a number in one of Word's formats, in digits for an unknown format."""
    if number_format in _CHINESE and number > 0:
        return chinese_numeral(number)
    if number_format in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if number_format == "lowerLetter" else letters.upper()
    if number_format in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = _roman(number)
        return roman.lower() if number_format == "lowerRoman" else roman
    if number_format.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    if number_format == "decimalZero":
        return f"{number:02d}"
    return "" if number_format == "none" else str(number)


def _roman(number: int) -> str:
    text = ""
    for value, letters in (
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        text += letters * (number // value)
        number %= value
    return text
