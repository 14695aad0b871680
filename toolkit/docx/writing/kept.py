"""The XML of blocks that were written before: units of one kind share most of their wording.

A block is written apart once, with gaps for what is a file's own: the numbers of its bookmarks and lists, and the titles
that it cites, for most of them bear the unit's name. It is then put into any file with that file's own. References
are resolved each time; if they come out otherwise but for those titles, the block is written anew. A file is the same,
byte for byte, whether its blocks were kept or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from toolkit.core.memo import Recent
from toolkit.docx.writing.identity import Registry, text_hash
from toolkit.docx.writing.inlines import Scope
from toolkit.docx.writing.lists import Nums
from toolkit.docx.writing.markup import Xml, as_text, title_run
from toolkit.model.tree import Block, Row
from toolkit.numbering.references import references_in

#: A gap: for the number of a bookmark, a reference or a list, for a title, or for the hash of a text with titles in it.
_GAP = re.compile("\0([brlth])(\\d+);")
_FORMATS = {"b": "%d", "r": "%d", "l": "%d", "t": "%b", "h": "%b"}
#: In how many ways a block is kept (other numbers of what it cites, other columns).
_WAYS = 8


class Cited(NamedTuple):
    """What the references in a block come to: all but the titles they begin with, and the titles, each once."""

    way: Hashable
    titles: tuple[str, ...]


NOTHING_CITED = Cited((), ())


def cited(scope: Scope, block: Block | Row | tuple[Block, ...], origin: str = "") -> Cited:
    """Return what the references in a block, a body or a row (of table ``origin``) resolve to."""
    found = references_in(block)
    if not found:
        return NOTHING_CITED
    resolve, document = scope.labels.reference, scope.document.id
    titles: dict[str, int] = {}
    way = []
    for holder, one in found:
        live_target, live_text, title, rest = resolve(document, holder or origin, one)
        way.append((titles.setdefault(title, len(titles)) if title else -1, live_target, live_text, rest))
    return Cited(tuple(way), tuple(titles))


class Layout:
    """Where in the values of a file each gap of a block finds its own."""

    def __init__(self, bookmarks: int, references: int, lists: int, titles: int) -> None:
        self._starts = {"b": -1, "r": bookmarks - 1, "l": bookmarks + references, "t": bookmarks + references + lists}
        self._starts["h"] = self._starts["t"] + titles

    def part(self, marked: str) -> Part:
        """Return XML with gaps as a part."""
        places = [self._starts[kind] + int(number) for kind, number in _GAP.findall(marked)]
        if not places:
            return Part(marked.encode(), None)
        form = _GAP.sub(lambda gap: _FORMATS[gap[1]], marked.replace("%", "%%"))
        return Part(form.encode(), itemgetter(*places))


class Part(NamedTuple):
    """XML (UTF-8), a form of :mod:`printf` if it has gaps; ``pick`` takes their values from those of the file."""

    xml: bytes
    pick: Callable[[Sequence[object]], Any] | None

    def filled(self, values: Sequence[object]) -> bytes:
        """Return the XML with a file's values."""
        return self.xml if self.pick is None else self.xml % self.pick(values)


class Line(NamedTuple):
    """A printed text, a form if titles stand in it."""

    text: str
    pick: Callable[[Sequence[str]], Any] | None = None

    def filled(self, titles: Sequence[str]) -> str:
        """Return the text with a file's titles."""
        return self.text if self.pick is None else self.text % self.pick(titles)


def line(marked: str) -> Line:
    """Return a text with gaps as a line."""
    places = [int(number) for _, number in _GAP.findall(marked)]
    return Line(_GAP.sub("%s", marked.replace("%", "%%")), itemgetter(*places)) if places else Line(marked)


class Apart(Registry):
    """A registry that leaves gaps for what is a file's own."""

    __slots__ = ("clashes", "hashed", "titles")

    def __init__(self, titles: Sequence[str] = ()) -> None:
        super().__init__()
        self.count = 0
        self.clashes = False
        self.titles: Mapping[str, int] = {title: place for place, title in enumerate(titles)}
        self.hashed: list[str] = []

    def number(self) -> str:
        """Return a gap for the next bookmark's number."""
        self.count += 1
        return f"\0b{self.count};"

    def reference_number(self) -> str:
        """Return a gap for the next reference's number."""
        self.references += 1
        return f"\0r{self.references};"

    def title(self, text: str) -> tuple[str, str]:
        """Return a gap for a title that a reference begins with, as XML and as text."""
        gap = f"\0t{self.titles[text]};"
        return gap, gap

    def hash(self, text: str) -> str:
        """Return the hash of a text, or a gap for it if the text has gaps."""
        if "\0" not in text:
            return text_hash(text)
        self.hashed.append(text)
        return f"\0h{len(self.hashed) - 1};"

    def put(self, kept: Kept, nums: Nums | None, out: list[Xml], titles: tuple[str, ...]) -> list[str]:
        """Add a block that was kept to what is written apart: its gaps become gaps of the whole."""
        own = [f"\0t{self.titles[title]};" for title in titles]
        bookmarks, references = self.count, self.references
        lists = [nums.get(*one) for one in kept.lists] if nums is not None else []
        hashes = [self.hash(one.filled(own)) for one in kept.hashed]

        def again(gap: re.Match[str]) -> str:
            kind, number = gap[1], int(gap[2])
            if kind in "br":
                return f"\0{kind}{number + (bookmarks if kind == 'b' else references)};"
            known: dict[str, Sequence[object]] = {"l": lists, "t": own, "h": hashes}
            return str(known[kind][number])

        out.extend([_GAP.sub(again, piece) for piece in kept.marked])
        self._records.append(_GAP.sub(again, kept.marked_records))
        self.clashes |= not self.names.isdisjoint(kept.names) or not self.controls.isdisjoint(kept.controls)
        self.names |= kept.names
        self.controls |= kept.controls
        self.count += kept.bookmarks
        self.references += kept.references
        return [one.filled(own) for one in kept.texts]


