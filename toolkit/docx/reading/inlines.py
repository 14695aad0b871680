"""Makes the inlines of the tree (text, references, form fields) from a paragraph of a DOCX; used by ``document``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from toolkit.core.excerpts import each_beginning
from toolkit.docx.reading.identity import Identity
from toolkit.docx.reading.story import WORD_PROMPTS, Control, Mark, Paragraph, Story
from toolkit.docx.writing.identity import blank_hash, bookmark_name
from toolkit.forms.values import PROMPT, is_blank
from toolkit.model.tree import FormField, Inline, Inlines, Ref, Text
from toolkit.numbering.labels import choice_boxes

#: Content anchored in a paragraph that the tree cannot hold, in Chinese.
_UNREAD = {
    "footnote": "脚注",
    "endnote": "尾注",
    "comment": "批注",
    "picture": "图片",
    "object": "嵌入对象",
    "chunk": "外部内容",
    "math": "公式",
    "box": "文本框",
}
#: The prompt of an empty text field, between blanks.
_PROMPT = re.compile(rf"(?<=[\u3000 _＿]){PROMPT}(?=[\u3000 _＿]|$)")


#: Kinds of content that are known by :attr:`Unread.pictures`.
_PICTURED = ("图片", "嵌入对象")


def _told(texts: list[str], others: list[str]) -> str:
    quoted = each_beginning([text for text in texts if text not in others])
    return f"“{quoted}”" if quoted else f"{len(texts)} 处"


#: A kind of :class:`Unread`: text typed in the 目录 of a generated file, or its old text of a heading changed since.
OWN_CONTENTS = "目录里和标题不同的文字"
#: Another: text in the place of a date.
NO_DATE = "{}里不是日期的文字"
#: Another: a line more than the 成文日期 or the 版记 has.
ONE_MORE = "{}里多出来的一行"


@dataclass(slots=True)
class Unread:
    """Content that the tree cannot hold: its texts by kind. ``tracked`` counts changes that were read as accepted.

    ``pictures``: SHA-256 of the pictures and embedded objects that the body shows, in order.
    """

    texts: dict[str, list[str]] = field(default_factory=dict)
    tracked: int = 0
    pictures: list[str] = field(default_factory=list)

    def differences(self, other: Unread) -> Iterator[tuple[str, str, str]]:
        """Yield (kind, own texts, those of ``other``) for each kind of content that differs; pictures are counted."""
        for kind in dict.fromkeys((*self.texts, *other.texts)):
            mine, theirs = self.texts.get(kind, []), other.texts.get(kind, [])
            if mine != theirs:
                yield kind, _told(mine, theirs), _told(theirs, mine)
            elif kind in _PICTURED and self.pictures != other.pictures:
                yield kind, f"{len(mine)} 处", f"{len(theirs)} 处，内容不一样"

    def add(self, kind: str, text: str = "") -> None:
        """Note one piece of content with its text, if it has any."""
        self.texts.setdefault(kind, []).append(text)

    def add_of(self, paragraph: Paragraph) -> None:
        """Note the objects anchored in a paragraph."""
        for mark in paragraph.marks:
            if mark.kind in _UNREAD:
                value = mark.value
                text = value.text.strip() if isinstance(value, Story) else str(value) if mark.kind == "math" else ""
                self.add(_UNREAD[mark.kind], text)


def shown(part: Inline) -> str:
    """Return the text of an inline in the file."""
    return part.text if isinstance(part, Text) else part.shown if isinstance(part, Ref) else part.value


def joined(*lines: Inlines) -> Inlines:
    """Return inlines one after the other, neighbouring texts as one."""
    out: list[Inline] = []
    for part in (part for line in lines for part in line):
        if isinstance(part, Text) and out and isinstance(out[-1], Text):
            out[-1] = Text(out[-1].text + part.text)
        elif not isinstance(part, Text) or part.text:
            out.append(part)
    return tuple(out)


def read_inlines(paragraph: Paragraph, identity: Identity) -> Inlines:
    """Return a paragraph's text with its references (with the text that they show) and form fields."""
    if not paragraph.marks:
        text = _without_prompt(paragraph.text)
        return (Text(text),) if text else ()
    parts: list[Inline] = []
    reached = 0
    replacements = sorted(_replacements(paragraph, identity), key=lambda found: (found[0], -found[1]))
    for start, end, part in replacements:
        if start >= reached and (
            end > start or isinstance(part, FormField)
        ):  # outermost first, those inside go with it
            parts += [Text(_without_prompt(paragraph.text[reached:start])), part]
            reached = end
    return joined((*parts, Text(_without_prompt(paragraph.text[reached:]))))


def _without_prompt(text: str) -> str:
    """Return text without the prompt of an empty field that lost its control: it is no word of anybody."""
    return _PROMPT.sub("", text) if PROMPT in text else text


def _replacements(paragraph: Paragraph, identity: Identity) -> Iterator[tuple[int, int, Inline]]:
    """Yield (start, end, inline) for all ranges of the text that are a reference or a form field."""
    for mark, key in _keyed_controls(paragraph):
        if key and isinstance(mark.value, Control):
            text = paragraph.text[mark.start : mark.end]
            yield mark.start, mark.end, _form_field(key, mark.value, text, identity)
    for mark in paragraph.marks:
        if mark.kind in ("field", "bookmark") and (ref := _reference(mark, identity)):
            yield mark.start, mark.end, replace(ref, shown=paragraph.text[mark.start : mark.end])


def _reference(mark: Mark, identity: Identity) -> Ref | None:
    """Return the reference that a REF field or the bookmark around a computed reference is."""
    if mark.kind == "bookmark":
        record = identity.references.get(str(mark.value))
        return Ref(record.id, record.document, record.relative) if record is not None else None
    words = str(mark.value).split()
    if len(words) > 1 and words[0].upper() == "REF" and words[1] in identity.provisions:
        return Ref(identity.provisions[words[1]].id)
    return None


def _keyed_controls(paragraph: Paragraph) -> Iterator[tuple[Mark, str]]:
    """Yield the controls with their field ids: by tag, else by the bookmark in or just before them (LibreOffice drops tags)."""
    before = ""
    control: Mark | None = None
    key = ""
    for mark in paragraph.marks:
        if mark.kind == "control" and isinstance(mark.value, Control):
            if control is not None:
                yield control, key
            control, key, before = mark, mark.value.tag or before, ""
        elif mark.kind == "bookmark" and str(mark.value).startswith("f_"):
            name = str(mark.value)[2:]
            if control is not None and not key and mark.start <= control.end and mark.end <= control.end:
                key = name
            else:
                before = name
    if control is not None:
        yield control, key


def _form_field(key: str, control: Control, text: str, identity: Identity) -> FormField:
    if control.ticked is not None or text.strip() in ("☐", "☑"):
        return FormField(key, "check", control.label, value="是" if "☑" in text else "")
    kind = "choice" if control.options else "date" if control.date else "text"
    value = "" if _is_empty(key, control, text, identity) else text.strip()
    return FormField(key, kind, control.label, options=control.options, value=value)


def _is_empty(key: str, control: Control, text: str, identity: Identity) -> bool:
    """Whether a field shows its empty state: blanks, its boxes, the prompt of a word processor."""
    squeezed = blank_hash(text)
    boxes = blank_hash("".join(choice_boxes(control.options))) if control.options else ""
    blank = identity.blanks.get(bookmark_name(key, "f_"), "")
    return not text.strip() or is_blank(text) or squeezed in (blank, boxes) or text.strip().startswith(WORD_PROMPTS)
