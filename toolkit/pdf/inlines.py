"""Inlines as pieces of text: references with their destinations, fields as ruled blanks and boxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from toolkit.model.tree import CAME, GONE, Document, FormField, Inlines, Ref, Text
from toolkit.numbering.labels import FULL_SPACE, SetLabels, field_text
from toolkit.page.placeholders import UNRULED, placeholder, ruled_lines
from toolkit.pdf.fonts.font_set import FontSet
from toolkit.pdf.paragraphs import Piece, Setting, set_text
from toolkit.pdf.template_measures import Sheet, Style

#: Marks of inlines in a redline. (``u`` is a plain underline.)
_MARKS = frozenset({"ins", "del"})


@dataclass(frozen=True, slots=True)
class Scope:
    """One document inside the file (itself or the enclosure) with what it is set with.

    ``prefix`` keeps the destinations of an enclosure apart. ``redline``: marks are printed; else they are refused;
    ``before``: the labels of what is gone.
    """

    document: Document
    labels: SetLabels
    fonts: FontSet
    sheet: Sheet
    prefix: str = ""
    redline: bool = False
    before: SetLabels | None = None

    def typeset(self, pieces: Iterable[Piece], style: Style, *, gaps: bool = True) -> Setting:
        """Return pieces of text in lines on the whole width of the type area; ``gaps``: white between Han and Latin."""
        return set_text(self.fonts, tuple(pieces), style, self.sheet.body_width, gaps)


def block_mark(mark: str) -> str:
    """Return how what a redline's block or row says is marked: as new, as gone, or not at all."""
    return "ins" if mark in CAME else "del" if mark in GONE else ""


def pieces(
    scope: Scope, origin: str, parts: Inlines, room: float = 0, ruled: bool = False, mark: str = ""
) -> list[Piece]:
    """Return inlines as they are printed; empty ones are left out.

    ``origin`` is the block that holds them; ``room`` as in :func:`toolkit.page.placeholders.placeholder`; ``ruled``: a long text
    prints lines to write on; ``mark``: that of the whole block. Raises :class:`ValueError` for marks of a redline where
    none is printed.
    """
    out: list[Piece] = []
    for part in parts:
        if (part.mark in _MARKS or mark) and not scope.redline:
            raise ValueError(f"本文档带有修订标记，不能按清稿生成：{scope.document.id}#{origin}")
        if isinstance(part, Text):
            piece = Piece(part.text, underline=part.mark == "u")
        elif isinstance(part, Ref):
            piece = _reference(scope, origin, part)
        else:
            piece = _field(part, room, _rules(scope.sheet) if ruled else "")
        if scope.redline:
            piece = piece._replace(mark=part.mark if part.mark in _MARKS else mark)
        if piece.text:
            out.append(piece)
    return out


def _reference(scope: Scope, origin: str, ref: Ref) -> Piece:
    text = scope.labels.reference(scope.document.id, origin, ref).text
    here = not ref.document or ref.document == scope.document.id
    if not here or ref.shown or ref.target not in scope.labels[scope.document.id]:
        return Piece(text)
    return Piece(text, link=scope.prefix + ref.target)


def _field(part: FormField, room: float, rules: str) -> Piece:
    """Return a field: its value, or a blank that is underlined where it stands in a line of text."""
    underline = not room and part.kind not in UNRULED
    if part.kind == "signature" and not part.value:
        return Piece("" if room else placeholder(part, 0), underline=True, blank=True)
    if part.value or part.kind == "check":
        return Piece(field_text(part), underline=underline, blank=underline)
    text = rules if rules and part.kind == "longtext" else placeholder(part, room)
    return Piece(text, underline=underline, blank=underline)


def _rules(sheet: Sheet) -> str:
    """Return as many lines to write on as the DOCX has; here they reach the edge, since 28 characters fit exactly."""
    full = int(sheet.body_width / sheet.char + 0.01)
    return "\n".join(FULL_SPACE * (full - 2 * (line == 0)) for line in range(len(ruled_lines().split("\n"))))
