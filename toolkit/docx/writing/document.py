"""Writes a document of the tree as DOCX in the layout of a template; numbers are live, ids are kept. Also used by redlines."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from toolkit.docx.writing.body import numbered_body
from toolkit.docx.writing.fragments import Draft, Numbered, Nums, Start, check_names, numbered, with_titles
from toolkit.docx.writing.identity import custom_xml
from toolkit.docx.writing.inlines import Scope, inlines
from toolkit.docx.writing.markup import keep_with_next, paragraph, run
from toolkit.docx.writing.tables import separator
from toolkit.forms import blueprint
from toolkit.language.titles import note_lines, title_lines, width
from toolkit.model.tree import Document, Inlines, Text
from toolkit.numbering.labels import SetLabels, attachment_lines, date_line, imprint_date
from toolkit.page import measures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.template import Stylesheet

_ATTACHMENT = "附件："
_KEEP = "<w:keepNext/>"


def write(document: Document, labels: SetLabels, stylesheet: Stylesheet) -> bytes:
    """Return the document as DOCX: same tree, same bytes.

    Raises :class:`toolkit.numbering.labels.UnresolvedRef` for a reference without a target, :class:`ValueError` for
    characters that XML cannot hold, ids used twice and redline marks; :class:`KeyError` if the template lacks a list.
    """
    body, nums, custom = content(document, labels, stylesheet)
    return stylesheet.render(context(document, labels), body, nums, custom)


def write_sealed(document: Document, labels: SetLabels, stylesheet: Stylesheet) -> tuple[bytes, str]:
    """The same with the seal of the file (:func:`toolkit.output.seal`)."""
    body, nums, custom = content(document, labels, stylesheet)
    return stylesheet.sealed(context(document, labels), body, nums, custom)


def content(document: Document, labels: SetLabels, stylesheet: Stylesheet) -> tuple[bytes, str, bytes]:
    """Return (body XML, ``w:num`` elements, custom XML part) as :meth:`Stylesheet.render` takes them."""
    file, width = _File(stylesheet), stylesheet.body_width_mm
    pieces = file.written(Scope(document, labels, Draft()), width, False)
    if document.enclosure is not None:
        inside = Scope(document.enclosure, labels, Draft(), document.enclosure.id)
        pieces += file.written(inside, width, True)
    form = form_blueprint(document, labels) if file.start.controls and document.enclosure is None else ""
    return b"".join(pieces), file.nums.xml, custom_xml(document, labels.kind, labels.version, file.records, form)


def form_blueprint(document: Document, labels: SetLabels) -> str:
    """Return the blueprint of a form, escaped for XML (:func:`toolkit.forms.blueprint.written`)."""
    above, below = ([line.printed for line in lines] for lines in (head(document), tail(document)))
    return blueprint.written(document, labels, above, below)


class _File:
    """Puts the fragments of one file together."""

    def __init__(self, stylesheet: Stylesheet) -> None:
        self.nums = Nums(stylesheet.lists, stylesheet.first_num)
        self.records: list[bytes] = []
        self.parts: list[Numbered] = []
        self.start = Start(next_list=self.nums.next)

    def written(self, scope: Scope, body_width_mm: float, enclosed: bool) -> list[bytes]:
        """Return a document (or the enclosure) in order; numbers go to its body first."""
        above, below = head(scope.document, enclosed), tail(scope.document)
        whole, ends_in_table = numbered_body(scope.document.body, scope, body_width_mm, self.start)
        body = [self._add(whole, scope)]
        if ends_in_table:
            body.append(separator(last=not below).encode())
        if below:
            body[-1] = keep_with_next(body[-1])
        return [self._lines(above, scope), *body, self._lines(below, scope)]

    def _lines(self, lines: list[FrameLine], scope: Scope) -> bytes:
        if not lines:
            return b""
        own = scope.with_draft(Draft())
        own.draft.out += [line.written(own).encode() for line in lines]
        if not own.draft.bookmarks and not own.draft.titles:
            return b"".join(own.draft.out)
        return self._add(numbered(own.draft, self.start), scope)

    def _add(self, whole: Numbered, scope: Scope) -> bytes:
        """Take over the numbers and records of a fragment and return its XML."""
        if whole.bookmarks and self.parts:
            check_names(whole.bookmarks, *(other.bookmarks for other in self.parts))
        for name, owner in whole.lists:
            self.nums.get(name, owner)
        if whole.bookmarks:
            self.parts.append(whole)
            self.start = Start(
                self.start.bookmark + len(whole.bookmarks),
                self.start.reference + whole.references,
                self.nums.next,
                self.start.controls | whole.controls,
            )
        titles = tuple([scope.title(ref) for ref in whole.titles.values()])
        xml, records = with_titles(whole, titles) if titles else (whole.xml, whole.records)
        self.records.append(records)
        return xml


def context(document: Document, labels: SetLabels) -> dict[str, object]:
    """Return the values of the template's own tags; line feeds in the title are its line breaks."""
    copy_to = document.copy_to and document.copy_to.rstrip("。") + "。"
    return {
        "title": title(document),
        "issuer": document.issuer,
        "issuer_mark": document.issuer_mark,
        "doc_number": document.doc_number,
        "approver": document.approver,
        "copy_to": copy_to,
        "printing_office": document.printing_office,
        "printing_date": imprint_date(document),
        "creator": labels.unit if document.dated else document.issuer or labels.unit,
        "unit": labels.unit,
    }


