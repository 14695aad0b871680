"""The decision that makes the new text of the old one, worded as published decisions are (norms 2.4).

Quoted text of several paragraphs opens “ at every paragraph and closes ” at the last only; inner quotation marks are ‘ ’.
Old clauses are cited by their old numbers, new ones by their new numbers. Names that run through the text and numbers that
only follow are said once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.compare import Change, Comparison, renames
from toolkit.compare.comparable import Side, lines
from toolkit.language.periods import chinese_numeral, print_date
from toolkit.model.tree import Block, Document, Provision, Table, Text
from toolkit.numbering.citations import book_title
from toolkit.versions.amended import Amended, rows_of
from toolkit.versions.sets import DocumentPair, SetComparison

_INNER = str.maketrans("“”‘’", "‘’“”")
_GROUPS = {"part": "编", "chapter": "章", "section": "节"}
_UNITS = {"paragraph": "款", "item": "项", "subitem": "目"}
#: Parts of the head that no decision words.
_UNSAID = ("题注", "成文日期", "发文字号", "印发日期", "页眉", "页脚", "页面设置")
#: So many clauses with a name are listed; of more it is said that they are.
_LISTED = 6
Item = list[str]


def text(comparison: SetComparison, date: str = "", delete: str = "删去") -> str:
    """Return the decisions on all documents that differ. ``delete``: 删去 (statutes) or 删除 (interpretations)."""
    found = _decisions(comparison, date, delete)
    return "\n\n".join("\n".join([one[0], "", *one[1]]) for one in found) + "\n" if found else "两个版本没有不同。\n"


def document(comparison: SetComparison, date: str = "", delete: str = "删去") -> Document:
    """Return the decisions as one document of the tree."""
    found = _decisions(comparison, date, delete)
    title = found[0][0] if found else "没有修改"
    body: list[Block] = []
    for place, (name, paragraphs) in enumerate(found):
        lines_ = tuple(
            Provision("paragraph", f"p_{place}_{at}", content=(Text(line),)) for at, line in enumerate(paragraphs)
        )
        body += [Provision("chapter", f"d_{place}", heading=(Text(name),), children=lines_)] if place else lines_
    return Document("amendment", 0, title, "修改决定", "notice", "regulation", "none", tuple(body))


def _decisions(comparison: SetComparison, date: str, delete: str) -> list[tuple[str, list[str]]]:
    found = [decision(pair, date, delete) for pair in comparison.of("changed")]
    return [one for one in found if one is not None]


def decision(pair: DocumentPair, date: str = "", delete: str = "删去") -> tuple[str, list[str]] | None:
    """Return title and paragraphs of the decision on one document, None where nothing has to be decided.

    So it is where only dates, the frame, or what the document encloses differ.
    """
    old = pair.old.document.title if pair.old else pair.source.document.title
    items: list[Item] = []
    shifted = referred = False
    for part in pair.parts:
        items.extend(_Writer(part, delete).items())
        shifted |= any(map(_shifts, part.changes))
        referred |= bool(part.references)
    if not items and not shifted and not referred:
        return None
    issuer = pair.source.document.issuer or "经研究，"
    out = [f"{issuer}决定对{book_title(old)}作如下修改："]
    if not items and not shifted:
        out, referred = [f"{issuer}决定对{book_title(old)}引用的条文序号作相应修改。"], False
    for number, item in enumerate(items, 1):
        out.append(f"{chinese_numeral(number)}、{item[0]}")
        out.extend(item[1:])
    if shifted:
        out.append("条文顺序作相应调整" + ("，引用的条文序号作相应修改。" if referred else "。"))
    elif referred:
        out.append("引用的条文序号作相应修改。")
    day = print_date(date) if date else "　　年　月　日"
    out.append(f"{book_title(old)}根据本决定作相应修改，重新公布。")
    out.append(f"本决定自{day}起施行。")
    return f"关于修改{book_title(old)}的决定", out


def _shifts(change: Change) -> bool:
    """Whether a clause, or an item of it, has another number now."""
    if not change.old or not change.new:
        return False
    if change.old_name != change.new_name and change.new_name.startswith("第"):
        return True
    return change.kind == "modified" and any(
        line.old_label != line.new_label for line in change.lines if line.side == "="
    )


def quoted(paragraphs: list[str]) -> list[str]:
    """Return quoted paragraphs: “ before each, ” after the last."""
    inner = [line.translate(_INNER) for line in paragraphs if line] or [""]
    return [f"“{line}" for line in inner[:-1]] + [f"“{inner[-1]}”"]


class _Writer:
    """Words the changes of one document."""

    def __init__(self, part: Comparison, delete: str) -> None:
        self.part = part
        self.old, self.new = part.old, part.new
        self.delete = delete
        self.names = self._names()

    def items(self) -> Iterator[Item]:
        """Yield the items of the decision; the first line of each follows its number."""
        for head in self.part.head:
            if head.what == "标题" and not head.renamed:
                yield [f"将名称修改为{book_title(head.after)}。"]
            elif head.what not in (*_UNSAID, "标题") and not head.renamed:
                yield (
                    [f"将{head.what}修改为：", *quoted([head.after])] if head.after else [f"{self.delete}{head.what}。"]
                )
        said: set[str] = set()
        for change in self.part.changes:
            if change.kind not in ("renamed", "renumbered") and change.id not in said:
                yield from self._with_group(change, said)
        for before, after in self.names:
            yield self._renamed(before, after)

    def _names(self) -> renames.Renames:
        """Return the names that are replaced in clauses of which nothing else is said, or in what is left of others."""
        used = dict.fromkeys(name for change in self.part.changes for name in change.names)
        return tuple(sorted(used, key=lambda pair: (-len(pair[0]), pair)))

    def _renamed(self, before: str, after: str) -> Item:
        """Return the item on a name: the clauses that have it if they are few."""
        cited = [change.old_name for change in self.part.changes if self._has(change, before, after)]
        lead = (
            "、".join(cited) if len(cited) <= _LISTED and all(name.startswith("第") for name in cited) else "有关条文"
        )
        titled = any(head.renamed and head.what == "标题" and before in head.before for head in self.part.head)
        lead = f"{'名称和' if titled else ''}{lead}"
        whole = "统一" if lead.endswith("有关条文") else ""
        return [f"将{lead}中的“{before.translate(_INNER)}”{whole}修改为“{after.translate(_INNER)}”。"]

    def _with_group(self, change: Change, said: set[str]) -> Iterator[Item]:
        """Yield the items on a change; a group that goes or comes with all that is in it is one item, noted in ``said``."""
        block = (change.new or change.old)[0]
        gone = change.kind == "deleted"
        whole_group = change.kind in ("added", "deleted") and isinstance(block, Provision) and block.level in _GROUPS
        inside = _inside(self.old if gone else self.new, block) if whole_group else []
        same = {one.id for one in self.part.changes if one.kind == change.kind}
        outline = self.new.document.numbering == "outline"
        if not inside or not all(one.id in same for one in inside) or not (gone or outline):
            yield from self._change(change)
            return
        said |= {one.id for one in inside}
        if gone:
            yield [f"{self.delete}{change.old_name}。"]
        else:
            lines_ = [line for one in (block, *inside) for line in whole(self.new, one)]
            yield [f"增加一部分，作为{change.new_name}：", *quoted(lines_)]

    def _has(self, change: Change, before: str, after: str) -> bool:
        """Whether a name is replaced in a clause, alone or beside other words."""
        if (before, after) in change.names:
            return True
        if change.kind not in ("modified", "moved_modified"):
            return False
        lines = [line for line in change.lines if line.side == "="]
        return any(
            before in line.old and renames.gone(((before, after),), line.new) and after in line.new for line in lines
        )

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
            yield [f"{self.delete}{change.old_name}。"]
        elif change.kind == "moved":
            moved = change.old_name.startswith("第") and change.old_name != change.new_name
            yield [f"{change.old_name}改为{change.new_name}。" if moved else f"调整{change.old_name}的位置。"]
        elif change.kind in ("split", "joined"):
            verb = "分为" if change.kind == "split" else "合并为"
            text_ = [line for one in change.new for line in whole(self.new, one)]
            yield [f"将{change.old_name}{verb}{change.new_name}，修改为：", *quoted(text_)]
        else:
            yield from self._modified(change)

    def _measure(self, block: Provision) -> str:
        if block.level == "article":
            return "条" if self.new.document.numbering == "articles" else "项"
        if self.new.document.numbering == "none" or not self.new.cite(block).startswith("第"):
            return "段"
        return _UNITS.get(block.level, "项")

    def _group(self, change: Change, block: Provision) -> Item:
        word = _GROUPS[block.level]
        if self.part.new.document.numbering != "articles":
            word = "部分"
        heading = self.new.line(block.id, block.heading).translate(_INNER)
        if change.kind == "added":
            return [f"增加一{word}，作为{change.new_name}，名称为“{heading}”。"]
        if change.kind == "deleted":
            return [f"{self.delete}{change.old_name}的名称。"]
        lead = change.old_name if change.old_name == change.new_name else f"{change.old_name}改为{change.new_name}，其"
        if change.kind == "moved":
            return [f"{change.old_name}改为{change.new_name}。"]
        return [f"{lead}名称修改为“{heading}”。"]

    # -- a clause that was reworded

    def _modified(self, change: Change) -> Iterator[Item]:
        found = Amended(change, self.names)
        shown = change.old_name
        moved = change.old_name != change.new_name and change.old_name.startswith("第")
        lead = f"{shown}改为{change.new_name}，" if moved else ""
        words = found.words("其" if moved else shown, self.delete)
        if words:
            yield [f"{lead}{words}。"]
            return
        changed = found.changed()
        if not changed:
            return
        inserted = any(one is None for one, _ in changed)
        few = len(changed) <= (1 if moved or inserted else 2) and found.count > 2
        if few and all(found.citable(pair) for pair in changed):
            for one, other in changed:
                assert not isinstance(one, Table) and not isinstance(other, Table)  # a table is not citable
                yield self._one_line(one, other, lead)
            return
        yield [f"{lead or shown}修改为：", *quoted(whole(self.new, change.new[0]))]

    def _one_line(self, one: Provision | None, other: Provision | None, lead: str) -> Item:
        """Return the item on one 款 or 项. ``lead`` tells that its article has another number now."""

        def cited(side: Side, block: Provision) -> str:
            name = side.cite(block)
            return name[name.index("条") + 1 :] or name if lead and "条" in name else name

        if other is None:
            assert one is not None
            return [f"{lead}{self.delete}{cited(self.old, one)}。"]
        said = quoted([self.new.label(other) + self.new.line(other.id, other.content)])
        name = cited(self.new, other)
        if one is None:
            home, own = name[: name.rindex("第")], name[name.rindex("第") :]
            return [f"{lead}{home}增加一{self._measure(other)}，作为{own}：", *said]
        return [f"{lead}{cited(self.old, one)}修改为：", *said]

    # -- tables

    def _table(self, change: Change) -> Iterator[Item]:
        if not change.old:
            table = change.new[0]
            assert isinstance(table, Table)
            yield [f"增加{change.new_name}：", *quoted(rows_of(self.new, table))]
        elif not change.new:
            yield [f"{self.delete}{change.old_name}。"]
        elif change.kind == "moved":
            yield [f"调整{change.new_name}的位置。"]
        else:
            out = Amended(change, self.names).rows(self.delete)
            if len(out) == 1:
                yield [f"{change.old_name}中，{out[0]}。"]
            elif out:
                yield [
                    f"对{change.old_name}作如下修改：",
                    *(f"{one}{'。' if at == len(out) - 1 else '；'}" for at, one in enumerate(out)),
                ]


def _inside(side: Side, group: Block) -> list[Block]:
    """Return the units that stand in a group."""
    found: list[Block] = []
    reached = False
    for unit in side.units:
        if reached and unit.is_group:
            break
        if reached:
            found.append(unit.block)
        reached = reached or unit.block.id == group.id
    return found


def whole(side: Side, block: Block) -> list[str]:
    """Return a clause as it is quoted: its label and a line for each paragraph."""
    out: list[str] = []
    lead = ""
    for line in lines(block):
        one = line.block
        label = side.label(one)
        if isinstance(one, Table):
            out.extend(rows_of(side, one))
            continue
        if one.level == "article" and side.document.numbering == "articles":
            lead = label + "　"
            continue
        out.append(f"{lead}{label}{side.line(one.id, one.content or one.heading)}")
        lead = ""
    return out or [lead]
