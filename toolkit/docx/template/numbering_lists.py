"""The numbering lists (``w:abstractNum``) of every template; used by ``completing`` and ``templates/build_templates.py``.

章 and 条 are lists of their own, so that 条 runs on across 章 in every word processor (one multilevel
list with ``lvlRestart=0`` restarts in LibreOffice). Numbered paragraphs indent the first line by two
characters and wrap flush left (GB/T 9704-2012, 7.3.3). ``suff=nothing``: the space between label
and text is written as text.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.page import measures

CHINESE = "chineseCountingThousand"


@dataclass(frozen=True, slots=True)
class ListLevel:
    """One level: number format, label pattern, label font, whether the paragraph is centred."""

    number_format: str
    text: str
    font: str = measures.FONT_BODY
    centred: bool = False


#: List name → levels. In a template the list is the ``w:abstractNum`` with ``w:name`` ``tk_`` + name.
LISTS: dict[str, tuple[ListLevel, ...]] = {
    "part": (ListLevel(CHINESE, "第%1编", measures.FONT_HEI, True),),
    "chapter": (ListLevel(CHINESE, "第%1章", measures.FONT_HEI, True),),
    "section": (ListLevel(CHINESE, "第%1节", measures.FONT_HEI, True),),
    "article": (ListLevel(CHINESE, "第%1条", measures.FONT_HEI),),
    "item": (ListLevel(CHINESE, "（%1）"), ListLevel("decimal", "%2.")),
    "outline1": (ListLevel(CHINESE, "%1、", measures.FONT_HEI),),
    "outline2": (ListLevel(CHINESE, "（%1）", measures.FONT_KAI),),
    "outline3": (ListLevel("decimal", "%1."),),
    "outline4": (ListLevel("decimal", "（%1）"),),
}
PREFIX = "tk_"


def fonts_xml(font: str) -> str:
    """Return ``w:rFonts`` with one font in all four slots; the hint keeps “”—… in the Chinese font."""
    return f'<w:rFonts w:hint="eastAsia" w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'


def first_line_indent(chars: int = 2) -> str:
    """Return ``w:ind`` with a first-line indent in 3号 characters."""
    width = measures.pt_twips(chars * measures.CHAR_PITCH_PT)
    return f'<w:ind w:left="0" w:firstLineChars="{chars * 100}" w:firstLine="{width}"/>'


def list_xml(name: str, abstract_id: int) -> str:
    """Return the ``w:abstractNum`` of the list ``name`` (a key of :data:`LISTS`) under ``abstract_id``."""
    levels = LISTS[name]
    kind = "multilevel" if len(levels) > 1 else "singleLevel"
    nsid = 0x54A00000 + list(LISTS).index(name)
    return (
        f'<w:abstractNum w:abstractNumId="{abstract_id}"><w:nsid w:val="{nsid:08X}"/>'
        f'<w:multiLevelType w:val="{kind}"/><w:tmpl w:val="{nsid + 0x100:08X}"/><w:name w:val="{PREFIX}{name}"/>'
        + "".join(_level(index, level) for index, level in enumerate(levels))
        + "</w:abstractNum>"
    )


def _level(index: int, level: ListLevel) -> str:
    indent = '<w:ind w:left="0" w:firstLine="0"/>' if level.centred else first_line_indent()
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{level.number_format}"/>'
        f'<w:suff w:val="nothing"/><w:lvlText w:val="{level.text}"/><w:lvlJc w:val="left"/>'
        f"<w:pPr>{indent}</w:pPr><w:rPr>{fonts_xml(level.font)}</w:rPr></w:lvl>"
    )
