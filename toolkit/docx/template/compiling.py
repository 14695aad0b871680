"""Compiles template files with docxtpl or loads them from ``compiled.json``, and exchanges their fonts.

Used by ``stylesheet`` and ``templates/build_templates.py``. Bundled templates are shipped compiled, so that a run with them
does not import docxtpl. ``compiled.json`` is beside the templates. An entry is keyed by the SHA-256 of the whole template
file and holds the positions of its compressed parts in that file; other templates go through docxtpl.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.core import zips
from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.patterns import lazy
from toolkit.docx.template import completing
from toolkit.docx.template.environment import Compiled
from toolkit.docx.template.style_names import CODES, CONTEXT_KEYS, HINTS, STYLE_IDS

FILE_NAME = "compiled.json"
#: Raised when the layout of the file or the meaning of a chunk changes.
FORMAT = 2
_RUN_FONTS = lazy(r"<w:rFonts\b[^>]*>")
_FONT_NAME = lazy(r'(\bw:(?:ascii|hAnsi|eastAsia|cs)=")([^"]*)(")')
_FONT = lazy(r'<w:font w:name="([^"]*)".*?</w:font>', re.DOTALL)
_ALTERNATE = lazy(r'<w:altName w:val="([^"]*)"/>')


def compile_file(
    data: bytes, name: str, keys: frozenset[str] = CONTEXT_KEYS
) -> tuple[Compiled | None, dict[str, zips.Entry], tuple[Finding, ...]]:
    """Compile a template file with docxtpl; the template is None if it is not a Word document. ``name`` is for findings."""
    from toolkit.docx.template import frontend
    from toolkit.docx.template.tags import judge_size

    where = Place(file=name)
    try:
        unpacked = zips.unpack(data)
        if too_large := tuple(problem.finding(name) for problem in judge_size(unpacked)):
            return None, {}, too_large
        parts, added, custom_part = completing.complete(unpacked)
        compiled, findings = frontend.compile_parts(parts, custom_part, keys, name)
    except not_docx_errors() as error:
        message = f"{CODES['template_not_docx']}，或者里面的部件已损坏（{zips.reason_of(error)}）"
        return None, {}, (Finding("template_not_docx", Severity.ERROR, message, where, HINTS["not_docx"]),)
    for missing in sorted(STYLE_IDS - set(compiled.styles)):
        message = f"模板缺少样式 {missing}，用到的地方会按默认样式排"
        hint = "从自带模板复制这个样式，或以自带模板为底改"
        findings.append(Finding("template_missing_style", Severity.WARNING, message, where, hint, subject=missing))
    for missing in added:
        message = f"模板缺少编号列表 tk_{missing}，已用自带的补上"
        findings.append(Finding("template_missing_list", Severity.NOTICE, message, where, subject=missing))
    entries = {part: zips.entry(part, content, once=True) for part, content in parts.items()}
    return compiled, entries, tuple(findings)


def not_docx_errors() -> tuple[type[Exception], ...]:
    """Return the errors that the package, python-docx and docxtpl raise for a file that is no Word document."""
    from docx.opc.exceptions import OpcError
    from lxml import etree

    broken = (zips.PackageError, OpcError, etree.XMLSyntaxError, EOFError, KeyError, ValueError, RuntimeError)
    return (*broken, AttributeError, TypeError, AssertionError)  # the last three: a part without content


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def find_shipped(folder: Path, data: bytes) -> tuple[Compiled, dict[str, zips.Entry]] | None:
    """Return the compiled form of the template file ``data``, or None if ``folder`` has none for exactly it."""
    try:
        stored = json.loads((folder / FILE_NAME).read_bytes())
    except (OSError, ValueError):
        return None
    if stored.get("format") != FORMAT:
        return None
    template = stored["templates"].get(_digest(data))
    if template is None:
        return None
    entries = {
        name: zips.raw_entry(name, data[start : start + length], crc, size)
        for name, (start, length, crc, size) in template["parts"].items()
    }
    return Compiled.from_data(template["compiled"]), entries


def dump_shipped(files: Mapping[str, bytes]) -> bytes:
    """Return ``compiled.json`` for the template files. Raises ValueError if one does not compile without a finding."""
    import docxtpl

    templates = {}
    for name in sorted(files):
        compiled, _, findings = compile_file(files[name], name)
        if findings or compiled is None:
            raise ValueError(f"{name}: {'; '.join(f.message for f in findings)}")
        templates[_digest(files[name])] = {"parts": _directory(files[name]), "compiled": compiled.as_data()}
    content = {"format": FORMAT, "made_with": f"docxtpl {docxtpl.__version__}", "templates": templates}
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _directory(data: bytes) -> dict[str, list[int]]:
    """Return part name → [offset of the compressed data, its length, CRC-32, uncompressed size]."""
    import io
    import zipfile

    out = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            header = info.header_offset
            lengths = data[header + 26 : header + 30]
            start = header + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
            out[info.filename] = [start, info.compress_size, info.CRC, info.file_size]
    return out


def with_fonts(
    compiled: Compiled, entries: Mapping[str, zips.Entry], fonts: Mapping[str, str]
) -> tuple[Compiled, dict[str, zips.Entry]]:
    """Return a compiled template with the font names that are keys of ``fonts`` replaced by their values."""
    changing = {
        name: tuple((kind, exchange_fonts(text, fonts)) for kind, text in chunks)
        for name, chunks in compiled.changing.items()
    }
    out: dict[str, Any] = dict(entries)
    for name, item in entries.items():
        if name.startswith("word/") and name.endswith(".xml"):
            before = item.data().decode()
            after = exchange_fonts(before, fonts)
            if after != before:
                out[name] = zips.entry(name, after.encode(), once=True)
    return replace(compiled, changing=changing), out


def exchange_fonts(xml: str, fonts: Mapping[str, str]) -> str:
    """Return ``xml`` with the font names that are keys of ``fonts`` replaced by their values.

    Works on ``w:rFonts`` of any part and on the entries of a font table, where an entry's new name is taken
    out of its alternates and a second entry of one name is dropped.
    """
    xml = _RUN_FONTS.sub(lambda m: _FONT_NAME.sub(lambda s: s[1] + _new_name(s[2], fonts) + s[3], m.group()), xml)
    seen: set[str] = set()
    return _FONT.sub(lambda m: _font_entry(m, fonts, seen), xml)


def _new_name(name: str, fonts: Mapping[str, str]) -> str:
    plain = html.unescape(name)
    return html.escape(fonts[plain]) if plain in fonts else name


def _font_entry(match: re.Match[str], fonts: Mapping[str, str], seen: set[str]) -> str:
    name = _new_name(match[1], fonts)
    if name in seen:
        return ""
    seen.add(name)
    start, end = match.span(1)
    entry = match.group()
    entry = entry[: start - match.start()] + name + entry[end - match.start() :]

    def alternates(names: re.Match[str]) -> str:
        rest = [other for other in names[1].split(",") if other.strip() != name]
        return f'<w:altName w:val="{",".join(rest)}"/>' if rest else ""

    return _ALTERNATE.sub(alternates, entry)
