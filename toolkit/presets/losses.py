"""What a layer took away with what: so that findings can say which follow from which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toolkit.presets.markup import Parts, TemplateBlock, placeholders, walk
from toolkit.presets.patch import Body
from toolkit.presets.spec import BodyBlock, Loss, TableTemplate


def losses(before: Body, gone: Mapping[str, object] | Sequence[str]) -> dict[str, Loss]:
    """Return a :class:`Loss` for each id in ``gone``, from the body as it was before."""
    found: dict[str, Loss] = {}
    for block in before:
        _visit(block, "", gone, found)
    return found


def _visit(block: BodyBlock, root: str, gone: Mapping[str, object] | Sequence[str], found: dict[str, Loss]) -> None:
    if block.id and block.id in gone:
        root = root or block.id
        each = block.each if isinstance(block, TableTemplate) else ""
        found[block.id] = Loss(root, frozenset(_quoted(block)), each, frozenset(_covered(block)))
    if isinstance(block, TemplateBlock):
        for child in block.children:
            _visit(child, root, gone, found)


def _quoted(block: BodyBlock) -> Iterator[str]:
    """Yield the ids of the duties that a prose block and its children quote."""
    if not isinstance(block, TemplateBlock):
        return
    yield from _duties(block.parts)
    for child in block.children:
        yield from _quoted(child)


def _covered(block: BodyBlock) -> Iterator[str]:
    """Yield the topics that a prose block and its children cover."""
    if isinstance(block, TemplateBlock):
        for inner in walk((block,)):
            yield from inner.covers


def _duties(parts: Parts) -> Iterator[str]:
    for placeholder in placeholders(parts):
        names = placeholder.path.split(".")
        if names[0] == "duty" and len(names) > 1:
            yield names[1]
