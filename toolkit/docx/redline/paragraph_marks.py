"""Where the marks of a redline's paragraphs stand, so that Word and LibreOffice give back both texts.

A paragraph that comes or goes bears the mark on its own ``w:p`` (ECMA-376-1, 17.13.5.15 and 17.13.5.20): without it, what is
left joins the paragraph below. LibreOffice 7.4 does the same but in these places, found with it over many sequences:

* what stands above a table cannot join it. So the paragraph that stays above takes the mark, and the last paragraph above
  the table stays (:meth:`_Arranger._shift`, exact in both). Where none stays above, LibreOffice leaves an empty paragraph;
  ``w:pPrChange`` makes it one as low as can be. Tables that come stand before what goes (and the other way round), so that
  a paragraph that stays is above them;
* what joins an empty paragraph gives it its own format: the same shift;
* what is more than one change up to its mark (moved and reworded, with a form field) gives the paragraph below its format:
  the same shift, or, where none stays above, one change: no controls and no move;
* a reference in what moves leaves an empty paragraph: it is deleted and inserted;
* an insertion at the end of a paragraph and one at the start of the next become one with the paragraph's end in it: the
  last kept character is deleted and typed again behind the insertion.
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


#: What is no part of a move: fields, controls, and form fields that are blanks.
_NEVER_MOVED = re.compile("<w:fldChar |<w:sdt>|<w:del ")


@dataclass(slots=True)
class Piece:
    """A piece of the body: XML with the mark of its paragraph. ``key`` is set for a paragraph of a moved block.

    ``was`` is the ``w:pPr`` of a paragraph that stays, where its format differs.
    """

    xml: str
    mark: str = ""
    key: str = ""
    is_table: bool = False
    comments: list[str] = field(default_factory=list)
    was: str = ""

    @property
    def family(self) -> str:
        """``ins`` or ``del``, or nothing for what stays."""
        return "ins" if self.mark in CAME else "del" if self.mark in GONE else ""

    @property
    def is_text(self) -> bool:
        """Whether it is a paragraph that stays and has something in it."""
        return not self.is_table and not self.mark and "<w:t" in self.xml


def arranged(pieces: Sequence[Piece], revisions: Revisions) -> list[str]:
    """Return the pieces as XML with all marks."""
    ordered = list(_in_order(pieces))
    end = next((place for place, piece in enumerate(ordered) if piece.is_table or piece.family != "del"), 0)
    if end and ordered[end].is_table and ordered[end].family == "del" and "<w:numPr>" in ordered[0].xml:
        ordered.insert(
            0, Piece(separator(last=True, content=run(" ")))
        )  # something has to stay above, or a number is lost
    return _Arranger(ordered, revisions).arranged()


def commented(content: str, numbers: list[str]) -> str:
    """Return the content of a paragraph inside the ranges of its comments."""
    for number in numbers:
        content = (
            f'<w:commentRangeStart w:id="{number}"/>{content}<w:commentRangeEnd w:id="{number}"/>'
            f'<w:r><w:commentReference w:id="{number}"/></w:r>'
        )
    return content


def _in_order(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces; between two that stay, the tables' side first."""
    gap: list[Piece] = []
    for piece in [*pieces, None]:
        if piece is not None and piece.mark:
            gap.append(piece)
            continue
        first = _first_side(gap)
        yield from [one for one in gap if one.family == first] if first else gap
        yield from [one for one in gap if one.family != first] if first else ()
        gap = []
        if piece is not None:
            yield piece


def _first_side(gap: Sequence[Piece]) -> str:
    """Return which side of a gap with tables stands first; nothing where it has none."""
    sides = {piece.family for piece in gap if piece.is_table}
    return "del" if "del" in sides else "ins" if sides else ""


