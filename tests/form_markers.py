"""Places of a DOCX form where a clerk may put a word: each is a change of the XML; used by ``test_forms_markers``."""

from __future__ import annotations

import copy
import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

from lxml import etree

from toolkit.docx.reading.package import tag

W = tag("x")[1:-2]
MAIN = "word/document.xml"
#: A word that no form holds; digits and signs would be read as numbers or marks.
MARKER = "某处写的字"
Change = Callable[[etree._Element], None]


def element(xml: str) -> etree._Element:
    return etree.fromstring(f'<x xmlns:w="{W}">{xml}</x>')[0]


def run(text: str = MARKER) -> etree._Element:
    return element(f"<w:r><w:t>{text}</w:t></w:r>")


def body(root: etree._Element) -> etree._Element:
    return root.find(tag("body"))


def in_text(node: etree._Element, place: int, text: str = MARKER) -> None:
    """Put the word into a ``w:t`` at a character."""
    node.text = (node.text or "")[:place] + text + (node.text or "")[place:]


def unwrap(control: etree._Element) -> None:
    """Take a control away; what is in it stays."""
    content = control.find(tag("sdtContent"))
    for child in list(content) if content is not None else ():
        control.addprevious(child)
    control.getparent().remove(control)


def cell_of(node: etree._Element) -> etree._Element | None:
    return next(node.iterancestors(tag("tc")), None)


