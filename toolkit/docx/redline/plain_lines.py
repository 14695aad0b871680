"""Reads the paragraphs and tables of any DOCX as plain XML with their text, for redlines that keep a file's own layout.

A paragraph becomes its ``w:pPr`` and a list of characters, each with the ``w:rPr`` of its run; bookmarks, pictures and notes
stand between them without a width. An indivisible part (field, link, control) is one piece with a text.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from toolkit.docx.reading.package import FALLBACK, Package, tag, tags
from toolkit.docx.writing.markup import W

_P, _R, _T, _TBL, _TR, _TC, _SECTION = (tag(name) for name in ("p", "r", "t", "tbl", "tr", "tc", "sectPr"))
_PPR, _RPR, _TRPR = tag("pPr"), tag("rPr"), tag("trPr")
_CHARACTERS = {tag("tab"): "\t", tag("br"): "\n", tag("cr"): "\n", tag("noBreakHyphen"): "-"}
_DROPPED = tags("proofErr lastRenderedPageBreak permStart permEnd") | {FALLBACK}
_NO_WIDTH = tags("bookmarkStart bookmarkEnd commentRangeStart commentRangeEnd")
_TRACKED = tags(
    "ins del moveFrom moveTo pPrChange rPrChange tblPrChange trPrChange tcPrChange sectPrChange numberingChange"
)
_HOLDERS = tags("hyperlink smartTag sdt sdtContent customXml fldSimple")
_FIELD = tag("fldChar")
_DECLARED = re.compile(r' xmlns:([\w.-]+)="([^"]*)"')
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class NotPossible(Exception):
    """A file whose structure does not allow marks inside it; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a paragraph: its XML and its text. ``char``: one character of a plain run, whose properties are ``run``."""

    xml: str
    text: str = ""
    run: str = ""
    char: bool = False


@dataclass(slots=True)
class PlainLine:
    """A paragraph: its ``w:pPr`` without the format of its mark, that format, and its pieces."""

    properties: str
    mark_format: str
    pieces: list[Piece]
    element: etree._Element = field(repr=False)

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def whole_properties(self) -> str:
        """The ``w:pPr`` as it stands."""
        before, section, after = self.properties.removesuffix("</w:pPr>").partition("<w:sectPr")
        return f"{before}{self.mark_format}{section}{after}</w:pPr>"

    @property
    def content(self) -> str:
        """The XML of its pieces, the characters of one format in one run."""
        return joined(self.pieces)


@dataclass(slots=True)
class PlainTable:
    """A table: the XML before its rows, and these. ``simple``: no cell holds a table or is merged with another row."""

    head: str
    rows: list[PlainRow]
    simple: bool

    @property
    def text(self) -> str:
        """Its text, cells and rows parted."""
        return "\n".join(row.text for row in self.rows)


@dataclass(slots=True)
class PlainRow:
    """A row: its ``w:trPr`` and its cells, each with its ``w:tcPr`` and paragraphs."""

    properties: str
    cells: list[tuple[str, list[PlainLine]]]

    @property
    def text(self) -> str:
        """Its text, cells parted."""
        return "\t".join("\n".join(line.text for line in lines) for _, lines in self.cells)


@dataclass(frozen=True, slots=True)
class PlainBlob:
    """Anything else in a body, as it stands: the properties of the section, a table of contents in a control."""

    xml: str
    text: str = ""


PlainBlock = PlainLine | PlainTable | PlainBlob


class PlainBody:
    """The body of a file. ``opening``: the start of the main part up to the content of its body."""

    def __init__(self, package: Package) -> None:
        root = package.xml(package.main)
        body = root.find(tag("body"))
        if body is None or root.nsmap.get("w") != W or None in root.nsmap:
            raise NotPossible("正文的写法少见")
        if any(element.tag in _TRACKED for element in root.iter()):
            raise NotPossible("文件里已经有修订，请先接受或者拒绝")
        self._declared = {str(prefix): str(address) for prefix, address in root.nsmap.items()}
        empty = etree.Element(root.tag, {str(name): str(value) for name, value in root.attrib.items()}, self._declared)
        self.opening = f"{_written(empty).removesuffix('/>')}><w:body>"
        self.blocks = [self._block(child) for child in body if isinstance(child.tag, str)]

    def _xml(self, element: etree._Element) -> str:
        """Return an element as XML without the declarations that the root has."""
        text = _written(element)
        return _DECLARED.sub(lambda found: "" if self._declared.get(found[1]) == found[2] else found[0], text)

    def _block(self, element: etree._Element) -> PlainBlock:
        if element.tag == _P:
            return self._line(element)
        if element.tag == _TBL:
            return self._table(element)
        text = "".join(part.text or "" for part in element.iter(_T))
        return PlainBlob(self._xml(element), text)

    def _table(self, element: etree._Element) -> PlainTable:
        head, rows = "", []
        simple = not any(
            part is not element and part.tag in (_TBL, tag("vMerge"), tag("sdt")) for part in element.iter()
        )
        for child in element:
            if child.tag == _TR and simple:
                cells = [self._cell(cell) for cell in child if cell.tag == _TC]
                rows.append(PlainRow(self._properties(child, _TRPR), cells))
            elif child.tag != _TR:
                head += self._xml(child)
            else:
                text = "\t".join("".join(t.text or "" for t in cell.iter(_T)) for cell in child.iter(_TC))
                rows.append(PlainRow(self._xml(child), [("", [PlainLine("", "", [Piece("", text)], child)])]))
        return PlainTable(head, rows, simple)

    def _cell(self, cell: etree._Element) -> tuple[str, list[PlainLine]]:
        return self._properties(cell, tag("tcPr")), [self._line(line) for line in cell if line.tag == _P]

    def _properties(self, element: etree._Element, name: str) -> str:
        found = element.find(name)
        return self._xml(found) if found is not None else ""

    # -- paragraphs

    def _line(self, element: etree._Element) -> PlainLine:
        properties, mark = etree.Element(_PPR, None, {"w": W}), ""
        found = element.find(_PPR)
        for child in found if found is not None else ():
            if child.tag == _RPR:
                mark = self._xml(child)
            else:
                properties.append(copy.deepcopy(child))
        xml = self._xml(properties)
        xml = "<w:pPr></w:pPr>" if xml.endswith("/>") and len(properties) == 0 else xml
        xml = re.sub(r"^<w:pPr [^>]*>", "<w:pPr>", xml)
        return PlainLine(xml, mark, list(self._pieces(element)), element)

    def _pieces(self, element: etree._Element) -> Iterator[Piece]:
        children = [child for child in element if isinstance(child.tag, str) and child.tag not in _DROPPED | {_PPR}]
        inside: list[etree._Element] = []  # the runs of a complex field that is not at its end yet
        depth = 0
        for child in children:
            for mark in child.iter(_FIELD):
                kind = mark.get(tag("fldCharType"))
                depth += {"begin": 1, "end": -1}.get(str(kind), 0)
            inside.append(child)
            if depth <= 0:
                yield from self._of(inside)
                inside, depth = [], 0
        if inside:
            yield from self._of(inside)

    def _of(self, elements: Sequence[etree._Element]) -> Iterator[Piece]:
        if len(elements) == 1 and elements[0].tag == _R and all(_is_plain(child) for child in elements[0]):
            yield from self._characters(elements[0])
            return
        xml = "".join(map(self._xml, elements))
        yield Piece(xml, "".join(_result(elements)))

    def _characters(self, run: etree._Element) -> Iterator[Piece]:
        properties = self._properties(run, _RPR)
        for child in run:
            if child.tag == _T:
                yield from (Piece("", char, properties, True) for char in child.text or "")
            elif child.tag in _CHARACTERS:
                yield Piece(self._xml(child), _CHARACTERS[child.tag], properties, True)


def _written(element: etree._Element) -> str:
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def _is_plain(child: etree._Element) -> bool:
    return child.tag in (_RPR, _T) or child.tag in _CHARACTERS or child.tag in _DROPPED


def _result(elements: Sequence[etree._Element]) -> Iterator[str]:
    """Yield the text of elements: of fields their results, of boxes nothing."""
    for element in elements:
        for part in element.iter(_T, *_CHARACTERS):
            if not any(outer.tag == tag("txbxContent") for outer in part.iterancestors()):
                yield part.text or "" if part.tag == _T else _CHARACTERS[part.tag]


def joined(pieces: Sequence[Piece]) -> str:
    """Return pieces as XML; characters of one format are one run."""
    out: list[str] = []
    index = 0
    while index < len(pieces):
        if not pieces[index].char:
            out.append(pieces[index].xml)
            index += 1
            continue
        end = index
        while end < len(pieces) and pieces[end].char and pieces[end].run == pieces[index].run:
            end += 1
        out.append(_run(pieces[index:end]))
        index = end
    return "".join(out)


def _run(pieces: Sequence[Piece]) -> str:
    """Return characters of one format as runs: one for each stretch of text and for each tab or break."""
    out, text = [], ""
    for piece in [*pieces, None]:
        if piece is not None and not piece.xml:
            text += piece.text
            continue
        if text:
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            out.append(f'<w:r>{pieces[0].run}<w:t xml:space="preserve">{escaped}</w:t></w:r>')
            text = ""
        if piece is not None:
            out.append(f"<w:r>{piece.run}{piece.xml}</w:r>")
    return "".join(out)
