"""Marks the changes between two foreign DOCX inside the new file, so that its own layout stays (``diff --own-layout``).

Its styles, lists, headers, pictures and page set-up are not touched. Paragraphs are paired by their texts, and words are
marked in them; deleted text keeps its format. Accepted, the file is the new one; rejected, it reads
as the old one. Other formats (bold, sizes) that differ are not marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rapidfuzz.distance import Indel

from toolkit.compare import words
from toolkit.core import zips
from toolkit.docx.reading.package import open_package
from toolkit.docx.redline.paragraph_marks import MarkedXml, arranged
from toolkit.docx.redline.plain_lines import (
    NotPossible,
    Piece,
    PlainBlob,
    PlainBlock,
    PlainBody,
    PlainLine,
    PlainRow,
    PlainTable,
    joined,
)
from toolkit.docx.redline.revisions import Author, Revisions, add_comments, tracking

#: Two paragraphs or rows are one if they are so alike (0 to 1).
_ALIKE = 0.5
#: Gaps with more pairs than this are not searched for likeness.
_LARGEST = 40_000
_NUMBERS, _STYLES, _SETTINGS = "word/numbering.xml", "word/styles.xml", "word/settings.xml"
_COMMENTS, _RELATIONS = "word/comments.xml", "word/_rels/document.xml.rels"
_LIST = re.compile("<w:numPr>.*?</w:numPr>|<w:numPr/>", re.DOTALL)
_STYLE = re.compile(r'<w:[pr]Style w:val="([^"]*)"/>')
#: Properties of a row that has none; CT_TrPr needs one beside the mark.
_ROW = '<w:trPr><w:cantSplit w:val="off"/></w:trPr>'
#: An old and a new index; None where one side has nothing.
IndexPair = tuple[int | None, int | None]


@dataclass(slots=True)
class InPlace:
    """A redline inside the new file, and its limits (``remarks``)."""

    data: bytes
    remarks: list[str] = field(default_factory=list)


def in_place(old: bytes, new: bytes, author: Author, note: str = "", track: bool = False) -> InPlace:
    """Return the new file with its changes marked. ``note``: a comment at its start; ``track``: Word goes on recording.

    Raises NotPossible with the reason where the structure of one of the files does not allow it, FileError.
    """
    before, after = open_package(old), open_package(new)
    writer = _Writer(before.parts, after.parts, author)
    first, second = PlainBody(before), PlainBody(after)
    pieces, end = writer.body(first.blocks, second.blocks)
    parts = dict(after.parts)
    if note and pieces and _COMMENTS not in parts and _RELATIONS in parts:
        pieces[0].comments.append("0")
        add_comments(parts, [note], author)
    body = writer.known("".join(arranged(pieces, writer.revisions)))
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    parts[after.main] = f"{declaration}{second.opening}{body}{end}</w:body></w:document>".encode()
    if track and _SETTINGS in parts:
        parts[_SETTINGS] = tracking(parts[_SETTINGS].decode()).encode()
    return InPlace(zips.pack(parts), list(dict.fromkeys(writer.remarks)))


class _Writer:
    """Writes the marked blocks of two bodies."""

    def __init__(self, before: dict[str, bytes], after: dict[str, bytes], author: Author) -> None:
        self.revisions = Revisions(author)
        self.remarks: list[str] = []
        self.same_lists = before.get(_NUMBERS) == after.get(_NUMBERS)
        self.styles = set(re.findall(r'w:styleId="([^"]*)"', after.get(_STYLES, b"").decode("utf-8", "replace")))

    def body(self, old: Sequence[PlainBlock], new: Sequence[PlainBlock]) -> tuple[list[MarkedXml], str]:
        """Return the pieces of the body, and the XML behind them (the properties of the last section)."""
        end = ""
        if new and isinstance(new[-1], PlainBlob) and new[-1].xml.startswith("<w:sectPr"):
            end, new = new[-1].xml, new[:-1]
        old = [blob for blob in old if not (isinstance(blob, PlainBlob) and blob.xml.startswith("<w:sectPr"))]
        out: list[MarkedXml] = []
        for a, b in pairs(
            [_key(blob) for blob in old], [_key(blob) for blob in new], [_kind(blob) for blob in (*old, *new)]
        ):
            if a is not None and b is not None:
                out.append(self._both(old[a], new[b]))
            elif a is not None:
                out.append(self._one(old[a], "del"))
            elif b is not None:
                out.append(self._one(new[b], "ins"))
        return out, end

    def _both(self, old: PlainBlock, new: PlainBlock) -> MarkedXml:
        if isinstance(old, PlainLine) and isinstance(new, PlainLine):
            content = self._words(old, new)
            if content is None:
                raise NotPossible(f"“{_start(new.text)}”一段的域、链接或者控件有改动")
            was = self._taken_over(old)
            changed = _bare(was) != _bare(new.properties) and self.same_lists
            return MarkedXml(new.whole_properties, content, was=was if changed else "")
        if isinstance(old, PlainTable) and isinstance(new, PlainTable):
            return MarkedXml("", self._table(old, new))
        if isinstance(old, PlainBlob) and isinstance(new, PlainBlob):
            if old.text != new.text:
                self.remarks.append("目录或者其他控件里的改动没有标出来，是新文件的")
            return MarkedXml("", new.xml)
        raise NotPossible("段落变成了表格，或者反过来")

    def _one(self, block: PlainBlock, mark: str) -> MarkedXml:
        """Return a block that goes or comes."""
        if isinstance(block, PlainLine):
            properties = self._taken_over(block) if mark == "del" else block.whole_properties
            content = self._content(block, mark)
            return MarkedXml(properties, content, mark, end_mark=mark)
        if isinstance(block, PlainTable):
            rows = "".join(self._row(row, mark, block.simple) for row in block.rows)
            return MarkedXml("", f"<w:tbl>{block.head}{rows}</w:tbl>", mark)
        if mark == "ins":
            self.remarks.append("目录或者其他控件是新文件的，没有标成新增")
            return MarkedXml("", block.xml)
        self.remarks.append("旧文件的目录或者其他控件没有带进来")
        return MarkedXml("", "")

    # -- paragraphs

    def _words(self, old: PlainLine, new: PlainLine) -> str | None:
        """Return the content of a kept paragraph with its words marked; None where a field or link would have to be cut."""
        if old.text == new.text:
            return new.content
        first, second = _Text(old.pieces), _Text(new.pieces)
        old_words, new_words = words.tokens(first.text), words.tokens(second.text)
        old_ends, new_ends = _ends(old_words), _ends(new_words)
        out: list[str] = []
        for span in words.pieces(old_words, new_words):
            text, ends = (first, old_ends) if span.op == "-" else (second, new_ends)
            found = text.between(ends[span.start], ends[span.end])
            if found is None:
                return None
            if span.op == "=":
                out.append(joined(found))
            else:
                mark = "del" if span.op == "-" else "ins"
                out.append(self._marked(found, mark))
        return "".join(out)

    def _marked(self, pieces: Sequence[Piece], mark: str) -> str:
        """Return pieces as inserted or deleted; pieces without a width stay unmarked, or go with deleted ones."""
        if mark == "del":
            return self.revisions.wrap("del", self.known(joined([piece for piece in pieces if piece.char])))
        out: list[str] = []
        run: list[Piece] = []
        for piece in [*pieces, None]:
            if piece is not None and piece.char:
                run.append(piece)
                continue
            out.append(self.revisions.wrap("ins", joined(run)))
            run = []
            out.append(piece.xml if piece is not None else "")
        return "".join(out)

    def _content(self, line: PlainLine, mark: str) -> str:
        """Return the content of a paragraph that goes or comes, without marks: fields and links become their text."""
        pieces = []
        for piece in line.pieces:
            if piece.char or (mark == "ins" and not piece.text):
                pieces.append(piece)
            else:
                pieces += [Piece("", char, "", True) for char in piece.text if char not in "\t\n"]
        content = joined(pieces)
        if mark == "ins":
            return re.sub(r"<w:bookmark(?:Start|End) [^>]*/>|<w:comment[A-Za-z]+ [^>]*/>", "", content)
        return self.known(content)

    def _taken_over(self, line: PlainLine) -> str:
        """Return the properties of a paragraph of the old file, as far as the new one knows them."""
        properties = self.known(line.properties)
        if not self.same_lists and _LIST.search(properties):
            self.remarks.append("两个文件的编号格式不同：拒绝修订后，删去的段落没有自动编号")
            properties = _LIST.sub("", properties)
        return re.sub("<w:sectPr.*</w:sectPr>", "", properties, flags=re.DOTALL)

    def known(self, xml: str) -> str:
        """Return XML without styles that the new file lacks."""
        return _STYLE.sub(lambda match: match[0] if match[1] in self.styles else "", xml)

    # -- tables

    def _table(self, old: PlainTable, new: PlainTable) -> str:
        if old.text == new.text:
            return f"<w:tbl>{new.head}{''.join(_row_xml(row, new.simple) for row in new.rows)}</w:tbl>"
        if not old.simple or not new.simple:
            raise NotPossible("有改动的表格里有合并的单元格、控件或者嵌套的表格")
        rows = []
        found = pairs([row.text for row in old.rows], [row.text for row in new.rows], [])
        for a, b in found:
            if a is not None and b is not None:
                kept = self._kept_row(old.rows[a], new.rows[b])
                rows.append(kept or self._row(old.rows[a], "del", True) + self._row(new.rows[b], "ins", True))
            elif a is not None:
                rows.append(self._row(old.rows[a], "del", True))
            elif b is not None:
                rows.append(self._row(new.rows[b], "ins", True))
        return f"<w:tbl>{new.head}{''.join(rows)}</w:tbl>"

    def _kept_row(self, old: PlainRow, new: PlainRow) -> str:
        """Return a row with its words marked, “” where its cells or their paragraphs are not the same in number."""
        shapes = [[len(lines) for _, lines in row.cells] for row in (old, new)]
        if shapes[0] != shapes[1]:
            return ""
        cells = []
        for (_, before), (properties, after) in zip(old.cells, new.cells, strict=True):
            lines = [self._words(first, second) for first, second in zip(before, after, strict=True)]
            if any(line is None for line in lines):
                return ""
            marked = (f"<w:p>{line.whole_properties}{xml}</w:p>" for line, xml in zip(after, lines, strict=True))
            cells.append(f"<w:tc>{properties}{''.join(marked)}</w:tc>")
        return f"<w:tr>{new.properties}{''.join(cells)}</w:tr>"

    def _row(self, row: PlainRow, mark: str, simple: bool) -> str:
        """Return a row that goes or comes."""
        if not simple:
            raise NotPossible("有改动的表格里有合并的单元格、控件或者嵌套的表格")
        cells = []
        for properties, lines in row.cells:
            paragraphs = (f"<w:p>{self._shape(line, mark)}{self._content(line, mark)}</w:p>" for line in lines)
            cells.append(f"<w:tc>{properties}{''.join(paragraphs)}</w:tc>")
        head = row.properties if "</w:trPr>" in row.properties else _ROW
        return self.revisions.row(mark, f"<w:tr>{head}{''.join(cells)}</w:tr>")

    def _shape(self, line: PlainLine, mark: str) -> str:
        return self._taken_over(line) if mark == "del" else line.properties


class _Text:
    """The pieces of a paragraph by the characters of its text."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.text = "".join(piece.text for piece in pieces)
        self._starts = [0]
        for piece in pieces:
            self._starts.append(self._starts[-1] + len(piece.text))

    def between(self, start: int, end: int) -> list[Piece] | None:
        """Return the pieces from one character to another, with pieces without a width before them; None if one would be cut.

        A piece without a width at the very end of the text goes with its last character.
        """
        found = []
        for piece, (begins, ends) in zip(self.pieces, pairwise(self._starts), strict=True):
            at_end = begins == ends == end == len(self.text)
            if (begins == ends and (start <= begins < end or at_end)) or (
                ends > begins and begins < end and ends > start
            ):
                if ends > begins and (begins < start or ends > end):
                    return None
                found.append(piece)
        return found


