"""Finds references whose text no longer matches the numbering of the file; used by the tests.

The paragraphs of the file, with computed labels and ids, are nested into a bare tree again; from it
:mod:`toolkit.numbering.labels` computes the expected text of each reference (第二款, 前款), by the rules that wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from toolkit.core.findings import Finding, Place, Severity
from toolkit.docx.reading.package import open_package
from toolkit.docx.reading.paragraphs import Identity, Record, WordParagraph, innermost, read_identity, read_paragraphs
from toolkit.model.tree import LEVELS, Document, DocumentSet, Provision, Ref
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import SetLabels, number_set

_NUMERAL = "[零〇一二三四五六七八九十百千万]+"
_ARTICLE_LABELS = tuple(
    (re.compile(pattern), level)
    for pattern, level in (
        (rf"第{_NUMERAL}编", "part"),
        (rf"第{_NUMERAL}章", "chapter"),
        (rf"第{_NUMERAL}节", "section"),
        (rf"第{_NUMERAL}条", "article"),
        (rf"（{_NUMERAL}）", "item"),
        (r"\d+[.．]", "subitem"),
    )
)
_OUTLINE_LABELS = tuple(
    re.compile(pattern) for pattern in (rf"{_NUMERAL}、", rf"（{_NUMERAL}）", r"\d+[.．]", r"（\d+）")
)
#: Style names of unnumbered text in the body (``toolkit.docx.template.style_names``).
_TEXT_STYLES = frozenset(("条", "款", "正文公文"))
_HINT = "在 Word 或 WPS 中全选后按 F9 更新编号引用；“第几款、第几项”等文字请手工改正"


@dataclass(slots=True)
class _Node:
    """A provision whose children are being collected. ``rank`` orders levels from the root (-1)."""

    level: str
    id: str
    rank: int
    children: list[_Node] = field(default_factory=list)

    def freeze(self) -> Provision:
        return Provision(self.level, self.id, children=tuple(child.freeze() for child in self.children))


def stale_refs(data: bytes) -> list[Finding]:
    """Return a warning for each reference whose text is not the expected one, or whose target was deleted.

    Codes: ``stale_reference``, ``dangling_reference``. Raises :class:`toolkit.core.findings.FileError` as the reader does.
    """
    package = open_package(data)
    identity = read_identity(package)
    paragraphs = read_paragraphs(package, identity)
    documents, origins = _rebuild(paragraphs, identity)
    labels = number_set(DocumentSet("", "", "", tuple(documents)))
    homes: dict[str, WordParagraph] = {}
    for paragraph in paragraphs:
        for name in paragraph.starts:
            homes.setdefault(name, paragraph)
    findings: list[Finding] = []
    for paragraph, origin in zip(paragraphs, origins, strict=True):
        findings.extend(_computed(paragraph, origin, identity, labels))
        findings.extend(_live(paragraph, homes, identity))
    return findings


def _live(paragraph: WordParagraph, homes: dict[str, WordParagraph], identity: Identity) -> list[Finding]:
    """Check REF fields against the label of the paragraph where their bookmark starts."""
    findings = []
    for name, shown in paragraph.fields:
        if any(shown in text for bookmark, text in paragraph.marked.items() if bookmark in identity.references):
            continue
        target = homes.get(name)
        where = Place(document=identity.document, provision=innermost(paragraph, identity))
        if target is None:
            findings.append(_dangling(shown, where, name))
        elif target.label.strip() and target.label.strip() != shown.strip():
            findings.append(_stale(shown, target.label.strip(), where, name))
    return findings


def _computed(
    paragraph: WordParagraph, origin: tuple[str, str], identity: Identity, labels: SetLabels
) -> list[Finding]:
    """Check the references whose text the writer computed."""
    findings = []
    for name, shown in paragraph.marked.items():
        record = identity.references.get(name)
        if record is None:
            continue
        document = record.enclosure or identity.document
        where = Place(document=document, provision=innermost(paragraph, identity))
        try:
            ref = Ref(record.id, record.document, record.relative)
            expected = labels.reference(document, origin[1] if origin[0] == document else "", ref).text
        except UnresolvedRef:
            findings.append(_dangling(shown, where, record.id))
            continue
        if expected != shown:
            findings.append(_stale(shown, expected, where, record.id))
    return findings


def _stale(shown: str, expected: str, where: Place, subject: str) -> Finding:
    message = f"引用“{shown}”与现在的编号不符，应为“{expected}”"
    return Finding("stale_reference", Severity.WARNING, message, where, _HINT, subject=subject)


def _dangling(shown: str, where: Place, subject: str) -> Finding:
    message = f"引用“{shown}”所指的条款已不在文中"
    return Finding(
        "dangling_reference", Severity.WARNING, message, where, "请改引其他条款或删去这处引用", subject=subject
    )


# --- the bare tree ---------------------------------------------------------------------------------------------


def _rebuild(paragraphs: list[WordParagraph], identity: Identity) -> tuple[list[Document], list[tuple[str, str]]]:
    """Return the documents of the file and, for each paragraph, (document id, id of its block or ``""``)."""
    builders: dict[str, _Builder] = {}
    origins = []
    current = identity.document
    for index, paragraph in enumerate(paragraphs):
        records = [identity.provisions[name] for name in paragraph.starts if name in identity.provisions]
        current = next((record.enclosure for record in records if record.enclosure), current)
        if current not in builders:
            scheme, brackets = identity.schemes.get(current, ("articles", False))
            builders[current] = _Builder(current, scheme, brackets)
        origins.append((current, builders[current].add(paragraph, records, index, innermost(paragraph, identity))))
    return [builder.document() for builder in builders.values()], origins


class _Builder:
    """Nests the paragraphs of one document by their labels."""

    def __init__(self, identity: str, scheme: str, brackets: bool) -> None:
        self.document_id = identity
        self.scheme = scheme
        self.brackets = brackets
        self.root = _Node("", "", -1)
        self.stack = [self.root]

    def document(self) -> Document:
        body = tuple(child.freeze() for child in self.root.children)
        empty = Document(self.document_id, 0, "", "", "", "", self.scheme, body)
        return replace(empty, ref_brackets=self.brackets)

    def add(self, paragraph: WordParagraph, records: list[Record], index: int, around: str) -> str:
        if paragraph.table:
            return around
        ids = {record.level: record.id for record in records}
        label = paragraph.label.strip()
        if self.scheme == "outline":
            return self._outline(label, ids, index, paragraph.style, around)
        level = next((level for pattern, level in _ARTICLE_LABELS if pattern.fullmatch(label)), "")
        if level:
            node = self._push(level, ids.get(level, f"?{index}"), LEVELS.index(level))
            if level != "article":
                return node.id
        elif paragraph.style not in _TEXT_STYLES and not ids:
            return around
        return self._push("paragraph", ids.get("paragraph", f"?{index}p"), LEVELS.index("paragraph")).id

    def _outline(self, label: str, ids: dict[str, str], index: int, style: str, around: str) -> str:
        depth = next((rank for rank, pattern in enumerate(_OUTLINE_LABELS) if pattern.fullmatch(label)), None)
        level = next((level for level in LEVELS if level in ids and level != "paragraph"), "")
        if depth is not None:
            above = next((node for node in reversed(self.stack) if node.rank < 10 * depth), self.root)
            level = level or ("article" if above.level in ("", "chapter") else "item")
            node = self._push(level, ids.get(level, f"?{index}"), 10 * depth)
            if level != "article" or "paragraph" not in ids:
                return node.id
        elif style not in _TEXT_STYLES and not ids:
            return around
        rank = max((node.rank for node in self.stack if node.level != "paragraph"), default=-1) + 1
        return self._push("paragraph", ids.get("paragraph", f"?{index}p"), rank).id

    def _push(self, level: str, identity: str, rank: int) -> _Node:
        while self.stack[-1].rank >= rank:
            self.stack.pop()
        node = _Node(level, identity, rank)
        self.stack[-1].children.append(node)
        self.stack.append(node)
        return node
