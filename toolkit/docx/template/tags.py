"""Reads the tags of a template on its XML tree, before docxtpl patches it, and finds parts that docxtpl would lose or break.

Used by ``frontend`` and ``inspection``. docxtpl works on the text of the XML: a tag with a reach (``{%p %}``, ``{%tr %}``,
``{%tc %}``, ``{%r %}``) takes the place of its whole paragraph, row, cell or run, with everything in it; a tag without one stays
where it is. So a pair must be of one reach, its ends must be in the same structure, and a reaching tag must be alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from toolkit.core.findings import Finding, Place, Severity
from toolkit.docx.reading.package import too_much
from toolkit.docx.reading.story import Paragraph, read_story
from toolkit.docx.template.style_names import HINTS, part_label

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OPEN = re.compile(r"\{[{%#]")
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_SLOT = re.compile(r"\{\{p +body *\}\}")
_REACH = re.compile(r"\{[{%#](p|tr|tc|r) ")
_UNCLOSED = re.compile(r"\{\{|\{%|\{#")
_STRAY = re.compile(r"\}\}|%\}|#\}|\{ +[{%]|[}%] +\}")
_FULL_WIDTH = re.compile(r"[｛{][｛%％#].*?[｝%％#][｝}]|[｛{][｛{].*?[｝}][｝}]")
_OTHER_DIALECT = re.compile(
    r"\$\{[^{}]{1,40}\}|[｛{](?P<name>[^{}｛｝]{1,40})[}｝]|<<[^<>]{1,40}>>|«[^«»]{1,40}»|\[\[[^\[\]]{1,40}\]\]"
)
#: Brackets that people put around blanks, and that texts have, too: told if a field is named in them.
_PERHAPS = re.compile(
    r"(?:【|(?<!\[)\[|<%?=?|[%#$@]|__)(?P<name>[^\[\]【】<>%#$@_][^\[\]【】<>%#$@]{0,38}?)(?:】|\](?!\])|%?>|[%#$@]|__)"
)
_ESCAPES = re.compile(r"\{_\{|\}_\}|\{_%|%_\}")
_OPENING = frozenset({"if", "for", "macro", "call", "filter", "with", "autoescape", "block"})
_MIDDLE = frozenset({"else", "elif"})
#: Structures that a pair without a reach may not cross.
_STRUCTURES = frozenset(f"{W}{name}" for name in ("tbl", "tr", "tc", "txbxContent", "sdt", "sdtContent"))
#: Elements lost with the paragraph, row or cell of a reaching tag, besides text.
_OBJECTS = {
    f"{W}drawing": "图片或者文本框",
    f"{W}pict": "图片或者文本框",
    f"{W}object": "对象",
    f"{W}sym": "符号",
    f"{W}sectPr": "分节符",
    f"{W}footnoteReference": "脚注",
    f"{W}endnoteReference": "尾注",
}
#: What a template may be: characters of one tag, tags and characters of a part, bytes of all its XML. A form is far below.
TAG_MAX, TAGS_MAX, TEXT_MAX, XML_MAX = 1_000, 2_000, 200_000, 3_000_000
#: Elements around runs, one end of a tag inside of which would cut them in two.
_AROUND = {
    f"{W}hyperlink": "链接",
    f"{W}ins": "修订",
    f"{W}moveTo": "修订",
    f"{W}sdt": "控件",
    f"{W}sdtContent": "控件",
    f"{W}fldSimple": "域",
    f"{W}smartTag": "智能标记",
}
_REACHED = {"p": "段", "tr": "行", "tc": "格", "r": "段文字"}
SHOWN = 60
NO_END = "标签没有结束"


@dataclass(frozen=True, slots=True)
class Use:
    """A place in a template: the part, the number of the paragraph (from 1; 0: unknown), its text."""

    part: str
    paragraph: int
    text: str

    def __str__(self) -> str:
        return f"{self.part} 第{self.paragraph}段“{self.text}”" if self.paragraph else self.part


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a template: code, Chinese message without its place, hint, place, the tag or text."""

    code: str
    message: str
    hint: str
    use: Use
    subject: str = ""
    warning: bool = False

    def finding(self, file: str) -> Finding:
        """Return the finding about a template file."""
        severity = Severity.WARNING if self.warning else Severity.ERROR
        where = Place(file=file, key=str(self.use))
        return Finding(self.code, severity, f"{self.message}（{self.use}）", where, self.hint, subject=self.subject)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its text, reach (``p``, ``tr``, ``tc``, ``r`` or empty), first word of a ``{% %}``, place in the tree.

    ``node`` and ``last`` are the text nodes in which it begins and ends; ``follows``, ``precedes``: other text is there, too.
    """

    text: str
    reach: str
    word: str
    use: Use
    node: etree._Element
    last: etree._Element
    follows: bool
    precedes: bool

    @property
    def reached(self) -> etree._Element | None:
        """The element that docxtpl replaces by this tag; None outside of one, or without a reach."""
        if not self.reach:
            return None
        return next((above for above in self.node.iterancestors() if above.tag == f"{W}{self.reach}"), None)


@dataclass(slots=True)
class PartTags:
    """The tags of a part, its faults, its paragraphs' texts, and the texts that it prints whatever the data are.

    ``too_large``: it is above the bounds of a template and was not read to its end.
    """

    label: str
    tags: list[Tag] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    too_large: bool = False

    @property
    def unsound(self) -> bool:
        """Whether docxtpl must not patch it: a tag without an end would run over what follows, one may be deleted."""
        no_end = any(problem.message.startswith(NO_END) for problem in self.problems)
        return self.too_large or self.has_deleted or no_end

    @property
    def has_deleted(self) -> bool:
        """Whether a tracked revision deletes a tag, so that other faults may only follow from that."""
        return any(problem.code == "template_revision" for problem in self.problems)


def read_tags(root: etree._Element, label: str, names: dict[str, str] | None = None, slot: bool = False) -> PartTags:
    """Read the tags of a part, which ``label`` names.

    ``names``: printed label → path, for hints about other dialects. ``slot``: ``{{p body }}`` is where the body goes.
    """
    found, size = PartTags(label), 0
    walk = _Pairs(found)
    for number, paragraph in enumerate(read_story(root).everything(), 1):
        pieces = [(node, node.text or "") for node in paragraph.sources]
        text = "".join(piece for _, piece in pieces)
        use = Use(label, number, text[:SHOWN])
        found.lines.append(text)
        size += len(text)
        spans = list(_spans(text))
        if size > TEXT_MAX or len(found.tags) + len(spans) > TAGS_MAX:
            message = f"模板太大：到这里已经超过 {TEXT_MAX} 个字或者 {TAGS_MAX} 个标签"
            found.problems[:] = [Problem("template_too_large", message, HINTS["too_large"], use)]
            found.too_large = True
            return found
        end = 0
        for start, stop in spans:
            walk.take_text(text[end:start])
            tag = _tag_of(text, start, stop, pieces, use)
            found.tags.append(tag)
            walk.take(tag)
            end = stop
        walk.take_text(text[end:])
        found.problems += _foreign(_without_tags(text, "\0"), use, names or {})
        found.problems += _deleted(paragraph, use)
    found.problems += _deleted_blocks(root, label)
    walk.finish()
    for tag in found.tags:
        found.problems += _judge_tag(tag, found.tags, slot)
    return found


def judge_size(parts: Mapping[str, bytes]) -> Iterator[Problem]:
    """Yield the problem of a package whose XML is more than a template can need: every reader would hold it as a tree."""
    sizes = {name: len(part) for name, part in parts.items() if name.endswith((".xml", ".rels"))}
    if sum(sizes.values()) > XML_MAX:
        largest = max(sizes, key=lambda name: sizes[name])
        message = f"模板太大：里面的文字和格式超过 {XML_MAX // 1_000_000} MB"
        yield Problem(
            "template_too_large", message, HINTS["too_large"], Use(f"{part_label(largest)}（{largest}）", 0, "")
        )
    elif found := too_much(parts.items()):
        use = Use(f"{part_label(found[0])}（{found[0]}）", 0, "")
        yield Problem("template_too_large", f"模板太大：{found[1]}", HINTS["too_large"], use)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each tag of a text begins and ends; an opening without an end is passed over."""
    at, endless = 0, set[str]()
    while opening := _OPEN.search(text, at):
        kind = opening.group()
        end = -1 if kind in endless else text.find(_ENDS[kind], opening.end())
        if end < 0:
            endless.add(kind)
            at = opening.start() + 1
            continue
        at = end + 2
        yield opening.start(), at


