"""What stands around the body: title, note, addressee above; 附件说明, 署名 and 成文日期 below."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from toolkit.docx.writing.inlines import Scope, inlines
from toolkit.docx.writing.markup import paragraph, run
from toolkit.language.periods import print_date
from toolkit.language.titles import note_lines, title_lines, width
from toolkit.model.tree import Document, Inlines, Text
from toolkit.numbering.labels import attachment_lines
from toolkit.page import measures

_ATTACHMENT = "附件："
_KEEP = "<w:keepNext/>"


def _chars(count: float) -> int:
    return measures.pt_twips(count * measures.CHAR_PITCH_PT)


def title(document: Document) -> str:
    """Return the title with line feeds where it breaks by sense."""
    return "\n".join(title_lines(document.title, unbreakable=document.unbreakable))


class Line(NamedTuple):
    """A paragraph around the body: what it is, its style, text, further properties, and a label in 黑体 before the text."""

    kind: str
    style: str
    parts: Inlines
    properties: str = ""
    label: str = ""

    def written(self, scope: Scope) -> str:
        """Return the paragraph."""
        label = run(self.label, "NameLabel") if self.label else ""
        return paragraph(self.style, label + inlines(scope, "", self.parts)[0], self.properties)


def head(document: Document, enclosed: bool = False) -> list[Line]:
    """Return note, subtitle and addressee. The title is the template's; that of an enclosure starts a new page."""
    out = [Line("title", "Title", _text(title(document)), "<w:pageBreakBefore/>")] if enclosed else []
    if document.note:
        out.append(Line("note", "Note", _note(document)))
    if document.subtitle:
        out.append(Line("subtitle", "Subtitle", _text(document.subtitle)))
    if document.addressee:
        out.append(Line("addressee", "Addressee", document.addressee))
    return out


def tail(document: Document) -> list[Line]:
    """Return what stands below the body."""
    return attachments(document) + participants(document) + conclusions(document)


def _text(text: str) -> Inlines:
    return (Text(text),) if text else ()


def _note(document: Document) -> Inlines:
    """Return the 题注 with line feeds, so that no bracket or single word stands alone on its last line."""
    if len(document.note) != 1 or not isinstance(document.note[0], Text):
        return document.note
    lines = note_lines(document.note[0].text, document.unbreakable)
    return (replace(document.note[0], text="\n".join(lines)),)


def attachments(document: Document) -> list[Line]:
    """Return the 附件说明: wrapped lines align with the first character of the name (GB/T 9704-2012, 7.3.4)."""
    names = document.attachments
    out: list[Line] = []
    for place, line in enumerate(attachment_lines(names)):
        mark = len(_ATTACHMENT) if place == 0 else 0
        hanging = mark + (0 if len(names) == 1 else 0.5 * len(f"{place + 1}."))
        left = 2 + (len(_ATTACHMENT) if place else 0) + hanging
        indent = f'<w:ind w:left="{_chars(left)}" w:firstLineChars="0" w:hanging="{_chars(hanging)}"/>'
        close = '<w:spacing w:before="0"/>' if place else ""
        keep = _KEEP if document.conclusions and place == len(names) - 1 else ""
        out.append(Line("attachment", "AttachmentNote", _text(line), keep + close + indent))
    return out


def participants(document: Document) -> list[Line]:
    """Return 出席, 请假 and 列席 of a 纪要: the label in 黑体, names aligned after its colon (GB/T 9704-2012, 10.3)."""
    out: list[Line] = []
    for label, names in document.participants:
        hanging = len(label) + 1
        indent = f'<w:ind w:left="{_chars(2 + hanging)}" w:firstLineChars="0" w:hanging="{_chars(hanging)}"/>'
        close = '<w:spacing w:before="0"/>' if out else ""
        out.append(Line(f"participants {label}", "AttachmentNote", _text(f"：{names}"), close + indent, label))
    return out


def conclusions(document: Document) -> list[Line]:
    """Return 署名 and 成文日期 in the form for a seal (GB/T 9704-2012, 7.3.5.1), centred in a common box.

    An issuer longer than a line is broken by sense.
    """
    if not document.conclusions:
        return []
    names = title_lines(document.issuer, measures.CHARS_PER_LINE, document.unbreakable) if document.issuer else ()
    widest = max((sum(map(width, name)) for name in names), default=0.0)
    indent = f'<w:ind w:left="{_chars(measures.conclusions_indent_chars(widest))}" w:right="0"/>'
    before = f'<w:spacing w:before="{measures.pt_twips(measures.BLANK_LINES_SEALED * measures.LINE_PITCH_PT)}"/>'
    date = _text(print_date(document.doc_date))
    if not names:
        return [Line("date", "DocDate", date, before + indent)]
    return [
        Line("issuer", "Issuer", _text("\n".join(names)), f"{_KEEP}<w:keepLines/>{before}{indent}"),
        Line("date", "DocDate", date, indent),
    ]
