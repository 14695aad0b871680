"""Opens untrusted DOCX files: a bounded package, XML without entities or network; used by all readers."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import dirname, join, normpath

from lxml import etree

from toolkit.core import zips
from toolkit.core.findings import FileError
from toolkit.docx.writing.markup import W

MAIN = "word/document.xml"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"


def tag(name: str) -> str:
    """Return the Clark name of a ``w:`` element or attribute."""
    return f"{{{W}}}{name}"


def tags(names: str) -> frozenset[str]:
    """Return the Clark names of several ``w:`` elements, which spaces separate in ``names``."""
    return frozenset(map(tag, names.split()))


FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"


def parse(name: str, data: bytes) -> etree._Element:
    """Return a part parsed. Raises :class:`toolkit.core.findings.FileError` for broken XML and document types."""
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
    """The parts of a DOCX, as bytes by name."""

    parts: dict[str, bytes]

    def xml(self, name: str) -> etree._Element:
        """Return a part parsed. Raises :class:`toolkit.core.findings.FileError` for broken XML and document types."""
        return parse(name, self.parts[name])

    @property
    def main(self) -> str:
        """Name of the main document part."""
        return MAIN

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
    """Read all parts. Raises :class:`toolkit.core.findings.FileError` for what is no DOCX or too large."""
    parts = zips.unpack(data)
    if MAIN not in parts:
        raise no_text()
    return Package(parts)


def no_text() -> FileError:
    """Return the error for a package without a main document part."""
    return FileError("不是可用的 DOCX 文件：没有正文", zips.DOCX.hint, "docx_broken")