def tags_in(text: str) -> list[str]:
    """Return the tags of a text."""
    return [text[start:stop] for start, stop in _spans(text)]


def _without_tags(text: str, hole: str = "") -> str:
    """Return a text with ``hole`` in place of each tag."""
    pieces, end = [], 0
    for start, stop in _spans(text):
        pieces.append(text[end:start])
        end = stop
    return hole.join([*pieces, text[end:]])


def _gone(node: etree._Element) -> bool:
    """Whether a text is in what a tracked revision deletes."""
    return any(map(_is_deletion, node.iterancestors()))


def _is_deletion(element: etree._Element) -> bool:
    """Whether an element is what a tracked revision deletes: text, blocks, a row, a cell."""
    if element.tag == f"{W}tr":
        return element.find(f"{W}trPr/{W}del") is not None
    if element.tag == f"{W}tc":
        return element.find(f"{W}tcPr/{W}cellDel") is not None
    return element.tag in (f"{W}del", f"{W}moveFrom")


def _tag_of(text: str, start: int, stop: int, pieces: Sequence[tuple[etree._Element, str]], use: Use) -> Tag:
    whole = text[start:stop]
    reach = _REACH.match(whole)
    words = re.sub(r"^\{%-?(?:(?:p|tr|tc|r) )?", "", whole[:TAG_MAX]).split()
    first, before, _ = _at(pieces, start)
    last, _, after = _at(pieces, stop - 1)
    return Tag(
        whole,
        reach[1] if reach else "",
        words[0].strip("-+%}") if whole.startswith("{%") and words else "",
        use,
        first,
        last,
        bool(before.strip()),
        bool(after.strip()),
    )


