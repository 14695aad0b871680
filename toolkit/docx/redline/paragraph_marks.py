"""Places the marks of a redline's paragraphs so that Word and LibreOffice restore both texts; used by ``document``.

An inserted or deleted paragraph bears the mark on its own ``w:p`` (ECMA-376-1, 17.13.5.15 and 17.13.5.20): without it, its
remains join the paragraph below. LibreOffice 7.4 does the same except in these cases, found with it over many sequences:

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

from toolkit.docx.redline.revisions import PARAGRAPH, Revisions, with_paragraph_mark, without_controls
from toolkit.docx.writing.markup import run
from toolkit.docx.writing.tables import separator
from toolkit.model.tree import CAME, GONE

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
    """A paragraph or a piece of a table as XML with its mark. ``key`` is set for a paragraph of a moved block.

    ``was`` is the old ``w:pPr`` of a kept paragraph if its format changed.
    """

    xml: str
    mark: str = ""
    key: str = ""
    is_table: bool = False
    comments: list[str] = field(default_factory=list)
    was: str = ""

    @property
    def family(self) -> str:
        """``ins`` or ``del``, ``""`` for a kept piece."""
        return "ins" if self.mark in CAME else "del" if self.mark in GONE else ""

    @property
    def is_text(self) -> bool:
        """Whether this is a kept paragraph with text."""
        return not self.is_table and not self.mark and "<w:t" in self.xml


def arranged(pieces: Sequence[MarkedXml], revisions: Revisions) -> list[str]:
    """Return the pieces as XML with all marks."""
    ordered = list(_in_order(pieces))
    end = next((index for index, piece in enumerate(ordered) if piece.is_table or piece.family != "del"), 0)
    if end and ordered[end].is_table and ordered[end].family == "del" and "<w:numPr>" in ordered[0].xml:
        # without a kept paragraph above, the list number is lost
        ordered.insert(0, MarkedXml(separator(last=True, content=run(" "))))
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
    """Puts the marks on the paragraphs of a list of pieces; ``marks`` and new ``formats`` are by index."""

    def __init__(self, pieces: list[MarkedXml], revisions: Revisions) -> None:
        self.pieces = pieces
        self.revisions = revisions
        self.marks = [piece.mark for piece in pieces]
        self.formats: dict[int, str] = {}
        #: Keys of moves that are written as a deletion and an insertion.
        self.unmoved = {piece.key for piece in pieces if _NEVER_MOVED.search(piece.xml)}

    def arranged(self) -> list[str]:
        for piece in self.pieces:
            if not piece.is_table and not piece.mark:
                piece.xml = _inserted_first(piece.xml)
        for start, end in self._runs():
            self._settle(start, end)
        self._keep_last()
        for index in range(1, len(self.pieces)):
            self._settle_neighbours(index)
        return [
            self._xml(piece, self.marks[index], self.formats.get(index, "")) for index, piece in enumerate(self.pieces)
        ]

    def _settle_neighbours(self, index: int) -> None:
        """Apply the rules on tables, empty paragraphs and adjacent insertions to a piece and the one above."""
        above, below = self.pieces[index - 1], self.pieces[index]
        if above.is_table:
            return
        if above.mark and self.marks[index - 1] and (below.is_table or not (below.mark or below.is_text)):
            start = self._start(index - 1)
            if start and self.pieces[start - 1].is_text:
                self._shift(start, index)
            elif below.is_table:
                self._unmove(start, index)
                for end in dict.fromkeys((start, index - 1)):
                    self._lower(end)
        elif not above.mark and not below.is_table and _ends_inserted(above) and starts_inserted(below):
            self._retype(index - 1)

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each run of paragraphs of one side."""
        start = 0
        for index in range(1, len(self.pieces) + 1):
            first, following = self.pieces[start], self.pieces[index] if index < len(self.pieces) else None
            if following and not following.is_table and not first.is_table and following.family == first.family:
                continue
            if first.mark and not first.is_table:
                yield start, index
            start = index

    def _settle(self, start: int, end: int) -> None:
        """Shift a run that LibreOffice takes for several changes: one with controls, or moved and reworded."""
        paragraphs = self.pieces[start:end]
        controls = any("<w:sdt>" in piece.xml for piece in paragraphs)
        if not controls and not any(piece.mark == "to" and "<w:ins " in piece.xml for piece in paragraphs):
            return
        if start and self.pieces[start - 1].is_text and not self._loses_number(start - 1, end - 1):
            self._shift(start, end)
            return
        self._unmove(start, end)
        for piece in paragraphs:
            piece.xml = without_controls(piece.xml)

    def _start(self, index: int) -> int:
        """Return the start of the run of paragraphs of one side that ends here."""
        family = self.pieces[index].family
        while index and self.pieces[index - 1].family == family and not self.pieces[index - 1].is_table:
            index -= 1
        return index

    def _keep_last(self) -> None:
        """Keep the last paragraph, which cannot join one below."""
        pieces = self.pieces
        if not pieces or not self.marks[-1]:
            return
        start = self._start(len(pieces) - 1)
        if start and pieces[start - 1].is_text and not self._loses_number(start - 1, len(pieces) - 1):
            self._shift(start, len(pieces))
        else:
            pieces.append(MarkedXml(separator(last=True, content=run(" "))))
            self.marks.append("")

    def _loses_number(self, above: int, last: int) -> bool:
        """Whether LibreOffice would not restore the number of the last paragraph but restart its list."""
        formats = [properties_of(self.pieces[index].xml) for index in (above, last)]
        return self.pieces[last].family == "del" and "<w:numPr>" in formats[1] and formats[0] != formats[1]

    def _shift(self, start: int, end: int) -> None:
        """Shift the paragraph marks of a run up by one: the paragraph above gets one, the last one loses its own."""
        family = self.pieces[start].family
        above, last = (PARAGRAPH.fullmatch(self.pieces[index].xml) for index in (start - 1, end - 1))
        self.marks[start - 1], self.marks[end - 1] = family, ""
        if above is None or last is None:
            return
        new, old = (last[1], self.pieces[start - 1].was or above[1]) if family == "ins" else (above[1], last[1])
        if new != old:
            self.formats[end - 1] = self._changed(new, old)

    def _unmove(self, start: int, end: int) -> None:
        self.unmoved.update(piece.key for piece in self.pieces[start:end])

    def _lower(self, index: int) -> None:
        """Make the empty paragraph that LibreOffice leaves (the first or last of its run) as low as possible."""
        own, low = (PARAGRAPH.fullmatch(xml) for xml in (self.pieces[index].xml, separator(last=True)))
        if own is not None and low is not None:
            new, old = (own[1], low[1]) if self.pieces[index].family == "ins" else (low[1], own[1])
            self.formats[index] = self._changed(new, old)

    def _changed(self, new: str, old: str) -> str:
        return f"{new.removesuffix('</w:pPr>')}<w:pPrChange {self.revisions.attributes()}>{old}</w:pPrChange></w:pPr>"

    def _retype(self, index: int) -> None:
        """Let a paragraph end in a deletion: its last kept character is deleted and inserted again."""
        match = PARAGRAPH.fullmatch(self.pieces[index].xml)
        if match is not None:
            self.pieces[index].xml = f"<w:p>{match[1]}{_LAST_KEPT.sub(self._retyped, match[2])}</w:p>"

    def _retyped(self, match: re.Match[str]) -> str:
        kept = f"{match[1]}{match[2]}</w:t></w:r>" if match[2] else ""
        last = f"{match[1]}{match[3]}</w:t></w:r>"
        return f"{kept}{match[4]}{match[5]}{last}{match[6]}{self.revisions.wrap('del', last)}{match[7]}"

    def _xml(self, piece: MarkedXml, mark: str, new_format: str) -> str:
        match = None if piece.is_table else PARAGRAPH.fullmatch(piece.xml)
        if match is None:
            return piece.xml
        properties, content = new_format or match[1], match[2]
        if piece.key and piece.key in self.unmoved:
            piece.mark, piece.key, mark = piece.family, "", mark and piece.family
        if piece.was:
            properties = self._changed(match[1], piece.was)
        if piece.mark:
            content = self.revisions.content(piece.mark, content)
        if mark in CAME and _ENDS_INSERTED.search(content):
            mark = "ins"
        if piece.key:
            content = self.revisions.move(piece.key, piece.mark, content)
        if mark:
            properties = with_paragraph_mark(properties, self.revisions.empty(mark))
        return f"<w:p>{properties}{commented(content, piece.comments)}</w:p>"


def properties_of(xml: str) -> str:
    """Return the ``w:pPr`` of a paragraph, ``""`` for other XML."""
    match = PARAGRAPH.fullmatch(xml)
    return match[1] if match is not None else ""


def _content(piece: MarkedXml) -> str:
    match = PARAGRAPH.fullmatch(piece.xml)
    return match[2] if match is not None else ""


def _ends_inserted(piece: MarkedXml) -> bool:
    return _ENDS_INSERTED.search(_content(piece)) is not None


def starts_inserted(piece: MarkedXml) -> bool:
    """Whether a paragraph starts with an insertion."""
    return piece.family == "ins" or not piece.mark and _STARTS_INSERTED.match(_content(piece)) is not None


def _inserted_first(xml: str) -> str:
    """Return a paragraph with insertions before deletions at its end."""
    match = PARAGRAPH.fullmatch(xml)
    if match is None:
        return xml
    content = _TRAILING.sub(r"\2\1\3", match[2])
    return f"<w:p>{match[1]}{content}</w:p>"
