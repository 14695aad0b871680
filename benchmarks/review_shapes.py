"""Pairs of foreign files shaped like real revisions of laws: typed numbers, long 题注, chapters across 编, lists of references.

Each pair has one class of change and, beside it, what real files have: chapters that run on across 编, ⒈ as numbers of 目,
a 题注 of several hundred characters, references in lists, white space in headings, characters without width.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from review_corpus import ACTORS, ACTS, OBJECTS, RECIPIENTS, TIMES

from toolkit.core import zips
from toolkit.language.numerals import chinese_numeral

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_REF = re.compile(r"\{(\w+)\}")


@dataclass
class Article:
    """An article: paragraphs, in which ``{key}`` cites another one, and below the first one items, below them 目."""

    key: str
    paragraphs: list[str]
    items: list[str] = field(default_factory=list)
    subitems: list[str] = field(default_factory=list)
    label: str = ""


@dataclass
class Text:
    """A regulation: chapters of articles in 编; ``spaced``: headings and brackets as another typist writes them."""

    title: str
    note: str
    parts: list[tuple[str, list[tuple[str, list[Article]]]]]
    spaced: bool = False

    @property
    def articles(self) -> list[Article]:
        return [article for _, chapters in self.parts for _, articles in chapters for article in articles]

    def labels(self) -> dict[str, str]:
        """The number of each article: its own, or the next one."""
        found, count = {}, 0
        for article in self.articles:
            if not article.label:
                count += 1
            found[article.key] = article.label or f"第{chinese_numeral(count)}条"
        return found

    def lines(self) -> list[str]:
        labels, out, chapter_count = self.labels(), [self.title, self.note], 0

        def cited(text: str) -> str:
            return _REF.sub(lambda match: labels.get(match[1], "第一条"), text)

        for number, (part, chapters) in enumerate(self.parts, 1):
            out.append(f"第{chinese_numeral(number)}编　{part}")
            for chapter, articles in chapters:
                chapter_count += 1  # runs on across 编
                out.append(f"第{chinese_numeral(chapter_count)}章　{chapter}")
                for article in articles:
                    first, *others = article.paragraphs
                    out.append(f"{labels[article.key]}　{cited(first)}")
                    out += [f"（{chinese_numeral(n)}）{cited(item)}" for n, item in enumerate(article.items, 1)]
                    out += [f"{chr(ord('⒈') + n)}{cited(one)}" for n, one in enumerate(article.subitems)]
                    out += map(cited, others)
        return [_spaced(line) for line in out] if self.spaced else out

    def file(self) -> bytes:
        """Return the text as a foreign DOCX without styles."""
        body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{line}</w:t></w:r></w:p>' for line in self.lines())
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        types = (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
        )
        main = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        return zips.pack({zips.CONTENT_TYPES: types.encode(), "word/document.xml": main.encode()})


def _spaced(line: str) -> str:
    match = re.fullmatch(r"(第.+[编章]　)(.)(.)", line)
    if match:
        return f"{match[1]}{match[2]}　{match[3]}"
    return line.replace("应当", "应\u200b当").replace("，向", "， 向") if "应当" in line else line


@dataclass(frozen=True)
class Shape:
    """Two versions, and the class of the one change between them."""

    kind: str
    old: Text
    new: Text


class Maker:
    """Makes a text and one change of it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.count = 0

    def sentence(self) -> str:
        pick = self.chance.choice
        self.count += 1
        things = self.chance.sample(OBJECTS, 2)
        return (
            f"{pick(ACTORS)}应当{pick(TIMES)}{pick(ACTS)}{things[0]}和{things[1]}，向{pick(RECIPIENTS)}报告"
            f"{pick(ACTS)}情况，存档编号为{self.chance.randint(1000, 9999)}。"
        )

    def article(self, cites: list[str]) -> Article:
        key = f"a{self.count}_{self.chance.randint(0, 999)}"
        article = Article(key, [self.sentence()])
        if self.chance.random() < 0.3:
            article.items = [self.sentence()[:-1] + "；" for _ in range(3)]
            if self.chance.random() < 0.5:
                article.subitems = [self.sentence()[:-1] + "；" for _ in range(2)]
        elif self.chance.random() < 0.3:
            article.paragraphs.append(self.sentence())
        if len(cites) > 2 and self.chance.random() < 0.3:
            cited = "、".join(f"{{{key}}}" for key in self.chance.sample(cites, min(3, len(cites))))
            article.paragraphs.append(f"违反{cited}规定，情节编号{self.chance.randint(1000, 9999)}的，予以通报。")
        return article

    def text(self) -> Text:
        parts, cites = [], list[str]()
        for part in ("总则", "分则"):
            chapters = []
            for _ in range(2):
                articles = []
                for _ in range(self.chance.randint(4, 7)):
                    article = self.article(cites)
                    if article.items or len(article.paragraphs) > 1:  # the others may go
                        cites.append(article.key)
                    articles.append(article)
                chapters.append((self.chance.choice(("总则", "职责", "程序", "监督", "附则")), articles))
            parts.append((part, chapters))
        years = "　".join(
            f"根据{2001 + 2 * n}年3月{n + 1}日第{n}届代表会议《关于修改部分规定的决定》第{n}次修正" for n in range(1, 7)
        )
        return Text("某某管理条例", f"（2001年3月5日第一届代表会议通过　{years}）", parts)

    def place(self, text: Text, plain: bool = True) -> tuple[list[Article], int]:
        """Return a list of articles and the place of one that nobody cites."""
        cited = {key for article in text.articles for line in article.paragraphs for key in _REF.findall(line)}
        places = [
            (articles, index)
            for _, chapters in text.parts
            for _, articles in chapters
            for index, article in enumerate(articles)
            if article.key not in cited and not (plain and (article.items or len(article.paragraphs) > 1))
        ]
        return self.chance.choice(places)


