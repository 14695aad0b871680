"""Words the amendment of one reworded clause: its words, lines or rows, without changes that a new name or number explains.

Used by :mod:`toolkit.versions.amendment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from toolkit.compare import Change, align, renames, words
from toolkit.compare.comparable import Side, UnitLine
from toolkit.compare.view import CELL, ViewPiece, pieces, read_lines
from toolkit.model.tree import Block, Provision, Table

_INNER = str.maketrans("“”‘’", "‘’“”")
_CITABLE = ("paragraph", "item", "subitem")
#: A replacement of words is worded as such only if it is short, and if there are few in a clause.
_SHORT, _FEW = 40, 2
#: Cells of a row that changed are worded one by one if they are few.
_CELLS = 2
#: A line of the old and of the new clause; None where there is none.
LinePair = tuple[UnitLine | None, UnitLine | None]
BlockPair = tuple[Block | None, Block | None]
#: Old words, new words, and the words before them.
Replaced = list[tuple[str, str, str]]


def inner(text: str) -> str:
    """Return a text as it is quoted: its own quotation marks become inner ones."""
    return text.translate(_INNER)


class Row(NamedTuple):
    """款 or 项 of one place, one after the other, that ``came`` or went."""

    came: bool
    blocks: list[Provision]


def within(cited: str) -> str:
    """Return how a part of an article is cited where the article was just named: 第二款第一项."""
    return cited[cited.index("条") + 1 :] or cited if "条" in cited else cited


class Amended:
    """The lines of a clause on both sides, and those that a decision has to name."""

    def __init__(self, change: Change, names: renames.Renames) -> None:
        self.old, self.new = change.sides
        self.before, self.after = change.old[0], change.new[0]
        self.names = names
        first, second = read_lines(self.before), read_lines(self.after)
        #: The lines of both sides, paired or alone, in order; the line of an article without words is not counted.
        self.pairs: list[LinePair] = [
            (first[a] if a is not None else None, second[b] if b is not None else None)
            for a, b in _aligned(align.pair_lines(self.old, self.new, first, second), len(first), len(second))
        ]

    def words(self, lead: str) -> str:
        """Return the wording of replaced words in a clause, “” if that would not be clear or lines come and go.

        Each 款 and 项 is cited: 将第三条第二项中的“A”修改为“B”，删去“C”，在“D”后增加“E”. ``lead`` says that the clause has
        another number now; behind it only what stands inside the clause is cited.
        """
        if any(before is None or after is None for before, after in self.pairs):
            return ""
        replaced = [
            (before, found)
            for before, after in self.pairs
            if before and after
            for found in self._replaced(before, after)
        ]
        if not 0 < len(replaced) <= _FEW or not all(self._clear(line.block, *found) for line, found in replaced):
            return ""
        out: list[str] = []
        where = ""
        for line, found in replaced:
            gone, came, left = map(inner, found)
            named = self._name(line.block, lead)
            here = f"{named}中的" if named != where else ""
            if not came:
                out.append(f"删去{here}“{gone}”")
            elif not gone:
                out.append(f"在{here}“{left}”后增加“{came}”")
            else:
                out.append(f"{'将' if here else ''}{here}“{gone}”修改为“{came}”")
            where = named
        return "，".join(out)

    def _own(self, block: Block) -> Block:
        """Return the 款, 项 or 目 that is cited for a line of the old clause: itself, or the clause where it has no number."""
        cited = self.old.cite(block)
        is_own = isinstance(block, Provision) and block.level in _CITABLE and cited.startswith("第")
        return block if is_own and cited != self.old.cite(self.before) else self.before

    def _name(self, block: Block, lead: str) -> str:
        own = self._own(block)
        if own is self.before:
            return "其" if lead else self.old.cite(own)
        return within(self.old.cite(own)) if lead else self.old.cite(own)

    def changed(self) -> list[BlockPair]:
        """Return the lines that a decision has to name; not those of which only punctuation follows the others."""
        return [
            (old.block if old else None, new.block if new else None)
            for old, new in self.pairs
            if old is None or new is None or not self._is_even(old, new)
        ]

    @property
    def follows(self) -> bool:
        """Whether only punctuation differs in a line of the clause: an item is the last one no more."""
        both = [(old, new) for old, new in self.pairs if old is not None and new is not None]
        return any(self._is_even(*pair) and self._replaced(*pair) for pair in both)

    def _is_even(self, before: UnitLine, after: UnitLine) -> bool:
        """Whether two lines differ in punctuation at most."""
        old, new = map(words.letters, self._texts(before, after))
        return old == new

    def in_a_row(self) -> Row | None:
        """Return the lines that come, or go, if they are several of one level and place, one after the other, and all."""
        changed = self.changed()
        came = all(before is None for before, _ in changed)
        if len(changed) < 2 or not (came or all(after is None for _, after in changed)):
            return None
        blocks = [block for pair in changed for block in pair if isinstance(block, Provision)]
        kept = [(old.block if old else None, new.block if new else None) for old, new in self.pairs]
        together = kept.index(changed[-1]) - kept.index(changed[0]) + 1 == len(changed) < len(kept)
        if not together or len({block.level for block in blocks}) > 1 or not all(map(self.citable, changed)):
            return None
        side = self.new if came else self.old
        homes = {side.cite(block).rpartition("第")[0] for block in blocks}
        return Row(came, blocks) if len(homes) == 1 else None

    def citable(self, pair: BlockPair) -> bool:
        """Whether both are 款, 项 or 目 with a number of their own to cite; the only 款 of an article has none."""
        for side, block, clause in ((self.old, pair[0], self.before), (self.new, pair[1], self.after)):
            if block is None:
                continue
            cited = side.cite(block)
            if not isinstance(block, Provision) or block.level not in _CITABLE or not cited.startswith("第"):
                return False
            if cited == side.cite(clause):
                return False
        return True

    def _replaced(self, before: UnitLine, after: UnitLine) -> Replaced:
        """Return the replaced words of two lines: old words, new words, the words before them."""
        old, new = self._texts(before, after)
        if isinstance(before.block, Table) or isinstance(after.block, Table):
            return [] if old == new else [(old, new, "")]
        return words.replaced_in(old, new)

    def _texts(self, before: UnitLine, after: UnitLine) -> tuple[str, str]:
        """Return the texts of two lines, with the new names and numbers on both sides; rows of tables are lines."""
        first, second = before.block, after.block
        if isinstance(first, Table) or isinstance(second, Table):
            sides = (self.old, first), (self.new, second)
            old, new = ("\n".join(rows_of(side, block)) if isinstance(block, Table) else "" for side, block in sides)
            return old, new
        content = first.heading or first.content, second.heading or second.content
        return self._with_new_names(pieces(self.old, self.new, (first.id, second.id), *content))

    def _with_new_names(self, found: Iterable[ViewPiece]) -> tuple[str, str]:
        """Return both texts of pieces, with the new names and numbers on both sides."""
        parts = list(found)
        before = "".join(part.new if part.op in "r=" else part.old for part in parts)
        after = "".join(part.new for part in parts)
        return renames.applied(before, renames.gone(self.names, after)), after

    def _clear(self, block: Block, gone: str, came: str, left: str) -> bool:
        """Whether a sentence on words is clear: they are short, and their mark is once in what is cited of the old clause."""
        if max(len(gone), len(came)) > _SHORT or "\n" in gone + came:
            return False
        mark = gone or left
        return len(words.letters(mark)) > 1 and self.old.text(self._own(block)).count(mark) == 1

    # -- tables

    def rows(self, before: Table, after: Table) -> list[str]:
        """Return the wording of the rows that changed of two tables of one frame."""
        out: list[str] = []
        gone = ""
        pairs = align.pair_rows(self.old, self.new, before, after)
        for a, b in _aligned(pairs, len(before.rows), len(after.rows)):
            if a is not None and b is not None:
                out.extend(self._cells(before, after, a, b))
                gone = ""
            elif a is not None:
                gone = _row_name(self.old, before, a)
                out.append(f"删去{gone}")
            elif b is not None:
                name, row = _row_name(self.new, after, b), inner(_row(self.new, after, b))
                if gone == name:  # the row in its place reads quite differently, or its cells have other lines
                    out[-1] = f"{name}修改为“{row}”"
                else:
                    out.append(f"增加一行，作为{name}：“{row}”")
                gone = ""
        return out

    def _cells(self, before: Table, after: Table, a: int, b: int) -> list[str]:
        """Return the wording of one row: of its cells that changed, or of the whole row."""
        counted = self.old.counted(before) and self.new.counted(after)
        old_cells, new_cells = before.rows[a].cells, after.rows[b].cells
        changed: list[tuple[int, str, str]] = []
        for column in range(int(counted), len(old_cells)):
            lines = zip(old_cells[column].content, new_cells[column].content, strict=True)
            texts = (self._with_new_names(pieces(self.old, self.new, (before.id, after.id), *pair)) for pair in lines)
            if any(old != new for old, new in texts):
                changed.append(
                    (column, inner(self.old.cell(before, a, column)), inner(self.new.cell(after, b, column)))
                )
        name = _row_name(self.old, before, a)
        heads = self._heads(before, after) if a else []
        if changed and (len(changed) > _CELLS or len(heads) != len(old_cells)):
            return [f"{name}修改为“{inner(_row(self.new, after, b))}”"]
        out = []
        for column, gone, came in changed:
            cell = name + (f"“{inner(heads[column])}”一栏" if heads[column] else f"第{column + 1}栏")
            if gone and came:
                out.append(f"将{cell}中的“{gone}”修改为“{came}”")
            else:
                out.append(f"在{cell}中填入“{came}”" if came else f"删去{cell}中的“{gone}”")
        return out

    def _heads(self, before: Table, after: Table) -> list[str]:
        """Return the names of the columns: of the last head row, else of a first row that is the same on both sides."""
        head = self.old.head_rows(before) - 1
        if head >= 0:
            return [self.old.cell(before, head, column) for column in range(len(before.rows[head].cells))]
        first, second = (
            [side.cell(table, 0, column) for column in range(len(table.rows[0].cells))]
            for side, table in ((self.old, before), (self.new, after))
        )
        return first if first == second and all(first) else []


def _row_name(side: Side, table: Table, index: int) -> str:
    """Return the name of a row: its number, else its first cell, else its position."""
    first = side.cell(table, index, 0) if table.rows[index].cells else ""
    if index >= side.head_rows(table) and first and side.counted(table):
        return f"序号{first}一行"
    named = [side.cell(table, number, 0) for number, row in enumerate(table.rows) if row.cells]
    if first and named.count(first) == 1 and len(first) <= _SHORT:
        return f"“{inner(first)}”一行"
    return f"第{index + 1}行"


def _row(side: Side, table: Table, index: int) -> str:
    return CELL.join(side.cell(table, index, column) for column in range(len(table.rows[index].cells)))


def rows_of(side: Side, table: Table) -> list[str]:
    """Return a table as lines: its caption, a line for each row."""
    caption = [side.line(table.id, table.caption)] if table.caption else []
    return caption + [_row(side, table, index) for index in range(len(table.rows))]


def _aligned(pairs: Iterable[tuple[int, int]], before: int, after: int) -> Iterator[tuple[int | None, int | None]]:
    """Yield paired indices in order, and between them those without a partner; ``before``, ``after``: how many there are."""
    low = (-1, -1)
    for a, b in (*pairs, (before, after)):
        yield from ((index, None) for index in range(low[0] + 1, a))
        yield from ((None, index) for index in range(low[1] + 1, b))
        if a < before:
            yield a, b
        low = (a, b)
