"""Writes a document of the tree as DOCX in the layout of a template; numbers are live, ids are kept. Also used by redlines."""

from __future__ import annotations

from toolkit.docx.template.style_names import CONTENTS_STYLES
from toolkit.docx.writing.body import numbered_body
from toolkit.docx.writing.fragments import Draft, Numbered, Nums, Start, check_names, numbered, with_titles
from toolkit.docx.writing.identity import custom_xml
from toolkit.docx.writing.inlines import Scope, inlines
from toolkit.docx.writing.markup import (
    FIELD_BEGIN,
    FIELD_END,
    FIELD_SEPARATED,
    begin_page,
    keep_with_next,
    paragraph,
    run,
)
from toolkit.docx.writing.tables import separator
from toolkit.forms import blueprint
from toolkit.model.tree import Document, FormField, Provision, Ref
from toolkit.numbering.labels import FULL_SPACE, SetLabels, imprint_date
from toolkit.page import frame, measures, paging
from toolkit.page.fitting import fitted
from toolkit.page.frame import FrameLine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.template import Stylesheet

_KEEP = "<w:keepNext/>"
#: All paragraphs of the highest outline level, as links; their styles are of our own names.
_TOC = f'{FIELD_BEGIN}TOC \\o "1-1" \\h \\z \\u {FIELD_SEPARATED}'
_TAB = "<w:r><w:tab/></w:r>"
#: 版记 on the page on which the text ends: that of a redline, whose pages nobody counts.
_HERE = paging.Imprint()


def write(document: Document, labels: SetLabels, stylesheet: Stylesheet) -> bytes:
    """Return the document as DOCX: same tree, same bytes.

    Raises :class:`toolkit.numbering.labels.UnresolvedRef` for a reference without a target, :class:`ValueError` for
    characters that XML cannot hold, ids used twice and redline marks; :class:`KeyError` if the template lacks a list.
    """
    place = paging.imprint(document, labels)
    body, nums, custom = content(document, labels, stylesheet, place)
    return stylesheet.render(context(document, labels, place), body, nums, custom)


def write_sealed(document: Document, labels: SetLabels, stylesheet: Stylesheet) -> tuple[bytes, str]:
    """The same with the seal of the file (:func:`toolkit.output.seal`)."""
    place = paging.imprint(document, labels)
    body, nums, custom = content(document, labels, stylesheet, place)
    return stylesheet.sealed(context(document, labels, place), body, nums, custom)


def content(
    document: Document, labels: SetLabels, stylesheet: Stylesheet, place: paging.Imprint = _HERE
) -> tuple[bytes, str, bytes]:
    """Return (body XML, ``w:num`` elements, custom XML part) as :meth:`Stylesheet.render` takes them. ``place``: that of 版记."""
    file, width = _File(stylesheet), stylesheet.body_width_mm
    document = fitted(document, width)
    listed = CONTENTS_STYLES.keys() <= stylesheet.styles
    entries, lines = paging.contents(document, labels) if listed else (), paging.lines_to_write(document, labels)
    pieces = file.written(Scope(document, labels, Draft(), lines=lines), width, False, entries, place.begins_page)
    if document.enclosure is not None:
        inside = Scope(document.enclosure, labels, Draft(), document.enclosure.id, lines=lines)
        entries = paging.contents(document, labels, enclosed=True) if listed else ()
        pieces += file.written(inside, width, True, entries)
    form = form_blueprint(document, labels) if file.start.controls and document.enclosure is None else ""
    return b"".join(pieces), file.nums.xml, custom_xml(document, labels.kind, labels.version, file.records, form)


def form_blueprint(document: Document, labels: SetLabels) -> str:
    """Return the blueprint of a form, escaped for XML (:func:`toolkit.forms.blueprint.written`)."""
    above, below = ([line.printed for line in lines] for lines in (lines_above(document), frame.below(document)))
    return blueprint.written(document, labels, above, below)


