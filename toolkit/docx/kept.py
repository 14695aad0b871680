"""The XML of blocks that were written before: units of one kind share most of their wording.

A block is written apart once, with marks where the file's own numbers go (bookmarks, lists), and is then put into any
file with that file's numbers. What depends on other blocks (references, tables around which space is set) is never kept.
A file is the same, byte for byte, whether its blocks were kept or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.docx.identity import Registry
from toolkit.docx.lists import Nums

_MARK = re.compile("\0(-?\\d+);")


@dataclass(frozen=True, slots=True)
class Part:
    """XML with ``%d`` for each of its ``slots``: from 0 the file's next bookmarks, below 0 (complement) its lists."""

    xml: str
    slots: tuple[int, ...]

    def filled(self, bookmarks: int, lists: Sequence[int]) -> str:
        """Return the XML with a file's numbers."""
        if not self.slots:
            return self.xml
        return self.xml % tuple([bookmarks + slot if slot >= 0 else lists[~slot] for slot in self.slots])


def part(marked: str) -> Part:
    """Return XML with marks as a part."""
    slots = tuple(map(int, _MARK.findall(marked)))
    return Part(_MARK.sub("%d", marked.replace("%", "%%")) if slots else marked, slots)


class Apart(Registry):
    """A registry that marks where a file's numbers go."""

    __slots__ = ("made",)

    def __init__(self) -> None:
        super().__init__()
        self.made = 0

    def number(self) -> str:
        """Return a mark for the next bookmark's number."""
        self.made += 1
        return f"\0{self.made};"


class ListsApart(Nums):
    """Lists that mark where a file's numbers go."""

    __slots__ = ("wanted",)

    def __init__(self) -> None:
        super().__init__({})
        self.wanted: dict[tuple[str, str], int] = {}

    def get(self, name: str, owner: str) -> str:  # type: ignore[override]
        """Return a mark for the list's number."""
        return f"\0{~self.wanted.setdefault((name, owner), len(self.wanted))};"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a block adds to a file: XML (the last paragraph apart, for what follows may bind it), names and records.

    ``texts`` are its printed lines, ``width`` the characters of the last one.
    """

    head: Part
    last: Part
    lists: tuple[tuple[str, str], ...]
    bookmarks: int
    names: frozenset[str]
    controls: frozenset[int]
    records: str
    texts: tuple[str, ...]
    width: int = 0

    def place(self, registry: Registry, nums: Nums | None, out: list[str]) -> bool:
        """Add the block to a file; False, and nothing is added, if the file has one of its names already."""
        first = registry.take(self.bookmarks, self.names, self.controls, self.records)
        if first is None:
            return False
        lists = [nums.get(*one) for one in self.lists] if nums is not None else ()
        if self.head.xml:
            out.append(self.head.filled(first, lists))
        out.append(self.last.filled(first, lists))
        return True


def keep(out: Sequence[str], registry: Apart, nums: ListsApart | None, texts: Sequence[str], width: int = 0) -> Kept:
    """Return what was written apart."""
    return Kept(
        part("".join(out[:-1])),
        part(out[-1]),
        tuple(nums.wanted) if nums is not None else (),
        registry.made,
        registry.names,
        registry.controls,
        registry.records,
        tuple(texts),
        width,
    )
