"""Collects the points of substance of paired clauses by line, in tables also by column heading; used by ``classify``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from toolkit.compare import align, renames, substance
from toolkit.compare.side import Side
from toolkit.compare.substance import Substance
from toolkit.compare.view import CELL, ViewLine
from toolkit.model.tree import Block, FormField, Table, inlines_of, walk

#: Kind of substance of a column, from its heading alone: cells need no verb.
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
    """Return the points of substance of paired clauses.

    ``lines`` show them; ``renumbered`` puts the new numbers of cited articles into an old text; ``names`` are renames of
    the whole set, which are no substance.
    """
    here = renames.gone(names, "\n".join(line.new for line in lines))

    def settled(text: str) -> str:
        return renames.applied(renumbered(text), here).replace(CELL, "\n")

    pairs = [(settled(old), new.replace(CELL, "\n")) for old, new in _read_together(lines)]
    points = list(substance.of_lines(pairs))
    points += [point for point in _of_columns(sides, before, after, here) if point not in points]
    back = [(new, old) for old, new in here]
    shown = [point._replace(before=renames.applied(point.before, back)) for point in points]
    return (*shown, *substance.of_fields(fields_of(before), fields_of(after)))


def _read_together(lines: Sequence[ViewLine]) -> Iterator[tuple[str, str]]:
    """Yield the texts of both sides; a deleted line is paired with the line inserted in its position."""
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
    for was, now in zip(before, after, strict=False):
        if not isinstance(was, Table) or not isinstance(now, Table) or not align.same_frame(was, now):
            continue
        kinds = _headed(new, now)
        for a, b in align.pair_rows(old, new, was, now) if kinds else ():
            for column, kind in kinds.items():
                if a < old.head_rows(was) or max(len(was.rows[a].cells), len(now.rows[b].cells)) <= column:
                    continue
                old_text, new_text = old.cell(was, a, column), new.cell(now, b, column)
                if renames.applied(old_text, names) != new_text:
                    yield Substance(kind, old_text, new_text)


def _headed(side: Side, table: Table) -> Mapping[int, str]:
    """Return column → kind of substance, by the last row of the head."""
    last = side.head_rows(table) - 1
    if last < 0 or last >= len(table.rows) or len(table.rows[last].cells) != len(table.columns):
        return {}
    heads = [side.cell(table, last, column) for column in range(len(table.columns))]
    return {column: kind for column, head in enumerate(heads) for kind, words in _COLUMNS if words.fullmatch(head)}


def fields_of(blocks: Sequence[Block]) -> Mapping[str, FormField]:
    """Return the form fields in blocks by id; of a row that was copied by hand the first field counts."""
    fields: dict[str, FormField] = {}
    for block in walk(tuple(blocks)):
        for part in inlines_of(block):
            if isinstance(part, FormField):
                fields.setdefault(part.id, part)
    return fields
