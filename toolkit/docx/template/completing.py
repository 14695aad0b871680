"""The numbering lists and the custom XML part that writers need, and how a template without them gets them.

Used by ``compiling``, ``stylesheet`` and ``templates/build_templates.py``. 章 and 条 are lists of their own, so that 条 runs on
across 章 in every word processor (one multilevel list with ``lvlRestart=0`` restarts in LibreOffice). Numbered paragraphs
indent the first line by two characters and wrap flush left (GB/T 9704-2012, 7.3.3). ``suff=nothing``: the space between
label and text is written as text.
"""

from __future__ import annotations

import re

from toolkit.core.classes import dataclass
from toolkit.core.patterns import lazy
from toolkit.page import measures

#: Identifies the custom XML part in which a generated document carries its ids and hashes.
ITEM_ID = "{6F4B1B5C-0E7A-4C0B-9B7B-5D2A7C1E9704}"
EMPTY_ITEM = '<document xmlns="urn:toolkit:document"/>'
ITEM_PROPERTIES = (
    '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"'
    f' ds:itemID="{ITEM_ID}"/>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NUMBERING_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"
_PROPERTIES_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
_DOCUMENT_RELS = "word/_rels/document.xml.rels"

_ABSTRACT = lazy(rb'<w:abstractNum\b[^>]*\bw:abstractNumId="(\d+)".*?</w:abstractNum>', re.DOTALL)
_LIST_NAME = lazy(rb'<w:name w:val="([^"]*)"')
_NUM_ID = lazy(rb'<w:num\b[^>]*\bw:numId="(\d+)"')
_AFTER_ABSTRACTS = lazy(rb"<w:num\b|<w:numIdMacAtCleanup\b|</w:numbering>")
_AFTER_NUMS = lazy(rb"<w:numIdMacAtCleanup\b|</w:numbering>")


def lists_of(numbering: bytes) -> dict[str, int]:
    """Return list name → abstractNum id of the lists of :data:`LISTS` in a numbering part."""
    lists: dict[str, int] = {}
    for match in _ABSTRACT.finditer(numbering):
        name = _LIST_NAME.search(match.group())
        key = name[1].decode().removeprefix(PREFIX) if name else ""
        if key in LISTS:
            lists.setdefault(key, int(match[1]))
    return lists


def first_free_num(numbering: bytes) -> int:
    """Return the lowest ``w:numId`` above all that the part uses."""
    return max((int(number) for number in _NUM_ID.findall(numbering)), default=0) + 1


def split_for_nums(numbering: bytes) -> tuple[bytes, bytes]:
    """Return the part before and after the position where ``w:num`` elements are appended. Raises ValueError without one."""
    match = _AFTER_NUMS.search(numbering)
    if match is None:
        raise ValueError("numbering part without its end tag")
    return numbering[: match.start()], numbering[match.start() :]


def complete(parts: dict[str, bytes]) -> tuple[dict[str, bytes], tuple[str, ...], str]:
    """Return parts with lists and custom XML part, the names of the lists added, and the custom part's name."""
    parts = dict(parts)
    numbering = parts.get("word/numbering.xml")
    if numbering is None or not _AFTER_NUMS.search(numbering):
        numbering = _DECLARATION + f'<w:numbering xmlns:w="{_W}"></w:numbering>'.encode()
        if "word/numbering.xml" not in parts:
            _relate(parts, _DOCUMENT_RELS, f"{OFFICE}/numbering", "numbering.xml")
            _declare(parts, "word/numbering.xml", _NUMBERING_TYPE)
    parts["word/numbering.xml"], added = _with_lists(numbering)
    custom = next(
        (n for n, data in parts.items() if n.startswith("customXml/itemProps") and ITEM_ID.encode() in data), ""
    )
    if custom:
        return parts, added, custom.replace("itemProps", "item")
    return parts, added, _add_custom(parts)


def _with_lists(numbering: bytes) -> tuple[bytes, tuple[str, ...]]:
    missing = tuple(name for name in LISTS if name not in lists_of(numbering))
    if not missing:
        return numbering, ()
    first = max((int(match[1]) for match in _ABSTRACT.finditer(numbering)), default=-1) + 1
    xml = "".join(list_xml(name, first + index) for index, name in enumerate(missing)).encode()
    after = _AFTER_ABSTRACTS.search(numbering)
    assert after is not None
    return numbering[: after.start()] + xml + numbering[after.start() :], missing


def _add_custom(parts: dict[str, bytes]) -> str:
    number = 1
    while f"customXml/item{number}.xml" in parts or f"customXml/itemProps{number}.xml" in parts:
        number += 1
    name = f"customXml/item{number}.xml"
    parts[name] = _DECLARATION + EMPTY_ITEM.encode()
    parts[f"customXml/itemProps{number}.xml"] = _DECLARATION + ITEM_PROPERTIES.encode()
    _relate(parts, f"customXml/_rels/item{number}.xml.rels", f"{OFFICE}/customXmlProps", f"itemProps{number}.xml")
    _relate(parts, _DOCUMENT_RELS, f"{OFFICE}/customXml", f"../{name}")
    _declare(parts, f"customXml/itemProps{number}.xml", _PROPERTIES_TYPE)
    return name


def _relate(parts: dict[str, bytes], rels: str, kind: str, target: str) -> None:
    """Add a relationship under the first free ``rIdToolkit<n>``."""
    from lxml import etree

    root = etree.fromstring(parts.get(rels) or f'<Relationships xmlns="{_RELATIONSHIPS}"/>'.encode())
    taken = {child.get("Id") for child in root}
    number = 1
    while f"rIdToolkit{number}" in taken:
        number += 1
    etree.SubElement(root, f"{{{_RELATIONSHIPS}}}Relationship", Id=f"rIdToolkit{number}", Type=kind, Target=target)
    parts[rels] = etree.tostring(root, encoding="UTF-8", standalone=True)


def _declare(parts: dict[str, bytes], part: str, content_type: str) -> None:
    """Add the content type of ``part``, and the default for ``.xml`` if there is none."""
    from lxml import etree

    root = etree.fromstring(parts["[Content_Types].xml"])
    if not any(child.get("Extension", "").lower() == "xml" for child in root):
        root.insert(0, etree.Element(f"{{{_TYPES}}}Default", Extension="xml", ContentType="application/xml"))
    etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=f"/{part}", ContentType=content_type)
    parts["[Content_Types].xml"] = etree.tostring(root, encoding="UTF-8", standalone=True)


