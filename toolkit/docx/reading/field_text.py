"""Parses the value of a field of a filled form from the text at its place; used by ``form_chunks`` and ``filled_forms``.

Placeholders, prompts of the toolkit and of Word, and boxes that nobody ticked are empty; a ticked box is its option.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.core.memo import remembered
from toolkit.docx.reading.story import WORD_PROMPTS, Control
from toolkit.forms.blueprint import Slot, squeezed
from toolkit.forms.values import BOXES, PROMPT, TICKS, Unclear, chosen, is_blank, plain_marks
from toolkit.language.periods import parse_date
from toolkit.numbering.labels import CHECK_BOX, choice_boxes

_DATE, _TIME = r"[\s_＿]*年[\s_＿]*月[\s_＿]*日[\s_＿]*", r"[\s_＿]*时[\s_＿]*分[\s_＿]*"
#: A blank date or time before or behind typed text.
_BESIDE = {kind: re.compile(rf"^{blank}(?=\S)|(?<=\S){blank}$") for kind, blank in (("date", _DATE), ("time", _TIME))}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text at a field's place: outside controls, or the content of a control."""

    text: str
    control: Control | None = None


def value_of(slot: Slot, pieces: Sequence[Piece]) -> str:
    """Return the value of a field: empty for a blank, an ISO date if it can be parsed, a chosen option, 是 for a tick.

    All else stays as it was typed; nothing of it is left out.
    """
    text = "".join([_typed(slot, piece) for piece in pieces]).strip()
    if not text:
        return ""
    if PROMPT[0] in text:
        text = _without_prompt(text)
    if is_blank(text):
        return ""
    if slot.kind == "check":
        mark = plain_marks(text)
        return ("是" if mark in TICKS else "") if mark in _BOXES else text
    if slot.kind == "choice":
        return _choice(slot, text)
    beside = _BESIDE.get(slot.kind)
    if beside is not None:
        text = beside.sub("", text)
    return _iso(text) if slot.kind == "date" else text


def quick_value(slot: Slot, text: str, control: Control) -> str:
    """Return :func:`value_of` for the content of a control alone; most are plain texts, prompts and blanks."""
    plain = text.strip()
    if control.ticked is None and (not plain or (control.prompt and plain == PROMPT)):
        return ""
    if control.prompt or slot.kind in _WITH_RULES or plain[0] in _UNUSUAL_STARTS or plain[-1] == PROMPT[-1]:
        return value_of(slot, (Piece(text, control),))
    return plain


_WITH_RULES = frozenset({"date", "time", "choice", "check"})
_UNUSUAL_STARTS = frozenset("年时_＿" + PROMPT[0])
_NO_BOXES = str.maketrans("", "", BOXES)
_BOXES = frozenset((*TICKS, *BOXES, CHECK_BOX[0]))


def _typed(slot: Slot, piece: Piece) -> str:
    control = piece.control
    if control is None:
        return piece.text
    if control.ticked is not None and not piece.text.strip():
        return CHECK_BOX[bool(control.ticked)]
    if control.prompt and (piece.text.startswith(WORD_PROMPTS) or _is_placeholder(slot, piece.text)):
        return ""
    return piece.text


def _is_placeholder(slot: Slot, text: str) -> bool:
    plain = squeezed(text)
    return not plain or is_blank(text) or plain == _boxes(slot.options)


def _without_prompt(text: str) -> str:
    """Return a text without the prompt of the toolkit before it, behind it or around it."""
    for cut in range(len(PROMPT) + 1):
        start, end = PROMPT[:cut], PROMPT[cut:]
        if text.startswith(start) and text.endswith(end) and len(text) >= len(PROMPT):
            return text[len(start) : len(text) - len(end)].strip()
    return text


@remembered(512)
def _boxes(options: tuple[str, ...]) -> str:
    return squeezed("".join(choice_boxes(options)))


def _choice(slot: Slot, text: str) -> str:
    if text in slot.options:
        return text
    boxes, plain = _boxes(slot.options), squeezed(text)
    if plain == boxes:
        return ""
    for rest in (plain.removeprefix(boxes), plain.removesuffix(boxes)):
        if rest in map(squeezed, slot.options):
            text = rest  # typed before or behind the boxes that stayed empty
    try:
        return chosen(text, slot.options)
    except Unclear:
        return text


def with_struck(slot: Slot, value: str, text: str, left: str, gone: str) -> str:
    """Return the choice of a text of which some is struck through: the ticked option, else the one that is left.

    An unclear text is returned with its strokes named; no option is called so. So is a text of which words are struck
    through (``gone``) that are no option: they are to be seen on the page.
    """
    words = squeezed(left)
    stray = squeezed(gone).translate(_NO_BOXES)
    for option in sorted(slot.options, key=len, reverse=True):
        stray = stray.replace(squeezed(option), "")
    if any(char.isalnum() for char in stray):
        return f"{text.strip()}（有删除线）"
    if value in slot.options and squeezed(value) in words:
        return value
    rest = words.translate(_NO_BOXES)
    chosen_one = next((option for option in slot.options if squeezed(option) == rest), "")
    return chosen_one or f"{text.strip()}（有删除线）"


def _iso(value: str) -> str:
    try:
        return parse_date(value)
    except ValueError:
        return value
