"""Detects the format of a file by its content and not by its name; used where DOCX and filled forms are read."""

from __future__ import annotations

import re
from typing import NamedTuple

from toolkit.core import zips
from toolkit.core.findings import FileError
from toolkit.core.zips import OLE

#: This much of a file tells its format; of packages the whole is looked at.
HEAD = 4096
#: Ways out for a file of another format: save it as DOCX, take its password away, unpack it, take it out of the mail; a
#: scan and a sheet hold no text of a document.
AGAIN, OPEN, UNPACK, MAIL, SCAN, SHEET = "again", "open", "unpack", "mail", "scan", "sheet"
#: Streams of a compound file, by which it is known (MS-CFB: names are UTF-16).
_STREAMS = (
    ("EncryptedPackage", "加了密码的 Office 文件", OPEN),
    ("WordDocument", "Word 97—2003 文档（.doc）", AGAIN),
    ("Workbook", "Excel 97—2003 工作簿（.xls）", SHEET),
    ("Book", "Excel 5.0 工作簿（.xls）", SHEET),
    ("PowerPoint Document", "PowerPoint 97—2003 演示文稿（.ppt）", SHEET),
    ("__substg1.0", "Outlook 邮件（.msg）", MAIL),
)
#: Beginnings of files.
_HEADS = (
    (rb"%PDF-", "PDF", SCAN),
    (rb"\{\\rtf", "RTF 文档", AGAIN),
    (rb"\x89PNG\r\n", "图片（PNG）", SCAN),
    (rb"\xff\xd8\xff", "图片（JPEG）", SCAN),
    (rb"GIF8[79]a", "图片（GIF）", SCAN),
    (rb"BM.{4}\0\0\0\0", "图片（BMP）", SCAN),
    (rb"II\*\0|MM\0\*", "图片（TIFF）", SCAN),
    (rb"RIFF.{4}WEBP", "图片（WebP）", SCAN),
    (rb".{4}ftyp(?:heic|heix|mif1|hevc)", "图片（HEIC）", SCAN),
    (rb"Rar!\x1a\x07", "压缩包（RAR）", UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "压缩包（7z）", UNPACK),
    (rb"\x1f\x8b\x08", "压缩包（gzip）", UNPACK),
    (rb"(?i)\s*(?:<!DOCTYPE html|<html|<head|<body|MIME-Version:|<!--.{0,200}?--!?>\s*<html)", "网页（HTML）", AGAIN),
    (rb"(?s)\s*<\?xml.{0,600}?(?:Word\.Document|/wordml|office:document)", "XML 格式的文档", AGAIN),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), name, way) for pattern, name, way in _HEADS)
#: Types of OpenDocument packages, the first part of which is called ``mimetype`` (ODF 1.2, 3.3).
_OPEN_DOCUMENT = (("text", "OpenDocument 文本（.odt）", AGAIN), ("spreadsheet", "OpenDocument 表格（.ods）", SHEET))
#: Parts by which other packages are known.
_PARTS = (
    ("xl/workbook", "Excel 工作簿（.xlsx）", SHEET),
    ("ppt/presentation", "PowerPoint 演示文稿（.pptx）", SHEET),
    ("OFD.xml", "OFD 版式文件", SCAN),
)
DOCX_PART = "word/document.xml"


class Format(NamedTuple):
    """A format that is no DOCX: its name for people, and the way out for such a file."""

    name: str
    way: str


def foreign(data: bytes, suffix: str = "") -> Format | None:
    """Return a file's format; None for a DOCX, a text, and an unknown or damaged file.

    ``data`` is the whole file, ``suffix`` the ending of its name, which tells apart formats of the same content (.doc and .wps).
    """
    bare = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    if data.startswith(OLE):
        return _compound(data, suffix)
    if data.startswith(b"PK"):
        return _package(data)
    return next((Format(name, way) for pattern, name, way in _PATTERNS if pattern.match(bare[:HEAD])), None)


def _compound(data: bytes, suffix: str) -> Format:
    for stream, name, way in _STREAMS:
        if stream.encode("utf-16-le") in data:
            is_wps = stream == "WordDocument" and suffix.lower() == ".wps"
            return Format("WPS 文字文档（.wps）" if is_wps else name, way)
    return Format("旧版 Office 文件", AGAIN)


def _package(data: bytes) -> Format | None:
    try:
        names = zips.names(data)
    except FileError:
        return None  # damaged: reading it as a DOCX says so
    if DOCX_PART in names:
        return None
    for part, name, way in _PARTS:
        if any(name.startswith(part) for name in names):
            return Format(name, way)
    kind = re.search(rb"application/vnd\.oasis\.opendocument\.([a-z]+)", data[:HEAD])
    for word, name, way in _OPEN_DOCUMENT if kind else ():
        if kind and kind[1].decode() == word:
            return Format(name, way)
    if "[Content_Types].xml" in names:
        return None  # an Office package without its text: reading it as a DOCX says so
    return Format("压缩包（ZIP）", UNPACK)
