"""A marked document as DOCX with real tracked changes (ECMA-376-1, 17.13.5).

The body is written as ever; then the marks are put around its runs, paragraph marks and rows. What Word and LibreOffice
need to give back both texts:

* deleted text is ``w:delText``; a form field that goes, or comes within a line or a row, is its text and no control
  (LibreOffice keeps a rejected row that has a control in it, and gives what follows a rejected paragraph its format); bookmarks never stand for what goes;
* at a paragraph's end insertions stand before deletions (LibreOffice);
* where a paragraph ends with an insertion and inserted paragraphs follow, the first paragraph's mark is inserted and the
  last one's is plain, with ``w:pPrChange`` where the formats differ (LibreOffice);
* the last paragraph mark of a cell is never tracked; a body that ends in a change gets a small constant paragraph;
* automatic numbers are not text and need no tracking.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from toolkit.docx.body import Around, BodyWriter
from toolkit.docx.head import attachments, conclusions, head, title
from toolkit.docx.identity import Registry
from toolkit.docx.inline import Scope
from toolkit.docx.lists import Nums
from toolkit.docx.markup import Xml, as_text, joined, paragraph, run
from toolkit.docx.revisions import PARAGRAPH, Author, Revisions, add_comments, tracking, with_paragraph_mark
from toolkit.docx.writing import context
from toolkit.model import CAME, GONE, Block, Document, FormField, Inlines, Provision, Row, Table, walk
from toolkit.numbering import SetLabels
from toolkit.stylesheet import package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.stylesheet import Stylesheet

_TRAILING = re.compile(
    r"((?:<w:del [^>]*>(?:(?!</w:del>).)*</w:del>)+)((?:<w:ins [^>]*>(?:(?!</w:ins>).)*</w:ins>)+)"
    r"((?:<w:bookmarkEnd [^>]*/>)*)$", re.DOTALL,
)  # fmt: skip
#: The last kept character of a paragraph, the insertion after it, and the bookmarks that end there.
_LAST_KEPT = re.compile(
    r'(<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t xml:space="preserve">)([^<]*)([^<;])</w:t></w:r>'
    r"((?:<w:bookmark(?:Start|End) [^>]*/>)*)(<w:ins [^>]*>)((?:(?!</w:ins>).)*</w:ins>)"
    r"((?:<w:bookmarkEnd [^>]*/>)*)$", re.DOTALL,
)  # fmt: skip
_ENDS_INSERTED = re.compile(r"</w:ins>(?:<w:bookmarkEnd [^>]*/>)*$", re.DOTALL)


@dataclass(slots=True)
class _Piece:
    """A piece of the body: XML with the mark of its paragraph. ``key`` is set for a paragraph of a moved block."""

    xml: str
    mark: str = ""
    key: str = ""
    is_table: bool = False
    comments: list[str] = field(default_factory=list)


class RedlineBody(BodyWriter):
    """Writes the body of a marked document; what each paragraph's mark is, stands beside it."""

    def __init__(self, scope: Scope, nums: Nums, body_width_mm: float, comments: Mapping[str, str]) -> None:
        super().__init__(scope, nums, body_width_mm)
        assert scope.revisions is not None
        self.revisions = scope.revisions
        self.comments = dict(comments)
        self.pieces: list[_Piece] = []
        self.mark = self.key = ""
        self.table_mark = ""
        self.waiting: list[str] = []
        self.gone = {block.id for block in walk(scope.document.body) if block.mark in GONE}

    def _direct(self, block: Provision, around: Around) -> list[str]:
        self._enter(block)
        return super()._direct(block, around)

    def _text(self, block: Provision, around: Around, article: tuple[str, str], article_number: str) -> list[str]:
        self._enter(block)
        return super()._text(block, around, article, article_number)

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
            self.pieces.append(_Piece(xml, self.mark if mark is None else mark, self.key if mark is None else "", table))
            if self.waiting and not table:
                self.pieces[-1].comments, self.waiting = self.waiting, []

    def _add(self, xml: str) -> None:
        self.finish_table()
        super()._add(xml)
        self._flush()

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
        self._enter(block)
        self.key = ""
        first = len(self.out)
        text = super()._table(block, following)
        self.out[first:] = list(self._rows(block, [as_text(piece) for piece in self.out[first:]]))
        self._flush(block.mark)
        self.table_mark = block.mark
        self.mark, self.key = before
        return text

    def _rows(self, block: Table, written: list[str]) -> list[str]:
        """Return the pieces of a table as written, its rows marked."""
        rows: list[Row] = list(block.rows)
        whole = {"from": "del", "to": "ins"}.get(block.mark, block.mark)
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

    # -- the marks of paragraphs

    def finished(self, above: Sequence[Xml]) -> list[str]:
        """Return what stands above the body and the body with all marks."""
        self._flush()
        pieces = [*(_Piece(as_text(one)) for one in above), *self.pieces]
        if pieces and (pieces[-1].mark or pieces[-1].is_table):
            pieces.append(_Piece(as_text(paragraph("TableCell", run(" "), '<w:spacing w:line="120" w:lineRule="exact"/>'))))
        for piece in pieces:
            if not piece.is_table and not piece.mark:
                piece.xml = _inserted_first(piece.xml)
        marks = [piece.mark for piece in pieces]
        formats: dict[int, str] = {}
        for place, piece in enumerate(pieces):
            if piece.mark and place and not pieces[place - 1].mark and not piece.is_table and not pieces[place - 1].is_table:
                self._run(pieces, place, marks, formats)
        return [self._piece(piece, marks[place], formats.get(place, "")) for place, piece in enumerate(pieces)]

    def _run(self, pieces: list[_Piece], start: int, marks: list[str], formats: dict[int, str]) -> None:
        """Look at a run of paragraphs of one kind and what stands above and below it."""
        family = CAME if pieces[start].mark in CAME else GONE
        end = start
        while end < len(pieces) and pieces[end].mark in family and not pieces[end].is_table:
            end += 1
        above = PARAGRAPH.fullmatch(pieces[start - 1].xml)
        if above is None:
            return
        if end < len(pieces) and pieces[end].is_table and pieces[end].mark in family:
            self._shift(pieces, (start, end), family, marks, formats)
        elif family is CAME and _ENDS_INSERTED.search(above[2]):
            closed = _LAST_KEPT.sub(self._retyped, above[2])
            if closed != above[2]:
                pieces[start - 1].xml = f"<w:p>{above[1]}{closed}</w:p>"
            else:
                self._shift(pieces, (start, end), family, marks, formats)

    def _shift(
        self, pieces: list[_Piece], run: tuple[int, int], family: Set[str], marks: list[str], formats: dict[int, str]
    ) -> None:
        """Shift the paragraph marks of a run by one: that of the paragraph above changes, the last one's stays.

        Needed where nothing below can take the last one in: before a table that comes or goes too.
        """
        start, end = run
        above, last = (PARAGRAPH.fullmatch(pieces[place].xml) for place in (start - 1, end - 1))
        marks[start - 1], marks[end - 1] = "ins" if family is CAME else "del", "plain"
        if above is None or last is None or last[1] == above[1]:
            return
        stays, was = (last[1], above[1]) if family is CAME else (above[1], last[1])
        changed = f"<w:pPrChange {self.revisions.attributes()}>{was}</w:pPrChange>"
        formats[end - 1] = stays.removesuffix("</w:pPr>") + changed + "</w:pPr>"

    def _retyped(self, found: re.Match[str]) -> str:
        """Return the end of a paragraph with its last kept character deleted and typed again, so that it ends there."""
        kept = f"{found[1]}{found[2]}</w:t></w:r>" if found[2] else ""
        again = f"{found[1]}{found[3]}</w:t></w:r>"
        return f"{kept}{found[4]}{found[5]}{again}{found[6]}{self.revisions.wrap('del', again)}{found[7]}"

    def _piece(self, piece: _Piece, mark: str, format_: str) -> str:
        if piece.is_table:
            return piece.xml
        found = PARAGRAPH.fullmatch(piece.xml)
        if found is None:
            return piece.xml
        properties, content = found[1], found[2]
        if piece.mark:
            content = self.revisions.content(piece.mark, content)
        if piece.key:
            content = self.revisions.move(piece.key, piece.mark, content)
        if format_:
            properties = format_
        if mark and mark != "plain":
            properties = with_paragraph_mark(properties, self.revisions.empty(mark))
        return f"<w:p>{properties}{_commented(content, piece.comments)}</w:p>"


