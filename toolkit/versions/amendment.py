"""Writes the decision that amends the old text to the new one, worded as published decisions are (norms 2.4).

Quoted text of several paragraphs opens “ at every paragraph and closes ” at the last only; inner quotation marks are ‘ ’.
Old clauses are cited by their old numbers, new ones by their new numbers. Names that run through the text and numbers that
only follow are named once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile, islice, takewhile

from toolkit.compare import Change, Comparison, renames, words
from toolkit.compare.align import same_frame
from toolkit.compare.comparable import Side, Unit, lines
from toolkit.language.numerals import chinese_numeral
from toolkit.language.periods import print_date
from toolkit.model.tree import Block, Document, Provision, Table, Text
from toolkit.numbering.citations import annex_name, book_title
from toolkit.versions.amended import Amended, BlockPair, Row, inner, rows_of, within
from toolkit.versions.sets import DocumentPair, SetComparison
from toolkit.versions.wording import ADJUSTED, left_out, sameness

_GROUPS = {"part": "编", "chapter": "章", "section": "节"}
_UNITS = {"paragraph": "款", "item": "项", "subitem": "目"}
#: Parts of the head that no decision words.
_UNSAID = ("题注", "成文日期", "发文字号", "印发日期", "页眉", "页脚", "页面设置")
_NOTHING = "没有要写进决定的改动。"
#: Classes of changes that have no item of their own.
_SAID_AT_THE_END = ("renamed", "renumbered", "spacing", "punctuation")
#: So many clauses with a name are listed; more are called 有关条文.
_LISTED = 6
Item = list[str]


def text(comparison: SetComparison, date: str = "") -> str:
    """Return the decisions on all documents that differ."""
    decisions = _decisions(comparison, date)
    texts = ["\n".join([title, "", *paragraphs]) for title, paragraphs in decisions]
    return (
        "\n\n".join(
            [
                *(texts or [_NOTHING if not comparison.same_documents else f"{sameness(comparison)}。"]),
                *_left(comparison),
            ]
        )
        + "\n"
    )


def _left(comparison: SetComparison) -> list[str]:
    """Return a note on parts that the decisions leave out, for whoever puts them before the meeting; it is no part of them."""
    sentences = [f"{name}的页眉、页脚或者页面设置有改动" for name in comparison.reframed()] + left_out(comparison)
    return [f"（附注，不是决定的内容。没有写进决定的：{'；'.join(sentences)}。）"] if sentences else []


def document(comparison: SetComparison, date: str = "") -> Document:
    """Return the decisions as one document of the tree."""
    decisions = _decisions(comparison, date)
    title = decisions[0][0] if decisions else "没有修改"
    body: list[Block] = []
    for number, (name, texts) in enumerate(decisions):
        paragraphs = tuple(
            Provision("paragraph", f"p_{number}_{n}", content=(Text(line),)) for n, line in enumerate(texts)
        )
        if number:
            body.append(Provision("chapter", f"d_{number}", heading=(Text(name),), children=paragraphs))
        else:
            body += paragraphs
    body += [Provision("paragraph", "left", content=(Text(line),)) for line in _left(comparison)]
    return Document("amendment", 0, title, "修改决定", "notice", "regulation", "none", tuple(body))


def _decisions(comparison: SetComparison, date: str) -> list[tuple[str, list[str]]]:
    decisions = (decision(pair, date) for pair in comparison.of("changed"))
    return [made for made in decisions if made is not None]


def decision(pair: DocumentPair, date: str = "") -> tuple[str, list[str]] | None:
    """Return title and paragraphs of the decision on one document, None where nothing has to be decided.

    So it is where only dates, the frame, or an enclosure differ.
    """
    old = book_title(pair.old.title if pair.old else pair.source.title)
    writers = [_Writer(part) for part in pair.parts]
    items = [item for writer in writers for item in writer.items()]
    shifted = any(_shifts(change) for change in pair.changes)
    referred = any(part.references for part in pair.parts)
    adjusted = any(change.kind in ("spacing", "punctuation") for change in pair.changes)
    adjusted = adjusted or any(writer.adjusted for writer in writers)
    if not items and not shifted and not referred and not adjusted:
        return None
    lead = f"{pair.source.document.issuer or '经研究，'}决定对{old}"
    out = [f"{lead}作如下修改："]
    if not items and not shifted and referred:
        out, referred = [f"{lead}引用的条文序号作相应修改。"], False
    for number, item in enumerate(items, 1):
        out += [f"{chinese_numeral(number)}、{item[0]}", *item[1:]]
    besides = ["对引用的条文序号作相应修改"] * referred + [ADJUSTED] * adjusted
    if besides:
        out.append(f"此外，{'，'.join(besides)}。")
    out.append(f"本决定自{print_date(date) if date else '　　年　月　日'}起施行。")
    order = "并对条文顺序作相应调整" if shifted else ""
    out.append(f"{old}根据本决定作相应修改{order}，重新公布。")
    return f"关于修改{old}的决定", out


def _shifts(change: Change) -> bool:
    """Whether a clause, or an item of it, has another number now."""
    if not change.old or not change.new:
        return False
    if change.old_name != change.new_name and change.new_name.startswith("第"):
        return True
    kept = (line for line in change.lines if line.side == "=")
    return change.kind == "modified" and any(
        line.old_label and line.new_label and line.old_label != line.new_label for line in kept
    )


def quoted(paragraphs: list[str]) -> list[str]:
    """Return quoted paragraphs: “ before each, ” after the last."""
    *lines_, last = [inner(line) for line in paragraphs if line] or [""]
    return [*(f"“{line}" for line in lines_), f"“{last}”"]


class _Writer:
    """Words the changes of one document."""

    def __init__(self, part: Comparison) -> None:
        self.part = part
        self.old, self.new = part.old, part.new
        # Names that are replaced in clauses that need no item but for them, or in other words of clauses that do.
        used = dict.fromkeys(name for change in part.changes for name in change.names)
        self.names: renames.Renames = tuple(sorted(used, key=lambda pair: (-len(pair[0]), pair)))
        #: Whether punctuation differs beside the words that items are about.
        self.adjusted = False

    def items(self) -> Iterator[Item]:
        """Yield the items of the decision; the first line of each follows its number."""
        for head in self.part.head:
            if head.renamed or head.what in _UNSAID or words.even(head.before) == words.even(head.after):
                continue
            if head.what == "标题":
                yield [f"将名称修改为{book_title(head.after)}。"]
            elif head.after:
                yield [f"将{head.what}修改为：", *quoted([head.after])]
            else:
                yield [f"删去{head.what}。"]
        covered: set[str] = set()
        for change in self.part.changes:
            if change.kind not in _SAID_AT_THE_END and change.id not in covered:
                yield from self._with_group(change, covered)
        for before, after in self.names:
            yield self._renamed(before, after)

    def _renamed(self, before: str, after: str) -> Item:
        """Return the item on a name: the clauses that have it if they are few."""
        cited = [change.old_name for change in self.part.changes if self._has(change, before, after)]
        few = len(cited) <= _LISTED and all(name.startswith("第") for name in cited)
        where = ["名称"] if any(h.renamed and h.what == "标题" and before in h.before for h in self.part.head) else []
        where += ["、".join(cited)] if few else ["有关条文"]
        verb = "修改为" if few else "统一修改为"
        return [f"将{'和'.join(where)}中的“{inner(before)}”{verb}“{inner(after)}”。"]

    def _with_group(self, change: Change, covered: set[str]) -> Iterator[Item]:
        """Yield the items on a change; a group that goes or comes whole is one item, its clauses noted in ``covered``."""
        block = (change.new or change.old)[0]
        gone = change.kind == "deleted"
        side = self.old if gone else self.new
        inside: list[Block] = []
        annex = ""
        if change.kind in ("added", "deleted") and isinstance(block, Provision):
            annex = annex_name(side.text(block)) if block.level == "paragraph" else ""
            inside = _inside(side, block) if annex or block.level in _GROUPS else []
        same = {other.id for other in self.part.changes if other.kind == change.kind}
        if not inside or not same.issuperset(clause.id for clause in inside):
            yield from self._change(change)
            return
        covered |= {clause.id for clause in inside}
        if gone:
            yield [f"删去{annex or change.old_name}。"]
            return
        texts = [line for clause in inside for line in whole(self.new, clause)]
        if annex:
            yield [f"增加{annex}：", *quoted([*whole(self.new, block), *texts])]
            return
        assert isinstance(block, Provision)  # a table has no clauses inside
        articles = self.new.document.numbering == "articles"
        heading = self.new.typed_label(block) + "　" * articles + self.new.line(block.id, block.heading)
        word = _GROUPS[block.level] if articles else "部分"
        yield [f"增加一{word}，作为{change.new_name}：", *quoted([heading, *texts])]

    def _has(self, change: Change, before: str, after: str) -> bool:
        """Whether a name is replaced in a clause, alone or beside other words."""
        if (before, after) in change.names:
            return True
        if change.kind not in ("modified", "moved_modified"):
            return False
        kept = (line for line in change.lines if line.side == "=" and before in line.old and after in line.new)
        return any(renames.gone(((before, after),), line.new) for line in kept)

    def _change(self, change: Change) -> Iterator[Item]:
        block = (change.new or change.old)[0]
        if isinstance(block, Table):
            yield from self._table(change)
        elif block.level in _GROUPS:
            yield self._group(change, block)
        elif change.kind == "added":
            measure, name = self._measure(block), change.new_name
            lead = f"增加一{measure}，作为{name}：" if name.startswith("第") else f"增加一{measure}："
            yield [lead, *quoted(whole(self.new, block))]
        elif change.kind == "deleted":
            yield [f"删去{change.old_name}。"]
        elif change.kind == "moved":
            moved = change.old_name.startswith("第") and change.old_name != change.new_name
            yield [f"{_renumbered(change)}。" if moved else f"调整{change.old_name}的位置。"]
        elif change.kind in ("split", "joined"):
            verb = "分为" if change.kind == "split" else "合并为"
            order = {unit.block.id: index for index, unit in enumerate(self.new.units)}
            clauses = sorted(change.new, key=lambda clause: order[clause.id])
            texts = [line for clause in clauses for line in whole(self.new, clause)]
            yield [f"将{change.old_name}{verb}{change.new_name}，修改为：", *quoted(texts)]
        else:
            yield from self._modified(change)

    def _measure(self, block: Provision) -> str:
        if block.level == "article":
            return "条" if self.new.document.numbering == "articles" else "项"
        if self.new.document.numbering == "none" or not self.new.cite(block).startswith("第"):
            return "段"
        return _UNITS.get(block.level, "项")

    def _group(self, change: Change, block: Provision) -> Item:
        word = _GROUPS[block.level] if self.new.document.numbering == "articles" else "部分"
        heading = inner(self.new.line(block.id, block.heading))
        if change.kind == "added":
            return [f"增加一{word}，作为{change.new_name}，名称为“{heading}”。"]
        if change.kind == "deleted":
            return [f"删去{change.old_name}的名称。"]
        if change.kind == "moved":
            return [f"{change.old_name}改为{change.new_name}。"]
        lead = change.old_name if change.old_name == change.new_name else f"{change.old_name}改为{change.new_name}，其"
        return [f"{lead}名称修改为“{heading}”。"]

    # -- a clause that was reworded

    def _modified(self, change: Change) -> Iterator[Item]:
        amended = Amended(change, self.names)
        moved = change.old_name != change.new_name and change.old_name.startswith("第")
        lead = f"{_renumbered(change)}，" if moved else ""
        if words := amended.words(lead):
            yield [f"{lead}{words}。"]
            return
        changed = amended.changed()
        if not changed:
            self.adjusted |= amended.follows
            return
        if len(changed) == 1 and all(isinstance(block, Table) for block in changed[0]):
            self.adjusted |= amended.follows
            yield from self._rows(amended, changed[0], f"{lead}其中" if lead else change.old_name)
            return
        if row := amended.in_a_row():
            self.adjusted |= amended.follows
            yield self._several(row, lead)
            return
        inserted = any(before is None for before, _ in changed)
        few = len(changed) <= (1 if moved or inserted else 2) and len(amended.pairs) > 2
        if not few or not all(map(amended.citable, changed)):
            yield [f"{lead or change.old_name}修改为：", *quoted(whole(self.new, change.new[0]))]
            return
        self.adjusted |= amended.follows
        for before, after in changed:
            assert not isinstance(before, Table) and not isinstance(after, Table)  # a table is not citable
            yield self._one_line(before, after, lead)

    def _several(self, row: Row, lead: str) -> Item:
        """Return one item on several 款 or 项 that come, or go, one after the other."""
        side = self.new if row.came else self.old
        names = [within(side.cite(block)) if lead else side.cite(block) for block in row.blocks]
        home = names[0].rpartition("第")[0]
        named = "、".join(name.removeprefix(home) for name in names)
        if not row.came:
            return [f"{lead}删去{home}{named}。"]
        texts = [side.typed_label(block) + side.line(block.id, block.content) for block in row.blocks]
        count = f"{chinese_numeral(len(texts))}{self._measure(row.blocks[0])}"
        return [f"{lead}{home}增加{count}，作为{named}：", *quoted(texts)]

    def _one_line(self, before: Provision | None, after: Provision | None, lead: str) -> Item:
        """Return the item on one 款 or 项. ``lead``: the clause that its article has another number now."""

        def cited(side: Side, block: Provision) -> str:
            return within(side.cite(block)) if lead else side.cite(block)

        old = cited(self.old, before) if before is not None else ""
        if after is None:
            return [f"{lead}删去{old}。"]
        text_ = quoted([self.new.typed_label(after) + self.new.line(after.id, after.content)])
        if before is None:
            home, mark, own = cited(self.new, after).rpartition("第")
            return [f"{lead}{home}增加一{self._measure(after)}，作为{mark}{own}：", *text_]
        was, now = _last(old), _last(cited(self.new, after))
        number = f"改为{now[1]}，" if was[0] == now[0] and was != now else ""
        return [f"{lead}{old}{number}修改为：", *text_]

    # -- tables

    def _table(self, change: Change) -> Iterator[Item]:
        if not change.old:
            table = change.new[0]
            assert isinstance(table, Table)
            yield [f"增加{change.new_name}：", *quoted(rows_of(self.new, table))]
        elif not change.new:
            yield [f"删去{change.old_name}。"]
        elif change.kind == "moved":
            yield [f"调整{change.new_name}的位置。"]
        else:
            amended = Amended(change, self.names)
            yield from self._rows(amended, (amended.before, amended.after), "")

    def _rows(self, amended: Amended, tables: BlockPair, where: str) -> Iterator[Item]:
        """Yield the item on the rows of a table that changed. ``where``: the article that it stands in."""
        before, after = tables
        assert isinstance(before, Table) and isinstance(after, Table)
        name = f"{where}的表" if where and not before.caption else f"{where}{self.old.cite(before)}"
        if not same_frame(before, after):
            yield [f"{name}修改为：", *quoted(rows_of(self.new, after))]
            return
        rows = amended.rows(before, after)
        if len(rows) == 1:
            yield [f"{name}中，{rows[0]}。"]
        elif rows:
            yield [f"对{name}作如下修改：", *(f"{row}；" for row in rows[:-1]), f"{rows[-1]}。"]


def _last(cited: str) -> tuple[str, str]:
    """Return a citation without its last part, and that part: 第二条, 第三项."""
    home, mark, own = cited.rpartition("第")
    return home, mark + own


def _renumbered(change: Change) -> str:
    """Return the words on a clause that has another number now; of the text below a heading, the heading has it."""
    return f"{change.old_name.removesuffix('正文')}改为{change.new_name.removesuffix('正文')}"


def _inside(side: Side, group: Block) -> list[Block]:
    """Return the clauses of a group; of an annex, which a paragraph begins, all up to the next one or a group."""
    after = dropwhile(lambda unit: unit.block.id != group.id, side.units)
    is_annex = isinstance(group, Provision) and group.level == "paragraph"

    def goes_on(unit: Unit) -> bool:
        begins = is_annex and (
            unit.level == "article" or unit.level == "paragraph" and annex_name(side.text(unit.block))
        )
        return not (unit.is_group or begins)

    return [unit.block for unit in takewhile(goes_on, islice(after, 1, None))]


def whole(side: Side, block: Block) -> list[str]:
    """Return a clause as it is quoted: its label and a line for each paragraph."""
    out: list[str] = []
    lead = ""
    for line in lines(block):
        part = line.block
        if isinstance(part, Table):
            out.extend(rows_of(side, part))
        elif part.level == "article" and side.document.numbering == "articles":
            lead = side.typed_label(part) + "　"
        else:
            out.append(f"{lead}{side.typed_label(part)}{side.line(part.id, part.content or part.heading)}")
            lead = ""
    return out or [lead]