# --- numbering lists ---------------------------------------------------------------------------------------------

CHINESE = "chineseCountingThousand"


@dataclass(frozen=True, slots=True)
class ListLevel:
    """One level: number format, label pattern, label font, whether the paragraph is centred."""

    number_format: str
    text: str
    font: str = measures.FONT_BODY
    centred: bool = False


#: List name → levels. In a template the list is the ``w:abstractNum`` with ``w:name`` ``tk_`` + name.
LISTS: dict[str, tuple[ListLevel, ...]] = {
    "part": (ListLevel(CHINESE, "第%1编", measures.FONT_HEI, True),),
    "chapter": (ListLevel(CHINESE, "第%1章", measures.FONT_HEI, True),),
    "section": (ListLevel(CHINESE, "第%1节", measures.FONT_HEI, True),),
    "article": (ListLevel(CHINESE, "第%1条", measures.FONT_HEI),),
    "item": (ListLevel(CHINESE, "（%1）"), ListLevel("decimal", "%2.")),
    "outline1": (ListLevel(CHINESE, "%1、", measures.FONT_HEI),),
    "outline2": (ListLevel(CHINESE, "（%1）", measures.FONT_KAI),),
    "outline3": (ListLevel("decimal", "%1."),),
    "outline4": (ListLevel("decimal", "（%1）"),),
}
PREFIX = "tk_"


def fonts_xml(font: str) -> str:
    """Return ``w:rFonts`` with one font in all four slots; the hint keeps “”—… in the Chinese font."""
    return f'<w:rFonts w:hint="eastAsia" w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'


def first_line_indent(chars: int = 2) -> str:
    """Return ``w:ind`` with a first-line indent in 3号 characters."""
    width = measures.pt_twips(chars * measures.CHAR_PITCH_PT)
    return f'<w:ind w:left="0" w:firstLineChars="{chars * 100}" w:firstLine="{width}"/>'


def list_xml(name: str, abstract_id: int) -> str:
    """Return the ``w:abstractNum`` of the list ``name`` (a key of :data:`LISTS`) under ``abstract_id``."""
    levels = LISTS[name]
    kind = "multilevel" if len(levels) > 1 else "singleLevel"
    nsid = 0x54A00000 + list(LISTS).index(name)
    return (
        f'<w:abstractNum w:abstractNumId="{abstract_id}"><w:nsid w:val="{nsid:08X}"/>'
        f'<w:multiLevelType w:val="{kind}"/><w:tmpl w:val="{nsid + 0x100:08X}"/><w:name w:val="{PREFIX}{name}"/>'
        + "".join(_level(index, level) for index, level in enumerate(levels))
        + "</w:abstractNum>"
    )


def _level(index: int, level: ListLevel) -> str:
    indent = '<w:ind w:left="0" w:firstLine="0"/>' if level.centred else first_line_indent()
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{level.number_format}"/>'
        f'<w:suff w:val="nothing"/><w:lvlText w:val="{level.text}"/><w:lvlJc w:val="left"/>'
        f"<w:pPr>{indent}</w:pPr><w:rPr>{fonts_xml(level.font)}</w:rPr></w:lvl>"
    )
