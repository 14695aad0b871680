"""Reads the inlines of a paragraph (text, references, form fields) and notes other content; used by ``document``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lxml import etree

from toolkit.docx.reading.package import BREAKS, FALLBACK, W14, tag, tags
from toolkit.docx.reading.paragraphs import Identity
from toolkit.docx.writing.identity import blank_hash, bookmark_name
from toolkit.model.tree import FormField, Inline, Ref, Text
from toolkit.numbering.labels import choice_boxes

_VAL = tag("val")
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SKIPPED = tags("pPr rPr sdtPr sdtEndPr delText delInstrText proofErr lastRenderedPageBreak") | {FALLBACK}
_RANGES = {tag(f"customXml{kind}Range{end}") for kind in ("Ins", "Del") for end in ("Start", "End")}
_TRACKED_OUT = {tag("del"), tag("moveFrom")}
_TRACKED_IN = {tag("ins"), tag("moveTo")}
#: Elements that are not part of the text → Chinese name.
_UNREAD = {
    tag("footnoteReference"): "脚注",
    tag("endnoteReference"): "尾注",
    tag("commentReference"): "批注",
    tag("drawing"): "图片",
    tag("pict"): "图片",
    tag("object"): "嵌入对象",
    tag("altChunk"): "外部内容",
}


@dataclass(slots=True)
class Unread:
    """Content that a tree cannot hold: texts by kind. ``tracked`` counts changes that were read as accepted."""

    found: dict[str, list[str]] = field(default_factory=dict)
    tracked: int = 0

    def add(self, kind: str, text: str = "") -> None:
        """Note one piece of content with its text, if it has any."""
        self.found.setdefault(kind, []).append(text)


@dataclass(slots=True)
class Words:
    """One paragraph as read: inlines (references with the text they show) and the bookmarks that begin in it."""

    parts: list[Inline] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        if not text:
            return
        if self.parts and isinstance(self.parts[-1], Text):
            self.parts[-1] = Text(self.parts[-1].text + text)
        else:
            self.parts.append(Text(text))

    @property
    def text(self) -> str:
        return "".join(map(shown, self.parts))


def shown(part: Inline) -> str:
    """Return the text of an inline in the file."""
    return part.text if isinstance(part, Text) else part.shown if isinstance(part, Ref) else part.value


class WordsReader:
    """Reads paragraphs. ``box`` is called with the content of each text box."""

    def __init__(self, identity: Identity, left: Unread, box: Callable[[etree._Element], str]) -> None:
        self.identity = identity
        self.left = left
        self.box = box
        self.open: dict[str, str] = {}
        self.refs: dict[str, int] = {}
        self.fields: list[list] = []
        self.pending = ""

    def read(self, paragraph: etree._Element) -> Words:
        words = Words()
        self.pending = ""
        self._walk(paragraph, words)
        return words

    def _walk(self, element: etree._Element, words: Words) -> None:
        for child in element:
            kind = child.tag
            if not isinstance(kind, str) or kind in _SKIPPED:
                continue
            if kind == tag("t"):
                self._text(child.text or "", words)
            elif kind in BREAKS:
                if kind != tag("br") or child.get(tag("type")) in (None, "textWrapping"):
                    self._text(BREAKS[kind], words)
            elif kind in _TRACKED_OUT:
                self.left.tracked += 1
            elif kind == tag("fldChar"):
                self._field(child.get(tag("fldCharType"), ""), words)
            elif kind == tag("instrText"):
                if self.fields:
                    self.fields[-1][0] += child.text or ""
            elif kind == tag("fldSimple"):
                self._simple(child, words)
            elif kind == tag("sdt"):
                self._control(child, words)
            elif kind == tag("bookmarkStart"):
                self._start(child, words)
            elif kind == tag("bookmarkEnd"):
                self._end(child, words)
            elif kind == tag("txbxContent"):
                self.left.add("文本框", self.box(child))
            elif kind in _UNREAD:
                self._unread(child, kind, words)
            elif kind == f"{_MATH}oMath":
                self.left.add("公式", "".join(map(str, child.itertext())).strip())
            else:
                if kind in _TRACKED_IN:
                    self.left.tracked += 1
                self._walk(child, words)

    def _text(self, text: str, words: Words) -> None:
        if not self.fields or self.fields[-1][1]:
            words.add(text)

    def _unread(self, element: etree._Element, kind: str, words: Words) -> None:
        if next(element.iter(tag("txbxContent")), None) is not None:
            self._walk(element, words)
        else:
            self.left.add(_UNREAD[kind])

    # -- references

    def _field(self, kind: str, words: Words) -> None:
        if kind == "begin":
            self.fields.append(["", False, len(words.text)])
        elif kind == "separate" and self.fields:
            self.fields[-1][1:] = [True, len(words.text)]
        elif kind == "end" and self.fields:
            instruction, _, start = self.fields.pop()
            self._reference(instruction.split(), start, words)

    def _simple(self, element: etree._Element, words: Words) -> None:
        start = len(words.text)
        self._walk(element, words)
        self._reference(element.get(tag("instr"), "").split(), start, words)

    def _reference(self, instruction: list[str], start: int, words: Words) -> None:
        """Replace the result of a REF field by a reference if its target is a provision."""
        if len(instruction) > 1 and instruction[0].upper() == "REF" and instruction[1] in self.identity.provisions:
            record = self.identity.provisions[instruction[1]]
            self._replace(words, start, Ref(record.id))

    def _start(self, element: etree._Element, words: Words) -> None:
        name = element.get(tag("name"), "")
        self.open[element.get(tag("id"), "")] = name
        words.starts.append(name)
        if name.startswith("__r") and name in self.identity.references:
            self.refs[name] = len(words.text)
        elif name.startswith("f_"):
            self.pending = name

    def _end(self, element: etree._Element, words: Words) -> None:
        name = self.open.pop(element.get(tag("id"), ""), "")
        start = self.refs.pop(name, None)
        if start is not None and start <= len(words.text):
            record = self.identity.references[name]
            self._replace(words, start, Ref(record.id, record.document, record.relative))

    def _replace(self, words: Words, start: int, ref: Ref) -> None:
        """Replace the text from ``start`` on (and references in it) by a reference."""
        replaced = words.text[start:]
        if not replaced:
            return
        kept: list[Inline] = []
        reached = 0
        for part in words.parts:
            length = len(shown(part))
            if reached >= start and length:
                break
            if reached + length > start and isinstance(part, Text):
                part = Text(part.text[: start - reached])
            kept.append(part)
            reached += length
        words.parts = [*kept, replace(ref, shown=replaced)]

    # -- form fields

    def _control(self, element: etree._Element, words: Words) -> None:
        properties = element.find(tag("sdtPr"))
        content = element.find(tag("sdtContent"))
        if content is None:
            return
        inner_runs = [child for child in content if child.tag not in _RANGES]
        if inner_runs and all(child.tag in _TRACKED_OUT for child in inner_runs):
            self.left.tracked += 1
            return  # the control is deleted with its content
        inner = WordsReader(self.identity, self.left, self.box).read(content)
        words.starts.extend(inner.starts)
        name = properties.find(tag("tag")) if properties is not None else None
        key = name.get(_VAL, "") if name is not None else ""
        bookmark = next((start for start in [*inner.starts, self.pending] if start.startswith("f_")), "")
        key = key or bookmark.removeprefix("f_")
        self.pending = ""
        if not key:
            for part in inner.parts:
                words.add(part.text if isinstance(part, Text) else "")
            return
        words.parts.append(self._form_field(key, properties, inner.text))

    def _form_field(self, key: str, properties: etree._Element | None, text: str) -> FormField:
        def first(name: str) -> etree._Element | None:
            return properties.find(name) if properties is not None else None

        alias = first(tag("alias"))
        label = alias.get(_VAL, "") if alias is not None else ""
        items = properties.findall(f"{tag('dropDownList')}/*") if properties is not None else []
        options = tuple(item.get(tag("displayText"), "") for item in items)
        kind = "choice" if options else "date" if first(tag("date")) is not None else "text"
        if first(f"{W14}checkbox") is not None or text.strip() in ("☐", "☑"):
            return FormField(key, "check", label, value="是" if "☑" in text else "")
        empty = first(tag("showingPlcHdr")) is not None or not text.strip() or self._is_blank(key, text, options)
        bare = text.replace("　", "").replace(" ", "")
        if bare in ("年月日", "时分"):
            empty = True
        return FormField(key, kind, label, options=options, value="" if empty else text.strip())

    def _is_blank(self, key: str, text: str, options: tuple[str, ...]) -> bool:
        blank = self.identity.blanks.get(bookmark_name(key, "f_"), "")
        return blank_hash(text) in (blank, blank_hash("".join(choice_boxes(options))) if options else blank)
