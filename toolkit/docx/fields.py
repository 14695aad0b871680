"""Form fields as content controls that survive Word, WPS and LibreOffice (run level, no ``w:text``, in a bookmark).

A blank form must print clean and be filled in by hand as well: the placeholder is made of full-width spaces,
underlined where the field stands in a line of text, of 　年　月　日 for a date, 　时　分 for a time, and of the options
with boxes to tick for a choice. The prompt is the control's title.
"""

from __future__ import annotations

import re
from functools import lru_cache

from toolkit import layout
from toolkit.docx.identity import Registry, bookmark_name
from toolkit.docx.markup import attribute, run, run_properties
from toolkit.docx.titles import width
from toolkit.model import TAG_MAX, FormField
from toolkit.numbering import FULL_SPACE, SHORT_DATE, SHORT_TIME, choice_boxes, field_text

BLANK_DATE = "　　　　年　　月　　日"
#: The same for narrow cells: with room for two figures of the year, and without.
NARROW_DATE = "　年　月　日"
NARROWEST_DATE = "年　月　日"
BLANK_TIME = "　　时　　分"
#: The same for a narrow cell.
NARROWEST_TIME = "时　分"
#: Width of an empty field in characters, by kind, where the field states none.
_WIDTHS = {"text": 8, "longtext": 16, "number": 3, "signature": 8}
#: Kinds whose empty form shows where to write without a line below it.
_UNRULED = frozenset({"check", "date", "time", "choice"})
#: Widest placeholder in a cell of its own: the cell is the room to write.
_CELL_WIDTH = 4
#: Ruled lines of a long text that has a paragraph of its own.
_RULED_LINES = 3
#: Characters that are left free at the end of a ruled line or a line of boxes, so that no font wraps it.
_SLACK = 1
_BOX_SLACK = 0.3
_ISO = re.compile(r"\d{4}-\d\d-\d\d")

_CHECK = (
    '<w14:checkbox xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml">'
    '<w14:checked w14:val="{}"/><w14:checkedState w14:val="2611"/><w14:uncheckedState w14:val="2610"/></w14:checkbox>'
)
_DATE = (
    '<w:date{}><w:dateFormat w:val="yyyy年M月d日"/><w:lid w:val="zh-CN"/>'
    '<w:storeMappedDataAs w:val="dateTime"/><w:calendar w:val="gregorian"/></w:date>'
)


def _kind(form_field: FormField) -> str:
    if form_field.kind == "check":
        return _CHECK.format(int(bool(form_field.value)))
    if form_field.kind == "date":
        full = f' w:fullDate="{form_field.value}T00:00:00Z"' if _ISO.fullmatch(form_field.value) else ""
        return _DATE.format(full)
    if form_field.kind == "choice":
        return _drop_down(form_field.options)
    return ""


@lru_cache(maxsize=256)
def _drop_down(options: tuple[str, ...]) -> str:
    items = "".join([f'<w:listItem w:displayText="{text}" w:value="{text}"/>' for text in map(attribute, options)])
    return f"<w:dropDownList>{items}</w:dropDownList>"


def placeholder(form_field: FormField, room: float) -> str:
    """Return what an empty field prints. ``room``: characters of the cell that it has alone, 0 in a line of text."""
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


@lru_cache(maxsize=512)
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


def ruled_lines() -> str:
    """Return what an empty long text prints in a paragraph of its own: lines to write on, the first indented by two."""
    full = layout.CHARS_PER_LINE - _SLACK
    return "\n".join(FULL_SPACE * (full - 2 * (line == 0)) for line in range(_RULED_LINES))


def control(
    form_field: FormField, registry: Registry, prefix: str, row: str, room: float = 0, ruled: bool = False
) -> str:
    """Return the field as a content control in its bookmark. A signature is room to write and no control.

    ``room`` as in :func:`placeholder`; ``ruled``: a long text prints :func:`ruled_lines`.

    Raises :class:`ValueError` if the tag is longer than :data:`toolkit.model.TAG_MAX` or used twice.
    """
    underline = not room and form_field.kind not in _UNRULED
    if form_field.kind == "signature":
        return "" if room else run(placeholder(form_field, 0), underline=True)
    tag = prefix + form_field.id
    if len(tag) > TAG_MAX:
        raise ValueError(f"填写项的标识过长：{tag}")
    start, end = registry.bookmark(bookmark_name(tag, "f_"))
    empty = not form_field.value and form_field.kind != "check"
    registry.field(tag, row, "".join(choice_boxes(form_field.options)) if empty else "")
    if empty:
        showing = "<w:showingPlcHdr/>"
        text = ruled_lines() if ruled and form_field.kind == "longtext" else placeholder(form_field, room)
        content = run(text, "FieldPlaceholder", underline)
    else:
        showing, content = "", run(field_text(form_field), underline=underline)
    title = f'<w:alias w:val="{attribute(form_field.label or form_field.id)}"/>'
    return (
        f"{start}<w:sdt><w:sdtPr>{run_properties(underline)}{title}"
        f'<w:tag w:val="{tag}"/><w:id w:val="{registry.control_id(tag)}"/>{showing}{_kind(form_field)}</w:sdtPr>'
        f"<w:sdtContent>{content}</w:sdtContent></w:sdt>{end}"
    )

