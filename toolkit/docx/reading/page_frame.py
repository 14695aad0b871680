"""Reads headers, footers, paper and margins of a DOCX (ECMA-376-1, 17.6 and 17.10); used to compare versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from lxml import etree

from toolkit.core import zips
from toolkit.docx.reading.package import FALLBACK, MAIN, Package, open_package, tag, tags
from toolkit.page.measures import MM_PER_INCH

_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SKIP = tags("del moveFrom delText instrText pPr rPr") | {FALLBACK}
_FIELDS = {"PAGE": "〔页码〕", "NUMPAGES": "〔总页数〕", "SECTIONPAGES": "〔总页数〕"}
_TYPES = (("first", "首页"), ("default", "奇数页"), ("even", "偶数页"))
_PAPERS = {
    (210, 297): "A4",
    (297, 420): "A3",
    (148, 210): "A5",
    (176, 250): "B5",
    (182, 257): "B5",
    (184, 260): "16开",
    (216, 279): "Letter",
}
_EDGES = (("top", "上"), ("bottom", "下"), ("left", "左"), ("right", "右"))
#: Largest difference in millimetres that is only rounding by a word processor.
_NEAR = 1
_SECTION = re.compile(rb"<w:sectPr\b.*?</w:sectPr>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """A page set-up in whole millimetres; ``margins`` are top, bottom, left, right."""

    width: int
    height: int
    margins: tuple[int, int, int, int]

    def near(self, other: Page) -> bool:
        """Whether two set-ups differ by no more than rounding."""
        pairs = zip((self.width, self.height, *self.margins), (other.width, other.height, *other.margins), strict=True)
        return all(abs(mine - theirs) <= _NEAR for mine, theirs in pairs)

    def text(self) -> str:
        """Return the set-up in words: A4 纵向，页边距上 37、下 35、左 28、右 26 毫米."""
        short, long = sorted((self.width, self.height))
        size = f"{self.width}×{self.height} 毫米"
        for (paper_width, paper_height), paper in _PAPERS.items():
            if abs(paper_width - short) <= _NEAR and abs(paper_height - long) <= _NEAR:
                size = f"{paper} {'横向' if self.width > self.height else '纵向'}"
                break
        margins = (f"{name} {mm}" for (_, name), mm in zip(_EDGES, self.margins, strict=True))
        return f"{size}，页边距{'、'.join(margins)} 毫米"


@dataclass(frozen=True, slots=True)
class Frame:
    """Texts of headers and footers, and the page set-ups of the sections without repetitions in a row."""

    header: str
    footer: str
    pages: tuple[Page, ...]

    def differences(self, other: Frame) -> list[tuple[str, str, str]]:
        """Return all differences as (Chinese name, text here, text there)."""
        texts = [("页眉", self.header, other.header), ("页脚", self.footer, other.footer)]
        differences = [(name, here, there) for name, here, there in texts if here != there]
        alike = len(self.pages) == len(other.pages) and all(
            a.near(b) for a, b in zip(self.pages, other.pages, strict=True)
        )
        if not alike:
            here, there = ("；".join(page.text() for page in frame.pages) for frame in (self, other))
            differences.append(("页面设置", here, there))
        return differences


def read_frame(data: bytes) -> Frame:
    """Return headers, footers and page set-ups of a file. Raises FileError as :func:`open_package`."""
    package = open_package(data)
    sections = list(package.xml(package.main).iter(tag("sectPr")))
    parts = {identity: target for identity, _, target, _ in package.relationships(package.main)}
    paired = _is_on(_settings(package), "evenAndOddHeaders")
    texts = {"header": "", "footer": ""}
    for kind in texts:
        current: dict[str, str] = {}
        lines: list[str] = []
        for section in sections:
            for reference in section.findall(tag(f"{kind}Reference")):
                part = parts.get(reference.get(_R_ID, ""), "")
                current[reference.get(tag("type"), "default")] = _text(package, part)
            lines.append(_together(current, _is_on(section, "titlePg"), paired))
        texts[kind] = "；".join(line for line, _ in groupby(lines) if line)
    pages: list[Page] = []
    for section in sections:
        page = _page(section)
        if page is not None and not (pages and pages[-1].near(page)):
            pages.append(page)
    return Frame(texts["header"], texts["footer"], tuple(pages))


def signature(data: bytes) -> object:
    """Return a cheap value that is equal for two files of one frame written from one template."""
    records = zips.directory(data)
    whole = zips.part(data, records[MAIN]) if MAIN in records else b""
    sums = sorted(
        (name, record.crc)
        for name, record in records.items()
        if re.fullmatch(r"word/(?:header|footer|settings)\w*\.xml", name)
    )
    return _SECTION.findall(whole), sums


def _settings(package: Package) -> etree._Element | None:
    for _, kind, target, _ in package.relationships(package.main):
        if kind.endswith("/settings") and target in package.parts:
            return package.xml(target)
    return None


def _is_on(element: etree._Element | None, name: str) -> bool:
    switch = element.find(tag(name)) if element is not None else None
    return switch is not None and switch.get(tag("val"), "1") not in ("0", "false", "off")


def _together(current: dict[str, str], first: bool, paired: bool) -> str:
    """Return the texts of a section by kind of page, a single text if they are all the same."""
    shown = {"first": first, "even": paired, "default": True}
    here = [(name, current.get(kind, "")) for kind, name in _TYPES if shown[kind]]
    if len({text for _, text in here}) == 1:
        return here[0][1]
    if not paired:
        here = [(name.replace("奇数页", "其他页"), text) for name, text in here]
    return "，".join(f"{name}“{text}”" for name, text in here if text)


def _text(package: Package, part: str) -> str:
    if part not in package.parts:
        return ""
    return re.sub(r"\s+", " ", "".join(_words(package.xml(part), []))).strip()


def _words(element: etree._Element, fields: list[list]) -> Iterator[str]:
    """Yield the text of a header, page numbers as signs. ``fields``: instruction, whether the result is reached."""
    for child in element:
        kind: object = child.tag  # a comment's is a function
        if not isinstance(kind, str):
            continue
        if kind == tag("fldChar"):
            yield from _field(child.get(tag("fldCharType"), ""), fields)
        elif kind == tag("instrText"):
            if fields:
                fields[-1][0] += child.text or ""
        elif kind == tag("fldSimple") and _sign(child.get(tag("instr"), "")):
            yield _sign(child.get(tag("instr"), ""))
        elif kind in _SKIP:
            continue
        elif kind == tag("t"):
            if not fields or fields[-1][1] and not _sign(fields[-1][0]):
                yield child.text or ""
        elif kind in (tag("tab"), tag("br")):
            yield " "
        elif kind in (tag("drawing"), tag("pict")) and next(child.iter(tag("txbxContent")), None) is None:
            yield "〔图片〕"
        else:
            yield from _words(child, fields)
            if kind == tag("p"):
                yield " "


def _sign(instruction: str) -> str:
    return _FIELDS.get((instruction.split() or [""])[0].upper(), "")


def _field(kind: str, fields: list[list]) -> Iterator[str]:
    if kind == "begin":
        fields.append(["", False])
    elif kind == "separate" and fields:
        fields[-1][1] = True
    elif kind == "end" and fields:
        yield _sign(fields.pop()[0])


def _page(section: etree._Element) -> Page | None:
    size, margin = section.find(tag("pgSz")), section.find(tag("pgMar"))
    if size is None:
        return None
    top, bottom, left, right = (_mm(margin, name) for name, _ in _EDGES)
    return Page(_mm(size, "w"), _mm(size, "h"), (top, bottom, left, right))


def _mm(element: etree._Element | None, name: str) -> int:
    try:
        twips = float(element.get(tag(name), "0")) if element is not None else 0.0
    except ValueError:
        return 0
    return round(abs(twips) / 1440 * MM_PER_INCH)
