"""Puts pictures, notes, text boxes, objects and equations of the new file into its redline, where the paragraph was kept.

The tree holds none of them, so they are copied as XML: the paragraphs of the redline and of the file are paired by what
they read, and each thing stands where it stood. Parts that it shows (pictures, notes, objects) are copied with it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import dirname, relpath
from typing import NamedTuple

from lxml import etree

from toolkit.core import zips
from toolkit.docx.reading.package import MAIN, RELATIONSHIPS, Package, open_package, parse, tag, tags

_P, _R, _T, _PPR, _BOX, _CELL = (tag(name) for name in ("p", "r", "t", "pPr", "txbxContent", "tc"))
_GONE, _CAME = tags("del moveFrom"), tags("ins moveTo")
_CHARACTERS = tags("tab br cr")
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MATHS = frozenset((f"{_MATH}oMath", f"{_MATH}oMathPara"))
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_NOTES = {tag("footnoteReference"): "footnotes", tag("endnoteReference"): "endnotes"}
_SHOWN = tags("drawing pict object") | _NOTES.keys() | {_ALTERNATE}
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: A typed number: a redline counts it by itself.
_N = "[零〇一二三四五六七八九十百千万]+"
_NUMBER = re.compile(
    rf"\s*(?:第[ 　]*(?:{_N}|\d+)[ 　]*[编章节条](?:之{_N})?|[（(](?:{_N}|\d+)[）)]|\d+[.．、]|[⒈-⒛]|{_N}、)\s*"
)


class _Thing(NamedTuple):
    """An object that the tree cannot hold: its XML, and the character of its paragraph that it precedes."""

    element: etree._Element
    offset: int


@dataclass(slots=True)
class _Line:
    """A paragraph: its text with all changes accepted, objects anchored in it, and whether it is there in both texts."""

    element: etree._Element
    text: str
    kept: bool = True
    things: list[_Thing] = field(default_factory=list)


def carried(redline: bytes, source: bytes) -> bytes:
    """Return a redline with the objects that the new file (``source``) shows beside its text. Raises FileError."""
    target, package = Package(zips.unpack(redline)), open_package(source)
    lines = list(_lines(package.xml(package.main)))
    if not any(line.things for line in lines):
        return redline
    root = target.xml(MAIN)
    copier = _Copier(package, target.parts)
    for line, things in _placed(lines, list(_lines(root))):
        for thing in reversed(things):
            if (element := copier.copied(thing.element)) is not None:
                _insert(line.element, element, thing.offset)
    if not copier.count:
        return redline
    target.parts[MAIN] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    copier.finish()
    return zips.pack(target.parts)


# --- paragraphs ----------------------------------------------------------------------------------------------------


def _lines(root: etree._Element) -> Iterator[_Line]:
    """Yield the paragraphs of a body that stay if all changes are accepted, without those of text boxes."""
    for element in root.iter(_P):
        if any(outer.tag == _BOX for outer in element.iterancestors()):
            continue
        line = _Line(element, "")
        row = next(element.iterancestors(tag("tr")), None)
        properties = (element.find(_PPR), row.find(tag("trPr")) if row is not None else None)
        marks = {part.tag for found in properties if found is not None for part in found.iter()}
        line.kept = not marks & (_GONE | _CAME)
        for child in element:
            _read(child, line)
        if not marks & _GONE or line.text:
            yield line


def _read(element: etree._Element, line: _Line) -> None:
    """Add the text and the things of a part of a paragraph to its line."""
    kind = element.tag
    if kind == _PPR or kind in _GONE or not isinstance(kind, str):
        return
    if kind == _T:
        line.text += element.text or ""
    elif kind in _CHARACTERS:
        line.text += " "
    elif kind in _MATHS:
        line.things.append(_Thing(element, len(line.text)))
    elif kind == _R and any(child.tag in _SHOWN for child in element):
        for child in element:
            if child.tag in _SHOWN:
                run = etree.Element(_R)
                if (properties := element.find(tag("rPr"))) is not None:
                    run.append(copy.deepcopy(properties))
                run.append(copy.deepcopy(child))
                line.things.append(_Thing(run, len(line.text)))
            else:
                _read(child, line)
    else:
        for child in element:
            _read(child, line)


def _placed(source: list[_Line], redline: list[_Line]) -> Iterator[tuple[_Line, list[_Thing]]]:
    """Yield the kept paragraphs of a redline with the things that belong into them."""
    places: dict[str, list[int]] = {}
    for index, line in enumerate(redline):
        places.setdefault(_squeezed(line.text), []).append(index)
    reached, last = 0, None
    for line in source:
        text, prefix = line.text, 0
        if _squeezed(text) not in places and (match := _NUMBER.match(text)):
            text, prefix = text[match.end() :], match.end()
        found = next((index for index in places.get(_squeezed(text), ()) if index >= reached), None)
        if not text.strip():
            if line.things and last is not None and last.kept:  # a picture alone: it follows the text above it
                yield last, [thing._replace(offset=len(last.text)) for thing in line.things]
            continue
        last = redline[found] if found is not None else None
        if found is None:
            continue
        reached = found + 1
        if line.things and redline[found].kept:
            lead = len(redline[found].text) - len(redline[found].text.lstrip())
            cut = len(text) - len(text.lstrip())
            yield (
                redline[found],
                [thing._replace(offset=max(thing.offset - prefix - cut, 0) + lead) for thing in line.things],
            )


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _insert(paragraph: etree._Element, thing: etree._Element, offset: int) -> None:
    """Put a thing before the character ``offset`` of the accepted text: a run is cut in two; a tracked change is not."""
    reached = 0
    for child in list(paragraph):
        line = _Line(paragraph, "")
        _read(child, line)
        if child.tag != _PPR and reached + len(line.text) > offset:
            if child.tag == _R and reached < offset:
                child.addnext(_cut(child, offset - reached))
                child.addnext(thing)
            else:
                child.addprevious(thing) if reached >= offset else child.addnext(thing)
            return
        reached += len(line.text)
    paragraph.append(thing)


def _cut(run: etree._Element, at: int) -> etree._Element:
    """Cut a run before a character; return the second half."""
    second = copy.deepcopy(run)
    count = 0
    for first_child, second_child in zip(list(run), list(second), strict=True):
        size = len(first_child.text or "") if first_child.tag == _T else int(first_child.tag in _CHARACTERS)
        if first_child.tag == tag("rPr"):
            continue
        if count >= at:
            run.remove(first_child)
        elif count + size <= at:
            second.remove(second_child)
        else:
            text = first_child.text or ""
            first_child.text, second_child.text = text[: at - count], text[at - count :]
            for half in (first_child, second_child):
                half.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        count += size
    return second


# --- parts ---------------------------------------------------------------------------------------------------------


class _Copier:
    """Copies elements with the parts that they show into another package, and counts them."""

    def __init__(self, source: Package, parts: dict[str, bytes]) -> None:
        self.source, self.parts, self.count = source, parts, 0
        self.relations = {
            key: (kind, target, outside) for key, kind, target, outside in source.relationships(source.main)
        }
        self.added: dict[str, tuple[str, str, bool]] = {}
        self.names: dict[str, str] = {}

    def copied(self, element: etree._Element) -> etree._Element | None:
        """Return a copy for the other package, None where its contents are missing."""
        element = copy.deepcopy(element)
        for properties in element.iter(_PPR):  # its lists are those of the other file
            for number in properties.findall(tag("numPr")):
                properties.remove(number)
        for part in element.iter():
            if part.tag in _NOTES and not self._notes(_NOTES[part.tag]):
                return None
            for name, key in list(part.attrib.items()):
                if str(name).startswith(_REL) and key:
                    if str(key) not in self.relations:
                        return None
                    part.set(name, self._relation(str(key)))
        self.count += 1
        return element

    def _notes(self, name: str) -> bool:
        """Copy the part of notes once; False if the file has none, or the redline has its own."""
        relation = next((key for key, (kind, _, _) in self.relations.items() if kind == f"{_OFFICE}/{name}"), "")
        part = f"word/{name}.xml"
        if part in self.parts and self.names.get(part) != part:
            return False
        if relation:
            self._relation(relation)
        return bool(relation) and part in self.parts

    def _relation(self, key: str) -> str:
        kind, target, outside = self.relations[key]
        new = f"rIdCarried{list(self.relations).index(key) + 1}"
        self.added[new] = (kind, target if outside else self._part(target), outside)
        return new

    def _part(self, name: str) -> str:
        """Copy a part with those that it refers to; return its name in the other package."""
        if name in self.names or name not in self.source.parts:
            return self.names.get(name, name)
        free = name
        while free in self.parts:
            folder, _, file = free.rpartition("/")
            free = f"{folder}/c{file}"
        self.names[name] = free
        self.parts[free] = self.source.parts[name]
        relations = [
            (key, kind, target if outside else self._part(target), outside)
            for key, kind, target, outside in self.source.relationships(name)
        ]
        if relations:
            folder, _, file = free.rpartition("/")
            self.parts[f"{folder}/_rels/{file}.rels"] = _relationships(relations, free)
        return free

    def finish(self) -> None:
        """Write the relationships of the main part and the content types."""
        rels = "word/_rels/document.xml.rels"
        own = [(key, *relation) for key, relation in self.added.items()]
        root, new = parse(rels, self.parts[rels]), parse(rels, _relationships(own, MAIN))
        root.extend(list(new))
        self.parts[rels] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        theirs = parse("types", self.source.parts[zips.CONTENT_TYPES])
        mine = parse("types", self.parts[zips.CONTENT_TYPES])
        defaults = {element.get("Extension", "").lower(): element for element in theirs.iter(f"{_TYPES}Default")}
        overrides = {element.get("PartName", ""): element for element in theirs.iter(f"{_TYPES}Override")}
        known = {element.get("Extension", "").lower() for element in mine.iter(f"{_TYPES}Default")}
        for name, free in self.names.items():
            suffix = free.rpartition(".")[2].lower()
            if f"/{name}" in overrides:
                element = copy.deepcopy(overrides[f"/{name}"])
                element.set("PartName", f"/{free}")
                mine.append(element)
            elif suffix not in known and suffix in defaults:
                mine.insert(0, copy.deepcopy(defaults[suffix]))
                known.add(suffix)
        self.parts[zips.CONTENT_TYPES] = etree.tostring(mine, xml_declaration=True, encoding="UTF-8", standalone=True)


def _relationships(relations: list[tuple[str, str, str, bool]], part: str) -> bytes:
    """Return the relationships of a part; targets are part names or addresses."""
    root = etree.Element(f"{{{RELATIONSHIPS}}}Relationships")
    for key, kind, target, outside in relations:
        element = etree.SubElement(root, f"{{{RELATIONSHIPS}}}Relationship", Id=key, Type=kind)
        element.set("Target", target if outside else relpath(target, dirname(part)))
        if outside:
            element.set("TargetMode", "External")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
