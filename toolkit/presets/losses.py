"""What a layer took away with what: so that findings can say which follow from which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toolkit.presets.markup import Parts, TemplateBlock, placeholders
from toolkit.presets.patch import Body
from toolkit.presets.spec import BodyBlock, Loss, TableTemplate, chains, walk


def losses(before: Body, gone: Mapping[str, object] | Sequence[str]) -> dict[str, Loss]:
    """Return a :class:`Loss` for each id in ``gone``, from the body as it was before."""
    found: dict[str, Loss] = {}
    for chain in chains(before):
        lost, block = [one.id for one in chain if one.id and one.id in gone], chain[-1]
        if block.id and block.id in gone:
            covered = frozenset(topic for one in _prose(block) for topic in one.covers)
            each = block.each if isinstance(block, TableTemplate) else ""
            found[block.id] = Loss(lost[0], quoted_duties(block), each, covered)
    return found


def quoted_duties(block: BodyBlock) -> frozenset[str]:
    """Return the ids of the duties that a prose block and those below it quote."""
    return frozenset(duty for one in _prose(block) for duty in _duties(one.parts))


def _prose(block: BodyBlock) -> Iterator[TemplateBlock]:
    return (one for one in walk((block,)) if isinstance(one, TemplateBlock))


def _duties(parts: Parts) -> Iterator[str]:
    for placeholder in placeholders(parts):
        names = placeholder.path.split(".")
        if names[0] == "duty" and len(names) > 1:
            yield names[1]
