"""Judges a part after its template was filled: parsed strictly, of sound structure, nothing of the template's text lost.

Used by ``rendering``. The remains of an empty loop or a false condition are completed here: a cell without a paragraph
gets one, a table without a row becomes an empty paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from toolkit.docx.template.tags import W

#: Elements that hold paragraphs; each must end in one.
_HOLDERS = frozenset(f"{W}{name}" for name in ("tc", "txbxContent", "hdr", "ftr", "footnote"))
#: Elements that hold no text of their own.
_WITHOUT_TEXT = _HOLDERS | {f"{W}{name}" for name in ("body", "p", "r", "tbl", "tr", "hyperlink", "sdtContent", "ins")}
#: Element → elements that it may be in.
_PARENTS = {
    f"{W}tr": frozenset(f"{W}{name}" for name in ("tbl", "sdtContent", "ins", "del", "customXml")),
    f"{W}tc": frozenset(f"{W}{name}" for name in ("tr", "sdtContent", "customXml")),
}
_NOT_IN = frozenset(f"{W}{name}" for name in ("p", "r", "t", "tr", "tbl"))


class Broken(Exception):
    """A filled part is no sound part of a document. The message is Chinese."""


class Unreadable(Broken):
    """A filled part is no XML."""


def complete(xml: str, printed: Sequence[str]) -> str:
    """Return a filled part, completed; ``printed`` are the texts that it must hold in this order, without blanks.

    Raises :class:`Broken`.
    """
    try:
        root = etree.fromstring(xml.encode("utf-8", "replace"))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"填出来的文件读不了（第 {error.lineno} 行）") from error
    _judge_structure(root)
    _judge_texts(root, printed)
    return etree.tostring(root, encoding="unicode") if _repair(root) else xml


def _judge_structure(root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        tag, parent = element.tag, element.getparent()
        own = element.text if tag in _WITHOUT_TEXT else ""
        outside = element.tail if parent is not None and parent.tag in _WITHOUT_TEXT else ""
        if (own or "").strip() or (outside or "").strip():
            raise Broken(f"有文字落在段落外面，打开时会看不见：{((own or '') + (outside or '')).strip()[:40]}")
        if parent is None:
            continue
        if parent.tag == f"{W}t":
            raise Broken("文字里夹着网页或者 XML 的标记")
        if tag == f"{W}p" and parent.tag in _NOT_IN:
            raise Broken("有段落落在另一个段落或者表格行的里面")
        if tag in _PARENTS and parent.tag not in _PARENTS[tag]:
            raise Broken("有表格的行或者格子落在表格外面")


def _judge_texts(root: etree._Element, printed: Sequence[str]) -> None:
    whole = "".join("".join(node.text or "" for node in root.iter(f"{W}t")).split())
    at = 0
    for text in printed:
        found = whole.find(text, at)
        if found < 0:
            raise Broken(f"模板里的文字没有印出来：{text[:40]}")
        at = found + len(text)


def _repair(root: etree._Element) -> bool:
    """Complete cells without a paragraph and tables without a row; whether there was any."""
    repaired = False
    for table in list(root.iter(f"{W}tbl")):
        parent = table.getparent()
        if parent is not None and next(table.iter(f"{W}tr"), None) is None:
            paragraph = etree.Element(f"{W}p")
            paragraph.tail = table.tail
            parent.replace(table, paragraph)
            repaired = True
    for holder in root.iter(*_HOLDERS):
        blocks = [child for child in holder if child.tag in (f"{W}p", f"{W}tbl", f"{W}sdt")]
        if not blocks or (holder.tag == f"{W}tc" and blocks[-1].tag == f"{W}tbl"):
            etree.SubElement(holder, f"{W}p")
            repaired = True
    return repaired
