"""The data behind one unit's pages, kept while its set stays the same: documents, their sheets, the matrix."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from toolkit import api
from toolkit.web.pictures import Sheets
from toolkit.web.turns import Turns

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.coverage import Matrix
    from toolkit.model.tree import Document

Value = TypeVar("Value")
#: Documents of which the pages are kept, of all units together, half a megabyte to two each.
_SHEETS = 24
#: A mobile or a landline number, wherever it comes from: earlier versions and files that were handed in have others than the
#: answers. Not within a word, such as an id in an address.
TELEPHONE = re.compile(
    r"(?<![0-9A-Za-z_/=.-])(?:1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|0[0-9]{2,3}[-— ]?[0-9]{3,4}[- ]?[0-9]{4})(?![0-9A-Za-z_/=-])"
)


class Laid:
    """The pages of documents: laid out one document at a time, when no answer waits; the last ones are kept."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self._lock = threading.Lock()
        self._sheets: OrderedDict[tuple[int, str], tuple[Shown, Sheets]] = OrderedDict()

    def known(self, shown: Shown, document: str) -> Sheets | None:
        """Return the pages of a document of a set, None if they are not kept."""
        with self._lock:
            found = self._sheets.get((id(shown), document))
            if found is None:
                return None
            self._sheets.move_to_end((id(shown), document))
            return found[1]

    def keep(self, shown: Shown, document: str, sheets: Sheets) -> Sheets:
        """Keep the pages of a document; return them."""
        with self._lock:
            self._sheets[id(shown), document] = shown, sheets
            while len(self._sheets) > _SHEETS:
                self._sheets.popitem(last=False)
        return sheets

    def drop(self, shown: Shown) -> None:
        """Let go of the pages of a set that is no more."""
        with self._lock:
            for key in [key for key in self._sheets if key[0] == id(shown)]:
                del self._sheets[key]


@dataclass(eq=False)
class Shown:
    """Views of the set ``good``, None while there is none that can be generated. ``newer``: those of the set after it."""

    laid: Laid
    good: Prepared | None = None
    newer: Shown | None = None
    _kept: dict[str, Any] = field(default_factory=dict)

    def of(self, good: Prepared | None) -> Shown:
        """Return the views of a set: these, if it is the same one."""
        if good is self.good:
            return self
        self.newer = Shown(self.laid, good)
        self.laid.drop(self)
        return self.newer

    def _once(self, name: str, make: Callable[[], Value]) -> Value:
        if name not in self._kept:
            self._kept[name] = make()
        return cast("Value", self._kept[name])

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents of the set."""
        good = self.good
        return self._once("documents", lambda: api.documents(good)) if good is not None else ()

    @property
    def with_telephones(self) -> frozenset[str]:
        """The documents that print a telephone number of a person or post, by id."""
        good = self.good
        return self._once("with_telephones", lambda: self._telephones(good)) if good is not None else frozenset()

    def _telephones(self, good: Prepared) -> frozenset[str]:
        numbers = api.answers(good).telephones
        made = api.make(good, formats=["txt"])
        texts = [data.decode() for name, data in made.files.items() if name.endswith(".txt")]
        listed = list(zip(made.documents, texts, strict=True))
        printed = [document.id for document, text in listed if any(number in text for number in numbers)]
        return frozenset([*printed, *(document.id for document, text in listed if TELEPHONE.search(text))])

    @property
    def matrix(self) -> Matrix | None:
        """Which clause meets which requirement."""
        good = self.good
        return self._once("matrix", lambda: api.coverage(good)) if good is not None else None

    def sheets(self, document: str) -> Sheets:
        """Return a document on its pages, of the newest set if there was an answer while this waited for its turn.

        Raises UsageError for an unknown one, FindingsError.
        """
        known = self.laid.known(self, document)
        if known is not None:
            return known
        with self.laid.turns.later():
            newest = self
            while newest.newer is not None:
                newest = newest.newer
            return self.laid.known(newest, document) or self.laid.keep(newest, document, newest._lay_out(document))

    def _lay_out(self, document: str) -> Sheets:
        found = next((one for one in self.documents if one.id == document), None)
        if found is None or self.good is None:
            raise api.UsageError("这套文件里没有这一份了", "回到“文件”看看现在有哪些", "unknown_id")
        return Sheets(found, api.pages(self.good, document))
