"""What a decision says of one clause that was reworded: words, lines or rows; what a name or a number explains is left out."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.compare import Change, align, renames, words
from toolkit.compare.comparable import Side, UnitLine
from toolkit.compare.view import CELL, ViewPiece, pieces, read_lines
from toolkit.model.tree import Block, Provision, Table

_INNER = str.maketrans("“”‘’", "‘’“”")
_CITABLE = ("paragraph", "item", "subitem")
#: A replacement of words is worded as such only if it is short, and if there are few in a clause.
_SHORT, _FEW = 40, 2
#: Cells of a row that changed are told one by one if they are few.
_CELLS = 2
Pair = tuple[UnitLine | None, UnitLine | None]


class Amended:
    """The lines of a clause on both sides, and which of them a decision has to speak of."""

    def __init__(self, change: Change, names: renames.Renames) -> None:
        self.old, self.new = change.sides
        self.before, self.after = change.old[0], change.new[0]
        self.names = names
        self.pairs = _line_pairs(self.old, self.new, self.before, self.after)

    @property
    def count(self) -> int:
        """How many lines there are on both sides, the one without words of an article not counted."""
        return len(self.pairs)

    def words(self, where: str, delete: str) -> str:
        """Return what is to be said of words in a clause, “” if that would not be clear or lines come and go.

        ``where``: how the clause is named: 将第三条中的“A”修改为“B”，删去“C”，在“D”后增加“E”.
        """
        if any(one is None or other is None for one, other in self.pairs):
            return ""
        found = [said for one, other in self.pairs if one and other for said in self._replaced(one, other)]
        if not 0 < len(found) <= _FEW or not all(self._clear(*said) for said in found):
            return ""
        out: list[str] = []
        for gone, came, left in found:
            here = "" if out else f"{where}中的"
            gone, came, left = (text.translate(_INNER) for text in (gone, came, left))
            if not came:
                out.append(f"{delete}{here}“{gone}”")
            elif not gone:
                out.append(f"在{here}“{left}”后增加“{came}”")
            else:
                out.append(f"将{here}“{gone}”修改为“{came}”" if not out else f"“{gone}”修改为“{came}”")
        return "，".join(out)

    def changed(self) -> list[tuple[Block | None, Block | None]]:
        """Return the lines that a decision has to speak of."""
        return [
            (old.block if old else None, new.block if new else None)
            for old, new in self.pairs
            if old is None or new is None or self._replaced(old, new)
        ]

    def citable(self, pair: tuple[Block | None, Block | None]) -> bool:
        """Whether both are 款, 项 or 目 that are cited by a number of their own; the only 款 of an article is not."""
        for side, block, clause in ((self.old, pair[0], self.before), (self.new, pair[1], self.after)):
            if block is None:
                continue
            cited = side.cite(block)
            if not isinstance(block, Provision) or block.level not in _CITABLE or not cited.startswith("第"):
                return False
            if cited == side.cite(clause):
                return False
        return True

    def _replaced(self, one: UnitLine, other: UnitLine) -> list[tuple[str, str, str]]:
        first, second = one.block, other.block
        if isinstance(first, Table) or isinstance(second, Table):
            before, after = (
                "\n".join(rows_of(side, block)) if isinstance(block, Table) else ""
                for side, block in ((self.old, first), (self.new, second))
            )
            return [] if before == after else [(before, after, "")]
        content = first.heading or first.content, second.heading or second.content
        return self._words(pieces(self.old, self.new, (first.id, second.id), *content))

    def _words(self, found: Iterable[ViewPiece]) -> list[tuple[str, str, str]]:
        """Return what becomes what and behind what, with the new names and numbers on both sides."""
        parts = list(found)
        before = "".join(part.new if part.op == "r" else part.old for part in parts)
        after = "".join(part.new for part in parts)
        return words.replaced_in(renames.applied(before, renames.gone(self.names, after)), after)

    def _clear(self, gone: str, came: str, left: str) -> bool:
        """Whether a sentence on words is clear: they are short, and what they are found by is in the old clause once."""
        if max(len(gone), len(came)) > _SHORT or "\n" in gone + came:
            return False
        mark = gone or left
        return len(words.letters(mark)) > 1 and self.old.text(self.before).count(mark) == 1

    # -- tables

    def rows(self, delete: str) -> list[str]:
        """Return what is to be said of the rows of two paired tables."""
        before, after = self.before, self.after
        assert isinstance(before, Table) and isinstance(after, Table)
        if not align.same_frame(before, after):
            return ["修改为：" + "；".join(rows_of(self.new, after))]
        out: list[str] = []
        low = (-1, -1)
        for a, b in [*align.pair_rows(self.old, self.new, before, after), (len(before.rows), len(after.rows))]:
            for place in range(low[0] + 1, a):
                out.append(f"{delete}{self._row_name(self.old, before, place)}")
            for place in range(low[1] + 1, b):
                name = self._row_name(self.new, after, place)
                out.append(f"增加一行，作为{name}：“{_row(self.new, after, place).translate(_INNER)}”")
            if a < len(before.rows):
                out.extend(self._cells(before, after, a, b))
            low = (a, b)
        return out

    def _cells(self, before: Table, after: Table, a: int, b: int) -> list[str]:
        """Return what is to be said of one row: its cells, or the whole of it."""
        heads = _heads(self.old, before)
        counted = self.old.counted(before) and self.new.counted(after)
        changed: list[tuple[int, str, str]] = []
        for place in range(int(counted), len(before.rows[a].cells)):
            gone, came = self.old.cell(before, a, place), self.new.cell(after, b, place)
            lines = zip(before.rows[a].cells[place].content, after.rows[b].cells[place].content, strict=True)
            if any(self._words(pieces(self.old, self.new, (before.id, after.id), *pair)) for pair in lines):
                changed.append((place, gone.translate(_INNER), came.translate(_INNER)))
        name = self._row_name(self.old, before, a)
        if not changed:
            return []
        if len(changed) > _CELLS or len(heads) != len(before.rows[a].cells):
            return [f"{name}修改为“{_row(self.new, after, b).translate(_INNER)}”"]
        said = []
        for place, one, other in changed:
            column = f"“{heads[place].translate(_INNER)}”一栏" if heads[place] else f"第{place + 1}栏"
            said.append(
                f"将{name}{column}中的“{one}”修改为“{other}”"
                if one and other
                else f"在{name}{column}中填入“{other}”"
                if other
                else f"删去{name}{column}中的“{one}”"
            )
        return said

    def _row_name(self, side: Side, table: Table, place: int) -> str:
        """Return how a row is named: by its number, else by its first cell, else by its place."""
        first = side.cell(table, place, 0) if table.rows[place].cells else ""
        if place >= side.head_rows(table) and first and side.counted(table):
            return f"序号{first}一行"
        named = [side.cell(table, at, 0) for at, row in enumerate(table.rows) if row.cells]
        if first and named.count(first) == 1 and len(first) <= _SHORT:
            return f"“{first.translate(_INNER)}”一行"
        return f"第{place + 1}行"


def _heads(side: Side, table: Table) -> list[str]:
    """Return the headings of the columns, [] where the table has none."""
    last = side.head_rows(table) - 1
    return [side.cell(table, last, place) for place in range(len(table.rows[last].cells))] if last >= 0 else []


def _row(side: Side, table: Table, place: int) -> str:
    return CELL.join(side.cell(table, place, at) for at in range(len(table.rows[place].cells)))


def rows_of(side: Side, table: Table) -> list[str]:
    """Return a table as lines: its caption, a line for each row."""
    caption = [side.line(table.id, table.caption)] if table.caption else []
    return caption + [_row(side, table, place) for place in range(len(table.rows))]


def _line_pairs(old: Side, new: Side, before: Block, after: Block) -> list[Pair]:
    """Return the lines of two clauses, paired or alone, in order."""
    first, second = read_lines(before), read_lines(after)
    out: list[Pair] = []
    low = (-1, -1)
    for a, b in [*align.pair_lines(old, new, first, second), (len(first), len(second))]:
        out += [(line, None) for line in first[low[0] + 1 : a]] + [(None, line) for line in second[low[1] + 1 : b]]
        if a < len(first):
            out.append((first[a], second[b]))
        low = (a, b)
    return out
