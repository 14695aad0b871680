"""The DOCX writer: a document of the tree in the layout of a template. Numbers are live, ids are kept."""

from __future__ import annotations

from toolkit.docx.writing.body import numbered_body
from toolkit.docx.writing.fragments import Draft, Numbered, Start, check_names, numbered, with_titles
from toolkit.docx.writing.head import Line, head, tail, title
from toolkit.docx.writing.identity import custom_xml
from toolkit.docx.writing.inlines import Scope
from toolkit.docx.writing.lists import Nums
from toolkit.docx.writing.markup import keep_with_next
from toolkit.docx.writing.tables import separator
from toolkit.language.periods import print_date
from toolkit.model.tree import Document
from toolkit.numbering.labels import SetLabels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.template import Stylesheet


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
    return b"".join(pieces), file.nums.xml, custom_xml(document, labels.kind, labels.version, file.records)


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

    def _lines(self, lines: list[Line], scope: Scope) -> bytes:
        if not lines:
            return b""
        own = scope.with_draft(Draft())
        own.draft.out += [line.written(own).encode() for line in lines]
        if not own.draft.bookmarks and not own.draft.titles:
            return b"".join(own.draft.out)
        return self._add(numbered(own.draft, self.start), scope)

    def _add(self, whole: Numbered, scope: Scope) -> bytes:
        """Take over what is numbered and return its XML."""
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
        "approver": "",
        "copy_to": copy_to,
        "printing_office": document.printing_office,
        "printing_date": print_date(document.printing_date) if document.printing_date else "",
        "creator": document.issuer or labels.unit,
        "unit": labels.unit,
    }
