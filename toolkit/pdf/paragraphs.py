"""Paragraphs: inlines as pieces of text, set in lines and drawn with raw text operators. Used by all that prints text.

Equal paragraphs are set once in a process, and drawn once: glyph codes and font names are fixed per face, so that the
operators of a paragraph are put into any file at any place as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from toolkit.core.memo import remembered
from toolkit.core.xml_characters import refuse_illegal
from toolkit.language.names import DOT, DOTTED_NAME
from toolkit.model.tree import CAME, GONE, Document, FormField, Inlines, Ref, Text
from toolkit.numbering.labels import SetLabels, field_text
from toolkit.page import measures
from toolkit.page.placeholders import RULED, UNRULED, Ruled, placeholder
from toolkit.pdf.fonts.font_set import FontSet, advances, encode
from toolkit.pdf.line_breaking import Broken, Measure, TextLine, break_lines, offsets
from toolkit.pdf.template_measures import Sheet, Style

#: Height of the em box above the baseline, in em.
ASCENT = 0.88
#: A blank to write on is not broken up to this many characters.
_WHOLE_BLANK = 8
#: How much of the white beside a line goes before it.
_SHARES = {"center": 0.5, "right": 1.0}
#: Paragraphs and cells that a process remembers: more than a unit has.
_KNOWN = 8192
_UNDERLINE_PT = (0.5, 2.2)
#: Roles whose own face is heavier than those that stand in for it, and the outline that makes up for it, in em.
_HEAVY, _OUTLINE = frozenset({"title", "heading"}), 0.03
#: Colour of marked text in a redline, and how far above the baseline its line is, in em: below insertions, through deletions.
COLOURS = {"ins": "0 0.2 0.8", "del": "0.8 0 0"}
_BLACK = "0 g"
_STRIKE = 0.34
#: Marks of inlines in a redline. (``u`` is a plain underline.)
_MARKS = frozenset({"ins", "del"})
_NAME_PART = re.compile(f"[^{DOT}]+{DOT}?")
_UNUSUAL = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class TextPiece(NamedTuple):
    """A run of text. ``role`` ``""`` is the paragraph's own; ``link`` names a destination.

    ``mark``: ``ins`` or ``del`` of a redline, in colour and underlined or struck through. ``blank``: to be filled in by
    hand, or what was; a short one stays on one line.
    """

    text: str
    role: str = ""
    link: str = ""
    underline: bool = False
    mark: str = ""
    blank: bool = False


@dataclass(eq=False, slots=True)
class Setting:
    """A paragraph in lines: where roles and marks change (end, role, mark), and the spans that are links or ruled."""

    fonts: FontSet
    broken: Broken
    style: Style
    runs: tuple[tuple[int, str, str], ...]
    spans: tuple[tuple[int, int, TextPiece], ...]
    _drawn: dict[tuple[int, int], Drawn] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (role, text) of the stretches of one role and mark."""
        start = 0
        for end, role, _ in self.runs:
            yield role, self.broken.text[start:end]
            start = end

    def drawn(self, lines: Sequence[TextLine]) -> Drawn:
        """Return the operators that draw consecutive lines."""
        key = (lines[0].start, len(lines)) if lines else (0, 0)
        if key not in self._drawn:
            self._drawn[key] = _draw(self, lines)
        return self._drawn[key]


#: A rectangle that leads somewhere: (left, bottom, right, top), destination.
Link = tuple[tuple[float, float, float, float], str]


class Drawn(NamedTuple):
    """Operators that draw lines from the origin down, and links relative to it."""

    code: str
    links: tuple[Link, ...]


def clean(text: str) -> str:
    """Return the text as it is set; raises :class:`ValueError` for a character that no document can hold."""
    if not _UNUSUAL.search(text):
        return text
    refuse_illegal(text)
    return text.replace("\r", "").replace("\t", "\u3000")


@remembered(_KNOWN)
def set_text(fonts: FontSet, pieces: tuple[TextPiece, ...], style: Style, width: float, gaps: bool = True) -> Setting:
    """Break pieces into lines of a column ``width`` points wide.

    Forms of one unit say much the same, an issuing notice repeats a regulation, and units of a kind share most of their
    wording.
    """
    measure = Measure(
        width - style.right, style.size, style.left + style.first, style.left, style.align == "both", gaps
    )
    text = ""
    widths: list[float] = []
    runs: list[tuple[int, str, str]] = []
    spans: list[tuple[int, int, TextPiece]] = []
    for piece in pieces:
        own, start = clean(piece.text), len(text)
        role = piece.role or style.role
        widths += map(advances(fonts, role, style.size, style.tracking).__getitem__, own)
        text += own
        if runs and runs[-1][1:] == (role, piece.mark):
            runs.pop()
        runs.append((len(text), role, piece.mark))
        if piece.link or piece.underline or piece.mark:
            spans.append((start, len(text), piece))
    if style.scale != 1:
        widths = [style.scale * width for width in widths]
    atoms = [(start, end) for start, end, piece in spans if piece.blank and end - start <= _WHOLE_BLANK]
    if DOT in text:  # a name with a dot breaks at the dot alone
        atoms += [
            part.span() for name in DOTTED_NAME.finditer(text) for part in _NAME_PART.finditer(text, *name.span())
        ]
    broken = break_lines(text, widths, measure, atoms)
    if share := _SHARES.get(style.align):
        moved = (
            line._replace(x=line.x + share * max(0.0, measure.width - line.x - line.width)) for line in broken.lines
        )
        broken = broken._replace(lines=tuple(moved))
    return Setting(fonts, broken, style, tuple(runs), tuple(spans))


