"""Reads the page, margins, orientation and named styles of a template for the PDF. A closed list.

22 lines and 28 characters fill the type area (GB/T 9704-2012, 5.2.3). A DOCX must round the pitch down to 1/20 pt so that
they fit; here the pitch is the type area by the count. Lengths of a template that are whole or half lines or characters
stay so. All lengths are in points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from toolkit.core import zips
from toolkit.core.memo import remembered
from toolkit.docx.template.style_names import PARAGRAPH_STYLES
from toolkit.page import measures

PT_PER_MM = 72 / measures.MM_PER_INCH
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ALIGN = {"both": "both", "distribute": "both", "center": "center", "right": "right", "end": "right"}
#: Line pitch of a style that asks for none, in type sizes.
_AUTO = 1.3
#: Roles by the font names that the templates use and by other names of these fonts; a shared name belongs to the first.
_ROLES = {
    name: role
    for role, font in reversed(measures.FONT_ROLES.items())
    for name in (*measures.FONT_ALTERNATES[font].split(","), font)
}


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """The look of a paragraph style: a font role (see docs/pdf.md) and lengths in points.

    ``tracking`` is added after every character; ``scale`` is the letters' width;
    ``first`` is the first line's indent beside ``left``. ``align`` is
    ``both``, ``left``, ``center`` or ``right``.
    """

    role: str = "body"
    size: float = measures.SIZE_3
    tracking: float = 0.0
    scale: float = 1.0
    pitch: float = measures.LINE_PITCH_PT
    before: float = 0.0
    after: float = 0.0
    left: float = 0.0
    right: float = 0.0
    first: float = 0.0
    align: str = "left"
    keep_next: bool = False
    keep_lines: bool = False

    @property
    def char(self) -> float:
        """Width of a full-width character."""
        return self.size + self.tracking


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A page and its styles. Margins and type area in points; ``pitch`` and ``char`` are the grid's."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float
    landscape: bool
    pitch: float
    char: float
    styles: dict[str, Style]

    @property
    def body_width(self) -> float:
        """Width of the type area (版心)."""
        return self.width - self.left - self.right

    @property
    def body_height(self) -> float:
        """Height of the type area."""
        return self.height - self.top - self.bottom


def load_sheet(path: Path) -> Sheet:
    """Read the measures of the template at ``path``, which :func:`toolkit.docx.template.load` has found to be sound."""
    state = Path(path).stat()
    return _load(str(path), state.st_mtime_ns, state.st_size)


@remembered(32, lasting=True)
def _load(path: str, _changed: int, _size: int) -> Sheet:
    data = Path(path).read_bytes()
    records = zips.directory(data)
    styles, document = (
        etree.fromstring(zips.part(data, records[f"word/{name}.xml"])) for name in ("styles", "document")
    )
    section = document.find(f"{_W}body/{_W}sectPr")
    return read_sheet(styles, section)


def read_sheet(styles: etree._Element, section: etree._Element | None) -> Sheet:
    """Return the measures of ``w:styles`` and ``w:sectPr`` (A4 with the standard's margins where it says nothing)."""
    size, margin = (None if section is None else section.find(_W + name) for name in ("pgSz", "pgMar"))
    width, height = _mm(size, "w", measures.PAGE_WIDTH_MM), _mm(size, "h", measures.PAGE_HEIGHT_MM)
    top, bottom = _mm(margin, "top", measures.MARGIN_TOP_MM), _mm(margin, "bottom", measures.MARGIN_BOTTOM_MM)
    left, right = _mm(margin, "left", measures.MARGIN_LEFT_MM), _mm(margin, "right", measures.MARGIN_RIGHT_MM)
    raw = _RawStyles(styles)
    normal = raw.style("Normal")
    body_width, body_height = width - left - right, height - top - bottom
    pitch = body_height / max(1, int(body_height / normal.pitch + 0.01))
    char = body_width / max(1, int(body_width / normal.char + 0.01))

    def on_grid(style: Style) -> Style:
        """Return a style whose lengths are the same count of lines or characters of the PDF's grid."""
        tracked = (style.tracking, style.size) == (normal.tracking, normal.size)
        line, character = (normal.pitch, pitch), (normal.char, char)
        return replace(
            style,
            tracking=char - style.size if tracked else style.tracking,
            pitch=_count(style.pitch, *line),
            before=_count(style.before, *line),
            after=_count(style.after, *line),
            left=_count(style.left, *character),
            right=_count(style.right, *character),
            first=_count(style.first, *character),
        )

    named = {name: on_grid(raw.style(name)) for name in PARAGRAPH_STYLES}
    return Sheet(width, height, top, bottom, left, right, width > height, pitch, char, named)


def _mm(element: etree._Element | None, name: str, default: float) -> float:
    """Return a length of the page: twips are rounded to 0.1 mm, the unit that they were converted from."""
    value = element.get(_W + name) if element is not None else None
    mm = default if value is None else round(int(value) / 1440 * measures.MM_PER_INCH, 1)
    return mm * PT_PER_MM


def _count(value: float, unit: float, pitch: float) -> float:
    """Return ``value`` as the same number of half units of ``pitch``, if it is one."""
    halves = 2 * value / unit
    return round(halves) / 2 * pitch if halves and abs(halves - round(halves)) < 0.02 else value


class _RawStyles:
    """The styles of a template with their inherited properties."""

    def __init__(self, styles: etree._Element) -> None:
        self.elements = {style.get(_W + "styleId"): style for style in styles.iter(_W + "style")}
        defaults = (f"{_W}docDefaults/{_W}{kind}Default/{_W}{kind}" for kind in ("pPr", "rPr"))
        self.defaults = _properties(styles.find(path) for path in defaults)
        self._known: dict[str, dict[str, str]] = {}

    def _values(self, name: str) -> dict[str, str]:
        """Return property → value of a style, inherited ones included (``rPr.sz``: its ``w:val``)."""
        element = self.elements.get(name)
        if element is None:
            return self.defaults
        if name not in self._known:
            self._known[name] = {}  # a style that is based on itself inherits nothing
            based = element.find(_W + "basedOn")
            above = self._values(based.get(_W + "val", "")) if based is not None else self.defaults
            self._known[name] = {**above, **_properties(element.find(_W + kind) for kind in ("pPr", "rPr"))}
        return self._known[name]

    def style(self, name: str) -> Style:
        """Return the style as the template says it; one that is missing looks like the normal text."""
        values = self._values(name if name in self.elements else "Normal")
        size = float(values.get("rPr.sz", 2 * measures.SIZE_3)) / 2
        line, rule = float(values.get("pPr.spacing.line", 240)), values.get("pPr.spacing.lineRule", "auto")
        pitches = {"auto": size * _AUTO * line / 240, "exact": line / 20}
        tracking = _pt(values, "rPr.spacing")
        char = size + tracking
        return Style(
            role=_ROLES.get(values.get("rPr.rFonts.eastAsia", ""), "body"),
            size=size,
            tracking=tracking,
            pitch=pitches.get(rule, max(line / 20, size * _AUTO)),
            before=_pt(values, "pPr.spacing.before"),
            after=_pt(values, "pPr.spacing.after"),
            left=_indent(values, "left", char),
            right=_indent(values, "right", char),
            first=_indent(values, "firstLine", char) - _indent(values, "hanging", char),
            align=_ALIGN.get(values.get("pPr.jc", ""), "left"),
            keep_next=values.get("pPr.keepNext", "0") not in ("0", "false"),
            keep_lines=values.get("pPr.keepLines", "0") not in ("0", "false"),
        )


def _properties(elements: Iterable[etree._Element | None]) -> dict[str, str]:
    """Return property → value of ``w:pPr`` and ``w:rPr`` elements."""
    values: dict[str, str] = {}
    for element in elements:
        if element is None:
            continue
        for child in element:
            key = f"{element.tag[len(_W) :]}.{child.tag[len(_W) :]}"
            values[key] = child.get(_W + "val", "1")
            values |= {f"{key}.{str(name).rpartition('}')[2]}": str(value) for name, value in child.items()}
    return values


def _pt(values: dict[str, str], key: str) -> float:
    return float(values.get(key, 0)) / 20


def _indent(values: dict[str, str], name: str, char: float) -> float:
    """Return an indent: in characters where the template says so, else in twips."""
    chars = float(values.get(f"pPr.ind.{name}Chars", 0))
    return chars / 100 * char if chars else _pt(values, f"pPr.ind.{name}")
