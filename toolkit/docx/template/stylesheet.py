"""Loads a template and renders values and a body into a DOCX; used by every writer of DOCX."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.core import zips
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity, explain, has_errors
from toolkit.core.memo import identity, remembered
from toolkit.core.outside import content
from toolkit.core.patterns import lazy
from toolkit.docx.template import compiling, completing, environment
from toolkit.docx.template.environment import FIXED, Compiled
from toolkit.docx.template.style_names import CODES, CONTEXT_KEYS
from toolkit.docx.writing.identity import escaped

if TYPE_CHECKING:
    from jinja2 import Template

#: Replaces the body while values are rendered; no value can hold it (see ``_BAD``).
_SLOT = "\x00"
#: Characters that XML 1.0 forbids, except the slot; remaining \a and \f were outside ``w:t``.
_BAD = lazy("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_UNUSUAL = lazy("[\x01-\x1f\ufffe\uffff\ud800-\udfff]")
_DRAWING_ID = lazy(r'(<wp:docPr\b[^>]*?\bid=")[^"]*')
_CORE, _MAIN = "docProps/core.xml", "word/document.xml"
_PAGE_PART = lazy(r"word/(?:header|footer)[^/]*\.xml")
#: End of the blueprint of a form in the custom part, and how much of the body tells where it begins.
_FORM_END, _BODY_START = b"</form>", 500
_FIELD = lazy(r'<w:fldChar w:fldCharType="begin"/>.*?<w:fldChar w:fldCharType="end"/>', re.DOTALL)
_LITERAL = lazy(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")
#: First picture id, as docxtpl numbers them.
_FIRST_DRAWING = 1001

#: Control characters in values, and the XML around them (:func:`resolve_listing`).
_TRIGGERS = lazy(r"[\t\n\a\f]")
_PARAGRAPH = lazy(r"<w:p(?: [^>]*)?>.*?</w:p>", re.DOTALL)
_RUN = lazy(r"<w:r(?: [^>]*)?>.*?</w:r>", re.DOTALL)
_TEXT = lazy(r"<w:t(?: [^>]*)?>.*?</w:t>", re.DOTALL)
_PARAGRAPH_LOOK = lazy(r"<w:pPr>.*?</w:pPr>")
_RUN_LOOK = lazy(r"<w:rPr>.*?</w:rPr>")

#: Stands for a file that is no template: its findings have an error, so that nothing is rendered.
_NOTHING = Compiled({}, (), {}, 1, 0, "", "")


class Stylesheet:
    """A compiled template (see :func:`load`); immutable, safe to share.

    ``findings`` are the faults of the template; with an error among them nothing is rendered.
    ``styles``: style ids. ``lists``: list name (``part chapter section article item outline1`` … ``outline4``)
    → abstractNum id. ``first_num``: lowest free ``w:numId``. ``body_width_mm``: width of the type area.
    ``whole``: every document goes through docxtpl itself. ``changing``: names of the parts with tags.
    """

    def __init__(
        self, name: str, compiled: Compiled | None, entries: Mapping[str, zips.Entry], findings: tuple[Finding, ...]
    ) -> None:
        self.name = name
        self.findings = findings
        self._compiled = compiled = compiled or _NOTHING
        self.styles = frozenset(compiled.styles)
        self.lists = dict(compiled.lists)
        self.first_num = compiled.first_num
        self.body_width_mm = round(compiled.body_width / 1440 * 25.4, 2)
        self.whole = compiled.whole
        self.changing = tuple(compiled.changing)
        self._entries = {name: entries[name] for name in sorted(entries, key=zips.order)}
        self._programs: dict[str, Template] = {}
        self._seals: dict[frozenset[str], tuple[str | bytes, ...]] = {}

    def render(
        self, context: Mapping[str, object], body_xml: str | bytes, nums_xml: str = "", custom_xml: bytes = b""
    ) -> bytes:
        """Return a whole DOCX: ``context`` values in the tags, ``body_xml`` (text or UTF-8) in the slot.

        Strings are escaped; objects with ``__html__`` (``markupsafe.Markup``, docxtpl's RichText and Listing)
        are taken as XML. ``nums_xml`` is appended to the numbering part; ``custom_xml`` replaces the content of the
        custom XML part.
        Raises ``FindingsError`` if the template has errors, or a value is missing or holds a character that XML forbids.
        """
        return self._packed(self._changed(context, body_xml, nums_xml, custom_xml))

    def sealed(
        self, context: Mapping[str, object], body_xml: str | bytes, nums_xml: str = "", custom_xml: bytes = b""
    ) -> tuple[bytes, str]:
        """Return the file of :meth:`render` with its seal, without unpacking it again."""
        changed = self._changed(context, body_xml, nums_xml, custom_xml)
        return self._packed(changed), zips.seal_of(
            zips.sealed_part(piece, changed[piece]) if isinstance(piece, str) else piece
            for piece in self._pieces(frozenset(changed))
        )

    def parts(
        self, context: Mapping[str, object], body_xml: str | bytes, nums_xml: str = "", custom_xml: bytes = b""
    ) -> dict[str, bytes]:
        """Return the uncompressed parts of the file of :meth:`render`, in package order."""
        changed = self._changed(context, body_xml, nums_xml, custom_xml)
        return {name: changed[name] if name in changed else entry.data() for name, entry in self._entries.items()}

    def _packed(self, changed: Mapping[str, bytes]) -> bytes:
        return zips.assemble(
            zips.entry(name, changed[name]) if name in changed else entry for name, entry in self._entries.items()
        )

    def _pieces(self, changed: frozenset[str]) -> tuple[str | bytes, ...]:
        """Return the names of the changed parts and, between them, the contribution of the others to the seal."""
        known = self._seals.get(changed)
        if known is None:
            pieces: list[str | bytes] = []
            for name in sorted(self._entries):
                own = name if name in changed else zips.sealed_part(name, self._entries[name].data())
                if pieces and isinstance(own, bytes) and isinstance(pieces[-1], bytes):
                    pieces[-1] += own
                else:
                    pieces.append(own)
            known = self._seals[changed] = tuple(pieces)
        return known

    def _changed(
        self, context: Mapping[str, object], body_xml: str | bytes, nums_xml: str, custom_xml: bytes
    ) -> dict[str, bytes]:
        if has_errors(self.findings):
            raise FindingsError(self.findings)
        from markupsafe import Markup

        for key, value in context.items():
            if _holds_slot(value):
                raise self._error("template_value", f"{key} 含有不可用的控制字符 U+0000")
        body = body_xml.encode() if isinstance(body_xml, str) else body_xml
        values = {**context, "body": Markup(_SLOT) if body else Markup("")}
        if self.whole:
            changed = self._through_docxtpl(values, body)
        else:
            changed = {name: self._part(name, values, body) for name in self._compiled.changing}
        if nums_xml:
            numbering = changed.get(self._compiled.numbering_part)
            head, tail = self._split_numbering if numbering is None else completing.split_for_nums(numbering)
            changed[self._compiled.numbering_part] = head + nums_xml.encode() + tail
        if custom_xml:
            changed[self._compiled.custom_part] = self._with_outside(custom_xml, changed, body)
        return changed

    def _with_outside(self, custom_xml: bytes, changed: Mapping[str, bytes], body: bytes) -> bytes:
        """Add to the custom part of a form the text that the template prints before and after the body, and on each page."""
        if _FORM_END not in custom_xml:
            return custom_xml
        main = changed[_MAIN]
        start = main.find(body[:_BODY_START])
        pages = [
            text
            for name in self._entries
            if _PAGE_PART.fullmatch(name)
            for text in (_printed(changed[name]) if name in changed else _printed_in(self._entries[name]))
        ]
        around = [_printed(main[:start]), _printed(main[start + len(body) :]), pages]
        xml = f"<outside>{escaped(json.dumps(around, ensure_ascii=False))}</outside>".encode()
        return custom_xml.replace(_FORM_END, _FORM_END + xml)

    @functools.cached_property
    def _split_numbering(self) -> tuple[bytes, bytes]:
        return completing.split_for_nums(self._entries[self._compiled.numbering_part].data())

    def _part(self, name: str, values: Mapping[str, object], body: bytes) -> bytes:
        xml = self._filled(name, values)
        if _UNUSUAL.search(xml):
            xml = resolve_listing(xml) if name != _CORE else xml.replace("\n", "")
            bad = _BAD.search(xml)
            if bad:
                raise self._error("template_value", f"含有不可用的控制字符 U+{ord(bad.group()):04X}")
        if self._compiled.drawings and name == _MAIN:
            return _number_drawings(xml.replace(_SLOT, body.decode())).encode()
        return body.join([piece.encode() for piece in xml.split(_SLOT)])

    def _filled(self, name: str, values: Mapping[str, object]) -> str:
        """Return a part with the values in its tags."""
        chunks = self._compiled.changing[name]
        if environment.is_simple(chunks):
            try:
                return environment.fill(chunks, values)
            except (KeyError, TypeError) as error:  # a missing value, or the length of a number
                raise self._failed(error) from error
        from toolkit.docx.template.faults import FAULTS

        try:
            if name not in self._programs:
                self._programs[name] = environment.compile_chunks(chunks)
            return environment.render(self._programs[name], values)
        except FAULTS as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> FindingsError:
        from toolkit.docx.template.faults import reason

        return self._error("template_render", f"没有 {error.args[0]}" if isinstance(error, KeyError) else reason(error))

    def _through_docxtpl(self, values: dict[str, object], body: bytes) -> dict[str, bytes]:
        """Return all parts as docxtpl renders them.

        File properties are rendered here: docxtpl escapes them twice, and python-docx refuses more than 255 characters.
        """
        import io

        from docxtpl import DocxTemplate
        from markupsafe import Markup

        from toolkit.docx.template.bounded import budget
        from toolkit.docx.template.faults import FAULTS

        entries, core = self._entries, self._compiled.changing.get(_CORE)
        if core:
            fixed = "".join(text for kind, text in core if kind == FIXED)
            entries = {**entries, _CORE: zips.entry(_CORE, fixed.encode())}
        template = DocxTemplate(io.BytesIO(zips.assemble(entries.values())))
        given = {**values, "body": Markup(body.decode())}
        for key, value in given.items():  # docxtpl would drop these characters silently
            bad = _BAD.search(value.replace("\a", "").replace("\f", "")) if isinstance(value, str) else None
            if bad:
                raise self._error("template_value", f"{key} 含有不可用的控制字符 U+{ord(bad.group()):04X}")
        try:
            with budget():
                template.render(given, environment.environment())
        except FAULTS as error:
            raise self._failed(error) from error
        buffer = io.BytesIO()
        template.save(buffer)
        changed = zips.unpack(buffer.getvalue())
        if core:
            changed[_CORE] = self._part(_CORE, values, b"")
        return changed

    def _error(self, code: str, text: str) -> FindingsError:
        return FindingsError([Finding(code, Severity.ERROR, f"{CODES[code]}：{text}", Place(file=self.name))])


def _holds_slot(value: object) -> bool:
    if isinstance(value, str):
        return _SLOT in value
    if isinstance(value, Mapping):
        return any(_holds_slot(item) for item in (*value.keys(), *value.values()))
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(_holds_slot, value))
    return _SLOT in str(value)


def resolve_listing(xml: str) -> str:
    """Return ``xml`` with the control characters inside ``w:t`` turned into WordprocessingML.

    As docxtpl's ``resolve_listing``: newline → line break, tab → tab, bell (U+0007) → new paragraph, form feed → page
    break. Does without docxtpl, because a title with a line break must not import it.
    """
    return _PARAGRAPH.sub(_resolve_paragraph, xml) if _TRIGGERS.search(xml) else xml


def _resolve_paragraph(paragraph: re.Match[str]) -> str:
    xml = paragraph.group()
    if not _TRIGGERS.search(xml):
        return xml
    paragraph_look = "".join(_PARAGRAPH_LOOK.findall(xml)[:1])

    def in_run(run: re.Match[str]) -> str:
        signs = _signs(paragraph_look, "".join(_RUN_LOOK.findall(run.group())[:1]))
        return _TEXT.sub(lambda text: _TRIGGERS.sub(lambda match: signs[match.group()], text.group()), run.group())

    return _RUN.sub(in_run, xml)


def _signs(paragraph_look: str, run_look: str) -> dict[str, str]:
    text = '<w:t xml:space="preserve">'
    new_run = f"<w:r>{run_look}{text}"
    new_paragraph = f"<w:p>{paragraph_look}{new_run}"
    return {
        "\t": f"</w:t></w:r><w:r>{run_look}<w:tab/></w:r>{new_run}",
        "\n": f"</w:t><w:br/>{text}",
        "\a": f"</w:t></w:r></w:p>{new_paragraph}",
        "\f": f'</w:t></w:r></w:p><w:p><w:r><w:br w:type="page"/></w:r></w:p>{new_paragraph}',
    }


@remembered(200, key=identity)
def _printed_in(entry: zips.Entry) -> list[str]:
    return _printed(entry.data())


@remembered(200)
def _printed(xml: bytes) -> list[str]:
    """Return the texts of the paragraphs in XML of a template, without fields (page numbers)."""
    plain = _FIELD.sub("", xml.decode())
    texts = (unescape("".join(_LITERAL.findall(paragraph))) for paragraph in _PARAGRAPH.findall(plain))
    return [text for text in texts if text.strip()]


def _number_drawings(xml: str) -> str:
    numbers = itertools.count(_FIRST_DRAWING)
    return _DRAWING_ID.sub(lambda match: f"{match[1]}{next(numbers)}", xml)


def load(path: str | Path, fonts: Mapping[str, str] | None = None, keys: frozenset[str] = CONTEXT_KEYS) -> Stylesheet:
    """Return the template at ``path``, compiled once per process and content.

    ``fonts`` maps the template's font names to others. ``keys`` are the variables that a template may use.
    Faults of the template are in ``findings``. Raises ``FileError`` if it cannot be read.
    """
    path = Path(path)
    try:
        data = content(path)
    except OSError as error:
        raise FileError(f"读不了模板 {path}：{explain(error)[0]}", "检查路径和权限", "template_unreadable") from error
    return _load(data, str(path), tuple(sorted((fonts or {}).items())), keys)


@remembered(64, lasting=True)
def _load(data: bytes, name: str, fonts: tuple[tuple[str, str], ...], keys: frozenset[str]) -> Stylesheet:
    known = compiling.find_shipped(Path(name).parent, data) if keys >= CONTEXT_KEYS else None
    compiled: Compiled | None
    findings: tuple[Finding, ...] = ()
    if known is not None:
        compiled, entries = known
    else:
        compiled, entries, findings = compiling.compile_file(data, name, keys)
    if known is None and compiled is not None and not has_errors(findings):
        findings = (*findings, *_tried(Stylesheet(name, compiled, entries, findings), keys))
    if compiled is not None and fonts:
        compiled, entries = compiling.with_fonts(compiled, entries, dict(fonts))
    return Stylesheet(name, compiled, entries, findings)


def _tried(sheet: Stylesheet, keys: frozenset[str]) -> tuple[Finding, ...]:
    """Return the faults of a template of one's own that show only when it is filled: with every value, and with none."""
    from toolkit.docx.template.judging import Broken, complete

    for sample in ("示例", ""):
        context: dict[str, object] = dict.fromkeys(keys - {"body"}, sample)
        try:
            parts = sheet.parts(context, "<w:p/>")
            texts = [parts[name].decode() for name in sheet.changing if name.startswith("word/")]
            if any(complete(text, ()) != text for text in texts):
                message = "条件不成立的时候，表格的格子里一段也没有，文件会打不开；在格子里留一个空段落"
                raise Broken(message)
        except FindingsError as error:
            return error.findings
        except Broken as error:
            message = f"{CODES['template_render']}：{error}"
            return (Finding("template_render", Severity.ERROR, message, Place(file=sheet.name)),)
    return ()
