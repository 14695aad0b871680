"""Scans the controls of a plain main part without a tree, and the text between them; used by ``filled_forms``.

Where that text is the form's own, each control is the field at its place and nothing else is to be read. What is between
two controls is the same in all files of a form and is looked at once. Plain are controls that hold nothing but runs of text, and
text between them without anything that could hide or show more. Text typed beside a control stands in its unit: its cell, or its
paragraph outside of tables (:func:`units`). All other parts are read from the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from toolkit.core.memo import remembered
from toolkit.docx.reading.story import Control
from toolkit.docx.writing.markup import W
from toolkit.forms.blueprint import SLOT, alike

#: Markup inside a control that is not plain: anything but runs of text.
_STRANGE_INSIDE = re.compile(
    rb"<(?!/|w:(?:r|rPr|rStyle|rFonts|u|t|br|cr|tab|noBreakHyphen|lang|sz|szCs|color|b|bCs|kern|spacing|highlight|proofErr|bookmarkStart"
    rb"|bookmarkEnd|lastRenderedPageBreak)[ />])"
)
_SYMBOL_FONTS = rb"=\"(?:Wingdings|Webdings|Symbol|Marlett|MT Extra|Bookshelf|ZapfDingbats|Monotype Sorts)"
_SYMBOLS = re.compile(_SYMBOL_FONTS, re.IGNORECASE)
_NAMESPACE = f'xmlns:w="{W}"'.encode()
_CONTROL, _PR, _PR_END = b"<w:sdt>", b"<w:sdtPr>", b"</w:sdtPr>"
_CONTENT, _CONTENT_END = b"<w:sdtContent>", b"</w:sdtContent></w:sdt>"
#: The run that the toolkit writes.
_RUN, _RUN_END = b'<w:r><w:t xml:space="preserve">', b"</w:t></w:r>"
_RUNS = re.compile(rb"<w:t(?: [^>]*)?>([^<]*)</w:t>|<w:(br|cr|tab|noBreakHyphen|p)(?:[ />])")
_TAG, _ALIAS = re.compile(rb'<w:tag w:val="([^"]*)"'), re.compile(rb'<w:alias w:val="([^"]*)"')
_BREAKS = {b"br": "\n", b"cr": "\n", b"tab": "\t", b"noBreakHyphen": "-"}


#: Elements between controls that are no plain text: hiding places, tracked changes, symbols, fields, pictures, notes.
_STRANGE_BETWEEN = re.compile(
    rb"<(?:!|mc:|m:|w:(?:sym|drawing|pict|object|altChunk|del|ins|moveFrom|moveTo|instrText|fldChar|fldSimple|footnoteReference"
    rb"|endnoteReference|commentReference|sdt|vanish)[ />])|(?i:" + _SYMBOL_FONTS + rb")"
)
_MARKUP = re.compile(rb"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Scanned:
    """The controls of a plain part with their properties, text and XML; ``gaps``: the XML before, between and behind them;
    ``plain``: the text of these, without blanks, with :data:`SLOT` for each control.
    """

    controls: list[tuple[Control, str]]
    xml: list[bytes]
    gaps: list[bytes]
    plain: str


def scan(main: bytes) -> Scanned | None:
    """Return the controls of a main part and the text between them; None for a part that is not plain."""
    head, *pieces = main.split(_CONTROL)
    if _NAMESPACE not in head[:8000] or not main.endswith((b"</w:document>", b"</w:document>\n")):
        return None
    try:
        texts = [_between(head)]
        controls: list[tuple[Control, str]] = []
        xml: list[bytes] = []
        gaps = [head]
        for piece in pieces:
            own_end = piece.find(_PR_END)
            start = own_end + len(_PR_END)
            end = piece.find(_CONTENT_END, start)
            if own_end < 0 or end < 0 or not piece.startswith(_PR) or not piece.startswith(_CONTENT, start):
                return None
            control = _control(piece[len(_PR) : own_end])
            inside = piece[start + len(_CONTENT) : end]
            text = _blank(inside) if control.prompt else _text(inside)
            end += len(_CONTENT_END)
            gap = piece[end:]
            between = _between(gap)
            if text is None or between is None:
                return None
            controls.append((control, text))
            xml.append(piece[:end])
            gaps.append(gap)
            texts.append(between)
    except UnicodeDecodeError:
        return None  # parsing says where it is damaged
    return None if texts[0] is None else Scanned(controls, xml, gaps, SLOT.join(map(str, texts)))


@dataclass(frozen=True, slots=True)
class Unit:
    """A cell or a paragraph with controls, the ``first`` to the one before ``last``; ``before``: the text (without blanks)
    between it and the unit before. ``head`` and ``tail`` are its XML before and behind its controls.
    """

    before: str
    first: int
    last: int
    head: bytes
    tail: bytes
    cell: bool

    def xml(self, scanned: Scanned) -> bytes:
        """Return the unit as a cell."""
        inside = [self.head]
        for index in range(self.first, self.last):
            inside += [_CONTROL, scanned.xml[index], scanned.gaps[index + 1] if index + 1 < self.last else self.tail]
        return b"".join(inside) + b"</w:tc>" if self.cell else b"<w:tc>" + b"".join(inside) + b"</w:p></w:tc>"


#: Beginnings and ends of cells, and tables.
_CELLS = re.compile(rb"<w:(?:tc|tbl)[ >]|</w:tc>")


def units(scanned: Scanned) -> Iterator[Unit] | None:
    """Yield the units of a part, and last of all one without controls; None for nested tables."""
    depth = 0
    for gap in scanned.gaps:
        for match in _CELLS.finditer(gap):
            depth += 1 if match[0].startswith(b"<w:tc") else -1 if match[0].startswith(b"</") else 0
            if depth > 1 or (depth and match[0].startswith(b"<w:tbl")):
                return None
    return _units(scanned)


def _units(scanned: Scanned) -> Iterator[Unit]:
    cell, first, head, before = False, 0, b"", ""
    for index, gap in enumerate(scanned.gaps):
        end = gap.find(b"</w:tc>" if cell else b"</w:p>") if index else 0
        if end < 0:
            continue  # the next control is in the same unit
        if index:
            yield Unit(before, first, index, head, gap[:end], cell)
        start = max(gap.rfind(b"<w:tc>"), gap.rfind(b"<w:tc "))
        cell = start > gap.rfind(b"</w:tc>")
        if not cell:
            start = max(gap.rfind(b"<w:p>"), gap.rfind(b"<w:p "))
        if index + 1 == len(scanned.gaps):
            start = len(gap)
        first, head, before = index, gap[start:], _between(gap[end:start]) or ""
    yield Unit(before, first, first, b"", b"", False)


#: Markup of a part of a cell that is not plain: anything but paragraphs and runs of text.
_STRANGE_BESIDE = re.compile(
    rb"<(?!/|w:(?:tc|p|r|rPr|rStyle|rFonts|u|t|cr|tab|noBreakHyphen|lang|sz|szCs|color|b|bCs|i|iCs|kern|spacing|highlight|proofErr"
    rb"|bookmarkStart|bookmarkEnd|lastRenderedPageBreak)[ />]|w:br/>)"
)
_PROPERTIES = re.compile(rb"<w:(pPr|tcPr)>.*?</w:\1>", re.DOTALL)


@remembered(2_000)
def text_beside(xml: bytes, head: bool) -> str | None:
    """Return the text of the ``head`` or the tail of a unit, paragraphs as lines; None where it holds more than text."""
    plain = _PROPERTIES.sub(b"", xml)
    if _STRANGE_BESIDE.search(plain) or b"<w:numPr" in xml:
        return None
    parts = _texts(plain)
    return "".join(parts[1:] if head else parts)


@remembered(10_000)
def _between(xml: bytes) -> str | None:
    """Return the text between two controls without blanks, None where it holds more than text."""
    if _STRANGE_BETWEEN.search(xml) or xml.rfind(b"<w:numPr") > xml.rfind(
        b"</w:p>"
    ):  # an automatic number before a control
        return None
    text = _MARKUP.sub(b"", xml.replace(b"<w:noBreakHyphen/>", b"-")).decode()
    return alike(unescape(text) if "&" in text else text)


def _text(inside: bytes) -> str | None:
    """Return the text of a control's runs, None if it holds anything but runs."""
    if (
        inside.startswith(_RUN)
        and inside.find(b"<", len(_RUN)) == len(inside) - len(_RUN_END)
        and inside.endswith(_RUN_END)
    ):
        text = inside[len(_RUN) : -len(_RUN_END)].decode()
        return unescape(text) if "&" in text else text
    if _STRANGE_INSIDE.search(inside) or _SYMBOLS.search(inside):
        return None
    return "".join(_texts(inside))


def _texts(xml: bytes) -> list[str]:
    """Return the texts of plain runs, and a sign for each break and each beginning of a paragraph."""
    return [_BREAKS.get(mark, "\n") if mark else unescape(written.decode()) for written, mark in _RUNS.findall(xml)]


#: Blanks are the same in all files of a form.
_blank = remembered(2_000)(_text)


@remembered(20_000)
def _control(own: bytes) -> Control:
    """Return the properties of a control; the files of a form have the same ones."""
    name, label = _TAG.search(own), _ALIAS.search(own)
    ticked = None
    if b"<w14:checkbox" in own:
        ticked = re.search(rb'<w14:checked(?: w14:val="(?:1|true)")?/>', own) is not None
    return Control(
        unescape(name[1].decode()) if name else "",
        unescape(label[1].decode()) if label else "",
        b"<w:date" in own,
        ticked,
        b"<w:showingPlcHdr/>" in own,
    )
