"""Opens untrusted DOCX files: a bounded package, XML without entities or network; used by all readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from lxml import etree

from toolkit.core import zips
from toolkit.core.findings import FileError
from toolkit.docx.writing.markup import W

#: What the main part is called by most programs, and where a package says what it is called.
MAIN, _ROOT = "word/document.xml", "_rels/.rels"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"


def tag(name: str) -> str:
    """Return the Clark name of a ``w:`` element or attribute."""
    return f"{{{W}}}{name}"


def tags(names: str) -> frozenset[str]:
    """Return the Clark names of several ``w:`` elements, which spaces separate in ``names``."""
    return frozenset(map(tag, names.split()))


def is_on(properties: etree._Element | None, name: str) -> bool:
    """Whether a switch among properties is there and not off."""
    switch = properties.find(tag(name)) if properties is not None else None
    return switch is not None and switch.get(tag("val"), "1") not in ("0", "false", "off")


_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
ALTERNATIVES, FALLBACK = f"{_COMPATIBILITY}AlternateContent", f"{_COMPATIBILITY}Fallback"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"


#: Namespaces of files saved as “Strict Open XML” (ECMA-376-1, annex A), and what they are called in all others.
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAMES = (
    (b"wordprocessingml/main", W.encode()),
    (b"officeDocument/relationships", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    (b"officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
)

#: What all XML of a file may hold together: paragraphs, elements, bytes. The longest paper of the toolkit (a register of a year)
#: has 673 paragraphs, 9,500 elements and 0.3 MB; a book of 500 pages has some 12,000 paragraphs. Readers and checks take up to
#: 0.4 s of the processor for a thousand paragraphs.
PARAGRAPHS_MAX, ELEMENTS_MAX, XML_MAX = 20_000, 500_000, 30_000_000
_PARAGRAPH = re.compile(rb"<(?:[^\s<>/:]+:)?p[\s/>]")
#: How XML begins in the encodings that a package may use (ISO/IEC 29500-2, 8.1.4), NUL bytes taken out.
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<(?:\?xml([^>]*))?")
_ENCODING = re.compile(rb"""encoding\s*=\s*["'](?!(?:utf-?(?:8|16(?:le|be)?)|us-ascii)["'])""", re.IGNORECASE)


def parse(name: str, data: bytes) -> etree._Element:
    """Return a part parsed. Raises :class:`toolkit.core.findings.FileError` for broken XML and document types."""
    if not _is_xml(data):
        why = "开头不是 XML，或者用的不是 UTF-8 编码"
        raise FileError(f"DOCX 中的 {name} 已损坏：{why}", "请用 Word 或 WPS 打开修复后另存", "docx_broken")
    if _STRICT in data:
        for strict, usual in _STRICT_NAMES:
            data = data.replace(_STRICT + strict, usual)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        why = "嵌套过深" if "depth" in (error.msg or "") else f"第 {error.position[0]} 行不完整或有误"
        raise FileError(f"DOCX 中的 {name} 已损坏：{why}", "请用 Word 或 WPS 打开修复后另存", "docx_broken") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # lxml-stubs lack it
        raise FileError(f"DOCX 中的 {name} 带有 DOCTYPE，不予读取", code="docx_unsafe")
    return root


def _is_xml(part: bytes) -> bool:
    """Whether a part begins as XML in an encoding of packages; in others :func:`judge_size` could not count its elements."""
    begin = _BEGIN.match(part[:400].replace(b"\0", b""))
    return begin is not None and not _ENCODING.search(begin[1] or b"")


def too_much(parts: Iterable[tuple[str, bytes]]) -> tuple[str, str] | None:
    """Return the part and the reason if XML exceeds :data:`PARAGRAPHS_MAX`, ``ELEMENTS_MAX`` or ``XML_MAX``, else None.

    Counts bytes, before anything holds the parts as trees; ``parts`` are (name, content), in which media are passed over.
    """
    paragraphs = elements = size = 0
    for name, part in parts:
        if not _is_xml(part):
            continue
        plain = part.replace(b"\0", b"") if b"\0" in part[:400] else part
        size, elements = size + len(plain), elements + plain.count(b"<") - plain.count(b"</")
        if elements > PARAGRAPHS_MAX:
            paragraphs += sum(1 for _ in _PARAGRAPH.finditer(plain))
        if reason := _exceeded(paragraphs, elements, size):
            return name, reason
    return None


def judge_size(parts: Iterable[tuple[str, bytes]]) -> None:
    """Raise :class:`toolkit.core.findings.FileError` for a package of which :func:`too_much` gives a reason."""
    if found := too_much(parts):
        hint = "分成几份再交；没有几百页的，里面多半填塞了空段，把正文复制到新建的文件里，另存以后再试"
        raise FileError(f"DOCX 太大，不予读取：读到 {found[0]}，{found[1]}", hint, "docx_too_large")


def _exceeded(paragraphs: int, elements: int, size: int) -> str:
    if size > XML_MAX:
        return f"文字和格式超过 {XML_MAX // 1_000_000} MB"
    if paragraphs > PARAGRAPHS_MAX:
        return f"超过 {PARAGRAPHS_MAX} 段"
    return f"排版的标记超过 {ELEMENTS_MAX} 个" if elements > ELEMENTS_MAX else ""


@dataclass(slots=True)
class Package:
    """The parts of a DOCX, as bytes by name; ``main`` is the name of the main document part."""

    parts: dict[str, bytes]
    main: str = MAIN

    def xml(self, name: str) -> etree._Element:
        """Return a part parsed. Raises :class:`toolkit.core.findings.FileError` for broken XML and document types."""
        return parse(name, self.parts[name])

    def relationships(self, part: str) -> list[tuple[str, str, str, bool]]:
        """Return (id, type, target part or address, external) of a part's relationships; ``""`` is the package."""
        folder = dirname(part)
        name = join(folder, "_rels", f"{part.rsplit('/', 1)[-1]}.rels")
        if name not in self.parts:
            return []
        relationships = []
        for element in self.xml(name).iter(f"{{{RELATIONSHIPS}}}Relationship"):
            target = element.get("Target", "")
            external = element.get("TargetMode") == "External"
            if not external:
                target = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            relationships.append((element.get("Id", ""), element.get("Type", ""), target, external))
        return relationships


def open_package(data: bytes) -> Package:
    """Read all parts. Raises :class:`toolkit.core.findings.FileError` for a file that is no DOCX or too large."""
    parts = zips.unpack(data)
    judge_size(parts.items())
    return Package(parts, main_of(parts, parts.__getitem__))


def main_of(names: Container[str], read: Callable[[str], bytes]) -> str:
    """Return the name of the main document part among those of a package, of which ``read`` gives one.

    Some programs call it ``word/document2.xml``. Raises :class:`toolkit.core.findings.FileError` for a package without any.
    """
    if MAIN in names:
        return MAIN
    if _ROOT in names:
        for relationship in parse(_ROOT, read(_ROOT)):
            target = relationship.get("Target", "").lstrip("/")
            if (
                relationship.get("Type", "").endswith("/officeDocument")
                and target.startswith("word/")
                and target in names
            ):
                return target
    raise FileError("不是可用的 DOCX 文件：没有正文", zips.DOCX.hint, "docx_broken")
