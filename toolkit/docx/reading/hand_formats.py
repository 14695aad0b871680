"""Formats that somebody gave words by hand in a generated file: a tree cannot hold them, so they are named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from lxml import etree

from toolkit.docx.reading.package import tag

_VAL = tag("val")
_OFF = ("0", "false", "off", "none", "auto", "000000", "FFFFFF")
#: Formats that no generated run has; an underline is one where it is not that of a blank.
_FORMATS = (
    ("b", "加粗"),
    ("i", "倾斜"),
    ("u", "下划线"),
    ("strike", "删除线"),
    ("dstrike", "删除线"),
    ("highlight", "突出显示"),
    ("color", "颜色"),
    ("em", "着重号"),
)
_MOST = 20


def formats_by_hand(body: etree._Element) -> Iterator[str]:
    """Yield formats with the words that have them: 加粗“不得迟报”."""
    for paragraph in body.iter(tag("p")):
        runs = (
            (_formats(run), "".join(text.text or "" for text in run.iter(tag("t")))) for run in paragraph.iter(tag("r"))
        )
        for formats, group in groupby((one for one in runs if one[1]), key=lambda one: one[0]):
            text = "".join(words for _, words in group).strip()
            if formats and text:
                yield f"{'、'.join(formats)}“{text if len(text) <= _MOST else text[: _MOST - 2] + '……'}”"


def _formats(run: etree._Element) -> tuple[str, ...]:
    properties = run.find(tag("rPr"))
    if properties is None or properties.find(tag("rStyle")) is not None:
        return ()
    found = []
    for name, words in _FORMATS:
        one = properties.find(tag(name))
        if one is not None and one.get(_VAL, "1") not in _OFF:
            found.append(words)
    return tuple(dict.fromkeys(found))
