"""Determines the level of a paragraph from its number, style and ids, and nests provisions by level; used by ``document``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from toolkit.compare.comparable import nested
from toolkit.docx.reading.identity import Identity
from toolkit.language.numerals import chinese_numeral, parse_chinese_numeral
from toolkit.model.tree import GROUPS, LEVELS, Block, Document, Provision, Table
from toolkit.numbering.labels import number_of, typed_label

_N = "[零〇一二三四五六七八九十百千万]+"
#: Numbers as they are typed: 第 六 条, 第6条, (一), 1、.
_NTH = rf"第[ 　]*(?P<n>{_N}|\d{{1,4}})[ 　]*"
#: 1. and its other forms, also as one character.
_DOTTED = r"\d+[.．、](?!\d)|[⒈-⒛]"
_ARTICLES = tuple(
    (re.compile(pattern), level)
    for pattern, level in (
        (f"{_NTH}编", "part"),
        (f"{_NTH}章", "chapter"),
        (f"{_NTH}节", "section"),
        (f"{_NTH}条(?:之{_N})?", "article"),
        (rf"[（(]{_N}[）)]", "item"),
        (_DOTTED, "subitem"),
    )
)
_OUTLINE = tuple(re.compile(pattern) for pattern in (rf"{_N}、", rf"[（(]{_N}[）)]", _DOTTED, r"[（(]\d+[）)]|[⑴-⒇]"))
#: An article's number may run ahead of the count by less than this; a number already used is a reference.
_AHEAD = 10
_SPACE = re.compile(r"[\s　]*")
#: Words after a typed 第五条 that make it a reference at the start of a sentence, and no number.
_CITED = re.compile(r"(?:第|规定|至|、|和|及|或|的|所|中|是|与)")
_HEADING = re.compile("(?:[一二三四]级标题公文|heading [1-6]|标题 [1-6])", re.IGNORECASE)
_STYLES = {"编": "part", "章": "chapter", "节": "section"}


class Level(NamedTuple):
    """The level of a paragraph. ``rank`` orders levels; ``prefix`` counts the characters of a typed number and its space;
    ``headed``: an article with a heading; ``raw``: the number as it stands in the file."""

    level: str
    rank: int
    label: str = ""
    prefix: int = 0
    headed: bool = False
    raw: str = ""


def scheme_of(paragraphs: Iterable[tuple[str, str]]) -> str:
    """Return the numbering scheme of a file without ids by its paragraphs: (automatic label, text)."""
    scheme = ""
    for label, text in paragraphs:
        start = (label or text).strip()
        if _ARTICLES[3][0].match(start):
            return "articles"
        if _OUTLINE[0].match(start):
            scheme = "outline"
    return scheme or "none"


def level_of(scheme: str, label: str, text: str, style: str, ids: Mapping[str, str], expected: int) -> Level:
    """Return the level of a paragraph by its number (automatic ``label`` or typed), its style and its ids.

    ``expected`` is the number of the next article: a typed number without a space after it counts only from there.
    """
    own = label.strip()
    if ids and not own and scheme != "outline":  # generated numbers are automatic, never typed
        level = next((level for level in LEVELS if level in ids and level != "article"), "paragraph")
        return Level(level, LEVELS.index(level), prefix=_space(text, 0))
    if scheme == "articles":
        return _of_articles(own, text, style, expected)
    if scheme == "outline":
        return _of_outline(own, text, style, ids)
    level = next((level for level in LEVELS if level in ids), "paragraph")
    return Level(level, LEVELS.index(level), prefix=_space(text, 0))


def _space(text: str, start: int) -> int:
    match = _SPACE.match(text, start)
    return match.end() if match else start


def _of_articles(own: str, text: str, style: str, expected: int) -> Level:
    bare = _space(text, 0)
    for pattern, level in _ARTICLES:
        rank = LEVELS.index(level)
        if own:
            if pattern.fullmatch(own):
                return Level(level, rank, _usual(own), 0 if level in ("item", "subitem") else bare, raw=own)
            continue
        match = pattern.match(text, bare)
        if match and _is_number(match, text, level, expected):
            return Level(level, rank, _usual(match.group()), _space(text, match.end()), raw=match.group())
    if not own and style in _STYLES:
        return Level(_STYLES[style], LEVELS.index(_STYLES[style]), prefix=bare)
    return Level("paragraph", LEVELS.index("paragraph"), prefix=bare)


def _is_number(match: re.Match[str], text: str, level: str, expected: int) -> bool:
    """Whether a match is a typed number and no reference at the start of a sentence."""
    if level in ("item", "subitem"):
        return True
    rest = text[match.end() :]
    if not rest or rest[0].isspace():
        return True
    if _CITED.match(rest):
        return False
    if level != "article":
        return True
    first = expected - 1 if "之" in match.group() else expected  # 第二条之一 follows 第二条
    return first <= _number(match["n"]) < expected + _AHEAD


def _number(text: str) -> int:
    """Return the value of a typed number, 0 for other text."""
    try:
        return int(text) if text.isdecimal() else parse_chinese_numeral(text)
    except ValueError:
        return 0


def _usual(label: str) -> str:
    """Return a label in its regular form: 第六条 for 第 6 条, （一） for (一), 1. for 1、."""
    label = re.sub(r"[ 　]", "", label)
    if match := re.fullmatch(rf"第({_N}|\d+)([编章节条].*)", label):
        number = _number(match[1])
        return f"第{chinese_numeral(number)}{match[2]}" if number else label
    if len(label) == 1 and "⒈" <= label <= "⒛":
        return f"{ord(label) - ord('⒈') + 1}."
    if len(label) == 1 and "⑴" <= label <= "⒇":
        return f"（{ord(label) - ord('⑴') + 1}）"
    label = label.replace("(", "（").replace(")", "）").replace("．", ".")
    return re.sub(r"^(\d+)、$", r"\1.", label)


def _of_outline(own: str, text: str, style: str, ids: Mapping[str, str]) -> Level:
    bare = _space(text, 0)
    depth, prefix, number = None, 0, own
    for rank, pattern in enumerate(_OUTLINE):
        if own and pattern.fullmatch(own):
            depth = rank
            break
        match = None if own else pattern.match(text, bare)
        if match:
            depth, prefix, number = rank, _space(text, match.end()), match.group()
            break
    level = next((level for level in LEVELS if level in ids and level != "paragraph"), "")
    if depth is None:
        if level:
            return Level(level, 10 * LEVELS.index(level), prefix=bare, headed=level == "article")
        return Level("paragraph", 0, prefix=bare)
    headed = bool(_HEADING.fullmatch(style)) or (
        not ids and depth < 2 and len(text) <= 30 and text[-1:] not in "。；："
    )
    if not level:
        level = "chapter" if depth == 0 and headed else "article" if depth <= 1 and headed else "item"
    return Level(level, 10 * depth, _usual(number), prefix, headed and "paragraph" not in ids, number)


class Builder:
    """Collects the provisions and tables of one document with their ranks, by which they are nested."""

    def __init__(self, identity: str, scheme: str) -> None:
        self.id = identity or "document"
        self.scheme = scheme
        self.title = ""
        self.values: dict[str, object] = {}
        #: Each block, its rank, and whether others can be in it.
        self.blocks: list[tuple[Block, int, bool]] = []
        self.articles = 0
        #: Ranks of the groups and the article that are open.
        self._open: list[int] = []
        self._in_annex = False

    def next_article(self) -> int:
        """Return the number of the next article."""
        return self.articles + 1

    def push(self, block: Provision, rank: int) -> None:
        """Add a provision."""
        self._in_annex = self._in_annex and block.level not in ("article", *GROUPS)
        self.blocks.append((block, rank, True))
        self._open = [other for other in self._open if other < rank]
        if block.level == "article" or block.level in GROUPS:
            self._open.append(rank)
        if block.level == "article":
            label = typed_label(block)
            known = number_of(label) if "之" not in label else 0
            self.articles = known or self.articles + (not label)

    def text_rank(self) -> int:
        """Return the rank of an unnumbered paragraph here: below the article or group that is open, above none of them."""
        if self.scheme != "articles":
            return max(self._open, default=-1) + 1
        return LEVELS.index("article" if self._in_annex else "paragraph")

    def begin_annex(self) -> None:
        """End the open article: a line like 附表：收费标准 and what follows it are no paragraphs of it."""
        self._in_annex = self.scheme == "articles" and bool(self.articles)

    def add_table(self, table: Table) -> None:
        """Add a table to the article or group that is open."""
        self.blocks.append((table, self.text_rank(), False))

    def document(self, identity: Identity) -> Document:
        """Return the document."""
        brackets = identity.schemes.get(self.id, ("", False))[1]
        body = nested(self.blocks)
        empty = Document(self.id, 0, self.title, self.title, "", "", self.scheme, body, ref_brackets=brackets)
        return replace(empty, **self.values)  # type: ignore[arg-type]
