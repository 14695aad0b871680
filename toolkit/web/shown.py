"""What one unit's pages are made from, kept while its set stays the same: documents, their sheets, the matrix."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from toolkit import api
from toolkit.web.pictures import Sheets

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.coverage import Matrix
    from toolkit.model.tree import Document

Value = TypeVar("Value")
#: Documents of which the pages are kept, a megabyte each; a desk keeps a dozen units.
_SHEETS = 8


@dataclass
class Shown:
    """Views of the set ``good``, None while there is none that can be generated."""

    good: Prepared | None = None
    _kept: dict[str, Any] = field(default_factory=dict)
    _sheets: OrderedDict[str, Sheets] = field(default_factory=OrderedDict)

    def of(self, good: Prepared | None) -> Shown:
        """Return this for a set; what was made from another is let go."""
        if good is not self.good:
            self.good = good
            self._kept.clear()
            self._sheets.clear()
        return self

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
    def matrix(self) -> Matrix | None:
        """Which clause meets which requirement."""
        good = self.good
        return self._once("matrix", lambda: api.coverage(good)) if good is not None else None

    def sheets(self, document: str) -> Sheets:
        """Return a document of the set on its pages. Raises UsageError for an unknown one, FindingsError."""
        assert self.good is not None
        known = self._sheets.get(document)
        if known is None:
            found = next((one for one in self.documents if one.id == document), None)
            if found is None:
                raise api.UsageError("这套文件里没有这一份了", "回到“文件”看看现在有哪些", "unknown_id")
            known = self._sheets[document] = Sheets(found, api.pages(self.good, document))
            while len(self._sheets) > _SHEETS:
                self._sheets.popitem(last=False)
        self._sheets.move_to_end(document)
        return known
