"""Parses the block structure of a preset's Markdown: headings, paragraphs and lists only."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.core.findings import Finding
from toolkit.presets.markup.inlines import Reporter, id_problem, parse_condition, parse_inline, split_attributes
from toolkit.presets.markup.parts import Literal, Parts, TemplateBlock

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import ParserBlock
    from markdown_it.token import Token

#: Ids from which derived ids are built; authors cannot use them.
RESERVED_IDS = frozenset({"body"})
#: Punctuation that :mod:`toolkit.compose` sets at the end of an item.
ITEM_ENDS = "；。;，,、"
_HEADINGS = {"h1": "chapter", "h2": "article"}
_ATTRIBUTES = frozenset({"id", "when", "each", "covers"})
_POSITIONS = ("after", "before", "in")
_ASCII_WORD = re.compile(r"[A-Za-z0-9]")


@dataclass(slots=True)
class _Node:
    level: str
    line: int
    parts: Parts = ()
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Node] = field(default_factory=list)


@functools.cache
def _block_parser() -> tuple[ParserBlock, MarkdownIt]:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("zero").enable(["heading", "list"])
    return markdown.block, markdown


def parse(text: str, file: str, line: int = 1) -> tuple[tuple[TemplateBlock, ...], tuple[Finding, ...]]:
    """Parse Markdown into blocks; ``line`` is the number of its first line in ``file``.

    All problems are findings of severity error; the blocks are the readable ones.
    """
    parser, markdown = _block_parser()
    report = Reporter(file, line)
    tokens: list[Token] = []
    parser.parse(text.replace("\r\n", "\n").replace("\r", "\n"), markdown, {}, tokens)
    walker = _Walker(report, line)
    walker.run(tokens)
    blocks = tuple(_freeze(node, file, report) for node in walker.roots)
    _check_ids(walker.roots, report)
    return blocks, tuple(report.findings)


class _Walker:
    """Turns the token stream into nodes; headings open groups, lists belong to the paragraph before."""

    def __init__(self, report: Reporter, first_line: int) -> None:
        self.report = report
        self.first = first_line
        self.roots: list[_Node] = []
        self.groups: list[_Node] = []
        self.paragraph: _Node | None = None
        self.items: list[_Node] = []
        self.fresh_item = False
        self.depth = 0

    def run(self, tokens: Sequence[Token]) -> None:
        context = ""
        for token in tokens:
            kind = token.type
            if token.map:
                self.report.line = self.first + token.map[0]
            if kind == "heading_open":
                context = token.tag
            elif kind == "paragraph_open":
                context = "p"
            elif kind == "inline":
                self.inline(context, token.content)
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self.open_list(kind)
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.depth -= 1
            elif kind == "list_item_open":
                self.open_item()

    def open_list(self, kind: str) -> None:
        self.depth += 1
        if kind == "ordered_list_open":
            self.report("unsupported_markup", "列表用“- ”开头，不写序号", "序号由程序编排")
        if self.paragraph is None:
            self.report("level_jump", "列表前没有段落", "项前面要有引出它的段落")
            self.paragraph = self.add("paragraph")
        if self.depth > 2:
            self.report("level_jump", "列表最多两层（项、目）")

    def open_item(self) -> None:
        del self.items[self.depth - 1 :]
        parent = self.items[-1] if self.items else self.paragraph
        assert parent is not None  # open_list began a paragraph
        node = _Node("item" if self.depth == 1 else "subitem", self.report.line)
        parent.children.append(node)
        self.items.append(node)
        self.fresh_item = True

    def inline(self, context: str, content: str) -> None:
        if context != "p":
            self.heading(context, content)
        elif self.depth == 0:
            if re.match(r"#{1,6}[^#\s]", content):
                self.report("unsupported_markup", f"标题的#号后要有空格：{content[:12]}")
            elif content[0] in "|>":
                self.report("unsupported_markup", f"不支持表格和引文块：{content[:12]}", "表格写在 YAML 文件里")
            self.paragraph = self.add("paragraph")
            self.fill(self.paragraph, content)
        elif self.fresh_item:
            self.fresh_item = False
            self.fill(self.items[-1], content)
        else:
            self.report("unsupported_markup", "一项里只能有一段文字", "把它并入上一段，或者另起一款")

    def heading(self, tag: str, content: str) -> None:
        level = _HEADINGS.get(tag, "")
        self.paragraph = None
        if not level:
            self.report("level_jump", f"只有两级标题（章、条）：{content[:12]}", "条以下用段落和列表")
            return
        if self.groups and level == "chapter":
            self.groups.clear()
        elif self.groups and self.groups[-1].level == "article":
            self.groups.pop()
        node = self.add(level)
        self.groups.append(node)
        self.fill(node, content)

    def add(self, level: str) -> _Node:
        node = _Node(level, self.report.line)
        (self.groups[-1].children if self.groups else self.roots).append(node)
        return node

    def fill(self, node: _Node, content: str) -> None:
        """Set a node's text and attributes from its source."""
        allowed = _ATTRIBUTES
        if node.level in ("chapter", "article") or (node.level == "paragraph" and not self.groups):
            allowed = _ATTRIBUTES.union(_POSITIONS)
        text, node.attributes = split_attributes(_join_lines(content), allowed, self.report)
        node.parts = parse_inline(text, self.report)
        if node.level in ("item", "subitem"):
            node.parts = _cut_end(node.parts)


