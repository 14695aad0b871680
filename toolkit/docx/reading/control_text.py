"""Reads text and properties of content controls, with all changes accepted; used by ``filled_forms``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from toolkit.core.memo import remembered
from toolkit.docx.reading.package import BREAKS, FALLBACK, W14, tag, tags
from toolkit.docx.writing.identity import blank_hash
from toolkit.language.periods import parse_date
from toolkit.numbering.labels import choice_boxes

_T, _P = tag("t"), tag("p")
_VAL, _NAME, _ID = tag("val"), tag("name"), tag("id")
_SDT, _SDT_PR, _CONTENT, _START, _END = map(tag, ("sdt", "sdtPr", "sdtContent", "bookmarkStart", "bookmarkEnd"))
_TR, _TC = tag("tr"), tag("tc")
_TR_PR, _DEL, _P_PR, _R_PR, _R_STYLE = map(tag, ("trPr", "del", "pPr", "rPr", "rStyle"))
_SKIP = tags("del moveFrom pPr rPr sdtPr sdtEndPr tblPr tblGrid trPr tcPr delText instrText footnoteReference") | {
    FALLBACK
}
_PICTURES = tags("drawing pict object")
#: The text of a picture, say of a signature.
PICTURE = "〔图片〕"
#: First words of the prompts that Word shows in an emptied control.
_PROMPTS = (
    "单击或点击",
    "单击此处",
    "点击或轻触",
    "点击此处",
    "选择一项",
    "选择一个",
    "请选择",
    "Click or tap",
    "Click here",
    "Choose an item",
)
_ON = "☑☒✓✔√■⊠"


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of a control. ``check``: a checkbox; ``on``: it is ticked; ``special``: its text alone is not its value."""

    tag: str = ""
    label: str = ""
    date: bool = False
    check: bool = False
    on: bool = False
    showing: bool = False
    options: tuple[str, ...] = ()
    special: bool = True


NO_PROPERTIES = Properties()


def properties(control: etree._Element) -> Properties:
    """Return the properties of a control."""
    own = control.find(_SDT_PR)
    if own is None:
        return NO_PROPERTIES
    name = label = ""
    date = check = on = showing = False
    options: tuple[str, ...] = ()
    for child in own:
        kind = child.tag
        if kind == _TAG:
            name = child.get(_VAL, "")
        elif kind == _ALIAS:
            label = child.get(_VAL, "")
        elif kind == _SHOWING:
            showing = child.get(_VAL, "1") not in ("0", "false")
        elif kind == _DATE:
            date = True
        elif kind in _LISTS:
            options = tuple(item.get(_DISPLAY) or item.get(_VALUE) or "" for item in child)
        elif kind == _CHECKBOX:
            check = True
            state = child.find(f"{W14}checked")
            on = state is not None and state.get(f"{W14}val", "1") in ("1", "true")
    return Properties(name, label, date, check, on, showing, options)


_TAG, _ALIAS, _SHOWING, _DATE, _DISPLAY, _VALUE = map(
    tag, ("tag", "alias", "showingPlcHdr", "date", "displayText", "value")
)
_LISTS = tags("dropDownList comboBox")
_CHECKBOX = f"{W14}checkbox"


def content(control: etree._Element) -> etree._Element | None:
    """Return the content element of a control, None without one."""
    return control.find(_CONTENT)


def accepted(element: etree._Element) -> str:
    """Return the text of an element with all changes accepted, paragraphs as lines, pictures as :data:`PICTURE`."""
    out: list[str] = []
    _gather(element, out)
    return "".join(out)


def _gather(element: etree._Element, out: list[str]) -> None:
    lines = 0
    joined = True
    for child in element:
        kind = child.tag
        if kind == _T:
            out.append(child.text or "")
        elif kind == _P:
            if lines and not joined:
                out.append("\n")
            lines += 1
            _gather(child, out)
            joined = _mark_deleted(child)
        elif kind in BREAKS:
            out.append(BREAKS[kind])
        elif kind in _PICTURES:
            out.append(PICTURE)
        elif kind not in _SKIP:
            _gather(child, out)


def _mark_deleted(paragraph: etree._Element) -> bool:
    """Whether the paragraph's end is a tracked deletion, so that the next paragraph joins it."""
    own = paragraph.find(_P_PR)
    run = own.find(_R_PR) if own is not None else None
    return run is not None and run.find(_DEL) is not None


