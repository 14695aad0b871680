"""Pictures of pages with 16 greys, and where on a page each provision lies; used by the views that show pages.

80 dots an inch and 16 greys make a page of 40 KB in 30 ms; text stays as easy to read as with 256 greys and 176 KB.
"""

from __future__ import annotations

import hashlib
import io
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.app import Pages
    from toolkit.model.tree import Document
    from toolkit.pdf.document import PageBox

_DPI = 80
#: Greys lighter than 231 become white and darker than 24 black: the rest of 256 in 16 steps.
_GREYS = [min(15, max(0, round((value - 24) / 13))) for value in range(256)]
_PALETTE = [level * 17 for level in range(16) for _ in range(3)]
#: PDFium is not made for several threads.
_PDFIUM = threading.Lock()
#: Pictures that are kept of one document.
_KEPT = 12
#: A provision in several columns or lines is a link as large as a finger, in points.
_LEAST = 10.0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a page in points; ``owner`` is the article or top block that a click on it means."""

    owner: str
    x: float
    y: float
    width: float
    height: float


@dataclass
class Sheets:
    """A document laid out on its pages. ``digest`` names this state of it in addresses, so that a browser may keep a picture."""

    document: Document
    pages: Pages
    digest: str = ""
    owners: dict[str, str] = field(default_factory=dict)
    _pictures: OrderedDict[int, bytes] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256(self.pages.data).hexdigest()[:16]
        self.owners = dict(_owners(self.document))

    @property
    def clauses(self) -> list[str]:
        """The articles and top blocks that can be chosen, in order."""
        return list(dict.fromkeys(self.owners.values()))

    def picture(self, number: int) -> bytes:
        """Return a page (from 1) as PNG."""
        known = self._pictures.get(number)
        if known is None:
            known = self._pictures[number] = picture(self.pages.data, number)
            while len(self._pictures) > _KEPT:
                self._pictures.popitem(last=False)
        return known

    def page_of(self, block: str) -> int:
        """Return the first page that a block stands on, 1 for one that is on none."""
        return next((box.page for box in self.pages.boxes if box.provision == block), 1)

    def areas(self, number: int) -> list[Area]:
        """Return the blocks that can be chosen on a page, in reading order."""
        return [self._area(box) for box in self._on(number) if self.owners.get(box.provision) == box.provision]

    def marks(self, number: int, blocks: frozenset[str]) -> list[Area]:
        """Return where some blocks stand on a page."""
        return [self._area(box) for box in self._on(number) if box.provision in blocks]

    def _on(self, number: int) -> Iterator[PageBox]:
        own = self.document.id
        return (box for box in self.pages.boxes if box.page == number and box.document == own)

    def _area(self, box: PageBox) -> Area:
        owner = self.owners.get(box.provision, box.provision)
        return Area(
            owner,
            round(box.x - 6, 1),
            round(box.y - 2, 1),
            round(box.width + 12, 1),
            round(max(box.height, _LEAST) + 4, 1),
        )


def _owners(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each block of a document with the block that is chosen as a whole: its article, else the block at the top."""

    def below(block: object, owner: str) -> Iterator[tuple[str, str]]:
        level, children = getattr(block, "level", ""), getattr(block, "children", ())
        own = str(getattr(block, "id", ""))
        is_group = level in ("part", "chapter", "section")
        owner = own if not owner and not is_group else owner
        if owner:
            yield own, owner
        for child in children:
            yield from below(child, owner)

    for block in document.body:
        yield from below(block, "")


def picture(data: bytes, number: int) -> bytes:
    """Return a page (from 1) of a PDF as PNG with 16 greys."""
    import pypdfium2
    from PIL import Image

    with _PDFIUM:
        pdf = pypdfium2.PdfDocument(data)
        try:
            grey = pdf[number - 1].render(scale=_DPI / 72, grayscale=True).to_pil()
        finally:
            pdf.close()
    drawn = Image.frombytes("P", grey.size, grey.point(_GREYS).tobytes())
    drawn.putpalette(_PALETTE)
    out = io.BytesIO()
    drawn.save(out, "PNG", bits=4, compress_level=6, compress_type=zlib.Z_FILTERED)
    return out.getvalue()
