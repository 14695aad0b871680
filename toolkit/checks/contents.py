"""The contents of a body (ids, form fields, questions, lists, references), read in one walk; used by clauses and consistency.

Bodies and blocks are shared by units (:mod:`toolkit.compose.shared`): of a body that differs only the blocks that do are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from toolkit.checks.lines import Stretch
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, FormField, Inline, Provision, Ref, Table, Text


class Contents(NamedTuple):
    """The contents of blocks and all inside them, in order.

    ``ids``: those of the blocks. ``fields``: (field, block). ``asked``: the labels of fields and the text of label cells, with
    the block. ``lone``: (block, item) of each list of a single item. ``cited``: the other documents that provisions refer to.
    ``texts``: the texts of provisions, without headings and references.
    """

    ids: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    asked: tuple[Stretch, ...] = ()
    lone: tuple[tuple[str, str], ...] = ()
    cited: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@remembered(key=identity)
def contents_of(body: tuple[Block, ...]) -> Contents:
    """Return the contents of a body, or of the children of a provision."""
    return _together(map(_of_block, body)) if body else _NOTHING


@remembered(key=identity)
def _of_block(block: Block) -> Contents:
    own = _of_table(block) if isinstance(block, Table) else _of_provision(block)
    return _together((own, *map(_of_block, block.children))) if isinstance(block, Provision) and block.children else own


_NOTHING = Contents()


def _together(parts: Iterable[Contents]) -> Contents:
    return Contents(*[tuple([item for items in column for item in items]) for column in zip(*parts, strict=True)])


def _of_table(table: Table) -> Contents:
    cells = [cell for row in table.rows for cell in row.cells]
    fields = _fields([*table.caption, *[part for cell in cells for line in cell.content for part in line]])
    heads = [
        "".join([part.text if isinstance(part, Text) else "" for line in cell.content for part in line])
        for cell in cells
        if cell.head
    ]
    asked = tuple([Stretch(table, text) for text in (*[field.label for field in fields], *heads)])
    return Contents((table.id,), tuple([(field.id, table.id) for field in fields]), asked)


def _of_provision(block: Provision) -> Contents:
    parts = (*block.heading, *block.content)
    fields = _fields(parts)
    said = "".join([part.text if isinstance(part, Text) else "" for part in block.content])
    return Contents(
        (block.id,),
        tuple([(field.id, block.id) for field in fields]),
        tuple([Stretch(block, field.label) for field in fields]),
        tuple([(block.id, items[0]) for level in ("item", "subitem") if len(items := _children(block, level)) == 1]),
        tuple([part.document for part in parts if isinstance(part, Ref) and part.document]),
        (said,) if said else (),
    )


def _fields(parts: Iterable[Inline]) -> list[FormField]:
    return [part for part in parts if isinstance(part, FormField)]


def _children(block: Provision, level: str) -> list[str]:
    return [child.id for child in block.children if isinstance(child, Provision) and child.level == level]
