"""A marked document as DOCX with real tracked changes (ECMA-376-1, 17.13.5).

The body is written as ever; then the marks are put around its runs, paragraph marks and rows. Where the marks of paragraphs
stand is :mod:`toolkit.docx.redline.paragraph_marks`, what stands around the body :mod:`toolkit.docx.redline.surroundings`. Here:

* deleted text is ``w:delText``; bookmarks never stand for what goes;
* form fields in lines that come or go are controls with tracked ends, in rows plain blanks;
* the last paragraph mark of a cell is never tracked;
* automatic numbers are not text and need no tracking, but a list has its own count in each of the two texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from toolkit.compare.accepting import accept, reject
from toolkit.docx.redline.paragraph_marks import Piece, arranged, properties_of
from toolkit.docx.redline.revisions import Author, Revisions, add_comments, tracking
from toolkit.docx.redline.surroundings import Tags, line_pieces
from toolkit.docx.template import packing
from toolkit.docx.writing.body import Around, BodyWriter
from toolkit.docx.writing.document import context
from toolkit.docx.writing.head import head, tail
from toolkit.docx.writing.identity import Registry
from toolkit.docx.writing.inlines import Scope
from toolkit.docx.writing.lists import Nums, apart
from toolkit.docx.writing.markup import as_text, joined, run
from toolkit.docx.writing.tables import separator
from toolkit.model.tree import (
    CAME,
    GONE,
    Block,
    Document,
    FormField,
    Inlines,
    Provision,
    Ref,
    Row,
    Table,
    Text,
    inlines_of,
    map_blocks,
    map_row,
    walk,
)
from toolkit.numbering.labels import SetLabels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.template import Stylesheet


class RedlineBody(BodyWriter):
    """Writes the body of a marked document; what each paragraph's mark is, stands beside it."""

    def __init__(self, scope: Scope, nums: Nums, body_width_mm: float, comments: Mapping[str, str]) -> None:
        super().__init__(scope, nums, body_width_mm)
        assert scope.revisions is not None
        self.revisions = scope.revisions
        self.comments = dict(comments)
        self.pieces: list[Piece] = []
        self.mark = self.key = ""
        self.table_mark = ""
        self.waiting: list[str] = []
        self.gone = {block.id for block in walk(scope.document.body) if block.mark in GONE}
        self.was = ""
        document = replace(scope.document, was=None, enclosure=None)
        self.around: tuple[dict[str, Around], dict[str, Around]] = {}, {}
        if not any(block.mark for block in walk(document.body)):
            return
        names = {block.was or block.id: block.id for block in walk(document.body) if block.mark not in CAME}
        #: What is around each block in the old and in the new text, where a marked one may be in between.
        self.around = (
            dict(self._arounds(reject(document).body, names, Around())),
            dict(self._arounds(accept(document).body, {}, Around())),
        )

    def _direct(self, block: Provision, around: Around) -> list[str]:
        self._enter(block)
        old, new = (places.get(block.id, around) for places in self.around)
        if not block.mark and old != new and (format_ := self._format(block, old)) != self._format(block, new):
            if block.level in ("item", "subitem"):
                return self._twice(block, old, new)
            self.was = format_
        return super()._direct(block, old if block.mark in GONE else new)

    def _twice(self, block: Provision, old: Around, new: Around) -> list[str]:
        """Write a block that stays, in another list, as one that goes and one that comes.

        LibreOffice gives a rejected ``w:pPrChange`` its list back, but the first level of it, and not where it starts anew.
        """
        self.gone.add(f"was {block.id}")
        before = tuple(
            replace(part, mark="", shown=self._reads(block, part)) if isinstance(part, Ref) else replace(part, mark="")
            for part in block.content
            if part.mark != "ins"
        )
        after = tuple(replace(part, mark="") for part in block.content if part.mark != "del")
        gone = replace(block, id=f"was {block.id}", mark="del", content=_line_marked(before, "del"), children=())
        self._enter(gone)
        super()._direct(gone, old)
        came = replace(block, mark="ins", content=_line_marked(after, "ins"))
        self._enter(came)
        return super()._direct(came, new)

    def _reads(self, block: Provision, ref: Ref) -> str:
        if ref.shown or not ref.relative:
            return ref.shown
        return self.scope.labels.reference(self.scope.document.id, block.id, ref).text

    def _text(self, block: Provision, around: Around, article: tuple[str, str], article_number: str) -> list[str]:
        self._enter(block)
        return super()._text(block, around, article, article_number)

    def _arounds(
        self, blocks: Iterable[Block], names: Mapping[str, str], around: Around
    ) -> Iterator[tuple[str, Around]]:
        """Yield what is around each block of one of the texts, by its id in the marked document."""
        for block in blocks:
            if isinstance(block, Provision):
                block = replace(block, id=names.get(block.id, block.id))
                yield block.id, around
                yield from self._arounds(block.children, names, self._inside(block, around))

    def _format(self, block: Provision, around: Around) -> str:
        """Return the ``w:pPr`` of a block as it is elsewhere: lists start anew with what is above."""
        first = (replace(one, content=(), children=()) for one in block.children[:1] if isinstance(one, Provision))
        bare = replace(block, content=(), heading=block.heading and (Text(" "),), children=tuple(first))
        writer = BodyWriter(replace(self.scope, registry=Registry(), keeping=False), self.nums, self.body_width_mm)
        writer._direct(bare, around)
        return properties_of(as_text(writer.out[0]))

    def _enter(self, block: Block) -> None:
        """From here on what is written belongs to this block."""
        self._flush()
        self.mark = block.mark
        self.key = (block.was or block.id) if block.mark in ("from", "to") else ""
        if block.id in self.comments:
            self.waiting.append(self.comments.pop(block.id))

    def _flush(self, mark: str | None = None) -> None:
        """Take what was written into the pieces."""
        for piece in self.out[len(self.pieces) :]:
            xml = as_text(piece)
            table = not xml.startswith("<w:p>")
            self.pieces.append(Piece(xml, self.mark if mark is None else mark, self.key if mark is None else "", table))
            if self.was and mark is None and not table:
                self.pieces[-1].was, self.was = self.was, ""
            if self.waiting and not table:
                self.pieces[-1].comments, self.waiting = self.waiting, []

    def _add(self, xml: str) -> None:
        self.finish_table()
        super()._add(xml)
        self._flush()

    def _separator(self, keep: bool = False, last: bool = False) -> str:
        """What joins an empty paragraph would give it its format (:mod:`toolkit.docx.redline.paragraph_marks`)."""
        return separator(keep, last, run(" "))

    def finish_table(self, keep: bool = False, last: bool = False) -> None:
        super().finish_table(keep, last)
        self._flush(self.table_mark)

    def _bookmark(self, block: str) -> tuple[str, str]:
        return ("", "") if block in self.gone else super()._bookmark(block)

    def _record(self, block: str, level: str, text: str) -> None:
        if block not in self.gone:
            super()._record(block, level, text)

    def _table(self, block: Table, following: Block | None) -> str:
        self._flush()
        before = self.mark, self.key
        if not block.caption and self.table_mark != _plain(block.mark):
            self.table_mark = ""  # what is between two tables stays where either is
        self._enter(block)
        self.mark, self.key = _plain(block.mark), ""
        first = len(self.out)
        text = super()._table(block, following)
        self.out[first:] = list(self._rows(block, [as_text(piece) for piece in self.out[first:]]))
        self._flush(self.mark)
        self.table_mark = self.mark
        self.mark, self.key = before
        return text

    def _rows(self, block: Table, written: list[str]) -> list[str]:
        """Return the pieces of a table as written, its rows marked."""
        rows: list[Row] = list(block.rows)
        whole = _plain(block.mark)
        out = []
        for piece in written:
            if piece.startswith("<w:tr>") and rows:
                mark = whole or rows.pop(0).mark
                out.append(self._row(piece, mark) if mark else piece)
            else:
                out.append(piece)
        return out

    def _row(self, xml: str, mark: str) -> str:
        changed = self.revisions.empty(mark)
        head, end, rest = xml.partition("</w:trPr>")
        return head + changed + end + self.revisions.paragraphs(mark, rest)

    def finished(self, last: bool) -> list[Piece]:
        """Return the body in pieces. ``last``: nothing follows; then a file that ends in a table needs its last paragraph."""
        self._flush()
        if self.after_table and last:
            self.table_mark = ""
        self.finish_table(last=last)
        return self.pieces


