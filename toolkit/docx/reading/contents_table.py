"""Finds the 目录 of a foreign file: it repeats the headings below and is no text of its own."""

from __future__ import annotations

import re

from lxml import etree

from toolkit.docx.reading.package import tag

_TITLE = re.compile("目[录次]")
_GROUP = re.compile("第[零〇一二三四五六七八九十百千万0-9]+[编章节]")


def contents_of(body: etree._Element) -> list[etree._Element]:
    """Return the paragraphs of the 目录: its title and the headings behind it, up to where the first of them comes again.

    Headings that come only once are those of the text.
    """
    found = list(body.iter(tag("p")))
    texts = ["".join("".join(one.text or "" for one in paragraph.iter(tag("t"))).split()) for paragraph in found]
    start = next((place for place, text in enumerate(texts) if _TITLE.fullmatch(text)), None)
    if start is None:
        return []
    lines = [found[start]]
    first = ""
    for paragraph, text in zip(found[start + 1 :], texts[start + 1 :], strict=True):
        match = _GROUP.match(text)
        if match and match.group() == first:
            return lines
        if text and not match:
            return []
        first = first or (match.group() if match else "")
        lines.append(paragraph)
    return []
