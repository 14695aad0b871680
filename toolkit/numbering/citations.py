"""Cites provisions (第八条第二款第三项, 前款, 第一部分第（二）项) and lists references of blocks; used by ``labels`` and writers.

The only 款 of an article is not cited as 第一款 (最高人民法院 1956 notice). Citations in ``outline`` documents read
第一部分第（二）项第3目第（4）点. Where the first level is a list item, they start one word lower: 第一项第（二）目第3点.
A paragraph there is 第二段.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from toolkit.core.memo import identity, remembered
from toolkit.language.numerals import chinese_numeral
from toolkit.model.tree import GROUPS, Block, Ref, Row, Table

_GROUP_WORDS = {"part": "编", "chapter": "章", "section": "节"}
_BELOW = {"paragraph": "款", "item": "项", "subitem": "目"}
_ANNEX = re.compile(r"(?P<annex>附[表件录图](?:[一二三四五六七八九十]+|\d+)?)(?:[：:\s]\s*(?P<name>[^。；，]{0,40}))?")


class UnresolvedRef(KeyError):
    """A reference whose target does not exist or has no printed name."""


class Spot(NamedTuple):
    """The position of a block among the others.

    ``number`` counts from 1 among its like; ``count`` is how many paragraphs (款) its parent has; ``depth`` is the
    outline depth from 1 (0: no label); ``chain`` holds its ancestors from the top. ``typed``: the label is text, which no
    word processor counts.
    """

    id: str
    level: str
    label: str
    number: int
    count: int  # type: ignore[assignment]  # hides tuple.count
    depth: int
    chain: tuple[Spot, ...]
    typed: bool = False

    @property
    def line(self) -> tuple[Spot, ...]:
        """The ancestors from the top and the spot itself."""
        return (*self.chain, self)

    def at(self, level: str) -> Spot | None:
        """Return the spot of ``level`` among the ancestors and itself."""
        return next((spot for spot in self.line if spot.level == level), None)


class Reference(NamedTuple):
    """A resolved reference: plain ``prefix``, the live part (a label that a word processor can renumber), plain ``rest``.

    ``live_target`` is the id whose label ``live_text`` is, in the same document; empty where nothing is live.
    """

    live_target: str = ""
    live_text: str = ""
    prefix: str = ""
    rest: str = ""

    @property
    def text(self) -> str:
        """The whole reference as printed."""
        return self.prefix + self.live_text + self.rest


def book_title(title: str) -> str:
    """Return 《title》, with inner 《》 as 〈〉 (GB/T 15834-2011, 4.15.3.4)."""
    return "《" + title.replace("《", "〈").replace("》", "〉") + "》"


def annex_name(line: str) -> str:
    """Return the name of an annex by the line above it, 附表“收费标准” for 附表：收费标准; “” for other lines."""
    match = _ANNEX.fullmatch(line.strip())
    if match is None:
        return ""
    return match["annex"] + (f"“{match['name']}”" if match["name"] else "")


def _nth(number: int, word: str, brackets: bool = False) -> str:
    numeral = chinese_numeral(number)
    return f"第（{numeral}）{word}" if brackets else f"第{numeral}{word}"


def below_article(spot: Spot, brackets: bool) -> str:
    """Return the rest of a citation after 第八条: 第二款第三项第一目. ``brackets``: 第（三）项."""
    parts = []
    for step in spot.line:
        word = _BELOW.get(step.level)
        if word and (step.level != "paragraph" or step.count > 1):
            parts.append(_nth(step.number, word, brackets and step.level == "item"))
    return "".join(parts)


def outline_citation(spot: Spot) -> str:
    """Return the citation in an outline document."""
    labelled = [step for step in spot.line if step.depth]
    words = ("部分", "项", "目", "点")
    if labelled and labelled[0].level in ("item", "subitem"):
        words = ("项", "目", "点", "点")
    text = ""
    for position, step in enumerate(labelled):
        number = str(step.number) if step.depth > 2 else chinese_numeral(step.number)
        if step.depth in (2, 4):
            number = f"（{number}）"
        text += f"第{number}{words[min(position, 3)]}"
    if spot.level == "paragraph" and (spot.count > 1 or not text):
        text += _nth(spot.number, "段")
    return text


def relative_citation(origin: Spot, target: Spot, brackets: bool) -> str:
    """Return 前款, 本条第二款 …, or ``""`` where only the absolute citation is safe."""
    if target.level in GROUPS:
        inside = any(step.id == target.id for step in origin.chain)
        return f"本{_GROUP_WORDS[target.level]}" if inside else ""
    here, there = origin.at("article"), target.at("article")
    if target.level == "table" or here is None or there is None:
        return ""
    if there.number == here.number - 1:
        return "前条" + below_article(target, brackets)
    return _in_article(origin, target, brackets) if there.id == here.id else ""


def _in_article(origin: Spot, target: Spot, brackets: bool) -> str:
    mine, its = origin.at("paragraph"), target.at("paragraph")
    if its is None:
        return "本条" + below_article(target, brackets)
    text = "本条" if its.count == 1 else f"本条{_nth(its.number, '款')}"
    if mine is not None and its.count > 1:
        if its.number == mine.number:
            text = "本款"
        elif its.number == mine.number - 1:
            text = "前款"
    shared = mine is not None and its.id == mine.id
    for level in ("item", "subitem"):
        mine, its = origin.at(level), target.at(level)
        if its is None:
            break
        step = mine.number - its.number if shared and mine is not None else None
        if step in (0, 1):
            text = ("前" if step else "本") + _BELOW[level]
        else:
            text += _nth(its.number, _BELOW[level], brackets and level == "item")
        shared = step == 0
    return text


@remembered(key=identity)
def references_in(block: Block | Row | tuple[Block, ...]) -> tuple[tuple[str, Ref], ...]:
    """Return the references of a block (or a body) and all inside it, each with the id of the block that holds it.

    Those of a row have no id.
    """
    if isinstance(block, tuple):
        return tuple([reference for inner in block for reference in references_in(inner)])
    if isinstance(block, Row):
        parts = [part for cell in block.cells for line in cell.content for part in line]
        return tuple([("", part) for part in parts if isinstance(part, Ref)])
    own = block.caption if isinstance(block, Table) else (*block.heading, *block.content)
    references = [(block.id, part) for part in own if isinstance(part, Ref)]
    if isinstance(block, Table):
        references += [(block.id, ref) for row in block.rows for _, ref in references_in(row)]
    else:
        references += [reference for child in block.children for reference in references_in(child)]
    return tuple(references)
