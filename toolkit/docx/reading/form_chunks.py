"""A cell or a run of paragraphs of a filled form against its printed lines; used by ``form_alignment``.

The printed texts are looked for in order, outside the controls. Text between two of them belongs to the field
between them; with several fields there, to the one whose control or bookmark it is in, before the first or behind the
last. Text of no field is reported.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from toolkit.docx.reading.field_text import Piece, value_of, with_struck
from toolkit.docx.reading.form_report import SEPARATORS, Report
from toolkit.docx.reading.form_rows import tag_of
from toolkit.docx.reading.story import PICTURE, Block, Control, Mark, Paragraph, Story, paragraphs_of
from toolkit.forms.blueprint import PrintedLine, Slot, alike
from toolkit.forms.values import BOXES, CROSSES, MARK_BRACKETS, PROMPT, TICKS, among, fits, is_blank

#: Share of a printed text that must be left for it to be that text, altered.
_LEFT_OVER = 0.5
#: Longest text in which an altered text is looked for.
_LONGEST_SEARCH = 3_000
#: Kinds of field whose content is told by its looks, in the order in which they are looked for.
_TOLD = ("date", "time", "number")
_PRINTED_MARKS = {"picture": PICTURE, "object": "〔对象〕"}


@dataclass(slots=True)
class Chunk:
    """Blocks that are read against the same printed lines.

    ``values``: where their fields go; ``row``: the beginning of the tags of its row, for a list; ``around``: controls around
    its cells; ``by_column``: its tags tell the column only, for the row was added or is another version's.
    """

    lines: Sequence[PrintedLine]
    blocks: Sequence[Block]
    place: str
    values: dict[str, str]
    row: str = ""
    by_column: bool = False
    around: tuple[Control, ...] = ()

    @property
    def slots(self) -> list[Slot]:
        """The fields."""
        return [part for line in self.lines for part in line if isinstance(part, Slot)]


@dataclass(slots=True)
class ChunkText:
    """The text of blocks: ``controls``, ``names`` (tags of controls and bookmarks) and ``struck`` text, with their ranges."""

    text: str = ""
    controls: list[tuple[int, int, Control]] = field(default_factory=list)
    names: list[tuple[int, int, str]] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    struck: list[tuple[int, int]] = field(default_factory=list)

    def take_marks(self, paragraph: Paragraph, begun: int) -> None:
        """Take the marks of a paragraph whose text begins at a place of this one."""
        for mark in paragraph.marks:
            start, end = begun + mark.start, begun + max(mark.end, mark.start)
            if isinstance(mark.value, Control):
                self.controls.append((start, end, mark.value))
            elif isinstance(mark.value, Story):
                inner = gathered(mark.value.blocks)
                self.boxes += [inner.text, *inner.boxes]
            elif mark.kind == "chunk":
                self.boxes.append("〔嵌入的另一份文件〕")
            elif mark.kind == "struck":
                self.struck.append((start, end))
            elif mark.kind == "bookmark" and (tag := tag_of(str(mark.value))):
                self.names.append((start, end if mark.end >= 0 else begun + len(paragraph.text), tag))


def gathered(
    blocks: Sequence[Block], around: Sequence[Control] = (), apart: Callable[[Mark, str], str | None] | None = None
) -> ChunkText:
    """Return the text of blocks, with a word for each picture; ``apart`` takes the text of a control out of it."""
    made = ChunkText()
    parts: list[str] = []
    length = 0
    spans: dict[int, tuple[int, int, Control]] = {}
    joined = True
    for paragraph in paragraphs_of(list(blocks)):
        if not joined:
            parts.append("\n")
            length += 1
        joined = paragraph.joins
        paragraph = paragraph.replaced(_printed_sign)
        if apart is not None:
            paragraph = paragraph.replaced(apart)
        made.take_marks(paragraph, length)
        parts.append(paragraph.text)
        for control in paragraph.controls:
            begun = spans[id(control)][0] if id(control) in spans else length
            spans[id(control)] = (begun, length + len(paragraph.text), control)
        length += len(paragraph.text)
    made.text = "".join(parts)
    made.controls = [(0, length, control) for control in around] + sorted(
        [*made.controls, *spans.values()], key=lambda span: (span[0], -span[1])
    )
    made.names += [(start, end, control.tag) for start, end, control in made.controls if control.tag]
    return made


def _printed_sign(mark: Mark, _: str) -> str | None:
    return str(mark.value) if mark.kind == "math" else _PRINTED_MARKS.get(mark.kind)


class ChunkReader:
    """Gives each character of a chunk to a printed text, a field or the report."""

    def __init__(self, chunk: Chunk, text: ChunkText, report: Report) -> None:
        self.chunk = chunk
        self.text = text
        self.report = report
        #: Position in the text of each character that is no blank; these characters as they are compared.
        self.places = [index for index, character in enumerate(text.text) if not character.isspace()]
        self.plain = alike("".join([text.text[index] for index in self.places]))
        self.anchors = {id(slot): span for slot in chunk.slots if (span := self._anchor(slot)) is not None}

    def _anchor(self, slot: Slot) -> tuple[int, int] | None:
        """Return where a field's control or bookmark is in the text."""
        spans = ((start, end) for start, end, name in self.text.names if is_tag_of(self.chunk, slot, name))
        return next(spans, None)

    def read(self) -> None:
        """Read the chunk."""
        for box in self.text.boxes:
            self.report.unread(box, f"{self.chunk.place}旁的文本框")
        waiting: list[Slot] = []
        lost: list[str] = []
        reached = low = 0
        segments = merged(self.chunk.lines)
        for number, segment in enumerate(segments):
            if isinstance(segment, Slot):
                waiting.append(segment)
                if (span := self.anchors.get(id(segment))) is not None:
                    low = max(low, self._index(span[1]))
                continue
            start, end = self._find(segment, low, self._next_anchor(segments[number + 1 :]))
            if start < 0 and not self._has_controls():  # a conversion may have moved the bookmarks
                start = self.plain.find(segment, reached)
                end = start + len(segment)
            if start < 0:
                lost.append(segment)
                continue
            self._gap(waiting, reached, start, lost)
            found = self.text.text[self._place(start) : self._after(end)]
            if alike(found) != segment:
                self.report.altered(segment, found, self.chunk.place)
            waiting, lost, reached, low = [], [], end, end
        self._gap(waiting, reached, len(self.plain), lost)

    def _has_controls(self) -> bool:
        """Whether a field of the chunk has a content control, whose place is certain."""
        tags = {control.tag for _, _, control in self.text.controls}
        return any(slot.tag in tags for slot in self.chunk.slots)

    # -- positions: indices into the text without blanks, and places in the text

    def _index(self, place: int) -> int:
        return bisect_left(self.places, place)

    def _place(self, index: int) -> int:
        return self.places[index] if index < len(self.places) else len(self.text.text)

    def _after(self, index: int) -> int:
        """Return the place behind the character before ``index``."""
        return self.places[index - 1] + 1 if index else 0

    def _next_anchor(self, segments: Sequence[str | Slot]) -> int:
        spans = (self.anchors.get(id(segment)) for segment in segments if isinstance(segment, Slot))
        return next((self._index(span[0]) for span in spans if span is not None), len(self.plain))

    def _find(self, printed: str, low: int, high: int) -> tuple[int, int]:
        """Return where a printed text is, also if it was altered; (-1, -1) if it is not there."""
        high = high if high >= low else len(self.plain)
        start = self.plain.find(printed, low, high)
        if start >= 0:
            return start, start + len(printed)
        if high - low + len(printed) > _LONGEST_SEARCH:
            return -1, -1
        matcher = SequenceMatcher(None, printed, self.plain[low:high], autojunk=False)
        blocks = [block for block in matcher.get_matching_blocks() if block.size]
        if sum(block.size for block in blocks) < max(1.0, _LEFT_OVER * len(printed)):
            return -1, -1
        return low + blocks[0].b, low + blocks[-1].b + blocks[-1].size

    # -- text between two printed texts

    def _gap(self, slots: list[Slot], start: int, end: int, lost: list[str]) -> None:
        first, last = self._after(start), self._place(end)
        between = self.text.text[first:last]
        if lost and not slots and between.strip():
            self.report.altered("".join(lost), between, self.chunk.place)
            return
        for printed in lost:
            self.report.altered(printed, "", self.chunk.place)
        if slots:
            self._share(slots, first, last)
        else:
            self.report.unread(between, self.chunk.place)

    def _share(self, slots: list[Slot], first: int, last: int) -> None:
        """Give the text between two places to its fields."""
        if len(slots) == 1:
            self._take(slots[0], first, last)
            return
        apart = self._by_anchors(slots, first, last)
        if apart is None or not self._is_whole(apart, first, last):
            told = self._by_kinds(slots, first, last)
            if apart is None or (told is not None and self._is_whole(told, first, last)):
                apart = told
        if apart is not None:
            self._take_all(apart, first, last)
            return
        head, *rest = slots
        if head.kind == "choice" and (match := _boxes(head).match(self.text.text, first, last)):
            self._take(head, first, match.end())
            self._share(rest, match.end(), last)
            return
        self._unclear(first, last)

    def _unclear(self, first: int, last: int) -> None:
        if self._says_something(first, last):
            self.report.unread(self.text.text[first:last], self.chunk.place, "，分不清属于哪一项")

    def _says_something(self, first: int, last: int) -> bool:
        return not is_blank(self.text.text[first:last].strip(SEPARATORS))

    def _is_whole(self, apart: Sequence[tuple[Slot, int, int]], first: int, last: int) -> bool:
        """Whether parts of a text leave nothing of it out, and those of dates, times and numbers are such."""
        return not any(self._says_something(*gap) for gap in _between(apart, first, last)) and all(
            slot.kind not in _TOLD or fits(slot.kind, self._typed(start, end)) for slot, start, end in apart
        )

    def _take_all(self, apart: Sequence[tuple[Slot, int, int]], first: int, last: int) -> None:
        """Give fields their parts of a text; text between these is in none."""
        for start, end in _between(apart, first, last):
            self._unclear(start, end)
        for slot, start, end in apart:
            self._take(slot, start, end)

    def _by_anchors(self, slots: list[Slot], first: int, last: int) -> list[tuple[Slot, int, int]] | None:
        """Return where each field's text is: at its control, the outer ones as far as the text goes; None without controls."""
        spans = [self.anchors.get(id(slot)) for slot in slots]
        known = [span for span in spans if span is not None]
        if len(known) < len(slots) or any(slot[1] > other[0] for slot, other in pairwise(known)):
            return None
        starts = [first, *(start for start, _ in known[1:])]
        ends = [*(end for _, end in known[:-1]), last]
        return list(zip(slots, starts, ends, strict=True))

    def _by_kinds(self, slots: list[Slot], first: int, last: int) -> list[tuple[Slot, int, int]] | None:
        """Return where each field's text is, told by its shape: one date, one time, one number, one other text.

        None where a kind is asked for twice or found twice, so that nobody knows which is which.
        """
        text = self.text.text[first:last]
        told = [slot for slot in slots if slot.kind in _TOLD]
        open_to_all = [slot for slot in slots if slot.kind not in _TOLD]
        if not told or len({slot.kind for slot in told}) < len(told) or len(open_to_all) > 1:
            return None
        found: list[tuple[Slot, int, int]] = []
        for slot in sorted(told, key=lambda slot: _TOLD.index(slot.kind)):
            spans = among(slot.kind, text)
            filled = [span for span in spans if not is_blank(text[slice(*span)])]
            if len(filled) > 1:
                return None
            found += [(slot, first + start, first + end) for start, end in filled]
            for start, end in spans:
                text = text[:start] + " " * (end - start) + text[end:]
        if open_to_all and text.strip(SEPARATORS):
            start = len(text) - len(text.lstrip(SEPARATORS))
            rest = text.strip(SEPARATORS)
            if "  " in rest and any(first + start < begun < first + start + len(rest) for _, begun, _ in found):
                return None  # words on both sides of the recognised value
            found.append((open_to_all[0], first + start, first + start + len(rest)))
        return found or None

    def _typed(self, first: int, last: int) -> str:
        """Return the text between two places without prompts."""
        return self.text.text[first:last].replace(PROMPT, "")

    def _take(self, slot: Slot, first: int, last: int) -> None:
        """Take the text between two places as a field's value; a second control of the field is compared with it."""
        pieces: list[Piece] = []
        again: list[str] = []
        reached, seen = first, -1
        for start, end, control in self.text.controls:
            if start < reached or end > last or start < first:
                continue
            own = bool(control.tag) and is_tag_of(self.chunk, slot, control.tag)
            if not own and not control.prompt and control.ticked is None:
                continue
            pieces.append(Piece(self.text.text[reached:start]))
            inside = Piece(self.text.text[start:end], control)
            if own and seen >= 0:
                again.append(value_of(slot, [inside]))
            else:
                pieces.append(inside)
                seen = end if own else seen
            reached = end
        pieces.append(Piece(self.text.text[reached:last]))
        value = value_of(slot, pieces)
        if slot.kind == "choice" and (struck := self._without_struck(first, last)) is not None:
            value = with_struck(slot, value, *struck)
        for other in again:
            if other and not value:
                value = other
            elif other and other != value:
                self.report.twice(slot, value, other)
        if value:
            self.chunk.values[slot.name] = value

    def _without_struck(self, first: int, last: int) -> tuple[str, str, str] | None:
        """Return the text between two places, the part not struck through and the struck one; None where there is none."""
        spans = [(max(start, first), min(end, last)) for start, end in self.text.struck if start < last and end > first]
        if not spans:
            return None
        gone = {place for start, end in spans for place in range(start, end)}
        text = self.text.text
        halves = ["".join(text[at] for at in range(first, last) if (at in gone) is struck) for struck in (False, True)]
        return text[first:last], halves[0], halves[1]