# --- around the body ---------------------------------------------------------------------------------------------


class FrameLine(NamedTuple):
    """A paragraph around the body: its kind, style, text, further properties, and a label in 黑体 before the text."""

    kind: str
    style: str
    parts: Inlines
    properties: str = ""
    label: str = ""

    @property
    def printed(self) -> Inlines:
        """The whole text."""
        return (*_text(self.label), *self.parts)

    def written(self, scope: Scope) -> str:
        """Return the paragraph."""
        label = run(self.label, "NameLabel") if self.label else ""
        return paragraph(self.style, label + inlines(scope, "", self.parts)[0], self.properties)


def head(document: Document, enclosed: bool = False) -> list[FrameLine]:
    """Return note, subtitle and addressee. The title is the template's; that of an enclosure starts a new page."""
    out = [FrameLine("title", "Title", _text(title(document)), "<w:pageBreakBefore/>")] if enclosed else []
    if document.note:
        out.append(FrameLine("note", "Note", _note(document)))
    if document.subtitle:
        out.append(FrameLine("subtitle", "Subtitle", _text(document.subtitle)))
    if document.addressee:
        out.append(FrameLine("addressee", "Addressee", document.addressee))
    return out


def tail(document: Document) -> list[FrameLine]:
    """Return the lines below the body."""
    return _attachments(document) + _participants(document) + _conclusions(document)


def title(document: Document) -> str:
    """Return the title with line feeds where it breaks by sense."""
    return "\n".join(title_lines(document.title, unbreakable=document.unbreakable))


def _text(text: str) -> Inlines:
    return (Text(text),) if text else ()


def _note(document: Document) -> Inlines:
    """Return the 题注 with line feeds, so that its last line is more than a bracket or a single word."""
    if len(document.note) != 1 or not isinstance(document.note[0], Text):
        return document.note
    lines = note_lines(document.note[0].text, document.unbreakable)
    return (replace(document.note[0], text="\n".join(lines)),)


def _hanging(first: float, hanging: float, follows: bool) -> str:
    """Return the properties of a line whose wrapped lines begin ``hanging`` characters after its first one."""
    close = '<w:spacing w:before="0"/>' if follows else ""
    left, width = _chars(first + hanging), _chars(hanging)
    return f'{close}<w:ind w:left="{left}" w:firstLineChars="0" w:hanging="{width}"/>'


def _attachments(document: Document) -> list[FrameLine]:
    """Return the 附件说明: wrapped lines align with the first character of the name (GB/T 9704-2012, 7.3.4)."""
    names = document.attachments
    out: list[FrameLine] = []
    for index, line in enumerate(attachment_lines(names)):
        mark = len(_ATTACHMENT)
        number = 0 if len(names) == 1 else 0.5 * len(f"{index + 1}.")
        properties = _hanging(2 + mark, number, True) if index else _hanging(2, mark + number, False)
        keep = _KEEP if document.conclusions and index == len(names) - 1 else ""
        out.append(FrameLine("attachment", "AttachmentNote", _text(line), keep + properties))
    return out


def _participants(document: Document) -> list[FrameLine]:
    """Return 出席, 请假 and 列席 of a 纪要: the label in 黑体, names aligned after its colon (GB/T 9704-2012, 10.3)."""
    out: list[FrameLine] = []
    for label, names in document.participants:
        properties = _hanging(2, len(label) + 1, bool(out))
        out.append(FrameLine(f"participants {label}", "AttachmentNote", _text(f"：{names}"), properties, label))
    return out


def _conclusions(document: Document) -> list[FrameLine]:
    """Return 署名 and 成文日期 in the form for a seal (GB/T 9704-2012, 7.3.5.1), centred in a common box.

    An issuer longer than a line is broken by sense.
    """
    if not document.conclusions:
        return []
    names = title_lines(document.issuer, measures.CHARS_PER_LINE, document.unbreakable) if document.issuer else ()
    widest = max((sum(map(width, name)) for name in names), default=0.0)
    indent = f'<w:ind w:left="{_chars(measures.conclusions_indent_chars(widest))}" w:right="0"/>'
    before = f'<w:spacing w:before="{measures.pt_twips(measures.BLANK_LINES_SEALED * measures.LINE_PITCH_PT)}"/>'
    date = date_line(document)
    if not names:
        return [FrameLine("date", "DocDate", date, before + indent)]
    return [
        FrameLine("issuer", "Issuer", _text("\n".join(names)), f"{_KEEP}<w:keepLines/>{before}{indent}"),
        FrameLine("date", "DocDate", date, indent),
    ]


def _chars(count: float) -> int:
    return measures.pt_twips(count * measures.CHAR_PITCH_PT)
