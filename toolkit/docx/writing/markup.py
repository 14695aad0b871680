"""WordprocessingML as text: escaping, runs, paragraphs; used by all writers of DOCX, with the prefix ``w`` alone."""

from __future__ import annotations

from toolkit.core.patterns import lazy
from toolkit.core.xml_characters import refuse_illegal

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#: A field around its text: its instruction stands after the first (ISO/IEC 29500-1, 17.16.18).
FIELD_BEGIN = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> '
FIELD_SEPARATED = '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'

#: Marks that Word shows in the Latin font without a hint (norms 1.4).
_AMBIGUOUS = lazy("[“”‘’—…·×÷±°§☐☑□√①-⑳Ⅰ-Ⅻ]")
#: The hyphen of a telephone number does not end a line. LibreOffice 7.4 breaks after it all the same, and would not after
#: "-" and U+2060; but Word is not documented to heed U+2060, and readers would meet an invisible character.
_SPECIAL = lazy(r"[&<>\n\r\t]|(?<=\d)-(?=\d)")
#: Characters that any of the above concern: most texts have none.
_UNUSUAL = lazy('[\x00-\x1f&<>"\\-\ud800-\udfff\ufffe\uffff“”‘’—…·×÷±°§☐☑□√①-⑳Ⅰ-Ⅻ]')
_TO_XML = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "\n": '</w:t><w:br/><w:t xml:space="preserve">',
    "\r": "",
    "\t": '</w:t><w:tab/><w:t xml:space="preserve">',
    "-": '</w:t><w:noBreakHyphen/><w:t xml:space="preserve">',
}
_TO_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": " ", "\t": " ", "\r": ""})


def attribute(text: str) -> str:
    """Return ``text`` as an attribute value. Raises :class:`ValueError` for a character that XML cannot hold."""
    if not _UNUSUAL.search(text):
        return text
    refuse_illegal(text)
    return text.translate(_TO_ATTRIBUTE)


def _properties(style: str, hint: bool, underline: bool) -> str:
    inner = f'<w:rStyle w:val="{style}"/>' if style else ""
    inner += '<w:rFonts w:hint="eastAsia"/>' if hint else ""
    inner += '<w:u w:val="single"/>' if underline else ""
    return f"<w:rPr>{inner}</w:rPr>" if inner else ""


_OPENERS = {
    (style, hint, underline): f'<w:r>{_properties(style, hint, underline)}<w:t xml:space="preserve">'
    for style in ("", "RefText", "FieldPlaceholder", "NameLabel")
    for hint in (False, True)
    for underline in (False, True)
}


def run(text: str, style: str = "", underline: bool = False) -> str:
    """Return a run. A line feed breaks the line. Ambiguous marks get ``w:hint="eastAsia"``. Raises as :func:`attribute`."""
    if not _UNUSUAL.search(text):
        return f"{_OPENERS[style, False, underline]}{text}</w:t></w:r>"
    refuse_illegal(text)
    hint = _AMBIGUOUS.search(text) is not None
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(lambda match: _TO_XML[match.group()], text)
    return f"{_OPENERS[style, hint, underline]}{text}</w:t></w:r>"


def run_properties(underline: bool) -> str:
    """Return the ``w:rPr`` of text typed into a control, or nothing."""
    return '<w:rPr><w:u w:val="single"/></w:rPr>' if underline else ""


def paragraph(style: str, content: str, properties: str = "") -> str:
    """Return a paragraph of a named style. ``properties`` are further children of ``w:pPr``, in schema order."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>'


def numbering(num_id: str, level: int = 0) -> str:
    """Return ``w:numPr``."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num_id}"/></w:numPr>'


_LAST_PARAGRAPH = b"<w:p><w:pPr><w:pStyle "
_KEEP_NEXT = b"<w:keepNext/>"
_BEGINS_PAGE = b"<w:pageBreakBefore/>"


def begin_page(xml: bytes, bookmark: str) -> bytes:
    """Let the paragraph of XML in which a bookmark starts begin a page."""
    at = xml.index(f' w:name="{bookmark}"'.encode())
    end = xml.find(b"/>", xml.rfind(_LAST_PARAGRAPH, 0, at)) + len(b"/>")
    for keep in (_KEEP_NEXT, b"<w:keepLines/>"):
        end += len(keep) * xml.startswith(keep, end)
    return xml[:end] + _BEGINS_PAGE + xml[end:]


def keep_with_next(xml: bytes) -> bytes:
    """Keep the last paragraph of XML on the page of the next one (never 此页无正文, GB/T 9704-2012, 7.3.5.5)."""
    start = xml.rfind(_LAST_PARAGRAPH)
    end = xml.find(b"/>", start) + len(b"/>")
    return xml if start < 0 or xml.startswith(_KEEP_NEXT, end) else xml[:end] + _KEEP_NEXT + xml[end:]
