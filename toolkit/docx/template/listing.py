"""Newlines, tabs and page breaks in values, as docxtpl's ``resolve_listing`` shows them.

Within a ``w:t``: newline → line break, tab → tab, bell (``\\a``) → new paragraph, form feed → page break.
Kept apart from docxtpl because a title with a line break must not import it.
"""

from __future__ import annotations

import re

TRIGGERS = re.compile(r"[\t\n\a\f]")
_PARAGRAPH = re.compile(r"<w:p(?: [^>]*)?>.*?</w:p>", re.DOTALL)
_RUN = re.compile(r"<w:r(?: [^>]*)?>.*?</w:r>", re.DOTALL)
_TEXT = re.compile(r"<w:t(?: [^>]*)?>.*?</w:t>", re.DOTALL)
_PARAGRAPH_LOOK = re.compile(r"<w:pPr>.*?</w:pPr>")
_RUN_LOOK = re.compile(r"<w:rPr>.*?</w:rPr>")


def resolve(xml: str) -> str:
    """Return ``xml`` with the control characters inside ``w:t`` turned into WordprocessingML."""
    return _PARAGRAPH.sub(_resolve_paragraph, xml) if TRIGGERS.search(xml) else xml


def _resolve_paragraph(paragraph: re.Match[str]) -> str:
    xml = paragraph.group()
    if not TRIGGERS.search(xml):
        return xml
    paragraph_look = _first(_PARAGRAPH_LOOK, xml)

    def in_run(run: re.Match[str]) -> str:
        marks = _marks(paragraph_look, _first(_RUN_LOOK, run.group()))
        return _TEXT.sub(lambda text: TRIGGERS.sub(lambda m: marks[m.group()], text.group()), run.group())

    return _RUN.sub(in_run, xml)


def _marks(paragraph_look: str, run_look: str) -> dict[str, str]:
    text = '<w:t xml:space="preserve">'
    new_run = f"<w:r>{run_look}{text}"
    new_paragraph = f"<w:p>{paragraph_look}{new_run}"
    return {
        "\t": f"</w:t></w:r><w:r>{run_look}<w:tab/></w:r>{new_run}",
        "\n": f"</w:t><w:br/>{text}",
        "\a": f"</w:t></w:r></w:p>{new_paragraph}",
        "\f": f'</w:t></w:r></w:p><w:p><w:r><w:br w:type="page"/></w:r></w:p>{new_paragraph}',
    }


def _first(pattern: re.Pattern[str], xml: str) -> str:
    match = pattern.search(xml)
    return match.group() if match else ""
