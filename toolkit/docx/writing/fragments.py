"""The XML of blocks with gaps for the numbers and titles of a file, and how a file fills them.

Used by the other modules of this room and by redlines. Every block is written with gaps, so that XML written once serves
any file. A gap is a name between two NUL characters, which XML cannot hold. Its first letter names its kind:

* ``b`` and a bookmark: its number; ``r`` and a count: the number in the name of a computed reference's bookmark;
* ``l``, a list and its owner: the number of the list's instance; ``c`` and a tag: the number of the control;
* ``t`` or ``u`` and a document: its title or file name in 《》, for most of them bear the unit's name;
* ``h`` and a block: the hash of its text, where titles stand in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from hashlib import sha256
from typing import Any, NamedTuple

from toolkit.core.classes import dataclass
from toolkit.core.memo import identity, remembered
from toolkit.docx.writing.identity import blank_hash, text_hash
from toolkit.docx.writing.markup import attribute, run
from toolkit.model.tree import Ref

#: Bookmark ids up to this are the template's own.
_LAST_OF_TEMPLATE = 1000
#: Ids of ``w:num`` below are the template's own; a template that has more says so.
FIRST_NUM_ID = 101
_RESTART = '<w:lvlOverride w:ilvl="{}"><w:startOverride w:val="1"/></w:lvlOverride>'
#: The restart of a list; only items have a second level.
_RESTARTS = {"item": _RESTART.format(0) + _RESTART.format(1)}
_FIRST_LEVEL = _RESTART.format(0)
#: Bookmarks of references whose text is computed.
_REFERENCE = "__r"


@dataclass(slots=True)
class Draft:
    """The XML of blocks and their additions to a file, with gaps, while it is written; a part of it is a draft too.

    ``out`` is XML of the body, ``records`` those of the custom part, in pieces. ``bookmarks``, ``lists`` (with the block that
    restarts the count) and ``controls`` (tags of form fields) are in the order of the text. ``titles`` are the documents
    whose titles are cited, ``hashed`` the texts with titles, by gap.
    """

    out: list[bytes] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    lists: list[tuple[str, str]] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    titles: list[tuple[str, Ref]] = field(default_factory=list)
    hashed: list[tuple[str, str]] = field(default_factory=list)
    references: int = 0

    def bookmark(self, name: str) -> tuple[str, str]:
        """Return start and end of a new bookmark."""
        return self._bookmark(name, name)

    def _bookmark(self, name: str, shown: str) -> tuple[str, str]:
        self.bookmarks.append(name)
        return f'<w:bookmarkStart w:id="\0b{name}\0" w:name="{shown}"/>', f'<w:bookmarkEnd w:id="\0b{name}\0"/>'

    def reference(self, ref: Ref, enclosure: str) -> tuple[str, str]:
        """Record a reference whose text is computed; return start and end of its bookmark."""
        self.references += 1
        shown = f"{_REFERENCE}\0r{self.references}\0"
        inside = f' in="{enclosure}"' if enclosure else ""
        flag = ' relative="1"' if ref.relative else ""
        self.records.append(f'<ref name="{shown}" target="{ref.target}" document="{ref.document}"{flag}{inside}/>')
        return self._bookmark(f"{_REFERENCE}{self.references}", shown)

    def list_instance(self, name: str, owner: str) -> str:
        """Return the gap for the number of a list, whose count restarts with each ``owner``."""
        self.lists.append((name, owner))
        return f"\0l{name} {owner}\0"

    def control(self, tag: str, row: str, blank: str) -> str:
        """Record a form field with the key of its table row and the hash of a ``blank`` text that means: empty.

        Return the gap for the number of its control.
        """
        self.controls.append(tag)
        sha = f' blank="{blank_hash(blank)}"' if blank else ""
        self.records.append(f'<field tag="{tag}" row="{attribute(row)}"{sha}/>')
        return f"\0c{tag}\0"

    def title(self, ref: Ref) -> str:
        """Return the gap for the title that a reference to another document begins with."""
        key = f"{'u' if ref.brief else 't'}{ref.document}"
        self.titles.append((key, Ref(document=ref.document, brief=ref.brief)))
        return f"\0{key}\0"

    def provision(self, block: str, level: str, text: str, enclosure: str) -> None:
        """Record a provision or table with the hash of its text (without its label)."""
        inside = f' in="{enclosure}"' if enclosure else ""
        if "\0" in text:
            key = f"h{enclosure}#{block}"
            self.hashed.append((key, text))
            sha = f"\0{key}\0"
        else:
            sha = text_hash(text)
        self.records.append(f'<provision id="{block}" level="{level}"{inside} sha="{sha}"/>')

    def _all(self) -> tuple[list, ...]:
        return (self.out, self.records, self.bookmarks, self.lists, self.controls, self.titles, self.hashed)

    def mark(self) -> tuple[int, ...]:
        """Return how much is written."""
        return (*map(len, self._all()), self.references)

    def since(self, mark: tuple[int, ...]) -> Draft:
        """Return the part that was written since ``mark``."""
        out, records, bookmarks, lists, controls, titles, hashed = (
            items[start:] for items, start in zip(self._all(), mark[:-1], strict=True)
        )
        part = Draft(out, records, bookmarks, lists, controls, titles, hashed, self.references - mark[-1])
        return _recounted(part, mark[-1], 0)

    def add(self, part: Draft) -> None:
        """Add a part that was written before."""
        for items, added in zip(self._all(), _recounted(part, 0, self.references)._all(), strict=True):
            items += added
        self.references += part.references


class Writing:
    """The effects of functions of a block and a :class:`~toolkit.docx.writing.inlines.Scope` on the scope's draft."""

    def begin(self, _block: object, scope: Any, *_rest: Any) -> Any:
        """Return how much is written."""
        return scope.draft.mark()

    def end(self, mark: Any, _block: object, scope: Any, *_rest: Any) -> Any:
        """Return the draft written since."""
        return scope.draft.since(mark)

    def repeat(self, done: Any, _block: object, scope: Any, *_rest: Any) -> None:
        """Add a draft that was written for another file."""
        scope.draft.add(done)


