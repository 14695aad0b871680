"""Accepts or rejects all changes of a marked document; used by the redlined DOCX, merging and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from toolkit.compare.comparable import Unit, UnitLine, lines, nest_lines, nest_units, units
from toolkit.compare.inlines import accepted
from toolkit.model.tree import CAME, GONE, Block, Document, Table, map_lines


def accept(document: Document) -> Document:
    """Return the document with all changes accepted: the new text."""
    return _resolved(document, True)


def reject(document: Document) -> Document:
    """Return the document with all changes rejected: the old text."""
    return _resolved(document, False)


def _resolved(document: Document, new: bool) -> Document:
    body = nest_units(Unit(block) for block in _resolved_units(document, new))
    was = document.was
    enclosure = _enclosure(document, new)
    if not new and was is not None:
        return replace(was, body=body, enclosure=enclosure)
    return replace(
        document,
        body=body,
        was=None,
        enclosure=enclosure,
        note=accepted(document.note, new),
        addressee=accepted(document.addressee, new),
    )


def _enclosure(document: Document, new: bool) -> Document | None:
    """Return the enclosure of one of the texts; an empty id in its ``was`` says that only the new text has it."""
    was, enclosed = document.was, document.enclosure
    if not new and was is not None and was.enclosure is not None:
        return was.enclosure
    if enclosed is None or (not new and enclosed.was is not None and not enclosed.was.id):
        return None
    return _resolved(enclosed, new)


def _resolved_units(document: Document, new: bool) -> Iterator[Block]:
    dropped = GONE if new else CAME
    for unit in units(document.body):
        if unit.is_group or isinstance(unit.block, Table):
            if unit.block.mark not in dropped:
                yield _resolved_block(unit.block, new)
            continue
        kept = [line for line in lines(unit.block) if line.block.mark not in dropped]
        if kept:
            yield nest_lines([UnitLine(_resolved_block(line.block, new), line.depth) for line in kept])


def _resolved_block(block: Block, new: bool) -> Block:
    """Return a block (without its children) as one of the texts has it."""
    name = block.id if new or block.mark in CAME else block.was or block.id
    if isinstance(block, Table):
        rows = (replace(row, mark="") for row in block.rows if row.mark != ("del" if new else "ins"))
        block = replace(block, rows=tuple(rows))
    return replace(map_lines(block, partial(accepted, new=new)), id=name, was="", mark="")