def _at(pieces: Sequence[tuple[etree._Element, str]], offset: int) -> tuple[etree._Element, str, str]:
    """Return the text node at an offset, and its text before and after that character."""
    for node, piece in pieces:
        if offset < len(piece):
            return node, piece[:offset], piece[offset + 1 :]
        offset -= len(piece)
    raise IndexError(offset)


class _Pairs:
    """Follows the pairs of block tags through a part."""

    def __init__(self, found: PartTags) -> None:
        self._found = found
        self._open: list[Tag] = []
        self._raw = False

    def take_text(self, text: str) -> None:
        """Note a text that is printed in any case."""
        plain = "".join(_ESCAPES.sub(lambda match: match.group().replace("_", ""), text).split())
        if plain and not self._open and not self._raw:
            self._found.printed.append(plain)

    def take(self, tag: Tag) -> None:
        """Take the next tag in the order of the document."""
        if tag.word in ("raw", "endraw"):
            self._raw = tag.word == "raw"
        elif self._raw:
            return
        elif tag.word in _OPENING or (tag.word == "set" and "=" not in tag.text):
            self._open.append(tag)
        elif tag.word in _MIDDLE and self._open:
            self._judge(self._open[-1], tag)
        elif tag.word in _MIDDLE:
            self._lonely(tag)
        elif tag.word.startswith("end"):
            if self._open and self._open[-1].word == tag.word[3:]:
                self._judge(self._open.pop(), tag)
            else:
                self._lonely(tag)

    def finish(self) -> None:
        """Name the tag that was not closed."""
        for tag in self._open:
            self._lonely(tag)

    def _lonely(self, tag: Tag) -> None:
        hint = "每个 if、for 要有自己的 endif、endfor"
        self._found.problems.append(Problem("template_syntax", f"标签没有配对：{tag.text}", hint, tag.use, tag.text))

    def _judge(self, first: Tag, last: Tag) -> None:
        message = hint = ""
        if first.reach != last.reach:
            message = f"一对标签写法不同：{first.text} … {last.text}"
            hint = f"两个都写作 {{%{first.reach or 'p'} … %}}，或者都写作 {{% … %}}"
        elif first.reach:
            start, end = first.reached, last.reached
            if start is None or end is None:
                return
            if start is end:
                word = _REACHED[first.reach]
                message = f"一对标签在同一{word}里：{first.text} … {last.text}"
                hint = "这样写只剩标签，中间的文字会丢；同一段里写 {% … %}，不带 " + first.reach
            elif start.getparent() is not end.getparent():
                message = f"一对标签不在同一处：{first.text} … {last.text}"
                hint = "两个标签放在同一个表格、同一个格子里，或者都放在正文里"
        elif not _same_structure(first.node, last.node):
            message = f"一对标签跨过了表格的格子、行或者文本框：{first.text} … {last.text}"
            hint = "整行重复写 {%tr for … %}、{%tr endfor %}，各占一行；整段写 {%p … %}"
        if message:
            self._found.problems.append(Problem("template_pair", message, hint, last.use, last.text))