def _recounted(part: Draft, before: int, after: int) -> Draft:
    """Return a part whose references count from those ``after`` instead of those ``before`` it."""
    if not part.references or before == after:
        return part
    counts = range(1, part.references + 1)
    names = {f"{_REFERENCE}{count + before}": f"{_REFERENCE}{count + after}" for count in counts}
    gaps = _Values({f"b{old}".encode(): f"\0b{new}\0".encode() for old, new in names.items()})
    gaps.update({b"r%d" % (count + before): b"\0r%d\0" % (count + after) for count in counts})
    return replace(
        part,
        out=[_filled(piece, gaps) for piece in part.out],
        records=[_filled(record.encode(), gaps).decode() for record in part.records],
        bookmarks=[names.get(name, name) for name in part.bookmarks],
    )


# --- filling -----------------------------------------------------------------------------------------------------


class Nums:
    """Collects the ``w:num`` elements of one file.

    ``lists`` gives abstract ids by list name; ``first`` is the lowest num id that the template does not use.
    """

    __slots__ = ("_first", "_ids", "_lists", "_xml")

    def __init__(self, lists: Mapping[str, int], first: int = FIRST_NUM_ID) -> None:
        self._lists = lists
        self._first = max(FIRST_NUM_ID, first)
        self._xml: list[str] = []
        self._ids: dict[tuple[str, str], int] = {}

    def get(self, name: str, owner: str) -> int:
        """Return the num id of list ``name`` for ``owner`` (a block id): the count restarts with each owner.

        Raises :class:`KeyError` if the template has no such list.
        """
        if (name, owner) not in self._ids:
            self._ids[name, owner] = self.next
            abstract = f'<w:abstractNumId w:val="{self._lists[name]}"/>'
            self._xml.append(f'<w:num w:numId="{self.next}">{abstract}{_RESTARTS.get(name, _FIRST_LEVEL)}</w:num>')
        return self._ids[name, owner]

    @property
    def next(self) -> int:
        """The number of the next list."""
        return self._first + len(self._xml)

    @property
    def xml(self) -> str:
        """All ``w:num`` elements."""
        return "".join(self._xml)


