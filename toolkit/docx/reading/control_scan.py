"""Scans the controls of a plain main part without a tree, and what is between them; used by ``filled_forms``.

The skeleton of a part is all that is between its controls, with a word in place of each content: the files of a form that
were filled in their controls alone have the same one, so that it is parsed, walked and aligned with the blueprint once; what
XML can hide (comments, CDATA, tracked changes) is seen there. Plain are controls that hold nothing but runs of text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from toolkit.core.memo import remembered
from toolkit.docx.reading.story import Control
from toolkit.docx.writing.markup import W

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
_BOOKMARK = re.compile(rb"<w:bookmark(?:Start|End) [^>]*/>")
_BREAKS = {b"br": "\n", b"cr": "\n", b"tab": "\t", b"noBreakHyphen": "-"}


@dataclass(frozen=True, slots=True)
class Scanned:
    """A main part: its ``skeleton``, and the properties and the text of each control in order."""

    skeleton: bytes
    controls: list[tuple[Control, str]]


def stand_in(number: int) -> str:
    """Return the word that is in the skeleton for the content of a control."""
    return f"\ue000{number}\ue001"


def scan(main: bytes) -> Scanned | None:
    """Return a main part without a tree, None for one that is not plain."""
    try:
        return _scan(main)
    except UnicodeDecodeError:
        return None  # parsing says where it is damaged


def _scan(main: bytes) -> Scanned | None:
    head, *pieces = main.split(_CONTROL)
    if _NAMESPACE not in head[:8000] or not pieces:
        return None
    skeleton = [head]
    controls: list[tuple[Control, str]] = []
    for number, piece in enumerate(pieces):
        own_end = piece.find(_PR_END)
        start = own_end + len(_PR_END)
        end = piece.find(_CONTENT_END, start)
        if own_end < 0 or end < 0 or not piece.startswith(_PR) or not piece.startswith(_CONTENT, start):
            return None
        tag, control = _control(piece[len(_PR) : own_end])
        inside = piece[start + len(_CONTENT) : end]
        text = _blank(inside) if control.prompt else _text(inside)
        if text is None:
            return None
        controls.append((control, text))
        skeleton += (b"<w:sdt><w:sdtPr>", tag, b"</w:sdtPr><w:sdtContent>")
        if b"<w:bookmark" in inside:
            skeleton += _BOOKMARK.findall(inside)
        skeleton += (_run(number), piece[end:])
    return Scanned(b"".join(skeleton), controls)


@remembered(5_000)
def _run(number: int) -> bytes:
    return f"<w:r><w:t>{stand_in(number)}</w:t></w:r>".encode()


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
def _control(own: bytes) -> tuple[bytes, Control]:
    """Return the tag as XML and the properties of a control; the files of a form have the same ones."""
    name, label = _TAG.search(own), _ALIAS.search(own)
    ticked = None
    if b"<w14:checkbox" in own:
        ticked = re.search(rb'<w14:checked(?: w14:val="(?:1|true)")?/>', own) is not None
    control = Control(
        unescape(name[1].decode()) if name else "",
        unescape(label[1].decode()) if label else "",
        b"<w:date" in own,
        ticked,
        b"<w:showingPlcHdr/>" in own,
    )
    return (b'<w:tag w:val="%b"/>' % name[1] if name else b""), control
