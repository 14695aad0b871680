"""The pages of a 公文, estimated by counting characters on the grid of 22 lines (GB/T 9704-2012, 5.2.3): its 目录 and 版记.

版记 is at the foot of an even last page (7.4). The PDF writer knows its pages and asks for none of this. A DOCX is laid out by
the program that opens it, with the fonts that it has: the estimate leaves a margin, and where that does not reach, 版记
has a section of its own that begins on an even page (``ST_SectionMark``, ECMA-376-1, 17.18.77). So are the page numbers of
its 目录, which no word processor counts anew when it opens a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from toolkit.core.memo import identity, remembered
from toolkit.language.titles import text_width
from toolkit.model.tree import GROUPS, Block, Document, Inlines, Provision, Ref, Table, walk
from toolkit.numbering.labels import SetLabels
from toolkit.page import frame, measures
from toolkit.page.fitting import lines_of, printed_text, row_heights, sheet_of
from toolkit.page.flow import Around, opening, scheme_of
from toolkit.page.frame import FrameLine
from toolkit.page.grids import heads, kept_rows
from toolkit.page.placeholders import RULED, WHOLE_RULED, is_lone_field

_PITCH = measures.LINE_PITCH_PT
#: Lines that a program with other fonts may need or save: in any case, for a page, and for a line in a table.
_SLACK, _PAGE_SLACK, _TABLE_SLACK = 0.8, 0.15, 0.08
CONTENTS_TITLE = "目\u3000录"
#: A 目录 is printed from this many 章 on, for a text of more than this many pages.
CONTENTS_CHAPTERS, CONTENTS_PAGES = 3, 3
#: White above a table without a caption.
_GAP_PT = 6.0
#: Characters of a label with the space behind it: 第十二条　, and others.
_LABEL = 3
#: Lines below a heading that stay with it.
_KEPT_LINES = 2
#: First-line indent of a paragraph in characters (7.3.3).
_INDENT = 2
#: Fewest lines above a block moved from a full page to the next, and on a last page that is not nearly empty.
_LEFT_LINES = 8
#: Lines to write on that a long text with a paragraph of its own may have.
_FEWEST, _MOST = 2, 9


class Ending(NamedTuple):
    """The number of the last page and how many of its 22 lines are used, without 版记; how many lines of all are in tables."""

    page: int
    lines: float
    in_tables: float = 0.0


class Imprint(NamedTuple):
    """Where the 版记 of a DOCX stands: at the foot of the page on which the text ends, or ``apart`` on the next even page.

    ``bare``: a blank page comes between; neither of the two bears a number (7.5). ``begins_page``: the last text begins a page,
    so that it surely ends there, whether or not the page before has room for it in the program that opens the file.
    """

    apart: bool = False
    bare: bool = False
    begins_page: Provision | FrameLine | None = None


class Entry(NamedTuple):
    """A 编 or 章 in the 目录, and the page on which it begins."""

    block: Provision
    page: int


class _Step(NamedTuple):
    """Lines, with the white above and below in lines; ``whole``: they stay on one page, ``keeps``: on that of the next step.

    ``ruled``: lines to write on.
    """

    lines: float
    before: float = 0.0
    after: float = 0.0
    whole: bool = False
    keeps: bool = False
    new_page: bool = False
    is_row: bool = False
    ruled: bool = False
    block: Provision | FrameLine | None = None

    @property
    def breaks(self) -> bool:
        """Whether a page may end in it: the last two lines move with the blocks that it keeps."""
        return not self.whole and self.lines > (_KEPT_LINES if self.keeps else 1)


def imprint(document: Document, labels: SetLabels) -> Imprint:
    """Return where the 版记 of a document stands, if it has one."""
    return _imprint(document, _planned(document, labels)) if _has_imprint(document) else Imprint()


def lines_to_write(document: Document, labels: SetLabels) -> int:
    """Return how many lines to write on each long text with a paragraph of its own has in a document and its enclosure.

    The usual number, but where fewer save a page, or more or fewer fill a last page that else had a few lines, or a 版记 alone.
    """
    whole = document.body if document.enclosure is None else (*document.body, *document.enclosure.body)
    if not any(map(_has_lines, whole)):
        return RULED.lines
    return _lines_to_write(document, _steps(document, labels))


@remembered(key=identity)
def _has_lines(block: Block) -> bool:
    """Whether a block is, or has in it, a long text with a paragraph of its own."""
    if isinstance(block, Table):
        return False
    return is_lone_field(block.content) or any(map(_has_lines, block.children))


def _lines_to_write(document: Document, steps: list[_Step]) -> int:
    if not any(step.ruled for step in steps):
        return RULED.lines

    def cost(lines: int) -> tuple[int, bool, bool, int]:
        tried = _with_lines(steps, lines)
        end = _ending(tried)
        runs_over = end.lines > measures.LINES_PER_PAGE - _slack(end)
        few = end.page > 1 and end.lines < _LEFT_LINES
        if not _has_imprint(document):
            return end.page + runs_over, False, few, abs(lines - RULED.lines)
        apart = _imprint(document, tried).apart
        return end.page + apart * (2 - end.page % 2), apart, few, abs(lines - RULED.lines)

    return min(range(_FEWEST, _MOST + 1), key=cost)


def _planned(document: Document, labels: SetLabels) -> list[_Step]:
    """Return the steps of a document with as many lines to write on as it prints."""
    steps = _steps(document, labels)
    return _with_lines(steps, _lines_to_write(document, steps))


def _with_lines(steps: list[_Step], lines: int) -> list[_Step]:
    if lines == RULED.lines:
        return steps
    return [step._replace(lines=lines, whole=lines <= WHOLE_RULED) if step.ruled else step for step in steps]


def _has_imprint(document: Document) -> bool:
    return bool(document.copy_to or document.printing_office)


def _slack(end: Ending) -> float:
    """Return how many lines a program with other fonts may need or save up to there."""
    return _SLACK + _PAGE_SLACK * (end.page - 1) + _TABLE_SLACK * end.in_tables


def _imprint(document: Document, steps: list[_Step]) -> Imprint:
    rows = lines_of(f"抄送：{document.copy_to}", measures.CHARS_PER_LINE) if document.copy_to else 0
    needed = (rows + bool(document.printing_office)) * measures.IMPRINT_LINE_PT / _PITCH
    end = _ending(steps)
    slack = _slack(end)
    last, at_top = (None, False) if document.enclosure else _last_text(steps, end.page, slack)
    if end.page % 2:
        return Imprint(apart=True, begins_page=last if at_top else None)
    if slack + 1 <= end.lines <= measures.LINES_PER_PAGE - needed - slack:
        return Imprint(begins_page=last if at_top else None)
    return Imprint(apart=True, bare=last is None, begins_page=last)


def _last_text(steps: list[_Step], page: int, slack: float) -> tuple[Provision | FrameLine | None, bool]:
    """Return the text that stays with 署名 at the end of ``page`` and whether it is at the top of it.

    None where no page break can stand before it for certain, be it that the page above is too full or too empty.
    """
    first, placed = len(steps) - 1, [*_placed(steps)]
    while first and steps[first - 1].keeps:
        first -= 1
    begins, used = placed[first]
    above = used - steps[first].lines
    at_top = first > 0 and not above
    if at_top:
        above = placed[first - 1][1]
    certain = begins == page and _LEFT_LINES <= above <= measures.LINES_PER_PAGE - slack
    return steps[first].block if certain else None, at_top


def ending(document: Document, labels: SetLabels) -> Ending:
    """Return where the text of a document, its enclosure included, ends."""
    return _ending(_planned(document, labels))


def _ending(steps: list[_Step]) -> Ending:
    *_, (page, used) = _placed(steps)
    return Ending(page, used, sum(step.lines for step in steps if step.is_row))


@remembered(500, key=lambda document: (id(document.body), document.numbering))
def has_contents(document: Document) -> bool:
    """Whether a document or enclosure has a 目录 of its 编 and 章, never of 条. References count as so many characters."""
    if document.numbering != "articles":
        return False
    chapters = sum(block.level == "chapter" for block in _listed(document))
    if chapters < CONTENTS_CHAPTERS:
        return False
    lines = 0
    for block in walk(document.body):
        if isinstance(block, Table):
            lines += len(block.rows)
        elif block.level in GROUPS:
            lines += 2
        elif block.content:
            lines += math.ceil((_INDENT + len(printed_text(block.content, 0))) / measures.CHARS_PER_LINE)
        if lines > CONTENTS_PAGES * measures.LINES_PER_PAGE:
            return True
    return False


def contents(document: Document, labels: SetLabels, enclosed: bool = False) -> tuple[Entry, ...]:
    """Return the 目录 of a document or of its enclosure; nothing where there is none."""
    member = document.enclosure if enclosed else document
    if member is None or not has_contents(member):
        return ()
    steps = _planned(document, labels)
    listed = {id(block) for block in _listed(member)}
    return tuple(
        Entry(step.block, page)
        for step, (page, _) in zip(steps, _placed(steps), strict=True)
        if isinstance(step.block, Provision) and id(step.block) in listed
    )


def _listed(document: Document) -> list[Provision]:
    return [
        block for block in walk(document.body) if isinstance(block, Provision) and block.level in ("part", "chapter")
    ]


def _placed(steps: list[_Step]) -> Iterator[tuple[int, float]]:
    """Yield for each step the page on which it begins, for the last one that on which it ends, and the lines used there."""
    page, used, after = 1, 0.0, 0.0
    for place, step in enumerate(steps):
        lines, full, white = step.lines, measures.LINES_PER_PAGE, max(after, step.before)
        after = step.after
        if step.new_page or used + white + _together(steps, place) > full:
            page, used = page + 1, 0.0
        used += white if used else 0.0
        began = page
        while used + lines > full:
            lines -= max(0, math.floor(full - used))
            page, used = page + 1, 0.0
        used += lines
        if step.keeps and step.breaks and used + _white(step, steps, place + 1) + _together(steps, place + 1) > full:
            page, used = page + 1, float(_KEPT_LINES)  # the last two lines move with the next block
        yield page if place == len(steps) - 1 else began, used


def _together(steps: list[_Step], place: int) -> float:
    """Return how many lines from a step on must have room on its page; of a paragraph that breaks the first."""
    total, white = 0.0, 0.0
    for index, step in enumerate(steps[place:], place):
        total += white + (1.0 if step.breaks else step.lines)
        if step.breaks or not step.keeps:
            break
        white = _white(step, steps, index + 1)
    return total


def _white(step: _Step, steps: list[_Step], following: int) -> float:
    """Return the white between a step and the next one."""
    return max(step.after, steps[following].before if following < len(steps) else 0.0)


def _steps(document: Document, labels: SetLabels, enclosed: bool = False) -> list[_Step]:
    out: list[_Step] = []
    if document.issuer_mark and not enclosed:
        out.append(_Step(_preface(document)))
    for place, line in enumerate(frame.above(document)):
        before = measures.BLANK_LINES_TITLE if not place and document.issuer_mark else line.kind == "addressee"
        lines = len(frame.title(document).split("\n")) if line.kind == "title" else _frame_lines(line)
        out.append(_Step(lines, before, 0.5 * (line.kind in ("title", "note")), new_page=enclosed and not place))
    if has_contents(document):
        out.append(_Step(1, 0.5, 0.5, whole=True, keeps=True))
        out += [_Step(1)] * len(_listed(document))
        out.append(_Step(0.5))
    below = frame.below(document)
    body = [*_body(document.body, _Reading(document.id, scheme_of(document), labels), Around())]
    out += [*body[:-1], *(step._replace(keeps=frame.keeps_body(below)) for step in body[-1:])]
    names = [line for line in below if line.kind in ("issuer", "date")]
    for line in below[: len(below) - len(names)]:
        lines, white = _frame_lines(line), float(line is below[0])
        out.append(_Step(lines, white, whole=bool(line.keep_lines), keeps=line.keep_next, block=line))
    if names:
        out.append(_Step(sum(map(_frame_lines, names)), names[0].before or 0.0, whole=True))
    return out if document.enclosure is None else out + _steps(document.enclosure, labels, enclosed=True)


def _preface(document: Document) -> float:
    """Return the height of 版头 down to the red line, in lines (7.2.4, 7.2.5, 7.2.7)."""
    mark = frame.issuer_mark(document)
    size, _ = measures.issuer_mark_look(max(map(len, mark)))
    height = measures.mm_pt(measures.ISSUER_MARK_TOP_MM + measures.RED_LINE_GAP_MM) + len(mark) * 1.2 * size
    return height / _PITCH + measures.BLANK_LINES_DOC_NUMBER + 1


def _frame_lines(line: FrameLine) -> int:
    """Return how many lines a line around the body takes; the first one has room for ``hanging`` characters more."""
    hanging, left = line.hanging or 0.0, line.left if line.hanging is not None else 0.0
    room = measures.CHARS_PER_LINE - (left or 0.0)
    parts = printed_text(line.printed, 0).split("\n")
    return sum(max(1, math.ceil((text_width(part) - hanging) / room)) for part in parts)


class _Reading(NamedTuple):
    """The inputs of the text of a body."""

    document: str
    scheme: str
    labels: SetLabels

    def text(self, origin: str, parts: Inlines) -> str:
        """Return the printed text of inlines of a block."""
        return "".join(
            self.labels.reference(self.document, origin, part).text
            if isinstance(part, Ref)
            else printed_text((part,), 0)
            for part in parts
        )

    def label(self, article: str) -> int:
        """Return the characters of an article's label with the space behind it."""
        return len(self.labels[self.document].label(article)) + 1


