"""Form fields as content controls that survive Word, WPS and LibreOffice (run level, no ``w:text``, in a bookmark).

What an empty field prints is :mod:`toolkit.page.placeholders`; it is underlined where the field stands in a line of text. The
prompt is the control's title.
"""

from __future__ import annotations

from toolkit.core.memo import remembered
from toolkit.docx.writing.fragments import Draft
from toolkit.docx.writing.identity import bookmark_name
from toolkit.docx.writing.markup import attribute, run, run_properties
from toolkit.language.periods import is_iso_date
from toolkit.model.tree import TAG_MAX, FormField
from toolkit.numbering.labels import choice_boxes, field_text
from toolkit.page.placeholders import UNRULED, placeholder, ruled_lines

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
        full = f' w:fullDate="{form_field.value}T00:00:00Z"' if is_iso_date(form_field.value) else ""
        return _DATE.format(full)
    if form_field.kind == "choice":
        return _drop_down(form_field.options)
    return ""


def uncontrolled(form_field: FormField, room: float = 0, ruled: bool = False) -> str:
    """Return what a field prints, without a control: of a field that comes or goes (redlines)."""
    underline = not room and form_field.kind not in UNRULED
    if form_field.kind == "signature":
        return "" if room else run(placeholder(form_field, 0), underline=True)
    if form_field.value or form_field.kind == "check":
        return run(field_text(form_field), underline=underline)
    text = ruled_lines() if ruled and form_field.kind == "longtext" else placeholder(form_field, room)
    return run(text, "FieldPlaceholder", underline)


@remembered(256)
def _drop_down(options: tuple[str, ...]) -> str:
    items = "".join([f'<w:listItem w:displayText="{text}" w:value="{text}"/>' for text in map(attribute, options)])
    return f"<w:dropDownList>{items}</w:dropDownList>"


def control(form_field: FormField, draft: Draft, prefix: str, row: str, room: float = 0, ruled: bool = False) -> str:
    """Return the field as a content control in its bookmark.

    ``room`` as in :func:`placeholder`; ``ruled``: a long text prints :func:`ruled_lines`.

    Raises :class:`ValueError` if the tag is longer than :data:`toolkit.model.tree.TAG_MAX` or used twice.
    """
    underline = not room and form_field.kind not in UNRULED
    tag = prefix + form_field.id
    if len(tag) > TAG_MAX:
        raise ValueError(f"填写项的标识过长：{tag}")
    start, end = draft.bookmark(bookmark_name(tag, "f_"))
    empty = not form_field.value and form_field.kind != "check"
    number = draft.control(tag, row, "".join(choice_boxes(form_field.options)) if empty else "")
    if empty:
        showing = "<w:showingPlcHdr/>"
        text = ruled_lines() if ruled and form_field.kind == "longtext" else placeholder(form_field, room)
        content = run(text, "FieldPlaceholder", underline)
    else:
        showing, content = "", run(field_text(form_field), underline=underline)
    title = f'<w:alias w:val="{attribute(form_field.label or form_field.id)}"/>'
    return (
        f"{start}<w:sdt><w:sdtPr>{run_properties(underline)}{title}"
        f'<w:tag w:val="{tag}"/><w:id w:val="{number}"/>{showing}{_kind(form_field)}</w:sdtPr>'
        f"<w:sdtContent>{content}</w:sdtContent></w:sdt>{end}"
    )