def _inserted_first(xml: str) -> str:
    """Return a paragraph with insertions before deletions at its end."""
    found = PARAGRAPH.fullmatch(xml)
    if found is None:
        return xml
    content = _TRAILING.sub(r"\2\1\3", found[2])
    return f"<w:p>{found[1]}{content}</w:p>"


def _commented(content: str, numbers: list[str]) -> str:
    for number in numbers:
        content = (
            f'<w:commentRangeStart w:id="{number}"/>{content}<w:commentRangeEnd w:id="{number}"/>'
            f'<w:r><w:commentReference w:id="{number}"/></w:r>'
        )
    return content


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
    blocks: list[Xml] = []
    for enclosed, one in enumerate((document, document.enclosure)):
        if one is None:
            continue
        one = replace(one, body=tuple(map(_fields_marked, one.body)))
        scope = Scope(one, labels, registry, one.id if enclosed else "", False, revisions)
        writer = RedlineBody(scope, nums, stylesheet.body_width_mm, numbers)
        writer.write()
        blocks += writer.finished(head(scope, bool(enclosed))) + attachments(scope) + conclusions(scope)
        numbers = writer.comments
    if numbers:
        blocks[0] = _at_start(as_text(blocks[0]), list(numbers.values()))
    body = joined(blocks)
    data = stylesheet.render(
        context(document, labels), body, nums.xml, registry.custom_xml(document, labels.kind, labels.version)
    )
    parts = package.unpack(data)
    parts["word/document.xml"] = _scalars(parts["word/document.xml"].decode(), document, revisions).encode()
    if track:
        parts["word/settings.xml"] = tracking(parts["word/settings.xml"].decode()).encode()
    if texts:
        add_comments(parts, texts, author)
    return package.pack(parts)


