"""The DOCX writer: a document of the tree in the layout of a template. Numbers are live, ids are kept."""

from __future__ import annotations

from toolkit.docx.body import BodyWriter
from toolkit.docx.head import attachments, conclusions, head, keep_with_next, title
from toolkit.docx.identity import Registry
from toolkit.docx.inline import Scope
from toolkit.docx.lists import Nums
from toolkit.model import Document
from toolkit.numbering import SetLabels
from toolkit.units import print_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.stylesheet import Stylesheet


def write(document: Document, labels: SetLabels, stylesheet: Stylesheet) -> bytes:
    """Return the document as DOCX: same tree, same bytes.

    Raises :class:`toolkit.numbering.UnresolvedRef` for a reference without a target, :class:`ValueError` for
    characters that XML cannot hold, ids used twice and redline marks; :class:`KeyError` if the template lacks a list.
    """
    body, nums, custom = content(document, labels, stylesheet)
    return stylesheet.render(context(document, labels), body, nums, custom)


def content(document: Document, labels: SetLabels, stylesheet: Stylesheet) -> tuple[str, str, bytes]:
    """Return (body XML, ``w:num`` elements, custom XML part) as :meth:`Stylesheet.render` takes them."""
    registry = Registry()
    nums = Nums(stylesheet.lists, stylesheet.first_num)
    blocks = _one(Scope(document, labels, registry), nums, stylesheet.body_width_mm, False)
    if document.enclosure is not None:
        inside = Scope(document.enclosure, labels, registry, document.enclosure.id)
        blocks += _one(inside, nums, stylesheet.body_width_mm, True)
    return "".join(blocks), nums.xml, registry.custom_xml(document, labels.kind, labels.version)


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


def _one(scope: Scope, nums: Nums, body_width_mm: float, enclosed: bool) -> list[str]:
    writer = BodyWriter(scope, nums, body_width_mm)
    writer.write()
    writer.finish_table()
    tail = attachments(scope) + conclusions(scope)
    blocks = writer.out
    if tail and blocks:
        blocks[-1] = keep_with_next(blocks[-1])
    return head(scope, enclosed) + blocks + tail
