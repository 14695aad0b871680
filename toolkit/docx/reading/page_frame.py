"""Reads headers, footers, paper and margins of a DOCX (ECMA-376-1, 17.6 and 17.10); used to compare versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from lxml import etree

from toolkit.core import zips
from toolkit.docx.reading.package import MAIN, Package, is_on, open_package, tag
from toolkit.docx.reading.story import PICTURE, Mark, Story, read_story
from toolkit.page.measures import MM_PER_INCH

_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
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
    paired = is_on(_settings(package), "evenAndOddHeaders")
    texts = {"header": "", "footer": ""}
    for kind in texts:
        current: dict[str, str] = {}
        lines: list[str] = []
        for section in sections:
            for reference in section.findall(tag(f"{kind}Reference")):
                part = parts.get(reference.get(_R_ID, ""), "")
                current[reference.get(tag("type"), "default")] = _text(package, part)
            lines.append(_together(current, is_on(section, "titlePg") and not _is_bare(section), paired))
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


def _is_bare(section: etree._Element) -> bool:
    """Whether a section is that of 版记 behind a blank page, which bears no number: a matter of where the text ends."""
    start = section.find(tag("type"))
    is_even = start is not None and start.get(tag("val")) == "evenPage"
    return is_even and not any(reference.get(tag("type")) == "first" for reference in section)


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
    return re.sub(r"\s+", " ", _words(read_story(package.xml(part)))).strip()


def _words(story: Story) -> str:
    """Return the text of a header, with signs for page numbers and pictures."""
    return " ".join(paragraph.replaced(_sign).text for paragraph in story.paragraphs())


def _sign(mark: Mark, _: str) -> str | None:
    """Return the text for a page number, a picture or a text box; None for other marks."""
    if isinstance(mark.value, Story):
        return _words(mark.value)
    if mark.kind == "field":
        return _FIELDS.get((str(mark.value).split() or [""])[0].upper())
    return PICTURE if mark.kind == "picture" else None


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