def _same_structure(first: etree._Element, last: etree._Element) -> bool:
    """Whether the part between two places can be left out or repeated: the ways down to both are of the same elements."""
    above = [first, *first.iterancestors()]
    common = next(one for one in [last, *last.iterancestors()] if one in above)
    ways = []
    for node in (first, last):
        way = []
        for one in [node, *node.iterancestors()]:
            if one is common:
                break
            way.append(one.tag)
        ways.append(way)
    return ways[0] == ways[1] and not _STRUCTURES & set(ways[0])


def _judge_tag(tag: Tag, tags: Sequence[Tag], slot: bool) -> Iterator[Problem]:
    if len(tag.text) > TAG_MAX:
        yield Problem(
            "template_syntax", f"标签太长：{tag.text[:SHOWN]}", f"一个标签最多 {TAG_MAX} 个字", tag.use, tag.text
        )
    if tag.node is not tag.last:
        yield from _judge_halves(tag)
    if tag.reach and tag.text.startswith("{{") and not (slot and _SLOT.fullmatch(tag.text)):
        shown = re.sub(r"^\{\{(?:p|tr|tc|r) +", "{{ ", tag.text)
        message = f"这里填的都是文字，{tag.text} 排出来会是坏的"
        yield Problem("template_raw_tag", message, f"写作 {shown}", tag.use, tag.text)
    elif tag.reach:
        yield from _judge_reach(tag, tags)
    if tag.text.startswith("{%-") or tag.text.endswith("-%}"):
        yield from _judge_dash(tag)


def _judge_halves(tag: Tag) -> Iterator[Problem]:
    """Judge a tag of several runs: docxtpl takes out all that is between its first text and its last."""
    first, last = (list(element.iterancestors()) for element in (tag.node, tag.last))
    cut = [element for element in (*first, *last) if (element in first) != (element in last) and element.tag in _AROUND]
    if cut:
        message = f"标签一半在{_AROUND[cut[0].tag]}里面，一半在外面：{tag.text[:SHOWN]}"
        hint = "删去标签，重新打一遍；有修订的，先接受全部修订"
        yield Problem("template_syntax", message, hint, tag.use, tag.text)
        return
    paragraph = next(element for element in first if element.tag == f"{W}p")
    inside, objects = False, []
    for element in paragraph.iter():
        inside = inside or element is tag.node
        if element is tag.last:
            break
        if inside and (name := _object(element)):
            objects.append(name)
    if objects:
        message = f"标签 {tag.text[:SHOWN]} 中间的内容会丢：{'、'.join(dict.fromkeys(objects))}"
        yield Problem("template_text_lost", message, "把它移到标签外面", tag.use, tag.text)


def _judge_reach(tag: Tag, tags: Sequence[Tag]) -> Iterator[Problem]:
    reached, word = tag.reached, _REACHED[tag.reach]
    if reached is None:
        message = f"标签不在表格里：{tag.text}"
        yield Problem("template_pair", message, "整段的标签写作 {%p … %}", tag.use, tag.text)
        return
    if re.search(r"[%}]", tag.text[2:-2]):
        message = f"带 {tag.reach} 的标签里不能有 % 和 }}：{tag.text}"
        yield Problem("template_syntax", message, "先用 {% set … %} 算好，再写这个标签", tag.use, tag.text)
    beside = "".join(node.text or "" for node in reached.iter(f"{W}t") if not _gone(node))
    rest = _without_tags(beside).strip()
    others = [above.text for above in tags if above is not tag and reached in above.node.iterancestors()]
    objects = [name for element in reached.iter() for name in [_object(element)] if name]
    lost = rest or "、".join(dict.fromkeys([*others, *objects]))
    if lost and not (others and tag.reach == "r"):
        message = f"和 {tag.text} 同{word}的内容会丢：{lost[:SHOWN]}"
        yield Problem("template_text_lost", message, f"让这个标签独占一{word}", tag.use, tag.text)


def _object(element: etree._Element) -> str:
    if element.tag == f"{W}br" and element.get(f"{W}type") == "page":
        return "分页符"
    return _OBJECTS.get(element.tag, "") if isinstance(element.tag, str) else ""


