"""Writes tracked changes and comments as XML (ECMA-376-1, 17.13); used by the other modules of this room."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from html import escape

from toolkit.core import zips
from toolkit.docx.writing.markup import W, run
from toolkit.model.tree import CAME, GONE

_ELEMENTS = {"ins": "ins", "del": "del", "from": "moveFrom", "to": "moveTo"}
_BOOKMARK = re.compile(r"<w:bookmark(?:Start|End) [^>]*/>")
#: The tracked ends of a control, and its XML without its content.
_ENDS = r"<w:customXml(?:Ins|Del)Range(?:Start|End) [^>]*/>|<w:sdt><w:sdtPr>.*?<w:sdtContent>|</w:sdtContent></w:sdt>"
_CONTROL_ENDS = re.compile(_ENDS, re.DOTALL)
#: Parts of a paragraph that are not wrapped with the runs around them: bookmarks, controls, and tracked runs.
_UNWRAPPED = re.compile(
    rf"{_BOOKMARK.pattern}|<w:(?P<mark>ins|del|moveFrom|moveTo) [^>]*[^/]>.*?</w:(?P=mark)>|{_ENDS}", re.DOTALL
)
PARAGRAPH = re.compile(r"<w:p>(<w:pPr>.*?</w:pPr>)(.*?)</w:p>", re.DOTALL)
_CONTROL = re.compile(r"(<w:sdt><w:sdtPr>.*?</w:sdtPr><w:sdtContent>)(.*?)(</w:sdtContent></w:sdt>)", re.DOTALL)
#: Bookmarks of form fields: the number and the rest.
_FIELD = re.compile(r'<w:bookmarkStart w:id="([^"]+)" w:name="f_')
_RANGES = {"ins": "Ins", "del": "Del"}


def family(mark: str) -> str:
    """Return ``ins`` or ``del`` for the mark of a block or row (a move is a deletion and an insertion), else ``""``."""
    return "ins" if mark in CAME else "del" if mark in GONE else ""


@dataclass(frozen=True)
class Author:
    """The author of the changes and their date (``2026-01-05T00:00:00Z``)."""

    name: str
    date: str

    @property
    def attributes(self) -> str:
        """Author and date as attributes."""
        date = f' w:date="{self.date}"' if self.date else ""
        return f'w:author="{escape(self.name)}"{date}'


class Revisions:
    """Numbers tracked changes and wraps XML in them. ``moved`` are the ids of moved blocks."""

    def __init__(self, author: Author, moved: Set[str] = frozenset()) -> None:
        self.author = author
        self.moved = moved
        self.count = 0
        self.moves: dict[str, int] = {}
        #: Tags of form fields of the accepted text: deleted fields cannot have them too.
        self.fields: set[str] = set()

    def attributes(self) -> str:
        """Return the attributes of the next change."""
        self.count += 1
        return f'w:id="{900_000 + self.count}" {self.author.attributes}'

    def empty(self, mark: str) -> str:
        """Return the change of a paragraph mark or a row: an empty element."""
        return f"<w:{_ELEMENTS[mark]} {self.attributes()}/>"

    def wrap(self, mark: str, xml: str) -> str:
        """Return runs as inserted or deleted."""
        if not xml:
            return ""
        if mark in GONE:
            xml = _BOOKMARK.sub("", xml)
        if mark == "del":
            xml = xml.replace("<w:t>", "<w:delText>").replace("<w:t ", "<w:delText ")
            xml = xml.replace("</w:t>", "</w:delText>").replace("<w:instrText", "<w:delInstrText")
            xml = xml.replace("</w:instrText>", "</w:delInstrText>")
        return f"<w:{_ELEMENTS[mark]} {self.attributes()}>{xml}</w:{_ELEMENTS[mark]}>"

    def control(self, mark: str, xml: str) -> str:
        """Return a content control as inserted or deleted: both its ends (17.13.5.4 ff.) and its content."""
        return _CONTROL.sub(
            lambda match: self._range(mark, match[1]) + self.wrap(mark, match[2]) + self._range(mark, match[3]), xml
        )

    def _range(self, mark: str, xml: str) -> str:
        attributes = self.attributes()
        name = f"w:customXml{_RANGES[mark]}Range"
        return f"<{name}Start {attributes}/>{xml}<{name}End {attributes.partition(' w:author')[0]}/>"

    def content(self, mark: str, xml: str) -> str:
        """Return all runs of a paragraph as inserted or deleted. Deleted text loses its bookmarks except form fields."""
        out, start = [], 0
        fields = {f'w:id="{number}"' for number in _FIELD.findall(xml)}
        for match in _UNWRAPPED.finditer(xml):
            out.append(self.wrap(mark, xml[start : match.start()]))
            is_bookmark = match[0].startswith("<w:bookmark")
            if mark not in GONE or not is_bookmark or match[0].split(" ")[1].rstrip("/>") in fields:
                out.append(match[0])
            start = match.end()
        return "".join([*out, self.wrap(mark, xml[start:])])

    def row(self, mark: str, xml: str) -> str:
        """Return a ``w:tr`` as inserted or deleted, with the marks of its paragraphs except the last of each cell."""
        head, end, cells = xml.partition("</w:trPr>")

        def paragraph(match: re.Match[str]) -> str:
            is_last = cells.startswith("</w:tc>", match.end())
            properties = match[1] if is_last else with_paragraph_mark(match[1], self.empty(mark))
            return f"<w:p>{properties}{self.content(mark, match[2])}</w:p>"

        return f"{head}{self.empty(mark)}{end}{PARAGRAPH.sub(paragraph, cells)}"

    def move(self, key: str, mark: str, xml: str) -> str:
        """Return the runs of a moved block's paragraph inside the range that connects both positions."""
        number = self.moves.setdefault(key, len(self.moves) + 1)
        element, attributes = _ELEMENTS[mark], self.attributes()
        start = f'<w:{element}RangeStart {attributes} w:name="move{number}"/>'
        return f"{start}{xml}<w:{element}RangeEnd {attributes.partition(' w:author')[0]}/>"


