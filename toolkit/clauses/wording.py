"""The text of a clause as an editor shows it, with a token in 〔〕 for each name, and the way back to a block of a preset.

A paragraph is a line, an item a line that begins with （一）, a subitem one with 1. Hidden parts stay as they are:
ids, conditions and topics of each line, and lines that do not apply to this unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from difflib import SequenceMatcher

from toolkit.clauses.names import Names, columns_of
from toolkit.compose.documents import leads_in
from toolkit.compose.entries import Record
from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.coverage.index import Index
from toolkit.language.numerals import chinese_numeral
from toolkit.model.tree import Ref
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import inline_text
from toolkit.presets.markup import (
    ITEM_ENDS,
    FieldSpec,
    Literal,
    Part,
    Parts,
    Placeholder,
    RefSpec,
    TemplateBlock,
    cut_end,
    parse,
)
from toolkit.presets.spec import chains
from toolkit.presets.writing import block_source, plain_block

_TOKEN = re.compile(r"〔([^〔〕\n]*)〕")
#: Text in 〔〕 that is no token: the year of a 发文字号.
_YEAR = re.compile(r"\d{4}")
_ITEM = re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]\s*|[-•·]\s+")
_SUBITEM = re.compile(r"\d{1,2}[.．、]\s*")
#: After these an item takes no further mark.
_CLOSED = ("。", "；", "：", "！", "？", "…", "。”", "。）", "。》")
#: Lines that have less in common than this are not the same line, reworded.
_ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class Token:
    """A name in the text of a clause: ``label`` is shown in 〔〕, ``value`` is its printed value in this unit.

    ``what`` is its full name (分析研判的频次), ``parameters`` are the keys of the answers that it comes from, ``part``
    is the name as a preset writes it.
    """

    label: str
    what: str
    value: str
    parameters: tuple[str, ...]
    part: Part


@dataclass(slots=True)
class _Line:
    """A line that a clerk wrote, with the lines below it."""

    level: str
    text: str
    below: list[_Line] = field(default_factory=list)


class Wording:
    """Turns blocks of one document into text with tokens, and back.

    ``blocks`` are those whose names have tokens (the clause, and its wording in the preset), ``offered`` are further names.
    """

    def __init__(
        self, names: Names, index: Index, blocks: Sequence[TemplateBlock], offered: Sequence[Placeholder] = ()
    ) -> None:
        self.names, self.index, self.document = names, index, names.template.id
        built = ((owner, place) for owner, place in index.built.sources.items() if owner[0] == self.document)
        #: The blocks of this document in the unit's set: place of a block → its id.
        self.built = {(place.file, place.line): provision for (_, provision), place in built if provision}
        self.tokens = self._tokens(blocks, offered)
        self._by_part: Mapping[Part, str] = {token.part: token.label for token in self.tokens}
        self._by_label = {token.label: token for token in self.tokens}

    # Tokens --------------------------------------------------------------------------------

    def _tokens(self, blocks: Sequence[TemplateBlock], offered: Sequence[Placeholder]) -> tuple[Token, ...]:
        """Name each part: in short; at length where two would have one name, or where the text has it as it is."""
        found: dict[Part, tuple[str, str, str]] = {}
        taken: set[str] = set()
        for part, chain in (*_parts_of(blocks), *((part, ()) for part in offered)):
            if isinstance(part, Literal):
                taken |= set(_TOKEN.findall(part.text))
            elif part not in found:
                found[part] = self._named(part, chain)
        short = [names[0] for names in found.values()]
        tokens: list[Token] = []
        for part, (brief, long, value) in found.items():
            label = brief if short.count(brief) == 1 and brief not in taken else long
            number, first = 1, label
            while label in taken:
                number += 1
                label = f"{first}（{number}）"
            taken.add(label)
            parts = (part, *part.each) if isinstance(part, Placeholder) and part.each else (part,)
            tokens.append(Token(label, long, value, self.names.parameters(parts), part))
        return tuple(tokens)

    def _named(self, part: Part, chain: Sequence[TemplateBlock]) -> tuple[str, str, str]:
        """Return the short and the full name of a part, and its printed value."""
        if isinstance(part, FieldSpec):
            return f"填写：{part.label or part.id}", f"填写：{part.label}（{part.id}）", ""
        if isinstance(part, RefSpec):
            shown = self._shown(part, chain)
            return shown, f"引用：{shown}", shown
        assert isinstance(part, Placeholder)
        columns = [column for block in chain for column in columns_of(self.names.preset, block.each)]
        name = self.names.name(part, columns)
        return _bare(name.short), _bare(name.long), name.value

    def _shown(self, part: RefSpec, chain: Sequence[TemplateBlock]) -> str:
        """Return how a reference is printed in this unit; by the heading or id of its target if that is not there."""
        document, target = self.index.preset.where(part.document or self.document, part.target)
        origin = next(
            (self.built[key] for block in reversed(chain) if (key := (block.file, block.line)) in self.built), ""
        )
        ref = Ref(target, "" if document == self.document and target else document, part.relative, brief=True)
        try:
            shown = inline_text(self.index.labels, self.document, origin, (ref,))
        except UnresolvedRef:
            shown = f"引用 {part.document}#{part.target}"
        return _bare(shown)

    # Block → text --------------------------------------------------------------------------

    def inline(self, parts: Parts) -> str:
        """Return a text with its tokens."""
        return "".join(part.text if isinstance(part, Literal) else f"〔{self._by_part[part]}〕" for part in parts)

    def text(self, block: TemplateBlock) -> str:
        """Return the text of an article without its heading, or of a paragraph: a line for each paragraph and item."""
        lines: list[str] = []
        for paragraph in self._seen(block.children if block.level == "article" else (block,)):
            lines.append(self.inline(paragraph.parts))
            lines += self._items(self._seen(paragraph.children))
        return "\n".join(lines)

    def _items(self, items: Sequence[TemplateBlock]) -> Iterator[str]:
        texts = [self.inline(item.parts) for item in items]
        several = any("。" in text.rstrip("。”’）》") for text in texts)
        for number, (item, text) in enumerate(zip(items, texts, strict=True), start=1):
            below = self._seen(item.children)
            label = f"（{chinese_numeral(number)}）" if item.level == "item" else f"{number}."
            end = "" if below or text.endswith(_CLOSED) else "。" if several or number == len(items) else "；"
            yield label + text + end
            yield from self._items(below)

    def _seen(self, blocks: Sequence[TemplateBlock]) -> list[TemplateBlock]:
        """Return the blocks that this unit's set has, or would have if this layer were the last."""
        return [block for block in blocks if self.applies(block)]

    def applies(self, block: TemplateBlock) -> bool:
        """Whether a block is there in this unit: its condition holds (of a repeated one for a row), and so it does below."""
        scope, local = self.names.scope, self.names.local
        rows: Sequence[Record | None] = [None]
        if block.each:
            rows = scope.records(block.each, self.names.template.meeting)
        if not any(scope.holds(block.when, row, local) for row in rows):
            return False
        leads = block.level in ("chapter", "article") or leads_in(block)
        return not (leads and block.children) or any(map(self.applies, block.children))

    # Text → block --------------------------------------------------------------------------

    def parts(self, text: str, place: Place) -> tuple[Parts, tuple[Finding, ...]]:
        """Return the parts of a text with tokens; an unknown token is a finding and stays as text."""
        parts: list[Part] = []
        findings: list[Finding] = []
        literal, end = "", 0
        for match in _TOKEN.finditer(text):
            token = self._by_label.get(match[1])
            if token is None:
                if not _YEAR.fullmatch(match[1]):
                    findings.append(self._unknown(match[1], place))
                continue
            literal += text[end : match.start()]
            parts += [Literal(literal), token.part] if literal else [token.part]
            literal, end = "", match.end()
        literal += text[end:]
        return (*parts, Literal(literal)) if literal else tuple(parts), tuple(findings)

    def _unknown(self, label: str, place: Place) -> Finding:
        labels = "、".join(f"〔{name}〕" for name in self._by_label)
        hint = nearest(label, self._by_label, f"可以用：{labels}" if labels else "这一条没有这样的字")
        return Finding("unknown_token", Severity.ERROR, f"这一条里没有〔{label}〕", place, hint, subject=label)

    def block(self, text: str, heading: str, old: TemplateBlock) -> tuple[TemplateBlock, tuple[Finding, ...]]:
        """Return ``old`` with another text and heading, and the findings about parts that cannot be used (all of them errors)."""
        place = Place(document=self.document, provision=old.id)
        lines, findings = _lines_of(text, place)
        if old.level == "article":
            parts, unknown = self.parts(heading.strip(), place)
            findings += unknown
            new = replace(old, parts=parts, children=self._laid(lines, old.children, findings, place))
        else:
            laid = self._laid(lines, (old,), findings, place)
            if len(laid) != 1:
                findings.append(
                    _unwritable("这一处只能是一段", place, "需要另起一段的，写成（一）（二）各项，或者并成一段")
                )
            new = replace(laid[0], id=old.id) if laid else old
        new = replace(plain_block(new), take="")
        if not findings:
            findings += _unreadable(new, place)
        return new, tuple(findings)

    def _laid(
        self, lines: Sequence[_Line], old: Sequence[TemplateBlock], findings: list[Finding], place: Place
    ) -> tuple[TemplateBlock, ...]:
        """Return lines as blocks, each with the hidden parts of the old block whose text it is, unseen blocks in between."""
        seen = self._seen(old)
        before = [self.inline(block.parts) for block in seen]
        after = [line.text for line in lines]
        partners = matched(before, after)
        laid: list[TemplateBlock] = []
        done: set[int] = set()
        for line, partner in zip(lines, partners, strict=True):
            known = seen[partner] if partner is not None else TemplateBlock(line.level)
            if partner is not None:
                laid += _unseen_before(known, old, seen, done)
            parts, unknown = self.parts(line.text, place)
            findings += unknown
            parts = cut_end(parts) if line.level in ("item", "subitem") else parts
            children = self._laid(line.below, known.children, findings, place)
            laid.append(replace(known, level=line.level, parts=parts, children=children))
        laid += [block for block in old if not _is_in(block, seen) and id(block) not in done]
        return tuple(laid)


