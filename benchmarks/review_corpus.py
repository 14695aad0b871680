"""Pairs of regulations for the review's benchmark: seeded, at least 25 articles each, one class of change to a pair."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from toolkit.compare.comparable import Unit, nest_units, units
from toolkit.model.tree import Cell, Column, Document, Provision, Ref, Row, Table, Text

ACTORS = ("村党支部书记", "宣传委员", "村民委员会", "党群服务中心", "信息员", "纪检委员", "工作小组组长", "档案员")
ACTS = ("登记", "核对", "公布", "汇总", "审核", "整理", "讲解", "检查", "评估", "归档", "通报", "回访")
OBJECTS = (
    "会议材料",
    "公开栏内容",
    "新媒体账号",
    "活动申请",
    "培训记录",
    "收到的意见",
    "整改事项",
    "值班安排",
    "图书目录",
    "设备清单",
)
TIMES = ("每月", "每季度", "每半年", "每年至少一次", "5个工作日内", "三十日内", "2小时内", "每年12月31日前")
RECIPIENTS = ("镇党委", "党员大会", "镇人民政府", "村务监督委员会", "上级主管部门")
RECORDS = ("会议记录", "核对清单", "台账", "书面报告", "回执")
MODALS = ("应当", "可以", "不得延迟", "应当按时")
CLASSES = (
    "added",
    "deleted",
    "modified",
    "moved",
    "moved_modified",
    "renumbered",
    "split",
    "joined",
    "punctuation",
    "renamed",
)


@dataclass(frozen=True)
class Pair:
    """Two versions and the class of change between them."""

    kind: str
    old: Document
    new: Document


class Maker:
    """Makes documents and edits them. ``named``: articles have ids of their author."""

    def __init__(self, seed: int, named: bool) -> None:
        self.chance = random.Random(seed)
        self.named = named
        self.count = 0

    def id(self) -> str:
        self.count += 1
        return f"clause_{self.count}" if self.named else f"?{self.count}"

    def sentence(self) -> str:
        pick = self.chance.choice
        return (
            f"{pick(ACTORS)}{pick(MODALS)}{pick(TIMES)}{pick(ACTS)}{pick(OBJECTS)}和{pick(OBJECTS)}，"
            f"向{pick(RECIPIENTS)}报告{pick(ACTS)}情况，形成{pick(RECORDS)}第{self.chance.randint(1, 999)}号。"
        )

    def article(self) -> Provision:
        key = self.id()
        children = []
        for number in range(self.chance.choice((1, 1, 1, 2))):
            items = tuple(
                Provision("item", f"{key}__{number}_{place}", content=(Text(self.sentence()[:-1] + "；"),))
                for place in range(self.chance.choice((0, 0, 0, 3)))
            )
            text = self.sentence() + (self.sentence() if self.chance.random() < 0.6 else "")
            children.append(Provision("paragraph", f"{key}__{number}", content=(Text(text),), children=items))
        return Provision("article", key, children=tuple(children))

    def table(self) -> Table:
        rows = tuple(
            Row(tuple(Cell(((Text(text),),)) for text in (str(number), self.chance.choice(ACTORS), self.sentence())))
            for number in range(1, 5)
        )
        head = Row(tuple(Cell(((Text(text),),)) for text in ("序号", "责任岗位", "内容")))
        return Table(self.id(), (Column(3), Column(8), Column(20)), (head, *rows), 1, (Text("分工"),))

    def document(self, articles: int) -> Document:
        found = [self.article() for _ in range(articles)]
        cited = found[self.chance.randrange(articles)]
        first = found[0].children[0]
        assert isinstance(first, Provision)
        told = replace(first, content=(Text("依照"), Ref(cited.id), Text("规定，"), *first.content))
        found[0] = replace(found[0], children=(told, *found[0].children[1:]))
        body: list = []
        for place, one in enumerate(found):
            if place % 9 == 0:
                body.append(
                    Provision(
                        "chapter",
                        f"chapter_{place}",
                        heading=(Text(f"{self.chance.choice(ACTS)}和{self.chance.choice(ACTS)}"),),
                    )
                )
            body.append(one)
        if self.chance.random() < 0.3:
            body.insert(len(body) - 2, self.table())
        return Document(
            "regulation",
            1,
            "工作责任制实施办法",
            "办法",
            "regulation",
            "regulation",
            "articles",
            nest_units(map(Unit, body)),
        )


def pairs(count: int, articles: int = 25, seed: int = 20260105) -> Iterator[Pair]:
    """Yield ``count`` pairs, the classes in turn."""
    for number in range(count):
        kind = CLASSES[number % len(CLASSES)]
        maker = Maker(seed + number, number // len(CLASSES) % 2 == 0)
        old = maker.document(articles + maker.chance.randint(0, 5))
        found = list(units(old.body))
        EDITS[kind](maker, found)
        yield Pair(kind, old, _without_dangling(replace(old, body=nest_units(found))))


def _articles(found: list[Unit], skip_cited: bool = False) -> list[int]:
    cited = {part.target for unit in found for block in (unit.block,) for part in _refs(block)}
    return [
        place
        for place, unit in enumerate(found)
        if unit.level == "article" and place > 1 and not (skip_cited and unit.block.id in cited)
    ]


def _refs(block) -> list[Ref]:
    if not isinstance(block, Provision):
        return []
    return [part for part in block.content if isinstance(part, Ref)] + [
        ref for child in block.children for ref in _refs(child)
    ]


def _text_of(article: Provision) -> str:
    return article.children[0].content[-1].text  # type: ignore[union-attr]


def _with_text(article: Provision, text: str) -> Provision:
    first = article.children[0]
    assert isinstance(first, Provision)
    return replace(article, children=(replace(first, content=(*first.content[:-1], Text(text))), *article.children[1:]))


def _added(maker: Maker, found: list[Unit]) -> None:
    for _ in range(maker.chance.randint(1, 3)):
        found.insert(maker.chance.choice(_articles(found)), Unit(maker.article()))


def _deleted(maker: Maker, found: list[Unit]) -> None:
    for _ in range(maker.chance.randint(1, 3)):
        del found[maker.chance.choice(_articles(found, True))]


def _reworded(maker: Maker, text: str) -> str:
    for _ in range(maker.chance.randint(1, 3)):
        words = maker.chance.choice((ACTORS, TIMES, RECIPIENTS, RECORDS, MODALS))
        inside = [word for word in words if word in text]
        if inside:
            text = text.replace(maker.chance.choice(inside), maker.chance.choice(words), 1)
    return text.replace("形成", "并形成", 1) if maker.chance.random() < 0.3 else text


def _modified(maker: Maker, found: list[Unit]) -> None:
    for place in maker.chance.sample(_articles(found), maker.chance.randint(2, 5)):
        article = found[place].block
        assert isinstance(article, Provision)
        text = _reworded(maker, _text_of(article))
        found[place] = Unit(
            _with_text(article, text if text != _text_of(article) else text.replace("报告", "书面报告", 1))
        )


def _moved(maker: Maker, found: list[Unit]) -> None:
    place = maker.chance.choice(_articles(found))
    one = found.pop(place)
    far = [at for at in _articles(found) if abs(at - place) > 3]
    found.insert(maker.chance.choice(far), one)


def _moved_modified(maker: Maker, found: list[Unit]) -> None:
    place = maker.chance.choice(_articles(found, True))
    one = found.pop(place)
    assert isinstance(one.block, Provision)
    text = _text_of(one.block).replace("报告", "提交书面报告说明", 1)
    far = [at for at in _articles(found) if abs(at - place) > 3]
    found.insert(maker.chance.choice(far), Unit(_with_text(one.block, text)))


def _renumbered(maker: Maker, found: list[Unit]) -> None:
    found.insert(_articles(found)[0], Unit(maker.article()))


def _split(maker: Maker, found: list[Unit]) -> None:
    long = [at for at in _articles(found) if _splits(found[at].block)]
    place = maker.chance.choice(long)
    article = found[place].block
    assert isinstance(article, Provision)
    first, second, _ = _text_of(article).split("。")
    rest = Provision(
        "article", maker.id(), children=(Provision("paragraph", f"{maker.id()}__0", content=(Text(second + "。"),)),)
    )
    found[place : place + 1] = [Unit(_with_text(article, first + "。")), Unit(rest)]


def _splits(block) -> bool:
    return len(block.children) == 1 and not block.children[0].children and _text_of(block).count("。") == 2


def _joined(maker: Maker, found: list[Unit]) -> None:
    _split(maker, found)  # the caller turns the pair round


def _punctuation(maker: Maker, found: list[Unit]) -> None:
    for place in maker.chance.sample(_articles(found), 3):
        article = found[place].block
        assert isinstance(article, Provision)
        found[place] = Unit(_with_text(article, _text_of(article).replace("，向", "；向", 1)))


def _renamed(maker: Maker, found: list[Unit]) -> None:
    old = maker.chance.choice(ACTORS)

    def renamed(block):
        if isinstance(block, Table):
            return replace(
                block,
                rows=tuple(
                    replace(row, cells=tuple(Cell(tuple(line(each) for each in cell.content)) for cell in row.cells))
                    for row in block.rows
                ),
            )
        return replace(
            block,
            heading=line(block.heading),
            content=line(block.content),
            children=tuple(map(renamed, block.children)),
        )

    def line(parts):
        return tuple(Text(part.text.replace(old, "综合办公室")) if isinstance(part, Text) else part for part in parts)

    found[:] = [Unit(renamed(unit.block)) for unit in found]


EDITS: dict[str, Callable[[Maker, list[Unit]], None]] = {
    "added": _added,
    "deleted": _deleted,
    "modified": _modified,
    "moved": _moved,
    "moved_modified": _moved_modified,
    "renumbered": _renumbered,
    "split": _split,
    "joined": _joined,
    "punctuation": _punctuation,
    "renamed": _renamed,
}


def _without_dangling(document: Document) -> Document:
    ids = {unit.block.id for unit in units(document.body)}

    def block(one):
        if not isinstance(one, Provision):
            return one
        content = tuple(
            Text("有关") if isinstance(part, Ref) and part.target not in ids else part for part in one.content
        )
        return replace(one, content=content, children=tuple(map(block, one.children)))

    return replace(document, body=tuple(map(block, document.body)))


def turned(pair: Pair) -> Pair:
    """Return a pair as it is compared: joins are splits read backwards."""
    return Pair(pair.kind, pair.new, pair.old) if pair.kind == "joined" else pair


def unrelated(articles: int, seed: int) -> Document:
    """Return a text that shares nothing with those of other seeds but the language."""
    chance = random.Random(seed)
    letters = [chr(place) for place in range(0x4E00, 0x4E00 + 2500)]

    def text() -> str:
        return "".join(chance.choices(letters, k=chance.randint(40, 80))) + "。"

    body = tuple(
        Provision(
            "article",
            f"?{seed}_{place}",
            children=(Provision("paragraph", f"?{seed}_{place}_p", content=(Text(text()),)),),
        )
        for place in range(articles)
    )
    return Document("text", 1, "文本", "文本", "regulation", "regulation", "articles", body)
