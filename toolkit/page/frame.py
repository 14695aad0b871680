"""The lines around the body (GB/T 9704-2012, 7.3, 10.3), stated once; the writers of DOCX and PDF draw them.

Title, 题注, subtitle and 主送机关 stand above the body; 附件说明, 出席 of a 纪要, 署名 and 成文日期 below it. 版头 and 版记 have
places of their own on the page: :mod:`toolkit.docx.template` and :mod:`toolkit.pdf.head` put them there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from toolkit.language.names import organ_start
from toolkit.language.titles import note_lines, title_lines, width
from toolkit.model.tree import Document, Inlines, Text
from toolkit.numbering.labels import attachment_lines, date_line
from toolkit.page import measures

_ATTACHMENT = "附件："
#: The first line of a paragraph is indented by so many characters (7.3.3).
_INDENT = 2
#: White above 署名 that is given up where the page ends a little too early, in lines (7.3.5.5).
_YIELDS = 0.5


class FrameLine(NamedTuple):
    """A paragraph around the body. Indents are in characters of 3号, white in lines of the page.

    ``kind`` pairs lines of two versions; ``label`` is in 黑体 before the text. Where ``left`` is given it replaces the
    indents of the style: wrapped lines begin there, the first one ``hanging`` characters before them; without ``hanging`` the
    line is centred between ``left`` and the right edge. ``before`` is the white above (None: the style's), ``yields`` how much
    of it may go. ``keep_lines``: stays on one page (None: as the style says). ``gaps``: white between Han and Latin.
    """

    kind: str
    style: str
    parts: Inlines
    label: str = ""
    left: float | None = None
    hanging: float | None = None
    before: float | None = None
    yields: float = 0.0
    keep_next: bool = False
    keep_lines: bool | None = None
    gaps: bool = True
    new_page: bool = False

    @property
    def printed(self) -> Inlines:
        """The whole text."""
        return (*_text(self.label), *self.parts)


def title(document: Document) -> str:
    """Return the title with line feeds where it breaks by sense (7.3.1)."""
    return "\n".join(title_lines(document.title, unbreakable=document.unbreakable))


def issuer_mark(document: Document) -> tuple[str, ...]:
    """Return the lines of 发文机关标志 (7.2.4): one as long as narrow letters fit, then unit above organ, then by sense."""
    mark = document.issuer_mark
    most = measures.ISSUER_MARK_SIZES[-1][0]
    if len(mark) <= most:
        return (mark,) if mark else ()
    organ = organ_start(mark)
    parts = (mark[:organ], mark[organ:]) if organ else (mark,)
    return tuple(line for part in parts for line in title_lines(part, most, (*document.unbreakable, part)))


def above(document: Document) -> list[FrameLine]:
    """Return title, 题注, subtitle and 主送机关."""
    out = [FrameLine("title", "Title", _text(title(document)))]
    if document.note:
        out.append(FrameLine("note", "Note", _note(document)))
    if document.subtitle:
        out.append(FrameLine("subtitle", "Subtitle", _text(document.subtitle)))
    if document.addressee:
        out.append(FrameLine("addressee", "Addressee", document.addressee))
    return out


def below(document: Document) -> list[FrameLine]:
    """Return 附件说明, participants, 署名 and 成文日期."""
    return _attachments(document) + _participants(document) + _conclusions(document)


def keeps_body(below: list[FrameLine]) -> bool:
    """Whether the end of the body stays with the lines below it: no page bears names and a date alone; 附件说明 may begin one."""
    return bool(below) and below[0].kind != "attachment"


def _text(text: str) -> Inlines:
    return (Text(text),) if text else ()


def _note(document: Document) -> Inlines:
    """Return the 题注 with line feeds, so that its last line is more than a bracket or a single word."""
    if len(document.note) != 1 or not isinstance(document.note[0], Text):
        return document.note
    lines = note_lines(document.note[0].text, document.unbreakable)
    return (replace(document.note[0], text="\n".join(lines)),)


def _attachments(document: Document) -> list[FrameLine]:
    """Return the 附件说明: wrapped lines align with the first character of the name (7.3.4), and no name goes over the page."""
    names, mark = document.attachments, len(_ATTACHMENT)
    out: list[FrameLine] = []
    for index, line in enumerate(attachment_lines(names)):
        number = 0 if len(names) == 1 else 0.5 * len(f"{index + 1}.")
        left, hanging, before = _INDENT + mark + number, number if index else mark + number, 0.0 if index else None
        keep = document.conclusions and index == len(names) - 1
        own = FrameLine("attachment", "AttachmentNote", _text(line), keep_next=keep, keep_lines=True)
        out.append(own._replace(left=left, hanging=hanging, before=before))
    return out


def _participants(document: Document) -> list[FrameLine]:
    """Return 出席, 请假 and 列席 of a 纪要: the label in 黑体, names aligned after its colon (10.3)."""
    out: list[FrameLine] = []
    for label, names in document.participants:
        hanging = len(label) + 1
        kind, before = f"participants {label}", 0.0 if out else None
        out.append(FrameLine(kind, "AttachmentNote", _text(f"：{names}"), label, _INDENT + hanging, hanging, before))
    return out


def _conclusions(document: Document) -> list[FrameLine]:
    """Return 署名 and 成文日期 in the form for a seal, centred in a common box (7.3.5.1).

    An issuer longer than a line is broken by sense.
    """
    if not document.conclusions:
        return []
    names = title_lines(document.issuer, measures.CHARS_PER_LINE, document.unbreakable) if document.issuer else ()
    left = measures.conclusions_indent_chars(max((sum(map(width, name)) for name in names), default=0.0))
    date = FrameLine("date", "DocDate", date_line(document), left=left, gaps=False)
    issuer = FrameLine("issuer", "Issuer", _text("\n".join(names)), left=left, gaps=False)
    lines = [issuer._replace(keep_next=True, keep_lines=True), date] if names else [date]
    lines[0] = lines[0]._replace(before=float(measures.BLANK_LINES_SEALED), yields=_YIELDS)
    return lines
