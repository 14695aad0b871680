"""Pages: the type area as a frame, page numbers, 版记 on an even last page, and the file around them.

Bytes depend on the document, the fonts and the deflate that is installed, and on nothing else: no clock, no random id.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import BaseDocTemplate, PageTemplate
from reportlab.platypus.flowables import Flowable
from reportlab.platypus.frames import Frame

from toolkit.page import measures
from toolkit.pdf.flowables import FUZZ, Block
from toolkit.pdf.fonts.embedding import DocumentFonts
from toolkit.pdf.fonts.font_set import text_width
from toolkit.pdf.head import Imprint
from toolkit.pdf.links import Marks, Ready, compressed, digests, number
from toolkit.pdf.paragraphs import Setting
from toolkit.pdf.streams import pdf_seal
from toolkit.pdf.template_measures import PT_PER_MM, Sheet

#: Middle of an em dash above the baseline, in em.
_DASH_HEIGHT = 0.36
_CREATOR = "toolkit"
#: So many times the height of what stands at the top of a page goes into the type area, where it would look left alone.
_LITTLE = 4


class PageCanvas(Canvas):
    """A canvas that names no font of its own, draws some things late, and compresses with the project's deflate."""

    # Attributes of reportlab's canvas that its stubs leave out.
    _doc: Any
    _code: list[str]
    _pagesize: tuple[float, float]
    _filename: Any

    def __init__(self, *args: Any, fonts: DocumentFonts, **kwargs: Any) -> None:
        self._later: list[tuple[int, str, Callable[[], str]]] = []
        self.fonts = fonts
        self.marks = Marks()
        #: Paragraphs that are shown: their characters are embedded.
        self.shown: set[Setting] = set()
        super().__init__(*args, **kwargs)
        self._doc.delayedFonts.append(fonts)
        self.setProducer(_CREATOR)

    def _make_preamble(self) -> None:
        self._preamble = "1 0 0 1 0 0 cm"

    def later(self, draw: Callable[[], str]) -> None:
        """Reserve this place for the operators that ``draw`` returns once all pages are made."""
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
        for setting in self.shown:
            for role, text in setting.texts():
                self.fonts.use(role, text)
        document.SaveToFile(self._filename, self)


class OfficialDocument(BaseDocTemplate):
    """Blocks laid out on pages of one sheet: ``data`` is the file."""

    canv: PageCanvas
    frame: Any  # reportlab's stubs leave out the position in the frame

    def __init__(self, sheet: Sheet, fonts: DocumentFonts, title: str, author: str, story: list[Any]) -> None:
        buffer = io.BytesIO()
        self.sheet = sheet
        self.fonts = fonts
        #: Pages that bear no number (7.5).
        self.bare: set[int] = set()
        super().__init__(
            buffer,
            pagesize=(sheet.width, sheet.height),
            title=title,
            author=author,
            creator=_CREATOR,
            lang="zh-CN",
            invariant=1,
            pageCompression=0,
            allowSplitting=1,
        )
        padding = dict.fromkeys(("leftPadding", "rightPadding", "topPadding", "bottomPadding"), 0)
        frame = Frame(sheet.left, sheet.bottom, sheet.body_width, sheet.body_height, id="body", **padding)
        self.addPageTemplates([PageTemplate("page", [frame], onPageEnd=_number_page)])
        self.build(story, canvasmaker=partial(PageCanvas, fonts=fonts))
        self.data = buffer.getvalue()

    def seal(self) -> str:
        """Return the seal of the file (:func:`toolkit.output.seal`); nothing is inflated, which costs a tenth."""
        return pdf_seal(self.data, digests(self.canv._doc))

    def handle_imprint(self, block: Imprint) -> None:
        """Put the 版记 at the foot of the last page, which is even; a blank page before it bears no number (7.4, 7.5)."""
        for part in block.overflow():
            self.handle_new_page()
            _, height = part.wrap(0.0, self.sheet.body_height)
            part.drawOn(self.canv, self.sheet.left, self.sheet.bottom + self.sheet.body_height - height)
            self.frame._y = self.frame._y1p
        room = self.frame._y - self.frame._y1p
        if self.page % 2 or block.own_height() > room:
            self.handle_new_page()
        if self.page % 2:
            self.bare |= {self.page, self.page + 1}
            self.handle_new_page()
        block.lead, block.height = 0.0, block.own_height()
        block.drawOn(self.canv, self.sheet.left, self.sheet.bottom)

    def handle_new_page(self) -> None:
        self.handle_pageBreak()
        self.clean_hanging()


class Column(Flowable):
    """Blocks one below the other, of which :meth:`wrap` places those of a page.

    Platypus sees one flowable a page: to ask it for every paragraph takes a tenth longer.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = deque(blocks)
        #: The blocks of one page, each with the distance from the top to its foot.
        self.placed: list[tuple[Block, float]] = []
        self.reach = 0.0

    def wrap(self, width: float, room: float) -> tuple[float, float]:
        """Return the height of the blocks if all fit; else more than there is, so that Platypus asks for a split."""
        while self.blocks and self._take(width, room - self.reach):
            pass
        return width, room + 1 if self.blocks else min(self.reach, room)

    def split(self, _width: float, _room: float) -> list[Flowable]:
        """Return the part that fits and the rest; an empty list if nothing fits."""
        if not self.placed:
            return []
        rest, self.blocks = Column(self.blocks), deque()
        return [self, rest]

    def _take(self, width: float, room: float) -> bool:
        """Place the first block, or the part of it that fits; return whether more may fit."""
        block = self.blocks[0]
        block.opens = 0 < self.reach <= block.full / _LITTLE and all(above.kept for above, _ in self.placed)
        _, height = block.wrap(width, room)
        fits = height <= room + FUZZ
        parts: list[Any] = [block] if fits else block.split(width, room)
        if parts:
            self.blocks.popleft()
            self.blocks.extendleft(reversed(parts[1:]))
            self.reach += height if fits else parts[0].wrap(width, room)[1]
            self.placed.append((parts[0], self.reach))
        return fits

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:
        """Draw the blocks from the top; ``y`` is the foot of the last."""
        for block, reach in self.placed:
            block.drawOn(canvas, x, y + self.reach - reach)


def _number_page(canvas: Any, document: OfficialDocument) -> None:
    """Draw — 1 —: 4号, the dashes 7 mm below the type area, one 字 from the outer edge (7.5).

    A landscape sheet is the portrait page turned clockwise, and the number keeps its place on the paper (8).
    """
    page = canvas.getPageNumber()
    if page in document.bare:
        return
    sheet, fonts, size = document.sheet, document.fonts, measures.SIZE_4
    text = f"— {page} —"
    length = text_width(fonts.fonts, "number", size, text)
    indent = measures.PAGE_NUMBER_INDENT_CHARS * measures.SIZE_3
    below = measures.PAGE_NUMBER_GAP_MM * PT_PER_MM + _DASH_HEIGHT * size
    if sheet.landscape:
        reach = sheet.height - sheet.top - indent if not page % 2 else sheet.bottom + indent + length
        matrix = f"0 -1 1 0 {sheet.left - below:.2f} {reach:.2f} Tm"
    else:
        x = sheet.width - sheet.right - indent - length if page % 2 else sheet.left + indent
        matrix = f"1 0 0 1 {x:.2f} {sheet.bottom - below:.2f} Tm"
    out = ["BT 0 Tc", matrix]
    for font, codes in fonts.show("number", text):
        out.append(f"/{font} {size:g} Tf <{codes}> Tj")
    canvas.addLiteral(" ".join([*out, "ET"]))