def _body(blocks: tuple[Block, ...], reading: _Reading, around: Around) -> Iterator[_Step]:
    scheme = reading.scheme
    for place, block in enumerate(blocks):
        if isinstance(block, Table):
            yield from _table(block)
            continue
        begin, inside = opening(block, scheme, around), around.inside(block, scheme)
        label = 0 if block.level == "paragraph" else reading.label(block.id) if block.level == "article" else _LABEL
        text = reading.text((begin.text or block).id, begin.parts)
        if text or block.level != "paragraph":
            group = block.level in GROUPS and scheme == "articles"
            lines = (
                begin.ruled.lines if begin.ruled else lines_of("某" * (_INDENT + label) + text, measures.CHARS_PER_LINE)
            )
            white, heads_it = 0.5 * group, begin.text is None
            whole, keeps = heads_it or bool(begin.ruled), heads_it or _asks(blocks, place)
            yield _Step(lines, white, white, whole, keeps, ruled=bool(begin.ruled), block=block)
        if begin.text is not None:
            below = inside if begin.text is block else inside.inside(begin.text, scheme)
            yield from _body(begin.text.children, reading, below)
        yield from _body(begin.children, reading, inside)


def _asks(blocks: tuple[Block, ...], place: int) -> bool:
    """Whether the next block is lines to write on, or a table that this one leads in to."""
    following = blocks[place + 1] if place + 1 < len(blocks) else None
    if isinstance(following, Table):
        return not following.caption
    return following is not None and following.level != "article" and is_lone_field(following.content)


def _table(block: Table) -> Iterator[_Step]:
    sheet = sheet_of(measures.TYPE_AREA_WIDTH_MM, measures.TYPE_AREA_HEIGHT_MM)
    before, after, line = measures.TABLE_CAPTION_SPACING_PT if block.caption else (_GAP_PT, 0.0, 0.0)
    yield _Step((after + line) / _PITCH, before / _PITCH, keeps=True)
    sizes = row_heights(block, list(heads(block)), sheet)
    for height, kept in zip(sizes, kept_rows(block, signed_below=False), strict=True):
        yield _Step(height / _PITCH, whole=True, keeps=kept, is_row=True)
