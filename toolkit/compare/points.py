"""Points of substance of two paired clauses: line by line, and in a table also by what a column is headed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from toolkit.compare import align, renames, substance
from toolkit.compare.side import Side
from toolkit.compare.substance import Substance
from toolkit.compare.view import CELL, ViewLine
from toolkit.model.tree import Block, FormField, Table, inlines_of, walk

#: What a column states by its heading alone, without a verb in the cell.
_COLUMNS = (
    ("actor", re.compile("责任主体|责任人|责任部门|责任单位|责任岗位|承办|牵头|主体")),
    ("recipient", re.compile("报送对象|报告对象|报送单位|对象|报送")),
)


def of_clauses(
    sides: tuple[Side, Side],
    before: Sequence[Block],
    after: Sequence[Block],
    lines: Sequence[ViewLine],
    renumbered: Callable[[str], str],
    names: renames.Renames,
) -> tuple[Substance, ...]:
    """Return the points of substance of clauses that are paired.

    ``lines`` show them; ``renumbered`` gives an old text the new numbers of what it cites; ``names`` of the whole set are
    no substance.
    """
    here = renames.gone(names, "\n".join(line.new for line in lines))

    def settled(text: str) -> str:
        return renames.applied(renumbered(text), here).replace(CELL, "\n")

    pairs = [(settled(old), new.replace(CELL, "\n")) for old, new in _read_together(lines)]
    found = list(substance.of_lines(pairs))
    found += [one for one in _of_columns(sides, before, after, here) if one not in found]
    back = [(new, old) for old, new in here]
    told = [one._replace(before=renames.applied(one.before, back)) for one in found]
    return (*told, *substance.of_fields(fields_of(before), fields_of(after)))


def _read_together(lines: Sequence[ViewLine]) -> Iterator[tuple[str, str]]:
    """Yield the texts of both sides; a line that goes where one comes is told with it."""
    waiting: list[str] = []
    for line in lines:
        if line.side == "-":
            waiting.append(line.old)
            continue
        if line.side == "+" and waiting:
            yield waiting.pop(0), line.new
            continue
        yield from ((text, "") for text in waiting)
        waiting = []
        yield line.old, line.new
    yield from ((text, "") for text in waiting)


def _of_columns(
    sides: tuple[Side, Side], before: Sequence[Block], after: Sequence[Block], names: Sequence[tuple[str, str]]
) -> Iterator[Substance]:
    old, new = sides
    for one, other in zip(before, after, strict=False):
        if not isinstance(one, Table) or not isinstance(other, Table) or not align.same_frame(one, other):
            continue
        kinds = _headed(new, other)
        for a, b in align.pair_rows(old, new, one, other) if kinds else ():
            for column, kind in kinds.items():
                if a < old.head_rows(one) or max(len(one.rows[a].cells), len(other.rows[b].cells)) <= column:
                    continue
                said = (old.cell(one, a, column), new.cell(other, b, column))
                if renames.applied(said[0], names) != said[1]:
                    yield Substance(kind, *said)


def _headed(side: Side, table: Table) -> Mapping[int, str]:
    """Return column → what it states, by the last row of its head."""
    last = side.head_rows(table) - 1
    if last < 0 or last >= len(table.rows) or len(table.rows[last].cells) != len(table.columns):
        return {}
    heads = [side.cell(table, last, place) for place in range(len(table.columns))]
    return {place: kind for place, head in enumerate(heads) for kind, words in _COLUMNS if words.fullmatch(head)}


def fields_of(blocks: Sequence[Block]) -> Mapping[str, FormField]:
    """Return the form fields in blocks by id, of a row that was copied by hand the first."""
    found: dict[str, FormField] = {}
    for block in walk(tuple(blocks)):
        for part in inlines_of(block):
            if isinstance(part, FormField):
                found.setdefault(part.id, part)
    return found
