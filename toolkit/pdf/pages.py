"""Pages: the type area as a frame, page numbers, 版记 on an even last page, and the file around them.

Bytes depend on the document, the fonts and the deflate that is installed, and on nothing else: no clock, no random id.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import ActionFlowable, BaseDocTemplate, PageTemplate
from reportlab.platypus.flowables import Flowable
from reportlab.platypus.frames import Frame

from toolkit.page import measures
from toolkit.pdf.flowables import Block
from toolkit.pdf.head import Imprint
from toolkit.pdf.ink import Ink
from toolkit.pdf.links import Marks, Ready, compressed, digests, number
from toolkit.pdf.seals import pdf_seal
from toolkit.pdf.template_measures import PT_PER_MM, Sheet

#: Middle of an em dash above the baseline, in em.
_DASH_HEIGHT = 0.36
_FUZZ = 0.05
_CREATOR = "toolkit"


class PageCanvas(Canvas):
    """A canvas that names no font of its own, draws some things late, and compresses with the project's deflate."""

    # Attributes of reportlab's canvas that its stubs leave out.
    _doc: Any
    _code: list[str]
    _pagesize: tuple[float, float]
    _filename: Any

    def __init__(self, *args: Any, ink: Ink, **kwargs: Any) -> None:
        self._later: list[tuple[int, str, Callable[[], str]]] = []
        self.ink = ink
        self.marks = Marks()
        super().__init__(*args, **kwargs)
        ink.used.attach(self._doc)

    def _make_preamble(self) -> None:
        self._preamble = "1 0 0 1 0 0 cm"

    def later(self, draw: Callable[[], str]) -> None:
        """Put here what ``draw`` returns when all pages are made."""
        mark = f"%later{len(self._later)}%"
        self._later.append((self.getPageNumber(), mark, draw))
        self.addLiteral(mark)

    def save(self) -> None:
        """Finish the pages and write the file."""
        if self._code:
            self.showPage()
        document = self._doc
        for page, mark, draw in self._later:
            stream = document.idToObject[f"Page{page}"]
            stream.stream = stream.stream.replace(mark, draw(), 1)
        links = self.marks.embed(document)
        parent = number(document, document.Pages, "Pages")
        fonts, _ = document.idToObjectNumberAndVersion["BasicFonts"]
        for page in range(1, self.getPageNumber()):
            content = compressed("", document.idToObject[f"Page{page}"].stream.encode("latin-1"))
            parts = [
                f"<< /Type /Page /Parent {parent} 0 R /Contents {number(document, content, f'content{page}')} 0 R",
                f"/MediaBox [0 0 {self._pagesize[0]:.4f} {self._pagesize[1]:.4f}]",
                f"/Resources << /Font {fonts} 0 R /ProcSet [/PDF /Text] >>",
                f"/Annots {links[page]} 0 R >>" if page in links else ">>",
            ]
            document.idToObject[f"Page{page}"] = Ready(" ".join(parts))
        self.ink.finish()
        document.SaveToFile(self._filename, self)


class OfficialDocument(BaseDocTemplate):
    """Lays blocks out on pages of one sheet."""

    canv: PageCanvas
    frame: Any  # reportlab's stubs leave out the position in the frame

    def __init__(self, sheet: Sheet, ink: Ink, title: str, author: str) -> None:
        self.buffer = io.BytesIO()
        self.sheet = sheet
        self.ink = ink
        #: Pages that bear no number (7.5).
        self.bare: set[int] = set()
        super().__init__(
            self.buffer,
            pagesize=(sheet.width, sheet.height),
            title=title,
            author=author,
            creator=_CREATOR,
            lang="zh-CN",
            invariant=1,
            pageCompression=0,
            allowSplitting=1,
        )
        frame = Frame(
            sheet.left,
            sheet.bottom,
            sheet.body_width,
            sheet.body_height,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
            id="body",
        )
        self.addPageTemplates([PageTemplate("page", [frame], onPageEnd=_number_page)])

    def make(self, story: Sequence[Any]) -> bytes:
        """Return the file."""
        self.build(list(story), canvasmaker=self._canvas)
        return self.buffer.getvalue()

    def seal(self, data: bytes) -> str:
        """Return the seal of the file that was made (:func:`toolkit.output.seal`), with nothing inflated."""
        return pdf_seal(data, digests(self.canv._doc))

    def _canvas(self, *args: Any, **kwargs: Any) -> PageCanvas:
        canvas = PageCanvas(*args, ink=self.ink, **kwargs)
        canvas.setProducer(_CREATOR)
        return canvas

    def handle_imprint(self, block: Imprint) -> None:
        """Put the 版记 at the foot of the last page, which is even; a blank page before it bears no number (7.4, 7.5)."""
        for part in block.overflow():
            self._turn()
            part.drawOn(
                self.canv,
                self.sheet.left,
                self.sheet.bottom + self.sheet.body_height - part.wrap(0.0, self.sheet.body_height)[1],
            )
            self.frame._y = self.frame._y1p
        room = self.frame._y - self.frame._y1p
        if self.page % 2 or block.own_height() > room:
            self._turn()
        if self.page % 2:
            self.bare |= {self.page, self.page + 1}
            self._turn()
        block.lead, block.height = 0.0, block.own_height()
        block.drawOn(self.canv, self.sheet.left, self.sheet.bottom)

    def handle_new_page(self) -> None:
        """Start a new page."""
        self._turn()

    def _turn(self) -> None:
        self.handle_pageBreak()
        self.clean_hanging()


