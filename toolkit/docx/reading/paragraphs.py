"""Reads the paragraphs of a DOCX in order with labels, bookmarks and fields; used to find stale references and ids.

Tracked insertions are read, deletions are not; numbers are computed as Word shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from toolkit.docx.reading.package import BREAKS, FALLBACK, Package, tag, tags
from toolkit.docx.reading.word_numbers import WordNumbers
from toolkit.docx.writing.identity import NAMESPACE, blank_hash, bookmark_name, prefix
from toolkit.model.tree import LEVELS
from toolkit.numbering.labels import choice_boxes

_SKIP = tags("del moveFrom pPr rPr sdtPr sdtEndPr tblPr tblGrid trPr tcPr sectPr delText footnoteReference object") | {
    FALLBACK
}
_DEPTHS = {level: depth for depth, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True)
class Record:
    """A provision or reference of the custom part. ``level`` is empty for references."""

    id: str
    level: str = ""
    enclosure: str = ""
    sha: str = ""
    document: str = ""
    relative: bool = False


@dataclass(slots=True)
class Identity:
    """The custom part: records by bookmark name, schemes and bracket styles by document id.

    ``rows`` holds row keys by field tag; ``blanks`` holds hashes of the text of empty fields by their bookmark.
    """

    document: str = ""
    provisions: dict[str, Record] = field(default_factory=dict)
    references: dict[str, Record] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    blanks: dict[str, str] = field(default_factory=dict)
    schemes: dict[str, tuple[str, bool]] = field(default_factory=dict)


@dataclass(slots=True)
class WordParagraph:
    """One paragraph as read.

    ``open`` are the bookmarks that cover its start or begin in it, outermost first; ``starts`` those that begin in
    it; ``fields`` the REF fields (bookmark, text shown); ``marked`` the text inside each bookmark that ends in it.
    """

    label: str
    style: str
    table: bool
    text: str = ""
    open: tuple[str, ...] = ()
    starts: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    marked: dict[str, str] = field(default_factory=dict)


def innermost(paragraph: WordParagraph, identity: Identity) -> str:
    """Return the id of the innermost provision or table around a paragraph.

    The level decides: LibreOffice swaps the starts of bookmarks that cover the same text.
    """
    known = [identity.provisions[name] for name in paragraph.open if name in identity.provisions]
    if known:
        return max(reversed(known), key=lambda record: _DEPTHS.get(record.level, len(_DEPTHS))).id
    for name in reversed(paragraph.open):
        if (
            not identity.provisions
            and name.startswith("_")
            and not name.startswith(("_Toc", "_Ref", "_Hlk", "_GoBack"))
        ):
            return name.removeprefix("__e_").removeprefix("_")
    return ""


def read_identity(package: Package) -> Identity:
    """Return the custom part; an empty one if the file has none."""
    for name, data in package.parts.items():
        if name.startswith("customXml/item") and NAMESPACE.encode() in data:
            root = package.xml(name)
            if root.tag == f"{{{NAMESPACE}}}identity":
                return _identity(root)
    return Identity()


def _identity(root: etree._Element) -> Identity:
    identity = Identity(root.get("document", ""))
    for element in root:
        kind = etree.QName(element).localname
        get = element.get
        if kind == "provision":
            record = Record(get("id", ""), get("level", ""), get("in", ""), get("sha", ""))
            identity.provisions[bookmark_name(record.id, prefix(record.enclosure))] = record
        elif kind == "ref":
            identity.references[get("name", "")] = Record(
                get("target", ""),
                enclosure=get("in", ""),
                document=get("document", ""),
                relative=get("relative") == "1",
            )
        elif kind == "field":
            name = get("tag", "")
            identity.rows[name] = get("row", "")
            if get("blank"):
                identity.blanks[bookmark_name(name, "f_")] = get("blank", "")
        elif kind == "document":
            identity.schemes[get("id", "")] = (get("numbering", ""), get("brackets") == "1")
    return identity


def numbering_parts(package: Package) -> tuple[etree._Element | None, etree._Element | None]:
    """Return the roots of the numbering and the styles part, None for one that the file lacks."""
    parts = {}
    for _, kind, target, _ in package.relationships(package.main):
        if target in package.parts:
            parts[kind.rsplit("/", 1)[-1]] = target
    numbering, styles = (package.xml(parts[name]) if name in parts else None for name in ("numbering", "styles"))
    return numbering, styles


def read_paragraphs(package: Package, identity: Identity) -> list[WordParagraph]:
    """Return all paragraphs of the main part with labels, bookmarks and REF fields.

    The bookmark of a table, in its caption or first cell, counts for all its paragraphs.
    """
    reader = _TextReader(WordNumbers(*numbering_parts(package)), identity.blanks)
    body = package.xml(package.main).find(tag("body"))
    if body is not None:
        reader.block(body, False)
    tables = {name for name, record in identity.provisions.items() if record.level == "table"}
    for first, after in reader.tables:
        heads = reader.paragraphs[max(first - 1, 0) : first + 1]
        owner = next((name for head in reversed(heads) for name in head.starts if name in tables), "")
        for paragraph in reader.paragraphs[first:after] if owner else ():
            if owner not in paragraph.open:
                paragraph.open = (*paragraph.open, owner)
    return reader.paragraphs


def _blank_choice(control: etree._Element) -> str:
    """Return the hash of the text of an empty drop-down list; ``""`` for other controls."""
    options = [item.get(tag("displayText"), "") for item in control.findall(f"{tag('sdtPr')}/{tag('dropDownList')}/*")]
    return blank_hash("".join(choice_boxes(options))) if options else ""


class _TextReader:
    """Walks the body once, in order."""

    def __init__(self, numbers: WordNumbers, blanks: dict[str, str]) -> None:
        self.numbers = numbers
        self.blanks = blanks
        self.paragraphs: list[WordParagraph] = []
        self.tables: list[tuple[int, int]] = []
        self.open: dict[str, str] = {}
        self.fields: list[list[str]] = []

    def block(self, element: etree._Element, table: bool) -> None:
        for child in element:
            kind = child.tag
            if kind == tag("p"):
                self._paragraph(child, table)
            elif kind == tag("bookmarkStart"):
                self._start(child)
            elif kind == tag("bookmarkEnd"):
                self.open.pop(child.get(tag("id"), ""), None)
            elif kind not in _SKIP:
                first = len(self.paragraphs)
                self.block(child, table or kind == tag("tbl"))
                if kind == tag("tbl") and not table:
                    self.tables.append((first, len(self.paragraphs)))

    def _start(self, element: etree._Element) -> str:
        """Open a bookmark. LibreOffice 7.4 starts one that spans paragraphs twice and ends it once."""
        name = element.get(tag("name"), "")
        for number in [number for number, other in self.open.items() if other == name]:
            del self.open[number]
        self.open[element.get(tag("id"), "")] = name
        return name

    def _paragraph(self, element: etree._Element, table: bool) -> None:
        properties = element.find(tag("pPr"))
        paragraph = WordParagraph(self.numbers.label(properties), self.numbers.style_name(properties), table)
        before = list(self.open.values())
        paragraph.text = self._inline(element, paragraph, [], {})
        paragraph.open = (*before, *paragraph.starts)
        self.paragraphs.append(paragraph)

    def _inline(self, element: etree._Element, paragraph: WordParagraph, out: list[str], marks: dict[str, int]) -> str:
        for child in element:
            kind = child.tag
            if kind == tag("t"):
                if not self.fields or self.fields[-1][1]:
                    out.append(child.text or "")
            elif kind in BREAKS:
                out.append(BREAKS[kind])
            elif kind == tag("fldChar"):
                self._field(child.get(tag("fldCharType"), ""), paragraph, out)
            elif kind == tag("instrText"):
                if self.fields:
                    self.fields[-1][0] += child.text or ""
            elif kind == tag("bookmarkStart"):
                name = self._start(child)
                paragraph.starts.append(name)
                marks[name] = len("".join(out))
            elif kind == tag("bookmarkEnd"):
                name = self.open.pop(child.get(tag("id"), ""), "")
                if name in marks:
                    if name in self.blanks:
                        self._drop_blank(out, marks[name], self.blanks[name])
                    paragraph.marked[name] = "".join(out)[marks[name] :]
            elif kind == tag("txbxContent"):
                self.block(child, False)
            elif kind not in _SKIP:
                start = len("".join(out)) if kind == tag("sdt") else 0
                self._inline(child, paragraph, out, marks)
                if kind == tag("sdt"):
                    self._drop_blank(out, start, _blank_choice(child))
                elif kind == tag("fldSimple"):
                    self._simple(child, paragraph)
        return "".join(out)

    @staticmethod
    def _drop_blank(out: list[str], start: int, blank: str) -> None:
        """Drop the text from ``start`` on if it is that of the empty field."""
        text = "".join(out)
        if blank and blank_hash(text[start:]) == blank:
            out[:] = [text[:start]]

    def _field(self, kind: str, paragraph: WordParagraph, out: list[str]) -> None:
        """Follow a complex field: [instruction, in result, length of the text where the result starts]."""
        if kind == "begin":
            self.fields.append(["", "", ""])
        elif kind == "separate" and self.fields:
            self.fields[-1][1:] = ["1", str(len("".join(out)))]
        elif kind == "end" and self.fields:
            instruction, _, start = self.fields.pop()
            words = instruction.split()
            if start and len(words) > 1 and words[0].upper() == "REF":
                paragraph.fields.append((words[1], "".join(out)[int(start) :]))

    def _simple(self, element: etree._Element, paragraph: WordParagraph) -> None:
        words = element.get(tag("instr"), "").split()
        if len(words) > 1 and words[0].upper() == "REF":
            paragraph.fields.append((words[1], "".join(run.text or "" for run in element.iter(tag("t")))))
