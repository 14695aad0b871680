"""What stands around the text on every page of a DOCX: headers, footers, paper and margins (ECMA-376-1, 17.6 and 17.10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from toolkit.docx.reading.package import Package, entries, open_package, tag, unpacked
from toolkit.page.measures import MM_PER_INCH

_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = {tag("del"), tag("moveFrom"), tag("delText"), tag("instrText"), tag("pPr"), tag("rPr"), _FALLBACK}
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
#: Word processors round measures; so much, in millimetres, is no difference.
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
        return all(abs(one - two) <= _NEAR for one, two in pairs)

    def text(self) -> str:
        """Return the set-up in words: A4 纵向，页边距上 37、下 35、左 28、右 26 毫米."""
        short, long = sorted((self.width, self.height))
        paper = next(
            (name for (a, b), name in _PAPERS.items() if abs(a - short) <= _NEAR and abs(b - long) <= _NEAR), ""
        )
        size = (
            f"{paper} {'横向' if self.width > self.height else '纵向'}" if paper else f"{self.width}×{self.height} 毫米"
        )
        return f"{size}，页边距{'、'.join(f'{name} {mm}' for (_, name), mm in zip(_EDGES, self.margins, strict=True))} 毫米"


@dataclass(frozen=True, slots=True)
class Frame:
    """Texts of headers and footers, and the page set-ups of the sections, each told once where they follow alike."""

    header: str
    footer: str
    pages: tuple[Page, ...]

    def differences(self, other: Frame) -> list[tuple[str, str, str]]:
        """Return (what, here, there) of all that differs."""
        found = [("页眉", self.header, other.header), ("页脚", self.footer, other.footer)]
        found = [one for one in found if one[1] != one[2]]
        alike = len(self.pages) == len(other.pages) and all(
            a.near(b) for a, b in zip(self.pages, other.pages, strict=True)
        )
        if not alike:
            here, there = ("；".join(page.text() for page in frame.pages) for frame in (self, other))
            found.append(("页面设置", here, there))
        return found


def read_frame(data: bytes) -> Frame:
    """Return what stands around the text of a file. Raises FileError as :func:`open_package`."""
    package = open_package(data)
    sections = list(package.xml(package.main).iter(tag("sectPr")))
    parts = {identity: target for identity, _, target, _ in package.relationships(package.main)}
    paired = _is_on(_settings(package), "evenAndOddHeaders")
    texts = {"header": "", "footer": ""}
    for kind in texts:
        told: dict[str, str] = {}
        said: list[str] = []
        for section in sections:
            for one in section.findall(tag(f"{kind}Reference")):
                told[one.get(tag("type"), "default")] = _text(package, parts.get(one.get(_R_ID, ""), ""))
            line = _together(told, _is_on(section, "titlePg"), paired)
            if not said or said[-1] != line:
                said.append(line)
        texts[kind] = "；".join(filter(None, said))
    pages: list[Page] = []
    for section in sections:
        page = _page(section)
        if page is not None and not (pages and pages[-1].near(page)):
            pages.append(page)
    return Frame(texts["header"], texts["footer"], tuple(pages))


def signature(data: bytes) -> object:
    """Return something that is equal for two files of one frame that were written from one template; cheap to make."""
    infos = entries(data)
    whole = unpacked(data, infos["word/document.xml"]) if "word/document.xml" in infos else b""
    sums = sorted(
        (name, one.CRC) for name, one in infos.items() if re.fullmatch(r"word/(?:header|footer|settings)\w*\.xml", name)
    )
    return _SECTION.findall(whole), sums


def _settings(package: Package) -> etree._Element | None:
    for _, kind, target, _ in package.relationships(package.main):
        if kind.endswith("/settings") and target in package.parts:
            return package.xml(target)
    return None


def _is_on(element: etree._Element | None, name: str) -> bool:
    found = element.find(tag(name)) if element is not None else None
    return found is not None and found.get(tag("val"), "1") not in ("0", "false", "off")


def _together(told: dict[str, str], first: bool, paired: bool) -> str:
    """Return the texts that are in force; one if they are the same."""
    shown = {"first": first, "even": paired, "default": True}
    here = [(name, told.get(kind, "")) for kind, name in _TYPES if shown[kind]]
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
    """Yield what a header prints; page numbers as what they are. ``fields``: instruction, whether the result is reached."""
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
        elif kind in _GONE:
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
    edges = tuple(_mm(margin, name) for name, _ in _EDGES)
    return Page(_mm(size, "w"), _mm(size, "h"), edges)  # type: ignore[arg-type]


def _mm(element: etree._Element | None, name: str) -> int:
    try:
        twips = float(element.get(tag(name), "0")) if element is not None else 0.0
    except ValueError:
        return 0
    return round(abs(twips) / 1440 * MM_PER_INCH)