class Places:
    """Draws changes at random places of a main part; ``kinds`` are the ways in which a word gets into a form."""

    def __init__(self, root: etree._Element, random: random.Random) -> None:
        self.root = root
        self.random = random
        self.kinds: list[Callable[[], None]] = [
            self.text,
            self.run_in_paragraph,
            self.new_paragraph_in_cell,
            self.new_paragraph,
            self.new_row,
            self.copied_row,
            self.before_control,
            self.behind_control,
            self.inside_control,
            self.instead_of_control,
            self.at_removed_control,
            self.box,
            self.word_art,
            self.nested_table,
            self.wrapped_cell,
            self.inserted_run,
            self.merged_cell,
            self.split_cell,
        ]
        if not self.wide_rows():  # a form of paragraphs only
            self.kinds = [kind for kind in self.kinds if not re.search("cell|row|table", kind.__name__)]

    def pick(self, *kinds: str) -> etree._Element:
        nodes = list(body(self.root).iter(*map(tag, kinds)))
        return self.random.choice(nodes)

    def wide_rows(self) -> list[etree._Element]:
        """Return the rows of several cells."""
        return [row for row in body(self.root).iter(tag("tr")) if len(row.findall(tag("tc"))) > 1]

    def paragraph(self) -> etree._Element:
        return self.pick("p")

    def control(self) -> etree._Element:
        return self.pick("sdt")

    def text(self) -> None:
        """Into a text, at any character."""
        node = self.pick("t")
        in_text(node, self.random.randint(0, len(node.text or "")))

    def run_in_paragraph(self) -> None:
        """A run at any place of a paragraph."""
        paragraph = self.paragraph()
        start = 1 if paragraph.find(tag("pPr")) is not None else 0
        paragraph.insert(self.random.randint(start, len(paragraph)), run())

    def new_paragraph_in_cell(self) -> None:
        cell = self.pick("tc")
        paragraph = element("<w:p/>")
        paragraph.append(run())
        paragraphs = cell.findall(tag("p"))
        place = self.random.choice(paragraphs)
        place.addnext(paragraph) if self.random.random() < 0.5 else place.addprevious(paragraph)

    def new_paragraph(self) -> None:
        blocks = [block for block in body(self.root) if block.tag in (tag("p"), tag("tbl"))]
        paragraph = element("<w:p/>")
        paragraph.append(run())
        self.random.choice(blocks).addprevious(paragraph)

    def new_row(self) -> None:
        """A row without controls, above or below any row, a word in any cell."""
        row = self.pick("tr")
        fresh = copy.deepcopy(row)
        for kind in ("sdt", "bookmarkStart", "bookmarkEnd", "r"):
            for node in list(fresh.iter(tag(kind))):
                if node.getparent() is not None:
                    node.getparent().remove(node)
        self.random.choice(list(fresh.iter(tag("p")))).append(run())
        row.addnext(fresh) if self.random.random() < 0.5 else row.addprevious(fresh)

    def copied_row(self) -> None:
        """A row copied with its controls, and a word in it."""
        row = self.pick("tr")
        fresh = copy.deepcopy(row)
        nodes = list(fresh.iter(tag("t")))
        if nodes:
            node = self.random.choice(nodes)
            in_text(node, self.random.randint(0, len(node.text or "")))
        else:
            next(fresh.iter(tag("p"))).append(run())
        row.addnext(fresh) if self.random.random() < 0.5 else row.addprevious(fresh)

    def before_control(self) -> None:
        self.control().addprevious(run())

    def behind_control(self) -> None:
        self.control().addnext(run())

    def inside_control(self) -> None:
        content = self.control().find(tag("sdtContent"))
        content.insert(self.random.randint(0, len(content)), run())

    def instead_of_control(self) -> None:
        """The control and its blank go, the word is in their place."""
        control = self.control()
        control.addprevious(run())
        control.getparent().remove(control)

    def at_removed_control(self) -> None:
        """The control goes, its content stays, the word is before or behind it."""
        control = self.control()
        control.addprevious(run()) if self.random.random() < 0.5 else control.addnext(run())
        unwrap(control)

    def box(self) -> None:
        """A text box in any paragraph."""
        holder = element("<w:r><w:pict><w:txbxContent><w:p/></w:txbxContent></w:pict></w:r>")
        next(holder.iter(tag("p"))).append(run())
        self.paragraph().append(holder)

    def word_art(self) -> None:
        """Words of a drawing: of WordArt in an attribute, of DrawingML in a text of its own."""
        shapes = (
            f'<w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath string="{MARKER}"/></v:shape></w:pict>',
            f'<w:drawing><a:t xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{MARKER}</a:t></w:drawing>',
        )
        self.paragraph().append(element(f"<w:r>{self.random.choice(shapes)}</w:r>"))

    def nested_table(self) -> None:
        """A table in a cell, the word in its second cell."""
        cell = self.pick("tc")
        table = element("<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>")
        list(table.iter(tag("p")))[1].append(run())
        cell.insert(len(cell) - 1, table)

    def wrapped_cell(self) -> None:
        """A control without tag around all of a cell's paragraphs, and the word in a paragraph of its own."""
        cell = self.pick("tc")
        wrap = element("<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>")
        content = wrap.find(tag("sdtContent"))
        for paragraph in cell.findall(tag("p")):
            content.append(paragraph)
        fresh = element("<w:p/>")
        fresh.append(run())
        content.append(fresh)
        cell.append(wrap)

    def inserted_run(self) -> None:
        """A tracked insertion in any paragraph, and a tracked deletion beside it."""
        change = element('<w:ins w:id="901" w:author="x"/>')
        change.append(run())
        paragraph = self.paragraph()
        paragraph.append(change)
        paragraph.append(element('<w:del w:id="902" w:author="x"><w:r><w:delText>删去的字</w:delText></w:r></w:del>'))

    def merged_cell(self) -> None:
        """Two cells of a row merged as Word does, the word at the end of the first."""
        row = self.random.choice(self.wide_rows())
        cells = row.findall(tag("tc"))
        index = self.random.randrange(len(cells) - 1)
        first, second = cells[index : index + 2]
        first.findall(tag("p"))[-1].append(run())
        for child in second.findall(tag("p")):
            first.append(child)
        span = sum(_span(cell) for cell in (first, second))
        properties = first.find(tag("tcPr"))
        for old in properties.findall(tag("gridSpan")):
            properties.remove(old)
        width = properties.find(tag("tcW"))
        width.addnext(element(f'<w:gridSpan w:val="{span}"/>'))
        row.remove(second)

    def split_cell(self) -> None:
        """A cell split in two, with the word in the new one; the grid is as Word leaves it: too short."""
        cell = self.pick("tc")
        fresh = element("<w:tc><w:tcPr/><w:p/></w:tc>")
        fresh.find(tag("p")).append(run())
        cell.addnext(fresh)


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{tag('tcPr')}/{tag('gridSpan')}")
    return int(span.get(tag("val"))) if span is not None else 1