def bookmark_before(control: etree._Element) -> str:
    """Return the field whose bookmark starts just before or in a control whose tag LibreOffice dropped; ``""`` for none."""
    before = control.getprevious()
    while before is not None and before.tag in (_START, _END):
        name = before.get(_NAME, "")
        if name.startswith("f_"):
            return name[2:]
        before = before.getprevious()
    inside = content(control)
    if inside is None or next(inside.iter(_SDT, _TR), None) is not None:
        return ""  # a control around rows or other controls is no field
    for child in inside.iter(_START):
        name = child.get(_NAME, "")
        if name.startswith("f_"):
            return name[2:]
    return ""


def between(start: etree._Element) -> str:
    """Return the text of a bookmark that lost its control, within the paragraph.

    LibreOffice ends the bookmark after the first run typed over a control: later runs of the same character style belong
    to it too, and the whole rest of a paragraph with nothing else in it.
    """
    number, style = start.get(_ID, ""), ""
    out: list[str] = []
    ended, alone = False, _is_alone(start)
    for sibling in start.itersiblings():
        kind = sibling.tag
        if kind == _END and sibling.get(_ID) == number:
            ended = True
            continue
        if kind == _SDT or (kind == _START and sibling.get(_NAME, "").startswith("f_")):
            break
        if kind in _SKIP:
            continue
        own = _run_style(sibling)
        if ended and not alone and (not style or own != style):
            break
        style = style or own
        _gather(sibling, out)
    return "".join(out)


def _is_alone(start: etree._Element) -> bool:
    """Whether a field's bookmark is first in a paragraph of a table, with no other field in it."""
    paragraph = start.getparent()
    cell = paragraph.getparent() if paragraph is not None else None
    if paragraph is None or cell is None or paragraph.tag != _P or cell.tag != _TC:
        return False
    bookmarks = [start for start in paragraph.iter(_START) if start.get(_NAME, "").startswith("f_")]
    if len(bookmarks) > 1 or paragraph.find(f".//{_SDT}") is not None:
        return False
    return not any(accepted(before).strip() for before in start.itersiblings(preceding=True) if before.tag not in _SKIP)


def _run_style(run: etree._Element) -> str:
    style = run.find(f"{_R_PR}/{_R_STYLE}")
    return style.get(_VAL, "") if style is not None else ""


def row_of(element: etree._Element) -> etree._Element | None:
    """Return the table row around an element, or the row inside a control of a whole row; None outside a table."""
    row = next(element.iterancestors(_TR), None)
    if row is None and element.tag == _SDT:
        row = next(element.iter(_TR), None)
    return row


def cells(row: etree._Element) -> Iterator[etree._Element]:
    """Yield the cells of a row, also those inside controls around a cell."""
    for child in row:
        if child.tag == _TC:
            yield child
        elif child.tag == _SDT and (inside := content(child)) is not None:
            yield from cells(inside)


def cell_index(element: etree._Element, row: etree._Element) -> int:
    """Return the index of the cell around an element, or inside a control of a whole cell; -1 for none."""
    owner = next(element.iterancestors(_TC), None)
    if owner is None or next(owner.iterancestors(_TR), None) is not row:
        owner = next(element.iter(_TC), None)
    return next((index for index, cell in enumerate(cells(row)) if cell is owner), -1)


def is_deleted(row: etree._Element) -> bool:
    """Whether a row was deleted with tracked changes."""
    own = row.find(_TR_PR)
    return own is not None and own.find(_DEL) is not None


def checked(value: str, own: Properties) -> str:
    """Return 是 for a ticked box: the printed sign counts, without one the control's state."""
    if value:
        return "是" if value[:1] in _ON else ""
    return "是" if own.on else ""


def is_prompt(value: str) -> bool:
    """Whether a text is the prompt that Word shows in an emptied control."""
    return value.startswith(_PROMPTS)


@remembered(512)
def boxes_hash(options: Sequence[str]) -> str:
    """Return the hash of the printed text of an empty choice of these options."""
    return blank_hash("".join(choice_boxes(options)))


def iso(value: str) -> str:
    """Return a date as ISO date, or the text if it cannot be parsed."""
    try:
        return parse_date(value)
    except ValueError:
        return value
