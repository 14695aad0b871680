"""Scans the controls of a plain main part without a tree, and the text between them; used by ``filled_forms``.

Where that text is what the form prints, each control is the field at its place and nothing else is to be read. What is between
two controls is the same in all files of a form and is looked at once. Plain are controls that hold nothing but runs of text, and
text between them without anything that could hide or show more. All other parts are read from the tree.
"""

from __future__ import annotations

import re
from html import unescape

from toolkit.core.memo import remembered
from toolkit.docx.reading.story import Control
from toolkit.docx.writing.markup import W
from toolkit.forms.blueprint import SLOT, squeezed

#: Markup inside a control that is not plain: anything but runs of text.
_STRANGE_INSIDE = re.compile(
    rb"<(?!/|w:(?:r|rPr|rStyle|rFonts|u|t|br|cr|tab|noBreakHyphen|lang|sz|szCs|color|b|bCs|kern|spacing|highlight|proofErr|bookmarkStart"
    rb"|bookmarkEnd|lastRenderedPageBreak)[ />])"
)
_SYMBOLS = re.compile(rb"=\"(?:Wingdings|Webdings|Symbol|Marlett)", re.IGNORECASE)
_NAMESPACE = f'xmlns:w="{W}"'.encode()
_CONTROL, _PR, _PR_END = b"<w:sdt>", b"<w:sdtPr>", b"</w:sdtPr>"
_CONTENT, _CONTENT_END = b"<w:sdtContent>", b"</w:sdtContent></w:sdt>"
#: The run that the toolkit writes.
_RUN, _RUN_END = b'<w:r><w:t xml:space="preserve">', b"</w:t></w:r>"
_TEXT = re.compile(rb"<w:t(?: [^>]*)?>([^<]*)</w:t>|<w:(br|cr|tab|noBreakHyphen)[ />]")
_TAG, _ALIAS = re.compile(rb'<w:tag w:val="([^"]*)"'), re.compile(rb'<w:alias w:val="([^"]*)"')
_BREAKS = {b"br": "\n", b"cr": "\n", b"tab": "\t", b"noBreakHyphen": "-"}


#: What is between controls and no plain text: hiding places, tracked changes, symbols, fields, pictures, notes.
_STRANGE_BETWEEN = re.compile(
    rb"<(?:!|mc:|m:|w:(?:sym|drawing|pict|object|altChunk|del|ins|moveFrom|moveTo|instrText|fldChar|fldSimple|footnoteReference"
    rb"|endnoteReference|commentReference|sdt)[ />])|=\"(?:Wingdings|Webdings|Symbol|Marlett)"
)
_MARKUP = re.compile(rb"<[^>]*>")


def scan(main: bytes) -> tuple[str, list[tuple[Control, str]]] | None:
    """Return the text between the controls of a main part without blanks, with :data:`SLOT` for each control, and the
    properties and text of each control; None for a part that is not plain.
    """
    head, *pieces = main.split(_CONTROL)
    if _NAMESPACE not in head[:8000] or not main.endswith((b"</w:document>", b"</w:document>\n")):
        return None
    try:
        texts = [_between(head)]
        controls: list[tuple[Control, str]] = []
        for piece in pieces:
            own_end = piece.find(_PR_END)
            start = own_end + len(_PR_END)
            end = piece.find(_CONTENT_END, start)
            if own_end < 0 or end < 0 or not piece.startswith(_PR) or not piece.startswith(_CONTENT, start):
                return None
            control = _control(piece[len(_PR) : own_end])
            inside = piece[start + len(_CONTENT) : end]
            text = _blank(inside) if control.prompt else _text(inside)
            between = _between(piece[end + len(_CONTENT_END) :])
            if text is None or between is None:
                return None
            controls.append((control, text))
            texts.append(between)
    except UnicodeDecodeError:
        return None  # parsing says where it is damaged
    return None if texts[0] is None else (SLOT.join(map(str, texts)), controls)


@remembered(10_000)
def _between(xml: bytes) -> str | None:
    """Return the text between two controls without blanks, None where it holds more than text."""
    if _STRANGE_BETWEEN.search(xml):
        return None
    text = _MARKUP.sub(b"", xml.replace(b"<w:noBreakHyphen/>", b"-")).decode()
    return squeezed(unescape(text) if "&" in text else text)


def _text(inside: bytes) -> str | None:
    """Return the text of a control's runs, None if it holds anything but runs."""
    if (
        inside.startswith(_RUN)
        and inside.find(b"<", len(_RUN)) == len(inside) - len(_RUN_END)
        and inside.endswith(_RUN_END)
    ):
        text = inside[len(_RUN) : -len(_RUN_END)].decode()
        return unescape(text) if "&" in text else text
    if _STRANGE_INSIDE.search(inside) or _SYMBOLS.search(inside):
        return None
    text = "".join([_BREAKS[mark] if mark else written.decode() for written, mark in _TEXT.findall(inside)])
    return unescape(text) if "&" in text else text


#: Blanks are the same in all files of a form.
_blank = remembered(2_000)(_text)


@remembered(20_000)
def _control(own: bytes) -> Control:
    """Return the properties of a control; the files of a form have the same ones."""
    name, label = _TAG.search(own), _ALIAS.search(own)
    ticked = None
    if b"<w14:checkbox" in own:
        ticked = re.search(rb'<w14:checked(?: w14:val="(?:1|true)")?/>', own) is not None
    return Control(
        unescape(name[1].decode()) if name else "",
        unescape(label[1].decode()) if label else "",
        b"<w:date" in own,
        ticked,
        b"<w:showingPlcHdr/>" in own,
    )
