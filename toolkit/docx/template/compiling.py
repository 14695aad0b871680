"""Compiling a template file with docxtpl, and what is wrong with it."""

from __future__ import annotations

from toolkit.core.findings import Finding, Place, Severity
from toolkit.docx.template import completing, packing
from toolkit.docx.template.compiled import Compiled
from toolkit.docx.template.style_names import CODES, CONTEXT_KEYS, STYLE_IDS


def compile_file(
    data: bytes, name: str, keys: frozenset[str] = CONTEXT_KEYS
) -> tuple[Compiled | None, dict[str, packing.Entry], tuple[Finding, ...]]:
    """Compile a template file with docxtpl; no compiled template if it is not a Word document."""
    import zipfile

    from docx.opc.exceptions import OpcError
    from lxml import etree

    from toolkit.docx.template import frontend

    where = Place(file=name)
    try:
        parts, added, custom_part = completing.complete(packing.unpack(data))
        compiled, findings = frontend.compile_parts(parts, custom_part, keys, name)
    except (
        zipfile.BadZipFile,
        OpcError,
        etree.XMLSyntaxError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        AttributeError,  # and what follows: python-docx stumbles over a part without content
        TypeError,
        AssertionError,
    ) as error:
        message = f"{CODES['template_not_docx']}，或者里面的部件已损坏（{type(error).__name__}）"
        hint = "用 Word 或 WPS 另存为 .docx 后再用"
        return None, {}, (Finding("template_not_docx", Severity.ERROR, message, where, hint),)
    for missing in sorted(STYLE_IDS - set(compiled.styles)):
        message = f"模板缺少样式 {missing}，用到的地方会按默认样式排"
        hint = "从自带模板复制这个样式，或以自带模板为底改"
        findings.append(Finding("template_missing_style", Severity.WARNING, message, where, hint, subject=missing))
    for missing in added:
        message = f"模板缺少编号列表 tk_{missing}，已用自带的补上"
        findings.append(Finding("template_missing_list", Severity.NOTICE, message, where, subject=missing))
    entries = {part: packing.entry(part, content, once=True) for part, content in parts.items()}
    return compiled, entries, tuple(findings)
