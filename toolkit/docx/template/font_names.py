"""Exchange font names in a template: a unit may have other faces than the defaults."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

_RUN_FONTS = re.compile(r"<w:rFonts\b[^>]*>")
_SLOT = re.compile(r'(\bw:(?:ascii|hAnsi|eastAsia|cs)=")([^"]*)(")')
_FONT = re.compile(r'<w:font w:name="([^"]*)".*?</w:font>', re.DOTALL)
_ALTERNATE = re.compile(r'<w:altName w:val="([^"]*)"/>')


def exchange(xml: str, fonts: Mapping[str, str]) -> str:
    """Return ``xml`` with the font names that are keys of ``fonts`` replaced by their values.

    Works on ``w:rFonts`` of any part and on the entries of a font table, where an entry's new name is taken
    out of its alternates and a second entry of one name is dropped.
    """
    xml = _RUN_FONTS.sub(lambda m: _SLOT.sub(lambda s: s[1] + _new_name(s[2], fonts) + s[3], m.group()), xml)
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

    def alternates(found: re.Match[str]) -> str:
        rest = [other for other in found[1].split(",") if other.strip() != name]
        return f'<w:altName w:val="{",".join(rest)}"/>' if rest else ""

    return _ALTERNATE.sub(alternates, entry)