def _unseen_before(
    known: TemplateBlock, old: Sequence[TemplateBlock], seen: Sequence[TemplateBlock], done: set[int]
) -> list[TemplateBlock]:
    """Return the unseen blocks in front of a known one that have not been placed yet, and note them in ``done``."""
    ahead = []
    for block in old:
        if block is known:
            break
        if not _is_in(block, seen) and id(block) not in done:
            done.add(id(block))
            ahead.append(block)
    return ahead


def _is_in(block: TemplateBlock, blocks: Sequence[TemplateBlock]) -> bool:
    return any(block is other for other in blocks)


def _bare(label: str) -> str:
    """Return a label that can stand in 〔〕."""
    return label.replace("〔", "［").replace("〕", "］").replace("\n", " ")


def _parts_of(blocks: Sequence[TemplateBlock]) -> Iterator[tuple[Part, tuple[TemplateBlock, ...]]]:
    """Yield each part of some blocks with the block that it stands in and those around it."""
    for chain in chains(blocks):
        around = tuple(block for block in chain if isinstance(block, TemplateBlock))
        for part in around[-1].parts:
            yield part, around


def _lines_of(text: str, place: Place) -> tuple[list[_Line], list[Finding]]:
    """Read the lines that a clerk wrote; items go below the paragraph before them."""
    roots: list[_Line] = []
    for written in text.replace("\r", "\n").split("\n"):
        line = written.strip()
        if not line:
            continue
        item, subitem = _ITEM.match(line), _SUBITEM.match(line)
        if (item or subitem) and not roots:
            hint = "先写一段引出各项的话，例如“……包括下列内容：”"
            return [], [_unwritable("各项前面没有引出它们的话", place, hint)]
        if item:
            roots[-1].below.append(_Line("item", line[item.end() :]))
        elif subitem and roots[-1].below:
            roots[-1].below[-1].below.append(_Line("subitem", line[subitem.end() :]))
        elif subitem:
            roots[-1].below.append(_Line("item", line[subitem.end() :]))
        else:
            roots.append(_Line("paragraph", line))
    if not roots:
        return [], [_unwritable("这一条是空的", place, "写一段话；不要这一条了，请恢复预设的写法")]
    return roots, []