def _between(apart: Sequence[tuple[Slot, int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the rest of a text without some parts."""
    for _, start, end in sorted(apart, key=lambda part: part[1:]):
        yield first, start
        first = max(first, end)
    yield first, last


def _boxes(slot: Slot) -> re.Pattern[str]:
    """Return the pattern of a choice as it is printed, ticked or not."""
    marks = re.escape(TICKS + BOXES + CROSSES + MARK_BRACKETS)
    mark = f"[\\s{marks}]*"
    return re.compile(mark + mark.join(re.escape(option) for option in slot.options) + f"[{marks}]*")


def is_tag_of(chunk: Chunk, slot: Slot, tag: str) -> bool:
    """Whether a tag is that of a field of a chunk."""
    if not (chunk.row and chunk.by_column):
        return tag == slot.tag
    number, _, name = tag.removeprefix(chunk.row).partition("_")
    return tag.startswith(chunk.row) and number.isdecimal() and name == slot.name


def merged(lines: Sequence[PrintedLine]) -> list[str | Slot]:
    """Return the slots of lines and, without blanks, the literals; those of different lines are apart."""
    out: list[str | Slot] = []
    for line in lines:
        for part in line:
            if isinstance(part, Slot):
                out.append(part)
            elif text := alike(part):
                out.append(text)
    return out
