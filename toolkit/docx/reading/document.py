"""Reads any DOCX (generated, edited by hand, or foreign without ids) into the tree; used by the commands on versions.

Levels come from ids, from automatic or typed numbers, and from styles. Content that the tree cannot hold (comments,
footnotes, text boxes, pictures, headers …) is reported and never dropped silently; tracked changes are read as accepted,
with a finding that says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from toolkit.compare import words
from toolkit.core.findings import Finding, Place, Severity
from toolkit.docx.reading.identity import Identity, Record, numbering_parts, read_identity
from toolkit.docx.reading.inlines import NO_DATE, ONE_MORE, OWN_CONTENTS, Unread, joined, read_inlines, shown
from toolkit.docx.reading.labels import Builder, Level, level_of, scheme_of
from toolkit.docx.reading.notice_ends import with_ends
from toolkit.docx.reading.package import open_package, tag
from toolkit.docx.reading.story import Paragraph, Story, WordTable, paragraphs_of, read_story
from toolkit.docx.reading.tables import read_table
from toolkit.docx.reading.unread_parts import findings_of, note_unread_parts, refuse_other_formats
from toolkit.docx.reading.word_numbers import WordNumbers
from toolkit.docx.template.style_names import CONTENTS_STYLES
from toolkit.language.periods import parse_date
from toolkit.model.tree import GROUPS, Document, DocumentSet, Inlines, Provision, Ref, Text, map_blocks, map_lines, walk
from toolkit.numbering import typed_numbers
from toolkit.numbering.citations import UnresolvedRef, annex_name
from toolkit.numbering.labels import number_set

#: Styles outside the body (``toolkit.docx.template.style_names``), and those of titles of foreign files.
_TITLES = frozenset(("公文标题", "Title", "title", "标题"))
_IMPRINT = "版记"
_HEADS = {
    "题注": "note",
    "副标题": "subtitle",
    "主送机关": "addressee",
    "附件说明": "attachments",
    "署名": "issuer",
    "成文日期": "doc_date",
    "发文字号": "doc_number",
    "发文机关标志": "issuer_mark",
    _IMPRINT: "imprint",
}
#: Styles of the 目录 of a generated file, which repeats headings; programs that save it name that of its lines each in its way.
CONTENTS_LINE = re.compile(rf"{CONTENTS_STYLES['ContentsTitle']}|(?:toc|contents|目录) ?\d", re.IGNORECASE)
_SILENT = frozenset(("版头红线",))
_CAPTIONS = frozenset(("表题", "caption", "Caption"))
_BODY = frozenset(("条", "款", "项", "目", "正文公文", "填写说明"))
#: The 目录 of a foreign file: its title, and the headings that it repeats.
_CONTENTS_TITLE = re.compile("目[录次]")
_CONTENTS_END = re.compile(r"[\s.…·．]*\d*$")
_CONTENTS_MOST = 60
_NUMBER = re.compile("(?:第[〇零一二三四五六七八九十百]+[编章节条])?")
_NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
#: A 题注: brackets around when and by whom the text was adopted, of any length; and the longest other title and subtitle.
_NOTE = re.compile(r"[（(].*\d{4}\s*年.*[）)]|[（(][^）)]{0,98}[）)]", re.DOTALL)
_NOTE_BEGINS = re.compile(r"[（(](?:[^）)]*\d{4}\s*年[^）)]*|[^）)]*)", re.DOTALL)
_FRONT_MOST = 100
_PRINTED = re.compile(r"(?P<office>.*?)\s*(?:(?P<date>\d{4}年\d{1,2}月\d{1,2}日)?[\s年月日]*印发)?")

#: A day inside a line, and the characters of a blank for one.
_DAY = re.compile(
    r"[\d〇零○一二三四五六七八九]{4}\s*年\s*[\d一二三四五六七八九十]{1,2}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日"
)
_BLANK_DAY = "年月日_＿ \t\n\u3000\xa0"


@dataclass(slots=True)
class Read:
    """The document that was read.

    ``left``: content that the tree cannot hold; ``foreign``: the file has no ids; ``stale``: references whose text in the
    file is not that of their target, or whose target is gone; ``written``: labels that the file always writes otherwise: 1. → ⒈.
    """

    document: Document
    left: Unread
    findings: list[Finding] = field(default_factory=list)
    foreign: bool = False
    data: bytes = b""
    stale: list[Finding] = field(default_factory=list)
    written: Mapping[str, str] = field(default_factory=dict)


def read_document(data: bytes, name: str = "", scheme: str = "") -> Read:
    """Return the file as a document. ``scheme`` is its numbering if known; used if the file itself does not say.

    Raises :class:`toolkit.core.findings.FileError` with the reason for a file that cannot be read.
    """
    refuse_other_formats(data, name)
    package = open_package(data)
    identity = read_identity(package)
    body = package.xml(package.main).find(tag("body"))
    reader = _BodyReader(identity, name, scheme)
    if body is not None:
        reader.body(read_story(body, WordNumbers(*numbering_parts(package))))
    document = reader.finished() if identity.provisions else with_ends(reader.finished())
    note_unread_parts(package, reader.left, body if identity.provisions else None)
    findings = [*reader.findings, *findings_of(reader.left, name)]
    return Read(document, reader.left, findings, not identity.provisions, data, reader.stale, reader.otherwise())


def stale_refs(data: bytes) -> list[Finding]:
    """Return a warning for each reference whose text is not that of its target, or whose target was deleted.

    Codes: ``stale_reference``, ``dangling_reference``. Raises :class:`toolkit.core.findings.FileError` as the reader does.
    """
    return read_document(data).stale


class _BodyReader:
    """Walks the body once and nests its paragraphs and tables."""

    def __init__(self, identity: Identity, name: str, scheme: str) -> None:
        self.identity = identity
        self.name = name
        self.given = scheme
        self.left = Unread()
        self.findings: list[Finding] = []
        self.stale: list[Finding] = []
        self.shown: dict[str, list[str]] = {}
        self.written: dict[str, list[str]] = {}
        #: Automatic numbers that are none of an official document, “” for a bullet.
        self.marks: list[str] = []
        self.count = 0
        self.seen: set[str] = set()
        self.documents: list[Builder] = []
        self.caption: tuple[Inlines, str] | None = None
        self.carried: tuple[Inlines, list[str]] = ((), [])
        #: Lines of the 目录 of a generated file, and the paragraphs that they may repeat.
        self.contents: list[str] = []
        self.headings: set[str] = {"目录", ""}
        #: The line of the 版记 that says who printed the paper.
        self.printed = ""

    # -- the body

    def body(self, story: Story) -> None:
        """Read the main part."""
        self.left.tracked += story.tracked
        contents = contents_of(story.paragraphs()) if not self.identity.provisions else []
        if contents:
            self.left.add("目录")
        self.documents = [Builder(self.identity.document, self._scheme(story))]
        for block in story.blocks:
            if isinstance(block, WordTable):
                self._table(block)
            elif block not in contents:
                self._paragraph(block)
        self._flush_caption()
        for line in self.contents:
            if _entry(line) not in self.headings:
                self.left.add(OWN_CONTENTS, line.strip())

    def _scheme(self, story: Story) -> str:
        if self.identity.document in self.identity.schemes:
            return self.identity.schemes[self.identity.document][0] or "none"
        return self.given or scheme_of((line.label, line.text) for line in story.paragraphs())

    def _paragraph(self, paragraph: Paragraph) -> None:
        style, label = paragraph.style, paragraph.label
        self.left.add_of(paragraph)
        if self.identity.provisions and CONTENTS_LINE.fullmatch(style):
            self.contents.append(paragraph.text)
            return
        line = joined(self.carried[0], read_inlines(paragraph, self.identity))
        bookmarks = [*self.carried[1], *paragraph.bookmarks]
        self.carried = ((), [])
        if paragraph.joins:  # if accepted, the paragraph joins the next one and takes its number
            self.carried = (line, bookmarks) if line else self.carried
            return
        records = self._records(bookmarks)
        text = _text(line)
        if self.contents:
            self.headings |= {_entry(label + text), _entry(text)}
        if not _NO_WIDTH.sub("", text).strip() and not label.strip() and not records:
            return
        if style in _TITLES:
            self._title(text)
        elif style in _HEADS:
            self._head(_HEADS[style], text)
        elif style in _SILENT and not text.strip():
            return
        elif style in _CAPTIONS or _table_of(records):
            self._flush_caption()
            self.caption = (line, _table_of(records))
        else:
            self._provision(line, paragraph, records)

    def _records(self, bookmarks: Iterable[str]) -> list[Record]:
        return [self.identity.provisions[name] for name in bookmarks if name in self.identity.provisions]

    # -- outside the body

    def _title(self, text: str) -> None:
        text = text.replace("\n", "").strip()
        current = self.documents[-1]
        if current.title and len(self.documents) < len(self.identity.schemes):
            self._flush_caption()
            key = next(key for key in self.identity.schemes if key != self.identity.document)
            self.documents.append(Builder(key, self.identity.schemes[key][0] or "none"))
            current = self.documents[-1]
        current.title += text

    def _head(self, name: str, text: str) -> None:
        text, current = text.replace("\n", "").strip(), self.documents[-1]
        if name in ("note", "addressee"):  # a second one, typed below the first, goes on in it
            current.values[name] = joined(current.values.get(name, ()), (Text(text),) if text else ())  # type: ignore[arg-type]
        elif name == "attachments":
            line = re.sub(r"^(?:附件：)?(?:\d+[.．])?", "", text)
            current.values["attachments"] = (*current.values.get("attachments", ()), line)  # type: ignore[misc]
        elif name == "doc_date":
            current.values["conclusions"] = True
            if text and current.values.get("doc_date"):
                self.left.add(ONE_MORE.format("成文日期"), text.strip())
            else:
                current.values["doc_date"] = self._date(text, "成文日期")
        elif name == "doc_number":  # an upward paper names its 签发人 behind the number
            number, _, approver = text.partition("签发人：")
            current.values["doc_number"] = str(current.values.get("doc_number", "")) + number.rstrip()
            current.values["approver"] = approver.strip()
        elif name == "imprint":
            self._imprint(text)
        else:
            current.values[name] = str(current.values.get(name, "")) + text

    def _imprint(self, text: str) -> None:
        """Take a line of the 版记: 抄送, or who printed it and when; of several such the one that says 印发."""
        values = self.documents[-1].values
        if text.startswith("抄送："):
            copies = (str(values.get("copy_to", "")), text.removeprefix("抄送：").rstrip("。"))
            values["copy_to"] = "，".join(filter(None, copies))
        elif text and self.printed and ("印发" in self.printed or "印发" not in text):
            self.left.add(ONE_MORE.format("版记"), text.strip())
        elif match := _PRINTED.fullmatch(text):
            if self.printed:
                self.left.add(ONE_MORE.format("版记"), self.printed.strip())
            self.printed = text
            values["printing_office"] = match["office"].strip()
            values["printing_date"] = self._date(match["date"] or "", "印发日期")

    def _date(self, text: str, name: str) -> str:
        """Return the day that a line states, "" for a blank; other text, and a text that is no day, is left."""
        rest, day = text, ""
        for found in (text, *_DAY.findall(text)[:1]):
            try:
                day, rest = parse_date(found), text.replace(found, "", 1)
                break
            except ValueError:
                continue
        if rest.strip(_BLANK_DAY):
            self.left.add(NO_DATE.format(name), text.strip())
        return day

    # -- provisions

    def _id(self, record_id: str) -> str:
        if record_id and record_id not in self.seen:
            self.seen.add(record_id)
            return record_id
        self.count += 1
        return f"?{self.count}"

    def _provision(self, line: Inlines, paragraph: Paragraph, records: list[Record]) -> None:
        self._flush_caption()
        style, label = paragraph.style, paragraph.label
        text = _text(line)
        current = self.documents[-1]
        ids = {record.level: record.id for record in reversed(records)}
        expected = current.next_article()
        level = level_of(current.scheme, label, text, style, ids, expected)
        may_be_front = not current.blocks and level.level == "paragraph" and not ids and style not in _BODY
        if may_be_front and self._is_front(text):
            return
        parts = _without_start(line, level.prefix)
        if not level.label and (label.strip() or paragraph.bullet):
            self.marks.append(label.strip())
        if level.label:
            self.shown.setdefault(current.id, []).append(level.label)
            if level.raw.strip() not in (level.label, ""):
                self.written.setdefault(level.label, []).append(level.raw.strip())
        self._push(current, level, ids, parts)

    def _is_front(self, text: str) -> bool:
        """Take the first texts of a foreign file, above its first number, as its title and 题注; returns whether it did."""
        current = self.documents[-1]
        text = text.strip()
        if self.identity.provisions or current.scheme == "none":
            return False
        if not current.title:
            if len(text) <= _FRONT_MOST:
                current.title = text
            return bool(current.title)
        note = "".join(part.text for part in current.values.get("note", ()))  # type: ignore[attr-defined]
        if note and not note.endswith(("）", ")")):  # a 题注 of several paragraphs, up to its bracket
            note += text
        elif not note and (_NOTE.fullmatch(text) or (_NOTE_BEGINS.fullmatch(text) and re.search(r"\d{4}\s*年", text))):
            note = text
        else:
            return False
        current.values["note"] = (Text(note),)
        return True

    def _push(self, current: Builder, level: Level, ids: dict[str, str], parts: Inlines) -> None:
        identity = self._id(ids.get(level.level, ""))
        # Of a generated file the numbers are automatic and counted; of another one they stay as they read, until all are known.
        number = (Text(level.label),) if level.label and not self.identity.provisions else ()
        if level.level in GROUPS:
            current.push(Provision(level.level, identity, heading=parts, number=number), level.rank)
        elif level.level == "article":
            if level.headed:
                current.push(Provision("article", identity, heading=parts, number=number), level.rank)
                return
            current.push(Provision("article", identity, number=number), level.rank)
            if parts:
                paragraph = self._id(ids.get("paragraph", ""))
                current.push(Provision("paragraph", paragraph, content=parts), level.rank + 1)
        else:
            if level.level == "paragraph" and not self.identity.provisions and annex_name(_text(parts)):
                current.begin_annex()
            rank = current.text_rank() if level.level == "paragraph" else level.rank
            current.push(Provision(level.level, identity, content=parts, number=number), rank)

    # -- tables

    def _table(self, source: WordTable) -> None:
        lines = list(paragraphs_of([source]))
        if lines and {line.style for line in lines} == {_IMPRINT}:
            documents, self.documents = self.documents, self.documents[:1]
            for line in lines:
                self._head("imprint", _text(read_inlines(line, self.identity)))
            self.documents = documents
            return
        table = read_table(source, self.identity, self.left)
        caption, owner = self.caption or ((), "")
        self.caption = None
        bookmarks = [name for line in lines for name in line.bookmarks]
        table = replace(table, id=self._id(owner or _table_of(self._records(bookmarks))), caption=caption)
        if any(line for row in table.rows for cell in row.cells for line in cell.content):
            self.documents[-1].add_table(table)

    def _flush_caption(self) -> None:
        """Make a paragraph of a caption without a table."""
        if self.caption is not None:
            parts, self.caption = self.caption[0], None
            current = self.documents[-1]
            current.push(Provision("paragraph", self._id(""), content=parts), current.text_rank())

    # -- the end

    def finished(self) -> Document:
        """Return the document after checking its references and comparing its numbers with the printed ones."""
        if not self.documents:
            return Document("", 0, "", "", "", "", "none")
        built = tuple(builder.document(self.identity) for builder in self.documents)
        documents = [self._with_sure_refs(document, built) for document in built]
        if self.identity.provisions:
            for document in documents:
                self._check_numbers(document)
        else:
            documents = [self._with_numbers(document) for document in documents]
        return replace(documents[0], enclosure=documents[1]) if len(documents) > 1 else documents[0]

    def _with_numbers(self, document: Document) -> Document:
        """Return a foreign document with its numbers as text where the count gives others, with a finding."""
        settled, differs = typed_numbers.settled(document)
        if differs is not None:
            expected, printed = differs
            message = f"文中的编号“{printed}”与顺序不符，按顺序是“{expected}”；比较和修订稿都照文中的编号"
            self.findings.append(
                Finding("number_out_of_order", Severity.WARNING, message, Place(self.name), subject=printed)
            )
        if self.written:
            label, raw = next((label, raw[0]) for label, raw in self.written.items())
            count = sum(map(len, self.written.values()))
            message = f"{count} 个编号的写法不同（如“{raw}”），比较和修订稿按“{label}”的写法"
            self.findings.append(Finding("number_style", Severity.NOTICE, message, Place(self.name), subject=raw))
        if self.marks:
            shown = next((f"编号（如“{mark}”）" for mark in self.marks if mark), "项目符号")
            message = f"{len(self.marks)} 段的自动{shown}不是公文的编号，没有比较，重排的修订稿里没有"
            hint = "要保留的，修订稿加 --own-layout"
            self.findings.append(Finding("list_mark", Severity.NOTICE, message, Place(self.name), hint, subject=shown))
        return settled

    def otherwise(self) -> dict[str, str]:
        """Return label → how the file writes it, wherever it stands."""
        counts = Counter(label for labels in self.shown.values() for label in labels)
        return {
            label: raw[0]
            for label, raw in self.written.items()
            if len(set(raw)) == 1 and len(raw) == counts[label] and words.even(raw[0]) != words.even(label)
        }

    def _check_numbers(self, document: Document) -> None:
        labels = number_set(DocumentSet("", "", "", (document,)))[document.id]
        computed = [labels.label(block.id) for block in walk(document.body) if isinstance(block, Provision)]
        computed = [label for label in computed if label]
        for expected, printed in zip(computed, self.shown.get(document.id, []), strict=False):
            if expected != printed:
                message = f"文中的编号“{printed}”与顺序不符，按顺序是“{expected}”；比较按顺序编号"
                self.findings.append(
                    Finding("number_out_of_order", Severity.WARNING, message, Place(self.name), subject=printed)
                )
                return

    # -- references

    def _with_sure_refs(self, document: Document, every: tuple[Document, ...]) -> Document:
        """Keep references whose target in the file has the text that they show; make the others text, with a finding."""
        labels = number_set(DocumentSet("", "", "", every))

        def line(origin: str, parts: Inlines) -> Inlines:
            return tuple(sure(origin, part) if isinstance(part, Ref) else part for part in parts)

        def sure(origin: str, ref: Ref) -> Ref | Text:
            bare = replace(ref, shown="")
            try:
                expected = labels.reference(document.id, origin, bare).text
            except UnresolvedRef:
                expected = ""
            if expected == ref.shown:
                return bare
            self.stale.append(_stale(ref, expected, Place(document=document.id, provision=origin)))
            return Text(ref.shown)

        body = map_blocks(document.body, lambda block: map_lines(block, partial(line, block.id)))
        return replace(document, body=body)


def _stale(ref: Ref, expected: str, where: Place) -> Finding:
    if not expected:
        message = f"引用“{ref.shown}”所指的条款已不在文中"
        hint = "请改引其他条款或删去这处引用"
        return Finding("dangling_reference", Severity.WARNING, message, where, hint, subject=ref.target)
    message = f"引用“{ref.shown}”与现在的编号不符，应为“{expected}”"
    hint = "在 Word 或 WPS 中全选后按 F9 更新编号引用；“第几款、第几项”等文字请手工改正"
    return Finding("stale_reference", Severity.WARNING, message, where, hint, subject=ref.target)


def _table_of(records: list[Record]) -> str:
    """Return the id of the first table among the records, ``""`` without one."""
    return next((record.id for record in records if record.level == "table"), "")


def _entry(line: str) -> str:
    """Return the key that a line of a 目录 and its heading share: no white space, no page."""
    return "".join(line.split()).rstrip("0123456789")


def _text(line: Inlines) -> str:
    return "".join(map(shown, line))


def _without_start(parts: Inlines, count: int) -> Inlines:
    """Return inlines without their first ``count`` characters (the number and the space after it)."""
    out = []
    for part in parts:
        if count and isinstance(part, Text):
            cut = min(count, len(part.text))
            count -= cut
            part = Text(part.text[cut:])
            if not part.text:
                continue
        out.append(part)
    return tuple(out)


def contents_of(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs of a foreign file's 目录: its title and the headings after it.

    The 目录 repeats the headings of the text, with page numbers or without, so it ends where its first line comes again.
    Headings that come only once belong to the text; a sentence is no line of a 目录.
    """
    lines: list[Paragraph] = []
    first = ""
    for paragraph in paragraphs:
        text = "".join(paragraph.text.split())
        if not lines:
            if _CONTENTS_TITLE.fullmatch(text):
                lines.append(paragraph)
            continue
        entry = _CONTENTS_END.sub("", text)
        if entry and first.endswith(entry) and _NUMBER.fullmatch(first.removesuffix(entry)):
            return lines  # the heading itself, whose number may be one of Word's
        if len(entry) > _CONTENTS_MOST or text.endswith(("。", "；", "：")):
            return []
        first = first or entry
        lines.append(paragraph)
    return []
