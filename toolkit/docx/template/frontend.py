"""Compiles a template with docxtpl as the front end; used by ``compiling``, which imports it only when needed.

docxtpl patches the XML (joins split tags, lifts ``{%p %}`` and the like). Questions that it asks at every render are
decided here once: which parts have tags, and whether tables or picture ids must be repaired afterwards.
"""

from __future__ import annotations

import copy
import html
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, meta, nodes
from lxml import etree

from toolkit.core import zips
from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.docx.template import completing, environment
from toolkit.docx.template.environment import ELIF, FIXED, IF, NAME, TEXT, XML, Chunk, Compiled
from toolkit.docx.template.style_names import CODES, CONTEXT_KEYS, part_label
from toolkit.docx.template.tags import W, read_tags

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_EMPTY_BODY = re.compile(r"<(?:\w+:)?body/>")
_TAG_START = re.compile(r"\{[{%#]")
SOURCE_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_TERM = r"[A-Za-z_]\w*(?:\|length *<= *[0-9]+)?"
_SIMPLE_TAG = re.compile(
    rf"\{{\{{ *([A-Za-z_]\w*) *\}}\}}|\{{% *(?:(if|elif) +({_TERM}(?: +or +{_TERM})*)|(else|endif)) *%\}}", re.ASCII
)
#: Any other Jinja syntax, and line ends, which Jinja changes.
_NOT_SIMPLE = re.compile(r"\{[{%#]|[%#}]\}|[\r\n]")
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
CORE = "docProps/core.xml"
#: Core properties that docxtpl renders: local element names of its author, comments, identifier …
_CORE_PROPERTIES = frozenset({"creator", "description", "identifier", "language", "subject", "title"})
#: Replaces a property while core.xml is split; a private-use character.
_HOLE = "\ue000"
#: Characters without width, which come along from web pages and chats.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
#: Jinja's message about a character that no tag has.
_STRANGE = re.compile(r"unexpected char '(.)'")
#: What Jinja says of a first word that no tag has; signs and digits as wide as a Han character.
_UNKNOWN_WORD, _WIDE = re.compile(r"unknown tag '([^']*)'"), re.compile("[\uff01-\uff5e]")
#: Jinja statements that reach outside the template.
_OUTSIDE = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_REACHES_OUT = re.compile(r"\{%[-+]?\s*(?:include|import|from|extends)\b")
#: Errors of parsing and compiling a source.
COMPILE_ERRORS = (
    TemplateSyntaxError,
    RecursionError,
    ValueError,
    SyntaxError,
)  # the last: nested too deeply for Python


def compile_parts(
    parts: dict[str, bytes], custom_part: str, keys: frozenset[str], file: str
) -> tuple[Compiled, list[Finding]]:
    """Compile a completed package; ``keys`` are the known variables, ``file`` is named in findings.

    Raises the errors of python-docx for a package that is no Word document (``KeyError``, ``ValueError``,
    ``docx.opc.exceptions.OpcError``, ``lxml.etree.XMLSyntaxError``).
    """
    template = opened(zips.pack(parts))
    tagged = {
        name: read_tags(etree.fromstring(parts[name]), part_label(name), slot=True)
        for name in filled_parts(template, parts)
    }
    unsound = frozenset(name for name, tags in tagged.items() if tags.unsound)
    changing: dict[str, tuple[Chunk, ...]] = {}
    findings = [problem.finding(file) for tags in tagged.values() for problem in tags.problems]
    slot = any("body" in tag.text for name in unsound for tag in tagged[name].tags)
    for name, chunks in sources(template, parts, unsound):
        if not any(kind != FIXED and _TAG_START.search(text) for kind, text in chunks):
            continue
        changing[name] = chunks
        problems, used = _inspect(name, chunks, keys, file)
        if not any(finding.severity is Severity.ERROR for finding in findings):
            findings += problems
        slot = slot or "body" in used or any(f.code == "template_syntax" for f in problems)
    if not slot:
        hint = "在模板里要放正文的地方，单独一段写 {{p body }}"
        findings.append(Finding("template_no_slot", Severity.ERROR, CODES["template_no_slot"], Place(file=file), hint))
    return _describe(template, parts, changing, custom_part), findings


