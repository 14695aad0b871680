"""The text of a DOCX with all changes accepted, as plain paragraphs and tables: the one walker that all readers use.

A paragraph is a string with marks beside it: a mark names a range of the string (a content control, a bookmark,
a field) or an object anchored at a position (a note, a picture, a text box). Nothing below this module looks at run,
control or field elements again. Element names are those of ECMA-376-1, 17.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from toolkit.docx.reading.drawn import shown_by_field, symbol, symbol_character
from toolkit.docx.reading.package import ALTERNATIVES, FALLBACK, W14, is_on, tag, tags
from toolkit.docx.reading.word_numbers import WordNumbers

#: The text for a picture, for example of a signature.
PICTURE = "〔图片〕"
#: First words of the prompts that Word shows in an emptied control.
WORD_PROMPTS = (
    *("单击或点击", "单击此处", "点击或轻触", "点击此处", "选择一项", "选择一个", "请选择"),
    *("Click or tap", "Click here", "Choose an item"),
)

_VAL, _ID, _NAME, _TYPE = map(tag, ("val", "id", "name", "type"))
_P, _TBL, _TR, _TC, _T, _BR, _SYM, _R = map(tag, ("p", "tbl", "tr", "tc", "t", "br", "sym", "r"))
_P_PR, _R_PR, _TR_PR, _TC_PR = map(tag, ("pPr", "rPr", "trPr", "tcPr"))
_STRUCK = ("strike", "dstrike")
_R_STYLE, _P_STYLE, _VANISH = map(tag, ("rStyle", "pStyle", "vanish"))
_SDT, _SDT_PR, _SDT_CONTENT = map(tag, ("sdt", "sdtPr", "sdtContent"))
_START, _END = tag("bookmarkStart"), tag("bookmarkEnd")
_FIELD_CHAR, _INSTRUCTION, _SIMPLE = map(tag, ("fldChar", "instrText", "fldSimple"))
_BOX, _CHUNK = tag("txbxContent"), tag("altChunk")
#: What is not shown with the drawing around it: another way to show it, and boxes in boxes, which are read with these.
_ASIDE = frozenset((FALLBACK, _BOX))
_GRID_SPAN, _MERGE, _PROPERTIES_CHANGE = map(tag, ("gridSpan", "vMerge", "pPrChange"))
_TAG, _ALIAS, _PROMPT, _DATE, _DISPLAY, _VALUE = map(
    tag, ("tag", "alias", "showingPlcHdr", "date", "displayText", "value")
)
_CHECK = f"{W14}checkbox"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_CHARACTERS = {tag("cr"): "\n", tag("tab"): "\t", tag("ptab"): "\t", tag("noBreakHyphen"): "-"}
_WORDS = tags("t delText")
_INSERTED, _DELETED = tags("ins moveTo"), tags("del moveFrom")
_PROPERTIES = tags("pPr rPr tblPr tblGrid trPr tcPr sdtPr sdtEndPr sectPr delText delInstrText")
_SKIPPED = _PROPERTIES | {FALLBACK}
_ANCHORED = {
    tag("footnoteReference"): "footnote",
    tag("endnoteReference"): "endnote",
    tag("commentReference"): "comment",
    tag("drawing"): "picture",
    tag("pict"): "picture",
    tag("object"): "object",
}
_LISTS = tags("dropDownList comboBox")
#: Words of a drawing that are no paragraphs of the document: of WordArt, in an attribute, and of DrawingML (SmartArt, diagrams).
_WORD_ART, _DRAWN = (
    "{urn:schemas-microsoft-com:vml}textpath",
    "{http://schemas.openxmlformats.org/drawingml/2006/main}t",
)
_LONGEST_SPAN = 200


@dataclass(frozen=True, slots=True)
class Control:
    """The properties of a content control. ``prompt``: it shows its placeholder; ``ticked``: None if it is no checkbox."""

    tag: str = ""
    label: str = ""
    date: bool = False
    ticked: bool | None = None
    prompt: bool = False
    options: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Mark:
    """A property of the characters ``start`` to ``end`` of a paragraph.

    ``kind`` and ``value``: ``control`` (:class:`Control`), ``bookmark`` (its name), ``field`` (its instruction), ``box``
    (the :class:`Story` of a text box), ``footnote`` ``endnote`` ``comment`` (its id), ``picture`` ``object`` ``chunk``
    (``""``), ``math`` (its text), ``struck`` (struck through), ``hidden`` (hidden text, which no program shows or prints),
    ``deleted`` (its text, which is no part of the paragraph's).
    ``end`` is -1 while a bookmark is open beyond the paragraph.
    """

    kind: str
    start: int
    end: int
    value: object = ""


@dataclass(slots=True, eq=False)
class Paragraph:
    """A paragraph: ``properties`` is its ``w:pPr``; ``open`` names the bookmarks that began before it and cover it.

    ``joins``: its mark is a tracked deletion, so that the next paragraph goes on in its line. Where the lists and styles of the
    file are known, ``style`` is the name of its style, ``label`` its automatic number with what parts it from the text, and
    ``bullet`` its bullet.
    """

    properties: etree._Element | None
    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    controls: tuple[Control, ...] = ()
    open: tuple[str, ...] = ()
    joins: bool = False
    #: The elements that hold its text (``w:t``), without symbols and breaks.
    sources: list[etree._Element] = field(default_factory=list)
    style: str = ""
    label: str = ""
    bullet: str = ""

    def of(self, kind: str) -> Iterator[Mark]:
        """Yield the marks of a kind in the order of their starts."""
        return (mark for mark in self.marks if mark.kind == kind)

    def replaced(self, sign: Callable[[Mark, str], str | None]) -> Paragraph:
        """Return the paragraph with a text in place of what each mark covers for which ``sign`` (mark, words) gives one.

        What is inside goes with it. A mark that ends where something is put in ends before it.
        """
        cuts: list[tuple[int, int, str]] = []
        reached = 0
        for mark in sorted(self.marks, key=lambda mark: (mark.start, -mark.end)):
            end = max(mark.end, mark.start)
            if mark.start >= reached and (text := sign(mark, self.text[mark.start : end])) is not None:
                cuts.append((mark.start, end, text))
                reached = end
        if not cuts:
            return self

        def moved(place: int) -> int:
            shift = 0
            for start, end, text in cuts:
                if start >= place:
                    break
                if place < end:
                    return start + shift
                shift += len(text) - (end - start)
            return place + shift

        parts, reached = [], 0
        for start, end, text in cuts:
            parts += [self.text[reached:start], text]
            reached = end
        marks = [Mark(mark.kind, moved(mark.start), moved(mark.end), mark.value) for mark in self.marks]
        return replace(self, text="".join([*parts, self.text[reached:]]), marks=marks)

    def take_hidden(self) -> list[str]:
        """Take the hidden text out and return it."""
        taken = [self.text[mark.start : mark.end] for mark in self.of("hidden")]
        if taken:
            shown = self.replaced(lambda mark, _: "" if mark.kind == "hidden" else None)
            self.text, self.marks = shown.text, [mark for mark in shown.marks if mark.kind != "hidden"]
        return taken

    def begin_with(self, text: str) -> None:
        """Put a text before that of the paragraph, outside of what begins there."""
        self.text = text + self.text
        for mark in self.marks:
            mark.start += len(text)
            mark.end += len(text) if mark.end >= 0 else 0

    @property
    def bookmarks(self) -> list[str]:
        """Names of the bookmarks that begin in the paragraph or just before it."""
        return [str(mark.value) for mark in self.of("bookmark")]


@dataclass(slots=True)
class TableCell:
    """A cell. ``span`` counts grid columns; ``merged``: it continues the cell above; ``begins``: it begins such a merge."""

    blocks: list[Paragraph | WordTable] = field(default_factory=list)
    span: int = 1
    merged: bool = False
    begins: bool = False
    controls: tuple[Control, ...] = ()

    @property
    def text(self) -> str:
        """All text of the cell; paragraphs are lines, cells of nested tables too."""
        return text_of(self.blocks)


@dataclass(slots=True)
class TableRow:
    """A row. ``header``: it repeats on each page; ``before``: grid columns that it leaves out at its start."""

    cells: list[TableCell] = field(default_factory=list)
    header: bool = False
    before: int = 0
    controls: tuple[Control, ...] = ()


@dataclass(slots=True)
class WordTable:
    """A table. ``widths`` are those of the grid columns in twips (0: unknown)."""

    rows: list[TableRow] = field(default_factory=list)
    widths: tuple[int, ...] = ()
    controls: tuple[Control, ...] = ()


Block = Paragraph | WordTable


@dataclass(slots=True)
class Story:
    """A part or a text box: its blocks, and how many tracked changes were accepted in it."""

    blocks: list[Block] = field(default_factory=list)
    tracked: int = 0

    def paragraphs(self) -> Iterator[Paragraph]:
        """Yield all paragraphs in order, those of tables and nested tables too, without those of text boxes."""
        return paragraphs_of(self.blocks)

    def everything(self) -> Iterator[Paragraph]:
        """Yield all paragraphs in order, those of text boxes behind the one that they are anchored in."""
        for paragraph in self.paragraphs():
            yield paragraph
            for mark in paragraph.marks:
                if isinstance(mark.value, Story):
                    yield from mark.value.everything()

    @property
    def text(self) -> str:
        """All text, paragraphs as lines."""
        return text_of(self.blocks)


def _shown_words(element: etree._Element) -> Iterator[str]:
    """Yield the words of a drawing that are no paragraphs of the document."""
    for shown in element.iter(_WORD_ART, _DRAWN):
        text = shown.get("string", "") if shown.tag == _WORD_ART else shown.text or ""
        if text.strip() and not _is_inside(shown, element, _ASIDE):
            yield text


def _is_inside(node: etree._Element, top: etree._Element, kinds: frozenset[str]) -> bool:
    """Whether an element below ``top`` is in one of these kinds below it."""
    for outer in node.iterancestors():
        if outer is top:
            return False
        if outer.tag in kinds:
            return True
    return False


def _shown_way(element: etree._Element) -> etree._Element:
    """Return an element, and of alternatives the first that has words, else the first that shows anything (ECMA-376-3, 7.6)."""
    if element.tag != ALTERNATIVES:
        return element
    ways = [way for way in element if len(way)]
    with_words = (way for way in ways if any(part.text for part in way.iter(_T)) or any(_shown_words(way)))
    return next(with_words, ways[0] if ways else element)


def paragraphs_of(blocks: list[Block]) -> Iterator[Paragraph]:
    """Yield all paragraphs of blocks in order, those of tables too."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
        else:
            for row in block.rows:
                for cell in row.cells:
                    yield from paragraphs_of(cell.blocks)


def text_of(blocks: list[Block]) -> str:
    """Return the text of blocks, paragraphs as lines; a paragraph whose mark is deleted goes on in the next one."""
    out: list[str] = []
    joined = True
    for paragraph in paragraphs_of(blocks):
        out.append(paragraph.text if joined else f"\n{paragraph.text}")
        joined = paragraph.joins
    return "".join(out)


def read_story(element: etree._Element, numbers: WordNumbers | None = None) -> Story:
    """Return the content of a body, header, footer, note or text box; ``numbers``: the lists and styles of its file."""
    walker = _Walker(numbers)
    story = walker.story(element)
    if any(begun.start < 0 for begun in walker.fields):  # a field without an end would hide all that follows
        story = _Walker(numbers, hides=False).story(element)
    return story


@dataclass(slots=True)
class _OpenField:
    """A complex field being read: its instruction, the position of its result (-1: not reached), its ``w:fldChar``."""

    beginning: etree._Element
    instruction: str = ""
    start: int = -1


class _Walker:
    """Walks one part once, in order. ``fields`` and ``bookmarks`` may be open from one paragraph to the next.

    ``hides``: between the beginning of a field and its result nothing is shown.
    """

    def __init__(self, numbers: WordNumbers | None, hides: bool = True) -> None:
        self.numbers = numbers.fresh() if numbers is not None else None
        self.hides = hides
        self.tracked = 0
        self.fields: list[_OpenField] = []
        self.bookmarks: dict[str, Mark] = {}
        self.waiting: list[Mark] = []
        self.paragraph = Paragraph(None)
        self.text: list[str] = []
        self.length = 0

    def story(self, element: etree._Element) -> Story:
        blocks: list[Block] = []
        self._blocks(element, (), blocks)
        return Story(blocks, self.tracked)

    # -- blocks

    def _blocks(self, element: etree._Element, controls: tuple[Control, ...], out: list[Block]) -> None:
        for child in element:
            kind = child.tag
            if kind == _P:
                out.append(self._paragraph(child, controls))
            elif kind == _TBL:
                out.append(self._table(child, controls))
            elif kind == _SDT:
                self._blocks(_content(child), (*controls, control_of(child)), out)
            elif kind == _CHUNK:
                out.append(Paragraph(None, marks=[Mark("chunk", 0, 0)], controls=controls))
            else:
                self._between(child, lambda inside: self._blocks(inside, controls, out))

    def _between(self, child: etree._Element, into: Callable[[etree._Element], None]) -> None:
        """Handle elements between blocks, rows and cells: bookmarks, tracked changes, transparent containers."""
        kind = child.tag
        if kind == _START:
            self._open_bookmark(child)
        elif kind == _END:
            self._close_bookmark(child)
        elif kind in _DELETED:
            self.tracked += 1
        elif isinstance(kind, str) and kind not in _SKIPPED:
            self.tracked += kind in _INSERTED and len(child) > 0
            into(_shown_way(child))

    def _table(self, element: etree._Element, controls: tuple[Control, ...]) -> WordTable:
        grid = element.findall(f"{tag('tblGrid')}/{tag('gridCol')}")
        table = WordTable([], tuple(_number(column, "w") for column in grid), controls)
        self._rows(element, (), table)
        return table

    def _rows(self, element: etree._Element, controls: tuple[Control, ...], table: WordTable) -> None:
        for child in element:
            if child.tag == _TR:
                self._row(child, controls, table)
            elif child.tag == _SDT:
                self._rows(_content(child), (*controls, control_of(child)), table)
            else:
                self._between(child, lambda inside: self._rows(inside, controls, table))

    def _row(self, element: etree._Element, controls: tuple[Control, ...], table: WordTable) -> None:
        properties = element.find(_TR_PR)
        row = TableRow(controls=controls)
        if properties is not None:
            self.tracked += properties.find(tag("ins")) is not None
            if properties.find(tag("del")) is not None:
                self.tracked += 1
                return
            row.header = is_on(properties, "tblHeader")
            row.before = min(_LONGEST_SPAN, _number(properties.find(tag("gridBefore")), "val"))
        table.rows.append(row)
        self._cells(element, (), row)

    def _cells(self, element: etree._Element, controls: tuple[Control, ...], row: TableRow) -> None:
        for child in element:
            if child.tag == _TC:
                row.cells.append(self._cell(child, controls))
            elif child.tag == _SDT:
                self._cells(_content(child), (*controls, control_of(child)), row)
            else:
                self._between(child, lambda inside: self._cells(inside, controls, row))

    def _cell(self, element: etree._Element, controls: tuple[Control, ...]) -> TableCell:
        cell = TableCell(controls=controls)
        properties = element.find(_TC_PR)
        if properties is not None:
            cell.span = min(_LONGEST_SPAN, max(1, _number(properties.find(_GRID_SPAN), "val")))
            merge = properties.find(_MERGE)
            cell.begins = merge is not None and merge.get(_VAL) == "restart"
            cell.merged = merge is not None and not cell.begins
        self._blocks(element, (), cell.blocks)
        return cell

    # -- a paragraph

    def _paragraph(self, element: etree._Element, controls: tuple[Control, ...]) -> Paragraph:
        outer = self.paragraph, self.text, self.length
        properties = element.find(_P_PR)
        paragraph = Paragraph(properties, controls=controls, open=tuple(str(m.value) for m in self.bookmarks.values()))
        self.paragraph, self.text, self.length = paragraph, [], 0
        for started in self.fields:
            started.start = min(started.start, 0)
        self._take_waiting()
        self._tracked_mark(paragraph)
        if self.numbers is not None:
            paragraph.style = self.numbers.style_name(properties)
            if not paragraph.joins:  # if accepted, it takes the number of the next one
                paragraph.label, paragraph.bullet = self.numbers.label(properties), self.numbers.bullet
        self._inlines(element)
        paragraph.text = "".join(self.text)
        for mark in self.bookmarks.values():
            if mark.end < 0 and mark in paragraph.marks:
                mark.end = self.length
        self.paragraph, self.text, self.length = outer
        return paragraph

    def _tracked_mark(self, paragraph: Paragraph) -> None:
        if paragraph.properties is None:
            return
        mark = paragraph.properties.find(_R_PR)
        if mark is not None:
            self.tracked += sum(mark.find(name) is not None for name in (*_INSERTED, *_DELETED))
            paragraph.joins = any(mark.find(name) is not None for name in _DELETED)
        self.tracked += paragraph.properties.find(_PROPERTIES_CHANGE) is not None

    def _inlines(self, element: etree._Element) -> None:
        for child in element:
            kind = child.tag
            if kind == _R:
                self._run(child)
            elif kind == _START:
                self._open_bookmark(child)
                self._take_waiting()
            elif kind == _END:
                self._close_bookmark(child)
            elif kind == _SDT:
                self._control(child)
            elif kind == _SIMPLE:
                start = self.length
                self._inlines(child)
                self._mark("field", start, self.length, child.get(tag("instr"), ""))
            elif kind == _MATH:
                self._mark("math", self.length, self.length, "".join(map(str, child.itertext())).strip())
            elif kind in _DELETED:
                self.tracked += 1
                self._mark(
                    "deleted", self.length, self.length, "".join(part.text or "" for part in child.iter(*_WORDS))
                )
            elif isinstance(kind, str) and kind not in _SKIPPED:
                self.tracked += kind in _INSERTED
                self._inlines(_shown_way(child))

    def _run(self, element: etree._Element) -> None:
        properties = element.find(_R_PR)
        start = self.length
        for child in element:
            kind = child.tag
            if kind == _T:
                text = child.text or ""
                self.paragraph.sources.append(child)
                self._add(symbol(text, properties) if properties is not None else text)
            elif kind == _BR:
                if child.get(_TYPE) in (None, "textWrapping"):
                    self._add("\n")
            elif kind in _CHARACTERS:
                self._add(_CHARACTERS[kind])
            elif kind == _SYM:
                self._add(symbol(symbol_character(child.get(tag("char"), "")), child))
            elif kind == _FIELD_CHAR:
                self._field(child.get(tag("fldCharType"), ""), child)
            elif kind == _INSTRUCTION:
                if self.fields:
                    self.fields[-1].instruction += child.text or ""
            elif kind in _ANCHORED:
                self._anchored(child, _ANCHORED[kind])
            elif isinstance(kind, str) and kind not in _SKIPPED:
                self._run(_shown_way(child))
        if properties is not None and self.length > start and any(is_on(properties, name) for name in _STRUCK):
            self._mark("struck", start, self.length)
        if self.length > start and self._is_hidden(properties):
            self._mark("hidden", start, self.length)

    def _is_hidden(self, properties: etree._Element | None) -> bool:
        """Whether a run is hidden (17.3.2.41), by its own properties or else by its style or that of its paragraph."""
        if properties is not None and properties.find(_VANISH) is not None:
            return is_on(properties, "vanish")
        if self.numbers is None or not self.numbers.hidden_styles:
            return False
        styles = [
            around.find(name)
            for around, name in ((properties, _R_STYLE), (self.paragraph.properties, _P_STYLE))
            if around is not None
        ]
        return any(style is not None and style.get(_VAL, "") in self.numbers.hidden_styles for style in styles)

    def _add(self, text: str) -> None:
        if text and not (self.hides and any(begun.start < 0 for begun in self.fields)):
            self.text.append(text)
            self.length += len(text)

    def _mark(self, kind: str, start: int, end: int, value: object = "") -> Mark:
        mark = Mark(kind, start, end, value)
        self.paragraph.marks.append(mark)
        return mark

    def _field(self, kind: str, element: etree._Element) -> None:
        if kind == "begin":
            self.fields.append(_OpenField(element))
        elif kind == "separate" and self.fields:
            self.fields[-1].start = self.length
        elif kind == "end" and self.fields:
            ended = self.fields.pop()
            start = ended.start if ended.start >= 0 else self.length
            if start == self.length:  # without a result a field may show what it was given
                self._add(shown_by_field(ended.instruction, ended.beginning))
            self._mark("field", start, self.length, ended.instruction)

    def _control(self, element: etree._Element) -> None:
        content = _content(element)
        children = [child for child in content if child.tag not in _RANGES]
        if children and all(child.tag in _DELETED for child in children):
            self.tracked += 1  # the control goes with its content
            return
        mark = self._mark("control", self.length, self.length, control_of(element))
        self._inlines(content)
        mark.end = self.length

    def _anchored(self, element: etree._Element, kind: str) -> None:
        boxes = [box for box in element.iter(_BOX) if not _is_inside(box, element, _ASIDE)]
        words = [Paragraph(None, text) for text in _shown_words(element)]
        if words:
            self._mark("box", self.length, self.length, Story([*words]))
        elif not boxes:
            self._mark(kind, self.length, self.length, element.get(_ID, ""))
        for box in boxes:
            inner = _Walker(self.numbers)
            self._mark("box", self.length, self.length, inner.story(box))
            self.tracked += inner.tracked

    # -- bookmarks

    def _open_bookmark(self, element: etree._Element) -> None:
        """Open a bookmark. LibreOffice 7.4 starts one that spans paragraphs twice and ends it once."""
        name = element.get(_NAME, "")
        for number in [number for number, mark in self.bookmarks.items() if mark.value == name]:
            del self.bookmarks[number]
        mark = self.bookmarks[element.get(_ID, "")] = Mark("bookmark", 0, -1, name)
        self.waiting.append(mark)

    def _take_waiting(self) -> None:
        """Put the bookmarks that have begun into the paragraph being read."""
        for mark in self.waiting:
            mark.start = self.length
            self.paragraph.marks.append(mark)
        self.waiting.clear()

    def _close_bookmark(self, element: etree._Element) -> None:
        mark = self.bookmarks.pop(element.get(_ID, ""), None)
        if mark is not None and mark.end < 0:
            mark.end = self.length if mark in self.paragraph.marks else mark.start
            if mark in self.waiting:
                self.waiting.remove(mark)


_RANGES = {tag(f"customXml{change}Range{edge}") for change in ("Ins", "Del") for edge in ("Start", "End")} | {
    _START,
    _END,
}
_NOTHING = etree.Element("nothing")


def _content(control: etree._Element) -> etree._Element:
    content = control.find(_SDT_CONTENT)
    return content if content is not None else _NOTHING


def control_of(element: etree._Element) -> Control:
    """Return the properties of a content control (``w:sdt``)."""
    properties = element.find(_SDT_PR)
    if properties is None:
        return Control()
    values: dict = {}
    for child in properties:
        kind = child.tag
        if kind == _TAG:
            values["tag"] = child.get(_VAL, "")
        elif kind == _ALIAS:
            values["label"] = child.get(_VAL, "")
        elif kind == _PROMPT:
            values["prompt"] = child.get(_VAL, "1") not in ("0", "false")
        elif kind == _DATE:
            values["date"] = True
        elif kind in _LISTS:
            values["options"] = tuple(item.get(_DISPLAY) or item.get(_VALUE) or "" for item in child)
        elif kind == _CHECK:
            state = child.find(f"{W14}checked")
            values["ticked"] = state is not None and state.get(f"{W14}val", "1") in ("1", "true")
    return Control(**values)


def _number(element: etree._Element | None, attribute: str) -> int:
    text = element.get(tag(attribute), "") if element is not None else ""
    return int(text) if text.isdecimal() and len(text) < 9 else 0
