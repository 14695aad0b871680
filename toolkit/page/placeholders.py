"""Placeholders that empty form fields print, so that a blank form is clean and can be filled in by hand.

A placeholder is made of full-width spaces, of 　年　月　日 for a date, 　时　分 for a time, and of the options with boxes
to tick for a choice. Every writer prints the same text.
"""

from __future__ import annotations

from typing import NamedTuple

from toolkit.core.memo import identity, remembered
from toolkit.forms.values import PROMPT
from toolkit.language.titles import width
from toolkit.model.tree import FormField, Inlines, Table, Text, inlines_of
from toolkit.numbering.labels import FULL_SPACE, SHORT_DATE, SHORT_TIME, choice_boxes
from toolkit.page import measures

BLANK_DATE = "　　　　年　　月　　日"
#: The same for narrow cells: with room for two figures of the year, and without.
NARROW_DATE = "　年　月　日"
NARROWEST_DATE = "年　月　日"
BLANK_TIME = "　　时　　分"
#: The same for a narrow cell.
NARROWEST_TIME = "时　分"
_PROMPTED = frozenset({"text", "longtext"})
#: Width of an empty field in characters, by kind, where the field states none.
_WIDTHS = {"text": 8, "longtext": 16, "number": 3, "signature": 8}
#: Kinds whose empty form shows where to write without a line below it.
UNRULED = frozenset({"check", "date", "time", "choice"})
#: Widest placeholder in a cell of its own: the cell is the room to write.
_CELL_WIDTH = 4
#: Ruled lines of a long text that has a paragraph of its own, and up to how many of them stay on one page.
_RULED_LINES = 3
WHOLE_RULED = 4
#: Characters that are left free at the end of a ruled line or a line of boxes, so that no font wraps it.
_SLACK = 1
_BOX_SLACK = 0.3
#: Least height of a row with room to write by hand, and of one with room to sign.
FIELD_ROW_MM = 8.0
SIGNATURE_ROW_MM = 10.0
#: A form grid of at most so many rows (and lines) stays on one page, and one to sign: alone it would say nothing.
_KEPT_ROWS, _KEPT_LINES = 5, 8
_SIGNED_ROWS, _SIGNED_LINES = 8, 14
#: A table of at most so many rows below its heads is not split.
_SHORT_ROWS = 4


def placeholder(form_field: FormField, room: float) -> str:
    """Return the placeholder of an empty field. ``room``: characters of the cell that it has alone, 0 in a line of text."""
    kind = form_field.kind
    if kind == "date":
        if not room:
            return BLANK_DATE
        fitting = ((12, BLANK_DATE), (7.3, SHORT_DATE), (6.1, NARROW_DATE))
        return next((text for least, text in fitting if room >= least), NARROWEST_DATE)
    if kind == "time":
        return BLANK_TIME if room >= 6.5 else SHORT_TIME if not room or room >= 4.5 else NARROWEST_TIME
    if kind == "choice":
        return _boxes(form_field.options, room)
    count = form_field.width or _WIDTHS[kind]
    return FULL_SPACE * max(1, min(count, _CELL_WIDTH, int(room) - 1) if room else count)


def prompted(form_field: FormField, blank: str, room: float) -> tuple[str, str, str]:
    """Return the prompt that an empty field of a DOCX shows instead of its ``blank``, with the text before and behind it.

    Blanks are around the prompt, for text typed at its start or end takes the colour of its neighbour. Numbers and
    narrow cells have no room for it; signatures, dates, times, choices and boxes need none.
    """
    around = len(PROMPT) + 2
    if form_field.kind not in _PROMPTED or (room or len(blank.partition("\n")[0])) < around + _BOX_SLACK * bool(room):
        return blank, "", ""
    return FULL_SPACE, PROMPT, blank[around - 1 :] or FULL_SPACE


@remembered(512)
def _boxes(options: tuple[str, ...], room: float) -> str:
    """Return the options with boxes; in a cell a line is broken between options and never inside one that fits."""
    lines: list[str] = []
    for box in choice_boxes(options):
        joined = f"{lines[-1]}{FULL_SPACE}{box}" if lines else ""
        if joined and (not room or sum(map(width, joined)) <= room - _BOX_SLACK):
            lines[-1] = joined
        else:
            lines.append(box)
    return "\n".join(lines)


class Ruled(NamedTuple):
    """The lines to write on that an empty long text prints: how many, of how many characters, the first ``indent`` shorter."""

    lines: int
    chars: int
    indent: int = 0

    @property
    def text(self) -> str:
        """The lines as full-width blanks."""
        return "\n".join(FULL_SPACE * (self.chars - self.indent * (line == 0)) for line in range(self.lines))


#: Those of a long text in a paragraph of its own; one character is left free, so that no font wraps the line.
RULED = Ruled(_RULED_LINES, measures.CHARS_PER_LINE - _SLACK, 2)


def ruled_cell(lines: int, room: float) -> Ruled | None:
    """Return those of a cell with room for so many characters; None for a cell without lines to write on."""
    return Ruled(lines, max(1, int(room - _BOX_SLACK))) if lines else None


def is_lone_field(parts: Inlines) -> bool:
    """Whether inlines are one form field and nothing else that prints."""
    if len(parts) < 2:
        return bool(parts) and isinstance(parts[0], FormField)
    fields = 0
    for part in parts:
        if isinstance(part, FormField):
            fields += 1
        elif not isinstance(part, Text) or part.text.strip():
            return False
    return fields == 1


def stays_whole(block: Table) -> bool:
    """Whether a table or form grid is short enough to stay on one page; longer ones may break between rows."""
    rows = len(block.rows)
    if rows > _SIGNED_ROWS:
        return False
    if block.header_rows:
        return rows - block.header_rows <= _SHORT_ROWS
    lines = sum(max(row.height, 1) for row in block.rows)
    if rows <= _KEPT_ROWS and lines <= _KEPT_LINES:
        return True
    return not block.caption and lines <= _SIGNED_LINES and _is_signed(block)


@remembered(key=identity)
def _is_signed(block: Table) -> bool:
    return any(isinstance(part, FormField) and part.kind == "signature" for part in inlines_of(block))


def is_signature_block(block: object) -> bool:
    """Whether a block is a short grid with room to sign and without a caption: it belongs to the block above it."""
    return isinstance(block, Table) and not block.caption and stays_whole(block) and _is_signed(block)