def _unreadable(block: TemplateBlock, place: Place) -> list[Finding]:
    """Return why a block would be read otherwise than it is: its text has signs that mean something in Markdown."""
    parsed, problems = parse(block_source(block), "")
    hint = "行首不用 #、>、|、- 这些符号，文字里不用 **、`、< 这些记号；各项行首写（一）（二）"
    if problems:
        return [_unwritable(f"有一处不能这样写（{problems[0].message}）", place, hint)]
    if tuple(map(plain_block, parsed)) == (block,):
        return []
    return [_unwritable("有一行的开头会被当成标题、列表或者表格", place, hint)]


def _unwritable(message: str, place: Place, hint: str) -> Finding:
    return Finding("unwritable_text", Severity.ERROR, message, place, hint)


def matched(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """Return for each new line the old one that it is, None for one that was added; the order stays.

    Equal lines are found first; between them as many lines as there were are the same lines, reworded; else those that are
    alike.
    """
    before, after = ([text.rstrip(ITEM_ENDS) for text in texts] for texts in (old, new))
    partners: list[int | None] = [None] * len(new)
    for tag, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i_end - i == j_end - j):
            partners[j:j_end] = range(i, i_end)
        elif tag == "replace":
            for first, second in _alike(before[i:i_end], after[j:j_end]):
                partners[j + second] = i + first
    return partners


def _alike(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs (old, new), in order, that have most in common together."""
    best: dict[tuple[int, int], tuple[float, list[tuple[int, int]]]] = {}
    for i in range(len(old) + 1):
        for j in range(len(new) + 1):
            options = [best[i - 1, j]] if i else []
            options += [best[i, j - 1]] if j else []
            if i and j:
                ratio = SequenceMatcher(None, old[i - 1], new[j - 1], autojunk=False).ratio()
                total, pairs = best[i - 1, j - 1]
                options += [(total + ratio, [*pairs, (i - 1, j - 1)])] if ratio >= _ALIKE else []
            best[i, j] = max(options, key=lambda option: option[0], default=(0.0, []))
    return best[len(old), len(new)][1]