def _ends(tokens: Sequence[str]) -> list[int]:
    """Return where each token begins in the text, and the end."""
    out = [0]
    for token in tokens:
        out.append(out[-1] + len(token))
    return out


def _row_xml(row: PlainRow, simple: bool) -> str:
    if not simple:
        return row.properties  # the whole row
    cells = "".join(
        f"<w:tc>{properties}{''.join(f'<w:p>{line.whole_properties}{line.content}</w:p>' for line in lines)}</w:tc>"
        for properties, lines in row.cells
    )
    return f"<w:tr>{row.properties}{cells}</w:tr>"


def _kind(block: PlainBlock) -> str:
    return type(block).__name__


def _key(block: PlainBlock) -> str:
    return f"{_kind(block)[5]}{words.even(block.text)}"


def _bare(properties: str) -> str:
    return properties.replace(" ", "")


def _start(text: str) -> str:
    return text[:12] + ("……" if len(text) > 12 else "")


# --- pairing -------------------------------------------------------------------------------------------------------


def pairs(old: Sequence[str], new: Sequence[str], kinds: Sequence[str]) -> Iterator[IndexPair]:
    """Yield the pairs of two sequences of texts in order: equal ones, and between them those that are alike.

    ``kinds``: those of the old ones, then of the new ones; only one kind is paired. In a gap, deleted ones come first.
    """
    for part in words.stretches(old, new):
        if part.same:
            yield from zip(range(part.start, part.end), range(part.new_start, part.new_end), strict=True)
        else:
            yield from _gap(old, new, kinds, range(part.start, part.end), range(part.new_start, part.new_end))


