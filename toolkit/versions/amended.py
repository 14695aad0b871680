"""Words the amendment of one reworded clause: its words, lines or rows, without what a new name or number explains.

Used by :mod:`toolkit.versions.amendment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


def inner(text: str) -> str:
    """Return a text as it is quoted: its own quotation marks become inner ones."""
    return text.translate(_INNER)


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

    def words(self, where: str) -> str:
        """Return the wording of replaced words in a clause, “” if that would not be clear or lines come and go.

        ``where``: how the clause is named: 将第三条中的“A”修改为“B”，删去“C”，在“D”后增加“E”.
        """
        if any(before is None or after is None for before, after in self.pairs):
            return ""
        replaced = [
            found for before, after in self.pairs if before and after for found in self._replaced(before, after)
        ]
        if not 0 < len(replaced) <= _FEW or not all(self._clear(*found) for found in replaced):
            return ""
        out: list[str] = []
        for gone, came, left in (map(inner, found) for found in replaced):
            here = "" if out else f"{where}中的"
            if not came:
                out.append(f"删去{here}“{gone}”")
            elif not gone:
                out.append(f"在{here}“{left}”后增加“{came}”")
            else:
                out.append(f"{'' if out else '将'}{here}“{gone}”修改为“{came}”")
        return "，".join(out)

    def changed(self) -> list[BlockPair]:
        """Return the lines that a decision has to name."""
        return [
            (old.block if old else None, new.block if new else None)
            for old, new in self.pairs
            if old is None or new is None or self._replaced(old, new)
        ]

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

    def _replaced(self, before: UnitLine, after: UnitLine) -> list[tuple[str, str, str]]:
        """Return the replaced words of two lines: old words, new words, the words before them."""
        first, second = before.block, after.block
        if isinstance(first, Table) or isinstance(second, Table):
            old, new = (
                "\n".join(rows_of(side, block)) if isinstance(block, Table) else ""
                for side, block in ((self.old, first), (self.new, second))
            )
            return [] if old == new else [(old, new, "")]
        content = first.heading or first.content, second.heading or second.content
        return self._words(pieces(self.old, self.new, (first.id, second.id), *content))

    def _words(self, found: Iterable[ViewPiece]) -> list[tuple[str, str, str]]:
        """Return the replaced words of pieces, with the new names and numbers on both sides."""
        parts = list(found)
        before = "".join(part.new if part.op in "r=" else part.old for part in parts)
        after = "".join(part.new for part in parts)
        return words.replaced_in(renames.applied(before, renames.gone(self.names, after)), after)

    def _clear(self, gone: str, came: str, left: str) -> bool:
        """Whether a sentence on words is clear: they are short, and their mark is in the old clause once."""
        if max(len(gone), len(came)) > _SHORT or "\n" in gone + came:
            return False
        mark = gone or left
        return len(words.letters(mark)) > 1 and self.old.text(self.before).count(mark) == 1

    # -- tables

    def rows(self) -> list[str]:
        """Return the wording of the rows of two paired tables that changed."""
        before, after = self.before, self.after
        assert isinstance(before, Table) and isinstance(after, Table)
        if not align.same_frame(before, after):
            return ["修改为：" + "；".join(rows_of(self.new, after))]
        out: list[str] = []
        pairs = align.pair_rows(self.old, self.new, before, after)
        for a, b in _aligned(pairs, len(before.rows), len(after.rows)):
            if a is not None and b is not None:
                out.extend(self._cells(before, after, a, b))
            elif a is not None:
                out.append(f"删去{_row_name(self.old, before, a)}")
            elif b is not None:
                name = _row_name(self.new, after, b)
                out.append(f"增加一行，作为{name}：“{inner(_row(self.new, after, b))}”")
        return out

    def _cells(self, before: Table, after: Table, a: int, b: int) -> list[str]:
        """Return the wording of one row: of its cells that changed, or of the whole row."""
        counted = self.old.counted(before) and self.new.counted(after)
        old_cells, new_cells = before.rows[a].cells, after.rows[b].cells
        changed: list[tuple[int, str, str]] = []
        for column in range(int(counted), len(old_cells)):
            lines = zip(old_cells[column].content, new_cells[column].content, strict=True)
            if any(self._words(pieces(self.old, self.new, (before.id, after.id), *pair)) for pair in lines):
                changed.append(
                    (column, inner(self.old.cell(before, a, column)), inner(self.new.cell(after, b, column)))
                )
        name = _row_name(self.old, before, a)
        head = self.old.head_rows(before) - 1
        heads = (
            [self.old.cell(before, head, column) for column in range(len(before.rows[head].cells))] if head >= 0 else []
        )
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