def _judge_dash(tag: Tag) -> Iterator[Problem]:
    """Judge ``{%-`` and ``-%}``, by which docxtpl joins a paragraph with the one before or after it."""
    root = tag.node.getroottree().getroot()
    texts = list(root.iter(f"{W}t"))
    at = texts.index(tag.node)
    unsafe = False
    if tag.text.startswith("{%-"):
        unsafe = tag.follows or at == 0 or not _same_structure(texts[at - 1], tag.node)
    if tag.text.endswith("-%}") and not unsafe:
        unsafe = tag.precedes or at + 1 == len(texts) or not _same_structure(tag.node, texts[at + 1])
    if unsafe:
        message = f"{tag.text} 里的减号会把前后的段落并在一起，这里并不了"
        yield Problem("template_pair", message, "去掉减号", tag.use, tag.text)


def _deleted(paragraph: Paragraph, use: Use) -> Iterator[Problem]:
    text = "".join(str(mark.value) for mark in paragraph.of("deleted"))
    if _UNCLOSED.search(text):
        yield _deleted_tag("删除的文字", text, use)


def _deleted_blocks(root: etree._Element, label: str) -> Iterator[Problem]:
    """Yield the problems of tags in deleted rows, cells and paragraphs: no reader sees them, and docxtpl fills them in."""
    number, last = 0, None
    for element in root.iter(f"{W}p", f"{W}tr", f"{W}tc", f"{W}del", f"{W}moveFrom"):
        number += element.tag == f"{W}p"
        inside = last is not None and last in element.iterancestors()
        above = element.getparent()
        is_part = above is not None and above.tag in (f"{W}p", f"{W}trPr", f"{W}rPr")
        if inside or is_part or not _is_deletion(element):
            continue
        last = element
        text = "".join(node.text or "" for node in element.iter(f"{W}t", f"{W}delText"))
        if _UNCLOSED.search(text):
            what = {f"{W}tr": "修订删去的一行", f"{W}tc": "修订删去的一格"}.get(element.tag, "修订删去的段落")
            yield _deleted_tag(what, text, Use(label, number + 1, text[:SHOWN]))


def _deleted_tag(what: str, text: str, use: Use) -> Problem:
    message = f"{what}里有标签：{text[:SHOWN]}"
    return Problem("template_revision", message, "先接受或者拒绝全部修订，再用这个模板", use, text[:SHOWN])


def _foreign(text: str, use: Use, names: dict[str, str]) -> Iterator[Problem]:
    """Yield tags without an end, and braces of other dialects, in a text whose tags are gone."""
    text = _ESCAPES.sub("", text)
    wide = _FULL_WIDTH.search(text) if "｛" in text or "％" in text else None
    if wide:
        message = f"标签用了全角的括号：{wide.group()[:SHOWN]}"
        yield Problem("template_syntax", message, "用半角：{{ 变量 }}、{% if 变量 %}", use, wide.group()[:SHOWN])
        return
    unclosed = _UNCLOSED.search(text)
    if unclosed:
        shown = text[unclosed.start() :].partition("\0")[0][:40]
        hint = HINTS["unclosed"] if unclosed.group() != "{#" else "{# 和 #} 之间是注释；这里的循环写作 {% for … %}"
        yield Problem("template_syntax", f"{NO_END}：{shown}", hint, use, shown)
        return
    stray = _STRAY.search(text)
    if stray:
        message = f"多出来的或者分开写的括号：{text[max(stray.start() - 20, 0) : stray.end() + 10]}".replace("\0", "…")
        yield Problem("template_syntax", message, "标签写作 {{ 变量 }}，两个括号之间没有空格", use, stray.group())
        return
    for match in _OTHER_DIALECT.finditer(text):
        shown, name = match.group(), (match["name"] or match.group().strip("${}<>«»[]")).strip(" #/^&>.")
        path = names.get(name, "")
        hint = f"写作 {{{{ {path} }}}}" if path else "要填的内容写作 {{ 变量 }}；本来就要印这个括号的，不用改"
        yield Problem("template_dialect", f"这种写法不会被填：{shown}", hint, use, shown, warning=not path)
    for match in _PERHAPS.finditer(text):
        if path := names.get(match["name"].strip(), ""):
            hint = f"要填的，写作 {{{{ {path} }}}}；本来就要印这个括号的，不用改"
            yield Problem(
                "template_dialect", f"这种写法不会被填：{match.group()}", hint, use, match.group(), warning=True
            )