def opened(data: bytes) -> DocxTemplate:
    """Return a package as docxtpl opens it. Raises the errors of python-docx."""
    template = DocxTemplate(io.BytesIO(data))
    template.render_init()
    return template


def filled_parts(template: DocxTemplate, parts: Mapping[str, bytes]) -> list[str]:
    """Return the names of the parts with paragraphs that docxtpl fills in."""
    names = [str(template.docx.part.partname)[1:]]
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        names += [str(related.partname)[1:] for _, related in template.get_headers_footers(uri)]
    names += [str(part.partname)[1:] for part in template.docx.part.package.parts if part.content_type == _FOOTNOTES]
    return [name for name in dict.fromkeys(names) if name in parts]


def _describe(
    template: DocxTemplate, parts: dict[str, bytes], changing: dict[str, tuple[Chunk, ...]], custom_part: str
) -> Compiled:
    numbering, body = parts["word/numbering.xml"], template.docx.element.body
    size, margins = body.find(f".//{W}pgSz"), body.find(f".//{W}pgMar")
    width = 0
    if size is not None and margins is not None:
        width = int(size.get(f"{W}w", 0)) - int(margins.get(f"{W}left", 0)) - int(margins.get(f"{W}right", 0))
    return Compiled(
        changing={name: with_simple_tags(chunks) for name, chunks in changing.items()},
        styles=tuple(sorted(style.style_id for style in template.docx.styles if style.style_id)),
        lists=completing.lists_of(numbering),
        first_num=completing.first_free_num(numbering),
        body_width=width,
        custom_part=custom_part,
        numbering_part="word/numbering.xml",
        whole=any(_table_may_change(table) for table in _patched_tables(template, changing)),
        drawings=b"<wp:docPr" in parts["word/document.xml"],
    )


def sources(
    template: DocxTemplate, parts: Mapping[str, bytes], unsound: frozenset[str] = frozenset()
) -> Iterator[tuple[str, tuple[Chunk, ...]]]:
    """Yield each part that docxtpl renders, patched, as chunks; ``unsound`` parts have tags without an end and are left out."""
    part = template.docx.part
    main = str(part.partname)[1:]
    if main not in unsound:
        yield main, _document_chunks(template)
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _, related in template.get_headers_footers(uri):
            if str(related.partname)[1:] not in unsound:
                xml = template.patch_xml(template.get_part_xml(related))
                yield str(related.partname)[1:], ((FIXED, _DECLARATION), (XML, xml))
    for other in part.package.parts:
        if other.content_type == _FOOTNOTES and str(other.partname)[1:] not in unsound:
            yield (str(other.partname)[1:], ((XML, template.patch_xml(other.blob.decode("utf-8"))),))
    if CORE in parts:
        yield CORE, tuple(core_chunks(parts[CORE]))


def _document_chunks(template: DocxTemplate) -> tuple[Chunk, ...]:
    root = template.docx.element
    before, after = around_body(root)
    xml = template.patch_xml(template.get_xml())
    if root.body.nsmap == root.nsmap:
        start, rest = xml.split(">", 1)
        xml = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", start) + ">" + rest
    return (FIXED, _DECLARATION + before), (XML, xml), (FIXED, after)


def around_body(root: Any) -> tuple[str, str]:
    """Return the XML of a document before and after its body.

    The body is emptied in a copy: lxml needs the square of its elements in time to take it out of its tree.
    """
    shell = copy.deepcopy(root)
    shell.body.clear()
    before, after = _EMPTY_BODY.split(etree.tostring(shell, encoding="unicode"), maxsplit=1)
    return before, after