def _modified(maker: Maker, text: Text) -> None:
    articles, index = maker.place(text)
    articles[index].paragraphs[0] = articles[index].paragraphs[0].replace("情况", "结果和整改情况")


def _added(maker: Maker, text: Text) -> None:
    articles, index = maker.place(text)
    articles.insert(index, maker.article([]))


def _between(maker: Maker, text: Text) -> None:
    """第五条之一, without other numbers."""
    labels = text.labels()
    articles, index = maker.place(text)
    new = maker.article([])
    new.label = f"{labels[articles[index].key]}之一"
    articles.insert(index + 1, new)


def _deleted(maker: Maker, text: Text) -> None:
    articles, index = maker.place(text)
    del articles[index]


def _moved(maker: Maker, text: Text) -> None:
    articles, index = maker.place(text)
    article = articles.pop(index)
    targets = [some for _, chapters in text.parts for _, some in chapters if some is not articles]
    maker.chance.choice(targets).insert(1, article)


def _split(maker: Maker, text: Text) -> None:
    """A sentence of its own article, far behind."""
    articles, index = maker.place(text)
    first = articles[index].paragraphs[0]
    head, _, tail = first.rpartition("##")
    articles[index].paragraphs[0] = head
    text.parts[-1][1][-1][1].append(Article("part", [tail]))


def _punctuation(maker: Maker, text: Text) -> None:
    articles, index = maker.place(text)
    articles[index].paragraphs[0] = articles[index].paragraphs[0].replace("，向", "；向")


def _spacing(maker: Maker, text: Text) -> None:
    text.spaced = True


def _renamed(maker: Maker, text: Text) -> None:
    for article in text.articles:
        for lines in (article.paragraphs, article.items, article.subitems):
            lines[:] = [line.replace("存档编号", "归档号码") for line in lines]


CHANGES: dict[str, Callable[[Maker, Text], None]] = {
    "modified": _modified,
    "added": _added,
    "between": _between,
    "deleted": _deleted,
    "moved": _moved,
    "split": _split,
    "punctuation": _punctuation,
    "spacing": _spacing,
    "renamed": _renamed,
}
#: The class that is told for a change.
TOLD = {"between": "added"}


def shapes(count: int, seed: int = 20260301) -> Iterator[Shape]:
    """Yield ``count`` pairs, the changes in turn; every fourth one is spaced otherwise as well."""
    kinds = tuple(CHANGES)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        maker = Maker(seed + number)
        old = maker.text()
        if kind == "split":
            for article in old.articles:
                if not article.items and len(article.paragraphs) == 1:
                    article.paragraphs[0] += "##" + maker.sentence()
        new = deepcopy(old)
        CHANGES[kind](maker, new)
        for article in (*old.articles, *new.articles):
            article.paragraphs = [line.replace("##", "") for line in article.paragraphs]
        if number % 4 == 3:
            new.spaced = True
        yield Shape(kind, old, new)
