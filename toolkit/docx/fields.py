"""Form fields as content controls that survive Word, WPS and LibreOffice (run level, no ``w:text``, in a bookmark).

A blank form must print clean: the placeholder is made of full-width spaces, underlined where the field stands in a
line of text, and of 　年　月　日 for a date. The prompt is the control's title.
"""

from __future__ import annotations

import re

from toolkit.docx.identity import Registry, bookmark_name
from toolkit.docx.markup import attribute, run, run_properties
from toolkit.model import TAG_MAX, FormField
from toolkit.numbering import FULL_SPACE, SHORT_DATE, field_text

BLANK_DATE = "　　　　年　　月　　日"
#: The same for a narrow cell.
NARROW_DATE = "年　月　日"
#: Width of an empty field in characters, by kind, where the field states none.
_WIDTHS = {"text": 8, "longtext": 16, "time": 6, "number": 3, "choice": 4, "signature": 8}
#: Widest placeholder in a cell of its own: the cell is the room to write.
_CELL_WIDTH = 4
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
        items = "".join(
            f'<w:listItem w:displayText="{attribute(option)}" w:value="{attribute(option)}"/>'
            for option in form_field.options
        )
        return f"<w:dropDownList>{items}</w:dropDownList>"
    return ""


def placeholder(form_field: FormField, room: float) -> str:
    """Return what an empty field prints. ``room``: characters of the cell that it has alone, 0 in a line of text."""
    if form_field.kind == "date":
        if not room:
            return BLANK_DATE
        return BLANK_DATE if room >= 12 else SHORT_DATE if room >= 7.5 else NARROW_DATE
    width = form_field.width or _WIDTHS[form_field.kind]
    return FULL_SPACE * max(1, min(width, _CELL_WIDTH, int(room) - 1) if room else width)


def control(form_field: FormField, registry: Registry, prefix: str, row: str, room: float = 0) -> str:
    """Return the field as a content control in its bookmark. A signature is room to write and no control.

    Raises :class:`ValueError` if the tag is longer than :data:`toolkit.model.TAG_MAX` or used twice.
    """
    underline = not room and form_field.kind not in ("check", "date")
    if form_field.kind == "signature":
        return "" if room else run(placeholder(form_field, 0), underline=True)
    tag = prefix + form_field.id
    if len(tag) > TAG_MAX:
        raise ValueError(f"填写项的标识过长：{tag}")
    start, end = registry.bookmark(bookmark_name(tag, "f_"))
    registry.field(tag, row)
    if form_field.value or form_field.kind == "check":
        showing, content = "", run(field_text(form_field), underline=underline)
    else:
        showing = "<w:showingPlcHdr/>"
        content = run(placeholder(form_field, room), "FieldPlaceholder", underline)
    title = f'<w:alias w:val="{attribute(form_field.label or form_field.id)}"/>'
    return (
        f"{start}<w:sdt><w:sdtPr>{run_properties(underline)}{title}"
        f'<w:tag w:val="{tag}"/><w:id w:val="{registry.control_id(tag)}"/>{showing}{_kind(form_field)}</w:sdtPr>'
        f"<w:sdtContent>{content}</w:sdtContent></w:sdt>{end}"
    )

