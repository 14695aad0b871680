"""The references that stand in blocks, collected once for blocks that documents share."""

from __future__ import annotations

from toolkit.model import Block, Ref, Row, Table
from toolkit.recent import OfBlocks

_references: OfBlocks[tuple[tuple[str, Ref], ...]] = OfBlocks()


def references_in(block: Block | Row) -> tuple[tuple[str, Ref], ...]:
    """Return the references of a block and all inside it, each with the id of the block that holds it (a row's: ``""``)."""
    found = _references.of(block)
    if found is not None:
        return found
    if isinstance(block, Row):
        own = [("", one) for cell in block.cells for line in cell.content for one in line if isinstance(one, Ref)]
    elif isinstance(block, Table):
        own = [(block.id, one) for one in block.caption if isinstance(one, Ref)]
        own.extend((block.id, one) for row in block.rows for _, one in references_in(row))
    else:
        own = [(block.id, one) for one in (*block.heading, *block.content) if isinstance(one, Ref)]
        for child in block.children:
            own.extend(references_in(child))
    return _references.keep(block, None, tuple(own))