class _File:
    """Puts the fragments of one file together."""

    def __init__(self, stylesheet: Stylesheet) -> None:
        self.nums = Nums(stylesheet.lists, stylesheet.first_num)
        self.records: list[bytes] = []
        self.parts: list[Numbered] = []
        self.start = Start(next_list=self.nums.next)

    def written(
        self,
        scope: Scope,
        body_width_mm: float,
        enclosed: bool,
        listed: tuple[paging.Entry, ...],
        begins_page: Provision | FrameLine | None = None,
    ) -> list[bytes]:
        """Return a document (or the enclosure) in order; numbers go to its body first.

        ``listed``: its 目录. ``begins_page``: the lines that begin a page of their own.
        """
        above, below = lines_above(scope.document, enclosed), frame.below(scope.document)
        whole, ends_in_table = numbered_body(scope.document.body, scope, body_width_mm, self.start)
        body = [self._add(whole, scope)]
        if ends_in_table:
            body.append(separator(last=not below).encode())
        if frame.keeps_body(below):
            body[-1] = keep_with_next(body[-1])
        if isinstance(begins_page, Provision):
            body[0] = begin_page(body[0], scope.name(begins_page.id))
        below = [line._replace(new_page=True) if line == begins_page else line for line in below]
        return [
            self._lines(above, scope),
            *(line.encode() for line in contents_xml(listed, scope)),
            *body,
            self._lines(below, scope),
        ]

    def _lines(self, lines: list[FrameLine], scope: Scope) -> bytes:
        if not lines:
            return b""
        own = scope.with_draft(Draft())
        own.draft.out += [line_xml(line, own).encode() for line in lines]
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


def lines_above(document: Document, enclosed: bool = False) -> list[FrameLine]:
    """Return the lines above the body: the title is the template's, that of an enclosure starts a new page."""
    title, *lines = frame.above(document)
    return [title._replace(new_page=True), *lines] if enclosed else lines


def context(document: Document, labels: SetLabels, place: paging.Imprint = _HERE) -> dict[str, object]:
    """Return the values of the template's own tags; line feeds in the title are its line breaks. ``place``: that of 版记."""
    mark = frame.issuer_mark(document)
    copy_to = document.copy_to and document.copy_to.rstrip("。") + "。"
    return {
        "title": frame.title(document),
        "issuer": document.issuer,
        "issuer_mark": "\n".join(mark),
        "issuer_mark_line": max(mark, key=len, default=""),
        "doc_number": document.doc_number,
        "approver": document.approver,
        "copy_to": copy_to,
        "printing_office": document.printing_office,
        "printing_date": imprint_date(document),
        "imprint_apart": "是" * place.apart,
        "imprint_bare": "是" * place.bare,
        "creator": labels.unit if document.dated else document.issuer or labels.unit,
        "unit": labels.unit,
    }


# --- around the body ---------------------------------------------------------------------------------------------


def line_xml(line: FrameLine, scope: Scope) -> str:
    """Return a line around the body as a paragraph."""
    label = run(line.label, "NameLabel") if line.label else ""
    return paragraph(line.style, label + inlines(scope, "", line.parts)[0], line_properties(line))


def contents_xml(entries: tuple[paging.Entry, ...], scope: Scope) -> list[str]:
    """Return the paragraphs of the 目录: its title, then a TOC field (ISO/IEC 29500-1, 17.16.5.68) with its text.

    Word and LibreOffice show the text as it is and count anew when a person asks for it (F9). No entries, no paragraphs.
    """
    if not entries:
        return []
    title, line = CONTENTS_STYLES
    labels, last = scope.labels[scope.document.id], len(entries) - 1
    out = [paragraph(title, run(paging.CONTENTS_TITLE))]
    for place, (block, page) in enumerate(entries):
        target, text = scope.name(block.id), labels.label(block.id) + FULL_SPACE + _heading(block, scope)
        number = f"{FIELD_BEGIN}PAGEREF {target} \\h {FIELD_SEPARATED}{run(str(page))}{FIELD_END}"
        link = f'<w:hyperlink w:anchor="{target}" w:history="1">{run(text)}{_TAB}{number}</w:hyperlink>'
        start, end = ("" if place else _TOC), (FIELD_END if place == last else "")
        out.append(paragraph(line, start + link + end))
    return out


def _heading(block: Provision, scope: Scope) -> str:
    """Return the printed text of a heading, without marks."""
    return "".join(
        scope.labels.reference(scope.document.id, block.id, part).text if isinstance(part, Ref) else part.text
        for part in block.heading
        if not isinstance(part, FormField)
    )


def line_properties(line: FrameLine) -> str:
    """Return the properties of the line beside its style, in schema order."""
    out = _KEEP if line.keep_next else ""
    out += "<w:keepLines/>" if line.keep_lines else ""
    out += "<w:pageBreakBefore/>" if line.new_page else ""
    if line.before is not None:
        out += f'<w:spacing w:before="{measures.pt_twips(line.before * measures.LINE_PITCH_PT)}"/>'
    if line.left is None:
        return out
    if line.hanging is None:
        return f'{out}<w:ind w:left="{_chars(line.left)}" w:right="0"/>'
    return f'{out}<w:ind w:left="{_chars(line.left)}" w:firstLineChars="0" w:hanging="{_chars(line.hanging)}"/>'


def _chars(count: float) -> int:
    return measures.pt_twips(count * measures.CHAR_PITCH_PT)