def _plain(mark: str) -> str:
    """Return the mark of what cannot be moved: tables are deleted and inserted."""
    return {"from": "del", "to": "ins"}.get(mark, mark)


# --- the file ----------------------------------------------------------------------------------------------------


def write_redline(
    document: Document,
    labels: SetLabels,
    stylesheet: Stylesheet,
    author: Author,
    comments: Mapping[str, str] | None = None,
    track: bool = False,
) -> bytes:
    """Return a marked document as DOCX with tracked changes.

    ``labels`` are those of the new version. ``comments`` (block id → text) are attached to the blocks; those whose block
    is not there stand at the start. ``track``: Word goes on recording changes. Raises as :func:`toolkit.docx.write`.
    """
    everything = [block for one in (document, document.enclosure) if one is not None for block in walk(one.body)]
    gone = {block.was or block.id for block in everything if block.mark in GONE}
    revisions = Revisions(author, {block.id for block in everything if block.mark in CAME and block.id in gone})
    registry = Registry()
    nums = Nums(stylesheet.lists, stylesheet.first_num)
    texts = list((comments or {}).values())
    numbers = {name: str(place) for place, name in enumerate(comments or {})}
    pieces: list[Piece] = []
    for enclosed, one in enumerate((document, document.enclosure)):
        if one is None:
            continue
        one = replace(one, body=map_blocks(one.body, _fields_marked))
        scope = Scope(one, labels, registry, one.id if enclosed else "", False, revisions)
        revisions.fields = {part.id for part in _fields(one) if part.mark in ("", "ins")}
        writer = RedlineBody(scope, nums, stylesheet.body_width_mm, numbers)
        writer.write()
        pieces += line_pieces(scope, partial(head, enclosed=bool(enclosed)))
        below = line_pieces(scope, tail)
        pieces += writer.finished(last=not below) + below
        numbers = writer.comments
    if numbers and pieces:
        pieces[0].comments += numbers.values()
    tags = Tags(context(document.was, labels) if document.was is not None else None, context(document, labels))
    body = joined(arranged(pieces, revisions))
    custom = registry.custom_xml(document, labels.kind, labels.version)
    parts = packing.unpack(stylesheet.render(tags.values, body, nums.xml, custom))
    tags.fill(parts, revisions, pieces[0] if pieces else None)
    parts["word/numbering.xml"] = apart(parts["word/numbering.xml"].decode()).encode()
    if track:
        parts["word/settings.xml"] = tracking(parts["word/settings.xml"].decode()).encode()
    if texts:
        add_comments(parts, texts, author)
    return packing.pack(parts)