class ListsApart(Nums):
    """Lists that leave gaps for a file's numbers."""

    __slots__ = ("wanted",)

    def __init__(self) -> None:
        super().__init__({})
        self.wanted: dict[tuple[str, str], int] = {}

    def get(self, name: str, owner: str) -> str:  # type: ignore[override]
        """Return a gap for the list's number."""
        return f"\0l{self.wanted.setdefault((name, owner), len(self.wanted))};"


@dataclass(slots=True, eq=False)
class Kept:
    """What a block adds to a file: XML (the last paragraph apart, for what follows may bind it), names and records.

    ``texts`` are its printed lines, ``last_text`` that of its last paragraph, ``hashed`` the texts of which only hashes are
    wanted. ``numbered`` is the XML as last filled: in files of one kind a block mostly gets the same numbers. ``marked`` is
    the XML as it was written apart.
    """

    xml: tuple[Part, ...]
    records: Part
    marked: tuple[str, ...]
    marked_records: str
    lists: tuple[tuple[str, str], ...]
    bookmarks: int
    references: int
    names: frozenset[str]
    controls: frozenset[int]
    texts: tuple[Line, ...]
    last_text: Line
    hashed: tuple[Line, ...]
    numbered: tuple[tuple, list[Xml], bytes] = ((), [], b"")

    def numbers(
        self, first: int, references: int, lists: Sequence[object], titles: tuple[str, ...]
    ) -> tuple[list[Xml], bytes]:
        """Return XML and records with a file's numbers, after the ``first`` bookmarks and ``references``, and its titles."""
        own = (first, references, lists, titles)
        known, xml, records = self.numbered
        if own != known:
            values: list[object] = list(range(first + 1, first + 1 + self.bookmarks))
            values += range(references + 1, references + 1 + self.references)
            values += lists
            values += map(title_run, titles)
            values += [text_hash(one.filled(titles)).encode() for one in self.hashed]
            xml = [one.filled(values) for one in self.xml]
            records = self.records.filled(values)
            self.numbered = (own, xml, records)
        return xml, records


def keep(
    out: Sequence[Xml], registry: Apart, nums: ListsApart | None, texts: Sequence[str], last_text: str = ""
) -> Kept | None:
    """Return what was written apart; None if a name or a control stands in it twice."""
    if registry.clashes:
        return None
    lists = tuple(nums.wanted) if nums is not None else ()
    layout = Layout(registry.count, registry.references, len(lists), len(registry.titles))
    written = [as_text(piece) for piece in out]
    pieces = ("".join(written[:-1]), written[-1]) if len(written) > 1 else tuple(written)
    records = as_text(registry.records)
    return Kept(
        tuple(map(layout.part, pieces)),
        layout.part(records),
        pieces,
        records,
        lists,
        registry.count,
        registry.references,
        frozenset(name for name in registry.names if "\0" not in name),
        frozenset(registry.controls),
        tuple(map(line, texts)),
        line(last_text),
        tuple(map(line, registry.hashed)),
    )


class Store:
    """Blocks written before. What is met the first ``times`` in one way is only noted: much of it is one unit's alone."""

    def __init__(self, times: int = 1) -> None:
        self._times = times
        #: By the block's identity: the block, and for each way how often it was met, or what was written (None: nothing can be).
        self._blocks: Recent[tuple[object, dict[Hashable, Kept | int | None]]] = Recent()

    def find(self, block: object, way: Hashable, write: Callable[[], Kept | None]) -> Kept | None:
        """Return the block as written for any file, or None if it must be written for this one.

        ``way`` is all that its XML depends on besides the block and a file's own; ``write`` writes it apart, or returns
        None.
        """
        found = self._blocks.get(id(block))
        ways = found[1] if found is not None else self._blocks.put(id(block), (block, {}))[1]
        known = ways.get(way, 0)
        if not isinstance(known, int):
            return known
        if not known and len(ways) >= _WAYS:
            ways.clear()
        if known < self._times:
            ways[way] = known + 1
            return None
        kept = ways[way] = write()
        return kept
