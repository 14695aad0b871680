"""The DOCX writer: a document of the tree in the layout of a template. Numbers are live, ids are kept."""

from __future__ import annotations

from toolkit.docx.writing.body import BodyWriter
from toolkit.docx.writing.head import head, keep_with_next, tail, title
from toolkit.docx.writing.identity import Registry
from toolkit.docx.writing.inlines import Scope
from toolkit.docx.writing.lists import Nums
from toolkit.docx.writing.markup import Xml, joined
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
    body, nums, registry = _content(document, labels, stylesheet, True)
    if registry.clash():  # an id twice, or two controls of one number: only writing block after block tells
        body, nums, registry = _content(document, labels, stylesheet, False)
    return body, nums.xml, registry.custom_xml(document, labels.kind, labels.version)


def _content(
    document: Document, labels: SetLabels, stylesheet: Stylesheet, keeping: bool
) -> tuple[bytes, Nums, Registry]:
    registry = Registry()
    nums = Nums(stylesheet.lists, stylesheet.first_num)
    width = stylesheet.body_width_mm
    blocks = _one(Scope(document, labels, registry, keeping=keeping), nums, width, False)
    if document.enclosure is not None:
        inside = Scope(document.enclosure, labels, registry, document.enclosure.id, keeping)
        blocks += _one(inside, nums, width, True)
    return joined(blocks), nums, registry


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


def _one(scope: Scope, nums: Nums, body_width_mm: float, enclosed: bool) -> list[Xml]:
    writer = BodyWriter(scope, nums, body_width_mm)
    writer.write()
    below = tail(scope.document)
    writer.finish_table(last=not below)
    blocks = writer.out
    if below and blocks:
        blocks[-1] = keep_with_next(blocks[-1])
    above = head(scope.document, enclosed)
    return [*(line.written(scope) for line in above), *blocks, *(line.written(scope) for line in below)]
