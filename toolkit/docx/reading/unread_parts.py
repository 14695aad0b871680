"""Reports content of a DOCX that a tree cannot hold, and refuses files of other formats; used by ``document``.

Reported are headers, footers, comments, notes, and formats given by hand to words of a generated file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import PurePath

from lxml import etree

from toolkit.core.excerpts import beginning, each_beginning
from toolkit.core.file_formats import AGAIN, OPEN, UNPACK, foreign
from toolkit.core.findings import FileError, Finding, Place, Severity
from toolkit.docx.reading.inlines import Unread
from toolkit.docx.reading.package import Package, tag
from toolkit.docx.reading.story import read_story

_PARTS = {"header": "页眉", "footer": "页脚", "comments": "批注", "footnotes": "脚注", "endnotes": "尾注"}
_PART = re.compile(rf"word/({'|'.join(_PARTS)})[0-9]*\.xml")
_VAL = tag("val")
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Elements that show another part: a picture, an old picture, a chart, an embedded object.
_SHOWS = (
    "{http://schemas.openxmlformats.org/drawingml/2006/main}blip",
    "{urn:schemas-microsoft-com:vml}imagedata",
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart",
    "{urn:schemas-microsoft-com:office:office}OLEObject",
)
_OFF = ("0", "false", "off", "none", "auto", "000000", "FFFFFF")
#: Formats that no generated run has, except an underline (that of a blank).
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
_FORMAT_TAGS = frozenset(tag(name) for name, _ in _FORMATS)
_HINTS = {
    AGAIN: "请在 Word 或 WPS 中另存为 .docx",
    OPEN: "请在 Word 或 WPS 中去掉密码，另存后再用",
    UNPACK: "请解压以后用里面的 .docx",
}
_WORDS_SHOWN = 20
#: Characters that are quoted of formats and of a table of contents, which nobody typed.
_QUOTED = 120


def refuse_other_formats(data: bytes, name: str) -> None:
    """Raise FileError with advice for a file of another format; ``name`` is that of the file."""
    shown = name or "文件"
    if not data:
        raise FileError(f"{shown} 是空文件", "请检查文件", "docx_broken")
    found = foreign(data, PurePath(name).suffix)
    if found is not None:
        code = "docx_encrypted" if found.way == OPEN else "not_docx"
        raise FileError(f"{shown} 是{found.name}，读不了", _HINTS.get(found.way, "请用 .docx"), code)


def called_part(name: str) -> str:
    """Return what a part beside the main one is called that has text; empty for other parts."""
    match = _PART.fullmatch(name)
    return _PARTS[match[1]] if match is not None else ""


def note_unread_parts(package: Package, left: Unread, generated: etree._Element | None) -> None:
    """Note the texts of headers, footers, comments and notes, and formats given by hand to a generated body."""
    left.pictures = list(_pictures(package))
    for text in formats_by_hand(generated) if generated is not None else ():
        left.add("手工格式", text)
    for name in sorted(package.parts):
        if not (called := called_part(name)):
            continue
        on_pages = called in ("页眉", "页脚")
        if not on_pages:
            left.texts.pop(called, None)
        root = package.xml(name)
        for story in [root] if on_pages else root:
            if story.get(tag("type")) in ("separator", "continuationSeparator", "continuationNotice"):
                continue
            text = read_story(story).text.replace("\n", "").strip()
            if text.strip("—－- 0123456789"):
                left.add(called, text)


def _pictures(package: Package) -> Iterator[str]:
    """Yield the SHA-256 of the parts that the body shows: pictures, charts and embedded objects."""
    targets = {key: target for key, _, target, _ in package.relationships(package.main)}
    for element in package.xml(package.main).iter(*_SHOWS):
        key = next(
            (element.get(f"{{{_R}}}{name}") for name in ("embed", "id", "link") if element.get(f"{{{_R}}}{name}")), ""
        )
        if key in targets:
            yield sha256(package.parts.get(targets[key], targets[key].encode())).hexdigest()


def findings_of(left: Unread, name: str) -> list[Finding]:
    """Return the findings on a file that was read: changes read as accepted, content that is not compared."""
    findings = []
    if left.tracked:
        message = f"文件里已有 {left.tracked} 处修订，按全部接受后的文字比较"
        findings.append(Finding("tracked_accepted", Severity.WARNING, message, Place(name)))
    for kind, texts in left.texts.items():
        generated = kind in ("手工格式", "目录")
        message = f"{kind} {len(texts)} 处没有{'比较' if generated else '逐字比较'}"
        if content := beginning("；".join(filter(None, texts)), _QUOTED) if generated else each_beginning(texts):
            message += f"：{content}"
        findings.append(Finding("not_compared", Severity.NOTICE, message, Place(name), subject=kind))
    return findings


def formats_by_hand(body: etree._Element) -> Iterator[str]:
    """Yield formats with the words that have them: 加粗“不得迟报”."""
    for paragraph in body.iter(tag("p")):
        runs = (
            (_formats(run), "".join(text.text or "" for text in run.iter(tag("t")))) for run in paragraph.iter(tag("r"))
        )
        for formats, group in groupby((run for run in runs if run[1]), key=itemgetter(0)):
            text = "".join(words for _, words in group).strip()
            if formats and text:
                yield f"{'、'.join(formats)}“{beginning(text, _WORDS_SHOWN)}”"


def _formats(run: etree._Element) -> tuple[str, ...]:
    properties = run.find(tag("rPr"))
    if properties is None or properties.find(tag("rStyle")) is not None:
        return ()
    if not any(element.tag in _FORMAT_TAGS for element in properties):  # most runs
        return ()
    formats = []
    for name, words in _FORMATS:
        element = properties.find(tag(name))
        if element is not None and element.get(_VAL, "1") not in _OFF:
            formats.append(words)
    return tuple(dict.fromkeys(formats))