def _fields_marked(block: Block) -> Block:
    """Return a block with marks on the fields of what goes or comes.

    Those of rows are blanks: LibreOffice keeps a row that should go if there is a control in it.
    """
    if isinstance(block, Table):
        blank = partial(_line_marked, mark="blank")
        return replace(block, rows=tuple(map_row(row, blank) if block.mark or row.mark else row for row in block.rows))
    return replace(block, content=_line_marked(block.content, _plain(block.mark)))


def _line_marked(parts: Inlines, mark: str) -> Inlines:
    if not mark or not any(isinstance(part, FormField) for part in parts):
        return parts
    return tuple(replace(part, mark=mark) if isinstance(part, FormField) else part for part in parts)


def _fields(document: Document) -> Iterator[FormField]:
    """Yield the form fields of a document whose blocks are marked by :func:`_fields_marked`."""
    for block in walk(document.body):
        yield from (part for part in inlines_of(block) if isinstance(part, FormField))


_TAGS = re.compile(
    r'(?:<w:customXml(Ins|Del)RangeStart [^>]*/>)?<w:sdt><w:sdtPr>(?:(?!</w:sdtPr>).)*<w:tag w:val="([^"]*)"'
)


def blank_fields(document: Document, data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the form fields of a redline that are no controls after accepting, and after rejecting all.

    ``data`` is the file that :func:`write_redline` made of the document.
    """
    controls = _TAGS.findall(packing.unpack(data)["word/document.xml"].decode())
    found = []
    for gone, text in (("Del", accept(document)), ("Ins", reject(document))):
        live = {name for how, name in controls if how != gone}
        found.append(
            tuple(
                part.label or part.id
                for prefix, one in (("", text), ("e_", text.enclosure))
                if one is not None
                for part in _fields(one)
                if prefix + part.id not in live
            )
        )
    return found[0], found[1]


__all__ = ["Author", "Revisions", "blank_fields", "write_redline"]