def with_simple_tags(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Return the chunks with each tag as a chunk, or as they are if a tag is not simple (see ``environment``).

    The source of each chunk is whole: Jinja refuses a choice that does not end in it.
    """
    out: list[Chunk] = []
    for kind, source in chunks:
        if kind == FIXED:
            out.append((kind, source))
            continue
        end = 0
        for tag in (*_SIMPLE_TAG.finditer(source), None):
            text = source[end : tag.start() if tag else None]
            if _NOT_SIMPLE.search(text):
                return chunks
            if text:
                out.append((FIXED, environment.literal(text, kind == TEXT)))
            if tag:
                end = tag.end()
                name, word, condition, other = tag.groups("")
                out.append((NAME, name) if name else (word or other, re.sub(r" *(<=|\bor\b) *", r" \1 ", condition)))
    tags = [text.split(" or ") for kind, text in out if kind in (NAME, IF, ELIF)]
    names = {term.partition("|")[0] for terms in tags for term in terms}
    return tuple(out) if names <= CONTEXT_KEYS else chunks


def core_chunks(data: bytes) -> Iterator[Chunk]:
    """Split core.xml so that the text of each rendered property is a plain-text template."""
    root = etree.fromstring(data)
    texts: list[str] = []
    for child in root:
        text = child.text or ""
        if etree.QName(child).localname in _CORE_PROPERTIES and _TAG_START.search(text):
            texts.append(text)
            child.text = _HOLE
    pieces = etree.tostring(root, encoding="unicode").split(_HOLE)
    yield FIXED, _DECLARATION + pieces[0]
    for text, piece in zip(texts, pieces[1:], strict=True):
        yield TEXT, text
        yield FIXED, piece


def _inspect(name: str, chunks: tuple[Chunk, ...], keys: frozenset[str], file: str) -> tuple[list[Finding], set[str]]:
    """Return the findings of one part and the variables that it uses."""
    part = f"{part_label(name)}（{name}）"
    problems: list[tuple[str, str, str]] = []
    used: set[str] = set()
    for kind, source in chunks:
        if kind == FIXED:
            continue
        try:
            tree, unknown = parsed(source, kind == TEXT)
        except COMPILE_ERRORS as error:
            tag, message, hint = syntax_problem(source, error)
            problems.append((tag, f"模板{part}里的{message}", hint))
            continue
        problems += ((name, f"模板{part}里没有 {name} 这个过滤器", nearest(name, known)) for name, known in unknown)
        if not unknown:
            used |= meta.find_undeclared_variables(tree)
    findings = [
        Finding("template_syntax", Severity.ERROR, message, Place(file=file), hint, subject=tag)
        for tag, message, hint in problems
    ]
    return findings + [
        _unknown_finding(variable, keys, part, Place(file=file)) for variable in sorted(used - keys)
    ], used


def parsed(source: str, plain: bool) -> tuple[nodes.Template, list[tuple[str, list[str]]]]:
    """Return a source as Jinja reads it, and the names of :func:`unknown_names`; one without them is compiled for a trial.

    Raises :data:`COMPILE_ERRORS`.
    """
    tree = environment.parse(source, plain)
    unknown = unknown_names(tree)
    if not unknown:
        environment.environment().compile(environment.parse(source, plain))  # compiling changes the tree
    return tree, unknown


def unknown_names(tree: nodes.Template) -> list[tuple[str, list[str]]]:
    """Return the names of filters and tests that there are not, each with those that there are.

    Raises ``jinja2.TemplateSyntaxError`` for statements that reach outside the template.
    """
    outside = next(tree.find_all(_OUTSIDE), None)
    if outside is not None:
        raise TemplateSyntaxError("这里不支持 include、import 和 extends，把内容直接写进模板", outside.lineno)
    own = environment.environment()
    asked = [(node.name, own.filters) for node in tree.find_all(nodes.Filter)]
    asked += [(node.name, own.tests) for node in tree.find_all(nodes.Test)]
    missing = {name: sorted(known) for name, known in asked if name not in known}
    return list(missing.items())


def syntax_problem(source: str, error: Exception) -> tuple[str, str, str]:
    """Return the broken tag, the first that does not parse alone (sources are a single line), with message and hint."""
    tags = [match.group() for match in SOURCE_TAG.finditer(source)]
    broken = html.unescape(next((tag for tag in tags if not _parses_alone(tag) or _REACHES_OUT.match(tag)), ""))
    if not broken:
        start = source.rfind("{{") if source.count("{{") > source.count("}}") else source.rfind("{%")
        broken = re.sub(r"<[^>]*(?:>|$)", "", source[start : start + 200])[:40] if start >= 0 else ""
    own = isinstance(error, TemplateSyntaxError) and not (error.message or "").isascii()
    why = error.message if own and isinstance(error, TemplateSyntaxError) else ""
    if strange := _STRANGE.search(why or ""):
        why = f"标签里的“{strange[1]}”要写成半角的" if ord(strange[1]) > 127 else f"这里不能写“{strange[1]}”"
    elif strange := _UNKNOWN_WORD.search(why or ""):
        why = f"没有“{strange[1]}”这种标签"
    elif isinstance(error, RecursionError | SyntaxError) and not own:
        why = "套得太深"
    elif strange := _WIDE.search(broken):
        why = f"标签里的“{strange.group()}”要写成半角的"
    if _INVISIBLE.search(broken):
        why = "里面有看不见的字符，删去标签，重新打一遍"
    hint = "标签写作 {{ 变量 }} 或成对的 {%p if 变量 %} … {%p endif %}"
    shown = _INVISIBLE.sub("", broken)
    return broken, f"标签写错了：{shown}" + (f"（{why}）" if why else ""), hint


def _parses_alone(tag: str) -> bool:
    """Whether a tag parses on its own; a block tag is judged without its partner."""
    if tag.startswith("{%"):
        words = tag[2:-2].split()
        word = words[0].strip("-+") if words else ""
        if word in ("if", "for"):
            tag += "{% end" + word + " %}"
        elif word in ("elif", "else") or word.startswith("end"):
            return True
    return environment.parses(tag)


def _unknown_finding(variable: str, keys: frozenset[str], part: str, where: Place) -> Finding:
    hint = nearest(variable, sorted(keys), f"可用的变量：{'、'.join(sorted(keys))}")
    message = f"模板{part}用了未知的变量 {variable}"
    return Finding("template_unknown_variable", Severity.ERROR, message, where, hint, subject=variable)


def _patched_tables(template: DocxTemplate, changing: dict[str, tuple[Chunk, ...]]) -> Iterator[etree._Element]:
    source = next((t for kind, t in changing.get(str(template.docx.part.partname)[1:], ()) if kind == XML), "")
    if "<w:tbl>" not in source and "<w:tbl " not in source:
        return
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in template.docx.element.nsmap.items() if prefix)
    neutral = SOURCE_TAG.sub(lambda m: re.sub(r"[<>&\"]", "_", m.group()), source)
    root = etree.fromstring(f"<root {names}>{neutral}</root>", etree.XMLParser(recover=True))
    yield from root.iter(f"{W}tbl")


def _table_may_change(table: etree._Element) -> bool:
    """Whether docxtpl's repair of table grids could change this table: its cells are not fixed or do not fit."""
    grid = table.find(f"{W}tblGrid")
    if grid is None:
        return True
    columns = len(grid.findall(f"{W}gridCol"))
    rows = table.findall(f".//{W}tr")
    spans = [_span(row) for row in rows]
    return not rows or any(span != columns for span in spans)


def _span(row: etree._Element) -> int:
    """Return the grid columns that a row fills; -1 if tags decide."""
    total = 0
    for child in row:
        if (child.tail or "").strip() or (row.text or "").strip():
            return -1
        if child.tag == f"{W}tc":
            span = child.find(f"{W}tcPr/{W}gridSpan")
            value = "1" if span is None else span.get(f"{W}val", "")
            total += int(value) if value.isdigit() else 10_000
    return total
