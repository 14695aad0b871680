"""Opens untrusted DOCX files: a bounded package, XML without entities or network; used by all readers."""

from __future__ import annotations

from collections.abc import Callable, Container
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


def parse(name: str, data: bytes) -> etree._Element:
    """Return a part parsed. Raises :class:`toolkit.core.findings.FileError` for broken XML and document types."""
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