def with_main(data: bytes, change: Change) -> bytes:
    """Return a DOCX whose main part was changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == MAIN:
                root = etree.fromstring(part)
                change(root)
                part = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            new.writestr(info.filename, part)
    return out.getvalue()


def in_long_texts(data: bytes, least: int) -> Iterator[tuple[str, bytes]]:
    """Yield each text of a form with so many characters, and the form with the marker in its middle or near its end."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = etree.fromstring(archive.read(MAIN))
    for index, node in enumerate(root.iter(tag("t"))):
        text = node.text or ""
        for place in (len(text) // 2, len(text) - 2) if len(text) >= least else ():

            def change(root: etree._Element, index: int = index, place: int = place) -> None:
                in_text(list(root.iter(tag("t")))[index], place)

            yield text, with_main(data, change)


def field_tags(node: etree._Element) -> set[str]:
    """Return the tags of the fields in a part of a form that the toolkit wrote."""
    names = (start.get(tag("name"), "") for start in node.iter(tag("bookmarkStart")))
    return {name[2:] for name in names if name.startswith("f_")}


class Placed(NamedTuple):
    """A file with the marker: how it got there, and the tags of its cell, or of its column in a new row; None outside cells."""

    way: str
    data: bytes
    allowed: set[str] | None


def placed(data: bytes, seed: int, first: int = 0) -> Iterator[Placed]:
    """Yield without end files with the marker, way by way from the ``first``."""
    source = random.Random(seed)
    for number in count(first):
        way = ""
        allowed: set[str] | None = None

        def change(root: etree._Element, number: int = number) -> None:
            nonlocal way, allowed
            before = {cell: field_tags(cell) for cell in root.iter(tag("tc"))}
            places = Places(root, source)
            kind = places.kinds[number % len(places.kinds)]
            way = kind.__name__
            kind()
            text = next((node for node in root.iter(tag("t")) if MARKER in (node.text or "")), None)
            cells = list(text.iterancestors(tag("tc"))) if text is not None else []
            if cells and way != "box":
                cell = cells[-1]
                row = cell.getparent()
                column = row.findall(tag("tc")).index(cell) if row.tag == tag("tr") else 0
                allowed = before.get(cell, set()) | field_tags(cell)
                if cell not in before:
                    for other in row.getparent().findall(tag("tr")):
                        beside = other.findall(tag("tc"))
                        allowed |= before.get(beside[column], set()) if column < len(beside) else set()

        made = with_main(data, change)
        yield Placed(way, made, allowed)


#: Parts that a form may get: (name, content type, relationship, element around the paragraphs).
_BESIDE = {"header": "hdr", "footnotes": "footnotes", "endnotes": "endnotes", "comments": "comments"}


def beside(data: bytes, kind: str) -> bytes:
    """Return a DOCX with a part beside the main one that holds the marker."""
    inside = f"<w:p><w:r><w:t>{MARKER}</w:t></w:r></w:p>"
    if kind != "header":
        inside = f'<w:{kind.removesuffix("s")} w:id="5">{inside}</w:{kind.removesuffix("s")}>'
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(
            f"word/{kind}{'9' if kind == 'header' else ''}.xml",
            f'<w:{_BESIDE[kind]} xmlns:w="{W}">{inside}</w:{_BESIDE[kind]}>',
        )
    return out.getvalue()