def _join_lines(content: str) -> str:
    """Join the source lines of a paragraph: no blank between Chinese, one between Latin words."""
    if "\n" not in content:
        return content
    lines = [line.strip() for line in content.split("\n")]
    joined = lines[0]
    for line in lines[1:]:
        latin = joined and line and _ASCII_WORD.match(joined[-1]) and _ASCII_WORD.match(line[0])
        joined += (" " if latin or line.startswith("{#") else "") + line
    return joined


def _cut_end(parts: Parts) -> Parts:
    if not parts or not isinstance(parts[-1], Literal):
        return parts
    text = parts[-1].text.rstrip().rstrip(ITEM_ENDS)
    return (*parts[:-1], Literal(text)) if text else parts[:-1]


def _freeze(node: _Node, file: str, report: Reporter) -> TemplateBlock:
    report.line = node.line
    given = node.attributes
    identifier = given.get("id", "")
    problem = id_problem(identifier) if "id" in given else ""
    if problem or identifier in RESERVED_IDS:
        report("bad_id", problem or f"编号“{identifier}”是保留的", subject=identifier)
    if node.level in ("chapter", "article") and "id" not in given:
        report("missing_id", "章和条必须有编号", "在标题末尾写 {#编号}")
    if node.level == "article" and not node.children:
        report("empty_article", f"条“{identifier}”没有内容", "在标题下写一段正文", identifier)
    broken = any(finding.where.line == node.line for finding in report.findings)
    if node.level not in ("chapter", "article") and not node.parts and not broken:
        report("empty_text", "这一段没有文字", subject=identifier)
    positions = [(key, given[key]) for key in _POSITIONS if key in given]
    if len(positions) > 1:
        report("bad_attribute", "after、before、in 只能写一个", subject=identifier)
    return TemplateBlock(
        node.level,
        identifier,
        node.parts,
        tuple(_freeze(child, file, report) for child in node.children),
        parse_condition(given.get("when", ""), report),
        given.get("each", "").strip(),
        tuple(given.get("covers", "").split()),
        positions[0] if positions else None,
        file,
        node.line,
    )


def _check_ids(roots: Sequence[_Node], report: Reporter) -> None:
    seen: dict[str, int] = {}

    def visit(nodes: Sequence[_Node]) -> None:
        for node in nodes:
            identifier = node.attributes.get("id", "")
            if identifier and identifier in seen:
                message = f"编号“{identifier}”用了两次，前一次在第{seen[identifier]}行"
                report("duplicate_id", message, subject=identifier, line=node.line)
            seen.setdefault(identifier, node.line)
            visit(node.children)

    visit(roots)
