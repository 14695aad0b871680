"""The decision that makes the new text of the old one, worded as published decisions are (norms 2.4).

Quoted text of several paragraphs opens “ at every paragraph and closes ” at the last only; inner quotation marks are ‘ ’.
Old clauses are cited by their old numbers, new ones by their new numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.citations import book_title
from toolkit.diff import Change, Comparison, align, words
from toolkit.diff.side import Side
from toolkit.diff.units import Line, lines
from toolkit.diff.view import CELL
from toolkit.model import Block, Document, Provision, Table, Text
from toolkit.review.sets import DocumentPair, SetComparison
from toolkit.units import chinese_numeral, print_date

_INNER = str.maketrans("“”‘’", "‘’“”")
_GROUPS = {"part": "编", "chapter": "章", "section": "节"}
_UNITS = {"paragraph": "款", "item": "项", "subitem": "目"}
#: A replacement of words is worded as such only if it is short against the clause.
_SHORT = 40
Item = list[str]


def text(comparison: SetComparison, date: str = "", delete: str = "删去") -> str:
    """Return the decisions on all documents that differ. ``delete``: 删去 (statutes) or 删除 (interpretations)."""
    found = [decision(pair, date, delete) for pair in comparison.of("changed")]
    return "\n\n".join("\n".join([one[0], "", *one[1]]) for one in found) + "\n" if found else "两个版本没有不同。\n"


def document(comparison: SetComparison, date: str = "", delete: str = "删去") -> Document:
    """Return the decisions as one document of the tree."""
    found = [decision(pair, date, delete) for pair in comparison.of("changed")]
    title = found[0][0] if found else "没有修改"
    body: list[Block] = []
    for place, (name, paragraphs) in enumerate(found):
        heads = [name] if place else []
        for line in [*heads, *paragraphs]:
            body.append(Provision("paragraph", f"p_{len(body)}", content=(Text(line),)))
    return Document("amendment", 0, title, "修改决定", "notice", "regulation", "none", tuple(body))


def decision(pair: DocumentPair, date: str = "", delete: str = "删去") -> tuple[str, list[str]]:
    """Return title and paragraphs of the decision on one document."""
    old = pair.old.document.title if pair.old else pair.source.document.title
    items: list[Item] = []
    shifted = referred = False
    for part in pair.parts:
        items.extend(_Writer(part, delete).items())
        shifted |= any(change.old_name != change.new_name and change.old and change.new for change in part.changes)
        referred |= bool(part.references)
    out = [f"决定对{book_title(old)}作如下修改："]
    for number, item in enumerate(items, 1):
        out.append(f"{chinese_numeral(number)}、{item[0]}")
        out.extend(item[1:])
    if shifted:
        out.append("条文顺序作相应调整" + ("，引用的条文序号作相应修改。" if referred else "。"))
    day = print_date(date) if date else "　　年　月　日"
    out.append(f"{book_title(old)}根据本决定作相应修改，重新公布。")
    out.append(f"本决定自{day}起施行。")
    return f"关于修改{book_title(old)}的决定", out


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

    def items(self) -> Iterator[Item]:
        """Yield the items of the decision; the first line of each follows its number."""
        for head in self.part.head:
            if head.what == "标题":
                yield [f"将名称修改为{book_title(head.after)}。"]
            elif head.what not in ("题注", "成文日期", "发文字号", "印发日期"):
                yield [f"将{head.what}修改为：", *quoted([head.after])] if head.after else [f"{self.delete}{head.what}。"]
        names = dict.fromkeys(name for change in self.part.changes for name in change.names)
        for before, after in names:
            yield [f"将有关条文中的“{before.translate(_INNER)}”统一修改为“{after.translate(_INNER)}”。"]
        for change in self.part.changes:
            if change.kind not in ("renamed", "renumbered"):
                yield from self._change(change)

    def _change(self, change: Change) -> Iterator[Item]:
        block = (change.new or change.old)[0]
        if isinstance(block, Table):
            yield from self._table(change)
        elif block.level in _GROUPS:
            yield self._group(change, block)
        elif change.kind == "added":
            yield [f"增加一{self._measure(block)}，作为{change.new_name}：", *quoted(self._whole(self.new, block))]
        elif change.kind == "deleted":
            yield [f"{self.delete}{change.old_name}。"]
        elif change.kind == "moved":
            yield [f"{change.old_name}改为{change.new_name}。"]
        elif change.kind in ("split", "joined"):
            verb = "分为" if change.kind == "split" else "合并为"
            text_ = [line for one in change.new for line in self._whole(self.new, one)]
            yield [f"将{change.old_name}{verb}{change.new_name}，修改为：", *quoted(text_)]
        else:
            yield from self._modified(change)

    def _measure(self, block: Provision) -> str:
        return "条" if block.level == "article" and self.new.document.numbering == "articles" else _UNITS.get(block.level, "项")

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
        return [f"{lead}名称修改为“{heading}”。" if lead.endswith("其") else f"{lead}名称修改为“{heading}”。"]

    # -- a clause that was reworded

    def _modified(self, change: Change) -> Iterator[Item]:
        before, after = change.old[0], change.new[0]
        lead = change.old_name
        renumbered = change.old_name != change.new_name
        if renumbered:
            lead = f"{change.old_name}改为{change.new_name}，"
        pairs = _line_pairs(self.old, self.new, before, after)
        places = [place for pair in pairs if pair[0] and pair[1] for place in self._replaced(*pair)]  # type: ignore[arg-type]
        alone = [pair for pair in pairs if pair[0] is None or pair[1] is None]
        if not alone and 0 < len(places) <= 2 and all(self._plain(*place, before) for place in places):
            said = "，".join(f"“{a.translate(_INNER)}”修改为“{b.translate(_INNER)}”" for a, b in places)
            yield [f"{lead}将其中的{said}。" if renumbered else f"将{lead}中的{said}。"]
            return
        changed = [pair for pair in pairs if pair in alone or self._replaced(*pair)]  # type: ignore[arg-type]
        if not renumbered and 0 < len(changed) <= 2 and len(pairs) > 2 and all(self._citable(pair) for pair in changed):
            yield from map(self._one_line, changed)
            return
        yield [f"{lead}修改为：", *quoted(self._whole(self.new, after))]

    def _replaced(self, one: Line, other: Line) -> list[tuple[str, str]]:
        first, second = (_text(side, line) for side, line in ((self.old, one), (self.new, other)))
        return words.replaced_words(first, second)

    def _plain(self, before: str, after: str, clause: Block) -> bool:
        """Whether “A”修改为“B” is clear: both short, and A only once in the clause."""
        if not before or not after or max(len(before), len(after)) > _SHORT:
            return False
        return self.old.text(clause).count(before) == 1 and len(words.letters(before)) > 0

    def _citable(self, pair: tuple[Line | None, Line | None]) -> bool:
        return all(
            line is None or (isinstance(line.block, Provision) and line.block.level in _UNITS) for line in pair
        )

    def _one_line(self, pair: tuple[Line | None, Line | None]) -> Item:
        one, other = pair
        if other is None:
            assert one is not None
            return [f"{self.delete}{self.old.cite(one.block)}。"]
        target, label = self.new.cite(other.block), self.new.label(other.block)
        said = quoted([label + _text(self.new, other)])
        assert isinstance(other.block, Provision)
        if one is None:
            return [f"增加一{_UNITS[other.block.level]}，作为{target}：", *said]
        return [f"{self.old.cite(one.block)}修改为：", *said]

    def _whole(self, side: Side, block: Block) -> list[str]:
        """Return a clause as it is quoted: its label and a line for each paragraph."""
        out: list[str] = []
        lead = ""
        for line in lines(block):
            label = side.label(line.block)
            if isinstance(line.block, Provision) and line.block.level == "article" and side.document.numbering == "articles":
                lead = label + "　"
                continue
            if isinstance(line.block, Table):
                out.extend(_rows(side, line.block))
                continue
            out.append(f"{lead}{label}{_text(side, line)}")
            lead = ""
        return out or [lead]

    # -- tables

    def _table(self, change: Change) -> Iterator[Item]:
        if not change.old:
            yield [f"增加{change.new_name}：", *quoted(_rows(self.new, change.new[0]))]  # type: ignore[arg-type]
        elif not change.new:
            yield [f"{self.delete}{change.old_name}。"]
        elif change.kind == "moved":
            yield [f"调整{change.new_name}的位置。"]
        else:
            shown = [line for line in change.lines if line.side != "=" or line.changed]
            out = []
            for line in shown:
                if line.side == "+":
                    out.append(f"增加一行：“{line.new.translate(_INNER)}”")
                elif line.side == "-":
                    out.append(f"{self.delete}“{line.old.translate(_INNER)}”一行")
                else:
                    out.append(f"将“{line.old.translate(_INNER)}”修改为“{line.new.translate(_INNER)}”")
            yield [f"对{change.old_name}作如下修改：", *(f"{one}{'。' if at == len(out) - 1 else '；'}" for at, one in enumerate(out))]


def _text(side: Side, line: Line) -> str:
    block = line.block
    if isinstance(block, Table):
        return "\n".join(_rows(side, block))
    return side.line(block.id, block.content or (() if side.document.numbering == "articles" and block.level == "article" else block.heading))


def _rows(side: Side, table: Table) -> list[str]:
    out = [side.line(table.id, table.caption)] if table.caption else []
    for row in table.rows:
        out.append(CELL.join(" ".join(side.line(table.id, line) for line in cell.content) for cell in row.cells))
    return out


def _line_pairs(old: Side, new: Side, before: Block, after: Block) -> list[tuple[Line | None, Line | None]]:
    """Return the lines of two clauses, paired or alone, in order."""
    first, second = list(lines(before)), list(lines(after))
    out: list[tuple[Line | None, Line | None]] = []
    low = (-1, -1)
    for a, b in [*align.pair_lines(old, new, first, second), (len(first), len(second))]:
        out += [(line, None) for line in first[low[0] + 1 : a]] + [(None, line) for line in second[low[1] + 1 : b]]
        if a < len(first):
            out.append((first[a], second[b]))
        low = (a, b)
    return out
