"""Places the marks of a redline's paragraphs so that Word and LibreOffice restore both texts; used by ``document``.

An inserted or deleted paragraph bears the mark on its own ``w:p`` (ECMA-376-1, 17.13.5.15 and 17.13.5.20): without it, its
remains join the paragraph below. LibreOffice 7.4 does the same except in these cases, observed over many sequences:

* a paragraph above a table cannot join it. So the kept paragraph above takes the mark, and the last paragraph above the
  table stays (:meth:`_Arranger._shift`, exact in both). If no paragraph is kept above, LibreOffice leaves an empty one;
  ``w:pPrChange`` makes it as low as possible. Inserted tables precede deleted text (and the reverse), so that a kept
  paragraph is above them;
* a paragraph that joins an empty one passes its format on: the same shift;
* a paragraph with several changes before its mark (moved and reworded, or with a form field) passes its format to the
  paragraph below: the same shift, or, if no paragraph is kept above, a single change: no controls and no move;
* a reference in a moved paragraph leaves an empty paragraph: it is deleted and inserted instead;
* insertions at the end of a paragraph and at the start of the next become one, with the paragraph's end in it: the last
  kept character is deleted and inserted again after the insertion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from toolkit.docx.redline.revisions import (
    PARAGRAPH,
    Revisions,
    family,
    of_paragraph,
    with_paragraph_mark,
    without_controls,
)
from toolkit.docx.writing.markup import run
from toolkit.docx.writing.tables import separator
from toolkit.model.tree import CAME

_TRAILING = re.compile(
    r"((?:<w:del [^>]*>(?:(?!</w:del>).)*</w:del>)+)((?:<w:ins [^>]*>(?:(?!</w:ins>).)*</w:ins>)+)"
    r"((?:<w:bookmarkEnd [^>]*/>)*)$",
    re.DOTALL,
)
#: The last kept character of a paragraph, the insertion after it, and the bookmarks that end there.
_LAST_KEPT = re.compile(
    r'(<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t xml:space="preserve">)([^<]*)([^<;])</w:t></w:r>'
    r"((?:<w:bookmark(?:Start|End) [^>]*/>)*)(<w:ins [^>]*>)((?:(?!</w:ins>).)*</w:ins>)"
    r"((?:<w:bookmarkEnd [^>]*/>)*)$",
    re.DOTALL,
)
_ENDS_INSERTED = re.compile(r"</w:ins>(?:<w:bookmarkEnd [^>]*/>)*$", re.DOTALL)
_STARTS_INSERTED = re.compile(r"(?:<w:bookmark(?:Start|End) [^>]*/>)*<w:ins ")
#: Elements that cannot be moved: fields, controls, and form fields that are blanks.
_NEVER_MOVED = re.compile("<w:fldChar |<w:sdt>|<w:del ")


@dataclass(slots=True)
class MarkedXml:
    """A paragraph (``w:pPr`` and content) or a piece of a table (content alone) with its mark.

    ``key`` is set for a paragraph of a moved block; ``was`` is the old ``w:pPr`` of a kept paragraph if its format changed.
    ``end_mark`` is the mark of the paragraph mark, which may be shifted; ``new_format`` a ``w:pPr`` with its change.
    """

    properties: str
    content: str
    mark: str = ""
    key: str = ""
    was: str = ""
    comments: list[str] = field(default_factory=list)
    end_mark: str = ""
    new_format: str = ""

    @classmethod
    def of(cls, xml: str, mark: str = "", key: str = "") -> MarkedXml:
        """Return a paragraph or a piece of a table with the mark of its block."""
        match = PARAGRAPH.fullmatch(xml)
        properties, content = match.groups() if match else ("", xml)
        return cls(properties, content, mark, key, end_mark=mark)

    @property
    def family(self) -> str:
        """``ins`` or ``del``, ``""`` for a kept piece."""
        return family(self.mark)

    @property
    def is_table(self) -> bool:
        """Whether this is a piece of a table."""
        return not self.properties

    @property
    def is_text(self) -> bool:
        """Whether this is a kept paragraph with text."""
        return not self.is_table and not self.mark and "<w:t" in self.content

    @property
    def starts_inserted(self) -> bool:
        """Whether a paragraph starts with an insertion."""
        if self.is_table or self.mark:
            return self.family == "ins"
        return _STARTS_INSERTED.match(self.content) is not None


def _empty_paragraph() -> MarkedXml:
    return MarkedXml.of(separator(last=True, content=run(" ")))


def arranged(pieces: Sequence[MarkedXml], revisions: Revisions) -> list[str]:
    """Return the pieces as XML with all marks."""
    ordered = list(_in_order(pieces))
    end = next((index for index, piece in enumerate(ordered) if piece.is_table or piece.family != "del"), 0)
    if end and ordered[end].is_table and ordered[end].family == "del" and "<w:numPr>" in ordered[0].properties:
        ordered.insert(0, _empty_paragraph())  # without a kept paragraph above, the list number is lost
    return _Arranger(ordered, revisions).arranged()


def commented(content: str, numbers: list[str]) -> str:
    """Return the content of a paragraph inside the ranges of its comments."""
    for number in numbers:
        content = (
            f'<w:commentRangeStart w:id="{number}"/>{content}<w:commentRangeEnd w:id="{number}"/>'
            f'<w:r><w:commentReference w:id="{number}"/></w:r>'
        )
    return content


def _in_order(pieces: Sequence[MarkedXml]) -> Iterator[MarkedXml]:
    """Yield the pieces; between two kept ones, the side with tables comes first."""
    gap: list[MarkedXml] = []
    for piece in [*pieces, None]:
        if piece is not None and piece.mark:
            gap.append(piece)
            continue
        first = _first_side(gap)
        yield from sorted(gap, key=lambda changed: changed.family != first) if first else gap
        gap = []
        if piece is not None:
            yield piece


def _first_side(gap: Sequence[MarkedXml]) -> str:
    """Return the side (``ins`` or ``del``) that comes first in a gap with tables, ``""`` for a gap without."""
    sides = {piece.family for piece in gap if piece.is_table}
    return "del" if "del" in sides else "ins" if sides else ""


class _Arranger:
    """Puts the marks on the paragraphs of a list of pieces."""

    def __init__(self, pieces: list[MarkedXml], revisions: Revisions) -> None:
        self.pieces = pieces
        self.revisions = revisions
        #: Keys of moves that are written as a deletion and an insertion.
        self.unmoved = {piece.key for piece in pieces if _NEVER_MOVED.search(piece.content)}

    def arranged(self) -> list[str]:
        for piece in self.pieces:
            if not piece.is_table and not piece.mark:  # insertions precede deletions at the end
                piece.content = _TRAILING.sub(r"\2\1\3", piece.content)
        for start, end in self._runs():
            self._settle(start, end)
        self._keep_last()
        for index in range(1, len(self.pieces)):
            self._settle_neighbours(index)
        return list(map(self._xml, self.pieces))

    def _settle_neighbours(self, index: int) -> None:
        """Apply the rules on tables, empty paragraphs and adjacent insertions to a piece and the one above."""
        above, below = self.pieces[index - 1], self.pieces[index]
        if above.is_table:
            return
        if above.mark and above.end_mark and (below.is_table or not (below.mark or below.is_text)):
            start = self._start(index - 1)
            if start and self.pieces[start - 1].is_text:
                self._shift(start, index)
            elif below.is_table:
                self._unmove(start, index)
                self._lower(self.pieces[start])
                if start != index - 1:
                    self._lower(above)
        elif not above.mark and not below.is_table and below.starts_inserted and _ENDS_INSERTED.search(above.content):
            above.content = _LAST_KEPT.sub(self._retyped, above.content)

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each run of paragraphs of one side."""
        start = 0
        for side, group in groupby(self.pieces, key=lambda piece: "table" if piece.is_table else piece.family):
            end = start + len(list(group))
            if side in ("ins", "del"):
                yield start, end
            start = end

    def _settle(self, start: int, end: int) -> None:
        """Shift a run that LibreOffice takes for several changes: one with controls, or moved and reworded."""
        paragraphs = self.pieces[start:end]
        controls = any("<w:sdt>" in piece.content for piece in paragraphs)
        if not controls and not any(piece.mark == "to" and "<w:ins " in piece.content for piece in paragraphs):
            return
        if start and self.pieces[start - 1].is_text and not self._loses_number(start - 1, end - 1):
            self._shift(start, end)
            return
        self._unmove(start, end)
        for piece in paragraphs:
            piece.content = without_controls(piece.content)

    def _start(self, index: int) -> int:
        """Return the start of the run of paragraphs of one side that ends here."""
        side = self.pieces[index].family
        while index and self.pieces[index - 1].family == side and not self.pieces[index - 1].is_table:
            index -= 1
        return index

    def _keep_last(self) -> None:
        """Keep the last paragraph, which cannot join one below."""
        pieces = self.pieces
        if not pieces or not pieces[-1].end_mark:
            return
        start = self._start(len(pieces) - 1)
        if start and pieces[start - 1].is_text and not self._loses_number(start - 1, len(pieces) - 1):
            self._shift(start, len(pieces))
        else:
            pieces.append(_empty_paragraph())

    def _loses_number(self, above: int, last: int) -> bool:
        """Whether LibreOffice would not restore the number of the last paragraph but restart its list."""
        own = self.pieces[last].properties
        return self.pieces[last].family == "del" and "<w:numPr>" in own and self.pieces[above].properties != own

    def _shift(self, start: int, end: int) -> None:
        """Shift the paragraph marks of a run up by one: the paragraph above gets one, the last one loses its own."""
        above, last = self.pieces[start - 1], self.pieces[end - 1]
        above.end_mark, last.end_mark = self.pieces[start].family, ""
        new, old = above.properties, last.properties
        if above.end_mark == "ins":
            new, old = last.properties, above.was or above.properties
        if new != old:
            last.new_format = self._changed(new, old)

    def _unmove(self, start: int, end: int) -> None:
        self.unmoved.update(piece.key for piece in self.pieces[start:end])

    def _lower(self, piece: MarkedXml) -> None:
        """Make the empty paragraph that LibreOffice leaves (the first or last of its run) as low as possible."""
        both = piece.properties, MarkedXml.of(separator(last=True)).properties
        piece.new_format = self._changed(*both) if piece.family == "ins" else self._changed(*reversed(both))

    def _changed(self, new: str, old: str) -> str:
        change = f"<w:pPrChange {self.revisions.attributes()}>{of_paragraph(old)}</w:pPrChange>"
        return f"{new.removesuffix('</w:pPr>')}{change}</w:pPr>"

    def _retyped(self, match: re.Match[str]) -> str:
        """Return the end of a paragraph with a deletion at the end: its last kept character is deleted and inserted again."""
        kept = f"{match[1]}{match[2]}</w:t></w:r>" if match[2] else ""
        last = f"{match[1]}{match[3]}</w:t></w:r>"
        return f"{kept}{match[4]}{match[5]}{last}{match[6]}{self.revisions.wrap('del', last)}{match[7]}"

    def _xml(self, piece: MarkedXml) -> str:
        if piece.is_table:
            return piece.content
        properties, content, mark = piece.new_format or piece.properties, piece.content, piece.end_mark
        if piece.key and piece.key in self.unmoved:
            piece.mark, piece.key, mark = piece.family, "", mark and piece.family
        if piece.was:
            properties = self._changed(piece.properties, piece.was)
        if piece.mark:
            content = self.revisions.content(piece.mark, content)
        if mark in CAME and _ENDS_INSERTED.search(content):
            mark = "ins"
        if piece.key:
            content = self.revisions.move(piece.key, piece.mark, content)
        if mark:
            properties = with_paragraph_mark(properties, self.revisions.empty(mark))
        return f"<w:p>{properties}{commented(content, piece.comments)}</w:p>"
