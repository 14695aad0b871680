"""Marks changes outside the body of a redline: lines above and below it and the values of the template's tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import zip_longest
from xml.sax.saxutils import unescape

from toolkit.compare.comparable import map_head
from toolkit.compare.mark import accepted
from toolkit.compare.words import changed_text
from toolkit.docx.redline.paragraph_marks import MarkedXml
from toolkit.docx.redline.revisions import Revisions
from toolkit.docx.writing.document import line_properties, line_xml
from toolkit.docx.writing.inlines import Scope
from toolkit.docx.writing.markup import attribute, paragraph, run
from toolkit.model.tree import Document, Inlines, Text
from toolkit.page.frame import FrameLine

#: First of the private characters that replace differing values while the template is rendered.
_FIRST_SIGN = 0xE000
_ORDER = ("title", "note", "subtitle", "addressee", "attachment", "participants", "issuer", "date")
_MARKS = {"=": "", "-": "del", "+": "ins"}
#: Values of a template that are properties of the file, not text.
_UNMARKED = frozenset({"creator", "unit", "issuer_mark_line"})


# --- lines above and below the body ------------------------------------------------------------------------------


def line_pieces(scope: Scope, lines: Callable[[Document], list[FrameLine]]) -> list[MarkedXml]:
    """Return the lines above or below the body of a marked document, each with the mark of its paragraph."""
    document = scope.document
    if document.was is None:
        return [_piece(scope, line) for line in lines(document)]
    # note and addressee are compared as printed
    new, old = lines(map_head(document, _new_text)), lines(document.was)
    out: list[MarkedXml] = []
    kinds = dict.fromkeys(line.kind for line in [*new, *old])
    for kind in sorted(kinds, key=lambda kind: _ORDER.index(kind.partition(" ")[0])):
        before, after = ([line for line in side if line.kind == kind] for side in (old, new))
        out.extend(_pair(scope, *both) for both in zip_longest(before, after))
    return out


def _new_text(parts: Inlines) -> Inlines:
    return accepted(parts, True) if all(isinstance(part, Text) for part in parts) else parts


def _pair(scope: Scope, before: FrameLine | None, after: FrameLine | None) -> MarkedXml:
    if before is None or after is None:
        line, mark = (after, "ins") if after is not None else (before, "del")
        assert line is not None
        return MarkedXml.of(line_xml(line._replace(parts=accepted(line.parts, mark == "ins")), scope), mark)
    if before.parts != after.parts and all(isinstance(part, Text) for part in (*before.parts, *after.parts)):
        old, new = ("".join(part.text for part in line.parts if isinstance(part, Text)) for line in (before, after))
        after = after._replace(parts=words(old, new))
    piece = _piece(scope, after)
    was = line_properties(before)
    if was != line_properties(after) and not piece.mark:
        piece.was = MarkedXml.of(paragraph(before.style, "", was)).properties
    return piece


def _piece(scope: Scope, line: FrameLine) -> MarkedXml:
    """Return a line; if a merge marked all of it as inserted or deleted, its paragraph is."""
    marks = {part.mark for part in line.parts}
    if marks not in ({"ins"}, {"del"}):
        return MarkedXml.of(line_xml(line, scope))
    plain = line._replace(parts=tuple(replace(part, mark="") for part in line.parts))
    return MarkedXml.of(line_xml(plain, scope), marks.pop())


def words(before: str, after: str, closed: bool = False) -> tuple[Text, ...]:
    """Return two texts as one with marks. ``closed``: never ends in an insertion alone (see :mod:`~.paragraph_marks`)."""
    parts = [Text(text, _MARKS[op]) for op, text in changed_text(before, after)]
    if closed and len(parts) > 1 and parts[-1].mark == "ins" and not parts[-2].mark:
        kept, last = parts[-2].text[:-1], parts[-2].text[-1]
        parts[-2:] = [Text(kept), Text(last + parts[-1].text, "ins"), Text(last, "del")]
    return tuple(part for part in parts if part.text)


# --- tags of the template ----------------------------------------------------------------------------------------


class Tags:
    """The differing values of a template's tags; ``values`` renders the template with a sign for each of them."""

    def __init__(self, old: Mapping[str, object] | None, new: Mapping[str, object]) -> None:
        differ = [] if old is None else [name for name in new if new[name] != old[name] and name not in _UNMARKED]
        self.both = {name: (str(old[name]), str(new[name])) for name in differ} if old is not None else {}
        # as long as the value: templates choose sizes by the length
        self.signs = {
            name: chr(_FIRST_SIGN + index) * max(map(len, self.both[name])) for index, name in enumerate(differ)
        }
        self.values = {**new, **self.signs}
        self.closed = False

    def fill(self, parts: dict[str, bytes], revisions: Revisions, below: MarkedXml | None) -> None:
        """Replace the signs: by both values, marked, in the text, by the new one elsewhere. ``below`` follows the title."""
        self.closed = below is not None and below.starts_inserted
        if not self.signs:
            return
        for part, data in parts.items():
            if part.endswith((".xml", ".rels")) and b"\xee\x80" in data:
                xml = data.decode()
                for name, sign in self.signs.items():
                    if part == "word/document.xml":
                        xml = self._marked(xml, name, sign, revisions)
                    xml = xml.replace(sign, attribute(self.both[name][1]))
                parts[part] = xml.encode()

    def _marked(self, xml: str, name: str, sign: str, revisions: Revisions) -> str:
        old, new = self.both[name]
        at = xml.find(sign)
        start = xml.rfind("<w:tr>", 0, at)
        if at >= 0 and start > xml.rfind("</w:tr>", 0, at) and not (old and new):
            end = xml.index("</w:tr>", at)
            return xml[:start] + self._row(xml[start:end], "ins" if new else "del", revisions) + xml[end:]
        around = re.compile(
            rf"<w:r>((?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?)<w:t(?: [^>]*)?>([^<]*){sign}([^<]*)</w:t></w:r>", re.DOTALL
        )
        marked = words(old, new, self.closed and name == "title")
        return around.sub(lambda match: _in_runs(match, marked, revisions), xml)

    def _row(self, row: str, mark: str, revisions: Revisions) -> str:
        for name, sign in self.signs.items():
            row = row.replace(sign, attribute(self.both[name][mark == "ins"]))
        return revisions.row(mark, row)


def _in_runs(match: re.Match[str], parts: tuple[Text, ...], revisions: Revisions) -> str:
    """Return a run of the template with a marked text in it, insertions before deletions."""

    def styled(text: str) -> str:
        plain = run(text)
        return f"<w:r>{match[1]}{plain[plain.index('<w:t ') :]}" if text else ""

    out, deleted = [styled(unescape(match[2]))], ""
    for part in parts:
        xml = revisions.wrap(part.mark, styled(part.text)) if part.mark else styled(part.text)
        if part.mark == "del":
            deleted = xml
            continue
        out += [xml, deleted] if part.mark == "ins" else [deleted, xml]
        deleted = ""
    return "".join([*out, deleted, styled(unescape(match[3]))])
