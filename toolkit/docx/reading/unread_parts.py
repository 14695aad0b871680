"""Names what a DOCX has beside its text, and refuses files of other formats with the reason.

Listed are headers, footers, comments, notes, and formats that somebody gave words of a generated file by hand: a tree
cannot hold them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from lxml import etree

from toolkit.core.findings import FileError, Finding, Place, Severity
from toolkit.docx.reading.inlines import Left
from toolkit.docx.reading.package import Package, tag

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {"header": "页眉", "footer": "页脚", "comments": "批注", "footnotes": "脚注", "endnotes": "尾注"}
_VAL = tag("val")
_OFF = ("0", "false", "off", "none", "auto", "000000", "FFFFFF")
#: Formats that no generated run has; an underline is one where it is not that of a blank.
_FORMATS = (
    ("b", "加粗"),
    ("i", "倾斜"),
    ("u", "下划线"),
    ("strike", "删除线"),
    ("dstrike", "删除线"),
    ("highlight", "突出显示"),
    ("color", "颜色"),
    ("em", "着重号"),
)
_WORDS_SHOWN = 20


def refuse_other_formats(data: bytes, name: str) -> None:
    """Raise FileError for a file of another format, with what to do."""
    suffix = name.rpartition(".")[2].lower()
    shown = name or "文件"
    if data[:8] == _OLE:
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise FileError(f"{shown} 有打开密码，读不了", "请在 Word 或 WPS 中去掉密码，另存后再用", "docx_encrypted")
        kind = {"wps": " WPS 的 .wps", "wpt": " WPS 的 .wpt"}.get(suffix, "旧版 Word 的 .doc")
        raise FileError(f"{shown} 是{kind} 格式，读不了", "请在 Word 或 WPS 中另存为 .docx", "not_docx")
    if data[:5] in (b"{\\rtf", b"%PDF-"):
        kind = "RTF" if data[:1] == b"{" else "PDF"
        raise FileError(f"{shown} 是 {kind} 文件，读不了", "请用 .docx", "not_docx")
    if not data:
        raise FileError(f"{shown} 是空文件", "请检查文件", "docx_broken")


def parts_apart(package: Package, left: Left, generated: etree._Element | None) -> None:
    """Note the texts of headers, footers, comments and notes, and formats given by hand to a body that was generated."""
    for text in formats_by_hand(generated) if generated is not None else ():
        left.add("手工格式", text)
    for name in sorted(package.parts):
        stem = name.removeprefix("word/").removesuffix(".xml").rstrip("0123456789")
        if not name.startswith("word/") or stem not in _PARTS or "/" in stem:
            continue
        if stem in ("comments", "footnotes", "endnotes"):
            left.found.pop(_PARTS[stem], None)
        for one in package.xml(name):
            if one.get(tag("type")) in ("separator", "continuationSeparator", "continuationNotice"):
                continue
            text = "".join(part.text or "" for part in one.iter(tag("t"))).strip()
            if text.strip("—－- 0123456789"):
                left.add(_PARTS[stem], text)


def findings_of(left: Left, name: str) -> list[Finding]:
    """Return what is to be said about a file that was read: changes taken as accepted, what was not compared."""
    found = []
    if left.tracked:
        message = f"文件里已有 {left.tracked} 处修订，按全部接受后的文字比较"
        found.append(Finding("tracked_accepted", Severity.WARNING, message, Place(name)))
    for kind, texts in left.found.items():
        said = "；".join(text for text in texts if text)
        message = f"{kind} {len(texts)} 处没有{'比较' if kind in ('手工格式', '目录') else '逐字比较'}" + (
            f"：{said[:120]}{'…' if len(said) > 120 else ''}" if said else ""
        )
        found.append(Finding("not_compared", Severity.NOTICE, message, Place(name), subject=kind))
    return found


def formats_by_hand(body: etree._Element) -> Iterator[str]:
    """Yield formats with the words that have them: 加粗“不得迟报”."""
    for paragraph in body.iter(tag("p")):
        runs = (
            (_formats(run), "".join(text.text or "" for text in run.iter(tag("t")))) for run in paragraph.iter(tag("r"))
        )
        for formats, group in groupby((one for one in runs if one[1]), key=lambda one: one[0]):
            text = "".join(words for _, words in group).strip()
            if formats and text:
                yield f"{'、'.join(formats)}“{text if len(text) <= _WORDS_SHOWN else text[: _WORDS_SHOWN - 2] + '……'}”"


def _formats(run: etree._Element) -> tuple[str, ...]:
    properties = run.find(tag("rPr"))
    if properties is None or properties.find(tag("rStyle")) is not None:
        return ()
    found = []
    for name, words in _FORMATS:
        one = properties.find(tag(name))
        if one is not None and one.get(_VAL, "1") not in _OFF:
            found.append(words)
    return tuple(dict.fromkeys(found))