# --- from the tree ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """One document inside the file (itself or the enclosure) with its labels, fonts and measures.

    ``prefix`` keeps the destinations of an enclosure apart. ``redline``: marks are printed; else they are refused;
    ``before``: the labels of deleted provisions. ``lines``: those to write on of a long text with a paragraph of its own.
    """

    document: Document
    labels: SetLabels
    fonts: FontSet
    sheet: Sheet
    prefix: str = ""
    redline: bool = False
    before: SetLabels | None = None
    lines: int = RULED.lines

    def typeset(self, pieces: Iterable[TextPiece], style: Style, *, gaps: bool = True) -> Setting:
        """Return pieces of text in lines on the whole width of the type area; ``gaps``: white between Han and Latin."""
        return set_text(self.fonts, tuple(pieces), style, self.sheet.body_width, gaps)


def block_mark(mark: str) -> str:
    """Return the mark of the text of a redline's block or row: inserted, deleted, or none."""
    return "ins" if mark in CAME else "del" if mark in GONE else ""


def pieces(
    scope: Scope, origin: str, parts: Inlines, room: float = 0, ruled: Ruled | None = None, mark: str = ""
) -> list[TextPiece]:
    """Return inlines as they are printed; empty ones are left out.

    ``origin`` is the block that holds them; ``room`` as in :func:`toolkit.page.placeholders.placeholder`; ``ruled``: the lines
    to write on of a long text; ``mark``: that of the whole block. Raises :class:`ValueError` for marks of a redline where
    none is printed.
    """
    out: list[TextPiece] = []
    for part in parts:
        if (part.mark in _MARKS or mark) and not scope.redline:
            raise ValueError(f"本文档带有修订标记，不能按清稿生成：{scope.document.id}#{origin}")
        if isinstance(part, Text):
            piece = TextPiece(part.text, underline=part.mark == "u")
        elif isinstance(part, Ref):
            here = part.document in ("", scope.document.id) and not part.shown
            leads = here and part.target in scope.labels[scope.document.id]
            text = scope.labels.reference(scope.document.id, origin, part).text
            piece = TextPiece(text, link=scope.prefix + part.target if leads else "")
        else:
            piece = _field(part, room, ruled)
            if part.value and scope.document.dated:  # a filled value prints as text of the paper
                piece = piece._replace(underline=False, blank=False)
        if scope.redline:
            piece = piece._replace(mark=part.mark if part.mark in _MARKS else mark)
        if piece.text:
            out.append(piece)
    return out


def _field(part: FormField, room: float, ruled: Ruled | None) -> TextPiece:
    """Return a field: its value, or a blank, which is underlined within a line of text.

    A long text has as many ``ruled`` lines to write on as in the DOCX; in a paragraph they reach the edge, since 28 characters
    fit exactly.
    """
    underline = (not room or ruled is not None) and part.kind not in UNRULED
    if part.kind == "signature" and not part.value:
        return TextPiece("" if room else placeholder(part, 0), underline=True, blank=True)
    if part.value or part.kind == "check":
        return TextPiece(field_text(part), underline=underline, blank=underline)
    text = placeholder(part, room)
    if ruled is not None and part.kind == "longtext":
        text = ruled.text if room else ruled._replace(chars=measures.CHARS_PER_LINE).text
    return TextPiece(text, underline=underline, blank=underline)


# --- drawing ---------------------------------------------------------------------------------------------------


def paint(canvas: Any, setting: Setting, lines: Sequence[TextLine], x: float, top: float) -> None:
    """Draw ``lines``, the first in a line box whose top is at ``top``, from the left edge ``x``."""
    drawn = setting.drawn(lines)
    canvas.shown.add(setting)
    canvas.addLiteral(f"q 1 0 0 1 {x:.2f} {top:.2f} cm\n{drawn.code}\nQ")
    for (left, bottom, right, upper), key in drawn.links:
        rect = (x + left, top + bottom, x + right, top + upper)
        canvas.marks.links.setdefault(canvas.getPageNumber(), []).append((rect, key))