class Column(Flowable):
    """Blocks one below the other. Platypus sees one flowable a page: to ask it for every paragraph takes a tenth longer."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = deque(blocks)

    def wrap(self, width: float, room: float) -> tuple[float, float]:
        """Return the height of the blocks if all fit; else more than there is, so that Platypus asks for a split."""
        page = Stack()
        while self.blocks:
            if not page.take(self.blocks, width, room - page.reach):
                break
        self.page = page
        return width, page.reach + (room + 1 if self.blocks else 0)

    def split(self, _width: float, _room: float) -> list[Flowable]:
        """Return what fits and the rest; nothing if nothing fits."""
        return [self.page, Column(self.blocks)] if self.page.placed else []

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:
        """Draw the last page."""
        self.page.drawOn(canvas, x, y)


class Stack(Flowable):
    """The blocks of one page in their places."""

    def __init__(self) -> None:
        self.placed: list[tuple[Block, float]] = []
        self.reach = 0.0

    def take(self, blocks: deque[Block], width: float, room: float) -> bool:
        """Take the first block, or the part of it that fits; return whether more may fit."""
        _, height = blocks[0].wrap(width, room)
        if height <= room + _FUZZ:
            self._place(blocks.popleft(), height)
            return True
        parts = blocks[0].split(width, room)
        if parts:
            blocks.popleft()
            blocks.extendleft(reversed(parts[1:]))
            self._place(parts[0], parts[0].wrap(width, room)[1])
        return False

    def _place(self, block: Block, height: float) -> None:
        self.reach += height
        self.placed.append((block, self.reach))

    def wrap(self, width: float, room: float) -> tuple[float, float]:
        """Return the height, which has been measured."""
        return width, min(self.reach, room)

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:
        """Draw the blocks from the top; ``y`` is the foot of the last."""
        for block, reach in self.placed:
            block.drawOn(canvas, x, y + self.reach - reach)


class Last(ActionFlowable):
    """The 版记, at the end of the story."""

    def __init__(self, block: Imprint) -> None:
        super().__init__(("imprint", block))


class NewPage(ActionFlowable):
    """A page break."""

    def __init__(self) -> None:
        super().__init__(("new_page",))


def _number_page(canvas: Any, document: OfficialDocument) -> None:
    """Draw — 1 —: 4号, the dashes 7 mm below the type area, one 字 from the outer edge (7.5).

    A landscape sheet is the portrait page turned clockwise, and the number keeps its place on the paper (8).
    """
    page = canvas.getPageNumber()
    if page in document.bare:
        return
    sheet, ink, size = document.sheet, document.ink, measures.SIZE_4
    text = f"— {page} —"
    advances = ink.widths("number", size, 0.0)
    length = sum(map(advances.__getitem__, text))
    indent = measures.PAGE_NUMBER_INDENT_CHARS * measures.SIZE_3
    below = measures.PAGE_NUMBER_GAP_MM * PT_PER_MM + _DASH_HEIGHT * size
    if sheet.landscape:
        reach = sheet.height - sheet.top - indent if not page % 2 else sheet.bottom + indent + length
        matrix = f"0 -1 1 0 {sheet.left - below:.2f} {reach:.2f} Tm"
    else:
        x = sheet.width - sheet.right - indent - length if page % 2 else sheet.left + indent
        matrix = f"1 0 0 1 {x:.2f} {sheet.bottom - below:.2f} Tm"
    out = ["BT 0 Tc", matrix]
    for font, codes in ink.show("number", text):
        out.append(f"/{font} {size:g} Tf <{codes}> Tj")
    canvas.addLiteral(" ".join([*out, "ET"]))


__all__ = ["Column", "Last", "NewPage", "OfficialDocument", "PageCanvas"]
