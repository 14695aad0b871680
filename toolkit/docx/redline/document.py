"""Writes a marked document as DOCX with real tracked changes (ECMA-376-1, 17.13.5); used by ``diff``, ``upgrade``, ``revise``.

The body is written as usual; then its runs, paragraph marks and rows are marked. The marks of paragraphs are placed by
:mod:`toolkit.docx.redline.paragraph_marks`, lines outside the body by :mod:`toolkit.docx.redline.surroundings`. Here:

* deleted text is ``w:delText`` and has no bookmarks;
* form fields in inserted or deleted lines are controls with tracked ends, in rows plain blanks;
* the last paragraph mark of a cell is never tracked;
* automatic numbers are not text and need no tracking, but a list is counted separately in each of the two texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

from toolkit.compare.mark import accept, reject
from toolkit.core import zips
from toolkit.docx.redline.paragraph_marks import MarkedXml, arranged
from toolkit.docx.redline.revisions import Author, Revisions, add_comments, family, tracking
from toolkit.docx.redline.surroundings import Tags, line_pieces
from toolkit.docx.template.style_names import CONTENTS_STYLES
from toolkit.docx.writing.body import BodyWriter
from toolkit.docx.writing.document import contents_xml, context, form_blueprint, lines_above
from toolkit.docx.writing.fragments import Draft, Nums, Start, numbered
from toolkit.docx.writing.identity import custom_xml
from toolkit.docx.writing.inlines import Scope
from toolkit.docx.writing.markup import run
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
    Table,
    Text,
    inlines_of,
    map_blocks,
    map_row,
    walk,
)
from toolkit.numbering.labels import SetLabels
from toolkit.page import frame, paging
from toolkit.page.flow import Around, Opening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.template import Stylesheet


class RedlineBody(BodyWriter):
    """Writes the body of a marked document as pieces of XML, each with the mark of its paragraph."""

    def __init__(self, scope: Scope, body_width_mm: float, comments: Mapping[str, list[str]]) -> None:
        super().__init__(scope, body_width_mm)
        assert scope.revisions is not None
        self.revisions = scope.revisions
        self.comments = dict(comments)
        self.pieces: list[MarkedXml] = []
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
        #: The surroundings of each block in the old and in the new text, without marked blocks in between.
        self.around = (
            dict(self._arounds(reject(document).body, names, Around())),
            dict(self._arounds(accept(document).body, {}, Around())),
        )

    def provision(self, block: Provision, around: Around) -> list[str]:
        """Add a provision; a kept block whose list changed is added as a deleted and an inserted one."""
        self._enter(block)
        old, new = (places.get(block.id, around) for places in self.around)
        if not block.mark and old != new and (format_ := self._format(block, old)) != self._format(block, new):
            if block.level in ("item", "subitem"):
                return self._twice(block, old, new)
            self.was = format_
        return self.write(block, old if block.mark in GONE else new)

    def _twice(self, block: Provision, old: Around, new: Around) -> list[str]:
        """Write a kept block that changed its list as a deleted and an inserted one.

        LibreOffice restores the list of a rejected ``w:pPrChange``, but with its first level and without its restart.
        """
        self.gone.add(f"was {block.id}")
        before = tuple(
            replace(part, shown=self._shown(block, part)) if isinstance(part, Ref) else part
            for part in _of_one_text(block.content, "del")
        )
        deleted = replace(block, id=f"was {block.id}", mark="del", content=before, children=())
        self._enter(deleted)
        self.write(deleted, old)
        inserted = replace(block, mark="ins", content=_of_one_text(block.content, "ins"))
        self._enter(inserted)
        return self.write(inserted, new)

    def _shown(self, block: Provision, ref: Ref) -> str:
        if ref.shown or not ref.relative:
            return ref.shown
        return self.scope.labels.reference(self.scope.document.id, block.id, ref).text

    def _text(
        self, block: Provision, around: Around, begin: Opening, article: tuple[str, str], article_number: str
    ) -> list[str]:
        self._enter(block)
        return super()._text(block, around, begin, article, article_number)

    def _arounds(
        self, blocks: Iterable[Block], names: Mapping[str, str], around: Around
    ) -> Iterator[tuple[str, Around]]:
        """Yield the surroundings of each block of one of the texts, by its id in the marked document."""
        for block in blocks:
            if isinstance(block, Provision):
                block = replace(block, id=names.get(block.id, block.id))
                yield block.id, around
                yield from self._arounds(block.children, names, around.inside(block, self.scheme))

    def _format(self, block: Provision, around: Around) -> str:
        """Return the ``w:pPr`` of a block in given surroundings: a list restarts with the block above."""
        first = [
            replace(child, content=(), children=()) for child in block.children[:1] if isinstance(child, Provision)
        ]
        bare = replace(block, content=(), heading=block.heading and (Text(" "),), children=tuple(first))
        writer = BodyWriter(self.scope.with_draft(Draft(lists=self.draft.lists)), self.body_width_mm)
        writer.write(bare, around)
        return MarkedXml.of(writer.out[0].decode()).properties

    def _enter(self, block: Block) -> None:
        """Begin a block: the XML written from here on belongs to it."""
        self._flush()
        self.mark = block.mark
        self.key = (block.was or block.id) if block.mark in ("from", "to") else ""
        if block.id in self.comments:
            self.waiting += self.comments.pop(block.id)

    def _flush(self, mark: str | None = None) -> None:
        """Turn the XML written since the last call into pieces, with this mark or that of the block."""
        for xml in self.out[len(self.pieces) :]:
            own = (self.mark, self.key) if mark is None else (mark, "")
            piece = MarkedXml.of(xml.decode(), *own)
            self.pieces.append(piece)
            if self.was and mark is None and not piece.is_table:
                piece.was, self.was = self.was, ""
            if self.waiting and not piece.is_table:
                piece.comments, self.waiting = self.waiting, []

    def _add(self, xml: str) -> None:
        self.finish_table()
        super()._add(xml)
        self._flush()

    def _separator(self, keep: bool = False, last: bool = False) -> str:
        """Return a separator with a blank in it: an empty one would take the format of a paragraph that joins it."""
        return separator(keep, last, run(" "))

    def finish_table(self, keep: bool = False, last: bool = False) -> None:
        super().finish_table(keep, last)
        self._flush(self.table_mark)

    def _bookmark(self, block: str) -> tuple[str, str]:
        return ("", "") if block in self.gone else super()._bookmark(block)

    def _record(self, block: str, level: str, text: str) -> None:
        if block not in self.gone:
            super()._record(block, level, text)

    def table(self, block: Table, following: Block | None) -> str:
        self._flush()
        before = self.mark, self.key
        if not block.caption and self.table_mark != family(block.mark):
            self.table_mark = ""  # the separator of two tables is kept as long as one of them is
        self._enter(block)
        self.mark, self.key = family(block.mark), ""
        first = len(self.out)
        text = super().table(block, following)
        marks = iter([self.mark or row.mark for row in block.rows])
        for index, xml in enumerate(self.out[first:], first):
            if xml.startswith(b"<w:tr>") and (mark := next(marks)):
                self.out[index] = self.revisions.row(mark, xml.decode()).encode()
        self._flush(self.mark)
        self.table_mark = self.mark
        self.mark, self.key = before
        return text

    def table_text(self, block: Table, keep_last: bool) -> str:
        return self.write_table(block, keep_last)

    def all_pieces(self, last: bool) -> list[MarkedXml]:
        """Return the body in pieces. ``last``: nothing follows, so that a table at the end needs a paragraph after it."""
        self._flush()
        if self.after_table and last:
            self.table_mark = ""
        self.finish_table(last=last)
        return self.pieces


# --- the file ----------------------------------------------------------------------------------------------------


def write_redline(
    document: Document,
    labels: SetLabels,
    stylesheet: Stylesheet,
    author: Author,
    comments: Sequence[tuple[str, str]] = (),
    track: bool = False,
    listed: bool = True,
) -> bytes:
    """Return a marked document as DOCX with tracked changes.

    ``labels`` are those of the new version. ``comments`` (block id, text) are attached to the blocks, or to the start of
    the file if there is no such block. ``track``: Word goes on recording changes. ``listed``: with the 目录 of the new text,
    if that has one; it is made of headings and bears no marks. Raises as :func:`toolkit.docx.write`.
    """
    documents = [document] if document.enclosure is None else [document, document.enclosure]
    blocks = [block for member in documents for block in walk(member.body)]
    deleted = {block.was or block.id for block in blocks if block.mark in GONE}
    revisions = Revisions(author, {block.id for block in blocks if block.mark in CAME and block.id in deleted})
    draft = Draft()
    numbers: dict[str, list[str]] = {}
    for number, (name, _) in enumerate(comments):
        numbers.setdefault(name, []).append(str(number))
    pieces: list[MarkedXml] = []
    listed = listed and CONTENTS_STYLES.keys() <= stylesheet.styles and any(map(paging.has_contents, documents))
    new = accept(document) if listed else None
    for enclosed, member in enumerate(documents):
        member = replace(member, body=map_blocks(member.body, _fields_marked))
        scope = Scope(member, labels, draft, member.id if enclosed else "", revisions)
        revisions.fields = {part.id for part in _fields(member) if part.mark in ("", "ins")}
        draft.out = []
        writer = RedlineBody(scope, stylesheet.body_width_mm, numbers)
        writer.blocks(member.body, Around())
        pieces += line_pieces(scope, partial(lines_above, enclosed=bool(enclosed)))
        if new is not None and (entries := paging.contents(new, labels, bool(enclosed))):
            title, *lines = contents_xml(entries, scope)
            pieces += [
                MarkedXml.of(title),
                MarkedXml("", "".join(lines)),
            ]  # nothing joins a field, as nothing joins a table
        below = line_pieces(scope, frame.below)
        pieces += writer.all_pieces(last=not below) + below
        numbers = writer.comments
    if numbers and pieces:
        pieces[0].comments += [number for those in numbers.values() for number in those]
    tags = Tags(context(document.was, labels) if document.was is not None else None, context(document, labels))
    nums = Nums(stylesheet.lists, stylesheet.first_num)
    draft.out = [xml.encode() for xml in arranged(pieces, revisions)]
    whole = numbered(draft, Start(next_list=nums.next))
    for name, owner in whole.lists:
        nums.get(name, owner)
    custom = custom_xml(document, labels.kind, labels.version, [whole.records], _blueprint(document, labels))
    parts = stylesheet.parts(tags.values, whole.xml, nums.xml, custom)
    tags.fill(parts, revisions, pieces[0] if pieces else None)
    parts["word/numbering.xml"] = _with_own_lists(parts["word/numbering.xml"].decode()).encode()
    if track:
        parts["word/settings.xml"] = tracking(parts["word/settings.xml"].decode()).encode()
    if comments:
        add_comments(parts, [text for _, text in comments], author)
    return zips.pack(parts)


def _blueprint(document: Document, labels: SetLabels) -> str:
    """Return the blueprint of the form that a redline is when its changes are accepted; nothing for another document."""
    if document.enclosure is not None or not any(_fields(document)):
        return ""
    return form_blueprint(accept(document), labels)


def _fields_marked(block: Block) -> Block:
    """Return a block with marks on the fields of inserted and deleted lines.

    Fields of rows become blanks: LibreOffice keeps a deleted row that holds a control.
    """
    if isinstance(block, Table):
        blank = partial(_line_marked, mark="blank")
        return replace(block, rows=tuple(map_row(row, blank) if block.mark or row.mark else row for row in block.rows))
    return replace(block, content=_line_marked(block.content, family(block.mark)))


def _line_marked(parts: Inlines, mark: str) -> Inlines:
    if not mark or not any(isinstance(part, FormField) for part in parts):
        return parts
    return tuple(replace(part, mark=mark) if isinstance(part, FormField) else part for part in parts)


def _of_one_text(parts: Inlines, mark: str) -> Inlines:
    """Return the inlines of the old (``del``) or new text (``ins``), form fields with the mark."""
    own = [replace(part, mark="") for part in parts if part.mark in ("", mark)]
    return _line_marked(tuple(own), mark)


def _fields(document: Document) -> Iterator[FormField]:
    """Yield the form fields of a document whose blocks are marked by :func:`_fields_marked`."""
    for block in walk(document.body):
        yield from (part for part in inlines_of(block) if isinstance(part, FormField))


_NUM = re.compile(
    r'(<w:num w:numId="(\d+)"[^>]*>)<w:abstractNumId w:val="(\d+)"/>(?:<w:lvlOverride (?:(?!</w:num>).)*)</w:num>',
    re.DOTALL,
)
_ABSTRACT = re.compile(r'<w:abstractNum [^>]*?w:abstractNumId="(\d+)".*?</w:abstractNum>', re.DOTALL)
_NSID = re.compile(r'<w:nsid w:val="[0-9A-Fa-f]+"/>')
_NAME = re.compile(r'<w:name w:val="[^"]*"/>')


def _with_own_lists(xml: str) -> str:
    """Return the numbering part with a list of its own for each ``w:num`` that restarts.

    LibreOffice 7.4 ties the restart to the first paragraph of the ``w:num``: if that one is deleted, the count runs on from
    the list before. A list of its own starts at one, whichever paragraph is first.
    """
    abstracts = {match[1]: match[0] for match in _ABSTRACT.finditer(xml)}
    free = 1 + max(map(int, abstracts), default=0)
    copies: list[str] = []

    def own(match: re.Match[str]) -> str:
        start, num_id, abstract_id = match.groups()
        if abstract_id not in abstracts:
            return match[0]
        number = free + len(copies)
        nsid = sha256(f"{abstract_id}#{num_id}".encode()).hexdigest()[:8].upper()
        copy = abstracts[abstract_id].replace(f'w:abstractNumId="{abstract_id}"', f'w:abstractNumId="{number}"', 1)
        copies.append(_NAME.sub("", _NSID.sub(f'<w:nsid w:val="{nsid}"/>', copy)))
        return f'{start}<w:abstractNumId w:val="{number}"/></w:num>'

    changed = _NUM.sub(own, xml)
    at = changed.find("<w:num ")
    return changed[:at] + "".join(copies) + changed[at:] if copies else xml


_TAGS = re.compile(
    r'(?:<w:customXml(Ins|Del)RangeStart [^>]*/>)?<w:sdt><w:sdtPr>(?:(?!</w:sdtPr>).)*<w:tag w:val="([^"]*)"'
)


def blank_fields(document: Document, data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the form fields of a redline that are no controls after accepting, and after rejecting all.

    ``data`` is the file that :func:`write_redline` made of the document.
    """
    controls = _TAGS.findall(zips.unpack(data)["word/document.xml"].decode())

    def blanks(text: Document, dropped: str) -> tuple[str, ...]:
        live = {name for how, name in controls if how != dropped}
        fields = [(part.id, part) for part in _fields(text)]
        if text.enclosure is not None:
            fields += [(f"e_{part.id}", part) for part in _fields(text.enclosure)]
        return tuple(part.label or part.id for name, part in fields if name not in live)

    return blanks(accept(document), "Del"), blanks(reject(document), "Ins")


__all__ = ["Author", "Revisions", "blank_fields", "write_redline"]
