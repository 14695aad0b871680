"""Scans the controls of a plain main part without building a tree, in a third of the time; used by ``filled_forms``.

Plain parts are those that the toolkit writes and Word saves: controls in a line of text with a tag, no tracked changes,
no pictures, no controls in controls, no row of a form that lost its controls. All other parts, and those whose XML could
hide something (document types, comments, CDATA), are read by :mod:`toolkit.docx.reading.filled_forms`. Tests compare the
two results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from toolkit.core.memo import remembered
from toolkit.docx.reading.control_text import Properties
from toolkit.docx.writing.markup import W

#: Tokens between controls: tables, rows, and markup that needs the tree (deleted rows, alternatives, hiding places).
_TOKEN = re.compile(rb"<(?:/?w:t(?:bl|r)[ >]|!|w:del |w:sdt |mc:|w:customXml|\?(?!xml ))")
#: Markup inside a control that is not plain: anything but runs of text.
_STRANGE = re.compile(
    rb"<(?!/|w:(?:r|rPr|rStyle|rFonts|u|t|br|cr|tab|noBreakHyphen|lang|sz|szCs|color|b|bCs|kern|spacing|highlight|proofErr|bookmarkStart"
    rb"|bookmarkEnd|lastRenderedPageBreak)[ />])"
)
_NAMESPACE = f'xmlns:w="{W}"'.encode()
_CONTROL, _PR, _PR_END = b"<w:sdt>", b"<w:sdtPr>", b"</w:sdtPr>"
_CONTENT, _CONTENT_END = b"<w:sdtContent>", b"</w:sdtContent></w:sdt>"
#: The run that the toolkit writes.
_RUN, _RUN_END = b'<w:r><w:t xml:space="preserve">', b"</w:t></w:r>"
_TEXT = re.compile(rb"<w:t(?: [^>]*)?>([^<]*)</w:t>|<w:(br|cr|tab|noBreakHyphen)[ />]")
_BREAK = re.compile(rb"<w:(?:br|cr|tab|noBreakHyphen)[ />]")
_TAG, _ALIAS = re.compile(rb'<w:tag w:val="([^"]*)"'), re.compile(rb'<w:alias w:val="([^"]*)"')
_BOOKMARK = re.compile(rb'w:name="f_([^"]*)"')
_OPTION = re.compile(rb'<w:listItem [^>]*?w:(?:displayText|value)="([^"]*)"')
_BREAKS = {b"br": "\n", b"cr": "\n", b"tab": "\t", b"noBreakHyphen": "-"}

#: (tag, text, properties, index of its row in the file or -1).
ScannedControl = tuple[str, str, Properties, int]


def scan(main: bytes, tables: frozenset[str], fields: int = -1) -> list[ScannedControl] | None:
    """Return the controls in order, None for a part that is not plain.

    ``tables`` are the ids of tables with rows; ``fields`` is the number of generated fields: if all are there, no bookmark
    can be that of a field without its control.
    """
    pieces = main.split(_CONTROL)
    head = pieces[0]
    if _NAMESPACE not in head[:8000] or not main.endswith((b"</w:document>", b"</w:document>\n")):
        return None
    rows = _Rows(tables)
    if not rows.take(head):
        return None
    controls: list[ScannedControl] = []
    for piece in pieces[1:]:
        own_end = piece.find(_PR_END)
        start = own_end + len(_PR_END)
        end = piece.find(_CONTENT_END, start)
        if own_end < 0 or end < 0 or not piece.startswith(_PR) or not piece.startswith(_CONTENT, start):
            return None
        tag, properties = _control(piece[len(_PR) : own_end])
        inside = piece[start + len(_CONTENT) : end]
        text = _blank(inside) if properties.showing else _text(inside)
        if not tag or text is None:
            return None
        controls.append((tag, text, properties, rows.of(tag)))
        if not rows.take(piece[end + len(_CONTENT_END) :]):
            return None
    known = {control[0] for control in controls}
    if rows.depth or len(known) != len(controls) or not (len(controls) == fields or known.issuperset(_names(main))):
        return None
    return controls


def _names(main: bytes) -> list[str]:
    """Return the names of the fields with a bookmark."""
    return b" ".join(_BOOKMARK.findall(main)).decode("utf-8", "replace").split()


class _Rows:
    """Counts rows and detects a row of a form's table, below the first one, that lost its controls."""

    def __init__(self, tables: frozenset[str]) -> None:
        self.prefixes = tuple(f"{table}_" for table in tables)
        self.depth = 0
        self.row = -1
        self.filled = self.started = False

    def take(self, between: bytes) -> bool:
        """Take the XML between two controls; returns whether it is plain."""
        for text in _TOKEN.findall(between):
            if text == b"<w:tbl>":
                self.depth += 1
                self.started, self.filled = False, True
                if self.depth > 1:
                    return False
            elif text == b"</w:tbl>":
                self.depth -= 1
                if self.depth or (self.started and not self.filled):
                    return False
            elif text in (b"<w:tr>", b"<w:tr "):
                if self.depth != 1 or (self.started and not self.filled):
                    return False
                self.row += 1
                self.filled = False
            elif text != b"</w:tr>":
                return False
        return True

    def of(self, tag: str) -> int:
        """Return the index of the row that a control is in, -1 outside a table."""
        if not self.depth:
            return -1
        self.filled = True
        self.started = self.started or tag.startswith(self.prefixes)
        return self.row


def _text(inside: bytes) -> str | None:
    """Return the text of a control's runs, None if it holds anything but runs."""
    if (
        inside.startswith(_RUN)
        and inside.find(b"<", len(_RUN)) == len(inside) - len(_RUN_END)
        and inside.endswith(_RUN_END)
    ):
        text = inside[len(_RUN) : -len(_RUN_END)].decode()
        return unescape(text) if "&" in text else text
    if _STRANGE.search(inside):
        return None
    end = inside.find(b"</w:t>")
    if end >= 0 and inside.find(b"</w:t>", end + 1) < 0 and not _BREAK.search(inside):
        text = inside[inside.rfind(b">", 0, end) + 1 : end].decode()
    else:
        text = "".join([_BREAKS[mark] if mark else written.decode() for written, mark in _TEXT.findall(inside)])
    return unescape(text) if "&" in text else text


#: Blanks are the same in all files of a form.
_blank = remembered(2_000)(_text)


@remembered(20_000)
def _control(own: bytes) -> tuple[str, Properties]:
    """Return the tag and the properties of a control; the files of one form have the same ones."""
    name, label = _TAG.search(own), _ALIAS.search(own)
    if name is None:
        return "", Properties()
    options: Iterator[str] = iter(())
    if b"<w:dropDownList" in own or b"<w:comboBox" in own:
        options = (unescape(option.decode()) for option in _OPTION.findall(own))
    check = b"<w14:checkbox" in own
    on = check and re.search(rb'<w14:checked(?: w14:val="(?:1|true)")?/>', own) is not None
    shown = unescape(label[1].decode()) if label else ""
    date, showing, choices = b"<w:date" in own, b"<w:showingPlcHdr/>" in own, tuple(options)
    special = bool(date or showing or check or choices)
    return name[1].decode(), Properties("", shown, date, check, on, showing, choices, special)