def _gap(
    old: Sequence[str], new: Sequence[str], kinds: Sequence[str], before: range, after: range
) -> Iterator[IndexPair]:
    low_a, low_b = before.start, after.start
    for a, b in [*_likest(old, new, kinds, before, after), (before.stop, after.stop)]:
        yield from ((index, None) for index in range(low_a, a))
        yield from ((None, index) for index in range(low_b, b))
        if a < before.stop:
            yield a, b
        low_a, low_b = a + 1, b + 1


def _likest(
    old: Sequence[str], new: Sequence[str], kinds: Sequence[str], before: range, after: range
) -> list[tuple[int, int]]:
    """Return the pairs in order that are most alike together."""
    if not before or not after or len(before) * len(after) > _LARGEST:
        return []
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    likeness: dict[tuple[int, int], float] = {}
    for i in reversed(range(len(before))):
        for j in reversed(range(len(after))):
            a, b = before[i], after[j]
            score = 0.0
            if not kinds or kinds[a] == kinds[len(old) + b]:
                score = Indel.normalized_similarity(old[a], new[b], score_cutoff=_ALIKE)
            likeness[i, j] = score
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + score)
    found, i, j = [], 0, 0
    while i < len(before) and j < len(after):
        if likeness[i, j] and best[i][j] == best[i + 1][j + 1] + likeness[i, j]:
            found.append((before[i], after[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found
