"""The parts around the body: 版头, title, note, addressee above; 附件说明, 署名, 成文日期 and 版记 below; 目录."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from toolkit.numbering.labels import imprint_date
from toolkit.page import frame, measures, paging
from toolkit.page.frame import FrameLine
from toolkit.pdf.flowables import Block, Para, Space
from toolkit.pdf.fonts.font_set import text_width
from toolkit.pdf.paragraphs import Scope, TextPiece, paint, pieces
from toolkit.pdf.template_measures import PT_PER_MM, Style

_RED, _BLACK = "1 0 0 rg 1 0 0 RG", "0 g 0 G"
#: A mark that would fill more than half a page is set smaller, but for this.
_LEAST_MARK_PT = 5.0
#: Dots of a table of contents: width, distance, and white at either side, in points.
_DOTS = (1.0, 4.0, 6.0)


def head(scope: Scope, enclosed: bool) -> list[Block]:
    """Return 版头 and the lines above the body. The title is two lines below the red line (7.3.1)."""
    document = scope.document
    out: list[Block] = [] if enclosed or not document.issuer_mark else [Preface(scope)]
    heading, *lines = frame.above(document)
    title = Para(scope.typeset(_title(scope, heading), scope.sheet.styles[heading.style]))
    title.keys = (scope.prefix + "title",)
    title.outline = (0, document.title.replace("\n", ""))
    if out:
        title.before = measures.BLANK_LINES_TITLE * scope.sheet.pitch
    return [*out, title, *(_line(scope, line) for line in lines)]


def tail(scope: Scope, lines: Sequence[FrameLine]) -> list[Block]:
    """Return the lines below the body."""
    out: list[Block] = []
    for line in lines:
        block = _line(scope, line)
        block.snap = not scope.document.issuer_mark or bool(line.label)
        out.append(block)
    return out


def _title(scope: Scope, line: FrameLine) -> list[TextPiece]:
    """Return the title; in a redline that of the older version before it, if it was another."""
    words = pieces(scope, "", line.parts)
    older = frame.title(scope.document.was) if scope.redline and scope.document.was else ""
    if not older or [older] == [piece.text for piece in words]:
        return words
    return [TextPiece(older, mark="del"), TextPiece("\n"), *(piece._replace(mark="ins") for piece in words)]


def _line(scope: Scope, line: FrameLine) -> Para:
    """Return a line around the body."""
    look, pitch = scope.sheet.styles[line.style], scope.sheet.pitch
    parts = [TextPiece(line.label, role="heading")] if line.label else []
    if line.left is not None:
        centred = line.hanging is None
        char = scope.sheet.char if centred else look.char
        first = look.first if line.hanging is None else -line.hanging * char
        look = replace(look, left=line.left * char, first=first, right=0.0 if centred else look.right)
    if line.before is not None:
        look = replace(look, before=line.before * pitch)
    if line.keep_lines is not None:
        look = replace(look, keep_lines=line.keep_lines)
    block = _para(scope, [*parts, *pieces(scope, "", line.parts)], look, gaps=line.gaps)
    block.yields = line.yields * pitch
    return block


def _para(scope: Scope, parts: Sequence[TextPiece], style: Style, gaps: bool = True) -> Para:
    return Para(scope.typeset(parts, style, gaps=gaps))


class Preface(Block):
    """版头 at the top of the first page: red mark, 发文字号, red line (7.2.4, 7.2.5, 7.2.7)."""

    def __init__(self, scope: Scope) -> None:
        document, sheet = scope.document, scope.sheet
        lines = frame.issuer_mark(document)
        size, width = measures.issuer_mark_look(max(map(len, lines)))
        while True:
            look = replace(sheet.styles["IssuerMark"], size=size, pitch=size * 1.2, scale=width / 100)
            self.mark = scope.typeset([TextPiece("\n".join(lines))], look)
            if len(self.mark.broken.lines) * look.pitch <= sheet.body_height / 2 or size < _LEAST_MARK_PT:
                break
            size *= 0.9
        look_number = sheet.styles["DocNumber"]
        if document.approver:  # an upward paper: the number one character from the left, 签发人 one from the right
            look_number = replace(look_number, left=look_number.char, right=look_number.size, align="left")
        self.number = scope.typeset([TextPiece(document.doc_number)], look_number, gaps=False)
        words = [TextPiece("签发人："), TextPiece(document.approver, role="note")] if document.approver else []
        self.approver = scope.typeset(words, replace(look_number, align="right"), gaps=False)
        self.line_width = sheet.body_width
        pitch, number = sheet.pitch, self.number.style
        #: Distances from the top of the type area: of the mark's line box, of 发文字号 and of the red line.
        self.mark_top = measures.ISSUER_MARK_TOP_MM * PT_PER_MM - (look.pitch - size) / 2
        self.number_top = (
            self.mark_top + len(self.mark.broken.lines) * look.pitch + measures.BLANK_LINES_DOC_NUMBER * pitch
        )
        foot = self.number_top + len(self.number.broken.lines) * number.pitch - (number.pitch - number.size) / 2
        self.line_top = foot + measures.RED_LINE_GAP_MM * PT_PER_MM

    def own_height(self) -> float:
        return self.line_top + measures.RED_LINE_PT

    def paint(self, canvas: Any, x: float, top: float) -> None:
        canvas.addLiteral(_RED)
        paint(canvas, self.mark, self.mark.broken.lines, x, top - self.mark_top)
        y = top - self.line_top - measures.RED_LINE_PT / 2
        canvas.addLiteral(f"{measures.RED_LINE_PT} w {x:.2f} {y:.2f} m {x + self.line_width:.2f} {y:.2f} l S")
        canvas.addLiteral(_BLACK)
        for setting in (self.number, self.approver):
            paint(canvas, setting, setting.broken.lines, x, top - self.number_top)


class Imprint(Block):
    """版记: 抄送, and 印发机关 with 印发日期, between lines; the last line is the foot of the type area (7.4)."""

    def __init__(self, scope: Scope) -> None:
        document, self.sheet = scope.document, scope.sheet
        look = self.sheet.styles["Imprint"]
        self.rows: list[list[Para]] = []
        if document.copy_to:
            text = f"抄送：{document.copy_to.rstrip('。')}。"
            self.rows.append([_para(scope, [TextPiece(text)], look, gaps=False)])
        if document.printing_office:
            indent = measures.IMPRINT_INDENT_CHARS * look.size
            plain = replace(look, left=indent, first=0.0, right=indent, align="left")
            texts = (
                (document.printing_office, plain),
                (f"{imprint_date(document)}印发", replace(plain, align="right")),
            )
            self.rows.append([_para(scope, [TextPiece(text)], own, gaps=False) for text, own in texts])

    def own_height(self) -> float:
        return sum(map(self._height, self.rows))

    def overflow(self) -> list[Para]:
        """Remove from the top the parts that a page cannot hold: pieces of the first paragraph that fill a page each."""
        parts: list[Para] = []
        while (over := self.own_height() - self.sheet.body_height) > 0:
            first = self.rows[0][0]
            pitch = first.setting.style.pitch
            count = min(int(self.sheet.body_height / pitch), math.ceil(over / pitch), len(first.lines) - 1)
            if count < 1:
                break
            parts.append(Para(first.setting, first.lines[:count]))
            self.rows[0][0] = Para(first.setting, first.lines[count:])
        return parts

    def _height(self, row: list[Para]) -> float:
        """Return a row's height; office and date share a line if they have room."""
        return row[0].setting.style.pitch * (sum(len(para.lines) for para in row) - self._shared(row))

    def _shared(self, row: list[Para]) -> bool:
        """Whether the last line of the office and the first of the date are one."""
        if len(row) < 2:
            return False
        office, date = row
        return office.lines[-1].width + date.lines[0].width + 3 * office.setting.style.size <= self.sheet.body_width

    def paint(self, canvas: Any, x: float, top: float) -> None:
        edges = [top]
        for row in self.rows:
            y = edges[-1]
            edges.append(y - self._height(row))
            for para in row:
                para.paint(canvas, x, y)
                y -= para.setting.style.pitch * (len(para.lines) - self._shared(row))
        for index, edge in enumerate(edges):
            mm = measures.IMPRINT_THICK_MM if index in (0, len(edges) - 1) else measures.IMPRINT_THIN_MM
            reach = x + self.sheet.body_width
            canvas.addLiteral(f"{mm * PT_PER_MM:.2f} w {x:.2f} {edge:.2f} m {reach:.2f} {edge:.2f} l S")


