"""What a file truly is, told by its content and not by its name; used where filled forms are read from files and folders."""

from __future__ import annotations

import re
from pathlib import Path

from toolkit.core import zips
from toolkit.core.findings import FileError
from toolkit.core.zips import OLE

#: This much of a file tells its format; of packages the whole is looked at.
HEAD = 4096
_AGAIN = (
    "用 Word 或者 WPS 打开，另存为 .docx，再用 toolkit minutes check 看内容是否齐全；"
    "填写项丢了的，用 toolkit minutes new 重新出表"
)
_SCAN = "扫描件和版式文件里读不出填写的内容：把填好的 .docx（或者 YAML）也放进来"
_SHEET = "表格文件里没有这套表的填写项：填写 toolkit minutes new 出的表（.docx）"
_UNPACK = "解压以后，把里面的 .docx 放进来"
_OPEN = "用 Word 或者 WPS 打开，去掉密码后另存为 .docx"
#: Streams of a compound file, by which it is known (MS-CFB: names are UTF-16).
_STREAMS = (
    ("EncryptedPackage", "加了密码的 Office 文件", _OPEN),
    ("WordDocument", "Word 97—2003 文档（.doc）", _AGAIN),
    ("Workbook", "Excel 97—2003 工作簿（.xls）", _SHEET),
    ("Book", "Excel 5.0 工作簿（.xls）", _SHEET),
    ("PowerPoint Document", "PowerPoint 97—2003 演示文稿（.ppt）", _SHEET),
    ("__substg1.0", "Outlook 邮件（.msg）", "打开邮件，把附件里的 .docx 另存到这里"),
)
#: Beginnings of files.
_HEADS = (
    (rb"%PDF-", "PDF", _SCAN),
    (rb"\{\\rtf", "RTF 文档", _AGAIN),
    (rb"\x89PNG\r\n", "图片（PNG）", _SCAN),
    (rb"\xff\xd8\xff", "图片（JPEG）", _SCAN),
    (rb"GIF8[79]a", "图片（GIF）", _SCAN),
    (rb"BM.{4}\0\0\0\0", "图片（BMP）", _SCAN),
    (rb"II\*\0|MM\0\*", "图片（TIFF）", _SCAN),
    (rb"RIFF.{4}WEBP", "图片（WebP）", _SCAN),
    (rb".{4}ftyp(?:heic|heix|mif1|hevc)", "图片（HEIC）", _SCAN),
    (rb"Rar!\x1a\x07", "压缩包（RAR）", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "压缩包（7z）", _UNPACK),
    (rb"\x1f\x8b\x08", "压缩包（gzip）", _UNPACK),
    (rb"(?i)\s*(?:<!DOCTYPE html|<html|<head|<body|MIME-Version:|<!--.{0,200}?--!?>\s*<html)", "网页（HTML）", _AGAIN),
    (rb"(?s)\s*<\?xml.{0,600}?(?:Word\.Document|/wordml|office:document)", "XML 格式的文档", _AGAIN),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), name, hint) for pattern, name, hint in _HEADS)
#: Types of OpenDocument packages, the first part of which is called ``mimetype`` (ODF 1.2, 3.3).
_OPEN_DOCUMENT = (("text", "OpenDocument 文本（.odt）", _AGAIN), ("spreadsheet", "OpenDocument 表格（.ods）", _SHEET))
#: Parts by which other packages are known.
_PARTS = (
    ("xl/workbook", "Excel 工作簿（.xlsx）", _SHEET),
    ("ppt/presentation", "PowerPoint 演示文稿（.pptx）", _SHEET),
    ("OFD.xml", "OFD 版式文件", _SCAN),
)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
DOCX_PART, _CORE = "word/document.xml", "docProps/core.xml"


def foreign(data: bytes, suffix: str = "") -> tuple[str, str]:
    """Return the name of a file's format and the way out; both empty for a DOCX, a text, and what is unknown or damaged.

    ``data`` is the whole file, ``suffix`` the ending of its name, which tells apart what has one content (.doc and .wps).
    """
    bare = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    if data.startswith(OLE):
        return _compound(data, suffix)
    if data.startswith(b"PK"):
        return _package(data)
    return next(((name, hint) for pattern, name, hint in _PATTERNS if pattern.match(bare[:HEAD])), ("", ""))


def _compound(data: bytes, suffix: str) -> tuple[str, str]:
    for stream, name, hint in _STREAMS:
        if stream.encode("utf-16-le") in data:
            return (
                ("WPS 文字文档（.wps）", hint)
                if stream == "WordDocument" and suffix.lower() == ".wps"
                else (name, hint)
            )
    return "旧版 Office 文件", _AGAIN


def _package(data: bytes) -> tuple[str, str]:
    try:
        names = zips.names(data)
    except FileError:
        return "", ""  # damaged: reading it as a DOCX says so
    if DOCX_PART in names:
        return "", ""
    for part, name, hint in _PARTS:
        if any(one.startswith(part) for one in names):
            return name, hint
    kind = re.search(rb"application/vnd\.oasis\.opendocument\.([a-z]+)", data[:HEAD])
    for word, name, hint in _OPEN_DOCUMENT if kind else ():
        if kind and kind[1].decode() == word:
            return name, hint
    if "[Content_Types].xml" in names:
        return "", ""  # an Office package without its text: reading it as a DOCX says so
    return "压缩包（ZIP）", _UNPACK


def made_here(data: bytes) -> bool:
    """Whether a file is a report of this program: a page or workbook, or a register or 纪要 as PDF. It is kept beside records."""
    if data.startswith(b"PK"):
        try:
            core = zips.directory(data).get(_CORE)
            return core is not None and b">toolkit " in zips.part(data, core)[:1000]
        except FileError:
            return False
    if data.startswith(b"%PDF-"):
        title = re.search(rb"/Title \(((?:\\.|[^\\)])*)\)", data) if b"/Creator (toolkit)" in data else None
        return title is not None and _pdf_text(title[1]).removesuffix("（公开版）").endswith(("纪要", "年度履责台账"))
    return b'<meta name="generator" content="toolkit ' in data[:HEAD]


def _pdf_text(raw: bytes) -> str:
    """Return a literal string of a PDF in UTF-16 (ISO 32000-1, 7.3.4.2 and 7.9.2.2)."""
    plain = re.sub(
        rb"\\([0-7]{1,3}|.)",
        lambda match: bytes([int(match[1], 8) & 255]) if match[1].isdigit() else _ESCAPES.get(match[1], match[1]),
        raw,
        flags=re.DOTALL,
    )
    return plain.decode("utf-16", "replace") if plain.startswith(b"\xfe\xff") else plain.decode("latin-1")


def foreign_error(data: bytes, path: str) -> FileError | None:
    """Return the error for a file of another format, named by its content; None for a DOCX, a text or something unknown."""
    name, hint = foreign(data, Path(path).suffix)
    if not name:
        return None
    shown = f"{path} " if path else ""
    return FileError(f"{shown}内容是{name}，不是填好的表（.docx 或者 YAML）", hint, "foreign_format")
