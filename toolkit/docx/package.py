"""Opens a DOCX that came from anywhere: limits against zip bombs, XML without entities or network."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from lxml import etree

from toolkit.docx.markup import W
from toolkit.errors import FileError

MAX_TOTAL = 100 * 1024 * 1024
#: A part of XML rarely shrinks to less than a hundredth; small parts are let through.
MAX_RATIO = 200
RATIO_FROM = 1024 * 1024
MAX_PARTS = 2000

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"


def tag(name: str) -> str:
    """Return the Clark name of a ``w:`` element or attribute."""
    return f"{{{W}}}{name}"


def parse(name: str, data: bytes) -> etree._Element:
    """Return a part parsed. Raises :class:`toolkit.errors.FileError` for broken XML and document types."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise FileError(f"DOCX 中的 {name} 已损坏：{error.msg}", code="docx_broken") from error
    if root.getroottree().docinfo.doctype:
        raise FileError(f"DOCX 中的 {name} 带有 DOCTYPE，不予读取", code="docx_unsafe")
    return root


@dataclass(slots=True)
class Package:
    """The parts of a DOCX, as bytes by name."""

    parts: dict[str, bytes]

    def xml(self, name: str) -> etree._Element:
        """Return a part parsed. Raises :class:`toolkit.errors.FileError` for broken XML and document types."""
        return parse(name, self.parts[name])

    @property
    def main(self) -> str:
        """Name of the main document part."""
        return "word/document.xml"

    def relationships(self, part: str) -> list[tuple[str, str, str, bool]]:
        """Return (id, type, target part or address, external) of a part's relationships; ``""`` is the package."""
        folder = dirname(part)
        name = join(folder, "_rels", f"{part.rsplit('/', 1)[-1]}.rels")
        if name not in self.parts:
            return []
        found = []
        for one in self.xml(name).iter(f"{{{RELATIONSHIPS}}}Relationship"):
            target = one.get("Target", "")
            external = one.get("TargetMode") == "External"
            if not external:
                target = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            found.append((one.get("Id", ""), one.get("Type", ""), target, external))
        return found


def open_package(data: bytes) -> Package:
    """Read all parts. Raises :class:`toolkit.errors.FileError` for what is no DOCX or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            check_limits(infos)
            parts = {info.filename: archive.read(info) for info in infos if not info.is_dir()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise FileError("不是可用的 DOCX 文件", "请用 Word 或 WPS 另存为 .docx", "docx_broken") from error
    if "word/document.xml" not in parts:
        raise FileError("不是可用的 DOCX 文件：没有正文", "请用 Word 或 WPS 另存为 .docx", "docx_broken")
    return Package(parts)


def check_limits(infos: list[zipfile.ZipInfo]) -> None:
    """Raise :class:`toolkit.errors.FileError` for an archive that would unpack to too much."""
    too_big = sum(info.file_size for info in infos) > MAX_TOTAL or len(infos) > MAX_PARTS
    bomb = any(
        info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1) for info in infos
    )
    if too_big or bomb:
        raise FileError("DOCX 解压后过大，不予读取", code="docx_too_large")