def without_controls(xml: str) -> str:
    """Return a paragraph with its controls replaced by plain runs, without their bookmarks and tracked ends."""
    numbers = set(_FIELD.findall(xml))
    bookmarks = _BOOKMARK.sub(lambda match: "" if match[0].split('"')[1] in numbers else match[0], xml)
    return _CONTROL_ENDS.sub("", bookmarks)


def with_paragraph_mark(properties: str, change: str) -> str:
    """Return a ``w:pPr`` with the change of its paragraph mark: first in its ``w:rPr``, before its other elements (CT_PPr)."""
    start, changed, after = properties.removesuffix("</w:pPr>").partition("<w:pPrChange ")
    before, section, rest = start.partition("<w:sectPr")
    if "<w:rPr>" in before:
        before = before.replace("<w:rPr>", f"<w:rPr>{change}", 1)
    else:
        before += f"<w:rPr>{change}</w:rPr>"
    return f"{before}{section}{rest}{changed}{after}</w:pPr>"


_OF_MARK = re.compile("<w:rPr>.*?</w:rPr>|<w:rPr/>|<w:sectPr.*</w:sectPr>", re.DOTALL)


def of_paragraph(properties: str) -> str:
    """Return a ``w:pPr`` with the paragraph's own properties only, as in a ``w:pPrChange`` (CT_PPrBase)."""
    return _OF_MARK.sub("", properties)


#: Elements behind ``w:trackRevisions`` in CT_Settings.
_AFTER_TRACKING = re.compile(
    "<w:(?:doNotTrackMoves|doNotTrackFormatting|documentProtection|autoFormatOverride|styleLockTheme|styleLockQFSet"
    "|defaultTabStop|autoHyphenation|consecutiveHyphenLimit|evenAndOddHeaders|characterSpacingControl|compat|rsids"
    "|themeFontLang|clrSchemeMapping)|</w:settings>"
)


def tracking(xml: str) -> str:
    """Return the settings with ``w:trackRevisions``."""
    return xml if "<w:trackRevisions" in xml else _AFTER_TRACKING.sub(r"<w:trackRevisions/>\g<0>", xml, count=1)


_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_COMMENTS_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"


def add_comments(parts: dict[str, bytes], texts: list[str], author: Author) -> None:
    """Add the comments part with its relationship and content type."""
    inner = "".join(
        f'<w:comment w:id="{number}" {author.attributes} w:initials="TK">'
        f"{''.join(f'<w:p>{run(line)}</w:p>' for line in text.split(chr(10)))}</w:comment>"
        for number, text in enumerate(texts)
    )
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    parts["word/comments.xml"] = f'{declaration}<w:comments xmlns:w="{W}">{inner}</w:comments>'.encode()
    rels = parts["word/_rels/document.xml.rels"].decode()
    rel = f'<Relationship Id="rIdReview" Type="{_COMMENTS_REL}" Target="comments.xml"/>'
    parts["word/_rels/document.xml.rels"] = rels.replace("</Relationships>", rel + "</Relationships>").encode()
    types = parts[zips.CONTENT_TYPES].decode()
    kind = f'<Override PartName="/word/comments.xml" ContentType="{_COMMENTS_TYPE}"/>'
    parts[zips.CONTENT_TYPES] = types.replace("</Types>", kind + "</Types>").encode()