# --- table of contents -----------------------------------------------------------------------------------------


class ContentsLine(Para):
    """A line of the 目录: a heading, dots, and its page number, which is written when all pages are made."""

    def __init__(self, scope: Scope, style: Style, text: str, key: str) -> None:
        super().__init__(scope.typeset([TextPiece(text, link=key)], style))
        self.snap, self.splits = True, False
        self.target = key
        self.right = scope.sheet.body_width

    def paint(self, canvas: Any, x: float, top: float) -> None:
        super().paint(canvas, x, top)
        canvas.later(lambda: self._number(canvas, x, top))

    def _number(self, canvas: Any, x: float, top: float) -> str:
        """Return the operators that draw dots and number."""
        style, last = self.setting.style, self.setting.broken.lines[-1]
        text = str(canvas.marks.places[self.target][0])
        left = x + self.right - text_width(canvas.fonts.fonts, "body", style.size, text)
        base = top - (len(self.lines) - 0.5) * style.pitch - 0.38 * style.size
        dot, distance, white = _DOTS
        out = ["BT 0 Tc"]
        for font, codes in canvas.fonts.show("body", text):
            out.append(f"/{font} {style.size:g} Tf 1 0 0 1 {left:.2f} {base:.2f} Tm <{codes}> Tj")
        start, end = x + last.x + last.width + white, left - white
        start = end - distance * int((end - start) / distance)
        dots = f"ET q 1 J {dot} w [0 {distance:g}] 0 d {start:.2f} {base + 4:.2f} m {end:.2f} {base + 4:.2f} l S Q"
        return " ".join([*out, dots if end > start else "ET"])


def contents(scope: Scope, entries: Sequence[tuple[str, str, str]]) -> list[Block]:
    """Return the 目录 of 编 and 章 with clickable lines; nothing for a document without one (:mod:`toolkit.page.paging`)."""
    if not entries or not paging.has_contents(scope.document):
        return []
    look, parts = scope.sheet.styles["Paragraph"], any(level == "part" for level, _, _ in entries)
    heading = _para(scope, [TextPiece(paging.CONTENTS_TITLE)], replace(scope.sheet.styles["Chapter"], align="center"))
    out: list[Block] = [heading]
    for level, text, key in entries:
        indent = look.size if parts and level != "part" else 0.0
        out.append(ContentsLine(scope, replace(look, left=indent, first=0.0, align="left"), text, key))
    return [*out, Space(scope.sheet.pitch / 2)]
