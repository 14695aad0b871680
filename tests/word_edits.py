"""Random edits of a DOCX as Word makes them: numbering, styles, list levels, merged, split, moved and copied paragraphs."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

from lxml import etree

from toolkit.core import zips
from toolkit.docx.reading.package import open_package, parse, tag

_P, _PPR, _R, _T, _TC = (tag(name) for name in ("p", "pPr", "r", "t", "tc"))
#: Ids and levels of lists, also such as no program should write.
NUM_IDS = ("0", "1", "2", "3", "4", "5", "6", "7", "12", "99", "1.5", "-1", "", "abc", "99999999999999999999")
LEVELS = ("0", "1", "2", "3", "8", "9", "x", "", "1.5", "-1")


class WordEdits:
    """The main part of a file that is edited at random; a seed gives the same edits."""

    def __init__(self, data: bytes, seed: int) -> None:
        self.parts = dict(open_package(data).parts)
        self.root = parse("document", self.parts["word/document.xml"])
        self.chance = random.Random(seed)
        styles = parse("styles", self.parts["word/styles.xml"])
        self.styles = [
            style.get(tag("styleId")) for style in styles.iter(tag("style")) if style.get(tag("type")) == "paragraph"
        ]

    def edited(self, count: int) -> bytes:
        """Return the file after so many edits."""
        acts: tuple[Callable[[], None], ...] = (
            self.number,
            self.number,
            self.style,
            self.style,
            self.join,
            self.join,
            self.split,
            self.delete,
            self.move,
            self.duplicate,
            self.empty,
            self.unbookmark,
            self.type_number,
            self.broken_lists,
        )
        for _ in range(count):
            if self.paragraphs():
                self.chance.choice(acts)()
        self.parts["word/document.xml"] = etree.tostring(
            self.root, xml_declaration=True, encoding="UTF-8", standalone=True
        )
        return zips.pack(self.parts)

    def paragraphs(self) -> list[etree._Element]:
        return list(self.root.iter(_P))

    def one(self) -> etree._Element:
        return self.chance.choice(self.paragraphs())

    def properties(self) -> etree._Element:
        paragraph = self.one()
        found = paragraph.find(_PPR)
        if found is None:
            found = etree.Element(_PPR)
            paragraph.insert(0, found)
        return found

    def number(self) -> None:
        """Switch numbering off or on, or put the paragraph into another list or level."""
        properties = self.properties()
        for old in properties.findall(tag("numPr")):
            properties.remove(old)
        if self.chance.random() < 0.2:
            return
        number = etree.SubElement(properties, tag("numPr"))
        if self.chance.random() < 0.8:
            etree.SubElement(number, tag("ilvl")).set(tag("val"), self.chance.choice(LEVELS))
        if self.chance.random() < 0.9:
            etree.SubElement(number, tag("numId")).set(tag("val"), self.chance.choice(NUM_IDS))

    def style(self) -> None:
        """Give the paragraph another style, none, or one that does not exist."""
        properties = self.properties()
        for old in properties.findall(tag("pStyle")):
            properties.remove(old)
        if self.chance.random() < 0.85:
            style = etree.Element(tag("pStyle"))
            style.set(tag("val"), self.chance.choice([*self.styles, "没有的样式"]))
            properties.insert(0, style)

    def join(self) -> None:
        """Press Delete at the end of a paragraph, or Backspace at the start of the next, also with tracking on."""
        paragraph = self.one()
        following = paragraph.getnext()
        if following is None or following.tag != _P:
            return
        if self.chance.random() < 0.2:
            properties = paragraph.find(_PPR)
            if properties is not None:
                marks = properties.find(tag("rPr"))
                marks = etree.SubElement(properties, tag("rPr")) if marks is None else marks
                etree.SubElement(marks, tag("del")).set(tag("id"), "77")
            return
        first, second = (paragraph, following) if self.chance.random() < 0.5 else (following, paragraph)
        content = [child for child in second if child.tag != _PPR]
        if first is paragraph:
            first.extend(content)
        else:
            at = 1 if first.find(_PPR) is not None else 0
            first[at:at] = content
        second.getparent().remove(second)

    def split(self) -> None:
        """Press Enter in a paragraph."""
        paragraph = self.one()
        children = [child for child in paragraph if child.tag != _PPR]
        at = self.chance.randint(0, len(children))
        new = etree.Element(_P)
        if (properties := paragraph.find(_PPR)) is not None:
            new.append(copy.deepcopy(properties))
        new.extend(children[at:])
        paragraph.addnext(new)

    def delete(self) -> None:
        paragraph = self.one()
        parent = paragraph.getparent()
        if parent.tag != _TC or len(parent.findall(_P)) > 1:
            parent.remove(paragraph)

    def move(self) -> None:
        """Cut a paragraph and paste it somewhere else, also into a table."""
        paragraph, target = self.one(), self.one()
        if paragraph is not target and (paragraph.getparent().tag != _TC or len(paragraph.getparent().findall(_P)) > 1):
            target.addnext(paragraph)

    def duplicate(self) -> None:
        """Copy a paragraph with its bookmarks."""
        self.one().addnext(copy.deepcopy(self.one()))

    def empty(self) -> None:
        """Delete the text of a paragraph."""
        for text in self.one().iter(_T):
            text.text = ""

    def unbookmark(self) -> None:
        """Delete the starts of bookmarks, or their ends."""
        name = self.chance.choice(("bookmarkStart", "bookmarkEnd"))
        for mark in self.one().findall(tag(name)):
            mark.getparent().remove(mark)

    def type_number(self) -> None:
        """Type a number in front of a paragraph."""
        text = next(self.one().iter(_T), None)
        if text is not None:
            typed = (
                "第三条　",
                "第十二章　",
                "（九）",
                "(2)",
                "1．",
                "⒈",
                "一、",
                "第二条之一　",
                "第零条　",
                "第99999条 ",
            )
            text.text = self.chance.choice(typed) + (text.text or "")

    def broken_lists(self) -> None:
        """Change a value of the part with the lists."""
        part = parse("numbering", self.parts["word/numbering.xml"])
        name = self.chance.choice(("ilvl", "numId", "abstractNumId", "val"))
        elements = [element for element in part.iter() if element.get(tag(name)) is not None]
        if elements and self.chance.random() < 0.5:
            self.chance.choice(elements).set(tag(name), self.chance.choice(("1.5", "", "x", "-1", "7")))
            self.parts["word/numbering.xml"] = etree.tostring(
                part, xml_declaration=True, encoding="UTF-8", standalone=True
            )
