"""Fills a unit's own template with docxtpl, bounded and judged; used by ``inspection`` for its trials and by ``minutes``.

Every fault is an error of :class:`Fault` with the place in the template, in Chinese.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping
from typing import Any

from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docxtpl import DocxTemplate
from jinja2 import Environment, UndefinedError
from lxml import etree

from toolkit.core import zips
from toolkit.docx.template import environment
from toolkit.docx.template.bounded import budget
from toolkit.docx.template.faults import FAULTS, hint, line_of, reason
from toolkit.docx.template.frontend import CORE, SOURCE_TAG, around_body, core_chunks
from toolkit.docx.template.judging import complete
from toolkit.docx.template.style_names import part_label
from toolkit.docx.template.tags import SHOWN, PartTags, Use


class Fault(Exception):
    """A template cannot be filled. ``use``: the place; ``missing``: a value that is not there."""

    def __init__(self, message: str, use: Use, hint: str = "", missing: bool = False) -> None:
        super().__init__(message)
        self.use, self.hint, self.missing = use, hint, missing


class _Program(DocxTemplate):
    def __init__(self, data: bytes, tags: Mapping[str, PartTags]) -> None:
        super().__init__(io.BytesIO(data))
        self._tags = tags

    def patch_xml(self, src_xml: str) -> str:
        """Return the XML as Jinja is to read it; docxtpl leaves an ampersand in a tag escaped."""
        return SOURCE_TAG.sub(lambda tag: tag[0].replace("&amp;", "&"), super().patch_xml(src_xml))

    def render_xml_part(
        self, src_xml: str, part: Any, context: Mapping[str, Any], jinja_env: Environment | None = None
    ) -> str:
        """Render one part, and judge and complete it."""
        name = str(part.partname)[1:]
        try:
            xml = super().render_xml_part(src_xml, part, context, jinja_env)
            return complete(xml, self._tags[name].printed if name in self._tags else ())
        except FAULTS as error:
            raise _fault(error, name, src_xml, self._tags.get(name)) from error

    def map_tree(self, tree: Any) -> None:
        """Put the filled body in the document's place, by text (see :func:`around_body`)."""
        before, after = around_body(self.docx.element)
        whole = parse_xml(before + etree.tostring(tree, encoding="unicode") + after)
        self.docx._part._element = self.docx._element = whole

    def render_properties(self, context: Mapping[str, Any], jinja_env: Environment | None = None) -> None:
        """Fill in the file's properties; python-docx would add a second part to a file of LibreOffice."""
        for part in self.docx.part.package.parts:
            if str(part.partname) != f"/{CORE}" or b"{" not in part.blob:
                continue
            chunks = tuple(core_chunks(part.blob))
            shown = "".join(text for kind, text in chunks if kind != environment.FIXED)
            try:
                filled = environment.compile_chunks(chunks).render(context).encode()
            except FAULTS as error:
                raise Fault(reason(error), Use("文件属性", 1, shown[:SHOWN])) from error
            if isinstance(part, XmlPart):
                part._element = parse_xml(filled)
            else:
                part._blob = filled


def render(data: bytes, values: Mapping[str, Any], tags: Mapping[str, PartTags]) -> bytes:
    """Return the template ``data`` filled with ``values``; ``tags`` are those of its parts. Raises :class:`Fault`."""
    stream = io.BytesIO()
    attempt(data, values, tags).save(stream)
    return zips.pack(zips.unpack(stream.getvalue()))


def attempt(data: bytes, values: Mapping[str, Any], tags: Mapping[str, PartTags]) -> DocxTemplate:
    """Return the filled document as docxtpl holds it. Raises :class:`Fault`."""
    program = _Program(data, tags)
    try:
        with budget():
            program.render(dict(values), environment.environment(), autoescape=True)
    except FAULTS as error:
        raise Fault(reason(error), Use("正文", 0, "")) from error
    return program


def _fault(error: Exception, part: str, source: str, tags: PartTags | None) -> Fault:
    label = part_label(part)
    line = line_of(error)
    lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", source).split("\n")
    text = html.unescape(re.sub(r"<[^>]*>", "", lines[line - 1])).strip() if 0 < line <= len(lines) else ""
    squeezed = "".join(text.split())
    number = 0
    if tags and squeezed:
        known = enumerate(tags.lines, 1)
        number = next((at for at, own in known if "".join(own.split()) in (squeezed, _with_reach(squeezed))), 0)
        number = number or next((at for at, own in enumerate(tags.lines, 1) if _like(own, squeezed)), 0)
    use = Use(label, number, text[:SHOWN]) if number else Use(f"{label}“{text[:SHOWN]}”" if text else label, 0, "")
    return Fault(reason(error), use, hint(error), isinstance(error, UndefinedError))


def _with_reach(squeezed: str) -> str:
    return re.sub(r"^\{%", "{%p", squeezed)


def _like(line: str, squeezed: str) -> bool:
    plain = re.sub(r"\{([{%])(?:tr|tc|p|r) ", r"{\1", line)
    plain = "".join(plain.translate(str.maketrans("“”‘’", "\"\"''")).split())
    return bool(plain) and plain in squeezed