class Start(NamedTuple):
    """The state of a file before a fragment: its last numbers, and the numbers of its controls."""

    bookmark: int = _LAST_OF_TEMPLATE
    reference: int = 0
    next_list: int = FIRST_NUM_ID
    controls: frozenset[int] = frozenset()


class Numbered(NamedTuple):
    """A draft with its numbers; the gaps left in XML and records are for titles and hashes."""

    xml: bytes
    records: bytes
    bookmarks: list[str]
    lists: Sequence[tuple[str, str]]
    controls: frozenset[int]
    titles: Mapping[str, Ref]
    hashed: Sequence[tuple[str, str]]
    references: int


def numbered(draft: Draft, start: Start) -> Numbered:
    """Number a draft that is put into a file after ``start``. Raises :class:`ValueError` for a bookmark used twice."""
    part = _recounted(draft, 0, start.reference)
    check_names(part.bookmarks)
    lists = tuple(dict.fromkeys(part.lists))
    controls = _control_numbers(part.controls, start.controls)
    references = range(start.reference + 1, start.reference + part.references + 1)
    values = _values("b", part.bookmarks, range(start.bookmark + 1, start.bookmark + 1 + len(part.bookmarks)))
    values |= _values("r", map(str, references), references)
    values |= _values("l", map(" ".join, lists), range(start.next_list, start.next_list + len(lists)))
    values |= _values("c", part.controls, controls)
    xml, records = _filled(b"".join(part.out), values), _filled("".join(part.records).encode(), values)
    taken = frozenset(controls)
    return Numbered(xml, records, part.bookmarks, lists, taken, dict(part.titles), part.hashed, part.references)


def check_names(names: list[str], *others: list[str]) -> None:
    """Raise :class:`ValueError` for a bookmark's name that is used twice, in one list or in two."""
    taken = set().union(*others)
    if len(taken) + len(names) == len(taken.union(names)):
        return
    for name in names:
        if name in taken:
            raise ValueError(f"书签重名：{name}")
        taken.add(name)


def _control_numbers(tags: Iterable[str], taken: frozenset[int]) -> list[int]:
    """Return a positive 31-bit number for each tag, made from the tag and unique in the file."""
    numbers = list(map(_control_number, tags))
    used = set(taken)
    for index, number in enumerate(numbers):
        while number == 0 or number in used:
            number = (number + 1) & 0x7FFFFFFF
        used.add(number)
        numbers[index] = number
    return numbers


@remembered(20_000)
def _control_number(tag: str) -> int:
    return int.from_bytes(sha256(tag.encode()).digest()[:4]) & 0x7FFFFFFF


@remembered(50, key=identity, after=1)
def with_titles(whole: Numbered, texts: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Return XML and records with the titles that are cited, ``texts`` in the order of ``whole.titles``."""
    titles = dict(zip(whole.titles, texts, strict=True))
    runs = _Values({key.encode(): _title_run(text) for key, text in titles.items()})
    hashes = _Values({key.encode(): text_hash(plain(text, titles)).encode() for key, text in whole.hashed})
    return _filled(whole.xml, runs), _filled(whole.records, hashes)


@remembered(4096)
def _title_run(text: str) -> bytes:
    return run(text, "RefText").encode()


def plain(text: str, titles: Mapping[str, str]) -> str:
    """Return a printed text with its titles filled in."""
    pieces = text.split("\0")
    pieces[1::2] = map(titles.__getitem__, pieces[1::2])
    return "".join(pieces)


class _Values(dict[bytes, bytes]):
    """Values by gap; a gap without one stays."""

    def __missing__(self, key: bytes) -> bytes:
        return b"\0%b\0" % key


def _values(kind: str, names: Iterable[str], numbers: Iterable[int]) -> _Values:
    """Return the values of the gaps of one kind."""
    keys = f"\0{kind}".join(["", *names]).encode().split(b"\0")[1:]
    return _Values(zip(keys, " ".join(map(str, numbers)).encode().split(), strict=True))


def _filled(xml: bytes, values: _Values) -> bytes:
    pieces = xml.split(b"\0")
    pieces[1::2] = map(values.__getitem__, pieces[1::2])
    return b"".join(pieces)