class _Arranger:
    """Puts the marks on the paragraphs of a list of pieces: ``marks`` and new ``formats`` by place."""

    def __init__(self, pieces: list[Piece], revisions: Revisions) -> None:
        self.pieces = pieces
        self.revisions = revisions
        self.marks = [piece.mark for piece in pieces]
        self.formats: dict[int, str] = {}
        #: Moves that are written as a deletion and an insertion.
        self.unmoved = {piece.key for piece in pieces if _NEVER_MOVED.search(piece.xml)}

    def arranged(self) -> list[str]:
        for piece in self.pieces:
            if not piece.is_table and not piece.mark:
                piece.xml = _inserted_first(piece.xml)
        for start, end in self._runs():
            self._settle(start, end)
        self._end()
        for place in range(1, len(self.pieces)):
            self._meet(place)
        return [
            self._piece(piece, self.marks[place], self.formats.get(place, ""))
            for place, piece in enumerate(self.pieces)
        ]

    def _meet(self, place: int) -> None:
        """Look at two neighbours."""
        above, below = self.pieces[place - 1], self.pieces[place]
        if above.is_table:
            return
        if above.mark and self.marks[place - 1] and (below.is_table or not (below.mark or below.is_text)):
            start = self._start(place - 1)
            if start and self.pieces[start - 1].is_text:
                self._shift(start, place)
            elif below.is_table:
                self._unmove(start, place)
                for one in dict.fromkeys((start, place - 1)):
                    self._lower(one)
        elif not above.mark and not below.is_table and _ends_inserted(above) and starts_inserted(below):
            self._retype(place - 1)

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Yield where each run of paragraphs of one side begins and ends."""
        start = 0
        for place in range(1, len(self.pieces) + 1):
            one = self.pieces[start]
            if (
                place == len(self.pieces)
                or self.pieces[place].is_table
                or one.is_table
                or self.pieces[place].family != one.family
            ):
                if one.mark and not one.is_table:
                    yield start, place
                start = place

    def _settle(self, start: int, end: int) -> None:
        """Shift a run that LibreOffice takes for several changes: controls in it, or what moved and was reworded."""
        run_ = self.pieces[start:end]
        controls = any("<w:sdt>" in piece.xml for piece in run_)
        if not controls and not any(piece.mark == "to" and "<w:ins " in piece.xml for piece in run_):
            return
        if start and self.pieces[start - 1].is_text and not self._loses_number(start - 1, end - 1):
            self._shift(start, end)
            return
        self._unmove(start, end)
        for piece in run_:
            piece.xml = without_controls(piece.xml)

    def _start(self, place: int) -> int:
        """Return where the run of paragraphs of one side begins that ends here."""
        family = self.pieces[place].family
        while place and self.pieces[place - 1].family == family and not self.pieces[place - 1].is_table:
            place -= 1
        return place

    def _end(self) -> None:
        """See to it that the last paragraph, which nothing below can take in, stays."""
        pieces = self.pieces
        if not pieces or not self.marks[-1]:
            return
        start = self._start(len(pieces) - 1)
        if start and pieces[start - 1].is_text and not self._loses_number(start - 1, len(pieces) - 1):
            self._shift(start, len(pieces))
        else:
            pieces.append(Piece(separator(last=True, content=run(" "))))
            self.marks.append("")

    def _loses_number(self, above: int, last: int) -> bool:
        """Whether LibreOffice would not give the last paragraph its number back: it would start its list anew."""
        formats = [properties_of(self.pieces[place].xml) for place in (above, last)]
        return self.pieces[last].family == "del" and "<w:numPr>" in formats[1] and formats[0] != formats[1]

    def _shift(self, start: int, end: int) -> None:
        """Shift the paragraph marks of a run by one: that of the paragraph above changes, the last one's stays."""
        family = self.pieces[start].family
        above, last = (PARAGRAPH.fullmatch(self.pieces[place].xml) for place in (start - 1, end - 1))
        self.marks[start - 1], self.marks[end - 1] = family, ""
        if above is None or last is None:
            return
        new, old = (last[1], self.pieces[start - 1].was or above[1]) if family == "ins" else (above[1], last[1])
        if new != old:
            self.formats[end - 1] = self._changed(new, old)

    def _unmove(self, start: int, end: int) -> None:
        self.unmoved.update(piece.key for piece in self.pieces[start:end])

    def _lower(self, place: int) -> None:
        """Make a paragraph that LibreOffice leaves, empty, one that is as low as can be: the first of its run or the last."""
        own, low = (PARAGRAPH.fullmatch(xml) for xml in (self.pieces[place].xml, separator(last=True)))
        if own is not None and low is not None:
            new, old = (own[1], low[1]) if self.pieces[place].family == "ins" else (low[1], own[1])
            self.formats[place] = self._changed(new, old)

    def _changed(self, new: str, old: str) -> str:
        return f"{new.removesuffix('</w:pPr>')}<w:pPrChange {self.revisions.attributes()}>{old}</w:pPrChange></w:pPr>"

    def _retype(self, place: int) -> None:
        """Let a paragraph end in a deletion."""
        found = PARAGRAPH.fullmatch(self.pieces[place].xml)
        if found is not None:
            self.pieces[place].xml = f"<w:p>{found[1]}{_LAST_KEPT.sub(self._retyped, found[2])}</w:p>"

    def _retyped(self, found: re.Match[str]) -> str:
        """Return the end of a paragraph with its last kept character deleted and typed again, so that it ends there."""
        kept = f"{found[1]}{found[2]}</w:t></w:r>" if found[2] else ""
        again = f"{found[1]}{found[3]}</w:t></w:r>"
        return f"{kept}{found[4]}{found[5]}{again}{found[6]}{self.revisions.wrap('del', again)}{found[7]}"

    def _piece(self, piece: Piece, mark: str, format_: str) -> str:
        found = None if piece.is_table else PARAGRAPH.fullmatch(piece.xml)
        if found is None:
            return piece.xml
        properties, content = format_ or found[1], found[2]
        if piece.key and piece.key in self.unmoved:
            piece.mark, piece.key, mark = piece.family, "", mark and piece.family
        if piece.was:
            properties = self._changed(found[1], piece.was)
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
    """Return the ``w:pPr`` of a paragraph."""
    found = PARAGRAPH.fullmatch(xml)
    return found[1] if found is not None else ""


def _content(piece: Piece) -> str:
    found = PARAGRAPH.fullmatch(piece.xml)
    return found[2] if found is not None else ""


def _ends_inserted(piece: Piece) -> bool:
    return _ENDS_INSERTED.search(_content(piece)) is not None


def starts_inserted(piece: Piece) -> bool:
    """Whether a paragraph starts with an insertion."""
    return piece.family == "ins" or not piece.mark and _STARTS_INSERTED.match(_content(piece)) is not None


def _inserted_first(xml: str) -> str:
    """Return a paragraph with insertions before deletions at its end."""
    found = PARAGRAPH.fullmatch(xml)
    if found is None:
        return xml
    content = _TRAILING.sub(r"\2\1\3", found[2])
    return f"<w:p>{found[1]}{content}</w:p>"
