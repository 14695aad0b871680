"""The XML of blocks that were written before: units of one kind share most of their wording.

A block is written apart once, with marks where the file's own numbers go (bookmarks, lists), and is then put into any
file with that file's numbers. References are resolved each time; if they come out otherwise, the block is written
anew. A file is the same, byte for byte, whether its blocks were kept or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from toolkit.docx.identity import Registry
from toolkit.docx.inline import Scope
from toolkit.docx.lists import Nums
from toolkit.docx.markup import Xml
from toolkit.model import Block, Row
from toolkit.numbering import Reference
from toolkit.recent import Recent
from toolkit.references import references_in

_MARK = re.compile("\0(-?\\d+);")
#: In how many ways a block is kept (other numbers of what it cites, other columns).
_WAYS = 8
#: Marks from here on are references, from 0 on bookmarks, below 0 (complement) lists.
_REFERENCES = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """XML (UTF-8) with ``%d`` for each of its ``slots``."""

    xml: bytes
    slots: tuple[int, ...]

    def filled(self, bookmarks: int, references: int, lists: Sequence[int]) -> bytes:
        """Return the XML with a file's numbers: those before the first of its bookmarks and references, and its lists."""
        if not self.slots:
            return self.xml
        references -= _REFERENCES
        return self.xml % tuple(
            [
                lists[~slot] if slot < 0 else slot + (bookmarks if slot < _REFERENCES else references)
                for slot in self.slots
            ]
        )


def part(marked: str) -> Part:
    """Return XML with marks as a part."""
    slots = tuple(map(int, _MARK.findall(marked)))
    return Part((_MARK.sub("%d", marked.replace("%", "%%")) if slots else marked).encode(), slots)


class Apart(Registry):
    """A registry that marks where a file's numbers go."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def number(self) -> str:
        """Return a mark for the next bookmark's number."""
        self.count += 1
        return f"\0{self.count};"

    def reference_number(self) -> str:
        """Return a mark for the next reference's number."""
        self.references += 1
        return f"\0{_REFERENCES + self.references};"


class ListsApart(Nums):
    """Lists that mark where a file's numbers go."""

    __slots__ = ("wanted",)

    def __init__(self) -> None:
        super().__init__({})
        self.wanted: dict[tuple[str, str], int] = {}

    def get(self, name: str, owner: str) -> str:  # type: ignore[override]
        """Return a mark for the list's number."""
        return f"\0{~self.wanted.setdefault((name, owner), len(self.wanted))};"


@dataclass(slots=True, eq=False)
class Kept:
    """What a block adds to a file: XML (the last paragraph apart, for what follows may bind it), names and records.

    ``texts`` are its printed lines, ``width`` the characters of the last one. ``numbered`` is the XML as last filled:
    in files of one kind a block mostly gets the same numbers.
    """

    head: Part
    last: Part
    records: Part
    lists: tuple[tuple[str, str], ...]
    bookmarks: int
    references: int
    names: frozenset[str]
    controls: frozenset[int]
    texts: tuple[str, ...]
    width: int = 0
    numbered: tuple[tuple[int, ...], list[Xml], bytes] = ((), [], b"")

    def place(self, registry: Registry, nums: Nums | None, out: list[Xml]) -> None:
        """Add the block to a file."""
        first, references = registry.count, registry.references
        lists = [nums.get(*one) for one in self.lists] if nums is not None else []
        numbers = (first, references, *lists)
        known, xml, records = self.numbered
        if numbers != known:
            parts = (self.head, self.last) if self.head.xml else (self.last,)
            xml = [one.filled(first, references, lists) for one in parts]
            records = self.records.filled(first, references, lists)
            self.numbered = (numbers, xml, records)
        out.extend(xml)
        registry.take(self, records)


def keep(out: Sequence[str], registry: Apart, nums: ListsApart | None, texts: Sequence[str], width: int = 0) -> Kept:
    """Return what was written apart."""
    return Kept(
        part("".join(out[:-1])),
        part(out[-1]),
        part(registry.records.decode()),
        tuple(nums.wanted) if nums is not None else (),
        registry.count,
        registry.references,
        frozenset(name for name in registry.names if "\0" not in name),
        frozenset(registry.controls),
        tuple(texts),
        width,
    )


class Store:
    """Blocks written before. What is met for the first time is only noted: much of it is one unit's alone.

    So are further ways to write a block, but for the first: a unit's name in a title that is cited is its own as well.
    """

    def __init__(self) -> None:
        self._blocks: Recent[tuple[object, dict[Hashable, Kept | None]]] = Recent()
        self._met: Recent[bool] = Recent()

    def find(
        self, block: object, depends: Callable[[], Hashable], write: Callable[[], Kept | None]
    ) -> Kept | None:
        """Return the block as written for any file, or None if it must be written for this one.

        ``depends`` gives all that its XML depends on besides the block; ``write`` writes it apart, or returns None.
        """
        found = self._blocks.get(id(block))
        if found is None:
            self._blocks.put(id(block), (block, {}))
            return None
        ways = found[1]
        way = depends()
        if way in ways:
            return ways[way]
        if ways and not self._met.get((id(block), way)):
            self._met.put((id(block), way), True)
            return None
        if len(ways) >= _WAYS:
            ways.clear()
        kept = ways[way] = write()
        return kept


def cited(scope: Scope, block: Block | Row, origin: str = "") -> tuple[Reference, ...]:
    """Return what the references in a block or row (of table ``origin``) resolve to."""
    found = references_in(block)
    if not found:
        return ()
    resolve, document = scope.labels.reference, scope.document.id
    return tuple([resolve(document, holder or origin, one) for holder, one in found])
