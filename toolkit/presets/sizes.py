"""What a size of a kind does with the texts of the full set: takes articles over, and says where a clause is met instead.

Used by ``assembly``. A size holds selections and short wording only; a sentence of the full set comes by ``take``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.core.findings import nearest
from toolkit.presets.layers import Layer
from toolkit.presets.markup import Part, Parts, RefSpec, TemplateBlock
from toolkit.presets.patch import block_ids
from toolkit.presets.spec import BodyBlock, Target, place_of, walk
from toolkit.presets.yaml_values import Reader, Source

#: The register of a size: document → clause of the full set → where it is met.
MEETS = "meets.yaml"


def target(text: str, document: str = "") -> Target:
    """Return document and clause of ``document#clause``; a text without # is a clause of ``document``."""
    name, mark, clause = text.strip().partition("#")
    return (name or document, clause) if mark else (document, name)


class Taker:
    """Fills the blocks of a layer that take an article or paragraph over; ``met`` collects what stands where by that."""

    def __init__(self, bodies: Mapping[str, Sequence[BodyBlock]], reader: Reader) -> None:
        self.bodies, self.reader = bodies, reader
        self.met: dict[Target, Target] = {}

    def fill(self, blocks: Sequence[BodyBlock], document: str) -> tuple[BodyBlock, ...]:
        """Return the blocks of a document with every ``take`` replaced by what it names."""
        used = set(block_ids(blocks)) | set(block_ids(self.bodies.get(document, ())))
        return tuple(self._block(block, document, used) for block in blocks)

    def _block(self, block: BodyBlock, document: str, used: set[str]) -> BodyBlock:
        if not isinstance(block, TemplateBlock):
            return block
        if not block.take:
            children = tuple(self._prose(child, document, used) for child in block.children)
            return replace(block, children=children) if children != block.children else block
        home, clause = target(block.take)
        source = next((found for found in walk(self.bodies.get(home, ())) if found.id == clause), None)
        if not isinstance(source, TemplateBlock) or not clause:
            known = [f"{name}#{found.id}" for name, body in self.bodies.items() for found in walk(body) if found.id]
            message = f"take 指向的“{block.take}”不存在"
            self.reader.problem(
                place_of(block, document), "unknown_target", message, nearest(block.take, known), block.take
            )
            return replace(block, take="")
        if source.level != block.level:
            message = f"take 指向的“{block.take}”与“{block.id}”层级不同"
            self.reader.problem(place_of(block, document), "patch_level", message, subject=block.take)
        return self._taken(block, source, document, home, used)

    def _prose(self, block: TemplateBlock, document: str, used: set[str]) -> TemplateBlock:
        made = self._block(block, document, used)
        assert isinstance(made, TemplateBlock)
        return made

    def _taken(
        self, block: TemplateBlock, source: TemplateBlock, document: str, home: str, used: set[str]
    ) -> TemplateBlock:
        """Return ``block`` with the text of ``source`` and what is below it."""
        if source.id:
            self.met[home, source.id] = document, block.id
        return replace(
            block,
            parts=block.parts or _at_home(source.parts, home),
            children=(
                *(self._child(child, block.id, document, home, used) for child in source.children),
                *block.children,
            ),
            when=block.when or source.when,
            each=block.each or source.each,
            covers=tuple(dict.fromkeys((*source.covers, *block.covers))),
            take="",
        )

    def _child(self, child: TemplateBlock, parent: str, document: str, home: str, used: set[str]) -> TemplateBlock:
        name = child.id
        if name:
            name = f"{parent}_{name}" if name in used else name
            used.add(name)
            self.met[home, child.id] = document, name
        children = tuple(self._child(below, name or parent, document, home, used) for below in child.children)
        return replace(child, id=name, parts=_at_home(child.parts, home), children=children)


def _at_home(parts: Parts, home: str) -> Parts:
    """Return parts whose references within their own document name it, so that they can stand in another."""
    return tuple(_reference(part, home) for part in parts)


def _reference(part: Part, home: str) -> Part:
    return replace(part, document=home) if isinstance(part, RefSpec) and not part.document else part


def meets(layers: Sequence[Layer], reader: Reader) -> Iterator[tuple[Target, Target, Source]]:
    """Yield each entry of :data:`MEETS` in order: a clause of the full set, where it is met, its place in the file."""
    for layer in (layer for layer in layers if layer.size):
        raw = layer.register(MEETS)
        for document, clauses in reader.mapping(Source(raw, (), raw.data), None, MEETS).items():
            for clause, entry in reader.mapping(clauses, None, f"{MEETS} {document}").items():
                yield (document, clause), target(reader.text(entry), document), entry
