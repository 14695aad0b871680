"""Inlines as runs, REF fields, and content controls; used by the other modules of this room and by redlines.

A form field is a content control that survives Word, WPS and LibreOffice: at run level, without ``w:text``, in a bookmark.
Placeholders of empty fields are in :mod:`toolkit.page.placeholders`; it is underlined in a line of text. The prompt is the
control's title.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from toolkit.core.classes import dataclass
from toolkit.core.memo import identity, remembered
from toolkit.docx.writing.fragments import Draft
from toolkit.docx.writing.identity import bookmark_name, prefix
from toolkit.docx.writing.markup import FIELD_BEGIN, FIELD_END, FIELD_SEPARATED, attribute, run, run_properties
from toolkit.forms.values import PROMPT
from toolkit.language.periods import is_iso_date
from toolkit.model.tree import TAG_MAX, Block, Document, FormField, Inlines, Ref, Row, Table, Text
from toolkit.numbering.citations import Reference, references_in
from toolkit.numbering.labels import SetLabels, choice_boxes, field_text
from toolkit.page.flow import scheme_of
from toolkit.page.placeholders import RULED, UNRULED, Ruled, placeholder, prompted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.redline.revisions import Revisions

_BEGIN = f"{FIELD_BEGIN}REF "
_SEPARATE = f" \\r \\h {FIELD_SEPARATED}"
_CHECK = (
    '<w14:checkbox xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml">'
    '<w14:checked w14:val="{}"/><w14:checkedState w14:val="2611"/><w14:uncheckedState w14:val="2610"/></w14:checkbox>'
)
_DATE = (
    '<w:date{}><w:dateFormat w:val="yyyy年M月d日"/><w:lid w:val="zh-CN"/>'
    '<w:storeMappedDataAs w:val="dateTime"/><w:calendar w:val="gregorian"/></w:date>'
)


@dataclass(frozen=True, slots=True)
class Scope:
    """One document inside the file: itself or the enclosure, with the prefixes that keep its names unique.

    ``draft`` collects the XML. ``revisions`` write the marks of a redline. ``lines``: those to write on of a long text with a
    paragraph of its own.
    """

    document: Document
    labels: SetLabels
    draft: Draft
    enclosure: str = ""
    revisions: Revisions | None = None
    lines: int = RULED.lines

    @property
    def scheme(self) -> str:
        """How the document is numbered and set (:func:`toolkit.page.flow.scheme_of`)."""
        return scheme_of(self.document)

    @property
    def tag_prefix(self) -> str:
        """Prefix of field tags."""
        return "e_" if self.enclosure else ""

    def name(self, block: str) -> str:
        """Return the bookmark name of a block."""
        return bookmark_name(block, prefix(self.enclosure))

    def title(self, ref: Ref) -> str:
        """Return the title in 《》 that a reference to a document shows."""
        return self.labels.title(self.document.id, ref)

    def with_draft(self, draft: Draft) -> Scope:
        """Return the scope for another draft."""
        return Scope(self.document, self.labels, draft, self.enclosure, self.revisions, self.lines)

    def cites_title(self, ref: Ref) -> bool:
        """Whether a reference begins with the title of a document."""
        return not ref.shown and (not ref.target or ref.document not in ("", self.document.id))


def cited(scope: Scope, block: Block | Row | tuple[Block, ...], origin: str = "") -> Hashable:
    """Return the texts of the references in a block, a body or a row (of table ``origin``), except titles of documents.

    Titles are included where the block holds a table too: their length decides which lines stay on the table's page.
    """
    references = references_in(block)
    if not references:
        return ()
    resolve, document = scope.labels.reference, scope.document.id
    exactly = not isinstance(block, (Row, Table)) and _holds_table(
        block if isinstance(block, tuple) else block.children
    )
    readings: list[Hashable] = []
    for holder, ref in references:
        reference = resolve(document, holder or origin, ref)
        without_title = reference.prefix and not exactly and scope.cites_title(ref)
        readings.append(reference.rest if without_title else reference)
    return tuple(readings)


def block_key(block: Block | tuple[Block, ...], scope: Scope, *rest: Hashable) -> Hashable:
    """Return the inputs of the XML of a block or body; None in a redline, whose marks are numbered through the file."""
    if scope.revisions is not None:
        return None
    kind = (scope.scheme, bool(scope.document.dated), scope.lines)
    return (id(block), *kind, scope.enclosure, cited(scope, block), *rest)


@remembered(key=identity)
def _holds_table(blocks: tuple[Block, ...]) -> bool:
    return any(isinstance(block, Table) or (block.children and _holds_table(block.children)) for block in blocks)


def inlines(
    scope: Scope, origin: str, parts: Inlines, row: str = "", room: float = 0, ruled: Ruled | None = None
) -> tuple[str, str]:
    """Return (XML, text as read). ``origin`` is the block that holds them; for the rest see :func:`_control`.

    Raises :class:`ValueError` for redline marks where no redline is written.
    """
    if len(parts) == 1 and type(parts[0]) is Text and not parts[0].mark and not parts[0].link:
        only = parts[0].text
        return (run(only), only) if only else ("", "")
    xml: list[str] = []
    text: list[str] = []
    for part in parts:
        if part.mark and not (part.mark == "u" and isinstance(part, Text)):
            if scope.revisions is None:
                raise ValueError(f"本文档带有修订标记，不能按清稿生成：{scope.document.id}#{origin}")
            if isinstance(part, FormField):
                xml.append(_tracked(scope, scope.revisions, part, row, room, ruled))
                text.append(field_text(part) if part.mark == "ins" else "")
                continue
            plain, shown = inlines(scope, origin, (replace(part, mark=""),), row, room, ruled)
            xml.append(scope.revisions.wrap(part.mark, plain))
            text.append(shown)
        elif isinstance(part, Text):
            if part.text or part.mark:
                shown = run(part.text, underline=bool(part.mark))
                xml.append(_linked(shown, part.link) if part.link else shown)
                text.append(part.text)
        elif isinstance(part, Ref):
            reference = scope.labels.reference(scope.document.id, origin, part)
            title, shown = _title(scope, part, reference)
            xml.append(_reference(scope, part, reference, title))
            text.append(shown + reference.live_text + reference.rest)
        else:
            xml.append(_control(scope, part, row, room, ruled))
            text.append(field_text(part))
    return "".join(xml), "".join(text)


def _title(scope: Scope, ref: Ref, reference: Reference) -> tuple[str, str]:
    """Return the title that a reference begins with, as XML and as text; no gaps in a redline, where it may be deleted."""
    if reference.prefix and scope.cites_title(ref) and scope.revisions is None:
        gap = scope.draft.title(ref)
        return gap, gap
    return run(reference.prefix, "RefText") if reference.prefix else "", reference.prefix


def _reference(scope: Scope, ref: Ref, reference: Reference, title: str) -> str:
    """Return a REF field for a number that a word processor can update and plain runs for the rest."""
    xml = title
    if reference.live_target and scope.revisions is not None and reference.live_target in scope.revisions.moved:
        xml += run(reference.live_text)  # rejected, its bookmark is gone with the block at its new place
    elif reference.live_target:
        target = scope.name(reference.live_target)
        xml += f"{_BEGIN}{target}{_SEPARATE}{run(reference.live_text)}{FIELD_END}"
    if reference.rest:
        xml += run(reference.rest, "RefText")
    outside = ref.document and ref.document != scope.document.id
    if outside or not ref.target or reference.live_target and not reference.rest:
        return xml
    start, end = scope.draft.reference(ref, scope.enclosure)
    return start + xml + end


# --- form fields -------------------------------------------------------------------------------------------------


def _control(scope: Scope, form_field: FormField, row: str, room: float, ruled: Ruled | None) -> str:
    """Return the field as a content control in its bookmark.

    ``row`` is the key of its table row, ``room`` as in :func:`placeholder`; ``ruled``: the lines that a long text prints.
    Raises :class:`ValueError` if the tag is longer than :data:`toolkit.model.tree.TAG_MAX` or used twice.
    """
    tag = scope.tag_prefix + form_field.id
    if len(tag) > TAG_MAX:
        raise ValueError(f"填写项的标识过长：{tag}")
    start, end = scope.draft.bookmark(bookmark_name(tag, "f_"))
    empty = _is_empty(form_field)
    number = scope.draft.control(tag, row, "".join(choice_boxes(form_field.options)) if empty else "")
    paper = bool(scope.document.dated)  # a filled value prints as text of the paper
    if empty:
        shown = _prompted(form_field, room, ruled)
    else:
        shown = run(field_text(form_field)) if paper else _printed(form_field, room, ruled)
    underline = _underlined(form_field, room, ruled) and not paper
    return (
        f"{start}<w:sdt><w:sdtPr>{run_properties(underline)}"
        f'<w:alias w:val="{attribute(form_field.label or form_field.id)}"/>'
        f'<w:tag w:val="{tag}"/><w:id w:val="{number}"/>{"<w:showingPlcHdr/>" if empty else ""}{_kind(form_field)}'
        f"</w:sdtPr><w:sdtContent>{shown}</w:sdtContent></w:sdt>{end}"
    )


def _is_empty(form_field: FormField) -> bool:
    return not form_field.value and form_field.kind != "check"


def _underlined(form_field: FormField, room: float, ruled: Ruled | None) -> bool:
    return (not room or ruled is not None) and form_field.kind not in UNRULED


def _printed(form_field: FormField, room: float, ruled: Ruled | None) -> str:
    """Return the printed text of a field as a run."""
    underline = _underlined(form_field, room, ruled)
    if not _is_empty(form_field):
        return run(field_text(form_field), underline=underline)
    return run(_blank(form_field, room, ruled), "FieldPlaceholder", underline)


def _blank(form_field: FormField, room: float, ruled: Ruled | None) -> str:
    return ruled.text if ruled and form_field.kind == "longtext" else placeholder(form_field, room)


def _prompted(form_field: FormField, room: float, ruled: Ruled | None) -> str:
    """Return the placeholder of an empty field, with the prompt of a text in a grey that stays light on a signed page."""
    underline = _underlined(form_field, room, ruled)
    before, prompt, behind = prompted(form_field, _blank(form_field, room, ruled), room)
    blank = run(before, "FieldPlaceholder", underline)
    return blank + _prompt_run(underline) + run(behind, "FieldPlaceholder", underline) if prompt else blank


@remembered(2)
def _prompt_run(underline: bool) -> str:
    style = '"FieldPlaceholder"/>'
    return run(PROMPT, "FieldPlaceholder", underline).replace(style, f'{style}<w:color w:val="BFBFBF"/>')


def _kind(form_field: FormField) -> str:
    """Return the element that makes a control a check box, a date or a drop-down list."""
    if form_field.kind == "check":
        return _CHECK.format(int(bool(form_field.value)))
    if form_field.kind == "date":
        full = f' w:fullDate="{form_field.value}T00:00:00Z"' if is_iso_date(form_field.value) else ""
        return _DATE.format(full)
    return _drop_down(form_field.options) if form_field.kind == "choice" else ""


@remembered(256)
def _drop_down(options: tuple[str, ...]) -> str:
    items = "".join([f'<w:listItem w:displayText="{text}" w:value="{text}"/>' for text in map(attribute, options)])
    return f"<w:dropDownList>{items}</w:dropDownList>"


def _linked(shown: str, target: str) -> str:
    """Return a HYPERLINK field (ISO/IEC 29500-1, 17.16.5.25), which needs no part of the package but its own text."""
    address = target.replace("&", "&amp;").replace("<", "&lt;").replace('"', "%22").replace("\\", "%5C")
    return f'{FIELD_BEGIN}HYPERLINK "{address}" {FIELD_SEPARATED}{shown}{FIELD_END}'


def _tracked(scope: Scope, revisions: Revisions, part: FormField, row: str, room: float, ruled: Ruled | None) -> str:
    """Return an inserted or deleted form field, or one that is no control here (``blank``)."""
    if part.mark != "blank" and (part.mark != "del" or part.id not in revisions.fields):
        return revisions.control(part.mark, _control(scope, part, row, room, ruled))
    if part.kind == "signature":
        plain = "" if room else run(placeholder(part, 0), underline=True)
    else:
        plain = _printed(part, room, ruled)
    return plain if part.mark == "blank" else revisions.wrap(part.mark, plain)
