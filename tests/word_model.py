"""What Word makes of tracked changes (ECMA-376-1, 17.13.5): a resolver over the XML of a file.

A paragraph's properties are those of its mark. Where a mark goes, what is left of the paragraph joins the one below and
takes on its properties; before a table, or at the end of a cell or of the body, only a paragraph of which nothing is left
goes. Where a row goes, its cells go; a table without rows goes. Then numbers and REF fields are what they come to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from toolkit.docx.reading.package import open_package, tag
from toolkit.docx.reading.word_numbers import WordNumbers
from toolkit.docx.writing.markup import W
from toolkit.forms.values import PROMPT

_GOES = {"accept": {tag("del"), tag("moveFrom")}, "reject": {tag("ins"), tag("moveTo")}, "none": set()}
_CHANGES = {tag(name) for name in ("ins", "del", "moveFrom", "moveTo", "pPrChange")}
_SKIPPED = {tag(name) for name in ("pPr", "rPr", "sdtPr")}
_NS = {"w": W}


class Para(NamedTuple):
    """A paragraph: style, label, text, tags of its form fields."""

    style: str
    label: str
    text: str
    fields: tuple[str, ...] = ()


def body(data: bytes, act: str) -> list:
    """Return paragraphs and tables (lists of rows, these of cells, these of paragraphs) after accepting or rejecting all.

    ``act``: ``accept``, ``reject``, or ``none`` for a file without changes.
    """
    package = open_package(data)
    root = package.xml(package.main).find(tag("body"))
    assert root is not None
    if act == "none":
        assert not any(one.tag in _CHANGES for one in root.iter())
    resolver = _Resolver(
        _GOES[act], act == "reject", WordNumbers(package.xml("word/numbering.xml"), package.xml("word/styles.xml"))
    )
    return resolver.finished(resolver.blocks(root))


@dataclass
class _Open:
    """A paragraph in the making: pieces of text, REF fields as (bookmark,), and tags of form fields."""

    pieces: list[str | tuple[str]] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    style: str = ""
    label: str = ""


class _Resolver:
    def __init__(self, goes: set[str], rejects: bool, numbers: WordNumbers) -> None:
        self.goes = goes
        self.goes_with_control = {tag(f"customXml{'Ins' if rejects else 'Del'}RangeStart")} if goes else set()
        self.rejects = rejects
        self.numbers = numbers
        self.labels: dict[str, str] = {}
        self.instruction: str | None = None
        self.shows = False

    def blocks(self, holder: etree._Element) -> list:
        """Return the paragraphs and tables of a body or a cell."""
        found: list = []
        carried, held = _Open(), None
        for one in holder:
            if one.tag == tag("tbl"):
                rows = self._rows(one)
                if rows:
                    if held is not None and carried.pieces:
                        found.append(self._closed(held, carried))
                    carried, held = _Open(), None
                    found.append(self._cells(rows))
            elif one.tag == tag("p"):
                self._walk(one, carried)
                if any(change.tag in self.goes for change in one.iterfind("w:pPr/w:rPr/*", _NS)):
                    held = one
                else:
                    found.append(self._closed(one, carried))
                    carried, held = _Open(), None
        if held is not None and (carried.pieces or not found):
            found.append(self._closed(held, carried))
        return found

    def _rows(self, table: etree._Element) -> list[etree._Element]:
        rows = table.iterfind("w:tr", _NS)
        return [row for row in rows if not any(one.tag in self.goes for one in row.iterfind("w:trPr/*", _NS))]

    def _cells(self, rows: list[etree._Element]) -> list:
        return [[self.blocks(cell) for cell in row.iterfind("w:tc", _NS)] for row in rows]

    def _closed(self, paragraph: etree._Element, open_: _Open) -> _Open:
        """Give what was collected the properties of the paragraph whose mark ends it."""
        properties = paragraph.find(tag("pPr"))
        if self.rejects and properties is not None and properties.find(tag("pPrChange")) is not None:
            properties = properties.find("w:pPrChange/w:pPr", _NS)
        style = properties.find(tag("pStyle")) if properties is not None else None
        open_.style = style.get(tag("val"), "") if style is not None else ""
        open_.label = self.numbers.label(properties).strip()
        self.labels.update(dict.fromkeys(open_.bookmarks, open_.label))
        return open_

    def _walk(self, holder: etree._Element, open_: _Open) -> None:
        """Collect what is left of a paragraph or of a part of one."""
        for one in holder:
            if one.tag in self.goes or one.tag in _SKIPPED:
                continue
            if one.tag == tag("bookmarkStart"):
                open_.bookmarks.append(one.get(tag("name"), ""))
            elif one.tag == tag("fldChar"):
                self._field(one.get(tag("fldCharType"), ""), open_)
            elif one.tag in (tag("instrText"), tag("delInstrText")):
                self.instruction = (self.instruction or "") + (one.text or "")
            elif one.tag == tag("sdt"):
                self._walk(one, open_)
                before = one.getprevious()
                if before is None or before.tag not in self.goes_with_control:
                    open_.fields.append(one.find("w:sdtPr/w:tag", _NS).get(tag("val")))
            elif one.tag in (tag("t"), tag("delText")):
                if not self.shows and one.text:
                    open_.pieces.append(one.text)
            elif one.tag in (tag("tab"), tag("noBreakHyphen")):
                open_.pieces.append("\t" if one.tag == tag("tab") else "-")
            else:
                self._walk(one, open_)

    def _field(self, kind: str, open_: _Open) -> None:
        if kind == "separate":
            open_.pieces.append(((self.instruction or "").split()[1],))
            self.shows = True
        else:
            self.instruction, self.shows = None, False

    def finished(self, found: list) -> list:
        """Return the body with its REF fields as what they come to."""
        return [self.finished(one) if isinstance(one, list) else self._para(one) for one in found]

    def _para(self, one: _Open) -> Para:
        text = "".join(piece if isinstance(piece, str) else self.labels.get(piece[0], "错误") for piece in one.pieces)
        text = text.replace(PROMPT, "\u3000" * len(PROMPT))  # a field in a redline has no prompt in its blank
        return Para(one.style, one.label, text, tuple(one.fields))
