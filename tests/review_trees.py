"""Random documents and random edits of them, for the tests of the review."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from docx_samples import art, chap, doc, inline, item, para, row, sub
from hypothesis import strategies as st

from toolkit.compare.comparable import Unit, nest_units, units
from toolkit.model.tree import Cell, Column, Document, FormField, Provision, Ref, Table, Text

WORDS = (
    "村委会",
    "应当",
    "可以",
    "每季度",
    "每月",
    "向镇党委报告",
    "五个工作日内",
    "登记",
    "，",
    "。",
    "责任人",
    "会议记录",
    "“重大事项”",
    "不得",
    "三十日内",
    "台账",
    "检查",
    "公示",
    "3万元",
    "第二条",
    "及时",
    "；",
    "和",
    "由支部书记",
    "负责",
)


class Maker:
    """Makes blocks with ids of its own; ``given``: what share of them an author gave."""

    def __init__(self, chance: random.Random, given: float = 0.7) -> None:
        self.chance = chance
        self.given = given
        self.count = 0

    def id(self, parent: str = "") -> str:
        self.count += 1
        return f"n{self.count}" if self.chance.random() < self.given else f"{parent or 'x'}__{self.count}"

    def text(self, least: int = 1, most: int = 14) -> str:
        return "".join(self.chance.choices(WORDS, k=self.chance.randint(least, most)))

    def content(self, targets: list[str]):
        parts = [Text(self.text())]
        if targets and self.chance.random() < 0.25:
            parts += [Ref(self.chance.choice(targets)), Text(self.text())]
        if self.chance.random() < 0.05:
            parts.append(FormField(f"f{self.id()}", self.chance.choice(("text", "date")), "填写"))
        return tuple(parts)

    def article(self, targets: list[str]) -> Provision:
        key = self.id()
        children: list = []
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            items = []
            for _ in range(self.chance.choice((0, 0, 0, 2, 3))):
                subs = [sub(self.id(key), *self.content([])) for _ in range(self.chance.choice((0, 0, 0, 2)))]
                items.append(item(self.id(key), *self.content(targets), subs=subs))
            children.append(para(self.id(key), *self.content(targets), items=items))
        if self.chance.random() < 0.1:
            children.append(self.table())
        return art(key, *children)

    def table(self) -> Table:
        columns = self.chance.choice((2, 3))
        rows = [self.row(columns) for _ in range(self.chance.choice((2, 3, 4)))]
        return Table(self.id(), (Column(),) * columns, tuple(rows), 1, inline(self.text()))

    def row(self, columns: int):
        return row(*(Cell((self.content([]),)) for _ in range(columns)))

    def document(self, articles: int) -> Document:
        body: list = [self.article([]) for _ in range(articles)]
        body = [self.article([one.id for one in body]) for _ in range(articles // 2)] + body
        self.chance.shuffle(body)
        if body and self.chance.random() < 0.6:
            cut = self.chance.randint(0, len(body))
            body = [chap(self.id(), self.text(1, 3), *body[:cut]), chap(self.id(), self.text(1, 3), *body[cut:])]
        if self.chance.random() < 0.3:
            body.append(self.table())
        note = inline(self.text()) if self.chance.random() < 0.5 else ()
        return doc(body=body, note=note, title=self.text(2, 5))


class Editor:
    """Edits a document as lawmakers and clerks do."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.chance = maker.chance

    def edited(self, document: Document, times: int) -> Document:
        for _ in range(times):
            found = list(units(document.body))
            self.chance.choice(self.EDITS)(self, found)
            document = replace(document, body=nest_units(found))
            if self.chance.random() < 0.1:
                document = replace(document, note=inline(self.maker.text()), title=self.maker.text(2, 5))
        return _without_dangling(document)

    def insert(self, found: list[Unit]) -> None:
        found.insert(self.chance.randint(0, len(found)), Unit(self.maker.article([])))

    def delete(self, found: list[Unit]) -> None:
        if found:
            del found[self.chance.randrange(len(found))]

    def move(self, found: list[Unit]) -> None:
        if found:
            one = found.pop(self.chance.randrange(len(found)))
            found.insert(self.chance.randint(0, len(found)), one)

    def reword(self, found: list[Unit]) -> None:
        self._map(
            found,
            lambda parts: tuple(Text(self.words(part.text)) if isinstance(part, Text) else part for part in parts),
        )

    def words(self, text: str) -> str:
        at = self.chance.randint(0, len(text))
        end = min(len(text), at + self.chance.randint(0, 6))
        return (text[:at] + self.chance.choice(("", self.maker.text(1, 3))) + text[end:]) or "甲"

    def _map(self, found: list[Unit], change: Callable) -> None:
        if not found:
            return
        place = self.chance.randrange(len(found))
        found[place] = Unit(self._one(found[place].block, change))

    def _one(self, block, change: Callable):
        if isinstance(block, Table):
            rows = list(block.rows)
            act = self.chance.choice(("in", "out", "reword"))
            at = self.chance.randrange(len(rows))
            if act == "in":
                rows.insert(at, self.maker.row(len(block.columns)))
            elif act == "out" and len(rows) > 1:
                del rows[at]
            else:
                cells = list(rows[at].cells)
                cells[0] = replace(cells[0], content=tuple(change(line) for line in cells[0].content))
                rows[at] = replace(rows[at], cells=tuple(cells))
            return replace(block, rows=tuple(rows))
        if block.heading:
            return replace(block, heading=change(block.heading))
        if block.children and (not block.content or self.chance.random() < 0.4):
            children = list(block.children)
            at = self.chance.randrange(len(children))
            children[at] = self._one(children[at], change)
            return replace(block, children=tuple(children))
        return replace(block, content=change(block.content))

    def lines(self, found: list[Unit]) -> None:
        """Paragraphs come, go and change places."""
        if not found:
            return
        place = self.chance.randrange(len(found))
        block = found[place].block
        if isinstance(block, Provision) and block.level == "article":
            children = list(block.children)
            act = self.chance.choice(("in", "out", "shuffle"))
            if act == "in":
                new = para(self.maker.id(block.id), self.maker.text())
                children.insert(self.chance.randint(0, len(children)), new)
            elif act == "out" and len(children) > 1:
                del children[self.chance.randrange(len(children))]
            else:
                self.chance.shuffle(children)
            found[place] = Unit(replace(block, children=tuple(children)))

    EDITS = (insert, delete, move, reword, reword, reword, lines)


def _without_dangling(document: Document) -> Document:
    """References whose target is gone become plain text, as a check would force."""
    from toolkit.model.tree import walk

    ids = {block.id for block in walk(document.body)}

    def line(parts):
        return tuple(Text("有关规定") if isinstance(part, Ref) and part.target not in ids else part for part in parts)

    def block(one):
        if isinstance(one, Table):
            return one
        return replace(one, content=line(one.content), children=tuple(map(block, one.children)))

    return replace(document, body=tuple(map(block, document.body)))


@st.composite
def documents(draw, articles: int = 6):
    chance = random.Random(draw(st.integers(0, 2**32)))
    return Maker(chance, draw(st.sampled_from((0.0, 0.7, 1.0)))).document(draw(st.integers(1, articles)))


@st.composite
def versions(draw, articles: int = 6, edits: int = 6):
    """A document and what became of it."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    maker = Maker(chance, draw(st.sampled_from((0.0, 0.7, 1.0))))
    old = maker.document(draw(st.integers(1, articles)))
    return old, Editor(maker).edited(old, draw(st.integers(0, edits)))