def _draw(setting: Setting, lines: Sequence[TextLine]) -> Drawn:
    style = setting.style
    baseline = -(style.pitch - style.size) / 2 - ASCENT * style.size
    out = ["BT", f"{style.tracking:.4g} Tc"]
    if style.scale != 1:
        out.append(f"{100 * style.scale:g} Tz")
    state = ["", style.tracking, ""]
    y = baseline
    for line in lines:
        if line.end > line.start:
            _show(out, setting, line, f"1 0 0 1 {line.x:.2f} {y:.2f} Tm", state)
        y -= style.pitch
    out.append("ET")
    links = _mark(out, setting, lines, baseline) if setting.spans else ()
    return Drawn("\n".join(out), links)


def _show(out: list[str], setting: Setting, line: TextLine, matrix: str, state: list[Any]) -> None:
    """Append the operators of one line. ``state``: font, character spacing and mark as they are set."""
    style = setting.style
    tracking = style.tracking + line.extra
    if tracking != state[1]:
        state[1] = tracking
        out.append(f"{tracking:.4f} Tc")
    out.append(matrix)
    text = setting.broken.text
    array: list[str] = []

    for start, end, role, mark, shift in _stretches(line, setting.runs):
        if mark != state[2]:
            array = _put(out, array)
            state[2] = mark
            out.append(f"{COLOURS[mark]} rg" if mark else _BLACK)
        if shift:
            array.append(f"{-1000 * shift / style.size:.1f}")
        main = setting.fonts.main(role) if role in _HEAVY and not mark else ""
        for font, codes in encode(setting.fonts, role, text[start:end]):
            if font != state[0]:
                array = _put(out, array)
                state[0] = font
                out.append(f"/{font} {style.size:g} Tf")
            lighter = bool(main) and font != main
            if lighter:  # a rare character of a lighter face is outlined, so that it is as heavy as its neighbours
                array = _put(out, array)
                out.append(f"2 Tr {_OUTLINE * style.size:.2f} w")
            array.append(f"<{codes}>")
            if lighter:
                array = _put(out, array)
                out.append("0 Tr")
    _put(out, array)


def _put(out: list[str], array: list[str]) -> list[str]:
    """Show the waiting text and return the new one: a shift has no effect before there is text to show."""
    if len(array) > 1 and (array[-1][0] == "<" or any(part[0] == "<" for part in array)):
        out.append(f"[{' '.join(array)}] TJ")
    elif array and array[0][0] == "<":
        out.append(f"{array[0]} Tj")
    else:
        return array
    return []


def _stretches(line: TextLine, runs: tuple[tuple[int, str, str], ...]) -> Iterator[tuple[int, int, str, str, float]]:
    """Yield (start, end, role, mark, shift before it) of each run that is drawn at once."""
    start, stop, moved = line.start, line.end, 0.0
    cuts = iter(line.shifts)
    cut, dx = next(cuts, (stop, 0.0))
    for end, role, mark in runs:
        if end <= start:
            continue
        end = min(end, stop)
        while cut < end:
            if cut > start:
                yield start, cut, role, mark, moved
                start, moved = cut, 0.0
            moved += dx
            cut, dx = next(cuts, (stop, 0.0))
        if end > start:
            yield start, end, role, mark, moved
            start, moved = end, 0.0
        if start == stop:
            return


def _mark(out: list[str], setting: Setting, lines: Sequence[TextLine], baseline: float) -> tuple[Link, ...]:
    """Rule the spans that are on these lines; return those that are links."""
    weight, below = _UNDERLINE_PT
    size, pitch = setting.style.size, setting.style.pitch
    rules: dict[str, list[str]] = {}
    links = []
    for number, line in enumerate(lines):
        here = [span for span in setting.spans if span[0] < line.end and span[1] > line.start]
        if not here:
            continue
        edges = offsets(setting.broken, line)
        base = baseline - number * pitch
        for start, end, piece in here:
            left = edges[max(start, line.start) - line.start]
            right = edges[min(end, line.end) - line.start]
            if piece.underline or piece.mark:
                y = base + _STRIKE * size if piece.mark == "del" else base - below
                rules.setdefault(piece.mark, []).append(f"{left:.2f} {y:.2f} m {right:.2f} {y:.2f} l")
            if piece.link:
                links.append(((left, base - (1 - ASCENT) * size, right, base + ASCENT * size), piece.link))
    for mark, paths in rules.items():
        colour = f"{COLOURS[mark]} RG " if mark else ""
        out.append(f"{colour}{weight} w {' '.join(paths)} S" + (" 0 G" if mark else ""))
    return tuple(links)
