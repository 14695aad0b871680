"""Clickable parts of a PDF: destinations, links and bookmarks (ISO 32000-1, 12.3 and 12.5), as ready-made objects.

reportlab makes each of them of several objects that it formats one by one; with a bookmark for every 条 that takes as
long as setting the text. Here they are written at the end, when all pages are known, in one go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from reportlab.pdfbase.pdfdoc import PDFObject

from toolkit.pdf.streams import flate

if TYPE_CHECKING:
    from reportlab.pdfbase.pdfdoc import PDFDocument

#: Byte order mark: the text string is UTF-16 (7.9.2.2).
_MARK = "\ufeff"
_BORDERLESS = "/Type /Annot /Subtype /Link /F 4 /Border [0 0 0]"


class Ready(PDFObject):
    """A PDF object whose text is known. ``stream`` is compressed; ``digest`` is SHA-256 of its plain content."""

    __RefOnly__ = 1
    ready = 1  # asked of the root of the bookmarks

    def __init__(self, text: str, stream: bytes | None = None, digest: bytes = b"") -> None:
        self.text = text
        self.stream = stream
        self.digest = digest

    def format(self, _document: PDFDocument) -> bytes:
        """Return the object's text, and its compressed content if it is a stream."""
        if self.stream is None:
            return self.text.encode("ascii")
        head = f"<< /Filter /FlateDecode /Length {len(self.stream)} {self.text} >>\nstream\n"
        return b"%b%b\nendstream" % (head.encode("ascii"), self.stream)

    def prepare(self, _document: PDFDocument, _canvas: object) -> None:
        """Nothing is left to prepare (asked of the root of the bookmarks)."""


def compressed(text: str, content: bytes) -> Ready:
    """Return a stream with this content; ``text`` holds its dictionary entries besides filter and length."""
    return Ready(text, flate(content), hashlib.sha256(content).digest())


def digests(document: PDFDocument) -> Iterator[bytes]:
    """Yield SHA-256 of the content of each stream in the order of the file."""
    for key in document.numberToId.values():
        thing = document.idToObject[key]
        if isinstance(thing, Ready) and thing.stream is not None:
            yield thing.digest


def number(document: PDFDocument, thing: object, name: str) -> int:
    """Add an object under a name (unless there is one); return its number in the file."""
    document.Reference(thing, name)
    return document.idToObjectNumberAndVersion[name][0]


class Marks:
    """Collects destinations, links and bookmarks while pages are made; :meth:`embed` writes it. Points are those of the page."""

    def __init__(self) -> None:
        #: Destination → (page, height on it).
        self.places: dict[str, tuple[int, float]] = {}
        #: Page → rectangles (left, bottom, right, top) that lead to a destination.
        self.links: dict[int, list[tuple[tuple[float, float, float, float], str]]] = {}
        #: (names of provisions and tables, page, top, bottom) of each drawn block, in order.
        self.drawn: list[tuple[tuple[str, ...], int, float, float]] = []
        self._bookmarks: list[tuple[int, str, str]] = []

    def bookmark(self, level: int, title: str, key: str) -> None:
        """Add a bookmark; a level that would jump is drawn up to the one below the last."""
        last = self._bookmarks[-1][0] if self._bookmarks else -1
        self._bookmarks.append((min(level, last + 1), title, key))

    def embed(self, document: PDFDocument) -> dict[int, int]:
        """Write links and bookmarks for the pages of a document; return the object of each page's links."""
        numbers = document.idToObjectNumberAndVersion
        where = {
            key: f"[{numbers[f'Page{page}'][0]} 0 R /XYZ 0 {top:.2f} null]" for key, (page, top) in self.places.items()
        }
        if self._bookmarks:
            self._outline(document, where)
        annotations = {}
        for page, links in self.links.items():
            notes = (
                f"<< {_BORDERLESS} /Rect [{' '.join(f'{edge:.2f}' for edge in rect)}] /Dest {where[key]} >>"
                for rect, key in links
                if key in where
            )
            annotations[page] = number(document, Ready(f"[{' '.join(notes)}]"), f"links{page}")
        return annotations

    def _outline(self, document: Any, where: dict[str, str]) -> None:
        """Write the bookmarks as a tree; those below the first two levels are closed."""
        root = Ready("")
        document.Outlines = document.outline = document.Catalog.Outlines = root
        refs = {-1: f"{number(document, root, 'outline')} 0 R"}
        nodes = [Ready("") for _ in self._bookmarks]
        refs |= {index: f"{number(document, node, f'outline{index}')} 0 R" for index, node in enumerate(nodes)}
        children: dict[int, list[int]] = {-1: []}
        path = [-1]
        for index, (level, _, _) in enumerate(self._bookmarks):
            del path[level + 1 :]
            children.setdefault(path[-1], []).append(index)
            path.append(index)
        for parent, family in children.items():
            for before, index, after in zip([None, *family], family, [*family[1:], None], strict=False):
                level, title, key = self._bookmarks[index]
                parts = [
                    f"/Title <{(_MARK + title).encode('utf-16-be').hex()}>",
                    f"/Parent {refs[parent]} /Dest {where[key]}",
                ]
                parts += [f"/{name} {refs[at]}" for name, at in (("Prev", before), ("Next", after)) if at is not None]
                if below := children.get(index):
                    count = len(below) if level == 0 else -len(below)
                    parts.append(f"/First {refs[below[0]]} /Last {refs[below[-1]]} /Count {count}")
                nodes[index].text = f"<< {' '.join(parts)} >>"
        top = children[-1]
        shown = len(top) + sum(len(children.get(index, ())) for index in top)
        root.text = f"<< /Type /Outlines /First {refs[top[0]]} /Last {refs[top[-1]]} /Count {shown} >>"
