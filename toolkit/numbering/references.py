"""The references that stand in blocks, collected once for blocks that documents share."""

from __future__ import annotations

from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, Ref, Row, Table


@remembered(key=identity)
def references_in(block: Block | Row | tuple[Block, ...]) -> tuple[tuple[str, Ref], ...]:
    """Return the references of a block (or a body) and all inside it, each with the id of the block that holds it.

    Those of a row have no id.
    """
    if isinstance(block, tuple):
        own = [one for inner in block for one in references_in(inner)]
    elif isinstance(block, Row):
        own = [("", one) for cell in block.cells for line in cell.content for one in line if isinstance(one, Ref)]
    elif isinstance(block, Table):
        own = [(block.id, one) for one in block.caption if isinstance(one, Ref)]
        own.extend((block.id, one) for row in block.rows for _, one in references_in(row))
    else:
        own = [(block.id, one) for one in (*block.heading, *block.content) if isinstance(one, Ref)]
        for child in block.children:
            own.extend(references_in(child))
    return tuple(own)