def _fields_marked(block: Block) -> Block:
    """Return a block with marks on the fields of what goes or comes: they are written as text.

    The tags of what goes belong to what stays; and LibreOffice stumbles over controls in what is rejected.
    """
    if isinstance(block, Table):
        rows = tuple(
            replace(row, cells=tuple(
                replace(cell, content=tuple(_line_marked(line, _field_mark(block.mark or row.mark)) for line in cell.content))
                for cell in row.cells
            ))
            for row in block.rows
        )  # fmt: skip
        return replace(block, rows=rows)
    children = tuple(map(_fields_marked, block.children))
    return replace(block, content=_line_marked(block.content, _field_mark(block.mark)), children=children)


def _field_mark(mark: str) -> str:
    return "del" if mark in GONE else "ins" if mark in CAME else ""


def _line_marked(parts: Inlines, mark: str) -> Inlines:
    if not mark or not any(isinstance(part, FormField) for part in parts):
        return parts
    return tuple(replace(part, mark=mark) if isinstance(part, FormField) else part for part in parts)


def _at_start(xml: str, numbers: list[str]) -> str:
    found = PARAGRAPH.fullmatch(xml)
    return f"<w:p>{found[1]}{_commented(found[2], numbers)}</w:p>" if found else xml


_SCALARS = ("title", "doc_number", "issuer_mark", "copy_to", "printing_office")


def _scalars(xml: str, document: Document, revisions: Revisions) -> str:
    """Mark what stands in tags of the template (title, 发文字号 …) and differs."""
    was = document.was
    if was is None:
        return xml
    for name in _SCALARS:
        before, after = (title(one) if name == "title" else getattr(one, name) for one in (was, document))
        if before == after or not after:
            continue
        plain = run(after)
        body = plain[plain.index("<w:t ") : -len("</w:r>")]
        pattern = re.compile(rf"<w:r>((?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?){re.escape(body)}</w:r>", re.DOTALL)
        gone = run(before)[len("<w:r>") : -len("</w:r>")] if before else ""

        def both(found: re.Match[str], gone: str = gone, body: str = body) -> str:
            new = revisions.wrap("ins", f"<w:r>{found[1]}{body}</w:r>")
            old = revisions.wrap("del", f"<w:r>{found[1]}{gone[gone.index('<w:t '):]}</w:r>") if gone else ""
            return new + old

        xml = pattern.sub(both, xml, count=1)
    return xml


__all__ = ["Author", "Revisions", "write_redline"]
