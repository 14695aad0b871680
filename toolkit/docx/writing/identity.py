"""The identity of the parts of a DOCX: hidden bookmarks and a custom XML part of ids and hashes; used to write and to read.

Names: ``_<id>`` for provisions and tables, ``__e_<id>`` inside an enclosure, ``f_<tag>`` for form fields,
``__r<n>`` around references whose text is computed. Word allows 40 characters; a longer name keeps its first 31 and
ends in ``_`` and 8 hexadecimal digits of its SHA-256.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from toolkit.core.xml_characters import refuse_illegal
from toolkit.docx.writing.markup import attribute
from toolkit.model.tree import Document

NAMESPACE = "urn:institution-documents:identity:1"
NAME_MAX = 40


def bookmark_name(provision: str, prefix: str = "_") -> str:
    """Return the bookmark name of an id, shortened with a hash where it is longer than Word allows."""
    name = prefix + provision
    if len(name) <= NAME_MAX:
        return name
    return f"{name[:31]}_{sha256(name.encode()).hexdigest()[:8]}"


def prefix(enclosure: str) -> str:
    """Return the prefix of bookmark names in a document (``""``) or in an enclosure."""
    return "__e_" if enclosure else "_"


def text_hash(text: str) -> str:
    """Return the first 16 hexadecimal digits of the text's SHA-256."""
    return sha256(text.encode()).hexdigest()[:16]


def blank_hash(text: str) -> str:
    """Return the hash of the printed text of an empty field; blanks and line breaks do not count."""
    return text_hash("".join(text.split()))


def custom_xml(document: Document, kind: str, version: str, records: Iterable[bytes], blueprint: str = "") -> bytes:
    """Return the custom part: ids, names and hashes; of a form also its ``blueprint`` (escaped)."""
    heads = "".join(
        f'<document id="{member.id}" numbering="{member.numbering}" brackets="{int(member.ref_brackets)}"/>'
        for member in (document, document.enclosure)
        if member is not None
    )
    opening = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<identity xmlns="{NAMESPACE}" document="{document.id}" kind="{attribute(kind)}" '
        f'version="{attribute(version)}">{heads}'
    )
    form = f"<form>{blueprint}</form>" if blueprint else ""
    return b"".join([opening.encode(), *records, form.encode(), b"</identity>"])


def escaped(text: str) -> str:
    """Return ``text`` as the content of an element; raises :class:`ValueError` for characters that XML cannot hold."""
    refuse_illegal(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
